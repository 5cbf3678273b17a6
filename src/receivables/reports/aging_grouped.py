"""The aging by group, segment, company, customer or collector: the lines of accounts that have something in common.

The key is a name of `KEYS`, any function of a view, or a mapping of accounts to names, such as who collects from whom.
What has no name is in a line of its own, `NOBODY`; so the total is always that of all accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import add
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import WrongType
from receivables.reports.aging import Aging, Line, aging
from receivables.reports.aging_buckets import EDGES
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency

Key = Callable[[View], str | None]

NOBODY: Final = "(none)"
"""The name of the line of what the key gives no name."""

KEYS: Final[Mapping[str, Key]] = MappingProxyType(
    {
        "account": lambda view: view.account,
        "customer": lambda view: view.customer.id if view.customer else None,
        "company": lambda view: view.customer.company if view.customer else None,
        "group": lambda view: view.customer.group if view.customer else None,
        "segment": lambda view: view.customer.segment if view.customer else None,
    }
)
"""What an aging can be grouped by, by name; all from the customer as of the date of the view."""


def aging_by(
    key: str | Key | Mapping[str, str],
    views: Iterable[View],
    *,
    name: str | None = None,
    edges: tuple[int, ...] = EDGES,
    by: str = "plan",
    unit: str = "days",
) -> Aging:
    """The aging of the accounts whose views are given, with a line for each group and currency, by name.

    ``name`` heads the column; without one it is the name of the key, or ``group``.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice, Money
    >>> def owing(id, segment):
    ...     due = Invoice.due(number=id, account=id, issued_on=dt.date(2026, 1, 5), total=Money.of("100", "EUR"),
    ...                       due_on=dt.date(2026, 2, 4))
    ...     return Account.of(Customer(id=id, segment=segment), invoices=[due]).view(dt.date(2026, 2, 11))
    >>> views = [owing("A", "retail"), owing("B", "trade"), owing("C", "retail")]
    >>> [(row["segment"], row["1-30"]) for row in aging_by("segment", views).rows()]
    [('retail', '200.00'), ('trade', '100.00')]
    >>> [(row["collector"], row["open"]) for row in aging_by({"A": "Ann", "B": "Bob"}, views, name="collector").rows()]
    [('(none)', '100.00'), ('Ann', '100.00'), ('Bob', '100.00')]

    Raises `WrongType` for what is no key, `InvalidValue` for a name that is not in `KEYS`, and what `aging` raises.
    """
    of = _key(key)
    groups: dict[str, str] = {}
    report = aging(_noted(views, of, groups), edges=edges, by=by, unit=unit)
    return regrouped(report, groups, name or (key if isinstance(key, str) else "group"))


def regrouped(report: Aging, groups: Mapping[str, str], name: str) -> Aging:
    """An aging by account with its lines added up by group; an account that has none is in that of `NOBODY`."""
    checks.text("aging.name", name)
    lines: dict[tuple[str, Currency], Line] = {}
    for line in report.lines:
        group = groups.get(line[0]) or NOBODY
        before = lines.get((group, line[1]))
        lines[group, line[1]] = (group, *line[1:]) if before is None else _sum(before, line)
    agreed: dict[tuple[str, Currency, str], int] = {}
    for account, currency, figure, minor in report.agreed:
        place = (groups.get(account) or NOBODY, currency, figure)
        agreed[place] = agreed.get(place, 0) + minor
    return attrs.evolve(
        report,
        of=name,
        lines=tuple(sorted(lines.values(), key=lambda line: (line[0], line[1].code))),
        agreed=tuple((*place, minor) for place, minor in agreed.items()),
    )


def _key(key: str | Key | Mapping[str, str]) -> Key:
    if isinstance(key, str):
        checks.one_of("aging.key", key, tuple(KEYS))
        return KEYS[key]
    if isinstance(key, Mapping):
        names = key
        return lambda view: names.get(view.account)
    if not callable(key):
        raise WrongType("aging.key", key, "a name, a function of a view, or a mapping of accounts to names")
    return key


def _noted(views: Iterable[View], of: Key, groups: dict[str, str]) -> Iterator[View]:
    """The views as they pass, with the group of each written down."""
    for view in views:
        groups[view.account] = of(view) or NOBODY
        yield view


def _sum(one: Line, other: Line) -> Line:
    return one[0], one[1], tuple(map(add, one[2], other[2])), tuple(map(add, one[3], other[3])), one[4] + other[4]
