"""What was agreed with the customer, worked out for a date: disputes, promises, what they keep back, and when.

An account without arrangements costs one look. For others only the items that an arrangement covers are looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from receivables.state.cash import Cash
from receivables.state.dispute import Disputes, DisputeState
from receivables.state.invoice import Item, Ledger
from receivables.state.promise import Promises, PromiseState, Settled
from receivables.state.withheld import Arrangement, Pause, Position, Withheld, pauses_until, withheld_on


class Arranged(NamedTuple):
    """The arrangements of an account on a date, what they keep back, and the days on which they did."""

    disputes: tuple[DisputeState, ...] = ()
    promises: tuple[PromiseState, ...] = ()
    withheld: tuple[Withheld, ...] = ()
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


_NOTHING = Arranged()


def arranged(account: _Slices, as_of: dt.date, known_at: dt.datetime | None) -> Arranged:
    """The arrangements of an account on a date, as known at an instant."""
    covered = {item for entry in account.disputes.opened for item in entry.items}
    covered.update(item for entry in account.promises.made for item in entry.items)
    if not covered:
        return _NOTHING
    items = {item.id: item for item in account.ledger.items if item.id in covered and item.seen(as_of, known_at)}
    amounts = {id: item.amount for id, item in items.items()}
    settled = [each for each in _settled(account.cash, as_of, known_at) if each.item in amounts]
    disputes = account.disputes.states(as_of, known_at)
    promises = account.promises.states(as_of, known_at, amounts, settled)
    arrangements = [*map(_of_dispute, disputes), *map(_of_promise, promises)]
    due = _due_dates(account.ledger, as_of, known_at)
    positions = {
        id: Position((due.get(id) or item.due_on or item.document_on).toordinal(), rests)
        for (id, item), rests in zip(items.items(), _rests(items.values(), settled), strict=True)
    }
    return Arranged(
        disputes,
        promises,
        tuple(withheld_on(as_of, arrangements, positions)),
        tuple(pauses_until(as_of, arrangements, positions)),
    )


def _settled(cash: Cash, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Settled]:
    """What took something off an item until a date: payments, credit notes, reductions."""
    payments = {entry.id for entry in cash.credits if entry.kind == "payment"}
    undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
    for ordinal, made in enumerate(cash.allocations):
        if made.id not in undone and made.seen(as_of, known_at):
            yield Settled(made.effective_on, made.item, made.amount, made.source in payments, ordinal)
    for ordinal, reduction in enumerate(cash.reductions, len(cash.allocations)):
        if reduction.seen(as_of, known_at):
            yield Settled(reduction.effective_on, reduction.item, reduction.amount, False, ordinal)


def _due_dates(ledger: Ledger, as_of: dt.date, known_at: dt.datetime | None) -> Mapping[str, dt.date]:
    return {entry.item: entry.due_on for entry in ledger.datings if entry.seen(as_of, known_at)}


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


def _of_dispute(state: DisputeState) -> Arrangement:
    return Arrangement("dispute", state.dispute.id, state.items, state.changes, state.ended_on)


def _of_promise(state: PromiseState) -> Arrangement:
    """It keeps back until the day on which it is kept or withdrawn, or over its last day."""
    end = state.last_day + dt.timedelta(days=1)
    if state.status in ("kept", "lapsed", "withdrawn") and state.decided_on is not None:
        end = state.decided_on
    return Arrangement("promise", state.promise.id, state.items, state.changes, end)
