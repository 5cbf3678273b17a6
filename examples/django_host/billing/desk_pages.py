"""The collector's desk: who needs attention, the story of an account with every reason, letters and requests to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import ledger
from billing.forms import DecisionForm, OrderForm
from billing.links import link_for
from billing.models import Customer
from billing.story import story_of
from billing.words import DESK_STATUS, action_in_words, names_of, request_in_words, to_desk, work_in_words
from receivables import Money, Receipt, Receivables, ReceivablesError, View
from receivables.reports.portal import statement_of
from receivables.reports.worklist import worklist
from receivables.state.view import NoticeState

Page = Callable[..., HttpResponse]

MOST = 100
"""So many accounts the worklist shows; it says how many more need a person."""


def for_collectors(page: Page) -> Page:
    """A page behind the login, for who has the permission."""
    return login_required(permission_required("billing.collect", raise_exception=True)(page))


@require_safe
@for_collectors
def worklist_page(request: HttpRequest) -> HttpResponse:
    """Who needs a person, the most pressing first."""
    engine, day = ledger.books(), ledger.today()
    names = dict(Customer.objects.values_list("code", "name"))
    found = worklist(map(engine.account, names), day, ledger.BOOK, zone=ledger.ZONE, most=MOST)
    rows = [
        {
            "line": line,
            "name": names[line.account],
            "action": action_in_words(line.action),
            "reasons": [(work_in_words(reason), reason.points) for reason in line.reasons],
        }
        for line in found.lines
    ]
    return render(request, "billing/worklist.html", {"rows": rows, "list": found, "as_of": day, "here": "worklist"})


@require_safe
@for_collectors
def notices_page(request: HttpRequest) -> HttpResponse:
    """The letters that wait for a person."""
    waiting = [
        {"customer": customer, "notice": state.notice, "queued_on": state.queued_on, "names": names_of(view)}
        for customer, view in _views()
        for state in _proposed(view)
    ]
    return render(request, "billing/notices.html", {"waiting": waiting, "as_of": ledger.today(), "here": "notices"})


@require_safe
@for_collectors
def account_page(request: HttpRequest, code: str) -> HttpResponse:
    """The account: what is open, what is decided and why, and all that happened."""
    return render(request, "billing/account.html", _account(get_object_or_404(Customer, code=code)))


@transaction.non_atomic_requests
@require_POST
@for_collectors
def place_order(request: HttpRequest, code: str) -> HttpResponse:
    """An order, checked and recorded with its row."""
    customer, form = get_object_or_404(Customer, code=code), OrderForm(request.POST, label_suffix="")
    if not form.is_valid():
        return render(request, "billing/account.html", _account(customer) | {"order_form": form}, status=422)
    number, by = form.cleaned_data["number"], request.user.get_username()
    try:
        amount = Money.of(form.cleaned_data["amount"], "EUR")
        _, receipt = ledger.place_order(customer, number, amount, by=by)
    except ReceivablesError as error:
        form.add_error("number", str(error))
        return render(request, "billing/account.html", _account(customer) | {"order_form": form}, status=422)
    because = f": {'; '.join(map(to_desk, receipt.reasons))}" if receipt.reasons else "."
    level = messages.SUCCESS if receipt.approved else messages.WARNING
    messages.add_message(request, level, f"Order {number} is {receipt.outcome}{because}")
    return redirect("account", code=code)


@transaction.non_atomic_requests
@require_POST
@for_collectors
def answer_notice(request: HttpRequest, code: str, notice: str) -> HttpResponse:
    """Let a letter go out, or stop it; the daily command sends it."""
    form, by = DecisionForm(request.POST), request.user.get_username()

    def work(books: Receivables) -> Receipt:
        if form.cleaned_data["decision"] == "yes":
            return books.approve_notice(code, notice, by=by, key=f"approve {notice}")
        return books.reject_notice(code, notice, reason=form.cleaned_data["reason"], by=by, key=f"reject {notice}")

    said = {"yes": "The letter goes out with the next delivery.", "no": "The letter was stopped."}
    return _decided(request, form, work, said, reverse("notices"))


@transaction.non_atomic_requests
@require_POST
@for_collectors
def answer_request(request: HttpRequest, code: str, request_id: str) -> HttpResponse:
    """Say yes or no to what a customer asked for."""
    form, by = DecisionForm(request.POST), request.user.get_username()

    def work(books: Receivables) -> Receipt:
        accept = form.cleaned_data["decision"] == "yes"
        reason = form.cleaned_data["reason"] or "agreed"
        return books.answer_request(code, request_id, accept=accept, reason=reason, by=by, key=f"answer {request_id}")

    said = {"yes": "What was asked for is agreed.", "no": "The request was refused."}
    return _decided(request, form, work, said, reverse("account", args=[code]))


@require_POST
@for_collectors
def revoke_links(request: HttpRequest, code: str) -> HttpResponse:
    """Have all links of a customer open nothing any more."""
    customer = get_object_or_404(Customer, code=code)
    customer.links_revoked += 1
    customer.save(update_fields=["links_revoked"])
    messages.success(request, "All links that were given out are dead. The new one is below.")
    return redirect("account", code=code)


def _decided(
    request: HttpRequest, form: DecisionForm, work: Callable[[Receivables], Receipt], said: dict[str, str], there: str
) -> HttpResponse:
    """Do what the form says, and go back with a word."""
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect(there)
    try:
        ledger.transact(work)
        messages.success(request, said[form.cleaned_data["decision"]])
    except ReceivablesError as error:
        messages.error(request, f"Nothing was changed: {error}")
    return redirect(there)


def _views() -> Iterator[tuple[Customer, View]]:
    """Every customer with its view of today, one at a time."""
    engine, day = ledger.books(), ledger.today()
    for customer in Customer.objects.iterator():
        yield customer, engine.view(customer.code, day)


def _proposed(view: View) -> list[NoticeState]:
    return [state for state in view.notices if state.status == "proposed"]


def _account(customer: Customer) -> dict[str, Any]:
    """All that stands on the page of an account."""
    engine, day = ledger.books(), ledger.today()
    view = engine.view(customer.code, day)
    if view.customer is None:
        raise Http404
    events, earlier = story_of(engine.history(customer.code))
    return {
        "customer": customer,
        "as_of": day,
        "statement": statement_of(view),
        "names": names_of(view),
        "limits": view.limits,
        "dunning": [_with_amounts(row) for row in engine.dunning_plan(customer.code, day).rows()],
        "orders": [
            {
                "order": each.order,
                "status": DESK_STATUS.get(each.status, each.status),
                "held": each.status == "held",
                "reasons": list(map(to_desk, each.reasons)),
                "record": each.record,
                "decided_on": each.decided_on,
            }
            for each in view.orders
        ],
        "requests": [
            {
                "state": state,
                "words": request_in_words(state.request, names_of(view)),
                "status": DESK_STATUS.get(state.status, state.status),
                "reasons": list(map(to_desk, state.reasons)),
            }
            for state in reversed(view.requests)
        ],
        "notices": [{"state": state, "status": DESK_STATUS.get(state.status, state.status)} for state in view.notices],
        "events": events,
        "earlier": earlier,
        "link": link_for(customer),
        "order_form": OrderForm(label_suffix=""),
    }


def _with_amounts(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a report with its amounts as money again."""
    return row | {name: Money.of(row[name], row["currency"]) for name in ("open", "dunnable")}
