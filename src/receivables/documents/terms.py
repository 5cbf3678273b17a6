"""Payment terms: a definition that gives a `Schedule` for one invoice."""

from __future__ import annotations

import datetime as dt
from typing import Self, final

import attrs

from receivables.documents.schedule import Schedule
from receivables.values import checks
from receivables.values.dates import add_days
from receivables.values.money import Money


@final
@attrs.frozen(kw_only=True)
class PaymentTerms:
    """When and in which parts an invoice is to be paid.

    >>> str(PaymentTerms.net(30))
    'net 30'
    """

    days: int = 0

    def __attrs_post_init__(self) -> None:
        checks.whole("terms.days", self.days, least=0)

    @classmethod
    def net(cls, days: int) -> Self:
        """The whole amount, so many days after the invoice date."""
        return cls(days=days)

    @classmethod
    def immediate(cls) -> Self:
        """The whole amount on the invoice date."""
        return cls(days=0)

    def resolve(self, issued_on: dt.date, total: Money) -> Schedule:
        """The dated installments of an invoice."""
        return Schedule.single(total, add_days(issued_on, self.days))

    def __str__(self) -> str:
        return f"net {self.days}" if self.days else "immediate"
