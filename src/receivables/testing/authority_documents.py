"""Hypothesis strategies for what needs authority: requests for approval, authority matrices."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from receivables.documents.authority import DEEDS, ApprovalRequest
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.testing.documents import amounts, ids, texts
from receivables.values.currencies import Currency
from receivables.values.money import Money

PEOPLE = ("ann", "bob", "carl", "dora")
"""Few persons, so that they meet."""


def approval_requests(account: str | None = None) -> SearchStrategy[ApprovalRequest]:
    """Requests for approval of every kind."""
    return st.builds(
        ApprovalRequest,
        id=ids(),
        account=ids() if account is None else st.just(account),
        kind=st.sampled_from(tuple(DEEDS)),
        subject=ids(),
        amount=st.none() | amounts(least=0),
        note=texts() | st.just(""),
    )


@st.composite
def authority_policies(draw: DrawFn, kind: str, currency: Currency, most: int = 1000) -> AuthorityPolicy:
    """Matrices about one kind of deed: some roles with some of `PEOPLE`, each up to an amount, some with approvals."""
    names = draw(st.lists(st.sampled_from(("clerk", "lead", "head")), min_size=1, max_size=3, unique=True))
    some: Any = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
    rules = []
    for name in names:
        bound = draw(st.none() | st.integers(0, most))
        rules.append(
            AuthorityRule(
                kind=kind,
                role=name,
                up_to=None if bound is None else Money(bound, currency),
                window_days=draw(st.sampled_from((0, 7, 30))),
                approvals=draw(st.sampled_from((0, 0, 1, 2))),
            )
        )
    roles = tuple(Role(name=name, persons=draw(some)) for name in names)
    return AuthorityPolicy(id="matrix", version=1, roles=roles, rules=tuple(rules))
