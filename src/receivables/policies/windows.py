"""When something may be sent: weekdays, hours and holidays, in the zone of the one who gets it.

A window is said in wall time. On the two days a year when an hour is missing or double it stays true: an opening
or a closing that does not exist is the same time by the old offset, an hour later on the clock; of a doubled hour the
opening takes the first and the closing the second. A window that lies in the missing hour up to its end stays closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue, UnknownId
from receivables.values import checks
from receivables.values.dates import BusinessCalendar

MONDAY_TO_FRIDAY = frozenset(range(5))
LONGEST_WAIT_DAYS = 400


@final
@frozen(kw_only=True)
class SendWindow:
    """The hours in which letters go out, from ``opens`` up to but not including ``closes``, on some weekdays.

    ``weekdays`` counts from Monday as 0. ``calendar`` names a business calendar of the host whose closed days are closed
    here too.

    >>> tokyo = dt.timezone(dt.timedelta(hours=9))
    >>> window = SendWindow(opens=dt.time(9), closes=dt.time(17))
    >>> job = dt.datetime(2026, 4, 1, 13, tzinfo=dt.UTC)        # 22:00 in Tokyo
    >>> window.next_opening(job, tokyo).isoformat()
    '2026-04-02T00:00:00+00:00'
    """

    opens: dt.time
    closes: dt.time
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    calendar: str | None = None

    def __attrs_post_init__(self) -> None:
        for field, value in (("window.opens", self.opens), ("window.closes", self.closes)):
            checks.instance(field, value, dt.time, "a time of day")
            if value.tzinfo is not None:
                raise InvalidValue(field, value.isoformat(), "must be wall time, without a zone")
        checks.instance("window.weekdays", self.weekdays, frozenset, "a frozenset of weekdays")
        checks.optional_text("window.calendar", self.calendar)
        if self.closes <= self.opens:
            raise InvalidValue("window.closes", self.closes.isoformat(), f"must be after {self.opens.isoformat()}")
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise InvalidValue("window.weekdays", sorted(self.weekdays), "must be some of 0 (Monday) to 6")

    def next_opening(
        self, instant: dt.datetime, zone: dt.tzinfo, calendars: Mapping[str, BusinessCalendar] | None = None
    ) -> dt.datetime:
        """The instant itself where the window is open, otherwise the next opening, in UTC.

        Raises `UnknownId` for a calendar that the host did not give, `InvalidValue` for a window that never opens.
        """
        checks.instant("window.instant", instant)
        now = instant.astimezone(dt.UTC)
        first = instant.astimezone(zone).date()
        for offset in range(LONGEST_WAIT_DAYS):
            day = first + dt.timedelta(days=offset)
            if self._is_open_day(day, calendars or {}):
                opens = _instant(day, self.opens, zone, 0)
                closes = max(_instant(day, self.closes, zone, 0), _instant(day, self.closes, zone, 1))
                if max(now, opens) < closes:
                    return max(now, opens)
        raise InvalidValue("window.calendar", self.calendar, f"must open within {LONGEST_WAIT_DAYS} days")

    def _is_open_day(self, day: dt.date, calendars: Mapping[str, BusinessCalendar]) -> bool:
        if day.weekday() not in self.weekdays:
            return False
        if self.calendar is None:
            return True
        if self.calendar not in calendars:
            raise UnknownId("calendar", self.calendar)
        return calendars[self.calendar].is_business_day(day)


def _instant(day: dt.date, time: dt.time, zone: dt.tzinfo, fold: int) -> dt.datetime:
    """A wall time as an instant: ``fold`` chooses between the two of a doubled hour."""
    return dt.datetime.combine(day, time, zone).replace(fold=fold).astimezone(dt.UTC)
