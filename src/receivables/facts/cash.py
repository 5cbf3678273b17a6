"""Facts about money: payments received, applied to items, and applications taken back."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.payment import Allocation, Payment
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class PaymentReceived(Fact):
    """A payment arrived; it is on account until it is applied."""

    payment: Payment


@final
@frozen(kw_only=True)
class AllocationMade(Fact):
    """So much of a payment or credit note was applied to an item; effective on the later of their dates."""

    id: str
    allocation: Allocation


@final
@frozen(kw_only=True)
class AllocationUndone(Fact):
    """One allocation was taken back; effective on the day on which the allocation was."""

    allocation: str
