"""Each store writes the same chain; what is changed in the database behind its back is found and named."""

import pytest
from tests.stores.hosts import PostgresHost, SqlalchemyHost, SqliteHost

from receivables import Account, MemoryStore
from receivables.plans.plan import Erasure
from receivables.ports import Append, Commit
from receivables.state.account import fold
from receivables.stores.chain import anchor, heads_of, verify
from receivables.testing.contracts import opened, paid, waived

FACTS = [opened("A"), *(waived("A", f"Ann is ill {number}") for number in range(5)), paid("A", "P-1")]


@pytest.fixture(params=["sqlite", "postgresql", "sqlalchemy"])
def host(request, tmp_path):
    if request.param == "postgresql":
        return PostgresHost(request.getfixturevalue("postgres"))
    if request.param == "sqlalchemy":
        pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
        return SqlalchemyHost(f"sqlite:///{tmp_path / 'db'}")
    return SqliteHost(tmp_path / "db")


def written(store, sizes, account="A"):
    """The facts in commits of these sizes."""
    done = 0
    for size in sizes:
        facts = tuple(FACTS[done : done + size])
        state = fold(FACTS[: done + size])
        store.commit(Commit(append=Append(account=account, expected=done, facts=facts, wake_on=None, state=state)))
        done += size


@pytest.fixture
def store(host):
    connection = host.connect()
    host.begin(connection)
    yield host.store(connection)
    connection.close()


def test_the_chain_is_that_of_the_memory_store_however_the_facts_came(store):
    memory = MemoryStore()
    written(memory, [7])
    written(store, [1, 3, 2, 1])
    rows = store.export("A", 0, 100)
    assert rows == memory.export("A", 0, 100)
    assert verify(rows, [store.head("A")]) == ()
    assert [store.head("A")] == list(heads_of(rows).values()) == list(store.heads("", 10))
    assert store.export("A", 5, 1) == rows[5:6]
    assert anchor(store.heads("", 10)) == anchor(memory.heads("", 10))
    assert (store.head("B").length, store.head("B").link) == (0, "")


def test_a_wake_day_and_an_erasure_move_no_link(store):
    written(store, [7])
    head = store.head("A")
    state = Account()
    store.commit(
        Commit(
            append=Append(account="A", expected=7, facts=(), wake_on=None, state=state),
            erasures=(Erasure(account="A", positions=(2, 3)),),
        )
    )
    assert store.head("A") == head
    assert verify(store.export("A", 0, 100), [head]) == ()


@pytest.mark.parametrize(
    ("statement", "position", "kind"),
    [
        ("UPDATE {facts} SET body = replace(body, '5', '6') WHERE position = 3", 3, "changed"),
        ("DELETE FROM {facts} WHERE position = 4", 4, "removed"),
        ("DELETE FROM {facts} WHERE position = 7", 7, "removed"),
        ("UPDATE {facts} SET position = 100 WHERE position = 2", 2, "removed"),
        ("UPDATE {facts} SET link = 'ab' WHERE position = 5", 5, "changed"),
    ],
)
def test_what_was_changed_behind_its_back_is_named(tmp_path, statement, position, kind):
    host = SqliteHost(tmp_path / "db")
    connection = host.connect()
    host.begin(connection)
    store = host.store(connection)
    written(store, [7])
    head = store.head("A")
    connection.execute(statement.format(facts="receivables_facts"))
    (found,) = verify(store.export("A", 0, 1000), [head])
    assert (found.position, found.kind) == (position, kind)
    connection.close()
