"""What a host can ask for about payment methods: keep and drop a card, sign and revoke a mandate, prefer one of them."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, final

from attrs import frozen

from receivables.documents.payment import PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class AddPaymentMethod(Command):
    """Keep the token of a card, or of another way to pay, from a day on."""

    of: str
    method: PaymentMethod
    on: dt.date


@final
@frozen(kw_only=True)
class RemovePaymentMethod(Command):
    """Use a card no more from a day on; ``method`` is its token."""

    of: str
    method: str
    on: dt.date


@final
@frozen(kw_only=True)
class PreferPaymentMethod(Command):
    """Use a card or a mandate before the others from a day on."""

    of: str
    method: str
    on: dt.date


@final
@frozen(kw_only=True)
class SignMandate(Command):
    """Record that the customer signed a mandate."""

    ABOUT: ClassVar[str] = "mandate.account"

    mandate: Mandate


@final
@frozen(kw_only=True)
class RevokeMandate(Command):
    """Use a mandate no more from a day on."""

    of: str
    mandate: str
    on: dt.date
