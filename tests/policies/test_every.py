"""What the policies say of the customers of a small company is what was written down and read."""

import pytest
from tests.policies import worked
from tests.policies.every import CUSTOMERS, kept, page

WRITTEN = kept()


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_the_policies_say_of_a_customer_what_is_written_down(customer):
    now = page(customer)
    different = [(a, b) for a, b in zip(now, WRITTEN[customer], strict=False) if a != b]
    assert not different, "read the difference; if it is meant, python -m tests.policies.every writes it down"
    assert len(now) == len(WRITTEN[customer])


@pytest.mark.parametrize("name", worked.PAGES)
def test_the_policies_work_out_what_is_written_down(name):
    now, written = worked.page(name), worked.kept()[name]
    different = [(a, b) for a, b in zip(now, written, strict=False) if a != b]
    assert not different, "read the difference; if it is meant, python -m tests.policies.worked writes it down"
    assert len(now) == len(written)
