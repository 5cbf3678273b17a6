"""What an application takes and gets: each reason with the case that brings it about, and policies that contradict themselves."""

import datetime as dt

import attrs
import pytest
from tests.service.world import TODAY, day, eur

from receivables import Account, Customer, Hold, Money, PaymentTerms, PolicyBook, fold
from receivables.codec import read_settings, settings_text
from receivables.documents.application import CreditApplication, Paper, Reference, ReferenceAnswer
from receivables.documents.invoice import DocumentLink
from receivables.documents.risk import DeclaredFigures
from receivables.errors import InvalidValue, WrongType
from receivables.facts.credit import HoldPlaced
from receivables.facts.risk import FiguresDeclared
from receivables.policies.applications import CODES, ApplicationBand, ApplicationPolicy, ClassTerms, recommend
from receivables.state.application import ApplicationState

POLICY = ApplicationPolicy(
    id="desk",
    version=1,
    bands=(
        ApplicationBand(up_to=eur(1000), scored=False),
        ApplicationBand(
            up_to=eur(50_000),
            papers=("accounts",),
            figures=("book_equity", "employees"),
            references=1,
            figures_days=500,
            papers_days=500,
        ),
    ),
    classes=(
        ClassTerms(risk_class="A"),
        ClassTerms(risk_class="B", percent=50, most=(eur(8000),), terms=PaymentTerms.net(14)),
        ClassTerms(risk_class="C", leads_to="referred"),
        ClassTerms(risk_class="D", leads_to="refused"),
    ),
    equity_percent=10,
    references_percent=200,
)


LATELY = day(-60)


def paper(kind="accounts", dated_on=LATELY):
    return Paper(kind=kind, link=DocumentLink(uri="s3://p", sha256="ab" * 32), dated_on=dated_on)


def answer(**more):
    return ReferenceAnswer(
        **{"reference": "bank", "answered_on": TODAY, "highest": eur(10_000), "days_late": 5, **more}
    )


def figures(**more):
    values = {"book_equity": eur(150_000), "employees": 12, **more}
    return DeclaredFigures(
        id="F", account="ACME", year_end=dt.date(2025, 12, 31), declared_on=TODAY, source="accounts", **values
    )


def advised(amount=10_000, risk_class="A", policy=POLICY, *, held=None, **known):
    money = amount if isinstance(amount, Money) else eur(amount)
    asked = CreditApplication(id="CA", account="ACME", applied_on=TODAY, amount=money, terms=PaymentTerms.net(30))
    bank = Reference(id="bank", kind="bank", contact="c")
    papers, answers = known.get("papers", (paper(),)), known.get("answers", (answer(),))
    state = ApplicationState(asked, "submitted", (bank,), answers, papers, None, None, None)
    account = Account.of(Customer(id="ACME"))
    declared = known.get("figures", figures())
    times = {"effective_on": TODAY, "recorded_at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)}
    facts = [] if declared is None else [FiguresDeclared(figures=declared, **times)]
    facts += [] if held is None else [HoldPlaced(hold=held, **times)]
    return recommend(fold(facts, account).view(known.get("on", TODAY)), state, policy, risk_class)


def codes(found):
    return [reason.code for reason in found.reasons]


def test_what_is_complete_and_within_all_bounds_is_approved_as_asked():
    found = advised()
    assert (found.outcome, found.limit, found.terms, found.reasons) == (
        "approved",
        eur(10_000),
        PaymentTerms.net(30),
        (),
    )


def test_a_small_amount_takes_less():
    assert advised(1000, None, papers=(), answers=(), figures=None).outcome == "approved"
    assert advised(1001, None, papers=(), answers=(), figures=None).outcome == "incomplete"


@pytest.mark.parametrize(
    ("case", "code", "outcome"),
    [
        ({"policy": None}, "no_policy", "referred"),
        ({"amount": 50_001}, "no_band", "referred"),
        ({"amount": Money.of(10, "USD")}, "no_band", "referred"),
        ({"figures": None}, "figure_missing", "incomplete"),
        ({"figures": figures(employees=None)}, "figure_missing", "incomplete"),
        ({"figures": figures(book_equity=Money.of(10**6, "USD"))}, "figure_missing", "incomplete"),
        ({"on": dt.date(2027, 6, 1)}, "figures_old", "incomplete"),
        ({"papers": ()}, "paper_missing", "incomplete"),
        ({"papers": (paper("register"),)}, "paper_missing", "incomplete"),
        ({"papers": (paper(dated_on=day(-501)),)}, "paper_old", "incomplete"),
        ({"answers": ()}, "reference_missing", "incomplete"),
        ({"answers": (answer(warns=True),)}, "reference_warns", "referred"),
        ({"answers": (answer(days_late=31),)}, "reference_late", "referred"),
        (
            {"held": Hold(id="H", account="ACME", placed_on=TODAY, reason="x", stops=frozenset({"credit"}))},
            "hold",
            "referred",
        ),
        ({"risk_class": None}, "no_score", "referred"),
        ({"risk_class": "Z"}, "class_unknown", "referred"),
        ({"risk_class": "C"}, "class_referred", "referred"),
        ({"risk_class": "D"}, "class_refused", "refused"),
        ({"risk_class": "B"}, "above_class", "reduced"),
        ({"amount": 15_001}, "above_equity", "reduced"),
        ({"answers": (answer(highest=eur(4999)),)}, "above_references", "reduced"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_reason_leads_where_its_code_says(case, code, outcome):
    found = advised(**case)
    assert code in codes(found)
    assert found.outcome == outcome
    assert CODES[code].leads_to == outcome
    assert (found.limit is not None) == (outcome == "reduced")


def test_every_code_has_a_case_above():
    marks = test_each_reason_leads_where_its_code_says.pytestmark
    assert {code for _, code, _ in marks[0].args[1]} == set(CODES)


def test_the_lowest_bound_is_offered_and_each_says_by_how_much():
    found = advised(20_000, "B", answers=(answer(highest=eur(4000)),))
    assert found.limit == eur(8000)
    assert {each.code: each.amount for each in found.reasons} == {
        "above_class": eur(12_000),
        "above_equity": eur(5000),
        "above_references": eur(12_000),
    }
    assert found.terms == PaymentTerms.net(14)


def test_a_share_of_an_amount_is_rounded_down_to_the_minor_unit():
    third = attrs.evolve(POLICY, classes=(ClassTerms(risk_class="A", percent=33),))
    assert advised(eur("1000.01"), policy=attrs.evolve(third, bands=(ApplicationBand(),))).limit == eur("330.00")


@pytest.mark.parametrize("equity", [0, -5000])
def test_where_nothing_is_left_to_offer_it_is_refused(equity):
    found = advised(figures=figures(book_equity=eur(equity)))
    assert (found.outcome, found.limit, codes(found)) == ("refused", None, ["above_equity"])


def test_all_reasons_are_given_in_order_and_what_is_missing_by_name():
    found = advised(risk_class="D", papers=(), answers=(), figures=None)
    assert codes(found) == ["figure_missing", "figure_missing", "paper_missing", "reference_missing", "class_refused"]
    assert found.missing == ("book_equity", "employees", "accounts", "1 references")
    assert found.outcome == "incomplete"
    assert [each.retryable for each in found.reasons] == [True, True, True, True, False]
    assert str(advised(risk_class="D")) == "refused: class_refused"


def test_the_newest_paper_of_a_kind_counts():
    assert advised(papers=(paper(dated_on=day(-900)), paper(dated_on=day(-9)))).outcome == "approved"
    assert advised(papers=(paper(dated_on=None),)).outcome == "approved"


@pytest.mark.parametrize(
    "make",
    [
        lambda: attrs.evolve(POLICY, bands=(ApplicationBand(), ApplicationBand(up_to=eur(5)))),
        lambda: attrs.evolve(POLICY, bands=(ApplicationBand(up_to=eur(5)), ApplicationBand(up_to=eur(5)))),
        lambda: attrs.evolve(POLICY, classes=(ClassTerms(risk_class="A"), ClassTerms(risk_class="A"))),
        lambda: attrs.evolve(POLICY, review_days=30),
        lambda: attrs.evolve(POLICY, equity_percent=-1),
        lambda: ApplicationBand(up_to=eur(0)),
        lambda: ApplicationBand(figures=("profit",)),
        lambda: ApplicationBand(papers=("a", "a")),
        lambda: ClassTerms(risk_class="A", percent=101),
        lambda: ClassTerms(risk_class="A", leads_to="reduced"),
        lambda: ClassTerms(risk_class="A", most=(eur(5), eur(6))),
        lambda: CreditApplication(id="x", account="y", applied_on=TODAY, amount=eur(0)),
        lambda: ReferenceAnswer(reference="x", answered_on=TODAY, known_since=day(1)),
        lambda: Reference(id="x", kind="friend", contact="y"),
    ],
)
def test_what_contradicts_itself_is_refused(make):
    with pytest.raises(InvalidValue):
        make()


def test_a_wrong_type_names_its_field():
    with pytest.raises(WrongType, match=r"band.up_to"):
        ApplicationBand(up_to=5)


def test_bands_of_two_currencies_stand_side_by_side_and_the_settings_are_read_back():
    bands = (ApplicationBand(up_to=eur(5)), ApplicationBand(up_to=Money.of(5, "USD")), ApplicationBand())
    policy = attrs.evolve(POLICY, bands=bands)
    assert policy.band(Money.of(5, "USD")) == bands[1]
    assert policy.band(Money.of(6, "USD")) == bands[2]
    assert read_settings(settings_text(policy)) == policy
    assert PolicyBook.of(policy).application_for(Customer(id="ACME")) == policy
