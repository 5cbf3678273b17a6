"""Alerts to staff: what they are told, once each, and only while it is so."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, World, day, eur

from receivables import CreditPolicy, PolicyBook
from receivables.documents.payment import Designation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.facts.dunning import NoticeCancelled
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime

POLICIES = PolicyBook(
    policies=(
        *BOOK.policies,
        ArrangementPolicy(id="standard", version=1, alert_dispute_days=10, alert_payment_days=5),
        LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"), warn_days_before=(180, 30)),
    ),
    choices=BOOK.choices,
)


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00, two days overdue."""
    world = World(policies=POLICIES)
    world.open()
    world.invoice("INV-1", "1000", -2)
    return world


def alerts(world: World) -> list[tuple[str, str]]:
    """What went out to staff: the code, and what it is about."""
    sent = [notice for notice in world.notifier.notices if notice.audience == "staff"]
    return [(notice.template, notice.lines[0].step) for notice in sent]


def pass_days(world: World, first: int, last: int) -> None:
    """Run and deliver every day, over the accounts that are due for attention."""
    for offset in range(first, last + 1):
        world.at(offset)
        world.run()
        world.deliver()


def test_a_broken_promise_is_told_on_the_day_after_its_last_day_and_once(world):
    world.promise("P", "INV-1", "1000", 4)
    pass_days(world, 1, 4)
    assert alerts(world) == []
    pass_days(world, 5, 30)
    assert alerts(world) == [("promise_broken", "P")]
    (told,) = [notice for notice in world.notifier.notices if notice.audience == "staff"]
    assert (told.as_of, told.channel, told.lines[0].item, told.total) == (day(5), "staff", "INV-1", eur(1000))


def test_a_promise_that_is_kept_is_not_told(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(4)
    world.settle("INV-1", "1000")
    pass_days(world, 4, 30)
    assert alerts(world) == []


def test_an_alert_that_waits_is_taken_back_when_the_payment_becomes_known(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(5).run()
    world.pay("P1", "1000", on=4)
    world.apply("P1", "INV-1", "1000")
    assert "not so any more" in [fact.reason for fact in world.facts(NoticeCancelled)]
    world.deliver()
    assert alerts(world) == []


def test_an_alert_that_was_taken_back_is_told_when_it_is_so_again(world):
    world.promise("P", "INV-1", "1000", 4)
    world.at(5).run()
    world.pay("P1", "1000", on=4)
    made = world.apply("P1", "INV-1", "1000").ids[0]
    world.app.unapply("ACME", made, key="undo")
    world.deliver()
    assert alerts(world) == [("promise_broken", "P")]


def test_an_alert_that_went_out_is_not_told_again(world):
    world.promise("P", "INV-1", "1000", 4)
    pass_days(world, 5, 5)
    world.pay("P1", "1000", on=4)
    made = world.apply("P1", "INV-1", "1000").ids[0]
    world.app.unapply("ACME", made, key="undo")
    pass_days(world, 6, 8)
    assert alerts(world) == [("promise_broken", "P")]


def test_a_dispute_is_told_when_it_reaches_its_age(world):
    world.dispute("D", "INV-1", "400")
    pass_days(world, 1, 9)
    assert alerts(world) == []
    pass_days(world, 10, 40)
    assert alerts(world) == [("dispute_over_age", "D")]


def test_a_dispute_that_ended_before_is_not_told(world):
    world.dispute("D", "INV-1", "400")
    world.at(9)
    world.app.resolve_dispute("ACME", "D", "rejected", on=day(9), key="end")
    pass_days(world, 10, 40)
    assert alerts(world) == []


def test_a_dispute_about_what_was_paid_meanwhile_is_not_told(world):
    world.dispute("D", "INV-1", "400")
    world.at(5)
    world.settle("INV-1", "1000")
    pass_days(world, 5, 40)
    assert alerts(world) == []


def test_a_plan_in_default_is_told(world):
    parts = tuple(PlanInstallment(due_on=day(offset), amount=eur(500)) for offset in (5, 35))
    plan = PaymentPlan(id="PLAN", account="ACME", items=("INV-1",), agreed_on=day(0), installments=parts, grace_days=2)
    world.app.agree_plan(plan, key="plan", by="ann")
    pass_days(world, 1, 7)
    assert alerts(world) == []
    pass_days(world, 8, 20)
    assert alerts(world) == [("plan_defaulted", f"PLAN/{day(8)}")]


def test_a_claim_about_to_lapse_is_told_at_each_warning_and_at_its_end(world):
    """Due on 28 February 2026: three years from the end of 2026, so it ends with 2029."""
    for notice_day in (dt.date(2029, 7, 3), dt.date(2029, 7, 4), dt.date(2029, 12, 1), dt.date(2030, 1, 1)):
        world.at(notice_day)
        world.run()
        world.deliver()
    ends = "INV-1/2029-12-31"
    assert alerts(world) == [("claim_lapses", f"{ends}/180"), ("claim_lapses", f"{ends}/30"), ("claim_barred", ends)]


def test_the_account_sleeps_until_there_is_something_to_tell(world):
    """Nothing but the limitation moves it once its ladder is through."""
    quiet = World(policies=PolicyBook.of(*[each for each in POLICIES.policies if isinstance(each, LimitationPolicy)]))
    quiet.open()
    quiet.invoice("INV-1", "1000", -2)
    assert list(quiet.store.due(dt.date(2029, 7, 3), "", 10)) == []
    assert list(quiet.store.due(dt.date(2029, 7, 4), "", 10)) == ["ACME"]


def test_an_announced_payment_that_neither_comes_nor_fails_is_told_when_it_is_late(world):
    meant = (Designation(item="INV-1", amount=eur(1000)),)
    world.pay("P", "1000", method="card", status="unknown", designated=meant)
    pass_days(world, 1, 4)
    assert alerts(world) == []
    pass_days(world, 5, 40)
    assert alerts(world) == [("payment_undecided", "P")]


def test_an_announced_payment_that_came_is_not_told(world):
    meant = (Designation(item="INV-1", amount=eur(1000)),)
    world.pay("P", "1000", method="card", status="pending", designated=meant)
    world.at(4)
    world.app.confirm_payment("ACME", "P", on=day(4), key="there")
    pass_days(world, 4, 30)
    assert alerts(world) == []


def test_no_policy_no_alert(world):
    silent = World(policies=attrs.evolve(POLICIES, policies=BOOK.policies))
    silent.open()
    silent.invoice("INV-1", "1000", -2)
    silent.dispute("D", "INV-1", "400")
    pass_days(silent, 1, 40)
    assert alerts(silent) == []


def test_a_group_has_no_customer_whose_claims_could_lapse():
    claims = LimitationPolicy(id="claims", version=1, regime=limitation_regime("AT"))
    watched = CreditPolicy(id="standard", version=1, inherit_group=True, alert_percents=(50,))
    world = World(policies=PolicyBook.of(watched, claims))
    world.app.open_group("G", key="group")
    world.open(group="G")
    world.limit("100", "group:G")
    assert world.order("A", "60").outcome == "approved"
    assert [notice.template for notice in world.queued("group:G")] == ["credit_threshold_crossed"]
    assert all(result.error is None for result in world.at(1).run(all_accounts=True))
