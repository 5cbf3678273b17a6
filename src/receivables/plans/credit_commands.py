"""What a host can ask for about credit: limits, orders that reserve them, deliveries, drafts, releases."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.credit import LIMIT_KINDS, CreditLimit, DraftInvoice, Order
from receivables.plans.commands import Command
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class SetLimit(Command):
    """Set a credit limit, on a customer's account or on a group's; ``approver`` is another person than ``by``.

    Who asks and who approves can stand in the limit itself. ``approval`` names a request that was granted before.
    """

    ABOUT: ClassVar[str] = "limit.account"

    limit: CreditLimit
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class WithdrawLimit(Command):
    """Take back all limits of a kind in a currency from a day on: what is inherited counts again."""

    of: str
    currency: str
    kind: str = "base"
    on: dt.date
    approver: str | None = None
    approval: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.kind", self.kind, LIMIT_KINDS)


@final
@frozen(kw_only=True)
class ReserveOrder(Command):
    """Check an order against limits and holds, and reserve its amount where it is approved."""

    ABOUT: ClassVar[str] = "order.account"
    LOOKS_AT_GROUP: ClassVar[bool] = True

    order: Order


@final
@frozen(kw_only=True)
class ReleaseHeldOrder(Command):
    """Let a held order go ahead against the reasons that hold it; ``approver`` is another person than ``by``."""

    LOOKS_AT_GROUP: ClassVar[bool] = True

    of: str
    order: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class DeliverOrder(Command):
    """Record that so much of an order was delivered, and is to be invoiced."""

    of: str
    order: str
    amount: Money
    on: dt.date


@final
@frozen(kw_only=True)
class ReleaseOrder(Command):
    """Cancel what is left of an order, but for what was delivered."""

    of: str
    order: str
    on: dt.date


@final
@frozen(kw_only=True)
class ReopenOrder(Command):
    """Want what was cancelled of an order after all: it is checked anew, and reserves what it reserved."""

    LOOKS_AT_GROUP: ClassVar[bool] = True

    of: str
    order: str
    on: dt.date


@final
@frozen(kw_only=True)
class RecordDraft(Command):
    """Record an invoice that is drafted and not issued."""

    ABOUT: ClassVar[str] = "draft.account"

    draft: DraftInvoice


@final
@frozen(kw_only=True)
class DropDraft(Command):
    """Throw a draft away from a day on; what it took out of its order is to be invoiced again."""

    of: str
    draft: str
    on: dt.date
