"""Plans about what is owed: invoices, credit notes, items taken over, due dates that become known."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.documents.invoice import CreditNote, Invoice
from receivables.documents.payment import Allocation
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, UnknownId
from receivables.facts.cash import AllocationMade
from receivables.facts.credit import OrderReleased
from receivables.facts.invoice import CreditNoteIssued, InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.plans.commands import DateInstallment, IssueCreditNote, IssueInvoice, TakeOver
from receivables.plans.credit_chain import drafts_issued, restored
from receivables.plans.dispute import credited
from receivables.plans.exchange import check_book_currency
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.values.money import Money


def issue_invoice(account: Account, command: IssueInvoice, context: Context) -> Plan:
    """One item per installment; an order that the invoice names gives up what is invoiced, so exposure stays the same.

    A number that was used before in the company is `ClaimTaken`.
    """
    invoice = command.invoice
    opened(account, command.account)
    ids = tuple(id for id, _ in invoice.items())
    _check_new_items(account, ids)
    check_book_currency(account, "invoice.book_rate", invoice.book_rate, invoice.currency)
    issued = InvoiceIssued(invoice=invoice, effective_on=invoice.issued_on, recorded_at=context.now, by=command.by)
    released = _release_for(account, invoice, command, context)
    drafts = drafts_issued(account, invoice, command, context)
    claim = Claim("invoice", f"{_company(account)}/{invoice.number}")
    return Plan(facts=(issued, *released, *drafts), claims=(claim,), ids=ids)


def issue_credit_note(account: Account, command: IssueCreditNote, context: Context) -> Plan:
    """A credit, applied to the open items of its invoice in the order of their due dates; the rest is on account.

    What a payment on its way is meant for is left to it.
    """
    note = command.credit_note
    opened(account, command.account)
    check_new_credit(account, note.number)
    check_book_currency(account, "credit_note.book_rate", note.book_rate, note.total.currency)
    issued = CreditNoteIssued(credit_note=note, effective_on=note.issued_on, recorded_at=context.now, by=command.by)
    applied = _apply_note(account, note, command, context) if note.against is not None else ()
    on_items = [(fact.allocation.item, fact.allocation.amount) for fact in applied]
    ended = credited(account, command, on_items, context)
    claim = Claim("credit_note", f"{_company(account)}/{note.number}")
    again = restored(account, note, command, context) if command.restores else ()
    facts = (issued, *applied, *ended, *again)
    return Plan(facts=facts, claims=(claim,), ids=(note.number, *(fact.id for fact in applied)))


def take_over(account: Account, command: TakeOver, context: Context) -> Plan:
    """An open item of another system, with its dates and its dunning step."""
    item = command.item
    opened(account, command.account)
    _check_new_items(account, (item.id,))
    check_book_currency(account, "item.book_rate", item.book_rate, item.open.currency)
    if command.on < item.issued_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {item.issued_on}")
    fact = ItemTakenOver(item=item, effective_on=command.on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), claims=(Claim("invoice", f"{_company(account)}/{item.id}"),), ids=(item.id,))


def date_installment(account: Account, command: DateInstallment, context: Context) -> Plan:
    """The due date of an item that waited for it; an item that has a date is not moved."""
    item = item_of(opened(account, command.account), command.item)
    dated = any(entry.item == item.id for entry in account.ledger.datings)
    if item.due_on is not None or dated:
        raise InvalidValue("command.item", item.id, "must wait for its due date")
    fact = InstallmentDated(
        item=item.id,
        due_on=command.due_on,
        effective_on=max(item.effective_on, context.today),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(item.id,))


def item_of(account: Account, id: str) -> Item:
    """The item of an id, open or closed; `UnknownId` where the account has none."""
    for item in account.ledger.items:
        if item.id == id:
            return item
    raise UnknownId("item", id)


def check_new_credit(account: Account, id: str) -> None:
    """That no payment or credit note of the account has this id."""
    if any(entry.id == id for entry in account.cash.credits):
        raise ClaimTaken("credit", id, account.id)


def _check_new_items(account: Account, ids: Iterable[str]) -> None:
    new = set(ids)
    for item in account.ledger.items:
        if item.id in new or item.document in new:
            raise ClaimTaken("item", item.id, account.id)


def _company(account: Account) -> str:
    customer = account.profile.entries[0].customer
    return customer.company if customer else ""


def _release_for(
    account: Account, invoice: Invoice, command: IssueInvoice, context: Context
) -> tuple[OrderReleased, ...]:
    """What the invoice takes over from its order: never more than is left of it.

    That holds for a held order too: the host delivers at its own risk, and what is invoiced is no order any more. An
    order that is invoiced in full is over, and is not reserved when money comes; one of which a part is billed on a later day
    is not over before that day.
    """
    if invoice.order is None:
        return ()
    order = account.credit.left_of(invoice.order, invoice.issued_on)
    if order is None:
        return ()  # the host invoices what was never ordered here: that is its right, and there is nothing to free
    if order.currency != invoice.currency:
        raise CurrencyMismatch(invoice.total, order)
    amount = min(order, invoice.total)
    released = OrderReleased(
        order=invoice.order,
        amount=amount,
        invoice=invoice.number,
        closes=amount == order and not account.credit.billed_after(invoice.order, invoice.issued_on),
        effective_on=invoice.issued_on,
        recorded_at=context.now,
        by=command.by,
    )
    return (released,) if amount.minor else ()


def _apply_note(
    account: Account, note: CreditNote, command: IssueCreditNote, context: Context
) -> tuple[AllocationMade, ...]:
    items = [item for item in account.ledger.items if item.document == note.against]
    if not items:
        raise UnknownId("invoice", note.against)
    if items[0].currency != note.total.currency:
        raise CurrencyMismatch(note.total, items[0].original)
    rest = note.total.minor
    made: list[AllocationMade] = []
    for item in sorted(items, key=lambda each: (each.due_on or each.document_on, each.id)):
        amount = min(rest, account.cash.open_of(item.id, item.amount) - account.cash.reserved(item.id))
        if amount > 0:  # what is kept for a payment can be more than is left of a fee that was waived
            rest -= amount
            made.append(_allocated(item, Money(amount, item.currency), note, command, context, len(made) + 1))
    return tuple(made)


def _allocated(
    item: Item, amount: Money, note: CreditNote, command: IssueCreditNote, context: Context, ordinal: int
) -> AllocationMade:
    return AllocationMade(
        id=f"{command.key}#{ordinal}",
        allocation=Allocation(source=note.number, item=item.id, amount=amount),
        effective_on=max(note.issued_on, item.effective_on),
        recorded_at=context.now,
        by=command.by,
    )
