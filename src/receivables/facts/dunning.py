"""Facts about notices and ladders: queued, approved, on their way, sent, failed, left unknown, cancelled; steps annulled
and ladders moved to another policy.

A queued notice commits together with its cause. Only `NoticeSent` moves a ladder: a step that was queued and never sent
was never taken.
"""

from __future__ import annotations

from typing import final

import attrs
from attrs import frozen

from receivables.documents.notice import Notice, PolicyRef
from receivables.facts.fact import Fact


@final
@frozen(kw_only=True)
class NoticeQueued(Fact):
    """A notice was decided and waits to be delivered; its content does not change any more.

    With ``approval`` it waits for a person first.
    """

    notice: Notice
    approval: bool = False


@final
@frozen(kw_only=True)
class NoticeSending(Fact):
    """An attempt to deliver began; until its outcome is recorded the notice may or may not have gone out."""

    notice: str


@final
@frozen(kw_only=True)
class NoticeSent(Fact):
    """The notifier accepted the notice; ``receipt`` is its own reference."""

    notice: str
    receipt: str | None = None


@final
@frozen(kw_only=True)
class NoticeFailed(Fact):
    """The notice certainly did not go out; with ``retry`` it waits for another attempt.

    ``reason`` is what the notifier said; mailers put the address into it, so it counts as personal.
    """

    notice: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)
    retry: bool = False


@final
@frozen(kw_only=True)
class NoticeCancelled(Fact):
    """The notice was taken back before it went out, because nothing on it was to be dunned any more."""

    notice: str
    reason: str


@final
@frozen(kw_only=True)
class NoticeApproved(Fact):
    """A person let a notice go out."""

    notice: str


@final
@frozen(kw_only=True)
class NoticeRejected(Fact):
    """A person decided that a notice does not go out; its items climb no further until a person says so."""

    notice: str
    reason: str = attrs.field(metadata={"personal": True}, repr=False)


@final
@frozen(kw_only=True)
class StepsAnnulled(Fact):
    """Steps that were sent and, by what is known today, should not have been; effective on the day of their letter.

    The letter stays in the history; the ladders of these items are what they were before it.
    """

    notice: str
    items: tuple[str, ...]
    reason: str


@final
@frozen(kw_only=True)
class LadderMigrated(Fact):
    """The ladder of an item goes on with another policy or version; ``step`` is the step that it stands on there."""

    item: str
    policy: PolicyRef
    step: str | None = None
