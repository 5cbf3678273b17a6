"""A report on a date: what the bureau was told last, in the order of the days, and whether it knows of a dispute."""

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, instant, on

from receivables.state.bureau import LIFE, BureauLog, ReportChange, ReportEntry, ReportState

REPORT = attrs.evolve(SAMPLES["debt.reported/1"].report, reported_on=DAY)
OTHER = attrs.evolve(REPORT, id="B-2")


def told(kind, day, balance=0, known=None, report="B-1"):
    return ReportChange(report, kind, balance, on(day), instant(day if known is None else known))


def states(*changes, day=20, known=None):
    reports = tuple(ReportEntry(each, DAY, instant(0)) for each in (REPORT, OTHER))
    return BureauLog(reports=reports, changes=changes).states(on(day), None if known is None else instant(known))


def state(*changes, day=20):
    found, other = states(*changes, day=day)
    assert other == ReportState(OTHER, "reported", 300000, DAY, False)
    return found


def test_a_report_stands_with_the_balance_and_the_day_on_which_it_was_made():
    assert state() == ReportState(REPORT, "reported", 300000, DAY, False)
    assert state().stands
    assert states(day=-1) == ()
    assert BureauLog().states(DAY, None) == ()


@pytest.mark.parametrize(
    ("kind", "status", "disputed"),
    [
        ("balance", "corrected", False),
        ("disputed", "disputed", True),
        ("dispute_over", "corrected", False),
        ("paid", "closed", False),
        ("withdrawn", "withdrawn", False),
    ],
)
def test_each_thing_that_a_bureau_is_told_leads_to_its_status(kind, status, disputed):
    assert state(told(kind, 3, 1200)) == ReportState(REPORT, status, 1200, on(3), disputed)
    assert status in LIFE["reported"]
    assert state(told(kind, 3), day=2).status == "reported"


def test_another_balance_of_a_disputed_debt_leaves_it_disputed_until_that_is_over():
    facts = (told("disputed", 2, 900), told("balance", 4, 800), told("dispute_over", 6, 700), told("balance", 8, 600))
    found = [state(*facts, day=day) for day in (3, 4, 6, 8)]
    assert [(each.status, each.balance, each.disputed) for each in found] == [
        ("disputed", 900, True),
        ("disputed", 800, True),
        ("corrected", 700, False),
        ("corrected", 600, False),
    ]


@pytest.mark.parametrize(("end", "status"), [("paid", "closed"), ("withdrawn", "withdrawn")])
def test_a_dispute_ends_with_the_debt(end, status):
    found = state(told("disputed", 2), told(end, 4))
    assert (found.status, found.disputed, found.stands) == (status, False, end == "paid")
    again = state(told("disputed", 2), told(end, 4), told("balance", 6, 100))
    assert (again.status, again.disputed) == ("corrected", False)


def test_what_was_told_counts_by_its_day_whenever_it_became_known():
    late = (told("balance", 5, 500), told("disputed", 3, 900, known=9))
    found = state(*late)
    assert (found.status, found.balance, found.told_on) == ("disputed", 500, on(5))
    assert states(*late, known=8)[0].status == "corrected"
