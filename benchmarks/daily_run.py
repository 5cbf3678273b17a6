"""The run of a day over 100,000 accounts of which 1 % are due for attention, beside a hand-written floor.

    python benchmarks/daily_run.py                     100,000 accounts
    python benchmarks/daily_run.py --accounts 10000
    python benchmarks/daily_run.py --json

Every account has five open items, so that 100,000 of them (500,000 items) need about half a gigabyte; the plan at 1,000,000 open
items is measured by ``benchmarks/run.py``. One account in a hundred has an item that reached its first step. Two figures
matter: what a run costs for each account that it touches, and what it costs for all that sleep, which must be nothing.

The floor is what one would write by hand for one policy: a dict of wake days that is looked through, the due items of
those that are awake, a tuple per letter, the next wake day. It keeps no history, checks no versions, freezes no content
and cannot be asked why. It reads the same items and comes to the same letters, which is checked.

The times are those of one process; the run can be measured once, because a second one finds nothing to do. That second
run, and a run over all accounts, are measured beside it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import resource
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from receivables import Customer, DunningPolicy, DunningStep, Invoice, MemoryStore, Money, PolicyBook, Receivables, fold
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.facts.invoice import InvoiceIssued
from receivables.flows import PAGE
from receivables.plans.wake import wake_on
from receivables.ports import Append, Commit
from receivables.testing import FixedClock, RecordingNotifier

ITEMS = 5
DUE_EVERY = 100
TODAY = dt.date(2026, 6, 30)
KNOWN = dt.datetime(2026, 6, 1, 6, tzinfo=dt.UTC)
STEPS = (7, 21, 35)
GAP = 7
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=GAP,
    steps=tuple(
        DunningStep(name=name, days_after_due=days)
        for name, days in zip(("reminder", "second", "final"), STEPS, strict=True)
    ),
)
BOOK = PolicyBook.of(POLICY)

Floor = dict[str, list[list[Any]]]
"""Account -> [item, due ordinal, open, steps sent, last sent] per item."""


# The ledger ---------------------------------------------------------------------------------------------------------


def account_id(number: int) -> str:
    return f"C{number:07d}"


def items_of(number: int) -> list[tuple[str, int, int]]:
    """(item, days from today to its due date, minor units): of every hundredth account one is seven days overdue."""
    id = account_id(number)
    due = [1 + (number + 13 * at) % 60 for at in range(ITEMS)]
    if number % DUE_EVERY == 0:
        due[0] = -STEPS[0]
    return [(f"{id}-{at}", days, 1_000 + (number * 7 + at * 31) % 400_000) for at, days in enumerate(due)]


def facts_of(number: int) -> list[Fact]:
    id = account_id(number)
    facts: list[Fact] = [AccountOpened(customer=Customer(id=id), effective_on=KNOWN.date(), recorded_at=KNOWN)]
    for item, days, minor in items_of(number):
        due_on = TODAY + dt.timedelta(days=days)
        invoice = Invoice.due(
            number=item,
            account=id,
            issued_on=min(due_on, KNOWN.date()),
            total=Money.of(minor, "EUR"),
            due_on=due_on,
        )
        facts.append(InvoiceIssued(invoice=invoice, effective_on=invoice.issued_on, recorded_at=KNOWN))
    return facts


def filled(accounts: int) -> MemoryStore:
    """A store with every account and its wake day, as the day before left it."""
    store = MemoryStore()
    for number in range(accounts):
        facts = tuple(facts_of(number))
        state = fold(facts)
        wakes = wake_on(state, BOOK, TODAY - dt.timedelta(days=1))
        store.commit(Commit(append=Append(account=state.id, expected=0, facts=facts, wake_on=wakes, state=state)))
    return store


# The floor ----------------------------------------------------------------------------------------------------------


def floor_ledger(accounts: int) -> tuple[Floor, dict[str, int]]:
    today = TODAY.toordinal()
    ledger: Floor = {}
    wakes: dict[str, int] = {}
    for number in range(accounts):
        rows = [[item, today + days, minor * 100, 0, 0] for item, days, minor in items_of(number)]
        ledger[account_id(number)] = rows
        wakes[account_id(number)] = min(due for _, due, _, _, _ in rows) + STEPS[0]
    return ledger, wakes


def floor_run(ledger: Floor, wakes: dict[str, int], today: int) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Who is awake, the items that take a step, a letter, and when to look again."""
    letters = []
    for id in sorted([id for id, day in wakes.items() if day <= today]):
        taken = []
        for row in ledger[id]:
            item, due, open_, sent, sent_on = row
            if sent < len(STEPS) and open_ and today >= due + STEPS[sent] and (not sent or today >= sent_on + GAP):
                taken.append((item, open_, sent))
                row[3], row[4] = sent + 1, today
        if taken:
            letters.append((id, taken))
        wakes[id] = min(
            (max(row[1] + STEPS[row[3]], row[4] + GAP) for row in ledger[id] if row[3] < len(STEPS)), default=1 << 40
        )
    return letters


# Measuring ----------------------------------------------------------------------------------------------------------


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    gc.disable()
    start = perf_counter()
    found = work()
    seconds = perf_counter() - start
    gc.enable()
    return seconds, found


def due_pages(store: MemoryStore) -> Iterator[str]:
    """Every page of those who are due, as a run asks for them."""
    after = ""
    while page := store.due(TODAY, after, PAGE):
        yield from page
        after = page[-1]


def letters_of(results: list[Any]) -> list[tuple[str, list[tuple[str, int, int]]]]:
    names = POLICY.places
    return [
        (result.account, [(line.item, line.amount.minor, names[line.step]) for line in notice.claimed])
        for result in results
        for notice in result.notices
    ]


def measure(accounts: int) -> dict[str, float]:
    built, store = timed(lambda: filled(accounts))
    store_bytes = peak_bytes()
    ledger, wakes = floor_ledger(accounts)
    app = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(TODAY),
        policies=BOOK,
        transaction=store.transaction,
    )
    scan, due = timed(lambda: list(due_pages(store)))
    ours, results = timed(lambda: list(app.run_dunning(TODAY)))
    floor, letters = timed(lambda: floor_run(ledger, wakes, TODAY.toordinal()))
    assert letters_of(results) == letters, "ours and the floor must come to the same letters"
    assert [result.account for result in results] == due, "a run touches those who are due, and nobody else"
    mailed, outcomes = timed(lambda: list(app.deliver()))
    assert {each.outcome for each in outcomes} == {"sent"}
    again, nothing = timed(lambda: list(app.run_dunning(TODAY)))
    assert not nothing, "a second run of the day touches nobody"
    everyone, rest = timed(lambda: list(app.run_dunning(TODAY, all_accounts=True)))
    assert len(rest) == accounts
    assert not any(result.notices for result in rest), "a run over all finds nothing that was forgotten"
    return {
        "accounts": accounts,
        "items": accounts * ITEMS,
        "touched": len(results),
        "letters": len(letters),
        "run_ms": ours * 1e3,
        "run_us_per_account_touched": ours / len(results) * 1e6,
        "run_accounts_per_second": len(results) / ours,
        "due_ms": scan * 1e3,
        "floor_ms": floor * 1e3,
        "ratio_to_floor": ours / floor,
        "deliver_us_per_letter": mailed / len(letters) * 1e6,
        "second_run_ms": again * 1e3,
        "run_over_all_ms": everyone * 1e3,
        "fill_seconds": built,
        "peak_mb": store_bytes / 1e6,
    }


def peak_bytes() -> float:
    """The most that this process had in memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    figures = measure(args.accounts)
    if args.json:
        print(json.dumps(figures, indent=2))
        return
    whole = {"accounts", "items", "touched", "letters"}
    for name, figure in figures.items():
        print(f"{name:28}" + (f"{figure:>12,}" if name in whole else f"{figure:>12,.2f}"))


if __name__ == "__main__":
    main()
