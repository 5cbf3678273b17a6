"""Replay: what was decided comes out again, by the settings of then; what was tampered with does not."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.plans.test_charges import Scripted
from tests.service.world import BOOK, CREDIT, EUR, LADDER, RISK, World, eur, furnished

from receivables import Choice, CreditLimit, CreditPolicy, DunningPolicy, DunningStep, Invoice, PaymentTerms, PolicyBook
from receivables.codec import policy_ref
from receivables.documents.settlement import Deduction
from receivables.errors import InvalidValue
from receivables.facts.cash import AllocationMade, DifferenceSettled
from receivables.facts.charge import ChargeRaised
from receivables.facts.credit import OrderHeld, OrderReserved
from receivables.facts.dispute import DisputeOpened
from receivables.facts.dunning import NoticeQueued
from receivables.facts.policy import PolicyPublished
from receivables.facts.risk import CustomerScored
from receivables.plans.cash_commands import Settle
from receivables.plans.commands import CATALOG
from receivables.plans.replay import OUTCOMES, replay, replay_all
from receivables.policies.fees import FeeRule
from receivables.policies.settlement import SettlementPolicy, Tolerance
from receivables.policies.settlement_rules import BankFees, WithheldTax
from receivables.ports import NotSent
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


@pytest.mark.parametrize(("limit", "kind"), [(1000, OrderReserved), (500, OrderHeld)])
def test_what_is_reopened_of_an_order_is_decided_again_as_it_was(world, limit, kind):
    """It counts once: on the account before it was reopened, 400.00 of it count and 200.00 are asked for."""
    world.order("SO-1", 600)
    world.app.deliver_order("ACME", "SO-1", eur(400), on=world.today, key="deliver")
    world.app.release_order("ACME", "SO-1", on=world.today, key="cancel")
    world.at(1).limit(limit)
    world.app.reopen_order("ACME", "SO-1", on=world.today, key="reopen")
    found = list(replay_all("ACME", list(world.app.history("ACME")), catalog_of(world)))
    assert [(type(each.fact), each.outcome) for each in found] == [(OrderReserved, "same"), (kind, "same")]


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


def test_a_letter_on_the_next_channel_is_made_again_by_the_failure_of_the_one_before_it():
    failures = Scripted(*[NotSent(reason="unknown address", retry=False)] * 2)
    world = World(policies=PolicyBook.of(CHANNELS), notifier=failures)
    world.open()
    world.invoice("INV-1", 1000, -10)
    world.run()
    for _ in range(3):
        world.deliver()
    log, catalog = list(world.app.history("ACME")), catalog_of(world)
    letters = list(again(world, NoticeQueued, catalog=catalog))
    assert [(each.fact.notice.channel, each.outcome, each.policies) for each in letters] == [
        (channel, "same", ("standard/1",)) for channel in ("email", "letter", "phone")
    ]
    at = log.index(letters[-1].fact)
    forged = attrs.evolve(log[at], notice=attrs.evolve(log[at].notice, recipient="somebody else"))
    found = replay("ACME", [*log[:at], forged], at, catalog)
    assert [each.path for each in found.differences] == ["notice.recipient"]
    assert replay("ACME", log, at, []).outcome == "policy_missing"


CHANNELS = DunningPolicy(
    id="standard", version=1, steps=(DunningStep(name="first", days_after_due=1, fallbacks=("letter", "phone")),)
)


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


def test_what_was_decided_for_customers_that_are_one_does_not_stand_in_one_log(world):
    world.open("BETA")
    persons = {"reason": "one shop", "by": "ann", "approver": "bob"}
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(1000), valid_from=world.today)
    world.app.merge_accounts("ACME", "BETA", limits=(limit,), key="merge", **persons)
    world.order("SO-1", 600)
    (found,) = again(world, OrderReserved)
    assert (found.outcome, found.missing) == ("inputs_elsewhere", ("merged accounts",))


def test_of_a_catalog_only_what_was_published_counts(world):
    world.order("SO-1", 600)
    catalog = [*world.app.history("ACME"), *catalog_of(world)]
    assert outcomes(again(world, OrderReserved, catalog=catalog)) == ["same"]


def test_a_decision_that_the_rules_refuse_to_make_differs_and_says_why():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-1", 1000, -40)
    world.app.claim_interest("ACME", "INV-1", until=dt.date(2026, 3, 2), key="claim")
    log = list(world.app.history("ACME"))
    forged = attrs.evolve(log[-1], charge=attrs.evolve(log[-1].charge, item="INV-9"))
    found = replay("ACME", [*log[:-1], forged], len(log) - 1, catalog_of(world), policies=BOOK)
    assert (found.outcome, found.policies) == ("differs", ())
    assert [(each.path, each.replayed) for each in found.differences] == [("$", "unknown item: 'INV-9'")]


def test_a_letter_that_was_not_due_on_its_day_differs_and_says_which_were():
    world = World()
    world.open()
    world.invoice("INV-1", 1000, -10)
    world.run()
    log = list(world.app.history("ACME"))
    at = next(at for at, fact in enumerate(log) if isinstance(fact, NoticeQueued))
    early = attrs.evolve(log[at], notice=attrs.evolve(log[at].notice, as_of=world.today - dt.timedelta(days=9)))
    found = replay("ACME", [*log[:at], early], at, catalog_of(world), policies=BOOK)
    assert [(each.path, each.recorded, each.replayed) for each in found.differences] == [
        ("notice", log[at].notice.key, ())
    ]


def test_a_letter_on_invoices_of_two_ladders_is_queued_again_with_both():
    """What the host has chosen since for the second invoice makes no difference."""
    other = attrs.evolve(LADDER, id="other", steps=(DunningStep(name="first", days_after_due=9), *LADDER.steps[1:]))
    book = PolicyBook.of(
        LADDER,
        other,
        CREDIT,
        choices=(
            Choice(kind="dunning", policy="standard"),
            Choice(kind="dunning", policy="other", invoice="INV-2"),
        ),
    )
    world = World(policies=book)
    world.open()
    world.invoice("INV-1", 1000, -10)
    world.invoice("INV-2", 500, -10)
    world.run()
    (letter,) = world.queued()
    assert {line.policy.id for line in letter.claimed} == {"standard", "other"}
    assert outcomes(again(world, NoticeQueued, policies=attrs.evolve(book, choices=book.choices[:1]))) == ["same"]


def test_what_the_return_of_money_cost_was_decided_by_a_person(world):
    world.invoice("INV-1", 100, 20)
    world.pay("P-1", 100, method="direct_debit")
    world.apply("P-1", "INV-1", 100)
    world.app.return_payment("ACME", "P-1", "returned", "AM04", on=world.today, fee=eur(4), key="back")
    assert outcomes(again(world, ChargeRaised)) == ["by_person"]


WITHHOLDING = attrs.evolve(
    TOLERANT,
    withheld=WithheldTax(percent=Decimal(10), on_net=False),
    bank_fees=BankFees(most=(eur(9),)),
)


@pytest.mark.parametrize(
    "told",
    [
        {"deductions": (Deduction(code="short_delivery", amount=eur(3)),)},
        {"withheld": eur(3)},
        {"bank_fee": eur(3)},
    ],
)
@pytest.mark.parametrize("policy", [TOLERANT, WITHHOLDING])
def test_a_settlement_on_which_something_was_told_with_the_money_needs_that(policy, told):
    """By itself the tolerance would let the 3.00 go."""
    world = World(policies=PolicyBook.of(policy, LADDER, CREDIT))
    world.open()
    world.invoice("INV-1", 100, 20)
    world.pay("P-1", 97)
    world.app.execute(Settle(of="ACME", source="P-1", items=("INV-1",), key="settle", **told))
    (found,) = again(world, AllocationMade)
    assert (found.outcome, found.missing) == ("inputs_elsewhere", ("what was told with the payment",))


def test_a_discount_that_was_taken_too_late_is_found_again_without_being_told():
    world = World(policies=PolicyBook.of(SettlementPolicy(id="desk", version=1), LADDER, CREDIT))
    world.open()
    invoice = Invoice(
        number="INV-1", account="ACME", issued_on=world.today, total=eur(100), terms=PaymentTerms.parse("2/10 net 30")
    )
    world.app.issue_invoice(invoice, key="issue")
    world.at(20).pay("P-1", 98)
    world.app.execute(Settle(of="ACME", source="P-1", items=("INV-1",), key="settle"))
    assert [fact.dispute.reason for fact in world.facts(DisputeOpened)] == ["unearned_discount"]
    assert outcomes(again(world, AllocationMade)) == ["same"]


def test_where_the_catalog_has_two_settlement_policies_of_a_name_nobody_knows_which_it_was():
    world = settled(1499)
    other = World(policies=PolicyBook.of(attrs.evolve(TOLERANT, surplus="tolerance")))
    catalog = [*catalog_of(world), *catalog_of(other)]
    assert outcomes(again(world, AllocationMade, catalog=catalog)) == ["policy_differs"] * 2
    missing = [fact for fact in catalog if fact.policy.id != "desk"]
    assert outcomes(again(world, AllocationMade, catalog=missing)) == ["policy_missing"] * 2


def test_a_score_by_what_is_no_scorecard_differs():
    world = World(policies=PolicyBook.of(RISK, CREDIT))
    world.open()
    world.app.score_customer("ACME", key="score")
    log = list(world.app.history("ACME"))
    forged = attrs.evolve(log[-1], score=attrs.evolve(log[-1].score, scorecard=policy_ref(CREDIT)))
    found = replay("ACME", [*log[:-1], forged], len(log) - 1, catalog_of(world))
    assert (found.outcome, found.missing) == ("policy_differs", ("standard/1",))


def test_a_settlement_without_money_names_no_policy_and_is_taken_for_that_of_a_person():
    world = settled(1499)
    log = [fact for fact in world.app.history("ACME") if not isinstance(fact, AllocationMade)]
    at = next(at for at, fact in enumerate(log) if isinstance(fact, DifferenceSettled))
    found = replay("ACME", log, at, catalog_of(world))
    assert (found.outcome, found.missing, found.differences) == ("by_person", (), ())
