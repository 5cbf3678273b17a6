"""The main job on real input: the figures of two published ledgers to the cent, and what happens to rows that are wrong."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from receivables import MemoryStore, Receivables
from receivables.testing import FixedClock, RecordingNotifier

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
DISTRIBUTOR = DATA / "ledger_distributor"
IBM = DATA / "ledger_ibm"

needs_distributor = pytest.mark.skipif(not DISTRIBUTOR.exists(), reason="../shared/data/ledger_distributor is not here")
needs_ibm = pytest.mark.skipif(not IBM.exists(), reason="../shared/data/ledger_ibm is not here")


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("daily_run", ROOT / "examples" / "daily_run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["daily_run"] = module
    spec.loader.exec_module(module)
    return module


daily_run = load_example()


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = daily_run.main([*arguments, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return status, found


@needs_distributor
def test_the_distributors_aging_is_its_published_one_to_the_cent(capsys: pytest.CaptureFixture[str]) -> None:
    truth = json.loads((DISTRIBUTOR / "truth.json").read_text())["2020-04-15"]
    status, found = run_json(capsys, str(DISTRIBUTOR / "open_invoices.csv"), "--as-of", "2020-04-15")
    assert status == 0
    assert found["problems"] == []
    assert found["as_of"] == "2020-04-15"
    assert len(found["customers"]) == truth["customer_count"]
    assert found["aging"].keys() == truth["totals"].keys()
    for currency, total in truth["totals"].items():
        assert found["aging"][currency]["count"] == total["count"]
        assert_entry(found["aging"][currency], total)
    for customer, currencies in truth["customers"].items():
        for currency, total in currencies.items():
            assert_entry(found["customers"][customer][currency], total)


@needs_ibm
@pytest.mark.parametrize("as_of", ["2012-12-31", "2013-06-30"])
def test_the_other_ledgers_balance_and_buckets_are_its_published_ones(
    capsys: pytest.CaptureFixture[str], as_of: str
) -> None:
    truth = json.loads((IBM / "truth.json").read_text(), parse_float=Decimal)["asof"][as_of]
    status, found = run_json(capsys, str(IBM / "invoices.csv"), "--profile", "ibm", "--as-of", as_of)
    assert status == 0
    total = truth["total"]
    assert found["aging"]["USD"]["count"] == total["open_count"]
    assert_entry(found["aging"]["USD"], {"open": total["open_total"], "buckets": total["buckets"]})
    assert sum(total["bucket_counts"].values()) == found["aging"]["USD"]["count"]
    for customer, figures in truth["customers"].items():
        entry = found["customers"].get(customer, {}).get("USD", {"open": "0", "buckets": {}})
        assert_entry(entry, {"open": figures["open_total"], "buckets": figures["buckets"]})


def assert_entry(found: dict[str, Any], truth: dict[str, Any]) -> None:
    assert Decimal(found["open"]) == Decimal(truth["open"])
    for name in {*found["buckets"], *truth["buckets"]}:
        assert Decimal(found["buckets"].get(name, "0")) == Decimal(truth["buckets"].get(name, "0")), name


HEADER = "business_code,cust_number,doc_id,posting_date,due_in_date,amount,currency"
GOOD = "U001,ACME,1001,2026-01-05,2026-02-04,1200.00,EUR"


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ("U001,ACME,1002,2026-02-30,2026-03-04,10.00,EUR", "posting_date", "2026-02-30"),
        ("U001,ACME,1002,2026-02-01,,10.00,EUR", "due_in_date", "''"),
        ("U001,ACME,1002,2026-01-05,2026-02-04,ten,EUR", "amount", "'ten'"),
        ("U001,ACME,1002,2026-01-05,2026-02-04,1.234,EUR", "amount", "1.234"),
        ("U001,ACME,1002,2026-01-05,2026-02-04,nan,EUR", "amount", "'nan'"),
        ("U001,ACME,1002,2026-01-05,2026-02-04,-10.00,EUR", "amount", "-10.00 EUR"),
        ("U001,ACME,1002,2026-01-05,2026-02-04,10.00,XYZ", "currency", "'XYZ'"),
        ("U001,,1002,2026-01-05,2026-02-04,10.00,EUR", "cust_number", "is empty"),
        ("U001,ACME,1001,2026-01-05,2026-02-04,10.00,EUR", "doc_id", "1001"),
        ("U001,OTHER,1001,2026-01-05,2026-02-04,10.00,EUR", "doc_id", "U001/1001"),
        ("U001,ACME", "doc_id", "is empty"),
    ],
)
def test_a_row_that_cannot_be_right_is_listed_and_the_good_ones_are_processed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, row: str, field: str, said: str
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text(f"{HEADER}\n{GOOD}\n{row}\nU001,LAST,1003,2026-01-05,2026-02-04,5.00,EUR\n")
    status, found = run_json(capsys, str(ledger), "--as-of", "2026-03-01")
    assert status == 1
    assert found["aging"]["EUR"]["open"] == "1205.00"
    assert [(each["line"], each["field"]) for each in found["problems"]] == [(3, field)]
    assert said in found["problems"][0]["reason"]


def test_a_file_without_the_columns_is_a_problem_and_not_an_empty_success(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("a,b\n1,2\n")
    status, found = run_json(capsys, str(ledger))
    assert status == 1
    assert found["problems"][0]["reason"] == "column is missing"


def test_a_ledger_of_ones_own_has_seven_plain_columns(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ledger = tmp_path / "mine.csv"
    ledger.write_text(
        "customer,invoice,issued,due,amount,currency,paid\n"
        "ACME,INV-1,2026-01-05,2026-02-04,1200.00,EUR,\n"
        "ACME,INV-2,2026-01-05,2026-02-04,80.00,EUR,2026-02-01\n"
        "GLOBEX,INV-3,2026-02-20,2026-03-22,9000,JPY,\n"
        "GLOBEX,INV-4,2026-02-20,2026-03-22,1,JPY,soon\n"
    )
    status, found = run_json(capsys, str(ledger), "--profile", "plain", "--as-of", "2026-03-01")
    assert status == 1
    assert {code: line["open"] for code, line in found["aging"].items()} == {"EUR": "1200.00", "JPY": "9000"}
    assert found["problems"] == [{"line": 5, "field": "paid", "reason": "is no date: 'soon'"}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.csv", "--as-of", "2026-03-01"), "there is no file nothing.csv"),
        (("nothing.csv", "--profile", "plain"), "--as-of is needed with --profile plain"),
        (("--as-of", "yesterday"), "is no date YYYY-MM-DD: 'yesterday'"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        daily_run.main([*arguments])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_the_seeded_ledger_runs_and_a_second_run_of_the_day_queues_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert daily_run.main([]) == 0
    out = capsys.readouterr().out
    assert "second run of the same day: 0 notices" in out
    assert "credit limits exceeded" in out


@needs_distributor
def test_thirty_days_one_by_one_never_send_a_step_twice_and_skip_none() -> None:
    profile = daily_run.PROFILES["distributor"]
    with (DISTRIBUTOR / "open_invoices.csv").open(newline="") as lines:
        rows = [row for row in daily_run.read_ledger(lines, profile) if isinstance(row, daily_run.Row)]
    assert len(rows) == 18_561
    first = dt.date(2020, 4, 1)
    store, notifier, clock = MemoryStore(), RecordingNotifier(), FixedClock.on(first)
    app = Receivables(store=store, notifier=notifier, clock=clock, policies=daily_run.POLICIES)
    assert list(daily_run.record(app, rows, profile, "5000000", daily_run.Progress())) == []
    for offset in range(30):
        day = first + dt.timedelta(days=offset)
        clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)
        for _ in range(2):
            assert [result.error for result in app.run_dunning(day) if result.error] == []
            assert {result.outcome for result in app.deliver()} <= {"sent"}
    keys = [line.key for notice in notifier.notices for line in notice.claimed]
    assert len(keys) == len(set(keys))
    assert_steps_in_order(notifier)
    last = first + dt.timedelta(days=29)
    assert_every_reached_item_was_dunned(app, last, {line.item for n in notifier.notices for line in n.claimed})


def assert_steps_in_order(notifier: RecordingNotifier) -> None:
    """Each item climbs one step at a time, at least a week apart, and no two on one day."""
    steps = ["reminder", "second", "final"]
    taken: dict[str, list[tuple[dt.date, str | None]]] = {}
    for notice in notifier.notices:
        for line in notice.claimed:
            taken.setdefault(f"{notice.account} {line.item}", []).append((notice.as_of, line.step))
    for climbed in taken.values():
        assert [step for _, step in climbed] == steps[: len(climbed)]
        days = [day for day, _ in climbed]
        assert all((later - earlier).days >= 7 for earlier, later in pairwise(days))
    assert max(map(len, taken.values())) == 3


def assert_every_reached_item_was_dunned(app: Receivables, day: dt.date, dunned: set[str]) -> None:
    for id in app.accounts():
        for book in app.view(id, day).books:
            for item in book.items:
                assert item.due_on is not None
                reached = (day - item.due_on).days >= 7
                assert (item.id in dunned) == reached, (id, item)
