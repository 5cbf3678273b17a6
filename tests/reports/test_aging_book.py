"""The aging in the currency of the books: which rate counts, what has none, and that it ties to the carrying amounts."""

import datetime as dt

import pytest
from tests.reports.test_exchange import account, rate, usd
from tests.service.world import BOOK, World, day, eur

from receivables import aging
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId, WrongType
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.aging_book import aging_in_book, at_closing_rates, at_transaction_rates
from receivables.reports.aging_detail import aging_detail
from receivables.reports.exchange import exchange_result

POLICY = ExchangePolicy(id="ECB", version=2, max_age_days=3)


@pytest.fixture
def world() -> World:
    """600.00 USD carried at 552.00 EUR and overdue, 100.00 USD on account carried at 90.00, and 40.00 EUR not due."""
    world = World(policies=BOOK)
    world.open(segment="export")
    world.invoice("INV-1", usd(1000), 3, book_rate=rate("0.92"))
    world.invoice("INV-2", 40, 30)
    world.at(5).pay("P", usd(500), book_rate=rate("0.90", 5))
    world.apply("P", "INV-1", usd(400))
    return world.at(10)


def test_at_transaction_rates_the_balance_is_what_the_books_carry(world):
    report = aging_in_book(account(world), world.today, "EUR", valuation="transaction")
    total = report.total("EUR")
    assert (total.buckets["1-30"], total.buckets["current"], total.on_account) == (eur(552), eur(40), eur(90))
    carried = {line.side: line.remaining.book for line in exchange_result(account(world), world.today).open}
    assert total.balance == carried["item"] - carried["credit"] + eur(40)
    assert report.currencies == (eur(0).currency,)
    assert report.title == "aging by due date as of 2026-03-12, in the book currency at transaction rates"


def test_at_closing_rates_every_amount_is_worth_what_the_rate_of_the_day_says(world):
    report = aging_in_book(
        account(world), world.today, "EUR", valuation="closing", rates=[rate("0.95", 9)], policy=POLICY
    )
    total = report.total("EUR")
    assert (total.buckets["1-30"], total.on_account, total.balance) == (eur(570), eur(95), eur(515))
    assert report.title.endswith("at closing rates")


def test_in_document_currency_nothing_is_converted(world):
    report = aging(account(world).view(world.today))
    assert (report.valuation, report.total("USD").buckets["1-30"], report.total("EUR").open) == (
        "document",
        usd(600),
        eur(40),
    )


def test_what_has_no_closing_rate_is_listed_with_the_reason_and_in_no_total(world):
    report = aging_in_book(
        account(world), world.today, "EUR", valuation="closing", rates=[rate("0.95", 2)], policy=POLICY
    )
    assert report.total("EUR").balance == eur(40)
    assert [(side, id, open_, reason.code) for _, side, id, open_, reason in report.unvalued] == [
        ("item", "INV-1", usd(600), "rate_stale"),
        ("credit", "P", usd(100), "rate_stale"),
    ]
    assert str(report).endswith("without a value, and in no total: 2")


def test_what_was_recorded_without_a_rate_has_no_value_at_transaction_rates(world):
    world.invoice("INV-3", usd(10), 3)
    report = aging_in_book(account(world), world.today, "EUR", valuation="transaction")
    assert [(line[2], line[4].code) for line in report.unvalued] == [("INV-3", "item_rate_missing")]
    assert report.total("EUR").open == eur(592)


def test_an_account_without_any_rate_stands_in_its_own_currency():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 0)
    report = aging_in_book([account(world)], world.today, "EUR", valuation="transaction")
    assert report.total("EUR") == aging(account(world).view(world.today)).total("EUR")


def test_what_is_disputed_promised_and_planned_is_valued_with_its_item(world):
    world.dispute("D", "INV-1", usd(150))
    valued = at_transaction_rates(account(world), world.today, "EUR")
    assert aging(valued.view).total("EUR").disputed == eur(138)
    rows = {row.id: row for row in aging_detail(valued.view)}
    assert (rows["INV-1"].open, rows["INV-1"].disputed, rows["P"].open) == (55_200, 13_800, -9_000)


def test_what_is_disputed_of_an_item_without_a_value_has_none_either(world):
    world.dispute("D", "INV-1", usd(150))
    stale = at_closing_rates(account(world).view(world.today), "EUR", [rate("0.95", 2)], POLICY)
    assert (stale.view.withheld, aging(stale.view).total("EUR").disputed) == ((), eur(0))
    assert [row.id for row in aging_detail(stale.view)] == ["INV-2"]


def test_parts_of_an_item_make_up_its_value_to_the_last_unit(world):
    """100.00 USD at 0.3334 are 33.34 EUR; three installments of a plan make that up, whatever is rounded."""
    world.invoice("INV-4", usd(100), 0, book_rate=rate("0.3334", 0))
    parts = tuple(
        PlanInstallment(due_on=day(20 + at), amount=each) for at, each in enumerate(usd(100).split([1, 1, 1]))
    )
    plan = PaymentPlan(id="PP", account="ACME", items=("INV-4",), agreed_on=world.today, installments=parts)
    world.app.agree_plan(plan, key="PP")
    view = at_transaction_rates(account(world), world.today, "EUR").view
    opened = [row.open for row in aging_detail(view) if row.id == "INV-4"]
    assert (len(opened), sum(opened)) == (3, 3_334)
    assert aging(view).total("EUR").planned == eur("33.34")


def test_it_can_be_grouped_aged_by_document_and_cut_in_months(world):
    report = aging_in_book(
        account(world),
        world.today,
        "EUR",
        valuation="transaction",
        key="segment",
        by="document",
        edges=(1, 2),
        unit="months",
    )
    (row,) = report.rows()
    assert (row["segment"], row["0-1 months"], row["not due"], row["balance"]) == (
        "export",
        "592.00",
        "40.00",
        "502.00",
    )


def test_it_is_as_of_a_date_as_known_at_an_instant(world):
    known = dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)
    report = aging_in_book(account(world), world.today, "EUR", valuation="transaction", known_at=known)
    assert (report.known_at, report.total("EUR").balance) == (known, eur(960))


def test_what_cannot_be_asked_is_refused(world):
    today = world.today
    with pytest.raises(InvalidValue, match="valuation"):
        aging_in_book(account(world), today, "EUR", valuation="spot")
    with pytest.raises(InvalidValue, match="must be given for a closing"):
        aging_in_book(account(world), today, "EUR", valuation="closing")
    with pytest.raises(CurrencyMismatch):
        aging_in_book(account(world), today, "GBP", valuation="transaction")
    with pytest.raises(WrongType):
        at_closing_rates(account(world).view(today), "EUR", [1], POLICY)  # type: ignore[list-item]
    with pytest.raises(UnknownId):
        aging_in_book(account(world), today, "XYZ1", valuation="transaction")
