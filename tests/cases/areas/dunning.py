"""Dunning: one function per topic of the cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.cases.reading import CURRENCY, money, plain
from tests.cases.unsupported import Unsupported

from receivables.policies.fees import FeeRule, FeeTier, Tiering
from receivables.values.money import Money

Case = dict[str, Any]
Input = Mapping[str, Any]


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic."""
    if case["topic"] not in _TOPICS:
        raise Unsupported(f"the topic {case['topic']} is not mapped yet")
    return _TOPICS[case["topic"]](case)


# Fees -------------------------------------------------------------------------------------------------------------------


def _fees(case: Case) -> dict[str, Any]:
    """The fee on the original claim, and what is then owed."""
    given = case["input"]
    currency = given.get("line_currency", CURRENCY)
    claim = money(given.get("original", given.get("remaining", "100.00")), currency)
    fee = _fee_rule(given, currency).fee(claim)
    owed = money(given["receivable"], currency) + fee.gross if "receivable" in given else claim + fee.gross
    return {"fee": plain(fee.gross), "receivable": plain(owed)}


def _fee_rule(given: Input, currency: str) -> FeeRule:
    """A fee is an amount, a record with a percentage, or ranges; beside it may stand a percentage and limits."""
    fee = given.get("fee", {})
    parts = fee if isinstance(fee, dict) else {"amount": fee, "percent": given.get("percent", "0")}
    return FeeRule(
        id="fee",
        fixed=(money(parts["amount"], given.get("fee_currency", currency)),) if "amount" in parts else (),
        percent=Decimal(parts.get("percent", "0")),
        tiers=tuple(_tier(each, currency) for each in given.get("ranges", ())),
        tiering=Tiering.SLICES if str(given.get("mode", "")).startswith("accumulated") else Tiering.WHOLE,
        minimum=_limit(given, "minimum", currency),
        maximum=_limit(given, "maximum", currency),
    )


def _tier(each: Input, currency: str) -> FeeTier:
    fixed = money(each.get("fee", "0"), currency)
    return FeeTier(above=money(each["from"], currency), fixed=fixed, percent=Decimal(each.get("percent", "0")))


def _limit(given: Input, name: str, currency: str) -> tuple[Money, ...]:
    return (money(given[name], currency),) if name in given else ()


_TOPICS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "fees": _fees,
}
