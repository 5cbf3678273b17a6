"""The worklist: every account that needs a person, with all the reasons, what to do next, and who does it.

1. An account is on the list where there is a reason, and only there; what does not fit the day is left over, by name and
   count, never dropped.
2. The order is that of the worklist policy: named keys one after the other, the account last. The same accounts give the
   same list in any order and in any parts: lists of parts are merged.
3. Accounts are looked at one by one and forgotten: of each that needs a person one line is kept.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from heapq import nsmallest
from typing import Final, final

import attrs
from attrs import field, frozen

from receivables.documents.customer import Customer
from receivables.errors import InvalidValue
from receivables.policies.assignment import NO_RULES
from receivables.policies.book import PolicyBook
from receivables.policies.strategy import Treated, oldest_days, overdue_of
from receivables.policies.worklist import PLAIN, URGENCY, WorklistPolicy, WorkReason
from receivables.reports.table import html_table, text_table
from receivables.reports.worklist_reasons import reasons_of
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money

Collectors = Mapping[str, str] | Callable[[View], str | None]
"""Account -> who looks after it, or a function that says so of a view, where that is not recorded here."""


@final
@frozen(kw_only=True, weakref_slot=False)
class WorkLine:
    """An account that needs a person: the reasons, the one that counts most first, and what to do next because of one.

    ``overdue`` is what is overdue by currency and kept back by nothing, ``worth`` the same as one figure. ``collector`` looks
    after the account; ``person`` is who it was given to for the day. ``treated`` is what a strategy says.
    """

    account: str
    reasons: tuple[WorkReason, ...]
    action: str
    because: WorkReason
    segment: str = ""
    overdue: tuple[Money, ...] = ()
    days_overdue: int = 0
    worth: Fraction = Fraction()
    collector: str | None = None
    team: str | None = None
    person: str | None = None
    treated: Treated | None = None

    @property
    def points(self) -> int:
        """The points of all reasons."""
        return sum(reason.points for reason in self.reasons)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, each once."""
        return tuple(dict.fromkeys(reason.code for reason in self.reasons))

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "action": self.action,
            "because": str(self.because),
            "points": self.points,
            "overdue": ", ".join(map(str, self.overdue)),
            "days_overdue": self.days_overdue,
            "person": self.person or self.collector,
            "treatment": self.treated.treatment.name if self.treated is not None else None,
            "reasons": "; ".join(map(str, self.reasons)),
        }


ORDER: Final[Mapping[str, Callable[[WorkLine], object]]] = {
    "points": lambda line: -line.points,
    "urgency": lambda line: min(URGENCY[reason.code] for reason in line.reasons),
    "worth": lambda line: -line.worth,
    "age": lambda line: -line.days_overdue,
    "reasons": lambda line: -len(line.reasons),
    "account": lambda line: line.account,
}
"""How a name orders two lines: the smaller value comes first."""


def place_of(line: WorkLine, order: Sequence[str]) -> tuple[object, ...]:
    """What a line is ordered by: the named keys, and the account last."""
    return (*(ORDER[name](line) for name in order), line.account)


@final
@frozen(kw_only=True)
class Worklist:
    """The accounts that need a person on a date: those on the list, and those that are left over.

    ``looked_at`` counts the accounts that were looked at, ``found`` those that need a person, ``counts`` them by reason: also
    of those that stand in neither list, where only the first so many were asked for. ``ignored`` are the codes that the
    policies of these accounts take for no reason.
    """

    as_of: dt.date
    order: tuple[str, ...]
    lines: tuple[WorkLine, ...] = field(default=(), repr=False)
    left_over: tuple[WorkLine, ...] = field(default=(), repr=False)
    looked_at: int = 0
    found: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    ignored: frozenset[str] = frozenset()

    @property
    def not_listed(self) -> int:
        """How many need a person and are not on the list."""
        return self.found - len(self.lines)

    @cached_property
    def _known(self) -> Mapping[str, WorkLine]:
        return {line.account: line for line in (*self.lines, *self.left_over)}

    def of(self, account: str) -> WorkLine | None:
        """The line of an account, on the list or left over; ``None`` where it needs nobody."""
        return self._known.get(account)

    def of_person(self, person: str) -> tuple[WorkLine, ...]:
        """The lines of the list that a person has, in order."""
        return tuple(line for line in self.lines if (line.person or line.collector) == person)

    def first(self, most: int) -> Worklist:
        """The first so many; the others are left over."""
        checks.whole("worklist.most", most, least=0)
        every = self._every()
        return attrs.evolve(self, lines=every[:most], left_over=every[most:])

    def within(self, capacity: Mapping[str, int], *, share: bool = True) -> Worklist:
        """What fits the day of the persons who are there: each gets so many accounts at most, the most pressing first.

        An account goes to its collector. One without, or whose collector is not there, goes to the person with the most
        room left, of two the first by name; with ``share`` false it is left over. What does not fit is left over.

        >>> line = lambda account, collector=None: WorkLine(
        ...     account=account, reasons=(reason := WorkReason(code="order_held", subject="SO-1"),), action="approve",
        ...     because=reason, collector=collector)
        >>> day = dt.date(2026, 3, 2)
        >>> every = Worklist(as_of=day, order=(), found=4, lines=(line("A", "ann"), line("B", "ann"), line("C"), line("D")))
        >>> today = every.within({"ann": 1, "bob": 1})
        >>> [(each.account, each.person) for each in today.lines], [each.account for each in today.left_over]
        ([('A', 'ann'), ('C', 'bob')], ['B', 'D'])
        """
        for person, most in capacity.items():
            checks.whole(f"worklist.capacity[{person}]", most, least=0)
        room = dict(capacity)
        given: list[WorkLine] = []
        over: list[WorkLine] = []
        for line in self._every():
            who = _person(line, room, share)
            if who is None or room[who] == 0:
                over.append(line)
                continue
            room[who] -= 1
            given.append(attrs.evolve(line, person=who))
        return attrs.evolve(self, lines=tuple(given), left_over=tuple(over))

    def _every(self) -> tuple[WorkLine, ...]:
        """All lines in order, given to nobody."""
        found = [attrs.evolve(line, person=None) for line in (*self.lines, *self.left_over)]
        return tuple(sorted(found, key=partial(place_of, order=self.order)))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per account on the list."""
        return [line.row() for line in self.lines]

    def reason_rows(self) -> list[dict[str, object]]:
        """One plain dict per reason of the accounts on the list, with its points."""
        return [
            {
                "account": line.account,
                "code": each.code,
                "subject": each.subject,
                "amount": str(each.amount.amount) if each.amount is not None else None,
                "currency": each.amount.currency.code if each.amount is not None else None,
                "days": each.days,
                "points": each.points,
            }
            for line in self.lines
            for each in line.reasons
        ]

    @property
    def title(self) -> str:
        """What it is, in words, with what is not on it."""
        counts = f"{self.found} of {self.looked_at} accounts need a person"
        rest = f", {self.not_listed} of them left over" if self.not_listed else ""
        ignored = f"; not asked for: {', '.join(sorted(self.ignored))}" if self.ignored else ""
        return f"worklist on {self.as_of}: {counts}{rest}{ignored}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'nobody is needed')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"W{self.title[1:]}")


def _person(line: WorkLine, room: Mapping[str, int], share: bool) -> str | None:
    """Who gets an account: its collector, or else the person with the most room."""
    if line.collector in room:
        return line.collector
    return min(room, key=lambda person: (-room[person], person), default=None) if share else None


def work_of(
    account: Account, view: View, policies: PolicyBook, *, collectors: Collectors | None = None
) -> WorkLine | None:
    """Why an account needs a person on the date of a view, and what to do next; ``None`` where it needs nobody.

    Where a strategy is chosen and its treatment has weights of its own, those count; else those of the worklist policy that
    is chosen, else the defaults.
    """
    treated = treated_by(view, policies)
    return _line(account, view, policies, collectors, treated, _policy(view, policies, treated))


def treated_by(view: View, policies: PolicyBook) -> Treated | None:
    """How the strategy that is chosen treats a customer; ``None`` where none is."""
    strategy = policies.strategy_for(_customer(view))
    return strategy.treat(view) if strategy is not None else None


def _line(
    account: Account,
    view: View,
    policies: PolicyBook,
    collectors: Collectors | None,
    treated: Treated | None,
    policy: WorklistPolicy,
) -> WorkLine | None:
    overdue = overdue_of(view)
    collector, team = _who(view, policies, collectors, treated)
    found = list(reasons_of(account, view, policies, policy))
    if policy.wants_collector and overdue and collector is None and team is None:
        found.append(WorkReason(code="no_collector", subject=view.account, amount=overdue[0]))
    reasons = policy.ranked(found)
    if not reasons:
        return None
    action, because = policy.next_action(reasons, may_contact=not view.stopping("contact"))
    return WorkLine(
        account=view.account,
        reasons=reasons,
        action=action,
        because=because,
        segment=_customer(view).segment,
        overdue=overdue,
        days_overdue=oldest_days(view),
        worth=policy.amount_worth(overdue),
        collector=collector,
        team=team,
        treated=treated,
    )


def worklist(
    accounts: Iterable[Account],
    as_of: dt.date,
    policies: PolicyBook,
    *,
    known_at: dt.date | dt.datetime | None = None,
    zone: dt.tzinfo = dt.UTC,
    collectors: Collectors | None = None,
    order: Sequence[str] | None = None,
    most: int | None = None,
) -> Worklist:
    """Every account that needs a person on a date, as known at an instant, the most pressing first.

    ``order`` are names of `ORDER`; without it that of the worklist policy that is chosen for no one in particular. With
    ``most`` only the first so many lines are kept, and the others are counted: for the top of a long list. An account that
    was merged has no work of its own, and one that is given twice counts once.

    >>> from receivables import Customer, Invoice
    >>> from receivables.documents.payment import Payment
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> paid = Payment(id="P-1", account="BETA", amount=Money.of("80", "EUR"), value_date=dt.date(2026, 2, 9))
    >>> accounts = [Account.of(Customer(id="ACME"), invoices=[invoice]), Account.of(Customer(id="BETA"), payments=[paid]),
    ...             Account.of(Customer(id="CARA"))]
    >>> policy = WorklistPolicy(id="desk", version=1, big_overdue=(Money.of(1000, "EUR"),))
    >>> found = worklist(accounts, dt.date(2026, 2, 11), PolicyBook.of(policy))
    >>> [(line.account, line.action, str(line.because)) for line in found.lines]
    [('ACME', 'call', 'big_overdue EUR (1200.00 EUR, 7 days)'), ('BETA', 'apply_cash', 'unapplied_cash P-1 (80.00 EUR)')]
    >>> found.found, found.looked_at
    (2, 3)

    Errors: `InvalidValue` for an order that is not known.
    """
    names = _order(order, policies)
    tally = _Tally(policies)
    work = tally.count(accounts, as_of, known_at, zone, collectors)
    key = partial(place_of, order=names)
    lines = sorted(work, key=key) if most is None else nsmallest(checked_most(most), work, key=key)
    return Worklist(
        as_of=as_of,
        order=names,
        lines=tuple(lines),
        looked_at=len(tally.seen),
        found=tally.found,
        counts=tuple(sorted(tally.counts.items(), key=lambda each: URGENCY[each[0]])),
        ignored=frozenset(tally.ignored),
    )


def checked_most(most: int) -> int:
    """A number of lines, of at least one."""
    checks.whole("worklist.most", most, least=1)
    return most


def merged(parts: Iterable[Worklist]) -> Worklist:
    """One list of the lists of several parts of the accounts, for one date and order; nothing is given to anybody yet.

    Errors: `InvalidValue` for lists of different dates or orders, for an account in two of them, or one that is cut off.
    """
    known = list(parts)
    if not known or len({(each.as_of, each.order) for each in known}) > 1:
        raise InvalidValue("merged.parts", [str(each.as_of) for each in known], "must be of one date and order")
    lines = [line for each in known for line in each._every()]
    accounts = [line.account for line in lines]
    if len(set(accounts)) != len(accounts):
        twice = sorted(account for account, count in Counter(accounts).items() if count > 1)
        raise InvalidValue("merged.parts", twice, "must not have an account twice")
    if len(lines) != sum(each.found for each in known):
        raise InvalidValue("merged.parts", len(lines), "must have a line for every account that was found")
    counts: Counter[str] = Counter()
    for each in known:
        counts.update(dict(each.counts))
    return Worklist(
        as_of=known[0].as_of,
        order=known[0].order,
        lines=tuple(sorted(lines, key=partial(place_of, order=known[0].order))),
        looked_at=sum(each.looked_at for each in known),
        found=len(lines),
        counts=tuple(sorted(counts.items(), key=lambda each: URGENCY[each[0]])),
        ignored=frozenset().union(*(each.ignored for each in known)),
    )


class _Tally:
    """What is counted while accounts are looked at one by one."""

    def __init__(self, policies: PolicyBook) -> None:
        self.policies = policies
        self.seen: set[str] = set()
        self.found = 0
        self.counts: Counter[str] = Counter()
        self.ignored: set[str] = set()

    def count(
        self,
        accounts: Iterable[Account],
        as_of: dt.date,
        known_at: dt.date | dt.datetime | None,
        zone: dt.tzinfo,
        collectors: Collectors | None,
    ) -> Iterator[WorkLine]:
        """The lines of the accounts that need a person."""
        for account in accounts:
            view = account.view(as_of, known_at, zone=zone)
            if view.merged_into is not None or account.id in self.seen:
                continue
            self.seen.add(account.id)
            treated = treated_by(view, self.policies)
            policy = _policy(view, self.policies, treated)
            self.ignored |= policy.ignored
            line = _line(account, view, self.policies, collectors, treated, policy)
            if line is not None:
                self.found += 1
                self.counts.update(line.codes)
                yield line


def _customer(view: View) -> Customer:
    """The customer; the account of a group has none."""
    return view.customer or Customer(id=view.account)


def _policy(view: View, policies: PolicyBook, treated: Treated | None) -> WorklistPolicy:
    own = treated.treatment.worklist if treated is not None else None
    return own or policies.worklist_for(_customer(view)) or PLAIN


def _order(order: Sequence[str] | None, policies: PolicyBook) -> tuple[str, ...]:
    chosen = policies.worklist_for(Customer(id="-")) or PLAIN
    names = tuple(order) if order is not None else chosen.order
    for at, name in enumerate(names):
        checks.one_of(f"worklist.order[{at}]", name, tuple(ORDER))
    return names


def _who(
    view: View, policies: PolicyBook, collectors: Collectors | None, treated: Treated | None
) -> tuple[str | None, str | None]:
    """Who looks after an account on the day, and the team: what the host says, else what was assigned or the rules say."""
    team = treated.treatment.team if treated is not None else None
    if collectors is not None:
        return (collectors(view) if callable(collectors) else collectors.get(view.account)), team
    found = (policies.assignment_for(_customer(view)) or NO_RULES).responsible(view)
    return found.acting, found.team or team
