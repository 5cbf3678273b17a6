"""Who looks after a customer where nobody was given it: rules in order, and deputies for those who are away.

1. What was recorded for the customer comes first. Else the first rule counts that agrees in every part it gives.
2. Who is away on a day has a deputy, the deputy perhaps another one. Where nobody is left the team has it, or nobody: that is
   said, and never guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money

NOBODY = "nobody"
"""Why nobody has a customer: no assignment, and no rule that agrees."""

ASSIGNED = "assigned"
"""Somebody was given the customer by a person."""


@final
@frozen(kw_only=True)
class AssignmentRule:
    """Customers that agree in all that is given go to a collector, a team, or both.

    ``letters`` is a range of first letters of the customer's id, both included, whatever the case. ``least`` and ``below``
    bound what is open in their currency: at least the one, and less than the other.

    >>> AssignmentRule(name="large", least=Money.of(50_000, "EUR"), collector="ann").collector
    'ann'

    Errors: `InvalidValue` for a rule that names nobody, or bounds that cannot be.
    """

    name: str
    collector: str | None = None
    team: str | None = None
    company: str | None = None
    segment: str | None = None
    group: str | None = None
    tag: str | None = None
    risk_class: str | None = None
    letters: tuple[str, str] | None = None
    least: Money | None = None
    below: Money | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("assignment_rule.name", self.name)
        for name in ("collector", "team", "group", "tag", "risk_class"):
            checks.optional_text(f"assignment_rule.{name}", getattr(self, name))
        for name in ("company", "segment"):
            if getattr(self, name) is not None:
                checks.text(f"assignment_rule.{name}", getattr(self, name), empty=True)
        if self.collector is None and self.team is None:
            raise InvalidValue("assignment_rule.collector", None, "must be given, or a team")
        if self.name in (NOBODY, ASSIGNED):
            raise InvalidValue("assignment_rule.name", self.name, f"must not be {NOBODY!r} or {ASSIGNED!r}")
        _check_letters(self.letters)
        _check_band(self.least, self.below)

    def agrees(self, view: View) -> bool:
        """Whether a customer is one that the rule is for; the account of a group has no customer, and no rule agrees."""
        customer = view.customer
        if customer is None:
            return False
        return (
            self.company in (None, customer.company)
            and self.segment in (None, customer.segment)
            and self.group in (None, customer.group)
            and (self.tag is None or self.tag in customer.tags)
            and self.risk_class in (None, view.risk.risk_class)
            and (self.letters is None or _between(customer.id, *self.letters))
            and (self.least is None or view.open_total(self.least.currency).minor >= self.least.minor)
            and (self.below is None or view.open_total(self.below.currency).minor < self.below.minor)
        )


def _check_letters(letters: object) -> None:
    if letters is None:
        return
    checks.sequence("assignment_rule.letters", letters, str, "two texts")
    if not isinstance(letters, tuple) or len(letters) != 2 or not all(letters):
        raise InvalidValue("assignment_rule.letters", letters, "must be the first and the last")
    first, last = (each.casefold() for each in letters)
    if first[: len(last)] > last:
        raise InvalidValue("assignment_rule.letters", list(letters), "must be in order")


def _between(id: str, first: str, last: str) -> bool:
    """Whether the first letters of an id are in a range: ``A`` to ``C`` has ``Cube``, ``M`` to ``MC`` has ``McKay``."""
    name, first, last = id.casefold(), first.casefold(), last.casefold()
    return first <= name and name[: len(last)] <= last


def _check_band(least: object, below: object) -> None:
    for name, bound in (("least", least), ("below", below)):
        if bound is not None:
            checks.instance(f"assignment_rule.{name}", bound, Money, "money, or None")
    if isinstance(least, Money) and isinstance(below, Money):
        if least.currency != below.currency:
            raise InvalidValue("assignment_rule.below", str(below), f"must be in {least.currency.code}")
        if least.minor >= below.minor:
            raise InvalidValue("assignment_rule.below", str(below), f"must be more than {least}")


@final
@frozen(kw_only=True)
class Absence:
    """Somebody is away from a day to a day, both included; ``deputy`` does the work meanwhile.

    >>> Absence(person="ann", deputy="bob", starts_on=dt.date(2026, 7, 1), until=dt.date(2026, 7, 14)).on(dt.date(2026, 7, 14))
    True
    """

    person: str
    starts_on: dt.date
    until: dt.date
    deputy: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("absence.person", self.person)
        checks.day("absence.starts_on", self.starts_on)
        checks.day("absence.until", self.until)
        checks.optional_text("absence.deputy", self.deputy)
        if self.until < self.starts_on:
            raise InvalidValue("absence.until", self.until.isoformat(), f"must not be before {self.starts_on}")
        if self.deputy == self.person:
            raise InvalidValue("absence.deputy", self.deputy, "must be another person")

    def on(self, day: dt.date) -> bool:
        """Whether the person is away on a day."""
        return self.starts_on <= day <= self.until


@final
@frozen(kw_only=True)
class Responsibility:
    """Who has a customer: whose it is, who acts for them on the day, the team, and why.

    ``cause`` is ``assigned``, the name of the rule, or ``nobody``. ``acting`` is ``None`` where the collector is away
    without a deputy who is there: then it is for the team, if there is one.
    """

    collector: str | None = None
    acting: str | None = None
    team: str | None = None
    cause: str = NOBODY

    @property
    def is_covered(self) -> bool:
        """Whether somebody, or a team, sees to it on the day."""
        return self.acting is not None or self.team is not None


@final
@frozen(kw_only=True)
class AssignmentPolicy:
    """Rules in order, and who is away when.

    >>> from receivables import Account, Customer
    >>> policy = AssignmentPolicy(id="desk", version=1, rules=(
    ...     AssignmentRule(name="public", segment="public", collector="ann"),
    ...     AssignmentRule(name="A to M", letters=("A", "M"), collector="bob", team="north")),
    ...     absences=(Absence(person="bob", deputy="eve", starts_on=dt.date(2026, 3, 1), until=dt.date(2026, 3, 7)),))
    >>> view = Account.of(Customer(id="ACME")).view(dt.date(2026, 3, 2))
    >>> found = policy.responsible(view)
    >>> found.collector, found.acting, found.team, found.cause
    ('bob', 'eve', 'north', 'A to M')
    >>> policy.responsible(Account.of(Customer(id="ZETA")).view(dt.date(2026, 3, 2))).cause
    'nobody'

    Errors: `InvalidValue` for two rules of one name, or two absences of a person on one day.
    """

    id: str
    version: int
    rules: tuple[AssignmentRule, ...] = ()
    absences: tuple[Absence, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("assignment_policy.id", self.id)
        checks.whole("assignment_policy.version", self.version, least=1)
        checks.sequence("assignment_policy.rules", self.rules, AssignmentRule, "rules")
        checks.sequence("assignment_policy.absences", self.absences, Absence, "absences")
        names = [rule.name for rule in self.rules]
        if len(set(names)) != len(names):
            raise InvalidValue("assignment_policy.rules", names, "must have each name once")
        _check_absences(self.absences)

    def responsible(self, view: View, day: dt.date | None = None) -> Responsibility:
        """Who has a customer, by what is so on the date of its view; ``day`` is the day for which deputies are looked up."""
        given = view.assignment
        if given is not None:
            return self._acting(given.collector, given.team, ASSIGNED, day or view.as_of)
        rule = next((rule for rule in self.rules if rule.agrees(view)), None)
        if rule is None:
            return Responsibility()
        return self._acting(rule.collector, rule.team, rule.name, day or view.as_of)

    def acting(self, person: str | None, day: dt.date) -> str | None:
        """Who does the work of a person on a day: the person, the deputy, or the deputy's; ``None`` where nobody is there."""
        passed: set[str] = set()
        while person is not None and person not in passed:
            passed.add(person)
            away = next((each for each in self.absences if each.person == person and each.on(day)), None)
            if away is None:
                return person
            person = away.deputy
        return None

    def _acting(self, collector: str | None, team: str | None, cause: str, day: dt.date) -> Responsibility:
        return Responsibility(collector=collector, acting=self.acting(collector, day), team=team, cause=cause)


def _check_absences(absences: Iterable[Absence]) -> None:
    ends: dict[str, Absence] = {}
    for each in sorted(absences, key=lambda absence: absence.starts_on):
        before = ends.get(each.person)
        if before is not None and each.starts_on <= before.until:
            raise InvalidValue("assignment_policy.absences", each.person, f"must not be away twice on {each.starts_on}")
        ends[each.person] = each


NO_RULES = AssignmentPolicy(id="none", version=1)
"""Stands where no policy is chosen: only what was recorded counts, and nobody is away."""
