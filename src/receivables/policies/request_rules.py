"""What speaks against a request of a customer: rules over a view, a request and the bounds of a policy.

Each rule gives the reasons that it finds; the tables at the end say which rules a kind of request has to pass. They are
read in `receivables.policies.requests`, which makes the answer of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, final

from attrs import frozen

from receivables.documents.customer import PURPOSES, Contact, Customer
from receivables.documents.reason import Reason
from receivables.documents.request import DefermentRequest, PlanRequest, PromiseRequest, Request
from receivables.errors import UnknownId
from receivables.policies.arrangements import CODES, ArrangementPolicy
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.dates import add_months
from receivables.values.money import Money

NOT_KEPT: Final = frozenset({"broken", "partly_kept"})
"""The ends of a promise after which another needs a person."""

NO_POLICY: Final = ArrangementPolicy(id="none", version=1)
"""The bounds where no policy was chosen: nothing is accepted by them."""


# What the rules look at -------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class Case:
    """A request with what it is about on a view."""

    view: View
    request: Any
    policy: ArrangementPolicy | None
    barred: frozenset[str]

    @property
    def bounds(self) -> ArrangementPolicy:
        """The policy, or bounds within which nothing is accepted."""
        return self.policy or NO_POLICY

    @property
    def today(self) -> dt.date:
        """The day of the view."""
        return self.view.as_of

    @cached_property
    def customer(self) -> Customer:
        """Who asks; `UnknownId` where the account was not opened."""
        if self.view.customer is None:
            raise UnknownId("account", self.view.account)
        return self.view.customer

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the request names; one about contacts is about no item, and no rule asks it."""
        if isinstance(self.request, DefermentRequest):
            return (self.request.item,)
        return tuple(self.request.items)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What it names that is not open."""
        return tuple(name for name in self.names if not _named(self.view, name))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The open items that it is about, by due date; those of a promise that names none are not in a plan."""
        if self.names:
            found = {item.id: item for name in self.names for item in _named(self.view, name)}
            return tuple(found.values())
        books = (book for book in self.view.books if book.currency == self.request.amount.currency)
        return tuple(
            item
            for book in books
            for item in book.items
            if self.room_of(item) > self._coming_for(item) and item.id not in self.planned
        )

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of the items."""
        return frozenset(item.id for item in self.items)

    @property
    def currency(self) -> Currency:
        """The currency of the items, which is one where nothing speaks against it."""
        return self.items[0].currency

    @cached_property
    def planned(self) -> frozenset[str]:
        """The items in a plan that performs."""
        plans = (state.plan for state in self.view.payment_plans if state.performs)
        return frozenset(item for plan in plans for item in plan.items)

    @cached_property
    def promised(self) -> int:
        """What is left of open promises on any of the items."""
        open_ = (each for each in self.view.promises if each.status == "open" and self.ids & set(each.items))
        return sum(each.left for each in open_)

    @cached_property
    def total(self) -> Money:
        """What is open of the items and not disputed."""
        return Money(sum(map(self.room_of, self.items)), self.currency)

    def room_of(self, item: Item) -> int:
        """What is open of an item and not disputed, in minor units."""
        return self.view.open(item.id).minor - self.view.disputed(item.id).minor

    @cached_property
    def coming(self) -> int:
        """What is on its way already, in payments that are meant for the items, in minor units."""
        return sum(map(self._coming_for, self.items))

    def _coming_for(self, item: Item) -> int:
        return sum(each.amount for each in self.view.withheld_of.get(item.id, ()) if each.kind == "payment")

    @cached_property
    def room(self) -> Money:
        """What could be promised."""
        return Money(max(0, self.total.minor - self.promised - self.coming), self.currency)

    @cached_property
    def amount(self) -> Money:
        """The amount that is at stake."""
        return self.request.amount if isinstance(self.request, PromiseRequest) else self.total

    @cached_property
    def arranged(self) -> Money:
        """What promises, plans and deferments cover already in the currency of the amount."""
        currency = self.amount.currency
        items = [item for book in self.view.books if book.currency == currency for item in book.items]
        return Money(sum(map(self._arranged_of, items)), currency)

    def _arranged_of(self, item: Item) -> int:
        """What is arranged of one item, in minor units: all of it where it is deferred."""
        if self.is_deferred(item):
            return self.room_of(item)
        covered = self.view.withheld_of.get(item.id, ())
        return sum(each.amount for each in covered if each.kind in ("promise", "plan"))

    def is_deferred(self, item: Item) -> bool:
        """Whether a deferment covers an item, or a part of it."""
        return any(hold.kind == "deferment" and hold.covers(item.id, item.document) for hold in self.view.holds)

    @cached_property
    def parts(self) -> tuple[Money, ...]:
        """The installments of a plan, which add up to all that is open and not disputed."""
        first, count = self.request.first, self.request.count
        if count == 1 or (first is not None and first >= self.total):
            return (self.total,)
        if first is None:
            return self.total.split([1] * count, remainder="first")
        return (first, *(self.total - first).split([1] * (count - 1), remainder="first"))

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """The days of the installments, each counted from the first."""
        request = self.request
        return tuple(add_months(request.first_on, at * request.every_months) for at in range(len(self.parts)))

    @cached_property
    def deferrable_from(self) -> dt.date:
        """The day from which the days of a deferment count: the earliest due date, and never before today."""
        due = [dt.date.fromordinal(book.due[at]) for book, at in (self.view.places[item.id] for item in self.items)]
        return max(self.today, min(due))

    @cached_property
    def changed(self) -> frozenset[str]:
        """Which contacts would be others, by purpose, and whether the language would."""
        wanted, present = _by_purpose(self.request.contacts), _by_purpose(self.customer.contacts)
        found = {purpose for purpose in PURPOSES if wanted[purpose] != present[purpose]}
        if self.request.language not in (None, self.customer.language):
            found.add("language")
        return frozenset(found)


def _named(view: View, name: str) -> tuple[Item, ...]:
    """The open item of this id, or the open items of the invoice of this number."""
    if name in view.places:
        return (view.item(name),)
    return tuple(item for book in view.books for item in book.items if item.document == name and item.kind == "invoice")


def _by_purpose(contacts: Iterable[Contact]) -> Mapping[str, tuple[Contact, ...]]:
    """The contacts of each purpose, in their order: the first one of a channel is used."""
    found = tuple(contacts)
    return {purpose: tuple(each for each in found if each.purpose == purpose) for purpose in PURPOSES}


# The rules --------------------------------------------------------------------------------------------------------------

Rule = Callable[[Case], Iterator[Reason]]


def reasons_of(case: Case) -> list[Reason]:
    """All reasons, in order of precedence; what has nothing to be about is not looked at further."""
    kind = case.request.kind
    found = [reason for rule in _FIRST[kind] for reason in rule(case)]
    if not found and case.policy is not None:
        found = [reason for rule in _RULES[kind] for reason in rule(case)]
    if case.policy is None:
        found.append(_reason("no_policy"))
    return sorted(found, key=_by_precedence)


_ORDER = {code: at for at, code in enumerate(CODES)}


def _by_precedence(reason: Reason) -> int:
    return _ORDER[reason.code]


def _reason(code: str, *, amount: Money | None = None, days: int | None = None) -> Reason:
    return Reason(code=code, amount=amount, days=days, retryable=CODES[code].retryable)


def nothing_open(case: Case) -> Iterator[Reason]:
    """An item that is named is not open on this account, or all of it is disputed; a plan has no such item at all."""
    enough = all if isinstance(case.request, PlanRequest) else any
    if case.missing or not case.items or not enough(map(case.room_of, case.items)):
        yield _reason("nothing_open")


def currency_differs(case: Case) -> Iterator[Reason]:
    """The items, and the amounts that are asked for, are not of one currency."""
    asked = [money.currency for money in _amounts_of(case.request)]
    if len({*asked, *(item.currency for item in case.items)}) > 1:
        yield _reason("currency_differs")


def _amounts_of(request: Request) -> tuple[Money, ...]:
    match request:
        case PromiseRequest(amount=amount):
            return (amount,)
        case PlanRequest(first=Money() as first):
            return (first,)
        case _:
            return ()


def _not_offered(case: Case) -> Iterator[Reason]:
    bounds = case.bounds
    most = {
        "promise": bounds.longest_promise_days,
        "deferment": bounds.longest_deferment_days,
        "plan": min(bounds.most_installments, bounds.longest_plan_days),
    }
    if not most[case.request.kind]:
        yield _reason("not_offered")


def _day_over(case: Case) -> Iterator[Reason]:
    if _day_of(case.request) < case.today:
        yield _reason("day_over", days=(case.today - _day_of(case.request)).days)


def _day_of(request: Any) -> dt.date:
    """The first day that is asked for."""
    day: dt.date = getattr(request, _DAYS[request.kind])
    return day


_DAYS = {"promise": "pay_by", "deferment": "until", "plan": "first_on"}


def _in_plan(case: Case) -> Iterator[Reason]:
    if case.ids & case.planned:
        yield _reason("arranged")


def _promised_already(case: Case) -> Iterator[Reason]:
    """Money that was promised, or is on its way, is neither deferred nor planned."""
    if case.promised or case.coming:
        yield _reason("arranged")


def _deferred_already(case: Case) -> Iterator[Reason]:
    if any(map(case.is_deferred, case.items)):
        yield _reason("arranged")


def _above_open(case: Case) -> Iterator[Reason]:
    if case.amount > case.room:
        yield _reason("above_open", amount=case.amount - case.room)


def _promise_too_long(case: Case) -> Iterator[Reason]:
    most = case.bounds.longest_promise_days
    if most and (case.request.pay_by - case.today).days > most:
        yield _reason("too_long", days=most)


def _deferment_too_long(case: Case) -> Iterator[Reason]:
    most = case.bounds.longest_deferment_days
    if most and (case.request.until - case.deferrable_from).days > most:
        yield _reason("too_long", days=(case.deferrable_from - case.today).days + most)


def _plan_too_long(case: Case) -> Iterator[Reason]:
    most = case.bounds.longest_plan_days
    if most and (case.days[-1] - case.today).days > most:
        yield _reason("too_long", days=most)


def _too_many_parts(case: Case) -> Iterator[Reason]:
    if case.bounds.most_installments and len(case.parts) > case.bounds.most_installments:
        yield _reason("too_many_parts")


def _first_too_late(case: Case) -> Iterator[Reason]:
    most = case.bounds.first_within_days
    if (case.request.first_on - case.today).days > most:
        yield _reason("first_too_late", days=most)


def _first_too_small(case: Case) -> Iterator[Reason]:
    least = least_first(case)
    if case.parts[0] < least:
        yield _reason("first_too_small", amount=least)


def least_first(case: Case) -> Money:
    """The share that the first installment must have, rounded up to the cent."""
    exact = case.total.minor * Fraction(case.bounds.first_least_percent) / 100
    return Money(-(-exact.numerator // exact.denominator), case.currency)


def _part_too_small(case: Case) -> Iterator[Reason]:
    least = case.bounds.least_installment(case.currency)
    if len(case.parts) > 1 and min(case.parts).minor < least:
        yield _reason("part_too_small", amount=Money(least, case.currency))


def _too_many_promises(case: Case) -> Iterator[Reason]:
    if sum(each.status == "open" for each in case.view.promises) >= case.bounds.most_open_promises:
        yield _reason("too_many_promises")


def _too_many_not_kept(case: Case) -> Iterator[Reason]:
    promises = sum(each.status in NOT_KEPT for each in case.view.promises)
    plans = sum(each.status == "defaulted" for each in case.view.payment_plans)
    if promises + plans > case.bounds.most_not_kept:
        yield _reason("too_many_not_kept")


def _not_kept(case: Case) -> Iterator[Reason]:
    if any(each.status in NOT_KEPT and case.ids & set(each.items) for each in case.view.promises):
        yield _reason("not_kept")


def _deferred_before(case: Case) -> Iterator[Reason]:
    names = {name for item in case.items for name in (item.id, item.document)}
    asked = (each.request for each in case.view.requests if each.status == "accepted")
    before = sum(isinstance(each, DefermentRequest) and each.item in names for each in asked)
    if before >= case.bounds.most_deferments:
        yield _reason("deferred_before")


def _disputed(case: Case) -> Iterator[Reason]:
    disputed = Money.total((case.view.disputed(item.id) for item in case.items), case.currency)
    if case.bounds.disputed_excluded and disputed.minor:
        yield _reason("disputed", amount=disputed)


def _barred(case: Case) -> Iterator[Reason]:
    if case.ids & case.barred:
        yield _reason("barred")


def _above_authority(case: Case) -> Iterator[Reason]:
    """One request after another never comes to more than one alone may."""
    most = Money(case.bounds.most_amount(case.amount.currency), case.amount.currency)
    if case.amount + case.arranged > most:
        yield _reason("above_authority", amount=most)


def _no_contact_left(case: Case) -> Iterator[Reason]:
    if case.customer.contacts and not case.request.contacts:
        yield _reason("no_contact_left")


def _contact_change(case: Case) -> Iterator[Reason]:
    if case.changed - case.bounds.contact_changes:
        yield _reason("contact_change")


_ABOUT_ITEMS: tuple[Rule, ...] = (nothing_open, currency_differs)
_FIRST: Mapping[str, tuple[Rule, ...]] = {
    "promise": _ABOUT_ITEMS,
    "deferment": _ABOUT_ITEMS,
    "plan": _ABOUT_ITEMS,
    "contacts": (),
}
_COMMON: tuple[Rule, ...] = (
    _not_offered,
    _day_over,
    _in_plan,
    _too_many_not_kept,
    _disputed,
    _barred,
    _above_authority,
)
_RULES: Mapping[str, tuple[Rule, ...]] = {
    "promise": (*_COMMON, _above_open, _promise_too_long, _too_many_promises, _not_kept),
    "deferment": (*_COMMON, _promised_already, _deferred_already, _deferment_too_long, _deferred_before),
    "plan": (
        *_COMMON,
        _promised_already,
        _too_many_parts,
        _plan_too_long,
        _first_too_late,
        _first_too_small,
        _part_too_small,
    ),
    "contacts": (_no_contact_left, _contact_change),
}
"""Kind of request -> what is looked at, after what it is about."""
