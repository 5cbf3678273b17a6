"""On which days nothing of an item could be dunned: holds on an item, a document or all, and what was kept back in full."""

import datetime as dt

import attrs
from tests.codec.samples import SAMPLES

from receivables import Account, Customer, Hold, Installment, Invoice, Money, Schedule, fold
from receivables.facts.charge import ChargeRaised
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.invoice import InvoiceIssued
from receivables.state.withheld import Arrangement, Pause, Position, Withheld, pauses_until, withheld_on

DAY = dt.date(2026, 3, 2)


def on(day: int) -> dt.date:
    return DAY + dt.timedelta(days=day)


def at(day: int, known: int | None = None) -> dict[str, object]:
    """Effective so many days after `DAY`, recorded then or on another day."""
    start = dt.datetime.combine(DAY, dt.time(8), dt.UTC)
    return {"effective_on": on(day), "recorded_at": start + dt.timedelta(days=day if known is None else known)}


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


# Arrangements --------------------------------------------------------------------------------------------------------


def position(due: int, *open_: tuple[int, int]) -> Position:
    return Position(on(due).toordinal(), tuple((on(day), amount) for day, amount in open_))


def covers(
    kind: str, items: str, *changes: tuple[int, int | None], end: int | None = None, id: str = "X"
) -> Arrangement:
    parts = tuple((on(day), amount) for day, amount in changes)
    return Arrangement(kind, id, tuple(items.split()), parts, None if end is None else on(end))


def kept(day: int, *arrangements: Arrangement, **positions: Position) -> list[tuple[str, str, int]]:
    return [(each.kind, each.item, each.amount) for each in withheld_on(on(day), arrangements, positions)]


OPEN = position(20, (0, 100))


def test_an_arrangement_covers_from_its_first_day_up_to_its_end():
    dispute = covers("dispute", "A", (2, 60), (4, 30), end=6)
    assert [dispute.covers(on(day)) for day in (1, 2, 3, 4, 5, 6)] == [0, 60, 60, 30, 30, 0]
    assert covers("dispute", "A", (2, None)).covers(on(2)) is None


def test_what_is_open_of_an_item_is_nothing_before_it_arose():
    item = position(20, (2, 100), (5, 40))
    assert [item.on(on(day)) for day in (1, 2, 4, 5)] == [0, 100, 100, 40]


def test_no_more_is_kept_back_than_is_covered_or_open():
    assert kept(3, covers("dispute", "A", (2, 60)), A=OPEN) == [("dispute", "A", 60)]
    assert kept(3, covers("dispute", "A", (2, 160)), A=OPEN) == [("dispute", "A", 100)]
    assert kept(3, covers("dispute", "A", (2, None)), A=OPEN) == [("dispute", "A", 100)]
    assert kept(3, covers("dispute", "A", (2, 60), end=3), A=OPEN) == []
    assert kept(3, covers("dispute", "A B", (2, 60)), B=OPEN) == [("dispute", "B", 60)]  # the other is not known


def test_the_items_are_taken_by_their_due_dates_and_of_one_day_by_id():
    items = {"A": position(22, (0, 100)), "C": position(21, (0, 100)), "B": position(21, (0, 100))}
    assert kept(3, covers("promise", "A C B", (2, 250)), **items) == [
        ("promise", "B", 100),
        ("promise", "C", 100),
        ("promise", "A", 50),
    ]


def test_an_arrangement_that_is_used_up_leaves_its_other_items_to_the_next():
    found = kept(
        3, covers("promise", "A B", (2, 100)), covers("dispute", "A", (2, 30)), A=OPEN, B=position(21, (0, 50))
    )
    assert found == [("dispute", "A", 30), ("promise", "A", 70), ("promise", "B", 30)]
    used_up = kept(3, covers("dispute", "A B", (2, 40)), covers("promise", "B", (2, 10)), A=OPEN, B=OPEN)
    assert used_up == [("dispute", "A", 40), ("promise", "B", 10)]


def test_money_on_its_way_comes_first_and_a_hold_on_a_part_last():
    kinds = ("hold", "promise", "plan", "dispute", "payment")
    found = kept(3, *(covers(kind, "A", (2, 30)) for kind in kinds), A=OPEN)
    assert found == [("payment", "A", 30), ("dispute", "A", 30), ("plan", "A", 30), ("promise", "A", 10)]


def test_of_two_of_a_kind_the_one_that_began_first_comes_first_and_of_one_day_by_id():
    three = [covers("dispute", "A", (day, 40), id=id) for day, id in ((2, "Z"), (1, "Y"), (2, "X"))]
    found = [each.id for each in withheld_on(on(3), three, {"A": OPEN})]
    assert found == ["Y", "X", "Z"]


def test_what_is_kept_back_says_since_when_and_until_which_day():
    (found,) = withheld_on(on(3), [covers("dispute", "A", (2, 60), end=9)], {"A": OPEN})
    assert found == Withheld("A", "dispute", "X", 60, on(2), on(8))
    (endless,) = withheld_on(on(3), [covers("dispute", "A", (2, 60))], {"A": OPEN})
    assert endless.until is None


def stops(day: int, *arrangements: Arrangement, **positions: Position) -> list[Pause]:
    return list(pauses_until(on(day), arrangements, positions))


def pause(item: str, start: int, end: int, cause: str) -> Pause:
    return Pause(item, on(start).toordinal(), on(end).toordinal(), cause)


def test_an_item_is_paused_while_all_of_it_is_kept_back():
    dispute = covers("dispute", "A", (2, 100), (5, 99), end=9)
    assert stops(2, dispute, A=OPEN) == []
    assert stops(3, dispute, A=OPEN) == [pause("A", 2, 3, "dispute")]
    assert stops(9, dispute, A=OPEN) == [pause("A", 2, 5, "dispute")]
    assert stops(9, dispute, A=position(20, (0, 100), (6, 90))) == [
        pause("A", 2, 5, "dispute"),
        pause("A", 6, 9, "dispute"),
    ]


def test_several_arrangements_pause_an_item_together_and_the_first_of_them_is_the_cause():
    two = [covers("promise", "A", (2, 50)), covers("dispute", "A", (4, 50))]
    assert stops(6, *two, A=OPEN) == [pause("A", 4, 6, "dispute")]


def test_arrangements_that_share_items_through_others_are_looked_at_together():
    chain = [covers("dispute", "A B", (2, 150)), covers("promise", "B C", (2, 150)), covers("plan", "C", (2, 1))]
    items = {"A": position(20, (0, 100)), "B": position(21, (0, 100)), "C": position(22, (0, 100))}
    assert stops(3, *chain, **items) == [
        pause("A", 2, 3, "dispute"),
        pause("B", 2, 3, "dispute"),
        pause("C", 2, 3, "plan"),
    ]
    assert stops(3, covers("dispute", "", (2, 1)), A=OPEN) == []


def test_an_account_with_nothing_agreed_has_no_pauses():
    view = Account.of(Customer(id="A"), invoices=[BILLED[0].invoice]).view(on(9))
    assert (view.pauses, view.withheld) == ((), ())
