"""Plans about customers that are one: merge two accounts, and separate them again.

Each is a pair of facts in one commit, and nothing moves: see `receivables.state.composition`. Whoever decides it names
who approves, and says which limits hold; what stands in the way is listed in full, before anything is recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import attrs

from receivables.documents.credit import CreditLimit
from receivables.errors import InvalidValue, NotJoinable, UnknownId
from receivables.facts.credit import LimitSet
from receivables.facts.fact import Fact
from receivables.facts.merge import AccountAbsorbed, AccountMerged, AccountRestored, AccountSeparated
from receivables.plans.authority import authorize, granted_by
from receivables.plans.commands import MergeAccounts, SeparateAccounts, SplitAccount
from receivables.plans.credit import level_of
from receivables.plans.exchange import check_same_books
from receivables.plans.plan import Context, Plan, opened
from receivables.state.account import Account
from receivables.state.composition import Homes, Name, things
from receivables.state.view import View
from receivables.values.currencies import Currency

UNDER_WAY = frozenset({"proposed", "queued", "sending"})
"""Notices that may still go out."""

RUNNING = frozenset({"performing", "defaulted"})
"""Plans that still say what is due."""

UNDIVIDED = RUNNING | {"completed"}
"""Plans that need all of their items where they are: one that is completed would be in default for want of the rest."""

ONE_AND_THE_SAME = frozenset({"method", "card"})
"""What is the same thing wherever it is kept: the token of a card stands for that card, whoever kept it."""

Joining = MergeAccounts | SeparateAccounts | SplitAccount
"""Commands that are a deed on two accounts."""

Both = Callable[..., bool]
"""Whether things, each by kind and id, are of both accounts."""


def merge_accounts(account: Account, command: MergeAccounts, context: Context) -> Plan:
    """Another account becomes part of this one, from today on, with all that it has and owes.

    The limits of the whole are given with the command, one for each currency in which either has one: they are neither
    added up nor chosen silently. `NotJoinable` lists ids that both have: an id names one thing on an account.
    """
    other = other_of(opened(account, command.account), command.absorbed, "command.absorbed", context)
    mine, theirs = authorize_both(account, other, command, context, "merge", "merge into")
    limited = tuple(_limits_authority(account, command, context))
    if into := other.merges.into():
        raise InvalidValue(
            "command.absorbed", command.absorbed, f"must not be part of another account: {into!r} has it"
        )
    if any(part.id == other.id for part in account.joined):
        raise InvalidValue("command.absorbed", command.absorbed, f"must be another account than {account.id!r}")
    check_company(account, other, "command.absorbed")
    _check_limits(account, other, command, context.today)
    if twice := clashes(account, other):
        raise NotJoinable("merge", account.id, other.id, twice)
    day = max((context.today, *days_of(account), *days_of(other)))
    absorbed = AccountAbsorbed(
        account=other.id,
        approver=command.approver,
        reason=command.reason,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    merged = AccountMerged(into=account.id, effective_on=day, recorded_at=context.now, by=command.by)
    limits = (
        LimitSet(limit=limit, effective_on=limit.valid_from, recorded_at=context.now, by=command.by)
        for limit in command.limits
    )
    return Plan(
        facts=(*mine, *limited, absorbed, *limits),
        others={command.absorbed: (*theirs, merged)},
        outcome="merged",
        ids=(other.id,),
    )


def authorize_both(
    account: Account, other: Account, command: Joining, context: Context, deed: str, deed_of_other: str
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """By whose authority a deed on two accounts is done, for each by its own matrix: the facts of the one and the other.

    The words for what is done begin its subject: ``merge B`` on the account A, and ``merge into A`` on B. A request is one of
    the account that the command is about; where its matrix takes it, those who granted it approve for the other as well.
    """
    mine = authorize(account, command, context, "merge", None, f"{deed} {other.id}")
    granted = granted_by(account, command.approval, context) if mine else ()
    alone = attrs.evolve(command, approval=None)
    return mine, authorize(other, alone, context, "merge", None, f"{deed_of_other} {account.id}", granted)


def _limits_authority(account: Account, command: MergeAccounts, context: Context) -> Iterator[Fact]:
    """For each limit that comes with a merger; a request that was granted is for the merger."""
    alone = attrs.evolve(command, approval=None)
    for limit in command.limits:
        level = level_of(account, limit, context)
        yield from authorize(account, alone, context, "limit", level, f"{limit.currency}/{limit.kind}")


def separate_accounts(account: Account, command: SeparateAccounts, context: Context) -> Plan:
    """An account that was absorbed is one of its own again, from today on, with all that concerns it.

    `NotJoinable` lists what concerns both: cash of the one that is applied to items of the other is to be taken back
    first, and a letter that names items of both is to go out, or be stopped.
    """
    other = other_of(opened(account, command.account), command.absorbed, "command.absorbed", context)
    mine, theirs = authorize_both(account, other, command, context, "separate", "separate from")
    if other.id not in account.own.merges.joined():
        raise UnknownId(f"account merged into {account.id!r}", command.absorbed)
    obstacles = tuple(_between(account, other, context.today))
    if obstacles:
        raise NotJoinable("separate", account.id, other.id, obstacles)
    day = max((context.today, *days_of(account), *days_of(other)))
    separated = AccountSeparated(
        account=other.id,
        approver=command.approver,
        reason=command.reason,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    restored = AccountRestored(separated_from=account.id, effective_on=day, recorded_at=context.now, by=command.by)
    return Plan(
        facts=(*mine, separated),
        others={command.absorbed: (*theirs, restored)},
        outcome="separated",
        ids=(other.id,),
    )


def other_of(account: Account, id: str, field: str, context: Context) -> Account:
    """The further account, by itself; both must be of a customer."""
    other = opened(context.relatives[id], id)
    for name, each in (("command.of", account), (field, other)):
        if each.profile.entries[0].customer is None:
            raise InvalidValue(name, each.id, "must be the account of a customer, not of a group")
    return other


def check_company(account: Account, other: Account, field: str) -> None:
    """That both are accounts of one company, with one book currency."""
    one, two = (each.profile.entries[0].customer for each in (account, other))
    if one is not None and two is not None and one.company != two.company:
        raise InvalidValue(field, other.id, f"must be of the company {one.company!r}")
    check_same_books(account, other, field)


def _check_limits(account: Account, other: Account, command: MergeAccounts, today: dt.date) -> None:
    """That the limits are the account's, hold today, and leave no currency open in which either has one."""
    for at, limit in enumerate(command.limits):
        field = f"command.limits[{at}]"
        if limit.account != account.id:
            raise InvalidValue(f"{field}.account", limit.account, f"must be {account.id!r}")
        if limit.kind != "base":
            raise InvalidValue(f"{field}.kind", limit.kind, "must be 'base'")
        if not limit.valid_from == today:
            raise InvalidValue(f"{field}.valid_from", limit.valid_from.isoformat(), f"must be today, {today}")
    chosen = _currencies(command.limits)
    missing = [each.code for each in (_currencies(_limits(account)) | _currencies(_limits(other))) - chosen]
    if missing:
        codes = ", ".join(sorted(missing))
        raise InvalidValue("command.limits", tuple(map(str, chosen)), f"must say the limit of the whole in {codes}")


def _limits(account: Account) -> Iterable[CreditLimit]:
    return account.credit.limits_on(dt.date.max, None)


def _currencies(limits: Iterable[CreditLimit]) -> set[Currency]:
    return {limit.currency for limit in limits}


def clashes(account: Account, other: Account, names: Iterable[Name] | None = None) -> tuple[str, ...]:
    """The ids that both have for different things; what concerned both before stands in both logs, and is the same."""
    mine, theirs = things(account), things(other)
    common = mine.keys() & theirs.keys() if names is None else set(names) & theirs.keys()
    differ = sorted(name for name in common if name[0] not in ONE_AND_THE_SAME and mine[name] != theirs[name])
    return tuple(f"both have {kind} {id!r}" for kind, id in differ)


def days_of(account: Account) -> Iterator[dt.date]:
    """The days of earlier mergers and the like: no later one is dated before them, whatever the clock says."""
    merges = account.merges
    for entries in (merges.absorptions, merges.mergers, merges.handed_over, merges.taken_on):
        yield from (entry.effective_on for entry in entries)


def _between(account: Account, other: Account, today: dt.date) -> Iterator[str]:
    """What concerns both: money of the one on items of the other, letters under way and arrangements about both."""
    apart = {part.id for part in other.joined}
    homes = Homes(account.joined)

    def both(*names: tuple[str, str]) -> bool:
        return len({part in apart for name in names for part in homes.of(name)}) == 2

    yield from obstacles_between(account, account.view(today), both)


def obstacles_between(account: Account, view: View, both: Both) -> Iterator[str]:
    """What stands in the way of parting things of which ``both`` says that they are of the one side and the other."""
    yield from _money_between(account, both)
    yield from _letters_between(account, both)
    yield from _arrangements_between(view, both)


def _money_between(account: Account, both: Both) -> Iterator[str]:
    for made in account.cash.in_force():
        if both(("credit", made.source), ("item", made.item)):
            yield f"allocation {made.id!r} of {made.source!r} on {made.item!r}"
    for part in account.cash.differences():
        if part.source is not None and both(("credit", part.source), ("item", part.item)):
            yield f"difference {part.id!r} of {part.source!r} on {part.item!r}"


def _letters_between(account: Account, both: Both) -> Iterator[str]:
    last = {event.notice: event.status for event in account.dunning.events}
    for entry in account.dunning.notices:
        status = last.get(entry.notice.key, entry.first_status)
        if status in UNDER_WAY and both(("notice", entry.notice.key)):
            yield f"notice {entry.notice.key!r} that is {status}"


def _arrangements_between(view: View, both: Both) -> Iterator[str]:
    for promise in view.promises:
        if promise.status == "open" and both(*(("item", item) for item in promise.items)):
            yield f"promise {promise.promise.id!r} that is open"
    for agreed in view.payment_plans:
        if agreed.status in UNDIVIDED and both(*(("item", item) for item in agreed.plan.items)):
            yield f"plan {agreed.plan.id!r} that is {agreed.status}"
