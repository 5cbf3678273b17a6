"""Forecast of cash: what open items are expected to bring by day and by week, with bands, per currency.

Every minor unit that is open stands somewhere: expected until the last day, later, never, disputed, or undefined where there
is nothing to go by. What is already on account is no cash to come, and stands beside it. Discounts that customers may take
are not looked at, nor are orders that are not invoiced.

Customers pay on business days: what would come on a free day comes on the next one, and after the last day counts as later.
Weeks begin on Monday; the days of a week sum to it, their bands do not, as not all days go badly at once.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import sub
from typing import Final, NamedTuple, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast_bands import ONE, Tallies, Tally
from receivables.reports.forecast_behavior import SCALE, Behavior, Curves
from receivables.reports.forecast_items import SOURCES, AnnouncedPayment, Parts, Portion, portions_of
from receivables.reports.forecast_timing import METHOD as TIMING_METHOD
from receivables.reports.forecast_timing import check_learned_before
from receivables.reports.table import headed, html_table, text_table
from receivables.state.view import View, each_view
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import WEEKENDS, BusinessCalendar, add_days
from receivables.values.money import Money

_PART: Final = SCALE // ONE

LONGEST_DAYS: Final = 366
"""How far ahead a forecast goes at most."""

METHOD: Final = f"{TIMING_METHOD}; bands by exact sums of the largest independent amounts, normal approximation for the rest, widened"
"""How the figures are found."""


@final
@frozen(kw_only=True)
class ForecastLine:
    """What is expected in a day or a week of one currency, with a figure per band."""

    currency: Currency
    start: dt.date
    end: dt.date
    expected: Money
    bands: tuple[Money, ...]

    def row(self, percents: Sequence[int]) -> dict[str, object]:
        """The line as a plain dict."""
        figures = {f"{percent} %": str(money.amount) for percent, money in zip(percents, self.bands, strict=True)}
        head = {"currency": self.currency.code, "start": self.start, "end": self.end}
        return {**head, "expected": str(self.expected.amount), **figures}


@final
@frozen(kw_only=True)
class ForecastTotal:
    """One currency of a forecast: where everything that is open stands. ``expected`` is what comes until the last day.

    ``by_source`` says by what it is expected: see `receivables.reports.forecast_items.SOURCES`.
    """

    currency: Currency
    expected: Money
    later: Money
    never: Money
    disputed: Money
    undefined: Money
    on_account: Money
    by_source: tuple[tuple[str, Money], ...]

    @property
    def open(self) -> Money:
        """The sum of all: what is open."""
        return self.expected + self.later + self.never + self.disputed + self.undefined

    def row(self) -> dict[str, object]:
        """The total as a plain dict."""
        names = ("open", "expected", "later", "never", "disputed", "undefined", "on_account")
        return {"currency": self.currency.code, **{name: str(getattr(self, name).amount) for name in names}}


@final
@frozen(kw_only=True)
class CashForecast:
    """What is expected from the day after ``as_of`` until ``until``; ``learned_as_of`` is the date of the behavior."""

    as_of: dt.date
    known_at: dt.datetime | None
    learned_as_of: dt.date
    until: dt.date
    policy: str
    percents: tuple[int, ...]
    days: tuple[ForecastLine, ...] = field(repr=False)
    weeks: tuple[ForecastLine, ...] = field(repr=False)
    totals: tuple[ForecastTotal, ...] = field(repr=False)
    method: str = METHOD

    def total(self, currency: str | Currency) -> ForecastTotal:
        """One currency; all zero where nothing is open in it."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        for each in self.totals:
            if each.currency == wanted:
                return each
        return _total(wanted, dict.fromkeys((*FIGURES, *SOURCES), 0))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per currency and week."""
        return [line.row(self.percents) for line in self.weeks]

    def day_rows(self) -> list[dict[str, object]]:
        """One plain dict per currency and business day."""
        return [line.row(self.percents) for line in self.days]

    def total_rows(self) -> list[dict[str, object]]:
        """One plain dict per currency: where everything that is open stands."""
        return [total.row() for total in self.totals]

    @property
    def title(self) -> str:
        """What it is, in words."""
        known = f", known at {self.known_at.isoformat()}" if self.known_at is not None else ""
        return f"cash forecast as of {self.as_of}{known} until {self.until} by {self.policy}"

    def __str__(self) -> str:
        weeks = text_table(self.rows(), "nothing is expected")
        return f"{self.title}\n{weeks}\n{text_table(self.total_rows(), 'nothing is open')}"

    def _repr_html_(self) -> str:
        title = f"{headed(self.title)} ({self.method})"
        return html_table(self.rows(), title) + html_table(self.total_rows(), "Where everything that is open stands")


def forecast(
    views: View | Iterable[View],
    behavior: Behavior,
    policy: ForecastPolicy,
    until: dt.date,
    *,
    calendar: BusinessCalendar = WEEKENDS,
    announced: Iterable[AnnouncedPayment] = (),
) -> CashForecast:
    """What the open items of the accounts whose views are given bring until a day; all views must be of one date.

    Twenty invoices were paid one or two days late. Of one that is due on Wednesday nearly all is expected in that week;
    the little that is left is what twenty payments cannot rule out:

    >>> from receivables import Account, Customer, Invoice
    >>> from receivables.reports.forecast_behavior import learn
    >>> from receivables.reports.forecast_history import PaymentRecord
    >>> wednesday = lambda week: dt.date(2026, 1, 7) + dt.timedelta(days=7 * week)
    >>> behavior = learn([PaymentRecord(customer="ACME", due_on=wednesday(n),
    ...                                 paid_on=wednesday(n) + dt.timedelta(days=1 + n % 2)) for n in range(20)],
    ...                  as_of=dt.date(2026, 6, 1))
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 5, 20),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 6, 10))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 6, 1))
    >>> print(forecast(view, behavior, ForecastPolicy(id="cash", version=1), dt.date(2026, 6, 14)))
    cash forecast as of 2026-06-01 until 2026-06-14 by cash/1
    currency  start       end         expected     10 %     50 %     90 %
    EUR       2026-06-02  2026-06-07      0.07     0.00     0.00     0.00
    EUR       2026-06-08  2026-06-14   1193.77  1200.00  1200.00  1200.00
    currency     open  expected  later  never  disputed  undefined  on_account
    EUR       1200.00   1193.84   6.00   0.16      0.00       0.00        0.00

    Errors: `InvalidValue` for views of different dates, for a behavior that was learned after them, and for a day that is not
    after their date or more than a year after it.
    """
    checks.day("forecast.until", until)
    coming: dict[str, list[AnnouncedPayment]] = {}
    for each in announced:
        coming.setdefault(each.account, []).append(each)
    curves = Curves(behavior, policy)
    first: View | None = None
    sums = None
    for view in each_view("forecast.views", views):
        if first is None or sums is None:
            first, sums = view, _Sums(view.as_of, until, policy, calendar)
        elif (view.as_of, view.known_at) != (first.as_of, first.known_at):
            raise InvalidValue("forecast.views", view.as_of.isoformat(), f"must all be of {first.as_of}")
        check_learned_before(behavior, view)
        sums.add(view, portions_of(view, curves, policy, sums.length, coming.get(view.account, ())))
    if first is None or sums is None:
        sums = _Sums(behavior.as_of, until, policy, calendar)
    days, weeks = sums.lines()
    return CashForecast(
        as_of=first.as_of if first is not None else behavior.as_of,
        known_at=first.known_at if first is not None else behavior.known_at,
        learned_as_of=behavior.as_of,
        until=until,
        policy=f"{policy.id}/{policy.version}",
        percents=policy.bands,
        days=days,
        weeks=weeks,
        totals=tuple(sums.totals()),
    )


# Adding up --------------------------------------------------------------------------------------------------------------


class _Stretch(NamedTuple):
    """A day or a week: its first and last day, and how many business days are over before and after it."""

    start: dt.date
    end: dt.date
    before: int
    after: int


class _Sums:
    """What is expected in each day and week, by currency, while view after view is added."""

    def __init__(self, as_of: dt.date, until: dt.date, policy: ForecastPolicy, calendar: BusinessCalendar) -> None:
        self.length = (until - as_of).days
        if not 1 <= self.length <= LONGEST_DAYS:
            raise InvalidValue("forecast.until", until.isoformat(), f"must be 1 to {LONGEST_DAYS} days after {as_of}")
        self._policy = policy
        ends = [n for n in range(1, self.length + 1) if calendar.is_business_day(add_days(as_of, n))]
        self._days, self._weeks = _days(as_of, ends), _weeks(as_of, self.length, ends)
        self._ends = (0, *ends)
        self._befores = [each.before for each in (*self._days, *self._weeks)]
        self._afters = [each.after for each in (*self._days, *self._weeks)]
        self._tallies: dict[Currency, Tallies] = {}
        self._figures: dict[Currency, dict[str, int]] = {}

    def add(self, view: View, parts: Parts) -> None:
        """Add what a view brings."""
        for portion in parts.portions:
            self._place(portion)
        for figure, amounts in (("disputed", parts.disputed), ("undefined", parts.undefined)):
            for currency, minor in amounts.items():
                self._of(currency)[figure] += minor
        for credit in view.credits:
            self._of(credit.currency)["on_account"] += credit.remaining

    def _of(self, currency: Currency) -> dict[str, int]:
        return self._figures.setdefault(currency, dict.fromkeys((*FIGURES, *SOURCES), 0))

    def _place(self, portion: Portion) -> None:
        """A portion into the stretches in which it may come, and the rest of it into the figures."""
        figures, minor, after = self._of(portion.currency), portion.amount, portion.open_after
        still = [after[end] for end in self._ends]
        paid = [minor * (SCALE - open_) // SCALE for open_ in still]
        ps, parts = self._by_stretch(still, -1), self._by_stretch(paid, 1)
        tallies = self._tallies.get(portion.currency)
        if tallies is None:
            tallies = self._tallies[portion.currency] = Tallies(len(self._afters), self._policy.largest)
        if 0 in ps:
            few = ((at, less // _PART, parts[at]) for at, less in enumerate(ps) if less)
            tallies.add_few(minor, few)
        else:
            tallies.add(minor, [less // _PART for less in ps], parts)
        expected = paid[-1]
        never, undefined = (minor * part // SCALE for part in (portion.never, portion.unknown))
        figures["expected"] += expected
        figures[portion.source] += expected
        figures["never"] += never
        figures["undefined"] += undefined
        figures["later"] += minor - expected - never - undefined

    def _by_stretch(self, until: Sequence[int], sign: int) -> list[int]:
        """By how much a column of the business days grows, or falls, in each day and each week."""
        befores, afters = map(until.__getitem__, self._befores), map(until.__getitem__, self._afters)
        return list(map(sub, afters, befores) if sign > 0 else map(sub, befores, afters))

    def lines(self) -> tuple[tuple[ForecastLine, ...], tuple[ForecastLine, ...]]:
        """The days and the weeks, by currency."""
        days: list[ForecastLine] = []
        weeks: list[ForecastLine] = []
        for currency in sorted(self._tallies, key=_code):
            tallies = self._tallies[currency].tallies()
            days += self._lines(currency, self._days, tallies[: len(self._days)])
            weeks += self._lines(currency, self._weeks, tallies[len(self._days) :])
        return tuple(days), tuple(weeks)

    def _lines(
        self, currency: Currency, stretches: Sequence[_Stretch], tallies: Sequence[Tally]
    ) -> Iterator[ForecastLine]:
        for tally, stretch in zip(tallies, stretches, strict=True):
            yield ForecastLine(
                currency=currency,
                start=stretch.start,
                end=stretch.end,
                expected=Money(tally.expected, currency),
                bands=tuple(
                    Money(minor, currency) for minor in tally.bands(self._policy.bands, self._policy.spread_percent)
                ),
            )

    def totals(self) -> Iterator[ForecastTotal]:
        """One for each currency, by code."""
        for currency in sorted(self._figures, key=_code):
            yield _total(currency, self._figures[currency])


FIGURES: Final = ("expected", "later", "never", "disputed", "undefined", "on_account")
"""The figures of a total; all but the last sum to what is open."""


def _total(currency: Currency, figures: Mapping[str, int]) -> ForecastTotal:
    return ForecastTotal(
        currency=currency,
        by_source=tuple((source, Money(figures[source], currency)) for source in SOURCES if figures[source]),
        **{name: Money(figures[name], currency) for name in FIGURES},
    )


def _days(as_of: dt.date, ends: Sequence[int]) -> list[_Stretch]:
    """Each business day by itself."""
    days = [add_days(as_of, end) for end in ends]
    return [_Stretch(day, day, at, at + 1) for at, day in enumerate(days)]


def _weeks(as_of: dt.date, length: int, ends: Sequence[int]) -> list[_Stretch]:
    """The weeks from Monday to Sunday, the first and the last cut to the days of the forecast."""
    found = []
    start, before = 1, 0
    while start <= length:
        end = min(length, start + 6 - add_days(as_of, start).weekday())
        after = bisect_right(ends, end)
        found.append(_Stretch(add_days(as_of, start), add_days(as_of, end), before, after))
        start, before = end + 1, after
    return found


def _code(currency: Currency) -> str:
    return currency.code
