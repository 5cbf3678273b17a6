"""What the customer pays: payments with the bank's value date, what they say they are for, and payment methods.

A payment has an identity: its id, and where it comes from a bank the identity of the bank line, so that the same line in
two files is one payment. No card number is ever held: a card is a token with the little that may be shown.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

METHODS = ("transfer", "direct_debit", "card", "cheque", "cash", "netting")


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
    """What the payer says the money is for: whole references, and free text as the bank passed it on.

    >>> Remittance(references=("INV-1",), text="thanks").references
    ('INV-1',)
    """

    references: tuple[str, ...] = ()
    text: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.sequence("remittance.references", self.references, str, "texts")
        for index, reference in enumerate(self.references):
            checks.text(f"remittance.references[{index}]", reference)
        checks.text("remittance.text", self.text, empty=True)


@final
@frozen(kw_only=True)
class Payment:
    """Money that arrived, dated by the bank's value date: that date decides, not the day of the import.

    ``bank_line`` is the identity of the line on the bank's statement (account, date, amount, bank reference and
    sequence, in a form that the host chooses): it is claimed, so the same line in two files is one payment.

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
        checks.instance("payment.remittance", self.remittance, Remittance, "a remittance")
        checks.optional_text("payment.bank_line", self.bank_line)


@final
@frozen(kw_only=True)
class Allocation:
    """So much of one payment or credit, applied to one item.

    >>> Allocation(source="P-1", item="INV-1", amount=Money.of("1200", "EUR")).item
    'INV-1'
    """

    source: str
    item: str
    amount: Money

    def __attrs_post_init__(self) -> None:
        checks.text("allocation.source", self.source)
        checks.text("allocation.item", self.item)
        checks.instance("allocation.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("allocation.amount", str(self.amount), "must be more than zero")
