"""The pages of the Django host: one customer sees one account, forms are answered once, the desk shows every reason."""

import datetime as dt
import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from tests.codec.samples import SAMPLES
from tests.hosts.django_world import DAY, HOSTILE, TICKET, a_final_letter, read, text

from receivables.reports.payment_options import reference_of
from receivables.values.references import grouped

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
