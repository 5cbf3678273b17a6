"""Charts of reports as matplotlib figures (the extra ``receivables[charts]``): returned, never shown, never saved.

1. A figure is made by itself, without ``pyplot``: nothing global is set, and none has to be closed.
2. Colors are told apart by people who do not see them all (Okabe and Ito), and none carries a meaning alone: what it says is
   written beside it. ``theme`` is ``light`` or ``dark``.
3. For each chart there is a text with its figures, for those who cannot see it: ``aging_text`` for `aging_chart` and so on.

Amounts become floats here, as places on paper; what is written is exact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from receivables.reports.aging import Aging
from receivables.reports.forecast import CashForecast, ForecastLine
from receivables.reports.metrics_value import Metric
from receivables.reports.utilization import UtilizationSeries
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"

THEMES: Final[Mapping[str, Mapping[str, str]]] = {
    "light": {"paper": "#ffffff", "ink": "#1c2733", "soft": "#5b6875", "grid": "#dfe3e8", "main": BLUE},
    "dark": {"paper": "#14181d", "ink": "#e8ebee", "soft": "#a5afba", "grid": "#333b45", "main": SKY},
}
"""Colors of paper, writing, lesser writing, grid and what is shown, by the name of the theme."""

_SIZE: Final = (7.2, 3.4)


def aging_chart(report: Aging, currency: str | Currency, *, theme: str = "light") -> Figure:
    """What is open in one currency by bucket, the youngest first, each bar with its amount.

    >>> from receivables import Account, Customer, Invoice, aging
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of("1200", "EUR"), due_on=dt.date(2026, 2, 4))
    >>> print(aging_text(aging(Account.of(Customer(id="ACME"), invoices=[invoice]).view(dt.date(2026, 2, 11))), "EUR"))
    Aging by due date as of 2026-02-11 in EUR: current 0.00; 1-30 1,200.00; 31-60 0.00; 61-90 0.00; 90+ 0.00. Open 1,200.00.
    """
    colors = _theme(theme)
    total = report.total(currency)
    figure, axes = _paper(f"{_headed(report.title)} in {total.currency.code}", colors)
    amounts = list(total.amounts)
    bars = axes.bar(
        list(total.names), [_place(each) for each in amounts], color=_shades(len(amounts), colors), width=0.7
    )
    axes.bar_label(bars, labels=[_whole(each) for each in amounts], color=colors["ink"], fontsize=9, padding=3)
    axes.margins(y=0.15)
    _money_axis(axes)
    return figure


def aging_text(report: Aging, currency: str | Currency) -> str:
    """What `aging_chart` shows, in words and figures."""
    total = report.total(currency)
    parts = "; ".join(f"{name} {_written(amount)}" for name, amount in total.buckets.items())
    return f"{_headed(report.title)} in {total.currency.code}: {parts}. Open {_written(total.open)}."


def trend_chart(figures: Iterable[Metric], *, theme: str = "light") -> Figure:
    """One metric over time, a DSO for one; a date on which it is undefined is a gap.

    Errors: `InvalidValue` for figures of several metrics or methods, or without a date.
    """
    colors = _theme(theme)
    shown = _trend(figures)
    figure, axes = _paper(_trend_title(shown), colors)
    values = [float("nan") if each.value is None else float(each.value) for each in shown]
    axes.plot([_date(each) for each in shown], values, color=colors["main"], marker="o", markersize=4, linewidth=2)
    last = next((each for each in reversed(shown) if each.value is not None), None)
    if last is not None and last.value is not None:
        _mark(axes, _date(last), float(last.value), f"{last.rounded(1)}", colors)
    axes.set_ylim(bottom=min(0.0, *(float(each.value) for each in shown if each.value is not None), 0.0))
    axes.margins(x=0.08, y=0.2)
    _date_axis(axes)
    return figure


def trend_text(figures: Iterable[Metric]) -> str:
    """What `trend_chart` shows, in words and figures.

    >>> at = lambda day, owed: Metric(name="dso", method="simple", unit="days", numerator=owed * 90, denominator=3_000,
    ...                               as_of=dt.date(2026, 3, day), undefined="nothing_sold")
    >>> trend_text([at(1, 1_500), at(31, 2_000)])
    'dso (simple) in days: 2026-03-01 45.0; 2026-03-31 60.0.'
    """
    shown = _trend(figures)
    parts = (f"{each.as_of} {each.rounded(1) or 'undefined'}" for each in shown)
    return f"{_trend_title(shown)}: {'; '.join(parts)}."


def utilization_chart(series: UtilizationSeries, *, theme: str = "light") -> Figure:
    """What an account used of its limit over time; the limit is a stepped line, where there is one."""
    colors = _theme(theme)
    figure, axes = _paper(_utilization_title(series), colors)
    days = [point.as_of for point in series.points]
    exposure = [_place(Money(point.exposure, point.currency)) for point in series.points]
    axes.fill_between(days, exposure, step="post", color=colors["main"], alpha=0.25, linewidth=0)
    axes.step(days, exposure, where="post", color=colors["main"], linewidth=2, label="exposure")
    limits = [float("nan") if p.limit is None else _place(Money(p.limit, p.currency)) for p in series.points]
    axes.step(days, limits, where="post", color=VERMILION, linewidth=2, linestyle="--", label="limit")
    _legend(figure, colors)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    _money_axis(axes)
    _date_axis(axes)
    return figure


def utilization_text(series: UtilizationSeries) -> str:
    """What `utilization_chart` shows, in words and figures."""
    parts = []
    for point in series.points:
        limit = "no limit" if point.limit is None else f"of {_written(Money(point.limit, point.currency))}"
        parts.append(f"{point.as_of} {_written(Money(point.exposure, point.currency))} {limit}")
    return f"{_utilization_title(series)}: {'; '.join(parts) or 'nothing'}."


def forecast_chart(report: CashForecast, currency: str | Currency, *, theme: str = "light") -> Figure:
    """What is expected in each week of one currency as bars, with the outer bands as a whisker on each."""
    colors = _theme(theme)
    weeks, code = _weeks(report, currency)
    figure, axes = _paper(_forecast_title(report, code), colors)
    places = list(range(len(weeks)))
    expected = [_place(week.expected) for week in weeks]
    axes.bar(places, expected, color=colors["main"], width=0.65, label="expected")
    if weeks and len(weeks[0].bands) > 1:
        low, high = ([_place(week.bands[at]) for week in weeks] for at in (0, -1))
        axes.vlines(places, low, high, color=ORANGE, linewidth=3, label=_bands_label(report))
        axes.plot(places, low, "_", color=ORANGE, markersize=10, markeredgewidth=2)
        axes.plot(places, high, "_", color=ORANGE, markersize=10, markeredgewidth=2)
    step = max(1, -(-len(weeks) // 12))
    axes.set_xticks(places[::step], [f"{week.start.day} {week.start:%b}" for week in weeks[::step]])
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    _legend(figure, colors)
    _money_axis(axes)
    return figure


def forecast_text(report: CashForecast, currency: str | Currency) -> str:
    """What `forecast_chart` shows, in words and figures."""
    weeks, code = _weeks(report, currency)
    parts = []
    for week in weeks:
        band = f" ({_written(week.bands[0])} to {_written(week.bands[-1])})" if len(week.bands) > 1 else ""
        parts.append(f"{week.start} {_written(week.expected)}{band}")
    return f"{_forecast_title(report, code)}, weeks with {_bands_label(report)}: {'; '.join(parts) or 'nothing'}."


# What the charts have in common ------------------------------------------------------------------------------------------


def _theme(name: str) -> Mapping[str, str]:
    checks.one_of("chart.theme", name, tuple(THEMES))
    return THEMES[name]


def _paper(title: str, colors: Mapping[str, str]) -> tuple[Figure, Any]:
    """A figure with one pair of axes and nothing on it; the axes take dates for places, which their types do not say."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - an extra: only who asks for it needs it

    figure = Figure(figsize=_SIZE, dpi=110, layout="constrained", facecolor=colors["paper"])
    axes = figure.add_subplot(facecolor=colors["paper"])
    axes.set_title(title, loc="left", fontsize=11, color=colors["ink"], pad=12, wrap=True)
    axes.tick_params(colors=colors["soft"], labelsize=9, length=0)
    axes.grid(visible=True, axis="y", color=colors["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(colors["soft"])
    return figure, axes


def _shades(count: int, colors: Mapping[str, str]) -> list[str]:
    """What is not due in the main color, what is overdue the redder the older."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex  # noqa: PLC0415

    light = colors is THEMES["light"]
    ends = [ORANGE, VERMILION, "#8A3B00"] if light else ["#F0E442", ORANGE, VERMILION]
    warm = LinearSegmentedColormap.from_list("overdue", ends)
    steps = max(1, count - 2)
    return [colors["main"], *(to_hex(warm(at / steps)) for at in range(count - 1))]


def _mark(axes: Any, day: dt.date, value: float, text: str, colors: Mapping[str, str]) -> None:
    axes.annotate(
        text,
        (day, value),
        xytext=(0, 8),
        textcoords="offset points",
        ha="center",
        color=colors["ink"],
        fontsize=9,
        weight="bold",
    )


def _legend(figure: Figure, colors: Mapping[str, str]) -> None:
    figure.legend(frameon=False, labelcolor=colors["ink"], fontsize=9, loc="outside lower center", ncols=2)


def _money_axis(axes: Any) -> None:
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _date_axis(axes: Any) -> None:
    from matplotlib import dates  # noqa: PLC0415

    untyped: Any = dates
    locator = untyped.AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(untyped.ConciseDateFormatter(locator))


def _trend(figures: Iterable[Metric]) -> Sequence[Metric]:
    """The figures by date; of one metric and method, or nothing is to be compared."""
    shown = sorted(figures, key=_date)
    checks.whole("chart.figures", len(shown), least=1)
    for each in shown:
        checks.one_of("chart.figures", f"{each.name} ({each.method})", (f"{shown[0].name} ({shown[0].method})",))
    return shown


def _date(figure: Metric) -> dt.date:
    checks.day("chart.figures.as_of", figure.as_of)
    assert figure.as_of is not None
    return figure.as_of


def _trend_title(shown: Sequence[Metric]) -> str:
    return f"{shown[0].name.replace('_', ' ')} ({shown[0].method}) in {shown[0].unit}"


def _utilization_title(series: UtilizationSeries) -> str:
    code = f" in {series.points[0].currency.code}" if series.points else ""
    return f"Utilization of {series.account}{code}"


def _forecast_title(report: CashForecast, code: str) -> str:
    return f"Cash expected in {code} until {report.until}, as of {report.as_of}"


def _bands_label(report: CashForecast) -> str:
    return f"{report.percents[0]} to {report.percents[-1]} percent"


def _weeks(report: CashForecast, currency: str | Currency) -> tuple[Sequence[ForecastLine], str]:
    code = currency if isinstance(currency, str) else currency.code
    return [line for line in report.weeks if line.currency.code == code], code


def _headed(title: str) -> str:
    return f"{title[:1].upper()}{title[1:]}"


def _place(money: Money) -> float:
    return float(money.amount)


def _written(money: Money) -> str:
    """An amount with its thousands apart."""
    whole, point, rest = str(money.amount).partition(".")
    return f"{int(whole):,}{point}{rest}" if money.minor >= 0 or int(whole) else f"-{abs(int(whole)):,}{point}{rest}"


def _whole(money: Money) -> str:
    """An amount on a bar, where there is no room for cents."""
    return f"{_place(money):,.0f}"
