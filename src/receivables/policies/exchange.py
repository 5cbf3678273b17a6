"""Which exchange rate counts on a day, and how a converted amount is rounded.

The rate of the day itself, or the last one before it that is not too old. A rate of a later day, of another pair of
currencies, or one worked out over a third currency is never taken: without a rate there is a coded reason, and somebody
has to find one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.documents.exchange import Conversion, ExchangeRate
from receivables.documents.reason import Reason
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding

RATE_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("rate_missing", "no rate between the two currencies on or before the day"),
    ("rate_stale", "the last rate before the day is older than the policy allows"),
)
"""The reasons why there is no rate."""


class FoundRate(NamedTuple):
    """The rate that counts, or the reason why there is none."""

    rate: ExchangeRate | None
    reason: Reason | None


class Converted(NamedTuple):
    """The conversion, or the reason why there is none."""

    conversion: Conversion | None
    reason: Reason | None


@final
@frozen(kw_only=True)
class ExchangePolicy:
    """How old a rate may be, whose rates are taken, and how is rounded.

    ``sources`` names the publishers whose rates are taken, an empty one takes all. Units: days of age; a rate of Friday
    is three days old on Monday.

    >>> friday = ExchangeRate.of("EUR", "USD", "1.0850", on=dt.date(2026, 2, 27), source="ECB")
    >>> policy = ExchangePolicy(id="ECB", version=1, max_age_days=3)
    >>> eur, usd = Currency.of("EUR"), Currency.of("USD")
    >>> print(policy.rate([friday], eur, usd, dt.date(2026, 3, 2)).rate)
    1 EUR = 1.0850 USD on 2026-02-27 (ECB)
    >>> print(policy.rate([friday], usd, eur, dt.date(2026, 3, 3)).reason)
    rate_stale (4 days)
    """

    id: str
    version: int
    max_age_days: int = 0
    sources: tuple[str, ...] = ()
    rounding: Rounding = Rounding.HALF_UP

    def __attrs_post_init__(self) -> None:
        checks.text("exchange_policy.id", self.id)
        checks.whole("exchange_policy.version", self.version, least=1)
        checks.whole("exchange_policy.max_age_days", self.max_age_days, least=0)
        checks.sequence("exchange_policy.sources", self.sources, str, "texts")
        checks.instance("exchange_policy.rounding", self.rounding, Rounding, "a Rounding")

    def rate(self, rates: Iterable[ExchangeRate], one: Currency, other: Currency, on: dt.date) -> FoundRate:
        """The rate between two currencies that counts on a day; of several of one day the one that is given first."""
        checks.day("exchange.on", on)
        known = [rate for rate in rates if rate.is_between(one, other) and rate.on <= on and self._takes(rate)]
        if not known:
            return FoundRate(None, Reason(code="rate_missing"))
        last = max(known, key=lambda rate: rate.on)
        age = last.age(on)
        return (
            FoundRate(last, None) if age <= self.max_age_days else FoundRate(None, Reason(code="rate_stale", days=age))
        )

    def convert(
        self, source: str, amount: Money, to: Currency, rates: Iterable[ExchangeRate], on: dt.date
    ) -> Converted:
        """Convert so much of a credit into another currency by the rate that counts on a day.

        >>> rate = ExchangeRate.of("EUR", "CHF", "3", on=dt.date(2026, 3, 2), source="agreed")
        >>> policy = ExchangePolicy(id="agreed", version=1)
        >>> found = policy.convert("CN-1", Money.of("333.00", "EUR"), Currency.of("CHF"), [rate], dt.date(2026, 3, 2))
        >>> str(found.conversion.after)
        '999.00 CHF'
        """
        rate, reason = self.rate(rates, amount.currency, to, on)
        if rate is None:
            return Converted(None, reason)
        return Converted(Conversion.by(rate, source, amount, on=on, rounding=self.rounding), None)

    def _takes(self, rate: ExchangeRate) -> bool:
        return not self.sources or rate.source in self.sources
