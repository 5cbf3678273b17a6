"""The store that the documentation writes out holds to the contract, and to memory in every drawn commit."""

import re
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from receivables.testing.contracts import StoreContract
from receivables.testing.store_machine import store_machine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-store.md"


def documented():
    """The class of the first code block of the page."""
    names = {}
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL).group(1), names)
    return names["DictStore"]


class TestDocumentedStore(StoreContract):
    def make_store(self):
        return documented()()


class Host:
    def __init__(self):
        self.kept = documented()()

    def store(self):
        return self.kept

    def close(self):
        pass


def test_it_takes_and_refuses_what_memory_does():
    few = settings(
        max_examples=15,
        stateful_step_count=15,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        database=None,
    )
    run_state_machine_as_test(store_machine(Host), settings=few)
