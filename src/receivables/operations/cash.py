"""Operations on money: payments and what became of them, what they settle, where else they go, how to pay."""

from __future__ import annotations

import datetime as dt

from receivables.documents.exchange import ExchangeRate
from receivables.documents.payment import Allocation, Payment, PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.documents.settlement import Deduction
from receivables.operations.execute import Executing, R
from receivables.plans import cash_commands, commands, payment_method_commands
from receivables.values.money import Money


class CashOperations(Executing[R]):
    """Operations on money: payments and what became of them, what they settle, where else they go, how to pay."""

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
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Settle items with what is left of a credit; the settlement policy explains every part of the difference.

        ``approver`` or ``approval`` where ``by`` may not alone write off what the policy gives up.
        """
        command = cash_commands.Settle(
            of=account,
            source=source,
            items=items,
            deductions=deductions,
            withheld=withheld,
            certificate=certificate,
            bank_fee=bank_fee,
            expected=expected,
            approver=approver,
            approval=approval,
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
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Give so much of a credit back to the customer; ``approver`` or ``approval`` where ``by`` may not alone."""
        command = cash_commands.Refund(
            of=account,
            source=source,
            amount=amount,
            reference=reference,
            book_rate=book_rate,
            on=on,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
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
        self,
        account: str,
        source: str,
        amount: Money,
        to: str,
        *,
        on: dt.date,
        key: str,
        by: str | None = None,
        approver: str | None = None,
        approval: str | None = None,
    ) -> R:
        """Move so much of a credit to another account; ``ids`` of the receipt is the credit there."""
        command = cash_commands.Transfer(
            of=account,
            source=source,
            amount=amount,
            to=to,
            on=on,
            approver=approver,
            approval=approval,
            key=key,
            by=by,
        )
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
