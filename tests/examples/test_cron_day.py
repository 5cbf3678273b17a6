"""The cron job is done once, however often it is killed and started again, and however many of it run at once."""

import csv
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from receivables.stores.dbapi import DbapiStore

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "cron_day.py"
ENVIRONMENT = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"}
KILLS = 20


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The invoices and the statement that the script makes for itself."""
    folder = tmp_path_factory.mktemp("company")
    code = (
        "import datetime as dt, sys; from pathlib import Path;"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r});"
        f"import cron_day; cron_day.company(Path({str(folder)!r}), dt.date(2026, 3, 2))"
    )
    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True)
    return folder


def command(company, folder):
    return [
        *(sys.executable, SCRIPT, "--db", folder / "ar.db", "--out", folder / "outbox"),
        *("--invoices", company / "invoices.csv", "--bank", company / "statement.xml"),
    ]


def run(company, folder):
    done = subprocess.run(
        command(company, folder), env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kept(folder):
    """Everything that a day leaves: the facts without their instants, the letters, the aging."""
    connection = sqlite3.connect(folder / "ar.db")
    store = DbapiStore(connection)
    facts = {id: [type(fact).__name__ for fact in store.history(id, 0, 1_000)] for id in store.accounts("", 1_000)}
    connection.close()
    letters = {path.name: path.read_text(encoding="utf-8") for path in (folder / "outbox").glob("*.txt")}
    with (folder / "outbox" / "aging.csv").open(encoding="utf-8", newline="") as rows:
        return facts, letters, list(csv.DictReader(rows))


def settled(found):
    """Without the further attempts on a letter: who finds one begun asks again, under the same key."""
    facts, letters, ages = found
    once = {id: [name for name in names if name != "NoticeSending"] for id, names in facts.items()}
    return once, letters, ages


@pytest.fixture(scope="module")
def undisturbed(company, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    run(company, folder)
    return kept(folder)


def test_a_day_posts_what_is_sure_and_keeps_the_rest_for_a_person(undisturbed):
    facts, letters, ages = undisturbed
    assert len(letters) == 8
    assert facts["suspense"].count("PaymentReceived") == 2
    assert sum(names.count("AllocationMade") for names in facts.values()) == 16
    (suspense,) = [row for row in ages if row["account"] == "suspense"]
    assert suspense["on account"] == "110.00"


def test_the_same_day_again_changes_nothing(company, tmp_path):
    run(company, tmp_path)
    before = kept(tmp_path)
    run(company, tmp_path)
    assert kept(tmp_path) == before


def test_killed_at_any_moment_and_started_again_it_is_done_once(company, tmp_path, undisturbed):
    dice = random.Random(20260302)
    measured = tmp_path / "measured"
    measured.mkdir()
    began = time.monotonic()
    run(company, measured)
    whole = time.monotonic() - began
    killed = 0
    folder = tmp_path / "killed"
    folder.mkdir()
    for _ in range(KILLS):
        began = time.monotonic()
        worker = subprocess.Popen(
            command(company, folder), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            worker.wait(timeout=dice.uniform(0.3, 1.0) * whole)
            whole = min(whole, time.monotonic() - began)  # the machine was busier when it was measured
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
            killed += 1
        worker.wait()
    run(company, folder)
    assert killed > KILLS / 4, "hardly any was killed"
    assert settled(kept(folder)) == settled(undisturbed)


def test_two_at_once_do_what_one_does(company, tmp_path, undisturbed):
    workers = [
        subprocess.Popen(command(company, tmp_path), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    assert settled(kept(tmp_path)) == settled(undisturbed)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--bank", tmp_path / "none.xml"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such file" in done.stderr
