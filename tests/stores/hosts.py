"""Hosts of durable stores: who opens connections, begins and commits. A store has to do with none of that."""

import sqlite3
from contextlib import contextmanager
from importlib import import_module

from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl


class SqliteHost:
    """A file with the tables of a store; every connection is one of the host's."""

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

    def end(self, connection):
        connection.execute("COMMIT")

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

    def end(self, connection):
        connection.execute("COMMIT")

    def transaction(self, connection):
        return connection.transaction()


class SqlalchemyHost:
    """The tables as SQLAlchemy makes them, on SQLite or in a schema of PostgreSQL; the driver is set as it comes."""

    def __init__(self, url, schema=None):
        self.sa, self.core = import_module("sqlalchemy"), import_module("receivables.stores.sqlalchemy_core")
        self.url, self.schema = url, schema
        self.engine = self.sa.create_engine(url, poolclass=self.sa.pool.NullPool)
        metadata = self.sa.MetaData()
        self.core.tables(metadata, schema=schema)
        with self.engine.begin() as connection:
            if schema is not None:
                connection.execute(self.sa.schema.CreateSchema(schema))
            metadata.create_all(connection)

    def connect(self):
        return self.engine.connect()

    def store(self, connection):
        return self.core.SqlalchemyStore(connection, schema=self.schema)

    def begin(self, connection):
        connection.begin()

    def end(self, connection):
        connection.commit()

    def transaction(self, connection):
        return connection.begin()


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
