"""What is open, left, reserved and given up by all that was recorded, and since when there is room on an item."""

import pytest
from tests.state.days import DAY, instant, on, stamp

from receivables import Currency, Installment, Invoice, Money, Schedule, fold
from receivables.facts.invoice import InvoiceIssued
from receivables.state.cash import AllocationEntry, Cash, CreditEntry, Fate, Reduction, Reservation, Undoing, Use

EUR = Currency.of("EUR")


def applied(id, amount, day=0, source="P", item="I"):
    return AllocationEntry(id, source, item, amount, *stamp(day))


def reduced(amount, day=0, kind="waived", id=None, item="I"):
    return Reduction(item, amount, kind, *stamp(day), id)


def back(id, day=9):
    return Undoing(id, *stamp(day))


def credit(id="P", status="settled", amount=1000):
    return CreditEntry(id, "payment", EUR, amount, *stamp(0), status)


def fate(status, day=3, payment="P", known=None):
    return Fate(payment, status, *stamp(day, known))


# Open ----------------------------------------------------------------------------------------------------------------

CASH = Cash(
    credits=(credit(), credit("Q")),
    allocations=(applied("a", 300), applied("b", 50), applied("c", 7, item="J"), applied("d", 11, source="Q")),
    reductions=(reduced(40), reduced(5, kind="tolerance", id="t"), reduced(20, id="u"), reduced(3, item="J")),
    undoings=(back("b"), back("u")),
    uses=(
        Use("r", "P", 90, "refund", *stamp(0)),
        Use("s", "P", 60, "transfer", *stamp(0)),
        Use("v", "Q", 8, "refund", *stamp(0)),
    ),
)


def test_what_is_open_of_an_item_is_what_nothing_took_off_it_for_good():
    assert CASH.open_of("I", 1000) == 1000 - 300 - 11 - 40 - 5
    assert CASH.open_of("J", 100) == 100 - 7 - 3
    assert CASH.open_of("K", 100) == 100
    assert CASH.open_amounts({"I": 1000, "J": 100, "K": 100}) == {"I": 644, "J": 90, "K": 100}


def test_what_made_an_item_less_without_money_is_said_in_all_and_by_kind():
    assert [CASH.reduced("I", kind) for kind in (None, "waived", "tolerance", "written_off")] == [45, 40, 5, 0]
    assert [each.id for each in CASH.differences()] == ["t"]


def test_what_is_left_of_a_credit_is_what_was_neither_applied_nor_used():
    assert CASH.left_of("P", 1000) == 1000 - 300 - 7 - 90 - 60
    assert CASH.left_of("Q", 1000) == 1000 - 11 - 8
    undone = Cash(credits=CASH.credits, uses=CASH.uses, undoings=(back("r"),))
    assert undone.left_of("P", 1000) == 1000 - 60
    assert [each.id for each in undone.used_elsewhere()] == ["s", "v"]
    assert [each.id for each in CASH.in_force()] == ["a", "c", "d"]


@pytest.mark.parametrize("status", ["pending", "unknown", "failed", "returned", "chargeback", "reversed"])
def test_nothing_is_left_where_the_money_is_not_there(status):
    recorded = status if status in ("pending", "unknown") else "settled"
    fates = () if recorded == status else (fate(status),)
    cash = Cash(credits=(credit(status=recorded),), fates=fates)
    assert cash.left_of("P", 1000) == 0
    assert cash.status_of("P") == status
    assert Cash(credits=cash.credits, fates=(*fates, fate("settled", 5))).left_of("P", 1000) == 1000


def test_what_is_not_a_payment_is_settled():
    assert Cash(credits=(credit("Q", "pending"),), fates=(fate("returned", payment="R"),)).status_of("CN") == "settled"


def test_a_payment_on_its_way_reserves_its_items_until_it_is_decided():
    kept = tuple(Reservation(*each, *stamp(0)) for each in (("P", "I", 300), ("Q", "I", 40), ("P", "J", 5)))
    assert [Cash(reservations=kept).reserved(item) for item in "IJK"] == [340, 5, 0]
    for status in ("settled", "failed"):
        decided = Cash(reservations=kept, fates=(fate(status),))
        assert [decided.reserved(item) for item in "IJ"] == [40, 0]


# On a date -----------------------------------------------------------------------------------------------------------


def test_a_reduction_counts_from_its_day_until_it_is_taken_back():
    cash = Cash(reductions=(reduced(40, 2), reduced(5, 3, id="t")), undoings=(back("t", 6),))
    found = [[each.amount for each in cash.reductions_on(on(day), None)] for day in (1, 2, 3, 5, 6)]
    assert found == [[], [40], [40, 5], [40, 5], [40]]
    assert [each.amount for each in cash.reductions_on(on(9), instant(5))] == [40, 5]
    assert [each.amount for each in cash.reductions_on(on(9), instant(2))] == [40]


def test_the_status_of_a_date_is_that_of_the_last_day_before_whenever_it_became_known():
    fates = (fate("returned", 6), fate("settled", 3, known=8), fate("failed", 4, payment="R"))
    cash = Cash(credits=(credit(status="pending"), credit("Q"), credit("R", "unknown")), fates=fates)
    assert [cash.statuses(on(day), None).get("P") for day in (2, 3, 5, 6)] == [
        "pending",
        "settled",
        "settled",
        "returned",
    ]
    assert cash.statuses(on(5), instant(7))["P"] == "pending"
    assert cash.statuses(on(2), None) == {"P": "pending", "R": "unknown"}
    assert cash.statuses(on(9), None) == {"P": "returned", "R": "failed"}


# Room ----------------------------------------------------------------------------------------------------------------


def room(minor, *allocations, undoings=(), reductions=(), start=0, amount=100):
    cash = Cash(allocations=allocations, undoings=undoings, reductions=reductions)
    return (cash.room_since({"I": (on(start), amount, minor)})["I"] - DAY).days


def test_there_is_room_from_the_day_of_an_item_on_where_nothing_ever_came_back():
    assert room(100) == 0
    assert room(40, applied("a", 60, 5)) == 0
    assert room(41, applied("a", 60, 5)) == 0  # plans see to it that there is room at all
    assert room(40, applied("a", 60, 5), applied("b", 10, 9), undoings=(back("b", 9),)) == 0


def test_there_is_room_since_the_money_that_settled_it_went_back():
    was_paid = (applied("a", 100, 5),)
    assert [room(minor, *was_paid, undoings=(back("a", 9),)) for minor in (1, 100)] == [9, 9]
    partly = (applied("a", 60, 5),)
    assert [room(minor, *partly, undoings=(back("a", 9),)) for minor in (40, 41)] == [0, 9]
    assert room(1, *was_paid, undoings=(back("a", 3),)) == 0  # back before it counts


def test_of_several_stretches_the_last_one_counts():
    two = (applied("a", 100, 2), applied("b", 100, 6))
    assert room(50, *two, undoings=(back("a", 4), back("b", 8))) == 8
    assert room(50, *two, applied("c", 30, 12), undoings=(back("a", 4), back("b", 8))) == 8


def test_what_is_more_of_an_item_makes_room_too_and_a_difference_that_was_taken_back():
    lost = (reduced(100, 3, "written_off"),)
    assert room(30, reductions=(*lost, reduced(-40, 7, "written_off"))) == 7
    assert room(30, reductions=(reduced(100, 3, "tolerance", "t"),), undoings=(back("t", 6),)) == 6
    assert room(30, reductions=(reduced(100, 3, "tolerance", "t", item="J"),), undoings=(back("t", 6),)) == 0
    assert room(30, applied("a", 100, 3, item="J"), undoings=(back("a", 6),)) == 0


def test_there_is_no_room_before_the_item_was_there():
    assert room(30, applied("a", 100, 5), undoings=(back("a", 9),), start=4) == 9
    assert room(30, applied("a", 60, 5), undoings=(back("a", 9),), start=4) == 4


# Parts that take back ------------------------------------------------------------------------------------------------


def test_a_part_that_takes_back_is_a_credit_and_one_of_nothing_is_none():
    def parts(*amounts):
        installments = tuple(Installment(amount=Money(amount, EUR), due_on=on(9)) for amount in amounts)
        total = Money(sum(amounts), EUR)
        schedule = Schedule(installments=installments)
        invoice = Invoice(number="I", account="A", issued_on=DAY, total=total, schedule=schedule)
        return fold([InvoiceIssued(invoice=invoice, effective_on=on(2), recorded_at=instant(5))]).cash.credits

    assert parts(100) == ()
    assert parts(100, 0) == ()
    assert parts(100, -30, 20) == (CreditEntry("I/2", "invoice_part", EUR, 30, on(2), instant(5), "settled"),)
