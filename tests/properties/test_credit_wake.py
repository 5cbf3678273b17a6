"""Whoever sleeps misses nothing: the run of those that are due gives what a run over all gives, under any credit policy."""

import datetime as dt
import random
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.world import EUR, LADDER, TODAY, World, day, eur

from receivables import CreditLimit, CreditPolicy, Customer, Money, Order, PolicyBook
from receivables.documents.risk import ClassOverride
from receivables.errors import ReceivablesError
from receivables.policies.credit import SubLimit
from receivables.policies.exposure import COUNTED
from receivables.policies.limits import LimitDefault

DEFAULTS = (
    LimitDefault(currency=EUR, amount=eur(30)),
    LimitDefault(currency=EUR, amount=eur(60), segment="big"),
)
SETTINGS = {
    "alert_percents": ((), (80,)),
    "hold_overdue_days": (None, 0, 5),
    "returned_payment_days": (None, 0, 4),
    "broken_promises": (None, 1),
    "promise_days": (0, 5),
    "horizon_days": (None, 5),
    "overdue_margin_days": (0, 2),
    "overdue_share_percent": (None, 50),
    "counts": (COUNTED, COUNTED | {"insured"}, COUNTED - {"overdue"}, COUNTED - {"open"}, COUNTED - {"disputed"}),
    "sub_limits": ((), (SubLimit(component="open", amount=eur(10)),)),
    "stop_steps": (frozenset(), frozenset({"first"})),
    "risk_classes": ((), (("E", "hold"),)),
    "answers": ((), (("limit_expired", "warn"),)),
    "defaults": ((), DEFAULTS),
}
KINDS = {"limit": "base", "increase": "temporary", "insured": "insured"}
DEEDS = [
    "day",
    "day",
    "day",
    "order",
    "order",
    "invoice",
    "pay",
    "returned",
    "apply",
    "dispute",
    "promise",
    "plan",
    "hold",
    "limit",
    "increase",
    "insured",
    "withdraw",
    "customer",
    "class",
]


def deed(world: World, key: str, what: str, dice: random.Random) -> None:
    """Something that happens, or is refused; the same dice make the same deed."""
    today = (world.today - TODAY).days
    amount, soon = Money(dice.randint(1, 4_000), EUR), today + dice.randint(0, 8)
    item, payment = (f"{letter}{dice.randint(0, int(key))}" for letter in "IP")
    app = world.app
    match what:
        case "order":
            deliver_on = dice.choice([None, day(soon)])
            order = Order(id=key, account="ACME", amount=amount, placed_on=world.today, deliver_on=deliver_on)
            app.reserve(order, key=key)
        case "invoice":
            world.invoice(f"I{key}", amount, soon - 4)
        case "pay":
            world.pay(f"P{key}", amount)
        case "returned":
            app.return_payment("ACME", payment, kind="returned", code="AC04", on=world.today, key=key)
        case "apply":
            app.apply("ACME", payment, item, amount, key=key)
        case "dispute":
            world.dispute(key, item, dice.choice([None, amount]))
        case "promise":
            world.promise(key, item, amount, soon)
        case "plan":
            world.agree(key, item, (soon, amount))
        case "hold":
            world.hold(key, stops=frozenset({dice.choice(["credit", "dunning"])}), until=day(soon))
        case "limit" | "increase" | "insured":
            since = dice.choice([world.today, day(soon)])
            until = dice.choice([None, since + dt.timedelta(days=dice.randint(0, 9))])
            limit = CreditLimit(
                account="ACME", currency=EUR, amount=amount, kind=KINDS[what], valid_from=since, valid_to=until
            )
            app.set_limit(limit, key=key)
        case "withdraw":
            app.withdraw_limit("ACME", "EUR", kind=dice.choice(list(KINDS.values())), on=day(soon), key=key)
        case "customer":
            app.change_customer(Customer(id="ACME", segment=dice.choice(["", "big"])), on=day(soon), key=key)
        case "class":
            given = ClassOverride(
                id=key, account="ACME", risk_class="E", starts_on=world.today, until=day(soon), reason="seen"
            )
            app.override_class(given, by="ann", approver="bob", key=key)


def facts_of(policy: CreditPolicy, deeds: list[str], seed: int, everywhere: bool) -> tuple:
    world = World(policies=PolicyBook.of(policy, LADDER))
    world.open()
    world.limit(20)
    for at, what in enumerate([*deeds, *["day"] * 16]):
        if what == "day":
            world.at((world.today - TODAY).days + 1).run(all_accounts=everywhere)
            continue
        with suppress(ReceivablesError):
            deed(world, str(at), what, random.Random(f"{seed}/{at}"))
    return world.store.facts("ACME")


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in SETTINGS.items()}),
    st.lists(st.sampled_from(DEEDS), min_size=5, max_size=30),
    st.integers(0, 10_000),
)
def test_a_run_of_who_is_due_gives_what_a_run_over_all_gives(chosen, deeds, seed):
    policy = CreditPolicy(id="standard", version=1, **chosen)
    assert facts_of(policy, deeds, seed, False) == facts_of(policy, deeds, seed, True)
