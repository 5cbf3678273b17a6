"""What a host can ask for about erasure: what a person asked to be forgotten, and to do it again after a backup was restored."""

from __future__ import annotations

from typing import ClassVar, final

from attrs import frozen

from receivables.documents.erasure import ErasureEntry
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class RequestErasure(Command):
    """Erase what is personal on an account, as far as nothing keeps it, and record the answer for each document.

    ``erasure`` is the host's id of the request: an opaque one, no name. ``legal_claims`` are ids of documents that are needed for
    a legal claim. Who asks again later, or reviews what was kept, takes another id.
    """

    READS_LOG: ClassVar[bool] = True
    ALONE: ClassVar[bool] = True

    of: str
    erasure: str
    legal_claims: tuple[str, ...] = ()


@final
@frozen(kw_only=True)
class ReplayErasure(Command):
    """Do an erasure again on an account of a restored backup, before anything else is recorded on it."""

    ABOUT: ClassVar[str] = "entry.account"
    READS_LOG: ClassVar[bool] = True
    ALONE: ClassVar[bool] = True

    entry: ErasureEntry
