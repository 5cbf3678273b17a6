"""Tax relief on bad debts: when the tax on what is not paid can be claimed back, how much of it, and when it is owed again.

1. The regime is data with its source: how long to wait after the later of supply and due date, and until when to claim. Both
   are counted in months from that day, so six months after 1 October is 1 April.
2. Relief is for what was written off and is not paid: its share of the tax at each rate, never the whole tax of the invoice.
3. What was paid is looked at in a way of its own, whatever cash application did: a payment that said what it is for settles
   that; all other money settles the earliest supply first. So an invoice that is settled in the books can be unpaid here,
   and the other way round. What was written off follows: it counts for the item itself as far as that is unpaid here, and
   the rest for the earliest supplies that are.
4. A debt that is disputed or was sold gives no relief. What is recovered is owed back to the tax office in its share.

Regimes are parameters, not legal advice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.documents.invoice import TaxPart
from receivables.documents.loss import shared, tax_of
from receivables.errors import InvalidValue
from receivables.state.account import Account
from receivables.state.cash import LOSSES
from receivables.state.invoice import Item
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.dates import add_months
from receivables.values.money import Money

CODES: Final[Mapping[str, str]] = {
    "not_covered": "the regime was not in force on the day from which it counts",
    "barred": "the right to relief was lost: the debt was sold, or is disputed again",
    "disputed": "a dispute about the debt is open",
    "tax_unknown": "the invoice does not say what of it is tax",
    "claimed": "all that can be claimed was claimed",
    "too_early": "the waiting time is not over",
    "expired": "the last day of the claim is past",
    "claimable": "relief can be claimed",
}
"""Where an item stands -> what that means, in order of precedence."""


@final
@frozen(kw_only=True)
class TaxReliefRegime:
    """The rules of one country: from when and until when the tax on a bad debt can be claimed back.

    ``wait_months`` and ``claim_months`` count from the later of supply and due date; ``claim_months`` ``None`` is without an
    end. ``valid_from`` is the first such day that the rules are for.

    >>> supplied, due = dt.date(2025, 9, 1), dt.date(2025, 10, 1)
    >>> UK_VAT.earliest(supplied, due).isoformat(), UK_VAT.latest(supplied, due).isoformat()
    ('2026-04-01', '2030-04-01')

    Errors: `InvalidValue` for months below zero or a claim that ends before it begins.
    """

    id: str
    version: int
    country: str
    law: str
    source: str
    wait_months: int
    claim_months: int | None = None
    valid_from: dt.date | None = None
    notes: str = ""

    def __attrs_post_init__(self) -> None:
        for name in ("id", "country", "law", "source"):
            checks.text(f"relief.{name}", getattr(self, name))
        checks.whole("relief.version", self.version, least=1)
        checks.whole("relief.wait_months", self.wait_months, least=0, most=120)
        checks.optional_day("relief.valid_from", self.valid_from)
        checks.text("relief.notes", self.notes, empty=True)
        if self.claim_months is not None:
            checks.whole("relief.claim_months", self.claim_months, least=0, most=600)
            if self.claim_months < self.wait_months:
                raise InvalidValue(
                    "relief.claim_months", self.claim_months, "must not end before the waiting time does"
                )

    def covers(self, supplied_on: dt.date, due_on: dt.date) -> bool:
        """Whether the rules are for a debt of these days."""
        return self.valid_from is None or max(supplied_on, due_on) >= self.valid_from

    def earliest(self, supplied_on: dt.date, due_on: dt.date) -> dt.date:
        """The first day on which relief can be claimed."""
        return add_months(max(supplied_on, due_on), self.wait_months)

    def latest(self, supplied_on: dt.date, due_on: dt.date) -> dt.date | None:
        """The last day on which relief can be claimed; ``None`` where there is none."""
        return None if self.claim_months is None else add_months(max(supplied_on, due_on), self.claim_months)


UK_VAT = TaxReliefRegime(
    id="GB",
    version=1,
    country="GB",
    law="VAT Act 1994, section 36; VAT Regulations 1995, parts XIX and XIXA",
    source="HMRC, VAT Notice 700/18 (relief from VAT on bad debts); internal manual VAT Refunds, VR7420",
    wait_months=6,
    claim_months=54,
    valid_from=dt.date(2009, 4, 1),
    notes="The tax was accounted for and paid, the debt was written off in the books, and was not sold. Debts whose period "
    "ran out before the limit became four years are left out.",
)
DE_VAT = TaxReliefRegime(
    id="DE",
    version=1,
    country="DE",
    law="UStG, § 17 Abs. 2 Nr. 1",
    source="BFH, BStBl 2007 II S. 22; BMF, UStAE 17.1",
    wait_months=0,
    notes="The tax is corrected for the period in which the claim became uncollectible: it cannot be enforced for the "
    "foreseeable future, by law or in fact. Whether that is so a person decides, with the write-off.",
)

TAX_RELIEF_REGIMES: Final[Mapping[str, TaxReliefRegime]] = {each.id: each for each in (UK_VAT, DE_VAT)}
"""Country -> the regime in force."""


# Which supply was paid --------------------------------------------------------------------------------------------------


class Supply(NamedTuple):
    """An item as the tax office looks at it: when it was supplied, and what of it was to be paid, in minor units."""

    id: str
    supplied_on: dt.date
    amount: int


def unpaid_by_supply(supplies: Iterable[Supply], specified: Mapping[str, int], rest: int) -> dict[str, int]:
    """Supply -> what of it is unpaid: what a payment said it is for is that, and the rest goes to the earliest supply first.

    >>> supplies = [Supply("B", dt.date(2026, 2, 1), 1000), Supply("A", dt.date(2026, 1, 1), 1000)]
    >>> unpaid_by_supply(supplies, {"B": 300}, 1200)
    {'A': 0, 'B': 500}
    """
    unpaid = {}
    for each in sorted(supplies, key=lambda each: (each.supplied_on, each.id)):
        left = max(0, each.amount - specified.get(each.id, 0))
        taken = min(left, rest)
        rest -= taken
        unpaid[each.id] = left - taken
    return unpaid


def lost_by_supply(unpaid: Mapping[str, int], written_off: Mapping[str, int]) -> dict[str, int]:
    """Supply -> what counts as lost: what was written off of it and is unpaid, then the rest on the earliest that are.

    ``unpaid`` is in the order of the supplies. A was written off, and in the books a payment settled B; by the day of
    supply it paid A, so it is B that is lost:

    >>> lost_by_supply({"A": 0, "B": 1000}, {"A": 1000})
    {'A': 0, 'B': 1000}
    """
    lost = {id: min(left, written_off.get(id, 0)) for id, left in unpaid.items()}
    rest = sum(written_off.get(id, 0) for id in unpaid) - sum(lost.values())
    for id, left in unpaid.items():
        more = min(rest, left - lost[id])
        lost[id] += more
        rest -= more
    return lost


# Where the items of an account stand ------------------------------------------------------------------------------------


@final
@frozen(kw_only=True)
class ReliefPosition:
    """An item as the tax office looks at it: what is unpaid and lost of it, the tax on that, what was claimed of it.

    ``claimable`` is what can still be claimed, below zero what is owed back. ``status`` is one of `CODES`.
    """

    item: str
    document: str
    supplied_on: dt.date
    due_on: dt.date
    gross: Money
    unpaid: Money
    lost: Money
    taxes: tuple[TaxPart, ...]
    claimed: Money
    status: str
    earliest: dt.date | None = None
    latest: dt.date | None = None

    @property
    def tax(self) -> Money:
        """The tax on what is lost; nothing where the right to relief was lost."""
        return tax_of(self.taxes, self.gross)

    @property
    def claimable(self) -> Money:
        """The tax on what is lost, less what was claimed already."""
        return self.tax - self.claimed


def relief_positions(
    account: Account,
    regime: TaxReliefRegime | None,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    supplied: Mapping[str, dt.date] | None = None,
) -> tuple[ReliefPosition, ...]:
    """The items of which something counts as lost, or was claimed, by the day of supply.

    The supply is of the day of the document, unless ``supplied`` says otherwise for an item. Without a regime there are no
    days, and an item is ``not_covered``.
    """
    losses = account.losses
    if not losses.write_offs and not losses.relief_claims:
        return ()
    found: list[ReliefPosition] = []
    items = [item for item in account.ledger.items if item.kind == "invoice" and item.seen(as_of, known_at)]
    money = _Money(account, as_of, known_at)
    days = {item.id: (supplied or {}).get(item.id, item.document_on) for item in items}
    for currency in dict.fromkeys(item.currency for item in items):
        own = [item for item in items if item.currency == currency]
        supplies = [Supply(item.id, days[item.id], item.amount - money.reduced.get(item.id, 0)) for item in own]
        unpaid = unpaid_by_supply(supplies, money.specified, money.unspecified(currency))
        lost = lost_by_supply(unpaid, money.written_off)
        for item in own:
            claimed = losses.relief_of(item.id, as_of, known_at)
            if lost[item.id] or claimed:
                amounts = (unpaid[item.id], lost[item.id], claimed)
                found.append(_position(account, item, regime, days[item.id], amounts, as_of, known_at))
    return tuple(found)


def _position(
    account: Account,
    item: Item,
    regime: TaxReliefRegime | None,
    supplied_on: dt.date,
    amounts: tuple[int, int, int],
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> ReliefPosition:
    unpaid, lost, claimed = (Money(minor, item.currency) for minor in amounts)
    due_on = account.ledger.due_dates(as_of, known_at).get(item.id, item.due_on) or item.document_on
    parts = account.losses.taxes_of(item.document)
    bar = account.losses.barred_by(item.id, as_of, known_at)
    taxes = shared(parts, lost) if bar is None else ()
    covered = regime is not None and regime.covers(supplied_on, due_on)
    earliest = regime.earliest(supplied_on, due_on) if regime is not None and covered else None
    latest = regime.latest(supplied_on, due_on) if regime is not None and covered else None
    holds = {
        "not_covered": not covered,
        "barred": bar is not None,
        "disputed": _disputed(account, item.id, as_of, known_at),
        "tax_unknown": not parts,
        "claimed": tax_of(taxes, claimed) <= claimed,
        "too_early": earliest is not None and as_of < earliest,
        "expired": latest is not None and as_of > latest,
        "claimable": True,
    }
    return ReliefPosition(
        item=item.id,
        document=item.document,
        supplied_on=supplied_on,
        due_on=due_on,
        gross=item.original,
        unpaid=unpaid,
        lost=lost,
        taxes=taxes,
        claimed=claimed,
        status=next(code for code in CODES if holds[code]),
        earliest=earliest,
        latest=latest,
    )


def _disputed(account: Account, item: str, as_of: dt.date, known_at: dt.datetime | None) -> bool:
    """Whether a dispute about an item is open on a date, though nothing of the item is."""
    states = account.disputes.states(as_of, known_at) if account.disputes.opened else ()
    return any(item in each.items and each.status == "open" for each in states)


class _Money:
    """What came in for an account and what else made its items less, as the tax office looks at it."""

    def __init__(self, account: Account, as_of: dt.date, known_at: dt.datetime | None) -> None:
        cash = account.cash
        statuses = cash.statuses(as_of, known_at)
        undone = {entry.allocation for entry in cash.undoings if entry.seen(as_of, known_at)}
        told = account.losses.specified(cash)
        payments = {entry.id for entry in cash.credits if entry.kind == "payment"}
        self.specified: dict[str, int] = {}
        self.reduced: dict[str, int] = {}
        self.written_off: dict[str, int] = {}
        placed: dict[str, int] = {}
        for made in cash.allocations:
            if made.id not in undone and made.seen(as_of, known_at):
                if made.source not in payments:
                    _add(self.reduced, made.item, made.amount)
                elif made.source in told:
                    _add(self.specified, made.item, made.amount)
                    _add(placed, made.source, made.amount)
        for part in cash.reductions_on(as_of, known_at):
            _add(self.written_off if part.kind in LOSSES else self.reduced, part.item, part.amount)
        for use in cash.uses:
            if use.id not in undone and use.seen(as_of, known_at):
                _add(placed, use.source, use.amount)
        self._rest: dict[Currency, int] = {}
        for entry in cash.credits:
            there = statuses.get(entry.id, "settled") == "settled" and entry.seen(as_of, known_at)
            if entry.kind == "payment" and there:
                rest = entry.amount - placed.get(entry.id, 0)
                self._rest[entry.currency] = self._rest.get(entry.currency, 0) + rest

    def unspecified(self, currency: Currency) -> int:
        """The money in a currency that was for nothing in particular, wherever it was placed."""
        return max(0, self._rest.get(currency, 0))


def _add(sums: dict[str, int], key: str, amount: int) -> None:
    sums[key] = sums.get(key, 0) + amount


def owed_back(positions: Sequence[ReliefPosition]) -> Iterator[ReliefPosition]:
    """The items of which more tax was claimed than what is lost of them now bears."""
    return (each for each in positions if each.claimable.minor < 0)
