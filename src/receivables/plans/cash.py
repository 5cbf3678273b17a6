"""Plans about money: receive a payment, say what became of it, apply it, take an application back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.documents.charge import Charge
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    DifferenceUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentReturned,
    PaymentSettled,
)
from receivables.facts.charge import ChargeRaised
from receivables.facts.dispute import DisputeResolved
from receivables.facts.fact import Fact
from receivables.plans.cash_commands import ConfirmPayment, FailPayment, ReturnPayment
from receivables.plans.commands import Apply, ReceivePayment, Unapply
from receivables.plans.exchange import check_book_currency
from receivables.plans.invoice import check_new_credit, item_of
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.state.account import Account
from receivables.state.cash import AllocationEntry, CreditEntry, Reduction, Use
from receivables.state.invoice import Item
from receivables.values.money import Money

UNDECIDED = frozenset({"pending", "unknown"})
ELSEWHERE = frozenset({"refund", "conversion", "transfer"})
"""Where money can have gone that cannot be taken back from there."""


def receive_payment(account: Account, command: ReceivePayment, context: Context) -> Plan:
    """A payment on account, effective on the bank's value date; its id and its bank line are claimed.

    The same line in two files is one payment: the second is `ClaimTaken`. One that is announced keeps what it is meant
    for from being used by another: what is open there and not announced already has to suffice.
    """
    payment = command.payment
    opened(account, command.account)
    check_new_credit(account, payment.id)
    check_book_currency(account, "payment.book_rate", payment.book_rate, payment.amount.currency)
    for each in payment.designated:
        item = item_of(account, each.item)
        if item.currency != each.amount.currency:
            raise CurrencyMismatch(each.amount, item.currency.code)
        check_room("item", item.id, each.amount, free_of(account, item))
    fact = PaymentReceived(payment=payment, effective_on=payment.value_date, recorded_at=context.now, by=command.by)
    claims = [Claim("payment", payment.id)]
    if payment.bank_line is not None:
        claims.append(Claim("bank_line", payment.bank_line))
    return Plan(facts=(fact,), claims=tuple(claims), outcome=_outcome(payment.status), ids=(payment.id,))


def _outcome(status: str) -> str:
    return "recorded" if status == "settled" else status


def confirm_payment(account: Account, command: ConfirmPayment, context: Context) -> Plan:
    """The money of a payment is there from a day on; then it can be applied."""
    credit = _undecided(account, command.account, command.payment)
    _check_on(command.on, credit.effective_on, context)
    fact = PaymentSettled(payment=credit.id, effective_on=command.on, recorded_at=context.now, by=command.by)
    claims = (Claim("bank_line", command.bank_line),) if command.bank_line is not None else ()
    return Plan(facts=(fact,), claims=claims, outcome="settled", ids=(credit.id,))


def fail_payment(account: Account, command: FailPayment, context: Context) -> Plan:
    """A payment came to nothing; what it was meant for is free again."""
    credit = _undecided(account, command.account, command.payment)
    _check_on(command.on, credit.effective_on, context)
    fact = PaymentFailed(
        payment=credit.id,
        code=command.code,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="failed", ids=(credit.id,))


def _undecided(account: Account, id: str, payment: str) -> CreditEntry:
    credit = credit_of(opened(account, id), payment)
    if account.cash.status_of(credit.id) not in UNDECIDED:
        raise UnknownId("payment that is pending or unknown", payment)
    return credit


def _check_on(day: dt.date, first: dt.date, context: Context) -> None:
    if day < first:
        raise InvalidValue("command.on", day.isoformat(), f"must not be before {first}")
    if day > context.today:
        raise InvalidValue("command.on", day.isoformat(), f"must not be after today, {context.today}")


def return_payment(account: Account, command: ReturnPayment, context: Context) -> Plan:
    """Money went back: its allocations and the differences that were settled with it end, and items are open again.

    ``returned`` and ``chargeback`` count from the day on which the money went; ``reversed``, a mistake of ours, from the
    day of the payment, as if it had never been. What follows (steps, interest, holds, orders) is worked out anew. A credit
    of which a part was refunded, converted or transferred is not returned before that is put right: `InvalidValue`.
    """
    credit = credit_of(opened(account, command.account), command.payment)
    if credit.kind != "payment" or account.cash.status_of(credit.id) != "settled":
        raise UnknownId("payment that is settled", command.payment)
    since = max([credit.effective_on, *(each.effective_on for each in account.cash.fates if each.payment == credit.id)])
    _check_on(command.on, since, context)
    used = [each for each in account.cash.used_elsewhere() if each.source == credit.id and each.kind in ELSEWHERE]
    if used:
        raise InvalidValue(
            "command.payment", credit.id, f"must not have been used by the {used[0].kind} {used[0].id!r}"
        )
    day = since if command.kind == "reversed" else command.on
    fact = PaymentReturned(
        payment=credit.id,
        kind=command.kind,
        code=command.code,
        bank_line=command.bank_line,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    made = [each for each in account.cash.in_force() if each.source == credit.id]
    undone = [fact for each in made for fact in _taken_back(account, each, day, command.by, context)]
    fee = _return_fee(account, command, made, day, context)
    claims = (Claim("bank_line", command.bank_line),) if command.bank_line is not None else ()
    return Plan(facts=(fact, *undone, *fee), claims=claims, outcome=command.kind, ids=(credit.id,))


def _return_fee(
    account: Account, command: ReturnPayment, made: list[AllocationEntry], day: dt.date, context: Context
) -> tuple[ChargeRaised, ...]:
    """What the return cost, as a fee on the first item that the payment was for."""
    if command.fee is None:
        return ()
    if not made:
        raise InvalidValue("command.fee", str(command.fee), "must not be given for a payment that was not applied")
    item = item_of(account, made[0].item)
    if command.fee.currency != item.currency:
        raise CurrencyMismatch(command.fee, item.currency.code)
    charge = Charge(
        id=f"{item.id}/return of {command.payment}",
        item=item.id,
        document=item.document,
        kind="fee",
        amount=command.fee,
        because=f"{command.kind}, {command.code}",
    )
    return (ChargeRaised(charge=charge, effective_on=day, recorded_at=context.now, by=command.by),)


# Apply and take back ----------------------------------------------------------------------------------------------------


def apply(account: Account, command: Apply, context: Context) -> Plan:
    """So much of a credit on an item: never more than the one has left or the other has open, in one currency.

    It is effective on the later of the dates of the two, and not before they were of one account. What a payment on its
    way is meant for is not open for another.
    """
    asked = command.allocation
    source, item = credit_of(opened(account, command.account), asked.source), item_of(account, asked.item)
    for side in (source.currency, item.currency):
        if side != asked.amount.currency:
            raise CurrencyMismatch(asked.amount, side.code)
    check_room("credit", source.id, asked.amount, account.cash.left_of(source.id, source.amount))
    check_room("item", item.id, asked.amount, free_of(account, item))
    fact = AllocationMade(
        id=f"{command.key}#1",
        allocation=asked,
        effective_on=joined_on(account, source, item),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(fact.id,))


def joined_on(account: Account, source: CreditEntry, item: Item) -> dt.date:
    """The day on which a credit can settle an item: the later of theirs, once the money is there and they are of one account."""
    there = [each.effective_on for each in account.cash.fates if each.payment == source.id]
    together = account.together_since(source.id, item.id)
    return max([source.effective_on, item.effective_on, together, *there])


def free_of(account: Account, item: Item) -> int:
    """What is open of an item and not kept for a payment that is on its way, in minor units."""
    return account.cash.open_of(item.id, item.amount) - account.cash.reserved(item.id)


def unapply(account: Account, command: Unapply, context: Context) -> Plan:
    """Exactly one allocation taken back, as of the day on which it was made, with what was settled together with it."""
    opened(account, command.account)
    made = next((entry for entry in account.cash.in_force() if entry.id == command.allocation), None)
    if made is None:
        raise UnknownId("allocation in force", command.allocation)
    return Plan(facts=tuple(_taken_back(account, made, made.effective_on, command.by, context)), ids=(made.id,))


def _taken_back(
    account: Account, made: AllocationEntry, day: dt.date, by: str | None, context: Context
) -> Iterator[Fact]:
    """An allocation, the differences that its settlement closed on the item, and the disputes that it opened there."""
    yield AllocationUndone(allocation=made.id, effective_on=max(day, made.effective_on), recorded_at=context.now, by=by)
    if made.settlement is None:
        return
    parts = [(each.id, each.effective_on) for each in account.cash.differences() if _is_with(each, made)]
    parts += [(each.id, each.effective_on) for each in account.cash.used_elsewhere() if _is_kept_by(each, made)]
    for id, since in parts:
        if id is not None:
            yield DifferenceUndone(difference=id, effective_on=max(day, since), recorded_at=context.now, by=by)
    for entry in account.disputes.opened:
        left = account.disputes.left_of(entry)
        if entry.dispute.id.startswith(f"{made.settlement}#") and entry.items == (made.item,) and left > 0:
            yield DisputeResolved(
                dispute=entry.dispute.id,
                outcome="withdrawn",
                amount=Money(left, item_of(account, made.item).currency),
                effective_on=max(day, entry.effective_on),
                recorded_at=context.now,
                by=by,
            )


def _is_with(part: Reduction, made: AllocationEntry) -> bool:
    return part.settlement == made.settlement and part.item == made.item


def _is_kept_by(use: Use, made: AllocationEntry) -> bool:
    """Whether a surplus was kept by the settlement of an allocation: it is one no more when the money is free again."""
    return use.source == made.source and use.kind not in ELSEWHERE and use.id.startswith(f"{made.settlement}#")


def credit_of(account: Account, id: str) -> CreditEntry:
    """The payment, credit note or other credit of an id; `UnknownId` where the account has none."""
    for entry in account.cash.credits:
        if entry.id == id:
            return entry
    raise UnknownId("credit", id)


def check_room(kind: str, id: str, asked: Money, minor: int) -> None:
    """That no more is asked of a credit or an item than there is."""
    if asked.minor > minor:
        raise OverApplied(kind, id, asked, Money(max(0, minor), asked.currency))
