"""Plans about what becomes of an order after it was decided: delivered, drafted, invoiced, cancelled, reopened, restored.

The exposure is the same at each step along the chain; only what is cancelled leaves it, and only what is reopened, which is
checked anew, comes back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.documents.credit import Order
from receivables.documents.invoice import CreditNote, Invoice
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.credit import (
    DraftDropped,
    InvoiceDrafted,
    OrderDelivered,
    OrderReleased,
    OrderReopened,
    OrderRestored,
)
from receivables.plans.commands import Command
from receivables.plans.credit import decide, decided_fact, guards_of
from receivables.plans.credit_commands import DeliverOrder, DropDraft, RecordDraft, ReleaseOrder, ReopenOrder
from receivables.plans.plan import Context, Plan, opened
from receivables.policies.credit import CreditOutcome
from receivables.state.account import Account
from receivables.state.credit import OrderEntry
from receivables.state.orders import OrderParts
from receivables.values.money import Money


def deliver_order(account: Account, command: DeliverOrder, context: Context) -> Plan:
    """So much of an order delivered; of a held order too, at the host's risk, and from then on it counts.

    Errors: `UnknownId` for an order that is not open, `OverApplied` for more than is to be delivered, `InvalidValue` for a
    day before the order or after today.
    """
    entry, parts = _open_order(opened(account, command.account), command.order)
    order = entry.order
    _check_currency(command.amount, order)
    _check_day(command.on, order.placed_on, context)
    if not 0 < command.amount.minor <= parts.undelivered:
        raise OverApplied("order", order.id, command.amount, Money(parts.undelivered, order.amount.currency))
    fact = OrderDelivered(
        order=order.id, amount=command.amount, effective_on=command.on, recorded_at=context.now, by=command.by
    )
    reasons = entry.reasons if entry.status == "held" else ()
    return Plan(facts=(fact,), outcome="delivered", reasons=reasons, ids=(order.id,))


def release_order(account: Account, command: ReleaseOrder, context: Context) -> Plan:
    """What is left of an order, given up: a reserved order frees it, a held one is closed. What was delivered is owed."""
    entry, parts = _open_order(opened(account, command.account), command.order)
    order = entry.order
    if all(each.order.id != order.id for each in context.view(account).orders):
        raise UnknownId("open order", command.order)
    if not parts.ordered and (parts.delivered or parts.drafted):
        raise InvalidValue("command.order", order.id, "must have something that is not delivered yet")
    fact = OrderReleased(
        order=order.id,
        amount=Money(parts.ordered, order.amount.currency),
        closes=parts.left == parts.ordered,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(order.id,))


def reopen_order(account: Account, command: ReopenOrder, context: Context) -> Plan:
    """What was cancelled of an order, checked anew like a new order: it is reserved or held; refused, it stays cancelled.

    Errors: `UnknownId` for an order that was not cancelled, `InvalidValue` for a day before that or after today.
    """
    opened(account, command.account)
    entry = account.credit.decided(command.order)
    parts = account.credit.parts_of(entry.order, dt.date.max, None) if entry is not None else None
    if entry is None or parts is None or not parts.cancelled or entry.status == "refused":
        raise UnknownId("cancelled order", command.order)
    order = entry.order
    _check_day(command.on, order.placed_on, context)
    _check_day(command.on, _cancelled_on(account, order), context)
    decision = decide(account, order, context, parts.cancelled)
    again = OrderReopened(
        order=order.id,
        amount=Money(parts.cancelled, order.amount.currency),
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    facts = (again, decided_fact(order, decision, context, command.by, on=command.on))
    return Plan(
        facts=() if decision.outcome is CreditOutcome.REFUSED else facts,
        guards=guards_of(context.view(account).customer),
        outcome=decision.outcome.value,
        reasons=decision.reasons,
        ids=(order.id,),
    )


def record_draft(account: Account, command: RecordDraft, context: Context) -> Plan:
    """A draft, by itself or of an order that is open.

    Errors: `ClaimTaken` for an id that was used, `UnknownId` for an order that is not open, `CurrencyMismatch`,
    `InvalidValue` for a day after today.
    """
    draft = command.draft
    opened(account, command.account)
    if any(entry.draft.id == draft.id for entry in account.credit.drafts):
        raise ClaimTaken("draft", draft.id, account.id)
    _check_day(draft.drafted_on, dt.date.min, context, "draft.drafted_on")
    if draft.order is not None:
        _check_currency(draft.amount, _open_order(account, draft.order)[0].order)
    fact = InvoiceDrafted(draft=draft, effective_on=draft.drafted_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(draft.id,))


def drop_draft(account: Account, command: DropDraft, context: Context) -> Plan:
    """A draft thrown away; `UnknownId` where it is over or was never there."""
    opened(account, command.account)
    waiting = {draft.id: draft for draft in account.credit.drafts_on(dt.date.max, None)}
    if command.draft not in waiting:
        raise UnknownId("draft", command.draft)
    _check_day(command.on, waiting[command.draft].drafted_on, context)
    fact = DraftDropped(draft=command.draft, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(command.draft,))


def drafts_issued(account: Account, invoice: Invoice, command: Command, context: Context) -> Iterator[DraftDropped]:
    """The drafts that an invoice takes the place of: those of its number, and those among its references."""
    names = {invoice.number, *invoice.references}
    for draft in account.credit.drafts_on(dt.date.max, None):
        if draft.id in names:
            yield DraftDropped(
                draft=draft.id,
                invoice=invoice.number,
                effective_on=max(invoice.issued_on, draft.drafted_on),
                recorded_at=context.now,
                by=command.by,
            )


def restored(account: Account, note: CreditNote, command: Command, context: Context) -> Iterator[OrderRestored]:
    """What a credit note puts back of the orders that its invoice billed: all notes together never more than it billed of each.

    Errors: `InvalidValue` where it is against no invoice of an order.
    """
    billed: dict[str, int] = {}
    for move in account.credit.moves:
        if move.invoice is not None and move.invoice == note.against:
            sign = -1 if move.kind == "restored" else 1
            billed[move.order] = billed.get(move.order, 0) + sign * move.amount
    if not billed:
        raise InvalidValue("credit_note.against", note.against, "must be an invoice of an order, to restore it")
    rest = note.total.minor
    for order, amount in billed.items():
        entry = account.credit.decided(order)
        assert entry is not None  # an invoice bills only orders that were decided about, in the currency of both
        put_back = min(rest, amount, account.credit.parts_of(entry.order, dt.date.max, None).invoiced)
        if put_back > 0:
            rest -= put_back
            yield OrderRestored(
                order=order,
                amount=Money(put_back, note.total.currency),
                credit_note=note.number,
                invoice=note.against,
                effective_on=note.issued_on,
                recorded_at=context.now,
                by=command.by,
            )


def _open_order(account: Account, id: str) -> tuple[OrderEntry, OrderParts]:
    """An order that was reserved or held and is not over, with how far it has come, whatever the date."""
    entry = account.credit.decided(id)
    if entry is None or entry.status == "refused":
        raise UnknownId("open order", id)
    parts = account.credit.parts_of(entry.order, dt.date.max, None)
    if parts.closed or not parts.left:
        raise UnknownId("open order", id)
    return entry, parts


def _cancelled_on(account: Account, order: Order) -> dt.date:
    moves = (each for each in account.credit.moves if each.order == order.id and each.kind == "cancelled")
    return max((each.effective_on for each in moves), default=order.placed_on)


def _check_currency(amount: Money, order: Order) -> None:
    if amount.currency != order.amount.currency:
        raise CurrencyMismatch(amount, order.amount)


def _check_day(day: dt.date, first: dt.date, context: Context, field: str = "command.on") -> None:
    if day < first:
        raise InvalidValue(field, day.isoformat(), f"must not be before {first}")
    if day > context.today:
        raise InvalidValue(field, day.isoformat(), f"must not be after today, {context.today}")
