"""Reads payment terms from text: the short forms of the trade, and the steps in words.

    terms    = ["in sequence:"] part {";" part} ["[" option {"," option} "]"]
    part     = ["'" name "'"] [share [":"]] {discount [","]} [rule]
    share    = 30% | 30% of net | 25% of rest | 400.00 EUR | weight 1 | balance
    discount = 2/10 [-60X] [suffix] [on net | on reduced] [grace 3] | 2% [..] until steps | 50.00 EUR [..] until steps
    rule     = immediate | COD | CIA | [net] number [days] [suffix] | [net] steps
    suffix   = [EOM | prox] [cutoff 25] [ROG | from baseline]
    steps    = step {"then" step} ["from" baseline]

A suffix at the end reaches back over the discounts that have none: ``2/10 net 30 EOM`` counts both from the month end.
``2/10-60X`` gives sixty days extra; ``2% 10 net 30`` is ``2/10 net 30``. Discounts without a net period allow 20 days
more than the last of them, as the trade's textbooks do. What a dialect changes is the order in "45 days end of month".
Phrases mean the same: "payable within 30 days", "10th of next month", "14 Tage netto", "30 jours fin de mois".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from enum import Enum
from typing import Any, final

import attrs

from receivables.documents import date_formulas
from receivables.documents.discounts import Discount, DiscountBase
from receivables.documents.due_rules import ADVANCE, DELIVERY, INVOICE, RECEIPT, DueRule
from receivables.documents.due_steps import (
    WEEKDAYS,
    BusinessDay,
    BusinessDays,
    DayOfMonth,
    Days,
    EndOf,
    HostRule,
    Months,
    OnDate,
    Postponed,
    StartOf,
    Step,
    Unit,
    Weekday,
    Weeks,
)
from receivables.documents.payment_days import Band, Bands, Closing, CutOff, PaymentDay, PeriodStart
from receivables.documents.schedule import read_percent
from receivables.documents.shares import PLAIN, Division, Excess, LastPart, Share
from receivables.documents.terms_parts import Part
from receivables.errors import NotUnderstood, ReceivablesError, WrongType
from receivables.values.dates import MonthClamp, Roll
from receivables.values.money import Money, Rounding

LONGEST_TEXT = 2_000
DAYS_AFTER_DISCOUNT = 20
"""The net period of terms that name a discount only."""


@final
class Dialect(Enum):
    """How to read what systems read differently."""

    TRADE = "trade"
    """The text "45 days EOM" is 45 days after the end of the month."""
    DAYS_FIRST = "days first"
    """The text "45 days EOM" is the end of the month in which the 45th day falls (one reading of the French rule)."""
    DATE_FORMULA = "date formula"
    """The formulas of an ERP: ``CM+1M+10D``, ``D15``; read from left to right."""


@final
@attrs.frozen(kw_only=True)
class Reading:
    """What a text says."""

    parts: tuple[Part, ...]
    sequential: bool = False
    division: Division = PLAIN


def read_terms(text: str, dialect: Dialect = Dialect.TRADE) -> Reading:
    """Read payment terms.

    >>> str(read_terms("2/10 net 30").parts[0].due.date(dt.date(2026, 5, 4)))
    '2026-06-03'

    Errors: `NotUnderstood` points at the place; `InvalidValue` where the terms themselves cannot be.
    """
    if not isinstance(text, str):
        raise WrongType("terms", text, "text")
    if len(text) > LONGEST_TEXT:
        raise NotUnderstood(text[:40], LONGEST_TEXT, f"at most {LONGEST_TEXT} characters")
    if dialect is Dialect.DATE_FORMULA:
        steps = date_formulas.read_formula(text)
        return Reading(parts=(Part(due=DueRule(steps=steps)),))
    return _Reader(text, days_first=dialect is Dialect.DAYS_FIRST).terms()


def read_days(text: str) -> tuple[int, ...]:
    """Days of the month from free text, sorted, with commas, dashes or blanks between.

    >>> read_days("10-5"), read_days("5,  10")
    ((5, 10), (5, 10))
    """
    if not isinstance(text, str):
        raise WrongType("days", text, "text")
    if (match := re.fullmatch(r"[\s,;-]*(?:[0-9]{1,2}(?:[\s,;-]+|$))+", text, re.ASCII)) is None:
        raise NotUnderstood(text, 0, "days of the month between commas, dashes or blanks")
    days = sorted({int(number) for number in re.findall(r"[0-9]+", match[0])})
    return PaymentDay(days=tuple(days)).days


# The reader -----------------------------------------------------------------------------------------------------


class _Reader:
    """A text and a place in it. Every method reads one thing of the grammar at the place, or leaves the place alone."""

    def __init__(self, text: str, *, days_first: bool) -> None:
        self.text, self.at, self.days_first = text, 0, days_first
        self.furthest = 0

    def take(self, pattern: str) -> re.Match[str] | None:
        """Read a pattern after blanks."""
        match = re.compile(r"\s*" + pattern, re.IGNORECASE | re.ASCII).match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            self.furthest = max(self.furthest, self.at)
        return match

    def fail(self, expected: str) -> NotUnderstood:
        """The error that points at the furthest place that was understood in any way."""
        rest = self.text[self.furthest :]
        return NotUnderstood(self.text, self.furthest + len(rest) - len(rest.lstrip()), expected)

    def terms(self) -> Reading:
        """Everything."""
        sequential = self.take(r"in sequence:") is not None
        parts = [self.part()]
        while self.take(r";"):
            parts.append(self.part())
        division = self.options()
        if not self.take(r"$"):
            raise self.fail("the end, ';' or 'then'")
        return Reading(parts=tuple(parts), sequential=sequential, division=division)

    def part(self) -> Part:
        """Name, share, discounts, rule."""
        name = self.take(r"'([^']+)'(?!\s*then)")
        share = self.share()
        discounts: list[_Tier] = []
        while (tier := self.discount()) is not None:
            discounts.append(tier)
            self.take(r",")
        due, suffix = self.due(discounts)
        tiers = tuple(tier.discount(suffix) for tier in discounts)
        return Part(name=None if name is None else name[1], share=share, discounts=tiers, due=due)

    def share(self) -> Share:
        """The share, which is the balance where none is written."""
        for pattern, make in _SHARES:
            if (match := self.take(pattern + _NOT_A_DISCOUNT)) is not None:
                return make(match)
        return Share.balance()

    def discount(self) -> _Tier | None:
        """One tier, in short form or with "until"."""
        if (short := self.take(_SHORT_DISCOUNT) or self.take(_SPOKEN_DISCOUNT)) is not None:
            suffix, base, grace = self.suffix(), self.base(), self.grace()
            number = int(short[2]) + int(short[3] or 0)
            return _Tier(short[1], None, base, grace, number=number, suffix=suffix, days_first=self.days_first)
        place = self.at
        size = self.take(rf"(\d+(?:\.\d+)?)\s*(%|{_CURRENCY})")
        base, grace = self.base(), self.grace()
        if size is None or not self.take(r"until\b"):
            self.at = place
            return None
        amount = None if size[2] == "%" else Money.of(size[1], size[2].upper())
        return _Tier(size[1], amount, base, grace, rule=self.steps())

    def base(self) -> DiscountBase:
        """What the discount is of."""
        match = self.take(r"on (net|reduced|gross)\b")
        return DiscountBase.GROSS if match is None else DiscountBase(match[1].lower())

    def grace(self) -> int:
        """Days of grace."""
        match = self.take(r"grace (\d+)(?: days)?\b")
        return 0 if match is None else int(match[1])

    def due(self, discounts: list[_Tier]) -> tuple[DueRule, _Suffix]:
        """The due rule with its suffix; after a discount it may be missing."""
        if discounts and not self.is_rule_ahead():
            return _longer(discounts[-1].discount(NO_SUFFIX).due), NO_SUFFIX
        for pattern, baseline in _WHOLE:
            if self.take(pattern):
                origin = self.origin()
                return DueRule(baseline=baseline if origin == INVOICE else origin), NO_SUFFIX
        self.take(_LEAD_IN)
        return self.short_rule() or (self.steps(), NO_SUFFIX)

    def is_rule_ahead(self) -> bool:
        """Whether more than an end or a separator follows."""
        return re.compile(r"\s*(?:;|\[|$)").match(self.text, self.at) is None

    def short_rule(self) -> tuple[DueRule, _Suffix] | None:
        """A short form: "net 30", "n/30", "30 days EOM", "10 MFI", "net 10th prox"."""
        place = self.at
        number = self.take(rf"(?:{_NET}\s*|n\s*/?\s*)?(\d+)(?:st|nd|rd|th)?\s*(?:{_DAYS})?\s*(?:{_NET}\b)?")
        if number is not None:
            suffix = self.suffix()
            ends = r"\s*(?:;|\[|$)"
            if re.compile(ends).match(self.text, self.at) is not None:
                return suffix.rule(int(number[1]), self.days_first), suffix
        self.at = place
        return None

    def suffix(self) -> _Suffix:
        """``EOM``, ``prox``, a cut-off, a day, ``ROG``, in that order."""
        kind = self.take(
            rf"(?:after\s+)?(EOM|end of (?:the )?month|fin de mois|FDM|MFI|prox(?:imo)?|{_NEXT_MONTH})\b\.?"
        )
        word = "" if kind is None else ("prox" if kind[1].lower()[:3] in ("mfi", "pro", "of ") else "eom")
        cut = self.cut_off() if word else None
        day = self.take(r"(?:,?\s*(?:on )?the|,?\s*le)\s+(\d+)(?:st|nd|rd|th)?\b") if word == "eom" else None
        return _Suffix(kind=word, cut_off=cut, day=None if day is None else int(day[1]), baseline=self.origin())

    def cut_off(self) -> int | None:
        """The cut-off: "cutoff 25", or the "26th rule", which is the same."""
        if (rule := self.take(r",?\s*(?:with\s+)?(?:the\s+)?(\d+)(?:st|nd|rd|th)\s+rule\b")) is not None:
            return int(rule[1]) - 1
        match = self.take(r"cutoff (\d+)\b")
        return None if match is None else int(match[1])

    def origin(self) -> str:
        """The baseline: ROG, "from delivery", "from 'letter of credit'"."""
        if self.take(r",?\s*(?:ROG\b|(?:from|after)\s+(?:the\s+)?receipt of goods\b)"):
            return RECEIPT
        if self.take(r"(?:from|after|of)\s+(?:the\s+)?invoice(?:\s+date)?\b"):
            return INVOICE
        match = self.take(r"(?:from|after)\s+(?:the\s+)?(?:'([^']+)'|([A-Za-z_]\w*))")
        return INVOICE if match is None else match[1] or match[2]

    def steps(self) -> DueRule:
        """Steps joined by "then", and their baseline."""
        self.take(rf"{_NET}\b|n\b")
        if self.take(r"immediate\b"):
            return DueRule(baseline=self.origin())
        found = list(self.step())
        while self.take(r"then\b") or self.plus():
            found += self.step()
        return DueRule(steps=tuple(found), baseline=self.origin())

    def plus(self) -> bool:
        """A plus sign, as in "EOM + 30"."""
        return self.take(r"\+(?=\s*\d)") is not None

    def step(self) -> tuple[Step, ...]:
        """One step."""
        for pattern, make in _STEPS:
            if (match := self.take(pattern)) is not None:
                return (self.made(make, match),)
        raise self.fail("a due date such as 'net 30', '45 days then EOM' or 'COD'")

    def made(self, make: Callable[[_Match], Step], match: _Match) -> Step:
        """The step of a match; a date such as 2026-02-30 is an error at its place."""
        try:
            return make(match)
        except ReceivablesError:
            raise
        except ValueError:
            raise NotUnderstood(self.text, match.start(1), "a date that exists") from None

    def options(self) -> Division:
        """What stands in square brackets."""
        if not self.take(r"\["):
            return PLAIN
        found: dict[str, Any] = {}
        while (match := self.take(r"(excess|last|remainder|rounding|step)\s+(\w+)\s*,?")) is not None:
            try:
                found[match[1].lower()] = _OPTIONS[match[1].lower()](match[2].lower())
            except ValueError:
                raise NotUnderstood(self.text, match.start(2), f"a value for {match[1]}") from None
        if not self.take(r"\]"):
            raise self.fail("an option or ']'")
        return Division(**found)


@attrs.frozen(kw_only=True)
class _Suffix:
    kind: str = ""
    cut_off: int | None = None
    day: int | None = None
    baseline: str = INVOICE

    def rule(self, number: int, days_first: bool) -> DueRule:
        """The rule that a number with this suffix says."""
        cut = () if self.cut_off is None else (CutOff(day=self.cut_off),)
        steps = cut + _SUFFIXES[self.kind](number, days_first)
        day = () if self.day is None else (DayOfMonth(day=self.day, months_ahead=1),)
        return DueRule(steps=steps + day, baseline=self.baseline)


NO_SUFFIX = _Suffix()


def _eom(number: int, days_first: bool) -> tuple[Step, ...]:
    return (Days(count=number), EndOf()) if days_first else (EndOf(), Days(count=number))


_SUFFIXES: dict[str, Callable[[int, bool], tuple[Step, ...]]] = {
    "": lambda number, days_first: (Days(count=number),),
    "eom": _eom,
    "prox": lambda number, days_first: (DayOfMonth(day=number, months_ahead=1),),
}


@attrs.frozen
class _Tier:
    """A discount as read; in short form it may take the suffix of the due date."""

    percent: str
    amount: Money | None
    base: DiscountBase
    grace_days: int
    number: int = attrs.field(default=0, kw_only=True)
    suffix: _Suffix = attrs.field(default=NO_SUFFIX, kw_only=True)
    days_first: bool = attrs.field(default=False, kw_only=True)
    rule: DueRule | None = attrs.field(default=None, kw_only=True)

    def discount(self, inherited: _Suffix) -> Discount:
        """The discount."""
        suffix = inherited if self.suffix == NO_SUFFIX else self.suffix
        due = suffix.rule(self.number, self.days_first) if self.rule is None else self.rule
        percent = read_percent("discount.percent", self.percent) if self.amount is None else None
        return Discount(percent=percent, amount=self.amount, due=due, grace_days=self.grace_days, base=self.base)


def _longer(rule: DueRule) -> DueRule:
    match rule.steps:
        case (*before, Days(count=count, inclusive=False)):
            return attrs.evolve(rule, steps=(*before, Days(count=count + DAYS_AFTER_DISCOUNT)))
        case _:
            return rule.then(Days(count=DAYS_AFTER_DISCOUNT))


# Tables: what is written, and what it makes -----------------------------------------------------------------------

_Match = re.Match[str]
_LISTED = r"(\d{1,2}(?:,\d{1,2})*)(?!\d)"
_CURRENCY = r"(?!EO[WMQY]|MFI|FDM|ROG|DAY|NET|COD|CIA)[A-Z]{3}\b"
_SIDE = r"(next|previous|after|before)"
_CALENDAR = r"(?:\s+(?!then\b|from\b|until\b)([A-Za-z][\w-]*))?"
_DAYS = r"(?:days?|jours?|Tagen?|d)\b"
_NET = r"net(?:to)?"
_NEXT_MONTH = r"of (?:the )?(?:(?:next|following) month|month following)"
_LEAD_IN = r"(?:(?:payment|payable|due|zahlbar)\s+)+(?:(?:within|in|innerhalb(?:\s+von)?|binnen)\b|on\s+the\b(?=\s+\d))"
_SHORT_DISCOUNT = r"(\d+(?:\.\d+)?)\s*%?\s*/\s*(\d+)(?:st|nd|rd|th)?(?:\s*-\s*(\d+)\s*(?:X|extra)\b)?(?![\d.])"
_NET_AHEAD = rf"(?=\s*(?:{_NET}\b|n\s*/?\s*\d|\d+\s*{_DAYS}\s*{_NET}\b))"
_SPOKEN = rf"(?:\s*Skonto)?\s*(\d+)(?:\s*(?:days?|Tagen?))?(?:\s*-\s*(\d+)\s*(?:X|extra))?\b,?{_NET_AHEAD}"
_SPOKEN_DISCOUNT = r"(\d+(?:\.\d+)?)\s*%" + _SPOKEN
_NOT_A_DISCOUNT = r"\s*(?::|(?=\s)(?!\s*(?:until|on|grace)\b)(?!" + _SPOKEN + r"))"

_WHOLE = (
    (r"(?:immediate(?:ly)?|due (?:up)?on receipt|(?:up)?on receipt|payable at once)\b(?!\s+then)", INVOICE),
    (r"(?:COD|cash on delivery)\b", DELIVERY),
    (r"(?:CIA|PIA|CWO|cash in advance|payment in advance|cash with order|prepaid)\b", ADVANCE),
)

_SHARES: tuple[tuple[str, Callable[[_Match], Share]], ...] = (
    (r"(\d+(?:\.\d+)?)\s*% of net\b", lambda m: Share.percent_of_net(m[1])),
    (r"(\d+(?:\.\d+)?)\s*% of rest\b", lambda m: Share.percent_of_rest(m[1])),
    (r"(\d+(?:\.\d+)?)\s*%", lambda m: Share.percent(m[1])),
    (rf"(\d+(?:\.\d+)?)\s*({_CURRENCY})", lambda m: Share.fixed(Money.of(m[1], m[2].upper()))),
    (r"weight (\d+)\b", lambda m: Share.weighted(int(m[1]))),
    (r"balance\b", lambda m: Share.balance()),
)

_UNITS = {"W": Unit.WEEK, "M": Unit.MONTH, "Q": Unit.QUARTER, "Y": Unit.YEAR}


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _side(word: str) -> dict[str, bool]:
    return {"backward": word.lower() in ("previous", "before"), "strict": word.lower() in ("after", "before")}


def _payment_day(m: _Match) -> Step:
    most = None if m[3] is None else int(m[3])
    return PaymentDay(days=_numbers(m[2]), most_days=most, calendar=m[4], **_side(m[1]))


def _day_of_month(m: _Match) -> Step:
    return DayOfMonth(day=int(m[1]), months_ahead=1 if m[3] else int(m[2] or 0))


def _months(m: _Match) -> Step:
    size = {"m": 1, "q": 3, "y": 12}[m[2][0].lower()]
    return Months(count=int(m[1]) * size, clamp=MonthClamp((m[3] or "clamp").lower()))


def _bands(m: _Match) -> Step:
    rows = re.findall(r"\.\.(\d+):(\d+)(?:\+(\d+)M)?", m[1], re.IGNORECASE)
    return Bands(bands=tuple(Band(through=int(a), day=int(b), months_ahead=int(c or 0)) for a, b, c in rows))


def _postponed(m: _Match) -> Step:
    rows = re.findall(r"(\d{4}-\d\d-\d\d):(\d{4}-\d\d-\d\d)", m[1])
    return Postponed(table=tuple((dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for a, b in rows))


_STEPS: tuple[tuple[str, Callable[[_Match], Step]], ...] = (
    (
        rf"(-?\d+)\s+business days?\b{_CALENDAR}",
        lambda m: BusinessDays(count=int(m[1]), calendar=m[2] or "weekends"),
    ),
    (rf"(-?\d+)\s*{_DAYS}(\s+inclusive\b)?", lambda m: Days(count=int(m[1]), inclusive=m[2] is not None)),
    (r"(-?\d+)\s*(?:weeks?|w)\b", lambda m: Weeks(count=int(m[1]))),
    (r"(-?\d+)\s*(months?|quarters?|years?|m|q|y)\b(?:\s+(clamp|spill|stick)\b)?", _months),
    (
        r"(?:end|last day) of (?:the )?(?:(?:next|following) month|month following)\b",
        lambda m: DayOfMonth(day=31, months_ahead=1),
    ),
    (r"EO([WMQY])\b", lambda m: EndOf(unit=_UNITS[m[1].upper()])),
    (r"(?:month end|fin de mois|FDM)\b", lambda m: EndOf()),
    (r"end of (?:the )?(week|month|quarter|year)\b", lambda m: EndOf(unit=Unit(m[1].lower()))),
    (r"start of (?:the )?(week|month|quarter|year)\b", lambda m: StartOf(unit=Unit(m[1].lower()))),
    (r"day (\d+)\b(?: of month ([+-]\d+))?( of (?:the )?next month)?", _day_of_month),
    (rf"{_SIDE} {_LISTED}(?: within (\d+) days)?(?: open ([\w-]+))?", _payment_day),
    (
        rf"{_SIDE} ({'|'.join(WEEKDAYS)})\b",
        lambda m: Weekday(weekday=WEEKDAYS.index(m[2].capitalize()), **_side(m[1])),
    ),
    (r"closing (\d+)\b", lambda m: Closing(day=int(m[1]))),
    (r"cutoff (\d+)\b", lambda m: CutOff(day=int(m[1]))),
    (r"bands((?: \.\.\d+:\d+(?:\+\d+M)?)+)", _bands),
    (rf"(next )?period {_LISTED}", lambda m: PeriodStart(days=_numbers(m[2]), following=m[1] is not None)),
    (r"on (\d{4}-\d\d-\d\d)\b", lambda m: OnDate(date=dt.date.fromisoformat(m[1]))),
    (
        rf"roll ({'|'.join(convention.value for convention in Roll)})\b{_CALENDAR}",
        lambda m: BusinessDay(roll=Roll(m[1].lower()), calendar=m[2] or "weekends"),
    ),
    (r"postponed((?: \d{4}-\d\d-\d\d:\d{4}-\d\d-\d\d)+)", _postponed),
    (r"rule '([^']+)'", lambda m: HostRule(name=m[1])),
    (r"(\d+)(?=\s*(?:;|$|then\b|from\b|\+))", lambda m: Days(count=int(m[1]))),
)

_OPTIONS: dict[str, Callable[[str], object]] = {
    "excess": Excess,
    "last": LastPart,
    "remainder": str,
    "rounding": Rounding,
    "step": int,
}
