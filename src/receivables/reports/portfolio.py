"""Who has which customers, what they have to do, and what was handed over: nobody's customers stand there too.

All read views or accounts, one at a time. A customer that nobody looks after has a line of its own with the cause ``nobody``;
a report that left it out would hide just those that matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, final

from attrs import field, frozen

from receivables.policies.assignment import NO_RULES, AssignmentPolicy, Responsibility
from receivables.policies.book import PolicyBook
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.state.contact_log import ActionState
from receivables.state.view import View
from receivables.values.money import Money

UNASSIGNED: Final = "unassigned"
"""Stands for nobody, in the sums by collector."""


@final
@frozen(kw_only=True)
class PortfolioLine:
    """One customer: who has it, who acts on the day, why, what is open, and what is to be done."""

    account: str
    has: Responsibility
    open: tuple[Money, ...]
    actions_open: int
    actions_due: int
    last_contact_on: dt.date | None
    segment: str = ""
    risk_class: str = ""

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "collector": self.has.collector,
            "acting": self.has.acting,
            "team": self.has.team,
            "cause": self.has.cause,
            "covered": self.has.is_covered,
            "segment": self.segment,
            "risk_class": self.risk_class,
            "open": ", ".join(map(str, self.open)),
            "actions_open": self.actions_open,
            "actions_due": self.actions_due,
            "last_contact_on": self.last_contact_on,
        }


@final
@frozen(kw_only=True)
class Portfolio:
    """Who has which customers on a date."""

    as_of: dt.date | None
    lines: tuple[PortfolioLine, ...] = field(repr=False)

    def of(self, person: str) -> Portfolio:
        """Only what a person has, or does for somebody who is away."""
        return self._with(line for line in self.lines if person in (line.has.collector, line.has.acting))

    def uncovered(self) -> Portfolio:
        """Only what nobody sees to on the day."""
        return self._with(line for line in self.lines if not line.has.is_covered)

    def _with(self, lines: Iterable[PortfolioLine]) -> Portfolio:
        return Portfolio(as_of=self.as_of, lines=tuple(lines))

    def by_collector(self) -> list[dict[str, object]]:
        """One plain dict per collector: how many customers, and how many actions; nobody's come last."""
        found: dict[str, list[PortfolioLine]] = {}
        for line in self.lines:
            found.setdefault(line.has.collector or line.has.team or UNASSIGNED, []).append(line)
        return [
            {
                "collector": name,
                "customers": len(found[name]),
                "uncovered": sum(not line.has.is_covered for line in found[name]),
                "actions_open": sum(line.actions_open for line in found[name]),
                "actions_due": sum(line.actions_due for line in found[name]),
            }
            for name in sorted(found, key=lambda name: (name == UNASSIGNED, name))
        ]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per customer."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"portfolio on {self.as_of}\n{text_table(self.rows(), 'no customers')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Portfolio on {self.as_of}")


def portfolio(views: Iterable[View], policies: PolicyBook) -> Portfolio:
    """Who has which customers; the accounts of groups are left out.

    >>> from receivables import Account, Customer
    >>> from receivables.policies.assignment import AssignmentRule
    >>> rules = AssignmentPolicy(id="desk", version=1, rules=(AssignmentRule(name="public", segment="public", collector="ann"),))
    >>> day = dt.date(2026, 3, 2)
    >>> views = [Account.of(Customer(id=id, segment=segment)).view(day) for id, segment in (("ACME", "public"), ("BETA", ""))]
    >>> found = portfolio(views, PolicyBook.of(rules))
    >>> [(line.account, line.has.collector, line.has.cause) for line in found.lines]
    [('ACME', 'ann', 'public'), ('BETA', None, 'nobody')]
    >>> [line.account for line in found.uncovered().lines]
    ['BETA']
    """
    as_of, lines = None, []
    for view in views:
        as_of = view.as_of
        if view.customer is not None and view.merged_into is None:
            lines.append(_line(view, policies))
    return Portfolio(as_of=as_of, lines=tuple(lines))


def _line(view: View, policies: PolicyBook) -> PortfolioLine:
    open_ = [state for state in view.actions if state.is_open]
    return PortfolioLine(
        account=view.account,
        has=_policy(view, policies).responsible(view),
        open=tuple(Money(book.total, book.currency) for book in view.books),
        actions_open=len(open_),
        actions_due=sum(state.due_on <= view.as_of for state in open_),
        last_contact_on=view.contacts[-1].on if view.contacts else None,
        segment=view.customer.segment if view.customer is not None else "",
        risk_class=view.risk.risk_class or "",
    )


def _policy(view: View, policies: PolicyBook) -> AssignmentPolicy:
    found = policies.assignment_for(view.customer) if view.customer is not None else None
    return found or NO_RULES


# What is to be done ---------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class AgendaLine:
    """One action that is to be done, who has it, who acts for them on the day, and for how many days it is due."""

    account: str
    state: ActionState
    owner: str | None
    acting: str | None
    team: str | None
    days: int

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "action": self.state.action.id,
            "kind": self.state.action.kind,
            "due_on": self.state.due_on,
            "days": self.days,
            "owner": self.owner,
            "acting": self.acting,
            "team": self.team,
            "promised": self.state.action.kind == "callback",
            "contact": self.state.action.contact,
        }


@final
@frozen(kw_only=True)
class Agenda:
    """What is to be done by a day, what is due longest first; what was promised to a customer before the rest of its day."""

    as_of: dt.date | None
    lines: tuple[AgendaLine, ...] = field(repr=False)

    def of(self, person: str) -> Agenda:
        """Only what a person has to do, for somebody who is away too."""
        lines = (line for line in self.lines if line.acting == person)
        return Agenda(as_of=self.as_of, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per action."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"agenda on {self.as_of}\n{text_table(self.rows(), 'nothing to do')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Agenda on {self.as_of}")


def agenda(views: Iterable[View], policies: PolicyBook, *, within_days: int = 0) -> Agenda:
    """The open actions that are due on the date of the views, or within so many days."""
    as_of: dt.date | None = None
    lines: list[AgendaLine] = []
    for view in views:
        as_of = view.as_of
        lines.extend(_agenda(view, _policy(view, policies), within_days))
    lines.sort(key=lambda line: (-line.days, line.state.action.kind != "callback", line.account, line.state.action.id))
    return Agenda(as_of=as_of, lines=tuple(lines))


def _agenda(view: View, policy: AssignmentPolicy, within_days: int) -> Iterator[AgendaLine]:
    has = policy.responsible(view) if view.actions else Responsibility()
    for state in view.actions:
        days = (view.as_of - state.due_on).days
        if state.is_open and days >= -within_days:
            owner = state.owner or has.collector
            acting = policy.acting(owner, view.as_of)
            yield AgendaLine(account=view.account, state=state, owner=owner, acting=acting, team=has.team, days=days)


# What was handed over -------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class HandoverLine:
    """One thing that a person had: a customer or an action, who has it now, and since when; ``to`` is ``None`` where it was
    left with the person.
    """

    account: str
    kind: str
    subject: str
    to: str | None
    on: dt.date | None

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {"account": self.account, "kind": self.kind, "subject": self.subject, "to": self.to, "on": self.on}


@final
@frozen(kw_only=True)
class Handover:
    """What became of all that a person had: handed over, or left."""

    person: str
    lines: tuple[HandoverLine, ...] = field(repr=False)

    @property
    def left(self) -> tuple[HandoverLine, ...]:
        """What the person still has: nothing, once the portfolio is handed over."""
        return tuple(line for line in self.lines if line.to is None)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per customer or action."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"handover of {self.person}\n{text_table(self.rows(), 'nothing was there')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Handover of {self.person}")


def handover(accounts: Iterable[Account], policies: PolicyBook, person: str, as_of: dt.date) -> Handover:
    """What was handed over of a person's by all that is recorded, and what is left with the person on a day."""
    lines = [line for account in accounts for line in _handed_over(account, policies, person, as_of)]
    return Handover(person=person, lines=tuple(lines))


def _handed_over(account: Account, policies: PolicyBook, person: str, as_of: dt.date) -> Iterator[HandoverLine]:
    for entry in account.collectors.assignments:
        given = entry.assignment
        if given.handed_over_from == person:
            yield HandoverLine(
                account=account.id, kind="customer", subject=account.id, to=given.collector, on=given.starts_on
            )
    for move in account.contact_log.moves:
        if move.handed_over_from == person:
            yield HandoverLine(
                account=account.id, kind="action", subject=move.action, to=move.owner, on=move.effective_on
            )
    view = account.view(as_of)
    if view.merged_into is None and _policy(view, policies).responsible(view).collector == person:
        yield HandoverLine(account=account.id, kind="customer", subject=account.id, to=None, on=None)
    for state in view.actions:
        if state.is_open and state.owner == person:
            yield HandoverLine(account=account.id, kind="action", subject=state.action.id, to=None, on=None)
