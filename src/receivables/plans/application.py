"""Plans about credit applications: take one in, add to it, decide it, set the limit when the offer is accepted.

An offer binds the creditor, so the authority for its limit is asked for when it is decided. Its acceptance, which may come
from a portal, needs none: it sets the limit that was offered, in the same commit, while the offer is good and no other limit
was set since.
"""

from __future__ import annotations

from typing import NamedTuple

from receivables.codec import policy_ref
from receivables.documents.application import (
    ApplicationDecision,
    CreditApplication,
    CreditOffer,
    check_same_currency,
)
from receivables.documents.credit import CreditLimit
from receivables.documents.risk import RiskScore
from receivables.documents.terms import PaymentTerms
from receivables.errors import ClaimTaken, InvalidValue, UnknownId
from receivables.facts.application import (
    ApplicationClosed,
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationSupplemented,
    OfferAccepted,
    ReferenceAnswered,
)
from receivables.facts.credit import LimitSet
from receivables.facts.fact import Fact
from receivables.plans.application_commands import (
    AcceptOffer,
    AnswerReference,
    CloseApplication,
    DecideApplication,
    SubmitApplication,
    SupplementApplication,
)
from receivables.plans.authority import authorize
from receivables.plans.credit import check_limit, level_of
from receivables.plans.plan import Context, Plan, opened
from receivables.plans.risk import declare_figures, kept
from receivables.plans.risk_commands import DeclareFigures
from receivables.policies.applications import ApplicationPolicy, Recommendation, recommend
from receivables.policies.scoring import score_account
from receivables.state.account import Account
from receivables.state.application import ApplicationState, DecidedEntry
from receivables.state.credit import LimitEntry, LimitWithdrawal
from receivables.state.view import View
from receivables.values.dates import add_days
from receivables.values.money import Money


def submit_application(account: Account, command: SubmitApplication, context: Context) -> Plan:
    """An application from its day on, and the figures that come with it; the reasons say what is missing.

    Errors: `ClaimTaken` for an id that is there; `InvalidValue` for a day to come, or while another one in the same currency
    is open.
    """
    asked = command.application
    opened(account, command.account)
    if asked.applied_on > context.today:
        raise InvalidValue("application.applied_on", asked.applied_on.isoformat(), f"must not be after {context.today}")
    _check_new(account, asked, context)
    policy = _policy(context.view(account), context)
    fact = ApplicationSubmitted(
        application=asked,
        lapses_on=add_days(asked.applied_on, policy.lapse_days) if policy is not None else None,
        policy=policy_ref(policy) if policy is not None else None,
        effective_on=asked.applied_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact, *_declared(account, command, context)), outcome="submitted", ids=(asked.id,))


def _declared(account: Account, command: SubmitApplication, context: Context) -> tuple[Fact, ...]:
    if command.figures is None:
        return ()
    return declare_figures(
        account, DeclareFigures(figures=command.figures, key=command.key, by=command.by), context
    ).facts


def _check_new(account: Account, asked: CreditApplication, context: Context) -> None:
    if any(entry.application.id == asked.id for entry in account.applications.made):
        raise ClaimTaken("application", asked.id, account.id)
    for state in account.applications.states(context.today, None):
        other = state.application
        if state.waits and other.amount.currency == asked.amount.currency:
            raise InvalidValue("application.id", asked.id, f"must wait until {other.id!r} is decided or withdrawn")


def supplement_application(account: Account, command: SupplementApplication, context: Context) -> Plan:
    """References and papers that are added to an application while it waits."""
    state = _waiting(account, command.account, command.application, context)
    known = {each.id for each in state.references}
    for each in command.references:
        if each.id in known:
            raise ClaimTaken("reference", each.id, command.application)
    fact = ApplicationSupplemented(
        application=command.application,
        references=command.references,
        papers=command.papers,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(command.application,))


def answer_reference(account: Account, command: AnswerReference, context: Context) -> Plan:
    """What a reference of an application said, from the day on which it did."""
    state = _waiting(account, command.account, command.application, context)
    answer = command.answer
    if answer.reference not in (each.id for each in state.references):
        raise UnknownId("reference", answer.reference)
    first = state.application.applied_on
    if not first <= answer.answered_on <= context.today:
        day = answer.answered_on.isoformat()
        raise InvalidValue("answer.answered_on", day, f"must be from {first} to {context.today}")
    fact = ReferenceAnswered(
        application=command.application,
        answer=answer,
        effective_on=answer.answered_on,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), ids=(command.application,))


# The decision -----------------------------------------------------------------------------------------------------------


class _Decided(NamedTuple):
    """What is decided: the outcome, and what is offered where something is."""

    outcome: str
    limit: Money | None = None
    terms: PaymentTerms | None = None


def decide_application(account: Account, command: DecideApplication, context: Context) -> Plan:
    """The decision about an application that waits, with an offer where it is approved, in full or for less.

    Without an outcome it is as the policy recommends; while something is missing nothing is recorded, and the outcome is
    ``incomplete`` with the reasons. A person who decides otherwise says why. The approval of the offer's limit is that of
    a limit: see `receivables.plans.authority.authorize`, with the application as the subject.

    Errors: `NotAuthorized`; `InvalidValue` for more than was asked for, or without a reason where it is not as recommended.
    """
    state = _waiting(account, command.account, command.application, context)
    view = context.view(account)
    policy, score = _policy(view, context), _score(account, view, context)
    advice = recommend(view, state, policy, _class_of(view, score))
    if command.outcome is None and advice.outcome == "incomplete":
        return Plan(outcome="incomplete", reasons=advice.reasons)
    decided = _decided(state, command, advice)
    authority = _authority(account, command, decided, context)
    decision = ApplicationDecision(
        outcome=decided.outcome,
        recommended=advice.outcome,
        reasons=advice.reasons,
        missing=advice.missing,
        offer=_offer(decided, policy or _WITHOUT, context),
        score=score,
    )
    fact = ApplicationDecided(
        application=command.application,
        decision=decision,
        policy=policy_ref(policy) if policy is not None else None,
        approver=command.approver,
        approval=command.approval,
        reason=command.reason or "",
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(*authority, fact), outcome=decided.outcome, reasons=advice.reasons, ids=(command.application,))


_WITHOUT = ApplicationPolicy(id="none", version=1)
"""How long an offer is good, and when its limit is reviewed, where no policy says so."""


def _decided(state: ApplicationState, command: DecideApplication, advice: Recommendation) -> _Decided:
    asked = state.application.amount
    if command.outcome is None:
        return _Decided(advice.outcome, advice.limit, advice.terms)
    limit = next(each for each in (command.limit, advice.limit, asked) if each is not None)
    if command.outcome == "approved":
        _check_limit(limit, asked)
    advised = advice.limit.minor if advice.limit is not None else 0
    follows = advice.outcome in ("approved", "reduced") if command.outcome == "approved" else False
    as_advised = (follows and limit.minor <= advised) or command.outcome == advice.outcome == "refused"
    if command.reason is None and not as_advised and command.outcome != "referred":
        raise InvalidValue("command.reason", None, f"must be given where it is not as recommended, {advice.outcome}")
    if command.outcome != "approved":
        return _Decided(command.outcome)
    terms = command.terms or advice.terms or state.application.terms
    return _Decided("approved" if limit == asked else "reduced", limit, terms)


def _check_limit(limit: Money, asked: Money) -> None:
    check_same_currency(limit, asked)
    if not 0 < limit.minor <= asked.minor:
        raise InvalidValue(
            "command.limit", str(limit), f"must be more than zero, and at most what was asked for, {asked}"
        )


def _authority(account: Account, command: DecideApplication, decided: _Decided, context: Context) -> tuple[Fact, ...]:
    if decided.limit is None:
        return ()
    limit = CreditLimit(
        account=account.id, currency=decided.limit.currency, amount=decided.limit, valid_from=context.today
    )
    return authorize(account, command, context, "limit", level_of(account, limit, context), command.application)


def _offer(decided: _Decided, policy: ApplicationPolicy, context: Context) -> CreditOffer | None:
    if decided.limit is None:
        return None
    return CreditOffer(
        limit=decided.limit,
        terms=decided.terms,
        valid_until=add_days(context.today, policy.offer_days),
        review_on=add_days(context.today, policy.review_days),
    )


def _score(account: Account, view: View, context: Context) -> RiskScore | None:
    """The score of today, by what the applicant declared and how it behaved; ``None`` where no scorecard is chosen."""
    card = context.policies.scorecard_for(view.customer) if view.customer is not None else None
    return kept(score_account(account, view, card, context.policies.features)) if card is not None else None


def _class_of(view: View, score: RiskScore | None) -> str | None:
    """The class that a person gave, while that holds; else that of today's score, else the one in force."""
    if view.risk.override is not None:
        return view.risk.override.risk_class
    return score.risk_class if score is not None else view.risk.risk_class


# The end ----------------------------------------------------------------------------------------------------------------


def accept_offer(account: Account, command: AcceptOffer, context: Context) -> Plan:
    """The limit that was offered, set from today on by who decided it, with the word of the applicant.

    Errors: `InvalidValue` for what is not offered, or not any more, and where another limit was set since the decision.
    """
    state = _state(account, command.account, command.application, context, "offered")
    decided, offer = account.applications.decided(command.application), state.offer
    assert decided is not None  # it is offered
    assert offer is not None
    _check_limit_stands(account, decided, offer)
    limit = CreditLimit(
        account=account.id,
        currency=offer.limit.currency,
        amount=offer.limit,
        valid_from=context.today,
        review_on=offer.review_on,
        maker=decided.by,
        approver=decided.approver,
    )
    check_limit(account, limit, context)
    accepted = OfferAccepted(
        application=command.application, effective_on=context.today, recorded_at=context.now, by=command.by
    )
    set_ = LimitSet(limit=limit, effective_on=limit.valid_from, recorded_at=context.now, by=command.by)
    return Plan(facts=(accepted, set_), outcome="accepted", ids=(command.application,))


def _check_limit_stands(account: Account, decided: DecidedEntry, offer: CreditOffer) -> None:
    """That no limit in the currency was set or withdrawn since the offer was made: then it is to be decided anew.

    An increase counts too: on top of what is offered, it may come to more than was approved.
    """
    for entry in account.credit.limits:
        if entry.recorded_at >= decided.recorded_at and _touches(entry, offer):
            day = entry.recorded_at.date()
            raise InvalidValue(
                "command.application", decided.application, f"must be decided anew: a limit was set on {day}"
            )


def _touches(entry: LimitEntry | LimitWithdrawal, offer: CreditOffer) -> bool:
    about = entry if isinstance(entry, LimitWithdrawal) else entry.limit
    return about.currency == offer.limit.currency and about.kind != "insured"


def close_application(account: Account, command: CloseApplication, context: Context) -> Plan:
    """The end of an application by a word of the applicant: an offer declined, an application withdrawn."""
    wanted = ("offered",) if command.outcome == "declined" else ("submitted", "referred", "offered")
    _state(account, command.account, command.application, context, *wanted)
    fact = ApplicationClosed(
        application=command.application,
        outcome=command.outcome,
        reason=command.reason,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome=command.outcome, ids=(command.application,))


def _policy(view: View, context: Context) -> ApplicationPolicy | None:
    return context.policies.application_for(view.customer) if view.customer is not None else None


def _waiting(account: Account, of: str, id: str, context: Context) -> ApplicationState:
    return _state(account, of, id, context, "submitted", "referred")


def _state(account: Account, of: str, id: str, context: Context, *wanted: str) -> ApplicationState:
    for state in opened(account, of).applications.states(context.today, None):
        if state.application.id == id:
            if state.status not in wanted:
                raise InvalidValue("command.application", id, f"must be {' or '.join(wanted)}, and is {state.status}")
            return state
    raise UnknownId("application", id)
