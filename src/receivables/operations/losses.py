"""Operations on losses: write-offs and recoveries, allowances for claims by themselves, tax relief on bad debts."""

from __future__ import annotations

import datetime as dt

from receivables.documents.loss import SpecificAllowance
from receivables.operations.execute import Executing, R
from receivables.plans import loss_commands
from receivables.values.money import Money


class LossOperations(Executing[R]):
    """Operations on losses: write-offs and recoveries, allowances for claims by themselves, tax relief on bad debts."""

    def write_off(
        self,
        account: str,
        item: str,
        code: str,
        *,
        on: dt.date,
        key: str,
        amount: Money | None = None,
        note: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
        by: str | None = None,
    ) -> R:
        """Give an item up as lost, or so much of it, or all that is open of an invoice; it never counts as paid."""
        command = loss_commands.WriteOff(
            of=account,
            item=item,
            code=code,
            on=on,
            amount=amount,
            note=note,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
        return self.execute(command)

    def reverse_write_off(
        self,
        account: str,
        write_off: str,
        *,
        reason: str,
        key: str,
        amount: Money | None = None,
        approver: str | None = None,
        by: str | None = None,
    ) -> R:
        """Take a write-off back that was a mistake, or so much of it, from its own day."""
        command = loss_commands.ReverseWriteOff(
            of=account, write_off=write_off, reason=reason, amount=amount, approver=approver, key=key, by=by
        )
        return self.execute(command)

    def recover(
        self, account: str, source: str, item: str, *, key: str, amount: Money | None = None, by: str | None = None
    ) -> R:
        """Use what is left of a credit, or so much of it, for an item that was written off."""
        command = loss_commands.Recover(of=account, source=source, item=item, amount=amount, key=key, by=by)
        return self.execute(command)

    def set_allowance(
        self,
        allowance: SpecificAllowance,
        *,
        on: dt.date,
        key: str,
        approver: str | None = None,
        by: str | None = None,
    ) -> R:
        """Set something aside for an item or a customer by itself, or change the allowance of this id."""
        command = loss_commands.SetAllowance(allowance=allowance, on=on, approver=approver, key=key, by=by)
        return self.execute(command)

    def release_allowance(self, account: str, allowance: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Set nothing aside for it any more from a day on: the matrix covers it again."""
        return self.execute(loss_commands.ReleaseAllowance(of=account, allowance=allowance, on=on, key=key, by=by))

    def claim_relief(
        self,
        account: str,
        item: str,
        *,
        on: dt.date,
        key: str,
        supplied_on: dt.date | None = None,
        by: str | None = None,
    ) -> R:
        """Claim the tax on a bad debt back from the tax office."""
        command = loss_commands.ClaimRelief(of=account, item=item, on=on, supplied_on=supplied_on, key=key, by=by)
        return self.execute(command)

    def bar_relief(
        self,
        account: str,
        item: str,
        cause: str,
        *,
        on: dt.date,
        key: str,
        note: str | None = None,
        by: str | None = None,
    ) -> R:
        """Say that there is no right to tax relief on an item any more: ``sold``, ``disputed``, ``expired`` or ``other``."""
        command = loss_commands.BarRelief(of=account, item=item, cause=cause, on=on, note=note, key=key, by=by)
        return self.execute(command)
