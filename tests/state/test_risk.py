"""The risk of a customer on a date: the class in force and its changes, what others and itself say, and when that changes."""

import datetime as dt
from decimal import Decimal

import attrs
from tests.codec.samples import SAMPLES
from tests.state.days import DAY, at, instant, on

from receivables import fold
from receivables.documents.risk import ClassOverride
from receivables.facts.risk import OverrideWithdrawn
from receivables.state.risk import NOTHING_KNOWN, ClassChange, Risk

SCORE = SAMPLES["customer.scored/1"].score


def scored(risk_class, day, known=None, points=540):
    score = attrs.evolve(SCORE, risk_class=risk_class, points=points)
    return attrs.evolve(SAMPLES["customer.scored/1"], score=score, **at(day, known))


def overridden(risk_class, day, until=None, id="O", known=None):
    last = until if until is None or isinstance(until, dt.date) else on(until)
    override = ClassOverride(id=id, account="A", risk_class=risk_class, starts_on=on(day), until=last, reason="strike")
    return attrs.evolve(SAMPLES["risk_class.overridden/1"], override=override, **at(day, known))


def withdrawn(day, id="O"):
    return OverrideWithdrawn(override=id, reason="over", **at(day))


def external(value, day, name="agency", until=None, known=None):
    given = attrs.evolve(
        SAMPLES["external_score.received/1"].external,
        name=name,
        value=Decimal(value),
        on=on(day),
        valid_until=None if until is None else on(until),
    )
    return attrs.evolve(SAMPLES["external_score.received/1"], external=given, **at(day, known))


def figures(year, day):
    declared = SAMPLES["figures.declared/1"].figures
    given = attrs.evolve(declared, year_end=dt.date(year, 12, 31), declared_on=on(day), employees=year)
    return attrs.evolve(SAMPLES["figures.declared/1"], figures=given, **at(day))


def state(*facts, day=20, known=None):
    return fold(facts).risk.state(on(day), None if known is None else instant(known))


def classes(*facts, days):
    return [state(*facts, day=day).risk_class for day in days]


def changes(*facts, day=20):
    return [((each.on - DAY).days, each.before, each.after, each.cause) for each in state(*facts, day=day).changes]


def test_of_a_customer_that_nobody_looked_at_nothing_is_known():
    assert Risk().state(DAY, None) is NOTHING_KNOWN
    assert Risk().next_change(DAY) is None
    assert (NOTHING_KNOWN.points, NOTHING_KNOWN.scored_class) == (None, None)


def test_the_newest_score_counts_by_its_day_and_of_one_day_the_last_recorded():
    facts = (scored("B", 2), scored("D", 8, points=200), scored("C", 5, known=9), scored("A", 8))
    assert classes(*facts, days=(1, 2, 4, 5, 7, 8)) == [None, "B", "B", "C", "C", "A"]
    newest = state(*facts, day=7)
    assert (newest.points, newest.scored_on, newest.scored_class) == (540, on(5), "C")
    assert state(*facts, day=7, known=8).risk_class == "B"


def test_an_override_counts_from_its_first_to_its_last_day_over_any_score():
    facts = (scored("B", 2), overridden("D", 4, until=6), scored("A", 5))
    assert classes(*facts, days=(3, 4, 5, 6, 7)) == ["B", "D", "D", "D", "A"]
    within = state(*facts, day=5)
    assert (within.override.id, within.scored_class, within.score.risk_class) == ("O", "A", "A")
    assert [state(*facts, day=day).override is None for day in (3, 4, 6, 7)] == [True, False, False, True]


def test_an_override_without_an_end_lasts_and_one_until_the_last_day_there_is_too():
    for until in (None, dt.date.max):
        account = fold([scored("B", 2), overridden("D", 4, until=until)])
        assert account.risk.state(dt.date.max, None).risk_class == "D"
        assert account.risk.next_change(on(4)) is None


def test_an_override_is_over_on_the_day_from_which_it_is_withdrawn_if_it_was_not_before():
    facts = (scored("B", 2), overridden("D", 4, until=8))
    assert classes(*facts, withdrawn(6), days=(5, 6, 7)) == ["D", "B", "B"]
    assert classes(*facts, withdrawn(12), days=(8, 9, 12)) == ["D", "B", "B"]
    assert classes(*facts, withdrawn(6, id="O-2"), days=(7,)) == ["D"]
    assert state(*facts, withdrawn(6), day=7, known=5).risk_class == "D"


def test_of_two_overrides_the_one_that_began_last_counts():
    facts = (overridden("D", 4, until=9, id="LATE"), overridden("C", 2, id="EARLY", known=7))
    assert classes(*facts, days=(3, 4, 9, 10)) == ["C", "D", "D", "C"]


def test_each_change_of_the_class_has_its_day_and_its_cause():
    facts = (scored("B", 2), scored("B", 3), overridden("D", 4, until=6), scored("A", 5), scored("C", 9))
    assert changes(*facts) == [
        (2, None, "B", "score"),
        (4, "B", "D", "override"),
        (7, "D", "A", "override_over"),
        (9, "A", "C", "score"),
    ]
    assert changes(*facts, day=6) == [(2, None, "B", "score"), (4, "B", "D", "override")]
    assert changes(*facts, day=7)[-1] == (7, "D", "A", "override_over")
    assert state(*facts).changes[0] == ClassChange(on=on(2), before=None, after="B", cause="score")


def test_an_override_that_gives_the_class_of_the_score_changes_nothing():
    assert changes(scored("B", 2), overridden("B", 4, until=6)) == [(2, None, "B", "score")]
    assert changes(overridden("D", 4, until=6)) == [(4, None, "D", "override"), (7, "D", None, "override_over")]


def test_the_next_change_is_the_first_day_after_on_which_an_override_begins_or_is_over():
    risk = fold([overridden("D", 4, until=6), overridden("C", 10, id="O-2"), withdrawn(14, id="O-2")]).risk
    found = [risk.next_change(on(day)) for day in (3, 4, 6, 7, 10, 13, 14)]
    assert found == [on(4), on(7), on(7), on(10), on(14), on(14), None]


def test_the_newest_outside_score_of_each_name_counts_while_it_is_valid():
    facts = (
        external("2.5", 2, until=6),
        external("9", 3, name="bank"),
        external("1.5", 5, name="bank"),
        external("7", 4, name="bank", known=9),
    )
    found = [[(each.name, str(each.value)) for each in state(*facts, day=day).external] for day in (2, 3, 4, 5, 6, 7)]
    agency = ("agency", "2.5")
    assert found == [
        [agency],
        [agency, ("bank", "9")],
        [agency, ("bank", "7")],
        [agency, ("bank", "1.5")],
        [agency, ("bank", "1.5")],
        [("bank", "1.5")],
    ]
    renewed = (external("2.5", 2, until=3), external("2.6", 4))
    assert [str(each.value) for each in state(*renewed, day=9).external] == ["2.6"]
    assert state(external("2.6", 2), external("2.5", 4, until=5), day=9).external == ()  # the old one is replaced


def test_the_figures_of_the_latest_year_count_and_of_one_year_those_that_were_declared_last():
    facts = (figures(2024, 2), figures(2023, 4), attrs.evolve(figures(2024, 6)))
    assert [state(*facts, day=day).figures.year_end.year for day in (2, 4, 6)] == [2024, 2024, 2024]
    last = state(*facts, day=6).figures
    assert last.declared_on == on(6)
    assert state(*facts, day=1).figures is None
    assert state(scored("B", 2), day=4).figures is None


def test_warnings_stand_as_they_were_raised():
    raised = attrs.evolve(SAMPLES["warning.raised/1"], **at(3))
    again = attrs.evolve(raised, warning=attrs.evolve(raised.warning, period="2026-02"), **at(5))
    found = [[each.period for each in state(raised, again, day=day).warnings] for day in (2, 3, 5)]
    assert found == [[], ["2026-01"], ["2026-01", "2026-02"]]
    assert [each.period for each in state(raised, again, day=9, known=4).warnings] == ["2026-01"]
