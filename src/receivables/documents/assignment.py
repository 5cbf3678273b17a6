"""Who looks after a customer: a collector, a team, or both, from a day on.

Persons and teams are references of the host's, never names. What nobody was given is for the rules of the
`receivables.policies.assignment.AssignmentPolicy`.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.values import checks


@final
@frozen(kw_only=True)
class Assignment:
    """A customer is given to a collector or a team from a day on, until the next assignment begins.

    With neither it is given back to the rules of the policy. ``handed_over_from`` is the collector who had it before,
    where a portfolio was handed over.

    >>> Assignment(account="ACME", starts_on=dt.date(2026, 3, 2), collector="ann", team="north").collector
    'ann'
    >>> Assignment(account="ACME", starts_on=dt.date(2026, 6, 1)).is_open
    True
    """

    account: str
    starts_on: dt.date
    collector: str | None = None
    team: str | None = None
    handed_over_from: str | None = None
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("assignment.account", self.account)
        checks.day("assignment.starts_on", self.starts_on)
        for name in ("collector", "team", "handed_over_from", "reason"):
            checks.optional_text(f"assignment.{name}", getattr(self, name))

    @property
    def is_open(self) -> bool:
        """Whether it names nobody, so that the rules count again."""
        return self.collector is None and self.team is None
