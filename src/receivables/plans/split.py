"""Plans about customers that were kept as one: hand whole invoices over to the account of the other.

What settles an invoice goes along where it settles nothing else; money that is shared with what stays has to be taken
back first. See `receivables.state.extraction` for what is shown where.
"""

from __future__ import annotations

from collections.abc import Iterator

from receivables.errors import InvalidValue, NotJoinable, UnknownId
from receivables.facts.merge import DocumentsHandedOver, DocumentsTakenOn
from receivables.plans.commands import SplitAccount
from receivables.plans.merge import (
    authorize_both,
    check_company,
    clashes,
    days_of,
    obstacles_between,
    other_of,
)
from receivables.plans.plan import Context, Plan, opened
from receivables.state.account import Account
from receivables.state.composition import Name
from receivables.state.extraction import moved
from receivables.state.merge import HandedOver
from receivables.state.view import View


def split_account(account: Account, command: SplitAccount, context: Context) -> Plan:
    """Whole invoices, with their charges, ladders, holds and history, are another account's from today on.

    `NotJoinable` lists what is shared with what stays: money, letters under way, promises and plans.
    """
    other = other_of(opened(account, command.account), command.to, "command.to", context)
    mine, theirs = authorize_both(account, other, command, context, "split to", "split from")
    if into := other.merges.into():
        raise InvalidValue("command.to", command.to, f"must not be part of another account: {into!r} has it")
    if any(part.id == other.id for part in account.joined):
        raise InvalidValue("command.to", command.to, f"must be another account than {account.id!r}")
    check_company(account, other, "command.to")
    _check_documents(account, command)
    credits = tuple(_credits(account, command.documents))
    day = max((context.today, *days_of(account), *days_of(other)))
    going = HandedOver(command.documents, credits, other.id, day, context.now)
    gone, both = moved(account.own, [going])
    obstacles = (*_shared(account, gone, both, account.view(context.today)), *clashes(account, other, gone | both))
    if obstacles:
        raise NotJoinable("split", account.id, other.id, obstacles)
    handed_over = DocumentsHandedOver(
        documents=command.documents,
        credits=credits,
        to=other.id,
        approver=command.approver,
        reason=command.reason,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    taken_on = DocumentsTakenOn(
        documents=command.documents,
        credits=credits,
        came_from=account.id,
        effective_on=day,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(
        facts=(*mine, handed_over), others={command.to: (*theirs, taken_on)}, outcome="split", ids=command.documents
    )


def _check_documents(account: Account, command: SplitAccount) -> None:
    """That each is there, once, and was recorded on this account: what came from another is handed over no further."""
    if not command.documents:
        raise InvalidValue("command.documents", command.documents, "must name the invoices that go")
    if len(set(command.documents)) < len(command.documents):
        raise InvalidValue("command.documents", command.documents, "must name each invoice once")
    there = {item.document for item in account.ledger.items}
    gone = {document for entry in account.merges.handed_over for document in entry.documents}
    own = {item.document for item in account.own.ledger.items} - gone
    for document in command.documents:
        if document not in there:
            raise UnknownId("invoice", document)
        if document not in own:
            raise InvalidValue("command.documents", document, f"must have been recorded on {account.own.id!r} itself")


def _credits(account: Account, documents: tuple[str, ...]) -> Iterator[str]:
    """The credits that go along: nothing is left of them, and they settle only what goes."""
    items = {item.id for item in account.ledger.items if item.document in documents}
    used: dict[str, set[str]] = {}
    for made in account.cash.in_force():
        used.setdefault(made.source, set()).add(made.item)
    for credit in account.own.cash.credits:
        on = used.get(credit.id)
        if on and on <= items and account.cash.left_of(credit.id, credit.amount) <= 0:
            yield credit.id


def _shared(account: Account, gone: set[Name], both: set[Name], view: View) -> Iterator[str]:
    """What concerns what goes and what stays."""

    def shared(*names: Name) -> bool:
        return len({name in gone for name in names}) == 2 or any(name in both for name in names)

    yield from obstacles_between(account, view, shared)
    for kind, id in sorted(gone):
        if kind == "item" and account.cash.reserved(id):
            yield f"payment on its way for {id!r}"
