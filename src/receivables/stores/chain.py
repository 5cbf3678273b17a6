"""The hash chain over stored facts: each link covers the fact, its place, and all before it.

1. A link is the SHA-256 of the link before, the account, the position and the body of the fact. The body has no personal
   text, only the places of it, so an erasure leaves every link as it was, and no link lets anybody guess a short text.
2. Whoever changes, removes, inserts or reorders facts breaks the chain from there on, unless all later links are worked
   out anew. Against that a host keeps heads where the database's owner cannot reach them: signed, printed, or in
   another system. One `anchor` stands for the heads of all accounts.
3. Verification needs no store: it reads rows of an export, in order.

The chain shows that a log was tampered with; it cannot show who did it, and it keeps nobody from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, final

from attrs import frozen

START: Final = ""
"""The link before the first fact."""


@final
@frozen(kw_only=True)
class Linked:
    """One row of an export: the fact at a place of a log, without personal text, and its link."""

    account: str
    position: int
    body: str
    link: str


@final
@frozen(kw_only=True)
class Head:
    """Where the chain of an account ends: how many facts it has, and the link of the last one."""

    account: str
    length: int
    link: str


@final
@frozen(kw_only=True)
class Break:
    """The first place of an account's chain that is not as it was written.

    ``kind`` is ``changed`` (a fact or its link), ``removed``, ``inserted``, ``reordered``, or ``rewritten`` where all links fit
    and a head that was kept elsewhere does not.
    """

    account: str
    position: int
    kind: str

    def __str__(self) -> str:
        return f"account {self.account!r}, position {self.position}: {self.kind}"


def link_of(previous: str, account: str, position: int, body: str) -> str:
    """The link of a fact: 64 hexadecimal digits.

    Two texts of a body that are the same JSON have the same link, so an export may space and order it otherwise.

    >>> link_of(START, "ACME", 1, '{"tag":"x/1","a":1}') == link_of(START, "ACME", 1, '{"a": 1, "tag": "x/1"}')
    True
    """
    return _link(previous, account, position, _canonical(body))


def _link(previous: str, account: str, position: int, body: str) -> str:
    text = json.dumps([previous, account, position, body], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def linked(account: str, bodies: Iterable[str], after: Head | None = None) -> Iterator[Linked]:
    """Further rows of a log, with their links; the bodies are as `receivables.stores.bodies.fact_texts` writes them.

    >>> [row.position for row in linked("ACME", ['{"tag":"x/1"}', '{"tag":"y/1"}'])]
    [1, 2]
    """
    position, link = (after.length, after.link) if after else (0, START)
    for body in bodies:
        position += 1
        link = _link(link, account, position, body)
        yield Linked(account=account, position=position, body=body, link=link)


def anchor(heads: Iterable[Head]) -> str:
    """One digest for the heads of all accounts, whatever their order: what a host signs or prints once a day.

    >>> anchor([Head(account="A", length=1, link="a1"), Head(account="B", length=0, link="")])[:16]
    '110b02c0bc7b900c'
    """
    rows = sorted([each.account, each.length, each.link] for each in heads)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode("ascii")).hexdigest()


def verify(rows: Iterable[Linked], heads: Iterable[Head] = ()) -> tuple[Break, ...]:
    """The first break of each account; nothing where all is as it was written.

    ``rows`` come account by account, each in the order of its positions. ``heads`` are those that were kept elsewhere, of
    now or of any time before; an account that has one and no rows was removed.

    >>> rows = list(linked("ACME", ['{"n":1}', '{"n":2}', '{"n":3}']))
    >>> verify(rows), str(verify([rows[0], rows[2]])[0])
    ((), "account 'ACME', position 2: removed")
    """
    kept: dict[str, list[Head]] = {}
    for head in heads:
        kept.setdefault(head.account, []).append(head)
    found: dict[str, Break | None] = {}
    for account, its in groupby(rows, attrgetter("account")):
        again = Break(account=account, position=1, kind="inserted") if account in found else None
        found[account] = again or _first_break(account, list(its), kept.get(account, ()))
    for account, its_heads in kept.items():
        if account not in found and any(head.length for head in its_heads):
            found[account] = Break(account=account, position=1, kind="removed")
    return tuple(each for each in found.values() if each is not None)


def _first_break(account: str, rows: Sequence[Linked], heads: Sequence[Head]) -> Break | None:
    link = START
    for at, row in enumerate(rows, 1):
        if row.position != at:
            return Break(account=account, position=at, kind=_misplaced(rows, at))
        if link_of(link, account, at, row.body) != row.link:
            length = max((head.length for head in heads), default=None)
            return Break(account=account, position=at, kind=_kind(account, rows, at, link, length))
        link = row.link
    return _against(account, rows, heads)


def _misplaced(rows: Sequence[Linked], at: int) -> str:
    """A position is left out, there twice, or stands elsewhere."""
    position = rows[at - 1].position
    if position < at:
        return "inserted" if any(row.position == position for row in rows[: at - 1]) else "reordered"
    return "reordered" if any(row.position == at for row in rows) else "removed"


def _kind(account: str, rows: Sequence[Linked], at: int, previous: str, length: int | None) -> str:
    """What happened where the positions are whole: whether what belongs here, or what stands here, is found elsewhere."""
    if any(link_of(previous, account, at, row.body) == row.link for row in rows[at:]):
        return "reordered" if _is_ours(account, rows, rows[at - 1]) else "inserted"
    if length is not None and length > len(rows):
        return "removed"
    return "changed"


def _is_ours(account: str, rows: Sequence[Linked], moved: Linked) -> bool:
    """Whether a row has the link of another place; where one row moved, the others did so by one place at most."""
    return any(
        link_of(row.link, account, at + near, moved.body) == moved.link
        for at, row in enumerate(rows, 1)
        for near in (0, 1, 2)
    )


def _against(account: str, rows: Sequence[Linked], heads: Sequence[Head]) -> Break | None:
    """A chain that fits in itself, beside the heads that were kept elsewhere."""
    for head in sorted(heads, key=attrgetter("length")):
        if head.length > len(rows):
            return Break(account=account, position=len(rows) + 1, kind="removed")
        if head.length and rows[head.length - 1].link != head.link:
            return Break(account=account, position=head.length, kind="rewritten")
    return None


def heads_of(rows: Iterable[Linked]) -> Mapping[str, Head]:
    """The head of each account of an export."""
    return {row.account: Head(account=row.account, length=row.position, link=row.link) for row in rows}


def _canonical(body: str) -> str:
    """The JSON of a body in one form; what is no JSON any more is taken as it is, and fits no link."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return body
