"""Eight writers at once on every store: the limit of the group holds, each order is decided once, nobody tries for ever."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest
from tests.crashes.drive import ACCOUNTS, POLICIES, START, eur, opened
from tests.stores.hosts import PostgresHost, SqlalchemyHost, SqliteHost

from receivables import AsyncReceivables, MemoryStore, Order, Receivables
from receivables.errors import StaleAccount
from receivables.testing import FixedClock, RecordingNotifier

WRITERS, ORDERS, TURNS = 8, 3, 100


class InMemory:
    """One store for all: it has a lock of its own, and no connections."""

    def __init__(self):
        self.memory = MemoryStore()

    def connect(self):
        return self

    def close(self):
        pass

    def store(self, connection):
        return self.memory

    def transaction(self, connection):
        return self.memory.transaction()


@pytest.fixture(params=["memory", "sqlite", "sqlite by sqlalchemy", "psycopg", "psycopg by sqlalchemy"])
def host(request, tmp_path):
    kind = request.param
    if "sqlalchemy" in kind:
        pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    if kind == "memory":
        return InMemory()
    if kind == "sqlite":
        return SqliteHost(tmp_path / "db")
    if kind == "sqlite by sqlalchemy":
        return SqlalchemyHost(f"sqlite:///{tmp_path / 'db'}?timeout=60")
    postgres = request.getfixturevalue("postgres")
    if kind == "psycopg":
        return PostgresHost(postgres)
    return SqlalchemyHost(f"postgresql+psycopg://postgres@{postgres.url}", postgres.fresh())


PORTS = {"notifier": RecordingNotifier(), "clock": FixedClock.on(START), "policies": POLICIES}


def order(writer, number):
    account = ACCOUNTS[(writer + number) % len(ACCOUNTS)]
    return Order(id=f"SO-{writer}-{number}", account=account, amount=eur(90), placed_on=START)


def tally(histories):
    kinds = [type(fact).__name__ for facts in histories for fact in facts]
    return kinds.count("OrderReserved"), kinds.count("OrderHeld")


def test_eight_threads_book_no_more_than_the_limit(host):
    def engine(connection):
        return Receivables(store=host.store(connection), transaction=lambda: host.transaction(connection), **PORTS)

    first = host.connect()
    opened(engine(first), 500)
    errors = []

    def book(writer):
        connection = host.connect()
        app = engine(connection)
        try:
            for number in range(ORDERS):
                for turn in range(TURNS):
                    try:
                        app.reserve(order(writer, number), key=f"{writer} {number}")
                        break
                    except StaleAccount:
                        assert turn < TURNS - 1, "others were always faster"
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert tally(engine(first).history(id) for id in ACCOUNTS) == (5, WRITERS * ORDERS - 5)
    first.close()


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_eight_tasks_that_wait_book_no_more_than_the_limit(postgres, driver):
    pytest.importorskip(driver)
    sa = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    aio, core = pytest.importorskip("sqlalchemy.ext.asyncio"), pytest.importorskip("receivables.stores.sqlalchemy_core")
    pytest.importorskip("greenlet", reason="greenlet is not installed")
    host = SqlalchemyHost(f"postgresql+psycopg://postgres@{postgres.url}", postgres.fresh())
    with host.engine.connect() as connection:
        opened(
            Receivables(store=host.store(connection), transaction=lambda: host.transaction(connection), **PORTS), 500
        )

    @asynccontextmanager
    async def engine(pool):
        async with pool.connect() as connection:
            store = core.AsyncSqlalchemyStore(connection, schema=host.schema)
            yield AsyncReceivables(store=store, transaction=connection.begin, **PORTS)

    async def book(pool, writer):
        async with engine(pool) as app:
            for number in range(ORDERS):
                for turn in range(TURNS):
                    try:
                        await app.reserve(order(writer, number), key=f"{writer} {number}")
                        break
                    except StaleAccount:
                        assert turn < TURNS - 1, "others were always faster"

    async def main():
        url = sa.make_url(host.url).set(drivername=f"postgresql+{driver}")
        pool = aio.create_async_engine(url, poolclass=sa.pool.NullPool)
        await asyncio.gather(*(book(pool, writer) for writer in range(WRITERS)))
        async with engine(pool) as app:
            ids = [id async for id in app.accounts()]
            found = [[fact async for fact in app.history(id)] for id in ACCOUNTS]
        await pool.dispose()
        return ids, found

    ids, found = asyncio.run(main())
    assert set(ACCOUNTS) < set(ids)
    assert tally(found) == (5, WRITERS * ORDERS - 5)
