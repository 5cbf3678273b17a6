"""What a bridge calls the things that were learned, and how it looks."""

import datetime as dt
from decimal import Decimal

import pytest
from tests.service.world import TODAY, World, day, eur

from receivables import CreditNote, Currency, Money, aging
from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue, WrongType
from receivables.reports.bridge import BRIDGE_CODES, Bridge, bridge

CLOSING = day(5)
"""The date of the report; it is filed on the evening of that day."""


@pytest.fixture
def world() -> World:
    """1,000.00 due on the day of the report, 300.00 due long before, and 500.00 on account."""
    world = World()
    world.open()
    world.invoice("INV-1", 1000, 5)
    world.invoice("INV-2", 300, -40)
    world.pay("P", 500)
    return world.at(20)


def learned(world: World, account: str = "ACME") -> Bridge:
    return bridge(world.app.account(account), CLOSING, CLOSING)


def by_code(found: Bridge) -> dict[str, tuple[str, ...]]:
    """Code -> current, 1-30, 31-60, on account, balance."""
    return {
        line.code: tuple(
            str(Money(minor, line.currency).amount)
            for minor in (*line.buckets[:3], line.on_account, line.balance.minor)
        )
        for line in found.by_code()
    }


def test_a_late_payment_and_what_is_applied_of_it_are_one_thing(world):
    world.pay("LATE", 300, on=4)
    world.apply("LATE", "INV-2", 300)
    found = learned(world)
    assert by_code(found) == {"late_payment": ("0.00", "0.00", "-300.00", "0.00", "-300.00")}
    assert [(line.id, line.on_account) for line in found.lines] == [("LATE", 30_000), (found.lines[1].id, -30_000)]
    assert (found.lines[1].item, found.lines[1].source) == ("INV-2", "LATE")


def test_money_that_was_on_account_and_is_applied_later_is_an_application(world):
    world.apply("P", "INV-2", 200)
    assert by_code(learned(world)) == {"application": ("0.00", "0.00", "-200.00", "-200.00", "0.00")}


def test_a_late_credit_note_counts_with_what_it_settles(world):
    note = CreditNote(number="CN", account="ACME", issued_on=day(3), total=eur(100), against="INV-2")
    world.app.issue_credit_note(note, key="CN")
    assert by_code(learned(world)) == {"late_credit_note": ("0.00", "0.00", "-100.00", "0.00", "-100.00")}


def test_an_application_that_is_taken_back_is_not_called_a_correction(world):
    world.at(0)
    made = world.apply("P", "INV-2", 200).ids[0]
    world.at(20).app.unapply("ACME", made, key="undo")
    found = learned(world)
    assert by_code(found) == {"taken_back": ("0.00", "0.00", "200.00", "200.00", "0.00")}
    assert (found.lines[0].id, found.lines[0].item, found.lines[0].source) == (made, "INV-2", "P")


def test_a_payment_booked_by_mistake_takes_what_was_applied_of_it_along(world):
    world.at(0).apply("P", "INV-2", 200)
    world.at(20).app.return_payment("ACME", "P", "reversed", "mistake", on=day(0), key="mistake")
    assert by_code(learned(world)) == {"payment_returned": ("0.00", "0.00", "200.00", "-300.00", "500.00")}


def test_an_extension_moves_an_item_between_buckets(world):
    world.app.extend_due("ACME", "INV-2", day(10), reason="they asked", approver="bob", by="ann", on=day(3), key="x")
    assert by_code(learned(world)) == {"due_date": ("300.00", "0.00", "-300.00", "0.00", "0.00")}


def test_what_was_given_up_and_paid_after_all_is_told_apart(world):
    world.at(4).app.write_off("ACME", "INV-2", "insolvent", on=day(4), key="w", by="ann", approver="bob")
    world.at(5)
    world.app.recover("ACME", "P", "INV-2", amount=eur(100), key="r")
    before = bridge(world.app.account("ACME"), CLOSING, day(3), day(4))
    assert by_code(before) == {"write_off": ("0.00", "0.00", "-300.00", "0.00", "-300.00")}
    after = bridge(world.app.account("ACME"), CLOSING, day(4))
    assert by_code(after) == {
        "recovery": ("0.00", "0.00", "100.00", "0.00", "100.00"),
        "application": ("0.00", "0.00", "-100.00", "-100.00", "0.00"),
    }


def test_a_plan_that_was_agreed_in_time_and_recorded_late_moves_what_it_covers(world):
    world.agree("PP", "INV-2", (30, "150"), (60, "150"), agreed_on=day(4))
    assert by_code(learned(world)) == {"payment_plan": ("300.00", "0.00", "-300.00", "0.00", "0.00")}


def test_an_account_that_was_merged_brings_what_it_had_as_one_row_and_what_was_learned_of_it_as_others(world):
    world.at(0).open("BETA")
    world.invoice("OLD", 70, -40, account="BETA", issued_on=day(-50))
    world.at(20).pay("B", 20, account="BETA")
    world.app.merge_accounts("ACME", "BETA", reason="one firm", by="ann", approver="bob", key="m")
    found = bridge(world.app.account("ACME"), day(20), day(19))
    assert [(line.code, line.balance) for line in found.by_code()] == [("merger", eur(70)), ("late_payment", eur(-20))]
    assert found.before.total("EUR").balance + eur(50) == found.after.total("EUR").balance
    assert found.after.total("EUR").balance == aging(world.app.view("ACME", day(20))).total("EUR").balance


def test_what_changes_nothing_of_the_date_has_no_row(world):
    world.pay("NEXT", 300)
    world.invoice("INV-3", 100, 40)
    world.limit(5_000)
    world.order("SO", 100)
    assert learned(world).lines == ()


def test_it_reads_as_a_table_from_what_was_known_to_what_is(world):
    world.invoice("LATE", 50, 2, issued_on=day(1))
    shown = str(bridge(world.app.account("ACME"), CLOSING, CLOSING, day(20)))
    assert shown.splitlines() == [
        "aging of ACME as of 2026-03-07: from what was known at 2026-03-07 23:59 to 2026-03-22 23:59",
        "code          currency  current   1-30   31-60  61-90   90+  on account  balance",
        "before        EUR       1000.00   0.00  300.00   0.00  0.00      500.00   800.00",
        "late_invoice  EUR          0.00  50.00    0.00   0.00  0.00        0.00    50.00",
        "after         EUR       1000.00  50.00  300.00   0.00  0.00      500.00   850.00",
    ]
    assert "<td>late_invoice</td>" in learned(world)._repr_html_()
    assert "all that is recorded" in learned(world).title


def test_a_row_is_a_plain_dict_with_both_times_of_its_fact(world):
    world.invoice("LATE", 50, 2, issued_on=day(1))
    (row,) = learned(world).rows()
    assert {name: row[name] for name in ("code", "id", "of", "recorded", "currency", "1-30", "balance")} == {
        "code": "late_invoice",
        "id": "LATE",
        "of": day(1).isoformat(),
        "recorded": dt.datetime.combine(day(20), dt.time(6), dt.UTC).isoformat(),
        "currency": "EUR",
        "1-30": "50.00",
        "balance": "50.00",
    }


def test_a_bridge_backwards_is_refused(world):
    with pytest.raises(InvalidValue, match="must not be before"):
        bridge(world.app.account("ACME"), CLOSING, day(3), day(2))
    with pytest.raises(WrongType):
        bridge(world.app.account("ACME"), CLOSING, "2026-03-01")  # type: ignore[arg-type]
    with pytest.raises(WrongType, match="bridge.known_from"):
        bridge(world.app.account("ACME"), CLOSING, None)  # type: ignore[arg-type]


def test_every_code_is_explained_once():
    codes = [code for code, _ in BRIDGE_CODES]
    assert len(set(codes)) == len(codes)
    assert all(words for _, words in BRIDGE_CODES)
    assert TODAY < CLOSING


def test_money_that_came_after_all_takes_what_is_applied_of_it_along(world):
    world.at(4).pay("LATE", 300, status="pending")
    world.at(20).app.confirm_payment("ACME", "LATE", on=day(4), key="came")
    world.apply("LATE", "INV-2", 300)
    assert by_code(learned(world)) == {"late_payment": ("0.00", "0.00", "-300.00", "0.00", "-300.00")}


def test_a_row_says_what_changed_of_what_is_open(world):
    world.pay("LATE", 300, on=4)
    world.apply("LATE", "INV-2", 200)
    assert [(line.open, line.balance) for line in learned(world).lines] == [(eur(0), eur(-300)), (eur(-200), eur(0))]


def test_what_is_learned_of_one_currency_is_no_row_of_another(world):
    world.invoice("INV-USD", Money.of(110, "USD"), -40)
    in_dollars = ExchangeRate(
        base=Currency.of("EUR"), quote=Currency.of("USD"), rate=Decimal("1.10"), on=day(4), source="x"
    )
    world.app.convert("ACME", "P", eur(100), in_dollars, on=day(4), key="convert")
    (became,) = [each for each in world.app.view("ACME", day(20)).credits if each.currency.code == "USD"]
    world.app.apply("ACME", became.id, "INV-USD", Money.of(110, "USD"), key="apply")
    changed = {line.item: (line.currency.code, line.open) for line in learned(world).lines if line.item is not None}
    assert changed == {"INV-USD": ("USD", Money.of(-110, "USD"))}
