"""What a customer sees of its own account, as data: the open-item statement, what is due when, and how it is reached.

1. Each function takes the view of one account and nothing else, so it shows no row of another.
2. Nothing internal is in it, no risk, no dunning level, no hold that the customer did not ask for, and nothing personal.
3. It adds up: per currency the items are what is open; what is due is what is open and not disputed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple, final

from attrs import field, frozen

from receivables.documents.customer import Contact
from receivables.errors import UnknownId
from receivables.reports.table import headed, html_table, text_table
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.state.withheld import Withheld
from receivables.values.currencies import Currency
from receivables.values.money import Money

# The statement ----------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class StatementItem:
    """One open item: an invoice or an installment of one, a fee, or interest, with what was arranged about it.

    ``original`` is ``None`` for an item that came from another system when a part may have been paid. ``coming`` is on its
    way in a payment that was announced. ``promised_until``
    and ``planned_until`` are the last days that the customer has, ``deferred_until`` the last day of a deferment.
    ``days_overdue`` follows a payment plan while it performs.
    """

    item: str
    document: str
    kind: str
    document_on: dt.date
    due_on: dt.date | None
    original: Money | None
    open: Money
    coming: Money
    disputed: Money
    promised: Money
    promised_until: dt.date | None
    planned: Money
    planned_until: dt.date | None
    deferred: Money
    deferred_until: dt.date | None
    days_overdue: int

    def row(self) -> dict[str, object]:
        """The item as a plain dict, amounts as decimal texts; what is nothing is left empty."""
        return {
            "document": self.document,
            "item": self.item,
            "kind": self.kind,
            "date": self.document_on,
            "due": self.due_on,
            "days overdue": self.days_overdue,
            "currency": self.open.currency.code,
            "original": None if self.original is None else str(self.original.amount),
            "open": str(self.open.amount),
            "on its way": _or_empty(self.coming),
            "disputed": _or_empty(self.disputed),
            "promised": _or_empty(self.promised),
            "promised until": self.promised_until,
            "planned": _or_empty(self.planned),
            "planned until": self.planned_until,
            "deferred": _or_empty(self.deferred),
            "deferred until": self.deferred_until,
        }


@final
@frozen(kw_only=True)
class StatementTotal:
    """One currency of a statement: what is open, of that overdue, disputed and charges, and what is on account."""

    currency: Currency
    open: Money
    overdue: Money
    disputed: Money
    charges: Money
    on_account: Money

    @property
    def balance(self) -> Money:
        """What is open less what is on account."""
        return self.open - self.on_account

    def row(self) -> dict[str, object]:
        """The total as a plain dict, amounts as decimal texts."""
        amounts = {
            "open": self.open,
            "overdue": self.overdue,
            "disputed": self.disputed,
            "charges": self.charges,
            "on account": self.on_account,
            "balance": self.balance,
        }
        return {"currency": self.currency.code, **{name: str(each.amount) for name, each in amounts.items()}}


@final
@frozen(kw_only=True)
class Statement:
    """The open items of an account on a date, as known at an instant, with the total of each currency."""

    account: str
    as_of: dt.date
    known_at: dt.datetime | None
    items: tuple[StatementItem, ...] = field(repr=False)
    totals: tuple[StatementTotal, ...]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per open item."""
        return [item.row() for item in self.items]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"open items of {self.account} on {self.as_of}"

    def __str__(self) -> str:
        totals = text_table([total.row() for total in self.totals], "nothing open and nothing on account")
        return f"{self.title}\n{text_table(_filled(self.rows()), 'nothing open')}\n\n{totals}"

    def _repr_html_(self) -> str:
        totals = [total.row() for total in self.totals]
        return html_table(_filled(self.rows()), headed(self.title)) + html_table(totals, "Totals")


def statement_of(view: View) -> Statement:
    """The open items of one account, by due date within each currency.

    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> print(statement_of(Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))))
    open items of ACME on 2026-02-11
    document  item   kind     date        due         days overdue  currency  original     open
    INV-1     INV-1  invoice  2026-01-05  2026-02-04             7  EUR        1200.00  1200.00
    <BLANKLINE>
    currency     open  overdue  disputed  charges  on account  balance
    EUR       1200.00  1200.00      0.00     0.00        0.00  1200.00
    """
    items = tuple(_item(view, item) for book in view.books for item in book.items)
    totals = tuple(_total(view, currency, items) for currency in view.currencies)
    return Statement(account=view.account, as_of=view.as_of, known_at=view.known_at, items=items, totals=totals)


def _item(view: View, item: Item) -> StatementItem:
    promised, promised_until = _kept_back(view, item, "promise")
    planned, planned_until = _kept_back(view, item, "plan")
    deferred = [part for part in _parts(view, item) if part.because == "deferment"]
    return StatementItem(
        item=item.id,
        document=item.document,
        kind=item.kind,
        document_on=item.document_on,
        due_on=item.due_on,
        original=item.original if item.effective_on == item.document_on else None,
        open=view.open(item.id),
        coming=_kept_back(view, item, "payment")[0],
        disputed=view.disputed(item.id),
        promised=promised,
        promised_until=promised_until,
        planned=planned,
        planned_until=planned_until,
        deferred=Money(sum(part.amount for part in deferred), item.currency),
        deferred_until=max((part.day for part in deferred if part.day is not None), default=None),
        days_overdue=max(0, view.as_of.toordinal() - view.aged_from(item.id)) if item.due_on is not None else 0,
    )


def _kept_back(view: View, item: Item, kind: str) -> tuple[Money, dt.date | None]:
    """What arrangements of a kind cover of an item, and the last day of the last of them."""
    found = [each for each in view.withheld_of.get(item.id, ()) if each.kind == kind]
    until = max((each.until for each in found if each.until is not None), default=None)
    return Money(sum(each.amount for each in found), item.currency), until


def _total(view: View, currency: Currency, items: Iterable[StatementItem]) -> StatementTotal:
    mine = [item for item in items if item.open.currency == currency]
    return StatementTotal(
        currency=currency,
        open=Money.total((item.open for item in mine), currency),
        overdue=Money.total((item.open for item in mine if item.days_overdue), currency),
        disputed=Money.total((item.disputed for item in mine), currency),
        charges=Money.total((item.open for item in mine if item.kind != "invoice"), currency),
        on_account=view.on_account(currency),
    )


def _or_empty(amount: Money) -> str | None:
    return str(amount.amount) if amount.minor else None


def _filled(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows without the columns in which nothing stands."""
    names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
    return [{name: row[name] for name in names} for row in rows]


# What is due when -------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class DueLine:
    """So much is due on a day, and why then: ``due``, or a ``promise``, a ``plan`` or a ``deferment`` that gives the day.

    What is ``coming`` in a payment that was announced keeps its day. ``day`` is ``None`` where it is not known yet.
    ``arrangement`` names the promise or the plan.
    """

    day: dt.date | None
    amount: Money
    because: str
    items: tuple[str, ...]
    arrangement: str | None
    days_overdue: int

    def row(self) -> dict[str, object]:
        """The line as a plain dict, the amount as a decimal text."""
        return {
            "day": self.day,
            "currency": self.amount.currency.code,
            "amount": str(self.amount.amount),
            "because": self.because,
            "items": ", ".join(self.items),
            "arrangement": self.arrangement,
            "days overdue": self.days_overdue,
        }


@final
@frozen(kw_only=True)
class DueList:
    """What is due when, the earliest day first; what waits for its date comes last."""

    account: str
    as_of: dt.date
    lines: tuple[DueLine, ...] = field(repr=False)

    def due_by(self, day: dt.date, currency: Currency) -> Money:
        """What is due in a currency on a day and before."""
        due = (line.amount for line in self.lines if line.day is not None and line.day <= day)
        return Money.total((amount for amount in due if amount.currency == currency), currency)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per line."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"due from {self.account}, as of {self.as_of}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(_filled(self.rows()), 'nothing due')}"

    def _repr_html_(self) -> str:
        return html_table(_filled(self.rows()), headed(self.title))


def due_when(view: View) -> DueList:
    """What is due when: by due dates, and by the days of promises, installments of plans and deferments where they stand.

    Disputed amounts are not due. The lines of a currency add up to what is open and not disputed.

    >>> from receivables import Account, Customer, Invoice
    >>> invoices = [Invoice.due(number=f"INV-{day}", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                         total=Money.of(day, "EUR"), due_on=dt.date(2026, 2, day)) for day in (4, 20)]
    >>> print(due_when(Account.of(Customer(id="ACME"), invoices=invoices).view(dt.date(2026, 2, 11))))
    due from ACME, as of 2026-02-11
    day         currency  amount  because  items   days overdue
    2026-02-04  EUR         4.00  due      INV-4              7
    2026-02-20  EUR        20.00  due      INV-20             0
    """
    parts: dict[_Day, tuple[int, tuple[str, ...]]] = {}
    for book in view.books:
        for item in book.items:
            for part in _parts(view, item):
                key = _Day(part.day, book.currency, part.because, part.arrangement)
                minor, items = parts.get(key, (0, ()))
                parts[key] = minor + part.amount, items if item.id in items else (*items, item.id)
    lines = [_line(view, key, minor, items) for key, (minor, items) in parts.items()]
    lines.sort(key=lambda line: (line.day or dt.date.max, line.amount.currency.code, line.because, line.items))
    return DueList(account=view.account, as_of=view.as_of, lines=tuple(lines))


class _Day(NamedTuple):
    """What makes one line of what is due."""

    day: dt.date | None
    currency: Currency
    because: str
    arrangement: str | None


class _Part(NamedTuple):
    """So much of an item, in minor units, that is due on a day."""

    day: dt.date | None
    amount: int
    because: str
    arrangement: str | None


def _line(view: View, key: _Day, minor: int, items: tuple[str, ...]) -> DueLine:
    return DueLine(
        day=key.day,
        amount=Money(minor, key.currency),
        because=key.because,
        items=items,
        arrangement=key.arrangement,
        days_overdue=max(0, (view.as_of - key.day).days) if key.day is not None else 0,
    )


def _parts(view: View, item: Item) -> Iterator[_Part]:
    """What is open of an item and not disputed, by the days on which it is due."""
    left = view.open(item.id).minor - view.disputed(item.id).minor
    installments = [[part.plan_due, part.amount] for part in view.replanned_of.get(item.id, ())]
    for each in view.withheld_of.get(item.id, ()):
        for part in _part_of(view, item, each, installments):
            yield part
            left -= part.amount
    if left:
        yield _rest(view, item, left)


def _part_of(view: View, item: Item, withheld: Withheld, installments: list[list[int]]) -> Iterator[_Part]:
    """The days that an arrangement gives to what it covers; one that the customer did not ask for gives none.

    Of the installments of a plan, money on its way pays the first.
    """
    match withheld.kind:
        case "payment":
            left = withheld.amount
            for part in _taken(installments, left, "coming", None):
                yield part
                left -= part.amount
            if left:
                yield _Part(item.due_on, left, "coming", None)
        case "plan":
            yield from _taken(installments, withheld.amount, "plan", withheld.id)
        case "promise":
            promise = next(state.promise for state in view.promises if state.promise.id == withheld.id)
            yield _Part(promise.pay_by, withheld.amount, "promise", withheld.id)
        case "hold" if any(hold.id == withheld.id and hold.kind == "deferment" for hold in view.holds):
            yield _Part(withheld.until, withheld.amount, "deferment", None)


def _taken(installments: list[list[int]], amount: int, because: str, arrangement: str | None) -> Iterator[_Part]:
    """So much of the installments, from the first on, which is taken off them."""
    for each in installments:
        taken = min(amount, each[1])
        amount -= taken
        each[1] -= taken
        if taken:
            yield _Part(dt.date.fromordinal(each[0]), taken, because, arrangement)


def _rest(view: View, item: Item, left: int) -> _Part:
    """What no arrangement covers: deferred as a whole, or due as ever."""
    holds = [hold for hold in view.holds if hold.kind == "deferment" and hold.amount is None]
    ends = [hold.until for hold in holds if hold.covers(item.id, item.document)]
    if not ends:
        return _Part(item.due_on, left, "due", None)
    known = [day for day in ends if day is not None]
    until = max(known) if len(known) == len(ends) else None
    if until is not None and item.due_on is not None:
        until = max(until, item.due_on)
    return _Part(until, left, "deferment", None)


# How the customer is reached --------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class ContactPreferences:
    """How a customer is reached: its contacts by purpose and channel, its language, and whether it asked for no letters."""

    account: str
    language: str
    contacts: tuple[Contact, ...]
    do_not_contact: bool
    do_not_contact_until: dt.date | None

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per contact."""
        return [
            {"purpose": each.purpose, "channel": each.channel, "reference": each.reference} for each in self.contacts
        ]

    @property
    def title(self) -> str:
        """What it is, in words."""
        asked = f", no letters until {self.do_not_contact_until or 'further notice'}" if self.do_not_contact else ""
        return f"contacts of {self.account} in {self.language}{asked}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no contacts')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"C{self.title[1:]}")


def contact_preferences(view: View) -> ContactPreferences:
    """How the customer of a view is reached.

    >>> from receivables import Account, Customer
    >>> contact_preferences(Account.of(Customer(id="ACME", language="de")).view(dt.date(2026, 2, 11))).language
    'de'

    Errors: `UnknownId` where the account was not opened.
    """
    if view.customer is None:
        raise UnknownId("account", view.account)
    holds = [hold for hold in view.holds if hold.kind == "do_not_contact"]
    ends = [hold.until for hold in holds if hold.until is not None]
    return ContactPreferences(
        account=view.account,
        language=view.customer.language,
        contacts=view.customer.contacts,
        do_not_contact=bool(holds),
        do_not_contact_until=max(ends) if ends and len(ends) == len(holds) else None,
    )
