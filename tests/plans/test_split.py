"""Handing invoices over: what goes, what stays, what stands in the way, and what each date shows."""

import pytest
from tests.service.world import EUR, TODAY, World, day, eur, picture

from receivables import Hold, Invoice, Payment
from receivables.documents.payment import Designation
from receivables.documents.promise import Promise
from receivables.errors import ClaimTaken, InvalidValue, NotJoinable, UnknownId
from receivables.facts.dunning import NoticeQueued
from receivables.facts.merge import DocumentsHandedOver, DocumentsTakenOn


@pytest.fixture
def world():
    world = World()
    world.open("A")
    world.open("B")
    for number, amount in (("INV-1", "100"), ("INV-2", "200"), ("INV-3", "300")):
        world.invoice(number, amount, -8, "A")
    world.invoice("INV-B", "50", 30, "B")
    return world


def split(world, *documents, of="A", to="B", **more):
    asked = {
        "reason": "the shop",
        "by": "ann",
        "approver": "bob",
        "key": f"split {of} {to} {documents} {world.clock.instant}",
    }
    return world.app.split_account(of, documents or ("INV-1",), to, **{**asked, **more})


def balances(world, on=TODAY, known_at=None):
    return [world.app.view(id, on, known_at).balance(EUR).minor // 100 for id in "AB"]


def refused(world, error, match, do):
    before = picture(world.store)
    with pytest.raises(error, match=match) as caught:
        do()
    assert picture(world.store) == before
    return caught.value


def test_whole_invoices_go_and_dates_before_show_them_where_they_were(world):
    world.at(3)
    assert split(world, "INV-1", "INV-2").outcome == "split"
    assert [balances(world, day(on)) for on in (-1, 2, 3, 9)] == [[600, 0], [600, 50], [300, 350], [300, 350]]
    assert balances(world, day(9), day(2)) == [600, 50]
    assert type(world.store.facts("A")[-1]) is DocumentsHandedOver
    assert [type(fact) for fact in world.store.facts("B")][-1] is DocumentsTakenOn
    with pytest.raises(UnknownId):
        world.app.view("A", day(3)).open("INV-1")


def test_the_history_goes_along_and_nothing_is_sent_again(world):
    world.run()
    world.deliver()
    world.hold("H-1", "A", item="INV-1")
    world.promise("PTP-1", "INV-1", "100", 9, "A")
    split(world, "INV-1")
    view = world.app.view("B", TODAY)
    assert {ladder.item: ladder.step for ladder in view.ladders} == {"INV-1": "first"}
    assert [hold.id for hold in view.holds] == ["H-1"]
    assert [promise.promise.id for promise in view.promises] == ["PTP-1"]
    assert {ladder.item for ladder in world.app.view("A", TODAY).ladders} == {"INV-2", "INV-3"}
    sent = len(world.notifier.notices)
    for offset in (1, 2, 3):
        world.at(offset).run(all_accounts=True)
        assert list(world.deliver()) == []
    assert len(world.notifier.notices) == sent
    world.app.release_hold("B", "H-1", on=day(3), key="lift")
    world.app.withdraw_promise("B", "PTP-1", on=day(3), reason="paid", by="ann", key="withdraw")
    world.at(14).run()
    assert [fact.notice.claimed[0].item for fact in world.facts(NoticeQueued, account="B")] == ["INV-1"]


def test_money_that_settles_only_what_goes_goes_along(world):
    world.pay("P-1", "30", "A")
    world.apply("P-1", "INV-1", "30", "A")
    split(world, "INV-1")
    assert world.app.view("B", TODAY).open("INV-1") == eur(70)
    world.app.unapply("B", "apply P-1 INV-1 30.00 EUR#1", key="unapply")
    assert world.app.view("B", TODAY).credit("P-1").remaining == 30_00
    assert balances(world) == [500, 120]


def test_money_that_is_shared_stands_in_the_way_until_it_is_taken_back(world):
    world.pay("P-1", "50", "A")
    made = world.apply("P-1", "INV-1", "30", "A").ids[0]
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert error.obstacles == (f"allocation {made!r} of 'P-1' on 'INV-1'",)
    world.app.unapply("A", made, key="unapply")
    split(world, "INV-1")
    assert balances(world) == [450, 150]


def test_a_letter_under_way_on_what_stays_too_stands_in_the_way(world):
    world.run()
    (queued,) = world.queued("A")
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert error.obstacles == (f"notice {queued.key!r} that is queued",)
    split(world, "INV-1", "INV-2", "INV-3")
    assert [(each.account, each.outcome) for each in world.deliver()] == [("B", "sent")]


def test_a_promise_over_what_stays_too_stands_in_the_way(world):
    promise = Promise(id="PTP-1", account="A", amount=eur(300), made_on=TODAY, pay_by=day(9), items=("INV-1", "INV-2"))
    world.app.make_promise(promise, key="promise")
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert error.obstacles == ("promise 'PTP-1' that is open",)
    split(world, "INV-1", "INV-2")
    assert world.app.view("B", TODAY).promises[0].status == "open"


@pytest.mark.parametrize(("paid", "status"), [((), "performing"), (("INV-1", "INV-2"), "completed")])
def test_a_plan_over_what_stays_too_stands_in_the_way_also_when_it_is_completed(world, paid, status):
    """With a part of what settled it each side would be in default of a plan that was kept."""
    world.agree("PP", "INV-1 INV-2", (9, 300), account="A")
    for item in paid:
        world.settle(item, {"INV-1": "100", "INV-2": "200"}[item], "A")
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert error.obstacles == (f"plan 'PP' that is {status}",)
    split(world, "INV-3")
    split(world, "INV-1", "INV-2")
    assert [[each.status for each in world.app.view(id, TODAY).payment_plans] for id in "AB"] == [[], [status]]


def test_what_went_is_asked_for_where_it_is_now(world):
    split(world, "INV-1")
    world.pay("P-1", "400", "A")
    world.pay("P-2", "100", "B")
    refused(world, UnknownId, "INV-1", lambda: world.apply("P-1", "INV-1", "30", "A"))
    again = Invoice.due(number="INV-1", account="A", issued_on=TODAY, total=eur(5), due_on=day(9))
    refused(world, ClaimTaken, "INV-1", lambda: world.app.issue_invoice(again, key="again"))
    world.apply("P-2", "INV-1", "100", "B")
    assert balances(world) == [100, 50]
    assert world.app.view("B", TODAY).closed == {"INV-1"}


def test_an_id_that_the_other_has_is_listed(world):
    world.hold("H-1", "A", item="INV-1")
    hold = Hold(id="H-1", account="B", placed_on=TODAY, reason="wait")
    world.app.place_hold(hold, key="hold B")
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert error.obstacles == ("both have hold 'H-1'",)


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"to": "A"}, InvalidValue, r"^command\.to: must be another account than 'A', got 'A'$"),
        ({"to": "NOBODY"}, UnknownId, "NOBODY"),
        ({"of": "NOBODY"}, UnknownId, "NOBODY"),
        (
            {"approver": "ann"},
            InvalidValue,
            r"^command\.approver: must be another person than the one who asks, got 'ann'$",
        ),
        ({"to": "group:G"}, InvalidValue, r"^command\.to: must be the account of a customer, not of a group, got"),
        ({"to": "DE01:A"}, InvalidValue, r"^command\.to: must be of the company '', got 'DE01:A'$"),
    ],
)
def test_what_cannot_be_is_refused(world, more, error, match):
    world.app.open_group("G", key="group")
    world.open("A", company="DE01")
    refused(world, error, match, lambda: split(world, "INV-1", **more))


def test_the_documents_must_be_there_and_named_once(world):
    refused(world, UnknownId, "INV-B", lambda: split(world, "INV-B"))
    refused(world, InvalidValue, "once", lambda: split(world, "INV-1", "INV-1"))
    ask = {"reason": "x", "by": "ann", "approver": "bob", "key": "k"}
    refused(world, InvalidValue, "must name", lambda: world.app.split_account("A", (), "B", **ask))


def test_what_came_from_another_account_is_handed_over_no_further(world):
    world.open("C")
    split(world, "INV-1")
    refused(world, InvalidValue, "recorded on 'B' itself", lambda: split(world, "INV-1", of="B", to="C"))
    world.at(1)
    refused(world, UnknownId, "INV-1", lambda: split(world, "INV-1", to="C"))
    split(world, "INV-2")
    assert balances(world, day(1)) == [300, 350]


def test_accounts_that_were_split_can_be_made_one_and_two_again(world):
    world.run()
    world.deliver()
    split(world, "INV-1")
    alone = [world.app.view(id, day(5)) for id in "AB"]
    asked = {"reason": "one", "by": "ann", "approver": "bob"}
    world.at(1)
    world.app.merge_accounts("A", "B", **asked, key="merge")
    view = world.app.view("A", day(5))
    assert view.balance(EUR) == eur(650)
    assert len(view.notices) == 1
    world.app.receive_payment(Payment(id="P-9", account="B", amount=eur(100), value_date=day(1)), key="pay")
    world.app.apply("A", "P-9", "INV-1", eur(100), key="apply")
    world.app.separate_accounts("A", "B", **asked, key="separate")
    assert world.app.view("A", day(5)) == alone[0]
    assert world.app.view("B", day(5)).balance(EUR) == eur(50)
    assert world.app.view("B", day(5)).ladder_of["INV-1"].step == "first"


def test_a_payment_on_its_way_for_what_goes_stands_in_the_way_until_it_is_decided(world):
    meant = (Designation(item="INV-1", amount=eur(30)),)
    world.pay("P-1", "30", "A", status="pending", method="card", designated=meant)
    error = refused(world, NotJoinable, "split", lambda: split(world, "INV-1"))
    assert "payment on its way for 'INV-1'" in error.obstacles
    split(world, "INV-2")
    world.app.fail_payment("A", "P-1", "51", on=TODAY, key="fail")
    split(world, "INV-1")
    assert world.app.view("B", TODAY).open("INV-1") == eur(100)
