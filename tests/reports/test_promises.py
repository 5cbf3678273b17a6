"""How often a customer keeps what it promises: each promise once, by what was known, and undefined where nothing counts."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.test_arrangements import BASE, DAYS, FIRST, known, stories
from tests.service.world import TODAY, World, day, eur

from receivables import CreditNote, fold
from receivables.errors import InvalidValue, WrongType
from receivables.reports.promises import DECIDED, PromisesKept, promises_kept


@pytest.fixture
def world() -> World:
    """INV-1 over 1,000.00 with a promise over 400.00 by day 4 and one over 300.00 by day 8."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    world.promise("P", "INV-1", "400", 4)
    world.promise("Q", "INV-1", "300", 8)
    return world


def report(world: World, offset: int, since: int = -30, known: int | None = None) -> PromisesKept:
    known_at = None if known is None else day(known)
    return promises_kept(world.app.view("ACME", day(offset), known_at=known_at), since=day(since))


def paid(world: World, id: str, amount: str, on: int) -> None:
    world.pay(id, amount, on=on)
    world.apply(id, "INV-1", amount)


def test_nothing_decided_is_undefined_and_not_zero(world):
    found = report(world, 4)
    assert (found.by_count, found.by_amount("EUR"), found.rows()) == (None, None, [])
    assert str(found).endswith("undefined\nno promise was decided")


def test_each_promise_counts_once_on_the_day_that_decided_it(world):
    world.at(20)
    paid(world, "P1", "400", 2)
    paid(world, "P2", "100", 8)
    found = report(world, 20)
    assert [(line.promise, line.status, line.decided_on) for line in found.lines] == [
        ("P", "kept", day(2)),
        ("Q", "partly_kept", day(8)),
    ]
    assert found.counts == {"kept": 1, "partly_kept": 1, "broken": 0}
    assert (found.by_count, found.by_amount("EUR")) == (Fraction(1, 2), Fraction(500, 700))
    assert [line.promise for line in report(world, 20, since=3).lines] == ["Q"]
    assert [line.promise for line in report(world, 7).lines] == ["P"]


def test_a_payment_known_late_changes_what_is_said_today_and_not_what_was_said(world):
    world.at(20)
    paid(world, "P1", "400", 4)
    assert report(world, 10).by_count == Fraction(1, 2)
    assert report(world, 10, known=10).by_count == Fraction(0)
    assert report(world, 10, known=10).by_amount("EUR") == Fraction(0)


def test_what_is_withdrawn_or_lapsed_says_nothing_about_the_customer(world):
    world.app.withdraw_promise("ACME", "P", on=TODAY, reason="a mistake", key="back")
    world.at(1)
    note = CreditNote(number="CN", account="ACME", issued_on=day(1), total=eur(1000), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    assert {state.status for state in world.app.view("ACME", day(20)).promises} == {"withdrawn", "lapsed"}
    assert report(world, 20).by_count is None


def test_what_a_credit_note_took_off_was_not_missing(world):
    note = CreditNote(number="CN", account="ACME", issued_on=TODAY, total=eur(700), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    (first, second) = report(world, 20).lines
    assert (first.missing, second.missing) == (eur(300), eur(300))


def test_it_reads_as_a_table(world):
    world.at(20)
    paid(world, "P1", "400", 2)
    text = str(report(world, 20))
    assert text.splitlines()[0] == "promises of ACME decided from 2026-01-31 to 2026-03-22: 1 of 2 kept"
    assert "<caption>Promises of ACME decided" in report(world, 20)._repr_html_()


def test_a_window_that_cannot_be_is_refused(world):
    with pytest.raises(InvalidValue, match="2026-03-06"):
        report(world, 3, since=4)
    with pytest.raises(WrongType):
        promises_kept(world.app.view("ACME", TODAY), since="2026-01-01")


@given(stories(), st.integers(0, DAYS + 10), st.integers(0, DAYS))
def test_two_windows_that_meet_count_what_one_window_counts(story, last, cut):
    """Where nothing is taken back, what was decided stays decided: no promise is in two windows, none in neither."""
    view = fold(known([*BASE, *story])).view(FIRST + dt.timedelta(days=last))
    whole = promises_kept(view, since=FIRST)
    assert len({line.promise for line in whole.lines}) == len(whole.lines) == sum(whole.counts.values())
    assert len(whole.lines) == sum(state.status in DECIDED for state in view.promises)
    for share in (whole.by_count, whole.by_amount("EUR")):
        assert share is None or 0 <= share <= 1
    middle = FIRST + dt.timedelta(days=min(cut, last))
    later = promises_kept(view, since=middle)
    assert set(later.lines) == {line for line in whole.lines if line.decided_on >= middle}
