"""The list of a collections desk for one day, from the open items of a real ledger.

    python examples/worklist.py [PATH TO open_invoices.csv]

The ledger is that of a food distributor: 18,561 open invoices in US and Canadian dollars. An account is a customer in one
company. The desk looks at 15 April 2020: an account that owes 20,000 overdue needs a person, small change does not. Three
persons share the work: one has the key accounts, one Canada, one the rest of the first company; what other companies have
overdue is nobody's, and the list says so. On large and late accounts two treatments are tried against each other.

Printed is the top of the list, what each person has, and what is left over. The exit code is 1 where an account was missed:
the sums are made a second time from the rows of the file, without the library.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from receivables import Account, Customer, Invoice, Money, PolicyBook
from receivables.documents.customer import account_id
from receivables.policies.assignment import AssignmentPolicy, AssignmentRule
from receivables.policies.strategy import Arm, StrategyPolicy, StrategyRule, Treatment
from receivables.policies.worklist import WorklistPolicy
from receivables.reports.table import text_table
from receivables.reports.worklist import Worklist, worklist

LEDGER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ledger_distributor" / "open_invoices.csv"
DAY = dt.date(2020, 4, 15)
LARGE = {"USD": 20_000, "CAD": 20_000}
CAPACITY = {"ann": 10, "bob": 30, "cem": 10}

BOUNDS = tuple(Money.of(amount, code) for code, amount in LARGE.items())
WORTH = (Money.of(100, "USD"), Money.of(140, "CAD"))

DESK = WorklistPolicy(
    id="desk", version=1, big_overdue=BOUNDS, worth=WORTH, order=("worth", "age"), wants_collector=True
)
PEOPLE = AssignmentPolicy(
    id="people",
    version=1,
    rules=(
        AssignmentRule(name="key accounts", least=Money.of(500_000, "USD"), collector="ann"),
        AssignmentRule(name="Canada", company="CA02", collector="cem"),
        AssignmentRule(name="others", company="U001", collector="bob"),
    ),
)
TRIAL = StrategyPolicy(
    id="trial",
    version=1,
    otherwise="letters",
    treatments=(Treatment(name="letters", channel="email"), Treatment(name="calls", channel="phone", every_days=5)),
    rules=(
        StrategyRule(
            name="large and late",
            least_overdue=BOUNDS,
            least_days_overdue=7,
            trial="spring 2020",
            arms=(Arm(treatment="letters", percent=50), Arm(treatment="calls", percent=50)),
        ),
    ),
)
BOOK = PolicyBook.of(DESK, PEOPLE, TRIAL)

Rows = Mapping[str, list[dict[str, str]]]


def read(path: Path) -> Rows:
    """The rows of each account, by its id."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            found[account_id(row["cust_number"], row["business_code"])].append(row)
    return dict(sorted(found.items()))


def accounts(rows: Rows) -> Iterator[Account]:
    """The accounts, one by one; two invoices with one number are two items."""
    for account, own in rows.items():
        customer = Customer(id=own[0]["cust_number"], company=own[0]["business_code"])
        yield Account.of(customer, invoices=[_invoice(account, at, row) for at, row in enumerate(own)])


def _invoice(account: str, at: int, row: Mapping[str, str]) -> Invoice:
    return Invoice.due(
        number=f"{row['doc_id']}/{at}",
        account=account,
        issued_on=dt.date.fromisoformat(row["posting_date"]),
        total=Money.of(row["amount"], row["currency"]),
        due_on=dt.date.fromisoformat(row["due_in_date"]),
    )


def wanted(rows: Rows) -> set[str]:
    """The accounts that need a person, from the rows alone: a large sum overdue, or something overdue and nobody's."""
    found = set()
    for account, own in rows.items():
        overdue: Counter[str] = Counter()
        owed: Counter[str] = Counter()
        for row in own:
            if dt.date.fromisoformat(row["posting_date"]) <= DAY:
                minor = Money.of(row["amount"], row["currency"]).minor
                owed[row["currency"]] += minor
                overdue[row["currency"]] += minor if dt.date.fromisoformat(row["due_in_date"]) < DAY else 0
        large = any(minor >= 100 * LARGE[code] for code, minor in overdue.items())
        nobodys = own[0]["business_code"] not in ("U001", "CA02") and owed["USD"] < 50_000_000
        if large or (nobodys and any(overdue.values())):
            found.add(account)
    return found


def shown(found: Worklist, top: int = 10) -> str:
    """The top of the list, what each person has, and what is left over."""
    names = ("account", "action", "overdue", "days_overdue", "person", "treatment", "reasons")
    rows = [{name: row[name] for name in names} for row in found.rows()[:top]]
    people = [
        {"person": person, "has": len(found.of_person(person)), "room": room} for person, room in CAPACITY.items()
    ]
    left = Counter(line.collector or "nobody" for line in found.left_over)
    over = ", ".join(f"{count} of {person}" for person, count in sorted(left.items())) or "nothing"
    codes = ", ".join(f"{count} {code}" for code, count in found.counts)
    return "\n".join(
        [found.title, text_table(rows), "", text_table(people), "", f"left over: {over}", f"reasons: {codes}"]
    )


def main(arguments: list[str]) -> int:
    """Print the list of the day; 1 where an account is missing on it, 2 without a ledger."""
    path = Path(arguments[0]) if arguments else LEDGER
    if not path.exists():
        print("the published ledger is absent: give the path to open_invoices.csv")
        return 2
    rows = read(path)
    start = perf_counter()
    every = worklist(accounts(rows), DAY, BOOK)
    took = perf_counter() - start
    print(shown(every.within(CAPACITY)))
    missed = wanted(rows) ^ {line.account for line in every.lines}
    print(f"{every.looked_at} accounts in {took:.1f} s; missed or too many: {len(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
