"""The promises slice: what was promised and withdrawn. Whether a promise was kept follows from the payments.

The life of a promise, as `LIFE` says it and the tests check it::

    open -> kept           (enough came in time)
         -> partly_kept    (its last day is over and only a part came)
         -> broken         (its last day is over and nothing came)
         -> lapsed         (nothing is left to pay: a credit note took the debt away)
         -> withdrawn
    kept, partly_kept -> what it is without a payment that was returned
    lapsed            -> what it is without a credit note that was taken back

That is how it goes as days pass. What becomes known late is another matter: a promise that was broken by what was known is
kept once a payment of a day in time becomes known. States are worked out for a date as known at an instant, and never
stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, final

from attrs import frozen

from receivables.documents.promise import Promise
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "open": frozenset({"kept", "partly_kept", "broken", "lapsed", "withdrawn"}),
    "kept": frozenset({"open", "partly_kept", "broken", "lapsed", "withdrawn"}),
    "partly_kept": frozenset({"broken"}),
    "broken": frozenset(),
    "lapsed": frozenset({"open", "broken", "withdrawn"}),
    "withdrawn": frozenset(),
}
"""Status -> what can come after it as days pass."""


class Settled(NamedTuple):
    """What took so much off an item on a day, in minor units: a payment, or a credit note or the like."""

    on: dt.date
    item: str
    amount: int
    by_payment: bool
    ordinal: int
    """Its place by day and id: payments are shared out among promises in one order."""


@final
@frozen(weakref_slot=False)
class PromiseEntry(Entry):
    """A promise as it was made: the items that it covers, and its last day with adjustment and tolerance."""

    promise: Promise
    items: tuple[str, ...]
    last_day: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Withdrawal(Entry):
    """A promise that was withdrawn."""

    promise: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class PromiseState:
    """A promise on a date: its status, what was paid towards it in time and what is left, in minor units.

    ``decided_on`` is the day on which it was kept or withdrawn, or the last day of one that was not kept.
    """

    promise: Promise
    items: tuple[str, ...]
    last_day: dt.date
    status: str
    paid: int
    left: int
    decided_on: dt.date | None
    changes: tuple[tuple[dt.date, int], ...]
    """What was left of it from which day on."""


@final
@frozen(kw_only=True)
class Promises:
    """All promises and withdrawals, in log order."""

    made: tuple[PromiseEntry, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()

    def states(
        self, as_of: dt.date, known_at: dt.datetime | None, amounts: Mapping[str, int], settled: Sequence[Settled]
    ) -> tuple[PromiseState, ...]:
        """Each promise as it stood on a date, judged by what settled its items until then.

        Money counts once: of two promises on one item the one that ends first takes it.
        """
        withdrawn: dict[str, dt.date] = {}
        for each in self.withdrawals:
            if each.seen(as_of, known_at):
                withdrawn[each.promise] = min(each.effective_on, withdrawn.get(each.promise, each.effective_on))
        entries = [entry for entry in self.made if entry.seen(as_of, known_at)]
        by_item: dict[str, list[Settled]] = {}
        for settlement in settled:
            by_item.setdefault(settlement.item, []).append(settlement)
        used: dict[int, int] = {}
        found = {
            entry.promise.id: _judge(entry, as_of, withdrawn.get(entry.promise.id), amounts, by_item, used)
            for entry in sorted(entries, key=lambda each: (each.last_day, each.effective_on, each.promise.id))
        }
        return tuple(found[entry.promise.id] for entry in entries)


def _judge(
    entry: PromiseEntry,
    as_of: dt.date,
    withdrawn_on: dt.date | None,
    amounts: Mapping[str, int],
    settled: Mapping[str, Sequence[Settled]],
    used: dict[int, int],
) -> PromiseState:
    """Count what came in time, up to what is needed; ``used`` says how much of each payment counted before."""
    promised = entry.promise.amount.minor
    until = min(as_of, entry.last_day) if withdrawn_on is None else min(as_of, entry.last_day, withdrawn_on)
    mine = [each for item in entry.items for each in settled.get(item, ())]
    owed = sum(amounts.get(item, 0) for item in entry.items)
    owed -= sum(each.amount for each in mine if each.on < entry.effective_on)
    paid, changes = 0, [(entry.effective_on, max(0, min(promised, owed)))]
    need = kept_on = None
    for each in sorted((each for each in mine if entry.effective_on <= each.on <= until), key=_in_order):
        if each.by_payment:
            taken = min(each.amount - used.get(each.ordinal, 0), promised - paid)
            used[each.ordinal] = used.get(each.ordinal, 0) + taken
            paid += taken
        else:
            owed -= each.amount
        changes.append((each.on, max(0, min(promised, owed) - paid)))
        need = _needed(entry.promise, owed)
        if kept_on is None and need is not None and paid >= need:
            kept_on = each.on
    need = _needed(entry.promise, owed)
    status, decided_on = _status(entry, as_of, withdrawn_on, need, paid, kept_on or changes[-1][0])
    left = changes[-1][1] if status == "open" else 0
    return PromiseState(entry.promise, entry.items, entry.last_day, status, paid, left, decided_on, tuple(changes))


def _status(
    entry: PromiseEntry,
    as_of: dt.date,
    withdrawn_on: dt.date | None,
    need: int | None,
    paid: int,
    last_change: dt.date,
) -> tuple[str, dt.date | None]:
    if need is None and not paid:
        return "lapsed", last_change
    if need is None or paid >= need:
        return "kept", last_change
    if withdrawn_on is not None:
        return "withdrawn", withdrawn_on
    if as_of <= entry.last_day:
        return "open", None
    return ("partly_kept" if paid else "broken"), entry.last_day


def _needed(promise: Promise, owed: int) -> int | None:
    """What has to come in so that the promise is kept, or ``None`` where nothing was left to pay."""
    if owed <= 0:
        return None
    share = 1 - Fraction(promise.tolerance_percent) / 100
    least = promise.amount.minor * share
    return min(owed, -(-least.numerator // least.denominator))


def _in_order(settled: Settled) -> tuple[dt.date, bool, int]:
    """By day; of one day what takes the debt away before the payments."""
    return settled.on, settled.by_payment, settled.ordinal


def _made(fact: PromiseMade) -> Iterable[PromiseEntry]:
    return (PromiseEntry(fact.promise, fact.items, fact.last_day, fact.effective_on, fact.recorded_at),)


def _withdrawn(fact: PromiseWithdrawn) -> Iterator[Withdrawal]:
    yield Withdrawal(fact.promise, fact.effective_on, fact.recorded_at)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    PromiseMade: (("made", _made),),
    PromiseWithdrawn: (("withdrawals", _withdrawn),),
}
