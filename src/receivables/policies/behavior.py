"""Features of how a customer behaves: whole numbers in a stated unit, each with a name that scorecards use.

A feature is worked out from a `receivables.policies.history.History`, in which there is nothing but what was known. ``None``
is undefined: nothing to divide by is not zero, and a prospect without a single invoice has hardly a feature.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple, final

from attrs import frozen

from receivables.errors import InvalidValue, UnknownId
from receivables.policies.altman import MODELS, AltmanModel, altman_of
from receivables.policies.credit import exposure_of, limit_on
from receivables.policies.history import History, mean
from receivables.policies.paydex import paydex_points
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money, Rounding

MOST_PER_MILLE: Final = 9_999
"""More than this nobody needs to know of a utilization, where the limit may be next to nothing."""


class Feature(NamedTuple):
    """A feature: what it says, its unit, and how it is worked out."""

    says: str
    unit: str
    compute: Callable[[History], int | None]


def _days_late(history: History) -> int | None:
    return hundredths(history.mean_days_late(history.recent))


def _trend(history: History) -> int | None:
    """Below zero where payments became faster."""
    days = history.terms.trend_days
    now = history.mean_days_late(history.between(days, 0), decayed=False)
    before = history.mean_days_late(history.between(2 * days, days), decayed=False)
    return None if now is None or before is None else hundredths(now - before)


def _late_share(history: History) -> int | None:
    grace, terms = history.terms.grace_days, history.terms
    return per_mille(
        mean(
            (each.currency, each.amount * terms.weight(history.today - each.on), each.days > grace)
            for each in history.recent
        )
    )


def _worst(history: History) -> int | None:
    return max((max(0, each.days) for each in history.recent), default=None)


def _paid_items(history: History) -> int:
    return len({each.item for each in history.paid if history.within(each.on)})


def _paydex(history: History) -> int | None:
    mine = (each for each in history.paid if history.within(each.on))
    found = mean((each.currency, each.amount, paydex_points(each.days)) for each in mine)
    return None if found is None else Rounding.HALF_UP.whole(found)


def _utilization(history: History) -> int | None:
    """That of the currency in which most of the limit is used; ``None`` where no limit can be used up."""
    return max((share for _, share in utilizations(history.view)), default=None)


def utilizations(view: View) -> tuple[tuple[Money, int], ...]:
    """What is used of each limit, with the share in thousandths; a limit that is unlimited or not there is left out."""
    found = []
    for code in sorted({limit.currency.code for limit in view.limits}):
        currency = next(limit.currency for limit in view.limits if limit.currency.code == code)
        limit, _ = limit_on(view.limits, currency, view.as_of)
        used = max(0, exposure_of(view, currency))
        if isinstance(limit, Money) and (limit.minor or used):
            share = used * 1000 // limit.minor if limit.minor else MOST_PER_MILLE
            found.append((Money(used, currency), min(MOST_PER_MILLE, share)))
    return tuple(found)


def _promises_broken(history: History) -> int:
    return sum(state.status != "kept" for state in history.promises)


def _promises_kept(history: History) -> int | None:
    decided = history.promises
    return per_mille(Fraction(sum(state.status == "kept" for state in decided), len(decided))) if decided else None


def _short_share(history: History) -> int | None:
    items = _paid_items(history)
    return per_mille(Fraction(len(history.short), items)) if items else None


def _age(history: History) -> int | None:
    days = [item.document_on for item in history.account.ledger.items]
    days += [entry.effective_on for entry in history.account.profile.entries if entry.effective_on > dt.date.min]
    return (history.view.as_of - min(days)).days if days else None


def _letters(history: History) -> int:
    days = {(item, day) for item, sent in history.letters.items() for day in sent if history.within(day.toordinal())}
    return len({day for _, day in days})


def _level(history: History) -> int:
    """How many letters the open item has that has most."""
    return max((len(sent) for item, sent in history.letters.items() if item in history.view.places), default=0)


def _overdue_share(history: History) -> int | None:
    late = {each.item: each.amount for each in history.overdue}
    return per_mille(
        mean(
            (book.currency, open_, Fraction(late[item.id], open_) if item.id in late else 0)
            for book in history.view.books
            for item, open_ in zip(book.items, book.open, strict=True)
        )
    )


def _oldest(history: History) -> int:
    return max((each.days for each in history.overdue), default=0)


def _declared(model: AltmanModel) -> Callable[[History], int | None]:
    def compute(history: History) -> int | None:
        figures = history.view.risk.figures
        score = altman_of(figures, model) if figures is not None else None
        return None if score is None else score.thousandths

    return compute


def _equity_share(history: History) -> int | None:
    figures = history.view.risk.figures
    equity, assets = (figures.minor("book_equity"), figures.minor("total_assets")) if figures else (None, None)
    return per_mille(Fraction(equity, assets)) if equity is not None and assets else None


def _figures_age(history: History) -> int | None:
    figures = history.view.risk.figures
    return None if figures is None else (history.view.as_of - figures.year_end).days


def _business_age(history: History) -> int | None:
    figures = history.view.risk.figures
    return None if figures is None or figures.founded_on is None else (history.view.as_of - figures.founded_on).days


FEATURES: Final[Mapping[str, Feature]] = {
    "days_late": Feature("how late payments come, by amount and time", "hundredths of a day", _days_late),
    "lateness_trend": Feature("how much later than in the days before", "hundredths of a day", _trend),
    "late_share": Feature("how much is paid late, by amount and time", "per mille", _late_share),
    "worst_days_late": Feature("the worst of them", "days", _worst),
    "paid_items": Feature("how many items were paid", "items", _paid_items),
    "paydex": Feature("the index of payments, as the agencies weigh them", "0 to 100", _paydex),
    "utilization": Feature("how much of the limit is used", "per mille", _utilization),
    "overdue_share": Feature("how much of what is open is overdue", "per mille", _overdue_share),
    "oldest_overdue_days": Feature("how long the oldest open item is overdue", "days", _oldest),
    "promises_broken": Feature("promises that were not kept, or in part", "promises", _promises_broken),
    "promises_kept": Feature("how many of the promises were kept", "per mille", _promises_kept),
    "disputes": Feature("disputes that were opened", "disputes", lambda history: len(history.disputes)),
    "disputes_to_delay": Feature(
        "disputes after the due date that had no ground", "disputes", lambda history: len(history.delays)
    ),
    "returned_payments": Feature("payments that went back", "payments", lambda history: len(history.returned)),
    "short_share": Feature("items whose first payment was short", "per mille", _short_share),
    "age_days": Feature("how long the customer is known", "days", _age),
    "letters": Feature("days on which dunning letters went out", "days", _letters),
    "dunning_level": Feature("the letters on the open item that has most", "letters", _level),
    "altman_z": Feature("Altman's Z of the declared figures", "thousandths", _declared(MODELS[0])),
    "altman_z_private": Feature("Altman's Z' of the declared figures", "thousandths", _declared(MODELS[1])),
    "altman_z_services": Feature("Altman's Z'' of the declared figures", "thousandths", _declared(MODELS[2])),
    "equity_share": Feature("equity in all that the customer has", "per mille", _equity_share),
    "figures_age_days": Feature("how old the declared figures are", "days", _figures_age),
    "business_age_days": Feature("how long the business exists", "days", _business_age),
}
"""The features that come with the library, by name."""

EXTERNAL: Final = "external:"
"""Before the name of an outside score: its newest value that is still valid, in thousandths."""


@final
@frozen(kw_only=True)
class CustomFeature:
    """A feature of the host's own, under a name that scorecards use; it is handed what was known and nothing else.

    ``compute`` is a pure function. What it gave stands in the fact of a score, so a score can be explained after the
    function has changed.

    >>> rush = CustomFeature(name="host:open_items", unit="items", compute=lambda history: len(history.view.places))
    >>> rush.name
    'host:open_items'

    Errors: `InvalidValue` for a name that the library has itself.
    """

    name: str
    compute: Callable[[History], int | None]
    unit: str = ""

    def __attrs_post_init__(self) -> None:
        checks.text("feature.name", self.name)
        checks.text("feature.unit", self.unit, empty=True)
        checks.instance("feature.compute", self.compute, Callable, "a function of a history")  # type: ignore[arg-type]
        if is_built_in(self.name):
            raise InvalidValue("feature.name", self.name, "must not be a feature of the library")


def is_built_in(name: str) -> bool:
    """Whether the library itself can work a feature out."""
    return name in FEATURES or name.startswith(EXTERNAL)


def features(
    history: History, names: Iterable[str] = tuple(FEATURES), custom: Iterable[CustomFeature] = ()
) -> dict[str, int | None]:
    """The values of features by name, in the order in which they are asked for.

    Errors: `UnknownId` for a name that neither the library nor the host has, `WrongType` where a function of the host
    gives anything but a whole number or ``None``.

    >>> from receivables import Account, Allocation, Customer, Invoice, Payment
    >>> from receivables.policies.history import history
    >>> invoice = Invoice.due(number="INV-1", account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                       total=Money.of(1200, "EUR"), due_on=dt.date(2026, 2, 4))
    >>> payment = Payment(id="P-1", account="ACME", amount=Money.of(1200, "EUR"), value_date=dt.date(2026, 2, 20))
    >>> account = Account.of(Customer(id="ACME"), invoices=[invoice], payments=[payment], allocations=[
    ...     Allocation(source="P-1", item="INV-1", amount=Money.of(1200, "EUR"))])
    >>> features(history(account, dt.date(2026, 2, 27)), ["days_late", "oldest_overdue_days", "utilization"])
    {'days_late': 1600, 'oldest_overdue_days': 0, 'utilization': None}
    """
    own = {each.name: each for each in custom}
    return {name: _value(history, name, own) for name in names}


def _value(history: History, name: str, own: Mapping[str, CustomFeature]) -> int | None:
    if name in FEATURES:
        return FEATURES[name].compute(history)
    if name.startswith(EXTERNAL):
        known = {EXTERNAL + each.name: each.thousandths for each in history.view.risk.external}
        return known.get(name)
    if name not in own:
        raise UnknownId("feature", name)
    value = own[name].compute(history)
    if value is not None:
        checks.whole(f"feature.{name}", value)
    return value


# How numbers are made ------------------------------------------------------------------------------------------------


def hundredths(value: Fraction | None) -> int | None:
    """A number in hundredths, rounded half up."""
    return None if value is None else Rounding.HALF_UP.whole(value * 100)


def per_mille(value: Fraction | None) -> int | None:
    """A share in thousandths, rounded half up."""
    return None if value is None else Rounding.HALF_UP.whole(value * 1000)
