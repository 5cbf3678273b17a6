"""Charts of reports: figures that are returned and nothing else, in two themes, with their numbers in words."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from math import isnan

import pytest

from receivables import Account, CreditLimit, CreditPolicy, Currency, Customer, Invoice, Money, PolicyBook, aging
from receivables.errors import ReceivablesError
from receivables.policies.forecast import ForecastPolicy
from receivables.reports.forecast import forecast
from receivables.reports.forecast_behavior import learn
from receivables.reports.forecast_history import PaymentRecord
from receivables.reports.metrics import metrics
from receivables.reports.utilization import utilization_over

pytest.importorskip("matplotlib", reason="the extra receivables[charts] is not installed")

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from receivables.interop import charts

TODAY = dt.date(2026, 3, 31)
EUR = Currency.of("EUR")


def day(number):
    return TODAY + dt.timedelta(days=number)


def account():
    invoices = [
        Invoice.due(
            number=str(at),
            account="ACME",
            issued_on=day(-30 * at),
            total=Money.of(1_000 * at, EUR),
            due_on=day(30 - 30 * at),
        )
        for at in range(1, 6)
    ]
    limit = CreditLimit(account="ACME", currency=EUR, amount=Money.of(20_000, EUR), valid_from=day(-60))
    return Account.of(Customer(id="ACME"), invoices=invoices, limits=[limit])


def pictures(theme):
    owes = account()
    view = owes.view(TODAY)
    records = [PaymentRecord(customer="ACME", due_on=day(-7 * n), paid_on=day(1 + n % 5 - 7 * n)) for n in range(2, 30)]
    cash = forecast(view, learn(records, as_of=TODAY), ForecastPolicy(id="cash", version=1), day(40))
    dso = [metrics(owes, day(-30 * at), "EUR")["dso"] for at in range(4)]
    used = utilization_over(
        owes, PolicyBook.of(CreditPolicy(id="credit", version=1)), "EUR", [day(at) for at in range(-90, 1, 10)]
    )
    yield charts.aging_chart(aging(view), "EUR", theme=theme), charts.aging_text(aging(view), "EUR")
    yield charts.trend_chart(dso, theme=theme), charts.trend_text(dso)
    yield charts.utilization_chart(used, theme=theme), charts.utilization_text(used)
    yield charts.forecast_chart(cash, "EUR", theme=theme), charts.forecast_text(cash, "EUR")


def luminance(color):
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", charts.THEMES)
def test_every_chart_is_a_figure_that_can_be_drawn_on_the_paper_of_its_theme(theme, tmp_path):
    for at, (figure, text) in enumerate(pictures(theme)):
        assert isinstance(figure, Figure)
        assert contrast(figure.get_facecolor(), charts.THEMES[theme]["paper"]) == 1
        figure.savefig(tmp_path / f"{at}.svg")
        assert (tmp_path / f"{at}.svg").stat().st_size > 5_000
        assert text.endswith(".")


@pytest.mark.parametrize("theme", charts.THEMES)
def test_what_is_written_and_shown_is_seen_on_its_paper(theme):
    colors = charts.THEMES[theme]
    assert contrast(colors["ink"], colors["paper"]) > 7
    assert contrast(colors["soft"], colors["paper"]) > 4.5
    for shown in (colors["main"], charts.VERMILION):
        assert contrast(shown, colors["paper"]) > 3


def test_the_numbers_are_in_the_text_as_the_reports_have_them():
    report = aging(account().view(TODAY))
    text = charts.aging_text(report, "EUR")
    for name, money in report.total("EUR").buckets.items():
        assert f"{name} {money.amount:,}" in text
    assert "Open 15,000.00." in text
    made = dict(zip(("aging", "trend", "used", "cash"), (text for _, text in pictures("light")), strict=True))
    assert "2026-03-31 15,000.00 of 20,000.00" in made["used"]
    assert made["trend"].startswith("dso (simple) in days: 2025-12-31")
    assert "10 to 90 percent" in made["cash"]


def test_the_bars_are_as_high_as_the_buckets():
    report = aging(account().view(TODAY))
    (axes,) = charts.aging_chart(report, "EUR").axes
    assert [bar.get_height() for bar in axes.patches] == [float(money.amount) for money in report.total("EUR").amounts]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(report.buckets)


def test_a_date_without_a_figure_is_a_gap_and_a_word():
    found = [metrics(account(), day(at), "EUR")["dso"] for at in (-400, 0)]
    (axes,) = charts.trend_chart(found).axes
    first, last = axes.lines[0].get_ydata()
    assert isnan(first)
    assert last == float(found[1].value)
    assert "undefined" in charts.trend_text(found)


def test_nothing_to_show_is_an_empty_chart_and_a_word():
    nothing = forecast([], learn([], as_of=TODAY), ForecastPolicy(id="cash", version=1), day(7))
    assert charts.forecast_chart(nothing, "EUR").axes[0].patches[:] == []
    assert charts.forecast_text(nothing, "EUR").endswith(": nothing.")
    never = [metrics(account(), day(-400), "EUR")["dso"]]
    assert "undefined" in charts.trend_text(never)
    assert isinstance(charts.trend_chart(never), Figure)


def test_figures_of_two_metrics_are_not_drawn_as_one():
    found = metrics(account(), TODAY, "EUR")
    with pytest.raises(ReceivablesError, match="dso"):
        charts.trend_chart([found["dso"], found["countback_dso"]])
    with pytest.raises(ReceivablesError):
        charts.trend_chart([])
    with pytest.raises(ReceivablesError, match="sepia"):
        charts.aging_chart(aging([]), "EUR", theme="sepia")


def test_no_global_state_of_matplotlib_is_touched():
    script = (
        "import sys\n"
        "import matplotlib\n"
        "before = dict(matplotlib.rcParams)\n"
        "from receivables import aging\n"
        "from receivables.interop.charts import aging_chart\n"
        "aging_chart(aging([]), 'EUR', theme='dark')\n"
        "pyplot = sys.modules.get('matplotlib.pyplot')\n"
        "assert pyplot is None or not pyplot.get_fignums()\n"
        "assert dict(matplotlib.rcParams) == before\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("amount", "text"), [("-0.50", "-0.50"), ("-1234.50", "-1,234.50"), ("1234567", "1,234,567.00")]
)
def test_an_amount_keeps_its_sign_and_its_cents(amount, text):
    assert charts._written(Money.of(amount, "EUR")) == text
