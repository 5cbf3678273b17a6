"""What the policies say of the customers of a small company is what was written down and read."""

import pytest
from tests.policies.every import CUSTOMERS, kept, page

WRITTEN = kept()


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_the_policies_say_of_a_customer_what_is_written_down(customer):
    now = page(customer)
    different = [(a, b) for a, b in zip(now, WRITTEN[customer], strict=False) if a != b]
    assert not different, "read the difference; if it is meant, python -m tests.policies.every writes it down"
    assert len(now) == len(WRITTEN[customer])
