"""Finance charges of a statement period: a percentage of the average daily balance, or of the balance that is due.

The rules:

1. A change counts from the start of its own day: a purchase of the 16th raises the balance of the 16th. This is the
   custom of revolving accounts; interest on an invoice counts a payment from the end of its day instead.
2. The average is the sum of the daily balances over the days of the period, exactly. Only the charge is rounded.
3. A charge on the balance due is flat: the same on the first day and on the thirtieth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, final

from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.interest_rates import percent_text
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_days
from receivables.values.money import Money, Rounding, exact


class BalanceSpan(NamedTuple):
    """Days with one balance; both days belong to it."""

    first_day: dt.date
    last_day: dt.date
    days: int
    balance: Money


@final
@frozen
class AverageBalance:
    """The daily balances of a period and their average.

    ``exact`` is the average in minor units, not rounded.
    """

    spans: tuple[BalanceSpan, ...]
    exact: Fraction
    currency: Currency

    @property
    def average(self) -> Money:
        """The average, rounded half up."""
        return Money.from_minor(self.exact, self.currency)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per span of days."""
        return [
            {"from": span.first_day, "to": span.last_day, "days": span.days, "balance": str(span.balance.amount)}
            for span in self.spans
        ]

    def __str__(self) -> str:
        lines = [f"  {span.first_day} to {span.last_day}, {span.days} days: {span.balance}" for span in self.spans]
        return "\n".join([f"average daily balance {self.average}", *lines])


@final
@frozen
class FinanceCharge:
    """A charge, the exact balance that it is a percentage of, and why."""

    amount: Money
    percent: Fraction
    because: str
    terms: str
    source: str

    def rows(self) -> list[dict[str, object]]:
        """One plain dict."""
        percent, amount = percent_text(self.percent), str(self.amount.amount)
        said = {"because": self.because, "terms": self.terms, "source": self.source}
        return [{"amount": amount, "currency": self.amount.currency.code, "percent": percent, **said}]

    def __str__(self) -> str:
        law = ", ".join(part for part in (self.terms, self.source) if part)
        return f"finance charge {self.amount}: {self.because} ({law})"


@final
@frozen(kw_only=True)
class FinanceChargeTerms:
    """A percentage for a statement period.

    >>> terms = FinanceChargeTerms(id="store card", percent=Decimal("1.5"))
    >>> june = average_daily_balance(Money.of(100, "USD"), [BalanceChange.charge(dt.date(2026, 6, 16), Money.of(200, "USD"))],
    ...                              first_day=dt.date(2026, 6, 1), last_day=dt.date(2026, 6, 30))
    >>> print(terms.on_average(june))
    finance charge 3.00 USD: 1.5 % of an average daily balance of 200.00 USD (store card)

    ``minimum`` is the least that is charged where anything is. Units: percent for the period. Errors: `WrongType`,
    `InvalidValue`, `CurrencyMismatch`.
    """

    id: str
    percent: Decimal
    source: str = ""
    minimum: Money | None = None
    rounding: Rounding = Rounding.HALF_UP
    step: int = 1

    def __attrs_post_init__(self) -> None:
        checks.text("terms.id", self.id)
        checks.text("terms.source", self.source, empty=True)
        checks.instance("terms.percent", self.percent, Decimal, "a Decimal")
        if exact("terms.percent", self.percent) < 0:
            raise InvalidValue("terms.percent", str(self.percent), "must not be below zero")
        checks.instance("terms.minimum", self.minimum, (Money, type(None)), "Money or None")
        checks.instance("terms.rounding", self.rounding, Rounding, "a Rounding")
        checks.whole("terms.step", self.step, least=1)

    def on_average(self, balance: AverageBalance) -> FinanceCharge:
        """The charge on an average daily balance; on one of zero or less, nothing."""
        return self._charge(balance.exact, balance.currency, f"an average daily balance of {balance.average}")

    def on_balance_due(self, due: Money) -> FinanceCharge:
        """The flat charge on what is overdue, whatever the days.

        >>> FinanceChargeTerms(id="flat", percent=Decimal(2)).on_balance_due(Money.of(1000, "EUR")).amount
        Money.of('20.00', 'EUR')
        """
        checks.instance("due", due, Money, "Money")
        return self._charge(Fraction(due.minor), due.currency, f"a balance due of {due}")

    def _charge(self, minor: Fraction, currency: Currency, what: str) -> FinanceCharge:
        percent = exact("terms.percent", self.percent)
        due = max(minor, Fraction(0)) * percent / 100
        amount = Money.from_minor(due, currency, rounding=self.rounding, step=self.step)
        because = f"{percent_text(percent)} % of {what}"
        if self.minimum is not None and amount.is_positive and amount < self.minimum:
            amount, because = self.minimum, f"{because}, raised to the minimum"
        return FinanceCharge(amount, percent, because, self.id, self.source)


def average_daily_balance(
    opening: Money, changes: Iterable[BalanceChange], *, first_day: dt.date, last_day: dt.date
) -> AverageBalance:
    """The average of the daily balances of a period; both days belong to it.

    >>> spent = [BalanceChange.charge(dt.date(2026, 6, 16), Money.of(200, "USD"))]
    >>> print(average_daily_balance(Money.of(100, "USD"), spent, first_day=dt.date(2026, 6, 1), last_day=dt.date(2026, 6, 30)))
    average daily balance 200.00 USD
      2026-06-01 to 2026-06-15, 15 days: 100.00 USD
      2026-06-16 to 2026-06-30, 15 days: 300.00 USD

    A balance below zero counts as it is. Errors: `WrongType`, `CurrencyMismatch`; `InvalidValue` for a period that
    ends before it begins, or a change outside of it (one from before belongs to the opening balance).
    """
    checks.instance("opening", opening, Money, "Money")
    checks.day("first_day", first_day)
    checks.day("last_day", last_day)
    if last_day < first_day:
        raise InvalidValue("last_day", str(last_day), f"must not be before the first day {first_day}")
    moves = _moves(opening, changes, first_day, last_day)
    spans = tuple(_spans(opening, moves, first_day, last_day))
    sum_of_days = sum(span.days * span.balance.minor for span in spans)
    return AverageBalance(spans, Fraction(sum_of_days, (last_day - first_day).days + 1), opening.currency)


def _moves(
    opening: Money, changes: Iterable[BalanceChange], first_day: dt.date, last_day: dt.date
) -> Mapping[dt.date, int]:
    found = tuple(changes)
    for at, change in enumerate(found):
        checks.instance(f"changes[{at}]", change, BalanceChange, "a BalanceChange")
        if change.amount.currency != opening.currency:
            raise CurrencyMismatch(opening, change.amount)
        if not first_day <= change.on <= last_day:
            raise InvalidValue(f"changes[{at}].on", str(change.on), f"must be from {first_day} to {last_day}")
    return BalanceHistory(Money.zero(opening.currency), found).moves({change.of for change in found})


def _spans(
    opening: Money, moves: Mapping[dt.date, int], first_day: dt.date, last_day: dt.date
) -> Iterator[BalanceSpan]:
    minor = opening.minor
    for start, stop in pairwise([*sorted({first_day, *moves}), add_days(last_day, 1)]):
        minor += moves.get(start, 0)
        yield BalanceSpan(start, add_days(stop, -1), (stop - start).days, Money(minor, opening.currency))
