"""The logs of a small company are what was written down and read: each fact to the last field."""

from tests.plans.logs import WRITTEN, accounts, page
from tests.written import MEANT, kept


def test_the_logs_of_a_company_are_what_was_written_down():
    written = kept(WRITTEN)
    assert accounts() == list(written)
    for account in accounts():
        now = page(account)
        different = [(a, b) for a, b in zip(now, written[account], strict=False) if a != b]
        assert not different, MEANT.format("tests.plans.logs")
        assert len(now) == len(written[account])
