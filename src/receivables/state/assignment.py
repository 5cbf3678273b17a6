"""The collectors slice: to whom a customer was given, and from when on.

Who looks after it on a date is the assignment that began last, and of one day the one recorded last. The rules that count
without one are a policy, and not kept here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.assignment import Assignment
from receivables.facts.assignment import CollectorAssigned
from receivables.state.entry import Entry, Placement


@final
@frozen(weakref_slot=False)
class AssignmentEntry(Entry):
    """An assignment as it was recorded."""

    assignment: Assignment
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Collectors:
    """All assignments, in log order."""

    assignments: tuple[AssignmentEntry, ...] = ()

    def on(self, as_of: dt.date, known_at: dt.datetime | None) -> Assignment | None:
        """The assignment in force on a date; ``None`` where there is none, or it was given back to the rules."""
        chosen: AssignmentEntry | None = None
        for entry in self.assignments:
            if entry.seen(as_of, known_at) and (chosen is None or entry.effective_on >= chosen.effective_on):
                chosen = entry
        return None if chosen is None or chosen.assignment.is_open else chosen.assignment

    def later(self, as_of: dt.date) -> tuple[Assignment, ...]:
        """The assignments that begin after a date, by their day; of one day the one recorded last."""
        found = {entry.effective_on: entry.assignment for entry in self.assignments if entry.effective_on > as_of}
        return tuple(found[day] for day in sorted(found))


def _assignment(fact: CollectorAssigned) -> Iterable[AssignmentEntry]:
    return (AssignmentEntry(fact.assignment, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {CollectorAssigned: (("assignments", _assignment),)}
