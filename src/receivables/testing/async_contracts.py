"""The contract of a store for one that is awaited: the same tests, driven by an event loop.

class TestMyStore(AsyncStoreContract):
    async def make_async_store(self):
        self.connection = await connect()
        return MyStore(self.connection)

    async def close(self):
        await self.connection.close()
"""

# ruff: noqa: D102 - the name of a test is the rule that it holds

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Mapping, Sequence
from inspect import isawaitable
from typing import TypeVar, final

from receivables.facts.fact import Fact
from receivables.ports import AsyncStore, Commit, Loaded, Receipt, Store
from receivables.testing.contracts import StoreContract

T = TypeVar("T")


@final
class Blocking:
    """An async store as a plain one: each call waits for its coroutine on a loop that stands still in between.

    >>> from receivables.stores.memory import MemoryStore
    >>> class Awaited:
    ...     async def accounts(self, after, limit):
    ...         return MemoryStore().accounts(after, limit)
    >>> with asyncio.Runner() as runner:
    ...     Blocking(Awaited(), runner).accounts("", 10)
    []
    """

    def __init__(self, store: AsyncStore, runner: asyncio.Runner) -> None:
        self.store, self._runner = store, runner

    def _wait(self, answer: Awaitable[T]) -> T:
        assert isawaitable(answer), f"the methods of an async store are awaited, got {answer!r}"

        async def waiting() -> T:
            return await answer

        return self._runner.run(waiting())

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """See `receivables.ports.Store.load`."""
        return self._wait(self.store.load(accounts))

    def commit(self, commit: Commit) -> None:
        """See `receivables.ports.Store.commit`."""
        self._wait(self.store.commit(commit))

    def receipt(self, key: str) -> Receipt | None:
        """See `receivables.ports.Store.receipt`."""
        return self._wait(self.store.receipt(key))

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.due`."""
        return self._wait(self.store.due(day, after, limit))

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.accounts`."""
        return self._wait(self.store.accounts(after, limit))

    def find(self, namespace: str, key: str) -> Sequence[str]:
        """See `receivables.ports.Store.find`."""
        return self._wait(self.store.find(namespace, key))

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """See `receivables.ports.Store.history`."""
        return self._wait(self.store.history(account, after, limit))

    def in_transaction(self) -> bool:
        """See `receivables.ports.Store.in_transaction`."""
        return self._wait(self.store.in_transaction())


class AsyncStoreContract(StoreContract):
    """The rules of the store port for a store that is awaited; see the module."""

    runner: asyncio.Runner

    def setup_method(self) -> None:
        self.runner = asyncio.Runner()

    def teardown_method(self) -> None:
        try:
            self.runner.run(self.close())
        finally:
            self.runner.close()

    async def make_async_store(self) -> AsyncStore:
        """A store without any account."""
        raise NotImplementedError

    async def reopened_async(self, store: AsyncStore) -> AsyncStore:
        """The same data through a new store, where there is such a thing."""
        return store

    async def close(self) -> None:
        """Called after each test: close what was opened for it."""

    def make_store(self) -> Store:
        return Blocking(self.runner.run(self.make_async_store()), self.runner)

    def reopened(self, store: Store) -> Store:
        assert isinstance(store, Blocking)
        return Blocking(self.runner.run(self.reopened_async(store.store)), self.runner)
