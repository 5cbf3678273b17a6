"""What every command comes to, and what its fields may not be, is what was written down and read."""

import decimal

import pytest
from tests.plans.every import kept, told
from tests.service.world import one_of_each

KINDS = sorted(one_of_each(), key=lambda each: each.__name__)
WRITTEN = kept()


def field_of(line):
    """What a line is about; a field that is new is written down when somebody does so."""
    return line.partition(" <- ")[0] if " <- " in line else None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_command_comes_to_what_is_written_down_to_the_last_field(kind):
    written = WRITTEN.get(kind.__name__)
    if written is None:
        pytest.skip(f"{kind.__name__} is not in every.txt yet: python -m tests.plans.every writes it")
    fields = {field_of(line) for line in written}
    now = [line for line in told(kind) if field_of(line) in fields]
    assert now == written, "read the difference; if it is meant, python -m tests.plans.every writes it down"


def test_no_command_that_was_written_down_is_gone():
    assert set(WRITTEN) <= {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_decimal_context_of_a_host_changes_what_is_recorded(kind):
    usual = told(kind)
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_UP)):
        assert told(kind) == usual
