"""The Django host for its tests: a database of its own for each test, a day, and what a company does on it."""

import datetime as dt
import re
import shutil
from html import unescape
from importlib import import_module
from pathlib import Path

from receivables import CreditLimit, Currency, Invoice, Money
from receivables.testing import FixedClock

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "django_host"
DAY = dt.date(2026, 6, 8)
HOSTILE = "<script>alert('x')</script> & \"Sons\""
TICKET = "0123456789abcdef"


class Databases:
    """A database with the tables, made once, and a copy of it for each test."""

    def __init__(self, folder, server=None):
        self.folder, self.server, self.count = folder, server, 0
        self.origin = self.create(None)
        self.use(self.origin)
        import_module("django.core.management").call_command("migrate", verbosity=0)

    def create(self, of):
        self.count += 1
        if self.server is None:
            path = self.folder / f"{self.count}.sqlite3"
            if of is not None:
                shutil.copy(of, path)
            return path
        name = f"{self.server.fresh()}_{self.count}"
        with import_module("psycopg").connect(self.server.dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {of}" if of else ""))
        return name

    def use(self, name):
        connections = import_module("django.db").connections
        url = (
            f"sqlite:///{name}"
            if self.server is None
            else f"postgresql://postgres@{self.server.url.split('/')[0]}/{name}"
        )
        connections.close_all()
        settings = {"default": import_module("billing_site.settings").database(url)}
        connections.settings["default"] = connections.configure_settings(settings)["default"]
        if hasattr(connections._connections, "default"):
            del connections["default"]

    def fresh(self):
        import_module("django.db").connections.close_all()
        self.use(self.create(self.origin))


class Host:
    """The host's modules, and what the tests make with them."""

    def __init__(self):
        self.clock = FixedClock.on(DAY)
        self.ledger, self.links = import_module("billing.ledger"), import_module("billing.links")
        self.models, self.policies = import_module("billing.models"), import_module("billing.policies")
        self.db, self.mail = import_module("django.db"), import_module("django.core.mail")
        self.mail.outbox = []

    def customer(self, code="C1", name="Alder & Finch", limit="10000", email="c@example.org"):
        customer = self.ledger.open_account(code, name, email)
        amount = Money.of(limit, "EUR")
        credit = CreditLimit(account=code, currency=Currency.of("EUR"), amount=amount, valid_from=DAY, maker="ann")
        self.ledger.transact(lambda books: books.set_limit(credit, key=f"limit {code}", by="ann"))
        return customer

    def invoice(self, number="R1", code="C1", days_overdue=7, total="1200.00"):
        due = DAY - dt.timedelta(days=days_overdue)
        invoice = Invoice.due(
            number=number, account=code, issued_on=due - dt.timedelta(days=30), total=Money.of(total, "EUR"), due_on=due
        )
        self.ledger.transact(lambda books: books.issue_invoice(invoice, key=f"issue {number}"))

    def orders(self):
        return list(self.models.Order.objects.values_list("number", flat=True))

    def reserved(self, code="C1"):
        view = self.ledger.books().view(code, DAY)
        return sorted(each.order.id for each in view.orders if each.status == "reserved")

    def order(self, number, amount, customer=None):
        customer = customer or self.models.Customer.objects.get(code="C1")
        return self.ledger.place_order(customer, number, Money.of(amount, "EUR"), by="ann")

    def client(self, **more):
        return import_module("django.test").Client(**more)

    def collector(self, name="ann", permitted=True):
        auth = import_module("django.contrib.auth.models")
        user = auth.User.objects.create_user(name, password="p")
        if permitted:
            user.user_permissions.add(auth.Permission.objects.get(codename="collect"))
        client = self.client()
        client.force_login(user)
        return client

    def page(self, customer):
        return self.links.link_for(customer)

    def daily(self, *arguments):
        out = import_module("io").StringIO()
        import_module("django.core.management").call_command("daily", *arguments, stdout=out)
        return out.getvalue()

    def requests(self, code="C1"):
        return [(state.request.id, state.status) for state in self.ledger.books().view(code, DAY).requests]

    def promise(self, customer, client=None, ticket=TICKET, **changes):
        data = {"ticket": ticket, "items": ["R1"], "amount": "1200.00", "currency": "EUR", "pay_by": "2026-06-19"}
        return (client or self.client()).post(f"{self.page(customer)}promise/", data | changes)


def text(response):
    return response.content.decode()


def read(response):
    """What a person reads of a page, without addresses and tokens."""
    return unescape(re.sub(r"<[^>]*>", " ", text(response)))


def a_final_letter(host, **customer):
    """Letters as they come with time, until one waits for approval: the customer, and the key of that letter."""
    customer = host.customer(**customer)
    host.invoice(days_overdue=40)
    for offset in (28, 14, 0):
        host.clock.instant = dt.datetime.combine(DAY - dt.timedelta(days=offset), dt.time(6), dt.UTC)
        host.daily()
    (waiting,) = [state for state in host.ledger.books().view("C1", DAY).notices if state.status == "proposed"]
    return customer, waiting.notice.key
