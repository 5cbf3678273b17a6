"""Hypothesis strategies for who looks after customers, what was said with them, and what bureaus and agencies have."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.assignment import Assignment
from receivables.documents.bureau import BureauReport
from receivables.documents.contact_log import CHANNELS, KINDS, OUTCOMES, LoggedContact, NextAction
from receivables.documents.placement import KINDS as COLLECTORS
from receivables.documents.placement import CommissionStep, CommissionTerms, Placement
from receivables.testing.documents import amounts, currencies, days, ids, texts

_IDS = st.lists(ids(), max_size=3, unique=True).map(tuple)


def assignments(account: str | None = None) -> SearchStrategy[Assignment]:
    """Customers given to a collector or a team, or back to the rules."""
    some = st.none() | ids()
    return st.builds(
        Assignment,
        account=ids() if account is None else st.just(account),
        starts_on=days(),
        collector=some,
        team=some,
        handed_over_from=some,
        reason=st.none() | texts().filter(str.strip),
    )


@st.composite
def logged_contacts(draw: DrawFn, account: str | None = None) -> LoggedContact:
    """Contacts of every outcome, with the link that it wants."""
    outcome = draw(st.sampled_from(OUTCOMES))
    return LoggedContact(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        on=draw(days()),
        channel=draw(st.sampled_from(CHANNELS)),
        outcome=outcome,
        items=draw(_IDS),
        promise=draw(ids()) if outcome == "promised" else None,
        dispute=draw(ids()) if outcome == "disputed" else None,
        inbound=draw(st.booleans()),
        person=draw(st.none() | ids()),
        note=draw(texts()),
    )


@st.composite
def next_actions(draw: DrawFn, account: str | None = None) -> NextAction:
    """Actions of today or later."""
    planned_on = draw(days())
    return NextAction(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        kind=draw(st.sampled_from(KINDS)),
        planned_on=planned_on,
        due_on=planned_on + dt.timedelta(days=draw(st.integers(0, 90))),
        owner=draw(st.none() | ids()),
        items=draw(_IDS),
        contact=draw(st.none() | ids()),
        note=draw(texts()),
    )


@st.composite
def bureau_reports(draw: DrawFn, account: str | None = None) -> BureauReport:
    """Debts that were due for some days when they were reported."""
    owed_since = draw(days())
    return BureauReport(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        bureau=draw(ids()),
        items=draw(_IDS.filter(bool)),
        balance=draw(amounts()),
        reported_on=owed_since + dt.timedelta(days=draw(st.integers(0, 400))),
        owed_since=owed_since,
        code=draw(st.sampled_from(("78", "84", "97"))),
    )


@st.composite
def commission_terms(draw: DrawFn) -> CommissionTerms:
    """Percentages with up to two decimals, with steps that rise or none."""
    percents = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)
    currency = draw(currencies())
    edges = sorted(draw(st.sets(st.integers(1, 1_000_000), max_size=3)))
    steps = tuple(
        CommissionStep(above=draw(amounts(currency, least=edge, most=edge)), percent=draw(percents)) for edge in edges
    )
    return CommissionTerms(percent=draw(percents), direct_percent=draw(st.none() | percents), steps=steps)


def placements(account: str | None = None) -> SearchStrategy[Placement]:
    """Items with an agency or a lawyer."""
    return st.builds(
        Placement,
        id=ids(),
        account=ids() if account is None else st.just(account),
        agency=ids(),
        items=_IDS.filter(bool),
        placed_on=days(),
        terms=commission_terms(),
        kind=st.sampled_from(COLLECTORS),
        reference=st.none() | ids(),
        note=texts(),
    )
