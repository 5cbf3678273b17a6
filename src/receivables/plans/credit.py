"""Plans about credit: limits, and what is decided about orders.

A reservation is decided and recorded in one commit. Where the customer belongs to a group, the group's account is
guarded: another reservation by any member moves its version, and the later of two at once is decided anew. What happens to
an order after that stands in `receivables.plans.credit_chain`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import attrs

from receivables.codec import policy_ref
from receivables.documents.credit import CreditLimit, Order
from receivables.documents.customer import Customer, group_account_id, group_of
from receivables.documents.reason import Reason
from receivables.errors import ClaimTaken, InvalidValue, RateUnavailable, UnknownId
from receivables.facts.credit import LimitSet, LimitWithdrawn, OrderHeld, OrderRefused, OrderReserved
from receivables.facts.fact import Fact
from receivables.plans.authority import authorize, needs_approver
from receivables.plans.credit_commands import ReleaseHeldOrder, ReserveOrder, SetLimit, WithdrawLimit
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.policies.book import NO_POLICY, PolicyBook
from receivables.policies.credit import CreditDecision, CreditOutcome, CreditPolicy, CreditStanding, GroupStanding
from receivables.policies.exposure import next_overdue_day
from receivables.policies.limits import Granted, base_on, granted_on
from receivables.state.account import Account, fold
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

_FACT_OF = {
    CreditOutcome.APPROVED: OrderReserved,
    CreditOutcome.WARNED: OrderReserved,
    CreditOutcome.HELD: OrderHeld,
    CreditOutcome.REFUSED: OrderRefused,
}


# Limits --------------------------------------------------------------------------------------------------------------


def set_limit(account: Account, command: SetLimit, context: Context) -> Plan:
    """A limit, effective from its first valid day.

    Errors: `InvalidValue` for a limit that contradicts itself or another one; those of `authorize`.
    """
    opened(account, command.account)
    limit = command.limit
    check_limit(account, limit, context)
    by = command.by or limit.maker
    approver = command.approver or limit.approver
    asked = attrs.evolve(command, by=by, approver=approver if by is not None else None)
    used = authorize(
        account, asked, context, "limit", level_of(account, limit, context), f"{limit.currency}/{limit.kind}"
    )
    fact = LimitSet(limit=limit, effective_on=limit.valid_from, recorded_at=context.now, by=command.by)
    return Plan(facts=(*used, fact))


def level_of(account: Account, limit: CreditLimit, context: Context) -> Money | None:
    """What a limit comes to on its highest day, with the base and the increases beside it: that is what takes authority.

    Ann may grant 5,000.00: she does not get to 10,000.00 by an increase of 5,000.00 on a base of 5,000.00, whether that was
    set or is what the customer inherits. ``None`` is without a bound; an insured part stands for itself.
    """
    if limit.kind == "insured" or limit.amount is None:
        return limit.amount
    found = [limit.amount]
    for day in _turning_days(account, limit):
        limits = (*account.credit.limits_on(day, None), limit)
        if limit.kind == "base" and base_on(limits, limit.currency, day) is not limit:
            continue
        granted = _granted(account, limits, limit.currency, day, context)
        if granted.origin == "none":
            continue
        if granted.limit is None:
            return None
        found.append(Money(granted.limit, limit.currency))
    return max(found, key=lambda amount: amount.minor)


def _turning_days(account: Account, limit: CreditLimit) -> set[dt.date]:
    """The days of a limit on which what it comes to may change: others begin or are withdrawn."""
    days = {limit.valid_from, *(each.effective_on for each in account.credit.limits)}
    return {day for day in days if limit.valid_from <= day <= (limit.valid_to or dt.date.max)}


def _granted(
    account: Account, limits: tuple[CreditLimit, ...], currency: Currency, day: dt.date, context: Context
) -> Granted:
    """The limit of a day, with what a customer without one of its own inherits from the defaults of its policy."""
    customer = context.view(account).customer
    policy = context.policies.credit_for(customer) if customer is not None else None
    defaults = policy.defaults if policy is not None else ()
    return granted_on(limits, currency, day, customer=customer, defaults=defaults)


def check_limit(account: Account, limit: CreditLimit, context: Context) -> None:
    """That a limit contradicts neither itself nor another one; `InvalidValue` where it does."""
    _check_review(limit)
    _check_overlaps(account, limit, context)


def _check_review(limit: CreditLimit) -> None:
    review_on = limit.review_on
    if review_on is None:
        return
    if review_on < limit.valid_from:
        raise InvalidValue("limit.review_on", review_on.isoformat(), f"must not be before {limit.valid_from}")
    if limit.valid_to is not None and review_on > limit.valid_to:
        raise InvalidValue("limit.review_on", review_on.isoformat(), f"must not be after its end, {limit.valid_to}")


def _check_overlaps(account: Account, limit: CreditLimit, context: Context) -> None:
    """That it is clear which of two limits of a kind holds on every day.

    A later one replaces an earlier one from its first day on. One that ends before the earlier one would leaves the days
    after its end to both and to neither, whichever of them was set first; and a policy can ask that an earlier one is ended or
    withdrawn first.
    """
    if limit.kind == "temporary":
        return  # increases add up
    customer = context.view(account).customer
    policy = context.policies.credit_for(customer) if customer is not None else None
    limits = account.credit.limits_on(dt.date.max, None)
    for other in limits:
        if (other.kind, other.currency) != (limit.kind, limit.currency) or not _overlap(limit, other):
            continue
        if base_on(limits, other.currency, other.valid_from, other.kind) is not other:
            continue  # another one was set for its first day since
        if policy is not None and policy.overlaps == "refuse":
            raise InvalidValue("limit.valid_from", limit.valid_from.isoformat(), f"must not overlap {_period(other)}")
        if _is_inside(limit, other):
            raise InvalidValue(
                "limit.valid_to", str(limit.valid_to), f"must not end within {_period(other)}, which does not come back"
            )
        if _is_inside(other, limit):
            raise InvalidValue(
                "limit.valid_to", str(limit.valid_to), f"must not be after {_period(other)}: it does not come back then"
            )


def _overlap(one: CreditLimit, other: CreditLimit) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def _is_inside(limit: CreditLimit, other: CreditLimit) -> bool:
    """Whether a limit begins after another one and ends before it: a stated end against a later stated end."""
    return (
        limit.valid_from > other.valid_from
        and limit.valid_to is not None
        and other.valid_to is not None
        and limit.valid_to < other.valid_to
    )


def _period(limit: CreditLimit) -> str:
    end = f"to {limit.valid_to}" if limit.valid_to is not None else "on"
    return f"the {limit.kind} limit from {limit.valid_from} {end}"


def withdraw_limit(account: Account, command: WithdrawLimit, context: Context) -> Plan:
    """All limits of a kind in a currency taken back from a day on.

    Errors: `UnknownId` where none is set; `InvalidValue` for a day before today; those of `authorize`.
    """
    opened(account, command.account)
    currency = Currency.of(command.currency)
    mine = [each for each in account.credit.limits_on(dt.date.max, None) if each.kind == command.kind]
    if all(each.currency != currency for each in mine):
        raise UnknownId(f"{command.kind} limit", currency.code)
    if command.on < context.today:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before today, {context.today}")
    used = authorize(account, command, context, "limit", None, f"withdraw {currency}/{command.kind}")
    fact = LimitWithdrawn(
        currency=currency,
        kind=command.kind,
        approver=command.approver,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*used, fact))


# Orders --------------------------------------------------------------------------------------------------------------


def reserve_order(account: Account, command: ReserveOrder, context: Context) -> Plan:
    """The decision about an order as a fact; where it is approved the order reserves its amount.

    An order that is held may be asked for again, unchanged: it is decided anew. Any other order of its id is `ClaimTaken`.
    `RateUnavailable` where a currency cannot be compared with the limit.
    """
    order = command.order
    opened(account, command.account)
    if order.placed_on > context.today:
        raise InvalidValue("order.placed_on", order.placed_on.isoformat(), f"must not be after today, {context.today}")
    view = context.view(account)
    again = account.credit.decided(order.id) is not None
    if again and not any(held.order == order and held.status == "held" for held in view.orders):
        raise ClaimTaken("order", order.id, account.id)
    decision = decide(account, order, context)
    fact = decided_fact(order, decision, context, command.by, on=context.today if again else None)
    return Plan(
        facts=(fact,),
        claims=() if again else (Claim("order", f"{account.id}/{order.id}"),),
        guards=guards_of(view.customer),
        outcome=decision.outcome.value,
        reasons=decision.reasons,
        ids=(order.id,),
    )


def release_held_order(account: Account, command: ReleaseHeldOrder, context: Context) -> Plan:
    """A held order let go by a person, against the reasons that hold it now; they stand in its record.

    The authority is asked for the shortfall where limits alone hold it, and where anything else does for the order. One that
    nothing holds any more is approved like any other.

    Errors: `UnknownId` for an order that is not held, `InvalidValue` without an approver where no policy says who may do it
    alone, `RateUnavailable`, those of `authorize`.
    """
    view = context.view(opened(account, command.account))
    order = next((each.order for each in view.orders if each.order.id == command.order and each.status == "held"), None)
    if order is None:
        raise UnknownId("held order", command.order)
    decision = decide(account, order, context)
    used: tuple[Fact, ...] = ()
    if not decision.approved:
        if command.approver is None and needs_approver(account, context, "order_release"):
            raise InvalidValue("command.approver", None, "must name the person who agrees")
        used = authorize(account, command, context, "order_release", _at_stake(decision, order), order.id)
    fact = OrderReserved(
        order=order,
        policy=policy_ref(credit_policy(view, context)),
        reasons=decision.reasons,
        record=decision.standing.record(
            overrode=() if decision.approved else decision.reasons,
            approver=None if decision.approved else command.approver,
            because="" if decision.approved else command.reason,
        ),
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(
        facts=(*used, fact),
        guards=guards_of(view.customer),
        outcome=decision.outcome.value if decision.approved else "released",
        reasons=decision.reasons,
        ids=(order.id,),
    )


def _at_stake(decision: CreditDecision, order: Order) -> Money:
    """The largest shortfall; where anything but a limit holds the order, no less than the whole order.

    An order of 1,000.00 that exceeds the limit by 1.00 takes authority for 1.00, and for 1,000.00 where an overdue item holds
    it as well: one more reason never takes less. A draft that is dropped, and a delivery that is credited, are reserved again.
    """
    standing = decision.standing
    short = [each.amount for each in decision.reasons if each.amount is not None and _is_short(each)]
    others = any(standing.blocks_by(each.code) for each in decision.reasons if not _is_short(each))
    asked = [order.amount] if others or not short else []
    return standing.largest((*short, *asked))


def _is_short(reason: Reason) -> bool:
    return reason.code.endswith(("limit_exceeded", "sub_limit"))


def decide(account: Account, order: Order, context: Context, amount: int | None = None) -> CreditDecision:
    """The answer to so much of an order, or to what is not delivered and not invoiced of it, on the account as it stands.

    Errors: `RateUnavailable`, `UnknownId` without a credit policy.
    """
    currency = order.amount.currency
    standing = standing_for(context.view(account), currency, context)
    _check_rates(standing, context)
    asked = Money(to_decide(account, order, context.today) if amount is None else amount, currency)
    return standing.decide(attrs.evolve(order, amount=asked)) if asked.minor else standing.check(asked)


def to_decide(account: Account, order: Order, day: dt.date) -> int:
    """What of an order its reservation adds to the exposure: what was delivered or drafted counts already."""
    if account.credit.decided(order.id) is None:
        return order.amount.minor
    return account.credit.parts_of(order, day, None).ordered


def decided_fact(
    order: Order, decision: CreditDecision, context: Context, by: str | None = None, on: dt.date | None = None
) -> Fact:
    """The fact that records a decision, with what it was based on.

    It is effective on the day of the order, or ``on`` a later day: an order that was held reserves nothing before it is
    freed.
    """
    policy = decision.standing.policy
    assert isinstance(policy, CreditPolicy)
    return _FACT_OF[decision.outcome](
        order=order,
        policy=policy_ref(policy),
        reasons=decision.reasons,
        record=decision.standing.record(),
        effective_on=on or order.placed_on,
        recorded_at=context.now,
        by=by,
    )


def standing_for(view: View, currency: Currency, context: Context) -> CreditStanding:
    """Where an account stands in a currency, with its group, by the rates at hand."""
    policy = credit_policy(view, context)
    return policy.standing(view, currency, group_standing(view, currency, policy, context), context.rates)


def group_standing(view: View, currency: Currency, policy: CreditPolicy, context: Context) -> GroupStanding | None:
    """The group's limit and what all its members use of it; ``None`` where the customer has no group."""
    group = view.customer.group if view.customer else None
    return used_by_group(group, view, currency, policy, context) if group is not None else None


def used_by_group(
    group: str, view: View, currency: Currency, policy: CreditPolicy, context: Context
) -> GroupStanding | None:
    """As `group_standing`, of any group whose accounts are at hand; ``view`` is the account that is decided about."""
    common = context.relatives.get(group_account_id(group))
    if common is None or not common.profile.entries:
        return None
    members = _members(view, group, context)
    return policy.group_standing(group, context.relative(common.id), tuple(members), currency, context.rates)


def _members(view: View, group: str, context: Context) -> Iterator[View]:
    """The views of all members, the account itself as it stands now."""
    if view.account not in context.relatives:
        yield view
    for id in context.relatives:
        member = view if id == view.account else context.relative(id)
        if member.customer is not None and member.customer.group == group:
            yield member


def _check_rates(standing: CreditStanding, context: Context) -> None:
    for reason in standing.blocks:
        if reason.code in ("rate_missing", "rate_stale"):
            codes = {each.currency.code for each in standing.used} | {standing.currency.code}
            wanted = standing.limit_currency.code
            raise RateUnavailable(reason.code, (*sorted(codes - {wanted}), wanted), context.today, reason.days)


def credit_policy(view: View, context: Context) -> CreditPolicy:
    """The policy of a customer, or `UnknownId`."""
    policy = context.policies.credit_for(view.customer) if view.customer else None
    if policy is None:
        raise UnknownId("credit policy for account", view.account, NO_POLICY)
    return policy


def guards_of(customer: Customer | None) -> tuple[str, ...]:
    """The account of the group, which every reservation by a member moves."""
    return (group_account_id(customer.group),) if customer and customer.group else ()


def groups_of(account: Account, changed: Iterable[Customer] = ()) -> list[str]:
    """Every group that a customer was, is or will be in; of the account of a group, that group."""
    found = {each.group for each in changed if each.group is not None}
    for entry in account.profile.entries:
        group = group_of(entry.account) if entry.customer is None else entry.customer.group
        found |= {group} if group is not None else set()
    return sorted(found)


def looks_at_group(account: Account, policies: PolicyBook) -> bool:
    """Whether the run of a day needs the accounts of the whole group: a held order of a member waits, or the group is watched."""
    if watched_by(account, policies) is not None:
        return True
    waits = any(entry.status == "held" for entry in account.credit.orders)
    return waits and bool(groups_of(account))


def watched_by(account: Account, policies: PolicyBook) -> CreditPolicy | None:
    """The policy by which the limit of a group is watched; ``None`` for all that is no account of a group with a limit."""
    if not account.credit.limits or any(entry.customer is not None for entry in account.profile.entries):
        return None
    policy = policies.credit_for(Customer(id=account.id)) if account.profile.entries else None
    return policy if policy is not None and policy.alert_percents else None


def next_free_day(view: View, policies: PolicyBook) -> dt.date | None:
    """The next day on which time alone can free a held order; early is harmless, late is a defect.

    A hold is over, a payment that came back or a promise that was broken is long enough ago, a class that a person gave lapses,
    an item changes from open to overdue where the two count differently. Everything else that time does makes it worse, or is
    a fact of a later day; rates and the other members of a group are looked at every day.
    """
    customer = view.customer
    policy = policies.credit_for(customer) if customer is not None else None
    if policy is None or customer is None or all(order.status != "held" for order in view.orders):
        return None
    if customer.group is not None or policy.limit_currency is not None:
        return view.as_of
    return min((day for day in _relief_days(view, policy) if day > view.as_of), default=None)


def _relief_days(view: View, policy: CreditPolicy) -> Iterator[dt.date]:
    """The days from which something that stops orders, or may, is over."""
    yield from (_after(hold.until, 0) for hold in view.holds if "credit" in hold.stops and hold.until is not None)
    yield from (_after(day, policy.returned_payment_days or 0) for _, day in view.returned)
    yield from (_after(each.decided_on, policy.promise_days) for each in view.promises if each.decided_on is not None)
    override = view.risk.override
    if override is not None and override.until is not None:
        yield _after(override.until, 0)
    if len(policy.counted & _DUE) == 1 or any(component == "open" for component, _ in policy.parts):
        found = next_overdue_day(view, policy.overdue_margin_days)
        yield from () if found is None else (found,)


_DUE = frozenset({"open", "overdue"})


def _after(day: dt.date, days: int) -> dt.date:
    """The first day that is more than so many days later, or the last day that there is."""
    return day + dt.timedelta(days=days + 1) if (dt.date.max - day).days > days else dt.date.max


def recheck(account: Account, context: Context, orders: Sequence[Order]) -> Iterator[Fact]:
    """The facts that reserve those of some held orders that fit now, each on what the one before left."""
    for order in orders:
        try:
            decision = decide(account, order, context)
        except RateUnavailable:
            continue
        if decision.approved:
            fact = decided_fact(order, decision, context, on=context.today)
            yield fact
            account = fold((fact,), account)
