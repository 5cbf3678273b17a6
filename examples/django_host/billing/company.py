"""Who the creditor is, for the pages and the mails."""

from django.http import HttpRequest

from receivables.reports.payment_options import PaymentOption

NAME = "Blau Supplies"
ADDRESS = "Hafenstraße 12, 20457 Hamburg"
PHONE = "+49 40 5550 120"
MAIL = "accounts@blau.example"

OPTIONS = (
    PaymentOption(
        method="transfer", currencies=("EUR",), account="DE89 3704 0044 0532 0130 00", payee="Blau Supplies GmbH"
    ),
)
"""How a customer can pay."""


def context(request: HttpRequest) -> dict[str, object]:
    """For every template."""
    return {"company": {"name": NAME, "address": ADDRESS, "phone": PHONE, "mail": MAIL}}
