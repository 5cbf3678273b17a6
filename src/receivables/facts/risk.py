"""Facts about risk: a customer was scored, an outside score or figures came in, a class was overridden, a warning raised.

The class on a date is not recorded: it follows from the newest score and the overrides that are in force, and so do its
changes. What became known late can change what it was.
"""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.documents.risk import ClassOverride, DeclaredFigures, EarlyWarning, ExternalScore, RiskScore
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class CustomerScored(Fact):
    """A customer was scored on a day, by all that was known then; the score keeps its inputs."""

    score: RiskScore


@final
@frozen(kw_only=True)
class ExternalScoreReceived(Fact):
    """Somebody else's score of a customer came in; effective on the day for which it was given."""

    external: ExternalScore


@final
@frozen(kw_only=True)
class FiguresDeclared(Fact):
    """A customer or prospect declared figures of its business; effective on the day on which it did."""

    figures: DeclaredFigures


@final
@frozen(kw_only=True)
class ClassOverridden(Fact):
    """A person gave a customer a risk class, and another approved it.

    ``approver`` is ``None`` where it was done by an approval that had been granted before, or by authority of one's own.
    """

    override: ClassOverride
    approver: str | None = None


@final
@frozen(kw_only=True)
class OverrideWithdrawn(Fact):
    """An override no longer holds from this day on: the score counts again."""

    override: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class WarningRaised(Fact):
    """A pattern was found that often comes before a loss; once for a kind in a period."""

    warning: EarlyWarning
    policy: PolicyRef
