"""A merge while somebody is at work on the account that is merged: in many orders of their port calls."""

import datetime as dt
from itertools import islice

import pytest
from tests.scenarios.interleaving import Task, orders, run
from tests.service.world import BOOK, EUR, TODAY, World, eur

from receivables import Payment, Sent, flows
from receivables.facts.dunning import NoticeSent
from receivables.flows import Setting
from receivables.plans.commands import MergeAccounts, ReceivePayment, SeparateAccounts

SETTING = Setting(policies=BOOK, zone=dt.UTC)
MERGE = MergeAccounts(of="A", absorbed="B", reason="one", by="ann", approver="bob", key="merge")
SEPARATE = SeparateAccounts(of="A", absorbed="B", reason="two", by="ann", approver="bob", key="separate")
PAY = ReceivePayment(payment=Payment(id="P-1", account="B", amount=eur(10), value_date=TODAY), key="pay")


def pair(notifier=None):
    world = World(notifier=notifier)
    for id in "AB":
        world.open(id)
        world.invoice(f"INV-{id}", "100", -8, id)
    return world, {"store": world.store, "notifier": world.notifier, "clock": world.clock}


def total(world):
    views = [world.app.account(id, own=True).view(TODAY) for id in "AB"]
    return sum(view.balance(EUR).minor for view in views)


@pytest.mark.parametrize("deed", [MERGE, SEPARATE], ids=["merge", "separate"])
def test_a_payment_is_recorded_once_whatever_it_meets(deed):
    for order in islice(orders(6), 0, None, 5):
        world, ports = pair()
        if deed is SEPARATE:
            world.app.execute(MERGE)
        tasks = [Task(lambda each=each: flows.record(SETTING, [each]), ports) for each in (PAY, deed)]
        run(tasks, iter(order))
        for task in tasks:
            task.result[0].unwrap()
        assert total(world) == 190_00
        assert [credit.id for credit in world.app.account("B").cash.credits] == ["P-1"]
        assert world.app.account("A").id == "A"
        assert world.app.account("B").id == ("A" if deed is MERGE else "B")


def test_a_letter_goes_out_once_while_its_account_is_merged():
    for order in islice(orders(7), 0, None, 37):
        world, ports = pair()
        world.run()
        (queued,) = world.queued("B")
        tasks = [
            Task(lambda: flows.deliver_account(SETTING, "B"), ports),
            Task(lambda: flows.record(SETTING, [MERGE]), ports),
        ]
        run(tasks, iter(order))
        tasks[1].result[0].unwrap()
        assert {each.outcome for each in tasks[0].result} <= {"sent", "done by another"}
        list(world.app.deliver())
        assert [notice.key for notice in world.notifier.notices].count(queued.key) == 1
        assert [fact.notice for fact in world.facts(NoticeSent, account="B")] == [queued.key]
        assert world.app.view("A", TODAY).ladder_of["INV-B"].step == "first"


class Merges:
    """A notifier during whose work somebody merges the accounts."""

    honors_keys = False

    def __init__(self):
        self.keys = []

    def send(self, notice):
        self.keys.append(notice.key)
        if notice.account == "B":
            self.world.app.execute(MERGE)
        return Sent()


def test_what_became_of_a_letter_is_recorded_though_its_account_was_merged_meanwhile():
    notifier = Merges()
    world, _ = pair(notifier)
    notifier.world = world
    world.run()
    assert [each.outcome for each in world.deliver()] == ["sent", "sent"]
    assert world.life(world.queued("B")[0].key, "B") == ["queued", "sending", "sent"]
    assert list(world.deliver()) == []
    assert len(notifier.keys) == len(set(notifier.keys)) == 2
