"""Mutation testing of the core layers; ``.ci/mutate`` says how it is called."""

import argparse
import json
import math
import multiprocessing
import os
import pickle
import random
import sys
import time
from collections import Counter
from pathlib import Path

from mutate_mutants import LIBRARY, Mutant, mutants, mutated, patch
from mutate_run import Verdict, afresh, run
from mutate_tests import KEPT, PACKAGES, Tests, digest, record


def all_mutants(where: str) -> list[Mutant]:
    """The mutants of a package or a module; listing them takes a while, so the list of a file is kept."""
    files = sorted(str(path.relative_to(LIBRARY)) for path in LIBRARY.glob(f"{where}/*.py")) or [f"{where}.py"]
    with multiprocessing.Pool() as pool:
        return [mutant for found in pool.map(listed, files) for mutant in found]


def listed(file: str) -> list[Mutant]:
    kept = (
        KEPT
        / "mutants"
        / f"{file.replace('/', '.')}-{digest([LIBRARY / file, Path(__file__).with_name('mutate_mutants.py')])}"
    )
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(mutants(file)))
    return pickle.loads(kept.read_bytes())


def wilson(killed: int, tried: int) -> tuple[float, float]:
    """Between which shares the score of all mutants lies, at 95 %, when that of a sample is known."""
    z, share = 1.96, killed / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    around = z / (1 + z * z / tried) * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return middle - around, middle + around


class Report:
    """What became of the mutants of a package: said line by line, kept for looking at, and counted."""

    def __init__(self, where: str, chosen: list[Mutant], total: int, name: str) -> None:
        self.where, self.chosen, self.total = where, chosen, total
        self.path = KEPT / "results" / f"{where.replace('/', '.')}-{name}.json"
        self.done = 0

    def say(self, mutant: Mutant, verdict: Verdict) -> None:
        self.done += 1
        if verdict["status"] != "killed":
            print(f"{self.done}/{len(self.chosen)} {verdict['status']:9} {mutant.id} {mutant.function}", flush=True)

    def finish(self, verdicts: dict[str, Verdict]) -> None:
        for mutant in self.chosen:
            verdicts.setdefault(mutant.id, Verdict(status="no tests", by=None, seconds=0, tests=0))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = [{**vars(mutant), "id": mutant.id, **verdicts[mutant.id]} for mutant in self.chosen]
        self.path.write_text(json.dumps({"total": self.total, "mutants": rows}, indent=1), encoding="utf-8")
        self.path.with_suffix(".txt").write_text("\n".join(survivors(rows)), encoding="utf-8")


def survivors(rows: list[dict]) -> list[str]:
    text = []
    for row in rows:
        if row["status"] != "killed":
            before = (LIBRARY / row["file"]).read_text(encoding="utf-8")
            after = mutated(row["file"], [row["number"]])[row["number"]]
            text += [f"{row['status']} {row['id']} {row['function']} ({row['tests']} tests)", patch(before, after), ""]
    return text


def line_of(where: str, rows: list[dict], total: int) -> str:
    counts = Counter(row["status"] for row in rows)
    tried = len(rows) - counts["the same"]
    low, high = wilson(counts["killed"], tried)
    plain = [row for row in rows if not row["decorated"] and row["status"] != "the same"]
    as_mutmut = sum(row["status"] == "killed" for row in plain) / max(1, len(plain))
    others = {k: v for k, v in counts.items() if k not in ("killed", "survived", "timeout", "no tests")}
    return (
        f"{where:10} {total:6} mutants, {tried:5} tried: {counts['killed']:5} killed, {counts['survived']:4} survived,"
        f" {counts['timeout']:3} timed out, {counts['no tests']:3} without a test {others or ''};"
        f" {100 * counts['killed'] / tried:.1f} % ({100 * low:.1f} to {100 * high:.1f}), undecorated {100 * as_mutmut:.1f} %"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("where", nargs="*", default=None, help="packages, or modules such as policies/interest")
    parser.add_argument("--sample", type=int, help="so many mutants of each, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--least", type=float, default=0, help="fails where a score is surely below so many percent")
    parser.add_argument("--show", metavar="MUTANT")
    parser.add_argument("--count", action="store_true", help="only count the mutants")
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--afresh", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.record:
        record(asked.where, asked.record)
        return 0
    if asked.afresh or asked.show:
        name, _, number = (asked.afresh or asked.show).rpartition(":")
        file = name.replace(".", "/") + ".py"
        if asked.afresh:
            return afresh(file, int(number), asked.where)
        print(patch((LIBRARY / file).read_text(encoding="utf-8"), mutated(file, [int(number)])[int(number)]))
        return 0
    if asked.count:
        for where in asked.where or PACKAGES:
            found = all_mutants(where)
            print(f"{where}: {len(found)}, of them in decorated functions {sum(m.decorated for m in found)}")
        return 0
    tests = Tests(asked.workers)
    lines, low = [], []
    for where in asked.where or PACKAGES:
        found = all_mutants(where)
        chosen = found
        if asked.sample and asked.sample < len(found):
            chosen = sorted(random.Random(f"{asked.seed} {where}").sample(found, asked.sample), key=lambda m: m.id)
        name = f"seed-{asked.seed}-of-{len(chosen)}" if asked.sample else "all"
        report = Report(where, chosen, len(found), name)
        began = time.monotonic()
        report.finish(run(chosen, tests, asked.workers, report.say))
        rows = json.loads(report.path.read_text(encoding="utf-8"))["mutants"]
        killed = sum(row["status"] == "killed" for row in rows)
        low += [where] if 100 * wilson(killed, len(rows))[1] < asked.least else []
        lines.append(f"{line_of(where, rows, len(found))}; {(time.monotonic() - began) / len(rows):.1f} s each")
        print(lines[-1], flush=True)
    print("\n" + "\n".join(lines))
    if low:
        print(f"below {asked.least:g} %: {', '.join(low)}")
    return int(bool(low))


if __name__ == "__main__":
    sys.exit(main())
