"""What a customer promises to pay: an amount by a day, on one item or several.

While a promise is open, what it covers is not dunned. Whether it was kept follows from the value dates of the payments:
it is judged anew when one becomes known late.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class Promise:
    """So much by a day. Without ``items`` it is on all invoices that are open in its currency.

    ``pay_by`` is adjusted to the next business day of the ``calendar`` that is named, and ``tolerance_days`` are added;
    a promise is kept with ``tolerance_percent`` less, too.

    >>> Promise(id="PTP-1", account="ACME", items=("INV-1",), amount=Money.of("2500", "GBP"),
    ...         made_on=dt.date(2026, 6, 8), pay_by=dt.date(2026, 6, 19)).pay_by
    datetime.date(2026, 6, 19)
    """

    id: str
    account: str
    amount: Money
    made_on: dt.date
    pay_by: dt.date
    items: tuple[str, ...] = ()
    calendar: str | None = None
    tolerance_days: int = 0
    tolerance_percent: Decimal = Decimal(0)
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("promise.id", self.id)
        checks.text("promise.account", self.account)
        checks.instance("promise.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("promise.amount", str(self.amount), "must be more than zero")
        checks.day("promise.made_on", self.made_on)
        checks.day("promise.pay_by", self.pay_by)
        if self.pay_by < self.made_on:
            raise InvalidValue("promise.pay_by", self.pay_by.isoformat(), f"must not be before {self.made_on}")
        checks.sequence("promise.items", self.items, str, "item ids")
        if len(set(self.items)) != len(self.items):
            raise InvalidValue("promise.items", self.items, "must name each item once")
        checks.optional_text("promise.calendar", self.calendar)
        checks.whole("promise.tolerance_days", self.tolerance_days, least=0)
        checks.instance("promise.tolerance_percent", self.tolerance_percent, Decimal, "a decimal number")
        if not (self.tolerance_percent.is_finite() and 0 <= self.tolerance_percent < 100):
            raise InvalidValue("promise.tolerance_percent", self.tolerance_percent, "must be at least 0 and below 100")
        checks.text("promise.note", self.note, empty=True)
