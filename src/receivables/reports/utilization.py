"""Utilization: what is used of credit limits and by what, what is left, and how that went over time.

A row is one account in one currency: the limit and where it comes from, the exposure by component, what is left, and what is
used as a percentage. Sums are per currency; a limit that is unlimited, or not there, has no headroom and no percentage, and
stands in a count of its own. The same rows, from the other end, are the customers with room to sell more. The limit that the
members of a group have in common is the subject of `receivables.reports.group_utilization`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, final

from attrs import field, frozen

from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy
from receivables.policies.credit_standing import CreditStanding
from receivables.policies.exposure import COMPONENTS
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

GROUPINGS: Final = ("account", "company", "group", "segment", "risk_class")
"""What a summary can be by."""


@final
@frozen(kw_only=True)
class UtilizationLine:
    """One account, or several together, in one currency, in minor units.

    ``limit`` ``None`` is unlimited or none; ``unlimited`` counts the accounts without a bound, ``over`` those above theirs.
    ``parts`` has the components that count, each with its sign; with exposure in several currencies it is empty. ``blocked``
    counts the accounts of which something holds every order.
    """

    of: str
    currency: Currency
    origin: str
    limit: int | None
    exposure: int
    parts: Mapping[str, int] = field(factory=dict)
    accounts: int = 1
    unlimited: int = 0
    over: int = 0
    blocked: int = 0
    blocks: tuple[str, ...] = ()
    company: str = ""
    group: str = ""
    segment: str = ""
    risk_class: str = ""

    @property
    def headroom(self) -> int | None:
        """What is left of the limit, below zero where it is exceeded; ``None`` without a bound."""
        return None if self.limit is None else self.limit - self.exposure

    @property
    def percent(self) -> int | None:
        """What is used, as a whole percentage rounded down; ``None`` where there is nothing to divide by."""
        return self.exposure * 100 // self.limit if self.limit else None

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "of": self.of,
            "currency": self.currency.code,
            "limit": self._shown(self.limit),
            "exposure": self._shown(self.exposure),
            "headroom": self._shown(self.headroom),
            "percent": self.percent,
            **{name: self._shown(self.parts.get(name, 0)) for name in COMPONENTS},
            "accounts": self.accounts,
            "over": self.over,
            "unlimited": self.unlimited,
            "blocked": self.blocked,
        }

    def _shown(self, minor: int | None) -> str | None:
        return None if minor is None else str(Money(minor, self.currency).amount)


@final
@frozen(kw_only=True)
class Utilization:
    """What is used of limits on a date, as known at an instant; ``by`` says of what a line is."""

    as_of: dt.date | None
    known_at: dt.datetime | None
    by: str
    lines: tuple[UtilizationLine, ...] = field(repr=False)
    unpriced: tuple[tuple[str, str], ...] = ()
    """The accounts of which nothing can be said, with the code: a rate is missing or too old."""

    def grouped(self, by: str) -> Utilization:
        """The same by company, group, segment or risk class, a line for each and currency.

        Errors: `InvalidValue` for anything else, or where it was grouped before.
        """
        checks.one_of("utilization.by", by, GROUPINGS)
        if self.by != "account":
            raise InvalidValue("utilization.by", by, f"must be of accounts, and it is by {self.by} already")
        found: dict[tuple[str, Currency], list[UtilizationLine]] = {}
        for line in self.lines:
            found.setdefault((line.of if by == "account" else getattr(line, by), line.currency), []).append(line)
        keys = sorted(found, key=lambda key: (key[0], key[1].code))
        lines = tuple(_together(of, currency, found[of, currency]) for of, currency in keys)
        return Utilization(as_of=self.as_of, known_at=self.known_at, by=by, lines=lines, unpriced=self.unpriced)

    def with_room(self, *, least: Money | None = None, most_percent: int = 100) -> Utilization:
        """Those that could buy more: with a limit, nothing that holds their orders, and room; the most room first.

        ``least`` is how much room is wanted, in its currency alone; ``most_percent`` the most that may be used.
        """
        lines = [line for line in self.lines if not line.blocked and _has_room(line, least, most_percent)]
        lines.sort(key=lambda line: (line.currency.code, -(line.headroom or 0), line.of))
        return Utilization(as_of=self.as_of, known_at=self.known_at, by=self.by, lines=tuple(lines))

    def above(self, percent: int) -> Utilization:
        """Those that use more than a share of their limit, the most used first; a limit of zero that is used is the first."""
        lines = [line for line in self.lines if line.limit is not None and 100 * line.exposure > percent * line.limit]
        lines.sort(key=lambda line: (line.percent is not None, -(line.percent or 0), line.of, line.currency.code))
        return Utilization(as_of=self.as_of, known_at=self.known_at, by=self.by, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per line."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"utilization by {self.by}" + (f" on {self.as_of}" if self.as_of else "")

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no limit and nothing owed')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"U{self.title[1:]}")


def utilization(views: Iterable[View], policies: PolicyBook, rates: Sequence[ExchangeRate] = ()) -> Utilization:
    """What every account uses of its limits; an account without a credit policy is left out.

    >>> from receivables import CreditLimit, Customer, Invoice
    >>> day, eur = dt.date(2026, 3, 2), Currency.of("EUR")
    >>> def account(id, owed):
    ...     limit = CreditLimit(account=id, currency=eur, amount=Money.of(1000, "EUR"), valid_from=day)
    ...     invoice = Invoice.due(number=id, account=id, issued_on=day, total=Money.of(owed, "EUR"), due_on=day)
    ...     return Account.of(Customer(id=id, segment="retail"), invoices=[invoice], limits=[limit])
    >>> book = PolicyBook.of(CreditPolicy(id="standard", version=1))
    >>> used = utilization([account("ACME", 950).view(day), account("BETA", 200).view(day)], book)
    >>> [(line.of, line.percent, line.headroom) for line in used.lines]
    [('ACME', 95, 5000), ('BETA', 20, 80000)]
    >>> [(line.of, line.exposure, line.limit) for line in used.grouped("segment").lines]
    [('retail', 115000, 200000)]
    >>> [line.of for line in used.with_room(most_percent=50).lines], [line.of for line in used.above(90).lines]
    (['BETA'], ['ACME'])
    """
    lines: list[UtilizationLine] = []
    unpriced: list[tuple[str, str]] = []
    last: View | None = None
    for view in views:
        last = view
        policy = policies.credit_for(view.customer) if view.customer is not None else None
        for standing in _standings(view, policy, rates) if policy is not None else ():
            missing = next((each.code for each in standing.blocks if each.code.startswith("rate_")), None)
            if missing is not None:
                unpriced.append((view.account, missing))
            else:
                lines.append(_line(view, standing))
    return Utilization(
        as_of=last.as_of if last is not None else None,
        known_at=last.known_at if last is not None else None,
        by="account",
        lines=tuple(lines),
        unpriced=tuple(unpriced),
    )


def _standings(view: View, policy: CreditPolicy, rates: Sequence[ExchangeRate]) -> Iterator[CreditStanding]:
    for currency in policy.limited_in(view):
        yield policy.standing(view, currency, rates=rates)


def _line(view: View, standing: CreditStanding) -> UtilizationLine:
    customer, granted = view.customer, standing.granted
    assert customer is not None
    assert granted is not None  # a policy gives it
    money = standing.limit_currency
    shown = {name: amount for each in standing.used if each.currency == money for name, amount in each.signed()}
    counted = {name: amount for name, amount in shown.items() if name in standing.policy.counted}
    holding = tuple(each.code for each in standing.blocks if standing.answer(each.code) in ("hold", "refuse"))
    return UtilizationLine(
        of=view.account,
        currency=money,
        origin=granted.origin,
        limit=standing.limit,
        exposure=standing.exposure,
        parts=counted if len(standing.used) == 1 else {},
        unlimited=int(standing.limit is None),
        over=int(standing.limit is not None and standing.exposure > standing.limit),
        blocked=int(bool(holding)),
        blocks=holding,
        company=customer.company,
        group=customer.group or "",
        segment=customer.segment,
        risk_class=view.risk.risk_class or "",
    )


def _together(of: str, currency: Currency, lines: Sequence[UtilizationLine]) -> UtilizationLine:
    """Several lines as one: the sum of the limits, and what those use that have one.

    What an account without a bound uses counts in the exposure and in the components, and has no limit to be held against:
    with one of them the sum has none either.
    """
    limits = [line.limit for line in lines]
    parts: dict[str, int] = {}
    for line in lines:
        for name, amount in line.parts.items():
            parts[name] = parts.get(name, 0) + amount
    return UtilizationLine(
        of=of,
        currency=currency,
        origin="",
        limit=None if None in limits else sum(limit for limit in limits if limit is not None),
        exposure=sum(line.exposure for line in lines),
        parts=parts,
        accounts=sum(line.accounts for line in lines),
        unlimited=sum(line.unlimited for line in lines),
        over=sum(line.over for line in lines),
        blocked=sum(line.blocked for line in lines),
    )


def _has_room(line: UtilizationLine, least: Money | None, most_percent: int) -> bool:
    if line.headroom is None or line.limit is None or line.headroom <= 0:
        return False
    enough = least is None or (line.currency == least.currency and line.headroom >= least.minor)
    return enough and 100 * line.exposure <= most_percent * line.limit


# Over time -----------------------------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class UtilizationPoint:
    """One date of a series: limit and exposure in minor units, as known at an instant."""

    as_of: dt.date
    known_at: dt.datetime | None
    currency: Currency
    limit: int | None
    exposure: int

    @property
    def percent(self) -> int | None:
        """What is used, as a whole percentage rounded down; ``None`` where there is nothing to divide by."""
        return self.exposure * 100 // self.limit if self.limit else None

    def row(self) -> dict[str, object]:
        """The point as a plain dict."""
        return {
            "as_of": self.as_of,
            "currency": self.currency.code,
            "limit": None if self.limit is None else str(Money(self.limit, self.currency).amount),
            "exposure": str(Money(self.exposure, self.currency).amount),
            "percent": self.percent,
        }


@final
@frozen(kw_only=True)
class UtilizationSeries:
    """What an account used of its limit over time."""

    account: str
    points: tuple[UtilizationPoint, ...] = field(repr=False)

    @property
    def peak(self) -> UtilizationPoint | None:
        """The point at which the exposure was the highest, the first of several."""
        return max(self.points, key=lambda point: point.exposure, default=None)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per date."""
        return [point.row() for point in self.points]

    def __str__(self) -> str:
        return f"utilization of {self.account}\n{text_table(self.rows(), 'no dates')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"Utilization of {self.account}")


def utilization_over(
    account: Account,
    policies: PolicyBook,
    currency: str | Currency,
    dates: Iterable[dt.date],
    *,
    known_at: dt.date | dt.datetime | None = None,
    as_known_then: bool = False,
    rates: Sequence[ExchangeRate] = (),
    zone: dt.tzinfo = dt.UTC,
) -> UtilizationSeries:
    """What one account used of its limit on each of some dates, as known at an instant, or each as known at its own end.

    The policy is that of each date's customer. A date before the account was opened, or without a policy, has no point; nor
    has one on which a rate is missing.

    >>> from receivables import CreditLimit, Customer, Invoice
    >>> day, eur = dt.date(2026, 3, 2), Currency.of("EUR")
    >>> limit = CreditLimit(account="ACME", currency=eur, amount=Money.of(1000, "EUR"), valid_from=day)
    >>> later = day + dt.timedelta(days=9)
    >>> invoice = Invoice.due(number="1", account="ACME", issued_on=later, total=Money.of(950, "EUR"), due_on=later)
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], limits=[limit])
    >>> book = PolicyBook.of(CreditPolicy(id="standard", version=1))
    >>> [point.percent for point in utilization_over(account, book, "EUR", [day, later]).points]
    [0, 95]
    """
    money = Currency.of(currency) if isinstance(currency, str) else currency
    points = []
    for date in dates:
        view = account.view(date, date if as_known_then else known_at, zone=zone)
        policy = policies.credit_for(view.customer) if view.customer is not None else None
        standing = policy.standing(view, money, rates=rates) if policy is not None else None
        if standing is None or any(each.code.startswith("rate_") for each in standing.blocks):
            continue
        points.append(
            UtilizationPoint(
                as_of=date,
                known_at=view.known_at,
                currency=standing.limit_currency,
                limit=standing.limit,
                exposure=standing.exposure,
            )
        )
    return UtilizationSeries(account=account.id, points=tuple(points))
