"""Back-test of a score: what was said before a day, held against what followed.

Rules:

1. More points are better. Discrimination is whether those that went right have more points than those that went wrong: AUC
   (the chance that a good one stands above a bad one, ties half), Gini (``2 AUC - 1``), and KS (the greatest distance between the
   two distributions). All three are exact, by ranks.
2. Calibration is whether each band went wrong as often as was expected: the share with a Wilson interval, which is good for small
   counts and for none.
3. The base rate stands beside everything: a score that tells nothing has an AUC of one half and the base rate in every band.

The rows must come from before the day, and what they are judged by from after it; `late_share_after` reads the latter from an
account. Nothing to divide by is ``None``.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import isqrt
from operator import attrgetter
from typing import Final, final

from attrs import field, frozen

from receivables.errors import InvalidValue
from receivables.policies.history import BehaviorTerms, history
from receivables.reports.table import html_table, text_table
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.values import checks

Z_95: Final = Fraction(1_959_964, 1_000_000)
"""How many standard errors a 95 % interval reaches to each side."""

_MILLIONTHS: Final = 10**6
_ALL: Final = BehaviorTerms(window_days=36_500, most_days=36_500)


@final
@frozen(kw_only=True, weakref_slot=False)
class Outcome:
    """One that was scored, and whether it went wrong after that; ``band`` is its class.

    >>> Outcome(points=540, bad=False, band="B").band
    'B'
    """

    points: int
    bad: bool
    band: str = ""

    def __attrs_post_init__(self) -> None:
        checks.whole("outcome.points", self.points)
        checks.instance("outcome.bad", self.bad, bool, "true or false")
        checks.text("outcome.band", self.band, empty=True)


@final
@frozen(kw_only=True)
class Band:
    """A class: how many, how many of them went wrong, the share with its interval, and what was expected."""

    name: str
    count: int
    bad: int
    low: Fraction
    high: Fraction
    expected: Fraction | None = None

    @property
    def rate(self) -> Fraction:
        """The share that went wrong."""
        return Fraction(self.bad, self.count)

    @property
    def calibrated(self) -> bool | None:
        """Whether what was expected lies in the interval; ``None`` where nothing was."""
        return None if self.expected is None else self.low <= self.expected <= self.high

    def row(self) -> dict[str, object]:
        """The band as a plain dict, shares in percent."""
        return {
            "band": self.name,
            "count": self.count,
            "bad": self.bad,
            "percent": percent(self.rate),
            "low": percent(self.low),
            "high": percent(self.high),
            "expected": None if self.expected is None else percent(self.expected),
            "calibrated": self.calibrated,
        }


@final
@frozen(kw_only=True)
class Backtest:
    """How well a score told good from bad, and how often each band went wrong."""

    count: int
    bad: int
    auc: Fraction | None
    ks: Fraction | None
    bands: tuple[Band, ...] = field(repr=False)

    @property
    def base_rate(self) -> Fraction | None:
        """The share of all that went wrong."""
        return Fraction(self.bad, self.count) if self.count else None

    @property
    def gini(self) -> Fraction | None:
        """``2 AUC - 1``: 0 tells nothing, 1 tells all, below 0 the score stands on its head."""
        return None if self.auc is None else 2 * self.auc - 1

    @property
    def title(self) -> str:
        """What it is, in words."""
        if self.base_rate is None or self.auc is None or self.ks is None:
            return f"back-test of {self.count}: undefined, because all of them went the same way"
        figures = f"AUC {_decimals(self.auc)}, KS {_decimals(self.ks)}"
        return f"back-test of {self.count}, of which {percent(self.base_rate)} % went wrong: {figures}"

    def rows(self) -> list[dict[str, object]]:
        """One plain dict per band."""
        return [band.row() for band in self.bands]

    def __str__(self) -> str:
        return f"{self.title}\n{text_table(self.rows(), 'no band')}"

    def _repr_html_(self) -> str:
        return html_table(self.rows(), self.title)


def backtest(
    outcomes: Iterable[Outcome], *, bands: Sequence[str] | None = None, expected: Mapping[str, Fraction] | None = None
) -> Backtest:
    """Hold scores against what followed; ``bands`` gives the order of the classes, ``expected`` what each was to come to.

    Four good and two bad; one of the bad ones stands above one of the good ones, one pair is tied. Of eight pairs six and a
    half stand right:

    >>> rows = [(600, False, "A"), (580, False, "A"), (560, True, "A"), (540, False, "B"), (500, False, "B"), (500, True, "B")]
    >>> test = backtest([Outcome(points=points, bad=bad, band=band) for points, bad, band in rows])
    >>> test.auc, test.gini, test.ks, test.base_rate
    (Fraction(11, 16), Fraction(3, 8), Fraction(1, 2), Fraction(1, 3))
    >>> print(test)
    back-test of 6, of which 33.33 % went wrong: AUC 0.6875, KS 0.5000
    band  count  bad  percent   low   high  expected  calibrated
    A         3    1    33.33  6.15  79.23
    B         3    1    33.33  6.15  79.23

    Errors: `InvalidValue` for a band that is not in ``bands``.
    """
    given = list(outcomes)
    bad = sum(each.bad for each in given)
    names = tuple(bands) if bands is not None else tuple(sorted({each.band for each in given}))
    strangers = sorted({each.band for each in given} - set(names))
    if strangers:
        raise InvalidValue("backtest.bands", list(names), f"must have {strangers[0]!r}")
    return Backtest(
        count=len(given),
        bad=bad,
        auc=auc(given),
        ks=ks(given),
        bands=tuple(_bands(given, names, expected or {})),
    )


def auc(outcomes: Iterable[Outcome]) -> Fraction | None:
    """The chance that a good one has more points than a bad one, ties half; ``None`` without both kinds."""
    below = pairs = good_ones = 0
    for good, bad in _rising(outcomes):
        pairs += good * (2 * below + bad)
        below, good_ones = below + bad, good_ones + good
    return Fraction(pairs, 2 * good_ones * below) if good_ones and below else None


def ks(outcomes: Iterable[Outcome]) -> Fraction | None:
    """The greatest distance between the shares of the bad and of the good up to some points; ``None`` without both kinds."""
    steps = list(_rising(outcomes))
    good_ones, bad_ones = sum(good for good, _ in steps), sum(bad for _, bad in steps)
    if not good_ones or not bad_ones:
        return None
    good, bad, most = 0, 0, Fraction(0)
    for more_good, more_bad in steps:
        good, bad = good + more_good, bad + more_bad
        most = max(most, abs(Fraction(bad, bad_ones) - Fraction(good, good_ones)))
    return most


def wilson(bad: int, count: int, z: Fraction = Z_95) -> tuple[Fraction, Fraction]:
    """The interval of a share by E. B. Wilson (1927), in millionths, rounded outward.

    >>> [percent(edge) for edge in wilson(1, 10)], [percent(edge) for edge in wilson(0, 10)]
    (['1.79', '40.42'], ['0.00', '27.75'])

    Errors: `InvalidValue` for no count, or more bad than there are.
    """
    checks.whole("wilson.count", count, least=1)
    checks.whole("wilson.bad", bad, least=0, most=count)
    square = z * z
    middle = (bad + square / 2) / (count + square)
    under = square * (Fraction(bad * (count - bad), count) + square / 4) / (count + square) ** 2
    reach = Fraction(isqrt(_up(under * _MILLIONTHS**2)) + 1, _MILLIONTHS)
    low, high = (middle - reach) * _MILLIONTHS, (middle + reach) * _MILLIONTHS
    return Fraction(max(0, low.__floor__()), _MILLIONTHS), Fraction(min(_MILLIONTHS, _up(high)), _MILLIONTHS)


def late_share_after(
    account: Account, since: dt.date, until: dt.date, late_days: int = 0, judged_on: dt.date | None = None
) -> Fraction | None:
    """Of the items due after a day up to another, the share by amount that was more than so many days late.

    That is judged on ``judged_on``, the end of the window where none is given: what is open and overdue then counts by its days so far. This is what a score of ``since`` is judged by, and the one thing here
    that looks beyond that day. Of several currencies it is the mean. ``None`` where nothing fell due.

    >>> from receivables import Customer, Invoice, Money
    >>> invoices = [Invoice.due(number=number, account="ACME", issued_on=due, total=Money.of(amount, "EUR"), due_on=due)
    ...             for number, amount, due in (("1", 300, dt.date(2026, 2, 1)), ("2", 100, dt.date(2026, 3, 20)))]
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices)
    >>> late_share_after(account, dt.date(2026, 1, 1), dt.date(2026, 3, 31), 30)
    Fraction(3, 4)

    Errors: `InvalidValue` for a window that ends before it begins.
    """
    checks.day("backtest.since", since)
    checks.day("backtest.until", until)
    checks.whole("backtest.late_days", late_days, least=0)
    checks.optional_day("backtest.judged_on", judged_on)
    if until <= since:
        raise InvalidValue("backtest.until", until.isoformat(), f"must be after {since}")
    if judged_on is not None and judged_on < until:
        raise InvalidValue("backtest.judged_on", judged_on.isoformat(), f"must not be before {until}")
    seen = history(account, judged_on or until, terms=_ALL)
    first, last = since.toordinal(), until.toordinal()
    due = {id for id, (_, on) in seen.items.items() if first < on <= last}
    late: Counter[str] = Counter()
    for each in (*seen.paid, *seen.overdue):
        late[each.item] += each.amount if each.days > late_days else 0
    owed: dict[str, list[Item]] = {}
    for id in sorted(due):
        item, _ = seen.items[id]
        owed.setdefault(item.currency.code, []).append(item)
    shares = [share for items in owed.values() if (share := _share(items, late)) is not None]
    return sum(shares, Fraction(0)) / len(shares) if shares else None


def _share(items: Iterable[Item], late: Mapping[str, int]) -> Fraction | None:
    amounts = {item.id: item.amount for item in items}
    total = sum(amounts.values())
    return Fraction(sum(late.get(id, 0) for id in amounts), total) if total else None


def percent(share: Fraction) -> str:
    """A share in percent with two decimals, rounded half up.

    >>> percent(Fraction(1, 3))
    '33.33'
    """
    whole, rest = divmod(_rounded(share * 10_000), 100)
    return f"{whole}.{rest:02d}"


def _decimals(value: Fraction) -> str:
    whole, rest = divmod(_rounded(value * 10_000), 10_000)
    return f"{whole}.{rest:04d}"


def _rounded(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def _up(value: Fraction) -> int:
    return -((-value).__floor__())


def _rising(outcomes: Iterable[Outcome]) -> Iterator[tuple[int, int]]:
    """How many good and bad ones have the same points, from the fewest points on."""
    for _, tied in groupby(sorted(outcomes, key=attrgetter("points")), key=attrgetter("points")):
        flags = [each.bad for each in tied]
        yield len(flags) - sum(flags), sum(flags)


def _bands(outcomes: Iterable[Outcome], names: Iterable[str], expected: Mapping[str, Fraction]) -> Iterator[Band]:
    """The bands in which somebody is."""
    counts, bads = Counter[str](), Counter[str]()
    for each in outcomes:
        counts[each.band] += 1
        bads[each.band] += each.bad
    for name in names:
        if counts[name]:
            low, high = wilson(bads[name], counts[name])
            yield Band(name=name, count=counts[name], bad=bads[name], low=low, high=high, expected=expected.get(name))
