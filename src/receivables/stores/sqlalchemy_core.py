"""A store on a SQLAlchemy connection that the host opened, plain or awaited (extra ``receivables[sqlalchemy]``).

`SqlalchemyStore` works on a ``Connection`` (of a session: ``session.connection()``), `AsyncSqlalchemyStore` on an
``AsyncConnection`` (of aiosqlite, psycopg 3 or asyncpg). Neither begins, commits or rolls back by itself; SQLAlchemy
begins with the first statement. The statements are those of `receivables.stores.dbapi`, and so is what is said there
about isolation. With SQLite the driver begins with the first write: a version is read again under the lock, and who was
slower gets `StaleAccount`.

`tables` puts the tables into a ``MetaData`` of the host's, for Alembic.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from receivables.stores.bodies import PLAIN, PersonalColumn
from receivables.stores.driven import AsyncDrivenStore, DrivenStore
from receivables.stores.probes import PROBES, driver_of
from receivables.stores.schema import PREFIX, SCHEMA_VERSION, Tables, dialect
from receivables.stores.steps import Ask, Ground, Row


@final
class SqlalchemyStore(DrivenStore):
    """Facts on the host's connection; see the module.

    >>> engine = sa.create_engine("sqlite://")
    >>> metadata = sa.MetaData()
    >>> tables(metadata)
    >>> metadata.create_all(engine)
    >>> with engine.begin() as connection:
    ...     SqlalchemyStore(connection).load(["ACME"])["ACME"].version
    0
    """

    def __init__(
        self,
        connection: sa.Connection,
        *,
        prefix: str = PREFIX,
        schema: str | None = None,
        personal: PersonalColumn = PLAIN,
    ) -> None:
        self._connection = connection
        self._ground = _ground(connection.dialect.name, prefix, schema, personal)

    def in_transaction(self) -> bool:
        """Whether a transaction was begun on the connection, by the host or by its first statement."""
        return self._connection.in_transaction()

    def _open(self) -> bool:
        return _probed(self._connection.connection.driver_connection)

    def _ask(self, ask: Ask) -> list[Row]:
        return _rows(self._connection.execute(_text(ask.text), _parameters(ask)), ask)


@final
class AsyncSqlalchemyStore(AsyncDrivenStore):
    """Facts on the host's connection, awaited; see the module."""

    def __init__(
        self,
        connection: AsyncConnection,
        *,
        prefix: str = PREFIX,
        schema: str | None = None,
        personal: PersonalColumn = PLAIN,
    ) -> None:
        self._connection = connection
        self._ground = _ground(connection.dialect.name, prefix, schema, personal)

    async def in_transaction(self) -> bool:
        """Whether a transaction was begun on the connection, by the host or by its first statement."""
        return self._connection.in_transaction()

    async def _open(self) -> bool:
        return _probed((await self._connection.get_raw_connection()).driver_connection)

    async def _ask(self, ask: Ask) -> list[Row]:
        return _rows(await self._connection.execute(_text(ask.text), _parameters(ask)), ask)


def tables(metadata: sa.MetaData, prefix: str = PREFIX, schema: str | None = None) -> None:
    """Put the tables of a store into the host's metadata, as `receivables.stores.schema.ddl` makes them.

    ``create_all`` writes the row of the schema's version too; a migration that Alembic writes needs that row by hand.
    """
    Tables.named(prefix, schema)
    id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def table(name: str, *columns: Any) -> sa.Table:
        return sa.Table(prefix + name, metadata, *columns, schema=schema, sqlite_with_rowid=False)

    def column(name: str, kind: Any, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
        return sa.Column(name, kind, primary_key=key, nullable=null, autoincrement=False)

    accounts = table(
        "accounts",
        column("id", id, key=True),
        column("version", count),
        column("length", count),
        column("link", sa.Text),
        column("wake_on", sa.Date, null=True),
    )
    sa.Index(f"{prefix}accounts_due", accounts.c.wake_on, accounts.c.id)
    table(
        "facts",
        column("account", id, key=True),
        column("position", count, key=True),
        column("tag", sa.Text),
        column("body", sa.Text),
        column("personal", sa.Text, null=True),
        column("link", sa.Text),
    )
    table("claims", column("namespace", id, key=True), column("key", id, key=True), column("account", id))
    table("links", *(column(name, id, key=True) for name in ("namespace", "key", "account")))
    table(
        "receipts",
        column("key", id, key=True),
        column("account", id),
        column("recorded_on", sa.Date),
        column("body", sa.Text),
    )
    versions = table("schema", column("version", count, key=True))
    sa.event.listen(versions, "after_create", _write_version)


def _write_version(target: sa.Table, connection: sa.Connection, **_: Any) -> None:
    connection.execute(target.insert().values(version=SCHEMA_VERSION))


def _ground(name: str, prefix: str, schema: str | None, personal: PersonalColumn) -> Ground:
    return Ground(tables=Tables.named(prefix, schema), dialect=dialect(name), personal=personal)


def _probed(driver_connection: Any) -> bool:
    """What the driver says: in the autocommit mode of a driver SQLAlchemy counts a transaction where there is none."""
    probe = PROBES.get(driver_of(driver_connection))
    return probe is None or probe(driver_connection)


@lru_cache(maxsize=512)
def _text(text: str) -> sa.TextClause:
    """The statement with a named parameter for each mark."""
    first, *others = text.split("?")
    return sa.text(first + "".join(f":p{at}{part}" for at, part in enumerate(others)))


def _parameters(ask: Ask) -> Any:
    return [_named(row) for row in ask.values] if ask.many else _named(ask.values)


def _named(values: Sequence[Any]) -> dict[str, Any]:
    return {f"p{at}": value for at, value in enumerate(values)}


def _rows(result: sa.CursorResult[Any], ask: Ask) -> list[Row]:
    return [tuple(row) for row in result.fetchall()] if result.returns_rows and not ask.many else []
