"""The catalog slice: the settings that were in use, kept on an account of their own for replay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import final

from attrs import frozen

from receivables.documents.notice import PolicyRef
from receivables.facts.policy import PolicyPublished
from receivables.state.entry import Entry, Placement


@final
@frozen(weakref_slot=False)
class Publication(Entry):
    """One version of a policy, with its settings as canonical text."""

    policy: PolicyRef
    settings: str
    effective_on: dt.date
    recorded_at: dt.datetime


@final
@frozen(kw_only=True)
class Catalog:
    """All published versions, in log order."""

    publications: tuple[Publication, ...] = ()


def _publication(fact: PolicyPublished) -> Iterable[Publication]:
    return (Publication(fact.policy, fact.settings, fact.effective_on, fact.recorded_at),)


TABLE: Mapping[type, tuple[Placement, ...]] = {PolicyPublished: (("publications", _publication),)}
