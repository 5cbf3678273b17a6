"""What staff is told about limits: that the use of one passed a share that the policy names, and that it is below again.

1. One alert when a share is passed and one when that is over, in turns, however often the account is looked at.
2. An alert that still waits when it is not so any more is taken back, and nothing is said of it.
3. The use of a limit is that of the account alone, by the rates at hand: without a rate nothing is said.

What was told is read from the notices, so nothing else is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from receivables.codec import digest
from receivables.documents.notice import Notice, NoticeLine
from receivables.facts.dunning import NoticeCancelled, NoticeQueued
from receivables.facts.fact import Fact
from receivables.plans.plan import Context
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy, CreditStanding
from receivables.policies.exposure import next_overdue_day
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values.money import Money

CROSSED, CLEARED = "credit_threshold_crossed", "credit_threshold_cleared"
"""The templates of the two alerts."""

_DAY = dt.timedelta(days=1)
_DUE = frozenset({"open", "overdue"})


def alert_on_limits(account: Account, policies: PolicyBook, context: Context) -> Sequence[Fact]:
    """A consequence: the alerts that are to be sent, and those that wait and are to be taken back."""
    policy = _policy(account, policies)
    if policy is None or not policy.alert_percents:
        return ()
    view = context.view(account)
    told = _told(account)
    found: list[Fact] = []
    for currency in policy.limited_in(view):
        standing = policy.standing(view, currency, rates=context.rates)
        if all(each.code not in ("rate_missing", "rate_stale") for each in standing.blocks):
            for percent in policy.alert_percents:
                subject = f"{currency}/{percent}"
                found += _follow(view, standing, subject, is_above(standing, percent), told.get(subject, []), context)
    return found


def is_above(standing: CreditStanding, percent: int) -> bool:
    """Whether more than a share of the limit is used; of a limit of zero, anything is more."""
    return standing.limit is not None and 100 * standing.exposure > percent * standing.limit


def _policy(account: Account, policies: PolicyBook) -> CreditPolicy | None:
    customer = next((entry.customer for entry in reversed(account.profile.entries)), None)
    return policies.credit_for(customer) if customer is not None else None


_Told = tuple[str, str, str]
"""An alert as its key, its template and what became of it."""


def _told(account: Account) -> dict[str, list[_Told]]:
    """The alerts by subject, in the order in which they were queued."""
    last = {event.notice: event.status for event in account.dunning.events}
    found: dict[str, list[_Told]] = {}
    for entry in account.dunning.notices:
        notice = entry.notice
        if notice.audience == "staff" and notice.template in (CROSSED, CLEARED):
            status = last.get(notice.key, entry.first_status)
            found.setdefault(notice.lines[0].step or "", []).append((notice.key, notice.template, status))
    return found


def _follow(
    view: View, standing: CreditStanding, subject: str, above: bool, told: Sequence[_Told], context: Context
) -> Iterator[Fact]:
    """What is to be said about one share: nothing where the last word is still true."""
    said = [each for each in told if each[2] != "cancelled"]
    key, template, status = said[-1] if said else ("", CLEARED, "")
    if (template == CROSSED) == above:
        return
    if status == "queued":
        yield NoticeCancelled(notice=key, reason="not so any more", effective_on=context.today, recorded_at=context.now)
        return
    template = CROSSED if above else CLEARED
    notice = _notice(view, standing, subject, template, len(told), context)
    yield NoticeQueued(notice=notice, effective_on=context.today, recorded_at=context.now, by="alerts")


def _notice(view: View, standing: CreditStanding, subject: str, template: str, again: int, context: Context) -> Notice:
    """The alert, with what is used of the limit; its key counts how often the share was told of."""
    customer = view.customer
    assert customer is not None  # only a customer has a credit policy
    line = NoticeLine(
        item=view.account,
        document=str(standing.limit_currency),
        amount=Money(max(0, standing.exposure), standing.limit_currency),
        due_on=context.today,
        ladder_from=context.today,
        step=subject,
    )
    return Notice(
        key=digest((view.account, template, subject, str(again))),
        account=view.account,
        customer=customer.id,
        currency=standing.limit_currency,
        channel="staff",
        language=customer.language,
        template=template,
        as_of=context.today,
        lines=(line,),
        audience="staff",
    )


def next_limit_day(account: Account, view: View, policies: PolicyBook) -> dt.date | None:
    """The next day on which time alone changes what is used of a limit, or the limit; early is harmless, late is a defect.

    What begins later is found with all other facts that are not in effect yet.
    """
    policy = _policy(account, policies)
    if policy is None or not policy.alert_percents:
        return None
    ends = (each.valid_to for each in view.limits if each.valid_to is not None and each.valid_to < dt.date.max)
    days = [end + _DAY for end in ends]
    if policy.horizon_days is not None:
        wanted = (each.order.deliver_on for each in view.orders if each.order.deliver_on is not None)
        days += [day - dt.timedelta(days=policy.horizon_days) for day in wanted]
    if len(policy.counted & _DUE) == 1:
        due = next_overdue_day(view, policy.overdue_margin_days)
        days += [] if due is None else [due]
        late = policy.overdue_margin_days + 1
        days += [dt.date.fromordinal(each.plan_due) + dt.timedelta(days=late) for each in view.replanned]
    return min((day for day in days if day > view.as_of), default=None)
