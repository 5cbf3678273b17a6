"""Statements of account: what a customer owed, what happened since, what it owes, as pure data to be rendered by a host.

1. Amounts are per currency and never added. The opening balance and the lines are the closing balance, exactly; the balance
   after the last line of a day is that of the day.
2. The opening of the next statement is the closing of the last. Asked with the same knowledge that holds by itself; with
   ``opened_at``, the instant that the last one was made with, it holds for the papers that went out: what was learned of
   earlier days since then stands in lines of its own, marked ``earlier``.
3. A statement says what it is: ``open_item`` shows what is open, item by item; ``balance_forward`` shows the balance brought
   forward and the movements; ``activity`` shows both, and to what each payment was applied. The data are the same.

Nothing internal is in it, and nothing personal: names and addresses are the host's. The digest is over all that is shown, so a
copy that was changed is noticed, and the same statement asked for again has the same digest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, final

from attrs import field, frozen

from receivables.codec import digest
from receivables.documents.customer import Customer
from receivables.errors import InvalidValue, UnknownId
from receivables.reports.aging import Aging, AgingTotal, aging
from receivables.reports.aging_buckets import EDGES
from receivables.reports.portal import StatementItem, statement_of
from receivables.reports.statement_lines import Moment, StatementLine, applied_until, lines_between
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.state.view import OpenCredit, View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

KINDS: Final = ("open_item", "balance_forward", "activity")
"""What a statement shows."""

_DAY: Final = dt.timedelta(days=1)


@final
@frozen(kw_only=True)
class StatementBalance:
    """One currency of a statement: the balance before it, what was added to it and taken off it, and the balance at its end.

    ``charged`` is the sum of the lines that add, ``credited`` that of those that take off, below zero. ``open`` less
    ``on_account`` is the closing balance.
    """

    currency: Currency
    opening: Money
    charged: Money
    credited: Money
    closing: Money
    open: Money
    overdue: Money
    disputed: Money
    on_account: Money

    def row(self) -> dict[str, object]:
        """The balance as a plain dict, amounts as decimal texts."""
        names = ("opening", "charged", "credited", "closing", "open", "overdue", "disputed", "on_account")
        amounts = {name.replace("_", " "): str(getattr(self, name).amount) for name in names}
        return {"currency": self.currency.code, **amounts}


@final
@frozen(kw_only=True)
class AccountStatement:
    """The statement of one account for the days from ``first`` to ``last``, both included, as known at an instant.

    ``references`` has for each open item what the customer is to write on the payment. ``merged_into`` names the account that
    shows all this at the end of the period, where there is one.
    """

    account: str
    customer: str
    language: str
    kind: str
    first: dt.date
    last: dt.date
    known_at: dt.datetime | None
    opened_at: dt.datetime | None
    balances: tuple[StatementBalance, ...]
    lines: tuple[StatementLine, ...] = field(repr=False)
    items: tuple[StatementItem, ...] = field(repr=False)
    credits: tuple[OpenCredit, ...] = field(repr=False)
    references: tuple[tuple[str, str], ...] = field(repr=False)
    aging: Aging = field(repr=False)
    merged_into: str | None = None

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """The currencies that occur, by code."""
        return tuple(balance.currency for balance in self.balances)

    def balance(self, currency: str | Currency) -> StatementBalance:
        """One currency; `UnknownId` for one in which there was nothing."""
        code = currency if isinstance(currency, str) else currency.code
        for each in self.balances:
            if each.currency.code == code:
                return each
        raise UnknownId("currency of the statement", code)

    def running(self, currency: str | Currency) -> Iterator[tuple[StatementLine, Money]]:
        """The lines of one currency, each with the balance after it."""
        balance = self.balance(currency)
        minor = balance.opening.minor
        for line in self.lines:
            if line.currency == balance.currency:
                minor += line.amount
                yield line, Money(minor, line.currency)

    def items_in(self, currency: str | Currency) -> tuple[StatementItem, ...]:
        """The open items of one currency, by due date."""
        wanted = self.balance(currency).currency
        return tuple(item for item in self.items if item.open.currency == wanted)

    def credits_in(self, currency: str | Currency) -> tuple[OpenCredit, ...]:
        """What is on account in one currency."""
        wanted = self.balance(currency).currency
        return tuple(credit for credit in self.credits if credit.currency == wanted)

    def strip(self, currency: str | Currency) -> AgingTotal:
        """The aging of what is open in one currency, at the end of the period."""
        return self.aging.total(self.balance(currency).currency)

    @cached_property
    def _reference_of(self) -> Mapping[str, str]:
        return dict(self.references)

    def reference(self, item: str) -> str:
        """What to write on the payment of an open item."""
        return self._reference_of[item]

    @property
    def shows_items(self) -> bool:
        """Whether this kind shows open items."""
        return self.kind != "balance_forward"

    @property
    def shows_lines(self) -> bool:
        """Whether this kind shows movements."""
        return self.kind != "open_item"

    def line_rows(self) -> list[dict[str, object]]:
        """One plain dict per movement, between the balance brought forward and the balance at the end, by currency."""
        return [row for currency in self.currencies for row in self._line_rows(currency)]

    def _line_rows(self, currency: Currency) -> Iterator[dict[str, object]]:
        balance = self.balance(currency)
        yield _line_row(self.first - _DAY, "opening", currency, None, balance.opening)
        for line, after in self.running(currency):
            yield _line_row(line.date, line.code, currency, line, after, applied=self.kind == "activity")
        yield _line_row(self.last, "closing", currency, None, balance.closing)

    def item_rows(self) -> list[dict[str, object]]:
        """One plain dict per open item, and one per credit that is on account, below zero."""
        items = [{"reference": self.reference(item.item), **item.row()} for item in self.items]
        return [*items, *(_credit_row(credit) for credit in self.credits)]

    def rows(self) -> list[dict[str, object]]:
        """What this kind is about: its movements where it shows them, else the open items."""
        return self.line_rows() if self.shows_lines else self.item_rows()

    def totals(self) -> list[dict[str, object]]:
        """One plain dict per currency, with the aging of what is open."""
        strips = {currency: self.strip(currency).buckets for currency in self.currencies}
        return [
            {**each.row(), **{name: str(money.amount) for name, money in strips[each.currency].items()}}
            for each in self.balances
        ]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what it says; the same for the same statement, whenever it is worked out."""
        head = (self.account, self.customer, self.language, self.kind, self.first, self.last, self.merged_into)
        lines = tuple(
            (
                line.date,
                line.code,
                line.id,
                line.item,
                line.currency.code,
                line.amount,
                line.back,
                line.earlier,
                line.applied,
            )
            for line in self.lines
        )
        items = tuple(tuple(_text(value) for value in row.values()) for row in self.item_rows())
        totals = tuple(tuple(_text(value) for value in row.values()) for row in self.totals())
        return digest(("statement/1", head, lines, items, totals))

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{self.kind.replace('_', ' ')} statement of {self.account} from {self.first} to {self.last}"

    def __str__(self) -> str:
        parts = []
        if self.shows_lines:
            parts.append(text_table(_filled(self.line_rows()), "nothing happened, and nothing was owed"))
        if self.shows_items:
            parts.append(text_table(_filled(self.item_rows()), "nothing is open"))
        parts.append(text_table(self.totals(), "nothing was owed"))
        return f"{self.title}\n" + "\n\n".join(parts)

    def _repr_html_(self) -> str:
        parts = [html_table(self.totals(), f"{self.title[:1].upper()}{self.title[1:]}")]
        if self.shows_lines:
            parts.append(html_table(_filled(self.line_rows()), "Movements"))
        if self.shows_items:
            parts.append(html_table(_filled(self.item_rows()), "Open items"))
        return "".join(parts)


def statement(
    account: Account,
    first: dt.date,
    last: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    kind: str = "activity",
    opened_at: dt.date | dt.datetime | None = None,
    edges: tuple[int, ...] = EDGES,
    reference: Callable[[StatementItem], str] | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> AccountStatement:
    """The statement of an account for some days; ``known_at`` ``None`` means all that is recorded.

    ``opened_at`` is what ``known_at`` was of the statement before; without it the opening balance is as known now.
    ``reference`` gives for an open item what is to be written on its payment; without it that is the number of its document.

    >>> from receivables import Allocation, Customer, Invoice, Payment
    >>> invoices = [Invoice.due(number=f"INV-{month}", account="ACME", issued_on=dt.date(2026, month, 5),
    ...                         total=Money.of(100 * month, "EUR"), due_on=dt.date(2026, month + 1, 4)) for month in (1, 2, 3)]
    >>> payment = Payment(id="P-1", account="ACME", amount=Money.of("250", "EUR"), value_date=dt.date(2026, 3, 9))
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices, payments=[payment],
    ...                      allocations=[Allocation(source="P-1", item="INV-1", amount=Money.of(100, "EUR"))])
    >>> print(statement(account, dt.date(2026, 3, 1), dt.date(2026, 3, 31)))
    activity statement of ACME from 2026-03-01 to 2026-03-31
    date        what     id     currency   amount  balance  applied
    2026-02-28  opening         EUR                 300.00
    2026-03-05  invoice  INV-3  EUR        300.00   600.00
    2026-03-09  payment  P-1    EUR       -250.00   350.00  INV-1 100.00
    2026-03-31  closing         EUR                 350.00
    <BLANKLINE>
    reference  document  item   kind        date        due         days overdue  currency  original     open
    INV-2      INV-2     INV-2  invoice     2026-02-05  2026-03-04            27  EUR         200.00   200.00
    INV-3      INV-3     INV-3  invoice     2026-03-05  2026-04-04             0  EUR         300.00   300.00
               P-1              on account                                        EUR                 -150.00
    <BLANKLINE>
    currency  opening  charged  credited  closing    open  overdue  disputed  on account  current    1-30  31-60  61-90   90+
    EUR        300.00   300.00   -250.00   350.00  500.00   200.00      0.00      150.00   300.00  200.00   0.00   0.00  0.00

    Errors: `InvalidValue` for a kind that there is not, for a period that ends before it begins, and where ``opened_at`` is after
    ``known_at``; `UnknownId` for an account of which nothing was known.
    """
    checks.instance("statement.account", account, Account, "an account, not a view of it")
    checks.one_of("statement.kind", kind, KINDS)
    checks.day("statement.first", first)
    checks.day("statement.last", last)
    if last < first:
        raise InvalidValue("statement.last", last.isoformat(), f"must not be before {first}")
    known = known_until(known_at, zone)
    opened = known if opened_at is None else known_until(opened_at, zone)
    if known is not None and opened is not None and opened > known:
        raise InvalidValue("statement.opened_at", opened.isoformat(), f"must not be after {known.isoformat()}")
    before, after = Moment(first - _DAY, opened), Moment(last, known)
    views = account.view(*before), account.view(*after)
    lines = lines_between(account, before, after)
    if kind == "activity":
        lines = _applied(account, after, lines)
    return _made(account, kind, (before, after), views, lines, edges, reference)


def statements(
    accounts: Iterable[Account],
    first: dt.date,
    last: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    kind: str = "activity",
    opened_at: Callable[[str], dt.date | dt.datetime | None] | dt.date | dt.datetime | None = None,
    edges: tuple[int, ...] = EDGES,
    reference: Callable[[StatementItem], str] | None = None,
    zone: dt.tzinfo = dt.UTC,
    empty: bool = False,
) -> Iterator[AccountStatement]:
    """The statements of many accounts, one after the other, as they come; at no time are two of them in memory.

    An account that owed nothing, owes nothing and has no movement is left out, unless ``empty`` says otherwise; one of
    which nothing was known always is. ``opened_at``
    may depend on the account: what its last statement was made with.

    >>> from receivables import Customer
    >>> accounts = [Account.of(Customer(id=id)) for id in ("ACME", "BETA")]
    >>> march = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    >>> len(list(statements(accounts, *march))), len(list(statements(accounts, *march, empty=True)))
    (0, 2)
    """
    for account in accounts:
        if not _is_known(account, known_until(known_at, zone)):
            continue
        opened = opened_at(account.id) if callable(opened_at) else opened_at
        found = statement(
            account, first, last, known_at, kind=kind, opened_at=opened, edges=edges, reference=reference, zone=zone
        )
        if empty or found.balances:
            yield found


# How it is put together -------------------------------------------------------------------------------------------------


def _made(
    account: Account,
    kind: str,
    moments: tuple[Moment, Moment],
    views: tuple[View, View],
    lines: list[StatementLine],
    edges: tuple[int, ...],
    reference: Callable[[StatementItem], str] | None,
) -> AccountStatement:
    """The statement from what was worked out."""
    (before, after), (was, view) = moments, views
    customer = view.customer or _customer(account, after.known_at)
    items = statement_of(view).items
    found = {*was.currencies, *view.currencies, *(line.currency for line in lines)}
    return AccountStatement(
        account=account.id,
        customer=customer.id,
        language=customer.language,
        kind=kind,
        first=before.day + _DAY,
        last=after.day,
        known_at=after.known_at,
        opened_at=before.known_at,
        balances=tuple(_balance(each, was, view, lines, items) for each in sorted(found, key=lambda each: each.code)),
        lines=tuple(lines),
        items=items,
        credits=view.credits,
        references=tuple((item.item, reference(item) if reference is not None else item.document) for item in items),
        aging=aging(view, edges=edges),
        merged_into=view.merged_into,
    )


def _is_known(account: Account, known_at: dt.datetime | None) -> bool:
    return any(each.customer is not None and each.seen(dt.date.max, known_at) for each in account.profile.entries)


def _customer(account: Account, known_at: dt.datetime | None) -> Customer:
    """The customer of a period that ends before the account was opened: what came to it later may be of older dates.

    Raises `UnknownId` where none was known; the account of a group has none.
    """
    known = (entry.customer for entry in account.profile.entries if entry.seen(dt.date.max, known_at))
    first = next(filter(None, known), None)
    if first is None:
        raise UnknownId("customer of account", account.id)
    return first


def _balance(
    currency: Currency, was: View, view: View, lines: Iterable[StatementLine], items: Iterable[StatementItem]
) -> StatementBalance:
    amounts = [line.amount for line in lines if line.currency == currency]
    mine = [item for item in items if item.open.currency == currency]
    return StatementBalance(
        currency=currency,
        opening=was.balance(currency),
        charged=Money(sum(minor for minor in amounts if minor > 0), currency),
        credited=Money(sum(minor for minor in amounts if minor < 0), currency),
        closing=view.balance(currency),
        open=view.open_total(currency),
        overdue=Money.total((item.open for item in mine if item.days_overdue), currency),
        disputed=Money.total((item.disputed for item in mine), currency),
        on_account=view.on_account(currency),
    )


def _applied(account: Account, after: Moment, lines: Iterable[StatementLine]) -> list[StatementLine]:
    """The lines of credits with what they were applied to."""
    applied = applied_until(joined_on(account, *after).cash, *after)
    codes = ("payment", "credit_note", "credit")
    return [
        line._replace(applied=applied.get(line.id, ())) if line.code in codes and not line.back else line
        for line in lines
    ]


def _line_row(
    day: dt.date, what: str, currency: Currency, line: StatementLine | None, after: Money, *, applied: bool = False
) -> dict[str, object]:
    """A movement, or the balance at an end, as a plain dict; all have the same columns."""
    note = ("back" if line.back else "") + (" earlier" if line.earlier else "") if line is not None else ""
    to = [f"{item} {Money(minor, currency).amount}" for item, minor in line.applied] if line and applied else []
    return {
        "date": day,
        "what": what,
        "id": None if line is None else line.id,
        "item": None if line is None else line.item,
        "currency": currency.code,
        "amount": None if line is None else str(line.money.amount),
        "balance": str(after.amount),
        "note": note.strip() or None,
        "applied": ", ".join(to) or None,
    }


def _credit_row(credit: OpenCredit) -> dict[str, object]:
    """What is on account, in the columns of an open item."""
    shown = {
        "document": credit.id,
        "kind": "on account",
        "currency": credit.currency.code,
        "open": str(Money(-credit.remaining, credit.currency).amount),
    }
    return {"reference": None} | {name: shown.get(name) for name in _ITEM_COLUMNS}


_ITEM_COLUMNS: Final = (
    "document", "item", "kind", "date", "due", "days overdue", "currency", "original", "open", "on its way", "disputed",
    "promised", "promised until", "planned", "planned until", "deferred", "deferred until",
)  # fmt: skip
"""The columns of `receivables.reports.portal.StatementItem`."""


def _filled(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows without the columns in which nothing stands."""
    names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
    return [{name: row[name] for name in names} for row in rows]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
