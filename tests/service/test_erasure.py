"""An erasure on accounts that are one, before and after they were; by both services; and what refuses it."""

import asyncio
import datetime as dt

import pytest
from tests.service.test_async import Awaited
from tests.service.world import eur

from receivables import Customer, Hold, MemoryStore, PolicyBook, Receivables
from receivables.documents.erasure import ErasureEntry
from receivables.errors import ErasurePending, UnknownId
from receivables.plans.erasure import erasure_list
from receivables.policies.retention import RetentionPolicy
from receivables.service import AsyncReceivables
from receivables.stores.chain import verify
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.erased import ERASED

DAY = dt.date(2010, 3, 2)
LATER = dt.date(2026, 3, 2)
BOOK = PolicyBook.of(RetentionPolicy.years("house", 6, law="house rule"))


def app_on(store, day=LATER, **more):
    return Receivables(
        store=store, notifier=RecordingNotifier(), clock=FixedClock.on(day), policies=more.pop("policies", BOOK), **more
    )


def held(store, account, day=DAY):
    app = app_on(store, day)
    app.open_account(Customer(id=account), key=f"open {account}")
    hold = Hold(
        id=f"H {account}", account=account, placed_on=day, reason=f"{account} is ill", stops=frozenset({"dunning"})
    )
    app.place_hold(hold, key=f"hold {account}")


def merged(store):
    app_on(store).merge_accounts("A", "B", reason="the same person", approver="bob", key="merge", by="ann")


def reasons(store, account):
    return [fact.hold.reason for fact in store.facts(account) if hasattr(fact, "hold")]


@pytest.fixture
def store():
    store = MemoryStore()
    held(store, "A")
    held(store, "B")
    return store


def test_what_was_absorbed_is_erased_in_its_own_log(store):
    merged(store)
    before = app_on(store).view("A", LATER).open_total("EUR")
    app_on(store).request_erasure("B", "E-1", key="erase")
    assert (reasons(store, "A"), reasons(store, "B")) == ([ERASED], [ERASED])
    assert before == app_on(store).view("A", LATER).open_total("EUR") == eur(0)
    assert verify([*store.export("A", 0, 100), *store.export("B", 0, 100)]) == ()


def test_a_backup_from_before_the_merger_is_asked_for_in_both_logs(store):
    merged(store)
    app_on(store).request_erasure("A", "E-1", key="erase")
    entries = erasure_list("A", store.facts("A"))
    assert [(entry.erasure, entry.account) for entry in entries] == [("E-1", "A"), ("E-1/B", "B")]

    restored = MemoryStore()
    held(restored, "A")
    held(restored, "B")
    app = app_on(restored, erasures=entries)
    for account in ("A", "B"):
        with pytest.raises(ErasurePending):
            app.release_hold(account, f"H {account}", on=LATER, key=f"release {account}")
    for entry in entries:
        app.replay_erasure(entry, key=f"replay {entry.erasure}")
    assert (reasons(restored, "A"), reasons(restored, "B")) == ([ERASED], [ERASED])
    for account in ("A", "B"):
        app.release_hold(account, f"H {account}", on=LATER, key=f"release {account}")


def test_where_nothing_was_restored_the_list_stops_nobody(store):
    merged(store)
    app_on(store).request_erasure("A", "E-1", key="erase")
    app = app_on(store, erasures=erasure_list("A", store.facts("A")))
    app.release_hold("B", "H B", on=LATER, key="release")
    assert [result.error for result in app.rewake(LATER)] == [None, None]


def test_an_account_that_the_backup_does_not_know_can_be_opened(store):
    entry = ErasureEntry(erasure="E-9", account="NEW", records=(), texts=())
    app = app_on(store, erasures=[entry])
    app.open_account(Customer(id="NEW"), key="open NEW")
    with pytest.raises(ErasurePending) as refused:
        app.place_hold(
            Hold(id="H", account="NEW", placed_on=LATER, reason="x", stops=frozenset({"dunning"})), key="hold"
        )
    assert refused.value.erasures == ("E-9",)


def test_without_a_policy_nothing_is_erased(store):
    with pytest.raises(UnknownId):
        app_on(store, policies=PolicyBook()).request_erasure("A", "E-1", key="erase")
    assert reasons(store, "A") == ["A is ill"]


def test_the_awaited_service_erases_too(store):
    app = AsyncReceivables(
        store=Awaited(store), notifier=RecordingNotifier(), clock=FixedClock.on(LATER), policies=BOOK
    )
    receipt = asyncio.run(app.request_erasure("A", "E-1", key="erase"))
    assert (receipt.outcome, reasons(store, "A")) == ("erased", [ERASED])
