"""S19: overpayments in a row, one credit used twice, and the same line in two bank files.

A payment that is pending or unknown (points 3 and 4) belongs to the card payments; what the engine has of the story are
points 1, 2, 5, 6 and 7.
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
from receivables.errors import ClaimTaken, CurrencyMismatch, OverApplied
from receivables.flows import Setting
from receivables.plans.commands import Apply
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
        policies=PolicyBook(),
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
