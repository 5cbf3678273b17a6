"""What a host can ask for about the people who collect: give customers to them, hand a portfolio over, log what was said, plan
what is next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import ENDS, LoggedContact, NextAction
from receivables.plans.commands import Command
from receivables.values import checks


@final
@frozen(kw_only=True)
class AssignCollector(Command):
    """Give a customer to a collector or a team from a day on; one that names neither gives it back to the rules."""

    ABOUT: ClassVar[str] = "assignment.account"

    assignment: Assignment


@final
@frozen(kw_only=True)
class HandOver(Command):
    """Hand what one person has of an account over to another from a day on: the customer, and the actions still to be done."""

    of: str
    person: str
    to: str
    on: dt.date
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class LogContact(Command):
    """Log a contact, with what is to be done next and the action that it was, where there are such."""

    ABOUT: ClassVar[str] = "contact.account"

    contact: LoggedContact
    next_action: NextAction | None = None
    does: str | None = None


@final
@frozen(kw_only=True)
class PlanAction(Command):
    """Plan something to be done on a day."""

    ABOUT: ClassVar[str] = "action.account"

    action: NextAction


@final
@frozen(kw_only=True)
class MoveAction(Command):
    """Give an action another day, or another owner; without one it is for whoever looks after the account."""

    of: str
    action: str
    due_on: dt.date
    owner: str | None = None


@final
@frozen(kw_only=True)
class EndAction(Command):
    """Say that an action is ``done``, or that it is ``dropped`` because it is not needed."""

    of: str
    action: str
    outcome: str
    on: dt.date
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.outcome", self.outcome, ENDS)


def hand_over_commands(
    accounts: Iterable[str], person: str, to: str, on: dt.date, *, by: str, reason: str | None = None
) -> Iterator[HandOver]:
    """A command for each account, for `Receivables.record`: a portfolio, with keys that make it safe to go on after a stop.

    Give it all accounts: those of which the person has nothing answer ``nothing_to_hand_over``. A result for each, and none
    stops the others; running it again records nothing twice.

    >>> [command.key for command in hand_over_commands(["ACME", "BETA"], "ann", "bob", dt.date(2026, 3, 2), by="lead")]
    ['hand over ACME from ann to bob on 2026-03-02', 'hand over BETA from ann to bob on 2026-03-02']
    """
    for account in accounts:
        key = f"hand over {account} from {person} to {to} on {on}"
        yield HandOver(of=account, person=person, to=to, on=on, reason=reason, key=key, by=by)
