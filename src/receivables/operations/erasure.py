"""Operations on what a person wrote: erase it as far as nothing keeps it, and again after a backup was restored."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.documents.erasure import ErasureEntry
from receivables.operations.execute import Executing, R
from receivables.plans import erasure_commands


class ErasureOperations(Executing[R]):
    """Operations on what a person wrote: erase it as far as nothing keeps it, and again after a backup was restored."""

    def request_erasure(
        self, account: str, erasure: str, *, key: str, legal_claims: Iterable[str] = (), by: str | None = None
    ) -> R:
        """Erase what is personal, as far as nothing keeps it; the answer for each document is recorded as a fact."""
        command = erasure_commands.RequestErasure(
            of=account, erasure=erasure, legal_claims=tuple(legal_claims), key=key, by=by
        )
        return self.execute(command)

    def replay_erasure(self, entry: ErasureEntry, *, key: str, by: str | None = None) -> R:
        """Do an erasure again on an account of a restored backup, before anything else is recorded on it."""
        return self.execute(erasure_commands.ReplayErasure(entry=entry, key=key, by=by))
