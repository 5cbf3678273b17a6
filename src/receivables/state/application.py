"""The applications slice: applications for credit with what backs them, the decisions, and what came of the offers.

The life of an application, as `LIFE` says it and the tests check it::

    submitted -> referred   (a person has to look)
              -> offered    (approved, or approved for less)
              -> refused, withdrawn, lapsed
    referred  -> offered, refused, withdrawn, lapsed
    offered   -> accepted   (the limit is set)
              -> declined, withdrawn, lapsed
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import final

from attrs import frozen

from receivables.documents.application import (
    ApplicationDecision,
    CreditApplication,
    CreditOffer,
    Paper,
    Reference,
    ReferenceAnswer,
)
from receivables.facts.application import (
    ApplicationClosed,
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationSupplemented,
    OfferAccepted,
    ReferenceAnswered,
)
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "submitted": frozenset({"referred", "offered", "refused", "withdrawn", "lapsed"}),
    "referred": frozenset({"offered", "refused", "withdrawn", "lapsed"}),
    "offered": frozenset({"accepted", "declined", "withdrawn", "lapsed"}),
    "accepted": frozenset(),
    "declined": frozenset(),
    "refused": frozenset(),
    "withdrawn": frozenset(),
    "lapsed": frozenset(),
}

_AFTER = {"approved": "offered", "reduced": "offered", "referred": "referred", "refused": "refused"}


@final
@frozen(weakref_slot=False)
class ApplicationEntry(Entry):
    """An application as it was made."""

    application: CreditApplication
    lapses_on: dt.date | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class SupplementEntry(Entry):
    """What was added to an application."""

    application: str
    references: tuple[Reference, ...]
    papers: tuple[Paper, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReferenceEntry(Entry):
    """What a reference said."""

    application: str
    answer: ReferenceAnswer
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class DecidedEntry(Entry):
    """What was decided about an application, and by whom."""

    application: str
    decision: ApplicationDecision
    by: str | None
    approver: str | None
    approval: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ClosedEntry(Entry):
    """What the applicant said in the end: ``accepted``, ``declined`` or ``withdrawn``."""

    application: str
    outcome: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ApplicationState:
    """An application on a date: its status, with all references, answers and papers, the last decision and its day.

    ``lapses_on`` is the last day of the application, and once there is an offer that of the offer.
    """

    application: CreditApplication
    status: str
    references: tuple[Reference, ...]
    answers: tuple[ReferenceAnswer, ...]
    papers: tuple[Paper, ...]
    decision: ApplicationDecision | None
    decided_on: dt.date | None
    lapses_on: dt.date | None

    @property
    def offer(self) -> CreditOffer | None:
        """What was offered last."""
        return self.decision.offer if self.decision is not None else None

    @property
    def waits(self) -> bool:
        """Whether it is to be decided."""
        return self.status in ("submitted", "referred")


@final
@frozen(kw_only=True)
class Applications:
    """All applications, what was added, answered and decided, and how they ended, in log order."""

    made: tuple[ApplicationEntry, ...] = ()
    supplements: tuple[SupplementEntry, ...] = ()
    answers: tuple[ReferenceEntry, ...] = ()
    decisions: tuple[DecidedEntry, ...] = ()
    closings: tuple[ClosedEntry, ...] = ()

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[ApplicationState, ...]:
        """Each application as it stood on a date, in the order in which they were made."""
        return tuple(self._state(each, as_of, known_at) for each in self.made if each.seen(as_of, known_at))

    def decided(self, application: str) -> DecidedEntry | None:
        """The last decision about an application, whatever the date."""
        return next((each for each in reversed(self.decisions) if each.application == application), None)

    def _state(self, entry: ApplicationEntry, as_of: dt.date, known_at: dt.datetime | None) -> ApplicationState:
        id = entry.application.id
        added = [each for each in self.supplements if each.application == id and each.seen(as_of, known_at)]
        said = {e.answer.reference: e.answer for e in self.answers if e.application == id and e.seen(as_of, known_at)}
        decisions = [each for each in self.decisions if each.application == id and each.seen(as_of, known_at)]
        ends = [each.outcome for each in self.closings if each.application == id and each.seen(as_of, known_at)]
        last = decisions[-1] if decisions else None
        offer = last.decision.offer if last is not None else None
        lapses_on = offer.valid_until if offer is not None else entry.lapses_on
        return ApplicationState(
            application=entry.application,
            status=_status(ends, last, lapses_on is not None and lapses_on < as_of),
            references=(*entry.application.references, *(ref for each in added for ref in each.references)),
            answers=tuple(said.values()),
            papers=(*entry.application.papers, *(paper for each in added for paper in each.papers)),
            decision=last.decision if last is not None else None,
            decided_on=last.effective_on if last is not None else None,
            lapses_on=lapses_on,
        )


def _status(ends: Sequence[str], last: DecidedEntry | None, over: bool) -> str:
    """How it ended; else what was decided, while its day is not over."""
    if ends:
        return ends[0]
    status = _AFTER[last.decision.outcome] if last is not None else "submitted"
    return "lapsed" if over and LIFE[status] else status


def _submitted(fact: ApplicationSubmitted) -> Iterable[ApplicationEntry]:
    return (ApplicationEntry(fact.application, fact.lapses_on, fact.effective_on, fact.recorded_at),)


def _supplemented(fact: ApplicationSupplemented) -> Iterable[SupplementEntry]:
    return (SupplementEntry(fact.application, fact.references, fact.papers, fact.effective_on, fact.recorded_at),)


def _answered(fact: ReferenceAnswered) -> Iterable[ReferenceEntry]:
    return (ReferenceEntry(fact.application, fact.answer, fact.effective_on, fact.recorded_at),)


def _decided(fact: ApplicationDecided) -> Iterable[DecidedEntry]:
    return (
        DecidedEntry(
            fact.application,
            fact.decision,
            fact.by,
            fact.approver,
            fact.approval,
            fact.effective_on,
            fact.recorded_at,
        ),
    )


def _accepted(fact: OfferAccepted) -> Iterable[ClosedEntry]:
    return (ClosedEntry(fact.application, "accepted", fact.effective_on, fact.recorded_at),)


def _closed(fact: ApplicationClosed) -> Iterable[ClosedEntry]:
    return (ClosedEntry(fact.application, fact.outcome, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    ApplicationSubmitted: (("made", _submitted),),
    ApplicationSupplemented: (("supplements", _supplemented),),
    ReferenceAnswered: (("answers", _answered),),
    ApplicationDecided: (("decisions", _decided),),
    OfferAccepted: (("closings", _accepted),),
    ApplicationClosed: (("closings", _closed),),
}
