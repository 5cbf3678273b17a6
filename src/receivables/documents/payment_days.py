"""Steps that know days of the month: payment days, closing days, cut-offs, bands, periods.

Each is a step as in `due_steps`. Day 31 stands for the month end, and a day that the month does not have for its last
day; only the start of a period is dropped instead, because a period that does not begin cannot be begun earlier.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs

from receivables.documents.due_steps import MOST_DAYS, MOST_MONTHS, Given, check_day_of_month, check_name, ordinal, the
from receivables.errors import InvalidValue
from receivables.values import checks, dates


@final
@attrs.frozen(kw_only=True)
class PaymentDay:
    """The next of the payer's payment days (31 is the month end), on or after the date, or the one before it.

    ``strict`` passes over the date itself. With ``most_days``, a legal maximum counted from the start of the rule, the
    payment day before is taken where the one after would lie beyond it; where none lies between start and maximum, the
    maximum itself is. With ``calendar`` only payment days count that are open in it.

    >>> start, day = dt.date(2024, 1, 10), dt.date(2024, 3, 10)
    >>> str(PaymentDay(days=(5,), most_days=60).apply(day, start, Given()))
    '2024-03-05'
    """

    days: tuple[int, ...]
    backward: bool = False
    strict: bool = False
    most_days: int | None = None
    calendar: str | None = None

    def __attrs_post_init__(self) -> None:
        _check_days("step.days", self.days)
        if self.most_days is not None:
            checks.whole("step.most_days", self.most_days, least=0, most=MOST_DAYS)
        if self.calendar is not None:
            check_name("step.calendar", self.calendar)
        if self.backward and self.most_days is not None:
            raise InvalidValue("step.most_days", self.most_days, "must not be given where payment days lie before")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Search forward, or backward."""
        found = self._open(day, self.backward, self.strict, given)
        if self.most_days is None or found <= (limit := dates.add_days(start, self.most_days)):
            return found
        earlier = self._open(min(day, limit), True, False, given)
        return earlier if earlier >= start else limit

    def _open(self, day: dt.date, backward: bool, strict: bool, given: Given) -> dt.date:
        search = dates.previous_on_day if backward else dates.next_on_day
        found = search(day, self.days, strict=strict)
        if self.calendar is None:
            return found
        for _ in range(dates.LONGEST_SEARCH_DAYS):
            if given.calendar(self.calendar).is_business_day(found):
                return found
            found = search(found, self.days, strict=True)
        raise InvalidValue("step.calendar", self.calendar, f"must be open on one of the days {self.days}")

    @property
    def words(self) -> str:
        """Such as "next payment day (5th, 10th)"."""
        side = "previous" if self.backward else "next"
        listed = ", ".join(the(number).removeprefix("the ") for number in self.days)
        limit = "" if self.most_days is None else f", at most {self.most_days} days from the start"
        return f"{side} payment day ({listed}){limit}" + (f", open in {self.calendar}" if self.calendar else "")

    def __str__(self) -> str:
        side = ("before" if self.strict else "previous") if self.backward else ("after" if self.strict else "next")
        limit = "" if self.most_days is None else f" within {self.most_days} days"
        return f"{side} {_listed(self.days)}{limit}" + (f" open {self.calendar}" if self.calendar else "")


@final
@attrs.frozen(kw_only=True)
class Closing:
    """The closing day of the billing period that the date lies in: on or after the date; 31 is the month end.

    Japanese terms close on the 25th and are paid at the end of the next month: a delivery on the 26th belongs to the
    next period.

    >>> [str(Closing(day=25).apply(day, day, Given())) for day in (dt.date(2024, 3, 25), dt.date(2024, 3, 26))]
    ['2024-03-25', '2024-04-25']
    """

    day: int

    def __attrs_post_init__(self) -> None:
        check_day_of_month("step.day", self.day)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Go to the end of the billing period."""
        return dates.next_on_day(day, (self.day,))

    @property
    def words(self) -> str:
        """Such as "closing on the 25th"."""
        return f"closing on {the(self.day)}"

    def __str__(self) -> str:
        return f"closing {self.day}"


@final
@attrs.frozen(kw_only=True)
class CutOff:
    """A date after the cut-off day counts as the first of the next month; up to it, nothing changes.

    >>> [str(CutOff(day=25).apply(day, day, Given())) for day in (dt.date(2023, 3, 25), dt.date(2023, 3, 28))]
    ['2023-03-25', '2023-04-01']
    """

    day: int

    def __attrs_post_init__(self) -> None:
        check_day_of_month("step.day", self.day)

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Count as next month after the cut-off."""
        if day.day <= self.day:
            return day
        return dates.add_months(dates.start_of_month(day), 1)

    @property
    def words(self) -> str:
        """Such as "cut-off on the 25th"."""
        return f"cut-off on {the(self.day)}, later counts as the next month"

    def __str__(self) -> str:
        return f"cutoff {self.day}"


@final
@attrs.frozen(kw_only=True)
class Band:
    """Dates up to and with day ``through`` of the month fall due on ``day``, so many months ahead."""

    through: int
    day: int
    months_ahead: int = 0

    def __attrs_post_init__(self) -> None:
        check_day_of_month("band.through", self.through)
        check_day_of_month("band.day", self.day)
        checks.whole("band.months_ahead", self.months_ahead, least=0, most=MOST_MONTHS)

    def __str__(self) -> str:
        return f"..{self.through}:{self.day}{f'+{self.months_ahead}M' if self.months_ahead else ''}"


@final
@attrs.frozen(kw_only=True)
class Bands:
    """A due day that depends on the day of the month: bands that follow each other up to the 31st.

    >>> bands = Bands(bands=(Band(through=15, day=31), Band(through=31, day=15, months_ahead=1)))
    >>> str(bands.apply(dt.date(2024, 4, 16), dt.date(2024, 4, 16), Given()))
    '2024-05-15'
    """

    bands: tuple[Band, ...]

    def __attrs_post_init__(self) -> None:
        checks.sequence("step.bands", self.bands, Band, "bands")
        edges = [band.through for band in self.bands]
        if edges != sorted(set(edges)) or edges[-1:] != [31]:
            raise InvalidValue("step.bands", edges, "must rise and end with day 31")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Find the band and go to its day."""
        band = next(band for band in self.bands if day.day <= band.through)
        return dates.on_day(dates.add_months(dates.start_of_month(day), band.months_ahead), band.day)

    @property
    def words(self) -> str:
        """Such as "by day of the month: ..15:31, ..31:15+1M"."""
        return f"by day of the month: {', '.join(map(str, self.bands))}"

    def __str__(self) -> str:
        return f"bands {' '.join(map(str, self.bands))}"


@final
@attrs.frozen(kw_only=True)
class PeriodStart:
    """The first day of the period, or of the next one, where periods start on given days of the month.

    The 1st/16th rule of real ledgers is ``PeriodStart(days=(1, 16))``. A day that the month does not have starts
    nothing: periods of the 1st, 15th and 29th have two starts in a February of 28 days.

    >>> day = dt.date(2007, 2, 23)
    >>> str(PeriodStart(days=(1, 15, 29), following=True).apply(day, day, Given()))
    '2007-03-01'
    """

    days: tuple[int, ...] = (1, 16)
    following: bool = False

    def __attrs_post_init__(self) -> None:
        _check_days("step.days", self.days)
        checks.instance("step.following", self.following, bool, "true or false")

    def apply(self, day: dt.date, start: dt.date, given: Given, /) -> dt.date:
        """Go back to the start of the period, or on to the next one."""
        around = [found for months in (-2, -1, 0, 1, 2) for found in self._starts(day, months)]
        if self.following:
            return min(found for found in around if found > day)
        return max(found for found in around if found <= day)

    def _starts(self, day: dt.date, months: int) -> list[dt.date]:
        first = dates.add_months(dates.start_of_month(day), months)
        last = dates.end_of_month(first).day
        return [first.replace(day=number) for number in self.days if number <= last]

    @property
    def words(self) -> str:
        """Such as "start of the period (1st, 16th)"."""
        listed = ", ".join(ordinal(number) for number in self.days)
        return f"start of the {'next ' if self.following else ''}period ({listed})"

    def __str__(self) -> str:
        return f"{'next ' if self.following else ''}period {_listed(self.days)}"


# Checks and words -----------------------------------------------------------------------------------------------


def _check_days(field: str, days: tuple[int, ...]) -> None:
    checks.sequence(field, days, int, "days of the month")
    for day in days:
        check_day_of_month(field, day)
    if not days or list(days) != sorted(set(days)):
        raise InvalidValue(field, days, "must name at least one day, each once, in rising order")


def _listed(days: tuple[int, ...]) -> str:
    return ",".join(map(str, days))
