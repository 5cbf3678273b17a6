"""Our items of an account against another list: the customer's statement, or the open items of a ledger.

1. What belongs together is found by its reference, by whole tokens, never by the amount alone. Equal amounts without a
   common reference are a ``suggestion``.
2. Each item of either side stands in exactly one row, so the differences of the rows add up to the difference of the
   totals, per currency.
3. The order of the list does not matter, and nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

import attrs

from receivables.errors import InvalidValue
from receivables.reports.reconciliation_guesses import Case, guess, guess_missing
from receivables.reports.reconciliation_ours import WEAK, Evidence, Found, Index, OurUnit, Place
from receivables.reports.reconciliation_rows import AccountReconciliation, ReconciliationRow, TheirItem
from receivables.reports.reconciliation_steps import LISTS
from receivables.state.account import Account
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

MOST_LISTED = 1_000_000
"""A longer list is refused."""


def reconcile(
    account: Account,
    view: View,
    theirs: Iterable[TheirItem],
    *,
    against: str = "customer",
    tolerances: Iterable[Money] = (),
    tax_percents: Iterable[Decimal] = (),
) -> AccountReconciliation:
    """Compare what an account has open on the date of its view with another list.

    Here the customer takes INV-1 for 1020.00, two digits the other way round, and lists an invoice that we do not know:

    >>> import datetime as dt
    >>> from receivables import Customer, Invoice
    >>> invoices = [Invoice.due(number=number, account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                         total=Money.of(total, "EUR"), due_on=dt.date(2026, 2, 4))
    ...             for number, total in (("INV-1", "1200"), ("INV-2", "80"))]
    >>> account = Account.of(Customer(id="ACME"), invoices=invoices)
    >>> listed = [TheirItem(reference="inv 0001", amount=Money.of("1020", "EUR")),
    ...           TheirItem(reference="4711", amount=Money.of("55", "EUR"))]
    >>> print(reconcile(account, account.view(dt.date(2026, 2, 11)), listed))
    reconciliation of ACME with the customer as of 2026-02-11
    reference  currency     ours   theirs  difference  status             guess              step
    INV-1      EUR       1200.00  1020.00      180.00  differing          transposed_digits  correct_amount
    INV-2      EUR         80.00     0.00       80.00  missing_with_them                     send_copy
    4711       EUR          0.00    55.00      -55.00  missing_with_us                       ask_copy

    A ledger's list of open items is compared in the same way with ``against="ledger"``: the steps are postings then.
    ``tolerances`` are amounts below which a difference is too little for a letter, one per currency; ``tax_percents`` are
    the rates by which one side may be without tax.

    Errors: `InvalidValue` for the view of another account, an unknown ``against``, or a list of more than a million;
    `WrongType` for something else than a `TheirItem`.
    """
    if view.account != account.id:
        raise InvalidValue("reconcile.view", view.account, f"must be of account {account.id!r}")
    checks.one_of("reconcile.against", against, LISTS)
    index = Index.of(account, view)
    found = _sorted(_checked(theirs), index)
    limits = _tolerances(tolerances)
    evidence, percents = Evidence(account, view), tuple(tax_percents)

    def case(unit: OurUnit, theirs: int) -> Case:
        return Case(unit, theirs, evidence, limits, percents)

    rows = _with_suggestions([*_our_rows(index, found, case), *_their_rows(found)])
    lines = tuple(rows if against == "customer" else (attrs.evolve(row, against=against) for row in rows))
    return AccountReconciliation(account=account.id, as_of=view.as_of, against=against, lines=lines)


def _checked(theirs: Iterable[TheirItem]) -> list[TheirItem]:
    found = []
    for at, each in enumerate(theirs):
        checks.instance(f"reconcile.theirs[{at}]", each, TheirItem, "an item of their list")
        if at == MOST_LISTED:
            raise InvalidValue("reconcile.theirs", at + 1, f"must have at most {MOST_LISTED} items")
        found.append(each)
    return sorted(found, key=lambda each: each.sort_key)


def _tolerances(amounts: Iterable[Money]) -> Mapping[Currency, int]:
    found: dict[Currency, int] = {}
    for at, amount in enumerate(amounts):
        checks.instance(f"reconcile.tolerances[{at}]", amount, Money, "money")
        if amount.currency in found or amount.minor < 0:
            raise InvalidValue(f"reconcile.tolerances[{at}]", str(amount), "must be one per currency, not below zero")
        found[amount.currency] = amount.minor
    return found


# Who belongs to whom ------------------------------------------------------------------------------------------------


class _Listed(NamedTuple):
    """What of their list belongs to which place of ours, what repeats it, and what belongs to nothing."""

    of: Mapping[Place, list[TheirItem]]
    again: Mapping[Place, list[TheirItem]]
    unknown: list[tuple[TheirItem, str | None]]
    elsewhere: frozenset[int]
    """The units whose number they have in another currency."""


def _sorted(theirs: list[TheirItem], index: Index) -> _Listed:
    """Each item of theirs at the place that its reference leads to; a document is parted only where they part it."""
    where = [(each, index.find(each)) for each in theirs]
    whole = {found.place.unit for _, found in where if found.place is not None and found.place.part is None}
    at: dict[Place, list[tuple[TheirItem, int]]] = {}
    unknown: list[tuple[TheirItem, str | None]] = []
    for each, found in where:
        if found.place is None:
            unknown.append((each, found.why))
        else:
            place = Place(found.place.unit, None) if found.place.unit in whole else found.place
            at.setdefault(place, []).append((each, found.rank))
    of: dict[Place, list[TheirItem]] = {}
    again: dict[Place, list[TheirItem]] = {}
    for place, entries in at.items():
        kept, strangers = _strangers(entries)
        unknown += [(each, None) for each in strangers]
        of[place], again[place] = _without_repeats(kept, index.at(place).open)
    return _Listed(of, again, unknown, frozenset(_elsewhere(found for _, found in where)))


def _elsewhere(found: Iterable[Found]) -> Iterator[int]:
    return (place.unit for each in found if each.why == "other_currency" for place in each.near)


def _strangers(entries: list[tuple[TheirItem, int]]) -> tuple[list[TheirItem], list[TheirItem]]:
    """Those that are named in whole, and those that are not: beside the former they count only in the same amount."""
    strong = {each.amount.minor for each, rank in entries if rank < WEAK}
    kept = [each for each, rank in entries if not strong or rank < WEAK or each.amount.minor in strong]
    left = [each for each, rank in entries if strong and rank >= WEAK and each.amount.minor not in strong]
    return kept, left


def _without_repeats(entries: list[TheirItem], open_: int) -> tuple[list[TheirItem], list[TheirItem]]:
    """What counts for a unit, and what only repeats it.

    Several that add up to what is open all count. Else one of each amount does; and where one is just what is open, none of
    the others of its sign.
    """
    if sum(each.amount.minor for each in entries) == open_:
        return entries, []
    kept: list[TheirItem] = []
    again: list[TheirItem] = []
    seen: set[int] = set()
    equal = open_ != 0 and any(each.amount.minor == open_ for each in entries)
    for each in entries:
        amount = each.amount.minor
        beside = equal and amount != open_ and (amount < 0) == (open_ < 0)
        (again if beside or amount in seen else kept).append(each)
        seen.add(amount)
    return kept, again


# The rows -----------------------------------------------------------------------------------------------------------

_Why = tuple[str | None, str | None]
_MakeCase = Callable[[OurUnit, int], Case]


def _our_rows(index: Index, listed: _Listed, case: _MakeCase) -> Iterator[ReconciliationRow]:
    """A row per unit that is open or that they have, and one for whatever repeats it."""
    for number in range(len(index.units)):
        for place in _places(index, number, listed):
            unit, entries = index.at(place), listed.of.get(place, [])
            if entries:
                yield _both(unit, entries, case)
            elif unit.open:
                yield _missing_with_them(unit, number, index, listed, case)
            yield from (_single(each, "repeated_by_them", unit.reference) for each in listed.again.get(place, ()))


def _places(index: Index, number: int, listed: _Listed) -> list[Place]:
    """A unit as a whole, or its parts where they list parts."""
    parts = [Place(number, at) for at in range(len(index.units[number].parts))]
    return parts if any(place in listed.of for place in parts) else [Place(number, None)]


def _both(unit: OurUnit, entries: list[TheirItem], case: _MakeCase) -> ReconciliationRow:
    theirs = sum(each.amount.minor for each in entries)
    made = case(unit, theirs)
    status = _status(unit.open, theirs, lost=made.evidence.is_lost(unit))
    why: _Why = guess(made) if status == "differing" else (None, _closed_by(made) if status == "paid" else None)
    return _row(unit, theirs, status, why, tuple(entries))


def _status(ours: int, theirs: int, *, lost: bool) -> str:
    if ours == theirs:
        return "agreed" if ours else "closed"
    closed = "written_off" if lost else "paid"
    return "differing" if ours else closed


def _closed_by(made: Case) -> str | None:
    """What closed an item, with the day of each."""
    return ", ".join(f"{id} of {on}" for _, id, _, on in made.evidence.applied(made.unit)) or None


def _missing_with_them(unit: OurUnit, number: int, index: Index, listed: _Listed, case: _MakeCase) -> ReconciliationRow:
    twins = [each for each in index.twins(number) if each < number or Place(each, None) in listed.of]
    if twins:
        return _row(unit, 0, "repeated_by_us", (None, index.units[twins[0]].reference))
    found = ("other_currency", None) if number in listed.elsewhere else guess_missing(case(unit, 0))
    return _row(unit, 0, "missing_with_them", found or (None, None))


def _row(unit: OurUnit, theirs: int, status: str, why: _Why, entries: tuple[TheirItem, ...] = ()) -> ReconciliationRow:
    return ReconciliationRow(
        reference=unit.reference,
        kind=unit.kind,
        status=status,
        ours=Money(unit.open, unit.currency),
        theirs=Money(theirs, unit.currency),
        on=unit.on,
        ids=unit.ids,
        listed=entries,
        guess=why[0],
        hint=why[1],
    )


def _their_rows(listed: _Listed) -> Iterator[ReconciliationRow]:
    """A row for each item of theirs that belongs to nothing; of those that are alike, the first is the one missing."""
    seen: set[tuple[str, Money, str]] = set()
    for each, why in sorted(listed.unknown, key=lambda pair: pair[0].sort_key):
        same = (each.reference, each.amount, each.what)
        status = "repeated_by_them" if same in seen else "missing_with_us"
        seen.add(same)
        yield attrs.evolve(_single(each, status, None), guess=why if status == "missing_with_us" else None)


def _single(each: TheirItem, status: str, hint: str | None) -> ReconciliationRow:
    return ReconciliationRow(
        reference=each.reference,
        kind=each.what,
        status=status,
        ours=Money(0, each.amount.currency),
        theirs=each.amount,
        on=each.on,
        listed=(each,),
        hint=hint,
    )


# Suggestions --------------------------------------------------------------------------------------------------------

_OTHER_SIDE: Final = {"missing_with_them": "missing_with_us", "missing_with_us": "missing_with_them"}

_Sides = dict[str, list[str]]
"""What each side misses, by its status."""


def _with_suggestions(rows: list[ReconciliationRow]) -> Iterator[ReconciliationRow]:
    """The rows, those that one side misses with the only one of the other side that has the same amount.

    Where several have it, with the only one that has the same day as well.
    """
    by_amount, by_day = _alike(rows, _amount), _alike(rows, _amount_and_day)
    for row in rows:
        known = (by_amount.get(_amount(row)), by_day.get(_amount_and_day(row)))
        sides = next((each for each in known if each is not None and _is_pair(each)), None)
        if sides is None or row.status not in _OTHER_SIDE:
            yield row
        else:
            yield attrs.evolve(row, suggestion=sides[_OTHER_SIDE[row.status]][0])


def _amount(row: ReconciliationRow) -> Hashable:
    return row.ours.currency, row.ours.minor + row.theirs.minor


def _amount_and_day(row: ReconciliationRow) -> Hashable:
    return _amount(row), row.on


def _alike(
    rows: Iterable[ReconciliationRow], key: Callable[[ReconciliationRow], Hashable]
) -> Mapping[Hashable, _Sides]:
    """The references of what a side misses, by what they have in common."""
    found: dict[Hashable, _Sides] = {}
    for row in rows:
        if row.status in _OTHER_SIDE:
            found.setdefault(key(row), {}).setdefault(row.status, []).append(row.reference)
    return found


def _is_pair(sides: _Sides) -> bool:
    return len(sides) == 2 and all(len(references) == 1 for references in sides.values())
