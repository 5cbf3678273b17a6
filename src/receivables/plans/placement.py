"""Plans about placements: items given to an agency or a lawyer, and taken back.

A hold on each item stops its letters, in the same commit; interest, aging and what the customer sees go on. When the item is
taken back its ladder goes on where it stood. A dunning policy whose clock pauses for holds does not count the days between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from receivables.documents.hold import Hold
from receivables.errors import ClaimTaken, CurrencyMismatch, InvalidValue, UnknownId
from receivables.facts.credit import HoldPlaced, HoldReleased
from receivables.facts.placement import AgencyCollected, DebtPlaced, DebtRecalled, PlacementClosed
from receivables.plans.authority import authorize
from receivables.plans.bureau_commands import ClosePlacement, NoteCollection, PlaceDebt, RecallDebt
from receivables.plans.plan import Context, Plan, opened
from receivables.state.account import Account
from receivables.state.placement import PlacementState
from receivables.values.money import Money


def place_debt(account: Account, command: PlaceDebt, context: Context) -> Plan:
    """Items with an agency from their day on, and a hold on each until it is settled or taken back.

    Errors: `UnknownId` for an item that is not open, `InvalidValue` for one that is placed already or a day that has not
    come, `CurrencyMismatch` for items in two currencies or steps of a commission in another one.
    """
    placement = command.placement
    opened(account, command.account)
    if any(entry.placement.id == placement.id for entry in account.placements.placements):
        raise ClaimTaken("placement", placement.id, account.id)
    _check_past("placement.placed_on", placement.placed_on, context)
    amount = _open_amount(account, placement.items, context)
    placement.terms.commission(Money.zero(amount.currency), Money.zero(amount.currency))
    _check_free(account, placement.items)
    used = authorize(account, command, context, "bureau", amount, placement.id)
    placed = DebtPlaced(
        placement=placement,
        amount=amount,
        approver=command.approver,
        effective_on=placement.placed_on,
        recorded_at=context.now,
        by=command.by,
    )
    holds = tuple(_holds(command, context))
    return Plan(facts=(*used, placed, *holds), outcome="placed", ids=(placement.id,))


def _open_amount(account: Account, items: Sequence[str], context: Context) -> Money:
    view = context.view(account)
    amounts = [view.open(item) for item in items]
    for amount in amounts:
        if amount.currency != amounts[0].currency:
            raise CurrencyMismatch(amount, amounts[0])
    return Money.total(amounts, amounts[0].currency)


def _check_free(account: Account, items: Iterable[str]) -> None:
    placed = {item: state.placement.id for state in _states(account) for item in state.items}
    for item in items:
        if item in placed:
            raise InvalidValue("placement.items", item, f"must not be placed already: {placed[item]!r} has it")


def _holds(command: PlaceDebt, context: Context) -> Iterator[HoldPlaced]:
    placement = command.placement
    for item in placement.items:
        hold = Hold(
            id=hold_of(placement.id, item),
            account=placement.account,
            placed_on=placement.placed_on,
            reason=f"placed: {placement.id}",
            kind="placement",
            item=item,
            until_settled=item,
            code=placement.kind,
        )
        yield HoldPlaced(hold=hold, effective_on=placement.placed_on, recorded_at=context.now, by=command.by)


def hold_of(placement: str, item: str) -> str:
    """The id of the hold that a placement puts on an item.

    >>> hold_of("PL-1", "INV-1")
    'PL-1/INV-1'
    """
    return f"{placement}/{item}"


def holds_over(account: Account) -> Iterator[str]:
    """The ids of the holds of what is with an agency no more: of items that were recalled, or of a placement that is closed."""
    closed = {entry.placement for entry in account.placements.closings}
    for entry in account.placements.placements:
        if entry.placement.id in closed:
            yield from (hold_of(entry.placement.id, item) for item in entry.placement.items)
    for recall in account.placements.recalls:
        yield from (hold_of(recall.placement, item) for item in recall.items)


def recall_debt(account: Account, command: RecallDebt, context: Context) -> Plan:
    """Items that are ours to collect again, and their letters with them.

    Errors: `UnknownId` for a placement that is over, or an item that is not with it.
    """
    state = _placed(opened(account, command.account), command.placement)
    _check_day(command.on, state, context)
    items = command.items or state.items
    for item in items:
        if item not in state.items:
            raise UnknownId("placed item", item)
    recalled = DebtRecalled(
        placement=command.placement,
        items=tuple(dict.fromkeys(items)),
        reason=command.reason,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    released = tuple(_released(account, command, recalled.items, context))
    return Plan(facts=(recalled, *released), outcome="recalled", ids=recalled.items)


def close_placement(account: Account, command: ClosePlacement, context: Context) -> Plan:
    """A placement that the agency is done with; what is left of it is ours to collect again."""
    state = _placed(opened(account, command.account), command.placement)
    _check_day(command.on, state, context)
    closed = PlacementClosed(
        placement=command.placement,
        outcome=command.outcome,
        effective_on=command.on,
        recorded_at=context.now,
        by=command.by,
    )
    released = tuple(_released(account, command, state.items, context))
    return Plan(facts=(closed, *released), outcome=command.outcome, ids=(command.placement,))


def _released(
    account: Account, command: RecallDebt | ClosePlacement, items: Iterable[str], context: Context
) -> Iterator[HoldReleased]:
    """The holds on the items, as far as they are not released; one that was settled meanwhile is.

    One whose money went back since is in force again, under another id and from a later day.
    """
    lifted = {entry.hold for entry in account.credit.liftings}
    placed = {entry.hold.first_id: entry for entry in account.credit.holds if entry.hold.id not in lifted}
    for item in items:
        entry = placed.get(hold_of(command.placement, item))
        if entry is not None:
            on = max(command.on, entry.effective_on)
            yield HoldReleased(hold=entry.hold.id, effective_on=on, recorded_at=context.now, by=command.by)


def note_collection(account: Account, command: NoteCollection, context: Context) -> Plan:
    """A payment that came through the agency, whenever: its commission is that of what the agency collected.

    Errors: `UnknownId` for a placement or a payment that is not there, `InvalidValue` for a payment that is noted already.
    """
    opened(account, command.account)
    if all(entry.placement.id != command.placement for entry in account.placements.placements):
        raise UnknownId("placement", command.placement)
    if all(entry.id != command.payment or entry.kind != "payment" for entry in account.cash.credits):
        raise UnknownId("payment", command.payment)
    for entry in account.placements.collections:
        if entry.payment == command.payment:
            raise InvalidValue("command.payment", command.payment, f"must not be noted already: {entry.placement!r}")
    fact = AgencyCollected(
        placement=command.placement,
        payment=command.payment,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), outcome="noted", ids=(command.payment,))


def _states(account: Account) -> tuple[PlacementState, ...]:
    return account.placements.states(account.cash, dt.date.max, None)


def _placed(account: Account, placement: str) -> PlacementState:
    for state in _states(account):
        if state.placement.id == placement and state.status == "placed":
            return state
    raise UnknownId("placement under way", placement)


def _check_day(day: dt.date, state: PlacementState, context: Context) -> None:
    _check_past("command.on", day, context)
    if day < state.placement.placed_on:
        raise InvalidValue("command.on", day.isoformat(), f"must not be before {state.placement.placed_on}")


def _check_past(field: str, day: dt.date, context: Context) -> None:
    if day > context.today:
        raise InvalidValue(field, day.isoformat(), f"must not be after today, {context.today}")
