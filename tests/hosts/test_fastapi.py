"""The FastAPI host over HTTP: rows and reservations commit together, and orders at once never exceed a limit."""

import asyncio
import datetime as dt
import sys
from importlib import import_module
from pathlib import Path

import pytest
from tests.postgres import NotHere, running

from receivables.testing import FixedClock

httpx = pytest.importorskip("httpx", reason="httpx is not installed")
for name in ("fastapi", "sqlalchemy", "aiosqlite"):
    pytest.importorskip(name, reason=f"{name} is not installed")

EXAMPLES = str(Path(__file__).resolve().parents[2] / "examples")
DAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def create_app():
    sys.path.insert(0, EXAMPLES)
    try:
        from fastapi_host.main import create_app  # noqa: PLC0415 - the example is no package of the tests

        yield create_app
    finally:
        sys.path.remove(EXAMPLES)


@pytest.fixture(scope="module")
def postgres():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        with running() as found:
            yield found
    except NotHere as absent:
        pytest.skip(str(absent))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'ar.db'}"
    server = request.getfixturevalue("postgres")
    name = server.fresh()
    with import_module("psycopg").connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://postgres@{server.url.partition('/')[0]}/{name}"


def over_http(create_app, url, talk):
    """Talk to the application over HTTP, in one event loop, with its start and its end."""
    app = create_app(url, FixedClock.on(DAY))

    async def run():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://host", timeout=60) as client,
        ):
            return await talk(Host(client))

    return asyncio.run(run())


class Host:
    """The requests of a shop."""

    def __init__(self, client):
        self.client = client

    async def post(self, path, key, **body):
        return await self.client.post(path, headers={"Idempotency-Key": key}, json=body)

    async def customer(self, limit="10000"):
        answer = await self.post("/customers", "open", id="ACME", limit=limit)
        assert answer.status_code == 201, answer.text

    async def order(self, id, amount, key=None):
        return await self.post("/orders", key or f"order {id}", id=id, customer="ACME", amount=amount)


def test_orders_at_once_never_exceed_the_limit(create_app, url):
    async def talk(host):
        await host.customer("10000")
        await host.post("/invoices", "inv", number="INV-1", customer="ACME", total="1000", issued_on="2026-03-01")
        answers = await asyncio.gather(*(host.order(f"SO-{n}", "2000") for n in range(10)))
        return answers, (await host.client.get("/customers/ACME")).json()

    answers, shown = over_http(create_app, url, talk)
    approved = [answer.json()["order"] for answer in answers if answer.status_code == 201]
    held = [answer for answer in answers if answer.status_code == 202]
    assert len(approved) == 4  # 1,000 + 4 x 2,000 = 9,000; a fifth would be 11,000
    assert len(held) == 6
    assert {reason for answer in held for reason in answer.json()["reasons"]} >= {"limit_exceeded (1000.00 EUR)"}
    assert sorted(order["id"] for order in shown["orders"] if order["status"] == "reserved") == sorted(approved)


def test_the_row_and_the_reservation_are_both_there_or_neither(create_app, url):
    async def talk(host):
        await host.customer()
        first = await host.order("SO-1", "2000")
        refused = await host.order("SO-1", "2500", key="another key")
        row = await host.client.get("/orders/SO-1")
        none = await host.client.get("/orders/SO-2")
        bad = await host.order("SO-2", "-5")
        return first, refused, row, none, bad

    first, refused, row, none, bad = over_http(create_app, url, talk)
    assert (first.status_code, first.json()["outcome"]) == (201, "approved")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert row.json()["amount"] == "2000.00"
    assert row.json()["status"] == "approved"
    assert none.status_code == 404
    assert bad.status_code == 422
    assert "order.amount" in bad.json()["title"]


def test_a_request_sent_twice_at_once_is_done_once(create_app, url):
    async def talk(host):
        await host.customer()
        answers = await asyncio.gather(*(host.order("SO-1", "6000", key="same") for _ in range(5)))
        return answers, (await host.client.get("/customers/ACME")).json()

    answers, shown = over_http(create_app, url, talk)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert [order["id"] for order in shown["orders"]] == ["SO-1"]


def test_the_same_key_for_another_request_is_a_conflict(create_app, url):
    async def talk(host):
        await host.customer()
        await host.order("SO-1", "10", key="same")
        return await host.order("SO-2", "20", key="same")

    answer = over_http(create_app, url, talk)
    assert answer.status_code == 409
    assert answer.json()["type"] == "about:KeyReused"


def test_a_payment_frees_what_was_held(create_app, url):
    async def talk(host):
        await host.customer("1000")
        await host.post("/invoices", "inv", number="INV-1", customer="ACME", total="800", issued_on="2026-02-20")
        held = await host.order("SO-1", "500")
        paid = await host.post(
            "/payments", "pay", id="P-1", customer="ACME", amount="800", value_date="2026-03-02", item="INV-1"
        )
        shown = (await host.client.get("/customers/ACME")).json()
        ages = (await host.client.get("/aging", params={"as_of": "2026-03-02"})).json()
        unknown = await host.client.get("/customers/NOBODY")
        return held, paid, shown, ages, unknown

    held, paid, shown, ages, unknown = over_http(create_app, url, talk)
    assert held.json()["reasons"] == ["limit_exceeded (300.00 EUR)"]
    assert paid.status_code == 201, paid.text
    assert [order["status"] for order in shown["orders"]] == ["reserved"]
    assert shown["balances"] == {} or shown["balances"] == {"EUR": "0.00"}
    assert ages == []
    assert unknown.status_code == 404
