"""The host's HTTP interface: ``uvicorn --app-dir examples fastapi_host.main:app``.

Every request that changes something needs an ``Idempotency-Key``: sent twice, it is done once and answered alike.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import FastAPI, Header, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from fastapi_host import problems
from fastapi_host.books import ORDERS, Books
from receivables import (
    Allocation,
    AsyncReceivables,
    CreditLimit,
    Currency,
    Customer,
    Invoice,
    Money,
    Order,
    Payment,
    PaymentTerms,
    Receipt,
    View,
    aging,
)

Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1)]


class NewCustomer(BaseModel):
    id: str
    limit: Decimal
    currency: str = "EUR"


class NewOrder(BaseModel):
    id: str
    customer: str
    amount: Decimal
    currency: str = "EUR"


class NewInvoice(BaseModel):
    number: str
    customer: str
    total: Decimal
    issued_on: dt.date
    terms: str = "net 30"
    order: str | None = None
    currency: str = "EUR"


class NewPayment(BaseModel):
    id: str
    customer: str
    amount: Decimal
    value_date: dt.date
    item: str | None = None
    currency: str = "EUR"


def create_app(url: str, clock: Any = None) -> FastAPI:  # noqa: C901 - one function per request, none with a branch
    """The application on a database: ``sqlite+aiosqlite:///ar.db`` or ``postgresql+psycopg://...``."""
    books = Books(url, clock)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await books.create()
        yield
        await books.engine.dispose()

    app = FastAPI(title="receivables on FastAPI", lifespan=life)
    problems.install(app)

    @app.post("/customers", status_code=201)
    async def open_customer(new: NewCustomer, key: Key) -> dict[str, Any]:
        async def work(_: AsyncConnection, engine: AsyncReceivables) -> Receipt:
            await engine.open_account(Customer(id=new.id), key=f"{key}/open")
            return await engine.set_limit(_limit(new, books.clock.now().date()), key=f"{key}/limit")

        return _answer(await books.transact(work))

    @app.post("/orders")
    async def place_order(new: NewOrder, key: Key, response: Response) -> dict[str, Any]:
        """The host's row and the reservation, in one transaction: both are there, or neither."""
        order = Order(
            id=new.id,
            account=new.customer,
            amount=Money.of(new.amount, new.currency),
            placed_on=books.clock.now().date(),
        )

        async def work(connection: AsyncConnection, engine: AsyncReceivables) -> Receipt:
            receipt = await engine.reserve(order, key=key)
            known = await connection.scalar(sa.select(ORDERS.c.id).where(ORDERS.c.id == new.id))
            if known is None:
                await connection.execute(ORDERS.insert().values(**new.model_dump(), status=receipt.outcome))
            return receipt

        receipt = await books.transact(work)
        response.status_code = 201 if receipt.approved else 202
        return {"order": new.id, **_answer(receipt)}

    @app.post("/invoices", status_code=201)
    async def issue(new: NewInvoice, key: Key) -> dict[str, Any]:
        invoice = Invoice(
            number=new.number,
            account=new.customer,
            issued_on=new.issued_on,
            total=Money.of(new.total, new.currency),
            terms=PaymentTerms.parse(new.terms),
            order=new.order,
        )
        return _answer(await books.transact(lambda _, engine: engine.issue_invoice(invoice, key=key)))

    @app.post("/payments", status_code=201)
    async def receive(new: NewPayment, key: Key) -> dict[str, Any]:
        amount = Money.of(new.amount, new.currency)
        payment = Payment(id=new.id, account=new.customer, amount=amount, value_date=new.value_date)

        async def work(_: AsyncConnection, engine: AsyncReceivables) -> Receipt:
            receipt = await engine.receive_payment(payment, key=key)
            if new.item is None:
                return receipt
            placed = Allocation(source=new.id, item=new.item, amount=amount)
            return await engine.apply(new.customer, placed.source, placed.item, placed.amount, key=f"{key}/apply")

        return _answer(await books.transact(work))

    @app.get("/customers/{customer}")
    async def show(customer: str, as_of: dt.date | None = None) -> dict[str, Any]:
        return _shown(await books.transact(lambda _, engine: engine.view(customer, as_of or books.clock.now().date())))

    @app.get("/orders/{order}")
    async def order_row(order: str, response: Response) -> dict[str, Any]:
        async def work(connection: AsyncConnection, _: AsyncReceivables) -> Any:
            return (await connection.execute(sa.select(ORDERS).where(ORDERS.c.id == order))).mappings().first()

        row = await books.transact(work)
        if row is None:
            response.status_code = 404
            return {"title": f"unknown order: {order!r}"}
        return {**row, "amount": str(row["amount"])}

    @app.get("/aging")
    async def age(as_of: dt.date | None = None) -> list[dict[str, Any]]:
        day = as_of or books.clock.now().date()

        async def work(_: AsyncConnection, engine: AsyncReceivables) -> list[View]:
            return [await engine.view(id, day) async for id in engine.accounts()]

        return aging(await books.transact(work)).rows()

    return app


def _limit(new: NewCustomer, day: dt.date) -> CreditLimit:
    amount = Money.of(new.limit, new.currency)
    return CreditLimit(account=new.id, currency=Currency.of(new.currency), amount=amount, valid_from=day)


def _answer(receipt: Receipt) -> dict[str, Any]:
    """A receipt as JSON: the outcome with every reason for it."""
    return {"outcome": receipt.outcome, "reasons": [str(reason) for reason in receipt.reasons], "ids": receipt.ids}


def _shown(view: View) -> dict[str, Any]:
    """What a customer owes, item by item."""
    items = [
        {"id": item.id, "due": item.due_on and item.due_on.isoformat(), "open": str(view.open(item.id))}
        for book in view.books
        for item in book.items
    ]
    orders = [
        {"id": each.order.id, "status": each.status, "reasons": list(map(str, each.reasons))} for each in view.orders
    ]
    balances = {currency.code: str(view.balance(currency).amount) for currency in view.currencies}
    return {
        "customer": view.account,
        "as_of": view.as_of.isoformat(),
        "balances": balances,
        "items": items,
        "orders": orders,
    }


app = create_app(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///receivables.db"))
