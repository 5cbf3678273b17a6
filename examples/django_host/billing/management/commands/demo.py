"""A small company to look at: ``manage.py demo`` makes the tables, four months of history up to today, and serves it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing import ledger
from billing.links import link_for
from billing.models import Customer
from receivables import (
    CreditLimit,
    Currency,
    DiscountWindow,
    Dispute,
    Installment,
    Invoice,
    Money,
    Notice,
    Order,
    Payment,
    Receivables,
    Schedule,
    Sent,
)
from receivables import Customer as Debtor
from receivables.documents.request import DefermentRequest, PromiseRequest

CUSTOMERS = (
    ("C1001", "Alder & Finch Ltd.", "10000"),
    ("C1002", "Brandt Maschinenbau GmbH", "25000"),
    ("C1003", "Corvid Records", "4000"),
    ("C1004", "Delta Bakery", "3000"),
    ("C1005", "Étoile du Nord SARL", "15000"),
)
INVOICES = (
    # number, customer, issued and due so many days from today, total
    ("R2001", "C1001", -49, -19, "1840.00"),
    ("R2002", "C1001", -36, -6, "650.00"),
    ("R2003", "C1001", -20, 10, "2975.50"),
    ("R2004", "C1002", -80, -50, "7420.00"),
    ("R2005", "C1002", -12, 18, "3100.00"),
    ("R2006", "C1003", -72, -42, "1260.00"),
    ("R2007", "C1003", -65, -35, "890.00"),
    ("R2008", "C1004", -25, 5, "412.80"),
    ("R2009", "C1005", -44, -14, "5300.00"),
    ("R2010", "C1005", -38, -8, "2210.00"),
)


class Moved:
    """A clock that the demonstration sets."""

    instant = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.instant


class Silent:
    """Sends nothing, and says that it did: letters of the past."""

    honors_keys = True

    def send(self, notice: Notice) -> Sent:
        return Sent()


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


class Command(BaseCommand):
    help = "Make a demonstration and serve it. For trying only: the password of the desk is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--addrport", default="127.0.0.1:8000")
        parser.add_argument("--no-server", action="store_true", help="make it, print the links, and end")

    def handle(self, *args: Any, addrport: str, no_server: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("this makes a user with a known password: only with DEBUG")
        call_command("migrate", verbosity=0)
        if not Customer.objects.exists():
            seed(ledger.today())
        site = f"http://{addrport}"
        self.stdout.write(
            f"\nThe desk:  {site}/  (ann, password: demo)\n\nThe customers' pages, each under its own link:\n"
        )
        for customer in Customer.objects.all():
            self.stdout.write(f"  {customer.name}\n    {site}{link_for(customer)}\n")
        if not no_server:
            call_command("runserver", addrport, use_reloader=False)


def seed(today: dt.date) -> None:
    """Four months of a small company, day by day, the last of them today."""
    ann = User.objects.create_user("ann", password="demo")
    ann.user_permissions.add(Permission.objects.get(codename="collect"))
    Moved.instant = dt.datetime.combine(today - dt.timedelta(days=120), dt.time(6), dt.UTC)
    engine = ledger.job(clock=Moved(), notifier=Silent())
    for code, name, limit in CUSTOMERS:
        Customer.objects.create(code=code, name=name, email=f"{code.lower()}@example.org")
        engine.open_account(Debtor(id=code, contacts=(ledger.contact(code),)), key=f"open {code}")
        start = Moved.instant.date()
        credit = CreditLimit(
            account=code, currency=Currency.of("EUR"), amount=eur(limit), valid_from=start, maker="ann"
        )
        engine.set_limit(credit, key=f"limit {code}", by="ann")
    for offset in range(-90, 0):
        Moved.instant = dt.datetime.combine(today + dt.timedelta(days=offset), dt.time(6), dt.UTC)
        one_day(engine, offset, Moved.instant.date())


def one_day(engine: Receivables, offset: int, day: dt.date) -> None:
    """What happens on a day, and then the run and the delivery of it."""
    for number, code, issued, due, total in INVOICES:
        if issued == offset:
            due_on = day + dt.timedelta(days=due - issued)
            invoice = Invoice.due(number=number, account=code, issued_on=day, total=eur(total), due_on=due_on)
            engine.issue_invoice(invoice, key=f"issue {number}", by="shop")
    if offset in EVENTS:
        EVENTS[offset](engine, day)
    list(engine.run_dunning(day))
    list(engine.deliver())


def half_is_paid(engine: Receivables, day: dt.date) -> None:
    payment = Payment(id="P-7001", account="C1002", amount=eur("7420.00"), value_date=day, method="transfer")
    engine.receive_payment(payment, key="P-7001", by="bank import")
    engine.apply("C1002", "P-7001", "R2004", eur("7420.00"), key="apply P-7001", by="bank import")


def too_much_is_paid(engine: Receivables, day: dt.date) -> None:
    payment = Payment(id="P-7002", account="C1004", amount=eur("60.00"), value_date=day, method="transfer")
    engine.receive_payment(payment, key="P-7002", by="bank import")


def discount_is_offered(engine: Receivables, day: dt.date) -> None:
    window = DiscountWindow(until=day + dt.timedelta(days=10), amount=eur("24.00"))
    part = Installment(amount=eur("1200.00"), due_on=day + dt.timedelta(days=30), discounts=(window,))
    invoice = Invoice(
        number="R2011", account="C1001", issued_on=day, total=part.amount, schedule=Schedule(installments=(part,))
    )
    engine.issue_invoice(invoice, key="issue R2011", by="shop")


def goods_are_contested(engine: Receivables, day: dt.date) -> None:
    dispute = Dispute(id="D-31", account="C1001", item="R2001", reason="quality", opened_on=day, amount=eur("240.00"))
    engine.open_dispute(dispute, key="D-31", by="ann")


def time_is_asked(engine: Receivables, day: dt.date) -> None:
    """A promise that nothing comes of, by who is over the limit with an order; and one that a person has to answer."""
    promise = PromiseRequest(
        id="web-C1003-1", account="C1003", items=("R2007",), amount=eur("890.00"), pay_by=day + dt.timedelta(days=8)
    )
    engine.request_arrangement(promise, key="portal web-C1003-1", by="customer C1003")


def a_lot_is_asked(engine: Receivables, day: dt.date) -> None:
    wait = DefermentRequest(id="web-C1005-1", account="C1005", item="R2009", until=day + dt.timedelta(days=14))
    engine.request_arrangement(wait, key="portal web-C1005-1", by="customer C1005")


def orders_come(engine: Receivables, day: dt.date) -> None:
    for number, code, amount in (("SO-501", "C1001", "1500.00"), ("SO-502", "C1003", "2600.00")):
        order = Order(id=number, account=code, amount=eur(amount), placed_on=day)
        row = {"amount": order.amount.amount, "currency": "EUR", "placed_on": day, "placed_by": "shop"}
        Customer.objects.get(code=code).orders.create(number=number, **row)
        engine.reserve(order, key=f"order {number}", by="shop")


EVENTS = {
    -48: half_is_paid,
    -24: time_is_asked,
    -15: goods_are_contested,
    -9: too_much_is_paid,
    -4: discount_is_offered,
    -3: orders_come,
    -1: a_lot_is_asked,
}
