"""How a letter begins: waiting for approval, or to be sent."""

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import at, on
from tests.state.test_viewing_dunning import letter

from receivables import fold


@pytest.mark.parametrize(("approval", "status"), [(True, "proposed"), (False, "queued")])
def test_a_letter_that_needs_approval_is_proposed_until_it_has_it(approval, status):
    queued = attrs.evolve(letter("a", "first", "I"), approval=approval)
    (entry,) = fold([queued]).dunning.notices
    assert entry.first_status == status
    assert fold([queued]).view(on(1)).ladder_of["I"].pending == status
    approved = attrs.evolve(SAMPLES["notice.approved/1"], notice="a", **at(2))
    states = [fold([queued, approved]).view(on(day)).notices[0].status for day in (1, 2)]
    assert states == [status, "queued"]
