"""What a host can ask for about risk: score a customer, keep what others or itself say, override a class."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar, final

import attrs
from attrs import frozen

from receivables.documents.risk import ClassOverride, DeclaredFigures, ExternalScore
from receivables.plans.commands import Command


@final
@frozen(kw_only=True)
class ScoreCustomer(Command):
    """Score a customer as of today, and look for early warnings; a score that is what it was is recorded only ``always``."""

    of: str
    always: bool = False


@final
@frozen(kw_only=True)
class RecordExternalScore(Command):
    """Keep what somebody else says of a customer."""

    ABOUT: ClassVar[str] = "external.account"

    external: ExternalScore


@final
@frozen(kw_only=True)
class DeclareFigures(Command):
    """Keep what a customer or a prospect says of its own business."""

    ABOUT: ClassVar[str] = "figures.account"

    figures: DeclaredFigures


@final
@frozen(kw_only=True)
class OverrideClass(Command):
    """Give a customer a risk class, whatever its score says; ``approver`` is another person than ``by``."""

    ABOUT: ClassVar[str] = "override.account"

    override: ClassOverride
    approver: str | None = None
    approval: str | None = None


@final
@frozen(kw_only=True)
class WithdrawOverride(Command):
    """Let the score count again from a day on."""

    of: str
    override: str
    on: dt.date
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


def score_commands(accounts: Iterable[str], day: dt.date) -> Iterator[ScoreCustomer]:
    """A command for each account, for `Receivables.record`: the scores of a day, with keys that make it safe to repeat.

    >>> [command.key for command in score_commands(["ACME", "BETA"], dt.date(2026, 3, 2))]
    ['score ACME 2026-03-02', 'score BETA 2026-03-02']
    """
    for account in accounts:
        yield ScoreCustomer(of=account, key=f"score {account} {day}", by="scores")
