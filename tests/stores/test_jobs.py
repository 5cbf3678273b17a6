"""A job on every kind of connection: it runs the dunning, delivers, and is refused inside an open transaction."""

import datetime as dt

import pytest
from tests.crashes.drive import POLICIES
from tests.stores.hosts import PostgresHost, SqlalchemyHost, SqliteHost

from receivables import Customer, Invoice, Money, Receivables
from receivables.errors import OpenTransaction
from receivables.testing import FixedClock, RecordingNotifier

DAY = dt.date(2026, 3, 2)


@pytest.fixture(params=["sqlite", "sqlite by sqlalchemy", "psycopg", "psycopg by sqlalchemy"])
def host(request, tmp_path):
    kind = request.param
    if "sqlalchemy" in kind:
        pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    if kind.startswith("sqlite"):
        path = tmp_path / "db"
        return SqliteHost(path) if kind == "sqlite" else SqlalchemyHost(f"sqlite:///{path}")
    postgres = request.getfixturevalue("postgres")
    if kind == "psycopg":
        return PostgresHost(postgres)
    return SqlalchemyHost(f"postgresql+psycopg://postgres@{postgres.url}", postgres.fresh())


@pytest.fixture
def connection(host):
    connection = host.connect()
    yield connection
    connection.close()


def job(host, connection, notifier):
    app = Receivables(
        store=host.store(connection),
        notifier=notifier,
        clock=FixedClock.on(DAY),
        policies=POLICIES,
        transaction=lambda: host.transaction(connection),
    )
    for id in "AB":
        app.open_account(Customer(id=id), key=f"open {id}")
        due_on = DAY - dt.timedelta(days=7)
        invoice = Invoice.due(
            number=f"INV-{id}", account=id, issued_on=due_on, total=Money.of(100, "EUR"), due_on=due_on
        )
        app.issue_invoice(invoice, key=f"invoice {id}")
    return app


def test_it_runs_and_delivers_and_leaves_no_transaction_open(host, connection):
    notifier = RecordingNotifier()
    app = job(host, connection, notifier)
    assert [len(result.notices) for result in app.run_dunning(DAY)] == [1, 1]
    assert [result.outcome for result in app.deliver()] == ["sent", "sent"]
    assert list(app.deliver()) == []
    list(app.rewake(DAY)), list(app.accounts()), list(app.history("A")), app.view("A", DAY), app.preview("A", DAY)
    assert not host.store(connection).in_transaction()
    assert [notice.account for notice in notifier.notices] == ["A", "B"]


def test_it_does_not_deliver_inside_a_transaction_and_leaves_that_as_it_is(host, connection):
    notifier = RecordingNotifier()
    app = job(host, connection, notifier)
    list(app.run_dunning(DAY))
    with host.transaction(connection):
        before = dict(host.store(connection).load(["A"]))
        with pytest.raises(OpenTransaction):
            list(app.deliver())
        assert dict(host.store(connection).load(["A"])) == before
    assert notifier.notices == []
    assert [result.outcome for result in app.deliver()] == ["sent", "sent"]
