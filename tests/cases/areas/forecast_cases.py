"""Forecasts by collection patterns: sales by month and the percent of them that is collected, as published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tests.cases.reading import CURRENCY, money, plain
from tests.cases.unsupported import Unsupported

from receivables.policies.forecast_pattern import CollectedShare, CollectionPattern
from receivables.reports.forecast_collections import CollectionForecast, collections

Case = dict[str, Any]
Input = Mapping[str, Any]

_NAMES_OF_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: dt.date(2026, number, 1) for number, name in enumerate(_NAMES_OF_MONTHS, 1)}
"""The cases name months without a year."""


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by what the input says of the pattern."""
    given = case["input"]
    found = collections([(MONTHS[name], money(sold)) for name, sold in given["sales"].items()], _pattern(given))
    if "collections" in case["expected"]:
        return {"collections": {name: _collected(found, name) for name in case["expected"]["collections"]}}
    return {f"{name.lower()}_collections": _collected(found, name) for name in MONTHS}


def _collected(found: CollectionForecast, month: str) -> str:
    return plain(found.collected(MONTHS[month], CURRENCY))


def _pattern(given: Input) -> CollectionPattern:
    pattern = given.get("pattern")
    if isinstance(pattern, list):
        return CollectionPattern.of(*pattern)
    if isinstance(pattern, dict):
        return _named(pattern, given)
    if "same_month" in given:
        shares = [
            CollectedShare.of(months, percent, discount=given["discount"] if part == "discounted" else "0")
            for name, months in _MONTHS.items()
            for part, percent in given.get(name, {}).items()
        ]
        return CollectionPattern.of(bad=given["bad"], more=shares)
    raise Unsupported(f"no pattern is said by {sorted(given)}")


_MONTHS = {"same_month": 0, "next_month": 1}


_NAMES: dict[str, Callable[[str, str], CollectedShare]] = {
    "same_month": lambda percent, discount: CollectedShare.of(0, percent),
    "next": lambda percent, discount: CollectedShare.of(1, percent),
    "second": lambda percent, discount: CollectedShare.of(2, percent),
    "same_month_discounted": lambda percent, discount: CollectedShare.of(0, percent, discount=discount),
    "next_discounted": lambda percent, discount: CollectedShare.of(1, percent, discount=discount),
    "next_full": lambda percent, discount: CollectedShare.of(1, percent),
    "second_full": lambda percent, discount: CollectedShare.of(2, percent),
}


def _named(pattern: Mapping[str, str], given: Input) -> CollectionPattern:
    shares = [_NAMES[name](percent, given.get("discount", "0")) for name, percent in pattern.items() if name != "bad"]
    return CollectionPattern.of(bad=pattern.get("bad", "0"), credit=given.get("credit_share", "100"), more=shares)
