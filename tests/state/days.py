"""The days of the tests of the state: so many after the first one, and the two times of what happens on them."""

import datetime as dt
from typing import Any

DAY = dt.date(2026, 3, 2)


def on(day: int) -> dt.date:
    """So many days after the first."""
    return DAY + dt.timedelta(days=day)


def instant(day: int, hour: int = 8) -> dt.datetime:
    """In the morning of a day."""
    return dt.datetime.combine(on(day), dt.time(hour), dt.UTC)


def stamp(day: int, known: int | None = None, hour: int = 8) -> tuple[dt.date, dt.datetime]:
    """Effective on a day, recorded then or on another: as entries have it, in a row."""
    return on(day), instant(day if known is None else known, hour)


def at(day: int = 0, known: int | None = None, hour: int = 8) -> dict[str, Any]:
    """Effective on a day, recorded then or on another: as facts have it, by name."""
    effective_on, recorded_at = stamp(day, known, hour)
    return {"effective_on": effective_on, "recorded_at": recorded_at}
