"""What an amount is to some items: exact, short by a discount, within the tolerance, or not explained.

The discount is the one that the invoice froze, judged by the bank's value date. Everything here is in minor units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from receivables.documents.discounts import DiscountStatus, discount_on, eligible
from receivables.policies.matching_index import MatchIndex, Span
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_subsets import exact_subset
from receivables.values.money import Money

Parts = tuple[tuple[int, int], ...]
"""(position, amount) of each item that is paid on."""


class Explained(NamedTuple):
    """Items with what they are paid, and what the difference is taken for; ``kind`` as in a proposal."""

    kind: str
    parts: Parts
    difference: int
    """The payment less what was open of the items."""
    discount: int = 0
    less: tuple[int, ...] = ()
    """The positions of which a discount is taken off."""


class Case(NamedTuple):
    """One payment in one span."""

    among: MatchIndex
    policy: MatchingPolicy
    span: Span
    minor: int
    value_date: dt.date
    stated: int = 0
    """What the payer says that it kept back."""


_RANK = {"exact_amount": 0, "discount": 1, "tolerance": 2}
"""What explains more comes first; what explains nothing comes last."""


def explain(case: Case, positions: Sequence[int]) -> Explained:
    """What the payment is to all these items; positions in their order, which is the oldest due first."""
    index, minor = case.among, case.minor
    open_ = [(at, index.open_at(at)) for at in positions]
    total = sum(amount for _, amount in open_)
    difference = minor - total
    if difference == 0:
        return Explained("exact_amount", tuple(open_), 0)
    granted, lapsed = _discounts(case, positions)
    if difference < 0 and (taken := _taken(case, granted, -difference)):
        return _less(open_, taken, "discount", difference)
    tolerance = case.policy.tolerance(case.span.currency, total)
    discount = sum(granted.values())
    if abs(difference) <= min(tolerance, abs(difference + discount)):
        return Explained("tolerance", _filled(open_, minor), difference)
    if granted and abs(difference + discount) <= tolerance:
        return Explained("discount", _filled(_net(open_, granted), minor), difference, discount, tuple(granted))
    if case.stated and difference + case.stated == 0:
        return Explained("deduction", _filled(open_, minor), difference)
    if lapsed and difference + discount + sum(lapsed.values()) == 0:
        return _less(open_, {**granted, **lapsed}, "unearned_discount", difference)
    kind = "short_payment" if difference < 0 else "overpayment"
    return Explained(kind, _filled(open_, minor), difference)


def best_of(case: Case, named: Sequence[int]) -> Explained:
    """What the payment is to the items that it names, or to the part of them that it can be meant for.

    Who names an invoice may mean it without the fees on it, or its oldest installment, or some of them from the oldest on.
    The whole comes first, and what explains more comes before what explains less.
    """
    tried = [explain(case, positions) for positions in _readings(case.among, named)]
    return min(enumerate(tried), key=lambda each: (_RANK.get(each[1].kind, 3), each[0]))[1]


def net_of_discount(case: Case, span: int) -> Iterator[int]:
    """The items of a span that the payment settles with a discount that may be taken."""
    for at in case.among.layout.nets.get((span, case.minor), ()):
        if case.among.open_at(at) and explain(case, (at,)).kind == "discount":
            yield at


def _readings(index: MatchIndex, named: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The sets of items that a list of numbers can mean, the widest first."""
    yield tuple(named)
    if len(named) == 1:
        return
    items = index.layout.items
    principal = tuple(at for at in named if items[at].kind == "invoice")
    if principal and len(principal) < len(named):
        yield principal
    by_document: dict[str, list[int]] = {}
    for at in principal:
        by_document.setdefault(items[at].document, []).append(at)
    if len(by_document) == 1:
        yield from (principal[:count] for count in range(1, len(principal)))
    elif len(by_document) < len(principal):
        yield tuple(sorted(places[0] for places in by_document.values()))


def _discounts(case: Case, positions: Iterable[int]) -> tuple[dict[int, int], dict[int, int]]:
    """The discounts that may be taken on the value date, and those whose last day is over."""
    offered = case.among.layout.discounts
    granted: dict[int, int] = {}
    lapsed: dict[int, int] = {}
    if not offered:
        return granted, lapsed
    for at in positions:
        part = offered.get(at)
        status, window = eligible(part, case.value_date, late_allowed=case.policy.late_discount) if part else _NONE
        if part is not None and window is not None:
            open_ = case.among.open_at(at)
            amount = min(open_, discount_on(part, window, Money(open_, case.span.currency)).minor)
            (lapsed if status is DiscountStatus.UNEARNED else granted)[at] = amount
    return granted, lapsed


_NONE = (DiscountStatus.NONE, None)


def _taken(case: Case, granted: Mapping[int, int], missing: int) -> dict[int, int]:
    """The discounts that come exactly to what is missing: all of them, or else some."""
    if sum(granted.values()) == missing:
        return dict(granted)
    places = sorted(granted)
    amounts = [granted[at] for at in places]
    found = exact_subset(amounts, missing, most_items=len(places), most_steps=case.policy.most_steps)
    if found.positions is None or found.ambiguous:
        return {}
    return {places[n]: amounts[n] for n in found.positions}


def _less(open_: list[tuple[int, int]], less: Mapping[int, int], kind: str, difference: int) -> Explained:
    return Explained(kind, _net(open_, less), difference, sum(less.values()), tuple(less))


def _net(open_: Iterable[tuple[int, int]], less: Mapping[int, int]) -> Parts:
    return tuple((at, amount - less.get(at, 0)) for at, amount in open_ if amount > less.get(at, 0))


def _filled(open_: Iterable[tuple[int, int]], minor: int) -> Parts:
    """The items one after another, as far as the payment goes."""
    parts = []
    for at, amount in open_:
        if minor <= 0:
            break
        parts.append((at, min(amount, minor)))
        minor -= amount
    return tuple(parts)
