"""Every open item of many accounts, laid out for matching: by number, by amount, by due date.

Items stand in one row, by account, currency, due date and id; the items of one account in one currency are a `Span` of it.
The layout never changes. What is open of each item stands apart, in blocks with their sums, so that a posting gives a new
index at the cost of one block, and that closed items are passed over a block at a time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple, Self, TypeVar, final

import attrs
from attrs import frozen

from receivables.documents.payment import Allocation, Designation
from receivables.documents.schedule import Installment
from receivables.errors import InvalidValue, OverApplied, UnknownId
from receivables.policies.matching_aliases import Alias, Relation
from receivables.policies.matching_tokens import Known, keys_of, known_keys
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

_K = TypeVar("_K")
_V = TypeVar("_V")

BLOCK = 64
"""So many items share a sum."""

Places = dict[str, tuple[int, ...]]
"""Key -> positions; below zero stands a credit, ``-1 - n`` for the nth."""


class Span(NamedTuple):
    """The items of one account in one currency: positions from ``start`` up to but not including ``stop``."""

    account: str
    currency: Currency
    start: int
    stop: int


class OpenNote(NamedTuple):
    """A credit note that has something left."""

    id: str
    account: str
    currency: Currency


@frozen(weakref_slot=False)
class _Layout:
    """What never changes while a run posts."""

    items: tuple[Item, ...]
    first_open: tuple[int, ...]
    span_of: tuple[int, ...]
    spans: tuple[Span, ...]
    span_at: Mapping[tuple[str, Currency], int]
    closed: Mapping[str, frozenset[str]]
    """Account -> the ids of its items that were closed when the index was made."""
    lost: frozenset[tuple[str, str]]
    """(account, item) of those that were given up as lost, and not recovered."""
    place_of: Mapping[tuple[str, str], int]
    by_amount: tuple[int, ...]
    """The positions of each span, by open amount."""
    amounts: tuple[int, ...]
    """The amounts of ``by_amount``."""
    holders: Mapping[tuple[str, int], tuple[int, ...]]
    """(currency, amount) -> the positions that had it."""
    whole: Places
    bare: Places
    known: Known
    numbers: tuple[str, ...]
    """The whole numbers without signs, sorted, for finding what begins with a text."""
    credits: tuple[OpenNote, ...]
    credit_at: Mapping[tuple[str, str], int]
    discounts: Mapping[int, Installment]
    nets: Mapping[tuple[int, int], tuple[int, ...]]
    """(span, amount less a discount) -> positions."""
    withheld: Mapping[int, str]
    reserved: frozenset[int]
    """The positions of which payments on their way take a part."""
    group_of: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    payers: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, tuple[tuple[frozenset[str], str], ...]]
    """One word of each alias -> all its words and its account."""


@final
@frozen(weakref_slot=False)
class MatchIndex:
    """The open items and credit notes of many accounts, with who pays for whom; made once for a run.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(1200, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> view = Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))
    >>> index = MatchIndex.of([view])
    >>> index.open("ACME", "INV-1")
    Money.of('1200.00', 'EUR')
    >>> paid = Allocation(source="P-1", item="INV-1", amount=Money.of(1200, "EUR"))
    >>> index.after("ACME", [paid]).open("ACME", "INV-1"), index.open("ACME", "INV-1")
    (Money.of('0.00', 'EUR'), Money.of('1200.00', 'EUR'))
    """

    layout: _Layout = attrs.field(repr=False)
    blocks: tuple[tuple[int, ...], ...] = attrs.field(repr=False)
    sums: tuple[int, ...] = attrs.field(repr=False)
    left: tuple[int, ...] = attrs.field(repr=False)
    """What is left of each credit note, in minor units."""
    moved: Mapping[int, tuple[int, ...]] = attrs.field(factory=dict, repr=False)
    """Span -> the positions of which a part was paid since the index was made."""

    @classmethod
    def of(
        cls,
        views: Iterable[View],
        *,
        relations: Iterable[Relation] = (),
        aliases: Iterable[Alias] = (),
        reserved: Iterable[tuple[str, Designation]] = (),
    ) -> Self:
        """The index of these views, whatever their order.

        What payments on their way are meant for counts as not open, so that it is not paid twice: the views say it.
        ``reserved`` adds designations that no view shows, each with its account: of payments that are recorded nowhere
        yet, or whose value date is after the day of the views.

        Raises `InvalidValue` for an account that comes twice.
        """
        return cls(*_laid_out(_sorted(views), tuple(relations), tuple(aliases), tuple(reserved)))

    def open(self, account: str, item: str) -> Money:
        """What is open of an item, zero where a posting of this run closed it; `UnknownId` where it was closed before."""
        at = self._place(account, item)
        return Money(self.open_at(at), self.layout.items[at].currency)

    def after(self, account: str, allocations: Iterable[Allocation]) -> MatchIndex:
        """The index after allocations were posted on an account; this one stays as it is.

        Allocations of its credit notes are taken off what is left of them. Raises `UnknownId` for an item that was not
        open, `OverApplied` where more is allocated than is open or left.
        """
        index: MatchIndex = self
        for each in allocations:
            checks.instance("index.allocations", each, Allocation, "an allocation")
            index = index._paid(self._place(account, each.item), each)._used(account, each)
        return index

    def account_at(self, at: int) -> str:
        """The account of a position, of an item or of a credit note."""
        layout = self.layout
        return layout.spans[layout.span_of[at]].account if at >= 0 else layout.credits[-1 - at].account

    def open_at(self, at: int) -> int:
        """What is open at a position, in minor units."""
        return self.blocks[at // BLOCK][at % BLOCK]

    def total(self, span: Span) -> int:
        """What is open in a span."""
        first, last = -(-span.start // BLOCK), span.stop // BLOCK
        if first >= last:
            return sum(map(self.open_at, range(span.start, span.stop)))
        edges = (*range(span.start, first * BLOCK), *range(last * BLOCK, span.stop))
        return sum(self.sums[first:last]) + sum(map(self.open_at, edges))

    def oldest(self, span: Span) -> Iterator[tuple[int, int]]:
        """The open items of a span as (position, open), the oldest due first; closed ones are passed over in blocks."""
        at = span.start
        while at < span.stop:
            block, within = divmod(at, BLOCK)
            if self.sums[block]:
                for place in range(within, min(BLOCK, within + span.stop - at)):
                    if open_ := self.blocks[block][place]:
                        yield block * BLOCK + place, open_
            at = (block + 1) * BLOCK

    def between(self, span: int, least: int, most: int) -> Iterator[int]:
        """The positions of a span with an open amount from one bound to another, by amount and position."""
        layout, where = self.layout, self.layout.spans[span]
        least = max(1, least)  # what is closed has no amount
        start = bisect_left(layout.amounts, least, where.start, where.stop)
        stop = bisect_left(layout.amounts, most + 1, where.start, where.stop)
        moved = self.moved.get(span, ())
        same = [at for at in layout.by_amount[start:stop] if self.open_at(at) == layout.first_open[at]]
        changed = [at for at in moved if least <= self.open_at(at) <= most]
        return iter(same + changed)

    def holding(self, currency: Currency, amount: int, most: int) -> list[int]:
        """At most so many positions of any account with exactly this open amount."""
        found = []
        for at in self.layout.holders.get((currency.code, amount), ()):
            if self.open_at(at) == amount and self.layout.items[at].currency == currency:
                found.append(at)
                if len(found) == most:
                    break
        return found

    def _place(self, account: str, item: str) -> int:
        at = self.layout.place_of.get((account, item))
        if at is None:
            raise UnknownId("open item", item)
        return at

    def _paid(self, at: int, made: Allocation) -> MatchIndex:
        """With so much less open at a position."""
        block, within = divmod(at, BLOCK)
        row, minor, currency = self.blocks[block], made.amount.minor, self.layout.items[at].currency
        rest = row[within] - minor
        if made.amount.currency != currency or rest < 0:
            raise OverApplied("item", made.item, made.amount, Money(row[within], currency))
        moved, span = self.moved, self.layout.span_of[at]
        if rest or at in moved.get(span, ()):
            others = tuple(place for place in moved.get(span, ()) if place != at)
            moved = {**moved, span: (*others, at) if rest else others}
        return attrs.evolve(
            self,
            blocks=(*self.blocks[:block], (*row[:within], rest, *row[within + 1 :]), *self.blocks[block + 1 :]),
            sums=(*self.sums[:block], self.sums[block] - minor, *self.sums[block + 1 :]),
            moved=moved,
        )

    def _used(self, account: str, made: Allocation) -> MatchIndex:
        """With so much less left of the credit note that an allocation is of; a payment's changes nothing here."""
        n = self.layout.credit_at.get((account, made.source))
        if n is None:
            return self
        rest = self.left[n] - made.amount.minor
        if rest < 0:
            raise OverApplied("credit", made.source, made.amount, Money(self.left[n], self.layout.credits[n].currency))
        return attrs.evolve(self, left=(*self.left[:n], rest, *self.left[n + 1 :]))


# Making one -----------------------------------------------------------------------------------------------------------


def _sorted(views: Iterable[View]) -> list[View]:
    found = list(views)
    for at, view in enumerate(found):
        checks.instance(f"index.views[{at}]", view, View, "a view of an account")
    found.sort(key=lambda view: view.account)
    for before, view in pairwise(found):
        if before.account == view.account:
            raise InvalidValue("index.views", view.account, "must not hold an account twice")
    return found


def _laid_out(
    views: list[View],
    relations: tuple[Relation, ...],
    aliases: tuple[Alias, ...],
    reserved: tuple[tuple[str, Designation], ...],
) -> tuple[_Layout, tuple[tuple[int, ...], ...], tuple[int, ...], tuple[int, ...]]:
    items, open_, span_of, spans = _rows(views)
    place_of = {(spans[span].account, item.id): at for at, (item, span) in enumerate(zip(items, span_of, strict=True))}
    taken = _reserved(views, reserved, place_of)
    for at, minor in taken.items():
        open_[at] = max(0, open_[at] - minor)
    by_amount = [at for span in spans for at in sorted(range(span.start, span.stop), key=lambda at: (open_[at], at))]
    credits, left = _credits(views)
    whole, bare = _numbers(items, credits)
    discounts = _discounts(views, place_of)
    layout = _Layout(
        items=tuple(items),
        first_open=tuple(open_),
        span_of=tuple(span_of),
        spans=tuple(spans),
        span_at={(span.account, span.currency): at for at, span in enumerate(spans)},
        closed={view.account: view.closed for view in views},
        lost=frozenset([(view.account, each.item) for view in views for each in view.losses if each.left]),
        place_of=place_of,
        by_amount=tuple(by_amount),
        amounts=tuple([open_[at] for at in by_amount]),
        holders=_gathered(((item.currency.code, open_[at]), at) for at, item in enumerate(items)),
        whole=whole,
        bare=bare,
        known=known_keys(whole, bare),
        numbers=tuple(sorted(key for key in whole if " " not in key)),
        credits=tuple(credits),
        credit_at={(credit.account, credit.id): n for n, credit in enumerate(credits)},
        discounts=discounts,
        nets=_gathered(
            ((span_of[at], open_[at] - window.amount.minor), at)
            for at, part in discounts.items()
            for window in part.discounts
        ),
        withheld=_withheld(views, place_of),
        reserved=frozenset(taken),
        group_of={view.account: view.customer.group for view in views if view.customer and view.customer.group},
        groups=_gathered(
            (view.customer.group, view.account) for view in views if view.customer and view.customer.group
        ),
        payers=_gathered(sorted({(relation.key, relation.account) for relation in relations})),
        aliases=_aliases(aliases),
    )
    blocks = tuple(tuple(open_[at : at + BLOCK]) for at in range(0, len(open_), BLOCK))
    return layout, blocks, tuple(map(sum, blocks)), tuple(left)


def _rows(views: list[View]) -> tuple[list[Item], list[int], list[int], list[Span]]:
    """Items, open amounts, the span of each, and the spans: the books of a view are sorted as it is wanted here."""
    items: list[Item] = []
    open_: list[int] = []
    span_of: list[int] = []
    spans: list[Span] = []
    for view in views:
        for book in view.books:
            start = len(items)
            items += book.items
            open_ += book.open
            span_of += [len(spans)] * len(book.items)
            spans.append(Span(view.account, book.currency, start, len(items)))
    return items, open_, span_of, spans


def _credits(views: list[View]) -> tuple[list[OpenNote], list[int]]:
    found = [(view.account, each) for view in views for each in view.credits if each.kind == "credit_note"]
    found.sort(key=lambda each: (each[0], each[1].id))
    return (
        [OpenNote(each.id, account, each.currency) for account, each in found],
        [each.remaining for _, each in found],
    )


def _numbers(items: list[Item], credits: list[OpenNote]) -> tuple[Places, Places]:
    """The positions of each document number; an installment has a number of its own besides."""
    whole: dict[str, list[int]] = {}
    bare: dict[str, list[int]] = {}
    for at, item in enumerate(items):
        _add(whole, bare, item.document, at)
        if item.id != item.document and item.kind == "invoice":
            _add(whole, {}, item.id, at)
    for n, credit in enumerate(credits):
        _add(whole, bare, credit.id, -1 - n)
    return ({key: tuple(at) for key, at in whole.items()}, {key: tuple(at) for key, at in bare.items()})


def _add(whole: dict[str, list[int]], bare: dict[str, list[int]], number: str, at: int) -> None:
    keys, short = keys_of(number)
    for key in keys:
        whole.setdefault(key, []).append(at)
    for key in short:
        bare.setdefault(key, []).append(at)


def _discounts(views: list[View], place_of: Mapping[tuple[str, str], int]) -> dict[int, Installment]:
    return {
        place_of[view.account, entry.item]: entry.installment
        for view in views
        for entry in view.discounts
        if (view.account, entry.item) in place_of
    }


def _withheld(views: list[View], place_of: Mapping[tuple[str, str], int]) -> dict[int, str]:
    """The items of which a dispute keeps something back."""
    return {
        place_of[view.account, each.item]: each.kind
        for view in views
        for each in view.withheld
        if each.kind == "dispute" and (view.account, each.item) in place_of
    }


def _reserved(
    views: list[View], designated: tuple[tuple[str, Designation], ...], place_of: Mapping[tuple[str, str], int]
) -> dict[int, int]:
    """What pending payments take of each open item, in minor units."""
    taken: dict[int, int] = {}
    kept = [(view.account, each) for view in views for each in view.withheld if each.kind == "payment"]
    for account, announced in kept:
        at = place_of[account, announced.item]
        taken[at] = taken.get(at, 0) + announced.amount
    for account, each in designated:
        checks.instance("index.reserved", each, Designation, "a designation")
        known = place_of.get((account, each.item))
        if known is not None:
            taken[known] = taken.get(known, 0) + each.amount.minor
    return taken


def _aliases(aliases: tuple[Alias, ...]) -> dict[str, tuple[tuple[frozenset[str], str], ...]]:
    """By the longest word, which is the least common one."""
    known = sorted({(tuple(sorted(alias.runs)), alias.account) for alias in aliases if alias.runs})
    return _gathered(
        (max(runs, key=lambda run: (len(run), run)), (frozenset(runs), account)) for runs, account in known
    )


def _gathered(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, tuple[_V, ...]]:
    """Key -> its values, in order, none twice."""
    found: dict[_K, dict[_V, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}
