"""When an account with a held order is looked at again: on the next day on which time alone can free it."""

import pytest
from tests.service.world import EUR, TODAY, World, day, eur

from receivables import CreditLimit, CreditPolicy, PolicyBook
from receivables.documents.risk import ClassOverride
from receivables.facts.credit import OrderReserved
from receivables.plans.credit import next_free_day
from receivables.policies.credit import SubLimit


def returned(world: World) -> None:
    world.pay("P", "10")
    world.app.return_payment("ACME", "P", kind="returned", code="AC04", on=TODAY, key="back")


def given_class(world: World) -> None:
    given = ClassOverride(id="K", account="ACME", risk_class="E", starts_on=TODAY, until=day(4), reason="seen")
    world.app.override_class(given, by="ann", approver="bob", key="K")


def promised(world: World) -> None:
    world.invoice("I", "10", 20)
    world.promise("PR", "I", "10", 0)
    world.at(1)


def more_later(world: World) -> None:
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(50), valid_from=day(5), kind="temporary")
    world.app.set_limit(limit, key="more")


CASES = {
    "hold": ({}, lambda world: world.hold("H", stops=frozenset({"credit"}), until=day(4)), 100),
    "returned": ({"returned_payment_days": 4}, returned, 100),
    "class": ({"risk_classes": (("E", "hold"),)}, given_class, 100),
    "promise": ({"broken_promises": 1, "promise_days": 4}, promised, 90),
    "increase": ({}, more_later, 150),
    "due": (
        {"sub_limits": (SubLimit(component="open", amount=eur(5)),)},
        lambda world: world.invoice("I", "10", 4),
        50,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_sleeps_until_the_day_on_which_time_frees_the_order(case):
    settings, begin, amount = CASES[case]
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1, **settings)))
    world.open()
    world.limit("100")
    begin(world)
    assert world.order("A", amount).outcome == "held"
    for offset in range(1, 5):
        world.at(offset).run()
        world.deliver()  # staff is told of a broken promise
        assert world.facts(OrderReserved) == []
    assert world.store._heads["ACME"].wake_on == day(5)
    world.at(5).run()
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]


def test_an_order_that_only_money_can_free_wakes_nobody():
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1)))
    world.open()
    world.limit("100")
    assert world.order("A", "101").outcome == "held"
    assert world.store._heads["ACME"].wake_on is None
    world.pay("P", "1")
    assert [fact.order.id for fact in world.facts(OrderReserved)] == ["A"]


def test_a_member_of_a_group_is_looked_at_every_day_because_another_may_pay():
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1)))
    world.app.open_group("G", key="group")
    world.open(group="G")
    world.limit("100", "group:G")
    world.limit("100")
    assert world.order("A", "101").outcome == "held"
    assert world.store._heads["ACME"].wake_on == TODAY


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("on", [0, 1, 4, 5])
def test_the_day_that_frees_an_order_is_known_on_each_day_before_and_past_on_itself(case, on):
    """What begins later is no matter of time alone: it is a fact of that day."""
    settings, begin, amount = CASES[case]
    world = World(policies=PolicyBook.of(CreditPolicy(id="standard", version=1, **settings)))
    world.open()
    world.limit("100")
    begin(world)
    world.order("A", amount)
    view = world.app.view("ACME", day(on))
    expected = day(5) if on < 5 and case != "increase" else None
    if case == "promise" and on == 0:
        expected = None  # it is made, and not broken yet
    assert next_free_day(view, world.policies) == expected


def test_an_order_that_needs_a_rate_is_looked_at_every_day_and_one_without_a_policy_on_none():
    rated = PolicyBook.of(CreditPolicy(id="standard", version=1, limit_currency=EUR))
    world = World(policies=rated)
    world.open()
    world.limit("100")
    assert next_free_day(world.app.view("ACME", day(3)), rated) is None
    world.order("A", "101")
    for on in (0, 3):
        assert next_free_day(world.app.view("ACME", day(on)), rated) == day(on)
        assert next_free_day(world.app.view("ACME", day(on)), PolicyBook()) is None
