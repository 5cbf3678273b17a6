"""Plans about credit: limits and orders.

A reservation is decided and recorded in one commit. Where the customer belongs to a group, the group's account is
guarded: another reservation by any member moves its version, and the later of two at once is decided anew.
"""

from __future__ import annotations

import datetime as dt

from receivables.codec import policy_ref
from receivables.documents.credit import Order
from receivables.documents.customer import Customer, group_account_id
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.credit import (
    LimitSet,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReserved,
)
from receivables.facts.fact import Fact
from receivables.plans.commands import ReleaseOrder, ReserveOrder, SetLimit
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.policies.credit import (
    CreditDecision,
    CreditOutcome,
    CreditPolicy,
    GroupStanding,
    exposure_of,
    limit_on,
)
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

_FACT_OF = {
    CreditOutcome.APPROVED: OrderReserved,
    CreditOutcome.WARNED: OrderReserved,
    CreditOutcome.HELD: OrderHeld,
    CreditOutcome.REFUSED: OrderRefused,
}


def set_limit(account: Account, command: SetLimit, context: Context) -> Plan:
    """A limit, effective from its first valid day."""
    opened(account, command.account)
    limit = command.limit
    fact = LimitSet(limit=limit, effective_on=limit.valid_from, recorded_at=context.now, by=command.by)
    return Plan(facts=(fact,))


def reserve_order(account: Account, command: ReserveOrder, context: Context) -> Plan:
    """The decision about an order as a fact; where it is approved the order reserves its amount.

    An order that is held may be asked for again, unchanged: it is decided anew. Any other order of its id is `ClaimTaken`.
    """
    order = command.order
    opened(account, command.account)
    if order.placed_on > context.today:
        raise InvalidValue("order.placed_on", order.placed_on.isoformat(), f"must not be after today, {context.today}")
    view = context.view(account)
    again = any(entry.order.id == order.id for entry in account.credit.orders)
    if again and not any(held.order == order and held.status == "held" for held in view.orders):
        raise ClaimTaken("order", order.id, account.id)
    decision, fact = decide(view, order, context, command.by, on=context.today if again else None)
    return Plan(
        facts=(fact,),
        claims=() if again else (Claim("order", f"{account.id}/{order.id}"),),
        guards=_guards(view.customer),
        outcome=decision.outcome.value,
        reasons=decision.reasons,
        ids=(order.id,),
    )


def decide(
    view: View, order: Order, context: Context, by: str | None = None, on: dt.date | None = None
) -> tuple[CreditDecision, Fact]:
    """The answer to an order on the account as it stands, and the fact that records it.

    It is effective on the day of the order, or ``on`` a later day: an order that was held reserves nothing before it is
    freed.
    """
    policy = _policy(view, context)
    group = group_standing(view, order.amount.currency, policy, context)
    decision = policy.standing(view, order.amount.currency, group).check(order.amount)
    fact = _FACT_OF[decision.outcome](
        order=order,
        policy=policy_ref(policy),
        reasons=decision.reasons,
        effective_on=on or order.placed_on,
        recorded_at=context.now,
        by=by,
    )
    return decision, fact


def group_standing(view: View, currency: Currency, policy: CreditPolicy, context: Context) -> GroupStanding | None:
    """The group's limit and what all its members use of it; ``None`` where the customer has no group."""
    group = view.customer.group if view.customer else None
    if group is None:
        return None
    common = context.relatives.get(group_account_id(group))
    if common is None or not common.profile.entries:
        return None
    limit, _ = limit_on(common.view(context.today).limits, currency, context.today)
    members = [each.view(context.today) for id, each in context.relatives.items() if id != common.id]
    used = [
        exposure_of(member, currency, orders=policy.count_orders, less_on_account=policy.less_on_account)
        for member in members
        if member.customer is not None and member.customer.group == group
    ]
    return GroupStanding(group=group, limit=limit.minor if isinstance(limit, Money) else None, exposure=sum(used))


def _policy(view: View, context: Context) -> CreditPolicy:
    policy = context.policies.credit_for(view.customer) if view.customer else None
    if policy is None:
        raise UnknownId("credit policy for account", view.account)
    return policy


def _guards(customer: Customer | None) -> tuple[str, ...]:
    return (group_account_id(customer.group),) if customer and customer.group else ()


def release_order(account: Account, command: ReleaseOrder, context: Context) -> Plan:
    """What is left of an order, given up: a reserved order frees it, a held one is closed."""
    opened(account, command.account)
    orders = {open_.order.id: open_ for open_ in account.view(context.today).orders}
    closed = {entry.order for entry in account.credit.moves if entry.closes}  # some of them on a later day
    if command.order not in orders or command.order in closed:
        raise UnknownId("open order", command.order)
    left = orders[command.order]
    fact = OrderReleased(
        order=command.order,
        amount=Money(left.reserved, left.order.amount.currency),
        closes=True,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(command.order,))
