"""Hypothesis strategies for what was lost: the tax in it, and what is set aside for claims by themselves."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from receivables.documents.invoice import TaxPart
from receivables.documents.loss import CODES, SpecificAllowance
from receivables.testing.documents import amounts, currencies, ids, texts


@st.composite
def lost_taxes(draw: DrawFn) -> tuple[TaxPart, ...]:
    """The net amounts and taxes of a loss at up to three rates, of one currency; often not known."""
    currency = draw(currencies())
    percents = draw(st.lists(st.sampled_from(("0", "5.5", "7", "20")), max_size=3, unique=True))
    money = amounts(currency, least=0, most=1_000_00)
    return tuple(TaxPart(percent=Decimal(percent), net=draw(money), tax=draw(money)) for percent in percents)


@st.composite
def specific_allowances(draw: DrawFn, account: str | None = None) -> SpecificAllowance:
    """Allowances for an item or a customer, as a percentage or as an amount."""
    share = draw(st.none() | st.integers(0, 10_000))
    return SpecificAllowance(
        id=draw(ids()),
        account=draw(ids()) if account is None else account,
        code=draw(st.sampled_from(CODES)),
        item=draw(st.none() | ids()),
        percent=None if share is None else Decimal(share) / 100,
        amount=draw(amounts(least=0)) if share is None else None,
        note=draw(st.none() | texts().filter(str.strip)),
    )
