"""What a decision about an order was based on: the limit, what was used of it, the rates, and who decided otherwise.

It is part of the fact that records the decision, so that the decision can be explained for as long as the fact is kept:
limits, policies and rates change, the record does not.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

ORIGINS: Final = ("own", "group", "segment", "company", "none")
"""Where a limit comes from: set on the account, that of the group, a default of the policy, or nowhere."""


@final
@frozen(kw_only=True)
class ExposurePart:
    """So much of one component of the exposure; what reduces the exposure is below zero.

    >>> str(ExposurePart(component="unapplied", amount=Money.of("-300", "EUR")))
    'unapplied -300.00 EUR'
    """

    component: str
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.text("part.component", self.component)
        checks.instance("part.amount", self.amount, Money, "money")

    def __str__(self) -> str:
        return f"{self.component} {self.amount}"


@final
@frozen(kw_only=True)
class CreditRecord:
    """The figures of a decision: limit, exposure by component, group, rates; and who overrode which reasons.

    ``limit`` ``None`` is unlimited, or no limit where ``origin`` is ``none``; ``limit_from`` is its first day. ``parts`` are
    what was counted before the order, and add up to ``exposure``. ``overrode`` are the reasons that a person decided
    against, ``approver`` who agreed.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> record = CreditRecord(currency=Currency.of("EUR"), limit=eur(10_000), origin="own", exposure=eur(6_200), parts=(
    ...     ExposurePart(component="open", amount=eur(6_500)), ExposurePart(component="unapplied", amount=eur(-300))))
    >>> print(record)
    limit 10000.00 EUR (own), exposure 6200.00 EUR: open 6500.00 EUR, unapplied -300.00 EUR

    Errors: `CurrencyMismatch` for a limit or an exposure in another currency.
    """

    currency: Currency
    limit: Money | None
    origin: str
    exposure: Money
    parts: tuple[ExposurePart, ...] = ()
    limit_from: dt.date | None = None
    group: str | None = None
    group_limit: Money | None = None
    group_exposure: Money | None = None
    rates: tuple[ExchangeRate, ...] = ()
    overrode: tuple[Reason, ...] = ()
    approver: str | None = None
    because: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.instance("record.currency", self.currency, Currency, "a currency")
        checks.one_of("record.origin", self.origin, ORIGINS)
        checks.instance("record.exposure", self.exposure, Money, "money")
        for name in ("limit", "group_limit", "group_exposure"):
            if getattr(self, name) is not None:
                checks.instance(f"record.{name}", getattr(self, name), Money, "money")
        checks.sequence("record.parts", self.parts, ExposurePart, "parts of the exposure")
        checks.optional_day("record.limit_from", self.limit_from)
        checks.optional_text("record.group", self.group)
        checks.sequence("record.rates", self.rates, ExchangeRate, "rates")
        checks.sequence("record.overrode", self.overrode, Reason, "reasons")
        checks.optional_text("record.approver", self.approver)
        checks.text("record.because", self.because, empty=True)
        for amount in (self.limit, self.exposure):
            if amount is not None and amount.currency != self.currency:
                raise CurrencyMismatch(amount, self.currency.code)

    def __str__(self) -> str:
        limit = {True: "unlimited", False: str(self.limit)}[self.limit is None]
        granted = "no limit" if self.origin == "none" else f"limit {limit} ({self.origin})"
        parts = ": " + ", ".join(map(str, self.parts)) if self.parts else ""
        return f"{granted}, exposure {self.exposure}{parts}"
