"""What a host can ask for about credit applications: take one in, add to it, decide it, and record what became of the offer."""

from __future__ import annotations

from typing import ClassVar, Final, final

import attrs
from attrs import frozen

from receivables.documents.application import CreditApplication, Paper, Reference, ReferenceAnswer, check_references
from receivables.documents.risk import DeclaredFigures
from receivables.documents.terms import PaymentTerms
from receivables.errors import InvalidValue
from receivables.plans.commands import Command
from receivables.values import checks
from receivables.values.money import Money

DECIDED: Final = ("approved", "referred", "refused")
"""What a person can decide; approved for less than was asked for is ``reduced``."""

CLOSED: Final = ("declined", "withdrawn")
"""What an applicant can say other than yes."""


@final
@frozen(kw_only=True)
class SubmitApplication(Command):
    """Take in an application for credit, with the figures that the applicant declares."""

    ABOUT: ClassVar[str] = "application.account"

    application: CreditApplication
    figures: DeclaredFigures | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        if self.figures is not None and self.figures.account != self.application.account:
            raise InvalidValue(
                "command.figures", self.figures.account, f"must be of account {self.application.account!r}"
            )


@final
@frozen(kw_only=True)
class SupplementApplication(Command):
    """Add references or papers to an application that is not decided."""

    of: str
    application: str
    references: tuple[Reference, ...] = ()
    papers: tuple[Paper, ...] = ()

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        check_references("command.references", self.references)
        if not self.references and not self.papers:
            raise InvalidValue("command.papers", [], "must add a paper or a reference")


@final
@frozen(kw_only=True)
class AnswerReference(Command):
    """Record what a reference said; a later answer of the same one replaces it."""

    of: str
    application: str
    answer: ReferenceAnswer


@final
@frozen(kw_only=True)
class DecideApplication(Command):
    """Decide an application: as the policy recommends, or otherwise with an ``outcome`` and a ``reason``.

    ``limit`` and ``terms`` are those of the offer where they shall be others than the policy's. ``approver`` approves it now,
    ``approval`` is a request that was granted for it.
    """

    of: str
    application: str
    outcome: str | None = None
    limit: Money | None = None
    terms: PaymentTerms | None = None
    reason: str | None = attrs.field(default=None, metadata={"personal": True}, repr=False)
    approver: str | None = None
    approval: str | None = None

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        if self.outcome is not None:
            checks.one_of("command.outcome", self.outcome, DECIDED)
        for name in ("limit", "terms"):
            if getattr(self, name) is not None and self.outcome != "approved":
                raise InvalidValue(f"command.{name}", str(getattr(self, name)), "must come with the outcome 'approved'")


@final
@frozen(kw_only=True)
class AcceptOffer(Command):
    """Record that the applicant accepted what was offered: the limit is set."""

    of: str
    application: str


@final
@frozen(kw_only=True)
class CloseApplication(Command):
    """Record that the applicant ``declined`` the offer, or has ``withdrawn`` the application."""

    of: str
    application: str
    outcome: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)

    def __attrs_post_init__(self) -> None:
        Command.__attrs_post_init__(self)
        checks.one_of("command.outcome", self.outcome, CLOSED)
