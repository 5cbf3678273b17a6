"""The receivables of a day, from a ledger to aging, dunning notices and credit decisions.

    python examples/daily_run.py                                        a small seeded ledger
    python examples/daily_run.py MINE.csv --profile plain --as-of 2026-03-01
    python examples/daily_run.py LEDGER.csv --profile distributor --as-of 2020-04-15
    python examples/daily_run.py LEDGER.csv --profile ibm --as-of 2012-12-31 --json

The example does the reading and printing; the library does no I/O. Every row goes through the service as a command. Rows
that cannot be right are listed at the end with line, field and reason, the good ones are processed, and the exit status
is 1. The ledgers hold no credit limits: ``--limit`` is given to every customer.

A ledger of yours has, in any order, the columns of the profile ``plain``: customer, invoice, issued, due, amount, currency,
paid. Dates are YYYY-MM-DD; ``paid`` is the day on which the whole was paid, or empty.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from receivables import (
    Aging,
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Notice,
    Payment,
    PolicyBook,
    Receivables,
    ReceivablesError,
    View,
    aging,
)
from receivables.documents.payment import Allocation
from receivables.errors import ClaimTaken
from receivables.plans.commands import Apply, Command, IssueInvoice, OpenAccount, ReceivePayment
from receivables.plans.credit_commands import SetLimit
from receivables.testing import FixedClock, RecordingNotifier

POLICIES = PolicyBook.of(
    DunningPolicy(
        id="standard",
        version=1,
        minimum_gap_days=7,
        steps=(
            DunningStep(name="reminder", days_after_due=7),
            DunningStep(name="second", days_after_due=21),
            DunningStep(name="final", days_after_due=35),
        ),
    ),
    CreditPolicy(id="standard", version=1),
)


class Problem(NamedTuple):
    """A row, or a field of it, that cannot be right."""

    line: int
    field: str
    reason: str


class Row(NamedTuple):
    """A row of a ledger that could be read: an invoice, and the day on which it was paid, if it was."""

    line: int
    customer: Customer
    invoice: Invoice
    paid_on: dt.date | None


# Reading ------------------------------------------------------------------------------------------------------------


class Profile(NamedTuple):
    """How a ledger file is to be read: its date order, its columns, and what it leaves out."""

    date_format: str
    default_as_of: dt.date | None
    columns: dict[str, str]
    currency: str | None
    limit: str


PROFILES = {
    "distributor": Profile(
        "%Y-%m-%d",
        dt.date(2020, 4, 15),
        {
            "company": "business_code",
            "customer": "cust_number",
            "number": "doc_id",
            "issued_on": "posting_date",
            "due_on": "due_in_date",
            "amount": "amount",
            "currency": "currency",
        },
        None,
        "5000000",
    ),
    "ibm": Profile(
        "%m/%d/%Y",
        dt.date(2012, 12, 31),
        {
            "customer": "customerID",
            "number": "invoiceNumber",
            "issued_on": "InvoiceDate",
            "due_on": "DueDate",
            "amount": "InvoiceAmount",
            "paid_on": "SettledDate",
        },
        "USD",
        "250",
    ),
    "plain": Profile(
        "%Y-%m-%d",
        None,
        {
            "customer": "customer",
            "number": "invoice",
            "issued_on": "issued",
            "due_on": "due",
            "amount": "amount",
            "currency": "currency",
            "paid_on": "paid",
        },
        None,
        "20000",
    ),
}


def read_ledger(lines: Iterable[str], profile: Profile) -> Iterator[Row | Problem]:
    """Each row as an invoice, or as the problem that it has; the line is the one in the file."""
    reader = csv.DictReader(lines)
    missing = [column for column in profile.columns.values() if column not in (reader.fieldnames or ())]
    if missing:
        yield Problem(1, ", ".join(missing), "column is missing")
        return
    for raw in reader:
        yield _read_row(reader.line_num, raw, profile)


def _read_row(line: int, raw: dict[str, str | None], profile: Profile) -> Row | Problem:
    values = {name: (raw.get(column) or "").strip() for name, column in profile.columns.items()}
    name = ""
    try:
        found: dict[str, Any] = {}
        for name, read in _READERS.items():
            found[name] = read(values, profile)
        name = "invoice"
        customer = Customer(id=found["customer"], company=values.get("company", ""))
        invoice = Invoice.due(
            number=found["number"],
            account=customer.account,
            issued_on=found["issued_on"],
            total=found["amount"],
            due_on=found["due_on"],
        )
    except (ReceivablesError, ValueError) as error:
        name = _FIELDS.get(getattr(error, "field", ""), name)
        return Problem(line, profile.columns.get(name, name), str(error))
    return Row(line, customer, invoice, found["paid_on"])


_FIELDS = {"invoice.total": "amount", "invoice.number": "number", "customer.id": "customer"}
"""Where the engine names a field of the invoice, the column that it came from."""


def _needed(name: str) -> Callable[[dict[str, str], Profile], str]:
    def read(values: dict[str, str], profile: Profile) -> str:
        if not values[name]:
            raise ValueError("is empty")
        return values[name]

    return read


def _date(name: str) -> Callable[[dict[str, str], Profile], dt.date | None]:
    def read(values: dict[str, str], profile: Profile) -> dt.date | None:
        if name not in values:
            return None
        try:
            return dt.datetime.strptime(values[name], profile.date_format).date()
        except ValueError:
            raise ValueError(f"is no date: {values[name]!r}") from None

    return read


def _paid_on(values: dict[str, str], profile: Profile) -> dt.date | None:
    return _date("paid_on")(values, profile) if values.get("paid_on") else None


def _currency(values: dict[str, str], profile: Profile) -> Currency:
    return Currency.of(profile.currency or values["currency"])


def _amount(values: dict[str, str], profile: Profile) -> Money:
    return Money.of(values["amount"], _currency(values, profile))


_READERS: dict[str, Callable[[dict[str, str], Profile], Any]] = {
    "customer": _needed("customer"),
    "number": _needed("number"),
    "issued_on": _date("issued_on"),
    "due_on": _date("due_on"),
    "currency": _currency,
    "amount": _amount,
    "paid_on": _paid_on,
}


def seeded_ledger(as_of: dt.date, seed: int = 1) -> list[Row]:
    """Twelve customers with 120 invoices of the last four months in two currencies, a third of them paid."""
    dice = random.Random(seed)
    rows = []
    for number in range(1, 121):
        customer = Customer(id=f"C{dice.randrange(1, 13):02d}")
        issued = as_of - dt.timedelta(days=dice.randrange(1, 120))
        total = Money(dice.randrange(5_000, 900_000), Currency.of("EUR" if dice.random() < 0.8 else "USD"))
        invoice = Invoice.due(
            number=f"INV-{number:04d}",
            account=customer.account,
            issued_on=issued,
            total=total,
            due_on=issued + dt.timedelta(days=30),
        )
        paid = min(as_of, issued + dt.timedelta(days=dice.randrange(5, 60))) if number % 3 == 0 else None
        rows.append(Row(number, customer, invoice, paid))
    return rows


# Recording ----------------------------------------------------------------------------------------------------------


def record(app: Receivables, rows: list[Row], profile: Profile, limit: str, progress: Progress) -> Iterator[Problem]:
    """Every row as commands, account by account; what the engine refuses is a problem of its line."""
    done = 0
    for _, group in groupby(sorted(rows, key=lambda row: row.invoice.account), key=lambda row: row.invoice.account):
        of_account = list(group)
        pairs = list(_commands(of_account, limit))
        for (line, _), result in zip(pairs, app.record([command for _, command in pairs]), strict=True):
            if result.error is not None:
                taken = isinstance(result.error, ClaimTaken)
                yield Problem(line, profile.columns["number"] if taken else "row", str(result.error))
        done += len(of_account)
        progress.show(done, len(rows), "recording")


def _commands(rows: list[Row], limit: str) -> Iterator[tuple[int, Command]]:
    first = rows[0]
    account = first.customer.account
    yield first.line, OpenAccount(customer=first.customer, key=f"open {account}")
    for currency in sorted({row.invoice.currency for row in rows}, key=lambda each: each.code):
        granted = CreditLimit(
            account=account,
            currency=currency,
            amount=Money.of(limit, currency),
            valid_from=min(row.invoice.issued_on for row in rows),
        )
        yield first.line, SetLimit(limit=granted, key=f"limit {account} {currency.code}")
    for row in rows:
        yield from ((row.line, command) for command in _row_commands(row, f"line {row.line}"))


def _row_commands(row: Row, key: str) -> Iterator[Command]:
    invoice, account = row.invoice, row.customer.account
    yield IssueInvoice(invoice=invoice, key=f"{key} invoice")
    if row.paid_on is not None:
        payment = Payment(id=f"paid {invoice.number}", account=account, amount=invoice.total, value_date=row.paid_on)
        yield ReceivePayment(payment=payment, key=f"{key} payment")
        made = Allocation(source=payment.id, item=invoice.number, amount=invoice.total)
        yield Apply(of=account, allocation=made, key=f"{key} applied")


# The day ------------------------------------------------------------------------------------------------------------


class Day(NamedTuple):
    """What the run of a day came to."""

    aging: Aging
    notices: list[Notice]
    again: int
    credit: list[dict[str, Any]]
    overdue: list[tuple[str, Currency, Money]]
    errors: list[str]


def run_day(app: Receivables, as_of: dt.date, progress: Progress) -> Day:
    """Dun and deliver, then look: aging, limits that are exceeded, who owes most that is overdue."""
    errors, notices = [], []
    for result in app.run_dunning(as_of):
        notices.extend(result.notices)
        if result.error is not None:
            errors.append(f"{result.account}: {result.error}")
    errors += [f"{each.account}: {each.outcome} {each.detail}" for each in app.deliver() if each.outcome != "sent"]
    again = sum(len(result.notices) for result in app.run_dunning(as_of))
    views = list(_views(app, as_of, progress))
    report = aging(views)
    return Day(report, notices, again, _exceeded(app, views), _most_overdue(report), errors)


def _views(app: Receivables, as_of: dt.date, progress: Progress) -> Iterator[View]:
    ids = list(app.accounts())
    for done, id in enumerate(ids, 1):
        yield app.view(id, as_of)
        progress.show(done, len(ids), "looking")


def _exceeded(app: Receivables, views: list[View]) -> list[dict[str, Any]]:
    """The standings above their limit, currency by currency, the farthest first."""
    found = []
    for view in views:
        policy = app.policies.credit_for(view.customer) if view.customer else None
        for currency in view.currencies if policy else ():
            standing = policy.standing(view, currency)  # type: ignore[union-attr]
            if standing.limit is not None and standing.exposure > standing.limit:
                over = Money(standing.exposure - standing.limit, currency)
                found.append((over, {**standing.rows()[0], "over": str(over.amount)}))
    return [row for _, row in sorted(found, key=lambda each: (each[0].currency.code, -each[0].minor))]


def _most_overdue(report: Aging) -> list[tuple[str, Currency, Money]]:
    """Customers by what is overdue, largest first, currency by currency: amounts of two currencies do not compare."""
    found = []
    for account, currency, sums, _, _ in report.lines:
        overdue = sum(sums[:-1])
        if overdue > 0:
            found.append((account, currency, Money(overdue, currency)))
    return sorted(found, key=lambda each: (each[1].code, -each[2].minor))


def by_step(notices: Iterable[Notice]) -> dict[str, dict[str, dict[str, Any]]]:
    """Step -> currency -> how many items took it, on how many letters, and their amount."""
    items: dict[tuple[str, Currency], list[Money]] = defaultdict(list)
    letters: Counter[tuple[str, Currency]] = Counter()
    for notice in notices:
        letters.update({(line.step or "", notice.currency) for line in notice.claimed})
        for line in notice.claimed:
            items[line.step or "", notice.currency].append(line.amount)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (step, currency), amounts in sorted(items.items(), key=lambda each: (each[0][0], each[0][1].code)):
        total = Money.total(amounts, currency)
        entry = {"count": len(amounts), "letters": letters[step, currency], "amount": str(total.amount)}
        found.setdefault(step, {})[currency.code] = entry
    return found


# Showing ------------------------------------------------------------------------------------------------------------


class Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self.on = sys.stderr.isatty()

    def show(self, done: int, of: int, what: str) -> None:
        """Draw the bar; the last draw wipes it."""
        if self.on and (done == of or done % 16 == 0):
            filled = 40 * done // of
            bar = f"\r{what:10} [{'#' * filled}{'.' * (40 - filled)}] {100 * done // of:3d} %"
            sys.stderr.write(bar if done < of else "\r" + " " * len(bar) + "\r")
            sys.stderr.flush()


def as_json(day: Day, as_of: dt.date, problems: list[Problem], seconds: float) -> str:
    """Everything for machines; amounts are texts."""
    report = day.aging
    customers: dict[str, dict[str, Any]] = {}
    companies = Counter(id for account in {line[0] for line in report.lines} for id in [account.split(":")[-1]])
    for account, currency, *_ in report.lines:
        id = account.split(":")[-1]
        name = id if companies[id] == 1 else account  # one customer in two companies is two accounts
        customers.setdefault(name, {})[currency.code] = _entry(report, currency, account)
    return json.dumps(
        {
            "as_of": as_of.isoformat(),
            "aging": {currency.code: _entry(report, currency) for currency in report.currencies},
            "customers": customers,
            "notices": by_step(day.notices),
            "credit": day.credit,
            "problems": [problem._asdict() for problem in problems],
            "errors": day.errors,
            "seconds": round(seconds, 3),
        },
        indent=2,
    )


def _entry(report: Aging, currency: Currency, account: str | None = None) -> dict[str, Any]:
    total = report.total(currency, account)
    return {
        "open": str(total.open.amount),
        "count": total.count,
        "buckets": {name: str(money.amount) for name, money in total.buckets.items()},
        "on_account": str(total.on_account.amount),
    }


def as_text(day: Day, as_of: dt.date, limit: str, seconds: float) -> str:
    """What a person wants to see."""
    parts = [str(day.aging), f"\nnotices of {as_of}"]
    for step, currencies in by_step(day.notices).items():
        parts += [
            f"  {step:10} {code}  {each['count']:>6} items on {each['letters']:>5} letters {each['amount']:>16}"
            for code, each in currencies.items()
        ]
    parts += [] if day.notices else ["  none"]
    parts.append(f"  second run of the same day: {day.again} notices")
    parts.append(f"\ncredit limits exceeded (every customer was given {limit}): {len(day.credit)}")
    parts += [
        f"  {row['account']:18} {row['currency']}  exposure {row['exposure']:>14}  over by {row['over']:>14}"
        for row in day.credit[:10]
    ]
    parts += [f"  and {len(day.credit) - 10} more"] if len(day.credit) > 10 else []
    parts.append("\nmost overdue, the first ten of each currency")
    for _, group in groupby(day.overdue, key=lambda each: each[1]):
        parts += [f"  {account:18} {money:>,}" for account, _, money in list(group)[:10]]
    parts.append(f"\n{len(day.aging.lines)} accounts by currency, {seconds:.2f} s")
    return "\n".join(parts)


def main(argv: list[str] | None = None) -> int:
    """Run; 0 when every row was right, 1 when some were not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledger", nargs="?", type=Path, help="a CSV file; without one a seeded ledger is made")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="distributor", help="how to read the file")
    parser.add_argument("--as-of", type=_day, help="the day to run, YYYY-MM-DD")
    parser.add_argument("--limit", help="the credit limit that every customer is given, in each of its currencies")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    args = parser.parse_args(argv)
    profile = PROFILES[args.profile]
    as_of: dt.date | None = args.as_of or (profile.default_as_of if args.ledger else dt.date(2026, 6, 30))
    if as_of is None:
        parser.error(f"--as-of is needed with --profile {args.profile}")
    if args.ledger and not args.ledger.is_file():
        parser.error(f"there is no file {args.ledger}")
    limit: str = args.limit or (profile.limit if args.ledger else "20000")
    start = perf_counter()
    rows, problems = _load(args.ledger, profile, as_of)
    store = MemoryStore()
    app = Receivables(
        store=store,
        notifier=RecordingNotifier(),
        clock=FixedClock.on(as_of),
        policies=POLICIES,
        transaction=store.transaction,
    )
    progress = Progress()
    problems += record(app, rows, profile, limit, progress)
    day = run_day(app, as_of, progress)
    seconds = perf_counter() - start
    problems.sort()
    print(as_json(day, as_of, problems, seconds) if args.json else as_text(day, as_of, limit, seconds))
    for problem in problems:
        print(f"line {problem.line}: {problem.field}: {problem.reason}", file=sys.stderr)
    for error in day.errors:
        print(error, file=sys.stderr)
    return 1 if problems or day.errors else 0


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is no date YYYY-MM-DD: {text!r}") from None


def _load(path: Path | None, profile: Profile, as_of: dt.date) -> tuple[list[Row], list[Problem]]:
    if path is None:
        return seeded_ledger(as_of), []
    with path.open(newline="", encoding="utf-8-sig") as lines:
        found = list(read_ledger(lines, profile))
    return [each for each in found if isinstance(each, Row)], [each for each in found if isinstance(each, Problem)]


if __name__ == "__main__":
    sys.exit(main())
