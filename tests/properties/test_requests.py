"""What holds for every request of every customer: what is accepted can be recorded, and who asks for less fares no worse."""

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import attrs
from hypothesis import event, given, settings
from hypothesis import strategies as st

from receivables import Customer, Invoice, MemoryStore, Money, Payment, PolicyBook, Receivables, ReceivablesError
from receivables.documents.dispute import Dispute
from receivables.documents.hold import Hold
from receivables.documents.payment import Designation
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.promise import Promise
from receivables.documents.request import OUTCOMES, DefermentRequest, PlanRequest, PromiseRequest
from receivables.facts.credit import HoldPlaced
from receivables.facts.payment_plan import PlanAgreed
from receivables.facts.promise import PromiseMade
from receivables.facts.request import RequestMade
from receivables.policies.arrangements import REFERABLE, ArrangementPolicy
from receivables.policies.request_rules import NOT_KEPT
from receivables.policies.requests import answer
from receivables.reports.payment_options import payment_choices
from receivables.reports.portal import due_when, statement_of
from receivables.testing import FixedClock, RecordingNotifier

TODAY = dt.date(2026, 6, 8)
START = TODAY - dt.timedelta(days=40)
ITEMS = ("A", "B", "C")
GRANTED = {"promise": PromiseMade, "deferment": HoldPlaced, "plan": PlanAgreed}


def eur(minor):
    return Money.from_minor(minor, "EUR")


def days(least, most):
    return st.integers(least, most).map(lambda count: TODAY + dt.timedelta(days=count))


def app_on(day, policies, store):
    clock = FixedClock.on(day)
    return Receivables(store=store, notifier=RecordingNotifier(), clock=clock, policies=policies)


@st.composite
def narrow(draw):
    return ArrangementPolicy(
        id="portal",
        version=1,
        most_amounts=(eur(draw(st.sampled_from((0, 10_000, 60_000)))),),
        longest_promise_days=draw(st.sampled_from((0, 14, 40))),
        most_open_promises=draw(st.integers(0, 3)),
        most_not_kept=draw(st.integers(0, 3)),
        promise_tolerance_days=draw(st.integers(0, 5)),
        longest_deferment_days=draw(st.sampled_from((0, 14, 40))),
        most_deferments=draw(st.integers(0, 2)),
        defers_interest=draw(st.booleans()),
        most_installments=draw(st.sampled_from((0, 3, 8))),
        longest_plan_days=draw(st.sampled_from((0, 90, 400))),
        first_within_days=draw(st.sampled_from((10, 40))),
        first_least_percent=Decimal(draw(st.integers(0, 100))),
        least_installments=(eur(draw(st.sampled_from((0, 500, 5_000)))),),
        disputed_excluded=draw(st.booleans()),
        refers=draw(st.frozensets(st.sampled_from(sorted(REFERABLE)))),
    )


WIDE = ArrangementPolicy(
    id="portal",
    version=1,
    most_amounts=(eur(60_000),),
    longest_promise_days=40,
    most_open_promises=3,
    most_not_kept=3,
    longest_deferment_days=40,
    most_deferments=2,
    most_installments=8,
    longest_plan_days=400,
    first_within_days=40,
    first_least_percent=Decimal(10),
    plan_grace_days=3,
)


def policies():
    return st.just(WIDE) | narrow()


@st.composite
def requests(draw, kinds=("promise", "deferment", "plan")):
    head = {"id": "R-1", "account": "ACME"}
    some = tuple(draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True)))
    match draw(st.sampled_from(kinds)):
        case "promise":
            amount, pay_by = eur(draw(st.integers(1, 40_000))), draw(days(-2, 50))
            return PromiseRequest(amount=amount, pay_by=pay_by, items=draw(st.sampled_from((some, ()))), **head)
        case "deferment":
            return DefermentRequest(item=some[0], until=draw(days(-2, 80)), **head)
        case _:
            first = draw(st.none() | st.integers(1, 30_000).map(eur))
            count, months = draw(st.integers(1, 10)), draw(st.integers(1, 3))
            return PlanRequest(
                items=some, count=count, first_on=draw(days(-2, 50)), every_months=months, first=first, **head
            )


@st.composite
def stores(draw):
    """A customer with three invoices, and what may have happened since: whatever a plan refuses did not."""
    store = MemoryStore()
    app = app_on(START, PolicyBook.of(), store)
    app.open_account(Customer(id="ACME"), key="open")
    app.open_account(Customer(id="OTHER"), key="open other")
    for number in (*ITEMS, "SECRET"):
        account = "OTHER" if number == "SECRET" else "ACME"
        due_on, total = draw(days(-30, 30)), eur(draw(st.integers(1, 20_000)))
        invoice = Invoice.due(number=number, account=account, issued_on=START, total=total, due_on=due_on)
        app.issue_invoice(invoice, key=f"issue {number}")
    moment = st.tuples(st.sampled_from(sorted(EVENTS)), st.sampled_from(ITEMS), days(-39, 0), st.integers(1, 20_000))
    for at, (happened, item, day, minor) in enumerate(
        sorted(draw(st.lists(moment, max_size=5)), key=lambda each: each[2])
    ):
        with suppress(ReceivablesError):
            EVENTS[happened](app_on(day, PolicyBook.of(), store), f"E-{at}", item, day, eur(minor))
    return store


def _pay(app, id, item, day, amount):
    app.receive_payment(Payment(id=id, account="ACME", amount=amount, value_date=day), key=f"pay {id}")
    app.apply("ACME", id, item, min(amount, app.view("ACME", day).open(item)), key=id)


def _dispute(app, id, item, day, amount):
    dispute = Dispute(id=id, account="ACME", item=item, reason="price", opened_on=day, amount=amount)
    app.open_dispute(dispute, key=id)


def _promise(app, id, item, day, amount):
    later = day + dt.timedelta(days=amount.minor % 60)
    promise = Promise(id=id, account="ACME", items=(item,), amount=amount, made_on=day, pay_by=later)
    app.make_promise(promise, by="ann", approver="bob", key=id)


def _defer(app, id, item, day, amount):
    until = day + dt.timedelta(days=amount.minor % 60)
    hold = Hold(id=id, account="ACME", placed_on=day, kind="deferment", item=item, until=until, reason="asked")
    app.place_hold(hold, key=id)


def _plan(app, id, item, day, amount):
    view = app.view("ACME", day)
    half = view.open(item).split([1, 1])
    parts = tuple(
        PlanInstallment(due_on=day + dt.timedelta(days=10 + 20 * at), amount=part) for at, part in enumerate(half)
    )
    plan = PaymentPlan(id=id, account="ACME", items=(item,), agreed_on=day, installments=parts)
    app.agree_plan(plan, key=id)


def _announce(app, id, item, day, amount):
    meant = Designation(item=item, amount=amount)
    payment = Payment(id=id, account="ACME", amount=amount, value_date=day, status="pending", designated=(meant,))
    app.receive_payment(payment, key=id)


EVENTS = {"announce": _announce, "pay": _pay, "dispute": _dispute, "promise": _promise, "defer": _defer, "plan": _plan}


@given(store=stores(), policy=policies(), request=requests())
@settings(max_examples=150, deadline=None)
def test_what_is_accepted_is_recorded_and_what_is_not_leaves_the_request_alone(store, policy, request):
    app = app_on(TODAY, PolicyBook.of(policy), store)
    before = len(store.facts("ACME"))
    found = answer(app.view("ACME", TODAY), request, policy)
    event(f"{request.kind} {found.outcome}")
    receipt = app.request_arrangement(request, key="ask")
    made, *granted = store.facts("ACME")[before:]
    assert isinstance(made, RequestMade)
    assert (receipt.outcome, receipt.reasons) == (found.outcome, found.reasons)
    granted = [type(fact) for fact in granted if isinstance(fact, tuple(GRANTED.values()))]
    assert granted == ([GRANTED[request.kind]] if found.accepted else [])
    assert found.accepted == (not found.reasons)


@given(store=stores(), policy=policies(), request=requests())
@settings(max_examples=150, deadline=None)
def test_what_is_offered_instead_is_accepted_when_it_is_asked_for(store, policy, request):
    app = app_on(TODAY, PolicyBook.of(policy), store)
    instead = answer(app.view("ACME", TODAY), request, policy).instead
    if instead is not None:
        assert app.request_arrangement(instead.request, key="ask").outcome == "accepted"


@given(store=stores(), policy=policies(), request=requests(kinds=("plan",)))
@settings(max_examples=100, deadline=None)
def test_the_installments_that_are_offered_are_exactly_what_is_open_and_not_disputed(store, policy, request):
    view = app_on(TODAY, PolicyBook.of(policy), store).view("ACME", TODAY)
    found = answer(view, request, policy)
    for offered in (found.terms, found.instead.terms if found.instead else None):
        if offered is not None:
            free = [view.open(item) - view.disputed(item) for item in offered.items]
            assert offered.total == Money.total(free, "EUR")
            assert offered.installments[0].amount.minor >= (
                offered.total.minor * Fraction(policy.first_least_percent) / 100
            )


@given(store=stores(), policy=policies(), request=requests(), less=st.data())
@settings(max_examples=200, deadline=None)
def test_who_asks_for_less_is_never_answered_worse(store, policy, request, less):
    view = app_on(TODAY, PolicyBook.of(policy), store).view("ACME", TODAY)
    lesser = less.draw(_less(request))
    asked, asked_less = answer(view, request, policy), answer(view, lesser, policy)
    assert OUTCOMES.index(asked_less.outcome) <= OUTCOMES.index(asked.outcome), (asked, asked_less)


def _less(request):
    """Earlier, but not in the past; a smaller amount; fewer installments, closer together."""

    def earlier(day):
        return (
            st.just(day)
            if day <= TODAY
            else st.integers(0, (day - TODAY).days).map(lambda count: TODAY + dt.timedelta(days=count))
        )

    match request:
        case PromiseRequest():
            smaller = st.integers(1, request.amount.minor).map(eur)
            return st.builds(attrs.evolve, st.just(request), amount=smaller, pay_by=earlier(request.pay_by))
        case DefermentRequest():
            return st.builds(attrs.evolve, st.just(request), until=earlier(request.until))
        case PlanRequest():
            fewer, closer = st.integers(1, request.count), st.integers(1, request.every_months)
            first_on = earlier(request.first_on)
            return st.builds(attrs.evolve, st.just(request), count=fewer, every_months=closer, first_on=first_on)


@given(store=stores(), policy=policies(), request=requests())
@settings(max_examples=60, deadline=None)
def test_a_promise_after_one_that_was_not_kept_is_never_accepted_without_a_person(store, policy, request):
    view = app_on(TODAY, PolicyBook.of(policy), store).view("ACME", TODAY)
    found = answer(view, request, policy)
    if found.accepted and request.kind == "promise":
        failed = {item for state in view.promises if state.status in NOT_KEPT for item in state.items}
        assert failed.isdisjoint(found.terms.items)


@given(store=stores())
@settings(max_examples=100, deadline=None)
def test_all_that_a_customer_sees_adds_up_to_the_view_and_shows_no_row_of_another(store):
    app = app_on(TODAY, PolicyBook.of(), store)
    view = app.view("ACME", TODAY)
    statement, due, choices = statement_of(view), due_when(view), payment_choices(view)
    open_ = view.open_total("EUR")
    disputed = Money.total((item.disputed for item in statement.items), "EUR")
    assert Money.total((item.open for item in statement.items), "EUR") == open_
    assert Money.total((line.amount for line in due.lines), "EUR") == open_ - disputed
    coming = Money.total((item.coming for item in statement.items), "EUR")
    assert Money.total((item.amount for item in choices.items), "EUR") == open_ - disputed - coming
    assert all(line.amount.minor > 0 for line in due.lines)
    for shown in (statement, due, choices):
        assert "SECRET" not in str(shown)
        assert "OTHER" not in str(shown)
        assert "SECRET" not in repr(shown.rows())


@given(store=stores(), policy=policies(), request=requests())
@settings(max_examples=60, deadline=None)
def test_an_item_of_another_customer_is_answered_like_one_that_never_was(store, policy, request):
    view = app_on(TODAY, PolicyBook.of(policy), store).view("ACME", TODAY)
    field = "item" if request.kind == "deferment" else "items"

    def about(name):
        named = attrs.evolve(request, **{field: name if field == "item" else (name,)})
        found = answer(view, named, policy)
        return found.outcome, found.reasons, found.terms, found.instead

    assert about("SECRET") == about("NOWHERE")
    assert about("SECRET")[0] == "refused"
