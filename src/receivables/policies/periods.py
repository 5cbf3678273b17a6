"""Which day an entry is posted on: a value date in a closed period goes to the first day that is open.

A closing is dated twice, like a fact: the last day of what was closed, and the instant from which on that held. So what was
posted before stays where it was posted, and the whole journal, made anew from the log, is the same for ever. The closing
that was made last counts; one that ends earlier opens what lies between again.
"""

from __future__ import annotations

import datetime as dt
from typing import Self, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks


@final
@frozen(kw_only=True)
class Closing:
    """The books were closed up to and including a day; what is recorded from ``since`` on is posted after it.

    >>> Closing(until=dt.date(2026, 3, 31), since=dt.datetime(2026, 4, 7, tzinfo=dt.UTC)).first_open
    datetime.date(2026, 4, 1)
    """

    until: dt.date
    since: dt.datetime

    def __attrs_post_init__(self) -> None:
        checks.day("closing.until", self.until)
        checks.instant("closing.since", self.since)
        if self.until == dt.date.max:
            raise InvalidValue("closing.until", self.until.isoformat(), "must leave a day that is open")

    @property
    def first_open(self) -> dt.date:
        """The day after the last one that is closed."""
        return self.until + dt.timedelta(days=1)


@final
@frozen(kw_only=True)
class Periods:
    """All closings, in the order in which they were made.

    >>> at = lambda *day: dt.datetime(*day, tzinfo=dt.UTC)
    >>> periods = Periods(closings=(Closing(until=dt.date(2026, 3, 31), since=at(2026, 4, 7)),))
    >>> late = dt.date(2026, 3, 30)
    >>> periods.posted_on(late, at(2026, 4, 6)).isoformat(), periods.posted_on(late, at(2026, 4, 8)).isoformat()
    ('2026-03-30', '2026-04-01')

    Errors: `InvalidValue` where the closings are not in order.
    """

    closings: tuple[Closing, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.sequence("periods.closings", self.closings, Closing, "closings")
        for earlier, later in zip(self.closings, self.closings[1:], strict=False):
            if later.since <= earlier.since:
                raise InvalidValue("periods.closings", later.since.isoformat(), f"must be after {earlier.since}")

    @classmethod
    def closed(cls, until: dt.date) -> Self:
        """Closed up to a day, whenever something was recorded.

        >>> Periods.closed(dt.date(2026, 3, 31)).posted_on(dt.date(2026, 1, 5), dt.datetime(2026, 1, 6, tzinfo=dt.UTC)).isoformat()
        '2026-04-01'
        """
        return cls(closings=(Closing(until=until, since=dt.datetime.min.replace(tzinfo=dt.UTC)),))

    def posted_on(self, day: dt.date, recorded_at: dt.datetime) -> dt.date:
        """The day on which something of a value date is posted that was recorded at an instant."""
        for closing in reversed(self.closings):
            if closing.since <= recorded_at:
                return max(day, closing.first_open)
        return day
