"""The page of a month end: its figures are those of the reports, and it is whole in itself."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from receivables import aging
from receivables.reports.provision import provision
from receivables.reports.statement import statements

ROOT = Path(__file__).parents[2]


def load_example() -> ModuleType:
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        return importlib.import_module("month_end")
    finally:
        sys.path.remove(str(ROOT / "examples"))


example = load_example()


class Page(HTMLParser):
    """The tables of a page by caption, the tags, and what they point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.cards: list[str] = []
        self._into: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "srcset", "href")]
        if tag == "caption":
            self._into = [""]
        elif tag == "tr":
            list(self.tables.values())[-1].append([])
        elif tag in ("td", "th"):
            list(self.tables.values())[-1][-1].append("")
        elif tag == "b":
            self.cards.append("")

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        last = self.tags[-1] if self.tags else ""
        if last == "caption" and self._into is not None:
            self.tables[data] = []
            self._into = None
        elif last in ("td", "th") and self.tables:
            rows = list(self.tables.values())[-1]
            rows[-1][-1] += data
        elif last == "b":
            self.cards[-1] += data

    def rows(self, caption: str) -> list[dict[str, str]]:
        found = next(rows for name, rows in self.tables.items() if name.startswith(caption))
        return [dict(zip(found[0], row, strict=True)) for row in found[1:] if len(row) == len(found[0])]


@pytest.fixture(scope="module")
def book() -> Any:
    return example.drawn()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "month_end.html"
    assert example.main([str(path)]) == 0
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(written: str) -> Page:
    return Page(written)


def plain(text: str) -> str:
    return text.replace(",", "")


def test_the_aging_on_the_page_is_that_of_the_accounts(page: Page, book: Any) -> None:
    total = aging([account.view(book.month_end, book.month_end) for account in book.accounts]).total("EUR")
    *segments, all_of_them = page.rows("Aging by due date")
    assert [row["segment"] for row in segments] == ["public", "retail", "trade"]
    for name, money in total.buckets.items():
        assert plain(all_of_them[name]) == str(money.amount)
    assert plain(all_of_them["balance"]) == str(total.balance.amount) == plain(page.cards[0])
    assert plain(page.cards[1]) == str((total.open - total.not_due).amount)


def test_the_bridge_leads_from_the_one_view_of_last_month_to_the_other(page: Page, book: Any) -> None:
    first, *learned, last = (row["amount"] for row in page.rows("Bridge from the view of 2026-02-28"))
    then, now = (
        aging([account.view(dt.date(2026, 2, 28), known) for account in book.accounts]).total("EUR").balance
        for known in (dt.date(2026, 2, 28), book.month_end)
    )
    assert (plain(first), plain(last)) == (str(then.amount), str(now.amount))
    assert learned
    assert then != now


def test_the_movements_of_the_month_and_the_statements_end_at_the_same_balance(page: Page, book: Any) -> None:
    moved = {row["movement"]: row["amount"] for row in page.rows("Roll-forward")}
    (totals,) = page.rows("Totals")
    assert moved["closing"] == totals["closing"] == page.cards[0]
    assert moved["opening"] == totals["opening"]
    period = book.month_end.replace(day=1), book.month_end, book.month_end
    assert int(totals["statements"]) == len(list(statements(book.accounts, *period)))


def test_provision_and_metrics_are_those_of_the_reports(page: Page, book: Any) -> None:
    found = example.figures_of(book)
    views = [account.view(book.month_end, book.month_end) for account in book.accounts]
    matrix = example.ProvisionPolicy(id="matrix", version=1, rates=(example.LossRates.of("0.5", 2, 5, 15, 50),))
    required = provision(views, matrix).required("EUR")
    assert plain(page.cards[3]) == str(required.amount)
    shown = {row["metric"]: row["value"] for row in page.rows("Metrics in EUR")}
    assert shown["dso"] == found.metrics["dso"].rounded(1)
    assert page.cards[2] == f"{shown['dso']} days"
    weeks = page.rows("By week")
    assert [plain(row["expected"]) for row in weeks] == [str(line.expected.amount) for line in found.forecast.weeks]


def test_the_worklist_is_cut_and_says_so(page: Page, written: str) -> None:
    assert len(page.rows("The first 10")) == 10
    found = re.search(r"(\d+) of 40 accounts need a person, (\d+) of them left over", written)
    assert found is not None
    assert int(found[1]) - int(found[2]) == 10
    assert page.cards[5] == found[1]


def test_the_page_is_whole_in_itself(page: Page, written: str) -> None:
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert "@import" not in written
    assert "url(" not in written


def test_charts_are_there_for_light_and_dark_with_their_figures_in_words(page: Page, written: str) -> None:
    pytest.importorskip("matplotlib", reason="the extra receivables[charts] is not installed")
    assert page.tags.count("img") == page.tags.count("source") == 3
    assert written.count('media="(prefers-color-scheme: dark)"') == 3
    assert all(f'alt="{words}' in written for words in ("Aging by due date", "dso (simple)", "Cash expected in EUR"))


def test_without_matplotlib_the_page_has_the_tables(monkeypatch: pytest.MonkeyPatch, book: Any) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    text = example.page(example.figures_of(book))
    assert text.count("Without matplotlib") == 3
    assert "<img" not in text


def test_the_real_ledger_has_a_page(shared_data: Any, tmp_path: Path) -> None:
    ledger, path = shared_data("ledger_ibm/invoices.csv"), tmp_path / "page.html"
    assert example.main([str(path), str(ledger)]) == 0
    page = Page(path.read_text(encoding="utf-8"))
    assert [row["segment"] for row in page.rows("Aging by due date")][-1] == "all"
    assert page.rows("Roll-forward")[-1]["amount"] == page.cards[0]
