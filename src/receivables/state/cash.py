"""The cash slice: credits (payments and credit notes), what was applied or used of them, what was taken back, and what made
items less without money (a charge reversed or waived, a discount, a tolerance, a write-off).

Every credit has an identity and an amount; what remains of it is its amount less its allocations and other uses. Money that
is not there, or went back, is no credit.

The life of a payment, as `LIFE` says it and the tests check it::

    pending, unknown -> settled     (the money is there)
                     -> failed      (it came to nothing)
    settled -> returned             (a direct debit or cheque came back)
            -> chargeback
            -> reversed             (it was booked by mistake)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, final

from attrs import frozen

from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    CreditArrived,
    CreditConverted,
    CreditTransferred,
    DifferenceSettled,
    DifferenceUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentReturned,
    PaymentSettled,
    RefundMade,
)
from receivables.facts.charge import ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.facts.loss import Recovered, WriteOffReversed, WrittenOff
from receivables.state.entry import Entry, Placement
from receivables.values.currencies import Currency

LIFE: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"settled", "failed"}),
    "unknown": frozenset({"settled", "failed"}),
    "settled": frozenset({"returned", "chargeback", "reversed"}),
    "failed": frozenset(),
    "returned": frozenset(),
    "chargeback": frozenset(),
    "reversed": frozenset(),
}

LOSSES = frozenset({"written_off", "recovered"})
"""The kinds of reductions that are losses: what was given up was not paid."""


@final
@frozen(weakref_slot=False)
class CreditEntry(Entry):
    """A payment or a credit note, in minor units; its id is the payment's id, the credit note's number, or the item id
    of an invoice part that takes back. ``status`` is the one that it was recorded with.
    """

    id: str
    kind: str
    currency: Currency
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime
    status: str = "settled"


@final
@frozen(weakref_slot=False)
class Reservation(Entry):
    """So much of an item that a payment which is not there yet is meant for."""

    payment: str
    item: str
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Fate(Entry):
    """What became of a payment."""

    payment: str
    status: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Use(Entry):
    """So much of a credit that went elsewhere than to an item: ``refund``, ``conversion``, ``transfer``, or the kind of a
    surplus that was kept.
    """

    id: str
    source: str
    amount: int
    kind: str
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
    settlement: str | None = None


@final
@frozen(weakref_slot=False)
class Undoing(Entry):
    """An allocation, or a part that was settled without money, that was taken back."""

    allocation: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Reduction(Entry):
    """So much less of an item without money: a charge reversed or waived, below zero where it was reinstated; a part of a
    difference, with its id, the payment that it came with and the settlement; or what was written off, below zero where
    that was a mistake or was recovered.
    """

    item: str
    amount: int
    kind: str
    effective_on: dt.date
    recorded_at: dt.datetime
    id: str | None = None
    source: str | None = None
    settlement: str | None = None


@final
@frozen(kw_only=True)
class Cash:
    """All credits with what became of them, allocations, undoings, reductions and other uses, in log order."""

    credits: tuple[CreditEntry, ...] = ()
    allocations: tuple[AllocationEntry, ...] = ()
    undoings: tuple[Undoing, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    fates: tuple[Fate, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    uses: tuple[Use, ...] = ()

    def open_of(self, item: str, amount: int) -> int:
        """What is open of an item of this amount, whatever the date: all that was recorded counts."""
        paid = sum(entry.amount for entry in self.in_force() if entry.item == item)
        return amount - paid - self.reduced(item)

    def open_amounts(self, amounts: Mapping[str, int]) -> dict[str, int]:
        """As `open_of`, for many items at once: item -> what is open, from item -> its amount."""
        rest = dict(amounts)
        undone = {entry.allocation for entry in self.undoings}
        for made in self.allocations:
            if made.item in rest and made.id not in undone:
                rest[made.item] -= made.amount
        for each in self.reductions:
            if each.item in rest and (each.id is None or each.id not in undone):
                rest[each.item] -= each.amount
        return rest

    def room_since(self, wanted: Mapping[str, tuple[dt.date, int, int]]) -> dict[str, dt.date]:
        """Item -> the first day from which on so much of it is open, by all that was recorded.

        ``wanted`` is for each item its own day, its amount and how much. The answer is its own day, but for an item that was
        settled for a while by money that went back.
        """
        undone = {entry.allocation: entry.effective_on for entry in self.undoings}
        moves: dict[str, list[_Move]] = {item: [] for item in wanted}
        for made in self.allocations:
            if made.item in moves:
                moves[made.item].append((made.id, made.effective_on, made.amount))
        for each in self.reductions:
            if each.item in moves:
                moves[each.item].append((each.id or "", each.effective_on, each.amount))
        return {item: _room_since(*wanted[item], moves[item], undone) for item in wanted}

    def reduced(self, item: str, kind: str | None = None) -> int:
        """By how much an item was reduced without money, in all or in one way."""
        found = (each for each in self.lasting() if each.item == item)
        return sum(each.amount for each in found if kind in (None, each.kind))

    def reserved(self, item: str) -> int:
        """What payments on their way are meant for of an item, whatever the date."""
        decided = {each.payment for each in self.fates}
        return sum(each.amount for each in self.reservations if each.item == item and each.payment not in decided)

    def left_of(self, source: str, amount: int) -> int:
        """What is left of a credit of this amount, whatever the date: nothing where its money is not there."""
        if self.status_of(source) != "settled":
            return 0
        used = sum(entry.amount for entry in self.used_elsewhere() if entry.source == source)
        return amount - used - sum(entry.amount for entry in self.in_force() if entry.source == source)

    def in_force(self) -> Iterator[AllocationEntry]:
        """The allocations that were not taken back, in log order."""
        undone = {entry.allocation for entry in self.undoings}
        return (entry for entry in self.allocations if entry.id not in undone)

    def used_elsewhere(self) -> Iterator[Use]:
        """The other uses of credits that were not taken back, in log order."""
        undone = {entry.allocation for entry in self.undoings}
        return (each for each in self.uses if each.id not in undone)

    def lasting(self) -> Iterator[Reduction]:
        """The reductions that were not taken back, in log order."""
        undone = {entry.allocation for entry in self.undoings}
        return (each for each in self.reductions if each.id is None or each.id not in undone)

    def differences(self) -> Iterator[Reduction]:
        """The parts that were settled without money and not taken back, in log order."""
        return (each for each in self.lasting() if each.id is not None)

    def reductions_on(self, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Reduction]:
        """The reductions that are in effect on a date, and not taken back."""
        if self.reductions:
            undone = {entry.allocation for entry in self.undoings if entry.seen(as_of, known_at)}
            for each in self.reductions:
                if each.seen(as_of, known_at) and (each.id is None or each.id not in undone):
                    yield each

    def status_of(self, source: str) -> str:
        """What became of a credit, by all that was recorded: credit notes are always ``settled``."""
        fates = [each.status for each in self.fates if each.payment == source]
        if fates:
            return fates[-1]
        return next((entry.status for entry in self.credits if entry.id == source), "settled")

    def statuses(self, as_of: dt.date, known_at: dt.datetime | None) -> Mapping[str, str]:
        """The status of every payment that was not settled from the start, or not for good, on a date."""
        found = {entry.id: entry.status for entry in self.credits if entry.status != "settled"}
        for fate in sorted(self.fates, key=_effective_on):
            if fate.seen(as_of, known_at):
                found[fate.payment] = fate.status
        return found


def _effective_on(entry: Entry) -> dt.date:
    return entry.effective_on


_Move = tuple[str, dt.date, int]
"""What took so much off an item: its id, its day, how much."""


def _room_since(
    start: dt.date, amount: int, minor: int, moves: Sequence[_Move], undone: Mapping[str, dt.date]
) -> dt.date:
    if all(less >= 0 and (id not in undone or undone[id] <= on) for id, on, less in moves):
        return start
    changes: dict[dt.date, int] = {start: amount}
    for id, on, less in moves:
        changes[on] = changes.get(on, 0) - less
        if id in undone:
            back = max(on, undone[id])
            changes[back] = changes.get(back, 0) + less
    since, rest = max(changes), sum(changes.values())
    for day in sorted(changes, reverse=True):
        if rest < minor:
            break
        since, rest = day, rest - changes[day]
    return since


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
    amount, day, known = payment.amount, fact.effective_on, fact.recorded_at
    return (CreditEntry(payment.id, "payment", amount.currency, amount.minor, day, known, payment.status),)


def _reservations(fact: PaymentReceived) -> Iterable[Reservation]:
    if not fact.payment.designated:
        return ()
    payment, day, known = fact.payment, fact.effective_on, fact.recorded_at
    return [Reservation(payment.id, each.item, each.amount.minor, day, known) for each in payment.designated]


def _fate(status: str | None) -> Callable[[Any], Iterable[Fate]]:
    def entries(fact: Any) -> Iterable[Fate]:
        return (Fate(fact.payment, status or fact.kind, fact.effective_on, fact.recorded_at),)

    return entries


def _credit_note(fact: CreditNoteIssued) -> Iterable[CreditEntry]:
    note = fact.credit_note
    total = note.total
    return (CreditEntry(note.number, "credit_note", total.currency, total.minor, fact.effective_on, fact.recorded_at),)


def _allocation(fact: AllocationMade) -> Iterable[AllocationEntry]:
    made, day, known = fact.allocation, fact.effective_on, fact.recorded_at
    return (AllocationEntry(fact.id, made.source, made.item, made.amount.minor, day, known, fact.settlement),)


def _undoing(fact: AllocationUndone) -> Iterable[Undoing]:
    return (Undoing(fact.allocation, fact.effective_on, fact.recorded_at),)


def _difference(fact: DifferenceSettled) -> Iterable[Reduction]:
    part, day, known = fact.part, fact.effective_on, fact.recorded_at
    if part.item is None:
        return ()
    return (Reduction(part.item, part.amount.minor, part.kind, day, known, fact.id, fact.source, fact.settlement),)


def _kept(fact: DifferenceSettled) -> Iterable[Use]:
    """A surplus that is too small to give back: so much of the credit is the creditor's."""
    part = fact.part
    if part.item is not None:
        return ()
    return (Use(fact.id, fact.source, -part.amount.minor, part.kind, fact.effective_on, fact.recorded_at),)


def _difference_undone(fact: DifferenceUndone) -> Iterable[Undoing]:
    return (Undoing(fact.difference, fact.effective_on, fact.recorded_at),)


def _use(kind: str) -> Callable[[Any], Iterable[Use]]:
    def entries(fact: Any) -> Iterable[Use]:
        return (Use(fact.id, fact.source, fact.amount.minor, kind, fact.effective_on, fact.recorded_at),)

    return entries


def _conversion(fact: CreditConverted) -> Iterable[Use]:
    made = fact.conversion
    return (Use(fact.id, made.source, made.before.minor, "conversion", fact.effective_on, fact.recorded_at),)


def _converted(fact: CreditConverted) -> Iterable[CreditEntry]:
    after = fact.conversion.after
    return (CreditEntry(fact.id, fact.kind, after.currency, after.minor, fact.effective_on, fact.recorded_at),)


def _arrived(fact: CreditArrived) -> Iterable[CreditEntry]:
    amount = fact.amount
    return (CreditEntry(fact.id, fact.kind, amount.currency, amount.minor, fact.effective_on, fact.recorded_at),)


def _reduction(kind: str, sign: int) -> Callable[[Any], Iterable[Reduction]]:
    def entries(fact: Any) -> Iterable[Reduction]:
        return (Reduction(fact.charge, sign * fact.amount.minor, kind, fact.effective_on, fact.recorded_at),)

    return entries


def _written_off(sign: int) -> Callable[[Any], Iterable[Reduction]]:
    def entries(fact: Any) -> Iterable[Reduction]:
        amount = sign * fact.amount.minor
        return (Reduction(fact.item, amount, "written_off", fact.effective_on, fact.recorded_at, fact.id),)

    return entries


def _recovered(fact: Recovered) -> Iterable[Reduction]:
    """What was written off is open again for the allocation of the same settlement, and no longer than that is there."""
    amount, day, known = -fact.amount.minor, fact.effective_on, fact.recorded_at
    return (Reduction(fact.item, amount, "recovered", day, known, fact.id, fact.source, fact.settlement),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    InvoiceIssued: (("credits", _negative_parts),),
    PaymentReceived: (("credits", _payment), ("reservations", _reservations)),
    PaymentSettled: (("fates", _fate("settled")),),
    PaymentFailed: (("fates", _fate("failed")),),
    PaymentReturned: (("fates", _fate(None)),),
    CreditNoteIssued: (("credits", _credit_note),),
    AllocationMade: (("allocations", _allocation),),
    AllocationUndone: (("undoings", _undoing),),
    DifferenceSettled: (("reductions", _difference), ("uses", _kept)),
    DifferenceUndone: (("undoings", _difference_undone),),
    RefundMade: (("uses", _use("refund")),),
    CreditConverted: (("uses", _conversion), ("credits", _converted)),
    CreditTransferred: (("uses", _use("transfer")),),
    CreditArrived: (("credits", _arrived),),
    ChargeReversed: (("reductions", _reduction("reversed", 1)),),
    ChargeWaived: (("reductions", _reduction("waived", 1)),),
    ChargeReinstated: (("reductions", _reduction("waived", -1)),),
    WrittenOff: (("reductions", _written_off(1)),),
    WriteOffReversed: (("reductions", _written_off(-1)),),
    Recovered: (("reductions", _recovered),),
}
