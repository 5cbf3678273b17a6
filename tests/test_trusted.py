"""What was written is restored without checks to the same fact; what is older or strange is read the checked way."""

import json
from unittest.mock import patch

import pytest
from hypothesis import given
from tests.codec.samples import EARLIER, SAMPLES

from receivables import trusted
from receivables.codec import decode, encode
from receivables.errors import Undecodable
from receivables.testing.strategies import facts
from receivables.trusted import restore


def written(fact):
    return json.loads(json.dumps(encode(fact)))


def refusal_of(read, data):
    try:
        read(data)
    except Undecodable as error:
        return str(error)
    return None


@given(facts())
def test_what_was_written_is_restored(fact):
    restored = restore(written(fact))
    assert (restored, hash(restored)) == (fact, hash(fact))
    assert encode(restored) == encode(fact)


@pytest.mark.parametrize("tag", SAMPLES)
def test_no_fact_in_its_newest_shape_needs_the_checked_way(tag):
    with patch.object(trusted, "decode", side_effect=AssertionError("read the checked way")):
        assert restore(written(SAMPLES[tag])) == SAMPLES[tag]


@pytest.mark.parametrize("path", sorted(EARLIER.glob("*.json")), ids=lambda path: path.stem)
def test_a_fact_in_an_earlier_shape_gets_the_defaults_of_what_came_later(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    assert restore(data) == decode(data)


@pytest.mark.parametrize("tag", SAMPLES)
@pytest.mark.parametrize("strange", [None, 7, [], {}, {"is": "Money"}, "\0"])
def test_what_is_strange_is_refused_as_the_checked_way_refuses_it_or_read(tag, strange):
    for field in written(SAMPLES[tag]).keys() - {"tag"}:
        data = written(SAMPLES[tag]) | {field: strange}
        refusals = [refusal_of(restore, data), refusal_of(decode, data)]
        assert refusals[0] in (None, refusals[1])


@pytest.mark.parametrize("data", [None, [], "x", {}, {"tag": None}, {"tag": "no.such/1"}, {"tag": "promise.made/1"}])
def test_what_is_no_fact_is_a_typed_error(data):
    with pytest.raises(Undecodable):
        restore(data)
