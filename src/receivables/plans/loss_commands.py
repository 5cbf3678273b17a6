"""What a host can ask for about losses: give a claim up, take that back, record what came in after all, set something aside
for a claim by itself, claim the tax on a bad debt back.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.loss import BARS, SpecificAllowance
from receivables.plans.commands import Command
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class WriteOff(Command):
    """Give an item up as lost from a day on, or so much of it; of an invoice, all that is open of its items.

    ``code`` says why, see `receivables.documents.loss.CODES`. ``approver`` is another person than ``by``, ``approval`` a
    request that was granted before.
    """

    of: str
    item: str
    code: str
    on: dt.date
    amount: Money | None = None
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class ReverseWriteOff(Command):
    """Take a write-off back that was a mistake, or so much of it: the item is owed as if it had always been."""

    of: str
    write_off: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    amount: Money | None = None
    approver: str | None = None


@final
@frozen(kw_only=True)
class Recover(Command):
    """Use what is left of a credit, or so much of it, for an item that was written off.

    So much of the write-off is taken back and settled in one commit: nothing is open meanwhile, and no letter goes out.
    """

    of: str
    source: str
    item: str
    amount: Money | None = None


@final
@frozen(kw_only=True)
class SetAllowance(Command):
    """Set something aside for an item or a customer by itself from a day on, or change the allowance of this id."""

    ABOUT: ClassVar[str] = "allowance.account"

    allowance: SpecificAllowance
    on: dt.date
    approver: str | None = None


@final
@frozen(kw_only=True)
class ReleaseAllowance(Command):
    """Set nothing aside any more from a day on: the matrix covers it again."""

    of: str
    allowance: str
    on: dt.date


@final
@frozen(kw_only=True)
class ClaimRelief(Command):
    """Claim the tax on a bad debt back, on a day; ``supplied_on`` where the supply was not on the day of the invoice."""

    of: str
    item: str
    on: dt.date
    supplied_on: dt.date | None = None


@final
@frozen(kw_only=True)
class BarRelief(Command):
    """Say that there is no right to tax relief on an item any more: ``sold``, ``disputed``, ``expired`` or ``other``."""

    of: str
    item: str
    cause: str
    on: dt.date
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.cause", self.cause, BARS)
