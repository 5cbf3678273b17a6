"""What the creditor grants and what it is used for: credit limits, and orders that reserve them.

A limit is an amount or none: ``None`` is unlimited, zero is zero. A temporary increase lapses by its date, without a
job. Who sets a limit is never the one who approves it.
"""

from __future__ import annotations

import datetime as dt
from typing import final

from attrs import frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

LIMIT_KINDS = ("base", "temporary", "insured")


@final
@frozen(kw_only=True)
class CreditLimit:
    """How much a customer, or a group, may owe in one currency; `amount` ``None`` is unlimited and zero is zero.

    It holds from ``valid_from`` to ``valid_to``, both included. A later base limit of the same currency replaces the
    earlier one; a temporary limit is an increase on top of the base while it is valid.

    >>> CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(10_000, "EUR"),
    ...             valid_from=dt.date(2026, 1, 1), maker="ann", approver="bob").kind
    'base'
    """

    account: str
    currency: Currency
    amount: Money | None
    valid_from: dt.date
    valid_to: dt.date | None = None
    review_on: dt.date | None = None
    kind: str = "base"
    maker: str | None = None
    approver: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("limit.account", self.account)
        checks.instance("limit.currency", self.currency, Currency, "a currency")
        checks.day("limit.valid_from", self.valid_from)
        checks.optional_day("limit.valid_to", self.valid_to)
        checks.optional_day("limit.review_on", self.review_on)
        checks.one_of("limit.kind", self.kind, LIMIT_KINDS)
        checks.optional_text("limit.maker", self.maker)
        checks.optional_text("limit.approver", self.approver)
        _check_limit_amount(self)
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidValue("limit.valid_to", self.valid_to.isoformat(), f"must not be before {self.valid_from}")
        if self.maker is not None and self.maker == self.approver:
            raise InvalidValue("limit.approver", self.approver, "must be another person than the maker")


def _check_limit_amount(limit: CreditLimit) -> None:
    if limit.amount is None:
        return
    checks.instance("limit.amount", limit.amount, Money, "money, or None for unlimited")
    if limit.amount.currency != limit.currency:
        raise CurrencyMismatch(limit.amount, limit.currency.code)
    if limit.amount.minor < 0:
        raise InvalidValue("limit.amount", str(limit.amount), "must not be negative")


@final
@frozen(kw_only=True)
class Order:
    """What a customer wants delivered on credit, gross: it is checked against the limit and reserves its amount.

    >>> Order(id="SO-1", account="ACME", amount=Money.of("2000", "EUR"), placed_on=dt.date(2026, 3, 2)).id
    'SO-1'
    """

    id: str
    account: str
    amount: Money
    placed_on: dt.date

    def __attrs_post_init__(self) -> None:
        checks.text("order.id", self.id)
        checks.text("order.account", self.account)
        checks.instance("order.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("order.amount", str(self.amount), "must be more than zero")
        checks.day("order.placed_on", self.placed_on)
