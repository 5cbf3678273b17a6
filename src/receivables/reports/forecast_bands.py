"""Bands of a sum of amounts, each of which comes or does not: how little and how much it may be.

The amounts that make most of the spread are added up exactly, one after the other; the others by the normal approximation,
as one more amount. Amounts count as independent of each other. That is the limit of it: customers pay late together (before
a holiday, in a crisis), so the true bands are wider. By how much, a back-test says; the bands are drawn wider by so much. Only
there a float is used, for the normal distribution.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import heappush, heappushpop
from itertools import accumulate, compress
from math import erf, isqrt, sqrt
from operator import add, ge
from typing import Final

ONE: Final = 10**9
"""Probabilities are whole numbers of this part of one."""

MOST_POINTS: Final = 256
"""How many different sums are kept; where there are more, neighbors are drawn together at their mean."""

_NORMAL: Final = (
    398942, 391043, 368270, 333225, 289692, 241971, 194186, 149727, 110921, 78950, 53991, 35475, 22395, 13583, 7915,
    4432, 2384, 1232, 612, 292, 134,
)  # fmt: skip
"""The density of the normal distribution at 0, 0.2, 0.4 ... 4 standard deviations, in millionths."""

Sums = Mapping[int, int]
"""Sum -> how likely it is, in parts of `ONE`; dust that is lost to rounding is left out."""


class Tally:
    """Amounts that may come in a day or a week, added one after the other: what is expected, and the bands of the sum.

    In which order they are added makes no difference.

    >>> week = Tally(largest=24)
    >>> for minor in (100, 100):
    ...     week.add(minor, ONE // 2, minor // 2)
    >>> week.expected, week.bands((25, 50, 90))
    (100, (0, 100, 200))
    """

    __slots__ = ("_largest", "_mean", "_rest", "_top", "_variance", "expected")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._top: list[tuple[int, int, int]] = []
        """The amounts with the largest variance: that, the amount, and how likely it is."""
        self._rest = self._mean = self._variance = self.expected = 0

    @classmethod
    def of(
        cls, largest: int, top: list[tuple[int, int, int]], rest: int, mean: int, variance: int, expected: int
    ) -> Tally:
        """One of which the sums are known: of the rest all amounts, their means and their variances."""
        found = cls(largest)
        found._top, found._rest, found._mean, found._variance = top, rest, mean, variance
        found.expected = expected
        return found

    def add(self, minor: int, p: int, expected: int) -> None:
        """An amount, how likely it comes in parts of `ONE`, and what is expected of it in whole minor units."""
        self.expected += expected
        variance = minor * minor * p * (ONE - p)
        top = self._top
        if len(top) < self._largest:
            heappush(top, (variance, minor, p))
            return
        if top and variance >= top[0][0]:
            variance, minor, p = heappushpop(top, (variance, minor, p))
        self._rest += minor
        self._mean += minor * p
        self._variance += variance

    def bands(self, percents: Sequence[int], spread_percent: int = 100) -> tuple[int, ...]:
        """The sums that are not exceeded with so many percent, as if the amounts were independent.

        With a ``spread_percent`` of 200 those that are twice as many standard deviations from the middle, as far as such sums
        can come.
        """
        sums: Sums = {0: ONE}
        for _, minor, p in sorted(self._top, reverse=True):
            sums = _drawn_together(_with(sums, minor, p))
        if self._rest:
            rest = _normal(self._rest, self._mean // ONE, isqrt(self._variance) // ONE)
            sums = _added(_drawn_together(sums, MOST_POINTS // 4), rest)
        return tuple(_quantiles(sums, [_widened(percent, spread_percent) for percent in percents]))


class Tallies:
    """Tallies side by side, of the days and weeks of a forecast: an amount is added to all in which it may come at once.

    The sums are kept over all amounts, and what the largest come to is taken off at the end: so each amount costs a few whole
    columns and no step of its own per day, but where it is one of the largest.

    >>> both = Tallies(2, largest=24)
    >>> both.add(100, (ONE // 2, ONE // 4), (50, 25))
    >>> both.add_few(100, ((1, ONE // 2, 50),))
    >>> [tally.expected for tally in both.tallies()], both.tallies()[1].bands((25, 50, 90))
    ([50, 75], (0, 100, 200))
    """

    __slots__ = ("_all", "_expected", "_largest", "_least", "_means", "_rests", "_tops", "_variances")

    def __init__(self, count: int, largest: int) -> None:
        self._largest, self._all = largest, 0
        self._tops: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
        self._least = [0] * count
        """The variance that an amount needs to be one of the largest; with none of them, more than there is."""
        self._expected, self._means, self._variances, self._rests = ([0] * count for _ in range(4))

    def add(self, minor: int, ps: Sequence[int], expected: Sequence[int]) -> None:
        """An amount that may come in every one of them: how likely, in parts of `ONE`, and what is expected of it in each."""
        square = minor * minor
        variances = [square * p * (ONE - p) for p in ps]
        self._all += minor
        self._expected = list(map(add, self._expected, expected))
        self._means = [mean + minor * p for mean, p in zip(self._means, ps, strict=True)]
        self._variances = list(map(add, self._variances, variances))
        if self._largest and True in (large := list(map(ge, variances, self._least))):
            for at in compress(range(len(large)), large):
                self._enter(at, (variances[at], minor, ps[at]))

    def add_few(self, minor: int, few: Iterable[tuple[int, int, int]]) -> None:
        """An amount that may come in some of them only: which, how likely, and what is expected of it there."""
        for at, p, expected in few:
            variance = minor * minor * p * (ONE - p)
            self._rests[at] += minor
            self._expected[at] += expected
            self._means[at] += minor * p
            self._variances[at] += variance
            if self._largest and variance >= self._least[at]:
                self._enter(at, (variance, minor, p))

    def _enter(self, at: int, amount: tuple[int, int, int]) -> None:
        """One of the largest, for now: the smallest of them leaves where there are too many."""
        top = self._tops[at]
        if len(top) < self._largest:
            heappush(top, amount)
        else:
            heappushpop(top, amount)
        self._least[at] = top[0][0] if len(top) == self._largest else 0

    def tallies(self) -> list[Tally]:
        """Each of them by itself."""
        found = []
        for at, top in enumerate(self._tops):
            rest, mean, variance = self._all + self._rests[at], self._means[at], self._variances[at]
            for each, minor, p in top:
                rest, mean, variance = rest - minor, mean - minor * p, variance - each
            found.append(Tally.of(self._largest, top, rest, mean, variance, self._expected[at]))
        return found


@lru_cache(maxsize=256)
def _widened(percent: int, spread_percent: int) -> int:
    """A share of one in parts of `ONE`, so many percent as many standard deviations from the middle.

    >>> [_widened(percent, 200) * 100 // ONE for percent in (10, 50, 90)]
    [0, 50, 99]
    """
    if spread_percent == 100:
        return ONE * percent // 100
    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 50 * (1 + erf(middle / sqrt(2))) < percent else (low, middle)
    return round(ONE * (1 + erf(low * spread_percent / 100 / sqrt(2))) / 2)


def _with(sums: Sums, minor: int, p: int) -> Sums:
    """Each sum without the amount, and with it."""
    found: dict[int, int] = {}
    for total, weight in sums.items():
        comes = weight * p // ONE
        found[total] = found.get(total, 0) + weight - comes
        found[total + minor] = found.get(total + minor, 0) + comes
    return found


def _added(sums: Sums, others: Sums) -> Sums:
    """Each sum with each other one."""
    found: dict[int, int] = {}
    for total, weight in sums.items():
        for more, likely in others.items():
            found[total + more] = found.get(total + more, 0) + weight * likely // ONE
    return found


def _normal(most: int, mean: int, deviation: int) -> Sums:
    """Many small amounts as points of a normal distribution, never below nothing or above all of them."""
    whole = 2 * sum(_NORMAL) - _NORMAL[0]
    found: dict[int, int] = {}
    for step in range(1 - len(_NORMAL), len(_NORMAL)):
        at = max(0, min(most, mean + step * deviation // 5))
        found[at] = found.get(at, 0) + ONE * _NORMAL[abs(step)] // whole
    return found


def _drawn_together(sums: Sums, points: int = MOST_POINTS) -> Sums:
    """The same with at most so many sums: stretches of equal length, each at its mean."""
    if len(sums) <= points:
        return sums
    least, most = min(sums), max(sums)
    width = -(-(most - least + 1) // points)
    weights, moments = [0] * points, [0] * points
    for total, weight in sums.items():
        at = (total - least) // width
        weights[at] += weight
        moments[at] += total * weight
    return {moment // weight: weight for weight, moment in zip(weights, moments, strict=True) if weight}


def _quantiles(sums: Sums, shares: Sequence[int]) -> Iterator[int]:
    totals = sorted(sums)
    reached = list(accumulate(sums[total] for total in totals))
    return (totals[min(len(totals) - 1, bisect_left(reached, -(-reached[-1] * share // ONE)))] for share in shares)
