"""Operations on risk: score, keep what others and customers say, override a class."""

from __future__ import annotations

import datetime as dt

from receivables.documents.risk import ClassOverride, DeclaredFigures, ExternalScore
from receivables.operations.execute import Executing, R
from receivables.plans import risk_commands


class RiskOperations(Executing[R]):
    """Operations on risk: score, keep what others and customers say, override a class."""

    def score_customer(self, account: str, *, key: str, always: bool = False, by: str | None = None) -> R:
        """Score a customer as of today, and raise warnings; ``outcome`` is ``scored``, ``unchanged`` or ``not_scored``.

        All accounts in a batch: ``app.record(score_commands(app.accounts(), today))``.
        """
        return self.execute(risk_commands.ScoreCustomer(of=account, always=always, key=key, by=by))

    def record_external_score(self, external: ExternalScore, *, key: str, by: str | None = None) -> R:
        """Keep what somebody else says of a customer; a later one of the same name replaces it."""
        return self.execute(risk_commands.RecordExternalScore(external=external, key=key, by=by))

    def declare_figures(self, figures: DeclaredFigures, *, key: str, by: str | None = None) -> R:
        """Keep what a customer or a prospect declares of its own business."""
        return self.execute(risk_commands.DeclareFigures(figures=figures, key=key, by=by))

    def override_class(
        self,
        override: ClassOverride,
        *,
        by: str,
        key: str,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Give a customer a risk class, whatever its score says; another person approves."""
        command = risk_commands.OverrideClass(override=override, approver=approver, approval=approval, key=key, by=by)
        return self.execute(command)

    def withdraw_override(
        self, account: str, override: str, *, on: dt.date, reason: str, key: str, by: str | None = None
    ) -> R:
        """Let the score count again from a day on."""
        command = risk_commands.WithdrawOverride(of=account, override=override, on=on, reason=reason, key=key, by=by)
        return self.execute(command)
