"""Invoices, credit notes and items that were taken over: what adds up, what is refused, what becomes an item."""

import copy
import datetime as dt
import pickle
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import (
    CreditNote,
    Currency,
    DocumentLink,
    Installment,
    Invoice,
    InvoiceLine,
    Money,
    PaymentTerms,
    Schedule,
    TakenOverItem,
    TaxPart,
)
from receivables.documents.discounts import DiscountBase
from receivables.documents.due_steps import Days
from receivables.errors import CardNumberRefused, CurrencyMismatch, InvalidValue, WrongType
from receivables.testing import strategies

DAY = dt.date(2026, 1, 5)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def invoice(**changes: object) -> Invoice:
    return Invoice(
        **{
            "number": "INV-1",
            "account": "ACME",
            "issued_on": DAY,
            "total": eur("1200.00"),
            "terms": PaymentTerms.net(30),
            **changes,
        }
    )


LINE = InvoiceLine(net=eur(1000), tax=eur(200), tax_percent=Decimal(20))
PART = TaxPart(percent=Decimal(20), net=eur(1000), tax=eur(200))
LINK = DocumentLink(uri="s3://1.pdf", sha256="ab" * 32)


# Schedules and items --------------------------------------------------------------------------------------------


def test_terms_that_are_a_text_are_told_how_they_are_read():
    with pytest.raises(WrongType, match=r"PaymentTerms\.parse"):
        invoice(terms="net 30")


def test_terms_are_resolved_once_and_the_dates_stay():
    issued = invoice()
    assert issued.schedule.due_dates == (dt.date(2026, 2, 4),)
    changed = attrs.evolve(issued, terms=PaymentTerms.net(60))
    assert changed.schedule == issued.schedule


def test_a_schedule_that_is_given_beats_the_terms():
    schedule = Schedule.single(eur(1200), DAY)
    assert invoice(schedule=schedule).schedule is schedule
    assert invoice(schedule=schedule, terms=None).schedule is schedule


def test_one_installment_is_an_item_of_the_invoices_own_number_and_several_are_numbered():
    assert [id for id, _ in invoice().items()] == ["INV-1"]
    thirds = invoice(terms=PaymentTerms.parse("30%: immediate; 30%: net 30; balance: net 60"))
    assert [(id, part.amount, part.due_on) for id, part in thirds.items()] == [
        ("INV-1/1", eur(360), DAY),
        ("INV-1/2", eur(360), dt.date(2026, 2, 4)),
        ("INV-1/3", eur(480), dt.date(2026, 3, 6)),
    ]


@given(strategies.invoices())
def test_the_items_of_an_invoice_add_up_to_its_total(invoice):
    assert Money.total((part.amount for _, part in invoice.items()), invoice.currency) == invoice.total
    assert len({id for id, _ in invoice.items()}) == len(invoice.items())


def test_a_due_date_may_lie_before_the_invoice_date():
    early = DAY - dt.timedelta(days=10)
    made = Invoice.due(number="1", account="A", issued_on=DAY, total=eur(1), due_on=early, order="SO-1")
    assert made.schedule.due_dates == (early,)
    assert made.order == "SO-1"
    assert made.terms is None


def test_an_invoice_of_nothing_is_an_invoice():
    assert invoice(total=eur(0)).items()[0][1].amount == eur(0)


def test_currencies_without_and_with_three_decimals_add_up():
    yen = Invoice.due(number="1", account="A", issued_on=DAY, total=Money.of(100_000, "JPY"), due_on=DAY)
    assert yen.currency == Currency.of("JPY")
    line = InvoiceLine(net=Money.of("1.001", "KWD"), tax=Money.of("0.001", "KWD"))
    assert line.gross == Money.of("1.002", "KWD")


# What does not add up -------------------------------------------------------------------------------------------

REFUSED = [
    ("number", "", InvalidValue, "invoice.number"),
    ("number", 1, WrongType, "invoice.number"),
    ("account", None, WrongType, "invoice.account"),
    ("issued_on", dt.datetime(2026, 1, 5), WrongType, "invoice.issued_on"),
    ("issued_on", "2026-01-05", WrongType, "invoice.issued_on"),
    ("total", 1200, WrongType, "invoice.total"),
    ("total", 1200.0, WrongType, "invoice.total"),
    ("total", Decimal(1200), WrongType, "invoice.total"),
    ("total", eur("-0.01"), InvalidValue, "invoice.total"),
    ("terms", None, InvalidValue, "invoice.terms"),
    ("terms", "net 30", WrongType, "invoice.terms"),
    ("schedule", [], WrongType, "invoice.schedule"),
    ("schedule", Schedule.single(eur("1199.99"), DAY), InvalidValue, "invoice.schedule"),
    ("lines", [LINE], WrongType, "invoice.lines"),
    ("lines", (LINE, LINE), InvalidValue, "invoice.lines"),
    ("lines", (eur(1200),), WrongType, "invoice.lines[0]"),
    ("taxes", (attrs.evolve(PART, tax=eur(100)),), InvalidValue, "invoice.taxes"),
    ("taxes", ("20%",), WrongType, "invoice.taxes[0]"),
    ("order", "", InvalidValue, "invoice.order"),
    ("references", ["PO 1"], WrongType, "invoice.references"),
    ("references", ("PO 1", ""), InvalidValue, "invoice.references[1]"),
    ("references", (5,), WrongType, "invoice.references[0]"),
    ("references", ("4111 1111 1111 1111",), CardNumberRefused, "invoice.references[0]"),
    ("links", ("s3://1.pdf",), WrongType, "invoice.links[0]"),
]


@pytest.mark.parametrize(("field", "value", "error", "named"), REFUSED)
def test_an_invoice_that_cannot_be_is_refused_by_field(field, value, error, named):
    with pytest.raises(error) as caught:
        invoice(**{field: value})
    assert caught.value.field == named


@pytest.mark.parametrize("total", [None, 10.0, eur(-1)])
def test_an_invoice_by_its_due_date_is_checked_before_its_schedule(total):
    with pytest.raises((WrongType, InvalidValue)) as caught:
        Invoice.due(number="1", account="A", issued_on=DAY, total=total, due_on=DAY)
    assert caught.value.field == "invoice.total"


@pytest.mark.parametrize("due_on", [None, dt.datetime(2026, 1, 5), "2026-02-30"])
def test_an_invoice_by_its_due_date_needs_a_date(due_on):
    with pytest.raises((WrongType, InvalidValue)) as caught:
        Invoice.due(number="1", account="A", issued_on=DAY, total=eur(1), due_on=due_on)
    assert "due_on" in caught.value.field


def test_lines_and_taxes_that_add_up_are_kept():
    made = invoice(lines=(LINE,), taxes=(PART,), links=(LINK,), references=("PO 1",))
    assert (made.lines, made.taxes, made.links, made.references) == ((LINE,), (PART,), (LINK,), ("PO 1",))


USD = Money.of(200, "USD")


@pytest.mark.parametrize(
    "make",
    [
        lambda: InvoiceLine(net=eur(1), tax=USD),
        lambda: TaxPart(percent=Decimal(20), net=eur(1), tax=USD),
        lambda: invoice(schedule=Schedule.single(Money.of(1200, "USD"), DAY)),
        lambda: invoice(lines=(InvoiceLine(net=USD, tax=USD),)),
        lambda: invoice(taxes=(TaxPart(percent=Decimal(0), net=USD, tax=USD),)),
    ],
)
def test_currencies_never_mix(make):
    with pytest.raises(CurrencyMismatch):
        make()


def test_the_difference_of_a_sum_is_shown_with_both_figures():
    with pytest.raises(InvalidValue) as caught:
        invoice(lines=(LINE, LINE))
    assert str(caught.value) == "invoice.lines: must add up to the total of 1200.00 EUR, got '2400.00 EUR'"


@pytest.mark.parametrize(
    ("percent", "error"),
    [
        (20, WrongType),
        (20.0, WrongType),
        ("20", WrongType),
        (Decimal(-1), InvalidValue),
        (Decimal("NaN"), InvalidValue),
        (Decimal("Infinity"), InvalidValue),
        (Decimal("sNaN"), InvalidValue),
    ],
)
def test_a_tax_rate_is_a_finite_decimal_of_zero_or_more(percent, error):
    with pytest.raises(error):
        InvoiceLine(net=eur(1), tax=eur(0), tax_percent=percent)
    with pytest.raises(error):
        TaxPart(percent=percent, net=eur(1), tax=eur(0))


@pytest.mark.parametrize("field", ["net", "tax"])
def test_lines_and_tax_parts_hold_money(field):
    with pytest.raises(WrongType, match=f"line.{field}"):
        attrs.evolve(LINE, **{field: 5})
    with pytest.raises(WrongType, match=f"tax.{field}"):
        attrs.evolve(PART, **{field: 5})


def test_a_line_may_take_back_and_its_text_holds_no_card_number():
    discount = InvoiceLine(net=eur(-100), tax=eur(-20), description="rebate")
    assert invoice(total=eur(1080), lines=(LINE, discount)).total == eur(1080)
    with pytest.raises(CardNumberRefused):
        InvoiceLine(net=eur(1), tax=eur(0), description="paid with 4111-1111-1111-1111")


@pytest.mark.parametrize("sha256", ["", "ab", "AB" * 32, "zz" * 32, "ab" * 33, None])
def test_a_link_has_the_digest_of_its_document(sha256):
    with pytest.raises((InvalidValue, WrongType)) as caught:
        DocumentLink(uri="s3://1.pdf", sha256=sha256)
    assert caught.value.field == "link.sha256"
    with pytest.raises(InvalidValue, match=r"link\.uri"):
        DocumentLink(uri="", sha256="ab" * 32)


# Credit notes ---------------------------------------------------------------------------------------------------


def note(**changes: object) -> CreditNote:
    return CreditNote(**{"number": "CN-1", "account": "ACME", "issued_on": DAY, "total": eur(1200), **changes})


@pytest.mark.parametrize(
    ("field", "value", "error", "named"),
    [
        ("number", "", InvalidValue, "credit_note.number"),
        ("issued_on", None, WrongType, "credit_note.issued_on"),
        ("total", eur(0), InvalidValue, "credit_note.total"),
        ("total", eur(-5), InvalidValue, "credit_note.total"),
        ("total", "5", WrongType, "credit_note.total"),
        ("against", "", InvalidValue, "credit_note.against"),
        ("reason", None, WrongType, "credit_note.reason"),
        ("lines", (LINE, LINE), InvalidValue, "credit_note.lines"),
        ("taxes", (PART, PART), InvalidValue, "credit_note.taxes"),
        ("references", (None,), WrongType, "credit_note.references[0]"),
        ("links", [LINK], WrongType, "credit_note.links"),
    ],
)
def test_a_credit_note_that_cannot_be_is_refused_by_field(field, value, error, named):
    with pytest.raises(error) as caught:
        note(**{field: value})
    assert caught.value.field == named


def test_a_credit_note_is_positive_and_its_lines_add_up():
    assert note(lines=(LINE,), taxes=(PART,), against="INV-1").against == "INV-1"


# Items of another system ----------------------------------------------------------------------------------------


def item(**changes: object) -> TakenOverItem:
    return TakenOverItem(**{"id": "OLD", "account": "A", "issued_on": DAY, "due_on": DAY, "open": eur(80), **changes})


@pytest.mark.parametrize(
    ("changes", "error", "named"),
    [
        ({"id": ""}, InvalidValue, "item.id"),
        ({"account": 5}, WrongType, "item.account"),
        ({"issued_on": None}, WrongType, "item.issued_on"),
        ({"due_on": None}, WrongType, "item.due_on"),
        ({"open": 80}, WrongType, "item.open"),
        ({"open": eur(0)}, InvalidValue, "item.open"),
        ({"open": eur(-1)}, InvalidValue, "item.open"),
        ({"step": "", "stepped_on": DAY}, InvalidValue, "item.step"),
        ({"step": "first"}, InvalidValue, "item.stepped_on"),
        ({"stepped_on": DAY}, InvalidValue, "item.stepped_on"),
        ({"step": "first", "stepped_on": "2026-01-05"}, WrongType, "item.stepped_on"),
    ],
)
def test_an_item_that_cannot_be_is_refused_by_field(changes, error, named):
    with pytest.raises(error) as caught:
        item(**changes)
    assert caught.value.field == named


def test_an_item_is_taken_over_with_its_step_or_without():
    assert item().step is None
    assert item(step="first", stepped_on=DAY).stepped_on == DAY


@given(st.one_of(strategies.invoices(), strategies.credit_notes(), strategies.taken_over_items()))
def test_documents_survive_pickling_and_deep_copies(document):
    for again in (pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):
        assert again == document
        assert hash(again) == hash(document)


def test_an_installment_of_a_schedule_keeps_its_baseline_in_the_item():
    part = Installment(amount=eur(1200), baseline="delivery")
    assert invoice(schedule=Schedule(installments=(part,))).items() == (("INV-1", part),)


def test_terms_are_resolved_with_what_the_lines_say_about_net_and_about_lines_without_discount():
    goods = InvoiceLine(net=eur(900), tax=eur(180), tax_percent=Decimal(20))
    freight = InvoiceLine(net=eur(100), tax=eur(20), tax_percent=Decimal(20), discountable=False)
    head = {"number": "1", "account": "A", "issued_on": dt.date(2026, 5, 4), "total": eur(1200)}
    terms = PaymentTerms.parse("2/10 net 30")
    (whole,) = Invoice(**head, terms=terms).schedule.installments
    (part,) = Invoice(**head, terms=terms, lines=(goods, freight)).schedule.installments
    assert (whole.discounts[0].amount, part.discounts[0].amount) == (eur(24), Money.of("21.60", "EUR"))


def test_a_discount_on_net_takes_the_net_amount_of_the_tax_breakdown():
    terms = PaymentTerms.net(30).with_discount(2, Days(count=10), base=DiscountBase.NET)
    taxes = (TaxPart(percent=Decimal(20), net=eur(1000), tax=eur(200)),)
    head = {"number": "1", "account": "A", "issued_on": dt.date(2026, 5, 4), "total": eur(1200)}
    (part,) = Invoice(**head, terms=terms, taxes=taxes).schedule.installments
    assert part.discounts[0].amount == eur(20)
