"""Notices, the references of policies, and coded reasons."""

import copy
import datetime as dt
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Currency, Money, Notice, NoticeLine, Reason
from receivables.documents.notice import PolicyRef
from receivables.testing import strategies

DUE = dt.date(2026, 2, 4)


def line(item: str, step: str | None, amount: int) -> NoticeLine:
    return NoticeLine(item=item, document=item, amount=Money.of(amount, "EUR"), due_on=DUE, ladder_from=DUE, step=step)


NOTICE = Notice(
    key="k",
    account="A",
    customer="A",
    currency=Currency.of("EUR"),
    channel="email",
    language="en",
    template="first",
    as_of=DUE,
    lines=(line("I", "first", 100), line("J", None, 30), line("K", "second", 7)),
)


def test_a_letter_demands_what_takes_a_step_and_lists_the_rest():
    assert [each.item for each in NOTICE.claimed] == ["I", "K"]
    assert NOTICE.total == Money.of(107, "EUR")


def test_a_letter_that_only_informs_demands_nothing():
    informing = attrs.evolve(NOTICE, lines=(line("J", None, 30),))
    assert informing.claimed == ()
    assert informing.total == Money.of(0, "EUR")


def test_the_key_of_a_step_is_item_step_and_ladder_start_without_the_version():
    one = line("I", "first", 100)
    assert one.key == "I/first/2026-02-04"
    versioned = NoticeLine(
        item="I",
        document="I",
        amount=Money.of(1, "EUR"),
        due_on=dt.date(2026, 3, 1),
        ladder_from=DUE,
        step="first",
        policy=PolicyRef(id="standard", version=9, digest="0" * 64),
    )
    assert versioned.key == one.key
    assert str(versioned.policy) == "standard/9"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(code="hold"), "hold"),
        (Reason(code="overdue", days=0), "overdue (0 days)"),
        (Reason(code="limit_exceeded", amount=Money.of(0, "EUR")), "limit_exceeded (0.00 EUR)"),
        (Reason(code="both", amount=Money.of(1, "JPY"), days=3), "both (1 JPY, 3 days)"),
    ],
)
def test_a_reason_reads_as_its_code_with_its_figures(reason, text):
    assert str(reason) == text


@given(st.one_of(strategies.notices(), strategies.reasons(), strategies.policy_refs()))
def test_notices_survive_pickling_and_deep_copies(document):
    for again in (pickle.loads(pickle.dumps(document)), copy.deepcopy(document)):
        assert again == document
        assert hash(again) == hash(document)
