import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import InvalidValue, WrongType
from receivables.values.daycounts import DayCount

ACTUAL = [DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA, DayCount.ACT_ACT_YEAR]
THIRTY = [day_count for day_count in DayCount if day_count not in ACTUAL]
US, BOND, EURO, EURO_ISDA = THIRTY

days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
day_counts = st.sampled_from(list(DayCount))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# Published by ISDA with its 2006 definitions, as a table of examples for 30/360, 30E/360 and 30E/360 ISDA.
PUBLISHED_DAYS = [
    (BOND, "2006-08-20", "2007-02-20", 180),
    (BOND, "2006-08-31", "2007-02-28", 178),
    (BOND, "2007-02-28", "2007-08-31", 183),
    (BOND, "2007-08-31", "2008-02-29", 179),
    (BOND, "2008-02-29", "2008-08-31", 182),
    (BOND, "2006-01-31", "2006-02-28", 28),
    (BOND, "2006-02-28", "2006-03-31", 33),
    (BOND, "2008-02-28", "2008-03-31", 33),
    (BOND, "2007-02-26", "2008-02-29", 363),
    (EURO, "2006-08-31", "2007-02-28", 178),
    (EURO, "2007-02-28", "2007-08-31", 182),
    (EURO, "2008-02-29", "2008-08-31", 181),
    (EURO, "2006-09-30", "2006-10-31", 30),
    (EURO, "2006-10-31", "2006-11-28", 28),
    (EURO, "2008-02-28", "2008-03-31", 32),
    (EURO, "2007-02-26", "2008-02-29", 363),
    (EURO_ISDA, "2006-08-31", "2007-02-28", 180),
    (EURO_ISDA, "2007-02-28", "2007-08-31", 180),
    (EURO_ISDA, "2006-02-14", "2006-02-28", 16),
    (EURO_ISDA, "2007-02-26", "2008-02-29", 364),
    (US, "2006-08-31", "2007-02-28", 178),
    (US, "2007-02-28", "2007-08-31", 180),
    (US, "2008-02-29", "2008-08-31", 180),
    (US, "2007-02-28", "2008-02-29", 360),
    (US, "2008-02-28", "2008-03-31", 33),
    (US, "2008-02-29", "2008-03-31", 30),
    (DayCount.ACT_365F, "2026-04-01", "2026-05-16", 45),
    (DayCount.ACT_360, "2023-04-01", "2023-04-11", 10),
]


@pytest.mark.parametrize(("day_count", "start", "end", "expected"), PUBLISHED_DAYS)
def test_published_numbers_of_days(day_count, start, end, expected):
    assert day_count.days(day(start), day(end)) == expected


# Published by ISDA: EMU and Market Conventions, Recent Developments (1998), the ISDA method of actual/actual.
PUBLISHED_FRACTIONS = [
    ("2003-11-01", "2004-05-01", "0.497724381"),
    ("1999-02-01", "1999-07-01", "0.410958904"),
    ("1999-07-01", "2000-07-01", "1.001377349"),
    ("2002-08-15", "2003-07-15", "0.915068493"),
    ("2003-07-15", "2004-01-15", "0.504004790"),
    ("1999-07-30", "2000-01-30", "0.503892506"),
    ("2000-01-30", "2000-06-30", "0.415300546"),
]


@pytest.mark.parametrize(("start", "end", "expected"), PUBLISHED_FRACTIONS)
def test_published_fractions_of_actual_actual_isda(start, end, expected):
    difference = DayCount.ACT_ACT_ISDA.fraction(day(start), day(end)) - Fraction(expected)
    assert abs(difference) < Fraction(1, 10**9)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-01", "2025-01-01", Fraction(1)),
        ("2023-03-01", "2024-03-01", Fraction(1)),
        ("2023-03-01", "2024-02-29", Fraction(365, 366)),
        ("2023-01-01", "2023-04-12", Fraction(101, 365)),
        ("2024-02-29", "2025-02-28", Fraction(1)),
        ("2024-02-29", "2028-02-29", Fraction(4)),
        ("2024-02-29", "2028-02-28", 3 + Fraction(365, 366)),
        ("2023-07-01", "2025-08-01", 2 + Fraction(31, 365)),
    ],
)
def test_actual_actual_year_counts_from_anniversary_to_anniversary(start, end, expected):
    assert DayCount.ACT_ACT_YEAR.fraction(day(start), day(end)) == expected


@pytest.mark.parametrize(
    ("day_count", "rate", "count", "principal", "interest"),
    [
        (DayCount.ACT_365F, "5.12", 25, "1000.00", "3.51"),  # German statutory interest
        (DayCount.ACT_365F, "12.25", 101, "5000.00", "169.49"),  # United Kingdom, late payment of commercial debts
        (DayCount.ACT_360, "6.5", 10, "1500.00", "2.71"),  # United States, Prompt Payment Act
    ],
)
def test_a_year_fraction_gives_the_published_interest(day_count, rate, count, principal, interest):
    start = dt.date(2023, 4, 1)
    exact = Fraction(principal) * Fraction(rate) / 100 * day_count.fraction(start, start + dt.timedelta(count))
    assert abs(exact - Fraction(interest)) < Fraction(1, 200)


@given(day_counts, days)
def test_no_time_is_no_part_of_a_year(day_count, start):
    assert day_count.days(start, start) == 0
    assert day_count.fraction(start, start) == 0


@given(day_counts, st.dates(dt.date(1990, 1, 1), dt.date(2059, 12, 31)).filter(lambda d: (d.month, d.day) < (2, 28)))
def test_a_year_is_about_a_year_in_every_convention(day_count, start):
    assert abs(day_count.fraction(start, start.replace(year=start.year + 1)) - 1) <= Fraction(6, 360)


@given(days, days, days)
def test_actual_days_of_neighboring_periods_add_up(a, b, c):
    a, b, c = sorted((a, b, c))
    for day_count in ACTUAL:
        assert day_count.days(a, b) + day_count.days(b, c) == (c - a).days
    for day_count in (DayCount.ACT_365F, DayCount.ACT_360, DayCount.ACT_ACT_ISDA):
        assert day_count.fraction(a, b) + day_count.fraction(b, c) == day_count.fraction(a, c)


@given(days, days)
def test_actual_actual_isda_is_the_days_of_each_calendar_year_over_its_length(a, b):
    start, end = sorted((a, b))
    expected = Fraction(0)
    for year in range(start.year, end.year + 1):
        first, following = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
        expected += Fraction((min(end, following) - max(start, first)).days, (following - first).days)
    assert DayCount.ACT_ACT_ISDA.fraction(start, end) == expected


@given(day_counts, days, st.integers(0, 2000))
def test_a_later_end_is_never_less_time(day_count, start, length):
    end = start + dt.timedelta(length)
    assert day_count.days(start, end) <= day_count.days(start, end + dt.timedelta(4))
    assert 0 <= day_count.fraction(start, end) <= day_count.fraction(start, end + dt.timedelta(4))


@given(st.sampled_from(THIRTY), days, days)
def test_thirty_day_months_are_fractions_of_360(day_count, a, b):
    start, end = sorted((a, b))
    assert day_count.fraction(start, end) == Fraction(day_count.days(start, end), 360)
    assert abs(day_count.days(start, end) - Fraction((end - start).days * 360, 365)) <= 6 + (end - start).days // 365


@pytest.mark.parametrize("day_count", DayCount)
def test_dates_without_a_time_in_the_right_order(day_count):
    noon = dt.datetime(2024, 5, 3, 12)
    for ask in (day_count.days, day_count.fraction):
        with pytest.raises(InvalidValue, match="end: must not be before the start 2024-05-03"):
            ask(dt.date(2024, 5, 3), dt.date(2024, 5, 2))
        with pytest.raises(WrongType, match="start"):
            ask(noon, dt.date(2024, 5, 3))
        with pytest.raises(WrongType, match="end"):
            ask(dt.date(2024, 5, 3), noon)


def test_a_day_count_is_found_by_its_name():
    assert DayCount("30/360 bond basis") is DayCount.THIRTY_360_BOND_BASIS
    assert [day_count.value for day_count in DayCount] == [
        *("ACT/365F", "ACT/360", "ACT/ACT ISDA", "ACT/ACT year"),
        *("30/360 US", "30/360 bond basis", "30E/360", "30E/360 ISDA"),
    ]
