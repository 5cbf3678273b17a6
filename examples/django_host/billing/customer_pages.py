"""The customer's page: what is open, how to pay, and what can be asked for. The token says whose; nothing on the page does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing import company, ledger
from billing.forms import FORMS, AskForm, fresh_ticket
from billing.links import LinkExpired, customer_of
from billing.models import Customer
from billing.words import STATUS, names_of, request_in_words, to_customer
from receivables import ReceivablesError, View
from receivables.documents.request import DefermentRequest, PromiseRequest, Request
from receivables.errors import CardNumberRefused, KeyReused
from receivables.policies.requests import answer
from receivables.reports.payment_options import payment_choices
from receivables.reports.portal import due_when, statement_of
from receivables.state.request import RequestState

MOST_A_DAY = 20
"""So often a customer may ask on one day; the policy answers each of them, and a machine could ask for ever."""

Page = Callable[..., HttpResponse]


def of_customer(page: Page) -> Page:
    """A page that a customer's token opens; an expired one is told so, any other finds nothing."""

    @wraps(page)
    def checked(request: HttpRequest, code: str, token: str, **more: Any) -> HttpResponse:
        try:
            customer = customer_of(code, token)
        except LinkExpired:
            return render(request, "billing/expired.html", status=410)
        return page(request, customer, token, **more)

    return checked


@require_safe
@of_customer
def show(request: HttpRequest, customer: Customer, token: str) -> HttpResponse:
    """The page."""
    return render(request, "billing/customer.html", shown(customer, token, asked=request.GET.get("asked")))


@transaction.non_atomic_requests
@require_POST
@of_customer
def ask(request: HttpRequest, customer: Customer, token: str, kind: str) -> HttpResponse:
    """Record what a customer asks for, with its answer; a form that cannot be right comes back with what is wrong."""
    view = ledger.view_of(customer)
    if kind not in FORMS:
        raise Http404
    if sum(state.asked_on == view.as_of for state in view.requests) >= MOST_A_DAY:
        return render(request, "billing/too_many.html", status=429)
    form = FORMS[kind](view, request.POST)
    if form.is_valid() and _recorded(form, customer):
        there = reverse("customer", args=[customer.code, token])
        return HttpResponseRedirect(f"{there}?asked={form.id()}#answer")
    form.renew()
    return render(request, "billing/customer.html", shown(customer, token, failed=form), status=422)


def _recorded(form: AskForm, customer: Customer) -> bool:
    """Whether the request is recorded; what the library refuses is said beside the form."""
    try:
        wanted = form.request()
        key = f"portal {wanted.id}"
        ledger.transact(lambda books: books.request_arrangement(wanted, key=key, by=f"customer {customer.code}"))
    except CardNumberRefused:
        form.add_error("note", "This looks like a card number. Please leave it out.")
    except KeyReused:
        form.add_error(None, "This form was sent before. Please look at what you asked for, and begin anew.")
    except ReceivablesError:
        form.add_error(None, "We could not take this. Please check the amount and the day.")
    return form.is_valid()


def shown(customer: Customer, token: str, asked: str | None = None, failed: AskForm | None = None) -> dict[str, Any]:
    """All that stands on the page of a customer, and nothing of any other."""
    view = ledger.view_of(customer)
    statement, due = statement_of(view), due_when(view)
    forms = {kind: failed if failed is not None and failed.kind == kind else form(view) for kind, form in FORMS.items()}
    return {
        "customer": customer,
        "token": token,
        "as_of": view.as_of,
        "statement": statement,
        "due": due,
        "next_due": next((line for line in due.lines if not line.days_overdue), None),
        "choices": payment_choices(view, options=company.OPTIONS),
        "forms": forms if view.books else {},
        "failed": failed,
        "requests": [_request(view, state) for state in reversed(view.requests)],
        "names": names_of(view),
        "answer": _answer(view, asked) if asked else None,
    }


def _request(view: View, state: RequestState) -> dict[str, Any]:
    return {
        "words": request_in_words(state.request, names_of(view)),
        "status": STATUS[state.status],
        "code": state.status,
        "asked_on": state.asked_on,
        "reasons": to_customer(state.reasons) if state.status != "accepted" else [],
    }


def _answer(view: View, asked: str) -> dict[str, Any] | None:
    """The answer to what was just asked, and what we would agree to instead."""
    state = next((state for state in view.requests if state.request.id == asked), None)
    if state is None:
        return None
    found = _request(view, state)
    if state.status == "refused" and view.customer is not None:
        instead = answer(view, state.request, ledger.BOOK.arrangement_for(view.customer)).instead
        if instead is not None:
            found["instead"] = request_in_words(instead.request, names_of(view))
            found["kind"], found["fields"] = instead.request.kind, _fields(instead.request)
    return found


def _fields(request: Request) -> list[tuple[str, str]]:
    """A request as the fields of its form, with a ticket of its own."""
    match request:
        case PromiseRequest():
            amount = request.amount
            fields = [("items", item) for item in request.items]
            fields += [("amount", str(amount.amount)), ("currency", amount.currency.code)]
            fields += [("pay_by", request.pay_by.isoformat())]
        case DefermentRequest():
            fields = [("item", request.item), ("until", request.until.isoformat())]
        case _:
            raise Http404
    return [("ticket", fresh_ticket()), *fields]
