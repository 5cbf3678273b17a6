"""The journal of the example: what it posts, that both programs take it, and that a month is posted once."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.interop.test_ledgers import beancount, hledger

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("journal_example", ROOT / "examples" / "journal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["journal_example"] = module
    spec.loader.exec_module(module)
    return module


example = load_example()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert example.main(list(arguments)) == 0
    return capsys.readouterr().out


def test_the_journal_is_what_the_views_show(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "--check")
    assert "GLOBEX    USD  view   200.00 USD  journal   200.00 USD" in out
    assert "DIFFERS" not in out


def test_a_difference_is_seen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    honest = example.posted
    monkeypatch.setattr(example, "posted", lambda app, after=0: honest(app, after=3))
    assert example.main(["--check"]) == 1
    assert "DIFFERS" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "program"), [("beancount", beancount), ("hledger", hledger)])
def test_both_programs_come_to_the_same_balances(
    name: str, program: object, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (found,) = program(printed(capsys, "--for", name), tmp_path, dt.date.max)  # type: ignore[operator]
    shown = {f"{account} {code}": str(number) for (account, code), number in found.items()}
    assert shown == {
        "Assets:Bank EUR": "1426.00",
        "Assets:Bank USD": "100.00",
        "Assets:Receivable EUR": "950.00",
        "Assets:Receivable USD": "200.00",
        "Equity:Exchange EUR": "274.41",
        "Equity:Exchange USD": "-300.00",
        "Expenses:Discounts EUR": "20.00",
        "Income:Exchange-Gain EUR": "-1.68",
        "Income:Sales EUR": "-2272.73",
        "Liabilities:Tax:Full EUR": "-396.00",
    }


def test_nothing_is_posted_in_the_month_that_was_closed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys).splitlines()
    at = [line for line, text in enumerate(lines) if text == "  effective: 2026-02-27"]
    assert [lines[line - 2][:10] for line in at] == ["2026-03-01"] * 3
    assert not [text for text in lines if text.startswith("2026-02-27")]


def test_what_was_posted_is_not_posted_again(capsys: pytest.CaptureFixture[str]) -> None:
    def keys(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("  key: ")]

    whole, rest = keys(printed(capsys)), keys(printed(capsys, "--after", "6"))
    assert rest
    assert set(rest) < set(whole)
    assert all(int(key.split("/")[1]) > 6 for key in rest)
