"""Facts about credit bureaus: a debt was reported, a bureau was told of a change, a report was taken back."""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.bureau import BureauReport
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class DebtReported(Fact):
    """A debt was reported to a bureau; effective on the day on which it was. ``policy`` is the one that allowed it."""

    report: BureauReport
    policy: PolicyRef
    approver: str | None = None


@final
@frozen(kw_only=True)
class ReportUpdated(Fact):
    """A bureau was told what changed of a debt: see `receivables.documents.bureau.UPDATES`.

    ``balance`` is what it was told is owed now, ``code`` the status in the bureau's format.
    """

    report: str
    kind: str
    balance: Money
    code: str


@final
@frozen(kw_only=True)
class ReportWithdrawn(Fact):
    """A report was taken back as if it had never been: see `receivables.documents.bureau.WITHDRAWALS`."""

    report: str
    code: str
    approver: str | None = None
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
