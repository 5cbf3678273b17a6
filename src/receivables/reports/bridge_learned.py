"""What was learned about a date, entry by entry: which entries have to do with one another, and what each one changes.

Entries are tied by the items, credits and plans that they name. Aging adds up over groups that have nothing to do with one
another, so what an entry changes is worked out in its own group alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import sub
from types import MappingProxyType
from typing import Any, Final, NamedTuple, final

import attrs

from receivables.reports.aging import Aging, aging
from receivables.state.account import Account
from receivables.state.composition import brought_by, columns_of, mentioned
from receivables.state.viewing import build_view
from receivables.values.currencies import Currency

_OF_CREDIT: Final[Mapping[str, str]] = MappingProxyType(
    {"payment": "late_payment", "credit_note": "late_credit_note", "invoice_part": "late_invoice"}
)

_OF_REDUCTION: Final[Mapping[str, str]] = MappingProxyType(
    {"write_off": "write_off", "written_off": "write_off", "recovered": "recovery"}
)

_SLICES: Final = frozenset({"ledger", "cash", "disputes", "payment_plans"})
"""The slices that decide what is open, what is on account, and how it ages."""

_TIES: Final = frozenset({"item", "credit", "allocation", "difference", "plan", "dispute"})
"""Kinds of things through which entries have to do with one another."""

_ORDER: Final[Mapping[str, int]] = MappingProxyType(
    {column: at for at, column in enumerate(("items", "datings", "credits", "fates", "undoings"))}
)
"""Of one instant: what there is before what is done with it, and what is taken back before it is applied anew."""

_EMPTY: Final = Account()

Figures = tuple[tuple[int, ...], int]
"""Amounts per bucket, youngest first, and what is on account, in minor units."""


class Placed(NamedTuple):
    """An entry with the slice and the column that it stands in."""

    slice: str
    column: str
    entry: Any


def entries_of(account: Account) -> Iterator[Placed]:
    """What decides what is open."""
    for slice_, column, entries in columns_of(account):
        if slice_ in _SLICES:
            yield from (Placed(slice_, column, entry) for entry in entries)


def in_order(each: Placed) -> tuple[dt.datetime, int]:
    """The order in which entries are put in."""
    return each.entry.recorded_at, _ORDER.get(each.column, len(_ORDER))


@final
class Links:
    """Which entries have to do with one another, through the items, credits and plans that they name."""

    def __init__(self, entries: Iterable[Placed]) -> None:
        self._above: dict[str, str] = {}
        self._first: dict[int, str] = {}
        for each in entries:
            names = list(_names(each))
            for name in names[1:]:
                self._above[self._top(names[0])] = self._top(name)
            self._first[id(each.entry)] = names[0] if names else ""

    def of(self, each: Placed) -> str:
        """The name of the group that an entry belongs to."""
        return self._top(self._first[id(each.entry)])

    def _top(self, name: str) -> str:
        above = self._above
        while (parent := above.get(name, name)) != name:
            above[name] = above.get(parent, parent)
            name = parent
        return name


def _names(each: Placed) -> Iterator[str]:
    """The ids that tie an entry to others."""
    for kind, name in (*brought_by(each.column, each.entry), *mentioned(each.entry)):
        if kind in _TIES:
            yield name


@final
class Group:
    """The entries of a group, and what their aging is by now."""

    def __init__(self, like: Aging) -> None:
        self._like = like
        self._columns: dict[str, dict[str, list[Any]]] = {}
        self._last: dict[Currency, Figures] | None = None

    def add(self, each: Placed) -> None:
        """An entry that was known before."""
        self._columns.setdefault(each.slice, {}).setdefault(each.column, []).append(each.entry)

    def learn(self, each: Placed) -> Iterator[tuple[Currency, tuple[int, ...], int]]:
        """An entry that was learned: what it changes, by currency."""
        last = self._figures() if self._last is None else self._last
        self.add(each)
        self._last = self._figures()
        for currency, (sums, on_account) in less(self._last, last).items():
            if any(sums) or on_account:
                yield currency, sums, on_account

    def _figures(self) -> dict[Currency, Figures]:
        slices = {
            name: attrs.evolve(getattr(_EMPTY, name), **{column: tuple(entries) for column, entries in columns.items()})
            for name, columns in self._columns.items()
        }
        view = build_view(attrs.evolve(_EMPTY, **slices), self._like.as_of or dt.date.max, None)
        return figures(aging(view, edges=self._like.edges, by=self._like.by, unit=self._like.unit))


def figures(report: Aging) -> dict[Currency, Figures]:
    """The lines of an aging of one account, by currency."""
    return {line[1]: (tuple(reversed(line[2])), line[4]) for line in report.lines}


def less(left: Mapping[Currency, Figures], right: Mapping[Currency, Figures]) -> dict[Currency, Figures]:
    """The one less the other, by currency."""
    found = dict(left)
    for currency, (sums, on_account) in right.items():
        had, had_on_account = found.get(currency, ((0,) * len(sums), 0))
        found[currency] = (tuple(map(sub, had, sums)), had_on_account - on_account)
    return found


@final
class Codes:
    """What a learned entry is called: by its column, and for what is applied and taken back by what it is about."""

    def __init__(self, account: Account, new: Iterable[Placed]) -> None:
        self._kinds = {credit.id: credit.kind for credit in account.cash.credits}
        columns: tuple[tuple[Any, ...], ...] = (account.cash.allocations, account.cash.reductions, account.cash.uses)
        self._made: dict[str | None, Any] = {each.id: each for column in columns for each in column}
        learned: dict[str, list[Any]] = {}  # by column
        for each in new:
            learned.setdefault(each.column, []).append(each.entry)
        self._credits = {each.id for each in learned.get("credits", ())}
        self._fates: dict[str | None, str] = {each.payment: self.of_fate(each) for each in learned.get("fates", ())}
        undone = (self._made.get(each.allocation) for each in learned.get("undoings", ()))
        self._freed = {end for each in undone if each is not None for end in (each.source, getattr(each, "item", None))}
        self._applied = {end for each in learned.get("allocations", ()) for end in (each.source, each.item)}

    def __call__(self, each: Placed) -> str:
        """The code of an entry; one of `receivables.reports.bridge.BRIDGE_CODES`."""
        code_of = _CODES.get(each.column)
        return "other" if code_of is None else code_of(self, each.entry)

    def undone(self, entry: Any) -> Any:
        """What an entry takes back, or itself."""
        return self._made.get(getattr(entry, "allocation", None), entry)

    def of_item(self, entry: Any) -> str:
        """An invoice or a charge."""
        return "late_invoice" if entry.kind == "invoice" else "late_charge"

    def of_credit(self, entry: Any) -> str:
        """A payment, a credit note, or what came from elsewhere."""
        return _OF_CREDIT.get(entry.kind, "late_credit")

    def of_fate(self, entry: Any) -> str:
        """Money that is there after all, or is not."""
        return "late_payment" if entry.status == "settled" else "payment_returned"

    def of_allocation(self, entry: Any) -> str:
        """As what it is applied of, where that was learned; a correction, where the same was taken back elsewhere."""
        if entry.source in self._fates:
            return self._fates[entry.source]
        if entry.source in self._credits:
            return _OF_CREDIT.get(self._kinds.get(entry.source, ""), "late_credit")
        return "re_application" if {entry.source, entry.item} & self._freed else "application"

    def of_undoing(self, entry: Any) -> str:
        """As what became of the money, where that was learned; a correction, where it was applied elsewhere."""
        made = self._made.get(entry.allocation)
        ends = (getattr(made, "source", None), getattr(made, "item", None))
        if ends[0] in self._fates:
            return self._fates[ends[0]]
        return "re_application" if set(ends) & self._applied else "taken_back"

    def of_reduction(self, entry: Any) -> str:
        """A part that was settled without money, or a charge that is not owed."""
        return _OF_REDUCTION.get(entry.kind, "difference" if entry.id else "charge_correction")


_CODES: Final[Mapping[str, Callable[[Codes, Any], str]]] = MappingProxyType(
    {
        "items": Codes.of_item,
        "credits": Codes.of_credit,
        "fates": Codes.of_fate,
        "allocations": Codes.of_allocation,
        "undoings": Codes.of_undoing,
        "reductions": Codes.of_reduction,
        "uses": lambda codes, entry: "credit_used",
        "datings": lambda codes, entry: "due_date",
        "agreed": lambda codes, entry: "payment_plan",
        "reinstatements": lambda codes, entry: "payment_plan",
        "cancellations": lambda codes, entry: "payment_plan",
        "opened": lambda codes, entry: "dispute",
        "resolutions": lambda codes, entry: "dispute",
    }
)
"""Column -> the code of an entry in it."""
