"""Facts and receipts as the texts that a database keeps: what a person wrote in one, all else in the other.

1. The body of a fact is the JSON of its plain form. Where a field is marked ``personal`` and says something, the body has
   only its place, ``{"personal": "payment.remittance.text"}``; the text stands in the second column.
2. So the second column can be emptied, and the body, its length and any hash over it stay what they were. A place whose
   text is gone is read as `receivables.values.erased.ERASED`. A fact without personal text has no second column (``NULL``), one that was emptied
   has an empty one.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Protocol, final

import attrs

from receivables.codec import FAMILIES, Plain, encode, plain, read
from receivables.errors import Undecodable
from receivables.facts.fact import Fact
from receivables.ports import Receipt
from receivables.trusted import restore


class PersonalColumn(Protocol):
    """How the personal texts of a fact are written to their column, and read back."""

    def write(self, account: str, position: int, text: str) -> str:
        """What is written for the texts of the fact at a place of a log."""
        ...

    def read(self, account: str, position: int, written: str) -> str:
        """The texts of what was written; an empty text where they cannot be read any more, and so were erased."""
        ...


@final
class PlainColumn:
    """Personal texts as they are."""

    def write(self, account: str, position: int, text: str) -> str:
        """The text."""
        return text

    def read(self, account: str, position: int, written: str) -> str:
        """The text."""
        return written


PLAIN: Final = PlainColumn()

_PLACE = "personal"


def split_personal(fact: Fact) -> tuple[Plain, dict[str, Any]]:
    """A fact as its body and its personal texts by their places; see the module.

    >>> import datetime as dt
    >>> from receivables.facts.charge import ChargeWaived
    >>> from receivables.values.money import Money
    >>> waived = ChargeWaived(charge="fee-1", amount=Money.of(5, "EUR"), reason="Mr Smith is in hospital", approver="ann",
    ...                       effective_on=dt.date(2026, 3, 1), recorded_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    >>> body, personal = split_personal(waived)
    >>> body["reason"], personal
    ({'personal': 'reason'}, {'reason': 'Mr Smith is in hospital'})
    """
    body, personal = encode(fact), dict[str, Any]()
    _take(fact, body, "", personal)
    return body, personal


def join_personal(body: Plain, personal: Mapping[str, Any]) -> Plain:
    """The plain form of a fact from the two parts; a place without a text was erased."""
    data: Plain = _copied(body)
    for place, text in personal.items():
        _put(data, place, text)
    return data


def fact_texts(fact: Fact) -> tuple[str, str, str | None]:
    """The tag of a fact, and its two columns."""
    body, personal = split_personal(fact)
    return body["tag"], _text(body), _text(personal) if personal else None


def read_fact(body: str, personal: str | None) -> Fact:
    """The fact of two columns; raises `Undecodable` with the path in the data."""
    data = _json(body)
    for place, text in _texts(personal).items() if personal else ():
        _put(data, place, text)
    return restore(data)


def erased(fact: Fact) -> Fact:
    """The fact without what a person wrote: `receivables.values.erased.ERASED` stands in its places.

    >>> import datetime as dt
    >>> from receivables.facts.promise import PromiseWithdrawn
    >>> fact = PromiseWithdrawn(promise="P-1", reason="his wife is ill", effective_on=dt.date(2026, 3, 1),
    ...                         recorded_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    >>> erased(fact).reason, fact_texts(erased(fact))[1] == fact_texts(fact)[1]
    (Erased(), True)
    """
    return restore(join_personal(split_personal(fact)[0], {}))


def receipt_text(receipt: Receipt) -> str:
    """A receipt as one column."""
    return _text(plain(receipt))


def read_receipt(text: str) -> Receipt:
    """The receipt of its column."""
    return read(Receipt, _json(text))


def _texts(personal: str) -> Mapping[str, Any]:
    texts = _json(personal)
    if type(texts) is not dict:
        raise Undecodable("$.personal", type(texts).__name__, "must be texts by their places")
    return texts


def _copied(node: Any) -> Any:
    if type(node) is list:
        return [_copied(each) for each in node]
    return {name: _copied(each) for name, each in node.items()} if type(node) is dict else node


def _text(data: Any) -> str:
    """In one form only, because links of the hash chain are taken over it."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # Not even the start of the text is shown: it may be what a person wrote.
        raise Undecodable("$", f"a text of {len(text)}", "must be JSON") from None


def _take(value: Any, data: Plain, path: str, personal: dict[str, Any]) -> None:
    kind: type = type(value)
    own, inner = _fields(kind)
    for name in own:
        if data[name]:
            personal[path + name] = data[name]
            data[name] = {_PLACE: path + name}
    for name in inner:
        _descend(getattr(value, name), data[name], path + name, personal)


def _descend(value: Any, data: Any, path: str, personal: dict[str, Any]) -> None:
    if isinstance(value, tuple):
        for at, (each, its) in enumerate(zip(value, data, strict=True)):
            _descend(each, its, f"{path}[{at}]", personal)
    elif attrs.has(type(value)):
        _take(value, data, f"{path}.", personal)


def _put(data: Any, place: str, text: Any) -> None:
    """Put a text at its place, in place; a place that the body does not have is an error."""
    *way, last = _steps(place)
    try:
        for step in way:
            data = data[step]
        if data[last] != {_PLACE: place}:
            raise KeyError(last)
        data[last] = text
    except (KeyError, IndexError, TypeError):
        raise Undecodable(f"$.{place}", "a text", "must have its place in the body") from None


@lru_cache(maxsize=4096)
def _steps(place: str) -> tuple[str | int, ...]:
    """The keys and indexes on the way to a place.

    >>> _steps("invoice.lines[2].description")
    ('invoice', 'lines', 2, 'description')
    """
    parts = place.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part[:1] == "[" and part[1:-1].isdecimal() else part for part in parts)


@lru_cache(maxsize=512)
def _fields(kind: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a class that are personal, and those further in which something personal can stand."""
    hints = typing.get_type_hints(kind)
    names = attrs.fields(kind)
    own = tuple(each.name for each in names if each.metadata.get("personal"))
    return own, tuple(each.name for each in names if each.name not in own and _leads(hints[each.name], frozenset()))


def _leads(hint: Any, seen: frozenset[type]) -> bool:
    if parts := FAMILIES.get(hint) or typing.get_args(hint):
        return any(_leads(part, seen) for part in parts)
    if not (isinstance(hint, type) and attrs.has(hint)) or hint in seen:
        return False
    hints = typing.get_type_hints(hint)
    fields = attrs.fields(hint)
    return any(each.metadata.get("personal") or _leads(hints[each.name], seen | {hint}) for each in fields)
