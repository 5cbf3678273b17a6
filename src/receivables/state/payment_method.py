"""The slice of payment methods: cards and mandates, which one is preferred, and what was collected with them.

Whether a method can be used is not kept: it is worked out from its dates and from the payments that name it. How one moves
from day to day, as `LIFE` says it and the tests check it::

    usable -> expired            (the card is good no more)
           -> lapsed             (nothing was collected with the mandate for 36 months)
           -> used               (the mandate was for one collection, and that was made)
           -> removed, revoked   (somebody said so)
    used -> usable               (the collection came to nothing before any money moved)
    expired -> removed
    lapsed, used -> revoked
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

import attrs
from attrs import frozen

from receivables.documents.payment import PaymentMethod
from receivables.documents.payment_method import Mandate, lapse_after
from receivables.facts.cash import PaymentFailed, PaymentReceived, PaymentReturned, PaymentSettled
from receivables.facts.payment_method import (
    MandateRevoked,
    MandateSigned,
    PaymentMethodAdded,
    PaymentMethodPreferred,
    PaymentMethodRemoved,
)
from receivables.state.entry import Entry, Placement

LIFE: Mapping[str, frozenset[str]] = {
    "usable": frozenset({"expired", "lapsed", "used", "removed", "revoked"}),
    "expired": frozenset({"removed"}),
    "lapsed": frozenset({"revoked"}),
    "used": frozenset({"usable", "revoked"}),
    "removed": frozenset(),
    "revoked": frozenset(),
}


@final
@frozen(weakref_slot=False)
class MethodEntry(Entry):
    """A card or a mandate as it became known, under its token or its id."""

    id: str
    card: PaymentMethod | None
    mandate: Mandate | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Ending(Entry):
    """A method that is not to be used any more: ``removed`` or ``revoked``."""

    method: str
    status: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Preference(Entry):
    """The method that the customer wants to pay with first."""

    method: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Collection(Entry):
    """A payment that was made with a stored method; effective on its value date. ``items`` are those it was meant for."""

    payment: str
    method: str
    status: str
    items: tuple[str, ...]
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Fate(Entry):
    """What became of a payment, with the reason code of the bank or scheme."""

    payment: str
    status: str
    code: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class MethodState:
    """A payment method on a date: its status, what it was used for last, and what the next collection with it says.

    ``sequence`` is ``None`` for a card. ``lapses_on`` is the first day on which a mandate is not good any more, if nothing is
    collected with it before.
    """

    id: str
    card: PaymentMethod | None
    mandate: Mandate | None
    status: str
    added_on: dt.date
    ended_on: dt.date | None
    last_used_on: dt.date | None
    lapses_on: dt.date | None
    sequence: str | None
    preferred: bool = False

    @property
    def kind(self) -> str:
        """``card`` or ``mandate``."""
        return "card" if self.mandate is None else "mandate"

    def status_on(self, day: dt.date) -> str:
        """The status on this or a later day, if nothing happens before: a card expires and a mandate lapses by its date."""
        if self.status != "usable":
            return self.status
        if self.lapses_on is not None and day >= self.lapses_on:
            return "lapsed"
        expires = self.card.expires if self.card is not None else None
        return "expired" if expires is not None and day > expires else "usable"


@final
@frozen(kw_only=True)
class PaymentMethods:
    """All methods, what ended them, preferences, and the payments made with them, in log order."""

    methods: tuple[MethodEntry, ...] = ()
    endings: tuple[Ending, ...] = ()
    preferences: tuple[Preference, ...] = ()
    collections: tuple[Collection, ...] = ()
    fates: tuple[Fate, ...] = ()

    def states(self, as_of: dt.date, known_at: dt.datetime | None) -> tuple[MethodState, ...]:
        """Each method as it stood on a date, the preferred one first, then in the order in which they were added.

        The preferred one is the one that was named last, as long as it can be used; else the oldest that can.
        """
        if not self.methods:
            return ()
        used = self._used(as_of, known_at)
        found = [
            _state(each, used.get(each.id, ()), self._ending(each.id, as_of, known_at), as_of)
            for each in self.methods
            if each.seen(as_of, known_at)
        ]
        named = [each for each in self.preferences if each.seen(as_of, known_at)]
        named.sort(key=_effective_on)
        usable = [each.id for each in found if each.status == "usable"]
        first = next((id for id in (*[each.method for each in named[-1:]], *usable) if id in usable), None)
        marked = [attrs.evolve(each, preferred=each.id == first) for each in found]
        return tuple(sorted(marked, key=lambda each: not each.preferred))

    def _used(self, as_of: dt.date, known_at: dt.datetime | None) -> Mapping[str, Sequence[tuple[dt.date, bool]]]:
        """For each method the days of its collections, and whether money moved or may have."""
        fates = self.fates_on(as_of, known_at)
        found: dict[str, list[tuple[dt.date, bool]]] = {}
        for each in self.collections:
            if each.seen(as_of, known_at):
                fate = fates.get(each.payment)
                moved = fate is None or fate.status != "failed"
                found.setdefault(each.method, []).append((each.effective_on, moved))
        return found

    def _ending(self, method: str, as_of: dt.date, known_at: dt.datetime | None) -> Ending | None:
        return next((each for each in self.endings if each.method == method and each.seen(as_of, known_at)), None)

    def fates_on(self, as_of: dt.date, known_at: dt.datetime | None) -> Mapping[str, Fate]:
        """What became of each payment by a date; one that is not named is what it was recorded as."""
        seen = [each for each in self.fates if each.seen(as_of, known_at)]
        return {each.payment: each for each in sorted(seen, key=_effective_on)}


def _effective_on(entry: Entry) -> dt.date:
    return entry.effective_on


def _state(
    entry: MethodEntry, used: Sequence[tuple[dt.date, bool]], ending: Ending | None, as_of: dt.date
) -> MethodState:
    before = entry.mandate.last_used_on if entry.mandate is not None else None
    moved = before is not None or any(each for _, each in used)
    lapses_on = _lapses_on(entry.mandate, [day for day, _ in used]) if entry.mandate is not None else None
    return MethodState(
        id=entry.id,
        card=entry.card,
        mandate=entry.mandate,
        status=ending.status if ending is not None else _status_on(entry, moved, lapses_on, as_of),
        added_on=entry.effective_on,
        ended_on=ending.effective_on if ending is not None else None,
        last_used_on=max([*([before] if before is not None else []), *(day for day, _ in used)], default=None),
        lapses_on=lapses_on,
        sequence=_sequence(entry.mandate, moved),
    )


def _status_on(entry: MethodEntry, used: bool, lapses_on: dt.date | None, as_of: dt.date) -> str:
    if entry.mandate is not None and entry.mandate.use == "one_off" and used:
        return "used"
    if lapses_on is not None and as_of >= lapses_on:
        return "lapsed"
    expires = entry.card.expires if entry.card is not None else None
    return "expired" if expires is not None and as_of > expires else "usable"


def _lapses_on(mandate: Mandate, used_on: Sequence[dt.date]) -> dt.date:
    """The end of the first 36 months without a collection: a mandate that lapsed is not good again by being used."""
    lapses_on = mandate.lapses_on
    for day in sorted(used_on):
        if day >= lapses_on:
            return lapses_on
        lapses_on = max(lapses_on, lapse_after(day))
    return lapses_on


def _sequence(mandate: Mandate | None, used: bool) -> str | None:
    """What the next collection says: it is the first as long as none went through to the bank of the debtor."""
    if mandate is None:
        return None
    if mandate.use == "one_off":
        return "one_off"
    return "recurring" if used else "first"


def _card(fact: PaymentMethodAdded) -> Iterable[MethodEntry]:
    return (MethodEntry(fact.method.token, fact.method, None, fact.effective_on, fact.recorded_at),)


def _mandate(fact: MandateSigned) -> Iterable[MethodEntry]:
    return (MethodEntry(fact.mandate.id, None, fact.mandate, fact.effective_on, fact.recorded_at),)


def _removal(fact: PaymentMethodRemoved) -> Iterable[Ending]:
    return (Ending(fact.method, "removed", fact.effective_on, fact.recorded_at),)


def _revocation(fact: MandateRevoked) -> Iterable[Ending]:
    return (Ending(fact.mandate, "revoked", fact.effective_on, fact.recorded_at),)


def _preference(fact: PaymentMethodPreferred) -> Iterable[Preference]:
    return (Preference(fact.method, fact.effective_on, fact.recorded_at),)


def _collection(fact: PaymentReceived) -> Iterable[Collection]:
    payment = fact.payment
    if payment.stored_method is None:
        return ()
    items = tuple(each.item for each in payment.designated)
    return (Collection(payment.id, payment.stored_method, payment.status, items, fact.effective_on, fact.recorded_at),)


def _fate(status: str | None) -> Callable[[Any], Iterable[Fate]]:
    def entries(fact: Any) -> Iterable[Fate]:
        code = None if status == "settled" else fact.code
        return (Fate(fact.payment, status or fact.kind, code, fact.effective_on, fact.recorded_at),)

    return entries


TABLE: Mapping[type, tuple[Placement, ...]] = {
    PaymentMethodAdded: (("methods", _card),),
    MandateSigned: (("methods", _mandate),),
    PaymentMethodRemoved: (("endings", _removal),),
    MandateRevoked: (("endings", _revocation),),
    PaymentMethodPreferred: (("preferences", _preference),),
    PaymentReceived: (("collections", _collection),),
    PaymentSettled: (("fates", _fate("settled")),),
    PaymentFailed: (("fates", _fate("failed")),),
    PaymentReturned: (("fates", _fate(None)),),
}
