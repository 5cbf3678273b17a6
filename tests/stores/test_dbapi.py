"""The DB-API store holds to the contract: in one open transaction, and with each call in one of its own."""

import pytest
from tests.stores.durable import InManyTransactions, InOneTransaction
from tests.stores.hosts import PostgresHost, SqliteHost


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
