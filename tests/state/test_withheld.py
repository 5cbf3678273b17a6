"""What arrangements keep back of open items on a day, and on which days they kept all of one back."""

from tests.state.days import on

from receivables.state.withheld import Arrangement, Pause, Position, Withheld, pauses_until, withheld_on


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
