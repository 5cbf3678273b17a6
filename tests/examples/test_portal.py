"""The portal of the example: what the customer reads, what the creditor's people read, and nothing of anybody else."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("portal_example", ROOT / "examples" / "portal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["portal_example"] = module
    spec.loader.exec_module(module)
    return module


example = load_example()


def test_the_data_for_a_page_adds_up_and_holds_no_row_of_the_other_customer(capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["--json"]) == 0
    out = capsys.readouterr().out
    found = json.loads(out)
    assert [row["item"] for row in found["statement"]] == ["INV2001", "INV2002", "INV2003", "INV-2004"]
    assert found["totals"][0]["open"] == "3230.00"
    assert sum(float(row["amount"]) for row in found["due"]) == 3030
    assert [row["reference"] for row in found["pay"]] == ["RF69INV2001", "RF42INV2002", "RF15INV2003", "INV-2004"]
    assert "INV9001" not in out
    assert "RIVAL" not in out


@pytest.mark.parametrize(
    ("asks", "status", "reads", "people"),
    [
        (["--promise", "INV2002", "650.00", "2026-06-19"], 0, "accepted", "within the bounds"),
        (["--promise", "INV2002", "650.00", "2026-06-30"], 1, "650.00 EUR by 2026-06-22", "too_long (14 days)"),
        (["--promise", "INV9001", "10", "2026-06-10"], 1, "nothing open", "nothing_open"),
        (["--defer", "INV2003", "2026-07-08"], 0, "accepted", "within the bounds"),
        (["--plan", "4", "2026-06-30", "INV2001", "INV2003"], 0, "accepted", "within the bounds"),
        (
            ["--plan", "9", "2026-06-30", "INV2003"],
            1,
            "4 installments from 2026-06-30",
            "too_long (184 days), too_many_parts",
        ),
    ],
)
def test_a_request_is_answered_in_words_for_either_side(
    capsys: pytest.CaptureFixture[str], asks: list[str], status: int, reads: str, people: str
) -> None:
    assert example.main(asks) == status
    customer, _, rest = capsys.readouterr().out.partition("our people read: ")
    assert reads in customer
    assert rest.startswith(people)


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        (["--promise", "INV2002", "ten", "2026-06-19"], "'ten'"),
        (["--defer", "INV2003", "tomorrow"], "tomorrow"),
        (["--plan", "3"], "at least one item"),
    ],
)
def test_what_nobody_can_mean_says_so_and_asks_for_nothing(
    capsys: pytest.CaptureFixture[str], asks: list[str], says: str
) -> None:
    assert example.main(asks) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_a_request_stands_in_the_data_with_the_words_for_the_customer(capsys: pytest.CaptureFixture[str]) -> None:
    example.main(["--json", "--promise", "INV2002", "650.00", "2026-06-30"])
    (request,) = json.loads(capsys.readouterr().out)["requests"]
    assert (request["status"], request["says"]) == ("refused", ["That is later than we can agree to. (14 days)"])
