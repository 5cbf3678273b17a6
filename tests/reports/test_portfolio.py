"""Who has what: what is asked for of one person, and what belongs to nobody in particular."""

import pytest
from tests.service.world import BOOK, World, day

from receivables.documents.assignment import Assignment
from receivables.documents.contact_log import NextAction
from receivables.reports.portfolio import agenda, handover, portfolio


@pytest.fixture
def world():
    """ACME is of ann and BETA of bob, each with an action of the other; ONE has taken TWO over, and there is a group."""
    world = World()
    world.app.open_group("G", key="group")
    for id, collector, owner in (
        ("ACME", "ann", "bob"),
        ("BETA", "bob", "ann"),
        ("ONE", None, None),
        ("TWO", None, None),
    ):
        world.open(id)
        if collector is not None:
            given = Assignment(account=id, starts_on=day(0), collector=collector)
            world.app.assign_collector(given, key=f"assign {id}", by="lead")
            planned = NextAction(id=f"A-{id}", account=id, kind="call", planned_on=day(0), due_on=day(1), owner=owner)
            world.app.plan_action(planned, key=f"plan {id}", by="lead")
    world.app.merge_accounts("ONE", "TWO", reason="one", by="ann", approver="bob", key="merge")
    return world.at(1)


def views(world):
    logs = [world.app.account(id, own=True) for id in ("ACME", "BETA", "ONE", "TWO", "group:G")]
    return [each.view(world.today) for each in logs]


def test_a_portfolio_is_of_customers_that_are_no_part_of_another(world):
    found = portfolio(views(world), BOOK)
    assert [line.account for line in found.lines] == ["ACME", "BETA", "ONE"]
    assert [line.account for line in found.of("ann").lines] == ["ACME"]


def test_an_agenda_of_a_person_has_its_actions_whoever_has_the_customer(world):
    found = agenda(views(world), BOOK)
    assert [line.state.action.id for line in found.lines] == ["A-ACME", "A-BETA"]
    assert [line.state.action.id for line in found.of("ann").lines] == ["A-BETA"]
    assert found.of("eve").lines == ()


def test_an_action_that_was_moved_to_another_day_is_no_handover(world):
    world.app.move_action("ACME", "A-ACME", day(5), owner="bob", key="later", by="bob")
    (line,) = handover([world.app.account("ACME")], BOOK, "bob", day(1)).lines
    assert (line.kind, line.subject, line.to) == ("action", "A-ACME", None)
