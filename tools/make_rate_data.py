r"""Write a Python module with a rate table for a host, from the CSV file of a central bank.

    python tools/make_rate_data.py boe.csv --name "Bank of England official Bank Rate" \
        --source "Bank of England, read on 2025-07-01" --until 2025-08-06 > my_app/bank_rate.py

The library carries no reference rates: they change after a release, and a stale one gives a plausible wrong claim. The
host keeps them, in a table of its database or in a module such as this one, and says until when they are known.

The file has a column with the first day of each rate and one with the percentage, in any order of rows; `--date` and
`--percent` name the columns. A row that repeats the rate before it is left out. A gap, an overlap, two rates of one
day or a text that is no number is refused, with the row.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

from receivables.errors import ReceivablesError
from receivables.values.rates import Rate, RateTable

MODULE = '''"""{name}, known until {until}: written by tools/make_rate_data.py, not by hand."""

from receivables import RateTable

RATES = RateTable.from_rows(
    [
{rows}    ],
    name={name!r},
    source={source!r},
)
'''


def rows(lines: list[str], date: str, percent: str) -> Iterator[tuple[str, str]]:
    """The rows of a CSV text as (first day, percentage)."""
    for row in csv.DictReader(lines):
        if date not in row or percent not in row:
            raise SystemExit(f"no column {date!r} or {percent!r}: the file has {', '.join(row)}")
        yield row[date].strip(), row[percent].strip()


def changes(table: RateTable) -> list[Rate]:
    """The rates that differ from the one before."""
    return [rate for at, rate in enumerate(table.rates) if at == 0 or rate.percent != table.rates[at - 1].percent]


def module(table: RateTable, until: dt.date) -> str:
    """The text of the module; the last rate ends on the day until which it is known."""
    found = changes(table)
    if until < found[-1].valid_from:
        raise SystemExit(f"--until {until} is before the last rate, of {found[-1].valid_from}")
    lines = [f'        ("{rate.valid_from}", "{rate.percent}"),\n' for rate in found[:-1]]
    last = f'        ("{found[-1].valid_from}", "{until}", "{found[-1].percent}"),\n'
    return MODULE.format(name=table.name, source=table.source, until=until, rows="".join(lines) + last)


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--until", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--date", default="effective_from")
    parser.add_argument("--percent", default="rate_percent")
    given = parser.parse_args(arguments)
    lines = given.file.read_text(encoding="utf-8").splitlines()
    try:
        table = RateTable.from_rows(rows(lines, given.date, given.percent), name=given.name, source=given.source)
    except ReceivablesError as error:
        print(f"{given.file.name}: {error}", file=sys.stderr)
        return 1
    print(module(table, given.until), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
