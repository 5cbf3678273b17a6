"""What is left of disputes, whatever order or log their parts come from."""

import attrs
from tests.codec.samples import SAMPLES

from receivables import fold


def test_the_end_of_a_dispute_that_is_not_in_the_log_changes_nothing():
    opened, resolved = SAMPLES["dispute.opened/1"], SAMPLES["dispute.resolved/1"]
    elsewhere = attrs.evolve(resolved, dispute="of another log")
    account = fold([opened, elsewhere])
    assert account.disputes.lefts() == {opened.dispute.id: opened.amount.minor}
