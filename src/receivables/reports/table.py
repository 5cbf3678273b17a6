"""How a report looks: rows of plain dicts as a text table and as an HTML table; one renderer for all reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

Row = Mapping[str, object]


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
    right = [all(_is_number(_cell(row[name])) for row in rows) for name in names]
    return "\n".join(_line(line, widths, right) for line in cells)


def html_table(rows: Sequence[Row], caption: str) -> str:
    """The same rows as one escaped HTML table, for notebooks.

    >>> html_table([{"a": "<1>"}], "x")
    '<table><caption>x</caption><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>&lt;1&gt;</td></tr></tbody></table>'
    """
    names = list(rows[0]) if rows else []
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join("<tr>" + "".join(_html_cell(row[name]) for name in names) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(value: object) -> str:
    text = _cell(value)
    align = ' style="text-align:right"' if _is_number(text) else ""
    return f"<td{align}>{escape(text)}</td>"


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
