"""Ninety days of the real ledger: every promise holds on a sample, and each check would see that one was broken."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from receivables.facts.charge import ChargeRaised, ChargeReversed

ROOT = Path(__file__).parents[2]
LEDGER = ROOT.parent / "shared" / "data" / "ledger_distributor" / "open_invoices.csv"

needs_ledger = pytest.mark.skipif(not LEDGER.exists(), reason="../shared/data/ledger_distributor is not here")


def load_example() -> ModuleType:
    """The example, with its folder in reach while it imports its neighbor."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("ninety_days")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()


def wrong(found: Any) -> dict[str, list[str]]:
    return {says: problems for says, check in example.CHECKS.items() if (problems := list(check(found)))}


@needs_ledger
def test_ninety_days_of_sixty_customers_keep_every_promise(capsys: pytest.CaptureFixture[str]) -> None:
    status = example.main([str(LEDGER), "--customers", "60", "--seed", "1"])
    out = capsys.readouterr().out
    assert status == 0, out
    assert out.count("ok     ") == len(example.CHECKS)
    assert "FAILED" not in out
    assert "958 invoices, 90 days" in out


@pytest.fixture(scope="module")
def found() -> Any:
    """Ninety days of the seeded ledger."""
    return example.ninety_days(example.rows_of(None, None, 1), 1, lambda line: None)


def test_the_ninety_days_have_all_that_they_are_to_prove(found: Any) -> None:
    """Every step, both charges, holds, backdated payments, retractions: what did not happen was not tested."""
    assert wrong(found) == {}
    notices = found.engine.notifier.notices
    assert {line.step for notice in notices for line in notice.claimed} == set(example.STEPS)
    assert {charge.kind for notice in notices for charge in notice.charges} == {"fee", "interest"}
    assert {"full", "part", "backdated", "hold"} <= found.world.count.keys()
    assert any(notice.retracts for notice in notices)
    assert len(found.weeks) == 13
    assert sum(week.touched for week in found.weeks) * 4 < sum(week.accounts for week in found.weeks)


def test_the_same_seed_gives_the_same_days(found: Any) -> None:
    again = example.ninety_days(example.rows_of(None, None, 1), 1, lambda line: None)
    assert [str(week) for week in again.weeks] == [str(week) for week in found.weeks]


def at_step(found: Any, step: str) -> int:
    notices = found.engine.notifier.notices
    return next(at for at, each in enumerate(notices) if each.claimed and each.claimed[0].step == step)


@pytest.fixture
def broken(found: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Any]], dict[str, list[str]]]:
    """What the checks say if these had been the letters."""

    def with_letters(notices: list[Any]) -> dict[str, list[str]]:
        monkeypatch.setattr(found.engine.notifier, "notices", notices)
        return wrong(found)

    return with_letters


def test_a_letter_that_was_sent_twice_would_be_seen(found: Any, broken: Any) -> None:
    notices = found.engine.notifier.notices
    assert "no step key was sent twice" in broken([*notices, notices[0]])


def test_a_step_that_was_skipped_would_be_seen(found: Any, broken: Any) -> None:
    notices, at = found.engine.notifier.notices, at_step(found, "second")
    assert "no step was skipped, too early or too close" in broken(notices[:at] + notices[at + 1 :])


def test_a_letter_that_came_too_early_would_be_seen(found: Any, broken: Any) -> None:
    notices = found.engine.notifier.notices
    early = attrs.evolve(notices[0], as_of=notices[0].claimed[0].due_on + dt.timedelta(days=6))
    assert "no step was skipped, too early or too close" in broken([early, *notices[1:]])


def test_an_account_that_sleeps_too_long_would_be_seen(found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    last = example.FIRST + dt.timedelta(days=example.DAYS - 1)
    assert not list(example.every_overdue_item_has_a_next_action(found.engine, last))
    monkeypatch.setattr(found.engine, "due", lambda day: iter(()))
    assert list(example.every_overdue_item_has_a_next_action(found.engine, last))


def test_a_day_that_was_not_run_would_be_seen(found: Any) -> None:
    later = example.FIRST + dt.timedelta(days=example.DAYS + 20)
    assert list(example.every_overdue_item_has_a_next_action(found.engine, later))


def test_a_fact_or_a_letter_that_only_one_run_has_would_be_seen(found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "facts and letters are those of a run over all accounts"
    last = list(found.engine.app.accounts())[-1]
    facts = found.other.store.facts
    monkeypatch.setattr(found.other.store, "facts", lambda id: facts(id)[:-1] if id == last else facts(id))
    assert wrong(found)[says] == [f"other facts: {last}"]
    monkeypatch.setattr(found.other.notifier, "notices", found.other.notifier.notices[:-1])
    assert len(wrong(found)[says]) == 2


@pytest.mark.parametrize("cents", [1, -1])
def test_interest_that_is_a_cent_off_would_be_seen(found: Any, broken: Any, cents: int) -> None:
    notices, at = found.engine.notifier.notices, at_step(found, "second")
    line = notices[at].claimed[0]
    fee, interest = line.charges
    charge = attrs.evolve(interest, amount=attrs.evolve(interest.amount, minor=interest.amount.minor + cents))
    off = attrs.evolve(notices[at], lines=(attrs.evolve(line, charges=(fee, charge)), *notices[at].lines[1:]))
    assert "fees once per item and step, interest as by hand" in broken([*notices[:at], off, *notices[at + 1 :]])


def test_what_the_letters_claim_is_what_was_raised(found: Any) -> None:
    """The charges on the accounts are those of the letters that went out, each once."""
    store = found.engine.store
    raised = [
        fact.charge for id in found.engine.app.accounts() for fact in store.facts(id) if isinstance(fact, ChargeRaised)
    ]
    claimed = [charge for _, line in example.sent_lines(found.engine) for charge in line.charges]
    assert sorted(map(str, raised)) == sorted(map(str, claimed))
    assert len(raised) > 100


def test_interest_is_corrected_as_if_every_item_were_looked_at(found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The consequence looks only at items whose interest may have changed: a look at all finds nothing more."""
    monkeypatch.setattr("receivables.plans.charges._may_have_changed", lambda account, claims_of: list(claims_of))
    thorough = example.ninety_days(example.rows_of(None, None, 1), 1, lambda line: None)
    ids = list(thorough.engine.app.accounts())
    assert [thorough.engine.store.facts(id) for id in ids] == [found.engine.store.facts(id) for id in ids]
    assert any(isinstance(fact, ChargeReversed) for id in ids for fact in thorough.engine.store.facts(id))
