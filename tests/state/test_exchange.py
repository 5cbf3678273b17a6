"""What documents with a rate stand for when they arise."""

import datetime as dt

from receivables import Account, Customer, Installment, Invoice, Money, Schedule, TakenOverItem, fold
from receivables.documents.exchange import ExchangeRate
from receivables.facts.invoice import ItemTakenOver
from receivables.state.exchange import Exchange

DAY = dt.date(2026, 3, 2)
RATE = ExchangeRate.of("USD", "EUR", "0.925", on=DAY, source="ECB")


def invoice(*parts: str, rate: ExchangeRate | None = RATE) -> Account:
    amounts = [Money.of(part, "USD") for part in parts]
    schedule = Schedule(installments=tuple(Installment(amount=amount, due_on=DAY) for amount in amounts))
    document = Invoice(
        number="I", account="A", issued_on=DAY, total=Money.total(amounts, "USD"), schedule=schedule, book_rate=rate
    )
    return Account.of(Customer(id="A"), invoices=[document])


def carried(account: Account) -> list[int]:
    return [each.amount for each in account.exchange.carried_items]


def test_the_parts_of_an_invoice_add_up_to_its_total_in_the_books():
    assert carried(invoice("0.33", "0.33", "0.34")) == [31, 30, 32]
    assert RATE.convert(Money.of("1.00", "USD")).minor == 93


def test_a_part_that_takes_back_is_a_credit_and_stands_for_its_share():
    exchange = invoice("10.00", "-2.00").exchange
    assert [each.amount for each in exchange.carried_items] == [925]
    assert [(each.credit, each.amount) for each in exchange.carried_credits] == [("I/2", 185)]


def test_a_document_without_a_rate_leaves_no_entry():
    assert invoice("10.00", rate=None).exchange == Exchange()


def test_an_item_of_another_system_stands_for_what_is_still_open():
    item = TakenOverItem(id="O", account="A", issued_on=DAY, due_on=DAY, open=Money.of("200.00", "USD"), book_rate=RATE)
    known = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    account = fold([ItemTakenOver(item=item, effective_on=DAY, recorded_at=known)])
    assert carried(account) == [18_500]
