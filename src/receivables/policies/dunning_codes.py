"""Why an item of a dunning plan is included or skipped: codes, in order of precedence, with what they say."""

from __future__ import annotations

from collections.abc import Mapping

(
    CHARGE,
    NO_POLICY,
    UNDATED,
    NOT_DUE,
    BARRED,
    ANNOUNCED,
    DISPUTED,
    PLANNED,
    PROMISED,
    HELD,
    FAILED,
    REJECTED,
    PENDING,
    FINISHED,
    STEP_GONE,
    TOO_EARLY,
    GAP,
    CONDITION,
    NO_CONTACT,
    QUIET,
    SMALL,
    DUE,
) = range(22)

CODES: tuple[tuple[str, str, bool], ...] = (
    ("charge", "a fee or interest: it is claimed with the item that it is on", False),
    ("policy_missing", "the policy, or the version that the item is pinned to, is not in the book", False),
    ("undated", "the item has no due date yet", True),
    ("not_due", "due today or later", True),
    ("barred", "the claim has lapsed", False),
    ("payment_pending", "a payment of it is on its way", True),
    ("disputed", "all that is open is disputed", True),
    ("planned", "a payment plan covers it, and performs", True),
    ("promised", "the customer promised to pay it, and has time yet", True),
    ("held", "a hold stops dunning", True),
    ("notice_failed", "the last notice could not be delivered: a person has to look", False),
    ("notice_rejected", "a person decided that the next notice does not go out", False),
    ("notice_pending", "the last notice waits for approval or delivery, or its outcome is not known", True),
    ("ladder_finished", "the last step was sent", False),
    ("step_unknown", "the step that was sent last is not in the policy", False),
    ("step_not_reached", "overdue, but the day of the next step has not come", True),
    ("minimum_gap", "too soon after the last step", True),
    ("account_condition", "the account does not show what the step asks for", True),
    ("no_contact", "the customer has contacts, and none for a channel of the step", False),
    ("contact_limit", "the customer had a letter too recently, or too many", True),
    ("below_minimum", "what could be dunned in this currency is below the minimum", True),
    ("step_due", "the next step is due", True),
)
"""Code number -> (code, what it says, whether time or a payment can change it), in order of precedence."""

WITHHELD: Mapping[str, int] = {
    "payment": ANNOUNCED,
    "dispute": DISPUTED,
    "plan": PLANNED,
    "promise": PROMISED,
    "hold": HELD,
}
"""Kind of arrangement -> the code of an item that it keeps back."""
