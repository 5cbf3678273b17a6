"""Two workers on one account, their port calls interleaved in every way that hypothesis thinks of: one letter."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.service.world import BOOK, World, eur

from receivables import Allocation, NotSent, Sent, flows
from receivables.errors import ReceivablesError, StaleAccount
from receivables.facts.dunning import NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.flows import Setting
from receivables.loading import Atomic, Call, Emit
from receivables.plans.commands import Apply
from receivables.state.dunning import LIFE

TRIES = 12


def steps(flow, ports, *, retries):
    """Drive a flow by hand: it stops before each port call, so that another may go first."""
    answer = error = None
    while True:
        try:
            step = flow.throw(error) if error is not None else flow.send(answer)
        except StopIteration as stop:
            return stop.value
        answer = error = None
        if isinstance(step, Emit):
            continue
        try:
            if isinstance(step, Atomic):
                answer = yield from transacted(step, ports, retries=retries)
            else:
                yield step
                answer = performed(step, ports)
        except Exception as raised:
            error = raised


def transacted(step, ports, *, retries):
    for left in reversed(range(TRIES if retries else 1)):
        try:
            return (yield from steps(step.start(), ports, retries=retries))
        except StaleAccount:
            if not left:
                raise
    return None


def performed(step: Call, ports):
    found = getattr(ports[step.port], step.method)
    return found(*step.args) if callable(found) else found


def interleaved(workers, order):
    """Let the workers go on in this order, then each to its end; what each came to."""
    results = [None] * len(workers)
    alive = set(range(len(workers)))

    def go(at):
        try:
            next(workers[at])
        except StopIteration as stop:
            results[at] = stop.value
            alive.discard(at)
        except ReceivablesError as error:
            results[at] = error
            alive.discard(at)

    for choice in order:
        if alive:
            go(sorted(alive)[choice % len(alive)])
    while alive:
        go(min(alive))
    return results


class Provider:
    """Sends each time it is asked, or once per key where it honors them."""

    def __init__(self, honors_keys, answers=()):
        self.honors_keys, self.answers, self.mails = honors_keys, list(answers), []

    def send(self, notice):
        answer = self.answers.pop(0) if self.answers else Sent()
        if isinstance(answer, Sent) and not (self.honors_keys and notice.key in self.mails):
            self.mails.append(notice.key)
        if isinstance(answer, Exception):
            raise answer
        return answer


SETTING = Setting(policies=BOOK, zone=dt.UTC)


def dunned(provider):
    world = World(notifier=provider)
    world.open()
    world.invoice("INV-1", "100", -7)
    world.pay("P-1", "1000")
    world.run()
    ports = {"store": world.store, "notifier": provider, "clock": world.clock}
    return world, ports


def check_life(world):
    """Every notice went only the ways that its table of life allows."""
    for notice in world.queued():
        status = "queued"
        for fact in world.facts(NoticeSending, NoticeSent, NoticeFailed):
            if fact.notice == notice.key:
                after = {NoticeSending: "sending", NoticeSent: "sent"}.get(type(fact))
                after = after or ("queued" if fact.retry else "failed")
                assert after in LIFE[status], f"{status} -> {after}"
                status = after


orders = st.lists(st.integers(0, 2), max_size=60)
provider_answers = st.lists(
    st.sampled_from([Sent(), NotSent(reason="busy", retry=True), NotSent(reason="no"), TimeoutError()]), max_size=3
)


@pytest.mark.parametrize("retries", [True, False])
@pytest.mark.parametrize("honors_keys", [True, False])
@pytest.mark.parametrize("crowd", [2, 3])
@given(order=orders)
@example(order=[0, 1] * 30)
@example(order=[0] * 7 + [1] * 30)
@example(order=[0] * 8 + [1] * 30)
@example(order=[0, 0, 0, 1, 1, 1] * 10)
def test_workers_on_one_account_send_one_letter(crowd, honors_keys, retries, order):
    provider = Provider(honors_keys)
    world, ports = dunned(provider)
    workers = [steps(flows.deliver_account(SETTING, "ACME"), ports, retries=retries) for _ in range(crowd)]
    interleaved(workers, order)
    assert len(provider.mails) <= 1
    world.deliver()
    world.deliver()
    assert len(provider.mails) == 1
    assert len(world.facts(NoticeSent)) == (1 if honors_keys else len(world.facts(NoticeSent)))
    check_life(world)


@pytest.mark.parametrize("honors_keys", [True, False])
@given(order=orders, answers=provider_answers)
def test_whatever_the_notifier_answers_a_notice_lives_by_its_table(honors_keys, order, answers):
    provider = Provider(honors_keys, answers)
    world, ports = dunned(provider)
    workers = [steps(flows.deliver_account(SETTING, "ACME"), ports, retries=True) for _ in range(2)]
    interleaved(workers, order)
    check_life(world)
    for _ in range(4):
        world.deliver()
    check_life(world)
    assert len(provider.mails) <= 1


@given(order=orders)
def test_runs_and_deliveries_of_one_day_at_once_send_one_letter(order):
    provider = Provider(honors_keys=False)
    world = World(notifier=provider)
    world.open()
    world.invoice("INV-1", "100", -7)
    ports = {"store": world.store, "notifier": provider, "clock": world.clock}
    workers = [
        steps(flows.run_account(SETTING, "ACME", world.today), ports, retries=True),
        steps(flows.run_account(SETTING, "ACME", world.today), ports, retries=True),
        steps(flows.deliver_account(SETTING, "ACME"), ports, retries=True),
    ]
    interleaved(workers, order)
    world.run()
    world.deliver()
    assert len(world.facts(NoticeQueued)) == 1
    assert len(provider.mails) == 1


@given(order=orders)
def test_a_payment_between_the_steps_of_a_delivery_never_dunns_what_was_paid_before_it_began(order):
    """Either the letter had begun to go out before the payment was recorded, or it does not go out."""
    provider = Provider(honors_keys=True)
    world, ports = dunned(provider)
    command = Apply(key="apply", of="ACME", allocation=Allocation(source="P-1", item="INV-1", amount=eur(100)))
    workers = [
        steps(flows.deliver_account(SETTING, "ACME"), ports, retries=True),
        steps(flows.record(SETTING, [command]), ports, retries=True),
    ]
    delivered, recorded = interleaved(workers, order)
    assert recorded[0].ok
    names = [type(fact).__name__ for fact in world.store.facts("ACME")]
    if "NoticeSending" in names:
        assert names.index("NoticeSending") < names.index("AllocationMade")
        assert delivered[0].outcome == "sent"
        assert "NoticeCancelled" not in names
    else:
        assert provider.mails == []
        assert "NoticeCancelled" in names


def test_the_driver_by_hand_would_see_two_letters():
    """Without the version of the account both workers begin: the interleaving above is able to fail."""

    class Careless:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def commit(self, commit):
            self.inner._write(commit)

    provider = Provider(honors_keys=False)
    _, ports = dunned(provider)
    ports["store"] = Careless(ports["store"])
    workers = [steps(flows.deliver_account(SETTING, "ACME"), ports, retries=True) for _ in range(2)]
    interleaved(workers, [0, 1] * 30)
    assert len(provider.mails) == 2
