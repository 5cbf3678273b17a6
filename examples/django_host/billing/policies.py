"""The company's rules: who may order on credit, who is written to when, and what customers may arrange by themselves."""

from receivables import ArrangementPolicy, CreditPolicy, DunningPolicy, DunningStep, Money, PolicyBook
from receivables.policies.fees import FeeRule

CREDIT = CreditPolicy(id="standard", version=1, hold_overdue_days=30, warn_percent=90)
DUNNING = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=7,
    minimums=(Money.of(20, "EUR"),),
    steps=(
        DunningStep(name="reminder", days_after_due=5, pay_within_days=7),
        DunningStep(
            name="second",
            days_after_due=19,
            pay_within_days=7,
            fee=FeeRule(id="second-letter", fixed=(Money.of(10, "EUR"),)),
        ),
        DunningStep(name="final", days_after_due=33, pay_within_days=10, needs_approval=True),
    ),
)
PORTAL = ArrangementPolicy(
    id="portal",
    version=1,
    most_amounts=(Money.of(3000, "EUR"),),
    longest_promise_days=14,
    most_open_promises=2,
    longest_deferment_days=30,
)
POLICIES = (CREDIT, DUNNING, PORTAL)
BOOK = PolicyBook.of(*POLICIES)
