"""One value of every class that checks what it is made of: those inside of facts and commands, and these."""

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
from tests.codec.samples import SAMPLES
from tests.service.world import one_of_each

import receivables
from receivables import Currency, Money, PaymentTerms
from receivables.documents.discount_tax import TaxedLine
from receivables.documents.due_steps import HostRule
from receivables.documents.exchange import Carrying, ExchangeRate, Realized, Revaluation
from receivables.documents.limitation import Interruption, Standstill
from receivables.documents.request import DefermentRequest
from receivables.documents.settlement import SettledItem, Settlement, Tender
from receivables.policies.accounts import AccountMap, AccountRule
from receivables.policies.applications import ClassTerms
from receivables.policies.appropriation import Debt
from receivables.policies.appropriation import Placement as Placed
from receivables.policies.assignment import Absence, AssignmentRule
from receivables.policies.authority import AuthorityRule, Deputy, Membership, Role
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.behavior import CustomFeature
from receivables.policies.book import Choice
from receivables.policies.bureau import BureauPolicy, BureauRules
from receivables.policies.collection import Due, PastAttempt
from receivables.policies.conditions import AccountCondition
from receivables.policies.credit import SubLimit
from receivables.policies.dunning import DunningPolicy
from receivables.policies.dunning_steps import DunningStep
from receivables.policies.fees import FeeRule, FeeTier
from receivables.policies.finance_charges import FinanceChargeTerms
from receivables.policies.forecast_pattern import CollectedShare, CollectionPattern
from receivables.policies.interest import InterestTerms
from receivables.policies.interest_rates import RateBound, RateRule
from receivables.policies.limitation import LimitationPolicy
from receivables.policies.limitation_regimes import LIMITATION_REGIMES
from receivables.policies.limits import LimitDefault
from receivables.policies.losses import WriteOffRule
from receivables.policies.matching_aliases import Alias, Relation
from receivables.policies.periods import Closing
from receivables.policies.provision import AllowanceMovement, ForwardLooking, LossRates, ProvisionPolicy
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard
from receivables.policies.settlement import SettlementItem
from receivables.policies.settlement_rules import BankFees, Tolerance, WithheldTax
from receivables.policies.strategy import Arm, StrategyPolicy, StrategyRule, Treatment
from receivables.policies.windows import SendWindow
from receivables.values.dates import ClosedPeriods
from receivables.values.rates import Rate, RateTable

LAYERS = ("values", "documents", "policies")
DAY, LATER = dt.date(2026, 1, 5), dt.date(2026, 3, 31)
NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
EUR = Currency.of("EUR")


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


RATES = RateTable(
    name="base", source="the bank", rates=(Rate(valid_from=DAY, percent=Decimal("1.27"), valid_until=LATER),)
)
USED = Carrying(foreign=Money.of(100, "USD"), book=eur(90))
STEP = DunningStep(name="first", days_after_due=7, pay_within_days=7)
PLAIN = {"id": "p", "version": 1}
MORE: tuple[Any, ...] = (
    ClosedPeriods(periods=(((12, 24), (1, 2)),)),
    RATES,
    TaxedLine(net=eur(100), tax_percents=(Decimal(19),)),
    HostRule(name="own"),
    Realized(part=Money.of(50, "USD"), released=eur(45), received=eur(47), after=USED, bank_fee=eur(1)),
    Revaluation(
        carrying=USED,
        rate=ExchangeRate(base=Currency.of("USD"), quote=EUR, on=DAY, rate=Decimal("0.93"), source="ECB"),
        value=eur(93),
    ),
    Interruption(on=DAY),
    Standstill(kind="negotiations", starts_on=DAY, resumes_on=LATER),
    DefermentRequest(id="R-1", account="ACME", item="INV-1", until=LATER),
    Tender(paid=eur(98), paid_on=DAY),
    Settlement(
        paid=eur(100),
        paid_on=DAY,
        items=(SettledItem(item="INV-1", open=eur(100), cash=eur(100)),),
        policy="p",
        version=1,
    ),
    AccountMap.standard(AccountRule(role="receivable", account="1200", segment="retail"), currency=EUR),
    ClassTerms(risk_class="A", percent=50, most=(eur(100),), terms=PaymentTerms.net(14)),
    Debt(item="INV-1", open=eur(100), due_on=DAY),
    Placed(item="INV-1", amount=eur(10), rule="oldest_due", because="it is the oldest"),
    AssignmentRule(name="large", collector="ann", letters=("A", "K"), least=eur(10), below=eur(1000)),
    Absence(person="ann", starts_on=DAY, until=LATER, deputy="bob"),
    Role(name="head", persons=("ann",), members=(Membership(person="bob", valid_from=DAY, valid_to=LATER),)),
    Deputy(person="bob", stands_for="ann", valid_from=DAY, valid_to=LATER),
    AuthorityRule(kind="write_off", role="head", up_to=eur(100), window_days=30),
    BalanceHistory.of(eur(100), BalanceChange(on=DAY, amount=eur(-40))),
    CustomFeature(name="own", compute=lambda history: 1, unit="days"),
    Choice(kind="dunning", policy="p", version=1, segment="retail"),
    BureauPolicy(**PLAIN, bureau="bureau", rules=(BureauRules(valid_from=DAY, minimums=(eur(100),)),)),
    Due(amount=eur(100), on=DAY),
    PastAttempt(on=DAY, method="direct_debit", outcome="returned", code="AM04", known_on=LATER),
    SubLimit(component="ordered", amount=eur(100)),
    DunningPolicy(**PLAIN, steps=(STEP, DunningStep(name="second", days_after_due=21)), minimums=(eur(5),)),
    AccountCondition(least_days=5, least_overdue=(eur(5),)),
    FeeRule(id="fee", tiers=(FeeTier(above=eur(0), fixed=eur(40)),)),
    FinanceChargeTerms(id="late", percent=Decimal("1.5"), minimum=eur(1)),
    CollectionPattern(shares=(CollectedShare.of(0, 40, discount=1), CollectedShare.of(1, 50)), bad_percent=Decimal(10)),
    InterestTerms(id="late", rate=RateRule(base=RATES, margin=Decimal(9), cap=RateBound(percent=Decimal(12)))),
    LimitationPolicy(**PLAIN, regime=next(iter(LIMITATION_REGIMES.values()))),
    LimitDefault(currency=EUR, amount=eur(100), segment="retail"),
    WriteOffRule(code="small", days_overdue=90, at_most=(eur(10),), cost=(eur(2),)),
    Relation(payer="Ann", account="ACME"),
    Alias(words=("acme", "works"), account="ACME"),
    Closing(until=DAY, since=NOON),
    ProvisionPolicy(
        **PLAIN,
        rates=(LossRates(percents=(Decimal(1), Decimal(2), Decimal(5), Decimal(10), Decimal(50))),),
        forward=ForwardLooking(factor=Decimal("1.1"), reason="a recession", source="the bank"),
    ),
    AllowanceMovement(opening=eur(10), expense=eur(5), used=eur(3), recovered=eur(1), closing=eur(13)),
    Scorecard(
        **PLAIN,
        factors=(Factor(feature="days_late", code="late", bins=(Bin(below=5, points=80), Bin(points=0, code="very"))),),
        classes=(RiskClass(name="A", least=50), RiskClass(name="B")),
    ),
    SettlementItem(item="INV-1", open=eur(100)),
    Tolerance(amount=(eur(5),), percent=Decimal(1), yearly_cap=(eur(50),)),
    WithheldTax(percent=Decimal(10), source="the law"),
    BankFees(most=(eur(10),)),
    StrategyPolicy(
        **PLAIN,
        treatments=(Treatment(name="calm", every_days=7), Treatment(name="firm")),
        otherwise="calm",
        rules=(
            StrategyRule(
                name="late",
                arms=(Arm(treatment="firm", percent=60), Arm(treatment="calm", percent=40)),
                least_days_overdue=30,
                trial="t",
            ),
        ),
    ),
    SendWindow(opens=dt.time(8), closes=dt.time(18)),
)


def modules(layer: str) -> Iterator[Any]:
    package = importlib.import_module(f"{receivables.__name__}.{layer}")
    for each in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{each.name}")


def checked(layer: str) -> list[type]:
    """The classes of a layer that check what they are made of."""
    classes = [each for module in modules(layer) for each in vars(module).values() if inspect.isclass(each)]
    own = [each for each in classes if each.__module__.startswith(f"receivables.{layer}.") and attrs.has(each)]
    return sorted({each for each in own if hasattr(each, "__attrs_post_init__")}, key=name_of)


def name_of(cls: type) -> str:
    return f"{cls.__module__.removeprefix('receivables.')}.{cls.__qualname__}"


@cache
def samples() -> dict[type, Any]:
    """The fullest value of each class."""
    found: dict[type, Any] = {}
    constants = [vars(module).values() for layer in LAYERS for module in modules(layer)]
    for each in _inside([MORE, *SAMPLES.values(), *one_of_each().values(), *map(list, constants)]):
        if type(each) not in found or _set(each) > _set(found[type(each)]):
            found[type(each)] = each
    for cls in (cls for layer in LAYERS for cls in checked(layer) if cls not in found):
        found[cls] = cls(**PLAIN) if "version" in {each.name for each in attrs.fields(cls)} else cls()
    return found


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _inside(each)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from _inside(getattr(value, field.name))


def _set(value: Any) -> int:
    return sum(getattr(value, each.name) not in (None, (), frozenset()) for each in attrs.fields(type(value)))
