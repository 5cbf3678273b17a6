"""The library's tables in Django's migrations: from the version that is there, or from nothing, to the newest.

The migration says nothing of versions, so it is the same line each time; on a new database the first of them does all the
work, and the others find nothing to do.
"""

from typing import Any

from django.db import connection

from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import PREFIX, SCHEMA_VERSION, migrations


def version_of(its: Any) -> int:
    """The version of the tables of a connection; 0 where there are none."""
    there = f"{PREFIX}schema" in its.introspection.table_names()
    return DbapiStore(its).schema_version() if there else 0


def is_current() -> bool:
    """Whether the tables are the ones that this version of the library reads and writes."""
    return version_of(connection) == SCHEMA_VERSION


def bring_up(apps: Any, schema_editor: Any) -> None:
    """Make the tables, or bring them up to date."""
    its = schema_editor.connection
    for statement in migrations(its.vendor, version_of(its)).split(";"):
        if statement.strip():
            schema_editor.execute(statement, params=None)


def take_down(apps: Any, schema_editor: Any) -> None:
    """Drop them with all that they hold: for development."""
    for name in schema_editor.connection.introspection.table_names():
        if name.startswith(PREFIX):
            schema_editor.execute(f"DROP TABLE {name}", params=None)
