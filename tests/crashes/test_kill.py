"""SIGKILL at random moments, on SQLite and on PostgreSQL: nothing is lost, nothing is there twice.

How often: ``KILLS``, 20 unless it says otherwise; `.ci/long` asks for 200. See `tests.crashes.drive` for the worker.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "20"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked, which this system cannot")


def drive(*words, **options):
    more = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "tests.crashes.drive", *map(str, words), *more],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60 + 10 * KILLS,
        check=False,
    )


def told(done):
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    if request.param == "sqlite":
        return "sqlite", tmp_path / "db"
    postgres = request.getfixturevalue("postgres")
    return "postgresql", postgres.dsn, postgres.fresh()


def test_a_worker_that_is_killed_again_and_again_records_what_one_that_lives_records(where, tmp_path):
    box = tmp_path / "box"
    box.mkdir()
    found = told(drive("kill", *where, folder=box, kills=KILLS, seed=KILLS))
    assert found["kills"] == KILLS
    assert found["wrong"] == []
    assert not found["letters_wrong"]
    assert found["letters"] > 0
    assert found["attempts"] >= found["letters"]


def test_half_a_commit_would_be_found(tmp_path):
    """The same worker on a host that commits each statement by itself does not come through."""
    done = drive("kill", "torn", tmp_path / "db", folder=tmp_path, kills=60, seed=1)
    assert done.returncode != 0 or json.loads(done.stdout)["wrong"]


def test_eight_processes_together_never_exceed_a_limit(where):
    """Eleven orders of 90 fit into 1000; 37 are held. Each order is decided once, and nobody tries for ever."""
    found = told(drive("race", *where, workers=8, orders=6))
    assert found["codes"] == [0] * 8
    assert (found["reserved"], found["held"]) == (11, 37)
