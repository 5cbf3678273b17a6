"""What was lost: write-offs with what of them was recovered, and what is proposed to be written off.

A report of losses is about a date, as known at an instant; with ``since`` it has only what was written off after that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import final

from attrs import field, frozen

from receivables.policies.authority import AuthorityPolicy
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.losses import WriteOffPolicy, WriteOffProposal, propose_write_offs
from receivables.reports.table import headed, html_table, text_table
from receivables.state.account import Account, known_until
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LossLine:
    """An item of which something was written off: how much, less what was a mistake, and what of that was recovered."""

    account: str
    item: str
    document: str
    since: dt.date
    code: str
    written_off: Money
    recovered: Money

    @property
    def left(self) -> Money:
        """What is written off and not recovered."""
        return self.written_off - self.recovered

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "account": self.account,
            "item": self.item,
            "since": self.since.isoformat(),
            "code": self.code,
            "currency": self.written_off.currency.code,
            "written off": str(self.written_off.amount),
            "recovered": str(self.recovered.amount),
            "left": str(self.left.amount),
        }


@final
@frozen(kw_only=True)
class LossReport:
    """The losses of one or many accounts on a date, as known at an instant."""

    as_of: dt.date
    known_at: dt.datetime | None
    since: dt.date | None
    lines: tuple[LossLine, ...] = field(repr=False)

    def total(self, currency: str | Currency, figure: str = "left") -> Money:
        """The sum of ``written_off``, ``recovered`` or ``left`` in a currency."""
        checks.one_of("losses.figure", figure, ("written_off", "recovered", "left"))
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        amounts = [getattr(line, figure) for line in self.lines]
        return Money.total((amount for amount in amounts if amount.currency == wanted), wanted)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per item."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        after = f" after {self.since}" if self.since is not None else ""
        return f"losses as of {self.as_of}{after}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'nothing was written off')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def loss_report(
    accounts: Account | Iterable[Account],
    as_of: dt.date,
    known_at: dt.date | dt.datetime | None = None,
    *,
    since: dt.date | None = None,
    zone: dt.tzinfo = dt.UTC,
) -> LossReport:
    """What was written off and recovered of the items of some accounts until a date.

    With ``since`` the items whose first write-off was after that day. An account that was merged counts with what it had.
    """
    checks.day("losses.as_of", as_of)
    checks.optional_day("losses.since", since)
    known = known_until(known_at, zone)
    lines = [
        LossLine(
            account=account.id,
            item=loss.item,
            document=loss.document,
            since=loss.since,
            code=loss.code,
            written_off=Money(loss.written_off, loss.currency),
            recovered=Money(loss.recovered, loss.currency),
        )
        for account in ((accounts,) if isinstance(accounts, Account) else accounts)
        for loss in account.view(as_of, known).losses
        if since is None or loss.since > since
    ]
    return LossReport(as_of=as_of, known_at=known, since=since, lines=tuple(lines))


@final
@frozen(kw_only=True)
class WriteOffList:
    """What a policy proposes to write off, account by account, with what keeps it back and who may decide."""

    as_of: dt.date
    policy: str
    version: int
    proposals: tuple[tuple[str, WriteOffProposal], ...] = field(repr=False)
    """Account and proposal."""

    @property
    def ready(self) -> tuple[tuple[str, WriteOffProposal], ...]:
        """Those that nothing keeps back."""
        return tuple(each for each in self.proposals if each[1].blocked is None)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per item."""
        return [{"account": account, **proposal.row()} for account, proposal in self.proposals]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"proposed to be written off as of {self.as_of} by {self.policy}/{self.version}"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'nothing is')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), headed(self.title))


def write_off_list(
    accounts: Account | Iterable[Account],
    as_of: dt.date,
    policy: WriteOffPolicy,
    *,
    limitation: LimitationPolicy | None = None,
    authority: AuthorityPolicy | None = None,
) -> WriteOffList:
    """What a policy proposes to write off of some accounts on a date; see `propose_write_offs`."""
    checks.day("write_offs.as_of", as_of)
    found = [
        (account.id, proposal)
        for account in ((accounts,) if isinstance(accounts, Account) else accounts)
        for proposal in propose_write_offs(
            account, account.view(as_of), policy, limitation=limitation, authority=authority
        )
    ]
    return WriteOffList(as_of=as_of, policy=policy.id, version=policy.version, proposals=tuple(found))
