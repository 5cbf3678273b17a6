"""Commits that no flow makes, yet the port allows: what a store does with them, the books of the auditor know.

The flows guard only groups, claim only where something is new, and wake who has something to wait for. A store must hold to
the rules whatever is asked of it, so a simulation asks for the rest too, on accounts that nobody else works on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

from receivables.documents.customer import Customer
from receivables.documents.payment import Payment, Remittance
from receivables.documents.reason import Reason
from receivables.facts.cash import PaymentReceived
from receivables.facts.customer import AccountOpened
from receivables.facts.fact import Fact
from receivables.plans.plan import Claim, Erasure, Link
from receivables.ports import Append, Commit, Guard, Receipt
from receivables.state.account import Account, fold
from receivables.testing.books import Books
from receivables.values.currencies import Currency
from receivables.values.money import Money

ACCOUNTS = ("x", "Y", "z1")
NAMES = ("one", "two")
"""Few names, so that they meet."""

LATER_BY_MOST = 40


def probe(dice: Random, books: Books, now: dt.datetime) -> Commit:
    """A commit on probed accounts: most often one that fits, at times stale, claimed, or answered already."""
    ids = dice.sample(ACCOUNTS, k=dice.choice((1, 1, 2, 3)))
    appends = [_append(dice, books, id, now) for id in ids]
    others = [id for id in (*ACCOUNTS, "never opened") if id not in ids]
    guards = [Guard(account=id, expected=_version(dice, books, id)) for id in others if dice.random() < 0.4]
    first = appends[0]
    return Commit(
        append=first,
        also=tuple(appends[1:]),
        guards=tuple(guards),
        claims=tuple(Claim(dice.choice(NAMES), f"{dice.randint(0, 9)}") for _ in range(dice.choice((0, 0, 1, 2)))),
        links=tuple(Link(dice.choice(NAMES), dice.choice(NAMES)) for _ in range(dice.choice((0, 0, 1, 2)))),
        receipts=tuple(_receipt(dice, first.account, now) for _ in range(dice.choice((0, 1, 2)))),
        erasures=tuple(_erasure(dice, books, id) for id in ids if dice.random() < 0.3),
    )


def _erasure(dice: Random, books: Books, id: str) -> Erasure:
    """Some facts that are there already; at times a place that has none."""
    length = len(books.logs.get(id, ()))
    places = {dice.randint(1, length) if length and dice.random() < 0.9 else 10_000 for _ in range(dice.randint(1, 3))}
    return Erasure(account=id, positions=tuple(sorted(places)))


def _version(dice: Random, books: Books, id: str) -> int:
    """The version of an account, at times the one before."""
    return max(0, books.versions.get(id, 0) - (dice.random() < 0.1))


def _append(dice: Random, books: Books, id: str, now: dt.datetime) -> Append:
    before = books.accounts.get(id, Account())
    facts: Sequence[Fact] = ()
    if not before.length:
        facts = (AccountOpened(customer=Customer(id=id), effective_on=now.date(), recorded_at=now),)
    elif dice.random() < 0.7:
        facts = [_paid(dice, id, before.length + at, now) for at in range(dice.randint(1, 3))]
    wake_on = now.date() + dt.timedelta(days=dice.randint(-3, LATER_BY_MOST)) if dice.random() < 0.7 else None
    return Append(
        account=id,
        expected=_version(dice, books, id),
        facts=tuple(facts),
        wake_on=wake_on,
        state=fold(facts, before),
    )


def _paid(dice: Random, account: str, number: int, now: dt.datetime) -> Fact:
    """A payment whose id does not sort as it came."""
    amount = Money(dice.randint(1, 10_000), Currency.of("EUR"))
    note = Remittance(text=f"from Ann, her {number}")
    payment = Payment(id=f"{97 - number}", account=account, amount=amount, value_date=now.date(), remittance=note)
    return PaymentReceived(payment=payment, effective_on=now.date(), recorded_at=now)


def _receipt(dice: Random, account: str, now: dt.datetime) -> Receipt:
    number = dice.randint(0, 40)
    return Receipt(
        key=f"probe {number}",
        digest=f"{number:064}",
        account=account,
        recorded_at=now,
        outcome="held",
        reasons=(Reason(code="limit_exceeded", days=number),),
        ids=(f"SO-{number}", "SO-0"),
    )
