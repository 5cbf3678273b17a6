"""The disputes slice: what was contested, and how much of it is over.

The life of a dispute, as `LIFE` says it and the tests check it: it is open until all of it is over; each part ends in its
own way, and nothing is open again (a customer who comes back opens another).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.dispute import OUTCOMES, Dispute
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "open": frozenset(OUTCOMES),
    **{outcome: frozenset[str]() for outcome in OUTCOMES},
}


@final
@frozen(weakref_slot=False)
class DisputeEntry(Entry):
    """A dispute as it was opened: the items that it is about, and how much of them, in minor units."""

    dispute: Dispute
    items: tuple[str, ...]
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Resolution(Entry):
    """So much of a dispute that is over, in minor units."""

    dispute: str
    outcome: str
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class DisputeState:
    """A dispute on a date: what is left of it, and how its last part ended where nothing is.

    ``status`` is ``open``, or the outcome of the part that ended last; ``ended_on`` is the day of that.
    """

    dispute: Dispute
    items: tuple[str, ...]
    amount: int
    left: int
    status: str
    ended_on: dt.date | None
    changes: tuple[tuple[dt.date, int], ...]
    """What was left from which day on."""


@final
@frozen(kw_only=True)
class Disputes:
    """All disputes and resolutions, in log order."""

    opened: tuple[DisputeEntry, ...] = ()
    resolutions: tuple[Resolution, ...] = ()

    def left_of(self, dispute: DisputeEntry) -> int:
        """What is left of a dispute, whatever the date: all that was recorded counts."""
        return self.lefts()[dispute.dispute.id]

    def lefts(self) -> Mapping[str, int]:
        """What is left of each dispute, whatever the date."""
        left = {entry.dispute.id: entry.amount for entry in self.opened}
        for each in self.resolutions:
            if each.dispute in left:
                left[each.dispute] -= each.amount
        return left

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[DisputeState, ...]:
        """Each dispute as it stood on a date, in the order in which they were recorded."""
        parts: dict[str, list[Resolution]] = {}
        for each in self.resolutions:
            if each.seen(as_of, known_at):
                parts.setdefault(each.dispute, []).append(each)
        return tuple(
            _state(entry, parts.get(entry.dispute.id, ())) for entry in self.opened if entry.seen(as_of, known_at)
        )


def _state(entry: DisputeEntry, resolutions: Iterable[Resolution]) -> DisputeState:
    """The parts in the order of their days: they can become known in any order."""
    left, changes, last = entry.amount, [(entry.effective_on, entry.amount)], None
    for last in sorted(resolutions, key=lambda each: (each.effective_on, OUTCOMES.index(each.outcome))):
        left -= last.amount
        changes.append((last.effective_on, left))
    over = last is not None and left <= 0
    return DisputeState(
        dispute=entry.dispute,
        items=entry.items,
        amount=entry.amount,
        left=max(0, left),
        status=last.outcome if last is not None and over else "open",
        ended_on=last.effective_on if last is not None and over else None,
        changes=tuple(changes),
    )


def _opened(fact: DisputeOpened) -> Iterable[DisputeEntry]:
    return (DisputeEntry(fact.dispute, fact.items, fact.amount.minor, fact.effective_on, fact.recorded_at),)


def _resolved(fact: DisputeResolved) -> Iterable[Resolution]:
    return (Resolution(fact.dispute, fact.outcome, fact.amount.minor, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    DisputeOpened: (("opened", _opened),),
    DisputeResolved: (("resolutions", _resolved),),
}
