"""How late a customer pays, weighted by amounts: from what was paid, item by item, never an average of averages.

So the figure of two customers that were merged is that of all their items together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

from receivables.state.account import Account
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


def weighted_days_late(paid: Iterable[tuple[Money, int]]) -> Fraction | None:
    """The days late of each amount, weighted by the amounts; ``None`` where nothing was paid. Early is zero days late.

    >>> paid = [(Money.of(1000, "GBP"), 10), (Money.of(2000, "GBP"), 40), (Money.of(500, "GBP"), 0)]
    >>> weighted_days_late(paid), f"{float(weighted_days_late([*paid, (Money.of(4000, 'GBP'), 5)])):.2f}"
    (Fraction(180, 7), '14.67')
    >>> weighted_days_late([]) is None
    True

    Raises `CurrencyMismatch` where the amounts are not all of one currency.
    """
    total: Money | None = None
    days = 0
    for amount, late in paid:
        total = amount if total is None else total + amount
        days += amount.minor * max(0, late)
    return Fraction(days, total.minor) if total is not None and total.minor else None


def paid_late(account: Account, currency: str | Currency, as_of: dt.date) -> tuple[tuple[Money, int], ...]:
    """What payments settled of invoices in a currency up to a date, each with its days after the due date.

    By the value date of the payment. Below zero where it came early; what waits for its due date is left out, and so is what
    was recovered after it had been written off: that is no payment in the course of business.
    """
    checks.day("lateness.as_of", as_of)
    wanted = Currency.of(currency) if isinstance(currency, str) else currency
    dated = {entry.item: entry.due_on for entry in account.ledger.datings}
    items = {
        item.id: dated.get(item.id, item.due_on)
        for item in account.ledger.items
        if item.kind == "invoice" and item.currency == wanted
    }
    payments = {credit.id: credit.effective_on for credit in account.cash.credits if credit.kind == "payment"}
    recovered = {part.settlement for part in account.cash.reductions if part.kind == "recovered"}
    found = []
    for made in account.cash.in_force():
        due_on = items.get(made.item) if made.settlement is None or made.settlement not in recovered else None
        if due_on is not None and made.source in payments and made.effective_on <= as_of:
            found.append((Money(made.amount, wanted), (payments[made.source] - due_on).days))
    return tuple(found)
