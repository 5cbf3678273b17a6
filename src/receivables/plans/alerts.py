"""Alerts to the creditor's own people, through the same outbox as letters: once each, and only while they are so.

What they are about is read from the view: a promise that was not kept, a plan in default, a dispute that grows old, a
payment that was announced and neither came nor failed, a claim about to lapse, a request for approval. An alert that waits and turns out not to be so (a payment became known) is taken back; one that went
out is not sent again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from receivables.codec import digest
from receivables.documents.customer import Customer
from receivables.documents.notice import Notice, NoticeLine
from receivables.facts.dunning import NoticeCancelled, NoticeQueued
from receivables.facts.fact import Fact
from receivables.plans.plan import Context
from receivables.plans.risk_alerts import CODES as RISK_CODES
from receivables.plans.risk_alerts import risk_alerts
from receivables.policies.book import PolicyBook
from receivables.policies.bureau import owed_to_bureau
from receivables.policies.limitation import first_warning_day, next_limitation_day, reached_limitations
from receivables.state.account import Account
from receivables.state.authority import ApprovalState
from receivables.state.contact_log import ActionState
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

_DAY = dt.timedelta(days=1)

NO_CURRENCY = Currency("XXX", 0)
"""What ISO 4217 has for a transaction without a currency: an alert about something that has no amount."""


class Alert(NamedTuple):
    """Why staff is told (a code, which is the template of the notice), about what, and which items it concerns.

    What is about no item has ``lines`` of its own.
    """

    code: str
    subject: str
    items: tuple[str, ...] = ()
    lines: tuple[NoticeLine, ...] = ()


Source = Callable[[Account, View, PolicyBook], Iterator[Alert]]


def _promises(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    for state in view.promises:
        if state.status in ("broken", "partly_kept"):
            yield Alert("promise_broken", state.promise.id, state.items)


def _payment_plans(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    for state in view.payment_plans:
        if state.status == "defaulted":
            yield Alert("plan_defaulted", f"{state.plan.id}/{state.since}", state.plan.items)


def _disputes(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    days = _dispute_days(view, policies)
    left = {part.id for part in view.withheld if part.kind == "dispute"} if days is not None else ()
    for state in view.disputes if days is not None else ():
        aged = days is not None and (view.as_of - state.dispute.opened_on).days >= days
        if state.status == "open" and aged and state.dispute.id in left:
            yield Alert("dispute_over_age", state.dispute.id, state.items)


def _limitations(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    """Each warning of the policy that is reached, the closest one of an item at a time, and the end itself."""
    policy = policies.limitation_for(view.customer) if view.customer else None
    for item, found in reached_limitations(account, view, policy) if policy is not None else ():
        if policy is None or found.ends_on is None or not found.fixed:
            continue
        left = (found.ends_on - view.as_of).days
        reached = [days for days in policy.warn_days_before if left <= days]
        if left < 0:
            yield Alert("claim_barred", f"{item.id}/{found.ends_on}", (item.id,))
        elif reached:
            yield Alert("claim_lapses", f"{item.id}/{found.ends_on}/{min(reached)}", (item.id,))


def _payments(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    """Payments that were announced, keep items back, and neither came nor failed."""
    days = _payment_days(view, policies)
    found: dict[str, list[str]] = {}
    for part in view.withheld if days is not None else ():
        if part.kind == "payment" and days is not None and (view.as_of - part.since).days >= days:
            found.setdefault(part.id, []).append(part.item)
    for payment, items in found.items():
        yield Alert("payment_undecided", payment, tuple(items))


def _approvals(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    """Requests that wait for a person, told again with each approval; those that lapse soon, granted or not."""
    days = _warn_days(view, policies)
    for state in view.approvals:
        left = (state.lapses_on - view.as_of).days
        if state.is_open and days is not None and left <= days:
            subject = f"{state.approval.id}/{state.lapses_on}"
            yield Alert("approval_lapses", subject, lines=(_approval_line(state, subject),))
        elif state.waits:
            subject = f"{state.approval.id}/{len(state.granted)}"
            yield Alert("approval_waits", subject, lines=(_approval_line(state, subject),))


def _approval_line(state: ApprovalState, subject: str) -> NoticeLine:
    """The request as a line: what it is about, the amount, and its last day."""
    asked = state.approval
    return NoticeLine(
        item=asked.subject,
        document=asked.id,
        amount=asked.amount if asked.amount is not None else Money.zero(NO_CURRENCY),
        due_on=state.lapses_on,
        ladder_from=state.asked_on,
        step=subject,
    )


def _warn_days(view: View, policies: PolicyBook) -> int | None:
    policy = policies.authority_for(view.customer or Customer(id=view.account)) if view.approvals else None
    return policy.warn_days if policy is not None else None


def _dispute_days(view: View, policies: PolicyBook) -> int | None:
    policy = policies.arrangement_for(view.customer) if view.customer else None
    return policy.alert_dispute_days if policy is not None else None


def _payment_days(view: View, policies: PolicyBook) -> int | None:
    policy = policies.arrangement_for(view.customer) if view.customer else None
    return policy.alert_payment_days if policy is not None else None


def _risk(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    for told in risk_alerts(view, NO_CURRENCY):
        yield Alert(*told)


def _actions(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    """Actions whose day has come, told again where they got another one."""
    for state in view.actions:
        if state.is_open and state.due_on <= view.as_of:
            subject = f"{state.action.id}/{state.due_on}"
            yield Alert("action_due", subject, lines=(_action_line(state, subject),))


def _action_line(state: ActionState, subject: str) -> NoticeLine:
    """The action as a line: what it is, and its day."""
    return NoticeLine(
        item=state.action.id,
        document=state.action.kind,
        amount=Money.zero(NO_CURRENCY),
        due_on=state.due_on,
        ladder_from=state.action.planned_on,
        step=subject,
    )


def _bureau(account: Account, view: View, policies: PolicyBook) -> Iterator[Alert]:
    """What a bureau has to be told, told once for each day since which it is owed."""
    policy = policies.bureau_for(view.customer) if view.customer and view.bureau else None
    for owed in owed_to_bureau(account, view, policy):
        yield Alert("bureau_owed", f"{owed.report.id}/{owed.kind}/{owed.since}", owed.report.items)


SOURCES: tuple[Source, ...] = (
    _promises,
    _payment_plans,
    _disputes,
    _payments,
    _limitations,
    _approvals,
    _risk,
    _actions,
    _bureau,
)
"""Where alerts are read."""

CODES = frozenset(
    {
        "promise_broken",
        "plan_defaulted",
        "dispute_over_age",
        "payment_undecided",
        "claim_lapses",
        "claim_barred",
        "approval_waits",
        "approval_lapses",
        "action_due",
        "bureau_owed",
        *RISK_CODES,
    }
)
"""What staff is told, as the templates of notices."""


def alert_staff(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: an alert for all that is so and was not told yet; those that wait and are not so are taken back."""
    if not _may_alert(account, policies, context.today):
        return ()
    view = context.view(account)
    told = _told(account)
    wanted = {(alert.code, alert.subject): alert for source in SOURCES for alert in source(account, view, policies)}
    items = {item.id: item for item in account.ledger.items} if wanted else {}
    new = [
        _queued(view, items, alert, len(told.get(about, {})), context)
        for about, alert in wanted.items()
        if all(status == "cancelled" for status in told.get(about, {}).values())
    ]
    moot = [
        NoticeCancelled(notice=key, reason="not so any more", effective_on=context.today, recorded_at=context.now)
        for about, alerts in told.items()
        for key, status in alerts.items()
        if status == "queued" and about not in wanted
    ]
    return (*new, *moot)


def _may_alert(account: Account, policies: PolicyBook, day: dt.date) -> bool:
    """A quick look, because it follows every command: is there anything of the kind that alerts are about?"""
    arranged = account.promises.made or account.disputes.opened or account.payment_plans.agreed
    scored = account.risk.scores or account.risk.overrides or account.risk.warnings
    if account.contact_log.actions or account.bureau.reports:
        return True
    if arranged or scored or account.cash.reservations or account.authority.approvals:
        return True
    customer = next((entry.customer for entry in reversed(account.profile.entries)), None)
    policy = policies.limitation_for(customer) if customer is not None else None
    if policy is None:
        return False
    return any(first_warning_day(item, policy) <= day for item in account.ledger.items)


def _told(account: Account) -> dict[tuple[str, str], dict[str, str]]:
    """The alerts that were queued: code and subject -> key of the notice -> what became of it."""
    last = {event.notice: event.status for event in account.dunning.events}
    found: dict[tuple[str, str], dict[str, str]] = {}
    for entry in account.dunning.notices:
        notice = entry.notice
        if notice.audience == "staff" and notice.template in CODES:
            about = (notice.template, notice.lines[0].step or "")
            found.setdefault(about, {})[notice.key] = last.get(notice.key, entry.first_status)
    return found


def _queued(view: View, known: Mapping[str, Item], alert: Alert, again: int, context: Context) -> NoticeQueued:
    """The alert; its key counts on where one was taken back before it went out."""
    customer = view.customer or Customer(id=view.account)  # the account of a group has no customer
    lines = alert.lines or tuple(_line(view, known[item], alert) for item in alert.items if item in known)
    notice = Notice(
        key=digest((view.account, alert.code, alert.subject, str(again))),
        account=view.account,
        customer=customer.id,
        currency=lines[0].amount.currency,
        channel="staff",
        language=customer.language,
        template=alert.code,
        as_of=context.today,
        lines=lines,
        audience="staff",
    )
    return NoticeQueued(notice=notice, effective_on=context.today, recorded_at=context.now, by="alerts")


def _line(view: View, item: Item, alert: Alert) -> NoticeLine:
    """An item with what is open of it; the step names what the alert is about."""
    due_on = item.due_on or item.document_on
    open_ = view.open(item.id) if item.id in view.places else Money.zero(item.currency)
    return NoticeLine(
        item=item.id, document=item.document, amount=open_, due_on=due_on, ladder_from=due_on, step=alert.subject
    )


def next_alert_day(account: Account, view: View, policies: PolicyBook) -> dt.date | None:
    """The next day on which time alone gives something to tell; early is harmless, late is a defect."""
    ends = [state.last_day for state in view.promises if state.status == "open"]
    days = [end + _DAY for end in ends if end < dt.date.max]
    days += [state.end for state in view.payment_plans if state.performs and state.end is not None]
    aged = _dispute_days(view, policies)
    if aged is not None:
        opened = (state.dispute.opened_on for state in view.disputes if state.status == "open")
        days += [day + dt.timedelta(days=aged) for day in opened if (dt.date.max - day).days >= aged]
    late = _payment_days(view, policies)
    if late is not None:
        since = (part.since for part in view.withheld if part.kind == "payment")
        days += [day + dt.timedelta(days=late) for day in since if (dt.date.max - day).days >= late]
    waiting = [state for state in view.approvals if state.is_open]
    warn = dt.timedelta(days=_warn_days(view, policies) or 0)
    days += [max(state.asked_on, state.lapses_on - warn) for state in waiting]
    days += [state.lapses_on + _DAY for state in waiting if state.lapses_on < dt.date.max]
    days += [state.due_on for state in view.actions if state.is_open]
    lapses = account.risk.next_change(view.as_of)
    days += [lapses] if lapses is not None else []
    policy = policies.limitation_for(view.customer) if view.customer else None
    if policy is not None:
        warned = next_limitation_day(account, policy, view.as_of, view)
        days += [warned] if warned is not None else []
    return min((day for day in days if day > view.as_of), default=None)
