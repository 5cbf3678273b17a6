"""Who owes: a customer as one company of the creditor sees it, and where it can be reached.

An account is one customer in one company. Names and addresses stay with the host: a customer here has an id and
contact *references* that the host resolves when it sends something.
"""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.values import checks

PURPOSES = ("billing", "dunning", "statement", "legal")


def account_id(customer: str, company: str = "") -> str:
    """The id of the account of one customer in one company.

    >>> account_id("ACME"), account_id("ACME", "DE01")
    ('ACME', 'DE01:ACME')
    """
    return f"{company}:{customer}" if company else customer


def group_account_id(group: str) -> str:
    """The id of the account on which a group of customers keeps its common limit.

    >>> group_account_id("HOLDING")
    'group:HOLDING'
    """
    return f"group:{group}"


def group_of(account: str) -> str | None:
    """The group whose common limit an account keeps, by its id; ``None`` for any other account.

    >>> group_of("group:HOLDING"), group_of("ACME")
    ('HOLDING', None)
    """
    prefix = group_account_id("")
    return account.removeprefix(prefix) if account.startswith(prefix) else None


@final
@frozen(kw_only=True)
class Contact:
    """One way to reach a customer for one purpose: a channel and the host's reference, never an address.

    >>> Contact(purpose="dunning", channel="email", reference="contact-17").channel
    'email'
    """

    purpose: str
    channel: str
    reference: str

    def __attrs_post_init__(self) -> None:
        checks.one_of("contact.purpose", self.purpose, PURPOSES)
        checks.text("contact.channel", self.channel)
        checks.text("contact.reference", self.reference)


@final
@frozen(kw_only=True)
class Customer:
    """Who owes, as one company of the creditor sees it; changed by dated facts, never in place.

    ``zone`` is the name of the customer's time zone, ``language`` a tag such as ``de``; ``group`` names the group whose
    common limit counts too; ``segment`` and ``tags`` select policies.

    >>> Customer(id="ACME", company="DE01", segment="retail").account
    'DE01:ACME'
    """

    id: str
    company: str = ""
    group: str | None = None
    segment: str = ""
    zone: str = "UTC"
    language: str = "en"
    contacts: tuple[Contact, ...] = ()
    tags: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        checks.text("customer.id", self.id)
        checks.text("customer.company", self.company, empty=True)
        checks.optional_text("customer.group", self.group)
        checks.text("customer.segment", self.segment, empty=True)
        checks.text("customer.zone", self.zone)
        checks.text("customer.language", self.language)
        checks.sequence("customer.contacts", self.contacts, Contact, "contacts")
        checks.instance("customer.tags", self.tags, frozenset, "a frozenset of texts")
        for tag in self.tags:
            checks.text("customer.tags", tag)

    @property
    def account(self) -> str:
        """The id of this customer's account in its company."""
        return account_id(self.id, self.company)

    def reach(self, purpose: str, channel: str) -> str | None:
        """The contact reference for a purpose on a channel, or ``None`` where the customer has none.

        The dunning contact falls back to the billing contact, because that is where the invoice went.
        """
        for wanted in (purpose, "billing"):
            for contact in self.contacts:
                if contact.purpose == wanted and contact.channel == channel:
                    return contact.reference
        return None
