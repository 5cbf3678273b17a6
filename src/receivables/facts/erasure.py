"""Facts about erasure: it was asked for, answered, and done again after a backup was restored. None of them names anybody."""

from __future__ import annotations

from typing import final

from attrs import frozen

from receivables.documents.erasure import ErasedText, ErasureRecord
from receivables.documents.notice import PolicyRef
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class ErasureRequested(Fact):
    """Somebody asked for what is personal to be erased; ``legal_claims`` are documents that the host has to keep."""

    erasure: str
    legal_claims: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class ErasureAnswered(Fact):
    """What became of each document, by which policy, and the texts that were erased with this."""

    erasure: str
    records: tuple[ErasureRecord, ...]
    texts: tuple[ErasedText, ...]
    policy: PolicyRef


@final
@frozen(kw_only=True)
class ErasureReplayed(Fact):
    """An erasure that a restored backup did not know was done again; ``texts`` are those that were there to be erased."""

    erasure: str
    records: tuple[ErasureRecord, ...]
    texts: tuple[ErasedText, ...]
