"""Dunning policy: when which step is due, and the reason for every item that gets none.

The rules:

1. Due today is not overdue. A step is reached on the day that is ``days_after_due`` days after the due date.
2. One step per run and item, in order; a step needs the one before it *sent*, and ``minimum_gap_days`` between them.
3. What is dunned is the open rest that no dispute, plan or promise keeps back. Held items are not dunned, nor those whose
   claim has lapsed; neither is a currency whose rest is below its minimum.
4. An item finishes on the version of the policy that it started with. A pinned version that is not in the book is a
   reason, never a fallback.
5. The ladder of an item counts from its due date: another due date is another ladder.

Every open item gets one code, included or skipped. The codes stand in columns beside the view's, and become rows with
words when someone looks: `CODES` gives their order of precedence.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import compress
from typing import NamedTuple, final

from attrs import field, frozen

from receivables.errors import InvalidValue, UnknownId
from receivables.policies.dunning_codes import (
    BARRED,
    CHARGE,
    CODES,
    CONDITION,
    DUE,
    FAILED,
    FINISHED,
    GAP,
    HELD,
    NO_CONTACT,
    NO_POLICY,
    NOT_DUE,
    PENDING,
    QUIET,
    REJECTED,
    SMALL,
    STEP_GONE,
    TOO_EARLY,
    UNDATED,
)
from receivables.policies.dunning_letters import crowded_out, paces, room_from
from receivables.policies.dunning_steps import DunningStep, check_pace, check_steps, last_notice
from receivables.policies.dunning_stops import NO_STOPS, Kept, Stops, kept_back, stops_of
from receivables.policies.interest import InterestTerms
from receivables.policies.windows import SendWindow
from receivables.state.invoice import Item
from receivables.state.view import VIEW_WANTED, Book, Ladder, View
from receivables.state.withheld import PAUSING
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import end_of_month
from receivables.values.money import Money

_DUE, _TOO_EARLY, _NOT_DUE, _SMALL = (bytes([code]) for code in (DUE, TOO_EARLY, NOT_DUE, SMALL))

_Tables = tuple[tuple[DunningStep, ...], tuple[int | None, ...], Mapping[str, int], int, bool]
Pinned = Callable[[str, int], "DunningPolicy | None"]
Rung = tuple["DunningStep", "DunningPolicy", int]
"""A step that is due, the policy that it is of, and how often it was taken with this time."""


@final
@frozen(kw_only=True)
class DunningPolicy:
    """A versioned ladder of steps, with a minimum gap between two and minimum amounts per currency.

    ``grace_days`` are added to every step that is no reminder, one more where thresholds are ``exclusive`` ("after the
    seventh day" instead of "on the seventh day"). The last step is sent again every ``repeat_last_days``, at most
    ``repeat_most`` times. With ``contacts_count`` a logged contact counts as a letter for the gap and the cap of contacts.
    ``window`` says when letters may go out. ``interest`` is what steps that claim interest claim; an amount that a credit
    note took back bears none, unless ``credits_bear_interest``. With ``pauses`` the clock stands still while a hold or an
    arrangement stops dunning: those days do not count towards a step; ``pauses_for`` says which kinds do that.

    >>> policy = DunningPolicy(id="standard", version=1, minimum_gap_days=7, steps=(
    ...     DunningStep(name="reminder", days_after_due=7), DunningStep(name="final", days_after_due=21)))
    >>> policy.after("reminder").name
    'final'
    """

    id: str
    version: int
    steps: tuple[DunningStep, ...]
    minimum_gap_days: int = 0
    minimums: tuple[Money, ...] = ()
    grace_days: int = 0
    exclusive: bool = False
    contact_gap_days: int = 0
    contact_cap: int | None = None
    contact_window_days: int = 30
    contacts_count: bool = False
    repeat_last_days: int | None = None
    repeat_most: int = 0
    window: SendWindow | None = None
    interest: InterestTerms | None = None
    credits_bear_interest: bool = False
    pauses: bool = False
    pauses_for: frozenset[str] = PAUSING

    def __attrs_post_init__(self) -> None:
        checks.text("dunning_policy.id", self.id)
        checks.whole("dunning_policy.version", self.version, least=1)
        checks.sequence("dunning_policy.steps", self.steps, DunningStep, "steps")
        checks.whole("dunning_policy.minimum_gap_days", self.minimum_gap_days, least=0)
        checks.sequence("dunning_policy.minimums", self.minimums, Money, "money")
        check_steps(self.steps)
        check_pace(self)
        currencies = [minimum.currency.code for minimum in self.minimums]
        if len(set(currencies)) != len(currencies):
            raise InvalidValue("dunning_policy.minimums", currencies, "must give each currency once")

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each step on the ladder, by its name."""
        return {step.name: place for place, step in enumerate(self.steps)}

    def after(self, name: str) -> DunningStep | None:
        """The step after the one of this name, or ``None`` after the last; `UnknownId` for a name it lacks."""
        if name not in self.places:
            raise UnknownId("step", name)
        place = self.places[name] + 1
        return self.steps[place] if place < len(self.steps) else None

    @cached_property
    def is_plain(self) -> bool:
        """Whether the first step depends on the due date alone: then items that start need no look one by one."""
        return self.offsets[0] is not None

    @cached_property
    def patience(self) -> int:
        """The days that are added to every step that is no reminder."""
        return self.grace_days + self.exclusive

    @cached_property
    def offsets(self) -> tuple[int | None, ...]:
        """Per step the days from the due date; ``None`` for a step that needs more than that, or is a reminder."""
        return tuple(
            None
            if step.days_after_due is None or step.month_end or step.is_reminder
            else step.days_after_due + self.patience
            for step in self.steps
        )

    @cached_property
    def tables(self) -> _Tables:
        """What judging an item needs, at hand: steps, offsets, places, the gap, and whether steps repeat or remind."""
        return self.steps, self.offsets, self.places, self.minimum_gap_days, bool(self.repeat_most) or self.reminds

    @cached_property
    def reminds(self) -> bool:
        """Whether it has reminders, which go out before an item is overdue."""
        return any(step.is_reminder for step in self.steps)

    def reminds_at(self, place: int) -> bool:
        """Whether the step at a place is a reminder."""
        return 0 <= place < len(self.steps) and self.steps[place].is_reminder

    @cached_property
    def restrains(self) -> bool:
        """Whether the account as a whole has a say: conditions, a gap or a cap of letters."""
        return paces(self) or any(step.condition for step in self.steps)

    def reached(self, step: DunningStep, item: Item, due: int, ladder: Ladder | None) -> int:
        """The day, as an ordinal, on which a step is reached; after reminders that never went out it counts from the due date."""
        if step.days_after_due is not None:
            start, days = due, step.days_after_due
        elif step.days_after_invoice is not None:
            start, days = item.document_on.toordinal(), step.days_after_invoice
        else:
            from_on = last_notice(step, ladder)
            start = due if from_on is None else from_on.toordinal()
            days = step.days_after_notice or step.days_after_pay_by or 0
        day = start + days
        if step.month_end:
            day = end_of_month(dt.date.fromordinal(day)).toordinal()
        return day if step.is_reminder else day + self.patience

    def minimum(self, currency: Currency) -> int:
        """The smallest sum that is dunned in a currency, in minor units."""
        return next((each.minor for each in self.minimums if each.currency == currency), 0)

    def plan(self, view: View) -> DunningPlan:
        """What this policy would do with an account on the date of a view: every item, included or skipped.

        >>> from receivables import Account, Customer, Invoice
        >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
        ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
        >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
        >>> policy = DunningPolicy(id="standard", version=1, steps=(DunningStep(name="first", days_after_due=7),))
        >>> for day in (4, 10, 11):
        ...     row, = policy.plan(account.view(dt.date(2026, 2, day))).rows()
        ...     print(row["days_overdue"], row["reason"], row["step"])
        0 not_due None
        6 step_not_reached None
        7 step_due first
        """
        checks.instance("dunning_plan.view", view, View, VIEW_WANTED)
        return plan_dunning(view, self, lambda id, version: self if (id, version) == (self.id, self.version) else None)


class BookPlan(NamedTuple):
    """The plan for one book: a code per item as a byte, and when to look again.

    Included items take the step ``fresh``, unless ``rungs`` names another for their position; it may name others too.
    ``look_on`` is an ordinal: the earliest day on which a code may change without a new fact. It may lie in the past.
    """

    book: Book
    codes: bytes
    fresh: Rung | None
    rungs: tuple[tuple[int, Rung], ...]
    look_on: int | None

    def free(self, at: int, view: View) -> int:
        """What may be dunned of the item at a position, in minor units: the open rest that nothing keeps back."""
        parts = view.withheld_of.get(self.book.items[at].id, ()) if view.withheld else ()
        return self.book.open[at] - sum(part.amount for part in parts)

    @property
    def steps(self) -> Mapping[int, Rung]:
        """The positions that take a step, in order, with the step and the policy that it is of."""
        other = dict(self.rungs)
        found = {at: other.get(at, self.fresh) for at, code in enumerate(self.codes) if code == DUE}
        return {at: rung for at, rung in found.items() if rung is not None}


@final
@frozen
class DunningPlan:
    """Every open item of an account on a date, included or skipped, with the reason."""

    account: str
    as_of: dt.date
    books: tuple[BookPlan, ...]
    view: View = field(repr=False)

    @property
    def included(self) -> int:
        """How many items take a step."""
        return sum(plan.codes.count(DUE) for plan in self.books)

    @property
    def look_on(self) -> dt.date | None:
        """The earliest day on which the plan may say something else without a new fact; it may lie in the past."""
        days = [plan.look_on for plan in self.books if plan.look_on is not None and plan.look_on <= _NEVER]
        return dt.date.fromordinal(min(days)) if days else None

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self.rows())

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per open item, in the order of the books."""
        return [row for plan in self.books for row in self._book_rows(plan)]

    def _book_rows(self, plan: BookPlan) -> Iterator[dict[str, object]]:
        steps = plan.steps
        for at, (item, code) in enumerate(zip(plan.book.items, plan.codes, strict=True)):
            step, policy, _ = steps.get(at, (None, None, 0))
            yield {
                "account": self.account,
                "item": item.id,
                "currency": plan.book.currency.code,
                "open": str(Money(plan.book.open[at], plan.book.currency).amount),
                "dunnable": str(Money(plan.free(at, self.view), plan.book.currency).amount),
                "due_on": item.due_on,
                "days_overdue": max(0, (self.as_of - item.due_on).days) if item.due_on else None,
                "included": code == DUE,
                "step": step.name if step else None,
                "policy": f"{policy.id}/{policy.version}" if policy else None,
                "reason": CODES[code][0],
                "says": CODES[code][1],
                "retryable": CODES[code][2],
                "lacks": step.lacks(plan.book.currency) if step else None,
            }

    def explain(self, item: str) -> str:
        """The story of an item in one sentence: what is open, the step that was sent last, what happens and why.

        Raises `UnknownId` for an item that is not open on the date of the plan.
        """
        self.view.item(item)
        return self._story(next(row for row in self.rows() if row["item"] == item))

    def _story(self, row: Mapping[str, object]) -> str:
        ladder = self.view.ladder_of.get(str(row["item"]))
        overdue = f"{row['days_overdue']} days overdue" if row["days_overdue"] is not None else "without a due date"
        sent = f", step {ladder.step!r} sent on {ladder.sent_on}" if ladder and ladder.step else ""
        step = f"step {row['step']!r} of policy {row['policy']}: " if row["included"] else ""
        open_ = f"{row['open']} {row['currency']} open"
        lacks = f"; {row['lacks']}: its fee has no amount in {row['currency']}" if row["lacks"] else ""
        return f"{row['item']}, {open_}, {overdue} on {self.as_of}{sent}: {step}{row['says']}{lacks}"

    def __str__(self) -> str:
        lines = [self._story(row) for row in self.rows()]
        return "\n".join(lines) or f"{self.account}: nothing open on {self.as_of}"


def plan_dunning(
    view: View,
    policy: DunningPolicy | None,
    pinned: Pinned,
    chosen_by_invoice: Mapping[str, DunningPolicy | None] | None = None,
    barred: Set[str] = frozenset(),
) -> DunningPlan:
    """The plan of an account: ``policy`` for items that start, ``pinned`` gives the version of those that have.

    ``chosen_by_invoice`` gives the policy of invoices that have one of their own, ``barred`` are the items whose claims
    have lapsed.
    """
    chosen = chosen_by_invoice or {}
    stops = stops_of(view) if view.holds else None
    customer = view.customer
    restrained = (policy is not None and policy.restrains) or (customer is not None and bool(customer.contacts))
    kept = kept_back(view) if view.withheld else _NOTHING_KEPT
    settings = _Settings(
        view.as_of.toordinal(), policy, pinned, chosen, view.ladder_of, stops, kept, view, restrained, barred
    )
    plans = tuple([_plan_book(settings, book) for book in view.books])
    others = [rung[1] for plan in plans for _, rung in plan.rungs if rung[1] is not policy]
    paced = any(map(paces, others if policy is None else [policy, *others]))
    return DunningPlan(view.account, view.as_of, _spread(view, plans) if paced else plans, view)


def _spread(view: View, plans: tuple[BookPlan, ...]) -> tuple[BookPlan, ...]:
    """The plans without the steps that the other letters of the same run leave no room for."""
    found = crowded_out(view, [plan.steps for plan in plans])
    return tuple([_quieted(plan, found[place]) if place in found else plan for place, plan in enumerate(plans)])


def _quieted(plan: BookPlan, waits: Mapping[int, int]) -> BookPlan:
    codes = bytes(QUIET if at in waits else code for at, code in enumerate(plan.codes))
    days = [*waits.values()] if plan.look_on is None else [plan.look_on, *waits.values()]
    return plan._replace(codes=codes, look_on=min(days))


class _Settings(NamedTuple):
    """What stays the same over the books of one plan; ``today`` is an ordinal.

    ``stops`` are the holds that stop dunning, ``kept`` says of which items something is kept back. ``restrained`` says that the account as a whole may have a say.
    """

    today: int
    policy: DunningPolicy | None
    pinned: Pinned
    chosen: Mapping[str, DunningPolicy | None]
    ladders: Mapping[str, Ladder]
    stops: Stops | None
    kept: Mapping[str, Kept]
    view: View
    restrained: bool
    barred: Set[str]


def _plan_book(settings: _Settings, book: Book) -> BookPlan:
    """Fresh items as runs of positions (they are sorted by due date), then those that have a story of their own."""
    codes, overdue = _plan_fresh(settings, book)
    policy = settings.policy
    plain = policy is None or policy.is_plain
    special = _special(settings, book, overdue) if plain else range(len(codes))
    rungs, look = _judge(settings, book, special, codes) if special else ([], [])
    fresh = (policy.steps[0], policy, 1) if policy else None
    if DUE in codes:
        others = [rung[1] for _, rung in rungs if rung[1] is not policy]
        if settings.restrained or any(other.restrains for other in others):
            look += _restrain(settings, codes, rungs, fresh)
            rungs = [rung for rung in rungs if codes[rung[0]] == DUE]
        if (others or (policy is not None and policy.minimums)) and _below_minimum(
            settings, book, codes, policy, others
        ):
            codes = codes.replace(_DUE, _SMALL)
            rungs, look = [], [day for day in look if day > settings.today]
    if policy is not None and (first := _first_fresh(codes, special)) is not None:
        look.append(book.due[first] + (policy.offsets[0] or 0))
    return BookPlan(book, bytes(codes), fresh, tuple(rungs), min(look) if look else None)


def _plan_fresh(settings: _Settings, book: Book) -> tuple[bytearray, int]:
    """The codes as if no item had a ladder, and how many items are overdue: due dates are sorted, a code is a run."""
    count = len(book.due)
    policy = settings.policy
    overdue = bisect_left(book.due, settings.today)
    if policy is None:
        return bytearray([NO_POLICY]) * count, overdue
    reached = bisect_right(book.due, settings.today - (policy.offsets[0] or 0), 0, overdue)
    return bytearray(_DUE * reached + _TOO_EARLY * (overdue - reached) + _NOT_DUE * (count - overdue)), overdue


def _restrain(settings: _Settings, codes: bytearray, rungs: list[tuple[int, Rung]], fresh: Rung | None) -> list[int]:
    """Take back what the account as a whole does not allow: the condition of a step, no contact, too many letters."""
    own = dict(rungs)
    found: dict[tuple[str, int, str], tuple[int, int | None]] = {}
    for at, code in enumerate(codes):
        rung = own.get(at, fresh) if code == DUE else None
        if rung is None:
            continue
        key = (rung[1].id, rung[1].version, rung[0].name)
        if key not in found:
            found[key] = _account_code(settings, rung)
        codes[at] = found[key][0]
    return [day for code, day in found.values() if code != DUE and day is not None]


def _account_code(settings: _Settings, rung: Rung) -> tuple[int, int | None]:
    """What the account says to a step, and the day from which it may say something else."""
    step, policy, view = rung[0], rung[1], settings.view
    if step.condition is not None and not step.condition.holds(view):
        return CONDITION, step.condition.look_on(view)
    if view.customer is not None and view.customer.contacts and step.channel_for(view.customer) is None:
        return NO_CONTACT, None
    until = room_from(view, policy)
    return (QUIET, until) if settings.today < until else (DUE, None)


def _special(settings: _Settings, book: Book, overdue: int) -> Sequence[int]:
    """The positions of the items that are not simply fresh: with a ladder, held, undated, with a policy of their own.

    Holds matter only to overdue items, which stand first; a ladder matters before, where its version has reminders.
    """
    pausing = bool(settings.view.pauses) and settings.policy is not None and settings.policy.pauses
    if settings.chosen or book.undated:
        chosen, laddered = settings.chosen, frozenset(book.laddered)
        held = settings.stops is not None or bool(settings.kept or settings.barred) or pausing
        return [
            at
            for at, item in enumerate(book.items)
            if item.due_on is None or item.document in chosen or at in laddered or (held and at < overdue)
        ]
    if pausing:
        return sorted({*range(overdue), *book.laddered})
    if settings.stops is not None or settings.kept or settings.barred:
        touched = (settings.stops or NO_STOPS).touched(book, overdue, settings.kept.keys() | settings.barred)
        return sorted({*touched, *book.laddered})
    return book.laddered


def _judge(  # noqa: C901, PLR0912, PLR0915 - one loop, see below
    settings: _Settings, book: Book, special: Sequence[int], codes: bytearray
) -> tuple[list[tuple[int, Rung]], list[int]]:
    """Give each special item its code, in order of precedence; the steps taken, and the days to look again.

    One long loop, because it runs for every item with a ladder on every day.
    """
    today, ladders, stops, items, due_of = settings.today, settings.ladders, settings.stops, book.items, book.due
    own, chosen, pauses, kept = settings.policy, settings.chosen, settings.view.pauses, settings.kept
    barred = settings.barred
    rungs: list[tuple[int, Rung]] = []
    look: list[int] = []
    current = own
    steps, offsets, places, gap, turns = own.tables if own is not None else _NO_TABLES
    for at in special:
        item, due = items[at], due_of[at]
        if item.kind != "invoice":
            codes[at] = CHARGE
            continue
        ladder = ladders.get(item.id)
        if ladder is not None and ladder.ladder_from != item.due_on and ladder.pending is None:
            ladder = None  # another due date is another ladder
        policy = chosen.get(item.document, own) if chosen else own
        if ladder is not None and (ref := ladder.policy) is not None:
            if own is not None and ref.version == own.version and ref.id == own.id:
                policy = own
            else:
                policy = settings.pinned(ref.id, ref.version)
        if policy is None:
            codes[at] = NO_POLICY
            continue
        if item.due_on is None:
            codes[at] = UNDATED
            continue
        if policy is not current:
            current = policy
            steps, offsets, places, gap, turns = policy.tables
        place, times, soonest = 0, 1, 0
        if ladder is not None and ladder.step is not None and ladder.sent_on is not None:
            place = places.get(ladder.step, -2) + 1
            soonest = ladder.sent_on.toordinal() + gap
        if turns:
            place, times, soonest = _turn(policy, ladder, place, soonest, today > due)
        offset = offsets[place] if 0 <= place < len(steps) else None
        back, back_until = kept.get(item.id, _ALL_FREE) if kept else _ALL_FREE
        if back_until is not None:
            look.append(back_until)
        if today <= due and (offset is not None or not policy.reminds_at(place)):
            codes[at] = NOT_DUE
            look.extend(_later(policy, place, item, due, ladder))
        elif barred and item.id in barred:
            codes[at] = BARRED
        elif back is not None:
            codes[at] = back
        elif stops is not None and (hold := stops.on(item.id, item.document)) is not None:
            codes[at] = HELD
            look.extend([hold.until.toordinal() + 1] if hold.until else ())
        elif ladder is not None and ladder.pending is not None:
            codes[at] = _WAITING.get(ladder.pending, PENDING)
        elif place < 0:
            codes[at] = STEP_GONE
        elif place == len(steps):
            codes[at] = FINISHED
        else:
            if offset is not None and times == 1:
                reached = due + offset
            else:
                reached = _reached(policy, place, times, soonest, item, due, ladder)
            if policy.pauses and pauses:
                reached += _paused(settings.view, policy, place, times, item, due, ladder)
            if today < reached:
                codes[at] = NOT_DUE if today <= due else TOO_EARLY
            elif today < soonest:
                codes[at] = GAP
            else:
                codes[at] = DUE
                rungs.append((at, (steps[place], policy, times)))
            look.append(reached if reached > soonest else soonest)  # noqa: FURB136 - max() costs as much as the rest
    return rungs, look


def _reached(
    policy: DunningPolicy, place: int, times: int, soonest: int, item: Item, due: int, ladder: Ladder | None
) -> int:
    """The day on which a step is reached that counts from more than the due date, or is taken again."""
    return soonest if times > 1 else policy.reached(policy.steps[place], item, due, ladder)


def _paused(
    view: View, policy: DunningPolicy, place: int, times: int, item: Item, due: int, ladder: Ladder | None
) -> int:
    """The days under a hold since the day that a step counts from."""
    step = policy.steps[place]
    start = due
    if ladder is not None and ladder.sent_on is not None and (times > 1 or step.follows_notice):
        start = ladder.sent_on.toordinal()
    return view.paused_days(item.id, start, view.as_of.toordinal(), policy.pauses_for)


_NOTHING_KEPT: Mapping[str, Kept] = {}
_ALL_FREE = (None, None)
_NO_TABLES: _Tables = ((), (), {}, 0, False)
_NEVER = dt.date.max.toordinal()


def _later(policy: DunningPolicy, place: int, item: Item, due: int, ladder: Ladder | None) -> Iterator[int]:
    """The day on which an item that is not due yet reaches its step, if it has one left."""
    if 0 <= place < len(policy.steps):
        yield max(_reached(policy, place, 1, 0, item, due, ladder), due + 1)


_WAITING = {"failed": FAILED, "rejected": REJECTED}


def _turn(
    policy: DunningPolicy, ladder: Ladder | None, place: int, soonest: int, overdue: bool
) -> tuple[int, int, int]:
    """The next place, how often it was taken with this time, and not before when: with repeats and reminders.

    The last step is sent again at its distance. A reminder whose day has passed is passed over.
    """
    every = policy.repeat_last_days if ladder is not None and ladder.times <= policy.repeat_most else None
    if place == len(policy.steps) and every is not None and ladder is not None and ladder.sent_on is not None:
        return place - 1, ladder.times + 1, max(soonest, ladder.sent_on.toordinal() + every)
    while overdue and 0 <= place < len(policy.steps) and policy.steps[place].is_reminder:
        place += 1
    return place, 1, soonest


def _below_minimum(
    settings: _Settings, book: Book, codes: bytearray, own: DunningPolicy | None, others: list[DunningPolicy]
) -> bool:
    """Whether all that could be dunned in this currency is less than the smallest sum that its policies dun."""
    policies = others if own is None else [own, *others]
    minimum = max([policy.minimum(book.currency) for policy in policies if policy.minimums], default=0)
    if minimum <= 0:
        return False
    due = sum(compress(book.open, map(DUE.__eq__, codes)))
    if settings.kept:
        taken = compress(book.items, map(DUE.__eq__, codes))
        due -= sum(part.amount for item in taken for part in settings.view.withheld_of.get(item.id, ()))
    return due < minimum


def _first_fresh(codes: bytearray, special: Sequence[int]) -> int | None:
    """The first fresh item that time can move: those below the minimum wait for a fact."""
    at = 0
    for place in special:
        if place != at:
            break
        at += 1
    if at < len(codes) and codes[at] != SMALL:
        return at
    skip = frozenset(special)
    return next((at for at, code in enumerate(codes) if code != SMALL and at not in skip), None)
