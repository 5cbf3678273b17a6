"""Mandates: a customer's word that its bank account may be debited. A card is a `receivables.documents.payment.PaymentMethod`.

Neither holds what could be used to take money: a card is a token of the provider, a bank account is masked or a reference of
the host. Tokens of cards and ids of mandates are ids of payment methods, and a payment names the one that it was made with.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.dates import add_months
from receivables.values.references import compact, is_iban

SCHEMES: Final = ("core", "b2b")
"""The schemes of SEPA direct debit: with a right to a refund, and between businesses without one."""

USES: Final = ("recurring", "one_off")
"""What a mandate is for: collections again and again, or a single one."""

UNUSED_MONTHS: Final = 36
"""A mandate lapses so many months after the last collection, even one that was refused or returned.

Source: SEPA Direct Debit Core and B2B scheme rulebooks of the European Payments Council, on the cancellation of mandates.
"""


@final
@frozen(kw_only=True)
class Mandate:
    """The right to debit a bank account: its reference, the scheme, when it was signed, and what it is for.

    ``bank_account`` is masked or the host's reference of it, never a whole IBAN. ``last_used_on`` is the day of the last
    collection in another system, where the mandate was taken over.

    >>> mandate = Mandate(id="M-1", account="ACME", bank_account=masked_iban("DE89 3704 0044 0532 0130 00"),
    ...                   signed_on=dt.date(2026, 3, 2))
    >>> mandate.bank_account, mandate.lapses_on
    ('DE** **** 3000', datetime.date(2029, 3, 2))

    Errors: `InvalidValue` for a whole IBAN, which is shown masked, or for a use before the signature.
    """

    id: str
    account: str
    bank_account: str = attrs.field(metadata={"personal": True}, repr=False)
    signed_on: dt.date
    scheme: str = "core"
    use: str = "recurring"
    last_used_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("mandate.id", self.id)
        checks.text("mandate.account", self.account)
        checks.text("mandate.bank_account", self.bank_account)
        if is_iban(self.bank_account):
            raise InvalidValue("mandate.bank_account", masked_iban(self.bank_account), "must not be a whole IBAN")
        checks.day("mandate.signed_on", self.signed_on)
        checks.one_of("mandate.scheme", self.scheme, SCHEMES)
        checks.one_of("mandate.use", self.use, USES)
        checks.optional_day("mandate.last_used_on", self.last_used_on)
        if self.last_used_on is not None and self.last_used_on < self.signed_on:
            rule = f"must not be before {self.signed_on}"
            raise InvalidValue("mandate.last_used_on", self.last_used_on.isoformat(), rule)

    @property
    def lapses_on(self) -> dt.date:
        """The first day on which it is not good any more, if nothing is collected with it from now on."""
        return lapse_after(self.last_used_on or self.signed_on)


def lapse_after(used_on: dt.date) -> dt.date:
    """The first day on which a mandate that was last used on a day is not good any more.

    >>> lapse_after(dt.date(2024, 2, 29))
    datetime.date(2027, 2, 28)

    It is the day that ends the 36 months: where the rules leave a day open, the earlier one is taken.
    """
    return add_months(used_on, UNUSED_MONTHS)


def masked_iban(iban: str) -> str:
    """Show of an IBAN its country and the last four characters.

    >>> masked_iban("DE89370400440532013000")
    'DE** **** 3000'

    Errors: `InvalidValue` for anything else than an IBAN; the value is not shown.
    """
    if not is_iban(iban):
        raise InvalidValue("iban", "*" * len(iban), "must be an IBAN with right check digits")
    plain = compact(iban)
    return f"{plain[:2]}** **** {plain[-4:]}"
