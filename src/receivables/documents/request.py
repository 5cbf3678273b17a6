"""What a customer asks for by itself, in a portal: a promise, a deferment, a plan, other contacts.

A request says what is wanted and by when, and nothing of what is granted: a policy accepts it, refuses it, or hands it to a
person. Its id becomes the id of what is recorded when it is accepted.
"""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.customer import Contact
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

OUTCOMES = ("accepted", "referred", "refused")
"""What a request is answered, from best to worst; ``referred`` is handed to a person."""

MOST_COUNT = 1200
"""More installments than that nobody can mean."""


@final
@frozen(kw_only=True)
class PromiseRequest:
    """May I pay so much by a day? Without ``items`` it is about all that is open in the currency.

    >>> PromiseRequest(id="R-1", account="ACME", amount=Money.of("2500", "GBP"), pay_by=dt.date(2026, 6, 19)).kind
    'promise'
    """

    id: str
    account: str
    amount: Money
    pay_by: dt.date
    items: tuple[str, ...] = ()
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_head(self)
        checks.instance("request.amount", self.amount, Money, "money")
        if self.amount.minor <= 0:
            raise InvalidValue("request.amount", str(self.amount), "must be more than zero")
        checks.day("request.pay_by", self.pay_by)
        _check_items(self.items)

    @property
    def kind(self) -> str:
        """``promise``."""
        return "promise"


@final
@frozen(kw_only=True)
class DefermentRequest:
    """May it wait until a day, included? ``item`` is an open item, or an invoice: then all its items.

    >>> DefermentRequest(id="R-2", account="ACME", item="INV-1", until=dt.date(2026, 7, 31)).kind
    'deferment'
    """

    id: str
    account: str
    item: str
    until: dt.date
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_head(self)
        checks.text("request.item", self.item)
        checks.day("request.until", self.until)

    @property
    def kind(self) -> str:
        """``deferment``."""
        return "deferment"


@final
@frozen(kw_only=True)
class PlanRequest:
    """May I pay these items in ``count`` installments? The first on ``first_on``, the others every so many months.

    ``first`` is the amount of the first installment where it is another than that of the rest.

    >>> PlanRequest(id="R-3", account="ACME", items=("INV-1", "INV-2"), count=3, first_on=dt.date(2026, 7, 31)).kind
    'plan'
    """

    id: str
    account: str
    items: tuple[str, ...]
    count: int
    first_on: dt.date
    every_months: int = 1
    first: Money | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_head(self)
        _check_items(self.items)
        if not self.items:
            raise InvalidValue("request.items", self.items, "must name at least one item")
        checks.whole("request.count", self.count, least=1, most=MOST_COUNT)
        checks.day("request.first_on", self.first_on)
        checks.whole("request.every_months", self.every_months, least=1, most=12)
        if self.first is not None:
            checks.instance("request.first", self.first, Money, "money")
            if self.first.minor <= 0:
                raise InvalidValue("request.first", str(self.first), "must be more than zero")

    @property
    def kind(self) -> str:
        """``plan``."""
        return "plan"


@final
@frozen(kw_only=True)
class ContactsRequest:
    """Reach me there from now on: all contacts as they shall be, and the language where it shall be another.

    >>> post = Contact(purpose="billing", channel="letter", reference="address-4")
    >>> ContactsRequest(id="R-4", account="ACME", contacts=(post,), language="fr").kind
    'contacts'
    """

    id: str
    account: str
    contacts: tuple[Contact, ...]
    language: str | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_head(self)
        checks.sequence("request.contacts", self.contacts, Contact, "contacts")
        checks.optional_text("request.language", self.language)

    @property
    def kind(self) -> str:
        """``contacts``."""
        return "contacts"


ArrangementRequest = PromiseRequest | DefermentRequest | PlanRequest
"""What is asked about the debt itself."""

Request = PromiseRequest | DefermentRequest | PlanRequest | ContactsRequest
"""All that a customer can ask for."""


def _check_head(request: Request) -> None:
    checks.text("request.id", request.id)
    checks.text("request.account", request.account)
    checks.text("request.note", request.note, empty=True)


def _check_items(items: object) -> None:
    checks.sequence("request.items", items, str, "item ids")
    if isinstance(items, tuple) and len(set(items)) != len(items):
        raise InvalidValue("request.items", items, "must name each item once")
