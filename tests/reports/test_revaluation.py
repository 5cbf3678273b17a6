"""Revaluation of open items and credits by the rates of a closing."""

import pytest
from tests.reports.test_exchange import account, rate, usd
from tests.service.world import BOOK, World, eur

from receivables.documents.exchange import ExchangeRate
from receivables.errors import WrongType
from receivables.policies.exchange import ExchangePolicy
from receivables.reports.exchange import exchange_result
from receivables.reports.revaluation import revalue

POLICY = ExchangePolicy(id="ECB", version=2, max_age_days=3)


@pytest.fixture
def world() -> World:
    """600.00 USD of an invoice and 100.00 USD of a payment are left."""
    world = World(policies=BOOK)
    world.open()
    world.invoice("INV-1", usd(1000), 30, book_rate=rate("0.92"))
    world.at(5).pay("P", usd(500), book_rate=rate("0.90", 5))
    world.apply("P", "INV-1", usd(400))
    return world.at(10)


def closed(world: World, *rates: ExchangeRate, policy: ExchangePolicy = POLICY):
    return revalue(account(world), world.today, rates, policy)


def test_an_item_gains_and_a_credit_costs_as_its_currency_rises(world):
    report = closed(world, rate("0.95", 9))
    assert [(line.carried.id, line.unrealized) for line in report.lines] == [("INV-1", eur(18)), ("P", eur(-5))]
    assert (report.of_items, report.of_credits, report.unrealized) == (eur(18), eur(-5), eur(13))


def test_it_leaves_the_carrying_amounts_alone(world):
    before = exchange_result(account(world), world.today)
    closed(world, rate("0.95", 9))
    assert exchange_result(account(world), world.today) == before
    assert closed(world, rate("0.95", 9)).lines[0].carried.remaining.book == eur(552)


def test_each_row_names_the_rate_its_day_and_its_source(world):
    row = closed(world, rate("0.91", 8), rate("0.95", 9)).rows()[0]
    assert row == {
        "side": "item",
        "id": "INV-1",
        "open": "600.00 USD",
        "carrying": "552.00",
        "value": "570.00",
        "unrealized": "18.00",
        "rate": "0.95 USD/EUR",
        "of": "2026-03-11",
        "source": "ECB",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("rates", "code"), [((), "rate_missing"), ((rate("0.95", 6),), "rate_stale"), ((rate("0.95", 11),), "rate_missing")]
)
def test_without_a_rate_of_the_day_the_row_says_why_and_nothing_is_guessed(world, rates, code):
    report = closed(world, *rates)
    assert [line.reason.code for line in report.unknown] == [code, code]
    assert report.unrealized == eur(0)
    assert report.rows()[0]["carrying"] == "552.00"
    assert (report.rows()[0]["value"], report.rows()[0]["rate"]) == (None, None)


def test_what_was_recorded_without_a_rate_cannot_be_revalued(world):
    world.invoice("INV-2", usd(10), 30)
    report = closed(world, rate("0.95", 9))
    assert [(line.carried.id, line.reason.code) for line in report.unknown] == [("INV-2", "item_rate_missing")]
    assert report.unrealized == eur(13)


def test_what_is_closed_is_not_revalued(world):
    world.apply("P", "INV-1", usd(100))
    assert [line.carried.id for line in closed(world, rate("0.95", 9)).lines] == ["INV-1"]


def test_an_account_in_one_currency_has_nothing_to_revalue():
    world = World(policies=BOOK)
    world.open()
    world.invoice("INV-1", 100, 30)
    report = closed(world, rate("0.95", 0))
    assert (report.currency, report.unrealized, report.rows()) == (None, None, [])
    assert str(report) == "revaluation of ACME as of 2026-03-02: no document names a rate"


def test_the_report_names_its_day_and_its_policy(world):
    lines = str(closed(world, rate("0.95", 9))).splitlines()
    assert lines[0] == "revaluation of ACME in EUR as of 2026-03-12"
    assert lines[-2:] == [
        "unrealized 13.00 EUR, not known: 0",
        "closing rates by the policy ECB/2; carrying amounts stay as they are",
    ]
    assert "<caption>revaluation of ACME" in closed(world)._repr_html_()


def test_what_is_no_rate_or_no_policy_is_refused(world):
    with pytest.raises(WrongType, match="closing_rates"):
        revalue(account(world), world.today, ["0.95"], POLICY)
    with pytest.raises(WrongType, match="policy"):
        revalue(account(world), world.today, [], "ECB")
