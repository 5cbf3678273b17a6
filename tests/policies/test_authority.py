"""The authority matrix: who may do what, alone or with others, and what a matrix cannot say."""

import datetime as dt

import attrs
import pytest
from tests.service.world import TODAY, day, eur

from receivables import Choice, Customer, Money, PolicyBook
from receivables.codec import read_settings, settings_text
from receivables.documents.authority import DEEDS, ApprovalRequest, DeedDone
from receivables.errors import InvalidValue, WrongType
from receivables.policies.authority import (
    Approver,
    AuthorityPolicy,
    AuthorityRule,
    Deputy,
    Membership,
    Role,
    total_within,
)


def rule(role, up_to, kind="write_off", **more):
    money = eur(up_to) if isinstance(up_to, int) else up_to
    return AuthorityRule(kind=kind, role=role, up_to=money, **more)


ROLES = (
    Role(name="collector", persons=("ann", "abe")),
    Role(name="manager", persons=("bob",)),
    Role(name="board", persons=("dora", "emil", "fay")),
)
RULES = (rule("collector", 1000), rule("manager", 10_000), rule("board", None, approvals=2))
MATRIX = AuthorityPolicy(id="matrix", version=1, roles=ROLES, rules=RULES)


def done(amount, on=0, by="ann", kind="write_off"):
    money = amount if isinstance(amount, Money) else eur(amount)
    return DeedDone(kind=kind, by=by, amount=money, on=day(on))


def allows(amount, *approvers, by="ann", before=(), on=0, matrix=MATRIX, kind="write_off"):
    """The role whose rule allows it, and who approved; ``None`` where nobody may."""
    money = eur(amount) if isinstance(amount, int) else amount
    found = matrix.allows(
        kind, money, by=by, on=day(on), done=before, approvers=[Approver(person, day(on)) for person in approvers]
    )
    return None if found is None else (found.rule.role, found.approvers)


def test_a_person_with_the_role_needs_nobody_up_to_the_amount_included():
    assert allows(1000) == ("collector", ())
    assert allows(eur("1000.01")) is None


def test_a_write_off_of_three_thousand_in_three_parts_is_three_thousand():
    """S23.3: the collector's limit is 1,000.00; three times that within 30 days is not what she may."""
    one = [done(1000)]
    assert allows(1000, before=one, on=1) is None
    assert allows(1000, "bob", before=one, on=1) == ("manager", ("bob",))
    two = [*one, done(1000, on=1)]
    assert MATRIX.allows(
        "write_off", eur(1000), by="ann", on=day(30), done=two, approvers=[Approver("bob", day(30))]
    ).total == eur(3000)


@pytest.mark.parametrize(("later", "allowed"), [(0, False), (30, False), (31, True)])
def test_a_deed_counts_on_its_day_and_as_many_days_after_it_as_the_window_has(later, allowed):
    assert (allows(1000, before=[done(1)], on=later) is not None) == allowed


def test_a_deed_of_a_later_day_counts_because_two_clocks_may_differ():
    assert allows(1000, before=[done(1, on=2)], on=0) is None


@pytest.mark.parametrize("other", [done(900, by="abe"), done(900, kind="refund"), done(Money.of(900, "USD"))])
def test_what_another_did_or_of_another_kind_or_currency_does_not_count(other):
    assert allows(1000, before=[other]) == ("collector", ())


def test_what_was_done_with_an_approver_counts_too():
    """Otherwise a manager with 10,000.00 could approve 6,000.00 twice."""
    assert allows(6000, "bob", before=[done(6000)]) is None


def test_a_limit_is_a_level_and_does_not_add_up():
    matrix = AuthorityPolicy(id="m", version=1, roles=ROLES, rules=(rule("collector", 1000, kind="limit"),))
    assert allows(1000, before=[done(1000, kind="limit")], matrix=matrix, kind="limit") == ("collector", ())
    assert total_within(30, "limit", eur(5), "ann", TODAY, [done(1000, kind="limit")]) == eur(5)


def test_an_approver_without_the_authority_is_as_good_as_none():
    assert allows(1001, "abe") is None
    assert allows(1001, "nobody") is None


def test_a_colleague_with_the_same_role_approves_no_more_than_the_role_may():
    assert allows(1001, "abe", by="zoe") is None
    assert allows(1000, "abe", by="zoe") == ("collector", ("abe",))


def test_a_rule_that_wants_two_persons_wants_two_others():
    assert allows(20_000, "dora") is None
    assert allows(20_000, "dora", "emil") == ("board", ("dora", "emil"))
    assert allows(20_000, by="dora") is None
    assert allows(20_000, "emil", by="dora") is None
    assert allows(20_000, "emil", "fay", by="dora") == ("board", ("emil", "fay"))


def test_the_same_person_twice_is_one_person():
    assert allows(20_000, "dora", "dora") is None


def test_who_asks_is_nobodys_approver():
    assert allows(20_000, "dora", "emil", by="dora") is None


def test_a_rule_lacking_the_currency_never_authorizes():
    dollars = AuthorityPolicy(id="m", version=1, roles=ROLES, rules=(rule("manager", Money.of(10**6, "USD")),))
    assert allows(1, by="bob", matrix=dollars) is None
    assert allows(0, by="bob", matrix=dollars) is None


def test_what_has_no_amount_takes_a_rule_without_one():
    matrix = AuthorityPolicy(
        id="m", version=1, roles=ROLES, rules=(rule("manager", 10**6, kind="merge"), rule("board", None, kind="merge"))
    )
    assert allows(None, by="bob", matrix=matrix, kind="merge") is None
    assert allows(None, by="dora", matrix=matrix, kind="merge") == ("board", ())


def test_a_kind_that_no_rule_names_is_not_governed_and_a_forbidden_one_nobody_may():
    matrix = attrs.evolve(MATRIX, forbidden=frozenset({"merge"}))
    assert [kind for kind in DEEDS if matrix.governs(kind)] == ["write_off", "merge"]
    assert allows(None, "dora", "emil", matrix=matrix, kind="merge") is None


# Absence -------------------------------------------------------------------------------------------------------------


def test_a_role_for_a_time_is_had_on_its_days_and_on_no_other():
    role = Role(name="manager", members=(Membership(person="bob", valid_from=day(0), valid_to=day(5)),))
    matrix = AuthorityPolicy(id="m", version=1, roles=(role,), rules=(rule("manager", 100),))
    assert [allows(1, by="bob", on=on, matrix=matrix) is not None for on in (-1, 0, 5, 6)] == [False, True, True, False]


AWAY = attrs.evolve(MATRIX, deputies=(Deputy(person="carl", stands_for="bob", valid_from=day(0), valid_to=day(5)),))


def test_a_deputy_approves_while_it_stands_for_somebody():
    found = [allows(5000, "carl", on=on, matrix=AWAY) for on in (-1, 0, 5, 6)]
    assert found == [None, ("manager", ("carl",)), ("manager", ("carl",)), None]


def test_a_deputy_acts_alone_as_the_other_could():
    assert allows(5000, by="carl", matrix=AWAY) == ("manager", ())


def test_a_deputy_of_the_one_who_asks_does_not_approve_by_that_authority():
    """Bob asks, and Carl has no authority but Bob's: that would be Bob approving himself."""
    strict = attrs.evolve(AWAY, rules=(rule("manager", 10_000, approvals=1),))
    assert allows(5000, "carl", by="bob", matrix=strict) is None
    assert allows(5000, "carl", by="ann", matrix=strict) == ("manager", ("carl",))


def test_a_deputy_and_the_one_it_stands_for_are_one_approval():
    two = attrs.evolve(MATRIX, deputies=(Deputy(person="carl", stands_for="dora", valid_from=day(0), valid_to=day(5)),))
    assert allows(20_000, "dora", "carl", matrix=two) is None
    assert allows(20_000, "emil", "carl", matrix=two) == ("board", ("emil", "carl"))


def test_two_deputies_of_two_are_told_apart_whichever_is_looked_at_first():
    """Carl stands for Dora and Emil, Gus for Dora alone: Carl has to count as Emil."""
    deputies = tuple(
        Deputy(person=person, stands_for=head, valid_from=day(0), valid_to=day(5))
        for person, head in (("carl", "dora"), ("carl", "emil"), ("gus", "dora"))
    )
    matrix = attrs.evolve(MATRIX, deputies=deputies)
    assert allows(20_000, "carl", "gus", matrix=matrix) is not None
    assert allows(20_000, "gus", "carl", matrix=matrix) is not None
    assert allows(20_000, "gus", "dora", matrix=matrix) is None


def test_a_deputy_of_a_deputy_has_nothing_from_the_first():
    chain = (*AWAY.deputies, Deputy(person="gus", stands_for="carl", valid_from=day(0), valid_to=day(5)))
    roles = (*ROLES, Role(name="clerk", persons=("carl",)))
    assert allows(5000, by="gus", matrix=attrs.evolve(AWAY, roles=roles, deputies=chain)) is None


# What a matrix cannot say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"rules": (rule("collector", 5), rule("collector", 6))}, "one rule for a currency"),
        ({"rules": (rule("collector", 5), rule("collector", None))}, "one rule for a currency"),
        ({"rules": (rule("collector", 5), rule("collector", 5, approvals=1))}, "must reach further with 1"),
        ({"rules": (rule("collector", None), rule("collector", 5, approvals=2))}, "must reach further with 2"),
        ({"rules": (rule("director", 5),)}, "'director'"),
        ({"rules": RULES, "forbidden": frozenset({"write_off"})}, "must not have a rule as well"),
        ({"roles": (*ROLES, ROLES[0])}, "each role once"),
        ({"deputies": (Deputy(person="x", stands_for="y", valid_from=TODAY, valid_to=TODAY),)}, "with a role, got 'y'"),
        ({"forbidden": frozenset({"murder"})}, "'murder'"),
        ({"lapse_days": -1}, "-1"),
        ({"warn_days": 10**6}, "1000000"),
        ({"version": 0}, "got 0"),
        ({"id": " "}, "must not be blank"),
    ],
)
def test_a_matrix_that_contradicts_itself_is_refused(changes, shown):
    with pytest.raises(InvalidValue, match=r".") as caught:
        attrs.evolve(MATRIX, **changes)
    assert shown in str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        (rule("collector", 5), rule("collector", 50, approvals=1)),
        (rule("collector", 5), rule("collector", None, approvals=1)),
        (rule("collector", 5), rule("collector", Money.of(5, "USD"))),
        (rule("collector", 5, window_days=365), rule("collector", 5, window_days=1, approvals=1)),
        (rule("collector", 5), rule("collector", 5, kind="waiver")),
    ],
)
def test_more_approvals_for_more_and_a_rule_per_currency_and_kind_are_no_contradiction(rules):
    assert attrs.evolve(MATRIX, rules=rules).rules == rules


@pytest.mark.parametrize(
    ("make", "field", "error"),
    [
        (lambda: Role(name="empty"), "role.persons", InvalidValue),
        (lambda: Role(name="x", persons=("ann", "ann")), "role.persons", InvalidValue),
        (lambda: Role(name="x", persons=("ann",), members=(Membership(person="ann"),)), "role.members", InvalidValue),
        (lambda: Role(name="x", persons=["ann"]), "role.persons", WrongType),
        (
            lambda: Role(
                name="x",
                members=(Membership(person="ann", valid_to=TODAY), Membership(person="ann", valid_from=TODAY)),
            ),
            "role.members",
            InvalidValue,
        ),
        (lambda: Membership(person="ann", valid_from=day(1), valid_to=day(0)), "membership.valid_to", InvalidValue),
        (lambda: Membership(person="ann", valid_from=dt.datetime(2026, 1, 1)), "membership.valid_from", WrongType),
        (lambda: rule("r", -1), "rule.up_to", InvalidValue),
        (lambda: rule("r", 5, kind="gift"), "rule.kind", InvalidValue),
        (lambda: rule("r", 5, approvals=9), "rule.approvals", InvalidValue),
        (lambda: rule("r", 5, window_days=True), "rule.window_days", WrongType),
        (
            lambda: Deputy(person="a", stands_for="a", valid_from=TODAY, valid_to=TODAY),
            "deputy.person",
            InvalidValue,
        ),
        (
            lambda: Deputy(person="a", stands_for="b", valid_from=TODAY, valid_to=None),
            "deputy.valid_to",
            WrongType,
        ),
        (
            lambda: ApprovalRequest(id="A", account="ACME", kind="gift", subject="x"),
            "approval.kind",
            InvalidValue,
        ),
        (
            lambda: ApprovalRequest(id="A", account="ACME", kind="refund", subject="x", amount=5),
            "approval.amount",
            WrongType,
        ),
    ],
)
def test_a_wrong_part_names_its_field(make, field, error):
    with pytest.raises(error) as caught:
        make()
    assert caught.value.field == field


def test_memberships_one_after_the_other_are_no_contradiction():
    first, second = Membership(person="ann", valid_to=day(0)), Membership(person="ann", valid_from=day(1))
    assert Role(name="x", members=(first, second)).has("ann", day(1))


# In the book ---------------------------------------------------------------------------------------------------------


def test_the_book_chooses_a_matrix_and_its_settings_are_read_back():
    gentle = attrs.evolve(AWAY, id="gentle")
    book = PolicyBook.of(MATRIX, gentle, choices=(Choice(kind="authority", policy="gentle", segment="public"),))
    assert book.authority_for(Customer(id="ACME", segment="public")) == gentle
    assert book.authority_for(Customer(id="ACME")) is None
    assert read_settings(settings_text(AWAY)) == AWAY
