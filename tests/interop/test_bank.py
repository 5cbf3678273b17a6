"""What a bank line is to receivables, its identity, and the payment that is made of it."""

from __future__ import annotations

import datetime as dt
import importlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

import receivables
from receivables import Money
from receivables.errors import CardNumberRefused, InvalidValue, WrongType
from receivables.interop.bank import (
    SUSPENSE,
    BankBalance,
    BankLine,
    BankStatement,
    Limits,
    iso_day,
    line_key,
    money,
    payments,
    words_of,
)

DAY = dt.date(2026, 2, 20)


def line(**changes: Any) -> BankLine:
    given: dict[str, Any] = {
        "key": "DE02|2026-02-20|50.00 EUR|credit|B1",
        "path": "Ntry[1]",
        "account": "DE02",
        "amount": Money.of("50.00", "EUR"),
        "direction": "credit",
        "value_date": DAY,
    }
    return BankLine(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "payment"),
        ({"direction": "debit"}, "outgoing"),
        ({"direction": "debit", "returned": True}, "return"),
        ({"reversal": True}, "return"),
        ({"status": "pending", "returned": True}, "pending"),
        ({"status": "info"}, "info"),
        ({"amount": Money.zero("EUR")}, "empty"),
        ({"value_date": None}, "undated"),
        ({"value_date": None, "booked_on": DAY}, "payment"),
    ],
)
def test_only_a_booked_dated_credit_that_is_no_return_is_a_payment(changes: dict[str, Any], kind: str) -> None:
    found = line(**changes)
    assert found.kind == kind
    assert len(payments([found])) == (kind == "payment")


def test_a_payment_carries_all_that_the_bank_says_of_the_money() -> None:
    found = line(
        sequence=2,
        booked_on=dt.date(2026, 2, 23),
        counterparty_name="ACME GmbH",
        references=("RF18539007547034",),
        end_to_end_id="E-7",
        mandate_id="M-1",
        text="invoice 1001",
        method="direct_debit",
    )
    (payment,) = payments([found], account_of=lambda line: "ACME")
    assert (payment.account, payment.payer, payment.method) == ("ACME", "ACME GmbH", "direct_debit")
    assert (payment.value_date, payment.booked_on) == (DAY, dt.date(2026, 2, 23))
    assert payment.remittance.references == ("RF18539007547034", "E-7", "M-1")
    assert payment.remittance.text == "invoice 1001"
    assert payment.id == payment.bank_line == "DE02|2026-02-20|50.00 EUR|credit|B1|2"


def test_money_that_nobody_places_stands_in_the_suspense_account() -> None:
    (payment,) = payments([line()], account_of=lambda line: None)
    assert payment.account == SUSPENSE


def test_the_value_date_of_the_bank_decides_and_the_day_of_booking_stands_in_for_it() -> None:
    (payment,) = payments([line(value_date=None, booked_on=dt.date(2026, 2, 23))])
    assert payment.value_date == dt.date(2026, 2, 23)


def test_the_words_tell_lines_apart_only_where_the_bank_gave_no_reference() -> None:
    def key(reference: str | None, words: str) -> str:
        return line_key("DE02", DAY, Money.of(50, "EUR"), "credit", "booked", reference, [words])

    assert key("B1", "from Ann") == key("B1", "from Ben")
    assert key(None, "from Ann") != key(None, "from Ben")
    assert key(None, "from  Ann") == key(None, "from Ann")


def test_a_reference_cannot_pass_for_another_part_of_the_identity() -> None:
    amount = Money.of(50, "EUR")
    assert line_key("A", DAY, amount, "credit", "booked", "B|1", []).count("|") == 4


def test_a_pending_line_is_not_the_booked_line_that_it_becomes() -> None:
    amount = Money.of(50, "EUR")
    keys = {line_key("A", DAY, amount, "credit", status, "B1", []) for status in ("booked", "pending", "info")}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("digits", "currency", "found"),
    [
        ("8.85", "EUR", Money.of("8.85", "EUR")),
        ("8.85000", "EUR", Money.of("8.85", "EUR")),
        ("2700", "JPY", Money.of(2700, "JPY")),
        ("2700.00", "JPY", Money.of(2700, "JPY")),
        ("8.", "EUR", Money.of(8, "EUR")),
        ("100", "EUR", Money.of(100, "EUR")),
        ("0.00", "EUR", Money.zero("EUR")),
        ("1.234", "KWD", Money.of("1.234", "KWD")),
    ],
)
def test_zeros_behind_the_last_decimal_of_the_currency_say_nothing(digits: str, currency: str, found: Money) -> None:
    assert money("Amt", digits, currency) == found


@pytest.mark.parametrize(
    ("digits", "currency", "rule"),
    [
        ("8.855", "EUR", "at most 2 decimals"),
        ("0.5", "JPY", "decimals in JPY"),
        ("-8.85", "EUR", "must not be negative"),
        ("1.000,00", "EUR", "plain digits"),
        ("1O.00", "EUR", "plain digits"),
        ("", "EUR", "plain digits"),
        ("1e3", "EUR", "plain digits"),
        ("٣", "EUR", "plain digits"),
        ("8.85", "EURO", "ISO 4217"),
        ("8.85", None, "ISO 4217"),
        ("9" * 70, "EUR", "at most"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_its_place(digits: str, currency: str | None, rule: str) -> None:
    with pytest.raises(InvalidValue, match=rule) as refused:
        money("Stmt[1]/Ntry[2]/Amt", digits, currency)
    assert refused.value.field.startswith("Stmt[1]/Ntry[2]/Amt")


@pytest.mark.parametrize("text", ["2026-02-30", "2026-W08-1", "20260228", "28.02.2026", "2026-02-281", "x"])
def test_a_day_that_the_calendar_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="day of the calendar"):
        iso_day("ValDt", text)


def test_what_is_left_of_one_card_and_what_follows_it_is_no_card_either() -> None:
    text = words_of("4111 1111 1111 1111 4242 4242 4248")
    assert "4111 1111" not in text
    assert line(text=text).text == text


def test_a_line_takes_no_card_number() -> None:
    with pytest.raises(CardNumberRefused):
        line(text="4111 1111 1111 1111")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount": Money.of("-1", "EUR")}, InvalidValue),
        ({"amount": 50}, WrongType),
        ({"direction": "CRDT"}, InvalidValue),
        ({"status": "PDNG"}, InvalidValue),
        ({"value_date": dt.datetime(2026, 2, 20)}, WrongType),
        ({"references": ["RF"]}, WrongType),
        ({"sequence": 0}, InvalidValue),
        ({"counterparty_name": ""}, InvalidValue),
        ({"batch": 0}, InvalidValue),
    ],
)
def test_a_line_that_cannot_be_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        line(**changes)


def test_what_a_person_wrote_is_not_shown_by_repr() -> None:
    shown = repr(line(text="for Ann's treatment", counterparty_name="Ann", return_text="died"))
    assert "Ann" not in shown
    assert "died" not in shown


def statement(opening: str, closing: str, *lines: BankLine) -> BankStatement:
    balances = (
        BankBalance(kind="opening", amount=Money.of(opening, "EUR")),
        BankBalance(kind="closing", amount=Money.of(closing, "EUR")),
    )
    return BankStatement(id="S", message="camt.053.001.08", balances=balances, lines=lines)


def test_a_whole_statement_explains_its_closing_balance_to_the_cent() -> None:
    lines = (line(), line(direction="debit", amount=Money.of("20.01", "EUR")), line(status="pending"))
    assert statement("100.00", "129.99", *lines).unexplained == Money.zero("EUR")
    assert statement("100.00", "130.00", *lines).unexplained == Money.of("0.01", "EUR")


def test_balances_of_several_currencies_explain_nothing() -> None:
    assert statement("100.00", "129.99", line(amount=Money.of("29.99", "CHF"))).unexplained is None
    assert attrs.evolve(statement("1.00", "1.00"), balances=()).unexplained is None


def test_limits_are_whole_and_positive() -> None:
    with pytest.raises(InvalidValue, match="limits.depth"):
        Limits(depth=0)


def test_a_line_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(line())) == line()
    assert len({line(), line()}) == 1


@pytest.mark.parametrize(("module", "package"), [("camt", "defusedxml"), ("mt940", "mt940")])
def test_a_reader_without_its_package_names_the_extra(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"receivables.interop.{module}", raising=False)
    with pytest.raises(ImportError, match=r"receivables\[bank\]"):
        importlib.import_module(f"receivables.interop.{module}")


def test_the_library_and_the_values_of_bank_lines_need_no_extra() -> None:
    program = "import sys; sys.modules['defusedxml'] = sys.modules['mt940'] = None; import receivables.interop.bank"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        env={"PYTHONPATH": str(Path(receivables.__file__).parents[1])},
    )
    assert ran.returncode == 0, ran.stderr
