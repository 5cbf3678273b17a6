"""The notation of the reference cases, as ``data/README.md`` defines it, in terms of the public API."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.cases.unsupported import Unsupported

from receivables.documents.discounts import Discount, DiscountBase
from receivables.documents.due_rules import DueRule
from receivables.documents.due_steps import DayOfMonth, Days, EndOf, Months, Step, Weeks
from receivables.documents.payment_days import PaymentDay
from receivables.documents.shares import Division, Excess, LastPart, Share
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_parts import Part
from receivables.values.money import Money, Rounding

Input = Mapping[str, Any]

CURRENCY = "EUR"
MONTH_END = 31

_STEPS: tuple[tuple[str, Callable[[re.Match[str]], Step]], ...] = (
    (r"([+-]\d+)D", lambda m: Days(count=int(m[1]))),
    (r"([+-]\d+)W", lambda m: Weeks(count=int(m[1]))),
    (r"([+-]\d+)M", lambda m: Months(count=int(m[1]))),
    (r"([+-]\d+)Y", lambda m: Months(count=12 * int(m[1]))),
    (r"EOM", lambda m: EndOf()),
    (r"NEXT_DAY:([\d,]+)", lambda m: PaymentDay(days=tuple(sorted({int(day) for day in m[1].split(",")})))),
    (r"DAY:(\d+)", lambda m: DayOfMonth(day=int(m[1]))),
    (r"DAY_OF_NEXT_MONTH:(\d+)", lambda m: DayOfMonth(day=int(m[1]), months_ahead=1)),
)

# What one system does and another does not; the library offers both by name, and the source of a case selects one.
_PEERS = (
    ("odoo", {"excess": Excess.NEGATIVE}),
    ("tryton", {"last": LastPart.BALANCE}),
)

_SHARES: tuple[tuple[str, Callable[[Any], Share]], ...] = (
    ("percent", Share.percent),
    ("percent_of_net", Share.percent_of_net),
    ("percent_of_remainder", Share.percent_of_rest),
    ("fixed", lambda value: Share.fixed(money(value))),
    ("remainder", lambda value: Share.balance()),
)

BASES = {
    "included": DiscountBase.GROSS,
    "excluded": DiscountBase.NET,
    "mixed": DiscountBase.REDUCED,
    "total": DiscountBase.GROSS,
    "untaxed": DiscountBase.NET,
    "net": DiscountBase.NET,
}


def day(text: str) -> dt.date:
    """A date."""
    return dt.date.fromisoformat(text)


def money(text: str, currency: str = CURRENCY) -> Money:
    """An amount; the cases name no currency where none matters."""
    return Money.of(text, currency)


def plain(amount: Money) -> str:
    """An amount as the cases write it."""
    return str(amount.amount)


def step(text: str) -> Step:
    """One date step."""
    for pattern, make in _STEPS:
        if (match := re.fullmatch(pattern, text)) is not None:
            return make(match)
    raise Unsupported(f"the step {text!r} is not in the notation of the cases")


def rule(steps: Sequence[str], *more: Step) -> DueRule:
    """A due rule; a single text in angle brackets names a baseline that is not known."""
    if len(steps) == 1 and (awaited := re.fullmatch(r"<(.+)>", steps[0])):
        return DueRule.of(baseline=awaited[1])
    return DueRule.of(*map(step, steps), *more)


def day_number(value: Any) -> int:
    """A day of the month, or its end."""
    return MONTH_END if value == "EOM" else int(value)


def division(case: Input) -> Division:
    """How the system that the case comes from divides and rounds."""
    source = str(case["source"]).lower()
    options: dict[str, Any] = {}
    for peer, settings in _PEERS:
        if source.startswith(peer):
            options |= settings
    given = case["input"]
    if "cash_rounding" in given:
        options["step"] = int(Decimal(given["cash_rounding"]).scaleb(2))
        options["rounding"] = Rounding(given.get("cash_rounding_method", "half_up").replace("-", "_"))
    return Division(**options)


def share(line: Input) -> Share:
    """The share of one line."""
    for key, make in _SHARES:
        if key in line:
            return make(line[key])
    raise Unsupported(f"a line with {sorted(line)} has no share")


def part(line: Input, base: DiscountBase = DiscountBase.GROSS) -> Part:
    """One line of terms."""
    due = PaymentTerms.net(line["credit_days"]).parts[0].due if "credit_days" in line else rule(line.get("steps", ()))
    discounts = (Discount.of(line["discount"], Days(count=0), base=base),) if "discount" in line else ()
    return Part(share=share(line), due=due, discounts=discounts, name=line.get("name"))


def terms(case: Input) -> PaymentTerms:
    """The terms of a case with ``lines`` or ``steps``."""
    given = case["input"]
    if "lines" not in given:
        return PaymentTerms(parts=(Part(due=rule(given.get("steps", ()))),))
    base = BASES[given.get("mode", "included")]
    return PaymentTerms(
        parts=tuple(part(line, base) for line in given["lines"]),
        sequential=given.get("sequential", False),
        division=division(case),
    )
