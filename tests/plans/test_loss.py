"""Write-offs and recoveries: what is refused, what they end, on which day they count, and what they leave as it was."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.plans.cases_money import lost
from tests.service.world import LADDER, TODAY, World, day, eur, picture

from receivables import CreditNote, Installment, Money, Payment, PolicyBook, Schedule
from receivables.documents.exchange import ExchangeRate
from receivables.documents.invoice import Invoice
from receivables.documents.loss import SpecificAllowance
from receivables.documents.payment import Designation
from receivables.errors import CurrencyMismatch, InvalidValue, OverApplied, UnknownId
from receivables.facts.cash import AllocationMade, DifferenceUndone
from receivables.facts.dunning import NoticeCancelled, StepsAnnulled
from receivables.facts.loss import Recovered, SpecificAllowanceReleased, WriteOffReversed, WrittenOff
from receivables.facts.payment_plan import PlanCancelled
from receivables.policies.losses import WriteOffPolicy
from receivables.policies.provision import LossRates, ProvisionPolicy
from receivables.reports.exchange import exchange_result
from receivables.reports.lateness import paid_late
from receivables.reports.provision import provision
from receivables.state.account import fold


@pytest.fixture
def world():
    """INV-1 over 1,000.00, ten days overdue."""
    world = World()
    world.open()
    world.invoice("INV-1", "1000", -10)
    return world


def lose(world, item="INV-1", *, on=0, account="ACME", **more):
    key = more.pop("key", f"lose {item} {on} {more}")
    code = more.pop("code", "insolvent")
    return world.app.write_off(account, item, code, on=day(on), key=key, by="ann", **more)


def recover(world, source, item="INV-1", *, account="ACME", **more):
    return world.app.recover(account, source, item, key=more.pop("key", f"recover {source} {item}"), **more)


def view(world, offset=None, account="ACME"):
    return world.app.view(account, world.today if offset is None else day(offset))


def refused(world, error, match, do):
    before = picture(world.store)
    with pytest.raises(error, match=match):
        do()
    assert picture(world.store) == before


# What is refused, with nothing recorded ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "error", "match"),
    [
        ({"amount": eur("1000.01")}, OverApplied, "1000.01 EUR asked, 1000.00 EUR available"),
        ({"amount": eur(0)}, OverApplied, "0.00 EUR asked"),
        ({"amount": Money.of(1, "USD")}, CurrencyMismatch, "USD"),
        ({"item": "INV-9"}, UnknownId, "INV-9"),
        ({"on": 1}, InvalidValue, "must be between .* and today"),
        ({"on": -400}, InvalidValue, "must be between"),
        ({"approver": "ann"}, InvalidValue, "must be another person"),
        ({"code": " "}, InvalidValue, "must not be blank"),
    ],
)
def test_a_write_off_that_cannot_be_is_refused(world, more, error, match):
    refused(world, error, match, lambda: lose(world, **more))


def test_nothing_is_written_off_twice(world):
    lose(world)
    refused(world, OverApplied, "0.00 EUR available", lambda: lose(world, key="again"))


def test_what_was_paid_since_is_not_written_off_before(world):
    world.at(5)
    world.pay("P-1", "400")
    world.apply("P-1", "INV-1", "400")
    refused(world, OverApplied, "600.00 EUR available", lambda: lose(world, amount=eur(700)))
    lose(world, amount=eur(600))
    assert view(world, 0).open("INV-1") == eur(400)
    assert view(world, 5).status("INV-1") == "written_off"


def test_what_a_payment_on_its_way_is_meant_for_is_not_written_off(world):
    designated = (Designation(item="INV-1", amount=eur(300)),)
    world.pay("P-1", "300", method="card", status="pending", designated=designated)
    refused(world, OverApplied, "700.00 EUR available", lambda: lose(world, amount=eur(701)))
    lose(world)
    assert view(world).open("INV-1") == eur(300)


def test_no_payment_goes_on_what_was_written_off_but_as_a_recovery(world):
    lose(world)
    world.pay("P-1", "400")
    refused(world, OverApplied, "0.00 EUR available", lambda: world.apply("P-1", "INV-1", "400"))


@pytest.mark.parametrize(
    ("source", "amount", "error", "match"),
    [
        ("P-9", None, UnknownId, "P-9"),
        ("P-1", eur(401), OverApplied, "400.00 EUR available"),
        ("P-2", eur(1001), OverApplied, "1000.00 EUR available"),
        ("P-USD", None, CurrencyMismatch, "USD"),
        ("P-USD", eur(10), CurrencyMismatch, "USD"),
        ("P-1", Money.of(10, "USD"), CurrencyMismatch, "USD"),
    ],
)
def test_a_recovery_that_cannot_be_is_refused(world, source, amount, error, match):
    lose(world)
    world.pay("P-1", "400")
    world.pay("P-2", "2000")
    world.pay("P-USD", Money.of(400, "USD"))
    refused(world, error, match, lambda: recover(world, source, amount=amount))


def test_what_was_never_written_off_is_not_recovered(world):
    world.pay("P-1", "400")
    refused(world, UnknownId, "item that was written off", lambda: recover(world, "P-1"))


def test_a_write_off_that_is_not_there_is_not_taken_back(world):
    refused(
        world,
        UnknownId,
        "write-off",
        lambda: world.app.reverse_write_off("ACME", "k#1", reason="none", key="reverse", by="ann"),
    )


# What it ends ----------------------------------------------------------------------------------------------------------


def test_a_plan_about_it_is_cancelled_and_never_completed(world):
    world.agree("PP-1", "INV-1", (10, "500"), (20, "500"))
    lose(world)
    assert [fact.plan for fact in world.facts(PlanCancelled)] == ["PP-1"]
    (state,) = view(world).payment_plans
    assert (state.status, state.paid) == ("cancelled", 0)


def test_a_promise_to_pay_it_lapses_and_is_neither_kept_nor_broken(world):
    world.promise("PTP-1", "INV-1", "1000", 5)
    lose(world)
    assert [state.status for state in view(world, 0).promises] == ["lapsed"]
    assert [state.status for state in view(world, 30).promises] == ["lapsed"]


def test_a_dispute_about_it_rests(world):
    world.dispute("D-1", "INV-1", "100")
    lose(world)
    assert view(world).withheld == ()
    assert [state.left for state in view(world).disputes] == [10_000]
    assert world.app.resolve_dispute("ACME", "D-1", "rejected", on=day(0), key="resolve").outcome == "rejected"


def test_a_letter_that_waits_is_taken_back(world):
    world.run()
    lose(world)
    assert [fact.reason for fact in world.facts(NoticeCancelled)] == ["settled"]
    assert world.run() == []


def test_a_letter_that_went_out_after_the_day_of_the_write_off_was_false(world):
    world.run()
    world.deliver()
    world.at(3)
    lose(world, on=-1)
    assert [fact.items for fact in world.facts(StepsAnnulled)] == [("INV-1",)]


def test_what_was_written_off_bears_no_interest_from_its_day_on():
    world = World()
    world.open(segment="strict")
    world.invoice("INV-1", "3650", 0)
    world.at(10)
    lose(world, amount=eur(1825), on=10)
    world.at(20)
    world.app.claim_interest("ACME", "INV-1", until=day(20), key="claim", by="ann")
    book = next(book for book in view(world).books)
    interest = sum(open_ for item, open_ in zip(book.items, book.open, strict=True) if item.kind == "interest")
    assert interest == 10 * 90 + 10 * 45


def test_a_whole_invoice_is_written_off_by_its_number():
    world = World()
    world.open()
    parts = tuple(Installment(amount=eur(50), due_on=day(-days)) for days in (20, 10))
    invoice = Invoice(
        number="INV-2", account="ACME", issued_on=day(-40), total=eur(100), schedule=Schedule(installments=parts)
    )
    world.app.issue_invoice(invoice, key="issue")
    world.settle("INV-2/1", "20")
    receipt = lose(world, "INV-2")
    assert [fact.amount for fact in world.facts(WrittenOff)] == [eur(30), eur(50)]
    assert receipt.ids == tuple(fact.id for fact in world.facts(WrittenOff))
    assert {view(world).status(item) for item in ("INV-2/1", "INV-2/2")} == {"written_off"}
    refused(world, InvalidValue, "must be about one item", lambda: lose(world, "INV-2", amount=eur(1), key="part"))


# A mistake, and money after all ------------------------------------------------------------------------------------------


def test_a_mistake_is_taken_back_from_the_day_of_the_write_off(world):
    (id,) = lose(world, on=-3).ids
    world.at(20)
    world.app.reverse_write_off("ACME", id, reason="the wrong one", key="reverse", by="ann")
    for offset in (-3, 0, 20):
        assert view(world, offset).open("INV-1") == eur(1000)
    assert view(world).losses == ()
    assert [result.notices[0].lines[0].step for result in world.run()] == ["first"]


def test_a_part_of_a_mistake_is_taken_back(world):
    (id,) = lose(world).ids
    world.app.reverse_write_off("ACME", id, reason="a part", amount=eur(400), key="reverse", by="ann")
    assert view(world).open("INV-1") == eur(400)
    refused(
        world,
        OverApplied,
        "600.00 EUR available",
        lambda: world.app.reverse_write_off("ACME", id, reason="more", amount=eur(601), key="more", by="ann"),
    )


def test_what_was_recovered_is_not_taken_back_as_a_mistake(world):
    (id,) = lose(world).ids
    world.pay("P-1", "400")
    recover(world, "P-1")
    world.app.reverse_write_off("ACME", id, reason="the rest", key="reverse", by="ann")
    assert [fact.amount for fact in world.facts(WriteOffReversed)] == [eur(600)]
    assert view(world).open("INV-1") == eur(600)


def test_a_recovery_counts_from_the_day_on_which_the_money_was_there(world):
    lose(world)
    world.at(30)
    world.pay("P-1", "400", on=12)
    recover(world, "P-1")
    (recovered,), made = world.facts(Recovered), world.facts(AllocationMade)
    assert [recovered.effective_on, made[-1].effective_on] == [day(12), day(12)]
    assert [loss.left for loss in view(world, 11).losses] == [100_000]
    assert [loss.left for loss in view(world, 12).losses] == [60_000]
    assert view(world, 12).balance("EUR") == eur(0)


def test_money_that_was_there_before_the_write_off_settled_it_then(world):
    world.at(30)
    lose(world, on=20)
    world.pay("P-1", "400", on=5)
    recover(world, "P-1")
    (recovered,), made = world.facts(Recovered), world.facts(AllocationMade)
    assert (recovered.effective_on, made[-1].effective_on) == (day(20), day(5))
    assert [view(world, offset).open("INV-1") for offset in (4, 5, 19)] == [eur(1000), eur(600), eur(600)]
    assert [loss.left for loss in view(world, 20).losses] == [60_000]


def test_a_recovery_that_is_taken_back_is_written_off_again(world):
    lose(world)
    world.pay("P-1", "400")
    recovered, made = recover(world, "P-1").ids
    world.app.unapply("ACME", made, key="undo")
    assert [fact.difference for fact in world.facts(DifferenceUndone)] == [recovered]
    assert (view(world).status("INV-1"), view(world).on_account("EUR")) == ("written_off", eur(400))
    assert [loss.recovered for loss in view(world).losses] == [0]


def test_a_credit_note_recovers_as_well(world):
    lose(world)
    world.app.issue_credit_note(CreditNote(number="CN-1", account="ACME", issued_on=day(0), total=eur(100)), key="note")
    recover(world, "CN-1")
    assert [loss.left for loss in view(world).losses] == [90_000]


def test_recoveries_can_go_to_the_allowance():
    world = World(policies=PolicyBook.of(LADDER, WriteOffPolicy(id="losses", version=1, recovery="allowance")))
    world.open()
    world.invoice("INV-1", "1000", -10)
    lose(world)
    world.pay("P-1", "400")
    recover(world, "P-1")
    (fact,) = world.facts(Recovered)
    assert (fact.allowance_credited, fact.income) == (eur(400), eur(0))


def test_what_was_recovered_is_no_payment_in_the_figures_of_lateness(world):
    world.settle("INV-1", "200")
    lose(world)
    world.pay("P-1", "400")
    recover(world, "P-1")
    assert paid_late(world.app.account("ACME"), "EUR", day(0)) == ((eur(200), 10),)


# What bears the loss -----------------------------------------------------------------------------------------------------


def set_aside(world, id="SA-1", *, on=0, **more):
    fields = {"account": "ACME", "item": "INV-1", "code": "insolvent", **more}
    return world.app.set_allowance(SpecificAllowance(id=id, **fields), on=day(on), key=f"{id} {on} {more}")


@pytest.mark.parametrize(
    ("more", "used"),
    [
        ({"percent": Decimal(60)}, 600),
        ({"amount": eur(250)}, 250),
        ({"amount": eur(5000)}, 1000),
        ({"percent": Decimal(30), "item": None}, 300),
    ],
)
def test_what_was_set_aside_for_it_bears_a_write_off_first(world, more, used):
    set_aside(world, **more)
    lose(world)
    (fact,) = world.facts(WrittenOff)
    assert (fact.allowance_used, fact.expense) == (eur(used), eur(1000 - used))


def test_a_fixed_allowance_is_used_up_by_what_it_bore(world):
    set_aside(world, amount=eur(250))
    world.at(1)
    lose(world, amount=eur(200), on=1)
    assert [each.amount for each in view(world).allowances] == [5_000]
    lose(world, amount=eur(200), on=1, key="more")
    assert [fact.allowance_used for fact in world.facts(WrittenOff)] == [eur(200), eur(50)]


def test_a_fixed_allowance_is_used_up_by_what_it_bore_in_the_instant_in_which_it_was_set(world):
    set_aside(world, amount=eur(250))
    lose(world, amount=eur(200))
    assert [each.amount for each in view(world).allowances] == [5_000]
    lose(world, amount=eur(200), key="more")
    assert [fact.allowance_used for fact in world.facts(WrittenOff)] == [eur(200), eur(50)]


def test_a_fixed_allowance_for_a_customer_bears_the_installments_of_one_invoice_once(world):
    parts = tuple(Installment(amount=eur(300), due_on=day(due)) for due in (-3, -2, -1))
    invoice = Invoice(
        number="INV-3", account="ACME", issued_on=day(-20), total=eur(900), schedule=Schedule(installments=parts)
    )
    world.app.issue_invoice(invoice, key="issue INV-3")
    set_aside(world, item=None, amount=eur(350), on=-1)
    lose(world, "INV-3")
    assert [fact.allowance_used for fact in world.facts(WrittenOff)] == [eur(300), eur(50), eur(0)]


def test_a_mistake_gives_back_what_it_used_of_the_allowance(world):
    set_aside(world, percent=Decimal(60))
    (id,) = lose(world).ids
    world.app.reverse_write_off("ACME", id, reason="a part", amount=eur(500), key="1", by="ann")
    world.app.reverse_write_off("ACME", id, reason="the rest", key="2", by="ann")
    assert [fact.allowance_used for fact in world.facts(WriteOffReversed)] == [eur(300), eur(300)]


def test_an_item_has_one_allowance_of_its_own(world):
    set_aside(world, percent=Decimal(60))
    refused(world, InvalidValue, "must be the only one", lambda: set_aside(world, "SA-2", percent=Decimal(10)))
    refused(world, InvalidValue, "must be the only one", lambda: set_aside(world, percent=Decimal(10), item=None))
    set_aside(world, percent=Decimal(80))
    assert [each.amount for each in view(world).allowances] == [80_000]


def test_an_allowance_is_released_from_a_day_on(world):
    set_aside(world, percent=Decimal(60), on=-2)
    world.app.release_allowance("ACME", "SA-1", on=day(0), key="release")
    assert [len(view(world, offset).allowances) for offset in (-3, -2, -1, 0)] == [0, 1, 1, 0]
    assert [fact.allowance for fact in world.facts(SpecificAllowanceReleased)] == ["SA-1"]
    refused(
        world, UnknownId, "SA-1", lambda: world.app.release_allowance("ACME", "SA-1", on=day(0), key="release again")
    )


def test_an_allowance_in_another_currency_is_refused(world):
    refused(world, CurrencyMismatch, "USD", lambda: set_aside(world, amount=Money.of(10, "USD")))


# Foreign currency ------------------------------------------------------------------------------------------------------


def rate(figure):
    return ExchangeRate.of("USD", "EUR", figure, on=day(0), source="ECB")


def test_a_write_off_releases_what_the_item_stood_for_and_a_recovery_takes_it_back():
    world = World()
    world.open()
    usd = lambda amount: Money.of(amount, "USD")  # noqa: E731
    invoice = Invoice.due(
        number="INV-1", account="ACME", issued_on=day(-30), total=usd(300), due_on=day(-10), book_rate=rate("0.90")
    )
    world.app.issue_invoice(invoice, key="issue")
    lose(world)
    assert exchange_result(world.app.account("ACME"), day(0)).carrying("INV-1").remaining.book == eur(0)
    payment = Payment(id="P-1", account="ACME", amount=usd(100), value_date=day(0), book_rate=rate("0.95"))
    world.app.receive_payment(payment, key="pay")
    recover(world, "P-1")
    result = exchange_result(world.app.account("ACME"), day(0))
    lines = {line.kind: (line.released, line.difference) for line in result.lines}
    assert lines["written_off"] == (eur(270), eur(0))
    assert lines["recovered"] == (eur(-90), eur(0))
    assert lines["allocation"] == (eur(90), eur(5))
    assert result.carrying("INV-1").remaining.book == eur(0)


# Accounts that are one ---------------------------------------------------------------------------------------------------


@pytest.fixture
def merged():
    """B was merged into A; each has an invoice, and the money came to A."""
    world = World()
    for id in "AB":
        world.open(id)
        world.invoice(f"INV-{id}", "100", -10, id)
    world.app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge")
    return world


def test_what_a_part_of_a_merged_account_owes_is_written_off_and_recovered(merged):
    lose(merged, "INV-B", account="A")
    merged.pay("P-A", "40", "A")
    recover(merged, "P-A", "INV-B", account="A")
    whole = view(merged, account="A")
    assert [(loss.item, loss.left) for loss in whole.losses] == [("INV-B", 6_000)]
    assert (whole.status("INV-B"), whole.balance("EUR")) == ("written_off", eur(100))
    assert [type(fact).__name__ for fact in merged.facts(WrittenOff, Recovered, account="B")] == [
        "WrittenOff",
        "Recovered",
    ]


def test_a_write_off_goes_with_its_invoice_where_accounts_are_separated(merged):
    lose(merged, "INV-B", account="A")
    merged.at(3)
    merged.app.separate_accounts("A", "B", reason="two", by="ann", approver="bob", key="separate")
    assert view(merged, account="B").status("INV-B") == "written_off"
    assert view(merged, account="A").losses == ()
    assert view(merged, account="A").balance("EUR") == eur(100)


def test_an_account_folded_at_once_is_the_one_that_grew(world):
    set_aside(world, percent=Decimal(60))
    lose(world)
    world.pay("P-1", "400")
    recover(world, "P-1")
    assert fold(world.store.facts("ACME")) == world.app.account("ACME")
    assert isinstance(world.app.account("ACME").known_at, dt.datetime)


def test_two_customers_that_are_one_have_nothing_set_aside_twice(merged):
    half = {"item": None, "percent": Decimal(50)}
    merged.app.separate_accounts("A", "B", reason="two", by="ann", approver="bob", key="separate")
    set_aside(merged, "SA-A", account="A", item=None, amount=eur(60))
    set_aside(merged, "SA-B", account="B", **half)
    merged.app.merge_accounts("A", "B", reason="one", by="ann", approver="bob", key="merge again")
    whole = view(merged, account="A")
    assert [(each.allowance.id, each.items, each.amount) for each in whole.allowances] == [
        ("SA-B", ("INV-A", "INV-B"), 10_000)
    ]
    matrix = ProvisionPolicy(id="matrix", version=1, rates=(LossRates.of(1, 2, 5, 15, 50),))
    found = provision(whole, matrix)
    assert all(line.balance.minor == 0 for line in found.lines)
    assert (found.open("EUR"), found.required("EUR")) == (eur(200), eur(100))
    merged.app.separate_accounts("A", "B", reason="two", by="ann", approver="bob", key="separate again")
    assert [view(merged, account=id).allowances[0].amount for id in "AB"] == [6_000, 5_000]


def test_of_an_invoice_in_installments_only_what_is_open_is_given_up(world):
    parts = (Installment(amount=eur(400), due_on=day(-9)), Installment(amount=eur(600), due_on=day(-5)))
    invoice = Invoice(
        number="INV-2", account="ACME", issued_on=day(-20), total=eur(1000), schedule=Schedule(installments=parts)
    )
    world.app.issue_invoice(invoice, key="INV-2")
    world.settle("INV-2/1", 400)
    lose(world, "INV-2", approver="bob")
    assert [(fact.item, fact.amount) for fact in world.facts(WrittenOff)] == [("INV-2/2", eur(600))]


@pytest.mark.parametrize("barred", [False, True])
def test_no_tax_is_to_come_back_on_what_is_written_off_after_the_right_to_it_was_lost(barred):
    world = lost()
    if barred:
        world.app.bar_relief("ACME", "INV-L", cause="sold", on=TODAY, key="bar", by="ann")
    world.app.write_off("ACME", "INV-L", code="insolvent", on=TODAY, by="ann", approver="bob", key="w")
    (fact,) = world.facts(WrittenOff)
    assert fact.relief == eur(0 if barred else 100)
