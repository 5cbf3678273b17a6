"""Credit control: what counts as a limit, what counts against it, and what an order is answered."""

import copy
import datetime as dt
import json
import pickle
from pathlib import Path

import attrs
import pytest

from receivables import (
    Account,
    CreditLimit,
    CreditOutcome,
    CreditPolicy,
    Currency,
    Customer,
    Hold,
    Invoice,
    Money,
    Order,
    Payment,
    fold,
)
from receivables.documents.notice import PolicyRef
from receivables.errors import CurrencyMismatch, InvalidValue, UnknownId, WrongType
from receivables.facts.credit import HoldPlaced, OrderHeld, OrderReleased, OrderReserved
from receivables.policies.credit import GroupStanding, limit_on

EUR, USD = Currency.of("EUR"), Currency.of("USD")
TODAY = dt.date(2026, 6, 30)
NOW = dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC)
POLICY = CreditPolicy(id="standard", version=1)
CASES = Path(__file__).resolve().parents[1] / "cases" / "data" / "credit.json"


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def limit(amount: str | int | None, *, since: int = 100, lasts: int | None = None, **more: object) -> CreditLimit:
    """A limit since so many days ago, that lasts for so many days after its first."""
    start = TODAY - dt.timedelta(days=since)
    end = None if lasts is None else start + dt.timedelta(days=lasts)
    money = None if amount is None else eur(amount)
    return CreditLimit(account="A", currency=EUR, amount=money, valid_from=start, valid_to=end, **more)


def account(*limits: CreditLimit, owed: int | str = 0, due: int = 0, paid: int | str = 0) -> Account:
    """An account that owes so much, overdue by so many days, and has so much on account."""
    day = TODAY - dt.timedelta(days=due)
    invoice = Invoice.due(number="I", account="A", issued_on=min(day, TODAY), total=eur(owed), due_on=day)
    payments = [Payment(id="P", account="A", amount=eur(paid), value_date=TODAY)] if eur(paid).minor else []
    return Account.of(Customer(id="A"), invoices=[invoice], limits=limits, payments=payments)


def check(found: Account, amount: int | str, policy: CreditPolicy = POLICY, group: GroupStanding | None = None):
    return policy.standing(found.view(TODAY), "EUR", group).check(eur(amount))


def codes(decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


# Limits ---------------------------------------------------------------------------------------------------------


def test_none_is_unlimited():
    decision = check(account(limit(None), owed=10**9), 10**9)
    assert decision.outcome is CreditOutcome.APPROVED
    assert decision.reasons == ()
    assert str(decision) == "approved"


def test_zero_is_zero():
    decision = check(account(limit(0)), "0.01")
    assert decision.outcome is CreditOutcome.HELD
    assert str(decision) == "held: limit_exceeded (0.01 EUR)"
    assert check(account(limit(0)), 0).outcome is CreditOutcome.APPROVED


@pytest.mark.parametrize(
    ("answer", "outcome", "reasons"),
    [
        ("hold", CreditOutcome.HELD, ["no_limit"]),
        ("refuse", CreditOutcome.REFUSED, ["no_limit"]),
        ("approve", CreditOutcome.APPROVED, []),
    ],
)
def test_a_customer_without_any_limit_gets_what_the_policy_says(answer, outcome, reasons):
    decision = check(account(), 1, attrs.evolve(POLICY, no_limit=answer))
    assert decision.outcome is outcome
    assert codes(decision) == reasons


def test_an_order_that_reaches_the_limit_exactly_is_approved_and_a_cent_more_is_not():
    found = account(limit(10_000), owed=6_500)
    assert check(found, 3_500).outcome is CreditOutcome.APPROVED
    decision = check(found, "3500.01")
    assert not decision.approved
    assert decision.reasons[0].amount == eur("0.01")


def test_money_on_account_makes_room_even_beyond_the_limit():
    found = account(limit(100), paid=50)
    assert check(found, 150).approved
    assert not check(found, "150.01").approved
    assert not check(found, 101, attrs.evolve(POLICY, less_on_account=False)).approved


def test_an_expired_limit_holds_every_order_from_the_day_after_its_last():
    last_day = account(limit(100, since=30, lasts=30))
    assert check(last_day, 100).approved
    day_after = account(limit(100, since=31, lasts=30))
    assert str(check(day_after, 1)) == "held: limit_expired (1 days), limit_exceeded (1.00 EUR)"
    assert codes(check(day_after, 0)) == ["limit_expired"]


def test_a_limit_counts_from_its_first_day():
    assert check(account(limit(100, since=0)), 100).approved
    assert codes(check(account(limit(100, since=-1)), 1)) == ["no_limit"]


def test_the_base_limit_that_began_last_counts_even_where_it_is_the_smaller_or_was_recorded_first():
    assert not check(account(limit(50, since=1), limit(100, since=9)), 51).approved
    assert check(account(limit(100, since=1), limit(50, since=9)), 100).approved


def test_of_two_base_limits_of_one_day_the_one_set_last_counts():
    assert check(account(limit(50), limit(100)), 100).approved
    assert not check(account(limit(100), limit(50)), 51).approved


def test_an_older_limit_does_not_come_back_when_the_newer_one_expires():
    decision = check(account(limit(1000, since=90), limit(500, since=60, lasts=10)), 1)
    assert codes(decision) == ["limit_expired", "limit_exceeded"]


def test_a_temporary_increase_adds_and_lapses_by_its_date_alone():
    found = account(limit(100), limit(50, since=10, lasts=9, kind="temporary"))
    policy = POLICY.standing
    assert policy(found.view(TODAY - dt.timedelta(days=1)), "EUR").check(eur(150)).approved
    assert not policy(found.view(TODAY), "EUR").check(eur(101)).approved
    assert policy(found.view(TODAY - dt.timedelta(days=11)), "EUR").limit == eur(100).minor


def test_several_increases_add_up():
    increases = [limit(10, kind="temporary"), limit(20, kind="temporary", lasts=365)]
    assert check(account(limit(100), *increases), 130).approved
    assert not check(account(limit(100), *increases), 131).approved


def test_an_increase_without_an_amount_lifts_the_limit_until_it_lapses():
    lifted = limit(None, since=10, lasts=10, kind="temporary")
    assert check(account(limit(100), lifted), 10**9).approved
    assert check(account(limit(100), lifted, limit(5, kind="temporary")), 10**9).approved
    lapsed = limit(None, since=10, lasts=9, kind="temporary")
    assert not check(account(limit(100), lapsed), 101).approved


def test_an_increase_alone_is_no_limit():
    assert codes(check(account(limit(50, kind="temporary")), 1)) == ["no_limit"]


def test_an_increase_of_an_expired_limit_holds_all_the_same():
    found = account(limit(100, since=50, lasts=10), limit(70, kind="temporary"))
    assert codes(check(found, 70)) == ["limit_expired"]
    assert codes(check(found, 71)) == ["limit_expired", "limit_exceeded"]
    assert limit_on(found.view(TODAY).limits, EUR, TODAY) == (eur(70), TODAY - dt.timedelta(days=40))


def test_the_insured_part_grants_nothing_by_itself():
    assert not check(account(limit(100), limit(900, kind="insured")), 101).approved


def test_limits_are_by_currency_and_exposure_too():
    dollars = CreditLimit(account="A", currency=USD, amount=Money.of(10, "USD"), valid_from=TODAY)
    view = account(limit(100), dollars, owed=90).view(TODAY)
    assert POLICY.standing(view, "USD").check(Money.of(10, "USD")).approved
    assert not POLICY.standing(view, "USD").check(Money.of("10.01", "USD")).approved
    assert not POLICY.standing(view, EUR).check(eur(11)).approved
    with pytest.raises(CurrencyMismatch):
        POLICY.standing(view, "USD").check(eur(1))
    assert codes(POLICY.standing(view, "JPY").check(Money.of(1, "JPY"))) == ["no_limit"]
    with pytest.raises(UnknownId):
        POLICY.standing(view, "XXY")


# Exposure -------------------------------------------------------------------------------------------------------

REF = PolicyRef(id="standard", version=1, digest="0" * 64)


def order(id: str, amount: int) -> Order:
    return Order(id=id, account="A", amount=eur(amount), placed_on=TODAY)


def test_reserved_orders_count_for_what_is_left_of_them_and_held_ones_do_not():
    times = {"effective_on": TODAY, "recorded_at": NOW}
    facts = [
        OrderReserved(order=order("1", 40), policy=REF, **times),
        OrderReserved(order=order("2", 30), policy=REF, **times),
        OrderHeld(order=order("3", 20), policy=REF, reasons=(), **times),
        OrderReleased(order="2", amount=eur(10), invoice="I", **times),
    ]
    found = fold(facts, account(limit(100), owed=5))
    standing = POLICY.standing(found.view(TODAY), "EUR")
    assert standing.exposure == eur(5 + 40 + 20).minor
    assert standing.check(eur(35)).approved
    assert not standing.check(eur(36)).approved
    assert attrs.evolve(POLICY, count_orders=False).standing(found.view(TODAY), "EUR").exposure == eur(5).minor


# Blocks ---------------------------------------------------------------------------------------------------------


def held(found: Account, **fields: object) -> Account:
    hold = Hold(id="H", account="A", placed_on=TODAY, reason="x", **fields)
    return fold([HoldPlaced(hold=hold, effective_on=TODAY, recorded_at=NOW)], found)


def test_a_hold_on_the_account_stops_credit_and_nothing_else_does():
    found = account(limit(100))
    assert codes(check(held(found), 1)) == ["hold"]
    assert codes(check(held(found, stops=frozenset({"credit"})), 1)) == ["hold"]
    assert codes(check(held(found, stops=frozenset({"dunning"})), 1)) == []
    assert codes(check(held(found, item="I"), 1)) == []


@pytest.mark.parametrize(("days", "reasons"), [(30, []), (31, ["overdue"]), (0, [])])
def test_an_item_overdue_for_more_than_so_many_days_holds_every_order(days, reasons):
    policy = attrs.evolve(POLICY, hold_overdue_days=30)
    decision = check(account(limit(1000), owed=1, due=days), 1, policy)
    assert codes(decision) == reasons
    assert [reason.days for reason in decision.reasons] == [days for _ in reasons]


def test_due_today_is_not_overdue_under_the_strictest_policy():
    policy = attrs.evolve(POLICY, hold_overdue_days=0)
    assert check(account(limit(1000), owed=1, due=0), 1, policy).approved
    assert not check(account(limit(1000), owed=1, due=1), 1, policy).approved


def test_the_reasons_stand_in_their_order_of_precedence():
    policy = attrs.evolve(POLICY, hold_overdue_days=30, warn_percent=50, exceeded="refuse")
    group = GroupStanding(group="G", limit=eur(10).minor, exposure=eur(10).minor)
    found = held(account(limit(100, since=60, lasts=10), owed=90, due=45))
    decision = check(found, 20, policy, group)
    assert codes(decision) == ["hold", "limit_expired", "overdue", "limit_exceeded", "group_limit_exceeded"]
    assert decision.outcome is CreditOutcome.REFUSED
    unset = check(held(account(owed=90, due=45)), 20, policy, group)
    assert codes(unset) == ["hold", "no_limit", "overdue", "group_limit_exceeded"]


def test_only_an_exceeded_limit_is_refused_where_the_policy_refuses_it():
    policy = attrs.evolve(POLICY, exceeded="refuse")
    assert check(account(limit(10)), 11, policy).outcome is CreditOutcome.REFUSED
    assert check(held(account(limit(10))), 10, policy).outcome is CreditOutcome.HELD
    assert check(held(account(limit(10))), 11, policy).outcome is CreditOutcome.REFUSED


# Groups ---------------------------------------------------------------------------------------------------------


def test_the_limit_of_the_group_binds_though_the_own_one_has_room():
    group = GroupStanding(group="G", limit=eur(100).minor, exposure=eur(80).minor)
    found = account(limit(None))
    assert check(found, 20, group=group).outcome is CreditOutcome.APPROVED
    decision = check(found, 25, group=group)
    assert str(decision) == "held: group_limit_exceeded (5.00 EUR)"


def test_a_group_without_a_bound_does_not_bind():
    group = GroupStanding(group="G", limit=None, exposure=10**12)
    assert check(account(limit(100)), 100, group=group).approved
    assert not check(account(limit(100)), 101, group=group).approved


def test_every_violated_limit_is_listed_with_its_shortfall():
    group = GroupStanding(group="G", limit=eur(50).minor, exposure=eur(40).minor)
    decision = check(account(limit(100), owed=90), 30, group=group)
    assert [(reason.code, reason.amount) for reason in decision.reasons] == [
        ("limit_exceeded", eur(20)),
        ("group_limit_exceeded", eur(20)),
    ]


# Warnings -------------------------------------------------------------------------------------------------------


def test_an_approved_order_near_the_limit_is_warned_with_what_is_left():
    policy = attrs.evolve(POLICY, warn_percent=80)
    found = account(limit(1000), owed=700)
    assert check(found, 100, policy).outcome is CreditOutcome.APPROVED
    decision = check(found, "100.01", policy)
    assert decision.outcome is CreditOutcome.WARNED
    assert decision.approved
    assert decision.reasons[0].amount == eur("199.99")
    assert check(found, 300, policy).outcome is CreditOutcome.WARNED
    assert codes(check(found, 301, policy)) == ["limit_exceeded"]


def test_the_share_of_an_odd_limit_is_exact():
    """80 percent of 0.04 is 0.032: an exposure of 0.03 is below it, 0.04 is above."""
    policy = attrs.evolve(POLICY, warn_percent=80)
    assert check(account(limit("0.04")), "0.03", policy).outcome is CreditOutcome.APPROVED
    assert check(account(limit("0.04")), "0.04", policy).outcome is CreditOutcome.WARNED


def test_there_is_no_warning_without_a_limit_to_come_near_to():
    policy = attrs.evolve(POLICY, warn_percent=1)
    assert check(account(limit(None), owed=10**6), 10**6, policy).outcome is CreditOutcome.APPROVED


# The standing as a whole ----------------------------------------------------------------------------------------


def test_a_negative_amount_is_refused_instead_of_approved_past_every_block():
    for found in (held(account(limit(100))), account(limit(0), owed=5), account(limit(None))):
        with pytest.raises(InvalidValue, match=r"-1\.00 EUR"):
            check(found, -1)


@pytest.mark.parametrize(
    ("limits", "owed", "percent"),
    [
        ([limit(100)], 0, 0),
        ([limit(100)], 50, 50),
        ([limit(3)], 1, 33),
        ([limit(0)], 5, None),
        ([limit(None)], 5, None),
    ],
)
def test_utilization_is_undefined_where_there_is_nothing_to_divide_by(limits, owed, percent):
    standing = POLICY.standing(account(*limits, owed=owed).view(TODAY), "EUR")
    assert standing.utilization_percent == percent


def test_a_standing_shows_itself_as_a_row():
    row = POLICY.standing(held(account(limit(100), owed=50)).view(TODAY), "EUR").rows()
    assert row == [
        {
            "account": "A",
            "currency": "EUR",
            "limit": "100.00",
            "exposure": "50.00",
            "utilization_percent": 50,
            "blocks": ("hold",),
        }
    ]
    assert POLICY.standing(account(limit(None)).view(TODAY), "EUR").rows()[0]["limit"] is None


def test_standings_and_decisions_survive_pickling_and_deep_copies():
    standing = POLICY.standing(account(limit(100), owed=50).view(TODAY), "EUR")
    decision = standing.check(eur(60))
    assert codes(decision) == ["limit_exceeded"]
    for again in (pickle.loads(pickle.dumps(decision)), copy.deepcopy(decision)):
        assert (again.outcome, again.reasons, again.approved) == (decision.outcome, decision.reasons, False)
    assert pickle.loads(pickle.dumps(standing)) == standing
    assert hash(copy.deepcopy(POLICY)) == hash(POLICY)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("id", "", InvalidValue),
        ("id", None, WrongType),
        ("version", 0, InvalidValue),
        ("version", True, WrongType),
        ("hold_overdue_days", -1, InvalidValue),
        ("hold_overdue_days", 30.0, WrongType),
        ("warn_percent", 0, InvalidValue),
        ("warn_percent", 101, InvalidValue),
        ("warn_percent", "80", WrongType),
        ("exceeded", "approve", InvalidValue),
        ("exceeded", "warn", InvalidValue),
        ("no_limit", "ignore", InvalidValue),
        ("count_orders", "no", WrongType),
        ("count_orders", 1, WrongType),
        ("less_on_account", None, WrongType),
    ],
)
def test_settings_that_cannot_be_are_refused_by_field(field, value, error):
    with pytest.raises(error) as caught:
        CreditPolicy(**{"id": "standard", "version": 1, field: value})
    assert caught.value.field == f"credit_policy.{field}"


# Reference cases ------------------------------------------------------------------------------------------------


def plain_comparisons() -> list[dict]:
    """The cases that give an exposure and one limit, in systems whose rule is the library's: zero is zero, equal fits."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    others = {"CR-BC-ZERO-NOCHECK", "CR-THIRD-PARTY-GE", "CR-TRYTON-ERROR"}
    keys = {"exposure", "overdue_unpaid", "confirmed_orders"}
    return [
        case
        for case in cases
        if case["topic"] in ("limit", "orders")
        and "limit" in case["input"]
        and keys & set(case["input"])
        and "batch_post" not in case["input"]
        and case["id"] not in others
    ]


@pytest.mark.parametrize("case", plain_comparisons(), ids=lambda case: case["id"])
def test_the_published_comparisons_of_exposure_and_limit_come_out_the_same(case):
    given, expected = case["input"], case["expected"]
    used = next(given[key] for key in ("exposure", "overdue_unpaid", "confirmed_orders") if key in given)
    decision = check(account(limit(given["limit"]), owed=used), given.get("additional", given.get("new_order", "0")))
    assert decision.approved == expected.get("allowed", not expected.get("exceeded", expected.get("blocked")))


def test_there_are_published_comparisons():
    assert len(plain_comparisons()) == 6


@pytest.mark.parametrize(("id", "amount"), [("CR-METAS-FUTURE", 100), ("CR-METAS-DATED-B", 200)])
def test_of_dated_limits_the_latest_that_began_counts(id, amount):
    case = next(each for each in json.loads(CASES.read_text(encoding="utf-8")) if each["id"] == id)
    limits = tuple(
        CreditLimit(
            account="A", currency=EUR, amount=eur(each["amount"]), valid_from=dt.date.fromisoformat(each["from"])
        )
        for each in case["input"]["limits"]
    )
    assert limit_on(limits, EUR, dt.date.fromisoformat(case["input"]["on"])) == (eur(amount), None)
    assert case["expected"]["limit"] == str(amount)


@pytest.mark.parametrize("balance", ["900.00", "1000.00", "1000.01"])
def test_the_two_published_thresholds_are_strict(balance):
    case = next(each for each in json.loads(CASES.read_text(encoding="utf-8")) if each["id"] == f"CR-IDEMP-{balance}")
    policy = attrs.evolve(POLICY, warn_percent=90)
    outcome = check(account(limit(case["input"]["limit"]), owed=balance), 0, policy).outcome
    words = {CreditOutcome.APPROVED: "ok", CreditOutcome.WARNED: "watch", CreditOutcome.HELD: "hold"}
    assert words[outcome] == case["expected"]["status"]
