"""An application for credit, from the first paper to the limit: what is decided by whom, on what, and what lapses."""

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plans.test_authority import governed_by
from tests.policies.test_applications import paper
from tests.service.world import EUR, TODAY, World, day, eur, picture

from receivables import CreditLimit, Money, PaymentTerms
from receivables.documents.application import (
    ApplicationDecision,
    CreditApplication,
    CreditOffer,
    Reference,
    ReferenceAnswer,
)
from receivables.documents.authority import ApprovalRequest
from receivables.documents.risk import ClassOverride, DeclaredFigures
from receivables.errors import (
    ClaimTaken,
    CurrencyMismatch,
    InvalidValue,
    NotAuthorized,
    ReceivablesError,
    UnknownId,
)
from receivables.facts.application import ApplicationDecided, ApplicationSubmitted, OfferAccepted
from receivables.facts.authority import AuthorityUsed
from receivables.facts.credit import LimitSet
from receivables.facts.risk import FiguresDeclared
from receivables.policies.applications import ApplicationBand, ApplicationPolicy, ClassTerms
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard
from receivables.state.application import LIFE

MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(Role(name="analyst", persons=("ann",)), Role(name="head", persons=("bob",))),
    rules=(
        AuthorityRule(kind="limit", role="analyst", up_to=eur(5000)),
        AuthorityRule(kind="limit", role="head", up_to=eur(50_000)),
    ),
)
DESK = ApplicationPolicy(
    id="desk",
    version=1,
    bands=(ApplicationBand(up_to=eur(50_000), papers=("accounts",), figures=("sales",), references=1),),
    classes=(
        ClassTerms(risk_class="A"),
        ClassTerms(risk_class="B", percent=50),
        ClassTerms(risk_class="C", leads_to="refused"),
    ),
    lapse_days=60,
    offer_days=30,
)
SIZE = Scorecard(
    id="size",
    version=1,
    factors=(
        Factor(
            feature="business_age_days",
            code="young",
            bins=(Bin(below=730, points=0), Bin(below=1825, points=50), Bin(points=100)),
        ),
    ),
    classes=(RiskClass(name="A", least=100), RiskClass(name="B", least=50), RiskClass(name="C")),
)
BOOK = governed_by(MATRIX, DESK)
BOOK = attrs.evolve(BOOK, policies=(*(each for each in BOOK.policies if not isinstance(each, Scorecard)), SIZE))


@pytest.fixture
def world():
    """A prospect: an account without a single document."""
    world = World(policies=BOOK)
    world.open("NEW")
    return world


def figures(years=10, **more):
    founded_on = dt.date(TODAY.year - years, 1, 1)
    values = {"source": "accounts", "sales": eur(900_000), "founded_on": founded_on, **more}
    return DeclaredFigures(id="F-1", account="NEW", year_end=dt.date(2025, 12, 31), declared_on=TODAY, **values)


BANK = Reference(id="bank", kind="bank", contact="contact-1")


def submit(world, amount=20_000, id="CA-1", years=10, **more):
    money = amount if isinstance(amount, Money) else eur(amount)
    declared = more.pop("figures", figures(years))
    values = {
        "applied_on": world.today,
        "references": (BANK,),
        "papers": (paper(),),
        "terms": PaymentTerms.net(30),
        **more,
    }
    application = CreditApplication(id=id, account="NEW", amount=money, **values)
    return world.app.submit_application(application, figures=declared, key=f"submit {id}", by="portal")


def answered(world, id="CA-1", **more):
    answer = ReferenceAnswer(**{"reference": "bank", "answered_on": world.today, **more})
    return world.app.answer_reference("NEW", id, answer, key=f"answer {id} {world.today}")


def decide(world, id="CA-1", by="ann", **more):
    return world.app.decide_application("NEW", id, by=by, **{"key": f"decide {id} {world.today} {more}", **more})


def state(world, id="CA-1", on=None):
    return next(each for each in world.app.view("NEW", on or world.today).applications if each.application.id == id)


def limit(world, on=None):
    return [each.amount for each in world.app.view("NEW", on or world.today).limits]


# The usual way -------------------------------------------------------------------------------------------------------


def test_a_prospect_comes_to_a_limit(world):
    assert submit(world).outcome == "submitted"
    assert decide(world, approver="bob", key="too early").outcome == "incomplete"
    answered(world)
    assert decide(world, approver="bob").outcome == "approved"
    assert state(world).status == "offered"
    assert limit(world) == []
    world.at(30)
    assert world.app.accept_offer("NEW", "CA-1", by="portal", key="yes").outcome == "accepted"
    assert limit(world) == [eur(20_000)]
    (set_,) = world.facts(LimitSet, account="NEW")
    assert (set_.limit.maker, set_.limit.approver, set_.limit.valid_from) == ("ann", "bob", day(30))
    assert set_.limit.review_on == day(365)
    (accepted,) = world.facts(OfferAccepted, account="NEW")
    assert accepted.recorded_at == set_.recorded_at
    assert state(world).status == "accepted"


def test_what_is_declared_is_scored_and_kept_with_the_decision(world):
    submit(world, years=3)
    answered(world)
    receipt = decide(world, approver="bob")
    assert (receipt.outcome, [str(each) for each in receipt.reasons]) == ("reduced", ["above_class (10000.00 EUR)"])
    (fact,) = world.facts(ApplicationDecided, account="NEW")
    assert fact.decision.offer.limit == eur(10_000)
    assert (fact.decision.score.risk_class, fact.decision.score.codes) == ("B", ("young",))
    assert fact.decision.score.inputs[0].value is not None
    assert (fact.policy.id, fact.approver, fact.by) == ("desk", "bob", "ann")
    assert [type(each) for each in world.facts(ApplicationSubmitted, FiguresDeclared, account="NEW")] == [
        ApplicationSubmitted,
        FiguresDeclared,
    ]


def test_a_class_that_a_person_gave_counts_before_the_score(world):
    submit(world, years=1)
    answered(world)
    override = ClassOverride(id="O", account="NEW", risk_class="A", starts_on=TODAY, reason="bought by a large group")
    world.app.override_class(override, by="ann", approver="bob", key="o")
    assert decide(world, approver="bob").outcome == "approved"


def test_an_offer_takes_the_authority_for_its_limit(world):
    submit(world)
    answered(world)
    before = picture(world.store)
    with pytest.raises(NotAuthorized, match=r"limit 'CA-1' of 20000.00 EUR"):
        decide(world)
    assert picture(world.store) == before
    decide(world, approver="bob")
    assert [(each.kind, each.approvers) for each in world.facts(AuthorityUsed, account="NEW")] == [("limit", ("bob",))]
    world.app.accept_offer("NEW", "CA-1", by="portal", key="yes")
    assert len(world.facts(AuthorityUsed, account="NEW")) == 1


def test_an_approval_that_was_granted_before_serves_for_the_offer(world):
    submit(world)
    answered(world)
    asked = ApprovalRequest(id="A", account="NEW", kind="limit", subject="CA-1", amount=eur(20_000))
    world.app.request_approval(asked, by="ann", key="ask")
    world.app.grant_approval("NEW", "A", by="bob", key="grant")
    decide(world, approval="A")
    assert world.facts(ApplicationDecided, account="NEW")[0].approval == "A"


def test_within_her_authority_an_analyst_decides_alone(world):
    submit(world, 5000)
    answered(world)
    assert decide(world).outcome == "approved"


# Otherwise than recommended ------------------------------------------------------------------------------------------


def test_a_person_may_decide_otherwise_and_says_why(world):
    submit(world, years=1)
    with pytest.raises(InvalidValue, match=r"not as recommended, incomplete"):
        decide(world, outcome="approved", limit=eur(3000))
    decide(world, outcome="approved", limit=eur(3000), reason="her parents vouch for it", terms=PaymentTerms.net(7))
    decision = world.facts(ApplicationDecided, account="NEW")[0].decision
    assert (decision.outcome, decision.recommended) == ("reduced", "incomplete")
    assert decision.missing == ("1 references",)
    assert (decision.offer.limit, decision.offer.terms) == (eur(3000), PaymentTerms.net(7))


@pytest.mark.parametrize(("limit_", "reason"), [(10_000, None), (9000, None), (10_001, "known"), (20_000, "known")])
def test_less_than_recommended_needs_no_reason_and_more_does(world, limit_, reason):
    submit(world, years=3)
    answered(world)
    if reason is not None:
        with pytest.raises(InvalidValue, match=r"command.reason"):
            decide(world, outcome="approved", limit=eur(limit_), approver="bob")
    decide(world, outcome="approved", limit=eur(limit_), reason=reason, approver="bob")
    assert state(world).offer.limit == eur(limit_)


@pytest.mark.parametrize(
    ("more", "error", "shown"),
    [
        ({"outcome": "approved", "limit": eur(20_001), "reason": "x"}, InvalidValue, "20001.00 EUR"),
        ({"outcome": "approved", "limit": eur(0), "reason": "x"}, InvalidValue, "0.00 EUR"),
        ({"outcome": "approved", "limit": Money.of(5, "USD"), "reason": "x"}, CurrencyMismatch, "5.00 USD"),
        ({"outcome": "refused"}, InvalidValue, "as recommended, approved"),
        ({"outcome": "refused", "limit": eur(5)}, InvalidValue, "command.limit"),
        ({"limit": eur(5)}, InvalidValue, "command.limit"),
        ({"outcome": "reduced"}, InvalidValue, "'reduced'"),
        ({"id": "CA-9"}, UnknownId, "CA-9"),
    ],
)
def test_what_cannot_be_decided_leaves_nothing(world, more, error, shown):
    submit(world)
    answered(world)
    before = picture(world.store)
    with pytest.raises(error) as caught:
        decide(world, approver="bob", **more)
    assert shown in str(caught.value)
    assert picture(world.store) == before


def test_what_is_referred_waits_for_another_decision(world):
    submit(world)
    answered(world, warns=True)
    assert decide(world).outcome == "referred"
    assert state(world).waits
    world.at(1)
    answered(world)
    assert decide(world, approver="bob").outcome == "approved"


def test_without_a_policy_a_person_decides(world):
    world.restart(policies=governed_by())
    world.app.submit_application(
        CreditApplication(id="CA-1", account="NEW", applied_on=TODAY, amount=eur(100)), key="s"
    )
    assert decide(world).outcome == "referred"
    assert state(world).lapses_on is None
    decide(world, outcome="approved", reason="known")
    world.app.accept_offer("NEW", "CA-1", key="yes")
    assert limit(world) == [eur(100)]


# Days ----------------------------------------------------------------------------------------------------------------


def test_an_application_lapses_where_nobody_decides(world):
    submit(world)
    assert state(world, on=day(60)).status == "submitted"
    assert state(world, on=day(61)).status == "lapsed"
    world.at(61)
    with pytest.raises(InvalidValue, match=r"must be submitted or referred, and is lapsed"):
        decide(world)
    submit(world, id="CA-2", figures=None)


def test_an_offer_lapses_with_its_last_day(world):
    submit(world)
    answered(world)
    decide(world, approver="bob")
    assert (state(world).lapses_on, state(world, on=day(31)).status) == (day(30), "lapsed")
    world.at(31)
    with pytest.raises(InvalidValue, match=r"must be offered, and is lapsed"):
        world.app.accept_offer("NEW", "CA-1", key="yes")
    assert limit(world) == []


def test_a_limit_that_was_set_since_is_not_replaced_by_an_old_offer(world):
    submit(world)
    answered(world)
    decide(world, approver="bob")
    world.at(3)
    stop = CreditLimit(account="NEW", currency=EUR, amount=eur(0), valid_from=day(3))
    world.app.set_limit(stop, key="stop", by="ann")
    with pytest.raises(InvalidValue, match=r"must be decided anew: a limit was set on 2026-03-05"):
        world.app.accept_offer("NEW", "CA-1", key="yes")
    assert limit(world) == [eur(0)]


def test_what_was_known_on_a_day_stays_so(world):
    submit(world)
    first = world.clock.instant
    world.at(2)
    world.app.supplement_application("NEW", "CA-1", papers=(paper("register"),), key="more")
    answered(world)
    decide(world, approver="bob")
    then = world.app.view("NEW", TODAY).applications[0]
    assert (then.status, len(then.papers), then.answers) == ("submitted", 1, ())
    known = world.app.view("NEW", day(2), known_at=first).applications[0]
    assert (known.status, known.decision) == ("submitted", None)
    assert [len(state(world).papers), len(state(world).answers)] == [2, 1]


# Refusals ------------------------------------------------------------------------------------------------------------


def test_an_application_has_an_id_of_its_own_and_one_is_open_at_a_time(world):
    submit(world)
    with pytest.raises(ClaimTaken):
        world.app.submit_application(
            CreditApplication(id="CA-1", account="NEW", applied_on=TODAY, amount=Money.of(1, "USD")), key="x"
        )
    with pytest.raises(InvalidValue, match=r"must wait until 'CA-1' is decided"):
        submit(world, id="CA-2", figures=None)
    submit(world, Money.of(1, "USD"), id="CA-3", figures=None)
    with pytest.raises(InvalidValue, match=r"must not be after"):
        submit(world, Money.of(1, "GBP"), id="CA-4", figures=None, applied_on=day(1))
    with pytest.raises(InvalidValue, match=r"command.figures"):
        submit(world, Money.of(1, "GBP"), id="CA-5", figures=attrs.evolve(figures(), account="OTHER"))


def test_what_backs_it_is_checked(world):
    submit(world)
    add = world.app.supplement_application
    with pytest.raises(ClaimTaken, match=r"reference 'bank'"):
        add("NEW", "CA-1", references=(BANK,), key="x")
    with pytest.raises(InvalidValue, match=r"must add a paper or a reference"):
        add("NEW", "CA-1", key="x")
    with pytest.raises(InvalidValue, match=r"each reference once"):
        add("NEW", "CA-1", references=(attrs.evolve(BANK, id="y"),) * 2, key="x")
    with pytest.raises(UnknownId, match=r"nobody"):
        answered(world, reference="nobody")
    for on in (-1, 1):
        with pytest.raises(InvalidValue, match=r"answer.answered_on"):
            answered(world, answered_on=day(on))
    add("NEW", "CA-1", references=(attrs.evolve(BANK, id="other"),), key="y")
    answered(world, reference="other")


def test_the_applicant_ends_it(world):
    submit(world)
    close = world.app.close_application
    with pytest.raises(InvalidValue, match=r"must be offered, and is submitted"):
        close("NEW", "CA-1", "declined", reason="no", key="x")
    with pytest.raises(InvalidValue, match=r"'accepted'"):
        close("NEW", "CA-1", "accepted", reason="no", key="x")
    close("NEW", "CA-1", "withdrawn", reason="no", key="x")
    assert state(world).status == "withdrawn"
    submit(world, id="CA-2", figures=None)
    answered(world, id="CA-2")
    decide(world, id="CA-2", approver="bob")
    close("NEW", "CA-2", "declined", reason="dear", key="z")
    with pytest.raises(InvalidValue, match=r"must be offered, and is declined"):
        world.app.accept_offer("NEW", "CA-2", key="late")


def test_an_offer_comes_with_what_is_approved_and_with_nothing_else():
    offer = CreditOffer(limit=eur(1), valid_until=TODAY)
    for outcome, made in (("refused", offer), ("approved", None)):
        with pytest.raises(InvalidValue, match=r"decision.offer"):
            ApplicationDecision(outcome=outcome, recommended="referred", offer=made)
    with pytest.raises(InvalidValue, match=r"offer.review_on"):
        attrs.evolve(offer, review_on=TODAY)


def test_an_application_of_one_that_was_merged_is_decided_where_it_went(world):
    submit(world)
    answered(world)
    world.open("OLD")
    world.app.merge_accounts("OLD", "NEW", reason="one firm", by="ann", approver="bob", key="m")
    world.app.decide_application("OLD", "CA-1", outcome="approved", reason="known", by="ann", approver="bob", key="d")
    world.app.accept_offer("OLD", "CA-1", key="yes")
    assert [(each.account, each.amount) for each in world.app.view("OLD", TODAY).limits] == [("OLD", eur(20_000))]


# Any order -----------------------------------------------------------------------------------------------------------

STEPS = {
    "submit": lambda world: submit(world, figures=None, papers=(paper(), paper("x"))),
    "declare": lambda world: world.app.declare_figures(figures(), key="declare"),
    "answer": answered,
    "decide": lambda world: decide(world, approver="bob"),
    "refer": lambda world: decide(world, outcome="referred", reason="look"),
    "refuse": lambda world: decide(world, outcome="refused", reason="no"),
    "accept": lambda world: world.app.accept_offer("NEW", "CA-1", key="accept"),
    "decline": lambda world: world.app.close_application("NEW", "CA-1", "declined", reason="no", key="decline"),
    "withdraw": lambda world: world.app.close_application("NEW", "CA-1", "withdrawn", reason="no", key="withdraw"),
    "wait": lambda world: world.at((world.today - TODAY).days + 20),
}


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.sampled_from(list(STEPS)), min_size=4, max_size=14))
def test_an_application_lives_by_its_table_and_a_limit_comes_from_an_offer_alone(steps):
    world = World(policies=BOOK)
    world.open("NEW")
    before = "submitted"
    for step in steps:
        held = picture(world.store)
        try:
            STEPS[step](world)
        except ReceivablesError:
            assert picture(world.store) == held
        found = world.app.view("NEW", world.today).applications
        if found:
            assert found[0].status == before or found[0].status in LIFE[before]
            before = found[0].status
        assert len(world.facts(LimitSet, account="NEW")) == (before == "accepted")


@pytest.mark.parametrize("increase", [False, True])
def test_an_offer_stands_while_no_limit_is_set_but_an_insured_part(world, increase):
    """On top of what is offered, an increase may come to more than was approved. A base limit was there before."""

    def set_(amount, kind="base", **more):
        fields = {"account": "NEW", "currency": amount.currency, "amount": amount, "valid_from": world.today, **more}
        world.app.set_limit(CreditLimit(kind=kind, **fields), key=f"{amount} {kind}", by="ann")

    set_(eur(100))
    world.at(1)
    submit(world)
    answered(world)
    decide(world, approver="bob")
    world.at(3)
    set_(eur(10), "insured")
    if increase:
        set_(eur(50), "temporary", valid_to=day(9))
        with pytest.raises(InvalidValue, match=f"must be decided anew: a limit was set on {day(3)}"):
            world.app.accept_offer("NEW", "CA-1", key="yes")
    else:
        assert world.app.accept_offer("NEW", "CA-1", key="yes").outcome == "accepted"
