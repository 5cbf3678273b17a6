"""The pages of the Django host in a real browser: clicks, keys, screens of two widths, names for screen readers, contrast."""

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.postgres import free_port

pytest.importorskip("django", reason="django is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "django_host"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"]
QUIET += ["disable-component-update", "disable-sync"]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
SECONDS = 60

OF_HOSTILE = f"""
import datetime as dt
from billing import ledger
from billing.links import link_for
from receivables import Invoice, Money
customer = ledger.open_account("X1", {HOSTILE!r}, "x@example.org")
day = ledger.today()
invoice = Invoice.due(number="RX1", account="X1", issued_on=day, total=Money.of("100.00", "EUR"), due_on=day)
ledger.transact(lambda books: books.issue_invoice(invoice, key="RX1"))
print(link_for(customer))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The demonstration, as the README starts it, with a customer of a hostile name besides."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "DEBUG": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "manage.py"]

    def manage(*arguments):
        done = subprocess.run(
            [*command, *arguments],
            cwd=EXAMPLE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = f"127.0.0.1:{port}"
    links = dict(re.findall(r"(/c/(C\d+)/\S+)", manage("demo", "--no-server", "--addrport", where)))
    links = {code: path for path, code in links.items()}
    links["X1"] = manage("shell", "-c", OF_HOSTILE).strip().splitlines()[-1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "demo", "--addrport", where], cwd=EXAMPLE, env=environment, stdout=log, stderr=log
        )
        try:
            await_answer(f"http://{where}/login/", folder / "log")
            yield SimpleNamespace(url=f"http://{where}", links=links, manage=manage)
        finally:
            server.terminate()
            server.wait(timeout=SECONDS)


def await_answer(url, log):
    for _ in range(SECONDS * 5):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser(site):
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in QUIET])
        yield found
        found.close()


@pytest.fixture
def visit(site, browser):
    """Opens pages, and looks at the end whether any of them complained or asked elsewhere."""
    contexts, complaints = [], []

    def said(message):
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def asked(request):
        if not request.url.startswith((site.url, "data:")):
            complaints.append(request.url)

    def dialog(found):
        complaints.append(found.message)
        found.dismiss()

    def open_page(path=None, size="desktop", scheme="light", width=None, **more):
        wide, high = WIDTHS[size]
        context = browser.new_context(
            viewport={"width": width or wide, "height": high}, color_scheme=scheme, base_url=site.url, **more
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", said)
        page.on("dialog", dialog)
        page.on("request", asked)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if path is not None:
            assert page.goto(path).ok
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def session(site, browser):
    """Signed in once, by clicks; a password is hashed slowly, and rightly so."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Worklist").wait_for()
    found = context.storage_state()
    context.close()
    return found


@pytest.fixture
def desk(visit, session):
    """Opens pages as somebody who is signed in."""
    return lambda path="/", **more: visit(path, storage_state=session, **more)


PAGES = ["C1001", "C1002", "X1", "/", "/notices/", "/accounts/C1003/", "/accounts/C1005/", "/accounts/X1/", "/login/"]


def each_page(site, page, names=PAGES):
    """One page after the other, by its address or by the code of its customer."""
    for name in names:
        assert page.goto(site.links.get(name, name)).ok
        yield name


def in_days(days):
    return (dt.date.today() + dt.timedelta(days=days)).isoformat()


# Clicks -------------------------------------------------------------------------------------------------------------------


def test_a_customer_promises_and_sees_the_answer(site, visit):
    page = visit(site.links["C1001"])
    promise = page.get_by_role("region", name="Tell us when you will pay")
    promise.get_by_role("checkbox", name=re.compile("R2002")).check()
    promise.get_by_label("Amount in EUR").fill("650.00")
    promise.get_by_label("I will pay by").fill(in_days(5))
    promise.get_by_label("A word to us").fill("as we said on the phone")
    promise.get_by_role("button", name="Send promise").click()
    answer = page.get_by_role("status", name="Agreed. Thank you.")
    answer.wait_for()
    assert page.url.endswith("#answer")
    assert "650.00\u00a0EUR for R2002" in answer.inner_text()
    due = page.get_by_role("region", name="What is due when")
    assert "your promise" in due.get_by_role("listitem").filter(has_text="R2002").inner_text()
    page.reload()  # nothing is sent again
    assert page.get_by_role("region", name="What you asked for").get_by_role("listitem").count() == 1


def test_what_is_refused_offers_what_would_be_agreed_in_one_click(site, visit):
    page = visit(site.links["C1004"], size="phone")
    wait = page.get_by_role("region", name="Ask us to wait")
    wait.get_by_label("Which invoice?").select_option("R2008")
    wait.get_by_label("Please wait until").fill(in_days(300))
    wait.get_by_role("button", name="Ask for a later date").click()
    page.get_by_role("status", name="We cannot agree to that").wait_for()
    page.get_by_role("button", name="Accept this instead").click()
    page.get_by_role("status", name="Agreed. Thank you.").wait_for()
    asked = page.get_by_role("region", name="What you asked for").get_by_role("listitem").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in asked] == ["Agreed", "Not agreed"]


def test_a_form_with_something_missing_says_where(site, visit):
    page = visit(site.links["C1002"])
    promise = page.get_by_role("region", name="Tell us when you will pay")
    promise.get_by_label("Amount in EUR").fill("1")
    promise.get_by_role("button", name="Send promise").click()
    missing = promise.get_by_label("I will pay by")
    assert missing.evaluate("field => field.validity.valueMissing")
    assert missing.evaluate("field => field === document.activeElement")
    context = page.context.new_page()  # and the server says so too, where a browser does not
    context.goto(site.links["C1002"])
    context.eval_on_selector("#promise-form", "form => { form.noValidate = true; form.submit() }")
    context.get_by_role("alert").first.wait_for()
    field = context.get_by_label("I will pay by")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby")
    assert "This field is required." in context.locator(f"[id='{described}']").inner_text()


def test_a_link_of_another_customer_finds_nothing(site, visit):
    token = site.links["C1001"].rstrip("/").rpartition("/")[2]
    page = visit()
    request = page.context.request
    assert request.get(f"/c/C1002/{token}/").status == 404
    assert request.get(f"/c/C1001/{token}/").status == 200


def test_a_collector_approves_a_letter_and_it_goes_out(site, desk):
    page = desk()
    row = page.get_by_role("row").filter(has_text="Corvid Records")
    assert "A letter waits for approval" in row.inner_text()
    page.get_by_role("link", name="Letters").click()
    letters = page.get_by_role("button", name=re.compile("Approve"))
    before = letters.count()
    letters.first.click()
    assert "goes out with the next delivery" in page.get_by_role("status").inner_text()
    assert page.get_by_role("button", name=re.compile("Approve")).count() == before - 1
    assert site.manage("daily").count("Subject: Final notice") == 1
    page.goto("/accounts/C1003/")
    story = page.get_by_role("region", name="What happened").get_by_role("listitem")
    assert any("Notice approved" in text and "by ann" in text for text in story.all_inner_texts())


def test_an_order_over_the_limit_is_held_and_says_why(site, desk):
    page = desk("/accounts/C1004/")
    page.get_by_label("Order number").fill("SO-900")
    page.get_by_label("Amount in EUR").fill("99000")
    page.get_by_role("button", name="Place order").click()
    orders = page.get_by_role("region", name="Orders on credit")
    assert "exposure and order exceed the limit" in orders.inner_text()
    assert "limit_exceeded" in orders.inner_text()
    page.goto("/")
    assert "An order is held: SO-900" in page.get_by_role("row").filter(has_text="Delta Bakery").inner_text()


def test_a_hostile_name_is_only_a_name(site, visit, desk):
    page = visit(site.links["X1"])
    assert HOSTILE in page.get_by_role("main").inner_text()
    page = desk("/accounts/X1/")
    assert page.get_by_role("heading", level=1).inner_text() == HOSTILE
    assert page.locator("img, script").count() == 0


# Keys ---------------------------------------------------------------------------------------------------------------------


FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at)
  return [at.tagName, (at.getAttribute('aria-label') || at.innerText || at.name || '').trim(),
          style.outlineStyle, parseFloat(style.outlineWidth)]
}"""


def test_the_desk_works_with_keys_alone(site, visit):
    page = visit("/login/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)[1] == "Skip to the content"
    page.keyboard.press("Tab")
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("demo")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Worklist").wait_for()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUS)[1] == "Corvid Records":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Corvid Records", level=1).wait_for()


@pytest.mark.parametrize("name", ["C1001", "/notices/", "/accounts/C1005/"])
def test_every_control_is_reached_by_tab_and_shows_it(site, desk, name):
    page = desk(site.links.get(name, name))
    controls = page.locator("a[href], button, input:not([type=hidden]), select, textarea, summary")
    expected = controls.evaluate_all("found => found.filter(each => each.checkVisibility()).length")
    seen = 0
    for _ in range(expected * 4 + 10):  # a date field has a stop for each of its parts
        page.keyboard.press("Tab")
        tag, words, style, width = page.evaluate(FOCUS)
        if tag == "BODY":
            break
        assert (style, width) == ("solid", 3), (tag, words)
        seen += page.evaluate("() => { const a = document.activeElement; return a.seen ? 0 : (a.seen = 1) }")
    assert seen == expected


# Screens ------------------------------------------------------------------------------------------------------------------


TOO_WIDE = """() => { // texts that stick out of the screen or of their card
  const out = [], range = document.createRange(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !parent.checkVisibility() || parent.closest('.sr, .skip, option')) continue
    const head = parent.closest('thead')
    if (head && head.getBoundingClientRect().width < 2) continue
    range.selectNodeContents(walker.currentNode)
    const box = parent.closest('.card, .tiles > div, header')?.getBoundingClientRect().right ?? innerWidth
    if (range.getBoundingClientRect().right > Math.min(box, innerWidth) + 1) out.push(walker.currentNode.data.trim())
  }
  return out
}"""

SMALL = """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, nav a')]
  .filter(each => each.checkVisibility()).map(each => [each.outerHTML.slice(0, 80),
    Math.min(...['width', 'height'].map(side => (each.closest('label') || each).getBoundingClientRect()[side]))])
  .filter(([_, side]) => side < 24)"""


@pytest.mark.parametrize(("size", "width"), [("desktop", 1280), ("phone", 390), ("phone", 320)])
def test_pages_fit_their_screens(site, desk, tmp_path, size, width):
    page = desk(size=size, width=width)
    for at, name in enumerate(each_page(site, page)):
        assert page.evaluate(TOO_WIDE) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(SMALL) == [], name
        assert len(page.screenshot(path=tmp_path / f"{size}-{width}-{at}.png", full_page=True)) > 5_000


CONTRAST = """() => {
  const channel = each => { const c = each / 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 }
  const parts = color => color.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b)
  const ground = node => { for (; node; node = node.parentElement) {
    const color = parts(getComputedStyle(node).backgroundColor); if (color.length < 4 || color[3] > 0) return color }
    return [255, 255, 255] }
  const poor = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest('.sr, .skip, option')) continue
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x)
    const ratio = (a + .05) / (b + .05)
    if (ratio < 4.5) poor.push([walker.currentNode.data.trim().slice(0, 40), Math.round(ratio * 100) / 100])
  }
  return poor
}"""


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(245, 246, 248)"), ("dark", "rgb(18, 23, 30)")])
def test_every_text_stands_out_from_its_ground(site, desk, scheme, paper):
    page = desk(scheme=scheme)
    for name in each_page(site, page):
        assert page.evaluate(CONTRAST) == [], name
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_a_printed_statement_has_the_figures_and_no_forms(site, visit):
    page = visit(site.links["C1001"])
    page.emulate_media(media="print")
    assert page.get_by_role("region", name="Open invoices").is_visible()
    assert page.get_by_role("region", name="How to pay").is_visible()
    assert not page.locator("form").first.is_visible()
    assert not page.get_by_text("Do you need more time?").is_visible()


# Screen readers -----------------------------------------------------------------------------------------------------------


NAMED = {"button", "link", "textbox", "checkbox", "combobox", "spinbutton", "Date", "table", "navigation", "region"}

HEADINGS = "() => [...document.querySelectorAll('h1, h2, h3, h4')].map(each => Number(each.tagName[1]))"

TWICE = """() => { const ids = [...document.querySelectorAll('[id]')].map(each => each.id)
  return ids.filter((id, at) => ids.indexOf(id) !== at) }"""


@pytest.mark.parametrize("size", list(WIDTHS))
def test_everything_has_a_name_for_a_screen_reader(site, desk, size):
    page = desk(size=size)
    for name in each_page(site, page):
        nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        found = [
            (node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]
        ]
        assert len([role for role, _ in found if role in NAMED]) >= 3, name
        assert [each for each in found if each[0] in NAMED and not each[1].strip()] == [], name
        levels = page.evaluate(HEADINGS)
        assert levels.count(1) == 1, name
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), (name, levels)
        assert page.evaluate(TWICE) == [], name
        assert page.evaluate("document.documentElement.lang") == "en"


def test_tables_stay_tables_on_a_phone(site, visit):
    page = visit(site.links["C1001"], size="phone")
    table = page.get_by_role("table", name="Open invoices")
    assert table.get_by_role("columnheader").all_inner_texts() == ["Invoice", "Date", "Due", "Amount", "Open"]
    names = table.get_by_role("rowheader").all_inner_texts()
    assert {"R2001", "R2002", "R2003", "R2011"} <= set(names)
    assert table.get_by_role("cell").count() == 4 * len(names)
