"""Facts about placements: a debt was placed with an agency or a lawyer, recalled, closed; what they collected."""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.placement import Placement
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class DebtPlaced(Fact):
    """Items were placed; ``amount`` is what was open of them then. The holds that stop their letters are of the same commit."""

    placement: Placement
    amount: Money
    approver: str | None = None


@final
@frozen(kw_only=True)
class DebtRecalled(Fact):
    """Some items of a placement are ours to collect again from this day on."""

    placement: str
    items: tuple[str, ...]
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class PlacementClosed(Fact):
    """The agency or the lawyer is done: see `receivables.documents.placement.OUTCOMES`."""

    placement: str
    outcome: str


@final
@frozen(kw_only=True)
class AgencyCollected(Fact):
    """A payment came through the agency, and not from the customer itself: its commission is that of the agency's own."""

    placement: str
    payment: str
