"""Which plan answers which command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from receivables.errors import WrongType
from receivables.plans import (
    authority,
    authority_commands,
    cash,
    cash_commands,
    charges,
    commands,
    credit,
    customer,
    delivery,
    dispute,
    extension,
    hold,
    invoice,
    limitation,
    loss,
    loss_commands,
    merge,
    payment_method,
    payment_method_commands,
    payment_plan,
    payment_plan_commands,
    promise,
    request,
    request_commands,
    risk,
    risk_commands,
    settlement,
    split,
)
from receivables.plans.commands import Command
from receivables.plans.plan import Context, Plan
from receivables.state.account import Account

PLANS: Mapping[type[Command], Callable[[Account, Any, Context], Plan]] = {
    commands.OpenAccount: customer.open_account,
    commands.OpenGroup: customer.open_group,
    commands.ChangeCustomer: customer.change_customer,
    commands.PublishPolicy: customer.publish_policy,
    commands.IssueInvoice: invoice.issue_invoice,
    commands.IssueCreditNote: invoice.issue_credit_note,
    commands.TakeOver: invoice.take_over,
    commands.DateInstallment: invoice.date_installment,
    commands.ReceivePayment: cash.receive_payment,
    commands.Apply: cash.apply,
    commands.Unapply: cash.unapply,
    cash_commands.ConfirmPayment: cash.confirm_payment,
    cash_commands.FailPayment: cash.fail_payment,
    cash_commands.ReturnPayment: cash.return_payment,
    cash_commands.Settle: settlement.settle,
    cash_commands.Appropriate: settlement.appropriate_credit,
    cash_commands.Refund: settlement.refund,
    cash_commands.Convert: settlement.convert,
    cash_commands.Transfer: settlement.transfer,
    payment_method_commands.AddPaymentMethod: payment_method.add_payment_method,
    payment_method_commands.RemovePaymentMethod: payment_method.remove_payment_method,
    payment_method_commands.PreferPaymentMethod: payment_method.prefer_payment_method,
    payment_method_commands.SignMandate: payment_method.sign_mandate,
    payment_method_commands.RevokeMandate: payment_method.revoke_mandate,
    commands.SetLimit: credit.set_limit,
    commands.ReserveOrder: credit.reserve_order,
    commands.ReleaseOrder: credit.release_order,
    commands.PlaceHold: hold.place_hold,
    commands.ReleaseHold: hold.release_hold,
    commands.ExtendDue: extension.extend_due,
    commands.WaiveCharge: charges.waive_charge,
    commands.ReverseCharge: charges.reverse_charge,
    commands.ReinstateCharge: charges.reinstate_charge,
    commands.ClaimInterest: charges.claim_interest,
    commands.ApproveNotice: delivery.approve_notice,
    commands.RejectNotice: delivery.reject_notice,
    commands.RecordOutcome: delivery.record_outcome,
    commands.MigrateLadders: delivery.migrate_ladders,
    commands.OpenDispute: dispute.open_dispute,
    commands.ResolveDispute: dispute.resolve_dispute,
    commands.MakePromise: promise.make_promise,
    commands.WithdrawPromise: promise.withdraw_promise,
    payment_plan_commands.AgreePlan: payment_plan.agree_plan,
    payment_plan_commands.ReinstatePlan: payment_plan.reinstate_plan,
    payment_plan_commands.CancelPlan: payment_plan.cancel_plan,
    request_commands.RequestArrangement: request.request_made,
    request_commands.RequestContacts: request.request_made,
    request_commands.AnswerRequest: request.answer_request,
    commands.AcknowledgeDebt: limitation.acknowledge_debt,
    commands.RecordDemand: limitation.record_demand,
    commands.SuspendLimitation: limitation.suspend_limitation,
    commands.ResumeLimitation: limitation.resume_limitation,
    authority_commands.RequestApproval: authority.request_approval,
    authority_commands.GrantApproval: authority.grant_approval,
    authority_commands.RefuseApproval: authority.refuse_approval,
    authority_commands.WithdrawApproval: authority.withdraw_approval,
    authority_commands.NoteAttempt: authority.note_attempt,
    loss_commands.WriteOff: loss.write_off,
    loss_commands.ReverseWriteOff: loss.reverse_write_off,
    loss_commands.Recover: loss.recover,
    loss_commands.SetAllowance: loss.set_allowance,
    loss_commands.ReleaseAllowance: loss.release_allowance,
    loss_commands.ClaimRelief: loss.claim_relief,
    loss_commands.BarRelief: loss.bar_relief,
    risk_commands.ScoreCustomer: risk.score_customer,
    risk_commands.RecordExternalScore: risk.record_external_score,
    risk_commands.DeclareFigures: risk.declare_figures,
    risk_commands.OverrideClass: risk.override_class,
    risk_commands.WithdrawOverride: risk.withdraw_override,
    commands.MergeAccounts: merge.merge_accounts,
    commands.SeparateAccounts: merge.separate_accounts,
    commands.SplitAccount: split.split_account,
}


def plan(account: Account, command: Command, context: Context) -> Plan:
    """The plan of a command on an account; raises the typed errors of the plan, before anything is recorded."""
    try:
        planner = PLANS[type(command)]
    except KeyError:
        raise WrongType("command", command, "a command") from None
    return planner(account, command, context)
