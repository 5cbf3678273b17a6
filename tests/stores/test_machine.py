"""Drawn commits on every durable store and in memory: both take the same ones, and hold the same afterwards."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.contracts import test_store_contract as contract
from tests.stores.hosts import EachInItsOwn, PostgresHost, SqliteHost

from receivables import MemoryStore
from receivables.testing.store_machine import store_machine


class Restarting:
    """A host for one example: each store stands on a new connection, with each call in a transaction of its own."""

    def __init__(self, host):
        self.host, self.connection = host, None

    def store(self):
        self.close()
        self.connection = self.host.connect()
        return EachInItsOwn(self.host, self.connection)

    def close(self):
        if self.connection is not None:
            self.connection.close()


class Staying:
    """A host for one example, all in one transaction: what was refused must have left nothing in it."""

    def __init__(self, host):
        self.host, self.connection = host, host.connect()
        host.begin(self.connection)

    def store(self):
        return self.host.store(self.connection)

    def close(self):
        self.connection.close()


class InMemory:
    def __init__(self, kind):
        self._store = kind()

    def store(self):
        return self._store

    def close(self):
        pass


def drive(make_host, examples=None, **more):
    """A fifth of the examples of the profile, unless told: each step looks at everything that is stored."""
    examples = examples or max(settings.default.max_examples // 5, 10)
    profile = settings(max_examples=examples, stateful_step_count=15, suppress_health_check=list(HealthCheck), **more)
    run_state_machine_as_test(store_machine(make_host), settings=profile)


@pytest.mark.parametrize("kind", [Restarting, Staying])
def test_sqlite_takes_and_refuses_what_memory_does(kind):
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(10**9))
        drive(lambda: kind(SqliteHost(Path(folder) / f"{next(numbers)}.db")))


@pytest.mark.parametrize("kind", [Restarting, Staying])
def test_postgresql_takes_and_refuses_what_memory_does(kind, postgres):
    drive(lambda: kind(PostgresHost(postgres)))


@pytest.mark.parametrize(
    "fault",
    [
        contract.AcceptsStale,
        contract.AcceptsStaleFurtherAccounts,
        contract.CountsGuardsInHistory,
        contract.DoesNotAdvanceGuards,
        contract.ForgetsReceipts,
        contract.HandsOutItsFacts,
        contract.IgnoresClaims,
        contract.KeepsTheDay,
        contract.LosesAnAppend,
        contract.LosesTheLastFact,
        contract.OneLinkOnly,
        contract.Reorders,
        contract.WritesTheReceiptFirst,
    ],
    ids=lambda fault: fault.__name__,
)
def test_a_planted_fault_is_seen(fault):
    """Those of the contract that a store of somebody's could have; the examples are the same in every run."""
    same = {"derandomize": True, "database": None, "report_multiple_bugs": False}
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is that differs
        drive(lambda: InMemory(fault), 100, phases=[Phase.generate], **same)


def test_memory_differs_from_itself_in_nothing():
    drive(lambda: InMemory(MemoryStore))
