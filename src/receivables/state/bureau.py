"""The bureau slice: what bureaus were told, and how a report stands on a date.

The life of a report, as `LIFE` says it and the tests check it::

    reported  -> corrected, disputed, closed, withdrawn
    corrected -> corrected, disputed, closed, withdrawn
    disputed  -> disputed, corrected, closed, withdrawn
    closed    -> corrected, withdrawn     (money went back: it is owed again)

What is owed to a bureau and was not told yet is not kept: `receivables.policies.bureau` works it out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.bureau import BureauReport
from receivables.facts.bureau import DebtReported, ReportUpdated, ReportWithdrawn
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "reported": frozenset({"corrected", "disputed", "closed", "withdrawn"}),
    "corrected": frozenset({"corrected", "disputed", "closed", "withdrawn"}),
    "disputed": frozenset({"disputed", "corrected", "closed", "withdrawn"}),
    "closed": frozenset({"corrected", "withdrawn"}),
    "withdrawn": frozenset(),
}


@final
@frozen(weakref_slot=False)
class ReportEntry(Entry):
    """A debt as it was reported."""

    report: BureauReport
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReportChange(Entry):
    """What a bureau was told of a report; ``balance`` in minor units, ``kind`` ``withdrawn`` where it was taken back."""

    report: str
    kind: str
    balance: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ReportState:
    """A report on a date: how it stands, the balance that the bureau was told last, in minor units, and when that was.

    ``disputed`` says whether the bureau knows of a dispute.
    """

    report: BureauReport
    status: str
    balance: int
    told_on: dt.date
    disputed: bool

    @property
    def stands(self) -> bool:
        """Whether the bureau has it: it was not taken back."""
        return self.status != "withdrawn"


@final
@frozen(kw_only=True)
class BureauLog:
    """All reports, and what followed, in log order."""

    reports: tuple[ReportEntry, ...] = ()
    changes: tuple[ReportChange, ...] = ()

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[ReportState, ...]:
        """The reports that were made by a date, each as it stands then."""
        if not self.reports:
            return ()
        changes: dict[str, list[ReportChange]] = {}
        for change in sorted(self.changes, key=_day):
            if change.seen(as_of, known_at):
                changes.setdefault(change.report, []).append(change)
        return tuple(
            _state(entry.report, changes.get(entry.report.id, ()))
            for entry in self.reports
            if entry.seen(as_of, known_at)
        )


def _day(entry: Entry) -> dt.date:
    return entry.effective_on


def _state(report: BureauReport, changes: Iterable[ReportChange]) -> ReportState:
    status, balance, told_on, disputed = "reported", report.balance.minor, report.reported_on, False
    for change in changes:
        balance, told_on = change.balance, change.effective_on
        disputed = _FLAG.get(change.kind, disputed)
        status = "disputed" if disputed and change.kind == "balance" else _STATUS[change.kind]
    return ReportState(report, status, balance, told_on, disputed)


_STATUS = {
    "balance": "corrected",
    "disputed": "disputed",
    "dispute_over": "corrected",
    "paid": "closed",
    "withdrawn": "withdrawn",
}
_FLAG = {"disputed": True, "dispute_over": False, "paid": False, "withdrawn": False}


def _report(fact: DebtReported) -> Iterable[ReportEntry]:
    return (ReportEntry(fact.report, fact.effective_on, fact.recorded_at),)


def _update(fact: ReportUpdated) -> Iterable[ReportChange]:
    return (ReportChange(fact.report, fact.kind, fact.balance.minor, fact.effective_on, fact.recorded_at),)


def _withdrawal(fact: ReportWithdrawn) -> Iterable[ReportChange]:
    return (ReportChange(fact.report, "withdrawn", 0, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    DebtReported: (("reports", _report),),
    ReportUpdated: (("changes", _update),),
    ReportWithdrawn: (("changes", _withdrawal),),
}
