"""What the host brings: a database, a transaction, a clock, policies. The engine opens and commits nothing by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from receivables import AsyncReceivables, CreditPolicy, DunningPolicy, DunningStep, PolicyBook
from receivables.errors import StaleAccount
from receivables.stores.sqlalchemy_core import AsyncSqlalchemyStore, tables
from receivables.testing import RecordingNotifier

T = TypeVar("T")

TRIES = 20
"""How often a request is decided anew because another one was faster."""

POLICIES = PolicyBook.of(
    CreditPolicy(id="standard", version=1, hold_overdue_days=30, warn_percent=90),
    DunningPolicy(
        id="standard",
        version=1,
        minimum_gap_days=7,
        steps=(DunningStep(name="reminder", days_after_due=7), DunningStep(name="final", days_after_due=21)),
    ),
)

METADATA = sa.MetaData()
tables(METADATA)  # the engine's tables beside the host's own: one metadata, one migration
ORDERS = sa.Table(
    "orders",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("amount", sa.Numeric(14, 2), nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
)


class SystemClock:
    """The one place that asks what time it is."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class Books:
    """The database with the engine on it, one transaction at a time."""

    def __init__(self, url: str, clock: Any = None) -> None:
        self.engine = _engine(url)
        self.clock = clock or SystemClock()

    async def create(self) -> None:
        """The tables; a host in production has its migrations do that."""
        async with self.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)

    def on(self, connection: AsyncConnection) -> AsyncReceivables:
        """The engine on a connection; what is mailed is another process's business."""
        return AsyncReceivables(
            store=AsyncSqlalchemyStore(connection), notifier=RecordingNotifier(), clock=self.clock, policies=POLICIES
        )

    async def transact(self, work: Callable[[AsyncConnection, AsyncReceivables], Awaitable[T]]) -> T:
        """Work in one transaction, with the host's rows and the engine's facts; again where another was faster."""
        for left in reversed(range(TRIES)):
            try:
                async with self.engine.begin() as connection:
                    return await work(connection, self.on(connection))
            except StaleAccount:
                if not left:
                    raise
        raise AssertionError("not reached")


def _engine(url: str) -> AsyncEngine:
    """An engine. On SQLite each transaction takes the lock as it begins, or two that read and then write would clash."""
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine.sync_engine, "connect")
        def no_begin_of_its_own(connection: Any, _: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA busy_timeout=30000")

        @sa.event.listens_for(engine.sync_engine, "begin")
        def lock(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
