"""Who looks after a customer: the assignment that began last, and those that will begin."""

from tests.state.days import instant, on

from receivables.documents.assignment import Assignment
from receivables.state.assignment import AssignmentEntry, Collectors


def given(collector, day, known=None):
    document = Assignment(account="A", starts_on=on(day), collector=collector)
    return AssignmentEntry(document, on(day), instant(day if known is None else known))


def who(log, day, known=None):
    found = log.on(on(day), None if known is None else instant(known))
    return None if found is None else found.collector


def test_the_one_that_began_last_counts_and_of_one_day_the_one_that_was_recorded_last():
    log = Collectors(assignments=(given("ann", 2), given("bob", 6), given("cid", 4, known=9), given("dan", 6)))
    assert [who(log, day) for day in (1, 2, 3, 4, 5, 6)] == [None, "ann", "ann", "cid", "cid", "dan"]
    assert who(log, 5, known=8) == "ann"


def test_a_customer_that_was_given_back_to_the_rules_is_nobodys():
    log = Collectors(assignments=(given("ann", 2), given(None, 4), given("bob", 8)))
    assert [who(log, day) for day in (3, 4, 7, 8)] == ["ann", None, None, "bob"]


def test_those_that_begin_later_stand_by_their_day():
    log = Collectors(assignments=(given("ann", 8), given("bob", 4), given("cid", 8), given("dan", 2)))
    assert [[each.collector for each in log.later(on(day))] for day in (1, 2, 4, 8)] == [
        ["dan", "bob", "cid"],
        ["bob", "cid"],
        ["cid"],
        [],
    ]
