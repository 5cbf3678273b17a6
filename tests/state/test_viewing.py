"""What a view makes of the entries: customers over time, dates that come later, orders, holds, ladders and notices."""

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, at, on

from receivables import Customer, Hold, Installment, Invoice, Money, Order, Schedule, fold
from receivables.documents.notice import PolicyRef
from receivables.facts.credit import HoldPlaced, HoldReleased, OrderHeld, OrderRefused, OrderReleased, OrderReserved
from receivables.facts.customer import AccountOpened, CustomerChanged, GroupOpened
from receivables.facts.dunning import NoticeCancelled, NoticeFailed, NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.invoice import InstallmentDated, InvoiceIssued
from receivables.facts.policy import PolicyPublished
from receivables.state.dunning import LIFE
from receivables.testing import strategies

REF = PolicyRef(id="standard", version=1, digest="0" * 64)


OPENED = AccountOpened(customer=Customer(id="A"), **at())


# Customers ------------------------------------------------------------------------------------------------------


def test_a_customer_changes_from_its_day_on():
    changed = Customer(id="A", segment="public")
    account = fold([OPENED, CustomerChanged(customer=changed, **at(5, known=1))])
    assert account.view(on(4)).customer == Customer(id="A")
    assert account.view(on(5)).customer == changed
    assert account.view(on(5), on(0)).customer == Customer(id="A")
    assert account.view(on(-1)).customer is None


def test_a_change_that_is_backdated_before_another_does_not_undo_it():
    one, two = Customer(id="A", segment="one"), Customer(id="A", segment="two")
    account = fold([OPENED, CustomerChanged(customer=two, **at(5)), CustomerChanged(customer=one, **at(3, known=9))])
    assert account.view(on(4)).customer == one
    assert account.view(on(9)).customer == two


def test_of_two_changes_of_one_day_the_one_recorded_last_counts():
    one, two = Customer(id="A", segment="one"), Customer(id="A", segment="two")
    account = fold([OPENED, CustomerChanged(customer=one, **at(3)), CustomerChanged(customer=two, **at(3))])
    assert account.view(on(3)).customer == two


def test_the_account_of_a_group_has_no_customer():
    account = fold([GroupOpened(group="HOLDING", **at())])
    assert account.id == "group:HOLDING"
    assert account.view(DAY).customer is None


def test_published_settings_stay_in_the_catalog():
    account = fold([PolicyPublished(policy=REF, settings="{}", **at())])
    (found,) = account.catalog.publications
    assert (found.policy, found.settings, found.effective_on) == (REF, "{}", DAY)


# Due dates that come later --------------------------------------------------------------------------------------


def test_a_due_date_counts_from_the_day_on_which_it_took_effect():
    part = Installment(amount=Money.of(5, "EUR"), baseline="delivery")
    invoice = Invoice(
        number="I", account="A", issued_on=DAY, total=part.amount, schedule=Schedule(installments=(part,))
    )
    dated = InstallmentDated(item="I", due_on=on(40), **at(10))
    account = fold([OPENED, InvoiceIssued(invoice=invoice, **at()), dated])
    assert account.view(on(9)).item("I").due_on is None
    assert account.view(on(10)).item("I").due_on == on(40)
    assert account.view(on(10), on(9)).item("I").due_on is None


# Orders ---------------------------------------------------------------------------------------------------------


def order(id: str = "SO", amount: int = 100) -> Order:
    return Order(id=id, account="A", amount=Money.of(amount, "EUR"), placed_on=DAY)


def reserved(**times: object) -> OrderReserved:
    return OrderReserved(order=order(), policy=REF, **times)


def released(amount: int, closes: bool = False, **times: object) -> OrderReleased:
    return OrderReleased(order="SO", amount=Money.of(amount, "EUR"), closes=closes, **times)


def left(account, day: int) -> list[tuple[str, int]]:
    return [(each.status, each.reserved // 100) for each in account.view(on(day)).orders]


def test_an_order_reserves_what_is_not_released_yet():
    account = fold([OPENED, reserved(**at()), released(40, **at(2)), released(60, **at(4))])
    assert [left(account, day) for day in (-1, 0, 2, 4)] == [[], [("reserved", 100)], [("reserved", 60)], []]
    assert account.credit.left_of("SO") == Money.of(0, "EUR")


def test_an_order_that_is_closed_reserves_nothing_whatever_was_left():
    account = fold([OPENED, reserved(**at()), released(1, closes=True, **at(2))])
    assert left(account, 1) == [("reserved", 100)]
    assert left(account, 2) == []
    assert account.credit.left_of("SO") is None


def test_a_held_order_is_listed_and_reserves_nothing_until_it_is_reserved():
    account = fold([OPENED, OrderHeld(order=order(), policy=REF, reasons=(), **at()), reserved(**at(3))])
    assert left(account, 2) == [("held", 0)]
    assert left(account, 3) == [("reserved", 100)]


def test_a_refused_order_does_not_count():
    account = fold([OPENED, OrderRefused(order=order(), policy=REF, reasons=(), **at())])
    assert left(account, 5) == []
    assert account.credit.left_of("SO") is None
    assert account.credit.left_of("SO-9") is None


# Holds ----------------------------------------------------------------------------------------------------------


def test_a_hold_is_in_force_from_its_first_to_its_last_day_or_until_it_is_lifted():
    hold = Hold(id="H", account="A", placed_on=DAY, reason="x", until=on(5))
    placed = HoldPlaced(hold=hold, **at())
    account = fold([OPENED, placed, HoldReleased(hold="H", **at(3))])
    assert [bool(fold([OPENED, placed]).view(on(day)).holds) for day in (-1, 0, 5, 6)] == [False, True, True, False]
    assert [bool(account.view(on(day)).holds) for day in (0, 2, 3)] == [True, True, False]
    assert account.view(on(4), on(2)).holds == (hold,)


# Notices --------------------------------------------------------------------------------------------------------

NOTICE = attrs.evolve(SAMPLES["notice.queued/1"].notice, audience="customer", retracts=None)
SENDING = NoticeSending(notice=NOTICE.key, **at(1))
EVENTS = {
    "sending": SENDING,
    "sent": NoticeSent(notice=NOTICE.key, **at(2)),
    "queued": NoticeFailed(notice=NOTICE.key, reason="busy", retry=True, **at(2)),
    "failed": NoticeFailed(notice=NOTICE.key, reason="no such box", **at(2)),
    "cancelled": NoticeCancelled(notice=NOTICE.key, reason="settled", **at(2)),
}
QUEUED = NoticeQueued(notice=NOTICE, **at())


def status(*events) -> str:
    (state,) = fold([OPENED, QUEUED, *events]).view(on(9)).notices
    return state.status


MOVES = [
    ("queued", "sending"),
    ("queued", "cancelled"),
    ("sending", "sent"),
    ("sending", "queued"),
    ("sending", "failed"),
    ("sending", "sending"),
    ("failed", "cancelled"),
]


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_a_notice_goes_through_its_life_by_its_facts(before, after):
    start = [] if before == "queued" else [SENDING] if before == "sending" else [SENDING, EVENTS[before]]
    assert status(*start) == before
    assert status(*start, EVENTS[after]) == after
    assert after in LIFE[before]


def test_what_was_sent_or_cancelled_is_the_end():
    assert not LIFE["sent"]
    assert not LIFE["cancelled"]


def test_a_notice_has_on_each_day_the_status_that_it_had_then():
    account = fold([OPENED, QUEUED, SENDING, EVENTS["sent"]])
    found = [[state.status for state in account.view(on(day)).notices] for day in (-1, 0, 1, 2)]
    assert found == [[], ["queued"], ["sending"], ["sent"]]
    assert [account.view(on(day)).last_notice_on for day in (0, 1, 2, 9)] == [None, None, on(2), on(2)]
    (state,) = account.view(on(9), on(0)).notices
    assert (state.status, state.queued_on, state.notice) == ("queued", DAY, NOTICE)


def test_only_lines_with_a_step_have_a_ladder():
    view = fold([OPENED, QUEUED, SENDING, EVENTS["sent"]]).view(on(9))
    (ladder,) = view.ladders
    assert (ladder.item, ladder.step, ladder.sent_on, ladder.pending) == ("INV-1/1", "first", on(2), None)
    assert view.ladder_of["INV-1/1"] == ladder
    assert "INV-2" not in view.ladder_of


def test_the_reserved_amount_is_never_below_nothing():
    account = fold([OPENED, reserved(**at()), released(70, **at(1)), released(70, **at(1))])
    assert account.credit.left_of("SO") == Money.of(0, "EUR")
    assert left(account, 1) == []


def test_cash_is_counted_whatever_the_date():
    assert on(0) > strategies.FIRST_DAY
    told = ("payment.received/1", "payment.settled/1", "allocation.made/1")
    account = fold([OPENED, *(SAMPLES[tag] for tag in told)])
    assert account.cash.left_of("PAY-1", 100_000) == 100_000 - 40_200
    assert account.cash.open_of("INV-1/1", 50_000) == 50_000 - 40_200
    undone = fold([SAMPLES["allocation.undone/1"]], account)
    assert undone.cash.left_of("PAY-1", 100_000) == 100_000


def test_an_override_leaves_the_class_of_the_score_as_it_is():
    scored, overridden = SAMPLES["customer.scored/1"], SAMPLES["risk_class.overridden/1"]
    day = max(scored.effective_on, overridden.effective_on)
    risk = fold([OPENED, scored, overridden]).view(day).risk
    assert (risk.scored_class, risk.risk_class) == (scored.score.risk_class, overridden.override.risk_class)
    assert fold([OPENED]).view(day).risk.scored_class is None
