"""What was forgotten, and what only the law keeps: the last record of each document, by the day of the answer."""

import datetime as dt

import pytest
from tests.state.days import DAY, instant, on

from receivables.documents.erasure import ErasureRecord
from receivables.state.erasure import ErasureAnswer, Erasures, ErasureState


def record(id, ground, until=None, kind="invoice"):
    return ErasureRecord(kind=kind, id=id, dated=DAY, ground=ground, until=until, law="")


def answer(erasure, day, *records, logs=(), known=None):
    return ErasureAnswer(erasure, records, tuple(logs), on(day), instant(day if known is None else known))


KEPT = record("B", "retention", dt.date(2030, 12, 31))
LONGER = record("C", "retention", dt.date(2032, 12, 31))
GONE = record("A", "erased")


def test_nothing_is_said_where_nothing_was_answered():
    log = Erasures(answers=(answer("E-1", 3, GONE),))
    assert log.state(on(2), None) is None
    assert log.state(on(9), instant(2)) is None
    assert log.state(on(3), None) == ErasureState(records=(GONE,), answered_on=on(3))


def test_the_last_answer_about_a_document_counts_and_the_others_stand():
    later = record("B", "erased")
    log = Erasures(answers=(answer("E-1", 3, GONE, KEPT, LONGER), answer("E-2", 6, later)))
    assert log.state(on(5), None) == ErasureState(records=(GONE, KEPT, LONGER), answered_on=on(3))
    assert log.state(on(6), None) == ErasureState(records=(GONE, later, LONGER), answered_on=on(6))


def test_it_is_looked_at_again_when_the_law_does_not_keep_the_first_one_any_more():
    assert ErasureState(records=(GONE, LONGER, KEPT), answered_on=DAY).review_on == dt.date(2031, 1, 1)
    assert ErasureState(records=(GONE,), answered_on=DAY).review_on is None


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ("A", "erased"),
        ("B", "retention"),
        ("BA", "erased"),
        ("AB", "erased"),
        ("D", None),
        ("X", None),
        ("", None),
        ("DB", "retention"),
    ],
)
def test_a_letter_must_not_name_what_is_erased_or_only_kept_by_law(documents, why):
    records = (GONE, KEPT, record("D", "open_claim"), record("X", "erased", kind="payment"))
    assert ErasureState(records=records, answered_on=DAY).restriction(documents) == why


def test_the_log_knows_its_own_erasures_and_by_their_logs_those_of_others():
    log = Erasures(answers=(answer("E-1", 3, logs=("ACME", "BETA")), answer("E-2", 4)))
    assert log.done() == {"E-1", "E-1/ACME", "E-1/BETA", "E-2"}
