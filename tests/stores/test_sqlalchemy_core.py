"""The SQLAlchemy stores hold to the contract, plain and awaited, on the tables as SQLAlchemy makes them."""

import asyncio
import sqlite3
import subprocess
import sys

import pytest
from tests.stores.durable import InManyTransactions, InOneTransaction
from tests.stores.hosts import PostgresHost, SqlalchemyHost, SqliteHost

from receivables.errors import NoTransaction
from receivables.ports import Append, Commit
from receivables.state.account import fold
from receivables.stores.schema import SCHEMA_VERSION
from receivables.testing.async_contracts import AsyncStoreContract
from receivables.testing.contracts import opened

sa = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
core = pytest.importorskip("receivables.stores.sqlalchemy_core")


@pytest.fixture
def sqlite(tmp_path):
    return SqlalchemyHost(f"sqlite:///{tmp_path / 'db'}")


@pytest.fixture
def postgresql(postgres):
    return SqlalchemyHost(f"postgresql+psycopg://postgres@{postgres.url}", postgres.fresh())


class TestSqliteInOneTransaction(InOneTransaction):
    @pytest.fixture
    def host(self, sqlite):
        return sqlite


class TestSqliteInManyTransactions(InManyTransactions):
    @pytest.fixture
    def host(self, sqlite):
        return sqlite


class TestPostgresqlInOneTransaction(InOneTransaction):
    @pytest.fixture
    def host(self, postgresql):
        return postgresql


class TestPostgresqlInManyTransactions(InManyTransactions):
    @pytest.fixture
    def host(self, postgresql):
        return postgresql


class Awaited(AsyncStoreContract):
    """In one transaction of an awaited connection."""

    driver = ""

    @pytest.fixture(autouse=True)
    def _host(self, host):
        self.host, self.connection = host, None

    async def make_async_store(self):
        aio = pytest.importorskip("sqlalchemy.ext.asyncio")
        pytest.importorskip("greenlet", reason="greenlet is not installed")
        url = sa.make_url(self.host.url).set(drivername=self.driver)
        self.engine = aio.create_async_engine(url, poolclass=sa.pool.NullPool)
        self.connection = await self.engine.connect()
        await self.connection.begin()
        return core.AsyncSqlalchemyStore(self.connection, schema=self.host.schema)

    async def reopened_async(self, store):
        await self.connection.commit()
        await self.connection.begin()
        return core.AsyncSqlalchemyStore(self.connection, schema=self.host.schema)

    async def close(self):
        if self.connection is not None:
            await self.connection.close()
            await self.engine.dispose()


class TestAwaitedSqlite(Awaited):
    driver = "sqlite+aiosqlite"

    @pytest.fixture
    def host(self, sqlite):
        pytest.importorskip("aiosqlite", reason="aiosqlite is not installed")
        return sqlite


class TestAwaitedPostgresql(Awaited):
    driver = "postgresql+psycopg"

    @pytest.fixture
    def host(self, postgresql):
        return postgresql


class TestAwaitedPostgresqlByAsyncpg(Awaited):
    driver = "postgresql+asyncpg"

    @pytest.fixture
    def host(self, request):
        pytest.importorskip("asyncpg", reason="asyncpg is not installed")
        return request.getfixturevalue("postgresql")


def shape(engine, schema):
    """The tables of a database as SQLAlchemy finds them."""
    found = sa.inspect(engine)
    return {
        name: {
            "columns": [
                (each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name, schema)
            ],
            "key": found.get_pk_constraint(name, schema)["constrained_columns"],
            "indexes": [(each["name"], each["column_names"]) for each in found.get_indexes(name, schema)],
        }
        for name in sorted(found.get_table_names(schema))
    }


def versions(engine, schema):
    with engine.begin() as connection:
        return core.SqlalchemyStore(connection, schema=schema).schema_version()


def test_the_tables_are_those_of_the_text_for_migrations_on_sqlite(sqlite, tmp_path):
    text = SqliteHost(tmp_path / "text")
    engine = sa.create_engine(f"sqlite:///{text.path}", poolclass=sa.pool.NullPool)
    assert shape(sqlite.engine, None) == shape(engine, None)
    assert len(shape(engine, None)) == 6
    assert versions(sqlite.engine, None) == versions(engine, None) == SCHEMA_VERSION
    connections = [sqlite3.connect(path) for path in (text.path, tmp_path / "db")]
    rowless = [
        str(connection.execute("SELECT group_concat(sql) FROM sqlite_master").fetchone()[0]).count("WITHOUT ROWID")
        for connection in connections
    ]
    for connection in connections:
        connection.close()
    assert rowless == [6, 6]


def test_the_tables_are_those_of_the_text_for_migrations_on_postgresql(postgresql, postgres):
    text = PostgresHost(postgres)
    assert shape(postgresql.engine, postgresql.schema) == shape(postgresql.engine, text.schema)
    assert versions(postgresql.engine, postgresql.schema) == versions(postgresql.engine, text.schema) == SCHEMA_VERSION
    collations = sa.text(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema = :schema"
    )
    with postgresql.engine.connect() as connection:
        one, other = (
            sorted(map(tuple, connection.execute(collations, {"schema": schema})), key=str)
            for schema in (postgresql.schema, text.schema)
        )
    assert one == other
    assert ("receivables_accounts", "id", "C") in one


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_connection_that_commits_each_statement_is_refused(kind, request):
    host = request.getfixturevalue(kind)
    with host.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        store = host.store(connection)
        append = Append(account="A", expected=0, facts=(opened("A"),), wake_on=None, state=fold([opened("A")]))
        with pytest.raises(NoTransaction):
            store.commit(Commit(append=append))
        assert list(store.accounts("", 10)) == []


@pytest.mark.parametrize("driver", ["sqlite+aiosqlite", "postgresql+asyncpg", "postgresql+psycopg"])
def test_an_awaited_connection_that_commits_each_statement_is_refused(driver, request):
    aio = pytest.importorskip("sqlalchemy.ext.asyncio")
    pytest.importorskip("greenlet", reason="greenlet is not installed")
    pytest.importorskip(driver.partition("+")[2])
    host = request.getfixturevalue(driver.partition("+")[0])
    append = Append(account="A", expected=0, facts=(opened("A"),), wake_on=None, state=fold([opened("A")]))

    async def attempt():
        engine = aio.create_async_engine(sa.make_url(host.url).set(drivername=driver), poolclass=sa.pool.NullPool)
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            store = core.AsyncSqlalchemyStore(connection, schema=host.schema)
            with pytest.raises(NoTransaction):
                await store.commit(Commit(append=append))
            assert list(await store.accounts("", 10)) == []
        await engine.dispose()

    asyncio.run(attempt())


def test_who_keeps_facts_in_memory_does_not_import_sqlalchemy():
    program = "import sys, receivables, receivables.stores.memory, receivables.stores.dbapi; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
