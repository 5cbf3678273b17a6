"""What a commit that is refused leaves behind in the host's transaction, also where another was faster meanwhile."""

import threading

import pytest
from attrs import evolve
from tests.stores.hosts import PostgresHost, SqlalchemyHost, SqliteHost

from receivables.errors import ClaimTaken, InvalidValue, KeyReused, NoTransaction, StaleAccount
from receivables.plans.plan import Claim, Link
from receivables.ports import Append, Commit, Guard
from receivables.state.account import fold
from receivables.stores import steps
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import POSTGRESQL, SQLITE, Tables
from receivables.stores.steps import TRANSACTION, Ground
from receivables.testing.contracts import DAY, opened, paid, receipt


@pytest.fixture(params=["psycopg", "sqlalchemy"])
def host(request, postgres):
    if request.param == "psycopg":
        return PostgresHost(postgres)
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    return SqlalchemyHost(f"postgresql+psycopg://postgres@{postgres.url}", postgres.fresh())


@pytest.fixture
def sqlite(tmp_path):
    return SqliteHost(tmp_path / "db")


def commit(id, *facts, expected=0, **parts):
    append = Append(account=id, expected=expected, facts=facts, wake_on=DAY, state=fold(facts))
    return Commit(append=append, **{name: tuple(values) for name, values in parts.items()})


def everything(store):
    ids = list(store.accounts("", 100))
    return {
        "loaded": dict(store.load(ids)),
        "history": {id: tuple(store.history(id, 0, 100)) for id in ids},
        "receipts": [store.receipt(key) for key in ("k", "l", "m")],
        "found": [list(store.find(space, key)) for space in ("invoice", "group") for key in "123"],
        "due": list(store.due(DAY, "", 100)),
    }


class Race:
    """Two connections: one has written and not committed, the other commits meanwhile and has to wait for it."""

    def __init__(self, host):
        self.host = host
        self.first, self.second = host.connect(), host.connect()
        self.error = None

    def run(self, winner, loser):
        """What the loser's transaction holds after it was refused, before it is committed; and after that."""
        self.host.begin(self.first)
        self.host.store(self.first).commit(winner)
        thread = threading.Thread(target=self._lose, args=(loser,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second did not wait"
        self.host.end(self.first)
        thread.join(30)
        assert not thread.is_alive(), "the second waits for ever"
        store = self.host.store(self.second)
        inside = everything(store)
        self.host.end(self.second)
        return inside

    def _lose(self, loser):
        self.host.begin(self.second)
        try:
            self.host.store(self.second).commit(loser)
        except Exception as error:
            self.error = error

    def close(self):
        self.first.close()
        self.second.close()


@pytest.fixture
def race(host):
    race = Race(host)
    yield race
    race.close()


def held(host):
    connection = host.connect()
    try:
        return everything(host.store(connection))
    finally:
        connection.close()


NEW = {"claims": [Claim("invoice", "2")], "receipts": [receipt("l")], "links": [Link("group", "1")]}
CASES = {
    "a new account": (commit("C", opened("C")), StaleAccount),
    "a further new account": (commit("C", opened("C")), StaleAccount),
    "a guard on an account that nobody opened": (commit("C", opened("C")), StaleAccount),
    "a receipt": (commit("A", opened("A"), receipts=[receipt("m")]), KeyReused),
    "a claim": (commit("A", opened("A"), claims=[Claim("invoice", "3")]), ClaimTaken),
}


def loser(case):
    """A commit that has something new in every table, and one thing that the winner has too."""
    facts = (opened("B"), paid("B", "P-1"))
    also = (commit("D", opened("D")).append,)
    if case == "a new account":
        return commit("C", opened("C"), also=also, **NEW)
    if case == "a further new account":
        return commit("B", *facts, also=(*also, commit("C", opened("C")).append), **NEW)
    if case == "a guard on an account that nobody opened":
        return commit("B", *facts, also=also, guards=[Guard(account="C", expected=0)], **NEW)
    if case == "a receipt":
        return commit("B", *facts, also=also, **{**NEW, "receipts": [receipt("l"), receipt("m")]})
    return commit("B", *facts, also=also, **{**NEW, "claims": [Claim("invoice", "2"), Claim("invoice", "3")]})


@pytest.mark.parametrize("case", CASES)
def test_who_was_slower_has_left_nothing_and_may_go_on(race, host, case):
    """The unique key is found taken by an insert that waited: what was inserted before it is gone again."""
    winner, wanted = CASES[case]
    inside = race.run(winner, loser(case))
    assert isinstance(race.error, wanted), race.error
    assert inside == held(host)
    assert list(inside["loaded"]) == [winner.append.account]
    with host.transaction(race.second):
        host.store(race.second).commit(commit("B", opened("B"), **NEW))
    assert list(held(host)["loaded"]) == sorted([winner.append.account, "B"])


def test_what_the_error_says_is_what_the_faster_one_wrote(race):
    race.run(*(commit(id, opened(id), claims=[Claim("invoice", "3")]) for id in "AB"))
    assert (race.error.namespace, race.error.key, race.error.holder) == ("invoice", "3", "A")


def test_a_version_is_looked_at_after_waiting_for_the_lock(race, host):
    with host.transaction(race.first):
        host.store(race.first).commit(commit("A", opened("A")))
    race.run(*(commit("A", paid("A", f"P-{n}"), expected=1) for n in (1, 2)))
    assert isinstance(race.error, StaleAccount)
    assert (race.error.expected, race.error.actual) == (1, 2)


def test_where_the_faster_one_takes_it_back_the_slower_one_has_it(host):
    first, second, errors = host.connect(), host.connect(), []
    host.begin(first)
    host.store(first).commit(commit("A", opened("A"), claims=[Claim("invoice", "3")]))

    def wait():
        try:
            with host.transaction(second):
                host.store(second).commit(commit("B", opened("B"), claims=[Claim("invoice", "3")]))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(0.2)
    first.rollback()
    thread.join(30)
    assert errors == []
    assert list(host.store(second).find("invoice", "3")) == ["B"]
    first.close(), second.close()


def together(host, *works):
    """Two at work on connections of their own; gives the errors that were no `StaleAccount`."""
    errors = []

    def run(work):
        connection = host.connect()
        try:
            work(connection, host.store(connection))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return errors


def all_of(store, ids, name):
    """A payment for each account, in one commit that names them in this order."""
    loaded = store.load(ids)
    first, *others = (commit(id, paid(id, f"{name} {id}"), expected=loaded[id].version).append for id in ids)
    return Commit(append=first, also=tuple(others))


def test_two_who_write_to_the_same_accounts_lose_no_update_and_try_no_more_than_so_often(host):
    def writer(ids, name):
        def work(connection, store):
            for number in range(25):
                for _ in range(200):
                    try:
                        with host.transaction(connection):
                            store.commit(all_of(store, ids, f"{name} {number}"))
                        break
                    except StaleAccount:
                        continue
                else:
                    raise AssertionError("the other was always faster")

        return work

    assert together(host, writer(["A", "B", "C"], "x"), writer(["C", "B", "A"], "y")) == []
    assert [each.version for each in held(host)["loaded"].values()] == [50, 50, 50]


def asked_of(dialect, whole):
    """Every statement of a commit on a database in which there is nothing yet."""
    work, asked, answer = steps.commit(Ground(tables=Tables.named(), dialect=dialect), whole), [], None
    while True:
        try:
            ask = work.send(answer)
        except StopIteration:
            return asked
        asked.append(ask)
        answer = ask is TRANSACTION or [tuple(each) for each in inserted(ask)]


def inserted(ask):
    """The keys that an insert gives back, as PostgreSQL does."""
    if "RETURNING" not in ask.text:
        return []
    columns = ask.text.partition("(")[2].partition(")")[0].count(",") + 1
    keys = ask.text.partition("RETURNING")[2].count(",") + 1
    return [ask.values[at : at + keys] for at in range(0, len(ask.values), columns)]


@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=lambda dialect: dialect.name)
def test_what_others_may_wait_for_is_taken_in_the_order_of_its_keys(dialect):
    """Two commits that took it each in their own order could wait for each other for ever."""
    whole = commit(
        "C",
        opened("C"),
        also=(commit("B").append,),
        guards=(Guard(account="A", expected=0),),
        receipts=[receipt("l"), receipt("k")],
        claims=[Claim("line", "1"), Claim("invoice", "2"), Claim("invoice", "1")],
    )
    asked = asked_of(dialect, whole)
    locks = [ask for ask in asked if "FOR UPDATE" in ask.text or ask.text.startswith("UPDATE")]
    assert [list(ask.values) for ask in locks] == [["A", "B", "C"]]
    if dialect is POSTGRESQL:
        assert locks[0].text.endswith("ORDER BY id FOR UPDATE")
        inserts = [(ask.text.split()[2], inserted(ask)) for ask in asked if "RETURNING" in ask.text]
    else:
        inserts = [
            (ask.text.split()[2], [row[: 1 + ("claims" in ask.text)] for row in ask.values])
            for ask in asked
            if ask.text.startswith("INSERT") and "facts" not in ask.text
        ]
    assert [(table, [list(key) for key in keys]) for table, keys in inserts] == [
        ("receivables_accounts", [["A"], ["B"], ["C"]]),
        ("receivables_receipts", [["k"], ["l"]]),
        ("receivables_claims", [["invoice", "1"], ["invoice", "2"], ["line", "1"]]),
    ]


@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=lambda dialect: dialect.name)
def test_nothing_from_outside_stands_in_the_text_of_a_statement(dialect):
    evil = "x'); DROP TABLE receivables_facts; --"
    parts = {"claims": [Claim(evil, evil)], "links": [Link(evil, evil)], "receipts": [receipt(evil)]}
    asked = asked_of(dialect, commit(evil, opened(evil), guards=[Guard(account=f"{evil} 2", expected=0)], **parts))
    assert not any("DROP" in ask.text for ask in asked)
    assert all(ask.text.count("?") == len(ask.values) for ask in asked if not ask.many)


# What a host did wrong


def test_a_commit_outside_of_a_transaction_is_refused_and_writes_nothing(sqlite, postgres):
    for host in (sqlite, PostgresHost(postgres)):
        connection = host.connect()
        store = host.store(connection)
        with pytest.raises(NoTransaction):
            store.commit(commit("A", opened("A"), **NEW))
        assert everything(store)["loaded"] == {}
        assert not store.in_transaction()
        connection.close()


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("nul \0", "must hold no NUL character"),
        ("half \ud800", "must be text that can be written in UTF-8"),
        ("é" * 401, "must have at most 800 bytes"),
    ],
)
def test_a_key_that_no_database_can_hold_is_refused_before_anything_is_asked(sqlite, key, rule):
    class Untouched:
        vendor = "sqlite"

    store = DbapiStore(Untouched(), in_transaction=lambda: True)
    whole = commit("A", opened("A"), **NEW)
    wrong = [
        evolve(whole, append=evolve(whole.append, account=key)),
        evolve(whole, guards=(Guard(account=key, expected=0),)),
        evolve(whole, claims=(Claim("invoice", key),)),
        evolve(whole, links=(Link(key, "G"),)),
        evolve(whole, receipts=(receipt(key),)),
    ]
    calls = [lambda each=each: store.commit(each) for each in wrong]
    calls += [lambda: store.load([key]), lambda: store.receipt(key), lambda: store.find("invoice", key)]
    calls += [lambda: store.history(key, 0, 1)]
    for call in calls:
        with pytest.raises(InvalidValue) as refused:
            call()
        assert refused.value.rule == rule


def test_the_longest_key_is_one_that_every_index_takes(sqlite, postgres):
    longest = "".join(chr(0x4E00 + number) for number in range(266)) + "ab"
    assert len(longest.encode()) == 800
    for host in (sqlite, PostgresHost(postgres)):
        connection = host.connect()
        with host.transaction(connection):
            parts = {
                "claims": [Claim(longest, longest)],
                "links": [Link(longest, longest)],
                "receipts": [receipt(longest)],
            }
            host.store(connection).commit(commit(longest, opened(longest), **parts))
        assert list(host.store(connection).find(longest, longest)) == [longest]
        connection.close()
