"""How often a customer gets a letter: what went out before, and what the other letters of the same run leave.

1. One letter is for one currency and channel; steps that need approval get letters of their own.
2. A letter counts from the day of the run that made it; one that was cancelled, rejected or failed does not, nor does one
   that takes another back.
3. The letters of one run count for one another, one after the other: first those that hold an item whose policy sets no
   pace, as they go out anyway; then the one with the strongest step, the highest on its ladder; then in the order of the
   currencies, channels and approvals. An item for which there is no room waits, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from receivables.documents.customer import Customer
from receivables.policies.dunning_steps import DunningStep
from receivables.policies.dunning_stops import quiet_until
from receivables.state.view import View


class Pace(Protocol):
    """What a dunning policy says about how often."""

    @property
    def contact_gap_days(self) -> int:
        """The days between any two letters."""
        ...

    @property
    def contact_cap(self) -> int | None:
        """The most letters within the window."""
        ...

    @property
    def contact_window_days(self) -> int:
        """The days of the window."""
        ...

    @property
    def contacts_count(self) -> bool:
        """Whether logged contacts count as letters do."""
        ...

    @property
    def places(self) -> Mapping[str, int]:
        """The place of each step on the ladder."""
        ...


R = TypeVar("R", bound=tuple[DunningStep, Any, int])
"""A step that is due, the policy that it is of, and how often it was taken with this time."""


def paces(policy: Pace) -> bool:
    """Whether a policy says how often a customer may get a letter."""
    return bool(policy.contact_gap_days or policy.contact_cap)


def by_letter(steps: Mapping[int, R], customer: Customer | None) -> list[tuple[tuple[str, bool], list[tuple[int, R]]]]:
    """The positions of one currency by letter, with channel and whether a person must approve it, in that order."""
    found: dict[tuple[str, bool], list[tuple[int, R]]] = {}
    for at, rung in steps.items():
        step = rung[0]
        channel = step.channel_for(customer) if customer is not None else None
        found.setdefault((channel or step.channel, step.needs_approval), []).append((at, rung))
    return sorted(found.items(), key=lambda each: each[0])


def room_from(view: View, pace: Pace, before: int = 0) -> int:
    """The first day, as an ordinal, on which there is room for a letter after so many of the day of the view; 0 for any."""
    if not paces(pace):
        return 0
    cap, days = pace.contact_cap, pace.contact_window_days
    return quiet_until(view, pace.contact_gap_days, cap, days, logged=pace.contacts_count, more=before)


def crowded_out(view: View, books: Sequence[Mapping[int, R]]) -> Mapping[int, Mapping[int, int]]:
    """By place of the book, the positions of the steps that the other letters of the run leave no room for.

    With each the first day, as an ordinal, on which there may be room.
    """
    letters = [(book, taken) for book, steps in enumerate(books) for _, taken in by_letter(steps, view.customer)]
    found: dict[int, dict[int, int]] = {}
    before = 0
    for book, taken in sorted(letters, key=lambda each: _rank(each[1])):
        waits = _waiting(view, taken, before) if before else {}
        if waits:
            found.setdefault(book, {}).update(waits)
        before += len(waits) < len(taken)
    return found


def _rank(taken: list[tuple[int, R]]) -> tuple[bool, int]:
    """What goes out anyway first, then the strongest step."""
    return all(paces(policy) for _, (_, policy, _) in taken), -max(
        policy.places[step.name] for _, (step, policy, _) in taken
    )


def _waiting(view: View, taken: list[tuple[int, R]], before: int) -> dict[int, int]:
    """The positions of a letter that have to wait after so many letters of the day, with the day until which."""
    today = view.as_of.toordinal()
    until = {
        (policy.id, policy.version): room_from(view, policy, before)
        for policy in {id(policy): policy for _, (_, policy, _) in taken}.values()
    }
    waits = {at: until[policy.id, policy.version] for at, (_, policy, _) in taken}
    return {at: day for at, day in waits.items() if today < day}
