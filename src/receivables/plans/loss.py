"""Plans about losses: write off, take back, recover; set something aside for a claim by itself; claim tax back.

1. What is written off is never more than what is open on its day and on every day since, so no open amount falls below zero.
2. A write-off ends what was kept back: a running plan about the item is cancelled with it, a promise lapses, a dispute
   rests, because nothing is open that either could be about.
3. A mistake is taken back from the day of the write-off; money is a recovery, from the day on which it was there. Neither
   is ever more than what is written off then.
4. Tax that was claimed back, and is not lost any more, is owed to the tax office: a consequence, whatever the cause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from receivables.codec import policy_ref
from receivables.documents.invoice import TaxPart
from receivables.documents.loss import SpecificAllowance, between, difference, tax_of
from receivables.documents.payment import Allocation
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.cash import AllocationMade
from receivables.facts.fact import Fact
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
from receivables.facts.payment_plan import PlanCancelled
from receivables.plans.authority import authorize
from receivables.plans.cash import check_room, credit_of, free_of, joined_on, there_on
from receivables.plans.dispute import items_named
from receivables.plans.invoice import item_of
from receivables.plans.loss_commands import (
    BarRelief,
    ClaimRelief,
    Recover,
    ReleaseAllowance,
    ReverseWriteOff,
    SetAllowance,
    WriteOff,
)
from receivables.plans.merge import RUNNING
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.policies.book import NO_POLICY, PolicyBook
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.tax_relief import ReliefPosition, TaxReliefRegime, owed_back, relief_positions
from receivables.state.account import Account, fold
from receivables.state.cash import CreditEntry
from receivables.state.invoice import Item
from receivables.state.loss import WriteOffEntry, least_from, losses_of, open_moves
from receivables.values.money import Money, Rounding

BY = "losses"
"""Who owes tax back that was claimed."""

# Write off, and take back -----------------------------------------------------------------------------------------------


def write_off(account: Account, command: WriteOff, context: Context) -> Plan:
    """An item given up as lost, in whole or in part, or all that is open of an invoice; with the authority for the sum.

    Of 3,000.00 that are open 3,000.00 are given up: nothing is open, the status is ``written_off``, and it never counts as
    paid. What it uses of an allowance for the item itself is what is set aside on the day before it.
    """
    items = items_named(opened(account, command.account), command.item)
    _check_on(command.on, max(item.effective_on for item in items), context)
    amounts = _amounts(account, command, items)
    total = Money.total(amounts.values(), items[0].currency)
    used = authorize(account, command, context, "write_off", total, command.item)
    written = tuple(_written_off(account, command, items, amounts, context))
    cancelled = _plans_cancelled(account, set(amounts), command, context)
    return Plan(facts=(*used, *cancelled, *written), outcome="written_off", ids=tuple(fact.id for fact in written))


def _check_on(day: dt.date, first: dt.date, context: Context) -> None:
    if not first <= day <= context.today:
        raise InvalidValue("command.on", day.isoformat(), f"must be between {first} and today, {context.today}")


def _amounts(account: Account, command: WriteOff, items: Sequence[Item]) -> dict[str, Money]:
    """Item -> what is written off of it: what is asked for, or all that can be; `OverApplied` where that is not there."""
    rooms = {item.id: Money(_room(account, item, command.on), item.currency) for item in items}
    there = Money.total(rooms.values(), items[0].currency)
    if command.amount is None:
        found = {id: room for id, room in rooms.items() if room.minor > 0}
    elif len(items) == 1:
        found = {items[0].id: command.amount}
    else:
        raise InvalidValue("command.amount", str(command.amount), "must be about one item, not an invoice of several")
    asked = command.amount if command.amount is not None else there
    if asked.currency != there.currency:
        raise CurrencyMismatch(asked, there)
    if not 0 < asked.minor <= there.minor:
        raise OverApplied("item", command.item, asked, there)
    return found


def _room(account: Account, item: Item, day: dt.date) -> int:
    """What is open of an item on a day and every day since, and not kept for a payment on its way, in minor units."""
    kept = account.cash.open_of(item.id, item.amount) - free_of(account, item)
    return max(0, item.amount + least_from(open_moves(account.cash, item.id), day) - kept)


def _written_off(
    account: Account, command: WriteOff, items: Iterable[Item], amounts: dict[str, Money], context: Context
) -> Iterator[WrittenOff]:
    policy = _policy(account, context)
    ordinal = 0
    there = _ThereToUse(account, command.on)
    for item in items:
        if (amount := amounts.get(item.id)) is not None:
            ordinal += 1
            taxes = _taxes(account, item, amount.minor)
            relief = _relief(account, item, taxes, context)
            used = policy.used(amount - relief, there.for_item(item))
            there.take(item, used)
            yield WrittenOff(
                id=f"{command.key}#{ordinal}",
                item=item.id,
                amount=amount,
                code=command.code,
                allowance_used=used,
                relief=relief,
                taxes=taxes,
                note=command.note,
                approver=command.approver,
                policy=None if policy is _NO_POLICY else policy_ref(policy),
                effective_on=command.on,
                recorded_at=context.now,
                by=command.by,
            )


def _taxes(account: Account, item: Item, minor: int) -> tuple[TaxPart, ...]:
    """The net amount and tax of so much more, or less, that is lost of an item."""
    before = sum(amount for _, amount in losses_of(account.cash, item.id))
    parts = account.losses.taxes_of(item.document) if item.kind == "invoice" else ()
    found = between(parts, Money(before, item.currency), Money(before + minor, item.currency))
    return found if minor > 0 else tuple(_less(part) for part in found)


def _less(part: TaxPart) -> TaxPart:
    return TaxPart(percent=part.percent, net=-part.net, tax=-part.tax)


def _relief(account: Account, item: Item, taxes: Iterable[TaxPart], context: Context) -> Money:
    """What of a loss is to come back as tax, by the regime of the customer; nothing where the right was lost before."""
    zero = Money.zero(item.currency)
    barred = account.losses.barred_by(item.id, dt.date.max) is not None
    return zero if barred or _regime(account, context.policies) is None else tax_of(taxes, zero)


class _ThereToUse:
    """What is set aside for items by themselves on a day, before what is written off on it by one command.

    A fixed amount for all that a customer owes is there once: two items of one invoice do not both use all of it.
    """

    def __init__(self, account: Account, day: dt.date) -> None:
        self._view = account.view(day) if account.losses.allowances else None
        self._of = {item: each for each in self._view.allowances for item in each.items} if self._view else {}
        self._taken: dict[str, int] = {}

    def for_item(self, item: Item) -> Money:
        """What is there for an item; nothing where it is not open, or under no allowance."""
        each = self._of.get(item.id)
        if each is None or self._view is None:
            return Money.zero(item.currency)
        if each.allowance.percent is not None:
            return each.allowance.of_open(self._view.open(item.id))
        return Money(each.amount - self._taken.get(each.allowance.id, 0), each.currency)

    def take(self, item: Item, used: Money) -> None:
        """So much was used for it; of the allowance as a whole that may be more than is there for the item."""
        each = self._of.get(item.id)
        if each is not None:
            id = each.allowance.id
            self._taken[id] = min(each.amount, self._taken.get(id, 0) + used.minor)


def _policy(account: Account, context: Context) -> WriteOffPolicy:
    """The policy of the customer; without one, losses are charged to what was set aside, and recoveries are income."""
    customer = context.view(account).customer
    found = context.policies.write_off_for(customer) if customer is not None else None
    return found or _NO_POLICY


_NO_POLICY = WriteOffPolicy(id="none", version=1)


def _regime(account: Account, policies: PolicyBook) -> TaxReliefRegime | None:
    customer = account.profile.entries[-1].customer if account.profile.entries else None
    return policies.tax_relief_for(customer) if customer is not None else None


def _plans_cancelled(account: Account, items: set[str], command: WriteOff, context: Context) -> Iterator[PlanCancelled]:
    """Plans that run and are about what is written off: the debt that they were to pay is not owed in the books any more."""
    if not account.payment_plans.agreed:
        return
    for state in context.view(account).payment_plans:
        if state.status in RUNNING and items & set(state.plan.items):
            yield PlanCancelled(
                plan=state.plan.id,
                reason=f"written off: {command.code}",
                effective_on=max(command.on, state.plan.agreed_on),
                recorded_at=context.now,
                by=command.by,
            )


def reverse_write_off(account: Account, command: ReverseWriteOff, context: Context) -> Plan:
    """A write-off that was a mistake, in whole or in part, taken back from its own day: its ladder goes on as it was.

    What was recovered since stays recovered, so no more is taken back than is written off on every day since.
    """
    entry = _write_off_of(opened(account, command.account), command.write_off)
    item = item_of(account, entry.item)
    before = [each for each in account.losses.reversals if each.write_off == entry.id]
    left = entry.amount - sum(each.amount for each in before)
    room = Money(min(left, least_from(losses_of(account.cash, item.id), entry.effective_on)), item.currency)
    amount = _asked("write_off", entry.id, command.amount, room)
    check_approver(command.by, command.approver)
    taxes = _taxes(account, item, -amount.minor)
    relief = _relief_given_back(account, item, taxes, amount)
    used = entry.allowance_used - sum(each.allowance_used for each in before)
    given_back = min(Rounding.HALF_UP.quotient(used * amount.minor, left), amount.minor - relief.minor)
    fact = WriteOffReversed(
        id=f"{command.key}#1",
        write_off=entry.id,
        item=item.id,
        amount=amount,
        allowance_used=Money(given_back, item.currency),
        relief=relief,
        taxes=taxes,
        reason=command.reason,
        approver=command.approver,
        effective_on=entry.effective_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="reversed", ids=(fact.id,))


def _write_off_of(account: Account, id: str) -> WriteOffEntry:
    for entry in account.losses.write_offs:
        if entry.id == id:
            return entry
    raise UnknownId("write-off", id)


def _asked(kind: str, id: str, asked: Money | None, room: Money) -> Money:
    """What is asked for, or all that there is; `OverApplied` where it is nothing, or more."""
    amount = room if asked is None else asked
    if amount.currency != room.currency:
        raise CurrencyMismatch(amount, room)
    if not 0 < amount.minor <= room.minor:
        raise OverApplied(kind, id, amount, room)
    return amount


def _relief_given_back(account: Account, item: Item, taxes: Iterable[TaxPart], amount: Money) -> Money:
    """The tax in what is not lost any more, as far as write-offs of the item counted on it."""
    undone = {entry.allocation for entry in account.cash.undoings}
    counted = account.losses.pending_of(item.id, undone)
    return Money(min(max(0, counted), tax_of(taxes, amount).minor), item.currency)


# What comes in after all ------------------------------------------------------------------------------------------------


def recover(account: Account, command: Recover, context: Context) -> Plan:
    """Money for an item that was written off: so much of that taken back, and the allocation, of one settlement.

    3,000.00 were written off on 15 July and 1,200.00 arrive on 10 September: 1,800.00 stay written off, and nothing is open
    before or after. The recovery is of the day on which the money was there and so much was written off.
    """
    source = credit_of(opened(account, command.account), command.source)
    item = item_of(account, command.item)
    moves = losses_of(account.cash, item.id)
    written = Money(sum(amount for _, amount in moves), item.currency)
    if not written.minor:
        raise UnknownId("item that was written off", item.id)
    left = Money(account.cash.left_of(source.id, source.amount), source.currency)
    if left.currency != written.currency:
        raise CurrencyMismatch(left, written)
    amount = command.amount if command.amount is not None else min(left, written)
    check_room("credit", source.id, amount, left.minor)
    amount = _asked("written-off item", item.id, amount, written)
    day = _recovered_on(account, source, item, amount.minor, moves)
    taxes = _taxes(account, item, -amount.minor)
    relief = _relief_given_back(account, item, taxes, amount)
    to_allowance = _policy(account, context).recovery == "allowance"
    recovered = Recovered(
        id=f"{command.key}#1",
        item=item.id,
        source=source.id,
        amount=amount,
        settlement=command.key,
        allowance_credited=amount - relief if to_allowance else Money.zero(item.currency),
        relief=relief,
        taxes=taxes,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    made = AllocationMade(
        id=f"{command.key}#2",
        allocation=Allocation(source=source.id, item=item.id, amount=amount, rule="recovery"),
        settlement=command.key,
        effective_on=joined_on(fold((recovered,), account), source, item, amount.minor),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(recovered, made), outcome="recovered", ids=(recovered.id, made.id))


def _recovered_on(
    account: Account, source: CreditEntry, item: Item, minor: int, moves: Sequence[tuple[dt.date, int]]
) -> dt.date:
    """The first day from which on so much is written off, and the money is there."""
    first = max(there_on(account, source), account.together_since(source.id, item.id), item.effective_on)
    days = sorted({first, *(on for on, _ in moves if on > first)})
    return next(day for day in days if least_from(moves, day) >= minor)


# What is set aside ------------------------------------------------------------------------------------------------------


def set_allowance(account: Account, command: SetAllowance, context: Context) -> Plan:
    """An allowance for an item or a customer by itself, set from a day on, or changed: an item has one at most."""
    asked = command.allowance
    opened(account, command.account)
    check_approver(command.by, command.approver)
    item = item_of(account, asked.item) if asked.item is not None else None
    _check_on(command.on, item.effective_on if item is not None else dt.date.min, context)
    if item is not None and asked.amount is not None and asked.amount.currency != item.currency:
        raise CurrencyMismatch(asked.amount, item.currency.code)
    for other in _allowances(account):
        if (other.id == asked.id) != (other.item == asked.item):
            rule = f"must be the only one for {asked.item or asked.account!r}, and stay with it"
            raise InvalidValue("allowance.id", asked.id, f"{rule}: {other.id!r} is for {other.item or other.account!r}")
    fact = SpecificAllowanceSet(
        allowance=asked,
        approver=command.approver,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="set", ids=(asked.id,))


def release_allowance(account: Account, command: ReleaseAllowance, context: Context) -> Plan:
    """An allowance that is needed no more, from a day on."""
    opened(account, command.account)
    if command.allowance not in {each.id for each in _allowances(account)}:
        raise UnknownId("allowance", command.allowance)
    days = (each.effective_on for each in account.losses.allowances if each.allowance.id == command.allowance)
    _check_on(command.on, max(days), context)
    fact = SpecificAllowanceReleased(
        allowance=command.allowance, effective_on=command.on, recorded_at=context.now, by=command.by
    )
    return Plan(facts=(fact,), outcome="released", ids=(command.allowance,))


def _allowances(account: Account) -> list[SpecificAllowance]:
    """The allowances that are set and not released, by all that was recorded."""
    return [entry.allowance for entry in account.losses.in_force(dt.date.max, None)]


# Tax on bad debts -------------------------------------------------------------------------------------------------------


def claim_relief(account: Account, command: ClaimRelief, context: Context) -> Plan:
    """The tax on what is lost of an item, claimed back: not before the waiting time is over, nor after the last day.

    4,500.00 of 6,000.00 with a fifth of tax are lost: 750.00 can be claimed, from six months after the later of supply and due
    date. Nothing to claim is an answer with its code, a day that is too early or too late is an `InvalidValue`.
    """
    item = item_of(opened(account, command.account), command.item)
    regime = _regime(account, context.policies)
    if regime is None:
        raise UnknownId("tax relief regime for account", account.id, NO_POLICY)
    _check_on(command.on, item.effective_on, context)
    supplied = {item.id: command.supplied_on} if command.supplied_on is not None else {}
    positions = relief_positions(account, regime, command.on, supplied=supplied)
    position = next((each for each in positions if each.item == item.id), None)
    if position is None:
        raise UnknownId("bad debt on item", item.id)
    _check_days(position, command)
    if position.status != "claimable":
        raise InvalidValue("command.item", item.id, f"must be open to a claim: it is {position.status}")
    fact = ReliefClaimed(
        id=f"{command.key}#1",
        item=item.id,
        amount=position.claimable,
        unpaid=position.lost,
        taxes=difference(position.taxes, account.losses.claimed_parts(item.id)),
        supplied_on=position.supplied_on,
        due_on=position.due_on,
        regime=policy_ref(regime),
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="claimed", ids=(fact.id,))


def _check_days(position: ReliefPosition, command: ClaimRelief) -> None:
    if position.status == "too_early":
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {position.earliest}")
    if position.status == "expired":
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be after {position.latest}")


def bar_relief(account: Account, command: BarRelief, context: Context) -> Plan:
    """No right to tax relief on an item any more; what was claimed is owed back, and what was to come back is an expense."""
    item = item_of(opened(account, command.account), command.item)
    _check_on(command.on, item.effective_on, context)
    if account.losses.barred_by(item.id, dt.date.max) is not None:
        raise InvalidValue("command.item", item.id, "must not be barred already")
    undone = {entry.allocation for entry in account.cash.undoings}
    fact = ReliefBarred(
        item=item.id,
        cause=command.cause,
        note=command.note,
        relief=Money(account.losses.pending_of(item.id, undone), item.currency),
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="barred", ids=(item.id,))


def owe_relief_back(account: Account, policies: PolicyBook, context: Context) -> Sequence[Fact]:
    """A consequence: tax that was claimed back on what is not lost any more is owed to the tax office, as of today."""
    if not account.losses.relief_claims:
        return ()
    positions = relief_positions(account, _regime(account, policies), dt.date.max)
    return [
        ReliefRepaid(
            id=f"{position.item}/relief/{len(account.losses.relief_repayments) + ordinal}",
            item=position.item,
            amount=-position.claimable,
            taxes=difference(account.losses.claimed_parts(position.item), position.taxes),
            cause=_cause(account, position),
            effective_on=context.today,
            recorded_at=context.now,
            by=BY,
        )
        for ordinal, position in enumerate(owed_back(positions), 1)
    ]


def _cause(account: Account, position: ReliefPosition) -> str:
    """Why it is owed: the right was lost, it was paid, or the write-off was a mistake."""
    bar = account.losses.barred_by(position.item, dt.date.max)
    if bar is not None:
        return bar
    claimed = max(each.unpaid for each in account.losses.relief_claims if each.item == position.item)
    return "recovered" if position.unpaid.minor < claimed else "reversed"
