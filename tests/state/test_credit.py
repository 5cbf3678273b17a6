"""Limits, orders, drafts and holds on a date: what counts, from which day, and by which rates an order was approved."""

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, instant, on, stamp

from receivables import CreditLimit, Currency, Money, Order
from receivables.documents.credit import DraftInvoice
from receivables.documents.exchange import ExchangeRate
from receivables.state.credit import Credit, DraftEnd, DraftEntry, LimitEntry, LimitWithdrawal, OrderEntry, OrderMove
from receivables.state.orders import OrderParts

EUR, USD = Currency.of("EUR"), Currency.of("USD")
RECORD = SAMPLES["order.reserved/1"].record


def order(id: str = "SO", amount: int = 10000, currency: Currency = EUR) -> Order:
    return Order(id=id, account="A", amount=Money(amount, currency), placed_on=DAY)


def decided(status: str, day: int = 0, id: str = "SO", record: object = None, known: int | None = None) -> OrderEntry:
    return OrderEntry(order(id), status, (), *stamp(day, known), record)


def move(kind: str, amount: int, day: int, closes: bool = False, id: str = "SO") -> OrderMove:
    return OrderMove(id, kind, amount, closes, *stamp(day))


# Limits --------------------------------------------------------------------------------------------------------------


def limit(day: int, kind: str = "base", currency: Currency = EUR) -> LimitEntry:
    document = CreditLimit(account="A", currency=currency, amount=Money(100, currency), valid_from=on(day), kind=kind)
    return LimitEntry(document, *stamp(day))


def test_a_withdrawal_ends_the_limits_of_its_kind_and_currency_that_were_set_before():
    first, insured, dollars, again = limit(0), limit(0, "insured"), limit(0, currency=USD), limit(3)
    gone = LimitWithdrawal(EUR, first.limit.kind, *stamp(2))
    credit = Credit(limits=(first, insured, dollars, gone, again))
    assert credit.limits_on(on(1), None) == (first.limit, insured.limit, dollars.limit)
    assert credit.limits_on(on(2), None) == (insured.limit, dollars.limit)
    assert credit.limits_on(on(3), None) == (insured.limit, dollars.limit, again.limit)
    assert credit.limits_on(on(3), instant(1)) == (first.limit, insured.limit, dollars.limit)


# Rates ---------------------------------------------------------------------------------------------------------------


def rated(rate: str) -> object:
    return attrs.evolve(RECORD, rates=(ExchangeRate.of("EUR", "USD", rate, on=DAY, source="ECB"),))


def test_the_rates_of_an_approval_are_those_of_the_last_order_that_was_reserved_with_any():
    one, two, three = rated("1.1"), rated("1.2"), rated("1.3")
    orders = (
        decided("reserved", 1, "A", one),
        decided("reserved", 3, "B", two),
        decided("reserved", 4, "C", attrs.evolve(RECORD, rates=())),
        decided("reserved", 5, "D"),
        decided("held", 6, "E", three),
        decided("refused", 7, "F", three),
    )
    credit = Credit(orders=orders)
    assert [credit.approved_rates(on(day), None) for day in (0, 1, 2, 3, 9)] == [
        (),
        one.rates,
        one.rates,
        two.rates,
        two.rates,
    ]
    assert credit.approved_rates(on(9), instant(2)) == one.rates
    assert Credit(orders=orders[3:]).approved_rates(on(9), None) == ()


# How far an order has come ------------------------------------------------------------------------------------------


def draft(id: str, amount: int, day: int, currency: Currency = EUR, order: str | None = "SO") -> DraftEntry:
    document = DraftInvoice(id=id, account="A", amount=Money(amount, currency), drafted_on=on(day), order=order)
    return DraftEntry(document, *stamp(day))


def test_the_parts_of_an_order_are_those_of_the_day_and_of_that_order_alone():
    credit = Credit(
        orders=(decided("reserved"), decided("reserved", id="SO-2")),
        moves=(move("delivered", 4000, 1), move("invoiced", 1000, 3), move("delivered", 9000, 1, id="SO-2")),
        drafts=(draft("D", 500, 2), draft("E", 70, 2, order="SO-2"), draft("F", 3, 2, order=None)),
        draft_ends=(DraftEnd("D", *stamp(4)),),
    )
    parts = [credit.parts_of(order(), on(day), None) for day in (0, 1, 2, 3, 4)]
    assert [each[:5] for each in parts] == [
        (10000, 0, 0, 0, 0),
        (6000, 4000, 0, 0, 0),
        (6000, 3500, 500, 0, 0),
        (6000, 2500, 500, 1000, 0),
        (6000, 3000, 0, 1000, 0),
    ]
    assert credit.parts_of(order(), on(9), instant(1)) == parts[1]
    assert credit.parts_of(order(), on(9), instant(2)) == parts[2]
    assert credit.parts_of(order(), on(9), instant(3)) == parts[3]


def test_a_draft_in_another_currency_takes_nothing_of_an_order():
    credit = Credit(orders=(decided("reserved"),), drafts=(draft("D", 500, 2, USD),))
    assert credit.parts_of(order(), on(9), None).drafted == 0
    assert credit.left_of("SO") == Money(10000, EUR)


def test_a_draft_waits_from_its_day_until_it_is_issued_or_dropped():
    one, other = draft("D", 500, 1), draft("E", 70, 3)
    credit = Credit(drafts=(one, other), draft_ends=(DraftEnd("D", *stamp(4)),))
    assert [credit.drafts_on(on(day), None) for day in (0, 1, 3, 4)] == [
        (),
        (one.draft,),
        (one.draft, other.draft),
        (other.draft,),
    ]
    assert credit.drafts_on(on(9), instant(3)) == (one.draft, other.draft)


def test_what_an_invoice_can_bill_is_what_is_not_invoiced_and_not_given_up_by_its_day():
    credit = Credit(orders=(decided("reserved"),), moves=(move("invoiced", 3000, 2), move("cancelled", 7000, 5, True)))
    assert credit.left_of("SO", on(5)) is None
    assert credit.left_of("SO", on(4)) == Money(7000, EUR)
    assert credit.left_of("SO") is None
    assert credit.left_of("SO-2") is None
    part = Credit(orders=(decided("reserved"),), moves=(move("cancelled", 7000, 5),))
    assert [part.left_of("SO", on(day)) for day in (4, 5)] == [Money(10000, EUR), Money(3000, EUR)]


def test_what_was_reopened_on_a_later_day_can_be_billed_already():
    moves = (move("cancelled", 10000, 2, True), move("reopened", 6000, 5))
    credit = Credit(orders=(decided("reserved"),), moves=moves)
    assert [credit.left_of("SO", on(day)) for day in (1, 2, 4, 5)] == [
        Money(10000, EUR),
        Money(6000, EUR),
        Money(6000, EUR),
        Money(6000, EUR),
    ]


def test_of_a_refused_order_only_what_was_delivered_can_be_billed():
    credit = Credit(orders=(decided("refused"),), moves=(move("delivered", 4000, 1),))
    assert credit.left_of("SO") == Money(4000, EUR)
    assert Credit(orders=(decided("refused"),)).left_of("SO") is None
    billed = attrs.evolve(credit, moves=(*credit.moves, move("invoiced", 4000, 2)))
    assert billed.left_of("SO") is None


def test_the_last_decision_in_the_log_counts_and_only_of_its_order():
    orders = (decided("held"), decided("held", id="SO-2"), decided("reserved", 2), decided("held", 3, id="SO-3"))
    assert Credit(orders=orders).decided("SO") is orders[2]
    assert Credit(orders=orders).decided("SO-9") is None


@pytest.mark.parametrize(("day", "after"), [(2, True), (3, False), (4, False)])
def test_it_is_billed_after_a_day_where_a_part_is_invoiced_on_a_later_one(day, after):
    moves = (move("invoiced", 1000, 3), move("delivered", 1000, 9), move("invoiced", 1000, 9, id="SO-2"))
    assert Credit(orders=(decided("reserved"),), moves=moves).billed_after("SO", on(day)) is after


# The walk through the parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moves", "drafted", "parts"),
    [
        # ordered, delivered, drafted, invoiced, cancelled, closed, undelivered
        ([], 0, (100, 0, 0, 0, 0, False, 100)),
        ([("delivered", 60, False)], 0, (40, 60, 0, 0, 0, False, 40)),
        ([("delivered", 60, False)], 80, (20, 0, 80, 0, 0, False, 40)),
        ([("delivered", 60, False)], 130, (0, 0, 100, 0, 0, False, 40)),
        ([("invoiced", 30, False)], 0, (70, 0, 0, 30, 0, False, 100)),
        ([("invoiced", 130, False)], 0, (0, 0, 0, 130, 0, False, 100)),
        ([("invoiced", 30, True)], 0, (0, 0, 0, 30, 70, True, 30)),
        ([("invoiced", 130, True)], 0, (0, 0, 0, 130, 0, True, 100)),
        ([("cancelled", 30, False)], 0, (70, 0, 0, 0, 30, False, 70)),
        ([("cancelled", 30, False), ("reopened", 20, False)], 0, (90, 0, 0, 0, 10, False, 90)),
        ([("cancelled", 30, False), ("reopened", 50, False)], 0, (100, 0, 0, 0, 0, False, 100)),
        ([("cancelled", 100, True), ("reopened", 40, False)], 0, (40, 0, 0, 0, 60, False, 40)),
        ([("invoiced", 30, True), ("delivered", 10, False)], 0, (0, 0, 0, 30, 70, True, 20)),
        ([("delivered", 60, False), ("invoiced", 60, False), ("restored", 20, False)], 0, (60, 0, 0, 40, 0, False, 60)),
        (
            [("delivered", 20, False), ("invoiced", 60, False), ("restored", 60, False)],
            0,
            (100, 0, 0, 0, 0, False, 100),
        ),
        ([("invoiced", 30, True), ("restored", 30, False)], 0, (30, 0, 0, 0, 70, False, 30)),
    ],
)
def test_an_order_walks_through_its_parts(moves, drafted, parts):
    assert tuple(OrderParts.of(100, moves, drafted)) == parts
    assert OrderParts.of(100, moves, drafted).left == sum(parts[:3])
