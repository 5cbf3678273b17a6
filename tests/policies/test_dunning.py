"""The dunning policy, rule by rule; the whole plan is compared with a reference in ``tests/properties/test_dunning.py``."""

import datetime as dt

import attrs
import pytest

from receivables import (
    Account,
    Allocation,
    Choice,
    Currency,
    Customer,
    DunningPolicy,
    DunningStep,
    Hold,
    Installment,
    Invoice,
    Money,
    Notice,
    NoticeLine,
    Payment,
    PolicyBook,
    Schedule,
    TakenOverItem,
    fold,
)
from receivables.documents.dispute import Dispute
from receivables.documents.notice import PolicyRef
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.dispute import DisputeOpened
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.invoice import InstallmentDated, InvoiceIssued, ItemTakenOver
from receivables.plans.dunning import plan_for
from receivables.policies.dunning import CODES, plan_dunning

DUE = dt.date(2026, 2, 4)
NOW = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)
STEPS = (
    DunningStep(name="first", days_after_due=7),
    DunningStep(name="second", days_after_due=14),
    DunningStep(name="final", days_after_due=21, channel="letter", template="last warning"),
)
POLICY = DunningPolicy(id="standard", version=1, steps=STEPS, minimum_gap_days=5)
EUR = Currency.of("EUR")


def after(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def invoice(number: str = "I", amount: Money | None = None, due: dt.date | None = DUE) -> Invoice:
    total = eur(100) if amount is None else amount
    part = Installment(amount=total, due_on=due, baseline=None if due else "delivery")
    schedule = Schedule(installments=(part,))
    return Invoice(number=number, account="A", issued_on=DUE - dt.timedelta(days=30), total=total, schedule=schedule)


def account(*invoices: Invoice) -> Account:
    return Account.of(Customer(id="A"), invoices=invoices or (invoice(),))


def noticed(
    found: Account, days: int, step: str = "first", status: str = "sent", *, item: str = "I", version: int = 1, **more
) -> Account:
    """The account after a notice of so many days after the due date came to a status."""
    line = NoticeLine(
        item=item,
        document=item,
        amount=eur(100),
        due_on=DUE,
        ladder_from=DUE,
        step=step,
        policy=PolicyRef(id="standard", version=version, digest="0" * 64),
    )
    notice = Notice(
        key=f"{item}/{step}/{days}",
        account="A",
        customer="A",
        currency=EUR,
        channel="email",
        language="en",
        template=step,
        as_of=after(days),
        lines=(line,),
        **more,
    )
    times = {"effective_on": after(days), "recorded_at": NOW}
    events = {
        "queued": [],
        "sending": [NoticeSending(notice=notice.key, **times)],
        "sent": [NoticeSending(notice=notice.key, **times), NoticeSent(notice=notice.key, **times)],
        "failed": [NoticeFailed(notice=notice.key, reason="full", **times)],
        "to be tried again": [NoticeFailed(notice=notice.key, reason="full", retry=True, **times)],
        "cancelled": [NoticeCancelled(notice=notice.key, reason="settled", **times)],
    }
    return fold([NoticeQueued(notice=notice, **times), *events[status]], found)


def held(found: Account, item: str | None = None, until: dt.date | None = None, id: str = "H", **more) -> Account:
    hold = Hold(id=id, account="A", placed_on=after(-3), reason="x", item=item, until=until, **more)
    return fold([HoldPlaced(hold=hold, effective_on=hold.placed_on, recorded_at=NOW)], found)


def reasons(found: Account, days: int, policy: DunningPolicy | None = POLICY, **more) -> list[str]:
    pinned = more.pop("pinned", lambda id, version: policy)
    return [row["reason"] for row in plan_dunning(found.view(after(days)), policy, pinned, **more).rows()]


def step(found: Account, days: int, policy: DunningPolicy = POLICY) -> object:
    (row,) = policy.plan(found.view(after(days))).rows()
    return row["step"]


# Codes and their order ------------------------------------------------------------------------------------------

TAKEN = TakenOverItem(
    id="I", account="A", issued_on=after(-30), due_on=DUE, open=eur(100), step="old step", stepped_on=after(1)
)


def taken_over(item: TakenOverItem = TAKEN) -> Account:
    return fold([ItemTakenOver(item=item, effective_on=after(-1), recorded_at=NOW)], Account.of(Customer(id="A")))


UNDATED = account(invoice(due=None))
STRICT = attrs.evolve(POLICY, minimums=(eur(1000),))

REACHED = {
    "policy_missing": (account(), 30, None),
    "undated": (UNDATED, 30, POLICY),
    "not_due": (account(), 0, POLICY),
    "held": (held(account()), 30, POLICY),
    "notice_failed": (noticed(account(), 7, status="failed"), 30, POLICY),
    "notice_pending": (noticed(account(), 7, status="queued"), 30, POLICY),
    "ladder_finished": (noticed(account(), 21, "final"), 30, POLICY),
    "step_unknown": (taken_over(), 30, POLICY),
    "step_not_reached": (account(), 6, POLICY),
    "minimum_gap": (noticed(account(), 13), 14, POLICY),
    "below_minimum": (account(), 7, STRICT),
    "step_due": (account(), 7, POLICY),
}


@pytest.mark.parametrize("code", REACHED)
def test_every_code_is_reached(code):
    found, days, policy = REACHED[code]
    assert reasons(found, days, policy) == [code]


def test_the_codes_of_the_basic_rules_stand_in_their_order_and_every_code_says_something():
    """Approvals, conditions, contacts and charges have codes and tests of their own."""
    assert list(REACHED) == [code for code, _, _ in CODES if code in REACHED]
    assert all(says and isinstance(retryable, bool) for _, says, retryable in CODES)


PRECEDENCE = [
    (["policy_missing", "undated"], held(UNDATED), 30, None),
    (["policy_missing", "not_due"], account(), 0, None),
    (["policy_missing", "held"], held(account()), 30, None),
    (["policy_missing", "notice_pending"], noticed(account(), 7, status="queued"), 30, None),
    (["undated", "held"], held(UNDATED), 30, POLICY),
    (["not_due", "held"], held(account()), 0, POLICY),
    (["held", "notice_failed"], held(noticed(account(), 7, status="failed")), 30, POLICY),
    (["held", "notice_pending"], held(noticed(account(), 7, status="sending")), 30, POLICY),
    (["held", "ladder_finished"], held(noticed(account(), 21, "final")), 30, POLICY),
    (["held", "step_unknown"], held(taken_over()), 30, POLICY),
    (["held", "step_not_reached"], held(account()), 6, POLICY),
    (["held", "below_minimum"], held(account()), 7, STRICT),
    (["notice_pending", "ladder_finished"], noticed(account(), 21, "final", "queued"), 30, POLICY),
    (["notice_pending", "step_not_reached"], noticed(account(), 7, status="queued"), 8, POLICY),
    (["step_not_reached", "minimum_gap"], noticed(account(), 7), 8, POLICY),
    (["step_not_reached", "below_minimum"], account(), 6, STRICT),
    (["minimum_gap", "below_minimum"], noticed(account(), 13), 14, STRICT),
]


@pytest.mark.parametrize(("codes", "found", "days", "policy"), PRECEDENCE, ids=lambda value: str(value)[:40])
def test_of_two_reasons_the_one_that_stands_first_is_given(codes, found, days, policy):
    order = [code for code, _, _ in CODES]
    assert order.index(codes[0]) < order.index(codes[1])
    assert reasons(found, days, policy) == codes[:1]


# Days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (-30, "not_due"),
        (-1, "not_due"),
        (0, "not_due"),
        (1, "step_not_reached"),
        (6, "step_not_reached"),
        (7, "step_due"),
    ],
)
def test_due_today_is_not_overdue_and_a_step_is_reached_on_its_day(days, reason):
    assert reasons(account(), days) == [reason]


def test_a_step_on_the_first_day_overdue_is_never_sent_on_the_due_date():
    policy = DunningPolicy(id="p", version=1, steps=(DunningStep(name="at once", days_after_due=1),))
    assert reasons(account(), 0, policy) == ["not_due"]
    assert reasons(account(), 1, policy) == ["step_due"]


def test_days_are_counted_over_a_leap_day():
    leap = account(invoice(due=dt.date(2028, 2, 26)))
    assert POLICY.plan(leap.view(dt.date(2028, 3, 3))).rows()[0]["reason"] == "step_not_reached"
    assert POLICY.plan(leap.view(dt.date(2028, 3, 4))).rows()[0]["reason"] == "step_due"


def test_a_run_takes_one_step_however_late_it_comes():
    assert step(account(), 300) == "first"
    assert step(noticed(account(), 300), 305) == "second"
    assert step(noticed(noticed(account(), 300), 305, "second"), 310) == "final"


@pytest.mark.parametrize(("days", "reason"), [(16, "minimum_gap"), (17, "step_due"), (18, "step_due")])
def test_the_gap_is_over_on_its_last_day(days, reason):
    assert reasons(noticed(account(), 12), days) == [reason]


def test_without_a_gap_the_next_step_can_come_on_the_same_day():
    policy = attrs.evolve(POLICY, minimum_gap_days=0)
    assert step(noticed(account(), 20), 20, policy) == "second"


def test_the_gap_counts_from_the_day_on_which_the_notice_was_sent():
    assert reasons(noticed(account(), 10), 14) == ["minimum_gap"]
    assert reasons(noticed(account(), 10), 15) == ["step_due"]


# Amounts --------------------------------------------------------------------------------------------------------


def test_a_partly_paid_item_is_dunned_for_the_rest():
    payment = Payment(id="P", account="A", amount=eur(60), value_date=DUE)
    found = Account.of(
        Customer(id="A"),
        invoices=[invoice()],
        payments=[payment],
        allocations=[Allocation(source="P", item="I", amount=eur(60))],
    )
    (row,) = POLICY.plan(found.view(after(7))).rows()
    assert (row["open"], row["included"]) == ("40.00", True)


def test_a_paid_item_has_no_row_and_no_explanation():
    payment = Payment(id="P", account="A", amount=eur(100), value_date=DUE)
    allocations = [Allocation(source="P", item="I", amount=eur(100))]
    found = Account.of(Customer(id="A"), invoices=[invoice()], payments=[payment], allocations=allocations)
    plan = POLICY.plan(found.view(after(7)))
    assert plan.rows() == []
    assert (plan.included, plan.look_on) == (0, None)
    assert str(plan) == "A: nothing open on 2026-02-11"
    with pytest.raises(UnknownId):
        plan.explain("I")


def test_the_minimum_is_by_currency_and_reached_by_the_sum():
    policy = attrs.evolve(POLICY, minimums=(eur(150), Money.of(500, "JPY")))
    one = account(invoice("I"), invoice("J", Money.of(499, "JPY")), invoice("U", Money.of(1, "USD")))
    assert reasons(one, 7, policy) == ["below_minimum", "below_minimum", "step_due"]
    two = account(invoice("I"), invoice("K", eur(50)), invoice("J", Money.of(500, "JPY")))
    assert reasons(two, 7, policy) == ["step_due", "step_due", "step_due"]


def test_only_what_could_be_dunned_counts_towards_the_minimum():
    policy = attrs.evolve(POLICY, minimums=(eur(150),))
    found = account(invoice("I"), invoice("K", eur(1000), due=after(5)))
    assert reasons(found, 7, policy) == ["below_minimum", "step_not_reached"]
    assert reasons(found, 12, policy) == ["step_due", "step_due"]
    assert policy.plan(found.view(after(7))).look_on == after(12)


def test_what_is_disputed_of_an_item_does_not_count_towards_the_minimum():
    found = account(invoice("I"), invoice("K"))
    for minor, said in ((5_000, "step_due"), (5_001, "below_minimum")):
        dispute = Dispute(id="D", account="A", item="I", reason="quality", opened_on=DUE, amount=Money(minor, EUR))
        opened = DisputeOpened(dispute=dispute, items=("I",), amount=dispute.amount, effective_on=DUE, recorded_at=NOW)
        policy = attrs.evolve(POLICY, minimums=(eur(150),))
        assert reasons(fold([opened], found), 7, policy) == [said, said]


def test_the_plan_of_items_below_the_minimum_waits_for_a_fact():
    assert STRICT.plan(account().view(after(7))).look_on is None


# Holds ----------------------------------------------------------------------------------------------------------


def test_a_hold_on_an_item_leaves_the_others_alone():
    found = held(account(invoice("I"), invoice("K")), item="I")
    assert reasons(found, 7) == ["held", "step_due"]


def test_a_hold_with_an_end_stops_to_its_last_day_and_not_longer():
    found = held(account(), until=after(9))
    assert reasons(found, 9) == ["held"]
    assert reasons(found, 10) == ["step_due"]
    assert POLICY.plan(found.view(after(8))).look_on == after(10)


def test_a_hold_without_an_end_stays_until_it_is_lifted_and_wakes_nobody():
    found = held(account())
    assert reasons(found, 3000) == ["held"]
    assert POLICY.plan(found.view(after(30))).look_on is None
    lifted = fold([HoldReleased(hold="H", effective_on=after(20), recorded_at=NOW)], found)
    assert reasons(lifted, 19) == ["held"]
    assert reasons(lifted, 20) == ["step_due"]


def test_of_two_holds_the_longer_one_counts():
    found = held(held(account(), item="I", until=after(9)), until=after(12), id="H2")
    assert reasons(found, 12) == ["held"]
    assert POLICY.plan(found.view(after(8))).look_on == after(13)
    assert reasons(found, 13) == ["step_due"]


def test_a_hold_on_credit_does_not_stop_dunning():
    assert reasons(held(account(), stops=frozenset({"credit"})), 7) == ["step_due"]


# Ladders --------------------------------------------------------------------------------------------------------


def test_a_step_that_was_not_sent_was_not_taken():
    assert step(noticed(account(), 7, status="cancelled"), 8) == "first"
    for status in ("queued", "sending", "to be tried again"):
        assert reasons(noticed(account(), 7, status=status), 20) == ["notice_pending"]


def test_a_notice_to_the_creditors_own_people_moves_no_ladder():
    assert step(noticed(account(), 7, audience="staff"), 8) == "first"


def test_a_finished_ladder_wakes_nobody():
    found = noticed(account(), 21, "final")
    assert reasons(found, 3000) == ["ladder_finished"]
    assert POLICY.plan(found.view(after(30))).look_on is None


def test_another_due_date_is_another_ladder():
    first = InstallmentDated(item="I", due_on=DUE, effective_on=after(0), recorded_at=NOW)
    later = InstallmentDated(item="I", due_on=after(10), effective_on=after(8), recorded_at=NOW)
    found = noticed(fold([first], account(invoice(due=None))), 7)
    assert step(found, 17) == "second"
    moved = fold([later], found)
    assert reasons(moved, 10) == ["not_due"]
    assert reasons(moved, 16) == ["step_not_reached"]
    assert step(moved, 17) == "first"


def test_an_item_that_was_taken_over_continues_with_the_step_after_its_last():
    found = taken_over(attrs.evolve(TAKEN, step="first", stepped_on=after(9)))
    assert reasons(found, 13) == ["step_not_reached"]
    assert step(found, 14) == "second"
    late = taken_over(attrs.evolve(TAKEN, step="first", stepped_on=after(12)))
    assert reasons(late, 16) == ["minimum_gap"]
    assert step(late, 17) == "second"
    assert reasons(taken_over(attrs.evolve(TAKEN, step="final", stepped_on=after(12))), 30) == ["ladder_finished"]


def test_an_item_that_was_taken_over_without_a_step_begins_at_the_first():
    assert step(taken_over(attrs.evolve(TAKEN, step=None, stepped_on=None)), 60) == "first"


# Versions and choices -------------------------------------------------------------------------------------------

FASTER = DunningPolicy(
    id="standard", version=2, steps=tuple(attrs.evolve(each, days_after_due=at) for at, each in enumerate(STEPS, 1))
)
GENTLE = DunningPolicy(id="gentle", version=1, steps=(DunningStep(name="kind word", days_after_due=30),))


def test_an_item_finishes_on_the_version_it_started_with():
    book = PolicyBook.of(POLICY, FASTER)
    assert book.dunning_for(Customer(id="A")) is FASTER
    found = noticed(account(invoice("I"), invoice("K")), 7)
    rows = {row["item"]: row for row in plan_for(found.view(after(13)), book).rows()}
    assert rows["I"]["reason"] == "step_not_reached"
    assert (rows["K"]["step"], rows["K"]["policy"]) == ("first", "standard/2")
    rows = {row["item"]: row for row in plan_for(found.view(after(14)), book).rows()}
    assert (rows["I"]["step"], rows["I"]["policy"]) == ("second", "standard/1")


def test_a_pinned_version_that_is_not_in_the_book_is_a_reason_and_never_a_fallback():
    book = PolicyBook.of(FASTER)
    found = noticed(account(invoice("I"), invoice("K")), 7)
    assert [row["reason"] for row in plan_for(found.view(after(40)), book).rows()] == ["policy_missing", "step_due"]


def test_the_policy_of_one_invoice_beats_the_customers_beats_the_segments_beats_the_companys():
    named = [attrs.evolve(GENTLE, id=id) for id in ("by company", "by segment", "by customer", "by invoice")]
    choices = (
        Choice(kind="dunning", policy="by company", company="DE"),
        Choice(kind="dunning", policy="by segment", segment="public"),
        Choice(kind="dunning", policy="by customer", customer="A"),
        Choice(kind="dunning", policy="by invoice", invoice="K"),
    )
    customer = Customer(id="A", company="DE", segment="public")
    for count, expected in ((4, "by invoice"), (3, "by customer"), (2, "by segment"), (1, "by company")):
        book = PolicyBook.of(*named, choices=choices[:count])
        invoices = [attrs.evolve(invoice(number), account="DE:A") for number in ("I", "K")]
        found = Account.of(customer, invoices=invoices)
        rows = {row["item"]: row["policy"] for row in plan_for(found.view(after(30)), book).rows()}
        assert rows["K"] == f"{expected}/1"
        assert rows["I"] == f"{'by customer' if count == 4 else expected}/1"


def test_every_installment_of_an_invoice_follows_its_policy():
    book = PolicyBook.of(
        POLICY,
        GENTLE,
        choices=(Choice(kind="dunning", policy="standard"), Choice(kind="dunning", policy="gentle", invoice="K")),
    )
    halves = Schedule.of([(eur(50), DUE), (eur(50), after(1))])
    found = account(invoice("I"), attrs.evolve(invoice("K"), schedule=halves))
    rows = {row["item"]: row["reason"] for row in plan_for(found.view(after(20)), book).rows()}
    assert rows == {"I": "step_due", "K/1": "step_not_reached", "K/2": "step_not_reached"}
    assert plan_for(found.view(after(30)), book).rows()[1]["policy"] == "gentle/1"


def test_an_invoice_for_which_nothing_was_chosen_is_told_so():
    assert reasons(account(invoice("I"), invoice("K")), 7, chosen_by_invoice={"K": None}) == [
        "step_due",
        "policy_missing",
    ]


# Plans as objects -----------------------------------------------------------------------------------------------


def test_a_plan_explains_itself_in_words():
    plan = POLICY.plan(account(invoice("I"), invoice("K", due=None)).view(after(7)))
    assert plan.explain("I") == (
        "I, 100.00 EUR open, 7 days overdue on 2026-02-11: step 'first' of policy standard/1: the next step is due"
    )
    assert plan.explain("K") == ("K, 100.00 EUR open, without a due date on 2026-02-11: the item has no due date yet")
    assert sorted(str(plan).splitlines()) == [plan.explain("I"), plan.explain("K")]
    assert [row["item"] for row in plan] == [row["item"] for row in plan.rows()]
    assert plan.included == 1


def test_a_row_says_everything_in_plain_values():
    (row,) = POLICY.plan(account().view(after(7))).rows()
    assert row == {
        "account": "A",
        "item": "I",
        "currency": "EUR",
        "open": "100.00",
        "dunnable": "100.00",
        "due_on": DUE,
        "days_overdue": 7,
        "included": True,
        "step": "first",
        "policy": "standard/1",
        "reason": "step_due",
        "says": "the next step is due",
        "retryable": True,
        "lacks": None,
    }


@pytest.mark.parametrize(
    "found",
    [account(invoice(due=dt.date(9999, 12, 31))), held(account(), until=dt.date.max)],
    ids=["due at the end of time", "held to the end of time"],
)
def test_the_last_day_of_the_calendar_stands_for_never_in_many_ledgers(found):
    assert POLICY.plan(found.view(after(7))).look_on is None


def test_the_next_step_of_a_policy_is_found_by_name():
    assert POLICY.after("first") == STEPS[1]
    assert POLICY.after("final") is None
    with pytest.raises(UnknownId):
        POLICY.after("fourth")


def test_a_step_is_sent_by_the_template_of_its_name_unless_another_is_given():
    assert STEPS[0].template == "first"
    assert STEPS[2].template == "last warning"


# Settings that cannot be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", " ", InvalidValue),
        ("version", 0, InvalidValue),
        ("version", 1.0, WrongType),
        ("steps", (), InvalidValue),
        ("steps", list(STEPS), WrongType),
        ("steps", ("first",), WrongType),
        ("steps", (STEPS[0], STEPS[0]), InvalidValue),
        ("steps", (STEPS[1], STEPS[0]), InvalidValue),
        ("steps", (STEPS[0], attrs.evolve(STEPS[1], days_after_due=7)), InvalidValue),
        ("minimum_gap_days", -1, InvalidValue),
        ("minimum_gap_days", True, WrongType),
        ("minimums", (25,), WrongType),
        ("minimums", (eur(1), eur(2)), InvalidValue),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        DunningPolicy(**{"id": "standard", "version": 1, "steps": STEPS, field: value})
    assert caught.value.field.startswith(f"dunning_policy.{field}")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", "", InvalidValue),
        ("name", 1, WrongType),
        ("days_after_due", 7.0, WrongType),
        ("channel", "", InvalidValue),
        ("template", 5, WrongType),
    ],
)
def test_a_step_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        DunningStep(**{"name": "first", "days_after_due": 7, field: value})
    assert caught.value.field == f"step.{field}"


def test_invoices_issued_as_facts_are_dunned_like_those_of_documents():
    fact = InvoiceIssued(invoice=invoice(), effective_on=after(-30), recorded_at=NOW)
    assert step(fold([fact], Account.of(Customer(id="A"))), 7) == "first"
