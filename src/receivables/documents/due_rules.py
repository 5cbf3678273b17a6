"""A due rule: a baseline and the steps from it, in order.

The baseline is the invoice date unless another is named. A date that is not known when the invoice is issued (the
arrival of the goods) gives no due date yet, and the same rule gives one when a fact names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Self, final

import attrs

from receivables.documents.due_steps import (
    NOTHING_GIVEN,
    BusinessDay,
    BusinessDays,
    DayOfMonth,
    Days,
    EndOf,
    Given,
    HostRule,
    Months,
    OnDate,
    Postponed,
    StartOf,
    Step,
    Weekday,
    Weeks,
    check_phrase,
)
from receivables.documents.payment_days import Bands, Closing, CutOff, PaymentDay, PeriodStart
from receivables.errors import InvalidValue, WrongType
from receivables.values.dates import Roll

STEPS: tuple[type, ...] = (
    Days,
    Weeks,
    Months,
    BusinessDays,
    EndOf,
    StartOf,
    DayOfMonth,
    PaymentDay,
    Closing,
    CutOff,
    Bands,
    PeriodStart,
    Weekday,
    OnDate,
    BusinessDay,
    Postponed,
    HostRule,
)
"""Every kind of step."""

INVOICE = "invoice"
ADVANCE = "advance"
DELIVERY = "delivery"
RECEIPT = "receipt"

KNOWN_AT_ISSUE = frozenset({INVOICE, ADVANCE})
"""Baselines that are the invoice date unless the host gives another: an advance is asked for by an invoice."""

MOST_STEPS = 20
NO_DATES: Mapping[str, dt.date] = MappingProxyType({})


@final
@attrs.frozen(kw_only=True)
class DueRule:
    """From which date to count, and how.

    >>> rule = DueRule.of(Days(count=45), EndOf())
    >>> str(rule.date(dt.date(2021, 9, 13)))
    '2021-10-31'
    >>> str(DueRule.of(EndOf(), Days(count=45)).date(dt.date(2021, 9, 13)))
    '2021-11-14'
    >>> DueRule.of(Days(count=10), baseline="receipt").date(dt.date(2021, 9, 13)) is None
    True
    """

    baseline: str = INVOICE
    steps: tuple[Step, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_phrase("rule.baseline", self.baseline)
        if not isinstance(self.steps, tuple):
            raise WrongType("rule.steps", self.steps, "a tuple of steps")
        for index, step in enumerate(self.steps):
            if not isinstance(step, STEPS):
                raise WrongType(f"rule.steps[{index}]", step, "a step")
        if len(self.steps) > MOST_STEPS:
            raise InvalidValue("rule.steps", len(self.steps), f"must be at most {MOST_STEPS}")

    @classmethod
    def of(cls, *steps: Step, baseline: str = INVOICE) -> Self:
        """A rule from its steps."""
        return cls(steps=steps, baseline=baseline)

    def then(self, *steps: Step) -> Self:
        """The same rule with further steps."""
        return attrs.evolve(self, steps=self.steps + steps)

    def rolled(self, roll: Roll, calendar: str) -> Self:
        """The same rule, moved off the days that are closed in the named calendar."""
        return self.then(BusinessDay(roll=roll, calendar=calendar))

    def start(self, issued_on: dt.date, dates: Mapping[str, dt.date] = NO_DATES) -> dt.date | None:
        """The date of the baseline, or ``None`` while it is awaited."""
        return dates.get(self.baseline, issued_on if self.baseline in KNOWN_AT_ISSUE else None)

    def date(
        self, issued_on: dt.date, dates: Mapping[str, dt.date] = NO_DATES, given: Given = NOTHING_GIVEN
    ) -> dt.date | None:
        """The date that the rule gives, or ``None`` while its baseline is awaited."""
        start = self.start(issued_on, dates)
        return None if start is None else self.apply(start, given)

    def apply(self, start: dt.date, given: Given = NOTHING_GIVEN) -> dt.date:
        """The date that the steps give from a known start."""
        day = start
        for step in self.steps:
            day = step.apply(day, start, given)
        return day

    def walk(self, start: dt.date, given: Given = NOTHING_GIVEN) -> Iterator[tuple[Step, dt.date]]:
        """Each step with the date after it."""
        day = start
        for step in self.steps:
            day = step.apply(day, start, given)
            yield step, day
