"""Plans about delivery: begin to send a notice, or take it back; record what became of it."""

from __future__ import annotations

import datetime as dt

from receivables.documents.notice import Notice
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeSending, NoticeSent
from receivables.facts.fact import Fact
from receivables.plans.dunning import guard, plan_run
from receivables.plans.plan import Context, Plan
from receivables.state.account import Account, fold
from receivables.state.view import NoticeState, View

UNDELIVERED = frozenset({"queued", "sending"})


def waiting(account: Account, day: dt.date) -> tuple[NoticeState, ...]:
    """The notices of a day or before that wait to go out, by all that was recorded about them.

    What happened to a notice counts whatever its date: a clock that was set back must not send a letter again.
    """
    last = {event.notice: event.status for event in account.dunning.events}
    states = (
        NoticeState(entry.notice, last.get(entry.notice.key, "queued"), entry.effective_on)
        for entry in account.dunning.notices
        if entry.effective_on <= day
    )
    return tuple(state for state in states if state.status in UNDELIVERED)


def undelivered(view: View) -> tuple[NoticeState, ...]:
    """The notices that wait to go out, or whose outcome is not known."""
    return tuple(state for state in view.notices if state.status in UNDELIVERED)


def plan_sending(account: Account, notice: Notice, status: str, day: dt.date, context: Context) -> Plan:
    """Begin an attempt where the guard still holds; otherwise cancel, and decide the day anew where that can help.

    A notice whose outcome is unknown may have gone out: it is not taken back any more.
    """
    reason = guard(account.view(day), notice) if status == "queued" else None
    if reason is None:
        fact = NoticeSending(notice=notice.key, effective_on=day, recorded_at=context.now)
        return Plan(facts=(fact,), outcome="sending", ids=(notice.key,))
    cancelled = NoticeCancelled(notice=notice.key, reason=reason, effective_on=day, recorded_at=context.now)
    again = plan_run(fold((cancelled,), account), day, context)
    return Plan(facts=(cancelled, *again.facts), claims=again.claims, outcome="cancelled", ids=(notice.key,))


def plan_outcome(notice: Notice, accepted: bool, detail: str, retry: bool, day: dt.date, context: Context) -> Plan:
    """What the notifier said, as a fact."""
    fact: Fact
    if accepted:
        fact = NoticeSent(notice=notice.key, receipt=detail or None, effective_on=day, recorded_at=context.now)
        return Plan(facts=(fact,), outcome="sent", ids=(notice.key,))
    fact = NoticeFailed(notice=notice.key, reason=detail, retry=retry, effective_on=day, recorded_at=context.now)
    return Plan(facts=(fact,), outcome="to be tried again" if retry else "failed", ids=(notice.key,))
