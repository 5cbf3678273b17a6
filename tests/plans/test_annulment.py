"""What becomes known late: false steps are annulled once, nothing is invented or un-annulled, and the climb goes on."""

import attrs
import pytest
from tests.service.world import World, day, eur

from receivables import CreditNote, DunningPolicy, DunningStep, Invoice, PolicyBook, TakenOverItem
from receivables.facts.charge import ChargeRaised, ChargeReversed
from receivables.facts.credit import HoldPlaced
from receivables.facts.dunning import NoticeQueued, NoticeSent, StepsAnnulled
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.state.account import Account, fold

STEPS = (
    DunningStep(name="one", days_after_due=7),
    DunningStep(
        name="two",
        days_after_due=14,
        fee=FeeRule.flat("two", eur(15)),
        claims_interest=True,
        effects=frozenset({"hold", "escalate"}),
    ),
    DunningStep(name="three", days_after_due=21),
)
POLICY = DunningPolicy(id="standard", version=1, steps=STEPS, interest=InterestTerms.fixed("9"))


def dunned(last: int, policy: DunningPolicy = POLICY) -> World:
    """INV-1 over 1,000.00, due on day 0, run and delivered daily up to a day."""
    world = World(policies=PolicyBook.of(policy))
    world.at(-30).open()
    world.invoice("INV-1", 1000, 0)
    return lived(world, 1, last)


def lived(world: World, first: int, last: int) -> World:
    for offset in range(first, last + 1):
        world.at(offset)
        assert not [result.error for result in world.run() if result.error]
        world.deliver()
        assert fold(world.store.facts("ACME")) == world.app.account("ACME")
    return world


def letters(world: World) -> list[tuple[str, int]]:
    return [(n.template, (n.as_of - day(0)).days) for n in world.notifier.notices if n.audience == "customer"]


def standing(world: World) -> str | None:
    ladder = world.app.view("ACME", world.today).ladder_of.get("INV-1")
    return ladder.step if ladder else None


def annulled(world: World) -> list[tuple[str, ...]]:
    keys = {n.key: n.template for n in world.queued()}
    return [(keys[fact.notice], *fact.items) for fact in world.facts(StepsAnnulled)]


def paid_late(world: World, value: int) -> str:
    world.pay("P", 1000, on=value)
    return world.apply("P", "INV-1", 1000).ids[0]


@pytest.mark.parametrize(
    ("value", "false"),
    [
        (6, ["one", "two", "three"]),
        (7, ["one", "two", "three"]),
        (8, ["two", "three"]),
        (13, ["two", "three"]),
        (14, ["two", "three"]),
        (15, ["three"]),
        (21, ["three"]),
        (22, []),
    ],
)
def test_a_step_is_false_where_the_item_was_paid_on_the_day_of_its_letter_or_before(value, false):
    world = dunned(23)
    assert letters(world) == [("one", 7), ("two", 14), ("three", 21)]
    paid_late(world, value)
    assert annulled(world) == [(name, "INV-1") for name in false]
    retractions = [n for n in world.queued() if n.retracts is not None]
    assert len(retractions) == len({n.retracts for n in retractions}) == len(false)
    lived(world, 24, 60)
    assert [n for n, _ in letters(world)] == ["one", "two", "three", *["retraction"] * len(false)]
    assert len(annulled(world)) == len(false)


def test_a_part_payment_annuls_nothing():
    world = dunned(23)
    world.pay("P", 1000, on=1)
    world.apply("P", "INV-1", "999.99")
    assert annulled(world) == []
    world.apply("P", "INV-1", "0.01")
    assert len(annulled(world)) == 3


def test_a_credit_note_counts_from_its_own_date():
    world = dunned(16)
    note = CreditNote(number="CN", account="ACME", issued_on=day(16), total=eur(1000), against="INV-1")
    world.app.issue_credit_note(note, key="CN")
    assert annulled(world) == []
    again = dunned(16)
    again.app.issue_credit_note(attrs.evolve(note, issued_on=day(10)), key="CN")
    assert annulled(again) == [("two", "INV-1")]


def test_a_returned_payment_brings_no_step_back_and_the_ladder_climbs_on_from_where_it_stood():
    """The step in the middle is sent a second time, under a new key, and stays whatever is paid on other items."""
    world = dunned(16)
    made = paid_late(world, 10)
    assert (annulled(world), standing(world)) == ([("two", "INV-1")], "one")
    world.at(20).app.unapply("ACME", made, key="returned")
    assert standing(world) == "one"
    lived(world, 20, 40)
    assert letters(world) == [("one", 7), ("two", 14), ("retraction", 16), ("two", 20), ("three", 21)]
    world.invoice("INV-2", 10, 60)
    world.settle("INV-2", 10)
    assert annulled(world) == [("two", "INV-1")]
    assert standing(world) == "three"
    assert len({n.key for n in world.queued()}) == len(world.queued())


def test_a_step_that_is_taken_again_charges_holds_and_tells_again_under_new_ids():
    world = dunned(16, attrs.evolve(POLICY, steps=STEPS[:2]))
    for round_, value in enumerate((10, 17, 25)):
        made = world.pay(f"P{round_}", 1000, on=value) and world.apply(f"P{round_}", "INV-1", 1000).ids[0]
        assert world.app.view("ACME", world.today).holds == ()
        world.app.unapply("ACME", made, key=f"returned {round_}")
        lived(world, 17 + 8 * round_, 17 + 8 * round_ + 6)
        assert [hold.until_settled for hold in world.app.view("ACME", world.today).holds] == ["INV-1"]
    raised = [fact.charge.id for fact in world.facts(ChargeRaised)]
    assert len(raised) == len(set(raised)) == 8
    reversed_ = [fact.charge for fact in world.facts(ChargeReversed)]
    assert sorted(reversed_) == sorted(raised[:6])
    assert len({fact.hold.id for fact in world.facts(HoldPlaced)}) == 4
    told = [n for n in world.notifier.notices if n.audience == "staff"]
    assert [n.template for n in told] == ["escalate"] * 4


def test_an_annulled_step_is_not_brought_back_by_time_or_by_another_payment():
    world = dunned(16)
    paid_late(world, 10)
    before = world.app.view("ACME", day(16), day(15))
    lived(world, 17, 50)
    world.pay("Q", 5)
    assert annulled(world) == [("two", "INV-1")]
    assert world.app.view("ACME", day(16), day(15)) == before
    assert [fact.notice for fact in world.facts(NoticeSent)][:2] == [n.key for n in world.notifier.notices[:2]]


def test_a_fee_that_was_paid_is_on_account_again():
    world = dunned(16)
    fee = "INV-1/two/" + day(0).isoformat() + "/fee"
    world.pay("F", 15)
    world.apply("F", fee, 15)
    assert world.app.view("ACME", day(16)).on_account("EUR") == eur(0)
    paid_late(world, 10)
    view = world.app.view("ACME", day(16))
    assert (view.on_account("EUR"), view.open_total("EUR")) == (eur(15), eur(0))


def test_a_fee_that_was_waived_is_not_reversed_below_zero():
    world = dunned(16)
    fee = "INV-1/two/" + day(0).isoformat() + "/fee"
    world.app.waive_charge("ACME", fee, amount=eur(6), reason="r", by="ann", approver="bob", key="w")
    paid_late(world, 10)
    assert {fact.charge: fact.amount for fact in world.facts(ChargeReversed)}[fee] == eur(9)
    assert world.app.view("ACME", day(16)).balance("EUR") == eur(0)


def test_one_of_two_items_of_a_letter_is_annulled_and_the_other_goes_on():
    world = World(policies=PolicyBook.of(POLICY))
    world.at(-30).open()
    world.invoice("INV-1", 1000, 0)
    world.invoice("INV-2", 500, 0)
    lived(world, 1, 16)
    paid_late(world, 10)
    assert annulled(world) == [("two", "INV-1")]
    (retraction,) = [n for n in world.queued() if n.retracts]
    assert [line.item for line in retraction.claimed] == ["INV-1"]
    lived(world, 17, 30)
    assert [n.claimed[0].item for n in world.notifier.notices if n.template == "three"] == ["INV-2"]


def test_a_ladder_that_was_taken_over_climbs_again_after_its_first_step_here_was_annulled():
    world = World(policies=PolicyBook.of(POLICY))
    world.at(10).open()
    item = TakenOverItem(
        id="OLD",
        account="ACME",
        issued_on=day(-30),
        due_on=day(0),
        open=eur(100),
        step="one",
        stepped_on=day(7),
    )
    world.app.take_over(item, on=day(10), key="t")
    lived(world, 10, 16)
    world.pay("P", 100, on=12)
    made = world.apply("P", "OLD", 100).ids[0]
    world.app.unapply("ACME", made, key="u")
    lived(world, 17, 20)
    world.settle("OLD", 40)
    assert annulled(world) == [("two", "OLD")]
    assert [n.template for n in world.notifier.notices if n.audience == "customer"] == ["two", "retraction", "two"]


def test_of_a_letter_that_was_unknown_when_the_step_before_was_annulled_nothing_is_kept():
    """Queued before the annulment was known, it stands on a step that was false."""
    quick = attrs.evolve(POLICY, steps=(STEPS[0], attrs.evolve(STEPS[1], days_after_due=8), STEPS[2]))

    class Lost:
        honors_keys = True

        def send(self, notice):
            raise ConnectionError

    world = dunned(7, quick)
    world.at(8).run()
    list(world.restart(notifier=Lost()).deliver())
    made = paid_late(world, 3)
    world.app.unapply("ACME", made, key="u")
    waits = next(n for n in world.queued() if n.template == "two")
    world.restart()
    world.app.record_outcome("ACME", waits.key, "sent", by="ann", key="o")
    world.at(9).pay("Q", 1)
    world.apply("Q", "INV-1", 1)
    assert annulled(world) == [("one", "INV-1")]


def test_invoices_of_nothing_and_unknown_items_annul_nothing():
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    invoice = Invoice.due(number="Z", account="ACME", issued_on=day(0), total=eur(0), due_on=day(0))
    world.app.issue_invoice(invoice, key="z")
    lived(world, 1, 30)
    assert world.facts(NoticeQueued) == []


def test_a_late_dispute_of_one_item_takes_back_the_letter_on_another_that_the_promise_covers_instead():
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.invoice("INV-1", 100, 0)
    world.invoice("INV-2", 100, 1)
    world.at(2).promise("PTP-1", "INV-1", 100, 30, items=("INV-1", "INV-2"))
    lived(world, 3, 9)
    assert letters(world) == [("one", 8)]
    world.at(10).dispute("D-1", "INV-1", 100, opened_on=day(3))
    assert annulled(world) == [("one", "INV-2")]


def test_what_becomes_known_late_has_letters_on_other_items_left_alone(monkeypatch):
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    for offset in range(6):
        world.at(offset).invoice(f"INV-{offset}", 100, offset)
    lived(world, 6, 14)
    judged = []
    that_had = Account.that_had
    monkeypatch.setattr(Account, "that_had", lambda *args: judged.append(args[1]) or that_had(*args))
    world.at(15).dispute("D-1", "INV-3", 100, opened_on=day(9))
    (notice,) = [n for n in world.queued() if n.key in judged]
    assert [line.item for line in notice.claimed] == ["INV-3"]
    judged.clear()
    world.pay("P-1", 10)
    assert judged == []


@pytest.mark.parametrize(("known", "false"), [(True, ["reminder"]), (False, ["reminder", "one"])])
def test_a_letter_after_a_false_reminder_stands_where_its_policy_says_that_a_ladder_may_begin_with_it(known, false):
    """Half was paid when the reminder went out, the other half was disputed, as is known late; then the money went back.

    Without the policy nobody knows that "one" needs no step before it.
    """
    gentle = attrs.evolve(POLICY, steps=(DunningStep(name="reminder", days_after_due=-3), *STEPS))
    world = World(policies=PolicyBook.of(gentle))
    world.at(-30).open()
    world.invoice("INV-1", 1000, 0)
    world.pay("P", 500, method="direct_debit")
    world.apply("P", "INV-1", 500)
    lived(world, -5, 2)
    world.app.return_payment("ACME", "P", "returned", "AM04", on=day(2), key="back")
    lived(world, 3, 8)
    assert letters(world) == [("reminder", -3), ("one", 7)]
    if not known:
        world.restart(policies=PolicyBook.of(attrs.evolve(POLICY, id="other")))
    world.dispute("D", "INV-1", 500, opened_on=day(-4))
    assert annulled(world) == [(template, "INV-1") for template in false]


def test_a_retraction_claims_and_brings_about_nothing():
    """The letter had charges, a hold and an alert; the one that takes it back has its items and amounts alone."""
    world = dunned(16)
    (taken,) = [n for n in world.queued() if n.template == "two"]
    assert (taken.claimed[0].effects, len(taken.charges)) == (("escalate", "hold"), 2)
    paid_late(world, 10)
    (retraction,) = [n for n in world.queued() if n.retracts is not None]
    assert (retraction.template, retraction.retracts, retraction.as_of) == ("retraction", taken.key, day(16))
    assert retraction.lines == tuple(attrs.evolve(line, effects=(), charges=()) for line in taken.lines)
    assert (retraction.recipient, retraction.channel, retraction.audience) == (None, taken.channel, "customer")
    decided = {type(fact): fact.by for fact in world.facts(StepsAnnulled, NoticeQueued, ChargeReversed)[-4:]}
    assert decided == {StepsAnnulled: "dunning", NoticeQueued: "dunning", ChargeReversed: "dunning"}
