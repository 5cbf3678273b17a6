"""The steps of a due rule: each is a small frozen value that takes one date to another.

Steps are applied from left to right, so "45 days, end of month" and "end of month, 45 days" are two rules. A step
knows nothing of calendars: it names one, and the calendar is handed in when the terms are resolved. `str` of a step is
its notation, as `PaymentTerms.parse` reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Protocol, final

import attrs

from receivables.errors import InvalidValue, UnknownId
from receivables.values import checks, dates
from receivables.values.dates import BusinessCalendar, MonthClamp, Roll

MOST_DAYS = 36_525
MOST_MONTHS = 1_200
MONTH_END = 31
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

DateRule = Callable[[dt.date], dt.date]


@final
@attrs.frozen(kw_only=True)
class Given:
    """What only the host knows: its calendars and its own rules, by name. ``weekends`` is always there."""

    calendars: Mapping[str, BusinessCalendar] = MappingProxyType({})
    rules: Mapping[str, DateRule] = MappingProxyType({})

    def calendar(self, name: str) -> BusinessCalendar:
        """The calendar of that name, or `UnknownId`."""
        found = dates.WEEKENDS if name == "weekends" else None
        calendar = self.calendars.get(name, found)
        if calendar is None:
            raise UnknownId("calendar", name)
        return calendar

    def rule(self, name: str) -> DateRule:
        """The host's rule of that name, or `UnknownId`."""
        if name not in self.rules:
            raise UnknownId("date rule", name)
        return self.rules[name]


NOTHING_GIVEN = Given()


class Step(Protocol):
    """What every step does."""

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """The date after this step; `start` is the date from which the whole rule runs."""
        ...

    @property
    def words(self) -> str:
        """The step in words, for `PaymentTerms.explain`."""
        ...


# Counting -------------------------------------------------------------------------------------------------------


@final
@attrs.frozen(kw_only=True)
class Days:
    """So many calendar days later, or earlier where negative.

    ``inclusive`` counts the first day as day one, as some contracts do; the usual count leaves it out.

    >>> day = dt.date(2028, 1, 30)
    >>> [str(Days(count=30, inclusive=how).apply(day, day, NOTHING_GIVEN)) for how in (False, True)]
    ['2028-02-29', '2028-02-28']
    """

    count: int
    inclusive: bool = False

    def __attrs_post_init__(self) -> None:
        checks.whole("step.days", self.count, least=-MOST_DAYS, most=MOST_DAYS)
        checks.instance("step.inclusive", self.inclusive, bool, "true or false")
        if self.inclusive and self.count < 1:
            raise InvalidValue("step.days", self.count, "must be at least 1 where the first day counts")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count calendar days."""
        return dates.add_days(day, self.count - self.inclusive)

    @property
    def words(self) -> str:
        """Such as "30 days later"."""
        return _counted(self.count, "day") + (", counting the first day" if self.inclusive else "")

    def __str__(self) -> str:
        return _plural(self.count, "day") + (" inclusive" if self.inclusive else "")


@final
@attrs.frozen(kw_only=True)
class Weeks:
    """So many weeks later, or earlier where negative."""

    count: int

    def __attrs_post_init__(self) -> None:
        checks.whole("step.weeks", self.count, least=-MOST_DAYS // 7, most=MOST_DAYS // 7)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count weeks."""
        return dates.add_days(day, 7 * self.count)

    @property
    def words(self) -> str:
        """Such as "2 weeks later"."""
        return _counted(self.count, "week")

    def __str__(self) -> str:
        return _plural(self.count, "week")


@final
@attrs.frozen(kw_only=True)
class Months:
    """So many months later; `MonthClamp` says what a shorter month does.

    >>> day = dt.date(2028, 1, 31)
    >>> str(Months(count=1).apply(day, day, NOTHING_GIVEN))
    '2028-02-29'
    """

    count: int
    clamp: MonthClamp = MonthClamp.CLAMP

    def __attrs_post_init__(self) -> None:
        checks.whole("step.months", self.count, least=-MOST_MONTHS, most=MOST_MONTHS)
        checks.instance("step.clamp", self.clamp, MonthClamp, "a MonthClamp")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count months."""
        return dates.add_months(day, self.count, self.clamp)

    @property
    def words(self) -> str:
        """Such as "1 month later"."""
        return _counted(self.count, "month")

    def __str__(self) -> str:
        return _plural(self.count, "month") + ("" if self.clamp is MonthClamp.CLAMP else f" {self.clamp.value}")


@final
@attrs.frozen(kw_only=True)
class BusinessDays:
    """So many business days later, or earlier where negative."""

    count: int
    calendar: str = "weekends"

    def __attrs_post_init__(self) -> None:
        checks.whole("step.business_days", self.count, least=-MOST_DAYS, most=MOST_DAYS)
        check_name("step.calendar", self.calendar)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count business days."""
        return dates.add_business_days(day, self.count, given.calendar(self.calendar))

    @property
    def words(self) -> str:
        """Such as "5 business days later"."""
        return f"{_counted(self.count, 'business day')} ({self.calendar})"

    def __str__(self) -> str:
        return f"{_plural(self.count, 'business day')} {self.calendar}"


# Ends and days of periods ---------------------------------------------------------------------------------------


@final
class Unit(Enum):
    """A calendar period."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@final
@attrs.frozen(kw_only=True)
class EndOf:
    """The last day of the period that the date lies in; a week ends on Sunday.

    >>> day = dt.date(1996, 5, 21)
    >>> str(EndOf(unit=Unit.QUARTER).apply(day, day, NOTHING_GIVEN))
    '1996-06-30'
    """

    unit: Unit = Unit.MONTH

    def __attrs_post_init__(self) -> None:
        checks.instance("step.unit", self.unit, Unit, "a Unit")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Go to the end."""
        return _ENDS[self.unit](day)

    @property
    def words(self) -> str:
        """Such as "end of the month"."""
        return f"end of the {self.unit.value}"

    def __str__(self) -> str:
        return f"EO{self.unit.name[0]}"


@final
@attrs.frozen(kw_only=True)
class StartOf:
    """The first day of the period that the date lies in; a week starts on Monday."""

    unit: Unit = Unit.MONTH

    def __attrs_post_init__(self) -> None:
        checks.instance("step.unit", self.unit, Unit, "a Unit")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Go to the start."""
        return _STARTS[self.unit](day)

    @property
    def words(self) -> str:
        """Such as "start of the month"."""
        return f"start of the {self.unit.value}"

    def __str__(self) -> str:
        return f"start of {self.unit.value}"


@final
@attrs.frozen(kw_only=True)
class DayOfMonth:
    """That day of the month, so many months ahead; 31 is the month end.

    >>> day = dt.date(2024, 5, 31)
    >>> str(DayOfMonth(day=31, months_ahead=1).apply(day, day, NOTHING_GIVEN))
    '2024-06-30'
    """

    day: int
    months_ahead: int = 0

    def __attrs_post_init__(self) -> None:
        check_day_of_month("step.day", self.day)
        checks.whole("step.months_ahead", self.months_ahead, least=-MOST_MONTHS, most=MOST_MONTHS)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count the month, then take its day."""
        return dates.on_day(dates.add_months(dates.start_of_month(day), self.months_ahead), self.day)

    @property
    def words(self) -> str:
        """Such as "the 10th of the next month"."""
        names = {0: "the same month", 1: "the next month"}
        return f"{the(self.day)} of {names.get(self.months_ahead, f'the month {self.months_ahead} months later')}"

    def __str__(self) -> str:
        return f"day {self.day}" + (f" of month {self.months_ahead:+d}" if self.months_ahead else "")


@final
@attrs.frozen(kw_only=True)
class Weekday:
    """The next such weekday (0 is Monday) on or after the date, or the one before it; ``strict`` passes over it."""

    weekday: int
    backward: bool = False
    strict: bool = False

    def __attrs_post_init__(self) -> None:
        checks.whole("step.weekday", self.weekday, least=0, most=6)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Search forward, or backward."""
        search = dates.previous_weekday if self.backward else dates.next_weekday
        return search(day, self.weekday, strict=self.strict)

    @property
    def words(self) -> str:
        """Such as "next Friday"."""
        return f"{'previous' if self.backward else 'next'} {WEEKDAYS[self.weekday]}"

    def __str__(self) -> str:
        side = ("before" if self.strict else "previous") if self.backward else ("after" if self.strict else "next")
        return f"{side} {WEEKDAYS[self.weekday]}"


# Given dates and business days ----------------------------------------------------------------------------------


@final
@attrs.frozen(kw_only=True)
class OnDate:
    """A given date, whatever came before."""

    date: dt.date

    def __attrs_post_init__(self) -> None:
        checks.day("step.date", self.date)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Take the date."""
        return self.date

    @property
    def words(self) -> str:
        """Such as "on a given date"."""
        return "on a given date"

    def __str__(self) -> str:
        return f"on {self.date}"


@final
@attrs.frozen(kw_only=True)
class BusinessDay:
    """Away from a day that is closed in the named calendar, by a roll convention.

    Holiday periods that follow each other are passed in one step.

    >>> german = dates.FixedCalendar(holidays=frozenset({dt.date(2026, 5, 14)}))
    >>> step, ascension = BusinessDay(calendar="DE"), dt.date(2026, 5, 14)
    >>> str(step.apply(ascension, ascension, Given(calendars={"DE": german})))
    '2026-05-15'
    """

    roll: Roll = Roll.FOLLOWING
    calendar: str = "weekends"

    def __attrs_post_init__(self) -> None:
        checks.instance("step.roll", self.roll, Roll, "a Roll")
        check_name("step.calendar", self.calendar)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Roll."""
        return dates.roll(day, self.roll, given.calendar(self.calendar))

    @property
    def words(self) -> str:
        """Such as "rolled by following (DE)"."""
        return f"rolled by {self.roll.value} ({self.calendar})"

    def __str__(self) -> str:
        return f"roll {self.roll.value} {self.calendar}"


@final
@attrs.frozen(kw_only=True)
class Postponed:
    """Named days that are put off to a later one each, by a table of (day, put off to).

    >>> table = ((dt.date(2015, 3, 17), dt.date(2015, 3, 18)),)
    >>> str(Postponed(table=table).apply(dt.date(2015, 3, 17), dt.date(2015, 3, 17), NOTHING_GIVEN))
    '2015-03-18'
    """

    table: tuple[tuple[dt.date, dt.date], ...]

    def __attrs_post_init__(self) -> None:
        checks.pairs("step.table", self.table, "pairs of a day and the later one")
        for day, later in self.table:
            checks.day("step.table", day)
            checks.day("step.table", later)
            if later <= day:
                raise InvalidValue("step.table", str(later), f"must lie after the {day} that it replaces")
        if len({day for day, _ in self.table}) != len(self.table):
            raise InvalidValue("step.table", [str(day) for day, _ in self.table], "must name each day once")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Follow the table, which only goes forward, as long as it has the day."""
        table = dict(self.table)
        while day in table:
            day = table[day]
        return day

    @property
    def words(self) -> str:
        """Such as "put off by the table of holidays"."""
        return "put off by the table of holidays"

    def __str__(self) -> str:
        return f"postponed {' '.join(f'{day}:{later}' for day, later in self.table)}"


@final
@attrs.frozen(kw_only=True)
class HostRule:
    """A rule of the host, named here and handed in when the terms are resolved.

    >>> rules = {"fiscal period end": lambda day: dt.date(day.year, 12, 27)}
    >>> step = HostRule(name="fiscal period end")
    >>> str(step.apply(dt.date(2026, 5, 1), dt.date(2026, 5, 1), Given(rules=rules)))
    '2026-12-27'
    """

    name: str

    def __attrs_post_init__(self) -> None:
        check_phrase("step.name", self.name)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Ask the host's function, and check that it gives a date."""
        found = given.rule(self.name)(day)
        checks.day(f"rule {self.name}", found)
        return found

    @property
    def words(self) -> str:
        """Such as "by the rule 'fiscal period end'"."""
        return f"by the rule '{self.name}'"

    def __str__(self) -> str:
        return f"rule '{self.name}'"


_ENDS: dict[Unit, DateRule] = {
    Unit.WEEK: dates.end_of_week,
    Unit.MONTH: dates.end_of_month,
    Unit.QUARTER: dates.end_of_quarter,
    Unit.YEAR: dates.end_of_year,
}
_STARTS: dict[Unit, DateRule] = {
    Unit.WEEK: dates.start_of_week,
    Unit.MONTH: dates.start_of_month,
    Unit.QUARTER: dates.start_of_quarter,
    Unit.YEAR: dates.start_of_year,
}


# Checks and words -----------------------------------------------------------------------------------------------


def check_name(field: str, value: object) -> None:
    """A name in one word, such as that of a calendar."""
    checks.text(field, value)
    if not isinstance(value, str) or not all(part.isalnum() for part in value.replace("_", "-").split("-")):
        raise InvalidValue(field, value, "must be one word of letters, digits, '-' and '_'")


def check_phrase(field: str, value: object) -> None:
    """A name that may have blanks; quotes would not survive the notation."""
    checks.text(field, value)
    if not isinstance(value, str) or set("'\n") & set(value) or value != value.strip():
        raise InvalidValue(field, value, "must be a name without quotes, line ends and outer blanks")


def check_day_of_month(field: str, value: object) -> None:
    """A day from 1 to 31."""
    checks.whole(field, value, least=1, most=MONTH_END)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if abs(count) == 1 else 's'}"


def _counted(count: int, noun: str) -> str:
    return f"{_plural(abs(count), noun)} {'earlier' if count < 0 else 'later'}"


def ordinal(number: int) -> str:
    """Such as "1st"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def the(day: int) -> str:
    """Such as "the 10th"; 31 is "the last day"."""
    return "the last day" if day == MONTH_END else f"the {ordinal(day)}"
