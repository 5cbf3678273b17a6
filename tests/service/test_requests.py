"""A customer asks, and is answered at once or by a person: what is recorded, what follows from it, and what is refused."""

import attrs
import pytest
from tests.service.world import CREDIT, LADDER, TODAY, World, day, eur, picture

from receivables import Choice, Contact, Hold, Money, PolicyBook
from receivables.documents.request import ContactsRequest, DefermentRequest, PlanRequest, PromiseRequest
from receivables.errors import ClaimTaken, InvalidValue, KeyReused, OverApplied, UnknownId, WrongType
from receivables.facts.credit import HoldPlaced
from receivables.facts.customer import CustomerChanged
from receivables.facts.payment_plan import PlanAgreed
from receivables.facts.promise import PromiseMade
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.plans import request_commands
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime

PORTAL = ArrangementPolicy(
    id="portal",
    version=1,
    most_amounts=(eur(2000),),
    longest_deferment_days=30,
    most_installments=6,
    longest_plan_days=200,
    contact_changes=frozenset({"billing"}),
)
CLAIMS = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))


@pytest.fixture
def world():
    world = World(policies=PolicyBook.of(LADDER, CREDIT, PORTAL))
    world.open()
    world.invoice("INV-1", "1000", -10)
    return world


def promise(id="R-1", amount=1000, pay_by=7, account="ACME", items=("INV-1",)):
    return PromiseRequest(id=id, account=account, amount=eur(amount), pay_by=day(pay_by), items=items)


def ask(world, request, key=None):
    key = key or f"ask {request.id}"
    if isinstance(request, ContactsRequest):
        return world.app.request_contacts(request, key=key, by="portal")
    return world.app.request_arrangement(request, key=key, by="portal")


def word(world, id="R-1", accept=True, **more):
    fields = {"reason": "spoke with her", "by": "ann", "key": f"answer {id} {accept}", **more}
    return world.app.answer_request("ACME", id, accept=accept, **fields)


ASKED = {
    PromiseMade: promise(),
    HoldPlaced: DefermentRequest(id="R-1", account="ACME", item="INV-1", until=day(20)),
    PlanAgreed: PlanRequest(id="R-1", account="ACME", items=("INV-1",), count=3, first_on=day(5)),
    CustomerChanged: ContactsRequest(
        id="R-1",
        account="ACME",
        contacts=(Contact(purpose="billing", channel="letter", reference="address-4"),),
    ),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_accepted_is_recorded_in_the_same_commit_with_the_policy_that_accepted_it(world, kind):
    receipt = ask(world, ASKED[kind])
    assert (receipt.outcome, receipt.ids, receipt.reasons) == ("accepted", ("R-1",), ())
    (made,) = world.facts(RequestMade)
    assert (made.request, str(made.policy), made.by) == (ASKED[kind], "portal/1", "portal")
    (granted,) = world.facts(kind)
    assert granted.recorded_at == made.recorded_at


@pytest.mark.parametrize("kind", ASKED)
def test_the_same_key_gives_the_first_answer_again_and_records_nothing(world, kind):
    first = ask(world, ASKED[kind])
    before = picture(world.store)
    assert ask(world, ASKED[kind]) == first
    assert picture(world.store) == before
    with pytest.raises(KeyReused):
        ask(world, attrs.evolve(ASKED[kind], id="R-2"), key="ask R-1")


@pytest.mark.parametrize(("kind", "over"), [(PromiseMade, 8), (HoldPlaced, 21), (PlanAgreed, 6)])
def test_an_item_is_not_dunned_while_what_was_accepted_covers_it_and_is_dunned_after(world, kind, over):
    ask(world, ASKED[kind])

    def letters():
        return [notice.template for notice in world.queued() if notice.audience == "customer"]

    world.at(over - 1).run()
    assert letters() == []
    world.at(over + LADDER.steps[0].days_after_due).run()
    assert letters() == ["first"]


def test_a_refusal_is_recorded_with_its_reasons_and_nothing_else(world):
    receipt = ask(world, promise(pay_by=15))
    assert (receipt.outcome, [str(each) for each in receipt.reasons]) == ("refused", ["too_long (14 days)"])
    assert world.facts(PromiseMade) == []
    (state,) = world.app.view("ACME", TODAY).requests
    assert (state.status, state.decided_on, state.waits) == ("refused", TODAY, False)


def test_what_is_referred_waits_for_a_person_who_accepts_it_as_of_that_day(world):
    world.invoice("INV-2", "5000", -5)
    assert ask(world, promise(amount=2500, items=("INV-2",))).outcome == "referred"
    assert [each.waits for each in world.app.view("ACME", TODAY).requests] == [True]
    assert world.facts(PromiseMade) == []
    receipt = word(world.at(2))
    assert receipt.outcome == "accepted"
    (made,) = world.facts(PromiseMade)
    assert (made.promise.id, made.promise.made_on, made.promise.amount) == ("R-1", day(2), eur(2500))
    assert [(each.status, each.decided_on) for each in world.app.view("ACME", day(2)).requests] == [
        ("accepted", day(2))
    ]


def test_a_person_who_refuses_records_the_reason_and_nothing_else(world):
    world.restart(policies=PolicyBook.of(LADDER, CREDIT))
    assert ask(world, promise()).outcome == "referred"
    assert word(world, accept=False).outcome == "refused"
    (said,) = world.facts(RequestAnswered)
    assert (said.accepted, said.reason, said.by) == (False, "spoke with her", "ann")
    assert world.facts(PromiseMade) == []


def test_a_promise_after_one_that_was_not_kept_needs_an_approver_who_is_another(world):
    world.at(-9).promise("OLD", "INV-1", "10", -5)
    tolerant = attrs.evolve(PORTAL, most_not_kept=1)
    world.restart(policies=PolicyBook.of(LADDER, CREDIT, tolerant))
    assert [each.code for each in ask(world.at(0), promise()).reasons] == ["not_kept"]
    before = picture(world.store)
    for approver in (None, "ann"):
        with pytest.raises(InvalidValue, match="approver"):
            word(world, approver=approver)
    assert picture(world.store) == before
    assert word(world, approver="bob").outcome == "accepted"


@pytest.mark.parametrize(
    ("happens", "error"),
    [
        (lambda world: world.settle("INV-1", "1000"), UnknownId),
        (lambda world: world.settle("INV-1", "400"), OverApplied),
        (lambda world: world.at(8), InvalidValue),
    ],
    ids=["it was paid", "it was paid in part", "its day is over"],
)
def test_what_came_to_nothing_meanwhile_cannot_be_accepted_and_waits_on(world, happens, error):
    world.restart(policies=PolicyBook.of(LADDER, CREDIT))
    ask(world, promise())
    happens(world)
    before = picture(world.store)
    with pytest.raises(error):
        word(world)
    assert picture(world.store) == before
    assert word(world, accept=False).outcome == "refused"


def test_only_what_waits_can_be_answered_and_only_once(world):
    ask(world, promise())
    with pytest.raises(UnknownId, match="'R-1'"):
        word(world)
    world.restart(policies=PolicyBook.of(LADDER, CREDIT))
    ask(world, promise("R-2"))
    word(world, "R-2", accept=False)
    with pytest.raises(UnknownId, match="'R-2'"):
        word(world, "R-2")


def test_an_id_is_used_once(world):
    ask(world, promise(pay_by=15))
    with pytest.raises(ClaimTaken, match="'R-1'"):
        ask(world, promise(), key="another key")


def test_a_claim_that_is_barred_goes_to_a_person_and_the_customer_is_not_told_why(world):
    world.restart(policies=PolicyBook.of(LADDER, CREDIT, PORTAL, CLAIMS))
    world.invoice("OLD", "100", -1500, issued_on=day(-1530))
    receipt = ask(world, promise(amount=100, items=("OLD",)))
    assert (receipt.outcome, [each.code for each in receipt.reasons]) == ("referred", ["barred"])


def test_what_is_recorded_for_a_later_day_and_stands_against_it_goes_to_a_person(world):
    hold = Hold(
        id="H", account="ACME", placed_on=day(5), kind="deferment", item="INV-1", until=day(30), reason="her letter"
    )
    world.app.place_hold(hold, key="H")
    receipt = ask(world, attrs.evolve(ASKED[HoldPlaced], until=day(9)))
    assert (receipt.outcome, [each.code for each in receipt.reasons]) == ("referred", ["later_entry"])
    assert len(world.facts(HoldPlaced)) == 1


def test_the_policy_is_that_of_the_customers_segment(world):
    strict = attrs.evolve(PORTAL, id="strict", longest_promise_days=3)
    choices = (
        Choice(kind="arrangement", policy="portal"),
        Choice(kind="arrangement", policy="strict", segment="strict"),
    )
    world.restart(policies=PolicyBook.of(LADDER, CREDIT, PORTAL, strict, choices=choices))
    world.open("S", segment="strict")
    world.invoice("INV-S", "10", -3, "S")
    assert ask(world, promise("R-S", 10, account="S", items=("INV-S",))).outcome == "refused"
    assert ask(world, promise()).outcome == "accepted"


def test_a_customer_that_was_merged_asks_under_its_old_name_and_is_answered_on_the_whole(world):
    world.open("TWO")
    world.invoice("INV-TWO", "40", -4, "TWO")
    world.app.merge_accounts("ACME", "TWO", reason="one customer", by="ann", approver="bob", key="merge")
    receipt = ask(world, promise(amount=1040, account="TWO", items=("INV-1", "INV-TWO")))
    assert receipt.outcome == "accepted"
    (state,) = world.app.view("ACME", TODAY).promises
    assert (state.promise.account, state.items) == ("ACME", ("INV-1", "INV-TWO"))


def test_another_kind_of_request_is_misuse():
    with pytest.raises(WrongType, match="a request for a promise, a deferment or a plan"):
        request_commands.RequestArrangement(key="k", request=ASKED[CustomerChanged])
    with pytest.raises(WrongType, match="a request for contacts"):
        request_commands.RequestContacts(key="k", request=promise())
    with pytest.raises(WrongType, match="true or false"):
        request_commands.AnswerRequest(key="k", of="ACME", request="R-1", accept="yes", reason="so")


def test_an_amount_in_another_currency_is_refused_and_not_an_error(world):
    dollars = PromiseRequest(id="R-1", account="ACME", amount=Money.of(5, "USD"), pay_by=day(3), items=("INV-1",))
    assert [each.code for each in ask(world, dollars).reasons] == ["currency_differs"]
