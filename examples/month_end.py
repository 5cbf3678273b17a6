"""A month end on one page: aging, what was learned of last month, metrics, provision, forecast, work to do, statements.

    python examples/month_end.py month_end.html                             a small book that a seed draws
    python examples/month_end.py month_end.html ../shared/data/ledger_ibm/invoices.csv

The page is whole in itself: styles and charts are in it, and it loads nothing. With matplotlib (the extra
``receivables[charts]``) it has charts; without, the same figures as tables and in words. Every figure is one of a report of
the library; the totals of the statements are compared with the aging before the page is written.

The real ledger has the day on which each invoice was settled, and nothing on when that was booked: there nothing is late.
"""

from __future__ import annotations

import argparse
import base64
import csv
import datetime as dt
import io
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from receivables import Account, Allocation, Customer, Invoice, Money, Payment, PolicyBook, aging, fold
from receivables.documents.dispute import Dispute
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.dispute import DisputeOpened
from receivables.facts.fact import Fact
from receivables.facts.invoice import InvoiceIssued
from receivables.policies.forecast import ForecastPolicy
from receivables.policies.provision import LossRates, ProvisionPolicy
from receivables.policies.worklist import WorklistPolicy
from receivables.reports.aging import Aging
from receivables.reports.aging_grouped import aging_by
from receivables.reports.bridge import BRIDGE_CODES, bridge
from receivables.reports.forecast import CashForecast, forecast
from receivables.reports.forecast_behavior import learn
from receivables.reports.forecast_history import payment_records
from receivables.reports.metrics import Metrics, metrics
from receivables.reports.metrics_sums import sums_of
from receivables.reports.metrics_value import Metric
from receivables.reports.provision import Provision, provision
from receivables.reports.statement import statements
from receivables.reports.table import html_table
from receivables.reports.worklist import Worklist, worklist
from receivables.state.view import View
from receivables.values.dates import add_days, end_of_month

TOP = 10
TREND_MONTHS = 6
WEEKS_AHEAD = 8
SHOWN_METRICS = (
    "dso", "best_possible_dso", "countback_dso", "average_days_delinquent", "collection_effectiveness", "percent_current",
    "days_to_pay", "days_late", "percent_late", "top_share",
)  # fmt: skip


class Row(NamedTuple):
    """An invoice of a ledger: when it was settled, where it was, and when that was booked."""

    number: str
    customer: str
    segment: str
    issued_on: dt.date
    due_on: dt.date
    amount: str
    settled_on: dt.date | None
    booked_on: dt.date | None
    disputed: bool


class Book(NamedTuple):
    """The accounts of a company in one currency, and the month end that is looked at."""

    accounts: list[Account]
    currency: str
    month_end: dt.date


class Figures(NamedTuple):
    """The reports of a month end."""

    book: Book
    by_segment: Aging
    learned: list[dict[str, object]]
    metrics: Metrics
    moved: Sequence[tuple[str, Money]]
    trend: list[Metric]
    provision: Provision
    forecast: CashForecast
    worklist: Worklist
    statements: dict[str, Any]


# The ledger -------------------------------------------------------------------------------------------------------------


def drawn(seed: int = 7, customers: int = 40) -> Book:
    """A small book: customers of three segments, most of whom pay, some of whose payments are booked after the month."""
    dice = random.Random(seed)
    month_end = dt.date(2026, 3, 31)
    rows = [row for number in range(customers) for row in _drawn(dice, f"C{number:03d}", month_end)]
    return Book(accounts_of(rows, "EUR", month_end), "EUR", month_end)


def _drawn(dice: random.Random, customer: str, month_end: dt.date) -> Iterator[Row]:
    segment = dice.choice(("retail", "trade", "public"))
    usual = {"retail": 2, "trade": 9, "public": 25}[segment] + dice.randrange(12)
    for at in range(dice.randrange(6, 22)):
        issued_on = add_days(month_end, -dice.randrange(1, 330))
        due_on = add_days(issued_on, 30)
        settled_on = add_days(due_on, usual + int(dice.expovariate(0.12)) - 6)
        booked_on = add_days(settled_on, dice.choice((0, 0, 0, 1, 1, 2, 9)))
        paid = settled_on <= month_end and booked_on <= month_end and dice.random() < 0.96
        amount = f"{dice.randrange(20_000, 900_000) / 100:.2f}"
        disputed = not paid and dice.random() < 0.1
        yield Row(
            f"{customer}-{at:02d}", customer, segment, issued_on, due_on, amount,
            settled_on if paid else None, booked_on if paid else None, disputed,
        )  # fmt: skip


def read(path: Path) -> Book:
    """The published ledger of invoices with their days of settlement; the month end is the last full month of its sales."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [_read(line) for line in csv.DictReader(file)]
    last = max(row.issued_on for row in rows)
    month_end = add_days(last.replace(day=1), -1) if last != end_of_month(last) else last
    known = [_as_of(row, month_end) for row in rows if row.issued_on <= month_end]
    return Book(accounts_of(known, "USD", month_end), "USD", month_end)


def _read(line: dict[str, str]) -> Row:
    issued_on, due_on, settled_on = (_day(line[name]) for name in ("InvoiceDate", "DueDate", "SettledDate"))
    return Row(
        line["invoiceNumber"], line["customerID"], f"country {line['countryCode']}", issued_on, due_on,
        line["InvoiceAmount"], settled_on, settled_on, line["Disputed"] == "Yes",
    )  # fmt: skip


def _day(text: str) -> dt.date:
    month, day, year = map(int, text.split("/"))
    return dt.date(year, month, day)


def _as_of(row: Row, month_end: dt.date) -> Row:
    """A row as the month end knows it; what was settled later is open then, and what is open may be disputed."""
    later = row.settled_on is None or row.settled_on > month_end
    return row._replace(settled_on=None, booked_on=None) if later else row._replace(disputed=False)


def accounts_of(rows: Iterable[Row], currency: str, month_end: dt.date) -> list[Account]:
    """One account for each customer."""
    by_customer: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_customer[row.customer].append(row)
    return [fold(_facts(own, currency, month_end)) for _, own in sorted(by_customer.items())]


def _facts(rows: list[Row], currency: str, month_end: dt.date) -> list[Fact]:
    customer = Customer(id=rows[0].customer, segment=rows[0].segment)
    first = min(row.issued_on for row in rows)
    facts: list[Fact] = [AccountOpened(customer=customer, **_times(first, first))]
    for row in rows:
        amount = Money.of(row.amount, currency)
        facts += _invoice(row, amount)
        if row.disputed:
            facts.append(_dispute(row, amount, month_end))
    return sorted(facts, key=lambda fact: fact.recorded_at)


def _invoice(row: Row, amount: Money) -> Iterator[Fact]:
    invoice = Invoice.due(
        number=row.number, account=row.customer, issued_on=row.issued_on, total=amount, due_on=row.due_on
    )
    yield InvoiceIssued(invoice=invoice, **_times(row.issued_on, row.issued_on))
    if row.settled_on is not None:
        payment = Payment(id=f"P-{row.number}", account=row.customer, amount=amount, value_date=row.settled_on)
        booked = _times(row.settled_on, row.booked_on or row.settled_on)
        yield PaymentReceived(payment=payment, **booked)
        made = Allocation(source=payment.id, item=row.number, amount=amount)
        yield AllocationMade(id=f"a-{row.number}", allocation=made, **booked)


def _dispute(row: Row, amount: Money, month_end: dt.date) -> DisputeOpened:
    opened_on = min(month_end, add_days(row.issued_on, 10))
    dispute = Dispute(
        id=f"D-{row.number}", account=row.customer, item=row.number, reason="quality", opened_on=opened_on
    )
    return DisputeOpened(dispute=dispute, items=(row.number,), amount=amount, **_times(opened_on, opened_on))


def _times(effective_on: dt.date, recorded_on: dt.date) -> dict[str, Any]:
    return {"effective_on": effective_on, "recorded_at": dt.datetime.combine(recorded_on, dt.time(12), dt.UTC)}


# The reports ------------------------------------------------------------------------------------------------------------


def figures_of(book: Book) -> Figures:
    """All reports of the month end, as known at its end."""
    today, last = book.month_end, month_before(book.month_end)
    views = [account.view(today, today) for account in book.accounts]
    policies = PolicyBook.of(WorklistPolicy(id="desk", version=1, big_overdue=(Money.of(5000, book.currency),)))
    matrix = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of("0.5", 2, 5, 15, 50),))
    return Figures(
        book=book,
        by_segment=aging_by("segment", views),
        learned=learned(book, last),
        metrics=metrics(book.accounts, today, book.currency, known_at=today),
        moved=sums_of(book.accounts, today, book.currency, window_days=today.day, known_at=today).roll_forward(),
        trend=trend(book),
        provision=provision(views, matrix),
        forecast=cash(book, views),
        worklist=worklist(book.accounts, today, policies, known_at=today, most=TOP),
        statements=statement_totals(book, views),
    )


def month_before(month_end: dt.date) -> dt.date:
    return add_days(month_end.replace(day=1), -1)


def learned(book: Book, last: dt.date) -> list[dict[str, object]]:
    """The view of last month's end as it was then, what was learned of it since, and what it is today: all accounts."""
    sums: dict[str, int] = defaultdict(int)
    before = after = 0
    for account in book.accounts:
        found = bridge(account, last, last, book.month_end)
        before += found.before.total(book.currency).balance.minor
        after += found.after.total(book.currency).balance.minor
        for line in found.by_code():
            sums[line.code] += line.balance.minor
    currency = Money.zero(book.currency).currency
    assert before + sum(sums.values()) == after
    rows = [(f"balance of {last}, as known then", before)]
    rows += [(says, sums[code]) for code, says in BRIDGE_CODES if code in sums]
    rows += [(f"balance of {last}, as known now", after)]
    return [{"what": what, "amount": _text(Money(minor, currency))} for what, minor in rows]


def trend(book: Book) -> list[Metric]:
    """The DSO at the last month ends, each as known today."""
    days = [book.month_end]
    while len(days) < TREND_MONTHS:
        days.append(month_before(days[-1]))
    return [metrics(book.accounts, day, book.currency, known_at=book.month_end)["dso"] for day in reversed(days)]


def cash(book: Book, views: Sequence[View]) -> CashForecast:
    """What the open items bring in the weeks to come, learned from what was paid."""
    pairs = zip(book.accounts, views, strict=True)
    records = (record for account, view in pairs for record in payment_records(account, view))
    behavior = learn(records, as_of=book.month_end, known_at=views[0].known_at)
    until = add_days(book.month_end, 7 * WEEKS_AHEAD)
    return forecast(views, behavior, ForecastPolicy(id="cash", version=1), until)


def statement_totals(book: Book, views: Sequence[View]) -> dict[str, Any]:
    """The statements of the month: how many, and what they add up to; the same as the aging says."""
    count = 0
    sums = dict.fromkeys(("opening", "charged", "credited", "closing"), Money.zero(book.currency))
    for each in statements(book.accounts, book.month_end.replace(day=1), book.month_end, book.month_end):
        count += 1
        balance = each.balance(book.currency)
        sums = {name: amount + getattr(balance, name) for name, amount in sums.items()}
    assert sums["closing"] == aging(views).total(book.currency).balance
    return {"count": count, **sums}


# The page ---------------------------------------------------------------------------------------------------------------

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --card: #f5f7f9; --ink: #1c2733; --soft: #5b6875; --line: #dfe3e8; --accent: #0072b2; --late: #b3400a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --card: #1d232a; --ink: #e8ebee; --soft: #a5afba; --line: #333b45; --accent: #56b4e9; --late: #ff9a5c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); }
p { margin: 0 0 10px; color: var(--soft); max-width: 75ch; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 22px 0 0; }
.cards div { background: var(--card); border-radius: 8px; padding: 12px 16px; }
.cards span { display: block; font-size: 13px; color: var(--soft); }
.cards b { font-size: 20px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; align-items: start; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 6px; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-size: 12px; color: var(--soft); font-weight: 600; white-space: nowrap; }
td[style], .days td:first-child { white-space: nowrap; }
.wide { margin-bottom: 18px; }
summary { cursor: pointer; }
.half { max-width: 720px; }
figure { margin: 0; overflow-x: auto; }
img { width: 100%; height: auto; display: block; border-radius: 8px; }
figcaption { font-size: 12px; color: var(--soft); margin-top: 6px; }
@media (max-width: 720px) { figure img { width: 600px; max-width: none; } main { padding: 20px 14px 48px; } .pair { grid-template-columns: minmax(0, 1fr); gap: 18px; } h1 { font-size: 23px; } .cards { grid-template-columns: 1fr 1fr; } .cards b { font-size: 17px; } th, td { padding: 5px 7px; } }
@media print { h2 { break-after: avoid; } tr, figure, .cards { break-inside: avoid; } }
"""


def page(found: Figures) -> str:
    """The whole page."""
    book = found.book
    title = f"Month end {book.month_end:%B %Y}"
    known = (
        f"{len(book.accounts)} accounts, amounts in {book.currency}, as of {book.month_end} and as known at its end."
    )
    parts = [f"<h1>{title}</h1><p>{known}</p>", _cards(found), *_sections(found)]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head><body><main>{body}</main></body></html>\n'


def _cards(found: Figures) -> str:
    total = found.by_segment.total(found.book.currency)
    expected = found.forecast.total(found.book.currency).expected
    shown = (
        ("Balance", _text(total.balance)),
        ("Overdue", _text(total.open - total.not_due)),
        ("DSO, simple", f"{found.metrics['dso'].rounded(1)} days"),
        ("Provision", _text(found.provision.required(found.book.currency))),
        (f"Expected in {WEEKS_AHEAD} weeks", _text(expected)),
        ("Accounts that need a person", str(found.worklist.found)),
    )
    return (
        '<div class="cards">'
        + "".join(f"<div><span>{name}</span><b>{value}</b></div>" for name, value in shown)
        + "</div>"
    )


def _sections(found: Figures) -> Iterator[str]:
    """One after the other: what it is called, what it says, what it shows."""
    last, work = month_before(found.book.month_end), found.worklist
    count = found.statements["count"]
    shown = (
        (
            "Aging by customer segment",
            "What is open by days overdue; the buckets less what is on account are the balance.",
            _aging,
        ),
        (
            "Since last month",
            f"What moved the balance in the month, and what was learned of {last} since then.",
            _moved,
        ),
        ("Collection", "Each figure names how it was worked out; what cannot be worked out says why.", _collection),
        ("Provision", "The matrix on what is open by due date.", _provision),
        ("Cash that is expected", "Learned from what these customers paid, with bands from 10 to 90 percent.", _cash),
        ("Work to do", f"{_headed(work.title)}.", _work),
        ("Statements", f"{count} statements for the month; their closing balances add up to the aging.", _statements),
    )
    for title, says, body in shown:
        yield f"<section><h2>{title}</h2><p>{escape(says)}</p>{body(found)}</section>"


def _aging(found: Figures) -> str:
    report = found.by_segment
    rows = [*report.rows(), *({"segment": "all", **row} for row in report.totals())]
    chart = _chart(lambda charts: (charts.aging_chart, charts.aging_text), report, found.book.currency)
    return _table(_spaced(rows), report.title) + f'<div class="half">{chart}</div>'


def _moved(found: Figures) -> str:
    moved = [{"movement": name.replace("_", " "), "amount": _text(money)} for name, money in found.moved]
    last = month_before(found.book.month_end)
    return _pair(_table(moved, "Roll-forward of the month"), _table(found.learned, f"Bridge from the view of {last}"))


def _collection(found: Figures) -> str:
    chart = _chart(lambda charts: (charts.trend_chart, charts.trend_text), found.trend)
    return _pair(_table(_metric_rows(found.metrics), found.metrics.title), chart)


def _provision(found: Figures) -> str:
    return _table(_spaced(found.provision.rows()), found.provision.title)


def _cash(found: Figures) -> str:
    weeks = [{name: value for name, value in row.items() if name != "end"} for row in found.forecast.rows()]
    chart = _chart(lambda charts: (charts.forecast_chart, charts.forecast_text), found.forecast, found.book.currency)
    return _pair(f'<div class="days">{_table(_spaced(weeks), "By week")}</div>', chart)


def _work(found: Figures) -> str:
    return _table(_work_rows(found.worklist), f"The first {len(found.worklist.lines)}")


def _statements(found: Figures) -> str:
    sums = {name: _text(value) for name, value in found.statements.items() if name != "count"}
    return _table([{"statements": found.statements["count"], **sums}], "Totals")


def _pair(one: str, other: str) -> str:
    return f'<div class="pair"><div>{one}</div><div>{other}</div></div>'


def _table(rows: Sequence[dict[str, object]], caption: str) -> str:
    return f'<div class="wide">{html_table(rows, _headed(caption))}</div>'


def _chart(which: Callable[[Any], tuple[Any, Any]], *report: Any) -> str:
    """A chart for light and one for dark, with its figures in words; the words alone where matplotlib is not there."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415
    except ImportError:
        return "<p>Without matplotlib there is no chart here; the table says the same.</p>"
    from receivables.interop import charts  # noqa: PLC0415

    draw, words = which(charts)
    text = escape(words(*report))
    light, dark = (_data(draw(*report, theme=theme)) for theme in ("light", "dark"))
    picture = f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}"><img src="{light}" alt="{text}"></picture>'
    says = f"<details><summary>The figures in words</summary>{text}</details>"
    return f"<figure>{picture}<figcaption>{says}</figcaption></figure>"


def _data(figure: Any) -> str:
    """A figure as an address that holds the picture itself."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def _metric_rows(found: Metrics) -> list[dict[str, object]]:
    shown = []
    for name in SHOWN_METRICS:
        metric = found[name]
        value = metric.rounded(1) or (str(metric.reason.code).replace("_", " ") if metric.reason else "")
        shown.append({"metric": name.replace("_", " "), "value": value, "unit": metric.unit, "method": metric.method})
    return shown


def _work_rows(found: Worklist) -> list[dict[str, object]]:
    return [
        {"account": line.account, "next": line.action.replace("_", " "), "because": str(line.because).replace("_", " "),
         "overdue": ", ".join(map(_text, line.overdue)), "days": line.days_overdue, "points": line.points}
        for line in found.lines
    ]  # fmt: skip


def _spaced(rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Amounts with their thousands apart, and no column of one currency."""
    return [{name: _thousands(value) for name, value in row.items() if name != "currency"} for row in rows]


def _thousands(value: object) -> object:
    if not isinstance(value, str):
        return value
    whole, point, rest = value.partition(".")
    return (
        f"{int(whole):,}.{rest}"
        if point and whole.lstrip("-").isdigit() and rest.isdigit() and whole != "-0"
        else value
    )


def _text(money: Money) -> str:
    return str(_thousands(str(money.amount)))


def _headed(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", type=Path, help="the HTML file to write")
    parser.add_argument("ledger", nargs="?", type=Path, help="the published ledger of invoices")
    options = parser.parse_args(arguments)
    book = read(options.ledger) if options.ledger else drawn()
    found = figures_of(book)
    options.page.write_text(page(found), encoding="utf-8")
    print(
        f"{options.page}: {len(book.accounts)} accounts on {book.month_end}, {found.by_segment.total(book.currency).balance}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
