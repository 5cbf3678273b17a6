"""The Django host with its database: rows and reservations commit together, the tables migrate, the day runs."""

import re
import smtplib
import threading
from importlib import import_module

import attrs
import pytest
from tests.hosts.django_world import DAY, text

from receivables import Money
from receivables.errors import KeyReused, OpenTransaction, UnknownId

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
