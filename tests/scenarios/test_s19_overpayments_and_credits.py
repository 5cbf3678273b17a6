"""S19: overpayments in a row, a pending payment, one credit used twice, and the same line in two bank files.

The first story is told in one go, points 1 to 3, with both ends of the card payment; then point 4, an outcome that nobody
knows, point 5, two processes at once, point 6, the bank lines, and point 7, what holds all the time.
"""

import datetime as dt
from functools import partial

import pytest
from tests.scenarios.interleaving import Task, orders, run

from receivables import (
    Allocation,
    CreditNote,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    flows,
)
from receivables.documents.payment import Designation
from receivables.errors import ClaimTaken, CurrencyMismatch, OverApplied, UnknownId
from receivables.flows import Setting
from receivables.plans.commands import Apply
from receivables.policies.appropriation import OLDEST_FIRST
from receivables.testing import FixedClock, RecordingNotifier

DAY = dt.date(2026, 3, 2)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def service(store: MemoryStore) -> Receivables:
    service = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(DAY),
        policies=PolicyBook.of(OLDEST_FIRST),
        transaction=store.transaction,
    )
    service.open_account(Customer(id="ACME"), key="open")
    return service


def issue(service: Receivables, number: str, amount: int) -> None:
    invoice = Invoice.due(
        number=number, account="ACME", issued_on=DAY, total=eur(amount), due_on=DAY + dt.timedelta(days=30)
    )
    service.issue_invoice(invoice, key=f"issue {number}")


def pay(service: Receivables, id: str, amount: int, line: str | None = None) -> None:
    payment = Payment(id=id, account="ACME", amount=eur(amount), value_date=DAY, bank_line=line)
    service.receive_payment(payment, key=f"pay {id}")


def apply(service: Receivables, source: str, item: str, amount: int) -> None:
    service.apply("ACME", source, item, eur(amount), key=f"{source} {item}")


def test_overpayments_add_up_on_account_and_no_invoice_goes_below_zero(service):
    view = lambda: service.view("ACME", DAY)  # noqa: E731
    issue(service, "INV-1", 90_000)
    pay(service, "P1", 94_500)
    apply(service, "P1", "INV-1", 90_000)
    assert view().on_account("EUR") == eur(4_500)
    assert "INV-1" in view().closed
    issue(service, "INV-2", 90_000)
    apply(service, "P1", "INV-2", 4_500)
    assert view().open("INV-2") == eur(85_500)
    pay(service, "P2", 94_500)
    with pytest.raises(OverApplied) as caught:
        apply(service, "P2", "INV-2", 90_000)
    assert (caught.value.asked, caught.value.available) == (eur(90_000), eur(85_500))
    service.apply("ACME", "P2", "INV-2", eur(85_500), key="the rest of INV-2")
    assert view().on_account("EUR") == eur(9_000)
    assert view().balance("EUR") == eur(-9_000)
    assert view().open_total("EUR") == eur(0)


# 3 and 4: a payment that is on its way, and one of which nobody knows


def card(service: Receivables, id: str, item: str, amount: int, status: str = "pending") -> None:
    payment = Payment(
        id=id,
        account="ACME",
        amount=eur(amount),
        value_date=DAY,
        method="card",
        status=status,
        designated=(Designation(item=item, amount=eur(amount)),),
    )
    service.receive_payment(payment, key=f"card {id}")


@pytest.fixture
def pending(service: Receivables) -> Receivables:
    """9,000.00 are on account, INV-3 is over 10,000.00, and a card payment of 10,000.00 for it is on its way."""
    pay(service, "P2", 9_000)
    issue(service, "INV-3", 10_000)
    card(service, "CARD", "INV-3", 10_000)
    return service


def test_what_a_pending_payment_is_meant_for_is_not_there_for_automatic_application(pending):
    assert pending.view("ACME", DAY).free("INV-3") == eur(0)
    assert pending.appropriate("ACME", "P2", key="nightly").outcome == "nothing owed"
    view = pending.view("ACME", DAY)
    assert (view.on_account("EUR"), view.open("INV-3")) == (eur(9_000), eur(10_000))


def test_on_success_the_card_closes_the_invoice_and_the_credit_is_left(pending):
    pending.appropriate("ACME", "P2", key="nightly")
    pending.confirm_payment("ACME", "CARD", on=DAY, key="success")
    apply(pending, "CARD", "INV-3", 10_000)
    view = pending.view("ACME", DAY)
    assert ("INV-3" in view.closed, view.on_account("EUR"), view.balance("EUR")) == (True, eur(9_000), eur(-9_000))


def test_on_failure_the_reservation_ends_and_the_credit_is_applied(pending):
    pending.appropriate("ACME", "P2", key="nightly")
    pending.fail_payment("ACME", "CARD", "declined", on=DAY, key="failure")
    assert pending.appropriate("ACME", "P2", key="next night").outcome == "placed"
    view = pending.view("ACME", DAY)
    assert (view.open("INV-3"), view.on_account("EUR"), view.balance("EUR")) == (eur(1_000), eur(0), eur(1_000))


def test_an_unknown_outcome_lets_no_second_attempt_through_until_it_is_resolved(service, store):
    issue(service, "INV-3", 10_000)
    card(service, "CARD", "INV-3", 10_000, status="unknown")
    facts = store.facts("ACME")
    with pytest.raises(OverApplied, match="INV-3"):
        card(service, "AGAIN", "INV-3", 10_000)
    assert store.facts("ACME") == facts
    service.confirm_payment("ACME", "CARD", on=DAY, key="the query says yes")
    apply(service, "CARD", "INV-3", 10_000)
    with pytest.raises(OverApplied, match="INV-3"):
        card(service, "AGAIN", "INV-3", 10_000)
    assert service.view("ACME", DAY).balance("EUR") == eur(0), "paid once"


def test_an_outcome_that_turns_out_to_be_a_failure_frees_the_second_attempt(service):
    issue(service, "INV-3", 10_000)
    card(service, "CARD", "INV-3", 10_000, status="unknown")
    service.fail_payment("ACME", "CARD", "timeout", on=DAY, key="the query says no")
    card(service, "AGAIN", "INV-3", 10_000)
    service.confirm_payment("ACME", "AGAIN", on=DAY, key="success")
    apply(service, "AGAIN", "INV-3", 10_000)
    with pytest.raises(UnknownId, match="pending or unknown"):
        service.confirm_payment("ACME", "CARD", on=DAY, key="late")
    assert service.view("ACME", DAY).balance("EUR") == eur(0)


# 5: one credit and two processes


def credit_and_two_invoices(store: MemoryStore) -> Receivables:
    service = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(DAY),
        policies=PolicyBook(),
        transaction=store.transaction,
    )
    service.open_account(Customer(id="ACME"), key="open")
    issue(service, "INV-1", 300)
    issue(service, "INV-2", 300)
    note = CreditNote(number="CN", account="ACME", issued_on=DAY, total=eur(300))
    service.issue_credit_note(note, key="CN")
    return service


def test_one_credit_for_two_invoices_at_once_is_used_once_whatever_the_order_of_the_steps():
    winners = set()
    for turns in orders(4):
        store = MemoryStore()
        service = credit_and_two_invoices(store)
        ports = {"store": store, "clock": FixedClock.on(DAY), "notifier": RecordingNotifier()}
        commands = [
            Apply(key=item, of="ACME", allocation=Allocation(source="CN", item=item, amount=eur(300)))
            for item in ("INV-1", "INV-2")
        ]
        tasks = [Task(partial(flows.record, Setting(policies=PolicyBook()), [command]), ports) for command in commands]
        run(tasks, iter(turns))
        results = [task.result[0] for task in tasks]
        assert sorted(type(result.error).__name__ for result in results) == ["NoneType", "OverApplied"]
        view = service.view("ACME", DAY)
        assert view.credits == ()
        assert view.open_total("EUR") == eur(300)
        winners.add(next(iter(view.closed)))
    assert winners == {"INV-1", "INV-2"}


# 6: the same line, and two of one day


def test_the_same_bank_line_in_two_files_is_one_payment(service, store):
    line = "DE89/2026-03-02/50.00/REF/1"
    pay(service, "file 1 line 7", 50, line)
    facts = store.facts("ACME")
    with pytest.raises(ClaimTaken) as caught:
        pay(service, "file 2 line 3", 50, line)
    assert (caught.value.namespace, caught.value.key, caught.value.holder) == ("bank_line", line, "ACME")
    assert store.facts("ACME") == facts
    assert service.view("ACME", DAY).on_account("EUR") == eur(50)


def test_the_same_bank_line_on_another_account_is_refused_too(service):
    service.open_account(Customer(id="OTHER"), key="open OTHER")
    pay(service, "P", 50, "line 1")
    twice = Payment(id="Q", account="OTHER", amount=eur(50), value_date=DAY, bank_line="line 1")
    with pytest.raises(ClaimTaken):
        service.receive_payment(twice, key="Q")


def test_two_true_payments_of_one_day_differ_in_sequence_and_are_both_kept(service):
    pay(service, "P1", 50, "DE89/2026-03-02/50.00/REF/1")
    pay(service, "P2", 50, "DE89/2026-03-02/50.00/REF/2")
    assert service.view("ACME", DAY).on_account("EUR") == eur(100)


# 7: what holds all the time


def test_applying_and_taking_back_never_changes_what_the_customer_owes(service):
    issue(service, "INV-1", 300)
    pay(service, "P", 500)
    balance = service.view("ACME", DAY).balance("EUR")
    for round in range(3):
        receipt = service.apply("ACME", "P", "INV-1", eur(100 + round), key=f"apply {round}")
        assert service.view("ACME", DAY).balance("EUR") == balance
        service.unapply("ACME", receipt.ids[0], key=f"unapply {round}")
        assert service.view("ACME", DAY).balance("EUR") == balance
    assert service.view("ACME", DAY).open("INV-1") == eur(300)


def test_a_credit_note_for_more_than_is_open_closes_its_invoice_and_the_rest_is_a_credit(service):
    issue(service, "INV-1", 300)
    pay(service, "P", 200)
    apply(service, "P", "INV-1", 200)
    note = CreditNote(number="CN", account="ACME", issued_on=DAY, total=eur(150), against="INV-1")
    service.issue_credit_note(note, key="CN")
    view = service.view("ACME", DAY)
    assert view.open_total("EUR") == eur(0)
    assert view.credit("CN").remaining == eur(50).minor


def test_a_credit_is_never_applied_across_currencies(service, store):
    issue(service, "INV-1", 300)
    payment = Payment(id="P", account="ACME", amount=Money.of(300, "USD"), value_date=DAY)
    service.receive_payment(payment, key="P")
    facts = store.facts("ACME")
    for amount in (eur(300), Money.of(300, "USD")):
        with pytest.raises(CurrencyMismatch):
            service.apply("ACME", "P", "INV-1", amount, key=f"apply {amount}")
    assert store.facts("ACME") == facts
