"""S10: a crash between recording and sending, and the job that runs 24 times.

Each of the three letters claims a fee of 10.00. A notifier that honors keys is asked again and sends one letter; one that
does not is asked again only for a step that says so (``send_again``). Either way the fee is one.
"""

import datetime as dt

import attrs
import pytest
from tests.scenarios.interleaving import Task, orders, run

from receivables import (
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Payment,
    PolicyBook,
    Receivables,
    Sent,
    TakenOverItem,
    flows,
)
from receivables.errors import ClaimTaken
from receivables.flows import Setting
from receivables.plans.plan import Claim
from receivables.policies.fees import FeeRule
from receivables.ports import Append, Commit
from receivables.testing import FixedClock, RecordingNotifier

TODAY = dt.date(2026, 6, 1)
DUE = TODAY - dt.timedelta(days=21)
POLICY = DunningPolicy(
    id="standard",
    version=1,
    minimum_gap_days=7,
    steps=(
        DunningStep(name="L1", days_after_due=7),
        DunningStep(name="L2", days_after_due=21, fee=FeeRule.flat("L2", Money.of(10, "EUR"))),
        DunningStep(name="L3", days_after_due=22),
    ),
)
BOOK = PolicyBook.of(POLICY)
CUSTOMERS = ("C1", "C2", "C3")
EUR_100 = Money.of(100, "EUR")


class Killed(BaseException):
    """The process dies: nothing after it runs."""


class Provider:
    """A mail provider that remembers what it accepted; it can kill the process after it accepted a letter."""

    def __init__(self, *, honors_keys: bool) -> None:
        self.honors_keys = honors_keys
        self.accepted: list[str] = []
        self.mails: list[str] = []
        self.dies_on: str | None = None

    def send(self, notice):
        self.accepted.append(notice.customer)
        if not (self.honors_keys and notice.customer in self.mails):
            self.mails.append(notice.customer)
        if notice.customer == self.dies_on:
            raise Killed
        return Sent(receipt=f"r{len(self.accepted)}")


def world(provider: Provider) -> tuple[Receivables, MemoryStore, FixedClock]:
    """Three invoices that were at L1 and reach L2 today."""
    store, clock = MemoryStore(), FixedClock.on(TODAY, hour=9)
    service = Receivables(store=store, notifier=provider, clock=clock, policies=BOOK, transaction=store.transaction)
    for id in CUSTOMERS:
        service.open_account(Customer(id=id), key=f"open {id}")
        item = TakenOverItem(
            id=f"INV-{id}",
            account=id,
            issued_on=DUE - dt.timedelta(days=30),
            due_on=DUE,
            open=EUR_100,
            step="L1",
            stepped_on=DUE + dt.timedelta(days=7),
        )
        service.take_over(item, on=TODAY, key=f"take {id}")
    return service, store, clock


def statuses(service: Receivables, day: dt.date = TODAY) -> list[str]:
    return [state.status for id in CUSTOMERS for state in service.view(id, day).notices]


def crashed(*, honors_keys: bool) -> tuple[Receivables, MemoryStore, FixedClock, Provider]:
    """The run of 09:00, and the process that died after the provider accepted the second letter."""
    provider = Provider(honors_keys=honors_keys)
    service, store, clock = world(provider)
    assert [len(result.notices) for result in service.run_dunning(TODAY)] == [1, 1, 1]
    provider.dies_on = "C2"
    with pytest.raises(Killed):
        list(service.deliver())
    provider.dies_on = None
    return service, store, clock, provider


def pay(service: Receivables, id: str) -> None:
    payment = Payment(id=f"P-{id}", account=id, amount=EUR_100, value_date=TODAY)
    service.receive_payment(payment, key=f"pay {id}")
    service.apply(id, payment.id, f"INV-{id}", EUR_100, key=f"apply {id}")


# 1 and 2 --------------------------------------------------------------------------------------------------------


def test_planning_records_nothing_and_running_records_one_notice_for_each_step():
    service, store, _ = world(Provider(honors_keys=True))
    facts = {id: store.facts(id) for id in CUSTOMERS}
    plans = [POLICY.plan(service.view(id, TODAY)) for id in CUSTOMERS]
    assert [plan.rows()[0]["step"] for plan in plans] == ["L2", "L2", "L2"]
    assert {id: store.facts(id) for id in CUSTOMERS} == facts
    results = list(service.run_dunning(TODAY))
    keys = [line.key for result in results for notice in result.notices for line in notice.claimed]
    assert keys == [f"INV-{id}/L2/{DUE.isoformat()}" for id in CUSTOMERS]
    assert [len(store.facts(id)) - len(facts[id]) for id in CUSTOMERS] == [1, 1, 1]


def test_after_the_crash_one_is_sent_one_is_unknown_and_one_waits():
    service, _, _, provider = crashed(honors_keys=True)
    assert statuses(service) == ["sent", "sending", "queued"]
    assert provider.mails == ["C1", "C2"]


# 3 and 4 --------------------------------------------------------------------------------------------------------


def test_what_was_paid_in_between_is_cancelled_and_its_level_stays():
    service, _, clock, provider = crashed(honors_keys=True)
    clock.instant += dt.timedelta(minutes=20)
    pay(service, "C3")
    list(service.deliver())
    assert statuses(service) == ["sent", "sent", "cancelled"]
    assert "C3" not in provider.accepted
    (ladder,) = service.view("C3", TODAY).ladders
    assert (ladder.step, ladder.pending) == ("L1", None)


def test_what_is_paid_while_the_batch_is_being_sent_goes_out_no_more():
    """The payment is recorded while the first letter of the batch is being sent."""
    provider = Provider(honors_keys=True)
    service, _, _ = world(provider)
    list(service.run_dunning(TODAY))
    deliveries = service.deliver()
    assert next(deliveries).outcome == "sent"
    pay(service, "C2")
    pay(service, "C3")
    assert [result.outcome for result in deliveries if result.outcome == "sent"] == []
    assert provider.mails == ["C1"]


def test_a_notifier_that_honors_keys_is_asked_again_and_one_mail_goes_out():
    service, _, _, provider = crashed(honors_keys=True)
    list(service.deliver())
    assert statuses(service) == ["sent", "sent", "sent"]
    assert provider.accepted.count("C2") == 2
    assert provider.mails == ["C1", "C2", "C3"]


def test_a_notifier_that_does_not_is_never_asked_again_and_a_person_has_to_look():
    service, _, _, provider = crashed(honors_keys=False)
    for _ in range(3):
        results = {result.account: result.outcome for result in service.deliver()}
        assert results["C2"] == "waiting"
    assert provider.mails == ["C1", "C2", "C3"]
    assert statuses(service) == ["sent", "sending", "sent"]


# 5, 6 and 7 -----------------------------------------------------------------------------------------------------


def test_the_same_day_run_24_more_times_queues_and_sends_nothing():
    service, store, _, provider = crashed(honors_keys=True)
    list(service.deliver())
    facts, mails = {id: store.facts(id) for id in CUSTOMERS}, list(provider.mails)
    for _ in range(24):
        assert not [notice for result in service.run_dunning(TODAY) for notice in result.notices]
        assert not [notice for result in service.run_dunning(TODAY, all_accounts=True) for notice in result.notices]
        assert list(service.deliver()) == []
    assert {id: store.facts(id) for id in CUSTOMERS} == facts
    assert provider.mails == mails


def test_of_two_workers_at_once_one_queues_the_letter_and_the_other_does_nothing():
    for turns in orders(3):
        service, store, clock = world(Provider(honors_keys=True))
        ports = {"store": store, "clock": clock, "notifier": RecordingNotifier()}
        tasks = [Task(lambda: flows.run_account(Setting(policies=BOOK), "C1", TODAY), ports) for _ in range(2)]
        run(tasks, iter(turns))
        assert sorted(len(task.result.notices) for task in tasks) == [0, 1]
        assert [state.status for state in service.view("C1", TODAY).notices] == ["queued"]


def test_the_stores_unique_key_decides_even_between_stores_that_do_not_see_each_others_versions():
    service, store, _ = world(Provider(honors_keys=True))
    ((result,),) = ([result for result in service.run_dunning(TODAY) if result.account == "C1"],)
    (notice,) = result.notices
    assert store.find("notice", notice.key) == ["C1"]
    version, state = store.load(["C2"])["C2"].version, service.account("C2")
    append = Append(account="C2", expected=version, facts=(), wake_on=None, state=state)
    with pytest.raises(ClaimTaken):
        store.commit(Commit(append=append, claims=(Claim("notice", notice.key),)))


def test_a_day_that_was_missed_is_caught_up_once_by_one_step():
    """L2 is due on 06-01, L3 on 06-02; the server stood still until 06-20, when both are long reached."""
    provider = Provider(honors_keys=True)
    service, _, clock = world(provider)
    late = dt.date(2026, 6, 20)
    clock.instant = FixedClock.on(late).instant
    steps = [line.step for result in service.run_dunning(late) for notice in result.notices for line in notice.claimed]
    assert steps == ["L2", "L2", "L2"]
    list(service.deliver())
    assert not [notice for result in service.run_dunning(late) for notice in result.notices]
    for days, expected in ((6, []), (7, ["L3", "L3", "L3"])):
        day = late + dt.timedelta(days=days)
        clock.instant = FixedClock.on(day).instant
        found = [
            line.step for result in service.run_dunning(day) for notice in result.notices for line in notice.claimed
        ]
        assert found == expected


def test_the_catch_up_lists_the_invoice_with_what_is_open_on_its_day():
    provider = Provider(honors_keys=True)
    service, _, clock = world(provider)
    day = TODAY + dt.timedelta(days=2)
    clock.instant = FixedClock.on(day).instant
    due = day + dt.timedelta(days=30)
    fresh = Invoice.due(number="NEW", account="C1", issued_on=day, total=EUR_100, due_on=due)
    service.issue_invoice(fresh, key="NEW")
    payment = Payment(id="PART", account="C1", amount=Money.of(30, "EUR"), value_date=day)
    service.receive_payment(payment, key="PART")
    service.apply("C1", "PART", "INV-C1", payment.amount, key="apply PART")
    (notice,) = next(iter(service.run_dunning(day))).notices
    assert [(line.item, str(line.amount)) for line in notice.lines] == [("INV-C1", "70.00 EUR")]
    assert notice.as_of == day


def fees(service: Receivables) -> Money:
    raised = [entry.charge.amount for id in CUSTOMERS for entry in service.account(id).ledger.charges]
    return Money.total(raised, EUR_100.currency)


@pytest.mark.parametrize("honors_keys", [True, False])
def test_the_fees_are_twenty_whatever_the_notifier_and_however_often_the_day_runs(honors_keys):
    service, _, _, provider = crashed(honors_keys=honors_keys)
    pay(service, "C3")
    for _ in range(24):
        assert not [notice for result in service.run_dunning(TODAY) for notice in result.notices]
        list(service.deliver())
    assert fees(service) == Money.of(20, "EUR")
    assert provider.mails == ["C1", "C2"]
    assert service.view("C3", TODAY).balance("EUR") == Money.of(0, "EUR")


def test_a_friendly_letter_may_go_out_twice_where_the_step_says_so():
    friendly = DunningPolicy(
        id="standard", version=1, steps=(*POLICY.steps[:1], attrs.evolve(POLICY.steps[1], send_again=True))
    )
    service, _, _, provider = crashed(honors_keys=False)
    service = service.with_policies(PolicyBook.of(friendly))
    assert [result.outcome for result in service.deliver()] == ["sent", "sent"]
    assert provider.mails == ["C1", "C2", "C2", "C3"]
    assert fees(service) == Money.of(30, "EUR")
