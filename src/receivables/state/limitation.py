"""The limitation slice: what set periods going anew, what suspended them, and what ended that.

When a claim lapses is not kept: it is worked out from these, the due date and the allocations. How a claim moves from day
to day, as `LIFE` says it and the tests check it::

    not_started -> running, suspended
    running -> suspended -> running
    running, suspended -> barred
    barred -> running, suspended     (only where the law lets an acknowledgment revive it)

An item that waits for its due date is ``not_started``. ``not_covered`` is one that the regime does not speak of, because
it fell due before or after it was in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.limitation import Suspension
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "not_covered": frozenset(),
    "not_started": frozenset({"running", "suspended"}),
    "running": frozenset({"suspended", "barred"}),
    "suspended": frozenset({"running", "barred"}),
    "barred": frozenset({"running", "suspended"}),
}


@final
@frozen(weakref_slot=False)
class InterruptionEntry(Entry):
    """An item whose debtor acknowledged it or received a demand for it."""

    id: str
    item: str
    kind: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class SuspensionEntry(Entry):
    """A suspension as it was recorded."""

    suspension: Suspension
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Resumption(Entry):
    """A suspension that was ended; its period runs again from the effective day on."""

    suspension: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class LimitationEvents:
    """All interruptions, suspensions and their ends, in log order."""

    interruptions: tuple[InterruptionEntry, ...] = ()
    suspensions: tuple[SuspensionEntry, ...] = ()
    resumptions: tuple[Resumption, ...] = ()


def _interruptions(kind: str) -> Callable[[Any], Iterable[InterruptionEntry]]:
    def entries(fact: Any) -> Iterable[InterruptionEntry]:
        return [InterruptionEntry(fact.id, item, kind, fact.effective_on, fact.recorded_at) for item in fact.items]

    return entries


def _suspension(fact: LimitationSuspended) -> Iterable[SuspensionEntry]:
    return (SuspensionEntry(fact.suspension, fact.effective_on, fact.recorded_at),)


def _resumption(fact: LimitationResumed) -> Iterable[Resumption]:
    return (Resumption(fact.suspension, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    DebtAcknowledged: (("interruptions", _interruptions("acknowledgment")),),
    DemandReceived: (("interruptions", _interruptions("demand")),),
    LimitationSuspended: (("suspensions", _suspension),),
    LimitationResumed: (("resumptions", _resumption),),
}
