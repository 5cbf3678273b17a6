"""The process dies at any port call, before or after it: nothing is lost, and no letter goes out twice."""

import attrs
import pytest
from tests.service.world import NoticeSending, NoticeSent, World, all_facts, eur

from receivables import MemoryStore
from receivables.testing import RecordingNotifier


class Crash(BaseException):
    """The end of a process: nothing that handles errors sees it."""


class Fuse:
    """Counts the port calls, and blows before or after one of them."""

    def __init__(self, at=None, when="before"):
        self.at, self.when, self.count = at, when, 0

    def around(self, work, *args):
        self.count += 1
        if (self.count, self.when) == (self.at, "before"):
            raise Crash
        answer = work(*args)
        if (self.count, self.when) == (self.at, "after"):
            raise Crash
        return answer


class Fused:
    """A port behind a fuse."""

    def __init__(self, port, fuse):
        self.port, self.fuse = port, fuse

    @property
    def honors_keys(self):
        return self.port.honors_keys

    def __getattr__(self, name):
        return lambda *args: self.fuse.around(getattr(self.port, name), *args)


class Careless:
    """A notifier that does not honor keys: each time it is asked, a letter goes out."""

    honors_keys = False

    def __init__(self):
        self.notices = []

    def send(self, notice):
        self.notices.append(notice)
        return RecordingNotifier().send(notice)


def first_day(world):
    world.at(0)
    world.open()
    world.open("BETA")
    world.limit("10000")
    world.invoice("INV-1", "100", -7)
    world.invoice("INV-2", "50", -3)
    world.invoice("INV-B", "70", -9, "BETA")
    world.pay("P-1", "1000")
    world.order("SO-1", "9000")
    world.order("SO-2", "5000")
    world.run()
    world.apply("P-1", "INV-2", "20")
    world.deliver()
    world.deliver()


def second_day(world):
    world.at(7)
    world.run()
    world.settle("INV-B", "70", "BETA")
    world.deliver()
    world.deliver()


DAYS = (first_day, second_day)


def lived_through(store, notifier, fuse):
    """The days on ports behind a fuse; the day of the crash is done again by a fresh service on the real ports."""
    world = World(store=Fused(store, fuse), notifier=Fused(notifier, fuse))
    for at, one_day in enumerate(DAYS):
        try:
            one_day(world)
        except Crash:
            world = World(store=store, notifier=notifier)
            for again in DAYS[at:]:
                again(world)
            return world
    return world


def without_attempts(store):
    """All facts, but only the first of the attempts on a notice, and without the provider's running number.

    A crash adds attempts, and can change the order of two accounts; nothing else.
    """
    kept = {}
    for account, facts in all_facts(store).items():
        seen = set()
        kept[account] = [
            attrs.evolve(fact, receipt=None) if isinstance(fact, NoticeSent) else fact
            for fact in facts
            if not (isinstance(fact, NoticeSending) and (fact.notice in seen or seen.add(fact.notice)))
        ]
    return kept


def calls_in_all():
    fuse = Fuse()
    lived_through(MemoryStore(), RecordingNotifier(), fuse)
    return fuse.count


CALLS = calls_in_all()


def test_the_days_make_letters_of_every_kind():
    """Two letters of the first day, one of them planned anew after the part payment, and one of the second day."""
    notifier = RecordingNotifier()
    world = lived_through(MemoryStore(), notifier, Fuse())
    assert [len(notice.claimed) for notice in notifier.notices] == [1, 1, 2]
    assert CALLS > 80
    assert world.app.view("BETA", world.today).open_total("EUR") == eur(0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_sends_no_letter_twice(when):
    store, notifier = MemoryStore(), RecordingNotifier()
    lived_through(store, notifier, Fuse())
    wanted, letters = without_attempts(store), sorted(notifier.notices, key=repr)
    for at in range(1, CALLS + 1):
        store, notifier = MemoryStore(), RecordingNotifier()
        lived_through(store, notifier, Fuse(at, when))
        assert without_attempts(store) == wanted, f"crash {when} call {at}"
        assert sorted(notifier.notices, key=repr) == letters, f"crash {when} call {at}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_without_honored_keys_a_letter_goes_out_once_or_waits_for_a_person(when):
    notifier = Careless()
    lived_through(MemoryStore(), notifier, Fuse())
    letters = sorted(notice.key for notice in notifier.notices)
    waited = 0
    for at in range(1, CALLS + 1):
        store, notifier = MemoryStore(), Careless()
        world = lived_through(store, notifier, Fuse(at, when))
        sent = sorted(notice.key for notice in notifier.notices)
        steps = [line.key for notice in notifier.notices for line in notice.claimed]
        assert len(set(steps)) == len(steps), f"crash {when} call {at}"
        waiting = {result.notice for result in world.deliver() if result.outcome == "waiting"}
        waited += bool(waiting)
        if not waiting:
            assert sent == letters, f"crash {when} call {at}"
    assert waited  # some of the crashes were between the beginning and the end of an attempt


def test_s10_a_crash_after_the_mail_and_24_more_runs_of_the_day():
    """Three letters; the process dies after letter 2 went out, and customer 3 pays before the restart."""
    store, notifier = MemoryStore(), RecordingNotifier()
    world = World(store=store, notifier=notifier)
    for n in (1, 2, 3):
        world.open(f"C-{n}")
        world.invoice(f"INV-{n}", "100", -7, f"C-{n}")
    assert [len(result.notices) for result in world.run()] == [1, 1, 1]
    send = notifier.send

    def dies(notice):
        answer = send(notice)
        if notice.account == "C-2":
            raise Crash
        return answer

    notifier.send = dies
    with pytest.raises(Crash):
        world.deliver()
    del notifier.send
    world.restart()
    keys = [world.queued(f"C-{n}")[0].key for n in (1, 2, 3)]
    assert [world.life(key, f"C-{n}")[-1] for n, key in enumerate(keys, 1)] == ["sent", "sending", "queued"]
    world.settle("INV-3", "100", "C-3")
    assert [(result.account, result.outcome) for result in world.deliver()] == [("C-2", "sent")]
    assert world.life(keys[2], "C-3") == ["queued", "cancelled"]
    before = all_facts(store)
    for _ in range(24):
        assert not any(result.notices for result in world.run(all_accounts=True))
        assert world.deliver() == []
    assert all_facts(store) == before
    assert [notice.account for notice in notifier.notices] == ["C-1", "C-2"]
