"""What a host can ask for about bureaus and agencies: report a debt, tell what changed, take a report back; place, recall."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.bureau import WITHDRAWALS
from receivables.documents.placement import OUTCOMES, Placement
from receivables.plans.commands import Command
from receivables.values import checks


@final
@frozen(kw_only=True)
class ReportDebt(Command):
    """Report some items, or all that may be reported, with what is owed on them today."""

    of: str
    items: tuple[str, ...] = ()
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class UpdateReport(Command):
    """Record that a bureau was told today all that it had to be told of a report."""

    of: str
    report: str


@final
@frozen(kw_only=True)
class WithdrawReport(Command):
    """Take a report back; ``code`` is one of `receivables.documents.bureau.WITHDRAWALS`."""

    of: str
    report: str
    code: str
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
    approver: str | None = None
    approval: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.code", self.code, WITHDRAWALS)


@final
@frozen(kw_only=True)
class PlaceDebt(Command):
    """Place items with an agency or a lawyer; their letters stop."""

    ABOUT: ClassVar[str] = "placement.account"

    placement: Placement
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class RecallDebt(Command):
    """Take some items of a placement back, or all that are left, from a day on; their letters go on."""

    of: str
    placement: str
    on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    items: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class ClosePlacement(Command):
    """Record that the agency or the lawyer is done with a placement."""

    of: str
    placement: str
    outcome: str
    on: dt.date

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.outcome", self.outcome, OUTCOMES)


@final
@frozen(kw_only=True)
class NoteCollection(Command):
    """Record that a payment came through the agency."""

    of: str
    placement: str
    payment: str
