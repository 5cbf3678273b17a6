"""What a durable store does, written once: generators of statements, for whichever driver carries them out.

A generator yields `Ask`, one statement, and gets the rows sent in; ``TRANSACTION`` asks whether one is open. The
statements have ``?`` for each parameter and nothing from outside in their text.

The commit, in this order:

1. lock the heads of all accounts in the order of their ids, and look at their versions: `StaleAccount`;
2. look whether a receipt or a claim is there already: `KeyReused`, `ClaimTaken`;
3. insert what must be unique, new heads, receipts, claims, in this order and each in the order of its keys. Where two
   transactions can write at once, another may have inserted the same meanwhile: the insert waits for it and then does
   nothing, what this commit inserted so far is deleted again, and the error is the one of 1 or 2;
4. write the facts, the links, the versions and the days. Nothing of this can be refused.

So whoever goes on in the transaction after an error finds in it what was there before. The order is the same for every
commit, so two of them never wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar, final

from attrs import Factory, define, frozen

from receivables.errors import ClaimTaken, InvalidValue, KeyReused, NoTransaction, StaleAccount
from receivables.facts.fact import Fact
from receivables.ports import Append, Commit, Loaded, Receipt
from receivables.stores.bodies import PLAIN, PersonalColumn, fact_texts, read_fact, read_receipt, receipt_text
from receivables.stores.chain import START, Linked, linked
from receivables.stores.chain import Head as ChainHead
from receivables.stores.schema import Database, Tables
from receivables.values import checks

CHUNK = 200
"""How many keys or rows one statement names at most: SQLite takes 999 parameters where it is old."""

LONGEST_KEY = 800
"""How many bytes of UTF-8 an id or a key may have: PostgreSQL indexes rows of at most 2,700 bytes, and a link has three."""

Row = tuple[Any, ...]
T = TypeVar("T")


@final
@frozen
class Ask:
    """One statement with its parameters; with ``many`` the parameters are rows, and nothing comes back."""

    text: str
    values: Sequence[Any] = ()
    many: bool = False


TRANSACTION: Final = Ask("")
"""Asks the driver whether a transaction is open."""

Steps = Generator[Ask, Any, T]


@final
@frozen(kw_only=True)
class Ground:
    """Where the statements work: the names of the tables, the dialect, how personal texts are written."""

    tables: Tables
    dialect: Database
    personal: PersonalColumn = PLAIN

    def fact(self, account: str, position: int, body: str, personal: str | None) -> Fact:
        """The fact of a row."""
        return read_fact(body, self.personal.read(account, position, personal) if personal else personal)


# Reading


def load(ground: Ground, ids: Sequence[str]) -> Steps[Mapping[str, Loaded]]:
    """Versions and facts from one statement, so that they belong together whoever writes meanwhile."""
    found = {id: Loaded() for id in ids}
    t = ground.tables
    for chunk in _chunks(_keys("store.account", found)):
        rows = yield Ask(
            f"SELECT a.id, a.version, f.position, f.body, f.personal FROM {t.accounts} a LEFT JOIN {t.facts} f ON f.account = a.id"
            f" WHERE a.id IN ({_marks(chunk)}) ORDER BY a.id, f.position",
            chunk,
        )
        for (id, version), its in groupby(rows, lambda row: (row[0], row[1])):
            facts = tuple(ground.fact(id, *row) for _, _, *row in its if row[0] is not None)
            found[id] = Loaded(facts=facts, version=version)
    return found


def history(ground: Ground, account: str, after: int, limit: int) -> Steps[Sequence[Fact]]:
    """The facts at the places after ``after``."""
    text = (
        f"SELECT position, body, personal FROM {ground.tables.facts}"
        " WHERE account = ? AND position > ? ORDER BY position LIMIT ?"
    )
    rows = yield Ask(text, (_key("store.account", account), after, limit))
    return tuple(ground.fact(account, *row) for row in rows)


def export(ground: Ground, account: str, after: int, limit: int) -> Steps[Sequence[Linked]]:
    """The bodies and links at the places after ``after``."""
    text = (
        f"SELECT position, body, link FROM {ground.tables.facts}"
        " WHERE account = ? AND position > ? ORDER BY position LIMIT ?"
    )
    rows = yield Ask(text, (_key("store.account", account), after, limit))
    return tuple(Linked(account=account, position=position, body=body, link=link) for position, body, link in rows)


def heads(ground: Ground, after: str, limit: int) -> Steps[Sequence[ChainHead]]:
    """A page of the heads of all chains."""
    text = f"SELECT id, length, link FROM {ground.tables.accounts} WHERE id > ? ORDER BY id LIMIT ?"
    rows = yield Ask(text, (after, limit))
    return tuple(ChainHead(account=id, length=length, link=link) for id, length, link in rows)


def head(ground: Ground, account: str) -> Steps[ChainHead]:
    """The head of one chain."""
    text = f"SELECT length, link FROM {ground.tables.accounts} WHERE id = ?"
    rows = yield Ask(text, (_key("store.account", account),))
    length, link = rows[0] if rows else (0, START)
    return ChainHead(account=account, length=length, link=link)


def receipt(ground: Ground, key: str) -> Steps[Receipt | None]:
    """The receipt of a key."""
    rows = yield Ask(f"SELECT body FROM {ground.tables.receipts} WHERE key = ?", (_key("store.key", key),))
    return read_receipt(rows[0][0]) if rows else None


def due(ground: Ground, day: dt.date, after: str, limit: int) -> Steps[Sequence[str]]:
    """A page of those who wake on or before a day."""
    text = f"SELECT id FROM {ground.tables.accounts} WHERE wake_on <= ? AND id > ? ORDER BY id LIMIT ?"
    return _firsts((yield Ask(text, (ground.dialect.day(day), after, limit))))


def accounts(ground: Ground, after: str, limit: int) -> Steps[Sequence[str]]:
    """A page of all."""
    text = f"SELECT id FROM {ground.tables.accounts} WHERE id > ? ORDER BY id LIMIT ?"
    return _firsts((yield Ask(text, (after, limit))))


def find(ground: Ground, namespace: str, key: str) -> Steps[Sequence[str]]:
    """Who claimed or linked a key."""
    t, asked = ground.tables, (_key("store.namespace", namespace), _key("store.key", key))
    text = (
        f"SELECT account FROM {t.claims} WHERE namespace = ? AND key = ?"
        f" UNION SELECT account FROM {t.links} WHERE namespace = ? AND key = ? ORDER BY 1"
    )
    return _firsts((yield Ask(text, (*asked, *asked))))


def schema_version(ground: Ground) -> Steps[int]:
    """The newest version that the tables were brought to."""
    rows = yield Ask(f"SELECT MAX(version) FROM {ground.tables.schema}")
    return int(rows[0][0])


# The commit


@define
class _Head:
    """The head of one account, as it stands and what the commit does to it."""

    known: bool = False
    version: int = 0
    length: int = 0
    link: str = START
    moves: int = 0
    append: Append | None = None
    rows: list[Row] = Factory(list)

    def row(self, dialect: Database) -> Row:
        """Version, length, link and day of attention as they will be."""
        wake_on = self.append.wake_on if self.append else None
        day = None if wake_on is None else dialect.day(wake_on)
        link = self.rows[-1][-1] if self.rows else self.link
        return self.version + self.moves, self.length + len(self.rows), link, day


Heads = Mapping[str, _Head]
"""By account, in the order of the ids."""


def commit(ground: Ground, commit: Commit) -> Steps[None]:
    """All of it or nothing; see the module."""
    _check_keys(commit)
    heads = yield from _locked(ground, commit)
    yield from _check_receipts(ground, commit)
    yield from _check_claims(ground, commit)
    yield from _reserve(ground, commit, heads)
    yield from _write(ground, commit, heads)


def _check_keys(commit: Commit) -> None:
    _keys("store.account", _expected(commit))
    _keys("store.key", [text for each in commit.claims for text in (each.namespace, each.key)])
    _keys("store.key", [text for each in commit.links for text in (each.namespace, each.key)])
    _keys("store.key", [each.key for each in commit.receipts])


def _expected(commit: Commit) -> Mapping[str, list[int]]:
    """The versions that a commit expects, by account, in the order of the ids."""
    asked = [(each.account, each.expected) for each in commit.appends]
    asked = sorted(asked + [(each.account, each.expected) for each in commit.guards])
    return {id: [expected for _, expected in its] for id, its in groupby(asked, lambda pair: pair[0])}


def _locked(ground: Ground, commit: Commit) -> Steps[Heads]:
    """Lock what there is, in the order of the ids; a database that knows one writer at a time is locked as a whole.

    On SQLite an update that changes nothing takes the lock; what is read after it is the newest there is.
    """
    wanted, t = _expected(commit), ground.tables
    heads = {id: _Head() for id in wanted}
    for chunk in _chunks(list(wanted)):
        marks = _marks(chunk)
        if not ground.dialect.waits:
            yield Ask(f"UPDATE {t.accounts} SET version = version WHERE id IN ({marks})", chunk)
        end = " FOR UPDATE" if ground.dialect.waits else ""
        text = f"SELECT id, version, length, link FROM {t.accounts} WHERE id IN ({marks}) ORDER BY id{end}"
        for id, version, length, link in (yield Ask(text, chunk)):
            heads[id] = _Head(known=True, version=version, length=length, link=link)
    if not (yield TRANSACTION):
        raise NoTransaction
    for id, versions in wanted.items():
        for expected in versions:
            if heads[id].version != expected:
                raise StaleAccount(id, expected, heads[id].version)
    _decide(ground, commit, heads)
    return heads


def _decide(ground: Ground, commit: Commit, heads: Heads) -> None:
    """What the commit does to each head."""
    for append in commit.appends:
        head = heads[append.account]
        head.append = append
        head.moves += len(append.facts)
        head.rows = list(_fact_rows(ground, append, head))
    for guard in commit.guards:
        heads[guard.account].moves += 1


def _check_receipts(ground: Ground, commit: Commit) -> Steps[None]:
    keys = [each.key for each in commit.receipts]
    taken: set[str] = set()
    for chunk in _chunks(keys):
        text = f"SELECT key FROM {ground.tables.receipts} WHERE key IN ({_marks(chunk)})"
        taken.update(_firsts((yield Ask(text, chunk))))
    for key in keys:
        if key in taken:
            raise KeyReused(key)
        taken.add(key)


def _check_claims(ground: Ground, commit: Commit) -> Steps[None]:
    holders = yield from _holders(ground, [(each.namespace, each.key) for each in commit.claims])
    for claim in commit.claims:
        key = (claim.namespace, claim.key)
        if key in holders:
            raise ClaimTaken(claim.namespace, claim.key, holders[key])
        holders[key] = commit.append.account


def _holders(ground: Ground, keys: Sequence[tuple[str, str]]) -> Steps[dict[tuple[str, str], str]]:
    found: dict[tuple[str, str], str] = {}
    for chunk in _chunks(keys):
        either = " OR ".join(["namespace = ? AND key = ?"] * len(chunk))
        text = f"SELECT namespace, key, account FROM {ground.tables.claims} WHERE {either}"
        rows = yield Ask(text, [each for key in chunk for each in key])
        found |= {(namespace, key): account for namespace, key, account in rows}
    return found


@define
class _Unique:
    """Rows that are inserted only where their key is free, and how to take them back."""

    table: str
    columns: tuple[str, ...]
    keys: int
    rows: list[Row]
    inserted: list[Row]

    def insert(self, ground: Ground) -> Steps[Row | None]:
        """Insert all; gives the first key that another transaction was faster with, after it is done."""
        names = ", ".join(self.columns)
        for chunk in _chunks(self.rows):
            text = f"INSERT INTO {self.table} ({names}) VALUES "
            if not ground.dialect.waits:
                yield Ask(f"{text}({_marks(self.columns)})", chunk, many=True)
                continue
            text += ", ".join([f"({_marks(self.columns)})"] * len(chunk))
            text += f" ON CONFLICT DO NOTHING RETURNING {', '.join(self.columns[: self.keys])}"
            rows = yield Ask(text, [value for row in chunk for value in row])
            self.inserted += rows
            came = set(rows)
            if missing := [row[: self.keys] for row in chunk if row[: self.keys] not in came]:
                return missing[0]
        return None

    def take_back(self) -> Steps[None]:
        """Delete what was inserted: nobody else has seen it."""
        if self.inserted:
            where = " AND ".join(f"{column} = ?" for column in self.columns[: self.keys])
            yield Ask(f"DELETE FROM {self.table} WHERE {where}", self.inserted, many=True)


def _reserve(ground: Ground, commit: Commit, heads: Heads) -> Steps[None]:
    """New heads, receipts and claims; where another transaction had one of them meanwhile, none stays."""
    done: list[_Unique] = []
    for unique, refusal in _uniques(ground, commit, heads):
        done.append(unique)
        lost = (yield from unique.insert(ground)) if unique.rows else None
        if lost is not None:
            for each in reversed(done):
                yield from each.take_back()
            raise (yield from refusal(ground, lost))


Refusal = Callable[[Ground, Row], Steps[Exception]]


def _uniques(ground: Ground, commit: Commit, heads: Heads) -> list[tuple[_Unique, Refusal]]:
    t, dialect, first = ground.tables, ground.dialect, commit.append.account
    new = [(id, *head.row(dialect)) for id, head in heads.items() if not head.known]
    receipts = sorted(_receipt_row(each, dialect) for each in commit.receipts)
    claims = sorted((each.namespace, each.key, first) for each in commit.claims)
    return [
        (_Unique(t.accounts, ("id", "version", "length", "link", "wake_on"), 1, new, []), _stale),
        (_Unique(t.receipts, ("key", "account", "recorded_on", "body"), 1, receipts, []), _reused),
        (_Unique(t.claims, ("namespace", "key", "account"), 2, claims, []), _taken),
    ]


def _receipt_row(receipt: Receipt, dialect: Database) -> Row:
    recorded_on = receipt.recorded_at.astimezone(dt.UTC).date()
    return receipt.key, receipt.account, dialect.day(recorded_on), receipt_text(receipt)


def _stale(ground: Ground, key: Row) -> Steps[Exception]:
    """Only a head that was not there is inserted: version 0 was expected."""
    rows = yield Ask(f"SELECT version FROM {ground.tables.accounts} WHERE id = ?", key)
    return StaleAccount(key[0], 0, rows[0][0] if rows else 0)


def _reused(ground: Ground, key: Row) -> Steps[Exception]:
    yield from ()
    return KeyReused(key[0])


def _taken(ground: Ground, key: Row) -> Steps[Exception]:
    namespace, name = key
    holders = yield from _holders(ground, [(namespace, name)])
    return ClaimTaken(namespace, name, holders.get((namespace, name), ""))


def _write(ground: Ground, commit: Commit, heads: Heads) -> Steps[None]:
    """What nobody can refuse any more: the heads are locked, and what is unique is there."""
    t, dialect, first = ground.tables, ground.dialect, commit.append.account
    facts = [row for append in commit.appends for row in heads[append.account].rows]
    if facts:
        columns = "account, position, tag, body, personal, link"
        yield Ask(f"INSERT INTO {t.facts} ({columns}) VALUES (?, ?, ?, ?, ?, ?)", facts, True)
    erased = [(each.account, position) for each in commit.erasures for position in each.positions]
    if erased:
        text = f"UPDATE {t.facts} SET personal = '' WHERE account = ? AND position = ? AND personal IS NOT NULL"
        yield Ask(text, erased, True)
    links = sorted({(each.namespace, each.key, first) for each in commit.links})
    if links:
        text = f"{dialect.link_prefix} INTO {t.links} (namespace, key, account) VALUES (?, ?, ?){dialect.link_suffix}"
        yield Ask(text, links, True)
    known = {id: head for id, head in heads.items() if head.known}
    moved = [(*head.row(dialect), id) for id, head in known.items() if head.append]
    if moved:
        yield Ask(f"UPDATE {t.accounts} SET version = ?, length = ?, link = ?, wake_on = ? WHERE id = ?", moved, True)
    guarded = [(head.version + head.moves, id) for id, head in known.items() if not head.append]
    if guarded:
        yield Ask(f"UPDATE {t.accounts} SET version = ? WHERE id = ?", guarded, True)


def _fact_rows(ground: Ground, append: Append, head: _Head) -> Iterable[Row]:
    account, texts = append.account, [fact_texts(fact) for fact in append.facts]
    start = ChainHead(account=account, length=head.length, link=head.link)
    for (tag, body, personal), row in zip(texts, linked(account, (body for _, body, _ in texts), start), strict=True):
        written = ground.personal.write(account, row.position, personal) if personal else personal
        yield account, row.position, tag, body, written, row.link


# Small parts


def _firsts(rows: Iterable[Row]) -> list[str]:
    return [row[0] for row in rows]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))


def _keys(what: str, keys: Iterable[str]) -> list[str]:
    return [_key(what, key) for key in keys]


def _key(what: str, key: str) -> str:
    """A text that every database can compare: without NUL or half a character, and not too long for an index."""
    checks.text(what, key)
    try:
        length = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidValue(what, key, "must be text that can be written in UTF-8") from None
    if "\0" in key:
        raise InvalidValue(what, key, "must hold no NUL character")
    if length > LONGEST_KEY:
        raise InvalidValue(what, f"{key[:40]}...", f"must have at most {LONGEST_KEY} bytes")
    return key
