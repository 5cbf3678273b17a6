"""Acknowledgments, demands and suspensions through the service: what is recorded, and what leaves nothing behind."""

import datetime as dt

import pytest
from tests.service.world import TODAY, World, day, picture

from receivables.documents.limitation import Suspension
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationSuspended
from receivables.policies.limitation import LimitationPolicy, limitation_of
from receivables.policies.limitation_regimes import limitation_regime

POLICY = LimitationPolicy(id="claims", version=1, regime=limitation_regime("AT"))


@pytest.fixture
def world():
    made = World()
    made.open()
    made.invoice("INV-1", 100, -60)
    made.invoice("INV-2", 200, -30)
    return made


def acknowledge(world, *items, on=TODAY, key="a"):
    return world.app.acknowledge_debt("ACME", *items, on=on, evidence="her letter", key=key)


def suspend(world, id="S-1", items=("INV-1",), start=0, until=None):
    suspension = Suspension(
        id=id,
        account="ACME",
        items=items,
        kind="agreement",
        starts_on=day(start),
        until=None if until is None else day(until),
        reason="a standstill",
    )
    return world.app.suspend_limitation(suspension, key=f"suspend {id}")


def resume(world, on, id="S-1"):
    return world.app.resume_limitation("ACME", id, on=day(on), key=f"resume {id} {on}")


def last_day(world, item="INV-1"):
    return limitation_of(world.app.account("ACME"), item, POLICY, day(400)).ends_on


def refused(world, error, match, call):
    before = picture(world.store)
    with pytest.raises(error, match=match):
        call()
    assert picture(world.store) == before


def test_an_acknowledgment_sets_the_period_of_its_items_going_anew(world):
    receipt = acknowledge(world, "INV-1")
    assert receipt.ids == ("a#1",)
    assert last_day(world) == dt.date(2029, 3, 2)
    assert last_day(world, "INV-2") == dt.date(2029, 1, 31)


def test_without_items_all_that_was_open_on_the_day_is_acknowledged(world):
    world.settle("INV-1", 100)
    world.at(5).invoice("INV-3", 300, 40)
    acknowledge(world, on=TODAY)
    assert [fact.items for fact in world.facts(DebtAcknowledged)] == [("INV-2",)]


def test_a_demand_is_kept_beside_the_acknowledgments(world):
    world.app.record_demand("ACME", "INV-1", on=TODAY, evidence="signed for", key="d")
    assert [fact.items for fact in world.facts(DemandReceived)] == [("INV-1",)]
    assert last_day(world) == dt.date(2029, 1, 1)  # no demand interrupts in Austria


@pytest.mark.parametrize(
    ("items", "on", "error", "match"),
    [
        (("INV-9",), TODAY, UnknownId, "INV-9"),
        (("INV-1",), day(1), InvalidValue, r"command\.on: must not be after today"),
        (("INV-1",), day(-61), InvalidValue, "must not be before 'INV-1' of 2026-01-01"),
        (("INV-1", "INV-1"), TODAY, InvalidValue, r"command\.items"),
        ((), day(-61), UnknownId, "open item on"),
    ],
)
def test_an_acknowledgment_that_cannot_be_leaves_nothing_behind(world, items, on, error, match):
    refused(world, error, match, lambda: acknowledge(world, *items, on=on))


def test_a_suspension_holds_the_period_until_it_is_ended(world):
    suspend(world)
    resume(world, 10)
    assert last_day(world) == dt.date(2029, 1, 1)  # an agreement only holds the end off in Austria
    assert len(world.facts(LimitationSuspended)) == 1


def test_suspensions_of_one_item_do_not_overlap(world):
    suspend(world, "S-1", start=0, until=9)
    refused(world, InvalidValue, "'S-1' of 'INV-1'", lambda: suspend(world, "S-2", start=9))
    refused(world, InvalidValue, "'S-1' of 'INV-1'", lambda: suspend(world, "S-3", start=-5, until=0))
    refused(world, InvalidValue, "'S-1' of 'INV-1'", lambda: suspend(world, "S-4", start=-5))
    suspend(world, "S-5", start=-5, until=-1)
    suspend(world, "S-6", start=10)
    suspend(world, "S-7", items=("INV-2",), start=0)


def test_a_suspension_that_was_ended_makes_room_for_the_next(world):
    suspend(world, "S-1")
    resume(world, 5)
    refused(world, InvalidValue, "'S-1' of 'INV-1'", lambda: suspend(world, "S-2", start=4))
    suspend(world, "S-3", start=5, until=9)
    refused(world, InvalidValue, "'S-3' of 'INV-1'", lambda: suspend(world, "S-4", start=9))


def test_the_id_of_a_suspension_is_taken_once(world):
    suspend(world, "S-1", until=3)
    refused(world, ClaimTaken, "suspension 'S-1'", lambda: suspend_again(world))


def suspend_again(world):
    suspension = Suspension(
        id="S-1", account="ACME", items=("INV-2",), kind="agreement", starts_on=TODAY, reason="another"
    )
    world.app.suspend_limitation(suspension, key="again")


def test_only_items_of_the_account_are_suspended(world):
    refused(world, UnknownId, "INV-9", lambda: suspend(world, items=("INV-9",)))


def test_a_suspension_ends_once_and_within_its_days(world):
    suspend(world, "S-1", start=0, until=9)
    refused(world, UnknownId, "S-9", lambda: resume(world, 1, "S-9"))
    refused(world, InvalidValue, "must not be before 2026-03-02", lambda: resume(world, -1))
    refused(world, InvalidValue, "must not be after 2026-03-12", lambda: resume(world, 11))
    resume(world, 0)
    refused(world, UnknownId, "suspension in force", lambda: resume(world, 5))


def test_an_account_that_was_never_opened_is_unknown():
    world = World()
    refused(world, UnknownId, "account", lambda: acknowledge(world, "INV-1"))
    refused(world, UnknownId, "account", lambda: suspend(world))
    refused(world, UnknownId, "account", lambda: resume(world, 1))
