"""Facts about payment plans: agreed, reinstated, cancelled. Whether one performs is not recorded: the payments say so."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.payment_plan import PaymentPlan
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class PlanAgreed(Fact):
    """A customer pays in installments; ``settled`` is what had been taken off the items before, by what was known.

    ``approver`` is named where charges are waived on condition. ``waived`` is what was open of each charge that the plan
    waives, in its order: that much was approved, and no more is waived. Where it is left out, whatever is open is.
    """

    plan: PaymentPlan
    settled: Money
    approver: str | None = None
    waived: tuple[Money, ...] = ()


@final
@frozen(kw_only=True)
class PlanReinstated(Fact):
    """A plan that was in default performs again; what was missed is to be paid by ``catch_up_by``."""

    plan: str
    catch_up_by: dt.date
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class PlanCancelled(Fact):
    """A plan was given up; what is open of its items is owed as before it."""

    plan: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
