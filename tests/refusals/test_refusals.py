"""What documents, values and policies take and refuse, and in which words, is what was written down and read."""

import pytest
from tests.refusals import calls
from tests.refusals.every import CARD, LAYERS, answers, file_of, name_of, page, shows
from tests.refusals.samples import checked, samples
from tests.written import MEANT, kept

from receivables.errors import InvalidValue, WrongType

CLASSES = [pytest.param(layer, cls, id=name_of(cls)) for layer in LAYERS for cls in checked(layer)]
WRITTEN = {layer: kept(file_of(layer)) for layer in LAYERS}
CALLED = kept(calls.WRITTEN, calls.CALLS)


@pytest.mark.parametrize(("layer", "cls"), CLASSES)
def test_a_class_takes_and_refuses_what_is_written_down_in_the_same_words(layer, cls):
    now, name = page(cls), name_of(cls)
    assert name in WRITTEN[layer], MEANT.format("tests.refusals.every")
    written = WRITTEN[layer][name]
    fields = {line.partition(" <- ")[0] for line in written}
    same = [line for line in now if line.partition(" <- ")[0] in fields]
    assert same == written, MEANT.format("tests.refusals.every")


@pytest.mark.parametrize(("layer", "cls"), CLASSES)
def test_a_refusal_names_a_field_and_shows_the_value_or_what_it_leads_to(layer, cls):
    for answer in answers(samples()[cls]):
        if isinstance(answer.error, InvalidValue | WrongType):
            assert answer.error.field
            assert shows(answer) or answer.error.value is not None, (answer.label, answer.error)


@pytest.mark.parametrize(("layer", "cls"), CLASSES)
def test_no_refusal_shows_a_card_number_that_was_given_for_anything(layer, cls):
    for answer in answers(samples()[cls]):
        assert CARD not in f"{answer.error!r} {answer.error}", (answer.field, answer.label)
        assert getattr(answer.error, "value", None) != CARD, (answer.field, answer.label)


@pytest.mark.parametrize("name", calls.CALLS)
def test_a_call_gives_and_refuses_what_is_written_down(name):
    assert calls.page(name) == CALLED[name], MEANT.format("tests.refusals.calls")
