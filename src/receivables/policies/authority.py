"""Who may do what, up to which amount: the authority matrix, and its answer to one deed.

1. What a person did of a kind on an account within the window of a rule counts together with what comes: three times
   1,000.00 within 30 days is 3,000.00. A limit is a level and stands for itself.
2. A deed is allowed by the first rule that covers the sum, where the one who does it has the role and the rule asks for
   no approval, or where as many others with the role approve as it asks for.
3. Maker is never checker: neither the one who asks, nor a deputy by the authority of the one who asks, approves it. A
   deputy and the one whom it stands for are one approval.
4. A rule covers its own currency only; one without an amount covers every amount, and what has none.
5. A kind that no rule names is not governed: there only the two persons of old are asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, final

from attrs import frozen

from receivables.documents.authority import DEEDS, DeedDone, check_amount
from receivables.documents.due_steps import MOST_DAYS
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

CODES = {
    "no_person": "nobody is named who does it",
    "self_approval": "who asks is the one who approves",
    "no_authority": "neither who asks nor who approves has the authority, or too few approve",
}
"""Why a deed is refused for want of authority, in order of precedence."""


@final
@frozen(kw_only=True)
class Membership:
    """A person has a role from a day to a day, both included; without a day it is open on that side.

    >>> Membership(person="ann", valid_to=dt.date(2026, 6, 30)).holds_on(dt.date(2026, 7, 1))
    False
    """

    person: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("membership.person", self.person)
        _check_days("membership", self.valid_from, self.valid_to)

    def holds_on(self, day: dt.date) -> bool:
        """Whether it holds on a day."""
        return _within(day, self.valid_from, self.valid_to)


@final
@frozen(kw_only=True)
class Role:
    """Persons with the same authority, as the host's references: ``persons`` have it always, ``members`` for a time.

    >>> Role(name="manager", persons=("bob",)).has("bob", dt.date(2026, 3, 2))
    True
    """

    name: str
    persons: tuple[str, ...] = ()
    members: tuple[Membership, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("role.name", self.name)
        checks.sequence("role.persons", self.persons, str, "persons")
        for at, person in enumerate(self.persons):
            checks.text(f"role.persons[{at}]", person)
        checks.sequence("role.members", self.members, Membership, "memberships")
        if not self.persons and not self.members:
            raise InvalidValue("role.persons", [], f"must name at least one person with the role {self.name!r}")
        self._check_once()

    def _check_once(self) -> None:
        known = [Membership(person=person) for person in self.persons]
        for each in self.members:
            if any(each.person == other.person and _overlap(each, other) for other in known):
                raise InvalidValue("role.members", each.person, "must not have the role twice on a day")
            known.append(each)
        if len(set(self.persons)) != len(self.persons):
            raise InvalidValue("role.persons", list(self.persons), "must name each person once")

    def has(self, person: str, day: dt.date) -> bool:
        """Whether a person has this role on a day, by itself."""
        return person in self.persons or any(each.person == person and each.holds_on(day) for each in self.members)


@final
@frozen(kw_only=True)
class Deputy:
    """A person acts for another from a day to a day, both included, with every role that the other has on the day.

    >>> Deputy(person="carl", stands_for="bob", valid_from=dt.date(2026, 8, 3), valid_to=dt.date(2026, 8, 21)).person
    'carl'
    """

    person: str
    stands_for: str
    valid_from: dt.date
    valid_to: dt.date

    def __attrs_post_init__(self) -> None:
        checks.text("deputy.person", self.person)
        checks.text("deputy.stands_for", self.stands_for)
        checks.day("deputy.valid_from", self.valid_from)
        checks.day("deputy.valid_to", self.valid_to)
        _check_days("deputy", self.valid_from, self.valid_to)
        if self.person == self.stands_for:
            raise InvalidValue("deputy.person", self.person, "must be another person than the one it stands for")


@final
@frozen(kw_only=True)
class AuthorityRule:
    """Who has the role may do this kind of deed up to an amount, together with what came in the window before.

    ``up_to`` ``None`` is any amount in any currency. A deed counts on its own day and ``window_days`` after it. Without
    ``approvals`` one person with the role is enough: the one who does it, or another who approves. With them as many
    *others* with the role have to approve, whoever does it.

    >>> AuthorityRule(kind="write_off", role="collector", up_to=Money.of("1000", "EUR"), window_days=30).covers(
    ...     Money.of("3000", "EUR"))
    False
    """

    kind: str
    role: str
    up_to: Money | None = None
    window_days: int = 30
    approvals: int = 0

    def __attrs_post_init__(self) -> None:
        checks.one_of("rule.kind", self.kind, tuple(DEEDS))
        checks.text("rule.role", self.role)
        check_amount("rule.up_to", self.up_to)
        checks.whole("rule.window_days", self.window_days, least=0, most=MOST_DAYS)
        checks.whole("rule.approvals", self.approvals, least=0, most=5)

    def covers(self, total: Money | None) -> bool:
        """Whether the sum is within the bound; what has no amount only where there is no bound."""
        if self.up_to is None:
            return True
        return total is not None and total.currency == self.up_to.currency and total.minor <= self.up_to.minor

    @property
    def wants(self) -> int:
        """How many approvals it takes where the one who does it may not do it alone."""
        return max(1, self.approvals)


class Approver(NamedTuple):
    """A person who approves, and the day on which it did: that decides on its roles."""

    person: str
    on: dt.date


class Allowed(NamedTuple):
    """A rule that allows a deed, the sum that it covers, and the persons whose approval it takes."""

    rule: AuthorityRule
    total: Money | None
    approvers: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class AuthorityPolicy:
    """The authority matrix of a creditor: roles with their persons, rules, deputies.

    ``forbidden`` are kinds that nobody may do at all. A request for approval lapses ``lapse_days`` after its day; staff is
    told of it at once, and again ``warn_days`` before it lapses.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> matrix = AuthorityPolicy(
    ...     id="authority", version=1,
    ...     roles=(Role(name="collector", persons=("ann",)), Role(name="manager", persons=("bob",))),
    ...     rules=(AuthorityRule(kind="write_off", role="collector", up_to=eur(1000), window_days=30),
    ...            AuthorityRule(kind="write_off", role="manager", up_to=eur(10000), window_days=30)))
    >>> day = dt.date(2026, 3, 2)
    >>> done = [DeedDone(kind="write_off", by="ann", amount=eur(600), on=day)]
    >>> matrix.allows("write_off", eur(400), by="ann", on=day, done=done).rule.role
    'collector'
    >>> matrix.allows("write_off", eur(401), by="ann", on=day, done=done) is None
    True
    >>> matrix.allows("write_off", eur(401), by="ann", on=day, done=done, approvers=[Approver("bob", day)]).total
    Money.of('1001.00', 'EUR')

    Errors: `InvalidValue` for rules that contradict each other, a rule for a role that is not there, a role without
    persons or given twice, a deputy for somebody without a role.
    """

    id: str
    version: int
    roles: tuple[Role, ...] = ()
    rules: tuple[AuthorityRule, ...] = ()
    deputies: tuple[Deputy, ...] = ()
    forbidden: frozenset[str] = frozenset()
    lapse_days: int = 14
    warn_days: int = 3

    def __attrs_post_init__(self) -> None:
        checks.text("authority_policy.id", self.id)
        checks.whole("authority_policy.version", self.version, least=1)
        checks.sequence("authority_policy.roles", self.roles, Role, "roles")
        checks.sequence("authority_policy.rules", self.rules, AuthorityRule, "rules")
        checks.sequence("authority_policy.deputies", self.deputies, Deputy, "deputies")
        checks.instance("authority_policy.forbidden", self.forbidden, frozenset, "a frozenset of kinds")
        for kind in self.forbidden:
            checks.one_of("authority_policy.forbidden", kind, tuple(DEEDS))
        checks.whole("authority_policy.lapse_days", self.lapse_days, least=0, most=MOST_DAYS)
        checks.whole("authority_policy.warn_days", self.warn_days, least=0, most=MOST_DAYS)
        _check_roles(self)
        _check_rules(self.rules)

    @cached_property
    def _governed(self) -> frozenset[str]:
        return self.forbidden.union(rule.kind for rule in self.rules)

    def governs(self, kind: str) -> bool:
        """Whether it says anything about a kind of deed."""
        return kind in self._governed

    def through(self, person: str, role: str, day: dt.date) -> frozenset[str]:
        """The persons by whose authority somebody has a role on a day: itself, and those for whom it is a deputy."""
        found = next(each for each in self.roles if each.name == role)
        heads = [person, *(each.stands_for for each in self.deputies if _acts(each, person, day))]
        return frozenset(head for head in heads if found.has(head, day))

    def allows(
        self,
        kind: str,
        amount: Money | None,
        *,
        by: str,
        on: dt.date,
        done: Iterable[DeedDone] = (),
        approvers: Sequence[Approver] = (),
    ) -> Allowed | None:
        """The first rule that allows a deed, or ``None``; ``done`` is what was done before on the account."""
        for rule, total in self.covering(kind, amount, by=by, on=on, done=tuple(done)):
            if not rule.approvals and self.through(by, rule.role, on):
                return Allowed(rule, total)
            found = self.counted(rule, by, approvers)
            if len(found) >= rule.wants:
                return Allowed(rule, total, found)
        return None

    def covering(
        self, kind: str, amount: Money | None, *, by: str, on: dt.date, done: Sequence[DeedDone] = ()
    ) -> Iterator[tuple[AuthorityRule, Money | None]]:
        """The rules that cover a deed with what came in their windows before, each with that sum."""
        for rule in self.rules:
            if rule.kind == kind:
                total = total_within(rule.window_days, kind, amount, by, on, done)
                if rule.covers(total):
                    yield rule, total

    def counted(self, rule: AuthorityRule, by: str, approvers: Iterable[Approver]) -> tuple[str, ...]:
        """The persons whose approval counts for a rule, each by the authority of another person, none by the maker's."""
        heads = {
            each.person: self.through(each.person, rule.role, each.on) - {by} for each in approvers if each.person != by
        }
        return _most([(person, found) for person, found in heads.items() if found])

    def wanted(
        self, kind: str, amount: Money | None, *, by: str, on: dt.date, done: Sequence[DeedDone] = ()
    ) -> tuple[str, ...]:
        """The roles that could approve a deed."""
        found = self.covering(kind, amount, by=by, on=on, done=done)
        return tuple(dict.fromkeys(rule.role for rule, _ in found))

    def largest_total(
        self, kind: str, amount: Money | None, *, by: str, on: dt.date, done: Sequence[DeedDone] = ()
    ) -> Money | None:
        """What a deed comes to with what was done before, by the longest window of its kind."""
        days = max((rule.window_days for rule in self.rules if rule.kind == kind), default=0)
        return total_within(days, kind, amount, by, on, done)

    def decides(self, kind: str, person: str, day: dt.date) -> bool:
        """Whether a person has any authority for a kind of deed on a day."""
        return any(rule.kind == kind and self.through(person, rule.role, day) for rule in self.rules)


def total_within(
    days: int, kind: str, amount: Money | None, by: str, on: dt.date, done: Iterable[DeedDone]
) -> Money | None:
    """An amount, with what the same person did of the kind and currency on the days before; of a level, itself alone.

    A deed of a later day counts too: the clocks of two servers may differ.
    """
    if amount is None or not DEEDS[kind].adds_up:
        return amount
    before = (
        each.amount.minor
        for each in done
        if each.kind == kind and each.by == by and each.amount is not None
        if each.amount.currency == amount.currency and (on - each.on).days <= days
    )
    return Money(amount.minor + sum(before), amount.currency)


def _most(found: Sequence[tuple[str, frozenset[str]]], taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """As many approvers as can be told apart by those whose authority they use."""
    if not found:
        return ()
    (person, heads), *others = found
    best = _most(others, taken)
    for head in sorted(heads - taken):
        best = max(best, (person, *_most(others, taken | {head})), key=len)
    return best


def _acts(deputy: Deputy, person: str, day: dt.date) -> bool:
    return deputy.person == person and deputy.valid_from <= day <= deputy.valid_to


def _within(day: dt.date, first: dt.date | None, last: dt.date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _overlap(one: Membership, other: Membership) -> bool:
    starts = max(one.valid_from or dt.date.min, other.valid_from or dt.date.min)
    return starts <= min(one.valid_to or dt.date.max, other.valid_to or dt.date.max)


def _check_days(name: str, first: dt.date | None, last: dt.date | None) -> None:
    checks.optional_day(f"{name}.valid_from", first)
    checks.optional_day(f"{name}.valid_to", last)
    if first is not None and last is not None and last < first:
        raise InvalidValue(f"{name}.valid_to", last.isoformat(), f"must not be before {first}")


def _check_roles(policy: AuthorityPolicy) -> None:
    """That each role is there once, that rules name roles that are there, and that deputies stand for somebody in one."""
    names = [role.name for role in policy.roles]
    if len(set(names)) != len(names):
        raise InvalidValue("authority_policy.roles", names, "must have each role once")
    for rule in policy.rules:
        if rule.role not in names:
            raise InvalidValue("authority_policy.rules", rule.role, "must be a role of the policy")
        if rule.kind in policy.forbidden:
            raise InvalidValue("authority_policy.forbidden", rule.kind, "must not have a rule as well")
    known = {person for role in policy.roles for person in role.persons}
    known.update(each.person for role in policy.roles for each in role.members)
    for deputy in policy.deputies:
        if deputy.stands_for not in known:
            raise InvalidValue("authority_policy.deputies", deputy.stands_for, "must stand for somebody with a role")


def _check_rules(rules: Sequence[AuthorityRule]) -> None:
    """That no two rules say different things of the same, and that more approvals reach further than fewer."""
    for at, rule in enumerate(rules):
        for other in rules[:at]:
            if (rule.kind, rule.role) == (other.kind, other.role) and _same_money(rule, other):
                _check_pair(*sorted((rule, other), key=lambda each: each.approvals))


def _check_pair(fewer: AuthorityRule, more: AuthorityRule) -> None:
    about = f"{more.kind} by {more.role}"
    if fewer.approvals == more.approvals:
        raise InvalidValue(
            "authority_policy.rules", about, "must have one rule for a currency and a number of approvals"
        )
    if fewer.covers(more.up_to) and fewer.window_days <= more.window_days:
        raise InvalidValue("authority_policy.rules", about, f"must reach further with {more.approvals} approvals")


def _same_money(rule: AuthorityRule, other: AuthorityRule) -> bool:
    """Whether two bounds can be compared: of one currency, or one of them none."""
    return rule.up_to is None or other.up_to is None or rule.up_to.currency == other.up_to.currency
