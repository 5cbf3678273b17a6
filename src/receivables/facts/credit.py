"""Facts about credit: limits set, orders decided, reserved and released, holds placed and lifted.

The decision about an order is part of its fact: the outcome, the coded reasons and the policy that gave them.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.hold import Hold
from receivables.documents.notice import PolicyRef
from receivables.documents.reason import Reason
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LimitSet(Fact):
    """A credit limit was set, on a customer's account or on a group's."""

    limit: CreditLimit


@final
@frozen(kw_only=True)
class OrderReserved(Fact):
    """An order was approved and reserves its amount until it is invoiced or released."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...] = ()


@final
@frozen(kw_only=True)
class OrderHeld(Fact):
    """An order was held; it reserves nothing, and is decided again when the account changes."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...]


@final
@frozen(kw_only=True)
class OrderRefused(Fact):
    """An order was refused for good: a new order is a new decision."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...]


@final
@frozen(kw_only=True)
class OrderReleased(Fact):
    """So much of an order no longer counts: it was invoiced (``invoice`` names it), or the order was cancelled.

    ``closes`` ends the order whatever is left of it.
    """

    order: str
    amount: Money
    invoice: str | None = None
    closes: bool = False


@final
@frozen(kw_only=True)
class HoldPlaced(Fact):
    """Something was stopped for an account, an invoice, an item or a part of one: what the hold names."""

    hold: Hold


@final
@frozen(kw_only=True)
class HoldReleased(Fact):
    """A hold was lifted; from this day on it no longer stops anything."""

    hold: str
