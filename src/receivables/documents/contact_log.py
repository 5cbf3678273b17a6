"""What was said with a customer, and what is to be done next: contacts with their outcomes, actions with their days.

1. A contact that ended in a promise or a dispute names it, so that what was said and what is kept back agree.
2. An action has a day and may have an owner. Without one it is for the collector of the account, whoever that is then.
3. What a person writes down is personal; the rest is codes and references.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.limitation import check_items
from receivables.errors import InvalidValue
from receivables.values import checks

CHANNELS: Final = ("phone", "email", "letter", "sms", "visit", "portal", "other")
"""How somebody was in contact."""

OUTCOMES: Final = (
    "reached",
    "no_answer",
    "promised",
    "disputed",
    "refused",
    "wrong_number",
    "letter_returned",
)
"""What came of a contact."""

NOT_REACHED: Final = frozenset({"wrong_number", "letter_returned"})
"""Outcomes that say that the customer was not even tried: they count towards no limit of contacts."""

KINDS: Final = ("call", "callback", "write", "visit", "review", "escalate", "other")
"""What can be done next; a ``callback`` was promised to the customer."""

ENDS: Final = ("done", "dropped")
"""How an action ends."""

_LINKS: Final = {"promised": "promise", "disputed": "dispute"}


@final
@frozen(kw_only=True)
class LoggedContact:
    """One contact with a customer: when, how, about what, and what came of it.

    ``promise`` and ``dispute`` are the ids of what was recorded on the occasion, and are there just where the outcome says
    so. ``inbound`` where the customer began it. ``person`` is the host's reference of who was spoken to.

    >>> LoggedContact(id="C-1", account="ACME", on=dt.date(2026, 3, 2), channel="phone", outcome="promised",
    ...               promise="PTP-1", items=("INV-1",)).counts
    True

    Errors: `InvalidValue` for an outcome without its link, or a link without its outcome.
    """

    id: str
    account: str
    on: dt.date
    channel: str
    outcome: str
    items: tuple[str, ...] = ()
    promise: str | None = None
    dispute: str | None = None
    inbound: bool = False
    person: str | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("contact.id", self.id)
        checks.text("contact.account", self.account)
        checks.day("contact.on", self.on)
        checks.one_of("contact.channel", self.channel, CHANNELS)
        checks.one_of("contact.outcome", self.outcome, OUTCOMES)
        check_items("contact.items", self.items, empty=True)
        checks.instance("contact.inbound", self.inbound, bool, "true or false")
        checks.optional_text("contact.person", self.person)
        checks.text("contact.note", self.note, empty=True)
        for outcome, name in _LINKS.items():
            _check_link(self, outcome, name)

    @property
    def counts(self) -> bool:
        """Whether the customer was approached: what a limit of contacts counts."""
        return not self.inbound and self.outcome not in NOT_REACHED


def _check_link(contact: LoggedContact, outcome: str, name: str) -> None:
    link = getattr(contact, name)
    checks.optional_text(f"contact.{name}", link)
    if (contact.outcome == outcome) != (link is not None):
        rule = f"must be given just where the outcome is {outcome!r}, and it is {contact.outcome!r}"
        raise InvalidValue(f"contact.{name}", link, rule)


@final
@frozen(kw_only=True)
class NextAction:
    """Something to do about a customer on a day, by an owner or else by whoever looks after the account then.

    ``contact`` is the id of the contact that it came from.

    >>> NextAction(id="A-1", account="ACME", kind="callback", due_on=dt.date(2026, 3, 9), planned_on=dt.date(2026, 3, 2)).kind
    'callback'

    Errors: `InvalidValue` for a day before the one on which it was planned.
    """

    id: str
    account: str
    kind: str
    planned_on: dt.date
    due_on: dt.date
    owner: str | None = None
    items: tuple[str, ...] = ()
    contact: str | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("action.id", self.id)
        checks.text("action.account", self.account)
        checks.one_of("action.kind", self.kind, KINDS)
        checks.day("action.planned_on", self.planned_on)
        checks.day("action.due_on", self.due_on)
        checks.optional_text("action.owner", self.owner)
        check_items("action.items", self.items, empty=True)
        checks.optional_text("action.contact", self.contact)
        checks.text("action.note", self.note, empty=True)
        if self.due_on < self.planned_on:
            raise InvalidValue("action.due_on", self.due_on.isoformat(), f"must not be before {self.planned_on}")
