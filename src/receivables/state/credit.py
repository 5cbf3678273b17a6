"""The credit slice: limits, orders with what was decided about them, releases, holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.credit import CreditLimit, Order
from receivables.documents.hold import Hold
from receivables.documents.reason import Reason
from receivables.facts.credit import (
    HoldPlaced,
    HoldReleased,
    LimitSet,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReserved,
)
from receivables.state.entry import Entry, Placement
from receivables.values.money import Money


@final
@frozen(weakref_slot=False)
class LimitEntry(Entry):
    """A limit as it was set."""

    limit: CreditLimit
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class OrderEntry(Entry):
    """What was decided about an order: ``reserved``, ``held`` or ``refused``."""

    order: Order
    status: str
    reasons: tuple[Reason, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Release(Entry):
    """So much of an order that no longer counts, in minor units; ``closes`` ends the order."""

    order: str
    amount: int
    closes: bool
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class HoldEntry(Entry):
    """A hold as it was placed, and by whom."""

    hold: Hold
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None


@final
@frozen(weakref_slot=False)
class Lifting(Entry):
    """A hold that was lifted, by whom."""

    hold: str
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None


@final
@frozen(kw_only=True)
class Credit:
    """All limits, order decisions, releases and holds, in log order."""

    limits: tuple[LimitEntry, ...] = ()
    orders: tuple[OrderEntry, ...] = ()
    releases: tuple[Release, ...] = ()
    holds: tuple[HoldEntry, ...] = ()
    liftings: tuple[Lifting, ...] = ()

    def stretches(self, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[tuple[Hold, dt.date | None]]:
        """Each hold that was placed by a date, with the day from which it is over; ``None`` where it has no end.

        It is over the day after its last one, or on the day from which it is lifted.
        """
        if not self.holds:
            return
        lifted = {entry.hold: entry.effective_on for entry in self.liftings if entry.seen(as_of, known_at)}
        for entry in self.holds:
            if entry.seen(as_of, known_at):
                hold = entry.hold
                ends = [lifted[hold.id]] if hold.id in lifted else []
                if hold.until is not None and hold.until < dt.date.max:
                    ends.append(hold.until + dt.timedelta(days=1))
                yield hold, min(ends, default=None)

    def left_of(self, order: str) -> Money | None:
        """What is not yet invoiced of an order that is reserved or held, whatever the date; ``None`` for any other."""
        decided = [entry for entry in self.orders if entry.order.id == order]
        gone = [entry for entry in self.releases if entry.order == order]
        if not decided or decided[-1].status == "refused" or any(entry.closes for entry in gone):
            return None
        amount = decided[-1].order.amount
        return Money(max(0, amount.minor - sum(entry.amount for entry in gone)), amount.currency)


def _limit(fact: LimitSet) -> Iterable[LimitEntry]:
    return (LimitEntry(fact.limit, fact.effective_on, fact.recorded_at),)


def _order(status: str) -> Callable[[Any], Iterable[OrderEntry]]:
    def entries(fact: Any) -> Iterable[OrderEntry]:
        return (OrderEntry(fact.order, status, fact.reasons, fact.effective_on, fact.recorded_at),)

    return entries


def _release(fact: OrderReleased) -> Iterable[Release]:
    return (Release(fact.order, fact.amount.minor, fact.closes, fact.effective_on, fact.recorded_at),)


def _hold(fact: HoldPlaced) -> Iterable[HoldEntry]:
    return (HoldEntry(fact.hold, fact.effective_on, fact.recorded_at, fact.by),)


def _lifting(fact: HoldReleased) -> Iterable[Lifting]:
    return (Lifting(fact.hold, fact.effective_on, fact.recorded_at, fact.by),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    LimitSet: (("limits", _limit),),
    OrderReserved: (("orders", _order("reserved")),),
    OrderHeld: (("orders", _order("held")),),
    OrderRefused: (("orders", _order("refused")),),
    OrderReleased: (("releases", _release),),
    HoldPlaced: (("holds", _hold),),
    HoldReleased: (("liftings", _lifting),),
}
