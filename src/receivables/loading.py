"""What flows are made of, and how they come to an account.

A flow is a generator that yields `Call`, one call of a port, or `Atomic`, a flow within one transaction, and gets the
answers sent in. An account that never was merged is one call of the store; `whole` follows it to the account that it
became part of, and loads what it absorbed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeVar, cast, final

from attrs import frozen

from receivables.ports import Loaded
from receivables.state.account import Account, compose, fold, related_to

T = TypeVar("T")


@final
@frozen
class Call:
    """One call of a port: which port, which method, with what."""

    port: str
    method: str
    args: tuple[Any, ...] = ()


@final
@frozen
class Atomic:
    """A flow that runs within one transaction; ``start`` begins it anew for each try."""

    start: Callable[[], Flow[Any]]


@final
@frozen
class Emit:
    """A result that a stream hands out before it goes on."""

    result: Any


Flow = Generator["Call | Atomic", Any, T]
Stream = Generator["Call | Atomic | Emit", Any, None]


def call(port: str, method: str, *args: Any) -> Flow[Any]:
    """One call of a port, as a flow."""
    return (yield Call(port, method, args))


def atomic(start: Callable[[], Flow[T]]) -> Flow[T]:
    """A flow within one transaction, as a flow."""
    return cast(T, (yield Atomic(start)))


def load(ids: Sequence[str]) -> Flow[Mapping[str, Loaded]]:
    """What the store knows of these accounts."""
    return cast(Mapping[str, Loaded], (yield from call("store", "load", tuple(ids))))


def account_of(loaded: Loaded) -> Account:
    """The account of what a store gave: the snapshot with the facts after it."""
    if loaded.snapshot is None:
        return fold(loaded.facts)
    return fold(loaded.facts, loaded.snapshot) if loaded.facts else loaded.snapshot


@final
@frozen(kw_only=True)
class Whole:
    """An account with all that is part of it, and the versions of all that was read to know it.

    ``id`` is the account that answers: another one than was asked for where that was merged.
    """

    id: str
    account: Account
    versions: Mapping[str, int]
    logs: Mapping[str, Account]
    """Each account that was read, by itself."""


def whole(id: str, *, as_it_stands: bool = False) -> Flow[Whole]:
    """The account that answers for an id, with all that it absorbed.

    ``as_it_stands`` does not follow an account that was merged to the one that it became part of.
    """
    return (yield from completed(id, (yield from load([id]))[id], as_it_stands=as_it_stands))


def completed(id: str, loaded: Loaded, *, as_it_stands: bool = False) -> Flow[Whole]:
    """As `whole`, from what the store gave for the id."""
    account = account_of(loaded)
    if account.merges.alone:
        return Whole(id=id, account=account, versions={id: loaded.version}, logs={id: account})
    read = {id: loaded}
    root = id if as_it_stands else (yield from _followed(id, read))
    on_the_way = tuple(read)
    yield from _read_parts(root, read)
    known = {each: account_of(found) for each, found in read.items()}
    account = compose(known[root], known)
    # What was read on the way counts too: the account that was asked for may be separated meanwhile.
    counts = {*on_the_way, *(part.id for part in account.joined)}
    versions = {each: found.version for each, found in read.items() if each in counts}
    return Whole(id=root, account=account, versions=versions, logs=known)


def _followed(id: str, read: dict[str, Loaded]) -> Flow[str]:
    """Where an account went, from merger to merger; what is read on the way is kept in ``read``."""
    while (into := account_of(read[id]).merges.into()) is not None and into not in read:
        read.update((yield from load([into])))
        id = into
    return id


def _read_parts(root: str, read: dict[str, Loaded]) -> Flow[None]:
    """Read all that an account is or was related to, level by level."""
    level, seen = [root], {root}
    while level:
        ids = [id for each in level for id in related_to(account_of(read[each])) if id not in seen]
        seen.update(ids)
        if missing := [id for id in ids if id not in read]:
            read.update((yield from load(missing)))
        level = ids
