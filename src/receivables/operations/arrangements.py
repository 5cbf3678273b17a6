"""Operations on what is agreed with a customer: extensions, disputes, promises, payment plans, requests."""

from __future__ import annotations

import datetime as dt

from receivables.documents.dispute import Dispute
from receivables.documents.payment_plan import PaymentPlan
from receivables.documents.promise import Promise
from receivables.documents.request import ArrangementRequest, ContactsRequest
from receivables.operations.execute import Executing, R
from receivables.plans import commands, payment_plan_commands, request_commands
from receivables.values.money import Money


class ArrangementOperations(Executing[R]):
    """Operations on what is agreed with a customer: extensions, disputes, promises, payment plans, requests."""

    def extend_due(
        self,
        account: str,
        item: str,
        due_on: dt.date,
        *,
        on: dt.date,
        reason: str,
        by: str,
        approver: str,
        key: str,
    ) -> R:
        """Give an item, or all that is open of an invoice, a later due date from a day on."""
        return self.execute(
            commands.ExtendDue(
                of=account, item=item, due_on=due_on, on=on, reason=reason, approver=approver, key=key, by=by
            )
        )

    def open_dispute(self, dispute: Dispute, *, key: str, by: str | None = None) -> R:
        """Record that a customer contests an item, a part or a line; ``outcome`` is ``opened``."""
        return self.execute(commands.OpenDispute(dispute=dispute, key=key, by=by))

    def resolve_dispute(
        self,
        account: str,
        dispute: str,
        outcome: str,
        *,
        on: dt.date,
        key: str,
        amount: Money | None = None,
        reason: str | None = None,
        by: str | None = None,
    ) -> R:
        """End a dispute, or so much of it: ``rejected``, ``settled`` or ``withdrawn``; a credit note ends it by itself."""
        return self.execute(
            commands.ResolveDispute(
                of=account, dispute=dispute, outcome=outcome, on=on, amount=amount, reason=reason, key=key, by=by
            )
        )

    def make_promise(self, promise: Promise, *, key: str, by: str | None = None, approver: str | None = None) -> R:
        """Record a promise to pay; ``approver`` lets in another one after one that was broken."""
        return self.execute(commands.MakePromise(promise=promise, approver=approver, key=key, by=by))

    def withdraw_promise(
        self, account: str, promise: str, *, on: dt.date, reason: str, key: str, by: str | None = None
    ) -> R:
        """Take a promise back from a day on; what it covers can be dunned again."""
        return self.execute(commands.WithdrawPromise(of=account, promise=promise, on=on, reason=reason, key=key, by=by))

    def agree_plan(
        self,
        plan: PaymentPlan,
        *,
        key: str,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Record a payment plan over whole items; ``approver`` is needed where it waives charges on condition."""
        return self.execute(
            payment_plan_commands.AgreePlan(plan=plan, approver=approver, approval=approval, key=key, by=by)
        )

    def reinstate_plan(
        self,
        account: str,
        plan: str,
        *,
        catch_up_by: dt.date,
        on: dt.date,
        reason: str,
        by: str,
        approver: str,
        key: str,
        approval: str | None = None,
    ) -> R:
        """Let a payment plan in default perform again from a day on; what was missed is to be paid by ``catch_up_by``."""
        command = payment_plan_commands.ReinstatePlan(
            of=account,
            plan=plan,
            catch_up_by=catch_up_by,
            on=on,
            reason=reason,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
        return self.execute(command)

    def cancel_plan(self, account: str, plan: str, *, on: dt.date, reason: str, key: str, by: str | None = None) -> R:
        """Give a payment plan up from a day on; what is open of its items is dunned and ages as before it."""
        return self.execute(
            payment_plan_commands.CancelPlan(of=account, plan=plan, on=on, reason=reason, key=key, by=by)
        )

    def request_arrangement(self, request: ArrangementRequest, *, key: str, by: str | None = None) -> R:
        """Ask for a promise, a deferment or a plan, as a customer; the outcome is ``accepted``, ``refused`` or ``referred``."""
        return self.execute(request_commands.RequestArrangement(request=request, key=key, by=by))

    def request_contacts(self, request: ContactsRequest, *, key: str, by: str | None = None) -> R:
        """Ask for other contacts or another language, as a customer."""
        return self.execute(request_commands.RequestContacts(request=request, key=key, by=by))

    def answer_request(
        self, account: str, request: str, *, accept: bool, reason: str, by: str, key: str, approver: str | None = None
    ) -> R:
        """Say yes or no to a request that was referred; with a yes, what was asked for is recorded as of today."""
        command = request_commands.AnswerRequest(
            of=account, request=request, accept=accept, reason=reason, approver=approver, key=key, by=by
        )
        return self.execute(command)
