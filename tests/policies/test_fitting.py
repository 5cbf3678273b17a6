"""Scorecards from rows: by hand where it can be, deterministic, and no float left in what scores."""

import math
import random
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import codec
from receivables.errors import InvalidValue
from receivables.policies import fitting
from receivables.policies.fitting import fit_scorecard
from receivables.policies.scoring import score
from receivables.reports.backtest import Outcome, auc

VALUES = st.fixed_dictionaries({"days_late": st.none() | st.integers(0, 30), "disputes": st.integers(0, 3)})
ROWS = st.lists(st.tuples(VALUES, st.booleans()), min_size=2, max_size=60).filter(
    lambda rows: len({bad for _, bad in rows}) == 2
)


def made(count=600, seed=1):
    """Customers whose chance to go wrong rises with the days late, and does not depend on the weather."""
    dice = random.Random(seed)
    rows = []
    for _ in range(count):
        days = dice.randrange(40)
        rows.append(({"days_late": days, "weather": dice.randrange(9)}, dice.random() < 0.05 + days / 60))
    return rows


def test_points_are_the_evidence_in_steps_that_double_the_odds():
    """One feature of two values: its evidence is the odds themselves, but for the half row and the ridge."""
    rows = [({"days_late": 0}, at < 200) for at in range(1000)] + [({"days_late": 9}, at < 500) for at in range(1000)]
    fitted = fit_scorecard(rows, id="x", bins=2, double=40, even=500)
    (factor,) = fitted.scorecard.factors
    points = [fitted.scorecard.base + each.points for each in factor.bins]
    assert points == [pytest.approx(500 + 40 * math.log2(800 / 200), abs=2), pytest.approx(500, abs=2)]
    assert [round(fitted.expected(each), 2) for each in points] == [0.2, 0.5]


def test_a_feature_that_says_nothing_moves_next_to_nothing():
    card = fit_scorecard(made(), id="x").scorecard
    spread = {factor.feature: factor.most - min(each.points for each in factor.bins) for factor in card.factors}
    assert spread["days_late"] > 5 * spread.get("weather", 0)


def test_bins_move_one_way():
    for factor in fit_scorecard(made(), id="x", bins=12).scorecard.factors:
        points = [each.points for each in factor.bins]
        assert points in (sorted(points), sorted(points, reverse=True))


def test_the_same_thing_said_twice_counts_once():
    once = fit_scorecard([({"a": row["days_late"]}, bad) for row, bad in made()], id="x").scorecard
    twice = fit_scorecard(
        [({"a": row["days_late"], "b": row["days_late"]}, bad) for row, bad in made()], id="x"
    ).scorecard
    ends = [
        score({"a": 0}, once).points - score({"a": 39}, once).points,
        score({"a": 0, "b": 0}, twice).points - score({"a": 39, "b": 39}, twice).points,
    ]
    assert ends[1] == pytest.approx(ends[0], abs=0.1 * ends[0])


def test_what_is_undefined_has_the_evidence_of_its_rows():
    rows = [({"a": 1}, at < 10) for at in range(100)] + [({"a": None}, at < 90) for at in range(100)]
    fitted = fit_scorecard(rows, id="x")
    (factor,) = fitted.scorecard.factors
    assert factor.missing < factor.bins[0].points
    assert round(fitted.expected(fitted.scorecard.base + factor.missing), 1) == 0.9


def test_classes_have_about_as_many_rows_and_know_how_many_went_wrong():
    fitted = fit_scorecard(made(), id="x", classes=("A", "B", "C"))
    assert sum(count for _, count, _ in fitted.counts) == 600
    assert sum(bad for _, _, bad in fitted.counts) == sum(bad for _, bad in made())
    rates = [fitted.rate(each.name) for each in fitted.scorecard.classes]
    assert rates == sorted(rates)
    assert all(count > 100 for _, count, _ in fitted.counts)
    assert fitted.rate("Z") is None


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, dice=st.randoms())
def test_the_order_of_the_rows_changes_nothing_and_no_rows_break_it(rows, dice):
    fitted = fit_scorecard(rows, id="x", classes=("A", "B", "C"))
    mixed = list(rows)
    dice.shuffle(mixed)
    assert fit_scorecard(mixed, id="x", classes=("A", "B", "C")) == fitted
    assert codec.read_settings(codec.settings_text(fitted.scorecard)) == fitted.scorecard
    assert sum(count for _, count, _ in fitted.counts) == len(rows)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_on_its_own_rows_a_scorecard_never_stands_on_its_head(rows):
    card = fit_scorecard(rows, id="x").scorecard
    found = auc([Outcome(points=score(values, card).points, bad=bad) for values, bad in rows])
    assert found >= Fraction(1, 2)


def test_rows_from_which_nothing_can_be_learned_are_refused():
    good = [({"a": 1}, False)] * 5
    for rows in ([], good, [({"a": 1}, True)]):
        with pytest.raises(InvalidValue, match="went wrong"):
            fit_scorecard(rows, id="x")
    mixed = [*good, ({"a": 1}, True)]
    assert fit_scorecard(mixed, id="x").scorecard.factors == ()
    for wrong in ({"classes": ()}, {"bins": 0}, {"double": 0}, {"version": 0}):
        with pytest.raises(InvalidValue):
            fit_scorecard(mixed, id="x", **wrong)
    assert attrs.asdict(fit_scorecard(mixed, id="x", classes=("A", "B")).scorecard)["classes"]


def test_the_weights_are_looked_for_in_a_bounded_number_of_steps(monkeypatch):
    found = fit_scorecard(made(), id="x").scorecard
    monkeypatch.setattr(fitting, "MOST_STEPS", 1)
    assert fit_scorecard(made(), id="x").scorecard.factors != found.factors
