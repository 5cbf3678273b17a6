"""Strategies for documents of credit: drafts of invoices, and the records of decisions."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.credit import DraftInvoice
from receivables.documents.credit_record import ORIGINS, CreditRecord, ExposurePart
from receivables.testing.documents import amounts, currencies, days, ids, reasons, texts
from receivables.values.money import Money


def draft_invoices(account: str | None = None) -> SearchStrategy[DraftInvoice]:
    """Drafts, of an order or not."""
    account_ids = ids() if account is None else st.just(account)
    return st.builds(
        DraftInvoice, id=ids(), account=account_ids, amount=amounts(), drafted_on=days(), order=st.none() | ids()
    )


@st.composite
def credit_records(draw: DrawFn) -> CreditRecord | None:
    """What a decision was based on; ``None`` as in facts that were recorded without."""
    if draw(st.booleans()):
        return None
    currency = draw(currencies())
    used = Money(draw(st.integers(-10_000, 10_000)), currency)
    return CreditRecord(
        currency=currency,
        limit=draw(st.none() | amounts(currency, least=0)),
        origin=draw(st.sampled_from(ORIGINS)),
        exposure=used,
        parts=(ExposurePart(component="open", amount=used),),
        limit_from=draw(st.none() | days()),
        overrode=tuple(draw(st.lists(reasons(), max_size=2))),
        approver=draw(st.none() | st.just("bob")),
        because=draw(texts() | st.just("")),
    )
