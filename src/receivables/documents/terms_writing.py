"""Payment terms as text, so that `PaymentTerms.parse` reads back the same terms.

The trade's short forms are written where they say everything (``2/10 net 30``); otherwise the steps stand in their
order, joined by "then". A short form is a number with a suffix: ``EOM`` counts days from the end of the month,
``prox`` names a day of the next month, ``cutoff`` and ``ROG`` or ``from`` may follow.
"""

from __future__ import annotations

from collections.abc import Sequence

from receivables.documents.discounts import Discount
from receivables.documents.due_rules import ADVANCE, DELIVERY, INVOICE, RECEIPT, DueRule
from receivables.documents.due_steps import DayOfMonth, Days, EndOf, Step, Unit
from receivables.documents.payment_days import CutOff
from receivables.documents.shares import PLAIN, Division, Share, plain
from receivables.documents.terms_parts import Part

SEQUENCE = "in sequence: "

_WHOLE: dict[tuple[str, tuple[Step, ...]], str] = {
    (INVOICE, ()): "immediate",
    (DELIVERY, ()): "COD",
    (ADVANCE, ()): "CIA",
}


def write_terms(parts: Sequence[Part], *, sequential: bool = False, division: Division = PLAIN) -> str:
    """The canonical notation of terms."""
    alone = len(parts) == 1 and parts[0].share == Share.balance()
    written = "; ".join(_part(part, alone) for part in parts)
    return (SEQUENCE if sequential else "") + written + _options(division)


def write_rule(rule: DueRule) -> str:
    """One due rule, in short form where there is one."""
    if (whole := _WHOLE.get((rule.baseline, rule.steps))) is not None:
        return whole
    if (short := short_form(rule)) is not None:
        return f"net {short[0]}{short[1]}"
    return _long(rule)


def short_form(rule: DueRule) -> tuple[int, str] | None:
    """The number and the suffix of a rule that the trade has a short form for."""
    origin = " ROG" if rule.baseline == RECEIPT else _origin(rule.baseline)
    steps, cut = _without_cut_off(rule.steps)
    match steps:
        case (Days(count=count, inclusive=False),) if count >= 0 and not cut:
            return count, origin
        case (EndOf(unit=Unit.MONTH), Days(count=count, inclusive=False)) if count >= 0:
            return count, f" EOM{cut}{origin}"
        case (DayOfMonth(day=day, months_ahead=1),):
            return day, f" prox{cut}{origin}"
        case _:
            return None


def _without_cut_off(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], str]:
    match steps:
        case (CutOff(day=day), *others):
            return tuple(others), f" cutoff {day}"
        case _:
            return steps, ""


def _long(rule: DueRule) -> str:
    return (" then ".join(map(str, rule.steps)) or "immediate") + _origin(rule.baseline)


def _origin(baseline: str) -> str:
    if baseline == INVOICE:
        return ""
    return f" from {baseline}" if baseline.isidentifier() and baseline.isascii() else f" from '{baseline}'"


def _part(part: Part, alone: bool) -> str:
    name = "" if part.name is None else f"'{part.name}' "
    share = "" if alone else f"{part.share}: "
    due = write_rule(part.due)
    short = short_form(part.due)
    suffix = None if short is None else short[1]
    discounts = [_discount(discount, suffix) for discount in part.discounts]
    plain_pair = len(discounts) == 1 and suffix is not None and " " not in discounts[0]
    return name + share + (" " if plain_pair else ", ").join([*discounts, due])


def _discount(discount: Discount, suffix: str | None) -> str:
    """The suffix of the due date reaches back over discounts that have none, so theirs is left out or comes first."""
    short = short_form(discount.due)
    own = None if short is None else short[1]
    size = str(discount)
    if short is None or discount.percent is None or (own == "" and suffix):
        return f"{size} until {_long(discount.due)}"
    options = size.removeprefix(f"{plain(discount.percent)}%")
    return f"{plain(discount.percent)}/{short[0]}{'' if own == suffix else own}{options}"


def _options(division: Division) -> str:
    words = {
        "excess": division.excess.value,
        "last": division.last.value,
        "remainder": division.remainder,
        "rounding": division.rounding.value,
        "step": str(division.step),
    }
    usual = ("refuse", "residual", "last", "half_up", "1")
    unusual = [f"{name} {word}" for (name, word), common in zip(words.items(), usual, strict=True) if word != common]
    return f" [{', '.join(unusual)}]" if unusual else ""
