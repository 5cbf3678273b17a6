"""Arrangements on a ledger: every open item is dunned or held back as its story names; and each check would see a fault."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

ROOT = Path(__file__).parents[2]
LEDGER = ROOT.parent / "shared" / "data" / "ledger_distributor" / "open_invoices.csv"

needs_ledger = pytest.mark.skipif(not LEDGER.exists(), reason="../shared/data/ledger_distributor is not here")


def load_example() -> ModuleType:
    """The example, with its folder in reach while it imports its neighbors."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("arrangements")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()


def lived(days: int = 20, before: Any = None) -> Any:
    """The seeded ledger, lived through day by day; ``before`` may spoil it first."""
    ledger = example.Ledger(example.rows_of(None, None, 1), 80, 1)
    if before is not None:
        before(ledger)
    ledger.load()
    for offset in range(days):
        ledger.live(example.FIRST + example.dt.timedelta(days=offset))
    return ledger


def test_every_kind_of_story_is_told_and_holds(capsys: pytest.CaptureFixture[str]) -> None:
    status = example.main([])
    out = capsys.readouterr().out
    assert status == 0, out
    for kind in example.STORY_KINDS:
        assert f" {kind}\n" in out
        assert f" 0 {kind}" not in out


@needs_ledger
def test_a_sample_of_the_real_ledger_holds(capsys: pytest.CaptureFixture[str]) -> None:
    status = example.main([str(LEDGER), "--customers", "40", "--items", "200", "--days", "30"])
    out = capsys.readouterr().out
    assert status == 0, out
    assert "200 stories, 30 days" in out


def test_an_arrangement_that_was_not_recorded_is_seen() -> None:
    def forget(ledger: Any) -> None:
        day = min(ledger.asks)
        ledger.asks[day] = ledger.asks[day][1:]

    assert lived(before=forget).wrong


def test_money_that_was_not_recorded_is_seen() -> None:
    def forget(ledger: Any) -> None:
        for day, commands in ledger.asks.items():
            ledger.asks[day] = [each for each in commands if not isinstance(each, example.Apply)]

    assert any("the story says" in each for each in lived(before=forget).wrong)


def test_a_day_too_long_is_seen() -> None:
    def prolong(ledger: Any) -> None:
        for story in ledger.stories.values():
            story.spans = [(first, end + example.dt.timedelta(days=1), *rest) for first, end, *rest in story.spans]

    assert lived(before=prolong).wrong


def test_a_letter_about_what_is_held_back_is_seen() -> None:
    ledger = lived(20)
    assert ledger.wrong == []
    story, held = next(
        (story, held)
        for story in ledger.stories.values()
        if (held := story.held(example.FIRST + example.dt.timedelta(days=19))) and held.reason == "disputed"
    )
    ledger._letter(example.FIRST + example.dt.timedelta(days=19), story.account, story.item, story.total.minor)
    assert "a letter about" in ledger.wrong[-1]


def test_a_total_that_moves_by_re_aging_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = example.aging

    def short(views: Any, **more: Any) -> Any:
        found = honest(views, **more)
        if more:
            return found
        account, currency, sums, *rest = found.lines[0]
        return attrs.evolve(found, lines=((account, currency, (sums[0] + 1, *sums[1:]), *rest), *found.lines[1:]))

    monkeypatch.setattr(example, "aging", short)
    assert any("moved by re-aging" in each for each in lived(1).wrong)
