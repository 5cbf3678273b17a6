"""Plans about payment plans: agree one, let one that is in default perform again, give one up.

Nobody records that a plan was kept or not: the payments say so. What was waived on condition follows that, as difference
facts: it is waived while the plan performs and when it is completed, and owed from a default on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import attrs

from receivables.documents.payment_plan import PaymentPlan
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, UnknownId
from receivables.facts.cash import AllocationUndone
from receivables.facts.charge import ChargeReinstated, ChargeWaived
from receivables.facts.fact import Fact
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.plans.authority import authorize
from receivables.plans.dispute import check_day, undisputed_of
from receivables.plans.invoice import item_of
from receivables.plans.payment_plan_commands import AgreePlan, CancelPlan, ReinstatePlan
from receivables.plans.plan import Context, Plan, opened
from receivables.policies.book import PolicyBook
from receivables.state.account import Account
from receivables.state.cash import AllocationEntry
from receivables.state.invoice import Item
from receivables.state.payment_plan import PlanEntry, PlanState
from receivables.values.money import Money

BY = "payment plan"
"""Who waives, and takes back a waiver, when that follows from a plan."""


def agree_plan(account: Account, command: AgreePlan, context: Context) -> Plan:
    """A plan over whole items, whose installments are exactly what is open of them; what it waives follows from it."""
    plan = command.plan
    opened(account, command.account)
    if any(entry.plan.id == plan.id for entry in account.payment_plans.agreed):
        raise ClaimTaken("payment plan", plan.id, account.id)
    items = tuple(item_of(account, id) for id in plan.items)
    check_day("plan.agreed_on", plan.agreed_on, items, context)
    first = plan.installments[0].due_on
    if first < context.today:
        raise InvalidValue("plan.installments", first.isoformat(), f"must not be due before today, {context.today}")
    _check_free(account, plan, context)
    _check_waives(account, command, items)
    owed = [item for item in items if item.id not in plan.waives]
    _check_sum(account, plan, owed)
    settled = sum(item.amount - account.cash.open_of(item.id, item.amount) for item in owed)
    waived = _open_of(account, plan, items)
    authority = tuple(_authority(account, command, plan, waived, context))
    fact = PlanAgreed(
        plan=plan,
        settled=Money(settled, plan.total.currency),
        approver=command.approver,
        waived=waived,
        effective_on=plan.agreed_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*authority, fact), outcome="agreed", ids=(plan.id,))


def _open_of(account: Account, plan: PaymentPlan, items: Iterable[Item]) -> tuple[Money, ...]:
    """What is open of each charge that a plan waives, in the plan's order."""
    charges = {item.id: item for item in items}
    found = (charges[id] for id in plan.waives)
    return tuple(Money(account.cash.open_of(each.id, each.amount), each.currency) for each in found)


def _authority(
    account: Account, command: AgreePlan | ReinstatePlan, plan: PaymentPlan, waived: Iterable[Money], context: Context
) -> Iterator[Fact]:
    """For the plan, and for what it waives; a request that was granted is for the plan."""
    yield from authorize(account, command, context, "plan", plan.total, plan.id)
    given_up = sum(each.minor for each in waived)
    if given_up:
        alone = attrs.evolve(command, approval=None)
        yield from authorize(account, alone, context, "waiver", Money(given_up, plan.total.currency), plan.id)


def _check_free(account: Account, plan: PaymentPlan, context: Context) -> None:
    """That no other plan performs on one of the items, and no promise waits for money on it."""
    view, items = context.view(account), set(plan.items)
    for state in view.payment_plans:
        for item in items.intersection(state.plan.items) if state.performs else ():
            raise InvalidValue("plan.items", item, f"must not be in payment plan {state.plan.id!r}, which performs")
    for promise in view.promises:
        for item in items.intersection(promise.items) if promise.status == "open" else ():
            raise InvalidValue("plan.items", item, f"must not be promised: withdraw {promise.promise.id!r} before")


def _check_waives(account: Account, command: AgreePlan, items: Iterable[Item]) -> None:
    """That what is waived are charges with something open, in the plan's currency, and that somebody approves."""
    waives, total = command.plan.waives, command.plan.total
    for item in items:
        if item.id not in waives:
            continue
        if item.kind == "invoice" or not account.cash.open_of(item.id, item.amount):
            raise InvalidValue("plan.waives", item.id, "must be a charge that is open")
        if item.currency != total.currency:
            raise CurrencyMismatch(total, item.original)
        _check_waived_before(account, command.plan, item)
    if waives and command.approver is None:
        raise InvalidValue("command.approver", None, "must be given where charges are waived")


def _check_waived_before(account: Account, plan: PaymentPlan, charge: Item) -> None:
    """That no plan before moved what is open of a charge on a day after the one on which this one is agreed."""
    for each in account.payment_plans.waivers:
        if each.charge == charge.id and each.effective_on > plan.agreed_on:
            rule = f"must not be before {each.effective_on}, until which {each.plan!r} waived {charge.id!r}"
            raise InvalidValue("plan.agreed_on", plan.agreed_on.isoformat(), rule)


def _check_sum(account: Account, plan: PaymentPlan, items: Sequence[Item]) -> None:
    total, free = plan.total, undisputed_of(account, items)
    for item in items:
        if item.currency != total.currency:
            raise CurrencyMismatch(total, item.original)
        if not free[item.id]:
            raise InvalidValue("plan.items", item.id, "must have something open that is not disputed")
    open_ = Money(sum(free.values()), total.currency)
    if total != open_:
        raise InvalidValue("plan.installments", str(total), f"must add up to what is open of the items, {open_}")


def reinstate_plan(account: Account, command: ReinstatePlan, context: Context) -> Plan:
    """A plan in default that performs again from a day on; what was missed is to be paid by a day of its own."""
    state = _state(account, command.account, command.plan, "defaulted", context.today)
    _check_on(command.on, state.since, context.today)
    authority = tuple(
        _authority(account, command, state.plan, _again_waived(account, command.plan, command.on), context)
    )
    if command.catch_up_by < context.today:
        raise InvalidValue(
            "command.catch_up_by", command.catch_up_by.isoformat(), f"must not be before today, {context.today}"
        )
    _check_free(account, state.plan, context)
    fact = PlanReinstated(
        plan=command.plan,
        catch_up_by=command.catch_up_by,
        approver=command.approver,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*authority, fact), outcome="reinstated", ids=(command.plan,))


def _again_waived(account: Account, id: str, on: dt.date) -> Iterator[Money]:
    """What a plan that performs again from a day on waives of each of its charges."""
    (entry,) = (each for each in account.payment_plans.agreed if each.plan.id == id)
    for charge in account.ledger.items:
        if charge.kind != "invoice" and charge.id in entry.plan.waives:
            paid = [made for made in account.cash.in_force() if made.item == charge.id]
            yield Money(_to_waive(account, entry, charge, paid, on), charge.currency)


def cancel_plan(account: Account, command: CancelPlan, context: Context) -> Plan:
    """A plan that performs, given up from a day on; what is open of its items is owed as before."""
    state = _state(account, command.account, command.plan, "performing", context.today)
    _check_on(command.on, state.since, context.today)
    fact = PlanCancelled(
        plan=command.plan,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="cancelled", ids=(command.plan,))


def _state(account: Account, id: str, plan: str, status: str, today: dt.date) -> PlanState:
    for state in opened(account, id).view(today).payment_plans:
        if state.plan.id == plan and state.status == status:
            return state
    raise UnknownId(f"payment plan that is {status}", plan)


def _check_on(day: dt.date, since: dt.date, today: dt.date) -> None:
    if not since <= day <= today:
        raise InvalidValue("command.on", day.isoformat(), f"must be between {since} and today, {today}")


# What was waived on condition -----------------------------------------------------------------------------------------


def follow_plans(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: what a plan waives is waived while it performs and when it is completed, and owed otherwise."""
    waiving = [entry for entry in account.payment_plans.agreed if entry.plan.waives]
    if not waiving:
        return ()
    states = {state.plan.id: state for state in context.view(account).payment_plans}
    charges = {item.id: item for item in account.ledger.items if item.kind != "invoice"}
    return tuple(
        fact
        for entry in waiving
        if entry.plan.id in states
        for id in entry.plan.waives
        if id in charges
        for fact in _differences(account, entry, states[entry.plan.id], charges[id], context)
    )


def _differences(
    account: Account, entry: PlanEntry, state: PlanState, charge: Item, context: Context
) -> Iterator[Fact]:
    """What has to be recorded so that a charge is waived on the days on which its plan performed, and on no others.

    No more is waived than was open when the plan was agreed, since no more was approved: a payment that is returned later
    is owed again.
    """
    paid = [made for made in account.cash.in_force() if made.item == charge.id]
    freed = _freed(account, entry, state, charge, paid)
    for made in freed:
        yield AllocationUndone(allocation=made.id, effective_on=made.effective_on, recorded_at=context.now, by=BY)
    steps: dict[dt.date, int] = {}
    for start, end in state.stretches:
        waived = _to_waive(account, entry, charge, [made for made in paid if made not in freed], start)
        steps[start] = steps.get(start, 0) + waived
        if end is not None:
            steps[end] = steps.get(end, 0) - waived
    for each in account.payment_plans.waivers:
        if each.plan == entry.plan.id and each.charge == charge.id:
            steps[each.effective_on] = steps.get(each.effective_on, 0) - each.amount
    for day, minor in sorted(steps.items()):
        if minor:
            yield _waiver(entry, charge, day, minor, context)


def _freed(
    account: Account, entry: PlanEntry, state: PlanState, charge: Item, paid: Sequence[AllocationEntry]
) -> list[AllocationEntry]:
    """What was paid on what is waived, after the plan was agreed and for a day on which it performed: the last ones first.

    That was so when it seemed to be in default. It is on account again; what is not waived of the charge stays paid.
    """
    owed = charge.amount - _reduced(account, entry, charge, dt.date.max) - _most(entry, charge)
    over = sum(made.amount for made in paid) - owed
    found = []
    for made in reversed(paid):
        if over > 0 and made.recorded_at > entry.recorded_at and _performed(state, made.effective_on):
            found.append(made)
            over -= made.amount
    return found


def _performed(state: PlanState, day: dt.date) -> bool:
    return any(start <= day and (end is None or day < end) for start, end in state.stretches)


def _to_waive(account: Account, entry: PlanEntry, charge: Item, paid: Iterable[AllocationEntry], day: dt.date) -> int:
    """What would be open of a charge on a day if its plan waived nothing, as far as it was approved; in minor units."""
    less = _reduced(account, entry, charge, day) + sum(made.amount for made in paid if made.effective_on <= day)
    return min(_most(entry, charge), max(0, charge.amount - less))


def _reduced(account: Account, entry: PlanEntry, charge: Item, day: dt.date) -> int:
    """By how much a charge is less on a day without money, but for what its plan waives; in minor units."""
    reduced = sum(each.amount for each in account.cash.lasting() if each.item == charge.id and each.effective_on <= day)
    return reduced - sum(
        each.amount
        for each in account.payment_plans.waivers
        if each.charge == charge.id and each.plan == entry.plan.id and each.effective_on <= day
    )


def _most(entry: PlanEntry, charge: Item) -> int:
    """How much of a charge was approved to be waived, in minor units: all, where that was not recorded."""
    found = entry.most_waived(charge.id)
    return charge.amount if found is None else found


def _waiver(entry: PlanEntry, charge: Item, day: dt.date, minor: int, context: Context) -> Fact:
    kind, why = (ChargeWaived, "waives it") if minor > 0 else (ChargeReinstated, "was not kept")
    return kind(
        charge=charge.id,
        amount=Money(abs(minor), charge.currency),
        reason=f"payment plan {entry.plan.id} {why}",
        approver=entry.approver or BY,
        plan=entry.plan.id,
        effective_on=day,
        recorded_at=context.now,
        by=BY,
    )
