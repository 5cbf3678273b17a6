"""The percentage that a debt bears on a day: agreed, or a reference rate with a margin, within a floor and a cap.

Three rules. What the terms say is looked up on a *reference day*: the day itself, the first day of its half-year, or
the eve of that half-year, as the law says. A rate floats with the reference, or stays what it was when interest began.
A rate that is missing for a day is an error; a stale table never goes on in silence (give its last row an end).

Everything is counted in fractions, so that no decimal context can change a figure.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, Self, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.dates import add_days
from receivables.values.money import exact
from receivables.values.rates import RateTable

Percent = Decimal | RateTable
"""A percentage for good, or by date."""

_MOST_PLACES: Final = 200


# Percentages --------------------------------------------------------------------------------------------------------


def percent_on(field: str, percent: Percent, day: dt.date) -> Fraction:
    """A percentage on a day, exactly.

    >>> table = RateTable.from_rows([("2024-01-01", "2024-06-30", "3.62")], name="base rate", source="bank")
    >>> percent_on("rate.base", table, dt.date(2024, 7, 1))
    Traceback (most recent call last):
    receivables.errors.InvalidValue: rate.base: must have a rate on this day, base rate ends on 2024-06-30, got '2024-07-01'
    """
    if not isinstance(percent, RateTable):
        return exact(field, percent)
    if day < percent.valid_from:
        raise InvalidValue(field, str(day), _missing(f"{percent.name} begins on {percent.valid_from}"))
    if percent.valid_until is not None and day > percent.valid_until:
        raise InvalidValue(field, str(day), _missing(f"{percent.name} ends on {percent.valid_until}"))
    return exact(field, percent.at(day))


def as_decimal(value: Fraction) -> Decimal:
    """A finite decimal fraction as a `Decimal`, exactly, whatever the decimal context.

    >>> as_decimal(Fraction(5, 8)), as_decimal(Fraction(-12))
    (Decimal('0.625'), Decimal('-12'))

    Errors: `InvalidValue` for a fraction such as a third, which has no end.
    """
    places, power = 0, 1
    while power % value.denominator:
        places, power = places + 1, power * 10
        if places > _MOST_PLACES:
            raise InvalidValue("percent", value, "must be a decimal with an end")
    digits = str(abs(value.numerator) * (power // value.denominator))
    return Decimal((int(value < 0), tuple(map(int, digits)), -places))


def percent_text(value: Fraction) -> str:
    """A percentage as plain text.

    >>> percent_text(Fraction(1197, 1000)), percent_text(Fraction(8))
    ('1.197', '8')
    """
    return f"{as_decimal(value):f}"


def half_year_start(day: dt.date) -> dt.date:
    """1 January or 1 July on or before the day."""
    return day.replace(month=1 if day.month < 7 else 7, day=1)


def _check_percent(field: str, percent: object) -> None:
    checks.instance(field, percent, (Decimal, RateTable), "a Decimal or a RateTable")
    if isinstance(percent, Decimal):
        exact(field, percent)


# What terms say -----------------------------------------------------------------------------------------------------


@final
class Wording(Enum):
    """What a margin means: "5 percentage points over" adds, "5 percent over", read to the letter, multiplies."""

    POINTS = "percentage points over"
    PERCENT = "percent over"


@final
class Reset(Enum):
    """On which day the reference rate is looked up for a day of interest."""

    DAILY = "the day itself"
    """Contracts; BGB section 247, whose base rate changes on 1 January and 1 July by itself."""
    HALF_YEAR_START = "the first day of the half-year"
    """1 January or 1 July. Directive 2011/7/EU article 2(7)."""
    HALF_YEAR_EVE = "the day before the half-year"
    """31 December or 30 June. UK: SI 2002/1675; Netherlands: BW 6:120(2)."""


@final
class Fixing(Enum):
    """Whether the percentage moves while the debt is unpaid."""

    FLOATING = "floating"
    AT_DEFAULT = "fixed at default"
    """The percentage of the first day of interest stays. UK: SI 2002/1675; US: 31 USC 3902(a)."""


@final
@frozen(kw_only=True)
class RateBound:
    """A floor or a cap: a percentage, or a multiple of one that changes by date.

    French law lets no contract rate go below three times the legal rate (Code de commerce L441-10):

    >>> legal = RateTable.from_rows([("2024-07-01", "4.92")], name="French legal rate", source="Banque de France")
    >>> percent_text(RateBound(percent=legal, times=3).on(dt.date(2024, 8, 1)))
    '14.76'
    """

    percent: Percent
    times: int = 1
    source: str = ""

    def __attrs_post_init__(self) -> None:
        _check_percent("bound.percent", self.percent)
        checks.whole("bound.times", self.times, least=1)
        checks.text("bound.source", self.source, empty=True)

    def on(self, day: dt.date, field: str = "bound.percent") -> Fraction:
        """The percentage on a day. Errors: `InvalidValue` where the table has none."""
        return percent_on(field, self.percent, day) * self.times


class RateQuote(NamedTuple):
    """A percentage and how it arose.

    ``base_on`` dates the reference rate: the day that it was looked up on, or its own first day where every day is
    looked up; ``None`` where there is no reference.
    """

    percent: Fraction
    base: Fraction
    base_name: str | None
    base_on: dt.date | None
    margin: Fraction
    wording: Wording
    reset: Reset
    limited: str = ""

    def __str__(self) -> str:
        """Say in words how the percentage arose.

        >>> base = RateTable.from_rows([("2024-01-01", "3.62")], name="German base rate", source="Deutsche Bundesbank")
        >>> str(RateRule(base=base, margin=Decimal(9)).quote(dt.date(2024, 5, 1)))
        '12.62 %: German base rate 3.62 % from 2024-01-01 + 9 points'
        """
        dated = f"{'from' if self.reset is Reset.DAILY else 'on'} {self.base_on}"
        how = "agreed" if self.base_name is None else f"{self.base_name} {percent_text(self.base)} % {dated}"
        margin = _MARGINS[self.wording](percent_text(self.margin)) if self.margin else ""
        return f"{percent_text(self.percent)} %: {how}{margin}{self.limited}"


_MARGINS: Final[dict[Wording, Callable[[str], str]]] = {
    Wording.POINTS: lambda margin: f" + {margin} points",
    Wording.PERCENT: lambda margin: f" + {margin} % of it",
}


class RateRun(NamedTuple):
    """Days with one percentage; both days belong to it."""

    first_day: dt.date
    last_day: dt.date
    quote: RateQuote


ZERO: Final = RateBound(percent=Decimal(0))


@final
@frozen(kw_only=True)
class RateRule:
    """How the percentage of a day is found.

    >>> base = RateTable.from_rows([("2024-01-01", "4.5"), ("2024-06-12", "4.25")], name="ECB", source="ECB")
    >>> rule = RateRule(base=base, margin=Decimal(8), reset=Reset.HALF_YEAR_START)
    >>> [percent_text(rule.on(dt.date(2024, month, 30))) for month in (6, 7)]
    ['12.5', '12.25']
    >>> RateRule.fixed("5.12").on(dt.date(2024, 1, 1))
    Fraction(128, 25)

    A margin that changes by date is a `RateTable` too, read on the day of interest. The floor is zero unless said
    otherwise: a debtor in default is not paid for it. Units: percent a year, margin in points. Errors: `WrongType`,
    `InvalidValue` (a cap below the floor, a day without a rate).
    """

    base: Percent
    margin: Percent = Decimal(0)
    wording: Wording = Wording.POINTS
    reset: Reset = Reset.DAILY
    fixing: Fixing = Fixing.FLOATING
    floor: RateBound | None = ZERO
    cap: RateBound | None = None

    def __attrs_post_init__(self) -> None:
        _check_percent("rate.base", self.base)
        _check_percent("rate.margin", self.margin)
        for name, kind in (("wording", Wording), ("reset", Reset), ("fixing", Fixing)):
            checks.instance(f"rate.{name}", getattr(self, name), kind, f"a {kind.__name__}")
        for name in ("floor", "cap"):
            checks.instance(f"rate.{name}", getattr(self, name), (RateBound, type(None)), "a RateBound or None")
        if not any(isinstance(bound.percent, RateTable) for bound in (self.floor, self.cap) if bound):
            self._bounds(dt.date.min)

    @classmethod
    def fixed(cls, percent: Decimal | str | int) -> Self:
        """One percentage for good.

        >>> RateRule.fixed(8.5)
        Traceback (most recent call last):
        receivables.errors.WrongType: rate.base: must be a decimal text, an int or a Decimal, got 8.5 (float)
        """
        return cls(base=as_decimal(exact("rate.base", percent)))

    def on(self, day: dt.date) -> Fraction:
        """The percentage of a day of interest that floats."""
        return self.quote(day).percent

    def quote(self, day: dt.date) -> RateQuote:
        """The percentage of a day and how it arose. Errors: `InvalidValue` where a table has no rate."""
        start = self._start(day)
        if start not in self._quotes:
            self._quotes[start] = self._quote(day)
        return self._quotes[start]

    def runs(self, first_day: dt.date, last_day: dt.date) -> Iterator[RateRun]:
        """The days of a period in runs of one percentage; both days belong to the period.

        Interest that is fixed at default is one run, by the first day.
        """
        if self.fixing is Fixing.AT_DEFAULT or not self._moves:
            return iter((RateRun(first_day, last_day, self.quote(first_day)),))
        return self._floating(first_day, last_day)

    def _floating(self, day: dt.date, last_day: dt.date) -> Iterator[RateRun]:
        run = RateRun(day, min(self._end(day), last_day), self.quote(day))
        while run.last_day < last_day:
            day = add_days(run.last_day, 1)
            end, quote = min(self._end(day), last_day), self.quote(day)
            if quote.percent == run.quote.percent:
                run = run._replace(last_day=end)
                continue
            yield run
            run = RateRun(day, end, quote)
        yield run

    # One quote for each stretch of days in which nothing can change

    @cached_property
    def _quotes(self) -> dict[dt.date, RateQuote]:
        return {}

    @cached_property
    def _moves(self) -> bool:
        return any(isinstance(part, RateTable) for part in self._parts)

    @property
    def _parts(self) -> tuple[Percent, ...]:
        return (self.base, self.margin, *(bound.percent for bound in (self.floor, self.cap) if bound))

    @cached_property
    def _breaks(self) -> tuple[dt.date, ...]:
        """The days on which a table that is read by the day changes, or ends."""
        read_daily = self._parts if self.reset is Reset.DAILY else (self.margin,)
        return tuple(sorted({day for part in read_daily if isinstance(part, RateTable) for day in _changes(part)}))

    def _start(self, day: dt.date) -> dt.date:
        index = bisect_right(self._breaks, day)
        start = self._breaks[index - 1] if index else dt.date.min
        return start if self.reset is Reset.DAILY or not self._moves else max(start, half_year_start(day))

    def _end(self, day: dt.date) -> dt.date:
        index = bisect_right(self._breaks, day)
        end = add_days(self._breaks[index], -1) if index < len(self._breaks) else dt.date.max
        return end if self.reset is Reset.DAILY else min(end, _half_year_end(day))

    def _quote(self, day: dt.date) -> RateQuote:
        read_on = _REFERENCE_DAYS[self.reset](day) if self._moves else day
        base, margin = percent_on("rate.base", self.base, read_on), percent_on("rate.margin", self.margin, day)
        percent = base + margin if self.wording is Wording.POINTS else base * (1 + margin / 100)
        limited, why = self._limited(percent, read_on)
        return RateQuote(limited, base, *self._dated(read_on), margin, self.wording, self.reset, why)

    def _dated(self, read_on: dt.date) -> tuple[str | None, dt.date | None]:
        """The name and date of the reference rate; the date does not depend on which day of a rate was asked for."""
        if not isinstance(self.base, RateTable):
            return None, None
        if self.reset is not Reset.DAILY:
            return self.base.name, read_on
        index = bisect_right(self.base.rates, read_on, key=lambda rate: rate.valid_from) - 1
        return self.base.name, self.base.rates[index].valid_from

    def _limited(self, percent: Fraction, day: dt.date) -> tuple[Fraction, str]:
        floor, cap = self._bounds(day)
        if floor is not None and percent < floor:
            return floor, _limit("raised to the floor", self.floor)
        if cap is not None and percent > cap:
            return cap, _limit("lowered to the cap", self.cap)
        return percent, ""

    def _bounds(self, day: dt.date) -> tuple[Fraction | None, Fraction | None]:
        floor = self.floor.on(day, "rate.floor") if self.floor else None
        cap = self.cap.on(day, "rate.cap") if self.cap else None
        if floor is not None and cap is not None and cap < floor:
            raise InvalidValue("rate.cap", percent_text(cap), f"must not be below the floor {percent_text(floor)}")
        return floor, cap


# Helpers ------------------------------------------------------------------------------------------------------------

_REFERENCE_DAYS: Final[dict[Reset, Callable[[dt.date], dt.date]]] = {
    Reset.DAILY: lambda day: day,
    Reset.HALF_YEAR_START: half_year_start,
    Reset.HALF_YEAR_EVE: lambda day: add_days(half_year_start(day), -1),
}


def _half_year_end(day: dt.date) -> dt.date:
    return day.replace(month=6, day=30) if day.month < 7 else day.replace(month=12, day=31)


def _changes(table: RateTable) -> Iterator[dt.date]:
    """The first day of each rate, and the first day without one."""
    yield from (rate.valid_from for rate in table.rates)
    if table.valid_until is not None and table.valid_until < dt.date.max:
        yield add_days(table.valid_until, 1)


def _limit(what: str, bound: RateBound | None) -> str:
    source = f" ({bound.source})" if bound and bound.source else ""
    return f", {what}{source}"


def _missing(why: str) -> str:
    return f"must have a rate on this day, {why}"
