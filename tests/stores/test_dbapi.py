"""The DB-API store holds to the contract: in one open transaction, and with each call in one of its own."""

import sqlite3
import threading

import pytest
from tests.stores.durable import InManyTransactions, InOneTransaction
from tests.stores.hosts import PostgresHost, SqliteHost

from receivables.errors import InvalidValue, StaleAccount
from receivables.ports import Append, Commit
from receivables.state.account import fold
from receivables.stores.dbapi import DbapiStore
from receivables.testing.contracts import DAY, opened, paid


@pytest.fixture
def sqlite(tmp_path):
    return SqliteHost(tmp_path / "db")


@pytest.fixture
def postgresql(postgres):
    return PostgresHost(postgres)


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


def a_commit(id="A"):
    return Commit(append=Append(account=id, expected=0, facts=(opened(id),), wake_on=DAY, state=fold([opened(id)])))


class Spy:
    """A connection of the host's on which the store may have cursors, and nothing else."""

    def __init__(self, connection):
        self.connection, self.texts = connection, []

    @property
    def in_transaction(self):
        return self.connection.in_transaction

    def cursor(self):
        spy, cursor = self, self.connection.cursor()

        class Cursor:
            description = property(lambda _: cursor.description)

            def __getattr__(self, name):
                def called(text, values=()):
                    spy.texts.append(text)
                    return getattr(cursor, name)(text, values)

                return called if name.startswith("execute") else getattr(cursor, name)

        return Cursor()


def test_the_store_never_begins_or_ends_a_transaction_of_its_own(sqlite):
    connection = sqlite.connect()
    spy = Spy(connection)
    store = DbapiStore(spy, dialect="sqlite", paramstyle="qmark", in_transaction=lambda: spy.in_transaction)
    connection.execute("BEGIN IMMEDIATE")
    store.commit(a_commit())
    with pytest.raises(StaleAccount):
        store.commit(a_commit())
    store.load(["A"]), store.history("A", 0, 1), store.due(DAY, "", 1), store.receipt("k"), store.find("a", "b")
    assert connection.in_transaction
    assert {text.split()[0] for text in spy.texts} == {"SELECT", "UPDATE", "INSERT"}
    connection.execute("ROLLBACK")
    assert list(store.accounts("", 10)) == []
    connection.close()


def as_dict(cursor, row):
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@pytest.mark.parametrize("factory", [sqlite3.Row, as_dict], ids=["Row", "dict"])
def test_the_host_may_have_rows_as_it_likes_on_sqlite(sqlite, factory):
    connection = sqlite.connect()
    connection.row_factory = factory
    with sqlite.transaction(connection):
        sqlite.store(connection).commit(a_commit())
    assert sqlite.store(connection).load(["A"])["A"].facts == (opened("A"),)
    assert list(sqlite.store(connection).due(DAY, "", 10)) == ["A"]
    connection.close()


@pytest.mark.parametrize("factory", ["dict_row", "namedtuple_row"])
def test_the_host_may_have_rows_as_it_likes_on_postgresql(postgresql, factory):
    rows = pytest.importorskip("psycopg.rows")
    connection = postgresql.connect()
    connection.row_factory = getattr(rows, factory)
    with connection.transaction():
        postgresql.store(connection).commit(a_commit())
    assert postgresql.store(connection).load(["A"])["A"].facts == (opened("A"),)
    connection.close()


def test_both_styles_of_parameters_come_to_the_same(sqlite):
    """A connection that takes %s, as Django's does on SQLite too."""

    class Percent:
        vendor = "sqlite"

        def __init__(self, connection):
            self.connection = connection

        def cursor(self):
            cursor = self.connection.cursor()

            class Cursor:
                description = property(lambda _: cursor.description)

                def __getattr__(self, name):
                    if not name.startswith("execute"):
                        return getattr(cursor, name)
                    return lambda text, values=(): getattr(cursor, name)(text.replace("%s", "?"), values)

            return Cursor()

    connection = sqlite.connect()
    store = DbapiStore(Percent(connection), in_transaction=lambda: connection.in_transaction)
    with sqlite.transaction(connection):
        store.commit(a_commit())
    assert store.load(["A"]) == sqlite.store(connection).load(["A"])
    connection.close()


def test_a_connection_of_an_unknown_kind_has_to_be_told():
    for given, field in (
        ({}, "store.dialect"),
        ({"dialect": "sqlite"}, "store.in_transaction"),
        ({"dialect": "sqlite", "paramstyle": "numeric"}, "store.paramstyle"),
        ({"dialect": "mysql"}, "store.dialect"),
    ):
        with pytest.raises(InvalidValue) as refused:
            DbapiStore(object(), **given)
        assert refused.value.field == field


def test_a_connection_that_begins_by_itself_is_locked_before_its_versions_are_read(tmp_path):
    """As sqlite3 comes: a transaction begins with the first write. Who read before another wrote is told so."""
    host = SqliteHost(tmp_path / "db")
    connections = [sqlite3.connect(host.path, timeout=5) for _ in range(2)]
    stores = [DbapiStore(connection) for connection in connections]
    assert [store.load(["A"])["A"].version for store in stores] == [0, 0]
    stores[0].commit(a_commit())
    connections[0].commit()
    with pytest.raises(StaleAccount):
        stores[1].commit(a_commit())
    connections[1].rollback()
    for connection in connections:
        connection.close()


def test_what_a_load_gives_belongs_together_whoever_writes_meanwhile(postgresql):
    """The version counts the facts that came with it: both are from one statement."""
    torn, done, reading = [], threading.Event(), threading.Event()

    def read():
        connection = postgresql.connect()
        store = postgresql.store(connection)
        while not done.is_set():
            loaded = store.load(["A"])["A"]
            reading.set()
            if len(loaded.facts) != loaded.version:
                torn.append(loaded)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(30)
    connection = postgresql.connect()
    store = postgresql.store(connection)
    for number in range(60):
        facts = (paid("A", f"P-{number}"),)
        state = fold(facts)
        with connection.transaction():
            store.commit(Commit(append=Append(account="A", expected=number, facts=facts, wake_on=None, state=state)))
    done.set()
    reader.join()
    connection.close()
    assert torn == []
