"""Days go by over disputes, promises, holds, talks and payments: no account sleeps too long, and a day twice is a day once."""

import datetime as dt

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.properties.test_arrangements import assert_adds_up
from tests.properties.test_ladder import Fickle, copied
from tests.service.world import World, all_facts, day, eur

from receivables import CreditNote, DunningPolicy, DunningStep, PolicyBook, TakenOverItem
from receivables.documents.dispute import OUTCOMES
from receivables.documents.limitation import Suspension
from receivables.errors import ReceivablesError
from receivables.plans.dunning import guard, plan_for
from receivables.plans.limitation import barred_from
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_law import LimitationRegime, SuspensionRule

LADDER = DunningPolicy(
    id="standard",
    version=1,
    pauses=True,
    minimum_gap_days=1,
    interest=InterestTerms.fixed("36.5"),
    steps=(
        DunningStep(name="one", days_after_due=2, fee=FeeRule.flat("one", eur(5))),
        DunningStep(name="two", days_after_notice=3, claims_interest=True),
        DunningStep(name="three", days_after_due=11, claims_interest=True),
    ),
)
LAW = LimitationRegime(
    id="short",
    name="A year from the due date",
    years=1,
    source="made up",
    valid_from=dt.date(2020, 1, 1),
    interrupted_by=frozenset({"acknowledgment", "part_payment"}),
    suspended_by=(SuspensionRule(kind="negotiations"),),
)
CLAIMS = LimitationPolicy(id="claims", version=1, regime=LAW, warn_days_before=(5, 1))
ALONE = ArrangementPolicy(id="alone", version=1, alert_dispute_days=3)
BOOK = PolicyBook.of(LADDER, CLAIMS, ALONE)
ITEMS = ("INV-1", "INV-2", "OLD-1", "OLD-2")
items = st.sampled_from(ITEMS)
amounts = st.sampled_from((None, "1", "300"))
ago = st.integers(0, 6)


class ArrangedDays(RuleBasedStateMachine):
    """One customer with two invoices and two old items that lapse meanwhile, and one customer who sleeps."""

    def __init__(self):
        super().__init__()
        self.count = 0

    @initialize(dues=st.lists(st.integers(-3, 6), min_size=4, max_size=4))
    def start(self, dues):
        self.world = World(policies=BOOK, notifier=Fickle())
        self.world.at(-5).open()
        self.world.open("SLEEPER")
        for item, due in zip(ITEMS, dues, strict=True):
            if item.startswith("INV"):
                self.world.invoice(item, 1000, due)
            else:
                due_on = day(due) - dt.timedelta(days=366)
                old = TakenOverItem(id=item, account="ACME", issued_on=due_on, due_on=due_on, open=eur(700))
                self.world.app.take_over(old, on=self.world.today, key=item)

    def next(self, name):
        self.count += 1
        self.world.clock.instant += dt.timedelta(minutes=1)
        return f"{name}{self.count}"

    def tried(self, act):
        """What the state of things refuses leaves all as it is."""
        before = all_facts(self.world.store)
        try:
            act()
        except ReceivablesError:
            assert all_facts(self.world.store) == before

    def earlier(self, days):
        return self.world.today - dt.timedelta(days=days)

    # What happens -------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from((1, 1, 1, 2, 4)), delivers=st.booleans())
    def pass_days(self, days, delivers):
        self.world.clock.instant = dt.datetime.combine(self.world.today, dt.time(6), dt.UTC) + dt.timedelta(days=days)
        other = copied(self.world)
        other.run(all_accounts=True)
        assert not [result.error for result in self.world.run() if result.error]
        assert all_facts(other.store) == all_facts(self.world.store)
        self.world.run(all_accounts=True)
        assert all_facts(other.store) == all_facts(self.world.store)
        if delivers:
            self.world.deliver()

    @rule(item=items, amount=amounts, days=ago)
    def dispute(self, item, amount, days):
        self.tried(lambda: self.world.dispute(self.next("D"), item, amount, opened_on=self.earlier(days)))

    @rule(item=items, amount=st.sampled_from(("1", "200", "700")), days=ago, ahead=st.integers(0, 6))
    def promise(self, item, amount, days, ahead):
        pay_by = (self.world.today - day(0)).days + ahead
        fields = {"made_on": self.earlier(days), "approver": "bob"}
        self.tried(lambda: self.world.promise(self.next("P"), item, amount, pay_by, **fields))

    @rule(pick=st.integers(0, 9), outcome=st.sampled_from(OUTCOMES), amount=amounts, days=ago)
    def resolve(self, pick, outcome, amount, days):
        found = [entry.dispute.id for entry in self.account.disputes.opened]
        if found:
            money = None if amount is None else eur(amount)
            self.tried(
                lambda: self.world.app.resolve_dispute(
                    "ACME", found[pick % len(found)], outcome, amount=money, on=self.earlier(days), key=self.next("r")
                )
            )

    @rule(pick=st.integers(0, 9))
    def withdraw(self, pick):
        found = [entry.promise.id for entry in self.account.promises.made]
        if found:
            self.tried(
                lambda: self.world.app.withdraw_promise(
                    "ACME", found[pick % len(found)], on=self.world.today, reason="r", key=self.next("w")
                )
            )

    @rule(item=items, amount=st.sampled_from(("1", "50", "200", "700")), days=ago)
    def pay(self, item, amount, days):
        id = self.next("pay")
        self.world.pay(id, amount, on=(self.earlier(days) - day(0)).days)
        self.tried(lambda: self.world.apply(id, item, amount))

    @rule(pick=st.integers(0, 9))
    def take_back(self, pick):
        made = list(self.account.cash.in_force())
        if made:
            self.tried(lambda: self.world.app.unapply("ACME", made[pick % len(made)].id, key=self.next("u")))

    @rule(item=st.sampled_from(("INV-1", "INV-2")), amount=st.sampled_from(("1", "50", "300")), pick=st.integers(0, 9))
    def credit(self, item, amount, pick):
        number = self.next("CN")
        note = CreditNote(number=number, account="ACME", issued_on=self.world.today, total=eur(amount), against=item)
        found = [None, *(entry.dispute.id for entry in self.account.disputes.opened)]
        self.tried(lambda: self.world.app.issue_credit_note(note, dispute=found[pick % len(found)], key=number))

    @rule(item=st.sampled_from((None, *ITEMS, *ITEMS)), amount=amounts, days=st.integers(0, 2))
    def hold(self, item, amount, days):
        until = self.world.today + dt.timedelta(days=days)
        money = eur(amount) if amount is not None and item is not None else None
        self.tried(lambda: self.world.hold(self.next("H"), item=item, until=until, amount=money))

    @rule(item=items, days=ago)
    def own_up(self, item, days):
        on = self.earlier(days)
        self.tried(lambda: self.world.app.acknowledge_debt("ACME", item, on=on, evidence="e", key=self.next("a")))

    @rule(item=items, days=ago, last=st.none() | st.integers(0, 9))
    def talk(self, item, days, last):
        starts_on = self.earlier(days)
        until = None if last is None else starts_on + dt.timedelta(days=last)
        talks = Suspension(
            id=self.next("S"),
            account="ACME",
            items=(item,),
            kind="negotiations",
            starts_on=starts_on,
            reason="r",
            until=until,
        )
        self.tried(lambda: self.world.app.suspend_limitation(talks, key=talks.id))

    @rule(pick=st.integers(0, 9), days=ago)
    def talks_end(self, pick, days):
        found = [entry.suspension.id for entry in self.account.limitation.suspensions]
        if found:
            self.tried(
                lambda: self.world.app.resume_limitation(
                    "ACME", found[pick % len(found)], on=self.earlier(days), key=self.next("e")
                )
            )

    # What stays true ----------------------------------------------------------------------------------------------

    @property
    def account(self):
        return self.world.app.account("ACME")

    @invariant()
    def what_is_kept_back_adds_up(self):
        assert_adds_up(self.account.view(self.world.today))

    @invariant()
    def every_open_item_is_dunnable_or_kept_from_it_for_one_reason(self):
        account, view = self.account, self.account.view(self.world.today)
        barred = barred_from("dunning", account, view, BOOK)
        plan = plan_for(view, BOOK, account)
        assert [row["item"] for row in plan.rows()] == [item.id for book in view.books for item in book.items]
        for row in plan.rows():
            item = row["item"]
            overdue = view.item(item).due_on < self.world.today
            if item in barred and overdue and view.item(item).kind == "invoice":
                assert row["reason"] == "barred"
            elif row["reason"] == "held":
                assert [hold for hold in view.stopping("dunning", item) if hold.amount is None] or not view.free(
                    item
                ).minor
            elif row["reason"] in ("disputed", "promised"):
                assert view.withheld_of[item][0].kind == {"disputed": "dispute", "promised": "promise"}[row["reason"]]
                assert not view.free(item).minor
            elif row["included"]:
                assert view.free(item).minor > 0
                assert item not in barred

    @invariant()
    def letters_that_would_go_out_name_nothing_that_is_kept_from_dunning(self):
        account, view = self.account, self.account.view(self.world.today)
        barred = barred_from("dunning", account, view, BOOK)
        for state in view.notices:
            notice = state.notice
            claims = notice.audience == "customer" and notice.retracts is None
            if claims and state.status == "queued" and guard(view, notice, barred) is None:
                for line in notice.lines:
                    assert line.item not in barred
                    assert view.free(line.item) == line.amount


ArrangedDays.TestCase.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestArrangedDays = ArrangedDays.TestCase
