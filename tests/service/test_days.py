"""The run of a day: as often as one likes, with days missed, over the accounts that are due as over all of them."""

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import CREDIT, LADDER, TODAY, World, all_facts, day, eur, picture

from receivables import (
    Choice,
    CreditNote,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Installment,
    Invoice,
    NotSent,
    PolicyBook,
    Schedule,
    Sent,
    TakenOverItem,
)
from receivables.errors import ReceivablesError

GENTLE = DunningPolicy(
    id="gentle",
    version=1,
    minimum_gap_days=3,
    minimums=(eur(40),),
    steps=(DunningStep(name="soft", days_after_due=2), DunningStep(name="hard", days_after_due=9, channel="letter")),
)
BOOK = PolicyBook.of(
    LADDER,
    GENTLE,
    CREDIT,
    choices=(
        Choice(kind="dunning", policy="standard"),
        Choice(kind="dunning", policy="gentle", segment="public"),
        Choice(kind="dunning", policy="gentle", invoice="N3"),
    ),
)


def small(**more):
    world = World(**more)
    world.open()
    world.open("BETA")
    world.invoice("INV-1", "100", -6)
    world.invoice("INV-2", "30", 3)
    world.invoice("INV-B", "50", 0, "BETA")
    return world


@pytest.mark.parametrize("all_accounts", [False, True])
@pytest.mark.parametrize("delivered", [False, True])
def test_a_day_run_many_times_is_a_day_run_once(delivered, all_accounts):
    world = small().at(1)
    world.run(all_accounts=all_accounts)
    if delivered:
        world.deliver()
    before = picture(world.store)
    for _ in range(24):
        assert not any(result.notices for result in world.run(all_accounts=all_accounts))
        if delivered:
            assert world.deliver() == []
    assert picture(world.store) == before


def letters(world):
    return [(notice.account, [line.key for line in notice.claimed]) for notice in world.notifier.notices]


def test_thirty_days_one_by_one_climb_each_ladder_once():
    world = small()
    for offset in range(40):
        world.at(offset).run()
        world.deliver()
    steps = [step for _, claimed in letters(world) for step in claimed]
    due = {"INV-1": day(-6), "INV-2": day(3), "INV-B": day(0)}
    wanted = {f"{item}/{step}/{due[item]}" for item in due for step in ("first", "second", "final")}
    assert set(steps) == wanted
    assert len(steps) == len(wanted)


@given(missed=st.sets(st.integers(0, 39)))
@settings(max_examples=40)
def test_missed_days_are_caught_up_one_step_at_a_time(missed):
    """However many days are missed, no step is skipped, none is taken twice, and the gap is kept."""
    world = small()
    sent_on = {}
    for offset in (offset for offset in range(60) if offset not in missed):
        world.at(offset).run()
        before = len(world.notifier.notices)
        world.deliver()
        for notice in world.notifier.notices[before:]:
            for line in notice.claimed:
                sent_on.setdefault(line.item, []).append((line.step, offset))
    for story in sent_on.values():
        assert [step for step, _ in story] == ["first", "second", "final"]
        days = [offset for _, offset in story]
        assert all(later - earlier >= LADDER.minimum_gap_days for earlier, later in itertools.pairwise(days))


def test_s10_a_missed_day_is_caught_up_once_with_the_step_that_is_right_then():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -7)
    world.at(3)
    assert len(world.run()[0].notices) == 1
    assert world.queued()[0].claimed[0].step == "first"
    assert not any(result.notices for result in world.run())


def test_an_account_that_sleeps_is_not_touched():
    world = small()
    world.open("QUIET")
    world.invoice("INV-Q", "10", 30, "QUIET")
    loaded = []
    load = world.store.load
    world.store.load = lambda ids: (loaded.extend(ids), load(ids))[1]
    world.at(1).run()
    assert loaded == ["ACME"]


def test_the_result_of_a_run_is_given_account_by_account():
    """A host shows progress, and stops when it likes: what was done is done, the rest is done by the next run."""
    world = small().at(7)
    stream = world.app.run_dunning(day(7))
    assert next(stream).account == "ACME"
    stream.close()
    assert world.queued("BETA") == []
    assert [len(world.queued(account)) for account in ("ACME", "BETA")] == [1, 0]
    world.run()
    assert [len(world.queued(account)) for account in ("ACME", "BETA")] == [1, 1]


def test_more_accounts_than_a_page_are_all_run():
    world = World()
    for n in range(1203):
        world.open(f"C-{n}")
        world.invoice(f"INV-{n}", "10", -7, f"C-{n}")
    assert len({result.account for result in world.run()}) == 1203
    assert len(list(world.app.accounts())) == 1203
    assert sum(result.outcome == "sent" for result in world.deliver()) == 1203


def test_a_policy_that_comes_later_reaches_sleepers_by_rewake():
    world = small(policies=PolicyBook.of(CREDIT))
    assert world.at(10).run() == []
    world.policies = PolicyBook.of(LADDER, CREDIT)
    world.restart()
    assert world.run() == []
    assert all(result.ok for result in world.app.rewake(day(10)))
    assert sum(len(result.notices) for result in world.run()) == 2


# Random histories: the same events in two worlds, one of which looks at every account every day

ACCOUNTS = ("ACME", "BETA", "CITY")
amounts = st.integers(1, 100)
account = st.sampled_from(ACCOUNTS)
offset = st.integers(-12, 12)
ordinal = st.integers(0, 5)
event = st.one_of(
    st.tuples(st.just("invoice"), account, amounts, offset, st.integers(-3, 4)),
    st.tuples(st.just("installments"), account, amounts, offset, offset),
    st.tuples(st.just("undated"), account, amounts),
    st.tuples(st.just("date"), ordinal, offset),
    st.tuples(st.just("pay"), account, amounts, st.integers(-5, 6), ordinal),
    st.tuples(st.just("unapply"), ordinal),
    st.tuples(st.just("note"), account, amounts, ordinal),
    st.tuples(st.just("hold"), account, st.integers(0, 5), st.one_of(st.none(), st.integers(0, 9)), st.booleans()),
    st.tuples(st.just("lift"), ordinal, st.integers(0, 6)),
    st.tuples(st.just("segment"), account, st.sampled_from(["", "public"]), st.integers(-4, 6)),
    st.tuples(st.just("take over"), account, amounts, st.integers(-30, 5), st.booleans()),
)
answers = st.sampled_from(["sent"] * 6 + ["busy", "no", "breaks", "later"])
one_day = st.tuples(st.lists(event, max_size=4), answers, st.booleans())
history = st.lists(one_day, min_size=5, max_size=30)


class Mailer:
    """Answers as it is told."""

    def __init__(self, honors_keys):
        self.honors_keys, self.mood = honors_keys, "sent"

    def send(self, notice):
        if self.mood == "breaks":
            raise TimeoutError
        return {"busy": NotSent(reason="busy", retry=True), "no": NotSent(reason="no")}.get(self.mood, Sent())


class Historian:
    """Does the events of a history in one world; what is refused is refused in every world alike."""

    def __init__(self, honors_keys):
        self.world = World(policies=BOOK, notifier=Mailer(honors_keys))
        self.items, self.waiting, self.allocations, self.holds = [], [], [], []
        self.count = 0
        for name in ACCOUNTS:
            self.world.open(name, segment="public" if name == "CITY" else "")

    def act(self, kind, *args):
        self.count += 1
        with contextlib.suppress(ReceivablesError):
            getattr(self, kind.replace(" ", "_"))(f"N{self.count}", *args)

    @property
    def app(self):
        return self.world.app

    def on(self, offset):
        return self.world.today + (day(offset) - TODAY)

    def pick(self, list_, at):
        return list_[-1 - at % len(list_)] if list_ else None

    def issue(self, number, account, total, schedule, issued=0):
        invoice = Invoice(number=number, account=account, issued_on=self.on(issued), total=total, schedule=schedule)
        receipt = self.app.issue_invoice(invoice, key=number)
        self.items += [(account, item) for item in receipt.ids]
        return receipt

    def invoice(self, number, account, amount, due, issued):
        self.issue(number, account, eur(amount), Schedule.single(eur(amount), self.on(due)), issued)

    def installments(self, number, account, amount, first, second):
        parts = [(eur(amount), self.on(first)), (eur(amount), self.on(second))]
        self.issue(number, account, eur(2 * amount), Schedule.of(parts))

    def undated(self, number, account, amount):
        waits = Schedule(installments=(Installment(amount=eur(amount), baseline="delivery"),))
        self.issue(number, account, eur(amount), waits)
        self.waiting.append((account, number))

    def date(self, key, at, due):
        if chosen := self.pick(self.waiting, at):
            self.app.date_installment(*chosen, self.on(due), key=key)

    def pay(self, id, account, amount, value, at):
        self.world.pay(id, amount, account, on=(self.on(value) - TODAY).days)
        mine = [item for owner, item in self.items if owner == account]
        if mine:
            receipt = self.app.apply(account, id, self.pick(mine, at), eur(amount), key=f"{id} apply")
            self.allocations.append((account, receipt.ids[0]))

    def unapply(self, key, at):
        if chosen := self.pick(self.allocations, at):
            self.app.unapply(*chosen, key=key)

    def note(self, number, account, amount, at):
        mine = [item for owner, item in self.items if owner == account]
        against = self.pick(mine, at)
        note = CreditNote(
            number=number,
            account=account,
            issued_on=self.world.today,
            total=eur(amount),
            against=against.split("/")[0] if against else None,
        )
        self.app.issue_credit_note(note, key=number)

    def hold(self, id, account, begins, lasts, whole):
        mine = [item for owner, item in self.items if owner == account]
        placed = self.on(begins)
        until = None if lasts is None else self.on(begins + lasts)
        item = None if whole or not mine else mine[-1]
        self.app.place_hold(
            Hold(id=id, account=account, placed_on=placed, reason="asked", item=item, until=until), key=id
        )
        self.holds.append((account, id))

    def lift(self, key, at, on):
        if chosen := self.pick(self.holds, at):
            self.app.release_hold(*chosen, on=self.on(on), key=key)

    def segment(self, key, account, segment, on):
        self.app.change_customer(Customer(id=account, segment=segment), on=self.on(on), key=key)

    def take_over(self, id, account, amount, due, stepped):
        item = TakenOverItem(
            id=id,
            account=account,
            issued_on=self.on(due - 30),
            due_on=self.on(due),
            open=eur(amount),
            step="first" if stepped else None,
            stepped_on=self.on(-2) if stepped else None,
        )
        self.app.take_over(item, on=self.world.today, key=id)
        self.items.append((account, id))


@given(days=history, honors_keys=st.booleans())
@settings(max_examples=150)
def test_the_accounts_that_are_due_get_what_a_run_over_all_would_give(days, honors_keys):
    due, every = Historian(honors_keys), Historian(honors_keys)
    for offset, (events, mood, runs) in enumerate(days):
        for each in (due, every):
            each.world.at(offset)
            each.world.notifier.mood = mood
            for kind, *args in events:
                each.act(kind, *args)
        if not runs:
            continue
        awake = set(every.world.store.due(day(offset), "", 100))
        before = {id: len(facts) for id, facts in all_facts(every.world.store).items()}
        notices = [result.notices for result in every.world.run(all_accounts=True) if result.notices]
        touched = {id for id, facts in all_facts(every.world.store).items() if len(facts) > before[id]}
        assert touched <= awake, "an account slept through a day that had something for it"
        assert [result.notices for result in due.world.run() if result.notices] == notices
        if mood != "later":
            assert due.world.deliver() == every.world.deliver()
        assert all_facts(due.world.store) == all_facts(every.world.store)


def test_the_random_histories_do_what_their_names_say():
    """Each event is able to change a world; a history of refusals would prove nothing."""
    historian = Historian(honors_keys=True)
    script = [
        ("invoice", "ACME", 50, -8, -8),
        ("installments", "ACME", 20, 0, 5),
        ("undated", "BETA", 10),
        ("date", 0, 3),
        ("pay", "ACME", 5, 0, 0),
        ("unapply", 0),
        ("note", "ACME", 5, 0),
        ("hold", "ACME", 0, 3, True),
        ("lift", 0, 1),
        ("segment", "ACME", "public", 2),
        ("take over", "BETA", 40, -20, True),
    ]
    for kind, *args in script:
        before = sum(len(facts) for facts in all_facts(historian.world.store).values())
        historian.act(kind, *args)
        assert sum(len(facts) for facts in all_facts(historian.world.store).values()) > before, kind


def test_a_run_that_forgets_to_wake_would_be_seen():
    """The comparison above fails for a store whose accounts sleep too long."""

    class Sleepy(World):
        def run(self, *, all_accounts=False):
            for id in self.store.accounts("", 100):
                self.store._wake(id, None)
            return super().run(all_accounts=all_accounts)

    awake, asleep = small().at(1), Sleepy()
    asleep.store = small().store
    asleep.restart()
    asleep.at(1)
    assert awake.run() != asleep.run()
