"""Delivery: three commits in order, the last look before the first of them, and every answer a notifier can give."""

import datetime as dt

import attrs
import pytest
from tests.service.world import (
    CREDIT,
    LADDER,
    NoticeCancelled,
    NoticeQueued,
    NoticeSending,
    NoticeSent,
    World,
    day,
    eur,
    picture,
)

from receivables import Allocation, Choice, DunningPolicy, DunningStep, Money, NotSent, PolicyBook, Sent
from receivables.errors import OpenTransaction, ReceivablesError, StaleAccount, Undecodable
from receivables.facts.cash import AllocationMade
from receivables.facts.dunning import NoticeFailed
from receivables.facts.invoice import InstallmentDated
from receivables.flows import RECORDING_TRIES
from receivables.ports import Append, Commit
from receivables.state.account import fold
from receivables.testing import RecordingNotifier


class Scripted:
    """A notifier that answers by a list, and afterwards always that it was sent; an exception in the list is raised."""

    def __init__(self, *answers, honors_keys=True):
        self.answers, self.honors_keys, self.asked = list(answers), honors_keys, []

    def send(self, notice):
        self.asked.append(notice)
        answer = self.answers.pop(0) if self.answers else Sent(receipt="r-1")
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def mails(self):
        return len({notice.key for notice in self.asked}) if self.honors_keys else len(self.asked)


def dunned(*answers, honors_keys=True, amount="100", **more):
    world = World(notifier=Scripted(*answers, honors_keys=honors_keys), **more)
    world.open()
    world.invoice("INV-1", amount, -7)
    world.pay("P-1", "1000")
    world.run()
    return world


def outcomes(world):
    return [result.outcome for result in world.deliver()]


def key(world, at=0):
    return world.queued()[at].key


def test_sending_and_sent_are_commits_of_their_own_with_the_mail_between():
    world = dunned()
    seen = []
    commit, send = world.store.commit, world.notifier.send
    world.store.commit = lambda each: (seen.append([type(fact).__name__ for fact in each.append.facts]), commit(each))
    world.notifier.send = lambda notice: (seen.append("mail"), send(notice))[1]
    (result,) = world.deliver()
    assert seen == [["NoticeSending"], "mail", ["NoticeSent"]]
    assert (result.outcome, result.detail, result.notice) == ("sent", "r-1", key(world))
    assert world.life(key(world)) == ["queued", "sending", "sent"]
    assert world.facts(NoticeSent)[0].receipt == "r-1"
    assert world.deliver() == []


def test_the_letter_that_goes_out_is_the_one_that_was_queued():
    world = dunned()
    world.deliver()
    assert world.notifier.asked == world.queued()


def test_nothing_is_sent_that_is_not_recorded_as_begun():
    """A store that cannot commit keeps the mail in."""
    world = dunned()

    def refuse(commit):
        raise ConnectionError("gone")

    world.store.commit = refuse
    with pytest.raises(ConnectionError):
        world.deliver()
    assert world.notifier.asked == []


# The guard


def test_what_was_paid_is_cancelled_and_not_sent():
    """The payment came in through another writer whose consequences did not run: the guard looks by itself."""
    world = dunned()
    append(world, world.app.account("ACME"), allocation(world))
    assert outcomes(world) == ["cancelled"]
    assert world.facts(NoticeCancelled)[0].reason == "settled"
    assert world.notifier.asked == []


def allocation(world):
    return AllocationMade(
        id="a-9",
        allocation=Allocation(source="P-1", item="INV-1", amount=eur(100)),
        effective_on=world.today,
        recorded_at=world.clock.now(),
    )


def append(world, account, *facts):
    """Facts from a writer who knows nothing of consequences."""
    loaded = world.store.load([account.id])[account.id]
    after = fold(facts, account)
    world.store.commit(
        Commit(
            append=Append(account=account.id, expected=loaded.version, facts=facts, wake_on=world.today, state=after)
        )
    )


def test_a_payment_whose_value_date_came_meanwhile_cancels_at_delivery():
    """On the day of the run the money was not there yet; when the letter is about to go out, it is."""
    world = World(notifier=Scripted())
    world.open()
    world.invoice("INV-1", "100", -7)
    world.pay("P-1", "100", on=1)
    world.apply("P-1", "INV-1", "100")
    world.run()
    assert len(world.queued()) == 1
    world.at(1)
    assert outcomes(world) == ["cancelled"]
    assert world.notifier.asked == []


def test_what_was_partly_paid_is_taken_back_and_planned_anew_in_the_same_commit():
    world = dunned()
    world.apply("P-1", "INV-1", "40")
    commits = []
    commit = world.store.commit
    world.store.commit = lambda each: (commits.append(each), commit(each))
    assert outcomes(world) == ["cancelled"]
    (each,) = commits
    assert [type(fact).__name__ for fact in each.append.facts] == ["NoticeCancelled", "NoticeQueued"]
    assert each.append.facts[0].reason == "changed"
    first, second = world.queued()
    assert (first.total, second.total) == (eur(100), eur(60))
    assert first.key != second.key
    assert outcomes(world) == ["sent"]
    assert world.notifier.asked == [second]
    assert outcomes(world) == []


def test_a_rest_below_the_minimum_is_taken_back_and_not_planned_anew():
    policy = attrs.evolve(LADDER, minimums=(eur(50),))
    world = dunned(policies=PolicyBook.of(policy, CREDIT))
    world.apply("P-1", "INV-1", "60")
    assert outcomes(world) == ["cancelled"]
    assert len(world.queued()) == 1
    assert outcomes(world) == []


@pytest.mark.parametrize("item", [None, "INV-1"])
def test_a_hold_that_came_between_takes_the_notice_back(item):
    world = dunned()
    world.hold("H-1", item=item, until=day(3))
    assert outcomes(world) == ["cancelled"]
    assert world.facts(NoticeCancelled)[0].reason == "held"
    assert len(world.queued()) == 1
    world.at(4).run()
    assert outcomes(world) == ["sent"]


def test_a_credit_hold_stops_no_letter():
    world = dunned()
    world.hold("H-1", stops=frozenset({"credit"}))
    assert outcomes(world) == ["sent"]


def test_a_hold_on_one_of_two_items_leaves_the_other_its_letter():
    world = World(notifier=Scripted())
    world.open()
    world.invoice("INV-1", "100", -7)
    world.invoice("INV-2", "50", -7)
    world.run()
    world.hold("H-1", item="INV-1")
    assert outcomes(world) == ["cancelled"]
    assert outcomes(world) == ["sent"]
    assert [line.item for line in world.notifier.asked[0].lines] == ["INV-2"]


def test_another_due_date_takes_the_notice_back():
    world = dunned()
    dated = InstallmentDated(item="INV-1", due_on=day(10), effective_on=world.today, recorded_at=world.clock.now())
    append(world, world.app.account("ACME"), dated)
    assert outcomes(world) == ["cancelled"]
    assert world.facts(NoticeCancelled)[0].reason == "changed"
    assert world.notifier.asked == []


@pytest.mark.parametrize("change", ["paid", "partly paid", "held"])
def test_a_line_that_is_there_for_information_must_be_right_too(change):
    """A letter that lists a paid or disputed item as overdue is a wrong letter, whatever step the item takes."""
    world = World(notifier=Scripted())
    world.open()
    world.invoice("INV-1", "100", -7)
    world.invoice("INV-2", "50", -3)
    world.pay("P-1", "1000")
    world.run()
    assert [(line.item, line.step) for line in world.queued()[0].lines] == [("INV-1", "first"), ("INV-2", None)]
    if change == "held":
        world.hold("H-1", item="INV-2")
    else:
        world.apply("P-1", "INV-2", "50" if change == "paid" else "20")
    assert outcomes(world) == ["cancelled"]
    assert outcomes(world) == ["sent"]
    lines = [(line.item, str(line.amount)) for line in world.notifier.asked[0].lines]
    assert lines == [("INV-1", "100.00 EUR"), *([("INV-2", "30.00 EUR")] if change == "partly paid" else [])]


# What a notifier can answer


def test_an_exception_is_an_unknown_outcome():
    world = dunned(TimeoutError("no answer"))
    (result,) = world.deliver()
    assert (result.outcome, result.detail) == ("unknown", "TimeoutError: no answer")
    assert world.life(key(world)) == ["queued", "sending"]


def test_an_unknown_outcome_is_cleared_by_asking_again_where_keys_are_honored():
    world = dunned(TimeoutError(), TimeoutError())
    assert [outcomes(world), outcomes(world), outcomes(world), outcomes(world)] == [
        ["unknown"],
        ["unknown"],
        ["sent"],
        [],
    ]
    assert world.notifier.mails == 1
    assert len({notice.key for notice in world.notifier.asked}) == 1
    assert world.life(key(world)) == ["queued", "sending", "sending", "sending", "sent"]


def test_an_unknown_outcome_waits_for_a_person_where_keys_are_not_honored():
    world = dunned(TimeoutError(), honors_keys=False)
    assert outcomes(world) == ["unknown"]
    before = picture(world.store)
    for _ in range(5):
        assert outcomes(world) == ["waiting"]
    assert len(world.notifier.asked) == 1
    assert picture(world.store) == before


def test_while_an_outcome_is_unknown_no_further_step_is_taken():
    world = dunned(TimeoutError(), honors_keys=False)
    world.deliver()
    for offset in range(1, 60):
        world.at(offset).run()
        world.deliver()
    assert len(world.queued()) == 1
    assert len(world.notifier.asked) == 1


def test_what_may_have_gone_out_is_not_taken_back_by_a_payment():
    world = dunned(TimeoutError())
    world.deliver()
    world.apply("P-1", "INV-1", "100")
    assert outcomes(world) == ["waiting"]  # nor is it asked for again: it might go out only now
    assert world.facts(NoticeCancelled) == []
    world.app.record_outcome("ACME", key(world), "sent", by="ann", key="it went out")
    assert world.life(key(world)) == ["queued", "sending", "sent", "stepsannulled"]


def test_not_sent_with_retry_is_tried_again():
    world = dunned(NotSent(reason="busy", retry=True))
    assert outcomes(world) == ["to be tried again"]
    assert outcomes(world) == ["sent"]
    assert world.life(key(world)) == ["queued", "sending", "failed", "sending", "sent"]


def test_before_each_retry_the_guard_looks_again():
    world = dunned(NotSent(reason="busy", retry=True))
    world.deliver()
    world.apply("P-1", "INV-1", "40")
    assert outcomes(world) == ["cancelled"]
    assert len(world.notifier.asked) == 1


def test_not_sent_for_good_is_not_tried_again_and_stops_the_ladder():
    world = dunned(NotSent(reason="no such address"))
    (result,) = world.deliver()
    assert (result.outcome, result.detail) == ("failed", "no such address")
    assert world.facts(NoticeFailed)[0].retry is False
    for offset in range(1, 40):
        world.at(offset).run()
        assert outcomes(world) == []
    assert len(world.queued()) == 1


@pytest.mark.parametrize("answer", [None, True, "ok", 250], ids=repr)
def test_a_notifier_that_answers_nothing_usable_leaves_the_outcome_unknown(answer):
    """The likeliest mistake of a host: a ``send`` without a return. It must stop neither this letter nor the others."""
    world = dunned(answer)
    world.open("BETA")
    world.invoice("INV-B", "10", -7, "BETA")
    world.run()
    first, second = world.deliver()
    assert (first.outcome, second.outcome) == ("unknown", "sent")
    assert repr(answer) in first.detail


def test_one_letter_that_fails_stops_no_other_of_the_account():
    world = World(notifier=Scripted(TimeoutError(), NotSent(reason="no"), Sent()))
    world.open()
    for code in ("CHF", "EUR", "USD"):
        world.invoice(f"INV-{code}", Money.of(100, code), -7)
    world.run()
    assert outcomes(world) == ["unknown", "failed", "sent"]


def test_the_gap_counts_from_the_day_on_which_the_letter_went_out():
    world = dunned(NotSent(reason="busy", retry=True))
    world.deliver()
    world.at(6)
    assert outcomes(world) == ["sent"]
    for offset in range(7, 13):
        world.at(offset).run()
        found = len(world.queued())
        assert found == (2 if offset >= 11 else 1)


def test_a_step_is_not_taken_before_the_one_before_it_was_sent():
    """Queued is not sent: without delivery nothing moves on, and the next step follows the first one sent."""
    world = dunned()
    for offset in range(1, 30):
        world.at(offset).run()
    assert len(world.queued()) == 1
    assert outcomes(world) == ["sent"]
    world.at(33).run()
    assert len(world.queued()) == 1
    world.at(34).run()
    assert [notice.claimed[0].step for notice in world.queued()] == ["first", "second"]


# Open transactions, clocks


@pytest.mark.parametrize("call", [True, lambda: True], ids=["attribute", "method"])
def test_delivery_inside_an_open_transaction_is_refused_before_anything_is_recorded(call):
    world = dunned()
    world.store.in_transaction = call
    before = picture(world.store)
    with pytest.raises(OpenTransaction, match="commit or roll back"):
        world.deliver()
    assert picture(world.store) == before
    assert world.notifier.asked == []


def test_a_store_whose_commit_leaves_a_transaction_open_sends_nothing():
    """A database connection that begins by itself: what was begun is not kept before the host commits."""
    world = dunned()
    commit = world.store.commit
    opened = []
    world.store.commit = lambda each: (commit(each), opened.append(1))
    world.store.in_transaction = lambda: bool(opened)
    with pytest.raises(OpenTransaction):
        world.deliver()
    assert world.notifier.asked == []


def test_a_run_inside_an_open_transaction_is_the_hosts_right():
    world = World(notifier=Scripted())
    world.open()
    world.invoice("INV-1", "100", -7)
    world.store.in_transaction = lambda: True
    world.run()
    assert len(world.queued()) == 1


def test_a_clock_that_is_set_back_sends_no_letter_again():
    world = dunned()
    world.at(1)
    assert outcomes(world) == ["sent"]
    world.at(0)
    assert outcomes(world) == []
    assert len(world.notifier.asked) == 1


def test_a_clock_that_is_set_back_during_the_attempt_loses_no_outcome():
    world = dunned(honors_keys=False)
    world.at(1)
    send = world.notifier.send
    world.notifier.send = lambda notice: (world.at(-1), send(notice))[1]
    assert outcomes(world) == ["sent"]
    world.at(1)
    assert outcomes(world) == []
    assert world.life(key(world)) == ["queued", "sending", "sent"]


def test_a_notice_of_a_later_day_waits_for_its_day():
    world = World(notifier=Scripted())
    world.open()
    world.invoice("INV-1", "100", -7)
    list(world.app.run_dunning(day(2)))
    assert outcomes(world) == []
    world.at(2)
    assert outcomes(world) == ["sent"]


def test_the_zone_of_the_creditor_says_which_day_it_is_at_delivery():
    """S22: 16:30 in UTC is still the 2nd in Los Angeles and already the 3rd in Tokyo."""
    for hours, wanted in ((-8, day(0)), (9, day(1))):
        world = dunned(zone=dt.timezone(dt.timedelta(hours=hours)))
        world.clock.instant = dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC)
        world.deliver()
        assert world.facts(NoticeSent)[0].effective_on == wanted


def test_the_same_letter_is_not_sent_again_after_a_policy_migration():
    """The key of a step leaves the policy's version out."""
    world = dunned()
    world.deliver()
    newer = DunningPolicy(id="standard", version=2, steps=(DunningStep(name="first", days_after_due=3),))
    world.policies = PolicyBook.of(
        LADDER, newer, CREDIT, choices=(Choice(kind="dunning", policy="standard", version=2),)
    )
    world.restart()
    list(world.app.rewake(world.today))
    for offset in range(1, 6):
        world.at(offset).run()
        world.deliver()
    assert len(world.notifier.asked) == 1


def test_the_recording_notifier_honors_its_promise():
    world = World()
    world.open()
    world.invoice("INV-1", "100", -7)
    world.run()
    notifier = RecordingNotifier()
    for _ in range(3):
        assert isinstance(notifier.send(world.queued()[0]), Sent)
    assert len(notifier.notices) == 1
    assert world.facts(NoticeQueued)
    assert world.facts(NoticeSending) == []


def patient(**more):
    step = DunningStep(name="first", days_after_due=7, fallbacks=("letter",), **more)
    return PolicyBook.of(DunningPolicy(id="patient", version=1, steps=(step,)))


def test_a_channel_is_tried_as_often_as_its_step_says_and_then_the_next_one():
    busy = NotSent(reason="busy", retry=True)
    world = World(policies=patient(most_attempts=3), notifier=Scripted(busy, busy, busy))
    world.open()
    world.invoice("INV-1", "100", -7)
    world.run()
    assert [outcomes(world) for _ in range(4)] == [["to be tried again"]] * 2 + [["failed"], ["sent"]]
    assert [notice.channel for notice in world.queued()] == ["email", "letter"]


def test_after_a_failure_a_letter_waits_as_long_as_its_step_says():
    busy = NotSent(reason="busy", retry=True)
    world = World(policies=patient(retry_minutes=(5, 60)), notifier=Scripted(busy, busy))
    world.open()
    world.invoice("INV-1", "100", -7)
    world.run()
    assert outcomes(world) == ["to be tried again"]
    assert outcomes(world) == ["waiting"]
    world.clock.instant += dt.timedelta(minutes=5)
    assert outcomes(world) == ["to be tried again"]
    world.clock.instant += dt.timedelta(minutes=59)
    (result,) = world.deliver()
    assert (result.outcome, result.detail) == ("waiting", "not before 2026-03-02T07:05:00+00:00")
    world.clock.instant += dt.timedelta(minutes=1)
    assert outcomes(world) == ["sent"]


@pytest.mark.parametrize("wrong", [{"most_attempts": 0}, {"retry_minutes": (-1,)}, {"retry_minutes": 5}])
def test_retries_that_cannot_be_are_refused(wrong):
    with pytest.raises(ReceivablesError, match=r"step\.(most_attempts|retry_minutes)"):
        DunningStep(name="first", days_after_due=7, **wrong)


# What others do meanwhile


def two_dunned():
    world = World(notifier=Scripted())
    for id in ("A", "B"):
        world.open(id)
        world.invoice(f"INV-{id}", "100", -7, id)
    world.run()
    return world


def test_a_transaction_that_the_host_begins_between_two_accounts_stops_the_delivery():
    world = two_dunned()
    stream = world.app.deliver()
    assert next(stream).account == "A"
    world.store.in_transaction = lambda: True
    with pytest.raises(OpenTransaction):
        next(stream)
    assert [notice.account for notice in world.notifier.asked] == ["A"]


def test_an_account_that_cannot_be_read_says_so_and_keeps_back_no_other():
    world = two_dunned()
    load = world.store.load

    def loads(ids):
        if "A" in ids:
            raise Undecodable("$.tag", "x", "must be a tag")
        return load(ids)

    world.store.load = loads
    first, second = world.deliver()
    assert (first.account, first.outcome, first.detail) == ("A", "error", "$.tag: must be a tag, got 'x'")
    assert (second.account, second.outcome) == ("B", "sent")


@pytest.mark.parametrize(
    ("times", "outcome", "life"),
    [(RECORDING_TRIES - 1, "sent", ["queued", "sending", "sent"]), (RECORDING_TRIES, "error", ["queued", "sending"])],
)
def test_what_was_sent_is_recorded_though_others_are_faster_so_many_times(times, outcome, life):
    world = dunned()
    commit, left = world.store.commit, [times]

    def moving(each):
        if any(isinstance(fact, NoticeSent) for fact in each.append.facts) and left[0]:
            left[0] -= 1
            raise StaleAccount("ACME", 5, 6)
        commit(each)

    world.store.commit = moving
    assert outcomes(world) == [outcome]
    assert world.life(key(world)) == life
    assert len(world.notifier.asked) == 1
