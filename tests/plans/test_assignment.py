"""Customers given to collectors, and portfolios handed over without losing anything on the way."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, TODAY, World, day

from receivables import Choice
from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import NextAction
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.assignment import CollectorAssigned
from receivables.facts.contact_log import ActionMoved
from receivables.plans.collector_commands import hand_over_commands
from receivables.policies.assignment import AssignmentPolicy, AssignmentRule
from receivables.reports.portfolio import handover, portfolio

DESK = AssignmentPolicy(
    id="desk",
    version=1,
    rules=(
        AssignmentRule(name="retail", segment="retail", collector="ann", team="north"),
        AssignmentRule(name="rest", letters=("A", "M"), collector="eve"),
    ),
)
WITH_DESK = attrs.evolve(
    BOOK, policies=(*BOOK.policies, DESK), choices=(*BOOK.choices, Choice(kind="assignment", policy="desk"))
)


@pytest.fixture
def world():
    world = World(policies=WITH_DESK)
    world.open("ACME", segment="retail")
    world.open("BETA")
    world.open("ZETA")
    return world


def give(world, account, who, on=0, **more):
    assignment = Assignment(account=account, starts_on=day(on), collector=who, **more)
    return world.app.assign_collector(assignment, key=f"assign {account} {who} {on}", by="lead")


def act(world, account, id, owner, due=5):
    action = NextAction(id=id, account=account, kind="callback", planned_on=world.today, due_on=day(due), owner=owner)
    return world.app.plan_action(action, key=f"plan {id}", by="ann")


def who(world, account, on=0):
    return DESK.responsible(world.app.view(account, day(on))).collector


def test_an_assignment_counts_from_its_day_on_and_the_rules_before(world):
    assert give(world, "ACME", "bob", 3).outcome == "assigned"
    assert [who(world, "ACME", on) for on in (0, 2, 3, 40)] == ["ann", "ann", "bob", "bob"]
    view = world.app.view("ACME", day(3))
    assert (view.collector, view.team, world.app.view("ACME", day(2)).collector) == ("bob", None, None)


def test_an_assignment_of_nobody_gives_a_customer_back_to_the_rules(world):
    give(world, "ACME", "bob")
    assert give(world, "ACME", None, 2).outcome == "unassigned"
    assert [who(world, "ACME", on) for on in (1, 2)] == ["bob", "ann"]


def test_of_two_assignments_of_one_day_the_later_counts(world):
    give(world, "ACME", "bob")
    give(world, "ACME", "eve")
    assert who(world, "ACME") == "eve"


def test_an_assignment_that_is_recorded_late_leaves_later_ones_alone(world):
    world.at(9)
    give(world, "ACME", "bob", 8)
    give(world, "ACME", "eve", 2)
    assert [who(world, "ACME", on) for on in (1, 2, 7, 8)] == ["ann", "eve", "eve", "bob"]
    then = dt.datetime.combine(day(8), dt.time(), dt.UTC)
    assert world.app.view("ACME", day(8), then).collector is None


def test_nobody_is_assigned_to_an_account_that_is_not_there(world):
    with pytest.raises(UnknownId):
        give(world, "NONE", "bob")


def all_of(world, person="ann", to="bob", on=1):
    return list(world.app.record(hand_over_commands(world.app.accounts(), person, to, day(on), by="lead")))


def test_a_portfolio_is_handed_over_customers_by_rule_and_by_hand_actions_and_what_is_planned(world):
    give(world, "BETA", "ann")
    give(world, "ZETA", "ann", 9)
    act(world, "ACME", "A-1", "ann")
    act(world, "ACME", "A-2", None)
    act(world, "ZETA", "A-3", "ann")
    act(world, "ZETA", "A-4", "eve")
    results = all_of(world)
    assert {each.account: each.receipt.outcome for each in results} == dict.fromkeys(
        ("ACME", "BETA", "ZETA"), "handed_over"
    )
    assert [who(world, "ACME", on) for on in (0, 1)] == ["ann", "bob"]
    assert [who(world, "ZETA", on) for on in (1, 8, 9)] == [None, None, "bob"]
    owners = {state.action.id: state.owner for id in ("ACME", "ZETA") for state in world.app.view(id, day(1)).actions}
    assert owners == {"A-1": "bob", "A-2": None, "A-3": "bob", "A-4": "eve"}
    assert world.app.view("ACME", day(1)).team == "north"


def test_a_handover_that_stopped_goes_on_and_records_nothing_twice(world):
    act(world, "ACME", "A-1", "ann")
    first = next(world.app.record(hand_over_commands(["ACME"], "ann", "bob", day(1), by="lead")))
    again = all_of(world)
    assert again[0].receipt == first.receipt
    assert [each.receipt.outcome for each in again] == ["handed_over", "nothing_to_hand_over", "nothing_to_hand_over"]
    assert len(world.facts(CollectorAssigned)) == len(world.facts(ActionMoved)) == 1


def test_an_account_that_is_refused_stops_none_of_the_others(world):
    give(world, "BETA", "ann")
    results = list(world.app.record(hand_over_commands(["ACME", "NONE", "BETA"], "ann", "bob", day(1), by="lead")))
    assert [each.ok for each in results] == [True, False, True]


def test_the_report_of_a_handover_has_all_of_it_and_says_what_is_left(world):
    act(world, "ACME", "A-1", "ann")
    act(world, "ZETA", "A-3", "ann")
    before = handover([world.app.account(id) for id in world.app.accounts()], WITH_DESK, "ann", day(1))
    assert {(line.account, line.subject) for line in before.left} == {
        ("ACME", "ACME"),
        ("ACME", "A-1"),
        ("ZETA", "A-3"),
    }
    all_of(world)
    after = handover([world.app.account(id) for id in world.app.accounts()], WITH_DESK, "ann", day(1))
    assert not after.left
    assert {(line.account, line.subject, line.to) for line in after.lines} == {
        ("ACME", "ACME", "bob"),
        ("ACME", "A-1", "bob"),
        ("ZETA", "A-3", "bob"),
    }


def test_a_customer_that_nobody_has_stands_in_the_report(world):
    views = [world.app.view(id, TODAY) for id in world.app.accounts()]
    found = portfolio(views, WITH_DESK)
    assert [line.account for line in found.uncovered().lines] == ["ZETA"]
    assert found.by_collector()[-1] == {
        "collector": "unassigned",
        "customers": 1,
        "uncovered": 1,
        "actions_open": 0,
        "actions_due": 0,
    }


@pytest.mark.parametrize(("to", "on"), [("ann", 1), ("bob", -1)])
def test_nothing_is_handed_over_to_the_same_person_or_in_the_past(world, to, on):
    with pytest.raises(InvalidValue):
        world.app.hand_over("ACME", "ann", to, on=day(on), key="k", by="lead")
    assert not world.facts(CollectorAssigned)


def test_a_merged_customer_has_the_collector_of_the_one_that_absorbed_it(world):
    give(world, "ACME", "bob")
    give(world, "BETA", "eve")
    act(world, "BETA", "A-9", "eve")
    world.app.merge_accounts("ACME", "BETA", reason="one", by="lead", approver="boss", key="merge")
    view = world.app.view("BETA", TODAY)
    assert (view.account, view.collector) == ("ACME", "bob")
    assert [state.action.id for state in view.actions] == ["A-9"]
    give(world, "ACME", "joe", 1)
    world.app.move_action("ACME", "A-9", day(9), key="move", by="bob")
    world.app.separate_accounts("ACME", "BETA", reason="two", by="lead", approver="boss", key="apart")
    assert world.app.view("BETA", day(1)).collector == "eve"
    assert [state.due_on for state in world.app.view("BETA", day(1)).actions] == [day(9)]
