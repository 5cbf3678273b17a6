"""The facts that are nothing to the general ledger: they move no money.

What a limit, a letter or a promise says may come to money later; then another fact says so. A test fails for a fact that
stands neither here nor in `receivables.reports.journal_rules`.
"""

from __future__ import annotations

from typing import Final

from receivables.facts import (
    application,
    authority,
    credit,
    dispute,
    dunning,
    invoice,
    limitation,
    loss,
    merge,
    payment_method,
    payment_plan,
    policy,
    promise,
    request,
    risk,
)

NO_POSTING: Final[frozenset[type]] = frozenset(
    {
        policy.PolicyPublished,
        invoice.InstallmentDated,
        invoice.DueDateExtended,
        credit.LimitSet,
        credit.LimitWithdrawn,
        credit.OrderReserved,
        credit.OrderHeld,
        credit.OrderRefused,
        credit.OrderReleased,
        credit.OrderDelivered,
        credit.OrderReopened,
        credit.OrderRestored,
        credit.InvoiceDrafted,
        credit.DraftDropped,
        credit.HoldPlaced,
        credit.HoldReleased,
        dunning.NoticeQueued,
        dunning.NoticeSending,
        dunning.NoticeSent,
        dunning.NoticeFailed,
        dunning.NoticeCancelled,
        dunning.NoticeApproved,
        dunning.NoticeRejected,
        dunning.StepsAnnulled,
        dunning.LadderMigrated,
        dispute.DisputeOpened,
        dispute.DisputeResolved,
        promise.PromiseMade,
        promise.PromiseWithdrawn,
        payment_plan.PlanAgreed,
        payment_plan.PlanReinstated,
        payment_plan.PlanCancelled,
        request.RequestMade,
        request.RequestAnswered,
        payment_method.PaymentMethodAdded,
        payment_method.PaymentMethodRemoved,
        payment_method.PaymentMethodPreferred,
        payment_method.MandateSigned,
        payment_method.MandateRevoked,
        limitation.DebtAcknowledged,
        limitation.DemandReceived,
        limitation.LimitationSuspended,
        limitation.LimitationResumed,
        application.ApplicationSubmitted,
        application.ApplicationSupplemented,
        application.ReferenceAnswered,
        application.ApplicationDecided,
        application.OfferAccepted,
        application.ApplicationClosed,
        authority.ApprovalRequested,
        authority.ApprovalGranted,
        authority.ApprovalRefused,
        authority.ApprovalWithdrawn,
        authority.AuthorityUsed,
        authority.AttemptRefused,
        risk.CustomerScored,
        risk.ExternalScoreReceived,
        risk.FiguresDeclared,
        risk.ClassOverridden,
        risk.OverrideWithdrawn,
        risk.WarningRaised,
        # The claim stands as it was; what is set aside is posted at a closing, when it is known what is open.
        loss.SpecificAllowanceSet,
        loss.SpecificAllowanceReleased,
        loss.ReliefBarred,
        # Each account keeps its own log, so both go on being posted as they were: together they are what the whole owes.
        merge.AccountAbsorbed,
        merge.AccountMerged,
        merge.AccountSeparated,
        merge.AccountRestored,
    }
)
"""Facts that move no money: a test fails for one that stands in neither table."""
