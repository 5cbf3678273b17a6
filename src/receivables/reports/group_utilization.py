"""Utilization of groups: the limit that members have in common, what all of them use of it, and what is left to each.

1. A line is a group in a currency: the limit on the group's own account and the sum of what its members use.
2. A member is who belongs to the group on the date of its view. What it uses counts as the credit policy of the group says, which
   is the one that the book gives for the account of the group, so that the members add up to the group.
3. What a member may still buy is bounded by its own limit and by what is left to all: the smaller of the two, below zero where one
   of them is exceeded.

The sum of what the members may have by themselves is another figure: `Utilization.grouped` gives it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import final

from attrs import field, frozen

from receivables.documents.customer import Customer, group_of
from receivables.documents.exchange import ExchangeRate
from receivables.policies.book import PolicyBook
from receivables.policies.credit import CreditPolicy, GroupStanding
from receivables.reports.table import html_table, text_table
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class MemberLine:
    """One member of a group in a currency, in minor units; ``limit`` ``None`` is no bound of its own.

    ``room`` is how much more it may use, by its own limit and by that of the group; ``None`` where neither binds.
    """

    of: str
    limit: int | None
    exposure: int
    room: int | None


@final
@frozen(kw_only=True)
class GroupLine:
    """One group in one currency, in minor units; ``limit`` ``None`` is unlimited, or none where it is ``unset``."""

    group: str
    currency: Currency
    limit: int | None
    exposure: int
    unset: bool = False
    members: tuple[MemberLine, ...] = field(default=(), repr=False)

    @property
    def headroom(self) -> int | None:
        """What is left of the limit, below zero where it is exceeded; ``None`` without a bound."""
        return None if self.limit is None else self.limit - self.exposure

    @property
    def percent(self) -> int | None:
        """What is used, as a whole percentage rounded down; ``None`` where there is nothing to divide by."""
        return _percent(self.limit, self.exposure)


def _rows(line: GroupLine) -> list[dict[str, object]]:
    """A group as a plain dict, and after it one for each member."""
    own = _row(line, "", line.limit, line.exposure, line.headroom)
    return [own, *(_row(line, each.of, each.limit, each.exposure, each.room) for each in line.members)]


def _row(line: GroupLine, member: str, limit: int | None, exposure: int, room: int | None) -> dict[str, object]:
    return {
        "group": line.group,
        "member": member,
        "currency": line.currency.code,
        "limit": _shown(limit, line.currency),
        "exposure": _shown(exposure, line.currency),
        "headroom": _shown(room, line.currency),
        "percent": _percent(limit, exposure),
    }


def _shown(minor: int | None, currency: Currency) -> str | None:
    return None if minor is None else str(Money(minor, currency).amount)


def _percent(limit: int | None, exposure: int) -> int | None:
    return exposure * 100 // limit if limit else None


@final
@frozen(kw_only=True)
class GroupUtilization:
    """What groups use of their limits on a date, as known at an instant, by the name of the group."""

    as_of: dt.date | None
    known_at: dt.datetime | None
    lines: tuple[GroupLine, ...] = field(repr=False)
    unpriced: tuple[tuple[str, str], ...] = ()
    """The groups of which nothing can be said, with the code: a rate is missing or too old."""

    def above(self, percent: int) -> GroupUtilization:
        """Those that use more than a share of their limit."""
        lines = (line for line in self.lines if line.limit is not None and 100 * line.exposure > percent * line.limit)
        return GroupUtilization(as_of=self.as_of, known_at=self.known_at, lines=tuple(lines))

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per group, and one for each of its members; that of a group names no member."""
        return [row for line in self.lines for row in _rows(line)]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return "utilization of groups" + (f" on {self.as_of}" if self.as_of else "")

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no group has an account')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), f"U{self.title[1:]}")


def group_utilization(
    views: Iterable[View], policies: PolicyBook, rates: Sequence[ExchangeRate] = ()
) -> GroupUtilization:
    """What groups use of their limits; ``views`` are those of their own accounts and of all members, in any order;
    an account that is named twice counts once.

    A group without an account of its own, or for whose account the book has no credit policy, has no line; other accounts are
    left alone.

    >>> from receivables import CreditLimit, Invoice, fold
    >>> from receivables.facts.credit import LimitSet
    >>> from receivables.facts.customer import GroupOpened
    >>> from receivables.state.account import Account
    >>> day, eur = dt.date(2026, 3, 2), Currency.of("EUR")
    >>> then = {"effective_on": day, "recorded_at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)}
    >>> limit = CreditLimit(account="group:G", currency=eur, amount=Money.of(1000, "EUR"), valid_from=day)
    >>> group = fold([GroupOpened(group="G", **then), LimitSet(limit=limit, **then)])
    >>> def member(id, owed, granted):
    ...     limit = CreditLimit(account=id, currency=eur, amount=Money.of(granted, "EUR"), valid_from=day)
    ...     invoice = Invoice.due(number=id, account=id, issued_on=day, total=Money.of(owed, "EUR"), due_on=day)
    ...     return Account.of(Customer(id=id, group="G"), invoices=[invoice], limits=[limit])
    >>> views = [each.view(day) for each in (group, member("NORTH", 500, 600), member("SOUTH", 200, 900))]
    >>> (line,) = group_utilization(views, PolicyBook.of(CreditPolicy(id="standard", version=1))).lines
    >>> line.exposure, line.headroom, line.percent
    (70000, 30000, 70)
    >>> [(each.of, each.room) for each in line.members]
    [('NORTH', 10000), ('SOUTH', 30000)]
    """
    common: dict[str, View] = {}
    members: dict[str | None, dict[str, View]] = {}
    last: View | None = None
    for view in views:
        last = view
        group = group_of(view.account)
        if view.customer is not None:
            members.setdefault(view.customer.group, {})[view.account] = view
        elif group is not None:
            common[group] = view
    lines: list[GroupLine] = []
    unpriced: list[tuple[str, str]] = []
    for group in sorted(common):
        of_group = sorted(members.get(group, {}).values(), key=lambda view: view.account)
        for found in _lines(group, common[group], of_group, policies, rates):
            if isinstance(found, GroupLine):
                lines.append(found)
            else:
                unpriced.append((group, found))
    return GroupUtilization(
        as_of=last.as_of if last is not None else None,
        known_at=last.known_at if last is not None else None,
        lines=tuple(lines),
        unpriced=tuple(unpriced),
    )


def _lines(
    group: str, common: View, members: Sequence[View], policies: PolicyBook, rates: Sequence[ExchangeRate]
) -> Iterator[GroupLine | str]:
    """The line of a group in each currency, or the code that says why there is none."""
    policy = policies.credit_for(Customer(id=common.account))
    if policy is None:
        return
    for currency in _currencies(policy, common, members):
        standing = policy.group_standing(group, common, members, currency, rates)
        if standing.reason is not None:
            yield standing.reason.code
            continue
        yield GroupLine(
            group=group,
            currency=currency,
            limit=standing.limit,
            exposure=standing.exposure,
            unset=standing.unset,
            members=tuple(_member(view, standing, currency, policy, policies, rates) for view in members),
        )


def _currencies(policy: CreditPolicy, common: View, members: Sequence[View]) -> Sequence[Currency]:
    """That of all limits, or those in which the group has a limit or a member uses anything, by code."""
    if policy.limit_currency is not None:
        return (policy.limit_currency,)
    found = {limit.currency for limit in common.limits}
    found |= {each.currency for view in members for each in policy.exposures(view)}
    return sorted(found, key=lambda currency: currency.code)


def _member(
    view: View,
    group: GroupStanding,
    currency: Currency,
    policy: CreditPolicy,
    policies: PolicyBook,
    rates: Sequence[ExchangeRate],
) -> MemberLine:
    """What a member uses by the policy of the group, beside the limit that its own policy gives it."""
    own = policies.credit_for(view.customer) if view.customer is not None else None
    limit = own.granted(view, currency, group).limit if own is not None else None
    exposure = policy.standing(view, currency, rates=rates).exposure
    rooms = [limit - exposure] if limit is not None else []
    rooms += [group.limit - group.exposure] if group.limit is not None else []
    return MemberLine(of=view.account, limit=limit, exposure=exposure, room=min(rooms, default=None))
