"""What a loss is made of: why a claim is given up, what of it is tax, and what is set aside for a claim by itself.

1. A loss is gross. Its net amount and its tax at each rate follow from the tax breakdown of the invoice in proportion, so
   what is lost of an invoice with several rates is lost of all of them alike.
2. The parts always add up to the amount, and those of several losses to those of their sum: a part is worked out as the
   difference of what was lost up to then, before and after.
3. A specific allowance is for one item, or for all that a customer owes, as a percentage of what is open or as an amount. It
   is never more than what is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.invoice import Invoice, TaxPart
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money, Rounding

CODES: Final = (
    "insolvent",
    "barred",
    "untraceable",
    "deceased",
    "uneconomic",
    "small",
    "settled",
    "other",
)
"""Why a claim is given up; a host may use its own. ``settled`` is what a settlement out of court left unpaid."""

BARS: Final = ("sold", "disputed", "expired", "other")
"""What takes the right to tax relief away from a bad debt."""

CHARGES: Final = ("specific", "allowance")
"""What a loss is charged to first: what was set aside for the item itself, or the allowance as a whole."""

RECOVERIES: Final = ("income", "allowance")
"""What a recovery is credited to."""


@final
@frozen(kw_only=True)
class SpecificAllowance:
    """What is set aside for one item, or without ``item`` for all that a customer owes, by itself: a matrix leaves it out.

    ``percent`` is of what is open on the day that is asked about; ``amount`` is fixed, in the currency of the item. One of the
    two is given.

    >>> half = SpecificAllowance(id="SA-1", account="ACME", item="INV-1", percent=Decimal(50), code="insolvent")
    >>> str(half.of_open(Money.of("3000", "EUR")))
    '1500.00 EUR'
    >>> fixed = SpecificAllowance(id="SA-2", account="ACME", amount=Money.of("4000", "EUR"), code="insolvent")
    >>> str(fixed.of_open(Money.of("3000", "EUR")))
    '3000.00 EUR'

    Errors: `InvalidValue` for both or neither, for a percentage outside of 0 to 100 or an amount below zero; `WrongType`.
    """

    id: str
    account: str
    code: str
    item: str | None = None
    percent: Decimal | None = None
    amount: Money | None = None
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("allowance.id", self.id)
        checks.text("allowance.account", self.account)
        checks.text("allowance.code", self.code)
        checks.optional_text("allowance.item", self.item)
        checks.optional_text("allowance.note", self.note)
        if (self.percent is None) == (self.amount is None):
            raise InvalidValue("allowance.percent", self.percent, "must be given, or else an amount, and not both")
        if self.percent is not None:
            check_percent("allowance.percent", self.percent)
        if self.amount is not None:
            checks.instance("allowance.amount", self.amount, Money, "money")
            if self.amount.minor < 0:
                raise InvalidValue("allowance.amount", str(self.amount), "must not be below zero")

    def of_open(self, open_: Money) -> Money:
        """What is set aside of what is open: rounded half up, and never more than that."""
        if self.percent is not None:
            return open_.times(Fraction(self.percent) / 100)
        assert self.amount is not None  # one of the two is
        return min(self.amount, open_)


def check_percent(field: str, value: object, most: int = 100) -> None:
    """A `Decimal` from 0 to ``most``."""
    checks.instance(field, value, Decimal, "a Decimal")
    assert isinstance(value, Decimal)
    if not value.is_finite() or not 0 <= value <= most:
        raise InvalidValue(field, value, f"must be a percentage from 0 to {most}")


def tax_parts(invoice: Invoice) -> tuple[TaxPart, ...]:
    """The net amount and tax of an invoice at each rate: its breakdown, or that of its lines; nothing where it is not known.

    >>> import datetime as dt
    >>> from receivables.documents.invoice import InvoiceLine
    >>> gbp = lambda amount: Money.of(amount, "GBP")
    >>> lines = (InvoiceLine(net=gbp(1000), tax=gbp(200), tax_percent=Decimal(20)),
    ...          InvoiceLine(net=gbp(1000), tax=gbp(0), tax_percent=Decimal(0)))
    >>> invoice = Invoice(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5), total=gbp(2200),
    ...                   schedule=Invoice.due(number="x", account="x", issued_on=dt.date(2026, 1, 5), total=gbp(2200),
    ...                                        due_on=dt.date(2026, 2, 4)).schedule, lines=lines)
    >>> [(str(part.percent), str(part.net), str(part.tax)) for part in tax_parts(invoice)]
    [('20', '1000.00 GBP', '200.00 GBP'), ('0', '1000.00 GBP', '0.00 GBP')]
    """
    if invoice.taxes or not invoice.lines:
        return invoice.taxes
    found: dict[Decimal, list[int]] = {}
    for line in invoice.lines:
        if line.tax_percent is None and line.tax.minor:
            return ()
        sums = found.setdefault(line.tax_percent or Decimal(0), [0, 0])
        sums[0] += line.net.minor
        sums[1] += line.tax.minor
    currency = invoice.currency
    return tuple(
        TaxPart(percent=percent, net=Money(net, currency), tax=Money(tax, currency))
        for percent, (net, tax) in found.items()
    )


def shared(parts: Sequence[TaxPart], amount: Money) -> tuple[TaxPart, ...]:
    """So much of what these parts add up to, as net and tax at each rate in proportion; they add up to the amount.

    >>> gbp = lambda amount: Money.of(amount, "GBP")
    >>> parts = [TaxPart(percent=Decimal(20), net=gbp(1000), tax=gbp(200)),
    ...          TaxPart(percent=Decimal(0), net=gbp(1000), tax=gbp(0))]
    >>> [str(part.tax) for part in shared(parts, gbp(1100))]
    ['100.00 GBP', '0.00 GBP']

    Each tax is rounded half up; what rounding leaves falls to the largest net amount.
    """
    total = sum(part.net.minor + part.tax.minor for part in parts)
    if not parts or not total:
        return ()
    taxes = [_share(part.tax.minor, amount.minor, total) for part in parts]
    nets = [_share(part.net.minor, amount.minor, total) for part in parts]
    largest = max(range(len(parts)), key=lambda at: abs(parts[at].net.minor))
    nets[largest] += amount.minor - sum(taxes) - sum(nets)
    return tuple(
        TaxPart(percent=part.percent, net=Money(net, amount.currency), tax=Money(tax, amount.currency))
        for part, net, tax in zip(parts, nets, taxes, strict=True)
    )


def _share(part: int, amount: int, total: int) -> int:
    return Rounding.HALF_UP.whole(Fraction(part * amount, total))


def between(parts: Sequence[TaxPart], before: Money, after: Money) -> tuple[TaxPart, ...]:
    """What lies between two amounts that were lost of these parts: the parts of the one less those of the other.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> parts = [TaxPart(percent=Decimal(20), net=eur("8.33"), tax=eur("1.67"))]
    >>> pieces = [between(parts, eur(at), eur(at + 1)) for at in range(10)]
    >>> str(Money.total((piece[0].tax for piece in pieces), "EUR"))
    '1.67 EUR'
    """
    if not parts:
        return ()
    return tuple(
        TaxPart(percent=high.percent, net=high.net - low.net, tax=high.tax - low.tax)
        for low, high in zip(shared(parts, before), shared(parts, after), strict=True)
    )


def difference(more: Iterable[TaxPart], less: Iterable[TaxPart]) -> tuple[TaxPart, ...]:
    """The parts less others, rate by rate; what is zero is left out.

    >>> part = lambda net, tax: TaxPart(percent=Decimal(20), net=Money.of(net, "GBP"), tax=Money.of(tax, "GBP"))
    >>> [str(each.tax) for each in difference([part(3750, 750)], [part(3000, 600)])]
    ['150.00 GBP']
    """
    sums: dict[Decimal, list[Money]] = {}
    for sign, parts in ((1, more), (-1, less)):
        for part in parts:
            known = sums.setdefault(part.percent, [Money.zero(part.net.currency), Money.zero(part.net.currency)])
            known[0], known[1] = known[0] + part.net * sign, known[1] + part.tax * sign
    return tuple(
        TaxPart(percent=percent, net=net, tax=tax) for percent, (net, tax) in sums.items() if net.minor or tax.minor
    )


def tax_of(parts: Iterable[TaxPart], zero: Money) -> Money:
    """The tax of all parts; ``zero`` where there are none."""
    return Money.total((part.tax for part in parts), zero.currency)
