"""What an application for credit is answered: whether it is complete, and what is recommended, with every reason.

1. The larger the amount, the more is asked for: a band says which papers, figures and answered references it takes.
2. What is not complete is not decided, because a score of what is missing is none: the recommendation is ``incomplete``,
   and says what is missing.
3. The class of the score says whether it is approved, referred or refused, and how much of what is asked for; declared
   equity and the credit that others gave bound it further. The lowest bound is what is offered.
4. It is a pure function of the view, the score and the policy: asked twice, it is the same. A person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, final

from attrs import field, frozen

from receivables.documents.due_steps import MOST_DAYS
from receivables.documents.reason import Reason
from receivables.documents.risk import AMOUNTS, DeclaredFigures
from receivables.documents.terms import PaymentTerms
from receivables.errors import InvalidValue
from receivables.state.application import ApplicationState
from receivables.state.view import View
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

FIGURES: Final = (*AMOUNTS, "founded_on", "employees")
"""The figures that a band can ask for."""


class Code(NamedTuple):
    """What a reason of a recommendation says and leads to; ``reduced`` where it bounds the amount."""

    says: str
    leads_to: str


CODES: Final[Mapping[str, Code]] = {
    "no_policy": Code("no policy says what is asked for", "referred"),
    "no_band": Code("no band of the policy covers the amount in its currency", "referred"),
    "figure_missing": Code("a figure that the band asks for is not declared", "incomplete"),
    "figures_old": Code("the figures are of a year that ended so many days ago", "incomplete"),
    "paper_missing": Code("a paper that the band asks for is not there", "incomplete"),
    "paper_old": Code("a paper is older than the band allows", "incomplete"),
    "reference_missing": Code("too few references answered: so many are left to ask", "incomplete"),
    "hold": Code("a hold stops credit", "referred"),
    "reference_warns": Code("a reference would give no credit", "referred"),
    "reference_late": Code("a reference was paid so many days late", "referred"),
    "no_score": Code("the band asks for a score, and there is none", "referred"),
    "class_unknown": Code("the policy says nothing about the class", "referred"),
    "class_refused": Code("the policy gives no credit to the class", "refused"),
    "class_referred": Code("the policy leaves the class to a person", "referred"),
    "above_class": Code("more than the class may have: so much too much", "reduced"),
    "above_equity": Code("more than the policy gives on the declared equity: so much too much", "reduced"),
    "above_references": Code("more than the policy gives on what others gave: so much too much", "reduced"),
}
"""Code of a reason -> what it says and leads to, in order of precedence."""

_WORST: Final = ("incomplete", "refused", "referred", "reduced", "approved")
"""What is recommended, from the outcome that outweighs all others."""


@final
@frozen(kw_only=True)
class ApplicationBand:
    """What an application up to an amount takes; without ``up_to`` every amount, in any currency.

    ``papers`` are kinds of papers, ``figures`` names of `FIGURES`, ``references`` the number that must have answered.
    ``figures_days`` and ``papers_days`` are how old the year of the figures, and a paper that has a date, may be.

    >>> ApplicationBand(up_to=Money.of(5000, "EUR"), figures=("sales",), references=1).references
    1
    """

    up_to: Money | None = None
    papers: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    references: int = 0
    figures_days: int | None = None
    papers_days: int | None = None
    scored: bool = True

    def __attrs_post_init__(self) -> None:
        if self.up_to is not None:
            checks.instance("band.up_to", self.up_to, Money, "money, or None for every amount")
            if self.up_to.minor <= 0:
                raise InvalidValue("band.up_to", str(self.up_to), "must be more than zero")
        _check_names("band.papers", self.papers)
        _check_names("band.figures", self.figures)
        for at, name in enumerate(self.figures):
            checks.one_of(f"band.figures[{at}]", name, FIGURES)
        checks.whole("band.references", self.references, least=0, most=20)
        for name in ("figures_days", "papers_days"):
            if getattr(self, name) is not None:
                checks.whole(f"band.{name}", getattr(self, name), least=0, most=MOST_DAYS)
        checks.instance("band.scored", self.scored, bool, "true or false")

    def covers(self, amount: Money) -> bool:
        """Whether an amount is within it."""
        if self.up_to is None:
            return True
        return amount.currency == self.up_to.currency and amount.minor <= self.up_to.minor


@final
@frozen(kw_only=True)
class ClassTerms:
    """What a risk class gets: ``approved``, ``referred`` or ``refused``; a percentage of what is asked for, and the most.

    ``most`` has one amount for each currency in which the class has a bound; ``terms`` are offered instead of those that
    were asked for.

    >>> ClassTerms(risk_class="B", percent=50, most=(Money.of(20_000, "EUR"),)).leads_to
    'approved'
    """

    risk_class: str
    leads_to: str = "approved"
    percent: int = 100
    most: tuple[Money, ...] = ()
    terms: PaymentTerms | None = None

    def __attrs_post_init__(self) -> None:
        checks.text("class_terms.risk_class", self.risk_class)
        checks.one_of("class_terms.leads_to", self.leads_to, ("approved", "referred", "refused"))
        checks.whole("class_terms.percent", self.percent, least=1, most=100)
        checks.sequence("class_terms.most", self.most, Money, "amounts of money")
        if len({each.currency for each in self.most}) != len(self.most):
            raise InvalidValue("class_terms.most", [str(each) for each in self.most], "must name each currency once")
        if self.terms is not None:
            checks.instance("class_terms.terms", self.terms, PaymentTerms, "payment terms")

    def bound(self, asked: Money) -> int:
        """The most that the class gets of an amount, in minor units; a part of a minor unit is not given."""
        most = next((each.minor for each in self.most if each.currency == asked.currency), asked.minor)
        return min(asked.minor * self.percent // 100, most)


@final
@frozen(kw_only=True)
class ApplicationPolicy:
    """What applications take and get. The first band that covers the amount counts, so the smallest stand first.

    An application lapses ``lapse_days`` after its day, an offer ``offer_days`` after the decision. A limit that came from
    one is reviewed ``review_days`` after the decision. ``equity_percent`` of the declared book equity, and
    ``references_percent`` of the most that a reference gave, bound what is offered. A reference that was paid more than
    ``most_days_late`` late leaves it to a person.

    >>> policy = ApplicationPolicy(id="credit desk", version=1, equity_percent=10, classes=(ClassTerms(risk_class="A"),),
    ...     bands=(ApplicationBand(up_to=Money.of(5000, "EUR")),
    ...            ApplicationBand(up_to=Money.of(50_000, "EUR"), papers=("annual_accounts",), figures=("book_equity",))))
    >>> policy.band(Money.of(5001, "EUR")).papers
    ('annual_accounts',)

    Errors: `InvalidValue` for a band that an earlier one leaves nothing to, or a class given twice.
    """

    id: str
    version: int
    bands: tuple[ApplicationBand, ...] = ()
    classes: tuple[ClassTerms, ...] = ()
    lapse_days: int = 60
    offer_days: int = 30
    review_days: int = 365
    equity_percent: int | None = None
    references_percent: int | None = None
    most_days_late: int = 30

    def __attrs_post_init__(self) -> None:
        checks.text("application_policy.id", self.id)
        checks.whole("application_policy.version", self.version, least=1)
        checks.sequence("application_policy.bands", self.bands, ApplicationBand, "bands")
        checks.sequence("application_policy.classes", self.classes, ClassTerms, "terms of classes")
        for name in ("lapse_days", "offer_days", "most_days_late"):
            checks.whole(f"application_policy.{name}", getattr(self, name), least=0, most=MOST_DAYS)
        checks.whole("application_policy.review_days", self.review_days, least=self.offer_days + 1, most=MOST_DAYS)
        for name in ("equity_percent", "references_percent"):
            if getattr(self, name) is not None:
                checks.whole(f"application_policy.{name}", getattr(self, name), least=0, most=1000)
        _check_bands(self.bands)
        names = [each.risk_class for each in self.classes]
        if len(set(names)) != len(names):
            raise InvalidValue("application_policy.classes", names, "must have each class once")

    def band(self, amount: Money) -> ApplicationBand | None:
        """The band of an amount; ``None`` where no band covers it."""
        return next((band for band in self.bands if band.covers(amount)), None)

    def terms_of(self, risk_class: str) -> ClassTerms | None:
        """What a class gets; ``None`` where nothing is said of it."""
        return next((each for each in self.classes if each.risk_class == risk_class), None)


@final
@frozen(kw_only=True)
class Recommendation:
    """What a policy recommends: the outcome, the limit and the terms, every reason, and by name what is missing.

    ``outcome`` is ``approved``, ``reduced``, ``referred``, ``refused`` or ``incomplete``. ``limit`` is ``None`` unless
    something may be offered.
    """

    outcome: str
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    limit: Money | None = None
    terms: PaymentTerms | None = None

    def __str__(self) -> str:
        because = ", ".join(map(str, self.reasons))
        return f"{self.outcome}: {because}" if because else self.outcome


@frozen(kw_only=True)
class _Case:
    """What the rules look at."""

    view: View
    state: ApplicationState
    policy: ApplicationPolicy
    risk_class: str | None
    band: ApplicationBand | None = field(default=None)

    @property
    def asked(self) -> Money:
        return self.state.application.amount

    @property
    def figures(self) -> DeclaredFigures | None:
        return self.view.risk.figures

    @property
    def class_terms(self) -> ClassTerms | None:
        return self.policy.terms_of(self.risk_class) if self.risk_class is not None else None


Found = Iterator[tuple[Reason, str]]
"""Reasons, each with the name of what is missing, or an empty text."""


def recommend(
    view: View, state: ApplicationState, policy: ApplicationPolicy | None, risk_class: str | None = None
) -> Recommendation:
    """What a policy recommends for an application on the day of a view; ``risk_class`` is that of today's score.

    >>> import datetime as dt
    >>> from receivables import Account, Customer
    >>> from receivables.documents.application import CreditApplication
    >>> asked = CreditApplication(id="CA-1", account="ACME", applied_on=dt.date(2026, 3, 2), amount=Money.of(20_000, "EUR"))
    >>> state = ApplicationState(asked, "submitted", (), (), (), None, None, None)
    >>> policy = ApplicationPolicy(id="desk", version=1, bands=(ApplicationBand(),), classes=(
    ...     ClassTerms(risk_class="A"), ClassTerms(risk_class="B", percent=60), ClassTerms(risk_class="D", leads_to="refused")))
    >>> view = Account.of(Customer(id="ACME")).view(dt.date(2026, 3, 2))
    >>> for risk_class in "ABD":
    ...     print(recommend(view, state, policy, risk_class))
    approved
    reduced: above_class (8000.00 EUR)
    refused: class_refused
    """
    if policy is None:
        return Recommendation(outcome="referred", reasons=(_reason("no_policy"),))
    asked = state.application.amount
    case = _Case(view=view, state=state, policy=policy, risk_class=risk_class, band=policy.band(asked))
    found = [each for rule in _RULES for each in rule(case)]
    bounds = dict(_bounds(case))
    reasons = [reason for reason, _ in found]
    reasons += [
        _reason(code, amount=Money(asked.minor - bound, asked.currency))
        for code, bound in bounds.items()
        if bound < asked.minor
    ]
    limit = max(0, min([asked.minor, *bounds.values()]))
    outcome = min((_leads_to(each) for each in reasons), key=_WORST.index, default="approved")
    if outcome == "reduced" and not limit:
        outcome = "refused"
    offered = outcome in ("approved", "reduced")
    return Recommendation(
        outcome=outcome,
        reasons=tuple(sorted(reasons, key=lambda reason: list(CODES).index(reason.code))),
        missing=tuple(name for _, name in found if name),
        limit=Money(limit, asked.currency) if offered else None,
        terms=_terms(case) if offered else None,
    )


def _leads_to(reason: Reason) -> str:
    return CODES[reason.code].leads_to


def _terms(case: _Case) -> PaymentTerms | None:
    terms = case.class_terms
    return terms.terms if terms is not None and terms.terms is not None else case.state.application.terms


# Rules ------------------------------------------------------------------------------------------------------------------


def _reason(code: str, *, amount: Money | None = None, days: int | None = None) -> Reason:
    return Reason(code=code, amount=amount, days=days, retryable=CODES[code].leads_to == "incomplete")


def _of_band(case: _Case) -> Found:
    if case.band is None:
        yield _reason("no_band"), ""


def _of_figures(case: _Case) -> Found:
    """Figures that are asked for: there, in the currency of the application, and of a year that is young enough."""
    band, figures = case.band, case.figures
    if band is None or not band.figures:
        return
    for name in band.figures:
        if figures is None or not _is_declared(figures, name, case.asked.currency):
            yield _reason("figure_missing"), name
    if figures is not None and band.figures_days is not None:
        age = (case.view.as_of - figures.year_end).days
        if age > band.figures_days:
            yield _reason("figures_old", days=age), "figures"


def _is_declared(figures: DeclaredFigures, name: str, currency: Currency) -> bool:
    value = getattr(figures, name)
    return value is not None and (not isinstance(value, Money) or value.currency == currency)


def _of_papers(case: _Case) -> Found:
    if case.band is None:
        return
    for kind in case.band.papers:
        there = [paper for paper in case.state.papers if paper.kind == kind]
        ages = [(case.view.as_of - paper.dated_on).days if paper.dated_on is not None else 0 for paper in there]
        if not there:
            yield _reason("paper_missing"), kind
        elif case.band.papers_days is not None and min(ages) > case.band.papers_days:
            yield _reason("paper_old", days=min(ages)), kind


def _of_references(case: _Case) -> Found:
    left = (case.band.references if case.band is not None else 0) - len(case.state.answers)
    if left > 0:
        yield _reason("reference_missing"), f"{left} references"


def _of_standing(case: _Case) -> Found:
    if case.view.stopping("credit"):
        yield _reason("hold"), ""
    if any(answer.warns for answer in case.state.answers):
        yield _reason("reference_warns"), ""
    late = max((answer.days_late or 0 for answer in case.state.answers), default=0)
    if late > case.policy.most_days_late:
        yield _reason("reference_late", days=late), ""


def _of_class(case: _Case) -> Found:
    if case.risk_class is None:
        if case.band is not None and case.band.scored:
            yield _reason("no_score"), ""
        return
    terms = case.class_terms
    if terms is None:
        yield _reason("class_unknown"), ""
    elif terms.leads_to != "approved":
        yield _reason(f"class_{terms.leads_to}"), ""


_RULES = (_of_band, _of_figures, _of_papers, _of_references, _of_standing, _of_class)


def _bounds(case: _Case) -> Iterator[tuple[str, int]]:
    """The most that may be offered, in minor units, by the code of what bounds it."""
    if case.class_terms is not None:
        yield "above_class", case.class_terms.bound(case.asked)
    equity = case.figures.book_equity if case.figures is not None else None
    if case.policy.equity_percent is not None and equity is not None and equity.currency == case.asked.currency:
        yield "above_equity", equity.minor * case.policy.equity_percent // 100
    given = _given(case)
    if case.policy.references_percent is not None and given:
        yield "above_references", max(given) * case.policy.references_percent // 100


def _given(case: _Case) -> list[int]:
    """What references gave, in the currency of the application."""
    amounts = (answer.highest for answer in case.state.answers)
    return [each.minor for each in amounts if each is not None and each.currency == case.asked.currency]


# Checks -----------------------------------------------------------------------------------------------------------------


def _check_names(field: str, names: tuple[str, ...]) -> None:
    checks.sequence(field, names, str, "texts")
    for at, name in enumerate(names):
        checks.text(f"{field}[{at}]", name)
    if len(set(names)) != len(names):
        raise InvalidValue(field, list(names), "must name each once")


def _check_bands(bands: Iterable[ApplicationBand]) -> None:
    """That no band is covered by an earlier one as a whole."""
    before: list[ApplicationBand] = []
    for band in bands:
        if any(_is_within(band, each) for each in before):
            raise InvalidValue(
                "application_policy.bands", str(band.up_to), "must reach further than the bands before it"
            )
        before.append(band)


def _is_within(band: ApplicationBand, other: ApplicationBand) -> bool:
    return other.up_to is None or (band.up_to is not None and other.covers(band.up_to))
