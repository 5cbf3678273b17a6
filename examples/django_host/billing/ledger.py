"""The engine on Django's connection, and the two ways to work with it.

- Inside the host's transaction (`transact`): rows and facts commit together or not at all. `StaleAccount` says that the
  account moved meanwhile; the transaction is gone then, rows and all, and the work is done anew.
- As a job (`job`): the engine gets ``transaction.atomic`` and begins and ends one for each step. Letters are sent between
  two of them, never inside one: the library refuses that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from billing.mailer import Mailer
from billing.models import Customer, Order
from billing.policies import BOOK
from receivables import Clock, Contact, Money, Notifier, Receipt, Receivables, View
from receivables import Customer as Debtor
from receivables import Order as Wanted
from receivables.errors import StaleAccount
from receivables.stores.dbapi import DbapiStore

T = TypeVar("T")

TRIES = 20
"""How often a request is decided anew because another one was faster."""

ZONE = ZoneInfo(settings.TIME_ZONE)


class SystemClock:
    """The one place that asks what time it is."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


CLOCK: Clock = SystemClock()


def today() -> dt.date:
    """Today, where the creditor is."""
    return CLOCK.now().astimezone(ZONE).date()


def books() -> Receivables:
    """The engine in whatever transaction is open; as cheap as the references that it holds."""
    return Receivables(store=DbapiStore(connection), notifier=Mailer(), clock=CLOCK, policies=BOOK, zone=ZONE)


def job(clock: Clock | None = None, notifier: Notifier | None = None) -> Receivables:
    """The engine that begins and ends its own transactions: for the daily command."""
    return Receivables(
        store=DbapiStore(connection),
        notifier=notifier or Mailer(),
        clock=clock or CLOCK,
        policies=BOOK,
        zone=ZONE,
        transaction=transaction.atomic,
    )


def transact(work: Callable[[Receivables], T]) -> T:
    """Work in one transaction, with rows and facts; again where another was faster.

    ``durable`` has Django refuse to nest it: inside another transaction nothing could be done again.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(durable=True):
                return work(books())
        except StaleAccount:
            if not left:
                raise
    raise AssertionError("not reached")


def view_of(customer: Customer, day: dt.date | None = None) -> View:
    """What is known of a customer, as of a day."""
    return books().view(customer.code, day or today())


def contact(code: str) -> Contact:
    """How the mailer finds the address: the reference is the customer's code, the address stays in the host's row."""
    return Contact(purpose="billing", channel="email", reference=code)


def open_account(code: str, name: str, email: str = "") -> Customer:
    """A customer's row and its account."""

    def work(engine: Receivables) -> Customer:
        customer, _ = Customer.objects.get_or_create(code=code, defaults={"name": name, "email": email})
        contacts = (contact(code),) if email else ()
        engine.open_account(Debtor(id=code, contacts=contacts), key=f"open {code}")
        return customer

    return transact(work)


def place_order(customer: Customer, number: str, amount: Money, *, by: str) -> tuple[Order, Receipt]:
    """An order's row and its reservation, in one transaction: both are there, or neither.

    The number is the key: a form that is sent twice is answered alike, and done once.
    """

    def work(engine: Receivables) -> tuple[Order, Receipt]:
        wanted = Wanted(id=number, account=customer.code, amount=amount, placed_on=today())
        row, _ = Order.objects.get_or_create(
            number=number,
            defaults={
                "customer": customer,
                "amount": amount.amount,
                "currency": amount.currency.code,
                "placed_on": wanted.placed_on,
                "placed_by": by,
            },
        )
        return row, engine.reserve(wanted, key=f"order {number}", by=by)

    return transact(work)
