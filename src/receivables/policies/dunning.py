"""Dunning policy: when which step is due, and the reason for every item that gets none.

The rules:

1. Due today is not overdue. A step is reached on the day that is ``days_after_due`` days after the due date.
2. One step per run and item, in order; a step needs the one before it *sent*, and ``minimum_gap_days`` between them.
3. What is dunned is the open rest. Held items are not dunned; neither is a currency whose rest is below its minimum.
4. An item finishes on the version of the policy that it started with. A pinned version that is not in the book is a
   reason, never a fallback.
5. The ladder of an item counts from its due date: another due date is another ladder.

Every open item gets one code, included or skipped. The codes stand in columns beside the view's, and become rows with
words when someone looks: `CODES` gives their order of precedence.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, pairwise
from typing import final

from attrs import field, frozen

from receivables.documents.credit import Hold
from receivables.errors import InvalidValue, UnknownId
from receivables.state.invoice import Item
from receivables.state.view import Book, Ladder, View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

NO_POLICY, UNDATED, NOT_DUE, HELD, FAILED, PENDING, FINISHED, STEP_GONE, TOO_EARLY, GAP, SMALL, DUE = range(12)

_DUE, _TOO_EARLY, _NOT_DUE, _SMALL = (bytes([code]) for code in (DUE, TOO_EARLY, NOT_DUE, SMALL))

CODES: tuple[tuple[str, str, bool], ...] = (
    ("policy_missing", "the policy, or the version that the item is pinned to, is not in the book", False),
    ("undated", "the item has no due date yet", True),
    ("not_due", "due today or later", True),
    ("held", "a hold stops dunning", True),
    ("notice_failed", "the last notice could not be delivered: a person has to look", False),
    ("notice_pending", "the last notice is queued, or its outcome is not known", True),
    ("ladder_finished", "the last step was sent", False),
    ("step_unknown", "the step that was sent last is not in the policy", False),
    ("step_not_reached", "overdue, but the day of the next step has not come", True),
    ("minimum_gap", "too soon after the last step", True),
    ("below_minimum", "what could be dunned in this currency is below the minimum", True),
    ("step_due", "the next step is due", True),
)
"""Code number -> (code, what it says, whether time or a payment can change it), in order of precedence."""


@final
@frozen(kw_only=True)
class DunningStep:
    """One rung: how many days after the due date it is reached, and which template goes out on which channel.

    >>> DunningStep(name="first", days_after_due=7).template
    'first'
    """

    name: str
    days_after_due: int
    channel: str = "email"
    template: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("step.name", self.name)
        checks.whole("step.days_after_due", self.days_after_due, least=1)
        checks.text("step.channel", self.channel)
        if not self.template:
            object.__setattr__(self, "template", self.name)
        checks.text("step.template", self.template)


Pinned = Callable[[str, int], "DunningPolicy | None"]
Rung = tuple["DunningStep", "DunningPolicy"]


@final
@frozen(kw_only=True)
class DunningPolicy:
    """A versioned ladder of steps, with a minimum gap between two and minimum amounts per currency.

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

    def __attrs_post_init__(self) -> None:
        checks.text("dunning_policy.id", self.id)
        checks.whole("dunning_policy.version", self.version, least=1)
        checks.sequence("dunning_policy.steps", self.steps, DunningStep, "steps")
        checks.whole("dunning_policy.minimum_gap_days", self.minimum_gap_days, least=0)
        checks.sequence("dunning_policy.minimums", self.minimums, Money, "money")
        _check_steps(self.steps)
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
        return plan_dunning(view, self, lambda id, version: self if (id, version) == (self.id, self.version) else None)


def _check_steps(steps: tuple[DunningStep, ...]) -> None:
    names = [step.name for step in steps]
    days = [step.days_after_due for step in steps]
    if not steps:
        raise InvalidValue("dunning_policy.steps", steps, "must have at least one step")
    if len(set(names)) != len(names):
        raise InvalidValue("dunning_policy.steps", names, "must give each step a name of its own")
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise InvalidValue("dunning_policy.steps", days, "must be reached later and later")


@final
@frozen
class BookPlan:
    """The plan for one book: a code per item as a byte, and when to look again.

    Included items take the step ``fresh``, unless ``rungs`` names another for their position. ``look_on`` is an ordinal:
    the earliest day on which a code may change without a new fact. It may lie in the past.
    """

    book: Book
    codes: bytes
    fresh: Rung | None
    rungs: tuple[tuple[int, Rung], ...]
    look_on: int | None

    @cached_property
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
        days = [plan.look_on for plan in self.books if plan.look_on is not None]
        return dt.date.fromordinal(min(days)) if days else None

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self.rows())

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per open item, in the order of the books."""
        return [row for plan in self.books for row in self._book_rows(plan)]

    def _book_rows(self, plan: BookPlan) -> Iterator[dict[str, object]]:
        steps = plan.steps
        for at, (item, code) in enumerate(zip(plan.book.items, plan.codes, strict=True)):
            step, policy = steps.get(at, (None, None))
            yield {
                "account": self.account,
                "item": item.id,
                "currency": plan.book.currency.code,
                "open": str(Money(plan.book.open[at], plan.book.currency).amount),
                "due_on": item.due_on,
                "days_overdue": max(0, (self.as_of - item.due_on).days) if item.due_on else None,
                "included": code == DUE,
                "step": step.name if step else None,
                "policy": f"{policy.id}/{policy.version}" if policy else None,
                "reason": CODES[code][0],
                "says": CODES[code][1],
                "retryable": CODES[code][2],
            }

    def explain(self, item: str) -> str:
        """One sentence about an item.

        Raises `UnknownId` for an item that is not open on the date of the plan.
        """
        self.view.item(item)
        row = next(row for row in self.rows() if row["item"] == item)
        step = f"step {row['step']!r} of policy {row['policy']}: " if row["included"] else ""
        overdue = f"{row['days_overdue']} days overdue" if row["days_overdue"] is not None else "without a due date"
        return f"{item}, {row['open']} {row['currency']} open, {overdue} on {self.as_of}: {step}{row['says']}"

    def __str__(self) -> str:
        lines = [self.explain(str(row["item"])) for row in self.rows()]
        return "\n".join(lines) or f"{self.account}: nothing open on {self.as_of}"


def plan_dunning(
    view: View,
    policy: DunningPolicy | None,
    pinned: Pinned,
    chosen_by_invoice: Mapping[str, DunningPolicy | None] | None = None,
) -> DunningPlan:
    """The plan of an account: ``policy`` for items that start, ``pinned`` gives the version of those that have.

    ``chosen_by_invoice`` gives the policy of invoices that have one of their own.
    """
    chosen = chosen_by_invoice or {}
    holds = tuple(hold for hold in view.holds if "dunning" in hold.stops)
    settings = _Settings(view.as_of.toordinal(), policy, pinned, chosen, view.ladder_of, holds)
    plans = tuple([_plan_book(settings, book) for book in view.books])
    return DunningPlan(view.account, view.as_of, plans, view)


@frozen
class _Settings:
    """What stays the same over the books of one plan; ``today`` is an ordinal, ``holds`` are those that stop dunning."""

    today: int
    policy: DunningPolicy | None
    pinned: Pinned
    chosen: Mapping[str, DunningPolicy | None]
    ladders: Mapping[str, Ladder]
    holds: tuple[Hold, ...]


def _plan_book(settings: _Settings, book: Book) -> BookPlan:
    """Fresh items as runs of positions (they are sorted by due date), then those that have a story of their own."""
    codes, overdue = _plan_fresh(settings, book)
    special = _special(settings, book, overdue)
    rungs, look = _judge(settings, book, special, codes) if special else ([], [])
    policy = settings.policy
    fresh = (policy.steps[0], policy) if policy else None
    if DUE in codes and _below_minimum(book, codes, rungs, fresh):
        codes = codes.replace(_DUE, _SMALL)
        rungs, look = [], [day for day in look if day > settings.today]
    if fresh is not None and (first := _first_fresh(codes, special)) is not None:
        look.append(book.due[first] + fresh[0].days_after_due)
    return BookPlan(book, bytes(codes), fresh, tuple(rungs), min(look) if look else None)


def _plan_fresh(settings: _Settings, book: Book) -> tuple[bytearray, int]:
    """The codes as if no item had a ladder, and how many items are overdue: due dates are sorted, a code is a run."""
    count = len(book.due)
    policy = settings.policy
    overdue = bisect_left(book.due, settings.today)
    if policy is None:
        return bytearray([NO_POLICY]) * count, overdue
    reached = bisect_right(book.due, settings.today - policy.steps[0].days_after_due)
    return bytearray(_DUE * reached + _TOO_EARLY * (overdue - reached) + _NOT_DUE * (count - overdue)), overdue


def _special(settings: _Settings, book: Book, overdue: int) -> Sequence[int]:
    """The positions of the items that are not simply fresh: with a ladder, held, undated, with a policy of their own.

    Ladders and holds matter only to overdue items, which stand first.
    """
    if settings.chosen or book.undated:
        chosen, laddered, held = settings.chosen, frozenset(book.laddered), bool(settings.holds)
        return [
            at
            for at, item in enumerate(book.items)
            if item.due_on is None or item.document in chosen or (at < overdue and (held or at in laddered))
        ]
    if settings.holds:
        return _held(settings, book, overdue)
    return book.laddered[: bisect_left(book.laddered, overdue)]


def _held(settings: _Settings, book: Book, overdue: int) -> Sequence[int]:
    """The overdue positions that a hold or a ladder touches: all, where the account is held."""
    items = {hold.item for hold in settings.holds}
    if None in items:
        return range(overdue)
    held = [at for at, item in enumerate(book.items[:overdue]) if item.id in items]
    return sorted({*held, *book.laddered[: bisect_left(book.laddered, overdue)]})


def _judge(  # noqa: C901, PLR0912 - one loop, see below
    settings: _Settings, book: Book, special: Sequence[int], codes: bytearray
) -> tuple[list[tuple[int, Rung]], list[int]]:
    """Give each special item its code; the steps that they take, and the days from which a code may be another.

    One long loop, because it runs for every item with a ladder on every day: the checks stand in order of precedence.
    """
    today, ladders, holds, items, due_of = settings.today, settings.ladders, settings.holds, book.items, book.due
    rungs: list[tuple[int, Rung]] = []
    look: list[int] = []
    for at in special:
        item, due = items[at], due_of[at]
        ladder = ladders.get(item.id)
        if ladder is not None and ladder.ladder_from != item.due_on and ladder.pending is None:
            ladder = None  # another due date is another ladder
        policy = _policy_of(settings, item, ladder)
        if policy is None:
            codes[at] = NO_POLICY
        elif item.due_on is None:
            codes[at] = UNDATED
        elif today <= due:
            codes[at] = NOT_DUE
            look.append(due + policy.steps[0].days_after_due)
        elif holds and (hold := _hold_on(holds, item.id)) is not None:
            codes[at] = HELD
            look.extend([hold.until.toordinal() + 1] if hold.until else ())
        elif ladder is not None and ladder.pending is not None:
            codes[at] = FAILED if ladder.pending == "failed" else PENDING
        else:
            place, soonest = _place(policy, ladder, due)
            if place < 0:
                codes[at] = STEP_GONE
                continue
            if place == len(policy.steps):
                codes[at] = FINISHED
                continue
            step = policy.steps[place]
            reached = due + step.days_after_due
            if today < reached:
                codes[at] = TOO_EARLY
            elif today < soonest:
                codes[at] = GAP
            else:
                codes[at] = DUE
                rungs.append((at, (step, policy)))
            look.append(reached if reached > soonest else soonest)  # noqa: FURB136 - max() costs as much as the rest
    return rungs, look


def _place(policy: DunningPolicy, ladder: Ladder | None, due: int) -> tuple[int, int]:
    """The place of the next step, -1 where the last one is not in the policy, and the day before which none is sent."""
    if ladder is None or ladder.step is None or ladder.sent_on is None:
        return 0, due
    sent = policy.places.get(ladder.step)
    return (-1 if sent is None else sent + 1), ladder.sent_on.toordinal() + policy.minimum_gap_days


def _policy_of(settings: _Settings, item: Item, ladder: Ladder | None) -> DunningPolicy | None:
    """The version that the ladder started with, the policy of the invoice, or the customer's."""
    policy = settings.policy
    if ladder is not None and (ref := ladder.policy) is not None:
        if policy is not None and ref.version == policy.version and ref.id == policy.id:
            return policy
        return settings.pinned(ref.id, ref.version)
    if settings.chosen and item.document in settings.chosen:
        return settings.chosen[item.document]
    return policy


def _hold_on(holds: tuple[Hold, ...], item: str) -> Hold | None:
    """The hold that stops the dunning of an item longest, or ``None``."""
    found = [hold for hold in holds if hold.item is None or hold.item == item]
    return max(found, key=lambda hold: hold.until or dt.date.max, default=None)


def _below_minimum(book: Book, codes: bytearray, rungs: list[tuple[int, Rung]], fresh: Rung | None) -> bool:
    """Whether all that could be dunned in this currency is less than the smallest sum that its policies dun."""
    own = fresh[1] if fresh is not None else None
    minimum = own.minimum(book.currency) if own is not None and own.minimums else 0
    for _, (_, policy) in rungs:
        if policy is not own and policy.minimums:
            minimum = max(minimum, policy.minimum(book.currency))
    return minimum > 0 and sum(compress(book.open, map(DUE.__eq__, codes))) < minimum


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
