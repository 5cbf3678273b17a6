"""Plans about who looks after a customer: given to somebody, and handed over when a person leaves.

What is handed over is what the person has on the day by what is recorded and by the rules, what is recorded for later, and
every action that is still to be done and names the person. An action without an owner goes with the customer by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from receivables.documents.assignment import Assignment
from receivables.errors import InvalidValue
from receivables.facts.assignment import CollectorAssigned
from receivables.facts.contact_log import ActionMoved
from receivables.facts.fact import Fact
from receivables.plans.collector_commands import AssignCollector, HandOver
from receivables.plans.plan import Context, Plan, opened
from receivables.policies.assignment import NO_RULES, AssignmentPolicy
from receivables.state.account import Account
from receivables.state.view import View


def assign_collector(account: Account, command: AssignCollector, context: Context) -> Plan:
    """A customer given to somebody from a day on; the outcome is ``assigned``, or ``unassigned`` where it names nobody."""
    opened(account, command.account)
    fact = _assigned(command.assignment, command, context)
    return Plan(facts=(fact,), outcome="unassigned" if command.assignment.is_open else "assigned")


def hand_over(account: Account, command: HandOver, context: Context) -> Plan:
    """What a person has of an account, handed over; the outcome is ``handed_over`` or ``nothing_to_hand_over``.

    ``ids`` are the actions that moved along.
    """
    opened(account, command.account)
    if command.person == command.to:
        raise InvalidValue("command.to", command.to, "must be another person")
    if command.on < context.today:
        raise InvalidValue("command.on", command.on.isoformat(), f"must not be before today, {context.today}")
    moved = tuple(_moved(account, command, context))
    given = tuple(_given(account, command, context))
    if not moved and not given:
        return Plan(outcome="nothing_to_hand_over")
    return Plan(facts=(*given, *moved), outcome="handed_over", ids=tuple(fact.action for fact in moved))


def _given(account: Account, command: HandOver, context: Context) -> Iterator[Fact]:
    """The customer, where the person has it on the day; and each later day on which the person was to get it."""
    view = context.view(account, command.on)
    policy = _policy(view, context)
    have = policy.responsible(view)
    if have.collector == command.person:
        yield _to(command, context, command.on, have.team)
    for later in account.collectors.later(command.on):
        if later.collector == command.person:
            yield _to(command, context, later.starts_on, later.team)


def _policy(view: View, context: Context) -> AssignmentPolicy:
    found = context.policies.assignment_for(view.customer) if view.customer is not None else None
    return found or NO_RULES


def _to(command: HandOver, context: Context, day: dt.date, team: str | None) -> CollectorAssigned:
    assignment = Assignment(
        account=command.of,
        starts_on=day,
        collector=command.to,
        team=team,
        handed_over_from=command.person,
        reason=command.reason,
    )
    return _assigned(assignment, command, context)


def _assigned(assignment: Assignment, command: AssignCollector | HandOver, context: Context) -> CollectorAssigned:
    return CollectorAssigned(
        assignment=assignment, effective_on=assignment.starts_on, recorded_at=context.now, by=command.by
    )


def _moved(account: Account, command: HandOver, context: Context) -> Iterator[ActionMoved]:
    """The actions that name the person, by all that is recorded; from the day of the handover on."""
    for state in account.contact_log.states(dt.date.max, None):
        if state.is_open and state.owner == command.person:
            yield ActionMoved(
                action=state.action.id,
                due_on=state.due_on,
                owner=command.to,
                handed_over_from=command.person,
                effective_on=max(command.on, state.action.planned_on),
                recorded_at=context.now,
                by=command.by,
            )
