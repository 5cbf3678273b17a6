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
    CreditNote,
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
from receivables.documents.credit import DraftInvoice
from receivables.documents.exchange import ExchangeRate
from receivables.policies.credit import CreditStanding, SubLimit, limit_on
from receivables.policies.limits import LimitDefault, granted_on
from receivables.testing import FixedClock, RecordingNotifier

Case = dict[str, Any]
Input = Mapping[str, Any]

TODAY = dt.date(2026, 3, 2)
EUR = Currency.of("EUR")
STRICT = CreditPolicy(id="credit", version=1, no_limit="approve")
"""A limit that was never set is none, as in the systems that the cases come from."""


def answer(case: Case) -> dict[str, Any]:
    """The mapping is by the topic."""
    topic = case["topic"]
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
        raise Unsupported("an invoice is a fact, and is recorded whatever the limit: its order is what is held")
    if "warning" in given or (given["limit"] == "0" and "exposure" in given):
        raise Unsupported("a limit of zero is zero; none is written as none")
    if "overdue_unpaid" in given:
        return {"exceeded": not _standing(given["overdue_unpaid"], given["limit"]).check(money("0")).approved}
    if "additional" not in given:
        raise Unsupported("a limit that is reached is not exceeded: this system blocks a cent earlier")
    return {"allowed": _standing(given["exposure"], given["limit"]).check(money(given["additional"])).approved}


def _override(given: Input) -> dict[str, Any]:
    """A held order is let go by a person, with the reasons that held it in its record."""
    if "override_by" in given:
        app = _app(given["limit"])
        _reserve(app, "1", given["confirmed_orders"])
        assert _reserve(app, "2", given["new_order"]) == "held"
        app.release_held_order("A", "2", reason="goes on", by="clerk", approver=given["override_by"], key="go on")
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
    if "draft_invoices" in given:
        return _drafted(given)
    if "events" in given:
        return _life_cycle(given)
    if "unpaid_margin_days" in given:
        return _with_margin(given)
    app = _app(None)
    invoice = Invoice.due(number="I", account="A", issued_on=TODAY, total=money(given["gl_balance"]), due_on=TODAY)
    app.issue_invoice(invoice, key="I")
    for at, each in enumerate(given["orders"]):
        total = Decimal(each["grand_total"])
        rest = total * (100 - Decimal(each["per_billed"])) / 100
        _reserve(app, str(at), str(rest))
    _reserve(app, "delivered", given["delivered_unbilled"])
    app.deliver_order("A", "delivered", money(given["delivered_unbilled"]), on=TODAY, key="deliver")
    return {"exposure": plain(_exposure(app))}


def _drafted(given: Input) -> dict[str, Any]:
    """Drafts count gross, where the policy counts them."""
    app = _app(None)
    for at, each in enumerate(given["draft_invoices"]):
        gross = Decimal(each["net"]) * (100 + Decimal(each["tax_percent"])) / 100
        draft = DraftInvoice(id=str(at), account="A", amount=money(str(gross)), drafted_on=TODAY)
        app.record_draft(draft, key=f"draft {at}")
    policy = CreditPolicy(id="credit", version=1, counts=frozenset(given["include"]))
    return {"risk_total": plain(Money(policy.standing(app.view("A", TODAY), "EUR").exposure, EUR))}


def _with_margin(given: Input) -> dict[str, Any]:
    days = int(given["maturity"].removeprefix("today-").removesuffix("D"))
    due_on = TODAY - dt.timedelta(days=days)
    invoice = Invoice.due(number="I", account="A", issued_on=due_on, total=money(given["amount"]), due_on=due_on)
    view = Account.of(Customer(id="A"), invoices=[invoice]).view(TODAY)
    used = CreditPolicy(id="credit", version=1, overdue_margin_days=given["unpaid_margin_days"]).exposure(view, "EUR")
    return {"open": plain(Money(used.of("open"), EUR)), "unpaid": plain(Money(used.of("overdue"), EUR))}


def _life_cycle(given: Input) -> dict[str, Any]:
    """One amount that walks through order, draft, invoice, credit note and back, and is given up."""
    app, amount = _app(None), given["order"]
    found: dict[str, list[str]] = {"orders": [], "draft": [], "open": []}

    def draft() -> None:
        of_order = DraftInvoice(id="D", account="A", amount=money(amount), drafted_on=TODAY, order="1")
        app.record_draft(of_order, key="draft")

    def post() -> None:
        invoice = Invoice.due(number="D", account="A", issued_on=TODAY, total=money(amount), due_on=TODAY, order="1")
        app.issue_invoice(invoice, key="post")

    def take_back() -> None:
        note = CreditNote(number="C", account="A", issued_on=TODAY, total=money(amount), against="D")
        app.issue_credit_note(note, restores=True, key="note")

    steps: dict[str, Callable[[], object]] = {
        "confirm": lambda: _reserve(app, "1", amount),
        "draft invoice": draft,
        "post invoice": post,
        "credit note, invoice removed": take_back,
        "quantity to 0": lambda: app.release_order("A", "1", on=TODAY, key="cancel"),
    }
    for event in given["events"]:
        steps[event]()
        used = STRICT.exposure(app.view("A", TODAY), "EUR")
        for name, component in (("orders", "ordered"), ("draft", "draft"), ("open", "open")):
            found[name].append(plain(Money(used.of(component), EUR)))
    return found


def _utilisation(given: Input) -> dict[str, Any]:
    standing = _standing(given["exposure"], given["limit"])
    assert standing.limit is not None
    assert standing.utilization_percent is not None
    rest = Money(standing.limit - standing.exposure, EUR)
    return {"remaining": plain(rest), "remaining_percent": 100 - standing.utilization_percent}


def _orders(given: Input) -> dict[str, Any]:
    """Confirmed orders use the limit, or their part of it; what is over it is the new one."""
    parts = _parts(given.get("sub_limits", {}))
    app = _app(given.get("limit"), CreditPolicy(id="credit", version=1, no_limit="approve", sub_limits=parts))
    first = _reserve(app, "1", given["confirmed_orders"])
    second = app.reserve(Order(id="2", account="A", amount=money(given["new_order"]), placed_on=TODAY), key="2")
    reason = {"ordered_sub_limit": "orders sub-limit", "limit_exceeded": "total"}[second.reasons[0].code]
    return {"already_exceeded": first != "approved", "blocked": second.outcome == "held", "reason": reason}


_COMPONENTS = {"orders": "ordered", "open_not_due": "open", "unpaid": "overdue"}


def _parts(given: Input) -> tuple[SubLimit, ...]:
    """Parts of the limit; there a part of zero is none, and none is not written here."""
    wanted = {_COMPONENTS[name]: money(amount) for name, amount in given.items() if Decimal(amount)}
    return tuple(SubLimit(component=name, amount=amount) for name, amount in wanted.items())


def _sub_limit(given: Input) -> dict[str, Any]:
    """A part of the limit for a component, which an invoice can exceed: the next order is held then."""
    policy = CreditPolicy(id="credit", version=1, no_limit="approve", sub_limits=_parts(given["sub_limits"]))
    late = "overdue_unpaid" in given
    due_on = TODAY - dt.timedelta(days=1 if late else 0)
    total = money(given["overdue_unpaid"] if late else given["new_invoice"])
    invoice = Invoice.due(number="I", account="A", issued_on=due_on, total=total, due_on=due_on)
    limits = [_limit(given["limit"])] if "limit" in given else []
    account = Account.of(Customer(id="A"), invoices=[invoice], limits=limits)
    decision = policy.standing(account.view(TODAY), "EUR").check(money("0.01"))
    if late:
        return {"exceeded": not decision.approved}
    reason = {"open_sub_limit": "open invoices"}[decision.reasons[0].code]
    return {"blocked": not decision.approved, "reason": reason}


def _insurance(given: Input) -> dict[str, Any]:
    """The limit is at least what is insured, and what is above that is the own risk."""
    limits = [_limit(given["customer_limit"])] if "customer_limit" in given else []
    limits += [_limit(given["insured"], kind="insured")] if "insured" in given else []
    found = granted_on(tuple(limits), EUR, TODAY, defaults=_defaults(given.get("company_default")), insured_raises=True)
    assert found.limit is not None
    assert found.own_risk is not None
    return {"limit": plain(Money(found.limit, EUR)), "own_risk": plain(Money(found.own_risk, EUR))}


def _defaults(company: str | None, segment: str | None = None) -> tuple[LimitDefault, ...]:
    given = ((None, company), ("S", segment))
    return tuple(
        LimitDefault(currency=EUR, amount=money(amount), segment=name) for name, amount in given if amount is not None
    )


def _inheritance(given: Input) -> dict[str, Any]:
    """Own, segment, company. There a zero falls through; here that is a limit which was never set."""
    limits = {name: amount for name, amount in given["limits"].items() if Decimal(amount)}
    own = tuple(_limit(limits[name]) for name in ("customer",) if name in limits)
    defaults = _defaults(limits.get("company"), limits.get("group"))
    found = granted_on(own, EUR, TODAY, customer=Customer(id="A", segment="S"), defaults=defaults)
    assert found.limit is not None
    return {"effective_limit": plain(Money(found.limit, EUR))}


def _fx(given: Input) -> dict[str, Any]:
    """An order in another currency counts against the limit by the rate."""
    policy = CreditPolicy(id="credit", version=1, limit_currency=EUR)
    rate = ExchangeRate.of("USD", "EUR", given["rate_main_per_foreign"], on=TODAY, source="case")
    view = Account.of(Customer(id="A"), limits=[_limit(given["limit"])]).view(TODAY)
    standing = policy.standing(view, "USD", rates=[rate])
    return {"allowed": standing.check(Money.of(given["order_foreign"], "USD")).approved}


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
    """Where the policy wants it so, a limit on the days of another one of its kind is refused."""
    app = _app(given["limits"][0]["limit"], CreditPolicy(id="credit", version=1, overlaps="refuse"))
    app.set_limit(_limit(given["limits"][1]["limit"]), key="second")
    return {"limit": given["limits"][1]["limit"]}


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
    "sub_limit": _sub_limit,
    "insurance": _insurance,
    "inheritance": _inheritance,
    "fx": _fx,
}
