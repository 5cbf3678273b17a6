"""Steps and due rules: each from one date to another, in order."""

import datetime as dt
import pickle

import pytest

from receivables.documents import due_rules
from receivables.documents.due_rules import STEPS, DueRule
from receivables.documents.due_steps import (
    BusinessDay,
    BusinessDays,
    DayOfMonth,
    Days,
    EndOf,
    Given,
    HostRule,
    Months,
    OnDate,
    Postponed,
    StartOf,
    Step,
    Unit,
    Weekday,
    Weeks,
)
from receivables.documents.payment_days import Band, Bands, Closing, CutOff, PaymentDay, PeriodStart
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.values.dates import FixedCalendar, MonthClamp, Roll

D = dt.date
GERMAN = FixedCalendar(holidays={D(2026, 5, 14)})
GIVEN = Given(calendars={"DE": GERMAN}, rules={"year end": lambda day: D(day.year, 12, 27)})

BANDS = Bands(
    bands=(
        Band(through=9, day=10, months_ahead=1),
        Band(through=25, day=25, months_ahead=1),
        Band(through=31, day=10, months_ahead=2),
    )
)

# (step, from, to, in words): every kind of step at least once.
MOVES: list[tuple[Step, dt.date, dt.date, str]] = [
    (Days(count=30), D(2028, 1, 31), D(2028, 3, 1), "30 days later"),
    (Days(count=-1), D(2028, 1, 31), D(2028, 1, 30), "1 day earlier"),
    (Days(count=30, inclusive=True), D(2028, 1, 31), D(2028, 2, 29), "30 days later, counting the first day"),
    (Weeks(count=2), D(2015, 3, 2), D(2015, 3, 16), "2 weeks later"),
    (Months(count=1), D(2028, 1, 31), D(2028, 2, 29), "1 month later"),
    (Months(count=1, clamp=MonthClamp.SPILL), D(2027, 1, 31), D(2027, 3, 3), "1 month later"),
    (BusinessDays(count=3, calendar="DE"), D(2026, 5, 12), D(2026, 5, 18), "3 business days later (DE)"),
    (EndOf(), D(2024, 2, 10), D(2024, 2, 29), "end of the month"),
    (EndOf(unit=Unit.QUARTER), D(1996, 5, 21), D(1996, 6, 30), "end of the quarter"),
    (StartOf(unit=Unit.YEAR), D(1996, 5, 21), D(1996, 1, 1), "start of the year"),
    (DayOfMonth(day=31), D(2024, 2, 10), D(2024, 2, 29), "the last day of the same month"),
    (DayOfMonth(day=10, months_ahead=1), D(2024, 1, 31), D(2024, 2, 10), "the 10th of the next month"),
    (DayOfMonth(day=3, months_ahead=2), D(2024, 1, 31), D(2024, 3, 3), "the 3rd of the month 2 months later"),
    (PaymentDay(days=(5, 31)), D(2024, 2, 6), D(2024, 2, 29), "next payment day (5th, last day)"),
    (PaymentDay(days=(5,), backward=True), D(2024, 2, 6), D(2024, 2, 5), "previous payment day (5th)"),
    (
        PaymentDay(days=(14, 20), calendar="DE"),
        D(2026, 5, 10),
        D(2026, 5, 20),
        "next payment day (14th, 20th), open in DE",
    ),
    (
        PaymentDay(days=(5,), most_days=10),
        D(2024, 3, 10),
        D(2024, 3, 20),
        "next payment day (5th), at most 10 days from the start",
    ),
    (PaymentDay(days=(12,), most_days=10), D(2024, 3, 10), D(2024, 3, 12), "next payment day (12th), at most 10 days from the start"),
    (Closing(day=25), D(2024, 3, 26), D(2024, 4, 25), "closing on the 25th"),
    (CutOff(day=25), D(2023, 3, 26), D(2023, 4, 1), "cut-off on the 25th, later counts as the next month"),
    (BANDS, D(2024, 3, 26), D(2024, 5, 10), "by day of the month: ..9:10+1M, ..25:25+1M, ..31:10+2M"),
    (PeriodStart(), D(2020, 4, 10), D(2020, 4, 1), "start of the period (1st, 16th)"),
    (PeriodStart(days=(30,)), D(2021, 2, 28), D(2021, 1, 30), "start of the period (30th)"),
    (PeriodStart(days=(1, 15, 29), following=True), D(2007, 2, 23), D(2007, 3, 1), "start of the next period (1st, 15th, 29th)"),
    (Weekday(weekday=4), D(2026, 5, 14), D(2026, 5, 15), "next Friday"),
    (Weekday(weekday=4, backward=True), D(2026, 5, 14), D(2026, 5, 8), "previous Friday"),
    (OnDate(date=D(2020, 1, 1)), D(2026, 5, 14), D(2020, 1, 1), "on a given date"),
    (BusinessDay(calendar="DE"), D(2026, 5, 14), D(2026, 5, 15), "rolled by following (DE)"),
    (BusinessDay(roll=Roll.PRECEDING), D(2026, 5, 17), D(2026, 5, 15), "rolled by preceding (weekends)"),
    (
        Postponed(table=((D(2015, 3, 17), D(2015, 3, 18)), (D(2015, 3, 18), D(2015, 3, 20)))),
        D(2015, 3, 17),
        D(2015, 3, 20),
        "put off by the table of holidays",
    ),
    (HostRule(name="year end"), D(2026, 5, 14), D(2026, 12, 27), "by the rule 'year end'"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "before", "after", "words"), MOVES, ids=[str(row[0]) for row in MOVES])
def test_a_step_moves_a_date_and_says_how(step: Step, before: dt.date, after: dt.date, words: str) -> None:
    assert step.apply(before, before, GIVEN) == after
    assert step.words == words
    assert pickle.loads(pickle.dumps(step)) == step
    assert hash(step) == hash(pickle.loads(pickle.dumps(step)))


def test_every_kind_of_step_is_shown_above() -> None:
    assert {type(row[0]) for row in MOVES} == set(STEPS)


def test_the_order_of_steps_makes_the_rule() -> None:
    issued = D(2021, 9, 13)
    assert DueRule.of(Days(count=45), EndOf()).date(issued) == D(2021, 10, 31)
    assert DueRule.of(EndOf(), Days(count=45)).date(issued) == D(2021, 11, 14)


def test_a_baseline_of_the_host_gives_no_date_until_it_is_known() -> None:
    rule = DueRule.of(Days(count=10), baseline="letter of credit")
    assert rule.date(D(2026, 1, 5)) is None
    assert rule.date(D(2026, 1, 5), {"letter of credit": D(2026, 2, 1)}) == D(2026, 2, 11)


def test_an_advance_is_due_when_it_is_asked_for() -> None:
    assert DueRule(baseline=due_rules.ADVANCE).date(D(2026, 1, 5)) == D(2026, 1, 5)


def test_the_legal_maximum_counts_from_the_start_of_the_rule() -> None:
    rule = DueRule.of(Days(count=60), PaymentDay(days=(5,), most_days=60))
    assert rule.date(D(2024, 1, 10)) == D(2024, 3, 5)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Days(count=True), "step.days"),
        (lambda: Days(count=40_000), "step.days"),
        (lambda: Days(count=0, inclusive=True), "step.days"),
        (lambda: Days(count=1, inclusive=1), "step.inclusive"),  # type: ignore[arg-type]
        (lambda: Months(count=1.0), "step.months"),  # type: ignore[arg-type]
        (lambda: Months(count=1, clamp="clamp"), "step.clamp"),  # type: ignore[arg-type]
        (lambda: EndOf(unit="month"), "step.unit"),  # type: ignore[arg-type]
        (lambda: StartOf(unit="month"), "step.unit"),  # type: ignore[arg-type]
        (lambda: DayOfMonth(day=0), "step.day"),
        (lambda: DayOfMonth(day=32), "step.day"),
        (lambda: PaymentDay(days=()), "step.days"),
        (lambda: PaymentDay(days=(10, 5)), "step.days"),
        (lambda: PaymentDay(days=(5, 5)), "step.days"),
        (lambda: PaymentDay(days=(5,), backward=True, most_days=3), "step.most_days"),
        (lambda: PaymentDay(days=(5,), calendar="two words"), "step.calendar"),
        (lambda: PeriodStart(days=(0,)), "step.days"),
        (lambda: Weekday(weekday=7), "step.weekday"),
        (lambda: Bands(bands=()), "step.bands"),
        (lambda: Bands(bands=(Band(through=15, day=1),)), "step.bands"),
        (lambda: Bands(bands=(Band(through=31, day=1), Band(through=15, day=1))), "step.bands"),
        (lambda: OnDate(date=dt.datetime(2026, 1, 1)), "step.date"),
        (lambda: BusinessDay(roll="following"), "step.roll"),  # type: ignore[arg-type]
        (lambda: BusinessDay(calendar=""), "step.calendar"),
        (lambda: Postponed(table=((D(2015, 6, 19), D(2015, 6, 17)),)), "step.table"),
        (lambda: Postponed(table=((D(2015, 6, 1), D(2015, 6, 2)), (D(2015, 6, 1), D(2015, 6, 3)))), "step.table"),
        (lambda: HostRule(name="it's"), "step.name"),
        (lambda: DueRule(steps=[Days(count=1)]), "rule.steps"),  # type: ignore[arg-type]
        (lambda: DueRule(steps=("30 days",)), "rule.steps[0]"),  # type: ignore[arg-type]
        (lambda: DueRule(steps=(Days(count=1),) * 21), "rule.steps"),
        (lambda: DueRule(baseline=" "), "rule.baseline"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_the_field(make: object, field: str) -> None:
    with pytest.raises((InvalidValue, WrongType)) as caught:
        make()  # type: ignore[operator]
    assert caught.value.field == field


def test_a_calendar_or_rule_that_nobody_handed_in_is_named() -> None:
    with pytest.raises(UnknownId, match="unknown calendar: 'FR'"):
        BusinessDay(calendar="FR").apply(D(2026, 5, 14), D(2026, 5, 14), GIVEN)
    with pytest.raises(UnknownId, match="unknown date rule: 'month end'"):
        HostRule(name="month end").apply(D(2026, 5, 14), D(2026, 5, 14), GIVEN)


def test_a_rule_of_the_host_must_give_a_date() -> None:
    given = Given(rules={"bad": lambda day: "tomorrow"})  # type: ignore[dict-item,return-value]
    with pytest.raises(WrongType, match="rule bad"):
        HostRule(name="bad").apply(D(2026, 5, 14), D(2026, 5, 14), given)


def test_payment_days_that_are_never_open_are_an_error_and_not_an_endless_search() -> None:
    class NeverOpen:
        def is_business_day(self, day: dt.date, /) -> bool:
            return False

    given = Given(calendars={"never": NeverOpen()})
    with pytest.raises(InvalidValue, match="must be open on one of the days"):
        PaymentDay(days=(5,), calendar="never").apply(D(2026, 5, 14), D(2026, 5, 14), given)
