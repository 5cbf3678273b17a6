"""What a credit may be put on: an item stands in the order by the day on which it is due now, and none is kept from it."""

import attrs
import pytest
from tests.service.world import BOOK, TODAY, World, day, eur

from receivables import Installment, Invoice, Money, PolicyBook, Schedule
from receivables.documents.payment import Designation
from receivables.facts.cash import AllocationMade
from receivables.policies.appropriation import AppropriationOrder


def owing(order: AppropriationOrder | None = None) -> World:
    """INV-1 due on day 5 and INV-2 due on day 20, 300.00 each, and a payment of 300.00 today."""
    policies = [each for each in BOOK.policies if not isinstance(each, AppropriationOrder)] if order else BOOK.policies
    world = World(policies=attrs.evolve(BOOK, policies=(*policies, *([order] if order else []))))
    world.open()
    world.invoice("INV-1", "300", 5)
    world.invoice("INV-2", "300", 20)
    world.pay("P", "300")
    return world


def placed(world: World, **more: object) -> list[tuple[str, Money, str]]:
    world.app.appropriate("ACME", "P", key="place", **more)
    return [
        (each.allocation.item, each.allocation.amount, each.allocation.rule) for each in world.facts(AllocationMade)
    ]


def extend(world: World, item: str, to: int) -> None:
    world.app.extend_due("ACME", item, day(to), on=TODAY, reason="she waits", by="ann", approver="bob", key=f"{to}")


@pytest.mark.parametrize(("to", "first"), [(None, "INV-1"), (19, "INV-1"), (20, "INV-1"), (21, "INV-2")])
def test_an_item_whose_due_date_was_extended_comes_after_what_is_due_before_it(to, first):
    world = owing()
    if to is not None:
        extend(world, "INV-1", to)
    ((item, amount, rule),) = placed(world)
    assert (item, amount) == (first, eur(300))
    assert rule == ("in the order given" if to == 20 else "oldest due first")


@pytest.mark.parametrize(("dated", "first"), [(None, "INV-1"), (4, "INV-W"), (6, "INV-1")])
def test_an_installment_without_a_due_date_waits_for_all_others_until_it_has_one(dated, first):
    world = owing()
    waits = Schedule(installments=(Installment(amount=eur(300), baseline="delivery"),))
    world.app.issue_invoice(
        Invoice(number="INV-W", account="ACME", issued_on=TODAY, total=eur(300), schedule=waits), key="INV-W"
    )
    if dated is not None:
        world.app.date_installment("ACME", "INV-W", day(dated), key="dated")
    assert placed(world) == [(first, eur(300), "oldest due first")]


@pytest.mark.parametrize(("on", "first"), [(4, "INV-2"), (5, "INV-1")])
def test_whether_an_item_has_fallen_due_is_judged_on_the_value_date_of_the_money(on, first):
    """INV-2 is the smaller one; INV-1 comes first from the day on which it is due."""
    world = World(policies=PolicyBook.of(AppropriationOrder(id="due", version=1, among=("fallen_due", "smallest"))))
    world.open()
    world.invoice("INV-1", "300", 5)
    world.invoice("INV-2", "200", 20)
    world.at(9).pay("P", "100", on=on)
    assert placed(world)[0][:2] == (first, eur(100))


def test_money_goes_on_what_is_open_in_its_currency_and_not_kept_for_another_payment():
    """100.00 of INV-1 were paid, and a card payment of 150.00 is on its way for it: 50.00 are free."""
    world = owing()
    world.invoice("INV-USD", Money.of(300, "USD"), 1)
    world.settle("INV-1", "100")
    world.pay("C", "150", method="card", status="pending", designated=(Designation(item="INV-1", amount=eur(150)),))
    assert placed(world)[1:] == [
        ("INV-1", eur(50), "oldest due first"),
        ("INV-2", eur(250), "no other debt is left"),
    ]


def test_each_part_of_a_placement_is_numbered_from_one_and_named_in_the_receipt():
    world = owing()
    world.settle("INV-1", "200")
    receipt = world.app.appropriate("ACME", "P", key="place", by="ann")
    made = world.facts(AllocationMade)[1:]
    assert receipt.ids == ("place#1", "place#2") == tuple(fact.id for fact in made)
    assert [(fact.allocation.item, fact.allocation.source, fact.by) for fact in made] == [
        ("INV-1", "P", "ann"),
        ("INV-2", "P", "ann"),
    ]
