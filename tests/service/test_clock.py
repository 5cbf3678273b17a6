"""A clock that is set back over midnight: what is recorded already counts, whatever day the clock says it is."""

import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import MemoryStore, Order
from receivables.documents.customer import group_account_id


def ordered(world, id, account, amount):
    return world.app.reserve(Order(id=id, account=account, amount=eur(amount), placed_on=world.today), key=id)


@pytest.mark.parametrize("clock", [0, 1, 2])
def test_an_order_of_tomorrow_counts_against_the_limit(clock):
    world = World()
    world.open()
    world.limit("1000")
    world.at(1, hour=1)
    assert ordered(world, "SO-1", "ACME", "800").outcome == "approved"
    assert ordered(world.at(clock, hour=23), "SO-2", "ACME", "800").outcome == "held"


@pytest.mark.parametrize(("hour", "outcome"), [(7, "held"), (6, "approved")])
def test_a_clock_more_than_a_day_behind_was_wrong_before(hour, outcome):
    """An order of tomorrow at seven: the day before, at seven the clock was set back, at six it was a day and more ahead."""
    world = World()
    world.open()
    world.limit("1000")
    world.at(1, hour=7)
    assert ordered(world, "SO-1", "ACME", "800").outcome == "approved"
    assert ordered(world.at(0, hour=hour), "SO-2", "ACME", "800").outcome == outcome


def test_an_order_of_tomorrow_of_another_member_counts_against_the_group():
    world = World()
    world.app.open_group("HOLDING", key="group")
    for id in ("A", "B"):
        world.open(id, group="HOLDING")
        world.limit("1000", id)
    world.limit("1000", group_account_id("HOLDING"))
    world.at(1, hour=1)
    assert ordered(world, "SO-1", "A", "800").outcome == "approved"
    assert ordered(world.at(0, hour=23), "SO-2", "B", "800").outcome == "held"


def test_a_decision_is_of_the_day_on_which_all_was_read():
    """A worker waits two days for a read, and the clock was set back over midnight before: an order of then counts."""

    class Slow(MemoryStore):
        waits = False

        def load(self, ids):
            if self.waits and "A" in ids:
                self.waits = False
                world.at(3, hour=23).dispute("D-1", "INV-1", account="A")
            return super().load(ids)

    store = Slow()
    world = World(store=store)
    world.app.open_group("HOLDING", key="group")
    for id in ("A", "B"):
        world.open(id, group="HOLDING")
        world.limit("1000", id)
    world.limit("1500", group_account_id("HOLDING"))
    world.invoice("INV-1", "400", 30, "A")
    assert ordered(world.at(1, hour=1), "SO-1", "B", "900").outcome == "approved"
    world.at(0, hour=23)
    store.waits = True
    assert ordered(world, "SO-2", "B", "400").outcome == "held"
    assert world.today == day(3)


def test_no_letter_goes_to_who_has_paid_tomorrow():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -8)
    assert len(world.run()[0].notices) == 1
    world.at(1, hour=1)
    world.settle("INV-1", "100")
    world.at(0, hour=23)
    world.invoice("INV-2", "50", -30)  # the account is due for attention again
    assert world.deliver() == []
    assert world.life(world.queued()[0].key) == ["queued", "cancelled"]


def test_who_is_recorded_tomorrow_still_wakes_today():
    world = World()
    world.open()
    world.at(1, hour=1)
    world.pay("P-1", "5")
    world.at(0, hour=23)
    world.invoice("INV-1", "100", -30)
    assert list(world.store.due(TODAY, "", 9)) == ["ACME"]


def test_a_clock_that_was_a_year_ahead_and_is_right_again_decides_on_the_right_day():
    world = World()
    world.at(365).open()
    receipt = world.at(0).hold("H-1")
    assert world.store.facts("ACME")[-1].effective_on == TODAY
    assert receipt.recorded_at.date() == day(365)


def test_what_a_hold_keeps_back_until_today_is_freed_tomorrow_though_the_run_of_tomorrow_was_today():
    world = World()
    world.open()
    world.limit("1000")
    world.hold("H-1", until=TODAY)
    assert ordered(world, "SO-1", "ACME", "100").outcome == "held"
    assert [each.error for each in world.app.run_dunning(day(1))] in ([], [None])
    world.at(1).run()
    assert [each.status for each in world.app.view("ACME", day(1)).orders] == ["reserved"]
