"""Interest on a debt: segments of days with one balance and one rate, summed exactly and rounded once.

The rules:

1. The first day is the day after the due date, the last the value date of the payment: an invoice due on 1 April and
   paid on 16 May bears interest for 45 days. Paid on the due date, it bears none.
2. Interest is simple, unless the law compounds. Fees and interest bear none, unless the terms say so.
3. Segments are measured from the due date on, so that the parts of a period always add up to the whole, whatever the
   day count.
4. Nothing is rounded before the sum. A claim is the rounded total to date less what was already claimed, so that no
   day is charged twice, however often one claims.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Final, NamedTuple, Self, final

from attrs import define, frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.balances import KINDS, BalanceHistory, FreeDays, bearing
from receivables.policies.interest_rates import RateQuote, RateRule, percent_text
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_days, add_months
from receivables.values.daycounts import DayCount
from receivables.values.money import Money, Rounding

MOST_PERIODS: Final = 1_200
"""How often interest may be added to the debt: a hundred years of months."""

SHOWN_PLACES: Final = 4
"""Decimals of a unit with which unrounded amounts are shown."""


@final
class Compounding(Enum):
    """When interest is added to the debt that bears interest, counted from the due date."""

    NONE = "simple"
    EVERY_30_DAYS = "compounded every 30 days"
    """31 USC 3902(e): what is unpaid after any 30-day period is added to the principal."""
    MONTHLY = "compounded monthly"
    YEARLY = "compounded yearly"
    """Dutch Civil Code, BW 6:119(2) and 6:119a(3): each time a year has ended."""


@final
class CountedDays(Enum):
    """Which days of a debt due on the 1st and paid on the 16th bear interest: fifteen in both cases."""

    AFTER_DUE = "from the day after the due date to the day of payment"
    FROM_DUE = "from the due date to the day before payment"


@final
@frozen(kw_only=True)
class InterestTerms:
    """What interest a debt bears: the rate, the day count, what is added to the debt, and how the sum is rounded.

    >>> terms = InterestTerms(id="contract", rate=RateRule.fixed("9"))
    >>> invoice = BalanceHistory.of(Money.of("1200.00", "EUR"))
    >>> accrue(invoice, terms, due_on=dt.date(2026, 2, 4), until=dt.date(2026, 2, 25)).total
    Money.of('6.21', 'EUR')

    ``source`` is the law or clause. ``per_days`` is for a percentage of so many days instead of a year, such as 2 % for
    30 days. ``bears`` says what of the debt bears interest. ``step`` is the smallest amount in minor units.
    ``stops_after_months`` ends the interest of a debt that stays unpaid longer.
    Errors: `WrongType`, `InvalidValue`.
    """

    id: str
    rate: RateRule
    source: str = ""
    day_count: DayCount = DayCount.ACT_365F
    per_days: int | None = None
    compounding: Compounding = Compounding.NONE
    counted: CountedDays = CountedDays.AFTER_DUE
    bears: frozenset[str] = frozenset({"principal"})
    rounding: Rounding = Rounding.HALF_UP
    step: int = 1
    stops_after_months: int | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("terms.id", self.id)
        checks.text("terms.source", self.source, empty=True)
        checks.instance("terms.rate", self.rate, RateRule, "a RateRule")
        for name, kind in _CHOICES:
            checks.instance(f"terms.{name}", getattr(self, name), kind, f"a {kind.__name__}")
        checks.whole("terms.step", self.step, least=1)
        for name in ("per_days", "stops_after_months"):
            if getattr(self, name) is not None:
                checks.whole(f"terms.{name}", getattr(self, name), least=1)
        _check_bears(self.bears, self.compounding)

    @classmethod
    def fixed(
        cls, percent: Decimal | str | int, *, id: str = "contract", day_count: DayCount = DayCount.ACT_365F
    ) -> Self:
        """One percentage a year, simple.

        >>> InterestTerms.fixed("8", day_count=DayCount.THIRTY_E_360).says
        'simple, 30E/360'
        """
        return cls(id=id, rate=RateRule.fixed(percent), day_count=day_count)

    @property
    def says(self) -> str:
        """How interest is counted, for the letter that claims it."""
        basis = self.day_count.value if self.per_days is None else f"percent for {self.per_days} days"
        return f"{self.compounding.value}, {basis}"

    def end(self, due_on: dt.date, until: dt.date) -> dt.date:
        """The last day of interest: ``until``, or the day on which the law stops it."""
        return until if self.stops_after_months is None else min(until, add_months(due_on, self.stops_after_months))


_CHOICES: Final[tuple[tuple[str, type], ...]] = (
    ("day_count", DayCount),
    ("compounding", Compounding),
    ("counted", CountedDays),
    ("bears", frozenset),
    ("rounding", Rounding),
)

_OFFSETS: Final[dict[CountedDays, int]] = {CountedDays.AFTER_DUE: 1, CountedDays.FROM_DUE: 0}

# Years of a fixed number of days, and whether the days are actual days: no fractions are needed on the way.
_YEARS: Final[dict[DayCount, tuple[int, bool]]] = {
    DayCount.ACT_365F: (365, True),
    DayCount.ACT_360: (360, True),
    DayCount.THIRTY_360_US: (360, False),
    DayCount.THIRTY_360_BOND_BASIS: (360, False),
    DayCount.THIRTY_E_360: (360, False),
    DayCount.THIRTY_E_360_ISDA: (360, False),
}

_PERIODS: Final[dict[Compounding, Callable[[dt.date, int], dt.date]]] = {
    Compounding.EVERY_30_DAYS: lambda due_on, count: add_days(due_on, 30 * count),
    Compounding.MONTHLY: add_months,
    Compounding.YEARLY: lambda due_on, count: add_months(due_on, 12 * count),
}


def _check_bears(bears: frozenset[str], compounding: Compounding) -> None:
    if not bears or not bears <= KINDS:
        raise InvalidValue("terms.bears", sorted(bears), "must be one or more of " + ", ".join(sorted(KINDS)))
    if "interest" in bears and compounding is not Compounding.NONE:
        raise InvalidValue("terms.bears", sorted(bears), "must leave interest out where it is compounded already")


# What came of it ----------------------------------------------------------------------------------------------------


class InterestSegment(NamedTuple):
    """Days with one balance and one percentage; both days bear interest.

    ``compounded`` is interest that was added to the debt before, and ``amount`` is not rounded; both are in minor
    units.
    """

    first_day: dt.date
    last_day: dt.date
    days: int
    principal: Money
    compounded: Fraction
    quote: RateQuote
    amount: Fraction


@final
@frozen
class Accrual:
    """The interest of a debt from its due date to a day, segment by segment.

    >>> from receivables.policies.balances import BalanceChange
    >>> terms = InterestTerms(id="contract", source="clause 7", rate=RateRule.fixed("8"))
    >>> debt = BalanceHistory.of(Money.of(1200, "EUR"), BalanceChange.payment(dt.date(2026, 4, 11), Money.of(480, "EUR")))
    >>> print(accrue(debt, terms, due_on=dt.date(2026, 4, 1), until=dt.date(2026, 4, 27)))
    interest to 2026-04-27 on a debt due on 2026-04-01: 5.16 EUR
      2026-04-02 to 2026-04-11, 10 days on 1200.00 EUR: 2.6301 (8 %: agreed)
      2026-04-12 to 2026-04-27, 16 days on 720.00 EUR: 2.5249 (8 %: agreed)
      contract, clause 7: simple, ACT/365F

    ``since`` is the date after which the days count; the due date, unless only a part was asked for.
    """

    terms: InterestTerms
    currency: Currency
    due_on: dt.date
    since: dt.date
    until: dt.date
    segments: tuple[InterestSegment, ...]

    @cached_property
    def exact(self) -> Fraction:
        """The sum of the segments, not rounded, in minor units."""
        amounts = [segment.amount for segment in self.segments]
        divisor = lcm(*(amount.denominator for amount in amounts))
        return Fraction(sum(amount.numerator * (divisor // amount.denominator) for amount in amounts), divisor)

    @property
    def total(self) -> Money:
        """The sum, rounded once as the terms say."""
        return Money.from_minor(self.exact, self.currency, rounding=self.terms.rounding, step=self.terms.step)

    @property
    def days(self) -> int:
        """How many days bore interest, by the day count of the terms."""
        return sum(segment.days for segment in self.segments)

    @property
    def first_day(self) -> dt.date | None:
        """The first day that bore interest; ``None`` if none did."""
        return self.segments[0].first_day if self.segments else None

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per segment; amounts are not rounded to the currency, but shown with more decimals."""
        return [self._row(segment) for segment in self.segments]

    def _row(self, segment: InterestSegment) -> dict[str, object]:
        return {
            "from": segment.first_day,
            "to": segment.last_day,
            "days": segment.days,
            "principal": str(segment.principal.amount),
            "compounded": self._shown(segment.compounded),
            "currency": self.currency.code,
            "rate_percent": percent_text(segment.quote.percent),
            "amount": self._shown(segment.amount),
            "because": str(segment.quote),
            "terms": self.terms.id,
            "source": self.terms.source,
            "counted": self.terms.says,
        }

    def _shown(self, minor: Fraction) -> str:
        places = max(SHOWN_PLACES, self.currency.exponent)
        whole = Rounding.HALF_UP.whole(minor * 10 ** (places - self.currency.exponent))
        return str(Money(whole, Currency(self.currency.code, places)).amount)

    def __str__(self) -> str:
        head = f"interest to {self.until} on a debt due on {self.due_on}: {self.total}"
        law = ", ".join(part for part in (self.terms.id, self.terms.source) if part)
        return "\n".join(
            [head, *(f"  {self._line(segment)}" for segment in self.segments), f"  {law}: {self.terms.says}"]
        )

    def _line(self, segment: InterestSegment) -> str:
        added = f" and {self._shown(segment.compounded)} of interest" if segment.compounded else ""
        days = f"{segment.first_day} to {segment.last_day}, {segment.days} days"
        return f"{days} on {segment.principal}{added}: {self._shown(segment.amount)} ({segment.quote})"


# Accruing -----------------------------------------------------------------------------------------------------------


def accrue(
    history: BalanceHistory,
    terms: InterestTerms,
    *,
    due_on: dt.date,
    until: dt.date,
    since: dt.date | None = None,
    free: Sequence[FreeDays] = (),
) -> Accrual:
    """Count the interest of a debt to a day: today, or the value date of the payment that closed it.

    >>> loan = BalanceHistory.of(Money.of(1000, "EUR"))
    >>> yearly = InterestTerms(id="NL", rate=RateRule.fixed("8"), day_count=DayCount.ACT_ACT_YEAR,
    ...                        compounding=Compounding.YEARLY)
    >>> accrue(loan, yearly, due_on=dt.date(2024, 1, 1), until=dt.date(2026, 1, 1)).total
    Money.of('166.40', 'EUR')

    With ``since``, only the days after that date are counted, on the balance and the compounded interest that they
    then had: the parts of a period add up to the whole. Where default begins later than the day after the due date,
    ``due_on`` is the last day before it. The days of ``free`` are left out, and what was compounded before them stays.

    Errors: `WrongType`; `InvalidValue` if ``until`` is before ``due_on`` or ``since``, if a rate is missing for a day,
    or for more than `MOST_PERIODS` periods of compounding.
    """
    checks.instance("history", history, BalanceHistory, "a BalanceHistory")
    checks.instance("terms", terms, InterestTerms, "InterestTerms")
    start = due_on if since is None else since
    _check_dates(due_on, start, until)
    end = terms.end(due_on, until)
    found = _segments(history, terms, due_on, end, start, free) if end > due_on else ()
    first = add_days(start, _OFFSETS[terms.counted]) if start > due_on else dt.date.min
    kept = tuple([segment for segment in found if segment.first_day >= first])
    return Accrual(terms, history.currency, due_on, start, until, kept)


def claim(accrual: Accrual, claimed: Money) -> Money:
    """What may be claimed now: the rounded total to date, less what was claimed before.

    >>> terms = InterestTerms.fixed("9")
    >>> to_date = accrue(BalanceHistory.of(Money.of(1200, "EUR")), terms, due_on=dt.date(2026, 2, 4),
    ...                  until=dt.date(2026, 2, 25))
    >>> claim(to_date, Money.of("4.73", "EUR"))
    Money.of('1.48', 'EUR')

    Below zero, that much was claimed too much and is to be reversed: a payment became known late. The accrual must
    run from the due date. Errors: `CurrencyMismatch`, `InvalidValue`.
    """
    if accrual.since != accrual.due_on:
        raise InvalidValue("accrual.since", str(accrual.since), "must be the due date: a claim is on the total to date")
    if claimed.currency != accrual.currency:
        raise CurrencyMismatch(accrual.total, claimed)
    return accrual.total - claimed


def _check_dates(due_on: dt.date, since: dt.date, until: dt.date) -> None:
    for name, day in (("due_on", due_on), ("since", since), ("until", until)):
        checks.day(f"accrue.{name}", day)
    if since < due_on:
        raise InvalidValue("accrue.since", str(since), f"must not be before the due date {due_on}")
    if until < since:
        raise InvalidValue("accrue.until", str(until), f"must not be before {since}")


def _segments(
    history: BalanceHistory,
    terms: InterestTerms,
    due_on: dt.date,
    end: dt.date,
    since: dt.date,
    free: Sequence[FreeDays],
) -> Iterator[InterestSegment]:
    """One walk over the dates at which anything changes. A date stands for the end of its day."""
    offset, moves = _OFFSETS[terms.counted], history.moves(terms.bears)
    quotes = _quotes(terms, due_on, end, offset)
    added = _Added(_capital_days(terms, due_on, end), _interest_paid(history, terms))
    principal = history.opening(terms.bears) + sum(minor for day, minor in moves.items() if day < due_on)
    inner = {since, *moves, *quotes, *added.capital_days, *added.paid_on, *_free_edges(free, offset)}
    quote, edges = quotes[due_on], [due_on, *sorted(day for day in inner if due_on < day < end), end]
    for (start, stop), (days, dividend, divisor) in zip(pairwise(edges), _lengths(terms, due_on, edges), strict=True):
        quote = quotes.get(start, quote)
        principal += moves.get(start, 0)
        added.reach(start)
        bears = max(principal, 0)
        if free:
            rest = bearing(bears, free, add_days(start, offset))
            if rest is None:
                continue
            bears = rest
        if not bears and not added.compounded:
            continue
        debt, percent = bears + added.compounded if added.compounded else bears, quote.percent
        # One fraction from its parts: cheaper than the product of three.
        amount = Fraction(
            debt.numerator * percent.numerator * dividend, debt.denominator * percent.denominator * divisor * 100
        )
        added.accrue(amount)
        first, last = add_days(start, offset), add_days(stop, offset - 1)
        yield InterestSegment(first, last, days, Money(bears, history.currency), added.compounded, quote, amount)


def _lengths(terms: InterestTerms, due_on: dt.date, edges: list[dt.date]) -> list[tuple[int, int, int]]:
    """Days, and years as dividend and divisor, from each edge to the next.

    Both are differences of lengths from the due date: by some day counts the parts alone would not add up to the whole.
    """
    year, actual = (terms.per_days, True) if terms.per_days else _YEARS.get(terms.day_count, (None, False))
    count = terms.day_count
    days = [(edge - due_on).days if actual else count.days(due_on, edge) for edge in edges]
    spans = [later - earlier for earlier, later in pairwise(days)]
    if year is not None:
        return [(span, span, year) for span in spans]
    years = [later - earlier for earlier, later in pairwise([count.fraction(due_on, edge) for edge in edges])]
    return [(span, part.numerator, part.denominator) for span, part in zip(spans, years, strict=True)]


def _quotes(terms: InterestTerms, due_on: dt.date, end: dt.date, offset: int) -> Mapping[dt.date, RateQuote]:
    """The percentage from each date on."""
    runs = terms.rate.runs(add_days(due_on, offset), add_days(end, offset - 1))
    return {add_days(run.first_day, -offset): run.quote for run in runs}


def _free_edges(free: Iterable[FreeDays], offset: int) -> Iterator[dt.date]:
    """The dates after which days without interest begin and end."""
    for each in free:
        yield add_days(each.first, -offset)
        if each.last is not None:
            yield add_days(each.last, 1 - offset)


# Interest that is added to the debt


@define
class _Added:
    """Interest that was added to the debt, on the way through the dates; what was paid of it is taken off again."""

    capital_days: frozenset[dt.date]
    paid_on: Mapping[dt.date, int]
    compounded: Fraction = Fraction(0)
    accrued: Fraction = Fraction(0)
    paid: int | Fraction = 0

    def accrue(self, amount: Fraction) -> None:
        """Note interest that a period will add to the debt at its end."""
        if self.capital_days:
            self.accrued += amount

    def reach(self, day: dt.date) -> None:
        """Pay what is paid on a day, then add what has accrued if a period ends on it."""
        if not self.capital_days:
            return
        self.paid -= self.paid_on.get(day, 0)
        if day in self.capital_days:
            self.compounded, self.accrued = self.compounded + self.accrued, Fraction(0)
        used = min(self.paid, self.compounded)
        self.compounded, self.paid = Fraction(self.compounded - used), self.paid - used


def _capital_days(terms: InterestTerms, due_on: dt.date, end: dt.date) -> frozenset[dt.date]:
    if terms.compounding is Compounding.NONE:
        return frozenset()
    period, days = _PERIODS[terms.compounding], []
    for count in range(1, MOST_PERIODS + 1):
        days.append(period(due_on, count))
        if days[-1] >= end:
            return frozenset(days)
    raise InvalidValue("accrue.until", str(end), f"must be within {MOST_PERIODS} periods of {due_on}")


def _interest_paid(history: BalanceHistory, terms: InterestTerms) -> Mapping[dt.date, int]:
    """What was paid of the interest, below zero; what was claimed is the interest that is counted here anyway."""
    if terms.compounding is Compounding.NONE:
        return {}
    paid = tuple(change for change in history.changes if change.amount.is_negative)
    return BalanceHistory(history.principal, paid).moves(("interest",))
