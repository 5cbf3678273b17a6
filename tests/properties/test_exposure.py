"""The exposure beside a clerk who keeps plain sums of what was said, along chains of deeds that chance makes."""

import random
from collections import defaultdict
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import EUR, TODAY, World, eur

from receivables import CreditLimit, CreditNote, CreditPolicy, Money, Order, PolicyBook
from receivables.documents.credit import DraftInvoice
from receivables.errors import ReceivablesError
from receivables.facts.credit import OrderHeld, OrderRefused, OrderReserved

POLICY = CreditPolicy(id="standard", version=1)
IDS = ("A", "B")
MERGER = {"reason": "one", "by": "ann", "approver": "bob"}


class Clerk:
    """What was ordered, delivered, drafted, billed and paid, in cents; what was decided is read from the facts."""

    def __init__(self) -> None:
        self.owed: dict[str, int] = defaultdict(int)
        self.orders: dict[str, tuple[str, int]] = {}
        self.cancelled: dict[str, int] = defaultdict(int)
        self.delivered: dict[str, int] = defaultdict(int)
        self.billed: dict[tuple[str, str], int] = {}
        self.drafts: dict[str, tuple[str, int, str | None]] = {}
        self.invoices: dict[str, tuple[str, str | None]] = {}
        self.payments: dict[str, tuple[str, int, str]] = {}
        self.merged = False

    def bills(self, order: str) -> int:
        return sum(amount for (each, _), amount in self.billed.items() if each == order)

    def parts(self, order: str) -> tuple[int, int, int]:
        """What of an order is ordered and no more, delivered, drafted."""
        amount, billed = self.orders[order][1], self.bills(order)
        left = amount - billed - self.cancelled[order]
        drafted = min(left, sum(each for _, each, of in self.drafts.values() if of == order))
        there = min(self.delivered[order], amount - self.cancelled[order])
        delivered = max(0, there - billed - drafted)
        return left - drafted - delivered, delivered, drafted

    def exposure(self, account: str, reserved: set[str]) -> int:
        used = self.owed[account] + sum(amount for of, amount, _ in self.drafts.values() if of == account)
        for order, (of, _) in self.orders.items():
            ordered, delivered, _ = self.parts(order)
            used += delivered + (ordered if order in reserved else 0) if of == account else 0
        return used


class Day:
    """One deed after the other, each done by the engine and, where it is not refused, noted by the clerk."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.world = World(policies=PolicyBook.of(POLICY))
        self.clerk = Clerk()
        for id in IDS:
            self.world.open(id)
            self.world.limit(self.dice.choice((20, 50, 100)), id)

    def one(self, of: dict) -> str:
        return self.dice.choice(sorted(of) or ["none"])

    def order(self, key: str, amount: int) -> None:
        account = self.dice.choice(IDS)
        self.world.app.reserve(Order(id=key, account=account, amount=Money(amount, EUR), placed_on=TODAY), key=key)
        self.clerk.orders[key] = account, amount

    def deliver(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders)
        account, _ = self.clerk.orders[order]
        self.world.app.deliver_order(account, order, Money(amount, EUR), on=TODAY, key=key)
        self.clerk.delivered[order] += amount

    def draft(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders)
        account, _ = self.clerk.orders[order]
        draft = DraftInvoice(id=key, account=account, amount=Money(amount, EUR), drafted_on=TODAY, order=order)
        self.world.app.record_draft(draft, key=key)
        self.clerk.drafts[key] = account, amount, order

    def drop(self, key: str, amount: int) -> None:
        draft = self.one(self.clerk.drafts)
        self.world.app.drop_draft(self.clerk.drafts[draft][0], draft, on=TODAY, key=key)
        del self.clerk.drafts[draft]

    def invoice(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders) if self.clerk.orders and self.dice.random() < 0.7 else None
        account = self.clerk.orders[order][0] if order else self.dice.choice(IDS)
        self.world.invoice(key, Money(amount, EUR), 20, account, order=order)
        self.clerk.owed[account] += amount
        self.clerk.invoices[key] = account, order
        if order is not None and order not in self.refused:
            self.clerk.billed[order, key] = min(amount, sum(self.clerk.parts(order)))

    def note(self, key: str, amount: int) -> None:
        invoice, restores = self.one(self.clerk.invoices), self.dice.random() < 0.6
        account, order = self.clerk.invoices[invoice]
        note = CreditNote(number=key, account=account, issued_on=TODAY, total=Money(amount, EUR), against=invoice)
        self.world.app.issue_credit_note(note, restores=restores, key=key)
        self.clerk.owed[account] -= amount
        if restores and order is not None:
            back = min(amount, self.clerk.billed[order, invoice])
            self.clerk.billed[order, invoice] -= back
            self.clerk.delivered[order] = max(0, self.clerk.delivered[order] - back)

    def cancel(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders)
        self.world.app.release_order(self.clerk.orders[order][0], order, on=TODAY, key=key)
        self.clerk.cancelled[order] += self.clerk.parts(order)[0]

    def reopen(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders)
        self.world.app.reopen_order(self.clerk.orders[order][0], order, on=TODAY, key=key)
        self.clerk.cancelled[order] = 0

    def let_go(self, key: str, amount: int) -> None:
        order = self.one(self.clerk.orders)
        who = {"reason": "known", "by": "ann", "approver": "bob"}
        self.world.app.release_held_order(self.clerk.orders[order][0], order, **who, key=key)

    def pay(self, key: str, amount: int) -> None:
        account, status = self.dice.choice(IDS), self.dice.choice(("received", "pending"))
        more = {"method": "card", "status": "pending"} if status == "pending" else {}
        self.world.pay(key, Money(amount, EUR), account, **more)
        self.clerk.payments[key] = account, amount, status
        self.clerk.owed[account] -= amount if status == "received" else 0

    def fate(self, key: str, amount: int) -> None:
        """A payment comes back; one on its way arrives or fails."""
        payment = self.one(self.clerk.payments)
        account, paid, status = self.clerk.payments[payment]
        app, arrives = self.world.app, self.dice.random() < 0.5
        if status == "received":
            app.return_payment(account, payment, kind="returned", code="AC04", on=TODAY, key=key)
            self.clerk.owed[account] += paid
        elif arrives:
            app.confirm_payment(account, payment, on=TODAY, key=key)
            self.clerk.owed[account] -= paid
        else:
            app.fail_payment(account, payment, "AC04", on=TODAY, key=key)
        self.clerk.payments[payment] = account, paid, "received" if status == "pending" and arrives else "gone"

    def apply(self, key: str, amount: int) -> None:
        payment, invoice = self.one(self.clerk.payments), self.one(self.clerk.invoices)
        self.world.app.apply(self.clerk.payments[payment][0], payment, invoice, Money(amount, EUR), key=key)

    def dispute(self, key: str, amount: int) -> None:
        invoice = self.one(self.clerk.invoices)
        self.world.dispute(key, invoice, Money(amount, EUR), self.clerk.invoices[invoice][0])

    def lose(self, key: str, amount: int) -> None:
        invoice = self.one(self.clerk.invoices)
        account, _ = self.clerk.invoices[invoice]
        lost = self.world.app.view(account, TODAY).open(invoice).minor
        self.world.app.write_off(account, invoice, "insolvent", on=TODAY, key=key, by="ann", approver="bob")
        self.clerk.owed[account] -= lost

    def merge(self, key: str, amount: int) -> None:
        app = self.world.app
        if self.clerk.merged:
            app.separate_accounts("A", "B", **MERGER, key=key)
        else:
            limit = CreditLimit(account="A", currency=EUR, amount=eur(100), valid_from=TODAY)
            app.merge_accounts("A", "B", **MERGER, limits=(limit,), key=key)
        self.clerk.merged = not self.clerk.merged

    @property
    def decided(self) -> dict[str, type]:
        facts = [fact for id in IDS for fact in self.world.facts(OrderReserved, OrderHeld, OrderRefused, account=id)]
        return {fact.order.id: type(fact) for fact in facts}

    @property
    def refused(self) -> set[str]:
        return {id for id, kind in self.decided.items() if kind is OrderRefused}

    def check(self) -> None:
        reserved = {id for id, kind in self.decided.items() if kind is OrderReserved}
        kept = {id: self.clerk.exposure(id, reserved) for id in IDS}
        if self.clerk.merged:
            kept = {"A": sum(kept.values())}
        views = {id: self.world.app.view(id, TODAY) for id in kept}
        assert {id: POLICY.exposure(view, EUR).total() for id, view in views.items()} == kept


DEEDS = (
    Day.order, Day.order, Day.deliver, Day.draft, Day.drop, Day.invoice, Day.invoice, Day.note, Day.cancel, Day.reopen,
    Day.let_go, Day.pay, Day.fate, Day.apply, Day.dispute, Day.lose, Day.merge,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(1, 4_000)), min_size=5, max_size=40), st.integers(0, 9_999)
)
def test_the_exposure_is_the_sum_of_what_was_said_whatever_happens_in_whatever_order(deeds, seed):
    day = Day(seed)
    for at, (deed, amount) in enumerate(deeds):
        with suppress(ReceivablesError, KeyError):  # the dice found nothing to do it to, or it is refused
            deed(day, f"K{at}", amount)
        day.check()
