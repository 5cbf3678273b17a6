"""What the customer owes: invoices, the credit notes that reduce them, and items taken over from another system.

An invoice keeps the *dates* of its schedule, not only the terms: tomorrow's holiday list does not move yesterday's due
date. The unit of everything later is the open item, one installment of an invoice: an invoice with one installment
gives an item of the invoice's own number, an invoice with several gives ``number/1``, ``number/2`` and so on.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Self, final

import attrs
from attrs import frozen

from receivables.documents.discounts import DiscountBase
from receivables.documents.exchange import ExchangeRate, check_book_rate
from receivables.documents.schedule import Installment, Schedule
from receivables.documents.terms import PaymentTerms
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

TERMS_WANTED = "payment terms, such as PaymentTerms.parse('net 30')"
"""What is said where the terms are still a text."""


@final
@frozen(kw_only=True)
class DocumentLink:
    """Where the host keeps the paper: a URI and the SHA-256 of its bytes, so that a swapped file is noticed.

    >>> DocumentLink(uri="s3://invoices/1.pdf", sha256="ab" * 32).uri
    's3://invoices/1.pdf'
    """

    uri: str
    sha256: str

    def __attrs_post_init__(self) -> None:
        checks.text("link.uri", self.uri)
        checks.text("link.sha256", self.sha256)
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise InvalidValue("link.sha256", self.sha256, "must be 64 lower-case hexadecimal digits")


@final
@frozen(kw_only=True)
class InvoiceLine:
    """One line: its net amount and the tax on it, with the tax rate in percent; ``discountable`` where discounts count.

    >>> InvoiceLine(net=Money.of("1000", "EUR"), tax=Money.of("200", "EUR"), tax_percent=Decimal(20)).gross
    Money.of('1200.00', 'EUR')
    """

    net: Money
    tax: Money
    tax_percent: Decimal | None = None
    description: str = attrs.field(default="", metadata={"personal": True}, repr=False)
    discountable: bool = True

    def __attrs_post_init__(self) -> None:
        checks.instance("line.discountable", self.discountable, bool, "true or false")
        checks.instance("line.net", self.net, Money, "money")
        checks.instance("line.tax", self.tax, Money, "money")
        if self.tax_percent is not None:
            _check_percent("line.tax_percent", self.tax_percent)
        checks.text("line.description", self.description, empty=True)
        if self.net.currency != self.tax.currency:
            raise CurrencyMismatch(self.net, self.tax)

    @property
    def gross(self) -> Money:
        """Net plus tax."""
        return self.net + self.tax


@final
@frozen(kw_only=True)
class TaxPart:
    """The tax of a document at one rate: what stands in the tax breakdown.

    >>> TaxPart(percent=Decimal(20), net=Money.of("1000", "EUR"), tax=Money.of("200", "EUR")).tax
    Money.of('200.00', 'EUR')
    """

    percent: Decimal
    net: Money
    tax: Money

    def __attrs_post_init__(self) -> None:
        _check_percent("tax.percent", self.percent)
        checks.instance("tax.net", self.net, Money, "money")
        checks.instance("tax.tax", self.tax, Money, "money")
        if self.net.currency != self.tax.currency:
            raise CurrencyMismatch(self.net, self.tax)


def _check_percent(field: str, value: object) -> None:
    if not isinstance(value, Decimal):
        raise WrongType(field, value, "a Decimal")
    if not value.is_finite() or value < 0:
        raise InvalidValue(field, value, "must be a finite percentage of zero or more")


def _check_sum(field: str, parts: tuple[Money, ...], total: Money) -> None:
    for part in parts:
        if part.currency != total.currency:
            raise CurrencyMismatch(part, total)
    added = Money.total(parts, total.currency)
    if added != total:
        raise InvalidValue(field, str(added), f"must add up to the total of {total}")


def _check_head(kind: str, number: str, account: str, issued_on: dt.date, total: Money) -> None:
    """What every document of account has: a number, an account, a date and a total that is not negative."""
    checks.text(f"{kind}.number", number)
    checks.text(f"{kind}.account", account)
    checks.day(f"{kind}.issued_on", issued_on)
    checks.instance(f"{kind}.total", total, Money, "money")
    if total.minor < 0:
        raise InvalidValue(f"{kind}.total", str(total), "must not be negative")


def _resolved(invoice: Invoice) -> Schedule:
    """The schedule that the terms give; checked first, because attrs fills defaults before its post-init."""
    _check_head("invoice", invoice.number, invoice.account, invoice.issued_on, invoice.total)
    if invoice.terms is None:
        raise InvalidValue("invoice.terms", None, "must be given where no schedule is")
    checks.instance("invoice.terms", invoice.terms, PaymentTerms, TERMS_WANTED)
    _check_lines("invoice", invoice.lines, invoice.taxes, invoice.total)
    net = _net_of(invoice)
    return invoice.terms.resolve(
        invoice.issued_on, invoice.total, net=net, discountable=_discountable(invoice, invoice.terms)
    )


def _net_of(invoice: Invoice) -> Money | None:
    """The amount without tax, as the lines or the tax breakdown give it."""
    parts = [line.net for line in invoice.lines] or [part.net for part in invoice.taxes]
    return Money.total(parts, invoice.total.currency) if parts else None


def _discountable(invoice: Invoice, terms: PaymentTerms) -> Money | None:
    """What a discount is on where some lines are excluded: gross, unless every discount of the terms is on net."""
    if all(line.discountable for line in invoice.lines):
        return None
    bases = {discount.base for part in terms.parts for discount in part.discounts}
    on_net = bases == {DiscountBase.NET}
    counted = [line.net if on_net else line.gross for line in invoice.lines if line.discountable]
    return Money.total(counted, invoice.total.currency)


@final
@frozen(kw_only=True)
class Invoice:
    """A claim for delivered goods or services, with the dates on which it is to be paid.

    Give ``terms`` and the schedule is resolved from the issue date, with what the lines or the tax breakdown say about
    the net amount; give ``schedule`` where the dates are known already, or where the terms need a calendar or a
    delivery date. ``total`` is gross. Lines and taxes are optional,
    and must add up where they are given. ``book_rate`` is the rate by which an invoice in a foreign currency stands in
    the creditor's books.

    >>> invoice = Invoice(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                   total=Money.of("1200.00", "EUR"), terms=PaymentTerms.net(30))
    >>> invoice.schedule.installments[0].due_on
    datetime.date(2026, 2, 4)

    Raises `InvalidValue`, `WrongType` or `CurrencyMismatch`, each naming the field.
    """

    number: str
    account: str
    issued_on: dt.date
    total: Money
    terms: PaymentTerms | None = None
    lines: tuple[InvoiceLine, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    schedule: Schedule = attrs.field(default=attrs.Factory(_resolved, takes_self=True))
    order: str | None = None
    references: tuple[str, ...] = ()
    links: tuple[DocumentLink, ...] = ()
    book_rate: ExchangeRate | None = None

    def __attrs_post_init__(self) -> None:
        _check_head("invoice", self.number, self.account, self.issued_on, self.total)
        if self.terms is not None:
            checks.instance("invoice.terms", self.terms, PaymentTerms, TERMS_WANTED)
        checks.instance("invoice.schedule", self.schedule, Schedule, "a schedule")
        _check_sum("invoice.schedule", tuple(part.amount for part in self.schedule.installments), self.total)
        _check_lines("invoice", self.lines, self.taxes, self.total)
        checks.optional_text("invoice.order", self.order)
        _check_references("invoice", self.references, self.links)
        check_book_rate("invoice.book_rate", self.book_rate, self.total.currency)

    @classmethod
    def due(
        cls,
        *,
        number: str,
        account: str,
        issued_on: dt.date,
        total: Money,
        due_on: dt.date,
        order: str | None = None,
        book_rate: ExchangeRate | None = None,
    ) -> Self:
        """An invoice whose one due date is known, as a ledger lists it.

        >>> Invoice.due(number="7", account="ACME", issued_on=dt.date(2026, 1, 5), total=Money.of(10, "EUR"),
        ...             due_on=dt.date(2026, 1, 31)).items()[0][0]
        '7'
        """
        _check_head("invoice", number, account, issued_on, total)
        schedule = Schedule.single(total, due_on)
        return cls(
            number=number,
            account=account,
            issued_on=issued_on,
            total=total,
            schedule=schedule,
            order=order,
            book_rate=book_rate,
        )

    @property
    def currency(self) -> Currency:
        """The currency of the invoice."""
        return self.total.currency

    def items(self) -> tuple[tuple[str, Installment], ...]:
        """The open items that this invoice gives: (item id, installment)."""
        parts = self.schedule.installments
        if len(parts) == 1:
            return ((self.number, parts[0]),)
        return tuple((f"{self.number}/{ordinal}", part) for ordinal, part in enumerate(parts, 1))


def _check_lines(kind: str, lines: tuple[InvoiceLine, ...], taxes: tuple[TaxPart, ...], total: Money) -> None:
    checks.sequence(f"{kind}.lines", lines, InvoiceLine, "lines")
    checks.sequence(f"{kind}.taxes", taxes, TaxPart, "tax parts")
    if lines:
        _check_sum(f"{kind}.lines", tuple(line.gross for line in lines), total)
    if taxes:
        _check_sum(f"{kind}.taxes", tuple(part.net + part.tax for part in taxes), total)


def _check_references(kind: str, references: tuple[str, ...], links: tuple[DocumentLink, ...]) -> None:
    checks.sequence(f"{kind}.references", references, str, "texts")
    for index, reference in enumerate(references):
        checks.text(f"{kind}.references[{index}]", reference)
    checks.sequence(f"{kind}.links", links, DocumentLink, "document links")


@final
@frozen(kw_only=True)
class CreditNote:
    """What the creditor takes back of an invoice, or grants on account; its total is positive.

    With ``against`` it is applied to that invoice as far as the invoice is open, the rest is a credit of the customer.
    ``book_rate`` is the rate by which it stands in the creditor's books: for one against an invoice, that of the invoice.

    >>> CreditNote(number="CN-1", account="ACME", issued_on=dt.date(2026, 4, 12),
    ...            total=Money.of("200", "EUR"), against="INV-1").against
    'INV-1'
    """

    number: str
    account: str
    issued_on: dt.date
    total: Money
    against: str | None = None
    reason: str = attrs.field(default="", metadata={"personal": True}, repr=False)
    lines: tuple[InvoiceLine, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    references: tuple[str, ...] = ()
    links: tuple[DocumentLink, ...] = ()
    book_rate: ExchangeRate | None = None

    def __attrs_post_init__(self) -> None:
        _check_head("credit_note", self.number, self.account, self.issued_on, self.total)
        if self.total.minor == 0:
            raise InvalidValue("credit_note.total", str(self.total), "must be more than zero")
        checks.optional_text("credit_note.against", self.against)
        checks.text("credit_note.reason", self.reason, empty=True)
        _check_lines("credit_note", self.lines, self.taxes, self.total)
        _check_references("credit_note", self.references, self.links)
        check_book_rate("credit_note.book_rate", self.book_rate, self.total.currency)


@final
@frozen(kw_only=True)
class TakenOverItem:
    """An open item brought from another system: what is still open, its original dates and the last dunning step.

    A live app can so start in the middle: the next step continues where the other system stopped.

    >>> TakenOverItem(id="OLD-7", account="ACME", issued_on=dt.date(2026, 1, 5), due_on=dt.date(2026, 2, 4),
    ...               open=Money.of("80.00", "EUR"), step="first", stepped_on=dt.date(2026, 2, 11)).step
    'first'
    """

    id: str
    account: str
    issued_on: dt.date
    due_on: dt.date
    open: Money
    step: str | None = None
    stepped_on: dt.date | None = None
    book_rate: ExchangeRate | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("item.id", self.id)
        checks.text("item.account", self.account)
        checks.day("item.issued_on", self.issued_on)
        checks.day("item.due_on", self.due_on)
        checks.instance("item.open", self.open, Money, "money")
        if self.open.minor <= 0:
            raise InvalidValue("item.open", str(self.open), "must be more than zero")
        checks.optional_text("item.step", self.step)
        checks.optional_day("item.stepped_on", self.stepped_on)
        if (self.step is None) != (self.stepped_on is None):
            raise InvalidValue("item.stepped_on", self.stepped_on, "must be given with the step, and only then")
        check_book_rate("item.book_rate", self.book_rate, self.open.currency)
