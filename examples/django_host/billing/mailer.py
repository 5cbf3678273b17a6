"""Notices as mails. The library knows no address and no wording: both are here.

The mail has the customer's link. The engine's key becomes the Message-ID, the same at each attempt. Django's backends do
not remember keys, so a mail whose outcome is unknown waits for a person: ``honors_keys`` is false.
"""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from billing import company
from billing.links import link_for
from billing.models import Customer
from billing.templatetags.figures import day, money
from receivables import Notice, NotSent, Sent

WORDS = {
    "reminder": ("A reminder", "Perhaps it was overlooked: these invoices are past due."),
    "second": ("Second notice", "In spite of our reminder these invoices are open."),
    "final": ("Final notice", "These invoices are long overdue. Please pay them now, or talk to us."),
}


class Mailer:
    """Sends with Django's mail."""

    honors_keys = False

    def send(self, notice: Notice) -> Sent | NotSent:
        """Send; refused by the server is "not sent", anything that breaks later is an exception: unknown."""
        customer = Customer.objects.filter(code=notice.recipient or "").first()
        if customer is None or not customer.email:
            return NotSent(reason="no address is known")
        try:
            mail_of(notice, customer).send()
        except smtplib.SMTPRecipientsRefused:
            return NotSent(reason="the address was refused")
        except (smtplib.SMTPConnectError, ConnectionRefusedError):
            return NotSent(reason="the mail server does not answer", retry=True)
        return Sent(receipt=notice.key[:12])


def mail_of(notice: Notice, customer: Customer) -> EmailMessage:
    """The mail of a notice."""
    subject, opening = WORDS.get(notice.template, ("Your account", "Please look at these invoices."))
    lines = [f"  {line.document}, due {day(line.due_on)}: {money(line.amount)}" for line in notice.claimed]
    lines += [f"  {charge.kind}: {money(charge.amount)}" for charge in notice.charges]
    text = [
        f"Dear {customer.name},",
        opening,
        "\n".join(lines),
        f"To be paid: {money(notice.demanded)}",
        f"See what is open, how to pay, or ask for more time:\n{settings.SITE_URL}{link_for(customer)}",
        f"{company.NAME}, {company.PHONE}",
    ]
    return EmailMessage(
        subject=f"{subject} from {company.NAME}",
        body="\n\n".join(text),
        to=[customer.email],
        headers={"Message-ID": f"<{notice.key}@blau.example>", "Auto-Submitted": "auto-generated"},
    )
