"""Exposure by component: margins, horizons, disputes, plans, drafts, payments on their way, what is insured."""

import datetime as dt

from receivables import Account, CreditPolicy, Currency, Customer, Invoice, Money, Order, Payment, fold
from receivables.documents.credit import DraftInvoice
from receivables.documents.dispute import Dispute
from receivables.documents.notice import PolicyRef
from receivables.facts.credit import InvoiceDrafted, OrderDelivered, OrderReserved
from receivables.facts.dispute import DisputeOpened
from receivables.policies.exposure import COMPONENTS, Exposure, exposure_on, next_overdue_day

EUR, USD = Currency.of("EUR"), Currency.of("USD")
TODAY = dt.date(2026, 6, 30)
TIMES = {"effective_on": TODAY, "recorded_at": dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC)}
REF = PolicyRef(id="standard", version=1, digest="0" * 64)


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


def account(*owed: tuple[int, int], payments: tuple[Payment, ...] = ()) -> Account:
    """Invoices of an amount, each due so many days from today."""
    invoices = [
        Invoice.due(number=f"I{at}", account="A", issued_on=day(-99), total=eur(amount), due_on=day(due))
        for at, (amount, due) in enumerate(owed)
    ]
    return Account.of(Customer(id="A"), invoices=invoices, payments=payments)


def used(found: Account, on: dt.date = TODAY, **more: object) -> dict[str, int]:
    return {name: amount // 100 for name, amount in exposure_on(found.view(on), EUR, **more).signed()}


def test_due_today_is_open_and_a_margin_delays_the_move():
    found = account((10, 0), (20, -1), (40, -3), (80, -4))
    assert used(found) == {"open": 10, "overdue": 140}
    assert used(found, margin_days=3) == {"open": 70, "overdue": 80}


def test_what_is_disputed_is_in_no_other_component_and_is_overdue_first():
    found = account((100, -5), (100, 5))
    for at, item in enumerate(("I0", "I1")):
        dispute = Dispute(id=f"D{at}", account="A", item=item, reason="price", opened_on=TODAY, amount=eur(30))
        found = fold([DisputeOpened(dispute=dispute, items=(item,), amount=eur(30), **TIMES)], found)
    assert used(found) == {"open": 70, "overdue": 70, "disputed": 60}
    policy = CreditPolicy(id="p", version=1, counts=frozenset({"open", "overdue"}))
    assert policy.standing(found.view(TODAY), EUR).exposure == eur(140).minor


def order(id: str, amount: int, deliver_on: dt.date | None = None) -> OrderReserved:
    wanted = Order(id=id, account="A", amount=eur(amount), placed_on=day(-9), deliver_on=deliver_on)
    return OrderReserved(order=wanted, policy=REF, **TIMES)


def test_an_order_counts_from_the_first_day_of_its_horizon():
    found = fold([order("1", 10), order("2", 20, day(30)), order("3", 40, day(31))], account())
    assert used(found) == {"ordered": 70}
    assert used(found, horizon_days=30) == {"ordered": 30}
    assert used(found, day(1), horizon_days=30) == {"ordered": 70}


def test_what_is_delivered_counts_whatever_the_horizon():
    delivered = OrderDelivered(order="3", amount=eur(15), **TIMES)
    found = fold([order("3", 40, day(31)), delivered], account())
    assert used(found, horizon_days=0) == {"delivered": 15}


def test_a_draft_of_no_order_counts_by_itself():
    draft = DraftInvoice(id="D", account="A", amount=eur(550), drafted_on=TODAY)
    assert used(fold([InvoiceDrafted(draft=draft, **TIMES)], account())) == {"draft": 550}


def test_a_payment_on_its_way_is_taken_off_only_where_the_policy_says_so():
    pending = Payment(id="P", account="A", amount=eur(60), value_date=TODAY, method="card", status="pending")
    found = account((100, 5), payments=(pending,))
    assert used(found) == {"open": 100, "pending": -60}
    view = found.view(TODAY)
    assert CreditPolicy(id="p", version=1).standing(view, EUR).exposure == eur(100).minor
    counting = CreditPolicy(id="p", version=1, counts=frozenset({"open", "pending"}))
    assert counting.standing(view, EUR).exposure == eur(40).minor


def test_no_more_is_insured_than_is_used():
    owed = Exposure(EUR, (100, 20, 0, 0, 0, 0, 0, 30, 0))
    assert owed.with_insured(50).of("insured") == 50
    assert owed.with_insured(500).of("insured") == 90
    assert owed.with_insured(None).of("insured") == 90
    assert Exposure(EUR, (0, 0, 0, 0, 0, 0, 0, 30, 0)).with_insured(50).of("insured") == 0
    assert owed.with_insured(50).total(frozenset(COMPONENTS)) == 40


def test_another_currency_is_another_exposure():
    assert exposure_on(account((10, 0)).view(TODAY), USD).parts == (0,) * len(COMPONENTS)


def test_the_next_day_on_which_something_becomes_overdue():
    found = account((10, -5), (20, 3)).view(TODAY)
    assert next_overdue_day(found) == day(4)
    assert next_overdue_day(found, 2) == day(6)
    assert next_overdue_day(account((10, -5)).view(TODAY)) is None
    assert next_overdue_day(account().view(TODAY)) is None
