"""Readers of what comes from outside give a value or a typed error, soon, whatever they are given.

A sample of what ``python -m tests.fuzz.run`` tries a million times; see `tests/fuzz/inputs.py`.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")
pytest.importorskip("mt940", reason="the extra receivables[bank] is not installed")

from tests.fuzz.targets import TARGETS, attempt

for_reader = pytest.mark.parametrize("reader", sorted(TARGETS))


@for_reader
def test_a_damaged_input_gives_a_value_or_a_typed_error(reader):
    for seed in range(400):
        attempt(reader, seed)


@for_reader
@given(seed=st.integers(0, 2**63))
def test_seeds_far_away_do_so_too(reader, seed):
    attempt(reader, seed)


@for_reader
def test_some_of_the_inputs_are_taken(reader):
    """Otherwise the damage would be so great that nothing behind the first check is tried."""
    assert any(attempt(reader, seed) for seed in range(400))


@given(text=st.text(max_size=200))
@example(text="9" * 5000)
@example(text="[" * 5000)
def test_any_text_is_no_fact_and_seldom_terms(text):
    TARGETS["terms"](text)
    assert not TARGETS["stored"](text)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_file_or_none(data):
    TARGETS["camt"](data)
    TARGETS["mt940"](data)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def holding(inner):
    return inner | st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)


JSON = holding(holding(holding(LEAVES)))


@given(data=JSON)
def test_any_json_is_no_fact(data):
    assert not TARGETS["codec"](data)
