"""Mandates as documents: nothing in them lets anybody take money."""

import datetime as dt

import pytest

from receivables.codec import digest
from receivables.documents.payment_method import Mandate, lapse_after, masked_iban
from receivables.errors import InvalidValue, WrongType

DAY = dt.date(2026, 3, 2)
IBAN = "DE89 3704 0044 0532 0130 00"


def mandate(**fields):
    return Mandate(**{"id": "M-1", "account": "ACME", "bank_account": "DE** **** 3000", "signed_on": DAY, **fields})


@pytest.mark.parametrize("written", [IBAN, IBAN.replace(" ", ""), IBAN.lower()])
def test_a_whole_iban_is_refused_and_not_shown(written):
    with pytest.raises(InvalidValue) as refused:
        mandate(bank_account=written)
    assert str(refused.value) == "mandate.bank_account: must not be a whole IBAN, got 'DE** **** 3000'"


def test_a_masked_iban_or_a_reference_of_the_host_is_taken():
    assert mandate(bank_account=masked_iban(IBAN)).bank_account == "DE** **** 3000"
    assert mandate(bank_account="bank-account-17").bank_account == "bank-account-17"


def test_what_is_no_iban_is_not_masked_by_showing_it():
    with pytest.raises(InvalidValue) as refused:
        masked_iban("DE89370400440532013001")
    assert "3001" not in str(refused.value)


def test_the_bank_account_stays_out_of_digests():
    assert digest(mandate()) == digest(mandate(bank_account="bank-account-17"))
    assert digest(mandate()) != digest(mandate(id="M-2"))


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"scheme": "sepa"}, InvalidValue, r"mandate\.scheme: must be one of b2b, core"),
        ({"use": "twice"}, InvalidValue, r"mandate\.use: must be one of one_off, recurring"),
        ({"last_used_on": dt.date(2026, 3, 1)}, InvalidValue, r"mandate\.last_used_on: must not be before 2026-03-02"),
        ({"signed_on": dt.datetime(2026, 3, 2)}, WrongType, r"mandate\.signed_on"),
        ({"id": " "}, InvalidValue, r"mandate\.id"),
    ],
)
def test_what_cannot_be_is_refused(fields, error, named):
    with pytest.raises(error, match=named):
        mandate(**fields)


def test_the_36_months_count_from_the_last_collection_or_the_signature():
    assert mandate().lapses_on == dt.date(2029, 3, 2)
    assert mandate(last_used_on=dt.date(2026, 8, 31)).lapses_on == dt.date(2029, 8, 31)
    assert lapse_after(dt.date(2028, 2, 29)) == dt.date(2031, 2, 28)
