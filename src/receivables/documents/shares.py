"""How a total is divided into installments, exactly.

A part is a percentage of the total, of the net amount or of what is left, a fixed amount, a weight, or the balance.
Shares are worked out in order; weights and the balance take what the others leave. The parts always add up to the
total: without a balance, one named part carries what rounding left. A credit note gives the mirror image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Self, final

import attrs

from receivables.documents.schedule import check_percent, read_percent
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.money import Money, Remainder, Rounding, exact


@final
class ShareKind(Enum):
    """What a share is measured by."""

    TOTAL = "percent of the total"
    NET = "percent of the net amount"
    REST = "percent of what is left"
    FIXED = "fixed amount"
    WEIGHT = "weight"
    BALANCE = "balance"


@final
class Excess(Enum):
    """What happens when a fixed part is more than what is left."""

    REFUSE = "refuse"
    CAP = "cap"
    """The part shrinks to what is left, later parts to nothing."""
    NEGATIVE = "negative"
    """The part stays and the last one takes back the excess."""


@final
class LastPart(Enum):
    """How terms must end: systems disagree, so the rule has a name."""

    RESIDUAL = "residual"
    """Percentages that reach 100 will do, and one part carries what rounding left (Odoo, ERPNext)."""
    BALANCE = "balance"
    """The last part must be a balance, even when the percentages reach 100 (Tryton)."""


@final
@attrs.frozen(kw_only=True)
class Share:
    """The size of one part.

    >>> str(Share.percent("33.34")), str(Share.fixed(Money.of("400", "EUR"))), str(Share.balance())
    ('33.34%', '400.00 EUR', 'balance')
    """

    kind: ShareKind
    value: Decimal | None = None
    amount: Money | None = None
    weight: int | None = None

    def __attrs_post_init__(self) -> None:
        checks.instance("share.kind", self.kind, ShareKind, "a ShareKind")
        given = {name for name in ("value", "amount", "weight") if getattr(self, name) is not None}
        if given != _NEEDED[self.kind]:
            raise InvalidValue(
                "share", sorted(given), f"must give {sorted(_NEEDED[self.kind])} for a {self.kind.value}"
            )
        if self.value is not None:
            check_percent("share.percent", self.value)
        if self.amount is not None and self.amount.minor <= 0:
            raise InvalidValue("share.amount", str(self.amount), "must be more than zero")
        if self.weight is not None:
            checks.whole("share.weight", self.weight, least=1)

    @classmethod
    def percent(cls, value: Decimal | str | int) -> Self:
        """A percentage of the total."""
        return cls(kind=ShareKind.TOTAL, value=read_percent("share.percent", value))

    @classmethod
    def percent_of_net(cls, value: Decimal | str | int) -> Self:
        """A percentage of the net amount: the tax stays with the balance."""
        return cls(kind=ShareKind.NET, value=read_percent("share.percent", value))

    @classmethod
    def percent_of_rest(cls, value: Decimal | str | int) -> Self:
        """A percentage of what the parts before it left."""
        return cls(kind=ShareKind.REST, value=read_percent("share.percent", value))

    @classmethod
    def fixed(cls, amount: Money) -> Self:
        """An amount."""
        return cls(kind=ShareKind.FIXED, amount=amount)

    @classmethod
    def weighted(cls, weight: int) -> Self:
        """A weight in what the other parts leave: thirds are three weights of one."""
        return cls(kind=ShareKind.WEIGHT, weight=weight)

    @classmethod
    def balance(cls) -> Self:
        """All that the other parts leave."""
        return cls(kind=ShareKind.BALANCE)

    @property
    def takes_rest(self) -> bool:
        """Whether it waits for what the others leave."""
        return self.kind in (ShareKind.WEIGHT, ShareKind.BALANCE)

    def __str__(self) -> str:
        return _WRITTEN[self.kind].format(number=plain(self.value), amount=self.amount, weight=self.weight)


@final
@attrs.frozen(kw_only=True)
class Division:
    """How to round and where the remainder goes.

    ``step`` is the smallest amount in minor units: 5 for Swiss cash.
    """

    excess: Excess = Excess.REFUSE
    last: LastPart = LastPart.RESIDUAL
    remainder: Remainder = "last"
    rounding: Rounding = Rounding.HALF_UP
    step: int = 1

    def __attrs_post_init__(self) -> None:
        checks.instance("division.excess", self.excess, Excess, "an Excess")
        checks.instance("division.last", self.last, LastPart, "a LastPart")
        checks.instance("division.rounding", self.rounding, Rounding, "a Rounding")
        checks.one_of("division.remainder", self.remainder, ("first", "largest", "last"))
        checks.whole("division.step", self.step, least=1)


PLAIN = Division()


# Checking -------------------------------------------------------------------------------------------------------


def check_shares(shares: Sequence[Share], division: Division = PLAIN) -> None:
    """That the shares can add up: one balance at most, no more than 100 percent, and an end."""
    balances = [share for share in shares if share.kind is ShareKind.BALANCE]
    if len(balances) + any(share.kind is ShareKind.WEIGHT for share in shares) > 1:
        raise InvalidValue("terms.parts", _all(shares), "must have one balance at most, and no weights beside it")
    for kind in (ShareKind.TOTAL, ShareKind.NET):
        if _percent(shares, kind) > 100:
            raise InvalidValue("terms.parts", _all(shares), "must not add up to more than 100 percent")
    if division.last is LastPart.BALANCE and shares[-1].kind is not ShareKind.BALANCE:
        raise InvalidValue("terms.parts", _all(shares), "must end with a balance")
    if not _adds_up(shares):
        raise InvalidValue("terms.parts", _all(shares), "must add up to 100 percent or have a balance")
    if division.remainder == "largest" and not (_all_percentages(shares) or any(share.takes_rest for share in shares)):
        raise InvalidValue("division.remainder", "largest", "must be asked of weights, or of percentages of the total")


def _adds_up(shares: Sequence[Share]) -> bool:
    reaches_all = 100 in (_percent(shares, ShareKind.TOTAL), _percent(shares, ShareKind.NET))
    all_the_rest = shares[-1].kind is ShareKind.REST and shares[-1].value == 100
    return reaches_all or all_the_rest or any(share.takes_rest for share in shares)


def _percent(shares: Sequence[Share], kind: ShareKind) -> Fraction:
    return sum((exact("percent", share.value) for share in shares if share.kind is kind), Fraction(0))


def _all(shares: Sequence[Share]) -> str:
    return "; ".join(map(str, shares))


# Dividing -------------------------------------------------------------------------------------------------------


def apportion(
    shares: Sequence[Share], total: Money, *, net: Money | None = None, division: Division = PLAIN
) -> tuple[Money, ...]:
    """The amount of each share; they add up to the total.

    >>> shares = [Share.fixed(Money.of("400", "EUR")), *map(Share.weighted, (33, 33, 34))]
    >>> [str(part) for part in apportion(shares, Money.of("1000", "EUR"))]
    ['400.00 EUR', '198.00 EUR', '198.00 EUR', '204.00 EUR']

    Errors: `InvalidValue` where a fixed part exceeds what is left, or where the net amount is needed and missing;
    `CurrencyMismatch`.
    """
    if len(shares) == 1 and shares[0].takes_rest:
        return (total,)
    if division.remainder == "largest" and _all_percentages(shares):
        return total.split([share.value or 0 for share in shares], remainder="largest", step=division.step)
    sign = -1 if total.minor < 0 else 1
    sizes = _sizes(shares, total, net, sign, division)
    return tuple(Money(sign * size, total.currency) for size in sizes)


def apportion_twice(
    shares: Sequence[Share],
    total: Money,
    other: Money,
    *,
    rate: Fraction | Decimal | None = None,
    division: Division = PLAIN,
) -> tuple[tuple[Money, ...], tuple[Money, ...]]:
    """The same shares of one document in two currencies, each adding up to its own total.

    A part in the other currency is its own share of the other total, plus what rounding to a cash step changed in the
    first, converted. ``rate`` is units of the other currency per unit of the first; by default the ratio of the totals.

    >>> halves, up = [Share.percent(50), Share.percent(50)], Division(step=5, rounding=Rounding.UP)
    >>> both = apportion_twice(halves, Money.of("868.35", "USD"), Money.of("434.18", "EUR"), division=up)
    >>> [[str(part) for part in parts] for parts in both]
    [['434.20 USD', '434.15 USD'], ['217.10 EUR', '217.08 EUR']]
    """
    factor = _conversion(total, other, rate)
    first = apportion(shares, total, division=division)
    plain_first = apportion(shares, total, division=attrs.evolve(division, step=1, rounding=Rounding.HALF_UP))
    own = apportion([_converted(share, other, factor) for share in shares], other)
    moved = [
        part + Money.from_minor((paid - exact_part).minor * factor, other.currency)
        for part, paid, exact_part in zip(own, first, plain_first, strict=True)
    ]
    carrier = _carrier(shares, division)
    moved[carrier] = moved[carrier] + (other - Money.total(moved, other.currency))
    return first, tuple(moved)


def _sizes(shares: Sequence[Share], total: Money, net: Money | None, sign: int, division: Division) -> list[int]:
    left, sizes = abs(total.minor), [0] * len(shares)
    base = _Base(total=total, net=None if net is None else sign * net.minor)
    for index, share in enumerate(shares):
        if not share.takes_rest:
            wanted = _rounded(_WANTED[share.kind](share, base, left), division)
            sizes[index] = _fitted(wanted, left, share, shares, division)
            left -= sizes[index]
    _give_rest(sizes, left, shares, total, division)
    return sizes


def _give_rest(sizes: list[int], left: int, shares: Sequence[Share], total: Money, division: Division) -> None:
    waiting = [index for index, share in enumerate(shares) if share.kind is ShareKind.WEIGHT]
    if not waiting:
        sizes[_carrier(shares, division)] += left
        return
    weights = [shares[index].weight or 0 for index in waiting]
    parts = Money(left, total.currency).split(weights, remainder=division.remainder, step=division.step)
    for index, part in zip(waiting, parts, strict=True):
        sizes[index] = part.minor


def _carrier(shares: Sequence[Share], division: Division) -> int:
    """Which part takes what is left: the balance, or else the first or last part."""
    balances = [index for index, share in enumerate(shares) if share.kind is ShareKind.BALANCE]
    return balances[0] if balances else (0 if division.remainder == "first" else len(shares) - 1)


def _fitted(wanted: int, left: int, share: Share, shares: Sequence[Share], division: Division) -> int:
    """What a part may take. A percentage is cut where only rounding made it too large."""
    if wanted <= left:
        return wanted
    by_rounding = share.kind is not ShareKind.FIXED and wanted - left <= len(shares) * division.step
    if division.excess is Excess.NEGATIVE and (_has_fixed(shares) or not by_rounding):
        return wanted
    if division.excess is Excess.CAP or by_rounding:
        return max(left, 0)
    raise InvalidValue("terms.parts", str(share), f"must not exceed the {left} minor units that are left")


def _has_fixed(shares: Sequence[Share]) -> bool:
    return any(share.kind is ShareKind.FIXED for share in shares)


def _all_percentages(shares: Sequence[Share]) -> bool:
    return all(share.kind is ShareKind.TOTAL for share in shares)


def _rounded(value: Fraction, division: Division) -> int:
    return division.rounding.quotient(value.numerator, value.denominator * division.step) * division.step


@attrs.frozen(kw_only=True)
class _Base:
    total: Money
    net: int | None


def _of_total(share: Share, base: _Base, left: int) -> Fraction:
    return abs(base.total.minor) * exact("percent", share.value) / 100


def _of_net(share: Share, base: _Base, left: int) -> Fraction:
    if base.net is None:
        raise InvalidValue("terms.net", None, "must be given: a part is a percentage of it")
    return base.net * exact("percent", share.value) / 100


def _of_rest(share: Share, base: _Base, left: int) -> Fraction:
    return left * exact("percent", share.value) / 100


def _fixed(share: Share, base: _Base, left: int) -> Fraction:
    if share.amount is None or share.amount.currency != base.total.currency:
        raise CurrencyMismatch(share.amount, base.total)
    return Fraction(share.amount.minor)


_WANTED: dict[ShareKind, Callable[[Share, _Base, int], Fraction]] = {
    ShareKind.TOTAL: _of_total,
    ShareKind.NET: _of_net,
    ShareKind.REST: _of_rest,
    ShareKind.FIXED: _fixed,
}


def _conversion(total: Money, other: Money, rate: Fraction | Decimal | None) -> Fraction:
    """Minor units of the other currency per minor unit of the first."""
    if rate is None:
        return Fraction(other.minor, total.minor) if total.minor else Fraction(0)
    return exact("rate", rate) * Fraction(10) ** (other.currency.exponent - total.currency.exponent)


def _converted(share: Share, other: Money, factor: Fraction) -> Share:
    if share.amount is None:
        return share
    return Share.fixed(Money.from_minor(share.amount.minor * factor, other.currency))


def plain(value: Decimal | None) -> str:
    """A percentage as text, without an exponent or zeros at the end."""
    text = "" if value is None else format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_NEEDED = {
    ShareKind.TOTAL: {"value"},
    ShareKind.NET: {"value"},
    ShareKind.REST: {"value"},
    ShareKind.FIXED: {"amount"},
    ShareKind.WEIGHT: {"weight"},
    ShareKind.BALANCE: set[str](),
}
_WRITTEN = {
    ShareKind.TOTAL: "{number}%",
    ShareKind.NET: "{number}% of net",
    ShareKind.REST: "{number}% of rest",
    ShareKind.FIXED: "{amount}",
    ShareKind.WEIGHT: "weight {weight}",
    ShareKind.BALANCE: "balance",
}
