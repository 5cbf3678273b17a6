"""Facts about the ways in which a customer can be collected from: cards kept and dropped, mandates signed and revoked."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.payment import PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class PaymentMethodAdded(Fact):
    """The token of a card, or of another way to pay, was kept for a customer."""

    method: PaymentMethod


@final
@frozen(kw_only=True)
class PaymentMethodRemoved(Fact):
    """A stored way to pay is not to be used from this day on."""

    method: str


@final
@frozen(kw_only=True)
class PaymentMethodPreferred(Fact):
    """The customer wants to pay in this way first: ``method`` is a token, or the id of a mandate."""

    method: str


@final
@frozen(kw_only=True)
class MandateSigned(Fact):
    """The customer let its bank account be debited; effective on the day of the signature."""

    mandate: Mandate


@final
@frozen(kw_only=True)
class MandateRevoked(Fact):
    """A mandate is not to be used from this day on: the customer took it back, or the creditor gave it up."""

    mandate: str
