"""What a customer's request is answered: accepted, refused, or handed to a person, with every reason.

1. The answer is a pure function of a view, a request and a policy: asked twice, it is the same.
2. Who asks for less, a smaller amount, an earlier day, fewer installments, is never answered worse.
3. What is accepted can be recorded as it stands: the answer has the promise, the deferment, the plan or the customer.
4. A refusal for a bound says what would be accepted instead, where that is something.

An item is named by its id, or all items of an invoice by its number. One that is not open on this account, whether it was
paid, never was, or is somebody else's, is answered in one way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import final

import attrs
from attrs import frozen

from receivables.documents.customer import Customer
from receivables.documents.hold import Hold
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.documents.reason import Reason
from receivables.documents.request import OUTCOMES, Request
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.arrangements import ArrangementPolicy, shown
from receivables.policies.request_rules import Case, currency_differs, least_first, nothing_open, reasons_of
from receivables.state.view import View
from receivables.values.dates import add_days

Terms = Promise | Hold | PaymentPlan | Customer
"""What is recorded when a request is accepted."""

REQUESTED = "requested"
"""The code of a deferment that a customer asked for."""


@final
@frozen(kw_only=True)
class Answer:
    """The answer to a request: its outcome, all reasons in order of precedence, and what is recorded if it is accepted.

    ``instead`` is the closest request that would be accepted, with its answer, where this one is refused for a bound.
    """

    request: Request
    outcome: str
    reasons: tuple[Reason, ...] = ()
    terms: Terms | None = None
    instead: Answer | None = None

    @property
    def accepted(self) -> bool:
        """Whether it is accepted."""
        return self.outcome == "accepted"

    @property
    def shown(self) -> tuple[Reason, ...]:
        """The reasons as the customer is shown them."""
        return shown(self.reasons)

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        return f"{self.outcome}: {because}" if because else self.outcome


def answer(
    view: View, request: Request, policy: ArrangementPolicy | None, *, barred: frozenset[str] = frozenset()
) -> Answer:
    """What a customer is answered on the day of a view; ``barred`` are items whose claims no customer may arrange alone.

    >>> from receivables import Account, Invoice, Money
    >>> from receivables.documents.request import PromiseRequest
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 5, 1),
    ...                       total=Money.of("2500", "GBP"), due_on=dt.date(2026, 5, 31))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 6, 8))
    >>> policy = ArrangementPolicy(id="portal", version=1, most_amounts=(Money.of("3000", "GBP"),))
    >>> asked = PromiseRequest(id="R-1", account="ACME", amount=Money.of("2500", "GBP"), pay_by=dt.date(2026, 6, 30))
    >>> found = answer(view, asked, policy)
    >>> print(found, "- instead:", found.instead.terms.pay_by)
    refused: too_long (14 days) - instead: 2026-06-22

    Errors: `InvalidValue` for a request of another account, `UnknownId` for an account that was not opened.
    """
    if request.account != view.account:
        raise InvalidValue("request.account", request.account, f"must be account {view.account!r} of the view")
    case = Case(view=view, request=request, policy=policy, barred=barred)
    found = _judged(case)
    if found.outcome != "refused" or policy is None:
        return found
    closer = (_judged(attrs.evolve(case, request=each)) for each in _CLOSER[request.kind](case))
    return attrs.evolve(found, instead=next((each for each in closer if each.accepted), None))


def terms_of(view: View, request: Request, policy: ArrangementPolicy | None) -> Terms:
    """What is recorded for a request that a person accepts, whatever the bounds of the policy.

    Errors: `UnknownId` where nothing is open that it could be about.
    """
    case = Case(view=view, request=request, policy=policy, barred=frozenset())
    if request.kind != "contacts" and (not case.items or case.missing):
        raise UnknownId("open item", ", ".join(case.missing) or request.account)
    return _terms(case)


def _judged(case: Case) -> Answer:
    reasons = tuple(reasons_of(case))
    outcome = max((case.bounds.answers_with(each.code) for each in reasons), key=OUTCOMES.index, default="accepted")
    terms = _terms(case) if outcome == "accepted" else None
    return Answer(request=case.request, outcome=outcome, reasons=reasons, terms=terms)


def _terms(case: Case) -> Terms:
    return _TERMS[case.request.kind](case)


# What is recorded -------------------------------------------------------------------------------------------------------


def _promise(case: Case) -> Promise:
    request, bounds = case.request, case.bounds
    return Promise(
        id=request.id,
        account=case.view.account,
        amount=request.amount,
        made_on=case.today,
        pay_by=request.pay_by,
        items=tuple(item.id for item in case.items),
        calendar=bounds.promise_calendar,
        tolerance_days=bounds.promise_tolerance_days,
        tolerance_percent=bounds.promise_tolerance_percent,
        note=request.note,
    )


def _deferment(case: Case) -> Hold:
    request = case.request
    is_item = request.item in case.view.places
    return Hold(
        id=request.id,
        account=case.view.account,
        placed_on=case.today,
        reason=request.note.strip() or "asked for by the customer",
        kind="deferment",
        stops=frozenset({"dunning", "interest"} if case.bounds.defers_interest else {"dunning"}),
        item=request.item if is_item else None,
        document=None if is_item else request.item,
        until=request.until,
        code=REQUESTED,
    )


def _plan(case: Case) -> PaymentPlan:
    return PaymentPlan(
        id=case.request.id,
        account=case.view.account,
        items=tuple(item.id for item in case.items),
        agreed_on=case.today,
        installments=tuple(
            PlanInstallment(due_on=day, amount=amount) for day, amount in zip(case.days, case.parts, strict=True)
        ),
        grace_days=case.bounds.plan_grace_days,
        note=case.request.note,
    )


def _customer(case: Case) -> Customer:
    language = case.request.language or case.customer.language
    return attrs.evolve(case.customer, contacts=case.request.contacts, language=language)


_TERMS: Mapping[str, Callable[[Case], Terms]] = {
    "promise": _promise,
    "deferment": _deferment,
    "plan": _plan,
    "contacts": _customer,
}


# What would be accepted instead -----------------------------------------------------------------------------------------


def _closer_promise(case: Case) -> Iterator[Request]:
    if case.items and not case.missing and case.room.minor and case.room.currency == case.request.amount.currency:
        day = _within(case.request.pay_by, case.today, case.bounds.longest_promise_days)
        yield attrs.evolve(case.request, amount=min(case.amount, case.room), pay_by=day)


def _closer_deferment(case: Case) -> Iterator[Request]:
    if case.items and not case.missing:
        most = (case.deferrable_from - case.today).days + case.bounds.longest_deferment_days
        yield attrs.evolve(case.request, until=_within(case.request.until, case.today, most))


def _closer_plan(case: Case) -> Iterator[Request]:
    """The same with a first installment that is large and soon enough, then with ever fewer installments."""
    if not case.items or any(nothing_open(case)) or any(currency_differs(case)):
        return
    first_on = _within(case.request.first_on, case.today, case.bounds.first_within_days)
    for count in range(min(case.request.count, case.bounds.most_installments), 0, -1):
        nearer = attrs.evolve(case, request=attrs.evolve(case.request, first_on=first_on, count=count))
        least = least_first(nearer)
        first = least if nearer.parts[0] < least else case.request.first
        yield attrs.evolve(nearer.request, first=first)


def _no_closer(case: Case) -> Iterator[Request]:
    return iter(())


def _within(day: dt.date, today: dt.date, most: int) -> dt.date:
    """The day, or the closest one that is neither over nor more than so many days away."""
    return add_days(today, most) if (day - today).days > most else max(day, today)


_CLOSER: Mapping[str, Callable[[Case], Iterator[Request]]] = {
    "promise": _closer_promise,
    "deferment": _closer_deferment,
    "plan": _closer_plan,
    "contacts": _no_closer,
}
