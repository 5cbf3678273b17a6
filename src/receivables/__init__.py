"""receivables: the accounts-receivable engine that a billing app embeds.

Immutable documents go in, dated facts are kept, decisions with reasons come out; no I/O of its own.
"""

from receivables.documents.charge import Charge
from receivables.documents.credit import CreditLimit, Order
from receivables.documents.customer import Contact, Customer
from receivables.documents.dispute import Dispute
from receivables.documents.hold import Hold
from receivables.documents.invoice import CreditNote, DocumentLink, Invoice, InvoiceLine, TakenOverItem, TaxPart
from receivables.documents.limitation import Suspension
from receivables.documents.notice import Notice, NoticeLine
from receivables.documents.payment import Allocation, Payment, PaymentMethod, Remittance
from receivables.documents.payment_method import Mandate
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.documents.reason import Reason
from receivables.documents.schedule import DiscountWindow, Installment, Schedule
from receivables.documents.terms import PaymentTerms
from receivables.errors import ReceivablesError
from receivables.flows import DeliveryResult, Result, RunResult
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.book import Choice, PolicyBook
from receivables.policies.collection import CollectionPolicy
from receivables.policies.conditions import AccountCondition
from receivables.policies.credit import CreditDecision, CreditOutcome, CreditPolicy
from receivables.policies.dunning import DunningPlan, DunningPolicy
from receivables.policies.dunning_steps import DunningStep
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_law import LimitationRegime
from receivables.policies.matching import propose
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.windows import SendWindow
from receivables.ports import (
    AsyncNotifier,
    AsyncStore,
    Clock,
    Notifier,
    NotSent,
    Receipt,
    Sent,
    Store,
)
from receivables.reports.aging import Aging, aging
from receivables.reports.limitation import limitations
from receivables.reports.reconciliation import reconcile
from receivables.reports.reconciliation_rows import TheirItem
from receivables.service import AsyncReceivables, Receivables
from receivables.state.account import Account, fold
from receivables.state.view import View
from receivables.stores.memory import MemoryStore
from receivables.values.currencies import Currency
from receivables.values.dates import BusinessCalendar, FixedCalendar, Roll
from receivables.values.daycounts import DayCount
from receivables.values.money import Money, Rounding
from receivables.values.rates import RateTable

__all__ = [
    "Account",
    "AccountCondition",
    "Aging",
    "Allocation",
    "ArrangementPolicy",
    "AsyncNotifier",
    "AsyncReceivables",
    "AsyncStore",
    "BusinessCalendar",
    "Charge",
    "Choice",
    "Clock",
    "CollectionPolicy",
    "Contact",
    "CreditDecision",
    "CreditLimit",
    "CreditNote",
    "CreditOutcome",
    "CreditPolicy",
    "Currency",
    "Customer",
    "DayCount",
    "DeliveryResult",
    "DiscountWindow",
    "Dispute",
    "DocumentLink",
    "DunningPlan",
    "DunningPolicy",
    "DunningStep",
    "FeeRule",
    "FixedCalendar",
    "Hold",
    "Installment",
    "InterestTerms",
    "Invoice",
    "InvoiceLine",
    "LimitationPolicy",
    "LimitationRegime",
    "Mandate",
    "MatchIndex",
    "MatchingPolicy",
    "MemoryStore",
    "Money",
    "NotSent",
    "Notice",
    "NoticeLine",
    "Notifier",
    "Order",
    "Payment",
    "PaymentMethod",
    "PaymentPlan",
    "PaymentTerms",
    "PlanInstallment",
    "PolicyBook",
    "Promise",
    "RateTable",
    "Reason",
    "Receipt",
    "Receivables",
    "ReceivablesError",
    "Remittance",
    "Result",
    "Roll",
    "Rounding",
    "RunResult",
    "Schedule",
    "SendWindow",
    "Sent",
    "SettlementPolicy",
    "Store",
    "Suspension",
    "TakenOverItem",
    "TaxPart",
    "TheirItem",
    "View",
    "aging",
    "fold",
    "limitations",
    "propose",
    "reconcile",
]
