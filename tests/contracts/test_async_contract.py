"""The contract for stores that are awaited runs the same tests, and sees the same faults."""

import asyncio

import pytest
from tests.contracts.test_store_contract import TESTS, IgnoresClaims, LosesAnAppend

from receivables import MemoryStore
from receivables.testing.async_contracts import AsyncStoreContract

METHODS = ("load", "commit", "receipt", "due", "accounts", "find", "history", "in_transaction")


class Awaited:
    """A memory store whose methods are coroutines, and give way before they answer."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        if name not in METHODS:
            raise AttributeError(name)

        async def called(*args):
            await asyncio.sleep(0)
            return getattr(self.store, name)(*args)

        return called


class TestAwaitedMemoryStore(AsyncStoreContract):
    async def make_async_store(self):
        return Awaited(MemoryStore())


def failing(store):
    """The tests of the contract that an awaited store fails."""

    class Contract(AsyncStoreContract):
        async def make_async_store(self):
            return store()

    failed = []
    for name in TESTS:
        contract = Contract()
        contract.setup_method()
        try:
            getattr(contract, name)()
        except Exception:
            failed.append(name)
        finally:
            contract.teardown_method()
    return failed


@pytest.mark.parametrize("fault", [LosesAnAppend, IgnoresClaims])
def test_a_planted_fault_is_caught(fault):
    assert failing(lambda: Awaited(fault()))


def test_a_store_that_is_not_awaited_is_caught():
    assert set(failing(MemoryStore)) == set(TESTS)


def test_what_was_opened_for_a_test_is_closed_after_it():
    closed = []

    class Contract(AsyncStoreContract):
        async def make_async_store(self):
            return Awaited(MemoryStore())

        async def close(self):
            closed.append(asyncio.get_running_loop())

    contract = Contract()
    contract.setup_method()
    contract.test_an_unknown_account_is_empty_at_version_zero()
    contract.teardown_method()
    assert len(closed) == 1


def test_an_adapter_without_a_store_is_told_so():
    contract = AsyncStoreContract()
    contract.setup_method()
    with pytest.raises(NotImplementedError):
        contract.make_store()
    contract.teardown_method()
