"""What was agreed with the customer, worked out for a date: disputes, promises, plans, held parts, what they keep back, and when.

An account without arrangements costs one look. For others only the items that an arrangement covers are looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from receivables.documents.hold import Hold
from receivables.state.cash import LOSSES, AllocationEntry, Cash, Reduction
from receivables.state.credit import Credit
from receivables.state.dispute import Disputes, DisputeState
from receivables.state.invoice import Item, Ledger
from receivables.state.payment_plan import Movement, PaymentPlans, PlanState, Replanned, replanned
from receivables.state.promise import Promises, PromiseState, Settled
from receivables.state.withheld import Arrangement, Pause, Position, Withheld, pauses_until, withheld_on


class Arranged(NamedTuple):
    """The arrangements of an account on a date, what they keep back, and the days on which they did."""

    disputes: tuple[DisputeState, ...] = ()
    promises: tuple[PromiseState, ...] = ()
    payment_plans: tuple[PlanState, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    replanned: tuple[Replanned, ...] = ()
    pauses: tuple[Pause, ...] = ()


class _Slices(Protocol):
    @property
    def ledger(self) -> Ledger: ...
    @property
    def cash(self) -> Cash: ...
    @property
    def disputes(self) -> Disputes: ...
    @property
    def promises(self) -> Promises: ...
    @property
    def payment_plans(self) -> PaymentPlans: ...
    @property
    def credit(self) -> Credit: ...


_NOTHING = Arranged()


def arranged(account: _Slices, as_of: dt.date, known_at: dt.datetime | None) -> Arranged:
    """The arrangements of an account on a date, as known at an instant."""
    has_some = account.disputes.opened or account.promises.made or account.payment_plans.agreed
    if not (has_some or account.credit.holds or account.cash.reservations):
        return _NOTHING
    covered = {item for entry in account.disputes.opened for item in entry.items}
    covered.update(item for entry in account.promises.made for item in entry.items)
    covered.update(item for entry in account.payment_plans.agreed for item in entry.plan.items)
    parts = [each for each in account.credit.stretches(as_of, known_at) if _keeps_back(each[0])]
    covered.update(hold.item for hold, _ in parts if hold.item is not None)
    covered.update(entry.item for entry in account.cash.reservations)
    if not covered:
        return _NOTHING
    items = {item.id: item for item in account.ledger.items if item.id in covered and item.seen(as_of, known_at)}
    amounts = {id: item.amount for id, item in items.items()}
    settled = [each for each in _settled(account.cash, as_of, known_at) if each.item in amounts]
    disputes = account.disputes.states(as_of, known_at)
    promises = account.promises.states(as_of, known_at, amounts, settled)
    plans = _plans(account, as_of, known_at)
    arrangements = [*map(_of_dispute, disputes), *map(_of_promise, promises), *(_of_hold(*each) for each in parts)]
    arrangements.extend(each for state in plans for each in _of_plan(state))
    arrangements.extend(_of_reservations(account.cash, as_of, known_at))
    due = account.ledger.due_dates(as_of, known_at)
    positions = {
        id: Position((due.get(id) or item.due_on or item.document_on).toordinal(), rests)
        for (id, item), rests in zip(items.items(), _rests(items.values(), settled), strict=True)
    }
    withheld = tuple(withheld_on(as_of, arrangements, positions))
    rooms = {id: positions[id].on(as_of) for id in sorted(positions, key=lambda id: (positions[id].due, id))}
    for each in withheld:
        rooms[each.item] -= each.amount if each.kind == "dispute" else 0
    return Arranged(
        disputes=disputes,
        promises=promises,
        payment_plans=plans,
        withheld=withheld,
        replanned=tuple(replanned(plans, rooms)) if plans else (),
        pauses=tuple(pauses_until(as_of, arrangements, positions)),
    )


def _plans(account: _Slices, as_of: dt.date, known_at: dt.datetime | None) -> tuple[PlanState, ...]:
    if not account.payment_plans.agreed:
        return ()
    return account.payment_plans.states(as_of, known_at, tuple(_movements(account.cash, as_of, known_at)))


def _movements(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Movement]:
    """What took something off an item until a date, and what gave it back: each on its own day.

    What is written off was not paid, so it keeps no plan.
    """
    made: dict[str, Movement] = {}
    reductions = (each for each in cash.reductions if each.kind not in LOSSES)
    entries: tuple[AllocationEntry | Reduction, ...] = (*cash.allocations, *reductions)
    for each in entries:
        if each.seen(as_of, known_at):
            taken = Movement(each.effective_on, each.item, each.amount, each.recorded_at, each.id)
            made[each.id or ""] = taken
            yield taken
    for undone in cash.undoings:
        back = made.get(undone.allocation)
        if back is not None and undone.seen(as_of, known_at):
            yield Movement(
                max(undone.effective_on, back.on), back.item, -back.amount, undone.recorded_at, back.allocation
            )


def _settled(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Settled]:
    """What took something off an item until a date: payments, credit notes, reductions.

    By day, and of one day by id: money is shared out among promises in an order that no late knowledge changes.
    """
    payments = {entry.id for entry in cash.credits if entry.kind == "payment"}
    undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
    for ordinal, made in enumerate(sorted(cash.allocations, key=lambda made: (made.effective_on, made.id))):
        if made.id not in undone and made.seen(as_of, known_at):
            yield Settled(made.effective_on, made.item, made.amount, made.source in payments, ordinal)
    for ordinal, reduction in enumerate(cash.reductions_on(as_of, known_at), len(cash.allocations)):
        yield Settled(reduction.effective_on, reduction.item, reduction.amount, False, ordinal)


def _rests(items: Iterable[Item], settled: Sequence[Settled]) -> Iterator[tuple[tuple[dt.date, int], ...]]:
    """What was open of each item from which day on."""
    by_item: dict[str, list[Settled]] = {}
    for each in sorted(settled, key=lambda each: each.on):
        by_item.setdefault(each.item, []).append(each)
    for item in items:
        taken = by_item.get(item.id, [])
        rests = accumulate((each.amount for each in taken), lambda rest, less: rest - less, initial=item.amount)
        days = [item.effective_on, *(max(each.on, item.effective_on) for each in taken)]
        yield tuple(zip(days, rests, strict=True))


def _of_reservations(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Arrangement]:
    """Money on its way keeps back what it is meant for, until it is there or came to nothing."""
    over: dict[str, dt.date] = {}
    for fate in cash.fates:
        if fate.seen(as_of, known_at):
            over[fate.payment] = min(fate.effective_on, over.get(fate.payment, fate.effective_on))
    for each in cash.reservations:
        if each.seen(as_of, known_at):
            changes = ((each.effective_on, each.amount),)
            yield Arrangement("payment", each.payment, (each.item,), changes, over.get(each.payment))


def _of_dispute(state: DisputeState) -> Arrangement:
    return Arrangement("dispute", state.dispute.id, state.items, state.changes, state.ended_on)


def _keeps_back(hold: Hold) -> bool:
    """Whether a hold keeps a part of an item from being dunned; one on all of it needs no amount."""
    return hold.amount is not None and "dunning" in hold.stops


def _of_hold(hold: Hold, end: dt.date | None) -> Arrangement:
    assert hold.item is not None  # a hold on an amount names its item
    assert hold.amount is not None
    return Arrangement("hold", hold.id, (hold.item,), ((hold.placed_on, hold.amount.minor),), end)


def _of_promise(state: PromiseState) -> Arrangement:
    """It keeps back until the day on which it is kept or withdrawn, or over its last day."""
    end = state.last_day + dt.timedelta(days=1) if state.last_day < dt.date.max else None
    if state.status in ("kept", "lapsed", "withdrawn") and state.decided_on is not None:
        end = state.decided_on
    return Arrangement("promise", state.promise.id, state.items, state.changes, end)


def _of_plan(state: PlanState) -> Iterator[Arrangement]:
    """One for each stretch of days on which it performed; the last one ends where nothing more is paid."""
    *_, last = state.stretches
    for start, end in state.stretches:
        left = next(left for day, left in reversed(state.changes) if day <= start)
        later = [(day, left) for day, left in state.changes if day > start]
        ends = state.end if (start, end) == last else end
        yield Arrangement("plan", state.plan.id, state.plan.items, ((start, left), *later), ends)
