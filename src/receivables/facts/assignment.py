"""Facts about who looks after a customer."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.assignment import Assignment
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class CollectorAssigned(Fact):
    """A customer was given to a collector or a team, or back to the rules; effective on its first day."""

    assignment: Assignment
