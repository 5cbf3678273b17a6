"""Replay: what was decided comes out again, by the settings of then; what was tampered with does not."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, CREDIT, LADDER, RISK, World, eur, furnished

from receivables import CreditPolicy, DunningPolicy, DunningStep, PolicyBook
from receivables.codec import policy_ref
from receivables.errors import InvalidValue
from receivables.facts.cash import AllocationMade
from receivables.facts.charge import ChargeRaised
from receivables.facts.credit import OrderHeld, OrderReserved
from receivables.facts.dunning import NoticeQueued
from receivables.facts.policy import PolicyPublished
from receivables.facts.risk import CustomerScored
from receivables.plans.cash_commands import Settle
from receivables.plans.commands import CATALOG
from receivables.plans.replay import OUTCOMES, replay, replay_all
from receivables.policies.fees import FeeRule
from receivables.policies.settlement import SettlementPolicy, Tolerance
from receivables.state.account import fold


def catalog_of(world):
    """All policies of the world, published."""
    for number, policy in enumerate(world.policies.policies):
        world.app.publish(policy, key=f"publish {number} {type(policy).__name__}")
    return list(world.app.history(CATALOG))


def again(world, kind, account="ACME", **more):
    """Each fact of a kind, replayed: the outcomes in order."""
    log = list(world.app.history(account))
    catalog = more.pop("catalog", None) or catalog_of(world)
    found = [replay(account, log, at, catalog, **more) for at, fact in enumerate(log) if type(fact) is kind]
    assert found
    return found


def outcomes(found):
    return [each.outcome for each in found]


@pytest.fixture
def world():
    world = World()
    world.open()
    world.limit(1000)
    return world


def test_orders_are_decided_again_as_they_were_whatever_happened_since(world):
    world.order("SO-1", 600)
    world.order("SO-2", 600)
    world.at(1).limit(100)
    assert outcomes(again(world, OrderReserved) + again(world, OrderHeld)) == ["same", "same"]
    assert str(again(world, OrderHeld)[0]) == "OrderHeld by standard/1: same"


def test_an_order_that_is_freed_by_a_payment_is_decided_again(world):
    world.invoice("INV-1", 700, 20)
    world.order("SO-1", 600)
    world.at(3).settle("INV-1", 700)
    assert outcomes(again(world, OrderReserved) + again(world, OrderHeld)) == ["same", "same"]


def test_an_order_that_a_person_let_through_is_compared_with_what_the_policy_said(world):
    world.order("SO-1", 6000)
    world.app.release_held_order("ACME", "SO-1", approver="bob", reason="wired", by="ann", key="let")
    assert outcomes(again(world, OrderReserved)) == ["same"]


def test_a_decision_that_was_tampered_with_differs_and_says_where(world):
    world.order("SO-1", 600)
    log = list(world.app.history("ACME"))
    fact = log[-1]
    forged = attrs.evolve(fact, record=attrs.evolve(fact.record, limit=eur(900)))
    found = replay("ACME", [*log[:-1], forged], len(log) - 1, catalog_of(world))
    assert found.outcome == "differs"
    assert [(each.path, each.recorded, each.replayed) for each in found.differences] == [
        ("record.limit.minor", 90_000, 100_000)
    ]
    assert "record.limit.minor: 90000, now 100000" in str(found)
    assert found.rows()[0]["account"] == "ACME"


def test_a_version_that_is_missing_or_other_is_said_and_never_replaced(world):
    world.order("SO-1", 600)
    (found,) = again(world, OrderReserved, catalog=[fact for fact in catalog_of(world) if fact.policy.id != "standard"])
    assert (found.outcome, found.missing) == ("policy_missing", ("standard/1",))
    other = policy_ref(CreditPolicy(id="standard", version=1, exceeded="refuse"))
    forged = [attrs.evolve(fact, policy=other) for fact in catalog_of(world) if fact.policy == policy_ref(CREDIT)]
    assert outcomes(again(world, OrderReserved, catalog=forged)) == ["policy_differs"]


def test_settings_that_do_not_fit_their_digest_are_not_believed(world):
    world.order("SO-1", 600)
    lie = CreditPolicy(id="standard", version=1, exceeded="refuse")
    forged = [
        attrs.evolve(fact, settings=fact.settings.replace('"exceeded":"hold"', '"exceeded":"refuse"'))
        for fact in catalog_of(world)
        if isinstance(fact, PolicyPublished) and fact.policy == policy_ref(CREDIT)
    ]
    assert policy_ref(lie) != policy_ref(CREDIT)
    assert outcomes(again(world, OrderReserved, catalog=forged)) == ["policy_differs"]


def test_a_member_of_a_group_needs_its_relatives():
    world = World()
    world.app.open_group("HOLDING", key="group")
    world.open(group="HOLDING")
    world.limit(1000)
    world.order("SO-1", 600)
    assert outcomes(again(world, OrderHeld)) == ["inputs_elsewhere"]
    before = {id: world.app.account(id) for id in ("group:HOLDING",)}
    assert outcomes(again(world, OrderHeld, relatives=before)) == ["same"]


def test_letters_are_queued_again_step_by_step_with_what_they_claimed():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-1", 1000, -10)
    world.run()
    world.deliver()
    world.invoice("INV-2", 500, 1)
    world.at(9).run()
    world.deliver()
    letters = again(world, NoticeQueued, policies=BOOK)
    assert set(outcomes(letters)) == {"same"}
    assert len(letters) == 3
    assert set(outcomes(again(world, ChargeRaised, policies=BOOK))) == {"same"}


def test_a_letter_with_another_fee_than_the_policy_says_differs():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-1", 1000, -10)
    world.run()
    log, catalog = list(world.app.history("ACME")), catalog_of(world)
    at = next(at for at, fact in enumerate(log) if isinstance(fact, NoticeQueued))
    notice = log[at].notice
    line = notice.lines[0]
    fee = attrs.evolve(line.charges[0], amount=eur(11))
    forged = attrs.evolve(notice, lines=(attrs.evolve(line, charges=(fee, *line.charges[1:])),))
    found = replay("ACME", [*log[:at], attrs.evolve(log[at], notice=forged)], at, catalog, policies=BOOK)
    assert [each.path for each in found.differences] == ["notice.lines[0].charges[0].amount.minor"]


def test_a_ladder_that_was_changed_since_is_climbed_as_it_was():
    world = World()
    world.open()
    world.invoice("INV-1", 1000, -10)
    world.run()
    world.deliver()
    catalog = catalog_of(world)
    changed = DunningPolicy(
        id="standard", version=2, steps=(DunningStep(name="first", days_after_due=1, fee=FeeRule.flat("x", eur(9))),)
    )
    later = PolicyBook.of(changed)
    assert outcomes(again(world, NoticeQueued, catalog=catalog, policies=later)) == ["same"]


def test_interest_that_was_claimed_without_a_letter_is_worked_out_again():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-1", 1000, -40)
    world.app.claim_interest("ACME", "INV-1", until=dt.date(2026, 3, 2), key="claim")
    assert outcomes(again(world, ChargeRaised, policies=BOOK)) == ["same"]


TOLERANT = SettlementPolicy(id="desk", version=1, tolerance=Tolerance(amount=(eur(5),)))


def settled(paid):
    world = World(policies=PolicyBook.of(TOLERANT, LADDER, CREDIT))
    world.open()
    world.invoice("INV-1", 1000, 20)
    world.invoice("INV-2", 500, 20)
    world.pay("P-1", paid)
    world.app.execute(Settle(of="ACME", source="P-1", items=("INV-1", "INV-2"), key="settle"))
    return world


@pytest.mark.parametrize("paid", [1500, 1499, 1400, 900, 1600])
def test_a_settlement_is_explained_again(paid):
    world = settled(paid)
    assert set(outcomes(again(world, AllocationMade))) == {"same"}


def test_a_settlement_with_another_amount_differs():
    world = settled(1499)
    log, catalog = list(world.app.history("ACME")), catalog_of(world)
    at = next(at for at, fact in enumerate(log) if isinstance(fact, AllocationMade))
    moved = attrs.evolve(log[at].allocation, amount=eur(1))
    found = replay("ACME", [*log[:at], attrs.evolve(log[at], allocation=moved), *log[at + 1 :]], at, catalog)
    assert found.outcome == "differs"


def test_money_that_a_person_applied_was_decided_by_nobody_else(world):
    world.invoice("INV-1", 100, 20)
    world.settle("INV-1", 100)
    assert outcomes(again(world, AllocationMade)) == ["by_person"]


def test_a_score_comes_out_of_its_inputs():
    world = World(policies=PolicyBook.of(RISK, CREDIT))
    world.open()
    world.app.score_customer("ACME", key="score")
    found = again(world, CustomerScored)
    assert (outcomes(found), found[0].policies) == (["same"], ("trade/1",))
    log = list(world.app.history("ACME"))
    forged = attrs.evolve(log[-1], score=attrs.evolve(log[-1].score, risk_class="D"))
    assert replay("ACME", [*log[:-1], forged], len(log) - 1, catalog_of(world)).outcome == "differs"


def test_every_decision_of_a_furnished_world_is_the_same_or_says_what_it_needs():
    world = furnished()
    catalog = catalog_of(world)
    seen = set()
    for account in world.app.accounts():
        log = list(world.app.history(account))
        for found in replay_all(account, log, catalog, policies=BOOK):
            seen.add(found.outcome)
            assert found.outcome in {"same", "by_person", "inputs_elsewhere", "no_decision"}, str(found)
    assert "same" in seen


def test_what_is_no_decision_says_so_and_nothing_is_recorded(world):
    log = list(world.app.history("ACME"))
    assert replay("ACME", log, 0, []).outcome == "no_decision"
    assert list(replay_all("ACME", log, [])) == []
    assert fold(log) == fold(world.app.history("ACME"))
    with pytest.raises(InvalidValue, match=r"replay\.at"):
        replay("ACME", log, len(log), [])
    assert set(OUTCOMES) >= {"same", "differs"}
