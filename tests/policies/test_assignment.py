"""Who has a customer by rule: the first that agrees in all it gives, deputies for who is away, and nobody said to be nobody."""

import datetime as dt

import pytest
from tests.service.world import World, class_override, day, eur

from receivables import Account, Customer, Money
from receivables.documents.assignment import Assignment
from receivables.errors import InvalidValue, WrongType
from receivables.policies.assignment import NO_RULES, Absence, AssignmentPolicy, AssignmentRule


def rule(name="r", collector="ann", **more):
    return AssignmentRule(name=name, collector=collector, **more)


def view(**more):
    fields = {"id": "ACME", **more}
    return Account.of(Customer(**fields)).view(day(0))


def desk(*rules, absences=()):
    return AssignmentPolicy(id="desk", version=1, rules=rules, absences=absences)


@pytest.mark.parametrize(
    ("parts", "agrees"),
    [
        ({}, True),
        ({"segment": "retail"}, True),
        ({"segment": ""}, False),
        ({"company": "DE01"}, True),
        ({"company": ""}, False),
        ({"group": "G"}, True),
        ({"group": "H"}, False),
        ({"tag": "key"}, True),
        ({"tag": "other"}, False),
        ({"risk_class": "A"}, False),
        ({"segment": "retail", "tag": "other"}, False),
    ],
)
def test_a_rule_agrees_in_all_that_it_gives(parts, agrees):
    found = view(company="DE01", segment="retail", group="G", tags=frozenset({"key"}))
    assert rule(**parts).agrees(found) is agrees


@pytest.mark.parametrize(
    ("id", "letters", "agrees"),
    [
        ("ACME", ("A", "C"), True),
        ("Cube", ("A", "C"), True),
        ("delta", ("A", "C"), False),
        ("McKay", ("M", "MC"), True),
        ("Miller", ("M", "MC"), False),
        ("Łukasz", ("A", "Z"), False),
        ("7up", ("0", "9"), True),
    ],
)
def test_letters_are_a_range_of_first_letters_whatever_the_case(id, letters, agrees):
    assert rule(letters=letters).agrees(view(id=id)) is agrees


def test_a_band_of_value_has_its_lower_bound_and_not_its_upper():
    world = World()
    world.open()
    world.invoice("INV-1", "100", 5)
    world.invoice("INV-USD", Money.of(900, "USD"), 5)
    known = world.app.view("ACME", day(0))
    assert rule(least=eur(100)).agrees(known)
    assert not rule(below=eur(100)).agrees(known)
    assert rule(least=eur(99), below=eur(101)).agrees(known)
    assert not rule(least=eur(500)).agrees(known)  # what is owed in dollars is another band
    assert rule(least=Money.of(900, "USD")).agrees(known)


def test_a_class_moves_the_customer_to_whoever_has_that_class():
    world = World()
    world.open()
    policy = desk(rule("bad", "eve", risk_class="D"), rule("rest"))
    assert policy.responsible(world.app.view("ACME", day(0))).collector == "ann"
    world.app.override_class(class_override("O-1"), by="ann", approver="bob", key="override")
    assert policy.responsible(world.app.view("ACME", day(0))).collector == "eve"


def test_the_first_rule_counts_and_none_is_said():
    policy = desk(rule("one", segment="x"), rule("two", "bob"), rule("three", "eve"))
    assert policy.responsible(view()).cause == "two"
    nobody = desk(rule("one", segment="x")).responsible(view())
    assert (nobody.collector, nobody.cause, nobody.is_covered) == (None, "nobody", False)


def test_the_account_of_a_group_is_nobodys():
    world = World()
    world.app.open_group("G", key="group")
    assert desk(rule()).responsible(world.app.view("group:G", day(0))).cause == "nobody"


def away(person, deputy, start=0, until=5):
    return Absence(person=person, deputy=deputy, starts_on=day(start), until=day(until))


def test_a_deputy_acts_from_the_first_to_the_last_day():
    policy = desk(rule(), absences=(away("ann", "bob", 1, 3),))
    assert [policy.responsible(view(), day(on)).acting for on in range(5)] == ["ann", "bob", "bob", "bob", "ann"]


@pytest.mark.parametrize(
    ("absences", "acting"),
    [
        ((away("ann", "bob"), away("bob", "eve")), "eve"),
        ((away("ann", "bob"), away("bob", "ann")), None),
        ((away("ann", None),), None),
    ],
)
def test_where_nobody_is_left_the_team_has_it_or_it_is_not_covered(absences, acting):
    assert desk(rule(), absences=absences).responsible(view()).acting == acting
    found = desk(rule(team="north"), absences=absences).responsible(view())
    assert (found.acting, found.team, found.is_covered) == (acting, "north", True)
    assert desk(rule(), absences=absences).responsible(view()).is_covered is (acting is not None)


def test_without_a_policy_only_what_was_recorded_counts():
    world = World()
    world.open()
    assert NO_RULES.responsible(world.app.view("ACME", day(0))).cause == "nobody"
    world.app.assign_collector(Assignment(account="ACME", starts_on=day(0), team="north"), key="k", by="lead")
    found = NO_RULES.responsible(world.app.view("ACME", day(0)))
    assert (found.collector, found.team, found.cause) == (None, "north", "assigned")


@pytest.mark.parametrize(
    "bad",
    [
        lambda: rule(collector=None),
        lambda: rule(name="nobody"),
        lambda: rule(name=" "),
        lambda: rule(letters=("C", "A")),
        lambda: rule(letters=("A",)),
        lambda: rule(letters=("", "A")),
        lambda: rule(least=eur(5), below=eur(5)),
        lambda: rule(least=eur(5), below=Money.of(9, "USD")),
        lambda: desk(rule(), rule()),
        lambda: away("ann", "ann"),
        lambda: away("ann", "bob", 3, 2),
        lambda: desk(absences=(away("ann", "bob", 0, 3), away("ann", "eve", 3, 5))),
        lambda: AssignmentPolicy(id="desk", version=0),
    ],
)
def test_what_contradicts_itself_is_refused(bad):
    with pytest.raises(InvalidValue):
        bad()


@pytest.mark.parametrize("bad", [lambda: rule(least=5), lambda: rule(letters="AC"), lambda: rule(team=7)])
def test_what_is_of_another_type_is_refused(bad):
    with pytest.raises(WrongType):
        bad()


def test_an_instant_is_no_day_of_an_assignment():
    with pytest.raises(WrongType):
        Assignment(account="ACME", starts_on=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
