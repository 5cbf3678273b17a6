"""Whatever happens in whatever order, the ladder keeps its promises: a state machine over the whole service."""

import datetime as dt
from itertools import pairwise

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.service.world import World, all_facts, day, eur

from receivables import CreditNote, DunningPolicy, DunningStep, MemoryStore, Money, PolicyBook
from receivables.documents.hold import STOPS_OF
from receivables.errors import ReceivablesError
from receivables.facts.charge import ChargeRaised
from receivables.facts.dunning import NoticeQueued, NoticeSent, StepsAnnulled
from receivables.plans.charges import accrued, claimed
from receivables.plans.dunning import plan_for
from receivables.policies.dunning import CODES
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.ports import NotSent, Sent
from receivables.state.account import fold

STEPS = (
    DunningStep(name="reminder", days_after_due=-2),
    DunningStep(name="one", days_after_due=2, fee=FeeRule.flat("one", eur(5)), fallbacks=("letter",)),
    DunningStep(name="two", days_after_notice=3, claims_interest=True, effects=frozenset({"hold", "escalate"})),
    DunningStep(
        name="three",
        days_after_due=11,
        needs_approval=True,
        claims_interest=True,
        fee=FeeRule.flat("three", eur(7)),
        pay_within_days=5,
    ),
    DunningStep(name="four", days_after_pay_by=1, fee=FeeRule.flat("four", eur(9))),
)
OLD = DunningPolicy(
    id="standard",
    version=1,
    steps=STEPS,
    minimum_gap_days=1,
    repeat_last_days=4,
    repeat_most=1,
    interest=InterestTerms.fixed("36.5"),
)
NEW = attrs.evolve(
    OLD,
    version=2,
    steps=(STEPS[0], attrs.evolve(STEPS[1], days_after_due=4), *STEPS[2:]),
    minimum_gap_days=2,
    interest=InterestTerms.fixed("73"),
)
WAITS_FOR_TIME = {"not_due", "step_not_reached", "minimum_gap", "step_due"}
ENDED = {"ladder_finished", "step_unknown", "policy_missing"}
ITEMS = ("INV-1", "INV-2", "INV-3")


class Fickle:
    """A notifier that answers as it is told, and sends each key once."""

    honors_keys = True

    def __init__(self):
        self.answers, self.sent = [], []

    def send(self, notice):
        answer = self.answers.pop(0) if self.answers else "sent"
        if answer in ("sent", "sent and lost") and notice.key not in [each.key for each in self.sent]:
            self.sent.append(notice)
        if "lost" in answer:
            raise ConnectionError
        return Sent(receipt="ok") if answer == "sent" else NotSent(reason="no", retry=answer == "busy")


def copied(world: World) -> World:
    """The same world on a store of its own."""
    store = MemoryStore()
    for name, value in vars(world.store).items():
        if name != "_lock":
            setattr(store, name, value.copy() if hasattr(value, "copy") else value)
    other = World(policies=world.policies, store=store, notifier=Fickle())
    other.clock.instant = world.clock.instant
    return other


class Ladder(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.seen = {}
        self.checked = {}

    def next(self, name):
        self.count += 1
        return f"{name}{self.count}"

    def tick(self):
        self.world.clock.instant += dt.timedelta(minutes=1)

    def tried(self, do):
        self.tick()
        try:
            return do()
        except ReceivablesError:
            return None

    def rare(self):
        """Two of three times: otherwise no ladder is ever climbed to its end."""
        self.count += 1
        return self.count % 3

    @property
    def today(self):
        return self.world.today

    @property
    def account(self):
        return self.world.app.account("ACME")

    @initialize(dues=st.lists(st.integers(-3, 8), min_size=3, max_size=3))
    def start(self, dues):
        self.world = World(policies=PolicyBook.of(OLD), notifier=Fickle())
        self.world.at(-5).open()
        self.world.open("SLEEPER")
        for item, due in zip(ITEMS, dues, strict=True):
            self.world.invoice(item, 1000, due)

    # What happens -------------------------------------------------------------------------------------------------

    @rule(
        days=st.sampled_from((1, 1, 1, 2, 3, 5)),
        times=st.integers(1, 2),
        answers=st.lists(st.sampled_from(("sent", "sent", "busy", "no", "lost", "sent and lost")), max_size=3),
    )
    def pass_days(self, days, times, answers):
        self.world.clock.instant = dt.datetime.combine(self.today, dt.time(6), dt.UTC) + dt.timedelta(days=days)
        other = copied(self.world)
        other.run(all_accounts=True)
        assert not [result.error for result in self.world.run() if result.error]
        assert all_facts(other.store) == all_facts(self.world.store)
        for _ in range(times):
            before = all_facts(self.world.store)
            self.world.run(all_accounts=True)
            assert all_facts(self.world.store) == before
        self.world.notifier.answers = list(answers)
        self.tick()
        self.world.deliver()
        self.tick()
        self.world.run()
        self.tick()
        if times > 1:
            self.world.deliver()

    @rule(item=st.sampled_from(ITEMS), amount=st.sampled_from((1, 400, 1000)), ago=st.integers(0, 12))
    def pay(self, item, amount, ago):
        if self.rare():
            return
        self.tick()
        id = self.next("P")
        self.world.pay(id, amount, on=(self.today - day(0)).days - ago)
        self.tried(lambda: self.world.apply(id, item, amount))

    @rule(pick=st.integers(0, 20))
    def pay_a_charge(self, pick):
        charges = [raised.charge for raised in self.account.ledger.charges]
        if charges:
            charge = charges[pick % len(charges)]
            id = self.next("P")
            self.tick()
            self.world.pay(id, charge.amount)
            self.tried(lambda: self.world.apply(id, charge.id, charge.amount))

    @rule(pick=st.integers(0, 20))
    def take_back(self, pick):
        made = list(self.account.cash.in_force())
        if made:
            id = made[pick % len(made)].id
            self.tried(lambda: self.world.app.unapply("ACME", id, key=self.next("u")))

    @rule(item=st.sampled_from(ITEMS), ago=st.integers(0, 12), amount=st.sampled_from((300, 1000)))
    def credit(self, item, ago, amount):
        if self.rare():
            return
        issued_on = max(day(-5), self.today - dt.timedelta(days=ago))
        number = self.next("CN")
        note = CreditNote(number=number, account="ACME", issued_on=issued_on, total=eur(amount), against=item)
        self.tried(lambda: self.world.app.issue_credit_note(note, key=number))

    @rule(
        scope=st.sampled_from(("account", "item", "document", "amount")),
        item=st.sampled_from(ITEMS),
        kind=st.sampled_from(sorted(STOPS_OF)),
        days=st.integers(0, 4),
    )
    def hold(self, scope, item, kind, days):
        if self.rare():
            return
        on = {
            "account": {},
            "item": {"item": item},
            "document": {"document": item},
            "amount": {"item": item, "amount": eur(300), "stops": STOPS_OF[kind] - {"contact"}},
        }
        until = self.today + dt.timedelta(days=days)
        self.tried(lambda: self.world.hold(self.next("H"), kind=kind, until=until, **on[scope]))

    @rule(item=st.sampled_from(ITEMS), ago=st.integers(0, 3), days=st.integers(1, 9))
    def extend(self, item, ago, days):
        if self.rare():
            return
        on, due_on = self.today - dt.timedelta(days=ago), self.today + dt.timedelta(days=days)
        self.tried(
            lambda: self.world.app.extend_due(
                "ACME", item, due_on, on=on, reason="asked", by="ann", approver="bob", key=self.next("X")
            )
        )

    @rule(approve=st.sampled_from((True, True, True, False)))
    def decide(self, approve):
        for state in self.world.app.view("ACME", dt.date.max).notices:
            if state.status == "proposed":
                if approve:
                    self.tried(lambda k=state.notice.key: self.world.app.approve_notice("ACME", k, by="ann", key=k))
                else:
                    self.tried(
                        lambda k=state.notice.key: self.world.app.reject_notice("ACME", k, reason="no", by="ann", key=k)
                    )
                return

    @rule(outcome=st.sampled_from(("sent", "failed", "retry")))
    def find_out(self, outcome):
        for state in self.world.app.view("ACME", dt.date.max).notices:
            if state.status == "sending":
                self.tried(
                    lambda k=state.notice.key: self.world.app.record_outcome(
                        "ACME", k, outcome, by="ann", key=self.next("o")
                    )
                )
                return

    @rule(
        pick=st.integers(0, 20),
        verb=st.sampled_from(("waive_charge", "reinstate_charge", "reverse_charge")),
        amount=st.sampled_from((None, "0.50", "3")),
    )
    def decide_on_a_charge(self, pick, verb, amount):
        charges = [raised.charge for raised in self.account.ledger.charges]
        if charges:
            self.tried(
                lambda: getattr(self.world.app, verb)(
                    "ACME",
                    charges[pick % len(charges)].id,
                    amount=None if amount is None else eur(amount),
                    reason="r",
                    by="ann",
                    approver="bob",
                    key=self.next("c"),
                )
            )

    @rule(item=st.sampled_from(ITEMS))
    def claim(self, item):
        self.tried(lambda: self.world.app.claim_interest("ACME", item, self.today, key=self.next("i")))

    @precondition(lambda self: self.world.policies == PolicyBook.of(OLD))
    @rule()
    def migrate(self):
        self.tick()
        before = self.climbing()
        self.world.policies = PolicyBook.of(OLD, NEW)
        self.world.restart()
        list(self.world.app.rewake(self.today))
        self.world.app.migrate_ladders("ACME", "standard", 2, key="migrate")
        self.tick()
        assert self.climbing() == before
        assert {ladder.policy.version for ladder in self.world.app.view("ACME", self.today).ladders} <= {2}

    def rows(self):
        return plan_for(self.world.app.view("ACME", self.today), self.world.policies).rows()

    def climbing(self):
        return {row["item"] for row in self.rows() if row["reason"] not in ENDED | {"charge"}}

    # What stays true ----------------------------------------------------------------------------------------------

    @invariant()
    def the_store_is_the_fold_of_its_facts(self):
        facts = self.world.store.facts("ACME")
        assert fold(facts) == self.account
        assert all(a.recorded_at <= b.recorded_at for a, b in pairwise(facts))

    @invariant()
    def nothing_is_sent_or_charged_twice(self):
        facts = self.world.store.facts("ACME")
        notices = {fact.notice.key: fact.notice for fact in facts if isinstance(fact, NoticeQueued)}
        assert len(notices) == sum(1 for fact in facts if isinstance(fact, NoticeQueued))
        standing = set()
        for fact in facts:
            if isinstance(fact, NoticeSent) and (notice := notices[fact.notice]).audience == "customer":
                for line in notice.claimed if notice.retracts is None else ():
                    assert line.key not in standing
                    standing.add(line.key)
            if isinstance(fact, StepsAnnulled):
                lines = {line.item: line.key for line in notices[fact.notice].claimed}
                for item in fact.items:
                    standing.remove(lines[item])
        retracted = [notice.retracts for notice in notices.values() if notice.retracts is not None]
        pairs = [(f.notice, item) for f in facts if isinstance(f, StepsAnnulled) for item in f.items]
        assert len(set(pairs)) == len(pairs)
        assert len(retracted) == sum(1 for fact in facts if isinstance(fact, StepsAnnulled))

    @invariant()
    def charges_are_raised_once_and_never_exceed_what_accrued(self):
        account = self.account
        raised = [fact.charge for fact in self.world.facts(ChargeRaised)]
        assert len({charge.id for charge in raised}) == len(raised)
        standing = [
            charge.id.split("~")[0].removesuffix("/fee")
            for charge in raised
            if charge.kind == "fee"
            and account.cash.reduced(charge.id, "reversed") + account.cash.reduced(charge.id, "waived")
            < charge.amount.minor
            and not account.cash.reduced(charge.id, "reversed")
        ]
        assert len(set(standing)) == len(standing)
        for item in account.ledger.items[:3]:
            mine = [each for each in raised if each.item == item.id and each.kind == "interest"]
            if mine:
                until = max(each.until for each in mine)
                known = max(each.recorded_at for each in account.ledger.charges if each.charge in mine)
                most = max(
                    found.total.minor if (found := accrued(account, item, policy, until, spared_at=known)) else 0
                    for policy in self.world.policies.policies
                )
                waived = sum(account.cash.reduced(each.id, "waived") for each in mine)
                assert claimed(account, item.id) - waived <= most

    @invariant()
    def money_is_neither_made_nor_lost(self):
        account = self.account
        view = account.view(max(self.today, day(60)))
        assert all(open_ > 0 for book in view.books for open_ in book.open)
        applied = sum(made.amount for made in account.cash.in_force())
        credits = sum(entry.amount for entry in account.cash.credits)
        assert view.on_account("EUR") == Money(credits - applied, eur(0).currency)
        owed = sum(item.amount - account.cash.reduced(item.id) for item in account.ledger.items)
        assert view.open_total("EUR") == Money(owed - applied, eur(0).currency)

    @invariant()
    def every_open_item_has_a_next_action_or_a_reason(self):
        rows = self.rows()
        assert all(row["reason"] in {code for code, _, _ in CODES} for row in rows)
        wake = self.world.store.load(["ACME"])["ACME"].wake_on if hasattr(self.world.store, "wake") else None
        wake = self.world.store._heads["ACME"].wake_on if wake is None else wake
        if any(row["reason"] in WAITS_FOR_TIME for row in rows):
            assert wake is not None
        for row in rows:
            if row["reason"] == "held":
                assert wake is not None

    @invariant()
    def what_was_known_stays_as_it_was(self):
        now = self.world.clock.instant
        for (as_of, known_at), view in self.seen.items():
            assert self.account.view(as_of, known_at) == view
        if len(self.seen) < 6:
            known_at = now - dt.timedelta(seconds=1)
            self.seen[self.today, known_at] = self.account.view(self.today, known_at)


Ladder.TestCase.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLadder = Ladder.TestCase
