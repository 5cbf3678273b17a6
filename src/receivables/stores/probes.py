"""Whether a transaction is open on a driver's own connection: each driver says it in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Probe = Callable[[Any], bool]

PROBES: Mapping[str, Probe] = {
    "sqlite3": lambda connection: bool(connection.in_transaction),
    "aiosqlite": lambda connection: bool(connection.in_transaction),
    "asyncpg": lambda connection: bool(connection.is_in_transaction()),
    "psycopg": lambda connection: int(connection.info.transaction_status) != 0,  # 0 is idle, all else is within one
    "django": lambda connection: connection.in_atomic_block or not connection.get_autocommit(),
}
"""The package of the driver -> how its connection tells."""


def driver_of(connection: Any) -> str:
    """The package from which a connection comes, also where the host made a class of its own from it; or nothing.

    >>> import sqlite3
    >>> class Mine(sqlite3.Connection): pass
    >>> driver_of(Mine(":memory:"))
    'sqlite3'
    """
    packages = {each.__module__.partition(".")[0] for each in type(connection).__mro__}
    return next((name for name in PROBES if name in packages), "")
