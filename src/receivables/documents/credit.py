"""What the creditor grants and what it is used for: credit limits, orders that reserve them, drafts of invoices.

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

    ``deliver_on`` is when it is to be delivered: a policy with a horizon counts it from so many days before. ``kind`` is
    the host's word for what sort of order it is, ``terms`` the payment terms that it asks for, in their notation; a policy
    can leave kinds out and stop at terms that were not agreed.

    >>> Order(id="SO-1", account="ACME", amount=Money.of("2000", "EUR"), placed_on=dt.date(2026, 3, 2),
    ...       deliver_on=dt.date(2026, 9, 1), terms="net 60").deliver_on
    datetime.date(2026, 9, 1)
    """

    id: str
    account: str
    amount: Money
    placed_on: dt.date
    deliver_on: dt.date | None = None
    kind: str = ""
    terms: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("order.id", self.id)
        checks.text("order.account", self.account)
        _check_amount("order.amount", self.amount)
        checks.day("order.placed_on", self.placed_on)
        checks.optional_day("order.deliver_on", self.deliver_on)
        checks.text("order.kind", self.kind, empty=True)
        checks.text("order.terms", self.terms, empty=True)
        if self.deliver_on is not None and self.deliver_on < self.placed_on:
            raise InvalidValue("order.deliver_on", self.deliver_on.isoformat(), f"must not be before {self.placed_on}")


@final
@frozen(kw_only=True)
class DraftInvoice:
    """An invoice that is not issued yet, gross: it is no claim, and counts in the exposure where the policy says so.

    With ``order`` it takes what it bills out of that order, so that nothing counts twice. It is over when an invoice of
    its number is issued, or one that has it among its references.

    >>> DraftInvoice(id="D-1", account="ACME", amount=Money.of("550", "EUR"), drafted_on=dt.date(2026, 3, 2)).order
    """

    id: str
    account: str
    amount: Money
    drafted_on: dt.date
    order: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("draft.id", self.id)
        checks.text("draft.account", self.account)
        _check_amount("draft.amount", self.amount)
        checks.day("draft.drafted_on", self.drafted_on)
        checks.optional_text("draft.order", self.order)


def _check_amount(field: str, amount: object) -> None:
    checks.instance(field, amount, Money, "money")
    if isinstance(amount, Money) and amount.minor <= 0:
        raise InvalidValue(field, str(amount), "must be more than zero")
