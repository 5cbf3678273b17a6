"""Fees for collecting late: fixed, a percentage of the original claim, or by tiers of it, within limits, with tax.

The rules:

1. A percentage is of the *original* claim, never of the claim with the fees before: 15 % of 100.00 is 15.00, also
   when a first fee of 10.00 stands on the account.
2. A tier says from which amount it holds, and whether that amount itself is in it: the laws differ at the edge.
   Either the tier of the amount gives the fee, or the fee accumulates over the slices.
3. The parts are summed exactly; then the minimum, the maximum and the legal cap; then one rounding; then the tax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple, Self, final

from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.policies.interest_rates import as_decimal, percent_text
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money, Rounding, exact

Amounts = tuple[Money, ...]
"""An amount per currency."""


@final
class Tiering(Enum):
    """How several tiers give one fee."""

    WHOLE = "the tier of the amount"
    SLICES = "the sum over the slices"


@final
@frozen(kw_only=True)
class FeeTier:
    """What is charged for a claim, or a slice of one, from an amount on.

    ``above`` is the lower edge; it belongs to the tier if ``inclusive``. The fixed amount may be in another currency
    than the claim, as the law has it (40 EUR on a debt in PLN), where there is no percentage.

    Units: percent of the claim or slice. Errors: `WrongType`, `InvalidValue`.
    """

    above: Money
    inclusive: bool = True
    fixed: Money | None = None
    percent: Decimal = Decimal(0)

    def __attrs_post_init__(self) -> None:
        _check_amount("tier.above", self.above)
        checks.instance("tier.inclusive", self.inclusive, bool, "true or false")
        if self.fixed is not None:
            _check_amount("tier.fixed", self.fixed)
        _check_percent("tier.percent", self.percent)
        if self.percent and self.fixed is not None and self.fixed.currency != self.above.currency:
            raise InvalidValue(
                "tier.fixed", str(self.fixed), f"must be in {self.above.currency.code}: there is a percent"
            )

    @property
    def currency(self) -> Currency:
        """The currency of what this tier charges."""
        return self.above.currency if self.fixed is None else self.fixed.currency

    def holds(self, claim: Money) -> bool:
        """Whether an amount has reached this tier."""
        return claim >= self.above if self.inclusive else claim > self.above

    def charge(self, base: Money) -> Fraction:
        """What is charged on a base, in minor units, not rounded."""
        fixed = Fraction(0 if self.fixed is None else self.fixed.minor)
        return fixed + _share(self.percent, base) if self.percent else fixed

    def __str__(self) -> str:
        return f"{'from' if self.inclusive else 'above'} {self.above}"


class FeePart(NamedTuple):
    """One part of a fee: the amount in minor units, not rounded, and what it is made of."""

    amount: Fraction
    fixed: Money | None
    percent: Decimal
    base: Money
    tier: FeeTier | None = None

    @property
    def says(self) -> str:
        """What the part is for, in words."""
        fixed = [str(self.fixed)] if self.fixed is not None else []
        percent = [f"{percent_text(exact('fee.percent', self.percent))} % of {self.base}"] if self.percent else []
        return (f"{self.tier}: " if self.tier else "") + " + ".join(fixed + percent)


@final
@frozen
class Fee:
    """A fee: net, tax and gross, the parts that it is the sum of, and which limit it met.

    ``limited`` is empty, or says which limit changed the sum of the parts.
    """

    net: Money
    tax: Money
    claim: Money
    parts: tuple[FeePart, ...]
    limited: str
    rule: str
    source: str

    @property
    def gross(self) -> Money:
        """What the debtor owes."""
        return self.net + self.tax

    def rows(self) -> list[dict[str, object]]:
        """One plain dict."""
        amounts = {name: str(getattr(self, name).amount) for name in ("net", "tax", "gross")}
        why = {"because": self.because, "rule": self.rule, "source": self.source}
        return [{"currency": self.net.currency.code, **amounts, "claim": str(self.claim), **why}]

    @property
    def because(self) -> str:
        """How the fee arose, in words."""
        return "; ".join([*(part.says for part in self.parts), *([self.limited] if self.limited else [])]) or "no fee"

    def __str__(self) -> str:
        tax = f" and tax {self.tax}" if self.tax.is_positive else ""
        law = ", ".join(part for part in (self.rule, self.source) if part)
        return f"fee {self.net}{tax} on {self.claim}: {self.because} ({law})"


@final
@frozen(kw_only=True)
class FeeRule:
    """What a step or a law charges for a late claim.

    >>> tiers = (FeeTier(above=Money.of(0, "GBP"), fixed=Money.of(40, "GBP")),
    ...          FeeTier(above=Money.of(1000, "GBP"), fixed=Money.of(70, "GBP")))
    >>> print(FeeRule(id="GB", tiers=tiers).fee(Money.of(1000, "GBP")))
    fee 70.00 GBP on 1000.00 GBP: from 1000.00 GBP: 70.00 GBP (GB)

    ``fixed``, ``minimum``, ``maximum`` and ``legal_cap`` hold an amount per currency; a claim in a currency that a
    list lacks is refused, so that no limit is lost. ``tax_percent`` is charged on the net fee.
    Errors: `WrongType`, `InvalidValue`, `CurrencyMismatch`.
    """

    id: str
    source: str = ""
    fixed: Amounts = ()
    percent: Decimal = Decimal(0)
    tiers: tuple[FeeTier, ...] = ()
    tiering: Tiering = Tiering.WHOLE
    minimum: Amounts = ()
    maximum: Amounts = ()
    legal_cap: Amounts = ()
    tax_percent: Decimal = Decimal(0)
    rounding: Rounding = Rounding.HALF_UP
    step: int = 1

    def __attrs_post_init__(self) -> None:
        checks.text("fee.id", self.id)
        checks.text("fee.source", self.source, empty=True)
        _check_percent("fee.percent", self.percent)
        _check_percent("fee.tax_percent", self.tax_percent)
        checks.instance("fee.tiering", self.tiering, Tiering, "a Tiering")
        checks.instance("fee.rounding", self.rounding, Rounding, "a Rounding")
        checks.whole("fee.step", self.step, least=1)
        for name in ("fixed", "minimum", "maximum", "legal_cap"):
            _check_amounts(f"fee.{name}", getattr(self, name))
        _check_order(self.minimum, self.maximum, "fee.maximum")
        _check_order(self.minimum, self.legal_cap, "fee.legal_cap")
        _check_tiers(self.tiers)
        if self.tiers and (self.fixed or self.percent) and self.tiers[0].currency != self.tiers[0].above.currency:
            raise InvalidValue(
                "fee.tiers", str(self.tiers[0].fixed), "must be in the currency of the claim, as the rest"
            )

    @classmethod
    def flat(cls, id: str, *amounts: Money, source: str = "") -> Self:
        """One amount per currency.

        >>> FeeRule.flat("L2", Money.of(15, "EUR"), Money.of(18, "CHF")).fee(Money.of(900, "CHF")).gross
        Money.of('18.00', 'CHF')
        """
        return cls(id=id, fixed=amounts, source=source)

    @classmethod
    def of_percent(cls, id: str, percent: Decimal | str | int, *, source: str = "") -> Self:
        """A percentage of the original claim.

        >>> FeeRule.of_percent("L2", "15").fee(Money.of(100, "EUR")).net
        Money.of('15.00', 'EUR')
        """
        return cls(id=id, percent=as_decimal(exact("fee.percent", percent)), source=source)

    def covers(self, currency: Currency) -> bool:
        """Whether the rule says, with all its limits, what a claim in a currency costs; without a rate none is converted.

        >>> FeeRule.flat("L2", Money.of(15, "EUR")).covers(Currency.of("CHF"))
        False
        """
        charged = self.tiers[0].currency if self.tiers else currency
        lists = ((self.fixed, currency), *((getattr(self, name), charged) for name, _, _ in _LIMITS))
        return all(tier.above.currency == currency for tier in self.tiers) and all(
            any(amount.currency == wanted for amount in amounts) for amounts, wanted in lists if amounts
        )

    def fee(self, claim: Money) -> Fee:
        """The fee for an original claim; it is recorded nowhere.

        >>> rule = FeeRule(id="L1", fixed=(Money.of(5, "EUR"),), percent=Decimal(1), minimum=(Money.of(8, "EUR"),),
        ...                maximum=(Money.of(20, "EUR"),), tax_percent=Decimal(20))
        >>> print(rule.fee(Money.of(100, "EUR")))
        fee 8.00 EUR and tax 1.60 EUR on 100.00 EUR: 5.00 EUR; 1 % of 100.00 EUR; raised to the minimum 8.00 EUR (L1)
        """
        _check_amount("claim", claim)
        parts = tuple(self._parts(claim))
        currency = self._currency(claim)
        minor, limited = self._within(sum([part.amount for part in parts], Fraction(0)), currency)
        net = Money.from_minor(minor, currency, rounding=self.rounding, step=self.step)
        return Fee(net, self._tax(net), claim, parts, limited, self.id, self.source)

    def _parts(self, claim: Money) -> Iterator[FeePart]:
        if self.fixed:
            amount = _in_currency("fee.fixed", self.fixed, claim.currency)
            yield FeePart(Fraction(amount.minor), amount, Decimal(0), claim)
        if self.percent:
            yield FeePart(_share(self.percent, claim), None, self.percent, claim)
        if self.tiers:
            yield from _TIERINGS[self.tiering](self.tiers, claim)

    def _currency(self, claim: Money) -> Currency:
        """The currency of the fee: that of the claim, unless the law fixes its sums in another."""
        return self.tiers[0].currency if self.tiers else claim.currency

    def _within(self, minor: Fraction, currency: Currency) -> tuple[Fraction, str]:
        """The sum within the limits, in the order of the table: the legal cap has the last word."""
        limited = ""
        for name, choose, says in _LIMITS:
            if limits := getattr(self, name):
                limit = _in_currency(f"fee.{name}", limits, currency)
                if choose(minor, Fraction(limit.minor)) != minor:
                    minor, limited = Fraction(limit.minor), f"{says} {limit}"
        return minor, limited

    def _tax(self, net: Money) -> Money:
        if not self.tax_percent:
            return Money.zero(net.currency)
        return net.times(exact("fee.tax_percent", self.tax_percent) / 100, rounding=self.rounding)


_LIMITS: Final[tuple[tuple[str, Callable[[Fraction, Fraction], Fraction], str], ...]] = (
    ("minimum", max, "raised to the minimum"),
    ("maximum", min, "lowered to the maximum"),
    ("legal_cap", min, "lowered to the legal cap"),
)


# Tiers --------------------------------------------------------------------------------------------------------------


def _whole(tiers: tuple[FeeTier, ...], claim: Money) -> Iterator[FeePart]:
    """The last tier that the amount has reached, on all of it."""
    for tier in reversed(tiers):
        if tier.holds(claim):
            yield _tier_part(tier, claim)
            return


def _slices(tiers: tuple[FeeTier, ...], claim: Money) -> Iterator[FeePart]:
    """Every tier that the amount has reached, on the slice of the amount that lies in it."""
    edges = [tier.above for tier in tiers if tier.holds(claim)]
    for tier, upper in zip(tiers, [*edges[1:], claim][: len(edges)], strict=False):
        yield _tier_part(tier, upper - tier.above)


_TIERINGS: Final[dict[Tiering, Callable[[tuple[FeeTier, ...], Money], Iterator[FeePart]]]] = {
    Tiering.WHOLE: _whole,
    Tiering.SLICES: _slices,
}


def _tier_part(tier: FeeTier, base: Money) -> FeePart:
    return FeePart(tier.charge(base), tier.fixed, tier.percent, base, tier)


def _share(percent: Decimal, base: Money) -> Fraction:
    return base.minor * exact("fee.percent", percent) / 100


# Checks -------------------------------------------------------------------------------------------------------------


def _in_currency(field: str, amounts: Amounts, currency: Currency) -> Money:
    for amount in amounts:
        if amount.currency == currency:
            return amount
    raise InvalidValue(field, [str(amount) for amount in amounts], f"must give an amount in {currency.code}")


def _check_amount(field: str, amount: object) -> None:
    if type(amount) is not Money:
        raise WrongType(field, amount, "Money")
    if amount.is_negative:
        raise InvalidValue(field, str(amount), "must not be below zero")


def _check_amounts(field: str, amounts: Amounts) -> None:
    checks.sequence(field, amounts, Money, "Money")
    for at, amount in enumerate(amounts):
        _check_amount(f"{field}[{at}]", amount)
    if len({amount.currency for amount in amounts}) != len(amounts):
        raise InvalidValue(field, [str(amount) for amount in amounts], "must give each currency once")


def _check_percent(field: str, percent: object) -> None:
    checks.instance(field, percent, Decimal, "a Decimal")
    if exact(field, percent) < 0:
        raise InvalidValue(field, str(percent), "must not be below zero")


def _check_order(lower: Amounts, upper: Amounts, field: str) -> None:
    for low in lower:
        for high in upper:
            if high.currency == low.currency and high < low:
                raise InvalidValue(field, str(high), f"must not be below the minimum {low}")


def _check_tiers(tiers: tuple[FeeTier, ...]) -> None:
    checks.sequence("fee.tiers", tiers, FeeTier, "FeeTier")
    for at, (tier, following) in enumerate(pairwise(tiers), start=1):
        if following.above.currency != tier.above.currency or following.currency != tier.currency:
            raise CurrencyMismatch(tier.above, following.above)
        if following.above <= tier.above:
            raise InvalidValue(f"fee.tiers[{at}].above", str(following.above), f"must be more than {tier.above}")
