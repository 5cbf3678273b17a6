"""A metric: a figure that says how it was worked out, of what, over which days and as known when; or why there is none.

A DSO without its method is a number that two people read in two ways. So every figure names its method, its window, its
date and the instant of knowledge, and has the two amounts that it is the quotient of. Nothing to divide by gives no value
and a reason: undefined is an answer, not zero and not a crash.

Figures are exact fractions. They are rounded, half up, only where they are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeVar, final

from attrs import frozen

from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding, exact

K = TypeVar("K")

Amount = Money | int | Fraction | Decimal | str
"""Money, or a plain number that is exact."""

UNITS: Final = ("days", "percent", "times", "index")
"""What a figure counts."""

UNDEFINED_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("nothing_sold", "nothing was sold in the window"),
    ("sales_too_small", "all sales that are known are less than the receivables"),
    ("nothing_receivable", "nothing was receivable"),
    ("nothing_to_collect", "nothing that was due could be collected in the window"),
    ("nothing_open", "nothing is open"),
    ("nothing_overdue", "nothing is overdue"),
    ("nothing_paid", "no invoice was paid in the window"),
    ("nothing_in_bucket", "nothing was in the bucket at the start"),
    ("no_promise_decided", "no promise was kept or broken in the window"),
    ("no_dispute_ended", "no dispute ended in the window"),
    ("no_order_decided", "no order was decided in the window"),
    ("no_hold_ended", "no order that was held was decided anew in the window"),
    ("no_stop_ended", "no hold that stopped credit ended in the window"),
)
"""The reasons why a figure is undefined."""


@final
@frozen(kw_only=True)
class Metric:
    """One figure: ``numerator`` over ``denominator``, times ``factor``; undefined where the denominator is zero.

    ``window_days`` counts the days up to ``as_of`` that it looks at. Where a figure is no quotient, such as a DSO by
    count-back, it is the numerator, over one.

    >>> metric = Metric(name="dso", method="simple", unit="days", numerator=15_000, denominator=10_000, factor=30)
    >>> metric.value, metric.rounded(1), str(metric)
    (Fraction(45, 1), '45.0', 'dso (simple): 45.00 days')
    >>> print(Metric(name="dso", method="simple", unit="days", numerator=5, denominator=0, undefined="nothing_sold"))
    dso (simple): undefined, nothing_sold
    """

    name: str
    method: str
    unit: str
    numerator: int | Fraction
    denominator: int | Fraction
    factor: int = 1
    undefined: str = "nothing_receivable"
    currency: Currency | None = None
    as_of: dt.date | None = None
    known_at: dt.datetime | None = None
    window_days: int | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("metric.name", self.name)
        checks.text("metric.method", self.method)
        checks.one_of("metric.unit", self.unit, UNITS)
        checks.one_of("metric.undefined", self.undefined, tuple(code for code, _ in UNDEFINED_CODES))

    @property
    def value(self) -> Fraction | None:
        """The figure, exact; ``None`` where it is undefined."""
        return Fraction(self.numerator * self.factor) / self.denominator if self.denominator else None

    @property
    def reason(self) -> Reason | None:
        """Why it is undefined."""
        return None if self.denominator else Reason(code=self.undefined)

    def rounded(self, places: int = 2) -> str | None:
        """The figure with so many decimals, rounded half up.

        >>> Metric(name="x", method="y", unit="times", numerator=-1, denominator=8).rounded(2)
        '-0.13'
        """
        return None if self.value is None else decimal_text(self.value, places)

    def row(self, places: int = 2) -> dict[str, object]:
        """The metric as a plain dict."""
        return {
            "metric": self.name,
            "value": self.rounded(places),
            "unit": self.unit,
            "method": self.method,
            "currency": None if self.currency is None else self.currency.code,
            "window": self.window_days,
            "as of": None if self.as_of is None else self.as_of.isoformat(),
            "known at": None if self.known_at is None else self.known_at.isoformat(),
            "undefined": None if self.reason is None else self.reason.code,
        }

    def __str__(self) -> str:
        shown = f"undefined, {self.undefined}" if self.value is None else f"{self.rounded()} {self.unit}"
        return f"{self.name} ({self.method}): {shown}"


def decimal_text(value: Fraction, places: int) -> str:
    """An exact figure with so many decimals, rounded half up.

    >>> decimal_text(Fraction(2, 3), 6), decimal_text(Fraction(5), 0)
    ('0.666667', '5')
    """
    checks.whole("metric.places", places, least=0, most=30)
    whole = Rounding.HALF_UP.whole(value * 10**places)
    digits = str(abs(whole)).rjust(places + 1, "0")
    sign = "-" if whole < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def added(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    """Two sets of sums as one.

    >>> added({"a": 1}, {"a": 2, "b": 3})
    {'a': 3, 'b': 3}
    """
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


def exact_amounts(field: str, *amounts: Amount) -> tuple[list[Fraction], Currency | None]:
    """Amounts as exact numbers, and their common currency where they are money.

    Raises `CurrencyMismatch` where they are of several currencies, `WrongType` for a float, or money beside plain numbers.
    """
    currencies = {amount.currency for amount in amounts if isinstance(amount, Money)}
    if len(currencies) > 1:
        raise CurrencyMismatch(*sorted(currencies, key=str)[:2])
    if currencies:
        return [_of_money(field, amount) for amount in amounts], next(iter(currencies))
    return [exact(field, amount) for amount in amounts], None


def _of_money(field: str, amount: Amount) -> Fraction:
    checks.instance(field, amount, Money, "money, as the others are")
    assert isinstance(amount, Money)
    return Fraction(amount.minor, 10**amount.currency.exponent)
