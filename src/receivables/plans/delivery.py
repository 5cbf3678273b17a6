"""Plans about delivery: begin to send a notice, or take it back; record what became of it, and what follows from that.

At the end stands what a person decides: approve, reject, say what became of a notice, move ladders to another policy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import final

import attrs
from attrs import frozen

from receivables.codec import digest, policy_ref
from receivables.documents.hold import AGAIN, Hold
from receivables.documents.notice import Notice, NoticeLine
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.dunning import (
    LadderMigrated,
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
)
from receivables.facts.fact import Fact
from receivables.plans.charges import claims_too_much, raised_with, reversed_for
from receivables.plans.commands import ApproveNotice, MigrateLadders, RecordOutcome, RejectNotice
from receivables.plans.dunning import cancelled, guard, plan_run, restricted, silenced
from receivables.plans.limitation import barred_from
from receivables.plans.placement import holds_over
from receivables.plans.plan import Claim, Context, Plan, opened
from receivables.policies.book import PolicyBook
from receivables.policies.dunning_steps import DunningStep
from receivables.policies.windows import SendWindow
from receivables.state.account import Account, fold
from receivables.state.view import NoticeState, View

UNDELIVERED = frozenset({"queued", "sending"})


def waiting(account: Account, day: dt.date) -> tuple[NoticeState, ...]:
    """The notices of a day or before that wait to go out, by all that was recorded about them.

    What happened to a notice counts whatever its date: a clock that was set back must not send a letter again.
    """
    last = {event.notice: event.status for event in account.dunning.events}
    states = (
        NoticeState(entry.notice, last.get(entry.notice.key, entry.first_status), entry.effective_on)
        for entry in account.dunning.notices
        if entry.effective_on <= day
    )
    return tuple(state for state in states if state.status in UNDELIVERED)


def undelivered(view: View) -> tuple[NoticeState, ...]:
    """The notices that wait to go out, or whose outcome is not known."""
    return tuple(state for state in view.notices if state.status in UNDELIVERED)


def plan_sending(account: Account, notice: Notice, status: str, day: dt.date, context: Context) -> Plan:
    """Begin an attempt where the guard still holds; otherwise cancel, and decide the day anew where that can help.

    A notice whose outcome is unknown may have gone out: it is not taken back any more. Nor is it asked for again once the
    guard does not hold: it might go out only now, to somebody who has paid. A person has to look; so the outcome is
    ``waiting``, as it is while a hold stops contact. Then nothing begins, and nothing is recorded.

    Raises `ErasedSubject` for a letter about what was erased on request.
    """
    view = context.view(account, day)
    if (hold := silenced(view, notice)) is not None:
        return Plan(outcome="waiting", ids=(hold.id,))
    barred = barred_from("dunning", account, view, context.policies)
    reason = restricted(view, notice) or guard(view, notice, barred)
    if reason is not None and status == "sending":
        return Plan(outcome="waiting", reasons=(Reason(code=reason),))
    if reason is None and status == "queued" and claims_too_much(account, notice, context):
        reason = "changed"
    if reason is None:
        fact = NoticeSending(notice=notice.key, effective_on=day, recorded_at=context.now)
        charged = raised_with(account, notice, context)
        return Plan(facts=(fact, *charged), outcome="sending", ids=(notice.key,))
    gone = cancelled(account, notice, reason, day, context)
    again = plan_run(fold(gone, account), day, context)
    return Plan(facts=(*gone, *again.facts), claims=again.claims, outcome="cancelled", ids=(notice.key,))


def plan_outcome(account: Account, notice: Notice, delivery: Delivered, day: dt.date, context: Context) -> Plan:
    """What became of an attempt, as facts: with a letter that went out its effects, with one that failed the next channel.

    One that may be tried again is, as often as its step says; then it has failed.
    """
    fact: Fact
    if delivery.accepted:
        fact = NoticeSent(
            notice=notice.key,
            receipt=delivery.detail or None,
            effective_on=day,
            recorded_at=context.now,
            by=delivery.by,
        )
        follow = effects(account, notice, day, context)
        return Plan(facts=(fact, *follow), outcome="sent", ids=(notice.key,))
    again = delivery.retry and may_retry(account, notice, context.policies)
    fact = NoticeFailed(
        notice=notice.key,
        reason=delivery.detail,
        retry=again,
        effective_on=day,
        recorded_at=context.now,
        by=delivery.by,
    )
    if again:
        return Plan(facts=(fact,), outcome="to be tried again", ids=(notice.key,))
    other = _on_next_channel(context.view(account, day), notice, context)
    if other is None:
        back = reversed_for(account, notice.charges, "the letter failed", context)
        return Plan(facts=(fact, *back), outcome="failed", ids=(notice.key,))
    queued = NoticeQueued(notice=other, effective_on=day, recorded_at=context.now, by="dunning")
    return Plan(facts=(fact, queued), claims=(Claim("notice", other.key),), outcome="failed", ids=(notice.key,))


@final
@frozen(kw_only=True)
class Delivered:
    """What is known of an attempt: the notifier's word, or a person's."""

    accepted: bool
    detail: str = ""
    retry: bool = False
    by: str | None = None


def _on_next_channel(view: View, notice: Notice, context: Context) -> Notice | None:
    """The same letter on the next channel of its step on which the customer can be reached and that has not failed."""
    step = step_of(notice, context.policies) if notice.audience == "customer" and notice.retracts is None else None
    if step is None or view.customer is None:
        return None
    steps = {line.key for line in notice.claimed}
    tried = {notice.channel} | {
        state.notice.channel
        for state in view.notices
        if state.status == "failed" and {line.key for line in state.notice.claimed} == steps
    }
    channel = step.channel_for(view.customer, tried)
    if channel is None:
        return None
    key = key_on(notice.key, channel)
    return attrs.evolve(notice, key=key, channel=channel, recipient=view.customer.reach("dunning", channel))


def key_on(notice: str, channel: str) -> str:
    """The key on the next channel of a letter that failed."""
    return digest((notice, "on", channel))


def step_of(notice: Notice, policies: PolicyBook) -> DunningStep | None:
    """The step whose template a notice carries, in the version that decided it."""
    for line in notice.claimed:
        policy = policies.dunning(line.policy.id, line.policy.version) if line.policy else None
        for step in policy.steps if policy else ():
            if step.name == line.step and step.template == notice.template:
                return step
    return None


def may_retry(account: Account, notice: Notice, policies: PolicyBook) -> bool:
    """Whether a channel that asks to be tried again is: as often as the step of the letter says, or always."""
    step = step_of(notice, policies)
    return step is None or step.most_attempts is None or _attempts(account, notice) < step.most_attempts


def retry_from(account: Account, notice: Notice, policies: PolicyBook) -> dt.datetime | None:
    """From when a letter may be tried again after attempts that failed; ``None`` where none did or nothing is said."""
    step = step_of(notice, policies)
    events = [event for event in account.dunning.events if event.notice == notice.key]
    if step is None or not events or events[-1].status != "queued" or not (failures := _attempts(account, notice)):
        return None
    return events[-1].recorded_at + step.wait_after(failures)


def _attempts(account: Account, notice: Notice) -> int:
    return sum(event.notice == notice.key and event.status == "sending" for event in account.dunning.events)


def window_of(notice: Notice, context: Context) -> SendWindow | None:
    """The hours in which a notice may go out: those of the policy that decided it."""
    for line in notice.claimed:
        policy = context.policies.dunning(line.policy.id, line.policy.version) if line.policy else None
        if policy is not None and policy.window is not None:
            return policy.window
    return None


def effects(account: Account, notice: Notice, day: dt.date, context: Context) -> tuple[Fact, ...]:
    """What follows from steps that were sent: orders stopped until the item is settled, staff told, once per step."""
    found: list[Fact] = []
    for line in notice.claimed if notice.audience == "customer" and notice.retracts is None else ():
        for effect in line.effects:
            if effect == "hold":
                found.append(_hold(account, notice, line, day, context))
            else:
                found.append(_alert(notice, line, effect, day, context))
    return tuple(found)


def _hold(account: Account, notice: Notice, line: NoticeLine, day: dt.date, context: Context) -> HoldPlaced:
    hold = Hold(
        id=_hold_id(notice, line),
        account=account.id,
        placed_on=day,
        reason=f"dunning step {line.step} of {line.item}",
        stops=frozenset({"credit"}),
        until_settled=line.item,
    )
    return HoldPlaced(hold=hold, effective_on=day, recorded_at=context.now, by="dunning")


def _alert(notice: Notice, line: NoticeLine, effect: str, day: dt.date, context: Context) -> NoticeQueued:
    """A notice to the creditor's own people about one step."""
    alert = attrs.evolve(
        notice,
        key=digest((notice.account, effect, line.key, notice.key)),
        channel="staff",
        template=effect,
        as_of=day,
        lines=(attrs.evolve(line, effects=(), charges=()),),
        recipient=None,
        audience="staff",
    )
    return NoticeQueued(notice=alert, effective_on=day, recorded_at=context.now, by="dunning")


def release_settled_holds(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: a hold that lasts until an item is settled ends with the item, or with the step or placement that placed it.

    One that ended so and should not have, because the money went back, is placed again; one that a person lifted is not,
    however often it was placed before.
    """
    lasting = [entry.hold for entry in account.credit.holds if entry.hold.until_settled]
    if not lasting:
        return ()
    amounts = {item.id: item.amount for item in account.ledger.items}
    ended = {*holds_over(account), *(_hold_id(notice, line) for notice, line in _annulled_lines(account))}
    lifted = {entry.hold: entry for entry in account.credit.liftings}
    last = {hold.first_id: hold.id for hold in lasting}
    found: list[Fact] = []
    for hold in lasting:
        day = max(hold.placed_on, context.today)
        over = hold.first_id in ended or _settled(account, hold.until_settled or "", amounts)
        lifting = lifted.get(hold.id)
        if lifting is None and over:
            found.append(HoldReleased(hold=hold.id, effective_on=day, recorded_at=context.now, by="dunning"))
        elif lifting is not None and lifting.by == "dunning" and not over and last[hold.first_id] == hold.id:
            again = attrs.evolve(hold, id=_next_id(account, hold), placed_on=day)
            found.append(HoldPlaced(hold=again, effective_on=day, recorded_at=context.now, by="dunning"))
    return tuple(found)


def _settled(account: Account, item: str, amounts: Mapping[str, int]) -> bool:
    return account.cash.open_of(item, amounts.get(item, 0)) <= 0


def _next_id(account: Account, hold: Hold) -> str:
    times = sum(entry.hold.first_id == hold.first_id for entry in account.credit.holds)
    return f"{hold.first_id}{AGAIN}{times}"


def _annulled_lines(account: Account) -> Iterator[tuple[Notice, NoticeLine]]:
    notices = {entry.notice.key: entry.notice for entry in account.dunning.notices}
    for entry in account.dunning.annulments:
        notice = notices[entry.notice]
        yield from ((notice, line) for line in notice.claimed if line.item in entry.items)


def _hold_id(notice: Notice, line: NoticeLine) -> str:
    """By step and letter: a step that is taken again after it was annulled places a hold of its own."""
    return f"dunning {line.key} {notice.key}"


# What a person decides ------------------------------------------------------------------------------------------------


def approve_notice(account: Account, command: ApproveNotice, context: Context) -> Plan:
    """A proposed notice let go; who approves must be named."""
    state = _state(account, command.account, command.notice, frozenset({"proposed"}))
    _check_person(command.by)
    fact = NoticeApproved(
        notice=state.notice.key,
        effective_on=max(state.queued_on, context.today),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="approved", ids=(state.notice.key,))


def reject_notice(account: Account, command: RejectNotice, context: Context) -> Plan:
    """A proposed notice stopped, with the reason; its items climb no further."""
    state = _state(account, command.account, command.notice, frozenset({"proposed"}))
    _check_person(command.by)
    fact = NoticeRejected(
        notice=state.notice.key,
        reason=command.reason,
        effective_on=max(state.queued_on, context.today),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="rejected", ids=(state.notice.key,))


def record_outcome(account: Account, command: RecordOutcome, context: Context) -> Plan:
    """What a person found out about a notice whose outcome was unknown.

    One that failed for good, or was rejected, can only be tried again: it is cancelled, and the next run decides anew.
    """
    state = _state(account, command.account, command.notice, frozenset({"sending", "failed", "rejected"}))
    _check_person(command.by)
    day = max(state.queued_on, context.today)
    if state.status != "sending":
        return _decided_anew(state, command, day, context)
    delivered = Delivered(
        accepted=command.outcome == "sent", detail=command.detail or "", retry=command.outcome == "retry", by=command.by
    )
    return plan_outcome(account, state.notice, delivered, day, context)


def _decided_anew(state: NoticeState, command: RecordOutcome, day: dt.date, context: Context) -> Plan:
    if command.outcome != "retry":
        raise InvalidValue("command.outcome", command.outcome, f"must be 'retry' for a notice that is {state.status}")
    fact = NoticeCancelled(
        notice=state.notice.key, reason="to be decided anew", effective_on=day, recorded_at=context.now, by=command.by
    )
    return Plan(facts=(fact,), outcome="cancelled", ids=(state.notice.key,))


def migrate_ladders(account: Account, command: MigrateLadders, context: Context) -> Plan:
    """Ladders moved to another policy or version; a step that has another name there is given in ``steps``."""
    opened(account, command.account)
    policy = context.policies.dunning(command.policy, command.version)
    if policy is None:
        raise UnknownId("dunning policy", f"{command.policy}/{command.version}")
    view = account.view(dt.date.max)
    wanted = frozenset(command.items) or frozenset(view.ladder_of)
    if unknown := sorted(wanted - view.ladder_of.keys()):
        raise UnknownId("ladder of item", unknown[0])
    names = dict(command.steps)
    facts = []
    for ladder in view.ladders:
        if ladder.item in wanted and (ladder.policy is None or ladder.policy != policy_ref(policy)):
            step = names.get(ladder.step, ladder.step) if ladder.step is not None else None
            if step is not None and step not in policy.places:
                raise UnknownId("step", step)
            facts.append(
                LadderMigrated(
                    item=ladder.item,
                    policy=policy_ref(policy),
                    step=step,
                    effective_on=max(context.today, ladder.sent_on or context.today),
                    recorded_at=context.now,
                    by=command.by,
                )
            )
    return Plan(facts=tuple(facts), ids=tuple(fact.item for fact in facts))


def _state(account: Account, id: str, notice: str, statuses: frozenset[str]) -> NoticeState:
    """The notice in one of these statuses, whatever the date."""
    for state in opened(account, id).view(dt.date.max).notices:
        if state.notice.key == notice and state.status in statuses:
            return state
    raise UnknownId("notice that is " + " or ".join(sorted(statuses)), notice)


def _check_person(by: str | None) -> None:
    if by is None or by == "dunning":
        raise InvalidValue("command.by", by, "must name the person who decides")
