"""The chain of an export names the first place that is not as it was written, and lets what a person wrote be erased."""

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.stores.bodies import fact_texts
from receivables.stores.chain import Break, Head, Linked, anchor, heads_of, link_of, linked, verify
from receivables.testing.strategies import facts

BODIES = [json.dumps({"n": number}, separators=(",", ":")) for number in range(1, 7)]
ROWS = list(linked("A", BODIES))
HEAD = Head(account="A", length=6, link=ROWS[-1].link)


def renumbered(rows):
    """The rows as somebody leaves them who keeps the positions whole and cannot work links out."""
    return [attrs.evolve(row, position=at) for at, row in enumerate(rows, 1)]


def rewritten(rows):
    """The rows as somebody leaves them who can."""
    return list(linked(rows[0].account, [row.body for row in rows]))


def broken(rows, heads=()):
    found = verify(rows, heads)
    return [(each.position, each.kind) for each in found]


def test_what_was_written_verifies_also_beside_every_earlier_head():
    assert verify(ROWS, [Head(account="A", length=row.position, link=row.link) for row in ROWS]) == ()
    assert verify([]) == ()


def test_another_spelling_of_the_same_json_verifies():
    spaced = [attrs.evolve(row, body=json.dumps(json.loads(row.body), indent=2)) for row in ROWS]
    assert verify(spaced) == ()


@pytest.mark.parametrize("body", ['{"n":9}', "{}", "not json", ""])
def test_a_changed_fact_is_named(body):
    assert broken([*ROWS[:2], attrs.evolve(ROWS[2], body=body), *ROWS[3:]]) == [(3, "changed")]


def test_a_changed_link_is_named():
    assert broken([*ROWS[:2], attrs.evolve(ROWS[2], link="0" * 64), *ROWS[3:]]) == [(3, "changed")]


@pytest.mark.parametrize("at", range(5))
def test_a_removed_fact_is_named(at):
    rest = ROWS[:at] + ROWS[at + 1 :]
    assert broken(rest) == [(at + 1, "removed")]
    assert broken(renumbered(rest), [HEAD]) == [(at + 1, "removed")]


def test_facts_removed_from_the_end_are_found_by_a_head_that_was_kept():
    assert broken(ROWS[:4]) == []
    assert broken(ROWS[:4], [HEAD]) == [(5, "removed")]
    assert broken([], [HEAD]) == [(1, "removed")]


@pytest.mark.parametrize("at", range(6))
def test_an_inserted_fact_is_named(at):
    stranger = Linked(account="A", position=at + 1, body='{"n":0}', link="0" * 64)
    assert broken(renumbered([*ROWS[:at], stranger, *ROWS[at:]])) == [(at + 1, "inserted")]
    assert broken([*ROWS[:at], attrs.evolve(ROWS[at], body='{"n":0}'), *ROWS[at:]])[0][0] == at + 1


@pytest.mark.parametrize("at", range(5))
def test_facts_that_changed_places_are_named(at):
    swapped = [*ROWS[:at], ROWS[at + 1], ROWS[at], *ROWS[at + 2 :]]
    assert broken(swapped) == [(at + 1, "reordered")]
    assert broken(renumbered(swapped)) == [(at + 1, "reordered")]


def test_a_chain_that_was_worked_out_anew_is_found_by_a_head_that_was_kept():
    forged = rewritten([*ROWS[:2], attrs.evolve(ROWS[2], body='{"n":9}'), *ROWS[3:]])
    assert verify(forged) == ()
    early = Head(account="A", length=2, link=ROWS[1].link)
    assert broken(forged, [HEAD, early]) == [(6, "rewritten")]


def test_facts_of_another_account_do_not_fit():
    moved = [attrs.evolve(row, account="B") for row in ROWS]
    assert broken(moved) == [(1, "changed")]


def test_each_account_has_its_own_break_and_no_second_run_of_rows():
    others = list(linked("B", BODIES))
    assert verify([*ROWS, *others[1:]]) == (Break(account="B", position=1, kind="removed"),)
    assert verify([*ROWS, *others, ROWS[0]]) == (Break(account="A", position=1, kind="inserted"),)


def test_an_anchor_stands_for_all_heads_whatever_their_order():
    heads = [HEAD, *heads_of(linked("B", BODIES[:2])).values()]
    assert anchor(heads) == anchor(heads[::-1])
    assert anchor(heads) != anchor([HEAD, attrs.evolve(heads[1], length=3)])


@given(st.lists(facts(), min_size=1, max_size=4), st.data())
def test_the_chain_goes_on_where_it_ended(log, data):
    bodies = [fact_texts(fact)[1] for fact in log]
    whole = list(linked("A", bodies))
    cut = data.draw(st.integers(0, len(bodies)))
    first = whole[:cut]
    after = heads_of(first).get("A")
    assert [*first, *linked("A", bodies[cut:], after)] == whole
    assert verify(whole) == ()
    assert whole[0].link == link_of("", "A", 1, bodies[0])
