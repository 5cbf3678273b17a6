"""Realized exchange differences of an account, as its commands were recorded."""

from decimal import Decimal

import attrs
import pytest
from tests.service.world import BOOK, World, day, eur

from receivables import Account, CreditNote, Customer, Invoice, Money, PaymentTerms, PolicyBook
from receivables.documents.exchange import ExchangeRate
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import BankFees, Tolerance, WithheldTax
from receivables.reports.exchange import EXCHANGE_CODES, exchange_result


def usd(amount: object) -> Money:
    return Money.of(amount, "USD")


def rate(figure: str, offset: int = 0) -> ExchangeRate:
    """So many euros for a dollar."""
    return ExchangeRate.of("USD", "EUR", figure, on=day(offset), source="ECB")


ABROAD = SettlementPolicy(
    id="abroad", version=1, withheld=WithheldTax(percent=Decimal(10), on_net=False), bank_fees=BankFees(most=(usd(20),))
)
TOLERANCE = Tolerance(amount=(usd(5),), percent=Decimal(1))


def book(*policies: object) -> PolicyBook:
    others = [each for each in BOOK.policies if type(each) not in {type(policy) for policy in policies}]
    return attrs.evolve(BOOK, policies=(*others, *policies))


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00 USD at 0.92, and a payment P of 1,000.00 USD at 0.90 five days later."""
    world = World(policies=book(ABROAD))
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=rate("0.92"))
    world.at(5).pay("P", usd(1000), book_rate=rate("0.90", 5))
    return world


def result(world: World, on: int | None = None, **more: object):
    as_of = world.today if on is None else day(on)
    return exchange_result(account(world), as_of, **more)


def account(world: World, id: str = "ACME") -> Account:
    return world.app.account(id)


def figures(found) -> list[tuple[str, str | None, str | None, str | None]]:
    text = lambda money: None if money is None else str(money.amount)  # noqa: E731
    return [(line.kind, text(line.released), text(line.value), text(line.difference)) for line in found.lines]


def test_money_on_an_item_realizes_what_the_one_gave_up_less_the_other(world):
    world.apply("P", "INV-1", usd("333.33"))
    world.apply("P", "INV-1", usd("666.67"))
    found = result(world)
    assert figures(found) == [
        ("allocation", "306.66", "300.00", "-6.66"),
        ("allocation", "613.34", "600.00", "-13.34"),
    ]
    assert (found.gain, found.loss, found.difference) == (eur(0), eur("20.00"), eur("-20.00"))
    assert [each.released for each in found.carryings] == [eur(920), eur(900)]
    assert found.open == ()


def test_what_is_taken_back_is_carried_again(world):
    before = result(world)
    receipt = world.apply("P", "INV-1", usd("333.33"))
    assert result(world).carrying("INV-1").remaining.book == eur("613.34")
    world.app.unapply("ACME", receipt.ids[0], key="undo")
    assert result(world) == before


def test_a_return_counts_from_its_day(world):
    world.apply("P", "INV-1", usd(1000))
    world.at(20).app.return_payment("ACME", "P", "returned", "AC04", on=day(20), key="back")
    assert result(world, 19).difference == eur(-20)
    after = result(world, 20)
    assert (after.lines, after.difference) == ((), eur(0))
    assert [(each.id, each.remaining.book) for each in after.open] == [("INV-1", eur(920))]


def test_what_becomes_known_late_is_in_no_report_of_before(world):
    world.at(9).apply("P", "INV-1", usd(1000))
    assert result(world, 9, known_at=day(8)).lines == ()
    assert result(world, 9, known_at=day(9)).difference == eur(-20)


def test_a_bank_fee_is_a_cost_at_the_rate_of_the_payment_and_a_discount_is_less_revenue():
    world = World(policies=book(ABROAD))
    world.open()
    invoice = Invoice(
        number="INV-1",
        account="ACME",
        issued_on=world.today,
        total=usd(1000),
        terms=PaymentTerms.parse("2/10 net 30"),
        book_rate=rate("0.92"),
    )
    world.app.issue_invoice(invoice, key="INV-1")
    world.at(5).pay("P", usd(965), book_rate=rate("0.90", 5))
    assert world.app.settle("ACME", "P", ("INV-1",), bank_fee=usd(15), key="settle").outcome == "settled"
    found = result(world)
    by_kind = {line.kind: line for line in found.lines}
    fee, discount = by_kind["bank_fee"], by_kind["discount_earned"]
    assert (fee.value, fee.released, fee.difference) == (eur("13.50"), eur("13.80"), eur("-0.30"))
    assert (discount.value, discount.difference) == (eur("18.40"), eur(0))
    assert by_kind["allocation"].difference == eur("-19.30")
    assert found.value_of("bank_fee") == eur("13.50")
    assert found.carrying("INV-1").released == eur(920)


def test_a_credit_note_at_the_rate_of_its_invoice_realizes_nothing(world):
    note = CreditNote(
        number="CN", account="ACME", issued_on=day(5), total=usd(100), against="INV-1", book_rate=rate("0.92")
    )
    world.app.issue_credit_note(note, key="CN")
    assert figures(result(world)) == [("allocation", "92.00", "92.00", "0.00")]


def test_a_credit_that_becomes_book_currency_realizes_against_what_it_came_to(world):
    made = world.app.convert("ACME", "P", usd(1000), rate("0.95", 5), on=day(5), key="convert")
    found = result(world)
    assert figures(found) == [("conversion", "900.00", "950.00", "-50.00")]
    world.invoice("INV-2", eur(950), 30)
    world.apply(made.ids[0], "INV-2", eur(950))
    assert result(world).lines == found.lines


def test_a_credit_in_book_currency_that_is_converted_passes_its_amount_on(world):
    world.pay("E", eur(460))
    made = world.app.convert("ACME", "E", eur(460), rate("0.92", 5), on=day(5), key="convert")
    world.apply(made.ids[0], "INV-1", usd(200))
    world.apply(made.ids[0], "INV-1", usd(300))
    assert figures(result(world))[:2] == [
        ("allocation", "184.00", "184.00", "0.00"),
        ("allocation", "276.00", "276.00", "0.00"),
    ]


def test_a_conversion_between_two_foreign_currencies_passes_the_carrying_amount_on(world):
    cross = ExchangeRate.of("USD", "GBP", "0.80", on=day(5), source="ECB")
    made = world.app.convert("ACME", "P", usd(1000), cross, on=day(5), key="convert")
    found = result(world)
    assert found.carrying(made.ids[0], "credit").remaining.book == eur(900)
    assert found.difference == eur(0)


def test_a_refund_realizes_by_its_rate_and_without_one_says_so(world):
    world.app.refund("ACME", "P", usd(400), on=day(5), book_rate=rate("0.93", 5), key="a")
    world.app.refund("ACME", "P", usd(600), on=day(5), key="b")
    first, second = result(world).lines
    assert (first.released, first.value, first.difference) == (eur(360), eur(372), eur(-12))
    assert (second.released, second.value, second.reason.code) == (eur(540), None, "refund_rate_missing")
    assert result(world).difference == eur(-12)


def test_what_was_recorded_without_a_rate_is_not_guessed(world):
    world.invoice("INV-2", usd(100), 30)
    world.pay("Q", usd(100))
    world.apply("Q", "INV-1", usd(100))
    world.apply("P", "INV-2", usd(100))
    found = result(world)
    assert [(line.item, line.difference, line.reason.code) for line in found.lines] == [
        ("INV-1", None, "credit_rate_missing"),
        ("INV-2", None, "item_rate_missing"),
    ]
    assert found.unknown == found.lines
    assert found.carrying("INV-2").reason.code == "item_rate_missing"
    assert found.carrying("INV-1").remaining.book == eur(828), "what is known is released all the same"
    assert {line.reason.code for line in found.lines} | {"refund_rate_missing"} == {code for code, _ in EXCHANGE_CODES}


def test_a_payment_that_is_on_its_way_is_carried_by_nobody(world):
    world.pay("C", usd(50), method="card", status="pending", book_rate=rate("0.90", 5))
    assert result(world).carrying("C", "credit") is None
    world.app.confirm_payment("ACME", "C", on=day(5), key="confirm")
    assert result(world).carrying("C", "credit").remaining.book == eur(45)


def test_what_goes_to_another_account_takes_its_carrying_amount_along(world):
    world.open("BETA")
    world.apply("P", "INV-1", usd("333.33"))
    moved = world.app.transfer("ACME", "P", usd("666.67"), "BETA", on=day(5), key="move")
    there = exchange_result(account(world, "BETA"), day(5))
    assert there.carrying(moved.ids[0], "credit").remaining.book == eur(600)
    (line,) = [line for line in result(world).lines if line.kind == "transfer"]
    assert (line.released, line.difference) == (eur(600), eur(0))


def test_an_account_without_rates_has_nothing_to_report():
    found = exchange_result(Account.of(Customer(id="ACME")), day(0))
    assert (found.currency, found.difference, found.rows(), found.remaining()) == (None, None, [], [])
    assert str(found) == "exchange differences of ACME as of 2026-03-02: no document names a rate"


def test_rates_to_two_book_currencies_are_never_added():
    invoices = [
        Invoice.due(number=code, account="ACME", issued_on=day(0), due_on=day(9), total=usd(1), book_rate=at)
        for code, at in (("1", rate("0.9")), ("2", ExchangeRate.of("USD", "GBP", "0.8", on=day(0), source="x")))
    ]
    with pytest.raises(CurrencyMismatch, match="EUR and GBP"):
        exchange_result(Account.of(Customer(id="ACME"), invoices=invoices), day(0))


def test_the_report_reads_as_a_table_and_names_its_method(world):
    world.apply("P", "INV-1", usd(400))
    found = result(world, known_at=day(5))
    lines = str(found).splitlines()
    assert lines[0] == (
        "realized exchange differences of ACME in EUR as of 2026-03-07, as known at 2026-03-07T23:59:59.999999+00:00"
    )
    assert lines[-2:] == [
        "gain 0.00 EUR, loss 8.00 EUR, not known: 0",
        "each use releases its share of the carrying amount, the last one what is left",
    ]
    (row,) = found.rows()
    assert row == {
        "on": "2026-03-07",
        "kind": "allocation",
        "id": row["id"],
        "credit": "P",
        "item": "INV-1",
        "amount": "400.00 USD",
        "released": "368.00",
        "value": "360.00",
        "difference": "-8.00",
        "reason": None,
    }
    assert [row["remaining"] for row in found.remaining()] == ["552.00", "540.00"]
    assert found._repr_html_().startswith("<table><caption>realized exchange")


def test_tax_withheld_counts_by_the_rate_of_the_payment(world):
    world.pay("Q", usd(900), book_rate=rate("0.90", 5))
    receipt = world.app.settle("ACME", "Q", ("INV-1",), withheld=usd(100), certificate="C-1", key="settle")
    assert receipt.outcome == "settled"
    (tax,) = [line for line in result(world).lines if line.kind == "withheld_tax"]
    assert (tax.released, tax.value, tax.difference) == (eur(92), eur(90), eur(-2))


def test_a_rest_that_the_rate_of_a_conversion_made_is_lost_with_all_that_it_carried():
    world = World(policies=book(SettlementPolicy(id="fx", version=1, exchange_percent=Decimal(1))))
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=rate("0.92"))
    world.at(5).pay("E", eur(915))
    made = world.app.convert("ACME", "E", eur(915), rate("0.92", 5), on=day(5), key="convert")
    assert world.app.settle("ACME", made.ids[0], ("INV-1",), key="settle").outcome == "settled"
    found = result(world)
    (rest,) = [line for line in found.lines if line.kind == "exchange_difference"]
    assert (rest.amount, rest.released, rest.value, rest.difference) == (usd("5.43"), eur(5), eur(0), eur(-5))
    assert found.difference == eur(-5)
    assert found.carrying("INV-1").released == eur(920)


def test_a_surplus_that_is_kept_is_worth_what_the_credit_carried():
    world = World(policies=book(SettlementPolicy(id="keep", version=1, surplus="tolerance", tolerance=TOLERANCE)))
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=rate("0.92"))
    world.pay("P", usd(1002), book_rate=rate("0.90"))
    assert world.app.settle("ACME", "P", ("INV-1",), key="settle").outcome == "settled"
    (kept,) = [line for line in result(world).lines if line.item is None]
    assert (kept.kind, kept.amount, kept.released, kept.value) == ("tolerance", usd(2), eur("1.80"), eur("1.80"))
    assert result(world).open == ()


def test_what_is_in_the_book_currency_alone_is_left_out(world):
    world.open("BETA")
    world.invoice("INV-2", eur(100), 30)
    world.pay("E", eur(150))
    world.pay("F", eur(100))
    world.app.settle("ACME", "F", ("INV-2",), key="settle")
    world.app.refund("ACME", "E", eur(50), on=day(5), key="refund")
    world.app.transfer("ACME", "E", eur(100), "BETA", on=day(5), key="move")
    found = result(world)
    assert (found.lines, [each.id for each in found.carryings]) == ((), ["INV-1", "P"])
    assert exchange_result(account(world, "BETA"), day(5)).currency is None


def test_a_credit_without_a_rate_takes_nothing_along(world):
    world.open("BETA")
    world.pay("Q", usd(100))
    world.app.transfer("ACME", "Q", usd(100), "BETA", on=day(5), key="move")
    (line,) = result(world).lines
    assert (line.kind, line.released, line.reason.code) == ("transfer", None, "credit_rate_missing")
    assert result(world).carrying("Q", "credit").released is None


# Several accounts ---------------------------------------------------------------------------------------------------


def merged(world: World) -> World:
    """TWO, with INV-2 over 500.00 USD at 0.95, becomes part of ACME on day 6."""
    world.open("TWO")
    world.invoice("INV-2", usd(500), 30, "TWO", book_rate=rate("0.95"))
    world.at(6).app.merge_accounts("ACME", "TWO", reason="one customer", by="ann", approver="bob", key="merge")
    return world


def test_after_a_merger_the_carrying_amounts_of_both_count_from_its_day(world):
    merged(world)
    assert [each.id for each in result(world, 5).carryings] == ["INV-1", "P"]
    world.apply("P", "INV-2", usd(500))
    found = result(world, 6)
    assert [(line.item, line.released, line.value) for line in found.lines] == [("INV-2", eur(475), eur(450))]
    assert [(each.id, each.remaining.book) for each in found.open] == [("INV-1", eur(920)), ("P", eur(450))]


def test_an_invoice_that_is_handed_over_takes_its_carrying_amount_along(world):
    world.open("TWO")
    world.at(6).app.split_account("ACME", ("INV-1",), "TWO", reason="the shop", by="ann", approver="bob", key="split")
    assert [each.id for each in result(world).carryings] == ["P"]
    there = exchange_result(account(world, "TWO"), day(6))
    assert [(each.id, each.remaining.book) for each in there.carryings] == [("INV-1", eur(920))]


def test_accounts_of_two_book_currencies_are_not_merged(world):
    world.open("TWO")
    pounds = ExchangeRate.of("USD", "GBP", "0.8", on=day(0), source="ECB")
    world.invoice("INV-2", usd(500), 30, "TWO", book_rate=pounds)
    with pytest.raises(InvalidValue, match="must have the book currency EUR, not GBP"):
        world.app.merge_accounts("ACME", "TWO", reason="one customer", by="ann", approver="bob", key="merge")
