"""Kills a worker at random moments, again and again, and says what came of it: run as a program, it prints JSON.

    python -m tests.crashes.drive kill sqlite FILE --kills 20 --seed 1
    python -m tests.crashes.drive race postgresql DSN SCHEMA --workers 8

``kill``: a child books a day's orders, invoices and payments, runs the dunning and delivers; SIGKILL ends it somewhere;
the next child begins the day again. When a day is done, the next begins. In the end each log must be, fact by fact, what
one worker that nobody killed records in memory, but for attempts to deliver that were made again.

``race``: children book orders against one limit at the same time, each on a connection of its own.

The children are forked, so that a kill costs milliseconds; nothing here has threads.
"""

import argparse
import datetime as dt
import json
import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import attrs

from receivables import (
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Order,
    Payment,
    PolicyBook,
    Receivables,
    Sent,
)
from receivables.documents.customer import group_account_id
from receivables.errors import StaleAccount
from receivables.facts.dunning import NoticeSending
from receivables.policies.fees import FeeRule
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl
from receivables.testing import FixedClock, RecordingNotifier

START = dt.date(2026, 3, 2)
ACCOUNTS = ("A", "B", "C")
TURNS = 200
"""How often a worker of a race tries one order at most."""
POLICIES = PolicyBook.of(
    DunningPolicy(
        id="standard",
        version=1,
        steps=(
            DunningStep(name="first", days_after_due=7, fee=FeeRule.flat("fee", Money.of(5, "EUR"))),
            DunningStep(name="second", days_after_due=9, fee=FeeRule.flat("fee", Money.of(10, "EUR"))),
        ),
    ),
    CreditPolicy(id="standard", version=1),
)


def eur(amount):
    return Money.of(amount, "EUR")


class FileNotifier:
    """A provider that honors keys, with a file for each letter: a link that is there already is not made again."""

    honors_keys = True

    def __init__(self, folder):
        self.folder = Path(folder)

    def send(self, notice):
        draft = self.folder / f".{os.getpid()}"
        draft.write_text(notice.key)
        try:
            os.link(draft, self.folder / notice.key)
        except FileExistsError:
            return Sent(receipt="had it")
        return Sent(receipt="taken")


class Sqlite:
    def __init__(self, path):
        self.path = path

    def prepare(self):
        self.connect().executescript("PRAGMA journal_mode=WAL;" + ddl("sqlite"))

    def connect(self):
        return sqlite3.connect(self.path, isolation_level=None, timeout=60)

    def store(self, connection):
        return DbapiStore(connection)

    @contextmanager
    def transaction(self, connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


class Torn(Sqlite):
    """As a host that never begins: each statement is its own transaction. The kills must find that out."""

    def store(self, connection):
        return DbapiStore(connection, in_transaction=lambda: True)

    @contextmanager
    def transaction(self, connection):
        yield


class Postgresql:
    def __init__(self, dsn, schema):
        self.dsn, self.schema = dsn, schema

    def prepare(self):
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {self.schema}")
            connection.execute(ddl("postgresql", schema=self.schema))

    def connect(self):
        return import_module("psycopg").connect(self.dsn, autocommit=True)

    def store(self, connection):
        return DbapiStore(connection, schema=self.schema)

    def transaction(self, connection):
        return connection.transaction()


def engine(host, notifier, day):
    connection = host.connect()
    return Receivables(
        store=host.store(connection),
        notifier=notifier,
        clock=FixedClock.on(day),
        policies=POLICIES,
        transaction=lambda: host.transaction(connection),
    )


def opened(app, limit):
    """A group with its limit, and its members, each with one of their own that never is the smaller one."""
    app.open_group("G", key="group")
    for id in ACCOUNTS:
        app.open_account(Customer(id=id, group="G"), key=f"open {id}")
    for id, amount in ((group_account_id("G"), limit), *((id, limit) for id in ACCOUNTS)):
        given = CreditLimit(account=id, currency=Currency.of("EUR"), amount=eur(amount), valid_from=START)
        app.set_limit(given, key=f"limit {id}")


def work(app, number):
    """The work of one day, the same whenever it is begun again: every request has its key."""
    day = START + dt.timedelta(days=number)
    opened(app, 3000)
    for id in ACCOUNTS:
        due_on = day - dt.timedelta(days=7)
        invoice = Invoice.due(
            number=f"INV-{id}-{number}", account=id, issued_on=due_on, total=eur("100.10"), due_on=due_on
        )
        app.issue_invoice(invoice, key=f"invoice {id} {number}")
        app.reserve(
            Order(id=f"SO-{id}-{number}", account=id, amount=eur(150), placed_on=day), key=f"order {id} {number}"
        )
    for id in ACCOUNTS if number >= 3 else ():
        paid = f"INV-{id}-{number - 3}"
        payment = Payment(id=f"P-{id}-{number}", account=id, amount=eur("100.10"), value_date=day, bank_line=paid)
        app.receive_payment(payment, key=f"pay {id} {number}")
        app.apply(id, payment.id, paid, eur("100.10"), key=f"apply {id} {number}")
        app.release_order(id, f"SO-{id}-{number - 3}", on=day, key=f"release {id} {number}")
    for result in (*app.run_dunning(day), *app.deliver()):
        assert getattr(result, "error", None) is None, result
        assert getattr(result, "outcome", "sent") == "sent", result


def forked(job):
    """The process id of a child that does the job and is gone."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        job()
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(code)


def ended(child):
    """The exit code of a child that has ended, ``None`` of one that has not."""
    found, status = os.waitpid(child, os.WNOHANG)
    return None if not found else os.waitstatus_to_exitcode(status)


def killed(child, after):
    """Whether a child was still at work after so many seconds, when it was killed."""
    until = time.monotonic() + after
    while time.monotonic() < until:
        if (code := ended(child)) is not None:
            assert code == 0, f"a worker failed: {code}"
            return False
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def kill(host, folder, kills, seed):
    """Kill so many workers, and compare with one that nobody killed."""
    host.prepare()
    dice, began, done, day, longest = random.Random(seed), time.monotonic(), 0, 0, 0.2
    while done < kills:

        def job(day=day):
            work(engine(host, FileNotifier(folder), START + dt.timedelta(days=day)), day)

        started = time.monotonic()
        if killed(forked(job), dice.uniform(0, longest)):
            done += 1
        else:
            day += 1
            longest = 0.9 * longest + 0.1 * 1.5 * (time.monotonic() - started)
    for number in (day, day + 1):
        work(engine(host, FileNotifier(folder), START + dt.timedelta(days=number)), number)
    return compared(host, folder, day + 2) | {"kills": done, "seconds": round(time.monotonic() - began, 1)}


def compared(host, folder, days):
    """Each log beside that of a worker in memory that nobody killed."""
    memory, notifier = MemoryStore(), RecordingNotifier()
    for number in range(days):
        clock = FixedClock.on(START + dt.timedelta(days=number))
        work(Receivables(store=memory, notifier=notifier, clock=clock, policies=POLICIES), number)
    app = engine(host, notifier, START)
    ids = list(memory.accounts("", 100))
    logs = {id: list(app.history(id)) for id in ids}
    wrong = [id for id in ids if without_attempts(logs[id]) != without_attempts(memory.facts(id))]
    letters = sorted(path.name for path in Path(folder).iterdir() if not path.name.startswith("."))
    facts = [fact for log in logs.values() for fact in log]
    return {
        "days": days,
        "facts": len(facts),
        "letters": len(letters),
        "attempts": sum(isinstance(fact, NoticeSending) for fact in facts),
        "wrong": wrong + ([] if list(app.accounts()) == ids else ["accounts"]),
        "letters_wrong": letters != sorted(notice.key for notice in notifier.notices),
    }


def without_attempts(facts):
    """A log with each letter's attempts once, and without what the provider answered to them."""
    kept, tried = [], set()
    for fact in facts:
        if isinstance(fact, NoticeSending):
            if fact.notice in tried:
                continue
            tried.add(fact.notice)
        kept.append(attrs.evolve(fact, receipt="") if hasattr(fact, "receipt") else fact)
    return kept


def race(host, workers, orders):
    """So many workers book orders against the limit of one group and of one account; gives what they came to."""
    host.prepare()
    app = engine(host, RecordingNotifier(), START)
    opened(app, 1000)

    def book(worker):
        mine, turns = engine(host, RecordingNotifier(), START), 0
        for number in range(orders):
            id = ACCOUNTS[(worker + number) % len(ACCOUNTS)]
            order = Order(id=f"SO-{worker}-{number}", account=id, amount=eur(90), placed_on=START)
            turns = max(turns, booked(mine, order))
        assert turns < TURNS

    began = time.monotonic()
    children = [forked(lambda worker=worker: book(worker)) for worker in range(workers)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    seconds = time.monotonic() - began
    facts = [type(fact).__name__ for id in ACCOUNTS for fact in app.history(id)]
    return {
        "codes": codes,
        "reserved": facts.count("OrderReserved"),
        "held": facts.count("OrderHeld"),
        "seconds": round(seconds, 1),
    }


def booked(app, order):
    """How many turns an order took: where the service gave up, another was faster each time."""
    for turn in range(1, TURNS + 1):
        try:
            app.reserve(order, key=order.id)
        except StaleAccount:
            time.sleep(random.uniform(0, 0.005))
        else:
            return turn
    raise AssertionError("others were faster for ever")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["kill", "race"])
    parser.add_argument("kind", choices=["sqlite", "postgresql", "torn"])
    parser.add_argument("where", nargs="+")
    parser.add_argument("--folder", default=".")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--orders", type=int, default=6)
    asked = parser.parse_args()
    host = {"sqlite": Sqlite, "postgresql": Postgresql, "torn": Torn}[asked.kind](*asked.where)
    if asked.what == "kill":
        print(json.dumps(kill(host, asked.folder, asked.kills, asked.seed)))
    else:
        print(json.dumps(race(host, asked.workers, asked.orders)))


if __name__ == "__main__":
    main()
