"""Reports of losses: what was written off and recovered by a day, what is proposed, and how a customer's list reads it."""

import datetime as dt

import pytest
from tests.service.world import World, day, eur

from receivables import MatchIndex, MatchingPolicy, Money, Payment, Remittance, propose
from receivables.errors import InvalidValue
from receivables.policies.losses import WriteOffPolicy, WriteOffRule
from receivables.reports.losses import loss_report, write_off_list
from receivables.reports.reconciliation import reconcile
from receivables.reports.reconciliation_rows import TheirItem


@pytest.fixture
def world():
    """INV-1 was written off on the first day, INV-2 ten days later; 400.00 of INV-1 came in on the twentieth."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.invoice("INV-2", "300", -5)
    world.app.write_off("ACME", "INV-1", "insolvent", on=day(0), key="1")
    world.at(10)
    world.app.write_off("ACME", "INV-2", "untraceable", on=day(10), key="2")
    world.at(20)
    world.pay("P-1", "400")
    world.app.recover("ACME", "P-1", "INV-1", key="3")
    return world


def test_losses_by_a_day_are_what_was_written_off_until_then(world):
    account = world.app.account("ACME")
    lefts = [loss_report(account, day(offset)).total("EUR") for offset in (-1, 0, 10, 20)]
    assert lefts == [eur(0), eur(1000), eur(1300), eur(900)]


def test_losses_as_known_before_something_was_recorded_leave_it_out(world):
    account = world.app.account("ACME")
    known = loss_report(account, day(20), day(19))
    assert (known.total("EUR", "recovered"), known.total("EUR")) == (eur(0), eur(1300))


def test_losses_of_a_period_are_those_that_began_in_it(world):
    account = world.app.account("ACME")
    assert [line.item for line in loss_report(account, day(20), since=day(0)).lines] == ["INV-2"]


def test_the_table_says_why_and_since_when(world):
    assert str(loss_report(world.app.account("ACME"), day(20))) == (
        "losses as of 2026-03-22\n"
        "account  item   since       code         currency  written off  recovered    left\n"
        "ACME     INV-1  2026-03-02  insolvent    EUR           1000.00     400.00  600.00\n"
        "ACME     INV-2  2026-03-12  untraceable  EUR            300.00       0.00  300.00"
    )
    assert "nothing was written off" in str(loss_report([], day(20)))
    assert loss_report([], day(20))._repr_html_().startswith("<table><caption>Losses as of")


def test_a_figure_that_is_none_is_refused(world):
    with pytest.raises(InvalidValue, match="must be one of"):
        loss_report(world.app.account("ACME"), day(20)).total("EUR", "lost")


def test_the_list_of_proposals_names_what_waits():
    world = World()
    world.open()
    world.invoice("INV-1", "20", -200)
    world.invoice("INV-2", "15", -190)
    world.dispute("D-1", "INV-2", "15")
    policy = WriteOffPolicy(
        id="losses", version=1, rules=(WriteOffRule(code="small", days_overdue=180, at_most=(eur(25),)),)
    )
    found = write_off_list(world.app.account("ACME"), day(0), policy)
    assert [proposal.item for _, proposal in found.proposals] == ["INV-1", "INV-2"]
    assert [proposal.item for _, proposal in found.ready] == ["INV-1"]
    assert found.rows()[1]["blocked"] == "disputed (15.00 EUR)"
    assert "INV-1" in str(found)
    assert "<td>INV-2</td>" in found._repr_html_()


def test_what_was_written_off_is_not_paid_where_a_customer_lists_it_as_open(world):
    theirs = [TheirItem(reference="INV-2", amount=eur(300))]
    for against, step in (("customer", "ask_recovery"), ("ledger", "post_write_off")):
        found = reconcile(world.app.account("ACME"), world.app.view("ACME", day(20)), theirs, against=against)
        row = next(row for row in found.rows() if row["reference"] == "INV-2")
        assert (row["status"], row["step"]) == ("written_off", step)


def test_what_was_recovered_in_full_is_paid(world):
    world.pay("P-2", "300")
    world.app.recover("ACME", "P-2", "INV-2", key="4")
    theirs = [TheirItem(reference="INV-2", amount=eur(300))]
    found = reconcile(world.app.account("ACME"), world.app.view("ACME", day(20)), theirs)
    assert [row["status"] for row in found.rows() if row["reference"] == "INV-2"] == ["paid"]


def test_currencies_are_never_added(world):
    world.invoice("INV-USD", Money.of(80, "USD"), 0)
    world.app.write_off("ACME", "INV-USD", "insolvent", on=day(20), key="5")
    report = loss_report(world.app.account("ACME"), day(20))
    assert (report.total("USD"), report.total("EUR")) == (Money.of(80, "USD"), eur(900))
    assert report.as_of == dt.date(2026, 3, 22)


def test_a_payment_that_names_what_was_written_off_is_told_so(world):
    told = Remittance(references=("INV-2",))
    payment = Payment(id="P-2", account="ACME", amount=eur(300), value_date=day(20), remittance=told)
    index = MatchIndex.of([world.app.view("ACME", day(20))])
    matched = propose(payment, index, MatchingPolicy(id="match", version=1))
    assert [(each.item, each.reason.code) for each in matched.passed_over] == [("INV-2", "written_off")]
