"""Money under any sequence of commands: nothing is used twice, nothing is lost, undo restores, order does not matter."""

import datetime as dt
import itertools
from decimal import Decimal

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.service.world import BOOK, TODAY, World, day, eur, picture

from receivables import CreditNote, Money, Payment
from receivables.documents.exchange import ExchangeRate
from receivables.documents.payment import Designation
from receivables.documents.settlement import Deduction
from receivables.errors import ReceivablesError
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance

POLICIES = attrs.evolve(
    BOOK,
    policies=(
        *(each for each in BOOK.policies if not isinstance(each, SettlementPolicy)),
        SettlementPolicy(
            id="EU",
            version=1,
            tolerance=Tolerance(amount=(eur(5),), percent=Decimal(1), yearly_cap=(eur(8),)),
            surplus="tolerance",
        ),
    ),
)
RATE = ExchangeRate.of("EUR", "USD", "1.0850", on=TODAY, source="ECB")
AMOUNTS = st.integers(1, 150_00)
ACCOUNTS = ("ACME", "BETA")
PAYMENT = Payment(id="P", account="ACME", amount=eur(1), value_date=TODAY)


class Cash(RuleBasedStateMachine):
    """Two accounts; a command is recorded or refused, and after each the books must balance."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(policies=POLICIES)
        self.keys = map(str, itertools.count(1))
        self.owed: dict[str, int] = dict.fromkeys(ACCOUNTS, 0)
        """What was invoiced, in euro."""
        self.money: dict[str, list[tuple[dt.date, int]]] = {account: [] for account in ACCOUNTS}
        """What the customer gave in euro and from which day on: money and credit notes, less what went elsewhere."""
        self.there: dict[str, dt.date] = {}
        """The day on which the money of a credit was there."""
        self.waiting: dict[str, tuple[str, int]] = {}
        """What is on its way: payment -> the item that it is meant for, and how much."""

    @initialize()
    def begin(self) -> None:
        for account in ACCOUNTS:
            self.world.open(account)
            for number, (amount, due) in enumerate([("100", -10), ("40", 5), ("7.77", 20)]):
                self.world.invoice(f"{account}-{number}", amount, due, account, issued_on=day(-10))
                self.owed[account] += eur(amount).minor

    def tried(self, what: object) -> bool:
        """Whether a command was recorded; a refusal must leave the store as it was."""
        before = picture(self.world.store)["heads"]
        try:
            what()
        except ReceivablesError:
            assert picture(self.world.store)["heads"] == before
            return False
        return True

    def credits(self, account: str) -> list[str]:
        found = self.world.app.account(account).cash.credits
        return [each.id for each in found if each.currency.code == "EUR"]

    def items(self, account: str) -> list[str]:
        return [item.id for item in self.world.app.account(account).ledger.items]

    @rule(account=st.sampled_from(ACCOUNTS), minor=AMOUNTS, back=st.integers(0, 5))
    def pay(self, account: str, minor: int, back: int) -> None:
        offset, id = (self.world.today - TODAY).days - back, f"P{next(self.keys)}"
        self.world.pay(id, Money(minor, eur(0).currency), account, on=offset)
        self.gives(account, id, day(offset), minor)

    @rule(account=st.sampled_from(ACCOUNTS), minor=AMOUNTS, which=st.integers(0, 9), unknown=st.booleans())
    def announce(self, account: str, minor: int, which: int, unknown: bool) -> None:
        items = self.items(account)
        amount = Money(minor, eur(0).currency)
        meant = (Designation(item=items[which % len(items)], amount=amount),)
        status = "unknown" if unknown else "pending"
        id = f"P{next(self.keys)}"
        if self.tried(lambda: self.world.pay(id, amount, account, method="card", status=status, designated=meant)):
            self.waiting[id] = (meant[0].item, minor)

    @rule(account=st.sampled_from(ACCOUNTS), which=st.integers(0, 9), fails=st.booleans(), back=st.integers(0, 3))
    def decide(self, account: str, which: int, fails: bool, back: int) -> None:
        cash = self.world.app.account(account).cash
        waiting = [each for each in cash.credits if cash.status_of(each.id) in ("pending", "unknown")]
        if not waiting:
            return
        payment = waiting[which % len(waiting)]
        del self.waiting[payment.id]
        key, app = next(self.keys), self.world.app
        on = max(self.world.today - dt.timedelta(days=back), payment.effective_on)
        if fails:
            assert self.tried(lambda: app.fail_payment(account, payment.id, "declined", on=on, key=key))
        else:
            assert self.tried(lambda: app.confirm_payment(account, payment.id, on=on, key=key))
            self.gives(account, payment.id, on, payment.amount)

    @rule(account=st.sampled_from(ACCOUNTS), minor=AMOUNTS, which=st.integers(0, 9))
    def credit_note(self, account: str, minor: int, which: int) -> None:
        items = [item for item in self.items(account) if item.startswith(account)]
        number = f"CN{next(self.keys)}"
        note = CreditNote(
            number=number,
            account=account,
            issued_on=self.world.today,
            total=Money(minor, eur(0).currency),
            against=items[which % len(items)],
        )
        self.world.app.issue_credit_note(note, key=number)
        self.gives(account, number, self.world.today, minor)

    @rule(account=st.sampled_from(ACCOUNTS), source=st.integers(0, 30), item=st.integers(0, 9), minor=AMOUNTS)
    def apply(self, account: str, source: int, item: int, minor: int) -> None:
        credits, items = self.credits(account), self.items(account)
        if credits:
            names = credits[source % len(credits)], items[item % len(items)]
            amount, key = Money(minor, eur(0).currency), next(self.keys)
            self.tried(lambda: self.world.app.apply(account, *names, amount, key=key))

    @rule(
        account=st.sampled_from(ACCOUNTS), source=st.integers(0, 30), first=st.integers(0, 9), kept=st.none() | AMOUNTS
    )
    def settle(self, account: str, source: int, first: int, kept: int | None) -> None:
        credits, items = self.credits(account), self.items(account)
        if credits:
            asked = tuple(dict.fromkeys((items[first % len(items)], items[(first + 1) % len(items)])))
            said = () if kept is None else (Deduction(amount=Money(kept, eur(0).currency), code="short_delivery"),)
            id, key = credits[source % len(credits)], next(self.keys)
            self.tried(lambda: self.world.app.settle(account, id, asked, deductions=said, key=key))

    @rule(account=st.sampled_from(ACCOUNTS), source=st.integers(0, 30))
    def appropriate(self, account: str, source: int) -> None:
        credits = self.credits(account)
        if credits:
            id, key = credits[source % len(credits)], next(self.keys)
            self.tried(lambda: self.world.app.appropriate(account, id, key=key))

    @rule(account=st.sampled_from(ACCOUNTS), which=st.integers(0, 30))
    def unapply(self, account: str, which: int) -> None:
        made = [each.id for each in self.world.app.account(account).cash.in_force()]
        if made:
            assert self.tried(lambda: self.world.app.unapply(account, made[which % len(made)], key=next(self.keys)))

    @rule(
        account=st.sampled_from(ACCOUNTS),
        which=st.integers(0, 30),
        kind=st.sampled_from(("returned", "chargeback", "reversed")),
    )
    def take_back(self, account: str, which: int, kind: str) -> None:
        payments = [each for each in self.world.app.account(account).cash.credits if each.id.startswith("P")]
        if payments:
            payment = payments[which % len(payments)]
            key, app, on = next(self.keys), self.world.app, self.world.today
            if self.tried(lambda: app.return_payment(account, payment.id, kind, "AC04", on=on, key=key)):
                self.money[account].append((self.there[payment.id] if kind == "reversed" else on, -payment.amount))

    @rule(account=st.sampled_from(ACCOUNTS), source=st.integers(0, 30), minor=AMOUNTS, back=st.integers(0, 6))
    def refund(self, account: str, source: int, minor: int, back: int) -> None:
        self.elsewhere(account, source, minor, self.world.app.refund, back=back)

    @rule(
        account=st.sampled_from(ACCOUNTS),
        source=st.integers(0, 30),
        minor=st.integers(100, 5000),
        back=st.integers(0, 6),
    )
    def convert(self, account: str, source: int, minor: int, back: int) -> None:
        self.elsewhere(account, source, minor, self.world.app.convert, RATE, back=back)

    @rule(account=st.sampled_from(ACCOUNTS), source=st.integers(0, 30), minor=AMOUNTS)
    def transfer(self, account: str, source: int, minor: int) -> None:
        (other,) = {*ACCOUNTS} - {account}
        gone = self.elsewhere(account, source, minor, self.world.app.transfer, other)
        if gone is not None:
            self.gives(other, gone, *self.money[account][-1])

    def gives(self, account: str, id: str, on: dt.date, minor: int) -> None:
        self.there[id] = on
        self.money[account].append((on, abs(minor)))

    def elsewhere(self, account: str, source: int, minor: int, how: object, *more: object, back: int = 0) -> str | None:
        """What was made of so much of a credit; ``None`` where that was refused."""
        app, cash = self.world.app, self.world.app.account(account).cash
        left = {each.id: cash.left_of(each.id, each.amount) for each in cash.credits if each.currency.code == "EUR"}
        usable = [id for id in left if left[id] > 0]
        if not usable:
            return None
        id, key = usable[source % len(usable)], next(self.keys)
        minor = minor if minor % 5 == 0 else min(minor, left[id])
        on, amount = self.world.today - dt.timedelta(days=back), Money(minor, eur(0).currency)
        if not self.tried(lambda: how(account, id, amount, *more, on=on, key=key)):
            return None
        moved = how == app.transfer
        self.money[account].append((self.there[id] if moved else on, -minor))
        return f"{key}#1"

    @precondition(lambda self: (self.world.today - TODAY).days < 30)
    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.world.at((self.world.today - TODAY).days + days)

    @invariant()
    def nothing_is_used_twice(self) -> None:
        for account in ACCOUNTS:
            cash = self.world.app.account(account).cash
            for credit in cash.credits:
                used = sum(each.amount for each in cash.in_force() if each.source == credit.id)
                used += sum(each.amount for each in cash.used_elsewhere() if each.source == credit.id)
                there = credit.amount if cash.status_of(credit.id) == "settled" else 0
                assert 0 <= used <= there
            for item in self.world.app.account(account).ledger.items:
                reserved = sum(minor for meant, minor in self.waiting.values() if meant == item.id)
                assert 0 <= cash.open_of(item.id, item.amount) - reserved <= item.amount

    @invariant()
    def the_books_balance(self) -> None:
        """What was invoiced, less what was let go, less what was given: the balance of every day, however it was applied."""
        for account, back in itertools.product(ACCOUNTS if self.owed["ACME"] else (), (0, 1, 2, 4, 7)):
            on = self.world.today - dt.timedelta(days=back)
            cash, view = self.world.app.account(account).cash, self.world.app.view(account, on)
            let_go = sum(each.amount for each in cash.reductions_on(on, None))
            undone = {each.allocation for each in cash.undoings if each.seen(on, None)}
            kept = [each for each in cash.uses if each.kind == "tolerance" and each.seen(on, None)]
            rest = sum(each.amount for each in kept if each.id not in undone)
            given = sum(minor for since, minor in self.money[account] if since <= on)
            assert view.balance("EUR").minor == self.owed[account] - let_go - given + rest


TestCash = Cash.TestCase
TestCash.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def views(world: World) -> list[object]:
    """Everything that can be seen, on several days; the history is left out."""
    found = []
    for offset in range(-12, 15, 3):
        view = world.app.view("ACME", day(offset))
        found.append((view.books, sorted(view.credits, key=lambda each: each.id), view.closed, view.withheld))
    return found


@given(st.integers(1, 200_00), st.integers(-9, 0), st.integers(1, 200_00))
@settings(max_examples=60, deadline=None)
def test_undo_restores_every_view_but_history(minor: int, on: int, applied: int) -> None:
    world = World(policies=POLICIES)
    world.open()
    world.invoice("INV-1", "100", -10)
    world.invoice("INV-2", "60", 3)
    world.pay("P", Money(minor, eur(0).currency), on=on)
    before = views(world)
    amount = min(minor, applied, 100_00)
    made = world.app.apply("ACME", "P", "INV-1", Money(amount, eur(0).currency), key="apply").ids[0]
    assert views(world) != before
    world.app.unapply("ACME", made, key="undo")
    assert views(world) == before
    settled = world.app.settle("ACME", "P", ("INV-2", "INV-1"), key="settle")
    for id in settled.ids:
        if any(each.id == id for each in world.app.account("ACME").cash.in_force()):
            world.app.unapply("ACME", id, key=f"undo {id}")
    assert views(world) == before


@given(st.permutations(range(5)))
@settings(max_examples=30, deadline=None)
def test_independent_payments_give_the_same_in_any_order(order: list[int]) -> None:
    def after(sequence: list[int]) -> list[object]:
        world = World(policies=POLICIES)
        world.open()
        for at in range(5):
            world.invoice(f"INV-{at}", str(50 + at), at - 3)
        for at in sequence:
            world.pay(f"P{at}", str(49 + at), on=-at)
            world.app.settle("ACME", f"P{at}", (f"INV-{at}",), key=f"settle {at}")
        return views(world)

    assert after(order) == after(sorted(order))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=8), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_the_same_bank_lines_again_change_nothing(lines: list[tuple[int, int]], times: int) -> None:
    """A line is what it is, from whichever file and however often."""
    world = World()
    world.open()

    def imported(file: int) -> None:
        for at, (amount, on) in enumerate(dict.fromkeys(lines)):
            try:
                world.app.receive_payment(
                    attrs.evolve(
                        PAYMENT,
                        id=f"P{amount}{on}",
                        amount=eur(amount),
                        value_date=day(-on),
                        bank_line=f"{amount}/{on}",
                    ),
                    key=f"file {file} line {at}",
                )
            except ReceivablesError:
                assert file > 0

    imported(0)
    before = picture(world.store)["heads"]
    for file in range(1, times + 1):
        imported(file)
    assert picture(world.store)["heads"] == before
