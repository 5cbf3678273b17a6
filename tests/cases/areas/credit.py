"""Credit: limits, exposure and holds, one function per topic of the cases.

What an input calls the exposure is one open invoice, issued on `TODAY` and not yet due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.cases.reading import day, money, plain
from tests.cases.unsupported import Unsupported

from receivables import (
    Account,
    CreditLimit,
    CreditPolicy,
    Currency,
    Customer,
    Hold,
    Invoice,
    MemoryStore,
    Money,
    Order,
    PolicyBook,
    Receivables,
)
from receivables.policies.credit import CreditStanding, limit_on
from receivables.testing import FixedClock, RecordingNotifier

Case = dict[str, Any]
Input = Mapping[str, Any]

TODAY = dt.date(2026, 3, 2)
EUR = Currency.of("EUR")
STRICT = CreditPolicy(id="credit", version=1, no_limit="approve")
"""A limit that was never set is none, as in the systems that the cases come from."""

MISSING = {
    "sub_limit": "a limit holds for the whole exposure, not for a component of it",
    "insurance": "the insured part of a limit is recorded, and nothing is worked out from it yet",
    "inheritance": "a limit is set on an account; there is no default for a group or a company to fall back to",
    "fx": "a limit is checked in its own currency only",
}
"""Topics of which the library has no word, with the reason."""


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic."""
    topic = case["topic"]
    if topic in MISSING:
        raise Unsupported(MISSING[topic])
    if topic not in _TOPICS:
        raise Unsupported(f"the topic {topic} is not mapped yet")
    return _TOPICS[topic](case["input"])


def _limit(amount: str | None, valid_from: dt.date = TODAY, kind: str = "base") -> CreditLimit:
    found = None if amount is None else money(amount)
    return CreditLimit(account="A", currency=EUR, amount=found, valid_from=valid_from, kind=kind)


def _account(exposure: str, limit: str | None) -> Account:
    """An account that owes so much, with a limit."""
    owed = money(exposure)
    invoice = Invoice.due(number="I", account="A", issued_on=TODAY, total=owed, due_on=TODAY)
    return Account.of(Customer(id="A"), invoices=[invoice] if owed.minor else [], limits=[_limit(limit)])


def _standing(exposure: str, limit: str | None, policy: CreditPolicy = STRICT) -> CreditStanding:
    return policy.standing(_account(exposure, limit).view(TODAY), "EUR")


def _app(limit: str | None, policy: CreditPolicy = STRICT) -> Receivables:
    """A service with one account that owes nothing."""
    app = Receivables(
        store=MemoryStore(),
        notifier=RecordingNotifier(),
        clock=FixedClock.on(TODAY),
        policies=PolicyBook.of(policy),
    )
    app.open_account(Customer(id="A"), key="open")
    app.set_limit(_limit(limit), key="limit")
    return app


def _reserve(app: Receivables, id: str, amount: str) -> str:
    order = Order(id=id, account="A", amount=money(amount), placed_on=TODAY)
    return app.reserve(order, key=f"order {id}").outcome


# Topics -----------------------------------------------------------------------------------------------------------------


def _of_limit(given: Input) -> dict[str, Any]:
    """A limit against what is used and what is asked for; a limit is kept up to and including its amount."""
    if "batch_post" in given:
        raise Unsupported("an invoice is a fact, and is recorded whatever the limit: orders are what is held")
    if "warning" in given or (given["limit"] == "0" and "exposure" in given):
        raise Unsupported("a limit of zero is zero; none is written as none")
    if "overdue_unpaid" in given:
        return {"exceeded": not _standing(given["overdue_unpaid"], given["limit"]).check(money("0")).approved}
    if "additional" not in given:
        raise Unsupported("a limit that is reached is not exceeded: this system blocks a cent earlier")
    return {"allowed": _standing(given["exposure"], given["limit"]).check(money(given["additional"])).approved}


def _override(given: Input) -> dict[str, Any]:
    """Nobody overrides: whoever may decide raises the limit for the order, and is named in it."""
    if "override_by" in given:
        app = _app(given["limit"])
        _reserve(app, "1", given["confirmed_orders"])
        more = CreditLimit(
            account="A",
            currency=EUR,
            amount=money(given["new_order"]),
            valid_from=TODAY,
            kind="temporary",
            maker="clerk",
            approver=given["override_by"],
        )
        app.set_limit(more, key="more")
        _reserve(app, "2", given["new_order"])
        return {"exposure_after": plain(_exposure(app))}
    refused = CreditPolicy(id="credit", version=1, exceeded="refuse")
    decision = _standing(given["exposure"], given["limit"], refused).check(money(given["additional"]))
    return {"outcome": "error" if decision.outcome.value == "refused" else decision.outcome.value}


def _exposure(app: Receivables) -> Money:
    return Money(STRICT.standing(app.view("A", TODAY), "EUR").exposure, EUR)


def _hold(given: Input) -> dict[str, Any]:
    """A stop on credit holds an order whatever the limit, and lets it go when it is lifted."""
    if "action" in given:
        app = _app(None)
        hold = Hold(id="H", account="A", placed_on=TODAY, reason="stop", stops=frozenset({"credit"}))
        app.place_hold(hold, key="stop")
        allowed = [_reserve(app, "1", given["order"]) == "approved"]
        app.release_hold("A", "H", on=TODAY, key="ok")
        return {"allowed": [*allowed, [order.status for order in app.view("A", TODAY).orders] == ["reserved"]]}
    app = _app(given["limit"])
    hold = Hold(
        id="dunning", account="A", placed_on=TODAY, reason="a dunning step was sent", stops=frozenset({"credit"})
    )
    app.place_hold(hold, key="hold")
    return {"allowed": _reserve(app, "1", given["additional"]) == "approved"}


def _of_exposure(given: Input) -> dict[str, Any]:
    """What is open, and what of the orders is not invoiced yet."""
    if "draft_invoices" in given or "events" in given:
        raise Unsupported("there are no drafts: an invoice counts from its issue on, and its order until then")
    if "unpaid_margin_days" in given:
        raise Unsupported("what is open counts alike before and after its due date")
    app = _app(None)
    invoice = Invoice.due(number="I", account="A", issued_on=TODAY, total=money(given["gl_balance"]), due_on=TODAY)
    app.issue_invoice(invoice, key="I")
    for at, each in enumerate(given["orders"]):
        total = Decimal(each["grand_total"])
        rest = total * (100 - Decimal(each["per_billed"])) / 100
        _reserve(app, str(at), str(rest))
    _reserve(app, "delivered", given["delivered_unbilled"])
    return {"exposure": plain(_exposure(app))}


def _utilisation(given: Input) -> dict[str, Any]:
    standing = _standing(given["exposure"], given["limit"])
    assert standing.limit is not None
    assert standing.utilization_percent is not None
    rest = Money(standing.limit - standing.exposure, EUR)
    return {"remaining": plain(rest), "remaining_percent": 100 - standing.utilization_percent}


def _orders(given: Input) -> dict[str, Any]:
    """Confirmed orders use the limit; what is over it is the new one."""
    if "limit" not in given:
        raise Unsupported(MISSING["sub_limit"])
    app = _app(given["limit"])
    first = _reserve(app, "1", given["confirmed_orders"])
    return {"already_exceeded": first != "approved", "blocked": _reserve(app, "2", given["new_order"]) == "held"}


def _dated_limits(given: Input) -> dict[str, Any]:
    """Of the limits that have begun the one that began last counts, of one day the one that was set last."""
    order = given.get("type_order", {})
    limits = sorted(given["limits"], key=lambda each: order.get(each.get("type"), 0))
    found, _ = limit_on(tuple(_limit(each["amount"], day(each["from"])) for each in limits), EUR, day(given["on"]))
    assert isinstance(found, Money)
    return {"limit": plain(found)}


_STATUS = {"approved": "ok", "warned": "watch", "held": "hold"}


def _status(given: Input) -> dict[str, Any]:
    """An order is warned above a share of the limit and held above the limit; the order itself counts."""
    percent = int(Decimal(given["watch_ratio"]) * 100)
    policy = CreditPolicy(id="credit", version=1, warn_percent=percent)
    decision = _standing(given["open_balance"], given["limit"], policy).check(money(given.get("additional", "0")))
    status = _STATUS[decision.outcome.value]
    if "additional" in given:
        raise Unsupported("an order is added first, and the rule of the peers is not offered")
    return {"status": status}


def _validation(given: Input) -> dict[str, Any]:
    raise Unsupported("a second limit is not an error: it replaces the first from its own date on")


_TOPICS: dict[str, Callable[[Input], dict[str, Any]]] = {
    "limit": _of_limit,
    "override": _override,
    "hold": _hold,
    "exposure": _of_exposure,
    "utilisation": _utilisation,
    "orders": _orders,
    "dated_limits": _dated_limits,
    "status": _status,
    "validation": _validation,
}
