"""Plans about what a credit settles, and where else it goes: settle items, place it by an order, refund, convert, transfer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from receivables.documents.dispute import Dispute
from receivables.documents.exchange import Conversion
from receivables.documents.payment import Allocation
from receivables.documents.reason import Reason
from receivables.documents.settlement import Settlement, SettlementPart, Tender
from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId
from receivables.facts.cash import (
    AllocationMade,
    CreditArrived,
    CreditConverted,
    CreditTransferred,
    DifferenceSettled,
    RefundMade,
)
from receivables.facts.dispute import DisputeOpened
from receivables.facts.fact import Fact
from receivables.plans.authority import authorize
from receivables.plans.cash import check_room, credit_of, free_amounts, joined_days, joined_on, there_on
from receivables.plans.cash_commands import Appropriate, Convert, Refund, Settle, Transfer
from receivables.plans.dispute import undisputed
from receivables.plans.exchange import check_book_currency, taken_along
from receivables.plans.invoice import check_new_credit, item_of
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.policies.appropriation import AppropriationOrder, Debt, appropriate
from receivables.policies.book import NO_POLICY
from receivables.policies.interest_rates import as_decimal
from receivables.policies.settlement import SettlementItem, SettlementPolicy
from receivables.state.account import Account, fold
from receivables.state.cash import CreditEntry
from receivables.state.invoice import Item
from receivables.values.money import Money

REFUSED = "part_payment_refused"
OTHERWISE = "not_as_expected"


def settle(account: Account, command: Settle, context: Context) -> Plan:
    """What is left of a credit against items, in their order, with every part of the difference as the policy explains it.

    A part that the payer claims and the policy does not grant opens a dispute. Where the policy refuses part payments,
    or the money would go otherwise than expected, nothing is recorded: the outcome is ``refused``, with the reasons.

    What the policy gives up of what is short takes the authority for a write-off, however it is called: a cent on
    3,000.00 is else a way round the matrix. What a tolerance lets go is bounded by itself.

    Errors: `NotAuthorized`.
    """
    source = credit_of(opened(account, command.account), command.source)
    items = [item_of(account, id) for id in command.items]
    _check_currencies(source, items)
    settlement = settled_by_policy(account, source, items, command, context)
    if any(reason.code == REFUSED for reason in settlement.reasons):
        return Plan(outcome="refused", reasons=settlement.reasons, ids=())
    if command.expected and not _is_as_expected(settlement, command):
        return Plan(outcome="refused", reasons=(Reason(code=OTHERWISE),), ids=())
    authority = _authority_to_give_up(account, settlement, command, context)
    facts = tuple(_settled(account, source, settlement, command, context))
    outcome, ids = "settled" if settlement.is_closed else "partly settled", tuple(_id_of(fact) for fact in facts)
    return Plan(facts=(*authority, *facts), outcome=outcome, reasons=settlement.reasons, ids=ids)


def _authority_to_give_up(
    account: Account, settlement: Settlement, command: Settle, context: Context
) -> tuple[Fact, ...]:
    """By whose authority what is short is written off, where anything is."""
    lost = [part.amount for part in settlement.parts if part.kind == "write_off" and part.item is not None]
    if not lost:
        return ()
    total = Money.total(lost, lost[0].currency)
    return authorize(account, command, context, "write_off", total, command.source)


def _is_as_expected(settlement: Settlement, command: Settle) -> bool:
    """Whether each item gets the money that was expected for it."""
    found = {each.item: each.cash for each in settlement.items if not each.cash.is_zero}
    return found == {each.item: each.amount for each in command.expected}


def settled_by_policy(
    account: Account, source: CreditEntry, items: list[Item], command: Settle, context: Context
) -> Settlement:
    """How the settlement policy explains a payment on items; recorded nowhere."""
    policy = _settlement_policy(account, context)
    left = account.cash.left_of(source.id, source.amount)
    if left <= 0:
        check_room("credit", source.id, Money(1, source.currency), left)
    tender = Tender(
        paid=Money(left, source.currency),
        paid_on=there_on(account, source),
        deductions=command.deductions,
        withheld=command.withheld,
        certificate=command.certificate,
        bank_fee=command.bank_fee,
        converted=any(use.id == source.id for use in account.cash.uses),
    )
    free = free_amounts(account, items)
    offered = [_item(account, item, free[item.id]) for item in items]
    return policy.settle(offered, tender, used=_tolerated(account, source))


def _settlement_policy(account: Account, context: Context) -> SettlementPolicy:
    customer = context.view(account).customer
    policy = context.policies.settlement_for(customer) if customer is not None else None
    if policy is None:
        raise UnknownId("settlement policy for account", account.id, NO_POLICY)
    return policy


def _item(account: Account, item: Item, free: int) -> SettlementItem:
    open_ = Money(max(0, free), item.currency)
    for entry in account.ledger.discounts:
        if entry.item == item.id:
            return SettlementItem(item=item.id, open=open_, installment=entry.installment, lines=entry.lines)
    return SettlementItem(item=item.id, open=open_)


def _tolerated(account: Account, source: CreditEntry) -> Money:
    """What the tolerance let go for the customer in the year of the payment, in its currency."""
    currencies = {item.id: item.currency for item in account.ledger.items}
    year = there_on(account, source).year
    minor = sum(
        part.amount
        for part in account.cash.differences()
        if part.kind == "tolerance" and part.effective_on.year == year and currencies.get(part.item) == source.currency
    )
    return Money(minor, source.currency)


def _settled(
    account: Account, source: CreditEntry, settlement: Settlement, command: Settle, context: Context
) -> Iterator[Fact]:
    """The money on each item, the differences that are closed, then the disputes about what is open."""
    ordinal = 0
    made: list[Fact] = []
    stays = {each.item: 0 for each in settlement.items}
    for part in settlement.parts:
        if part.item is not None and not part.settles:
            stays[part.item] += part.amount.minor
    days = joined_days(account, source, {each.item: each.open.minor - stays[each.item] for each in settlement.items})
    for settled in settlement.items:
        if settled.cash.minor:
            ordinal += 1
            rule = f"settlement {settlement.policy}/{settlement.version}"
            allocation = Allocation(source=source.id, item=settled.item, amount=settled.cash, rule=rule)
            made.append(
                AllocationMade(
                    id=f"{command.key}#{ordinal}",
                    allocation=allocation,
                    settlement=command.key,
                    effective_on=days[settled.item],
                    recorded_at=context.now,
                    by=command.by,
                )
            )
    for part in settlement.parts:
        if part.settles and part.amount.minor:
            ordinal += 1
            day = there_on(account, source) if part.item is None else days[part.item]
            made.append(
                DifferenceSettled(
                    id=f"{command.key}#{ordinal}",
                    source=source.id,
                    part=part,
                    settlement=command.key,
                    effective_on=day,
                    recorded_at=context.now,
                    by=command.by,
                )
            )
    yield from made
    after = fold(made, account)
    for part in settlement.disputes:
        dispute = _dispute(after, part, f"{command.key}#{ordinal + 1}", source, command, context)
        if dispute is not None:
            ordinal += 1
            after = fold((dispute,), after)
            yield dispute


def _dispute(
    account: Account, part: SettlementPart, id: str, source: CreditEntry, command: Settle, context: Context
) -> DisputeOpened | None:
    """The dispute about a part that stays open, as far as that is not disputed already."""
    assert part.item is not None  # a surplus is nothing that was kept back
    item = item_of(account, part.item)
    minor = min(part.amount.minor, undisputed(account, item))
    if minor <= 0:
        return None
    amount = Money(minor, item.currency)
    day = min(joined_on(account, source, item, minor), context.today)
    dispute = Dispute(
        id=id, account=account.id, item=item.id, reason=part.reason, opened_on=day, amount=amount, note=part.text
    )
    return DisputeOpened(
        dispute=dispute, items=(item.id,), amount=amount, effective_on=day, recorded_at=context.now, by=command.by
    )


def _id_of(fact: Fact) -> str:
    if isinstance(fact, DisputeOpened):
        return fact.dispute.id
    assert isinstance(fact, AllocationMade | DifferenceSettled)
    return fact.id


def _check_currencies(source: CreditEntry, items: list[Item]) -> None:
    for item in items:
        if item.currency != source.currency:
            raise CurrencyMismatch(item.original, source.currency.code)


# Placed by an order -----------------------------------------------------------------------------------------------------


def appropriate_credit(account: Account, command: Appropriate, context: Context) -> Plan:
    """What is left of a credit, placed on all that is owed by the order of the policies; each cent says which rule did."""
    source = credit_of(opened(account, command.account), command.source)
    customer = context.view(account).customer
    order = context.policies.appropriation_for(customer) if customer is not None else None
    if order is None:
        raise UnknownId("order of appropriation for account", account.id, NO_POLICY)
    left = account.cash.left_of(source.id, source.amount)
    check_room("credit", source.id, Money(1, source.currency), left)
    for id in command.designated:
        _check_currencies(source, [item_of(account, id)])
    placements = appropriate(
        Money(left, source.currency),
        list(_debts(account, source, order, context)),
        order,
        on=there_on(account, source),
        designated=command.designated,
        source=source.id,
    )
    days = joined_days(account, source, {each.item: each.amount.minor for each in placements})
    facts = tuple(
        AllocationMade(
            id=f"{command.key}#{ordinal}",
            allocation=Allocation(source=source.id, item=each.item, amount=each.amount, rule=each.because),
            effective_on=days[each.item],
            recorded_at=context.now,
            by=command.by,
        )
        for ordinal, each in enumerate(placements, 1)
    )
    return Plan(facts=facts, outcome="placed" if facts else "nothing owed", ids=tuple(fact.id for fact in facts))


def _debts(account: Account, source: CreditEntry, order: AppropriationOrder, context: Context) -> Iterator[Debt]:
    """All that is open in the currency of a credit and not kept for another payment, with the rate that it bears."""
    parents = {raised.charge.id: raised.charge.item for raised in account.ledger.charges}
    rate = _rate(account, there_on(account, source), context) if "most_burdensome" in order.among else Decimal(0)
    due = account.ledger.due_dates(dt.date.max, None)
    items = [item for item in account.ledger.items if item.currency == source.currency]
    free = free_amounts(account, items)
    for item in items:
        if free[item.id] > 0:
            principal = item.kind == "invoice"
            yield Debt(
                item=item.id,
                open=Money(free[item.id], item.currency),
                kind="principal" if principal else item.kind,
                parent=parents.get(item.id),
                due_on=due.get(item.id, item.due_on),
                rate_percent=rate if principal else Decimal(0),
            )


def _rate(account: Account, day: dt.date, context: Context) -> Decimal:
    """The interest that principal bears by the dunning policy of the customer; zero where it claims none."""
    customer = context.view(account).customer
    policy = context.policies.dunning_for(customer) if customer is not None else None
    if policy is None or policy.interest is None:
        return Decimal(0)
    return as_decimal(policy.interest.rate.quote(day).percent)


# Where else it goes -----------------------------------------------------------------------------------------------------


def refund(account: Account, command: Refund, context: Context) -> Plan:
    """So much of a credit given back; never more than is left of it."""
    source = _usable(account, command.account, command.source, command.amount)
    _check_on(command.on, there_on(account, source), context)
    check_book_currency(account, "command.book_rate", command.book_rate, source.currency)
    authority = authorize(account, command, context, "refund", command.amount, source.id)
    fact = RefundMade(
        id=f"{command.key}#1",
        source=source.id,
        amount=command.amount,
        reference=command.reference,
        book_rate=command.book_rate,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*authority, fact), outcome="refunded", ids=(fact.id,))


def convert(account: Account, command: Convert, context: Context) -> Plan:
    """So much of a credit in another currency; what comes of it is a credit under the id that is given back."""
    source = _usable(account, command.account, command.source, command.amount)
    _check_on(command.on, there_on(account, source), context)
    id = f"{command.key}#1"
    check_new_credit(account, id)
    fact = CreditConverted(
        id=id,
        conversion=Conversion.by(command.rate, source.id, command.amount, on=command.on),
        kind=source.kind,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="converted", ids=(id,))


def transfer(account: Account, command: Transfer, context: Context) -> Plan:
    """So much of a credit moved to another account, in one commit: there it counts from the day from which it did here."""
    source = _usable(account, command.account, command.source, command.amount)
    _check_on(command.on, source.effective_on, context)
    other = opened(context.relatives[command.to], command.to)
    if other.id == account.id:
        raise InvalidValue("command.to", command.to, f"must be another account than {account.id!r}")
    id, day = f"{command.key}#1", there_on(account, source)
    check_new_credit(other, id)
    authority = authorize(account, command, context, "transfer", command.amount, source.id)
    gone = CreditTransferred(
        id=id,
        source=source.id,
        amount=command.amount,
        to=other.id,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    come = CreditArrived(
        id=id,
        source=source.id,
        amount=command.amount,
        came_from=account.id,
        kind=source.kind,
        book=taken_along(account, other, gone),
        specified=source.id in account.losses.specified(account.cash),
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(
        facts=(*authority, gone),
        others={command.to: (come,)},
        claims=(Claim("payment", id),),
        outcome="transferred",
        ids=(id,),
    )


def _usable(account: Account, id: str, source: str, amount: Money) -> CreditEntry:
    """The credit, of which so much is there and not used."""
    credit = credit_of(opened(account, id), source)
    if amount.currency != credit.currency:
        raise CurrencyMismatch(amount, credit.currency.code)
    if amount.minor <= 0:
        raise InvalidValue("command.amount", str(amount), "must be more than zero")
    check_room("credit", source, amount, account.cash.left_of(source, credit.amount))
    return credit


def _check_on(day: dt.date, first: dt.date, context: Context) -> None:
    """That the day is one on which the credit was there, and not after today."""
    if not first <= day <= context.today:
        raise InvalidValue("command.on", day.isoformat(), f"must be from {first} to today, {context.today}")
