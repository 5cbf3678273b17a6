"""Bank lines of the real ledger: nothing is posted falsely, and the example would say so if it were."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from examples import match_payments as example

SEED = 1


@pytest.fixture(scope="module")
def found(shared_data: Callable[[str], Path]) -> example.Run:
    """Sixty customers, every damage among their lines."""
    path = shared_data("ledger_distributor/closed_invoices.csv")
    dice = random.Random(SEED)
    rows = example.rows_of(example.read(path, 60, SEED), dice)
    lines = example.lines_of(rows, {name: rate for name, (rate, _) in example.RATES.items()}, dice)
    return example.run(rows, lines)


def test_sixty_customers_are_matched_without_a_false_posting(
    shared_data: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_data("ledger_distributor/closed_invoices.csv")
    assert example.main([str(path), "--customers", "60"]) == 0
    assert "FAILED" not in capsys.readouterr().out


def test_every_damage_is_there_to_be_judged(found: example.Run) -> None:
    assert {verdict.line.damage for verdict in found.verdicts} == {"clean", *example.RATES}
    assert found.same_line > 0


def test_lost_references_and_unknown_payers_are_left_to_a_human(found: example.Run) -> None:
    suggested = {*example.LOST, "wrong_payer", "short", "late_discount"}
    posted = {each.line.damage for each in found.verdicts if each.posted is not None}
    assert not posted & suggested


def test_a_second_payment_of_an_invoice_is_never_posted(found: example.Run) -> None:
    again = [verdict for verdict in found.verdicts if not verdict.line.parts]
    assert again
    assert all(verdict.posted is None for verdict in again)
    told = [each.reason.code for verdict in again for each in verdict.proposals.passed_over]
    assert told.count("settled") >= 0.9 * len(again)


def test_a_posting_that_is_not_the_truth_fails_the_run(found: example.Run) -> None:
    at, verdict = next((at, each) for at, each in enumerate(found.verdicts) if each.posted is not None)
    wrong = found.verdicts.copy()
    wrong[at] = verdict._replace(line=verdict.line._replace(parts={"another": 1}))
    assert [good for good, _ in example.promises(found)] == [True, True]
    assert [good for good, _ in example.promises(found._replace(verdicts=wrong))] == [False, True]


def test_the_matcher_gets_nothing_that_tells_the_truth(found: example.Run) -> None:
    """The payment stands in suspense, under an id in the order of the lines, and names no account."""
    for verdict in found.verdicts:
        told = attrs.evolve(verdict.line.payment, remittance=example.Remittance())
        assert told.account == "SUSPENSE"
        assert not any(item in str(told) for item in verdict.line.parts)


def test_without_the_ledger_the_example_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main([str(tmp_path / "none.csv")]) == 0
    assert "absent" in capsys.readouterr().out
