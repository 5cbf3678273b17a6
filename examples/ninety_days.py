"""Ninety daily runs over a real ledger, with the promises of the ladder checked on the way.

    python examples/ninety_days.py LEDGER.csv                        the whole ledger
    python examples/ninety_days.py LEDGER.csv --customers 60         a sample, drawn by --seed
    python examples/ninety_days.py                                   a small seeded ledger

The ledger grows as it did: an invoice is recorded on the day of its posting. On every day some customers pay, in full or
in part, some of them with a value date of last week, and some items are put on hold. Then the day is run and delivered.

Two engines get the same events. One runs a day over the accounts that are due for attention, the other over all accounts.
At the end every fact of every account and every letter must be the same. What else is checked, without asking the engine:

1. no step is sent twice, and none is skipped: each item climbs one step after the other, at least a week apart, each
   not before its day;
2. every open item that is overdue has a next step on a known day, and its account is awake by then; or it has a reason;
3. the run touched exactly the accounts that were due for attention;
4. a fee is charged once per item and step, and interest on an item that was not paid before is what one
   computes by hand.

The exit status is 1 if anything does not hold. The distributor's ledger, 18,561 invoices of 881 customers, takes five to
four to six minutes for both engines together; a sample of 60 customers a quarter of a minute.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from daily_run import PROFILES, Problem, Row, read_ledger, seeded_ledger

from receivables import (
    DunningPolicy,
    DunningStep,
    Hold,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
)
from receivables.documents.notice import Notice, NoticeLine
from receivables.documents.payment import Allocation
from receivables.facts.charge import ChargeRaised, ChargeReversed
from receivables.facts.dunning import StepsAnnulled
from receivables.plans.commands import Apply, Command, IssueInvoice, OpenAccount, PlaceHold, ReceivePayment
from receivables.plans.dunning import plan_for
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.testing import FixedClock, RecordingNotifier

DAYS = 90
FIRST = dt.date(2020, 3, 16)
STEPS = {"reminder": 7, "second": 21, "final": 35}
GAP = 7
PERCENT = 9
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=GAP,
    interest=InterestTerms.fixed(PERCENT),
    steps=(
        DunningStep(name="reminder", days_after_due=7),
        DunningStep(
            name="second",
            days_after_due=21,
            fee=FeeRule.flat("second", *(Money.of(15, code) for code in ("USD", "CAD", "EUR"))),
            claims_interest=True,
        ),
        DunningStep(name="final", days_after_due=35, effects=frozenset({"hold"})),
    ),
)
BOOK = PolicyBook.of(POLICY)
PAGE = 1000


class Engine:
    """One service with a store, a clock and a notifier of its own."""

    def __init__(self, *, all_accounts: bool) -> None:
        self.store, self.notifier, self.clock = MemoryStore(), RecordingNotifier(), FixedClock.on(FIRST)
        self.all_accounts = all_accounts
        self.seconds = 0.0
        self.app = Receivables(
            store=self.store,
            notifier=self.notifier,
            clock=self.clock,
            policies=BOOK,
            transaction=self.store.transaction,
        )

    def day(self, day: dt.date, commands: list[Command]) -> Touched:
        """The morning's events, then the run and the delivery; raises what was refused."""
        self.clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)
        for result in self.app.record(commands):
            result.unwrap()
        due = set(self.due(day))
        start = perf_counter()
        results = list(self.app.run_dunning(day, all_accounts=self.all_accounts))
        self.seconds += perf_counter() - start
        errors = [f"{day} {each.account}: {each.error}" for each in results if each.error]
        errors += [f"{day} {each.account}: {each.outcome}" for each in self.app.deliver() if each.outcome != "sent"]
        return Touched({each.account for each in results}, due, sum(bool(each.notices) for each in results), errors)

    def due(self, day: dt.date) -> Iterator[str]:
        """The accounts that want attention on a day."""
        after = ""
        while page := self.store.due(day, after, PAGE):
            yield from page
            after = page[-1]


class Touched(NamedTuple):
    """What the run of a day looked at, what it should have looked at, and how many got letters."""

    accounts: set[str]
    due: set[str]
    lettered: int
    errors: list[str]


# What happens in the world ------------------------------------------------------------------------------------------


class World:
    """The events of each day, as commands: new customers and invoices, payments and holds; the same for every engine."""

    def __init__(self, rows: Iterable[Row], seed: int) -> None:
        self.dice = random.Random(seed)
        self.posted: dict[dt.date, list[Row]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.invoice.account, row.line)):
            self.posted[max(FIRST, row.invoice.issued_on)].append(row)
        self.known: list[Row] = []
        self.opened: set[str] = set()
        self.left: dict[str, int] = {}
        self.paid: dict[str, dt.date] = {}
        self.held: dict[tuple[str, str | None], dt.date] = {}
        self.count: Counter[str] = Counter()

    def events(self, day: dt.date) -> list[Command]:
        """Sorted by account, so that each account is recorded in one commit."""
        made = [command for row in self.posted.pop(day, []) for command in self._issue(row)]
        for row in self.dice.sample(self.known, min(len(self.known), 1 + len(self.known) // 300)):
            made.extend(self._happens(row, day))
        return sorted(made, key=lambda command: command.account)

    def _issue(self, row: Row) -> Iterator[Command]:
        account = row.invoice.account
        if account not in self.opened:
            self.opened.add(account)
            yield OpenAccount(customer=row.customer, key=f"open {account}")
        self.known.append(row)
        self.left[self._item(row)] = row.invoice.total.minor
        yield IssueInvoice(invoice=row.invoice, key=f"issue {self._item(row)}")

    def _happens(self, row: Row, day: dt.date) -> Iterator[Command]:
        kind = self.dice.choices(("full", "part", "backdated", "hold", "account hold"), (50, 20, 15, 12, 3))[0]
        if not self.left[self._item(row)]:
            return
        self.count[kind] += 1
        yield from self._hold(row, day, kind) if kind.endswith("hold") else self._pay(row, day, kind)

    def _pay(self, row: Row, day: dt.date, kind: str) -> Iterator[Command]:
        item, invoice = self._item(row), row.invoice
        minor = self.left[item] if kind != "part" else (self.left[item] + 1) // 2
        self.left[item] -= minor
        self.paid.setdefault(item, day)
        amount = Money(minor, invoice.currency)
        value_date = max(invoice.issued_on, day - dt.timedelta(days=8)) if kind == "backdated" else day
        payment = Payment(
            id=f"pay {item} {day}", account=invoice.account, amount=amount, value_date=min(day, value_date)
        )
        yield ReceivePayment(payment=payment, key=payment.id)
        made = Allocation(source=payment.id, item=invoice.number, amount=amount)
        yield Apply(of=invoice.account, allocation=made, key=f"apply {payment.id}")

    def _hold(self, row: Row, day: dt.date, kind: str) -> Iterator[Command]:
        until = day + dt.timedelta(days=self.dice.randrange(3, 30)) if self.dice.random() < 0.9 else None
        scope = (row.invoice.account, row.invoice.number if kind == "hold" else None)
        if day <= self.held.get(scope, dt.date.min):
            return  # it waits already: a second hold on the same days would be refused
        self.held[scope] = until or day + dt.timedelta(days=60)
        hold = Hold(
            id=f"hold {self._item(row)} {day}",
            account=row.invoice.account,
            placed_on=day,
            reason="asked to wait",
            item=scope[1],
            until=self.held[scope],
        )
        yield PlaceHold(hold=hold, key=hold.id)

    def _item(self, row: Row) -> str:
        return f"{row.invoice.account} {row.invoice.number}"


# The ninety days ----------------------------------------------------------------------------------------------------


class Week:
    """What a week came to."""

    def __init__(self, first: dt.date) -> None:
        self.first = first
        self.touched = self.lettered = self.accounts = 0
        self.notices: list[Notice] = []

    def add(self, touched: Touched, accounts: int, notices: list[Notice]) -> None:
        self.touched += len(touched.accounts)
        self.lettered += touched.lettered
        self.accounts += accounts
        self.notices += notices

    def __str__(self) -> str:
        items = Counter(line.step for notice in self.notices for line in notice.claimed if notice.retracts is None)
        letters = [notice for notice in self.notices if notice.retracts is None]
        steps = "".join(f"{items[name]:>10,}" for name in STEPS)
        charges = [charge for notice in letters for charge in notice.charges]
        kinds = Counter(charge.kind for charge in charges)
        return (
            f"{self.first}  {self.touched:>7,} of {self.accounts:>7,}  {len(letters):>7,}{steps}"
            f"{kinds['fee']:>8,}{kinds['interest']:>10,}{len(self.notices) - len(letters):>12,}"
        )


HEAD = (
    "week of     accounts touched    letters  "
    + "".join(f"{name:>8}  " for name in STEPS).rstrip()
    + "    fees  interest retractions"
)


class Found(NamedTuple):
    """What the ninety days came to."""

    engine: Engine
    other: Engine
    world: World
    weeks: list[Week]
    wrong: list[str]


def ninety_days(rows: list[Row], seed: int, show: Callable[[str], None] = print) -> Found:
    """Run both engines day by day; a line per week, and what did not hold."""
    engine, other, world = Engine(all_accounts=False), Engine(all_accounts=True), World(rows, seed)
    weeks: list[Week] = []
    wrong: list[str] = []
    for offset in range(DAYS):
        day = FIRST + dt.timedelta(days=offset)
        if offset % 7 == 0:
            weeks.append(Week(day))
        before = len(engine.notifier.notices)
        commands = world.events(day)
        touched = engine.day(day, commands)
        wrong += touched.errors + other.day(day, commands).errors
        if touched.accounts != touched.due:
            wrong.append(
                f"{day}: touched {sorted(touched.accounts ^ touched.due)[:3]}, or left them out, against the wake day"
            )
        weeks[-1].add(touched, len(world.opened), engine.notifier.notices[before:])
        if offset % 7 == 6 or offset == DAYS - 1:
            wrong += every_overdue_item_has_a_next_action(engine, day)
            show(str(weeks[-1]))
    return Found(engine, other, world, weeks, wrong)


# What must hold -----------------------------------------------------------------------------------------------------


def sent_lines(engine: Engine) -> Iterator[tuple[Notice, NoticeLine]]:
    """The steps that letters to customers claimed."""
    for notice in engine.notifier.notices:
        if notice.audience == "customer" and notice.retracts is None:
            yield from ((notice, line) for line in notice.claimed)


def no_step_twice(engine: Engine) -> Iterator[str]:
    """Each step key, with its account, on one letter only."""
    keys = Counter(f"{notice.account} {line.key}" for notice, line in sent_lines(engine))
    yield from (f"sent twice: {key}" for key, count in keys.items() if count > 1)


def no_step_skipped(engine: Engine) -> Iterator[str]:
    """Each item climbs one step at a time, each not before its day, and a week after the one before."""
    climbed: dict[str, list[tuple[dt.date, str | None]]] = defaultdict(list)
    for notice, line in sent_lines(engine):
        climbed[f"{notice.account} {line.item}"].append((notice.as_of, line.step))
        if (notice.as_of - line.due_on).days < STEPS[line.step or ""]:
            yield f"too early: {notice.account} {line.key} on {notice.as_of}"
    for item, taken in climbed.items():
        if [step for _, step in taken] != list(STEPS)[: len(taken)]:
            yield f"skipped: {item} {taken}"
        if any((later - earlier).days < GAP for (earlier, _), (later, _) in pairwise(taken)):
            yield f"too close: {item} {taken}"


def every_overdue_item_has_a_next_action(engine: Engine, day: dt.date) -> Iterator[str]:
    """After the run of a day: a next step on a day by which the account is awake, or a reason why there is none."""
    awake: dict[dt.date, set[str]] = {}
    for id in engine.app.accounts():
        view = engine.app.view(id, day)
        for row in plan_for(view, BOOK).rows():
            item, reason = str(row["item"]), row["reason"]
            if not row["days_overdue"] or reason in ("charge", "ladder_finished"):
                continue
            step_on = _next_step(view.item(item).due_on, view.ladder_of.get(item))
            if step_on is None:
                continue  # its ladder is finished, whatever holds it besides
            if reason not in ("held", "step_not_reached", "minimum_gap"):
                yield f"{day} {id} {item}: {reason} after the run of the day"
                continue
            ends = [hold.until for hold in view.holds if hold.until and hold.item in (None, item)]
            following = max([step_on, *(end + dt.timedelta(days=1) for end in ends)]) if reason == "held" else step_on
            if following not in awake:
                awake[following] = set(engine.due(following))
            if following <= day or id not in awake[following]:
                yield f"{day} {id} {item}: nobody wakes for the step of {following}"


def _next_step(due_on: dt.date | None, ladder: object) -> dt.date | None:
    """By hand: the day of the step after the last that was sent, and not within a week of it; none after the last."""
    step, sent_on = getattr(ladder, "step", None), getattr(ladder, "sent_on", None)
    place = list(STEPS).index(step) + 1 if step else 0
    if place == len(STEPS):
        return None
    assert due_on is not None  # every item of these ledgers has a due date
    reached = due_on + dt.timedelta(days=list(STEPS.values())[place])
    return max(reached, sent_on + dt.timedelta(days=GAP)) if sent_on else reached


def same_facts_and_letters(found: Found) -> Iterator[str]:
    """The run over the accounts that are due came to what the run over all came to."""
    ours, theirs = list(found.engine.app.accounts()), list(found.other.app.accounts())
    if ours != theirs:
        yield "the two engines know different accounts"
    yield from (f"other facts: {id}" for id in ours if found.engine.store.facts(id) != found.other.store.facts(id))
    if found.engine.notifier.notices != found.other.notifier.notices:
        yield "other letters, or in another order"


def charged_once_and_right(found: Found) -> Iterator[str]:
    """A fee once per item and step; interest on what was not paid before: principal x percent x days after the due date / 365."""
    fees: Counter[str] = Counter()
    for notice, line in sent_lines(found.engine):
        for charge in line.charges:
            if charge.kind == "fee":
                fees[f"{notice.account} {line.item} {line.step}"] += 1
            elif notice.as_of < found.world.paid.get(f"{notice.account} {line.item}", dt.date.max):
                days = (notice.as_of - line.due_on).days
                by_hand = (2 * line.amount.minor * PERCENT * days + 36_500) // 73_000
                if charge.amount.minor != by_hand:
                    yield f"interest on {line.item}: {charge.amount.minor} instead of {by_hand}"
    yield from (f"charged twice: {key}" for key, count in fees.items() if count > 1)


CHECKS: dict[str, Callable[[Found], Iterable[str]]] = {
    "no step key was sent twice": lambda found: no_step_twice(found.engine),
    "no step was skipped, too early or too close": lambda found: no_step_skipped(found.engine),
    "every open overdue item has a next action or a reason, at the end of each week": lambda found: (
        each for each in found.wrong if "wakes" in each or "after the run" in each
    ),
    "each run touched exactly the accounts that were due for attention": lambda found: (
        each for each in found.wrong if "touched" in each
    ),
    "facts and letters are those of a run over all accounts": same_facts_and_letters,
    "fees once per item and step, interest as by hand": charged_once_and_right,
    "nothing was refused and every letter went out": lambda found: (
        each for each in found.wrong if not any(word in each for word in ("wakes", "after the run", "touched"))
    ),
}


def summary(found: Found) -> Iterator[str]:
    """What there is to say besides the weeks."""
    engine, world = found.engine, found.world
    facts = [fact for id in engine.app.accounts() for fact in engine.store.facts(id)]
    raised = [fact.charge for fact in facts if isinstance(fact, ChargeRaised)]
    back = sum(isinstance(fact, ChargeReversed) for fact in facts)
    touched, looked = sum(week.touched for week in found.weeks), sum(week.accounts for week in found.weeks)
    lettered = sum(week.lettered for week in found.weeks)
    yield f"events on the way: {', '.join(f'{count} {kind}' for kind, count in sorted(world.count.items()))}"
    yield f"charges raised: {len(raised):,}, of them reversed in whole or part {back:,}"
    for code in sorted({charge.amount.currency.code for charge in raised}):
        for kind in ("fee", "interest"):
            amounts = [each.amount for each in raised if (each.amount.currency.code, each.kind) == (code, kind)]
            if amounts:
                yield f"  {kind:9} {len(amounts):>7,} {Money.total(amounts, amounts[0].currency):>18,}"
    annulled = sum(len(fact.items) for fact in facts if isinstance(fact, StepsAnnulled))
    yield f"steps annulled by backdated payments: {annulled:,}"
    yield f"accounts touched: {touched:,} of {looked:,} ({touched / looked:.1%}), {lettered:,} of them got a letter"
    yield f"facts: {len(facts):,} on {len(world.opened):,} accounts; letters: {len(engine.notifier.notices):,}"
    yield f"the runs took {engine.seconds:.1f} s over the accounts that were due, {found.other.seconds:.1f} s over all"


# Reading and choosing -----------------------------------------------------------------------------------------------


def rows_of(ledger: Path | None, customers: int | None, seed: int) -> list[Row]:
    """The rows of a ledger that can be read, of all its customers or of a sample of them."""
    if ledger is None:
        return [row._replace(paid_on=None) for row in seeded_ledger(FIRST + dt.timedelta(days=60), seed)]
    with ledger.open(newline="", encoding="utf-8-sig") as lines:
        rows = [row for row in read_ledger(lines, PROFILES["distributor"]) if not isinstance(row, Problem)]
    ids = sorted({row.invoice.account for row in rows})
    if customers is None or customers >= len(ids):
        return rows
    chosen = frozenset(random.Random(seed).sample(ids, customers))
    return [row for row in rows if row.invoice.account in chosen]


def main(argv: list[str] | None = None) -> int:
    """Run; 0 when everything held, 1 when something did not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledger", nargs="?", type=Path, help="a CSV file in the form of the distributor's")
    parser.add_argument("--customers", type=int, help="take a sample of so many customers")
    parser.add_argument("--seed", type=int, default=1, help="for the sample and for what happens on the way")
    args = parser.parse_args(argv)
    start = perf_counter()
    rows = rows_of(args.ledger, args.customers, args.seed)
    print(HEAD)
    found = ninety_days(rows, args.seed)
    print()
    for line in summary(found):
        print(line)
    print()
    failed = 0
    for says, check in CHECKS.items():
        wrong = list(check(found))
        failed += bool(wrong)
        print(f"{'FAILED' if wrong else 'ok':6} {says}")
        for each in wrong[:5]:
            print(f"       {each}")
    print(f"\n{len(rows):,} invoices, {DAYS} days, {perf_counter() - start:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
