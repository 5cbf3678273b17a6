"""What agencies and lawyers have: placed, collected, their commission, and what is left with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import final

from attrs import field, frozen

from receivables.reports.table import html_table, text_table
from receivables.state.placement import PlacementState
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class PlacementLine:
    """One placement, with what is open of the items that are still with it."""

    account: str
    state: PlacementState
    open: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        state, placement = self.state, self.state.placement
        return {
            "agency": placement.agency,
            "account": self.account,
            "placement": placement.id,
            "reference": placement.reference,
            "status": state.outcome or state.status,
            "placed_on": placement.placed_on,
            "ended_on": state.ended_on,
            "items": len(state.items),
            "currency": self.open.currency.code,
            "placed": str(state.amount.amount),
            "through_agency": str(state.through_agency.amount),
            "direct": str(state.direct.amount),
            "commission": str(state.commission.amount),
            "open": str(self.open.amount),
        }


@final
@frozen(kw_only=True)
class PlacementReport:
    """The placements of many accounts on a date."""

    as_of: dt.date | None
    lines: tuple[PlacementLine, ...] = field(repr=False)

    def by_agency(self) -> list[dict[str, object]]:
        """One plain dict per agency and currency: how many placements, and the sums."""
        found: dict[tuple[str, Currency], list[PlacementLine]] = {}
        for line in self.lines:
            found.setdefault((line.state.placement.agency, line.open.currency), []).append(line)
        keys = sorted(found, key=lambda key: (key[0], key[1].code))
        return [_sum(agency, currency, found[agency, currency]) for agency, currency in keys]

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per placement."""
        return [line.row() for line in self.lines]

    def __str__(self) -> str:
        return f"placements on {self.as_of}\n{text_table(self.rows(), 'nothing is placed')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Placements on {self.as_of}")


def _sum(agency: str, currency: Currency, lines: Iterable[PlacementLine]) -> dict[str, object]:
    found = tuple(lines)

    def total(amounts: Iterator[Money]) -> str:
        return str(Money.total(amounts, currency).amount)

    return {
        "agency": agency,
        "currency": currency.code,
        "placements": len(found),
        "placed": total(line.state.amount for line in found),
        "collected": total(line.state.collected for line in found),
        "commission": total(line.state.commission for line in found),
        "open": total(line.open for line in found),
    }


def placement_report(views: Iterable[View]) -> PlacementReport:
    """What agencies have, and had, by the date of the views."""
    as_of: dt.date | None = None
    lines: list[PlacementLine] = []
    for view in views:
        as_of = view.as_of
        lines.extend(
            PlacementLine(account=view.account, state=each, open=_open(view, each)) for each in view.placements
        )
    return PlacementReport(as_of=as_of, lines=tuple(lines))


def _open(view: View, state: PlacementState) -> Money:
    return Money.total((view.open(item) for item in state.items if item in view.places), state.amount.currency)
