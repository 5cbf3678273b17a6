"""Facts about charges: raised with the notice that claims them, reversed, waived, reinstated."""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.charge import Charge
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class ChargeRaised(Fact):
    """A fee or an interest claim became an open item."""

    charge: Charge


@final
@frozen(kw_only=True)
class ChargeReversed(Fact):
    """So much of a charge was wrong: its letter failed, its step was annulled, less interest had accrued.

    ``approver`` is named where a person reversed it.
    """

    charge: str
    amount: Money
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str | None = None


@final
@frozen(kw_only=True)
class ChargeWaived(Fact):
    """So much of a charge was given up; it was right, and somebody with authority let it go.

    ``plan`` is the payment plan on condition of which that was.
    """

    charge: str
    amount: Money
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    plan: str | None = None


@final
@frozen(kw_only=True)
class ChargeReinstated(Fact):
    """So much of what was waived is owed again; ``plan`` is the payment plan that was not kept."""

    charge: str
    amount: Money
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str
    plan: str | None = None
