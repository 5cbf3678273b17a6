"""What every command comes to, and what its fields may not be, is what was written down and read."""

import decimal

import pytest
from tests.plans.cases import NAMES
from tests.plans.cases import WRITTEN as CASES
from tests.plans.every import WRITTEN as FILE
from tests.plans.every import told
from tests.plans.told import page
from tests.service.world import one_of_each
from tests.written import MEANT, kept

KINDS = sorted(one_of_each(), key=lambda each: each.__name__)
WRITTEN = kept(FILE)
WORKED = kept(CASES, NAMES)


def field_of(line):
    """What a line is about; a field that is new is written down when somebody does so."""
    return line.partition(" <- ")[0] if " <- " in line else None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_command_comes_to_what_is_written_down_to_the_last_field(kind):
    assert kind.__name__ in WRITTEN, MEANT.format("tests.plans.every")
    written = WRITTEN[kind.__name__]
    fields = {field_of(line) for line in written}
    now = [line for line in told(kind) if field_of(line) in fields]
    assert now == written, MEANT.format("tests.plans.every")


def test_no_command_that_was_written_down_is_gone():
    assert set(WRITTEN) <= {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_decimal_context_of_a_host_changes_what_is_recorded(kind):
    usual = told(kind)
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_UP)):
        assert told(kind) == usual


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_case_comes_to_what_is_written_down(name):
    assert name in WORKED, MEANT.format("tests.plans.cases")
    assert page(name) == WORKED[name], MEANT.format("tests.plans.cases")


def test_no_case_that_was_written_down_is_gone():
    assert set(WORKED) == set(NAMES)
