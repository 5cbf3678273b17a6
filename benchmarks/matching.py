"""Matching beside what one would write by hand for it, in the same process.

    python benchmarks/matching.py [--payments N] [--items N] [--rounds N] [--growth N ...]

Two questions. What does a payment cost among many open items of many customers: by kind of line, ours and by hand? And how
does that grow with the number of open items of one customer?

The floor does the same for these lines: it cuts the text into tokens, takes case, signs and leading zeros away, looks each
up in a dict of the payer's numbers, sums, compares, and gives tuples with amounts, points and reasons; for lines without a
reference it looks for one item of that amount, then for the oldest ones. It knows no broken or bare numbers, no other
account, no discount, no tolerance, no ties and no search, and it checks nothing. Both answer the same on these lines, which is checked. Making the index is measured apart. Each figure is
the best of several rounds, ours and the floor's in turn; only the ratio says something.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import random
import re
from collections.abc import Callable
from time import perf_counter

from receivables import Account, Currency, Customer, Invoice, Money, Payment, Remittance, View
from receivables.policies.matching import propose
from receivables.policies.matching_aliases import Relation
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy

ISSUED = dt.date(2026, 1, 5)
TODAY = dt.date(2026, 6, 30)
EUR = Currency.of("EUR")
POLICY = MatchingPolicy(id="standard", version=1)

TOKEN = re.compile(r"[^\s,;:+&|()]+")
RUN = re.compile(r"[0-9]+|[A-Z]+")

Row = tuple[str, int, int]
"""The floor's item: id, due ordinal, open."""
Answer = tuple[str, tuple[str, ...], bool] | None
"""Account, items, and whether it may be posted."""
Found = tuple[str, list[tuple[str, int]], int, tuple[str, ...], bool] | None
"""The floor's proposal: account, amount on each item, points, reasons, and whether it may be posted."""
Index = dict[str, tuple[str, dict[str, Row], dict[int, Row], list[Row]]]
"""The floor's index: payer -> account, numbers, amounts, and the items by due date."""

KINDS = ("one reference", "three references", "no reference, one item", "no reference, nothing fits")


def ledger(items: int, per_customer: int) -> list[View]:
    """Accounts with open items of distinct amounts within an account."""
    dice = random.Random(7)
    views = []
    for number in range(-(-items // per_customer)):
        id = f"C{number:05d}"
        count = min(per_customer, items - number * per_customer)
        amounts = dice.sample(range(10_001, 10_001 + 2 * max(count, 5_000_000), 2), count)
        invoices = [
            Invoice.due(
                number=f"INV-{number:05d}{at:05d}",
                account=id,
                issued_on=ISSUED,
                total=Money(amount, EUR),
                due_on=ISSUED + dt.timedelta(days=dice.randrange(150)),
            )
            for at, amount in enumerate(amounts)
        ]
        views.append(Account.of(Customer(id=id), invoices=invoices).view(TODAY))
    return views


def lines(views: list[View], count: int, kind: str) -> list[Payment]:
    """Bank lines of one kind, on items all over the ledger."""
    dice = random.Random(11)
    found = []
    for n in range(count):
        view = dice.choice(views)
        book = view.books[0]
        wanted = 3 if kind == "three references" else 1
        places = dice.sample(range(len(book.items)), min(wanted, len(book.items)))
        minor = sum(book.open[at] for at in places) + (kind == "no reference, nothing fits")
        names = ", ".join(book.items[at].id for at in places)
        text = f"payment for {names} thanks" if "no reference" not in kind else "payment of goods thanks"
        found.append(
            Payment(
                id=f"P{n}",
                account="SUSPENSE",
                amount=Money(minor, EUR),
                value_date=TODAY,
                payer=f"Payer {view.account}",
                remittance=Remittance(text=text),
            )
        )
    return found


# By hand --------------------------------------------------------------------------------------------------------------


def floor_key(number: str) -> str:
    """A number without case, signs and leading zeros."""
    return " ".join([run.lstrip("0") or "0" for run in RUN.findall(number)])


def floor_index(views: list[View]) -> Index:
    """By payer: account, numbers, amounts and the items by due date."""
    found = {}
    for view in views:
        book = view.books[0]
        rows = [(item.id, due, open_) for item, due, open_ in zip(book.items, book.due, book.open, strict=True)]
        numbers = {floor_key(row[0]): row for row in rows}
        amounts: dict[int, Row] = {}
        for row in rows:
            amounts.setdefault(row[2], row)
        found[floor_key(f"PAYER {view.account}")] = (view.account, numbers, amounts, rows)
    return found


def floor(payment: Payment, index: Index) -> Found:
    """The best proposal for one payment."""
    mine = index.get(floor_key((payment.payer or "").upper()))
    if mine is None:
        return None
    account, numbers, amounts, rows = mine
    minor = payment.amount.minor
    keys = [floor_key(token) for token in TOKEN.findall(payment.remittance.text.upper())]
    named = [numbers[key] for key in keys if key in numbers]
    if named:
        named.sort(key=lambda row: (row[1], row[0]))
        exact = sum(row[2] for row in named) == minor
        reasons = ("reference", "payer", "exact_amount" if exact else "other_amount")
        return account, [(row[0], row[2]) for row in named], 120 if exact else 90, reasons, exact
    if minor in amounts:
        return account, [(amounts[minor][0], minor)], 60, ("payer", "exact_amount"), False
    taken, rest = [], minor
    for row in rows:
        if rest <= 0:
            break
        taken.append((row[0], row[2]))
        rest -= row[2]
    return (account, taken, 42, ("payer", "oldest_items"), False) if rest == 0 else None


def ours(payment: Payment, index: MatchIndex, policy: MatchingPolicy) -> Answer:
    """The same of our proposals."""
    best = propose(payment, index, policy).best
    return None if best is None else (best.account, best.items, best.post)


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The best time of each work over several rounds, in turn, with the collector off as timeit has it."""
    times = [float("inf")] * len(works)
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for at, work in enumerate(works):
            start = perf_counter()
            work()
            times[at] = min(times[at], perf_counter() - start)
    gc.enable()
    return times


def indexes(views: list[View]) -> tuple[MatchIndex, Index]:
    relations = [Relation(payer=f"Payer {view.account}", account=view.account) for view in views]
    return MatchIndex.of(views, relations=relations), floor_index(views)


def measure(views: list[View], count: int, kind: str, rounds: int) -> tuple[float, float]:
    """Microseconds per payment, ours and by hand, after a check that both say the same."""
    index, by_hand = indexes(views)
    found = lines(views, count, kind)
    for payment in found:
        mine, found_by_hand = ours(payment, index, POLICY), floor(payment, by_hand)
        least = found_by_hand and (found_by_hand[0], tuple(item for item, _ in found_by_hand[1]), found_by_hand[4])
        # A set of items is found by our search alone.
        if mine != least and not (least is None and mine is not None and not mine[2]):
            raise SystemExit(f"{kind}: the floor says {least}, we say {mine}")
    times = best(
        rounds,
        lambda: [propose(payment, index, POLICY) for payment in found],
        lambda: [floor(payment, by_hand) for payment in found],
    )
    return times[0] / count * 1e6, times[1] / count * 1e6


def posting(views: list[View], count: int) -> float:
    """Microseconds per payment of a run that posts and goes on with the new index."""
    index, _ = indexes(views)
    found = lines(views, count, "one reference")
    start = perf_counter()
    for payment in found:
        made = propose(payment, index, POLICY).posting
        if made is not None:
            index = index.after(made.account, made.allocations)
    return (perf_counter() - start) / count * 1e6


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--growth", type=int, nargs="*", default=[1, 10, 100, 1_000, 10_000])
    given = parser.parse_args()
    views = ledger(given.items, 20)
    made, by_hand = best(given.rounds, lambda: MatchIndex.of(views), lambda: floor_index(views))
    head = f"{'ours':>9}{'by hand':>9}{'ratio':>7}"
    print(f"{given.payments:,} payments, {given.items:,} open items of {len(views):,} customers")
    print(f"{'microseconds per payment':<34}{head}")
    for kind in KINDS:
        mine, least = measure(views, given.payments, kind, given.rounds)
        print(f"{kind:<34}{mine:>9.1f}{least:>9.1f}{mine / least:>7.1f}")
    print(f"{'one reference, and posting it':<34}{posting(views, given.payments):>9.1f}")
    mine, least = made / given.items * 1e6, by_hand / given.items * 1e6
    print(f"{'making the index, per open item':<34}{mine:>9.1f}{least:>9.1f}{mine / least:>7.1f}")
    for kind in KINDS:
        print(f"\n{'one customer: ' + kind:<34}{head}")
        for items in given.growth:
            mine, least = measure(ledger(items, items), 200, kind, given.rounds)
            print(f"{items:>20,} open items   {mine:>9.1f}{least:>9.1f}{mine / least:>7.1f}")


if __name__ == "__main__":
    main()
