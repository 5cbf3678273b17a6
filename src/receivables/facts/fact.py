"""What every fact has: two times and a person.

``effective_on`` is a date, when it is true in the world; ``recorded_at`` is an instant, when we knew. Facts are frozen,
in the past tense and append-only: a correction is a new fact that names the one it corrects.
"""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from receivables.values import checks


@frozen(kw_only=True)
class Fact:
    """Something that happened on an account; ``by`` is the host's reference of the person or job that did it."""

    effective_on: dt.date
    recorded_at: dt.datetime
    by: str | None = None

    def __attrs_post_init__(self) -> None:
        checks.day("fact.effective_on", self.effective_on)
        checks.instant("fact.recorded_at", self.recorded_at)
