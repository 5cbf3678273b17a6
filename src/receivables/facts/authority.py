"""Facts about authority: what was asked for and answered, by whose authority a deed was done, and what was tried without."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.authority import ApprovalRequest
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class ApprovalRequested(Fact):
    """Somebody asked to be let do a deed; the request is good until the end of ``lapses_on``."""

    approval: ApprovalRequest
    lapses_on: dt.date
    policy: PolicyRef


@final
@frozen(kw_only=True)
class ApprovalGranted(Fact):
    """A person with authority approved a request; ``left`` is how many more have to, ``total`` what was judged.

    The total is what the one who asks did of the kind within the window, with what is asked for.
    """

    approval: str
    left: int
    total: Money | None
    policy: PolicyRef


@final
@frozen(kw_only=True)
class ApprovalRefused(Fact):
    """A person with authority refused a request, or took back that it was granted."""

    approval: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class ApprovalWithdrawn(Fact):
    """The one who asked does not want to do it any more."""

    approval: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class AuthorityUsed(Fact):
    """By whose authority a deed was done, which is recorded together with it.

    The rule of ``policy`` is named by its ``role``, its bound ``up_to`` and its window; ``total`` is what ``by`` did of the
    kind within that window, this included. ``approvers`` are the persons whose approval it took; nobody where ``by`` has
    the authority alone. ``approval`` is the request that was granted before.
    """

    kind: str
    subject: str
    amount: Money | None
    total: Money | None
    role: str
    up_to: Money | None
    window_days: int
    approvers: tuple[str, ...]
    approval: str | None
    policy: PolicyRef


@final
@frozen(kw_only=True)
class AttemptRefused(Fact):
    """Somebody tried a deed without authority, or to approve what they asked for, and was refused.

    ``person`` is who tried, ``by`` who recorded it; ``code`` says why it was refused.
    """

    kind: str
    subject: str
    amount: Money | None
    person: str | None
    approver: str | None
    code: str
