"""Dates: month arithmetic, days of the month, and business days.

Three rules. A date is a `datetime.date` and never a `datetime`. Months are counted from the anchor, once, never step
by step: 31 January plus two months is 31 March, although 31 January plus one month is 28 February. A day of the month
that the month does not have means the last day that it has, so that 31 reads "end of month".

`relativedelta` is used here and nowhere else; it is neither stored nor returned.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from typing import Protocol, TypeVar, final

import attrs
from dateutil.relativedelta import relativedelta

from receivables.errors import InvalidValue, WrongType
from receivables.values import checks

_Day = TypeVar("_Day", int, dt.date)

LONGEST_SEARCH_DAYS = 366
"""How far a search for a business day goes before the calendar itself is called wrong."""

RANGE = "must stay between 0001-01-01 and 9999-12-31"


@final
class MonthClamp(Enum):
    """What a month without the anchor's day does: systems disagree, so the rule has a name."""

    CLAMP = "clamp"
    """The last day that the month has: 31 January plus a month is 28 February."""
    SPILL = "spill"
    """The missing days run on: 31 January plus a month is 3 March (the habit of PHP and of C's `mktime`)."""
    STICK = "stick"
    """A month end stays a month end: 28 February plus a month is 31 March (the bond market's end-end rule)."""


@final
class Roll(Enum):
    """Where a day goes that is no business day.

    >>> str(roll(dt.date(2026, 1, 31), Roll.MODIFIED_FOLLOWING, FixedCalendar()))      # a Saturday, and a month end
    '2026-01-30'
    """

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified following"
    PRECEDING = "preceding"
    MODIFIED_PRECEDING = "modified preceding"
    NEAREST = "nearest"


class BusinessCalendar(Protocol):
    """What the library asks of a calendar. Any object with this method will do."""

    def is_business_day(self, day: dt.date, /) -> bool:
        """Whether people work and banks settle on this day."""
        ...


# Days and months ------------------------------------------------------------------------------------------------


def add_days(day: dt.date, days: int) -> dt.date:
    """The date so many calendar days later, or earlier where `days` is negative.

    >>> add_days(dt.date(2028, 1, 30), 30)
    datetime.date(2028, 2, 29)
    """
    try:
        return day + dt.timedelta(days)
    except OverflowError:
        raise InvalidValue("date", f"{day} {days:+d} days", RANGE) from None


def add_months(anchor: dt.date, months: int, clamp: MonthClamp = MonthClamp.CLAMP) -> dt.date:
    """The date so many months from the anchor.

    >>> [str(add_months(dt.date(2026, 1, 31), n)) for n in (1, 2, 3, 4)]
    ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']
    >>> str(add_months(dt.date(2027, 1, 31), 1, MonthClamp.SPILL))
    '2027-03-03'
    >>> str(add_months(dt.date(2027, 2, 28), 1, MonthClamp.STICK))
    '2027-03-31'
    """
    try:
        moved = anchor + relativedelta(months=months)
    except (ValueError, OverflowError):
        raise InvalidValue("date", f"{anchor} {months:+d} months", RANGE) from None
    return moved if clamp is MonthClamp.CLAMP else _CLAMPS[clamp](anchor, moved)


def end_of_month(day: dt.date) -> dt.date:
    """The last day of that month.

    >>> end_of_month(dt.date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def start_of_month(day: dt.date) -> dt.date:
    """The first day of that month."""
    return day.replace(day=1)


def end_of_quarter(day: dt.date) -> dt.date:
    """The last day of that calendar quarter.

    >>> end_of_quarter(dt.date(1996, 5, 21))
    datetime.date(1996, 6, 30)
    """
    return end_of_month(day.replace(day=1, month=day.month + (-day.month % 3)))


def start_of_quarter(day: dt.date) -> dt.date:
    """The first day of that calendar quarter."""
    return day.replace(day=1, month=day.month - (day.month - 1) % 3)


def end_of_year(day: dt.date) -> dt.date:
    """31 December of that year."""
    return day.replace(month=12, day=31)


def start_of_year(day: dt.date) -> dt.date:
    """1 January of that year."""
    return day.replace(month=1, day=1)


def end_of_week(day: dt.date) -> dt.date:
    """The Sunday of that ISO week, which starts on a Monday."""
    return add_days(day, 6 - day.weekday())


def start_of_week(day: dt.date) -> dt.date:
    """The Monday of that ISO week."""
    return add_days(day, -day.weekday())


def is_end_of_month(day: dt.date) -> bool:
    """Whether it is the last day of its month."""
    return day.day == monthrange(day.year, day.month)[1]


def on_day(day: dt.date, number: int) -> dt.date:
    """That day of the same month, or the last day that the month has.

    >>> on_day(dt.date(2026, 2, 10), 31)
    datetime.date(2026, 2, 28)
    """
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def next_on_day(day: dt.date, numbers: Iterable[int], *, strict: bool = False) -> dt.date:
    """The first date on or after `day` (after it, when strict) with one of these days of the month; 31 is month end.

    >>> next_on_day(dt.date(2020, 1, 6), (5, 10))
    datetime.date(2020, 1, 10)
    >>> next_on_day(dt.date(2020, 1, 10), (5, 10), strict=True)
    datetime.date(2020, 2, 5)
    """
    least = add_days(day, 1) if strict else day
    here = [found for number in numbers if (found := on_day(least, number)) >= least]
    return min(here) if here else on_day(add_months(start_of_month(least), 1), min(numbers))


def previous_on_day(day: dt.date, numbers: Iterable[int], *, strict: bool = False) -> dt.date:
    """The last date on or before `day` (before it, when strict) with one of these days of the month.

    >>> previous_on_day(dt.date(2024, 3, 10), (5,))
    datetime.date(2024, 3, 5)
    """
    most = add_days(day, -1) if strict else day
    here = [found for number in numbers if (found := on_day(most, number)) <= most]
    return max(here) if here else on_day(add_months(start_of_month(most), -1), max(numbers))


def next_weekday(day: dt.date, weekday: int, *, strict: bool = False) -> dt.date:
    """The first such weekday (0 is Monday) on or after the day, or after it when strict."""
    least = add_days(day, 1) if strict else day
    return add_days(least, (weekday - least.weekday()) % 7)


def previous_weekday(day: dt.date, weekday: int, *, strict: bool = False) -> dt.date:
    """The last such weekday (0 is Monday) on or before the day, or before it when strict."""
    most = add_days(day, -1) if strict else day
    return add_days(most, -((most.weekday() - weekday) % 7))


# Business days --------------------------------------------------------------------------------------------------


def roll(day: dt.date, convention: Roll, calendar: BusinessCalendar) -> dt.date:
    """The day itself if it is a business day, or else where the convention puts it.

    >>> ascension = FixedCalendar(holidays=frozenset({dt.date(2026, 5, 14)}))
    >>> roll(dt.date(2026, 5, 14), Roll.FOLLOWING, ascension)
    datetime.date(2026, 5, 15)
    >>> roll(dt.date(2026, 5, 31), Roll.MODIFIED_FOLLOWING, ascension)  # a Sunday: June is another month
    datetime.date(2026, 5, 29)

    Modified conventions turn round rather than leave the month. Of two business days equally near, `NEAREST` takes
    the later. A calendar without a business day within a year raises `InvalidValue`.
    """
    return day if calendar.is_business_day(day) else _ROLLS[convention](day, calendar)


def add_business_days(day: dt.date, days: int, calendar: BusinessCalendar) -> dt.date:
    """So many business days later, or earlier; zero gives the day itself.

    >>> add_business_days(dt.date(2026, 5, 15), 2, FixedCalendar())  # a Friday
    datetime.date(2026, 5, 19)
    """
    for _ in range(abs(days)):
        step = 1 if days > 0 else -1
        day = _search(add_days(day, step), step, calendar)
    return day


def _weekdays(days: Iterable[int]) -> frozenset[int]:
    return _set_of("calendar.weekend", days, "a set of weekdays")


def _dates(days: Iterable[dt.date]) -> frozenset[dt.date]:
    return _set_of("calendar.holidays", days, "a set of dates")


def _set_of(field: str, days: Iterable[_Day], wanted: str) -> frozenset[_Day]:
    try:
        return frozenset(days)
    except TypeError:
        raise WrongType(field, days, wanted) from None


@final
@attrs.frozen(kw_only=True)
class FixedCalendar:
    """A calendar written out: the weekdays that are free (0 is Monday) and the holidays.

    >>> FixedCalendar(holidays=frozenset({dt.date(2026, 12, 25)})).is_business_day(dt.date(2026, 12, 25))
    False
    """

    weekend: frozenset[int] = attrs.field(default=frozenset({5, 6}), converter=_weekdays)
    holidays: frozenset[dt.date] = attrs.field(default=frozenset(), converter=_dates)

    def __attrs_post_init__(self) -> None:
        for weekday in self.weekend:
            checks.whole("calendar.weekend", weekday, least=0, most=6)
        if len(self.weekend) == 7:
            raise InvalidValue("calendar.weekend", sorted(self.weekend), "must leave a business day in the week")
        for day in self.holidays:
            checks.day("calendar.holidays", day)

    def is_business_day(self, day: dt.date, /) -> bool:
        """Neither a free weekday nor a holiday."""
        return day.weekday() not in self.weekend and day not in self.holidays


@final
@attrs.frozen(kw_only=True)
class ClosedPeriods:
    """Yearly closures from (month, day) to (month, day), both included; they may run over New Year and may chain.

    A day that a month does not have is its last: 31 February is the 28th or 29th.

    >>> closed = ClosedPeriods(periods=(((2, 1), (2, 31)), ((3, 1), (4, 1))))
    >>> roll(dt.date(2021, 2, 1), Roll.FOLLOWING, closed)
    datetime.date(2021, 4, 2)
    """

    periods: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    def __attrs_post_init__(self) -> None:
        checks.pairs("calendar.periods", self.periods, "pairs of a first and a last day of the year")
        for period in self.periods:
            checks.pairs("calendar.periods", period, "pairs of a month and a day of the month")
            for month, day in period:
                checks.whole("calendar.periods", month, least=1, most=12)
                checks.whole("calendar.periods", day, least=1, most=31)
        leap_year = (add_days(dt.date(2028, 1, 1), n) for n in range(366))
        if not any(self.is_business_day(day) for day in leap_year):
            raise InvalidValue("calendar.periods", self.periods, "must leave a business day in the year")

    def is_business_day(self, day: dt.date, /) -> bool:
        """Outside of every closure."""
        return not any(_within(day, first, last) for first, last in self.periods)


@final
@attrs.frozen(kw_only=True)
class JointCalendar:
    """A business day of the whole is a business day of every member."""

    members: tuple[BusinessCalendar, ...]

    def is_business_day(self, day: dt.date, /) -> bool:
        """Open in every member."""
        return all(member.is_business_day(day) for member in self.members)


WEEKENDS = FixedCalendar()
"""Saturdays and Sundays are free, and there is no holiday."""


# Helpers --------------------------------------------------------------------------------------------------------


def _spill(anchor: dt.date, moved: dt.date) -> dt.date:
    return add_days(moved, anchor.day - moved.day)


def _stick(anchor: dt.date, moved: dt.date) -> dt.date:
    return end_of_month(moved) if is_end_of_month(anchor) else moved


_CLAMPS = {MonthClamp.SPILL: _spill, MonthClamp.STICK: _stick}


def _within(day: dt.date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    here = (day.month, day.day)
    end = (last[0], monthrange(day.year, last[0])[1]) if last[1] > 28 and _beyond(day, last) else last
    return first <= here <= end if first <= last else here >= first or here <= end


def _beyond(day: dt.date, edge: tuple[int, int]) -> bool:
    return edge[1] > monthrange(day.year, edge[0])[1]


def _search(day: dt.date, step: int, calendar: BusinessCalendar) -> dt.date:
    found = day
    for _ in range(LONGEST_SEARCH_DAYS):
        if calendar.is_business_day(found):
            return found
        found = add_days(found, step)
    raise InvalidValue("calendar", calendar, f"must have a business day within {LONGEST_SEARCH_DAYS} days of {day}")


def _within_month(day: dt.date, calendar: BusinessCalendar, step: int) -> dt.date:
    found = _search(day, step, calendar)
    return found if found.month == day.month else _search(day, -step, calendar)


def _nearest(day: dt.date, calendar: BusinessCalendar) -> dt.date:
    later, earlier = _search(day, 1, calendar), _search(day, -1, calendar)
    return later if later - day <= day - earlier else earlier


def _stay(day: dt.date, calendar: BusinessCalendar) -> dt.date:
    return day


_ROLLS: dict[Roll, Callable[[dt.date, BusinessCalendar], dt.date]] = {
    Roll.NONE: _stay,
    Roll.FOLLOWING: lambda day, calendar: _search(day, 1, calendar),
    Roll.PRECEDING: lambda day, calendar: _search(day, -1, calendar),
    Roll.MODIFIED_FOLLOWING: partial(_within_month, step=1),
    Roll.MODIFIED_PRECEDING: partial(_within_month, step=-1),
    Roll.NEAREST: _nearest,
}
