"""Documents that went from one account to another, with all that is recorded about them.

Nothing is copied: what went stays in the log of the account that it came from, is left out there from that day on, and
is read from there by the account that it went to. What was recorded about it in common with other things, a letter on
many invoices for one, is shown by both. What is recorded later stands in the log of the account that has it then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import attrs

from receivables.state.composition import OWN, Name, brought_by, columns_of, defined, mentioned, together

A = TypeVar("A", bound=Any)
OF_DOCUMENTS = frozenset({"item", "document", "credit"})
"""Kinds of things that go or stay by themselves; all else goes with what it names."""


def held(part: A, known: Mapping[str, A], as_of: dt.date, known_at: dt.datetime | None) -> A:
    """An account without what it had handed over on a date, and with what it had taken on."""
    merges = part.merges
    if not merges.handed_over and not merges.taken_on:
        return part
    gone = [entry for entry in merges.handed_over if entry.seen(as_of, known_at)]
    came = [entry for entry in merges.taken_on if entry.seen(as_of, known_at) and entry.came_from in known]
    shown = _without(part, moved(part, gone)[0]) if gone else part
    if not came:
        return shown
    whole: A = together([shown, *(_only(known[each.came_from], [each]) for each in came)])
    return whole


def moved(part: Any, entries: Iterable[Any]) -> tuple[set[Name], set[Name]]:
    """What goes with documents and credits: what is about them alone, and what is about others as well."""
    documents = {document for entry in entries for document in entry.documents}
    items = {item.id for item in part.ledger.items if item.document in documents}
    credits = {credit for entry in entries for credit in entry.credits}
    gone = {("document", id) for id in documents} | {("item", id) for id in items} | {("credit", id) for id in credits}
    stays = {name for name in defined(part) if name[0] in OF_DOCUMENTS} - gone
    both: set[Name] = set()
    for slice_, column, found in columns_of(part):
        for entry in found if (slice_, column) not in OWN else ():
            brought = {name for name in brought_by(column, entry) if name[0] not in OF_DOCUMENTS}
            if brought:
                named = set(mentioned(entry))
                if named & gone:
                    (both if named & stays else gone).update(brought)
    return gone, both


def _without(part: A, gone: set[Name]) -> A:
    """The part without the entries that name what is gone, and nothing else that the part has."""
    stays = set(defined(part)) - gone

    def kept(column: str, entry: Any) -> bool:
        names = {*brought_by(column, entry), *mentioned(entry)}
        return not names & gone or bool(names & stays)

    return _kept(part, kept)


def _only(part: A, entries: Iterable[Any]) -> A:
    """The part with only the entries that name what goes."""
    gone, both = moved(part, entries)
    wanted = gone | both
    return _kept(part, lambda column, entry: bool({*brought_by(column, entry), *mentioned(entry)} & wanted))


def _kept(part: A, keep: Callable[[str, Any], bool]) -> A:
    slices: dict[str, dict[str, Any]] = {}
    for slice_, column, entries in columns_of(part):
        if entries and (slice_, column) not in OWN:
            slices.setdefault(slice_, {})[column] = tuple(entry for entry in entries if keep(column, entry))
    changed = {slice_: attrs.evolve(getattr(part, slice_), **columns) for slice_, columns in slices.items()}
    left: A = attrs.evolve(part, **changed)
    return left
