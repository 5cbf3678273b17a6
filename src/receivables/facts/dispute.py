"""Facts about disputes: opened, and resolved in parts or at once."""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.dispute import Dispute
from receivables.facts.fact import Fact
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class DisputeOpened(Fact):
    """A customer contests so much of these items, from the day on which it said so."""

    dispute: Dispute
    items: tuple[str, ...]
    amount: Money


@final
@frozen(kw_only=True)
class DisputeResolved(Fact):
    """So much of a dispute is over: ``credited``, ``rejected``, ``settled`` or ``withdrawn``."""

    dispute: str
    outcome: str
    amount: Money
    credit_note: str | None = None
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
