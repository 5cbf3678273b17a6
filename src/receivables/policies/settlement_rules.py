"""What a settlement policy is made of: the tolerance, tax withheld, and bank fees.

Every amount is given per currency, and nothing is converted: in a currency that a rule does not name, it lets nothing go.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, final

from attrs import frozen

from receivables.documents.schedule import check_percent
from receivables.errors import InvalidValue
from receivables.policies.fees import Amounts
from receivables.values import checks
from receivables.values.money import Money, Rounding, exact

BORNE_BY: Final = ("creditor", "customer")

CODES: Final[tuple[tuple[str, str], ...]] = (
    ("certificate_pending", "tax was withheld, and its certificate has not come"),
    ("certificate_received", "tax was withheld, and its certificate is there"),
    ("withheld_too_much", "more tax was withheld than the percentage of the policy"),
    ("withholding_not_agreed", "tax was withheld, and the policy knows of none"),
    ("withholding_unknown", "tax was withheld, and the net amount that it is of is not known"),
    ("bank_fee", "banks kept a fee that the creditor bears"),
    ("bank_fee_too_high", "banks kept more than the creditor bears"),
    ("bank_fee_not_borne", "banks kept a fee that the customer bears"),
    ("discount_in_time", "the discount was taken in time"),
    ("discount_in_grace", "the discount was taken in the days of grace"),
    ("unearned_accepted", "the discount was taken too late, and the policy accepts it"),
    ("unearned_discount", "the discount was taken too late, and stays open"),
    ("exchange_difference", "the rate of a converted payment made the difference"),
    ("within_tolerance", "too little for a letter"),
    ("written_off", "the policy gives the rest up, or keeps the surplus"),
    ("surplus_kept", "too little to give back"),
    ("short_payment", "not paid, and nobody says why"),
    ("overpayment", "more was paid than was open"),
    ("part_payment_refused", "less was paid than was open, and the policy takes no part payments"),
    ("not_as_expected", "the money would go otherwise than was expected when it was decided"),
    ("above_tolerance", "the rest is above the tolerance"),
    ("tolerance_cap_reached", "the rest is within the tolerance, and above what is left of it for the year"),
    ("discount_on_full_payment_only", "a part payment in time earned no discount"),
)
"""The reason codes of a settlement, and what they say; a deduction has the code that the remittance gives."""


@final
@frozen(kw_only=True)
class Tolerance:
    """How large a difference is let go: the smaller of an amount and a percentage, within a cap for the year.

    >>> few = Tolerance(amount=(Money.of("5.00", "EUR"),), percent=Decimal(1))
    >>> str(few.limit(Money.of("1200.00", "EUR"))), str(few.limit(Money.of("120.00", "EUR")))
    ('5.00 EUR', '1.20 EUR')

    ``amount`` and ``yearly_cap`` are per currency; in a currency without an amount there is no tolerance.
    Units: percent of what was open; the cap is what may be let go for one customer in one year.
    """

    amount: Amounts
    percent: Decimal | None = None
    yearly_cap: Amounts = ()

    def __attrs_post_init__(self) -> None:
        _check_amounts("tolerance.amount", self.amount)
        _check_amounts("tolerance.yearly_cap", self.yearly_cap)
        if self.percent is not None:
            check_percent("tolerance.percent", self.percent)

    def limit(self, open: Money) -> Money:
        """The most that is let go of so much, before the cap of the year."""
        amount = _most(self.amount, open)
        return amount if self.percent is None else min(amount, percent_of(open, self.percent, Rounding.DOWN))

    def left(self, used: Money) -> Money | None:
        """What is left of the cap of the year, after what was used; ``None`` without a cap."""
        cap = _in_currency(self.yearly_cap, used)
        return None if cap is None else max(cap - used, Money.zero(used.currency))


@final
@frozen(kw_only=True)
class WithheldTax:
    """Tax that a payer in some countries keeps back and pays to the tax office in the creditor's name.

    It settles the item; until the ``certificate`` comes, the reason of the part says that it is pending. ``on_net``: the
    percentage is of the amount without tax, so that an item without tax lines has none. ``assumed``: a difference that is
    just this tax counts as withheld, though nobody says so.

    >>> WithheldTax(percent=Decimal(20), source="DPR 600/1973 art. 25").on_net
    True
    """

    percent: Decimal
    on_net: bool = True
    assumed: bool = False
    source: str = ""

    def __attrs_post_init__(self) -> None:
        check_percent("withheld.percent", self.percent)
        for name in ("on_net", "assumed"):
            checks.instance(f"withheld.{name}", getattr(self, name), bool, "true or false")
        checks.text("withheld.source", self.source, empty=True)


@final
@frozen(kw_only=True)
class BankFees:
    """Who bears what banks keep on the way, and how much of it.

    ``assumed``: a difference up to ``most`` counts as a bank fee, though the bank line does not say so.

    >>> BankFees(most=(Money.of("25.00", "EUR"),)).borne_by
    'creditor'
    """

    most: Amounts
    borne_by: str = "creditor"
    assumed: bool = False

    def __attrs_post_init__(self) -> None:
        _check_amounts("bank_fees.most", self.most)
        checks.one_of("bank_fees.borne_by", self.borne_by, BORNE_BY)
        checks.instance("bank_fees.assumed", self.assumed, bool, "true or false")

    def bears(self, fee: Money) -> Money:
        """The part of a fee that the creditor bears."""
        return min(fee, _most(self.most, fee)) if self.borne_by == "creditor" else Money.zero(fee.currency)


def percent_of(amount: Money, percent: Decimal, rounding: Rounding) -> Money:
    """A percentage of an amount, exact and rounded once."""
    return amount.times(exact("percent", percent) / 100, rounding=rounding)


def _in_currency(amounts: Amounts, like: Money) -> Money | None:
    return next((amount for amount in amounts if amount.currency == like.currency), None)


def _most(amounts: Amounts, like: Money) -> Money:
    """The amount in a currency; nothing where none is given."""
    found = _in_currency(amounts, like)
    return Money.zero(like.currency) if found is None else found


def _check_amounts(field: str, amounts: Amounts) -> None:
    checks.sequence(field, amounts, Money, "money")
    shown = [str(amount) for amount in amounts]
    if any(amount.is_negative for amount in amounts):
        raise InvalidValue(field, shown, "must not be below zero")
    if len({amount.currency for amount in amounts}) != len(amounts):
        raise InvalidValue(field, shown, "must give each currency once")
