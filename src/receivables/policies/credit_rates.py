"""Exposure in other currencies than the limit: converted by the rates of the host, with date and source.

1. Each currency is summed first and converted once, rounded up: a limit is not kept by a rounding.
2. A rate that is missing, or older than the policy allows, is a coded reason: nothing is guessed and nothing is left out.
3. What exceeds a limit by today's rates, and did not by those of the last approval, was moved by the rates alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.policies.credit_codes import CAN_CHANGE
from receivables.policies.exchange import ExchangePolicy
from receivables.values.currencies import Currency

UNBOUNDED = 2**62
"""More than any order."""


class Valued(NamedTuple):
    """Amounts of several currencies in one, in minor units, with the rates; or the reason why that cannot be said."""

    total: int
    rates: tuple[ExchangeRate, ...] = ()
    reason: Reason | None = None


class Bound(NamedTuple):
    """One limit against which an order is held: what is used of it, and what a unit of the order adds, ``None`` for one.

    ``then`` is what would be used, and added, by the rates of the last approval. ``free`` is how much of the order, in its own
    currency, adds nothing: an insurer who covers more than is used covers that too, where a policy counts what is insured.

    >>> Bound("limit_exceeded", Currency.of("EUR"), 500_00, 0, free=800_00).shortfall(1_200_00)
    -10000
    """

    code: str
    currency: Currency
    limit: int
    used: int
    factor: Fraction | None = None
    then: tuple[int, Fraction | None] | None = None
    free: int = 0

    def shortfall(self, amount: int) -> int:
        """By how much an order of so many minor units exceeds it; zero or less where it fits.

        >>> Bound("limit_exceeded", Currency.of("EUR"), 99_00, 0, Fraction(1, 2)).shortfall(100_00)
        -4900
        """
        return self.used + self._adds(amount, self.factor) - self.limit

    def by_rate_alone(self, amount: int) -> bool:
        """Whether the order would fit by the rates of the last approval."""
        return self.then is not None and self.then[0] + self._adds(amount, self.then[1]) <= self.limit

    @property
    def room(self) -> int:
        """The largest order that fits, below zero where none does."""
        return self._room(self.limit - self.used, self.factor)

    @property
    def room_then(self) -> int:
        """The largest order that would fit by the rates of the last approval, or that fits now."""
        return self.room if self.then is None else max(self.room, self._room(self.limit - self.then[0], self.then[1]))

    def watch_room(self, percent: int) -> int:
        """The largest order that does not take what is used above a share of the limit."""
        return self._room(self.limit * percent // 100 - self.used, self.factor)

    def _adds(self, amount: int, factor: Fraction | None) -> int:
        return added(max(0, amount - self.free), factor) if self.free else added(amount, factor)

    def _room(self, left: int, factor: Fraction | None) -> int:
        return _room(left, factor) + (self.free if left >= 0 else 0)


def added(amount: int, factor: Fraction | None) -> int:
    """What an order adds, in the minor units of the limit, rounded up."""
    return amount if factor is None else ceil(amount * factor)


def _room(left: int, factor: Fraction | None) -> int:
    """The largest order that adds no more than so much; what nothing is added to has room for all, or is exceeded."""
    if factor is None:
        return left
    return floor(left / factor) if factor else (UNBOUNDED if left >= 0 else -1)


def factor_between(rate: ExchangeRate, one: Currency, other: Currency) -> Fraction:
    """How many minor units of another currency one minor unit of a currency is.

    >>> rate = ExchangeRate.of("EUR", "JPY", "160", on=dt.date(2026, 3, 2), source="ECB")
    >>> factor_between(rate, Currency.of("EUR"), Currency.of("JPY"))
    Fraction(8, 5)
    """
    factor = rate.factor if one == rate.base else 1 / rate.factor
    return factor * Fraction(10) ** (other.exponent - one.exponent)


def valued(
    amounts: Mapping[Currency, int],
    to: Currency,
    rates: Sequence[ExchangeRate],
    policy: ExchangePolicy,
    on: dt.date,
) -> Valued:
    """Amounts by currency, in one currency; what is zero needs no rate.

    >>> eur, usd = Currency.of("EUR"), Currency.of("USD")
    >>> rate = ExchangeRate.of("EUR", "USD", "1.25", on=dt.date(2026, 3, 2), source="ECB")
    >>> policy = ExchangePolicy(id="daily", version=1)
    >>> valued({eur: 100, usd: 101}, eur, [rate], policy, dt.date(2026, 3, 2)).total
    181
    >>> str(valued({usd: 101}, eur, [rate], policy, dt.date(2026, 3, 4)).reason)
    'rate_stale (2 days)'
    """
    total, used = 0, []
    for currency in sorted(amounts, key=lambda each: each.code):
        if currency == to or not amounts[currency]:
            total += amounts[currency]
            continue
        rate, reason = policy.rate(rates, currency, to, on)
        if rate is None:
            assert reason is not None
            return Valued(0, (), Reason(code=reason.code, days=reason.days, retryable=CAN_CHANGE[reason.code]))
        total += ceil(amounts[currency] * factor_between(rate, currency, to))
        used.append(rate)
    return Valued(total, tuple(used))


def factor_to(
    currency: Currency, to: Currency, rates: Iterable[ExchangeRate], policy: ExchangePolicy, on: dt.date
) -> tuple[Fraction | None, tuple[ExchangeRate, ...], Reason | None]:
    """What a minor unit of a currency adds in another, with the rate, or the reason why that is not known."""
    if currency == to:
        return None, (), None
    rate, reason = policy.rate(rates, currency, to, on)
    if rate is None:
        assert reason is not None
        return None, (), Reason(code=reason.code, days=reason.days, retryable=CAN_CHANGE[reason.code])
    return factor_between(rate, currency, to), (rate,), None
