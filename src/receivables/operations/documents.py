"""Operations on who owes and what: accounts, groups, invoices, credit notes, open items taken over, mergers."""

from __future__ import annotations

import datetime as dt

from receivables.documents.credit import CreditLimit
from receivables.documents.customer import Customer
from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.operations.execute import Executing, R
from receivables.plans import commands
from receivables.policies.book import Policy


class DocumentOperations(Executing[R]):
    """Operations on who owes and what: accounts, groups, invoices, credit notes, open items taken over, mergers."""

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
        self,
        credit_note: CreditNote,
        *,
        key: str,
        by: str | None = None,
        dispute: str | None = None,
        restores: bool = False,
    ) -> R:
        """Record a credit note and apply it to its invoice as far as that is open; ``dispute`` names one that it ends.

        With ``restores`` what the invoice took from its order is to be delivered and invoiced again.
        """
        command = commands.IssueCreditNote(credit_note=credit_note, dispute=dispute, restores=restores, key=key, by=by)
        return self.execute(command)

    def take_over(self, item: TakenOverItem, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Bring an open item from another system, effective on a day."""
        return self.execute(commands.TakeOver(item=item, on=on, key=key, by=by))

    def date_installment(self, account: str, item: str, due_on: dt.date, *, key: str, by: str | None = None) -> R:
        """Give an item that waits for its baseline its due date."""
        return self.execute(commands.DateInstallment(of=account, item=item, due_on=due_on, key=key, by=by))

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
        approval: str | None = None,
    ) -> R:
        """Make another account part of this one, with the limits that the whole has from today on."""
        command = commands.MergeAccounts(
            of=account,
            absorbed=absorbed,
            limits=limits,
            reason=reason,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
        return self.execute(command)

    def separate_accounts(
        self,
        account: str,
        absorbed: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        approval: str | None = None,
    ) -> R:
        """Take a merge back: the account that was absorbed is one of its own again."""
        command = commands.SeparateAccounts(
            of=account, absorbed=absorbed, reason=reason, approver=approver, approval=approval, key=key, by=by
        )
        return self.execute(command)

    def split_account(
        self,
        account: str,
        documents: tuple[str, ...],
        to: str,
        *,
        reason: str,
        by: str,
        approver: str,
        key: str,
        approval: str | None = None,
    ) -> R:
        """Hand whole invoices over to another account, with all that is recorded about them."""
        command = commands.SplitAccount(
            of=account,
            to=to,
            documents=documents,
            reason=reason,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
        return self.execute(command)

    def publish(self, policy: Policy, *, key: str, by: str | None = None) -> R:
        """Keep the settings of a policy version, so that its decisions can be replayed."""
        return self.execute(commands.PublishPolicy(policy=policy, key=key, by=by))
