"""The placements slice: what agencies and lawyers have to collect, since when, and what came in on it.

A placement is ``placed`` while any of its items is; then it is ``recalled``, or ``closed`` by those who had it. What was
collected is not kept: it is read from the allocations, so a payment that comes back takes its commission back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.placement import Placement
from receivables.facts.placement import AgencyCollected, DebtPlaced, DebtRecalled, PlacementClosed
from receivables.state.cash import Cash
from receivables.state.entry import Entry
from receivables.state.entry import Placement as Column
from receivables.values.money import Money

LIFE: Mapping[str, frozenset[str]] = {
    "placed": frozenset({"recalled", "closed"}),
    "recalled": frozenset(),
    "closed": frozenset(),
}


@final
@frozen(weakref_slot=False)
class PlacementEntry(Entry):
    """A placement as it was made, with what was open of its items."""

    placement: Placement
    amount: Money
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class RecallEntry(Entry):
    """Items that were recalled."""

    placement: str
    items: tuple[str, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ClosingEntry(Entry):
    """A placement that those who had it closed."""

    placement: str
    outcome: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class CollectionEntry(Entry):
    """A payment that came through the agency."""

    placement: str
    payment: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class PlacementState:
    """A placement on a date: which of its items are still placed, what was placed, and what was collected on them.

    ``through_agency`` came by the agency, ``direct`` from the customer while the item was placed.
    """

    placement: Placement
    status: str
    items: tuple[str, ...]
    amount: Money
    through_agency: Money
    direct: Money
    ended_on: dt.date | None = None
    outcome: str | None = None

    @property
    def collected(self) -> Money:
        """All that was collected."""
        return self.through_agency + self.direct

    @property
    def commission(self) -> Money:
        """What is due to the agency on what was collected until the date."""
        return self.placement.terms.commission(self.through_agency, self.direct)


@final
@frozen(kw_only=True)
class PlacementLog:
    """All placements, and what became of them, in log order."""

    placements: tuple[PlacementEntry, ...] = ()
    recalls: tuple[RecallEntry, ...] = ()
    closings: tuple[ClosingEntry, ...] = ()
    collections: tuple[CollectionEntry, ...] = ()

    def states(self, cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> tuple[PlacementState, ...]:
        """The placements that were made by a date, each as it stands then."""
        if not self.placements:
            return ()
        return tuple(
            self._state(entry, cash, as_of, known_at) for entry in self.placements if entry.seen(as_of, known_at)
        )

    def _state(self, entry: PlacementEntry, cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> PlacementState:
        placement = entry.placement
        recalled = self._recalled(placement.id, as_of, known_at)
        closing = next((e for e in self.closings if e.placement == placement.id and e.seen(as_of, known_at)), None)
        over = dict.fromkeys(placement.items, closing.effective_on) if closing is not None else {}
        ends = {**over, **recalled}
        left = tuple(item for item in placement.items if item not in ends)
        through, direct = self._collected(placement, ends, cash, as_of, known_at)
        currency = entry.amount.currency
        return PlacementState(
            placement=placement,
            status="closed" if closing is not None else "placed" if left else "recalled",
            items=left,
            amount=entry.amount,
            through_agency=Money(through, currency),
            direct=Money(direct, currency),
            ended_on=max(ends.values()) if not left else None,
            outcome=closing.outcome if closing is not None else None,
        )

    def _recalled(self, placement: str, as_of: dt.date, known_at: dt.datetime | None) -> dict[str, dt.date]:
        """The items that were recalled, each with its day."""
        return {
            item: entry.effective_on
            for entry in self.recalls
            if entry.placement == placement and entry.seen(as_of, known_at)
            for item in entry.items
        }

    def _collected(
        self,
        placement: Placement,
        ends: Mapping[str, dt.date],
        cash: Cash,
        as_of: dt.date,
        known_at: dt.datetime | None,
    ) -> tuple[int, int]:
        """What came through the agency, whenever; and directly, while the item was placed. In minor units."""
        theirs = {e.payment for e in self.collections if e.placement == placement.id and e.seen(as_of, known_at)}
        others = {e.payment for e in self.collections if e.placement != placement.id and e.seen(as_of, known_at)}
        payments = {entry.id for entry in cash.credits if entry.kind == "payment"}
        undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
        through = direct = 0
        for made in cash.allocations:
            if made.item not in placement.items or made.id in undone or not made.seen(as_of, known_at):
                continue
            placed = placement.placed_on <= made.effective_on < ends.get(made.item, dt.date.max)
            if made.source in theirs:
                through += made.amount
            elif made.source in payments and made.source not in others and placed:
                direct += made.amount
        return through, direct


def _placement(fact: DebtPlaced) -> Iterable[PlacementEntry]:
    return (PlacementEntry(fact.placement, fact.amount, fact.effective_on, fact.recorded_at),)


def _recall(fact: DebtRecalled) -> Iterable[RecallEntry]:
    return (RecallEntry(fact.placement, fact.items, fact.effective_on, fact.recorded_at),)


def _closing(fact: PlacementClosed) -> Iterable[ClosingEntry]:
    return (ClosingEntry(fact.placement, fact.outcome, fact.effective_on, fact.recorded_at),)


def _collection(fact: AgencyCollected) -> Iterable[CollectionEntry]:
    return (CollectionEntry(fact.placement, fact.payment, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Column, ...]] = {
    DebtPlaced: (("placements", _placement),),
    DebtRecalled: (("recalls", _recall),),
    PlacementClosed: (("closings", _closing),),
    AgencyCollected: (("collections", _collection),),
}
