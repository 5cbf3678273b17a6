"""The dunning slice: notices, what became of them, and steps taken over from another system.

The life of a notice, as `LIFE` says it and the tests check it::

    queued -> sending -> sent
                      -> queued      (failed, to be tried again)
                      -> failed      (failed for good: a person looks)
                      -> sending     (outcome unknown, tried again with the same key)
    queued -> cancelled
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.notice import Notice
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.invoice import ItemTakenOver
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"sending", "cancelled"}),
    "sending": frozenset({"sent", "queued", "failed", "sending"}),
    "sent": frozenset(),
    "failed": frozenset({"cancelled"}),
    "cancelled": frozenset(),
}


@final
@frozen(weakref_slot=False)
class NoticeEntry(Entry):
    """A notice as it was queued."""

    notice: Notice
    effective_on: dt.date
    recorded_at: dt.datetime


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
@frozen(kw_only=True)
class Dunning:
    """All notices, their events and the steps taken over, in log order."""

    notices: tuple[NoticeEntry, ...] = ()
    events: tuple[NoticeEvent, ...] = ()
    steps: tuple[TakenStep, ...] = ()


def _notice(fact: NoticeQueued) -> Iterable[NoticeEntry]:
    return (NoticeEntry(fact.notice, fact.effective_on, fact.recorded_at),)


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


TABLE: Mapping[type, tuple[Placement, ...]] = {
    NoticeQueued: (("notices", _notice),),
    NoticeSending: (("events", _event("sending")),),
    NoticeSent: (("events", _event("sent")),),
    NoticeFailed: (("events", _failure),),
    NoticeCancelled: (("events", _event("cancelled")),),
    ItemTakenOver: (("steps", _step),),
}
