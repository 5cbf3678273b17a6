"""What holds for the journal of every log: it balances, it is what the views and reports show, and nothing is posted twice."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from tests.properties.test_cash import Cash
from tests.reports.stories import ACCOUNTS, EUR, FIRST, Story

from receivables import fold
from receivables.facts.cash import CreditArrived, PaymentReceived
from receivables.facts.merge import DocumentsTakenOn
from receivables.policies.accounts import AccountMap
from receivables.policies.periods import Closing, Periods
from receivables.reports.exchange import exchange_result
from receivables.reports.journal import Journal, journal
from receivables.testing.strategies import facts, histories

pytestmark = pytest.mark.own_decimals

LAST = FIRST + dt.timedelta(days=60)
dice = st.randoms(use_true_random=False)
lengths = st.integers(0, 40)
days = st.integers(-12, 60).map(lambda days: FIRST + dt.timedelta(days=days))


def told(dice, most):
    return Story(dice).tell(most).facts


def ties(made, log, as_of):
    """The control account is what is open, the other what is on account, in every currency."""
    view = fold(log).view(as_of)
    currencies = {each.currency for entry in made.entries for each in entry.postings} | set(view.currencies)
    for currency in currencies:
        owed = made.balance("receivable", currency, as_of, effective=True)
        unapplied = made.balance("unapplied", currency, as_of, effective=True)
        assert owed == view.open_total(currency)
        assert unapplied == -view.on_account(currency)
        assert owed + unapplied == view.balance(currency)


def sum_of(entry):
    """What is left in each currency."""
    sums = {}
    for each in entry.postings:
        sums[each.currency] = sums.get(each.currency, 0) + each.minor
    return {currency: minor for currency, minor in sums.items() if minor}


@given(dice, lengths)
def test_every_entry_balances_in_every_currency(dice, most):
    for log in told(dice, most).values():
        for entry in journal(log, ACCOUNTS).entries:
            assert entry.postings
            assert not sum_of(entry)


@given(st.lists(facts().filter(lambda fact: not isinstance(fact, DocumentsTakenOn)), max_size=12))
def test_whatever_a_log_says_its_entries_balance(log):
    """Facts about what the log does not have too: those of an account of which a part stands elsewhere."""
    for entry in journal(log, AccountMap.standard()).entries:
        assert not sum_of(entry)


@given(dice, lengths, st.lists(days, min_size=1, max_size=3))
def test_the_control_account_is_what_the_view_of_each_day_shows(dice, most, as_ofs):
    for log in told(dice, most).values():
        made = journal(log, ACCOUNTS)
        for as_of in (*as_ofs, dt.date.max):
            ties(made, log, as_of)


@given(dice, lengths, st.integers(0, 40), days)
def test_the_control_account_is_what_was_known_at_any_moment(dice, most, known, as_of):
    for log in told(dice, most).values():
        ties(journal(log[:known], ACCOUNTS), log[:known], as_of)


@given(histories(), days)
def test_the_control_account_ties_where_much_happens_that_moves_no_money(log, as_of):
    made = journal(log, AccountMap.standard())
    ties(made, log, as_of)


@given(dice, lengths, st.lists(days, min_size=1, max_size=3))
def test_exchange_gains_and_losses_are_those_of_the_report(dice, most, as_ofs):
    for log in told(dice, most).values():
        made, account = journal(log, ACCOUNTS), fold(log)
        for as_of in (*as_ofs, dt.date.max):
            result = exchange_result(account, as_of)
            if result.currency is not None:
                gain = -made.balance("exchange_gain", "EUR", as_of, effective=True)
                loss = made.balance("exchange_loss", "EUR", as_of, effective=True)
                assert (gain, loss) == (result.gain, result.loss)


@given(dice, lengths)
def test_the_exchange_account_is_what_all_that_is_foreign_is_carried_at(dice, most):
    """Items less credits, and what came and went in foreign money, where every document names a rate."""
    for log in Story(dice, known=True).tell(most).facts.values():
        made, result = journal(log, ACCOUNTS), exchange_result(fold(log), dt.date.max)
        if result.currency is None:
            continue  # no document names a rate: the report knows of no books
        carried = sum(
            (1 if each.side == "item" else -1) * each.remaining.book.minor
            for each in result.carryings
            if each.remaining
        )
        gone = {"refund": "value", "transfer": "released"}
        carried -= sum(getattr(line, gone[line.kind]).minor for line in result.lines if line.kind in gone)
        statuses = fold(log).cash.statuses(dt.date.max, None)
        for fact in log:
            if isinstance(fact, PaymentReceived) and fact.payment.amount.currency != EUR:
                if statuses.get(fact.payment.id, "settled") == "settled":
                    carried += fact.payment.book_rate.convert(fact.payment.amount).minor
            elif isinstance(fact, CreditArrived) and fact.book is not None:
                carried += fact.book.minor
        assert made.balance("exchange", "EUR").minor == carried


@given(dice, lengths, st.integers(0, 40))
def test_the_entries_after_a_fact_are_the_rest_of_all_of_them(dice, most, after):
    for log in told(dice, most).values():
        whole = journal(log, ACCOUNTS).entries
        assert journal(log, ACCOUNTS, after=after).entries == tuple(e for e in whole if e.ordinal > after)
        assert journal(log[:after], ACCOUNTS).entries == tuple(e for e in whole if e.ordinal <= after)
        assert len({entry.key for entry in whole}) == len(whole)


@given(dice, lengths, st.lists(st.tuples(days, st.integers(0, 60)), max_size=3, unique_by=lambda each: each[1]))
def test_closed_periods_never_receive_an_entry(dice, most, closed):
    closings = tuple(
        Closing(until=until, since=dt.datetime.combine(FIRST + dt.timedelta(days=since), dt.time(9), dt.UTC))
        for until, since in sorted(closed, key=lambda each: each[1])
    )
    for log in told(dice, most).values():
        made = journal(log, ACCOUNTS, periods=Periods(closings=closings))
        for entry in made.entries:
            known = [each for each in closings if each.since <= entry.recorded_at]
            assert not known or entry.on > known[-1].until
            assert entry.on >= entry.effective_on
            assert entry.on == entry.effective_on or entry.on == known[-1].until + dt.timedelta(days=1)
        last = max((each.until for each in closings), default=FIRST)
        assert made.balances(max(last, LAST) + dt.timedelta(days=1)) == journal(log, ACCOUNTS).balances()


@given(dice, lengths)
def test_money_between_two_customers_is_nowhere_else_when_both_are_posted(dice, most):
    made = Journal.together(journal(log, ACCOUNTS) for log in told(dice, most).values())
    assert not [account for account, _ in made.balances() if account == "Assets:Transfers"]


class Posted(Cash):
    """Whatever two customers do by commands, the journal of their logs is what the views show."""

    @invariant()
    def the_journal_is_what_the_views_show(self) -> None:
        store = self.world.store
        for account in ("ACME", "BETA"):
            log = store.facts(account)
            made = journal(log, AccountMap.standard())
            for back in (0, 2, 7):
                ties(made, log, self.world.today - dt.timedelta(days=back))


TestPosted = Posted.TestCase
TestPosted.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
