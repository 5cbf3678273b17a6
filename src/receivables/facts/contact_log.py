"""Facts about contacts with customers, and about what is to be done next."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.contact_log import LoggedContact, NextAction
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class ContactLogged(Fact):
    """Somebody was in contact with a customer, or tried; effective on that day."""

    contact: LoggedContact


@final
@frozen(kw_only=True)
class ActionPlanned(Fact):
    """Something is to be done on a day; it wakes the account then, and stands in the worklist until it is done."""

    action: NextAction


@final
@frozen(kw_only=True)
class ActionMoved(Fact):
    """An action has another day or another owner; ``handed_over_from`` is who had it, where a portfolio was handed over."""

    action: str
    due_on: dt.date
    owner: str | None
    handed_over_from: str | None = None


@final
@frozen(kw_only=True)
class ActionDone(Fact):
    """An action is over: ``done``, or ``dropped`` because it is not needed; ``contact`` is the contact that did it."""

    action: str
    outcome: str
    contact: str | None = None
    note: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
