"""How a report looks: rows of plain dicts as a text table and as an HTML table; one renderer for all reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

Row = Mapping[str, object]

MOST_ROWS: Final = 200
"""How many rows of an HTML table are shown where nothing else is asked for; how many are left out stands below them."""


def text_table(rows: Sequence[Row], empty: str = "nothing to show") -> str:
    """Columns as wide as their widest cell, numbers to the right.

    >>> print(text_table([{"currency": "EUR", "open": "1200.00"}, {"currency": "JPY", "open": "7"}]))
    currency     open
    EUR       1200.00
    JPY             7
    """
    if not rows:
        return empty
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    right = _numeric(names, rows)
    return "\n".join(_line(line, widths, right) for line in cells)


def html_table(rows: Sequence[Row], caption: str, *, most: int | None = MOST_ROWS) -> str:
    """The same rows as one escaped HTML table, for notebooks; columns of numbers to the right, digits of one width.

    It sets no color, so it reads in light and dark alike. Of more than ``most`` rows it shows the first ones, and says how many
    it leaves out; ``None`` shows all.

    >>> html_table([{"a": "<1>"}], "x")
    '<table><caption>x</caption><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>&lt;1&gt;</td></tr></tbody></table>'
    >>> html_table([{"n": 1}, {"n": 2}, {"n": 3}], "x", most=2).partition("<tfoot>")[2]
    '<tr><td colspan="1">1 more row, not shown</td></tr></tfoot></table>'
    """
    names = list(rows[0]) if rows else []
    shown = rows if most is None or len(rows) <= most else rows[:most]
    styles = [_RIGHT if right else "" for right in _numeric(names, shown)]
    head = "".join(f'<th scope="col"{style}>{escape(name)}</th>' for name, style in zip(names, styles, strict=True))
    body = "".join(_html_row(row, names, styles) for row in shown)
    foot = _left_out(len(rows) - len(shown), len(names))
    digits = _DIGITS if _RIGHT in styles else ""
    inner = f"<thead><tr>{head}</tr></thead><tbody{digits}>{body}</tbody>{foot}"
    return f"<table><caption>{escape(caption)}</caption>{inner}</table>"


def headed(title: str) -> str:
    """A title that begins with a large letter, as a caption does; codes and ids in it stay as they are.

    >>> headed("metrics in EUR by M/1")
    'Metrics in EUR by M/1'
    """
    return title[:1].upper() + title[1:]


_RIGHT: Final = ' style="text-align:right"'
_DIGITS: Final = ' style="font-variant-numeric:tabular-nums"'


def _html_row(row: Row, names: Sequence[str], styles: Sequence[str]) -> str:
    cells = (f"<td{style}>{escape(_cell(row[name]))}</td>" for name, style in zip(names, styles, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _left_out(count: int, columns: int) -> str:
    if not count:
        return ""
    word = "row" if count == 1 else "rows"
    return f'<tfoot><tr><td colspan="{columns}">{count:,} more {word}, not shown</td></tr></tfoot>'


def _numeric(names: Sequence[str], rows: Sequence[Row]) -> list[bool]:
    """Of each column, whether all that stands in it are numbers."""
    return [all(_is_number(_cell(row[name])) for row in rows) for name in names]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace(",", "").isdigit() or not text


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    aligned = (
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(aligned).rstrip()
