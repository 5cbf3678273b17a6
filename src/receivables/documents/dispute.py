"""What a customer contests: an item, a part of it or a line, with a coded reason.

What is disputed is not dunned, and its clock may stand still; the rest of the item goes on. A dispute ends in parts or at
once: with a credit note, a rejection, a settlement, or because the customer gives it up.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

REASONS = (
    "price",
    "quantity",
    "quality",
    "delivery",
    "not_ordered",
    "duplicate",
    "already_paid",
    "deduction",
    "other",
)
"""Codes that most companies have; a host may use its own."""

OUTCOMES = ("credited", "rejected", "settled", "withdrawn")
"""How a dispute, or a part of it, ends."""


@final
@frozen(kw_only=True)
class Dispute:
    """What a customer contests, and why; ``amount`` ``None`` is all that is open of the item.

    ``item`` is an open item, or an invoice: then all its items. ``line`` names the line of the invoice that is contested,
    with its amount. ``opened_on`` is the day on which the customer said so.

    >>> Dispute(id="D-1", account="ACME", item="INV-2", reason="quality", opened_on=dt.date(2026, 3, 31),
    ...         amount=Money.of("1200", "EUR"), line="B").reason
    'quality'
    """

    id: str
    account: str
    item: str
    reason: str
    opened_on: dt.date
    amount: Money | None = None
    line: str | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("dispute.id", self.id)
        checks.text("dispute.account", self.account)
        checks.text("dispute.item", self.item)
        checks.text("dispute.reason", self.reason)
        checks.day("dispute.opened_on", self.opened_on)
        checks.optional_text("dispute.line", self.line)
        checks.text("dispute.note", self.note, empty=True)
        if self.amount is not None:
            checks.instance("dispute.amount", self.amount, Money, "money, or None for all that is open")
            if self.amount.minor <= 0:
                raise InvalidValue("dispute.amount", str(self.amount), "must be more than zero")
        elif self.line is not None:
            raise InvalidValue("dispute.amount", None, "must be given with a line")
