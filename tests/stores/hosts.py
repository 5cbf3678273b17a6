"""Hosts of durable stores: who opens connections, begins and commits. A store has to do with none of that."""

import sqlite3
from contextlib import contextmanager
from importlib import import_module

from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl


class SqliteHost:
    """A file with the tables of a store; every connection is one of the host's."""

    threads = True

    def __init__(self, path):
        self.path = path
        connection = self.connect()
        connection.executescript("PRAGMA journal_mode=WAL;" + ddl("sqlite"))
        connection.close()

    def connect(self):
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=60, check_same_thread=False)
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    def store(self, connection):
        return DbapiStore(connection)

    def begin(self, connection):
        connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def transaction(self, connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


class PostgresHost:
    """A schema with the tables of a store."""

    def __init__(self, postgres):
        self.dsn, self.schema = postgres.dsn, postgres.fresh()
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {self.schema}")
            connection.execute(ddl("postgresql", schema=self.schema))

    def connect(self):
        return import_module("psycopg").connect(self.dsn, autocommit=True)

    def store(self, connection):
        return DbapiStore(connection, schema=self.schema)

    def begin(self, connection):
        connection.execute("BEGIN")

    def transaction(self, connection):
        return connection.transaction()
