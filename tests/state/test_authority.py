"""Which deeds a matrix counts."""

import attrs
from tests.codec.samples import SAMPLES

from receivables import fold


def test_a_deed_of_nobody_counts_for_nobody():
    used = SAMPLES["authority.used/1"]
    assert [each.by for each in fold([used]).authority.done()] == [used.by]
    assert list(fold([attrs.evolve(used, by=None)]).authority.done()) == []
