"""A cash discount split over net amount and tax, with what it does to the tax.

A discount on the gross amount lowers the tax of each rate in proportion, which the creditor declares when the discount
is taken (EU VAT Directive, Article 90; in the UK, HMRC brief 49/2014). A discount on the net amount leaves the tax as
it was. A reduced invoice computes the tax on the discounted amount from the start, whoever takes the discount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import final

import attrs

from receivables.documents.discounts import DiscountBase
from receivables.documents.schedule import read_percent
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money, exact


@final
@attrs.frozen(kw_only=True)
class TaxedLine:
    """What a discount has to know of an invoice line: its net amount, its tax rates, and whether it is discounted.

    ``tax_fixed`` is a tax by piece (a bottle deposit, an eco fee), which no discount lowers.
    """

    net: Money
    tax_percents: tuple[Decimal, ...] = ()
    tax_fixed: Money | None = None
    discountable: bool = True

    def __attrs_post_init__(self) -> None:
        checks.instance("line.net", self.net, Money, "money")
        checks.sequence("line.tax_percents", self.tax_percents, Decimal, "Decimals")


@final
@attrs.frozen(kw_only=True)
class TaxShare:
    """The part of a discount that is tax at one rate."""

    percent: Decimal
    amount: Money


@final
@attrs.frozen(kw_only=True)
class DiscountSplit:
    """A discount and its parts: ``discount`` is ``net`` plus ``tax``; ``pay`` is ``total`` less ``discount``."""

    total: Money
    tax_total: Money
    pay: Money
    discount: Money
    net: Money
    tax: Money
    by_line: tuple[Money, ...]
    by_rate: tuple[TaxShare, ...]


def split_percent(
    lines: Sequence[TaxedLine], percent: Decimal | str | int, base: DiscountBase = DiscountBase.GROSS
) -> DiscountSplit:
    """The split of a percentage of a whole document.

    >>> line = TaxedLine(net=Money.of("1000.00", "EUR"), tax_percents=(Decimal(20),))
    >>> split = split_percent([line], 2)
    >>> str(split.pay), str(split.net), str(split.tax)
    ('1176.00 EUR', '20.00 EUR', '4.00 EUR')
    """
    _check_lines(lines)
    factor = exact("percent", read_percent("discount.percent", percent)) / 100
    by_line = tuple(line.net.times(factor if line.discountable else 0) for line in lines)
    lowered = base is DiscountBase.REDUCED
    taxes = _taxes(lines, by_line) if lowered else _taxes(lines)
    discountable = [line for line in lines if line.discountable]
    by_rate = _scaled(_taxes(discountable), factor) if base is DiscountBase.GROSS else ()
    return _split(lines, taxes, by_line, by_rate)


def split_amount(lines: Sequence[TaxedLine], amount: Money) -> DiscountSplit:
    """The split of a gross amount, such as a flat discount or the discount that a part payment earned.

    >>> line = TaxedLine(net=Money.of("200.00", "EUR"), tax_percents=(Decimal(18),))
    >>> split = split_amount([line], Money.of("50.00", "EUR"))
    >>> str(split.net), str(split.tax)
    ('42.37 EUR', '7.63 EUR')
    """
    _check_lines(lines)
    discountable = [line for line in lines if line.discountable]
    rates = _taxes(discountable)
    weights = [
        *(line.net.minor if line.discountable else 0 for line in lines),
        *(share.amount.minor for share in rates),
    ]
    parts = amount.split(weights, remainder="largest")
    by_rate = tuple(attrs.evolve(share, amount=part) for share, part in zip(rates, parts[len(lines) :], strict=True))
    return _split(lines, _taxes(lines), parts[: len(lines)], by_rate)


def discountable_amount(lines: Sequence[TaxedLine], base: DiscountBase = DiscountBase.GROSS) -> Money:
    """What a percentage is of, where some lines are excluded: for `PaymentTerms.resolve`.

    >>> goods = TaxedLine(net=Money.of("900.00", "EUR"), tax_percents=(Decimal(20),))
    >>> freight = TaxedLine(net=Money.of("100.00", "EUR"), tax_percents=(Decimal(20),), discountable=False)
    >>> str(discountable_amount([goods, freight])), str(discountable_amount([goods, freight], DiscountBase.NET))
    ('1080.00 EUR', '900.00 EUR')
    """
    _check_lines(lines)
    counted = [line for line in lines if line.discountable]
    net = Money.total((line.net for line in counted), lines[0].net.currency)
    return net + Money.total(_amounts(_taxes(counted)), net.currency) if base is DiscountBase.GROSS else net


def _split(
    lines: Sequence[TaxedLine], taxes: Sequence[TaxShare], by_line: tuple[Money, ...], by_rate: tuple[TaxShare, ...]
) -> DiscountSplit:
    currency = lines[0].net.currency
    fixed = (line.tax_fixed for line in lines if line.tax_fixed is not None)
    tax_total = Money.total([*_amounts(taxes), *fixed], currency)
    net, tax = Money.total(by_line, currency), Money.total(_amounts(by_rate), currency)
    total = Money.total((line.net for line in lines), currency) + tax_total
    return DiscountSplit(
        total=total,
        tax_total=tax_total,
        pay=total - net - tax,
        discount=net + tax,
        net=net,
        tax=tax,
        by_line=by_line,
        by_rate=by_rate,
    )


def _taxes(lines: Sequence[TaxedLine], less: Sequence[Money] = ()) -> tuple[TaxShare, ...]:
    """The tax of each rate, rounded once per rate, on the net amounts less what is given."""
    nets: dict[Decimal, int] = {}
    for index, line in enumerate(lines):
        for percent in line.tax_percents:
            nets[percent] = nets.get(percent, 0) + line.net.minor - (less[index].minor if less else 0)
    currency = lines[0].net.currency if lines else None
    return tuple(
        TaxShare(percent=percent, amount=Money(net, currency).times(exact("tax", percent) / 100))
        for percent, net in nets.items()
        if currency is not None
    )


def _scaled(shares: Iterable[TaxShare], factor: Fraction) -> tuple[TaxShare, ...]:
    return tuple(attrs.evolve(share, amount=share.amount.times(factor)) for share in shares)


def _amounts(shares: Iterable[TaxShare]) -> list[Money]:
    return [share.amount for share in shares]


def _check_lines(lines: Sequence[TaxedLine]) -> None:
    if not lines:
        raise InvalidValue("discount.lines", lines, "must have at least one line")
