"""Debts that an agency or a lawyer collects: which items, from when on, and what is paid for it.

1. The items stay ours: they age, bear interest and are shown. Their letters stop while somebody else writes.
2. A commission is due on what was collected, never on what was placed. Terms are data.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.limitation import check_items
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.values import checks
from receivables.values.money import Money, Rounding, exact

KINDS: Final = ("agency", "lawyer")
"""Who collects."""

OUTCOMES: Final = ("collected", "uncollectable", "settled")
"""How a placement ends by itself."""


@final
@frozen(kw_only=True)
class CommissionStep:
    """From this much collected on, another percentage of what exceeds it."""

    above: Money
    percent: Decimal

    def __attrs_post_init__(self) -> None:
        checks.instance("commission_step.above", self.above, Money, "money")
        if self.above.minor <= 0:
            raise InvalidValue("commission_step.above", str(self.above), "must be more than zero")
        _check_percent("commission_step.percent", self.percent)


@final
@frozen(kw_only=True)
class CommissionTerms:
    """What an agency gets of what was collected: a percentage, another one above an amount, and less of what came to us.

    ``direct_percent`` is for what the customer paid to us while the agency had it, without steps; ``None`` where that makes
    no difference. 20 % of the first 1,000.00 and 10 % above, of 1,500.00: 250.00; and 5 % of 200.00 that came to us: 10.00.

    >>> terms = CommissionTerms(percent=Decimal(20), steps=(CommissionStep(above=Money.of(1000, "EUR"), percent=Decimal(10)),),
    ...                         direct_percent=Decimal(5))
    >>> terms.commission(Money.of(1500, "EUR"), Money.of(200, "EUR"))
    Money.of('260.00', 'EUR')

    Rounded once, half up. Errors: `InvalidValue` for a percentage outside 0 to 100, or steps that do not rise.
    """

    percent: Decimal
    direct_percent: Decimal | None = None
    steps: tuple[CommissionStep, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_percent("commission.percent", self.percent)
        if self.direct_percent is not None:
            _check_percent("commission.direct_percent", self.direct_percent)
        checks.sequence("commission.steps", self.steps, CommissionStep, "steps")
        edges = [step.above for step in self.steps]
        if any(edge.currency != edges[0].currency for edge in edges):
            raise InvalidValue("commission.steps", [str(edge) for edge in edges], "must be in one currency")
        if any(one.minor >= other.minor for one, other in pairwise(edges)):
            raise InvalidValue("commission.steps", [str(edge) for edge in edges], "must rise")

    def commission(self, through_agency: Money, direct: Money) -> Money:
        """What is due on what came through the agency and on what came to us; raises `CurrencyMismatch`."""
        if self.steps and self.steps[0].above.currency != through_agency.currency:
            raise CurrencyMismatch(self.steps[0].above, through_agency)
        if self.direct_percent is None:
            return _rounded(self._stepped((through_agency + direct).minor), through_agency)
        own = exact("commission.direct_percent", self.direct_percent) * (through_agency - through_agency + direct).minor
        return _rounded(self._stepped(through_agency.minor) + own, through_agency)

    def _stepped(self, minor: int) -> Fraction:
        """A hundred times the commission in minor units."""
        edges = [0, *(step.above.minor for step in self.steps)]
        percents = [self.percent, *(step.percent for step in self.steps)]
        found = Fraction(0)
        for at, (edge, percent) in enumerate(zip(edges, percents, strict=True)):
            end = min(minor, edges[at + 1]) if at + 1 < len(edges) else minor
            found += exact("commission.percent", percent) * max(0, end - edge)
        return found


def _rounded(hundredfold: Fraction, like: Money) -> Money:
    return Money(Rounding.HALF_UP.whole(hundredfold / 100), like.currency)


def _check_percent(field: str, percent: object) -> None:
    if not isinstance(percent, Decimal):
        raise WrongType(field, percent, "a Decimal")
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise InvalidValue(field, str(percent), "must be between 0 and 100")


@final
@frozen(kw_only=True)
class Placement:
    """Items that an agency or a lawyer collects from a day on; ``reference`` is their file number.

    >>> Placement(id="PL-1", account="BROKE", agency="inkasso", items=("INV-1",), placed_on=dt.date(2026, 6, 1),
    ...           terms=CommissionTerms(percent=Decimal(15))).kind
    'agency'
    """

    id: str
    account: str
    agency: str
    items: tuple[str, ...]
    placed_on: dt.date
    terms: CommissionTerms
    kind: str = "agency"
    reference: str | None = None
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("id", "account", "agency"):
            checks.text(f"placement.{name}", getattr(self, name))
        check_items("placement.items", self.items)
        checks.day("placement.placed_on", self.placed_on)
        checks.instance("placement.terms", self.terms, CommissionTerms, "terms of a commission")
        checks.one_of("placement.kind", self.kind, KINDS)
        checks.optional_text("placement.reference", self.reference)
        checks.text("placement.note", self.note, empty=True)
