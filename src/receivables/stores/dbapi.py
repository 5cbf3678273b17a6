"""A store on a DB-API connection that the host opened: sqlite3, psycopg 3, or a connection of Django's.

It works inside the host's transaction. It never connects, never begins, commits or rolls back, and uses no savepoints.
The tables are made by the host's migrations, from `receivables.stores.schema.ddl`.

What the connection has to be like:

- **sqlite3**: ``isolation_level=None`` (or ``autocommit=True``), and the host begins with ``BEGIN IMMEDIATE``, so that
  it has the write lock before it reads. With a plain ``BEGIN`` the lock comes with the first write, and SQLite refuses
  it ("database is locked") where another has written since.
- **psycopg**: ``autocommit=True`` and ``with connection.transaction():``, at ``READ COMMITTED``. At a higher level the
  database refuses in place of this store, with an error of its own, and the transaction has to be rolled back.
- **Django**: ``transaction.atomic()``, on SQLite or PostgreSQL.

A commit where no transaction is open is refused (`NoTransaction`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

from receivables.errors import InvalidValue
from receivables.stores.bodies import PLAIN, PersonalColumn
from receivables.stores.driven import DrivenStore
from receivables.stores.probes import PROBES, driver_of
from receivables.stores.schema import PREFIX, Database, Tables, dialect
from receivables.stores.steps import Ask, Ground, Row

_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%s"}
_DIALECTS = {"sqlite3": "sqlite", "psycopg": "postgresql"}


@final
class DbapiStore(DrivenStore):
    """Facts on the host's connection; see the module for what that has to be like.

    ``dialect`` is ``sqlite`` or ``postgresql`` and ``paramstyle`` is ``qmark`` or ``format``: both are found out for the
    connections above, and said by the host for others. ``in_transaction`` tells whether one is open, for a connection that
    does not tell by itself. ``personal`` says how personal texts are written, see `receivables.stores.encrypted`.

    >>> import sqlite3
    >>> from receivables.stores.schema import ddl
    >>> connection = sqlite3.connect(":memory:", isolation_level=None)
    >>> _ = connection.executescript(ddl("sqlite"))
    >>> store = DbapiStore(connection)
    >>> store.load(["ACME"])["ACME"].version, store.in_transaction()
    (0, False)
    """

    def __init__(
        self,
        connection: Any,
        *,
        prefix: str = PREFIX,
        schema: str | None = None,
        dialect: str | None = None,
        paramstyle: str | None = None,
        in_transaction: Callable[[], bool] | None = None,
        personal: PersonalColumn = PLAIN,
    ) -> None:
        self._connection = connection
        tables, kind = Tables.named(prefix, schema), _dialect(connection, dialect)
        self._ground = Ground(tables=tables, dialect=kind, personal=personal)
        self._mark = _mark(connection, paramstyle)
        self._in_transaction = in_transaction or _probe(connection)

    def in_transaction(self) -> bool:
        """Whether the host has a transaction open on the connection."""
        return self._in_transaction()

    def _open(self) -> bool:
        return self._in_transaction()

    def _ask(self, ask: Ask) -> list[Row]:
        text = ask.text if self._mark == "?" else ask.text.replace("?", self._mark)
        cursor = self._connection.cursor()
        try:
            (cursor.executemany if ask.many else cursor.execute)(text, ask.values)
            return [] if ask.many or cursor.description is None else [_row(each) for each in cursor.fetchall()]
        finally:
            cursor.close()


def _row(row: Any) -> Row:
    """A row as a tuple, whatever the host makes of rows on its connection."""
    return tuple(row.values()) if isinstance(row, Mapping) else tuple(row)


def _dialect(connection: Any, name: str | None) -> Database:
    found = name or getattr(connection, "vendor", None) or _DIALECTS.get(driver_of(connection))
    if found is None:
        raise InvalidValue("store.dialect", type(connection).__name__, "must be said for a connection of this kind")
    return dialect(found)


def _mark(connection: Any, paramstyle: str | None) -> str:
    """How the driver marks a parameter; Django's connections take ``%s`` on every database."""
    style = paramstyle or ("qmark" if driver_of(connection) == "sqlite3" else "format")
    if style not in _MARKS:
        raise InvalidValue("store.paramstyle", style, f"must be one of {', '.join(_MARKS)}")
    return _MARKS[style]


def _probe(connection: Any) -> Callable[[], bool]:
    """How this kind of connection tells whether a transaction is open."""
    probe = PROBES.get(driver_of(connection))
    if probe is None:
        kind = type(connection).__name__
        raise InvalidValue("store.in_transaction", kind, "must be given for a connection of this kind")
    return lambda: probe(connection)
