"""How customers pay, learned: counts of payments by days late, and from them when an open item will be paid.

The model is an empirical one, with nothing fitted. Days late fall into bins: single days from 60 early to 60 late, weeks up to
123 and stretches of 30 days up to 363; what is open for longer counts as never paid. For each bin the *hazard* is the share
of the items still open at its start that were paid in it, so what is still open today counts for the days that it has been
open and not as paid late or early (a product-limit estimate).

Each level of the history leans on the one above: ``hazard = (paid + strength * hazard above) / (open + strength)``. The levels
are all customers, the segment, the customer, what is due in one of six parts of the month, and what of that is due on one
weekday: payment runs have a day of the month or of the week. Above all customers stands one hundredth a day, with the weight of
one item.

An item that is 20 days late can be paid on day 21 or later, and not on day 5: only the hazards ahead of it count.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, final

from attrs import evolve, field, frozen

from receivables.errors import InvalidValue
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_history import PaymentRecord
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import known_until
from receivables.values import checks

EARLIEST: Final = -60
"""What was paid earlier counts as paid so many days before the due date."""

_WEEKLY: Final = 61
STARTS: Final = (*range(EARLIEST, _WEEKLY), *range(_WEEKLY, 124, 7), *range(124, 364, 30))
"""The first day late of each bin."""

END: Final = 364
"""From this day late on an item counts as never paid."""

SCALE: Final = 10**15
"""Shares and probabilities are whole numbers of this part of one."""

UNIT: Final = 5_040
"""The weight of one whole item; shares of items are rounded to this part of one."""

LEVELS: Final = ("all", "segment", "customer", "month_part", "weekday")
"""The levels of the history, from all customers down."""

_SHARED: Final = 2
"""So many levels, from all customers down, are about several of them."""

_WIDTHS: Final = tuple(following - start for start, following in pairwise((*STARTS, END)))
_BIN: Final = {
    day: at
    for at, (start, width) in enumerate(zip(STARTS, _WIDTHS, strict=True))
    for day in range(start, start + width)
}
_PLACE: Final[dict[int, tuple[int, int, int]]] = {
    day: (at, day - STARTS[at], _WIDTHS[at] * SCALE) for day, at in _BIN.items()
}
"""Day late -> its bin, how many days of it are over before, and its width."""

_PRIOR: Final = tuple(SCALE - SCALE * 99**width // 100**width for width in _WIDTHS)

Key = tuple[str | int, ...]
"""The level, and what it is about: nothing, a segment, a customer, a customer with a part of the month and a weekday."""

Counts = tuple[tuple[int, int], ...]
"""Bin -> weight, where there is some."""

Hazards = tuple[int, ...]
"""Of what is open at the start of each bin, the part that is paid in it."""


class Cell(NamedTuple):
    """What was seen of one key: what was paid in which bin, and up to which bin the rest was open; both as weights."""

    key: Key
    paid: Counts
    left: Counts

    @property
    def weight(self) -> int:
        """All that was seen, in parts of `UNIT`."""
        return sum(weight for _, weight in self.paid) + sum(weight for _, weight in self.left)


@final
@frozen(kw_only=True)
class Basis:
    """What one level of the history had to say: how many items it saw, and how much it counts beside the level above."""

    level: str
    about: str
    items: Fraction
    counts_percent: int

    def row(self) -> dict[str, object]:
        """The level as a plain dict."""
        counts = {"items": f"{float(self.items):.10g}", "counts percent": self.counts_percent}
        return {"level": self.level, "about": self.about, **counts}


@final
@frozen(kw_only=True)
class Behavior:
    """What was learned of how customers pay, as of a date and as known at an instant; a value that pickles and adds up.

    >>> records = [PaymentRecord(customer="ACME", due_on=dt.date(2026, 1, n), paid_on=dt.date(2026, 1, n + 3))
    ...            for n in (5, 12, 19)]
    >>> behavior = learn(records, as_of=dt.date(2026, 1, 31))
    >>> behavior.items, behavior == learn(records[:1], as_of=dt.date(2026, 1, 31)) + learn(records[1:], as_of=dt.date(2026, 1, 31))
    (Fraction(3, 1), True)
    """

    as_of: dt.date
    known_at: dt.datetime | None
    since: dt.date | None = None
    cells: tuple[Cell, ...] = field(default=(), repr=False)

    @cached_property
    def by_key(self) -> Mapping[Key, Cell]:
        """The cells by what they are about."""
        return {cell.key: cell for cell in self.cells}

    @property
    def items(self) -> Fraction:
        """How many items were seen, shares counted as shares."""
        whole = self.by_key.get(("all",))
        return Fraction(whole.weight, UNIT) if whole is not None else Fraction(0)

    def __add__(self, other: Behavior) -> Behavior:
        """What two parts of the customers say together: a host with many can learn part by part."""
        if (self.as_of, self.known_at, self.since) != (other.as_of, other.known_at, other.since):
            raise InvalidValue("behavior", f"{other.as_of}, {other.known_at}", "must be of the same dates to be added")
        return evolve(self, cells=_merged((*self.cells, *other.cells)))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per segment and customer: items seen, paid late, median days late."""
        return [_row(cell) for cell in self.cells if cell.key[0] in LEVELS[:3]]

    @property
    def title(self) -> str:
        """What it is, in words."""
        known = f", known at {self.known_at.isoformat()}" if self.known_at is not None else ""
        return f"payment behavior as of {self.as_of}{known}: {float(self.items):.10g} items"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no payment was known')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def learn(
    records: Iterable[PaymentRecord],
    *,
    as_of: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    since: dt.date | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> Behavior:
    """Learn from what had happened by a date and was known at an instant; what came later changes nothing.

    A payment of a later day, or one that was not known yet, counts as open where the item was known to be there: it was
    issued, or its due date is over. ``since`` leaves out what was paid before a day and what was due before it.

    >>> paid = PaymentRecord(customer="ACME", due_on=dt.date(2026, 1, 5), paid_on=dt.date(2026, 2, 14))
    >>> learn([paid], as_of=dt.date(2026, 1, 31)) == learn([PaymentRecord(customer="ACME", due_on=dt.date(2026, 1, 5))],
    ...                                                     as_of=dt.date(2026, 1, 31))
    True

    Errors: `WrongType` for anything but records.
    """
    checks.day("learn.as_of", as_of)
    checks.optional_day("learn.since", since)
    until = known_until(known_at, zone)
    paid: dict[Key, dict[int, int]] = {}
    left: dict[Key, dict[int, int]] = {}
    for record in records:
        checks.instance("learn.records", record, PaymentRecord, "a payment record")
        found = _seen(record, as_of, until, since)
        if found is not None:
            at, was_paid = found
            weight = max(1, UNIT * record.share.numerator // record.share.denominator)
            for key in _keys(record.segment, record.customer, record.due_on):
                column = (paid if was_paid else left).setdefault(key, {})
                column[at] = column.get(at, 0) + weight
    cells = tuple(_cell(key, paid, left) for key in _in_order(paid.keys() | left.keys()))
    return Behavior(as_of=as_of, known_at=until, since=since, cells=cells)


class Spread(NamedTuple):
    """How much of what is open today is still open after each of the next days, and how much for ever; parts of `SCALE`.

    ``open_after[0]`` is today: all of it.
    """

    open_after: Sequence[int]
    never: int


class Curves:
    """The hazards of a behavior under the strengths of a policy, worked out where they are asked for.

    Those of all customers and of the segments are kept, and those of the customer that was asked for last: a forecast goes from
    one to the next, and the hazards of a million invoices take gigabytes. One is made for each forecast: it fills itself, so it is no value and is never shared.
    """

    def __init__(self, behavior: Behavior, policy: ForecastPolicy) -> None:
        self._behavior, self._strengths = behavior, (1, *policy.strengths)
        self._kept: dict[tuple[Key, ...], Hazards] = {}
        self._customer = ""
        self._of_customer: dict[tuple[Key, ...], Hazards] = {}

    def hazards(self, segment: str, customer: str, due_on: dt.date) -> Hazards | None:
        """The hazards of an item, or ``None`` where nothing was learned at all."""
        if not self._behavior.items:
            return None
        if customer != self._customer:
            self._customer, self._of_customer = customer, {}
        return self._of(tuple(_keys(segment, customer, due_on)))

    def _of(self, keys: tuple[Key, ...]) -> Hazards:
        """Of a chain of keys: those of the keys above, with what was seen of the last one."""
        if not keys:
            return _PRIOR
        kept = self._kept if len(keys) <= _SHARED else self._of_customer
        if keys not in kept:
            above, cell = self._of(keys[:-1]), self._behavior.by_key.get(keys[-1])
            strength = self._strengths[len(keys) - 1] * UNIT
            kept[keys] = above if cell is None else _leaning(cell, above, strength)
        return kept[keys]

    def basis(self, segment: str, customer: str, due_on: dt.date) -> tuple[Basis, ...]:
        """What each level that saw something had to say."""
        found = []
        for key, strength in zip(_keys(segment, customer, due_on), self._strengths, strict=True):
            cell = self._behavior.by_key.get(key)
            if cell is not None:
                percent = 100 * cell.weight // (cell.weight + strength * UNIT)
                about = _about(key)
                items = Fraction(cell.weight, UNIT)
                found.append(Basis(level=str(key[0]), about=about, items=items, counts_percent=percent))
        return tuple(found)


def spread(hazards: Hazards, days_late: int, days: int) -> Spread:
    """When an item is paid that is still open so many days after its due date (below zero: before it).

    Half of what is open is paid on each day: after two days a quarter is left.

    >>> half = (SCALE // 2,) * len(STARTS)
    >>> [4 * left // SCALE for left in spread(half, 20, 2).open_after]
    [4, 2, 1]
    """
    start, end = days_late + 1, days_late + 1 + days
    found = [SCALE] * (1 + max(0, min(end, EARLIEST) - start))
    left, first = SCALE, max(start, EARLIEST)
    for hazard in hazards[first - EARLIEST : max(0, min(end, _WEEKLY) - EARLIEST)]:
        left -= left * hazard // SCALE
        found.append(left)
    for day in range(max(first, _WEEKLY), end):
        left = left * _stays(hazards, day) // SCALE
        found.append(left)
    return Spread(found, left * _stays_for_ever(hazards, max(end, EARLIEST)) // SCALE)


def _stays_for_ever(hazards: Hazards, start: int) -> int:
    """How much of what is open before a day late is open after all bins."""
    if start >= END:
        return SCALE
    at = _BIN[start]
    left = _stays_in(hazards[at], start - STARTS[at], _WIDTHS[at], _WIDTHS[at])
    for hazard in hazards[at + 1 :]:
        left -= left * hazard // SCALE
    return left


def _stays(hazards: Hazards, day: int) -> int:
    """How much of what is open before a day late is open after it; within a bin the same amount goes on each day."""
    place = _PLACE.get(day)
    if place is None:
        return SCALE
    bin_, done, whole = place
    hazard = hazards[bin_]
    return SCALE * (whole - hazard * (done + 1)) // (whole - hazard * done)


def _stays_in(hazard: int, done: int, until: int, width: int) -> int:
    """The same within a bin, from one of its days up to another."""
    return SCALE * (width * SCALE - hazard * until) // (width * SCALE - hazard * done)


def _seen(
    record: PaymentRecord, as_of: dt.date, known_at: dt.datetime | None, since: dt.date | None
) -> tuple[int, bool] | None:
    """The bin of a record, and whether it was paid in it or open up to it; ``None`` for what was not known or is left out."""
    paid_on = record.paid_on
    late_news = known_at is not None and record.recorded_at is not None and record.recorded_at > known_at
    if paid_on is None or paid_on > as_of or late_news:
        known_from = record.issued_on or record.due_on
        if known_from > as_of or (since is not None and record.due_on < since):
            return None
        return _last_bin((as_of - record.due_on).days), False
    if since is not None and paid_on < since:
        return None
    days = (paid_on - record.due_on).days
    if not record.by_payment or days >= END:
        return _last_bin(days if record.by_payment else days - 1), False
    return _BIN[max(days, EARLIEST)], True


def _last_bin(days: int) -> int:
    """The last bin that is over by a day late, or -1; it was open through all of them."""
    if days < EARLIEST:
        return -1
    at = _BIN[min(days, END - 1)]
    return at if days >= STARTS[at] + _WIDTHS[at] - 1 else at - 1


def _keys(segment: str, customer: str, due_on: dt.date) -> Iterator[Key]:
    """What a record or an item is about, from all customers down."""
    yield ("all",)
    yield ("segment", segment)
    yield ("customer", customer)
    part = min((due_on.day - 1) // 5, 5)
    yield ("month_part", customer, part)
    yield ("weekday", customer, part, due_on.weekday())


_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _about(key: Key) -> str:
    """A key in words."""
    words = [str(each) for each in key[1:2]]
    if len(key) > 2:
        first = 5 * int(key[2]) + 1
        words.append(f"due from day {first} to {31 if first > 25 else first + 4}")
    if len(key) > 3:
        words.append(f"on {_WEEKDAYS[int(key[3])]}")
    return ", ".join(words)


def _in_order(keys: Iterable[Key]) -> list[Key]:
    return sorted(keys, key=lambda key: (LEVELS.index(str(key[0])), key[1:]))


def _cell(key: Key, paid: Mapping[Key, Mapping[int, int]], left: Mapping[Key, Mapping[int, int]]) -> Cell:
    return Cell(key, tuple(sorted(paid.get(key, {}).items())), tuple(sorted(left.get(key, {}).items())))


def _merged(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Cells of the same key as one."""
    paid: dict[Key, dict[int, int]] = {}
    left: dict[Key, dict[int, int]] = {}
    for cell in cells:
        for columns, counts in ((paid, cell.paid), (left, cell.left)):
            column = columns.setdefault(cell.key, {})
            for at, weight in counts:
                column[at] = column.get(at, 0) + weight
    return tuple(_cell(key, paid, left) for key in _in_order(paid))


def _leaning(cell: Cell, above: Hazards, strength: int) -> Hazards:
    """The hazards of a cell that lean on those of the level above."""
    found: list[int] = []
    there = strength + sum(weight for at, weight in cell.left if at >= 0) + sum(weight for _, weight in cell.paid)
    paid, left = dict(cell.paid), dict(cell.left)
    for at in sorted({at for at in (*paid, *left) if at >= 0}):
        found += [strength * hazard // there for hazard in above[len(found) : at]]
        gone = paid.get(at, 0)
        found.append((SCALE * gone + strength * above[at]) // there)
        there -= gone + left.get(at, 0)
    # Then nobody was open any more: what the level above says holds as it is.
    return (*found, *above[len(found) :])


def _row(cell: Cell) -> dict[str, object]:
    late = sum(weight for at, weight in cell.paid if STARTS[at] > 0)
    paid = sum(weight for _, weight in cell.paid)
    return {
        "level": cell.key[0],
        "about": _about(cell.key),
        "items": f"{cell.weight / UNIT:.10g}",
        "paid": f"{paid / UNIT:.10g}",
        "late percent": 100 * late // paid if paid else None,
        "median days late": _median(cell.paid),
    }


def _median(counts: Counts) -> int | None:
    """The first day of the bin by which half of what was paid had come."""
    reached = list(accumulate(weight for _, weight in counts))
    return STARTS[counts[bisect_left(reached, -(-reached[-1] // 2))][0]] if reached else None
