"""Facts about what customers ask for: a request with its answer, and the word of a person on one that was handed on."""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.documents.reason import Reason
from receivables.documents.request import Request
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class RequestMade(Fact):
    """A customer asked for something, and was answered: accepted, refused, or referred to a person.

    ``reasons`` are those of the creditor; what the customer is shown follows from their codes. ``policy`` is ``None`` where
    none was chosen for the customer.
    """

    request: Request
    outcome: str
    reasons: tuple[Reason, ...]
    policy: PolicyRef | None


@final
@frozen(kw_only=True)
class RequestAnswered(Fact):
    """A person accepted or refused a request that was referred."""

    request: str
    accepted: bool
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str | None = None
