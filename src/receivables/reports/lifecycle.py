"""What a customer is worth over time: revenue, days of credit, growth and potential, beside the risk.

1. Revenue is what was invoiced in a period less what was credited, tax included, by the dates of the documents. What was
   taken over from another system counts with what was open of it.
2. Days of credit are the days from invoice to payment, weighted by amount: the money-days that were given, by what was paid.
   1,000.00 after 30 days and 3,000.00 after 50 are 180,000 money-days and 45 days.
3. Growth is against as many days before. Where there was nothing then, it is not defined, and says so.
4. Potential is the headroom of the limit. What nobody bounds has none to state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import final

from attrs import field, frozen

from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue
from receivables.policies.book import PolicyBook
from receivables.reports.table import html_table, text_table
from receivables.reports.utilization import utilization
from receivables.state.account import Account
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

GROUPINGS = ("segment", "company", "risk_class", "group")
"""By what lines can be summed."""


@final
@frozen(kw_only=True)
class LifecycleLine:
    """A customer, or several, in one currency; amounts in minor units.

    ``paid`` is what was paid in the period, ``money_days`` its amounts times their days. ``headroom`` is ``None`` without a
    limit.
    """

    of: str
    currency: Currency
    revenue: int
    before: int
    paid: int
    money_days: int
    headroom: int | None
    customers: int = 1
    segment: str = ""
    company: str = ""
    group: str = ""
    risk_class: str = ""

    @property
    def days_given(self) -> Fraction | None:
        """The days of credit, weighted by amount; ``None`` where nothing was paid."""
        return Fraction(self.money_days, self.paid) if self.paid else None

    @property
    def growth(self) -> Fraction | None:
        """By what share the revenue grew; ``None`` where there was none before."""
        return Fraction(self.revenue - self.before, self.before) if self.before > 0 else None

    def row(self) -> dict[str, object]:
        """The line as a plain dict: days with one decimal, growth in percent with one, both rounded half up."""
        return {
            "of": self.of,
            "customers": self.customers,
            "currency": self.currency.code,
            "revenue": str(Money(self.revenue, self.currency).amount),
            "before": str(Money(self.before, self.currency).amount),
            "growth_percent": _tenths(None if self.growth is None else self.growth * 100),
            "days_given": _tenths(self.days_given),
            "money_days": self.money_days,
            "potential": None if self.headroom is None else str(Money(self.headroom, self.currency).amount),
            "risk_class": self.risk_class,
        }


def _tenths(value: Fraction | None) -> str | None:
    """A number with one decimal, rounded half away from zero."""
    if value is None:
        return None
    tenths = (abs(value) * 20 + 1) // 2
    sign = "-" if value < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"


@final
@frozen(kw_only=True)
class Lifecycle:
    """Customers in a period, from ``since`` to ``until``, both included."""

    since: dt.date
    until: dt.date
    by: str
    lines: tuple[LifecycleLine, ...] = field(repr=False)

    def grouped(self, by: str) -> Lifecycle:
        """The same by segment, company, risk class or group.

        Headrooms add up over those that have one; where nobody has, there is none. Errors: `InvalidValue` for anything
        else, or where it was grouped before.
        """
        checks.one_of("lifecycle.by", by, GROUPINGS)
        if self.by != "customer":
            raise InvalidValue("lifecycle.by", by, f"must be of customers, and it is by {self.by} already")
        found: dict[tuple[str, Currency], list[LifecycleLine]] = {}
        for line in self.lines:
            found.setdefault((getattr(line, by), line.currency), []).append(line)
        keys = sorted(found, key=lambda key: (key[0], key[1].code))
        lines = tuple(_together(name, currency, found[name, currency]) for name, currency in keys)
        return Lifecycle(since=self.since, until=self.until, by=by, lines=lines)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per line."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"life cycle by {self.by}, {self.since} to {self.until}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no business')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"L{self.title[1:]}")


def _together(name: str, currency: Currency, lines: Sequence[LifecycleLine]) -> LifecycleLine:
    rooms = [line.headroom for line in lines if line.headroom is not None]
    return LifecycleLine(
        of=name,
        currency=currency,
        revenue=sum(line.revenue for line in lines),
        before=sum(line.before for line in lines),
        paid=sum(line.paid for line in lines),
        money_days=sum(line.money_days for line in lines),
        headroom=sum(rooms) if rooms else None,
        customers=sum(line.customers for line in lines),
    )


def lifecycle(
    accounts: Iterable[Account],
    policies: PolicyBook,
    since: dt.date,
    until: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    zone: dt.tzinfo = dt.UTC,
    rates: Sequence[ExchangeRate] = (),
) -> Lifecycle:
    """Customers in a period, a line for each and currency; class, segment and headroom are those of its last day.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> def on(month, day):
    ...     return dt.date(2026, month, day)
    >>> invoices = [Invoice.due(number=number, account="ACME", issued_on=day, total=Money.of(total, "EUR"), due_on=on(6, 30))
    ...             for number, day, total in (("1", on(1, 10), 1000), ("2", on(4, 1), 1000), ("3", on(4, 11), 3000))]
    >>> payments = [Payment(id="P-1", account="ACME", amount=Money.of(1000, "EUR"), value_date=on(5, 1)),
    ...             Payment(id="P-2", account="ACME", amount=Money.of(3000, "EUR"), value_date=on(5, 31))]
    >>> made = [Allocation(source="P-1", item="2", amount=Money.of(1000, "EUR")),
    ...         Allocation(source="P-2", item="3", amount=Money.of(3000, "EUR"))]
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices, payments=payments, allocations=made)
    >>> line, = lifecycle([account], PolicyBook.of(), on(4, 1), on(6, 30)).lines
    >>> line.revenue, line.before, line.growth, line.money_days, line.days_given
    (400000, 100000, Fraction(3, 1), 18000000, Fraction(45, 1))

    Errors: `InvalidValue` for a period that ends before it begins.
    """
    checks.day("lifecycle.since", since)
    checks.day("lifecycle.until", until)
    if until < since:
        raise InvalidValue("lifecycle.until", until.isoformat(), f"must not be before {since}")
    lines: list[LifecycleLine] = []
    for account in accounts:
        lines.extend(_lines(account, policies, since, until, known_at, zone, rates))
    return Lifecycle(since=since, until=until, by="customer", lines=tuple(lines))


def _lines(
    account: Account,
    policies: PolicyBook,
    since: dt.date,
    until: dt.date,
    known_at: dt.date | dt.datetime | None,
    zone: dt.tzinfo,
    rates: Sequence[ExchangeRate],
) -> Iterator[LifecycleLine]:
    view = account.view(until, known_at, zone=zone)
    customer = view.customer
    if customer is None or view.merged_into is not None:
        return
    rooms = {line.currency: line.headroom for line in utilization([view], policies, rates).lines}
    length = (until - since).days + 1
    first = dt.date.fromordinal(max(1, since.toordinal() - length))
    now = _invoiced(account, since, until, view.known_at, until)
    then = _invoiced(account, first, since - dt.timedelta(days=1), view.known_at, until) if first < since else {}
    paid = _paid(account, since, until, view.known_at)
    for currency in sorted({*now, *then, *paid, *rooms}, key=lambda each: each.code):
        amount, money_days = paid.get(currency, (0, 0))
        yield LifecycleLine(
            of=account.id,
            currency=currency,
            revenue=now.get(currency, 0),
            before=then.get(currency, 0),
            paid=amount,
            money_days=money_days,
            headroom=rooms.get(currency),
            segment=customer.segment,
            company=customer.company,
            group=customer.group or "",
            risk_class=view.risk.risk_class or "",
        )


def _invoiced(
    account: Account, since: dt.date, until: dt.date, known_at: dt.datetime | None, as_of: dt.date
) -> dict[Currency, int]:
    """What was invoiced less what was credited in some days, by currency, in minor units."""
    found: dict[Currency, int] = {}
    for item in account.ledger.items:
        if item.kind == "invoice" and since <= item.document_on <= until and item.seen(as_of, known_at):
            found[item.currency] = found.get(item.currency, 0) + item.amount
    for credit in account.cash.credits:
        counts = credit.kind in ("credit_note", "invoice_part") and since <= credit.effective_on <= until
        if counts and credit.seen(as_of, known_at):
            found[credit.currency] = found.get(credit.currency, 0) - credit.amount
    return found


def _paid(
    account: Account, since: dt.date, until: dt.date, known_at: dt.datetime | None
) -> dict[Currency, tuple[int, int]]:
    """What payments settled of invoices in some days, and the money-days of that, by currency."""
    items = {item.id: item for item in account.ledger.items if item.kind == "invoice"}
    payments = {entry.id for entry in account.cash.credits if entry.kind == "payment"}
    undone = {entry.allocation for entry in account.cash.undoings if entry.seen(until, known_at)}
    found: dict[Currency, tuple[int, int]] = {}
    for made in account.cash.allocations:
        item = items.get(made.item)
        if item is None or made.source not in payments or made.id in undone or not made.seen(until, known_at):
            continue
        if made.effective_on >= since:
            amount, money_days = found.get(item.currency, (0, 0))
            days = (made.effective_on - item.document_on).days
            found[item.currency] = amount + made.amount, money_days + made.amount * days
    return found
