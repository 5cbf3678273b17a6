"""Hypothesis strategies: documents, facts, policies, and whole plausible histories of an account.

For the tests of a host and of adapters: a store that gives back what ``histories()`` gave it, a codec that reads what it
wrote of ``facts()``. It needs ``hypothesis``, which nothing else in the library imports.

``histories`` are what a careful clerk could have recorded, see `receivables.testing.histories`. ``facts`` are single facts
of every kind, each valid by itself, that tell no story together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from receivables.documents.authority import DEEDS
from receivables.documents.bureau import UPDATES, WITHDRAWALS
from receivables.documents.contact_log import ENDS
from receivables.documents.credit import LIMIT_KINDS
from receivables.documents.dispute import OUTCOMES
from receivables.documents.placement import OUTCOMES as PLACEMENT_OUTCOMES
from receivables.documents.reason import Reason
from receivables.documents.request import OUTCOMES as ANSWERS
from receivables.facts.application import (
    ApplicationClosed,
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationSupplemented,
    OfferAccepted,
    ReferenceAnswered,
)
from receivables.facts.assignment import CollectorAssigned
from receivables.facts.authority import (
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    AttemptRefused,
    AuthorityUsed,
)
from receivables.facts.bureau import DebtReported, ReportUpdated, ReportWithdrawn
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    CreditArrived,
    CreditConverted,
    CreditTransferred,
    DifferenceSettled,
    DifferenceUndone,
    PaymentFailed,
    PaymentReceived,
    PaymentReturned,
    PaymentSettled,
    RefundMade,
)
from receivables.facts.charge import ChargeRaised, ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.contact_log import ActionDone, ActionMoved, ActionPlanned, ContactLogged
from receivables.facts.credit import (
    DraftDropped,
    HoldPlaced,
    HoldReleased,
    InvoiceDrafted,
    LimitSet,
    LimitWithdrawn,
    OrderDelivered,
    OrderHeld,
    OrderRefused,
    OrderReleased,
    OrderReopened,
    OrderReserved,
    OrderRestored,
)
from receivables.facts.customer import AccountOpened, CustomerChanged, GroupOpened
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.dunning import (
    LadderMigrated,
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
    StepsAnnulled,
)
from receivables.facts.erasure import ErasureAnswered, ErasureReplayed, ErasureRequested
from receivables.facts.fact import Fact
from receivables.facts.invoice import (
    CreditNoteIssued,
    DueDateExtended,
    InstallmentDated,
    InvoiceIssued,
    ItemTakenOver,
)
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.facts.loss import (
    Recovered,
    ReliefBarred,
    ReliefClaimed,
    ReliefRepaid,
    SpecificAllowanceReleased,
    SpecificAllowanceSet,
    WriteOffReversed,
    WrittenOff,
)
from receivables.facts.merge import (
    AccountAbsorbed,
    AccountMerged,
    AccountRestored,
    AccountSeparated,
    DocumentsHandedOver,
    DocumentsTakenOn,
)
from receivables.facts.payment_method import (
    MandateRevoked,
    MandateSigned,
    PaymentMethodAdded,
    PaymentMethodPreferred,
    PaymentMethodRemoved,
)
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled, PlanReinstated
from receivables.facts.placement import AgencyCollected, DebtPlaced, DebtRecalled, PlacementClosed
from receivables.facts.policy import PolicyPublished
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.facts.risk import (
    ClassOverridden,
    CustomerScored,
    ExternalScoreReceived,
    FiguresDeclared,
    OverrideWithdrawn,
    WarningRaised,
)
from receivables.testing.application_documents import (
    application_decisions,
    credit_applications,
    papers,
    reference_answers,
    references,
)
from receivables.testing.authority_documents import approval_requests
from receivables.testing.collection_documents import (
    assignments,
    bureau_reports,
    logged_contacts,
    next_actions,
    placements,
)
from receivables.testing.credit_documents import credit_records, draft_invoices
from receivables.testing.documents import (
    CURRENCIES,
    FIRST_DAY,
    TERMS,
    allocations,
    amounts,
    book_rates,
    charges,
    conversions,
    credit_limits,
    credit_notes,
    credit_policies,
    currencies,
    customers,
    days,
    deductions,
    disputes,
    dunning_policies,
    holds,
    ids,
    instants,
    invoices,
    mandates,
    notices,
    orders,
    payment_methods,
    payment_plans,
    payments,
    policy_refs,
    promises,
    reasons,
    requests,
    schedules,
    settlement_parts,
    suspensions,
    taken_over_items,
    terms,
    texts,
)
from receivables.testing.erasure_documents import erased_texts, erasure_records
from receivables.testing.histories import EVENTS, histories
from receivables.testing.loss_documents import lost_taxes, specific_allowances
from receivables.testing.risk_documents import (
    class_overrides,
    declared_figures,
    early_warnings,
    external_scores,
    risk_scores,
)

__all__ = [
    "CURRENCIES",
    "EVENTS",
    "FACTS",
    "FIRST_DAY",
    "TERMS",
    "allocations",
    "amounts",
    "charges",
    "conversions",
    "credit_limits",
    "credit_notes",
    "credit_policies",
    "currencies",
    "customers",
    "days",
    "deductions",
    "disputes",
    "dunning_policies",
    "facts",
    "facts_of",
    "histories",
    "holds",
    "ids",
    "instants",
    "invoices",
    "notices",
    "orders",
    "payment_plans",
    "payments",
    "policy_refs",
    "promises",
    "reasons",
    "requests",
    "schedules",
    "settlement_parts",
    "suspensions",
    "taken_over_items",
    "terms",
    "texts",
]

# Facts ----------------------------------------------------------------------------------------------------------


def _few_reasons() -> SearchStrategy[list[Reason]]:
    return st.lists(reasons(), max_size=2)


FACTS: dict[type[Fact], dict[str, Callable[[], SearchStrategy[Any]]]] = {
    AccountOpened: {"customer": customers},
    CustomerChanged: {"customer": customers},
    GroupOpened: {"group": ids},
    PolicyPublished: {"policy": policy_refs, "settings": texts},
    InvoiceIssued: {"invoice": invoices},
    CreditNoteIssued: {"credit_note": credit_notes},
    InstallmentDated: {"item": ids, "due_on": days},
    DueDateExtended: {"item": ids, "due_on": days, "approver": ids, "reason": texts},
    ItemTakenOver: {"item": taken_over_items},
    PaymentReceived: {"payment": payments},
    PaymentSettled: {"payment": ids},
    PaymentFailed: {"payment": ids, "code": ids, "reason": lambda: st.none() | texts()},
    PaymentReturned: {
        "payment": ids,
        "kind": lambda: st.sampled_from(("returned", "chargeback", "reversed")),
        "code": ids,
        "bank_line": lambda: st.none() | ids(),
    },
    AllocationMade: {"id": ids, "allocation": allocations, "settlement": lambda: st.none() | ids()},
    DifferenceSettled: {"id": ids, "source": ids, "part": settlement_parts, "settlement": ids},
    DifferenceUndone: {"difference": ids},
    RefundMade: {
        "id": ids,
        "source": ids,
        "amount": amounts,
        "reference": lambda: st.none() | ids(),
        "book_rate": lambda: book_rates(CURRENCIES[0]),
    },
    CreditConverted: {
        "id": ids,
        "conversion": conversions,
        "kind": lambda: st.sampled_from(("payment", "credit_note")),
    },
    CreditTransferred: {"id": ids, "source": ids, "amount": amounts, "to": ids},
    CreditArrived: {
        "id": ids,
        "source": ids,
        "amount": amounts,
        "came_from": ids,
        "kind": lambda: st.just("payment"),
        "book": lambda: st.none() | amounts(CURRENCIES[0]),
        "specified": st.booleans,
    },
    AllocationUndone: {"allocation": ids},
    ChargeRaised: {"charge": charges},
    ChargeReversed: {"charge": ids, "amount": amounts, "reason": texts, "approver": lambda: st.none() | ids()},
    ChargeWaived: {
        "charge": ids,
        "amount": amounts,
        "reason": texts,
        "approver": ids,
        "plan": lambda: st.none() | ids(),
    },
    ChargeReinstated: {
        "charge": ids,
        "amount": amounts,
        "reason": texts,
        "approver": ids,
        "plan": lambda: st.none() | ids(),
    },
    LimitSet: {"limit": credit_limits},
    LimitWithdrawn: {
        "currency": currencies,
        "kind": lambda: st.sampled_from(LIMIT_KINDS),
        "approver": lambda: st.none() | ids(),
    },
    OrderReserved: {"order": orders, "policy": policy_refs, "reasons": _few_reasons, "record": credit_records},
    OrderHeld: {"order": orders, "policy": policy_refs, "reasons": _few_reasons, "record": credit_records},
    OrderRefused: {"order": orders, "policy": policy_refs, "reasons": _few_reasons, "record": credit_records},
    OrderDelivered: {"order": ids, "amount": amounts},
    OrderReopened: {"order": ids, "amount": amounts},
    OrderRestored: {"order": ids, "amount": amounts, "credit_note": ids, "invoice": lambda: st.none() | ids()},
    InvoiceDrafted: {"draft": draft_invoices},
    DraftDropped: {"draft": ids, "invoice": lambda: st.none() | ids()},
    OrderReleased: {"order": ids, "amount": amounts, "invoice": lambda: st.none() | ids(), "closes": st.booleans},
    HoldPlaced: {"hold": holds},
    HoldReleased: {"hold": ids},
    NoticeQueued: {"notice": notices, "approval": st.booleans},
    NoticeSending: {"notice": ids},
    NoticeSent: {"notice": ids, "receipt": lambda: st.none() | ids()},
    NoticeFailed: {"notice": ids, "reason": texts, "retry": st.booleans},
    NoticeCancelled: {"notice": ids, "reason": texts},
    NoticeApproved: {"notice": ids},
    NoticeRejected: {"notice": ids, "reason": texts},
    StepsAnnulled: {"notice": ids, "items": lambda: st.lists(ids(), max_size=3), "reason": texts},
    DisputeOpened: {"dispute": disputes, "items": lambda: st.lists(ids(), max_size=3), "amount": amounts},
    DisputeResolved: {
        "dispute": ids,
        "outcome": lambda: st.sampled_from(OUTCOMES),
        "amount": amounts,
        "credit_note": lambda: st.none() | ids(),
        "reason": lambda: st.none() | texts(),
    },
    PromiseMade: {
        "promise": promises,
        "items": lambda: st.lists(ids(), max_size=3),
        "last_day": days,
        "approver": lambda: st.none() | ids(),
    },
    PromiseWithdrawn: {"promise": ids, "reason": texts},
    RequestMade: {
        "request": requests,
        "outcome": lambda: st.sampled_from(ANSWERS),
        "reasons": lambda: st.lists(reasons(), max_size=2),
        "policy": lambda: st.none() | policy_refs(),
    },
    RequestAnswered: {
        "request": ids,
        "accepted": st.booleans,
        "reason": texts,
        "approver": lambda: st.none() | ids(),
    },
    PlanAgreed: {
        "plan": payment_plans,
        "settled": lambda: amounts(least=0),
        "approver": lambda: st.none() | ids(),
        "waived": lambda: st.lists(amounts(least=0), max_size=2).map(tuple),
    },
    PlanReinstated: {"plan": ids, "catch_up_by": days, "approver": ids, "reason": texts},
    PlanCancelled: {"plan": ids, "reason": texts},
    PaymentMethodAdded: {"method": payment_methods},
    PaymentMethodRemoved: {"method": ids},
    PaymentMethodPreferred: {"method": ids},
    MandateSigned: {"mandate": mandates},
    MandateRevoked: {"mandate": ids},
    LadderMigrated: {"item": ids, "policy": policy_refs, "step": lambda: st.none() | ids()},
    DebtAcknowledged: {"id": ids, "items": lambda: st.lists(ids(), max_size=3), "evidence": texts},
    DemandReceived: {"id": ids, "items": lambda: st.lists(ids(), max_size=3), "evidence": texts},
    LimitationSuspended: {"suspension": suspensions},
    LimitationResumed: {"suspension": ids},
    WrittenOff: {
        "id": ids,
        "item": ids,
        "amount": amounts,
        "code": ids,
        "allowance_used": lambda: amounts(least=0),
        "relief": lambda: amounts(least=0),
        "taxes": lost_taxes,
        "note": lambda: st.none() | texts(),
        "approver": lambda: st.none() | ids(),
        "policy": lambda: st.none() | policy_refs(),
    },
    WriteOffReversed: {
        "id": ids,
        "write_off": ids,
        "item": ids,
        "amount": amounts,
        "allowance_used": lambda: amounts(least=0),
        "relief": lambda: amounts(least=0),
        "taxes": lost_taxes,
        "reason": texts,
        "approver": lambda: st.none() | ids(),
    },
    Recovered: {
        "id": ids,
        "item": ids,
        "source": ids,
        "amount": amounts,
        "settlement": ids,
        "allowance_credited": lambda: amounts(least=0),
        "relief": lambda: amounts(least=0),
        "taxes": lost_taxes,
    },
    SpecificAllowanceSet: {"allowance": specific_allowances, "approver": lambda: st.none() | ids()},
    SpecificAllowanceReleased: {"allowance": ids},
    ReliefClaimed: {
        "id": ids,
        "item": ids,
        "amount": amounts,
        "unpaid": amounts,
        "taxes": lost_taxes,
        "supplied_on": days,
        "due_on": days,
        "regime": policy_refs,
    },
    ReliefRepaid: {"id": ids, "item": ids, "amount": amounts, "taxes": lost_taxes, "cause": ids},
    ReliefBarred: {"item": ids, "cause": ids, "relief": lambda: amounts(least=0), "note": lambda: st.none() | texts()},
    ApprovalRequested: {"approval": approval_requests, "lapses_on": days, "policy": policy_refs},
    ApprovalGranted: {
        "approval": ids,
        "left": lambda: st.integers(0, 3),
        "total": lambda: st.none() | amounts(least=0),
        "policy": policy_refs,
    },
    ApprovalRefused: {"approval": ids, "reason": texts},
    ApprovalWithdrawn: {"approval": ids, "reason": texts},
    AuthorityUsed: {
        "kind": lambda: st.sampled_from(tuple(DEEDS)),
        "subject": ids,
        "amount": lambda: st.none() | amounts(least=0),
        "total": lambda: st.none() | amounts(least=0),
        "role": ids,
        "up_to": lambda: st.none() | amounts(least=0),
        "window_days": lambda: st.integers(0, 400),
        "approvers": lambda: st.lists(ids(), max_size=3),
        "approval": lambda: st.none() | ids(),
        "policy": policy_refs,
    },
    AttemptRefused: {
        "kind": lambda: st.sampled_from(tuple(DEEDS)),
        "subject": ids,
        "amount": lambda: st.none() | amounts(least=0),
        "person": lambda: st.none() | ids(),
        "approver": lambda: st.none() | ids(),
        "code": ids,
    },
    ApplicationSubmitted: {
        "application": credit_applications,
        "lapses_on": lambda: st.none() | days(),
        "policy": lambda: st.none() | policy_refs(),
    },
    ApplicationSupplemented: {
        "application": ids,
        "references": lambda: st.lists(references(), max_size=2),
        "papers": lambda: st.lists(papers(), max_size=2),
    },
    ReferenceAnswered: {"application": ids, "answer": reference_answers},
    ApplicationDecided: {
        "application": ids,
        "decision": application_decisions,
        "policy": lambda: st.none() | policy_refs(),
        "approver": lambda: st.none() | ids(),
        "approval": lambda: st.none() | ids(),
        "reason": texts,
    },
    OfferAccepted: {"application": ids},
    ApplicationClosed: {
        "application": ids,
        "outcome": lambda: st.sampled_from(("declined", "withdrawn")),
        "reason": texts,
    },
    AccountAbsorbed: {"account": ids, "approver": ids, "reason": texts},
    AccountMerged: {"into": ids},
    AccountSeparated: {"account": ids, "approver": ids, "reason": texts},
    AccountRestored: {"separated_from": ids},
    DocumentsHandedOver: {
        "documents": lambda: st.lists(ids(), max_size=3),
        "credits": lambda: st.lists(ids(), max_size=3),
        "to": ids,
        "approver": ids,
        "reason": texts,
    },
    DocumentsTakenOn: {
        "documents": lambda: st.lists(ids(), max_size=3),
        "credits": lambda: st.lists(ids(), max_size=3),
        "came_from": ids,
    },
    CustomerScored: {"score": risk_scores},
    ExternalScoreReceived: {"external": external_scores},
    FiguresDeclared: {"figures": declared_figures},
    ClassOverridden: {"override": class_overrides, "approver": lambda: st.none() | ids()},
    OverrideWithdrawn: {"override": ids, "reason": texts},
    WarningRaised: {"warning": early_warnings, "policy": policy_refs},
    CollectorAssigned: {"assignment": assignments},
    ContactLogged: {"contact": logged_contacts},
    ActionPlanned: {"action": next_actions},
    ActionMoved: {
        "action": ids,
        "due_on": days,
        "owner": lambda: st.none() | ids(),
        "handed_over_from": lambda: st.none() | ids(),
    },
    ActionDone: {
        "action": ids,
        "outcome": lambda: st.sampled_from(ENDS),
        "contact": lambda: st.none() | ids(),
        "note": lambda: st.none() | texts(),
    },
    DebtReported: {"report": bureau_reports, "policy": policy_refs, "approver": lambda: st.none() | ids()},
    ReportUpdated: {
        "report": ids,
        "kind": lambda: st.sampled_from(UPDATES),
        "balance": lambda: amounts(least=0),
        "code": ids,
    },
    ReportWithdrawn: {
        "report": ids,
        "code": lambda: st.sampled_from(WITHDRAWALS),
        "approver": lambda: st.none() | ids(),
        "note": lambda: st.none() | texts(),
    },
    DebtPlaced: {"placement": placements, "amount": amounts, "approver": lambda: st.none() | ids()},
    DebtRecalled: {"placement": ids, "items": lambda: st.lists(ids(), max_size=3), "reason": texts},
    PlacementClosed: {"placement": ids, "outcome": lambda: st.sampled_from(PLACEMENT_OUTCOMES)},
    AgencyCollected: {"placement": ids, "payment": ids},
    ErasureRequested: {"erasure": ids, "legal_claims": lambda: st.lists(ids(), max_size=3)},
    ErasureAnswered: {
        "erasure": ids,
        "records": lambda: st.lists(erasure_records(), max_size=3),
        "texts": lambda: st.lists(erased_texts(), max_size=3),
        "policy": policy_refs,
    },
    ErasureReplayed: {
        "erasure": ids,
        "records": lambda: st.lists(erasure_records(), max_size=3),
        "texts": lambda: st.lists(erased_texts(), max_size=3),
    },
}
"""Every kind of fact, with the strategy of each field beside the times and the person."""


def facts_of(kind: type[Fact]) -> SearchStrategy[Fact]:
    """Facts of one kind, each valid by itself."""
    fields = {name: make().map(_frozen) for name, make in FACTS[kind].items()}
    return st.builds(kind, effective_on=days(), recorded_at=instants(), by=st.none() | ids(), **fields)


def facts() -> SearchStrategy[Fact]:
    """Facts of every kind."""
    return st.sampled_from(list(FACTS)).flatmap(facts_of)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
