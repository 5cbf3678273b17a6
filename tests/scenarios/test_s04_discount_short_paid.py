"""S04: 2/10 net 30 paid on day 11, short by the discount.

INV-4, net 1,000.00 plus VAT 20 percent, issued on Monday, 4 May 2026. The terms are frozen on the invoice; the bank's
value date decides. The story is told three times: by the discount alone, by the policy, and as the service records it.
"""

import datetime as dt
from decimal import Decimal

from tests.service.world import CREDIT, World

from receivables import Choice, CreditNote, DunningPolicy, DunningStep, InvoiceLine, Payment, PolicyBook, Receipt, aging
from receivables.documents.discount_tax import TaxedLine, split_amount, split_percent
from receivables.documents.discounts import DiscountRules, DiscountStatus, PartPayments, discount_on, settle
from receivables.documents.invoice import Invoice
from receivables.documents.schedule import Installment
from receivables.documents.settlement import Settlement, Tender
from receivables.documents.terms import PaymentTerms
from receivables.facts.cash import DifferenceSettled
from receivables.policies.settlement import SettlementItem, SettlementPolicy
from receivables.policies.settlement_rules import Tolerance
from receivables.values.dates import FixedCalendar, Roll
from receivables.values.money import Money

D = dt.date
ISSUED = D(2026, 5, 4)
TOTAL = Money.of("1200.00", "EUR")
LINE = TaxedLine(net=Money.of("1000.00", "EUR"), tax_percents=(Decimal(20),))
TERMS = PaymentTerms.parse("2/10 net 30")
PART = TERMS.resolve(ISSUED, TOTAL).installments[0]
PAID = Money.of("1176.00", "EUR")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_the_invoice_freezes_both_dates_and_the_discount() -> None:
    invoice = Invoice(number="INV-4", account="ACME", issued_on=ISSUED, total=TOTAL, terms=TERMS)
    ((item, part),) = invoice.items()
    assert item == "INV-4"
    assert part.due_on == D(2026, 6, 3)
    assert part.discounts[0].until == D(2026, 5, 14)
    assert part.discounts[0].amount == eur("24.00")
    split = split_percent([LINE], 2)
    assert (split.net, split.tax) == (eur("20.00"), eur("4.00"))


def test_day_eleven_is_too_late_and_the_discount_stays_open() -> None:
    tolerance = min(eur("5.00"), TOTAL.times("0.01"))
    outcome = settle(PART, PAID, D(2026, 5, 15), rules=DiscountRules(tolerance=tolerance))
    assert outcome.status is DiscountStatus.UNEARNED
    assert outcome.status.value == "unearned_discount"
    assert (outcome.open, outcome.tolerance) == (eur("24.00"), eur("0"))


def test_with_two_days_of_grace_it_settles_and_the_tax_is_corrected() -> None:
    graced = PaymentTerms.parse("2/10 grace 2, net 30").resolve(ISSUED, TOTAL).installments[0]
    assert graced.discounts[0].grace_until == D(2026, 5, 16)
    outcome = settle(graced, PAID, D(2026, 5, 15))
    assert (outcome.status, outcome.is_closed) == (DiscountStatus.IN_GRACE, True)
    split = split_amount([LINE], outcome.discount)
    debits = (PAID, split.net, split.tax)
    assert debits == (eur("1176.00"), eur("20.00"), eur("4.00"))
    assert Money.total(debits, "EUR") == TOTAL
    assert eur("200.00") - split.tax == eur("196.00") == PAID.times("1").split([5, 1])[1]


def test_a_part_payment_on_day_eight_earns_its_share_or_nothing() -> None:
    paid, on = eur("600.00"), D(2026, 5, 12)
    share = settle(PART, paid, on, rules=DiscountRules(part_payments=PartPayments.PRO_RATA))
    assert (paid + share.discount, share.discount, share.open) == (eur("612.24"), eur("12.24"), eur("587.76"))
    whole = settle(PART, paid, on, rules=DiscountRules(part_payments=PartPayments.FULL_ONLY))
    assert (whole.discount, whole.open) == (eur("0"), eur("600.00"))


def test_a_credit_note_before_the_payment_lowers_the_base() -> None:
    rest = TOTAL - eur("120.00")
    assert discount_on(PART, PART.discounts[0], rest) == eur("21.60")
    outcome = settle(PART, eur("1058.40"), D(2026, 5, 14), open=rest)
    assert (outcome.status, outcome.is_closed) == (DiscountStatus.EARNED, True)


def test_the_day_of_import_does_not_matter() -> None:
    assert settle(PART, PAID, D(2026, 5, 14)).status is DiscountStatus.EARNED


def test_the_calendar_is_part_of_the_terms() -> None:
    german = FixedCalendar(holidays=frozenset({D(2026, 5, 14)}))
    rolled = TERMS.rolled(Roll.FOLLOWING, "DE").resolve(ISSUED, TOTAL, calendars={"DE": german})
    assert rolled.installments[0].discounts[0].until == D(2026, 5, 15)
    assert settle(rolled.installments[0], PAID, D(2026, 5, 15)).status is DiscountStatus.EARNED


# The same story, as a policy settles it


POLICY = SettlementPolicy(
    id="AT", version=1, tolerance=Tolerance(amount=(eur("5.00"),), percent=Decimal(1)), grace_accepted=True
)


def settled(
    paid: Money, on: dt.date, part: Installment = PART, open: Money = TOTAL, policy: SettlementPolicy = POLICY
) -> Settlement:
    item = SettlementItem(item="INV-4", open=open, installment=part, lines=(LINE,))
    return policy.settle([item], Tender(paid=paid, paid_on=on))


def kinds(settlement: Settlement) -> list[tuple[str, Money, bool]]:
    return [(part.kind, part.amount, part.settles) for part in settlement.parts]


def test_the_policy_leaves_the_unearned_discount_open_and_opens_a_case() -> None:
    late = settled(PAID, D(2026, 5, 15))
    assert kinds(late) == [("discount_unearned", eur("24.00"), False)]
    assert [(case.reason, case.amount) for case in late.disputes] == [("unearned_discount", eur("24.00"))]
    assert (late.applied, late.open) == (eur("1176.00"), eur("24.00"))
    assert [str(reason) for reason in late.reasons] == ["above_tolerance (5.00 EUR)"]


def test_a_in_grace_the_discount_settles_with_its_tax() -> None:
    graced = PaymentTerms.parse("2/10 grace 2, net 30").resolve(ISSUED, TOTAL).installments[0]
    settlement = settled(PAID, D(2026, 5, 15), graced)
    (part,) = settlement.parts
    assert (part.kind, part.net, part.tax) == ("discount_in_grace", eur("20.00"), eur("4.00"))
    assert settlement.is_closed
    strict = SettlementPolicy(id="strict", version=1, grace_accepted=False)
    assert settled(PAID, D(2026, 5, 15), graced, policy=strict).open == eur("24.00")


def test_b_a_part_payment_settles_its_share_or_nothing_more() -> None:
    paid, on = eur("600.00"), D(2026, 5, 12)
    share = SettlementPolicy(id="share", version=1, part_payments=PartPayments.PRO_RATA)
    assert kinds(settled(paid, on, policy=share)) == [
        ("discount_earned", eur("12.24"), True),
        ("short_payment", eur("587.76"), False),
    ]
    assert kinds(settled(paid, on)) == [("short_payment", eur("600.00"), False)]


def test_c_after_a_credit_note_the_discount_is_of_what_is_left() -> None:
    settlement = settled(eur("1058.40"), D(2026, 5, 14), open=eur("1080.00"))
    assert kinds(settlement) == [("discount_earned", eur("21.60"), True)]
    assert settlement.parts[0].tax == eur("3.60")


def test_d_the_value_date_decides() -> None:
    assert kinds(settled(PAID, D(2026, 5, 14))) == [("discount_earned", eur("24.00"), True)]


def test_e_the_rolled_window_is_open_a_day_longer() -> None:
    german = FixedCalendar(holidays=frozenset({D(2026, 5, 14)}))
    rolled = TERMS.rolled(Roll.FOLLOWING, "DE").resolve(ISSUED, TOTAL, calendars={"DE": german}).installments[0]
    assert kinds(settled(PAID, D(2026, 5, 15), rolled)) == [("discount_earned", eur("24.00"), True)]


# And as the service records it


def recorded(terms: str = "2/10 net 30", policy: SettlementPolicy = POLICY) -> World:
    """INV-4 issued on the Monday; letters from the first day overdue, for 25.00 and more."""
    steps = (DunningStep(name="first", days_after_due=1),)
    ladder = DunningPolicy(id="standard", version=1, steps=steps, minimums=(eur("25.00"),))
    world = World(policies=PolicyBook.of(policy, ladder, CREDIT, choices=(Choice(kind="dunning", policy="standard"),)))
    world.at(ISSUED).open()
    invoice = Invoice(
        number="INV-4",
        account="ACME",
        issued_on=ISSUED,
        total=TOTAL,
        terms=PaymentTerms.parse(terms),
        lines=(InvoiceLine(net=eur("1000.00"), tax=eur("200.00"), tax_percent=Decimal(20)),),
    )
    world.app.issue_invoice(invoice, key="INV-4")
    return world


def receive(world: World, amount: str, value_date: dt.date, imported: dt.date | None = None) -> Receipt:
    world.at(imported or value_date)
    payment = Payment(id="P", account="ACME", amount=eur(amount), value_date=value_date)
    world.app.receive_payment(payment, key="P")
    return world.app.settle("ACME", "P", ("INV-4",), key="settle P")


def test_1_the_service_leaves_24_open_and_opens_a_case() -> None:
    world = recorded()
    receipt = receive(world, "1176.00", D(2026, 5, 15))
    assert receipt.outcome == "partly settled"
    view = world.app.view("ACME", D(2026, 6, 3))
    assert (view.open("INV-4"), view.disputed("INV-4")) == (eur("24.00"), eur("24.00"))
    assert [each.dispute.reason for each in view.disputes] == ["unearned_discount"]
    assert aging(view).total("EUR").buckets["current"] == eur("24.00")


def test_2_a_day_late_and_below_the_minimum_no_letter_goes_out() -> None:
    world = recorded()
    receive(world, "1176.00", D(2026, 5, 15))
    (case,) = world.app.view("ACME", D(2026, 6, 4)).disputes
    world.at(D(2026, 6, 4)).app.resolve_dispute(
        "ACME", case.dispute.id, "rejected", on=D(2026, 6, 4), by="ann", key="no"
    )
    rows = {row["item"]: row["reason"] for row in world.app.dunning_plan("ACME", world.today).rows()}
    assert rows == {"INV-4": "below_minimum"}
    assert aging(world.app.view("ACME", world.today)).total("EUR").buckets["1-30"] == eur("24.00")


def test_a_recorded_in_grace_it_is_closed_with_its_tax() -> None:
    world = recorded("2/10 grace 2, net 30")
    assert receive(world, "1176.00", D(2026, 5, 15)).outcome == "settled"
    (part,) = [fact.part for fact in world.facts(DifferenceSettled)]
    assert (part.kind, part.net, part.tax) == ("discount_in_grace", eur("20.00"), eur("4.00"))
    assert "INV-4" in world.app.view("ACME", world.today).closed


def test_b_recorded_a_part_payment_earns_its_share_where_the_policy_says_so() -> None:
    share = SettlementPolicy(id="share", version=1, part_payments=PartPayments.PRO_RATA)
    for policy, open_ in ((share, "587.76"), (POLICY, "600.00")):
        world = recorded(policy=policy)
        receive(world, "600.00", D(2026, 5, 12))
        assert world.app.view("ACME", world.today).open("INV-4") == eur(open_)


def test_c_recorded_the_discount_is_of_what_the_credit_note_left() -> None:
    world = recorded()
    note = CreditNote(number="CN", account="ACME", issued_on=D(2026, 5, 6), total=eur("120.00"), against="INV-4")
    world.at(D(2026, 5, 6)).app.issue_credit_note(note, key="CN")
    assert receive(world, "1058.40", D(2026, 5, 14)).outcome == "settled"
    (part,) = [fact.part for fact in world.facts(DifferenceSettled)]
    assert (part.kind, part.amount) == ("discount_earned", eur("21.60"))


def test_d_recorded_the_day_of_the_import_does_not_matter() -> None:
    world = recorded()
    assert receive(world, "1176.00", D(2026, 5, 14), imported=D(2026, 5, 18)).outcome == "settled"
    assert "INV-4" in world.app.view("ACME", D(2026, 5, 14)).closed


def test_the_settlement_is_undone_as_one() -> None:
    world = recorded()
    receipt = receive(world, "1176.00", D(2026, 5, 14))
    world.app.unapply("ACME", receipt.ids[0], key="undo")
    view = world.app.view("ACME", D(2026, 5, 14))
    assert (view.open("INV-4"), view.on_account("EUR")) == (TOTAL, PAID)
