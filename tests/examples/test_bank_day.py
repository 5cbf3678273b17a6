"""The day at the bank of the example: every line has an end, on its own statements and on all that others published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")
pytest.importorskip("mt940", reason="the extra receivables[bank] is not installed")

from examples import bank_day as example

from receivables.errors import InvalidValue
from receivables.policies.settlement import SettlementPolicy

Find = Callable[[str], Path]


def ends(day: example.BankDay, files: list[example.BankFile], **options: bool) -> Counter[str]:
    return Counter(each.kind for file in files for each in day.run(file, **options))


def test_every_end_that_a_line_can_have_is_in_the_built_in_files() -> None:
    day, files = example.prepared([], 1)
    assert ends(day, files) == {
        "posted": 5,
        "announced": 1,
        "confirmed": 1,
        "transferred": 2,
        "in suspense": 1,
        "known": 1,
        "returned": 1,
        "return to clear": 1,
        "outgoing": 1,
        "not read": 1,
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_sums_hold_for_other_amounts(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["--seed", str(seed)]) == 0
    assert "the same files again: nothing changed" in capsys.readouterr().out


def test_a_returned_payment_leaves_its_invoice_open_again() -> None:
    day, files = example.prepared([], 1)
    day.run(files[0])
    assert "INV-2001" in day.app.view("ACME", day.today).closed
    day.run(files[1])
    assert "INV-2001" not in day.app.view("ACME", day.today).closed


def test_money_that_is_announced_is_kept_for_its_invoice() -> None:
    day, files = example.prepared([], 1)
    day.run(files[0])
    assert [(each.item, each.kind) for each in day.app.view("BETA", day.today).withheld] == [("INV-2005", "payment")]
    day.run(files[1])
    assert "INV-2005" in day.app.view("BETA", day.today).closed


def test_without_a_person_what_is_not_sure_stays_in_suspense() -> None:
    day, files = example.prepared([], 1)
    found = ends(day, files, clerk=False)
    assert (found["in suspense"], found["transferred"]) == (3, 0)
    assert len(day.app.view(example.SUSPENSE, day.today).credits) == 3


def test_where_the_settlement_policy_disagrees_the_money_waits_on_the_account_of_the_debtor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generous = SettlementPolicy(id="generous", version=1, unclaimed_granted=True)
    monkeypatch.setattr(example, "SETTLEMENT", generous)
    day, _ = example.prepared([], 1)
    invoice = next(each for each in example.built_in(1)[1] if each.number == "INV-2002")
    line = example.entry(invoice.total.minor, "Beta Handels AG", "INV-2002", "B-1")
    (outcome,) = day.run(example.read(example.document([line])), clerk=False)
    assert (outcome.kind, outcome.words) == ("on account", "on BETA")
    assert day.app.view("BETA", day.today).on_account("EUR") == invoice.total
    assert all(booked == stands for _, booked, stands in day.conserved())


def test_a_cent_that_is_missing_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example.BankDay, "conserved", lambda self: [("EUR", 1, 0)])
    assert example.main(["--quiet"]) == 1


def test_a_line_that_is_lost_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = example.BankDay.run
    monkeypatch.setattr(example.BankDay, "run", lambda self, file, **options: whole(self, file, **options)[1:])
    assert example.main(["--quiet"]) == 1


def paths(find: Find) -> list[Path]:
    folders = [find(f"bank/{family}") for family in ("camt_a", "camt_b", "mt940/mt940_tests")]
    return sorted(each for folder in folders for end in ("*.xml", "*.sta", "*.940.txt") for each in folder.rglob(end))


def test_no_line_of_a_published_file_is_lost(shared_data: Find, capsys: pytest.CaptureFixture[str]) -> None:
    """Each by itself: those that are no bank file say so, and no line is refused."""
    for path in paths(shared_data):
        assert example.main([str(path), "--quiet"]) == 0, path.name
        out = capsys.readouterr().out
        assert "refused" not in out, path.name
        assert ("not a bank file" in out) == (path.name == "invalid_statement.sta"), path.name


def test_all_published_files_together_are_one_day(shared_data: Find) -> None:
    contents = [path.read_bytes() for path in paths(shared_data) if path.name != "invalid_statement.sta"]
    day, files = example.prepared(contents, 1)
    entries = sum(len(file.lines) + sum(each.lost for each in file.problems) for file in files)
    found = ends(day, files)
    assert found.total() == entries > 250
    assert found["posted"] > 20
    assert all(booked == stands for _, booked, stands in day.conserved())


def test_what_is_no_bank_file_is_one_typed_error() -> None:
    with pytest.raises(InvalidValue):
        example.prepared([b"\x1f\x8b\x08garbage"], 1)


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main([str(tmp_path / "none.xml")]) == 0
    assert "absent: none.xml" in capsys.readouterr().out
