"""A collection pattern: in which month after the sale which percent of it is collected, for those who have no history.

The shares and what is never collected come to all of the sales on credit. What is sold for cash is collected in its month.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Self, final

from attrs import frozen

from receivables.documents.schedule import check_percent, read_percent
from receivables.errors import InvalidValue
from receivables.values import checks

LONGEST_MONTHS = 120


@final
@frozen(kw_only=True)
class CollectedShare:
    """So many percent of the sales on credit, collected so many months after the sale, less a discount in percent.

    >>> CollectedShare.of(0, "70", discount="2").discount_percent
    Decimal('2')
    """

    months: int
    percent: Decimal
    discount_percent: Decimal = Decimal(0)

    def __attrs_post_init__(self) -> None:
        checks.whole("collected_share.months", self.months, least=0, most=LONGEST_MONTHS)
        check_percent("collected_share.percent", self.percent)
        check_percent("collected_share.discount_percent", self.discount_percent)

    @classmethod
    def of(cls, months: int, percent: Decimal | str | int, *, discount: Decimal | str | int = 0) -> Self:
        """A share from plain numbers."""
        return cls(
            months=months,
            percent=read_percent("collected_share.percent", percent),
            discount_percent=read_percent("collected_share.discount_percent", discount),
        )


@final
@frozen(kw_only=True)
class CollectionPattern:
    """How the sales of a month come in: shares by month, what is never collected, and what part is sold on credit at all.

    >>> CollectionPattern.of("60", "30", "5", bad="5").shares[1].months
    1

    Errors: `InvalidValue` where the shares and what is never collected do not come to 100 percent.
    """

    shares: tuple[CollectedShare, ...]
    bad_percent: Decimal = Decimal(0)
    credit_percent: Decimal = Decimal(100)

    def __attrs_post_init__(self) -> None:
        checks.sequence("pattern.shares", self.shares, CollectedShare, "shares")
        check_percent("pattern.bad_percent", self.bad_percent)
        check_percent("pattern.credit_percent", self.credit_percent)
        whole = sum((Fraction(share.percent) for share in self.shares), Fraction(self.bad_percent))
        if whole != 100:
            raise InvalidValue(
                "pattern", f"{float(whole):.10g} percent", "must come to 100 with what is never collected"
            )

    @classmethod
    def of(
        cls,
        *percents: Decimal | str | int,
        bad: Decimal | str | int = 0,
        credit: Decimal | str | int = 100,
        more: Iterable[CollectedShare] = (),
    ) -> Self:
        """A pattern from the percents of month 0, 1, 2 ... in full, and shares with a discount beside them."""
        return cls(
            shares=(*(CollectedShare.of(months, percent) for months, percent in enumerate(percents)), *more),
            bad_percent=read_percent("pattern.bad_percent", bad),
            credit_percent=read_percent("pattern.credit_percent", credit),
        )
