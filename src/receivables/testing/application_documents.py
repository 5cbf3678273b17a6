"""Hypothesis strategies for applications for credit: applications, what backs them, decisions with offers."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.application import (
    DECISIONS,
    REFERENCES,
    ApplicationDecision,
    CreditApplication,
    CreditOffer,
    Paper,
    Reference,
    ReferenceAnswer,
)
from receivables.documents.invoice import DocumentLink
from receivables.testing.documents import amounts, days, ids, reasons, terms, texts
from receivables.testing.risk_documents import risk_scores


def references() -> SearchStrategy[Reference]:
    """References of every kind."""
    return st.builds(Reference, id=ids(), kind=st.sampled_from(REFERENCES), contact=ids())


def papers() -> SearchStrategy[Paper]:
    """Papers with and without a date."""
    digests = st.text("0123456789abcdef", min_size=64, max_size=64)
    links = st.builds(DocumentLink, uri=ids(), sha256=digests)
    return st.builds(Paper, kind=ids(), link=links, dated_on=st.none() | days())


@st.composite
def reference_answers(draw: DrawFn) -> ReferenceAnswer:
    """Answers that say much or little."""
    answered_on = draw(days())
    before = draw(st.none() | st.integers(0, 3000))
    return ReferenceAnswer(
        reference=draw(ids()),
        answered_on=answered_on,
        known_since=None if before is None else answered_on - dt.timedelta(days=before),
        highest=draw(st.none() | amounts(least=0)),
        days_late=draw(st.none() | st.integers(-30, 400)),
        warns=draw(st.booleans()),
        note=draw(texts() | st.just("")),
    )


def credit_applications() -> SearchStrategy[CreditApplication]:
    """Applications, with references and papers."""
    return st.builds(
        CreditApplication,
        id=ids(),
        account=ids(),
        applied_on=days(),
        amount=amounts(),
        terms=st.none() | terms(),
        references=st.lists(references(), max_size=2, unique_by=lambda each: each.id).map(tuple),
        papers=st.lists(papers(), max_size=2).map(tuple),
        note=texts() | st.just(""),
    )


@st.composite
def credit_offers(draw: DrawFn) -> CreditOffer:
    """Offers with and without terms and a day of review."""
    until = draw(days())
    review = draw(st.none() | st.integers(1, 400))
    return CreditOffer(
        limit=draw(amounts()),
        valid_until=until,
        terms=draw(st.none() | terms()),
        review_on=None if review is None else until + dt.timedelta(days=review),
    )


@st.composite
def application_decisions(draw: DrawFn) -> ApplicationDecision:
    """Decisions of every outcome, with what they were based on."""
    outcome = draw(st.sampled_from(DECISIONS))
    return ApplicationDecision(
        outcome=outcome,
        recommended=draw(st.sampled_from((*DECISIONS, "incomplete"))),
        reasons=tuple(draw(st.lists(reasons(), max_size=2))),
        missing=tuple(draw(st.lists(ids(), max_size=2))),
        offer=draw(credit_offers()) if outcome in ("approved", "reduced") else None,
        score=draw(st.none() | risk_scores()),
    )
