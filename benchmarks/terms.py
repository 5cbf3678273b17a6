"""Resolving payment terms beside hand-written date arithmetic, in the same process.

    python benchmarks/terms.py [--rounds N]

A floor is what one would write by hand for this one kind of terms: it makes the same `Schedule`, so that the ratio
says what the terms cost and not what the values cost; the bare floor only computes the due date, to show what the
schedule itself costs. Each figure is the best of several rounds, in microseconds per invoice, ours and the floors' in
turn. Only the ratio says something: machines differ.
"""

from __future__ import annotations

import argparse
import datetime as dt
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter

from receivables.documents.discounts import DiscountOutcome, DiscountStatus, settle
from receivables.documents.schedule import DiscountWindow, Installment, Schedule
from receivables.documents.terms import PaymentTerms
from receivables.values.money import Money

TOTAL = Money.of("1200.00", "EUR")
INVOICES = [dt.date(2025, 1, 1) + dt.timedelta(days=n % 1000) for n in range(5_000)]
THIRTY, TEN = dt.timedelta(30), dt.timedelta(10)
TWO = Decimal(2)

Resolve = Callable[[dt.date], object]


def ours(text: str) -> Resolve:
    """The library."""
    terms = PaymentTerms.parse(text)
    return lambda day: terms.resolve(day, TOTAL)


def net_30(day: dt.date) -> Schedule:
    """By hand: thirty days."""
    return Schedule(installments=(Installment(amount=TOTAL, due_on=day + THIRTY),))


def days_end_of_month(day: dt.date) -> Schedule:
    """By hand: thirty days, then the month end."""
    day += THIRTY
    due_on = day.replace(day=monthrange(day.year, day.month)[1])
    return Schedule(installments=(Installment(amount=TOTAL, due_on=due_on),))


def two_ten_net_30(day: dt.date) -> Schedule:
    """By hand: two percent in ten days."""
    amount = Money(TOTAL.minor // 50, TOTAL.currency)
    window = DiscountWindow(until=day + TEN, percent=TWO, amount=amount, base=TOTAL)
    return Schedule(installments=(Installment(amount=TOTAL, due_on=day + THIRTY, discounts=(window,)),))


def thirds(day: dt.date) -> Schedule:
    """By hand: three thirds, a month apart."""
    part = TOTAL.minor // 3
    sizes = (part, part, TOTAL.minor - 2 * part)
    return Schedule(
        installments=tuple(
            Installment(amount=Money(size, TOTAL.currency), due_on=_months_later(day, n))
            for n, size in enumerate(sizes, 1)
        )
    )


def _months_later(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


CASES: list[tuple[str, Resolve, Resolve, Resolve]] = [
    ("net 30", ours("net 30"), net_30, lambda day: day + THIRTY),
    ("30 days then EOM", ours("30 days then EOM"), days_end_of_month, lambda day: _months_later(day, 1)),
    ("2/10 net 30", ours("2/10 net 30"), two_ten_net_30, lambda day: (day + TEN, day + THIRTY)),
    (
        "three thirds",
        ours("weight 1: 1 month; weight 1: 2 months; weight 1: 3 months"),
        thirds,
        lambda day: [_months_later(day, n) for n in (1, 2, 3)],
    ),
]


def settling(day: dt.date) -> object:
    """The judgment of one payment under 2/10 net 30."""
    return settle(PART, PAID, day)


def settling_by_hand(day: dt.date) -> object:
    """By hand: was it in time, and what is left, as the same outcome."""
    window = PART.discounts[0]
    in_time = window.until is not None and day <= window.until
    discount = 2400 if in_time else 0
    return DiscountOutcome(
        status=DiscountStatus.EARNED if in_time else DiscountStatus.UNEARNED,
        discount=Money(discount, TOTAL.currency),
        tolerance=NOTHING,
        open=Money(TOTAL.minor - PAID.minor - discount, TOTAL.currency),
        left_on_payment=NOTHING,
        window=window,
    )


NOTHING = Money.zero("EUR")
PART = PaymentTerms.parse("2/10 net 30").resolve(dt.date(2026, 5, 4), TOTAL).installments[0]
PAID = Money.of("1176.00", "EUR")


def best(work: list[Resolve], rounds: int) -> list[float]:
    """The best time of each, in microseconds per invoice, taken in turn."""
    found = [float("inf")] * len(work)
    for _ in range(rounds):
        for index, resolve in enumerate(work):
            started = perf_counter()
            for day in INVOICES:
                resolve(day)
            found[index] = min(found[index], (perf_counter() - started) / len(INVOICES) * 1e6)
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(f"{'microseconds per invoice':<26}{'ours':>8}{'by hand':>9}{'ratio':>7}{'dates only':>12}")
    for name, mine, floor, bare in CASES:
        if any(mine(day) != floor(day) for day in INVOICES[:400]):
            raise SystemExit(f"{name}: the floor does other work")
        mine_us, floor_us, bare_us = best([mine, floor, bare], rounds)
        print(f"{name:<26}{mine_us:>8.2f}{floor_us:>9.2f}{mine_us / floor_us:>7.1f}{bare_us:>12.2f}")
    if any(settling(day) != settling_by_hand(day) for day in INVOICES):
        raise SystemExit("judging: the floor does other work")
    mine_us, bare_us = best([settling, settling_by_hand], rounds)
    print(f"{'judging one payment':<26}{mine_us:>8.2f}{bare_us:>9.2f}{mine_us / bare_us:>7.1f}")


if __name__ == "__main__":
    main()
