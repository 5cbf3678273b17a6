"""What a customer or a prospect asks for and is offered: an application for credit, what backs it, the decision, the offer.

The figures of its balance sheet are declared beside it, as `receivables.documents.risk.DeclaredFigures`, so that a score
finds them. Papers stay with the host: an application has their links and digests.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, final

import attrs
from attrs import frozen

from receivables.documents.due_steps import MOST_DAYS
from receivables.documents.invoice import DocumentLink
from receivables.documents.reason import Reason
from receivables.documents.risk import RiskScore
from receivables.documents.terms import PaymentTerms
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.values import checks
from receivables.values.money import Money

DECISIONS: Final = ("approved", "reduced", "referred", "refused")
"""What an application is answered, from best to worst; ``reduced`` offers less than was asked for."""

REFERENCES: Final = ("supplier", "bank", "agency")
"""Who can be asked about an applicant."""


@final
@frozen(kw_only=True)
class Reference:
    """Somebody who knows the applicant and may be asked; ``contact`` is the host's reference of it, never an address.

    >>> Reference(id="REF-1", kind="supplier", contact="contact-40").kind
    'supplier'
    """

    id: str
    kind: str
    contact: str

    def __attrs_post_init__(self) -> None:
        checks.text("reference.id", self.id)
        checks.one_of("reference.kind", self.kind, REFERENCES)
        checks.text("reference.contact", self.contact)


@final
@frozen(kw_only=True)
class ReferenceAnswer:
    """What a reference said: since when it knows the applicant, the most it was owed, and how late it was paid.

    ``days_late`` counts from the due date, below zero where it was paid early. ``warns`` says that it would give no credit.

    >>> ReferenceAnswer(reference="REF-1", answered_on=dt.date(2026, 3, 5), highest=Money.of(4000, "EUR"), days_late=3).warns
    False
    """

    reference: str
    answered_on: dt.date
    known_since: dt.date | None = None
    highest: Money | None = None
    days_late: int | None = None
    warns: bool = False
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("answer.reference", self.reference)
        checks.day("answer.answered_on", self.answered_on)
        checks.optional_day("answer.known_since", self.known_since)
        _check_amount("answer.highest", self.highest, least=0)
        if self.days_late is not None:
            checks.whole("answer.days_late", self.days_late, least=-MOST_DAYS, most=MOST_DAYS)
        checks.instance("answer.warns", self.warns, bool, "true or false")
        checks.text("answer.note", self.note, empty=True)
        if self.known_since is not None and self.known_since > self.answered_on:
            raise InvalidValue(
                "answer.known_since", self.known_since.isoformat(), f"must not be after {self.answered_on}"
            )


@final
@frozen(kw_only=True)
class Paper:
    """A document that backs an application: what it is, where it is kept, and the day of which it speaks.

    >>> link = DocumentLink(uri="s3://papers/1.pdf", sha256="ab" * 32)
    >>> Paper(kind="annual_accounts", link=link, dated_on=dt.date(2025, 12, 31)).kind
    'annual_accounts'
    """

    kind: str
    link: DocumentLink
    dated_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("paper.kind", self.kind)
        checks.instance("paper.link", self.link, DocumentLink, "a document link")
        checks.optional_day("paper.dated_on", self.dated_on)


@final
@frozen(kw_only=True)
class CreditApplication:
    """May I owe up to this amount, on these terms? With those who may be asked, and the papers that back it.

    >>> CreditApplication(id="CA-1", account="ACME", applied_on=dt.date(2026, 3, 2), amount=Money.of(20_000, "EUR")).amount
    Money.of('20000.00', 'EUR')

    Errors: `InvalidValue` for an amount of nothing, or a reference given twice.
    """

    id: str
    account: str
    applied_on: dt.date
    amount: Money
    terms: PaymentTerms | None = None
    references: tuple[Reference, ...] = ()
    papers: tuple[Paper, ...] = ()
    note: str = attrs.field(default="", metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        checks.text("application.id", self.id)
        checks.text("application.account", self.account)
        checks.day("application.applied_on", self.applied_on)
        checks.instance("application.amount", self.amount, Money, "money")
        _check_amount("application.amount", self.amount, least=1)
        if self.terms is not None:
            checks.instance("application.terms", self.terms, PaymentTerms, "payment terms")
        check_references("application.references", self.references)
        checks.sequence("application.papers", self.papers, Paper, "papers")
        checks.text("application.note", self.note, empty=True)


@final
@frozen(kw_only=True)
class CreditOffer:
    """What the creditor offers: a limit, terms, and until when it can be accepted; the limit is to be reviewed on a day.

    >>> CreditOffer(limit=Money.of(12_000, "EUR"), valid_until=dt.date(2026, 4, 1)).limit
    Money.of('12000.00', 'EUR')
    """

    limit: Money
    valid_until: dt.date
    terms: PaymentTerms | None = None
    review_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        checks.instance("offer.limit", self.limit, Money, "money")
        _check_amount("offer.limit", self.limit, least=1)
        checks.day("offer.valid_until", self.valid_until)
        checks.optional_day("offer.review_on", self.review_on)
        if self.terms is not None:
            checks.instance("offer.terms", self.terms, PaymentTerms, "payment terms")
        if self.review_on is not None and self.review_on <= self.valid_until:
            raise InvalidValue("offer.review_on", self.review_on.isoformat(), f"must be after {self.valid_until}")


@final
@frozen(kw_only=True)
class ApplicationDecision:
    """What was decided, with all it was decided on: what the policy recommended, its reasons, and the score.

    ``recommended`` differs from ``outcome`` where a person decided otherwise.

    >>> ApplicationDecision(outcome="refused", recommended="refused", reasons=(Reason(code="class_refused"),)).offer is None
    True
    """

    outcome: str
    recommended: str
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    offer: CreditOffer | None = None
    score: RiskScore | None = None

    def __attrs_post_init__(self) -> None:
        checks.one_of("decision.outcome", self.outcome, DECISIONS)
        checks.text("decision.recommended", self.recommended)
        if (self.offer is not None) != (self.outcome in ("approved", "reduced")):
            raise InvalidValue(
                "decision.offer", str(self.offer), f"must be given where, and only where, it is {DECISIONS[:2]}"
            )


def check_references(field: str, references: object) -> None:
    """References, each once."""
    checks.sequence(field, references, Reference, "references")
    ids = [each.id for each in references if isinstance(each, Reference)] if isinstance(references, tuple) else []
    if len(set(ids)) != len(ids):
        raise InvalidValue(field, ids, "must name each reference once")


def check_same_currency(amount: Money, other: Money) -> None:
    """That two amounts are of one currency."""
    if amount.currency != other.currency:
        raise CurrencyMismatch(amount, other)


def _check_amount(field: str, amount: object, *, least: int) -> None:
    if amount is None:
        return
    checks.instance(field, amount, Money, "money")
    if isinstance(amount, Money) and amount.minor < least:
        raise InvalidValue(field, str(amount), "must be more than zero" if least else "must not be negative")
