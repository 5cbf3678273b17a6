"""The ledger slice: which items carry the windows of a discount, and that the others cost nothing for it."""

import datetime as dt

import pytest

from receivables import Account, Customer, DiscountWindow, Installment, Invoice, Money, PaymentTerms, Schedule

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
