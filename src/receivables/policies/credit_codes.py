"""What can be said about an order, in order of precedence, and what a policy answers where it says nothing else.

Each row has the code, what it says, the figure that comes with it, the answer, and whether waiting or paying can cure it. A
held order is decided anew whenever its account changes; one whose reason only a person can cure waits for that person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class CreditCode(NamedTuple):
    """One code; an answer in angle brackets is that of the setting of this name."""

    code: str
    says: str
    figure: str
    answer: str
    can_change: bool


ANSWERS: Final = ("approve", "hold", "refuse")
"""What a policy can answer where no limit was ever set."""

TO_REASONS: Final = ("ignore", "warn", "hold", "refuse")
"""What a policy can answer to a reason, from best to worst."""

CREDIT_CODES: Final = (
    CreditCode("not_checked", "the policy leaves the customer or the order out", "", "ignore", False),
    CreditCode("hold", "a hold on the account stops credit", "", "hold", True),
    CreditCode("no_limit", "no limit was ever set in this currency, and none is inherited", "", "<no_limit>", False),
    CreditCode("no_group_limit", "the group has an account, and no limit in this currency", "", "<no_limit>", False),
    CreditCode("limit_expired", "the limit ended", "days since it ended", "hold", False),
    CreditCode("review_overdue", "the limit was to be reviewed", "days since the review was due", "warn", False),
    CreditCode("rate_missing", "no rate to the currency of the limit is known", "", "hold", False),
    CreditCode("rate_stale", "the last rate is older than the policy allows", "its age in days", "hold", False),
    CreditCode("risk_class", "the customer is in a class that the policy names", "", "<risk_classes>", True),
    CreditCode("dunning_step", "an open item was dunned with a step that the policy names", "", "hold", True),
    CreditCode("returned_payment", "a payment came back not long ago", "days since the last one", "hold", True),
    CreditCode("broken_promise", "too many promises were broken not long ago", "days since the last one", "hold", True),
    CreditCode(
        "overdue",
        "an item is overdue for longer than the policy allows",
        "days overdue of the oldest item",
        "hold",
        True,
    ),
    CreditCode("overdue_share", "too much of what is open is overdue", "what is overdue", "hold", True),
    CreditCode("terms_changed", "the order asks for other payment terms than were agreed", "", "hold", False),
    CreditCode("limit_exceeded", "exposure and order exceed the limit", "the shortfall", "<exceeded>", True),
    CreditCode(
        "rate_breach",
        "they exceed it by today's rates, and not by those of the last approval",
        "the shortfall",
        "warn",
        True,
    ),
    CreditCode("open_sub_limit", "what is open and not overdue exceeds its part", "the shortfall", "<exceeded>", True),
    CreditCode("overdue_sub_limit", "what is overdue exceeds its part", "the shortfall", "<exceeded>", True),
    CreditCode("disputed_sub_limit", "what is disputed exceeds its part", "the shortfall", "<exceeded>", True),
    CreditCode(
        "delivered_sub_limit",
        "what is delivered and not invoiced exceeds its part",
        "the shortfall",
        "<exceeded>",
        True,
    ),
    CreditCode("ordered_sub_limit", "the orders exceed their part", "the shortfall", "<exceeded>", True),
    CreditCode("draft_sub_limit", "drafts of invoices exceed their part", "the shortfall", "<exceeded>", True),
    CreditCode("own_risk_sub_limit", "what is not insured exceeds its part", "the shortfall", "<exceeded>", True),
    CreditCode(
        "group_limit_exceeded",
        "all members and the order exceed the limit of the group",
        "the shortfall",
        "<exceeded>",
        True,
    ),
    CreditCode("near_limit", "above the share of the limit that the policy watches", "what is left", "warn", True),
)
"""Every code, in order of precedence."""

RATE_CODES: Final = ("rate_missing", "rate_stale")
"""The codes that say that what is used of a limit cannot be told."""

INSTEAD: Final = (
    ("near_limit", "rate_breach"),
    ("near_limit", "limit_exceeded"),
    ("rate_breach", "limit_exceeded"),
    ("rate_breach", "group_limit_exceeded"),
)
"""A code, and the one that is said in its place of a larger order, or under other rates: the second is never answered better."""

RANK: Final[Mapping[str, int]] = {row.code: at for at, row in enumerate(CREDIT_CODES)}
DEFAULT_ANSWERS: Final[Mapping[str, str]] = {row.code: row.answer for row in CREDIT_CODES if row.answer[0] != "<"}
CAN_CHANGE: Final[Mapping[str, bool]] = {row.code: row.can_change for row in CREDIT_CODES}
