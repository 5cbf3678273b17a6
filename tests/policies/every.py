"""What the policies say of every customer of a small company, on some days of half a year.

``PYTHONPATH=src python -m tests.policies.every`` writes ``every.txt`` anew. It is read by people: of each customer and day
one line for each question that has an answer.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from tests.service.world import REGISTER, RISK, TODAY, World, day, eur, furnished, promise_request

from receivables import CreditNote, CreditPolicy, Currency, Money
from receivables.documents.request import DefermentRequest, PlanRequest
from receivables.policies import (
    behavior,
    bureau,
    collection,
    dunning_stops,
    early_warnings,
    exposure,
    history,
    limitation,
    losses,
    requests,
    retention,
    scoring,
    strategy,
    tax_relief,
)
from receivables.policies.arrangements import ArrangementPolicy
from receivables.policies.collection import CollectionPolicy
from receivables.policies.credit_check import standing_of
from receivables.policies.early_warnings import WarningPolicy
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import limitation_regime
from receivables.policies.losses import WriteOffPolicy, WriteOffRule
from receivables.policies.tax_relief import UK_VAT
from receivables.state.account import Account
from receivables.state.invoice import Item
from receivables.state.view import Book, View

WRITTEN = Path(__file__).with_name("every.txt")
EUR = Currency.of("EUR")
DAYS = ((-20, None), (2, None), (12, 12), (12, None), (33, 36), (33, None), (60, None), (95, None), (1200, None))
"""The days that are looked at, counted from `TODAY`, and until when what was recorded is known."""
PLAIN = {"id": "p", "version": 1}
STRICT = CreditPolicy(
    **PLAIN,
    hold_overdue_days=10,
    warn_percent=80,
    overdue_share_percent=20,
    returned_payment_days=60,
    broken_promises=1,
    stop_steps=frozenset({"final"}),
)
WARNS = WarningPolicy(**PLAIN, broken_promises=1, burst_percent=100, burst_orders=1, rise_percent=5, slower_days=1)
LENIENT = ArrangementPolicy(**PLAIN, longest_deferment_days=30, longest_promise_days=30)
BARRED = LimitationPolicy(**PLAIN, regime=limitation_regime("DE"))
OFF = WriteOffPolicy(
    **PLAIN, rules=(WriteOffRule(code="small", at_most=(eur(80),)), WriteOffRule(code="old", days_overdue=90))
)
ASKED = (
    promise_request("R-9"),
    DefermentRequest(id="R-8", account="ACME", item="INV-1", until=day(40)),
    PlanRequest(id="R-7", account="ACME", items=("INV-1",), count=3, first_on=day(20)),
)


@cache
def company() -> World:
    """The furnished world, and what its customers do afterwards."""
    world = furnished()
    world.at(5).order("SO-7", "400")
    world.pay("P-7", "250", bank_line="line-7")
    world.apply("P-7", "INV-1", "250")
    world.at(9).run()
    world.app.return_payment("ACME", "P-7", "returned", "AC04", on=day(9), key="return P-7")
    world.at(12).promise("PTP-7", "INV-1", "400", 20)
    world.at(16).order("SO-8", "900")
    world.invoice("INV-7", "750", 30, order="SO-1")
    world.at(21).run()
    world.pay("P-8", "300")
    world.apply("P-8", "INV-1", "300")
    note = CreditNote(number="CN-7", account="BETA", issued_on=day(24), total=eur(100), against="INV-B")
    world.at(24).app.issue_credit_note(note, key="note CN-7")
    world.dispute("D-7", "INV-7", "150")
    world.at(35).run()
    world.settle("INV-B", "300", "BETA")
    world.at(50).run()
    world.pay("P-9", "40", "LOST")
    world.settle("INV-X", "100", "OUT")
    world.at(65).run()
    return world


def planned(view: View) -> Iterator[Any]:
    plan = company().policies.dunning_for(view.customer).plan(view)
    yield from plan.rows()
    yield [plan.look_on, *(plan.explain(each["item"]) for each in plan.rows() if "item" in each)]


def checked(account: Account, view: View) -> Iterator[Any]:
    standing = standing_of(STRICT, view, EUR, None, ())
    yield standing
    for amount in (1, 500, 5000, 20_000):
        decision = standing.check(eur(amount))
        yield decision.outcome, decision.approved, decision.reasons


def collected(account: Account, view: View) -> Iterator[Any]:
    policy = CollectionPolicy(**PLAIN)
    for item in [item.id for book in view.books for item in book.items if item.due_on][:3]:
        yield item, collection.attempts_on(account, view, item), collection.next_collection(policy, account, view, item)


def asked(account: Account, view: View) -> Iterator[Any]:
    if view.account == "ACME":
        for request in ASKED:
            for policy in (None, LENIENT):
                yield requests.answer(view, request, policy)


def measured(account: Account, view: View) -> Iterator[Any]:
    found = history.history_of(account, view)
    yield behavior.features(found)
    yield [behavior.utilizations(view), scoring.score_history(found, RISK)]


def exposed(account: Account, view: View) -> Iterator[Any]:
    yield exposure.exposure_on(view, EUR, margin_days=5, horizon_days=30)
    yield exposure.exposure_of(view, EUR), exposure.exposure_of(view, EUR, orders=False, less_on_account=False)
    yield (
        exposure.overdue_days(view),
        exposure.next_overdue_day(view),
        sorted(c.code for c in exposure.currencies_of(view)),
    )


QUESTIONS: dict[str, Callable[[Account, View], Iterable[Any]]] = {
    "dunning": lambda account, view: planned(view),
    "stops": lambda account, view: [dunning_stops.stops_of(view), dict(dunning_stops.kept_back(view))],
    "quiet": lambda account, view: [
        dunning_stops.quiet_until(view, 5, 2, 30),
        dunning_stops.quiet_until(view, 0, 1, 9, logged=True),
    ],
    "credit": checked,
    "exposure": exposed,
    "behavior": measured,
    "warnings": lambda account, view: early_warnings.early_warnings(account, view, WARNS),
    "collection": collected,
    "requests": asked,
    "bureau": lambda account, view: [
        *bureau.standings(account, view, REGISTER),
        *bureau.owed_to_bureau(account, view, REGISTER),
    ],
    "limitation": lambda account, view: limitation.open_limitations(account, view, BARRED),
    "barred": lambda account, view: [
        limitation.barred_items(account, view, BARRED),
        *limitation.reached_limitations(account, view, BARRED),
    ],
    "write-offs": lambda account, view: losses.propose_write_offs(account, view, OFF, limitation=BARRED),
    "relief": lambda account, view: tax_relief.relief_positions(account, UK_VAT, view.as_of),
    "names": lambda account, view: [sorted(map(" ".join, retention.owed_names(view)))],
    "overdue": lambda account, view: [strategy.overdue_of(view), strategy.oldest_days(view)],
}


def shown(value: Any) -> str:
    """A value in words: amounts as people write them, and nothing that is left out."""
    if isinstance(value, Money | dt.date | Decimal | Fraction):
        return str(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Currency):
        return value.code
    if isinstance(value, frozenset | set):
        return "{" + ", ".join(sorted(map(shown, value))) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shown(each)}" for name, each in value.items() if each is not None) + "}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    if isinstance(value, Item):
        return value.id
    if isinstance(value, Book):
        return f"{value.currency.code} {dict(zip((item.id for item in value.items), value.open, strict=True))}"
    if attrs.has(type(value)):
        return f"{type(value).__name__}({', '.join(fields(value))})"
    return repr(value) if isinstance(value, str | int | None) else type(value).__name__


def fields(value: Any) -> Iterator[str]:
    for each in attrs.fields(type(value)):
        its = getattr(value, each.name)
        if each.repr and its not in (None, (), frozenset(), {}) and its is not True and not hasattr(its, "version"):
            yield f"{each.name}={shown(its)}"


def page(customer: str) -> list[str]:
    """What the file has of a customer."""
    world, lines = company(), [f"[{customer}]"]
    account = world.app.account(customer)
    for after, known in DAYS:
        view = world.app.view(customer, day(after), None if known is None else day(known))
        if view.customer is None:
            continue
        for name, question in QUESTIONS.items():
            then = f"{after:+}" if known is None else f"{after:+} as known at {known:+}"
            lines += [f"{then} {name}: {shown(each)}" for each in question(account, view)]
    return [*lines, ""]


CUSTOMERS = ("ACME", "BETA", "LOST", "OUT", "STRICT")


if __name__ == "__main__":
    assert company().today == TODAY + dt.timedelta(65)
    WRITTEN.write_text("\n".join(line for each in CUSTOMERS for line in page(each)) + "\n", encoding="utf-8")
