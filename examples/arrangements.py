"""What was agreed with the customers of a real ledger, for ninety days, with every open item checked on every day.

    python examples/arrangements.py LEDGER.csv                       5,000 overdue items of the whole ledger
    python examples/arrangements.py LEDGER.csv --items 300           fewer of them, drawn by --seed
    python examples/arrangements.py                                  a small seeded ledger

Each chosen item gets a story, drawn by the seed: a dispute of all or of a part of it, a promise that is kept, broken, or
kept by money that becomes known late, a payment plan that performs or defaults, a hold, a deferment that ends early, an
extension. The ledger, the arrangements and their payments are recorded day by day, and every day is run and delivered.

After each day, for every open item of every account:

1. it can be dunned, or it is held back by exactly the arrangement that its story names on that day, and by that much;
2. what is open is what the story says, to the cent;
3. the total by the due dates of the payment plans is the total by the due dates of the invoices, per currency;
4. no letter went out about what was held back on its day.

The stories say what they expect by plain dates and amounts, without asking the engine. The exit status is 1 if anything
does not hold. The whole of the distributor's ledger takes about a quarter of an hour, ``--customers 40`` some seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from daily_run import Row
from ninety_days import rows_of

from receivables import (
    CreditNote,
    DunningPolicy,
    DunningStep,
    Hold,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    aging,
)
from receivables.documents.dispute import Dispute
from receivables.documents.payment import Allocation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.plans.commands import (
    Apply,
    Command,
    ExtendDue,
    IssueCreditNote,
    IssueInvoice,
    MakePromise,
    OpenAccount,
    OpenDispute,
    PlaceHold,
    ReceivePayment,
    ReleaseHold,
    ResolveDispute,
)
from receivables.plans.dunning import plan_for
from receivables.plans.payment_plan_commands import AgreePlan
from receivables.policies.dunning_codes import CODES, WITHHELD
from receivables.testing import FixedClock, RecordingNotifier

DAYS = 90
FIRST = dt.date(2020, 5, 4)
STORIES = 5_000
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=14,
    steps=(DunningStep(name="reminder", days_after_due=7), DunningStep(name="final", days_after_due=60)),
)
KEEPS_BACK = frozenset(CODES[code][0] for code in WITHHELD.values())
"""The reasons by which an arrangement keeps an item back."""


class Held(NamedTuple):
    """What a story says of a day: the reason that the plan has to give, the arrangement, and how much it keeps back."""

    reason: str
    id: str
    minor: int


class Story:
    """One item: what is asked of the engine on which day, what is open, and what keeps it back, by plain dates."""

    def __init__(self, row: Row, kind: str, starts: int, share: float) -> None:
        invoice = row.invoice
        self.account, self.item, self.kind = invoice.account, invoice.number, kind
        self.total, self.due_on = invoice.total, invoice.schedule.installments[0].due_on
        self.start = FIRST + dt.timedelta(days=starts)
        self.part = Money(max(1, int(self.total.minor * share)), self.total.currency)
        self.id = f"{kind} {self.item}"
        self.asks: dict[dt.date, list[Command]] = defaultdict(list)
        self.payments: list[tuple[dt.date, dt.date, int]] = []
        """Value date, the day on which it becomes known, and how much; credit notes too."""
        self.spans: list[tuple[dt.date, dt.date, str, int | None]] = []
        """First day, the day after the last, reason, how much: ``None`` is all that is open."""
        STORY_KINDS[kind](self)

    def day(self, offset: int) -> dt.date:
        return self.start + dt.timedelta(days=offset)

    def open(self, day: dt.date) -> int:
        """What is open at the end of a day, in minor units, by what is known then."""
        return self.total.minor - sum(minor for _, known, minor in self.payments if known <= day)

    def held(self, day: dt.date) -> Held | None:
        """What keeps the item back at the end of a day."""
        for first, end, reason, minor in self.spans:
            if first <= day < end:
                return Held(reason, self.id, self.open(day) if minor is None else min(minor, self.open(day)))
        return None

    def ask(self, offset: int, *commands: Command) -> None:
        self.asks[self.day(offset)].extend(commands)

    def pays(self, offset: int, minor: int, known: int | None = None) -> None:
        """A payment of a value date, which becomes known on that day or later."""
        known_on = self.day(offset if known is None else known)
        id = f"pay {self.item} {len(self.payments)}"
        amount = Money(minor, self.total.currency)
        payment = Payment(id=id, account=self.account, amount=amount, value_date=self.day(offset))
        made = Allocation(source=id, item=self.item, amount=amount)
        self.asks[known_on] += [ReceivePayment(payment=payment, key=id)]
        self.asks[known_on] += [Apply(of=self.account, allocation=made, key=f"apply {id}")]
        self.payments.append((self.day(offset), known_on, minor))


def _dispute(story: Story, minor: int | None) -> None:
    amount = None if minor is None else Money(minor, story.total.currency)
    dispute = Dispute(
        id=story.id, account=story.account, item=story.item, reason="quality", opened_on=story.start, amount=amount
    )
    story.ask(0, OpenDispute(dispute=dispute, key=story.id))


def _rejected(story: Story) -> None:
    """All of it is contested; after twenty days that is rejected."""
    _dispute(story, None)
    end = story.day(20)
    story.ask(20, ResolveDispute(of=story.account, dispute=story.id, outcome="rejected", on=end, key=f"end {story.id}"))
    story.spans.append((story.start, end, "disputed", None))


def _credited(story: Story) -> None:
    """A part is contested, and credited after twelve days."""
    _dispute(story, story.part.minor)
    note = CreditNote(
        number=f"CN {story.item}", account=story.account, issued_on=story.day(12), total=story.part, against=story.item
    )
    story.ask(12, IssueCreditNote(credit_note=note, dispute=story.id, key=note.number))
    story.payments.append((story.day(12), story.day(12), story.part.minor))
    story.spans.append((story.start, story.day(12), "disputed", story.part.minor))


def _promise(story: Story) -> None:
    promise = Promise(
        id=story.id,
        account=story.account,
        items=(story.item,),
        amount=story.total,
        made_on=story.start,
        pay_by=story.day(7),
    )
    story.ask(0, MakePromise(promise=promise, key=story.id))
    story.spans.append((story.start, story.day(8), "promised", None))


def _kept(story: Story) -> None:
    """All of it is promised for a week later, and comes."""
    _promise(story)
    story.pays(6, story.total.minor)


def _broken(story: Story) -> None:
    """All of it is promised for a week later, and does not come."""
    _promise(story)


def _kept_late(story: Story) -> None:
    """The money came in time, and becomes known three days after the last day: in between the item can be dunned."""
    _promise(story)
    story.pays(7, story.total.minor, known=10)


def _plan(story: Story, paid: int) -> None:
    """Three installments, a week apart, with three days of grace; the first of them are paid on their days."""
    days = [story.day(7 * at) for at in (1, 2, 3)]
    amounts = story.total.split([1, 1, 1])
    plan = PaymentPlan(
        id=story.id,
        account=story.account,
        items=(story.item,),
        agreed_on=story.start,
        grace_days=3,
        installments=tuple(PlanInstallment(due_on=day, amount=each) for day, each in zip(days, amounts, strict=True)),
    )
    story.ask(0, AgreePlan(plan=plan, key=story.id))
    for at, amount in enumerate(amounts[:paid], 1):
        story.pays(7 * at, amount.minor)
    story.spans.append((story.start, story.day(7 * (paid + 1) + 4), "planned", None))


def _performs(story: Story) -> None:
    """A plan that is kept to the end."""
    _plan(story, 3)


def _defaults(story: Story) -> None:
    """A plan of which the second installment does not come: it is over when the grace is."""
    _plan(story, 1)


def _hold(story: Story, kind: str, days: int) -> None:
    hold = Hold(
        id=story.id,
        account=story.account,
        item=story.item,
        placed_on=story.start,
        reason="asked to wait",
        kind=kind,
        until=story.day(days),
    )
    story.ask(0, PlaceHold(hold=hold, key=story.id))


def _held(story: Story) -> None:
    """A hold with an end."""
    _hold(story, "hold", 15)
    story.spans.append((story.start, story.day(16), "held", None))


def _deferred(story: Story) -> None:
    """A deferment that is given up early."""
    _hold(story, "deferment", 30)
    story.ask(9, ReleaseHold(of=story.account, hold=story.id, on=story.day(9), key=f"end {story.id}"))
    story.spans.append((story.start, story.day(9), "held", None))


def _extended(story: Story) -> None:
    """Another due date: until then it is not due."""
    story.ask(
        0,
        ExtendDue(
            of=story.account,
            item=story.item,
            due_on=story.day(21),
            on=story.start,
            reason="agreed",
            by="ann",
            approver="bob",
            key=story.id,
        ),
    )
    story.spans.append((story.start, story.day(22), "not_due", 0))


STORY_KINDS: dict[str, Callable[[Story], None]] = {
    "dispute rejected": _rejected,
    "dispute credited": _credited,
    "promise kept": _kept,
    "promise broken": _broken,
    "promise kept, known late": _kept_late,
    "plan that performs": _performs,
    "plan in default": _defaults,
    "hold": _held,
    "deferment": _deferred,
    "extension": _extended,
}


# The ninety days ----------------------------------------------------------------------------------------------------


class Ledger:
    """The engine, the stories, and what did not hold."""

    def __init__(self, rows: Iterable[Row], items: int, seed: int) -> None:
        self.rows = [row for row in rows if row.invoice.issued_on <= FIRST]
        dice = random.Random(seed)
        overdue = sorted(
            (row for row in self.rows if (row.invoice.schedule.installments[0].due_on or FIRST) < FIRST),
            key=lambda row: (row.invoice.account, row.invoice.number),
        )
        chosen = dice.sample(overdue, min(items, len(overdue)))
        kinds = list(STORY_KINDS)
        self.stories = {
            (row.invoice.account, row.invoice.number): Story(
                row, dice.choice(kinds), dice.randrange(DAYS - 10), dice.uniform(0.1, 0.9)
            )
            for row in chosen
        }
        self.asks: dict[dt.date, list[Command]] = defaultdict(list)
        for story in self.stories.values():
            for day, commands in story.asks.items():
                self.asks[day] += commands
        self.store, self.notifier, self.clock = MemoryStore(), RecordingNotifier(), FixedClock.on(FIRST)
        self.policies = PolicyBook.of(POLICY)
        self.app = Receivables(
            store=self.store,
            notifier=self.notifier,
            clock=self.clock,
            policies=self.policies,
            transaction=self.store.transaction,
        )
        self.wrong: list[str] = []
        self.looked = self.kept_back = 0

    def load(self) -> None:
        """The open invoices of the first day."""
        opened: set[str] = set()
        commands: list[Command] = []
        for row in sorted(self.rows, key=lambda row: row.invoice.account):
            if row.invoice.account not in opened:
                opened.add(row.invoice.account)
                commands.append(OpenAccount(customer=row.customer, key=f"open {row.invoice.account}"))
            commands.append(IssueInvoice(invoice=row.invoice, key=f"issue {row.invoice.account} {row.invoice.number}"))
        self.record(commands)

    def record(self, commands: list[Command]) -> None:
        for result in self.app.record(commands):
            if result.error is not None:
                self.wrong.append(f"{result.account}: {result.error}")

    def live(self, day: dt.date) -> None:
        """What happens on a day, its run, its delivery, and the look at every open item."""
        self.clock.instant = dt.datetime.combine(day, dt.time(6), dt.UTC)
        self.record(sorted(self.asks.pop(day, []), key=lambda command: command.account))
        self.wrong += [f"{day} {each.account}: {each.error}" for each in self.app.run_dunning(day) if each.error]
        sent = len(self.notifier.notices)
        list(self.app.deliver())
        for notice in self.notifier.notices[sent:]:
            if notice.audience == "customer" and notice.retracts is None:
                for line in notice.claimed:
                    self._letter(day, notice.account, line.item, line.amount.minor)
        views = [self.app.account(id).view(day) for id in self.app.accounts()]
        by_plan, by_invoice = aging(views), aging(views, by="origin")
        for currency in by_invoice.currencies:
            if by_plan.total(currency).open != by_invoice.total(currency).open:
                self.wrong.append(f"{day}: the total in {currency.code} moved by re-aging")
        for view in views:
            for row in plan_for(view, self.policies).rows():
                self._item(
                    day, view.account, row, [(each.id, each.amount) for each in view.withheld_of.get(row["item"], ())]
                )

    def _letter(self, day: dt.date, account: str, item: str, minor: int) -> None:
        story = self.stories.get((account, item))
        held = story.held(day) if story is not None else None
        if story is not None and held is not None and held.reason != "not_due" and minor > story.open(day) - held.minor:
            self.wrong.append(f"{day} {item}: a letter about {minor}, of which {held.minor} was {held.reason}")

    def _item(self, day: dt.date, account: str, row: dict[str, object], parts: list[tuple[str, int]]) -> None:
        """One open item against its story."""
        self.looked += 1
        story = self.stories.get((account, str(row["item"])))
        held = story.held(day) if story is not None else None
        open_ = Money.of(str(row["open"]), str(row["currency"])).minor
        if story is not None and open_ != story.open(day):
            self.wrong.append(f"{day} {row['item']}: open {open_}, the story says {story.open(day)}")
        if held is None:
            if row["reason"] in KEEPS_BACK or parts:
                self.wrong.append(f"{day} {row['item']}: {row['reason']}, and nothing in its story keeps it back")
            return
        self.kept_back += 1
        whole = held.reason == "not_due" or held.minor == open_
        if whole and row["reason"] != held.reason:
            self.wrong.append(f"{day} {row['item']}: {row['reason']}, the story says {held.reason}")
        if not whole and row["reason"] in KEEPS_BACK:
            self.wrong.append(f"{day} {row['item']}: {row['reason']}, and only a part of it is {held.reason}")
        if held.reason not in ("held", "not_due") and parts != [(held.id, held.minor)]:
            self.wrong.append(f"{day} {row['item']}: kept back by {parts}, the story says {held.id!r}, {held.minor}")


def summary(ledger: Ledger) -> Iterator[str]:
    """What the ninety days came to."""
    kinds = Counter(story.kind for story in ledger.stories.values())
    for kind in STORY_KINDS:
        yield f"  {kinds[kind]:>6,} {kind}"
    letters = Counter(notice.audience for notice in ledger.notifier.notices)
    yield f"letters to customers: {letters['customer']:,}; alerts to staff: {letters['staff']:,}"
    yield f"open items looked at: {ledger.looked:,}, of them kept back by their story: {ledger.kept_back:,}"


def main(argv: list[str] | None = None) -> int:
    """Run; 0 when everything held, 1 when something did not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledger", nargs="?", type=Path, help="a CSV file in the form of the distributor's")
    parser.add_argument("--items", type=int, default=STORIES, help="how many overdue items get a story")
    parser.add_argument("--customers", type=int, help="take a sample of so many customers")
    parser.add_argument("--days", type=int, default=DAYS, help="how many days are lived through")
    parser.add_argument("--seed", type=int, default=1, help="for the stories")
    args = parser.parse_args(argv)
    start = perf_counter()
    ledger = Ledger(rows_of(args.ledger, args.customers, args.seed), args.items, args.seed)
    ledger.load()
    for offset in range(args.days):
        ledger.live(FIRST + dt.timedelta(days=offset))
    print(f"{len(ledger.rows):,} open invoices, {len(ledger.stories):,} stories, {args.days} days")
    for line in summary(ledger):
        print(line)
    print("ok" if not ledger.wrong else f"FAILED: {len(ledger.wrong):,} things did not hold")
    for each in ledger.wrong[:10]:
        print(f"  {each}")
    print(f"{perf_counter() - start:.1f} s")
    return 1 if ledger.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
