"""The tables of a durable store, as text for the host's own migrations.

Six tables: ``accounts`` (the head of each account: version, length of its log, link of its last fact, day of attention), ``facts``, ``claims``,
``links``, ``receipts`` and ``schema``, which holds the version of these tables. Their names have a prefix, and may stand
in a schema of the host's.

1. A fact is numbered by its place in the log of its account, beginning with 1: the key of ``facts`` is unique, so no two
   facts can ever take the same place. The version of an account counts guards too and is therefore no such number.
2. Ids are compared by their bytes on every database, in the order of Python's texts: pages and locks follow that order.
3. A later version of these tables is reached from any earlier one by `migrations`; nothing is ever dropped that holds
   facts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.values import checks

SCHEMA_VERSION = 1
"""The version of the tables that this version of the library reads and writes."""

PREFIX = "receivables_"
"""What the names of the tables begin with, unless the host says otherwise."""

_TABLES = ("accounts", "facts", "claims", "links", "receipts", "schema")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")


@final
@frozen(kw_only=True)
class Database:
    """How a database differs from the others, as far as it matters here.

    ``waits``: two transactions can write at once, and one that inserts a key which the other has inserted waits for it.
    """

    name: str
    waits: bool
    day: Callable[[dt.date], Any]
    """A date as a parameter."""
    link_prefix: str
    link_suffix: str
    """What makes an insert of a row that is there already do nothing."""
    types: Mapping[str, str] = field(repr=False)


SQLITE = Database(
    name="sqlite",
    waits=False,
    day=dt.date.isoformat,
    link_prefix="INSERT OR IGNORE",
    link_suffix="",
    types={"id": "TEXT", "count": "INTEGER", "day": "DATE", "text": "TEXT", "end": " WITHOUT ROWID"},
)
POSTGRESQL = Database(
    name="postgresql",
    waits=True,
    day=lambda day: day,
    link_prefix="INSERT",
    link_suffix=" ON CONFLICT DO NOTHING",
    types={"id": 'TEXT COLLATE "C"', "count": "BIGINT", "day": "DATE", "text": "TEXT", "end": ""},
)

DIALECTS: Mapping[str, Database] = {each.name: each for each in (SQLITE, POSTGRESQL)}


def dialect(name: str) -> Database:
    """The dialect of a name: ``sqlite`` or ``postgresql``."""
    if name not in DIALECTS:
        raise InvalidValue("store.dialect", name, f"must be one of {', '.join(DIALECTS)}")
    return DIALECTS[name]


@final
@frozen
class Tables:
    """The names of the tables, safe to stand in a statement.

    >>> Tables.named("ar_", schema="billing").facts
    'billing.ar_facts'
    >>> Tables.named("ar; drop table facts")
    Traceback (most recent call last):
    receivables.errors.InvalidValue: store.prefix: must be lower-case letters, digits and underscores, at most 40
    """

    accounts: str
    facts: str
    claims: str
    links: str
    receipts: str
    schema: str

    @classmethod
    @lru_cache(maxsize=64)
    def named(cls, prefix: str = PREFIX, schema: str | None = None) -> Tables:
        """The tables under a prefix, in a schema or where the connection looks by itself."""
        _check_name("store.prefix", prefix)
        if schema is not None:
            _check_name("store.schema", schema)
        start = prefix if schema is None else f"{schema}.{prefix}"
        return cls(*(start + name for name in _TABLES))


def _check_name(what: str, name: str) -> None:
    checks.text(what, name)
    if not _NAME.fullmatch(name):
        raise InvalidValue(what, name, "must be lower-case letters, digits and underscores, at most 40")


_VERSIONS: Mapping[int, str] = {
    1: """\
CREATE TABLE {accounts} (
    id {id} NOT NULL PRIMARY KEY,
    version {count} NOT NULL,
    length {count} NOT NULL,
    link {text} NOT NULL,
    wake_on {day}
){end};
CREATE INDEX {due_index} ON {due_of} (wake_on, id);
CREATE TABLE {facts} (
    account {id} NOT NULL,
    position {count} NOT NULL,
    tag {text} NOT NULL,
    body {text} NOT NULL,
    personal {text},
    link {text} NOT NULL,
    PRIMARY KEY (account, position)
){end};
CREATE TABLE {claims} (
    namespace {id} NOT NULL,
    key {id} NOT NULL,
    account {id} NOT NULL,
    PRIMARY KEY (namespace, key)
){end};
CREATE TABLE {links} (
    namespace {id} NOT NULL,
    key {id} NOT NULL,
    account {id} NOT NULL,
    PRIMARY KEY (namespace, key, account)
){end};
CREATE TABLE {receipts} (
    key {id} NOT NULL PRIMARY KEY,
    account {id} NOT NULL,
    recorded_on {day} NOT NULL,
    body {text} NOT NULL
){end};
CREATE TABLE {schema} (version {count} NOT NULL PRIMARY KEY){end};
INSERT INTO {schema} (version) VALUES (1);
""",
}
"""Version -> what leads to it from the one before. What stands here once stays as it is."""


def ddl(dialect_name: str, prefix: str = PREFIX, schema: str | None = None) -> str:
    """The statements that make the tables, in their newest version, where there are none yet.

    >>> print(ddl("sqlite").partition(");")[0])
    CREATE TABLE receivables_accounts (
        id TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        length INTEGER NOT NULL,
        link TEXT NOT NULL,
        wake_on DATE
    ) WITHOUT ROWID;
    CREATE INDEX receivables_accounts_due ON receivables_accounts (wake_on, id
    """
    return migrations(dialect_name, 0, prefix, schema)


def migrations(dialect_name: str, from_version: int, prefix: str = PREFIX, schema: str | None = None) -> str:
    """The statements that lead from a version of the tables to the newest; nothing where they are the newest.

    >>> migrations("postgresql", SCHEMA_VERSION)
    ''
    """
    checks.whole("store.from_version", from_version, least=0, most=SCHEMA_VERSION)
    names, kind = Tables.named(prefix, schema), dialect(dialect_name)
    parts = {each: getattr(names, each) for each in _TABLES} | {**kind.types} | _index(kind, prefix, schema)
    steps = [_VERSIONS[version] for version in range(from_version + 1, SCHEMA_VERSION + 1)]
    return "".join(step.format_map(parts) for step in steps)


def _index(kind: Database, prefix: str, schema: str | None) -> dict[str, str]:
    """The index of who is due: SQLite puts the schema before its name, PostgreSQL before the name of the table."""
    start = "" if schema is None else f"{schema}."
    name, table = f"{prefix}accounts_due", f"{prefix}accounts"
    return {"due_index": name, "due_of": start + table} if kind.waits else {"due_index": start + name, "due_of": table}
