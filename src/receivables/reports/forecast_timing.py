"""When one open item will be paid: the days by which it is half certain, and how likely it is late.

Customers pay on business days: what would come on a free day comes on the next business day. Probabilities are of an item
that is open at the end of ``as_of``.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import final

from attrs import field, frozen

from receivables.documents.reason import Reason
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_behavior import EARLIEST, END, SCALE, Basis, Behavior, Curves, Spread, spread
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import WEEKENDS, BusinessCalendar, Roll, roll

_DAY = dt.timedelta(days=1)


@final
@frozen(kw_only=True)
class Timing:
    """When an item that is open on a date will be paid, by the behavior of its customer."""

    as_of: dt.date
    due_on: dt.date
    basis: tuple[Basis, ...] = field(repr=False)
    calendar: BusinessCalendar = field(repr=False)
    _spread: Spread = field(repr=False, alias="spread")

    @property
    def never(self) -> Fraction:
        """How likely it is never paid, or later than anything that is learned from."""
        return Fraction(self._spread.never, SCALE)

    @property
    def expected_on(self) -> dt.date | None:
        """The day by which it is as likely paid as not; ``None`` where it more likely never is."""
        return self.quantile(50)

    def quantile(self, percent: int) -> dt.date | None:
        """The first day by which it is paid with so many percent; ``None`` where that never comes."""
        checks.whole("timing.percent", percent, least=1, most=99)
        most = SCALE * (100 - percent) // 100
        for days, left in enumerate(self._spread.open_after):
            if left <= most:
                return roll(self.as_of + dt.timedelta(days=days), Roll.FOLLOWING, self.calendar)
        return None

    def paid_by(self, day: dt.date) -> Fraction:
        """How likely it is paid by the end of a day."""
        if day <= self.as_of:
            return Fraction(0)
        last = roll(day, Roll.PRECEDING, self.calendar)
        days = min(max((last - self.as_of).days, 0), len(self._spread.open_after) - 1)
        return 1 - Fraction(self._spread.open_after[days], SCALE)


def timing(
    behavior: Behavior,
    policy: ForecastPolicy,
    *,
    customer: str,
    due_on: dt.date,
    as_of: dt.date,
    segment: str = "",
    calendar: BusinessCalendar = WEEKENDS,
    curves: Curves | None = None,
) -> Timing | None:
    """When an item that is open at the end of a day will be paid; ``None`` where nothing was learned.

    Nine invoices were paid on the day after the due date. One that is due on Thursday is expected on Friday; once Friday is
    over without the money, on Monday with one percent and more likely much later:

    >>> from receivables.reports.forecast_history import PaymentRecord
    >>> from receivables.reports.forecast_behavior import learn
    >>> day = lambda number: dt.date(2026, 1, number)
    >>> behavior = learn([PaymentRecord(customer="ACME", due_on=day(n), paid_on=day(n + 1)) for n in range(1, 10)],
    ...                  as_of=day(15))
    >>> policy = ForecastPolicy(id="cash", version=1)
    >>> item = {"customer": "ACME", "due_on": day(22)}
    >>> [str(timing(behavior, policy, as_of=day(n), **item).expected_on) for n in (15, 23)]
    ['2026-01-23', '2026-04-03']
    >>> str(timing(behavior, policy, as_of=day(23), **item).quantile(1))
    '2026-01-26'

    Pass the same ``curves`` where you ask for many items under one behavior and policy.
    """
    checks.day("timing.due_on", due_on)
    checks.day("timing.as_of", as_of)
    known = curves if curves is not None else Curves(behavior, policy)
    hazards = known.hazards(segment, customer, due_on)
    if hazards is None:
        return None
    days_late = (as_of - due_on).days
    days = max(0, END - 1 - max(days_late, EARLIEST - 1) + max(0, EARLIEST - 1 - days_late))
    return Timing(
        as_of=as_of,
        due_on=due_on,
        basis=known.basis(segment, customer, due_on),
        calendar=calendar,
        spread=spread(hazards, days_late, days),
    )
