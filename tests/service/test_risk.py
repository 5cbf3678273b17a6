"""Scores, overrides and warnings through the service: what is recorded, what staff is told, what is refused."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.service.world import BOOK, RISK, TODAY, World, class_override, day, declared_figures, external_score, picture

from receivables import Customer, PolicyBook
from receivables.errors import ClaimTaken, InvalidValue, KeyReused, UnknownId
from receivables.facts.risk import ClassOverridden, CustomerScored, WarningRaised
from receivables.plans.risk_commands import score_commands
from receivables.policies.behavior import CustomFeature
from receivables.policies.early_warnings import WarningPolicy
from receivables.policies.scoring import Bin, Factor, score

WARNED = attrs.evolve(BOOK, policies=(*BOOK.policies, WarningPolicy(id="trade", version=1)))


@pytest.fixture
def world():
    opened = World(policies=WARNED)
    opened.open()
    return opened


def scored(world, account="ACME", **more):
    return world.app.score_customer(account, key=f"score {account} {world.today} {sorted(more)}", **more)


def risk(world, on=0):
    return world.app.view("ACME", day(on)).risk


def told(world):
    """What staff got: template and subject."""
    return [(each.template, each.lines[0].step) for each in world.notifier.notices if each.audience == "staff"]


def pays_late(world):
    """An invoice that is paid forty days late, known on day 41."""
    world.invoice("INV-1", 100, 0)
    world.at(40).settle("INV-1", 100)
    world.at(41)


# Scores -----------------------------------------------------------------------------------------------------------------


def test_a_score_is_recorded_with_its_inputs_and_its_scorecard(world):
    pays_late(world)
    receipt = scored(world, by="night")
    assert (receipt.outcome, [each.code for each in receipt.reasons]) == ("scored", ["pays_late"])
    (fact,) = world.facts(CustomerScored)
    assert [(each.name, each.value) for each in fact.score.inputs] == [("days_late", 4000)]
    assert (fact.score.points, fact.score.risk_class, fact.score.scorecard.id, fact.by) == (0, "D", "trade", "night")
    again = score({each.name: each.value for each in fact.score.inputs}, RISK)
    assert (again.points, again.reasons) == (fact.score.points, fact.score.reasons)


def test_a_score_that_is_what_it_was_is_recorded_only_when_asked_for(world):
    scored(world)
    world.at(1)
    assert scored(world).outcome == "unchanged"
    assert len(world.facts(CustomerScored)) == 1
    assert scored(world, always=True).outcome == "scored"
    assert len(world.facts(CustomerScored)) == 2


def test_another_version_of_the_scorecard_is_news_even_with_the_same_points(world):
    scored(world)
    newer = attrs.evolve(RISK, version=2)
    world.restart(policies=attrs.evolve(WARNED, policies=(*WARNED.policies, newer)))
    world.at(1)
    assert scored(world).outcome == "scored"
    assert risk(world, 1).score.scorecard.version == 2


def test_without_a_scorecard_the_outcome_says_so(world):
    world.restart(policies=PolicyBook.of())
    before = world.store.facts("ACME")
    receipt = scored(world)
    assert (receipt.outcome, [each.code for each in receipt.reasons]) == ("not_scored", ["no_scorecard"])
    assert world.store.facts("ACME") == before


def test_the_same_key_gives_the_first_answer_again_and_another_request_is_refused(world):
    first = world.app.score_customer("ACME", key="k")
    world.at(3)
    assert world.app.score_customer("ACME", key="k") == first
    with pytest.raises(KeyReused):
        world.app.score_customer("ACME", key="k", always=True)


def test_all_accounts_are_scored_in_a_batch_and_one_without_a_customer_stops_none(world):
    world.app.open_group("HOLDING", key="group")
    world.open("BETA")
    results = list(world.app.record(score_commands(world.app.accounts(), TODAY)))
    assert {each.account: each.receipt.outcome if each.ok else type(each.error) for each in results} == {
        "ACME": "scored",
        "BETA": "scored",
        "group:HOLDING": UnknownId,
    }
    again = list(world.app.record(score_commands(world.app.accounts(), TODAY)))
    assert [each.receipt for each in again] == [each.receipt for each in results]


def test_a_score_is_of_the_day_and_never_changes_the_view_of_a_day_before(world):
    world.at(5)
    scored(world)
    assert risk(world, 4).risk_class is None
    assert risk(world, 5).risk_class == "A"


def test_a_feature_of_the_host_is_looked_up_in_the_book():
    asked = attrs.evolve(
        RISK, factors=(Factor(feature="host:open", code="many", bins=(Bin(below=2, points=60), Bin(points=0))),)
    )
    own = CustomFeature(name="host:open", compute=lambda history: len(history.view.places))
    world = World(policies=PolicyBook.of(asked, features=(own,)))
    world.open()
    world.invoice("INV-1", 100, 20)
    scored(world)
    world.invoice("INV-2", 100, 20)
    world.at(1)
    scored(world)
    assert [fact.score.inputs[0].value for fact in world.facts(CustomerScored)] == [1, 2]
    assert risk(world, 1).risk_class == "D"


# Changes of class -------------------------------------------------------------------------------------------------------


def test_staff_is_told_once_of_each_move_to_another_class(world):
    scored(world)
    pays_late(world)
    scored(world)
    world.deliver()
    assert told(world) == [("risk_class_changed", f"{day(41)}/A>D")]
    world.at(42).run(all_accounts=True), world.deliver()
    assert len(told(world)) == 1


def test_the_first_class_is_no_move(world):
    scored(world)
    world.deliver()
    assert told(world) == []


def test_an_override_lapses_by_its_day_and_staff_is_told_then(world):
    scored(world)
    until = attrs.evolve(class_override("O-1"), until=day(5))
    world.app.override_class(until, by="ann", approver="bob", key="override")
    assert [risk(world, at).risk_class for at in (0, 5, 6)] == ["D", "D", "A"]
    world.deliver()
    world.at(5).run(), world.deliver()
    assert told(world) == []  # both of one day: nothing was told of class A before
    world.at(6).run(), world.deliver()
    assert told(world) == [("risk_class_changed", f"{day(6)}/D>A")]
    assert [(each.before, each.after, each.cause) for each in risk(world, 6).changes] == [
        (None, "D", "override"),
        ("D", "A", "override_over"),
    ]


def test_a_prospect_that_sleeps_wakes_when_its_override_lapses(world):
    """It has no invoice, no order and no letter; the run of the day finds it all the same."""
    until = attrs.evolve(class_override("O-1"), until=day(5))
    world.app.override_class(until, by="ann", approver="bob", key="override")
    world.app.score_customer("ACME", key="score")
    world.at(6).run(), world.deliver()
    assert told(world) == [("risk_class_changed", f"{day(6)}/D>A")]


def test_a_later_override_comes_before_an_earlier_one_and_gives_way_when_withdrawn(world):
    for id, name, since in (("O-1", "D", 0), ("O-2", "A", 3)):
        given = attrs.evolve(class_override(id), risk_class=name, starts_on=day(since))
        world.app.override_class(given, by="ann", approver="bob", key=id)
    assert [risk(world, at).risk_class for at in (2, 3)] == ["D", "A"]
    world.at(5).app.withdraw_override("ACME", "O-2", on=day(5), reason="wrong", key="back", by="ann")
    assert [risk(world, at).risk_class for at in (4, 5)] == ["A", "D"]
    assert risk(world, 5).override.id == "O-1"


def test_the_maker_is_never_the_checker_and_a_class_must_be_one_of_the_scorecard(world):
    before = picture(world.store)
    given = class_override("O-1")
    for fields in ({"by": "ann"}, {"by": "ann", "approver": "ann"}):
        with pytest.raises(InvalidValue):
            world.app.override_class(given, key="k", **fields)
    with pytest.raises(InvalidValue, match="must be one of A, D"):
        world.app.override_class(attrs.evolve(given, risk_class="Q"), by="ann", approver="bob", key="k")
    assert picture(world.store) == before


def test_an_override_can_be_withdrawn_once_while_it_holds(world):
    until = attrs.evolve(class_override("O-1"), until=day(9))
    world.app.override_class(until, by="ann", approver="bob", key="k")
    back = {"on": day(3), "reason": "over", "by": "ann"}
    for wrong, error in (
        ({"override": "O-7"}, UnknownId),
        ({"on": day(-1)}, InvalidValue),
        ({"on": day(10)}, InvalidValue),
    ):
        with pytest.raises(error):
            world.app.withdraw_override("ACME", **{"override": "O-1", **back, **wrong}, key="w")
    world.app.withdraw_override("ACME", "O-1", **back, key="w")
    with pytest.raises(UnknownId):
        world.app.withdraw_override("ACME", "O-1", **back, key="w2")
    with pytest.raises(ClaimTaken):
        world.app.override_class(until, by="ann", approver="bob", key="again")
    assert len(world.facts(ClassOverridden)) == 1


# What others and the customer say ---------------------------------------------------------------------------------------


def test_what_was_said_stands_in_the_view_and_an_id_is_used_once(world):
    world.app.record_external_score(external_score("X-1"), key="x1")
    newer = attrs.evolve(external_score("X-2"), value=Decimal(7))
    world.app.record_external_score(newer, key="x2")
    world.app.declare_figures(declared_figures("F-1"), key="f1")
    assert [each.id for each in risk(world).external] == ["X-2"]
    assert risk(world).figures.id == "F-1"
    for again, key in ((external_score("X-1"), "x3"), (newer, "x4")):
        with pytest.raises(ClaimTaken):
            world.app.record_external_score(again, key=key)
    with pytest.raises(ClaimTaken):
        world.app.declare_figures(declared_figures("F-1"), key="f2")


def test_figures_of_an_earlier_year_that_come_later_do_not_hide_those_of_the_latest(world):
    world.app.declare_figures(declared_figures("F-1"), key="f1")
    older = attrs.evolve(declared_figures("F-2"), year_end=dt.date(2024, 12, 31))
    world.app.declare_figures(older, key="f2")
    assert risk(world).figures.id == "F-1"
    corrected = declared_figures("F-3")
    world.app.declare_figures(corrected, key="f3")
    assert risk(world).figures.id == "F-3"


def test_what_lies_in_the_future_and_who_is_not_there_is_refused(world):
    before = picture(world.store)
    with pytest.raises(InvalidValue, match="must not be after today"):
        world.app.record_external_score(attrs.evolve(external_score("X-1"), on=day(1)), key="k")
    with pytest.raises(InvalidValue, match="must not be after today"):
        world.app.declare_figures(attrs.evolve(declared_figures("F-1"), declared_on=day(1)), key="k")
    with pytest.raises(UnknownId):
        world.app.score_customer("NOBODY", key="k")
    for wrong in (Decimal("NaN"), Decimal("Infinity"), Decimal("1.0001"), Decimal("1E+40")):
        with pytest.raises(InvalidValue):
            attrs.evolve(external_score("X-1"), value=wrong)
    assert picture(world.store) == before


# Early warnings ---------------------------------------------------------------------------------------------------------


def returned(world, number):
    world.pay(f"P-{number}", 50)
    world.app.return_payment("ACME", f"P-{number}", kind="returned", code="AC04", on=world.today, key=f"b{number}")


def test_a_warning_is_raised_with_its_evidence_and_told_once_in_a_period(world):
    for number in (1, 2):
        returned(world, number)
    scored(world)
    world.deliver()
    (fact,) = world.facts(WarningRaised)
    assert (fact.warning.kind, [each.subject for each in fact.warning.evidence]) == (
        "returned_payments",
        ["P-1", "P-2"],
    )
    assert (fact.policy.id, fact.policy.version) == ("trade", 1)
    assert told(world) == [("early_warning", "returned_payments/2026-03")]
    (notice,) = world.notifier.notices
    assert [(each.document, each.item, str(each.amount)) for each in notice.lines] == [
        ("payment", "P-1", "50.00 EUR"),
        ("payment", "P-2", "50.00 EUR"),
    ]
    returned(world, 3)
    scored(world.at(5))
    world.deliver()
    assert len(world.facts(WarningRaised)) == 1
    scored(world.at(31))
    world.deliver()
    assert told(world) == [("early_warning", f"returned_payments/2026-0{month}") for month in (3, 4)]


def test_a_warning_about_items_lists_them_with_what_is_open(world):
    for number in (1, 2):
        world.invoice(f"INV-{number}", 100, 0)
    scored(world.at(30))
    world.deliver()
    (notice,) = [each for each in world.notifier.notices if each.audience == "staff"]
    assert [(each.item, str(each.amount)) for each in notice.lines] == [
        ("INV-1", "100.00 EUR"),
        ("INV-2", "100.00 EUR"),
    ]


def test_without_a_policy_nobody_is_warned():
    world = World()
    world.open()
    for number in (1, 2):
        returned(world, number)
    scored(world)
    assert world.facts(WarningRaised) == []


def test_a_run_of_all_accounts_tells_nothing_that_the_run_of_the_day_does_not(world):
    """The rule of waking: days alone bring no alert that an account does not wake for."""
    until = attrs.evolve(class_override("O-1"), until=day(5))
    pictures = []
    for every in (False, True):
        one = World(policies=WARNED)
        one.open()
        one.app.score_customer("ACME", key="score")
        one.app.override_class(until, by="ann", approver="bob", key="override")
        for at in range(1, 9):
            one.at(at).run(all_accounts=every)
        pictures.append([type(fact).__name__ for fact in one.store.facts("ACME")])
    assert pictures[0] == pictures[1]


# Merged accounts --------------------------------------------------------------------------------------------------------


def test_after_a_merger_the_class_is_that_of_the_account_that_absorbed_until_it_is_scored_anew(world):
    world.app.open_account(Customer(id="BETA"), key="open BETA")
    world.invoice("INV-B", 100, -40, "BETA", issued_on=day(-60))
    world.at(1)
    scored(world)
    scored(world, "BETA")
    classes = {id: world.app.view(id, day(1)).risk.risk_class for id in ("ACME", "BETA")}
    assert classes == {"ACME": "A", "BETA": "D"}
    world.at(2).app.merge_accounts("ACME", "BETA", reason="one firm", by="ann", approver="bob", key="merge")
    assert world.app.view("BETA", day(2)).risk.risk_class == "A"
    scored(world)
    assert world.app.view("ACME", day(2)).risk.risk_class == "D"
    assert world.app.view("BETA", day(1)).risk.risk_class == "D"
    (fact,) = [each for each in world.facts(CustomerScored) if each.effective_on == day(2)]
    assert fact.score.risk_class == "D"
