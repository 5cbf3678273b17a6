"""Month arithmetic, days of the month, business days."""

import datetime as dt

import pytest

from receivables.errors import InvalidValue, WrongType
from receivables.values import dates
from receivables.values.dates import ClosedPeriods, FixedCalendar, JointCalendar, MonthClamp, Roll

D = dt.date
GERMAN = FixedCalendar(holidays={D(2026, 5, 14), D(2026, 5, 1)})


class NeverOpen:
    """A calendar of the host that is wrong."""

    def is_business_day(self, day: dt.date, /) -> bool:
        return False


@pytest.mark.parametrize(
    ("anchor", "months", "clamp", "expected"),
    [
        (D(2028, 1, 31), 1, MonthClamp.CLAMP, D(2028, 2, 29)),
        (D(2027, 1, 31), 1, MonthClamp.CLAMP, D(2027, 2, 28)),
        (D(2027, 1, 31), 1, MonthClamp.SPILL, D(2027, 3, 3)),
        (D(2027, 1, 15), 1, MonthClamp.SPILL, D(2027, 2, 15)),
        (D(2027, 2, 28), 1, MonthClamp.STICK, D(2027, 3, 31)),
        (D(2027, 2, 27), 1, MonthClamp.STICK, D(2027, 3, 27)),
        (D(2028, 2, 29), 12, MonthClamp.CLAMP, D(2029, 2, 28)),
        (D(2026, 3, 31), -1, MonthClamp.CLAMP, D(2026, 2, 28)),
    ],
)
def test_months_count_from_the_anchor(anchor: D, months: int, clamp: MonthClamp, expected: D) -> None:
    assert dates.add_months(anchor, months, clamp) == expected


def test_yearly_renewals_of_a_leap_day_do_not_slip() -> None:
    leap = D(2028, 2, 29)
    found = [dates.add_months(leap, 12 * n) for n in range(1, 5)]
    assert found == [D(2029, 2, 28), D(2030, 2, 28), D(2031, 2, 28), D(2032, 2, 29)]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (dates.end_of_week, D(1996, 5, 26)),
        (dates.end_of_month, D(1996, 5, 31)),
        (dates.end_of_quarter, D(1996, 6, 30)),
        (dates.end_of_year, D(1996, 12, 31)),
        (dates.start_of_week, D(1996, 5, 20)),
        (dates.start_of_month, D(1996, 5, 1)),
        (dates.start_of_quarter, D(1996, 4, 1)),
        (dates.start_of_year, D(1996, 1, 1)),
    ],
)
def test_periods_have_a_first_and_a_last_day(move: object, expected: D) -> None:
    assert move(D(1996, 5, 21)) == expected  # type: ignore[operator]


def test_a_day_of_the_month_is_looked_for_in_both_directions() -> None:
    assert dates.next_on_day(D(2020, 1, 6), (5, 10)) == D(2020, 1, 10)
    assert dates.next_on_day(D(2020, 1, 5), (5, 10)) == D(2020, 1, 5)
    assert dates.next_on_day(D(2020, 1, 5), (5,), strict=True) == D(2020, 2, 5)
    assert dates.next_on_day(D(2020, 2, 29), (31,)) == D(2020, 2, 29)
    assert dates.previous_on_day(D(2024, 3, 4), (5,)) == D(2024, 2, 5)
    assert dates.previous_on_day(D(2024, 3, 5), (5,), strict=True) == D(2024, 2, 5)
    assert dates.next_weekday(D(2026, 5, 14), 3) == D(2026, 5, 14)
    assert dates.next_weekday(D(2026, 5, 14), 3, strict=True) == D(2026, 5, 21)
    assert dates.previous_weekday(D(1996, 5, 21), 1, strict=True) == D(1996, 5, 14)


@pytest.mark.parametrize(
    ("day", "convention", "expected"),
    [
        (D(2026, 5, 14), Roll.NONE, D(2026, 5, 14)),
        (D(2026, 5, 14), Roll.FOLLOWING, D(2026, 5, 15)),
        (D(2026, 5, 14), Roll.PRECEDING, D(2026, 5, 13)),
        (D(2026, 5, 31), Roll.FOLLOWING, D(2026, 6, 1)),
        (D(2026, 5, 31), Roll.MODIFIED_FOLLOWING, D(2026, 5, 29)),
        (D(2026, 5, 1), Roll.PRECEDING, D(2026, 4, 30)),
        (D(2026, 5, 1), Roll.MODIFIED_PRECEDING, D(2026, 5, 4)),
        (D(2026, 5, 16), Roll.NEAREST, D(2026, 5, 15)),
        (D(2026, 5, 17), Roll.NEAREST, D(2026, 5, 18)),
        (D(2026, 5, 14), Roll.NEAREST, D(2026, 5, 15)),
        (D(2026, 5, 15), Roll.FOLLOWING, D(2026, 5, 15)),
    ],
)
def test_a_closed_day_goes_where_the_convention_says(day: D, convention: Roll, expected: D) -> None:
    assert dates.roll(day, convention, GERMAN) == expected


def test_a_calendar_without_a_business_day_is_an_error_and_not_an_endless_search() -> None:
    for convention in set(Roll) - {Roll.NONE}:
        with pytest.raises(InvalidValue, match="must have a business day within 366 days"):
            dates.roll(D(2026, 5, 14), convention, NeverOpen())
    with pytest.raises(InvalidValue):
        dates.add_business_days(D(2026, 5, 14), 1, NeverOpen())


def test_business_days_are_counted_in_both_directions() -> None:
    assert dates.add_business_days(D(2026, 5, 13), 1, GERMAN) == D(2026, 5, 15)
    assert dates.add_business_days(D(2026, 5, 18), -2, GERMAN) == D(2026, 5, 13)
    assert dates.add_business_days(D(2026, 5, 14), 0, GERMAN) == D(2026, 5, 14)


def test_closed_periods_chain_and_may_run_over_new_year() -> None:
    closed = ClosedPeriods(periods=(((2, 1), (2, 31)), ((3, 1), (4, 1)), ((12, 24), (1, 2))))
    assert dates.roll(D(2021, 2, 1), Roll.FOLLOWING, closed) == D(2021, 4, 2)
    assert dates.roll(D(2028, 2, 29), Roll.PRECEDING, closed) == D(2028, 1, 31)
    assert dates.roll(D(2026, 12, 31), Roll.FOLLOWING, closed) == D(2027, 1, 3)


def test_a_joint_calendar_is_open_where_all_members_are() -> None:
    both = JointCalendar(members=(GERMAN, FixedCalendar(holidays={D(2026, 5, 15)})))
    assert dates.roll(D(2026, 5, 14), Roll.FOLLOWING, both) == D(2026, 5, 18)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: FixedCalendar(weekend={7}), "calendar.weekend"),
        (lambda: FixedCalendar(weekend=range(7)), "calendar.weekend"),
        (lambda: FixedCalendar(holidays={dt.datetime(2026, 1, 1)}), "calendar.holidays"),
        (lambda: ClosedPeriods(periods=(((13, 1), (13, 2)),)), "calendar.periods"),
        (lambda: ClosedPeriods(periods=(((1, 1), (12, 31)),)), "calendar.periods"),
        (lambda: dates.add_days(D(9999, 12, 31), 1), "date"),
        (lambda: dates.add_months(D(9999, 12, 31), 1), "date"),
        (lambda: dates.add_months(D(1, 1, 1), -1), "date"),
        (lambda: dates.end_of_week(D(9999, 12, 31)), "date"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(make: object, field: str) -> None:
    with pytest.raises((InvalidValue, WrongType)) as caught:
        make()  # type: ignore[operator]
    assert caught.value.field == field
