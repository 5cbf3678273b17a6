"""The index of payment behavior between and beyond the rows of its table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import InvalidValue, WrongType
from receivables.policies.paydex import POINTS, paydex, paydex_points, paydex_risk, weighted_index

DAYS = st.integers(-400, 1_000)


@given(day=DAYS)
def test_another_day_late_never_gives_more_points(day):
    assert paydex_points(day) >= paydex_points(day + 1)
    assert 1 <= paydex_points(day) <= 100


@given(paid=st.lists(st.tuples(st.integers(1, 10**12), DAYS), min_size=1), times=st.integers(1, 1_000))
def test_the_index_lies_between_the_worst_and_the_best_and_is_the_same_in_any_unit(paid, times):
    points = [paydex_points(days) for _, days in paid]
    found = paydex(paid)
    assert min(points) - 1 < found < max(points) + 1
    assert paydex([(amount * times, days) for amount, days in paid]) == found


def test_every_row_of_the_table_has_its_own_points():
    assert [(days, paydex_points(days)) for days, _ in POINTS] == list(POINTS)


def test_nothing_paid_is_undefined():
    assert paydex([]) is None
    assert weighted_index([(0, 80)]) is None


def test_what_is_no_amount_no_day_and_no_index_is_refused():
    with pytest.raises(InvalidValue):
        weighted_index([(-1, 80)])
    with pytest.raises(WrongType):
        paydex_points(1.5)
    for index in (-1, 101):
        with pytest.raises(InvalidValue):
            paydex_risk(index)
