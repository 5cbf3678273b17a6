"""The report of tax on bad debts: each standing of an item, its sums, and supplies of another day than the invoice's."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from tests.scenarios.test_s15_tax_relief_on_bad_debts import DUE, EARLIEST, SUPPLIED, WRITTEN_OFF, Story, gbp

from receivables import Invoice, PolicyBook
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.facts.loss import ReliefClaimed, ReliefRepaid
from receivables.policies.tax_relief import DE_VAT, UK_VAT
from receivables.reports.tax_relief import relief_report


@pytest.fixture
def story():
    """1,200.00 with a fifth of tax, written off whole."""
    story = Story()
    story.issue("INV-1", [(20, 1000, 200)])
    story.on(WRITTEN_OFF).write_off("ACME", "INV-1", "insolvent", on=WRITTEN_OFF, key="lost")
    return story


def report(story, day, regime=UK_VAT, **more):
    return relief_report(story.app.account("ACME"), regime, day, **more)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (WRITTEN_OFF, "too_early"),
        (EARLIEST - dt.timedelta(days=1), "too_early"),
        (EARLIEST, "claimable"),
        (dt.date(2030, 4, 1), "claimable"),
        (dt.date(2030, 4, 2), "expired"),
    ],
)
def test_where_an_item_stands_follows_from_the_day(story, day, status):
    found = report(story, day)
    assert [position.status for _, position in found.positions] == [status]
    assert found.claimable("GBP") == (gbp(200) if status == "claimable" else gbp(0))


def test_before_the_write_off_there_is_no_bad_debt(story):
    assert report(story, WRITTEN_OFF - dt.timedelta(days=1)).positions == ()
    assert "no bad debts" in str(report(story, DUE))


def test_a_regime_that_does_not_wait_allows_the_claim_at_once(story):
    assert report(story, WRITTEN_OFF, DE_VAT).claimable("GBP") == gbp(200)


def test_a_debt_that_the_rules_do_not_cover_is_named(story):
    later = attrs.evolve(UK_VAT, valid_from=dt.date(2026, 1, 1))
    (found,) = (position for _, position in report(story, EARLIEST, later).positions)
    assert (found.status, found.earliest, found.latest) == ("not_covered", None, None)


def test_an_invoice_that_does_not_say_its_tax_gives_none():
    story = Story()
    invoice = Invoice.due(number="PLAIN", account="ACME", issued_on=SUPPLIED, total=gbp(1200), due_on=DUE)
    story.on(SUPPLIED).issue_invoice(invoice, key="issue")
    story.on(WRITTEN_OFF).write_off("ACME", "PLAIN", "insolvent", on=WRITTEN_OFF, key="lost")
    (found,) = (position for _, position in report(story, EARLIEST).positions)
    assert (found.status, found.tax) == ("tax_unknown", gbp(0))


def test_a_supply_of_another_day_than_the_invoice_counts_by_its_own(story):
    supplied = {"INV-1": dt.date(2025, 12, 1)}
    (found,) = (position for _, position in report(story, EARLIEST, supplied=supplied).positions)
    assert (found.status, found.earliest) == ("too_early", dt.date(2026, 6, 1))
    story.on(dt.date(2026, 6, 1)).claim_relief(
        "ACME", "INV-1", on=dt.date(2026, 6, 1), supplied_on=dt.date(2025, 12, 1), key="claim"
    )
    assert [fact.supplied_on for fact in story.facts(ReliefClaimed)] == [dt.date(2025, 12, 1)]


def test_what_is_claimed_in_two_steps_is_the_tax_of_the_whole():
    story = Story()
    story.issue("INV-1", [(20, 1000, 200)])
    app = story.on(WRITTEN_OFF)
    app.write_off("ACME", "INV-1", "insolvent", amount=gbp("500.01"), on=WRITTEN_OFF, key="1")
    story.on(EARLIEST).claim_relief("ACME", "INV-1", on=EARLIEST, key="claim 1")
    app.write_off("ACME", "INV-1", "insolvent", on=EARLIEST, key="2")
    app.claim_relief("ACME", "INV-1", on=EARLIEST, key="claim 2")
    claims = story.facts(ReliefClaimed)
    assert [fact.amount for fact in claims] == [gbp("83.34"), gbp("116.66")]
    assert [sum(part.tax.minor for part in fact.taxes) for fact in claims] == [8334, 11666]
    assert [part.percent for part in claims[1].taxes] == [Decimal(20)]


def test_the_table_has_the_days_and_the_tax(story):
    (row,) = report(story, EARLIEST).rows()
    assert (row["unpaid"], row["tax"], row["from"], row["until"]) == ("1200.00", "200.00", "2026-04-01", "2030-04-01")
    assert "INV-1" in str(report(story, EARLIEST))
    assert "<table>" in report(story, EARLIEST)._repr_html_()


def test_nothing_is_claimed_where_there_is_nothing(story):
    with pytest.raises(UnknownId, match="INV-9"):
        story.app.claim_relief("ACME", "INV-9", on=EARLIEST, key="claim")
    story.issue("INV-2", [(20, 1000, 200)], dt.date(2026, 3, 1))
    with pytest.raises(UnknownId, match="bad debt on item"):
        story.on(EARLIEST).claim_relief("ACME", "INV-2", on=EARLIEST, key="claim")
    with pytest.raises(InvalidValue, match="and today"):
        story.app.claim_relief("ACME", "INV-1", on=EARLIEST + dt.timedelta(days=1), key="claim")


def test_a_right_that_was_lost_is_not_lost_again(story):
    story.on(EARLIEST).bar_relief("ACME", "INV-1", "expired", on=EARLIEST, key="bar")
    with pytest.raises(InvalidValue, match="must not be barred already"):
        story.app.bar_relief("ACME", "INV-1", "sold", on=EARLIEST, key="again")
    with pytest.raises(InvalidValue, match="must be one of"):
        story.app.bar_relief("ACME", "INV-1", "bored", on=EARLIEST, key="bored")


def test_a_regime_is_asked_for():
    with pytest.raises(WrongType, match="a tax relief regime"):
        relief_report([], None, EARLIEST)


def test_money_that_was_given_back_paid_nothing(story):
    story.pay("P-1", 600, EARLIEST)
    assert report(story, EARLIEST).claimable("GBP") == gbp(100)
    story.app.refund("ACME", "P-1", gbp(600), on=EARLIEST, key="refund")
    assert report(story, EARLIEST).claimable("GBP") == gbp(200)


def test_nothing_is_left_owed_back_by_what_was_recorded(story):
    story.on(EARLIEST).claim_relief("ACME", "INV-1", on=EARLIEST, key="claim")
    assert (report(story, EARLIEST).claimed("GBP"), report(story, EARLIEST).owed_back("GBP")) == (gbp(200), gbp(0))
    story.pay("P-1", 600, EARLIEST)
    assert (report(story, EARLIEST).claimed("GBP"), report(story, EARLIEST).owed_back("GBP")) == (gbp(100), gbp(0))


def test_a_mistake_that_is_taken_back_owes_the_tax_back(story):
    story.on(EARLIEST).claim_relief("ACME", "INV-1", on=EARLIEST, key="claim")
    story.app.reverse_write_off("ACME", "lost#1", reason="the wrong one", key="reverse")
    assert [(fact.amount, fact.cause) for fact in story.facts(ReliefRepaid)] == [(gbp(200), "reversed")]


def test_without_a_regime_there_is_nothing_to_claim(story):
    app = story.on(EARLIEST).with_policies(PolicyBook.of())
    with pytest.raises(UnknownId, match="tax relief regime"):
        app.claim_relief("ACME", "INV-1", on=EARLIEST, key="claim")


def test_money_that_is_given_back_later_was_there_until_then(story):
    day = EARLIEST + dt.timedelta(days=10)
    story.pay("P", 300, EARLIEST)
    before = report(story, EARLIEST).claimable("GBP")
    story.on(day).refund("ACME", "P", gbp(300), on=day, key="refund")
    assert report(story, EARLIEST).claimable("GBP") == before == gbp(150)
    assert report(story, day).claimable("GBP") == gbp(200)
