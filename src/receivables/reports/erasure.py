"""What was answered to requests for erasure, one row for each document; and what is to be reviewed when.

The rows say nothing about the person: they are what a host answers with, and what it keeps as a proof that it did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, final

from attrs import frozen

from receivables.documents.erasure import GROUNDS, ErasureRecord
from receivables.reports.table import html_table
from receivables.state.view import View


@final
@frozen(kw_only=True)
class ErasureReport:
    """The last record of each document of some accounts, by account."""

    records: tuple[tuple[str, ErasureRecord], ...]

    @property
    def restricted(self) -> tuple[tuple[str, ErasureRecord], ...]:
        """The documents that only the law keeps."""
        return tuple(each for each in self.records if each[1].ground == "retention")

    def due(self, day: dt.date) -> tuple[tuple[str, ErasureRecord], ...]:
        """The documents that are to be looked at again by a day: the law does not keep them any more."""
        return tuple(each for each in self.records if each[1].review_on is not None and each[1].review_on <= day)

    def rows(self) -> list[dict[str, Any]]:
        """A plain dict for each document."""
        return [
            {
                "account": account,
                "kind": record.kind,
                "document": record.id,
                "dated": record.dated,
                "erased": record.erased,
                "ground": record.ground,
                "says": GROUNDS[record.ground],
                "kept_until": None if record.erased else record.until,
                "law": record.law,
            }
            for account, record in self.records
        ]

    def _repr_html_(self) -> str:
        return html_table(self.rows(), "Erasures")

    def __str__(self) -> str:
        return "\n".join(f"{account}: {record}" for account, record in self.records) or "nobody asked"


def erasures(views: Iterable[View]) -> ErasureReport:
    """The report over views, as of the day of each.

    >>> from receivables import Account, Customer
    >>> str(erasures([Account.of(Customer(id="C-17")).view(dt.date(2026, 6, 1))]))
    'nobody asked'
    """
    return ErasureReport(
        records=tuple((view.account, record) for view in views if view.erasure for record in view.erasure.records)
    )
