"""Features of behavior, on histories that are small enough to be worked out by hand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from tests.service.world import World, day, declared_figures, eur

from receivables import Account, Allocation, CreditLimit, CreditNote, Currency, Customer, Invoice, Money, Payment, fold
from receivables.documents.risk import ExternalScore
from receivables.errors import UnknownId, WrongType
from receivables.facts.risk import ExternalScoreReceived
from receivables.policies.behavior import FEATURES, CustomFeature, features
from receivables.policies.history import BehaviorTerms, history

EVEN = BehaviorTerms(half_life_days=None)
START = dt.date(2026, 1, 1)


def on(offset):
    return START + dt.timedelta(days=offset)


def account_of(*items, limit=None, notes=(), currency="EUR"):
    """Items as (amount, due, paid): days after `START`, ``None`` where it was not paid; each an invoice of thirty days before."""
    invoices, payments, allocations = [], [], []
    for at, (amount, due, paid) in enumerate(items):
        total = amount if isinstance(amount, Money) else Money.of(amount, currency)
        invoices.append(
            Invoice.due(
                number=f"I{at}",
                account="ACME",
                issued_on=on(min(due, due if paid is None else paid) - 30),
                total=total,
                due_on=on(due),
            )
        )
        if paid is not None:
            payments.append(Payment(id=f"P{at}", account="ACME", amount=total, value_date=on(paid)))
            allocations.append(Allocation(source=f"P{at}", item=f"I{at}", amount=total))
    limits = (
        []
        if limit is None
        else [CreditLimit(account="ACME", currency=Currency.of(currency), amount=eur(limit), valid_from=START)]
    )
    return Account.of(
        Customer(id="ACME"),
        invoices=invoices,
        payments=payments,
        allocations=allocations,
        limits=limits,
        credit_notes=notes,
    )


def value(account, name, at=100, terms=EVEN, known_at=None):
    return features(history(account, on(at), known_at, terms), [name])[name]


def test_days_late_are_weighted_by_amounts_and_early_is_zero():
    account = account_of((1000, 10, 20), (2000, 10, 50), (500, 10, 0))
    assert value(account, "days_late") == 2571  # (10 * 1000 + 40 * 2000) / 3500


def test_what_is_recent_counts_for_more():
    account = account_of((100, 0, 10), (100, 90, 90))
    assert value(account, "days_late", at=100) == 500
    decayed = BehaviorTerms(half_life_days=90)  # 90 days ago: a half; 10 days ago: 17/18
    assert value(account, "days_late", at=100, terms=decayed) == round(
        1000 * Fraction(1, 2) / (Fraction(1, 2) + Fraction(17, 18))
    )


def test_what_is_overdue_and_open_counts_by_its_days_so_far():
    account = account_of((100, 60, None), (100, 60, 60))
    assert value(account, "days_late", at=60) == 0
    assert value(account, "days_late", at=100) == 2000
    assert value(account, "oldest_overdue_days", at=100) == 40
    assert value(account, "overdue_share", at=100) == 1000


def test_due_today_is_not_overdue():
    account = account_of((100, 60, None))
    assert value(account, "overdue_share", at=60) == 0
    assert value(account, "days_late", at=60) is None


def test_currencies_are_never_added():
    """A thousand yen weigh nothing beside a thousand euros when they are added; by items they weigh as much."""
    account = account_of((eur(1000), 0, 10), (Money.of(1000, "JPY"), 0, 30))
    assert value(account, "days_late") == 2000


def test_the_trend_compares_two_stretches_of_days():
    terms = BehaviorTerms(half_life_days=None, trend_days=30)
    account = account_of((100, 40, 45), (100, 80, 95))
    assert value(account, "lateness_trend", at=100, terms=terms) == 1000
    assert value(account, "lateness_trend", at=60, terms=terms) is None  # nothing before to compare with


def test_late_within_the_grace_days_is_in_time():
    account = account_of((300, 10, 15), (100, 10, 16))
    assert value(account, "late_share", terms=attrs.evolve(EVEN, grace_days=5)) == 250
    assert value(account, "late_share") == 1000


def test_what_lies_before_the_window_does_not_count():
    account = account_of((100, 0, 90))
    assert value(account, "days_late", at=90 + 364) == 9000
    assert value(account, "days_late", at=90 + 365) is None
    assert value(account, "worst_days_late", at=90 + 365) is None


def test_one_debt_of_years_is_bounded():
    account = account_of((100, 0, None))
    assert value(account, "days_late", at=5000) == 36_500


def test_utilization_is_that_of_the_limit_and_undefined_without_one():
    account = account_of((600, 50, None), limit=1000)
    assert value(account, "utilization", at=60) == 600
    assert value(account_of((600, 50, None)), "utilization", at=60) is None
    assert value(account_of((600, 50, None), limit=0), "utilization", at=60) == 9_999


def test_a_returned_payment_is_late_and_counts():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 0)
    world.settle("INV-1", 100)
    world.at(5).app.return_payment("ACME", "P INV-1 100", kind="returned", code="AC04", on=day(5), key="back")
    account = world.app.account("ACME")
    found = features(history(account, day(10)), ["returned_payments", "days_late", "oldest_overdue_days"])
    assert found == {"returned_payments": 1, "days_late": 1000, "oldest_overdue_days": 10}
    assert features(history(account, day(4)), ["returned_payments", "days_late"]) == {
        "returned_payments": 0,
        "days_late": 0,
    }


def test_a_booking_that_was_a_mistake_is_no_returned_payment():
    world = World()
    world.open()
    world.pay("P-1", 100)
    world.app.return_payment("ACME", "P-1", kind="reversed", code="mistake", on=day(0), key="back")
    assert features(history(world.app.account("ACME"), day(1)), ["returned_payments"]) == {"returned_payments": 0}


def test_days_in_a_dispute_that_stood_are_not_late():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 0)
    world.at(5).dispute("D-1", "INV-1")
    world.at(25).app.resolve_dispute("ACME", "D-1", "settled", on=day(25), key="over", by="ann")
    world.at(30).settle("INV-1", 100)
    names = ["days_late", "disputes", "disputes_to_delay"]
    assert features(history(world.app.account("ACME"), day(30)), names) == {
        "days_late": 1000,
        "disputes": 1,
        "disputes_to_delay": 0,
    }


def test_a_dispute_after_the_due_date_that_had_no_ground_is_a_delay_and_its_days_are_late():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 0)
    world.at(5).dispute("D-1", "INV-1")
    world.at(25).app.resolve_dispute("ACME", "D-1", "rejected", on=day(25), key="over", by="ann")
    world.at(30).settle("INV-1", 100)
    names = ["days_late", "disputes", "disputes_to_delay"]
    assert features(history(world.app.account("ACME"), day(30)), names) == {
        "days_late": 3000,
        "disputes": 1,
        "disputes_to_delay": 1,
    }


def test_promises_count_on_the_day_that_decides_them():
    world = World()
    world.open()
    world.invoice("INV-1", 100, 0)
    world.invoice("INV-2", 100, 0)
    world.promise("PTP-1", "INV-1", 100, 5)
    world.promise("PTP-2", "INV-2", 100, 5)
    world.at(3).settle("INV-2", 100)
    names = ["promises_broken", "promises_kept"]
    account = world.app.account("ACME")
    assert features(history(account, day(2)), names) == {"promises_broken": 0, "promises_kept": None}
    assert features(history(account, day(5)), names) == {"promises_broken": 0, "promises_kept": 1000}
    assert features(history(account, day(6)), names) == {"promises_broken": 1, "promises_kept": 500}


def test_a_short_payment_without_a_word_is_one_and_one_with_a_credit_note_is_none():
    world = World()
    world.open()
    for number in ("INV-1", "INV-2", "INV-3"):
        world.invoice(number, 100, 0)
    world.settle("INV-1", 100)
    world.settle("INV-2", 80)
    world.settle("INV-3", 80)
    note = CreditNote(number="CN-1", account="ACME", issued_on=day(0), total=eur(20), against="INV-3")
    world.app.issue_credit_note(note, key="note")
    assert features(history(world.app.account("ACME"), day(1)), ["short_share"]) == {"short_share": 333}


def test_letters_and_the_level_of_what_is_open():
    world = World()
    world.open()
    world.invoice("INV-1", 100, -8)
    world.run(), world.deliver()
    world.at(8).run(), world.deliver()
    account = world.app.account("ACME")
    assert features(history(account, day(8)), ["letters", "dunning_level"]) == {"letters": 2, "dunning_level": 2}
    world.at(9).settle("INV-1", 100)
    account = world.app.account("ACME")
    assert features(history(account, day(9)), ["letters", "dunning_level"]) == {"letters": 2, "dunning_level": 0}


def test_a_prospect_has_what_it_declared_and_what_others_say_and_nothing_else():
    world = World()
    world.open()
    world.app.declare_figures(declared_figures("F-1"), key="figures")
    external = ExternalScore(
        id="X-1",
        account="ACME",
        name="agency",
        value=Decimal("2.5"),
        source="an agency",
        on=day(0),
        valid_until=day(10),
    )
    world.app.record_external_score(external, key="external")
    account = world.app.account("ACME")
    found = features(history(account, day(0)), [*FEATURES, "external:agency", "external:other"])
    said = {name: each for name, each in found.items() if each not in (None, 0)}
    assert said == {"external:agency": 2500, "figures_age_days": 61}
    assert found["days_late"] is None
    assert found["external:other"] is None
    assert features(history(account, day(11)), ["external:agency"]) == {"external:agency": None}


def test_a_later_outside_score_replaces_an_earlier_one_when_it_is_known():
    account = Account.of(Customer(id="ACME"))
    facts = [
        ExternalScoreReceived(
            external=ExternalScore(id=id, account="ACME", name="agency", value=Decimal(said), source="a", on=on(since)),
            effective_on=on(since),
            recorded_at=dt.datetime.combine(on(known), dt.time(9), dt.UTC),
        )
        for id, said, since, known in (("X-1", "3", 0, 0), ("X-2", "1", 10, 20))
    ]
    account = fold(facts, account)
    assert value(account, "external:agency", at=30, known_at=on(15)) == 3000
    assert value(account, "external:agency", at=30, known_at=on(20)) == 1000


def test_a_feature_of_the_host_sees_only_what_was_known():
    account = account_of((100, 10, 20), (100, 200, None))
    seen = CustomFeature(name="host:items", compute=lambda history: len(history.account.ledger.items))
    assert features(history(account, on(100)), ["host:items"], (seen,)) == {"host:items": 1}
    assert features(history(account, on(300)), ["host:items"], (seen,)) == {"host:items": 2}


def test_a_feature_that_is_no_whole_number_is_refused():
    account = account_of((100, 10, 20))
    for wrong in (0.5, True, "7"):
        with pytest.raises(WrongType):
            features(
                history(account, on(50)), ["host:x"], (CustomFeature(name="host:x", compute=lambda _, it=wrong: it),)
            )
    with pytest.raises(UnknownId, match="host:y"):
        features(history(account, on(50)), ["host:y"])


def test_the_index_of_payments_counts_early_ones():
    assert value(account_of((100, 30, 0)), "paydex") == 100
    assert value(account_of((9_000, 30, 30), (1_000, 30, 60)), "paydex") == 77


def test_nothing_known_is_undefined_and_not_zero():
    found = features(history(Account.of(Customer(id="ACME")), on(0)))
    assert {name for name, each in found.items() if each is not None} == {
        "paid_items",
        "oldest_overdue_days",
        "promises_broken",
        "disputes",
        "disputes_to_delay",
        "returned_payments",
        "letters",
        "dunning_level",
    }


def test_a_backdated_payment_corrects_what_was_held_against_the_customer():
    """Scenario S01: the money was there on February 20, sixteen days late; that it became known a week later is no lateness."""
    due_on, import_on = dt.date(2026, 2, 4), dt.date(2026, 2, 27)
    invoice = Invoice.due(number="INV-1", account="ALFA", issued_on=dt.date(2026, 1, 5), total=eur(1200), due_on=due_on)
    payment = Payment(id="P-1", account="ALFA", amount=eur(1200), value_date=dt.date(2026, 2, 20))
    applied = Allocation(source="P-1", item="INV-1", amount=eur(1200))
    before = Account.of(Customer(id="ALFA"), invoices=[invoice])
    after = Account.of(Customer(id="ALFA"), invoices=[invoice], payments=[payment], allocations=[applied])
    worst = [
        features(history(account, import_on), ["worst_days_late"])["worst_days_late"] for account in (before, after)
    ]
    assert worst == [23, 16]


def test_a_feature_of_the_host_may_be_undefined():
    account = account_of((100, 10, 20))
    silent = CustomFeature(name="host:x", compute=lambda history: None)
    assert features(history(account, on(50)), ["host:x"], (silent,)) == {"host:x": None}


def test_a_letter_that_did_not_go_out_or_was_annulled_on_an_item_is_none_of_that_item():
    world = World()
    world.open()
    for number in ("INV-1", "INV-2"):
        world.invoice(number, 100, -8)
    world.run()
    assert history(world.app.account("ACME"), day(0)).letters == {}
    world.deliver()
    assert history(world.app.account("ACME"), day(0)).letters == {"INV-1": (day(0),), "INV-2": (day(0),)}
    world.at(2).pay("P", 100, on=-5)
    world.apply("P", "INV-1", 100)
    world.run(), world.deliver()
    assert history(world.app.account("ACME"), day(2)).letters == {"INV-2": (day(0),)}
