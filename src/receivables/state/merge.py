"""The merges slice: which accounts became part of this one, and into which one this became part.

The last entry about an account counts: it was absorbed and is part of this one, or was separated again. Documents
that went to another account are shown there and no longer here. Nothing is moved in the logs; see `receivables.state.composition` for what the two are together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.facts.merge import (
    AccountAbsorbed,
    AccountMerged,
    AccountRestored,
    AccountSeparated,
    DocumentsHandedOver,
    DocumentsTakenOn,
)
from receivables.state.entry import Entry, Placement


@final
@frozen(weakref_slot=False)
class Absorption(Entry):
    """An account that was absorbed, or separated again where ``joined`` is false."""

    account: str
    joined: bool
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class Merger(Entry):
    """The account that this one became part of; ``None`` from when it is one of its own again."""

    into: str | None
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class HandedOver(Entry):
    """Documents that went to another account, with the credits that settle nothing else."""

    documents: tuple[str, ...]
    credits: tuple[str, ...]
    to: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class TakenOn(Entry):
    """Documents that came from another account, with the credits that settle nothing else."""

    documents: tuple[str, ...]
    credits: tuple[str, ...]
    came_from: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Merges:
    """All absorptions of other accounts, mergers of this one, and documents that went and came, in log order."""

    absorptions: tuple[Absorption, ...] = ()
    mergers: tuple[Merger, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()
    taken_on: tuple[TakenOn, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether the account never had to do with another: most never have."""
        return not (self.absorptions or self.mergers or self.handed_over or self.taken_on)

    def joined(self, as_of: dt.date = dt.date.max, known_at: dt.datetime | None = None) -> Mapping[str, dt.date]:
        """The accounts that are part of this one on a date, as known at an instant, and since when."""
        last = {each.account: each for each in self.absorptions if each.seen(as_of, known_at)}
        return {id: each.effective_on for id, each in last.items() if each.joined}

    def into(self, as_of: dt.date = dt.date.max, known_at: dt.datetime | None = None) -> str | None:
        """The account that this one is part of on a date, as known at an instant."""
        seen = [each.into for each in self.mergers if each.seen(as_of, known_at)]
        return seen[-1] if seen else None


def _absorbed(fact: AccountAbsorbed) -> Iterable[Absorption]:
    return (Absorption(fact.account, True, fact.effective_on, fact.recorded_at),)


def _separated(fact: AccountSeparated) -> Iterable[Absorption]:
    return (Absorption(fact.account, False, fact.effective_on, fact.recorded_at),)


def _merged(fact: AccountMerged) -> Iterable[Merger]:
    return (Merger(fact.into, fact.effective_on, fact.recorded_at),)


def _restored(fact: AccountRestored) -> Iterable[Merger]:
    return (Merger(None, fact.effective_on, fact.recorded_at),)


def _handed_over(fact: DocumentsHandedOver) -> Iterable[HandedOver]:
    return (HandedOver(fact.documents, fact.credits, fact.to, fact.effective_on, fact.recorded_at),)


def _taken_on(fact: DocumentsTakenOn) -> Iterable[TakenOn]:
    return (TakenOn(fact.documents, fact.credits, fact.came_from, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    AccountAbsorbed: (("absorptions", _absorbed),),
    AccountSeparated: (("absorptions", _separated),),
    AccountMerged: (("mergers", _merged),),
    AccountRestored: (("mergers", _restored),),
    DocumentsHandedOver: (("handed_over", _handed_over),),
    DocumentsTakenOn: (("taken_on", _taken_on),),
}
