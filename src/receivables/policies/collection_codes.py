"""What a refused or returned collection means for the next one, by the reason code that the bank gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

THEN: Final = ("retry", "change_method", "stop")
"""What a code leads to: later again, never again in this way, or nothing more before a person looked at it."""


class ReturnCode(NamedTuple):
    """A reason code: what it says, and what it leads to."""

    says: str
    then: str


RETURN_CODES: Final[Mapping[str, ReturnCode]] = {
    "AC01": ReturnCode("the account number is wrong", "change_method"),
    "AC04": ReturnCode("the account is closed", "change_method"),
    "AC06": ReturnCode("the account is blocked", "change_method"),
    "AC13": ReturnCode("the account is that of a consumer", "change_method"),
    "AG01": ReturnCode("the account takes no direct debits", "change_method"),
    "AG02": ReturnCode("the kind of operation or the sequence is wrong", "stop"),
    "AM04": ReturnCode("there is not enough money", "retry"),
    "AM05": ReturnCode("it was collected twice", "stop"),
    "BE05": ReturnCode("the identifier of the creditor is wrong", "stop"),
    "CNOR": ReturnCode("the bank of the creditor is not registered", "stop"),
    "DNOR": ReturnCode("the bank of the debtor is not registered", "change_method"),
    "FF01": ReturnCode("the format is wrong", "stop"),
    "FF05": ReturnCode("the scheme is wrong", "stop"),
    "FRAD": ReturnCode("it is taken for a fraud", "stop"),
    "MD01": ReturnCode("there is no mandate", "change_method"),
    "MD02": ReturnCode("the mandate lacks something", "stop"),
    "MD06": ReturnCode("the debtor wanted the money back", "stop"),
    "MD07": ReturnCode("the debtor is dead", "stop"),
    "MS02": ReturnCode("the debtor refused it, without a reason", "stop"),
    "MS03": ReturnCode("the bank of the debtor gives no reason", "retry"),
    "RC01": ReturnCode("the identifier of the bank is wrong", "change_method"),
    "RR01": ReturnCode("the account of the debtor is not named, as the law wants it", "stop"),
    "RR02": ReturnCode("name or address of the debtor are missing, as the law wants them", "stop"),
    "RR03": ReturnCode("name or address of the creditor are missing, as the law wants them", "stop"),
    "RR04": ReturnCode("the law is in the way", "stop"),
    "SL01": ReturnCode("the debtor let its bank refuse it", "change_method"),
    "TM01": ReturnCode("it came too late for the day", "retry"),
}
"""The codes of SEPA direct debits that came back, each with what it leads to unless a policy says otherwise.

Source: ISO 20022 external code sets, return and status reasons, as the European Payments Council admits them for direct
debits. What a code leads to is our choice: banks hide "not enough money" behind MS03 where the law forbids to say it.
"""

STOPS: Final[tuple[tuple[str, str, bool], ...]] = (
    ("attempt_pending", "an attempt is on its way, or nobody knows what became of it", True),
    ("nothing_due", "nothing is to be collected", True),
    ("code_final", "the last attempt came back for a reason that a person has to look at", False),
    ("code_unknown", "an attempt came back for a reason that the policy does not know", False),
    ("attempts_used", "there were as many attempts as the policy allows", False),
    ("no_method", "no payment method can be used", True),
    ("window_over", "the next attempt would come later than the policy allows", False),
)
"""Why there is no next attempt: code, what it says, and whether time, a payment or a new method can change it."""

SKIPS: Final[tuple[tuple[str, str], ...]] = (
    ("method_refused", "an attempt with it came back for a reason that ends it"),
    ("card_expired", "the card is good no more on the day of the attempt"),
    ("card_removed", "the card was removed"),
    ("mandate_revoked", "the mandate was revoked"),
    ("mandate_lapsed", "nothing was collected with the mandate for 36 months before the day of the attempt"),
    ("mandate_used", "the mandate was for one collection, which was made"),
    ("too_late", "it could be used only after the window of the policy"),
)
"""Why a payment method is not the one of the next attempt, with what it says."""
