"""The contract of a store on a host's connections: in one open transaction, and with each call in one of its own."""

import pytest
from tests.stores.hosts import EachInItsOwn

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
        self.host.end(connection)
        self.host.begin(connection)
        return self.host.store(connection)


class InManyTransactions(InOneTransaction):
    """Each call in a transaction of its own, rolled back when it is refused."""

    def make_store(self):
        connection = self.host.connect()
        self.connections.append(connection)
        return EachInItsOwn(self.host, connection)

    def reopened(self, store):
        return self.make_store()
