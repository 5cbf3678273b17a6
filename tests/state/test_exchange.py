"""What documents with a rate stand for when they arise."""

import datetime as dt

from receivables import (
    Account,
    Allocation,
    Customer,
    Installment,
    Invoice,
    Money,
    Payment,
    Schedule,
    TakenOverItem,
    fold,
)
from receivables.documents.exchange import ExchangeRate
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.invoice import ItemTakenOver
from receivables.facts.loss import WriteOffReversed, WrittenOff
from receivables.reports.exchange import exchange_result
from receivables.state.exchange import CarriedCredit, CarriedItem, Exchange

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


def test_nothing_comes_back_of_what_a_late_payment_took_off_before_the_loss_did():
    """A write-off of 10 March that was taken back, and a payment of 5 March that was known after both."""
    usd, id = (lambda amount: Money.of(amount, "USD")), {"id": "w", "item": "I", "amount": Money.of("10.00", "USD")}
    zero = {"allowance_used": usd(0), "relief": usd(0), "effective_on": dt.date(2026, 3, 10)}
    known = [dt.datetime(2026, 3, 20, hour, tzinfo=dt.UTC) for hour in range(4)]
    paid = Payment(id="P", account="A", amount=usd("10.00"), value_date=dt.date(2026, 3, 5), book_rate=RATE)
    part = Allocation(source="P", item="I", amount=usd("10.00"))
    on = {"effective_on": paid.value_date}
    facts = [
        WrittenOff(**id, code="small", recorded_at=known[0], **zero),
        WriteOffReversed(**{**id, "id": "v"}, write_off="w", reason="a mistake", recorded_at=known[1], **zero),
        PaymentReceived(payment=paid, recorded_at=known[2], **on),
        AllocationMade(id="a", allocation=part, recorded_at=known[3], **on),
    ]
    result = exchange_result(fold(facts, invoice("10.00")), dt.date(2026, 3, 31))
    assert [str(line.remaining.book) for line in result.carryings] == ["0.00 EUR", "0.00 EUR"]
    assert [str(line.released) for line in result.lines] == ["9.25 EUR", "0.00 EUR", "0.00 EUR"]


def test_each_part_keeps_its_rate_and_its_times():
    entries = invoice("10.00", "-2.00").exchange.carried
    known = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    eur = Money.of(0, "EUR").currency
    assert entries == (
        CarriedItem("I/1", 925, eur, RATE, DAY, known),
        CarriedCredit("I/2", 185, eur, RATE, DAY, known),
    )


def test_a_part_of_nothing_stands_for_nothing_and_is_an_item():
    entries = invoice("10.00", "0.00").exchange
    assert [(each.item, each.amount) for each in entries.carried_items] == [("I/1", 925), ("I/2", 0)]


def test_the_book_currencies_are_named_once_in_the_order_of_the_log():
    other = CarriedItem("J", 1, Money.of(0, "GBP").currency, RATE, DAY, dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    two = Exchange(carried=(*invoice("10.00", "5.00").exchange.carried, other))
    assert [each.code for each in two.currencies] == ["EUR", "GBP"]
    assert Exchange().currencies == ()
