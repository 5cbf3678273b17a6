"""Fees and interest: raised with the letter, once; taken back with it; waived, reinstated, reversed and claimed by people."""

import attrs
import pytest
from tests.service.world import World, day, eur

from receivables import Choice, CreditNote, DunningPolicy, DunningStep, Money, PolicyBook
from receivables.errors import InvalidValue, OverApplied, UnknownId
from receivables.facts.cash import AllocationMade, AllocationUndone
from receivables.facts.charge import ChargeRaised, ChargeReversed
from receivables.facts.dunning import NoticeCancelled
from receivables.facts.loss import WrittenOff
from receivables.plans.dunning import plan_for
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.ports import NotSent, Sent

FEE_RULE = FeeRule.flat("fee", eur(15))
STEPS = (
    DunningStep(name="one", days_after_due=10, fee=FEE_RULE, claims_interest=True),
    DunningStep(name="two", days_after_due=20, fee=FEE_RULE, claims_interest=True),
)
POLICY = DunningPolicy(id="standard", version=1, steps=STEPS, interest=InterestTerms.fixed("10"))
START = day(0).isoformat()
FEE, INTEREST = f"INV-1/one/{START}/fee", f"INV-1/one/{START}/interest"
BY = {"by": "ann", "approver": "bob", "reason": "because"}


class Scripted:
    """A notifier that answers as it is told, and then that it was sent."""

    honors_keys = True

    def __init__(self, *answers):
        self.answers = list(answers)
        self.notices = []

    def send(self, notice):
        answer = self.answers.pop(0) if self.answers else Sent(receipt="ok")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sent):
            self.notices.append(notice)
        return answer


def dunned(last=10, policy=POLICY, *, notifier=None, amount=3650):
    """INV-1 over 3,650.00, due on day 0: a day of interest is 1.00."""
    world = World(policies=PolicyBook.of(policy), notifier=notifier)
    world.at(-30).open()
    world.invoice("INV-1", amount, 0)
    return lived(world, 1, last)


def lived(world, first, last):
    for offset in range(first, last + 1):
        world.at(offset)
        assert not [result.error for result in world.run() if result.error]
        world.deliver()
    return world


def raised(world):
    return {fact.charge.id: fact.charge.amount for fact in world.facts(ChargeRaised)}


def reversed_(world):
    return [(fact.charge, fact.amount) for fact in world.facts(ChargeReversed)]


def owed(world):
    return world.app.view("ACME", world.today).balance("EUR")


# With the letter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "charges"), [(9, 0), (10, 2), (19, 2), (20, 4), (40, 4)])
def test_charges_come_with_the_letter_of_their_day_and_once(last, charges):
    world = dunned(last)
    assert len(raised(world)) == charges
    assert owed(world) == eur(3650 + {0: 0, 2: 25, 4: 50}[charges])


def test_a_letter_that_is_only_queued_charges_nothing():
    world = World(policies=PolicyBook.of(POLICY))
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    world.at(10).run()
    assert (raised(world), world.queued()[0].demanded) == ({}, eur(3675))
    assert world.app.preview("ACME", day(10)) == ()


def test_a_letter_that_failed_for_good_takes_its_charges_back():
    world = dunned(notifier=Scripted(NotSent(reason="full", retry=False)))
    assert sorted(reversed_(world)) == sorted(raised(world).items())
    assert owed(world) == eur(3650)


def test_a_letter_that_is_tried_again_is_charged_once():
    world = dunned(12, notifier=Scripted(*[NotSent(reason="busy", retry=True)] * 2))
    assert (len(raised(world)), reversed_(world)) == (2, [])


def test_a_letter_whose_outcome_is_unknown_is_charged_once():
    world = dunned(12, notifier=Scripted(ConnectionError(), ConnectionError()))
    assert (len(raised(world)), reversed_(world)) == (2, [])


@pytest.mark.parametrize("paid", [3650, 100])
def test_a_letter_that_was_tried_in_vain_and_then_cancelled_takes_its_charges_back(paid):
    """Settled, it is cancelled with the payment; changed, by the guard, and a new letter charges anew."""
    world = dunned(notifier=Scripted(NotSent(reason="busy", retry=True)))
    assert len(raised(world)) == 2
    world.at(11).settle("INV-1", paid)
    world.deliver()
    world.deliver()
    assert [fact.reason for fact in world.facts(NoticeCancelled)] == ["settled" if paid == 3650 else "changed"]
    assert {id for id, _ in reversed_(world)} == {FEE, INTEREST}
    if paid == 3650:
        assert owed(world) == eur(0)
    else:
        assert set(raised(world)) - {FEE, INTEREST} == {f"INV-1/one/{START}~1/fee", f"INV-1/one/{START}~1/interest"}
        (letter,) = world.notifier.notices
        assert letter.demanded == owed(world)


def test_interest_that_was_claimed_between_planning_and_sending_is_not_claimed_by_the_letter_again():
    world = World(policies=PolicyBook.of(POLICY))
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    world.at(10).run()
    world.app.claim_interest("ACME", "INV-1", day(10), key="c", by="ann")
    world.deliver()
    world.deliver()
    (letter,) = world.notifier.notices
    assert letter.demanded == eur(3665)
    assert owed(world) == eur(3675)
    assert reversed_(world) == []


def test_charge_ids_may_hold_the_sign_that_counts_them():
    world = World(policies=PolicyBook.of(POLICY))
    world.at(-30).open()
    world.invoice("A~1", 3650, 0)
    lived(world, 1, 11)
    for round_ in range(3):
        world.pay(f"P{round_}", 3650, on=1)
        made = world.apply(f"P{round_}", "A~1", 3650).ids[0]
        world.app.unapply("ACME", made, key=f"u{round_}")
        lived(world, 12 + round_, 12 + round_)
    assert len(raised(world)) == 8
    assert owed(world) == eur(3650 + 15 + 14 - 3 * 3650)


# Corrections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "rest"), [(0, 0), (1, 1), (5, 5), (9, 9), (10, 10), (11, 10)])
def test_interest_is_corrected_to_the_value_date_of_a_part_of_the_debt_by_a_difference(value, rest):
    """1,825.00, half of the debt, paid on a day: the other half bears 0.50 on each of the ten."""
    world = dunned()
    world.pay("P", 1825, on=value)
    world.apply("P", "INV-1", 1825)
    claimed = eur(10) - sum((amount for id, amount in reversed_(world) if id == INTEREST), eur(0))
    assert claimed == eur("5.00") + eur("0.50") * rest
    assert all(id == INTEREST for id, _ in reversed_(world))


def test_a_correction_frees_no_more_of_what_was_paid_than_it_needs():
    world = dunned()
    world.pay("I", 10)
    world.apply("I", INTEREST, 8)
    world.apply("I", INTEREST, 2)
    world.pay("P", 1825, on=8)
    world.apply("P", "INV-1", 1825)
    assert reversed_(world) == [(INTEREST, eur(1))]
    view = world.app.view("ACME", day(10))
    assert (view.open(INTEREST), view.on_account("EUR")) == (eur(1), eur(2))


def test_a_correction_stops_at_what_was_waived():
    world = dunned()
    world.app.waive_charge("ACME", INTEREST, amount=eur(8), key="w", **BY)
    world.pay("P", 1825, on=0)
    world.apply("P", "INV-1", 1825)
    assert reversed_(world) == [(INTEREST, eur(2))]
    assert world.app.view("ACME", day(10)).open_total("EUR") == eur(1825 + 15)


def test_a_later_version_with_other_terms_does_not_make_a_claim_wrong():
    plain = attrs.evolve(
        POLICY, version=2, interest=None, steps=tuple(attrs.evolve(step, claims_interest=False) for step in STEPS)
    )
    world = dunned()
    world.restart(policies=PolicyBook.of(POLICY, plain))
    world.app.migrate_ladders("ACME", "standard", 2, key="m")
    lived(world, 11, 25)
    world.settle("INV-1", 1)
    assert reversed_(world) == []
    assert len(raised(world)) == 3


def test_a_claim_without_a_letter_is_corrected_too():
    world = World(policies=PolicyBook.of(attrs.evolve(POLICY, steps=(DunningStep(name="x", days_after_due=99),))))
    world.at(-30).open()
    world.invoice("INV-1", 3650, 0)
    world.at(10).app.claim_interest("ACME", "INV-1", day(10), key="c", by="ann")
    world.pay("P", 3650, on=4)
    world.apply("P", "INV-1", 3650)
    assert [amount for _, amount in reversed_(world)] == [eur(6)]


# What people decide -----------------------------------------------------------------------------------------------


def test_a_waiver_leaves_the_claim_as_made_and_a_reinstatement_brings_it_back():
    world = dunned()
    world.app.waive_charge("ACME", FEE, key="w", **BY)
    assert owed(world) == eur(3660)
    world.app.reinstate_charge("ACME", FEE, amount=eur(5), key="r", **BY)
    assert owed(world) == eur(3665)
    world.app.waive_charge("ACME", INTEREST, key="w2", **BY)
    lived(world, 11, 20)
    assert raised(world)[f"INV-1/two/{START}/interest"] == eur(10)


@pytest.mark.parametrize("verb", ["waive_charge", "reverse_charge", "reinstate_charge"])
def test_only_two_named_people_and_no_more_than_there_is(verb):
    world = dunned()
    world.app.waive_charge("ACME", FEE, amount=eur(5), key="w", **BY)
    do = getattr(world.app, verb)
    before = world.store.facts("ACME")
    for refused, changes in (
        (InvalidValue, {"approver": "ann"}),
        (InvalidValue, {"by": None}),
        (OverApplied, {"amount": eur("10.01")}),
        (OverApplied, {"amount": eur(0)}),
        (OverApplied, {"amount": eur(-1)}),
    ):
        with pytest.raises(refused):
            do("ACME", FEE, key="k", **{**BY, **changes})
    with pytest.raises(UnknownId):
        do("ACME", "INV-1", key="k", **BY)
    with pytest.raises(UnknownId):
        do("BETA", FEE, key="k", **BY)
    assert world.store.facts("ACME") == before


def test_a_reversal_frees_what_was_paid_and_names_its_approver():
    world = dunned()
    world.pay("F", 15)
    world.apply("F", FEE, 15)
    world.app.reverse_charge("ACME", FEE, key="r", **BY)
    (fact,) = world.facts(ChargeReversed)
    assert (fact.by, fact.approver, fact.amount) == ("ann", "bob", eur(15))
    assert world.app.view("ACME", day(10)).on_account("EUR") == eur(15)
    with pytest.raises(OverApplied):
        world.app.reverse_charge("ACME", FEE, key="r2", **BY)


def test_a_fee_that_a_person_reversed_is_not_charged_by_the_same_letter_again():
    world = dunned()
    world.app.reverse_charge("ACME", FEE, key="r", **BY)
    lived(world, 11, 19)
    assert len(raised(world)) == 2


@pytest.mark.parametrize(("until", "outcome"), [(-5, "nothing to claim"), (0, "nothing to claim"), (1, "recorded")])
def test_interest_is_claimed_from_the_day_after_due(until, outcome):
    world = dunned(1)
    assert world.app.claim_interest("ACME", "INV-1", day(until), key="c").outcome == outcome


def test_no_day_is_claimed_twice_however_often_one_claims():
    world = dunned(1)
    for offset in (3, 3, 2, 7, 9):
        world.at(9).app.claim_interest("ACME", "INV-1", day(offset), key=f"c{len(world.store.facts('ACME'))}{offset}")
    assert sum((amount for amount in raised(world).values()), eur(0)) == eur(9)
    lived(world, 10, 10)
    assert raised(world)[INTEREST] == eur(1)


def test_a_claim_needs_terms_and_an_item():
    world = dunned(1, attrs.evolve(POLICY, interest=None, steps=(DunningStep(name="x", days_after_due=9),)))
    with pytest.raises(UnknownId, match="interest terms"):
        world.app.claim_interest("ACME", "INV-1", day(1), key="c")
    with pytest.raises(UnknownId):
        world.app.claim_interest("ACME", "NONE", day(1), key="c")


# Money that went back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "days"), [("returned", 12), ("chargeback", 12), ("reversed", 20)])
def test_days_on_which_the_money_was_there_bear_no_interest_unless_it_never_was(kind, days):
    """Paid on day 5 and back on day 13: of twenty days, six to thirteen bear none."""
    world = dunned(last=5)
    world.pay("P", "3650", method="direct_debit")
    world.apply("P", "INV-1", "3650")
    world.at(13).app.return_payment("ACME", "P", kind, "AM04", on=day(13), key="back")
    lived(world, 14, 20)
    assert sum(raised(world)[id].minor for id in raised(world) if id.endswith("interest")) == days * 100


def claimable():
    """As `dunned`, with a ladder that claims nothing by itself."""
    return dunned(1, attrs.evolve(POLICY, steps=(DunningStep(name="x", days_after_due=99),)))


def claimed_on(world, offset):
    world.at(offset).app.claim_interest("ACME", "INV-1", day(offset), key=f"claim {offset}")
    return sum((amount for amount in raised(world).values()), eur(0))


def test_a_credit_note_that_was_taken_off_the_item_again_bears_interest_as_if_it_had_never_been_on_it():
    """3,650.00 bear 1.00 a day: for ten days 5.00 where half was credited on the due day, 10.00 where no longer."""
    credited, again = claimable(), claimable()
    for world in (credited, again):
        note = CreditNote(number="CN", account="ACME", issued_on=day(0), total=eur(1825), against="INV-1")
        world.app.issue_credit_note(note, key="note")
    (made,) = again.facts(AllocationMade)
    again.at(7).app.unapply("ACME", made.id, key="off")
    assert [claimed_on(world, 10) for world in (credited, again)] == [eur(5), eur(10)]


def test_a_write_off_that_was_a_mistake_bears_interest_as_if_it_had_never_been():
    lost, found = claimable(), claimable()
    for world in (lost, found):
        world.app.write_off("ACME", "INV-1", "insolvent", on=day(0), amount=eur(1825), key="lose", by="a", approver="b")
    (gone,) = found.facts(WrittenOff)
    found.at(7).app.reverse_write_off("ACME", gone.id, reason="typed", key="back", by="a", approver="b")
    assert [claimed_on(world, 10) for world in (lost, found)] == [eur(5), eur(10)]


@pytest.mark.parametrize("back", [None, 4, 8])
def test_what_was_written_off_bears_nothing_while_it_is_recovered_and_when_the_money_went_back(back):
    """Half is written off on the due day and recovered on day 4; the other half bears 0.50 a day all along."""
    world = claimable()
    world.app.write_off("ACME", "INV-1", "insolvent", on=day(0), amount=eur(1825), key="lose", by="a", approver="b")
    world.at(4).pay("P", 1825, method="direct_debit")
    world.app.recover("ACME", "P", "INV-1", key="recover")
    if back is not None:
        world.at(8).app.return_payment("ACME", "P", "returned", "AM04", on=day(back), key="back")
    assert claimed_on(world, 10) == eur(5)


def test_a_fee_of_nothing_is_no_charge():
    """One percent of 0.40 is no cent."""
    step = DunningStep(name="one", days_after_due=10, fee=FeeRule.of_percent("fee", 1))
    assert raised(dunned(policy=attrs.evolve(POLICY, interest=None, steps=(step,)), amount="0.40")) == {}
    assert raised(dunned(policy=attrs.evolve(POLICY, interest=None, steps=(step,)), amount="40")) == {FEE: eur("0.40")}


def test_interest_whose_terms_are_known_no_more_stays_as_it_was_claimed():
    """Half was paid on the due day: by the terms of the letter 5.00 of 10.00 are too much, without them nobody knows."""
    known, unknown = dunned(), dunned()
    unknown.policies = PolicyBook.of(attrs.evolve(POLICY, id="other"))
    unknown.restart()
    for world in (known, unknown):
        world.pay("P", 1825, on=0)
        world.apply("P", "INV-1", 1825)
    assert [reversed_(world) for world in (known, unknown)] == [[(INTEREST, eur(5))], []]


def test_a_letter_in_a_currency_without_a_fee_goes_out_without_it_and_the_run_says_so():
    """Its interest is claimed, and the letter in euro has its fee; what is not converted holds up neither."""
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.invoice("E", 3650, 0)
    world.invoice("C", Money.of(3650, "CHF"), 0)
    view = world.at(10).app.view("ACME", day(10))
    (result,) = world.run()
    charges = {str(notice.currency): [(c.kind, str(c.amount)) for c in notice.charges] for notice in result.notices}
    assert charges == {
        "EUR": [("fee", "15.00 EUR"), ("interest", "10.00 EUR")],
        "CHF": [("interest", "10.00 CHF")],
    }
    assert [str(each) for each in result.reasons] == ["fee_currency (3650.00 CHF)"]
    assert not result.reasons[0].retryable
    plan = plan_for(view, world.policies)
    assert {row["item"]: row["lacks"] for row in plan.rows()} == {"E": None, "C": "fee_currency"}
    assert plan.explain("C").endswith("; fee_currency: its fee has no amount in CHF")
    assert "fee" not in plan.explain("E")


def test_a_letter_without_a_fee_in_its_currency_is_sent_and_the_next_step_follows():
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.invoice("C", Money.of(3650, "CHF"), 0)
    lived(world, 1, 20)
    assert [notice.template for notice in world.queued()] == ["one", "two"]
    assert {fact.charge.kind for fact in world.facts(ChargeRaised)} == {"interest"}


def test_what_does_not_take_a_step_lacks_no_fee():
    world = World(policies=PolicyBook.of(POLICY))
    world.open()
    world.invoice("C", Money.of(3650, "CHF"), 0)
    view = world.at(9).app.view("ACME", day(9))
    assert [row["lacks"] for row in plan_for(view, world.policies).rows()] == [None]
    assert [result.reasons for result in world.run()] in ([], [()])


@pytest.mark.parametrize(
    ("amount", "freed"),
    [("9.99", []), (10, []), ("10.01", ["apply G"]), (13, ["apply G"]), (14, ["apply G", "apply F"])],
)
def test_a_reversal_frees_what_was_paid_last_and_only_where_more_is_reversed_than_is_open(amount, freed):
    """Of the fee of 15.00, first 2.00 and then 3.00 were paid: 10.00 are open."""
    world = dunned()
    for id, part in (("F", 2), ("G", 3)):
        world.pay(id, part)
        world.apply(id, FEE, part)
    world.app.reverse_charge("ACME", FEE, amount=eur(amount), key="r", **BY)
    assert [fact.allocation[:7] for fact in world.facts(AllocationUndone)] == freed
    view = world.app.view("ACME", world.today)
    back = {0: 0, 1: 3, 2: 5}[len(freed)]
    assert view.on_account("EUR") == eur(back)
    assert world.app.account("ACME").cash.open_of(FEE, 1500) == (eur(10 + back) - eur(amount)).minor


def test_what_accrued_is_worked_out_by_the_version_that_claimed_it_not_by_that_of_a_later_letter_that_claims_none():
    """10 percent until day 10, on 3,650.00: 10.00. Half of it was there on day 5, so 2.50 had not accrued."""
    first = DunningStep(name="one", days_after_due=10, claims_interest=True)
    claiming = DunningPolicy(id="standard", version=1, steps=(first,), interest=InterestTerms.fixed("10"))
    plain = DunningPolicy(
        id="standard",
        version=2,
        steps=(first, DunningStep(name="two", days_after_due=20)),
        interest=InterestTerms.fixed("5"),
    )
    world = dunned(10, claiming)
    world.restart(policies=PolicyBook.of(claiming, plain))
    world.app.migrate_ladders("ACME", "standard", 2, key="move", by="ann")
    lived(world, 11, 20)
    assert [line.step for notice in world.queued() for line in notice.claimed] == ["one", "two"]
    world.pay("P", 1825, on=5)
    world.apply("P", "INV-1", 1825)
    assert [(fact.amount, fact.reason) for fact in world.facts(ChargeReversed)] == [(eur("2.50"), "less had accrued")]


def test_where_no_letter_claimed_any_interest_is_that_of_the_policy_for_the_invoice():
    """Ten percent for the customer, five for INV-2: of 3,650.00 those are 1.00 and 0.50 a day."""
    steps = (DunningStep(name="one", days_after_due=60),)
    usual = DunningPolicy(id="usual", version=1, steps=steps, interest=InterestTerms.fixed("10"))
    mild = DunningPolicy(id="mild", version=1, steps=steps, interest=InterestTerms.fixed("5"))
    choices = (Choice(kind="dunning", policy="usual"), Choice(kind="dunning", policy="mild", invoice="INV-2"))
    world = World(policies=PolicyBook.of(usual, mild, choices=choices))
    world.at(-30).open()
    for item in ("INV-1", "INV-2"):
        world.invoice(item, 3650, 0)
        assert world.app.claim_interest("ACME", item, until=day(0), key=f"{item} early").outcome == "nothing to claim"
        world.app.claim_interest("ACME", item, until=day(1), key="claim" + item)
    assert list(raised(world).values()) == [eur("1.00"), eur("0.50")]
