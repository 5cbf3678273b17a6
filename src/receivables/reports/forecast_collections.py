"""Cash from sales by a collection pattern: what the sales of each month bring in which month.

The sales of a month are split exactly: collected, taken as discount and never collected come to what was sold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import Final, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.policies.forecast_pattern import CollectionPattern
from receivables.reports.table import html_table, text_table
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_months
from receivables.values.money import Money

METHOD: Final = "collection pattern: percent of the sales of a month by months after it"
"""How the figures are found."""


@final
@frozen(kw_only=True)
class CollectionLine:
    """What comes in one month in one currency, and the discounts that are taken with it."""

    month: dt.date
    collected: Money
    discounts: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        head = {"month": f"{self.month:%Y-%m}", "currency": self.collected.currency.code}
        return {**head, "collected": str(self.collected.amount), "discounts": str(self.discounts.amount)}


@final
@frozen(kw_only=True)
class CollectionForecast:
    """What sales bring by month and currency; ``never`` is what is never collected, by currency."""

    pattern: CollectionPattern
    lines: tuple[CollectionLine, ...] = field(repr=False)
    never: tuple[Money, ...]
    method: str = METHOD

    def collected(self, month: dt.date, currency: str | Currency) -> Money:
        """What comes in a month, given by any of its days; zero where nothing does."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        first = month.replace(day=1)
        found = (line.collected for line in self.lines if line.month == first and line.collected.currency == wanted)
        return Money.total(found, wanted)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per month and currency."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        never = ", ".join(map(str, self.never)) or "nothing"
        return f"cash by {self.method}\n{text_table(self.rows(), 'no sales')}\nnever collected: {never}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Cash by {self.method}")


def collections(sales: Iterable[tuple[dt.date, Money]], pattern: CollectionPattern) -> CollectionForecast:
    """What the sales of some months bring; each with any day of its month, and a month may be there in several parts.

    Of sales of 100,000 in January 40 percent come in February, 50 in March and the rest in April:

    >>> print(collections([(dt.date(2026, 1, 1), Money.of(100_000, "EUR"))], CollectionPattern.of(0, 40, 50, 10)))
    cash by collection pattern: percent of the sales of a month by months after it
    month    currency  collected  discounts
    2026-02  EUR        40000.00       0.00
    2026-03  EUR        50000.00       0.00
    2026-04  EUR        10000.00       0.00
    never collected: 0.00 EUR

    Errors: `InvalidValue` for sales below zero.
    """
    came: dict[tuple[str, dt.date], list[Money]] = {}
    never: dict[str, Money] = {}
    for day, sold in sales:
        checks.day("sales.month", day)
        checks.instance("sales.amount", sold, Money, "money")
        if sold.is_negative:
            raise InvalidValue("sales.amount", str(sold), "must not be below zero")
        code = sold.currency.code
        at_once, *parts, lost = sold.split(_weights(pattern))
        never[code] = never.get(code, Money.zero(sold.currency)) + lost
        discounts = [
            part.times(Fraction(share.discount_percent) / 100)
            for share, part in zip(pattern.shares, parts, strict=True)
        ]
        month = day.replace(day=1)
        _add(came, (code, month), at_once, Money.zero(sold.currency))
        for share, part, discount in zip(pattern.shares, parts, discounts, strict=True):
            _add(came, (code, add_months(month, share.months)), part - discount, discount)
    lines = [CollectionLine(month=month, collected=one, discounts=other) for (_, month), (one, other) in _sorted(came)]
    return CollectionForecast(pattern=pattern, lines=tuple(lines), never=tuple(never[code] for code in sorted(never)))


def _weights(pattern: CollectionPattern) -> list[Fraction]:
    """What is sold for cash, each share, and what is never collected: together all."""
    credit = Fraction(pattern.credit_percent)
    shares = [credit * Fraction(share.percent) / 100 for share in pattern.shares]
    return [100 - credit, *shares, credit * Fraction(pattern.bad_percent) / 100]


def _add(came: dict[tuple[str, dt.date], list[Money]], key: tuple[str, dt.date], one: Money, other: Money) -> None:
    before = came.setdefault(key, [Money.zero(one.currency), Money.zero(one.currency)])
    before[0] += one
    before[1] += other


def _sorted(came: dict[tuple[str, dt.date], list[Money]]) -> list[tuple[tuple[str, dt.date], list[Money]]]:
    """By currency and month, without the months in which nothing comes."""
    return [(key, found) for key, found in sorted(came.items()) if any(money.minor for money in found)]
