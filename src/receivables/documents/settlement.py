"""How a payment was settled against items: the money, and every difference explained.

Rules:

1. What was open of an item is the money applied to it plus the parts that explain the rest: ``open = cash + parts``.
2. A part *settles* so much of its item without money (a discount, a write-off), or says why so much stays open (a short
   payment, a deduction that is disputed). Either way it has a kind and a coded reason.
3. A payment is the money applied plus its surplus. A surplus is a part without an item and below zero: it is on account,
   or it is kept where it is too small to give back.

So the parts sum to the difference between what was open and what was paid, exactly. No item goes below zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Self, final

import attrs
from attrs import frozen

from receivables.documents.discount_tax import TaxShare
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.money import Money

PART_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "discount_earned": "a cash discount that was taken in time",
        "discount_in_grace": "a cash discount that was taken in the days of grace",
        "discount_unearned": "a cash discount that was taken too late, or kept back after the last day",
        "tolerance": "too little to be worth a letter, or too much to be worth giving back",
        "withheld_tax": "tax that the payer keeps back for the payer's tax office",
        "bank_fee": "what banks kept on the way",
        "deduction": "what the payer kept back and gave a reason for; it opens a dispute",
        "exchange_difference": "what the rate of a converted payment made of it",
        "write_off": "given up by decision",
        "short_payment": "not paid, and nobody says why",
        "overpayment": "more than was open; it is on account",
    }
)
"""Kind of a part -> what it is."""

DISCOUNTS: Final = frozenset({"discount_earned", "discount_in_grace", "discount_unearned"})
"""The kinds that lower the tax of the invoice, where the discount is on the gross amount."""

STAYS_OPEN: Final = frozenset({"deduction", "short_payment", "overpayment"})
"""The kinds that never settle anything."""

DISPUTED: Final = frozenset({"deduction", "discount_unearned", "withheld_tax", "bank_fee"})
"""The kinds that open a dispute where they do not settle: the payer kept something back for a reason."""

OF_SURPLUS: Final = frozenset({"overpayment", "tolerance", "write_off"})
"""The kinds that a surplus can have."""


# What is tendered -------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class Deduction:
    """What a remittance says was kept back, and why: a short delivery, a rebate, a freight claim.

    Without an item it is placed on the items of the payment in their order.

    >>> Deduction(amount=Money.of("80.00", "EUR"), code="short_delivery", item="INV-1").code
    'short_delivery'
    """

    amount: Money
    code: str
    item: str | None = None
    text: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_amount("deduction.amount", self.amount, least=1)
        checks.text("deduction.code", self.code)
        checks.optional_text("deduction.item", self.item)
        checks.text("deduction.text", self.text, empty=True)


@final
@frozen(kw_only=True)
class Tender:
    """Money that is to settle items, with the bank's value date and everything that was said about what is missing.

    ``paid`` is what arrived. ``withheld`` is tax that the payer kept back, ``certificate`` the reference of the
    certificate for it, once that has come. ``bank_fee`` is what banks kept on the way, as far as the bank line says it.
    ``converted`` says that the money arrived in another currency, and was converted.

    >>> Tender(paid=Money.of("985.00", "EUR"), paid_on=dt.date(2026, 5, 15), bank_fee=Money.of("15.00", "EUR")).converted
    False
    """

    paid: Money
    paid_on: dt.date
    deductions: tuple[Deduction, ...] = ()
    withheld: Money | None = None
    certificate: str | None = None
    bank_fee: Money | None = None
    converted: bool = False

    def __attrs_post_init__(self) -> None:
        _check_amount("tender.paid", self.paid)
        checks.day("tender.paid_on", self.paid_on)
        checks.sequence("tender.deductions", self.deductions, Deduction, "deductions")
        checks.optional_text("tender.certificate", self.certificate)
        checks.instance("tender.converted", self.converted, bool, "true or false")
        for name in ("withheld", "bank_fee"):
            if getattr(self, name) is not None:
                _check_amount(f"tender.{name}", getattr(self, name))
        said = (self.withheld, self.bank_fee, *(each.amount for each in self.deductions))
        for amount in said:
            if amount is not None and amount.currency != self.paid.currency:
                raise CurrencyMismatch(self.paid, amount)


# What came of it --------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class SettlementPart:
    """One part of a difference: its kind, its amount, and its coded reason.

    ``settles``: whether so much of the item is closed without money; if not, it stays open for the reason that is
    given. ``taxes`` is the tax in the amount by rate, where the part lowers the tax of the invoice.

    >>> part = SettlementPart(kind="discount_unearned", item="INV-4", amount=Money.of("24.00", "EUR"),
    ...                       reason="unearned_discount", settles=False)
    >>> print(part)
    INV-4: discount_unearned 24.00 EUR stays open: unearned_discount
    >>> part.opens_dispute
    True
    """

    kind: str
    amount: Money
    reason: str
    item: str | None = None
    settles: bool = True
    taxes: tuple[TaxShare, ...] = ()
    text: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.one_of("part.kind", self.kind, tuple(PART_KINDS))
        checks.instance("part.amount", self.amount, Money, "money")
        checks.text("part.reason", self.reason)
        checks.optional_text("part.item", self.item)
        checks.instance("part.settles", self.settles, bool, "true or false")
        checks.sequence("part.taxes", self.taxes, TaxShare, "tax shares")
        checks.text("part.text", self.text, empty=True)
        if self.settles and self.kind in STAYS_OPEN:
            raise InvalidValue("part.settles", self.settles, f"must be false: a {self.kind} settles nothing")
        _check_sign(self)

    @property
    def tax(self) -> Money:
        """The tax in the amount, over all rates."""
        return Money.total((share.amount for share in self.taxes), self.amount.currency)

    @property
    def net(self) -> Money:
        """The amount without the tax in it."""
        return self.amount - self.tax

    @property
    def opens_dispute(self) -> bool:
        """Whether it is a claim of the payer that somebody has to decide about."""
        return not self.settles and self.kind in DISPUTED

    def __str__(self) -> str:
        where = "surplus" if self.item is None else self.item
        rest = "on account" if self.item is None else "stays open"
        tax = f", of which tax {self.tax}" if self.taxes else ""
        return f"{where}: {self.kind} {self.amount}{tax}{'' if self.settles else f' {rest}'}: {self.reason}"


@final
@frozen(kw_only=True)
class SettledItem:
    """What was open of an item before, and how much money went on it.

    >>> SettledItem(item="INV-4", open=Money.of("1200", "EUR"), cash=Money.of("1176", "EUR")).item
    'INV-4'
    """

    item: str
    open: Money
    cash: Money

    def __attrs_post_init__(self) -> None:
        checks.text("settled.item", self.item)
        _check_amount("settled.open", self.open)
        _check_amount("settled.cash", self.cash)
        if self.cash > self.open:
            raise InvalidValue("settled.cash", str(self.cash), f"must not be more than is open, {self.open}")


@final
@frozen(kw_only=True)
class Settlement:
    """One payment against the items that it is for, to the cent.

    ``policy`` and ``version`` name the `SettlementPolicy` that decided; without them a person did. ``reasons`` say
    what was decided against, with its figure: a rest above the tolerance, a yearly cap that is used up.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> items = (SettledItem(item="INV-1", open=eur("8000"), cash=eur("6000")),)
    >>> told = [SettlementPart(kind="discount_earned", item="INV-1", amount=eur("1599"), reason="agreed"),
    ...         SettlementPart(kind="write_off", item="INV-1", amount=eur("1"), reason="agreed")]
    >>> print(Settlement.explained(eur("6000"), dt.date(2026, 5, 15), items, told))
    6000.00 EUR paid on 2026-05-15 for 8000.00 EUR open: 2000.00 EUR to explain, 400.00 EUR stays open
      INV-1: cash 6000.00 EUR of 8000.00 EUR
      INV-1: discount_earned 1599.00 EUR: agreed
      INV-1: write_off 1.00 EUR: agreed
      INV-1: short_payment 400.00 EUR stays open: short_payment

    Errors: `InvalidValue` where the figures do not add up, `CurrencyMismatch`.
    """

    paid: Money
    paid_on: dt.date
    items: tuple[SettledItem, ...]
    parts: tuple[SettlementPart, ...] = ()
    policy: str | None = None
    version: int | None = None
    reasons: tuple[Reason, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_amount("settlement.paid", self.paid)
        checks.day("settlement.paid_on", self.paid_on)
        checks.sequence("settlement.items", self.items, SettledItem, "settled items")
        checks.sequence("settlement.parts", self.parts, SettlementPart, "parts")
        checks.sequence("settlement.reasons", self.reasons, Reason, "reasons")
        checks.optional_text("settlement.policy", self.policy)
        if self.version is not None:
            checks.whole("settlement.version", self.version, least=1)
        _check_items(self)
        _check_sums(self)

    @classmethod
    def explained(
        cls, paid: Money, paid_on: dt.date, items: Iterable[SettledItem], parts: Iterable[SettlementPart] = ()
    ) -> Self:
        """The settlement that a person decided: what the parts leave is a short payment, and a surplus is on account."""
        settled, told = tuple(items), tuple(parts)
        sums, zero = _sums(told), Money.zero(paid.currency)
        rests = [
            SettlementPart(kind="short_payment", item=each.item, amount=rest, reason="short_payment", settles=False)
            for each in settled
            if (rest := each.open - each.cash - sums.get(each.item, zero)).minor > 0
        ]
        surplus = paid - Money.total((each.cash for each in settled), paid.currency) + sums.get(None, zero)
        if surplus.minor > 0:
            rests.append(SettlementPart(kind="overpayment", amount=-surplus, reason="overpayment", settles=False))
        return cls(paid=paid, paid_on=paid_on, items=settled, parts=(*told, *rests))

    @property
    def difference(self) -> Money:
        """What was open less what was paid; below zero where more was paid."""
        return Money.total((each.open for each in self.items), self.paid.currency) - self.paid

    @property
    def applied(self) -> Money:
        """The money that went on items."""
        return Money.total((each.cash for each in self.items), self.paid.currency)

    @property
    def on_account(self) -> Money:
        """The money that is left on account."""
        return -self._total(part for part in self.parts if part.kind == "overpayment")

    @property
    def open(self) -> Money:
        """What stays open of all items."""
        return self._total(part for part in self.parts if part.item is not None and not part.settles)

    @property
    def is_closed(self) -> bool:
        """Whether nothing stays open."""
        return self.open.is_zero

    @property
    def disputes(self) -> tuple[SettlementPart, ...]:
        """The parts that open a dispute."""
        return tuple(part for part in self.parts if part.opens_dispute)

    def open_of(self, item: str) -> Money:
        """What stays open of one item."""
        return self._total(part for part in self.parts if part.item == item and not part.settles)

    def of_kind(self, kind: str) -> Money:
        """The sum of the parts of a kind."""
        return self._total(part for part in self.parts if part.kind == kind)

    def _total(self, parts: Iterable[SettlementPart]) -> Money:
        return Money.total((part.amount for part in parts), self.paid.currency)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict for the money on each item and for each part."""
        money = [_row(each.item, "cash", each.cash, "paid", "settled") for each in self.items]
        return [*money, *(_part_row(part) for part in self.parts)]

    def __str__(self) -> str:
        total = Money.total((each.open for each in self.items), self.paid.currency)
        head = f"{self.paid} paid on {self.paid_on} for {total} open: {self.difference} to explain"
        lines = [f"  {each.item}: cash {each.cash} of {each.open}" for each in self.items]
        lines += [f"  {part}" for part in self.parts]
        lines += [f"  because: {reason}" for reason in self.reasons]
        return "\n".join([f"{head}, {self.open} stays open", *lines])


def _sums(parts: Sequence[SettlementPart]) -> dict[str | None, Money]:
    """What the parts of each item add up to."""
    sums: dict[str | None, Money] = {}
    for part in parts:
        known = sums.get(part.item)
        sums[part.item] = part.amount if known is None else known + part.amount
    return sums


def _row(item: str | None, kind: str, amount: Money, reason: str, effect: str, tax: object = None) -> dict[str, object]:
    figures = {"amount": str(amount.amount), "currency": amount.currency.code, "tax": tax}
    return {"item": item, "kind": kind, **figures, "effect": effect, "reason": reason}


def _part_row(part: SettlementPart) -> dict[str, Any]:
    effect = "settled" if part.settles else "on account" if part.item is None else "open"
    return _row(part.item, part.kind, part.amount, part.reason, effect, str(part.tax.amount) if part.taxes else None)


# Checks -----------------------------------------------------------------------------------------------------------------


def _check_amount(field: str, amount: object, *, least: int = 0) -> None:
    checks.instance(field, amount, Money, "money")
    if isinstance(amount, Money) and amount.minor < least:
        raise InvalidValue(field, str(amount), "must be more than zero" if least else "must not be below zero")


def _check_sign(part: SettlementPart) -> None:
    if part.item is None and not (part.amount.is_negative and part.kind in OF_SURPLUS):
        raise InvalidValue("part.item", part.item, f"must be given: {part.kind} {part.amount} is no surplus")
    if part.item is not None and not (part.amount.is_positive and part.kind != "overpayment"):
        raise InvalidValue("part.amount", str(part.amount), f"must be above zero on an item, for a {part.kind}")


def _check_items(settlement: Settlement) -> None:
    if not settlement.items:
        raise InvalidValue("settlement.items", settlement.items, "must have at least one item")
    names = {each.item for each in settlement.items}
    if len(names) != len(settlement.items):
        raise InvalidValue("settlement.items", sorted(names), "must have each item once")
    for at, part in enumerate(settlement.parts):
        if part.item is not None and part.item not in names:
            raise InvalidValue(f"settlement.parts[{at}].item", part.item, "must be one of the items")


def _check_sums(settlement: Settlement) -> None:
    """Money and parts give what was open, item by item; money and surplus give what was paid."""
    sums, zero = _sums(settlement.parts), Money.zero(settlement.paid.currency)
    for each in settlement.items:
        explained = each.cash + sums.get(each.item, zero)
        if explained != each.open:
            raise InvalidValue(f"settlement of {each.item}", str(explained), f"must add up to {each.open}")
    used = settlement.applied - sums.get(None, zero)
    if used != settlement.paid:
        raise InvalidValue("settlement.paid", str(settlement.paid), f"must be what was used, {used}")
