"""Answers that are written down in a file, for people to read: pages, each under a name in brackets."""

from collections.abc import Collection
from pathlib import Path

MEANT = "read the difference; if it is meant, PYTHONPATH=src python -m {} writes it down"


def kept(path: Path, names: Collection[str] | None = None) -> dict[str, list[str]]:
    """The pages of a file by their names; ``names`` says which, where a line of a page may look like one."""
    pages: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name = line.strip("[]")
        if line.startswith("[") and (names is None or name in names):
            found = pages[name] = []
        found.append(line)
    return pages
