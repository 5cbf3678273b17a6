"""Facts about credit applications: made, added to, backed by references, decided, accepted, given up."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.application import ApplicationDecision, CreditApplication, Paper, Reference, ReferenceAnswer
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class ApplicationSubmitted(Fact):
    """A customer or a prospect applied for credit; it lapses after ``lapses_on`` where nothing was decided."""

    application: CreditApplication
    lapses_on: dt.date | None
    policy: PolicyRef | None


@final
@frozen(kw_only=True)
class ApplicationSupplemented(Fact):
    """References or papers were added to an application."""

    application: str
    references: tuple[Reference, ...]
    papers: tuple[Paper, ...]


@final
@frozen(kw_only=True)
class ReferenceAnswered(Fact):
    """A reference said what it knows of the applicant; a later answer replaces it."""

    application: str
    answer: ReferenceAnswer


@final
@frozen(kw_only=True)
class ApplicationDecided(Fact):
    """An application was approved, approved for less, refused, or referred to a person.

    ``policy`` recommended; ``approver`` is named where one approved it, ``approval`` is the request that was granted.
    """

    application: str
    decision: ApplicationDecision
    policy: PolicyRef | None
    approver: str | None
    approval: str | None
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class OfferAccepted(Fact):
    """The applicant accepted what was offered; the limit is set in the same commit."""

    application: str


@final
@frozen(kw_only=True)
class ApplicationClosed(Fact):
    """An application came to nothing by a word of the applicant: the offer ``declined``, or it was ``withdrawn``."""

    application: str
    outcome: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
