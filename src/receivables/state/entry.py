"""What the slices of an account are made of: dated entries in named columns.

A slice is a frozen object whose fields are columns, tuples of entries in log order. Its ``TABLE`` says for each type of
fact which columns it adds entries to, and how. That is all that folding does: it never looks at what is there, so it
never refuses, and folding in two parts gives the same as folding at once. What the entries *mean* on a date is the
business of the view.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

Placement = tuple[str, Callable[[Any], Iterable[Any]]]


class Entry:
    """Something with the two times of its fact; entries name them ``effective_on`` and ``recorded_at``."""

    __slots__ = ()

    effective_on: dt.date
    recorded_at: dt.datetime

    def seen(self, as_of: dt.date, known_at: dt.datetime | None) -> bool:
        """Whether this is in effect on a date, as known at an instant."""
        return self.effective_on <= as_of and (known_at is None or self.recorded_at <= known_at)
