"""Cases about bureaus: status codes and the profile of payments."""

from __future__ import annotations

from typing import Any

from tests.cases.reading import Input

from receivables.policies.metro2 import account_status, payment_profile, status_of


def answer(case: Input) -> dict[str, Any]:
    """What the library says to a case about bureaus."""
    given = case["input"]
    if "days_past_due_by_month" in given:
        return {"profile": list(payment_profile(given["days_past_due_by_month"]))}
    if "state" in given:
        return {"status": status_of(given["state"])}
    return {"status": account_status(given["days_past_due"])}
