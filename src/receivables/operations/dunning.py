"""Operations on dunning: charges, notices, ladders, and the limitation of claims."""

from __future__ import annotations

import datetime as dt

from receivables.documents.limitation import Suspension
from receivables.operations.execute import Executing, R
from receivables.plans import commands
from receivables.values.money import Money


class DunningOperations(Executing[R]):
    """Operations on dunning: charges, notices, ladders, and the limitation of claims."""

    def waive_charge(
        self,
        account: str,
        charge: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        amount: Money | None = None,
        approval: str | None = None,
    ) -> R:
        """Give up a fee or an interest claim, or a part of it; ``approver`` is another person than ``by``."""
        command = commands.WaiveCharge(
            of=account,
            charge=charge,
            reason=reason,
            approver=approver,
            approval=approval,
            amount=amount,
            key=key,
            by=by,
        )
        return self.execute(command)

    def reinstate_charge(
        self,
        account: str,
        charge: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        amount: Money | None = None,
    ) -> R:
        """Owe again what was waived of a charge, or a part of it."""
        return self.execute(
            commands.ReinstateCharge(
                of=account, charge=charge, reason=reason, approver=approver, amount=amount, key=key, by=by
            )
        )

    def reverse_charge(
        self,
        account: str,
        charge: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        amount: Money | None = None,
        approval: str | None = None,
    ) -> R:
        """Take back a charge that was wrong, or a part of it; what was paid on it is on account again."""
        command = commands.ReverseCharge(
            of=account,
            charge=charge,
            reason=reason,
            approver=approver,
            approval=approval,
            amount=amount,
            key=key,
            by=by,
        )
        return self.execute(command)

    def claim_interest(self, account: str, item: str, until: dt.date, *, key: str, by: str | None = None) -> R:
        """Claim the interest of an item to a day, less what was claimed before, without a letter."""
        return self.execute(commands.ClaimInterest(of=account, item=item, until=until, key=key, by=by))

    def approve_notice(self, account: str, notice: str, *, by: str, key: str) -> R:
        """Let a notice go out that waits for approval."""
        return self.execute(commands.ApproveNotice(of=account, notice=notice, key=key, by=by))

    def reject_notice(self, account: str, notice: str, *, reason: str, by: str, key: str) -> R:
        """Stop a notice that waits for approval; its items climb no further."""
        return self.execute(commands.RejectNotice(of=account, notice=notice, reason=reason, key=key, by=by))

    def record_outcome(
        self, account: str, notice: str, outcome: str, *, by: str, key: str, detail: str | None = None
    ) -> R:
        """Say what became of a notice whose outcome is unknown: ``sent``, ``failed`` or ``retry``."""
        command = commands.RecordOutcome(of=account, notice=notice, outcome=outcome, detail=detail, key=key, by=by)
        return self.execute(command)

    def migrate_ladders(
        self,
        account: str,
        policy: str,
        version: int,
        *,
        key: str,
        items: tuple[str, ...] = (),
        steps: tuple[tuple[str, str], ...] = (),
        by: str | None = None,
    ) -> R:
        """Move the ladders of some items, or of all, to another policy or version of the book."""
        command = commands.MigrateLadders(
            of=account, policy=policy, version=version, items=items, steps=steps, key=key, by=by
        )
        return self.execute(command)

    def acknowledge_debt(
        self, account: str, *items: str, on: dt.date, evidence: str, key: str, by: str | None = None
    ) -> R:
        """Record that the debtor owned to some items, or to all that were open: their periods may begin anew."""
        command = commands.AcknowledgeDebt(of=account, items=items, on=on, evidence=evidence, key=key, by=by)
        return self.execute(command)

    def record_demand(
        self, account: str, *items: str, on: dt.date, evidence: str, key: str, by: str | None = None
    ) -> R:
        """Record that a written demand for some items, or for all that were open, reached the debtor."""
        command = commands.RecordDemand(of=account, items=items, on=on, evidence=evidence, key=key, by=by)
        return self.execute(command)

    def suspend_limitation(self, suspension: Suspension, *, key: str, by: str | None = None) -> R:
        """Suspend the limitation of some items from a day on, with or without an end."""
        return self.execute(commands.SuspendLimitation(suspension=suspension, key=key, by=by))

    def resume_limitation(self, account: str, suspension: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """End a suspension; the period runs again from that day on."""
        return self.execute(commands.ResumeLimitation(of=account, suspension=suspension, on=on, key=key, by=by))
