"""Folding: in parts as at once, whatever the facts, in any decimal context and under any hash seed."""

import copy
import datetime as dt
import decimal
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, codec, fold
from receivables.errors import WrongType
from receivables.facts.fact import Fact
from receivables.testing import strategies

SOURCES = Path(__file__).resolve().parents[2] / "src"


@given(st.data(), strategies.histories())
def test_a_history_folds_in_parts_as_at_once(data, history):
    cut = data.draw(st.integers(0, len(history)))
    assert fold(history[cut:], fold(history[:cut])) == fold(history)


@given(st.lists(strategies.facts(), max_size=12))
def test_folding_refuses_no_fact_however_little_sense_the_story_makes(facts):
    one_by_one = Account()
    for fact in facts:
        one_by_one = fold([fact], one_by_one)
    assert one_by_one == fold(facts)
    assert one_by_one.length == len(facts)


@given(strategies.histories())
def test_folding_leaves_the_account_before_as_it_was(history):
    before = fold(history[:-1])
    length, view = before.length, before.view(dt.date(2026, 12, 31))
    after = fold(history[-1:], before)
    assert (before.length, after.length) == (length, length + 1)
    assert before.view(dt.date(2026, 12, 31)) == view


def test_folding_nothing_gives_the_account_itself():
    account = fold([])
    assert account == Account()
    assert account.id == ""


@pytest.mark.parametrize(
    "stranger",
    [
        "fact",
        None,
        Fact(effective_on=dt.date(2026, 1, 1), recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_what_is_no_fact_of_the_library_is_refused_and_shown(stranger):
    with pytest.raises(WrongType) as caught:
        fold([stranger])
    assert caught.value.value is stranger


@given(strategies.histories(most=12))
def test_accounts_survive_pickling_and_deep_copies(history):
    account = fold(history)
    for again in (pickle.loads(pickle.dumps(account)), copy.deepcopy(account)):
        assert again == account
        assert hash(again) == hash(account)


@given(strategies.facts())
def test_facts_survive_pickling_and_deep_copies(fact):
    for again in (pickle.loads(pickle.dumps(fact)), copy.deepcopy(fact)):
        assert again == fact
        assert hash(again) == hash(fact)


@given(strategies.histories())
def test_no_decimal_context_of_the_host_changes_anything(history):
    day = dt.date(2026, 3, 31)
    free = fold(history).view(day)
    hostile = decimal.Context(prec=1, Emax=1, Emin=-1, traps=[decimal.Inexact, decimal.Rounded, decimal.Overflow])
    with decimal.localcontext(hostile):
        assert fold(history).view(day) == free
        assert [codec.decode(codec.encode(fact)) for fact in history] == list(history)


SCRIPT = """
import datetime as dt, json
from receivables import *
from receivables.codec import digest, encode
from receivables.facts.customer import AccountOpened
customer = Customer(id="ACME", tags=frozenset("kingly abdomen of seventeen trees".split()))
day = dt.date(2026, 1, 5)
invoices = [Invoice.due(number=f"INV-{n}", account="ACME", issued_on=day, total=Money.of(n, code), due_on=day)
            for n in range(1, 20) for code in [("EUR", "JPY", "USD", "KWD")[n % 4]]]
view = Account.of(customer, invoices=invoices).view(dt.date(2026, 3, 1))
policy = DunningPolicy(id="p", version=1, steps=(DunningStep(name="first", days_after_due=7),))
opened = AccountOpened(customer=customer, effective_on=day, recorded_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
hold = Hold(id="H", account="ACME", placed_on=day, reason="x")
print(json.dumps([aging(view).rows(), policy.plan(view).rows(), encode(opened), digest(customer), digest(hold)], default=str))
"""


def test_the_hash_seed_of_the_process_changes_nothing():
    def printed(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SOURCES)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    first = printed("0")
    assert "INV-7" in first
    assert {printed(seed) for seed in ("1", "2", "77")} == {first}
