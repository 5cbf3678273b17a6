"""The Django host: rows and reservations commit together, pages show one customer, decisions are answered with reasons."""

import datetime as dt
import os
import re
import shutil
import sys
import threading
import time
from html import unescape
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.postgres import NotHere, running

from receivables import CreditLimit, Currency, Invoice, Money
from receivables.errors import KeyReused, OpenTransaction, UnknownId
from receivables.reports.payment_options import reference_of
from receivables.testing import FixedClock
from receivables.values.references import grouped

pytest.importorskip("django", reason="django is not installed")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "django_host"
DAY = dt.date(2026, 6, 8)
HOSTILE = "<script>alert('x')</script> & \"Sons\""
TICKET = "0123456789abcdef"


@pytest.fixture(scope="module")
def django():
    """Django with the example's settings. Its settings move the process to their time zone: that is taken back."""
    zone = os.environ.get("TZ")
    sys.path.insert(0, str(EXAMPLE))
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_site.settings"
    try:
        import_module("django").setup()
        _zone(zone)
        utils = import_module("django.test.utils")
        utils.setup_test_environment(debug=False)
        yield import_module("django")
        import_module("django.db").connections.close_all()
        utils.teardown_test_environment()
    finally:
        _zone(zone)
        del os.environ["DJANGO_SETTINGS_MODULE"]
        sys.path.remove(str(EXAMPLE))


def _zone(name):
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        with running() as found:
            yield found
    except NotHere as absent:
        pytest.skip(str(absent))


class Databases:
    """A database with the tables, made once, and a copy of it for each test."""

    def __init__(self, folder, server=None):
        self.folder, self.server, self.count = folder, server, 0
        self.origin = self.create(None)
        self.use(self.origin)
        import_module("django.core.management").call_command("migrate", verbosity=0)

    def create(self, of):
        self.count += 1
        if self.server is None:
            path = self.folder / f"{self.count}.sqlite3"
            if of is not None:
                shutil.copy(of, path)
            return path
        name = f"{self.server.fresh()}_{self.count}"
        with import_module("psycopg").connect(self.server.dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {of}" if of else ""))
        return name

    def use(self, name):
        connections = import_module("django.db").connections
        url = (
            f"sqlite:///{name}"
            if self.server is None
            else f"postgresql://postgres@{self.server.url.split('/')[0]}/{name}"
        )
        connections.close_all()
        settings = {"default": import_module("billing_site.settings").database(url)}
        connections.settings["default"] = connections.configure_settings(settings)["default"]
        if hasattr(connections._connections, "default"):
            del connections["default"]

    def fresh(self):
        import_module("django.db").connections.close_all()
        self.use(self.create(self.origin))


@pytest.fixture(scope="module")
def sqlite(django, tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="module")
def postgresql(django, server, tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("none"), server)


@pytest.fixture
def host(sqlite, monkeypatch):
    """The host on SQLite, on the day of the tests."""
    yield from a_host(sqlite, monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request, django, monkeypatch):
    """The host on each of the two databases."""
    yield from a_host(request.getfixturevalue(request.param), monkeypatch)


def a_host(databases, monkeypatch):
    databases.fresh()
    found = Host()
    monkeypatch.setattr(found.ledger, "CLOCK", found.clock)
    yield found
    import_module("django.db").connections.close_all()


class Host:
    """The host's modules, and what the tests make with them."""

    def __init__(self):
        self.clock = FixedClock.on(DAY)
        self.ledger, self.links = import_module("billing.ledger"), import_module("billing.links")
        self.models, self.policies = import_module("billing.models"), import_module("billing.policies")
        self.db, self.mail = import_module("django.db"), import_module("django.core.mail")
        self.mail.outbox = []

    def customer(self, code="C1", name="Alder & Finch", limit="10000", email="c@example.org"):
        customer = self.ledger.open_account(code, name, email)
        amount = Money.of(limit, "EUR")
        credit = CreditLimit(account=code, currency=Currency.of("EUR"), amount=amount, valid_from=DAY, maker="ann")
        self.ledger.transact(lambda books: books.set_limit(credit, key=f"limit {code}", by="ann"))
        return customer

    def invoice(self, number="R1", code="C1", days_overdue=7, total="1200.00"):
        due = DAY - dt.timedelta(days=days_overdue)
        invoice = Invoice.due(
            number=number, account=code, issued_on=due - dt.timedelta(days=30), total=Money.of(total, "EUR"), due_on=due
        )
        self.ledger.transact(lambda books: books.issue_invoice(invoice, key=f"issue {number}"))

    def orders(self):
        return list(self.models.Order.objects.values_list("number", flat=True))

    def reserved(self, code="C1"):
        view = self.ledger.books().view(code, DAY)
        return sorted(each.order.id for each in view.orders if each.status == "reserved")

    def order(self, number, amount, customer=None):
        customer = customer or self.models.Customer.objects.get(code="C1")
        return self.ledger.place_order(customer, number, Money.of(amount, "EUR"), by="ann")

    def client(self, **more):
        return import_module("django.test").Client(**more)

    def collector(self, name="ann", permitted=True):
        auth = import_module("django.contrib.auth.models")
        user = auth.User.objects.create_user(name, password="p")
        if permitted:
            user.user_permissions.add(auth.Permission.objects.get(codename="collect"))
        client = self.client()
        client.force_login(user)
        return client

    def page(self, customer):
        return self.links.link_for(customer)

    def daily(self, *arguments):
        out = import_module("io").StringIO()
        import_module("django.core.management").call_command("daily", *arguments, stdout=out)
        return out.getvalue()

    def requests(self, code="C1"):
        return [(state.request.id, state.status) for state in self.ledger.books().view(code, DAY).requests]

    def promise(self, customer, client=None, ticket=TICKET, **changes):
        data = {"ticket": ticket, "items": ["R1"], "amount": "1200.00", "currency": "EUR", "pay_by": "2026-06-19"}
        return (client or self.client()).post(f"{self.page(customer)}promise/", data | changes)


def text(response):
    return response.content.decode()


def read(response):
    """What a person reads of a page, without addresses and tokens."""
    return unescape(re.sub(r"<[^>]*>", " ", text(response)))


# One transaction ----------------------------------------------------------------------------------------------------------


def test_an_order_and_its_reservation_are_both_there(either):
    either.customer()
    row, receipt = either.order("SO-1", "2000.00")
    assert receipt.outcome == "approved"
    assert (either.orders(), either.reserved()) == (["SO-1"], ["SO-1"])
    assert (str(row.amount), row.customer.code, row.placed_by) == ("2000.00", "C1", "ann")


def test_what_breaks_after_the_reservation_takes_row_and_reservation_back(either):
    customer = either.customer()

    def work(books):
        either.models.Order.objects.create(number="SO-1", customer=customer, amount="10", placed_on=DAY)
        books.reserve(either.ledger.Wanted(id="SO-1", account="C1", amount=Money.of(10, "EUR"), placed_on=DAY), key="k")
        raise ConnectionError("the warehouse does not answer")

    with pytest.raises(ConnectionError):
        either.ledger.transact(work)
    assert (either.orders(), either.reserved()) == ([], [])
    assert either.order("SO-1", "2000.00")[1].approved  # and neither the number nor the key is used up


def test_what_the_library_refuses_leaves_no_row(either):
    stranger = either.models.Customer.objects.create(code="C9", name="has a row and no account")
    with pytest.raises(UnknownId):
        either.order("SO-1", "10.00", stranger)
    assert either.orders() == []


def test_a_number_that_is_used_for_another_amount_is_refused_and_changes_nothing(either):
    either.customer()
    either.order("SO-1", "2000.00")
    assert either.order("SO-1", "2000.00")[1].outcome == "approved"  # sent twice, done once
    with pytest.raises(KeyReused):
        either.order("SO-1", "2500.00")
    assert [str(order.amount) for order in either.models.Order.objects.all()] == ["2000.00"]


def test_orders_at_once_never_exceed_the_limit_and_each_has_its_row(either):
    either.customer(limit="1000")
    outcomes, start = [], threading.Barrier(6)

    def one(number):
        try:
            start.wait()
            outcomes.append(either.order(f"SO-{number}", "300.00")[1].outcome)
        except Exception as error:
            outcomes.append(error)
        finally:
            either.db.connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["approved"] * 3 + ["held"] * 3
    assert len(either.reserved()) == 3
    assert len(either.orders()) == 6


def test_work_that_would_be_done_again_is_not_nested(either):
    either.customer()
    with either.db.transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        either.order("SO-1", "10.00")
    assert either.orders() == []


def test_pages_that_record_work_where_every_request_is_atomic(either):
    either.customer()
    client = either.collector()
    either.db.connection.settings_dict["ATOMIC_REQUESTS"] = True
    answer = client.post("/accounts/C1/orders/", {"number": "SO-1", "amount": "10.00"})
    assert (answer.status_code, either.reserved()) == (302, ["SO-1"])
    either.invoice()
    assert either.promise(either.models.Customer.objects.get(code="C1")).status_code == 302
    assert len(either.requests()) == 1


def test_letters_are_not_sent_inside_a_transaction(either):
    either.customer()
    either.invoice()
    list(either.ledger.job().run_dunning(DAY))
    with either.db.transaction.atomic(), pytest.raises(OpenTransaction):
        list(either.ledger.job().deliver())
    assert either.mail.outbox == []


# Migrations ---------------------------------------------------------------------------------------------------------------


def test_the_tables_go_and_come_with_the_migrations(either):
    migrate = import_module("django.core.management").call_command
    tables = either.db.connection.introspection.table_names
    before = [name for name in tables() if name.startswith("receivables_")]
    migrate("migrate", "billing", "0001", verbosity=0)
    assert [name for name in tables() if name.startswith("receivables_")] == []
    migrate("migrate", "billing", verbosity=0)
    assert [name for name in tables() if name.startswith("receivables_")] == before != []
    migrate("makemigrations", "--check", "--dry-run", verbosity=0)
    assert import_module("billing.tables").is_current()


# The day ------------------------------------------------------------------------------------------------------------------


def test_the_day_queues_and_sends_once_with_a_link_that_opens_the_page(either):
    either.customer()
    either.invoice()
    assert "1 letters queued" in either.daily()
    (mail,) = either.mail.outbox
    assert (mail.to, mail.subject) == (["c@example.org"], "A reminder from Blau Supplies")
    assert "R1, due 1\u00a0Jun\u00a02026: 1,200.00\u00a0EUR" in mail.body
    link = re.search(r"http://localhost:8000(/c/\S+)", mail.body)[1]
    assert "R1" in text(either.client().get(link))
    assert "nothing to send" in either.daily()
    assert len(either.mail.outbox) == 1


def test_the_policies_are_published_once_and_a_new_version_looks_at_every_account_anew(host, monkeypatch):
    host.customer()
    assert "1 accounts looked at anew" in host.daily("--day", DAY.isoformat())
    assert "anew" not in host.daily()
    changed = attrs.evolve(host.policies.CREDIT, version=2)
    daily = import_module("billing.management.commands.daily")
    monkeypatch.setattr(daily, "POLICIES", (*host.policies.POLICIES, changed))
    assert "looked at anew" in host.daily()


def test_a_mail_that_breaks_is_reported_and_waits_for_a_person(host, monkeypatch):
    host.customer()
    host.invoice()

    def broken(self):
        raise TimeoutError("no answer after DATA")

    monkeypatch.setattr(host.mail.EmailMessage, "send", broken)
    error = import_module("django.core.management").CommandError
    with pytest.raises(error, match="unknown"):
        host.daily()
    assert "Nobody knows whether a letter went out" in text(host.collector().get("/"))


@pytest.mark.parametrize(("name", "expected"), [("no address", "failed"), ("refused", "failed"), ("closed", "again")])
def test_a_mail_that_certainly_did_not_go_out_is_no_unknown(host, monkeypatch, name, expected):
    smtplib = import_module("smtplib")
    errors = {"refused": smtplib.SMTPRecipientsRefused({}), "closed": ConnectionRefusedError()}
    customer = host.customer()
    if name == "no address":
        customer.email = ""
        customer.save()
    host.invoice()

    def send(self):
        raise errors[name]

    monkeypatch.setattr(host.mail.EmailMessage, "send", send)
    list(host.ledger.job().run_dunning(DAY))
    (result,) = list(host.ledger.job().deliver())
    assert expected in result.outcome


def test_the_day_stops_before_tables_of_another_version(host, monkeypatch):
    daily = import_module("billing.management.commands.daily")
    monkeypatch.setattr(daily, "is_current", lambda: False)
    with pytest.raises(import_module("django.core.management").CommandError, match="run migrate"):
        host.daily()


# The customer's page ------------------------------------------------------------------------------------------------------


def test_a_customer_sees_its_own_account_and_no_other(either):
    mine, other = either.customer("C1", "Alder"), either.customer("C2", "Brandt")
    either.invoice("R1", "C1")
    either.invoice("R2", "C2", total="777.77")
    page = either.client().get(either.page(mine))
    assert page.status_code == 200
    for expected in (
        "Alder",
        "R1",
        "1,200.00",
        "7 days late",
        grouped(reference_of("C1")),
        "DE89 3704 0044 0532 0130 00",
    ):
        assert expected in text(page), expected
    for foreign in ("Brandt", "R2", "777", "C2"):
        assert foreign not in read(page), foreign
    assert "R2" in text(either.client().get(either.page(other)))


def test_the_token_of_one_customer_opens_nothing_of_another(host):
    mine, other = host.customer("C1"), host.customer("C2")
    host.invoice("R2", "C2")
    token = host.links.token_for(mine)
    client = host.client()
    for path in ("/c/C2/{}/", "/c/C9/{}/", "/c/c1/{}/"):
        assert client.get(path.format(token)).status_code == 404
    for bad in (token[:-1], token + "A", token.swapcase(), "x", host.links.token_for(other)):
        assert client.get(f"/c/C1/{bad}/").status_code == 404
    data = {"ticket": TICKET, "item": "R2", "until": "2026-06-19"}
    assert client.post(f"/c/C2/{token}/deferment/", data).status_code == 404
    assert host.requests("C2") == []
    assert client.get(f"/c/C1/{token}/").status_code == 200


def test_a_token_of_another_purpose_opens_nothing(host):
    host.customer("C1")
    forged = import_module("django.core.signing").dumps(["C1", 0])
    assert host.client().get(f"/c/C1/{forged}/").status_code == 404


def test_an_old_link_says_so_and_shows_nothing(host, settings_of):
    customer = host.customer()
    host.invoice()
    settings_of(LINK_DAYS=-1)
    for answer in (host.client().get(host.page(customer)), host.promise(customer)):
        assert answer.status_code == 410
        assert "no longer valid" in text(answer)
        assert "Alder" not in text(answer)
    assert host.requests() == []


@pytest.fixture
def settings_of():
    """Changes settings for a test."""
    made = []

    def change(**values):
        override = import_module("django.test.utils").override_settings(**values)
        override.enable()
        made.append(override)

    yield change
    for override in reversed(made):
        override.disable()


def test_revoked_links_are_dead_and_a_new_one_works(host):
    customer = host.customer()
    before = host.page(customer)
    assert host.collector().post("/accounts/C1/link/").status_code == 302
    assert host.client().get(before).status_code == 404
    customer.refresh_from_db()
    assert host.client().get(host.page(customer)).status_code == 200


def test_a_promise_is_agreed_once_however_often_it_is_sent(either):
    customer = either.customer()
    either.invoice()
    first, second = either.promise(customer), either.promise(customer)
    assert (first.status_code, first.url) == (302, second.url)
    assert either.requests() == [(f"web-C1-{TICKET}", "accepted")]
    page = text(either.client().get(first.url.partition("#")[0]))
    assert "Agreed. Thank you." in page
    assert "you promised 1,200.00\u00a0EUR by 19\u00a0Jun\u00a02026" in page


def test_a_form_that_was_sent_with_another_content_is_refused(host):
    customer = host.customer()
    host.invoice()
    host.promise(customer)
    again = host.promise(customer, amount="1100.00")
    assert again.status_code == 422
    assert "sent before" in text(again)
    assert TICKET not in text(again)  # begun anew, it is another request
    assert len(host.requests()) == 1


def test_what_is_refused_comes_with_what_would_be_agreed_and_one_click_takes_it(host):
    customer = host.customer()
    host.invoice()
    refused = host.promise(customer, pay_by="2026-07-31")
    page = text(host.client().get(refused.url.partition("#")[0]))
    assert "That is later than we can agree to." in page
    form = page[page.index("We would agree") - 1500 : page.index("Accept this instead")]
    fields = dict(re.findall(r'name="(ticket|items|amount|currency|pay_by)" value="([^"]*)"', form))
    assert fields["pay_by"] == "2026-06-22"
    assert host.client().post(f"{host.page(customer)}promise/", fields).status_code == 302
    assert [status for _, status in host.requests()] == ["refused", "accepted"]


def test_what_needs_a_person_waits_and_is_answered_at_the_desk(host):
    customer = host.customer()
    host.invoice(total="5000.00")
    data = {"ticket": TICKET, "item": "R1", "until": "2026-06-19", "note": "the <b>oven</b> broke"}
    asked = host.client().post(f"{host.page(customer)}deferment/", data)
    page = text(host.client().get(asked.url.partition("#")[0]))
    assert "One of us will look at this" in page
    assert "3,000" not in page  # nobody finds the bound by trying
    desk = host.collector()
    account = text(desk.get("/accounts/C1/"))
    assert "[above_authority]" in account
    assert "the &lt;b&gt;oven&lt;/b&gt; broke" in account
    answered = desk.post(f"/accounts/C1/requests/web-C1-{TICKET}/", {"decision": "yes"}, follow=True)
    assert "What was asked for is agreed." in text(answered)
    assert host.requests() == [(f"web-C1-{TICKET}", "accepted")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"items": ["R2"]}, "not one of the available choices"),  # another customer's
        ({"amount": "0"}, "check the amount"),
        ({"amount": "-5"}, "greater than or equal"),
        ({"amount": "1.005"}, "2 decimal places"),
        ({"amount": "1e400"}, "digits"),
        ({"amount": "NaN"}, "Enter a number"),
        ({"currency": "USD"}, "not one of the available choices"),
        ({"pay_by": "31.06.2026"}, "valid date"),
        ({"pay_by": ""}, "required"),
        ({"ticket": "../../x"}, "valid value"),
        ({"note": "my card 4111 1111 1111 1111"}, "looks like a card number"),
        ({"note": "x" * 501}, "at most 500"),
    ],
)
def test_what_cannot_be_comes_back_with_what_is_wrong(host, changes, expected):
    customer = host.customer()
    host.customer("C2")
    host.invoice()
    host.invoice("R2", "C2")
    answer = host.promise(customer, **changes)
    assert answer.status_code == 422
    assert expected in text(answer)
    assert host.requests() == host.requests("C2") == []


def test_a_post_without_the_token_of_its_form_is_forbidden(host):
    customer = host.customer()
    host.invoice()
    client = host.client(enforce_csrf_checks=True)
    assert host.promise(customer, client).status_code == 403
    page = text(client.get(host.page(customer)))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert host.requests() == []
    assert host.promise(customer, client, csrfmiddlewaretoken=token).status_code == 302


def test_every_form_of_every_page_has_its_token(host):
    client, pages = every_page(host)
    for path in pages:
        page = text(client.get(path))
        posts = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
        assert posts
        assert all("csrfmiddlewaretoken" in form for form in posts), path


def every_page(host):
    """Somebody at the desk, and the pages of a customer with a hostile name with everything on them."""
    host.clock.instant = dt.datetime.combine(DAY - dt.timedelta(days=80), dt.time(6), dt.UTC)
    customer, _ = a_final_letter(host, name=HOSTILE)
    host.invoice("R2", days_overdue=-5, total="800.00")
    host.order("SO-1", "500.00")
    host.promise(customer, items=["R2"], amount="800.00", note=HOSTILE)
    return host.collector(), [host.page(customer), "/", "/notices/", "/accounts/C1/"]


def test_hostile_names_are_shown_and_do_nothing(host):
    client, pages = every_page(host)
    for path in pages:
        page = text(client.get(path))
        assert "<script" not in page, path
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;Sons&quot;" in page, path


def test_pages_run_no_script_load_nothing_from_elsewhere_and_are_kept_by_nobody(host):
    client, pages = every_page(host)
    for path in pages:
        answer = client.get(path)
        assert answer["Cache-Control"] == "private, no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "script-src" not in answer["Content-Security-Policy"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert "noindex" in answer["X-Robots-Tag"]
        assert not re.search(r'<script|\sstyle="|\son\w+="|(?:src|href)="(?:https?:)?//', text(answer)), path


def test_addresses_that_ask_nothing_are_refused(host):
    customer = host.customer()
    host.invoice()
    client = host.client()
    assert client.get(f"{host.page(customer)}promise/").status_code == 405
    assert client.post(host.page(customer)).status_code == 405
    assert client.post(f"{host.page(customer)}gift/", {"ticket": TICKET}).status_code == 404
    assert client.get(f"{host.page(customer)}?asked=web-C2-1").status_code == 200


def test_a_machine_that_asks_for_ever_is_stopped(host, monkeypatch):
    monkeypatch.setattr(import_module("billing.customer_pages"), "MOST_A_DAY", 3)
    customer = host.customer()
    host.invoice()
    answers = [host.promise(customer, ticket=f"{at:016x}", pay_by="2027-06-08").status_code for at in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert len(host.requests()) == 3


def test_a_customer_who_owes_nothing_has_a_page_without_forms(host):
    page = text(host.client().get(host.page(host.customer())))
    assert "Nothing is open." in page
    assert "<form" not in page


# The desk -----------------------------------------------------------------------------------------------------------------


def test_the_desk_is_for_who_is_logged_in_and_permitted(host):
    host.customer()
    host.invoice(days_overdue=40)
    stranger, clerk = host.client(), host.collector("bob", permitted=False)
    posts = ["/accounts/C1/orders/", "/accounts/C1/link/", "/accounts/C1/requests/x/", "/notices/C1/x/"]
    for path in ["/", "/notices/", "/accounts/C1/"]:
        assert stranger.get(path).status_code == 302
        assert stranger.get(path).url.startswith("/login/")
        assert clerk.get(path).status_code == 403
    for path in posts:
        assert stranger.post(path).status_code == 302
        assert clerk.post(path).status_code == 403
    assert host.models.Customer.objects.get(code="C1").links_revoked == 0


def a_final_letter(host, **customer):
    """Letters as they come with time, until one waits for approval: the customer, and the key of that letter."""
    customer = host.customer(**customer)
    host.invoice(days_overdue=40)
    for offset in (28, 14, 0):
        host.clock.instant = dt.datetime.combine(DAY - dt.timedelta(days=offset), dt.time(6), dt.UTC)
        host.daily()
    (waiting,) = [state for state in host.ledger.books().view("C1", DAY).notices if state.status == "proposed"]
    return customer, waiting.notice.key


@pytest.fixture
def owed(host, monkeypatch):
    """A customer since long ago, with a letter that waits for approval."""
    host.clock.instant = dt.datetime.combine(DAY - dt.timedelta(days=80), dt.time(6), dt.UTC)
    return SimpleNamespace(host=host, key=a_final_letter(host)[1], desk=host.collector())


def test_a_letter_goes_out_when_a_person_approves_it(owed):
    host, sent = owed.host, len(owed.host.mail.outbox)
    assert "Final letter to" in text(owed.desk.get("/notices/"))
    answer = owed.desk.post(f"/notices/C1/{owed.key}/", {"decision": "yes"}, follow=True)
    assert "goes out with the next delivery" in text(answer)
    assert "No letter waits" in text(answer)
    host.daily()
    assert [mail.subject for mail in host.mail.outbox[sent:]] == ["Final notice from Blau Supplies"]
    assert "Notice approved" in text(owed.desk.get("/accounts/C1/"))


def test_a_letter_is_stopped_with_a_reason_and_not_without(owed):
    host, sent = owed.host, len(owed.host.mail.outbox)
    answer = owed.desk.post(f"/notices/C1/{owed.key}/", {"decision": "no"}, follow=True)
    assert "Say why" in text(answer)
    assert "Final letter to" in text(answer)
    answer = owed.desk.post(f"/notices/C1/{owed.key}/", {"decision": "no", "reason": "call first"}, follow=True)
    assert "The letter was stopped." in text(answer)
    host.daily()
    assert host.mail.outbox[sent:] == []
    assert "call first" in text(owed.desk.get("/accounts/C1/"))
    answer = owed.desk.post(f"/notices/C1/{owed.key}/", {"decision": "yes"}, follow=True)
    assert "Nothing was changed" in text(answer)


def test_the_worklist_names_the_account_what_to_do_and_why(owed):
    page = text(owed.desk.get("/"))
    assert "1 of 1 accounts need a person" in page
    for expected in ("Alder &amp; Finch", "Decide", "A letter waits for approval", "1,200.00\u00a0EUR", "40 days"):
        assert expected in page, expected


def test_the_account_shows_why_an_order_is_held_and_what_the_decision_was_based_on(either):
    either.customer(limit="1000")
    either.invoice(total="800.00")
    answer = either.collector().post("/accounts/C1/orders/", {"number": "SO-1", "amount": "500.00"}, follow=True)
    page = text(answer)
    assert "Order SO-1 is held: exposure and order exceed the limit (300.00\u00a0EUR) [limit_exceeded]" in page
    assert "limit 1000.00 EUR (own), exposure 800.00 EUR" in page
    assert "Order held" in page
    assert "by ann" in page
    again = either.collector("bob").post("/accounts/C1/orders/", {"number": "SO-1", "amount": "900.00"})
    assert again.status_code == 422
    assert "used before" in text(again)


def test_every_fact_of_the_library_can_be_told(django):
    event_of = import_module("billing.story").event_of
    for tag, fact in SAMPLES.items():
        event = event_of(fact)
        assert event.title[0].isupper(), tag
        assert " object at " not in str(event), tag
        assert "(" not in event.title, tag
        assert len(event.reasons) == len(getattr(fact, "reasons", ())), tag


def test_the_demonstration_is_made_only_where_nothing_is_at_stake(host, settings_of):
    command = import_module("django.core.management")
    with pytest.raises(command.CommandError, match="only with DEBUG"):
        command.call_command("demo", "--no-server")
