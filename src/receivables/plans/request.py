"""Plans about what customers ask for by themselves: answer at once, or keep it for a person, and record what was granted.

The request and what follows from it are one commit. What was accepted is recorded by the plan that a clerk would use, so it
passes the same checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from receivables.codec import policy_ref
from receivables.documents.customer import Customer
from receivables.documents.hold import Hold
from receivables.documents.payment_plan import PaymentPlan
from receivables.documents.promise import Promise
from receivables.documents.reason import Reason
from receivables.documents.request import Request
from receivables.errors import ClaimTaken, InvalidValue, NotAuthorized, OverApplied, UnknownId
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.plans.commands import (
    ChangeCustomer,
    Command,
    MakePromise,
    PlaceHold,
)
from receivables.plans.customer import change_customer
from receivables.plans.hold import place_hold
from receivables.plans.payment_plan import agree_plan
from receivables.plans.payment_plan_commands import AgreePlan
from receivables.plans.plan import Context, Plan, check_approver, opened
from receivables.plans.promise import make_promise
from receivables.plans.request_commands import AnswerRequest, RequestArrangement, RequestContacts
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.limitation import barred_items
from receivables.policies.requests import Answer, Terms, answer, terms_of
from receivables.state.account import Account
from receivables.state.view import View


def request_made(account: Account, command: RequestArrangement | RequestContacts, context: Context) -> Plan:
    """The request with its answer, and what was accepted; the outcome is ``accepted``, ``refused`` or ``referred``."""
    opened(account, command.account)
    asked: Request = command.request
    if any(entry.request.id == asked.id for entry in account.requests.made):
        raise ClaimTaken("request", asked.id, account.id)
    view = context.view(account)
    policy = _policy(view, context)
    found = answer(view, _on(account, asked), policy, barred=_barred(account, view, context))
    found, granted = _granted(account, found, command, context)
    fact = RequestMade(
        request=asked,
        outcome=found.outcome,
        reasons=found.reasons,
        policy=policy_ref(policy) if policy is not None else None,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return attrs.evolve(
        granted,
        facts=(fact, *granted.facts),
        outcome=found.outcome,
        reasons=found.reasons,
        ids=(asked.id,),
    )


def _granted(account: Account, found: Answer, command: Command, context: Context) -> tuple[Answer, Plan]:
    """What is recorded for an answer.

    The answer is of today. Where something is recorded already for a later day and stands against it (a payment, an invoice,
    a deferment), the plan refuses what the answer accepts; then a person has to look.
    """
    if found.terms is None:
        return found, Plan()
    try:
        return found, _recorded(account, found.terms, command, None, context)
    except NotAuthorized:
        above = Reason(code="above_authority")
        return attrs.evolve(found, outcome="referred", reasons=(above,), terms=None), Plan()
    except (InvalidValue, OverApplied):
        later = attrs.evolve(found, outcome="referred", reasons=(Reason(code="later_entry"),), terms=None)
        return later, Plan()


def answer_request(account: Account, command: AnswerRequest, context: Context) -> Plan:
    """The word of a person on a request that was referred; with a yes, what was asked for is recorded as of today.

    What cannot be recorded any more, because it was paid or its day is over, is the typed error of its plan.
    """
    opened(account, command.account)
    asked = _waiting(account, command.request)
    check_approver(command.by, command.approver)
    fact = RequestAnswered(
        request=asked.id,
        accepted=command.accept,
        reason=command.reason,
        approver=command.approver,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    if not command.accept:
        return Plan(facts=(fact,), outcome="refused", ids=(asked.id,))
    view = context.view(account)
    terms = terms_of(view, _on(account, asked), _policy(view, context))
    granted = _recorded(account, terms, command, command.approver, context)
    return attrs.evolve(granted, facts=(fact, *granted.facts), outcome="accepted", ids=(asked.id,))


def _waiting(account: Account, id: str) -> Request:
    answered = {entry.request for entry in account.requests.answers}
    for entry in account.requests.made:
        if entry.request.id == id and entry.outcome == "referred" and id not in answered:
            return entry.request
    raise UnknownId("request that waits", id)


def _on(account: Account, request: Request) -> Request:
    """The request on the account that answers: another one than was asked where that was merged."""
    return attrs.evolve(request, account=account.id)


def _policy(view: View, context: Context) -> ArrangementPolicy | None:
    return context.policies.arrangement_for(view.customer) if view.customer is not None else None


def _barred(account: Account, view: View, context: Context) -> frozenset[str]:
    """The items whose claims are barred by the limitation policy of the customer, if it has one."""
    policy = context.policies.limitation_for(view.customer) if view.customer is not None else None
    return barred_items(account, view, policy) if policy is not None else frozenset()


# What is accepted is recorded as a clerk would ----------------------------------------------------------------------------


def _recorded(account: Account, terms: Terms, command: Command, approver: str | None, context: Context) -> Plan:
    return _PLAN_OF[type(terms)](account, terms, {"key": command.key, "by": command.by}, approver, context)


def _promise(account: Account, terms: Promise, head: Any, approver: str | None, context: Context) -> Plan:
    return make_promise(account, MakePromise(promise=terms, approver=approver, **head), context)


def _deferment(account: Account, terms: Hold, head: Any, approver: str | None, context: Context) -> Plan:
    return place_hold(account, PlaceHold(hold=attrs.evolve(terms, approver=approver), **head), context)


def _plan(account: Account, terms: PaymentPlan, head: Any, approver: str | None, context: Context) -> Plan:
    return agree_plan(account, AgreePlan(plan=terms, approver=approver, **head), context)


def _customer(account: Account, terms: Customer, head: Any, approver: str | None, context: Context) -> Plan:
    return change_customer(account, ChangeCustomer(customer=terms, on=context.today, **head), context)


_PLAN_OF: Mapping[type, Callable[[Account, Any, Any, str | None, Context], Plan]] = {
    Promise: _promise,
    Hold: _deferment,
    PaymentPlan: _plan,
    Customer: _customer,
}
