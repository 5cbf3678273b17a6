"""Rates that change by date: a base rate, a statutory rate, a contract rate.

A rate holds from its first day to the day before the next one begins, or to its own last day. Between the first and
the last day of a table every day has exactly one rate: gaps and overlaps are errors, found when the table is made.
Rates are percent a year and may be negative, as the German base rate was from 2013 to 2022.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple, final

import attrs

from receivables.errors import InvalidValue, WrongType
from receivables.values import checks

RateRow = Sequence[object]
"""A row as read from a file: (valid from, percent) or (valid from, valid until, percent)."""

_DAY: Final = dt.timedelta(days=1)
_PERCENT = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,18})?")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@final
@attrs.frozen(kw_only=True)
class Rate:
    """A rate from one day on; ``valid_until`` is its last day, ``None`` until the next rate begins or for good.

    >>> Rate(valid_from=dt.date(2024, 1, 1), percent=Decimal("3.62")).percent
    Decimal('3.62')

    Units: percent a year. Errors: `WrongType`, `InvalidValue`.
    """

    valid_from: dt.date
    percent: Decimal
    valid_until: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.day("rate.valid_from", self.valid_from)
        checks.optional_day("rate.valid_until", self.valid_until)
        if not isinstance(self.percent, Decimal):
            raise WrongType("rate.percent", self.percent, "a Decimal")
        if not self.percent.is_finite():
            raise InvalidValue("rate.percent", self.percent, "must be a finite number")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise InvalidValue("rate.valid_until", self.valid_until, f"must not be before {self.valid_from}")


class RateSegment(NamedTuple):
    """A stretch of days with one rate: ``start`` belongs to it, ``end`` does not."""

    start: dt.date
    end: dt.date
    percent: Decimal


@final
@attrs.frozen(kw_only=True)
class RateTable:
    """The rates of one name in the order of their dates, without gaps or overlaps.

    >>> table = RateTable.from_rows(
    ...     [("2024-07-01", "3.37"), ("2024-01-01", "3.62")], name="German base rate", source="Deutsche Bundesbank")
    >>> table.at(dt.date(2024, 6, 30)), table.at(dt.date(2024, 7, 1))
    (Decimal('3.62'), Decimal('3.37'))

    ``source`` says who published the rates. Errors: `WrongType`, `InvalidValue`.
    """

    name: str
    source: str
    rates: tuple[Rate, ...]

    def __attrs_post_init__(self) -> None:
        checks.text("rates.name", self.name)
        checks.text("rates.source", self.source)
        checks.sequence("rates.rates", self.rates, Rate, "Rate")
        if not self.rates:
            raise InvalidValue("rates.rates", self.rates, "must hold a rate")
        for index, (rate, following) in enumerate(pairwise(self.rates), start=1):
            _check_neighbors(f"rates.rates[{index}]", rate, following)

    @staticmethod
    def from_rows(rows: Iterable[Rate | RateRow], *, name: str, source: str) -> RateTable:
        """Make a table from rows in any order, such as a CSV file has them.

        Dates are dates or ISO text, percentages `Decimal`, int or plain decimal text. A row may repeat the rate of
        the row before it.

        >>> RateTable.from_rows([("2024-01-01", "2024-06-30", "3.62"), ("2024-08-01", "3.37")], name="x", source="y")
        Traceback (most recent call last):
        receivables.errors.InvalidValue: rates.rates[1]: must begin on 2024-07-01 (a gap), got '2024-08-01'

        Errors: `WrongType` (a float), `InvalidValue` (a gap, an overlap, a text that is no date or percentage).
        """
        rates = [row if isinstance(row, Rate) else _rate(f"rows[{index}]", row) for index, row in enumerate(rows)]
        return RateTable(name=name, source=source, rates=tuple(sorted(rates, key=_valid_from)))

    @property
    def valid_from(self) -> dt.date:
        """The first day that has a rate."""
        return self.rates[0].valid_from

    @property
    def valid_until(self) -> dt.date | None:
        """The last day that has a rate; ``None`` if the last rate is open."""
        return self.rates[-1].valid_until

    def at(self, day: dt.date) -> Decimal:
        """Give the percentage that holds on a day.

        Errors: `InvalidValue` before the first day of the table and after its last; a rate is never guessed.
        """
        return self.rates[self._index(day)].percent

    def segments(self, start: dt.date, end: dt.date) -> tuple[RateSegment, ...]:
        """Cut a period where the rate changes; ``start`` belongs to the period, ``end`` does not.

        >>> table = RateTable.from_rows([("2024-01-01", "3.62"), ("2024-07-01", "3.37")], name="x", source="y")
        >>> [(str(s.start), str(s.end), s.percent) for s in table.segments(dt.date(2024, 6, 21), dt.date(2024, 7, 11))]
        [('2024-06-21', '2024-07-01', Decimal('3.62')), ('2024-07-01', '2024-07-11', Decimal('3.37'))]

        Interest from the day after the due date up to and with the value date of the payment is the period from due
        date + 1 to value date + 1. Neighbors with an equal rate are one segment. Errors: as `at`, for every day.
        """
        checks.day("start", start)
        checks.day("end", end)
        if end < start:
            raise InvalidValue("end", end, f"must not be before the start {start}")
        if start == end:
            return ()
        first, last = self._index(start), self._index(end - _DAY)
        starts = [start, *(rate.valid_from for rate in self.rates[first + 1 : last + 1])]
        percents = [rate.percent for rate in self.rates[first : last + 1]]
        return _merged(starts, end, percents)

    def _index(self, day: dt.date) -> int:
        checks.day("day", day)
        index = bisect_right(self.rates, day, key=_valid_from) - 1
        if index < 0:
            raise InvalidValue("day", str(day), f"must not be before {self.valid_from}, the first day of {self.name}")
        if index == len(self.rates) - 1 and self.valid_until is not None and day > self.valid_until:
            raise InvalidValue("day", str(day), f"must not be after {self.valid_until}, the last day of {self.name}")
        return index


def _valid_from(rate: Rate) -> dt.date:
    return rate.valid_from


def _check_neighbors(field: str, rate: Rate, following: Rate) -> None:
    begin = following.valid_from
    if begin <= rate.valid_from:
        raise InvalidValue(field, str(begin), f"must begin after {rate.valid_from} (an overlap, or out of order)")
    if rate.valid_until is None or begin == rate.valid_until + _DAY:
        return
    what = "a gap" if begin > rate.valid_until else "an overlap"
    raise InvalidValue(field, str(begin), f"must begin on {rate.valid_until + _DAY} ({what})")


def _merged(starts: list[dt.date], end: dt.date, percents: list[Decimal]) -> tuple[RateSegment, ...]:
    """Segments from their starts; one that does not change the rate is left to the segment before it."""
    kept = [index for index in range(len(starts)) if index == 0 or percents[index] != percents[index - 1]]
    ends = [starts[index] for index in kept[1:]] + [end]
    return tuple(RateSegment(starts[index], until, percents[index]) for index, until in zip(kept, ends, strict=True))


# Reading rows


def _rate(field: str, row: RateRow) -> Rate:
    if isinstance(row, str) or not isinstance(row, Sequence):
        raise WrongType(field, row, "a row of date and percent")
    if len(row) not in (2, 3):
        raise InvalidValue(field, row, "must be (valid from, percent) or (valid from, valid until, percent)")
    until = _day(f"{field}.valid_until", row[1]) if len(row) == 3 and row[1] is not None else None
    return Rate(
        valid_from=_day(f"{field}.valid_from", row[0]),
        valid_until=until,
        percent=_percent(f"{field}.percent", row[-1]),
    )


def _day(field: str, value: object) -> dt.date:
    if isinstance(value, str):
        return _iso_day(field, value)
    if type(value) is not dt.date:
        raise WrongType(field, value, "a date without a time, or ISO text")
    return value


def _iso_day(field: str, value: str) -> dt.date:
    """`date.fromisoformat` alone would take week dates and dates without hyphens as well."""
    try:
        return dt.date.fromisoformat(_matching(_ISO_DAY, value))
    except ValueError:
        raise InvalidValue(field, value, "must be a date such as 2024-01-31") from None


def _percent(field: str, value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if type(value) is int:
        return Decimal(value)
    if not isinstance(value, str):
        raise WrongType(field, value, "a Decimal, an int or decimal text")
    try:
        return Decimal(_matching(_PERCENT, value))
    except ValueError:
        raise InvalidValue(field, value, "must be plain digits with an optional sign and decimal point") from None


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text
