"""Strategies: which customers are treated how, by risk, value and behavior; champion and challenger by a stable draw.

1. The first rule that fits a view decides; where none does, the policy's own treatment.
2. A rule with several arms tries treatments against each other. Which arm an account is in follows from a digest of the
   name of the trial and the account: the same on every day and machine, whatever else is on the list.
3. A treatment is a setting: a channel, a tone, a pace, a dunning policy, a team, weights of the worklist. Nothing is sent
   by it. The decision says which rule and arm gave it, and why.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Final, final

from attrs import frozen

from receivables.documents.reason import Reason
from receivables.errors import InvalidValue
from receivables.policies.worklist import WorklistPolicy, least_of
from receivables.state.view import Book, View
from receivables.values import checks
from receivables.values.money import Money

SLOTS: Final = 10_000
"""Into how many parts accounts are drawn: an arm has a hundredth of them per percent."""


@final
@frozen(kw_only=True)
class Treatment:
    """How to treat a customer: the channel and template of contact, every how many days, by whom and by which policies.

    ``dunning`` is the id of a dunning policy, ``team`` the team that looks after it, ``worklist`` has weights of its own.

    >>> Treatment(name="gentle", channel="email", template="friendly", every_days=14).channel
    'email'
    """

    name: str
    channel: str | None = None
    template: str | None = None
    every_days: int | None = None
    dunning: str | None = None
    team: str | None = None
    worklist: WorklistPolicy | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("treatment.name", self.name)
        for name in ("channel", "template", "dunning", "team"):
            checks.optional_text(f"treatment.{name}", getattr(self, name))
        if self.every_days is not None:
            checks.whole("treatment.every_days", self.every_days, least=1, most=3660)
        if self.worklist is not None:
            checks.instance("treatment.worklist", self.worklist, WorklistPolicy, "a worklist policy, or None")


@final
@frozen(kw_only=True)
class Arm:
    """A treatment that is tried on so many percent of the accounts that a rule fits.

    >>> Arm(treatment="gentle", percent=10).percent
    10
    """

    treatment: str
    percent: int

    def __attrs_post_init__(self) -> None:
        checks.text("arm.treatment", self.treatment)
        checks.whole("arm.percent", self.percent, least=1, most=100)


@final
@frozen(kw_only=True)
class StrategyRule:
    """Whom a treatment is for: every condition that is given must hold.

    ``risk_classes``, ``segments`` and ``tags`` name those that it is for; with several tags one is enough. ``least_overdue``:
    in one of these currencies as much is overdue and kept back by nothing. ``least_days_overdue`` is the age of the oldest
    overdue item, ``least_broken_promises`` counts promises that were not kept, or only in part, whose last day was within
    ``promise_days``. ``trial`` is the name of the draw: another name deals the accounts anew, another version does not.

    >>> StrategyRule(name="slow and large", least_days_overdue=30, least_overdue=(Money.of(5000, "EUR"),),
    ...              arms=(Arm(treatment="call", percent=80), Arm(treatment="visit", percent=20))).trial
    ''

    Errors: `InvalidValue` for arms that do not add up to 100 percent.
    """

    name: str
    arms: tuple[Arm, ...]
    risk_classes: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    least_overdue: tuple[Money, ...] = ()
    least_days_overdue: int | None = None
    least_broken_promises: int | None = None
    promise_days: int = 180
    trial: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("strategy_rule.name", self.name)
        checks.text("strategy_rule.trial", self.trial, empty=True)
        checks.sequence("strategy_rule.arms", self.arms, Arm, "arms")
        for name in ("risk_classes", "segments", "tags"):
            checks.instance(f"strategy_rule.{name}", getattr(self, name), frozenset, "a frozenset of texts")
        checks.sequence("strategy_rule.least_overdue", self.least_overdue, Money, "amounts")
        for name in ("least_days_overdue", "least_broken_promises"):
            if getattr(self, name) is not None:
                checks.whole(f"strategy_rule.{name}", getattr(self, name), least=1)
        checks.whole("strategy_rule.promise_days", self.promise_days, least=0)
        if sum(arm.percent for arm in self.arms) != 100:
            raise InvalidValue("strategy_rule.arms", [arm.percent for arm in self.arms], "must add up to 100 percent")

    def why(self, view: View) -> tuple[Reason, ...] | None:
        """The conditions with the figures that fulfil them, or ``None`` where one does not hold."""
        found: list[Reason] = []
        for held in self._conditions(view):
            if held is None:
                return None
            found.append(held)
        return tuple(found)

    def _conditions(self, view: View) -> Iterator[Reason | None]:
        customer = view.customer
        if self.risk_classes:
            yield _reason("risk_class", (view.risk.risk_class or "") in self.risk_classes)
        if self.segments:
            yield _reason("segment", customer is not None and customer.segment in self.segments)
        if self.tags:
            yield _reason("tag", customer is not None and not self.tags.isdisjoint(customer.tags))
        if self.least_overdue:
            yield _large(overdue_of(view), self.least_overdue)
        if self.least_days_overdue is not None:
            days = oldest_days(view)
            yield Reason(code="days_overdue", days=days) if days >= self.least_days_overdue else None
        if self.least_broken_promises is not None:
            yield _reason("broken_promises", _broken(view, self.promise_days) >= self.least_broken_promises)


@final
@frozen(kw_only=True)
class Treated:
    """The treatment of an account, with the rule, the arm and the slot of the draw that gave it, and why the rule fits.

    ``rule`` is ``None`` where none fits; then ``slot`` is, too.
    """

    account: str
    treatment: Treatment
    rule: str | None
    slot: int | None
    why: tuple[Reason, ...] = ()

    def __str__(self) -> str:
        because = ", ".join(map(str, self.why)) or "no condition"
        by = f"rule {self.rule!r}: {because}; slot {self.slot}" if self.rule is not None else "no rule fits"
        return f"{self.account}: {self.treatment.name} ({by})"


@final
@frozen(kw_only=True)
class StrategyPolicy:
    """Which customers are treated how: rules in order, and a treatment for those that none fits.

    >>> policy = StrategyPolicy(
    ...     id="desk", version=1, treatments=(Treatment(name="letters"), Treatment(name="calls", channel="phone")),
    ...     otherwise="letters", rules=(StrategyRule(name="old", least_days_overdue=30, trial="2026",
    ...                                              arms=(Arm(treatment="calls", percent=100),)),))
    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> for day in (dt.date(2026, 3, 5), dt.date(2026, 3, 6)):
    ...     print(policy.treat(account.view(day)))
    ACME: letters (no rule fits)
    ACME: calls (rule 'old': days_overdue (30 days); slot 2639)

    Errors: `InvalidValue` for a treatment that is not there or given twice, or a rule given twice.
    """

    id: str
    version: int
    treatments: tuple[Treatment, ...]
    otherwise: str
    rules: tuple[StrategyRule, ...] = ()

    def __attrs_post_init__(self) -> None:
        checks.text("strategy.id", self.id)
        checks.whole("strategy.version", self.version, least=1)
        checks.sequence("strategy.treatments", self.treatments, Treatment, "treatments")
        checks.sequence("strategy.rules", self.rules, StrategyRule, "rules")
        _check_once("strategy.treatments", [each.name for each in self.treatments])
        _check_once("strategy.rules", [each.name for each in self.rules])
        checks.text("strategy.otherwise", self.otherwise)
        for name in (self.otherwise, *(arm.treatment for rule in self.rules for arm in rule.arms)):
            if name not in self._named:
                raise InvalidValue("strategy.treatments", name, "must be one of the treatments")

    @cached_property
    def _named(self) -> Mapping[str, Treatment]:
        return {each.name: each for each in self.treatments}

    def treat(self, view: View) -> Treated:
        """How the customer of a view is treated."""
        for rule in self.rules:
            why = rule.why(view)
            if why is not None:
                slot = slot_of(rule.trial or f"{self.id}/{rule.name}", view.account)
                return Treated(
                    account=view.account, treatment=self._named[_arm(rule, slot)], rule=rule.name, slot=slot, why=why
                )
        return Treated(account=view.account, treatment=self._named[self.otherwise], rule=None, slot=None)


def slot_of(trial: str, account: str) -> int:
    """The place of an account in a draw, from 0 up to `SLOTS`: the same for ever, and other for another trial.

    >>> slot_of("2026", "ACME"), slot_of("2026", "ACME") == slot_of("2027", "ACME")
    (2639, False)
    """
    text = f"{len(trial)}:{trial}{account}"
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) % SLOTS


def overdue_of(view: View) -> tuple[Money, ...]:
    """What is overdue in each currency and kept back by nothing, by code; nothing where that is zero.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> [overdue_of(account.view(dt.date(2026, 2, day))) for day in (4, 5)]
    [(), (Money.of('1200.00', 'EUR'),)]
    """
    found = (Money(_free_overdue(view, book), book.currency) for book in view.books)
    return tuple(amount for amount in found if amount.minor > 0)


def oldest_days(view: View) -> int:
    """The days that the oldest item is overdue of which something is kept back by nothing; zero where none is."""
    today = view.as_of.toordinal()
    oldest = (next(_overdue_positions(view, book), None) for book in view.books)
    found = (today - book.due[at] for book, at in zip(view.books, oldest, strict=True) if at is not None)
    return max(found, default=0)


def _free_overdue(view: View, book: Book) -> int:
    """The sum of what is overdue and free; where nothing is kept back, and no due date is missing, by one look-up."""
    if not view.withheld and not book.undated:
        return book.running[bisect_left(book.due, view.as_of.toordinal())]
    return sum(_free(view, book, at) for at in _overdue_positions(view, book))


def _overdue_positions(view: View, book: Book) -> Iterator[int]:
    """The positions that are overdue and not kept back altogether, the oldest first."""
    for at in range(bisect_left(book.due, view.as_of.toordinal())):
        if book.items[at].due_on is not None and _free(view, book, at) > 0:
            yield at


def _free(view: View, book: Book, at: int) -> int:
    parts = view.withheld_of.get(book.items[at].id, ()) if view.withheld else ()
    return book.open[at] - sum(part.amount for part in parts)


def _reason(code: str, held: bool) -> Reason | None:
    return Reason(code=code) if held else None


def _large(overdue: Iterable[Money], bounds: tuple[Money, ...]) -> Reason | None:
    for amount in overdue:
        bound = least_of(bounds, amount)
        if bound is not None and amount.minor >= bound.minor:
            return Reason(code="overdue", amount=amount)
    return None


def _broken(view: View, days: int) -> int:
    return sum(
        state.status in ("broken", "partly_kept") and (view.as_of - state.last_day).days <= days
        for state in view.promises
    )


def _arm(rule: StrategyRule, slot: int) -> str:
    """The arm whose share of the slots, in the order of the arms, has this one."""
    ends = accumulate(arm.percent * SLOTS // 100 for arm in rule.arms)
    return next(arm.treatment for arm, end in zip(rule.arms, ends, strict=True) if slot < end)


def _check_once(field: str, names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise InvalidValue(field, names, "must name each once")
