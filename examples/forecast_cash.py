"""When customers pay, learned from a ledger of closed invoices and tested on what came after: a back-test by time splits.

    python examples/forecast_cash.py CLOSED.csv                     seven splits, beside other methods
    python examples/forecast_cash.py CLOSED.csv --split 2019-12-31 --no-boosting
    python examples/forecast_cash.py                                a small seeded ledger

CLOSED.csv has the columns cust_number, clear_date, due_date and amount. At a split the library learns from what had been paid
and was known by then: an invoice that was due and is paid later counts as open. Then it says of each invoice that was open at
the split or came after it, and is due within 60 days, when it is paid; and of all of them what they bring by day and week.

Beside it stand: paid on the due date; the due date and the customer's average days late; and where scikit-learn is installed,
gradient boosting with the absolute error on the same features (customer, weekday and day of the month of the due date, amount,
figures of the customer's lateness). All of them know that what is open at the split is paid after it, and that nobody pays on
a weekend or a bank holiday.

For each method: the mean absolute error of the payment date in days. For the library also: how many payments came within its
band from 10 to 90 percent, how many weeks and days brought cash within theirs, and the Brier score of the probability of being
late, beside that of always saying how many were late (lower is better).

A ledger of closed invoices leaves out what was never paid, and of the last months what was paid late: all methods look better
than they are by so much, and the probability of never being paid cannot be tested.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log1p
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import Any, NamedTuple

from receivables import Account, Customer, Invoice, Money
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast import CashForecast, forecast
from receivables.reports.forecast_behavior import Behavior, Curves, learn
from receivables.reports.forecast_history import PaymentRecord
from receivables.reports.forecast_timing import timing
from receivables.reports.table import text_table
from receivables.values.dates import FixedCalendar, Roll, add_days, roll

SPLITS = [
    dt.date(2019, 6, 30),
    dt.date(2019, 8, 31),
    dt.date(2019, 9, 30),
    dt.date(2019, 10, 31),
    dt.date(2019, 11, 30),
    dt.date(2019, 12, 31),
    dt.date(2020, 1, 31),
]
DAYS_AHEAD = 60
CASH_DAYS = 56
POLICY = ForecastPolicy(id="cash", version=1)
BANK_DAYS = FixedCalendar(
    holidays=frozenset(
        dt.date.fromisoformat(day)
        for day in (
            *("2019-01-01", "2019-01-21", "2019-02-18", "2019-05-27", "2019-07-04", "2019-09-02", "2019-10-14"),
            *("2019-11-11", "2019-11-28", "2019-12-25", "2020-01-01", "2020-01-20", "2020-02-17", "2020-05-25"),
        )
    )
)
"""The days of the Federal Reserve Banks, written out for the time of the ledger."""


class Row(NamedTuple):
    """One closed invoice."""

    number: str
    customer: str
    due_on: dt.date
    cleared_on: dt.date
    amount: str

    @property
    def days_late(self) -> int:
        return (self.cleared_on - self.due_on).days


class Split(NamedTuple):
    """What was known at a split, and what came after it."""

    on: dt.date
    known: list[Row]
    asked: list[Row]
    behavior: Behavior


class Answers(NamedTuple):
    """What the library says of each invoice that is asked about: date, band, and how likely it is late."""

    dates: list[dt.date]
    within: list[bool]
    late: list[tuple[float, bool]]


def rows_of(path: Path | None, seed: int = 1) -> list[Row]:
    """The rows of a file, or of a small ledger that the seed draws: each customer with a lateness and a day of its own."""
    if path is None:
        return list(_drawn(random.Random(seed)))
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                f"I{at}",
                line["cust_number"],
                dt.date.fromisoformat(line["due_date"]),
                dt.date.fromisoformat(line["clear_date"]),
                line["amount"],
            )
            for at, line in enumerate(csv.DictReader(file))
        ]


def _drawn(dice: random.Random) -> Iterable[Row]:
    for customer in range(12):
        late, weekday = dice.randrange(-3, 15), dice.randrange(5)
        for at in range(120):
            due_on = add_days(dt.date(2019, 1, 1), dice.randrange(450))
            cleared_on = add_days(due_on, late + min(30, int(dice.expovariate(0.5))))
            cleared_on = add_days(cleared_on, (weekday - cleared_on.weekday()) % 7)
            yield Row(
                f"C{customer}-{at}", f"C{customer}", due_on, cleared_on, f"{dice.randrange(100, 90_000) / 100:.2f}"
            )


def split(rows: Sequence[Row], on: dt.date) -> Split:
    """What was known at the end of a day, and the invoices that are asked about.

    Only the library is given all rows: it leaves out itself what was not known.
    """
    records = (PaymentRecord(customer=row.customer, due_on=row.due_on, paid_on=row.cleared_on) for row in rows)
    last = add_days(on, DAYS_AHEAD)
    return Split(
        on=on,
        known=[row for row in rows if row.cleared_on <= on],
        asked=[row for row in rows if row.cleared_on > on and row.due_on <= last],
        behavior=learn(records, as_of=on),
    )


# The methods ------------------------------------------------------------------------------------------------------------


def possible(on: dt.date, day: dt.date) -> dt.date:
    """The first day on which what is open at a split can be paid, from a day on."""
    return roll(max(day, add_days(on, 1)), Roll.FOLLOWING, BANK_DAYS)


def by_due_date(data: Split) -> list[dt.date]:
    return [possible(data.on, row.due_on) for row in data.asked]


def by_average(data: Split) -> list[dt.date]:
    """The customer's average, and that of all for a customer that is new."""
    late = lateness(data.known)
    everybody = fmean(row.days_late for row in data.known)
    average = {customer: fmean(days) for customer, days in late.items()}
    return [possible(data.on, add_days(row.due_on, round(average.get(row.customer, everybody)))) for row in data.asked]


def by_library(data: Split) -> list[dt.date]:
    return ask(data).dates


def by_boosting(data: Split) -> list[dt.date]:
    """Gradient boosting, with the best of six settings that were tried; needs scikit-learn."""
    import numpy as np  # noqa: PLC0415
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    features = Features(data.known)
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=800, learning_rate=0.05, categorical_features=[0, 1], random_state=0
    )
    model.fit(np.array([features.of(row) for row in data.known]), [row.days_late for row in data.known])
    predicted = model.predict(np.array([features.of(row) for row in data.asked]))
    return [
        possible(data.on, add_days(row.due_on, round(days))) for row, days in zip(data.asked, predicted, strict=True)
    ]


METHODS: dict[str, Callable[[Split], list[dt.date]]] = {
    "due date": by_due_date,
    "average": by_average,
    "boosting": by_boosting,
    "library": by_library,
}


def lateness(rows: Iterable[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.customer].append(row.days_late)
    return found


class Features:
    """What the boosting knows of an invoice: no more than the library does."""

    def __init__(self, known: Sequence[Row]) -> None:
        self.late = {
            customer: (fmean(days), median(days), pstdev(days), len(days), fmean(days[-10:]))
            for customer, days in lateness(known).items()
        }
        frequent = Counter(row.customer for row in known).most_common(254)
        self.place = {customer: at for at, (customer, _) in enumerate(frequent)}

    def of(self, row: Row) -> list[float]:
        nothing = (float("nan"),) * 5
        place = self.place.get(row.customer, 254)
        amount = log1p(max(0.0, float(row.amount)))
        return [place, row.due_on.weekday(), row.due_on.day, amount, *self.late.get(row.customer, nothing)]


def ask(data: Split) -> Answers:
    """What the library says of each invoice; of those that are not overdue yet also how likely they are late."""
    curves = Curves(data.behavior, POLICY)
    answers = Answers([], [], [])
    known: dict[tuple[str, dt.date], tuple[dt.date, dt.date, dt.date, float]] = {}
    for row in data.asked:
        key = (row.customer, row.due_on)
        if key not in known:
            found = timing(
                data.behavior,
                POLICY,
                customer=row.customer,
                due_on=row.due_on,
                as_of=data.on,
                calendar=BANK_DAYS,
                curves=curves,
            )
            assert found is not None  # something was learned
            low, middle, high = (found.quantile(percent) or dt.date.max for percent in (10, 50, 90))
            known[key] = low, middle, high, float(1 - found.paid_by(row.due_on))
        low, middle, high, late = known[key]
        answers.dates.append(middle)
        answers.within.append(low <= row.cleared_on <= high)
        if row.due_on > data.on:
            answers.late.append((late, row.cleared_on > row.due_on))
    return answers


# What it comes to -------------------------------------------------------------------------------------------------------


def error(data: Split, dates: Sequence[dt.date]) -> float:
    """The mean absolute error of the payment date, in days."""
    return fmean(abs((row.cleared_on - day).days) for row, day in zip(data.asked, dates, strict=True))


def brier(late: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The score of the probabilities, and that of saying of each how many were late."""
    share = fmean(was for _, was in late)
    return fmean((said - was) ** 2 for said, was in late), share * (1 - share)


def calibration(late: Iterable[tuple[float, bool]]) -> list[dict[str, object]]:
    """What was said, in tenths, beside what became of it."""
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for said, was in late:
        tenths[min(9, int(10 * said))].append((said, was))
    return [
        {
            "said": f"{10 * at}-{10 * at + 10} %",
            "invoices": len(found),
            "mean said": f"{100 * fmean(said for said, _ in found):.1f}",
            "late": f"{100 * fmean(was for _, was in found):.1f}",
        }
        for at, found in sorted(tenths.items())
    ]


def cash(data: Split) -> CashForecast:
    """What the invoices that are asked about bring, by a forecast of the library at the split."""
    by_customer: dict[str, list[Row]] = defaultdict(list)
    for row in data.asked:
        if _minor(row):
            by_customer[row.customer].append(row)
    accounts = (
        Account.of(Customer(id=customer), invoices=[_invoice(row, data.on) for row in rows])
        for customer, rows in by_customer.items()
    )
    views = (account.view(data.on) for account in accounts)
    return forecast(views, data.behavior, POLICY, add_days(data.on, CASH_DAYS), calendar=BANK_DAYS)


def _invoice(row: Row, on: dt.date) -> Invoice:
    return Invoice.due(
        number=row.number,
        account=row.customer,
        issued_on=min(row.due_on, on),
        total=Money.of(_text(row), "USD"),
        due_on=row.due_on,
    )


def _text(row: Row) -> str:
    return f"{float(row.amount):.2f}"


def _minor(row: Row) -> int:
    return max(0, Money.of(_text(row), "USD").minor)


def within_bands(data: Split, found: CashForecast) -> dict[str, list[bool]]:
    """Of each week and each day, whether what came is within the outer bands."""
    came = Counter[dt.date]()
    for row in data.asked:
        came[row.cleared_on] += _minor(row)
    inside: dict[str, list[bool]] = {}
    for kind, lines in (("weeks", found.weeks), ("days", found.days)):
        inside[kind] = []
        for line in lines:
            low, high = line.bands[0].minor, line.bands[-1].minor
            minor = sum(minor for day, minor in came.items() if line.start <= day <= line.end)
            if high or minor:  # a week without a business day proves nothing
                inside[kind].append(low <= minor <= high)
    return inside


def report(rows: Sequence[Row], splits: Sequence[dt.date], methods: Sequence[str]) -> list[dict[str, object]]:
    """One row per split, and the mean of all."""
    found: list[dict[str, Any]] = []
    for on in splits:
        data = split(rows, on)
        answers = ask(data)
        inside = within_bands(data, cash(data))
        said, always = brier(answers.late)
        found.append(
            {"invoices": len(data.asked)}
            | {name: error(data, answers.dates if name == "library" else METHODS[name](data)) for name in methods}
            | {"in band": fmean(answers.within)}
            | {kind: fmean(each) for kind, each in inside.items()}
            | {"brier": said, "always": always}
        )
    mean = {name: fmean(each[name] for each in found) for name in found[0]}
    heads = [*(on.isoformat() for on in splits), "mean"]
    return [{"split": head} | _written(each) for head, each in zip(heads, [*found, mean], strict=True)]


def _written(row: dict[str, Any]) -> dict[str, object]:
    return {name: f"{value:.0f}" if name == "invoices" else f"{value:.3f}" for name, value in row.items()}


def has_boosting() -> bool:
    try:
        import sklearn.ensemble  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("ledger", nargs="?", type=Path)
    parser.add_argument("--split", action="append", type=dt.date.fromisoformat, help="a day; may be given again")
    parser.add_argument("--no-boosting", action="store_true", help="leave scikit-learn out")
    options = parser.parse_args(arguments)
    rows = rows_of(options.ledger)
    splits = options.split or (SPLITS if options.ledger else [dt.date(2019, 12, 31)])
    boosting = not options.no_boosting and has_boosting()
    if not boosting:
        print("without gradient boosting" + ("" if options.no_boosting else ": scikit-learn is not installed"))
    print(f"mean absolute error of the payment date in days, invoices due within {DAYS_AHEAD} days of the split")
    print(text_table(report(rows, splits, [name for name in METHODS if boosting or name != "boosting"])))
    last = split(rows, splits[-1])
    print(f"\nhow likely an invoice is late, said on {last.on}, and how many were")
    print(text_table(calibration(ask(last).late)))
    print(f"\n{cash(last)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
