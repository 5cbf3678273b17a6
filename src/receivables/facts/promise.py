"""Facts about promises to pay: made, withdrawn. Whether one was kept is not recorded: it follows from the payments."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.promise import Promise
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class PromiseMade(Fact):
    """A customer promised to pay; ``items`` are those it covers, ``last_day`` the adjusted day with its tolerance.

    ``approver`` is named where it follows one that was broken.
    """

    promise: Promise
    items: tuple[str, ...]
    last_day: dt.date
    approver: str | None = None


@final
@frozen(kw_only=True)
class PromiseWithdrawn(Fact):
    """A promise does not count any more: it was a mistake, or another took its place."""

    promise: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
