"""The reference cases under pytest: one test for each, and the page of what is not supported."""

import json
from pathlib import Path

import pytest
from tests.cases import run

ALL = list(run.cases([run.DATA]))

pytestmark = pytest.mark.own_decimals


@pytest.mark.parametrize("case", ALL, ids=[case["id"] for case in ALL])
def test_the_library_gives_the_expected_output(case: run.Case) -> None:
    result = run.run(case)
    if result.verdict == "unsupported":
        pytest.skip(result.detail)
    assert result.verdict == "passed", result.detail


def test_the_page_of_unsupported_cases_is_true() -> None:
    page = (run.HERE / "unsupported.md").read_text(encoding="utf-8")
    written = run.unsupported_page(map(run.run, ALL))
    assert page == written, "write it anew: python tests/cases/run.py --unsupported > tests/cases/unsupported.md"


def test_ids_are_unique() -> None:
    ids = [case["id"] for case in ALL]
    assert len(set(ids)) == len(ids)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three cases: one right, one wrong, one of an area that nobody mapped."""
    net = {"area": "payment_terms", "source": "-", "input": {"invoice_date": "2026-01-05", "steps": ["+30D"]}}
    cases = [
        {"id": "RIGHT", **net, "expected": {"due_date": "2026-02-04"}},
        {"id": "WRONG", **net, "expected": {"due_date": "2026-02-05"}},
        {"id": "STRANGE", "area": "astrology", "source": "-", "input": {}, "expected": {"sign": "lion"}},
    ]
    (tmp_path / "some.json").write_text(json.dumps(cases), encoding="utf-8")
    return tmp_path


def test_a_failure_is_named_and_sets_the_exit_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAILED WRONG: due_date: expected '2026-02-05', got '2026-02-04'"
    assert lines[-1] == "1 passed, 1 failed, 1 unsupported"


def test_an_answer_that_is_missing_is_a_failure(folder: Path) -> None:
    case = next(run.cases([folder]))
    assert run.run({**case, "expected": {"moon": "full"}}).verdict == "failed"


def test_an_input_that_nothing_maps_is_unsupported_and_says_why(folder: Path) -> None:
    case = next(run.cases([folder]))
    assert run.run({**case, "input": {"moon": "full"}}) == (
        "RIGHT",
        "unsupported",
        "no payment terms are said by ['moon']",
    )
    lacking = run.run({**case, "input": {"period_starts": [1], "invoice_date": "2026-01-05"}})
    assert lacking.detail == "the input has no 'days', by which such cases are mapped"


def test_amounts_are_equal_by_value_and_truth_is_no_number() -> None:
    assert run.same(["1000", {"a": "5.0"}], ["1000.00", {"a": "5", "b": "6"}])
    assert not run.same(["1"], ["1", "2"])
    assert not run.same(True, 1)
    assert not run.same(None, "0")
