"""What the policies say of the customers of a small company is what was written down and read."""

import pytest
from tests.policies import worked
from tests.policies.every import CUSTOMERS, page
from tests.policies.every import WRITTEN as FILE
from tests.written import MEANT, kept

WRITTEN = kept(FILE)
WORKED = kept(worked.WRITTEN, worked.PAGES)


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_the_policies_say_of_a_customer_what_is_written_down(customer):
    now = page(customer)
    different = [(a, b) for a, b in zip(now, WRITTEN[customer], strict=False) if a != b]
    assert not different, MEANT.format("tests.policies.every")
    assert len(now) == len(WRITTEN[customer])


@pytest.mark.parametrize("name", worked.PAGES)
def test_the_policies_work_out_what_is_written_down(name):
    now, written = worked.page(name), WORKED[name]
    different = [(a, b) for a, b in zip(now, written, strict=False) if a != b]
    assert not different, MEANT.format("tests.policies.worked")
    assert len(now) == len(written)
