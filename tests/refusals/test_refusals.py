"""What documents, values and policies take and refuse, and in which words, is what was written down and read."""

import pytest
from tests.refusals import calls
from tests.refusals.every import LAYERS, answers, file_of, kept, name_of, page, shows
from tests.refusals.samples import checked, samples

from receivables.errors import InvalidValue, WrongType

CLASSES = [pytest.param(layer, cls, id=name_of(cls)) for layer in LAYERS for cls in checked(layer)]
WRITTEN = {layer: kept(layer) for layer in LAYERS}


@pytest.mark.parametrize(("layer", "cls"), CLASSES)
def test_a_class_takes_and_refuses_what_is_written_down_in_the_same_words(layer, cls):
    now, name = page(cls), f"[{name_of(cls)}]"
    written = WRITTEN[layer].get(name)
    if written is None:
        pytest.skip(f"{name} is not in {file_of(layer).name} yet: python -m tests.refusals.every writes it")
    fields = {line.partition(" <- ")[0] for line in written}
    same = [line for line in now if line.partition(" <- ")[0] in fields]
    assert same == written, "read the difference; if it is meant, python -m tests.refusals.every writes it down"


@pytest.mark.parametrize(("layer", "cls"), CLASSES)
def test_a_refusal_names_a_field_and_shows_the_value_or_what_it_leads_to(layer, cls):
    for answer in answers(samples()[cls]):
        if isinstance(answer.error, InvalidValue | WrongType):
            assert answer.error.field
            assert shows(answer) or answer.error.value is not None, (answer.label, answer.error)


@pytest.mark.parametrize("name", calls.CALLS)
def test_a_call_gives_and_refuses_what_is_written_down(name):
    written = calls.kept()[name]
    assert calls.page(name) == written, (
        "read the difference; if it is meant, python -m tests.refusals.calls writes it down"
    )
