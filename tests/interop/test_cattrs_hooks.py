"""A converter of the host's writes and reads what is ours as the codec does."""

import json

import pytest

pytest.importorskip("cattrs", reason="the extra receivables[cattrs] is not installed")

import cattrs
from attrs import frozen
from tests.codec.samples import INVOICE, SAMPLES

from receivables import Invoice
from receivables.codec import encode, plain
from receivables.errors import Undecodable
from receivables.facts.charge import ChargeWaived
from receivables.facts.fact import Fact
from receivables.interop.cattrs_hooks import register


@frozen
class Message:
    """Something of the host's."""

    sender: str
    invoice: Invoice
    facts: tuple[Fact, ...] = ()


@pytest.fixture
def converter():
    made = cattrs.Converter(detailed_validation=False)
    register(made)
    return made


@pytest.mark.parametrize("tag", SAMPLES)
def test_a_fact_is_written_with_its_tag_and_read_as_what_it_is(converter, tag):
    data = converter.unstructure(SAMPLES[tag])
    assert data == encode(SAMPLES[tag])
    assert converter.structure(json.loads(json.dumps(data)), Fact) == SAMPLES[tag]


def test_documents_and_facts_stand_in_classes_of_the_host(converter):
    message = Message("ann", INVOICE, tuple(SAMPLES.values())[:5])
    data = converter.unstructure(message)
    assert data["invoice"] == plain(INVOICE)
    assert converter.structure(json.loads(json.dumps(data)), Message) == message


def test_what_cannot_be_read_says_where(converter):
    data = plain(INVOICE) | {"issued_on": "yesterday"}
    with pytest.raises(Undecodable) as refused:
        converter.structure(data, Invoice)
    assert refused.value.path == "$.issued_on"


def test_another_fact_than_asked_for_is_refused(converter):
    with pytest.raises(TypeError):
        converter.structure(encode(SAMPLES["promise.made/1"]), ChargeWaived)
