"""The history of an account: every fact of its own log, whatever a page or a snapshot holds."""

import asyncio

import pytest
from tests.service.world import BOOK, World, day, eur, furnished

from receivables import AsyncReceivables, Customer, MemoryStore, Payment, Receivables, flows
from receivables.errors import InvalidValue, UnknownId
from receivables.plans.commands import MergeAccounts, ReceivePayment
from receivables.testing import FixedClock, RecordingNotifier


def app_on(store, service=Receivables):
    return service(store=store, notifier=RecordingNotifier(), clock=FixedClock.on(day(0)), policies=BOOK)


def pay(n):
    payment = Payment(id=f"P-{n}", account="ACME", amount=eur(1), value_date=day(0))
    return ReceivePayment(payment=payment, key=f"pay {n}")


def long_log():
    """A log that is longer than a page by a few facts."""
    store = MemoryStore()
    app = app_on(store)
    app.open_account(Customer(id="ACME"), key="open")
    assert all(result.ok for result in app.record(pay(n) for n in range(flows.PAGE + 3)))
    return store


def test_the_history_is_the_whole_log_though_it_is_read_in_pages():
    store = long_log()
    assert len(store.facts("ACME")) > flows.PAGE
    assert tuple(app_on(store).history("ACME")) == store.facts("ACME")


def test_a_history_is_read_only_as_far_as_it_is_looked_at():
    class Counted(MemoryStore):
        pages = 0

        def history(self, account, after, limit):
            self.pages += 1
            return super().history(account, after, limit)

    store = Counted()
    app_on(store).open_account(Customer(id="ACME"), key="open")
    found = app_on(store).history("ACME")
    assert store.pages == 0
    next(found)
    assert store.pages == 1


def test_it_is_the_same_for_who_waits():
    store = long_log()

    async def taken():
        return [fact async for fact in app_on(store, AsyncReceivables).history("ACME")]

    assert asyncio.run(taken()) == list(store.facts("ACME"))


def test_an_account_that_nobody_opened_has_none():
    with pytest.raises(UnknownId):
        next(app_on(MemoryStore()).history("ACME"))


def test_an_id_that_is_none_is_refused_at_once():
    with pytest.raises(InvalidValue):
        app_on(MemoryStore()).history("")


def test_recording_adds_to_the_end_and_changes_nothing_before():
    world = furnished()
    before = tuple(world.app.history("ACME"))
    world.app.receive_payment(Payment(id="late", account="ACME", amount=eur(1), value_date=day(0)), key="late")
    after = tuple(world.app.history("ACME"))
    assert len(after) > len(before)
    assert after[: len(before)] == before


def test_an_account_that_was_merged_keeps_its_own_log():
    world = World()
    for id in "AB":
        world.open(id)
    merge = MergeAccounts(of="A", absorbed="B", reason="one", by="ann", approver="bob", key="merge")
    world.app.execute(merge)
    for id in "AB":
        payment = Payment(id=f"P-{id}", account=id, amount=eur(10), value_date=day(0))
        world.app.receive_payment(payment, key=f"pay {id}")
    logs = {id: [type(fact).__name__ for fact in world.app.history(id)] for id in "AB"}
    assert logs == {
        "A": ["AccountOpened", "AccountAbsorbed", "PaymentReceived"],
        "B": ["AccountOpened", "AccountMerged", "PaymentReceived"],
    }
