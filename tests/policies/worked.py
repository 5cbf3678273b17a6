"""What the policies work out: settlements, proposals of matching, interest, fees, periods of limitation, part payments.

``PYTHONPATH=src python -m tests.policies.worked`` writes ``worked.txt`` anew. It is read by people: each line is a case
and what comes of it. The cases of a page differ from the first in one thing.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import attrs
from tests.policies.every import EUR, company, shown
from tests.service.world import day, eur

from receivables import Allocation, Money, Payment, Remittance
from receivables.documents.discount_tax import TaxedLine
from receivables.documents.limitation import INTERRUPTIONS, SUSPENSIONS, Interruption, Standstill
from receivables.documents.schedule import DiscountWindow, Installment
from receivables.documents.settlement import Deduction, Tender
from receivables.errors import ReceivablesError
from receivables.policies import appropriation, metro2, paydex
from receivables.policies.appropriation import AMONG, AppropriationOrder, Debt, appropriate
from receivables.policies.balances import BalanceChange, BalanceHistory
from receivables.policies.fees import FeeRule, FeeTier, Tiering
from receivables.policies.interest import Compounding, CountedDays, InterestTerms, accrue
from receivables.policies.interest_first import pay_interest_first
from receivables.policies.interest_rates import Fixing, RateBound, RateRule, Reset, Wording
from receivables.policies.limitation import limitation
from receivables.policies.limitation_regimes import LIMITATION_REGIMES
from receivables.policies.matching import propose
from receivables.policies.matching_index import MatchIndex
from receivables.policies.matching_policy import MatchingPolicy
from receivables.policies.regimes import REGIMES
from receivables.policies.settlement import SHORT, SURPLUS, UNEARNED, PartPayments, SettlementItem, SettlementPolicy
from receivables.policies.settlement_rules import BankFees, Tolerance, WithheldTax
from receivables.values.daycounts import DayCount
from receivables.values.rates import RateTable

WRITTEN = Path(__file__).with_name("worked.txt")
PLAIN = {"id": "p", "version": 1}
D = dt.date
Lines = Iterator[tuple[str, Any]]


def attempt(call: Callable[[], Any]) -> Any:
    """What a call gives, or in which words it refuses."""
    try:
        return call()
    except ReceivablesError as error:
        return f"{type(error).__name__}: {error}"


# Settlements ------------------------------------------------------------------------------------------------------------

WINDOWS = (
    DiscountWindow(until=D(2026, 5, 10), percent=Decimal(3), amount=eur(30), grace_until=D(2026, 5, 12)),
    DiscountWindow(until=D(2026, 5, 20), percent=Decimal(2), amount=eur(20)),
)
FIRST = SettlementItem(
    item="INV-1", open=eur(1000), installment=Installment(amount=eur(1000), due_on=D(2026, 5, 30), discounts=WINDOWS)
)
LINES = (TaxedLine(net=eur(800), tax_percents=(Decimal(25),)),)
TAXED = attrs.evolve(FIRST, item="INV-2", lines=LINES)
SMALL = SettlementItem(item="INV-3", open=eur(50))
ITEMS = {"one": (FIRST,), "taxed": (TAXED,), "two": (FIRST, SMALL), "plain": (SMALL,)}
SETTLING: dict[str, dict[str, Any]] = {
    "plain": {},
    "tolerant": {"tolerance": Tolerance(amount=(eur(5),), percent=Decimal(1), yearly_cap=(eur(8),))},
    **{f"unearned {each}": {"unearned": each} for each in UNEARNED},
    **{f"short {each}": {"short": each} for each in SHORT},
    **{f"surplus {each}": {"surplus": each, "tolerance": Tolerance(amount=(eur(5),))} for each in SURPLUS},
    **{f"part {each.name}": {"part_payments": each} for each in PartPayments},
    "no grace": {"grace_accepted": False},
    "unclaimed": {"unclaimed_granted": True},
    "withheld": {"withheld": WithheldTax(percent=Decimal(20), assumed=True, source="the law")},
    "fees": {"bank_fees": BankFees(most=(eur(10),), assumed=True)},
    "fees of the customer": {"bank_fees": BankFees(most=(eur(10),), borne_by="customer")},
}
PAID = ("1000", "970", "980", "975", "800", "996", "1050", "1020", "45", "50.40", "200")
DAYS = (D(2026, 5, 8), D(2026, 5, 11), D(2026, 6, 15))


def settlements() -> Lines:
    plain: dict[Any, Any] = {}
    for (name, fields), (which, items) in product(SETTLING.items(), ITEMS.items()):
        policy = SettlementPolicy(**PLAIN, **fields)
        for amount, on in product(PAID[-3:] if which == "plain" else PAID[:-3], DAYS):
            tender = Tender(paid=eur(amount), paid_on=on)
            found, case = of_settlement(policy, items, tender), (which, amount, on)
            if plain.setdefault(case, found) != found or name == "plain":
                yield f"{name}, {which}: {amount} on {on:%d %b}", found
    deducted = (Deduction(amount=eur(30), code="discount"),)
    for name, tender in {
        "deduction": Tender(paid=eur(970), paid_on=DAYS[0], deductions=deducted),
        "withheld tax": Tender(paid=eur(840), paid_on=DAYS[2], withheld=eur(160), certificate="C-1"),
        "bank fee": Tender(paid=eur(990), paid_on=DAYS[2], bank_fee=eur(10)),
        "in USD": Tender(paid=Money.of(10, "USD"), paid_on=DAYS[0]),
    }.items():
        for kind in ("plain", "withheld", "fees", "tolerant"):
            yield f"{kind}: {name}", of_settlement(SettlementPolicy(**PLAIN, **SETTLING[kind]), (TAXED,), tender)
    spent = SettlementPolicy(**PLAIN, **SETTLING["tolerant"])
    for used in ("0", "4", "5", "8", "9"):
        yield (
            f"{used} used of the year",
            of_settlement(spent, (FIRST,), Tender(paid=eur(996), paid_on=DAYS[2]), used=eur(used)),
        )


def of_settlement(policy: SettlementPolicy, items: Any, tender: Tender, **more: Any) -> Any:
    return attempt(lambda: " | ".join(str(policy.settle(items, tender, **more)).splitlines()))


# Matching ---------------------------------------------------------------------------------------------------------------

MATCHING = {
    "": MatchingPolicy(**PLAIN),
    "tolerant ": MatchingPolicy(
        **PLAIN,
        tolerances=(eur(5),),
        tolerance_percent=Decimal(2),
        references=frozenset({"reference", "cut_reference"}),
    ),
}
TEXTS = (
    "", "INV-1", "invoice INV-1, INV-7", "inv 1 and inv 7", "INV-2 CN-1", "INV-Y and INV-Z", "INVX", "RF18 5390 0754 7034", "thanks", "INV-7/1",
    "OUT", "acme corp", "INV-B", "INV-K INV-L", "LOST",
)  # fmt: skip
AMOUNTS = ("700", "1450", "200", "180", "98", "100", "695", "750", "80", "1000", "33.33", "900", "1650")


@cache
def ledger() -> MatchIndex:
    views = [company().app.view(id, day(33)) for id in ("ACME", "BETA", "LOST", "OUT", "STRICT")]
    return MatchIndex.of(views)


def matches() -> Lines:
    plain: dict[Any, Any] = {}
    for (name, policy), text, amount in product(MATCHING.items(), TEXTS, AMOUNTS):
        for account in ("ACME", "SUSPENSE"):
            made = Payment(
                id="P-X",
                account=account,
                amount=eur(amount),
                value_date=day(33),
                payer="Acme Works",
                remittance=Remittance(text=text or "-"),
            )
            found = propose(made, ledger(), policy)
            said, case = [each_of(one) for one in found.proposals[:3]] + [found.posting is not None], (text, amount)
            if found.proposals and (plain.setdefault(case, said) != said or f"{name}{account}" == "ACME"):
                yield f"{name}{account} {amount} '{text}'", said
    taken = ledger().after("ACME", [Allocation(source="P", item="INV-1", amount=eur(100))])
    for text in ("INV-1", "INV-1 INV-7"):
        made = Payment(id="P-X", account="ACME", amount=eur(600), value_date=day(33), remittance=Remittance(text=text))
        yield f"after 100: 600 '{text}'", [each_of(one) for one in propose(made, taken, MATCHING[""]).proposals]


def each_of(proposal: Any) -> str:
    parts = " + ".join(f"{each.item} {each.amount}" for each in proposal.allocations)
    return f"{proposal.kind} {proposal.points}: {parts}, {proposal.difference}; {', '.join(map(str, proposal.reasons))}"


# Interest and fees ------------------------------------------------------------------------------------------------------

BASE = RateTable.from_rows(
    [("2024-01-01", "3.62"), ("2024-07-01", "3.37"), ("2025-01-01", "2.27"), ("2025-04-10", "5")],
    name="base",
    source="the bank",
)
DEBT = BalanceHistory.of(
    eur(1000),
    BalanceChange(on=D(2024, 9, 1), amount=eur(-300)),
    BalanceChange(on=D(2025, 2, 10), amount=eur(40), of="fee"),
    BalanceChange(on=D(2025, 3, 1), amount=eur(-100)),
)
RATES = {
    "base": RateRule(base=BASE),
    "points over": RateRule(base=BASE, margin=Decimal(8)),
    "percent over": RateRule(base=BASE, margin=Decimal(8), wording=Wording.PERCENT),
    "floor": RateRule(base=BASE, floor=RateBound(percent=Decimal(3))),
    "cap": RateRule(base=BASE, cap=RateBound(percent=Decimal("1.5"), times=2)),
    **{f"reset {each.name}": RateRule(base=BASE, reset=each) for each in Reset},
    **{f"fixing {each.name}": RateRule(base=BASE, margin=Decimal(1), fixing=each) for each in Fixing},
    "nine": RateRule.fixed("9"),
}


def interest() -> Lines:
    nine = RATES["nine"]
    for name, rate in RATES.items():
        yield name, of_interest(InterestTerms(id="t", rate=rate))
    for count, compounding, counted in product(DayCount, Compounding, CountedDays):
        terms = InterestTerms(id="t", rate=nine, day_count=count, compounding=compounding, counted=counted)
        yield f"{count.name} {compounding.name} {counted.name}", of_interest(terms)
    for name, more in {
        "per 30 days": {"per_days": 30}, "of everything": {"bears": frozenset({"principal", "fee", "interest"})}, "in steps": {"step": 5},
        "at most six months": {"stops_after_months": 6},
    }.items():  # fmt: skip
        yield name, of_interest(InterestTerms(id="t", rate=nine, **more))
    for since in (D(2024, 12, 31), D(2025, 1, 1)):
        terms = InterestTerms(id="t", rate=nine)
        found = accrue(DEBT, terms, due_on=D(2024, 6, 15), until=D(2025, 6, 30), since=since)
        yield f"since {since}", (found.total, str(found.exact))
        yield (
            f"interest first until {since}",
            attempt(lambda t=terms, on=since: shown(pay_interest_first(DEBT, t, due_on=D(2024, 6, 15), until=on))),
        )


def of_interest(terms: InterestTerms) -> Any:
    found = attempt(lambda: accrue(DEBT, terms, due_on=D(2024, 6, 15), until=D(2025, 6, 30)))
    return (
        found
        if isinstance(found, str)
        else (found.total, [f"{s.first_day}+{s.days} {s.principal} {s.quote}" for s in found.segments])
    )


def fees() -> Lines:
    tiers = (
        FeeTier(above=eur(0), fixed=eur(40)),
        FeeTier(above=eur(1000), percent=Decimal(2)),
        FeeTier(above=eur(5000), percent=Decimal(1), inclusive=False),
    )
    for name, fields in {
        "flat": {"fixed": (eur(5),)},
        "percent": {"percent": Decimal("1.5")},
        "bounds": {"percent": Decimal(1), "minimum": (eur(3),), "maximum": (eur(20),)},
        "capped": {"fixed": (eur(30),), "legal_cap": (eur(25),), "tax_percent": Decimal(19)},
        **{f"tiers {each.name}": {"tiers": tiers, "tiering": each} for each in Tiering},
        "steps": {"percent": Decimal("1.5"), "step": 5},
    }.items():
        rule = FeeRule(id=name, **fields)
        for claim in ("0.01", "100", "999.99", "1000", "1000.01", "5000", "5000.01", "20000"):
            yield (
                f"{name} on {claim}",
                attempt(lambda r=rule, amount=claim: str(r.fee(eur(amount)))),
            )
        yield f"{name} in USD", attempt(lambda r=rule: str(r.fee(Money.of(9, "USD"))))


def laws() -> Lines:
    for id, regime in REGIMES.items():
        for arose in (D(1995, 1, 1), D(2004, 5, 1), D(2013, 4, 1), D(2016, 1, 1), D(2024, 1, 1)):
            for amount in (
                Money.of(4999, regime.currency if hasattr(regime, "currency") else "EUR"),
                Money.of(100, "EUR"),
                Money.of(1000, "GBP"),
            ):
                yield (
                    f"{id} {arose} {amount}",
                    attempt(lambda r=regime, m=amount, on=arose: str(r.compensation(m, arose_on=on))),
                )
            yield f"{id} {arose} terms", attempt(lambda r=regime, on=arose: str(r.terms(BASE, arose_on=on).rate))


# Limitation -------------------------------------------------------------------------------------------------------------


def periods() -> Lines:
    for (id, regime), due in product(
        LIMITATION_REGIMES.items(), (D(2019, 12, 31), D(2020, 1, 1), D(2020, 2, 29), None)
    ):
        yield f"{id} due {due}", of_period(regime, due)
        if due != D(2020, 2, 29):
            continue
        for kind in INTERRUPTIONS:
            for on in (D(2021, 5, 5), D(2024, 12, 31)):
                yield f"{id} {kind} on {on}", of_period(regime, due, (Interruption(on=on, kind=kind),))
        for kind in SUSPENSIONS:
            for end in (D(2022, 1, 10), None):
                stands = (Standstill(kind=kind, starts_on=D(2021, 6, 1), resumes_on=end),)
                yield f"{id} {kind} until {end}", of_period(regime, due, (), stands)
                yield (
                    f"{id} {kind} until {end}, interrupted",
                    of_period(regime, due, (Interruption(on=D(2021, 8, 1)),), stands),
                )
            late = (Standstill(kind=kind, starts_on=D(2023, 12, 1), resumes_on=D(2024, 1, 5)),)
            yield f"{id} {kind} at the end", of_period(regime, due, (), late)


def of_period(regime: Any, due: dt.date | None, interrupted: Any = (), stands: Any = ()) -> Any:
    found = [
        limitation(regime, due, interrupted, stands, as_of, document_on=D(2019, 11, 1))
        for as_of in (D(2021, 7, 1), D(2024, 1, 1), D(2035, 1, 1))
    ]
    return [(each.status, each.starts_on, each.ends_on) for each in found] + [str(found[1])]


# Part payments ----------------------------------------------------------------------------------------------------------

DEBTS = (
    Debt(item="A", open=eur(100), due_on=D(2026, 1, 10), rate_percent=Decimal(5)),
    Debt(item="A/fee", kind="fee", parent="A", open=eur(10)),
    Debt(item="A/interest", kind="interest", parent="A", open=eur(7)),
    Debt(item="B", open=eur(60), due_on=D(2026, 3, 1), secured=True),
    Debt(item="C", open=eur(60), due_on=D(2026, 1, 10), rate_percent=Decimal(9)),
    Debt(item="D", open=eur(30)),
)
ORDERS = {
    **{each.id: each for each in vars(appropriation).values() if isinstance(each, AppropriationOrder)},
    **{each: AppropriationOrder(**PLAIN, among=(each,)) for each in AMONG},
    "pro rata": AppropriationOrder(**PLAIN, among=("fallen_due",), ties="pro_rata"),
    "debt by debt": AppropriationOrder(**PLAIN, kinds=("fee", "interest", "principal"), debt_by_debt=True),
    "designates a debt": AppropriationOrder(**PLAIN, designation="debt"),
    "designates nothing": AppropriationOrder(**PLAIN, designation="ignored"),
}


def part_payments() -> Lines:
    for (name, order), amount, chosen in product(ORDERS.items(), (5, 110, 200, 500), ((), ("C",), ("A/fee", "B"))):
        found = attempt(
            lambda o=order, a=amount, c=chosen: appropriate(eur(a), DEBTS, o, on=D(2026, 2, 20), designated=c)
        )
        yield (
            f"{name} {amount} {' '.join(chosen)}".rstrip(),
            found if isinstance(found, str) else [f"{p.item} {p.amount} {p.rule}" for p in found],
        )


def codes() -> Lines:
    for days in (-1, 0, 1, 29, 30, 31, 59, 60, 89, 90, 119, 120, 149, 150, 179, 180, 181, 999):
        yield (
            f"{days} days",
            (attempt(lambda n=days: metro2.account_status(n)), attempt(lambda n=days: str(paydex.paydex_points(n)))),
        )
        yield f"index {days}", attempt(lambda n=days: paydex.paydex_risk(n))
    yield "profile", metro2.payment_profile([0, 31, 64, None, 95, "D", 185, 12])
    yield "paydex", (paydex.paydex([(100, 0), (50, 30)]), paydex.paydex([]), paydex.weighted_index([(1, 80), (3, 50)]))


PAGES: dict[str, Callable[[], Lines]] = {
    "settlements": settlements, "matching": matches, "interest": interest, "fees": fees, "laws": laws, "limitation": periods,
    "part payments": part_payments, "codes": codes,
}  # fmt: skip


def page(name: str) -> list[str]:
    """The cases of a page; those that come to the same as the one before are put with it."""
    lines: list[tuple[str, list[str]]] = []
    for case, found in PAGES[name]():
        said = found if isinstance(found, str) else shown(found)
        if lines and lines[-1][0] == said:
            lines[-1][1].append(case)
        else:
            lines.append((said, [case]))
    return [f"[{name}]", *(f"{'; '.join(cases)} -> {said}" for said, cases in lines), ""]


if __name__ == "__main__":
    assert EUR.exponent == 2
    WRITTEN.write_text("\n".join(line for name in PAGES for line in page(name)) + "\n", encoding="utf-8")
