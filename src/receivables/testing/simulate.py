"""Simulates a company on a store, seed after seed: ``python -m receivables.testing.simulate --seeds 1000``.

Each seed is a schedule of `receivables.testing.simulation`: several workers, the real flows, and everything that can go
wrong between them. A seed that breaks a rule is run again and again with something left out, until nothing more can be;
what remains is printed, call by call. The exit status is 1 where a rule was broken.

``--store package.module:factory`` names a callable that gives a fresh store, or a
`receivables.testing.simulated_ports.Host` with the transaction that the store needs.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve

from receivables.errors import NotUnderstood
from receivables.testing.books import RULES
from receivables.testing.simulated_ports import Host, in_memory
from receivables.testing.simulated_work import opening
from receivables.testing.simulation import FAULTS, Choices, Outcome, simulate

MOST_SHRINKS = 200
"""How many things are left out of a failure at most."""

ORDERS = 6
"""In how many orders what is left is tried: to leave something out moves everything after it."""

MakeHost = Callable[[], Host]


def failures(seeds: Sequence[int], make_host: MakeHost = in_memory, length: int = 30) -> Iterator[Outcome]:
    """The outcomes of the seeds that break a rule.

    >>> list(failures(range(3), length=10))
    []
    """
    for seed in seeds:
        outcome = simulate(Choices(seed=seed, length=length), make_host)
        if not outcome.ok:
            yield outcome


def shrunk(outcome: Outcome, make_host: MakeHost = in_memory) -> Outcome:
    """A run that breaks the same rule with as little as was found: kinds of faults, pieces of work, single faults.

    Each thing that is left out is left out for good where the rule is broken still; bounded by `MOST_SHRINKS` runs.
    """
    best = outcome
    for _ in range(MOST_SHRINKS):
        shorter = next(_shorter(best, make_host), None)
        if shorter is None:
            return best
        best = shorter
    return best


def _shorter(best: Outcome, make_host: MakeHost) -> Iterator[Outcome]:
    assert best.violation is not None
    for choices in _less(best):
        for order in range(ORDERS):
            found = _tried(evolve(choices, order=order), make_host)
            if found is not None and found.violation is not None and found.violation.rule == best.violation.rule:
                yield found


def _tried(choices: Choices, make_host: MakeHost) -> Outcome | None:
    """The outcome of a run; a broken store may make it fall over in ways of its own once something is left out."""
    try:
        return simulate(choices, make_host)
    except Exception:
        return None


def _less(outcome: Outcome) -> Iterator[Choices]:
    """What the same run would be with one thing less; large things first."""
    choices = outcome.choices
    first = len(opening())
    if choices.length > 1:
        yield from (evolve(choices, length=choices.length * part // 8) for part in (4, 6, 7))
        yield evolve(choices, length=choices.length - 1)
    yield from (evolve(choices, faults=choices.faults - {fault}) for fault in sorted(choices.faults))
    for number in range(first + choices.length - 1, first - 1, -1):
        if number not in choices.without_work:
            yield evolve(choices, without_work=choices.without_work | {number})
    if choices.workers > 1:
        yield evolve(choices, workers=choices.workers - 1)
    for step in sorted(outcome.happened, reverse=True):
        yield evolve(choices, without_faults=choices.without_faults | {step})


def story(outcome: Outcome) -> str:
    """A failing run in words: the rule, what was seen, how to run it again, and what happened."""
    choices, violation = outcome.choices, outcome.violation
    assert violation is not None
    head = (
        f"seed {choices.seed}: {violation}",
        f"the rule: {RULES[violation.rule]}",
        f"what is left of it: {choices}",
    )
    return "\n".join((*head, *outcome.trace, f"      and then: {violation}"))


def host_of(name: str) -> MakeHost:
    """The factory that ``package.module:factory`` names; raises `NotUnderstood` where there is none."""
    module, colon, factory = name.partition(":")
    if not colon:
        raise NotUnderstood(name, len(name), "a colon and the name of a factory")
    found: Callable[[], Any] = getattr(importlib.import_module(module), factory)

    def make() -> Host:
        made = found()
        return made if isinstance(made, Host) else Host(store=made)

    return make


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments say, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m receivables.testing.simulate", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="how many seeds to run (200)")
    parser.add_argument("--first", type=int, default=0, metavar="M", help="the first seed (0)")
    parser.add_argument("--length", type=int, default=30, metavar="L", help="pieces of work per seed (30)")
    parser.add_argument(
        "--store", metavar="MODULE:FACTORY", help="what makes a fresh store; the memory store without it"
    )
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first seed that breaks a rule")
    asked = parser.parse_args(arguments)
    make_host = host_of(asked.store) if asked.store else in_memory
    broken = 0
    for outcome in failures(range(asked.first, asked.first + asked.seeds), make_host, asked.length):
        broken += 1
        print(story(shrunk(outcome, make_host)))
        if not asked.keep_going:
            break
    word = "all rules held" if not broken else f"{broken} broke a rule"
    print(f"seeds {asked.first} to {asked.first + asked.seeds - 1}, {len(FAULTS)} kinds of faults: {word}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
