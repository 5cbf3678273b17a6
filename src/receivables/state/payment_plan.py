"""The payment plans slice: what was agreed, reinstated and cancelled. Whether a plan performs follows from the payments.

The life of a plan, as `LIFE` says it and the tests check it::

    performing -> completed    (all that it covers is settled)
               -> defaulted    (less came, by value dates, than was due with its grace)
               -> cancelled
    defaulted  -> performing   (a person reinstated it)
    completed  -> defaulted    (a payment was returned)

A plan is in default from the first day *before* which less was settled than had to be. What comes on that day or later does
not revive it. A payment of an earlier day that becomes known late shows that there was no default: states are worked out
for a date as known at an instant, and never stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, final

from attrs import frozen

from receivables.documents.payment_plan import PaymentPlan
from receivables.facts.charge import ChargeReinstated, ChargeWaived
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "performing": frozenset({"completed", "defaulted", "cancelled"}),
    "defaulted": frozenset({"performing", "completed", "cancelled"}),
    "completed": frozenset({"performing", "defaulted", "cancelled"}),
    "cancelled": frozenset(),
}
"""Status -> what can come after it as days pass. One that is reinstated on the day on which the rest comes is completed."""

_DAY = dt.timedelta(days=1)


class Movement(NamedTuple):
    """So much less of an item from a day on, in minor units; below zero where that was taken back.

    ``allocation`` is what was made or taken back, where it is one.
    """

    on: dt.date
    item: str
    amount: int
    recorded_at: dt.datetime
    allocation: str | None = None


class Deadline(NamedTuple):
    """So much that has to be there by the end of a day."""

    last_day: dt.date
    amount: int


@final
@frozen(weakref_slot=False)
class PlanEntry(Entry):
    """A plan as it was agreed, what had been taken off its items before, and what it waives at most, in minor units."""

    plan: PaymentPlan
    settled: int
    approver: str | None
    effective_on: dt.date
    recorded_at: dt.datetime
    waived: tuple[int, ...] = ()

    def most_waived(self, charge: str) -> int | None:
        """How much of a charge was approved to be waived; ``None`` where that was not recorded."""
        return dict(zip(self.plan.waives, self.waived, strict=False)).get(charge)


@final
@frozen(weakref_slot=False)
class Reinstatement(Entry):
    """A plan that performs again, with a last day for what was missed."""

    plan: str
    catch_up_by: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Cancellation(Entry):
    """A plan that was given up."""

    plan: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Waiver(Entry):
    """So much of a charge that a plan gives up on condition; below zero where it is owed again."""

    plan: str
    charge: str
    amount: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class PlanPart:
    """An installment on a date: its last day with grace, and what is left of it, in minor units."""

    due_on: dt.date
    last_day: dt.date
    amount: int
    left: int


@final
@frozen(weakref_slot=False)
class PlanState:
    """A plan on a date: its status since when, what was settled of it and what is left, in minor units.

    ``stretches`` are the days on which it performed, from the first up to but not including the end. ``end`` closes the
    stretch that lasts: where nothing more is paid, the plan is in default from that day on.
    """

    plan: PaymentPlan
    status: str
    since: dt.date
    paid: int
    left: int
    parts: tuple[PlanPart, ...]
    stretches: tuple[tuple[dt.date, dt.date | None], ...]
    end: dt.date | None
    changes: tuple[tuple[dt.date, int], ...]
    """What was left of it from which day on."""

    @property
    def performs(self) -> bool:
        """Whether it is followed, and something is left."""
        return self.status == "performing"


@final
@frozen(kw_only=True)
class PaymentPlans:
    """All plans, reinstatements, cancellations and conditional waivers, in log order."""

    agreed: tuple[PlanEntry, ...] = ()
    reinstatements: tuple[Reinstatement, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def waived(self, charge: str) -> int:
        """What plans give up of a charge on condition, by all that was recorded, in minor units."""
        return sum(each.amount for each in self.waivers if each.charge == charge)

    def states(
        self, as_of: dt.date, known_at: dt.datetime | None, movements: Sequence[Movement]
    ) -> tuple[PlanState, ...]:
        """Each plan as it stood on a date, judged by what settled its items until then, in log order."""
        by_item: dict[str, list[tuple[int, Movement]]] = {}
        for at, movement in enumerate(movements):
            by_item.setdefault(movement.item, []).append((at, movement))
        return tuple(
            _judge(
                entry,
                as_of,
                [each for each in self.reinstatements if each.plan == entry.plan.id and each.seen(as_of, known_at)],
                self._cancelled_on(entry.plan.id, as_of, known_at),
                [each for _, each in sorted(row for item in entry.plan.owed_items for row in by_item.get(item, ()))],
            )
            for entry in self.agreed
            if entry.seen(as_of, known_at)
        )

    def _cancelled_on(self, plan: str, as_of: dt.date, known_at: dt.datetime | None) -> dt.date | None:
        found = [each for each in self.cancellations if each.plan == plan and each.seen(as_of, known_at)]
        return min((each.effective_on for each in found), default=None)


def _judge(
    entry: PlanEntry,
    as_of: dt.date,
    reinstatements: Iterable[Reinstatement],
    cancelled_on: dt.date | None,
    movements: Iterable[Movement],
) -> PlanState:
    money = _counted(entry, movements)
    walk = _walk(entry, money, reinstatements, as_of if cancelled_on is None else min(as_of, cancelled_on))
    status, since, end = _status(walk, money, cancelled_on)
    return PlanState(
        plan=entry.plan,
        status=status,
        since=since,
        paid=money.paid,
        left=money.left,
        parts=tuple(_parts(entry.plan, walk.deadlines, money)),
        stretches=(*walk.before, (walk.start, end if status in ("defaulted", "cancelled") else None)),
        end=end,
        changes=tuple(money.changes(entry.effective_on)),
    )


class _Walk(NamedTuple):
    """How a plan went up to a day: the stretches that are over, the start of the last one, and its default if any."""

    before: tuple[tuple[dt.date, dt.date], ...]
    start: dt.date
    deadlines: tuple[Deadline, ...]
    failed_on: dt.date | None


def _walk(entry: PlanEntry, money: _Money, reinstatements: Iterable[Reinstatement], last: dt.date) -> _Walk:
    """From one reinstatement to the next: each stretch lasts until its first default."""
    grace = dt.timedelta(days=entry.plan.grace_days)
    deadlines = tuple(Deadline(each.due_on + grace, each.amount.minor) for each in entry.plan.installments)
    before: list[tuple[dt.date, dt.date]] = []
    start = entry.effective_on
    for each in sorted(reinstatements, key=lambda each: (each.effective_on, each.recorded_at)):
        if each.effective_on <= last:
            failed_on = money.failed_on(deadlines, start, each.effective_on)
            if failed_on is not None:
                before.append((start, failed_on))
                start = each.effective_on
            deadlines = _caught_up(deadlines, each)
    return _Walk(tuple(before), start, deadlines, money.failed_on(deadlines, start, last))


def _status(walk: _Walk, money: _Money, cancelled_on: dt.date | None) -> tuple[str, dt.date, dt.date | None]:
    """Status, since when, and the end of the stretch: for one that lasts the default that comes if nothing more does."""
    done_on = money.done_on
    if walk.failed_on is None and done_on is not None and (cancelled_on is None or done_on <= cancelled_on):
        since = max(done_on, walk.start)
        return "completed", since, since
    if cancelled_on is not None:
        return "cancelled", cancelled_on, min(walk.failed_on or cancelled_on, cancelled_on)
    if walk.failed_on is not None:
        return "defaulted", walk.failed_on, walk.failed_on
    return "performing", walk.start, money.failed_on(walk.deadlines, walk.start, dt.date.max)


def _caught_up(deadlines: Iterable[Deadline], reinstatement: Reinstatement) -> tuple[Deadline, ...]:
    """The deadlines after a reinstatement: what was missed has a new last day, the others stand."""
    on, catch_up_by = reinstatement.effective_on, reinstatement.catch_up_by
    return tuple(Deadline(catch_up_by, each.amount) if each.last_day < on else each for each in deadlines)


class _Money(NamedTuple):
    """What a plan comes to and what was settled of it, by day; both in minor units."""

    owed: int
    by_day: tuple[tuple[dt.date, int], ...]

    @property
    def paid(self) -> int:
        """What was settled, in all."""
        return sum(amount for _, amount in self.by_day)

    @property
    def left(self) -> int:
        """What is left to be settled."""
        return max(0, min(self.owed, self.owed - self.paid))

    @property
    def done_on(self) -> dt.date | None:
        """The day since which nothing is left, if nothing is."""
        if self.left:
            return None
        open_days = [on for (_, left), (on, _) in pairwise(self.changes(dt.date.min)) if left]
        return max(open_days, default=dt.date.min)

    def before(self, day: dt.date) -> int:
        """What was settled before a day."""
        return max(0, sum(amount for on, amount in self.by_day if on < day))

    def failed_on(self, deadlines: Sequence[Deadline], start: dt.date, until: dt.date) -> dt.date | None:
        """The first day after the start before which less was settled than had to be.

        Only the day after a deadline, or after money was taken back, can be that.
        """
        days = {each.last_day + _DAY for each in deadlines if each.last_day < dt.date.max}
        days.update(on + _DAY for on, amount in self.by_day if amount < 0)
        for day in sorted(day for day in days if start < day <= until):
            needed = min(self.owed, sum(each.amount for each in deadlines if each.last_day < day))
            if self.before(day) < needed:
                return day
        return None

    def changes(self, start: dt.date) -> Iterator[tuple[dt.date, int]]:
        """What was left from which day on."""
        left = self.owed
        yield start, left
        for on, amount in self.by_day:
            left -= amount
            yield on, max(0, min(self.owed, left))


def _counted(entry: PlanEntry, movements: Iterable[Movement]) -> _Money:
    """What counts for a plan: all that became known after it, as what was known before is not in its sum.

    What was settled before the plan and becomes known later makes the plan less, from its end. What had been settled and is
    taken back is owed beside the plan. Of what was recorded in the very instant of the plan so much was known as
    ``settled`` says.
    """
    known, owed = 0, entry.plan.total.minor
    before: set[str | None] = set()
    by_day: dict[dt.date, int] = {}
    for each in sorted(movements, key=lambda each: each.recorded_at):
        at_once = each.recorded_at == entry.recorded_at and known != entry.settled
        if each.recorded_at < entry.recorded_at or at_once:
            known += each.amount
            before.add(each.allocation)
        elif each.allocation is not None and each.allocation in before:
            continue
        elif each.on < entry.effective_on:
            owed -= each.amount
        else:
            by_day[each.on] = by_day.get(each.on, 0) + each.amount
    moved = sorted((day, amount) for day, amount in by_day.items() if amount)  # what was taken back moved nothing
    return _Money(max(0, min(owed, entry.plan.total.minor)), tuple(moved))


def _parts(plan: PaymentPlan, deadlines: Iterable[Deadline], money: _Money) -> Iterator[PlanPart]:
    """The installments with what is left of each: what was paid counts from the first on, what is not owed from the last."""
    reached = 0
    for each, deadline in zip(plan.installments, deadlines, strict=True):
        amount = each.amount.minor
        left = max(0, min(money.owed, reached + amount) - max(money.paid, reached))
        yield PlanPart(each.due_on, deadline.last_day, amount, left)
        reached += amount


# What ages by a plan -------------------------------------------------------------------------------------------------


@final
@frozen(weakref_slot=False)
class Replanned:
    """So much of an open item, in minor units, that ages from the day of an installment, an ordinal."""

    item: str
    plan_due: int
    amount: int


def replanned(states: Iterable[PlanState], rooms: Mapping[str, int]) -> Iterator[Replanned]:
    """What ages by plans that perform: the open items in the order given, on what is left of the installments.

    ``rooms`` is what is open of each item and not disputed, in the order of their due dates. What is open beyond the plans
    keeps its own.
    """
    room, place = dict(rooms), {item: at for at, item in enumerate(rooms)}
    for state in states if any(room.values()) else ():
        parts = [[each.due_on.toordinal(), each.left] for each in state.parts if each.left and state.performs]
        for item in sorted((each for each in state.plan.items if parts and each in place), key=place.__getitem__):
            while room[item] and parts:
                plan_due, left = parts[0]
                taken = min(room[item], left)
                room[item] -= taken
                parts[0][1] -= taken
                if left == taken:
                    parts.pop(0)
                yield Replanned(item, plan_due, taken)


def _agreed(fact: PlanAgreed) -> Iterable[PlanEntry]:
    waived = tuple(each.minor for each in fact.waived)
    return (PlanEntry(fact.plan, fact.settled.minor, fact.approver, fact.effective_on, fact.recorded_at, waived),)


def _reinstated(fact: PlanReinstated) -> Iterable[Reinstatement]:
    return (Reinstatement(fact.plan, fact.catch_up_by, fact.effective_on, fact.recorded_at),)


def _cancelled(fact: PlanCancelled) -> Iterable[Cancellation]:
    return (Cancellation(fact.plan, fact.effective_on, fact.recorded_at),)


def _waived(fact: ChargeWaived | ChargeReinstated) -> Iterator[Waiver]:
    """Only what was waived by a plan; what a person waives is no business of plans."""
    if fact.plan is not None:
        amount = fact.amount.minor if isinstance(fact, ChargeWaived) else -fact.amount.minor
        yield Waiver(fact.plan, fact.charge, amount, fact.effective_on, fact.recorded_at)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    PlanAgreed: (("agreed", _agreed),),
    PlanReinstated: (("reinstatements", _reinstated),),
    PlanCancelled: (("cancellations", _cancelled),),
    ChargeWaived: (("waivers", _waived),),
    ChargeReinstated: (("waivers", _waived),),
}
