"""References with check digits, card numbers and masking."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.cases.unsupported import Unsupported

from receivables.values import references


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """The mapping is by what the input holds."""
    given = case["input"]
    for key, respond in _RESPONSES.items():
        if key in given:
            return respond(given)
    raise Unsupported(f"no identifier is asked for in {sorted(given)}")


def _reference(given: dict[str, Any]) -> dict[str, Any]:
    text = given["reference"]
    valid = references.is_creditor_reference(text)
    return {"valid": valid} | ({"formatted": references.grouped(text)} if valid else {})


def _body(given: dict[str, Any]) -> dict[str, Any]:
    body = given["reference_body"]
    reference = references.creditor_reference(body)
    return {"check_digits": references.creditor_reference_check_digits(body), "reference": reference}


def _number(given: dict[str, Any]) -> dict[str, Any]:
    number = given["number"]
    return {"valid": references.luhn_valid(number), "check_digit": references.luhn_check_digit(number)}


def _card(given: dict[str, Any]) -> dict[str, Any]:
    pan = given["pan"]
    facts = {"luhn_valid": references.luhn_valid(pan), "network": references.card_network(pan), "length": len(pan)}
    return facts | {"masked": references.mask(pan, **_shown(given.get("rule", "last 4")))}


def _text(given: dict[str, Any]) -> dict[str, Any]:
    return {"masked": references.mask_cards(given["text"], **_shown(given.get("rule", "last 4")))}


def _iban_body(given: dict[str, Any]) -> dict[str, Any]:
    made = references.iban(given["country"], given["bban"])
    return {"iban": made, "check_digits": made[2:4], "valid": references.is_iban(made)}


def _lei_body(given: dict[str, Any]) -> dict[str, Any]:
    made = references.lei(given["lei_body"])
    return {"lei": made, "check_digits": made[-2:], "valid": references.is_lei(made)}


def _shown(rule: str) -> dict[str, int]:
    """How many digits a rule such as "first 6, last 4" shows."""
    return {side: int(found[1]) if (found := re.search(rf"{side} (\d+)", rule)) else 0 for side in ("first", "last")}


_RESPONSES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "reference": _reference,
    "reference_body": _body,
    "number": _number,
    "pan": _card,
    "text": _text,
    "bban": _iban_body,
    "lei_body": _lei_body,
    "iban": lambda given: {"valid": references.is_iban(given["iban"])},
    "lei": lambda given: {"valid": references.is_lei(given["lei"])},
}
