"""What the long search once found, and what stored data that nobody wrote can be: typed errors that show the place."""

import json

import pytest
from tests.codec.samples import SAMPLES

from receivables import codec
from receivables.errors import Undecodable
from receivables.stores.bodies import read_fact
from receivables.trusted import restore

ways = pytest.mark.parametrize("read", [codec.decode, restore])


@ways
@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf"])
def test_a_number_that_is_none_is_refused(read, text):
    data = codec.encode(SAMPLES["charge.raised/1"])
    data["charge"]["segments"][0]["amount"] = text
    with pytest.raises(Undecodable) as refused:
        read(data)
    assert refused.value.path == "$.charge.segments[0].amount"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "", "{", "NaN", "\0"])
def test_a_text_that_is_no_json_is_refused_and_not_shown(text):
    for read in (lambda: read_fact(text, None), lambda: codec.read_settings(text)):
        with pytest.raises(Undecodable) as refused:
            read()
        assert len(str(refused.value)) < 100


def test_an_upcaster_leads_from_tag_to_tag_on_both_ways(monkeypatch):
    """Two versions ago a dispute was contested ``because`` of something; the last version said ``note`` and had no line."""
    newest = codec.encode(SAMPLES["dispute.opened/1"])
    dispute = {name: value for name, value in newest["dispute"].items() if name not in ("note", "line")}
    oldest = {**newest, "tag": "dispute.opened/-1", "dispute": {**dispute, "because": newest["dispute"]["note"]}}

    def to_0(data):
        dispute = dict(data["dispute"])
        dispute["note"] = dispute.pop("because")
        return data | {"tag": "dispute.opened/0", "dispute": dispute}

    def to_1(data):
        return data | {"tag": "dispute.opened/1", "dispute": data["dispute"] | {"line": newest["dispute"]["line"]}}

    monkeypatch.setattr(codec, "UPCASTERS", {"dispute.opened/-1": to_0, "dispute.opened/0": to_1})
    stored = json.dumps(oldest)
    assert codec.decode(json.loads(stored)) == restore(json.loads(stored)) == SAMPLES["dispute.opened/1"]
    assert read_fact(stored, None) == SAMPLES["dispute.opened/1"]
    assert json.dumps(oldest) == stored


def test_an_error_after_an_upcaster_names_the_place_in_the_newest_shape(monkeypatch):
    monkeypatch.setattr(codec, "UPCASTERS", {"promise.withdrawn/0": lambda data: data | {"tag": "promise.withdrawn/1"}})
    data = codec.encode(SAMPLES["promise.withdrawn/1"]) | {"tag": "promise.withdrawn/0", "promise": 7}
    with pytest.raises(Undecodable) as refused:
        codec.decode(data)
    assert refused.value.path == "$.promise"
