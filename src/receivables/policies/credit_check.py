"""How the standing of an account is worked out: limit, exposure and what stops it, put together once per account.

Each limit against which an order is held is a `Bound`: the own one, the parts of it for components, that of the group. In
another currency than the order's it has the factor by which the order counts there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import attrs

from receivables.documents.exchange import ExchangeRate
from receivables.documents.reason import Reason
from receivables.policies.credit_conditions import Looked, answer_to_class, blocks
from receivables.policies.credit_rates import Bound, Valued, factor_to, valued
from receivables.policies.credit_rules import CreditRules, GroupStanding
from receivables.policies.credit_standing import CreditStanding
from receivables.policies.exchange import ExchangePolicy
from receivables.policies.exposure import Exposure
from receivables.policies.limits import Granted
from receivables.state.view import View
from receivables.values.currencies import Currency
from receivables.values.money import Money


class _Whole(NamedTuple):
    """What is used in the currency of the limit, what a unit of the order adds, and both by the rates of the last approval."""

    used: int
    factor: Fraction | None
    then: tuple[int, Fraction | None] | None
    rates: tuple[ExchangeRate, ...]
    reason: Reason | None


def standing_of(
    rules: CreditRules, view: View, currency: Currency, group: GroupStanding | None, rates: Sequence[ExchangeRate]
) -> CreditStanding:
    """Where an account stands in a currency."""
    covers = rules.limit_currency or currency
    used = (rules.exposure(view, currency),) if rules.limit_currency is None else rules.exposures(view)
    own = next((each for each in used if each.currency == currency), None) or rules.exposure(view, currency)
    whole = _whole(rules, view, used, currency, covers, rates)
    granted = rules.granted(view, covers, group)
    reason = whole.reason or (group.reason if group is not None else None)
    looked = Looked(view, granted, own, reason, group is not None and group.unset)
    risk_answer = answer_to_class(view, rules)
    answers = {"risk_class": risk_answer}
    found = (each for each in blocks(looked, rules) if (answers.get(each.code) or rules.answer(each.code)) != "ignore")
    return CreditStanding(
        policy=rules,
        account=view.account,
        currency=currency,
        limit=granted.limit,
        exposure=whole.used,
        group=group,
        blocks=tuple(found),
        bounds=tuple(_bounds(rules, granted, own, whole, group, covers)) if reason is None else (),
        granted=granted,
        used=used,
        rates=tuple(dict.fromkeys((*whole.rates, *(group.rates if group is not None else ())))),
        covers=None if covers == currency else covers,
        risk_answer=risk_answer,
        left_out=view.customer is not None and not rules.excluded_tags.isdisjoint(view.customer.tags),
    )


def _whole(
    rules: CreditRules,
    view: View,
    used: Sequence[Exposure],
    currency: Currency,
    covers: Currency,
    rates: Sequence[ExchangeRate],
) -> _Whole:
    totals = {each.currency: each.total(rules.counted) for each in used}
    if set(totals) <= {covers} and covers == currency:
        return _Whole(totals.get(covers, 0), None, None, (), None)
    now = valued(totals, covers, rates, rules.rate_policy, view.as_of)
    factor, also, missing = factor_to(currency, covers, rates, rules.rate_policy, view.as_of)
    then = _then(view, totals, currency, covers)
    return _Whole(now.total, factor, then, (*now.rates, *also), now.reason or missing)


AGELESS = ExchangePolicy(id="as approved", version=1, max_age_days=10_000_000)
"""A rate of the last approval is taken however old it is: it says what was thought then."""


def _then(
    view: View, totals: Mapping[Currency, int], currency: Currency, covers: Currency
) -> tuple[int, Fraction | None] | None:
    """The same by the rates of the last approval; ``None`` where those do not say it all."""
    found: Valued = valued(totals, covers, view.approved_rates, AGELESS, view.as_of)
    factor, _, missing = factor_to(currency, covers, view.approved_rates, AGELESS, view.as_of)
    return None if found.reason or missing else (found.total, factor)


def _bounds(
    rules: CreditRules,
    granted: Granted,
    own: Exposure,
    whole: _Whole,
    group: GroupStanding | None,
    covers: Currency,
) -> Iterator[Bound]:
    """Every limit that binds, the own one first; one that the policy ignores does not."""
    free = own.uncovered if "insured" in rules.counted else 0
    if granted.limit is not None and rules.answer("limit_exceeded") != "ignore":
        yield Bound("limit_exceeded", covers, granted.limit, whole.used, whole.factor, whole.then, free)
    for component, amount in rules.parts:
        bound = _part(rules, component, amount, own)
        if bound is not None and rules.answer(bound.code) != "ignore":
            yield bound
    if group is not None and group.limit is not None and rules.answer("group_limit_exceeded") != "ignore":
        then = None if group.then is None or whole.then is None else (group.then, whole.then[1])
        yield Bound("group_limit_exceeded", covers, group.limit, group.exposure, whole.factor, then, free)


NOTHING = Fraction(0)
"""What an order adds to a component that it does not belong to."""


def _part(rules: CreditRules, component: str, amount: Money, own: Exposure) -> Bound | None:
    """The bound of a component, in the currency of the order; one that has another currency does not bind it.

    An order adds to what is ordered, and to what is not insured: it is in none of the other components yet.
    """
    if amount.currency != own.currency:
        return None
    code = f"{component}_sub_limit"
    if component == "own_risk":
        rest = own.total(rules.counted - {"insured"}) - own.cover
        return Bound(code, own.currency, amount.minor, rest)
    factor = None if component == "ordered" else NOTHING
    return Bound(code, own.currency, amount.minor, own.of(component), factor)


def group_standing_of(
    rules: CreditRules,
    group: str,
    limits: View,
    members: Sequence[View],
    currency: Currency,
    rates: Sequence[ExchangeRate],
) -> GroupStanding:
    """The common limit of a group and what all its members use; ``limits`` is the view of the group's own account."""
    covers = rules.limit_currency or currency
    granted = rules.granted(attrs.evolve(limits, customer=None), covers)
    is_set = granted.origin == "own"
    totals = _totals(rules, members, currency)
    if set(totals) <= {covers}:
        return GroupStanding(
            group=group, limit=granted.limit if is_set else None, exposure=totals.get(covers, 0), unset=not is_set
        )
    now = valued(totals, covers, rates, rules.rate_policy, limits.as_of)
    approved = tuple(rate for member in members for rate in member.approved_rates)
    then = valued(totals, covers, approved, AGELESS, limits.as_of)
    return GroupStanding(
        group=group,
        limit=granted.limit if is_set else None,
        exposure=now.total,
        unset=not is_set,
        then=None if then.reason else then.total,
        rates=now.rates,
        reason=now.reason,
    )


def _totals(rules: CreditRules, members: Sequence[View], currency: Currency) -> dict[Currency, int]:
    """What the members use by currency: of the one currency alone, where the policy limits each by itself."""
    found: dict[Currency, int] = {}
    for member in members:
        used = (rules.exposure(member, currency),) if rules.limit_currency is None else rules.exposures(member)
        for each in used:
            found[each.currency] = found.get(each.currency, 0) + each.total(rules.counted)
    return found
