"""Plans about contacts and actions: logged with what they led to, planned, moved, done.

A promise or a dispute that a contact names is there already: a contact only says how it came about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from receivables.documents.contact_log import NextAction
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.contact_log import ActionDone, ActionMoved, ActionPlanned, ContactLogged
from receivables.facts.fact import Fact
from receivables.plans.collector_commands import EndAction, LogContact, MoveAction, PlanAction
from receivables.plans.plan import Context, Plan, opened
from receivables.state.account import Account
from receivables.state.contact_log import ActionState


def log_contact(account: Account, command: LogContact, context: Context) -> Plan:
    """A contact with what is next; the action that it was is done by it. ``ids`` are the contact and the action planned.

    Errors: `ClaimTaken` for an id that is used, `UnknownId` for an item, promise, dispute or open action that is not there,
    `InvalidValue` for a day that has not come.
    """
    contact = command.contact
    opened(account, command.account)
    if any(entry.contact.id == contact.id for entry in account.contact_log.contacts):
        raise ClaimTaken("contact", contact.id, account.id)
    _check_past("contact.on", contact.on, context)
    _check_items(account, contact.items)
    _check_links(account, command)
    logged = ContactLogged(contact=contact, effective_on=contact.on, recorded_at=context.now, by=command.by)
    facts: list[Fact] = [logged]
    if command.does is not None:
        facts.append(_done(_open(account, command.does), "done", contact.on, contact.id, None, command, context))
    ids = [contact.id]
    if command.next_action is not None:
        facts.append(_planned(account, command.next_action, command, context))
        ids.append(command.next_action.id)
    return Plan(facts=tuple(facts), outcome="logged", ids=tuple(ids))


def _check_links(account: Account, command: LogContact) -> None:
    contact, following = command.contact, command.next_action
    if contact.promise is not None and all(each.promise.id != contact.promise for each in account.promises.made):
        raise UnknownId("promise", contact.promise)
    if contact.dispute is not None and all(each.dispute.id != contact.dispute for each in account.disputes.opened):
        raise UnknownId("dispute", contact.dispute)
    if following is not None and following.account != contact.account:
        raise InvalidValue("action.account", following.account, f"must be {contact.account!r}")
    if following is not None and following.contact not in (None, contact.id):
        raise InvalidValue("action.contact", following.contact, f"must be {contact.id!r}")


def plan_action(account: Account, command: PlanAction, context: Context) -> Plan:
    """Something to be done from its day on; the account wakes then, and staff is told."""
    fact = _planned(opened(account, command.account), command.action, command, context)
    return Plan(facts=(fact,), outcome="planned", ids=(command.action.id,))


def _planned(account: Account, action: NextAction, command: LogContact | PlanAction, context: Context) -> ActionPlanned:
    if any(entry.action.id == action.id for entry in account.contact_log.actions):
        raise ClaimTaken("action", action.id, account.id)
    _check_past("action.planned_on", action.planned_on, context)
    _check_items(account, action.items)
    known = {entry.contact.id for entry in account.contact_log.contacts}
    known |= {command.contact.id} if isinstance(command, LogContact) else set()
    if action.contact is not None and action.contact not in known:
        raise UnknownId("contact", action.contact)
    return ActionPlanned(action=action, effective_on=action.planned_on, recorded_at=context.now, by=command.by)


def move_action(account: Account, command: MoveAction, context: Context) -> Plan:
    """Another day, or another owner, from today on."""
    state = _open(opened(account, command.account), command.action)
    if command.due_on < context.today:
        raise InvalidValue("command.due_on", command.due_on.isoformat(), f"must not be before today, {context.today}")
    fact = ActionMoved(
        action=state.action.id,
        due_on=command.due_on,
        owner=command.owner,
        effective_on=max(context.today, state.action.planned_on),
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="moved", ids=(state.action.id,))


def end_action(account: Account, command: EndAction, context: Context) -> Plan:
    """An action that is over; the outcome is ``done`` or ``dropped``."""
    state = _open(opened(account, command.account), command.action)
    fact = _done(state, command.outcome, command.on, None, command.note, command, context)
    return Plan(facts=(fact,), outcome=command.outcome, ids=(state.action.id,))


def _done(
    state: ActionState,
    outcome: str,
    on: dt.date,
    contact: str | None,
    note: str | None,
    command: LogContact | EndAction,
    context: Context,
) -> ActionDone:
    _check_past("command.on", on, context)
    if on < state.action.planned_on:
        raise InvalidValue("command.on", on.isoformat(), f"must not be before {state.action.planned_on}")
    return ActionDone(
        action=state.action.id,
        outcome=outcome,
        contact=contact,
        note=note,
        effective_on=on,
        recorded_at=context.now,
        by=command.by,
    )


def _open(account: Account, action: str) -> ActionState:
    for state in account.contact_log.states(dt.date.max, None):
        if state.action.id == action and state.is_open:
            return state
    raise UnknownId("open action", action)


def _check_items(account: Account, items: Iterable[str]) -> None:
    known = {item.id for item in account.ledger.items} if items else set()
    for item in items:
        if item not in known:
            raise UnknownId("item", item)


def _check_past(field: str, day: dt.date, context: Context) -> None:
    if day > context.today:
        raise InvalidValue(field, day.isoformat(), f"must not be after today, {context.today}")
