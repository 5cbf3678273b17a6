"""What may have made the two amounts of an item differ: guesses, the ones with evidence of their own first.

Each is an exact comparison of amounts, so none is more than a guess: a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import combinations
from typing import Final, NamedTuple

from receivables.reports.reconciliation_ours import Evidence, OurUnit
from receivables.values.currencies import Currency
from receivables.values.money import Rounding, exact

MOST_APPLIED: Final = 8
"""Of so many payments on one item all sums are tried; of more, single ones and the whole."""


class Case(NamedTuple):
    """A unit with their amount, and what the caller knows beside the account."""

    unit: OurUnit
    theirs: int
    evidence: Evidence
    tolerances: Mapping[Currency, int]
    tax_percents: tuple[Decimal, ...]

    @property
    def difference(self) -> int:
        """Our amount less theirs: above zero where they owe less."""
        return self.unit.open - self.theirs


Guess = tuple[str, str | None]
"""A code, and what it is about."""


def guess(case: Case) -> Guess:
    """The first guess that fits an item that both have, in different amounts."""
    return _first(case, _DIFFERING) or ("they_owe_less" if case.difference > 0 else "they_owe_more", None)


def guess_missing(case: Case) -> Guess | None:
    """The first guess that fits an item which they do not have; ``None`` where nothing tells."""
    return _first(case, _MISSING)


def _first(case: Case, guessers: tuple[Callable[[Case], Guess | None], ...]) -> Guess | None:
    return next((found for each in guessers if (found := each(case)) is not None), None)


def _pending(case: Case) -> Guess | None:
    return _kept_back(case, "payment", "payment_pending")


def _disputed(case: Case) -> Guess | None:
    return _kept_back(case, "dispute", "credit_missing")


def _kept_back(case: Case, kind: str, code: str) -> Guess | None:
    amount, ids = case.evidence.withheld(case.unit, kind)
    return (code, ids) if amount and amount == case.difference else None


def _discount(case: Case) -> Guess | None:
    return ("discount", None) if case.difference in case.evidence.discounts(case.unit) else None


def _on_account(case: Case) -> Guess | None:
    """They took off what we have on account."""
    if case.unit.open <= 0:
        return None
    found = case.evidence.on_account(case.unit.currency, case.difference)
    if found is None:
        return None
    kind, id, on = found
    return f"{'payment' if kind == 'payment' else 'credit'}_on_account", f"{id} of {on}"


def _not_booked(case: Case) -> Guess | None:
    """They have not taken off what we applied: one of them, or several."""
    applied = case.evidence.applied(case.unit)
    sizes = range(1, len(applied) + 1) if len(applied) <= MOST_APPLIED else (1, len(applied))
    for size in sizes:
        for some in combinations(applied, size):
            if sum(amount for _, _, amount, _ in some) == -case.difference:
                code = "credit_not_booked" if all(each[0] == "credit_note" for each in some) else "payment_not_booked"
                return code, ", ".join(f"{id} of {on}" for _, id, _, on in some)
    return None


def _transposed(case: Case) -> Guess | None:
    return ("transposed_digits", None) if are_transposed(case.unit.open, case.theirs) else None


def _tax(case: Case) -> Guess | None:
    """One of the two is the other with a tax rate on top, rounded."""
    ours, theirs = case.unit.open, case.theirs
    for percent in case.tax_percents:
        rate = exact("reconcile.tax_percents", percent) / 100
        if theirs == Rounding.HALF_UP.whole(ours * (1 + rate)) or theirs == Rounding.HALF_UP.whole(ours / (1 + rate)):
            return "tax", f"{percent} %"
    return None


def _tolerance(case: Case) -> Guess | None:
    within = abs(case.difference) <= case.tolerances.get(case.unit.currency, 0)
    return ("tolerance", None) if within else None


def are_transposed(one: int, other: int) -> bool:
    """Whether two amounts differ in two neighboring digits that stand the other way round.

    Their difference is then divisible by nine, which the accountant looks for first; but so are many others.

    >>> are_transposed(125400, 152400), are_transposed(1209, 1200)
    (True, False)
    """
    left, right = str(one), str(other)
    if len(left) != len(right) or one == other:
        return False
    apart = [at for at, (mine, yours) in enumerate(zip(left, right, strict=True)) if mine != yours]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and (left[apart[0]], left[apart[1]]) == (right[apart[1]], right[apart[0]])
    )


_MISSING: Final = (_pending, _disputed, _on_account)
_DIFFERING: Final = (*_MISSING[:2], _discount, _on_account, _not_booked, _transposed, _tax, _tolerance)
