"""What a host can ask for: commands in the imperative, each with the caller's key.

The key makes a request safe to repeat: the same key with the same request gives the first receipt again, with another
request it is `KeyReused`. ``by`` is the host's reference of the person or job that asks.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.credit import CreditLimit, Hold, Order
from receivables.documents.customer import Customer, group_account_id
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.payment import Allocation, Payment
from receivables.policies.book import Policy
from receivables.policies.credit import CreditPolicy
from receivables.policies.dunning import DunningPolicy
from receivables.values import checks
from receivables.values.money import Money

CATALOG = "catalog:policies"
"""The account that keeps published policies."""


@frozen(kw_only=True)
class Command:
    """A request from outside, about one account."""

    key: str
    by: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("command.key", self.key)
        checks.optional_text("command.by", self.by)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        raise NotImplementedError


@final
@frozen(kw_only=True)
class OpenAccount(Command):
    """Open the account of a customer; it must be there before anything else is recorded on it."""

    customer: Customer

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.customer", self.customer, Customer, "a customer")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.customer.account


@final
@frozen(kw_only=True)
class ChangeCustomer(Command):
    """Change group, segment, zone, language, contacts or tags from a day on."""

    customer: Customer
    on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.customer", self.customer, Customer, "a customer")
        checks.day("command.on", self.on)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.customer.account


@final
@frozen(kw_only=True)
class OpenGroup(Command):
    """Open the common account of a group of customers."""

    group: str

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.group", self.group)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return group_account_id(self.group)


@final
@frozen(kw_only=True)
class IssueInvoice(Command):
    """Record an invoice."""

    invoice: Invoice

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.invoice", self.invoice, Invoice, "an invoice")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.invoice.account


@final
@frozen(kw_only=True)
class IssueCreditNote(Command):
    """Record a credit note, and apply it to its invoice as far as that is open."""

    credit_note: CreditNote

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.credit_note", self.credit_note, CreditNote, "a credit note")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.credit_note.account


@final
@frozen(kw_only=True)
class TakeOver(Command):
    """Bring an open item from another system, effective on a day."""

    item: TakenOverItem
    on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.item", self.item, TakenOverItem, "an item")
        checks.day("command.on", self.on)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.item.account


@final
@frozen(kw_only=True)
class DateInstallment(Command):
    """Give an item that waits for its baseline its due date."""

    of: str
    item: str
    due_on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.item", self.item)
        checks.day("command.due_on", self.due_on)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class ReceivePayment(Command):
    """Record a payment; it is on account until it is applied."""

    payment: Payment

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.payment", self.payment, Payment, "a payment")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.payment.account


@final
@frozen(kw_only=True)
class Apply(Command):
    """Apply so much of a payment or credit note to an item of the same account."""

    of: str
    allocation: Allocation

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.instance("command.allocation", self.allocation, Allocation, "an allocation")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class Unapply(Command):
    """Take back exactly one allocation."""

    of: str
    allocation: str

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.allocation", self.allocation)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class SetLimit(Command):
    """Set a credit limit, on a customer's account or on a group's."""

    limit: CreditLimit

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.limit", self.limit, CreditLimit, "a credit limit")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.limit.account


@final
@frozen(kw_only=True)
class ReserveOrder(Command):
    """Check an order against limits and holds, and reserve its amount where it is approved."""

    order: Order

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.order", self.order, Order, "an order")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.order.account


@final
@frozen(kw_only=True)
class ReleaseOrder(Command):
    """Cancel what is left of an order."""

    of: str
    order: str
    on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.order", self.order)
        checks.day("command.on", self.on)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class PlaceHold(Command):
    """Stop dunning, credit or both for an account or an item."""

    hold: Hold

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.hold", self.hold, Hold, "a hold")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.hold.account


@final
@frozen(kw_only=True)
class ReleaseHold(Command):
    """Lift a hold from a day on."""

    of: str
    hold: str
    on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.hold", self.hold)
        checks.day("command.on", self.on)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class PublishPolicy(Command):
    """Keep the settings of a policy version for replay."""

    policy: Policy

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.instance("command.policy", self.policy, (DunningPolicy, CreditPolicy), "a policy")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return CATALOG


@final
@frozen(kw_only=True)
class ApproveNotice(Command):
    """Let a notice go out that waits for approval."""

    of: str
    notice: str

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.notice", self.notice)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class RejectNotice(Command):
    """Stop a notice that waits for approval."""

    of: str
    notice: str
    reason: str = attrs.field(metadata={"personal": True})

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.notice", self.notice)
        checks.text("command.reason", self.reason)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class RecordOutcome(Command):
    """Say what became of a notice whose outcome is unknown: ``sent``, ``failed``, or ``retry``."""

    of: str
    notice: str
    outcome: str
    detail: str = ""

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.notice", self.notice)
        checks.one_of("command.outcome", self.outcome, ("sent", "failed", "retry"))
        checks.text("command.detail", self.detail, empty=True)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class MigrateLadders(Command):
    """Move the ladders of some items, or of all, to another policy or version.

    ``steps`` gives (old name, new name) for steps that are called otherwise there.
    """

    of: str
    policy: str
    version: int
    items: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.policy", self.policy)
        checks.whole("command.version", self.version, least=1)
        checks.sequence("command.items", self.items, str, "texts")
        checks.sequence("command.steps", self.steps, tuple, "pairs of texts")

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class WaiveCharge(Command):
    """Give up a fee or an interest claim, or a part of it."""

    of: str
    charge: str
    reason: str = attrs.field(metadata={"personal": True})
    approver: str
    amount: Money | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        _check_charge(self.of, self.charge, self.reason, self.approver, self.amount)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class ReverseCharge(Command):
    """Take back a charge that was wrong, or a part of it; what was paid on it is on account again."""

    of: str
    charge: str
    reason: str = attrs.field(metadata={"personal": True})
    approver: str
    amount: Money | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        _check_charge(self.of, self.charge, self.reason, self.approver, self.amount)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


@final
@frozen(kw_only=True)
class ReinstateCharge(Command):
    """Owe again what was waived of a charge, or a part of it."""

    of: str
    charge: str
    reason: str = attrs.field(metadata={"personal": True})
    approver: str
    amount: Money | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        _check_charge(self.of, self.charge, self.reason, self.approver, self.amount)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of


def _check_charge(of: str, charge: str, reason: str, approver: str, amount: Money | None) -> None:
    for field, value in (("of", of), ("charge", charge), ("reason", reason), ("approver", approver)):
        checks.text(f"command.{field}", value)
    if amount is not None:
        checks.instance("command.amount", amount, Money, "money")


@final
@frozen(kw_only=True)
class ClaimInterest(Command):
    """Claim the interest of an item to a day, less what was claimed before."""

    of: str
    item: str
    until: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.text("command.of", self.of)
        checks.text("command.item", self.item)
        checks.day("command.until", self.until)

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return self.of
