"""Rates at the door: one book currency for an account, and rates that fit their document."""

import pytest
from tests.reports.test_exchange import rate, usd
from tests.service.world import World, day, eur, picture

from receivables import CreditNote, Money, Payment, TakenOverItem
from receivables.documents.exchange import ExchangeRate
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType

POUNDS = ExchangeRate.of("USD", "GBP", "0.80", on=day(0), source="ECB")


@pytest.fixture
def world() -> World:
    """An account whose book currency is the euro, by the rate of INV-1."""
    world = World()
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=rate("0.92"))
    world.pay("P", usd(1000), book_rate=rate("0.90"))
    return world


def test_a_rate_to_another_book_currency_is_refused_before_anything_is_recorded(world):
    before = picture(world.store)
    note = CreditNote(number="CN", account="ACME", issued_on=day(0), total=usd(10), book_rate=POUNDS)
    old = TakenOverItem(id="O", account="ACME", issued_on=day(-9), due_on=day(0), open=usd(10), book_rate=POUNDS)
    asked = [
        ("invoice.book_rate", lambda: world.invoice("INV-2", usd(10), 30, book_rate=POUNDS)),
        ("credit_note.book_rate", lambda: world.app.issue_credit_note(note, key="CN")),
        ("payment.book_rate", lambda: world.pay("Q", usd(10), book_rate=POUNDS)),
        ("item.book_rate", lambda: world.app.take_over(old, on=day(0), key="O")),
        ("command.book_rate", lambda: world.app.refund("ACME", "P", usd(10), on=day(0), book_rate=POUNDS, key="r")),
    ]
    for field, ask in asked:
        with pytest.raises(InvalidValue, match="must be to EUR, the book currency of the account") as caught:
            ask()
        assert caught.value.field == field
    assert picture(world.store) == before


def test_a_document_in_the_book_currency_has_no_rate(world):
    with pytest.raises(InvalidValue, match="book currency"):
        world.invoice("INV-2", eur(10), 30, book_rate=rate("0.92"))


def test_a_rate_between_two_other_currencies_is_refused_by_the_document():
    with pytest.raises(CurrencyMismatch, match="GBP and USD and EUR"):
        Payment(id="P", account="A", amount=Money.of(1, "GBP"), value_date=day(0), book_rate=rate("0.92"))
    with pytest.raises(WrongType, match="payment.book_rate"):
        Payment(id="P", account="A", amount=usd(1), value_date=day(0), book_rate="0.92")


def test_a_credit_goes_to_no_account_of_another_book_currency(world):
    world.open("BETA")
    world.invoice("INV-B", usd(10), 30, "BETA", book_rate=POUNDS)
    before = picture(world.store)
    with pytest.raises(InvalidValue, match="must have the book currency EUR, not GBP"):
        world.app.transfer("ACME", "P", usd(10), "BETA", on=day(0), key="move")
    assert picture(world.store) == before
