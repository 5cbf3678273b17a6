"""Runs the reference cases: ``python tests/cases/run.py [DIR ...]``, by default the copies beside this file.

A case is an input and an expected output from a law, a standard, a textbook or another system's test suite. Its area
names a module in ``areas`` whose ``answer(case)`` maps the input onto the public API and gives back what came out,
under the names of the expected output. The runner compares; it knows nothing of the answers.

One line is printed for each failure, and a last line with the totals; the exit status is 1 on a failure. With
``--unsupported`` the cases that the library cannot express are printed, as they stand in ``unsupported.md``.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
sys.path[:0] = [folder for folder in (str(HERE.parents[1]), str(HERE.parents[1] / "src")) if folder not in sys.path]

from tests.cases.unsupported import Unsupported  # noqa: E402

from receivables.errors import ReceivablesError  # noqa: E402

Case = dict[str, Any]


class Result(NamedTuple):
    """What became of one case."""

    id: str
    verdict: str
    detail: str


def cases(folders: Iterable[Path]) -> Iterator[Case]:
    """Every case of every JSON file in the folders, in the order of the files."""
    for folder in folders:
        if not folder.is_dir():
            raise SystemExit(f"{folder}: no such folder")
        for file in sorted(folder.glob("*.json")):
            content = json.loads(file.read_text(encoding="utf-8"))
            yield from content["cases"] if isinstance(content, dict) else content


def run(case: Case) -> Result:
    """Answer one case and compare."""
    try:
        actual = answer(case)
    except Unsupported as reason:
        return Result(case["id"], "unsupported", str(reason))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        if isinstance(error, KeyError) and HERE in Path(place.filename).parents:
            return Result(case["id"], "unsupported", f"the input has no {error}, by which such cases are mapped")
        where = f"{Path(place.filename).name}:{place.lineno}"
        return Result(case["id"], "failed", f"{type(error).__name__}: {error} ({where})")
    differences = list(compare(case, actual))
    return Result(case["id"], "failed" if differences else "passed", "; ".join(differences))


def answer(case: Case) -> dict[str, Any]:
    """What the library says; a refusal by the library is an answer as well."""
    name = case["area"]
    if not name.isidentifier() or not (HERE / "areas" / f"{name}.py").is_file():
        raise Unsupported(f"the area {name} is not mapped yet")
    area = importlib.import_module(f"tests.cases.areas.{name}")
    try:
        result: dict[str, Any] = area.answer(case)
    except ReceivablesError as refusal:
        return {"error": "validation", "message": str(refusal)}
    return result


def compare(case: Case, actual: dict[str, Any]) -> Iterator[str]:
    """What differs. Keys that the case does not vouch for are compared only where the library has an answer."""
    vouched = case.get("checked_keys") or case["expected"]
    for key, expected in case["expected"].items():
        if key not in actual and key in vouched:
            yield f"{key}: expected {expected!r}, got nothing ({_shown(actual)})"
        elif key in actual and not same(expected, actual[key]):
            yield f"{key}: expected {expected!r}, got {actual[key]!r}"


def same(expected: Any, actual: Any) -> bool:
    """Equal, where amounts are equal by value, and lists and records by their members."""
    if isinstance(expected, list):
        pairs = zip(expected, actual, strict=False) if isinstance(actual, list | tuple) else ()
        return isinstance(actual, list | tuple) and len(expected) == len(actual) and all(same(a, b) for a, b in pairs)
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(key in actual and same(expected[key], actual[key]) for key in expected)
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
        return expected is actual
    left, right = _number(expected), _number(actual)
    return str(expected) == str(actual) if left is None or right is None else left == right


def unsupported_page(results: Iterable[Result]) -> str:
    """The text of ``unsupported.md``."""
    rows = [f"| {result.id} | {result.detail} |" for result in results if result.verdict == "unsupported"]
    head = [
        "# Reference cases that the library cannot express",
        "",
        "Written by `python tests/cases/run.py --unsupported > tests/cases/unsupported.md`; a test keeps it true.",
        "",
        "| case | reason |",
        "|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def main(arguments: list[str]) -> int:
    """The command."""
    folders = [Path(argument) for argument in arguments if not argument.startswith("--")] or [DATA]
    results = [run(case) for case in cases(folders)]
    if "--unsupported" in arguments:
        print(unsupported_page(results), end="")
        return 0
    failures = [result for result in results if result.verdict == "failed"]
    for result in failures:
        print(f"FAILED {result.id}: {result.detail}")
    counts = [sum(result.verdict == verdict for result in results) for verdict in ("passed", "failed", "unsupported")]
    print("{} passed, {} failed, {} unsupported".format(*counts))
    return 1 if failures else 0


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _shown(actual: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in actual.items()) or "no answer at all"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
