"""What the customer pays: payments with the bank's value date, what they say they are for, and payment methods.

A payment has an identity: its id, and where it comes from a bank the identity of the bank line, so that the same line in
two files is one payment. No card number is ever held: a card is a token with the little that may be shown.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.exchange import ExchangeRate, check_book_rate
from receivables.documents.settlement import Deduction
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.money import Money

METHODS = ("transfer", "direct_debit", "card", "cheque", "cash", "netting")

STATUSES = ("settled", "pending", "unknown")
"""What a payment can be when it is recorded: the money is there, it is announced, or nobody knows."""


@final
@frozen(kw_only=True)
class PaymentMethod:
    """A stored way to pay: a token of the payment provider, and what the PCI rule lets one show of a card.

    >>> PaymentMethod(token="tok_1", brand="visa", last_four="4242", expires=dt.date(2027, 5, 31)).last_four
    '4242'
    """

    token: str
    brand: str = ""
    last_four: str = ""
    expires: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("method.token", self.token)
        checks.text("method.brand", self.brand, empty=True)
        checks.text("method.last_four", self.last_four, empty=True)
        checks.optional_day("method.expires", self.expires)
        if self.last_four and not (len(self.last_four) == 4 and self.last_four.isascii() and self.last_four.isdigit()):
            raise InvalidValue("method.last_four", self.last_four, "must be four digits")


@final
@frozen(kw_only=True)
class Remittance:
    """What the payer says the money is for: whole references, free text as the bank passed it on, and what was kept back.

    >>> Remittance(references=("INV-1",), text="thanks").references
    ('INV-1',)
    """

    references: tuple[str, ...] = ()
    text: str = attrs.field(default="", metadata={"personal": True}, repr=False)
    deductions: tuple[Deduction, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.sequence("remittance.references", self.references, str, "texts")
        checks.sequence("remittance.deductions", self.deductions, Deduction, "deductions")
        for index, reference in enumerate(self.references):
            checks.text(f"remittance.references[{index}]", reference)
        checks.text("remittance.text", self.text, empty=True)


@final
@frozen(kw_only=True)
class Designation:
    """So much of a payment that is meant for an item, before it is there: nobody else may use that part of the item.

    >>> Designation(item="INV-3", amount=Money.of("10000", "EUR")).item
    'INV-3'
    """

    item: str
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.text("designation.item", self.item)
        checks.instance("designation.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("designation.amount", str(self.amount), "must be more than zero")


@final
@frozen(kw_only=True)
class Payment:
    """Money that arrived, dated by the bank's value date: that date decides, not the day of the import.

    ``bank_line`` is the identity of the line on the bank's statement (account, date, amount, bank reference and
    sequence, in a form that the host chooses): it is claimed, so the same line in two files is one payment. ``payer`` is
    who paid, where that is not the debtor, and ``payer_account`` the IBAN or account number that the money came from.

    A payment that is ``pending`` or ``unknown`` is no money yet: nothing of it can be applied, and ``designated`` keeps the
    items that it is meant for from being paid twice. One that is ``settled`` may be conditional: it can still be taken back
    ``conditional_until`` a day, as a cheque or a direct debit: that is kept for the host, and nothing is worked out from it.

    ``book_rate`` is the rate by which money in a foreign currency stands in the creditor's books.

    >>> Payment(id="P-1", account="ACME", amount=Money.of("1200", "EUR"), value_date=dt.date(2026, 2, 20)).method
    'transfer'
    """

    id: str
    account: str
    amount: Money
    value_date: dt.date
    booked_on: dt.date | None = None
    method: str = "transfer"
    payer: str | None = None
    remittance: Remittance = Remittance()
    bank_line: str | None = None
    status: str = "settled"
    designated: tuple[Designation, ...] = ()
    conditional_until: dt.date | None = None
    stored_method: str | None = None
    """The token of the stored payment method that it was made with."""
    book_rate: ExchangeRate | None = None
    payer_account: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("payment.id", self.id)
        checks.text("payment.account", self.account)
        checks.instance("payment.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("payment.amount", str(self.amount), "must be more than zero")
        checks.day("payment.value_date", self.value_date)
        checks.optional_day("payment.booked_on", self.booked_on)
        checks.one_of("payment.method", self.method, METHODS)
        checks.optional_text("payment.payer", self.payer)
        checks.optional_text("payment.payer_account", self.payer_account)
        checks.instance("payment.remittance", self.remittance, Remittance, "a remittance")
        checks.optional_text("payment.bank_line", self.bank_line)
        checks.one_of("payment.status", self.status, STATUSES)
        checks.optional_day("payment.conditional_until", self.conditional_until)
        checks.optional_text("payment.stored_method", self.stored_method)
        check_book_rate("payment.book_rate", self.book_rate, self.amount.currency)
        _check_designated(self)


def _check_designated(payment: Payment) -> None:
    checks.sequence("payment.designated", payment.designated, Designation, "designations")
    if payment.designated and payment.status == "settled":
        raise InvalidValue(
            "payment.designated", payment.designated[0].item, "must not be given for money that is there"
        )
    if payment.conditional_until is not None and payment.conditional_until < payment.value_date:
        day = payment.conditional_until.isoformat()
        raise InvalidValue("payment.conditional_until", day, f"must not be before {payment.value_date}")
    amounts = [each.amount for each in payment.designated]
    for amount in amounts:
        if amount.currency != payment.amount.currency:
            raise CurrencyMismatch(amount, payment.amount)
    if sum(amount.minor for amount in amounts) > payment.amount.minor:
        raise InvalidValue(
            "payment.designated", [str(amount) for amount in amounts], f"must not exceed {payment.amount}"
        )


@final
@frozen(kw_only=True)
class Allocation:
    """So much of one payment or credit, applied to one item; ``rule`` says which rule placed it there, or who.

    >>> Allocation(source="P-1", item="INV-1", amount=Money.of("1200", "EUR")).item
    'INV-1'
    """

    source: str
    item: str
    amount: Money
    rule: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.optional_text("allocation.rule", self.rule)
        checks.text("allocation.source", self.source)
        checks.text("allocation.item", self.item)
        checks.instance("allocation.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("allocation.amount", str(self.amount), "must be more than zero")
