"""When one open item will be paid: the days by which it is half certain, and how likely it is late, with the reasons.

Customers pay on business days: what would come on a free day comes on the next business day. Probabilities are of an item
that is open at the end of ``as_of``.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import final

from attrs import field, frozen

from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_behavior import EARLIEST, END, SCALE, Basis, Behavior, Curves, Spread, spread
from receivables.reports.table import html_table, text_table
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import WEEKENDS, BusinessCalendar, Roll, add_days, roll

METHOD = "product-limit estimate by customer, each level leaning on the one above"
"""How the probabilities are found, as every report of them says."""


@final
@frozen(kw_only=True)
class Timing:
    """When an item that is open on a date will be paid, by the behavior of its customer."""

    as_of: dt.date
    due_on: dt.date
    basis: tuple[Basis, ...] = field(repr=False)
    calendar: BusinessCalendar = field(repr=False)
    left: Spread = field(repr=False)

    @property
    def never(self) -> Fraction:
        """How likely it is never paid, or later than anything that is learned from."""
        return Fraction(self.left.never, SCALE)

    @property
    def expected_on(self) -> dt.date | None:
        """The day by which it is as likely paid as not; ``None`` where it more likely never is."""
        return self.quantile(50)

    def quantile(self, percent: int) -> dt.date | None:
        """The first day by which it is paid with so many percent; ``None`` where that never comes."""
        checks.whole("timing.percent", percent, least=1, most=99)
        most = SCALE * (100 - percent) // 100
        for days, left in enumerate(self.left.open_after):
            if left <= most:
                return roll(add_days(self.as_of, days), Roll.FOLLOWING, self.calendar)
        return None

    def paid_by(self, day: dt.date) -> Fraction:
        """How likely it is paid by the end of a day."""
        if day <= self.as_of:
            return Fraction(0)
        last = roll(day, Roll.PRECEDING, self.calendar)
        days = min(max((last - self.as_of).days, 0), len(self.left.open_after) - 1)
        return 1 - Fraction(self.left.open_after[days], SCALE)


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
        left=spread(hazards, days_late, days),
    )


@final
@frozen(kw_only=True)
class LateProbability:
    """How likely an item is paid later than so many days after its due date; ``None`` where that is undefined.

    ``basis`` is the history behind it, from all customers down, and ``reasons`` say why there is no figure, or a certain one.
    """

    item: str
    days: int
    as_of: dt.date
    known_at: dt.datetime | None
    method: str
    probability: Fraction | None
    basis: tuple[Basis, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per level of the history."""
        return [each.row() for each in self.basis]

    @property
    def title(self) -> str:
        """What it says, in words."""
        figure = "undefined" if self.probability is None else f"{float(100 * self.probability):.1f} %"
        why = f" ({', '.join(map(str, self.reasons))})" if self.reasons else ""
        return f"{self.item} paid more than {self.days} days late, as of {self.as_of}: {figure}{why}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no history')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def late_probability(
    view: View,
    item: str,
    behavior: Behavior,
    policy: ForecastPolicy,
    *,
    days: int = 0,
    calendar: BusinessCalendar = WEEKENDS,
    curves: Curves | None = None,
) -> LateProbability:
    """How likely an open item is paid more than so many days after its due date, given that it is open now.

    By the customer's behavior alone: what was agreed about the item is not looked at. Three of four invoices of one customer
    were paid late; what the others did counts as well, and there is nobody else:

    >>> from receivables import Account, Customer, Invoice, Money
    >>> from receivables.reports.forecast_behavior import learn
    >>> from receivables.reports.forecast_history import PaymentRecord
    >>> monday = lambda week: dt.date(2026, 1, 5) + dt.timedelta(days=7 * week)
    >>> behavior = learn([PaymentRecord(customer="ACME", due_on=monday(n), paid_on=monday(n) + dt.timedelta(days=late))
    ...                   for n, late in enumerate((0, 2, 2, 9))], as_of=dt.date(2026, 2, 10))
    >>> invoice = Invoice.due(number="INV-9", account="ACME", issued_on=dt.date(2026, 2, 9), total=Money.of(100, "EUR"),
    ...                       due_on=dt.date(2026, 2, 23))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 10))
    >>> print(late_probability(view, "INV-9", behavior, ForecastPolicy(id="cash", version=1)))
    INV-9 paid more than 0 days late, as of 2026-02-10: 76.1 %
    level     about  items  counts percent
    all                  4              80
    segment              4              16
    customer  ACME       4              57

    Errors: `UnknownId` for an item that is not there, `InvalidValue` for a behavior that was learned after the view.
    """
    checks.whole("late_probability.days", days, least=0)
    check_learned_before(behavior, view)
    found = _late(view, item, behavior, policy, days, calendar, curves)
    probability, basis, code = found
    return LateProbability(
        item=item,
        days=days,
        as_of=view.as_of,
        known_at=view.known_at,
        method=METHOD,
        probability=probability,
        basis=basis,
        reasons=(Reason(code=code, retryable=code == "no_history"),) if code else (),
    )


def check_learned_before(behavior: Behavior, view: View) -> None:
    """A view of the past must not be judged by what became known after it: `InvalidValue` where it would."""
    if behavior.as_of > view.as_of:
        raise InvalidValue("behavior.as_of", behavior.as_of.isoformat(), f"must not be after {view.as_of}")
    if view.known_at is not None and (behavior.known_at is None or behavior.known_at > view.known_at):
        known = "all that is recorded" if behavior.known_at is None else behavior.known_at.isoformat()
        raise InvalidValue("behavior.known_at", known, f"must not be after {view.known_at.isoformat()}")


def _late(
    view: View,
    item: str,
    behavior: Behavior,
    policy: ForecastPolicy,
    days: int,
    calendar: BusinessCalendar,
    curves: Curves | None,
) -> tuple[Fraction | None, tuple[Basis, ...], str]:
    """The probability, the history behind it, and the code of a reason, empty where there is nothing to say."""
    if item in view.closed:
        return None, (), "closed"
    due_on = view.item(item).due_on
    if due_on is None:
        return None, (), "no_due_date"
    if (view.as_of - due_on).days >= days:
        return Fraction(1), (), "already_late"
    segment = view.customer.segment if view.customer is not None else ""
    found = timing(
        behavior,
        policy,
        customer=view.account,
        segment=segment,
        due_on=due_on,
        as_of=view.as_of,
        calendar=calendar,
        curves=curves,
    )
    if found is None:
        return None, (), "no_history"
    last = add_days(due_on, min(days, (dt.date.max - due_on).days))
    return 1 - found.paid_by(last), found.basis, ""
