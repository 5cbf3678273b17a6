"""The formulas of the metrics, on plain figures: for published examples, for figures of another system, and for our own.

Every function gives a `Metric` that names its method. Amounts are money of one currency, or plain numbers that are exact;
a float is refused. `receivables.reports.metrics` works the same figures out from accounts.

Sources: the Credit Research Foundation's definitions of DSO, best possible DSO, average days delinquent and collection
effectiveness; Herfindahl and Hirschman for concentration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from receivables.reports.metrics_value import Amount, Metric, exact_amounts
from receivables.values import checks
from receivables.values.currencies import Currency


def dso(receivables: Amount, sales: Amount, days: int) -> Metric:
    """Days sales outstanding, simple: receivables by the sales of a day.

    >>> print(dso(2_500, 4_500, 90))
    dso (simple): 50.00 days
    """
    (owed, sold), currency = exact_amounts("dso", receivables, sales)
    return _quotient("dso", "simple", "days", owed, sold, _days(days), "nothing_sold", currency)


def best_possible_dso(current: Amount, sales: Amount, days: int) -> Metric:
    """The DSO that it would be if everybody paid when due: what is not due by the sales of a day.

    >>> print(best_possible_dso(4_000, 10_000, 30))
    best_possible_dso (simple): 12.00 days
    """
    (owed, sold), currency = exact_amounts("dso", current, sales)
    return _quotient("best_possible_dso", "simple", "days", owed, sold, _days(days), "nothing_sold", currency)


def average_days_delinquent(receivables: Amount, current: Amount, sales: Amount, days: int) -> Metric:
    """DSO less best possible DSO.

    >>> print(average_days_delinquent(15_000, 4_000, 10_000, 30))
    average_days_delinquent (dso less best possible): 33.00 days
    """
    (owed, not_due, sold), currency = exact_amounts("dso", receivables, current, sales)
    method = "dso less best possible"
    return _quotient(
        "average_days_delinquent", method, "days", owed - not_due, sold, _days(days), "nothing_sold", currency
    )


def countback_dso(receivables: Amount, sales: Iterable[tuple[Amount, int]]) -> Metric:
    """Days sales outstanding by count-back: how many days of sales, latest first, the receivables come to.

    ``sales`` has for each period, latest first, what was sold and its days. A period that is used up counts all its days,
    the last one in proportion. 212,000 are 100,000 and 80,000 of two months and 32,000 of the 70,000 of a third.

    >>> print(countback_dso(212_000, [(100_000, 30), (80_000, 30), (70_000, 30)]))
    countback_dso (count-back): 73.71 days
    >>> print(countback_dso(300, [(100, 30)]))
    countback_dso (count-back): undefined, sales_too_small
    """
    periods = list(sales)
    (left, *sold), currency = exact_amounts("dso", receivables, *(amount for amount, _ in periods))
    counted = Fraction(0)
    for amount, (_, days) in zip(sold, periods, strict=True):
        if left <= 0:
            break
        counted += _days(days) * (min(left, amount) / amount if amount > 0 else 1)
        left -= max(Fraction(0), amount)
    enough = int(left <= 0)
    return _quotient("countback_dso", "count-back", "days", counted, enough, 1, "sales_too_small", currency)


def collection_effectiveness(beginning: Amount, sales: Amount, ending: Amount, ending_current: Amount) -> Metric:
    """What was collected of what could be: (beginning + sales - ending) over (beginning + sales - ending that is not due).

    >>> print(collection_effectiveness(6_200, 10_890, 6_340, 3_590))
    collection_effectiveness (index): 79.63 percent
    """
    (began, sold, ended, not_due), currency = exact_amounts("cei", beginning, sales, ending, ending_current)
    return _quotient(
        "collection_effectiveness",
        "index",
        "percent",
        began + sold - ended,
        began + sold - not_due,
        100,
        "nothing_to_collect",
        currency,
    )


def turnover(sales: Amount, average_receivables: Amount) -> Metric:
    """How often the receivables turn over: sales by average receivables.

    >>> print(turnover(6_205_000, 335_000))
    turnover (average receivables): 18.52 times
    """
    (sold, average), currency = exact_amounts("turnover", sales, average_receivables)
    return _quotient("turnover", "average receivables", "times", sold, average, 1, "nothing_receivable", currency)


def days_of_turnover(sales: Amount, average_receivables: Amount, days: int = 365) -> Metric:
    """How long a turnover takes: the days of the period by the turnover.

    >>> print(days_of_turnover(35_657, 3_955))
    days_of_turnover (average receivables): 40.49 days
    """
    (sold, average), currency = exact_amounts("turnover", sales, average_receivables)
    return _quotient(
        "days_of_turnover", "average receivables", "days", average, sold, _days(days), "nothing_sold", currency
    )


def percent_current(current: Amount, open_: Amount) -> Metric:
    """How much of what is open is not due.

    >>> print(percent_current(750, 1_000))
    percent_current (amount): 75.00 percent
    """
    (not_due, total), currency = exact_amounts("percent_current", current, open_)
    return _quotient("percent_current", "amount", "percent", not_due, total, 100, "nothing_open", currency)


def bad_debt_ratio(written_off: Amount, sales: Amount) -> Metric:
    """What was written off, by what was sold.

    >>> print(bad_debt_ratio(12, 4_800))
    bad_debt_ratio (written off by sales): 0.25 percent
    """
    (lost, sold), currency = exact_amounts("bad_debt_ratio", written_off, sales)
    return _quotient("bad_debt_ratio", "written off by sales", "percent", lost, sold, 100, "nothing_sold", currency)


def mean_days(name: str, days: Iterable[int]) -> Metric:
    """The plain mean over receipts or invoices: each counts once, whatever its amount.

    >>> print(mean_days("days_late", [1, 30]))
    days_late (mean): 15.50 days
    """
    found = list(days)
    return _quotient(name, "mean", "days", sum(found), len(found), 1, "nothing_paid", None)


def weighted_days(name: str, paid: Iterable[tuple[Amount, int]]) -> Metric:
    """The mean weighted by amounts.

    >>> print(weighted_days("days_late", [(100_000, 1), (500, 30)]))
    days_late (weighted by amount): 1.14 days
    """
    pairs = list(paid)
    amounts, currency = exact_amounts(name, *(amount for amount, _ in pairs))
    total = sum((amount * days for amount, (_, days) in zip(amounts, pairs, strict=True)), Fraction(0))
    method = "weighted by amount"
    return _quotient(name, method, "days", total, sum(amounts, Fraction(0)), 1, "nothing_paid", currency)


def top_share(balances: Sequence[Amount], largest: int) -> Metric:
    """How much of the receivables the largest customers owe; a balance below zero owes nothing.

    >>> print(top_share([500, 300, 200], 2))
    top_share (largest 2): 80.00 percent
    """
    checks.whole("concentration.largest", largest, least=1)
    found, currency = exact_amounts("concentration", *balances)
    owed = sorted((amount for amount in found if amount > 0), reverse=True)
    first, total = sum(owed[:largest], Fraction(0)), sum(owed, Fraction(0))
    return _quotient("top_share", f"largest {largest}", "percent", first, total, 100, "nothing_open", currency)


def herfindahl(balances: Sequence[Amount]) -> Metric:
    """The index of Herfindahl and Hirschman: the squares of the shares in percent, from near 0 to 10,000 for one customer.

    >>> print(herfindahl([500, 300, 200]))
    herfindahl (squares of shares in percent): 3800.00 index
    """
    found, currency = exact_amounts("concentration", *balances)
    owed = [amount for amount in found if amount > 0]
    squares, total = sum((amount**2 for amount in owed), Fraction(0)), sum(owed, Fraction(0))
    method = "squares of shares in percent"
    return _quotient("herfindahl", method, "index", squares, total**2, 10_000, "nothing_open", currency)


def _days(days: int) -> int:
    checks.whole("metric.days", days, least=1)
    return days


def _quotient(
    name: str,
    method: str,
    unit: str,
    numerator: int | Fraction,
    denominator: int | Fraction,
    factor: int,
    undefined: str,
    currency: Currency | None,
) -> Metric:
    return Metric(
        name=name,
        method=method,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        factor=factor,
        undefined=undefined,
        currency=currency,
    )
