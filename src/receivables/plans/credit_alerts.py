"""What staff is told about limits: that the use of one passed a share that the policy names, and that it is below again.

1. One alert when a share is passed and one when that is over, in turns, however often the account is looked at.
2. An alert that still waits when it is not so any more is taken back, and nothing is said of it.
3. The use of a limit is that of the account alone, by the rates at hand: without a rate nothing is said.
4. The limit of a group is used by all its members together. What is said of it stands on the group's own account, so that it is
   said once whichever member moves: in the same commit by a decision about an order of a member, which looks at the whole group
   and guards it, and by the run of the day, which loads the members of every group that is watched. Shares and what counts are
   those of the policy that the book gives for the group's account.
5. Of accounts that became one the last word of any counts, of one instant that of the account which has the others.

What was told is read from the notices, so nothing else is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from itertools import count
from typing import Any, NamedTuple

import attrs

from receivables.codec import digest
from receivables.documents.customer import Customer, group_account_id, group_of
from receivables.documents.notice import Notice, NoticeLine
from receivables.facts.dunning import NoticeCancelled, NoticeQueued
from receivables.facts.fact import Fact
from receivables.plans.credit import used_by_group, watched_by
from receivables.plans.plan import Context, Plan
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy, CreditStanding, GroupStanding
from receivables.policies.exposure import next_overdue_day
from receivables.state.account import Account, fold
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

CROSSED, CLEARED = "credit_threshold_crossed", "credit_threshold_cleared"
"""The templates of the two alerts."""

_DAY = dt.timedelta(days=1)
_DUE = frozenset({"open", "overdue"})


def alert_on_limits(account: Account, policies: PolicyBook, context: Context) -> Sequence[Fact]:
    """A consequence: the alerts that are to be sent, and those that wait and are to be taken back."""
    watched = watched_by(account, policies)
    if watched is not None:
        return alert_on_group(account, context.view(account), watched, context)
    policy = _policy(account, policies)
    if policy is None or not policy.alert_percents:
        return ()
    view = context.view(account)
    told = _told(account, view.account)
    found: list[Fact] = []
    for currency in _currencies(policy, view, told):
        standing = policy.standing(view, currency, rates=context.rates)
        if all(each.code not in ("rate_missing", "rate_stale") for each in standing.blocks):
            found += _follow_all(view, standing, currency, policy, told, context)
    return found


Planner = Callable[[Account, Any, Context], Plan]


def telling_of_group(decide: Planner) -> Planner:
    """A plan about an order, with what staff is then told of the limit of the customer's group, on the group's account."""

    @wraps(decide)
    def decided(account: Account, command: Any, context: Context) -> Plan:
        plan = decide(account, command, context)
        view = context.view(account)
        group = group_account_id(view.customer.group) if view.customer and view.customer.group else None
        common = context.relatives.get(group) if group is not None and plan.facts else None
        policy = watched_by(common, context.policies) if common is not None else None
        if group is None or common is None or policy is None:
            return plan
        told = alert_on_group(common, context.view(fold(plan.facts, account)), policy, context)
        return attrs.evolve(plan, others={**plan.others, group: told}) if told else plan

    return decided


def alert_on_group(common: Account, own: View, policy: CreditPolicy, context: Context) -> tuple[Fact, ...]:
    """What is to be said of the limit of a group; ``own`` is the account that is decided about as it stands now.

    Nothing where the members are not at hand: a command about the group itself does not load them.
    """
    if common.id not in context.relatives:
        return ()
    view, group = context.relative(common.id), group_of(common.id) or ""
    told = _told(common, common.id)
    found: list[Fact] = []
    for currency in _currencies_of_group(policy, view, told):
        standing = used_by_group(group, own, currency, policy, context)
        if standing is not None and standing.reason is None:
            found += _follow_all(view, standing, currency, policy, told, context)
    return tuple(found)


def _currencies_of_group(policy: CreditPolicy, view: View, told: Mapping[str, Sequence[_Told]]) -> Iterable[Currency]:
    """Those in which the group has a limit, and those of which staff was told."""
    if policy.limit_currency is not None:
        return (policy.limit_currency,)
    return _sorted({limit.currency for limit in view.limits} | _spoken_of(told))


def _currencies(policy: CreditPolicy, view: View, told: Mapping[str, Sequence[_Told]]) -> Iterable[Currency]:
    """Those in which the use of a limit can be told, and those of which staff was told: limit and use may both be gone."""
    if policy.limit_currency is not None:
        return (policy.limit_currency,)
    return _sorted({*policy.limited_in(view), *_spoken_of(told)})


def _spoken_of(told: Mapping[str, Sequence[_Told]]) -> set[Currency]:
    return {each.notice.currency for said in told.values() for each in said}


def _sorted(currencies: Iterable[Currency]) -> list[Currency]:
    return sorted(currencies, key=lambda currency: currency.code)


def is_above(standing: CreditStanding | GroupStanding, percent: int) -> bool:
    """Whether more than a share of the limit is used; of a limit of zero, anything is more."""
    return standing.limit is not None and 100 * standing.exposure > percent * standing.limit


def _policy(account: Account, policies: PolicyBook) -> CreditPolicy | None:
    customer = next((entry.customer for entry in reversed(account.profile.entries)), None)
    return policies.credit_for(customer) if customer is not None else None


class _Told(NamedTuple):
    """An alert, and what became of it."""

    notice: Notice
    status: str


def _told(account: Account, id: str) -> dict[str, list[_Told]]:
    """The alerts by subject, in the order in which they were queued; of one instant those of the account itself last."""
    last = {event.notice: event.status for event in account.dunning.events}
    found: dict[str, list[_Told]] = {}
    said = [entry for entry in account.dunning.notices if _is_about_limits(entry.notice)]
    for entry in sorted(said, key=lambda each: (each.recorded_at, each.notice.account == id)):
        status = last.get(entry.notice.key, entry.first_status)
        found.setdefault(entry.notice.lines[0].step or "", []).append(_Told(entry.notice, status))
    return found


def _is_about_limits(notice: Notice) -> bool:
    return notice.audience == "staff" and notice.template in (CROSSED, CLEARED)


def _follow_all(
    view: View,
    standing: CreditStanding | GroupStanding,
    currency: Currency,
    policy: CreditPolicy,
    told: Mapping[str, Sequence[_Told]],
    context: Context,
) -> Iterator[Fact]:
    """What is to be said about the use of a limit in a currency, share by share."""
    used = Money(max(0, standing.exposure), currency)
    for percent in policy.alert_percents:
        subject = f"{currency}/{percent}"
        yield from _follow(view, used, subject, is_above(standing, percent), told.get(subject, ()), context)


def _follow(
    view: View, used: Money, subject: str, above: bool, told: Sequence[_Told], context: Context
) -> Iterator[Fact]:
    """What is to be said about one share: nothing where the last word is still true."""
    last = next((each for each in reversed(told) if each.status != "cancelled"), None)
    if (last is not None and last.notice.template == CROSSED) == above:
        return
    if last is not None and last.status == "queued":
        yield NoticeCancelled(
            notice=last.notice.key, reason="not so any more", effective_on=context.today, recorded_at=context.now
        )
        return
    template = CROSSED if above else CLEARED
    key = _new_key((view.account, template, subject), told)
    notice = _notice(view, used, subject, template, key, context)
    yield NoticeQueued(notice=notice, effective_on=context.today, recorded_at=context.now, by="alerts")


def _new_key(names: tuple[str, ...], told: Sequence[_Told]) -> str:
    """A key that counts how often the share was told of; what was told with another account may be gone with it."""
    used = {each.notice.key for each in told}
    keys = (digest((*names, str(again))) for again in count(len(told)))
    return next(key for key in keys if key not in used)


def _notice(view: View, used: Money, subject: str, template: str, key: str, context: Context) -> Notice:
    """The alert, with what is used of the limit."""
    customer = view.customer or Customer(id=view.account)  # the account of a group has no customer
    line = NoticeLine(
        item=view.account,
        document=str(used.currency),
        amount=used,
        due_on=context.today,
        ladder_from=context.today,
        step=subject,
    )
    return Notice(
        key=key,
        account=view.account,
        customer=customer.id,
        currency=used.currency,
        channel="staff",
        language=customer.language,
        template=template,
        as_of=context.today,
        lines=(line,),
        audience="staff",
    )


def next_limit_day(account: Account, view: View, policies: PolicyBook) -> dt.date | None:
    """The next day on which time alone changes what is used of a limit, or the limit; early is harmless, late is a defect.

    What begins later is found with all other facts that are not in effect yet. A group that is watched is looked at every day,
    because any of its members may have moved.
    """
    if watched_by(account, policies) is not None:
        return view.as_of
    policy = _policy(account, policies)
    if policy is None or not policy.alert_percents:
        return None
    ends = (each.valid_to for each in view.limits if each.valid_to is not None and each.valid_to < dt.date.max)
    days = [end + _DAY for end in ends]
    if policy.horizon_days is not None:
        horizon = policy.horizon_days
        wanted = (each.order.deliver_on for each in view.orders if each.order.deliver_on is not None)
        days += [day - dt.timedelta(days=horizon) for day in wanted if (day - view.as_of).days > horizon]
    if len(policy.counted & _DUE) == 1:
        due = next_overdue_day(view, policy.overdue_margin_days)
        days += [] if due is None else [due]
    return min((day for day in days if day > view.as_of), default=None)
