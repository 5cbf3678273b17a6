"""The risk slice: scores, what others and the customer itself say, overrides, early warnings.

The class on a date is that of the override in force that began last, and otherwise of the newest score. Both are read from
dated entries, so the class moves without a job when an override lapses, and its changes are a list that is worked out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, final

import attrs
from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.documents.risk import ClassOverride, DeclaredFigures, EarlyWarning, ExternalScore, RiskScore
from receivables.facts.risk import (
    ClassOverridden,
    CustomerScored,
    ExternalScoreReceived,
    FiguresDeclared,
    OverrideWithdrawn,
    WarningRaised,
)
from receivables.state.entry import Entry, Placement

_DAY = dt.timedelta(days=1)
_E = TypeVar("_E", bound=Entry)


@final
@frozen(weakref_slot=False)
class ScoreEntry(Entry):
    """A score as it was recorded."""

    score: RiskScore
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class ExternalEntry(Entry):
    """A score of somebody else."""

    external: ExternalScore
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class FiguresEntry(Entry):
    """Figures that were declared."""

    figures: DeclaredFigures
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class OverrideEntry(Entry):
    """An override as it was approved."""

    override: ClassOverride
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None
    approver: str | None


@final
@frozen(weakref_slot=False)
class OverrideWithdrawal(Entry):
    """An override that was withdrawn."""

    override: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(weakref_slot=False)
class WarningEntry(Entry):
    """An early warning as it was raised."""

    warning: EarlyWarning
    policy: PolicyRef
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True, weakref_slot=False)
class ClassChange:
    """From a day on another class; ``before`` is ``None`` for the first one, ``after`` where none is left.

    ``cause`` is ``score`` or ``override``; ``override_over`` where an override lapsed or was withdrawn.
    """

    on: dt.date
    before: str | None
    after: str | None
    cause: str


@final
@frozen(kw_only=True)
class RiskState:
    """What is known of the risk of a customer on a date: the class in force and why, and what others and itself say.

    ``risk_class`` is ``None`` where the customer was never scored and no override holds. ``points``, ``scored_on`` and the
    rest of ``score`` are those of the newest score, even while an override gives another class. ``external`` has the newest
    of each name that is still valid.
    """

    risk_class: str | None = None
    score: RiskScore | None = None
    scored_on: dt.date | None = None
    override: ClassOverride | None = None
    external: tuple[ExternalScore, ...] = ()
    figures: DeclaredFigures | None = None
    changes: tuple[ClassChange, ...] = ()
    warnings: tuple[EarlyWarning, ...] = ()

    @property
    def points(self) -> int | None:
        """The points of the newest score."""
        return self.score.points if self.score is not None else None

    @property
    def scored_class(self) -> str | None:
        """The class of the newest score, whatever an override says."""
        return self.score.risk_class if self.score is not None else None


NOTHING_KNOWN = RiskState()


@final
@frozen(kw_only=True)
class Risk:
    """All scores, outside scores, figures, overrides and warnings, in log order."""

    scores: tuple[ScoreEntry, ...] = ()
    externals: tuple[ExternalEntry, ...] = ()
    figures: tuple[FiguresEntry, ...] = ()
    overrides: tuple[OverrideEntry, ...] = ()
    withdrawals: tuple[OverrideWithdrawal, ...] = ()
    warnings: tuple[WarningEntry, ...] = ()

    def state(self, as_of: dt.date, known_at: dt.datetime | None) -> RiskState:
        """The risk on a date, as known at an instant."""
        if self is _EMPTY or self == _EMPTY:
            return NOTHING_KNOWN
        scores = _by_day(entry for entry in self.scores if entry.seen(as_of, known_at))
        stretches = tuple(self._stretches(as_of, known_at))
        newest = scores[-1] if scores else None
        figures = _by_day(entry for entry in self.figures if entry.seen(as_of, known_at))
        state = RiskState(
            score=newest.score if newest else None,
            scored_on=newest.effective_on if newest else None,
            override=_in_force(stretches, as_of),
            external=tuple(self._external(as_of, known_at)),
            figures=max(reversed(figures), key=lambda entry: entry.figures.year_end).figures if figures else None,
            changes=tuple(_changes(scores, stretches, as_of)),
            warnings=tuple(entry.warning for entry in self.warnings if entry.seen(as_of, known_at)),
        )
        return attrs.evolve(state, risk_class=_class_on(scores, stretches, as_of)[0])

    def next_change(self, after: dt.date) -> dt.date | None:
        """The next day on which an override begins or is over, by all that was recorded."""
        days = [day for _, start, end in self._stretches(dt.date.max, None) for day in (start, end) if day is not None]
        return min((day for day in days if day > after), default=None)

    def _external(self, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[ExternalScore]:
        newest = {entry.external.name: entry.external for entry in _by_day(self._seen_externals(as_of, known_at))}
        for name in sorted(newest):
            if newest[name].valid_until is None or as_of <= (newest[name].valid_until or as_of):
                yield newest[name]

    def _seen_externals(self, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[ExternalEntry]:
        return (entry for entry in self.externals if entry.seen(as_of, known_at))

    def _stretches(self, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[_Stretch]:
        """Each override with its first day and the day from which it is over, the one that begins last at the end."""
        gone = {entry.override: entry.effective_on for entry in self.withdrawals if entry.seen(as_of, known_at)}
        for entry in _by_day(entry for entry in self.overrides if entry.seen(as_of, known_at)):
            override = entry.override
            ends = [gone[override.id]] if override.id in gone else []
            if override.until is not None and override.until < dt.date.max:
                ends.append(override.until + _DAY)
            yield override, override.starts_on, min(ends, default=None)


_EMPTY = Risk()
_Stretch = tuple[ClassOverride, dt.date, dt.date | None]
"""An override, its first day, and the day from which it is over."""


def _by_day(entries: Iterable[_E]) -> list[_E]:
    """By the day from which they count; of one day in the order of the log."""
    return sorted(entries, key=lambda entry: entry.effective_on)


def _in_force(stretches: Sequence[_Stretch], day: dt.date) -> ClassOverride | None:
    """The override in force that began last."""
    found = [each for each, start, end in stretches if start <= day and (end is None or day < end)]
    return found[-1] if found else None


def _class_on(
    scores: Sequence[ScoreEntry], stretches: Sequence[_Stretch], day: dt.date
) -> tuple[str | None, ClassOverride | None]:
    override = _in_force(stretches, day)
    if override is not None:
        return override.risk_class, override
    newest = next((entry for entry in reversed(scores) if entry.effective_on <= day), None)
    return (newest.score.risk_class if newest else None), None


def _changes(scores: Sequence[ScoreEntry], stretches: Sequence[_Stretch], as_of: dt.date) -> Iterator[ClassChange]:
    """The days on which the class became another one."""
    days = {entry.effective_on for entry in scores}
    days.update(day for _, start, end in stretches for day in (start, end) if day is not None and day <= as_of)
    before: tuple[str | None, ClassOverride | None] = (None, None)
    for day in sorted(days):
        after = _class_on(scores, stretches, day)
        if after[0] != before[0]:
            cause = "override" if after[1] is not None else "override_over" if before[1] is not None else "score"
            yield ClassChange(on=day, before=before[0], after=after[0], cause=cause)
        before = after


def _score(fact: CustomerScored) -> Iterable[ScoreEntry]:
    return (ScoreEntry(fact.score, fact.effective_on, fact.recorded_at),)


def _external(fact: ExternalScoreReceived) -> Iterable[ExternalEntry]:
    return (ExternalEntry(fact.external, fact.effective_on, fact.recorded_at),)


def _figures(fact: FiguresDeclared) -> Iterable[FiguresEntry]:
    return (FiguresEntry(fact.figures, fact.effective_on, fact.recorded_at),)


def _override(fact: ClassOverridden) -> Iterable[OverrideEntry]:
    return (OverrideEntry(fact.override, fact.effective_on, fact.recorded_at, fact.by, fact.approver),)


def _withdrawal(fact: OverrideWithdrawn) -> Iterable[OverrideWithdrawal]:
    return (OverrideWithdrawal(fact.override, fact.effective_on, fact.recorded_at),)


def _warning(fact: WarningRaised) -> Iterable[WarningEntry]:
    return (WarningEntry(fact.warning, fact.policy, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {
    CustomerScored: (("scores", _score),),
    ExternalScoreReceived: (("externals", _external),),
    FiguresDeclared: (("figures", _figures),),
    ClassOverridden: (("overrides", _override),),
    OverrideWithdrawn: (("withdrawals", _withdrawal),),
    WarningRaised: (("warnings", _warning),),
}
