"""The credit desk: what comes out is what the stories say; and each check would see a fault."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    """The example, with its folder in reach while it imports its neighbors."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("credit_application")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()


def lived(count: int = 25, days: int = 60) -> Any:
    desk = example.Desk(example.stories(count, 3))
    for day in range(days):
        desk.live(day)
    return desk


def test_every_story_comes_out_as_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    status = example.main(["--prospects", "40", "--seed", "2"])
    out = capsys.readouterr().out
    assert status == 0, out
    for found in ("accepted", "lapsed", "refused"):
        assert f" {found}\n" in out
    assert "0 with two of the board" not in out


def test_an_offer_of_another_amount_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        example,
        "POLICIES",
        attrs.evolve(
            example.POLICIES,
            policies=(
                attrs.evolve(example.DESK, equity_percent=19),
                example.CARD,
                example.MATRIX,
            ),
        ),
    )
    assert any("the story says" in each for each in lived().wrong())


def test_an_offer_that_nobody_approved_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    free = attrs.evolve(example.MATRIX, rules=(example.AuthorityRule(kind="limit", role="analyst"),))
    monkeypatch.setattr(
        example, "POLICIES", attrs.evolve(example.POLICIES, policies=(example.DESK, example.CARD, free))
    )
    assert any("others have to approve" in each for each in lived().wrong())


def test_a_limit_that_was_not_set_is_seen() -> None:
    desk = lived()
    assert desk.wrong() == []
    id = next(id for id, story in desk.stories.items() if story.limit is not None)
    desk.stories[id] = desk.stories[id]._replace(answers=None)
    assert any("limits are" in each for each in desk.wrong())
