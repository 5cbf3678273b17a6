"""What a person wrote stands apart from the body of a stored fact, and can be emptied without touching the rest."""

import datetime as dt
import json

import attrs
import pytest
from hypothesis import given
from tests.codec.samples import SAMPLES

from receivables import Customer, Money, Payment
from receivables.codec import digest, encode
from receivables.documents.invoice import CreditNote
from receivables.documents.payment import Remittance
from receivables.errors import Undecodable
from receivables.facts.cash import PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.invoice import CreditNoteIssued
from receivables.stores.bodies import (
    fact_texts,
    join_personal,
    read_fact,
    read_receipt,
    receipt_text,
    split_personal,
)
from receivables.testing.contracts import receipt
from receivables.testing.strategies import facts
from receivables.values.erased import ERASED

DAY = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def received(text="", payer_account=None):
    payment = Payment(
        id="P-1",
        account="A",
        amount=Money.of(5, "EUR"),
        value_date=DAY,
        remittance=Remittance(text=text),
        payer_account=payer_account,
    )
    return PaymentReceived(payment=payment, effective_on=DAY, recorded_at=NOW)


def personal_texts(value):
    """Every text in a value that stands in a field marked personal."""
    if isinstance(value, (tuple, frozenset)):
        return [text for each in value for text in personal_texts(each)]
    if not attrs.has(type(value)):
        return []
    fields = [(each.metadata.get("personal"), getattr(value, each.name)) for each in attrs.fields(type(value))]
    return [text for personal, each in fields for text in ([each] if personal and each else personal_texts(each))]


@given(facts())
def test_what_is_split_is_joined_again(fact):
    body, personal = split_personal(fact)
    assert join_personal(body, personal) == encode(fact)
    assert read_fact(*fact_texts(fact)[1:]) == fact


@given(facts())
def test_nothing_personal_stays_in_the_body(fact):
    _, personal = split_personal(fact)
    assert sorted(personal.values()) == sorted(personal_texts(fact))


def test_some_of_the_samples_have_something_personal_deep_inside():
    places = {place for fact in SAMPLES.values() for place in split_personal(fact)[1]}
    assert len(places) > 5
    assert any("[" in place for place in places), places


def test_the_body_is_the_same_whatever_a_person_wrote():
    texts = [fact_texts(received(text, "DE1")) for text in ("one", "two")]
    assert texts[0][1] == texts[1][1]
    assert json.loads(texts[0][2]) == {"payment.remittance.text": "one", "payment.payer_account": "DE1"}


def test_where_nobody_wrote_anything_there_is_no_second_column():
    tag, body, personal = fact_texts(received())
    assert (tag, personal) == ("payment.received/1", None)
    assert "personal" not in body


def test_a_column_that_was_emptied_reads_as_erased_and_all_else_as_it_was():
    fact = received("thanks from Ann", "DE1")
    _, body, _ = fact_texts(fact)
    emptied = read_fact(body, "")
    assert (emptied.payment.remittance.text, emptied.payment.payer_account) == (ERASED, ERASED)
    assert digest(emptied) == digest(fact)


def test_one_text_of_several_can_be_erased():
    _, body, personal = fact_texts(received("thanks from Ann", "DE1"))
    kept = {place: text for place, text in json.loads(personal).items() if place != "payment.remittance.text"}
    fact = read_fact(body, json.dumps(kept))
    assert (fact.payment.remittance.text, fact.payment.payer_account) == (ERASED, "DE1")


def test_a_reason_that_must_be_there_can_be_erased_too():
    note = CreditNote(number="CN-1", account="A", issued_on=DAY, total=Money.of(5, "EUR"), reason="Ann is ill")
    _, body, personal = fact_texts(CreditNoteIssued(credit_note=note, effective_on=DAY, recorded_at=NOW))
    assert "Ann" in personal
    assert "Ann" not in body
    assert read_fact(body, "").credit_note.reason == ERASED


@pytest.mark.parametrize("tag", SAMPLES)
def test_every_kind_of_fact_can_be_read_after_its_texts_were_erased(tag):
    _, body, _ = fact_texts(SAMPLES[tag])
    assert type(read_fact(body, "")) is type(SAMPLES[tag])


def test_a_receipt_comes_back_whole():
    assert read_receipt(receipt_text(receipt("k"))) == receipt("k")


def test_a_text_that_is_no_json_is_said_to_be_none():
    with pytest.raises(Undecodable, match="must be JSON"):
        read_fact("{", None)


def test_a_text_from_every_script_comes_back():
    fact = AccountOpened(customer=Customer(id="日本 \u2028 é"), effective_on=DAY, recorded_at=NOW)
    assert read_fact(*fact_texts(fact)[1:]) == fact
