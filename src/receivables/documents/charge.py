"""What lateness costs: a fee or an interest claim on one item, with how it arose.

A charge is quoted on the notice that claims it, and becomes an open item of its own when that notice goes out.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

CHARGE_KINDS = ("fee", "interest")


@final
@frozen(kw_only=True)
class ChargeSegment:
    """Days with one balance and one rate: what a letter that claims interest has to show.

    ``amount`` is exact to four decimals; only the sum of a claim is rounded to the currency.
    """

    first_day: dt.date
    last_day: dt.date
    days: int
    principal: Money
    rate_percent: Decimal
    amount: Decimal
    because: str = ""


@final
@frozen(kw_only=True)
class Charge:
    """A fee or an interest claim on one item, its parent.

    ``because`` says how it arose, ``tax`` is the part of the amount that is tax, ``until`` the day to which interest is
    claimed.

    >>> Charge(id="INV-1/L2/fee", item="INV-1", document="INV-1", kind="fee", amount=Money.of(15, "EUR"),
    ...        because="15.00 EUR").kind
    'fee'
    """

    id: str
    item: str
    document: str
    kind: str
    amount: Money
    because: str = ""
    tax: Money | None = None
    until: dt.date | None = None
    segments: tuple[ChargeSegment, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("charge.id", self.id)
        checks.text("charge.item", self.item)
        checks.text("charge.document", self.document)
        checks.one_of("charge.kind", self.kind, CHARGE_KINDS)
        checks.instance("charge.amount", self.amount, Money, "money")
        checks.text("charge.because", self.because, empty=True)
        if self.amount.minor <= 0:
            raise InvalidValue("charge.amount", str(self.amount), "must be more than zero")
        checks.optional_day("charge.until", self.until)
        checks.sequence("charge.segments", self.segments, ChargeSegment, "segments")
