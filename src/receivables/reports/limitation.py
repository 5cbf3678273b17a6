"""When the open items of an account lapse: one row per item, the ones that lapse first on top, with the warning reached."""

from __future__ import annotations

import datetime as dt
from typing import final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.policies.limitation import Limitation, LimitationPolicy, open_limitations
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LimitationLine:
    """One open item: what is open, how its period stands, and the warning that it has reached, in days ahead."""

    item: str
    document: str
    open: Money
    limitation: Limitation
    warn: int | None

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        found = self.limitation
        return {
            "item": self.item,
            "currency": self.open.currency.code,
            "open": str(self.open.amount),
            "due_on": found.due_on,
            "status": found.status,
            "ends_on": found.ends_on,
            "days_left": found.days_left,
            "warn": self.warn,
        }


@final
@frozen(kw_only=True)
class LimitationReport:
    """The open items of an account on a date, by the day on which they lapse; those without one come last."""

    account: str
    as_of: dt.date
    policy: str
    lines: tuple[LimitationLine, ...] = field(repr=False)

    @property
    def barred(self) -> tuple[LimitationLine, ...]:
        """The items whose period is over."""
        return tuple(line for line in self.lines if line.limitation.status == "barred")

    @property
    def warned(self) -> tuple[LimitationLine, ...]:
        """The items that have reached a warning."""
        return tuple(line for line in self.lines if line.warn is not None)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per open item, amounts as decimal texts."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"limitation of {self.account} on {self.as_of} by {self.policy}\n{text_table(self.rows())}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Limitation of {self.account} on {self.as_of} by {self.policy}")


def limitations(account: Account, view: View, policy: LimitationPolicy) -> LimitationReport:
    """When each open item of a view lapses.

    >>> from receivables import Customer, Invoice
    >>> from receivables.policies.limitation_regimes import limitation_regime
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2023, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2023, 2, 4))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice])
    >>> policy = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
    >>> print(limitations(account, account.view(dt.date(2026, 11, 2)), policy))
    limitation of ACME on 2026-11-02 by claims/1
    item   currency     open  due_on      status   ends_on     days_left  warn
    INV-1  EUR       1200.00  2023-02-04  running  2026-12-31         59    60

    Errors: `InvalidValue` for the view of another account.
    """
    if view.account != account.id:
        raise InvalidValue("limitations.view", view.account, f"must be of account {account.id!r}")
    lines = [
        LimitationLine(
            item=item.id,
            document=item.document,
            open=Money(minor, item.currency),
            limitation=found,
            warn=policy.warning(found),
        )
        for item, minor, found in open_limitations(account, view, policy)
    ]
    lines.sort(key=lambda line: (line.limitation.ends_on or dt.date.max, line.item))
    name = f"{policy.id}/{policy.version}"
    return LimitationReport(account=account.id, as_of=view.as_of, policy=name, lines=tuple(lines))
