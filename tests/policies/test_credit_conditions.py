"""What stops an order whatever its amount, what leaves it unchecked, and what is answered to it."""

from itertools import combinations, product

import attrs
import pytest
from tests.service.world import EUR, TODAY, World, day, eur

from receivables import CreditLimit, CreditPolicy, DunningPolicy, DunningStep, Hold, Money, Order, PolicyBook
from receivables.codec import digest, read_settings, settings_text
from receivables.documents.exchange import ExchangeRate
from receivables.errors import InvalidValue, ReceivablesError
from receivables.policies.credit import SubLimit
from receivables.policies.credit_codes import CREDIT_CODES, RANK, TO_REASONS
from receivables.policies.credit_conditions import CONDITIONS
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.exposure import COUNTED
from receivables.policies.limits import LimitDefault

POLICY = CreditPolicy(id="standard", version=1)
LADDER = DunningPolicy(
    id="standard",
    version=1,
    steps=(DunningStep(name="first", days_after_due=1), DunningStep(name="final", days_after_due=9)),
)


def new_world(**more: object) -> World:
    world = World(policies=PolicyBook.of(POLICY, LADDER))
    world.open(**more)
    world.limit("1000")
    return world


def answer(world: World, amount: object = 1, **settings: object) -> str:
    """What an order of an amount is answered by a policy with these settings."""
    policy = attrs.evolve(POLICY, **settings)
    return str(policy.standing(world.app.view("ACME", world.today), "EUR").check(eur(amount)))


def test_the_conditions_stand_in_their_order_of_precedence():
    ranks = [RANK[code] for code in CONDITIONS]
    assert ranks == sorted(ranks)
    assert [row.code for row in CREDIT_CODES if row.code not in CONDITIONS][:1] == ["not_checked"]


def test_a_payment_that_came_back_stops_orders_for_so_many_days():
    world = new_world()
    world.pay("P", 10)
    world.at(2).app.return_payment("ACME", "P", kind="chargeback", code="4853", on=day(2), key="back")
    for on, expected in (
        (1, "approved"),
        (2, "held: returned_payment (0 days)"),
        (5, "held: returned_payment (3 days)"),
    ):
        assert answer(world.at(on), returned_payment_days=3) == expected
    assert answer(world.at(6), returned_payment_days=3) == "approved"
    assert answer(world.at(2)) == "approved"


def test_a_payment_that_was_booked_by_mistake_says_nothing():
    world = new_world()
    world.pay("P", 10)
    world.app.return_payment("ACME", "P", kind="reversed", code="mistake", on=day(0), key="back")
    assert answer(world, returned_payment_days=3) == "approved"


def test_so_many_broken_promises_within_so_many_days_stop_orders():
    world = new_world()
    world.invoice("I", 100, 30)
    world.promise("P1", "I", 10, 2)
    world.at(5)
    world.promise("P2", "I", 10, 7, approver="bob")
    assert answer(world.at(8), broken_promises=2) == "held: broken_promise (1 days)"
    assert answer(world.at(8), broken_promises=3) == "approved"
    assert answer(world.at(8), broken_promises=2, promise_days=5) == "approved"
    assert answer(world.at(8), broken_promises=1, promise_days=1) == "held: broken_promise (1 days)"
    assert answer(world.at(9), broken_promises=1, promise_days=1) == "approved"


def test_a_dunning_step_stops_orders_until_its_item_is_paid_disputed_or_not_dunned():
    world = new_world()
    world.invoice("I", 100, -9)
    world.run()
    world.deliver()
    assert answer(world, stop_steps=frozenset({"first"})) == "held: dunning_step"
    assert answer(world, stop_steps=frozenset({"final"})) == "approved"
    world.dispute("D", "I")
    assert answer(world, stop_steps=frozenset({"first"})) == "approved"
    world.app.resolve_dispute("ACME", "D", outcome="rejected", on=TODAY, key="resolve", by="ann")
    world.hold("H", item="I", stops=frozenset({"dunning"}))
    assert answer(world, stop_steps=frozenset({"first"})) == "approved"
    world.app.release_hold("ACME", "H", on=TODAY, key="lift")
    assert answer(world, stop_steps=frozenset({"first"})) == "held: dunning_step"
    world.settle("I", 100)
    assert answer(world, stop_steps=frozenset({"first"})) == "approved"


def test_too_much_overdue_of_what_is_open_stops_orders_and_the_share_itself_does_not():
    world = new_world()
    world.invoice("A", 75, 5)
    world.invoice("B", 25, -1)
    assert answer(world, overdue_share_percent=25) == "approved"
    assert answer(world, overdue_share_percent=24) == "held: overdue_share (25.00 EUR)"
    assert answer(world, overdue_share_percent=0, overdue_margin_days=1) == "approved"


def test_a_review_that_is_overdue_warns():
    world = new_world()
    limit = CreditLimit(account="ACME", currency=EUR, amount=eur(1000), valid_from=TODAY, review_on=day(3))
    world.app.set_limit(limit, key="reviewed")
    assert answer(world.at(3)) == "approved"
    assert answer(world.at(4)) == "warned: review_overdue (1 days)"
    assert answer(world.at(4), answers=(("review_overdue", "ignore"),)) == "approved"
    assert answer(world.at(4), 1001) == "held: review_overdue (1 days), limit_exceeded (1.00 EUR)"


def test_what_is_answered_to_a_code_is_the_policys():
    world = new_world()
    assert answer(world, 1001, answers=(("limit_exceeded", "warn"),)) == "warned: limit_exceeded (1.00 EUR)"
    assert answer(world, 1001, answers=(("limit_exceeded", "ignore"),)) == "approved"
    assert answer(world, 1001, answers=(("limit_exceeded", "refuse"),)) == "refused: limit_exceeded (1.00 EUR)"
    world.hold("H")
    assert answer(world, 1001, exceeded="refuse") == "refused: hold, limit_exceeded (1.00 EUR)"
    assert answer(world, answers=(("hold", "warn"),)) == "warned: hold"


STAIRS = ("near_limit", "rate_breach", "limit_exceeded")
WATCHED = attrs.evolve(POLICY, warn_percent=60, limit_currency=EUR)


@pytest.mark.parametrize("codes", [("hold", "limit_exceeded"), *combinations(STAIRS, 2), STAIRS])
def test_approved_says_the_same_as_the_outcome_and_no_more_is_answered_better_whatever_the_answers(codes):
    world = new_world()
    if "hold" in codes:
        world.hold("H")
    rates = [ExchangeRate.of("USD", "EUR", value, on=TODAY, source="ECB") for value in ("0.8", "1.0")]
    world.restart(policies=PolicyBook.of(attrs.evolve(POLICY, limit_currency=EUR)), rates=rates[:1])
    order = Order(id="O", account="ACME", amount=Money.of(500, "USD"), placed_on=TODAY)
    world.app.reserve(order, key="O")
    view = world.app.view("ACME", TODAY)
    for answers in product(TO_REASONS, repeat=len(codes)):
        given = dict(zip(codes, answers, strict=True))
        if contradicts(given):
            continue
        standing = attrs.evolve(WATCHED, answers=tuple(given.items())).standing(view, "EUR", rates=rates[1:])
        decisions = [standing.check(eur(amount)) for amount in (1, 100, 101, 500, 501, 600, 601)]
        for decision in decisions:
            assert decision.approved == (decision.outcome.value in ("approved", "warned")), (given, decision.amount)
        ranks = [("approved", "warned", "held", "refused").index(each.outcome.value) for each in decisions]
        assert ranks == sorted(ranks), given


def contradicts(given: dict[str, str]) -> bool:
    """Whether a step of the stairs is answered worse than the next: one whose limit is ignored has none."""
    answers = {"near_limit": "warn", "rate_breach": "warn", "limit_exceeded": "hold"} | given
    ranks = [TO_REASONS.index(answers[code]) for code in STAIRS]
    if answers["limit_exceeded"] == "ignore":
        return ranks[0] > ranks[1] or ranks[1] > TO_REASONS.index("hold")  # the limit of the group is not ignored
    return ranks != sorted(ranks) or ranks[1] > TO_REASONS.index("hold")


@pytest.mark.parametrize("answers", list(product(TO_REASONS, repeat=3)))
def test_what_is_said_short_of_a_breach_is_not_answered_worse_than_the_breach(answers):
    given = dict(zip(STAIRS, answers, strict=True))
    if contradicts(given):
        with pytest.raises(InvalidValue, match="must not be worse than"):
            attrs.evolve(WATCHED, answers=tuple(given.items()))
    else:
        assert attrs.evolve(WATCHED, answers=tuple(given.items())).answer("near_limit") == given["near_limit"]


def test_an_answer_that_no_order_can_get_contradicts_nothing():
    refused = (("near_limit", "refuse"), ("rate_breach", "refuse"))
    assert answer(new_world(), 1001, answers=refused) == "held: limit_exceeded (1.00 EUR)"
    with pytest.raises(InvalidValue, match="than 'limit_exceeded: hold', got 'near_limit: refuse'"):
        attrs.evolve(POLICY, answers=refused, warn_percent=90)
    with pytest.raises(InvalidValue, match="than 'limit_exceeded: hold', got 'rate_breach: refuse'"):
        attrs.evolve(POLICY, answers=refused, limit_currency=EUR)
    with pytest.raises(InvalidValue, match="than 'group_limit_exceeded: warn', got 'rate_breach: hold'"):
        attrs.evolve(POLICY, answers=(("rate_breach", "hold"), ("group_limit_exceeded", "warn")), limit_currency=EUR)


def test_a_limit_whose_breach_is_ignored_is_neither_watched_nor_broken_by_a_rate():
    world = new_world()
    rates = [ExchangeRate.of("USD", "EUR", value, on=TODAY, source="ECB") for value in ("0.8", "1.0")]
    covering = attrs.evolve(WATCHED, answers=(("limit_exceeded", "ignore"),))
    world.restart(policies=PolicyBook.of(covering), rates=rates[:1])
    world.app.reserve(Order(id="O", account="ACME", amount=Money.of(1100, "USD"), placed_on=TODAY), key="O")
    standing = covering.standing(world.app.view("ACME", TODAY), "EUR", rates=rates[1:])
    assert standing.exposure == eur(1100).minor
    assert str(standing.check(eur(20))) == "approved"
    exceeded = attrs.evolve(WATCHED, answers=(("limit_exceeded", "warn"),))
    standing = exceeded.standing(world.app.view("ACME", TODAY), "EUR", rates=rates[1:])
    assert str(standing.check(eur(20))) == "warned: rate_breach (120.00 EUR)"


def test_an_order_that_is_held_near_the_limit_is_not_freed_by_looking_again():
    world = World(policies=PolicyBook.of(attrs.evolve(POLICY, warn_percent=50, answers=(("near_limit", "hold"),))))
    world.open()
    world.limit("1000")
    assert str(world.order("A", "501")) == "held: near_limit (499.00 EUR)"
    facts = world.store.facts("ACME")
    world.at(1).run(all_accounts=True)
    assert world.store.facts("ACME") == facts
    world.pay("P", "1")
    assert [each.status for each in world.app.view("ACME", day(1)).orders] == ["reserved"]


# Parts of the limit ---------------------------------------------------------------------------------------------


def test_orders_have_a_part_of_the_limit_that_the_new_one_counts_in():
    world = new_world()
    world.order("O", 100)
    parts = (SubLimit(component="ordered", amount=eur(150)),)
    assert answer(world, 50, sub_limits=parts) == "approved"
    assert answer(world, 100, sub_limits=parts) == "held: ordered_sub_limit (50.00 EUR)"


def test_another_component_that_is_over_its_part_stops_every_order():
    world = new_world()
    world.invoice("I", 100, -1)
    parts = (SubLimit(component="overdue", amount=eur(99)), SubLimit(component="open", amount=eur(0)))
    assert answer(world, 1, sub_limits=parts) == "held: overdue_sub_limit (1.00 EUR)"
    assert answer(world, 1, sub_limits=(SubLimit(component="overdue", amount=eur(100)),)) == "approved"


def test_a_part_of_the_limit_binds_its_own_currency_unless_it_is_ignored():
    world = new_world()
    for amount, expected in ((eur(50), "held: ordered_sub_limit (50.00 EUR)"), (Money.of(50, "USD"), "approved")):
        assert answer(world, 100, sub_limits=(SubLimit(component="ordered", amount=amount),)) == expected
    ignored = {
        "sub_limits": (SubLimit(component="ordered", amount=eur(50)),),
        "answers": (("ordered_sub_limit", "ignore"),),
    }
    assert answer(world, 100, **ignored) == "approved"


def test_what_the_order_itself_gives_reason_to_decides_whether_it_is_approved():
    world = new_world()
    order = Order(id="SO-1", account="ACME", amount=eur(100), placed_on=TODAY, terms="net 90")
    for given, approved in (("warn", True), ("hold", False), ("refuse", False)):
        policy = attrs.evolve(POLICY, agreed_terms=("net 30",), answers=(("terms_changed", given),))
        decision = policy.standing(world.app.view("ACME", TODAY), "EUR").decide(order)
        assert ([reason.code for reason in decision.reasons], decision.approved) == (["terms_changed"], approved)


def test_what_is_left_of_the_limit_and_what_speaks_against_an_amount():
    world = new_world()
    world.invoice("I", 300, 9)
    standing = POLICY.standing(world.app.view("ACME", TODAY), "EUR")
    assert (standing.headroom, standing.utilization_percent) == (70_000, 30)
    assert standing.reasons(70_000) == ()
    assert [reason.code for reason in standing.reasons(70_001)] == ["limit_exceeded"]
    world.app.set_limit(CreditLimit(account="ACME", currency=EUR, amount=None, valid_from=TODAY), key="none")
    assert POLICY.standing(world.app.view("ACME", TODAY), "EUR").headroom is None


def test_the_own_risk_is_what_is_not_insured():
    world = new_world()
    insured = CreditLimit(account="ACME", currency=EUR, amount=eur(60), valid_from=TODAY, kind="insured")
    world.app.set_limit(insured, key="insured")
    world.invoice("I", 50, 9)
    parts = (SubLimit(component="own_risk", amount=eur(20)),)
    assert answer(world, 30, sub_limits=parts) == "approved"
    assert answer(world, 31, sub_limits=parts) == "held: own_risk_sub_limit (1.00 EUR)"
    counting = frozenset({"open", "insured"})
    assert POLICY.exposure(world.app.view("ACME", TODAY), "EUR").of("insured") == eur(50).minor
    assert attrs.evolve(POLICY, counts=counting).standing(world.app.view("ACME", TODAY), "EUR").exposure == 0


# The order itself -----------------------------------------------------------------------------------------------


def decide(world: World, *, amount: object = 5000, policy: CreditPolicy, **more: object) -> str:
    order = Order(id="O", account="ACME", amount=eur(amount), placed_on=TODAY, **more)
    return str(policy.standing(world.app.view("ACME", TODAY), "EUR").decide(order))


def test_what_is_insured_and_not_used_yet_covers_the_order_too_where_the_insured_part_counts():
    world = new_world()
    world.app.set_limit(
        CreditLimit(account="ACME", currency=EUR, amount=eur(1500), valid_from=TODAY, kind="insured"), key="insured"
    )
    world.invoice("I", 200, 9)
    counts = COUNTED | {"insured"}
    assert answer(world, 2300, counts=counts) == "approved"
    assert answer(world, 2301, counts=counts) == "held: limit_exceeded (1.00 EUR)"
    assert answer(world, 2300, counts=counts, warn_percent=50) == "warned: near_limit (0.00 EUR)"
    assert answer(world, 1800, counts=counts, warn_percent=50) == "approved"
    assert answer(world, 801) == "held: limit_exceeded (1.00 EUR)"


def test_terms_that_were_not_agreed_hold_an_order_that_asks_for_them():
    policy = attrs.evolve(POLICY, agreed_terms=("net 30",))
    world = new_world()
    assert decide(world, amount=1, policy=policy) == "approved"
    assert decide(world, amount=1, policy=policy, terms="net 30") == "approved"
    assert decide(world, amount=1, policy=policy, terms="net 60") == "held: terms_changed"
    assert decide(world, amount=1001, policy=policy, terms="net 60") == "held: terms_changed, limit_exceeded (1.00 EUR)"
    warned = attrs.evolve(policy, answers=(("terms_changed", "warn"),))
    assert decide(world, amount=1, policy=warned, terms="net 60") == "warned: terms_changed"


def test_an_order_can_be_left_out_by_kind_by_amount_and_by_customer_and_a_hold_stops_it_all_the_same():
    left_out = "approved: not_checked"
    world = new_world(tags=frozenset({"public"}))
    assert decide(world, policy=attrs.evolve(POLICY, excluded_kinds=frozenset({"sample"})), kind="sample") == left_out
    small = attrs.evolve(POLICY, unchecked_below=(eur(6000), Money.of(1, "USD")))
    assert decide(world, policy=small) == left_out
    assert decide(world, amount=6000, policy=small) == "held: limit_exceeded (5000.00 EUR)"
    public = attrs.evolve(POLICY, excluded_tags=frozenset({"public"}))
    assert decide(world, policy=public) == left_out
    world.app.place_hold(Hold(id="H", account="ACME", placed_on=TODAY, reason="stop"), key="H")
    assert decide(world, policy=public) == "held: not_checked, hold"


# Rates ----------------------------------------------------------------------------------------------------------


def test_the_exposure_of_all_currencies_is_held_against_one_limit_and_rounded_up():
    world = new_world()
    world.invoice("E", 100, 9)
    world.invoice("U", Money.of("0.01", "USD"), 9)
    policy = attrs.evolve(POLICY, limit_currency=EUR)
    rate = ExchangeRate.of("USD", "EUR", "0.9", on=TODAY, source="ECB")
    for currency in ("EUR", "USD"):
        standing = policy.standing(world.app.view("ACME", TODAY), currency, rates=[rate])
        assert (standing.exposure, standing.limit_currency) == (eur("100.01").minor, EUR)
    assert standing.check(Money.of("999.98", "USD")).approved
    assert not standing.check(Money.of("999.99", "USD")).approved
    assert str(policy.standing(world.app.view("ACME", TODAY), "EUR").check(eur(1))) == "held: rate_missing"


# Settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"counts": frozenset({"everything"})},
        {"counts": {"open"}},
        {"answers": (("limit_exceeded", "approve"),)},
        {"answers": (("surprise", "hold"),)},
        {"answers": (("not_checked", "hold"),)},
        {"answers": (("rate_missing", "ignore"),)},
        {"answers": (("rate_stale", "warn"),)},
        {"answers": (("overdue", "hold"), ("overdue", "warn"))},
        {"answers": (("overdue",),)},
        {"risk_classes": (("E", "maybe"),)},
        {"alert_percents": (90, 80)},
        {"alert_percents": (80, 80)},
        {"alert_percents": (0,)},
        {"sub_limits": (SubLimit(component="open", amount=eur(1)), SubLimit(component="open", amount=eur(2)))},
        {"defaults": (LimitDefault(currency=EUR, amount=None), LimitDefault(currency=EUR, amount=eur(2)))},
        {"unchecked_below": (eur(1), eur(2))},
        {"overlaps": "sometimes"},
        {"limit_currency": "EUR"},
        {"exchange": "daily"},
        {"stop_steps": ("final",)},
        {"horizon_days": -1},
        {"overdue_share_percent": 101},
        {"broken_promises": 0},
    ],
)
def test_settings_that_contradict_are_refused_by_field(fields):
    with pytest.raises(ReceivablesError, match=rf"credit_policy\.{next(iter(fields))}"):
        CreditPolicy(id="p", version=1, **fields)


def test_a_part_of_the_limit_is_of_a_component_that_adds_to_it():
    for fields in ({"component": "unapplied"}, {"amount": eur(-1)}, {"amount": 5}):
        with pytest.raises(ReceivablesError):
            SubLimit(**{"component": "open", "amount": eur(1), **fields})


def test_a_policy_with_every_setting_is_read_back_and_its_digest_says_every_change():
    policy = CreditPolicy(
        id="full",
        version=3,
        counts=frozenset({"open", "insured"}),
        overdue_margin_days=3,
        horizon_days=30,
        sub_limits=(SubLimit(component="own_risk", amount=eur(5)),),
        defaults=(LimitDefault(currency=EUR, amount=None, segment="retail"),),
        inherit_group=True,
        insured_raises=True,
        limit_currency=EUR,
        exchange=ExchangePolicy(id="daily", version=1, max_age_days=3),
        overlaps="refuse",
        overdue_share_percent=40,
        returned_payment_days=9,
        broken_promises=2,
        promise_days=60,
        stop_steps=frozenset({"final"}),
        risk_classes=(("E", "refuse"),),
        agreed_terms=("net 30",),
        excluded_tags=frozenset({"public"}),
        excluded_kinds=frozenset({"sample"}),
        unchecked_below=(eur(10),),
        answers=(("overdue", "warn"),),
        alert_percents=(80, 100),
    )
    assert read_settings(settings_text(policy)) == policy
    plain = CreditPolicy(id="full", version=3)
    changed = [attrs.evolve(plain, **{name: getattr(policy, name)}) for name in attrs.fields_dict(CreditPolicy)]
    assert len({digest(each) for each in changed}) == 1 + sum(each != plain for each in changed)
