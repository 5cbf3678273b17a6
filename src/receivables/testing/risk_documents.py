"""Hypothesis strategies for what is known or said of the risk of a customer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.risk import (
    AMOUNTS,
    WARNINGS,
    ClassOverride,
    DeclaredFigures,
    EarlyWarning,
    Evidence,
    ExternalScore,
    RiskScore,
    ScoreInput,
    ScoreReason,
)
from receivables.testing.documents import amounts, currencies, days, ids, policy_refs, texts

CLASSES = ("A", "B", "C", "D")


def risk_scores() -> SearchStrategy[RiskScore]:
    """Scores of every class, with reasons and inputs or without."""
    values = st.none() | st.integers(-5_000, 5_000)
    reasons = st.builds(ScoreReason, code=ids(), feature=ids(), value=values, points_lost=st.integers(1, 200))
    return st.builds(
        RiskScore,
        points=st.integers(0, 1_000),
        risk_class=st.sampled_from(CLASSES),
        scorecard=policy_refs(),
        reasons=st.lists(reasons, max_size=3).map(tuple),
        inputs=st.lists(st.builds(ScoreInput, name=ids(), value=values), max_size=3).map(tuple),
    )


@st.composite
def external_scores(draw: DrawFn, account: str | None = None) -> ExternalScore:
    """Outside scores with up to three decimals."""
    on = draw(days())
    return ExternalScore(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        name=draw(st.sampled_from(("agency", "rating"))),
        value=Decimal(draw(st.integers(-9_999, 99_999))) / draw(st.sampled_from((1, 10, 1_000))),
        source=draw(ids()),
        on=on,
        valid_until=draw(st.none() | st.integers(0, 400).map(lambda count: on + dt.timedelta(days=count))),
        reference=draw(st.none() | ids()),
    )


@st.composite
def declared_figures(draw: DrawFn, account: str | None = None) -> DeclaredFigures:
    """Figures of a balance sheet, some of them left out."""
    currency, declared_on = draw(currencies()), draw(days())
    return DeclaredFigures(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        year_end=declared_on - dt.timedelta(days=draw(st.integers(0, 700))),
        declared_on=declared_on,
        source=draw(ids()),
        audited=draw(st.booleans()),
        employees=draw(st.integers(0, 500)),
        founded_on=draw(st.none() | days()),
        **{name: draw(st.none() | amounts(currency)) for name in AMOUNTS},
    )


@st.composite
def class_overrides(draw: DrawFn, account: str | None = None) -> ClassOverride:
    """Classes that a person gave, with and without an end."""
    starts_on = draw(days())
    return ClassOverride(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        risk_class=draw(st.sampled_from(CLASSES)),
        starts_on=starts_on,
        until=draw(st.none() | st.integers(0, 400).map(lambda count: starts_on + dt.timedelta(days=count))),
        reason=draw(texts().filter(lambda text: bool(text.strip()))),
    )


def early_warnings() -> SearchStrategy[EarlyWarning]:
    """Warnings of every kind, each with a thing or two to rest on."""
    evidence = st.builds(
        Evidence,
        about=st.sampled_from(("item", "promise", "payment")),
        subject=ids(),
        on=days(),
        amount=st.none() | amounts(),
        days=st.none() | st.integers(0, 90),
    )
    return st.builds(
        EarlyWarning,
        kind=st.sampled_from(WARNINGS),
        period=st.just("2026-03"),
        evidence=st.lists(evidence, min_size=1, max_size=2).map(tuple),
    )
