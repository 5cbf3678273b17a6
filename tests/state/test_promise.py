"""A promise on a date, judged by what settled its items until then: both sides of each day, each amount and each order."""

from decimal import Decimal

import pytest
from tests.state.days import DAY, on, stamp

from receivables import Money
from receivables.documents.promise import Promise
from receivables.state.promise import PromiseEntry, Promises, PromiseState, Settled, Withdrawal

LAST = 9
"""The last day of a promise, days after `DAY`, tolerance included."""


def promised(
    amount: int = 100, items: str = "I", id: str = "P", day: int = 0, last: int = LAST, **more
) -> PromiseEntry:
    document = Promise(id=id, account="A", amount=Money(amount, EUR), made_on=on(day), pay_by=on(last), **more)
    return PromiseEntry(document, tuple(items.split()), on(last), *stamp(day))


EUR = Money.of(1, "EUR").currency
OWED = {"I": 300, "J": 50}


def pays(day: int, amount: int, item: str = "I") -> Settled:
    return Settled(on(day), item, amount, True, 0)


def credits(day: int, amount: int, item: str = "I") -> Settled:
    return Settled(on(day), item, amount, False, 0)


def states(day: int, *entries: PromiseEntry, settled=(), withdrawn=(), owed=OWED) -> tuple[PromiseState, ...]:
    slice_ = Promises(made=entries, withdrawals=tuple(Withdrawal(id, *stamp(when)) for id, when in withdrawn))
    placed = [each._replace(ordinal=place) for place, each in enumerate(settled)]
    return slice_.states(on(day), None, owed, [each for each in placed if each.on <= on(day)])


def state(day: int, *settled: Settled, entry: PromiseEntry | None = None, **more) -> PromiseState:
    (found,) = states(day, entry or promised(), settled=settled, **more)
    return found


def stands(found: PromiseState) -> tuple:
    decided = None if found.decided_on is None else (found.decided_on - DAY).days
    return found.status, found.paid, found.left, decided


def moves(found: PromiseState) -> list[tuple[int, int]]:
    return [((day - DAY).days, left) for day, left in found.changes]


def test_a_promise_is_open_up_to_its_last_day_and_then_broken():
    entry = promised()
    assert state(LAST) == PromiseState(entry.promise, ("I",), on(LAST), "open", 0, 100, None, ((on(0), 100),))
    assert stands(state(LAST + 1)) == ("broken", 0, 0, LAST)
    assert states(-1, entry) == ()


def test_what_comes_on_the_last_day_is_in_time_and_on_the_next_it_is_not():
    assert stands(state(20, pays(LAST, 100))) == ("kept", 100, 0, LAST)
    assert stands(state(20, pays(LAST + 1, 100))) == ("broken", 0, 0, LAST)


def test_a_part_of_it_is_partly_kept_and_as_long_as_it_is_open_the_rest_is_left():
    assert stands(state(5, pays(3, 60))) == ("open", 60, 40, None)
    assert stands(state(20, pays(3, 60))) == ("partly_kept", 60, 0, LAST)
    assert moves(state(20, pays(3, 60))) == [(0, 100), (3, 40)]


def test_it_is_kept_on_the_day_on_which_enough_is_there_and_no_more_counts_than_was_promised():
    found = state(20, pays(3, 60), pays(5, 70), pays(7, 40))
    assert stands(found) == ("kept", 100, 0, 5)
    assert moves(found) == [(0, 100), (3, 40), (5, 0), (7, 0)]


def test_what_came_before_it_was_made_is_not_counted_and_what_comes_on_its_day_is():
    assert stands(state(20, pays(-1, 100))) == ("broken", 0, 0, LAST)
    assert stands(state(20, pays(0, 100))) == ("kept", 100, 0, 0)


def test_no_more_is_left_than_is_owed():
    assert moves(state(5, pays(-1, 250))) == [(0, 50)]
    assert stands(state(20, pays(-1, 250), pays(4, 50))) == ("kept", 50, 0, 4)
    assert moves(state(5, credits(2, 250))) == [(0, 100), (2, 50)]
    assert state(5, entry=promised(400)).left == 300


def test_a_credit_note_that_takes_all_away_lets_it_lapse_and_one_after_a_payment_keeps_it():
    assert stands(state(20, credits(4, 300))) == ("lapsed", 0, 0, 4)
    assert stands(state(20, pays(2, 60), credits(4, 300))) == ("kept", 60, 0, 4)
    assert stands(state(20, credits(4, 299))) == ("broken", 0, 0, LAST)


def test_of_one_day_the_credit_note_comes_before_the_payment():
    found = state(20, pays(4, 40), credits(4, 270))
    assert stands(found) == ("kept", 40, 0, 4)
    assert moves(found) == [(0, 100), (4, 30), (4, 0)]


def test_less_is_needed_by_the_tolerance_rounded_up():
    entry = promised(tolerance_percent=Decimal("2.5"))
    assert [stands(state(20, pays(3, amount), entry=entry))[0] for amount in (97, 98)] == ["partly_kept", "kept"]
    assert stands(state(20, pays(3, 99)))[0] == "partly_kept"


def test_it_is_withdrawn_from_its_day_on_unless_it_was_kept_before():
    back = {"withdrawn": (("P", 5), ("P", 7), ("Q", 1))}
    assert [stands(state(day, **back)) for day in (4, 5, 20)] == [
        ("open", 0, 100, None),
        ("withdrawn", 0, 0, 5),
        ("withdrawn", 0, 0, 5),
    ]
    assert stands(state(20, pays(5, 100), **back)) == ("kept", 100, 0, 5)
    assert stands(state(20, pays(6, 100), **back)) == ("withdrawn", 0, 0, 5)


def test_the_earliest_withdrawal_counts_in_whatever_order_they_are_known():
    assert stands(state(20, withdrawn=(("P", 7), ("P", 5))))[3] == 5


def test_a_promise_on_several_items_is_kept_by_money_on_any():
    entry = promised(120, "I J")
    assert stands(state(20, pays(3, 70), pays(4, 50, "J"), entry=entry)) == ("kept", 120, 0, 4)
    assert stands(state(20, pays(3, 70), pays(4, 50, "K"), entry=entry)) == ("partly_kept", 70, 0, LAST)
    assert state(5, entry=promised(400, "I J")).left == 350
    assert state(5, entry=promised(400, "I X")).left == 300  # nobody knows the other yet


def test_money_counts_once_for_the_promise_that_ends_first():
    late, early = promised(id="A", last=12), promised(id="Z", last=9)
    found = states(20, late, early, settled=[pays(3, 130)])
    assert [(each.promise.id, each.status, each.paid) for each in found] == [
        ("A", "partly_kept", 30),
        ("Z", "kept", 100),
    ]


@pytest.mark.parametrize(("days", "first"), [((1, 0), "Z"), ((0, 0), "A")])
def test_of_two_that_end_together_the_one_that_was_made_first_takes_it_and_of_one_day_by_id(days, first):
    one, other = promised(id="A", day=days[0]), promised(id="Z", day=days[1])
    found = states(20, one, other, settled=[pays(3, 100)])
    assert [each.promise.id for each in found if each.status == "kept"] == [first]


def test_two_payments_are_told_apart_by_their_place():
    found = states(20, promised(id="A"), promised(id="B"), settled=[pays(3, 100), pays(3, 100)])
    assert [each.status for each in found] == ["kept", "kept"]
