"""An account as it was known: what a view has, and not an entry more."""

import datetime as dt

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import World, day
from tests.state.days import on
from tests.state.test_merge import absorbed, items, logs, merged

from receivables.state.account import TABLES, compose, fold
from receivables.state.knowledge import as_known
from receivables.testing.documents import FIRST_DAY
from receivables.testing.strategies import histories

DAYS = st.integers(0, 120).map(lambda count: FIRST_DAY + dt.timedelta(days=count))


@settings(max_examples=50)
@given(facts=histories(most=20), on=DAYS, data=st.data())
def test_what_is_kept_was_seen_and_the_view_is_the_same(facts, on, data):
    known_at = data.draw(st.sampled_from([fact.recorded_at for fact in facts]))
    account = fold(facts)
    known = as_known(account, on, known_at)
    for name in TABLES:
        for column in attrs.fields(type(getattr(known, name))):
            kept = getattr(getattr(known, name), column.name)
            whole = getattr(getattr(account, name), column.name)
            assert kept == tuple(entry for entry in whole if entry.seen(on, known_at))
    assert known.view(on, known_at) == account.view(on, known_at)


def test_a_merged_account_is_known_with_what_was_joined_on_the_day():
    world = World()
    for id in ("ONE", "TWO"):
        world.open(id)
        world.invoice(f"INV-{id}", 60, 20, id)
    world.at(5).app.merge_accounts("ONE", "TWO", reason="one customer", by="ann", approver="bob", key="merge")
    items = {
        (id, at): [item.id for item in as_known(world.app.account(id, own=True), day(at)).ledger.items]
        for id in ("ONE", "TWO")
        for at in (4, 5)
    }
    assert items == {
        ("ONE", 4): ["INV-ONE"],
        ("ONE", 5): ["INV-ONE", "INV-TWO"],
        ("TWO", 4): ["INV-TWO"],
        ("TWO", 5): [],
    }


def test_what_is_known_of_a_merged_account_is_all_that_there_is_and_nothing_of_its_parts():
    known = logs(A=[absorbed("B", 5)], B=[merged("A", 5)])
    root = compose(known["A"], known)
    before, after = (as_known(root, on(day)) for day in (4, 5))
    assert [len(each.parts) for each in (root, before, after)] == [2, 0, 0]
    assert [items(each, 9) for each in (before, after)] == [["I-A"], ["I-A", "I-B"]]
    assert [credit.id for credit in before.cash.credits] == ["P-A"]
