"""Scores on random histories: nothing from the future, nothing from what was recorded later, and the class as a slow way has it."""

import datetime as dt
from decimal import localcontext

from hypothesis import given
from hypothesis import strategies as st

from receivables import Customer
from receivables.documents.notice import PolicyRef
from receivables.documents.risk import ClassOverride, RiskScore
from receivables.facts.customer import AccountOpened
from receivables.facts.risk import (
    ClassOverridden,
    CustomerScored,
    ExternalScoreReceived,
    FiguresDeclared,
    OverrideWithdrawn,
)
from receivables.policies.behavior import FEATURES, features
from receivables.policies.early_warnings import WarningPolicy, early_warnings
from receivables.policies.history import history
from receivables.state.account import fold
from receivables.testing.documents import FIRST_DAY
from receivables.testing.risk_documents import declared_figures, external_scores
from receivables.testing.strategies import facts_of, histories

POLICY = WarningPolicy(id="trade", version=1, never_paid_items=1, selective_items=1, returned_payments=1)
NAMES = (*FEATURES, "external:agency", "external:rating")
REF = PolicyRef(id="trade", version=1, digest="9f" * 32)
DAYS = st.integers(0, 120).map(lambda count: FIRST_DAY + dt.timedelta(days=count))


@st.composite
def told(draw):
    """A history with what others and the customer say among it."""
    facts = list(draw(histories(most=20)))
    for kind, make, name in (
        (ExternalScoreReceived, external_scores, "external"),
        (FiguresDeclared, declared_figures, "figures"),
    ):
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(1, len(facts)))
            known = facts[at - 1].recorded_at
            facts.insert(at, kind(effective_on=draw(DAYS), recorded_at=known, **{name: draw(make("ACME"))}))
    return tuple(facts)


@given(facts=told(), day=DAYS, data=st.data())
def test_features_and_warnings_are_the_same_whatever_is_recorded_later(facts, day, data):
    cut = data.draw(st.sampled_from([fact.recorded_at for fact in facts]))
    whole, then = fold(facts), fold(fact for fact in facts if fact.recorded_at <= cut)
    assert features(history(whole, day, cut), NAMES) == features(history(then, day), NAMES)
    views = [whole.view(day, cut), then.view(day)]
    assert early_warnings(whole, views[0], POLICY) == early_warnings(then, views[1], POLICY)


@given(facts=told(), day=DAYS)
def test_features_are_the_same_whatever_happens_after_the_day(facts, day):
    """What takes effect later is not there: an account without those facts has the same features."""
    seen = fold(fact for fact in facts if fact.effective_on <= day)
    assert features(history(fold(facts), day), NAMES) == features(history(seen, day), NAMES)


@given(facts=told(), day=DAYS)
def test_features_are_whole_numbers_within_their_bounds_in_any_decimal_context(facts, day):
    account = fold(facts)
    found = features(history(account, day), NAMES)
    assert all(value is None or type(value) is int for value in found.values())
    shares = ("late_share", "promises_kept", "overdue_share", "short_share")
    assert all(0 <= found[name] <= 1000 for name in shares if found[name] is not None)
    assert found["paydex"] is None or 1 <= found["paydex"] <= 100
    assert (found["days_late"] or 0) <= 36_500
    with localcontext() as context:
        context.prec = 1
        assert features(history(account, day), NAMES) == found


@given(facts=told(), day=DAYS)
def test_every_warning_has_evidence_from_before_the_day(facts, day):
    account = fold(facts)
    for warning in early_warnings(account, account.view(day), POLICY):
        assert warning.evidence
        assert all(each.on <= day for each in warning.evidence)


# The class on a date ----------------------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("score", "override", "withdraw")),
        st.integers(0, 20),
        st.sampled_from("ABC"),
        st.none() | st.integers(0, 15),
    ),
    max_size=12,
)


def log_of(events):
    """Facts in the order in which they were recorded, an hour each; days come as they come."""
    opened = dt.datetime.combine(FIRST_DAY, dt.time(0), dt.UTC)
    facts = [AccountOpened(customer=Customer(id="ACME"), effective_on=FIRST_DAY, recorded_at=opened)]
    names = []
    for at, (kind, since, name, length) in enumerate(events):
        day = FIRST_DAY + dt.timedelta(days=since)
        times = {"effective_on": day, "recorded_at": opened + dt.timedelta(hours=at + 1)}
        if kind == "score":
            facts.append(CustomerScored(score=RiskScore(points=0, risk_class=name, scorecard=REF), **times))
        elif kind == "override":
            until = None if length is None else day + dt.timedelta(days=length)
            override = ClassOverride(
                id=f"O-{at}", account="ACME", risk_class=name, starts_on=day, until=until, reason="strike"
            )
            facts.append(ClassOverridden(override=override, **times))
            names.append(override.id)
        elif names:
            facts.append(OverrideWithdrawn(override=names.pop(0), reason="over", **times))
    return facts


def naive_class(facts, day):
    """The class of a day by going through the log: overrides in force before scores, the later day before the earlier."""
    seen = [fact for fact in facts if fact.effective_on <= day]
    gone = {fact.override for fact in seen if isinstance(fact, OverrideWithdrawn)}
    best = None
    for at, fact in enumerate(seen):
        rank = None
        if isinstance(fact, ClassOverridden):
            override = fact.override
            if override.id not in gone and (override.until is None or day <= override.until):
                rank = (1, fact.effective_on, at, override.risk_class)
        elif isinstance(fact, CustomerScored):
            rank = (0, fact.effective_on, at, fact.score.risk_class)
        if rank is not None and (best is None or rank > best):
            best = rank
    return None if best is None else best[3]


@given(events=EVENTS)
def test_the_class_of_each_day_is_that_of_the_log_and_the_changes_are_the_days_on_which_it_moved(events):
    facts = log_of(events)
    account = fold(facts)
    days = [FIRST_DAY + dt.timedelta(days=at) for at in range(40)]
    classes = [account.view(day).risk.risk_class for day in days]
    assert classes == [naive_class(facts, day) for day in days]
    changes = account.view(days[-1]).risk.changes
    if all(not isinstance(fact, OverrideWithdrawn) for fact in facts):
        moved = [
            (day, before, after)
            for day, before, after in zip(days, [None, *classes[:-1]], classes, strict=True)
            if before != after
        ]
        assert [(each.on, each.before, each.after) for each in changes] == moved


@given(events=EVENTS, at=st.integers(0, 40))
def test_the_day_of_the_next_change_is_never_late(events, at):
    account = fold(log_of(events))
    day = FIRST_DAY + dt.timedelta(days=at)
    coming = account.risk.next_change(day)
    last_score = max((entry.effective_on for entry in account.risk.scores), default=FIRST_DAY)
    for later in range(at + 1, 45):
        then = FIRST_DAY + dt.timedelta(days=later)
        moved = account.view(then).risk.risk_class != account.view(day).risk.risk_class
        if moved and then > last_score >= day:
            break
        if moved and last_score <= day:
            assert coming is not None
            assert coming <= then
            break


@given(fact=facts_of(CustomerScored))
def test_a_score_alone_says_what_it_is(fact):
    account = fold([fact])
    state = account.view(fact.effective_on).risk
    assert (state.risk_class, state.points, state.scored_on) == (
        fact.score.risk_class,
        fact.score.points,
        fact.effective_on,
    )
