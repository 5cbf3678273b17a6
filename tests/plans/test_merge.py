"""Merging and separating accounts: what is refused, what follows an alias, and what belongs to whom."""

import attrs
import pytest
from tests.plans.test_authority import MATRIX, governed_by
from tests.service.world import BOOK, EUR, TODAY, World, day, eur, picture

from receivables import Choice, CreditLimit, CreditNote, Currency, Customer, Hold, Money
from receivables.documents.authority import ApprovalRequest
from receivables.documents.payment import Payment
from receivables.documents.promise import Promise
from receivables.errors import ClaimTaken, InvalidValue, NotAuthorized, NotJoinable, StaleAccount, UnknownId
from receivables.facts.authority import AuthorityUsed
from receivables.facts.cash import AllocationMade, AllocationUndone, PaymentReceived
from receivables.facts.credit import LimitSet
from receivables.facts.dunning import NoticeQueued, NoticeSent, StepsAnnulled
from receivables.facts.merge import (
    AccountAbsorbed,
    AccountMerged,
    AccountRestored,
    AccountSeparated,
    DocumentsHandedOver,
    DocumentsTakenOn,
)
from receivables.plans.commands import MergeAccounts, ReceivePayment
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.settlement import SettlementPolicy
from receivables.policies.settlement_rules import Tolerance


def merge(world, of="A", absorbed="B", **more):
    asked = {"reason": "one", "by": "ann", "approver": "bob", "key": f"merge {of} {absorbed} {world.clock.instant}"}
    return world.app.merge_accounts(of, absorbed, **{**asked, **more})


def separate(world, of="A", absorbed="B", **more):
    asked = {"reason": "two", "by": "ann", "approver": "bob", "key": f"separate {of} {absorbed} {world.clock.instant}"}
    return world.app.separate_accounts(of, absorbed, **{**asked, **more})


@pytest.fixture
def world():
    world = World()
    for id in "ABCD":
        world.open(id)
        world.invoice(f"INV-{id}", "100", -3, id)
        world.pay(f"P-{id}", "40", id)
    return world


def kinds(world, account):
    return [type(fact) for fact in world.store.facts(account)]


def refused(world, error, match, do):
    before = picture(world.store)
    with pytest.raises(error, match=match) as caught:
        do()
    assert picture(world.store) == before
    return caught.value


# What is refused, with nothing recorded --------------------------------------------------------------------------------


def test_an_account_is_not_merged_with_itself(world):
    refused(world, InvalidValue, "must be another account than 'A'", lambda: merge(world, "A", "A"))


def test_an_account_that_was_merged_is_not_merged_again(world):
    merge(world)
    refused(world, InvalidValue, "'A' has it", lambda: merge(world, "C", "B"))


def test_there_are_no_circles(world):
    merge(world, "A", "B")
    merge(world, "C", "A")
    for absorbed in ("A", "B", "C"):
        refused(world, InvalidValue, r"command\.absorbed", lambda absorbed=absorbed: merge(world, "B", absorbed))


@pytest.mark.parametrize(("of", "absorbed"), [("A", "NOBODY"), ("NOBODY", "A")])
def test_both_accounts_must_be_there(world, of, absorbed):
    refused(world, UnknownId, "NOBODY", lambda: merge(world, of, absorbed))


def test_accounts_of_two_companies_are_not_merged(world):
    world.open("A", company="DE01")
    refused(world, InvalidValue, "must be of the company ''", lambda: merge(world, "A", "DE01:A"))


@pytest.mark.parametrize(("of", "absorbed"), [("A", "group:G"), ("group:G", "A")])
def test_the_account_of_a_group_is_not_merged(world, of, absorbed):
    world.app.open_group("G", key="group")
    refused(world, InvalidValue, "not of a group", lambda: merge(world, of, absorbed))


def test_an_id_that_both_have_is_listed(world):
    for account in "AB":
        world.app.place_hold(Hold(id="H-1", account=account, placed_on=TODAY, reason="wait"), key=f"hold {account}")
        world.app.place_hold(
            Hold(id="H-2", account=account, placed_on=TODAY, reason="wait", kind="deferment"),
            key=f"other hold {account}",
        )
    error = refused(world, NotJoinable, "merge 'A' and 'B'", lambda: merge(world))
    assert error.obstacles == ("both have hold 'H-1'", "both have hold 'H-2'")


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"account": "B"}, "must be 'A'"),
        ({"kind": "temporary"}, "must be 'base'"),
        ({"valid_from": day(1)}, "must be today"),
        ({"valid_from": day(-1)}, "must be today"),
        ({"currency": Money.of(1, "USD").currency, "amount": None}, "must say the limit of the whole in EUR"),
    ],
)
def test_the_limit_of_the_whole_must_hold_from_today(world, more, match):
    world.limit("500", "B")
    limit = CreditLimit(**{"account": "A", "currency": EUR, "amount": eur(900), "valid_from": TODAY, **more})
    refused(world, InvalidValue, match, lambda: merge(world, limits=(limit,)))


def test_a_maker_is_no_checker(world):
    refused(world, InvalidValue, "another person", lambda: merge(world, by="ann", approver="ann"))
    merge(world)
    refused(world, InvalidValue, "another person", lambda: separate(world, by="ann", approver="ann"))


def test_an_account_that_is_no_part_is_not_separated(world):
    refused(world, UnknownId, "merged into 'A'", lambda: separate(world))
    merge(world)
    separate(world)
    world.at(1)
    refused(world, UnknownId, "merged into 'A'", lambda: separate(world))


def test_the_customer_that_was_merged_is_not_changed_any_more(world):
    merge(world)
    change = lambda: world.app.change_customer(Customer(id="B", segment="x"), on=TODAY, key="change")  # noqa: E731
    refused(world, InvalidValue, "part of 'A'", change)
    again = Customer(id="B", segment="y")
    refused(world, ClaimTaken, "B", lambda: world.app.open_account(again, key="open B again"))


def test_a_moved_part_makes_the_whole_stale(world):
    merge(world)
    other = World(store=world.store)

    load = world.store.load

    def load_and_lose(ids):
        found = load(ids)
        if list(ids) == ["B"]:
            world.store.load = load
            other.pay("P-B2", "5", "B")
        return found

    world.store.load = load_and_lose
    with pytest.raises(StaleAccount):
        world.pay("P-A2", "5", "A")


# What is asked for by the old id ----------------------------------------------------------------------------------------


def test_a_chain_of_aliases_leads_to_the_last(world):
    merge(world, "A", "B")
    merge(world, "C", "A")
    receipt = world.pay("P-9", "10", "B")
    assert receipt.account == "C"
    assert world.facts(PaymentReceived, account="B")[-1].payment.id == "P-9"
    assert world.app.account("B").id == "C"
    assert world.app.view("B", TODAY).balance(EUR) == eur(3 * 60 - 10)


def test_a_command_that_names_another_account_of_the_whole_is_recorded_where_the_thing_is(world):
    merge(world)
    world.app.apply("A", "P-B", "INV-B", eur(40), key="apply")
    assert [type(fact) for fact in world.store.facts("B")][-1] is AllocationMade
    assert AllocationMade not in kinds(world, "A")


def test_a_command_is_repeated_under_its_key_whatever_was_merged_meanwhile(world):
    first = world.pay("P-9", "10", "B")
    merge(world)
    assert world.pay("P-9", "10", "B") == first


def test_an_allocation_between_the_two_is_dated_not_before_the_merge(world):
    world.at(5)
    merge(world)
    world.apply("P-A", "INV-B", "30", "A")
    (made,) = world.facts(AllocationMade, account="A")
    assert made.effective_on == day(5)
    assert world.facts(AllocationMade, account="B") == [made]
    assert world.app.view("A", day(4)).credit("P-A").remaining == 40_00
    assert world.app.view("B", day(4)).open("INV-B") == eur(100)
    assert world.app.view("A", day(5)).open("INV-B") == eur(70)
    assert world.app.view("A", day(5)).balance(EUR) == eur(120)


def test_a_late_payment_of_the_old_customer_shows_before_the_merge_with_that_customer(world):
    world.at(5)
    merge(world)
    world.at(7)
    world.pay("P-9", "100", "B", on=1)
    world.apply("P-9", "INV-B", "100", "B")
    assert world.app.view("B", day(4)).account == "B"
    assert world.app.view("B", day(4)).on_account(EUR) == eur(40)
    assert world.app.view("B", day(4)).books == ()
    assert world.app.view("B", day(4), day(6)).open("INV-B") == eur(100)


def test_a_credit_note_goes_to_the_invoice_that_it_is_against(world):
    merge(world)
    note = CreditNote(number="CN-1", account="A", issued_on=TODAY, total=eur(20), against="INV-B")
    world.app.issue_credit_note(note, key="note")
    assert [type(fact).__name__ for fact in world.store.facts("B")][-2:] == ["CreditNoteIssued", "AllocationMade"]


def test_an_invoice_number_is_refused_by_the_whole(world):
    merge(world)
    refused(world, ClaimTaken, "INV-B", lambda: world.invoice("INV-B", "5", 30, "A"))
    refused(world, ClaimTaken, "INV-A", lambda: world.invoice("INV-A", "5", 30, "B"))


def test_a_merged_account_sleeps_and_a_restored_one_wakes(world):
    assert "B" in world.store.due(day(30), "", 10)
    later = Hold(id="H-1", account="B", placed_on=day(9), reason="asked to wait")
    world.app.place_hold(later, key="hold")
    merge(world)
    assert "B" not in world.store.due(day(30), "", 10)
    assert list(world.app.rewake(day(1)))
    assert "B" not in world.store.due(day(30), "", 10)
    separate(world)
    assert {"A", "B"} <= set(world.store.due(day(30), "", 10))


def test_a_separated_account_is_not_put_to_sleep_by_the_other(world):
    merge(world)
    separate(world)
    world.pay("P-A2", "5", "A")
    assert "B" in world.store.due(day(30), "", 10)


def test_a_command_of_a_batch_stands_beside_a_merge(world):
    payment = Payment(id="P-9", account="A", amount=eur(10), value_date=TODAY)
    command = MergeAccounts(of="A", absorbed="B", reason="one", by="ann", approver="bob", key="m")
    other = attrs.evolve(payment, id="P-10")
    results = list(
        world.app.record([ReceivePayment(payment=payment, key="1"), command, ReceivePayment(payment=other, key="2")])
    )
    assert [each.ok for each in results] == [True, True, True]
    assert world.app.view("A", TODAY).balance(EUR) == eur(100)


def test_a_group_counts_what_was_merged_once(world):
    for id in ("X", "Y", "Z"):
        world.open(id, group="G")
        world.invoice(f"INV-{id}", "100", 10, id)
    world.app.open_group("G", key="group")
    world.limit("350", "group:G")
    world.limit(None, "Z")
    merge(world, "X", "Y")
    assert [reason.code for reason in world.order("SO-1", "60", "Z").reasons] == ["group_limit_exceeded"]
    assert world.order("SO-2", "50", "Z").outcome == "approved"


# What comes back ---------------------------------------------------------------------------------------------------------


def test_cash_of_the_one_on_the_other_stands_in_the_way_until_it_is_taken_back(world):
    merge(world)
    made = world.apply("P-A", "INV-B", "30", "A").ids[0]
    error = refused(world, NotJoinable, "separate 'A' and 'B'", lambda: separate(world))
    assert error.obstacles == (f"allocation {made!r} of 'P-A' on 'INV-B'",)
    world.app.unapply("B", made, key="unapply")
    assert AllocationUndone in kinds(world, "A")
    separate(world)
    assert world.app.view("A", TODAY).on_account(EUR) == eur(40)
    assert world.app.view("B", TODAY).open("INV-B") == eur(100)


def test_a_letter_under_way_on_items_of_both_stands_in_the_way(world):
    merge(world)
    world.at(5).run()
    (queued,) = world.facts(NoticeQueued, account="A")
    assert world.facts(NoticeQueued, account="B") == [queued]
    error = refused(world, NotJoinable, "queued", lambda: separate(world))
    assert error.obstacles == (f"notice {queued.notice.key!r} that is queued",)
    world.deliver()
    separate(world)
    for id in "AB":
        assert [ladder.item for ladder in world.app.view(id, day(5)).ladders] == [f"INV-{id}"]
        assert len(world.facts(NoticeSent, account=id)) == 1


def test_what_was_recorded_about_the_other_meanwhile_follows_it(world):
    merge(world)
    world.pay("P-9", "25", "B")
    world.apply("P-9", "INV-B", "25", "A")
    world.hold("H-9", account="A", item="INV-B")
    world.at(5).run()
    world.deliver()
    separate(world)
    view = world.app.view("B", day(5))
    assert view.open("INV-B") == eur(75)
    assert [hold.id for hold in view.holds] == ["H-9"]
    assert world.app.view("A", day(5)).holds == ()
    assert world.app.view("A", day(5)).on_account(EUR) == eur(40)


def test_nothing_is_sent_again_after_a_separation(world):
    merge(world)
    world.at(5).run()
    world.deliver()
    sent = len(world.notifier.notices)
    separate(world)
    for id in "AB":
        world.apply(f"P-{id}", f"INV-{id}", "10", id)
    for offset in (5, 6, 7):
        world.at(offset).run(all_accounts=True)
        world.deliver()
    assert len(world.notifier.notices) == sent


def test_what_was_separated_can_be_merged_again(world):
    merge(world)
    world.at(1)
    separate(world)
    world.at(2)
    merge(world)
    assert [world.app.view("B", day(offset)).account for offset in (-1, 0, 1, 2)] == ["B", "A", "B", "A"]
    assert kinds(world, "A")[-3:] == [AccountAbsorbed, AccountSeparated, AccountAbsorbed]
    assert kinds(world, "B")[-3:] == [AccountMerged, AccountRestored, AccountMerged]


def test_what_concerned_both_is_no_clash_when_they_are_merged_again(world):
    merge(world)
    world.at(5).run()
    world.deliver()
    made = world.apply("P-A", "INV-B", "30", "A").ids[0]
    world.app.unapply("A", made, key="unapply")
    view = world.app.view("A", day(9))
    separate(world)
    world.at(6)
    merge(world)
    again = world.app.view("A", day(9))
    assert again == view
    assert len(again.notices) == 1


def test_an_account_takes_along_what_it_absorbed_itself(world):
    merge(world, "B", "C")
    merge(world, "A", "B")
    separate(world, "A", "B")
    assert world.app.view("B", TODAY).balance(EUR) == eur(120)
    assert world.app.view("A", TODAY).balance(EUR) == eur(60)
    assert world.app.account("C").id == "B"


def test_a_promise_over_items_of_both_stands_in_the_way_while_it_is_open(world):
    merge(world)
    promise = Promise(id="PTP-1", account="A", amount=eur(200), made_on=TODAY, pay_by=day(3), items=("INV-A", "INV-B"))
    world.app.make_promise(promise, key="promise")
    error = refused(world, NotJoinable, "separate", lambda: separate(world))
    assert error.obstacles == ("promise 'PTP-1' that is open",)
    world.app.withdraw_promise("A", "PTP-1", on=TODAY, reason="two after all", by="ann", key="withdraw")
    separate(world)
    assert [promise.status for id in "AB" for promise in world.app.view(id, TODAY).promises] == ["withdrawn"] * 2


def test_accounts_between_which_money_was_moved_can_be_merged(world):
    moved = world.app.transfer("A", "P-A", eur(15), "B", on=TODAY, key="move").ids[0]
    merge(world)
    view = world.app.view("A", TODAY)
    assert {credit.id: credit.remaining for credit in view.credits} == {"P-A": 25_00, "P-B": 40_00, moved: 15_00}
    separate(world)
    assert world.app.view("B", TODAY).on_account(EUR) == eur(55)


def test_a_payment_that_comes_back_comes_back_from_the_one_that_made_it(world):
    merge(world)
    world.app.return_payment("A", "P-B", "returned", "AM04", on=TODAY, key="return")
    separate(world)
    assert world.app.view("B", TODAY).on_account(EUR) == eur(0)
    assert world.app.view("A", TODAY).on_account(EUR) == eur(40)


def test_a_late_hold_of_the_one_annuls_no_letter_that_the_other_had_sent_before_the_merge(world):
    world.at(5).run()
    world.deliver()
    world.at(6)
    merge(world)
    world.at(7)
    hold = Hold(id="H-1", account="A", placed_on=day(3), reason="asked to wait", stops=frozenset({"dunning"}))
    world.app.place_hold(hold, key="hold")
    assert [fact.items for fact in world.facts(StepsAnnulled, account="A")] == [("INV-A",)]
    assert world.facts(StepsAnnulled, account="B") == []


def test_what_follows_on_a_restored_account_is_committed_with_its_separation(world):
    world.promise("PTP-1", "INV-B", "100", 3, "B")
    merge(world)
    world.at(5)
    separate(world)
    assert [notice.template for notice in world.queued("B")] == ["promise_broken"]
    assert world.queued("A") == []


def test_what_was_let_go_with_cash_of_the_other_stands_in_the_way_with_the_cash(world):
    """100.00 less one percent: 99.00 of A's money, and 1.00 of B's item that the tolerance let go."""
    tolerant = SettlementPolicy(id="desk", version=1, tolerance=Tolerance(amount=(eur(5),)))
    others = tuple(each for each in BOOK.policies if not isinstance(each, SettlementPolicy))
    world.restart(policies=attrs.evolve(BOOK, policies=(*others, tolerant)))
    world.pay("P", "99", "A")
    merge(world)
    world.app.settle("A", "P", ("INV-B",), key="settle")
    error = refused(world, NotJoinable, "separate", lambda: separate(world))
    assert error.obstacles == (
        "allocation 'settle#1' of 'P' on 'INV-B'",
        "difference 'settle#2' of 'P' on 'INV-B'",
    )
    world.app.unapply("A", "settle#1", key="back")
    separate(world)
    assert world.app.view("B", TODAY).open("INV-B") == eur(100)


def test_a_plan_about_items_of_the_one_alone_is_no_obstacle_and_goes_with_them(world):
    merge(world)
    world.agree("PP-1", "INV-B", (10, 60), (20, 40), account="A")
    separate(world)
    assert [len(world.app.view(id, TODAY).payment_plans) for id in "AB"] == [0, 1]


def test_a_plan_that_was_completed_by_money_on_items_of_both_stands_in_the_way(world):
    merge(world)
    world.agree("PP-1", "INV-A INV-B", (10, 200), account="A")
    world.settle("INV-A", "100", "A")
    world.app.receive_payment(Payment(id="Q", account="B", amount=eur(100), value_date=TODAY), key="pay")
    world.apply("Q", "INV-B", "100", "A")
    error = refused(world, NotJoinable, "separate", lambda: separate(world))
    assert error.obstacles == ("plan 'PP-1' that is completed",)


@pytest.mark.parametrize(
    ("chosen", "missing"), [((), "EUR, USD"), (("EUR",), "USD"), (("USD",), "EUR"), (("EUR", "USD"), None)]
)
def test_a_limit_of_the_whole_is_given_in_each_currency_in_which_either_has_one(world, chosen, missing):
    world.limit("500", "A")
    dollars = CreditLimit(account="B", currency=Currency.of("USD"), amount=Money.of(70, "USD"), valid_from=TODAY)
    world.app.set_limit(dollars, key="dollars")
    limits = tuple(
        CreditLimit(account="A", currency=Currency.of(code), amount=Money.of(900, code), valid_from=TODAY)
        for code in chosen
    )
    if missing is None:
        merge(world, limits=limits)
        assert [fact.limit for fact in world.facts(LimitSet, account="A")][1:] == list(limits)
        return
    error = refused(world, InvalidValue, "must say the limit", lambda: merge(world, limits=limits))
    assert (error.field, error.value) == ("command.limits", chosen)
    assert error.rule == f"must say the limit of the whole in {missing}"


# By whose authority ---------------------------------------------------------------------------------------------------


def split(world, of="A", to="B", **more):
    asked = {"reason": "her shop", "by": "ann", "approver": "bob", "key": f"split {of} {to} {world.clock.instant}"}
    return world.app.split_account(of, (f"INV-{of}",), to, **{**asked, **more})


def parted(of="A", to="B"):
    """Accounts that are one, and are to be two again."""

    def prepare(world):
        world.app.merge_accounts(of, to, reason="one", by="ann", approver="bob", key="one")

    return prepare


DEEDS = {
    "merge": (merge, lambda world: None, ("merge B", AccountAbsorbed), ("merge into A", AccountMerged)),
    "separate": (separate, parted(), ("separate B", AccountSeparated), ("separate from A", AccountRestored)),
    "split": (split, lambda world: None, ("split to B", DocumentsHandedOver), ("split from A", DocumentsTakenOn)),
}
"""What is done, what comes before it, and for each account the subject with the fact."""
LAX = AuthorityPolicy(id="lax", version=1)


def governed(*accounts, matrix=MATRIX, others=LAX):
    """A and B, each with an invoice; these under a matrix of their own, and the rest under another."""
    choices = (
        Choice(kind="authority", policy=matrix.id, segment="strict"),
        Choice(kind="authority", policy=others.id, segment="public"),
    )
    world = World(policies=governed_by(matrix, others, choices=choices))
    for id in "AB":
        world.open(id, segment="strict" if id in accounts else "public")
        world.invoice(f"INV-{id}", "100", 5, id)
    return world


@pytest.mark.parametrize("accounts", ["A", "B", "AB"])
@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_on_two_accounts_takes_the_authority_that_each_of_them_asks_for(deed, accounts):
    do, prepare, *sides = DEEDS[deed]
    world = governed(*accounts)
    prepare(world)
    error = refused(world, NotAuthorized, "no_authority", lambda: do(world, approver="zoe"))
    assert error.subject == sides["AB".index(accounts[0])][0]
    do(world, key="done")
    for account, (subject, kind) in zip("AB", sides, strict=True):
        wanted = [(subject, ("bob",), None)] if account in accounts else []
        facts = [each for each in world.store.facts(account) if each.recorded_at == world.clock.instant]
        at = next(n for n, each in enumerate(facts) if type(each) is kind)
        used = [each for each in facts[:at] if type(each) is AuthorityUsed and each.subject == subject]
        assert [(each.subject, each.approvers, each.approval) for each in used] == wanted
    policies = {each.policy.id for id in accounts for each in world.facts(AuthorityUsed, account=id)}
    assert policies == {"matrix"}


@pytest.mark.parametrize("other", DEEDS)
@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_granted_for_one_deed_on_two_accounts_is_for_no_other(deed, other):
    do, prepare, (subject, _), _ = DEEDS[deed]
    world = governed("A", "B")
    prepare(world)
    ask(world, DEEDS[other][2][0], "bob")
    if deed == other:
        do(world, approver="zoe", approval="OK")
        (used,) = (each for each in world.facts(AuthorityUsed, account="A") if each.approval)
        assert (used.subject, used.approvers, used.approval) == (subject, ("bob",), "OK")
        return
    refused(world, InvalidValue, f"must be for subject '{subject}'", lambda: do(world, approver="zoe", approval="OK"))


def ask(world, subject, *persons):
    asked = ApprovalRequest(id="OK", account="A", kind="merge", subject=subject)
    world.app.request_approval(asked, by="ann", key="ask")
    for person in persons:
        world.app.grant_approval("A", "OK", by=person, key=f"yes {person}")


BOARD = attrs.evolve(MATRIX, rules=(AuthorityRule(kind="merge", role="board", approvals=2),))


def test_who_granted_a_request_to_the_one_account_approves_for_the_other_and_it_is_used_once():
    world = governed("A", "B", matrix=BOARD)
    refused(world, NotAuthorized, "merge B", lambda: merge(world, approver="dora"))
    ask(world, "merge B", "dora", "emil")
    merge(world, approver="zoe", approval="OK")
    used = [world.facts(AuthorityUsed, account=id)[-1] for id in "AB"]
    assert [(each.approvers, each.approval) for each in used] == [(("dora", "emil"), "OK"), (("dora", "emil"), None)]
    assert [state.status for state in world.app.view("A", TODAY).approvals] == ["used"]


def test_the_other_account_asks_its_own_persons():
    """Bob may on A and Dora on B: his approval was asked for before, and hers comes with the deed."""
    own = AuthorityPolicy(
        id="own",
        version=1,
        roles=(Role(name="head", persons=("dora",)),),
        rules=(AuthorityRule(kind="merge", role="head"),),
    )
    only = attrs.evolve(MATRIX, rules=(AuthorityRule(kind="merge", role="lead"),))
    world = governed("A", matrix=only, others=own)
    ask(world, "merge B", "bob")
    error = refused(world, NotAuthorized, "no_authority", lambda: merge(world, approver="ben", approval="OK"))
    assert (error.subject, error.wanted) == ("merge into A", ("head",))
    merge(world, approver="dora", approval="OK")
    used = [world.facts(AuthorityUsed, account=id)[-1] for id in "AB"]
    assert [(each.policy.id, each.approvers) for each in used] == [("matrix", ("bob",)), ("own", ("dora",))]


def test_a_request_to_an_account_whose_matrix_does_not_ask_any_more_approves_nothing_for_the_other():
    """Its use would be written down nowhere, so that it could be used again and again."""
    world = governed("A", "B")
    ask(world, "merge B", "bob")
    lax = governed_by(
        MATRIX,
        LAX,
        choices=(
            Choice(kind="authority", policy="lax"),
            Choice(kind="authority", policy="matrix", customer="B"),
        ),
    )
    world.restart(policies=lax)
    error = refused(world, NotAuthorized, "no_authority", lambda: merge(world, approver="zoe", approval="OK"))
    assert error.subject == "merge into A"
