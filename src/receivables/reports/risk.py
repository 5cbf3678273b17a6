"""Risk classes over a portfolio: who moved from which class to which, and how many customers and how much money are in each.

Both read views, one account at a time, and keep counts only: a million accounts need no more memory than ten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.reports.table import html_table, text_table
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money

UNSCORED: Final = "unscored"
"""Stands for no class: a customer that was not scored by then."""


@final
@frozen(kw_only=True)
class MigrationMatrix:
    """How many customers went from each class to each, between two dates; the order of ``classes`` is from the best."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """One row for each class before, one figure in it for each class after."""

    def count(self, before: str, after: str) -> int:
        """How many were in the one class before and are in the other after."""
        return self.counts[self._at(before)][self._at(after)]

    def share(self, before: str, after: str) -> Fraction | None:
        """The share of the one class that went to the other; ``None`` where nobody was in it."""
        row = self.counts[self._at(before)]
        return Fraction(row[self._at(after)], sum(row)) if any(row) else None

    @property
    def worse(self) -> int:
        """How many went to a class further down; to and from `UNSCORED` is neither."""
        return self._moved(1)

    @property
    def better(self) -> int:
        """How many went to a class further up."""
        return self._moved(-1)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per class before, with the count of each class after."""
        return [
            {"from": name, **dict(zip(self.classes, row, strict=True)), "all": sum(row)}
            for name, row in zip(self.classes, self.counts, strict=True)
        ]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"migration of {sum(map(sum, self.counts))} customers: {self.worse} worse, {self.better} better"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows())}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)

    def _at(self, name: str) -> int:
        if name not in self.classes:
            raise InvalidValue("migration.class", name, f"must be one of {', '.join(self.classes)}")
        return self.classes.index(name)

    def _moved(self, sign: int) -> int:
        scored = [at for at, name in enumerate(self.classes) if name != UNSCORED]
        return sum(self.counts[one][other] for one in scored for other in scored if (other - one) * sign > 0)


def migration(pairs: Iterable[tuple[View, View]], classes: Sequence[str]) -> MigrationMatrix:
    """Who moved from which class to which: for each customer its view before and after, each as known then or now.

    Two customers, of whom one went from A to C:

    >>> import datetime as dt
    >>> from receivables import Account, Customer, fold
    >>> from receivables.documents.notice import PolicyRef
    >>> from receivables.documents.risk import RiskScore
    >>> from receivables.facts.risk import CustomerScored
    >>> def scored(id, *classes):
    ...     return fold([CustomerScored(
    ...         score=RiskScore(points=0, risk_class=name, scorecard=PolicyRef(id="x", version=1, digest="")),
    ...         effective_on=dt.date(2026, month, 1), recorded_at=dt.datetime(2026, month, 1, tzinfo=dt.UTC))
    ...         for month, name in enumerate(classes, 1)], Account.of(Customer(id=id)))
    >>> accounts = [scored("ACME", "A", "C"), scored("BETA", "B", "B")]
    >>> days = dt.date(2026, 1, 31), dt.date(2026, 2, 28)
    >>> print(migration([tuple(account.view(day) for day in days) for account in accounts], ["A", "B", "C"]))
    migration of 2 customers: 1 worse, 0 better
    from      A  B  C  unscored  all
    A         0  0  1         0    1
    B         0  1  0         0    1
    C         0  0  0         0    0
    unscored  0  0  0         0    0

    Errors: `InvalidValue` for a class that is not among ``classes``, or views of two accounts in a pair.
    """
    names = (*classes, UNSCORED)
    if len(set(names)) != len(names):
        raise InvalidValue("migration.classes", list(classes), f"must name each class once, and none {UNSCORED!r}")
    counted: Counter[tuple[str, str]] = Counter()
    for before, after in pairs:
        if before.account != after.account:
            raise InvalidValue("migration.pairs", after.account, f"must be of account {before.account!r} too")
        counted[_class_of(before), _class_of(after)] += 1
    strangers = sorted({name for pair in counted for name in pair} - set(names))
    if strangers:
        raise InvalidValue("migration.classes", list(classes), f"must have {strangers[0]!r}")
    counts = tuple(tuple(counted[one, other] for other in names) for one in names)
    return MigrationMatrix(classes=names, counts=counts)


@final
@frozen(kw_only=True, weakref_slot=False)
class ClassLine:
    """One class in one segment: how many customers, and what they owe in one currency."""

    risk_class: str
    segment: str
    customers: int
    open: Money

    def row(self) -> dict[str, object]:
        """The line as a plain dict."""
        return {
            "class": self.risk_class,
            "segment": self.segment,
            "currency": self.open.currency.code,
            "customers": self.customers,
            "open": str(self.open.amount),
        }


@final
@frozen(kw_only=True)
class Distribution:
    """Customers and open amounts by class and segment; a customer that owes in two currencies stands in two lines."""

    customers: tuple[tuple[str, str, int], ...]
    """Class, segment, how many customers: each counts once, whatever it owes."""
    lines: tuple[ClassLine, ...] = field(repr=False)

    def count(self, risk_class: str, segment: str | None = None) -> int:
        """How many customers are in a class, in one segment or in all."""
        return sum(count for name, of, count in self.customers if name == risk_class and segment in (None, of))

    def open(self, risk_class: str, currency: str | Currency) -> Money:
        """What the customers of a class owe in a currency."""
        wanted = Currency.of(currency) if isinstance(currency, str) else currency
        mine = (line.open for line in self.lines if line.risk_class == risk_class and line.open.currency == wanted)
        return Money.total(mine, wanted)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per class, segment and currency in which something is open."""
        return [line.row() for line in self.lines]

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"risk classes of {sum(count for _, _, count in self.customers)} customers"

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'nothing is open')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def distribution(views: Iterable[View], classes: Sequence[str]) -> Distribution:
    """How many customers are in each class and segment, and what they owe; the classes in their order.

    The account of a group, and one that is part of another, have no customer of their own and are left out.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5), total=Money.of(500, "EUR"),
    ...                       due_on=dt.date(2026, 2, 4))
    >>> account = Account.of(Customer(id="ACME", segment="retail"), invoices=[invoice])
    >>> print(distribution([account.view(dt.date(2026, 2, 1))], ["A", "B"]))
    risk classes of 1 customers
    class     segment  currency  customers    open
    unscored  retail   EUR               1  500.00

    Errors: `InvalidValue` for a class that is not among ``classes``.
    """
    names = (*classes, UNSCORED)
    counted: Counter[tuple[str, str]] = Counter()
    owing: Counter[tuple[str, str, Currency]] = Counter()
    owed: Counter[tuple[str, str, Currency]] = Counter()
    for view in views:
        if view.customer is None or view.merged_into is not None:
            continue
        where = _class_of(view), view.customer.segment
        if where[0] not in names:
            raise InvalidValue("distribution.classes", list(classes), f"must have {where[0]!r}")
        counted[where] += 1
        for book in view.books:
            owing[(*where, book.currency)] += 1
            owed[(*where, book.currency)] += book.total
    keys = sorted(owed, key=lambda key: (names.index(key[0]), key[1], key[2].code))
    return Distribution(
        customers=tuple(
            (*where, counted[where]) for where in sorted(counted, key=lambda key: (names.index(key[0]), key[1]))
        ),
        lines=tuple(
            ClassLine(risk_class=key[0], segment=key[1], customers=owing[key], open=Money(owed[key], key[2]))
            for key in keys
        ),
    )


def _class_of(view: View) -> str:
    return view.risk.risk_class or UNSCORED
