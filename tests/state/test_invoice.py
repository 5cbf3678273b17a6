"""The ledger slice: which items carry the windows of a discount, and that the others cost nothing for it."""

import datetime as dt
from decimal import Decimal

import pytest

from receivables import (
    Account,
    Customer,
    DiscountWindow,
    Installment,
    Invoice,
    InvoiceLine,
    Money,
    PaymentTerms,
    Schedule,
    TaxPart,
)
from receivables.documents.discount_tax import TaxedLine
from receivables.state.invoice import Dating, Ledger

DAY = dt.date(2026, 5, 4)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def ledger_of(*invoices: Invoice):
    return Account.of(Customer(id="ACME"), invoices=invoices).ledger


def test_an_item_with_a_discount_keeps_its_windows():
    terms = PaymentTerms.parse("2/10 net 30")
    invoice = Invoice(number="INV-4", account="ACME", issued_on=DAY, total=eur(1200), terms=terms)
    (entry,) = ledger_of(invoice).discounts
    assert (entry.item, entry.effective_on) == ("INV-4", DAY)
    assert [(window.until, window.amount) for window in entry.installment.discounts] == [
        (dt.date(2026, 5, 14), eur(24))
    ]


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule.single(eur(100), DAY),
        Schedule.of([(eur(50), DAY), (eur(50), DAY + dt.timedelta(days=30))]),
    ],
    ids=["one part", "two parts"],
)
def test_an_item_without_a_discount_has_no_entry(schedule):
    invoice = Invoice(number="INV-5", account="ACME", issued_on=DAY, total=eur(100), schedule=schedule)
    assert ledger_of(invoice).discounts == ()


def test_of_several_installments_only_those_with_a_discount_have_an_entry():
    window = DiscountWindow(until=DAY, amount=eur(1))
    parts = (
        Installment(amount=eur(60), due_on=DAY),
        Installment(amount=eur(60), due_on=DAY, discounts=(window,)),
        Installment(amount=eur(-20), due_on=DAY, discounts=(DiscountWindow(until=DAY, amount=eur(0)),)),
    )
    invoice = Invoice(
        number="INV-6", account="ACME", issued_on=DAY, total=eur(100), schedule=Schedule(installments=parts)
    )
    assert [entry.item for entry in ledger_of(invoice).discounts] == ["INV-6/2"]


# What a discount has to know of the tax ---------------------------------------------------------------------------------


def taxed(*lines: InvoiceLine, taxes: tuple[TaxPart, ...] = ()) -> tuple[TaxedLine, ...]:
    total = (
        sum((line.net + line.tax for line in lines), eur(0)) if lines else sum((t.net + t.tax for t in taxes), eur(0))
    )
    parts = (Installment(amount=total, due_on=DAY, discounts=(DiscountWindow(until=DAY, amount=eur(1)),)),)
    schedule = Schedule(installments=parts)
    invoice = Invoice(
        number="I", account="ACME", issued_on=DAY, total=total, schedule=schedule, lines=lines, taxes=taxes
    )
    (entry,) = ledger_of(invoice).discounts
    return entry.lines


def line(net: int, tax: int, percent: int | None, **more: bool) -> InvoiceLine:
    rate = None if percent is None else Decimal(percent)
    return InvoiceLine(net=eur(net), tax=eur(tax), tax_percent=rate, **more)


def test_a_discount_knows_the_lines_with_their_rates():
    assert taxed(line(100, 20, 20), line(50, 0, None, discountable=False)) == (
        TaxedLine(net=eur(100), tax_percents=(Decimal(20),), discountable=True),
        TaxedLine(net=eur(50), tax_percents=(), discountable=False),
    )


def test_where_a_rate_is_missing_a_discount_goes_by_the_tax_of_the_invoice():
    tax = (TaxPart(percent=Decimal(20), net=eur(150), tax=eur(30)),)
    whole = (TaxedLine(net=eur(150), tax_percents=(Decimal(20),)),)
    assert taxed(line(100, 20, 20), line(50, 10, None), taxes=tax) == whole
    assert taxed(taxes=tax) == whole
    assert taxed(line(100, 20, None)) == ()


def test_a_part_of_nothing_is_an_item_with_its_windows():
    window = (DiscountWindow(until=DAY, amount=eur(0)),)
    parts = (Installment(amount=eur(0), due_on=DAY, discounts=window), Installment(amount=eur(50), due_on=DAY))
    invoice = Invoice(number="I", account="ACME", issued_on=DAY, total=eur(50), schedule=Schedule(installments=parts))
    ledger = ledger_of(invoice)
    assert [item.id for item in ledger.items] == ["I/1", "I/2"]
    assert [entry.item for entry in ledger.discounts] == ["I/1"]


# Later due dates ------------------------------------------------------------------------------------------------------


def dating(due: int, day: int, *, extension: bool = False, item: str = "I", known: int | None = None) -> Dating:
    recorded = dt.datetime.combine(DAY, dt.time(8), dt.UTC) + dt.timedelta(days=day if known is None else known)
    return Dating(item, on(due), on(day), recorded, extension)


def on(day: int) -> dt.date:
    return DAY + dt.timedelta(days=day)


def test_a_date_that_becomes_known_counts_and_extensions_only_ever_add():
    datings = (dating(30, 2), dating(50, 4, extension=True), dating(40, 6, extension=True), dating(9, 3, item="J"))
    ledger = Ledger(datings=datings)
    assert [ledger.due_dates(on(day), None).get("I") for day in (1, 2, 4, 6)] == [None, on(30), on(50), on(50)]
    assert dict(ledger.due_dates(on(9), None)) == {"I": on(50), "J": on(9)}
    again = Ledger(datings=(*datings, dating(20, 7)))
    assert again.due_dates(on(9), None)["I"] == on(20)  # a date is a date
    unseen = Ledger(datings=(dating(60, 9, extension=True), dating(50, 4, extension=True)))
    assert unseen.due_dates(on(5), None) == {"I": on(50)}
    known = dt.datetime.combine(on(3), dt.time(8), dt.UTC)
    assert ledger.due_dates(on(9), known)["I"] == on(30)
