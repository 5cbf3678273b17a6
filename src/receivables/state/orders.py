"""How far an order has come: what of it is ordered, delivered, drafted, invoiced or given up, in minor units.

One amount walks through these and is never in two of them, so that the exposure is the same all along the chain::

    ordered -> delivered -> drafted -> invoiced
            -> cancelled -> ordered     (reopened, which is a new decision)
                            ordered  <- invoiced   (a credit note took the invoice back)

1. What is drafted or invoiced is taken from what was delivered first, then from what was only ordered: goods may be
   billed before they are delivered.
2. Only what is ordered and no more can be cancelled: what was delivered is owed.
3. An invoice or a draft of more than is left of its order counts in full by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

MOVES: Final = ("invoiced", "cancelled", "delivered", "restored", "reopened")
"""What can happen to an order after it was decided."""


class OrderParts(NamedTuple):
    """What of an order is in which state; the sum of the first three is what is left of it.

    ``undelivered`` is how much can still be delivered, invoiced before or not.

    >>> OrderParts.of(2_000, [("delivered", 1_200, False)])[:5]
    (800, 1200, 0, 0, 0)
    >>> OrderParts.of(2_000, [("delivered", 1_200, False), ("invoiced", 1_200, False), ("cancelled", 800, True)])[:5]
    (0, 0, 0, 1200, 800)
    >>> OrderParts.of(2_000, [("delivered", 1_200, False)], drafted=1_500)[:5]
    (500, 0, 1500, 0, 0)
    """

    ordered: int
    delivered: int
    drafted: int
    invoiced: int
    cancelled: int
    closed: bool
    undelivered: int = 0

    @property
    def left(self) -> int:
        """What is not invoiced and not given up."""
        return self.ordered + self.delivered + self.drafted

    @classmethod
    def of(cls, amount: int, moves: Iterable[tuple[str, int, bool]], drafted: int = 0) -> OrderParts:
        """The parts of an order of an amount after moves of a kind and an amount, some of which close it."""
        gone, closed = dict.fromkeys(MOVES, 0), False
        for kind, moved, closes in moves:
            _MOVED[kind](gone, moved)
            closed = closes or (closed and kind not in _REVIVING)
            if closed:
                gone["cancelled"] = max(0, amount - gone["invoiced"])
        left = max(0, amount - gone["invoiced"] - gone["cancelled"])
        taken = min(drafted, left)
        there = min(gone["delivered"], amount - gone["cancelled"])
        delivered = max(0, there - gone["invoiced"] - taken)
        undelivered = max(0, amount - gone["cancelled"] - gone["delivered"])
        return cls(left - taken - delivered, delivered, taken, gone["invoiced"], gone["cancelled"], closed, undelivered)


_Gone = dict[str, int]
_REVIVING = frozenset({"restored", "reopened"})


def _adds(kind: str) -> Callable[[_Gone, int], None]:
    def add(gone: _Gone, amount: int) -> None:
        gone[kind] += amount

    return add


def _restore(gone: _Gone, amount: int) -> None:
    gone["invoiced"] = max(0, gone["invoiced"] - amount)
    gone["delivered"] = max(0, gone["delivered"] - amount)


def _reopen(gone: _Gone, amount: int) -> None:
    gone["cancelled"] = max(0, gone["cancelled"] - amount)


_MOVED: Mapping[str, Callable[[_Gone, int], None]] = {
    "invoiced": _adds("invoiced"),
    "cancelled": _adds("cancelled"),
    "delivered": _adds("delivered"),
    "restored": _restore,
    "reopened": _reopen,
}
