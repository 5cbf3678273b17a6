"""The dunning slice: notices, what became of them, and steps taken over from another system.

The life of a notice, as `LIFE` says it and the tests check it::

    proposed -> queued               (approved)
             -> rejected, cancelled
    queued -> sending -> sent
                      -> queued      (failed, to be tried again)
                      -> failed      (failed for good: a person looks)
                      -> sending     (outcome unknown, tried again with the same key)
    queued -> cancelled
    failed, rejected -> cancelled    (a person wants it decided anew)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.notice import Notice, PolicyRef
from receivables.facts.dunning import (
    LadderMigrated,
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
    StepsAnnulled,
)
from receivables.facts.invoice import ItemTakenOver
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "proposed": frozenset({"queued", "rejected", "cancelled"}),
    "queued": frozenset({"sending", "cancelled"}),
    "sending": frozenset({"sent", "queued", "failed", "sending"}),
    "sent": frozenset(),
    "failed": frozenset({"cancelled"}),
    "cancelled": frozenset(),
    "rejected": frozenset({"cancelled"}),
}


@final
@frozen(weakref_slot=False)
class NoticeEntry(Entry):
    """A notice as it was queued."""

    notice: Notice
    approval: bool
    effective_on: dt.date
    recorded_at: dt.datetime

    @property
    def first_status(self) -> str:
        """The status before any event."""
        return "proposed" if self.approval else "queued"


@final
@frozen(weakref_slot=False)
class NoticeEvent(Entry):
    """What became of a notice: the status it moved to."""

    notice: str
    status: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class TakenStep(Entry):
    """The step that an item had reached in the system it came from; its ladder counts from ``ladder_from``."""

    item: str
    step: str
    stepped_on: dt.date
    ladder_from: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Annulment(Entry):
    """Items of a notice whose step should not have been taken."""

    notice: str
    items: tuple[str, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Migration(Entry):
    """The policy with which the ladder of an item goes on, and the step that it stands on there."""

    item: str
    policy: PolicyRef
    step: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Dunning:
    """All notices, their events, annulments, migrations and the steps taken over, in log order."""

    notices: tuple[NoticeEntry, ...] = ()
    events: tuple[NoticeEvent, ...] = ()
    steps: tuple[TakenStep, ...] = ()
    annulments: tuple[Annulment, ...] = ()
    migrations: tuple[Migration, ...] = ()


def _notice(fact: NoticeQueued) -> Iterable[NoticeEntry]:
    return (NoticeEntry(fact.notice, fact.approval, fact.effective_on, fact.recorded_at),)


def _event(status: str) -> Callable[[Any], Iterable[NoticeEvent]]:
    def entries(fact: Any) -> Iterable[NoticeEvent]:
        return (NoticeEvent(fact.notice, status, fact.effective_on, fact.recorded_at),)

    return entries


def _failure(fact: NoticeFailed) -> Iterable[NoticeEvent]:
    status = "queued" if fact.retry else "failed"
    return (NoticeEvent(fact.notice, status, fact.effective_on, fact.recorded_at),)


def _step(fact: ItemTakenOver) -> Iterable[TakenStep]:
    item = fact.item
    if item.step is None or item.stepped_on is None:
        return ()
    return (TakenStep(item.id, item.step, item.stepped_on, item.due_on, fact.effective_on, fact.recorded_at),)


def _annulment(fact: StepsAnnulled) -> Iterable[Annulment]:
    return (Annulment(fact.notice, fact.items, fact.effective_on, fact.recorded_at),)


def _migration(fact: LadderMigrated) -> Iterable[Migration]:
    return (Migration(fact.item, fact.policy, fact.step, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    NoticeQueued: (("notices", _notice),),
    NoticeSending: (("events", _event("sending")),),
    NoticeSent: (("events", _event("sent")),),
    NoticeFailed: (("events", _failure),),
    NoticeCancelled: (("events", _event("cancelled")),),
    NoticeApproved: (("events", _event("queued")),),
    NoticeRejected: (("events", _event("rejected")),),
    StepsAnnulled: (("annulments", _annulment),),
    LadderMigrated: (("migrations", _migration),),
    ItemTakenOver: (("steps", _step),),
}
