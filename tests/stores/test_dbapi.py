"""The DB-API store holds to the contract: in one open transaction, and with each commit in one of its own."""

import pytest
from tests.stores.hosts import PostgresHost, SqliteHost

from receivables.testing.contracts import StoreContract


class InOneTransaction(StoreContract):
    """The whole test in a transaction that the host has open: what was refused must leave nothing behind in it."""

    @pytest.fixture(autouse=True)
    def _host(self, host):
        self.host, self.connections = host, []
        yield
        for connection in self.connections:
            connection.close()

    def make_store(self):
        connection = self.host.connect()
        self.connections.append(connection)
        self.host.begin(connection)
        return self.host.store(connection)

    def reopened(self, store):
        connection = self.connections[-1]
        connection.execute("COMMIT")
        self.host.begin(connection)
        return self.host.store(connection)


class EachInItsOwn:
    """A store of which each call is a transaction, as with a service that was given ``transaction``."""

    def __init__(self, host, connection):
        self.host, self.connection, self.store = host, connection, host.store(connection)

    def in_transaction(self):
        return self.store.in_transaction()

    def __getattr__(self, name):
        def called(*args):
            with self.host.transaction(self.connection):
                return getattr(self.store, name)(*args)

        if name in ("load", "commit", "receipt", "due", "accounts", "find", "history"):
            return called
        raise AttributeError(name)


class InManyTransactions(InOneTransaction):
    """Each call in a transaction of its own, rolled back when it is refused."""

    def make_store(self):
        connection = self.host.connect()
        self.connections.append(connection)
        return EachInItsOwn(self.host, connection)

    def reopened(self, store):
        return self.make_store()


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
