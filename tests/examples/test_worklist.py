"""The desk's list of a real ledger: nobody is missed, by sums that are made a second time from the rows of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from examples import worklist as example

from receivables.reports.worklist import Worklist, merged, worklist


@pytest.fixture(scope="module")
def rows(shared_data: Callable[[str], Path]) -> example.Rows:
    """The rows of the open ledger, by account."""
    return example.read(shared_data("ledger_distributor/open_invoices.csv"))


@pytest.fixture(scope="module")
def found(rows: example.Rows) -> Worklist:
    """Everybody who needs a person."""
    return worklist(example.accounts(rows), example.DAY, example.BOOK)


def test_every_account_that_owes_enough_is_there_and_no_other(rows: example.Rows, found: Worklist) -> None:
    assert {line.account for line in found.lines} == example.wanted(rows)
    assert 50 < found.found < found.looked_at == len(rows)


def test_nobody_has_more_than_fits_and_the_rest_is_left_over(found: Worklist) -> None:
    today = found.within(example.CAPACITY)
    assert {person: len(today.of_person(person)) for person in example.CAPACITY} == example.CAPACITY
    assert len(today.lines) + len(today.left_over) == found.found
    least = min(line.worth for line in today.of_person("bob"))
    assert all(line.worth <= least for line in today.left_over if line.collector == "bob")


def test_two_treatments_are_tried_on_about_half_of_the_large_and_late_each(found: Worklist) -> None:
    tried = [line.treated for line in found.lines if line.treated is not None and line.treated.rule is not None]
    calls = sum(each.treatment.name == "calls" for each in tried)
    assert len(tried) > 30
    assert 0.3 < calls / len(tried) < 0.7


def test_lists_of_two_halves_of_the_ledger_are_the_whole(rows: example.Rows, found: Worklist) -> None:
    names = list(rows)
    halves = [{name: rows[name] for name in part} for part in (names[::2], names[1::2])]
    assert merged(worklist(example.accounts(half), example.DAY, example.BOOK) for half in halves) == found


def test_the_example_prints_the_list_and_says_that_nobody_was_missed(
    rows: example.Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main([]) == 0
    out = capsys.readouterr().out
    assert "need a person" in out
    assert "missed or too many: 0" in out


def test_without_the_ledger_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["nowhere.csv"]) == 2
    assert "absent" in capsys.readouterr().out
