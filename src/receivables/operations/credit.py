"""Operations on credit: limits, orders that reserve them, deliveries, drafts, releases, holds."""

from __future__ import annotations

import datetime as dt

from receivables.documents.credit import CreditLimit, DraftInvoice, Order
from receivables.documents.hold import Hold
from receivables.operations.execute import Executing, R
from receivables.plans import commands, credit_commands
from receivables.values.money import Money


class CreditOperations(Executing[R]):
    """Operations on credit: limits, orders that reserve them, deliveries, drafts, releases, holds."""

    def set_limit(
        self,
        limit: CreditLimit,
        *,
        key: str,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Set a credit limit, on a customer's account or on a group's."""
        return self.execute(credit_commands.SetLimit(limit=limit, approver=approver, approval=approval, key=key, by=by))

    def withdraw_limit(
        self,
        account: str,
        currency: str,
        *,
        on: dt.date,
        key: str,
        kind: str = "base",
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Take back all limits of a kind in a currency from a day on: what is inherited counts again."""
        command = credit_commands.WithdrawLimit(
            of=account, currency=currency, kind=kind, on=on, approver=approver, approval=approval, key=key, by=by
        )
        return self.execute(command)

    def reserve(self, order: Order, *, key: str, by: str | None = None) -> R:
        """Check an order, and reserve its amount where it is approved; the receipt has outcome and reasons."""
        return self.execute(credit_commands.ReserveOrder(order=order, key=key, by=by))

    def release_held_order(
        self,
        account: str,
        order: str,
        *,
        reason: str,
        by: str,
        key: str,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Let a held order go ahead against the reasons that hold it; ``approver`` is another person than ``by``."""
        command = credit_commands.ReleaseHeldOrder(
            of=account, order=order, reason=reason, approver=approver, approval=approval, key=key, by=by
        )
        return self.execute(command)

    def deliver_order(
        self, account: str, order: str, amount: Money, *, on: dt.date, key: str, by: str | None = None
    ) -> R:
        """Record that so much of an order was delivered, and is to be invoiced."""
        command = credit_commands.DeliverOrder(of=account, order=order, amount=amount, on=on, key=key, by=by)
        return self.execute(command)

    def release_order(self, account: str, order: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Cancel what is left of an order, but for what was delivered."""
        return self.execute(credit_commands.ReleaseOrder(of=account, order=order, on=on, key=key, by=by))

    def reopen_order(self, account: str, order: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Want what was cancelled of an order after all; it is checked anew."""
        return self.execute(credit_commands.ReopenOrder(of=account, order=order, on=on, key=key, by=by))

    def record_draft(self, draft: DraftInvoice, *, key: str, by: str | None = None) -> R:
        """Record an invoice that is drafted and not issued."""
        return self.execute(credit_commands.RecordDraft(draft=draft, key=key, by=by))

    def drop_draft(self, account: str, draft: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Throw a draft away from a day on."""
        return self.execute(credit_commands.DropDraft(of=account, draft=draft, on=on, key=key, by=by))

    def place_hold(self, hold: Hold, *, key: str, by: str | None = None) -> R:
        """Stop what the hold names: dunning, contact, interest, credit, reporting; on the account or on less of it."""
        return self.execute(commands.PlaceHold(hold=hold, key=key, by=by))

    def release_hold(self, account: str, hold: str, *, on: dt.date, key: str, by: str | None = None) -> R:
        """Lift a hold from a day on."""
        return self.execute(commands.ReleaseHold(of=account, hold=hold, on=on, key=key, by=by))
