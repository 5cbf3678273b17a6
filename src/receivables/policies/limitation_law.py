"""The law of limitation as data: from when a period runs, how long, what interrupts and suspends it, and what its end does.

Two rules. A regime speaks of the claims that fell due while it was in force: an older or newer law is never guessed. What
the law leaves to the case (knowledge of the creditor, the form of an acknowledgment) is said in `notes` and is judged by
the person who records the event.

The regimes themselves stand in `receivables.policies.limitation_regimes`. They are inputs of a computation, not legal
advice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, final

from attrs import frozen

from receivables.documents.limitation import INTERRUPTIONS, SUSPENSIONS
from receivables.errors import InvalidValue, WrongType
from receivables.values import checks
from receivables.values.dates import end_of_year

STARTS: Final = ("from_document", "from_due", "from_end_of_year")
"""From which day a period counts: the date of the document, the due date, or the end of the year of the due date."""


@final
@frozen(kw_only=True)
class SuspensionRule:
    """What one kind of suspension does: its days are not counted, and a minimum is left when it is over.

    With ``stops`` false the days do count, and the period only cannot end before the suspension does.

    >>> SuspensionRule(kind="negotiations", minimum_remainder_months=3).stops
    True
    """

    kind: str
    minimum_remainder_months: int = 0
    stops: bool = True

    def __attrs_post_init__(self) -> None:
        checks.one_of("rule.kind", self.kind, SUSPENSIONS)
        checks.whole("rule.minimum_remainder_months", self.minimum_remainder_months, least=0)
        checks.instance("rule.stops", self.stops, bool, "true or false")


@final
@frozen(kw_only=True)
class LimitationRegime:
    """A law of limitation: from when, how long, what interrupts and suspends, with its source and validity.

    A regime of your own is made the same way. It speaks of claims that fell due while it was in force.

    >>> regime = LimitationRegime(id="US-NY", name="New York, contracts", years=6, source="CPLR 213(2)",
    ...                           valid_from=dt.date(1963, 9, 1))
    >>> print(regime)
    US-NY, New York, contracts: 6 years, from due, CPLR 213(2)

    ``ends_with_year`` rounds the last day up to 31 December. ``restarts_from_end_of_year``: a period that begins anew counts
    from the end of that year. ``revived_by_acknowledgment``: one that has ended can begin anew. ``extinguishes``: the claim
    is gone; otherwise the debtor has to plead it. Errors: `WrongType`, `InvalidValue`.
    """

    id: str
    name: str
    source: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    years: int = 0
    months: int = 0
    start: str = "from_due"
    ends_with_year: bool = False
    interrupted_by: frozenset[str] = frozenset({"acknowledgment", "part_payment"})
    restarts_from_end_of_year: bool = False
    suspended_by: tuple[SuspensionRule, ...] = (SuspensionRule(kind="agreement"), SuspensionRule(kind="proceedings"))
    revived_by_acknowledgment: bool = False
    extinguishes: bool = False
    notes: str = ""

    def __attrs_post_init__(self) -> None:
        for name in ("id", "name", "source"):
            checks.text(f"regime.{name}", getattr(self, name))
        checks.text("regime.notes", self.notes, empty=True)
        checks.day("regime.valid_from", self.valid_from)
        checks.optional_day("regime.valid_to", self.valid_to)
        checks.whole("regime.years", self.years, least=0)
        checks.whole("regime.months", self.months, least=0)
        checks.one_of("regime.start", self.start, STARTS)
        for name in ("ends_with_year", "restarts_from_end_of_year", "revived_by_acknowledgment", "extinguishes"):
            checks.instance(f"regime.{name}", getattr(self, name), bool, "true or false")
        checks.sequence("regime.suspended_by", self.suspended_by, SuspensionRule, "SuspensionRule")
        _check_regime(self)

    @property
    def period_months(self) -> int:
        """The whole period in months."""
        return 12 * self.years + self.months

    @cached_property
    def rules(self) -> Mapping[str, SuspensionRule]:
        """The rule of each kind of suspension that the law knows."""
        return {rule.kind: rule for rule in self.suspended_by}

    def covers(self, due_on: dt.date) -> bool:
        """Whether the law was in force on a day; an older or newer one is never guessed."""
        return self.valid_from <= due_on and (self.valid_to is None or due_on <= self.valid_to)

    def begins(self, due_on: dt.date, document_on: dt.date | None = None) -> dt.date:
        """The day from which the period counts; that day itself is not counted.

        >>> regime = LimitationRegime(id="X", name="X", years=3, source="the contract", start="from_end_of_year",
        ...                           valid_from=dt.date(2002, 1, 1))
        >>> regime.begins(dt.date(2026, 2, 4))
        datetime.date(2026, 12, 31)
        """
        return _STARTS[self.start](due_on, document_on)

    def rows(self) -> list[dict[str, object]]:
        """One plain dict that says all of it."""
        suspended = [f"{rule.kind}{_remainder(rule)}" for rule in self.suspended_by]
        return [
            {
                "regime": self.id,
                "from": self.valid_from,
                "until": self.valid_to,
                "period": self.period,
                "counts": self.start,
                "interrupted_by": ", ".join(sorted(self.interrupted_by)),
                "suspended_by": ", ".join(suspended),
                "extinguishes": self.extinguishes,
                "source": self.source,
            }
        ]

    @property
    def period(self) -> str:
        """The length in words."""
        parts = [f"{count} {unit if count != 1 else unit[:-1]}" for count, unit in self._lengths() if count]
        return " and ".join(parts) + (", to the end of the year" if self.ends_with_year else "")

    def _lengths(self) -> tuple[tuple[int, str], ...]:
        return (self.years, "years"), (self.months, "months")

    def __str__(self) -> str:
        return f"{self.id}, {self.name}: {self.period}, {self.start.replace('_', ' ')}, {self.source}"


def _remainder(rule: SuspensionRule) -> str:
    return f" (then at least {rule.minimum_remainder_months} months)" if rule.minimum_remainder_months else ""


def _check_regime(regime: LimitationRegime) -> None:
    if not regime.period_months:
        raise InvalidValue("regime.years", regime.years, "must make a period with regime.months")
    if regime.valid_to is not None and regime.valid_to < regime.valid_from:
        raise InvalidValue("regime.valid_to", regime.valid_to.isoformat(), f"must not be before {regime.valid_from}")
    if not isinstance(regime.interrupted_by, frozenset):
        raise WrongType("regime.interrupted_by", regime.interrupted_by, "a frozenset of kinds of interruption")
    for kind in regime.interrupted_by:
        checks.one_of("regime.interrupted_by", kind, INTERRUPTIONS)
    if len(regime.rules) != len(regime.suspended_by):
        kinds = [rule.kind for rule in regime.suspended_by]
        raise InvalidValue("regime.suspended_by", kinds, "must not name a kind twice")


_STARTS: Mapping[str, Callable[[dt.date, dt.date | None], dt.date]] = {
    "from_document": lambda due_on, document_on: document_on or due_on,
    "from_due": lambda due_on, document_on: due_on,
    "from_end_of_year": lambda due_on, document_on: end_of_year(due_on),
}
