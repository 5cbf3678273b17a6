"""The log of an account in words: what happened, when, who did it, and the reasons of every decision."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import attrs

from billing.templatetags.figures import day, money
from billing.words import DIGEST, to_desk
from receivables import Money
from receivables.documents.credit_record import CreditRecord
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact

MOST = 200
"""How many events a page shows; how many there are before them is said."""

SHORT = (
    "number",
    "id",
    "source",
    "item",
    "kind",
    "template",
    "channel",
    "amount",
    "total",
    "demanded",
    "pay_by",
    "until",
)
"""What is said of a document that a fact carries."""

OWN = {each.name for each in attrs.fields(Fact)}


class Event(NamedTuple):
    """One fact in words."""

    title: str
    details: list[tuple[str, str]]
    reasons: list[str]
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None


def story_of(facts: Iterable[Fact], most: int = MOST) -> tuple[list[Event], int]:
    """The last events, the newest first, and how many there are before them."""
    known = list(facts)
    return [event_of(fact) for fact in islice(reversed(known), most)], max(0, len(known) - most)


def event_of(fact: Fact) -> Event:
    """One fact in words; a kind that was added since has its name and its fields."""
    names = [each.name for each in attrs.fields(type(fact)) if each.name not in OWN | {"reasons"}]
    details = [(_label(name), text) for name in names if (text := _text(getattr(fact, name)))]
    return Event(
        title=re.sub(r"(?<!^)([A-Z])", lambda found: " " + found[1].lower(), type(fact).__name__),
        details=details,
        reasons=[to_desk(reason) for reason in getattr(fact, "reasons", ())],
        effective_on=fact.effective_on,
        recorded_at=fact.recorded_at,
        by=fact.by,
    )


def _label(name: str) -> str:
    return {"record": "based on"}.get(name, name.replace("_", " "))


def _text(value: Any) -> str:
    """A field in words; what is nothing says nothing."""
    match value:
        case None | False | () | "":
            return ""
        case True:
            return "yes"
        case Money():
            return money(value)
        case dt.date():
            return day(value)
        case PolicyRef() | CreditRecord():
            return str(value)
        case tuple() | frozenset():
            return ", ".join(filter(None, map(_text, value)))
        case _ if attrs.has(type(value)):
            return " ".join(_parts(value))
        case _:
            return DIGEST.sub(lambda key: f"{key[0][:8]}…", str(value))


def _parts(document: Any) -> Iterator[str]:
    """What is said of a document: its number, its kind, its amount, its day; each text once."""
    seen: set[str] = set()
    for name in SHORT:
        text = _text(getattr(document, name, None))
        if text and text not in seen:
            seen.add(text)
            yield f"until {text}" if name in ("pay_by", "until") else text
