"""The long search: ``PYTHONPATH=src python -m tests.fuzz.run --inputs 1000000`` gives each reader a million inputs.

``python -m tests.fuzz.run codec --first 17 --inputs 1 --show`` shows the input of a seed. Memory is bounded for the whole process: a
reader that takes more dies, and the seed is the one after the last that was counted.
"""

import argparse
import resource
import sys
import time

from tests.fuzz.targets import TARGETS, attempt, shown

MEMORY = 1 << 30
"""How much memory the process may take, in bytes."""


def search(name: str, first: int, inputs: int) -> int:
    """The number of inputs that failed; each is said."""
    began, taken, failed = time.perf_counter(), 0, 0
    for seed in range(first, first + inputs):
        try:
            taken += attempt(name, seed)
        except AssertionError as error:
            failed += 1
            print(error, flush=True)
            if failed >= 20:
                print(f"{name}: stopped at seed {seed}")
                return failed
        if (done := seed - first + 1) % 100_000 == 0:
            print(f"{name}: {done} inputs, {taken} taken, {time.perf_counter() - began:.0f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    spent = time.perf_counter() - began
    print(
        f"{name}: {inputs} inputs from seed {first}, {taken} taken, {failed} failed, {spent:.0f} s, at most {peak} MB"
    )
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", default=sorted(TARGETS))
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    if args.show:
        print(*(shown(name, args.first) for name in args.readers), sep="\n\n")
        return 0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    return sum(search(name, args.first, args.inputs) for name in args.readers)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
