"""Operations on what goes outward: reports to credit bureaus, placements with agencies and lawyers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from receivables.documents.placement import Placement
from receivables.operations.execute import Executing, R
from receivables.plans import bureau_commands


class BureauOperations(Executing[R]):
    """Operations on what goes outward: reports to credit bureaus, placements with agencies and lawyers."""

    def report_debt(
        self,
        account: str,
        items: Iterable[str] = (),
        *,
        key: str,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Report some items, or all that may be reported; ``not_reportable`` with the reasons where that may not be."""
        command = bureau_commands.ReportDebt(
            of=account, items=tuple(items), approver=approver, approval=approval, key=key, by=by
        )
        return self.execute(command)

    def update_report(self, account: str, report: str, *, key: str, by: str | None = None) -> R:
        """Record that the bureau was told all that is owed of a report."""
        return self.execute(bureau_commands.UpdateReport(of=account, report=report, key=key, by=by))

    def withdraw_report(
        self,
        account: str,
        report: str,
        code: str,
        *,
        key: str,
        by: str | None = None,
        note: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Take a report back."""
        command = bureau_commands.WithdrawReport(
            of=account, report=report, code=code, note=note, approver=approver, approval=approval, key=key, by=by
        )
        return self.execute(command)

    def place_debt(
        self,
        placement: Placement,
        *,
        key: str,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Place items with an agency or a lawyer; their letters stop."""
        command = bureau_commands.PlaceDebt(placement=placement, approver=approver, approval=approval, key=key, by=by)
        return self.execute(command)

    def recall_debt(
        self,
        account: str,
        placement: str,
        items: Iterable[str] = (),
        *,
        on: dt.date,
        reason: str,
        key: str,
        by: str | None = None,
    ) -> R:
        """Take items of a placement back; their letters go on."""
        command = bureau_commands.RecallDebt(
            of=account, placement=placement, items=tuple(items), on=on, reason=reason, key=key, by=by
        )
        return self.execute(command)

    def close_placement(
        self, account: str, placement: str, outcome: str, *, on: dt.date, key: str, by: str | None = None
    ) -> R:
        """Record that the agency is done: ``collected``, ``uncollectable`` or ``settled``."""
        command = bureau_commands.ClosePlacement(
            of=account, placement=placement, outcome=outcome, on=on, key=key, by=by
        )
        return self.execute(command)

    def note_collection(self, account: str, placement: str, payment: str, *, key: str, by: str | None = None) -> R:
        """Record that a payment came through the agency."""
        command = bureau_commands.NoteCollection(of=account, placement=placement, payment=payment, key=key, by=by)
        return self.execute(command)
