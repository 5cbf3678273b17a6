"""Reports add up for what goes wrong as well: money that went back, refunds, differences, write-offs and recoveries."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Allocation, Money, fold
from receivables.documents.settlement import SettlementPart
from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    DifferenceSettled,
    PaymentReturned,
    RefundMade,
)
from receivables.facts.fact import Fact
from receivables.facts.loss import Recovered, WriteOffReversed, WrittenOff
from receivables.reports.bridge import bridge
from receivables.reports.metrics_rolls import rolls
from receivables.reports.metrics_sums import sums_of
from receivables.testing import strategies
from receivables.testing.strategies import CURRENCIES, FIRST_DAY

DAYS = st.integers(-5, 200)
CODES = [currency.code for currency in CURRENCIES]


def day(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


class Mishaps:
    """What goes wrong with an account after a history; each is recorded a day after the one before."""

    def __init__(self, draw: st.DrawFn, history: tuple[Fact, ...]) -> None:
        self.draw, self.account, self.facts = draw, fold(history), list(history)
        self.now = history[-1].recorded_at

    def record(self, kind: type[Fact], effective_on: dt.date, /, **fields: Any) -> None:
        self.facts.append(kind(effective_on=effective_on, recorded_at=self.now, **fields))
        self.account = fold([self.facts[-1]], self.account)

    def open_items(self) -> list[tuple[Any, int]]:
        view = self.account.view(dt.date.max)
        return [pair for book in view.books for pair in zip(book.items, book.open, strict=True)]

    def late(self, earliest: dt.date) -> dt.date:
        """Today, or a day before that is not before the earliest."""
        days = (self.now.date() - earliest).days
        return earliest + dt.timedelta(days=self.draw(st.integers(0, max(0, days))))

    def name(self, prefix: str) -> str:
        return f"{prefix}-{len(self.facts)}"

    def goes_back(self) -> None:
        credits = [each for each in self.account.cash.credits if each.kind == "payment"]
        credits = [each for each in credits if self.account.cash.status_of(each.id) == "settled"]
        used = {each.source for each in (*self.account.cash.uses, *self.account.cash.reductions)}
        credits = [each for each in credits if each.id not in used]
        if not credits:
            return
        credit = self.draw(st.sampled_from(credits))
        kind = self.draw(st.sampled_from(("returned", "reversed")))
        on = credit.effective_on if kind == "reversed" else self.late(credit.effective_on)
        for made in [each for each in self.account.cash.in_force() if each.source == credit.id]:
            self.record(AllocationUndone, max(on, made.effective_on), allocation=made.id)
        self.record(PaymentReturned, on, payment=credit.id, kind=kind, code="AC04")

    def is_refunded(self) -> None:
        left = [each for each in self.account.view(dt.date.max).credits if each.remaining > 0]
        if left:
            credit = self.draw(st.sampled_from(left))
            since = next(each.effective_on for each in self.account.cash.credits if each.id == credit.id)
            amount = Money(self.draw(st.integers(1, credit.remaining)), credit.currency)
            self.record(RefundMade, self.late(since), id=self.name("R"), source=credit.id, amount=amount)

    def is_settled_without_money(self) -> None:
        items, credits = self.open_items(), [each for each in self.account.cash.credits if each.kind == "payment"]
        if items and credits:
            item, open_ = self.draw(st.sampled_from(items))
            amount = Money(self.draw(st.integers(1, open_)), item.currency)
            kind = self.draw(st.sampled_from(("discount_earned", "tolerance", "write_off")))
            part = SettlementPart(kind=kind, item=item.id, amount=amount, reason="agreed")
            fields = {"source": self.draw(st.sampled_from(credits)).id, "part": part, "settlement": self.name("S")}
            self.record(DifferenceSettled, self.late(item.effective_on), id=self.name("D"), **fields)

    def is_given_up(self) -> None:
        if not (items := self.open_items()):
            return
        item, open_ = self.draw(st.sampled_from(items))
        amount, nothing = Money(self.draw(st.integers(1, open_)), item.currency), Money.zero(item.currency)
        on, id = self.late(item.effective_on), self.name("W")
        shares = {"item": item.id, "relief": nothing}
        self.record(WrittenOff, on, id=id, amount=amount, code="insolvent", allowance_used=nothing, **shares)
        what = self.draw(st.sampled_from(("lost", "mistake", "recovered")))
        if what == "mistake":
            fields = {**shares, "allowance_used": nothing, "reason": "it was not"}
            self.record(WriteOffReversed, on, id=self.name("V"), write_off=id, amount=amount, **fields)
        credits = [each for each in self.account.view(dt.date.max).credits if each.currency == item.currency]
        if what == "recovered" and credits:
            credit = self.draw(st.sampled_from(credits))
            paid = Money(min(credit.remaining, amount.minor), item.currency)
            since = next(each.effective_on for each in self.account.cash.credits if each.id == credit.id)
            fields = {**shares, "source": credit.id, "settlement": self.name("S"), "allowance_credited": nothing}
            made = Allocation(source=credit.id, item=item.id, amount=paid)
            self.record(Recovered, max(on, since), id=self.name("C"), amount=paid, **fields)
            settlement = fields["settlement"]
            self.record(AllocationMade, max(on, since), id=self.name("A"), allocation=made, settlement=settlement)


MISHAPS: tuple[Callable[[Mishaps], None], ...] = (
    Mishaps.goes_back,
    Mishaps.is_refunded,
    Mishaps.is_settled_without_money,
    Mishaps.is_given_up,
)


@st.composite
def unlucky_accounts(draw: st.DrawFn) -> Account:
    """A plausible history, and some things that went wrong after it."""
    story = Mishaps(draw, draw(strategies.histories(most=20)))
    for mishap in draw(st.lists(st.sampled_from(MISHAPS), min_size=1, max_size=5)):
        story.now += dt.timedelta(days=1)
        mishap(story)
    return story.account


@given(unlucky_accounts(), DAYS, DAYS, st.integers(1, 120), st.sampled_from(CODES))
def test_the_roll_forward_names_every_mishap(account, as_of, known_at, window, code):
    sums = sums_of(account, day(as_of), code, window_days=window, known_at=day(known_at))
    first, *moved, last = sums.roll_forward()
    assert first[1] == account.view(day(as_of - window), day(known_at)).balance(code)
    assert first[1] + Money.total((money for _, money in moved), code) == last[1]
    assert last[1] == account.view(day(as_of), day(known_at)).balance(code)
    assert "other" not in dict(moved)


@given(unlucky_accounts(), DAYS, st.tuples(DAYS, DAYS).map(sorted))
def test_the_bridge_names_every_mishap(account, as_of, instants):
    found = bridge(account, day(as_of), *(day(number) for number in instants))
    for code in CODES:
        before, after = (report.total(code) for report in (found.before, found.after))
        mine = [line for line in found.lines if line.currency.code == code]
        assert before.balance + Money.total((line.balance for line in mine), code) == after.balance
        for at, name in enumerate(found.before.buckets):
            learned = sum(line.buckets[at] for line in mine)
            assert before.buckets[name].minor + learned == after.buckets[name].minor
    assert "other" not in {line.code for line in found.lines}


@given(unlucky_accounts(), DAYS, st.integers(1, 60), st.sampled_from(CODES))
def test_nothing_of_a_bucket_is_lost(account, since, days, code):
    found = rolls(account, day(since), day(since + days), code)
    before = account.view(day(since)).open_total(code)
    assert sum(found.moved.values()) == before.minor
    assert sum(found.ends.values()) == account.view(day(since + days)).open_total(code).minor
    assert all(amount > 0 for amount in found.moved.values())
