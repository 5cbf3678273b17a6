"""What a host can ask for about payment plans: agree one, let one in default perform again, give one up."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.payment_plan import PaymentPlan
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class AgreePlan(Command):
    """Record a payment plan; one that waives charges needs an approver, who is another person than ``by``."""

    ABOUT: ClassVar[str] = "plan.account"

    plan: PaymentPlan
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class ReinstatePlan(Command):
    """Let a plan in default perform again from a day on; what was missed is to be paid by ``catch_up_by``."""

    of: str
    plan: str
    catch_up_by: dt.date
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    on: dt.date
    approval: str | None = None


@final
@frozen(kw_only=True)
class CancelPlan(Command):
    """Give a plan up from a day on; what is open of its items is owed as before."""

    of: str
    plan: str
    on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
