"""The cash slice: credits (payments and credit notes), what was applied of them, what was taken back, and what made items
less without money (a charge reversed or waived).

Every credit has an identity and an amount; what remains of it is its amount less its allocations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, final

from attrs import frozen

from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.charge import ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.state.entry import Entry, Placement
from receivables.values.currencies import Currency


@final
@frozen(weakref_slot=False)
class CreditEntry(Entry):
    """A payment or a credit note, in minor units; its id is the payment's id, the credit note's number, or the item id
    of an invoice part that takes back.
    """

    id: str
    kind: str
    currency: Currency
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class AllocationEntry(Entry):
    """So much of a credit on an item."""

    id: str
    source: str
    item: str
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Undoing(Entry):
    """An allocation that was taken back."""

    allocation: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Reduction(Entry):
    """So much less of an item without money: a charge reversed or waived; below zero where it was reinstated."""

    item: str
    amount: int
    kind: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Cash:
    """All credits, allocations, undoings and reductions, in log order."""

    credits: tuple[CreditEntry, ...] = ()
    allocations: tuple[AllocationEntry, ...] = ()
    undoings: tuple[Undoing, ...] = ()
    reductions: tuple[Reduction, ...] = ()

    def open_of(self, item: str, amount: int) -> int:
        """What is open of an item of this amount, whatever the date: all that was recorded counts."""
        paid = sum(entry.amount for entry in self.in_force() if entry.item == item)
        return amount - paid - self.reduced(item)

    def reduced(self, item: str, kind: str | None = None) -> int:
        """By how much an item was reduced without money, in all or in one way."""
        return sum(each.amount for each in self.reductions if each.item == item and kind in (None, each.kind))

    def left_of(self, source: str, amount: int) -> int:
        """What is left of a credit of this amount, whatever the date."""
        return amount - sum(entry.amount for entry in self.in_force() if entry.source == source)

    def in_force(self) -> Iterator[AllocationEntry]:
        """The allocations that were not taken back, in log order."""
        undone = {entry.allocation for entry in self.undoings}
        return (entry for entry in self.allocations if entry.id not in undone)


def _negative_parts(fact: InvoiceIssued) -> Iterable[CreditEntry]:
    """A part that takes back what fixed parts exceed is a credit of the customer, never a negative item."""
    parts = fact.invoice.schedule.installments
    if len(parts) == 1 and parts[0].amount.minor >= 0:
        return ()
    day, known = fact.effective_on, fact.recorded_at
    return [
        CreditEntry(id, "invoice_part", part.amount.currency, -part.amount.minor, day, known)
        for id, part in fact.invoice.items()
        if part.amount.minor < 0
    ]


def _payment(fact: PaymentReceived) -> Iterable[CreditEntry]:
    payment = fact.payment
    amount = payment.amount
    return (CreditEntry(payment.id, "payment", amount.currency, amount.minor, fact.effective_on, fact.recorded_at),)


def _credit_note(fact: CreditNoteIssued) -> Iterable[CreditEntry]:
    note = fact.credit_note
    total = note.total
    return (CreditEntry(note.number, "credit_note", total.currency, total.minor, fact.effective_on, fact.recorded_at),)


def _allocation(fact: AllocationMade) -> Iterable[AllocationEntry]:
    made = fact.allocation
    return (AllocationEntry(fact.id, made.source, made.item, made.amount.minor, fact.effective_on, fact.recorded_at),)


def _undoing(fact: AllocationUndone) -> Iterable[Undoing]:
    return (Undoing(fact.allocation, fact.effective_on, fact.recorded_at),)


def _reduction(kind: str, sign: int) -> Callable[[Any], Iterable[Reduction]]:
    def entries(fact: Any) -> Iterable[Reduction]:
        return (Reduction(fact.charge, sign * fact.amount.minor, kind, fact.effective_on, fact.recorded_at),)

    return entries


TABLE: Mapping[type, tuple[Placement, ...]] = {
    InvoiceIssued: (("credits", _negative_parts),),
    PaymentReceived: (("credits", _payment),),
    CreditNoteIssued: (("credits", _credit_note),),
    AllocationMade: (("allocations", _allocation),),
    AllocationUndone: (("undoings", _undoing),),
    ChargeReversed: (("reductions", _reduction("reversed", 1)),),
    ChargeWaived: (("reductions", _reduction("waived", 1)),),
    ChargeReinstated: (("reductions", _reduction("waived", -1)),),
}
