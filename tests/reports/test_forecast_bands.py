"""Bands of a sum: exact for few amounts, near the exact figure for many, never outside of what can come."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.reports.forecast_bands import MOST_POINTS, ONE, Tallies, Tally


def tally(amounts, largest: int = 16) -> Tally:
    found = Tally(largest)
    for minor, p in amounts:
        found.add(minor, p, minor * p // ONE)
    return found


def by_hand(amounts, percent: int) -> int:
    """The least sum that is not exceeded with so many percent, over all cases."""
    cases = {}
    for comes in product((0, 1), repeat=len(amounts)):
        p, total = 1.0, 0
        for (minor, chance), yes in zip(amounts, comes, strict=True):
            p *= chance / ONE if yes else 1 - chance / ONE
            total += minor * yes
        cases[total] = cases.get(total, 0) + p
    reached = 0.0
    for total in sorted(cases):
        reached += cases[total]
        if reached >= percent / 100 - 1e-9:
            return total
    raise AssertionError


AMOUNTS = [(1_000, 300_000_000), (70_001, 900_000_000), (5_000, 500_000_000), (333, 10_000_000), (20_000, 620_000_000)]


@pytest.mark.parametrize("percent", [1, 10, 25, 50, 75, 90, 99])
def test_few_amounts_are_added_up_exactly(percent):
    assert tally(AMOUNTS).bands((percent,)) == (by_hand(AMOUNTS, percent),)


def test_nothing_that_may_come_is_nothing_in_every_band():
    assert tally([]).bands((10, 50, 90)) == (0, 0, 0)


def test_the_order_in_which_amounts_are_added_makes_no_difference():
    many = [(minor * 7 % 9_973 + 1, (minor * 31 % 97 + 1) * 10**7) for minor in range(200)]
    assert tally(many).bands((10, 50, 90)) == tally(reversed(many)).bands((10, 50, 90))


@pytest.mark.parametrize("largest", [0, 1, 16])
def test_many_amounts_are_near_the_binomial(largest):
    """Of 1,000 amounts of 100 with one half: 500 of them, give or take 1.2816 times the root of 250."""
    low, middle, high = tally([(100, ONE // 2)] * 1_000, largest).bands((10, 50, 90))
    assert abs(middle - 50_000) <= 350
    assert abs(low - 47_974) <= 500
    assert abs(high - 52_026) <= 500


def test_one_large_amount_among_many_small_ones_keeps_its_two_cases():
    """One of 1,000,000 with 40 percent beside 400 of 10: the sum is near 2,000 or near 1,002,000."""
    low, middle, high = tally([(10, ONE // 2)] * 400 + [(1_000_000, 4 * 10**8)]).bands((10, 50, 90))
    assert low < middle < 2_400
    assert abs(high - 1_002_000) < 200


def test_more_sums_than_are_kept_stay_near_the_exact_figure():
    amounts = [(2**n * 100, ONE // 2) for n in range(12)]
    assert MOST_POINTS < 2**12
    total = (2**12 - 1) * 100
    for percent, found in zip((10, 50, 90), tally(amounts).bands((10, 50, 90)), strict=True):
        assert abs(found - total * percent // 100) <= total // 100


def test_wider_bands_keep_the_median_and_stay_within_what_can_come():
    many = [(100, ONE // 2)] * 40
    narrow, wide = tally(many).bands((1, 10, 50, 90, 99)), tally(many).bands((1, 10, 50, 90, 99), 155)
    assert wide[2] == narrow[2]
    assert 0 <= wide[0] < narrow[0] < narrow[1]
    assert narrow[3] < narrow[4] < wide[4] <= 4_000
    assert abs((wide[3] - wide[1]) * 100 - (narrow[3] - narrow[1]) * 155) <= 10_000


def test_one_amount_comes_or_not_however_wide_the_band():
    assert tally([(400, ONE // 2), (1_000, 1)]).bands((1, 10, 90, 99), 900) == (0, 0, 400, 400)


PS = st.one_of(st.integers(0, ONE), st.sampled_from((0, 1, ONE // 2, ONE)))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.lists(st.tuples(PS, st.booleans()), min_size=3, max_size=3)), max_size=12),
    st.sampled_from((0, 1, 2, 16)),
)
def test_tallies_side_by_side_are_those_of_each_by_itself(amounts, largest):
    together, alone = Tallies(3, largest), [Tally(largest) for _ in range(3)]
    for minor, lanes in amounts:
        ps = [p for p, _ in lanes]
        there = [at for at, (_, comes) in enumerate(lanes) if comes]
        if len(there) == 3:
            together.add(minor, ps, ps)
        else:
            together.add_few(minor, [(at, ps[at], ps[at]) for at in there])
        for at in there:
            alone[at].add(minor, ps[at], ps[at])
    for one, other in zip(together.tallies(), alone, strict=True):
        assert one.expected == other.expected
        assert one.bands((10, 50, 90), 155) == other.bands((10, 50, 90), 155)
