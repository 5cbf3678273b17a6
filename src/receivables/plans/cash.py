"""Plans about money: receive a payment, apply it, take an application back."""

from __future__ import annotations

from receivables.errors import CurrencyMismatch, OverApplied, UnknownId
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.plans.commands import Apply, ReceivePayment, Unapply
from receivables.plans.invoice import check_new_credit, item_of
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.state.account import Account
from receivables.state.cash import CreditEntry
from receivables.values.money import Money


def receive_payment(account: Account, command: ReceivePayment, context: Context) -> Plan:
    """A payment on account, effective on the bank's value date; its id and its bank line are claimed.

    The same line in two files is one payment: the second is `ClaimTaken`.
    """
    payment = command.payment
    opened(account, command.account)
    check_new_credit(account, payment.id)
    fact = PaymentReceived(payment=payment, effective_on=payment.value_date, recorded_at=context.now, by=command.by)
    claims = [Claim("payment", payment.id)]
    if payment.bank_line is not None:
        claims.append(Claim("bank_line", payment.bank_line))
    return Plan(facts=(fact,), claims=tuple(claims), ids=(payment.id,))


def apply(account: Account, command: Apply, context: Context) -> Plan:
    """So much of a credit on an item: never more than the one has left or the other has open, in one currency.

    It is effective on the later of the dates of the two, and not before they were of one account.
    """
    asked = command.allocation
    source, item = _credit_of(opened(account, command.account), asked.source), item_of(account, asked.item)
    for side in (source.currency, item.currency):
        if side != asked.amount.currency:
            raise CurrencyMismatch(asked.amount, side.code)
    _check_room("credit", source.id, asked.amount, account.cash.left_of(source.id, source.amount))
    _check_room("item", item.id, asked.amount, account.cash.open_of(item.id, item.amount))
    fact = AllocationMade(
        id=f"{command.key}#1",
        allocation=asked,
        effective_on=max(source.effective_on, item.effective_on, account.together_since(source.id, item.id)),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(fact.id,))


def unapply(account: Account, command: Unapply, context: Context) -> Plan:
    """Exactly one allocation taken back, as of the day on which it was made."""
    opened(account, command.account)
    undone = {entry.allocation for entry in account.cash.undoings}
    made = next((entry for entry in account.cash.allocations if entry.id == command.allocation), None)
    if made is None or made.id in undone:
        raise UnknownId("allocation in force", command.allocation)
    fact = AllocationUndone(allocation=made.id, effective_on=made.effective_on, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,), ids=(made.id,))


def _credit_of(account: Account, id: str) -> CreditEntry:
    for entry in account.cash.credits:
        if entry.id == id:
            return entry
    raise UnknownId("credit", id)


def _check_room(kind: str, id: str, asked: Money, minor: int) -> None:
    if asked.minor > minor:
        raise OverApplied(kind, id, asked, Money(minor, asked.currency))
