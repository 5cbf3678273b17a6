"""Any history of two accounts, merged at any point and perhaps separated again, beside the same history of two."""

from collections import Counter
from contextlib import suppress

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.service.world import World, day, eur

from receivables.errors import NotJoinable, ReceivablesError
from receivables.state.account import fold

ACCOUNTS = ("A", "B")
LAST = 30

moves = st.one_of(
    st.tuples(st.just("invoice"), st.sampled_from(ACCOUNTS), st.integers(1, 9), st.integers(-12, 12)),
    st.tuples(st.just("pay"), st.sampled_from(ACCOUNTS), st.integers(1, 9), st.integers(-6, 0)),
    st.tuples(st.just("apply"), st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)),
    st.tuples(st.just("unapply"), st.integers(0, 9)),
    st.tuples(st.just("hold"), st.integers(0, 9)),
    st.tuples(st.just("promise"), st.integers(0, 9), st.integers(1, 9), st.integers(0, 6)),
)
histories = st.lists(st.tuples(st.integers(0, 2), moves), min_size=2, max_size=14)


class Pair:
    """Two accounts and a day; what a move says is done where it can be done, and left out where it cannot."""

    def __init__(self):
        self.world = World()
        self.today = 0
        self.of = {}
        self.items, self.credits, self.made = [], [], []
        for id in ACCOUNTS:
            self.world.open(id)

    def do(self, count, days, move):
        self.today += days
        self.world.at(self.today)
        kind, *said = move
        with suppress(ReceivablesError):
            getattr(self, kind)(count, *said)

    def invoice(self, count, account, amount, due):
        self.world.invoice(f"INV-{count}", f"{amount}00", self.today + due, account)
        self.items.append((f"INV-{count}", account))

    def pay(self, count, account, amount, on):
        self.world.pay(f"P-{count}", f"{amount}00", account, on=self.today + on)
        self.credits.append((f"P-{count}", account))

    def apply(self, count, at, to, amount):
        """Only what is of one account: the other pair has nothing else."""
        pairs = [(c, i, of) for c, of in self.credits for i, owner in self.items if of == owner]
        if pairs:
            source, item, account = pairs[(at * 10 + to) % len(pairs)]
            key = f"apply {count}"
            allocated = self.world.app.apply(account, source, item, eur(f"{amount}0"), key=key)
            self.made.append((allocated.ids[0], account))

    def unapply(self, count, at):
        if self.made:
            made, account = self.made[at % len(self.made)]
            self.world.app.unapply(account, made, key=f"unapply {count}")

    def hold(self, count, at):
        if self.items:
            item, account = self.items[at % len(self.items)]
            self.world.hold(f"H-{count}", account=account, item=item, stops=frozenset({"dunning"}))

    def promise(self, count, at, amount, days):
        if self.items:
            item, account = self.items[at % len(self.items)]
            self.world.promise(f"PTP-{count}", item, f"{amount}0", self.today + days, account)

    def merge(self):
        self.world.app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key=f"merge {self.today}")

    def separate(self):
        self.world.app.separate_accounts("A", "B", reason="2", by="ann", approver="bob", key=f"sep {self.today}")


def parted(history, merge_at, separate_at):
    """The pair that was merged and perhaps separated, and the pair that never was."""
    one, two = Pair(), Pair()
    joined_on = separated_on = None
    for count, (days, move) in enumerate(history):
        for pair in (one, two):
            pair.do(count, days, move)
        if count == merge_at:
            one.merge()
            joined_on = one.today
        if joined_on is not None and count == separate_at:
            one.separate()
            separated_on = one.today
    return one, two, joined_on, separated_on


def shown(view):
    """What a view shows of each thing, by its id."""
    found = {
        ("item", item.id): amount for book in view.books for item, amount in zip(book.items, book.open, strict=True)
    }
    found |= {("credit", credit.id): credit.remaining for credit in view.credits}
    found |= {("hold", hold.id): hold for hold in view.holds}
    found |= {("promise", each.promise.id): (each.status, each.left) for each in view.promises}
    found |= {("withheld", each.item, each.id): each.amount for each in view.withheld}
    return found


@given(histories, st.integers(0, 13), st.integers(1, 14), st.integers(-12, LAST), st.none() | st.integers(0, LAST))
def test_the_two_views_together_show_at_every_date_what_two_accounts_show(history, at, until, as_of, known):
    one, two, _, _ = parted(history, min(at, len(history) - 1), at + until)
    known_at = None if known is None else day(known)
    apart = [two.world.app.view(id, day(as_of), known_at) for id in ACCOUNTS]
    views = [one.world.app.account(id, own=True).view(day(as_of), known_at) for id in ACCOUNTS]
    both = [shown(view) for view in views]
    assert not both[0].keys() & both[1].keys()
    assert {**both[0], **both[1]} == {**shown(apart[0]), **shown(apart[1])}
    assert sum(view.balance("EUR").minor for view in views) == sum(view.balance("EUR").minor for view in apart)


@given(histories, st.integers(0, 13), st.integers(1, 14))
def test_a_merge_that_is_taken_back_leaves_both_as_if_it_had_never_been(history, at, until):
    merge_at = min(at, len(history) - 1)
    one, two, joined_on, separated_on = parted(history, merge_at, min(merge_at + until, len(history) - 1))
    if separated_on is None:
        one.separate()
        separated_on = one.today
    for id in ACCOUNTS:
        for as_of in (*range(-12, joined_on), *range(separated_on, LAST, 3)):
            assert unaddressed(one.world.app.view(id, day(as_of))) == unaddressed(two.world.app.view(id, day(as_of)))


def unaddressed(view):
    """A view without what staff was told: that follows from commands, and these are other commands on other days."""
    return attrs.evolve(view, notices=tuple(each for each in view.notices if each.notice.audience == "customer"))


@given(histories, st.integers(0, 13), st.integers(-12, LAST), st.integers(-12, LAST))
def test_what_was_known_before_the_merge_is_answered_as_before(history, at, as_of, known):
    one, two, joined_on, _ = parted(history, min(at, len(history) - 1), None)
    known_at = min(day(known), day(joined_on - 1))
    for id in ACCOUNTS:
        assert one.world.app.view(id, day(as_of), known_at) == two.world.app.view(id, day(as_of), known_at)


@given(histories, st.integers(0, 13), st.integers(0, 10))
def test_the_whole_is_folded_at_once_or_in_parts(history, at, cut):
    one, two, _, _ = parted(history, len(history), None)
    assert fold(two.world.store.facts("A")) == one.world.app.account("A")
    merge_at = min(at, len(history) - 1)
    pair = Pair()
    for count, (days, move) in enumerate(history):
        pair.do(count, days, move)
        if count == merge_at:
            pair.merge()
            base = pair.world.app.account("A")
            lengths = {id: len(pair.world.store.facts(id)) for id in ACCOUNTS}
    new = [fact for id in ACCOUNTS for fact in pair.world.store.facts(id)[lengths[id] :]]
    facts = sorted(new, key=lambda fact: fact.recorded_at)
    cut = min(cut, len(facts))
    assert fold(facts, base) == fold(facts[cut:], fold(facts[:cut], base)) == pair.world.app.account("A")


@given(histories, st.integers(0, 13), st.integers(0, 9), st.integers(-12, LAST), st.none() | st.integers(0, LAST))
def test_what_was_handed_over_shows_at_every_date_in_one_account_what_it_showed(history, at, which, as_of, known):
    one, two = Pair(), Pair()
    for count, (days, move) in enumerate(history[: at + 1]):
        for pair in (one, two):
            pair.do(count, days, move)
    of_a = [item for item, account in one.items if account == "A"]
    if not of_a:
        return
    with suppress(NotJoinable):
        item = of_a[which % len(of_a)]
        one.world.app.split_account("A", (item,), "B", reason="two", by="ann", approver="bob", key="split")
    known_at = None if known is None else day(known)
    apart = [two.world.app.view(id, day(as_of), known_at) for id in ACCOUNTS]
    views = [one.world.app.view(id, day(as_of), known_at) for id in ACCOUNTS]
    both = [shown(view) for view in views]
    assert not both[0].keys() & both[1].keys()
    assert {**both[0], **both[1]} == {**shown(apart[0]), **shown(apart[1])}
    assert sum(view.balance("EUR").minor for view in views) == sum(view.balance("EUR").minor for view in apart)


debts = st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.integers(-20, 10), st.integers(0, 25)), min_size=1, max_size=6)


def told(world):
    """How often each step of each item was sent to the customer."""
    letters = [each for each in world.notifier.notices if each.audience == "customer" and each.retracts is None]
    return Counter(line.key for notice in letters for line in notice.claimed)


@given(debts, st.integers(0, 24), st.integers(0, 24), st.sampled_from(("morning", "noon", "evening")), st.booleans())
def test_no_step_is_sent_twice_and_none_is_lost_whenever_accounts_are_merged(debts, merged, apart, hour, everybody):
    pair = Pair()
    world = pair.world
    for at, (account, due, _) in enumerate(debts):
        world.invoice(f"INV-{at}", "100", due, account)

    def pass_by(today, now):
        if (today, now) == (merged, hour):
            pair.merge()

    for today in range(26):
        world.at(today)
        pair.today = today
        pass_by(today, "morning")
        world.run(all_accounts=everybody)
        pass_by(today, "noon")
        for result in world.deliver():
            assert result.outcome in ("sent", "cancelled")
        pass_by(today, "evening")
        if today == merged + apart:
            pair.separate()
        for at, (account, _, paid) in enumerate(debts):
            if paid == today:
                world.settle(f"INV-{at}", "100", account)
    assert [key for key, times in told(world).items() if times > 1] == []
    reached = {key.split("/")[0] for key in told(world)}
    due_long = {f"INV-{at}" for at, (_, due, paid) in enumerate(debts) if max(due + 7, 0) + 5 < min(paid, 26)}
    assert due_long <= reached
