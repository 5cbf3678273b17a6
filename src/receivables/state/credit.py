"""The credit slice: limits, orders with what was decided about them and how far they came, drafts, holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.credit import CreditLimit, DraftInvoice, Order
from receivables.documents.credit_record import CreditRecord
from receivables.documents.exchange import ExchangeRate
from receivables.documents.hold import Hold
from receivables.documents.reason import Reason
from receivables.facts.credit import (
    DraftDropped,
    HoldPlaced,
    HoldReleased,
    InvoiceDrafted,
    LimitSet,
    LimitWithdrawn,
    OrderDelivered,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReopened,
    OrderReserved,
    OrderRestored,
)
from receivables.state.entry import Entry, Placement
from receivables.state.orders import OrderParts
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(weakref_slot=False)
class LimitEntry(Entry):
    """A limit as it was set, and by whom."""

    limit: CreditLimit
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None


@final
@frozen(weakref_slot=False)
class LimitWithdrawal(Entry):
    """From this day on, no limit of a kind in a currency that was set before counts."""

    currency: Currency
    kind: str
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None
    approver: str | None = None


@final
@frozen(weakref_slot=False)
class OrderEntry(Entry):
    """What was decided about an order: ``reserved``, ``held`` or ``refused``, and on what."""

    order: Order
    status: str
    reasons: tuple[Reason, ...]
    effective_on: dt.date
    recorded_at: dt.datetime
    record: CreditRecord | None = None


@final
@frozen(weakref_slot=False)
class OrderMove(Entry):
    """So much of an order that went on or back, in minor units: see `receivables.state.orders`; ``closes`` ends the order.

    ``invoice`` is the one that billed it, or that was taken back.
    """

    order: str
    kind: str
    amount: int
    closes: bool
    effective_on: dt.date
    recorded_at: dt.datetime
    invoice: str | None = None


@final
@frozen(weakref_slot=False)
class DraftEntry(Entry):
    """An invoice as it was drafted."""

    draft: DraftInvoice
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class DraftEnd(Entry):
    """A draft that is over."""

    draft: str
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
    """All limits, order decisions and moves, drafts and holds, in log order."""

    limits: tuple[LimitEntry | LimitWithdrawal, ...] = ()
    orders: tuple[OrderEntry, ...] = ()
    moves: tuple[OrderMove, ...] = ()
    drafts: tuple[DraftEntry, ...] = ()
    draft_ends: tuple[DraftEnd, ...] = ()
    holds: tuple[HoldEntry, ...] = ()
    liftings: tuple[Lifting, ...] = ()

    def limits_on(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[CreditLimit, ...]:
        """The limits that began by a date, those that are over too, without those that were withdrawn, in log order."""
        found: list[CreditLimit] = []
        for entry in self.limits:
            if not entry.seen(as_of, known_at):
                continue
            if isinstance(entry, LimitWithdrawal):
                found = [each for each in found if (each.currency, each.kind) != (entry.currency, entry.kind)]
            else:
                found.append(entry.limit)
        return tuple(found)

    def drafts_on(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[DraftInvoice, ...]:
        """The drafts that wait to be issued on a date."""
        if not self.drafts:
            return ()
        over = {entry.draft for entry in self.draft_ends if entry.seen(as_of, known_at)}
        return tuple(e.draft for e in self.drafts if e.draft.id not in over and e.seen(as_of, known_at))

    def parts_of(self, order: Order, as_of: dt.date, known_at: dt.datetime | None) -> OrderParts:
        """How far an order has come on a date."""
        seen = (entry for entry in self.moves if entry.order == order.id and entry.seen(as_of, known_at))
        return self._parts(order, seen, self.drafts_on(as_of, known_at))

    def _parts(self, order: Order, moves: Iterable[OrderMove], waiting: Iterable[DraftInvoice]) -> OrderParts:
        drafts = (each for each in waiting if each.order == order.id)
        drafted = sum(each.amount.minor for each in drafts if each.amount.currency == order.amount.currency)
        return OrderParts.of(order.amount.minor, [(each.kind, each.amount, each.closes) for each in moves], drafted)

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

    def decided(self, order: str) -> OrderEntry | None:
        """The last decision about an order, whatever the date."""
        return next((entry for entry in reversed(self.orders) if entry.order.id == order), None)

    def approved_rates(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[ExchangeRate, ...]:
        """The rates by which the last order was approved that needed any."""
        for entry in reversed(self.orders):
            rates = entry.record.rates if entry.record is not None else ()
            if rates and entry.status == "reserved" and entry.seen(as_of, known_at):
                return rates
        return ()

    def left_of(self, order: str, on: dt.date = dt.date.max) -> Money | None:
        """What an invoice of a day can bill of an order; ``None`` for one that is over, or was never there.

        What was given up from a later day on was still there: the invoice takes it out of the order, so that it does not count
        twice until then. Of an order that was refused there is only what was delivered all the same.
        """
        decided = self.decided(order)
        if decided is None:
            return None
        moves = [entry for entry in self.moves if entry.order == order]
        then = [entry for entry in moves if entry.kind not in ("cancelled", "reopened") or entry.effective_on <= on]
        lefts = [self._left(decided, each) for each in ((moves, then) if len(then) < len(moves) else (moves,))]
        left = max((each for each in lefts if each is not None), default=None)
        return None if left is None else Money(left, decided.order.amount.currency)

    def _left(self, decided: OrderEntry, moves: Iterable[OrderMove]) -> int | None:
        """What is not yet invoiced after some moves; ``None`` where they closed the order."""
        parts = self._parts(decided.order, moves, self.drafts_on(dt.date.max, None))
        left = parts.left - parts.ordered if decided.status == "refused" else parts.left
        over = parts.closed or (decided.status == "refused" and not left)
        return None if over else left

    def billed_after(self, order: str, on: dt.date) -> bool:
        """Whether a part of an order is billed on a later day."""
        billed = (entry for entry in self.moves if (entry.order, entry.kind) == (order, "invoiced"))
        return any(entry.effective_on > on for entry in billed)


def _limit(fact: LimitSet) -> Iterable[LimitEntry]:
    return (LimitEntry(fact.limit, fact.effective_on, fact.recorded_at, fact.by),)


def _withdrawal(fact: LimitWithdrawn) -> Iterable[LimitWithdrawal]:
    return (LimitWithdrawal(fact.currency, fact.kind, fact.effective_on, fact.recorded_at, fact.by, fact.approver),)


def _order(status: str) -> Callable[[Any], Iterable[OrderEntry]]:
    def entries(fact: Any) -> Iterable[OrderEntry]:
        return (OrderEntry(fact.order, status, fact.reasons, fact.effective_on, fact.recorded_at, fact.record),)

    return entries


def _release(fact: OrderReleased) -> Iterable[OrderMove]:
    kind = "cancelled" if fact.invoice is None else "invoiced"
    return (
        OrderMove(fact.order, kind, fact.amount.minor, fact.closes, fact.effective_on, fact.recorded_at, fact.invoice),
    )


def _move(kind: str) -> Callable[[Any], Iterable[OrderMove]]:
    def entries(fact: Any) -> Iterable[OrderMove]:
        return (OrderMove(fact.order, kind, fact.amount.minor, False, fact.effective_on, fact.recorded_at),)

    return entries


def _restoration(fact: OrderRestored) -> Iterable[OrderMove]:
    return (
        OrderMove(fact.order, "restored", fact.amount.minor, False, fact.effective_on, fact.recorded_at, fact.invoice),
    )


def _draft(fact: InvoiceDrafted) -> Iterable[DraftEntry]:
    return (DraftEntry(fact.draft, fact.effective_on, fact.recorded_at),)


def _draft_end(fact: DraftDropped) -> Iterable[DraftEnd]:
    return (DraftEnd(fact.draft, fact.effective_on, fact.recorded_at),)


def _hold(fact: HoldPlaced) -> Iterable[HoldEntry]:
    return (HoldEntry(fact.hold, fact.effective_on, fact.recorded_at, fact.by),)


def _lifting(fact: HoldReleased) -> Iterable[Lifting]:
    return (Lifting(fact.hold, fact.effective_on, fact.recorded_at, fact.by),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    LimitSet: (("limits", _limit),),
    LimitWithdrawn: (("limits", _withdrawal),),
    OrderReserved: (("orders", _order("reserved")),),
    OrderHeld: (("orders", _order("held")),),
    OrderRefused: (("orders", _order("refused")),),
    OrderReleased: (("moves", _release),),
    OrderDelivered: (("moves", _move("delivered")),),
    OrderReopened: (("moves", _move("reopened")),),
    OrderRestored: (("moves", _restoration),),
    InvoiceDrafted: (("drafts", _draft),),
    DraftDropped: (("draft_ends", _draft_end),),
    HoldPlaced: (("holds", _hold),),
    HoldReleased: (("liftings", _lifting),),
}
