"""What is left of an erased text: the same text wherever it is carried."""

import copy
import pickle

import pytest

from receivables.values.erased import ERASED, Erased


@pytest.mark.parametrize("carried", [lambda text: pickle.loads(pickle.dumps(text)), copy.copy, copy.deepcopy])
def test_an_erased_text_stays_one_on_its_way(carried):
    found = carried(ERASED)
    assert type(found) is Erased
    assert (found, repr(found)) == ("[erased]", "Erased()")
