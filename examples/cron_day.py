"""The day of a small company as a cron job: a bank file in, letters and an aging out, everything kept in one SQLite file.

    python examples/cron_day.py                                     a seeded company, run in a temporary folder
    python examples/cron_day.py --db ar.db --day 2026-03-02 --invoices invoices.csv --bank statement.xml --out outbox

In this order: open the accounts and issue the invoices of the CSV (number, customer, name, issued_on, due_on, amount,
currency), take in the bank files (camt or MT940), run the dunning of the day, deliver, write `aging.csv`.

It may be killed at any point and started again, and two may run at once. Every command has a key that comes from what it is
about (the number of the invoice, the bank's own reference of the line, the day), so what was done is not done again. A
letter is a file named by its key, written beside and then renamed: it is there as a whole, once. The aging is written anew.
Nothing else is needed for that: no lock file, no "last run" that could be wrong.

What nobody can place stands on the suspense account, for a person. The exit status is 0 where the day is done, 1 where a
line, a letter or an account was refused (it is printed, and stops none of the others), 2 for arguments that cannot be.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from receivables import (
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MatchIndex,
    MatchingPolicy,
    Money,
    Notice,
    NotSent,
    PolicyBook,
    Receivables,
    Sent,
    SettlementPolicy,
    aging,
    propose,
)
from receivables.errors import ClaimTaken, ReceivablesError
from receivables.interop import camt, mt940
from receivables.interop.bank import SUSPENSE, BankFile, payments
from receivables.plans.commands import ReceivePayment
from receivables.plans.posting import posting
from receivables.policies.matching_aliases import Relation
from receivables.stores.dbapi import DbapiStore
from receivables.stores.schema import ddl

MATCHING = MatchingPolicy(id="cron", version=1, tolerances=(Money.of("0.50", "EUR"),), tolerance_percent=None)
POLICIES = PolicyBook.of(
    DunningPolicy(
        id="cron",
        version=1,
        minimum_gap_days=7,
        steps=(DunningStep(name="reminder", days_after_due=7), DunningStep(name="final", days_after_due=21)),
    ),
    SettlementPolicy(id="cron", version=1),
)


class SystemClock:
    """The machine's time, on the day that was asked for."""

    def __init__(self, day: dt.date) -> None:
        self.day = day

    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.datetime.now(dt.UTC).timetz())


class Outbox:
    """Letters as files; a file of the same key is the same letter."""

    honors_keys = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def send(self, notice: Notice) -> Sent | NotSent:
        """Write the letter, unless it is there."""
        target = self.folder / f"{notice.key}.txt"
        if not target.exists():
            lines = [f"{line.item}  {line.amount}  {line.step or ''}".rstrip() for line in notice.lines]
            write(target, "\n".join([f"{notice.template} to {notice.customer}, {notice.as_of}", *lines, ""]))
        return Sent(receipt=target.name)


def write(target: Path, text: str) -> None:
    """A file as a whole or not at all: written beside, on the disk, then renamed."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)


class Day:
    """One day on one SQLite file."""

    def __init__(self, db: Path, day: dt.date, out: Path) -> None:
        self.day, self.out = day, out
        self.connection = sqlite3.connect(db, isolation_level=None, timeout=60)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.store = DbapiStore(self.connection)
        self._create()
        self.app = Receivables(
            store=self.store,
            notifier=Outbox(out),
            clock=SystemClock(day),
            policies=POLICIES,
            transaction=self.transaction,
        )
        self.refused: list[str] = []
        self.names: dict[str, str] = {}

    def _create(self) -> None:
        """The tables, where this is a new file; two who begin at once wait for each other."""
        with self.transaction():
            there = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'receivables_facts'").fetchone()
            for statement in ddl("sqlite").split(";") if there is None else ():
                self.connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that takes the lock as it begins."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def run(self, invoices: Sequence[Path], banks: Sequence[Path]) -> int:
        """The whole day; the exit status."""
        self.open(SUSPENSE)
        for file in invoices:
            self.issue(file)
        for file in banks:
            self.take_in(read(file.read_bytes()))
        queued = sum(len(result.notices) for result in self.app.run_dunning(self.day))
        for result in self.app.deliver():
            if result.outcome in ("error", "failed", "unknown"):
                self.refused.append(f"{result.account} {result.notice}: {result.outcome} {result.detail}")
        self.write_aging()
        print(f"{self.day}: {queued} letters queued, {len(list(self.out.glob('*.txt')))} in the outbox")
        for line in self.refused:
            print(f"refused: {line}", file=sys.stderr)
        return int(bool(self.refused))

    def open(self, customer: str) -> None:
        """The account of a customer, unless it is there."""
        try:
            self.app.open_account(Customer(id=customer), key=f"open {customer}")
        except ClaimTaken:
            return

    def issue(self, file: Path) -> None:
        """The invoices of a CSV."""
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                self.names[row["name"]] = row["customer"]
                try:
                    self.open(row["customer"])
                    self.app.issue_invoice(invoice_of(row), key=f"invoice {row['number']}")
                except ReceivablesError as error:
                    self.refused.append(f"invoice {row['number']}: {error}")

    def take_in(self, file: BankFile) -> None:
        """The booked lines of a bank file; what is surely meant for something is posted, the rest is for a person."""
        views = [self.app.view(id, self.day) for id in self.app.accounts() if id != SUSPENSE]
        index = MatchIndex.of(views, relations=[Relation(payer=name, account=id) for name, id in self.names.items()])
        self.refused.extend(f"bank: {problem}" for problem in file.problems if problem.lost)
        for received in payments([line for line in file.lines if line.kind == "payment"]):
            if received.bank_line is not None and self.store.find("bank_line", received.bank_line):
                continue
            best = propose(received, index, MATCHING).posting
            payment = attrs.evolve(received, account=best.account) if best is not None else received
            if best is not None:
                index = index.after(best.account, (*best.credits, *best.allocations))
            commands = [ReceivePayment(payment=payment, key=f"receive {payment.id}")]
            commands += posting(best, payment, key=f"match {payment.id}") if best is not None else ()
            errors = [result.error for result in self.app.record(commands) if result.error is not None]
            self.refused.extend(f"{payment.id}: {error}" for error in errors)

    def write_aging(self) -> None:
        """The aging of the day as CSV."""
        rows = aging(self.app.view(id, self.day) for id in self.app.accounts()).rows()
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, list(rows[0]) if rows else ["account"])
        table.writeheader()
        table.writerows(rows)
        write(self.out / "aging.csv", text.getvalue())


def read(data: bytes) -> BankFile:
    """The bytes of a bank file, by the reader that they are for."""
    return camt.read(data) if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else mt940.read(data)


def invoice_of(row: dict[str, str]) -> Invoice:
    """An invoice of a row."""
    return Invoice.due(
        number=row["number"],
        account=row["customer"],
        issued_on=dt.date.fromisoformat(row["issued_on"]),
        total=Money.of(row["amount"], row["currency"]),
        due_on=dt.date.fromisoformat(row["due_on"]),
    )


# A company to try it on ---------------------------------------------------------------------------------------------------


def company(folder: Path, day: dt.date, customers: int = 12) -> tuple[Path, Path]:
    """Forty-eight invoices and a statement that pays every third of them, two of them by nobody that is known."""
    rows = []
    for at in range(customers * 4):
        issued = day - dt.timedelta(days=70 - at)
        due = issued + dt.timedelta(days=30)
        name = f"Customer {at % customers} & Sons"
        rows.append([f"INV-{1001 + at}", f"C{at % customers:02}", name, issued, due, f"{100 + 37 * at}.00", "EUR"])
    invoices = folder / "invoices.csv"
    with invoices.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["number", "customer", "name", "issued_on", "due_on", "amount", "currency"])
        table.writerows(rows)
    entries = [
        entry(row[5], row[2].replace("&", "&amp;"), row[0], f"B{at}", day) for at, row in enumerate(rows) if at % 3 == 0
    ]
    entries += [entry("55.00", "Somebody", "for the garden", f"X{at}", day) for at in range(2)]
    bank = folder / "statement.xml"
    bank.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>'
        f"<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>",
        encoding="utf-8",
    )
    return invoices, bank


def entry(amount: str, name: str, text: str, reference: str, day: dt.date) -> str:
    """One booked credit, as a bank writes it."""
    return f"""<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
      <BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
      <NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties>
      <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the day that the arguments ask for."""
    parser = argparse.ArgumentParser(description="The day of a small company.", epilog="See the head of this file.")
    parser.add_argument("--db", type=Path, help="the SQLite file; a temporary one without it")
    parser.add_argument("--day", type=dt.date.fromisoformat, default=dt.date(2026, 3, 2))
    parser.add_argument("--invoices", type=Path, action="append", default=[])
    parser.add_argument("--bank", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, help="the folder for letters and aging")
    asked = parser.parse_args(arguments)
    absent = [path for path in (*asked.invoices, *asked.bank) if not path.is_file()]
    if absent:
        parser.error(f"no such file: {absent[0]}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if asked.db is None and not asked.invoices and not asked.bank:
            asked.invoices, asked.bank = ([path] for path in company(home, asked.day))
        out = asked.out or home / "outbox"
        status = Day(asked.db or home / "ar.db", asked.day, out).run(asked.invoices, asked.bank)
        print((out / "aging.csv").read_text(encoding="utf-8"))
    return status


if __name__ == "__main__":
    sys.exit(main())
