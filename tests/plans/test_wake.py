"""When an account next needs attention: what it waits for, by its own day, and sleep where it waits for nothing."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, CREDIT, LADDER, World, day, eur

from receivables import Customer, NotSent, Payment, PolicyBook
from receivables.documents.promise import Promise


class Says:
    honors_keys = True

    def __init__(self, answer):
        self.answer = answer

    def send(self, notice):
        return self.answer


def wakes(world, account="ACME"):
    """The day on which the account is due, as days after the start; ``None`` for sleep."""
    found = [offset for offset in range(-60, 120) if account in world.store.due(day(offset), "", 10)]
    return found[0] if found else None


def with_invoice(due=0, **more):
    world = World(**more)
    world.open()
    world.invoice("INV-1", "100", due)
    return world


def test_an_account_without_items_sleeps():
    world = World()
    world.open()
    assert wakes(world) is None
    world.pay("P-1", "10", on=5)
    assert wakes(world) is None


@pytest.mark.parametrize("due", [-30, -7, 0, 20])
def test_an_open_item_wakes_on_the_day_of_its_first_step(due):
    assert wakes(with_invoice(due)) == due + 7


def test_an_undelivered_notice_wakes_at_once():
    world = with_invoice().at(9)
    world.run()
    assert wakes(world) <= 9
    assert world.deliver()[0].outcome == "sent"
    assert wakes(world) > 9


def test_after_a_step_it_wakes_for_the_next_and_not_before_the_gap():
    world = with_invoice().at(7)
    world.run()
    world.deliver()
    assert wakes(world) == 14
    late = with_invoice().at(13)
    late.run()
    late.deliver()
    assert wakes(late) == 18


def test_a_finished_ladder_sleeps():
    world = with_invoice()
    for offset in (7, 14, 28):
        world.at(offset).run()
        world.deliver()
    assert len(world.notifier.notices) == 3
    assert wakes(world) is None


def test_a_settled_item_sleeps():
    world = with_invoice()
    world.settle("INV-1", "100")
    assert wakes(world) is None


def test_a_failed_notice_waits_for_a_person_and_sleeps():
    world = with_invoice(notifier=Says(NotSent(reason="no address"))).at(7)
    world.run()
    world.deliver()
    assert wakes(world) is None


def test_a_hold_with_an_end_wakes_the_day_after_it():
    world = with_invoice().at(8)
    world.hold("H-1", until=day(20))
    assert wakes(world) == 21


def test_a_hold_without_an_end_sleeps_until_it_is_lifted():
    world = with_invoice().at(8)
    world.hold("H-1")
    assert wakes(world) is None
    world.app.release_hold("ACME", "H-1", on=day(30), key="lift")
    assert wakes(world) == 30


def test_what_takes_effect_later_wakes_on_its_day():
    world = with_invoice(40)
    world.app.change_customer(Customer(id="ACME", segment="public"), on=day(12), key="change")
    assert wakes(world) == 12
    payment = Payment(id="P-1", account="ACME", amount=eur(10), value_date=day(9))
    world.app.receive_payment(payment, key="pay")
    assert wakes(world) == 9


def test_below_the_minimum_it_wakes_when_another_item_joins():
    book = PolicyBook.of(attrs.evolve(LADDER, minimums=(eur(150),)), CREDIT)
    world = with_invoice(policies=book)
    world.invoice("INV-2", "60", 5)
    world.at(8).run()
    assert world.queued() == []
    assert wakes(world) == 12
    world.at(12).run()
    assert world.queued()[0].total == eur(160)


def test_without_a_policy_it_sleeps_until_rewake():
    world = with_invoice(policies=PolicyBook.of(CREDIT))
    assert wakes(world) is None
    world.policies = BOOK
    world.restart()
    list(world.app.rewake(day(0)))
    assert wakes(world) == 7


def test_an_arrangement_until_the_last_day_there_is_is_over_on_no_day():
    world = with_invoice(due=9)
    made = Promise(id="PTP", account="ACME", items=("INV-1",), amount=eur(100), made_on=world.today, pay_by=dt.date.max)
    world.app.make_promise(made, by="ann", key="promise")
    assert wakes(world) == 16  # its first step, which the promise keeps back
    before = attrs.evolve(made, id="PTP-2", items=(), amount=eur(50), pay_by=day(5))
    world.invoice("INV-2", "50", 9)
    world.app.make_promise(before, by="ann", key="another")
    assert wakes(world) == 6
