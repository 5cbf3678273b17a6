"""Facts: two times and a person, frozen."""

import datetime as dt
import inspect

import attrs
import pytest

from receivables import facts
from receivables.errors import InvalidValue, WrongType
from receivables.facts.cash import AllocationUndone
from receivables.testing.strategies import FACTS

GOOD = {"allocation": "a1", "effective_on": dt.date(2026, 1, 5), "recorded_at": dt.datetime(2026, 1, 5, tzinfo=dt.UTC)}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("effective_on", dt.datetime(2026, 1, 5), WrongType),
        ("effective_on", dt.datetime(2026, 1, 5, tzinfo=dt.UTC), WrongType),
        ("effective_on", "2026-01-05", WrongType),
        ("effective_on", None, WrongType),
        ("recorded_at", dt.datetime(2026, 1, 5), InvalidValue),
        ("recorded_at", dt.date(2026, 1, 5), WrongType),
        ("recorded_at", 1767571200, WrongType),
        ("recorded_at", None, WrongType),
    ],
)
def test_a_fact_needs_a_date_and_an_instant_with_a_zone(field, value, error):
    with pytest.raises(error) as caught:
        AllocationUndone(**{**GOOD, field: value})
    assert caught.value.field == f"fact.{field}"


@pytest.mark.parametrize("kind", list(FACTS), ids=lambda kind: kind.__name__)
def test_every_fact_checks_its_times_is_frozen_and_says_what_happened(kind):
    fields = dict.fromkeys((field.name for field in attrs.fields(kind)), "x")
    with pytest.raises(WrongType, match=r"fact\.effective_on"):
        kind(**fields)
    assert inspect.getdoc(kind)
    assert kind.__final__
    assert not hasattr(object.__new__(kind), "__dict__")


def test_a_fact_cannot_be_changed():
    fact = AllocationUndone(**GOOD)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        fact.allocation = "a2"
    assert attrs.evolve(fact, allocation="a2") != fact


def test_fields_have_names_only_and_no_places():
    with pytest.raises(TypeError):
        AllocationUndone("a1", dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, tzinfo=dt.UTC))


def test_facts_of_one_time_differ_by_their_kind():
    assert facts.__doc__
    twins = {kind.__name__ for kind in FACTS}
    assert len(twins) == len(FACTS)
