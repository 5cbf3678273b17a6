"""The authority slice: requests for approval with their answers, deeds with whose authority they took, refused attempts.

The life of a request, as `LIFE` says it and the tests check it::

    waiting -> granted     (as many persons with authority approved as the rule wants)
            -> refused     (a person with authority said no)
            -> withdrawn   (the one who asked does not want it any more)
            -> lapsed      (its last day is over)
    granted -> used        (the deed was done: once, up to the amount)
            -> refused, withdrawn, lapsed
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, final

from attrs import frozen

from receivables.documents.authority import ApprovalRequest, DeedDone
from receivables.documents.notice import PolicyRef
from receivables.facts.authority import (
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    AttemptRefused,
    AuthorityUsed,
)
from receivables.state.entry import Entry, Placement
from receivables.values.money import Money

_ENDS = frozenset({"refused", "withdrawn", "lapsed"})

LIFE: Mapping[str, frozenset[str]] = {
    "waiting": _ENDS | {"granted"},
    "granted": _ENDS | {"used"},
    "refused": frozenset(),
    "withdrawn": frozenset(),
    "lapsed": frozenset(),
    "used": frozenset(),
}


@final
@frozen(weakref_slot=False)
class ApprovalEntry(Entry):
    """A request for approval, by whom, and its last day."""

    approval: ApprovalRequest
    by: str | None
    lapses_on: dt.date
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class DecisionEntry(Entry):
    """What was said to a request: ``granted``, ``refused`` or ``withdrawn``; ``left`` counts the approvals still wanted."""

    approval: str
    kind: str
    by: str | None
    left: int
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class UseEntry(Entry):
    """A deed and whose authority it took."""

    kind: str
    subject: str
    amount: Money | None
    total: Money | None
    role: str
    by: str | None
    approvers: tuple[str, ...]
    approval: str | None
    policy: PolicyRef
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class AttemptEntry(Entry):
    """A deed that was tried without authority."""

    kind: str
    subject: str
    amount: Money | None
    person: str | None
    approver: str | None
    code: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ApprovalState:
    """A request on a date: its status, who asked when and until when it is good, and who approved on which day.

    ``left`` is how many more have to approve, or ``None`` where nobody did yet: that is said with the first approval.
    """

    approval: ApprovalRequest
    status: str
    by: str | None
    asked_on: dt.date
    lapses_on: dt.date
    granted: tuple[tuple[str, dt.date], ...]
    left: int | None

    @property
    def waits(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status == "waiting"

    @property
    def is_open(self) -> bool:
        """Whether it can still become something else, if only by lapsing."""
        return bool(LIFE[self.status])


@final
@frozen(kw_only=True)
class Authority:
    """All requests, answers, deeds and refused attempts, in log order."""

    approvals: tuple[ApprovalEntry, ...] = ()
    decisions: tuple[DecisionEntry, ...] = ()
    uses: tuple[UseEntry, ...] = ()
    attempts: tuple[AttemptEntry, ...] = ()

    def states(
        self, as_of: dt.date, known_at: dt.datetime | None, today: dt.date | None = None
    ) -> tuple[ApprovalState, ...]:
        """Each request as it stood on a date, in the order in which they were made.

        It lapses by that date, or by ``today`` where it is another: ``states(dt.date.max, None, today)`` is by all that is
        recorded, on whatever day, so that a clock that was set back frees nothing that was used or refused.
        """
        if not self.approvals:
            return ()
        said: dict[str, list[DecisionEntry]] = {}
        for each in self.decisions:
            if each.seen(as_of, known_at):
                said.setdefault(each.approval, []).append(each)
        used = {each.approval for each in self.uses if each.seen(as_of, known_at)}
        return tuple(
            _state(each, said.get(each.approval.id, []), each.approval.id in used, as_of if today is None else today)
            for each in self.approvals
            if each.seen(as_of, known_at)
        )

    def used(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[UseEntry, ...]:
        """The deeds that took authority by a date."""
        return tuple(each for each in self.uses if each.seen(as_of, known_at))

    def tried(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[AttemptEntry, ...]:
        """What was tried without authority by a date."""
        return tuple(each for each in self.attempts if each.seen(as_of, known_at))

    def done(self) -> Iterator[DeedDone]:
        """All deeds that took authority, as a matrix counts them."""
        for each in self.uses:
            if each.by is not None:
                yield DeedDone(kind=each.kind, by=each.by, amount=each.amount, on=each.effective_on)


def _state(entry: ApprovalEntry, said: list[DecisionEntry], used: bool, today: dt.date) -> ApprovalState:
    granted = [each for each in said if each.kind == "granted"]
    ends = [each.kind for each in said if each.kind != "granted"]
    left = granted[-1].left if granted else None
    return ApprovalState(
        approval=entry.approval,
        status=_status(ends, used, left, entry.lapses_on < today),
        by=entry.by,
        asked_on=entry.effective_on,
        lapses_on=entry.lapses_on,
        granted=tuple((each.by or "", each.effective_on) for each in granted),
        left=left,
    )


def _status(ends: list[str], used: bool, left: int | None, over: bool) -> str:
    """What came first ends it; a plan takes nothing after an end."""
    if used:
        return "used"
    if ends:
        return ends[0]
    if over:
        return "lapsed"
    return "granted" if left == 0 else "waiting"


def _requested(fact: ApprovalRequested) -> Iterable[ApprovalEntry]:
    return (ApprovalEntry(fact.approval, fact.by, fact.lapses_on, fact.effective_on, fact.recorded_at),)


def _granted(fact: ApprovalGranted) -> Iterable[DecisionEntry]:
    return (DecisionEntry(fact.approval, "granted", fact.by, fact.left, fact.effective_on, fact.recorded_at),)


def _ended(kind: str) -> Any:
    def entries(fact: ApprovalRefused | ApprovalWithdrawn) -> Iterable[DecisionEntry]:
        return (DecisionEntry(fact.approval, kind, fact.by, 0, fact.effective_on, fact.recorded_at),)

    return entries


def _used(fact: AuthorityUsed) -> Iterable[UseEntry]:
    return (
        UseEntry(
            fact.kind,
            fact.subject,
            fact.amount,
            fact.total,
            fact.role,
            fact.by,
            fact.approvers,
            fact.approval,
            fact.policy,
            fact.effective_on,
            fact.recorded_at,
        ),
    )


def _tried(fact: AttemptRefused) -> Iterable[AttemptEntry]:
    return (
        AttemptEntry(
            fact.kind,
            fact.subject,
            fact.amount,
            fact.person,
            fact.approver,
            fact.code,
            fact.effective_on,
            fact.recorded_at,
        ),
    )


TABLE: Mapping[type, tuple[Placement, ...]] = {
    ApprovalRequested: (("approvals", _requested),),
    ApprovalGranted: (("decisions", _granted),),
    ApprovalRefused: (("decisions", _ended("refused")),),
    ApprovalWithdrawn: (("decisions", _ended("withdrawn")),),
    AuthorityUsed: (("uses", _used),),
    AttemptRefused: (("attempts", _tried),),
}
