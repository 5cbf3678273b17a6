"""The erasures slice: what was asked to be forgotten, and what became of each document.

The texts themselves are gone from the log. What is here says which documents are restricted since: those that were erased,
and those that only the law keeps. Letters may name neither, see `ErasureState.restriction`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import final

from attrs import frozen

from receivables.documents.erasure import ErasureRecord
from receivables.facts.erasure import ErasureAnswered, ErasureReplayed, ErasureRequested
from receivables.state.entry import Entry, Placement


@final
@frozen(weakref_slot=False)
class ErasureRequest(Entry):
    """An erasure that was asked for."""

    erasure: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ErasureAnswer(Entry):
    """What became of each document."""

    erasure: str
    records: tuple[ErasureRecord, ...]
    logs: tuple[str, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class ErasureState:
    """What is erased or kept on a date: the last record of each document."""

    records: tuple[ErasureRecord, ...]
    answered_on: dt.date

    @cached_property
    def _by_document(self) -> Mapping[tuple[str, str], ErasureRecord]:
        return {(record.kind, record.id): record for record in self.records}

    @property
    def review_on(self) -> dt.date | None:
        """The first day on which the law does not keep one of the documents any more."""
        days = [day for record in self.records if (day := record.review_on) is not None]
        return min(days, default=None)

    def restriction(self, documents: Iterable[str]) -> str | None:
        """Why a letter must not name these documents: ``erased``, or ``retention`` where only the law keeps one.

        A document that is open, or that came after the last answer, may be named.
        """
        records = [self._by_document.get(("invoice", document)) for document in documents]
        grounds = {record.ground for record in records if record is not None}
        return next((ground for ground in ("erased", "retention") if ground in grounds), None)


@final
@frozen(kw_only=True)
class Erasures:
    """All erasures, in log order."""

    requests: tuple[ErasureRequest, ...] = ()
    answers: tuple[ErasureAnswer, ...] = ()

    def done(self) -> frozenset[str]:
        """The ids of the erasures that this log knows of; what was erased in another log has the name of that log, too."""
        logs = [f"{entry.erasure}/{log}" for entry in self.answers for log in entry.logs]
        return frozenset((*logs, *(entry.erasure for entry in self.answers)))

    def state(self, as_of: dt.date, known_at: dt.datetime | None) -> ErasureState | None:
        """What is erased or kept on a date; ``None`` where nothing was asked for."""
        seen = [entry for entry in self.answers if entry.seen(as_of, known_at)]
        if not seen:
            return None
        records = {(record.kind, record.id): record for entry in seen for record in entry.records}
        return ErasureState(records=tuple(records.values()), answered_on=seen[-1].effective_on)


def _request(fact: ErasureRequested) -> Iterable[ErasureRequest]:
    return (ErasureRequest(fact.erasure, fact.effective_on, fact.recorded_at),)


def _answer(fact: ErasureAnswered | ErasureReplayed) -> Iterable[ErasureAnswer]:
    logs = tuple(dict.fromkeys(text.log for text in fact.texts))
    return (ErasureAnswer(fact.erasure, fact.records, logs, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    ErasureRequested: (("requests", _request),),
    ErasureAnswered: (("answers", _answer),),
    ErasureReplayed: (("answers", _answer),),
}
