"""Business calendars from the package `holidays` (the extra ``receivables[holidays]``), written out once.

What the package says today is copied into a frozen calendar: another version of it does not move a due date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, final

from attrs import frozen

from receivables.errors import InvalidValue, UnknownId
from receivables.values import checks
from receivables.values.dates import FixedCalendar

SATURDAY_AND_SUNDAY = frozenset({5, 6})


@final
@frozen(kw_only=True)
class YearsCalendar:
    """A calendar for some years, which refuses every other year instead of finding no holiday in it.

    >>> christmas = FixedCalendar(holidays=frozenset({dt.date(2026, 12, 25)}))
    >>> YearsCalendar(first_year=2026, last_year=2026, calendar=christmas).is_business_day(dt.date(2026, 12, 25))
    False
    """

    first_year: int
    last_year: int
    calendar: FixedCalendar

    def is_business_day(self, day: dt.date, /) -> bool:
        """Whether people work on this day; `InvalidValue` for a year that was not written out."""
        if not self.first_year <= day.year <= self.last_year:
            raise InvalidValue("calendar.day", day.isoformat(), f"must be from {self.first_year} to {self.last_year}")
        return self.calendar.is_business_day(day)


def business_calendar(
    country: str,
    years: Iterable[int],
    *,
    subdivision: str | None = None,
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY,
) -> YearsCalendar:
    """The public holidays of a country, or of a part of it, for a run of years; ``country`` as in ISO 3166 ("DE").

    Errors: `UnknownId` for a country or subdivision that the package does not know, `InvalidValue` for no years,
    `ImportError` where the extra is not installed.
    """
    import holidays  # noqa: PLC0415 - an extra: only who asks for it needs it

    wanted = sorted(set(years))
    for year in wanted:
        checks.whole("calendar.years", year, least=1, most=9999)
    if not wanted or wanted != list(range(wanted[0], wanted[-1] + 1)):
        raise InvalidValue("calendar.years", wanted, "must be at least one, without gaps")
    try:
        found: Any = holidays.country_holidays(country, subdiv=subdivision, years=wanted)
    except NotImplementedError:
        raise UnknownId("holidays of", country if subdivision is None else f"{country}-{subdivision}") from None
    calendar = FixedCalendar(weekend=weekend, holidays=frozenset(day for day in found if day.year in wanted))
    return YearsCalendar(first_year=wanted[0], last_year=wanted[-1], calendar=calendar)
