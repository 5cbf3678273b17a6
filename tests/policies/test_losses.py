"""Which items are proposed to be written off, why, and what keeps them back."""

from decimal import Decimal

import pytest
from tests.service.world import World, day, eur

from receivables import LimitationPolicy, Money
from receivables.documents.invoice import TaxPart
from receivables.documents.loss import SpecificAllowance, between, difference, shared
from receivables.errors import CurrencyMismatch, InvalidValue, WrongType
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.limitation_regimes import LIMITATION_REGIMES
from receivables.policies.losses import WriteOffPolicy, WriteOffRule, propose_write_offs


@pytest.fixture
def world():
    """INV-1 over 20.00, 200 days overdue."""
    world = World()
    world.open()
    world.invoice("INV-1", "20", -200)
    return world


def proposed(world, *rules, offset=0, **more):
    policy = WriteOffPolicy(id="losses", version=1, rules=rules)
    account = world.app.account("ACME")
    return propose_write_offs(account, account.view(day(offset)), policy, **more)


def codes(found):
    return [(each.item, each.code, [reason.code for reason in each.reasons]) for each in found]


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"days_overdue": 200}, True),
        ({"days_overdue": 201}, False),
        ({"at_most": (eur(20),)}, True),
        ({"at_most": (eur("19.99"),)}, False),
        ({"at_most": (Money.of(90, "USD"),)}, False),
        ({"at_most": (Money.of(9, "USD"), eur(90))}, True),
        ({"cost": (eur(40),)}, True),
        ({"cost": (eur(10),)}, False),
        ({"days_overdue": 180, "at_most": (eur(25),)}, True),
        ({"days_overdue": 180, "at_most": (eur(5),)}, False),
        ({"barred": True}, False),
        ({"hold_codes": ("insolvency",)}, False),
    ],
)
def test_all_that_a_rule_asks_for_must_hold(world, rule, fits):
    assert [each.item for each in proposed(world, WriteOffRule(code="x", **rule))] == (["INV-1"] if fits else [])


def test_the_first_rule_that_fits_gives_the_code(world):
    rules = (
        WriteOffRule(code="small", at_most=(eur(5),)),
        WriteOffRule(code="uneconomic", cost=(eur(30),)),
        WriteOffRule(code="old", days_overdue=100),
    )
    assert codes(proposed(world, *rules)) == [("INV-1", "uneconomic", ["uneconomic"])]


def test_an_item_that_is_not_overdue_is_never_proposed_for_its_age(world):
    world.invoice("INV-2", "5", 0)
    assert [each.item for each in proposed(world, WriteOffRule(code="x", days_overdue=0))] == ["INV-1"]


def test_a_claim_that_has_lapsed_is_proposed_where_the_limitation_says_so(world):
    limitation = LimitationPolicy(id="law", version=1, regime=LIMITATION_REGIMES["DE"])
    rule = WriteOffRule(code="barred", barred=True)
    late = 366 * 5
    assert codes(proposed(world, rule, offset=late, limitation=limitation)) == [("INV-1", "barred", ["barred"])]
    assert proposed(world, rule, offset=late) == ()
    assert proposed(world, rule, limitation=limitation) == ()


@pytest.mark.parametrize("where", [{}, {"item": "INV-1"}, {"document": "INV-1"}])
def test_a_hold_for_an_insolvency_proposes_what_it_covers(world, where):
    world.hold("H-1", code="insolvency", **where)
    rule = WriteOffRule(code="insolvent", hold_codes=("insolvency",))
    (found,) = proposed(world, rule)
    assert (found.code, found.blocked) == ("insolvent", None)


def test_what_is_disputed_or_promised_waits(world):
    rule = WriteOffRule(code="old", days_overdue=100)
    world.invoice("INV-2", "30", -150)
    world.dispute("D-1", "INV-1", "5")
    world.promise("PTP-1", "INV-2", "30", 10)
    found = {each.item: each.blocked for each in proposed(world, rule)}
    assert {item: str(reason) for item, reason in found.items()} == {
        "INV-1": "disputed (5.00 EUR)",
        "INV-2": "promised (30.00 EUR)",
    }


def test_the_roles_that_may_decide_are_named(world):
    roles = (Role(name="collector", persons=("ann",)), Role(name="manager", persons=("bob",)))
    rules = tuple(
        AuthorityRule(kind=kind, role=role, up_to=eur(up_to))
        for kind, role, up_to in (
            ("write_off", "collector", 10),
            ("write_off", "manager", 500),
            ("limit", "collector", 500),
        )
    )
    authority = AuthorityPolicy(id="matrix", version=1, roles=roles, rules=rules)
    (found,) = proposed(world, WriteOffRule(code="old", days_overdue=100), authority=authority)
    assert (found.roles, found.row()["roles"]) == (("manager",), "manager")


def test_the_oldest_stands_first(world):
    world.invoice("INV-0", "20", -300)
    world.invoice("INV-2", "20", -250)
    found = proposed(world, WriteOffRule(code="old", days_overdue=100))
    assert [each.item for each in found] == ["INV-0", "INV-2", "INV-1"]


@pytest.mark.parametrize(
    ("fields", "error", "match"),
    [
        ({"code": "x"}, InvalidValue, "must be given, or something else"),
        ({"code": "", "days_overdue": 1}, InvalidValue, "must not be blank"),
        ({"code": "x", "days_overdue": -1}, InvalidValue, "at least 0"),
        ({"code": "x", "at_most": (eur(1), eur(2))}, InvalidValue, "once in a currency"),
        ({"code": "x", "cost": (eur(0),)}, InvalidValue, "more than zero"),
        ({"code": "x", "at_most": eur(1)}, WrongType, "tuple"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(fields, error, match):
    with pytest.raises(error, match=match):
        WriteOffRule(**fields)


@pytest.mark.parametrize("field", ["charge", "recovery"])
def test_a_policy_charges_and_credits_what_there_is(field):
    with pytest.raises(InvalidValue, match="must be one of"):
        WriteOffPolicy(id="losses", version=1, **{field: "profit"})


def test_a_loss_in_another_currency_uses_no_allowance():
    with pytest.raises(CurrencyMismatch):
        WriteOffPolicy(id="losses", version=1).used(eur(1), Money.of(1, "USD"))


# What a loss is made of --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error", "match"),
    [
        ({}, InvalidValue, "must be given, or else an amount"),
        ({"percent": Decimal(1), "amount": eur(1)}, InvalidValue, "must be given, or else an amount"),
        ({"percent": Decimal(101)}, InvalidValue, "from 0 to 100"),
        ({"percent": Decimal("NaN")}, InvalidValue, "from 0 to 100"),
        ({"percent": 0.5}, WrongType, "a Decimal"),
        ({"amount": eur(-1)}, InvalidValue, "must not be below zero"),
        ({"amount": 5}, WrongType, "money"),
        ({"percent": Decimal(1), "note": "pay with 4111 1111 1111 1111"}, ValueError, "card number"),
    ],
)
def test_an_allowance_that_cannot_be_is_refused(fields, error, match):
    with pytest.raises(error, match=match):
        SpecificAllowance(id="SA", account="A", code="insolvent", **fields)


def part(percent, net, tax):
    return TaxPart(percent=Decimal(percent), net=eur(net), tax=eur(tax))


def test_what_rounding_leaves_falls_to_the_largest_net_amount():
    parts = [part(20, "100", "20"), part(10, "30", "3")]
    found = shared(parts, eur("0.10"))
    assert [(str(each.net.amount), str(each.tax.amount)) for each in found] == [("0.07", "0.01"), ("0.02", "0.00")]


def test_a_document_without_taxes_has_none_to_share():
    assert shared([], eur(5)) == ()
    assert shared([part(20, 0, 0)], eur(5)) == ()
    assert between([], eur(0), eur(5)) == ()


def test_rates_that_cancel_out_are_left_out():
    assert difference([part(20, 10, 2), part(7, 5, 1)], [part(20, 10, 2)]) == (part(7, 5, 1),)
