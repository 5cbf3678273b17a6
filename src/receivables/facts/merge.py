"""Facts about customers that became one or two: absorbed and merged, separated and restored, documents handed over.

Each of the two accounts has its half of the pair in its own log; both are recorded in one commit.
"""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class AccountAbsorbed(Fact):
    """Another account became part of this one, with all that it has and owes; ``approver`` is not the one who asked."""

    account: str
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class AccountMerged(Fact):
    """This account became part of another one; what concerns it is asked for and recorded there."""

    into: str


@final
@frozen(kw_only=True)
class AccountSeparated(Fact):
    """An account that was absorbed is one of its own again."""

    account: str
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class AccountRestored(Fact):
    """This account is no longer part of another one, and has again all that is its own."""

    separated_from: str


@final
@frozen(kw_only=True)
class DocumentsHandedOver(Fact):
    """Whole invoices went to another account, with the credits that settle nothing else; ``approver`` agreed to it."""

    documents: tuple[str, ...]
    credits: tuple[str, ...]
    to: str
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class DocumentsTakenOn(Fact):
    """Whole invoices came from another account, with all that is recorded about them there."""

    documents: tuple[str, ...]
    credits: tuple[str, ...]
    came_from: str
