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
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import final

from attrs import field, frozen

from receivables.documents.credit import Hold
from receivables.errors import InvalidValue
from receivables.state.invoice import Item
from receivables.state.view import Book, Ladder, View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

NO_POLICY, UNDATED, NOT_DUE, HELD, FAILED, PENDING, FINISHED, STEP_GONE, TOO_EARLY, GAP, SMALL, DUE = range(12)

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

    def has(self, name: str) -> bool:
        """Whether a step of this name is in the policy."""
        return any(step.name == name for step in self.steps)

    def after(self, name: str) -> DunningStep | None:
        """The step after the one of this name, or ``None`` after the last; `ValueError` for a name it does not have."""
        names = [step.name for step in self.steps]
        place = names.index(name) + 1
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
    """The plan for one book: a code per item, the positions that take a step and which, and when to look again.

    ``look_on`` is an ordinal: the earliest day on which a code may change without a new fact. It may lie in the past.
    """

    book: Book
    codes: tuple[int, ...]
    at: tuple[int, ...]
    steps: tuple[Rung, ...]
    look_on: int | None


@final
@frozen(kw_only=True)
class DunningPlan:
    """Every open item of an account on a date, included or skipped, with the reason."""

    account: str
    as_of: dt.date
    books: tuple[BookPlan, ...]
    view: View = field(repr=False)

    @property
    def included(self) -> int:
        """How many items take a step."""
        return sum(len(plan.at) for plan in self.books)

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
        steps = dict(zip(plan.at, plan.steps, strict=True))
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
    settings = _Settings(view, view.as_of.toordinal(), policy, pinned, chosen_by_invoice or {})
    plans = tuple(_plan_book(settings, book) for book in view.books)
    return DunningPlan(account=view.account, as_of=view.as_of, books=plans, view=view)


@frozen
class _Settings:
    """What stays the same over the books of one plan; ``today`` is an ordinal."""

    view: View
    today: int
    policy: DunningPolicy | None
    pinned: Pinned
    chosen: Mapping[str, DunningPolicy | None]


def _plan_book(settings: _Settings, book: Book) -> BookPlan:
    """Fresh items as runs of positions (they are sorted by due date), then those that have a story of their own."""
    codes, at, steps = _plan_fresh(book, settings)
    special = _special(settings, book)
    look: list[int] = []
    if special:
        taken = dict(zip(at, steps, strict=True))
        for place in special:
            taken.pop(place, None)
            codes[place], rung, look_on = _judge(settings, book.items[place])
            if rung is not None:
                taken[place] = rung
            if look_on is not None:
                look.append(look_on)
        at = sorted(taken)
        steps = [taken[place] for place in at]
    if at and _below_minimum(book, at, steps):
        for place in at:
            codes[place] = SMALL
        at, steps = [], []
        look = [day for day in look if day > settings.today]
    fresh = _look_on_fresh(settings, book, codes, special)
    look_on = min((*look, fresh) if fresh is not None else look, default=None)
    return BookPlan(book, tuple(codes), tuple(at), tuple(steps), look_on)


def _plan_fresh(book: Book, settings: _Settings) -> tuple[list[int], list[int], list[Rung]]:
    """All items as if none had a ladder: the due dates are sorted, so each code is a run."""
    count = len(book.due)
    policy = settings.policy
    if policy is None:
        return [NO_POLICY] * count, [], []
    first = policy.steps[0]
    reached = bisect_right(book.due, settings.today - first.days_after_due)
    overdue = bisect_left(book.due, settings.today)
    codes = [DUE] * reached + [TOO_EARLY] * (overdue - reached) + [NOT_DUE] * (count - overdue)
    return codes, list(range(reached)), [(first, policy)] * reached


def _special(settings: _Settings, book: Book) -> list[int]:
    """The positions of the items that are not simply fresh: with a ladder, held, undated, with a policy of their own."""
    view, chosen = settings.view, settings.chosen
    if any(hold.item is None and "dunning" in hold.stops for hold in view.holds):
        return list(range(len(book.items)))
    ids = view.ladder_of.keys() | {hold.item for hold in view.holds if "dunning" in hold.stops}
    if not ids and not chosen:
        return [at for at, item in enumerate(book.items) if item.due_on is None] if book.undated else []
    return [
        at for at, item in enumerate(book.items) if item.id in ids or item.due_on is None or item.document in chosen
    ]


def _judge(settings: _Settings, item: Item) -> tuple[int, Rung | None, int | None]:
    """The code of one item, the step that it takes, and the day from which the code may be another."""
    ladder = settings.view.ladder_of.get(item.id)
    policy = _policy_of(settings, item, ladder)
    if policy is None:
        return NO_POLICY, None, None
    if item.due_on is None:
        return UNDATED, None, None
    due = item.due_on.toordinal()
    if settings.today <= due:
        return NOT_DUE, None, due + policy.steps[0].days_after_due
    hold = _hold_on(settings.view, item.id)
    if hold is not None:
        return HELD, None, hold.until.toordinal() + 1 if hold.until else None
    if ladder is not None and ladder.pending is not None:
        return (FAILED if ladder.pending == "failed" else PENDING), None, None
    return _next_rung(settings.today, due, policy, ladder if ladder and ladder.ladder_from == item.due_on else None)


def _next_rung(
    today: int, due: int, policy: DunningPolicy, ladder: Ladder | None
) -> tuple[int, Rung | None, int | None]:
    """The step after the last one that was sent: not reached, too soon, due, or none left."""
    step: DunningStep | None = policy.steps[0]
    soonest = due
    if ladder is not None and ladder.step is not None and ladder.sent_on is not None:
        if not policy.has(ladder.step):
            return STEP_GONE, None, None
        step = policy.after(ladder.step)
        soonest = ladder.sent_on.toordinal() + policy.minimum_gap_days
    if step is None:
        return FINISHED, None, None
    reached = due + step.days_after_due
    if today < reached:
        return TOO_EARLY, None, max(reached, soonest)
    if today < soonest:
        return GAP, None, soonest
    return DUE, (step, policy), max(reached, soonest)


def _policy_of(settings: _Settings, item: Item, ladder: Ladder | None) -> DunningPolicy | None:
    if ladder is not None and ladder.policy is not None and ladder.ladder_from == item.due_on:
        return settings.pinned(ladder.policy.id, ladder.policy.version)
    if item.document in settings.chosen:
        return settings.chosen[item.document]
    return settings.policy


def _hold_on(view: View, item: str) -> Hold | None:
    """The hold that stops the dunning of an item longest, or ``None``."""
    holds = [hold for hold in view.holds if "dunning" in hold.stops and hold.item in (None, item)]
    return max(holds, key=lambda hold: hold.until or dt.date.max, default=None)


def _below_minimum(book: Book, at: list[int], steps: list[Rung]) -> bool:
    """Whether all that could be dunned in this currency is less than the policy of its first item wants."""
    minimum = steps[0][1].minimum(book.currency)
    return minimum > 0 and sum(book.open[place] for place in at) < minimum


def _look_on_fresh(settings: _Settings, book: Book, codes: list[int], special: list[int]) -> int | None:
    """The first day on which a fresh item reaches its step; those below the minimum wait for a fact."""
    if settings.policy is None:
        return None
    skip = frozenset(special)
    for at, due in enumerate(book.due):
        if at not in skip and codes[at] != SMALL:
            return due + settings.policy.steps[0].days_after_due
    return None
