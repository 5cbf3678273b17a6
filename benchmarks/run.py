"""Speed and size of the hot paths beside a hand-written floor, measured in the same process.

    python benchmarks/run.py                     10,000, 100,000 and 1,000,000 open items
    python benchmarks/run.py --sizes 10000 --json

The ledger is seeded: 50 open items per customer in two currencies, some part-paid, some with a dunning step behind
them, some held. A floor is what one would write by hand for this one answer: plain tuples and ints in a loop, with the
same reasons. Only the ratio says something: machines differ, and so do moments of one machine. Each figure is the best of
several rounds, ours and the floor's in turn.

Facts are made account by account and thrown away after folding, as they come from a store. ``item_bytes`` is what an
open item costs in the folded accounts without any history; ``account_bytes_per_item`` counts the letters, payments,
limits and holds of this ledger too; ``view_bytes_per_item`` is what the prepared views add.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from time import perf_counter

from receivables import (
    Account,
    Allocation,
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Invoice,
    Money,
    Notice,
    NoticeLine,
    Payment,
    View,
    aging,
    fold,
)
from receivables.codec import policy_ref
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.credit import HoldPlaced, LimitSet
from receivables.facts.customer import AccountOpened
from receivables.facts.dunning import NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.fact import Fact
from receivables.facts.invoice import InvoiceIssued

PER_CUSTOMER = 50
TODAY = dt.date(2026, 6, 30)
FIRST = dt.date(2025, 12, 1)
DAYS = [FIRST + dt.timedelta(days=n) for n in range(400)]
KNOWN = dt.datetime(2026, 6, 30, 6, tzinfo=dt.UTC)
EUR, USD = Currency.of("EUR"), Currency.of("USD")
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=7,
    steps=(
        DunningStep(name="reminder", days_after_due=7),
        DunningStep(name="second", days_after_due=21),
        DunningStep(name="final", days_after_due=35),
    ),
)
CREDIT = CreditPolicy(id="standard", version=1, hold_overdue_days=400)

Books = list[tuple[str, list[tuple[str, int, int, int, int, bool]]]]
"""The floor's ledger: account -> (id, due ordinal, open, steps sent, last sent, held) per item, by currency."""


def facts_of(number: int, dice: random.Random) -> list[Fact]:
    """One customer: 50 open items, four part-paid, a letter over ten of them, every tenth customer on hold."""
    id = f"C{number:07d}"
    facts: list[Fact] = [AccountOpened(customer=Customer(id=id), effective_on=FIRST, recorded_at=KNOWN)]
    invoices = [_invoice(id, at, dice) for at in range(PER_CUSTOMER)]
    facts += [InvoiceIssued(invoice=each, effective_on=each.issued_on, recorded_at=KNOWN) for each in invoices]
    for at in range(0, 8, 2):
        facts += _part_payment(id, invoices[at], at)
    facts += _letter(id, sorted(invoices, key=lambda each: each.schedule.installments[0].due_on or FIRST)[:10])
    if number % 10 == 0:
        hold = Hold(id="h", account=id, placed_on=FIRST, reason="court", item=invoices[3].number)
        facts.append(HoldPlaced(hold=hold, effective_on=FIRST, recorded_at=KNOWN))
    for currency in (EUR, USD):
        limit = CreditLimit(account=id, currency=currency, amount=Money(11_000_000, currency), valid_from=FIRST)
        facts.append(LimitSet(limit=limit, effective_on=FIRST, recorded_at=KNOWN))
    return facts


def _invoice(account: str, at: int, dice: random.Random) -> Invoice:
    issued = dice.randrange(180)
    money = Money(dice.randrange(1_000, 500_000), EUR if at % 5 else USD)
    return Invoice.due(
        number=f"{account}-{at:03d}", account=account, issued_on=DAYS[issued], total=money, due_on=DAYS[issued + 30]
    )


def _part_payment(account: str, invoice: Invoice, at: int) -> list[Fact]:
    half = Money(invoice.total.minor // 2, invoice.currency)
    day = invoice.issued_on
    payment = Payment(id=f"P{at}", account=account, amount=half, value_date=day)
    made = Allocation(source=payment.id, item=invoice.number, amount=half)
    return [
        PaymentReceived(payment=payment, effective_on=day, recorded_at=KNOWN),
        AllocationMade(id=f"a{at}", allocation=made, effective_on=day, recorded_at=KNOWN),
    ]


def _letter(account: str, invoices: list[Invoice]) -> list[Fact]:
    ref, day = policy_ref(POLICY), DAYS[180]
    lines = tuple(
        NoticeLine(
            item=each.number,
            document=each.number,
            amount=each.total,
            due_on=each.schedule.installments[0].due_on or day,
            ladder_from=each.schedule.installments[0].due_on or day,
            step="reminder",
            policy=ref,
        )
        for each in invoices
    )
    notice = Notice(
        key=f"n-{account}",
        account=account,
        customer=account,
        currency=EUR,
        channel="email",
        language="en",
        template="reminder",
        as_of=day,
        lines=lines,
    )
    return [
        NoticeQueued(notice=notice, effective_on=day, recorded_at=KNOWN),
        NoticeSending(notice=notice.key, effective_on=day, recorded_at=KNOWN),
        NoticeSent(notice=notice.key, effective_on=day, recorded_at=KNOWN),
    ]


def ledger(customers: int) -> Iterator[list[Fact]]:
    """The facts of each customer, made when they are asked for."""
    dice = random.Random(20260630)
    return (facts_of(number, dice) for number in range(customers))


# The floors: plain tuples and ints, by customer ---------------------------------------------------------------------


def floor_books(views: list[View]) -> Books:
    """The same open items as plain tuples of fresh ints and texts."""
    books: Books = []
    for view in views:
        held = {hold.item for hold in view.holds}
        for book in view.books:
            rows = []
            for item, due, open_ in zip(book.items, book.due, book.open, strict=True):
                ladder = view.ladder_of.get(item.id)
                sent = ladder.sent_on.toordinal() if ladder and ladder.sent_on else 0
                rows.append((item.id, due + 0, open_ + 0, 1 if ladder else 0, sent, item.id in held))
            books.append((view.account, rows))
    return books


def floor_aging(books: Books, today: int) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    found = []
    for account, rows in books:
        a = b = c = d = e = na = nb = nc = nd = ne = 0
        for _, due, open_, _, _, _ in rows:
            days = today - due
            if days <= 0:
                a += open_
                na += 1
            elif days <= 30:
                b += open_
                nb += 1
            elif days <= 60:
                c += open_
                nc += 1
            elif days <= 90:
                d += open_
                nd += 1
            else:
                e += open_
                ne += 1
        found.append((account, (e, d, c, b, a), (ne, nd, nc, nb, na)))
    return found


def floor_dunning(books: Books, today: int) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """A reason for every item, and the step that it takes."""
    steps, gap = (7, 21, 35), 7
    found = []
    for account, rows in books:
        reasons = []
        for id, due, _, sent, sent_on, held in rows:
            if today <= due:
                reasons.append((id, "not_due", -1))
            elif held:
                reasons.append((id, "held", -1))
            elif sent >= len(steps):
                reasons.append((id, "ladder_finished", -1))
            elif today < due + steps[sent]:
                reasons.append((id, "step_not_reached", -1))
            elif sent and today < sent_on + gap:
                reasons.append((id, "minimum_gap", -1))
            else:
                reasons.append((id, "step_due", sent))
        found.append((account, reasons))
    return found


def floor_credit(orders: list[tuple[str, int]], used: dict[str, int], limit: int) -> int:
    approved = 0
    for account, amount in orders:
        if used[account] + amount <= limit:
            approved += 1
    return approved


# Ours ---------------------------------------------------------------------------------------------------------------


def our_dunning(views: list[View]) -> list[object]:
    return [POLICY.plan(view) for view in views]


def our_credit(orders: list[tuple[str, Money]], standings: dict[str, object]) -> int:
    approved = 0
    for account, amount in orders:
        if standings[account].check(amount).approved:  # type: ignore[attr-defined]
            approved += 1
    return approved


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


def measure(items: int) -> dict[str, float]:
    """All figures at one size; microseconds per item, bytes per open item."""
    customers = items // PER_CUSTOMER
    item_bytes = bytes_of_items_alone(min(customers, 2000))
    accounts, fold_seconds, fact_count, account_bytes, peak_bytes = fold_all(customers)
    tracemalloc.start()
    views = [account.view(TODAY) for account in accounts]
    view_bytes = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    view_seconds = best(1, lambda: [account.view(TODAY) for account in accounts[:2000]])[0]
    open_items = sum(len(book.items) for view in views for book in view.books)
    books = floor_books(views)
    rounds = 7 if items <= 100_000 else 3
    today = TODAY.toordinal()
    check(views, books, today)
    ours, floor = best(rounds, lambda: aging(views), lambda: floor_aging(books, today))
    our_plan, floor_plan = best(rounds, lambda: our_dunning(views), lambda: floor_dunning(books, today))
    our_check, floor_check = measure_credit(views, rounds)
    million = 1e6
    return {
        "open_items": open_items,
        "fold_us_per_fact": fold_seconds / fact_count * million,
        "view_us_per_item": view_seconds / (min(customers, 2000) * PER_CUSTOMER) * million,
        "aging_us_per_item": ours / open_items * million,
        "aging_ratio": ours / floor,
        "dunning_us_per_item": our_plan / open_items * million,
        "dunning_ratio": our_plan / floor_plan,
        "credit_us_per_check": our_check * million,
        "credit_ratio": our_check / floor_check,
        "item_bytes": item_bytes,
        "account_bytes_per_item": account_bytes / open_items,
        "peak_bytes_per_item": peak_bytes / open_items,
        "view_bytes_per_item": view_bytes / open_items,
    }


def bytes_of_items_alone(customers: int) -> float:
    """What an open item costs in an account without letters, payments, limits and holds."""
    gc.collect()
    tracemalloc.start()
    accounts = [
        fold(fact for fact in facts if isinstance(fact, AccountOpened | InvoiceIssued)) for facts in ledger(customers)
    ]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept / (len(accounts) * PER_CUSTOMER)


def fold_all(customers: int) -> tuple[list[Account], float, int, int, int]:
    """Fold customer by customer: time of the folding alone, then memory of the accounts alone, at the end and at most."""
    seconds, count = 0.0, 0
    gc.disable()
    for facts in ledger(min(customers, 4000)):
        start = perf_counter()
        fold(facts)
        seconds += perf_counter() - start
        count += len(facts)
    gc.enable()
    tracemalloc.start()
    accounts = [fold(facts) for facts in ledger(customers)]
    gc.collect()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return accounts, seconds, count, kept, peak


def measure_credit(views: list[View], rounds: int) -> tuple[float, float]:
    """Seconds per check, ours on prepared standings and the floor on a dict of ints."""
    dice = random.Random(7)
    standings: dict[str, object] = {view.account: CREDIT.standing(view, EUR) for view in views}
    used = {view.account: standings[view.account].exposure for view in views}  # type: ignore[attr-defined]
    ids = list(standings)
    plain = [(dice.choice(ids), dice.randrange(100, 900_000)) for _ in range(100_000)]
    orders = [(account, Money(amount, EUR)) for account, amount in plain]
    assert our_credit(orders, standings) == floor_credit(plain, used, 11_000_000)
    ours, floor = best(rounds, lambda: our_credit(orders, standings), lambda: floor_credit(plain, used, 11_000_000))
    return ours / len(orders), floor / len(orders)


def check(views: list[View], books: Books, today: int) -> None:
    """That ours and the floors give the same answers."""
    lines = aging(views, edges=(30, 60, 90)).lines
    assert [(line[0], line[2], line[3]) for line in lines] == floor_aging(books, today)
    names = ["reminder", "second", "final"]
    ours = [(row["item"], row["reason"], row["step"]) for view in views for row in POLICY.plan(view).rows()]
    floor = [
        (id, reason, names[step] if step >= 0 else None)
        for _, reasons in floor_dunning(books, today)
        for id, reason, step in reasons
    ]
    assert ours == floor


AIMS = {
    "fold_us_per_fact": 3.0,
    "aging_ratio": 1.3,
    "dunning_ratio": 3.0,
    "credit_ratio": 10.0,
    "item_bytes": 250.0,
    "account_bytes_per_item": 250.0,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one)))
        return
    found = {size: in_own_process(size) for size in args.sizes}
    print(json.dumps(found, indent=2) if args.json else table(found))


def in_own_process(size: int) -> dict[str, float]:
    """A process per size, so that no size measures the memory of another."""
    done = subprocess.run([sys.executable, __file__, "--one", str(size)], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def table(found: dict[int, dict[str, float]]) -> str:
    names = list(next(iter(found.values())))
    head = f"{'':26}" + "".join(f"{size:>12,}" for size in found) + f"{'aim':>10}"
    lines = [
        f"{name:26}"
        + "".join(
            f"{figures[name]:>12,.2f}" if name != "open_items" else f"{figures[name]:>12,}"
            for figures in found.values()
        )
        + (f"{AIMS[name]:>10,.1f}" if name in AIMS else "")
        for name in names
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    main()
