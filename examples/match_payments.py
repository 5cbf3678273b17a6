"""Bank lines made from a real ledger, damaged as bank lines are, matched, posted, and compared with the truth.

    python examples/match_payments.py [PATH TO closed_invoices.csv] [--customers N] [--seed N]
                                      [--cut 0.05] [--no-reference 0.05] ...

The ledger is that of a food distributor: 40,000 closed invoices of 1,056 customers, each with the day on which it was
cleared. It gives customer, clear date, due date and amount. It gives neither document numbers nor currencies nor issue
dates nor names: those are **made up here**, numbers by year in the order of issue (INV-2019-00147), Canadian dollars for
the customers that begin with 140 and US dollars for the others, issue dates 5 to 25 days before the earlier of due and clear
date, and a name for each customer.

From each invoice a bank line is made, or from two to six invoices that one customer cleared on one day, and then damaged;
how often is an argument, and the dice are seeded. Two of the damages are no fault of the line itself: the same line in two
files, which its identity shows, and an invoice that is paid twice.

The matcher sees the payment, the open items of that morning less what it posted since, and the names under which
customers are known to pay. What the line was made from stays apart, with the judge. What is not posted by itself a clerk
places at the end of the day, as the truth says, so that the next day begins with a true ledger, unless the matcher
already took something false. A discount, or cents that were let go, are closed by a credit note.

The exit code is 0 where nothing was posted falsely and more than 90 of 100 payments whose references survived were posted
without a human; 1 where not.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from receivables import (
    Account,
    Allocation,
    CreditNote,
    Customer,
    DiscountWindow,
    Invoice,
    Money,
    Payment,
    Remittance,
    Schedule,
    View,
    fold,
)
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued
from receivables.policies.matching import propose
from receivables.policies.matching_aliases import Relation
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_proposals import Proposal, Proposals

LEDGER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ledger_distributor" / "closed_invoices.csv"
DAY = dt.timedelta(days=1)

POLICY = MatchingPolicy(
    id="standard",
    version=1,
    tolerances=(Money.of(1, "USD"), Money.of(1, "CAD")),
    tolerance_percent=Decimal(1),
)

RATES: Mapping[str, tuple[float, str]] = {
    "several": (0.15, "lines that pay two to six invoices"),
    "cut": (0.05, "texts that the bank cut off inside a reference"),
    "broken": (0.04, "references with a blank inside, where the bank broke the line"),
    "typo": (0.01, "references with one wrong digit"),
    "no_reference": (0.05, "lines without any reference"),
    "bare": (0.06, "references without their letters, or without their zeros"),
    "discount": (0.8, "payments less a discount, where one is offered and in time"),
    "late_discount": (0.1, "payments less a discount, where one was offered and its last day is over"),
    "cents": (0.03, "payments short by up to 0.99"),
    "short": (0.01, "payments short by more"),
    "wrong_payer": (0.03, "lines under a name that is not known, or that is another customer's"),
    "paid_twice": (0.01, "invoices paid again some days later"),
    "same_line": (0.02, "lines that stand in two files"),
}
"""Damage -> how often, and what it is. A line has one damage at most; the rest are clean."""

DISCOUNTS = ("discount", "late_discount")

LOST = frozenset({"cut", "broken", "typo", "no_reference"})
"""The damages after which the references are not all there as whole tokens."""


class Row(NamedTuple):
    """One closed invoice, with what was made up about it."""

    number: str
    account: str
    issued_on: dt.date
    due_on: dt.date
    cleared_on: dt.date
    amount: Money
    window: DiscountWindow | None


class Line(NamedTuple):
    """A bank line as the matcher gets it, and apart from it what the judge knows."""

    payment: Payment
    damage: str
    account: str
    parts: Mapping[str, int]
    """The truth: item -> minor units of this payment. Empty where the money is for nothing that is open."""


# The ledger -----------------------------------------------------------------------------------------------------------


def read(path: Path, customers: int | None, seed: int) -> list[dict[str, str]]:
    """The rows of the ledger, of all its customers or of a sample of them."""
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    ids = sorted({row["cust_number"] for row in rows})
    if customers is None or customers >= len(ids):
        return rows
    chosen = frozenset(random.Random(seed).sample(ids, customers))
    return [row for row in rows if row["cust_number"] in chosen]


def rows_of(found: Sequence[Mapping[str, str]], dice: random.Random) -> list[Row]:
    """The invoices with numbers in the order of issue; some offer a discount, in time or not."""
    drawn = []
    for at, row in enumerate(found):
        due, cleared = (dt.date.fromisoformat(row[name]) for name in ("due_date", "clear_date"))
        issued = min(due, cleared) - dice.randint(5, 25) * DAY
        drawn.append((issued, at, due, cleared, row))
    drawn.sort(key=lambda each: each[:2])
    count: Counter[int] = Counter()
    rows = []
    for issued, _, due, cleared, row in drawn:
        count[issued.year] += 1
        currency = "CAD" if row["cust_number"].startswith("140") else "USD"
        amount = Money.of(row["amount"], currency)
        window = None
        if dice.random() < 0.15:
            until = issued + dice.choice((10, 14, 20, 30)) * DAY
            window = DiscountWindow(until=until, percent=Decimal(2), amount=amount.times("0.02"), base=amount)
        number = f"INV-{issued.year}-{count[issued.year]:05d}"
        rows.append(Row(number, row["cust_number"], issued, due, cleared, amount, window))
    return rows


FIRST_WORDS = [
    "Maple",
    "Harbor",
    "Summit",
    "Prairie",
    "Golden",
    "Cedar",
    "River",
    "Union",
    "Liberty",
    "Northern",
    "Pacific",
    "Lakeside",
    "Valley",
    "Crown",
]
SECOND_WORDS = [
    "Foods",
    "Markets",
    "Wholesale",
    "Grocers",
    "Catering",
    "Provisions",
    "Supply",
    "Kitchens",
    "Stores",
    "Trading",
]


def name_of(account: str) -> str:
    """A made-up name, of its own for each customer."""
    number = int(account.lstrip("CU") or 0) if account.lstrip("CU").isdigit() else sum(map(ord, account))
    return f"{FIRST_WORDS[number % 14]} {SECOND_WORDS[number // 14 % 10]} {account} LLC"


def invoice_of(row: Row) -> Invoice:
    schedule = Schedule.single(row.amount, row.due_on, (row.window,) if row.window else ())
    return Invoice(number=row.number, account=row.account, issued_on=row.issued_on, total=row.amount, schedule=schedule)


# The bank lines -------------------------------------------------------------------------------------------------------

TEXTS = (
    "{refs}",
    "Invoice {refs}",
    "payment for inv. {refs} thanks",
    "{refs} CUST {customer}",
    "PO 45{order:06d} {refs}",
    "EREF+NOTPROVIDED SVWZ+{refs}",
    "ACH {order:08d} {refs} dated {day}",
    "Re: {refs} / total {total}",
)


def lines_of(rows: Iterable[Row], rates: Mapping[str, float], dice: random.Random) -> list[Line]:
    """The bank lines of a ledger, in the order of their value dates."""
    groups: dict[tuple[str, dt.date, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.account, row.cleared_on, row.amount.currency.code].append(row)
    names = sorted({row.account for row in rows})
    maker = _Maker(rates, dice, names)
    lines = [line for key in sorted(groups) for part in maker.parted(groups[key]) for line in maker.lines(part)]
    lines.sort(key=lambda line: (line.payment.value_date, line.payment.id))
    return lines


class _Maker:
    """Makes the lines; holds the dice."""

    def __init__(self, rates: Mapping[str, float], dice: random.Random, names: Sequence[str]) -> None:
        self.rates, self.dice, self.names = rates, dice, names
        self.count = 0

    def parted(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """What one customer cleared on one day, as lines of one or several invoices."""
        left = list(rows)
        while left:
            several = len(left) > 1 and self.dice.random() < self.rates["several"]
            size = min(len(left), self.dice.randint(2, 6)) if several else 1
            yield left[:size]
            left = left[size:]

    def lines(self, rows: Sequence[Row]) -> Iterator[Line]:
        damage = self._damage(rows)
        line = self._line(rows, damage)
        yield line
        if damage == "same_line":
            yield line
        elif damage == "paid_twice":
            again = self._line(rows, damage, days=self.dice.randint(3, 12))
            yield again._replace(parts={})

    def _damage(self, rows: Sequence[Row]) -> str:
        """One damage at most, so that each can be judged by itself; a discount comes first where one can be taken."""
        discount = self._discount(rows)
        if discount and self.dice.random() < self.rates[discount]:
            return discount
        chance = self.dice.random()
        for damage in RATES:
            if damage == "several" or damage in DISCOUNTS:
                continue
            chance -= self.rates[damage]
            if chance < 0 and (damage not in ("cents", "short") or min(row.amount.minor for row in rows) > 10_000):
                return damage
        return "several" if len(rows) > 1 else "clean"

    def _discount(self, rows: Sequence[Row]) -> str | None:
        """Whether the customer can take all the discounts in time, or none of them."""
        until = [row.window.until for row in rows if row.window is not None and row.window.until is not None]
        in_time = {rows[0].cleared_on <= day for day in until}
        return DISCOUNTS[0 if in_time == {True} else 1] if len(in_time) == 1 else None

    def _line(self, rows: Sequence[Row], damage: str, days: int = 0) -> Line:
        self.count += 1
        parts = {row.number: row.amount.minor for row in rows}
        self._keep_back(rows, damage, parts)
        account, currency = rows[0].account, rows[0].amount.currency
        amount = Money(sum(parts.values()), currency)
        payment = Payment(
            id=f"P{self.count:06d}",
            account="SUSPENSE",
            amount=amount,
            value_date=rows[0].cleared_on + days * DAY,
            payer=self._payer(account, damage),
            remittance=Remittance(text=self._text(rows, damage, amount)),
            bank_line=f"{rows[0].cleared_on + days * DAY}/{self.count:06d}",
        )
        return Line(payment, damage, account, parts)

    def _keep_back(self, rows: Sequence[Row], damage: str, parts: dict[str, int]) -> None:
        """What the customer pays less of the items."""
        if damage in DISCOUNTS:
            for row in rows:
                if row.window is not None and row.window.until is not None:
                    parts[row.number] -= row.window.amount.minor
        elif damage == "cents":
            parts[rows[-1].number] -= self.dice.randint(1, 99)
        elif damage == "short":
            parts[rows[-1].number] -= parts[rows[-1].number] * self.dice.randint(5, 60) // 100

    def _payer(self, account: str, damage: str) -> str:
        if damage != "wrong_payer":
            return name_of(account)
        return self.dice.choice(("Treasury Services Inc", name_of(self.dice.choice(self.names))))

    def _text(self, rows: Sequence[Row], damage: str, amount: Money) -> str:
        numbers = [self._number(row.number, damage) for row in rows]
        refs = self.dice.choice((", ", " ", " + ", ",")).join(numbers) if damage != "no_reference" else "supplies"
        order = self.dice.randrange(1_000_000)
        text = self.dice.choice(TEXTS).format(
            refs=refs, customer=rows[0].account, order=order, day=rows[0].issued_on, total=amount.amount
        )
        if damage == "cut":
            end = text.find(numbers[-1]) + self.dice.randint(0, len(numbers[-1]) - 1)
            return text[:end].strip() or "payment"
        return text

    def _number(self, number: str, damage: str) -> str:
        if damage == "broken":
            at = self.dice.choice([n for n in range(2, len(number) - 1) if number[n - 1 : n + 1].isalnum()])
            return f"{number[:at]} {number[at:]}"
        if damage == "typo":
            at = self.dice.choice([n for n in range(4, len(number)) if number[n].isdigit()])
            return number[:at] + self.dice.choice([d for d in "0123456789" if d != number[at]]) + number[at + 1 :]
        if damage == "bare":
            return self.dice.choice(
                (number[4:], number.replace("-0", "-").replace("-00", "-"), number.replace("-", ""))
            )
        return number


# The posting loop -----------------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """What became of a line."""

    line: Line
    proposals: Proposals

    @property
    def posted(self) -> Proposal | None:
        return self.proposals.posting

    @property
    def false(self) -> bool:
        """Posted without a human, and not what the line was made from."""
        return self.posted is not None and not is_true(self.posted, self.line)

    @property
    def matched(self) -> bool:
        """Whether the best proposal, posted or not, is what the line was made from."""
        best = self.proposals.best
        return is_true(best, self.line) if best is not None else not self.line.parts


def is_true(proposal: Proposal, line: Line) -> bool:
    """Whether it pays on exactly the items of which the line was made, at their customer."""
    made = {each.item: each.amount.minor for each in proposal.allocations}
    return proposal.account == line.account and made.keys() == line.parts.keys()


class Books:
    """The accounts of the host: what it knows on a day, as facts."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.waiting = sorted(rows, key=lambda row: row.issued_on, reverse=True)
        self.accounts: dict[str, Account] = {}
        self.views: dict[str, View] = {}
        self.new: dict[str, list[Fact]] = defaultdict(list)
        self.open: dict[str, int] = {}

    def morning(self, day: dt.date) -> list[View]:
        """The views of a day: of the accounts where something is open."""
        while self.waiting and self.waiting[-1].issued_on <= day:
            row = self.waiting.pop()
            self.open[row.number] = row.amount.minor
            self._add(row.account, InvoiceIssued, row.issued_on, invoice=invoice_of(row))
        for id, facts in self.new.items():
            account = self.accounts.get(id) or fold([_opened(id)])
            self.accounts[id] = fold(facts, account)
            self.views[id] = self.accounts[id].view(day)
        self.new.clear()
        return [view for view in self.views.values() if view.books]

    def place(self, payment: Payment, account: str, parts: Mapping[str, int], closes: bool) -> None:
        """Record a payment and its allocations, as far as the items are still open."""
        day, currency = payment.value_date, payment.amount.currency
        self._add(account, PaymentReceived, day, payment=payment)
        for n, (item, wanted) in enumerate(parts.items()):
            minor = min(wanted, self.open.get(item, 0))
            if minor > 0:
                self._allocate(account, f"{payment.id}/{n}", payment.id, item, Money(minor, currency), day)
                if closes and self.open[item] > 0:
                    self._credit(account, f"D-{payment.id}-{n}", item, Money(self.open[item], currency), day)

    def _credit(self, account: str, number: str, item: str, amount: Money, day: dt.date) -> None:
        """What was let go of an item, as a credit note."""
        note = CreditNote(number=number, account=account, issued_on=day, total=amount, against=item)
        self._add(account, CreditNoteIssued, day, credit_note=note)
        self._allocate(account, number, number, item, amount, day)

    def _allocate(self, account: str, id: str, source: str, item: str, amount: Money, day: dt.date) -> None:
        self.open[item] -= amount.minor
        made = Allocation(source=source, item=item, amount=amount)
        self._add(account, AllocationMade, day, id=id, allocation=made)

    def _add(self, account: str, kind: Callable[..., Fact], day: dt.date, **fields: object) -> None:
        known = dt.datetime.combine(day, dt.time(6), dt.UTC)
        self.new[account].append(kind(effective_on=day, recorded_at=known, **fields))


def _opened(account: str) -> Fact:
    start = dt.date(2018, 1, 1)
    known = dt.datetime.combine(start, dt.time(), dt.UTC)
    return AccountOpened(customer=Customer(id=account), effective_on=start, recorded_at=known)


class Run(NamedTuple):
    """Everything that a run did."""

    verdicts: list[Verdict]
    same_line: int
    matching_seconds: float
    most_open: int


def run(rows: Sequence[Row], lines: Sequence[Line]) -> Run:
    """Match and post, day by day."""
    books, seen, verdicts = Books(rows), set[str](), []
    relations = [Relation(payer=name_of(account), account=account) for account in sorted({row.account for row in rows})]
    by_day: dict[dt.date, list[Line]] = defaultdict(list)
    for line in lines:
        by_day[line.payment.value_date].append(line)
    twice, seconds, most = 0, 0.0, 0
    for day in sorted(by_day):
        views = books.morning(day)
        most = max(most, sum(len(book.items) for view in views for book in view.books))
        start = perf_counter()
        index = MatchIndex.of(views, relations=relations)
        clerk = []
        for line in by_day[day]:
            if line.payment.bank_line in seen:
                twice += 1
                continue
            seen.add(line.payment.bank_line or "")
            found = propose(line.payment, index, POLICY)
            verdicts.append(Verdict(line, found))
            if (posting := found.posting) is not None:
                index = index.after(posting.account, posting.allocations)
                parts = {each.item: each.amount.minor for each in posting.allocations}
                books.place(line.payment, posting.account, parts, posting.difference.minor < 0)
            else:
                clerk.append(line)
        seconds += perf_counter() - start
        for line in clerk:
            books.place(line.payment, line.account, line.parts, line.damage not in ("short", "late_discount"))
    return Run(verdicts, twice, seconds, most)


# The report -----------------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """Counts over some verdicts."""

    lines: int
    matched: int
    posted: int
    false: int

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Figures:
        found = list(verdicts)
        return cls(
            len(found),
            sum(each.matched for each in found),
            sum(each.posted is not None for each in found),
            sum(each.false for each in found),
        )

    def __str__(self) -> str:
        whole = self.lines or 1
        return f"{self.lines:>8,}{self.matched / whole:>10.1%}{self.posted / whole:>10.1%}{self.false:>8,}"


def survives(verdict: Verdict) -> bool:
    """Whether the references came through as whole tokens, and are about something that is open."""
    return verdict.line.damage not in LOST and bool(verdict.line.parts)


def report(found: Run) -> Iterator[str]:
    """The table, by kind of damage."""
    yield f"{'':34}{'lines':>8}{'matched':>10}{'posted':>10}{'false':>8}"
    verdicts = found.verdicts
    for damage in ("clean", *RATES):
        mine = [each for each in verdicts if each.line.damage == damage and (damage != "paid_twice" or each.line.parts)]
        if mine:
            yield f"{damage:34}{Figures.of(mine)}"
    again = [each for each in verdicts if not each.line.parts]
    if again:
        yield f"{'the second payment of an invoice':34}{Figures.of(again)}"
    yield f"{'all':34}{Figures.of(verdicts)}"
    yield f"{'where the reference survives':34}{Figures.of(filter(survives, verdicts))}"
    yield ""
    yield f"lines that stood in two files and were taken once: {found.same_line:,}"
    yield f"searches that gave up: {sum(each.proposals.gave_up for each in verdicts):,}"
    per_line = found.matching_seconds / max(1, len(verdicts)) * 1e6
    yield f"matching took {found.matching_seconds:.1f} s, {per_line:.0f} us a line with the daily index of at most {found.most_open:,} items"


def promises(found: Run) -> Iterator[tuple[bool, str]]:
    """What is aimed at, and whether it held."""
    whole, alive = Figures.of(found.verdicts), Figures.of(filter(survives, found.verdicts))
    yield whole.false == 0, f"no false posting among {whole.posted:,}: {whole.false}"
    yield alive.posted > 0.9 * alive.lines, "over 90 % posted without a human where the reference survives"


def main(argv: list[str] | None = None) -> int:
    """Run; 0 when the promises held or the ledger is absent, 1 when one did not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "ledger", nargs="?", type=Path, default=LEDGER, help="a CSV file in the form of the distributor's"
    )
    parser.add_argument("--customers", type=int, help="take a sample of so many customers")
    parser.add_argument("--seed", type=int, default=1, help="for the sample, what is made up, and the damage")
    for name, (rate, says) in RATES.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=rate, help=says)
    args = parser.parse_args(argv)
    if not args.ledger.exists():
        print(f"the ledger is absent: {args.ledger.name}. This example makes bank lines from 40,000 closed invoices.")
        return 0
    dice = random.Random(args.seed)
    rows = rows_of(read(args.ledger, args.customers, args.seed), dice)
    lines = lines_of(rows, {name: getattr(args, name) for name in RATES}, dice)
    print(f"{len(rows):,} invoices of {len({row.account for row in rows}):,} customers, {len(lines):,} bank lines")
    print("numbers, currencies, issue dates, discounts and names are made up\n")
    found = run(rows, lines)
    for text in report(found):
        print(text)
    print()
    held = list(promises(found))
    for good, says in held:
        print(f"{'ok' if good else 'FAILED':6} {says}")
    return 0 if all(good for good, _ in held) else 1


if __name__ == "__main__":
    sys.exit(main())
