"""A placement on a date: which items are still placed, since when they are not, and what was collected on them meanwhile."""

from decimal import Decimal

import attrs
import pytest
from tests.state.days import instant, on, stamp

from receivables import Currency, Money
from receivables.documents.placement import CommissionTerms, Placement
from receivables.state.cash import AllocationEntry, Cash, CreditEntry, Undoing
from receivables.state.placement import (
    ClosingEntry,
    CollectionEntry,
    PlacementEntry,
    PlacementLog,
    PlacementState,
    RecallEntry,
)

EUR = Currency.of("EUR")
TERMS = CommissionTerms(percent=Decimal(20), direct_percent=Decimal(5))


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def placed(*items: str, id: str = "PL", day: int = 2) -> PlacementEntry:
    document = Placement(id=id, account="A", agency="inkasso", items=items, placed_on=on(day), terms=TERMS)
    return PlacementEntry(document, eur(50000), *stamp(day))


def paid(id: str, item: str, amount: int, day: int, source: str = "P") -> AllocationEntry:
    return AllocationEntry(id, source, item, amount, *stamp(day))


CREDITS = tuple(CreditEntry(id, kind, EUR, 90000, *stamp(0)) for id, kind in (("P", "payment"), ("CN", "credit_note")))


def state(log: PlacementLog, day: int = 20, *allocations: AllocationEntry, undone: tuple = ()) -> PlacementState:
    cash = Cash(credits=CREDITS, allocations=allocations, undoings=undone)
    (found,) = log.states(cash, on(day), None)
    return found


BOTH = placed("I", "J")


def test_a_placement_as_it_was_made_has_all_its_items_and_no_end():
    found = state(PlacementLog(placements=(BOTH,)))
    assert found == PlacementState(BOTH.placement, "placed", ("I", "J"), eur(50000), eur(0), eur(0), None, None)
    assert PlacementLog(placements=(BOTH,)).states(Cash(), on(1), None) == ()


def test_it_is_placed_while_one_of_its_items_is_and_recalled_since_the_last_one_was():
    one, other = RecallEntry("PL", ("J",), *stamp(5)), RecallEntry("PL", ("I",), *stamp(9))
    log = PlacementLog(placements=(BOTH,), recalls=(one, other, RecallEntry("PL-2", ("I",), *stamp(3))))
    found = [state(log, day) for day in (4, 5, 8, 9)]
    assert [(each.status, each.items, each.ended_on) for each in found] == [
        ("placed", ("I", "J"), None),
        ("placed", ("I",), None),
        ("placed", ("I",), None),
        ("recalled", (), on(9)),
    ]
    assert found[-1].outcome is None


def test_it_is_closed_from_the_day_on_which_those_who_had_it_say_so():
    closing = ClosingEntry("PL", "uncollectable", *stamp(9))
    log = PlacementLog(placements=(BOTH,), closings=(ClosingEntry("PL-2", "paid", *stamp(4)), closing))
    before, after = state(log, 8), state(log, 9)
    assert (before.status, before.items, before.ended_on, before.outcome) == ("placed", ("I", "J"), None, None)
    assert (after.status, after.items, after.ended_on, after.outcome) == ("closed", (), on(9), "uncollectable")


def test_an_item_that_was_recalled_before_it_was_closed_keeps_its_own_end():
    recall, closing = RecallEntry("PL", ("J",), *stamp(5)), ClosingEntry("PL", "paid", *stamp(9))
    log = PlacementLog(placements=(BOTH,), recalls=(recall,), closings=(closing,))
    found = state(
        log, 20, paid("a", "I", 100, 8), paid("b", "J", 200, 4), paid("c", "J", 400, 5), paid("d", "I", 800, 9)
    )
    assert (found.direct, found.ended_on) == (eur(300), on(9))


def test_what_the_customer_pays_directly_counts_from_the_day_of_the_placement_up_to_its_end():
    log = PlacementLog(placements=(BOTH,), closings=(ClosingEntry("PL", "paid", *stamp(9)),))
    for day, counted in ((1, 0), (2, 700), (8, 700), (9, 0)):
        assert state(log, 20, paid("a", "I", 700, day)).direct == eur(counted), day


def test_what_the_agency_hands_on_counts_whenever_it_comes():
    log = PlacementLog(
        placements=(BOTH,),
        closings=(ClosingEntry("PL", "paid", *stamp(9)),),
        collections=(CollectionEntry("PL", "P", *stamp(12)),),
    )
    found = state(log, 20, paid("a", "I", 700, 1), paid("b", "J", 50, 15), paid("c", "K", 9, 5))
    assert (found.through_agency, found.direct, found.collected) == (eur(750), eur(0), eur(750))
    assert found.commission == eur(150)
    assert state(log, 11, paid("a", "I", 700, 5)).direct == eur(700)  # nobody said yet whence it came


def test_what_came_through_another_agency_or_is_no_payment_is_not_collected():
    two = PlacementLog(placements=(BOTH,), collections=(CollectionEntry("PL-2", "P", *stamp(3)),))
    assert state(two, 20, paid("a", "I", 700, 5)).collected == eur(0)
    alone = PlacementLog(placements=(BOTH,))
    assert state(alone, 20, paid("a", "I", 700, 5, source="CN")).collected == eur(0)


def test_money_that_was_taken_back_was_not_collected():
    log = PlacementLog(placements=(BOTH,), collections=(CollectionEntry("PL", "P", *stamp(3)),))
    made, back = paid("a", "I", 700, 5), (Undoing("a", *stamp(7)),)
    assert [state(log, day, made, undone=back).collected for day in (4, 5, 6, 7)] == [
        eur(0),
        eur(700),
        eur(700),
        eur(0),
    ]
    assert state(PlacementLog(placements=(BOTH,)), 7, made, undone=back).collected == eur(0)


def test_the_commission_of_what_came_directly_has_its_own_rate():
    found = state(PlacementLog(placements=(BOTH,)), 20, paid("a", "I", 10000, 5))
    assert (found.collected, found.commission) == (eur(10000), eur(500))


@pytest.mark.parametrize(
    ("late", "before", "after"),
    [
        ({"allocations": (paid("a", "I", 700, 5),)}, ("placed", 0, 0), ("placed", 0, 700)),
        ({"undoings": (Undoing("z", *stamp(6)),)}, ("placed", 0, 300), ("placed", 0, 0)),
        ({"collections": (CollectionEntry("PL", "P", *stamp(6)),)}, ("placed", 0, 300), ("placed", 300, 0)),
        ({"collections": (CollectionEntry("PL-2", "P", *stamp(6)),)}, ("placed", 0, 300), ("placed", 0, 0)),
        ({"recalls": (RecallEntry("PL", ("I", "J"), *stamp(4)),)}, ("placed", 0, 300), ("recalled", 0, 0)),
        ({"closings": (ClosingEntry("PL", "paid", *stamp(4)),)}, ("placed", 0, 300), ("closed", 0, 0)),
    ],
)
def test_what_comes_to_light_later_is_not_known_before(late, before, after):
    """All of it happened by day 6 and is known on day 9; what was paid on day 5 was known at once, unless it is that."""
    known = {
        name: tuple(attrs.evolve(entry, recorded_at=instant(9)) for entry in entries) for name, entries in late.items()
    }
    money = {name: known.pop(name) for name in ("allocations", "undoings") if name in known}
    log = PlacementLog(placements=(BOTH,), **known)
    held = Cash(**{"credits": CREDITS, "allocations": (paid("z", "I", 300, 5),), **money})
    found = [log.states(held, on(20), instant(day))[0] for day in (8, 9)]
    assert [(each.status, each.through_agency.minor, each.direct.minor) for each in found] == [before, after]


def test_a_placement_that_nobody_knew_of_was_not_there():
    late = attrs.evolve(BOTH, recorded_at=instant(9))
    assert [len(PlacementLog(placements=(late,)).states(Cash(), on(20), instant(day))) for day in (8, 9)] == [0, 1]


def test_what_is_paid_on_other_items_between_does_not_end_the_count():
    made = (paid("a", "I", 700, 5), paid("b", "K", 9, 5), paid("c", "J", 50, 5))
    assert state(PlacementLog(placements=(BOTH,)), 20, *made).direct == eur(750)
    assert state(PlacementLog(placements=(BOTH,)), 20, *made[1:]).direct == eur(50)
