"""Plans about disputes: open one on an item, a part or a line; end it in parts or at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from receivables.documents.dispute import Dispute
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.plans.commands import IssueCreditNote, OpenDispute, ResolveDispute
from receivables.plans.plan import Context, Plan, opened
from receivables.state.account import Account
from receivables.state.dispute import DisputeEntry
from receivables.state.invoice import Item
from receivables.values.money import Money


def open_dispute(account: Account, command: OpenDispute, context: Context) -> Plan:
    """So much of an item, or of all items of an invoice, contested; never more than is open and not disputed yet."""
    dispute = command.dispute
    opened(account, command.account)
    if any(entry.dispute.id == dispute.id for entry in account.disputes.opened):
        raise ClaimTaken("dispute", dispute.id, account.id)
    items = items_named(account, dispute.item)
    check_day("dispute.opened_on", dispute.opened_on, items, context)
    free = Money(sum(undisputed_of(account, items).values()), items[0].currency)
    amount = _amount(dispute, free)
    fact = DisputeOpened(
        dispute=dispute,
        items=tuple(item.id for item in items),
        amount=amount,
        effective_on=dispute.opened_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="opened", ids=(dispute.id,))


def _amount(dispute: Dispute, free: Money) -> Money:
    amount = free if dispute.amount is None else dispute.amount
    if amount.currency != free.currency:
        raise CurrencyMismatch(amount, free)
    if amount.minor > free.minor or not free.minor:
        raise OverApplied("item", dispute.item, amount, free)
    return amount


def items_named(account: Account, name: str) -> tuple[Item, ...]:
    """The item of this id, or all items of the invoice of this number; `UnknownId` where there is neither."""
    found = [item for item in account.ledger.items if item.id == name]
    found = found or [item for item in account.ledger.items if item.document == name and item.kind == "invoice"]
    if not found:
        raise UnknownId("item", name)
    return tuple(found)


def check_day(field: str, day: dt.date, items: Iterable[Item], context: Context) -> None:
    """That something said about items was said by today, and not before they were there."""
    if day > context.today:
        raise InvalidValue(field, day.isoformat(), f"must not be after today, {context.today}")
    first = max(item.effective_on for item in items)
    if day < first:
        raise InvalidValue(field, day.isoformat(), f"must not be before {first}")


def undisputed(account: Account, item: Item) -> int:
    """As `undisputed_of`, for one item."""
    return undisputed_of(account, (item,))[item.id]


def undisputed_of(account: Account, items: Iterable[Item]) -> dict[str, int]:
    """What is open of each item and in no dispute, by all that was recorded, in minor units.

    A dispute of several items counts with what is left of it, item by item in the order of their due dates.
    """
    wanted = {item.id: item for item in items}
    disputes = [entry for entry in account.disputes.opened if not wanted.keys().isdisjoint(entry.items)]
    concerned = wanted.keys() | {id for entry in disputes for id in entry.items}
    known = {item.id: item for item in account.ledger.items if item.id in concerned} if disputes else wanted
    open_ = account.cash.open_amounts({id: item.amount for id, item in known.items()})
    rest = {id: open_[id] for id in wanted}
    lefts = account.disputes.lefts() if disputes else {}
    for entry in disputes:
        left = lefts[entry.dispute.id]
        for item in sorted((known[id] for id in entry.items if id in known), key=_due):
            taken = min(left, open_[item.id])
            left -= taken
            if item.id in rest:
                rest[item.id] -= taken
    return {id: max(0, minor) for id, minor in rest.items()}


def _due(item: Item) -> tuple[dt.date, str]:
    return item.due_on or item.document_on, item.id


def resolve_dispute(account: Account, command: ResolveDispute, context: Context) -> Plan:
    """A dispute over, or so much of it; what it kept back can be dunned again from that day on."""
    entry = dispute_of(opened(account, command.account), command.dispute)
    if command.on < entry.effective_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {entry.effective_on}")
    currency = items_named(account, entry.items[0])[0].currency
    left = Money(account.disputes.left_of(entry), currency)
    amount = left if command.amount is None else command.amount
    if amount.currency != currency:
        raise CurrencyMismatch(amount, left)
    if not 0 < amount.minor <= left.minor:
        raise OverApplied("dispute", command.dispute, amount, left)
    fact = DisputeResolved(
        dispute=command.dispute,
        outcome=command.outcome,
        amount=amount,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome=command.outcome, ids=(command.dispute,))


def dispute_of(account: Account, id: str) -> DisputeEntry:
    """The dispute of this id of which something is left; `UnknownId` where there is none."""
    for entry in account.disputes.opened:
        if entry.dispute.id == id and account.disputes.left_of(entry) > 0:
            return entry
    raise UnknownId("open dispute", id)


def credited(
    account: Account, command: IssueCreditNote, applied: Iterable[tuple[str, Money]], context: Context
) -> tuple[DisputeResolved, ...]:
    """The part of a dispute that a credit note ends: what of it was applied to the items that are disputed."""
    if command.dispute is None:
        return ()
    entry = dispute_of(account, command.dispute)
    note = command.credit_note
    if note.issued_on < entry.effective_on:
        raise InvalidValue(
            "credit_note.issued_on", note.issued_on.isoformat(), f"must not be before {entry.effective_on}"
        )
    on_it = sum(amount.minor for item, amount in applied if item in entry.items)
    amount = Money(min(on_it, account.disputes.left_of(entry)), note.total.currency)
    if not amount.minor:
        raise InvalidValue("command.dispute", command.dispute, "must be about an item that the credit note reduces")
    fact = DisputeResolved(
        dispute=command.dispute,
        outcome="credited",
        amount=amount,
        credit_note=note.number,
        effective_on=note.issued_on,
        recorded_at=context.now,
        by=command.by,
    )
    return (fact,)
