"""Operations on who collects: customers given to persons, contacts logged, actions planned and done."""

from __future__ import annotations

import datetime as dt

from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.operations.execute import Executing, R
from receivables.plans import collector_commands


class CollectorOperations(Executing[R]):
    """Operations on who collects: customers given to persons, contacts logged, actions planned and done."""

    def assign_collector(self, assignment: Assignment, *, key: str, by: str | None = None) -> R:
        """Give a customer to a collector or a team from a day on, or back to the rules."""
        return self.execute(collector_commands.AssignCollector(assignment=assignment, key=key, by=by))

    def hand_over(
        self,
        account: str,
        person: str,
        to: str,
        *,
        on: dt.date,
        key: str,
        by: str | None = None,
        reason: str | None = None,
    ) -> R:
        """Hand what a person has of one account over; a whole portfolio: ``app.record(hand_over_commands(...))``."""
        command = collector_commands.HandOver(of=account, person=person, to=to, on=on, reason=reason, key=key, by=by)
        return self.execute(command)

    def log_contact(
        self,
        contact: LoggedContact,
        *,
        key: str,
        by: str | None = None,
        next_action: NextAction | None = None,
        does: str | None = None,
    ) -> R:
        """Log a contact, what is to be done next, and the action that it was."""
        command = collector_commands.LogContact(contact=contact, next_action=next_action, does=does, key=key, by=by)
        return self.execute(command)

    def plan_action(self, action: NextAction, *, key: str, by: str | None = None) -> R:
        """Plan something to be done on a day; the account wakes then, and staff is told."""
        return self.execute(collector_commands.PlanAction(action=action, key=key, by=by))

    def move_action(
        self,
        account: str,
        action: str,
        due_on: dt.date,
        *,
        key: str,
        owner: str | None = None,
        by: str | None = None,
    ) -> R:
        """Give an action another day and owner."""
        command = collector_commands.MoveAction(of=account, action=action, due_on=due_on, owner=owner, key=key, by=by)
        return self.execute(command)

    def end_action(
        self,
        account: str,
        action: str,
        *,
        on: dt.date,
        key: str,
        outcome: str = "done",
        note: str | None = None,
        by: str | None = None,
    ) -> R:
        """Say that an action is done, or dropped."""
        command = collector_commands.EndAction(
            of=account, action=action, outcome=outcome, on=on, note=note, key=key, by=by
        )
        return self.execute(command)
