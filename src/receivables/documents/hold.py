"""Stops on an account, an invoice, an item or a part of one: what kind of stop, what it stops, why, and until when.

1. Each kind has what it stops by default, in the table `STOPS_OF`; a host may say otherwise.
2. Nothing stops aging, and nothing moves the due date: an extension does that, and is no hold.
3. A hold is in force from the day on which it is placed to its last day, both included, unless it is released before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

STOPS: Final = frozenset({"dunning", "contact", "interest", "credit", "reporting"})
"""What a hold can stop: letters that claim, every letter, interest, orders on credit, reports to a credit bureau."""

STOPS_OF: Final[Mapping[str, frozenset[str]]] = {
    "hold": frozenset({"dunning", "credit"}),
    "deferment": frozenset({"dunning", "interest"}),
    "hardship": frozenset({"dunning", "interest", "reporting"}),
    "do_not_contact": frozenset({"dunning", "contact"}),
    "placement": frozenset({"dunning", "contact"}),
}
"""Kind of hold -> what it stops where it does not say. Stored holds rely on it: a row is never changed."""

KINDS: Final = frozenset(STOPS_OF)

AGAIN: Final = " again "
"""Stands between the id of a hold and how often it was placed again."""


def _by_kind(hold: Hold) -> frozenset[str]:
    checks.one_of("hold.kind", hold.kind, KINDS)
    return STOPS_OF[hold.kind]


@final
@frozen(kw_only=True)
class Hold:
    """A stop with a reason and, where wanted, an end: on the account, or on less of it where that is named.

    ``document`` is all items of an invoice and all charges on it, those that are raised later too; ``item`` is one item,
    and ``amount`` so much of it: the rest goes on. ``kind`` gives what it stops, unless ``stops`` names some of
    ``dunning``, ``contact``, ``interest``, ``credit`` and ``reporting``. It is in force from ``placed_on`` to ``until``,
    both included; without ``until`` it stays until it is released. With ``until_settled`` it is released by itself when
    nothing is open of that item any more. ``code`` is the host's code of the reason, ``approver`` who agreed.

    >>> Hold(id="H-1", account="ACME", placed_on=dt.date(2026, 3, 2), stops=frozenset({"dunning"}),
    ...      reason="goods came back", until=dt.date(2026, 3, 31)).until
    datetime.date(2026, 3, 31)
    >>> illness = Hold(id="H-2", account="ACME", placed_on=dt.date(2026, 3, 2), kind="hardship", document="INV-7",
    ...                reason="ill since February")
    >>> sorted(illness.stops), illness.covers("INV-7/2", "INV-7"), illness.covers("INV-8", "INV-8")
    (['dunning', 'interest', 'reporting'], True, False)
    """

    id: str
    account: str
    placed_on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    kind: str = "hold"
    stops: frozenset[str] = attrs.field(
        default=attrs.Factory(_by_kind, takes_self=True), metadata={"default": STOPS_OF["hold"]}
    )
    item: str | None = None
    until: dt.date | None = None
    until_settled: str | None = None
    document: str | None = None
    amount: Money | None = None
    approver: str | None = None
    code: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("hold.id", self.id)
        checks.text("hold.account", self.account)
        checks.day("hold.placed_on", self.placed_on)
        checks.text("hold.reason", self.reason)
        checks.one_of("hold.kind", self.kind, KINDS)
        checks.optional_day("hold.until", self.until)
        for name in ("item", "until_settled", "document", "approver", "code"):
            checks.optional_text(f"hold.{name}", getattr(self, name))
        _check_stops(self)
        _check_scope(self)
        if self.until is not None and self.until < self.placed_on:
            raise InvalidValue("hold.until", self.until.isoformat(), f"must not be before {self.placed_on}")

    @property
    def first_id(self) -> str:
        """The id under which it was placed first: one that ended with its item is placed again when the money goes back.

        >>> Hold(id="H-1 again 2", account="ACME", placed_on=dt.date(2026, 3, 2), reason="no goods before").first_id
        'H-1'
        """
        first, _, times = self.id.rpartition(AGAIN)
        return first if first and times.isdecimal() else self.id

    @property
    def is_general(self) -> bool:
        """Whether it is on the account as a whole."""
        return self.item is None and self.document is None

    @property
    def scope(self) -> tuple[str | None, str | None, bool]:
        """What it is on: the document or the item that it names, and whether on a part of it only."""
        return self.document, self.item, self.amount is not None

    def covers(self, item: str, document: str) -> bool:
        """Whether it is on an item of a document, or on a part of it."""
        if self.item is not None:
            return self.item == item
        return self.document is None or self.document == document

    def stops_all(self, what: str) -> bool:
        """Whether it stops something for all of what it covers, and not for an amount."""
        return what in self.stops and self.amount is None

    def overlaps(self, other: Hold) -> bool:
        """Whether it is of the kind and on the scope of another, and both stop something on some day."""
        return (
            self.kind == other.kind
            and self.scope == other.scope
            and not self.stops.isdisjoint(other.stops)
            and (other.until is None or self.placed_on <= other.until)
            and (self.until is None or other.placed_on <= self.until)
        )


def _check_stops(hold: Hold) -> None:
    checks.instance("hold.stops", hold.stops, frozenset, "a frozenset of what it stops")
    names = sorted(map(str, hold.stops))
    if not hold.stops or hold.stops - STOPS:
        raise InvalidValue("hold.stops", names, "must name some of " + ", ".join(sorted(STOPS)))
    if hold.amount is not None and "contact" in hold.stops:
        raise InvalidValue("hold.stops", names, "must not name contact for a part of an item")


def _check_scope(hold: Hold) -> None:
    if hold.item is not None and hold.document is not None:
        raise InvalidValue("hold.document", hold.document, "must not be given with an item")
    if hold.amount is None:
        return
    checks.instance("hold.amount", hold.amount, Money, "money, or None for all of the item")
    if hold.amount.minor <= 0:
        raise InvalidValue("hold.amount", str(hold.amount), "must be more than zero")
    if hold.item is None:
        raise InvalidValue("hold.amount", str(hold.amount), "must be given with the item that it is a part of")
