"""Facts about money: payments received and what became of them, applied to items, taken back; credits used otherwise.

A credit is a payment, a credit note, or what a conversion or a transfer made of one. What is used of it goes to items, to
the customer as a refund, into another currency, or to another account: in all, never more than it has.
"""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.exchange import Conversion, ExchangeRate
from receivables.documents.payment import Allocation, Payment
from receivables.documents.settlement import SettlementPart
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class PaymentReceived(Fact):
    """A payment arrived, or was announced; once it is settled it is on account until it is applied."""

    payment: Payment


@final
@frozen(kw_only=True)
class PaymentSettled(Fact):
    """The money of a payment that was pending or unknown is there."""

    payment: str


@final
@frozen(kw_only=True)
class PaymentFailed(Fact):
    """A payment that was pending or unknown came to nothing; what it was meant for is free again."""

    payment: str
    code: str
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class PaymentReturned(Fact):
    """Money that was there went back: a direct debit or cheque ``returned``, a ``chargeback``, or booked by mistake.

    ``returned`` and ``chargeback`` are effective on the day on which the money went; ``reversed``, a mistake of ours, on the
    day of the payment. ``code`` is the reason code of the bank or scheme, ``bank_line`` the line that took it.
    """

    payment: str
    kind: str
    code: str
    bank_line: str | None = None


@final
@frozen(kw_only=True)
class AllocationMade(Fact):
    """So much of a credit was applied to an item; effective on the later of their dates.

    ``settlement`` is common to all that one settlement made.
    """

    id: str
    allocation: Allocation
    settlement: str | None = None


@final
@frozen(kw_only=True)
class AllocationUndone(Fact):
    """One allocation was taken back; effective on the day on which the allocation was, or on which its money went."""

    allocation: str


@final
@frozen(kw_only=True)
class DifferenceSettled(Fact):
    """A part of an item was closed without money: a discount, a tolerance, tax withheld, a bank fee.

    It belongs to the payment that it came with, and goes when that is taken back.
    """

    id: str
    source: str
    part: SettlementPart
    settlement: str


@final
@frozen(kw_only=True)
class DifferenceUndone(Fact):
    """A part that was closed without money is open again."""

    difference: str


@final
@frozen(kw_only=True)
class RefundMade(Fact):
    """So much of a credit was given back to the customer; ``reference`` is the host's, of the payment that it made.

    ``book_rate`` is the rate by which money in a foreign currency left the creditor's books.
    """

    id: str
    source: str
    amount: Money
    reference: str | None = None
    book_rate: ExchangeRate | None = None


@final
@frozen(kw_only=True)
class CreditConverted(Fact):
    """So much of a credit became a credit in another currency, which stands under the id of this conversion."""

    id: str
    conversion: Conversion
    kind: str


@final
@frozen(kw_only=True)
class CreditTransferred(Fact):
    """So much of a credit went to another account, where it stands under the id of this transfer."""

    id: str
    source: str
    amount: Money
    to: str


@final
@frozen(kw_only=True)
class CreditArrived(Fact):
    """A credit came from another account, from the day on which it was there, with what it stood for in the books.

    ``specified``: the payment behind it said what it is for, which the tax office asks for where a debt is bad.
    """

    id: str
    source: str
    amount: Money
    came_from: str
    kind: str
    book: Money | None = None
    specified: bool = False
