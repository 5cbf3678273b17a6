"""A scorecard made from a real ledger, and held against what followed.

    python examples/credit_scores.py [PATH TO closed_invoices.csv]

The ledger is that of a food distributor: 40,000 closed invoices of 1,056 customers, with due date, day of clearing and amount.
It gives no day of issue: an invoice counts as known from the earlier of its due date and its clearing, so that none is known
too early. It has closed invoices only: what was never paid is not in it, so this is about lateness, and not about loss.

Customers are scored on several days by what was known then, features of the library and one of the host's own. A scorecard is
fitted on four days up to May 2019, for each question one, and judged on 31 August 2019 by what fell due in the sixty days after:

    customers   was a tenth of the amount that fell due, or more, late by more than d days?
    invoices    was the invoice late by more than d days? Those cleared by the day are left out.

What followed the days of fitting was over before the day of judging, so nothing leaks. The day is not later because the ledger has
hardly anything of December 2019 that was paid more than ten days late: it was cut there by clearing date. Beside it stand the base rate, and, where
scikit-learn is installed, a logistic regression and gradient boosting on the same numbers.

The exit code is 0 where every question has an AUC well above one half, 1 where not.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from receivables import Account, Allocation, Customer, Invoice, Money, Payment
from receivables.policies.behavior import CustomFeature, features
from receivables.policies.fitting import FittedScorecard, fit_scorecard
from receivables.policies.history import BehaviorTerms, History, history_of
from receivables.policies.scoring import score
from receivables.reports.backtest import Backtest, Outcome, backtest, late_share_after

try:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
except ImportError:  # it is for development only
    COMPARES = False
else:
    COMPARES = True

LEDGER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ledger_distributor" / "closed_invoices.csv"
DAY = dt.timedelta(days=1)

FITTED_ON = (dt.date(2019, 2, 28), dt.date(2019, 3, 31), dt.date(2019, 4, 30), dt.date(2019, 5, 31))
JUDGED_ON = dt.date(2019, 8, 31)
AFTER = 60 * DAY
LATE_DAYS = (0, 10, 30)
TENTH = Fraction(1, 10)
LEAST_AUC = Fraction(60, 100)
TERMS = BehaviorTerms(half_life_days=60)

Values = Mapping[str, int | None]
Row = tuple[Values, bool]


def last_days_late(history: History) -> int | None:
    """How late the last payment was: a feature of the host's own, a pure function of what was known."""
    last = max(history.paid, key=lambda each: (each.on, each.item), default=None)
    return None if last is None else last.days


OWN = CustomFeature(name="host:last_days_late", unit="days", compute=last_days_late)

FEATURES = (
    "days_late",
    "late_share",
    "lateness_trend",
    "worst_days_late",
    "paydex",
    "paid_items",
    "overdue_share",
    "oldest_overdue_days",
    OWN.name,
)
INVOICE_FEATURES = (*FEATURES, "invoice:weekday", "invoice:size")
"""What is known of an invoice besides: the weekday on which it falls due, and its amount against the usual, per mille."""


class Level(NamedTuple):
    """Customers or invoices: the features, and how rows are made on a day."""

    name: str
    features: Sequence[str]
    rows: Callable[[Sequence[Account], dt.date, int], Iterator[Row]]


class Found(NamedTuple):
    """What came of one question: the scorecard, its back-test, and the AUC of others by name."""

    level: str
    late_days: int
    fitted: FittedScorecard
    test: Backtest
    others: Mapping[str, float]


# The ledger -----------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Account]:
    """An account for each customer, with its invoices and the payments that cleared them."""
    return [account_of(customer, rows) for customer, rows in sorted(rows_of(path).items())]


def rows_of(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of each customer."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            found[row["cust_number"]].append(row)
    return dict(found)


def account_of(customer: str, rows: Iterable[Mapping[str, str]]) -> Account:
    """One customer; each invoice was paid in one sum on the day of its clearing."""
    currency = "CAD" if customer.startswith("140") else "USD"
    invoices, payments, allocations = [], [], []
    for at, row in enumerate(rows):
        due, cleared = (dt.date.fromisoformat(row[name]) for name in ("due_date", "clear_date"))
        number, paid, amount = f"INV-{at}", f"P-{at}", Money.of(row["amount"], currency)
        issued = min(due, cleared)
        invoices.append(Invoice.due(number=number, account=customer, issued_on=issued, total=amount, due_on=due))
        payments.append(Payment(id=paid, account=customer, amount=amount, value_date=cleared))
        allocations.append(Allocation(source=paid, item=number, amount=amount))
    return Account.of(Customer(id=customer), invoices=invoices, payments=payments, allocations=allocations)


# Rows -----------------------------------------------------------------------------------------------------------------


def customer_rows(accounts: Sequence[Account], day: dt.date, late_days: int) -> Iterator[Row]:
    """Each customer with something due in the days after, and whether a tenth of it was late."""
    until = day + AFTER
    for account in accounts:
        share = late_share_after(account, day, until, late_days, judged_on=until + (late_days + 1) * DAY)
        if share is not None:
            yield features_on(account, day), share >= TENTH


def invoice_rows(accounts: Sequence[Account], day: dt.date, late_days: int) -> Iterator[Row]:
    """Each invoice that was open on the day or came later and fell due in the days after, and whether it was late."""
    first, last = day.toordinal(), (day + AFTER).toordinal()
    for account in accounts:
        paid = {made.item: made.effective_on.toordinal() for made in account.cash.allocations}
        due = [
            item for item in account.ledger.items if item.due_on is not None and first < item.due_on.toordinal() <= last
        ]
        open_ = [item for item in due if paid[item.id] > first]
        if open_:
            known, usual = features_on(account, day), usual_amount(account, day)
            for item in open_:
                size = None if not usual else item.amount * 1000 // usual
                weekday = item.due_on.weekday() if item.due_on is not None else None
                row = {**known, "invoice:weekday": weekday, "invoice:size": size}
                yield row, item.due_on is not None and paid[item.id] - item.due_on.toordinal() > late_days


_KNOWN: dict[tuple[str, dt.date], Values] = {}


def features_on(account: Account, day: dt.date) -> Values:
    """The features of a customer on a day; worked out once, because three questions ask for them."""
    key = (account.id, day)
    if key not in _KNOWN:
        _KNOWN[key] = features(history_of(account, account.view(day), TERMS), FEATURES, (OWN,))
    return _KNOWN[key]


def usual_amount(account: Account, day: dt.date) -> int:
    """The mean amount of the items that were known by a day."""
    known = [item.amount for item in account.ledger.items if item.effective_on <= day]
    return sum(known) // len(known) if known else 0


LEVELS = (Level("customers", FEATURES, customer_rows), Level("invoices", INVOICE_FEATURES, invoice_rows))


# Fit and judge --------------------------------------------------------------------------------------------------------


def run(
    accounts: Sequence[Account], levels: Iterable[Level] = LEVELS, late: Iterable[int] = LATE_DAYS
) -> Iterator[Found]:
    """Every question in turn."""
    late = tuple(late)
    for level in levels:
        for late_days in late:
            before = [row for day in FITTED_ON for row in level.rows(accounts, day, late_days)]
            after = list(level.rows(accounts, JUDGED_ON, late_days))
            fitted = fit_scorecard(before, id=f"{level.name}-{late_days}", features=level.features, behavior=TERMS)
            yield Found(level.name, late_days, fitted, judged(fitted, after), others(before, after, level.features))


def judged(fitted: FittedScorecard, rows: Iterable[Row]) -> Backtest:
    """The back-test of a scorecard; each class is expected to go as it went when the scorecard was made."""
    card = fitted.scorecard
    scores = [(score(values, card), bad) for values, bad in rows]
    outcomes = [Outcome(points=each.points, bad=bad, band=each.risk_class) for each, bad in scores]
    expected = {each.name: rate for each in card.classes if (rate := fitted.rate(each.name)) is not None}
    return backtest(outcomes, bands=[each.name for each in card.classes], expected=expected)


def others(before: Sequence[Row], after: Sequence[Row], names: Sequence[str]) -> dict[str, float]:
    """The AUC of two models of scikit-learn on the same numbers; none where it is not installed."""
    if not COMPARES:
        return {}
    fitted, tried = table(before, names), table(after, names)
    wrong, truth = [bad for _, bad in before], [bad for _, bad in after]
    imputed = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    models: dict[str, Any] = {
        "logistic regression": make_pipeline(imputed, StandardScaler(), LogisticRegression(max_iter=1000)),
        "gradient boosting": HistGradientBoostingClassifier(random_state=0, max_iter=150, learning_rate=0.05),
    }
    return {
        name: float(roc_auc_score(truth, model.fit(fitted, wrong).predict_proba(tried)[:, 1]))
        for name, model in models.items()
    }


def table(rows: Iterable[Row], names: Sequence[str]) -> list[list[float]]:
    """The features as a matrix; what is undefined is not a number."""
    return [[float("nan") if (value := values[name]) is None else float(value) for name in names] for values, _ in rows]


# The command ----------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every question with its figures, and the classes of one scorecard."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    path = Path(given[0]) if given else LEDGER
    if not path.exists():
        print(f"the published ledger is absent: {path.name}; nothing was scored")
        return 0
    began = perf_counter()
    found = list(run(read(path)))
    print(f"{'judged on ' + str(JUDGED_ON):24}{'count':>7}{'base %':>8}{'AUC':>8}{'KS':>8}   of scikit-learn")
    for each in found:
        print(line(each))
    for each in found:
        if (each.level, each.late_days) == ("invoices", 0):
            print(f"\n{each.level}, more than {each.late_days} days late\n{each.test}")
    if not found[0].others:
        print("\nscikit-learn is not installed: its models are left out")
    print(f"\n{perf_counter() - began:.0f} s")
    return 0 if all(each.test.auc is not None and each.test.auc > LEAST_AUC for each in found) else 1


def line(found: Found) -> str:
    """One question in one line."""
    test = found.test
    base, auc, ks = (float(value or 0) for value in (test.base_rate, test.auc, test.ks))
    beside = ", ".join(f"{name} {value:.3f}" for name, value in found.others.items()) or "not installed"
    name = f"{found.level}, > {found.late_days} days"
    return f"{name:24}{test.count:7}{100 * base:8.1f}{auc:8.3f}{ks:8.3f}   {beside}"


if __name__ == "__main__":
    sys.exit(main())
