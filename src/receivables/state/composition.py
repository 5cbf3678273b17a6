"""Several accounts as one, after a merge: each keeps its own log, and is a part of the whole.

1. Nothing is copied. The whole is worked out from its parts whenever it is loaded; the parts are what is stored. A part
   that is no longer joined stays within reach, because dates before still show it.
2. A fact on the whole belongs to the part that has what it names: a payment on the account that it is addressed to, a
   letter or an allocation on every part of which it names something. So each part has all that concerns it, and can be
   separated again without taking anything along.
3. Limits, the customer and the policies are those of the account that absorbed the others; all else adds up.

What an entry or a fact names is read from the names of the fields: ``item``, ``hold``, ``promise`` and so on hold ids of
such things, and a document with an id of its own is known by the name of the field that it stands in.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import merge
from operator import attrgetter
from typing import Any, Protocol, TypeVar, final

import attrs

from receivables.documents.customer import Customer
from receivables.documents.exchange import ExchangeRate
from receivables.documents.invoice import Invoice
from receivables.documents.notice import PolicyRef
from receivables.documents.payment import Payment
from receivables.facts.fact import Fact
from receivables.state.merge import Merges

APART = frozenset({"profile", "catalog", "merges", "risk", "collectors"})
"""The slices that are the root's alone: class and collector are those of the account that absorbed, until another is given."""

OWN = frozenset({("credit", "limits")})
"""The columns that are the root's alone: the limit of the whole is chosen when it is merged."""

BY_ADDRESS = (Invoice, Payment)
"""Documents that go where they are addressed, whatever else they name: an order, or invoices in a remittance."""

SAME: Mapping[str, str] = {
    "charge": "item",
    "until_settled": "item",
    "source": "credit",
    "payment": "credit",
    "use": "difference",
    "reduction": "difference",
    "against": "document",
    "retracts": "notice",
    "token": "method",
    "record": "document",
    "legal_claim": "document",
}
"""Fields that hold the id of something that has another name elsewhere."""

SUBJECTS = ("item", "credit", "document", "order", "promise", "plan", "application")
"""What the subject of a deed or of a request for approval may be."""

_IDS = ("id", "key", "token")
_recorded_at = attrgetter("recorded_at")

Name = tuple[str, str]
"""What kind of thing, and its id."""


class _Part(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def merges(self) -> Merges: ...


A = TypeVar("A", bound=_Part)
Columns = Iterable[tuple[str, str, tuple[Any, ...]]]


def reached(root: A, known: Mapping[str, A], as_of: dt.date, known_at: dt.datetime | None) -> tuple[A, ...]:
    """The root and the parts that are joined to it on a date, directly or through others, in order."""
    found = {root.id: root}
    waiting = [root]
    while waiting:
        for id in waiting.pop(0).merges.joined(as_of, known_at):
            if id in known and id not in found:
                found[id] = known[id]
                waiting.append(known[id])
    return tuple(found.values())


def since(root: A, known: Mapping[str, A], one: str, other: str) -> dt.date:
    """Since when two parts are parts of one whole: the latest day of what joins the one to the other."""
    paths = [dict(_path(root, known, id)) for id in (one, other)]
    apart = [paths[0].get(id, paths[1].get(id)) for id in paths[0].keys() ^ paths[1].keys()]
    return max((day for day in apart if day is not None), default=dt.date.min)


def _path(root: A, known: Mapping[str, A], id: str) -> Iterator[tuple[str, dt.date]]:
    """The accounts from a part up to the root, each with the day on which it was joined to the next."""
    owner = {part: (each, day) for each in reached(root, known, dt.date.max, None) for part, day in _joined(each)}
    for _ in owner:
        if id == root.id:
            return
        above, day = owner[id]
        yield id, day
        id = above.id


def _joined(part: A) -> Iterable[tuple[str, dt.date]]:
    return part.merges.joined().items()


def together(parts: Sequence[A]) -> A:
    """The parts as one account: the columns of all, each in the order of the days on which they were recorded.

    What concerns several parts stands in the log of each, and counts once.
    """
    root: Any = parts[0]
    if len(parts) == 1:
        return parts[0]
    joined = [entry.recorded_at for part in parts for entry in part.merges.absorptions]
    # What was recorded before the first merger is in one log only, unless something was handed over.
    again = any(part.merges.taken_on for part in parts)
    first = min(joined) if joined and not again else dt.datetime.min.replace(tzinfo=dt.UTC)
    slices: dict[str, dict[str, tuple[Any, ...]]] = {}
    for slice_, column, entries in columns_of(root):
        others = [getattr(getattr(part, slice_), column) for part in parts[1:]]
        if any(others) and (slice_, column) not in OWN:
            slices.setdefault(slice_, {})[column] = _joined_column([entries, *others], first)
    changed = {slice_: attrs.evolve(getattr(root, slice_), **columns) for slice_, columns in slices.items()}
    latest = max((part.known_at for part in _any(parts) if part.known_at is not None), default=None)
    length = sum(part.length for part in _any(parts))
    whole: A = attrs.evolve(root, length=length, known_at=latest, **changed)
    return whole


def _any(parts: Iterable[Any]) -> Iterable[Any]:
    return parts


def columns_of(account: Any) -> Columns:
    """Every column that parts have in common, as slice, name, entries."""
    for field in attrs.fields(type(account)):
        slice_ = getattr(account, field.name)
        if field.name not in APART and attrs.has(type(slice_)):
            for column in attrs.fields(type(slice_)):
                yield field.name, column.name, getattr(slice_, column.name)


def _joined_column(columns: Sequence[Iterable[Any]], first: dt.datetime) -> tuple[Any, ...]:
    """One column of several, without what an earlier one has already: only what was recorded since can be in two."""
    seen: Counter[Any] = Counter()
    kept = []
    for column in columns:
        late: Counter[Any] = Counter(entry for entry in column if entry.recorded_at >= first)
        again = late & seen
        kept.append(list(_without(column, again)))
        seen |= late
    return tuple(merge(*kept, key=_recorded_at))


def _without(column: Iterable[Any], again: Counter[Any]) -> Iterator[Any]:
    for entry in column:
        if again and again.get(entry, 0):
            again[entry] -= 1
        else:
            yield entry


# Whose a fact is -----------------------------------------------------------------------------------------------------


@final
class Homes:
    """Which part has what: the ids of each, and for a fact the parts to which it belongs."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.root = parts[0].id
        self._parts = frozenset(part.id for part in parts)
        self._homes: dict[Name, tuple[str, ...]] = {}
        for part in parts:
            for name in defined(part):
                self._add(name, part.id)

    def _add(self, name: Name, part: str) -> None:
        homes = self._homes.get(name, ())
        if part not in homes:
            self._homes[name] = (*homes, part)

    def of(self, name: Name) -> tuple[str, ...]:
        """The parts that have this thing."""
        return self._homes.get(name, ())

    def placed(self, fact: Fact, entries: Iterable[tuple[str, str, Any]]) -> tuple[str, ...]:
        """The parts to which a fact belongs, given the entries that it comes to; what it brings is theirs from now on."""
        placed = list(entries)
        homes = self._homes_of(fact, placed)
        for slice_, column, entry in placed:
            if slice_ not in APART:
                for name in brought_by(column, entry):
                    for part in homes:
                        self._add(name, part)
        return homes

    def _homes_of(self, fact: Fact, entries: Sequence[tuple[str, str, Any]]) -> tuple[str, ...]:
        if all(slice_ in APART or (slice_, column) in OWN for slice_, column, _ in entries) and entries:
            return (self.root,)
        found = dict.fromkeys(part for name in mentioned(fact) for part in self.of(name))
        if found:
            return tuple(found)
        address = _address(fact)
        return (address,) if address in self._parts else (self.root,)


def defined(part: Any) -> Iterator[Name]:
    """The things that an account has, by kind and id."""
    for slice_, column, entries in columns_of(part):
        if (slice_, column) not in OWN:
            for entry in entries:
                yield from brought_by(column, entry)


def things(part: Any) -> dict[Name, list[Any]]:
    """What an account has by kind and id, each with its entries; a document is known by its items."""
    found: dict[Name, list[Any]] = {}
    for slice_, column, entries in columns_of(part):
        for entry in entries if (slice_, column) not in OWN else ():
            for name in brought_by(column, entry):
                if name[0] != "document":
                    found.setdefault(name, []).append(entry)
    return found


def brought_by(column: str, entry: Any) -> Iterator[Name]:
    """What an entry brings: itself where it has an id, its document, the document that an item belongs to."""
    own = getattr(entry, "id", None)
    if own is not None:
        yield _kind(column), own
        if column == "items":
            yield "document", entry.document
    for field, get in _documents_of(entry.__class__):
        id = _id_of(get(entry))
        if id is not None:
            yield _kind(field), id


@lru_cache(maxsize=256)
def _documents_of(kind: type) -> Sequence[tuple[str, Callable[[Any], Any]]]:
    """The fields of an entry in which a document may stand."""
    names = [field.name for field in attrs.fields(kind) if field.name not in _PLAIN]
    return [(name, attrgetter(name)) for name in names]


_PLAIN = frozenset({"id", "key", "amount", "currency", "effective_on", "recorded_at", "reasons", "account", "by"})


def mentioned(it: Any) -> Iterator[Name]:
    """Everything that a fact or an entry names, by kind and id."""
    for field in attrs.fields(it.__class__):
        if field.name not in _PLAIN:
            yield from _mentioned(field.name, getattr(it, field.name))


def _mentioned(name: str, value: Any) -> Iterator[Name]:
    if isinstance(value, str):
        yield _kind(name), value
        if name == "subject":
            yield from ((kind, value) for kind in SUBJECTS)
    elif isinstance(value, tuple):
        for each in value:
            yield from _mentioned(name, each)
    elif attrs.has(type(value)) and not isinstance(value, (*BY_ADDRESS, ExchangeRate)):
        id = _id_of(value)
        if id is not None:
            yield _kind(name), id
        for field in attrs.fields(type(value)):
            if field.name not in _PLAIN:
                yield from _mentioned(field.name, getattr(value, field.name))


def _kind(name: str) -> str:
    name = name.removesuffix("s")
    return SAME.get(name, name)


def _id_of(value: Any) -> str | None:
    if not attrs.has(type(value)) or isinstance(value, PolicyRef | Customer):
        return None
    for name in _IDS:
        id = getattr(value, name, None)
        if isinstance(id, str):
            return id
    return None


def _address(fact: Fact) -> str | None:
    """The account that the document of a fact is addressed to."""
    for field in attrs.fields(type(fact)):
        account = getattr(getattr(fact, field.name), "account", None)
        if isinstance(account, str):
            return account
    return None
