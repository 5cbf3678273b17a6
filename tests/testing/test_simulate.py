"""The simulator holds the real flows to the rules, finds every planted fault, and tells a short story of it."""

import subprocess
import sys

import attrs
import pytest
from tests.contracts.test_store_contract import FAULTS as PLANTED

from receivables import MemoryStore
from receivables.errors import NotUnderstood
from receivables.facts.credit import OrderHeld, OrderReserved
from receivables.testing import simulate as command
from receivables.testing.books import RULES
from receivables.testing.simulated_ports import Host
from receivables.testing.simulated_work import POLICIES, opening, script
from receivables.testing.simulation import FAULTS, Choices, Company, in_memory, simulate

MOST_SEEDS = 1_000


def first_failure(store):
    """The first seed that breaks a rule on a store; a store may also make a flow fall over in a way of its own."""
    for seed in range(MOST_SEEDS):
        outcome = simulate(Choices(seed=seed), lambda: Host(store=store()))
        if not outcome.ok:
            return outcome
    return None


def test_every_rule_holds_on_the_memory_store():
    assert [outcome.violation for outcome in command.failures(range(60))] == []


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(fault):
    found = first_failure(fault)
    assert found is not None
    assert found.violation.rule in RULES


class ReservesTwice(MemoryStore):
    """Lets an order through that was decided before another one was recorded: what a store without guards does."""

    def _check(self, commit):
        current = {id: head.version for id, head in self._heads.items()}
        fresh = tuple(attrs.evolve(guard, expected=current.get(guard.account, 0)) for guard in commit.guards)
        append = attrs.evolve(commit.append, expected=current.get(commit.append.account, 0))
        super()._check(attrs.evolve(commit, append=append, guards=fresh))


def test_a_failure_is_told_with_little_left_of_it():
    found = first_failure(ReservesTwice)
    make = lambda: Host(store=ReservesTwice())  # noqa: E731 - a factory, twice
    short = command.shrunk(found, make)
    assert short.violation.rule == found.violation.rule
    assert len(short.trace) < len(found.trace) / 3
    assert simulate(short.choices, make).trace == short.trace
    story = command.story(short)
    assert f"seed {found.choices.seed}" in story
    assert RULES[short.violation.rule] in story


def test_a_seed_is_the_same_run_every_time_and_on_every_machine():
    code = (
        "from receivables.testing.simulation import *; import hashlib;"
        "print([hashlib.sha256(repr(simulate(Choices(seed=s)).trace).encode()).hexdigest() for s in (3, 4)])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": "src", "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in ((0, "UTC"), (1, "Pacific/Kiritimati"))
    }
    assert len(runs) == 1


def test_a_piece_of_work_does_not_depend_on_those_that_are_left_out():
    assert script(5, 40)[:12] == script(5, 12)
    outcome = simulate(Choices(seed=5, without_work=frozenset({len(opening()) + 3})))
    assert outcome.ok


def test_what_is_simulated_is_worth_looking_at():
    """Every kind of fault happens, orders are approved and held, letters go out: not all of it in every seed."""
    happened, facts, letters = set(), set(), 0
    for seed in range(100):
        company = Company(Choices(seed=seed), in_memory())
        company.run()
        happened.update(fault for fault in FAULTS if any(f"[{fault}]" in line for line in company.trace))
        facts.update(type(fact).__name__ for log in company.auditor.books.logs.values() for fact in log)
        letters += len(company.auditor.letters)
    assert happened == set(FAULTS)
    assert letters > 50
    wanted = {"NoticeSent", "NoticeCancelled", "NoticeFailed", "ChargeRaised", "AllocationUndone"}
    wanted |= {"PaymentReturned", "AccountMerged", "CreditArrived", "DisputeResolved", "PromiseMade", "HoldReleased"}
    assert wanted | {OrderReserved.__name__, OrderHeld.__name__} <= facts
    assert POLICIES.policies


def broken():
    """A store that the command line is pointed at."""
    return ReservesTwice()


def test_the_command_says_what_it_found_and_exits_with_it(capsys):
    assert command.main(["--seeds", "3"]) == 0
    assert "all rules held" in capsys.readouterr().out
    named = f"{__name__}:broken"
    sys.modules.setdefault(__name__, sys.modules[__name__])
    assert command.main(["--seeds", "200", "--store", named]) == 1
    out = capsys.readouterr().out
    assert "the rule:" in out
    assert "1 broke a rule" in out


def test_a_store_is_named_by_module_and_factory():
    with pytest.raises(NotUnderstood, match="a colon"):
        command.host_of("nothing")
