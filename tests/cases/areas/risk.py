"""Cases about risk: Altman's Z, the index of payment behavior, bureau statuses."""

from __future__ import annotations

import datetime as dt
import importlib
from decimal import Decimal
from typing import Any

from tests.cases.reading import Input, money
from tests.cases.unsupported import Unsupported

from receivables.documents.risk import DeclaredFigures
from receivables.policies.altman import Z_PRIVATE, Z_SERVICES, AltmanModel, AltmanScore, Z, altman, altman_of
from receivables.policies.paydex import paydex_points, paydex_risk, weighted_index

_FIGURES = (
    "working_capital",
    "total_assets",
    "retained_earnings",
    "ebit",
    "market_equity",
    "total_liabilities",
    "sales",
)


def answer(case: Input) -> dict[str, Any]:
    """What the library says to a case of this area."""
    if case["topic"] == "bureau":
        return dict(_bureau(case))
    return _TOPICS[case["topic"]](case["input"])


def _bureau(case: Input) -> Input:
    try:
        module = importlib.import_module("tests.cases.areas.bureau_cases")
    except ModuleNotFoundError:
        raise Unsupported("bureau statuses are not mapped yet") from None
    found: Input = module.answer(case)
    return found


def _altman(given: Input) -> dict[str, Any]:
    score = _score(given)
    return {"z": f"{Decimal(score.thousandths).scaleb(-3)}", "zone": score.zone}


def _score(given: Input) -> AltmanScore:
    if "ratios" in given:
        return altman([Decimal(ratio) for ratio in given["ratios"]], _model(given))
    figures = DeclaredFigures(
        id="F",
        account="A",
        year_end=_DAY,
        declared_on=_DAY,
        source="the case",
        **{name: money(given[name]) for name in _FIGURES},
    )
    found = altman_of(figures, Z.with_last(given["x5_coefficient"]))
    assert found is not None
    return found


def _model(given: Input) -> AltmanModel:
    """The model that has these coefficients: none are those of the first."""
    wanted = tuple(Decimal(each) for each in given.get("coefficients", Z.coefficients))
    return next(model for model in (Z, Z_PRIVATE, Z_SERVICES) if model.coefficients == wanted)


def _paydex(given: Input) -> dict[str, Any]:
    if "scores" in given:
        return {"risk": [paydex_risk(score) for score in given["scores"]]}
    if "experiences" in given:
        return {"score": weighted_index((money(amount).minor, points) for amount, points in given["experiences"])}
    return {"score": paydex_points(given["days_beyond_terms"])}


_TOPICS = {"altman": _altman, "paydex": _paydex}
_DAY = dt.date(2025, 12, 31)
