"""Facts about what is owed: invoices and credit notes issued, installments dated, due dates extended, items taken over."""

from __future__ import annotations

import datetime as dt
from typing import final

import attrs
from attrs import frozen

from receivables.documents.invoice import CreditNote, Invoice, TakenOverItem
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class InvoiceIssued(Fact):
    """An invoice was issued; it gives one open item per installment."""

    invoice: Invoice


@final
@frozen(kw_only=True)
class CreditNoteIssued(Fact):
    """A credit note was issued; it gives a credit that allocations use up."""

    credit_note: CreditNote


@final
@frozen(kw_only=True)
class InstallmentDated(Fact):
    """An item that waited for its baseline (a delivery, say) got its due date."""

    item: str
    due_on: dt.date


@final
@frozen(kw_only=True)
class DueDateExtended(Fact):
    """An item got a later due date, from this day on; before it, the old one stands."""

    item: str
    due_on: dt.date
    approver: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class ItemTakenOver(Fact):
    """An open item came from another system with its open amount, dates and dunning step."""

    item: TakenOverItem
