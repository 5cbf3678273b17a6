"""What moves the day on which a claim lapses: what sets its period going anew, and agreed or legal standstills.

A `Suspension` is recorded, with its reason. `Interruption` and `Standstill` are the bare dates from which the last day of a
claim is computed, wherever they come from.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue, WrongType
from receivables.values import checks

INTERRUPTIONS: Final = ("acknowledgment", "part_payment", "demand")
"""What can set a period going anew: the debtor owned to the debt, paid a part of it, or received a written demand."""

SUSPENSIONS: Final = ("agreement", "mediation", "negotiations", "proceedings")
"""What can keep a period from running: a standstill agreed, a mediation, negotiations, a suit or another court procedure."""


@final
@frozen(kw_only=True)
class Suspension:
    """Days on which the period of some items does not run: what kind of standstill it is, and what it is about.

    From ``starts_on`` to ``until``, both included; without ``until`` it goes on until it is ended. Whether a kind counts is
    said by the regime.

    >>> Suspension(id="S-1", account="ACME", items=("INV-1",), kind="negotiations", starts_on=dt.date(2026, 3, 2),
    ...            until=dt.date(2026, 6, 30), reason="they say that the goods came late").resumes_on
    datetime.date(2026, 7, 1)

    Errors: `InvalidValue` for no item, an item named twice, or an end before the start.
    """

    id: str
    account: str
    items: tuple[str, ...]
    kind: str
    starts_on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    until: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("suspension.id", self.id)
        checks.text("suspension.account", self.account)
        check_items("suspension.items", self.items)
        checks.one_of("suspension.kind", self.kind, SUSPENSIONS)
        checks.day("suspension.starts_on", self.starts_on)
        checks.text("suspension.reason", self.reason)
        checks.optional_day("suspension.until", self.until)
        if self.until is not None and self.until < self.starts_on:
            raise InvalidValue("suspension.until", self.until.isoformat(), f"must not be before {self.starts_on}")

    @property
    def resumes_on(self) -> dt.date | None:
        """The first day after ``until``; ``None`` where no end is known."""
        return None if self.until is None or self.until == dt.date.max else self.until + dt.timedelta(days=1)


@final
@frozen(kw_only=True, order=True, weakref_slot=False)
class Interruption:
    """On this day a period begins anew, where the law says so for this kind.

    >>> Interruption(on=dt.date(2026, 6, 1), kind="part_payment").kind
    'part_payment'
    """

    on: dt.date
    kind: str = "acknowledgment"

    def __attrs_post_init__(self) -> None:
        checks.day("interruption.on", self.on)
        checks.one_of("interruption.kind", self.kind, INTERRUPTIONS)


@final
@frozen(kw_only=True, weakref_slot=False)
class Standstill:
    """Days that do not count, from ``starts_on`` up to but not including ``resumes_on``; ``None`` while no end is known.

    >>> Standstill(kind="mediation", starts_on=dt.date(2026, 3, 2), resumes_on=dt.date(2026, 7, 1)).starts_on
    datetime.date(2026, 3, 2)
    """

    kind: str
    starts_on: dt.date
    resumes_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.one_of("standstill.kind", self.kind, SUSPENSIONS)
        checks.day("standstill.starts_on", self.starts_on)
        checks.optional_day("standstill.resumes_on", self.resumes_on)
        if self.resumes_on is not None and self.resumes_on < self.starts_on:
            raise InvalidValue(
                "standstill.resumes_on", self.resumes_on.isoformat(), f"must not be before {self.starts_on}"
            )


def check_items(field: str, items: object, *, empty: bool = False) -> None:
    """Ids of items, each once; at least one unless told otherwise."""
    if not isinstance(items, tuple):
        raise WrongType(field, items, "a tuple of item ids")
    for at, item in enumerate(items):
        checks.text(f"{field}[{at}]", item)
    if len(set(items)) != len(items):
        raise InvalidValue(field, list(items), "must not name an item twice")
    if not items and not empty:
        raise InvalidValue(field, [], "must name at least one item")
