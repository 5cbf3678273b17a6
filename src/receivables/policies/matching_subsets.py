"""Which items make up an amount: the exact subset search, bounded, and honest about it.

The search looks for sets of at most so many amounts that sum to a target, the small sets first: a payment is for three
invoices more often than for thirty. It stops at the second set, because two are a tie and nothing that is tied is posted,
and it stops after so many steps. A search that was stopped says that it gave up: "none found" then means "not known".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple


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
    >>> exact_subset([410, 320, 230, 140], 999, most_items=4, most_steps=1)
    Subset(positions=None, ambiguous=False, gave_up=True)

    Amounts and target are minor units above zero.
    """
    search = _Search(amounts, target, most_steps)
    for size in range(1, min(most_items, len(search.amounts)) + 1):
        search.look(0, target, size)
        if search.is_over:
            break
    if not search.found:
        return Subset(None, False, search.gave_up)
    chosen = search.found[0]
    positions = tuple(sorted(search.places[at] for at in chosen))
    return Subset(positions, len(search.found) > 1 or search.has_a_double(chosen), search.gave_up)


class _Search:
    """The state of one search. Amounts fall, so that a stretch of them has its largest sum at its beginning."""

    def __init__(self, amounts: Sequence[int], target: int, most_steps: int) -> None:
        fitting = [at for at, amount in enumerate(amounts) if 0 < amount <= target]
        self.places = sorted(fitting, key=lambda at: (-amounts[at], at))
        self.amounts = [amounts[at] for at in self.places]
        self.negative = [-amount for amount in self.amounts]
        self.reach = list(accumulate(self.amounts, initial=0))
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        for at, amount in enumerate(self.amounts):
            self.first.setdefault(amount, at)
            self.last[amount] = at
        self.steps = most_steps
        self.found: list[tuple[int, ...]] = []
        self.chosen: list[int] = []

    @property
    def gave_up(self) -> bool:
        """Whether the steps ran out."""
        return self.steps < 0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to learn."""
        return self.steps < 0 or len(self.found) > 1

    def look(self, at: int, target: int, size: int) -> None:
        """Add every set of exactly so many amounts from one on; of equal amounts, the first that are left."""
        if size == 1:
            self._look_up(at, target)
            return
        amounts, reach, count = self.amounts, self.reach, len(self.amounts)
        smallest = reach[count] - reach[count - size + 1]
        start = max(at, bisect_left(self.negative, smallest - target))
        for n in range(start, count - size + 1):
            self.steps -= 1
            if self.is_over or reach[n + size] - reach[n] < target:
                return
            if n > at and amounts[n] == amounts[n - 1]:
                continue
            self.chosen.append(n)
            self.look(n + 1, target - amounts[n], size - 1)
            self.chosen.pop()

    def has_a_double(self, chosen: Sequence[int]) -> bool:
        """Whether another item of the same amount would do as well."""
        taken = [self.amounts[at] for at in chosen]
        return any(taken.count(amount) <= self.last[amount] - self.first[amount] for amount in taken)

    def _look_up(self, at: int, target: int) -> None:
        """The last amount of a set is known, so it is looked up."""
        if self.last.get(target, -1) >= at:
            self.found.append((*self.chosen, max(at, self.first[target])))
