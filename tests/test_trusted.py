"""What was written is restored without checks to the same fact; what is older or strange is read the checked way."""

import inspect
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
from receivables.values.currencies import Currency
from receivables.values.erased import ERASED


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


@pytest.mark.parametrize("gone", [{"erased": True}, {"personal": "0"}])
def test_a_personal_text_that_is_gone_is_restored_as_erased(gone):
    data = written(SAMPLES["hold.placed/1"])
    data["hold"]["reason"] = gone
    assert restore(data).hold.reason is decode(data).hold.reason is ERASED


def test_a_personal_text_that_is_no_text_is_refused_as_the_checked_way_refuses_it():
    data = written(SAMPLES["hold.placed/1"])
    data["hold"]["reason"] = {"personal": 5}
    with pytest.raises(Undecodable, match=r"\$\.hold\.reason"):
        restore(data)


def test_currencies_that_are_shared_are_so_many_and_no_more():
    """Data that name ever other currencies, by mistake or with intent, fill no memory."""
    known = inspect.getclosurevars(trusted._maker(Currency)).nonlocals["known"]
    data = written(SAMPLES["allocation.made/1"])
    for number in range(2_100):
        code = "".join(chr(65 + number // 26**place % 26) for place in range(3))
        data["allocation"]["amount"]["currency"] = {"is": "Currency", "code": code, "exponent": number % 4}
        assert restore(data).allocation.amount.currency == Currency(code, number % 4)
        assert len(known) <= 1_001
    assert restore(written(SAMPLES["allocation.made/1"])) == SAMPLES["allocation.made/1"]
