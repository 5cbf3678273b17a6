"""Facts about credit: limits set, orders decided, delivered, billed and released, holds placed and lifted.

The decision about an order is part of its fact: the outcome, the coded reasons, the policy that gave them, and the record
of the limit and the exposure that it was based on.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.credit import CreditLimit, DraftInvoice, Order
from receivables.documents.credit_record import CreditRecord
from receivables.documents.hold import Hold
from receivables.documents.notice import PolicyRef
from receivables.documents.reason import Reason
from receivables.facts.fact import Fact
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LimitSet(Fact):
    """A credit limit was set, on a customer's account or on a group's."""

    limit: CreditLimit


@final
@frozen(kw_only=True)
class LimitWithdrawn(Fact):
    """All limits of a kind in a currency that were set until now were taken back: what is inherited counts again.

    ``approver`` agreed to it. A limit of zero is another thing: it grants nothing.
    """

    currency: Currency
    kind: str = "base"
    approver: str | None = None


@final
@frozen(kw_only=True)
class OrderReserved(Fact):
    """An order was approved and reserves its amount until it is invoiced or released."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...] = ()
    record: CreditRecord | None = None


@final
@frozen(kw_only=True)
class OrderHeld(Fact):
    """An order was held; it reserves nothing, and is decided again when the account changes."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...]
    record: CreditRecord | None = None


@final
@frozen(kw_only=True)
class OrderRefused(Fact):
    """An order was refused for good: a new order is a new decision."""

    order: Order
    policy: PolicyRef
    reasons: tuple[Reason, ...]
    record: CreditRecord | None = None


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
class OrderDelivered(Fact):
    """So much of an order was delivered and is to be invoiced: the exposure is the same, and cannot be cancelled."""

    order: str
    amount: Money


@final
@frozen(kw_only=True)
class OrderReopened(Fact):
    """So much of what was cancelled of an order is wanted after all; a new decision about the order follows."""

    order: str
    amount: Money


@final
@frozen(kw_only=True)
class OrderRestored(Fact):
    """A credit note took an invoice back, and so much of its order is to be delivered and invoiced again."""

    order: str
    amount: Money
    credit_note: str
    invoice: str | None = None


@final
@frozen(kw_only=True)
class InvoiceDrafted(Fact):
    """An invoice was drafted; it is no claim yet."""

    draft: DraftInvoice


@final
@frozen(kw_only=True)
class DraftDropped(Fact):
    """A draft is over: its invoice was issued (``invoice`` names it), or it was thrown away."""

    draft: str
    invoice: str | None = None


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
