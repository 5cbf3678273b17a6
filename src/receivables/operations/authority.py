"""Operations on authority: ask for an approval, answer it, keep what was tried without."""

from __future__ import annotations

from receivables.documents.authority import ApprovalRequest
from receivables.errors import NotAuthorized
from receivables.operations.execute import Executing, R
from receivables.plans import authority_commands
from receivables.values.money import Money


class AuthorityOperations(Executing[R]):
    """Operations on authority: ask for an approval, answer it, keep what was tried without."""

    def request_approval(self, approval: ApprovalRequest, *, by: str, key: str) -> R:
        """Ask to be let do a deed, before it is done; who asks is the one who may use it, once."""
        return self.execute(authority_commands.RequestApproval(approval=approval, key=key, by=by))

    def grant_approval(self, account: str, approval: str, *, by: str, key: str) -> R:
        """Approve a request; the outcome is ``granted``, or ``waiting`` while another person has to approve as well."""
        return self.execute(authority_commands.GrantApproval(of=account, approval=approval, key=key, by=by))

    def refuse_approval(self, account: str, approval: str, *, reason: str, by: str, key: str) -> R:
        """Refuse a request, or take back that it was granted."""
        return self.execute(
            authority_commands.RefuseApproval(of=account, approval=approval, reason=reason, key=key, by=by)
        )

    def withdraw_approval(self, account: str, approval: str, *, reason: str, by: str, key: str) -> R:
        """Take back what one asked for oneself."""
        return self.execute(
            authority_commands.WithdrawApproval(of=account, approval=approval, reason=reason, key=key, by=by)
        )

    def note_attempt(self, account: str, error: NotAuthorized, *, key: str, by: str | None = None) -> R:
        """Keep for the audit what a refused command tried, by the error that refused it; the command left nothing."""
        command = authority_commands.NoteAttempt(
            of=account,
            kind=error.kind,
            subject=error.subject,
            amount=error.amount if isinstance(error.amount, Money) else None,
            person=error.by,
            approver=error.approver,
            code=error.code,
            key=key,
            by=by,
        )
        return self.execute(command)
