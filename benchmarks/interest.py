"""Accruing interest beside the arithmetic that one would write by hand, in the same process.

    python benchmarks/interest.py [--items N] [--rounds N]

The floor does the same work for its one case: it cuts where the balance or the rate changes, sums exactly in whole
numbers and rounds once; it gives the total and one tuple per segment, but no words, and it checks nothing. Each figure
is the best of several rounds, in microseconds per item, ours and the floor's in turn. Only the ratio says something.
"""

from __future__ import annotations

import argparse
import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.fees import FeeRule, FeeTier
from receivables.policies.interest import InterestTerms, accrue
from receivables.policies.interest_rates import RateRule
from receivables.values.money import Money
from receivables.values.rates import RateTable

HALF_YEARS = [dt.date(year, month, 1) for year in range(2015, 2027) for month in (1, 7)]
RATES = [(9 + at % 7) * 100 + 62 for at in range(len(HALF_YEARS))]
TABLE = RateTable.from_rows(
    [(day, Decimal(rate).scaleb(-2)) for day, rate in zip(HALF_YEARS, RATES, strict=True)],
    name="base",
    source="made up",
)
DAY = dt.timedelta(1)


class Item(NamedTuple):
    """An item: its history, and the same as plain numbers."""

    history: BalanceHistory
    due_on: dt.date
    until: dt.date
    minor: int
    payment: tuple[dt.date, int] | None


def items(count: int, paid: bool) -> list[Item]:
    """Items of several ages; some were paid in part."""
    found = []
    for at in range(count):
        due_on = dt.date(2020, 1, 15) + at % 700 * DAY
        minor, paid_on = 10_000 + at * 37 % 900_000, due_on + (20 + at % 90) * DAY
        change = BalanceChange.payment(paid_on, Money.from_minor(minor // 3, "EUR"))
        history = BalanceHistory(Money.from_minor(minor, "EUR"), (change,) if paid else ())
        until = due_on + (60 + at % 500) * DAY
        found.append(Item(history, due_on, until, minor, (paid_on, minor // 3) if paid else None))
    return found


FIXED = InterestTerms.fixed("9.62")
FLOATING = InterestTerms(id="floating", rate=RateRule(base=TABLE))


def fixed(item: Item) -> int:
    """The library, at one rate."""
    return accrue(item.history, FIXED, due_on=item.due_on, until=item.until).total.minor


def floating(item: Item) -> int:
    """The library, at the rates of a table."""
    return accrue(item.history, FLOATING, due_on=item.due_on, until=item.until).total.minor


def fixed_by_hand(item: Item) -> int:
    """By hand, at one rate."""
    return total_of(segments(item, [item.due_on + DAY], [962]))


def floating_by_hand(item: Item) -> int:
    """By hand, at the rates of a table."""
    first = bisect_right(HALF_YEARS, item.due_on + DAY) - 1
    last = bisect_right(HALF_YEARS, item.until)
    return total_of(segments(item, [item.due_on + DAY, *HALF_YEARS[first + 1 : last]], RATES[first:last]))


def segments(item: Item, starts: Sequence[dt.date], rates: Sequence[int]) -> list[tuple[dt.date, dt.date, int, int]]:
    """(first day, day after the last, minor units, hundredths of a percent) for each stretch."""
    cuts = {start: rate for start, rate in zip(starts, rates, strict=True)}  # noqa: C416 - a table of its own
    paid_on, part = item.payment or (dt.date.max - DAY, 0)
    edges = sorted({*cuts, item.until + DAY, *([paid_on + DAY] if paid_on < item.until else [])})
    found, rate, minor = [], 0, item.minor
    for start, stop in pairwise(edges):
        rate = cuts.get(start, rate)
        minor = item.minor - part if start > paid_on else item.minor
        found.append((start, stop, minor, rate))
    return found


def total_of(found: list[tuple[dt.date, dt.date, int, int]]) -> int:
    """Half up, from whole numbers."""
    exact = sum((stop - start).days * minor * rate for start, stop, minor, rate in found)
    return (2 * exact + 3_650_000) // 7_300_000


TIERS = FeeRule(
    id="fixed sum",
    tiers=tuple(
        FeeTier(above=Money.of(above, "EUR"), fixed=Money.of(fee, "EUR"))
        for above, fee in ((0, 40), (1_000, 70), (10_000, 100))
    ),
)


def tiered(item: Item) -> int:
    """The library: a fixed sum by tier."""
    return TIERS.fee(item.history.principal).gross.minor


def tiered_by_hand(item: Item) -> int:
    """By hand: a fixed sum by tier."""
    return (4_000, 7_000, 10_000)[bisect_right((100_000, 1_000_000), item.minor)]


Work = Callable[[Item], int]

CASES: list[tuple[str, bool, Work, Work]] = [
    ("one rate", False, fixed, fixed_by_hand),
    ("one rate, a part payment", True, fixed, fixed_by_hand),
    ("floating, a part payment", True, floating, floating_by_hand),
    ("a fixed sum by tier", False, tiered, tiered_by_hand),
]


def best(work: list[Work], found: list[Item], rounds: int) -> list[float]:
    """The best time of each, in microseconds per item, taken in turn."""
    times = [float("inf")] * len(work)
    for _ in range(rounds):
        for at, each in enumerate(work):
            started = perf_counter()
            for item in found:
                each(item)
            times[at] = min(times[at], (perf_counter() - started) / len(found) * 1e6)
    return times


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"{'microseconds per item':<28}{'ours':>8}{'by hand':>9}{'ratio':>7}")
    for name, paid, mine, floor in CASES:
        found = items(given.items, paid)
        if any(mine(item) != floor(item) for item in found):
            raise SystemExit(f"{name}: the floor does other work")
        mine_us, floor_us = best([mine, floor], found, given.rounds)
        print(f"{name:<28}{mine_us:>8.2f}{floor_us:>9.2f}{mine_us / floor_us:>7.1f}")


if __name__ == "__main__":
    main()
