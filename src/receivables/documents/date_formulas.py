"""The date formulas of an ERP (Dynamics NAV and Business Central), read from left to right.

``30D``, ``2W``, ``1M``, ``1Q``, ``1Y`` count; ``CM`` goes to the end of the current month (also ``CW``, ``CQ``,
``CY``) and ``-CM`` to its start; ``D15`` goes to the next 15th and ``-D15`` to the one before; ``WD5`` goes to the
next Friday. The last two never stay where they are: the weekday before a Tuesday, asked as ``-WD2``, is the Tuesday a
week earlier, in the vendor's own example (CALCDATE, learn.microsoft.com).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from receivables.documents.due_steps import Days, EndOf, Months, StartOf, Step, Unit, Weekday, Weeks
from receivables.documents.payment_days import PaymentDay
from receivables.errors import InvalidValue, NotUnderstood

_TERM = re.compile(r"\s*([+-]?)\s*(?:(\d+)(D|W|M|Q|Y)|(WD|D)(\d+)|C(D|W|M|Q|Y))", re.IGNORECASE | re.ASCII)
_PERIODS = {"W": Unit.WEEK, "M": Unit.MONTH, "Q": Unit.QUARTER, "Y": Unit.YEAR}
_LETTERS = {unit: letter for letter, unit in _PERIODS.items()}


def read_formula(text: str) -> tuple[Step, ...]:
    """The steps of a formula.

    >>> [str(step) for step in read_formula("CM+1M+10D")]
    ['EOM', '1 month', '10 days']
    """
    body = text.strip()
    start = text.index(body)
    if body.startswith("<") and body.endswith(">"):
        body, start = body[1:-1], start + 1
    steps: list[Step] = []
    at = 0
    while at < len(body) or not at:
        match = _TERM.match(body, at)
        if match is None or (at and not match[1]):
            raise NotUnderstood(text, start + at, "a term of a date formula such as 30D, CM or D15")
        steps += _step(match)
        at = match.end()
    return tuple(steps)


def write_formula(steps: Sequence[Step]) -> str:
    """The formula of steps that have one; others are refused.

    >>> write_formula(read_formula("cq + 1m - 10d"))
    'CQ+1M-10D'
    """
    return "".join(_WRITTEN.get(type(step), _refuse)(step) for step in steps).removeprefix("+") or "0D"


def _step(match: re.Match[str]) -> tuple[Step, ...]:
    sign, count, unit, kind, number, period = match.groups()
    back = sign == "-"
    if count is not None:
        return (_COUNTED[unit.upper()](-int(count) if back else int(count)),)
    if kind is not None:
        return (_named(kind.upper(), int(number), back),)
    if period.upper() == "D":
        return ()
    return ((StartOf if back else EndOf)(unit=_PERIODS[period.upper()]),)


def _named(kind: str, number: int, back: bool) -> Step:
    if kind == "D":
        return PaymentDay(days=(number,), backward=back, strict=True)
    return Weekday(weekday=number - 1, backward=back, strict=True)


_COUNTED: dict[str, Callable[[int], Step]] = {
    "D": lambda count: Days(count=count),
    "W": lambda count: Weeks(count=count),
    "M": lambda count: Months(count=count),
    "Q": lambda count: Months(count=3 * count),
    "Y": lambda count: Months(count=12 * count),
}


def _refuse(step: object) -> str:
    raise InvalidValue("terms.steps", str(step), "must be steps that a date formula can say")


def _payment_day(step: PaymentDay) -> str:
    plain = PaymentDay(days=step.days[:1], backward=step.backward, strict=True)
    return f"{'-' if step.backward else '+'}D{step.days[0]}" if step == plain else _refuse(step)


def _weekday(step: Weekday) -> str:
    return f"{'-' if step.backward else '+'}WD{step.weekday + 1}" if step.strict else _refuse(step)


def _days(step: Days) -> str:
    return _refuse(step) if step.inclusive else f"{step.count:+d}D"


_WRITTEN: dict[type, Callable[..., str]] = {
    Days: _days,
    Weeks: lambda step: f"{step.count:+d}W",
    Months: lambda step: f"{step.count:+d}M" if step == Months(count=step.count) else _refuse(step),
    EndOf: lambda step: f"+C{_LETTERS[step.unit]}",
    StartOf: lambda step: f"-C{_LETTERS[step.unit]}",
    PaymentDay: _payment_day,
    Weekday: _weekday,
}
