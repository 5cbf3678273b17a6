"""Facts about the limitation of claims: debts acknowledged, demands received, periods suspended and resumed.

Part payments are not recorded here: they are read from the allocations.
"""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.limitation import Suspension
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class DebtAcknowledged(Fact):
    """The debtor owned to a debt; effective on the day on which it did.

    ``evidence`` says where that can be seen: a letter, a confirmed balance.
    """

    id: str
    items: tuple[str, ...]
    evidence: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class DemandReceived(Fact):
    """The debtor received a written demand; effective on the day on which it arrived.

    In some countries that sets the period going anew. ``evidence`` says how the receipt can be proved.
    """

    id: str
    items: tuple[str, ...]
    evidence: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class LimitationSuspended(Fact):
    """The period of some items does not run for a while; effective on its first day."""

    suspension: Suspension


@final
@frozen(kw_only=True)
class LimitationResumed(Fact):
    """A suspension is over; from this day on the period runs again."""

    suspension: str
