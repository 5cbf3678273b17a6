"""Matching: which items of which account a payment is for.

`propose` is a pure function of a payment, an index of open items and a policy; it records nothing and uses only what is
open, so it never touches what was allocated before, by a human or by itself. The same payment gives the same proposals in
whatever order accounts and items were given.

Three things must agree before a payment may be posted without a human: a **whole token** that names every item, a
**debtor** that explicit data knows, and an **amount** that is exact or explained by a discount or the tolerance. An amount by
itself is a suggestion. So is a tie: two proposals whose points are less than the margin apart. An item in another currency
is never proposed, and a disputed one never posted by itself.

Where items that were named explain the amount, nothing else is searched. Otherwise the debtor's items are searched for the
amount: one item, an item less its discount, all of them, the oldest ones, and at last any set, within bounds.

The reasons against posting, in order of precedence: ``not_settled`` (a payment that is pending or unknown is no
money yet), ``no_reference``, ``weak_reference``, ``other_debtor``, ``unknown_debtor``, ``weak_debtor``,
``amount_unexplained``, ``names_more`` (the text names items
of another account of the debtor as well), ``disputed``, ``below_threshold``, ``tie``, ``outranked``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from receivables.documents.payment import Allocation, Payment
from receivables.documents.reason import Reason
from receivables.errors import CurrencyMismatch, InvalidValue
from receivables.policies.matching_amounts import Case, Explained, best_of, explain, net_of_discount
from receivables.policies.matching_index import MatchIndex, Span
from receivables.policies.matching_names import STRENGTH, Names, names_of
from receivables.policies.matching_policy import AMOUNTS, DEBTORS, REFERENCES, SEARCHES, MatchingPolicy
from receivables.policies.matching_proposals import Proposal, Proposals
from receivables.policies.matching_subsets import Subset, exact_subset
from receivables.state.view import View
from receivables.values import checks
from receivables.values.money import Money

AGAINST = (
    "not_settled",
    "no_reference",
    "weak_reference",
    "other_debtor",
    "unknown_debtor",
    "weak_debtor",
    "amount_unexplained",
    "names_more",
    "disputed",
    "below_threshold",
    "tie",
    "outranked",
)
"""Why a proposal may not be posted by itself, in order of precedence."""

_CODES = (*REFERENCES, *DEBTORS, *AMOUNTS, *SEARCHES, "amount_in_text", "date_in_text", "partly_named", "credit_note")
_REASONS = {code: Reason(code=code) for code in (*_CODES, *AGAINST)}
_EXPLAINED = frozenset({"exact_amount", "discount", "tolerance"})


def propose(
    payment: Payment, among: MatchIndex | View | Iterable[View], policy: MatchingPolicy, *, left: Money | None = None
) -> Proposals:
    """Ranked proposals for a payment: which items it is for, how sure that is, and whether it may be posted by itself.

    >>> import datetime as dt
    >>> from receivables import Account, Customer, Invoice, Remittance
    >>> def view_of(*numbers):
    ...     invoices = [Invoice.due(number=number, account="ACME", issued_on=dt.date(2026, 1, 5),
    ...                             total=Money.of(100, "EUR"), due_on=dt.date(2026, 2, 4)) for number in numbers]
    ...     return Account.of(Customer(id="ACME"), invoices=invoices).view(dt.date(2026, 2, 11))
    >>> policy = MatchingPolicy(id="standard", version=1)
    >>> paid = Payment(id="P-1", account="ACME", amount=Money.of(100, "EUR"), value_date=dt.date(2026, 2, 10),
    ...                remittance=Remittance(text="inv. 1814, thanks"))
    >>> print(propose(paid, view_of("1814", "14"), policy))
    P-1:
      post to ACME: 100.00 EUR on 1814 (120 points: reference, account, exact_amount)
    >>> print(propose(paid, view_of("14", "15"), policy))
    P-1:
      suggest to ACME: 100.00 EUR on 14 (60 points: account, exact_amount; not posted: no_reference, below_threshold, tie)
      suggest to ACME: 100.00 EUR on 15 (60 points: account, exact_amount; not posted: no_reference, below_threshold, tie)

    ``among`` is an index of many accounts, or some views. ``left`` is what remains of the payment where a part of it was
    used already; by default all of it is proposed.

    Raises `WrongType`, `CurrencyMismatch` where ``left`` is in another currency, `InvalidValue` where it is more than the
    payment or below zero.
    """
    checks.instance("propose.payment", payment, Payment, "a payment")
    checks.instance("propose.policy", policy, MatchingPolicy, "a matching policy")
    amount = payment.amount if left is None else _checked(left, payment.amount)
    if amount.minor == 0:
        return Proposals(payment=payment.id)
    index = among if isinstance(among, MatchIndex) else MatchIndex.of([among] if isinstance(among, View) else among)
    return _Search(payment, index, policy, amount.minor).answer()


def _checked(left: Money, amount: Money) -> Money:
    checks.instance("propose.left", left, Money, "money")
    if left.currency != amount.currency:
        raise CurrencyMismatch(left, amount)
    if not 0 <= left.minor <= amount.minor:
        raise InvalidValue("propose.left", str(left), f"must lie between nothing and {amount}")
    return left


class _Draft(NamedTuple):
    """A proposal before it is written out."""

    points: int
    account: str
    found: Explained
    reasons: tuple[str, ...]
    reference: str | None
    debtor: str
    credits: tuple[tuple[int, int, int], ...] = ()
    """(credit, position, amount)"""

    @property
    def order(self) -> tuple[int, str, tuple[tuple[int, int], ...]]:
        return (-self.points, self.account, self.found.parts)


class _Search:
    """The state of one search."""

    def __init__(self, payment: Payment, index: MatchIndex, policy: MatchingPolicy, minor: int) -> None:
        self.payment, self.index, self.policy, self.minor = payment, index, policy, minor
        self.currency = payment.amount.currency
        self.names: Names = names_of(payment, index, policy)
        self.points = policy.points.by_evidence
        self.gave_up = False

    def answer(self) -> Proposals:
        """All proposals, ranked."""
        drafts = [draft for account in sorted(self.names.documents) for draft in self._named(account)]
        if not any(self._settles(draft) for draft in drafts):
            drafts += self._unnamed()
        ranked = _ranked(drafts)
        shown = ranked[: self.policy.most_proposals]
        return Proposals(
            payment=self.payment.id,
            proposals=tuple(self._proposal(draft, self._against(draft, at, ranked)) for at, draft in enumerate(shown)),
            passed_over=self.names.passed_over,
            gave_up=self.gave_up,
        )

    def _case(self, span: Span) -> Case:
        stated = self.payment.remittance.deductions
        kept = sum(each.amount.minor for each in stated if each.amount.currency == self.currency)
        return Case(self.index, self.policy, span, self.minor, self.payment.value_date, kept)

    def _settles(self, draft: _Draft) -> bool:
        """Whether what was named explains the amount, at the debtor's."""
        return draft.found.kind in _EXPLAINED and draft.reference is not None and "partly_named" not in draft.reasons

    # What was named

    def _named(self, account: str) -> Iterator[_Draft]:
        """What the payment is to the documents that it names of one account."""
        named = self.names.documents[account]
        at_span = self.index.layout.span_at.get((account, self.currency))
        items = sorted(at for at in named if at >= 0)
        if at_span is None or not items:
            return
        case = self._case(self.index.layout.spans[at_span])
        reference = max((named[at] for at in items), key=STRENGTH.__getitem__)
        credits = sorted(-1 - at for at in named if at < 0)
        if credits and (less := self._less_credits(case, account, items, credits, reference)):
            yield less
            return
        found = best_of(case, items)
        yield self._draft(account, found, reference, ())
        if found.difference < 0 and found.kind not in _EXPLAINED:
            yield from self._part_of(case, account, items, reference)
        elif found.kind == "overpayment":
            yield from self._more_than(case, account, items, reference)

    def _less_credits(
        self, case: Case, account: str, items: Sequence[int], credits: Sequence[int], reference: str
    ) -> _Draft | None:
        """Items less credit notes that the payer took off: credit notes first, on the smallest items first."""
        open_ = {at: self.index.open_at(at) for at in items}
        taken = sum(self.index.left[n] for n in credits)
        if sum(open_.values()) - taken != self.minor:
            return None
        uses = []
        pool = [(n, self.index.left[n]) for n in credits]
        for at in sorted(open_, key=lambda at: (open_[at], at)):
            while pool and open_[at]:
                n, rest = pool.pop(0)
                used = min(rest, open_[at])
                uses.append((n, at, used))
                open_[at] -= used
                if rest > used:
                    pool.insert(0, (n, rest - used))
        parts = tuple((at, rest) for at, rest in open_.items() if rest)
        found = Explained("exact_amount", parts, 0)
        return self._draft(account, found, reference, ("credit_note",), tuple(uses))

    def _part_of(self, case: Case, account: str, items: Sequence[int], reference: str) -> Iterator[_Draft]:
        """A payment that is short of all that it names may be exactly for some of it."""
        found = self._subset([(at, self.index.open_at(at)) for at in items], self.minor)
        if found:
            yield self._draft(account, explain(case, found), reference, ("partly_named",), searched="subset_sum")

    def _more_than(self, case: Case, account: str, items: Sequence[int], reference: str) -> Iterator[_Draft]:
        """A payment of more than it names may be for other items as well, of which the text was lost."""
        rest = self.minor - sum(self.index.open_at(at) for at in items)
        others = [each for each in self._candidates(case.span, rest) if each[0] not in items]
        found = self._subset(others, rest)
        if found:
            together = explain(case, sorted((*items, *found)))
            yield self._draft(account, together, reference, ("partly_named",), searched="subset_sum")

    # What was not named

    def _unnamed(self) -> Iterator[_Draft]:
        """What the amount alone says: of the debtors' items, or where no debtor is known, of everybody's."""
        debtors = self.names.debtors
        for account in sorted(debtors):
            at_span = self.index.layout.span_at.get((account, self.currency))
            if at_span is not None:
                yield from self._by_amount(account, at_span)
        if not debtors and not self.names.documents:
            for at in self.index.holding(self.currency, self.minor, self.policy.most_proposals + 1):
                yield self._of_items((at,))

    def _by_amount(self, account: str, at_span: int) -> Iterator[_Draft]:
        """Items of one debtor that the amount fits."""
        case = self._case(self.index.layout.spans[at_span])
        some = 0
        for at in self._single(case, at_span):
            some += 1
            yield self._of_items((at,))
        whole = self.index.total(case.span) == self.minor
        if whole and (places := [at for at, _ in self.index.oldest(case.span)]) and len(places) > 1:
            yield self._draft(account, explain(case, places), None, (), searched="statement_total")
        elif not some:
            yield from self._several(case, account)

    def _single(self, case: Case, at_span: int) -> Iterator[int]:
        """One item: of exactly the amount, or with its discount, or within the tolerance."""
        most = self.policy.most_proposals + 1
        exact = list(islice(self.index.between(at_span, self.minor, self.minor), most))
        found = exact or list(islice(net_of_discount(case, at_span), most))
        if not found and (reach := self.policy.tolerance(self.currency, 2 * self.minor)):
            near = self.index.between(at_span, self.minor - reach, self.minor + reach)
            found = list(islice((at for at in near if explain(case, (at,)).kind == "tolerance"), most))
        return iter(found)

    def _several(self, case: Case, account: str) -> Iterator[_Draft]:
        """Several items: the oldest ones, else any set."""
        oldest = self._oldest(case.span)
        if oldest:
            yield self._draft(account, explain(case, oldest), None, (), searched="oldest_items")
            return
        found = self._subset(self._candidates(case.span, self.minor), self.minor)
        if found:
            yield self._draft(account, explain(case, found), None, (), searched="subset_sum")

    def _oldest(self, span: Span) -> list[int] | None:
        """The oldest items that together are exactly the amount."""
        rest, places = self.minor, []
        for at, open_ in self.index.oldest(span):
            places.append(at)
            rest -= open_
            if rest <= 0:
                break
        return places if rest == 0 else None

    def _candidates(self, span: Span, most: int) -> list[tuple[int, int]]:
        """The oldest items that may belong to a set; where there are more, the search is not complete."""
        fitting = ((at, open_) for at, open_ in self.index.oldest(span) if open_ <= most)
        found = list(islice(fitting, self.policy.most_candidates + 1))
        if len(found) > self.policy.most_candidates:
            self.gave_up = True
            found.pop()
        return found

    def _subset(self, candidates: Sequence[tuple[int, int]], target: int) -> list[int]:
        """The only set that sums to a target; two sets are no better than none."""
        policy = self.policy
        amounts = [open_ for _, open_ in candidates]
        if not amounts or sum(amounts) < target:
            return []
        found: Subset = exact_subset(amounts, target, most_items=policy.most_items, most_steps=policy.most_steps)
        self.gave_up |= found.gave_up
        return [] if found.positions is None or found.ambiguous else [candidates[n][0] for n in found.positions]

    # Drafts and what becomes of them

    def _of_items(self, positions: Sequence[int]) -> _Draft:
        span = self.index.layout.spans[self.index.layout.span_of[positions[0]]]
        return self._draft(span.account, explain(self._case(span), positions), None, ())

    def _draft(
        self,
        account: str,
        found: Explained,
        reference: str | None,
        also: tuple[str, ...],
        credits: tuple[tuple[int, int, int], ...] = (),
        *,
        searched: str | None = None,
    ) -> _Draft:
        debtor = self.names.debtors.get(account, "unknown_debtor")
        codes = (reference, debtor, searched or found.kind, *also, *self._told(found))
        reasons = tuple(code for code in codes if code is not None)
        points = sum(self.points.get(code, 0) for code in reasons)
        return _Draft(points, account, found, reasons, reference, debtor, credits)

    def _told(self, found: Explained) -> Iterator[str]:
        """Whether the text tells an amount or a day of the items."""
        reading, items = self.names.reading, self.index.layout.items
        if reading.amounts and any(
            (self.index.open_at(at), self.currency.exponent) in reading.amounts for at, _ in found.parts
        ):
            yield "amount_in_text"
        if reading.days and any({items[at].document_on, items[at].due_on} & reading.days for at, _ in found.parts):
            yield "date_in_text"

    def _against(self, draft: _Draft, rank: int, ranked: Sequence[_Draft]) -> tuple[Reason, ...]:
        """Why a draft may not be posted, in order of precedence."""
        policy, reference, debtor = self.policy, draft.reference, draft.debtor
        weak_debtor = debtor not in policy.debtors
        unknown = debtor == "unknown_debtor"
        touched = [at for at, _ in draft.found.parts] + [at for _, at, _ in draft.credits]
        holds = {
            "not_settled": self.payment.status != "settled",
            "no_reference": reference is None,
            "weak_reference": reference is not None and reference not in policy.references,
            "other_debtor": weak_debtor and unknown and bool(self.names.debtors),
            "unknown_debtor": weak_debtor and unknown and not self.names.debtors,
            "weak_debtor": weak_debtor and not unknown,
            "amount_unexplained": draft.found.kind not in policy.amounts or "partly_named" in draft.reasons,
            "names_more": self.names.names_more_than(draft.account),
            "disputed": any(at in self.index.layout.withheld for at in touched),
            "below_threshold": draft.points < policy.threshold,
            "tie": _is_tied(draft, rank, ranked, policy.margin),
            "outranked": rank > 0 and ranked[0].points - draft.points >= policy.margin,
        }
        return tuple(_REASONS[code] for code in AGAINST if holds[code])

    def _proposal(self, draft: _Draft, against: tuple[Reason, ...]) -> Proposal:
        items, currency, found = self.index.layout.items, self.currency, draft.found
        reasons = tuple(
            Reason(code="discount", amount=Money(found.discount, currency)) if code == "discount" else _REASONS[code]
            for code in draft.reasons
        )
        return Proposal(
            account=draft.account,
            allocations=tuple(self._allocation(self.payment.id, at, amount) for at, amount in found.parts),
            credits=tuple(
                self._allocation(self.index.layout.credits[n].id, at, amount) for n, at, amount in draft.credits
            ),
            difference=Money(found.difference, currency),
            kind=found.kind,
            discounted=tuple(items[at].id for at in sorted(found.less)),
            points=draft.points,
            reasons=reasons,
            against=against,
            post=not against and bool(items),
        )

    def _allocation(self, source: str, at: int, minor: int) -> Allocation:
        return Allocation(source=source, item=self.index.layout.items[at].id, amount=Money(minor, self.currency))


def _ranked(drafts: Iterable[_Draft]) -> list[_Draft]:
    """The best first; of two that pay the same, the one with more points. The order says nothing but that it is fixed."""
    best: dict[tuple[str, object, object], _Draft] = {}
    for draft in sorted(drafts, key=lambda draft: draft.order):
        best.setdefault((draft.account, draft.found.parts, draft.credits), draft)
    return list(best.values())


def _is_tied(draft: _Draft, rank: int, ranked: Sequence[_Draft], margin: int) -> bool:
    """Whether the best one and this one, or for the best one the next, are too close."""
    if rank > 0:
        return ranked[0].points - draft.points < margin
    return len(ranked) > 1 and draft.points - ranked[1].points < margin
