"""What customers and collectors send. A ticket makes each form one request: sent twice, it is answered once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django import forms

from billing.templatetags.figures import called, day, money
from billing.words import names_of
from receivables import Money, View
from receivables.documents.request import DefermentRequest, PromiseRequest, Request


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **more: Any) -> None:
        super().__init__(format="%Y-%m-%d", **more)


class OneOf(forms.ChoiceField):
    """One of what is offered, or what was asked for before: a form that is sent twice is answered twice alike."""

    before: frozenset[str] = frozenset()

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or value in self.before


class SomeOf(forms.MultipleChoiceField):
    """Some of what is offered, or what was asked for before."""

    before: frozenset[str] = frozenset()

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value) or value in self.before


class AskForm(forms.Form):
    """What every request has."""

    ticket = forms.RegexField(regex=r"\A[0-9a-f]{16}\Z", widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=500,
        label="A word to us",
        help_text="Optional. Please give no card numbers.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    kind: str
    field_order: list[str]

    def __init__(self, view: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{self.kind}-%s", label_suffix="", **kwargs)
        self.view = view
        self.fields["ticket"].initial = fresh_ticket()

    def offer(self, name: str, choices: list[tuple[str, str]], before: Iterable[str]) -> None:
        """What can be chosen, and what was chosen in a request of this customer and may be gone since."""
        self.fields[name].choices = choices
        self.fields[name].before = frozenset(before)

    def renew(self) -> None:
        """Give the form another ticket, before it is shown again."""
        self.data = self.data.copy()
        self.data["ticket"] = fresh_ticket()

    def id(self) -> str:
        """The id of the request: the account's own, so that two customers never meet."""
        return f"web-{self.view.account}-{self.cleaned_data['ticket']}"

    def request(self) -> Request:
        """What is asked, as the library takes it."""
        raise NotImplementedError


class PromiseForm(AskForm):
    """May I pay so much by a day?"""

    kind = "promise"
    field_order = ["ticket", "items", "amount", "currency", "pay_by", "note"]
    items = SomeOf(
        required=False,
        label="For which invoices?",
        help_text="Tick none for everything that is open.",
        widget=forms.CheckboxSelectMultiple,
    )
    amount = forms.DecimalField(
        min_value=0, max_digits=14, decimal_places=2, label="Amount", widget=forms.NumberInput(attrs={"step": "0.01"})
    )
    currency = OneOf(label="Currency")
    pay_by = forms.DateField(label="I will pay by", widget=DateInput)

    def __init__(self, view: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(view, *args, **kwargs)
        asked = [state.request for state in view.requests if isinstance(state.request, PromiseRequest)]
        codes = [book.currency.code for book in view.books]
        self.offer("items", open_items(view), (item for request in asked for item in request.items))
        self.offer("currency", [(code, code) for code in codes], (request.amount.currency.code for request in asked))
        if len(codes) == 1:
            self.fields["currency"].widget = forms.HiddenInput()
            self.fields["currency"].initial = codes[0]
            self.fields["amount"].label = f"Amount in {codes[0]}"

    def request(self) -> PromiseRequest:
        """What is asked, as the library takes it."""
        data = self.cleaned_data
        return PromiseRequest(
            id=self.id(),
            account=self.view.account,
            items=tuple(data["items"]),
            amount=Money.of(data["amount"], data["currency"]),
            pay_by=data["pay_by"],
            note=data["note"],
        )


class DefermentForm(AskForm):
    """May it wait until a day?"""

    kind = "deferment"
    field_order = ["ticket", "item", "until", "note"]
    item = OneOf(label="Which invoice?")
    until = forms.DateField(label="Please wait until", widget=DateInput)

    def __init__(self, view: View, *args: Any, **kwargs: Any) -> None:
        super().__init__(view, *args, **kwargs)
        asked = [state.request for state in view.requests if isinstance(state.request, DefermentRequest)]
        self.offer("item", open_items(view), (request.item for request in asked))

    def request(self) -> DefermentRequest:
        """What is asked, as the library takes it."""
        data = self.cleaned_data
        return DefermentRequest(
            id=self.id(), account=self.view.account, item=data["item"], until=data["until"], note=data["note"]
        )


FORMS: dict[str, type[AskForm]] = {form.kind: form for form in (PromiseForm, DefermentForm)}


def fresh_ticket() -> str:
    """A ticket that nobody has."""
    return secrets.token_hex(8)


def open_items(view: View) -> list[tuple[str, str]]:
    """The items of this account that something could be arranged about: never one of another."""
    names = names_of(view)
    return [
        (item.id, f"{called(item.id, names)}: {money(view.free(item.id))}, due {day(item.due_on)}")
        for book in view.books
        for item in book.items
        if view.free(item.id).minor
    ]


class OrderForm(forms.Form):
    """An order that a customer phoned in."""

    number = forms.CharField(max_length=40, label="Order number")
    amount = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=2,
        label="Amount in EUR",
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


class DecisionForm(forms.Form):
    """Yes or no, and why where it is a no."""

    decision = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    reason = forms.CharField(required=False, max_length=300)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "no" and not data.get("reason"):
            self.add_error("reason", "Say why: it is kept with the decision.")
        return data
