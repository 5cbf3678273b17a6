"""The contacts slice: what was said, what is to be done next, and what became of that.

The life of an action, as `LIFE` says it and the tests check it: it is open, moved as often as wanted, and over once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.contact_log import ENDS, LoggedContact, NextAction
from receivables.facts.contact_log import ActionDone, ActionMoved, ActionPlanned, ContactLogged
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {"open": frozenset(ENDS), **{end: frozenset[str]() for end in ENDS}}


@final
@frozen(weakref_slot=False)
class ContactEntry(Entry):
    """A contact as it was logged, and by whom."""

    contact: LoggedContact
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None


@final
@frozen(weakref_slot=False)
class ActionEntry(Entry):
    """An action as it was planned."""

    action: NextAction
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ActionMove(Entry):
    """Another day or owner of an action."""

    action: str
    due_on: dt.date
    owner: str | None
    handed_over_from: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ActionEnd(Entry):
    """An action that is over."""

    action: str
    outcome: str
    contact: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ActionState:
    """An action on a date: its day and owner by then, whether it is ``open``, ``done`` or ``dropped``, and since when.

    ``owner`` is ``None`` where it is for whoever looks after the account.
    """

    action: NextAction
    due_on: dt.date
    owner: str | None
    status: str = "open"
    ended_on: dt.date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status == "open"


@final
@frozen(kw_only=True)
class ContactLog:
    """All contacts, actions, and what became of them, in log order."""

    contacts: tuple[ContactEntry, ...] = ()
    actions: tuple[ActionEntry, ...] = ()
    moves: tuple[ActionMove, ...] = ()
    ends: tuple[ActionEnd, ...] = ()

    def on(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[LoggedContact, ...]:
        """The contacts until a date, by their days."""
        if not self.contacts:
            return ()
        seen = [entry.contact for entry in self.contacts if entry.seen(as_of, known_at)]
        return tuple(sorted(seen, key=lambda contact: contact.on))

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[ActionState, ...]:
        """All actions that were planned by a date, each as it stands then, in log order."""
        if not self.actions:
            return ()
        moved = {each.action: each for each in self.moves if each.seen(as_of, known_at)}
        ended = {each.action: each for each in self.ends if each.seen(as_of, known_at)}
        return tuple(
            _state(entry.action, moved.get(entry.action.id), ended.get(entry.action.id))
            for entry in self.actions
            if entry.seen(as_of, known_at)
        )


def _state(action: NextAction, moved: ActionMove | None, ended: ActionEnd | None) -> ActionState:
    due_on, owner = (moved.due_on, moved.owner) if moved is not None else (action.due_on, action.owner)
    if ended is None:
        return ActionState(action, due_on, owner)
    return ActionState(action, due_on, owner, ended.outcome, ended.effective_on)


def _contact(fact: ContactLogged) -> Iterable[ContactEntry]:
    return (ContactEntry(fact.contact, fact.effective_on, fact.recorded_at, fact.by),)


def _action(fact: ActionPlanned) -> Iterable[ActionEntry]:
    return (ActionEntry(fact.action, fact.effective_on, fact.recorded_at),)


def _move(fact: ActionMoved) -> Iterable[ActionMove]:
    day, known = fact.effective_on, fact.recorded_at
    return (ActionMove(fact.action, fact.due_on, fact.owner, fact.handed_over_from, day, known),)


def _end(fact: ActionDone) -> Iterable[ActionEnd]:
    return (ActionEnd(fact.action, fact.outcome, fact.contact, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    ContactLogged: (("contacts", _contact),),
    ActionPlanned: (("actions", _action),),
    ActionMoved: (("moves", _move),),
    ActionDone: (("ends", _end),),
}
