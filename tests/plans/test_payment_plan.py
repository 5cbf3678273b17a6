"""Agreeing, reinstating and cancelling plans; what is held back and what is waived while one performs."""

from decimal import Decimal

import attrs
import pytest
from tests.service.world import BOOK, TODAY, World, day, eur, payment_plan, picture

from receivables import CreditNote, Money, PolicyBook, aging
from receivables.documents.payment import Designation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.errors import (
    ClaimTaken,
    CurrencyMismatch,
    InvalidValue,
    NotAuthorized,
    NotJoinable,
    OverApplied,
    UnknownId,
)
from receivables.facts.authority import AuthorityUsed
from receivables.facts.charge import ChargeReinstated, ChargeWaived
from receivables.facts.dunning import NoticeQueued, StepsAnnulled
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.plans.commands import Unapply
from receivables.plans.dunning import plan_for
from receivables.plans.payment_plan_commands import AgreePlan
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.credit import oldest_overdue_days
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance


@pytest.fixture
def world():
    """Two overdue invoices: INV-1 of 300 since 40 days, INV-2 of 200 since 10."""
    world = World()
    world.open()
    world.invoice("INV-1", "300", -40)
    world.invoice("INV-2", "200", -10)
    return world


def view(world):
    return world.app.view("ACME", world.today)


def plan_of(world, on=None):
    return world.app.view("ACME", day(on) if on is not None else world.today).payment_plans[0]


def buckets(world, by="plan"):
    total = aging(view(world), by=by).total("EUR")
    return {name: str(amount.amount) for name, amount in total.buckets.items() if amount.minor}


def reinstate(world, until, **more):
    asked = {"on": world.today, "reason": "ill", "by": "ann", "approver": "bob", "key": f"again {world.today}", **more}
    return world.app.reinstate_plan("ACME", "PP-1", catch_up_by=day(until), **asked)


# Agreeing --------------------------------------------------------------------------------------------------------------


def test_a_plan_over_several_documents_is_recorded_with_what_was_settled_before(world):
    world.pay("P-1", "60")
    world.apply("P-1", "INV-1", "60")
    receipt = world.agree("PP-1", "INV-1 INV-2", (30, 220), (60, 220))
    assert (receipt.outcome, receipt.ids) == ("agreed", ("PP-1",))
    (fact,) = world.facts(PlanAgreed)
    assert (fact.settled, fact.effective_on, fact.by) == (eur(60), world.today, "ann")
    assert plan_of(world).paid == 0


@pytest.mark.parametrize("first", [219, 221])
def test_installments_that_do_not_add_up_to_what_is_open_are_refused_with_both_sums(world, first):
    before = picture(world.store)
    shown = f"must add up to what is open of the items, 500.00 EUR, got '{280 + first}.00 EUR'"
    with pytest.raises(InvalidValue, match=shown):
        world.agree("PP-1", "INV-1 INV-2", (30, 280), (60, first))
    assert picture(world.store) == before


def test_what_is_disputed_is_not_part_of_the_sum(world):
    world.dispute("D-1", "INV-1", "100")
    with pytest.raises(InvalidValue, match="400.00 EUR, got '500.00 EUR'"):
        world.agree("PP-1", "INV-1 INV-2", (30, 500))
    world.agree("PP-1", "INV-1 INV-2", (30, 400))
    assert [(part.kind, part.amount) for part in view(world).withheld if part.item == "INV-1"] == [
        ("dispute", 100_00),
        ("plan", 200_00),
    ]


def test_when_the_dispute_is_rejected_the_plan_keeps_back_no_more_than_was_agreed(world):
    world.dispute("D-1", "INV-1", "100")
    world.agree("PP-1", "INV-1", (30, 200))
    world.app.resolve_dispute("ACME", "D-1", "rejected", on=world.today, key="no")
    assert view(world).free("INV-1") == eur(100)
    assert buckets(world) == {"current": "200.00", "1-30": "200.00", "31-60": "100.00"}


@pytest.mark.parametrize(
    ("items", "installments", "more", "error", "shown"),
    [
        ("INV-9", [(30, 500)], {}, UnknownId, "INV-9"),
        ("INV-1", [(-1, 300)], {"agreed_on": day(-2)}, InvalidValue, "must not be due before today, 2026-03-02"),
        ("INV-1", [(30, 300)], {"agreed_on": day(1)}, InvalidValue, "plan.agreed_on: must not be after today"),
        ("INV-1", [(30, 300)], {"agreed_on": day(-60)}, InvalidValue, "plan.agreed_on: must not be before"),
        (
            "INV-1 INV-2",
            [(30, 300)],
            {"waives": ("INV-2",)},
            InvalidValue,
            "plan.waives: must be a charge that is open",
        ),
        ("INV-1", [(30, 300)], {"approver": "ann"}, InvalidValue, "must be another person"),
    ],
)
def test_a_plan_that_cannot_be_leaves_nothing_behind(world, items, installments, more, error, shown):
    before = picture(world.store)
    with pytest.raises(error, match=shown):
        world.agree("PP-1", items, *installments, **more)
    assert picture(world.store) == before


def test_a_plan_is_in_the_currency_of_its_items(world):
    world.invoice("INV-USD", Money.of(80, "USD"), 5)
    with pytest.raises(CurrencyMismatch):
        world.agree("PP-1", "INV-1 INV-USD", (30, 300))


def test_a_paid_item_is_no_part_of_a_plan(world):
    world.settle("INV-2", "200")
    with pytest.raises(InvalidValue, match="plan.items: must have something open that is not disputed, got 'INV-2'"):
        world.agree("PP-1", "INV-1 INV-2", (30, 300))


def test_an_id_is_taken_once_and_an_item_is_in_one_plan_that_performs(world):
    world.agree("PP-1", "INV-1", (30, 300))
    with pytest.raises(ClaimTaken, match="payment plan 'PP-1'"):
        world.app.agree_plan(payment_plan("PP-1", "INV-2", (30, 200)), key="other")
    with pytest.raises(InvalidValue, match="must not be in payment plan 'PP-1', which performs, got 'INV-1'"):
        world.agree("PP-2", "INV-1 INV-2", (30, 500))


def test_after_a_default_the_item_can_be_in_another_plan_and_the_first_one_is_not_reinstated(world):
    world.agree("PP-1", "INV-1", (3, 300))
    world.at(4).agree("PP-2", "INV-1", (30, 300))
    with pytest.raises(InvalidValue, match="must not be in payment plan 'PP-2'"):
        reinstate(world, 10)


def test_a_promise_is_withdrawn_before_a_plan_is_agreed(world):
    world.promise("PTP-1", "INV-1", "300", 9)
    with pytest.raises(InvalidValue, match="must not be promised: withdraw 'PTP-1' before, got 'INV-1'"):
        world.agree("PP-1", "INV-1", (30, 300))
    world.app.withdraw_promise("ACME", "PTP-1", on=world.today, reason="a plan", key="withdraw")
    assert world.agree("PP-1", "INV-1", (30, 300)).outcome == "agreed"


# While it performs -----------------------------------------------------------------------------------------------------


def test_what_it_covers_is_not_dunned_and_the_plan_says_why(world):
    world.agree("PP-1", "INV-1 INV-2", (30, 250), (60, 250))
    world.run()
    assert not world.queued()
    assert {row["reason"] for row in plan_for(view(world), BOOK)} == {"planned"}
    assert {part.until for part in view(world).withheld} == {day(30)}


def test_no_step_is_taken_and_none_is_lost(world):
    """The first step went out before the plan; the second follows the default."""
    world.run()
    world.deliver()
    world.agree("PP-1", "INV-1 INV-2", (10, 500))
    steps = []
    for offset in range(30):
        world.at(offset).run()
        for delivered in world.deliver():
            assert delivered.outcome == "sent"
        steps.append(max((ladder.step for ladder in view(world).ladders), key=["first", "second", "final"].index))
    assert steps[:11] == ["first"] * 11
    assert steps[11] == "second"


def test_a_letter_that_waits_is_taken_back_when_a_plan_is_agreed(world):
    world.run()
    (notice,) = world.queued()
    world.agree("PP-1", "INV-1 INV-2", (30, 500))
    world.deliver()
    assert world.life(notice.key)[-1] == "cancelled"


def test_it_ages_by_its_installments_and_by_origin_when_asked(world):
    world.agree("PP-1", "INV-1 INV-2", (5, 350), (40, 150), grace_days=60)
    assert buckets(world) == {"current": "500.00"}
    assert buckets(world, "origin") == {"1-30": "200.00", "31-60": "300.00"}
    world.at(45)
    assert buckets(world) == {"1-30": "150.00", "31-60": "350.00"}
    counts = aging(view(world)).total("EUR").counts
    assert (counts["31-60"], counts["1-30"]) == (2, 0)


def test_the_report_says_by_which_days_it_ages(world):
    assert str(aging(view(world))).startswith("aging by due date as of 2026-03-02")
    assert str(aging(view(world), by="origin")).startswith("aging by original due date as of 2026-03-02")
    with pytest.raises(InvalidValue, match=r"aging.by: must be one of document, origin, plan, got 'item'"):
        aging(view(world), by="item")


def test_it_is_as_overdue_as_its_oldest_part_that_was_missed_within_grace(world):
    assert oldest_overdue_days(view(world)) == 40
    world.agree("PP-1", "INV-1 INV-2", (5, 250), (40, 250), grace_days=10)
    assert oldest_overdue_days(view(world)) == 0
    assert oldest_overdue_days(world.app.view("ACME", day(9))) == 4
    assert oldest_overdue_days(world.app.view("ACME", day(16))) == 56


def test_other_items_are_as_overdue_as_ever(world):
    world.agree("PP-1", "INV-1", (30, 300))
    assert oldest_overdue_days(view(world)) == 10
    assert [row["reason"] for row in plan_for(view(world), BOOK)] == ["planned", "step_due"]


def test_a_credit_note_counts_towards_it(world):
    world.agree("PP-1", "INV-1", (10, 100), (40, 200))
    note = CreditNote(number="CN-1", account="ACME", issued_on=day(5), total=eur(100), against="INV-1")
    world.at(5).app.issue_credit_note(note, key="note")
    assert plan_of(world, 11).status == "performing"


def test_money_that_is_not_applied_does_not_count(world):
    world.agree("PP-1", "INV-1", (10, 300))
    world.at(5).pay("P-1", "300")
    assert plan_of(world, 11).status == "defaulted"


# Default ---------------------------------------------------------------------------------------------------------------


def test_after_a_default_it_ages_and_is_dunned_from_its_own_due_date(world):
    world.agree("PP-1", "INV-1 INV-2", (10, 250), (60, 250))
    world.at(11)
    assert plan_of(world).status == "defaulted"
    assert buckets(world) == buckets(world, "origin") == {"1-30": "200.00", "31-60": "300.00"}
    world.run()
    assert [line.item for line in world.queued()[0].lines] == ["INV-1", "INV-2"]
    assert plan_of(world, 10).status == "performing"


@pytest.mark.parametrize("policies", [BOOK, PolicyBook()])
def test_the_account_wakes_on_the_day_of_the_default_with_a_dunning_policy_and_without(policies):
    world = World(policies=policies)
    world.open()
    world.invoice("INV-1", "300", -3)
    world.agree("PP-1", "INV-1", (10, 300), grace_days=2)
    assert next(n for n in range(20) if "ACME" in world.store.due(day(n), "", 10)) == 13


@pytest.mark.parametrize("kept_back_by", ["dispute", "payment"])
def test_it_wakes_on_the_day_of_the_default_of_a_plan_whose_items_something_else_keeps_back(world, kept_back_by):
    world.agree("PP-1", "INV-1 INV-2", (10, 250), (60, 250))
    if kept_back_by == "dispute":
        world.dispute("D-1", "INV-1", 300)
        world.dispute("D-2", "INV-2", 200)
    else:
        designated = (Designation(item="INV-1", amount=eur(300)), Designation(item="INV-2", amount=eur(200)))
        world.pay("P-1", 500, method="card", status="pending", designated=designated)
    world.at(11).run()
    assert plan_of(world).status == "defaulted"
    assert [notice.template for notice in world.queued()] == ["plan_defaulted"]


@pytest.mark.parametrize("grace_days", [10**7, 10**9, 10**30])
def test_a_plan_whose_grace_outlasts_the_calendar_is_refused(world, grace_days):
    before = picture(world.store)
    with pytest.raises(InvalidValue, match="date"):
        world.agree("PP-1", "INV-1", (10, 300), grace_days=grace_days)
    assert picture(world.store) == before


def test_it_wakes_when_a_promise_ends_without_a_dunning_policy():
    world = World(policies=PolicyBook())
    world.open()
    world.invoice("INV-1", "300", -3)
    world.promise("PTP-1", "INV-1", "300", 9)
    assert next(n for n in range(20) if "ACME" in world.store.due(day(n), "", 10)) == 10


def test_a_payment_in_time_that_becomes_known_late_shows_that_there_was_no_default(world):
    world.agree("PP-1", "INV-1 INV-2", (10, 250), (60, 250))
    world.at(14).run()
    world.deliver()
    (letter,) = [fact for fact in world.facts(NoticeQueued) if fact.notice.audience == "customer"]
    assert plan_of(world).status == "defaulted"
    world.at(14, hour=12).pay("P-1", "250", on=9)
    world.apply("P-1", "INV-1", "250")
    assert plan_of(world).status == "performing"
    (annulled,) = world.facts(StepsAnnulled)
    assert (annulled.notice, annulled.items) == (letter.notice.key, ("INV-1", "INV-2"))
    known_then = world.app.view("ACME", day(14), letter.recorded_at).payment_plans[0]
    assert known_then.status == "defaulted"


def test_a_payment_that_is_returned_is_a_default_from_the_day_after_and_not_before(world):
    world.agree("PP-1", "INV-1", (10, 100), (40, 200))
    world.at(8).settle("INV-1", "100")
    world.at(20).app.return_payment("ACME", "P INV-1 100", "returned", "AC04", on=day(20), key="back")
    assert [plan_of(world, n).status for n in (11, 20, 21)] == ["performing", "performing", "defaulted"]


# Reinstated and cancelled ----------------------------------------------------------------------------------------------


def test_a_person_and_another_let_it_perform_again(world):
    world.agree("PP-1", "INV-1 INV-2", (10, 250), (60, 250))
    world.at(15)
    receipt = reinstate(world, 20)
    assert receipt.outcome == "reinstated"
    assert world.facts(PlanReinstated)[0].approver == "bob"
    assert plan_of(world).status == "performing"
    assert {part.until for part in view(world).withheld} == {day(20)}
    assert oldest_overdue_days(view(world)) == 5
    assert plan_of(world, 21).status == "defaulted"


@pytest.mark.parametrize(
    ("until", "more", "shown"),
    [
        (14, {}, "command.catch_up_by: must not be before today, 2026-03-17, got '2026-03-16'"),
        (20, {"on": day(10)}, "command.on: must be between 2026-03-13 and today, 2026-03-17, got '2026-03-12'"),
        (20, {"on": day(16)}, "command.on: must be between"),
        (20, {"approver": "ann"}, "must be another person"),
    ],
)
def test_a_reinstatement_that_cannot_be_is_refused(world, until, more, shown):
    world.agree("PP-1", "INV-1", (10, 300))
    world.at(15)
    before = picture(world.store)
    with pytest.raises(InvalidValue, match=shown):
        reinstate(world, until, **more)
    assert picture(world.store) == before


def test_only_a_default_is_reinstated_and_only_what_performs_is_cancelled(world):
    world.agree("PP-1", "INV-1", (10, 300))
    with pytest.raises(UnknownId, match="payment plan that is defaulted: 'PP-1'"):
        reinstate(world, 20)
    world.at(15)
    with pytest.raises(UnknownId, match="payment plan that is performing: 'PP-1'"):
        world.app.cancel_plan("ACME", "PP-1", on=world.today, reason="moved", key="cancel")


def test_a_cancelled_plan_leaves_the_debt_as_it_was(world):
    world.agree("PP-1", "INV-1 INV-2", (10, 500))
    world.at(5).app.cancel_plan("ACME", "PP-1", on=day(5), reason="moved", key="cancel")
    assert world.facts(PlanCancelled)[0].reason == "moved"
    assert plan_of(world).status == "cancelled"
    assert not view(world).withheld
    assert buckets(world) == {"1-30": "200.00", "31-60": "300.00"}


# What is waived on condition -------------------------------------------------------------------------------------------


@pytest.fixture
def charged():
    return furnished(BOOK)


def furnished(policies):
    """An invoice of 90 with a letter that charged a fee of 10 and interest."""
    world = World(policies=policies)
    world.open(segment="strict")
    world.invoice("INV-1", "90", -3)
    world.run()
    world.deliver()
    return world


FEE = f"INV-1/call/{day(-3)}/fee"


def waive(world, **more):
    fields = {"waives": (FEE,), "approver": "bob", **more}
    return world.agree("PP-1", f"INV-1 {FEE}", (10, 45), (20, 45), **fields)


def owed(world, on):
    found = world.app.view("ACME", day(on))
    return found.open(FEE) if FEE in found.places else None


def waivers(world):
    return [
        (type(fact).__name__, (fact.effective_on - day(0)).days, fact.amount)
        for fact in world.facts(ChargeWaived, ChargeReinstated)
    ]


def test_a_charge_is_waived_with_the_agreement_by_two_persons(charged):
    with pytest.raises(InvalidValue, match=r"command.approver: must be given where charges are waived, got None"):
        waive(charged, approver=None)
    waive(charged)
    (fact,) = charged.facts(ChargeWaived)
    assert (fact.charge, fact.amount, fact.plan, fact.approver) == (FEE, eur(10), "PP-1", "bob")
    assert "PP-1" in fact.reason
    assert owed(charged, 0) is None


def test_it_is_owed_again_from_the_day_of_the_default_whenever_the_day_is_run(charged):
    waive(charged)
    charged.at(14).run()
    assert waivers(charged) == [("ChargeWaived", 0, eur(10)), ("ChargeReinstated", 11, eur(10))]
    assert (owed(charged, 10), owed(charged, 11)) == (None, eur(10))
    charged.at(15).run(all_accounts=True)
    assert len(waivers(charged)) == 2


def test_it_stays_waived_when_the_plan_is_completed(charged):
    waive(charged)
    charged.at(9).settle("INV-1", "90")
    charged.at(40).run(all_accounts=True)
    assert plan_of(charged).status == "completed"
    assert waivers(charged) == [("ChargeWaived", 0, eur(10))]


def test_a_default_that_turns_out_false_waives_it_as_if_it_had_never_been_owed(charged):
    waive(charged)
    charged.at(11).run()
    charged.pay("P-2", "4")
    charged.apply("P-2", FEE, "4")
    charged.pay("P-1", "45", on=10)
    charged.apply("P-1", "INV-1", "45")
    assert [owed(charged, n) for n in (10, 11, 12)] == [None] * 3
    assert charged.app.view("ACME", day(11)).credit("P-2").remaining == 4_00


def test_it_is_owed_again_from_the_day_on_which_the_plan_is_cancelled(charged):
    waive(charged)
    charged.at(5).app.cancel_plan("ACME", "PP-1", on=day(4), reason="moved", key="cancel")
    assert [owed(charged, n) for n in (3, 4, 5)] == [None, eur(10), eur(10)]


def test_what_was_paid_on_it_while_it_was_owed_stays_paid_when_the_plan_is_reinstated(charged):
    waive(charged)
    charged.at(11).run()
    charged.pay("P-2", "4")
    charged.apply("P-2", FEE, "4")
    charged.at(15)
    reinstate(charged, 18)
    assert waivers(charged)[-1] == ("ChargeWaived", 15, eur(6))
    assert [owed(charged, n) for n in (10, 12, 15)] == [None, eur(6), None]
    charged.at(19).run()
    assert waivers(charged)[-1] == ("ChargeReinstated", 19, eur(6))


def test_nothing_is_waived_again_of_what_was_all_paid_while_it_was_owed(charged):
    waive(charged)
    charged.at(11).run()
    charged.pay("P-2", "10")
    charged.apply("P-2", FEE, "10")
    charged.at(15)
    reinstate(charged, 18)
    assert waivers(charged) == [("ChargeWaived", 0, eur(10)), ("ChargeReinstated", 11, eur(10))]


@pytest.mark.parametrize(
    ("agreed_on", "paid_on", "waived"), [(10, 10, 10), (10, 12, 10), (13, 12, 13), (13, 13, 13)], ids=str
)
def test_no_more_is_waived_than_was_open_when_the_plan_was_agreed(charged, agreed_on, paid_on, waived):
    """4.00 of the 10.00 were paid before it was agreed, on a day before or after the one that it is agreed for."""
    charged.at(paid_on).pay("P", "4")
    charged.apply("P", FEE, "4")
    charged.at(13)
    charged.agree("PP-1", f"INV-1 {FEE}", (20, 90), waives=(FEE,), approver="bob", agreed_on=day(agreed_on))
    assert waivers(charged) == [("ChargeWaived", waived, eur(6))]
    assert charged.app.view("ACME", day(13)).on_account("EUR") == eur(0)
    assert owed(charged, 13) is None
    charged.at(14).run(all_accounts=True)
    assert len(waivers(charged)) == 1


def test_a_payment_on_a_waived_charge_that_is_returned_is_owed_again(charged):
    charged.pay("P", "4")
    charged.apply("P", FEE, "4")
    waive(charged)
    assert owed(charged, 2) is None
    charged.at(2).app.return_payment("ACME", "P", "returned", "AC04", on=day(2), key="back")
    assert waivers(charged) == [("ChargeWaived", 0, eur(6))]
    assert [owed(charged, n) for n in (1, 2)] == [None, eur(4)]


def test_what_a_plan_does_not_waive_of_a_charge_is_paid_while_it_performs(charged):
    """4.00 of the 10.00 were paid, the plan waives 6.00, and the 4.00 go back: another payment of them stays."""
    charged.pay("P", "4")
    charged.apply("P", FEE, "4")
    waive(charged)
    charged.at(2).app.return_payment("ACME", "P", "returned", "AC04", on=day(2), key="back")
    charged.at(3).pay("P-2", "4")
    charged.apply("P-2", FEE, "4")
    assert owed(charged, 3) is None
    assert charged.app.view("ACME", day(3)).on_account("EUR") == eur(0)
    charged.at(40).run(all_accounts=True)
    assert waivers(charged)[-1] == ("ChargeReinstated", 11, eur(6))
    assert owed(charged, 40) == eur(6)


def test_what_follows_a_plan_in_the_same_instant_is_not_taken_for_what_was_before_it(charged):
    """4.00 of the 10.00 were paid, so 6.00 are approved; the 4.00 go back in the same batch."""
    charged.pay("P", "4")
    made = charged.apply("P", FEE, "4")
    plan = payment_plan("PP-1", f"INV-1 {FEE}", (10, 45), (20, 45), agreed_on=TODAY, waives=(FEE,))
    agree = AgreePlan(plan=plan, approver="bob", by="ann", key="agree")
    assert all(each.ok for each in charged.app.record([agree, Unapply(of="ACME", allocation=made.ids[0], key="undo")]))
    assert waivers(charged) == [("ChargeWaived", 0, eur(6))]
    assert owed(charged, 0) == eur(4)


def test_a_charge_in_another_currency_than_the_plan_is_not_waived(charged):
    charged.invoice("INV-K", Money.of("90", "KWD"), -3)
    with pytest.raises(CurrencyMismatch, match=r"90.000 KWD and 10.00 EUR"):
        charged.app.agree_plan(
            PaymentPlan(
                id="PP-1",
                account="ACME",
                items=("INV-K", FEE),
                waives=(FEE,),
                agreed_on=TODAY,
                installments=(PlanInstallment(due_on=day(10), amount=Money.of(90, "KWD")),),
            ),
            key="agree",
            by="ann",
            approver="bob",
        )


def test_what_another_plan_waived_until_a_later_day_is_not_waived_again_from_before_it(charged):
    waive(charged)
    charged.at(14).run()
    rule = rf"plan.agreed_on: must not be before {day(11)}, until which 'PP-1' waived"
    with pytest.raises(InvalidValue, match=rule):
        charged.agree("PP-2", f"INV-1 {FEE}", (20, 90), waives=(FEE,), approver="bob", agreed_on=day(10))
    charged.agree("PP-2", f"INV-1 {FEE}", (20, 90), waives=(FEE,), approver="bob", agreed_on=day(11))
    assert owed(charged, 14) is None


def test_a_plan_that_performs_again_waives_again_and_takes_the_authority_for_it(charged):
    """Ann may agree plans and not waive; the charge is owed since day 11."""
    roles = (Role(name="clerk", persons=("ann",)), Role(name="lead", persons=("bob",)))
    rules = (AuthorityRule(kind="plan", role="clerk"), AuthorityRule(kind="waiver", role="lead"))
    matrix = AuthorityPolicy(id="a", version=1, roles=roles, rules=rules)
    others = tuple(each for each in BOOK.policies if not isinstance(each, AuthorityPolicy))
    choices = tuple(each for each in BOOK.choices if each.kind != "authority")
    world = furnished(attrs.evolve(BOOK, policies=(*others, matrix), choices=choices))
    waive(world)
    world.at(15)
    with pytest.raises(NotAuthorized, match=r"no authority for waiver 'PP-1' of 10.00 EUR"):
        reinstate(world, 18, approver="dan")
    reinstate(world, 18, approver="bob")
    assert [fact.amount for fact in world.facts(AuthorityUsed) if fact.kind == "waiver"] == [eur(10), eur(10)]


def test_what_was_let_go_on_a_charge_and_taken_back_is_waived_with_the_rest():
    tolerant = SettlementPolicy(id="tolerant", version=1, tolerance=Tolerance(amount=(eur(1),), percent=Decimal(5)))
    others = tuple(each for each in BOOK.policies if not isinstance(each, SettlementPolicy))
    world = furnished(attrs.evolve(BOOK, policies=(*others, tolerant)))
    world.pay("P", "9.80")
    receipt = world.app.settle("ACME", "P", (FEE,), key="settle")
    assert owed(world, 0) is None
    world.app.unapply("ACME", receipt.ids[0], key="undo")
    waive(world)
    assert waivers(world) == [("ChargeWaived", 0, eur(10))]
    assert owed(world, 0) is None


def test_no_person_takes_back_what_a_plan_waives(charged):
    waive(charged)
    with pytest.raises(OverApplied, match=r"waived charge .* 0.00 EUR available"):
        charged.app.reinstate_charge("ACME", FEE, reason="no", by="ann", approver="bob", key="no")


# Customers that are one ------------------------------------------------------------------------------------------------


def test_a_plan_over_items_of_two_merged_customers_performs_for_the_whole_and_is_left_to_each_after_a_separation(
    charged,
):
    charged.open("BETA")
    charged.invoice("INV-B", "60", -3, "BETA")
    persons = {"reason": "one shop", "by": "ann", "approver": "bob"}
    charged.app.merge_accounts("ACME", "BETA", key="merge", **persons)
    charged.agree("PP-1", f"INV-1 INV-B {FEE}", (10, 90), (20, 60), waives=(FEE,), approver="bob")
    assert {part.item for part in view(charged).withheld} == {"INV-1", "INV-B"}
    charged.at(9).settle("INV-B", "60")
    assert plan_of(charged, 10).paid == 60_00
    charged.at(11).run()
    assert plan_of(charged).status == "defaulted"
    assert owed(charged, 11) == eur(10)
    assert waivers(charged) == [("ChargeWaived", 0, eur(10)), ("ChargeReinstated", 11, eur(10))]
    with pytest.raises(NotJoinable, match="plan 'PP-1'"):
        charged.app.separate_accounts("ACME", "BETA", key="separate", **persons)


def test_each_of_two_charges_that_a_plan_waives_is_owed_again_for_itself(charged):
    """The interest is no part of what the fee comes to, nor the other way round."""
    interest = f"INV-1/call/{day(-3)}/interest"
    due = charged.app.view("ACME", day(0)).open(interest)
    total = eur(90)
    parts = ((10, 45), (20, (total - eur(45)).amount))
    charged.agree("PP-1", f"INV-1 {FEE} {interest}", *parts, waives=(FEE, interest), approver="bob")
    charged.at(14).run()
    reinstated = {fact.charge: fact.amount for fact in charged.facts(ChargeReinstated)}
    assert reinstated == {FEE: eur(10), interest: due}
