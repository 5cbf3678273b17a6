"""What a payment names: documents by whole tokens and by weaker traces of them, and the debtor by explicit data.

A token counts once per account, for the strongest thing that it can be there: where it is a whole number of an account,
it is not half of another number of that account as well. What it means for one account does not depend on the items of
another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from receivables.documents.payment import Payment
from receivables.documents.reason import Reason
from receivables.policies.matching_aliases import payer_key
from receivables.policies.matching_index import MatchIndex, Places
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.matching_proposals import PassedOver
from receivables.policies.matching_tokens import (
    COMPACT,
    Key,
    PayerText,
    Token,
    as_written,
    creditor_references,
    divides_alike,
    keys_in,
    keys_of,
    read,
    words,
)
from receivables.values.currencies import Currency

STRENGTH: Mapping[str, int] = {
    "creditor_reference": 0,
    "reference": 1,
    "bare_reference": 2,
    "joined_reference": 3,
    "cut_reference": 4,
}
"""How an item was named -> its place from strong to weak."""

MOST_BEGINNINGS = 5
"""A cut number that begins more numbers than this names nothing."""

_SETTLED = Reason(code="settled", retryable=False)
_LOST = Reason(code="written_off", retryable=False)
_RESERVED = Reason(code="reserved")
_OTHER_CURRENCY = Reason(code="other_currency", retryable=False)
_NOTHING_READ = PayerText((), frozenset(), frozenset())

Named = dict[str, dict[int, str]]
"""Account -> position -> how it was named."""


class Names(NamedTuple):
    """What a payment names."""

    reading: PayerText
    documents: Named
    debtors: Mapping[str, str]
    """Account -> how it was recognized as the debtor."""
    passed_over: tuple[PassedOver, ...]
    tokens: Mapping[str, frozenset[int]]
    """Account -> the tokens that name something open of it; empty where only one account is named."""

    def names_more_than(self, account: str) -> bool:
        """Whether tokens that mean nothing in an account name something of another account of the debtor."""
        mine = self.tokens.get(account, frozenset())
        return any(theirs - mine for other, theirs in self.tokens.items() if other in self.debtors)


def names_of(payment: Payment, index: MatchIndex, policy: MatchingPolicy) -> Names:
    """Everything that a payment names in an index."""
    remittance = payment.remittance
    reading = read(remittance.text) if remittance.text else _NOTHING_READ
    finder = _Finder(index, policy)
    for reference in remittance.references:
        finder.look(read(reference).tokens, structured=True)
    if reading.tokens:
        finder.look(reading.tokens, structured=False)
        finder.look_for_beginning(reading.tokens)
    documents, passed_over = _open_only(finder.found, index, payment.amount.currency)
    debtors = _debtors(payment, index)
    passed_over = (*passed_over, *_closed(payment, debtors, index))
    return Names(reading, documents, debtors, passed_over, finder.tokens_of(documents))


class _Finder:
    """Collects what tokens name, text by text."""

    def __init__(self, index: MatchIndex, policy: MatchingPolicy) -> None:
        self.index, self.layout = index, index.layout
        self.least = {
            "creditor_reference": 1,
            "reference": policy.shortest_reference,
            "bare_reference": policy.shortest_bare,
            "joined_reference": policy.shortest_joined,
            "cut_reference": policy.shortest_cut,
        }
        self.found: Named = {}
        self.used: set[tuple[str, int]] = set()
        """(account, token) that counted; the tokens of several texts are numbered on."""
        self.before = 0

    def look(self, tokens: tuple[Token, ...], *, structured: bool) -> None:
        """Find what the tokens of one text name; a structured reference may be short."""
        self.before += 1000
        for start, width, body in creditor_references(tokens):
            for text in keys_of(body)[0]:
                self._take(self.layout.whole, Key(0, width, start, text, "creditor_reference", False))
        seen: set[tuple[int, int, tuple[int, ...]]] = set()
        for key in keys_in(tokens, self.layout.known):
            places = self.layout.bare if key.bare else self.layout.whole
            same = (key.start, key.width, places[key.text])  # most numbers have one item, found in every way
            if same not in seen and (structured or _size(key.text) >= self.least[key.kind]):
                seen.add(same)
                self._take(places, key, tokens[key.start] if key.rank == COMPACT else None)

    def look_for_beginning(self, tokens: tuple[Token, ...]) -> None:
        """Where a bank cut the text off, its last token may be the beginning of a number."""
        text, numbers = tokens[-1].joined, self.layout.numbers
        if len(text) < self.least["cut_reference"] or text.isalpha():
            return
        start = bisect_left(numbers, text)
        stop = bisect_left(numbers, text + "\U0010ffff", start, min(len(numbers), start + MOST_BEGINNINGS + 2))
        longer = [number for number in numbers[start:stop] if number != text]
        if len(longer) <= MOST_BEGINNINGS:
            for number in longer:
                self._take(self.layout.whole, Key(5, 1, len(tokens) - 1, number, "cut_reference", False))

    def _take(self, places: Places, key: Key, written: Token | None = None) -> None:
        """Count a key for every account in which its tokens did not count for something stronger."""
        tokens = [(self.before + at) for at in range(key.start, key.start + key.width)]
        newly: set[str] = set()
        for at in places.get(key.text, ()):
            account = self.index.account_at(at)
            if account not in newly and any((account, token) in self.used for token in tokens):
                continue
            if written is not None and not divides_alike(written, self._number(at)):
                continue
            newly.add(account)
            mine = self.found.setdefault(account, {})
            if STRENGTH[key.kind] < STRENGTH.get(mine.get(at, ""), 9):
                mine[at] = key.kind
        if key.kind != "cut_reference":  # it may begin several numbers of one account
            self.used.update((account, token) for account in newly for token in tokens)

    def tokens_of(self, documents: Named) -> dict[str, frozenset[int]]:
        """The tokens that counted for each of several accounts."""
        if len(documents) < 2:
            return {}
        return {name: frozenset(at for account, at in self.used if account == name) for name in documents}

    def _number(self, at: int) -> str:
        return self.layout.items[at].document if at >= 0 else self.layout.credits[-1 - at].id


def _size(text: str) -> int:
    return len(text) - text.count(" ")


def _open_only(found: Named, index: MatchIndex, currency: Currency) -> tuple[Named, tuple[PassedOver, ...]]:
    """What can still be paid in a currency, and the items that cannot, with the reason."""
    documents: Named = {}
    passed: list[tuple[int, Reason]] = []
    for account, places in found.items():
        for at, kind in places.items():
            if at < 0:
                open_, mine = index.left[-1 - at], index.layout.credits[-1 - at].currency
            else:
                open_, mine = index.open_at(at), index.layout.items[at].currency
            if open_ and mine == currency:
                documents.setdefault(account, {})[at] = kind
            elif at >= 0 and kind != "cut_reference":
                settled = _RESERVED if at in index.layout.reserved else _SETTLED
                passed.append((at, _OTHER_CURRENCY if open_ else settled))
    return documents, tuple(
        PassedOver(account=index.account_at(at), item=index.layout.items[at].id, reason=reason)
        for at, reason in sorted(passed, key=lambda each: each[0])
    )


def _closed(payment: Payment, debtors: Iterable[str], index: MatchIndex) -> Iterator[PassedOver]:
    """The items of the debtors that are named as they are written and were closed before the index was made."""
    closed_of, remittance = index.layout.closed, payment.remittance
    concerned = [account for account in sorted(debtors) if closed_of[account]]
    if not concerned:
        return
    written = dict.fromkeys((*remittance.references, *as_written(remittance.text)))
    for account in concerned:
        closed = closed_of[account]
        for word in written:
            if word in closed:
                reason = _LOST if (account, word) in index.layout.lost else _SETTLED
                yield PassedOver(account=account, item=word, reason=reason)


# Debtors --------------------------------------------------------------------------------------------------------------


def _debtors(payment: Payment, index: MatchIndex) -> dict[str, str]:
    """The accounts that the payment comes from, each with the strongest way in which it was recognized."""
    layout = index.layout
    found: dict[str, str] = {}
    if payment.account in layout.closed:
        found[payment.account] = "account"
    if layout.payers:
        for account in _by_payer(payment, index):
            found.setdefault(account, "payer")
    if layout.aliases:
        for account in _by_alias(payment, index):
            found.setdefault(account, "alias")
    if layout.groups:
        for account in _members(found, index):
            found.setdefault(account, "group")
    return {account: kind for account, kind in found.items() if account in layout.closed}


def _by_payer(payment: Payment, index: MatchIndex) -> tuple[str, ...]:
    """For whom the account that the money came from pays; where nobody knows it, for whom the payer's name does."""
    known = (index.layout.payers.get(payer_key(payer), ()) for payer in (payment.payer_account, payment.payer) if payer)
    return next(filter(None, known), ())


def _by_alias(payment: Payment, index: MatchIndex) -> Iterator[str]:
    text = frozenset((*words(payment.remittance.text), *words(payment.payer or "")))
    for word in sorted(text):
        for needed, account in index.layout.aliases.get(word, ()):
            if needed <= text:
                yield account


def _members(accounts: Iterable[str], index: MatchIndex) -> list[str]:
    """The other members of the groups that these accounts belong to."""
    layout = index.layout
    return [
        member
        for account in accounts
        if account in layout.group_of
        for member in layout.groups[layout.group_of[account]]
    ]
