"""Plans about promises to pay: make one, take one back. Nobody records that a promise was kept: the payments say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from receivables.documents.promise import Promise
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.plans.commands import MakePromise, WithdrawPromise
from receivables.plans.dispute import check_day, undisputed_of
from receivables.plans.invoice import item_of
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.state.promise import PromiseState
from receivables.values.dates import Roll, add_days, roll
from receivables.values.money import Money

NOT_KEPT = frozenset({"broken", "partly_kept"})


def make_promise(account: Account, command: MakePromise, context: Context) -> Plan:
    """A promise on open items, its last day worked out with the calendar that it names.

    Another promise on an item whose last one was not kept needs an approver who is not the one who asks. What a payment
    plan covers that performs is promised already.
    """
    promise = command.promise
    opened(account, command.account)
    if any(entry.promise.id == promise.id for entry in account.promises.made):
        raise ClaimTaken("promise", promise.id, account.id)
    view = context.view(account)
    planned = {item: state.plan.id for state in view.payment_plans if state.performs for item in state.plan.items}
    items = _items(account, promise, planned)
    check_day("promise.made_on", promise.made_on, items, context)
    if promise.pay_by < context.today:
        raise InvalidValue("promise.pay_by", promise.pay_by.isoformat(), f"must not be before today, {context.today}")
    states = view.promises
    _check_room(account, promise, items, states)
    _check_approver(command, items, states)
    fact = PromiseMade(
        promise=promise,
        items=tuple(item.id for item in items),
        last_day=last_day(promise, context),
        approver=command.approver,
        effective_on=promise.made_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="promised", ids=(promise.id,))


def last_day(promise: Promise, context: Context) -> dt.date:
    """The day up to which a payment keeps the promise: the next business day of its calendar, and its tolerance.

    `InvalidValue` where the calendar of the world ends before.
    """
    day = promise.pay_by
    if promise.calendar is not None:
        calendar = context.calendars.get(promise.calendar)
        if calendar is None:
            raise UnknownId("calendar", promise.calendar)
        day = roll(day, Roll.FOLLOWING, calendar)
    return add_days(day, promise.tolerance_days)


def _items(account: Account, promise: Promise, planned: Mapping[str, str]) -> tuple[Item, ...]:
    """The items that are named, or all that are open; what a plan that performs covers is promised already."""
    for id in promise.items:
        if id in planned:
            raise InvalidValue("promise.items", id, f"must not be in a payment plan: {planned[id]!r} performs")
    if promise.items:
        return tuple(item_of(account, id) for id in promise.items)
    currency = promise.amount.currency
    mine = [item for item in account.ledger.items if item.currency == currency and item.id not in planned]
    free = undisputed_of(account, mine)
    found = [item for item in mine if free[item.id]]
    if not found:
        raise UnknownId("open item in", currency.code)
    return tuple(found)


def _check_room(account: Account, promise: Promise, items: tuple[Item, ...], states: tuple[PromiseState, ...]) -> None:
    """That no more is promised than is open, not disputed, and not promised already."""
    for item in items:
        if item.currency != promise.amount.currency:
            raise CurrencyMismatch(promise.amount, item.original)
    ids = {item.id for item in items}
    promised = sum(state.left for state in states if state.status == "open" and ids & set(state.items))
    room = sum(undisputed_of(account, items).values()) - promised
    if promise.amount.minor > room:
        raise OverApplied("items", ", ".join(sorted(ids)), promise.amount, Money(max(0, room), promise.amount.currency))


def _check_approver(command: MakePromise, items: tuple[Item, ...], states: tuple[PromiseState, ...]) -> None:
    check_approver(command.by, command.approver)
    ids = {item.id for item in items}
    broken = [state.promise.id for state in states if state.status in NOT_KEPT and ids & set(state.items)]
    if broken and command.approver is None:
        raise InvalidValue("command.approver", None, f"must be given after promise {broken[-1]!r}, which was not kept")


def withdraw_promise(account: Account, command: WithdrawPromise, context: Context) -> Plan:
    """A promise taken back while it is open."""
    opened(account, command.account)
    states = {state.promise.id: state for state in account.view(max(context.today, command.on)).promises}
    state = states.get(command.promise)
    withdrawn = {entry.promise for entry in account.promises.withdrawals}
    if state is None or state.status != "open" or command.promise in withdrawn:
        raise UnknownId("open promise", command.promise)
    if command.on < state.promise.made_on:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before {state.promise.made_on}")
    fact = PromiseWithdrawn(
        promise=command.promise,
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="withdrawn", ids=(command.promise,))
