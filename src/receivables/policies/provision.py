"""What is set aside for losses that are expected: a matrix of rates by age, rates from experience, and what was done with it.

1. The matrix has a rate for each bucket of an aging, the young ones too (IFRS 9, paragraph B5.5.35; an aging schedule under
   CECL, ASC 326-20-55-37). What has an allowance of its own is in no bucket.
2. Each bucket is rounded by itself, as the policy says, and the allowance is the sum of what is shown.
3. The expense of a period is the allowance that is required less the one that is there; one that is overdrawn is added.
4. Rates come from experience: what was lost of what was owed, or the product of the shares that went from each bucket to
   the next. What the future is to change is a factor with its reason, and an input.

Rates are exact fractions; a rate from a host is a `Decimal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.documents.loss import check_percent
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money, Rounding

ONE: Final = Fraction(1)


@final
@frozen(kw_only=True)
class ForwardLooking:
    """What is expected to be other than it was: a factor on all rates, with its reason and its source.

    No rate is more than all.

    >>> downturn = ForwardLooking(factor=Decimal("1.25"), reason="unemployment up by two points", source="central bank")
    >>> downturn.of(Fraction(2, 100)), downturn.of(Fraction(90, 100))
    (Fraction(1, 40), Fraction(1, 1))

    Errors: `InvalidValue` for a factor below zero or without a reason.
    """

    factor: Decimal
    reason: str
    source: str

    def __attrs_post_init__(self) -> None:
        check_percent("forward.factor", self.factor, most=1_000)
        checks.text("forward.reason", self.reason)
        checks.text("forward.source", self.source)

    def of(self, rate: Fraction) -> Fraction:
        """The rate with the factor."""
        return min(ONE, rate * Fraction(self.factor))


@final
@frozen(kw_only=True)
class LossRates:
    """A rate in percent for each bucket, youngest first; of one segment, or of all that have none of their own.

    >>> LossRates.of("0.5", "2", "5", "15", "50").percents[-1]
    Decimal('50')

    Errors: `InvalidValue` outside of 0 to 100.
    """

    percents: tuple[Decimal, ...]
    segment: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.sequence("rates.percents", self.percents, Decimal, "Decimals")
        checks.optional_text("rates.segment", self.segment)
        if not self.percents:
            raise InvalidValue("rates.percents", [], "must be one for each bucket")
        for at, percent in enumerate(self.percents):
            check_percent(f"rates.percents[{at}]", percent)

    @classmethod
    def of(cls, *percents: str | int | Decimal, segment: str | None = None) -> LossRates:
        """Rates from texts, whole numbers or decimals."""
        for at, percent in enumerate(percents):
            if isinstance(percent, bool | float):
                raise InvalidValue(f"rates.percents[{at}]", percent, "must be a text, a whole number or a Decimal")
        return cls(percents=tuple(Decimal(percent) for percent in percents), segment=segment)


@final
@frozen(kw_only=True)
class ProvisionPolicy:
    """A provision matrix: the edges of its buckets in days, the rates, how amounts are rounded, and what is to be different.

    ``step`` is what a bucket is rounded to, in minor units: 1 is the cent, 100 the whole euro. Every set of rates has one
    for each bucket: what is not due, between the edges, and above the last.

    >>> policy = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> [str(each) for each in policy.allowances([eur(10000), eur(4000), eur(2000), eur(1000), eur(3000)])]
    ['50.00 EUR', '80.00 EUR', '100.00 EUR', '150.00 EUR', '1500.00 EUR']

    Errors: `InvalidValue` for rates that do not fit the edges, two sets for one segment, or none for all others.
    """

    id: str
    version: int
    rates: tuple[LossRates, ...]
    edges: tuple[int, ...] = (30, 60, 90)
    rounding: Rounding = Rounding.HALF_UP
    step: int = 1
    forward: ForwardLooking | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("provision.id", self.id)
        checks.whole("provision.version", self.version, least=1)
        checks.sequence("provision.rates", self.rates, LossRates, "loss rates")
        checks.sequence("provision.edges", self.edges, int, "whole numbers of days")
        checks.instance("provision.rounding", self.rounding, Rounding, "a rounding")
        checks.whole("provision.step", self.step, least=1)
        segments = [each.segment for each in self.rates]
        if len(set(segments)) != len(segments) or None not in segments:
            raise InvalidValue("provision.rates", segments, "must be one set for all, and at most one for each segment")
        if not self.edges or any(late <= early for early, late in zip((0, *self.edges), self.edges, strict=False)):
            raise InvalidValue("provision.edges", self.edges, "must rise from above zero")
        for each in self.rates:
            if len(each.percents) != len(self.edges) + 2:
                rule = f"must be one for each of {len(self.edges) + 2} buckets"
                raise InvalidValue("provision.rates", each.percents, rule)

    @cached_property
    def _by_segment(self) -> Mapping[str | None, tuple[Fraction, ...]]:
        forward = self.forward or ForwardLooking(factor=Decimal(1), reason="none", source="none")
        return {
            each.segment: tuple(forward.of(Fraction(percent) / 100) for percent in each.percents) for each in self.rates
        }

    def segment_of(self, segment: str | None) -> str | None:
        """The segment whose rates count: its own, or ``None`` for those of all others."""
        return segment if segment in self._by_segment else None

    def rates_of(self, segment: str | None) -> tuple[Fraction, ...]:
        """The rate of each bucket for a segment, youngest first, with what is expected to be different."""
        return self._by_segment[self.segment_of(segment)]

    def allowances(self, balances: Sequence[Money], segment: str | None = None) -> tuple[Money, ...]:
        """What is set aside for each bucket, youngest first. Errors: `InvalidValue` for another number of buckets."""
        rates = self.rates_of(segment)
        if len(balances) != len(rates):
            raise InvalidValue("provision.balances", len(balances), f"must be one for each of {len(rates)} buckets")
        return tuple(
            balance.times(rate, rounding=self.rounding, step=self.step)
            for balance, rate in zip(balances, rates, strict=True)
        )


def expense(required: Money, existing: Money) -> Money:
    """What has to be added so that the allowance is what is required; below zero what is released.

    >>> str(expense(Money.of(19250, "EUR"), Money.of(-240, "EUR")))
    '19490.00 EUR'
    """
    return required - existing


# What happened to an allowance -----------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class AllowanceMovement:
    """An allowance from one day to another: ``opening + expense - used + recovered = closing``.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> moved = AllowanceMovement.between(opening=eur(3380), closing=eur(380), used=eur(3000), recovered=eur(0))
    >>> str(moved.expense)
    '0.00 EUR'
    """

    opening: Money
    expense: Money
    used: Money
    recovered: Money
    closing: Money

    def __attrs_post_init__(self) -> None:
        for name in ("opening", "expense", "used", "recovered", "closing"):
            checks.instance(f"movement.{name}", getattr(self, name), Money, "money")
        closing = self.opening + self.expense - self.used + self.recovered
        if closing != self.closing:
            raise InvalidValue("movement.closing", str(self.closing), f"must be {closing}")

    @classmethod
    def between(cls, *, opening: Money, closing: Money, used: Money, recovered: Money) -> AllowanceMovement:
        """The movement whose expense brings the allowance to what it has to be."""
        needed = expense(closing, opening - used + recovered)
        return cls(opening=opening, expense=needed, used=used, recovered=recovered, closing=closing)

    def row(self) -> dict[str, object]:
        """The movement as a plain dict."""
        names = ("opening", "expense", "used", "recovered", "closing")
        amounts = {name: str(getattr(self, name).amount) for name in names}
        return {"currency": self.opening.currency.code, **amounts}


# Rates from experience -------------------------------------------------------------------------------------------------


def loss_rate(lost: Money, owed: Money) -> Fraction | None:
    """What was lost of what was owed, or sold on credit; ``None`` where that is nothing.

    >>> rate = loss_rate(Money.of(27200, "USD"), Money.of(1785000, "USD"))
    >>> str(in_percent(rate, places=2))
    '1.52'

    Errors: `CurrencyMismatch`.
    """
    return lost.ratio(owed) if owed.minor else None


def in_percent(rate: Fraction, places: int = 4, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """A rate as a percentage, rounded, for `LossRates`."""
    whole = rounding.whole(rate * 100 * 10**places)
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -places))


class Roll(NamedTuple):
    """What stood in a bucket, and what of it stood in the next one a period later; in minor units."""

    before: int
    after: int


def flow_rates(rolls: Iterable[Sequence[Roll]], lost: Fraction = ONE) -> tuple[Fraction | None, ...]:
    """The share of each bucket that is lost in the end: the product of the rolls from it on, youngest first.

    ``rolls`` is for each bucket its observations over the periods, which are added up before they are divided; the last is what
    of the oldest bucket was written off. ``lost`` is the share of that which no recovery brings back. ``None`` from where a
    bucket never held anything.

    >>> rolls = [[Roll(1000, 200), Roll(1000, 300)], [Roll(400, 160)], [Roll(100, 50)]]
    >>> flow_rates(rolls)
    (Fraction(1, 20), Fraction(1, 5), Fraction(1, 2))

    No share is more than all: what rolls on from a bucket that did not hold it came from elsewhere.
    """
    found: list[Fraction | None] = []
    product: Fraction | None = lost
    for observed in reversed([tuple(each) for each in rolls]):
        before, after = sum(each.before for each in observed), sum(each.after for each in observed)
        share = min(ONE, Fraction(max(0, after), before)) if before > 0 else None
        product = None if share is None or product is None else product * share
        found.append(product)
    return tuple(reversed(found))
