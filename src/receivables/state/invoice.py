"""The ledger slice: every item that was ever owed, installments and charges, with its original amount and dates.

An item here is a header that never changes. What is open of it follows from the allocations, and is worked out by the
view for a date; so a million open items cost one small object each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.charge import Charge
from receivables.documents.discount_tax import TaxedLine
from receivables.documents.invoice import Invoice
from receivables.documents.schedule import Installment
from receivables.facts.charge import ChargeRaised
from receivables.facts.invoice import DueDateExtended, InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.state.entry import Entry, Placement
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(weakref_slot=False)
class Item(Entry):
    """One installment of an invoice, or one charge; ``amount`` is its original amount in minor units.

    ``kind`` is ``invoice``, ``fee`` or ``interest``; a charge names the document of the item that it is a charge on.
    ``due_on`` is ``None`` while the item waits for its baseline.
    """

    id: str
    document: str
    currency: Currency
    amount: int
    document_on: dt.date
    due_on: dt.date | None
    effective_on: dt.date
    recorded_at: dt.datetime
    kind: str = "invoice"

    @property
    def original(self) -> Money:
        """The original amount as money."""
        return Money(self.amount, self.currency)


@final
@frozen(weakref_slot=False)
class Dating(Entry):
    """A due date that became known for an item, or a later one that was granted: then it is an ``extension``."""

    item: str
    due_on: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime
    extension: bool = False


@final
@frozen(weakref_slot=False)
class RaisedCharge(Entry):
    """A charge as it was raised, with its parent and how it arose."""

    charge: Charge
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Discounted(Entry):
    """An item that may be paid with a discount: its installment, with the windows that the invoice froze, and the lines of
    the invoice as far as a discount has to know them.

    Only such items have one, so an item without a discount costs nothing more.
    """

    item: str
    installment: Installment
    effective_on: dt.date
    recorded_at: dt.datetime
    lines: tuple[TaxedLine, ...] = ()


@final
@frozen(kw_only=True)
class Ledger:
    """All items, later due dates, how charges arose, and which items offer a discount, in log order."""

    items: tuple[Item, ...] = ()
    datings: tuple[Dating, ...] = ()
    charges: tuple[RaisedCharge, ...] = ()
    discounts: tuple[Discounted, ...] = ()

    def due_dates(self, as_of: dt.date, known_at: dt.datetime | None) -> Mapping[str, dt.date]:
        """The due dates on a date that are not those of the item itself; extensions only ever add: the latest counts."""
        found: dict[str, dt.date] = {}
        for entry in self.datings:
            later = not entry.extension or entry.due_on > found.get(entry.item, dt.date.min)
            if later and entry.seen(as_of, known_at):
                found[entry.item] = entry.due_on
        return found


def _items(fact: InvoiceIssued) -> Iterable[Item]:
    invoice, day, known = fact.invoice, fact.effective_on, fact.recorded_at
    number, currency = invoice.number, invoice.total.currency
    return [
        Item(id, number, currency, part.amount.minor, invoice.issued_on, part.due_on, day, known)
        for id, part in invoice.items()
        if part.amount.minor >= 0
    ]


def _discounted(fact: InvoiceIssued) -> Iterable[Discounted]:
    parts = fact.invoice.schedule.installments
    if not parts[0].discounts and (len(parts) == 1 or not any(part.discounts for part in parts)):
        return ()
    day, known = fact.effective_on, fact.recorded_at
    lines = _taxed_lines(fact.invoice)
    return [
        Discounted(id, part, day, known, lines)
        for id, part in fact.invoice.items()
        if part.discounts and part.amount.minor >= 0
    ]


def _taxed_lines(invoice: Invoice) -> tuple[TaxedLine, ...]:
    """The lines with their tax rates; of an invoice without lines, its tax by rate. Nothing where the rates are not known."""
    if invoice.lines and all(line.tax_percent is not None or not line.tax.minor for line in invoice.lines):
        return tuple(
            TaxedLine(
                net=line.net,
                tax_percents=(line.tax_percent,) if line.tax_percent is not None else (),
                discountable=line.discountable,
            )
            for line in invoice.lines
        )
    return tuple(TaxedLine(net=part.net, tax_percents=(part.percent,)) for part in invoice.taxes)


def _taken_over(fact: ItemTakenOver) -> Iterable[Item]:
    item = fact.item
    amount, currency = item.open.minor, item.open.currency
    return (Item(item.id, item.id, currency, amount, item.issued_on, item.due_on, fact.effective_on, fact.recorded_at),)


def _dating(fact: InstallmentDated) -> Iterable[Dating]:
    return (Dating(fact.item, fact.due_on, fact.effective_on, fact.recorded_at),)


def _extension(fact: DueDateExtended) -> Iterable[Dating]:
    return (Dating(fact.item, fact.due_on, fact.effective_on, fact.recorded_at, extension=True),)


def _charge(fact: ChargeRaised) -> Iterable[Item]:
    charge, day = fact.charge, fact.effective_on
    amount = charge.amount
    return (
        Item(charge.id, charge.document, amount.currency, amount.minor, day, day, day, fact.recorded_at, charge.kind),
    )


def _raised(fact: ChargeRaised) -> Iterable[RaisedCharge]:
    return (RaisedCharge(fact.charge, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    InvoiceIssued: (("items", _items), ("discounts", _discounted)),
    ItemTakenOver: (("items", _taken_over),),
    InstallmentDated: (("datings", _dating),),
    DueDateExtended: (("datings", _extension),),
    ChargeRaised: (("items", _charge), ("charges", _raised)),
}
