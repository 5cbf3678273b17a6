"""The exact subset search: what it finds, that it knows a tie, and that it says when it gave up."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from receivables.policies.matching_subsets import exact_subset

MOST = {"most_items": 12, "most_steps": 100_000}


def test_a_set_is_found_whatever_its_size():
    assert exact_subset([700, 500, 300, 10], 1010, **MOST).positions == (0, 2, 3)


def test_one_of_two_equal_amounts_is_ambiguous_and_both_are_not():
    assert exact_subset([500, 500], 500, **MOST).ambiguous
    assert exact_subset([500, 500], 1000, **MOST) == ((0, 1), False, False)


def test_a_set_of_more_items_than_allowed_is_not_found():
    assert exact_subset([1, 2, 4], 7, most_items=2, most_steps=100) == (None, False, False)


def test_nothing_found_within_the_bounds_is_not_the_same_as_nothing_there():
    amounts = [2 * n for n in range(50, 90)]
    assert exact_subset(amounts, 1201, most_items=20, most_steps=500) == (None, False, True)


def test_amounts_that_cannot_belong_are_left_out():
    assert exact_subset([0, -5, 900, 100], 100, **MOST) == ((3,), False, False)


@given(st.lists(st.integers(1, 30), max_size=9), st.integers(1, 80))
def test_it_agrees_with_trying_every_set(amounts, target):
    sets = [
        chosen
        for size in range(1, len(amounts) + 1)
        for chosen in combinations(range(len(amounts)), size)
        if sum(amounts[at] for at in chosen) == target
    ]
    found = exact_subset(amounts, target, **MOST)
    assert not found.gave_up
    assert found.ambiguous == (len(sets) > 1)
    assert found.positions in sets if sets else found.positions is None
