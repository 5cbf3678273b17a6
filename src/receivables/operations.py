"""The commands as methods: one text for the sync and the async service.

`Operations` turns each method into a command and hands it to ``execute``, which gives a receipt in the one service and an
awaitable of a receipt in the other.
"""

from __future__ import annotations

import datetime as dt
from typing import Generic, TypeVar

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.customer import Customer
from receivables.documents.dispute import Dispute
from receivables.documents.exchange import ExchangeRate
from receivables.documents.hold import Hold
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.documents.limitation import Suspension
from receivables.documents.payment import Allocation, Payment, PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.documents.payment_plan import PaymentPlan
from receivables.documents.promise import Promise
from receivables.documents.request import ArrangementRequest, ContactsRequest
from receivables.documents.settlement import Deduction
from receivables.plans import cash_commands, commands, payment_method_commands, payment_plan_commands, request_commands
from receivables.plans.commands import Command
from receivables.policies.book import Policy
from receivables.values.money import Money

R = TypeVar("R")


class Operations(Generic[R]):
    """Everything that a host can ask to be recorded; each takes the caller's ``key`` and, if wanted, who asks (``by``).

    The same key with the same request gives the first receipt again; with another request it is `KeyReused`.
    """

    def execute(self, command: Command) -> R:
        """Record one command, or raise the error that refuses it."""
        raise NotImplementedError

    def open_account(self, customer: Customer, *, key: str, by: str | None = None) -> R:
        """Open the account of a customer."""
        return self.execute(commands.OpenAccount(customer=customer, key=key, by=by))

    def open_group(self, group: str, *, key: str, by: str | None = None) -> R:
        """Open the common account of a group of customers, which holds the group's limit."""
        return self.execute(commands.OpenGroup(group=group, key=key, by=by))

    def change_customer(self, customer: Customer, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Change group, segment, zone, language, contacts or tags from a day on."""
        return self.execute(commands.ChangeCustomer(customer=customer, on=on, key=key, by=by))

    def issue_invoice(self, invoice: Invoice, *, key: str, by: str | None = None) -> R:
        """Record an invoice; ``ids`` of the receipt are its open items."""
        return self.execute(commands.IssueInvoice(invoice=invoice, key=key, by=by))

    def issue_credit_note(
        self, credit_note: CreditNote, *, key: str, by: str | None = None, dispute: str | None = None
    ) -> R:
        """Record a credit note and apply it to its invoice as far as that is open; ``dispute`` names one that it ends."""
        return self.execute(commands.IssueCreditNote(credit_note=credit_note, dispute=dispute, key=key, by=by))

    def take_over(self, item: TakenOverItem, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Bring an open item from another system, effective on a day."""
        return self.execute(commands.TakeOver(item=item, on=on, key=key, by=by))

    def date_installment(self, account: str, item: str, due_on: dt.date, *, key: str, by: str | None = None) -> R:
        """Give an item that waits for its baseline its due date."""
        return self.execute(commands.DateInstallment(of=account, item=item, due_on=due_on, key=key, by=by))

    def receive_payment(self, payment: Payment, *, key: str, by: str | None = None) -> R:
        """Record a payment; it is on account until it is applied."""
        return self.execute(commands.ReceivePayment(payment=payment, key=key, by=by))

    def apply(self, account: str, source: str, item: str, amount: Money, *, key: str, by: str | None = None) -> R:
        """Apply so much of a payment or credit note to an item; ``ids`` of the receipt is the allocation."""
        allocation = Allocation(source=source, item=item, amount=amount)
        return self.execute(commands.Apply(of=account, allocation=allocation, key=key, by=by))

    def unapply(self, account: str, allocation: str, *, key: str, by: str | None = None) -> R:
        """Take back exactly one allocation."""
        return self.execute(commands.Unapply(of=account, allocation=allocation, key=key, by=by))

    def confirm_payment(
        self, account: str, payment: str, *, on: dt.date, key: str, bank_line: str | None = None, by: str | None = None
    ) -> R:
        """Say that the money of a payment that was pending or unknown is there; ``bank_line`` is the line that says so."""
        command = cash_commands.ConfirmPayment(of=account, payment=payment, on=on, bank_line=bank_line, key=key, by=by)
        return self.execute(command)

    def fail_payment(
        self,
        account: str,
        payment: str,
        code: str,
        *,
        on: dt.date,
        key: str,
        reason: str | None = None,
        by: str | None = None,
    ) -> R:
        """Say that a payment that was pending or unknown came to nothing; what it was meant for is free again."""
        command = cash_commands.FailPayment(
            of=account, payment=payment, code=code, reason=reason, on=on, key=key, by=by
        )
        return self.execute(command)

    def return_payment(
        self,
        account: str,
        payment: str,
        kind: str,
        code: str,
        *,
        on: dt.date,
        key: str,
        fee: Money | None = None,
        bank_line: str | None = None,
        by: str | None = None,
    ) -> R:
        """Say that money went back: ``returned``, ``chargeback``, or ``reversed`` where it was booked by mistake."""
        command = cash_commands.ReturnPayment(
            of=account, payment=payment, kind=kind, code=code, on=on, fee=fee, bank_line=bank_line, key=key, by=by
        )
        return self.execute(command)

    def settle(
        self,
        account: str,
        source: str,
        items: tuple[str, ...],
        *,
        key: str,
        deductions: tuple[Deduction, ...] = (),
        withheld: Money | None = None,
        certificate: str | None = None,
        bank_fee: Money | None = None,
        expected: tuple[Allocation, ...] = (),
        by: str | None = None,
    ) -> R:
        """Settle items with what is left of a credit; the settlement policy explains every part of the difference."""
        command = cash_commands.Settle(
            of=account,
            source=source,
            items=items,
            deductions=deductions,
            withheld=withheld,
            certificate=certificate,
            bank_fee=bank_fee,
            expected=expected,
            key=key,
            by=by,
        )
        return self.execute(command)

    def appropriate(
        self, account: str, source: str, *, key: str, designated: tuple[str, ...] = (), by: str | None = None
    ) -> R:
        """Place what is left of a credit on all that is owed, by the order of appropriation of the policies."""
        command = cash_commands.Appropriate(of=account, source=source, designated=designated, key=key, by=by)
        return self.execute(command)

    def refund(
        self,
        account: str,
        source: str,
        amount: Money,
        *,
        on: dt.date,
        key: str,
        reference: str | None = None,
        book_rate: ExchangeRate | None = None,
        by: str | None = None,
    ) -> R:
        """Give so much of a credit back to the customer."""
        command = cash_commands.Refund(
            of=account, source=source, amount=amount, reference=reference, book_rate=book_rate, on=on, key=key, by=by
        )
        return self.execute(command)

    def convert(
        self,
        account: str,
        source: str,
        amount: Money,
        rate: ExchangeRate,
        *,
        on: dt.date,
        key: str,
        by: str | None = None,
    ) -> R:
        """Turn so much of a credit into another currency; ``ids`` of the receipt is the new credit."""
        command = cash_commands.Convert(of=account, source=source, amount=amount, rate=rate, on=on, key=key, by=by)
        return self.execute(command)

    def transfer(
        self, account: str, source: str, amount: Money, to: str, *, on: dt.date, key: str, by: str | None = None
    ) -> R:
        """Move so much of a credit to another account; ``ids`` of the receipt is the credit there."""
        command = cash_commands.Transfer(of=account, source=source, amount=amount, to=to, on=on, key=key, by=by)
        return self.execute(command)

    def add_payment_method(
        self, account: str, method: PaymentMethod, *, on: dt.date, key: str, by: str | None = None
    ) -> R:
        """Keep the token of a card, or of another way to pay, from a day on."""
        command = payment_method_commands.AddPaymentMethod(of=account, method=method, on=on, key=key, by=by)
        return self.execute(command)

    def remove_payment_method(self, account: str, method: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Use a card no more from a day on; ``method`` is its token."""
        command = payment_method_commands.RemovePaymentMethod(of=account, method=method, on=on, key=key, by=by)
        return self.execute(command)

    def prefer_payment_method(self, account: str, method: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Use a card or a mandate before the others from a day on."""
        command = payment_method_commands.PreferPaymentMethod(of=account, method=method, on=on, key=key, by=by)
        return self.execute(command)

    def sign_mandate(self, mandate: Mandate, *, key: str, by: str | None = None) -> R:
        """Record that the customer signed a mandate: its bank account may be debited."""
        return self.execute(payment_method_commands.SignMandate(mandate=mandate, key=key, by=by))

    def revoke_mandate(self, account: str, mandate: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Use a mandate no more from a day on."""
        command = payment_method_commands.RevokeMandate(of=account, mandate=mandate, on=on, key=key, by=by)
        return self.execute(command)

    def set_limit(self, limit: CreditLimit, *, key: str, by: str | None = None) -> R:
        """Set a credit limit, on a customer's account or on a group's."""
        return self.execute(commands.SetLimit(limit=limit, key=key, by=by))

    def reserve(self, order: Order, *, key: str, by: str | None = None) -> R:
        """Check an order, and reserve its amount where it is approved; the receipt has outcome and reasons."""
        return self.execute(commands.ReserveOrder(order=order, key=key, by=by))

    def release_order(self, account: str, order: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Cancel what is left of an order."""
        return self.execute(commands.ReleaseOrder(of=account, order=order, on=on, key=key, by=by))

    def place_hold(self, hold: Hold, *, key: str, by: str | None = None) -> R:
        """Stop what the hold names: dunning, contact, interest, credit, reporting; on the account or on less of it."""
        return self.execute(commands.PlaceHold(hold=hold, key=key, by=by))

    def release_hold(self, account: str, hold: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Lift a hold from a day on."""
        return self.execute(commands.ReleaseHold(of=account, hold=hold, on=on, key=key, by=by))

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
    ) -> R:
        """Give up a fee or an interest claim, or a part of it; ``approver`` is another person than ``by``."""
        return self.execute(
            commands.WaiveCharge(
                of=account, charge=charge, reason=reason, approver=approver, amount=amount, key=key, by=by
            )
        )

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
    ) -> R:
        """Take back a charge that was wrong, or a part of it; what was paid on it is on account again."""
        return self.execute(
            commands.ReverseCharge(
                of=account, charge=charge, reason=reason, approver=approver, amount=amount, key=key, by=by
            )
        )

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

    def agree_plan(self, plan: PaymentPlan, *, key: str, by: str | None = None, approver: str | None = None) -> R:
        """Record a payment plan over whole items; ``approver`` is needed where it waives charges on condition."""
        return self.execute(payment_plan_commands.AgreePlan(plan=plan, approver=approver, key=key, by=by))

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
    ) -> R:
        """Let a payment plan in default perform again from a day on; what was missed is to be paid by ``catch_up_by``."""
        command = payment_plan_commands.ReinstatePlan(
            of=account, plan=plan, catch_up_by=catch_up_by, on=on, reason=reason, approver=approver, key=key, by=by
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

    def merge_accounts(
        self,
        account: str,
        absorbed: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        limits: tuple[CreditLimit, ...] = (),
    ) -> R:
        """Make another account part of this one, with the limits that the whole has from today on."""
        return self.execute(
            commands.MergeAccounts(
                of=account, absorbed=absorbed, limits=limits, reason=reason, approver=approver, key=key, by=by
            )
        )

    def separate_accounts(self, account: str, absorbed: str, *, reason: str, by: str, approver: str, key: str) -> R:
        """Take a merge back: the account that was absorbed is one of its own again."""
        return self.execute(
            commands.SeparateAccounts(of=account, absorbed=absorbed, reason=reason, approver=approver, key=key, by=by)
        )

    def split_account(
        self, account: str, documents: tuple[str, ...], to: str, *, reason: str, by: str, approver: str, key: str
    ) -> R:
        """Hand whole invoices over to another account, with all that is recorded about them."""
        return self.execute(
            commands.SplitAccount(
                of=account, to=to, documents=documents, reason=reason, approver=approver, key=key, by=by
            )
        )

    def publish(self, policy: Policy, *, key: str, by: str | None = None) -> R:
        """Keep the settings of a policy version, so that its decisions can be replayed."""
        return self.execute(commands.PublishPolicy(policy=policy, key=key, by=by))
