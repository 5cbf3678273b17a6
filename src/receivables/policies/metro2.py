"""Status codes and the profile of payments in the manner of Metro 2, the format of the bureaus in the United States.

1. The first 29 days past due are reported as current; from 180 on it is all one.
2. The profile has one sign for each month: a digit for how late the debt was, or a letter where that is not to be said.

Source: Metro 2 credit reporting format, account status codes and payment history profile, by what is published of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from receivables.errors import InvalidValue
from receivables.values import checks

_EDGES: Final = (30, 60, 90, 120, 150, 180)
_BY_DAYS: Final = ("11", "71", "78", "80", "82", "83", "84")
_DIGITS: Final = "0123456"

STATES: Final = {
    "collections": "93",
    "charged off": "97",
    "paid charge-off": "64",
    "paid collection": "62",
    "paid": "13",
    "delete": "DA",
}
"""What a debt is besides late: with a collector, given up as lost, paid after that, paid, to be deleted."""

NO_HISTORY: Final = "B"
"""The month lies before the account."""

NOT_KNOWN: Final = "D"
"""The account was there, and what it was in the month is not said."""


def account_status(days_past_due: int) -> str:
    """The code of a debt by the days past its due date.

    >>> [account_status(days) for days in (0, 29, 30, 60, 90, 120, 150, 180, 400)]
    ['11', '11', '71', '78', '80', '82', '83', '84', '84']
    """
    checks.whole("metro2.days_past_due", days_past_due, least=0)
    return _BY_DAYS[bisect_right(_EDGES, days_past_due)]


def status_of(state: str) -> str:
    """The code of what a debt is besides late.

    >>> status_of("charged off"), status_of("paid charge-off")
    ('97', '64')

    Errors: `InvalidValue` for a state that is not one of `STATES`.
    """
    checks.one_of("metro2.state", state, tuple(STATES))
    return STATES[state]


def payment_profile(days_past_due: Iterable[int | str | None]) -> str:
    """One sign for each month, in the order in which they are given: days past due, a letter, or ``None`` for not known.

    >>> payment_profile([0, 29, 30, 59, 60, 95])
    '001123'
    >>> payment_profile([180, None, "B"])
    '6DB'

    Bureaus want the latest month at the left, and 24 of them.
    """
    return "".join(_sign(each) for each in days_past_due)


def _sign(month: int | str | None) -> str:
    if month is None:
        return NOT_KNOWN
    if isinstance(month, str):
        if month not in {NO_HISTORY, NOT_KNOWN, "G", "L", "E"}:
            raise InvalidValue("metro2.month", month, "must be one of B, D, E, G, L")
        return month
    checks.whole("metro2.month", month, least=0)
    return _DIGITS[bisect_right(_EDGES, month)]
