"""The tables as text: under names of the host's, in a schema of its own, reached from every version."""

import sqlite3

import pytest

from receivables.errors import InvalidValue
from receivables.ports import Append, Commit
from receivables.state.account import fold
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import DIALECTS, SCHEMA_VERSION, Tables, ddl, migrations
from receivables.testing.contracts import DAY, opened


def commit():
    append = Append(account="A", expected=0, facts=(opened("A"),), wake_on=DAY, state=fold([opened("A")]))
    return Commit(append=append)


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def test_two_stores_stand_side_by_side_under_two_prefixes(connection):
    stores = []
    for prefix in ("one_", "two_"):
        connection.executescript(ddl("sqlite", prefix))
        stores.append(DbapiStore(connection, prefix=prefix))
    connection.execute("BEGIN IMMEDIATE")
    stores[0].commit(commit())
    assert [list(store.accounts("", 10)) for store in stores] == [["A"], []]


def test_a_store_can_stand_in_an_attached_database(connection):
    connection.execute("ATTACH ':memory:' AS billing")
    connection.executescript(ddl("sqlite", schema="billing"))
    store = DbapiStore(connection, schema="billing")
    connection.execute("BEGIN IMMEDIATE")
    store.commit(commit())
    assert list(store.due(DAY, "", 10)) == ["A"]
    assert connection.execute("SELECT COUNT(*) FROM billing.receivables_facts").fetchone() == (1,)
    assert connection.execute("SELECT COUNT(*) FROM main.sqlite_master").fetchone() == (0,)


@pytest.mark.parametrize(
    "name", ["", "Ar_", "ar; DROP TABLE x", 'ar"', "1ar", "ar.", "a" * 41, "ar-", "ar_\n", "日本"], ids=repr
)
def test_a_name_that_is_none_is_refused(name):
    for given in ({"prefix": name}, {"schema": name}):
        with pytest.raises(InvalidValue):
            Tables.named(**given)
        with pytest.raises(InvalidValue):
            ddl("sqlite", **given)


def test_a_database_that_nobody_wrote_for_is_refused():
    with pytest.raises(InvalidValue, match="must be one of sqlite, postgresql"):
        ddl("oracle")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_newest_tables_are_reached_from_every_version(dialect):
    assert migrations(dialect, SCHEMA_VERSION) == ""
    assert migrations(dialect, 0) == ddl(dialect)
    for version in (-1, SCHEMA_VERSION + 1):
        with pytest.raises(InvalidValue):
            migrations(dialect, version)


def test_the_tables_know_their_version(connection):
    connection.executescript(ddl("sqlite"))
    assert DbapiStore(connection).schema_version() == SCHEMA_VERSION


def test_no_two_facts_can_take_one_place(connection):
    connection.executescript(ddl("sqlite"))
    insert = "INSERT INTO receivables_facts (account, position, tag, body, link) VALUES ('A', 1, 't', '{}', '')"
    connection.execute(insert)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(insert)
