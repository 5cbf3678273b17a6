"""A host's code has the types that the documentation promises, under mypy and under pyright."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOST = Path(__file__).with_name("host.py")
SOURCE = HOST.parents[2] / "src"


def run(tool: str, folder: Path, *arguments: str) -> str:
    """What a type checker says, started where no settings of this project reach it; skips where it is not installed."""
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed")
    command = [sys.executable, "-m", tool, *arguments]
    environment = {**os.environ, "MYPYPATH": str(SOURCE)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.stdout + done.stderr


def mypy(host: Path, folder: Path) -> str:
    return run("mypy", folder, "--strict", "--warn-unused-ignores", "--config-file=", "--cache-dir=cache", str(host))


def pyright(host: Path, folder: Path) -> str:
    settings = {
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "enableTypeIgnoreComments": False,
        "pythonVersion": "3.11",
        "include": [str(host)],
        "extraPaths": [str(SOURCE)],
    }
    file = folder / "pyrightconfig.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    return run("pyright", folder, "--pythonpath", sys.executable, "--project", str(file))


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_sees_what_is_promised_and_finds_each_mistake(checker, tmp_path):
    said = checker(HOST, tmp_path)
    assert "Success: no issues found in 1 source file" in said or "0 errors" in said, said


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_refuses_the_same_code_without_its_ignores(checker, tmp_path):
    """Were the library seen as untyped, anything would pass."""
    wrong = [line.split("  # type: ignore")[0] for line in HOST.read_text(encoding="utf-8").splitlines()]
    (tmp_path / "host.py").write_text("\n".join(wrong), encoding="utf-8")
    said = checker(tmp_path / "host.py", tmp_path)
    expected = sum("# type: ignore" in line for line in HOST.read_text(encoding="utf-8").splitlines())
    assert said.count("error:") - said.count("unused-expression") >= expected or f"{expected} error" in said, said
