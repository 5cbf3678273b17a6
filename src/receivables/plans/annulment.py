"""What becomes known late: each step that was sent is judged again, at its own date, with what is known today.

A step is false where nothing of its item was open on the day of the letter; where an arrangement that began before that
day, and became known after the letter, kept back all of it, or an extension made it due later; or where the step before
it on the same ladder was annulled. False steps are annulled by a fact that names the letter; one retraction per letter
is queued. No step is invented backward, and none is un-annulled: an item that is open again later climbs anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from receivables.codec import digest
from receivables.documents.hold import Hold
from receivables.documents.notice import Notice
from receivables.facts.dunning import NoticeQueued, StepsAnnulled
from receivables.facts.fact import Fact
from receivables.plans.charges import reversed_for
from receivables.plans.plan import Context
from receivables.policies.book import PolicyBook
from receivables.state.account import Account
from receivables.state.cash import AllocationEntry, Reduction
from receivables.state.dunning import NoticeEntry
from receivables.state.withheld import connected

RETRACTION = "retraction"
"""The template key of a letter that takes another one back."""


def annul_false_steps(account: Account, policies: PolicyBook, context: Context) -> tuple[Fact, ...]:
    """A consequence: steps that a backdated payment or credit note shows to be false, with their retractions."""
    if not account.dunning.events:
        return ()
    applied, late = _applied(account), _late(account)
    if not applied and not late.since:
        return ()
    amounts = {item.id: item.amount for item in account.ledger.items}
    found: list[Fact] = []
    broken: dict[tuple[str, dt.date], dt.datetime] = {}
    for entry, annulled in _sent(account):
        notice, false = entry.notice, []
        kept_back = _kept_back(account, entry, {line.item for line in notice.claimed} - annulled.keys(), late)
        for line in notice.claimed:
            if line.item not in amounts:
                continue  # of another account since, which was separated from this one
            ladder = (line.item, line.ladder_from)
            if line.item in annulled:
                broken[ladder] = annulled[line.item]
                continue
            paid = sum(each.amount for each in applied.get(line.item, ()) if each.effective_on <= notice.as_of)
            stands = ladder not in broken or broken[ladder] <= entry.recorded_at or _begins(notice, line.item, context)
            if paid >= amounts.get(line.item, 0) or line.item in kept_back or not stands:
                false.append(line.item)
                broken[ladder] = _LATER
        if false:
            found.extend(_annul(notice, tuple(false), account, context))
    return tuple(found)


_LATER = dt.datetime.max.replace(tzinfo=dt.UTC)
"""Later than every letter: those that were decided before stood on a step that turns out false only now."""


class _Late(NamedTuple):
    """When each arrangement, hold on dunning and extension began, and when it became known, by what it can bear on.

    That is an item, which stands for all that it shares arrangements with, or ``None`` for the whole account.
    """

    since: Mapping[str | None, Sequence[tuple[dt.date, dt.datetime]]]
    stands_for: Mapping[str, str]

    def concerns(self, entry: NoticeEntry, items: Iterable[str]) -> bool:
        """Whether something that began before the day of a letter became known after it, about one of these items."""
        about = {None, *(self.stands_for.get(item, item) for item in items)}
        return any(
            since < entry.notice.as_of and known > entry.recorded_at
            for each in about
            for since, known in self.since.get(each, ())
        )


def _late(account: Account) -> _Late:
    groups = [entry.items for entry in account.disputes.opened]
    groups += [entry.items for entry in account.promises.made]
    groups += [entry.plan.items for entry in account.payment_plans.agreed]
    stands_for = connected(groups)
    since: dict[str | None, list[tuple[dt.date, dt.datetime]]] = {}
    for items, on, known in (*_agreed(account), *_planned(account), *_put_off(account)):
        for each in dict.fromkeys(item and stands_for.get(item, item) for item in items):
            since.setdefault(each, []).append((on, known))
    return _Late(since, stands_for)


Beginnings = Iterator[tuple[Sequence[str | None], dt.date, dt.datetime]]
"""The items that something is about, ``None`` for all; when it began, and when it became known."""


def _agreed(account: Account) -> Beginnings:
    for opened in account.disputes.opened:
        yield opened.items, opened.effective_on, opened.recorded_at
    for made in account.promises.made:
        yield made.items, made.effective_on, made.recorded_at


def _planned(account: Account) -> Beginnings:
    """Plans, what lets them perform again, and money: known late it shows that a plan was not in default."""
    plans = {entry.plan.id: entry.plan.items for entry in account.payment_plans.agreed}
    began: dict[str, dt.date] = {}
    for agreed in account.payment_plans.agreed:
        yield agreed.plan.items, agreed.effective_on, agreed.recorded_at
        for item in agreed.plan.items:
            began[item] = min(agreed.effective_on, began.get(item, agreed.effective_on))
    for again in account.payment_plans.reinstatements:
        yield plans.get(again.plan, ()), again.effective_on, again.recorded_at
    for paid in account.cash.allocations if began else ():
        if paid.item in began:
            yield (paid.item,), began[paid.item], paid.recorded_at


def _put_off(account: Account) -> Beginnings:
    for dating in account.ledger.datings:
        if dating.extension:
            yield (dating.item,), dating.effective_on, dating.recorded_at
    for placed in account.credit.holds:
        if "dunning" in placed.hold.stops:
            yield _held(account, placed.hold), placed.effective_on, placed.recorded_at


def _held(account: Account, hold: Hold) -> Sequence[str | None]:
    """What a hold is on: an item, the items of a document, or ``None`` for all."""
    if hold.document is None:
        return (hold.item,)
    return [item.id for item in account.ledger.items if item.document == hold.document]


def _kept_back(account: Account, entry: NoticeEntry, items: Collection[str], late: _Late) -> frozenset[str]:
    """Which of these items of a letter were kept back on its day, by what became known after it.

    What begins on the day of the letter does not count: letters are what makes people call.
    """
    if not late.concerns(entry, items):
        return frozenset()
    day = entry.notice.as_of
    view = account.that_had(entry.notice.key, day).view(day)
    held = [hold for hold in view.holds if hold.stops_all("dunning") and hold.placed_on < day]
    extended = account.ledger.due_dates(day - dt.timedelta(days=1), None)
    found = set()
    for line in entry.notice.claimed:
        if line.item not in items:
            continue
        parts = [part.amount for part in view.withheld_of.get(line.item, ()) if part.since < day]
        whole = line.item in view.places and sum(parts) >= view.open(line.item).minor
        undue = line.due_on < day <= extended.get(line.item, line.due_on)
        if whole or undue or any(hold.covers(line.item, line.document) for hold in held):
            found.add(line.item)
    return frozenset(found)


def _applied(account: Account) -> dict[str, list[AllocationEntry | Reduction]]:
    """The allocations in force, and the differences that were settled with them, by item."""
    found: dict[str, list[AllocationEntry | Reduction]] = {}
    entries: list[AllocationEntry | Reduction] = [*account.cash.in_force(), *account.cash.differences()]
    for entry in entries:
        found.setdefault(entry.item, []).append(entry)
    return found


def _sent(account: Account) -> list[tuple[NoticeEntry, Mapping[str, dt.datetime]]]:
    """The letters to the customer that went out and claim something, in the order in which they were decided.

    With each, which of its items were annulled before, and when that was recorded: a letter that was decided after stands
    on what was left of the ladder then.
    """
    status = {event.notice: event.status for event in account.dunning.events}
    annulled: dict[str, dict[str, dt.datetime]] = {}
    for each in account.dunning.annulments:
        annulled.setdefault(each.notice, {}).update(dict.fromkeys(each.items, each.recorded_at))
    return [
        (entry, annulled.get(entry.notice.key, {}))
        for entry in account.dunning.notices
        if status.get(entry.notice.key) == "sent"
        and entry.notice.audience == "customer"
        and entry.notice.retracts is None
    ]


def _begins(notice: Notice, item: str, context: Context) -> bool:
    """Whether the step of an item on a letter is one that a ladder may begin with: it needs none before it."""
    line = next(each for each in notice.claimed if each.item == item)
    policy = context.policies.dunning(line.policy.id, line.policy.version) if line.policy else None
    if policy is None:
        return False
    first = next((step.name for step in policy.steps if not step.is_reminder), policy.steps[0].name)
    return line.step in (first, policy.steps[0].name)


def _annul(notice: Notice, items: tuple[str, ...], account: Account, context: Context) -> list[Fact]:
    """The annulment, dated like the letter, and the letter that takes it back, dated today."""
    annulled = StepsAnnulled(
        notice=notice.key,
        items=items,
        reason="nothing could be dunned",
        effective_on=notice.as_of,
        recorded_at=context.now,
        by="dunning",
    )
    day = max(notice.as_of, context.today)
    retraction = attrs.evolve(
        notice,
        key=digest((notice.key, "annul", *items)),
        template=RETRACTION,
        as_of=day,
        lines=tuple(attrs.evolve(line, effects=(), charges=()) for line in notice.claimed if line.item in items),
        retracts=notice.key,
    )
    charges = [charge for line in notice.claimed if line.item in items for charge in line.charges]
    back = reversed_for(account, charges, "the step was annulled", context)
    return [annulled, *back, NoticeQueued(notice=retraction, effective_on=day, recorded_at=context.now, by="dunning")]
