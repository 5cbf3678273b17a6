"""Holds: which are refused before anything is recorded, and what a hold on less than an item does."""

import attrs
import pytest
from tests.service.world import World, day, eur, picture

from receivables import Hold, Money
from receivables.documents.hold import STOPS_OF
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.credit import HoldPlaced
from receivables.plans.commands import PlaceHold
from receivables.plans.hold import place_hold
from receivables.plans.plan import Context
from receivables.state.account import fold

HOLD = Hold(id="H-1", account="ACME", placed_on=day(0), reason="asked to wait", until=day(20))


@pytest.fixture
def world():
    world = World()
    world.open()
    world.invoice("INV-1", 1000, -1)
    world.invoice("INV-2", 300, 5)
    return world


def place(world, id="H-1", *, by="ann", **changes):
    return world.app.place_hold(attrs.evolve(HOLD, id=id, **changes), key=f"hold {id}", by=by)


def refused(world, error, match, **changes):
    before = picture(world.store)
    with pytest.raises(error, match=match) as caught:
        place(world, **{"id": "NEW", **changes})
    assert picture(world.store) == before
    return caught.value


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"item": "INV-9"}, UnknownId, "INV-9"),
        ({"document": "INV-9"}, UnknownId, "unknown invoice: 'INV-9'"),
        ({"item": "INV-1", "amount": eur("1000.01")}, OverApplied, r"1000\.01"),
        ({"item": "INV-1", "amount": Money.of(10, "USD")}, CurrencyMismatch, "USD"),
        ({"placed_on": day(-9), "until": day(-1)}, InvalidValue, "hold.until: must not be before today"),
        ({"approver": "ann"}, InvalidValue, "another person"),
    ],
)
def test_a_hold_on_what_is_not_there_or_is_over_or_is_approved_by_who_asks_is_refused(world, changes, error, match):
    refused(world, error, match, **changes)


def test_a_hold_may_end_today_and_cover_all_that_is_open(world):
    place(world, "H-1", placed_on=day(-9), until=day(0))
    place(world, "H-2", item="INV-1", amount=eur(1000), approver="bob")
    assert [fact.hold.approver for fact in world.facts(HoldPlaced)] == [None, "bob"]


def test_an_id_is_used_once(world):
    place(world)
    with pytest.raises(ClaimTaken, match="H-1"):
        world.app.place_hold(HOLD, key="again")


SCOPES = ({}, {"item": "INV-1"}, {"document": "INV-1"}, {"item": "INV-1", "amount": eur(10)})


@pytest.mark.parametrize(
    ("kind", "scope"),
    [(k, scope) for k in sorted(STOPS_OF) for scope in SCOPES if not ("amount" in scope and "contact" in STOPS_OF[k])],
)
def test_two_holds_of_one_kind_on_the_same_thing_do_not_share_a_day(world, kind, scope):
    more = {"kind": kind, "stops": STOPS_OF[kind], **scope}
    place(world, "H-1", placed_on=day(2), **more)
    error = refused(world, InvalidValue, "must not overlap 'H-1', from 2026-03-04 until 2026-03-22", **more)
    assert error.field == "hold.id"
    refused(world, InvalidValue, "must not overlap", placed_on=day(20), until=None, **more)
    place(world, "H-2", placed_on=day(0), until=day(1), **more)
    place(world, "H-3", placed_on=day(21), until=None, **more)
    refused(world, InvalidValue, "'H-3', from 2026-03-23 without an end", placed_on=day(90), until=None, **more)


def test_a_hold_that_was_released_leaves_its_later_days_free(world):
    place(world)
    world.at(5).app.release_hold("ACME", "H-1", on=day(5), key="release")
    refused(world, InvalidValue, "from 2026-03-02 until 2026-03-06", placed_on=day(4))
    place(world, "H-2", placed_on=day(5))
    world.app.release_hold("ACME", "H-2", on=day(5), key="release too")
    place(world, "H-3", placed_on=day(5))


def test_holds_of_other_kinds_or_on_other_things_may_share_days(world):
    place(world, "H-1", item="INV-1")
    place(world, "H-2", item="INV-1", kind="deferment", stops=STOPS_OF["deferment"])
    place(world, "H-3", item="INV-2")
    place(world, "H-4", item="INV-1", amount=eur(10))
    place(world, "H-5", document="INV-1")
    place(world, "H-6")
    assert len(world.app.view("ACME", day(0)).holds) == 6


def test_what_a_step_of_the_ladder_holds_is_no_hold_of_a_person(world):
    placed = HoldPlaced(
        hold=attrs.evolve(HOLD, id="dunning INV-1", until=None, stops=frozenset({"credit"}), until_settled="INV-1"),
        effective_on=day(0),
        recorded_at=world.clock.now(),
        by="dunning",
    )
    account = fold([placed], fold(world.store.facts("ACME")))
    context = Context(policies=world.policies, now=world.clock.now(), today=day(0))
    assert place_hold(account, PlaceHold(hold=HOLD, key="k"), context).ids == ("H-1",)
    by_person = fold([attrs.evolve(placed, by="ann")], fold(world.store.facts("ACME")))
    with pytest.raises(InvalidValue, match="dunning INV-1"):
        place_hold(by_person, PlaceHold(hold=HOLD, key="k"), context)


def test_a_release_before_the_hold_or_of_no_hold_is_refused(world):
    place(world, placed_on=day(3))
    with pytest.raises(InvalidValue, match="before the hold was placed"):
        world.app.release_hold("ACME", "H-1", on=day(2), key="early")
    with pytest.raises(UnknownId, match="H-9"):
        world.app.release_hold("ACME", "H-9", on=day(2), key="none")
