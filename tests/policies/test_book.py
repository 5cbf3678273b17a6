"""The policy book: what applies to whom, and what is refused when it is made."""

import copy
import pickle

import pytest

from receivables import Choice, CreditPolicy, Customer, DunningPolicy, DunningStep, PolicyBook, codec
from receivables.errors import InvalidValue, WrongType
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import LIMITATION_REGIMES, limitation_regime

STEP = DunningStep(name="first", days_after_due=7)
D1, D2, OTHER = (
    DunningPolicy(id="standard", version=1, steps=(STEP,)),
    DunningPolicy(id="standard", version=2, steps=(STEP,)),
    DunningPolicy(id="other", version=1, steps=(STEP,)),
)
C1 = CreditPolicy(id="standard", version=1)
ACME = Customer(id="ACME", company="DE", segment="public")


def test_with_one_policy_of_a_kind_its_newest_version_applies():
    book = PolicyBook.of(D2, D1, C1)
    assert book.dunning_for(ACME) is D2
    assert book.credit_for(ACME) is C1


def test_between_two_policies_nobody_chooses_by_chance():
    book = PolicyBook.of(D1, OTHER)
    assert book.dunning_for(ACME) is None
    assert book.credit_for(ACME) is None


def test_an_empty_book_chooses_nothing():
    assert PolicyBook().dunning_for(ACME) is None
    assert PolicyBook().credit_for(ACME) is None
    assert PolicyBook().dunning("standard", 1) is None


def test_a_version_is_found_by_name_and_number_and_never_replaced_by_another():
    book = PolicyBook.of(D1, D2, C1)
    assert book.dunning("standard", 1) is D1
    assert book.dunning("standard", 3) is None
    assert book.dunning("gentle", 1) is None


def test_a_choice_can_pin_a_version_or_follow_the_newest():
    pinned = PolicyBook.of(D1, D2, choices=(Choice(kind="dunning", policy="standard", version=1),))
    assert pinned.dunning_for(ACME) is D1
    newest = PolicyBook.of(D1, D2, choices=(Choice(kind="dunning", policy="standard"),))
    assert newest.dunning_for(ACME) is D2


def test_every_part_of_a_choice_that_is_given_must_agree():
    choice = Choice(kind="dunning", policy="other", company="DE", segment="retail")
    book = PolicyBook.of(D1, OTHER, choices=(choice, Choice(kind="dunning", policy="standard")))
    assert book.dunning_for(ACME) is D1
    assert book.dunning_for(Customer(id="X", company="DE", segment="retail")) is OTHER
    assert book.dunning_for(Customer(id="X", company="FR", segment="retail")) is D1


def test_choices_for_credit_and_dunning_do_not_mix():
    book = PolicyBook.of(D1, OTHER, C1, choices=(Choice(kind="dunning", policy="other", customer="ACME"),))
    assert book.credit_for(ACME) is C1
    assert book.dunning_for(ACME) is OTHER
    assert book.dunning_for(Customer(id="NOBODY")) is None


def test_the_invoices_with_a_policy_of_their_own_are_known():
    choices = (
        Choice(kind="dunning", policy="other", invoice="7"),
        Choice(kind="credit", policy="standard", customer="ACME"),
        Choice(kind="dunning", policy="standard"),
    )
    book = PolicyBook.of(D1, OTHER, C1, choices=choices)
    assert book.by_invoice == {"7"}
    assert book.dunning_for(ACME, "7") is OTHER
    assert book.dunning_for(ACME, "8") is D1


def test_a_customer_of_no_company_can_be_chosen_by_that():
    book = PolicyBook.of(D1, OTHER, choices=(Choice(kind="dunning", policy="other", company=""),))
    assert book.dunning_for(Customer(id="X")) is OTHER
    assert book.dunning_for(ACME) is None


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: PolicyBook.of(D1, D1), InvalidValue),
        (lambda: PolicyBook.of("standard"), WrongType),
        (lambda: PolicyBook.of(None), WrongType),
        (lambda: PolicyBook(policies=[D1]), WrongType),
        (lambda: PolicyBook.of(D1, choices=[Choice(kind="dunning", policy="standard")]), WrongType),
        (lambda: PolicyBook.of(D1, choices=("standard",)), WrongType),
        (lambda: PolicyBook.of(D1, choices=(Choice(kind="dunning", policy="gentle"),)), InvalidValue),
        (lambda: PolicyBook.of(D1, choices=(Choice(kind="dunning", policy="standard", version=9),)), InvalidValue),
        (lambda: PolicyBook.of(D1, choices=(Choice(kind="credit", policy="standard"),)), InvalidValue),
        (lambda: Choice(kind="aging", policy="standard"), InvalidValue),
        (lambda: Choice(kind="dunning", policy=""), InvalidValue),
        (lambda: Choice(kind="dunning", policy="standard", version=True), WrongType),
        (lambda: Choice(kind="dunning", policy="standard", version=0), InvalidValue),
        (lambda: Choice(kind="dunning", policy="standard", customer=5), WrongType),
        (lambda: Choice(kind="dunning", policy="standard", invoice=""), InvalidValue),
        (lambda: Choice(kind="dunning", policy="standard", segment=1), WrongType),
        (lambda: Choice(kind="dunning", policy="standard", company=1), WrongType),
    ],
)
def test_a_book_that_cannot_be_is_refused(make, error):
    with pytest.raises(error):
        make()


def test_a_book_survives_pickling_and_deep_copies_even_after_it_was_asked():
    book = PolicyBook.of(D1, OTHER, C1, choices=(Choice(kind="dunning", policy="other", customer="ACME"),))
    assert book.dunning_for(ACME) is OTHER
    for again in (pickle.loads(pickle.dumps(book)), copy.deepcopy(book)):
        assert again == book
        assert hash(again) == hash(book)
        assert again.dunning_for(ACME) == OTHER


def test_a_limitation_policy_is_chosen_like_the_others():
    first = LimitationPolicy(id="claims", version=1, regime=limitation_regime("DE"))
    scots = LimitationPolicy(id="scots", version=1, regime=limitation_regime("GB-SCT"))
    assert PolicyBook.of(D1, C1).limitation_for(ACME) is None
    assert PolicyBook.of(D1, first).limitation_for(ACME) is first
    choices = (Choice(kind="limitation", policy="claims"), Choice(kind="limitation", policy="scots", company="SCT"))
    book = PolicyBook.of(first, scots, choices=choices)
    assert book.limitation_for(ACME) is first
    assert book.limitation_for(Customer(id="X", company="SCT")) is scots


@pytest.mark.parametrize("regime", LIMITATION_REGIMES.values(), ids=LIMITATION_REGIMES)
def test_the_settings_of_a_limitation_policy_are_read_back(regime):
    policy = LimitationPolicy(id="claims", version=1, regime=regime, barred_stops=frozenset({"dunning"}))
    assert codec.read_settings(codec.settings_text(policy)) == policy


def test_two_choices_for_the_same_are_refused():
    one, other = (Choice(kind="dunning", policy=name, segment="public") for name in ("standard", "other"))
    with pytest.raises(InvalidValue, match="must not choose twice"):
        PolicyBook.of(D1, OTHER, choices=(one, other))
