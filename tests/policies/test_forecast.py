"""Settings of a forecast: refused where they make no sense, with the value shown."""

from decimal import Decimal

import attrs
import pytest

from receivables.errors import InvalidValue, WrongType
from receivables.policies.forecast import ForecastPolicy
from receivables.policies.forecast_pattern import CollectedShare, CollectionPattern

POLICY = ForecastPolicy(id="cash", version=1)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", " ", InvalidValue),
        ("version", 0, InvalidValue),
        ("customer_strength", 0, InvalidValue),
        ("segment_strength", True, WrongType),
        ("weekday_strength", "8", WrongType),
        ("month_part_strength", -1, InvalidValue),
        ("disputed", "ignored", InvalidValue),
        ("dispute_delay_days", -1, InvalidValue),
        ("promise_kept_percent", 50, WrongType),
        ("promise_kept_percent", Decimal("100.5"), InvalidValue),
        ("promise_strength", 0, InvalidValue),
        ("pending_days", -1, InvalidValue),
        ("without_history", "guess", InvalidValue),
        ("bands", (90, 10), InvalidValue),
        ("bands", (10, 10), InvalidValue),
        ("bands", (0, 50), InvalidValue),
        ("bands", (50, 100), InvalidValue),
        ("bands", [10, 90], WrongType),
        ("largest", -1, InvalidValue),
        ("spread_percent", 99, InvalidValue),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(field, value, error):
    with pytest.raises(error, match=f"forecast_policy.{field}"):
        attrs.evolve(POLICY, **{field: value})


def test_strengths_stand_in_the_order_of_the_levels():
    policy = attrs.evolve(POLICY, segment_strength=1, customer_strength=2, month_part_strength=3, weekday_strength=4)
    assert policy.strengths == (1, 2, 3, 4)


@pytest.mark.parametrize("percents", [(60, 30, 5), (60, 30, 20)])
def test_a_pattern_that_does_not_come_to_all_is_refused(percents):
    with pytest.raises(InvalidValue, match=f"{sum(percents)} percent"):
        CollectionPattern.of(*percents)


def test_a_pattern_counts_thirds_exactly_or_not_at_all():
    thirds = ("33.33", "33.33", "33.33")
    assert CollectionPattern.of(*thirds, bad="0.01").bad_percent == Decimal("0.01")
    with pytest.raises(InvalidValue, match="pattern"):
        CollectionPattern.of(*thirds)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"months": -1, "percent": Decimal(1)}, "months"),
        ({"months": 121, "percent": Decimal(1)}, "months"),
        ({"months": 1, "percent": Decimal(101)}, "percent"),
        ({"months": 1, "percent": Decimal(1), "discount_percent": Decimal(-1)}, "discount_percent"),
    ],
)
def test_a_share_that_makes_no_sense_is_refused(fields, field):
    with pytest.raises(InvalidValue, match=f"collected_share.{field}"):
        CollectedShare(**fields)
