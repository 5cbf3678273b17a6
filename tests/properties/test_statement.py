"""Statements of random histories: every cent that moved has a line, on its day, and one statement begins where the last ended."""

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.properties.test_merge import LAST, histories, parted
from tests.service.world import day as world_day

from receivables import fold
from receivables.reports.statement import KINDS, statement
from receivables.state.account import known_until
from receivables.testing import strategies
from receivables.testing.strategies import FIRST_DAY

DAYS = st.integers(-5, 120)
LENGTHS = st.integers(0, 60)
DAY = dt.timedelta(days=1)


def day(number: int) -> dt.date:
    return FIRST_DAY + number * DAY


def is_open(account, known_at):
    return any(entry.seen(dt.date.max, known_until(day(known_at), dt.UTC)) for entry in account.profile.entries)


def closings(found):
    return {each.currency: each.closing for each in found.balances if not each.closing.is_zero}


def openings(found):
    return {each.currency: each.opening for each in found.balances if not each.opening.is_zero}


def check_lines(account, found, *, until=None):
    """The lines lead from the opening to the closing balance, and on the way to that of every day."""
    for balance in found.balances:
        after = {found.first - DAY: balance.opening}
        for line, running in found.running(balance.currency):
            assert line.amount
            if not line.earlier:
                assert found.first <= line.date <= found.last
            after[max(line.date, found.first - DAY)] = running
        assert running_on(after, found.last) == balance.closing
        assert balance.opening + balance.charged + balance.credited == balance.closing
        assert balance.open - balance.on_account == balance.closing
        for number in range((found.last - found.first).days + 1):
            date = found.first + number * DAY
            assert running_on(after, date) == account.view(date, found.known_at).balance(balance.currency)
    assert not any(line.code == "other" for line in found.lines)


def running_on(after, date):
    return after[max(each for each in after if each <= date)]


@given(strategies.histories(), DAYS, LENGTHS, DAYS, st.sampled_from(KINDS))
def test_the_lines_lead_from_the_balance_of_each_day_to_that_of_the_next(history, first, length, known_at, kind):
    account = fold(history)
    assume(is_open(account, known_at))
    found = statement(account, day(first), day(first + length), day(known_at), kind=kind)
    check_lines(account, found)


@given(strategies.histories(), DAYS, LENGTHS, LENGTHS, DAYS, st.integers(0, 40))
def test_the_next_statement_begins_where_the_last_ended_whatever_was_learned_in_between(
    history, first, one, two, known_at, later
):
    account, middle = fold(history), first + one
    assume(is_open(account, known_at))
    last = statement(account, day(first), day(middle), day(known_at))
    following = statement(
        account, day(middle + 1), day(middle + 1 + two), day(known_at + later), opened_at=day(known_at)
    )
    assert openings(following) == closings(last)
    check_lines(account, following)
    known = statement(account, day(middle + 1), day(middle + 1 + two), day(known_at + later))
    assert [line for line in following.lines if not line.earlier] == list(known.lines)


@given(
    histories,
    st.integers(0, 13),
    st.integers(1, 14),
    st.integers(-12, LAST),
    st.integers(0, 20),
    st.none() | st.integers(0, LAST),
)
def test_statements_of_accounts_that_were_merged_and_separated_add_up_as_any_others(
    history, at, until, first, length, known
):
    pair, _, _, _ = parted(history, min(at, len(history) - 1), at + until)
    known_at = None if known is None else world_day(known)
    for id in ("A", "B"):
        account = pair.world.app.account(id, own=True)
        found = statement(account, world_day(first), world_day(first + length), known_at)
        check_lines(account, found)
        if known is not None:
            last = statement(account, world_day(first - 9), world_day(first - 1), world_day(max(0, known - 5)))
            following = statement(
                account, world_day(first), world_day(first + length), known_at, opened_at=world_day(max(0, known - 5))
            )
            assert openings(following) == closings(last)
            check_lines(account, following)


@given(strategies.histories(), DAYS, LENGTHS, DAYS)
def test_the_digest_is_that_of_the_content_and_not_of_when_it_was_asked_for(history, first, length, known_at):
    assume(is_open(fold(history), known_at))
    known = [fact for fact in history if fact.recorded_at.date() <= day(known_at)]
    period = day(first), day(first + length), day(known_at)
    now, then = (statement(fold(facts), *period) for facts in (history, known))
    assert now.digest == then.digest
    assert now == then
