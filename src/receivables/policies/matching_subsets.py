"""Which items make up an amount: the exact subset search, bounded, and honest about it.

The search looks for sets of at most so many amounts that sum to a target. It stops at the second one, because two are a
tie and nothing that is tied is posted, and it stops after so many steps. A search that was stopped says that it gave
up: "none found" then means "not known".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

Group = tuple[int, tuple[int, ...]]
"""An amount, and the positions that have it."""


class Subset(NamedTuple):
    """What a search found: the positions of one set, whether there is another, and whether it looked everywhere."""

    positions: tuple[int, ...] | None
    ambiguous: bool
    gave_up: bool


def exact_subset(amounts: Sequence[int], target: int, *, most_items: int, most_steps: int) -> Subset:
    """A set of amounts that sums exactly to a target.

    Equal amounts stand for each other: the first ones are taken, and a set that needs only some of them is ambiguous.

    >>> exact_subset([500, 300, 250, 125], 625, most_items=4, most_steps=1000)
    Subset(positions=(0, 3), ambiguous=False, gave_up=False)
    >>> exact_subset([500, 300, 200], 500, most_items=4, most_steps=1000)
    Subset(positions=(0,), ambiguous=True, gave_up=False)
    >>> exact_subset([500, 300, 200], 999, most_items=4, most_steps=2)
    Subset(positions=None, ambiguous=False, gave_up=True)

    Amounts and target are minor units above zero.
    """
    search = _Search(_groups(amounts, target), most_items, most_steps)
    search.look(0, target, most_items)
    if not search.found:
        return Subset(None, False, search.gave_up)
    positions, partial = search.found[0]
    return Subset(tuple(sorted(positions)), partial or len(search.found) > 1, search.gave_up)


def _groups(amounts: Sequence[int], target: int) -> list[Group]:
    """The amounts that may belong to a set, the largest first: it leaves the least to look for."""
    places: dict[int, list[int]] = {}
    for at, amount in enumerate(amounts):
        if 0 < amount <= target:
            places.setdefault(amount, []).append(at)
    return [(amount, tuple(places[amount])) for amount in sorted(places, reverse=True)]


class _Search:
    """The state of one search."""

    def __init__(self, groups: list[Group], most_items: int, most_steps: int) -> None:
        self.groups = groups
        self.rest = _reach(groups)
        self.steps = most_steps
        self.most_items = most_items
        self.found: list[tuple[list[int], bool]] = []
        self.chosen: list[tuple[Group, int]] = []
        self.dead: set[tuple[int, int, int]] = set()

    @property
    def gave_up(self) -> bool:
        """Whether the steps ran out."""
        return self.steps < 0

    def look(self, at: int, target: int, items: int) -> None:
        """Add every set of the groups from one on, until there are two or the steps run out."""
        self.steps -= 1
        if target == 0:
            self.found.append(self._set())
            return
        if self.gave_up or at == len(self.groups) or items == 0 or self.rest[at] < target:
            return
        if self.groups[at][0] * items < target or (at, target, items) in self.dead:
            return  # the groups fall, so that not even the largest ones reach it
        before = len(self.found)
        self._choose(at, target, items)
        if len(self.found) == before:
            self.dead.add((at, target, items))

    def _choose(self, at: int, target: int, items: int) -> None:
        group = amount, positions = self.groups[at]
        for count in range(min(len(positions), target // amount, items), -1, -1):
            if count:
                self.chosen.append((group, count))
            self.look(at + 1, target - count * amount, items - count)
            if count:
                self.chosen.pop()
            if len(self.found) > 1 or self.gave_up:
                return

    def _set(self) -> tuple[list[int], bool]:
        taken = [position for (_, positions), count in self.chosen for position in positions[:count]]
        return taken, any(count < len(positions) for (_, positions), count in self.chosen)


def _reach(groups: list[Group]) -> list[int]:
    """What all groups from each one on come to."""
    sums = [amount * len(positions) for amount, positions in reversed(groups)]
    return list(accumulate(sums))[::-1]
