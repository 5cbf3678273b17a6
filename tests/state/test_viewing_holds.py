"""On which days nothing of an item could be dunned: holds on an item, a document or all."""

import datetime as dt

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, at, on

from receivables import Account, Customer, Hold, Installment, Invoice, Money, Schedule, fold
from receivables.facts.charge import ChargeRaised
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.invoice import InvoiceIssued


def invoice(number: str, parts: int, day: int = 0) -> InvoiceIssued:
    amount = Money.of(100, "EUR")
    schedule = Schedule(installments=tuple(Installment(amount=amount, due_on=on(20 + at)) for at in range(parts)))
    document = Invoice(number=number, account="A", issued_on=on(day), total=amount * parts, schedule=schedule)
    return InvoiceIssued(invoice=document, **at(day))


def charge(id: str, document: str, day: int, known: int | None = None) -> ChargeRaised:
    raised = attrs.evolve(SAMPLES["charge.raised/1"].charge, id=id, item=f"{document}/1", document=document)
    return ChargeRaised(charge=raised, **at(day, known))


def hold(placed: int, until: int | None = None, **more: object) -> HoldPlaced:
    last = None if until is None else on(until)
    return HoldPlaced(
        hold=Hold(id="H", account="A", placed_on=on(placed), until=last, reason="asked", **more), **at(placed)
    )


def pauses(account: Account, day: int, known: int | None = None) -> list[tuple[str | None, int, int, str]]:
    """Item, first day, the day from which it is over, cause; days after `DAY`."""
    view = account.view(on(day), None if known is None else on(known))
    first = DAY.toordinal()
    return [(each.item, each.start - first, each.end - first, each.cause) for each in view.pauses]


BILLED = [invoice("I", 2), invoice("J", 2)]

# Holds ---------------------------------------------------------------------------------------------------------------


def test_a_hold_on_a_document_pauses_the_items_of_that_document_and_no_others():
    account = fold([*BILLED, hold(2, document="J")])
    assert pauses(account, 7) == [("J/1", 2, 7, "hold"), ("J/2", 2, 7, "hold")]


def test_a_hold_on_an_item_pauses_that_item_and_one_on_the_account_all():
    assert pauses(fold([*BILLED, hold(2, item="J/2")]), 7) == [("J/2", 2, 7, "hold")]
    assert pauses(fold([*BILLED, hold(2)]), 7) == [(None, 2, 7, "hold")]


def test_the_last_day_of_a_hold_is_paused_and_the_day_from_which_it_is_lifted_is_not():
    account = fold([*BILLED, hold(2, until=5)])
    assert [pauses(account, day) for day in (1, 2, 5, 6, 9)] == [
        [],
        [(None, 2, 2, "hold")],
        [(None, 2, 5, "hold")],
        [(None, 2, 6, "hold")],
        [(None, 2, 6, "hold")],
    ]
    lifted = fold([HoldReleased(hold="H", **at(4))], account)
    assert pauses(lifted, 9) == [(None, 2, 4, "hold")]
    late = fold([HoldReleased(hold="H", **at(8))], account)
    assert pauses(late, 9) == [(None, 2, 6, "hold")]  # it was over before


def test_a_hold_without_an_end_lasts_for_ever_and_so_does_one_until_the_last_day_there_is():
    ever = Hold(id="H", account="A", placed_on=on(2), until=dt.date.max, reason="asked")
    for placed in (hold(2), HoldPlaced(hold=ever, **at(2))):
        account = fold([*BILLED, placed])
        assert pauses(account, 900) == [(None, 2, 900, "hold")]
        assert account.view(dt.date.max).holds == (placed.hold,)


def test_a_charge_on_a_held_document_is_paused_as_soon_as_it_is_there_and_known():
    account = fold([*BILLED, hold(2, document="I"), charge("FEE", "I", 6, known=8), charge("OTHER", "J", 6)])
    assert [item for item, *_ in pauses(account, 5)] == ["I/1", "I/2"]
    assert [item for item, *_ in pauses(account, 6)] == ["I/1", "I/2", "FEE"]
    assert [item for item, *_ in pauses(account, 9, known=7)] == ["I/1", "I/2"]


def test_a_hold_that_stops_something_else_pauses_nothing():
    assert pauses(fold([*BILLED, hold(2, stops=frozenset({"credit"}))]), 7) == []


def test_a_hold_on_a_part_pauses_only_where_the_part_is_all_that_is_open():
    for amount, found in ((99, []), (100, [("I/1", 2, 7, "hold")])):
        assert pauses(fold([*BILLED, hold(2, item="I/1", amount=Money.of(amount, "EUR"))]), 7) == found


def test_paused_days_count_once_within_the_days_that_are_asked_for():
    view = fold([*BILLED, hold(2, until=5), hold(4, until=7, item="I/1")]).view(on(20))
    first = DAY.toordinal()
    assert [view.paused_days("I/1", first + start, first + end) for start, end in ((0, 20), (3, 20), (0, 4))] == [
        6,
        5,
        2,
    ]
    assert view.paused_days("J/1", first, first + 20) == 4
    assert view.paused_days("I/1", first, first + 20, frozenset({"dispute"})) == 0


def test_an_account_with_nothing_agreed_has_no_pauses():
    view = Account.of(Customer(id="A"), invoices=[BILLED[0].invoice]).view(on(9))
    assert (view.pauses, view.withheld) == ((), ())
