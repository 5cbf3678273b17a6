"""What a host can ask for about authority: an approval before a deed, the answer of others to it, and what was tried without."""

from __future__ import annotations

from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.authority import DEEDS, ApprovalRequest, check_amount
from receivables.plans.commands import Command
from receivables.policies.authority import CODES
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class RequestApproval(Command):
    """Ask to be let do a deed; ``by`` asks, and is the one who may use the approval."""

    ABOUT: ClassVar[str] = "approval.account"

    approval: ApprovalRequest


@final
@frozen(kw_only=True)
class GrantApproval(Command):
    """Approve a request; ``by`` is a person with the authority, and not the one who asks."""

    of: str
    approval: str


@final
@frozen(kw_only=True)
class RefuseApproval(Command):
    """Refuse a request, or take back that it was granted; ``by`` has authority for that kind of deed."""

    of: str
    approval: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class WithdrawApproval(Command):
    """Take back what one asked for oneself."""

    of: str
    approval: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class NoteAttempt(Command):
    """Keep for the audit that ``person`` tried a deed without authority: what a `NotAuthorized` says."""

    of: str
    kind: str
    subject: str
    code: str
    person: str | None = None
    approver: str | None = None
    amount: Money | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.kind", self.kind, tuple(DEEDS))
        checks.one_of("command.code", self.code, tuple(CODES))
        check_amount("command.amount", self.amount)
