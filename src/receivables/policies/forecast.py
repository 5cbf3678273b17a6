"""How cash is forecast: how far a customer's own history is trusted, and what is made of disputes, promises and announcements.

A history of few payments says little, so each level leans on the one above it: all customers, the segment, the customer, its
invoices due in one part of the month, and those of them due on one weekday. A strength is how many payments of its own a level
needs until they count as much as what the level above says.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, final

from attrs import frozen

from receivables.documents.schedule import check_percent
from receivables.errors import InvalidValue
from receivables.values import checks

DISPUTED: Final = ("excluded", "delayed")
"""What is made of a disputed amount: no cash at all, or cash that comes so many days later."""

WITHOUT_HISTORY: Final = ("undefined", "due_date")
"""What is made of an item when nothing was ever learned: no figure, or cash on its due date unless that is over."""

FORECAST_CODES: Final[tuple[tuple[str, str], ...]] = (
    ("closed", "nothing of the item is open"),
    ("no_due_date", "the item waits for its due date"),
    ("no_history", "no payment was known to learn from"),
    ("already_late", "the item is overdue by more than was asked about"),
)
"""The reasons why there is no probability, or why it is certain."""


@final
@frozen(kw_only=True)
class ForecastPolicy:
    """The settings of a forecast; immutable, named by id and version.

    Units: strengths in payments, delays in days, ``bands`` in percent. ``promise_kept_percent`` is what is believed of a
    customer without a decided promise, and counts as ``promise_strength`` promises beside those that were decided.
    ``largest`` is how many of the amounts that can come in one day or week are added up exactly for the bands. ``spread_percent`` is
    how far the bands are from the middle, where 100 is as far as if no two customers ever paid late together: the default is what
    the back-test on the ledger of a food distributor asks for.

    >>> policy = ForecastPolicy(id="cash", version=1)
    >>> policy.bands, policy.disputed
    ((10, 50, 90), 'excluded')

    Errors: `WrongType`, and `InvalidValue` for bands that do not rise.
    """

    id: str
    version: int
    segment_strength: int = 20
    customer_strength: int = 3
    month_part_strength: int = 8
    weekday_strength: int = 8
    disputed: str = "excluded"
    dispute_delay_days: int = 0
    promise_kept_percent: Decimal = Decimal(50)
    promise_strength: int = 2
    pending_days: int = 1
    without_history: str = "undefined"
    bands: tuple[int, ...] = (10, 50, 90)
    largest: int = 16
    spread_percent: int = 155

    def __attrs_post_init__(self) -> None:
        checks.text("forecast_policy.id", self.id)
        for name, least in _WHOLE:
            checks.whole(f"forecast_policy.{name}", getattr(self, name), least=least)
        checks.one_of("forecast_policy.disputed", self.disputed, DISPUTED)
        checks.one_of("forecast_policy.without_history", self.without_history, WITHOUT_HISTORY)
        check_percent("forecast_policy.promise_kept_percent", self.promise_kept_percent)
        checks.sequence("forecast_policy.bands", self.bands, int, "whole numbers of percent")
        for at, percent in enumerate(self.bands):
            checks.whole(f"forecast_policy.bands[{at}]", percent, least=1, most=99)
        if list(self.bands) != sorted(set(self.bands)):
            raise InvalidValue("forecast_policy.bands", self.bands, "must rise")

    @property
    def strengths(self) -> tuple[int, int, int, int]:
        """The strengths from the segment down to the weekday."""
        return (self.segment_strength, self.customer_strength, self.month_part_strength, self.weekday_strength)


_WHOLE: Final = (
    ("version", 1),
    ("segment_strength", 1),
    ("customer_strength", 1),
    ("month_part_strength", 1),
    ("weekday_strength", 1),
    ("dispute_delay_days", 0),
    ("promise_strength", 1),
    ("pending_days", 0),
    ("largest", 0),
    ("spread_percent", 100),
)
"""The fields that are whole numbers, with the least that they may be."""
