"""Who pays for whom: relations of payers, and aliases of texts, as explicit data that a host keeps.

Nothing is learned silently. `suggest_relations` and `suggest_aliases` look at payments that a human placed and say what
one could keep of them; the host shows that to somebody, stores what was accepted, and hands it in at the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import final

from attrs import frozen

from receivables.documents.payment import Payment
from receivables.errors import InvalidValue
from receivables.policies.matching_tokens import words
from receivables.values import checks
from receivables.values.references import compact, is_iban

SHORTEST_WORD = 3


@final
@frozen(kw_only=True)
class Relation:
    """A payer, by IBAN or by name, pays for an account: its own or another's.

    >>> relation = Relation(payer="DE89 3704 0044 0532 0130 00", account="ACME")
    >>> relation.key
    'DE89370400440532013000'
    >>> Relation(payer="Acme, Inc.", account="ACME").key
    'ACME INC'
    """

    payer: str
    account: str

    def __attrs_post_init__(self) -> None:
        checks.text("relation.payer", self.payer)
        checks.text("relation.account", self.account)
        if not self.key:
            raise InvalidValue("relation.payer", self.payer, "must hold letters or digits")

    @property
    def key(self) -> str:
        """The payer as it is compared."""
        return payer_key(self.payer)


@final
@frozen(kw_only=True)
class Alias:
    """Words that together mean an account, wherever they stand in the text or in the payer's name.

    >>> Alias(words=("RIVERSIDE", "CANTEEN"), account="C-17").account
    'C-17'
    """

    words: tuple[str, ...]
    account: str

    def __attrs_post_init__(self) -> None:
        checks.sequence("alias.words", self.words, str, "words")
        for word in self.words or ("",):
            checks.text("alias.words", word)
        checks.text("alias.account", self.account)
        if not all(map(words, self.words)):
            raise InvalidValue("alias.words", self.words, "must hold letters or digits")

    @property
    def runs(self) -> frozenset[str]:
        """The words as they are compared."""
        return frozenset(run for word in self.words for run in words(word))


@lru_cache(maxsize=4096)
def payer_key(payer: str) -> str:
    """How a payer is compared: an IBAN without blanks, a name as its words in capitals.

    >>> payer_key("acme  inc"), payer_key("de89370400440532013000")
    ('ACME INC', 'DE89370400440532013000')
    """
    return compact(payer) if is_iban(payer) else " ".join(words(payer))


def suggest_relations(
    confirmed: Iterable[tuple[Payment, str]], known: Iterable[Relation] = (), *, times: int = 2
) -> tuple[Relation, ...]:
    """The payers that were seen so many times and always for one account, as relations that a human may accept.

    ``confirmed`` are payments with the account for which a human, or a posting that nobody took back, placed them. A
    payer is known by the account that the money came from, or where the bank does not tell it by the name. One that pays
    for two accounts says nothing about the next payment.

    >>> import datetime as dt
    >>> from receivables.values.money import Money
    >>> paid = [Payment(id=f"P-{n}", account="SUSPENSE", amount=Money.of(n, "EUR"), value_date=dt.date(2026, 3, n),
    ...                 payer="Acme Holding") for n in (1, 2)]
    >>> [relation.account for relation in suggest_relations([(each, "ACME") for each in paid])]
    ['ACME']
    """
    checks.whole("suggest.times", times, least=1)
    seen: dict[str, Counter[str]] = {}
    spelled: dict[str, str] = {}
    for payment, account in confirmed:
        payer = payment.payer_account or payment.payer or ""
        key = payer_key(payer)
        if key:
            seen.setdefault(key, Counter())[account] += 1
            spelled[key] = min(payer, spelled.get(key, payer))
    taken = {relation.key for relation in known}
    return tuple(
        Relation(payer=spelled[key], account=account)
        for key in sorted(seen)
        if key not in taken
        for account in _only(seen[key], times)
    )


def suggest_aliases(
    confirmed: Iterable[tuple[Payment, str]], known: Iterable[Alias] = (), *, times: int = 2
) -> tuple[Alias, ...]:
    """The words that all payments of an account have in common and that no payment of another account has together.

    Words are letters; numbers change from payment to payment. An account needs so many payments.

    >>> import datetime as dt
    >>> from receivables.documents.payment import Remittance
    >>> from receivables.values.money import Money
    >>> def paid(n, text):
    ...     return Payment(id=f"P-{n}", account="SUSPENSE", amount=Money.of(n, "EUR"), value_date=dt.date(2026, 3, n),
    ...                    remittance=Remittance(text=text))
    >>> found = suggest_aliases([(paid(1, "Riverside canteen March"), "C-17"), (paid(2, "Riverside canteen 4/26"), "C-17"),
    ...                          (paid(3, "Canteen March"), "C-18")])
    >>> [(alias.words, alias.account) for alias in found]
    [(('CANTEEN', 'RIVERSIDE'), 'C-17')]
    """
    checks.whole("suggest.times", times, least=1)
    texts: dict[str, list[frozenset[str]]] = {}
    for payment, account in confirmed:
        texts.setdefault(account, []).append(_letters(payment))
    taken = {(alias.runs, alias.account) for alias in known}
    found = []
    for account in sorted(texts):
        common = frozenset.intersection(*texts[account])
        if (
            len(texts[account]) >= times
            and common
            and (common, account) not in taken
            and _alone(account, common, texts)
        ):
            found.append(Alias(words=tuple(sorted(common)), account=account))
    return tuple(found)


def _only(accounts: Counter[str], times: int) -> Iterable[str]:
    """The account, where it is the only one and came up often enough."""
    return [account for account, count in accounts.items() if len(accounts) == 1 and count >= times]


def _alone(account: str, common: frozenset[str], texts: Mapping[str, list[frozenset[str]]]) -> bool:
    return not any(common <= text for other, theirs in texts.items() if other != account for text in theirs)


def _letters(payment: Payment) -> frozenset[str]:
    runs = (*words(payment.remittance.text), *words(payment.payer or ""))
    return frozenset(run for run in runs if len(run) >= SHORTEST_WORD and run.isalpha())
