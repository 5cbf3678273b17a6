"""An aging in the currency of the books: every open item and credit at the rate that it was recorded with, or at closing.

At ``transaction`` rates an item counts for what is left of its carrying amount, so the total is the control account of the
ledger (see `receivables.state.carrying`). At ``closing`` rates it counts for what it is worth by the rate of the date; the
difference between the two totals is the revaluation (`receivables.reports.revaluation`).

What has no rate has no value: it is listed with the reason, and is in no total. Amounts are rounded item by item.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple, TypeVar

import attrs

from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.exchange import ExchangePolicy, FoundRate
from receivables.reports.aging import Aging, Unvalued, aging
from receivables.reports.aging_buckets import EDGES
from receivables.reports.aging_grouped import Key, aging_by
from receivables.state.account import Account, joined_on, known_until
from receivables.state.carrying import ROUNDING, carried_on
from receivables.state.payment_plan import Replanned
from receivables.state.view import Book, OpenCredit, View
from receivables.state.withheld import Withheld
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

VALUATIONS = ("transaction", "closing")
"""By which rates amounts are valued."""

P = TypeVar("P", Withheld, Replanned)

Value = Callable[[str, str, int, Currency], "int | Reason"]
"""``item`` or ``credit``, its id, an amount in minor units and its currency -> what that is in the book currency, or why not."""


class ValuedView(NamedTuple):
    """A view whose amounts are in the book currency, for reports that read amounts; and what has no value in it."""

    view: View
    unvalued: tuple[Unvalued, ...]


def at_transaction_rates(
    account: Account,
    as_of: dt.date,
    currency: str | Currency,
    known_at: dt.date | dt.datetime | None = None,
    *,
    zone: dt.tzinfo = dt.UTC,
) -> ValuedView:
    """The view of an account with every amount at its carrying amount.

    Raises `CurrencyMismatch` where its documents were recorded with rates to another book currency.
    """
    book = Currency.of(currency) if isinstance(currency, str) else currency
    view = account.view(as_of, known_at, zone=zone)
    until = known_until(known_at, zone)
    books = carried_on(joined_on(account, as_of, until), as_of, until)
    if books.currency is not None and books.currency != book:
        raise CurrencyMismatch(book, books.currency)

    def value(side: str, id: str, amount: int, of: Currency) -> int | Reason:
        carried = (books.items if side == "item" else books.credits).get(id)
        left = amount if of == book else carried and carried.book_left
        return Reason(code=f"{side}_rate_missing", retryable=False) if left is None else left

    return _valued(view, book, value)


def at_closing_rates(
    view: View, currency: str | Currency, rates: Iterable[ExchangeRate], policy: ExchangePolicy
) -> ValuedView:
    """A view with every amount at the closing rate that the policy takes on its date."""
    book = Currency.of(currency) if isinstance(currency, str) else currency
    checks.instance("aging.policy", policy, ExchangePolicy, "an exchange policy")
    known = tuple(rates)
    checks.sequence("aging.rates", known, ExchangeRate, "rates")

    @cache
    def rate(of: Currency) -> FoundRate:
        return policy.rate(known, of, book, view.as_of)

    def value(side: str, id: str, amount: int, of: Currency) -> int | Reason:
        if of == book:
            return amount
        found, reason = rate(of)
        if found is None:
            return reason or Reason(code="rate_missing")
        return found.convert(Money(amount, of), policy.rounding).minor

    return _valued(view, book, value)


def aging_in_book(
    accounts: Account | Iterable[Account],
    as_of: dt.date,
    currency: str | Currency,
    *,
    valuation: str,
    rates: Sequence[ExchangeRate] = (),
    policy: ExchangePolicy | None = None,
    key: str | Key | None = None,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
    edges: tuple[int, ...] = EDGES,
    by: str = "plan",
    unit: str = "days",
) -> Aging:
    """The aging of accounts in the book currency; ``rates`` and ``policy`` are those of the closing.

    300.00 USD were recorded at 1.10 and count for 272.73 EUR; at the closing rate of 1.08 they are worth 277.78 EUR.

    >>> from receivables import Customer, Invoice
    >>> at = lambda rate, day: ExchangeRate.of("EUR", "USD", rate, on=dt.date(2026, 2, day), source="ECB")
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 2, 2), book_rate=at("1.10", 2),
    ...                       total=Money.of("300", "USD"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> day, ecb = dt.date(2026, 2, 28), ExchangePolicy(id="ECB", version=1)
    >>> aging_in_book(account, day, "EUR", valuation="transaction").total("EUR").buckets["1-30"]
    Money.of('272.73', 'EUR')
    >>> closing = aging_in_book(account, day, "EUR", valuation="closing", rates=[at("1.08", 28)], policy=ecb)
    >>> closing.title, str(closing.total("EUR").balance)
    ('aging by due date as of 2026-02-28, in the book currency at closing rates', '277.78 EUR')

    With a ``key`` it is grouped as by `aging_by`. Raises `InvalidValue` for a valuation that is none, or a closing without a
    policy, and `CurrencyMismatch` as `at_transaction_rates`.
    """
    checks.one_of("aging.valuation", valuation, VALUATIONS)
    if valuation == "closing" and policy is None:
        raise InvalidValue("aging.policy", None, "must be given for a closing")
    unvalued: list[Unvalued] = []

    def views() -> Iterator[View]:
        for account in (accounts,) if isinstance(accounts, Account) else accounts:
            if policy is None or valuation == "transaction":
                valued = at_transaction_rates(account, as_of, currency, known_at, zone=zone)
            else:
                valued = at_closing_rates(account.view(as_of, known_at, zone=zone), currency, rates, policy)
            unvalued.extend(valued.unvalued)
            yield valued.view

    if key is None:
        report = aging(views(), edges=edges, by=by, unit=unit)
    else:
        report = aging_by(key, views(), edges=edges, by=by, unit=unit)
    return attrs.evolve(report, valuation=valuation, unvalued=tuple(unvalued))


def _valued(view: View, book: Currency, value: Value) -> ValuedView:
    """The view with every amount valued; what arrangements keep back is valued with its item, in proportion."""
    missing: list[Unvalued] = []
    amounts: dict[str, tuple[int, int]] = {}
    for each in view.books:
        for item, open_ in zip(each.items, each.open, strict=True):
            found = value("item", item.id, open_, each.currency)
            if isinstance(found, Reason):
                missing.append((view.account, "item", item.id, Money(open_, each.currency), found))
            else:
                amounts[item.id] = (open_, found)
    credits = []
    for credit in view.credits:
        found = value("credit", credit.id, credit.remaining, credit.currency)
        if isinstance(found, Reason):
            missing.append((view.account, "credit", credit.id, Money(credit.remaining, credit.currency), found))
        else:
            credits.append(OpenCredit(credit.id, credit.kind, book, found))
    changed = attrs.evolve(
        view,
        books=_books(view, book, amounts),
        credits=tuple(credits),
        withheld=_in_proportion(view.withheld, amounts),
        replanned=_in_proportion(view.replanned, amounts),
    )
    return ValuedView(changed, tuple(missing))


def _books(view: View, book: Currency, amounts: dict[str, tuple[int, int]]) -> tuple[Book, ...]:
    """The items that have a value as one book, by due date and id as every book is."""
    rows = sorted(
        (due, item.id, amounts[item.id][1], item)
        for each in view.books
        for due, item in zip(each.due, each.items, strict=True)
        if item.id in amounts
    )
    if not rows:
        return ()
    due, _, open_, items = zip(*rows, strict=True)
    undated = any(each.undated for each in view.books)
    return (Book(book, items, due, open_, tuple(accumulate(open_, initial=0)), undated),)


def _in_proportion(parts: Iterable[P], amounts: dict[str, tuple[int, int]]) -> tuple[P, ...]:
    """Parts of items by what the items are worth: those that make up the whole of an item make up its value."""
    reached: dict[str, tuple[int, int]] = {}
    found = []
    for part in parts:
        if part.item in amounts:
            open_, value = amounts[part.item]
            covered, given = reached.get(part.item, (0, 0))
            share = ROUNDING.quotient(value * (covered + part.amount), open_)
            found.append(attrs.evolve(part, amount=share - given))
            reached[part.item] = (covered + part.amount, share)
    return tuple(found)
