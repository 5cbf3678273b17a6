"""Day counts: how many days lie between two dates, and what part of a year they are.

The start is not counted and the end is, so that neighboring periods share an edge: interest on an invoice due on
1 April and paid on 16 May is for 45 days, ``days(1 April, 16 May)``. Fractions are exact; nothing is rounded here.
"""

from __future__ import annotations

import datetime as dt
import enum
from calendar import isleap, monthrange
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from receivables.errors import InvalidValue
from receivables.values import checks


class DayCount(enum.Enum):
    """A day count convention.

    - ``ACT_365F``: actual days over 365, leap year or not. ISDA 2006 section 4.16(d); the use of English courts.
    - ``ACT_360``: actual days over 360. ISDA 2006 section 4.16(e); the US Prompt Payment Act, money markets.
    - ``ACT_ACT_ISDA``: the days of each calendar year over its own length. ISDA 2006 section 4.16(b).
    - ``ACT_ACT_YEAR``: whole years from the start, then the rest over the length of the year it lies in, counted from
      anniversary to anniversary, so that a year of interest is always exactly one year of interest. The reading of
      statutes that give a rate "a year" and name no divisor. An anniversary of 29 February is 28 February in a
      common year. OpenGamma Strata, "Act/Act Year", with all anniversaries counted from the start.
    - ``THIRTY_360_US``: months of 30 days; a period that starts at the end of February starts on the 30th, and so
      ends one that also ends there. NASD and SIA, Standard Securities Calculation Methods.
    - ``THIRTY_360_BOND_BASIS``: months of 30 days; the 31st of the end stays if the start is before the 30th. ISDA
      2006 section 4.16(f).
    - ``THIRTY_E_360``: months of 30 days; every 31st is a 30th. ISDA 2006 section 4.16(g), Eurobond basis; the
      German commercial method.
    - ``THIRTY_E_360_ISDA``: as before, and the last day of February is a 30th too. ISDA 2006 section 4.16(h), without
      its exception for a termination date, which a receivable does not have.
    """

    ACT_365F = "ACT/365F"
    ACT_360 = "ACT/360"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_YEAR = "ACT/ACT year"
    THIRTY_360_US = "30/360 US"
    THIRTY_360_BOND_BASIS = "30/360 bond basis"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"

    def days(self, start: dt.date, end: dt.date) -> int:
        """Count the days from ``start`` to ``end``: actual days, or days of 30-day months.

        >>> DayCount.ACT_365F.days(dt.date(2026, 4, 1), dt.date(2026, 5, 16))
        45
        >>> DayCount.THIRTY_E_360.days(dt.date(2007, 2, 28), dt.date(2007, 8, 31))
        182

        Errors: `WrongType`; `InvalidValue` if the end is before the start.
        """
        _check(start, end)
        return _DAYS[self](start, end)

    def fraction(self, start: dt.date, end: dt.date) -> Fraction:
        """Give the part of a year from ``start`` to ``end``, exactly.

        >>> by_year = Fraction(184, 365) + Fraction(182, 366)
        >>> DayCount.ACT_ACT_ISDA.fraction(dt.date(1999, 7, 1), dt.date(2000, 7, 1)) == by_year
        True
        >>> DayCount.ACT_ACT_YEAR.fraction(dt.date(1999, 7, 1), dt.date(2000, 7, 1))
        Fraction(1, 1)

        Units: years. Errors: as `days`.
        """
        _check(start, end)
        return _FRACTIONS[self](start, end)


def _check(start: dt.date, end: dt.date) -> None:
    checks.day("start", start)
    checks.day("end", end)
    if end < start:
        raise InvalidValue("end", end, f"must not be before the start {start}")


# Days


def _actual(start: dt.date, end: dt.date) -> int:
    return (end - start).days


def _months_of_30(start: dt.date, end: dt.date, first: int, last: int) -> int:
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _us(start: dt.date, end: dt.date) -> int:
    from_february = _ends_february(start)
    first = 30 if from_february else min(start.day, 30)
    to_30 = (from_february and _ends_february(end)) or (end.day == 31 and first == 30)
    return _months_of_30(start, end, first, 30 if to_30 else end.day)


def _bond_basis(start: dt.date, end: dt.date) -> int:
    first = min(start.day, 30)
    return _months_of_30(start, end, first, min(end.day, 30) if first == 30 else end.day)


def _eurobond(start: dt.date, end: dt.date) -> int:
    return _months_of_30(start, end, min(start.day, 30), min(end.day, 30))


def _eurobond_isda(start: dt.date, end: dt.date) -> int:
    first, last = (30 if _ends_february(day) else min(day.day, 30) for day in (start, end))
    return _months_of_30(start, end, first, last)


def _ends_february(day: dt.date) -> bool:
    return day.month == 2 and day.day == monthrange(day.year, 2)[1]


# Fractions


def _over(days: Callable[[dt.date, dt.date], int], year: int) -> Callable[[dt.date, dt.date], Fraction]:
    return lambda start, end: Fraction(days(start, end), year)


def _by_calendar_year(start: dt.date, end: dt.date) -> Fraction:
    """A date late in a year is as many days from its first day as days have passed."""
    return end.year - start.year + _passed(end) - _passed(start)


def _passed(day: dt.date) -> Fraction:
    return Fraction(day.timetuple().tm_yday - 1, 366 if isleap(day.year) else 365)


def _by_anniversary(start: dt.date, end: dt.date) -> Fraction:
    years = end.year - start.year
    if _anniversary(start, years) > end:
        years -= 1
    here, there = _anniversary(start, years), _anniversary(start, years + 1)
    return years + Fraction((end - here).days, (there - here).days)


def _anniversary(start: dt.date, years: int) -> dt.date:
    year = start.year + years
    return dt.date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


_DAYS: Final[dict[DayCount, Callable[[dt.date, dt.date], int]]] = {
    DayCount.ACT_365F: _actual,
    DayCount.ACT_360: _actual,
    DayCount.ACT_ACT_ISDA: _actual,
    DayCount.ACT_ACT_YEAR: _actual,
    DayCount.THIRTY_360_US: _us,
    DayCount.THIRTY_360_BOND_BASIS: _bond_basis,
    DayCount.THIRTY_E_360: _eurobond,
    DayCount.THIRTY_E_360_ISDA: _eurobond_isda,
}

_FRACTIONS: Final[dict[DayCount, Callable[[dt.date, dt.date], Fraction]]] = {
    DayCount.ACT_365F: _over(_actual, 365),
    DayCount.ACT_360: _over(_actual, 360),
    DayCount.ACT_ACT_ISDA: _by_calendar_year,
    DayCount.ACT_ACT_YEAR: _by_anniversary,
    DayCount.THIRTY_360_US: _over(_us, 360),
    DayCount.THIRTY_360_BOND_BASIS: _over(_bond_basis, 360),
    DayCount.THIRTY_E_360: _over(_eurobond, 360),
    DayCount.THIRTY_E_360_ISDA: _over(_eurobond_isda, 360),
}
