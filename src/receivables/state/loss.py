"""The losses slice: what was written off, taken back and recovered, what is set aside for claims by themselves, and the tax
on bad debts that was claimed and repaid.

What a write-off does to the item stands among the reductions of the cash slice, as ``written_off``, and a recovery as
``recovered``, below zero: so an item has one open amount, however it is read. A tolerance or a ``write_off`` that explains the
difference of a payment is another thing: it belongs to that payment and goes with it, see `receivables.documents.settlement`.

What became of an item that was written off, as `LIFE` says it::

    open -> written_off      (so much of it was given up)
    written_off -> open      (that was a mistake)
                -> recovered (it was paid after all: that is no open amount again)
    recovered -> written_off (the payment came back)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import final

from attrs import frozen

from receivables.documents.invoice import TaxPart
from receivables.documents.loss import SpecificAllowance, difference, tax_parts
from receivables.facts.cash import CreditArrived, PaymentReceived
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.loss import (
    Recovered,
    ReliefBarred,
    ReliefClaimed,
    ReliefRepaid,
    SpecificAllowanceReleased,
    SpecificAllowanceSet,
    WriteOffReversed,
    WrittenOff,
)
from receivables.state.cash import LOSSES, AllocationEntry, Cash, Reduction
from receivables.state.entry import Entry, Placement
from receivables.state.invoice import Item
from receivables.values.currencies import Currency
from receivables.values.money import Money

LIFE: Mapping[str, frozenset[str]] = {
    "open": frozenset({"written_off"}),
    "written_off": frozenset({"open", "recovered"}),
    "recovered": frozenset({"written_off"}),
}


@final
@frozen(weakref_slot=False)
class WriteOffEntry(Entry):
    """So much of an item that was given up, with what of it the allowance bore and what of it is tax to come back."""

    id: str
    item: str
    amount: int
    code: str
    allowance_used: int
    relief: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReversalEntry(Entry):
    """So much of a write-off that was a mistake."""

    id: str
    write_off: str
    item: str
    amount: int
    allowance_used: int
    relief: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class RecoveryEntry(Entry):
    """So much of an item that was paid after it was written off."""

    id: str
    item: str
    source: str
    amount: int
    allowance_credited: int
    relief: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class AllowanceEntry(Entry):
    """An allowance as it was set or changed."""

    allowance: SpecificAllowance
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class AllowanceRelease(Entry):
    """An allowance that is needed no more."""

    allowance: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReliefEntry(Entry):
    """Tax that was claimed back, of so much gross."""

    id: str
    item: str
    amount: int
    unpaid: int
    taxes: tuple[TaxPart, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReliefRepayment(Entry):
    """Tax that was claimed back and is owed again."""

    id: str
    item: str
    amount: int
    cause: str
    taxes: tuple[TaxPart, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReliefBar(Entry):
    """An item on which there is no right to tax relief any more."""

    item: str
    cause: str
    relief: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class TaxedDocument(Entry):
    """The net amount and tax of an invoice at each rate, where it says."""

    document: str
    taxes: tuple[TaxPart, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Remitted(Entry):
    """A payment that said what it is for; most do not, and those have no entry."""

    payment: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class LossState:
    """What was written off of an item until a date, less what was a mistake, and what of that was recovered; minor units.

    ``since`` is the day of the first write-off and ``code`` the reason of the last.
    """

    item: str
    document: str
    currency: Currency
    written_off: int
    recovered: int
    since: dt.date
    code: str

    @property
    def left(self) -> int:
        """What is written off and not recovered."""
        return self.written_off - self.recovered


@final
@frozen(weakref_slot=False)
class AllowanceState:
    """An allowance on a date and in a currency: the open items that it is for, what is open of them, and what is set aside."""

    allowance: SpecificAllowance
    currency: Currency
    items: tuple[str, ...]
    open: int
    amount: int


@final
@frozen(kw_only=True)
class Losses:
    """All write-offs, what was taken back of them and recovered, allowances and tax relief, in log order."""

    write_offs: tuple[WriteOffEntry, ...] = ()
    reversals: tuple[ReversalEntry, ...] = ()
    recoveries: tuple[RecoveryEntry, ...] = ()
    allowances: tuple[AllowanceEntry, ...] = ()
    releases: tuple[AllowanceRelease, ...] = ()
    relief_claims: tuple[ReliefEntry, ...] = ()
    relief_repayments: tuple[ReliefRepayment, ...] = ()
    bars: tuple[ReliefBar, ...] = ()
    taxed: tuple[TaxedDocument, ...] = ()
    remitted: tuple[Remitted, ...] = ()

    def states(
        self, items: Iterable[Item], cash: Cash, as_of: dt.date, known_at: dt.datetime | None
    ) -> tuple[LossState, ...]:
        """The items of which something was written off until a date, in the order of the ledger."""
        if not self.write_offs:
            return ()
        seen = sorted((entry for entry in self.write_offs if entry.seen(as_of, known_at)), key=_by_day)
        first, last = {entry.item: entry for entry in reversed(seen)}, {entry.item: entry for entry in seen}
        sums: dict[tuple[str, str], int] = {}
        for part in cash.reductions_on(as_of, known_at):
            sums[part.item, part.kind] = sums.get((part.item, part.kind), 0) + part.amount
        return tuple(
            LossState(
                item=item.id,
                document=item.document,
                currency=item.currency,
                written_off=sums.get((item.id, "written_off"), 0),
                recovered=-sums.get((item.id, "recovered"), 0),
                since=first[item.id].effective_on,
                code=last[item.id].code,
            )
            for item in items
            if item.id in first and sums.get((item.id, "written_off"), 0)
        )

    def allowances_on(
        self, open_: Mapping[str, tuple[Currency, int]], as_of: dt.date, known_at: dt.datetime | None
    ) -> tuple[AllowanceState, ...]:
        """The allowances in force on a date, by what is open then: of an item, or of all items that have none of their own.

        Where a merger brought several together that are for all that a customer owes, the one that sets more aside holds for
        the whole: nothing is set aside twice. Separated again, each has its own.
        """
        found = self.in_force(as_of, known_at)
        own = {entry.allowance.item for entry in found if entry.allowance.item is not None}
        states = []
        for entry in found:
            each = entry.allowance
            items = [each.item] if each.item is not None else [id for id in open_ if id not in own]
            by_currency: dict[Currency, list[str]] = {}
            for id in items:
                if id in open_ and (each.amount is None or each.amount.currency == open_[id][0]):
                    by_currency.setdefault(open_[id][0], []).append(id)
            for currency, ids in by_currency.items():
                total = sum(open_[id][1] for id in ids)
                amount = each.of_open(Money(total, currency)).minor
                if each.amount is not None:
                    amount = max(0, min(total, each.amount.minor - self._used(entry, own, as_of, known_at)))
                states.append(AllowanceState(each, currency, tuple(ids), total, amount))
        return _once(states)

    def _used(self, entry: AllowanceEntry, own: Set[str], as_of: dt.date, known_at: dt.datetime | None) -> int:
        """What write-offs used of a fixed allowance since it was set, in minor units.

        Of those of the instant in which it was set, those count that came after it: nothing is used of what was not there.
        """
        first = next(each for each in self.allowances if each.allowance.id == entry.allowance.id)
        found = 0
        for sign, entries in ((1, self.write_offs), (-1, self.reversals)):
            for each in entries:
                concerned = each.item == entry.allowance.item or (entry.allowance.item is None and each.item not in own)
                later = each.recorded_at > entry.recorded_at or (
                    first is entry and each.recorded_at == entry.recorded_at
                )
                if concerned and later and each.seen(as_of, known_at):
                    found += sign * each.allowance_used
        return found

    def in_force(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[AllowanceEntry, ...]:
        """The allowances that are set on a date and not released, each as it was changed last."""
        events: list[AllowanceEntry | AllowanceRelease] = [*self.allowances, *self.releases]
        found: dict[str, AllowanceEntry] = {}
        for event in sorted(events, key=_in_order):
            if event.seen(as_of, known_at):
                if isinstance(event, AllowanceEntry):
                    found[event.allowance.id] = event
                else:
                    found.pop(event.allowance, None)
        return tuple(found.values())

    def taxes_of(self, document: str) -> tuple[TaxPart, ...]:
        """The tax breakdown of an invoice; nothing where it is not known."""
        return next((entry.taxes for entry in self.taxed if entry.document == document), ())

    def relief_of(self, item: str, as_of: dt.date, known_at: dt.datetime | None = None) -> int:
        """The tax on an item that was claimed back until a date and not repaid, in minor units."""
        claimed = sum(each.amount for each in self.relief_claims if each.item == item and each.seen(as_of, known_at))
        repaid = (each.amount for each in self.relief_repayments if each.item == item and each.seen(as_of, known_at))
        return claimed - sum(repaid)

    def claimed_parts(self, item: str) -> tuple[TaxPart, ...]:
        """What was claimed back on an item and not repaid, by rate, by all that was recorded."""
        claimed = (part for each in self.relief_claims if each.item == item for part in each.taxes)
        repaid = (part for each in self.relief_repayments if each.item == item for part in each.taxes)
        return difference(claimed, repaid)

    def pending_of(self, item: str, undone: Set[str]) -> int:
        """The relief that write-offs of an item count on, by all that was recorded: claimed already or not, in minor units.

        ``undone`` are the recoveries that were taken back.
        """
        recovered = (each for each in self.recoveries if each.id not in undone)
        less: tuple[ReversalEntry | RecoveryEntry | ReliefBar, ...] = (*self.reversals, *recovered, *self.bars)
        counted = sum(each.relief for each in self.write_offs if each.item == item)
        return counted - sum(each.relief for each in less if each.item == item)

    def specified(self, cash: Cash) -> Set[str]:
        """The payments that said what they are for, and what was made of them in another currency."""
        found = {entry.payment for entry in self.remitted}
        for use in cash.uses:
            if use.kind == "conversion" and use.source in found:
                found.add(use.id)
        return found

    def barred_by(self, item: str, as_of: dt.date, known_at: dt.datetime | None = None) -> str | None:
        """What took the right to tax relief on an item away, if anything did until a date."""
        return next((each.cause for each in self.bars if each.item == item and each.seen(as_of, known_at)), None)


def _once(states: Sequence[AllowanceState]) -> tuple[AllowanceState, ...]:
    """Of those that are for all that a customer owes in a currency the largest, and of equal ones the first."""
    whole: dict[Currency, AllowanceState] = {}
    for each in states:
        if each.allowance.item is None and (each.currency not in whole or each.amount > whole[each.currency].amount):
            whole[each.currency] = each
    return tuple(each for each in states if each.allowance.item is not None or whole[each.currency] is each)


def _by_day(entry: Entry) -> dt.date:
    return entry.effective_on


def _in_order(event: AllowanceEntry | AllowanceRelease) -> tuple[dt.date, dt.datetime]:
    return event.effective_on, event.recorded_at


def losses_of(cash: Cash, item: str) -> Sequence[tuple[dt.date, int]]:
    """How what is written off of an item moved, by all that was recorded: the days with so much more, or less.

    A recovery that was taken back counts for the days on which it was there.
    """
    undone = {entry.allocation: entry.effective_on for entry in cash.undoings}
    found = []
    for each in cash.reductions:
        if each.item == item and each.kind in LOSSES:
            found.append((each.effective_on, each.amount))
            if each.id in undone:
                found.append((max(each.effective_on, undone[each.id]), -each.amount))
    return sorted(found)


def open_moves(cash: Cash, item: str) -> Sequence[tuple[dt.date, int]]:
    """How what is open of an item moved after it arose, by all that was recorded: below zero where it became less."""
    undone = {entry.allocation: entry.effective_on for entry in cash.undoings}
    entries: tuple[AllocationEntry | Reduction, ...] = (*cash.allocations, *cash.reductions)
    found = []
    for each in entries:
        if each.item == item:
            found.append((each.effective_on, -each.amount))
            if each.id is not None and each.id in undone:
                found.append((max(each.effective_on, undone[each.id]), each.amount))
    return sorted(found)


def least_from(moves: Iterable[tuple[dt.date, int]], day: dt.date) -> int:
    """The least that a sum of moves comes to from the end of a day on.

    >>> moves = [(dt.date(2026, 7, 15), 3000), (dt.date(2026, 9, 10), -1200)]
    >>> least_from(moves, dt.date(2026, 7, 15)), least_from(moves, dt.date(2026, 7, 14))
    (1800, 0)
    """
    by_day: dict[dt.date, int] = {}
    for on, amount in moves:
        by_day[max(on, day)] = by_day.get(max(on, day), 0) + amount
    by_day.setdefault(day, 0)
    level, least = 0, None
    for on in sorted(by_day):
        level += by_day[on]
        least = level if least is None else min(least, level)
    return least or 0


def _write_off(fact: WrittenOff) -> Iterator[WriteOffEntry]:
    yield WriteOffEntry(
        fact.id,
        fact.item,
        fact.amount.minor,
        fact.code,
        fact.allowance_used.minor,
        fact.relief.minor,
        fact.effective_on,
        fact.recorded_at,
    )


def _reversal(fact: WriteOffReversed) -> Iterator[ReversalEntry]:
    yield ReversalEntry(
        fact.id,
        fact.write_off,
        fact.item,
        fact.amount.minor,
        fact.allowance_used.minor,
        fact.relief.minor,
        fact.effective_on,
        fact.recorded_at,
    )


def _recovery(fact: Recovered) -> Iterator[RecoveryEntry]:
    yield RecoveryEntry(
        fact.id,
        fact.item,
        fact.source,
        fact.amount.minor,
        fact.allowance_credited.minor,
        fact.relief.minor,
        fact.effective_on,
        fact.recorded_at,
    )


def _allowance(fact: SpecificAllowanceSet) -> Iterator[AllowanceEntry]:
    yield AllowanceEntry(fact.allowance, fact.effective_on, fact.recorded_at)


def _release(fact: SpecificAllowanceReleased) -> Iterator[AllowanceRelease]:
    yield AllowanceRelease(fact.allowance, fact.effective_on, fact.recorded_at)


def _relief(fact: ReliefClaimed) -> Iterator[ReliefEntry]:
    amount, unpaid = fact.amount.minor, fact.unpaid.minor
    yield ReliefEntry(fact.id, fact.item, amount, unpaid, fact.taxes, fact.effective_on, fact.recorded_at)


def _repaid(fact: ReliefRepaid) -> Iterator[ReliefRepayment]:
    amount, day, known = fact.amount.minor, fact.effective_on, fact.recorded_at
    yield ReliefRepayment(fact.id, fact.item, amount, fact.cause, fact.taxes, day, known)


def _bar(fact: ReliefBarred) -> Iterator[ReliefBar]:
    yield ReliefBar(fact.item, fact.cause, fact.relief.minor, fact.effective_on, fact.recorded_at)


def _taxed(fact: InvoiceIssued) -> Iterable[TaxedDocument]:
    invoice = fact.invoice
    if not invoice.taxes and not invoice.lines:
        return ()
    return (TaxedDocument(invoice.number, tax_parts(invoice), fact.effective_on, fact.recorded_at),)


def _remitted(fact: PaymentReceived) -> Iterable[Remitted]:
    payment = fact.payment
    if not payment.remittance.references and not payment.designated:
        return ()
    return (Remitted(payment.id, fact.effective_on, fact.recorded_at),)


def _arrived(fact: CreditArrived) -> Iterable[Remitted]:
    return (Remitted(fact.id, fact.effective_on, fact.recorded_at),) if fact.specified else ()


TABLE: Mapping[type, tuple[Placement, ...]] = {
    WrittenOff: (("write_offs", _write_off),),
    WriteOffReversed: (("reversals", _reversal),),
    Recovered: (("recoveries", _recovery),),
    SpecificAllowanceSet: (("allowances", _allowance),),
    SpecificAllowanceReleased: (("releases", _release),),
    ReliefClaimed: (("relief_claims", _relief),),
    ReliefRepaid: (("relief_repayments", _repaid),),
    ReliefBarred: (("bars", _bar),),
    InvoiceIssued: (("taxed", _taxed),),
    PaymentReceived: (("remitted", _remitted),),
    CreditArrived: (("remitted", _arrived),),
}
