"""What waits for an approval, across accounts, and by whose authority things were done: lists made from views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import final

from attrs import field, frozen

from receivables.documents.authority import DeedDone
from receivables.documents.customer import Customer
from receivables.errors import InvalidValue
from receivables.policies.authority import AuthorityPolicy
from receivables.policies.book import PolicyBook
from receivables.reports.table import html_table, text_table
from receivables.state.authority import ApprovalState, UseEntry
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class ApprovalLine:
    """A request that waits: on which account, the days that are left, and the roles that may approve it by the matrix."""

    account: str
    state: ApprovalState
    days_left: int
    roles: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        asked = self.state.approval
        return {
            "approval": asked.id,
            "account": self.account,
            "kind": asked.kind,
            "subject": asked.subject,
            "currency": asked.amount.currency.code if asked.amount is not None else None,
            "amount": str(asked.amount.amount) if asked.amount is not None else None,
            "by": self.state.by,
            "asked_on": self.state.asked_on,
            "lapses_on": self.state.lapses_on,
            "days_left": self.days_left,
            "approved_by": ", ".join(person for person, _ in self.state.granted),
            "roles": ", ".join(self.roles),
        }


@final
@frozen(kw_only=True)
class PendingApprovals:
    """The requests that wait for a person on a date, the ones that lapse first on top."""

    as_of: dt.date | None
    person: str | None
    lines: tuple[ApprovalLine, ...] = field(repr=False)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per request, amounts as decimal texts."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        whose = f" for {self.person}" if self.person is not None else ""
        return f"approvals that wait{whose} on {self.as_of}: {len(self.lines)}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'none waits')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"A{self.title[1:]}")


def pending_approvals(
    views: Iterable[View], policies: PolicyBook | None = None, *, person: str | None = None
) -> PendingApprovals:
    """The requests that wait on any of these accounts; with ``person`` those that this person may approve next.

    The roles, and with them who may approve, are those of the matrix that is chosen in ``policies`` today.

    >>> from receivables import Account, Customer, fold
    >>> from receivables.documents.authority import ApprovalRequest
    >>> from receivables.documents.notice import PolicyRef
    >>> from receivables.facts.authority import ApprovalRequested
    >>> asked = ApprovalRequest(id="A-1", account="ACME", kind="refund", subject="P-1", amount=Money.of("500", "EUR"))
    >>> fact = ApprovalRequested(approval=asked, lapses_on=dt.date(2026, 3, 16), by="ann", effective_on=dt.date(2026, 3, 2),
    ...                          policy=PolicyRef(id="matrix", version=1, digest=""),
    ...                          recorded_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    >>> view = fold([fact], Account.of(Customer(id="ACME"))).view(dt.date(2026, 3, 9))
    >>> for row in pending_approvals([view]).rows():
    ...     print(row["approval"], row["amount"], row["by"], row["days_left"])
    A-1 500.00 ann 7

    Errors: `InvalidValue` for views of different dates, for a person without policies that say what it may.
    """
    if person is not None:
        checks.text("pending_approvals.person", person)
        if policies is None:
            raise InvalidValue("pending_approvals.policies", None, "must be given to say what a person may approve")
    known = list(views)
    days = {view.as_of for view in known}
    if len(days) > 1:
        raise InvalidValue("pending_approvals.views", sorted(map(str, days)), "must be of one date")
    lines = sorted(
        (line for view in known for line in _lines(view, policies, person)),
        key=lambda line: (line.state.lapses_on, line.account, line.state.approval.id),
    )
    return PendingApprovals(as_of=min(days, default=None), person=person, lines=tuple(lines))


def _lines(view: View, policies: PolicyBook | None, person: str | None) -> Iterator[ApprovalLine]:
    matrix = _matrix(view, policies)
    for state in view.approvals:
        if state.waits and (person is None or _may(matrix, view, state, person)):
            left = (state.lapses_on - view.as_of).days
            yield ApprovalLine(account=view.account, state=state, days_left=left, roles=_roles(matrix, view, state))


def _matrix(view: View, policies: PolicyBook | None) -> AuthorityPolicy | None:
    return policies.authority_for(view.customer or Customer(id=view.account)) if policies is not None else None


def _roles(matrix: AuthorityPolicy | None, view: View, state: ApprovalState) -> tuple[str, ...]:
    asked = state.approval
    if matrix is None:
        return ()
    return matrix.wanted(asked.kind, asked.amount, by=state.by or "", on=view.as_of, done=_done(view))


def _may(matrix: AuthorityPolicy | None, view: View, state: ApprovalState, person: str) -> bool:
    """Whether a person is another than the one who asks, did not approve yet, and has one of the roles."""
    maker = state.by or ""
    if matrix is None or person == maker or person in (each for each, _ in state.granted):
        return False
    roles = _roles(matrix, view, state)
    return any(matrix.through(person, role, view.as_of) - {maker} for role in roles)


def _done(view: View) -> list[DeedDone]:
    return [
        DeedDone(kind=each.kind, by=each.by, amount=each.amount, on=each.effective_on)
        for each in view.authority_used
        if each.by is not None
    ]


# By whose authority -----------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class AuthorityLine:
    """A deed and whose authority it took, or an attempt without: then ``outcome`` is its code."""

    account: str
    on: dt.date
    outcome: str
    kind: str
    subject: str
    amount: Money | None
    total: Money | None
    by: str | None
    approvers: tuple[str, ...]
    rule: str

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "on": self.on,
            "account": self.account,
            "outcome": self.outcome,
            "kind": self.kind,
            "subject": self.subject,
            "currency": self.amount.currency.code if self.amount is not None else None,
            "amount": str(self.amount.amount) if self.amount is not None else None,
            "total": str(self.total.amount) if self.total is not None else None,
            "by": self.by,
            "approvers": ", ".join(self.approvers),
            "rule": self.rule,
        }


@final
@frozen(kw_only=True)
class AuthorityLog:
    """What was done by whose authority, and tried without, from a day on; in the order of the days."""

    since: dt.date
    lines: tuple[AuthorityLine, ...] = field(repr=False)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per deed or attempt, amounts as decimal texts."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"authority used since {self.since}\n{text_table(self.rows(), 'nothing took authority')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Authority used since {self.since}")


def authority_log(views: Iterable[View], *, since: dt.date) -> AuthorityLog:
    """The deeds that took authority and the attempts that were noted, on any of these accounts.

    >>> print(authority_log([], since=dt.date(2026, 1, 1)))
    authority used since 2026-01-01
    nothing took authority
    """
    checks.day("authority_log.since", since)
    lines = [line for view in views for line in _taken(view) if line.on >= since]
    return AuthorityLog(since=since, lines=tuple(sorted(lines, key=lambda line: (line.on, line.account))))


def _taken(view: View) -> Iterator[AuthorityLine]:
    for used in view.authority_used:
        yield _used(view.account, used)
    for tried in view.attempts:
        yield AuthorityLine(
            account=view.account,
            on=tried.effective_on,
            outcome=tried.code,
            kind=tried.kind,
            subject=tried.subject,
            amount=tried.amount,
            total=None,
            by=tried.person,
            approvers=(tried.approver,) if tried.approver is not None else (),
            rule="",
        )


def _used(account: str, used: UseEntry) -> AuthorityLine:
    return AuthorityLine(
        account=account,
        on=used.effective_on,
        outcome="approved" if used.approvers else "alone",
        kind=used.kind,
        subject=used.subject,
        amount=used.amount,
        total=used.total,
        by=used.by,
        approvers=used.approvers,
        rule=f"{used.policy} {used.role}",
    )
