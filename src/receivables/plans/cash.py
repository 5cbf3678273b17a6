"""Plans about money: receive a payment, say what became of it, apply it, take an application back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Set

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
from receivables.state.cash import LIFE, AllocationEntry, CreditEntry
from receivables.state.invoice import Item
from receivables.values.money import Money

UNDECIDED = frozenset(status for status, following in LIFE.items() if "settled" in following)
"""What a payment is while its money may still come."""
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
    of which a part was refunded, converted or transferred is not returned, `InvalidValue`: what became of a transfer is, under
    the id that it has there.
    """
    credit = credit_of(opened(account, command.account), command.payment)
    if credit.kind != "payment" or account.cash.status_of(credit.id) != "settled":
        raise UnknownId("payment that is settled", command.payment)
    since = there_on(account, credit)
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
    undone = [*_taken_back(account, made, day, command.by, context)]
    undone += _kept_no_more(account, credit, undone, day, command.by, context)
    fee = _return_fee(account, command, made, day, context)
    claims = (Claim("bank_line", command.bank_line),) if command.bank_line is not None else ()
    return Plan(facts=(fact, *undone, *fee), claims=claims, outcome=command.kind, ids=(credit.id,))


def _return_fee(
    account: Account, command: ReturnPayment, made: list[AllocationEntry], day: dt.date, context: Context
) -> tuple[ChargeRaised, ...]:
    """What the return cost, as a fee on the first item that the payment was for; of a charge, on the item that it is of."""
    if command.fee is None:
        return ()
    if command.kind == "reversed":
        raise InvalidValue("command.fee", str(command.fee), "must not be given for a mistake of ours")
    if not made:
        raise InvalidValue("command.fee", str(command.fee), "must not be given for a payment that was not applied")
    parents = {raised.charge.id: raised.charge.item for raised in account.ledger.charges}
    item = item_of(account, parents.get(made[0].item, made[0].item))
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
        effective_on=joined_on(account, source, item, asked.amount.minor),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(fact.id,))


def joined_on(account: Account, source: CreditEntry, item: Item, minor: int) -> dt.date:
    """The day on which a credit can settle so much of an item: the later of theirs, once the money is there and they are of
    one account, and not while money that went back since had settled it.
    """
    return joined_days(account, source, {item.id: minor})[item.id]


def joined_days(account: Account, source: CreditEntry, parts: Mapping[str, int]) -> dict[str, dt.date]:
    """As `joined_on`, for many items at once: item -> the day, from item -> how much."""
    items = (item for item in account.ledger.items if item.id in parts)
    wanted = {item.id: (item.effective_on, item.amount, parts[item.id]) for item in items}
    there = there_on(account, source)
    return {
        id: max(there, account.together_since(source.id, id), since)
        for id, since in account.cash.room_since(wanted).items()
    }


def there_on(account: Account, source: CreditEntry) -> dt.date:
    """The day from which a credit can be used: its own, or the later one on which its money was there."""
    fates = (each.effective_on for each in account.cash.fates if each.payment == source.id)
    return max([source.effective_on, *fates])


def free_of(account: Account, item: Item) -> int:
    """What is open of an item and not kept for a payment that is on its way, in minor units."""
    return free_amounts(account, (item,))[item.id]


def free_amounts(account: Account, items: Iterable[Item]) -> dict[str, int]:
    """As `free_of`, for many items at once: item -> what is free."""
    free = account.cash.open_amounts({item.id: item.amount for item in items})
    decided = {each.payment for each in account.cash.fates}
    for each in account.cash.reservations:
        if each.item in free and each.payment not in decided:
            free[each.item] -= each.amount
    return free


def unapply(account: Account, command: Unapply, context: Context) -> Plan:
    """Exactly one allocation taken back, as of the day on which it was made, with what was settled together with it."""
    opened(account, command.account)
    made = next((entry for entry in account.cash.in_force() if entry.id == command.allocation), None)
    if made is None:
        raise UnknownId("allocation in force", command.allocation)
    facts = tuple(_taken_back(account, [made], made.effective_on, command.by, context))
    return Plan(facts=facts, ids=(made.id,))


def _taken_back(
    account: Account, gone: Iterable[AllocationEntry], day: dt.date, by: str | None, context: Context
) -> Iterator[Fact]:
    """Allocations of a credit, and what their settlements did beside them.

    That is the differences on the same items and the disputes that were opened there; with the last of a settlement's money
    goes all of it, on items too that got no money.
    """
    gone = list(gone)
    for made in gone:
        yield AllocationUndone(
            allocation=made.id, effective_on=max(day, made.effective_on), recorded_at=context.now, by=by
        )
    ids = {made.id for made in gone}
    stay = {made.settlement for made in account.cash.in_force() if made.id not in ids}
    items: dict[str, set[str]] = {}
    for made in gone:
        if made.settlement is not None:
            items.setdefault(made.settlement, set()).add(made.item)
    for settlement, own in items.items():
        yield from _unsettled(account, settlement, own if settlement in stay else None, day, by, context)


def _unsettled(
    account: Account, settlement: str, items: Set[str] | None, day: dt.date, by: str | None, context: Context
) -> Iterator[Fact]:
    """The differences of a settlement on some items, or on all, the surplus that it kept, and the disputes that it opened."""
    parts = [each for each in account.cash.differences() if each.settlement == settlement]
    ours = (each for each in parts if items is None or each.item in items)
    undone = [(each.id, each.effective_on) for each in ours if each.id is not None]
    kept = (each for each in account.cash.used_elsewhere() if each.kind not in ELSEWHERE)
    undone += [(each.id, each.effective_on) for each in kept if _is_of(each.id, settlement)]
    for id, since in undone:
        yield DifferenceUndone(difference=id, effective_on=max(day, since), recorded_at=context.now, by=by)
    for entry in account.disputes.opened:
        left = account.disputes.left_of(entry)
        if _is_of(entry.dispute.id, settlement) and left > 0 and (items is None or {*entry.items} <= items):
            yield DisputeResolved(
                dispute=entry.dispute.id,
                outcome="withdrawn",
                amount=Money(left, item_of(account, entry.items[0]).currency),
                effective_on=max(day, entry.effective_on),
                recorded_at=context.now,
                by=by,
            )


def _is_of(id: str, settlement: str) -> bool:
    """Whether an id is the one that a settlement gave: its key and an ordinal."""
    return id.rpartition("#")[0] == settlement


def _kept_no_more(
    account: Account, credit: CreditEntry, undone: Iterable[Fact], day: dt.date, by: str | None, context: Context
) -> list[Fact]:
    """A surplus that was kept of money that went back, where nothing of it was applied."""
    known = {fact.difference for fact in undone if isinstance(fact, DifferenceUndone)}
    return [
        DifferenceUndone(difference=use.id, effective_on=max(day, use.effective_on), recorded_at=context.now, by=by)
        for use in account.cash.used_elsewhere()
        if use.source == credit.id and use.id not in known
    ]


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
