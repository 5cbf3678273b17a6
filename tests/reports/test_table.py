"""The one renderer of all reports."""

import datetime as dt
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Customer
from receivables.reports.metrics import metrics
from receivables.reports.table import headed, html_table, text_table

CELLS = st.one_of(st.none(), st.integers(), st.text(max_size=8))


class Reader(HTMLParser):
    """Reads the cells of a table back."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_data(self, data):
        self.cells[-1] += data


def test_nothing_reads_as_a_sentence():
    assert text_table([]) == "nothing to show"
    assert text_table([], "no item is open") == "no item is open"
    assert html_table([], "x") == "<table><caption>x</caption><thead><tr></tr></thead><tbody></tbody></table>"


def test_a_column_of_numbers_stands_to_the_right_and_any_word_turns_it_to_the_left():
    assert text_table([{"a": "1.00", "b": "7"}, {"a": "-10.00", "b": "x"}]) == ("     a  b\n  1.00  7\n-10.00  x")


def test_a_cell_without_a_value_is_empty():
    assert text_table([{"a": None, "b": 1}]) == "a  b\n   1"


@given(st.lists(st.dictionaries(st.just("name"), CELLS, min_size=1), max_size=4), st.text(max_size=5))
def test_no_text_escapes_its_cell(rows, caption):
    reader = Reader()
    reader.feed(html_table(rows, caption))
    assert set(reader.tags) <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    expected = ["" if row["name"] is None else str(row["name"]) for row in rows]
    clean = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in expected]
    read = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in reader.cells[2 if rows else 1 :]]
    assert read == clean


def test_markup_in_names_captions_and_cells_is_escaped():
    shown = html_table([{"<b>": '<script>alert("1")</script>'}], "a & b <i>")
    assert "<script>" not in shown
    assert "<i>" not in shown
    assert "<b>" not in shown
    assert "a &amp; b" in shown


def test_a_long_table_says_how_many_rows_it_leaves_out_and_shows_them_where_it_is_asked_to():
    rows = [{"number": at, "name": f"row {at}"} for at in range(1_300)]
    shown, whole = html_table(rows, "x"), html_table(rows, "x", most=None)
    assert shown.count("<tr>") == 1 + 200 + 1
    assert '<td colspan="2">1,100 more rows, not shown</td>' in shown
    assert whole.count("<tr>") == 1 + 1_300
    assert "not shown" not in whole
    assert "not shown" not in html_table(rows[:200], "x")


def test_a_column_of_numbers_stands_to_the_right_in_html_with_its_head_and_no_table_sets_a_color():
    shown = html_table([{"a": "1.00", "b": "7"}, {"a": None, "b": "x"}], "x")
    assert shown.count("text-align:right") == 3
    assert '<th scope="col">b</th>' in shown
    assert "color" not in shown
    assert "background" not in shown


def test_a_caption_leaves_codes_and_ids_as_they_are():
    found = metrics(Account.of(Customer(id="ACME")), dt.date(2026, 3, 31), "EUR")
    assert "<caption>Metrics in EUR of 90 days up to 2026-03-31</caption>" in found._repr_html_()
    assert headed("") == ""
