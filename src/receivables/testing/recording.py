"""Reference adapters of the other two ports: a notifier that records, a clock that is set by hand."""

from __future__ import annotations

import datetime as dt
from typing import final

from receivables.documents.notice import Notice
from receivables.ports import Delivery, Sent


@final
class RecordingNotifier:
    """Keeps every notice that it was given, once per key, and always says that it was sent.

    >>> RecordingNotifier().notices
    []
    """

    honors_keys = True

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._keys: set[str] = set()

    def send(self, notice: Notice) -> Delivery:
        """Record the notice; the same key is recorded once."""
        if notice.key not in self._keys:
            self._keys.add(notice.key)
            self.notices.append(notice)
        return Sent(receipt=f"recorded-{len(self.notices)}")


@final
class FixedClock:
    """A clock that stands still until it is set.

    >>> FixedClock(dt.datetime(2026, 2, 11, 6, tzinfo=dt.UTC)).now().hour
    6
    """

    def __init__(self, instant: dt.datetime) -> None:
        self.instant = instant

    @classmethod
    def on(cls, day: dt.date, hour: int = 6) -> FixedClock:
        """A clock at an hour of a day, in UTC."""
        return cls(dt.datetime.combine(day, dt.time(hour), dt.UTC))

    def now(self) -> dt.datetime:
        """The instant that was set."""
        return self.instant
