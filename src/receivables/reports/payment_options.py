"""What a customer can pay now, and how: amounts, references, discounts while they last, and the ways that the host offers.

The reference of an invoice is the creditor reference (RF) of its number where the number fits into one, which a bank checks
and a payment is found by; any other number stands as it is. What is disputed, or on its way already, is not asked for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import final

from attrs import field, frozen

from receivables.documents.discounts import DiscountStatus, discount_on, eligible
from receivables.documents.payment import METHODS
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.errors import InvalidValue
from receivables.reports.table import headed, html_table, text_table
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money
from receivables.values.references import compact, creditor_reference, is_creditor_reference, is_iban

_LIKE_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")


@final
@frozen(kw_only=True)
class PaymentOption:
    """A way to pay that the host offers: a method, for some currencies or all, and the account that the money goes to.

    >>> PaymentOption(method="transfer", currencies=("EUR",), account="DE89 3704 0044 0532 0130 00", payee="Blau GmbH").method
    'transfer'

    Errors: `InvalidValue` for an account that looks like an IBAN and has other check digits.
    """

    method: str
    currencies: tuple[str, ...] = ()
    account: str | None = None
    payee: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.one_of("option.method", self.method, METHODS)
        checks.sequence("option.currencies", self.currencies, str, "currency codes")
        checks.optional_text("option.account", self.account)
        checks.optional_text("option.payee", self.payee)
        if self.account is not None and _LIKE_IBAN.fullmatch(compact(self.account)) and not is_iban(self.account):
            raise InvalidValue("option.account", self.account, "must have the check digits of an IBAN")

    def takes(self, currency: Currency) -> bool:
        """Whether it is for this currency."""
        return not self.currencies or currency.code in self.currencies


@final
@frozen(kw_only=True)
class Payable:
    """One item that can be paid: what is open, not disputed and not on its way, what settles it today, and the reference to give.

    ``discount`` is what may be kept back of ``amount`` up to ``discount_until``, both ``None`` where no window is open.
    """

    item: str
    document: str
    due_on: dt.date | None
    amount: Money
    reference: str
    options: tuple[PaymentOption, ...]
    discount: Money | None = None
    discount_until: dt.date | None = None

    @property
    def pay_now(self) -> Money:
        """What settles it today."""
        return self.amount if self.discount is None else self.amount - self.discount

    def row(self) -> dict[str, object]:
        """The line as a plain dict, amounts as decimal texts."""
        return {
            "item": self.item,
            "due": self.due_on,
            "currency": self.amount.currency.code,
            "amount": str(self.amount.amount),
            "discount": None if self.discount is None else str(self.discount.amount),
            "until": self.discount_until,
            "pay now": str(self.pay_now.amount),
            "reference": self.reference,
            "methods": ", ".join(option.method for option in self.options),
        }


@final
@frozen(kw_only=True)
class PayableTotal:
    """All of one currency in one payment: what settles it today, up to when that holds, and the references to give.

    ``reference`` is that of the customer; ``references`` are those of the items, for the text of a transfer.
    """

    amount: Money
    pay_now: Money
    until: dt.date | None
    reference: str
    references: tuple[str, ...]
    options: tuple[PaymentOption, ...]


@final
@frozen(kw_only=True)
class PaymentChoices:
    """What can be paid on a day, item by item and per currency."""

    account: str
    as_of: dt.date
    items: tuple[Payable, ...] = field(repr=False)
    totals: tuple[PayableTotal, ...]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per item."""
        return [item.row() for item in self.items]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"payable by {self.account} on {self.as_of}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'nothing to pay')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def reference_of(number: str) -> str:
    """The reference under which an invoice is paid: the creditor reference of its number, or the number as it is.

    A number fits that has 1 to 21 capitals and digits and no blank or sign; one that is a creditor reference already stays.

    >>> reference_of("INV1001"), reference_of("INV-1001"), reference_of("RF18539007547034")
    ('RF06INV1001', 'INV-1001', 'RF18539007547034')

    Source: ISO 11649.
    """
    if compact(number) != number or is_creditor_reference(number):
        return number
    try:
        return creditor_reference(number)
    except InvalidValue:
        return number


def payment_choices(
    view: View,
    *,
    items: tuple[str, ...] = (),
    options: tuple[PaymentOption, ...] = (),
    references: Mapping[str, str] | None = None,
) -> PaymentChoices:
    """What can be paid of some items, or of all, in which ways and under which references.

    ``references`` gives the host's own reference of an invoice number, or of the account; what it leaves out is made from
    the number. A discount is shown while its window is open; days of grace are the creditor's business.

    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV1001", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))
    >>> print(payment_choices(view, options=(PaymentOption(method="card"),)))
    payable by ACME on 2026-02-11
    item     due         currency   amount  discount  until  pay now  reference    methods
    INV1001  2026-02-04  EUR       1200.00                   1200.00  RF06INV1001  card

    Errors: `UnknownId` for an item that is not open on this account.
    """
    checks.sequence("choices.options", options, PaymentOption, "payment options")
    given = references or {}
    wanted = [view.item(id) for id in items] if items else [item for book in view.books for item in book.items]
    found = tuple(_payable(view, item, options, given) for item in wanted if _amount(view, item).minor)
    currencies = dict.fromkeys(each.amount.currency for each in found)
    customer = view.customer.id if view.customer is not None else view.account
    reference = given.get(view.account) or reference_of(customer)
    totals = tuple(_total(currency, found, reference, options) for currency in currencies)
    return PaymentChoices(account=view.account, as_of=view.as_of, items=found, totals=totals)


def _payable(view: View, item: Item, options: Iterable[PaymentOption], references: Mapping[str, str]) -> Payable:
    discount, until = _discount(view, item)
    return Payable(
        item=item.id,
        document=item.document,
        due_on=item.due_on,
        amount=_amount(view, item),
        reference=references.get(item.document) or reference_of(item.document),
        options=tuple(option for option in options if option.takes(item.currency)),
        discount=discount,
        discount_until=until,
    )


def _amount(view: View, item: Item) -> Money:
    """What is open of an item, not disputed and not on its way."""
    away = (each.amount for each in view.withheld_of.get(item.id, ()) if each.kind in ("dispute", "payment"))
    return view.open(item.id) - Money(sum(away), item.currency)


def _discount(view: View, item: Item) -> tuple[Money | None, dt.date | None]:
    """The discount on what is open of an item, if its window is open; one that is paid in part is paid without."""
    offered = next((each.installment for each in view.discounts if each.item == item.id), None)
    if offered is None or _amount(view, item) != view.open(item.id):
        return None, None
    window = _window(offered, view.as_of)
    if window is None:
        return None, None
    discount = min(discount_on(offered, window, view.open(item.id)), view.open(item.id))
    return discount, window.until


def _window(offered: Installment, day: dt.date) -> DiscountWindow | None:
    status, window = eligible(offered, day, late_allowed=False)
    return window if status is DiscountStatus.EARNED else None


def _total(
    currency: Currency, found: Iterable[Payable], reference: str, options: Iterable[PaymentOption]
) -> PayableTotal:
    mine = [each for each in found if each.amount.currency == currency]
    return PayableTotal(
        amount=Money.total((each.amount for each in mine), currency),
        pay_now=Money.total((each.pay_now for each in mine), currency),
        until=min((each.discount_until for each in mine if each.discount_until is not None), default=None),
        reference=reference,
        references=tuple(dict.fromkeys(each.reference for each in mine)),
        options=tuple(option for option in options if option.takes(currency)),
    )
