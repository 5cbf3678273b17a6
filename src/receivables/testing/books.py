"""What a store must hold, written as plainly as the rules of `receivables.ports` allow: the auditor's second store.

It takes the commits that the audited store accepted, and knows for each commit whether it must be accepted, and for each
question what the answer must be. What is not so is a `Violation` of one of the `RULES`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, final

from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.loading import account_of
from receivables.plans.plan import Erasure
from receivables.ports import Commit, Loaded, Receipt
from receivables.state.account import Account, compose, fold
from receivables.stores.bodies import erased

RULES: Mapping[str, str] = {
    "store": "the store answers what the rules of the port say: logs, versions, claims, links, receipts, days of attention",
    "commit": "it refuses what is stale, claimed or answered already, takes what is not, and is unchanged by a refusal",
    "receipt": "one key has one receipt, for ever; what was acknowledged is in the log",
    "money": "invoices and charges less credits are the balance of the account; no amount is made or lost",
    "allocation": "no payment gives more than it has, no item takes more than it is for, nothing open is below zero",
    "limit": "no order is approved that takes a customer or a group above the limit",
    "letter": "one key is one letter, sent only after it was recorded that it is being sent, and never twice",
    "dunning": "no letter begins on an item on which nothing is open",
    "wake": "a run over all accounts gives nothing that the run over those who are due would miss",
    "twice": "the run of a day a second time records nothing",
    "rebuilt": "an account folded anew from its log is the account that was kept",
    "past": "what was true on a date as known at an instant stays so",
}
"""What the auditor looks at, by the name that a `Violation` gives."""


@final
class Violation(AssertionError):
    """A rule of `RULES` that does not hold, with what was seen."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(rule, seen)
        self.rule, self.seen = rule, seen

    def __str__(self) -> str:
        return f"{self.rule}: {self.seen}"


def check(rule: str, holds: bool, *seen: object) -> None:
    """Raise the `Violation` of a rule that does not hold, with what was seen as its words."""
    assert rule in RULES
    if not holds:
        raise Violation(rule, " ".join(map(str, seen)))


@final
class Books:
    """What a store must hold after the commits that it accepted."""

    def __init__(self) -> None:
        self.logs: dict[str, list[Fact]] = {}
        self.accounts: dict[str, Account] = {}
        self.versions: dict[str, int] = {}
        self.wakes: dict[str, dt.date | None] = {}
        self.claims: dict[tuple[str, str], str] = {}
        self.links: dict[tuple[str, str], set[str]] = {}
        self.receipts: dict[str, Receipt] = {}
        self._verified: dict[str, tuple[Any, int]] = {}

    def obstacle(self, commit: Commit) -> str:
        """Why a commit must be refused; an empty text where it must be accepted."""
        asked = [(append.account, append.expected) for append in commit.appends]
        asked += [(guard.account, guard.expected) for guard in commit.guards]
        for id, expected in asked:
            if self.versions.get(id, 0) != expected:
                return f"{id} is at version {self.versions.get(id, 0)}, expected {expected}"
        keys = [receipt.key for receipt in commit.receipts]
        for key in keys:
            if key in self.receipts or keys.count(key) > 1:
                return f"the key {key!r} has a receipt"
        claims = [(claim.namespace, claim.key) for claim in commit.claims]
        taken = [claim for claim in claims if claim in self.claims or claims.count(claim) > 1]
        return f"{taken[0]} is claimed" if taken else ""

    def write(self, commit: Commit) -> None:
        """Take a commit that the store accepted."""
        first = commit.append.account
        for append in commit.appends:
            id = append.account
            self.logs.setdefault(id, []).extend(append.facts)
            self.accounts[id] = fold(append.facts, self.accounts.get(id, Account()))
            self.versions[id] = self.versions.get(id, 0) + len(append.facts)
            self.wakes[id] = append.wake_on
        for erasure in commit.erasures:
            self._erase(erasure)
        for guard in commit.guards:
            self.versions[guard.account] = self.versions.get(guard.account, 0) + 1
            self.logs.setdefault(guard.account, [])
            self.wakes.setdefault(guard.account, None)
        self.claims.update({(claim.namespace, claim.key): first for claim in commit.claims})
        for link in commit.links:
            self.links.setdefault((link.namespace, link.key), set()).add(first)
        self.receipts.update({receipt.key: receipt for receipt in commit.receipts})

    def _erase(self, erasure: Erasure) -> None:
        log = self.logs[erasure.account]
        log[:] = [erased(fact) if at in erasure.positions else fact for at, fact in enumerate(log, 1)]
        self.accounts[erasure.account] = fold(log)

    def expected(self, method: str, args: Sequence[Any]) -> Any:
        """The answer of the port to a question about everything but an account."""
        match method, args:
            case "receipt", (key,):
                return self.receipts.get(key)
            case "due", (day, after, limit):
                return sorted(id for id, wakes in self.wakes.items() if wakes and wakes <= day and id > after)[:limit]
            case "accounts", (after, limit):
                return sorted(id for id in self.logs if id > after)[:limit]
            case "find", (namespace, key):
                holder = self.claims.get((namespace, key))
                return sorted({*self.links.get((namespace, key), ()), *([holder] if holder else ())})
            case "history", (id, after, limit):
                return self.logs.get(id, [])[after : after + limit]
        return None

    def check_answer(self, method: str, args: Sequence[Any], answer: Any) -> None:
        """That the store answered what it must."""
        if method == "load":
            for id in args[0]:
                check("store", id in answer, "load left out", id)
                self._check_loaded(id, answer[id])
        elif method == "in_transaction":
            check("store", answer is False, "in_transaction says", answer, "outside of any")
        else:
            wanted = self.expected(method, args)
            got = list(answer) if isinstance(wanted, list) else answer
            check("store", got == wanted, method, tuple(args), "gave", got, "and must give", wanted)

    def _check_loaded(self, id: str, loaded: Loaded) -> None:
        version = self.versions.get(id, 0)
        check("store", loaded.version == version, id, "is loaded at version", loaded.version, "and not", version)
        if self._verified.get(id) == (_identity(loaded.snapshot), version) and not loaded.facts:
            return
        found = account_of(loaded)
        check("rebuilt", found == self.accounts.get(id, Account()), id, "is not the fold of its log")
        self._verified[id] = (_identity(loaded.snapshot), version)

    def whole(self, id: str) -> Account:
        """The account that answers for an id, with all that is part of it."""
        into, seen = self.accounts[id].merges.into(), {id}
        while into is not None and into not in seen:
            seen.add(id := into)
            into = self.accounts[id].merges.into()
        return compose(self.accounts[id], self.accounts)

    def by_itself(self, id: str) -> Account:
        """An account with all that is or was part of it, whether it is a part of another by now or not."""
        return compose(self.accounts[id], self.accounts)

    def log_of(self, account: Account) -> list[Fact]:
        """The facts of an account and of all that is part of it."""
        return [fact for part in account.joined for fact in self.logs[part.id]]

    def group_of(self, id: str) -> str | None:
        """The group of a customer, by the fact that opened its account."""
        opened = [fact.customer for fact in self.logs.get(id, ()) if isinstance(fact, AccountOpened)]
        return opened[0].group if opened else None


def _identity(value: object) -> int:
    return id(value)
