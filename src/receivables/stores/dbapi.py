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

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, final

from receivables.errors import InvalidValue
from receivables.facts.fact import Fact
from receivables.ports import Commit, Loaded, Receipt
from receivables.stores import steps
from receivables.stores.schema import PREFIX, Tables, dialect
from receivables.stores.steps import TRANSACTION, Ask, Ground, Steps

T = TypeVar("T")


@final
class DbapiStore:
    """Facts on the host's connection; see the module for what that has to be like.

    ``dialect`` is ``sqlite`` or ``postgresql`` and ``paramstyle`` is ``qmark`` or ``format``: both are found out for the
    connections above, and said by the host for others. ``in_transaction`` tells whether one is open, where the connection does not.

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
    ) -> None:
        self._connection = connection
        self._ground = Ground(tables=Tables.named(prefix, schema), dialect=_dialect(connection, dialect))
        self._mark = _mark(connection, paramstyle)
        self._in_transaction = in_transaction or _probe(connection)

    def load(self, accounts: Sequence[str]) -> Mapping[str, Loaded]:
        """See `receivables.ports.Store.load`: the whole log, without a snapshot."""
        return self._run(steps.load(self._ground, accounts))

    def commit(self, commit: Commit) -> None:
        """See `receivables.ports.Store.commit`; `NoTransaction` where none is open."""
        self._run(steps.commit(self._ground, commit))

    def receipt(self, key: str) -> Receipt | None:
        """See `receivables.ports.Store.receipt`."""
        return self._run(steps.receipt(self._ground, key))

    def due(self, day: dt.date, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.due`."""
        return self._run(steps.due(self._ground, day, after, limit))

    def accounts(self, after: str, limit: int) -> Sequence[str]:
        """See `receivables.ports.Store.accounts`."""
        return self._run(steps.accounts(self._ground, after, limit))

    def find(self, namespace: str, key: str) -> Sequence[str]:
        """See `receivables.ports.Store.find`."""
        return self._run(steps.find(self._ground, namespace, key))

    def history(self, account: str, after: int, limit: int) -> Sequence[Fact]:
        """See `receivables.ports.Store.history`."""
        return self._run(steps.history(self._ground, account, after, limit))

    def in_transaction(self) -> bool:
        """Whether the host has a transaction open on the connection."""
        return self._in_transaction()

    def schema_version(self) -> int:
        """The version of the tables, to be compared with `receivables.stores.schema.SCHEMA_VERSION` at the start."""
        return self._run(steps.schema_version(self._ground))

    def _run(self, work: Steps[T]) -> T:
        answer: Any = None
        while True:
            try:
                ask = work.send(answer)
            except StopIteration as stop:
                value: T = stop.value
                return value
            answer = self._in_transaction() if ask is TRANSACTION else self._ask(ask)

    def _ask(self, ask: Ask) -> list[tuple[Any, ...]]:
        text = ask.text if self._mark == "?" else ask.text.replace("?", self._mark)
        cursor = self._connection.cursor()
        try:
            (cursor.executemany if ask.many else cursor.execute)(text, ask.values)
            return [] if ask.many or cursor.description is None else [_row(each) for each in cursor.fetchall()]
        finally:
            cursor.close()


def _row(row: Any) -> tuple[Any, ...]:
    """A row as a tuple, whatever the host makes of rows on its connection."""
    return tuple(row.values()) if isinstance(row, Mapping) else tuple(row)


def _dialect(connection: Any, name: str | None) -> Any:
    found = name or getattr(connection, "vendor", None) or _DIALECTS.get(_driver(connection))
    if found is None:
        raise InvalidValue("store.dialect", type(connection).__name__, "must be said for a connection of this kind")
    return dialect(found)


def _mark(connection: Any, paramstyle: str | None) -> str:
    """How the driver marks a parameter; Django's connections take ``%s`` on every database."""
    style = paramstyle or ("qmark" if _driver(connection) == "sqlite3" else "format")
    if style not in _MARKS:
        raise InvalidValue("store.paramstyle", style, f"must be one of {', '.join(_MARKS)}")
    return _MARKS[style]


_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%s"}
_DIALECTS = {"sqlite3": "sqlite", "psycopg": "postgresql"}


def _driver(connection: Any) -> str:
    """The package from which a connection comes, also where the host made a class of its own from it."""
    packages = {each.__module__.partition(".")[0] for each in type(connection).__mro__}
    return next((name for name in ("sqlite3", "psycopg", "django") if name in packages), "")


def _probe(connection: Any) -> Callable[[], bool]:
    """How this kind of connection tells whether a transaction is open."""
    probe = _PROBES.get(_driver(connection))
    if probe is None:
        raise InvalidValue(
            "store.in_transaction", type(connection).__name__, "must be given for a connection of this kind"
        )
    return lambda: probe(connection)


_PROBES: Mapping[str, Callable[[Any], bool]] = {
    "sqlite3": lambda connection: connection.in_transaction,
    "psycopg": lambda connection: int(connection.info.transaction_status) != 0,  # 0 is idle, all else is within one
    "django": lambda connection: connection.in_atomic_block or not connection.get_autocommit(),
}
