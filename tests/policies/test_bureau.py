"""What may be told a bureau, with each reason against it, and what is owed to it, by what was known when."""

import datetime as dt

import attrs
import pytest
from tests.service.world import BOOK, REGISTER, World, day, eur

from receivables import Installment, Invoice, Schedule, TakenOverItem
from receivables.errors import InvalidValue, UnknownId
from receivables.policies.bureau import CODES, BureauPolicy, BureauRules, owed_to_bureau, standings
from receivables.policies.metro2 import account_status, payment_profile, status_of
from receivables.reports.bureau import bureau_list, payment_history
from receivables.state.bureau import LIFE

DAY_ONE = dt.date(2020, 1, 1)


def policy(**more):
    return BureauPolicy(id="register", version=1, bureau="register", rules=(BureauRules(valid_from=DAY_ONE, **more),))


@pytest.fixture
def world():
    world = World()
    world.open()
    world.invoice("INV-1", "300", -40)
    return world


def reasons(world, rules=REGISTER, item="INV-1", account="ACME", on=None):
    known = world.app.account(account)
    found = standings(known, known.view(world.today if on is None else on), rules)
    return [reason.code for standing in found if standing.item == item for reason in standing.reasons]


def test_a_debt_is_reportable_from_so_many_days_overdue_on(world):
    assert reasons(world, on=day(-11)) == ["not_overdue"]
    assert reasons(world, on=day(-10)) == []


def test_each_arrangement_stops_a_report_with_its_own_code(world):
    world.invoice("INV-2", "60", -40)
    world.dispute("D-1", "INV-1", 10)
    assert reasons(world) == ["disputed"]
    world.agree("PP-1", "INV-2", (1, "30"), (30, "30"))
    assert reasons(world, item="INV-2") == ["planned"]
    world.invoice("INV-3", "60", -40)
    world.promise("PTP-1", "INV-3", 10, 5)
    assert reasons(world, item="INV-3") == ["promised"]
    world.hold("H-1", item="INV-3", stops=frozenset({"reporting"}))
    assert reasons(world, item="INV-3") == ["held", "promised"]


def test_an_ordinary_hold_stops_no_report(world):
    world.hold("H-1", item="INV-1")
    assert reasons(world) == []


def test_a_dispute_that_ended_lets_the_debt_be_reported(world):
    world.dispute("D-1", "INV-1")
    world.app.resolve_dispute("ACME", "D-1", "rejected", on=day(0), key="end", by="ann")
    assert reasons(world) == []


def test_a_warning_has_to_be_sent_and_to_wait_for_its_days(world):
    warned = policy(days_overdue=30, step="first", waiting_days=14)
    world.run()
    assert reasons(world, warned) == ["no_warning"]  # queued is not sent
    world.deliver()
    assert reasons(world, warned, on=day(13)) == ["warning_too_recent"]
    assert reasons(world, warned, on=day(14)) == []
    assert reasons(world, policy(days_overdue=30, step="final")) == ["no_warning"]


def test_a_warning_that_another_system_sent_counts_from_its_day(world):
    moved = {"account": "ACME", "issued_on": day(-70), "due_on": day(-40), "open": eur(50)}
    for id, more in (("OLD-1", {"step": "first", "stepped_on": day(-10)}), ("OLD-2", {})):
        world.app.take_over(TakenOverItem(id=id, **moved, **more), on=day(0), key=id)
    warned = policy(days_overdue=30, step="first", waiting_days=14)
    assert reasons(world, warned, item="OLD-1", on=day(3)) == ["warning_too_recent"]
    assert reasons(world, warned, item="OLD-1", on=day(4)) == []
    assert reasons(world, warned, item="OLD-2", on=day(4)) == ["no_warning"]


def test_the_sum_of_what_could_be_reported_is_held_against_the_minimum(world):
    small = policy(days_overdue=30, minimums=(eur(350),))
    assert reasons(world, small) == ["below_minimum"]
    world.invoice("INV-2", "50", -40)
    assert reasons(world, small) == []
    world.dispute("D-1", "INV-2")
    assert reasons(world, small) == ["below_minimum"]


def test_what_waits_for_its_due_date_and_what_is_a_charge_is_not_reportable():
    world = World()
    world.open(segment="strict")
    waits = Schedule(installments=(Installment(amount=eur(70), baseline="delivery"),))
    world.app.issue_invoice(
        Invoice(number="INV-W", account="ACME", issued_on=day(-90), total=eur(70), schedule=waits), key="issue"
    )
    world.invoice("INV-S", "700", -40)
    world.run()
    world.deliver()
    known = world.app.account("ACME")
    assert [item.kind for item in known.ledger.items if item.kind != "invoice"]
    found = standings(known, known.view(world.today), REGISTER)
    assert [(each.item, each.reportable) for each in found] == [("INV-W", False), ("INV-S", True)]


def test_the_rules_of_the_day_count(world):
    dated = BureauPolicy(
        id="register",
        version=1,
        bureau="register",
        rules=(BureauRules(valid_from=DAY_ONE, days_overdue=30), BureauRules(valid_from=day(1), days_overdue=90)),
    )
    assert reasons(world, dated) == []
    assert reasons(world, dated, on=day(1)) == ["not_overdue"]
    assert dated.on(dt.date(2019, 12, 31)) is None


def test_before_the_first_rules_nothing_is_said(world):
    known = world.app.account("ACME")
    later = BureauPolicy(id="register", version=1, bureau="register", rules=(BureauRules(valid_from=day(1)),))
    assert standings(known, known.view(day(0)), later) == ()
    assert len(standings(known, known.view(day(1)), later)) == 1


def test_an_invoice_that_is_paid_is_no_debt(world):
    world.invoice("INV-2", "50", -40)
    world.settle("INV-2", 50)
    known = world.app.account("ACME")
    assert [each.item for each in standings(known, known.view(day(0)), REGISTER)] == ["INV-1"]


def test_every_code_has_its_place_and_is_given_in_order(world):
    assert len({code for code, _, _ in CODES}) == len(CODES)
    world.hold("H-1", item="INV-1", stops=frozenset({"reporting"}))
    world.dispute("D-1", "INV-1")
    order = [code for code, _, _ in CODES]
    found = reasons(world, policy(days_overdue=90, step="final"))
    assert found == sorted(found, key=order.index) == ["not_overdue", "disputed", "held", "no_warning"]


@pytest.mark.parametrize(
    "bad",
    [
        {"days_overdue": 0},
        {"waiting_days": 3},
        {"update_days": -1},
        {"minimums": (eur(1), eur(2))},
    ],
)
def test_rules_that_cannot_be_are_refused(bad):
    with pytest.raises(InvalidValue):
        policy(**bad)


@pytest.mark.parametrize("days", [(), (DAY_ONE, DAY_ONE), (day(1), day(0))])
def test_rules_come_each_after_the_other(days):
    with pytest.raises(InvalidValue):
        BureauPolicy(id="x", version=1, bureau="x", rules=tuple(BureauRules(valid_from=each) for each in days))


# What is owed to the bureau -------------------------------------------------------------------------------------------


@pytest.fixture
def reported(world):
    world.app.report_debt("ACME", ["INV-1"], key="report", by="ann", approver="bob")
    return world


def owed(world, on=None):
    known = world.app.account("ACME")
    view = known.view(world.today if on is None else day(on))
    return [(each.kind, each.since, each.balance) for each in owed_to_bureau(known, view, REGISTER)]


def tell(world, key="tell"):
    return world.app.update_report("ACME", "report#1", key=key, by="ann")


def test_nothing_is_owed_of_what_is_as_it_was_told(reported):
    assert owed(reported) == owed(reported, 100) == []
    assert tell(reported).outcome == "nothing_owed"


def test_a_part_paid_owes_an_update_and_the_rest_a_closing(reported):
    reported.at(2).settle("INV-1", 100)
    reported.at(4).settle("INV-1", 50)
    assert owed(reported) == [("balance", day(2), eur(150))]
    tell(reported)
    assert owed(reported) == []
    reported.at(9).settle("INV-1", 150)
    assert owed(reported) == [("paid", day(9), eur(0))]
    tell(reported, "close")
    (state,) = reported.app.view("ACME", day(9)).bureau
    assert (state.status, state.balance) == ("closed", 0)


def test_what_is_undone_before_it_was_told_owes_nothing(reported):
    receipt = reported.at(2).settle("INV-1", 100)
    reported.at(3).app.unapply("ACME", receipt.ids[0], key="undo")
    assert owed(reported) == []


def test_what_was_true_again_in_between_is_owed_from_the_second_time_on(reported):
    receipt = reported.at(2).settle("INV-1", 100)
    reported.at(3).app.unapply("ACME", receipt.ids[0], key="undo")
    reported.at(6).settle("INV-1", 50)
    assert owed(reported) == [("balance", day(6), eur(250))]


@pytest.mark.parametrize("cause", ["paid", "disputed"])
def test_a_withdrawal_says_what_made_the_report_false(reported, cause):
    reported.at(3)
    if cause == "paid":
        reported.pay("P-1", "300", on=-1)
        reported.apply("P-1", "INV-1", "300")
    else:
        reported.dispute("D-1", "INV-1", opened_on=day(0))
    known = reported.app.account("ACME")
    assert [each.cause for each in owed_to_bureau(known, known.view(day(3)), REGISTER)] == [cause]


def test_a_payment_that_comes_back_after_the_closing_owes_an_update(reported):
    reported.at(2).settle("INV-1", 300)
    tell(reported)
    reported.at(6).app.return_payment("ACME", "P INV-1 300", "returned", "AC04", on=day(6), key="back")
    assert owed(reported) == [("balance", day(6), eur(300))]
    tell(reported, "again")
    assert reported.app.view("ACME", day(6)).bureau[0].status == "corrected"
    assert "corrected" in LIFE["closed"]


def test_a_dispute_owes_a_flag_and_its_end_another(reported):
    reported.at(3).dispute("D-1", "INV-1")
    assert owed(reported) == [("disputed", day(3), eur(300))]
    tell(reported)
    assert reported.app.view("ACME", day(3)).bureau[0].disputed
    reported.at(5).app.resolve_dispute("ACME", "D-1", "rejected", on=day(5), key="end", by="ann")
    assert owed(reported) == [("dispute_over", day(5), eur(300))]
    tell(reported, "over")
    assert owed(reported) == []


def test_what_happens_to_another_invoice_owes_nothing(reported):
    reported.invoice("INV-2", "50", -40)
    receipt = reported.at(2).settle("INV-2", 50)
    reported.at(3).app.unapply("ACME", receipt.ids[0], key="undo")
    reported.dispute("D-2", "INV-2", opened_on=day(0))
    assert owed(reported) == []


def test_a_payment_before_the_report_that_becomes_known_later_owes_its_withdrawal(reported):
    reported.at(3).pay("P-1", "300", on=-1)
    reported.apply("P-1", "INV-1", "300")
    assert owed(reported) == [("withdrawal", day(3), eur(0))]
    with pytest.raises(InvalidValue):
        tell(reported)
    reported.app.withdraw_report("ACME", "report#1", "false", key="back", by="ann", approver="bob")
    assert owed(reported) == []
    with pytest.raises(UnknownId):
        tell(reported)


def test_a_part_paid_before_the_report_owes_a_correction_from_when_it_was_known(reported):
    reported.at(3).pay("P-1", "100", on=-1)
    reported.apply("P-1", "INV-1", "100")
    assert owed(reported) == [("balance", day(3), eur(200))]


def test_what_was_not_known_yet_was_not_owed(reported):
    reported.at(3).settle("INV-1", 100)
    known = reported.app.account("ACME")
    then = known.view(day(3), day(2))
    assert owed_to_bureau(known, then, REGISTER) == ()


def test_what_the_bureau_has_is_not_reported_again(reported):
    assert "already_reported" in reasons(reported)
    receipt = reported.app.report_debt("ACME", ["INV-1"], key="again", by="ann", approver="bob")
    assert receipt.outcome == "not_reportable"
    assert len(reported.app.view("ACME", day(0)).bureau) == 1


def test_after_a_withdrawal_a_debt_can_be_reported_anew(reported):
    reported.app.withdraw_report("ACME", "report#1", "agreed", key="back", by="ann", approver="bob")
    receipt = reported.app.report_debt("ACME", key="anew", by="ann", approver="bob")
    assert receipt.ids == ("anew#1",)


def test_a_debt_on_which_nothing_is_owed_is_unknown(world):
    with pytest.raises(UnknownId):
        world.app.report_debt("ACME", ["INV-9"], key="k", by="ann", approver="bob")


def test_without_a_policy_nothing_is_reported_and_it_says_so(world):
    world.restart(policies=attrs.evolve(BOOK, policies=tuple(p for p in BOOK.policies if p is not REGISTER)))
    receipt = world.app.report_debt("ACME", key="k", by="ann", approver="bob")
    assert [reason.code for reason in receipt.reasons] == ["no_bureau_policy"]


def test_staff_is_told_once_of_what_is_owed(reported):
    reported.at(2).settle("INV-1", 100)
    reported.run()
    reported.at(3).run()
    told = [notice for notice in reported.queued() if notice.template == "bureau_owed"]
    assert [notice.lines[0].step for notice in told] == [f"report#1/balance/{day(2)}"]
    tell(reported)
    assert reported.life(told[0].key)[-1] == "cancelled"


def test_the_list_has_what_is_reported_what_may_be_and_what_may_not(reported):
    reported.invoice("INV-2", "50", -40)
    reported.invoice("INV-3", "50", 40)
    lines = bureau_list([reported.app.account("ACME")], BOOK, day(0)).lines
    assert [(line.items, line.status) for line in lines] == [
        (("INV-1",), "reported"),
        (("INV-2",), "reportable"),
        (("INV-3",), "not_reportable"),
    ]


def test_a_report_moves_with_a_merged_customer(reported):
    reported.open("BETA")
    reported.app.merge_accounts("BETA", "ACME", reason="one", by="ann", approver="bob", key="merge")
    reported.at(2).dispute("D-1", "INV-1", account="BETA")
    reported.app.update_report("BETA", "report#1", key="tell", by="ann")
    reported.app.separate_accounts("BETA", "ACME", reason="two", by="ann", approver="bob", key="apart")
    assert [(state.status, state.disputed) for state in reported.app.view("ACME", day(2)).bureau] == [
        ("disputed", True)
    ]
    assert owed(reported) == []


# Codes ----------------------------------------------------------------------------------------------------------------


def test_the_code_of_a_debt_says_how_late_it_is_who_has_it_and_whether_it_is_lost(world):
    def code():
        known = world.app.account("ACME")
        return [each.code for each in standings(known, known.view(world.today), REGISTER)]

    assert code() == ["71"]
    world.at(60)
    assert code() == ["80"]
    world.app.write_off("ACME", "INV-1", "insolvent", amount=eur(100), on=day(60), key="lost", by="ann", approver="bob")
    assert code() == ["97"]


@pytest.mark.parametrize("bad", [-1, 1.5, True, "30"])
def test_a_number_of_days_that_cannot_be_is_refused(bad):
    with pytest.raises((InvalidValue, TypeError)):
        account_status(bad)


def test_a_state_or_a_sign_that_is_not_there_is_refused():
    with pytest.raises(InvalidValue):
        status_of("bankrupt")
    with pytest.raises(InvalidValue):
        payment_profile(["Z"])


def test_the_history_of_an_account_without_items_says_that_there_is_none():
    world = World()
    world.open()
    assert payment_history(world.app.account("ACME"), day(0), months=3) == "BBB"
