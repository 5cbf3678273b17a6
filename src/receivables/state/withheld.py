"""What is kept back of the open items: disputed, planned, promised and announced amounts, each with what keeps it.

Each arrangement covers some items with an amount that changes over time. On a date it keeps back so much of them, in the
order of their due dates and never more than is open. Of several on one item a payment that is on its way comes first, then a
dispute, a plan, a promise, a hold on a part. What is kept back in full is not dunned; of the rest, the rest is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, final

from attrs import frozen

KINDS = ("payment", "dispute", "plan", "promise", "hold")
"""The kinds of arrangements, in their order of precedence."""

PAUSING = frozenset(KINDS)
"""What can make the clock of a ladder stand still."""


@final
@frozen(weakref_slot=False)
class Withheld:
    """So much of an open item, in minor units, that an arrangement keeps back; ``until`` is its last day, where known."""

    item: str
    kind: str
    id: str
    amount: int
    since: dt.date
    until: dt.date | None


@final
@frozen(weakref_slot=False)
class Pause:
    """Days on which nothing of an item could be dunned, from ``start`` up to but not including ``end``, as ordinals.

    ``item`` is ``None`` where the whole account was held. ``cause`` is ``hold`` or the kind of the arrangement.
    """

    item: str | None
    start: int
    end: int
    cause: str = "hold"


class Arrangement(NamedTuple):
    """What the subjects give: which items, and how much is covered from which day on; over from ``end`` on.

    An amount of ``None`` is all that is open.
    """

    kind: str
    id: str
    items: tuple[str, ...]
    changes: tuple[tuple[dt.date, int | None], ...]
    end: dt.date | None

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.changes[0][0]

    def covers(self, day: dt.date) -> int | None:
        """How much is covered on a day: ``None`` is all, zero before the start and from the end on."""
        if day < self.start or (self.end is not None and day >= self.end):
            return 0
        return next(amount for on, amount in reversed(self.changes) if on <= day)


class Position(NamedTuple):
    """What the arrangements need to know of an item: its due date as an ordinal, and what is open from which day on."""

    due: int
    open: tuple[tuple[dt.date, int], ...]

    def on(self, day: dt.date) -> int:
        """What was open on a day."""
        return next((rest for on, rest in reversed(self.open) if on <= day), 0)


def withheld_on(
    day: dt.date, arrangements: Sequence[Arrangement], positions: Mapping[str, Position]
) -> Iterator[Withheld]:
    """What is kept back on a day, by precedence, and within a kind by start and id."""
    room: dict[str, int] = {}
    for each in in_precedence(arrangements):
        left = each.covers(day)
        if left == 0:
            continue
        until = each.end - dt.timedelta(days=1) if each.end is not None else None
        for item in _by_due(each.items, positions):
            if left == 0:
                break
            free = room[item] if item in room else positions[item].on(day)
            taken = free if left is None else min(left, free)
            if taken > 0:
                room[item] = free - taken
                left = None if left is None else left - taken
                yield Withheld(item, each.kind, each.id, taken, each.start, until)


def in_precedence(arrangements: Iterable[Arrangement]) -> list[Arrangement]:
    """Arrangements in the order in which they keep back."""
    return sorted(arrangements, key=lambda each: (KINDS.index(each.kind), each.start, each.id))


def pauses_until(
    as_of: dt.date, arrangements: Sequence[Arrangement], positions: Mapping[str, Position]
) -> Iterator[Pause]:
    """The days up to a date on which all that was open of an item was kept back."""
    for mine in _connected(arrangements):
        concerned = {item: positions[item] for each in mine for item in each.items if item in positions}
        days = sorted({day for day in _turning_days(mine, concerned) if day < as_of})
        for day, following in zip(days, [*days[1:], as_of], strict=False):
            for item, cause in _kept_back(day, mine, concerned):
                yield Pause(item, day.toordinal(), following.toordinal(), cause)


def _connected(arrangements: Iterable[Arrangement]) -> Iterable[list[Arrangement]]:
    """Arrangements that share items, directly or through others: what one keeps back depends on these alone."""
    found = [each for each in arrangements if each.items]
    stands_for = connected(each.items for each in found)
    groups: dict[str, list[Arrangement]] = {}
    for each in found:
        groups.setdefault(stands_for[each.items[0]], []).append(each)
    return groups.values()


def connected(groups: Iterable[Sequence[str]]) -> Mapping[str, str]:
    """Item -> the one that stands for all items that share a group with it, directly or through others.

    >>> connected([("A", "B"), ("C", "D"), ("B", "C"), ("E",)])
    {'A': 'A', 'B': 'A', 'C': 'A', 'D': 'A', 'E': 'E'}
    """
    above: dict[str, str] = {}
    for items in groups:
        for item in items:
            above[_top(above, item)] = _top(above, items[0])
    return {item: _top(above, item) for item in tuple(above)}


def _top(above: dict[str, str], item: str) -> str:
    """Where the way up from an item ends; it is made shorter for the next who asks."""
    while (next_ := above.setdefault(item, item)) != item:
        above[item] = above[next_]
        item = next_
    return item


def _turning_days(arrangements: Iterable[Arrangement], positions: Mapping[str, Position]) -> Iterator[dt.date]:
    """The days on which what is open, or what is kept back of it, can change."""
    for each in arrangements:
        yield from (on for on, _ in each.changes)
        if each.end is not None:
            yield each.end
    for position in positions.values():
        yield from (on for on, _ in position.open)


def _kept_back(
    day: dt.date, arrangements: Sequence[Arrangement], positions: Mapping[str, Position]
) -> Iterator[tuple[str, str]]:
    """The items of which all that was open on a day was kept back, with the kind that comes first."""
    found: dict[str, list[Withheld]] = {}
    for each in withheld_on(day, arrangements, positions):
        found.setdefault(each.item, []).append(each)
    for item, parts in found.items():
        if sum(part.amount for part in parts) >= positions[item].on(day):
            yield item, parts[0].kind


def _by_due(items: Iterable[str], positions: Mapping[str, Position]) -> list[str]:
    return sorted((item for item in items if item in positions), key=lambda item: (positions[item].due, item))
