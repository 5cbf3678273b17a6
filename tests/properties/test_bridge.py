"""The bridge between two views of a date adds up to their difference, whatever was recorded in between and when."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, aging, fold
from receivables.reports.aging_buckets import BY
from receivables.reports.bridge import BRIDGE_CODES, Bridge, bridge
from receivables.testing import strategies
from receivables.testing.strategies import FIRST_DAY

INSTANTS = st.tuples(st.integers(-2, 120), st.integers(-2, 120)).map(sorted)


def day(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


def figures(account: Account, as_of: dt.date, known_at: dt.date, by: str) -> dict:
    lines = aging(account.view(as_of, known_at), by=by).lines
    return {line[1].code: (*reversed(line[2]), line[4]) for line in lines}


def sums(rows) -> dict:
    found: dict = {}
    for row in rows:
        before = found.get(row.currency.code, (0,) * 6)
        found[row.currency.code] = tuple(map(int.__add__, before, (*row.buckets, row.on_account)))
    return found


def added(one: dict, other: dict) -> dict:
    nothing = (0,) * 6
    total = {code: tuple(map(int.__add__, one.get(code, nothing), other.get(code, nothing))) for code in {*one, *other}}
    return {code: figures for code, figures in total.items() if any(figures)}


@given(strategies.histories(), st.integers(-5, 120), INSTANTS, st.sampled_from(BY))
def test_what_was_learned_is_the_difference_bucket_by_bucket(history, as_of, instants, by):
    account, known = fold(history), [day(number) for number in instants]
    found: Bridge = bridge(account, day(as_of), *known, by=by)
    before, after = (figures(account, day(as_of), at, by) for at in known)
    assert added(before, sums(found.lines)) == added(after, {})
    assert added(before, sums(found.by_code())) == added(after, {})
    assert {line.code for line in found.lines} <= {code for code, _ in BRIDGE_CODES} - {"other", "merger"}


@given(strategies.histories(), st.integers(-5, 120), INSTANTS, st.integers(-2, 120))
def test_a_bridge_over_a_day_in_between_is_two_bridges(history, as_of, instants, between):
    account = fold(history)
    first, middle, last = (day(number) for number in sorted((*instants, between)))
    whole = bridge(account, day(as_of), first, last)
    parts = (*bridge(account, day(as_of), first, middle).lines, *bridge(account, day(as_of), middle, last).lines)
    assert added(sums(whole.lines), {}) == added(sums(parts), {})


@given(strategies.histories(), st.integers(0, 120))
def test_nothing_is_learned_between_an_instant_and_itself(history, as_of):
    assert bridge(fold(history), day(as_of), day(as_of), day(as_of)).lines == ()
