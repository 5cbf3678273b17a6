"""What a bureau is told on request: nothing where nothing is owed, or nothing of it may be told, and why."""

import pytest
from tests.service.world import World, eur

from receivables.errors import UnknownId
from receivables.facts.bureau import DebtReported


@pytest.fixture
def world():
    """A debt is told of from thirty days after it was due."""
    world = World()
    world.open()
    return world


def report(world, *items):
    return world.app.report_debt("ACME", items, key=f"report {items} {world.today}", by="ann", approver="bob")


def test_who_owes_nothing_is_not_told_of(world):
    assert (str(report(world)), world.facts(DebtReported)) == ("not_reportable: nothing_to_report", [])
    with pytest.raises(UnknownId, match="debt: 'INV-1'"):
        report(world, "INV-1")


def test_where_nothing_may_be_told_each_debt_says_why_and_where_one_may_the_others_are_left_out(world):
    world.invoice("INV-1", "100", -10)
    receipt = report(world)
    assert (receipt.outcome, [reason.code for reason in receipt.reasons]) == ("not_reportable", ["not_overdue"])
    world.invoice("INV-2", "300", -40)
    assert report(world.at(1)).outcome == "reported"
    (told,) = world.facts(DebtReported)
    assert (told.report.items, told.report.balance) == (("INV-2",), eur(300))
