"""What a view takes of each slice, and how money and orders stand in it: with nothing of what is not there yet."""

import datetime as dt

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, at, instant, on
from tests.state.test_known import sampled

from receivables import Allocation, Currency, Invoice, Money, Order, Payment, fold
from receivables.documents.credit import DraftInvoice
from receivables.documents.notice import PolicyRef
from receivables.documents.payment import Designation
from receivables.errors import WrongType
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentReturned,
    PaymentSettled,
    RefundMade,
)
from receivables.facts.credit import InvoiceDrafted, OrderDelivered, OrderHeld, OrderRefused, OrderReserved
from receivables.facts.invoice import DueDateExtended, InvoiceIssued
from receivables.state.view import OpenCredit

EUR = Currency.of("EUR")
LONG_AFTER = dt.date(2030, 1, 1)
REF = PolicyRef(id="standard", version=1, digest="0" * 64)
TAKEN_BACK = {"DraftDropped", "LimitWithdrawn", "WriteOffReversed", "AllocationUndone", "GroupOpened"}
"""What would leave nothing of a part to be seen."""


def eur(minor):
    return Money(minor, EUR)


SLICES = {
    "limits": lambda account, *at: account.credit.limits_on(*at),
    "drafts": lambda account, *at: account.credit.drafts_on(*at),
    "approved_rates": lambda account, *at: account.credit.approved_rates(*at),
    "disputes": lambda account, *at: account.disputes.states(*at),
    "requests": lambda account, *at: account.requests.states(*at),
    "payment_methods": lambda account, *at: account.payment_methods.states(*at),
    "risk": lambda account, *at: account.risk.state(*at),
    "approvals": lambda account, *at: account.authority.states(*at),
    "applications": lambda account, *at: account.applications.states(*at),
    "authority_used": lambda account, *at: account.authority.used(*at),
    "attempts": lambda account, *at: account.authority.tried(*at),
    "assignment": lambda account, *at: account.collectors.on(*at),
    "contacts": lambda account, *at: account.contact_log.on(*at),
    "erasure": lambda account, *at: account.erasures.state(*at),
    "actions": lambda account, *at: account.contact_log.states(*at),
    "bureau": lambda account, *at: account.bureau.states(*at),
    "placements": lambda account, *at: account.placements.states(account.cash, *at),
    "losses": lambda account, *at: account.losses.states(account.ledger.items, account.cash, *at),
    "discounts": lambda account, *at: account.ledger.discounts,
    "customer": lambda account, *at: account.profile.entries[-1].customer,
}


@pytest.mark.parametrize("name", SLICES)
def test_a_view_has_what_the_slice_says_of_the_date(name):
    account = fold([fact for fact in sampled() if type(fact).__name__ not in TAKEN_BACK])
    part = getattr(account.view(LONG_AFTER), name)
    assert part
    assert part == SLICES[name](account, LONG_AFTER, None)


def test_a_view_says_of_whom_and_when_it_speaks():
    everything = fold(sampled())
    view = everything.view(LONG_AFTER, instant(900))
    assert (view.account, view.as_of, view.known_at) == ("DE01:ACME", LONG_AFTER, instant(900))
    assert (view.collector, view.team) == ("user-18", "north")
    with pytest.raises(WrongType, match="view.as_of"):
        everything.view("2026-03-02")


# Money ---------------------------------------------------------------------------------------------------------------


def paid(id="P", amount=1000, day=0, known=None, **more):
    payment = Payment(id=id, account="A", amount=eur(amount), value_date=on(day), **more)
    return PaymentReceived(payment=payment, **at(day, known))


def made(id, amount, day, source="P", item="I"):
    return AllocationMade(id=id, allocation=Allocation(source=source, item=item, amount=eur(amount)), **at(day))


def billed(number="I", amount=1000, day=0, due=30):
    invoice = Invoice.due(number=number, account="A", issued_on=on(day), total=eur(amount), due_on=on(due))
    return InvoiceIssued(invoice=invoice, **at(day))


def credits(*facts, day=20):
    return [(each.id, each.remaining) for each in fold(facts).view(on(day)).credits]


def test_what_remains_of_a_payment_is_what_was_not_applied_or_given_back_by_the_date():
    facts = (billed(), paid(), made("a", 300, 2), RefundMade(id="r", source="P", amount=eur(200), **at(4)))
    assert [credits(*facts, day=day) for day in (-1, 0, 2, 4)] == [[], [("P", 1000)], [("P", 700)], [("P", 500)]]
    undone = (*facts, AllocationUndone(allocation="a", **at(6)), AllocationUndone(allocation="r", **at(8)))
    assert [credits(*undone, day=day) for day in (5, 6, 8)] == [[("P", 500)], [("P", 800)], [("P", 1000)]]


@pytest.mark.parametrize(("used", "left"), [(999, [("P", 1)]), (1000, [])])
def test_a_payment_is_there_to_its_last_cent(used, left):
    assert credits(billed(), paid(), made("a", used, 2)) == left
    assert credits(paid(amount=1)) == [("P", 1)]


def test_a_payment_is_a_credit_while_its_money_is_there():
    on_its_way = (paid(status="pending"), PaymentSettled(payment="P", **at(3)))
    assert [credits(*on_its_way, day=day) for day in (2, 3)] == [[], [("P", 1000)]]
    gone = (paid(), paid("Q", 50), PaymentReturned(payment="P", kind="returned", code="AC04", **at(3)))
    assert [credits(*gone, day=day) for day in (2, 3)] == [[("P", 1000), ("Q", 50)], [("Q", 50)]]


def test_a_payment_on_its_way_is_pending_until_it_is_there_or_came_to_nothing():
    def pending(*facts, day):
        return list(fold(facts).view(on(day)).pending)

    expected = [OpenCredit("P", "payment", EUR, 1000)]
    settled, failed = PaymentSettled(payment="P", **at(3)), PaymentFailed(payment="P", code="declined", **at(3))
    for status in ("pending", "unknown"):
        for end in (settled, failed):
            facts = (paid(status=status), paid("Q"), end)
            assert [pending(*facts, day=day) for day in (-1, 0, 2, 3)] == [[], expected, expected, []]


@pytest.mark.parametrize(("kind", "shown"), [("returned", True), ("chargeback", True), ("reversed", False)])
def test_what_came_back_is_said_with_its_day_unless_it_was_booked_by_mistake(kind, shown):
    facts = (paid(), paid("Q"), PaymentReturned(payment="P", kind=kind, code="AC04", **at(3)))
    returned = [fold(facts).view(on(day)).returned for day in (2, 3)]
    assert returned == [(), (("P", on(3)),) if shown else ()]


def test_what_is_open_of_an_item_is_what_was_not_taken_off_it_by_the_date():
    facts = (billed(), paid(), made("a", 300, 2), made("b", 700, 4), AllocationUndone(allocation="a", **at(6)))
    views = [fold(facts).view(on(day)) for day in (-1, 0, 2, 4, 6)]
    assert [[book.open for book in view.books] for view in views] == [[], [(1000,)], [(700,)], [], [(300,)]]
    assert [sorted(view.closed) for view in views] == [[], [], [], ["I"], []]


def test_money_on_its_way_keeps_back_what_it_is_meant_for_until_it_is_decided():
    meant = {"status": "pending", "designated": (Designation(item="I", amount=eur(400)),)}
    facts = (billed(), paid(amount=400, day=2, **meant), PaymentFailed(payment="P", code="declined", **at(5)))
    kept = [[(each.kind, each.amount) for each in fold(facts).view(on(day)).withheld] for day in (1, 2, 4, 5)]
    assert kept == [[], [("payment", 400)], [("payment", 400)], []]


# Due dates -----------------------------------------------------------------------------------------------------------


def test_an_extension_only_ever_adds():
    def extended(to, day):
        return DueDateExtended(item="I", due_on=on(to), approver="bob", reason="asked", **at(day))

    facts = (billed(), extended(60, 3), extended(50, 5), extended(70, 7))
    due = [fold(facts).view(on(day)).item("I").due_on for day in (2, 3, 5, 7)]
    assert due == [on(30), on(60), on(60), on(70)]
    assert fold(facts).view(on(9), instant(6)).item("I").due_on == on(60)


def test_the_books_stand_by_the_code_of_their_currencies():
    other = Invoice.due(number="J", account="A", issued_on=DAY, total=Money.of(1, "CHF"), due_on=on(3))
    facts = (billed(), InvoiceIssued(invoice=other, **at(0)))
    assert [book.currency.code for book in fold(facts).view(on(9)).books] == ["CHF", "EUR"]


# Orders --------------------------------------------------------------------------------------------------------------


def orders(*facts, day=20):
    return [(each.order.id, each.status, each.reserved, each.delivered) for each in fold(facts).view(on(day)).orders]


def ordered(kind, day=0, id="SO", **more):
    order = Order(id=id, account="A", amount=eur(1000), placed_on=DAY)
    return kind(order=order, policy=REF, reasons=(), **at(day), **more)


def delivered(amount, day, id="SO"):
    return OrderDelivered(order=id, amount=eur(amount), **at(day))


def test_an_order_counts_with_what_is_ordered_and_what_is_delivered():
    facts = (ordered(OrderReserved), delivered(400, 2), ordered(OrderReserved, 3, "SO-2"))
    assert [orders(*facts, day=day) for day in (-1, 0, 2)] == [
        [],
        [("SO", "reserved", 1000, 0)],
        [("SO", "reserved", 1000, 400)],
    ]
    (first, second) = fold(facts).view(on(9)).orders
    assert (first.ordered, first.decided_on, second.decided_on, second.delivered) == (600, on(0), on(3), 0)


def test_of_an_order_that_is_not_approved_only_what_was_delivered_counts():
    held, refused = ordered(OrderHeld, record=SAMPLES["order.held/1"].record), ordered(OrderRefused)
    assert orders(held) == [("SO", "held", 0, 0)]
    assert orders(held, delivered(400, 2)) == [("SO", "held", 400, 400)]
    assert orders(refused) == []
    assert orders(refused, delivered(400, 2)) == [("SO", "refused", 400, 400)]
    assert fold([held]).view(on(9)).orders[0].record == SAMPLES["order.held/1"].record


def test_what_is_drafted_of_an_order_does_not_count_twice():
    def drafted(amount, order="SO", id="D"):
        draft = DraftInvoice(id=id, account="A", amount=amount, drafted_on=on(2), order=order)
        return InvoiceDrafted(draft=draft, **at(2))

    facts = (ordered(OrderReserved), ordered(OrderReserved, id="SO-2"))
    two = (
        drafted(eur(300)),
        drafted(eur(200), id="E"),
        drafted(Money.of(7, "USD"), id="F"),
        drafted(eur(9), None, "G"),
    )
    assert orders(*facts, *two, day=1) == [("SO", "reserved", 1000, 0), ("SO-2", "reserved", 1000, 0)]
    assert orders(*facts, *two) == [("SO", "reserved", 500, 0), ("SO-2", "reserved", 1000, 0)]
    assert [draft.id for draft in fold([*facts, *two]).view(on(2)).drafts] == ["D", "E", "F", "G"]
    late = attrs.evolve(two[0], recorded_at=instant(6))
    known = [fold([*facts, late]).view(on(9), instant(day)).orders[0].reserved for day in (5, 6)]
    assert known == [1000, 700]


def test_the_last_decision_about_an_order_counts():
    reasons = SAMPLES["order.held/1"].reasons
    facts = (attrs.evolve(ordered(OrderHeld), reasons=reasons), ordered(OrderReserved, 3))
    assert [orders(*facts, day=day) for day in (2, 3)] == [[("SO", "held", 0, 0)], [("SO", "reserved", 1000, 0)]]
    assert [fold(facts).view(on(day)).orders[0].reasons for day in (2, 3)] == [reasons, ()]
