"""The payment terms of a real ledger: every due date from its baseline, and the misfits that no rule can know."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import real_terms

from receivables.documents.terms import PaymentTerms


@pytest.fixture(scope="module")
def rows(shared_data: Callable[[str], Path]) -> list[real_terms.Row]:
    return real_terms.read(shared_data("ledger_distributor/open_invoices.csv"))


def test_every_row_falls_due_when_the_ledger_says(rows: list[real_terms.Row]) -> None:
    assert len(rows) == 18_561
    assert {row.code for row in rows} == set(real_terms.TERMS)
    assert real_terms.examine(rows)[0].misfits == ()


def test_what_the_posting_date_does_not_give_was_entered_late(rows: list[real_terms.Row]) -> None:
    report = real_terms.examine(rows)[1]
    assert report.rows == 17_177
    assert Counter(row.code for row in report.misfits) == {"NAM4": 18, "NAM2": 16, "NAM3": 3, "NA32": 3, "NAM1": 2}
    assert all(row.baseline_on < real_terms.start_by_rule(row) for row in report.misfits)


def test_there_are_47_codes_and_each_can_be_written_down() -> None:
    assert len(real_terms.TERMS) == 47
    assert all(PaymentTerms.parse(str(terms)) == terms for terms in real_terms.TERMS.values())


def test_without_the_ledger_the_example_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert real_terms.main([str(tmp_path / "none.csv")]) == 0
    assert "absent" in capsys.readouterr().out
