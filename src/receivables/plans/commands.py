"""What a host can ask for: commands in the imperative, each with the caller's key.

The key makes a request safe to repeat: the same key with the same request gives the first receipt again, with another
request it is `KeyReused`. ``by`` is the host's reference of the person or job that asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import ClassVar, final

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

OUTCOMES = ("sent", "failed", "retry")
"""What a person can say about a notice whose outcome was unknown."""


@frozen(kw_only=True)
class Command:
    """A request from outside, about one account. Every field is checked by its annotation, before anything is decided."""

    ABOUT: ClassVar[str] = "of"
    """Where a command says which account it is about."""

    key: str
    by: str | None = None

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            _CHECKS[str(field.type)](f"command.{field.name}", getattr(self, field.name))

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return str(attrgetter(self.ABOUT)(self))


@final
@frozen(kw_only=True)
class OpenAccount(Command):
    """Open the account of a customer; it must be there before anything else is recorded on it."""

    ABOUT: ClassVar[str] = "customer.account"

    customer: Customer


@final
@frozen(kw_only=True)
class ChangeCustomer(Command):
    """Change group, segment, zone, language, contacts or tags from a day on."""

    ABOUT: ClassVar[str] = "customer.account"

    customer: Customer
    on: dt.date


@final
@frozen(kw_only=True)
class OpenGroup(Command):
    """Open the common account of a group of customers."""

    group: str

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return group_account_id(self.group)


@final
@frozen(kw_only=True)
class IssueInvoice(Command):
    """Record an invoice."""

    ABOUT: ClassVar[str] = "invoice.account"

    invoice: Invoice


@final
@frozen(kw_only=True)
class IssueCreditNote(Command):
    """Record a credit note, and apply it to its invoice as far as that is open."""

    ABOUT: ClassVar[str] = "credit_note.account"

    credit_note: CreditNote


@final
@frozen(kw_only=True)
class TakeOver(Command):
    """Bring an open item from another system, effective on a day."""

    ABOUT: ClassVar[str] = "item.account"

    item: TakenOverItem
    on: dt.date


@final
@frozen(kw_only=True)
class DateInstallment(Command):
    """Give an item that waits for its baseline its due date."""

    of: str
    item: str
    due_on: dt.date


@final
@frozen(kw_only=True)
class ReceivePayment(Command):
    """Record a payment; it is on account until it is applied."""

    ABOUT: ClassVar[str] = "payment.account"

    payment: Payment


@final
@frozen(kw_only=True)
class Apply(Command):
    """Apply so much of a payment or credit note to an item of the same account."""

    of: str
    allocation: Allocation


@final
@frozen(kw_only=True)
class Unapply(Command):
    """Take back exactly one allocation."""

    of: str
    allocation: str


@final
@frozen(kw_only=True)
class SetLimit(Command):
    """Set a credit limit, on a customer's account or on a group's."""

    ABOUT: ClassVar[str] = "limit.account"

    limit: CreditLimit


@final
@frozen(kw_only=True)
class ReserveOrder(Command):
    """Check an order against limits and holds, and reserve its amount where it is approved."""

    ABOUT: ClassVar[str] = "order.account"

    order: Order


@final
@frozen(kw_only=True)
class ReleaseOrder(Command):
    """Cancel what is left of an order."""

    of: str
    order: str
    on: dt.date


@final
@frozen(kw_only=True)
class PlaceHold(Command):
    """Stop dunning, credit or both for an account or an item."""

    ABOUT: ClassVar[str] = "hold.account"

    hold: Hold


@final
@frozen(kw_only=True)
class ReleaseHold(Command):
    """Lift a hold from a day on."""

    of: str
    hold: str
    on: dt.date


@final
@frozen(kw_only=True)
class PublishPolicy(Command):
    """Keep the settings of a policy version for replay."""

    policy: Policy

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


@final
@frozen(kw_only=True)
class RejectNotice(Command):
    """Stop a notice that waits for approval."""

    of: str
    notice: str
    reason: str = attrs.field(metadata={"personal": True})


@final
@frozen(kw_only=True)
class RecordOutcome(Command):
    """Say what became of a notice whose outcome is unknown: ``sent``, ``failed``, or ``retry``."""

    of: str
    notice: str
    outcome: str
    detail: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.outcome", self.outcome, OUTCOMES)


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


@frozen(kw_only=True)
class ChargeCommand(Command):
    """What a person decides about a charge, or a part of it; ``approver`` is another person than ``by``."""

    of: str
    charge: str
    reason: str = attrs.field(metadata={"personal": True})
    approver: str
    amount: Money | None = None


@final
@frozen(kw_only=True)
class WaiveCharge(ChargeCommand):
    """Give up a fee or an interest claim, or a part of it."""


@final
@frozen(kw_only=True)
class ReverseCharge(ChargeCommand):
    """Take back a charge that was wrong, or a part of it; what was paid on it is on account again."""


@final
@frozen(kw_only=True)
class ReinstateCharge(ChargeCommand):
    """Owe again what was waived of a charge, or a part of it."""


@final
@frozen(kw_only=True)
class ClaimInterest(Command):
    """Claim the interest of an item to a day, less what was claimed before."""

    of: str
    item: str
    until: dt.date


# How a field of each annotation is checked ------------------------------------------------------------------------------

Check = Callable[[str, object], None]


def _a(kind: type | tuple[type, ...], wanted: str) -> Check:
    return lambda field, value: checks.instance(field, value, kind, wanted)


def _optional_money(field: str, value: object) -> None:
    if value is not None:
        checks.instance(field, value, Money, "money")


def _texts(field: str, value: object) -> None:
    checks.sequence(field, value, str, "texts")


def _pairs(field: str, value: object) -> None:
    checks.sequence(field, value, tuple, "pairs of texts")


def _version(field: str, value: object) -> None:
    checks.whole(field, value, least=1)


_CHECKS: Mapping[str, Check] = {
    "str": checks.text,
    "str | None": checks.optional_text,
    "dt.date": checks.day,
    "int": _version,
    "Money | None": _optional_money,
    "tuple[str, ...]": _texts,
    "tuple[tuple[str, str], ...]": _pairs,
    "Customer": _a(Customer, "a customer"),
    "Invoice": _a(Invoice, "an invoice"),
    "CreditNote": _a(CreditNote, "a credit note"),
    "TakenOverItem": _a(TakenOverItem, "an item"),
    "Payment": _a(Payment, "a payment"),
    "Allocation": _a(Allocation, "an allocation"),
    "CreditLimit": _a(CreditLimit, "a credit limit"),
    "Order": _a(Order, "an order"),
    "Hold": _a(Hold, "a hold"),
    "Policy": _a((DunningPolicy, CreditPolicy), "a policy"),
}
