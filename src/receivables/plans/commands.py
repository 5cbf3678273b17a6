"""What a host can ask for: commands in the imperative, each with the caller's key.

The key makes a request safe to repeat: the same key with the same request gives the first receipt again, with another
request it is `KeyReused`. ``by`` is the host's reference of the person or job that asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import ClassVar, cast, final, get_args

import attrs
from attrs import frozen

from receivables.documents.application import CreditApplication, Paper, Reference, ReferenceAnswer
from receivables.documents.assignment import Assignment
from receivables.documents.authority import ApprovalRequest
from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.documents.credit import CreditLimit, DraftInvoice, Order
from receivables.documents.customer import Customer, group_account_id
from receivables.documents.dispute import OUTCOMES as RESOLUTIONS
from receivables.documents.dispute import Dispute
from receivables.documents.erasure import ErasureEntry
from receivables.documents.exchange import ExchangeRate
from receivables.documents.hold import Hold
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.limitation import Suspension, check_items
from receivables.documents.loss import SpecificAllowance
from receivables.documents.payment import Allocation, Payment, PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.documents.payment_plan import PaymentPlan
from receivables.documents.placement import Placement
from receivables.documents.promise import Promise
from receivables.documents.request import ArrangementRequest, ContactsRequest
from receivables.documents.risk import ClassOverride, DeclaredFigures, ExternalScore
from receivables.documents.settlement import Deduction
from receivables.documents.terms import PaymentTerms
from receivables.policies.book import KINDS, Policy
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
    LOOKS_AT_GROUP: ClassVar[bool] = False
    """Whether it needs the accounts of the customer's whole group."""
    ALONE: ClassVar[bool] = False
    """Whether it takes further accounts as they stand, merged or not, and has a commit to itself."""
    READS_LOG: ClassVar[bool] = False
    """Whether it needs every fact of the account, and not only what is true."""

    key: str
    by: str | None = None

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            _CHECKS[str(field.type)](f"command.{field.name}", getattr(self, field.name))

    @property
    def account(self) -> str:
        """The account that the command is about."""
        return str(attrgetter(self.ABOUT)(self))

    @property
    def others(self) -> tuple[str, ...]:
        """The further accounts that it needs or writes to, by id: the plan finds them among the relatives."""
        return ()


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
    """Record a credit note, and apply it to its invoice as far as that is open; it may end a dispute, or a part of it.

    With ``restores`` what the invoice took from its order is to be delivered and invoiced again.
    """

    ABOUT: ClassVar[str] = "credit_note.account"

    credit_note: CreditNote
    dispute: str | None = None
    restores: bool = False


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
class PlaceHold(Command):
    """Stop dunning, contact, interest, credit or reporting for an account, an invoice, an item or a part of one."""

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
class ExtendDue(Command):
    """Give an item, or all that is open of an invoice, a later due date from a day on.

    ``approver`` is another person than ``by``.
    """

    of: str
    item: str
    due_on: dt.date
    on: dt.date
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


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
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


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
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    amount: Money | None = None


@final
@frozen(kw_only=True)
class WaiveCharge(ChargeCommand):
    """Give up a fee or an interest claim, or a part of it; ``approval`` is a request that was granted for it."""

    approval: str | None = None


@final
@frozen(kw_only=True)
class ReverseCharge(ChargeCommand):
    """Take back a charge that was wrong, or a part of it; what was paid on it is on account again."""

    approval: str | None = None


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


@final
@frozen(kw_only=True)
class OpenDispute(Command):
    """Record that a customer contests an item, a part or a line."""

    ABOUT: ClassVar[str] = "dispute.account"

    dispute: Dispute


@final
@frozen(kw_only=True)
class ResolveDispute(Command):
    """End a dispute, or so much of it, from a day on: ``rejected``, ``settled`` or ``withdrawn``."""

    of: str
    dispute: str
    outcome: str
    on: dt.date
    amount: Money | None = None
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.outcome", self.outcome, tuple(each for each in RESOLUTIONS if each != "credited"))


@final
@frozen(kw_only=True)
class MakePromise(Command):
    """Record a promise to pay; ``approver`` lets in another one after one that was broken."""

    ABOUT: ClassVar[str] = "promise.account"

    promise: Promise
    approver: str | None = None


@final
@frozen(kw_only=True)
class WithdrawPromise(Command):
    """Take a promise back from a day on; what it covers can be dunned again."""

    of: str
    promise: str
    on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class MergeAccounts(Command):
    """Make another account part of this one; ``limits`` are those of the whole, chosen and not added up.

    ``approver`` is another person than ``by``.
    """

    ALONE: ClassVar[bool] = True

    of: str
    absorbed: str
    limits: tuple[CreditLimit, ...] = ()
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    approval: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """The account that is absorbed."""
        return (self.absorbed,)


@final
@frozen(kw_only=True)
class SplitAccount(Command):
    """Hand whole invoices over to another account that is open, with all that is recorded about them.

    ``approver`` is another person than ``by``.
    """

    ALONE: ClassVar[bool] = True

    of: str
    to: str
    documents: tuple[str, ...]
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    approval: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """The account that takes them on."""
        return (self.to,)


@final
@frozen(kw_only=True)
class SeparateAccounts(Command):
    """Take a merge back: the account that was absorbed is one of its own again, with all that concerns it.

    ``approver`` is another person than ``by``.
    """

    ALONE: ClassVar[bool] = True

    of: str
    absorbed: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    approval: str | None = None

    @property
    def others(self) -> tuple[str, ...]:
        """The account that is separated."""
        return (self.absorbed,)


@frozen(kw_only=True)
class InterruptionCommand(Command):
    """What sets the period of some items going anew; without ``items``, of all that were open on that day."""

    of: str
    on: dt.date
    evidence: str = attrs.field(metadata={"personal": True}, repr=False)
    items: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        check_items("command.items", self.items, empty=True)


@final
@frozen(kw_only=True)
class AcknowledgeDebt(InterruptionCommand):
    """Record that the debtor owned to some items, or to all that were open; ``evidence`` says where that can be seen."""


@final
@frozen(kw_only=True)
class RecordDemand(InterruptionCommand):
    """Record that a written demand for some items, or for all that were open, reached the debtor."""


@final
@frozen(kw_only=True)
class SuspendLimitation(Command):
    """Suspend the limitation of some items from a day on."""

    ABOUT: ClassVar[str] = "suspension.account"

    suspension: Suspension


@final
@frozen(kw_only=True)
class ResumeLimitation(Command):
    """End a suspension; the period runs again from that day on."""

    of: str
    suspension: str
    on: dt.date


# How a field of each annotation is checked ------------------------------------------------------------------------------

Check = Callable[[str, object], None]


def _a(kind: type | tuple[type, ...], wanted: str) -> Check:
    return lambda field, value: checks.instance(field, value, kind, wanted)


def _optional(kind: type, wanted: str) -> Check:
    def check(field: str, value: object) -> None:
        if value is not None:
            checks.instance(field, value, kind, wanted)

    return check


def _texts(field: str, value: object) -> None:
    checks.sequence(field, value, str, "texts")


def _limits(field: str, value: object) -> None:
    checks.sequence(field, value, CreditLimit, "credit limits")


def _references(field: str, value: object) -> None:
    checks.sequence(field, value, Reference, "references")


def _papers(field: str, value: object) -> None:
    checks.sequence(field, value, Paper, "papers")


def _pairs(field: str, value: object) -> None:
    checks.sequence(field, value, tuple, "pairs of texts")
    for at, pair in enumerate(cast(tuple[object, ...], value)):
        checks.sequence(f"{field}[{at}]", pair, str, "texts")


def _allocations(field: str, value: object) -> None:
    checks.sequence(field, value, Allocation, "allocations")


def _deductions(field: str, value: object) -> None:
    checks.sequence(field, value, Deduction, "deductions")


def _version(field: str, value: object) -> None:
    checks.whole(field, value, least=1)


_CHECKS: Mapping[str, Check] = {
    "str": checks.text,
    "str | None": checks.optional_text,
    "dt.date": checks.day,
    "dt.date | None": checks.optional_day,
    "int": _version,
    "Money | None": _optional(Money, "money"),
    "ExchangeRate | None": _optional(ExchangeRate, "an exchange rate"),
    "tuple[str, ...]": _texts,
    "tuple[tuple[str, str], ...]": _pairs,
    "tuple[CreditLimit, ...]": _limits,
    "Customer": _a(Customer, "a customer"),
    "Invoice": _a(Invoice, "an invoice"),
    "CreditNote": _a(CreditNote, "a credit note"),
    "TakenOverItem": _a(TakenOverItem, "an item"),
    "Payment": _a(Payment, "a payment"),
    "Allocation": _a(Allocation, "an allocation"),
    "PaymentMethod": _a(PaymentMethod, "a payment method"),
    "Mandate": _a(Mandate, "a mandate"),
    "CreditLimit": _a(CreditLimit, "a credit limit"),
    "Order": _a(Order, "an order"),
    "DraftInvoice": _a(DraftInvoice, "a draft of an invoice"),
    "Hold": _a(Hold, "a hold"),
    "Dispute": _a(Dispute, "a dispute"),
    "Promise": _a(Promise, "a promise"),
    "PaymentPlan": _a(PaymentPlan, "a payment plan"),
    "CreditApplication": _a(CreditApplication, "an application for credit"),
    "ReferenceAnswer": _a(ReferenceAnswer, "what a reference said"),
    "tuple[Reference, ...]": _references,
    "tuple[Paper, ...]": _papers,
    "DeclaredFigures | None": _optional(DeclaredFigures, "declared figures"),
    "PaymentTerms | None": _optional(PaymentTerms, "payment terms"),
    "ApprovalRequest": _a(ApprovalRequest, "a request for approval"),
    "ArrangementRequest": _a(get_args(ArrangementRequest), "a request for a promise, a deferment or a plan"),
    "ContactsRequest": _a(ContactsRequest, "a request for contacts"),
    "Suspension": _a(Suspension, "a suspension"),
    "ExternalScore": _a(ExternalScore, "an external score"),
    "ErasureEntry": _a(ErasureEntry, "an erasure of a list"),
    "DeclaredFigures": _a(DeclaredFigures, "declared figures"),
    "Assignment": _a(Assignment, "an assignment"),
    "LoggedContact": _a(LoggedContact, "a contact"),
    "NextAction": _a(NextAction, "an action"),
    "NextAction | None": _optional(NextAction, "an action"),
    "Placement": _a(Placement, "a placement"),
    "ClassOverride": _a(ClassOverride, "an override of a class"),
    "SpecificAllowance": _a(SpecificAllowance, "an allowance"),
    "Money": _a(Money, "money"),
    "ExchangeRate": _a(ExchangeRate, "an exchange rate"),
    "bool": _a(bool, "true or false"),
    "tuple[Deduction, ...]": _deductions,
    "tuple[Allocation, ...]": _allocations,
    "Policy": _a(tuple(KINDS.values()), "a policy"),
}
