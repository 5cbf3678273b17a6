"""Facts about settings: which version of a policy came into use, with its settings, so that a decision can be replayed."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class PolicyPublished(Fact):
    """A version of a policy came into use; ``settings`` is its canonical text, kept for replay."""

    policy: PolicyRef
    settings: str
