"""A scorecard from what happened: bins, weights of evidence and points, from rows of features and whether each went wrong.

The method is the usual one, and simple enough to be checked by hand:

1. Each feature is cut into bins of about as many rows, and neighbors are joined until the share that went wrong only rises or
   only falls along the feature. What is undefined is a bin of its own.
2. The weight of evidence of a bin is ``ln(good / bad)`` in it less the same of all rows, with half a row added to each count.
3. A logistic regression on the weights, with a ridge, says how much each feature adds to the others: factors that say the same
   thing twice are not counted twice. A feature that would turn its own evidence round is left out.
4. Points are the weighted evidence in steps of ``double`` points for odds that double, rounded to whole numbers; ``even``
   points are even odds. So a score is a probability: 500 points are one in two, 540 one in three.

This is the one place in the policies where floats are used, because a logarithm is one. They end in whole points before
anything is scored, the rows are taken in a fixed order, and there is no random start: the same rows give the same scorecard.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.policies.history import BehaviorTerms
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard
from receivables.values import checks

Row = tuple[Mapping[str, int | None], bool]
"""The features of one, and whether it went wrong."""

MOST_STEPS: Final = 50
"""So many steps of Newton's method at most; it takes about six."""

USUAL: Final = BehaviorTerms()
"""The terms of behavior where none are said."""

RIDGE: Final = 1.0
"""What keeps the weights small where there are few rows."""


@final
@frozen(kw_only=True)
class FittedScorecard:
    """A scorecard with what its rows said: how many fell into each class, and how many of them went wrong."""

    scorecard: Scorecard
    counts: tuple[tuple[str, int, int], ...]
    """Class, how many rows, how many of them went wrong."""
    even: int
    double: int

    def rate(self, risk_class: str) -> Fraction | None:
        """The share of a class that went wrong among the rows; ``None`` where no row was in it."""
        found = [(bad, count) for name, count, bad in self.counts if name == risk_class and count]
        return Fraction(*found[0]) if found else None

    def expected(self, points: int) -> float:
        """The probability that one with so many points goes wrong; half with ``even`` points.

        >>> card = Scorecard(id="x", version=1, factors=(), classes=(RiskClass(name="A"),))
        >>> FittedScorecard(scorecard=card, counts=(), even=500, double=40).expected(540)
        0.3333333333333333
        """
        return float(1 / (1 + 2.0 ** ((points - self.even) / self.double)))


class _Cut(NamedTuple):
    """A feature with its bounds, and the evidence of each bin; the last is that of what is undefined."""

    feature: str
    bounds: tuple[int, ...]
    evidence: tuple[float, ...]

    def place(self, value: int | None) -> int:
        """The bin of a value."""
        return len(self.evidence) - 1 if value is None else bisect_right(self.bounds, value)


def fit_scorecard(
    rows: Iterable[Row],
    *,
    id: str,
    version: int = 1,
    features: Sequence[str] | None = None,
    classes: Sequence[str] = ("A", "B", "C", "D", "E"),
    bins: int = 8,
    even: int = 500,
    double: int = 40,
    behavior: BehaviorTerms = USUAL,
) -> FittedScorecard:
    """The scorecard that the rows speak for; its classes have about as many rows each.

    Ninety customers that pay in time and of whom nine went wrong, and ten that pay late and of whom eight did:

    >>> rows = [({"days_late": 0}, at < 9) for at in range(90)] + [({"days_late": 2_000}, at < 8) for at in range(10)]
    >>> fitted = fit_scorecard(rows, id="trade", classes=("A", "B"), bins=10)
    >>> card = fitted.scorecard
    >>> [(each.below, each.points) for each in card.factors[0].bins], card.base
    ([(2000, 34), (None, -161)], 591)
    >>> round(fitted.expected(card.base + 34), 2), round(fitted.expected(card.base - 161), 2)
    (0.1, 0.77)

    Half a row added to each count, and the ridge, draw the shares a little towards each other. ``features`` are all that a
    row has, by name, where none are given; one that comes to no point at all is left out. Errors: `InvalidValue` where there
    is no row of each kind, or no class.
    """
    given = sorted(rows, key=lambda row: (row[1], sorted((name, _last(value)) for name, value in row[0].items())))
    bad = sum(1 for _, wrong in given if wrong)
    if not 0 < bad < len(given):
        raise InvalidValue("fit.rows", bad, f"must have some that went wrong among {len(given)}, and some that did not")
    if not classes:
        raise InvalidValue("fit.classes", list(classes), "must name at least one class")
    for name, least in (("bins", bins), ("double", double)):
        checks.whole(f"fit.{name}", least, least=1)
    names = tuple(sorted(given[0][0])) if features is None else tuple(features)
    cuts, weights, base = _weighted([_cut(name, given, bins) for name in names], given)
    step = double / math.log(2)
    made = (_factor(cut, step * weight) for cut, weight in zip(cuts, weights, strict=True))
    factors = tuple(each for each in made if any(bin_.points for bin_ in each.bins) or each.missing)
    first = even + round(step * base)
    open_card = Scorecard(
        id=id, version=version, base=first, factors=factors, classes=(RiskClass(name=classes[0]),), behavior=behavior
    )
    points = [_points(open_card, values) for values, _ in given]
    card = Scorecard(
        id=id,
        version=version,
        base=first,
        factors=factors,
        classes=_classes(points, classes),
        behavior=behavior,
    )
    return FittedScorecard(scorecard=card, counts=_counts(card, points, given), even=even, double=double)


# Bins -------------------------------------------------------------------------------------------------------------------


def _cut(name: str, rows: Sequence[Row], bins: int) -> _Cut:
    known = sorted((value, wrong) for values, wrong in rows if (value := values[name]) is not None)
    bounds = _bounds([value for value, _ in known], bins)
    counted = _counted(bounds, known)
    joined = _monotone(bounds, counted)
    unknown = [wrong for values, wrong in rows if values[name] is None]
    bad = sum(1 for _, wrong in rows if wrong)
    missing = (len(unknown) - sum(unknown), sum(unknown))
    evidence = [_evidence(good, wrong, len(rows) - bad, bad) for _, good, wrong in joined]
    last = _evidence(*missing, len(rows) - bad, bad) if unknown else 0.0
    return _Cut(name, tuple(bound for bound, _, _ in joined[:-1] if bound is not None), (*evidence, last))


def _bounds(values: Sequence[int], bins: int) -> list[int]:
    """Bounds that leave about as many values in each bin; equal values stay together."""
    size = len(values)
    found = {values[size * at // bins] for at in range(1, bins)} if size else set()
    return sorted(bound for bound in found if bound > values[0])


def _counted(bounds: Sequence[int], known: Iterable[tuple[int, bool]]) -> list[tuple[int, int]]:
    """How many went right and wrong in each bin."""
    counts = [[0, 0] for _ in range(len(bounds) + 1)]
    for value, wrong in known:
        counts[bisect_right(bounds, value)][wrong] += 1
    return [(good, bad) for good, bad in counts]


_Pool = tuple[int | None, int, int]
"""The bound of a bin, how many went right and how many wrong."""


def _monotone(bounds: Sequence[int], counted: Sequence[tuple[int, int]]) -> list[_Pool]:
    """Neighbors joined until the share that went wrong moves one way: the way of the larger part of the rows."""
    bins = [(bound, good, bad) for bound, (good, bad) in zip([*bounds, None], counted, strict=True)]
    return min((_pooled(bins, sign) for sign in (1, -1)), key=lambda pools: (_loss(pools), -len(pools)))


def _pooled(bins: Iterable[_Pool], sign: int) -> list[_Pool]:
    """Adjacent violators are pooled: the share rises with ``sign`` 1, and falls with -1."""
    pools: list[_Pool] = []
    for bin_ in bins:
        pools.append(bin_)
        while len(pools) > 1 and sign * _compared(pools[-2], pools[-1]) >= 0:
            bound, good, bad = pools.pop()
            _, earlier_good, earlier_bad = pools.pop()
            pools.append((bound, earlier_good + good, earlier_bad + bad))
    return pools


def _compared(one: _Pool, other: _Pool) -> int:
    """Above zero where a greater share of the first went wrong; without any row it is the same."""
    return one[2] * (other[1] + other[2]) - other[2] * (one[1] + one[2])


def _loss(pools: Iterable[_Pool]) -> Fraction:
    """What the pools leave unexplained: the sum over them of good times bad in all."""
    return sum((Fraction(good * bad, good + bad) for _, good, bad in pools if good + bad), Fraction(0))


def _evidence(good: int, bad: int, all_good: int, all_bad: int) -> float:
    return math.log((good + 0.5) / (bad + 0.5)) - math.log((all_good + 0.5) / (all_bad + 0.5))


# Weights ----------------------------------------------------------------------------------------------------------------


def _weighted(cuts: Sequence[_Cut], rows: Sequence[Row]) -> tuple[list[_Cut], list[float], float]:
    """The features whose weight is above zero, with their weights, and the constant; the weakest leaves first."""
    kept = [cut for cut in cuts if len(set(cut.evidence)) > 1]
    while True:
        patterns = _patterns(kept, rows)
        base, *weights = _regression(patterns, len(kept))
        if not weights or min(weights) > 0:
            return kept, weights, base
        kept = [cut for cut, weight in zip(kept, weights, strict=True) if weight != min(weights)]


_Pattern = tuple[tuple[float, ...], int, int]
"""The evidence of some rows, a constant first, and how many of them went right and wrong."""


def _patterns(cuts: Sequence[_Cut], rows: Iterable[Row]) -> list[_Pattern]:
    """Rows that fall into the same bins are one, with counts."""
    counts: Counter[tuple[tuple[int, ...], bool]] = Counter(
        (tuple(cut.place(values[cut.feature]) for cut in cuts), wrong) for values, wrong in rows
    )
    places = sorted({place for place, _ in counts})
    return [
        (
            (1.0, *(cut.evidence[at] for cut, at in zip(cuts, place, strict=True))),
            counts[place, False],
            counts[place, True],
        )
        for place in places
    ]


def _regression(patterns: Sequence[_Pattern], size: int) -> list[float]:
    """The constant and the weights by which the odds of going right follow the evidence, by Newton's method."""
    found = [0.0] * (size + 1)
    for _ in range(MOST_STEPS):
        step = _solved(*_slopes(patterns, found))
        found = [one + other for one, other in zip(found, step, strict=True)]
        if max(abs(each) for each in step) < 1e-9:
            break
    return found


def _slopes(patterns: Iterable[_Pattern], found: Sequence[float]) -> tuple[list[list[float]], list[float]]:
    """The second derivatives and the first, with the ridge on all but the constant."""
    size = len(found)
    bend = [[RIDGE if at == to and at else 0.0 for to in range(size)] for at in range(size)]
    slope = [-RIDGE * value if at else 0.0 for at, value in enumerate(found)]
    for evidence, good, bad in patterns:
        chance = _chance(sum(one * other for one, other in zip(evidence, found, strict=True)))
        missed, spread = good - (good + bad) * chance, (good + bad) * chance * (1 - chance)
        for at, one in enumerate(evidence):
            slope[at] += one * missed
            row, times = bend[at], one * spread
            for to in range(at + 1):
                row[to] += times * evidence[to]
    for at in range(size):
        for to in range(at):
            bend[to][at] = bend[at][to]
    return bend, slope


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else 1 - 1 / (1 + math.exp(odds))


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of equations whose matrix is symmetric and positive, by elimination with the greatest pivot."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda each: abs(rows[each][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for other in range(len(rows)):
            if other != at:
                times = rows[other][at] / rows[at][at]
                rows[other] = [one - times * two for one, two in zip(rows[other], rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]


# Points -----------------------------------------------------------------------------------------------------------------


def _factor(cut: _Cut, step: float) -> Factor:
    """A factor whose points are evidence in steps; its reason is its name."""
    points = [round(step * each) for each in cut.evidence]
    bins = tuple(Bin(below=bound, points=each) for bound, each in zip([*cut.bounds, None], points, strict=False))
    return Factor(feature=cut.feature, code=cut.feature, bins=bins, missing=points[-1])


def _points(card: Scorecard, values: Mapping[str, int | None]) -> int:
    return card.base + sum(factor.points(values[factor.feature]) for factor in card.factors)


def _classes(points: Sequence[int], names: Sequence[str]) -> tuple[RiskClass, ...]:
    """Classes of about as many rows each, from the best; one that no edge is left for is left out."""
    falling = sorted(points, reverse=True)
    edges = [falling[len(falling) * at // len(names) - 1] for at in range(1, len(names))]
    found: list[RiskClass] = []
    for name, edge in zip(names, edges, strict=False):
        if not found or edge < (found[-1].least or edge):
            found.append(RiskClass(name=name, least=edge))
    return (*found, RiskClass(name=names[-1]))


def _counts(card: Scorecard, points: Iterable[int], rows: Iterable[Row]) -> tuple[tuple[str, int, int], ...]:
    placed = Counter((card.class_of(each), wrong) for each, (_, wrong) in zip(points, rows, strict=True))
    return tuple(_counted_classes(card, placed))


def _counted_classes(card: Scorecard, placed: Mapping[tuple[str, bool], int]) -> Iterator[tuple[str, int, int]]:
    for each in card.classes:
        bad = placed.get((each.name, True), 0)
        yield each.name, placed.get((each.name, False), 0) + bad, bad


def _last(value: int | None) -> tuple[bool, int]:
    """What is undefined stands after every number."""
    return value is None, value or 0
