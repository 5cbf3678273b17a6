"""How long documents are kept, and what may be erased of them: decided for each by itself, with the ground and the date.

1. Money that is owed on a document keeps it, whoever owes it: an erasure of evidence would take a claim away.
2. What the host names as needed for a legal claim is kept.
3. Then the law: so many full years after the end of the year of the document, or from another day of `STARTS`.
4. Where the policy has no rule for a kind of document, nothing is erased: a period is never guessed.

What is kept for the law alone is *restricted*: it is there for those who may ask for it, and for nothing else.

Sources: Regulation (EU) 2016/679 (GDPR), Art. 17(1), 17(3)(b) and (e), 18; for periods that run from a day, Regulation (EEC)
1182/71, Art. 3(1) and (2)(c). The periods are inputs of a computation, not legal advice. Those of more countries stand in
`receivables.policies.retention_regimes`.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import Any, Final, final

import attrs
from attrs import frozen

from receivables.documents.erasure import KINDS, ErasureRecord
from receivables.errors import InvalidValue, WrongType
from receivables.facts import application, cash, charge, credit, invoice, loss, payment_method
from receivables.facts.fact import Fact
from receivables.state.composition import Name, mentioned
from receivables.state.view import View
from receivables.values import checks
from receivables.values.dates import add_months, on_day
from receivables.values.erased import Erased

STARTS: Mapping[str, str] = {
    "from_document": "the document itself: its day is not counted, and 29 February ends on a 28th where there is no 29th",
    "from_end_of_year": "the end of the calendar year of the document",
    "from_end_of_fiscal_year": "the end of the fiscal year of the document",
    "from_later_year_end": "the end of its calendar year or of its fiscal year, whichever is later",
    "from_year_of_fiscal_year_end": "the end of the calendar year in which its fiscal year ends",
}
"""From when a period counts."""


@final
@frozen(kw_only=True)
class RetentionRule:
    """How long documents of a kind are kept: full years after the end of the year of the document, and the law.

    >>> RetentionRule(kind="invoice", years=10, law="house rule").last_day(dt.date(2020, 3, 1))
    datetime.date(2030, 12, 31)

    ``start`` is one of `STARTS`. ``fiscal_year_ends`` is a month and a day, which is the last one of the month where the
    month is shorter: ``(2, 29)`` is the end of February.

    >>> rule = RetentionRule(kind="invoice", years=10, law="OR 958f", start="from_end_of_fiscal_year", fiscal_year_ends=(6, 30))
    >>> str(rule.last_day(dt.date(2020, 6, 30))), str(rule.last_day(dt.date(2020, 7, 1)))
    ('2030-06-30', '2031-06-30')

    ``since`` is the date of the first documents that the rule speaks of, where a law left older ones to another. Errors:
    `WrongType`, `InvalidValue`.
    """

    kind: str
    years: int
    law: str
    start: str = "from_end_of_year"
    since: dt.date | None = None
    fiscal_year_ends: tuple[int, int] = (12, 31)

    def __attrs_post_init__(self) -> None:
        checks.one_of("rule.kind", self.kind, KINDS)
        checks.whole("rule.years", self.years, least=0, most=100)
        checks.text("rule.law", self.law)
        checks.one_of("rule.start", self.start, tuple(STARTS))
        checks.optional_day("rule.since", self.since)
        _check_year_end("rule.fiscal_year_ends", self.fiscal_year_ends)

    def last_day(self, dated: dt.date) -> dt.date:
        """The last day on which the law keeps a document of this date."""
        return _LAST_DAYS[self.start](dated, self.years, self.fiscal_year_ends)


def _check_year_end(field: str, value: object) -> None:
    if not isinstance(value, tuple) or len(value) != 2:
        raise WrongType(field, value, "a month and a day")
    for part in value:
        checks.whole(field, part, least=1)
    month, day = value
    if month > 12 or day > monthrange(2024, month)[1]:
        raise InvalidValue(field, value, "must be a month and a day that it has in a leap year")


def _after_document(dated: dt.date, years: int, ends: tuple[int, int]) -> dt.date:
    return dt.date.max if dated.year + years > dt.MAXYEAR else add_months(dated, 12 * years)


def _after_year(dated: dt.date, years: int, ends: tuple[int, int]) -> dt.date:
    return _in_year(dated.year + years, (12, 31))


def _after_fiscal_year(dated: dt.date, years: int, ends: tuple[int, int]) -> dt.date:
    return _in_year(_fiscal_year(dated, ends) + years, ends)


def _after_later_year(dated: dt.date, years: int, ends: tuple[int, int]) -> dt.date:
    return max(_after_year(dated, years, ends), _after_fiscal_year(dated, years, ends))


def _after_year_of_fiscal_year(dated: dt.date, years: int, ends: tuple[int, int]) -> dt.date:
    return _in_year(_fiscal_year(dated, ends) + years, (12, 31))


def _fiscal_year(dated: dt.date, ends: tuple[int, int]) -> int:
    """The calendar year in which the fiscal year of a day ends."""
    return dated.year if dated <= _in_year(dated.year, ends) else dated.year + 1


def _in_year(year: int, ends: tuple[int, int]) -> dt.date:
    return dt.date.max if year > dt.MAXYEAR else on_day(dt.date(year, ends[0], 1), ends[1])


_LAST_DAYS: Mapping[str, Callable[[dt.date, int, tuple[int, int]], dt.date]] = {
    "from_document": _after_document,
    "from_end_of_year": _after_year,
    "from_end_of_fiscal_year": _after_fiscal_year,
    "from_later_year_end": _after_later_year,
    "from_year_of_fiscal_year_end": _after_year_of_fiscal_year,
}


@final
@frozen(kw_only=True)
class RetentionPolicy:
    """The rules for all kinds of documents: at most one for each, and another for those from a day on (`RetentionRule.since`).

    >>> policy = RetentionPolicy.years("house", 10, law="house rule")
    >>> policy.rule("payment").years
    10
    """

    id: str
    version: int
    rules: tuple[RetentionRule, ...]

    def __attrs_post_init__(self) -> None:
        checks.text("retention.id", self.id)
        checks.whole("retention.version", self.version, least=1)
        checks.sequence("retention.rules", self.rules, RetentionRule, "rules")
        if len({(rule.kind, rule.since) for rule in self.rules}) != len(self.rules):
            kinds = [rule.kind for rule in self.rules]
            raise InvalidValue("retention.rules", kinds, "must have one rule for a kind and a first day")

    @classmethod
    def years(cls, id: str, years: int, *, law: str, version: int = 1) -> RetentionPolicy:
        """The same period for all kinds of documents."""
        rules = tuple(RetentionRule(kind=kind, years=years, law=law) for kind in KINDS)
        return cls(id=id, version=version, rules=rules)

    @cached_property
    def _newest_first(self) -> tuple[RetentionRule, ...]:
        return tuple(sorted(self.rules, key=lambda rule: rule.since or dt.date.min, reverse=True))

    def rule(self, kind: str, dated: dt.date | None = None) -> RetentionRule | None:
        """The rule for a kind of documents: of a date, or the newest."""
        day = dated or dt.date.max
        return next((each for each in self._newest_first if each.kind == kind and (each.since or day) <= day), None)


_HGB = "HGB § 257(1)2-3, (4), (5); AO § 147(1)2-3, 5, (3), (4): six years"
_BEG = "HGB § 257(1)4, (4), (5); AO § 147(1)4, (3), (4): eight years"

GERMANY: Final = RetentionPolicy(
    id="de",
    version=1,
    rules=(
        RetentionRule(kind="invoice", years=8, law="UStG § 14b(1): eight years"),
        RetentionRule(kind="payment", years=8, law=_BEG),
        RetentionRule(kind="booking", years=8, law=_BEG),
        RetentionRule(kind="order", years=6, law=_HGB),
        RetentionRule(kind="application", years=6, law=_HGB),
        RetentionRule(kind="mandate", years=6, law=_HGB),
        RetentionRule(kind="correspondence", years=6, law=_HGB),
    ),
)
"""Germany as of 2025: vouchers and invoices for eight years, commercial letters for six, from the end of the year.

Source: Viertes Bürokratieentlastungsgesetz of 2024, in force on 2025-01-01, for whatever had not lapsed by then. Financial
institutions, customs papers and taxes that are not assessed yet have longer periods: a host makes a policy of its own.
"""


@final
@frozen(kw_only=True)
class Papers:
    """All facts about one document: what kind it is, its date, what it names, and the places of facts with personal text."""

    kind: str
    id: str
    dated: dt.date
    names: frozenset[Name]
    places: tuple[tuple[str, int, Fact], ...]


KIND_OF: Mapping[type[Fact], str] = {
    invoice.InvoiceIssued: "invoice",
    invoice.CreditNoteIssued: "invoice",
    invoice.ItemTakenOver: "invoice",
    cash.PaymentReceived: "payment",
    cash.PaymentFailed: "payment",
    cash.PaymentReturned: "payment",
    cash.DifferenceSettled: "payment",
    charge.ChargeReversed: "booking",
    charge.ChargeWaived: "booking",
    charge.ChargeReinstated: "booking",
    loss.WrittenOff: "booking",
    loss.WriteOffReversed: "booking",
    loss.SpecificAllowanceSet: "booking",
    loss.ReliefBarred: "booking",
    credit.OrderReserved: "order",
    credit.OrderHeld: "order",
    credit.OrderRefused: "order",
    application.ApplicationSubmitted: "application",
    application.ApplicationSupplemented: "application",
    application.ReferenceAnswered: "application",
    application.ApplicationDecided: "application",
    application.ApplicationClosed: "application",
    payment_method.MandateSigned: "mandate",
}
"""Fact -> the kind of document that it is about; all others are ``correspondence``."""

ALWAYS = (invoice.InvoiceIssued, invoice.CreditNoteIssued, invoice.ItemTakenOver, cash.PaymentReceived)
"""Documents that are answered for in any case: the host has their papers, whatever text stands in the log."""


def papers(logs: Mapping[str, Iterable[Fact]]) -> tuple[Papers, ...]:
    """The documents of an account with all logs that are part of it, in log order; a document without personal text that is
    not one of `ALWAYS` needs no answer.
    """
    found: dict[tuple[str, str], Papers] = {}
    for log, facts in logs.items():
        for position, fact in enumerate(facts, 1):
            has_text = holds_text(fact)
            if has_text or isinstance(fact, ALWAYS):
                paper = _paper(log, position, fact, has_text)
                known = found.get((paper.kind, paper.id))
                found[paper.kind, paper.id] = paper if known is None else _both(known, paper)
    return tuple(found.values())


def answer(
    papers: Iterable[Papers], view: View, policy: RetentionPolicy, legal_claims: Set[str] = frozenset()
) -> tuple[tuple[Papers, ErasureRecord], ...]:
    """What becomes of each document on the day of the view, with the ground and the date; pure, and nothing is erased yet."""
    owed = owed_names(view)
    return tuple((each, _judged(each, owed, view.as_of, policy, legal_claims)) for each in papers)


def _judged(paper: Papers, owed: Set[Name], day: dt.date, policy: RetentionPolicy, legal: Set[str]) -> ErasureRecord:
    rule = policy.rule(paper.kind, paper.dated)
    until = None if rule is None else rule.last_day(paper.dated)
    ground = _ground(paper, owed, day, until, legal)
    law = "" if rule is None or ground == "erased" else rule.law
    return ErasureRecord(kind=paper.kind, id=paper.id, dated=paper.dated, ground=ground, until=until, law=law)


def _ground(paper: Papers, owed: Set[Name], day: dt.date, until: dt.date | None, legal: Set[str]) -> str:
    if paper.names & owed:
        return "open_claim"
    if paper.id in legal:
        return "legal_claim"
    if until is None:
        return "no_rule"
    return "retention" if day <= until else "erased"


def owed_names(view: View) -> frozenset[Name]:
    """What money is owed on, by kind and id: open and written-off items with their documents, credits that are left,
    orders, and mandates that may be used.
    """
    items = [
        (item.id, item.document)
        for book in view.books
        for item, amount in zip(book.items, book.open, strict=True)
        if amount
    ]
    items += [(loss.item, loss.document) for loss in view.losses if loss.left]
    methods = [("method", each.id) for each in view.payment_methods if each.ended_on is None]
    credits = [("credit", each.id) for each in (*view.credits, *view.pending) if each.remaining]
    orders = [("order", each.order.id) for each in view.orders]
    names = [name for item, document in items for name in (("item", item), ("document", document))]
    return frozenset((*names, *methods, *credits, *orders))


def holds_text(value: Any) -> bool:
    """Whether something that a person wrote stands in a fact."""
    if isinstance(value, tuple):
        return any(map(holds_text, value))
    return attrs.has(type(value)) and any(
        _is_text(getattr(value, field.name))
        if field.metadata.get("personal")
        else holds_text(getattr(value, field.name))
        for field in attrs.fields(type(value))
    )


def _is_text(value: object) -> bool:
    return bool(value) and type(value) is not Erased


def _paper(log: str, position: int, fact: Fact, has_text: bool) -> Papers:
    kind, id = KIND_OF.get(type(fact), "correspondence"), _id_of(fact)
    names = frozenset((*mentioned(fact), *_own_names(kind, id)))
    places = ((log, position, fact),) if has_text else ()
    return Papers(kind=kind, id=id, dated=fact.effective_on, names=names, places=places)


def _own_names(kind: str, id: str) -> Iterable[Name]:
    """Under which names money may be owed on a document itself: an item that was taken over is its own document."""
    yield from (
        (name, id) for name in {"invoice": ("document", "item", "credit"), "payment": ("credit",)}.get(kind, ())
    )
    yield from [("method", id)] if kind == "mandate" else ()


def _both(one: Papers, other: Papers) -> Papers:
    return attrs.evolve(
        one,
        dated=max(one.dated, other.dated),
        names=one.names | other.names,
        places=(*one.places, *other.places),
    )


def _id_of(fact: Fact) -> str:
    """The id of the document that a fact carries or names first; every fact that is kept for a time has one."""
    first, *_ = _ids_in(fact)
    return first


def _ids_in(fact: Fact) -> Iterator[str]:
    for field in attrs.fields(type(fact)):
        value = None if field.metadata.get("personal") or field.name == "by" else getattr(fact, field.name)
        if isinstance(value, str):
            yield value
        for name in ("number", "id", "key", "account") if attrs.has(type(value)) else ():
            if isinstance(id := getattr(value, name, None), str):
                yield id
