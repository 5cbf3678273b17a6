"""The payment terms of a real ledger, written as `PaymentTerms`, and how many of its due dates come out.

    python examples/real_terms.py [PATH TO open_invoices.csv]

The ledger is that of a food distributor in North America: 18,561 open invoices under 47 terms codes. Its rows give the
date on which the terms count (the baseline) and the due date, but not what the codes mean; the terms below were found
by looking. Two questions are asked:

1. Of every row: from the baseline that it gives, do the terms give its due date?
2. Of the rows of the American company: does a rule give it from the posting date alone? Half-monthly terms start on the
   1st or 16th before the posting date, some on a 15th; an invoice that was entered late has an older baseline that no
   rule can know. The Canadian company counts from another day, mostly some days after posting: an external baseline.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from receivables.documents.due_rules import DueRule
from receivables.documents.terms import PaymentTerms
from receivables.values.money import Money

LEDGER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ledger_distributor" / "open_invoices.csv"

# What each code says from its baseline: a number of days.
NET_DAYS = {
    0: "CAB1 NAB1 NACE NACG NACH NAUP NAVC",
    7: "NAD8 NAM1",
    10: "CA10 CAX2 NA10 NAM2",
    15: "NAA8 NAAX NAC6 NAH4 NAM3 NAU5 NAVD NAX2",
    16: "C106 NA3F",
    20: "NA84 NAD1",
    21: "NAUW",
    23: "NAM4",
    25: "NA25",
    30: "CA30 NA38 NAD5 NAVE",
    31: "C129 NA3B",
    32: "NA32",
    34: "NAAW",
    35: "NAG2",
    40: "NAD4",
    45: "NABG NAVF NAWP",
    56: "BR56",
    60: "NACB NAUZ NAVQ",
    65: "NAGD",
    111: "90M7",
}

# What was agreed with a customer comes before the code: all 108 invoices of this customer under NAX2 are due at once,
# and all 12 of the others after 15 days.
BY_CUSTOMER = {("CCU013", "NAX2"): "immediate"}

# Where the baseline comes from, when it is not the posting date.
BASELINES = {
    "period 1,16": "NAM1 NAM2 NAM3 NAM4",
    "next 15": "NACE NACH",
    "day 15": "NACG",
}

TERMS = {code: PaymentTerms.net(days) for days, codes in NET_DAYS.items() for code in codes.split()}
AGREED = {key: PaymentTerms.parse(text) for key, text in BY_CUSTOMER.items()}
EXTERNAL_COMPANY = "CA02"
EXTERNAL = "delivery"

STARTS = {code: PaymentTerms.parse(text).parts[0].due for text, codes in BASELINES.items() for code in codes.split()}
POSTED = DueRule()


class Row(NamedTuple):
    """What the ledger says of one invoice."""

    company: str
    customer: str
    number: str
    code: str
    posted_on: dt.date
    baseline_on: dt.date
    due_on: dt.date
    amount: Money


class Report(NamedTuple):
    """The rows that were asked, and those among them that did not come out."""

    rows: int
    misfits: tuple[Row, ...]

    def __str__(self) -> str:
        fits = self.rows - len(self.misfits)
        return f"{fits} of {self.rows} ({fits / self.rows:.2%}), {len(self.misfits)} misfits"


def read(path: Path) -> list[Row]:
    """The rows of the ledger."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(record) for record in csv.DictReader(file)]


def _row(record: Mapping[str, str]) -> Row:
    posted, baseline, due = (
        dt.date.fromisoformat(record[name]) for name in ("posting_date", "baseline_create_date", "due_in_date")
    )
    return Row(
        company=record["business_code"],
        customer=record["cust_number"],
        number=record["doc_id"],
        code=record["cust_payment_terms"],
        posted_on=posted,
        baseline_on=baseline,
        due_on=due,
        amount=Money.of(record["amount"], record["currency"]),
    )


def terms_of(row: Row) -> PaymentTerms:
    """The terms of a row: those agreed with the customer, or else those of the code."""
    terms = AGREED.get((row.customer, row.code), TERMS[row.code])
    return PaymentTerms.of(
        *terms.parts[0].due.steps, baseline=EXTERNAL if row.company == EXTERNAL_COMPANY else "invoice"
    )


def due_from(row: Row, start: dt.date) -> dt.date | None:
    """The due date that the terms of a row give from a date."""
    return terms_of(row).resolve(start, row.amount, dates={EXTERNAL: start}).due_dates[0]


def start_by_rule(row: Row) -> dt.date:
    """The baseline as far as a rule can know it: from the posting date."""
    return STARTS.get(row.code, POSTED).apply(row.posted_on)


def examine(rows: Iterable[Row]) -> tuple[Report, Report]:
    """Both questions."""
    rows = list(rows)
    ruled = [row for row in rows if row.company != EXTERNAL_COMPANY]
    return (
        Report(len(rows), tuple(row for row in rows if due_from(row, row.baseline_on) != row.due_on)),
        Report(len(ruled), tuple(row for row in ruled if due_from(row, start_by_rule(row)) != row.due_on)),
    )


def main(arguments: list[str]) -> int:
    """The command."""
    path = Path(arguments[0]) if arguments else LEDGER
    if not path.exists():
        print("the published ledger is absent: give the path to open_invoices.csv")
        return 0
    from_baseline, from_posting = examine(read(path))
    print(f"{len(TERMS)} terms codes")
    print(f"due date from the baseline of the row: {from_baseline}")
    for row in from_baseline.misfits:
        print(f"  {row}")
    print(f"due date from the posting date alone:  {from_posting}, all entered later than their baseline")
    for row in from_posting.misfits:
        print(f"  {row.code} {row.number} posted {row.posted_on}, baseline {row.baseline_on}, due {row.due_on}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
