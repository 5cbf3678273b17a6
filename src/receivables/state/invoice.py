"""The ledger slice: every item that was ever owed, with its original amount and dates.

An item here is a header that never changes. What is open of it follows from the allocations, and is worked out by the
view for a date; so a million open items cost one small object each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.facts.invoice import InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.state.entry import Entry, Placement
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(weakref_slot=False)
class Item(Entry):
    """One installment of an invoice; ``amount`` is its original amount in minor units.

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

    @property
    def original(self) -> Money:
        """The original amount as money."""
        return Money(self.amount, self.currency)


@final
@frozen(weakref_slot=False)
class Dating(Entry):
    """A due date that became known for an item."""

    item: str
    due_on: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Ledger:
    """All items and later due dates, in log order."""

    items: tuple[Item, ...] = ()
    datings: tuple[Dating, ...] = ()


def _items(fact: InvoiceIssued) -> Iterable[Item]:
    invoice, day, known = fact.invoice, fact.effective_on, fact.recorded_at
    number, currency = invoice.number, invoice.total.currency
    return [
        Item(id, number, currency, part.amount.minor, invoice.issued_on, part.due_on, day, known)
        for id, part in invoice.items()
        if part.amount.minor >= 0
    ]


def _taken_over(fact: ItemTakenOver) -> Iterable[Item]:
    item = fact.item
    amount, currency = item.open.minor, item.open.currency
    return (Item(item.id, item.id, currency, amount, item.issued_on, item.due_on, fact.effective_on, fact.recorded_at),)


def _dating(fact: InstallmentDated) -> Iterable[Dating]:
    return (Dating(fact.item, fact.due_on, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    InvoiceIssued: (("items", _items),),
    ItemTakenOver: (("items", _taken_over),),
    InstallmentDated: (("datings", _dating),),
}
