"""Strategies: which rule fits, the stable draw between champion and challenger, and what is refused."""

import datetime as dt

import pytest
from tests.service.world import eur

from receivables import Account, Customer, Invoice, PolicyBook, fold
from receivables.codec import read_settings, settings_text
from receivables.documents.notice import PolicyRef
from receivables.documents.promise import Promise
from receivables.documents.risk import RiskScore
from receivables.errors import InvalidValue
from receivables.facts.promise import PromiseMade
from receivables.facts.risk import CustomerScored
from receivables.policies import strategy as strategies
from receivables.policies.strategy import SLOTS, Arm, StrategyPolicy, StrategyRule, Treatment, slot_of
from receivables.policies.worklist import WorklistPolicy

DAY = dt.date(2026, 3, 2)
REF = PolicyRef(id="trade", version=1, digest="")


def view(account="ACME", amount=300, days=10, facts=(), **customer):
    due = DAY - dt.timedelta(days=days)
    invoice = Invoice.due(
        number="INV-1", account=account, issued_on=due - dt.timedelta(days=30), total=eur(amount), due_on=due
    )
    start = Account.of(Customer(id=account, **customer), invoices=[invoice])
    return fold(facts, start).view(DAY)


def rule(name="rule", arms=(("other", 100),), **conditions):
    return StrategyRule(name=name, arms=tuple(Arm(treatment=each, percent=share) for each, share in arms), **conditions)


def policy(*rules, **more):
    treatments = tuple(Treatment(name=name) for name in ("plain", "other", "third"))
    return StrategyPolicy(
        **{"id": "desk", "version": 1, "treatments": treatments, "otherwise": "plain", "rules": rules} | more
    )


def at(day):
    return {"effective_on": day, "recorded_at": dt.datetime.combine(day, dt.time(8), dt.UTC)}


SCORED = CustomerScored(score=RiskScore(points=1, risk_class="D", scorecard=REF), **at(DAY))
BROKEN = PromiseMade(
    promise=Promise(
        id="PTP-1",
        account="ACME",
        items=("INV-1",),
        amount=eur(300),
        made_on=dt.date(2026, 2, 25),
        pay_by=dt.date(2026, 2, 27),
    ),
    items=("INV-1",),
    last_day=dt.date(2026, 2, 27),
    **at(dt.date(2026, 2, 25)),
)


@pytest.mark.parametrize(
    ("conditions", "fits", "not_fits"),
    [
        ({"segments": frozenset({"retail"})}, {"segment": "retail"}, {"segment": "public"}),
        ({"tags": frozenset({"vip", "new"})}, {"tags": frozenset({"vip"})}, {"tags": frozenset({"old"})}),
        ({"least_overdue": (eur(300),)}, {"amount": 300}, {"amount": "299.99"}),
        ({"least_days_overdue": 30}, {"days": 30}, {"days": 29}),
        ({"risk_classes": frozenset({"D"})}, {"facts": (SCORED,)}, {}),
        ({"least_broken_promises": 1}, {"facts": (BROKEN,)}, {}),
        ({"least_broken_promises": 1, "promise_days": 3}, {"facts": (BROKEN,)}, {}),
        (
            {"least_days_overdue": 30, "least_overdue": (eur(1000),)},
            {"days": 30, "amount": 1000},
            {"days": 30, "amount": 999},
        ),
        ({}, {}, None),
    ],
)
def test_a_rule_fits_where_every_condition_holds(conditions, fits, not_fits):
    strategy = policy(rule(**conditions))
    found = strategy.treat(view(**fits))
    assert (found.treatment.name, found.rule, len(found.why)) == (
        "other",
        "rule",
        len(set(conditions) - {"promise_days"}),
    )
    if not_fits is not None:
        missed = strategy.treat(view(**not_fits))
        assert (missed.treatment.name, missed.rule, missed.slot) == ("plain", None, None)


def test_a_promise_broken_long_ago_does_not_count():
    assert policy(rule(least_broken_promises=1, promise_days=2)).treat(view(facts=(BROKEN,))).rule is None


def test_the_first_rule_that_fits_decides_and_the_decision_says_why():
    strategy = policy(rule("old", (("third", 100),), least_days_overdue=60), rule("any"))
    assert strategy.treat(view(days=61)).treatment.name == "third"
    assert strategy.treat(view(days=59)).rule == "any"
    assert str(strategy.treat(view(days=61))).startswith("ACME: third (rule 'old': days_overdue (61 days); slot ")


def test_accounts_are_dealt_to_arms_by_share_and_stay_there_whatever_the_version():
    trial = (("plain", 70), ("other", 20), ("third", 10))
    first, second = policy(rule(arms=trial)), policy(rule(arms=trial), version=2)
    dealt = {}
    for number in range(3000):
        each = view(f"C{number}")
        name = first.treat(each).treatment.name
        assert second.treat(each).treatment.name == name
        dealt[name] = dealt.get(name, 0) + 1
    assert 2000 < dealt["plain"] < 2200
    assert 540 < dealt["other"] < 660
    assert 240 < dealt["third"] < 360


def test_another_trial_deals_anew_and_independently():
    both = sum(slot_of("one", f"C{n}") < SLOTS // 2 and slot_of("two", f"C{n}") < SLOTS // 2 for n in range(4000))
    assert 900 < both < 1100
    assert slot_of("1", "1ACME") != slot_of("11", "ACME")


def test_the_first_and_the_last_slot_belong_to_the_first_and_the_last_arm(monkeypatch):
    strategy = policy(rule(arms=(("other", 1), ("third", 99))))
    for slot, wanted in ((0, "other"), (99, "other"), (100, "third"), (SLOTS - 1, "third")):
        monkeypatch.setattr(strategies, "slot_of", lambda trial, account, slot=slot: slot)
        assert strategy.treat(view()).treatment.name == wanted


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: rule(arms=(("other", 60), ("third", 30))), "must add up to 100 percent"),
        (lambda: rule(arms=()), "must add up to 100 percent"),
        (lambda: policy(rule(arms=(("nobody", 100),))), "must be one of the treatments"),
        (lambda: policy(otherwise="nobody"), "must be one of the treatments"),
        (lambda: policy(rule(), rule()), r"strategy\.rules: must name each once"),
        (lambda: Treatment(name="x", every_days=0), r"treatment\.every_days"),
        (lambda: rule(least_days_overdue=0), r"strategy_rule\.least_days_overdue"),
        (lambda: policy(treatments=(Treatment(name="plain"), Treatment(name="plain"))), "must name each once"),
    ],
)
def test_settings_that_nobody_can_mean_are_refused(make, error):
    with pytest.raises(InvalidValue, match=error):
        make()


def test_a_strategy_is_chosen_in_the_book_and_read_back_as_it_was_published():
    weights = WorklistPolicy(id="w", version=1, points=(("order_held", 5),))
    treatments = (Treatment(name="plain"), Treatment(name="calls", channel="phone", every_days=7, worklist=weights))
    strategy = policy(
        rule(arms=(("plain", 50), ("calls", 50)), risk_classes=frozenset({"D"}), least_overdue=(eur(5),)),
        treatments=treatments,
    )
    assert PolicyBook.of(strategy).strategy_for(Customer(id="ACME")) == strategy
    assert PolicyBook.of().strategy_for(Customer(id="ACME")) is None
    assert read_settings(settings_text(strategy)) == strategy


def test_the_slot_at_the_end_of_an_arm_belongs_to_the_next_one():
    """Sixty percent of the slots are 0 to 5,999; slot 6,000 is the first of the other arm."""
    drawn = policy(rule(arms=(("other", 60), ("third", 40)), trial="t"))
    at_slot = {slot_of("t", f"A-{n}"): f"A-{n}" for n in range(120_000)}
    edge = SLOTS * 60 // 100
    assert drawn.treat(view(at_slot[edge - 1])).treatment.name == "other"
    assert drawn.treat(view(at_slot[edge])).treatment.name == "third"
