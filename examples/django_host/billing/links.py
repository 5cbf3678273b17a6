"""The link that opens one customer's page: signed, for some days, and dead when the company says so.

The token belongs to one customer: its code and the count of revocations are part of what is signed. A token that fits
another customer, or nothing, is answered like an address that does not exist.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.urls import reverse

from billing.models import Customer

SALT = "billing.customer-page"


class LinkExpired(Exception):
    """A link that was right once: its days are over."""


def token_for(customer: Customer) -> str:
    """A fresh token."""
    return signing.dumps([customer.code, customer.links_revoked], salt=SALT)


def link_for(customer: Customer) -> str:
    """The path of the customer's page."""
    return reverse("customer", args=[customer.code, token_for(customer)])


def customer_of(code: str, token: str) -> Customer:
    """The customer whose page a token opens; `Http404` for any other, `LinkExpired` for one that was right."""
    signed, expired = _read(token)
    customer = Customer.objects.filter(code=code).first()
    if customer is None or signed != [customer.code, customer.links_revoked]:
        raise Http404
    if expired:
        raise LinkExpired
    return customer


def _read(token: str) -> tuple[object, bool]:
    """What was signed, and whether its days are over."""
    try:
        return signing.loads(token, salt=SALT, max_age=settings.LINK_DAYS * 86_400), False
    except signing.SignatureExpired:
        return signing.loads(token, salt=SALT), True
    except signing.BadSignature:
        return None, False
