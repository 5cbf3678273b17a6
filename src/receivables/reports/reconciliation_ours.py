"""Our side of an account reconciliation: the documents of an account with what is open of each, found by reference.

A reference is compared by whole tokens, as in matching: "INV-0147" is "inv 147" and never a part of "INV-1470". It names a
document, one item of it, a payment or a credit note. An invoice of several items is one unit, unless the other side lists
the items.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple, Self

from receivables.policies.matching_tokens import (
    BARE,
    COMPACT,
    EXACT,
    JOINED,
    PLAIN,
    creditor_references,
    divides_alike,
    keys_in,
    keys_of,
    known_keys,
    read,
    token,
)
from receivables.reports.reconciliation_rows import TheirItem
from receivables.state.account import Account
from receivables.state.cash import CreditEntry
from receivables.state.invoice import Item
from receivables.state.view import View
from receivables.values.currencies import Currency

WEAK: Final = BARE
"""From this rank on, a reference lacks letters or signs that the number has."""

SHORTEST_BARE: Final = 3
"""A shorter number without letters, among other words, is no reference by itself."""

_CREDIT_KINDS: Final[Mapping[str, str]] = {
    "payment": "payment",
    "credit_note": "credit_note",
    "invoice_part": "credit_note",
}


class OurUnit(NamedTuple):
    """One document of ours, or one item of it: what is open of it, below zero for a payment or credit."""

    reference: str
    kind: str
    currency: Currency
    open: int
    original: int
    on: dt.date
    ids: tuple[str, ...]
    parts: tuple[OurUnit, ...] = ()
    """Its items, where it has several."""


class Place(NamedTuple):
    """A unit by its number, or one part of it."""

    unit: int
    part: int | None


class Found(NamedTuple):
    """Where a reference leads, by which rank of key; without a place, why not."""

    place: Place | None
    rank: int
    why: str | None = None
    near: tuple[Place, ...] = ()


class Index:
    """The units of an account, found by reference."""

    def __init__(self, units: Sequence[OurUnit]) -> None:
        self.units = units
        self._whole: dict[str, list[Place]] = {}
        self._bare: dict[str, list[Place]] = {}
        for number, unit in enumerate(units):
            names = {unit.reference: Place(number, None)}
            names.update({part.reference: Place(number, at) for at, part in enumerate(unit.parts)})
            for name, place in names.items():
                self._add(name, place)
        self._known = known_keys(self._whole, self._bare)

    @classmethod
    def of(cls, account: Account, view: View) -> Self:
        """All that an account has on the date of its view, open or closed."""
        return cls(sorted([*_documents(account, view), *_credits(account, view)], key=_unit_order))

    def _add(self, name: str, place: Place) -> None:
        whole, bare = keys_of(name)
        for keys, index in ((whole, self._whole), (bare, self._bare)):
            for key in keys:
                index.setdefault(key, []).append(place)

    def at(self, place: Place) -> OurUnit:
        """The unit of a place, or its part."""
        unit = self.units[place.unit]
        return unit if place.part is None else unit.parts[place.part]

    def find(self, theirs: TheirItem) -> Found:
        """Where the reference of an item leads: by the best key that leads anywhere."""
        for rank, text, bare in self._keys(theirs.reference):
            hits = self._whole.get(text) or (self._bare.get(text) if bare else None)
            if hits:
                return self._choose(self._credible(hits, rank, text, theirs), rank, theirs)
        return Found(None, EXACT)

    def _credible(self, hits: Sequence[Place], rank: int, text: str, theirs: TheirItem) -> Sequence[Place]:
        """A number without its letters, inside a text, counts alone if it is long and the only one; else with its amount.

        The 2 of "transfer of 2 March" is not P-2.
        """
        tokens = read(theirs.reference).tokens
        numbered = [each for each in tokens if any(map(str.isdigit, each.joined))]
        if rank < WEAK or len(tokens) == 1 or (len(numbered) == 1 and len(text) >= SHORTEST_BARE):
            return hits
        return [place for place in hits if _same_amount(self.at(place), theirs)]

    def _choose(self, hits: Sequence[Place], rank: int, theirs: TheirItem) -> Found:
        """One of several places: of the same currency, then by sign, exact name, what is open, and the amount."""
        left = [place for place in hits if self.at(place).currency == theirs.amount.currency]
        if not left:
            return Found(None, rank, "other_currency" if hits else None, tuple(hits))
        if rank in _DOUBTS:
            left = [place for place in left if _DOUBTS[rank](self.at(place), theirs)]
        for fits in (_same_side, _same_name, _is_open, _same_amount):
            if len(left) == 1:
                break
            left = [place for place in left if fits(self.at(place), theirs)] or left
        if len(left) == 1:
            return Found(left[0], rank)
        return Found(None, rank, "ambiguous" if left else None)

    def _keys(self, reference: str) -> Iterator[tuple[int, str, bool]]:
        """The keys of a reference, the best first: as one token, as a creditor reference, then as any run of tokens in it."""
        whole = token(reference)
        if whole is not None:
            yield from ((EXACT, whole.exact, False), (PLAIN, whole.plain, False), (COMPACT, whole.joined, False))
            tokens = read(reference).tokens
            for _, _, body in creditor_references(tokens):
                yield PLAIN, body.lstrip("0"), True
            for key in keys_in(tokens, self._known):
                yield key.rank, key.text, key.bare

    def twins(self, number: int) -> Iterator[int]:
        """Other units whose number is the same but for zeros and signs, of the same currency and original amount."""
        mine = self.units[number]
        name = token(mine.reference)
        for place in self._whole.get(name.plain, ()) if name else ():
            other = self.units[place.unit]
            alike = (other.currency, other.original) == (mine.currency, mine.original)
            if alike and place.unit != number and place.part is None:
                yield place.unit


def _same_side(unit: OurUnit, theirs: TheirItem) -> bool:
    return (unit.original < 0) == (theirs.amount.minor < 0)


def _divided_alike(unit: OurUnit, theirs: TheirItem) -> bool:
    written = token(theirs.reference)
    return written is not None and divides_alike(written, unit.reference)


def _same_name(unit: OurUnit, theirs: TheirItem) -> bool:
    one, other = token(unit.reference), token(theirs.reference)
    return one is not None and other is not None and one.exact == other.exact


def _is_open(unit: OurUnit, theirs: TheirItem) -> bool:
    return unit.open != 0


def _same_amount(unit: OurUnit, theirs: TheirItem) -> bool:
    return unit.open == theirs.amount.minor


_DOUBTS: Final[Mapping[int, Callable[[OurUnit, TheirItem], bool]]] = {
    COMPACT: _divided_alike,
    BARE: _same_side,
    JOINED: _same_side,
}
"""What must hold as well where a key alone says too little."""


# The units ----------------------------------------------------------------------------------------------------------


def _unit_order(unit: OurUnit) -> tuple[str, str, str]:
    return unit.reference, unit.currency.code, unit.kind


def _documents(account: Account, view: View) -> Iterator[OurUnit]:
    """One unit per invoice and currency; a charge is a unit of its own, though it names the document that it is on."""
    shown = [item for item in account.ledger.items if item.id in view.places or item.id in view.closed]
    shown.sort(key=lambda item: (*_group(item), item.id))
    for (name, _), group in groupby(shown, key=_group):
        yield _together(name, [_item_unit(item, view) for item in group])


def _group(item: Item) -> tuple[str, str]:
    return (item.document if item.kind == "invoice" else item.id), item.currency.code


def _together(name: str, parts: list[OurUnit]) -> OurUnit:
    if [part.reference for part in parts] == [name]:
        return parts[0]
    return parts[0]._replace(
        reference=name,
        open=sum(part.open for part in parts),
        original=sum(part.original for part in parts),
        ids=tuple(id for part in parts for id in part.ids),
        parts=tuple(parts),
    )


def _item_unit(item: Item, view: View) -> OurUnit:
    place = view.places.get(item.id)
    rest = place[0].open[place[1]] if place else 0
    return OurUnit(item.id, item.kind, item.currency, rest, item.amount, item.document_on, (item.id,))


def _credits(account: Account, view: View) -> Iterator[OurUnit]:
    """Payments and credits with what is left of them; money that is not there, or went back, is none."""
    left = {credit.id: credit.remaining for credit in view.credits}
    statuses = account.cash.statuses(view.as_of, view.known_at)
    for entry in account.cash.credits:
        if entry.seen(view.as_of, view.known_at) and statuses.get(entry.id, "settled") == "settled":
            kind = _CREDIT_KINDS.get(entry.kind, "payment")
            rest = -left.get(entry.id, 0)
            yield OurUnit(entry.id, kind, entry.currency, rest, -entry.amount, entry.effective_on, (entry.id,))


# What happened to them ----------------------------------------------------------------------------------------------


class Evidence:
    """What may explain a difference: what was applied to the items, what stands on account, what is kept back."""

    def __init__(self, account: Account, view: View) -> None:
        self._view = view
        self._credits: dict[str, CreditEntry] = {entry.id: entry for entry in account.cash.credits}
        undone = {entry.allocation for entry in account.cash.undoings if entry.seen(view.as_of, view.known_at)}
        self._applied: dict[str, list[tuple[str, int, dt.date]]] = {}
        for entry in account.cash.allocations:
            if entry.id not in undone and entry.seen(view.as_of, view.known_at):
                self._applied.setdefault(entry.item, []).append((entry.source, entry.amount, entry.effective_on))
        self._on_account: dict[tuple[Currency, int], list[str]] = {}
        for credit in view.credits:
            self._on_account.setdefault((credit.currency, credit.remaining), []).append(credit.id)
        self._discounts: dict[str, set[int]] = {
            each.item: {window.amount.minor for window in each.installment.discounts} for each in view.discounts
        }

    def applied(self, unit: OurUnit) -> list[tuple[str, str, int, dt.date]]:
        """Kind, id, amount and day of everything that was applied to a unit, by day."""
        found = [
            (_CREDIT_KINDS.get(self._credits[source].kind, "payment"), source, amount, on)
            for id in unit.ids
            for source, amount, on in self._applied.get(id, ())
        ]
        return sorted(found, key=lambda each: (each[3], each[1], each[2]))

    def is_lost(self, unit: OurUnit) -> bool:
        """Whether something of a unit was given up as lost, and not recovered."""
        losses = self._view.loss_of
        return any(id in losses and losses[id].left for id in unit.ids) if losses else False

    def on_account(self, currency: Currency, amount: int) -> tuple[str, str, dt.date] | None:
        """Kind, id and day of the credit that has just so much left; ``None`` for none, and for several."""
        found = self._on_account.get((currency, amount), ())
        if len(found) != 1:
            return None
        entry = self._credits[found[0]]
        return _CREDIT_KINDS.get(entry.kind, "payment"), entry.id, entry.effective_on

    def withheld(self, unit: OurUnit, kind: str) -> tuple[int, str]:
        """What is kept back of a unit in one way, and by what."""
        found = [each for id in unit.ids for each in self._view.withheld_of.get(id, ()) if each.kind == kind]
        return sum(each.amount for each in found), ", ".join(dict.fromkeys(each.id for each in found))

    def discounts(self, unit: OurUnit) -> Iterable[int]:
        """The discounts that were offered on a unit, in minor units."""
        offered = [self._discounts.get(id, set()) for id in unit.ids]
        yield from sorted({amount for each in offered for amount in each})
