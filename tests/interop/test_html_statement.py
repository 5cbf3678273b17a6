"""Statements as letters: in the customer's language, with every hostile text escaped, for screen, paper and mail."""

from __future__ import annotations

import datetime as dt
import decimal
from html.parser import HTMLParser

import pytest

from receivables import Account, Allocation, Currency, Customer, Invoice, Money, Payment
from receivables.errors import InvalidValue, ReceivablesError
from receivables.reports.statement import KINDS, statement
from receivables.reports.statement_lines import LINE_CODES

pytest.importorskip("jinja2", reason="the extra receivables[html] is not installed")
pytest.importorskip("babel", reason="the extra receivables[html] is not installed")

from receivables.interop.html_statement import Sender, render
from receivables.interop.statement_texts import LANGUAGES, TEXTS, words

SENDER = Sender(name="Muster GmbH", lines=("Hauptstr. 1",), payment=("IBAN DE02 1203 0000 0000 2020 51",))
RECIPIENT = ("ACME AG", "Ringstr. 5")
MARCH = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


def account(language="de", currency="EUR", owed="1234567.50", name="INV-1"):
    invoice = Invoice.due(
        number=name,
        account="ACME",
        issued_on=dt.date(2026, 3, 5),
        total=Money.of(owed, currency),
        due_on=dt.date(2026, 3, 20),
    )
    paid = Money.of("1", currency)
    payment = Payment(id="P-1", account="ACME", amount=paid, value_date=dt.date(2026, 3, 9))
    return Account.of(
        Customer(id="ACME", language=language),
        invoices=[invoice],
        payments=[payment],
        allocations=[Allocation(source="P-1", item=name, amount=paid)],
    )


def letter(kind="activity", paper="A4", note="", sender=SENDER, recipient=RECIPIENT, **told):
    return render(statement(account(**told), *MARCH, kind=kind), sender, recipient, paper=paper, note=note)


class Page(HTMLParser):
    """The tags of a page, and its texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.attributes = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("language", "invoice", "amount", "date"),
    [
        ("en", "Invoice INV-1", "1,234,566.50", "Mar 5, 2026"),
        ("de", "Rechnung INV-1", "1.234.566,50", "05.03.2026"),
        (
            "de-CH",
            "Rechnung INV-1",
            "1\N{RIGHT SINGLE QUOTATION MARK}234\N{RIGHT SINGLE QUOTATION MARK}566.50",
            "05.03.2026",
        ),
        ("fr", "Facture INV-1", "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}566,50", "5 mars 2026"),
        ("es", "Factura INV-1", "1.234.566,50", "5 mar 2026"),
        ("nl", "Factuur INV-1", "1.234.566,50", "5 mrt 2026"),
        ("it", "Fattura INV-1", "1.234.566,50", "5 mar 2026"),
    ],
)
def test_words_numbers_and_dates_are_those_of_the_language(language, invoice, amount, date):
    made = letter(language=language)
    for shown in (made.text, Page(made.html).text):
        assert invoice in shown
        assert amount in shown
        assert date in shown
    assert not made.fell_back
    assert f'<html lang="{language}"' in made.html


def test_a_language_without_words_here_falls_back_to_english_and_says_so():
    made = letter(language="pl")
    assert (made.language, made.locale, made.asked, made.fell_back) == ("en", "en", "pl", True)
    assert "Invoice INV-1" in made.text
    assert "1,234,566.50" in made.text


def test_hostile_names_stay_text():
    evil = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>"
    made = letter(
        name=evil,
        note=evil,
        sender=Sender(name=evil, lines=(evil,), payment=(evil,)),
        recipient=(evil, "</style><script>x</script>"),
    )
    page = Page(made.html)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.text.count("alert('1')") >= 6


def test_a_name_that_breaks_the_line_makes_no_line_of_its_own_in_mail():
    made = letter(name="INV-1\nYou owe nothing")
    assert "\nYou owe nothing" not in made.text


@pytest.mark.parametrize(("paper", "size"), [("A4", "size: A4"), ("Letter", "size: letter")])
def test_the_page_is_made_for_paper_and_loads_nothing(paper, size):
    html = letter(paper=paper).html
    assert size in html
    assert "display: table-header-group" in html
    assert "break-inside: avoid" in html
    assert "http" not in html
    assert "url(" not in html
    assert not {"script", "link", "img", "iframe"} & set(Page(html).tags)


@pytest.mark.parametrize(
    ("kind", "movements", "items"),
    [("open_item", False, True), ("balance_forward", True, False), ("activity", True, True)],
)
def test_each_kind_shows_its_part(kind, movements, items):
    made = letter(kind=kind)
    for shown in (made.text, Page(made.html).text):
        assert ("Saldovortrag" in shown) == movements
        assert ("Tage überfällig" in shown) == items
    assert ("für INV-1 1,00" in made.text) == (kind == "activity")


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1,234,566"), ("BHD", "1,234,566.000")])
def test_an_amount_has_the_decimals_of_its_currency(currency, amount):
    assert f"{amount}\N{NO-BREAK SPACE}{currency}" in letter(language="en", currency=currency, owed="1234567").text


def test_the_decimal_context_of_the_host_has_no_say():
    expected = letter()
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_UP)):
        assert letter() == expected


def test_a_currency_of_the_hosts_own_is_shown_by_its_code():
    owed = Money.of("0.00000001", Currency("BTC", 8))
    invoice = Invoice.due(number="I", account="ACME", issued_on=MARCH[0], total=owed, due_on=MARCH[1])
    made = render(statement(Account.of(Customer(id="ACME"), invoices=[invoice]), *MARCH), SENDER, RECIPIENT)
    assert "0.00000001" in made.text
    assert "== BTC ==" in made.text


def test_nothing_owed_is_a_sentence_and_a_credit_is_said_to_be_the_customers():
    empty = render(statement(Account.of(Customer(id="ACME")), *MARCH), SENDER, RECIPIENT)
    assert "Nothing was owed in this period." in empty.text
    payment = Payment(id="P", account="ACME", amount=Money.of(70, "EUR"), value_date=MARCH[0])
    paid = render(statement(Account.of(Customer(id="ACME"), payments=[payment]), *MARCH), SENDER, RECIPIENT)
    assert "Balance in your favor" in paid.text
    assert "70.00\N{NO-BREAK SPACE}EUR" in paid.text


def test_the_check_value_is_the_digest_of_the_statement():
    found = statement(account(), *MARCH)
    made = render(found, SENDER, RECIPIENT)
    assert found.digest[:16] in made.html
    assert found.digest[:16] in made.text


@pytest.mark.parametrize("told", [{"paper": "A5"}, {"language": "de_XX_YY_zz"}, {"recipient": ("",)}])
def test_what_cannot_be_rendered_is_a_typed_error(told):
    with pytest.raises(ReceivablesError):
        letter(**told)


def test_a_tag_that_is_none_names_itself():
    with pytest.raises(InvalidValue, match="de_XX_YY_zz"):
        letter(language="de_XX_YY_zz")


def test_every_line_and_kind_has_words_in_every_language():
    needed = {code for code, _ in LINE_CODES} | set(KINDS)
    assert needed <= set(TEXTS)
    for language in LANGUAGES:
        assert all(text.strip() for text in words(language).values())
