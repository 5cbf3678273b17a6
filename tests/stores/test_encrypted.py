"""Personal texts are unreadable without the host's keys, in the database and in its backups, and nothing else changes."""

import datetime as dt
import sqlite3

import pytest

pytest.importorskip("cryptography")

from receivables import Customer, Hold, Money, Payment, PolicyBook, Receivables
from receivables.documents.payment import Remittance
from receivables.errors import InvalidValue, Undecodable, WrongType
from receivables.stores.chain import verify
from receivables.stores.dbapi import DbapiStore
from receivables.stores.encrypted import EncryptedColumn, Key
from receivables.stores.schema import ddl
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.erased import ERASED

DAY = dt.date(2026, 3, 2)
SECRET_WORD = "asthma"


class Ring:
    """Keys in a dict, one after the other for each account."""

    def __init__(self):
        self.keys = {}

    def add(self, account):
        number = len(self.keys.setdefault(account, {})) + 1
        self.keys[account][str(number)] = Key(id=str(number), secret=bytes([len(account), number]) * 32)

    def current(self, account):
        if account not in self.keys:
            self.add(account)
        return list(self.keys[account].values())[-1]

    def find(self, account, key):
        return self.keys.get(account, {}).get(key)


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(ddl("sqlite"))
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.fixture
def ring():
    return Ring()


def app_on(connection, ring):
    store = DbapiStore(connection, personal=EncryptedColumn(ring))
    clock = FixedClock.on(DAY)
    return Receivables(store=store, notifier=RecordingNotifier(), clock=clock, policies=PolicyBook())


def wrote(app, account, number=1):
    payment = Payment(
        id=f"P-{account}-{number}",
        account=account,
        amount=Money.of(5, "EUR"),
        value_date=DAY,
        remittance=Remittance(text=f"{SECRET_WORD} {number}"),
    )
    app.receive_payment(payment, key=f"{account} {number}")


def opened(connection, ring, *accounts):
    app = app_on(connection, ring)
    for account in accounts:
        app.open_account(Customer(id=account), key=f"open {account}")
        wrote(app, account)
    return app


def texts(app, account):
    return [fact.payment.remittance.text for fact in app.history(account) if hasattr(fact, "payment")]


def columns(connection):
    return [row[0] for row in connection.execute("SELECT personal FROM receivables_facts WHERE personal IS NOT NULL")]


def test_the_database_has_no_readable_text_and_the_app_has(connection, ring):
    app = opened(connection, ring, "A")
    assert SECRET_WORD not in "\n".join(connection.iterdump())
    assert texts(app, "A") == [f"{SECRET_WORD} 1"]
    assert app.view("A", DAY).balance("EUR") == Money.of(-5, "EUR")


def test_a_destroyed_key_takes_the_texts_of_its_subject_and_nothing_else(connection, ring):
    app = opened(connection, ring, "A", "B")
    before = app.view("A", DAY)
    del ring.keys["A"]
    assert texts(app, "A") == [ERASED]
    assert texts(app, "B") == [f"{SECRET_WORD} 1"]
    assert app.view("A", DAY) == before
    assert verify(app._ports["store"].export("A", 0, 100)) == ()


def test_a_new_key_writes_and_the_old_one_still_reads(connection, ring):
    app = opened(connection, ring, "A")
    ring.add("A")
    wrote(app, "A", 2)
    assert [each.split(".")[1] for each in columns(connection)] == ["1", "2"]
    assert texts(app, "A") == [f"{SECRET_WORD} 1", f"{SECRET_WORD} 2"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receivables_facts SET personal = substr(personal, 1, length(personal) - 4) || 'AAA='",
        "UPDATE receivables_facts SET personal = 'siv1.1.%%%' WHERE personal IS NOT NULL",
        "UPDATE receivables_facts SET personal = '{}' WHERE personal IS NOT NULL",
    ],
)
def test_a_text_that_was_tampered_with_is_a_typed_error_that_shows_nothing(connection, ring, statement):
    app = opened(connection, ring, "A")
    connection.execute(statement)
    with pytest.raises(Undecodable) as refused:
        texts(app, "A")
    assert SECRET_WORD not in str(refused.value)


def test_a_text_cannot_be_read_at_another_place(ring):
    column = EncryptedColumn(ring)
    written = column.write("A", 1, SECRET_WORD)
    for account, position in (("A", 2), ("A", 11)):
        with pytest.raises(Undecodable):
            column.read(account, position, written)
    ring.keys["B"] = ring.keys["A"]
    with pytest.raises(Undecodable):
        column.read("B", 1, written)


def test_an_erasure_empties_the_column_as_it_does_without_keys(connection, ring):
    app = opened(connection, ring, "A")
    connection.execute("UPDATE receivables_facts SET personal = '' WHERE personal IS NOT NULL")
    assert texts(app, "A") == [ERASED]


@pytest.mark.parametrize(
    ("id", "secret", "error"),
    [
        ("", bytes(64), InvalidValue),
        ("a.b", bytes(64), InvalidValue),
        ("1", b"short", InvalidValue),
        ("1", "text", WrongType),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_never_shown(id, secret, error):
    with pytest.raises(error) as refused:
        Key(id=id, secret=secret)
    assert "short" not in str(refused.value)
    assert "text" not in str(refused.value)


def test_a_key_shows_no_secret():
    assert "7" not in repr(Key(id="1", secret=b"7" * 64))


def test_holds_and_their_reasons_work_on_it(connection, ring):
    app = opened(connection, ring, "A")
    app.place_hold(Hold(id="H", account="A", placed_on=DAY, reason=SECRET_WORD, stops=frozenset({"dunning"})), key="h")
    assert app.view("A", DAY).holds[0].reason == SECRET_WORD
    assert SECRET_WORD not in "\n".join(connection.iterdump())
