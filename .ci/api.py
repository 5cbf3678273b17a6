"""Finds changes of the public API that break a host: ``python .ci/api.py``.

The public names are those of ``receivables.__all__``. They are compared with the commit that ``api-accepted.txt`` names on
its first line; the other lines are breakages that were decided, each with its reason. One that nobody decided, and a line
that no breakage needs any more, are errors.
"""

import subprocess
import sys
from pathlib import Path

import griffe

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ACCEPTED = HERE / "api-accepted.txt"


def public(package: griffe.Object) -> set[str]:
    """The paths at which the exported names are defined."""
    exported = [package[name] for name in package.exports or ()]
    return {each.canonical_path for each in exported}


def breakages(baseline: str) -> set[str]:
    """What breaks between a commit and the working tree, one line each."""
    old = griffe.load_git("receivables", ref=baseline, repo=ROOT, search_paths=["src"])
    new = griffe.load("receivables", search_paths=[str(ROOT / "src")])
    names = public(old) | public(new)
    found = {f"{name} is gone" for name in {n.rsplit(".")[-1] for n in public(old)} - set(new.exports or ())}
    for breakage in griffe.find_breaking_changes(old, new):
        path = breakage.obj.canonical_path
        if any(path == name or path.startswith(f"{name}.") for name in names):
            found.add(f"{path}: {breakage.kind.value}")
    return found


def main() -> int:
    first, *lines = ACCEPTED.read_text(encoding="utf-8").splitlines()
    baseline = first.split()[0]
    known = subprocess.run(["git", "cat-file", "-e", baseline], cwd=ROOT, capture_output=True, check=False)
    if known.returncode:
        print(f"the commit {baseline} is not in this clone: nothing to compare with")
        return 0
    decided = {line.partition(" # ")[0].strip() for line in lines if line.strip()}
    found = breakages(baseline)
    for each in sorted(found - decided):
        print(f"breaks a host, and nobody decided it: {each}")
    for each in sorted(decided - found):
        print(f"is accepted, and breaks nothing: {each}")
    print(f"{len(found)} breakages since {baseline}, {len(found & decided)} decided")
    return int(found != decided)


if __name__ == "__main__":
    sys.exit(main())
