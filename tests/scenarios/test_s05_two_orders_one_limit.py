"""S05: two concurrent orders against one credit limit, and no double counting along the chain.

The two orders are driven by their port calls in every order in which they can take turns, eight of them in orders that
chance draws.
"""

import datetime as dt
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scenarios.interleaving import Task, orders, run

from receivables import (
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    Invoice,
    MemoryStore,
    Money,
    Order,
    Payment,
    PolicyBook,
    Receivables,
    flows,
)
from receivables.codec import policy_ref
from receivables.errors import StaleAccount
from receivables.facts.credit import OrderHeld, OrderReserved
from receivables.flows import Setting
from receivables.plans.credit_commands import ReserveOrder
from receivables.testing import FixedClock, RecordingNotifier

DAY = dt.date(2026, 3, 2)
POLICY = CreditPolicy(id="standard", version=7)
BOOK = PolicyBook.of(POLICY)
CALLS = 5


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


def order(id: str, amount: int) -> Order:
    return Order(id=id, account="ACME", amount=eur(amount), placed_on=DAY)


A, B = order("A", 2_000), order("B", 2_500)


def start() -> tuple[Receivables, MemoryStore, FixedClock]:
    """The limit of 10,000.00 with open invoices of 6,500.00."""
    store, clock = MemoryStore(), FixedClock.on(DAY)
    service = Receivables(
        store=store, notifier=RecordingNotifier(), clock=clock, policies=BOOK, transaction=store.transaction
    )
    service.open_account(Customer(id="ACME"), key="open")
    limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=eur(10_000), valid_from=DAY)
    service.set_limit(limit, key="limit")
    invoice = Invoice.due(
        number="INV-0", account="ACME", issued_on=DAY, total=eur(6_500), due_on=DAY + dt.timedelta(days=30)
    )
    service.issue_invoice(invoice, key="INV-0")
    return service, store, clock


def exposure(service: Receivables) -> Money:
    view = service.view("ACME", DAY + dt.timedelta(days=20))
    return Money(POLICY.standing(view, "EUR").exposure, Currency.of("EUR"))


def test_each_order_fits_alone():
    for each in (A, B):
        service, _, _ = start()
        assert service.reserve(each, key="r").outcome == "approved"


@pytest.mark.parametrize("pair", [(A, B), (B, A)], ids=["A first in the list", "B first in the list"])
def test_two_orders_at_once_never_exceed_the_limit_in_whatever_order_their_steps_come(pair):
    outcomes = set()
    for turns in orders(CALLS):
        service, store, clock = start()
        ports = {"store": store, "clock": clock, "notifier": RecordingNotifier()}
        setting = Setting(policies=BOOK)
        tasks = [
            Task(partial(flows.record, setting, [ReserveOrder(order=each, key=f"r {each.id}")]), ports) for each in pair
        ]
        run(tasks, iter(turns))
        receipts = {task.result[0].receipt.ids[0]: task.result[0].receipt for task in tasks}
        assert exposure(service) <= eur(10_000)
        assert sorted(receipt.outcome for receipt in receipts.values()) == ["approved", "held"]
        held = next(receipt for receipt in receipts.values() if receipt.outcome == "held")
        assert [(reason.code, reason.amount) for reason in held.reasons] == [("limit_exceeded", eur(1_000))]
        outcomes.add((held.ids[0], max(task.tries for task in tasks)))
    losers, tries = {loser for loser, _ in outcomes}, {count for _, count in outcomes}
    assert losers == {"A", "B"}
    assert tries == {1, 2}


def test_without_a_transaction_of_its_own_the_service_hands_the_conflict_to_the_host():
    service, store, clock = start()

    class Slow:
        """A store on which another is faster between load and commit."""

        def __getattr__(self, name):
            return getattr(store, name)

        def commit(self, commit):
            service.reserve(A, key="r A")
            store.commit(commit)

    other = Receivables(store=Slow(), notifier=RecordingNotifier(), clock=clock, policies=BOOK)
    with pytest.raises(StaleAccount):
        other.reserve(B, key="r B")
    assert exposure(service) == eur(8_500)
    assert service.reserve(B, key="r B").outcome == "held"


def test_a_crash_between_check_and_commit_reserves_nothing():
    service, store, clock = start()

    class Dies:
        def __getattr__(self, name):
            return getattr(store, name)

        def commit(self, commit):
            raise ConnectionError("the line is dead")

    facts = store.facts("ACME")
    dying = Receivables(store=Dies(), notifier=RecordingNotifier(), clock=clock, policies=BOOK)
    with pytest.raises(ConnectionError):
        dying.reserve(A, key="r A")
    assert store.facts("ACME") == facts
    assert service.reserve(A, key="r A").outcome == "approved"
    assert service.reserve(B, key="r B").outcome == "held"
    assert exposure(service) == eur(8_500)


# Along the chain ------------------------------------------------------------------------------------------------


@pytest.fixture
def after_a() -> Receivables:
    """A is reserved, B is held."""
    service, _, clock = start()
    service.clock = clock  # type: ignore[attr-defined]
    assert service.reserve(A, key="r A").outcome == "approved"
    assert service.reserve(B, key="r B").outcome == "held"
    return service


def bill(service: Receivables, number: str, amount: int, order: str) -> None:
    due = DAY + dt.timedelta(days=30)
    invoice = Invoice.due(number=number, account="ACME", issued_on=DAY, total=eur(amount), due_on=due, order=order)
    service.issue_invoice(invoice, key=number)


def test_an_order_that_becomes_an_invoice_does_not_change_the_exposure(after_a):
    assert exposure(after_a) == eur(8_500)
    bill(after_a, "INV-A1", 1_200, "A")
    assert exposure(after_a) == eur(8_500)
    view = after_a.view("ACME", DAY)
    assert {order.order.id: order.reserved for order in view.orders} == {"A": 800_00, "B": 0}
    assert view.open_total("EUR") == eur(7_700)
    bill(after_a, "INV-A2", 800, "A")
    assert exposure(after_a) == eur(8_500)


def test_the_exposure_is_the_same_when_a_part_is_delivered_and_then_invoiced(after_a):
    """Point 3, gross of tax everywhere."""

    def parts() -> dict[str, int]:
        used = POLICY.exposure(after_a.view("ACME", DAY), "EUR")
        return {name: amount // 100 for name, amount in used.signed()}

    assert parts() == {"open": 6_500, "ordered": 2_000}
    after_a.deliver_order("ACME", "A", eur(1_200), on=DAY, key="deliver A")
    assert parts() == {"open": 6_500, "delivered": 1_200, "ordered": 800}
    bill(after_a, "INV-A1", 1_200, "A")
    assert parts() == {"open": 7_700, "ordered": 800}
    assert exposure(after_a) == eur(8_500)


def test_a_payment_releases_the_held_order_once(after_a):
    bill(after_a, "INV-A1", 1_200, "A")
    payment = Payment(id="P", account="ACME", amount=eur(1_000), value_date=DAY)
    after_a.receive_payment(payment, key="P")
    assert exposure(after_a) == eur(10_000)
    assert {order.order.id: order.status for order in after_a.view("ACME", DAY).orders} == {
        "A": "reserved",
        "B": "reserved",
    }
    after_a.receive_payment(payment, key="P")
    after_a.receive_payment(Payment(id="P2", account="ACME", amount=eur(9_000), value_date=DAY), key="P2")
    decisions = [entry.status for entry in after_a.account("ACME").credit.orders if entry.order.id == "B"]
    assert decisions == ["held", "reserved"]


def test_a_cent_less_than_needed_releases_nothing(after_a):
    payment = Payment(id="P", account="ACME", amount=Money.of("999.99", "EUR"), value_date=DAY)
    after_a.receive_payment(payment, key="P")
    assert [order.status for order in after_a.view("ACME", DAY).orders] == ["reserved", "held"]


def test_cancelling_an_order_frees_only_what_is_not_invoiced(after_a):
    bill(after_a, "INV-A1", 1_200, "A")
    after_a.release_order("ACME", "A", on=DAY, key="cancel A")
    assert exposure(after_a) == eur(7_700)
    assert [order.order.id for order in after_a.view("ACME", DAY).orders] == ["B"]


def test_reopening_a_cancelled_order_is_a_new_check(after_a):
    bill(after_a, "INV-A1", 1_200, "A")
    after_a.release_order("ACME", "A", on=DAY, key="cancel A")
    after_a.release_order("ACME", "B", on=DAY, key="cancel B")
    more = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=eur(8_499), valid_from=DAY)
    after_a.set_limit(more, key="less")
    assert str(after_a.reopen_order("ACME", "A", on=DAY, key="reopen A")) == "held: limit_exceeded (1.00 EUR)"
    assert exposure(after_a) == eur(7_700)


def test_an_invoice_larger_than_its_order_counts_in_full(after_a):
    bill(after_a, "INV-A", 2_300, "A")
    assert exposure(after_a) == eur(6_500 + 2_300)


def test_the_decision_keeps_the_policy_and_its_reasons(after_a):
    service, store, _ = start()
    service.reserve(A, key="r A", by="shop")
    service.reserve(B, key="r B", by="shop")
    approved, held = [fact for fact in store.facts("ACME") if isinstance(fact, OrderReserved | OrderHeld)]
    assert approved.policy == held.policy == policy_ref(POLICY)
    assert approved.reasons == ()
    assert [str(reason) for reason in held.reasons] == ["limit_exceeded (1000.00 EUR)"]
    assert held.by == "shop"
    assert str(approved.record) == "limit 10000.00 EUR (own), exposure 6500.00 EUR: open 6500.00 EUR"
    assert str(held.record).endswith("exposure 8500.00 EUR: open 6500.00 EUR, ordered 2000.00 EUR")
    assert held.record.limit_from == DAY


def test_the_record_keeps_who_decided_otherwise_and_against_what(after_a):
    receipt = after_a.release_held_order(
        "ACME", "B", reason="paid by wire today", by="ann", approver="bob", key="let B go"
    )
    assert receipt.outcome == "released"
    entry = after_a.account("ACME").credit.orders[-1]
    assert (entry.order.id, entry.status, entry.record.approver) == ("B", "reserved", "bob")
    assert [str(reason) for reason in entry.record.overrode] == ["limit_exceeded (1000.00 EUR)"]
    assert exposure(after_a) == eur(11_000)


# Eight writers --------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(100, 2_500), min_size=8, max_size=8),
    st.lists(st.integers(0, 7), max_size=8 * CALLS),
    st.booleans(),
)
def test_eight_writers_at_once_never_exceed_the_limit(amounts, turns, grouped):
    """On one account, and on eight members of a group, whose limit is what is left of the one account's."""
    service, store, clock = start()
    accounts = ["ACME"] * 8
    if grouped:
        accounts = [f"M{at}" for at in range(8)]
        service.open_group("G", key="G")
        common = CreditLimit(account="group:G", currency=Currency.of("EUR"), amount=eur(3_500), valid_from=DAY)
        service.set_limit(common, key="limit G")
        for id in accounts:
            service.open_account(Customer(id=id, group="G"), key=f"open {id}")
            own = CreditLimit(account=id, currency=Currency.of("EUR"), amount=None, valid_from=DAY)
            service.set_limit(own, key=f"limit {id}")
    ports = {"store": store, "clock": clock, "notifier": RecordingNotifier()}
    wanted = [
        Order(id=f"O{at}", account=id, amount=eur(amount), placed_on=DAY)
        for at, (id, amount) in enumerate(zip(accounts, amounts, strict=True))
    ]
    tasks = [
        Task(partial(flows.record, Setting(policies=BOOK), [ReserveOrder(order=each, key=f"r {each.id}")]), ports)
        for each in wanted
    ]
    run(tasks, iter(turns))
    approved = [
        each.order.amount.minor
        for id in dict.fromkeys(accounts)
        for each in service.view(id, DAY).orders
        if each.status == "reserved"
    ]
    assert sum(approved) <= 3_500_00
    held = [amount * 100 for amount in amounts]
    for amount in approved:
        held.remove(amount)
    assert all(sum(approved) + amount > 3_500_00 for amount in held)
    outcomes = sorted(task.result[0].receipt.outcome for task in tasks)
    assert outcomes.count("approved") == len(approved)


def test_what_is_held_and_invoiced_all_the_same_is_not_counted_twice_when_money_comes(after_a):
    """The host may deliver at its own risk; the order is then an invoice, and no order any more."""
    bill(after_a, "INV-B", 2_500, "B")
    assert exposure(after_a) == eur(11_000)
    after_a.receive_payment(Payment(id="P", account="ACME", amount=eur(9_000), value_date=DAY), key="P")
    assert exposure(after_a) == eur(2_000)
