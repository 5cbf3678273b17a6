"""What holds for every claim: no event shortens a period, order does not matter, and counting day by day gives the same."""

import datetime as dt
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from receivables import Account, Customer, Invoice, Money, fold
from receivables.documents.limitation import INTERRUPTIONS, SUSPENSIONS, Interruption, Standstill, Suspension
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.policies.limitation import (
    LimitationPolicy,
    barred_items,
    limitation,
    limitation_of,
    next_limitation_day,
    open_limitations,
)
from receivables.policies.limitation_law import STARTS, LimitationRegime, SuspensionRule
from receivables.policies.limitation_regimes import LIMITATION_REGIMES
from receivables.state.limitation import LIFE

FIRST = dt.date(2020, 1, 1)
DAY = dt.timedelta(days=1)


def days(most=3000):
    return st.integers(0, most).map(lambda count: FIRST + count * DAY)


def interruptions():
    return st.lists(st.builds(Interruption, on=days(), kind=st.sampled_from(INTERRUPTIONS)), max_size=5)


@st.composite
def standstills(draw, kinds=SUSPENSIONS):
    starts_on = draw(days())
    length = draw(st.none() | st.integers(0, 400))
    resumes_on = None if length is None else starts_on + length * DAY
    return Standstill(kind=draw(st.sampled_from(kinds)), starts_on=starts_on, resumes_on=resumes_on)


@st.composite
def regimes(draw):
    kinds = draw(st.sets(st.sampled_from(SUSPENSIONS)))
    rules = [
        SuspensionRule(kind=kind, minimum_remainder_months=draw(st.sampled_from((0, 3, 6))), stops=draw(st.booleans()))
        for kind in sorted(kinds)
    ]
    return LimitationRegime(
        id="X",
        name="X",
        source="X",
        valid_from=FIRST,
        years=draw(st.integers(0, 3)),
        months=draw(st.integers(1, 11)),
        start=draw(st.sampled_from(STARTS)),
        ends_with_year=draw(st.booleans()),
        interrupted_by=frozenset(draw(st.sets(st.sampled_from(INTERRUPTIONS)))),
        restarts_from_end_of_year=draw(st.booleans()),
        suspended_by=tuple(rules),
    )


LAWS = regimes() | st.sampled_from(list(LIMITATION_REGIMES.values()))
EVENTS = st.lists(standstills(), max_size=4)


@given(LAWS, days(), interruptions(), EVENTS, days(6000), st.randoms())
def test_the_order_of_events_does_not_matter(regime, due_on, breaks, stills, as_of, random):
    found = limitation(regime, due_on, breaks, stills, as_of)
    random.shuffle(breaks)
    random.shuffle(stills)
    assert limitation(regime, due_on, breaks, stills, as_of) == found


@given(LAWS, days(), interruptions(), EVENTS, days(6000))
def test_no_event_makes_a_period_shorter(regime, due_on, breaks, stills, as_of):
    found = limitation(regime, due_on, breaks, stills, as_of).ends_on
    for at in range(len(breaks)):
        assert limitation(regime, due_on, breaks[:at] + breaks[at + 1 :], stills, as_of).ends_on <= found
    for at in range(len(stills)):
        assert limitation(regime, due_on, breaks, stills[:at] + stills[at + 1 :], as_of).ends_on <= found


@given(LAWS, days(), interruptions(), EVENTS, days(6000))
def test_a_claim_moves_only_along_its_life_and_once_barred_it_stays_so(regime, due_on, breaks, stills, first):
    before = limitation(regime, due_on, breaks, stills, first).status
    for offset in range(1, 40):
        after = limitation(regime, due_on, breaks, stills, first + offset * DAY).status
        assert after == before or after in LIFE[before]
        assert before != "barred" or after == "barred"
        before = after


@given(LAWS, days(), interruptions(), EVENTS, days(6000))
def test_the_story_ends_where_the_period_does(regime, due_on, breaks, stills, as_of):
    found = limitation(regime, due_on, breaks, stills, as_of)
    story = found.story()
    assert story[-1].ends_on == found.ends_on
    assert [event.ends_on for event in story] == sorted(event.ends_on for event in story)
    assert all(later.ends_on == earlier.ends_on for earlier, later in pairwise(story) if later.effect != "counts")


# Day by day -------------------------------------------------------------------------------------------------------------


def counted_day_by_day(regime, due_on, breaks, stills, as_of):
    """The last day, by walking through the calendar from the start, and again from each interruption in time."""
    start = regime.begins(due_on)
    end = walked(regime, start, stills, as_of)
    for on in sorted(each.on for each in breaks if each.on <= as_of and each.kind in regime.interrupted_by):
        if start < on <= end:
            end = max(end, walked(regime, on, stills, as_of))
    return end


def walked(regime, start, stills, as_of):
    """Each day that is not suspended uses up one day of the period; a suspension that is met may hold the end off."""
    suspended, holds = set(), {}
    for each in stills:
        last = (each.resumes_on or as_of + DAY) - DAY
        if each.starts_on <= min(as_of, last) and each.kind in regime.rules:
            rule = regime.rules[each.kind]
            if rule.stops:
                suspended |= {each.starts_on + n * DAY for n in range((last - each.starts_on).days + 1)}
            holds.setdefault(each.starts_on, []).append(months_later(last, rule.minimum_remainder_months))
    day, left = start, (months_later(start, regime.period_months) - start).days
    hold = max([start, *(held for on, found in holds.items() for held in found if on <= start)])
    while left > 0 or day < hold:
        day += DAY
        left -= day not in suspended
        hold = max([hold, *holds.get(day, ())])
    return day


def months_later(day, months):
    """The same day of the month so many months later, or the last that the month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    return dt.date(year, month + 1, day.day)


@st.composite
def plain_regimes(draw):
    """Laws without year ends: the calendar can be walked through day by day."""
    regime = draw(regimes())
    start = draw(st.sampled_from(("from_due", "from_end_of_year")))
    return attrs.evolve(regime, start=start, ends_with_year=False, restarts_from_end_of_year=False)


@given(plain_regimes(), days(), interruptions(), EVENTS, days(6000))
def test_counting_day_by_day_gives_the_same_last_day(regime, due_on, breaks, stills, as_of):
    found = limitation(regime, due_on, breaks, stills, as_of).ends_on
    assert found == counted_day_by_day(regime, due_on, breaks, stills, as_of)


# An account -------------------------------------------------------------------------------------------------------------


@st.composite
def recorded(draw):
    """An account with two invoices and what was recorded about their limitation, some of it late."""
    items = ("INV-1", "INV-2")
    invoices = []
    for number in items:
        due_on = draw(days(800))
        total = Money.of(100, "EUR")
        invoices.append(Invoice.due(number=number, account="A", issued_on=due_on, total=total, due_on=due_on))
    facts = []
    for at in range(draw(st.integers(0, 5))):
        on = draw(days())
        late = draw(st.integers(0, 400))
        times = {"effective_on": on, "recorded_at": dt.datetime.combine(on + late * DAY, dt.time(9), dt.UTC)}
        named = draw(st.sampled_from(((items[0],), (items[1],), items)))
        kind = draw(st.sampled_from(("debt", "demand", "suspension")))
        if kind == "suspension":
            name = draw(st.sampled_from(SUSPENSIONS))
            until = draw(st.none() | st.integers(0, 300).map(lambda count, on=on: on + count * DAY))
            suspension = Suspension(
                id=f"S-{at}", account="A", items=named, kind=name, starts_on=on, until=until, reason="-"
            )
            facts.append(LimitationSuspended(suspension=suspension, **times))
            if draw(st.booleans()):
                end = on + draw(st.integers(0, 300)) * DAY if until is None else until
                facts.append(LimitationResumed(suspension=f"S-{at}", **{**times, "effective_on": end}))
        else:
            fact = DebtAcknowledged if kind == "debt" else DemandReceived
            facts.append(fact(id=f"k{at}#1", items=named, evidence="-", **times))
    return Account.of(Customer(id="A"), invoices=invoices), facts


@given(recorded(), LAWS, days(6000), st.randoms())
def test_the_order_of_the_log_does_not_matter(found, regime, as_of, random):
    account, facts = found
    policy = LimitationPolicy(id="p", version=1, regime=regime)
    before = [limitation_of(fold(facts, account), item, policy, as_of) for item in ("INV-1", "INV-2")]
    random.shuffle(facts)
    assert [limitation_of(fold(facts, account), item, policy, as_of) for item in ("INV-1", "INV-2")] == before


@given(recorded(), LAWS, days(6000))
def test_the_short_way_to_the_barred_items_misses_none(found, regime, as_of):
    account = fold(found[1], found[0])
    policy = LimitationPolicy(id="p", version=1, regime=regime)
    view = account.view(as_of)
    slow = {item.id for item, _, each in open_limitations(account, view, policy) if each.status == "barred"}
    assert barred_items(account, view, policy) == slow


@given(recorded(), LAWS, days(6000), st.sampled_from(((180, 60, 30), (400, 0), ())))
def test_before_the_next_day_no_warning_is_reached_and_no_claim_is_barred(found, regime, as_of, warn_days):
    account = fold([each for each in found[1] if each.effective_on <= as_of], found[0])
    policy = LimitationPolicy(id="p", version=1, regime=regime, warn_days_before=warn_days)

    def standing(day):
        found = open_limitations(account, account.view(day), policy)
        return {item.id: (each.status == "barred", policy.warning(each)) for item, _, each in found if item.id in dated}

    now = open_limitations(account, account.view(as_of), policy)
    dated = {item.id for item, _, each in now if each.fixed and each.ends_on is not None}
    next_day = next_limitation_day(account, policy, as_of)
    assert next_day is None or next_day > as_of
    assert standing(as_of + 400 * DAY if next_day is None else next_day - DAY) == standing(as_of)


@given(recorded(), LAWS, days(6000), days(6000), st.integers(0, 10))
def test_what_becomes_known_later_changes_no_earlier_answer(found, regime, as_of, known_at, at):
    account, facts = found
    policy = LimitationPolicy(id="p", version=1, regime=regime)
    facts = sorted(facts, key=lambda fact: fact.recorded_at)
    known = [fact for fact in facts if fact.recorded_at.date() <= known_at]
    answers = [
        list(open_limitations(each, each.view(as_of, known_at), policy))
        for each in (fold(known, account), fold(facts, account), fold(facts[at:], fold(facts[:at], account)))
    ]
    assert answers[0] == answers[1] == answers[2]
