"""Which limit holds on a day: set on the account, inherited, increased for a while, insured.

1. The base limit that began last counts, of one day the one set last. An expired one leaves a limit of zero: an older one
   does not come back.
2. Without one of its own a customer inherits: the limit of its group alone where the policy says so, else the default of its
   segment, else that of the company. A limit of zero is one of its own, and grants nothing; to inherit again it is withdrawn.
3. Temporary increases add to it while they are valid. An increase alone is no limit.
4. The insured part grants nothing by itself, unless the policy lets the limit be at least what is insured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import final

from attrs import frozen

from receivables.documents.credit import CreditLimit
from receivables.documents.customer import Customer
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money


@final
@frozen(kw_only=True)
class LimitDefault:
    """What a customer without a limit of its own is granted, by segment or, without one, for the company.

    >>> LimitDefault(currency=Currency.of("EUR"), amount=Money.of(3000, "EUR"), segment="retail").origin
    'segment'
    """

    currency: Currency
    amount: Money | None
    segment: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.instance("default.currency", self.currency, Currency, "a currency")
        if self.segment is not None:
            checks.text("default.segment", self.segment, empty=True)
        if self.amount is None:
            return
        checks.instance("default.amount", self.amount, Money, "money, or None for unlimited")
        if self.amount.currency != self.currency:
            raise CurrencyMismatch(self.amount, self.currency.code)
        if self.amount.minor < 0:
            raise InvalidValue("default.amount", str(self.amount), "must not be negative")

    @property
    def origin(self) -> str:
        """Whose default it is: ``segment`` or ``company``."""
        return "company" if self.segment is None else "segment"


@final
@frozen(kw_only=True, weakref_slot=False)
class Granted:
    """The limit of a day in minor units, ``None`` for unlimited, with where it comes from and what it is made of.

    ``insured`` is what an insurer covers, ``None`` for all, and what is above it is the creditor's own risk.
    """

    limit: int | None
    origin: str
    base: CreditLimit | None = None
    insured: int | None = 0
    expired_on: dt.date | None = None

    @property
    def own_risk(self) -> int | None:
        """The part of the limit that nobody insures; ``None`` is unlimited."""
        if self.insured is None:
            return 0
        return None if self.limit is None else max(0, self.limit - self.insured)

    @property
    def review_on(self) -> dt.date | None:
        """When the limit is to be reviewed."""
        return self.base.review_on if self.base is not None else None


@final
class _NotSet(Enum):
    NOT_SET = "not set"


NOT_SET = _NotSet.NOT_SET


def limit_on(
    limits: tuple[CreditLimit, ...], currency: Currency, as_of: dt.date
) -> tuple[Money | _NotSet | None, dt.date | None]:
    """The own limit in a currency on a date, and since when it is expired where it is.

    The base limit that began last counts, and of one day the one set last. Temporary increases add to it while they
    are valid and lapse by their date alone; one without an amount lifts the limit for so long. An expired base limit
    leaves a limit of zero.
    """
    base = base_on(limits, currency, as_of)
    if base is None:
        return NOT_SET, None
    expired_on = base.valid_to if base.valid_to is not None and as_of > base.valid_to else None
    amount = Money.zero(currency) if expired_on else base.amount
    extra = _increase(limits, currency, as_of)
    return (None if amount is None or extra is None else Money(amount.minor + extra, currency)), expired_on


def base_on(
    limits: Iterable[CreditLimit], currency: Currency, as_of: dt.date, kind: str = "base"
) -> CreditLimit | None:
    """The limit of a kind that began last on a date, and of one day the one set last, expired or not."""
    found: CreditLimit | None = None
    for limit in limits:
        if limit.kind == kind and limit.currency == currency and limit.valid_from <= as_of:
            found = limit if found is None or limit.valid_from >= found.valid_from else found
    return found


def granted_on(
    limits: tuple[CreditLimit, ...],
    currency: Currency,
    as_of: dt.date,
    *,
    customer: Customer | None = None,
    defaults: Sequence[LimitDefault] = (),
    insured_raises: bool = False,
    by_group: bool = False,
) -> Granted:
    """The limit of a day with all that it is made of; ``by_group`` says that a group limit stands in for a missing one.

    >>> eur = Currency.of("EUR")
    >>> default = LimitDefault(currency=eur, amount=Money.of(100, "EUR"))
    >>> insured = CreditLimit(account="ACME", currency=eur, amount=Money.of(25, "EUR"), kind="insured",
    ...                       valid_from=dt.date(2026, 1, 1))
    >>> found = granted_on((insured,), eur, dt.date(2026, 3, 2), defaults=(default,))
    >>> found.origin, found.limit, found.own_risk
    ('company', 10000, 7500)
    """
    own, expired_on = limit_on(limits, currency, as_of)
    insured = insured_on(limits, currency, as_of)
    base = base_on(limits, currency, as_of)
    origin, amount = "own", own
    if isinstance(own, _NotSet):
        origin, inherited = _inherited(currency, customer, defaults, by_group)
        amount = inherited
        extra = _increase(limits, currency, as_of) if origin != "none" else 0
        if inherited is not None:
            amount = None if extra is None else inherited + Money(extra, currency)
    limit = amount.minor if isinstance(amount, Money) else None
    if insured_raises and limit is not None and not expired_on and origin != "none":
        limit = None if insured is None else max(limit, insured)
    return Granted(limit=limit, origin=origin, base=base, insured=insured, expired_on=expired_on)


def _inherited(
    currency: Currency, customer: Customer | None, defaults: Sequence[LimitDefault], by_group: bool
) -> tuple[str, Money | None]:
    if by_group:
        return "group", None
    segment = customer.segment if customer is not None else None
    mine = [each for each in defaults if each.currency == currency and each.segment in (None, segment)]
    found = max(mine, key=lambda each: each.segment is not None, default=None)
    return ("none", None) if found is None else (found.origin, found.amount)


def _increase(limits: Iterable[CreditLimit], currency: Currency, as_of: dt.date) -> int | None:
    """The sum of the temporary increases that are valid; ``None`` where one of them lifts the limit."""
    total = 0
    for limit in limits:
        if limit.kind == "temporary" and limit.currency == currency and is_valid(limit, as_of):
            if limit.amount is None:
                return None
            total += limit.amount.minor
    return total


def insured_on(limits: Iterable[CreditLimit], currency: Currency, as_of: dt.date) -> int | None:
    """What is insured on a day: by the policy that began last, nothing where that is over; ``None`` is all."""
    found = base_on(limits, currency, as_of, "insured")
    if found is None or not is_valid(found, as_of):
        return 0
    return found.amount.minor if found.amount is not None else None


def is_valid(limit: CreditLimit, as_of: dt.date) -> bool:
    """Whether a limit has begun and is not over."""
    return limit.valid_from <= as_of and (limit.valid_to is None or as_of <= limit.valid_to)
