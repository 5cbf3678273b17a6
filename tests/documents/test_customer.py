"""Customers: who owes, where an account begins, and how somebody is reached."""

import copy
import pickle

import pytest

from receivables import Contact, Customer
from receivables.documents.customer import account_id, group_account_id
from receivables.errors import CardNumberRefused, InvalidValue, WrongType

EMAIL = Contact(purpose="billing", channel="email", reference="b-mail")
LETTER = Contact(purpose="dunning", channel="letter", reference="d-letter")
LEGAL = Contact(purpose="legal", channel="email", reference="lawyer")


def test_an_account_is_one_customer_in_one_company():
    assert Customer(id="ACME").account == account_id("ACME") == "ACME"
    assert Customer(id="ACME", company="DE").account == account_id("ACME", "DE") == "DE:ACME"
    assert group_account_id("ACME") == "group:ACME"


def test_a_purpose_falls_back_to_the_billing_contact_of_the_same_channel():
    customer = Customer(id="A", contacts=(LEGAL, EMAIL, LETTER))
    assert customer.reach("dunning", "letter") == "d-letter"
    assert customer.reach("dunning", "email") == "b-mail"
    assert customer.reach("legal", "email") == "lawyer"
    assert customer.reach("statement", "letter") is None
    assert Customer(id="A").reach("billing", "email") is None


def test_of_two_contacts_for_one_purpose_the_first_is_taken():
    second = Contact(purpose="billing", channel="email", reference="other")
    assert Customer(id="A", contacts=(EMAIL, second)).reach("billing", "email") == "b-mail"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", "", InvalidValue),
        ("id", "  ", InvalidValue),
        ("id", 17, WrongType),
        ("id", None, WrongType),
        ("id", "4111 1111 1111 1111", CardNumberRefused),
        ("company", None, WrongType),
        ("group", "", InvalidValue),
        ("segment", 5, WrongType),
        ("zone", "", InvalidValue),
        ("language", None, WrongType),
        ("contacts", [EMAIL], WrongType),
        ("contacts", ("mail",), WrongType),
        ("tags", {"vip"}, WrongType),
        ("tags", "vip", WrongType),
        ("tags", frozenset({"vip", 5}), WrongType),
        ("tags", frozenset({""}), InvalidValue),
    ],
)
def test_a_customer_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        Customer(**{"id": "ACME", field: value})
    assert caught.value.field.startswith(f"customer.{field}")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("purpose", "party", InvalidValue),
        ("purpose", None, WrongType),
        ("channel", "", InvalidValue),
        ("reference", 5, WrongType),
    ],
)
def test_a_contact_that_cannot_be_is_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        Contact(**{"purpose": "billing", "channel": "email", "reference": "c", field: value})
    assert caught.value.field == f"contact.{field}"


def test_a_customer_survives_pickling_and_is_equal_by_value():
    customer = Customer(id="A", contacts=(EMAIL,), tags=frozenset({"vip"}))
    for again in (pickle.loads(pickle.dumps(customer)), copy.deepcopy(customer)):
        assert again == customer
        assert hash(again) == hash(customer)
