"""Where a part payment goes: the order of costs, interest and principal, and the order among several debts.

A *debt* is what one invoice or installment brought about: its principal, with the interest and the costs that are on it.
Rules:

1. What the debtor designated goes first, as far as the order lets the debtor decide: the very item, or the debt with its
   costs and interest before its principal, or nothing.
2. An order either finishes one debt after the other (``debt_by_debt``, as the civil codes have it) or takes all costs,
   then all interest, then all principal of the account.
3. Among debts the named rules decide one after the other; the next one only among equals. Debts that are equal by all of
   them are taken as they are given, or in proportion.
4. Every placement says which rule placed it: the first rule by which it came before the debt that follows it.

The orders of laws are data, at the end of this module, each with its source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, zip_longest
from typing import Any, Final, NamedTuple, final

from attrs import define, evolve, frozen

from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.money import Money, exact

DEBT_KINDS: Final[Mapping[str, str]] = {"fee": "costs", "interest": "interest", "principal": "principal"}
"""Kind of an item -> the word of the law for it."""

DESIGNATIONS: Final = ("item", "debt", "ignored")
TIES: Final = ("in_order", "pro_rata")
SOURCE_KINDS: Final = ("credit_note", "invoice_part", "payment")


@final
@frozen(kw_only=True)
class Debt:
    """An item that money may go on. A fee and interest name their ``parent``, the item that they are on.

    ``rate_percent`` is the interest that it bears, which is what makes it burdensome; ``secured`` says that the creditor
    holds security for it.

    >>> Debt(item="INV-1/fee", kind="fee", parent="INV-1", open=Money.of("40.00", "EUR")).debt
    'INV-1'
    """

    item: str
    open: Money
    kind: str = "principal"
    parent: str | None = None
    due_on: dt.date | None = None
    rate_percent: Decimal = Decimal(0)
    secured: bool = False

    def __attrs_post_init__(self) -> None:
        checks.text("debt.item", self.item)
        checks.one_of("debt.kind", self.kind, tuple(DEBT_KINDS))
        checks.optional_text("debt.parent", self.parent)
        checks.instance("debt.open", self.open, Money, "money")
        if self.open.is_negative:
            raise InvalidValue("debt.open", str(self.open), "must not be below zero")
        checks.optional_day("debt.due_on", self.due_on)
        checks.instance("debt.rate_percent", self.rate_percent, Decimal, "a Decimal")
        exact("debt.rate_percent", self.rate_percent)
        checks.instance("debt.secured", self.secured, bool, "true or false")

    @property
    def debt(self) -> str:
        """The item that brought it about: its parent, or itself."""
        return self.item if self.parent is None else self.parent


@final
@frozen(kw_only=True)
class Placement:
    """So much of a payment or credit on one item, and the rule that placed it there.

    ``rule`` is a code of `RULES`; ``because`` says it in words, with the source of the rule.

    >>> str(Placement(item="INV-1", amount=Money.of("40.00", "EUR"), rule="oldest_due", because="oldest due first"))
    '40.00 EUR on INV-1: oldest due first'
    """

    item: str
    amount: Money
    rule: str
    because: str
    source: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("placement.item", self.item)
        checks.instance("placement.amount", self.amount, Money, "money")
        if not self.amount.is_positive:
            raise InvalidValue("placement.amount", str(self.amount), "must be more than zero")
        checks.one_of("placement.rule", self.rule, tuple(RULES))
        checks.text("placement.because", self.because)
        checks.optional_text("placement.source", self.source)

    def __str__(self) -> str:
        whose = "" if self.source is None else f" of {self.source}"
        return f"{self.amount}{whose} on {self.item}: {self.because}"


class Source(NamedTuple):
    """Money or a credit that is to be placed: its id, its amount, and whether it is a payment or a credit note."""

    id: str
    amount: Money
    kind: str = "payment"


RULES: Final[Mapping[str, str]] = {
    "designated": "designated by the debtor",
    "kind": "costs, interest and principal in their order",
    "fallen_due": "due before not yet due",
    "current_first": "the current month first",
    "least_secured": "less secured first",
    "most_burdensome": "most burdensome first",
    "oldest_due": "oldest due first",
    "smallest": "smallest first",
    "debt": "one debt after the other",
    "in_order": "in the order given",
    "pro_rata": "in proportion: equal by every rule",
    "only": "no other debt is left",
}
"""Code of a rule -> what it says."""

AMONG: Final[Mapping[str, Callable[[Debt, dt.date], Any]]] = {
    "fallen_due": lambda debt, on: debt.due_on is None or debt.due_on > on,
    "current_first": lambda debt, on: (
        debt.due_on is None or (debt.due_on.year, debt.due_on.month) != (on.year, on.month)
    ),
    "least_secured": lambda debt, on: debt.secured,
    "most_burdensome": lambda debt, on: -exact("debt.rate_percent", debt.rate_percent),
    "oldest_due": lambda debt, on: debt.due_on or dt.date.max,
    "smallest": lambda debt, on: debt.open.minor,
}
"""Code of a rule among debts -> its key: the lower comes first."""


@final
@frozen(kw_only=True)
class AppropriationOrder:
    """An order of appropriation: of kinds, among debts, and what the debtor may decide.

    ``kinds`` may be empty: then a fee is an item like any other. ``among`` names rules of `AMONG`, the first decides
    first. ``source`` is where the order of kinds stands, ``among_source`` the one among debts.

    >>> rent = AppropriationOrder(id="rent", version=1, among=("current_first", "oldest_due"))
    >>> debts = [Debt(item=f"2026-0{month}", open=Money.of(900, "EUR"), due_on=dt.date(2026, month, 3)) for month in (1, 2, 3)]
    >>> for placement in appropriate(Money.of(1000, "EUR"), debts, rent, on=dt.date(2026, 3, 5)):
    ...     print(placement)
    900.00 EUR on 2026-03: the current month first
    100.00 EUR on 2026-01: oldest due first
    """

    id: str
    version: int
    kinds: tuple[str, ...] = ()
    among: tuple[str, ...] = ("oldest_due",)
    debt_by_debt: bool = False
    designation: str = "item"
    ties: str = "in_order"
    source: str = ""
    among_source: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("order.id", self.id)
        checks.whole("order.version", self.version, least=1)
        checks.sequence("order.kinds", self.kinds, str, "texts")
        if self.kinds and sorted(self.kinds) != sorted(DEBT_KINDS):
            raise InvalidValue("order.kinds", self.kinds, "must be fee, interest and principal in some order, or empty")
        checks.sequence("order.among", self.among, str, "texts")
        for at, name in enumerate(self.among):
            checks.one_of(f"order.among[{at}]", name, tuple(AMONG))
        checks.instance("order.debt_by_debt", self.debt_by_debt, bool, "true or false")
        checks.one_of("order.designation", self.designation, DESIGNATIONS)
        checks.one_of("order.ties", self.ties, TIES)
        checks.text("order.source", self.source, empty=True)
        checks.text("order.among_source", self.among_source, empty=True)


# Placing ----------------------------------------------------------------------------------------------------------------


def appropriate(
    amount: Money,
    debts: Iterable[Debt],
    order: AppropriationOrder,
    *,
    on: dt.date,
    designated: Sequence[str] = (),
    source: str | None = None,
) -> tuple[Placement, ...]:
    """Place an amount on debts; what is more than is open is not placed.

    ``on`` is the value date. ``designated`` are the items that the debtor named, in that order.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> debts = [Debt(item="P", open=eur(10_000)), Debt(item="F", kind="fee", parent="P", open=eur(40)),
    ...          Debt(item="I", kind="interest", parent="P", open=eur(180))]
    >>> for placement in appropriate(eur(10_000), debts, BGB_367, on=dt.date(2026, 3, 2)):
    ...     print(placement)
    40.00 EUR on F: costs before interest (BGB s. 367(1))
    180.00 EUR on I: interest before principal (BGB s. 367(1))
    9780.00 EUR on P: no other debt is left

    Errors: `CurrencyMismatch`; `InvalidValue` for an amount below zero, an item that is given twice, or a designation
    of an item that is not among the debts.
    """
    ranked = _ranked(amount, tuple(debts), order, on, tuple(designated))
    placements, left = list[Placement](), amount.minor
    for lane in _lanes(ranked, order):
        if not left:
            break
        for item, minor, (rule, because) in _shares(lane, left, amount):
            left -= minor
            money = Money(minor, amount.currency)
            placements.append(Placement(item=item, amount=money, rule=rule, because=because, source=source))
    return tuple(placements)


def appropriate_all(
    sources: Iterable[Source],
    debts: Iterable[Debt],
    order: AppropriationOrder,
    *,
    on: dt.date,
    source_kinds: Sequence[str] = SOURCE_KINDS,
) -> tuple[Placement, ...]:
    """Place several payments and credits one after the other, credit notes first, else in the order given.

    >>> eur = lambda amount: Money.of(amount, "EUR")
    >>> sources = [Source("P-1", eur(100)), Source("CN-1", eur(30), "credit_note")]
    >>> for placement in appropriate_all(sources, [Debt(item="INV-1", open=eur(90))], OLDEST_FIRST, on=dt.date(2026, 3, 2)):
    ...     print(placement)
    30.00 EUR of CN-1 on INV-1: no other debt is left
    60.00 EUR of P-1 on INV-1: no other debt is left
    """
    rest, placements = tuple(debts), list[Placement]()
    for each in sorted(sources, key=lambda source: source_kinds.index(source.kind)):
        placed = appropriate(each.amount, rest, order, on=on, source=each.id)
        rest = left_open(rest, placed)
        placements += placed
    return tuple(placements)


def left_open(debts: Iterable[Debt], placements: Iterable[Placement]) -> tuple[Debt, ...]:
    """The debts with what is open after the placements; those that are paid are there with zero.

    >>> placed = Placement(item="INV-1", amount=Money.of(30, "EUR"), rule="only", because="no other debt is left")
    >>> [str(debt.open) for debt in left_open([Debt(item="INV-1", open=Money.of(90, "EUR"))], [placed])]
    ['60.00 EUR']
    """
    placed: dict[str, int] = {}
    for each in placements:
        placed[each.item] = placed.get(each.item, 0) + each.amount.minor
    return tuple(
        evolve(debt, open=Money(debt.open.minor - placed.get(debt.item, 0), debt.open.currency)) for debt in debts
    )


# Ranking ----------------------------------------------------------------------------------------------------------------

Key = tuple[tuple[str, Any], ...]
"""The values of a debt by the rules, in the order in which they decide."""


@define
class _Ranked:
    """A debt, its key among all, and how much of the key is shared by debts that are taken in proportion."""

    debt: Debt
    key: Key
    tie: Key


@define
class _Lane:
    """Debts that are placed together, with the rule of each; in proportion where there is more than one pile."""

    debts: list[Debt]
    piles: list[str]
    rules: list[tuple[str, str]]


def _ranked(
    amount: Money, debts: tuple[Debt, ...], order: AppropriationOrder, on: dt.date, designated: tuple[str, ...]
) -> list[_Ranked]:
    _check(amount, debts, designated)
    heads = _heads(debts)
    positions = {name: at for at, name in enumerate(heads)}
    found = []
    for at, debt in enumerate(debts):
        if debt.open.is_zero:
            continue
        said = (("designated", _designated(debt, order, designated)),)
        kind = (("kind", order.kinds.index(debt.kind)),) if order.kinds else ()
        own = _among(debt, order, on)
        place = (("in_order", at),)
        if order.debt_by_debt:
            tie = (*said, *_among(heads[debt.debt], order, on))
            key = (*tie, ("debt", positions[debt.debt]), *kind, *own, *place)
        else:
            tie = (*said, *kind, *own)
            key = (*tie, *place)
        found.append(_Ranked(debt, key, tie))
    return sorted(found, key=lambda each: [value for _, value in each.key])


def _heads(debts: Iterable[Debt]) -> dict[str, Debt]:
    """For each debt the item that stands for it: its principal, or what there is."""
    heads: dict[str, Debt] = {}
    for debt in debts:
        known = heads.get(debt.debt)
        if known is None or (debt.kind == "principal" and known.kind != "principal"):
            heads[debt.debt] = debt
    return heads


def _among(debt: Debt, order: AppropriationOrder, on: dt.date) -> Key:
    return tuple((name, AMONG[name](debt, on)) for name in order.among)


def _designated(debt: Debt, order: AppropriationOrder, designated: Sequence[str]) -> int:
    """The place of a debt in what the debtor named, below zero; zero if it was not named."""
    names = {"item": (debt.item,), "debt": (debt.item, debt.debt), "ignored": ()}[order.designation]
    return min((designated.index(name) - len(designated) for name in names if name in designated), default=0)


def _lanes(ranked: Sequence[_Ranked], order: AppropriationOrder) -> Iterator[_Lane]:
    """Debt after debt, or all that are equal by every rule together, where they are taken in proportion."""
    rules = [_rule(order, each, after) for each, after in zip_longest(ranked, ranked[1:])]
    together = _tie if order.ties == "pro_rata" else _alone
    for _, members in groupby(zip(ranked, rules, strict=True), key=lambda pair: together(pair[0])):
        lane = list(members)
        piles = [each.debt.debt if order.debt_by_debt else each.debt.item for each, _ in lane]
        yield _Lane([each.debt for each, _ in lane], piles, [rule for _, rule in lane])


def _tie(each: _Ranked) -> Key:
    return each.tie


def _alone(each: _Ranked) -> str:
    return each.debt.item


def _rule(order: AppropriationOrder, each: _Ranked, after: _Ranked | None) -> tuple[str, str]:
    """The first rule by which a debt comes before the one that follows it."""
    code = next((name for (name, mine), (_, other) in _pairs(each, after) if mine != other), "only")
    if code == "only" and each.key[0][1]:
        code = "designated"
    if code == "kind" and after is not None:
        words = f"{DEBT_KINDS[each.debt.kind]} before {DEBT_KINDS[after.debt.kind]}"
        return code, _with_source(words, order.source)
    return code, _with_source(RULES[code], order.among_source if code in AMONG else "")


def _pairs(each: _Ranked, after: _Ranked | None) -> Iterable[tuple[tuple[str, Any], tuple[str, Any]]]:
    return () if after is None else zip(each.key, after.key, strict=True)


def _with_source(words: str, source: str) -> str:
    return f"{words} ({source})" if source else words


def _shares(lane: _Lane, left: int, amount: Money) -> Iterator[tuple[str, int, tuple[str, str]]]:
    """How much goes on each debt of a lane, and why: each pile has its share, and is paid in order."""
    totals: dict[str, int] = {}
    for debt, pile in zip(lane.debts, lane.piles, strict=True):
        totals[pile] = totals.get(pile, 0) + debt.open.minor
    is_shared = len(totals) > 1 and left < sum(totals.values())
    shares = dict(zip(totals, _split(min(left, sum(totals.values())), totals, amount), strict=True))
    for debt, pile, rule in zip(lane.debts, lane.piles, lane.rules, strict=True):
        minor = min(shares[pile], debt.open.minor)
        shares[pile] -= minor
        if minor:
            yield debt.item, minor, ("pro_rata", RULES["pro_rata"]) if is_shared else rule


def _split(minor: int, totals: Mapping[str, int], amount: Money) -> list[int]:
    return [part.minor for part in Money(minor, amount.currency).split(totals.values(), remainder="largest")]


def _check(amount: Money, debts: tuple[Debt, ...], designated: tuple[str, ...]) -> None:
    checks.sequence("appropriate.debts", debts, Debt, "debts")
    if amount.is_negative:
        raise InvalidValue("appropriate.amount", str(amount), "must not be below zero")
    names = [debt.item for debt in debts]
    if len(set(names)) != len(names):
        raise InvalidValue("appropriate.debts", names, "must give each item once")
    known = {*names, *(debt.debt for debt in debts)}
    for at, name in enumerate(designated):
        if name not in known:
            raise InvalidValue(f"appropriate.designated[{at}]", name, "must be one of the debts")
    for debt in debts:
        if debt.open.currency != amount.currency:
            raise CurrencyMismatch(amount, debt.open)


# The orders -------------------------------------------------------------------------------------------------------------

COSTS_INTEREST_PRINCIPAL: Final = ("fee", "interest", "principal")
COSTS_PRINCIPAL_INTEREST: Final = ("fee", "principal", "interest")
BY_LAW: Final = ("fallen_due", "least_secured", "most_burdensome", "oldest_due")

BGB_367: Final = AppropriationOrder(
    id="BGB 367",
    version=1,
    kinds=COSTS_INTEREST_PRINCIPAL,
    among=BY_LAW,
    debt_by_debt=True,
    designation="debt",
    ties="pro_rata",
    source="BGB s. 367(1)",
    among_source="BGB s. 366(2)",
)
"""Germany: one debt after the other, on each of them costs, interest, principal."""

BGB_497: Final = AppropriationOrder(
    id="BGB 497",
    version=1,
    kinds=COSTS_PRINCIPAL_INTEREST,
    among=BY_LAW,
    debt_by_debt=True,
    designation="debt",
    ties="pro_rata",
    source="BGB s. 497(3)",
    among_source="BGB s. 366(2)",
)
"""Germany, consumer credit in default: interest last, so that the principal falls and bears less."""

CODE_CIVIL: Final = AppropriationOrder(
    id="Code civil",
    version=1,
    kinds=COSTS_INTEREST_PRINCIPAL,
    among=("fallen_due", "most_burdensome", "oldest_due"),
    debt_by_debt=True,
    designation="debt",
    ties="pro_rata",
    source="Code civil art. 1343-1",
    among_source="Code civil art. 1342-10",
)
"""France: interest before principal; the law is silent on costs, which go first here. The debt that the debtor has most
interest in paying is the one that bears the highest rate."""

CODICE_CIVILE: Final = AppropriationOrder(
    id="Codice civile",
    version=1,
    kinds=COSTS_INTEREST_PRINCIPAL,
    among=BY_LAW,
    debt_by_debt=True,
    designation="debt",
    ties="pro_rata",
    source="Codice civile art. 1194",
    among_source="Codice civile art. 1193",
)
"""Italy: without the creditor's consent nothing goes on the principal before interest and costs."""

PRINCIPAL_FIRST: Final = AppropriationOrder(id="principal first", version=1, kinds=("principal", "interest", "fee"))
"""By contract, or where the creditor accepts that the debtor designates the principal."""

OLDEST_FIRST: Final = AppropriationOrder(id="oldest first", version=1)
"""Usual in ledgers: whatever fell due first, a fee like any other item."""

LAWS: Final = (BGB_367, BGB_497, CODE_CIVIL, CODICE_CIVILE)
"""The orders that stand in a law."""
