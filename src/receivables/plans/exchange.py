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


def check_same_books(account: Account, other: Account, field: str) -> None:
    """That two accounts have one book currency, as far as they have any.

    Raises `InvalidValue`.
    """
    ours, theirs = account.exchange.currencies, other.exchange.currencies
    if ours and theirs and ours[0] != theirs[0]:
        raise InvalidValue(field, other.id, f"must have the book currency {ours[0]}, not {theirs[0]}")


def taken_along(account: Account, other: Account, fact: CreditTransferred) -> Money | None:
    """What a part of a credit that goes to another account stands for; ``None`` where that is not known.

    Raises `InvalidValue` where the other account has another book currency.
    """
    books = carried_on(fold((fact,), account), dt.date.max, None)
    source = books.credits.get(fact.source)
    if source is None or source.currency == books.currency or fact.id not in source.released:
        return None
    check_same_books(account, other, "command.to")
    return Money(source.released[fact.id], source.book_currency)
