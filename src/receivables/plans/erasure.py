"""Plans about erasure: decide each document and erase what nothing keeps, with the answer as a fact in the same commit.

A text is erased from the fact that it stands in; the fact, its amounts and its link in the hash chain stay. So totals, reports
and the journal are what they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from receivables.codec import digest, policy_ref
from receivables.documents.erasure import ErasedText, ErasureEntry
from receivables.documents.reason import Reason
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.erasure import ErasureAnswered, ErasureReplayed, ErasureRequested
from receivables.facts.fact import Fact
from receivables.plans.erasure_commands import ReplayErasure, RequestErasure
from receivables.plans.plan import Context, Erasure, Plan, opened
from receivables.policies.book import NO_POLICY
from receivables.policies.retention import RetentionPolicy, answer, papers
from receivables.state.account import Account


def request_erasure(account: Account, command: RequestErasure, context: Context) -> Plan:
    """The answer for each document as of today; ``ids`` of the receipt are those that are kept.

    Raises `UnknownId` where no policy says how long documents are kept, `InvalidValue` for the id of another request.
    """
    _check_new(opened(account, command.account), command.erasure, "command.erasure")
    policy = _policy(account, context)
    decided = answer(papers(context.logs), context.view(account), policy, frozenset(command.legal_claims))
    records = tuple(record for _, record in decided)
    texts = tuple(
        ErasedText(log=log, position=position, digest=digest(fact))
        for paper, record in decided
        if record.erased
        for log, position, fact in paper.places
    )
    times: dict[str, Any] = {"effective_on": context.today, "recorded_at": context.now, "by": command.by}
    asked = ErasureRequested(erasure=command.erasure, legal_claims=command.legal_claims, **times)
    answered = ErasureAnswered(
        erasure=command.erasure, records=records, texts=texts, policy=policy_ref(policy), **times
    )
    kept = [record for record in records if not record.erased]
    return Plan(
        facts=(asked, answered),
        erasures=_erasures(texts),
        outcome="restricted" if kept else "erased",
        reasons=tuple(Reason(code=ground) for ground in dict.fromkeys(record.ground for record in kept)),
        ids=tuple(record.id for record in kept),
    )


def replay_erasure(account: Account, command: ReplayErasure, context: Context) -> Plan:
    """What is there of the texts is erased again; a place with another fact is left alone, for that came after the backup."""
    entry = command.entry
    _check_new(opened(account, command.account), entry.erasure, "command.entry")
    there = tuple(each for each in entry.texts if _is_there(each, context.logs))
    fact = ErasureReplayed(
        erasure=entry.erasure,
        records=entry.records,
        texts=there,
        effective_on=context.today,
        recorded_at=context.now,
        by=command.by,
    )
    return Plan(facts=(fact,), erasures=_erasures(there), outcome="replayed", ids=(entry.erasure,))


def erasure_list(account: str, facts: Iterable[Fact]) -> tuple[ErasureEntry, ...]:
    """The erasures of an account's log, as a host keeps them outside of its backups.

    What was erased in the log of an account that had been merged into this one is an entry of its own: a backup may be from
    before the merger.
    """
    found = [fact for fact in facts if isinstance(fact, ErasureAnswered | ErasureReplayed)]
    return tuple(entry for fact in found for entry in _entries(account, fact))


def _entries(account: str, fact: ErasureAnswered | ErasureReplayed) -> Iterable[ErasureEntry]:
    logs = dict.fromkeys((account, *(text.log for text in fact.texts)))
    for log in logs:
        own = log == account
        yield ErasureEntry(
            erasure=fact.erasure if own else f"{fact.erasure}/{log}",
            account=log,
            records=fact.records if own else (),
            texts=tuple(text for text in fact.texts if text.log == log),
        )


def pending(account: Account, entries: Sequence[ErasureEntry]) -> tuple[ErasureEntry, ...]:
    """The erasures of a list that an account does not know of: it comes from a backup before them."""
    done = account.erasures.done()
    return tuple(each for each in entries if each.erasure not in done)


def _check_new(account: Account, erasure: str, field: str) -> None:
    if erasure in account.erasures.done():
        raise InvalidValue(field, erasure, "must not have been answered already")


def _policy(account: Account, context: Context) -> RetentionPolicy:
    customer = context.view(account).customer
    policy = None if customer is None else context.policies.retention_for(customer)
    if policy is None:
        raise UnknownId("retention policy for account", account.id, NO_POLICY)
    return policy


def _is_there(text: ErasedText, logs: Mapping[str, Sequence[Fact]]) -> bool:
    log = logs.get(text.log, ())
    return text.position <= len(log) and digest(log[text.position - 1]) == text.digest


def _erasures(texts: Iterable[ErasedText]) -> tuple[Erasure, ...]:
    ordered = sorted((each.log, each.position) for each in texts)
    return tuple(
        Erasure(account=log, positions=tuple(position for _, position in its))
        for log, its in groupby(ordered, key=lambda each: each[0])
    )
