"""Tax on bad debts: what can be claimed back and when, what was claimed, and what is owed back, item by item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import field, frozen

from receivables.policies.tax_relief import ReliefPosition, TaxReliefRegime, relief_positions
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account, joined_on, known_until
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class ReliefReport:
    """The bad debts of some accounts as the tax office looks at them, on a date, as known at an instant."""

    as_of: dt.date
    known_at: dt.datetime | None
    regime: str
    positions: tuple[tuple[str, ReliefPosition], ...] = field(repr=False)
    """Account and position."""

    def claimable(self, currency: str | Currency) -> Money:
        """The tax that can be claimed on the day of the report."""
        return self._sum((each.claimable for _, each in self.positions if each.status == "claimable"), currency)

    def claimed(self, currency: str | Currency) -> Money:
        """The tax that was claimed and not repaid."""
        return self._sum((each.claimed for _, each in self.positions), currency)

    def owed_back(self, currency: str | Currency) -> Money:
        """The tax that was claimed on what is not lost any more, and not repaid yet."""
        return self._sum((-each.claimable for _, each in self.positions if each.claimable.minor < 0), currency)

    @staticmethod
    def _sum(amounts: Iterable[Money], currency: str | Currency) -> Money:
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        return Money.total((amount for amount in amounts if amount.currency == wanted), wanted)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per item."""
        return [_row(account, each) for account, each in self.positions]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"tax relief on bad debts as of {self.as_of}, {self.regime}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no bad debts')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def _row(account: str, position: ReliefPosition) -> dict[str, object]:
    return {
        "account": account,
        "item": position.item,
        "supplied": position.supplied_on.isoformat(),
        "due": position.due_on.isoformat(),
        "currency": position.gross.currency.code,
        "unpaid": str(position.unpaid.amount),
        "lost": str(position.lost.amount),
        "tax": str(position.tax.amount),
        "claimed": str(position.claimed.amount),
        "from": position.earliest and position.earliest.isoformat(),
        "until": position.latest and position.latest.isoformat(),
        "status": position.status,
    }


def relief_report(
    accounts: Account | Iterable[Account],
    regime: TaxReliefRegime,
    as_of: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    supplied: Mapping[str, dt.date] | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> ReliefReport:
    """Where the bad debts of some accounts stand; ``supplied`` has the days of supplies that were not of the invoice's day."""
    checks.day("relief.as_of", as_of)
    checks.instance("relief.regime", regime, TaxReliefRegime, "a tax relief regime")
    known = known_until(known_at, zone)
    found = [
        (account.id, position)
        for account in ((accounts,) if isinstance(accounts, Account) else accounts)
        for position in relief_positions(joined_on(account, as_of, known), regime, as_of, known, supplied)
    ]
    return ReliefReport(as_of=as_of, known_at=known, regime=regime.law, positions=tuple(found))
