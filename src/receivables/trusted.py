"""The fast way back from plain dicts to facts, for what this library wrote itself.

`receivables.codec.decode` checks whatever it is given, field by field, and again as a whole. A durable store reads back what was
checked before it was written: here each object is filled without its checks, and dates and currencies are shared.

1. The result is the same as that of `decode`, for everything that `encode` wrote.
2. Where a dict does not have exactly the fields of the class, because it is older or was tampered with, or where anything else
   is strange, `decode` reads it instead: so upcasters, defaults of fields that came later, and errors with their path
   are the same on both ways.
3. What was changed in the database by hand may go unseen, as long as its shape is right. That is for the hash chain to find
   out, see `receivables.stores.chain`.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from enum import Enum
from functools import lru_cache
from typing import Any, cast

import attrs

from receivables.codec import FAMILIES, TAGS, Plain, decode, finite, is_gone, read
from receivables.facts.fact import Fact
from receivables.values.currencies import Currency
from receivables.values.erased import ERASED

Restore = Callable[[Any], Any]

STRANGE = (KeyError, TypeError, ValueError, AttributeError, IndexError, DecimalException)
"""What comes of a dict that is not as it was written."""


def restore(data: Plain) -> Fact:
    """The fact of a dict that `encode` wrote, or an earlier version of it.

    >>> from receivables.codec import encode
    >>> from receivables.facts.cash import AllocationUndone
    >>> fact = AllocationUndone(allocation="a1", effective_on=dt.date(2026, 3, 1),
    ...                         recorded_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    >>> restore(encode(fact)) == fact
    True

    Raises `Undecodable` where `decode` does.
    """
    try:
        kind: type = TAGS[data["tag"]]
        return cast(Fact, _maker(kind)(data))
    except STRANGE:
        return decode(data)


@lru_cache(maxsize=512)
def _maker(kind: type) -> Restore:
    """How an object of a class is filled: a setter of the slot and a way to restore the value, for each field."""
    hints = typing.get_type_hints(kind)
    fields = attrs.fields(kind)
    plan = [(each.name, _setter(kind, each.name), _restorer_of(each, hints[each.name])) for each in fields]
    bare = [(name, put) for name, put, inner in plan if inner is None]
    made = [(name, put, inner) for name, put, inner in plan if inner is not None]
    count, new = len(plan) + 1, object.__new__

    def make(data: Any) -> Any:
        if len(data) != count:
            return _checked(kind, data)
        it: Any = new(kind)
        for name, put in bare:
            put(it, data[name])
        for name, put, inner in made:
            value = data[name]
            put(it, value if value is None else inner(value))
        return it

    return _shared(make) if kind is Currency else make


def _checked(kind: type, data: Any) -> Any:
    """An object of an older shape, with the defaults of what came later."""
    if "tag" in data:
        raise ValueError(kind)
    return read(kind, data)


def _shared(make: Restore) -> Restore:
    """One currency for all amounts in it."""
    known: dict[tuple[Any, ...], Any] = {}

    def shared(data: Any) -> Any:
        key = tuple(data.items())
        found = known.get(key)
        if found is None:
            if len(known) > 1000:
                known.clear()
            found = known[key] = make(data)
        return found

    return shared


def _setter(kind: type, name: str) -> Callable[[Any, Any], None]:
    """What fills a slot of a frozen object."""
    return cast(Callable[[Any, Any], None], getattr(kind, name).__set__)


def _restorer_of(field: attrs.Attribute[Any], hint: Any) -> Restore | None:
    return _text if field.metadata.get("personal") else _restorer(hint)


def _text(value: Any) -> str:
    return value if type(value) is str else _erased(value)


def _erased(value: Any) -> str:
    if not is_gone(value):
        raise ValueError("not a text")
    return ERASED


def _restorer(hint: Any) -> Restore | None:
    """How a value of an annotated type is restored; ``None`` where it is what it was."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _one_of(tuple(arg for arg in args if arg is not type(None)))
    if origin in (tuple, frozenset):
        return _collection(origin, args)
    if hint in FAMILIES:
        return _one_of(FAMILIES[hint])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if isinstance(hint, type) and attrs.has(hint):
        return _maker(hint)
    return _SIMPLE.get(hint)


def _one_of(kinds: tuple[Any, ...]) -> Restore | None:
    """One class alone needs no name; several are told apart by ``is``, and a text or a number among them is what it was."""
    if len(kinds) == 1:
        return _restorer(kinds[0])
    named = {kind.__name__: _restorer(kind) for kind in kinds if attrs.has(kind)}
    others = [_restorer(kind) for kind in kinds if not attrs.has(kind)]

    def choose(value: Any) -> Any:
        inner = named[value["is"]] if type(value) is dict else others[0]
        return value if inner is None else inner(value)

    return choose


def _collection(origin: Any, args: tuple[Any, ...]) -> Restore:
    if origin is frozenset or args[-1] is Ellipsis:
        inner = _restorer(args[0])
        return origin if inner is None else lambda value: origin(map(inner, value))
    inners = [_restorer(arg) for arg in args]
    return lambda value: tuple(
        [each if inner is None else inner(each) for inner, each in zip(inners, value, strict=True)]
    )


@lru_cache(maxsize=4096)
def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


_SIMPLE: Mapping[Any, Restore] = {
    Decimal: finite,
    dt.date: _date,
    dt.time: dt.time.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
}
