"""The figures of a ledger, added up from its facts one by one, without a fold or a view: what the auditor compares with.

Every amount is in minor units of the one currency of a simulation.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from receivables.facts.cash import (
    AllocationMade,
    AllocationUndone,
    CreditArrived,
    CreditTransferred,
    PaymentReceived,
    PaymentReturned,
)
from receivables.facts.charge import ChargeRaised, ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.credit import LimitSet, OrderReleased, OrderReserved
from receivables.facts.fact import Fact
from receivables.facts.invoice import CreditNoteIssued, InvoiceIssued

_ADDS: Mapping[type, Callable[[Any], int]] = {
    InvoiceIssued: lambda fact: fact.invoice.total.minor,
    CreditNoteIssued: lambda fact: -fact.credit_note.total.minor,
    PaymentReceived: lambda fact: -fact.payment.amount.minor,
    CreditTransferred: lambda fact: fact.amount.minor,
    CreditArrived: lambda fact: -fact.amount.minor,
    ChargeRaised: lambda fact: fact.charge.amount.minor,
    ChargeReversed: lambda fact: -fact.amount.minor,
    ChargeWaived: lambda fact: -fact.amount.minor,
    ChargeReinstated: lambda fact: fact.amount.minor,
}
"""What a fact adds to what a customer owes, in minor units; any other adds nothing."""


def owed(facts: Iterable[Fact]) -> int:
    """What a customer owes, by its facts alone."""
    total = 0
    left: dict[str, int] = {}
    for fact in facts:
        adds = _ADDS.get(type(fact))
        total += adds(fact) if adds else 0
        match fact:
            case PaymentReceived():
                left[fact.payment.id] = fact.payment.amount.minor
            case CreditArrived():
                left[fact.id] = fact.amount.minor
            case CreditTransferred() if fact.source in left:
                left[fact.source] -= fact.amount.minor
            case PaymentReturned():
                total += left.pop(fact.payment)
    return total


def reserved(facts: Iterable[Fact]) -> int:
    """What approved orders of a customer reserve, by its facts alone: less what was invoiced, of a held one as well."""
    ordered: dict[str, int] = {}
    gone: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact, OrderReserved):
            ordered[fact.order.id] = fact.order.amount.minor
        elif isinstance(fact, OrderReleased):
            gone[fact.order] = sys.maxsize if fact.closes else gone.get(fact.order, 0) + fact.amount.minor
    return sum(max(0, minor - gone.get(order, 0)) for order, minor in ordered.items())


def limit(facts: Iterable[Fact]) -> int | None:
    """The limit that began last, and of one day the one that was set last; ``None`` where none was."""
    found: tuple[dt.date, int] | None = None
    for fact in facts:
        if isinstance(fact, LimitSet) and fact.limit.amount is not None:
            begins = fact.limit.valid_from
            if found is None or begins >= found[0]:
                found = begins, fact.limit.amount.minor
    return found[1] if found else None


def placed(facts: Iterable[Fact]) -> tuple[dict[str, int], dict[str, int]]:
    """What was taken from each credit and placed on each item, by the facts alone."""
    made: dict[str, AllocationMade] = {}
    for fact in facts:
        if isinstance(fact, AllocationMade):
            made[fact.id] = fact
        elif isinstance(fact, AllocationUndone):
            made.pop(fact.allocation, None)
        elif isinstance(fact, PaymentReturned):
            made = {id: each for id, each in made.items() if each.allocation.source != fact.payment}
    taken: dict[str, int] = {}
    given: dict[str, int] = {}
    for each in made.values():
        minor = each.allocation.amount.minor
        taken[each.allocation.source] = taken.get(each.allocation.source, 0) + minor
        given[each.allocation.item] = given.get(each.allocation.item, 0) + minor
    return taken, given


def credited(facts: Iterable[Fact]) -> dict[str, int]:
    """What each credit has, by the facts alone."""
    credits: dict[str, int] = {}
    for fact in facts:
        match fact:
            case PaymentReceived():
                credits[fact.payment.id] = fact.payment.amount.minor
            case PaymentReturned():
                credits[fact.payment] = 0
            case CreditTransferred():
                credits[fact.source] -= fact.amount.minor
            case CreditArrived():
                credits[fact.id] = fact.amount.minor
            case CreditNoteIssued():
                credits[fact.credit_note.number] = fact.credit_note.total.minor
    return credits


def invoiced(facts: Iterable[Fact]) -> dict[str, int]:
    """What each item is for, by the facts alone."""
    items: dict[str, int] = {}
    for fact in facts:
        match fact:
            case InvoiceIssued():
                items[fact.invoice.number] = fact.invoice.total.minor
            case ChargeRaised():
                items[fact.charge.id] = fact.charge.amount.minor
            case ChargeReversed() | ChargeWaived():
                items[fact.charge] -= fact.amount.minor
            case ChargeReinstated():
                items[fact.charge] += fact.amount.minor
    return items


def until(facts: Iterable[Fact], day: dt.date) -> list[Fact]:
    """The facts that are in effect on a day."""
    return [fact for fact in facts if fact.effective_on <= day]
