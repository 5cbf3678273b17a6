"""Codes in words: for the customer as the library suggests them, for the desk with every reason and figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from billing.templatetags.figures import called, day, money
from receivables import Reason, View
from receivables.documents.request import DefermentRequest, PlanRequest, PromiseRequest, Request
from receivables.policies.arrangements import CODES as ARRANGEMENT_CODES
from receivables.policies.arrangements import SHOWN, shown
from receivables.policies.credit_codes import CREDIT_CODES
from receivables.policies.dunning_codes import CODES as DUNNING_CODES
from receivables.policies.worklist import CODES as WORK_CODES
from receivables.policies.worklist import WorkReason

SAYS = (
    {code: says for code, says, _ in DUNNING_CODES}
    | {code: row.says for code, row in ARRANGEMENT_CODES.items()}
    | {row.code: row.says for row in CREDIT_CODES}
)
DIGEST = re.compile(r"[0-9a-f]{64}")
"""The key of a letter: right for a machine, and nothing that a person reads."""

STATUS = {
    "accepted": "Agreed",
    "referred": "We are looking at it",
    "refused": "Not agreed",
}
"""The status of a request, as the customer reads it."""

DESK_STATUS = {"referred": "waits for you", "proposed": "waits for approval", "reserved": "approved"}
"""A status as the company's own people read it, where another word is clearer."""

ACTION = {
    "send": "See to the letter",
    "approve": "Decide",
    "place": "Place with an agency",
    "apply_cash": "Apply the money",
}
"""What to do next, as a button would say it, where the code alone does not."""


def action_in_words(action: str) -> str:
    """What to do next."""
    return ACTION.get(action, action.replace("_", " ").capitalize())


def to_customer(reasons: Iterable[Reason]) -> list[str]:
    """Reasons as the customer reads them, without figures: what would be agreed instead has them."""
    return [SHOWN[reason.code] for reason in shown(reasons)]


def to_desk(reason: Reason) -> str:
    """A reason as the company's own people read it: the words, the figures, the code."""
    return " ".join(part for part in (SAYS.get(reason.code, ""), _figures(reason), f"[{reason.code}]") if part)


def work_in_words(reason: WorkReason) -> str:
    """Why an account needs a person: what it is about, the words, the figures."""
    subject = "" if DIGEST.fullmatch(reason.subject) else reason.subject
    says = WORK_CODES[reason.code].says
    what = f"{says[0].upper()}{says[1:]}" + (f": {subject}" if subject else "")
    return " ".join(filter(None, (what, _figures(reason.figures))))


def names_of(view: View) -> dict[str, str]:
    """The open items that have no name of their own: a fee is called by its day and its invoice."""
    return {
        item.id: f"{item.kind.capitalize()} of {day(item.document_on)} on {item.document}"
        for book in view.books
        for item in book.items
        if item.kind != "invoice"
    }


def request_in_words(request: Request, names: Mapping[str, str]) -> str:
    """What a customer asks for, as one line."""
    match request:
        case PromiseRequest():
            what = called(request.items, names) or "what is open"
            return f"Pay {money(request.amount)} for {what} by {day(request.pay_by)}"
        case DefermentRequest():
            return f"Wait with {called(request.item, names)} until {day(request.until)}"
        case PlanRequest():
            return f"Pay {called(request.items, names)} in {request.count} installments from {day(request.first_on)}"
        case _:
            return "Other contacts"


def _figures(reason: Reason) -> str:
    figures = [] if reason.amount is None else [money(reason.amount)]
    figures += [] if reason.days is None else [f"{reason.days} {'day' if reason.days == 1 else 'days'}"]
    return f"({', '.join(figures)})" if figures else ""
