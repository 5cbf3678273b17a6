"""One part of payment terms: how much, by when, with which discounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import final

import attrs

from receivables.documents.discounts import Discount
from receivables.documents.due_rules import NO_DATES, DueRule
from receivables.documents.due_steps import NOTHING_GIVEN, Given, check_phrase
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.documents.shares import PLAIN, Division, Share, check_shares
from receivables.errors import InvalidValue
from receivables.values import checks
from receivables.values.money import Money

MOST_PARTS = 1_200
MOST_DISCOUNTS = 20


@final
@attrs.frozen(kw_only=True)
class Part:
    """One part of payment terms; it becomes one installment.

    >>> deposit = Part(name="deposit", share=Share.percent(30))
    >>> str(deposit.share)
    '30%'
    """

    share: Share = Share.balance()
    due: DueRule = DueRule()
    discounts: tuple[Discount, ...] = ()
    name: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.instance("part.share", self.share, Share, "a share")
        checks.instance("part.due", self.due, DueRule, "a due rule")
        checks.sequence("part.discounts", self.discounts, Discount, "discounts")
        if len(self.discounts) > MOST_DISCOUNTS:
            raise InvalidValue("part.discounts", len(self.discounts), f"must be at most {MOST_DISCOUNTS}")
        if self.name is not None:
            check_phrase("part.name", self.name)


@final
@attrs.frozen(kw_only=True)
class Facts:
    """What is known of one invoice when its terms are resolved."""

    issued_on: dt.date
    total: Money
    net: Money | None = None
    discountable: Money | None = None
    dates: Mapping[str, dt.date] = NO_DATES
    given: Given = NOTHING_GIVEN
    division: Division = PLAIN

    def installment(self, part: Part, amount: Money, previous: Installment | None = None) -> Installment:
        """The installment of a part; in a sequence it counts from the date of the part before."""
        due_on = self.until(part.due, previous)
        windows = (self._window(discount, amount, previous) for discount in part.discounts)
        return Installment(
            amount=amount,
            due_on=due_on,
            discounts=tuple(window for window in windows if window is not None),
            baseline=self.awaited(part.due, previous) if due_on is None else None,
            name=part.name,
        )

    def start(self, rule: DueRule, previous: Installment | None) -> dt.date | None:
        """The date from which a rule counts, or ``None`` while it is awaited."""
        return rule.start(self.issued_on, self.dates) if previous is None else previous.due_on

    def awaited(self, rule: DueRule, previous: Installment | None) -> str:
        """The name of the date that a rule waits for."""
        return (previous and previous.baseline) or rule.baseline

    def until(self, rule: DueRule, previous: Installment | None) -> dt.date | None:
        """The date of a rule, or ``None`` while it is awaited."""
        start = self.start(rule, previous)
        return None if start is None else rule.apply(start, self.given)

    def _window(self, discount: Discount, amount: Money, previous: Installment | None) -> DiscountWindow | None:
        until, awaited = self.until(discount.due, previous), self.awaited(discount.due, previous)
        return discount.window(
            amount,
            until or awaited,
            total=self.total,
            net=self.net,
            discountable=self.discountable,
            division=self.division,
        )


def check_parts(parts: Sequence[Part], division: Division) -> None:
    """That parts make terms: some, not too many, names once, shares that add up."""
    if not parts:
        raise InvalidValue("terms.parts", parts, "must have at least one part")
    if len(parts) > MOST_PARTS:
        raise InvalidValue("terms.parts", len(parts), f"must be at most {MOST_PARTS}")
    names = [part.name for part in parts if part.name is not None]
    if len(set(names)) != len(names):
        raise InvalidValue("terms.parts", names, "must not name a part twice")
    check_shares([part.share for part in parts], division)
