"""A held order that money frees while a person lets it go, and the last of a group's limit: in every order of turns."""

from collections.abc import Iterator
from itertools import product

import pytest
from tests.scenarios.interleaving import Task, run
from tests.service.world import TODAY, World, day, eur

from receivables import CreditPolicy, Order, Payment, PolicyBook, flows
from receivables.facts.credit import OrderReserved
from receivables.flows import Setting
from receivables.plans.commands import Command, ReceivePayment
from receivables.plans.credit_commands import ReleaseHeldOrder, ReserveOrder

BOOK = PolicyBook.of(CreditPolicy(id="standard", version=1, inherit_group=True))
SETTING = Setting(policies=BOOK)


def started(grouped: bool) -> World:
    world = World(policies=BOOK)
    if grouped:
        world.app.open_group("G", key="group")
        world.limit("1000", "group:G")
    for id in ("NORTH", "SOUTH"):
        world.open(id, group="G" if grouped else None)
        if not grouped:
            world.limit("1000", id)
    return world


def race(world: World, one: Command, other: Command, turns: tuple[int, ...]) -> list:
    ports = {"store": world.store, "notifier": world.notifier, "clock": world.clock}
    tasks = [Task(lambda each=each: flows.record(SETTING, [each]), ports) for each in (one, other)]
    run(tasks, iter(turns))
    return [task.result[0] for task in tasks]


CALLS = 9
"""At least as many as a flow of a group member makes."""


def schedules() -> Iterator[tuple[int, ...]]:
    """So many calls of the one, so many of the other, the rest of the one, the rest of the other; and the other way round."""
    for one, other in product(range(CALLS + 1), repeat=2):
        for first in (0, 1):
            yield (*[first] * one, *[1 - first] * other, *[first] * (CALLS - one), *[1 - first] * (CALLS - other))


@pytest.mark.parametrize("grouped", [False, True])
def test_an_order_is_reserved_once_whether_money_or_a_person_frees_it_first(grouped):
    freed_by = set()
    for turns in schedules():
        world = started(grouped)
        world.order("N", "1001", "NORTH")
        paid = Payment(id="P", account="NORTH", amount=eur(1), value_date=TODAY)
        results = race(
            world,
            ReceivePayment(payment=paid, key="P"),
            ReleaseHeldOrder(of="NORTH", order="N", reason="known", by="ann", approver="bob", key="let go"),
            turns,
        )
        (reserved,) = world.facts(OrderReserved, account="NORTH")
        freed_by.add(reserved.record.approver)
        assert (results[1].error is None) == (reserved.by == "ann")
        assert reserved.record.overrode or reserved.record.exposure == eur(-1)
    assert "bob" in freed_by


def test_two_members_never_take_the_last_of_the_group_together():
    outcomes = set()
    for turns in schedules():
        world = started(grouped=True)
        commands = (
            ReserveOrder(order=Order(id=id, account=id, amount=eur(600), placed_on=TODAY), key=id)
            for id in ("NORTH", "SOUTH")
        )
        results = race(world, *commands, turns)
        outcomes.add(tuple(each.unwrap().outcome for each in results))
        assert len([fact for id in ("NORTH", "SOUTH") for fact in world.facts(OrderReserved, account=id)]) == 1
    assert outcomes == {("approved", "held"), ("held", "approved")}


def test_the_run_of_the_day_and_a_member_never_take_the_same_room():
    for turns in schedules():
        world = started(grouped=True)
        world.order("N", "900", "NORTH")
        world.order("S", "200", "SOUTH")
        world.pay("P", "100", "NORTH")
        world.at(1)
        ports = {"store": world.store, "notifier": world.notifier, "clock": world.clock}
        order = Order(id="N2", account="NORTH", amount=eur(200), placed_on=day(1))
        tasks = [
            Task(lambda: flows.run_account(SETTING, "SOUTH", day(1)), ports),
            Task(lambda order=order: flows.record(SETTING, [ReserveOrder(order=order, key="N2")]), ports),
        ]
        run(tasks, iter(turns))
        freed = [fact.order.id for id in ("NORTH", "SOUTH") for fact in world.facts(OrderReserved, account=id)]
        assert sorted(freed) in (["N", "N2"], ["N", "S"])
