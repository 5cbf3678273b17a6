"""What is answered to somebody who asks to be forgotten: one record per document, and what was erased.

Nothing here says who it was: a record names documents by their ids, and what was erased by its places in the log.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final, final

from attrs import frozen

from receivables.errors import InvalidValue
from receivables.values import checks

KINDS: Final = ("invoice", "payment", "booking", "order", "application", "mandate", "correspondence")
"""Kinds of documents, for which retention differs.

``invoice`` are invoices, credit notes and items taken over; ``booking`` is what else moves the books: charges, write-offs,
allowances; ``application`` is an application for credit, ``mandate`` the word that a bank account may be debited;
``correspondence`` is all that was written beside them: disputes, promises, requests, letters, contacts, holds.
"""

GROUNDS: Mapping[str, str] = {
    "erased": "nothing keeps it any more: what was personal in it is erased",
    "open_claim": "money is still owed on it, by the customer or to the customer",
    "legal_claim": "the host needs it to make, exercise or defend a legal claim",
    "retention": "the law wants it kept until a date",
    "no_rule": "the policy has no rule for documents of its kind, so nothing is erased",
}
"""Why a document was erased or kept."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


@final
@frozen(kw_only=True)
class ErasureRecord:
    """What became of one document: ``ground`` is one of `GROUNDS`, ``until`` the last day on which it is kept for the law.

    ``law`` is the rule that says so. A document that is kept for another reason than the law's may be kept longer than
    ``until``.

    >>> record = ErasureRecord(kind="invoice", id="INV-7", dated=dt.date(2020, 3, 1), ground="retention",
    ...                        until=dt.date(2030, 12, 31), law="10 years, house rule")
    >>> record.erased, record.review_on, str(record)
    (False, datetime.date(2031, 1, 1), "invoice 'INV-7': kept until 2030-12-31 (retention, 10 years, house rule)")
    """

    kind: str
    id: str
    dated: dt.date
    ground: str
    until: dt.date | None = None
    law: str = ""

    def __attrs_post_init__(self) -> None:
        checks.one_of("erasure_record.kind", self.kind, KINDS)
        checks.text("erasure_record.id", self.id)
        checks.day("erasure_record.dated", self.dated)
        checks.one_of("erasure_record.ground", self.ground, tuple(GROUNDS))
        checks.optional_day("erasure_record.until", self.until)
        checks.text("erasure_record.law", self.law, empty=True)

    @property
    def erased(self) -> bool:
        """Whether nothing personal is left of it here."""
        return self.ground == "erased"

    @property
    def review_on(self) -> dt.date | None:
        """The first day on which the law does not keep it any more; ``None`` where it is erased, or that is not known."""
        return None if self.erased or self.until is None else self.until + dt.timedelta(days=1)

    def __str__(self) -> str:
        because = f"{self.ground}, {self.law}" if self.law else self.ground
        kept = "erased" if self.erased else "kept" if self.until is None else f"kept until {self.until}"
        return f"{self.kind} {self.id!r}: {kept} ({because})"


@final
@frozen(kw_only=True)
class ErasedText:
    """A fact whose personal text was erased: its place in a log, and its digest, by which a restored log is compared.

    A digest leaves personal text out (see `receivables.codec.digest`): it is the same before and after.
    """

    log: str
    position: int
    digest: str

    def __attrs_post_init__(self) -> None:
        checks.text("erased_text.log", self.log)
        checks.whole("erased_text.position", self.position, least=1)
        checks.text("erased_text.digest", self.digest)
        if not _DIGEST.fullmatch(self.digest):
            raise InvalidValue("erased_text.digest", self.digest, "must be 64 hexadecimal digits")


@final
@frozen(kw_only=True)
class ErasureEntry:
    """One erasure, as a host keeps it outside of its backups, to do it again after one was restored."""

    erasure: str
    account: str
    records: tuple[ErasureRecord, ...]
    texts: tuple[ErasedText, ...]

    def __attrs_post_init__(self) -> None:
        checks.text("erasure.erasure", self.erasure)
        checks.text("erasure.account", self.account)
        checks.sequence("erasure.records", self.records, ErasureRecord, "records")
        checks.sequence("erasure.texts", self.texts, ErasedText, "erased texts")
