"""What a host hands on from its customers: requests for an arrangement or other contacts, and the word of a person on them."""

from __future__ import annotations

from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.request import ArrangementRequest, ContactsRequest
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class RequestArrangement(Command):
    """Ask for a promise, a deferment or a plan, as a customer: it is accepted, refused or referred, and recorded so."""

    ABOUT: ClassVar[str] = "request.account"

    request: ArrangementRequest


@final
@frozen(kw_only=True)
class RequestContacts(Command):
    """Ask for other contacts or another language, as a customer."""

    ABOUT: ClassVar[str] = "request.account"

    request: ContactsRequest


@final
@frozen(kw_only=True)
class AnswerRequest(Command):
    """Accept or refuse a request that was referred to a person; ``approver`` is another person than ``by``."""

    of: str
    request: str
    accept: bool
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    approver: str | None = None
