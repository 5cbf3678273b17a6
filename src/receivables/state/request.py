"""The requests slice: what the customer asked for by itself, and how it was answered.

The life of a request, as `LIFE` says it and the tests check it::

    accepted
    refused
    referred -> accepted   (a person said yes: what was asked for is recorded with that word)
             -> refused    (a person said no)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.reason import Reason
from receivables.documents.request import Request
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "accepted": frozenset(),
    "refused": frozenset(),
    "referred": frozenset({"accepted", "refused"}),
}


@final
@frozen(weakref_slot=False)
class RequestEntry(Entry):
    """A request with the answer that it was given at once."""

    request: Request
    outcome: str
    reasons: tuple[Reason, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class AnswerEntry(Entry):
    """What a person said to a request that was referred."""

    request: str
    accepted: bool
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class RequestState:
    """A request on a date: its status, the reasons, the day on which it was made and the one on which it was decided.

    ``decided_on`` is ``None`` while a person has to look at it.
    """

    request: Request
    status: str
    reasons: tuple[Reason, ...]
    asked_on: dt.date
    decided_on: dt.date | None

    @property
    def waits(self) -> bool:
        """Whether a person has to look at it."""
        return self.status == "referred"


@final
@frozen(kw_only=True)
class Requests:
    """All requests, and the answers of persons, in log order."""

    made: tuple[RequestEntry, ...] = ()
    answers: tuple[AnswerEntry, ...] = ()

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[RequestState, ...]:
        """Each request as it stood on a date, in the order in which they were made."""
        if not self.made:
            return ()
        answers = {each.request: each for each in self.answers if each.seen(as_of, known_at)}
        return tuple(_state(each, answers.get(each.request.id)) for each in self.made if each.seen(as_of, known_at))


def _state(entry: RequestEntry, answer: AnswerEntry | None) -> RequestState:
    if entry.outcome != "referred":
        return RequestState(entry.request, entry.outcome, entry.reasons, entry.effective_on, entry.effective_on)
    if answer is None:
        return RequestState(entry.request, "referred", entry.reasons, entry.effective_on, None)
    status = "accepted" if answer.accepted else "refused"
    return RequestState(entry.request, status, entry.reasons, entry.effective_on, answer.effective_on)


def _made(fact: RequestMade) -> Iterable[RequestEntry]:
    return (RequestEntry(fact.request, fact.outcome, fact.reasons, fact.effective_on, fact.recorded_at),)


def _answered(fact: RequestAnswered) -> Iterable[AnswerEntry]:
    return (AnswerEntry(fact.request, fact.accepted, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    RequestMade: (("made", _made),),
    RequestAnswered: (("answers", _answered),),
}
