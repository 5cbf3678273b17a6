"""What carries the steps of a durable store out: the methods of the port, once for plain and once for awaited drivers.

A driver says how one statement is executed and whether a transaction is open; see `receivables.stores.dbapi` and
`receivables.stores.sqlalchemy_core`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from receivables.facts.fact import Fact
from receivables.ports import Commit, Loaded, Receipt
from receivables.stores import steps
from receivables.stores.chain import Head, Linked
from receivables.stores.steps import TRANSACTION, Ask, Ground, Row, Steps

T = TypeVar("T")


class DrivenStore:
    """The store port on a driver."""

    _ground: Ground

    def _ask(self, ask: Ask) -> list[Row]:
        """Execute one statement; gives its rows."""
        raise NotImplementedError

    def _open(self) -> bool:
        """Whether the database has a transaction open, by now."""
        raise NotImplementedError

    def _run(self, work: Steps[T]) -> T:
        answer: Any = None
        while True:
            try:
                ask = work.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                return value
            answer = self._open() if ask is TRANSACTION else self._ask(ask)

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """See `receivables.ports.Store.load`: the whole log, without a snapshot."""
        return self._run(steps.load(self._ground, accounts))

    def commit(self, commit: Commit) -> None:
        """See `receivables.ports.Store.commit`; `NoTransaction` where none is open."""
        self._run(steps.commit(self._ground, commit))

    def receipt(self, key: str) -> Receipt | None:
        """See `receivables.ports.Store.receipt`."""
        return self._run(steps.receipt(self._ground, key))

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.due`."""
        return self._run(steps.due(self._ground, day, after, limit))

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.accounts`."""
        return self._run(steps.accounts(self._ground, after, limit))

    def find(self, namespace: str, key: str) -> Sequence[str]:
        """See `receivables.ports.Store.find`."""
        return self._run(steps.find(self._ground, namespace, key))

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """See `receivables.ports.Store.history`."""
        return self._run(steps.history(self._ground, account, after, limit))

    def head(self, account: str) -> Head:
        """Where the hash chain of an account ends, to be kept elsewhere; see `receivables.stores.chain`."""
        return self._run(steps.head(self._ground, account))

    def heads(self, after: str, limit: int) -> Sequence[Head]:
        """At most ``limit`` heads of the chains of all accounts, in the order of the ids, greater than ``after``."""
        return self._run(steps.heads(self._ground, after, limit))

    def export(self, account: str, after: int, limit: int) -> Sequence[Linked]:
        """At most ``limit`` rows of one account's chain after its first ``after`` ones: no personal text is in them."""
        return self._run(steps.export(self._ground, account, after, limit))

    def schema_version(self) -> int:
        """The version of the tables, to be compared with `receivables.stores.schema.SCHEMA_VERSION` at the start."""
        return self._run(steps.schema_version(self._ground))


class AsyncDrivenStore:
    """The store port on a driver that is awaited."""

    _ground: Ground

    async def _ask(self, ask: Ask) -> list[Row]:
        """Execute one statement; gives its rows."""
        raise NotImplementedError

    async def _open(self) -> bool:
        """Whether the database has a transaction open, by now."""
        raise NotImplementedError

    async def _run(self, work: Steps[T]) -> T:
        answer: Any = None
        while True:
            try:
                ask = work.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                return value
            answer = await self._open() if ask is TRANSACTION else await self._ask(ask)

    async def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """See `DrivenStore.load`."""
        return await self._run(steps.load(self._ground, accounts))

    async def commit(self, commit: Commit) -> None:
        """See `DrivenStore.commit`."""
        await self._run(steps.commit(self._ground, commit))

    async def receipt(self, key: str) -> Receipt | None:
        """See `DrivenStore.receipt`."""
        return await self._run(steps.receipt(self._ground, key))

    async def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """See `DrivenStore.due`."""
        return await self._run(steps.due(self._ground, day, after, limit))

    async def accounts(self, after: str, limit: int) -> Sequence[str]:
        """See `DrivenStore.accounts`."""
        return await self._run(steps.accounts(self._ground, after, limit))

    async def find(self, namespace: str, key: str) -> Sequence[str]:
        """See `DrivenStore.find`."""
        return await self._run(steps.find(self._ground, namespace, key))

    async def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """See `DrivenStore.history`."""
        return await self._run(steps.history(self._ground, account, after, limit))

    async def head(self, account: str) -> Head:
        """Where the hash chain of an account ends, to be kept elsewhere; see `receivables.stores.chain`."""
        return await self._run(steps.head(self._ground, account))

    async def heads(self, after: str, limit: int) -> Sequence[Head]:
        """At most ``limit`` heads of the chains of all accounts, in the order of the ids, greater than ``after``."""
        return await self._run(steps.heads(self._ground, after, limit))

    async def export(self, account: str, after: int, limit: int) -> Sequence[Linked]:
        """At most ``limit`` rows of one account's chain after its first ``after`` ones: no personal text is in them."""
        return await self._run(steps.export(self._ground, account, after, limit))

    async def schema_version(self) -> int:
        """See `DrivenStore.schema_version`."""
        return await self._run(steps.schema_version(self._ground))
