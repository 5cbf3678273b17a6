"""An index of payment behavior from 1 to 100, weighted by amounts, in the manner of the agencies' PAYDEX.

Each payment experience gets points by its days beyond terms: 80 for prompt, more for early, less for late. The index is the
mean of the points weighted by the amounts: a large invoice that was paid late counts for more than ten small ones that were
paid in time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Final

from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Rounding

POINTS: Final = (
    (-30, 100),
    (-20, 90),
    (0, 80),
    (15, 70),
    (22, 60),
    (30, 50),
    (60, 40),
    (90, 30),
    (120, 20),
    (180, 1),
)
"""Days beyond terms -> points, as Dun & Bradstreet publishes them; between two, in proportion.

Below zero it is early. The agency gives 1 to 19 to more than 120 days without saying how; here 180 days are 1.
"""

RISK: Final = ((80, "low"), (50, "medium"), (0, "high"))
"""The least points of each band: 80 to 100 low, 50 to 79 medium, below that high."""


@lru_cache(maxsize=1024)
def paydex_points(days_beyond_terms: int) -> Fraction:
    """The points of one experience; exact, in proportion between two rows of the table.

    >>> [int(paydex_points(days)) for days in (-45, 0, 15, 22, 90, 120, 400)]
    [100, 80, 70, 60, 30, 20, 1]
    >>> paydex_points(75)
    Fraction(35, 1)
    """
    checks.whole("paydex.days_beyond_terms", days_beyond_terms)
    at = bisect_right(POINTS, days_beyond_terms, key=lambda row: row[0])
    if at in (0, len(POINTS)):
        return Fraction(POINTS[min(at, len(POINTS) - 1)][1])
    (first, above), (last, below) = POINTS[at - 1], POINTS[at]
    return above - Fraction((above - below) * (days_beyond_terms - first), last - first)


def weighted_index(experiences: Iterable[tuple[int, int | Fraction]]) -> int | None:
    """The mean of the points weighted by the amounts, rounded half up; ``None`` where no amount counts.

    Three suppliers with 10,000.00 at 80 points, 5,000.00 at 50 and 1,000.00 at 20: 67, where a mean of the three is 50.

    >>> weighted_index([(1_000_000, 80), (500_000, 50), (100_000, 20)])
    67

    Amounts are minor units of one currency. Errors: `InvalidValue` for a negative amount.
    """
    total, points = 0, Fraction(0)
    for amount, each in experiences:
        checks.whole("paydex.amount", amount, least=0)
        total, points = total + amount, points + amount * each
    return Rounding.HALF_UP.whole(points / total) if total else None


def paydex(paid: Iterable[tuple[int, int]]) -> int | None:
    """The index of payments, each with its amount in minor units and its days beyond terms.

    >>> paydex([(900_000, 0), (100_000, 30)])
    77
    """
    return weighted_index((amount, paydex_points(days)) for amount, days in paid)


def paydex_risk(index: int) -> str:
    """The band of an index: ``low``, ``medium`` or ``high``.

    >>> [paydex_risk(index) for index in (100, 80, 79, 50, 49, 0)]
    ['low', 'low', 'medium', 'medium', 'high', 'high']

    Errors: `InvalidValue` outside of 0 to 100.
    """
    checks.whole("paydex.index", index)
    if not 0 <= index <= 100:
        raise InvalidValue("paydex.index", index, "must be from 0 to 100")
    return next(name for least, name in RISK if index >= least)
