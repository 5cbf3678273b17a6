"""The worklist: each reason for as long as it is one, the order, the day's capacity, and lists of parts."""

import datetime as dt

import pytest
from tests.service.world import LADDER, REGISTER, RISK, World, application, eur

from receivables import (
    Allocation,
    CreditLimit,
    Currency,
    Customer,
    Hold,
    Installment,
    Invoice,
    Money,
    Notice,
    NoticeLine,
    Order,
    Payment,
    PolicyBook,
    Reason,
    Schedule,
    fold,
)
from receivables.documents.assignment import Assignment
from receivables.documents.authority import ApprovalRequest
from receivables.documents.contact_log import NextAction
from receivables.documents.dispute import Dispute
from receivables.documents.notice import PolicyRef
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.documents.request import PromiseRequest
from receivables.documents.risk import EarlyWarning, Evidence, RiskScore
from receivables.errors import InvalidValue
from receivables.facts.application import ApplicationClosed, ApplicationSubmitted
from receivables.facts.assignment import CollectorAssigned
from receivables.facts.authority import ApprovalRefused, ApprovalRequested
from receivables.facts.cash import AllocationMade, PaymentReceived
from receivables.facts.contact_log import ActionDone, ActionMoved, ActionPlanned
from receivables.facts.credit import HoldPlaced, LimitSet, OrderHeld, OrderReleased
from receivables.facts.customer import AccountOpened, GroupOpened
from receivables.facts.dispute import DisputeOpened, DisputeResolved
from receivables.facts.dunning import (
    NoticeApproved,
    NoticeCancelled,
    NoticeFailed,
    NoticeQueued,
    NoticeRejected,
    NoticeSending,
    NoticeSent,
)
from receivables.facts.invoice import InvoiceIssued
from receivables.facts.payment_plan import PlanAgreed, PlanCancelled
from receivables.facts.promise import PromiseMade, PromiseWithdrawn
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.facts.risk import CustomerScored, WarningRaised
from receivables.policies.assignment import Absence, AssignmentPolicy, AssignmentRule
from receivables.policies.limitation import LimitationPolicy, limitation_of
from receivables.policies.limitation_regimes import limitation_regime
from receivables.policies.losses import WriteOffPolicy, WriteOffRule
from receivables.policies.strategy import Arm, StrategyPolicy, StrategyRule, Treatment
from receivables.policies.worklist import CODES, WorklistPolicy
from receivables.reports.worklist import merged, work_of, worklist

TODAY = dt.date(2026, 3, 2)
REF = PolicyRef(id="standard", version=1, digest="9f" * 32)
EUR = Currency.of("EUR")
LAW = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
DESK = WorklistPolicy(id="desk", version=1, big_overdue=(eur(5000),), wants_collector=True)


def before(days):
    return TODAY - dt.timedelta(days=days)


def told(*facts, account="ACME", **customer):
    """An account of facts, each given as (type, days ago, fields)."""
    entries = [(AccountOpened, 4000, {"customer": Customer(id=account, **customer)}), *facts]
    return fold(
        kind(
            effective_on=before(days),
            recorded_at=dt.datetime.combine(before(days), dt.time(8), dt.UTC) + dt.timedelta(seconds=at),
            **fields,
        )
        for at, (kind, days, fields) in enumerate(entries)
    )


def invoice(days, amount=300, number="INV-1", due=30, account="ACME"):
    document = Invoice.due(
        number=number,
        account=account,
        issued_on=before(days),
        total=eur(amount),
        due_on=before(days) + dt.timedelta(days=due),
    )
    return InvoiceIssued, days, {"invoice": document}


def paid(days, amount, to=None, id="P-1"):
    payment = Payment(id=id, account="ACME", amount=eur(amount), value_date=before(days))
    found = [(PaymentReceived, days, {"payment": payment})]
    if to is not None:
        allocation = Allocation(source=id, item=to, amount=eur(amount))
        found.append((AllocationMade, days, {"id": f"a-{id}", "allocation": allocation}))
    return found


def notice(days, status, step="first", due=10):
    """A letter about INV-1 that has come so far."""
    due = before(due)
    line = NoticeLine(
        item="INV-1", document="INV-1", amount=eur(300), due_on=due, ladder_from=due, step=step, policy=REF
    )
    letter = Notice(
        key="N-1",
        account="ACME",
        customer="ACME",
        currency=EUR,
        channel="email",
        language="en",
        template=step,
        as_of=before(days),
        lines=(line,),
    )
    story = [(NoticeQueued, days, {"notice": letter, "approval": status in ("proposed", "rejected")})]
    more = {
        "sending": [(NoticeSending, {})],
        "sent": [(NoticeSending, {}), (NoticeSent, {})],
        "failed": [(NoticeSending, {}), (NoticeFailed, {"reason": "550", "retry": False})],
        "rejected": [(NoticeRejected, {"reason": "they are friends"})],
    }
    return [*story, *((kind, days, {"notice": "N-1", **fields}) for kind, fields in more.get(status, ()))]


def promise(days, by, amount=300, id="PTP-1"):
    made = Promise(id=id, account="ACME", items=("INV-1",), amount=eur(amount), made_on=before(days), pay_by=before(by))
    return PromiseMade, days, {"promise": made, "items": ("INV-1",), "last_day": before(by)}


def plan(days, first):
    agreed = PaymentPlan(
        id="PP-1",
        account="ACME",
        items=("INV-1",),
        agreed_on=before(days),
        installments=(PlanInstallment(due_on=before(first), amount=eur(300)),),
    )
    return PlanAgreed, days, {"plan": agreed, "settled": eur(0), "approver": None}


def order_held(days):
    order = Order(id="SO-1", account="ACME", amount=eur(700), placed_on=before(days))
    return OrderHeld, days, {"order": order, "policy": REF, "reasons": (Reason(code="limit_exceeded"),)}


def limit(days, valid_to=None, review_on=None, kind="base"):
    set_ = CreditLimit(
        account="ACME",
        currency=EUR,
        amount=eur(9000),
        valid_from=before(days),
        valid_to=valid_to,
        review_on=review_on,
        kind=kind,
    )
    return LimitSet, days, {"limit": set_}


def scored(days, name):
    return CustomerScored, days, {"score": RiskScore(points=500, risk_class=name, scorecard=REF)}


def dispute(days, amount=300):
    opened = Dispute(id="D-1", account="ACME", item="INV-1", reason="price", opened_on=before(days))
    return DisputeOpened, days, {"dispute": opened, "items": ("INV-1",), "amount": eur(amount)}


def approval(days):
    asked = ApprovalRequest(id="A-1", account="ACME", kind="refund", subject="P-1", amount=eur(50))
    return ApprovalRequested, days, {"approval": asked, "lapses_on": before(-10), "policy": REF}


def request(days):
    asked = PromiseRequest(id="R-1", account="ACME", amount=eur(300), pay_by=before(-5))
    return RequestMade, days, {"request": asked, "outcome": "referred", "reasons": (), "policy": None}


def action(days, due):
    planned = NextAction(id="A-1", account="ACME", kind="callback", planned_on=before(days), due_on=before(due))
    return ActionPlanned, days, {"action": planned}


WARNING = EarlyWarning(
    kind="returned_payments", period="2026-02", evidence=(Evidence(about="payment", subject="P-7", on=before(9)),)
)
SMALL = WriteOffPolicy(id="losses", version=1, rules=(WriteOffRule(code="small", days_overdue=5, at_most=(eur(300),)),))


def codes(account, *policies, **more):
    line = work_of(account, account.view(TODAY), PolicyBook.of(*policies), **more)
    return () if line is None else line.codes


OVERDUE = invoice(40)
"""Ten days overdue."""

EXAMPLES = {
    "promise_broken": ([OVERDUE, promise(8, 3)], [paid(1, 300, "INV-1"), [promise(2, -5, id="PTP-2")]]),
    "promise_partly_kept": ([OVERDUE, *paid(4, 100, "INV-1"), promise(8, 3)], [paid(1, 200, "INV-1", "P-2")]),
    "plan_defaulted": ([OVERDUE, plan(20, 5)], [paid(1, 300, "INV-1"), [(PlanCancelled, 1, {"plan": "PP-1", "reason": "x"})]]),
    "dispute_over_age": (
        [OVERDUE, dispute(30)],
        [paid(1, 300, "INV-1"), [(DisputeResolved, 1, {"dispute": "D-1", "outcome": "rejected", "amount": eur(300)})]],
    ),
    "unapplied_cash": ([*paid(1, 80)], [[OVERDUE, (AllocationMade, 1, {"id": "a", "allocation": Allocation(
        source="P-1", item="INV-1", amount=eur(80))})]]),
    "notice_waits": (
        [OVERDUE, *notice(3, "proposed")],
        [paid(1, 300, "INV-1"), [(NoticeApproved, 1, {"notice": "N-1"})]],
    ),
    "notice_unknown": ([OVERDUE, *notice(3, "sending")], [[(NoticeSent, 1, {"notice": "N-1"})]]),
    "notice_failed": (
        [OVERDUE, *notice(3, "failed")],
        [paid(1, 300, "INV-1"), [(NoticeCancelled, 1, {"notice": "N-1", "reason": "anew"})]],
    ),
    "notice_rejected": ([OVERDUE, *notice(3, "rejected")], [paid(1, 300, "INV-1")]),
    "approval_waits": ([approval(3)], [[(ApprovalRefused, 1, {"approval": "A-1", "reason": "no", "by": "bob"})]]),
    "request_waits": ([request(3)], [[(RequestAnswered, 1, {"request": "R-1", "accepted": False, "reason": "no"})]]),
    "order_held": ([order_held(3)], [[(OrderReleased, 1, {"order": "SO-1", "amount": eur(700), "closes": True})]]),
    "limit_expired": ([limit(90, valid_to=before(1))], [[limit(0)]]),
    "limit_review": ([limit(90, review_on=before(0))], [[limit(0)]]),
    "risk_class_worsened": ([scored(60, "A"), scored(20, "D")], [[scored(1, "A")]]),
    "early_warning": ([(WarningRaised, 9, {"warning": WARNING, "policy": REF})], []),
    "big_overdue": ([invoice(40, 5000)], [paid(1, 1, "INV-1"), [dispute(1, 5000)]]),
    "next_action_due": (
        [action(3, 0)],
        [[(ActionDone, 0, {"action": "A-1", "outcome": "done"})], [(ActionMoved, 0, {"action": "A-1", "due_on": before(-1), "owner": None})]],
    ),
    "no_collector": ([OVERDUE], [paid(1, 300, "INV-1")]),
}  # fmt: skip
"""Code -> (facts that are the reason, further facts of which each story ends it)."""

BY_POLICY = {
    "claim_lapses": (invoice(1000, due=5), LAW, paid(1, 300, "INV-1")),
    "claim_barred": (invoice(1800, due=5), LAW, paid(1, 300, "INV-1")),
    "write_off_proposed": (OVERDUE, SMALL, paid(1, 300, "INV-1")),
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_each_reason_is_there_and_goes_when_it_is_over(code):
    facts, endings = EXAMPLES[code]
    assert code in codes(told(*facts), DESK, RISK)
    for ending in endings:
        ended = codes(told(*facts, *ending), DESK, RISK)
        assert code not in ended, ending


@pytest.mark.parametrize("code", BY_POLICY)
def test_reasons_that_a_policy_finds_are_there_with_the_policy_alone(code):
    fact, policy, ending = BY_POLICY[code]
    if code == "claim_lapses":
        day = dt.date(2026, 11, 2)
        account = told(fact)
        line = work_of(account, account.view(day), PolicyBook.of(LAW))
        assert line.codes == ("claim_lapses",)
        assert (line.because.days, line.action) == (59, "escalate")
        return
    assert code in codes(told(fact), policy)
    assert code not in codes(told(fact))
    assert codes(told(fact, *ending), policy) == ()


def test_dunning_that_is_finished_or_stuck_needs_a_person():
    finished = told(invoice(70), *notice(3, "sent", step="final", due=40))
    assert codes(finished, LADDER) == ("ladder_finished",)
    assert codes(finished) == ("dunning_stuck",)  # the version that the item is pinned to is not there
    assert codes(told(invoice(70)), LADDER) == ()


def test_every_code_of_the_table_has_an_example():
    elsewhere = {
        "ladder_finished", "dunning_stuck", "payment_undecided", "application_waits", "bureau_owed"
    }  # fmt: skip
    assert set(EXAMPLES) | set(BY_POLICY) | elsewhere == set(CODES)


def test_an_announced_payment_that_neither_came_nor_failed_is_looked_at_after_some_days():
    pending = Payment(id="P-1", account="ACME", amount=eur(300), value_date=before(5), status="pending")
    account = told((PaymentReceived, 5, {"payment": pending}))
    assert codes(account) == ("payment_undecided",)
    assert codes(account, WorklistPolicy(id="late", version=1, payment_days=6)) == ()


def test_an_application_that_waits_is_to_be_decided():
    account = told(
        (ApplicationSubmitted, 3, {"application": application("CA-1"), "lapses_on": before(-30), "policy": None})
    )
    assert codes(account) == ("application_waits",)


def test_an_account_without_any_reason_is_not_on_the_list():
    fine = told(invoice(40), *paid(5, 300, "INV-1"))
    report = worklist([fine, told(invoice(10), account="BETA")], TODAY, PolicyBook.of(DESK))
    assert (report.lines, report.found, report.looked_at) == ((), 0, 2)
    assert str(report) == "worklist on 2026-03-02: 0 of 2 accounts need a person\nnobody is needed"


def test_a_reason_that_is_ignored_is_named_on_the_list():
    policy = WorklistPolicy(id="desk", version=1, ignored=frozenset({"unapplied_cash"}))
    report = worklist([told(*paid(1, 80))], TODAY, PolicyBook.of(policy))
    assert report.found == 0
    assert report.title.endswith("not asked for: unapplied_cash")


def test_while_contact_is_held_nobody_is_called():
    facts = [OVERDUE, promise(8, 3), *paid(1, 80)]
    hold = Hold(id="H-1", account="ACME", placed_on=before(1), reason="x", stops=frozenset({"contact"}))
    free, held = told(*facts), told(*facts, (HoldPlaced, 1, {"hold": hold}))
    assert work_of(free, free.view(TODAY), PolicyBook.of()).action == "call"
    assert work_of(held, held.view(TODAY), PolicyBook.of()).action == "apply_cash"
    quiet = told(*facts[:2], (HoldPlaced, 1, {"hold": hold}))
    assert work_of(quiet, quiet.view(TODAY), PolicyBook.of()).action == "review"


def test_an_account_that_was_merged_has_its_work_on_the_one_that_it_is_part_of():
    world = World()
    world.open("ACME")
    world.open("BETA")
    world.pay("P-1", 80, "BETA")
    world.app.merge_accounts("ACME", "BETA", approver="bob", reason="one firm", key="merge", by="ann")
    ids = list(world.app.accounts())
    for own in (False, True):
        report = worklist([world.app.account(id, own=own) for id in ids], world.today, PolicyBook.of())
        assert [(line.account, line.codes) for line in report.lines] == [("ACME", ("unapplied_cash",))]


def test_the_limit_of_a_group_is_reviewed_though_it_has_no_customer():
    account = fold([GroupOpened(group="G", effective_on=before(9), recorded_at=dt.datetime(2026, 2, 1, tzinfo=dt.UTC))])
    expired = CreditLimit(account=account.id, currency=EUR, amount=eur(9), valid_from=before(8), valid_to=before(1))
    fact = LimitSet(limit=expired, effective_on=before(8), recorded_at=dt.datetime(2026, 2, 2, tzinfo=dt.UTC))
    assert codes(fold([fact], account)) == ("limit_expired",)


def test_what_a_bureau_is_to_be_told_stands_there_until_it_was_told():
    world = World()
    world.open()
    world.invoice("INV-1", "300", -40)
    world.app.report_debt("ACME", ["INV-1"], key="report", by="ann", approver="bob")
    world.at(2).settle("INV-1", 100)

    def seen():
        account = world.app.account("ACME")
        line = work_of(account, account.view(world.today), PolicyBook.of(REGISTER))
        return line.codes if line is not None else ()

    assert "bureau_owed" in seen()
    world.app.update_report("ACME", "report#1", key="tell", by="ann")
    assert "bureau_owed" not in seen()


def test_whose_an_account_is_follows_the_rules_the_deputy_and_what_was_assigned():
    away = Absence(person="ann", deputy="eve", starts_on=before(1), until=before(-1))
    rule = AssignmentRule(name="all", letters=("A", "Z"), collector="ann", team="north")
    people = AssignmentPolicy(id="people", version=1, rules=(rule,), absences=(away,))
    given = Assignment(account="ACME", starts_on=before(0), collector="bob")
    owing, moved = told(invoice(40)), told(invoice(40), (CollectorAssigned, 0, {"assignment": given}))
    book = PolicyBook.of(people, WorklistPolicy(id="desk", version=1, big_overdue=(eur(1),), wants_collector=True))
    for account, on, whose in ((owing, TODAY, "eve"), (owing, before(2), "ann"), (moved, TODAY, "bob")):
        line = work_of(account, account.view(on), book)
        assert (line.collector, "no_collector" in line.codes) == (whose, False)
    theirs = work_of(owing, owing.view(TODAY), book, collectors={"ACME": "zoe"})
    assert theirs.collector == "zoe"


# Order and capacity -----------------------------------------------------------------------------------------------------


def desk():
    """Four accounts that need a person, and one that does not."""
    return [
        told(order_held(3), account="A"),
        told(invoice(60, 9000, account="B"), account="B"),
        told(invoice(90, 6000, account="C"), account="C"),
        told(*paid(1, 80), account="D"),
        told(account="E"),
    ]


BIG = WorklistPolicy(id="desk", version=1, big_overdue=(eur(5000),))


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (("points", "worth"), ["A", "B", "C", "D"]),
        (("worth",), ["B", "C", "A", "D"]),
        (("age", "worth"), ["C", "B", "A", "D"]),
        (("urgency", "age"), ["A", "C", "B", "D"]),
        ((), ["A", "B", "C", "D"]),
    ],
)
def test_the_list_is_ordered_by_named_keys_and_the_account_last(order, wanted):
    report = worklist(desk(), TODAY, PolicyBook.of(BIG), order=order)
    assert [line.account for line in report.lines] == wanted
    assert [line.account for line in worklist(reversed(desk()), TODAY, PolicyBook.of(BIG), order=order).lines] == wanted


def test_only_the_first_are_kept_where_asked_and_the_rest_is_counted():
    report = worklist(desk(), TODAY, PolicyBook.of(BIG), most=1)
    assert [line.account for line in report.lines] == ["A"]
    assert (report.found, report.not_listed) == (4, 3)
    assert report.counts == (("order_held", 1), ("big_overdue", 2), ("unapplied_cash", 1))
    assert "3 of them left over" in str(report)
    with pytest.raises(InvalidValue, match="must have a line for every account"):
        merged([report])


def test_what_does_not_fit_the_day_is_left_over_by_name():
    report = worklist(desk(), TODAY, PolicyBook.of(BIG), collectors={"A": "ann", "B": "ann", "C": "bob"})
    today = report.within({"ann": 1, "bob": 1})
    assert [(line.account, line.person) for line in today.lines] == [("A", "ann"), ("C", "bob")]
    assert [line.account for line in today.left_over] == ["B", "D"]
    assert today.of("B").collector == "ann"
    assert [line.account for line in today.of_person("bob")] == ["C"]
    assert today.within({"ann": 9}).left_over == ()
    assert today.within({"ann": 2, "bob": 3}).of("D").person == "bob"
    assert [line.account for line in today.within({"ann": 9}, share=False).left_over] == ["C", "D"]
    assert today.within({}).lines == ()


def test_an_account_that_is_given_twice_counts_once():
    assert worklist([*desk(), *desk()], TODAY, PolicyBook.of(BIG)) == worklist(desk(), TODAY, PolicyBook.of(BIG))


def test_lists_of_parts_are_merged_to_the_list_of_the_whole_and_only_once_each():
    book = PolicyBook.of(BIG)
    parts = [worklist(desk()[:2], TODAY, book), worklist(desk()[2:], TODAY, book)]
    assert merged(parts) == worklist(desk(), TODAY, book)
    for wrong in ([parts[0], parts[0]], [], [parts[0], worklist([], before(1), book)]):
        with pytest.raises(InvalidValue, match=r"merged\.parts"):
            merged(wrong)


def test_amounts_of_several_currencies_are_compared_by_what_they_are_worth():
    yen = Invoice.due(number="J", account="J", issued_on=before(60), total=Money.of(900_000, "JPY"), due_on=before(30))
    accounts = [*desk(), told((InvoiceIssued, 60, {"invoice": yen}), account="J")]
    big = (eur(5000), Money.of(500_000, "JPY"))
    for worth, first in (((), "J"), ((eur(1), Money.of(160, "JPY")), "B")):
        policy = WorklistPolicy(id="desk", version=1, big_overdue=big, worth=worth, order=("worth",))
        assert worklist(accounts, TODAY, PolicyBook.of(policy)).lines[0].account == first


def test_the_weights_of_a_treatment_count_for_those_that_it_treats():
    eager = WorklistPolicy(id="eager", version=1, points=(("unapplied_cash", 500),))
    strategy = StrategyPolicy(
        id="desk",
        version=1,
        otherwise="plain",
        treatments=(Treatment(name="plain"), Treatment(name="eager", worklist=eager, team="cash")),
        rules=(
            StrategyRule(name="retail", segments=frozenset({"retail"}), arms=(Arm(treatment="eager", percent=100),)),
        ),
    )
    accounts = [told(*paid(1, 80), account="D", segment="retail"), told(order_held(3), account="A")]
    report = worklist(accounts, TODAY, PolicyBook.of(strategy))
    assert [(line.account, line.points, line.team) for line in report.lines] == [("D", 500, "cash"), ("A", 60, None)]


def test_rows_and_tables_show_each_line_and_each_reason():
    report = worklist(desk(), TODAY, PolicyBook.of(BIG))
    assert report.rows()[1] == {
        "account": "B",
        "action": "call",
        "because": "big_overdue EUR (9000.00 EUR, 30 days)",
        "points": 50,
        "overdue": "9000.00 EUR",
        "days_overdue": 30,
        "person": None,
        "treatment": None,
        "reasons": "big_overdue EUR (9000.00 EUR, 30 days)",
    }
    assert [(row["account"], row["code"], row["points"]) for row in report.reason_rows()] == [
        ("A", "order_held", 60),
        ("B", "big_overdue", 50),
        ("C", "big_overdue", 50),
        ("D", "unapplied_cash", 25),
    ]
    assert "<caption>Worklist on 2026-03-02: 4 of 5 accounts need a person</caption>" in report._repr_html_()


def test_an_order_that_is_not_known_is_refused():
    with pytest.raises(InvalidValue, match=r"worklist\.order\[0\]"):
        worklist([], TODAY, PolicyBook.of(), order=("size",))


def test_a_withdrawn_promise_needs_nobody():
    facts = [OVERDUE, promise(8, 3), (PromiseWithdrawn, 5, {"promise": "PTP-1", "reason": "x"})]
    assert codes(told(*facts)) == ()


def test_what_is_on_account_is_a_reason_from_the_least_amount_on():
    policy = WorklistPolicy(id="desk", version=1, unapplied_from=(eur(80),))
    assert [codes(told(*paid(1, amount)), policy) for amount in (79, 80)] == [(), ("unapplied_cash",)]


def test_an_application_that_is_decided_needs_nobody():
    submitted = (
        ApplicationSubmitted,
        3,
        {"application": application("CA-1"), "lapses_on": before(-30), "policy": None},
    )
    closed = (ApplicationClosed, 2, {"application": "CA-1", "outcome": "withdrawn", "reason": "no need"})
    assert codes(told(submitted, closed)) == ()


@pytest.mark.parametrize(("days", "found"), [(30, ("early_warning",)), (31, ())])
def test_a_warning_is_looked_at_for_some_days(days, found):
    assert codes(told((WarningRaised, days, {"warning": WARNING, "policy": REF}))) == found


def test_a_claim_that_waits_for_its_due_date_does_not_lapse():
    waits = Schedule(installments=(Installment(amount=eur(70), baseline="delivery"),))
    document = Invoice(number="INV-W", account="ACME", issued_on=before(1800), total=eur(70), schedule=waits)
    account = told((InvoiceIssued, 1800, {"invoice": document}), invoice(1800, due=5))
    line = work_of(account, account.view(TODAY), PolicyBook.of(LAW))
    assert [(reason.code, reason.subject) for reason in line.reasons] == [("claim_barred", "INV-1")]


def test_a_claim_that_has_long_to_go_is_no_reason_yet():
    account = told(invoice(900, due=5))
    assert limitation_of(account, "INV-1", LAW, TODAY).days_left == 304
    assert codes(account, LAW) == ()


def test_of_items_on_one_ladder_only_those_that_are_stuck_need_a_person():
    both = told(invoice(70), invoice(70, number="INV-2"), *notice(3, "sent", step="final", due=40))
    line = work_of(both, both.view(TODAY), PolicyBook.of(LADDER))
    assert [(reason.code, reason.subject) for reason in line.reasons] == [("ladder_finished", "INV-1")]
