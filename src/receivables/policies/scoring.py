"""Scorecards: features in, points and a class out, with the reasons by the points that they cost.

A `Scorecard` is a table and nothing else: for each factor bins of a feature with their points, base points, and the least
points of each class. What is undefined has points of its own, because that a figure is missing says something too. More
points are better. The same scorecard and the same inputs give the same score, on every machine and for ever.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from typing import final

from attrs import frozen

from receivables.documents.risk import ScoreInput, ScoreReason
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.behavior import CustomFeature, features, is_built_in
from receivables.policies.history import BehaviorTerms, History, history_of
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks


@final
@frozen(kw_only=True)
class Bin:
    """The values below ``below`` that no earlier bin has, and their points; the last bin has no bound.

    ``code`` is the reason where points are lost here; without one it is the factor's.

    >>> Bin(points=40, below=1500).points
    40
    """

    points: int
    below: int | None = None
    code: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.whole("bin.points", self.points)
        checks.optional_text("bin.code", self.code)
        if self.below is not None:
            checks.whole("bin.below", self.below)


@final
@frozen(kw_only=True)
class Factor:
    """One feature with its bins; ``missing`` are the points where it is undefined.

    >>> factor = Factor(feature="days_late", code="pays_late", missing=20,
    ...                 bins=(Bin(below=500, points=60), Bin(below=1500, points=40), Bin(points=0)))
    >>> [factor.points(value) for value in (0, 499, 500, 9000, None)]
    [60, 60, 40, 0, 20]

    Errors: `InvalidValue` for bins that do not rise, or of which another than the last has no bound.
    """

    feature: str
    code: str
    bins: tuple[Bin, ...]
    missing: int = 0
    missing_code: str = "not_known"

    def __attrs_post_init__(self) -> None:
        for name in ("feature", "code", "missing_code"):
            checks.text(f"factor.{name}", getattr(self, name))
        checks.sequence("factor.bins", self.bins, Bin, "bins")
        checks.whole("factor.missing", self.missing)
        if not self.bins or self.bins[-1].below is not None:
            raise InvalidValue("factor.bins", self.feature, "must end with a bin that has no bound")
        bounds = [each.below for each in self.bins[:-1]]
        for earlier, later in pairwise([*bounds, None]):
            if earlier is None or (later is not None and later <= earlier):
                raise InvalidValue("factor.bins", bounds, "must rise, and only the last one has no bound")

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """The bounds of the bins, in order."""
        return tuple(each.below for each in self.bins if each.below is not None)

    def bin_of(self, value: int) -> Bin:
        """The bin that a value falls into: a bound belongs to the next one."""
        return self.bins[bisect_right(self.bounds, value)]

    def points(self, value: int | None) -> int:
        """The points of a value."""
        return self.missing if value is None else self.bin_of(value).points

    @property
    def most(self) -> int:
        """The points of the best bin: what is lost is counted from here."""
        return max(self.missing, *(each.points for each in self.bins))

    def reason(self, value: int | None) -> ScoreReason:
        """What a value costs, and why."""
        code = self.missing_code if value is None else self.bin_of(value).code
        return ScoreReason(
            code=code or self.code, feature=self.feature, value=value, points_lost=self.most - self.points(value)
        )


@final
@frozen(kw_only=True)
class RiskClass:
    """A class and the least points for it; the last class of a scorecard takes all that are left.

    >>> RiskClass(name="A", least=620).name
    'A'
    """

    name: str
    least: int | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("risk_class.name", self.name)
        if self.least is not None:
            checks.whole("risk_class.least", self.least)


@final
@frozen(kw_only=True)
class Scorecard:
    """How customers are scored; versioned, and chosen by company, segment and customer like every policy.

    ``behavior`` says over which time features are taken. ``classes`` go from the best to the worst.

    >>> card = Scorecard(id="trade", version=1, base=500, factors=(
    ...     Factor(feature="days_late", code="pays_late", missing=20, bins=(Bin(below=1000, points=80), Bin(points=0))),
    ...     Factor(feature="returned_payments", code="money_went_back", bins=(Bin(below=1, points=40), Bin(points=0)))),
    ...     classes=(RiskClass(name="A", least=600), RiskClass(name="B", least=540), RiskClass(name="C")))
    >>> card.features
    ('days_late', 'returned_payments')
    >>> print(score({"days_late": 1600, "returned_payments": 0}, card))
    540 points, class B: pays_late (-80: days_late 1600)

    Errors: `InvalidValue` for a feature twice, and for classes that do not fall.
    """

    id: str
    version: int
    factors: tuple[Factor, ...]
    classes: tuple[RiskClass, ...]
    base: int = 0
    behavior: BehaviorTerms = BehaviorTerms()

    def __attrs_post_init__(self) -> None:
        checks.text("scorecard.id", self.id)
        checks.whole("scorecard.version", self.version, least=1)
        checks.whole("scorecard.base", self.base)
        checks.sequence("scorecard.factors", self.factors, Factor, "factors")
        checks.sequence("scorecard.classes", self.classes, RiskClass, "classes")
        checks.instance("scorecard.behavior", self.behavior, BehaviorTerms, "terms of behavior")
        if len(set(self.features)) != len(self.factors):
            raise InvalidValue("scorecard.factors", list(self.features), "must not have a feature twice")
        if len({each.name for each in self.classes}) != len(self.classes):
            raise InvalidValue("scorecard.classes", [each.name for each in self.classes], "must not name a class twice")
        _check_falling(self.classes)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the features that it looks at, in the order of its factors."""
        return tuple(each.feature for each in self.factors)

    def class_of(self, points: int) -> str:
        """The class of so many points.

        >>> card = Scorecard(id="x", version=1, factors=(), classes=(RiskClass(name="A", least=10), RiskClass(name="B")))
        >>> card.class_of(10), card.class_of(9)
        ('A', 'B')
        """
        return next(each.name for each in self.classes if each.least is None or points >= each.least)

    def rank(self, risk_class: str) -> int | None:
        """The place of a class from the best on, beginning with 0; ``None`` for one that this scorecard does not have."""
        names = [each.name for each in self.classes]
        return names.index(risk_class) if risk_class in names else None

    def unknown(self, custom: Iterable[CustomFeature]) -> tuple[str, ...]:
        """The features that neither the library nor the host can work out."""
        own = {each.name for each in custom}
        return tuple(name for name in self.features if not is_built_in(name) and name not in own)


def _check_falling(classes: tuple[RiskClass, ...]) -> None:
    edges = [each.least for each in classes]
    if not edges or edges[-1] is not None:
        raise InvalidValue("scorecard.classes", edges, "must end with a class that takes all that are left")
    for upper, lower in pairwise(edges):
        if upper is None or (lower is not None and lower >= upper):
            raise InvalidValue("scorecard.classes", edges, "must fall from the best to the worst")


@final
@frozen(kw_only=True)
class Score:
    """What a scorecard says: points, class, the reasons by the points that they cost, and the inputs."""

    points: int
    risk_class: str
    reasons: tuple[ScoreReason, ...]
    inputs: tuple[ScoreInput, ...]
    scorecard: Scorecard

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        head = f"{self.points} points, class {self.risk_class}"
        return f"{head}: {because}" if because else head

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per factor: feature, value, points, the points lost."""
        return [
            {
                "feature": factor.feature,
                "value": each.value,
                "points": factor.points(each.value),
                "points_lost": factor.most - factor.points(each.value),
                "code": factor.reason(each.value).code,
            }
            for factor, each in zip(self.scorecard.factors, self.inputs, strict=True)
        ]


def score(values: Mapping[str, int | None], scorecard: Scorecard) -> Score:
    """The score of some features; of two reasons that cost the same the one of the earlier factor comes first.

    Errors: `UnknownId` for a feature that the scorecard looks at and that is not there: what is undefined is ``None``.
    """
    missing = [name for name in scorecard.features if name not in values]
    if missing:
        raise UnknownId("feature", missing[0])
    pairs = [(factor, values[factor.feature]) for factor in scorecard.factors]
    points = scorecard.base + sum(factor.points(value) for factor, value in pairs)
    lost = [reason for factor, value in pairs if (reason := factor.reason(value)).points_lost > 0]
    return Score(
        points=points,
        risk_class=scorecard.class_of(points),
        reasons=tuple(sorted(lost, key=lambda reason: -reason.points_lost)),
        inputs=tuple(ScoreInput(name=factor.feature, value=value) for factor, value in pairs),
        scorecard=scorecard,
    )


def score_history(of: History, scorecard: Scorecard, custom: Iterable[CustomFeature] = ()) -> Score:
    """The score of a customer by its history; features of the host's own are in ``custom``."""
    return score(features(of, scorecard.features, custom), scorecard)


def score_account(account: Account, view: View, scorecard: Scorecard, custom: Iterable[CustomFeature] = ()) -> Score:
    """The score of an account on the date of a view, as known at the view's instant.

    A prospect is a customer without a document: it is scored by what it declared and what others say.
    """
    return score_history(history_of(account, view, scorecard.behavior), scorecard, custom)
