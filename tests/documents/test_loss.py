"""What of an invoice is tax, by its breakdown or by its lines."""

import datetime as dt
from decimal import Decimal

from receivables import Invoice, InvoiceLine, Money, TaxPart
from receivables.documents.loss import tax_parts
from receivables.documents.schedule import Schedule

DAY = dt.date(2026, 3, 2)


def eur(amount):
    return Money.of(amount, "EUR")


def line(net, tax, percent):
    return InvoiceLine(net=eur(net), tax=eur(tax), tax_percent=None if percent is None else Decimal(percent))


def part(percent, net, tax):
    return TaxPart(percent=Decimal(percent), net=eur(net), tax=eur(tax))


def invoice(total, **more):
    return Invoice(
        number="I", account="A", issued_on=DAY, total=eur(total), schedule=Schedule.single(eur(total), DAY), **more
    )


def test_lines_of_one_rate_are_added_up():
    lines = (line(100, 20, 20), line(50, 10, 20), line(30, 0, 0))
    assert tax_parts(invoice(210, lines=lines)) == (part(20, 150, 30), part(0, 30, 0))


def test_lines_without_a_rate_bear_no_tax_or_make_it_unknown():
    assert tax_parts(invoice(150, lines=(line(100, 20, 20), line(30, 0, None)))) == (part(20, 100, 20), part(0, 30, 0))
    assert tax_parts(invoice(150, lines=(line(100, 20, 20), line(25, 5, None)))) == ()


def test_the_breakdown_comes_before_the_lines():
    taxes = (part(20, 100, 20),)
    assert tax_parts(invoice(120, lines=(line(100, 20, None),), taxes=taxes)) == taxes
    assert tax_parts(invoice(120)) == ()
