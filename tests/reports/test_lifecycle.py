"""Revenue, days of credit, growth and potential: by hand, by segment, and what is not defined said so."""

import datetime as dt
from fractions import Fraction

import pytest
from tests.service.world import BOOK, World, day, eur

from receivables import CreditNote, Money, PolicyBook
from receivables.errors import InvalidValue
from receivables.reports.lifecycle import lifecycle


@pytest.fixture
def world():
    world = World()
    world.open("ACME", segment="retail")
    world.open("BETA", segment="retail")
    return world


def found(world, since=0, until=29, *, policies=None, **more):
    accounts = [world.app.account(id) for id in world.app.accounts()]
    return lifecycle(accounts, policies or PolicyBook.of(), day(since), day(until), **more)


def line(world, of="ACME", currency="EUR", **more):
    return next(each for each in found(world, **more).lines if (each.of, each.currency.code) == (of, currency))


def test_revenue_is_invoiced_less_credited_by_the_dates_of_the_documents(world):
    world.invoice("INV-1", "1000", 30, issued_on=day(0))
    world.at(40).invoice("INV-2", "500", 60, issued_on=day(29))  # recorded after the period
    world.invoice("INV-3", "70", 60, issued_on=day(30))
    note = CreditNote(number="CN-1", account="ACME", issued_on=day(10), total=eur(200), against="INV-1")
    world.app.issue_credit_note(note, key="note")
    assert line(world).revenue == 130_000
    assert line(world, known_at=day(39)).revenue == 100_000


def test_a_credit_note_is_no_payment_and_fees_are_no_revenue():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-S", "700", -10)
    world.run()
    world.deliver()
    note = CreditNote(number="CN-1", account="ACME", issued_on=day(0), total=eur(200), against="INV-S")
    world.app.issue_credit_note(note, key="note")
    charges = [item for item in world.app.account("ACME").ledger.items if item.kind != "invoice"]
    assert charges
    acme = line(world, since=-60)
    assert (acme.revenue, acme.paid, acme.money_days, acme.days_given) == (50_000, 0, 0, None)


def test_days_are_weighted_by_what_was_paid(world):
    world.invoice("INV-1", "1000", 30, issued_on=day(0))
    world.invoice("INV-2", "3000", 30, issued_on=day(-20))
    world.at(10).settle("INV-1", 1000)
    world.settle("INV-2", 1500)
    acme = line(world)
    assert acme.money_days == 100_000 * 10 + 150_000 * 30
    assert acme.days_given == Fraction(1000 * 10 + 1500 * 30, 2500) == 22
    assert acme.row()["days_given"] == "22.0"


def test_a_payment_before_the_invoice_gives_days_below_zero(world):
    world.pay("P-1", 100, on=-5)
    world.invoice("INV-1", "100", 30, issued_on=day(0))
    world.apply("P-1", "INV-1", 100)
    assert line(world).days_given == 0  # an allocation counts from the later of the two days


def test_a_payment_that_comes_back_was_none(world):
    world.invoice("INV-1", "1000", 30, issued_on=day(0))
    world.at(5).settle("INV-1", 1000)
    world.at(9).app.return_payment("ACME", "P INV-1 1000", "returned", "AC04", on=day(9), key="back")
    assert line(world).paid == 0
    assert line(world, until=8).paid == 100_000


@pytest.mark.parametrize(
    ("before", "now", "growth", "shown"),
    [("400", "500", Fraction(1, 4), "25.0"), ("800", "1", Fraction(-799, 800), "-99.9"), (None, "5", None, None)],
)
def test_growth_is_against_as_many_days_before_and_not_defined_without_revenue_then(world, before, now, growth, shown):
    if before is not None:
        world.invoice("OLD", before, -1, issued_on=day(-30))
    world.invoice("OLDER", "999", -1, issued_on=day(-31))
    world.invoice("NEW", now, 30, issued_on=day(0))
    acme = line(world)
    assert (acme.growth, acme.row()["growth_percent"]) == (growth, shown)


def test_potential_is_the_headroom_of_the_last_day(world):
    world.limit("5000")
    world.invoice("INV-1", "1000", 30)
    assert line(world, policies=BOOK).headroom == 400_000
    assert line(world, policies=BOOK).row()["potential"] == "4000.00"
    world.invoice("INV-B", "10", 30, "BETA")
    assert line(world).headroom is None


def test_currencies_are_never_added(world):
    world.invoice("INV-1", "1000", 30)
    world.invoice("INV-USD", Money.of(80, "USD"), 30)
    assert (line(world).revenue, line(world, currency="USD").revenue) == (100_000, 8_000)


def test_a_segment_is_the_sum_of_its_customers(world):
    world.invoice("INV-1", "1000", 30)
    world.invoice("INV-B", "500", 30, "BETA")
    world.at(10).settle("INV-1", 1000)
    world.at(20).settle("INV-B", 500, "BETA")
    grouped = found(world).grouped("segment")
    (retail,) = grouped.lines
    assert (retail.of, retail.customers, retail.revenue) == ("retail", 2, 150_000)
    assert retail.days_given == Fraction(1000 * 10 + 500 * 20, 1500)
    with pytest.raises(InvalidValue):
        grouped.grouped("segment")
    with pytest.raises(InvalidValue):
        found(world).grouped("color")


def test_a_period_that_ends_before_it_begins_is_refused(world):
    with pytest.raises(InvalidValue):
        found(world, 1, 0)


def test_the_first_days_there_are_have_none_before(world):
    accounts = [world.app.account("ACME")]
    assert lifecycle(accounts, PolicyBook.of(), dt.date.min, dt.date.max).lines == ()


def test_a_merged_customer_is_counted_once(world):
    world.invoice("INV-1", "1000", 30)
    world.invoice("INV-B", "500", 30, "BETA")
    world.app.merge_accounts("ACME", "BETA", reason="one", by="ann", approver="bob", key="merge")
    accounts = [world.app.account(id, own=True) for id in ("ACME", "BETA")]
    lines = lifecycle(accounts, PolicyBook.of(), day(0), day(29)).lines
    assert [(each.of, each.revenue) for each in lines] == [("ACME", 150_000)]


def test_what_was_paid_before_the_period_is_not_of_it(world):
    world.invoice("INV-1", "1000", 30, issued_on=day(-20))
    world.at(3).settle("INV-1", 400)
    world.at(10).settle("INV-1", 600)
    assert [line(world, since=since, until=29).paid for since in (3, 4)] == [100_000, 60_000]
