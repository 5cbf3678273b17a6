"""Durable stores on SQLite (a file) and PostgreSQL, each beside plain statements that move the same bytes.

    python benchmarks/stores.py                                      SQLite, the run over 100,000 accounts
    python benchmarks/stores.py --accounts 10000 --postgresql "host=127.0.0.1 port=5432 user=postgres"

Three things are measured.

*append*: accounts of six facts, each account a commit in a transaction of its own. The floor inserts the same texts
into one table with the same key, a transaction per account as well: no versions, no claims, no codec.

*load*: those accounts, one after the other. The floor selects the same rows and reads their JSON.

*the run of a day* on SQLite: 100,000 accounts of which 1 % are due, with five open items each. The floor selects the facts of
those who are due, reads their JSON, and inserts the texts that the run wrote, a transaction per account. ``grown_mb`` is
what the process grew by during the run: it streams, so this is little whatever the number of accounts.

Both databases flush to the disk at each commit unless ``--no-flush`` is said: the disk decides then, not the library.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from daily_run import BOOK, DUE_EVERY, ITEMS, TODAY, account_id, facts_of, peak_bytes, timed

from receivables import Receivables, fold
from receivables.plans.wake import wake_on
from receivables.ports import Append, Commit
from receivables.stores.bodies import fact_texts
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl
from receivables.testing import FixedClock, RecordingNotifier

COMMITS = 1_000
YESTERDAY = TODAY - dt.timedelta(days=1)
FACTS = ITEMS + 1
ROW = "account, position, tag, body, personal, link"


class Sqlite:
    """A file, in write-ahead mode."""

    mark = "?"

    def __init__(self, path: Path, flush: bool) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={'FULL' if flush else 'OFF'};")
        self.connection.executescript(ddl("sqlite"))
        self.connection.execute(
            "CREATE TABLE floor (account TEXT, position INTEGER, tag TEXT, body TEXT, personal TEXT, link TEXT,"
            " PRIMARY KEY (account, position)) WITHOUT ROWID"
        )
        self.store = DbapiStore(self.connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


class Postgresql:
    """A schema of our own on a server that runs already; it is dropped afterwards."""

    mark = "%s"

    def __init__(self, dsn: str, flush: bool) -> None:
        self.connection: Any = import_module("psycopg").connect(dsn, autocommit=True)
        self.connection.execute(
            "DROP SCHEMA IF EXISTS receivables_benchmark CASCADE; CREATE SCHEMA receivables_benchmark"
        )
        self.connection.execute("SET search_path TO receivables_benchmark")
        self.connection.execute(f"SET synchronous_commit TO {'on' if flush else 'off'}")
        self.connection.execute(ddl("postgresql"))
        self.connection.execute(
            'CREATE TABLE floor (account TEXT COLLATE "C", position BIGINT, tag TEXT, body TEXT, personal TEXT, link TEXT,'
            " PRIMARY KEY (account, position))"
        )
        self.store = DbapiStore(self.connection)

    def transaction(self) -> Any:
        return self.connection.transaction()


def executemany(host: Any, text: str, rows: list[Any]) -> None:
    cursor = host.connection.cursor()
    cursor.executemany(text.replace("?", host.mark), rows)
    cursor.close()


def selected(host: Any, text: str, values: tuple[Any, ...]) -> list[Any]:
    cursor = host.connection.cursor()
    cursor.execute(text.replace("?", host.mark), values)
    rows: list[Any] = cursor.fetchall()
    cursor.close()
    return rows


def commit_of(number: int) -> Commit:
    facts = tuple(facts_of(number))
    state = fold(facts)
    append = Append(account=state.id, expected=0, facts=facts, wake_on=wake_on(state, BOOK, YESTERDAY), state=state)
    return Commit(append=append)


def rows_of(commit: Commit) -> list[tuple[Any, ...]]:
    append = commit.append
    return [(append.account, at, *fact_texts(fact), "0" * 64) for at, fact in enumerate(append.facts, 1)]


def append_and_load(host: Any, commits: int) -> dict[str, float]:
    """Both, and their floors: in turns, so that what the machine does besides meets all alike."""
    work = [commit_of(number) for number in range(commits)]
    rows = [rows_of(each) for each in work]
    ids = [each.append.account for each in work]
    facts = commits * FACTS

    def append() -> None:
        for each in work:
            with host.transaction():
                host.store.commit(each)

    def floor_append() -> None:
        for each in rows:
            with host.transaction():
                executemany(host, f"INSERT INTO floor ({ROW}) VALUES (?, ?, ?, ?, ?, ?)", each)

    def load() -> None:
        for id in ids:
            assert host.store.load([id])[id].version == FACTS

    def floor_load() -> None:
        text = "SELECT body FROM floor WHERE account = ? ORDER BY position"
        for id in ids:
            assert len([json.loads(body) for (body,) in selected(host, text, (id,))]) == FACTS

    seconds = {each.__name__: timed(each)[0] for each in (append, floor_append, load, floor_load)}
    return {
        "append_facts_per_second": facts / seconds["append"],
        "append_commits_per_second": commits / seconds["append"],
        "append_ratio_to_floor": seconds["append"] / seconds["floor_append"],
        "load_facts_per_second": facts / seconds["load"],
        "load_ratio_to_floor": seconds["load"] / seconds["floor_load"],
    }


# The run of a day -----------------------------------------------------------------------------------------------------


@cache
def template(number: int) -> tuple[str, list[tuple[Any, ...]], Any]:
    """The rows of an account whose dates others have too, and the day on which it wakes."""
    commit = commit_of(number)
    wakes = commit.append.wake_on
    return commit.append.account, [row[1:] for row in rows_of(commit)], wakes and wakes.isoformat()


def fill(host: Sqlite, accounts: int) -> None:
    """The rows as the store would have written them; due dates come again with every sixtieth account."""
    with host.transaction():
        for number in range(accounts):
            like, rows, wakes = template((number % 60 or 60) if number % DUE_EVERY else 0)
            id = account_id(number)
            executemany(
                host,
                f"INSERT INTO receivables_facts ({ROW}) VALUES (?, ?, ?, ?, ?, ?)",
                [(id, at, tag, body.replace(like, id), *rest) for at, tag, body, *rest in rows],
            )
            head = (id, FACTS, FACTS, "0" * 64, wakes)
            host.connection.execute("INSERT INTO receivables_accounts VALUES (?, ?, ?, ?, ?)", head)


def run_of_a_day(host: Sqlite, accounts: int) -> dict[str, float]:
    built, _ = timed(lambda: fill(host, accounts))
    app = Receivables(
        store=host.store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(TODAY),
        policies=BOOK,
        transaction=host.transaction,
    )
    before = peak_bytes()
    ours, (touched, letters) = timed(lambda: counted(app.run_dunning(TODAY), lambda result: len(result.notices)))
    grown = peak_bytes() - before
    assert letters == touched == accounts // DUE_EVERY
    floor = floor_run(host)
    sent, (_, outcomes) = timed(lambda: counted(app.deliver(), lambda result: result.outcome == "sent"))
    assert outcomes == letters
    again, nothing = timed(lambda: list(app.run_dunning(TODAY)))
    assert not nothing
    size = host.connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    return {
        "run_accounts": accounts,
        "run_touched": touched,
        "run_ms": ours * 1e3,
        "run_us_per_account_touched": ours / touched * 1e6,
        "run_notices_stored_per_second": letters / ours,
        "run_ratio_to_floor": ours / floor,
        "second_run_ms": again * 1e3,
        "deliver_us_per_letter": sent / letters * 1e6,
        "grown_mb": grown / 1e6,
        "file_mb": size[0] / 1e6,
        "fill_seconds": built,
    }


def counted(results: Any, count: Callable[[Any], int]) -> tuple[int, int]:
    """How many results, and what they count together; none is kept."""
    many = total = 0
    for result in results:
        many, total = many + 1, total + count(result)
    return many, total


def floor_run(host: Sqlite) -> float:
    """Read the facts of those whom the run touched, and insert what it wrote: the seconds for that."""
    touched = selected(host, "SELECT DISTINCT account FROM receivables_facts WHERE position > ?", (FACTS,))
    written = {
        id: selected(host, f"SELECT {ROW} FROM receivables_facts WHERE account = ? AND position > ?", (id, FACTS))
        for (id,) in touched
    }
    gc.collect()
    begun = perf_counter()
    text = "SELECT body FROM receivables_facts WHERE account = ? AND position <= ? ORDER BY position"
    for id, rows in written.items():
        for (body,) in selected(host, text, (id, FACTS)):
            json.loads(body)
        with host.transaction():
            executemany(host, f"INSERT INTO floor ({ROW}) VALUES (?, ?, ?, ?, ?, ?)", rows)
    return perf_counter() - begun


def measure(args: argparse.Namespace) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        host: Any = Sqlite(Path(folder) / "append.db", args.flush)
        found["sqlite"] = append_and_load(host, args.commits)
        host.connection.close()
        if args.postgresql:
            host = Postgresql(args.postgresql, args.flush)
            found["postgresql"] = append_and_load(host, args.commits)
            host.connection.execute("DROP SCHEMA receivables_benchmark CASCADE")
            host.connection.close()
        host = Sqlite(Path(folder) / "run.db", args.flush)
        found["the run of a day on sqlite"] = run_of_a_day(host, args.accounts)
        host.connection.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--commits", type=int, default=COMMITS)
    parser.add_argument("--postgresql", metavar="DSN", help="a server that runs; needs psycopg")
    parser.add_argument("--folder", help="where the SQLite files go, a temporary folder otherwise")
    parser.add_argument(
        "--no-flush", dest="flush", action="store_false", help="do not wait for the disk at each commit"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    found = measure(args)
    if args.json:
        print(json.dumps(found, indent=2))
        return
    for title, figures in found.items():
        print(title)
        for name, figure in figures.items():
            print(f"  {name:32}{figure:>14,.2f}")


if __name__ == "__main__":
    main()
