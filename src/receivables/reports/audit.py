"""The audit report of an account or of many: who did what under which authority, and what somebody should look at.

1. One row per fact, in the order in which the facts were recorded; the log is the source, nothing else is read.
2. What stands out has flags: an override, a fact that was recorded long after its day, a deed that was tried without
   authority, a limit or a setting that was changed, a decision with what it was based on.
3. What persons wrote is left out unless it is asked for; what was erased says so.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, final

import attrs
from attrs import field, frozen

from receivables.codec import TAGS
from receivables.documents.notice import PolicyRef
from receivables.facts import (
    application,
    authority,
    bureau,
    cash,
    charge,
    credit,
    dunning,
    invoice,
    loss,
    merge,
    payment_plan,
    placement,
    policy,
    request,
    risk,
)
from receivables.facts.fact import Fact
from receivables.reports.table import html_table, text_table
from receivables.values import checks
from receivables.values.money import Money

FLAGS: Final[Mapping[str, str]] = {
    "override": "a person decided against what the policy said",
    "backdated": "it was recorded many days after the day on which it counts",
    "self_approval": "somebody tried to approve what they asked for, and was refused",
    "refused": "somebody tried what they have no authority for, and was refused",
    "limit": "a credit limit was set or withdrawn",
    "settings": "other settings came into use, or an item or account moved to others",
    "decision": "a decision by a policy, with what it was based on",
    "correction": "something that was recorded before was taken back or changed",
    "nobody": "it is a deed that can take authority, and nobody is named who did it",
}
"""What stands out, with what it says."""

DEED_OF: Final[Mapping[type, str]] = {
    credit.LimitSet: "limit",
    credit.LimitWithdrawn: "limit",
    application.ApplicationDecided: "limit",
    application.OfferAccepted: "limit",
    credit.OrderReserved: "order_release",
    loss.WrittenOff: "write_off",
    loss.WriteOffReversed: "write_off",
    loss.SpecificAllowanceSet: "write_off",
    charge.ChargeWaived: "waiver",
    charge.ChargeReversed: "waiver",
    cash.RefundMade: "refund",
    cash.CreditTransferred: "transfer",
    merge.AccountAbsorbed: "merge",
    merge.AccountMerged: "merge",
    merge.AccountSeparated: "merge",
    merge.AccountRestored: "merge",
    merge.DocumentsHandedOver: "merge",
    merge.DocumentsTakenOn: "merge",
    payment_plan.PlanAgreed: "plan",
    payment_plan.PlanReinstated: "plan",
    bureau.DebtReported: "bureau",
    bureau.ReportWithdrawn: "bureau",
    placement.DebtPlaced: "bureau",
    risk.ClassOverridden: "risk_class",
}
"""Fact -> the kind of deed that takes authority; see `receivables.documents.authority.DEEDS`."""

_TAG_OF: Final = {kind: tag for tag, kind in TAGS.items()}
_CORRECTIONS: Final = frozenset(
    {
        cash.AllocationUndone,
        cash.DifferenceUndone,
        charge.ChargeReversed,
        charge.ChargeReinstated,
        credit.OrderReopened,
        dunning.StepsAnnulled,
        invoice.DueDateExtended,
        loss.WriteOffReversed,
        merge.AccountSeparated,
        bureau.ReportWithdrawn,
    }
)
_SETTINGS: Final = frozenset({policy.PolicyPublished, dunning.LadderMigrated})
_LIMITS: Final = frozenset({credit.LimitSet, credit.LimitWithdrawn})
_DECISIONS: Final = frozenset(
    {
        credit.OrderReserved,
        credit.OrderHeld,
        credit.OrderRefused,
        application.ApplicationDecided,
        request.RequestMade,
        risk.CustomerScored,
    }
)


@final
@frozen(kw_only=True, weakref_slot=False)
class AuditLine:
    """One fact: its place in the log, when it was recorded, from when on it counts, who did what, about what and how much.

    ``authority`` is the rule that allowed it and ``approvers`` those who agreed; ``policy`` the settings that decided;
    ``inputs`` what a decision was based on. ``notes`` has the texts of persons, where they were asked for.
    """

    account: str
    number: int
    recorded_at: dt.datetime
    effective_on: dt.date
    person: str | None
    deed: str
    subject: str
    amount: Money | None = None
    authority: str = ""
    approvers: tuple[str, ...] = ()
    policy: str = ""
    inputs: str = ""
    flags: tuple[str, ...] = ()
    late_days: int = 0
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "number": self.number,
            "recorded_at": self.recorded_at.isoformat(),
            "effective_on": self.effective_on,
            "person": self.person,
            "deed": self.deed,
            "subject": self.subject,
            "amount": str(self.amount.amount) if self.amount is not None else None,
            "currency": self.amount.currency.code if self.amount is not None else None,
            "authority": self.authority,
            "approvers": ", ".join(self.approvers),
            "policy": self.policy,
            "flags": ", ".join(self.flags),
            "inputs": self.inputs,
            "notes": "; ".join(self.notes),
        }


@final
@frozen(kw_only=True)
class AuditReport:
    """What was recorded on some accounts, one line per fact; ``backdated_days`` is what counts as long after its day."""

    since: dt.date | None
    until: dt.date | None
    backdated_days: int
    lines: tuple[AuditLine, ...] = field(repr=False)

    def flagged(self, *flags: str) -> AuditReport:
        """Only the lines with one of these flags; without any, those with at least one.

        Errors: `InvalidValue` for a flag that is not known.
        """
        for flag in flags:
            checks.one_of("audit.flags", flag, tuple(FLAGS))
        wanted = set(flags or FLAGS)
        return self._with(line for line in self.lines if wanted & set(line.flags))

    def of_person(self, person: str) -> AuditReport:
        """Only what a person did or agreed to."""
        return self._with(line for line in self.lines if person == line.person or person in line.approvers)

    def _with(self, lines: Iterable[AuditLine]) -> AuditReport:
        return attrs.evolve(self, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per fact, amounts as decimal texts."""
        return [line.row() for line in self.lines]

    def summary(self) -> list[dict[str, object]]:
        """How often each person did what, and how often it was flagged."""
        deeds: Counter[tuple[str, str]] = Counter()
        flags: Counter[tuple[str, str]] = Counter()
        for line in self.lines:
            key = (line.person or "", line.deed)
            deeds[key] += 1
            flags[key] += bool(set(line.flags) - {"decision"})
        return [
            {"person": person or None, "deed": deed, "times": times, "flagged": flags[person, deed]}
            for (person, deed), times in sorted(deeds.items())
        ]

    @property
    def title(self) -> str:
        """What it is, in words."""
        since = f" from {self.since}" if self.since is not None else ""
        until = f" to {self.until}" if self.until is not None else ""
        accounts = len({line.account for line in self.lines})
        return f"audit{since}{until}: {len(self.lines)} facts on {accounts} accounts"

    def __str__(self) -> str:
        names = ("account", "number", "effective_on", "person", "deed", "subject", "amount", "authority", "flags")
        rows = [{name: row[name] for name in names} for row in self.rows()]
        return f"{self.title}\n{text_table(rows, 'nothing was recorded')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"A{self.title[1:]}")


def audit(
    logs: Mapping[str, Iterable[Fact]],
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    zone: dt.tzinfo = dt.UTC,
    backdated_days: int = 5,
    personal: bool = False,
) -> AuditReport:
    """The facts of some accounts by id, recorded from a day to a day in the creditor's zone, both included.

    Pass what `Receivables.history` gives, whole: authority and limits are read from what came before. Days are those of
    the zone, units calendar days.

    >>> from receivables import Hold
    >>> day = dt.date(2026, 3, 2)
    >>> hold = Hold(id="H-1", account="ACME", placed_on=dt.date(2026, 2, 2), reason="asked Ann")
    >>> placed = credit.HoldPlaced(hold=hold, effective_on=hold.placed_on, by="bob",
    ...                            recorded_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    >>> print(audit({"ACME": [placed]}))
    audit: 1 facts on 1 accounts
    account  number  effective_on  person  deed           subject  amount  authority  flags
    ACME          1  2026-02-02    bob     hold.placed/1  H-1                         backdated
    >>> audit({"ACME": [placed]}, personal=True).lines[0].notes
    ('asked Ann',)

    Errors: `InvalidValue` for a negative number of days, or an end before the start.
    """
    checks.optional_day("audit.since", since)
    checks.optional_day("audit.until", until)
    checks.whole("audit.backdated_days", backdated_days, least=0)
    if since is not None and until is not None:
        checks.whole("audit.until", (until - since).days, least=0)
    found = [
        line
        for account, facts in logs.items()
        for line in _lines(account, facts, zone, backdated_days, personal)
        if _within(line.recorded_at.astimezone(zone).date(), since, until)
    ]
    found.sort(key=lambda line: (line.recorded_at.astimezone(dt.UTC), line.account, line.number))
    return AuditReport(since=since, until=until, backdated_days=backdated_days, lines=tuple(found))


def _within(day: dt.date, since: dt.date | None, until: dt.date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def _lines(
    account: str, facts: Iterable[Fact], zone: dt.tzinfo, backdated_days: int, personal: bool
) -> Iterator[AuditLine]:
    """A line per fact; what took authority has that of the same commit, which was recorded just before."""
    waiting: list[authority.AuthorityUsed] = []
    for number, fact in enumerate(facts, 1):
        waiting = [each for each in waiting if each.recorded_at == fact.recorded_at]
        used = _taken(waiting, fact)
        if isinstance(fact, authority.AuthorityUsed):
            waiting.append(fact)
            used = fact
        late = (fact.recorded_at.astimezone(zone).date() - fact.effective_on).days
        yield AuditLine(
            account=account,
            number=number,
            recorded_at=fact.recorded_at,
            effective_on=fact.effective_on,
            person=getattr(fact, "person", None) or fact.by,
            deed=_TAG_OF.get(type(fact), type(fact).__name__),
            subject=_subject(fact),
            amount=_amount(fact),
            authority=_rule(used) if used is not None else "",
            approvers=_approvers(fact, used),
            policy=_policy(fact),
            inputs=_inputs(fact),
            flags=tuple(_flags(fact, late > backdated_days)),
            late_days=max(0, late),
            notes=tuple(_notes(fact)) if personal else (),
        )


def _taken(waiting: list[authority.AuthorityUsed], fact: Fact) -> authority.AuthorityUsed | None:
    """The authority that a deed took, which no other deed takes then."""
    for at, used in enumerate(waiting):
        if used.kind == DEED_OF.get(type(fact)) and used.by == fact.by:
            return waiting.pop(at)
    return None


def _rule(used: authority.AuthorityUsed) -> str:
    bound = f" up to {used.up_to}" if used.up_to is not None else ""
    return f"{used.policy} {used.role}{bound}"


def _approvers(fact: Fact, used: authority.AuthorityUsed | None) -> tuple[str, ...]:
    """Those who agreed: by the matrix, and as the fact names them."""
    named = [getattr(holder, "approver", None) for holder in (fact, *_parts(fact))]
    found = [*(used.approvers if used is not None else ()), *(each for each in named if isinstance(each, str))]
    return () if isinstance(fact, authority.AttemptRefused) else tuple(dict.fromkeys(found))


def _parts(fact: Fact) -> Iterator[Any]:
    """The documents that a fact carries, in order."""
    for each in attrs.fields(type(fact)):
        value = getattr(fact, each.name)
        if attrs.has(type(value)) and not isinstance(value, Money | PolicyRef):
            yield value


_NAMES: Final = ("id", "number", "key", "token", "name")


def _subject(fact: Fact) -> str:
    """What a fact is about: what it names, or the document that it carries."""
    own = _SUBJECTS.get(type(fact))
    if own is not None:
        return own(fact)
    fields = (each for each in attrs.fields(type(fact)) if each.name not in _HEAD and not each.metadata.get("personal"))
    return next(filter(None, (_named(getattr(fact, each.name)) for each in fields)), "")


_HEAD: Final = frozenset({"effective_on", "recorded_at", "by"})


_SUBJECTS: Final[Mapping[type, Callable[[Any], str]]] = {
    authority.AuthorityUsed: lambda fact: fact.subject,
    authority.AttemptRefused: lambda fact: fact.subject,
    credit.LimitSet: lambda fact: f"{fact.limit.currency}/{fact.limit.kind}",
    credit.LimitWithdrawn: lambda fact: f"{fact.currency}/{fact.kind}",
    policy.PolicyPublished: lambda fact: str(fact.policy),
    risk.CustomerScored: lambda fact: fact.score.risk_class,
    risk.WarningRaised: lambda fact: f"{fact.warning.kind}/{fact.warning.period}",
}
"""What facts are about that name it in a way of their own."""


def _named(value: Any) -> str:
    """The name of what a field holds, or an empty text where it has none."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if not attrs.has(type(value)) or isinstance(value, Money | PolicyRef):
        return ""
    found = (getattr(value, name, None) for name in (*_NAMES, "account"))
    return next((each for each in found if isinstance(each, str) and each), "")


def _amount(fact: Fact) -> Money | None:
    """How much a fact is about: the first amount of its own, else of its document."""
    for holder in (fact, *_parts(fact)):
        for name in ("amount", "total", "demanded", "open"):
            value = getattr(holder, name, None)
            if isinstance(value, Money):
                return value
    return None


def _policy(fact: Fact) -> str:
    """The settings that decided, by their name and version."""
    found = getattr(fact, "policy", None) or getattr(fact, "regime", None)
    if isinstance(fact, risk.CustomerScored):
        found = fact.score.scorecard
    if isinstance(fact, dunning.NoticeQueued):
        names = dict.fromkeys(str(line.policy) for line in fact.notice.claimed if line.policy is not None)
        return ", ".join(names)
    return str(found) if isinstance(found, PolicyRef) else ""


def _inputs(fact: Fact) -> str:
    """What a decision was based on, and its reasons."""
    match fact:
        case credit.OrderReserved() | credit.OrderHeld() | credit.OrderRefused():
            parts = [*map(str, fact.reasons), *([str(fact.record)] if fact.record is not None else [])]
        case risk.CustomerScored():
            parts = [f"{each.name}={'undefined' if each.value is None else each.value}" for each in fact.score.inputs]
        case request.RequestMade():
            parts = [fact.outcome, *map(str, fact.reasons)]
        case dunning.NoticeQueued():
            parts = [f"{line.key} {line.amount}" for line in fact.notice.claimed]
        case _:
            parts = []
    return "; ".join(parts)


def _flags(fact: Fact, late: bool) -> Iterator[str]:
    if _is_override(fact):
        yield "override"
    if late:
        yield "backdated"
    if isinstance(fact, authority.AttemptRefused):
        yield "self_approval" if fact.code == "self_approval" else "refused"
    kind = type(fact)
    for flag, kinds in _KINDS:
        if kind in kinds:
            yield flag
    if fact.by is None and kind in DEED_OF:
        yield "nobody"


_KINDS: Final = (
    ("limit", _LIMITS),
    ("settings", _SETTINGS),
    ("decision", _DECISIONS),
    ("correction", _CORRECTIONS),
)


def _is_override(fact: Fact) -> bool:
    """Whether a person decided against a policy."""
    match fact:
        case credit.OrderReserved():
            return fact.record is not None and bool(fact.record.overrode)
        case risk.ClassOverridden() | dunning.NoticeRejected():
            return True
        case _:
            return False


def _notes(value: Any) -> Iterator[str]:
    """The texts of persons in a fact and in what it carries, in order."""
    for each in attrs.fields(type(value)):
        found = getattr(value, each.name)
        if each.metadata.get("personal"):
            if isinstance(found, str) and found:
                yield str(found)
        elif attrs.has(type(found)):
            yield from _notes(found)
        elif isinstance(found, tuple):
            for inner in found:
                if attrs.has(type(inner)):
                    yield from _notes(inner)
