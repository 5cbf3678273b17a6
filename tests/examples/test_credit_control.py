"""A quarter of credit control agrees with a clerk's plain sums on every day; and each check would see a fault."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("credit_control")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_day_agrees_with_the_clerk(seed):
    world, faults = example.simulate(10, 25, seed)
    assert faults == []
    assert min(world.counts[outcome] for outcome in ("approved", "held", "freed")) > 0


def test_the_command_says_what_was_found(capsys):
    assert example.main(["--customers", "4", "--days", "5"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 faults in 5 days"


def owe_more(world):
    world.clerk.owed["C000"] += 1


def grant_less(world):
    world.limits.own["C000"] = 0
    world.clerk.owed["C000"] += 1


def hold_what_fits(world):
    world.clerk.held["C000", "SO-0"] = 1


def hear_twice(world):
    world.notifier.notices[:] = [each for each in world.notifier.notices for _ in range(2)]


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (owe_more, "the clerk has"),
        (grant_less, "the limit is exceeded"),
        (hold_what_fits, "and would fit"),
        (hear_twice, "staff was told"),
    ],
)
def test_each_check_would_see_a_fault(sabotage, words):
    world, faults = example.simulate(6, 20, 3)
    assert faults == []
    sabotage(world)
    assert any(words in fault for fault in world.faults())
