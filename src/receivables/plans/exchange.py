"""Plans about rates: one book currency for all that an account has, and what a credit takes along to another account."""

from __future__ import annotations

import datetime as dt

from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue
from receivables.facts.cash import CreditTransferred
from receivables.state.account import Account, fold
from receivables.state.carrying import carried_on
from receivables.values.currencies import Currency
from receivables.values.money import Money


def check_book_currency(account: Account, field: str, rate: ExchangeRate | None, currency: Currency) -> None:
    """That a rate of a document in a currency is to the book currency that the account has already, if it has one.

    Raises `InvalidValue`.
    """
    books = account.exchange.currencies
    if rate is not None and books and rate.other(currency) != books[0]:
        raise InvalidValue(field, str(rate), f"must be to {books[0]}, the book currency of the account")


def taken_along(account: Account, other: Account, fact: CreditTransferred) -> Money | None:
    """What a part of a credit that goes to another account stands for; ``None`` where that is not known.

    Raises `InvalidValue` where the other account has another book currency.
    """
    books = carried_on(fold((fact,), account), dt.date.max, None)
    source = books.credits.get(fact.source)
    if source is None or source.currency == books.currency or fact.id not in source.released:
        return None
    book = Money(source.released[fact.id], source.book_currency)
    known = other.exchange.currencies
    if known and known[0] != book.currency:
        raise InvalidValue("command.to", fact.to, f"must have the book currency {book.currency}, not {known[0]}")
    return book
