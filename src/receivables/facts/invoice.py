"""Facts about what is owed: invoices and credit notes issued, installments dated, items taken over."""

from __future__ import annotations

import datetime as dt
from typing import final

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
class ItemTakenOver(Fact):
    """An open item came from another system with its open amount, dates and dunning step."""

    item: TakenOverItem
