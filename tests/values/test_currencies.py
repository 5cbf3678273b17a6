import copy
import pickle
import re

import pytest

from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.values.currencies import Currency, iso_currency
from receivables.values.currency_table import PUBLISHED, ROWS

IN_USE = {row for row in ROWS if not row[3]}


def test_the_table_is_what_the_iso4217_package_says():
    iso4217 = pytest.importorskip("iso4217", reason="iso4217 is not installed")
    if iso4217.__published__.isoformat() != PUBLISHED:
        pytest.skip(f"iso4217 has the list of {iso4217.__published__}, the table that of {PUBLISHED}")
    entries = [entry for code, entry in iso4217.raw_table.items() if code and entry["CcyMnrUnts"].isdigit()]
    theirs = {(entry["Ccy"], f"{entry['CcyNbr']:03d}", int(entry["CcyMnrUnts"]), "") for entry in entries}
    assert theirs == IN_USE


def test_the_generator_writes_the_table_that_is_there():
    iso4217 = pytest.importorskip("iso4217", reason="iso4217 is not installed")
    if iso4217.__published__.isoformat() != PUBLISHED:
        pytest.skip(f"iso4217 has the list of {iso4217.__published__}, the table that of {PUBLISHED}")
    from tools import make_currency_table  # noqa: PLC0415 - it imports iso4217

    assert make_currency_table.table() == make_currency_table.TARGET.read_text(encoding="utf-8")


def test_the_rows_are_well_formed_and_in_order():
    assert [row[0] for row in ROWS] == sorted({row[0] for row in ROWS})
    for code, numeric, exponent, withdrawn in ROWS:
        assert re.fullmatch("[A-Z]{3}", code)
        assert re.fullmatch("[0-9]{3}", numeric)
        assert exponent in {0, 2, 3, 4}
        assert re.fullmatch("|(19|20)[0-9]{2}-(0[1-9]|1[0-2])", withdrawn)


@pytest.mark.parametrize(
    ("code", "numeric", "exponent", "withdrawn"),
    [
        ("EUR", "978", 2, ""),
        ("JPY", "392", 0, ""),
        ("KWD", "414", 3, ""),
        ("CLF", "990", 4, ""),
        ("ALL", "008", 2, ""),
        ("DEM", "276", 2, "2002-03"),
        ("FRF", "250", 2, "2002-03"),
        ("ITL", "380", 0, "2002-03"),
        ("HRK", "191", 2, "2023-01"),
        ("BGN", "975", 2, "2026-01"),
    ],
)
def test_currencies_in_use_and_withdrawn_are_known(code, numeric, exponent, withdrawn):
    assert iso_currency(code) == (code, numeric, exponent, withdrawn)
    assert Currency.of(code) == Currency(code, exponent)


def test_a_code_gives_the_same_object_and_equality_is_by_value():
    assert Currency.of("EUR") is Currency.of("EUR")
    assert Currency("EUR", 2) == Currency.of("EUR")
    assert hash(Currency("EUR", 2)) == hash(Currency.of("EUR"))
    assert Currency("EUR", 3) != Currency.of("EUR")


def test_a_host_makes_its_own_currency_and_registers_nothing():
    bitcoin = Currency("BTC", 8)
    assert (bitcoin.code, bitcoin.exponent, str(bitcoin)) == ("BTC", 8, "BTC")
    with pytest.raises(UnknownId):
        Currency.of("BTC")


@pytest.mark.parametrize("code", ["", "eur", "EU", "XAU", "XXX", "XTS", "EUR ", "€"])
def test_an_unknown_code_is_refused_and_shown(code):
    for look_up in (Currency.of, iso_currency):
        with pytest.raises(UnknownId) as caught:
            look_up(code)
        assert (caught.value.kind, caught.value.id) == ("currency", code)


def test_a_code_in_small_letters_is_told_how_to_be_written():
    with pytest.raises(UnknownId, match="unknown currency: 'eur', write 'EUR'"):
        Currency.of("eur")
    with pytest.raises(UnknownId, match="unknown currency: 'xau'$"):
        Currency.of("xau")


@pytest.mark.parametrize("code", [None, 978, b"EUR", ["EUR"]])
def test_a_code_that_is_no_text_is_refused(code):
    with pytest.raises(WrongType, match="currency"):
        Currency.of(code)


@pytest.mark.parametrize(
    ("code", "exponent", "error", "field"),
    [
        ("", 2, InvalidValue, "currency.code"),
        ("eur", 2, InvalidValue, "currency.code"),
        ("A" * 13, 2, InvalidValue, "currency.code"),
        ("EUR\n", 2, InvalidValue, "currency.code"),
        ("ÄÖÜ", 2, InvalidValue, "currency.code"),
        (978, 2, WrongType, "currency.code"),
        ("EUR", -1, InvalidValue, "currency.exponent"),
        ("EUR", 19, InvalidValue, "currency.exponent"),
        ("EUR", True, WrongType, "currency.exponent"),
        ("EUR", 2.0, WrongType, "currency.exponent"),
        ("EUR", "2", WrongType, "currency.exponent"),
    ],
)
def test_a_currency_that_cannot_be_is_refused_by_field(code, exponent, error, field):
    with pytest.raises(error) as caught:
        Currency(code, exponent)
    assert caught.value.field == field


def test_the_limits_of_a_currency_belong_to_the_range():
    assert Currency("A", 0).exponent == 0
    assert Currency("A" * 12, 18).exponent == 18


def test_a_currency_is_frozen_and_survives_pickling_and_copying():
    euro = Currency.of("EUR")
    with pytest.raises(AttributeError):
        euro.code = "USD"
    assert pickle.loads(pickle.dumps(euro)) == euro == copy.deepcopy(euro)
    assert eval(repr(euro)) == euro
