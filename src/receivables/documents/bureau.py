"""What a credit bureau was told: a debt with its balance and the day, changes to that, and what was taken back.

The file itself is the host's: here is what it has to say, and what became due to be said.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

from attrs import frozen

from receivables.documents.limitation import check_items
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

UPDATES: Final = ("balance", "disputed", "dispute_over", "paid")
"""What a bureau is told of a debt after it was reported: another balance, a dispute that began or ended, that it is paid."""

WITHDRAWALS: Final = ("false", "disputed", "agreed", "erased", "other")
"""Why a report is taken back: it was false, the debt was disputed when it was reported, it was agreed, a law wants it."""


@final
@frozen(kw_only=True)
class BureauReport:
    """A debt as it was reported: which items, how much was owed on them together, since when, with which status code.

    ``owed_since`` is the oldest due date. ``code`` is that of the bureau's format, see `receivables.policies.metro2`.

    >>> BureauReport(id="B-1", account="BROKE", bureau="trade register", items=("INV-1",), balance=Money.of(3000, "EUR"),
    ...              reported_on=dt.date(2026, 7, 20), owed_since=dt.date(2026, 3, 2), code="97").balance
    Money.of('3000.00', 'EUR')

    Errors: `InvalidValue` for a balance that is not more than zero, or a debt that was not due.
    """

    id: str
    account: str
    bureau: str
    items: tuple[str, ...]
    balance: Money
    reported_on: dt.date
    owed_since: dt.date
    code: str

    def __attrs_post_init__(self) -> None:
        for name in ("id", "account", "bureau", "code"):
            checks.text(f"bureau_report.{name}", getattr(self, name))
        check_items("bureau_report.items", self.items)
        checks.instance("bureau_report.balance", self.balance, Money, "money")
        checks.day("bureau_report.reported_on", self.reported_on)
        checks.day("bureau_report.owed_since", self.owed_since)
        if self.balance.minor <= 0:
            raise InvalidValue("bureau_report.balance", str(self.balance), "must be more than zero")
        if self.owed_since > self.reported_on:
            raise InvalidValue(
                "bureau_report.owed_since", str(self.owed_since), f"must not be after {self.reported_on}"
            )
