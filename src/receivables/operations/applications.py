"""Operations on credit applications: take one in, add to it, decide it, record what became of the offer."""

from __future__ import annotations

from receivables.documents.application import CreditApplication, Paper, Reference, ReferenceAnswer
from receivables.documents.risk import DeclaredFigures
from receivables.documents.terms import PaymentTerms
from receivables.operations.execute import Executing, R
from receivables.plans import application_commands
from receivables.values.money import Money


class ApplicationOperations(Executing[R]):
    """Operations on credit applications: take one in, add to it, decide it, record what became of the offer."""

    def submit_application(
        self, application: CreditApplication, *, key: str, figures: DeclaredFigures | None = None, by: str | None = None
    ) -> R:
        """Take in an application for credit, with the figures that the applicant declares."""
        command = application_commands.SubmitApplication(application=application, figures=figures, key=key, by=by)
        return self.execute(command)

    def supplement_application(
        self,
        account: str,
        application: str,
        *,
        key: str,
        references: tuple[Reference, ...] = (),
        papers: tuple[Paper, ...] = (),
        by: str | None = None,
    ) -> R:
        """Add references or papers to an application that waits."""
        command = application_commands.SupplementApplication(
            of=account, application=application, references=references, papers=papers, key=key, by=by
        )
        return self.execute(command)

    def answer_reference(
        self, account: str, application: str, answer: ReferenceAnswer, *, key: str, by: str | None = None
    ) -> R:
        """Record what a reference said."""
        command = application_commands.AnswerReference(
            of=account, application=application, answer=answer, key=key, by=by
        )
        return self.execute(command)

    def decide_application(
        self,
        account: str,
        application: str,
        *,
        key: str,
        outcome: str | None = None,
        limit: Money | None = None,
        terms: PaymentTerms | None = None,
        reason: str | None = None,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Decide as the policy recommends, or otherwise with a reason; ``incomplete`` records nothing."""
        command = application_commands.DecideApplication(
            of=account,
            application=application,
            outcome=outcome,
            limit=limit,
            terms=terms,
            reason=reason,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
        return self.execute(command)

    def accept_offer(self, account: str, application: str, *, key: str, by: str | None = None) -> R:
        """Record that the applicant accepted the offer; its limit is set from today on."""
        return self.execute(application_commands.AcceptOffer(of=account, application=application, key=key, by=by))

    def close_application(
        self, account: str, application: str, outcome: str, *, reason: str, key: str, by: str | None = None
    ) -> R:
        """Record that the applicant ``declined`` the offer, or has ``withdrawn`` the application."""
        command = application_commands.CloseApplication(
            of=account, application=application, outcome=outcome, reason=reason, key=key, by=by
        )
        return self.execute(command)
