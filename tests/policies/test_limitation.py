"""When a claim lapses: how a period runs, what sets it going anew, what suspends it, and what an account tells of it."""

import datetime as dt

import attrs
import pytest

from receivables import Account, Allocation, Charge, CreditNote, Customer, Invoice, Money, Payment, fold
from receivables.documents.limitation import Interruption, Standstill, Suspension
from receivables.documents.settlement import SettlementPart
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.facts.cash import AllocationMade, AllocationUndone, DifferenceSettled, DifferenceUndone
from receivables.facts.charge import ChargeRaised, ChargeWaived
from receivables.facts.limitation import DebtAcknowledged, DemandReceived, LimitationResumed, LimitationSuspended
from receivables.policies.limitation import (
    LimitationPolicy,
    barred_items,
    limitation,
    limitation_of,
    next_limitation_day,
)
from receivables.policies.limitation_law import LimitationRegime, SuspensionRule
from receivables.policies.limitation_regimes import LIMITATION_REGIMES, limitation_regime

DE, GB, NL, PL, SE, AT = (limitation_regime(id) for id in ("DE", "GB", "NL", "PL", "SE", "AT"))
POLICY = LimitationPolicy(id="claims", version=1, regime=DE)
DUE = dt.date(2026, 2, 4)


def day(text):
    return dt.date.fromisoformat(text)


def on(text, kind="acknowledgment"):
    return Interruption(on=day(text), kind=kind)


def still(start, resumes=None, kind="negotiations"):
    return Standstill(kind=kind, starts_on=day(start), resumes_on=None if resumes is None else day(resumes))


def ends(regime, *events, due=DUE, as_of="2050-01-01"):
    interruptions = [each for each in events if isinstance(each, Interruption)]
    suspensions = [each for each in events if isinstance(each, Standstill)]
    return str(limitation(regime, due, interruptions, suspensions, day(as_of)).ends_on)


# The period -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regime", "due", "last_day"),
    [
        ("DE", "2026-01-01", "2029-12-31"),
        ("DE", "2026-12-31", "2029-12-31"),
        ("DE", "2027-01-01", "2030-12-31"),
        ("AT", "2026-02-04", "2029-02-04"),
        ("AT", "2024-02-29", "2027-02-28"),
        ("CH", "2026-02-04", "2036-02-04"),
        ("CH-5", "2026-02-04", "2031-02-04"),
        ("GB", "2026-02-04", "2032-02-04"),
        ("GB", "2024-02-29", "2030-02-28"),
        ("GB-SCT", "2026-02-04", "2031-02-04"),
        ("IE", "2026-02-04", "2032-02-04"),
        ("FR", "2026-02-04", "2031-02-04"),
        ("FR-consumer", "2026-02-04", "2028-02-04"),
        ("NL", "2026-02-04", "2031-02-04"),
        ("IT", "2026-02-04", "2036-02-04"),
        ("ES", "2026-02-04", "2031-02-04"),
        ("PL", "2026-02-04", "2029-12-31"),
        ("PL", "2026-12-31", "2029-12-31"),
        ("PL-sale", "2026-02-04", "2028-12-31"),
        ("SE", "2026-02-04", "2036-02-04"),
        ("SE-consumer", "2026-02-04", "2029-02-04"),
    ],
)
def test_the_last_day_without_any_event(regime, due, last_day):
    assert ends(limitation_regime(regime), due=day(due)) == last_day


def test_every_regime_has_such_a_row():
    rows = test_the_last_day_without_any_event.pytestmark[0].args[1]
    assert {row[0] for row in rows} == set(LIMITATION_REGIMES)


def test_the_last_day_is_still_in_time_and_the_next_is_not():
    last, after = (limitation(GB, DUE, as_of=day(each)) for each in ("2032-02-04", "2032-02-05"))
    assert (last.status, last.days_left) == ("running", 0)
    assert (after.status, after.days_left) == ("barred", -1)


def test_a_period_that_counts_from_the_end_of_the_year_has_not_started_before():
    on_new_years_eve, a_day_later = (limitation(DE, DUE, as_of=day(each)) for each in ("2026-12-31", "2027-01-01"))
    assert (on_new_years_eve.status, a_day_later.status) == ("not_started", "running")


def test_swedish_claims_count_from_the_document():
    found = limitation(SE, DUE, as_of=DUE, document_on=day("2026-01-05"))
    assert found.ends_on == day("2036-01-05")


def test_what_the_law_does_not_cover_is_not_guessed():
    old = limitation(DE, day("2001-12-31"), as_of=DUE)
    assert (old.status, old.ends_on, old.days_left, old.story()) == ("not_covered", None, None, ())
    ended = attrs.evolve(DE, valid_to=day("2025-12-31"))
    assert limitation(ended, DUE, as_of=DUE).status == "not_covered"
    assert limitation(ended, day("2025-12-31"), as_of=DUE).status == "running"


def test_a_claim_that_waits_for_its_due_date_has_not_started():
    found = limitation(DE, None, as_of=DUE)
    assert (found.status, found.ends_on, str(found)) == ("not_started", None, "not_started (DE)")
    assert POLICY.warning(found) is None


def test_a_period_beyond_the_calendar_ends_with_it():
    assert ends(GB, due=day("9997-01-01"), as_of="9999-12-31") == "9999-12-31"


# Interruptions ----------------------------------------------------------------------------------------------------------


def test_in_germany_the_new_period_counts_from_the_day_and_not_from_the_end_of_the_year():
    assert ends(DE, on("2027-06-01")) == "2030-06-01"


def test_an_acknowledgment_before_the_period_began_does_nothing():
    assert ends(DE, on("2026-12-31")) == "2029-12-31"
    assert ends(DE, on("2027-01-01")) == "2030-01-01"


def test_each_interruption_gives_a_whole_new_period():
    assert ends(GB, on("2031-12-24", "part_payment"), on("2037-12-24")) == "2043-12-24"


def test_an_interruption_on_the_last_day_counts_and_one_on_the_next_does_not():
    assert ends(GB, on("2032-02-04")) == "2038-02-04"
    assert ends(GB, on("2032-02-05")) == "2032-02-04"


def test_only_a_law_that_says_so_lets_an_acknowledgment_revive_a_claim():
    revived = attrs.evolve(NL, revived_by_acknowledgment=True)
    assert not any(each.revived_by_acknowledgment for each in LIMITATION_REGIMES.values())
    assert ends(revived, on("2032-06-01")) == "2037-06-01"
    assert ends(revived, on("2032-06-01", "demand")) == "2031-02-04"


def test_a_demand_interrupts_where_the_law_says_so():
    demand = on("2028-06-01", "demand")
    assert ends(NL, demand) == "2033-06-01"
    assert ends(DE, demand) == ends(DE)


def test_a_new_period_can_count_from_the_end_of_its_year():
    assert ends(attrs.evolve(DE, restarts_from_end_of_year=True), on("2027-06-01")) == "2030-12-31"


def test_in_poland_a_new_period_ends_with_a_year_too():
    assert ends(PL, on("2026-06-01")) == "2029-12-31"
    assert ends(PL, on("2027-06-01")) == "2030-12-31"


def test_what_happens_later_is_left_out():
    assert ends(GB, on("2028-06-01"), as_of="2028-05-31") == "2032-02-04"
    assert ends(DE, still("2028-06-01", "2028-07-01"), as_of="2028-05-31") == "2029-12-31"


# Suspensions ------------------------------------------------------------------------------------------------------------


def test_suspended_days_are_not_counted():
    assert ends(DE, still("2028-03-01", "2028-03-31")) == "2030-01-30"


def test_a_leap_day_of_a_suspension_counts_as_one():
    assert ends(DE, still("2028-02-01", "2028-03-01")) == "2030-01-29"
    assert ends(DE, still("2027-02-01", "2027-03-01")) == "2030-01-28"


def test_three_months_are_left_after_negotiations():
    assert ends(DE, still("2029-12-30", "2030-01-01")) == "2030-03-31"
    assert ends(DE, still("2029-11-30", "2029-12-01")) == "2030-02-28"


def test_an_agreement_leaves_no_minimum():
    assert ends(DE, still("2029-12-30", "2030-01-01", "agreement")) == "2030-01-02"


def test_suspensions_that_overlap_count_each_day_once():
    apart = ends(DE, still("2028-03-01", "2028-04-10"))
    assert ends(DE, still("2028-03-01", "2028-03-21"), still("2028-03-11", "2028-04-10", "agreement")) == apart
    assert ends(DE, still("2028-03-01", "2028-04-10"), still("2028-03-11", "2028-03-21", "agreement")) == apart


def test_a_suspension_before_the_period_began_counts_only_from_then_on():
    assert ends(DE, still("2026-06-01", "2027-01-01")) == "2029-12-31"
    assert ends(DE, still("2026-06-01", "2027-01-11")) == "2030-01-10"


def test_a_suspension_that_begins_on_the_last_day_counts_and_one_on_the_next_does_not():
    assert ends(DE, still("2029-12-31", "2030-01-31", "agreement")) == "2030-01-31"
    assert ends(DE, still("2030-01-01", "2030-01-31", "agreement")) == "2029-12-31"


def test_a_suspension_without_an_end_holds_the_last_day_off():
    talks = still("2029-12-01")
    found = limitation(DE, DUE, suspensions=[talks], as_of=day("2031-05-31"))
    assert (found.status, found.fixed) == ("suspended", False)
    assert found.ends_on == day("2031-08-31")  # three months after talks that ended today
    assert POLICY.warning(found) is None


def test_where_a_suspension_only_holds_the_end_its_days_count():
    assert ends(AT, still("2028-03-01", "2028-06-01")) == "2029-02-04"
    assert ends(AT, still("2029-01-01", "2029-03-02")) == "2029-03-01"


def test_a_kind_that_the_law_does_not_know_suspends_nothing():
    talks = still("2028-03-01", "2028-06-01")
    found = limitation(GB, DUE, suspensions=[talks], as_of=day("2028-04-01"))
    assert (found.status, str(found.ends_on)) == ("running", "2032-02-04")


def test_a_suspension_of_no_day_does_nothing():
    assert ends(DE, still("2029-12-31", "2029-12-31")) == "2029-12-31"


def test_a_new_period_waits_for_the_suspension_in_which_it_began():
    assert ends(DE, still("2028-03-01", "2028-06-01"), on("2028-04-01")) == "2031-05-31"


def test_an_interruption_does_not_shorten_where_the_leap_day_lies_behind_it():
    talks = still("2027-01-01", "2028-03-01")
    assert ends(DE, talks) == "2031-03-01"
    assert ends(DE, talks, on("2028-02-29")) == "2031-03-01"


def test_a_year_end_that_is_suspended_moves_to_the_next():
    assert ends(PL, still("2029-12-01", "2030-02-01", "mediation")) == "2030-12-31"


# The story --------------------------------------------------------------------------------------------------------------


def test_the_story_says_what_each_event_did():
    events = [on("2026-05-01"), on("2027-06-01", "part_payment"), on("2027-07-01", "demand"), on("2031-01-01")]
    talks = [still("2026-03-01", "2026-04-01"), still("2029-05-01", "2029-05-11"), still("2030-12-01")]
    strange = still("2028-01-01", "2028-02-01", "proceedings")
    regime = attrs.evolve(DE, suspended_by=DE.suspended_by[:1])
    found = limitation(regime, DUE, events, [*talks, strange], day("2031-06-30"))
    assert [(str(each.on), each.event, each.effect, str(each.ends_on)) for each in found.story()] == [
        ("2026-12-31", "start", "counts", "2029-12-31"),
        ("2026-03-01", "negotiations", "before_start", "2029-12-31"),
        ("2026-05-01", "acknowledgment", "before_start", "2029-12-31"),
        ("2027-06-01", "part_payment", "counts", "2030-06-01"),
        ("2027-07-01", "demand", "not_in_law", "2030-06-01"),
        ("2028-01-01", "proceedings", "not_in_law", "2030-06-01"),
        ("2029-05-01", "negotiations", "counts", "2030-06-11"),
        ("2030-12-01", "negotiations", "too_late", "2030-06-11"),
        ("2031-01-01", "acknowledgment", "too_late", "2030-06-11"),
    ]
    assert found.rows()[1]["until"] == day("2026-03-31")
    assert found.status == "barred"
    assert found.fixed


def test_the_text_says_whether_the_day_is_fixed():
    talks = still("2028-03-01")
    assert "if the suspension ended today" in str(limitation(DE, DUE, suspensions=[talks], as_of=day("2028-04-01")))
    assert (
        str(limitation(GB, DUE, as_of=DUE)) == "not_started, ends on 2032-02-04 (GB, Limitation Act 1980 s. 5, 29, 30)"
    )


# Bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"years": 0}, InvalidValue, "regime.years"),
        ({"years": -1}, InvalidValue, "regime.years"),
        ({"years": 2.5}, WrongType, "regime.years"),
        ({"source": " "}, InvalidValue, "regime.source"),
        ({"start": "from_delivery"}, InvalidValue, "regime.start"),
        ({"valid_to": dt.date(2001, 1, 1)}, InvalidValue, "regime.valid_to"),
        ({"interrupted_by": ("acknowledgment",)}, WrongType, "regime.interrupted_by"),
        ({"interrupted_by": frozenset({"a call"})}, InvalidValue, "regime.interrupted_by"),
        ({"suspended_by": (SuspensionRule(kind="mediation"),) * 2}, InvalidValue, "regime.suspended_by"),
        ({"suspended_by": ("mediation",)}, WrongType, "regime.suspended_by[0]"),
        ({"extinguishes": 1}, WrongType, "regime.extinguishes"),
    ],
)
def test_a_regime_that_cannot_be_is_refused(change, error, field):
    with pytest.raises(error) as caught:
        attrs.evolve(DE, **change)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"version": 0}, InvalidValue, "policy.version"),
        ({"regime": "DE"}, WrongType, "policy.regime"),
        ({"warn_days_before": (30, 60)}, InvalidValue, "policy.warn_days_before"),
        ({"warn_days_before": (30, 30)}, InvalidValue, "policy.warn_days_before"),
        ({"warn_days_before": [30]}, WrongType, "policy.warn_days_before"),
        ({"warn_days_before": (-1,)}, InvalidValue, "policy.warn_days_before[0]"),
        ({"barred_stops": frozenset({"credit"})}, InvalidValue, "policy.barred_stops"),
        ({"barred_stops": ("dunning",)}, WrongType, "policy.barred_stops"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(change, error, field):
    with pytest.raises(error) as caught:
        attrs.evolve(POLICY, **change)
    assert caught.value.field == field


def test_a_suspension_rule_needs_a_known_kind_and_whole_months():
    for change in ({"kind": "holiday"}, {"kind": "mediation", "minimum_remainder_months": -1}):
        with pytest.raises(InvalidValue):
            SuspensionRule(**change)


def test_a_day_is_needed():
    with pytest.raises(WrongType, match=r"limitation\.as_of"):
        limitation(DE, DUE)
    with pytest.raises(WrongType, match=r"limitation\.due_on"):
        limitation(DE, dt.datetime(2026, 2, 4), as_of=DUE)


def test_an_unknown_regime_is_named():
    with pytest.raises(UnknownId, match="'EU'"):
        limitation_regime("EU")


def test_a_host_makes_a_regime_of_its_own():
    mine = LimitationRegime(id="US-NY", name="New York", years=6, months=3, source="CPLR", valid_from=day("1963-09-01"))
    assert ends(mine) == "2032-05-04"
    assert mine.period == "6 years and 3 months"
    assert str(mine) == "US-NY, New York: 6 years and 3 months, from due, CPLR"
    assert mine.rows()[0]["extinguishes"] is False


def test_rows_of_a_regime_say_what_is_left_after_a_suspension():
    (row,) = DE.rows()
    assert row["suspended_by"] == "negotiations (then at least 3 months), mediation, agreement, proceedings"


# The claims of an account -----------------------------------------------------------------------------------------------


def eur(amount):
    return Money.of(amount, "EUR")


def invoice(number="INV-1", due="2026-02-04", **more):
    due_on = day(due)
    issued_on = due_on - dt.timedelta(days=30)
    return Invoice.due(number=number, account="ACME", issued_on=issued_on, total=eur(100), due_on=due_on, **more)


def paid(amount, text, id="P-1"):
    return Payment(id=id, account="ACME", amount=eur(amount), value_date=day(text))


def account_of(*documents, applied=()):
    invoices = [each for each in documents if isinstance(each, Invoice)]
    payments = [each for each in documents if isinstance(each, Payment)]
    notes = [each for each in documents if isinstance(each, CreditNote)]
    made = [Allocation(source=source, item=item, amount=eur(amount)) for source, item, amount in applied]
    customer = Customer(id="ACME")
    return Account.of(customer, invoices=invoices, payments=payments, credit_notes=notes, allocations=made)


def times(text):
    return {"effective_on": day(text), "recorded_at": dt.datetime.combine(day(text), dt.time(9), dt.UTC)}


def last_day(account, as_of="2040-01-01", item="INV-1", policy=POLICY):
    return str(limitation_of(account, item, policy, day(as_of)).ends_on)


def test_a_part_payment_is_read_from_the_allocations():
    account = account_of(invoice(), paid(40, "2027-06-01"), applied=[("P-1", "INV-1", 40)])
    assert last_day(account) == "2030-06-01"
    assert last_day(account, "2027-05-31") == "2029-12-31"


def test_a_payment_that_was_not_applied_interrupts_nothing():
    assert last_day(account_of(invoice(), paid(40, "2027-06-01"))) == "2029-12-31"


def test_a_part_payment_that_was_taken_back_interrupts_nothing():
    account = account_of(invoice(), paid(40, "2027-06-01"), applied=[("P-1", "INV-1", 40)])
    account = fold([AllocationUndone(allocation="a1", **times("2027-06-01"))], account)
    assert last_day(account) == "2029-12-31"


def test_a_credit_note_is_no_part_payment():
    note = CreditNote(number="CN-1", account="ACME", issued_on=day("2027-06-01"), total=eur(40))
    assert last_day(account_of(invoice(), note, applied=[("CN-1", "INV-1", 40)])) == "2029-12-31"


def test_a_payment_of_the_whole_is_no_part_payment_even_where_something_is_open_again():
    whole = account_of(invoice(), paid(100, "2027-06-01"), applied=[("P-1", "INV-1", 100)])
    assert last_day(whole) == "2029-12-31"
    both = [paid(60, "2027-06-01"), paid(40, "2027-06-01", "P-2")]
    parts = account_of(invoice(), *both, applied=[("P-1", "INV-1", 60), ("P-2", "INV-1", 40)])
    assert last_day(parts) == "2029-12-31"


def test_what_was_waived_leaves_nothing_open_after_the_payment_of_the_rest():
    charge = Charge(id="FEE", item="INV-1", document="INV-1", kind="fee", amount=eur(100), because="reminder")
    payment = Allocation(source="P-1", item="FEE", amount=eur(60))
    more = [
        ChargeRaised(charge=charge, **times("2026-02-04")),
        AllocationMade(id="a", allocation=payment, **times("2027-06-01")),
    ]
    waived = ChargeWaived(charge="FEE", amount=eur(40), reason="regular", approver="bob", **times("2027-05-01"))
    account = fold(more, account_of(invoice(), paid(60, "2027-06-01")))
    assert last_day(account, item="FEE") == "2030-06-01"
    assert last_day(fold([waived], account), item="FEE") == "2029-12-31"


def test_an_acknowledgment_counts_from_when_it_was_known():
    fact = DebtAcknowledged(
        id="k#1",
        items=("INV-1",),
        evidence="letter",
        effective_on=day("2027-06-01"),
        recorded_at=dt.datetime(2028, 1, 3, tzinfo=dt.UTC),
    )
    account = fold([fact], account_of(invoice(), invoice("INV-2")))
    assert last_day(account) == "2030-06-01"
    assert last_day(account, item="INV-2") == "2029-12-31"
    before = account.view(day("2030-03-01"), day("2028-01-02"))
    after = account.view(day("2030-03-01"), day("2028-01-03"))
    assert barred_items(account, before, POLICY) == {"INV-1", "INV-2"}
    assert barred_items(account, after, POLICY) == {"INV-2"}


def test_a_demand_is_read_where_the_law_knows_it():
    demand = DemandReceived(id="k#1", items=("INV-1",), evidence="signed for", **times("2027-06-01"))
    account = fold([demand], account_of(invoice()))
    assert last_day(account) == "2029-12-31"
    assert last_day(account, policy=attrs.evolve(POLICY, regime=NL)) == "2032-06-01"


def suspended(until=None, start="2029-12-01"):
    suspension = Suspension(
        id="S-1",
        account="ACME",
        items=("INV-1",),
        kind="negotiations",
        starts_on=day(start),
        until=None if until is None else day(until),
        reason="talks",
    )
    return LimitationSuspended(suspension=suspension, **times(start))


def test_a_suspension_ends_with_its_last_day_or_when_it_is_ended():
    account = fold([suspended("2029-12-31")], account_of(invoice()))
    assert last_day(account) == "2030-03-31"
    resumed = fold([LimitationResumed(suspension="S-1", **times("2029-12-11"))], account)
    assert last_day(resumed, "2029-12-11") == "2030-03-10"
    assert last_day(resumed, "2029-12-10") == "2030-03-31"


def test_an_item_of_nobody_is_unknown():
    with pytest.raises(UnknownId, match="INV-9"):
        limitation_of(account_of(invoice()), "INV-9", POLICY, DUE)


def test_only_open_items_are_barred():
    account = account_of(invoice("OLD"), invoice("PAID"), invoice("NEW", "2027-01-01"), paid(100, "2026-03-01"))
    settled = fold(
        [], account_of(invoice("OLD"), invoice("PAID"), paid(100, "2026-03-01"), applied=[("P-1", "PAID", 100)])
    )
    assert barred_items(account, account.view(day("2029-12-31")), POLICY) == frozenset()
    assert barred_items(account, account.view(day("2030-01-01")), POLICY) == {"OLD", "PAID"}
    assert barred_items(settled, settled.view(day("2030-01-01")), POLICY) == {"OLD"}


def test_items_that_count_from_their_document_are_all_looked_at():
    late = Invoice.due(number="L", account="ACME", issued_on=day("2026-01-05"), total=eur(1), due_on=day("2039-01-05"))
    account = account_of(late)
    policy = attrs.evolve(POLICY, regime=SE)
    assert barred_items(account, account.view(day("2036-01-06")), policy) == {"L"}


def test_a_year_before_the_calendar_bars_nothing():
    account = account_of()
    assert barred_items(account, account.view(dt.date(2, 1, 1)), POLICY) == frozenset()


def test_the_next_day_is_a_warning_or_the_first_barred_day():
    account = account_of(invoice())
    days, at = [], DUE
    while (at := next_limitation_day(account, POLICY, at)) is not None:
        days.append(str(at))
    assert days == ["2029-07-04", "2029-11-01", "2029-12-01", "2030-01-01"]


def test_a_warning_is_due_on_its_day_and_until_the_next():
    account = account_of(invoice())
    warned = [
        POLICY.warning(limitation_of(account, "INV-1", POLICY, day(each)))
        for each in ("2029-07-03", "2029-07-04", "2029-11-01", "2029-12-01", "2029-12-31", "2030-01-01")
    ]
    assert warned == [None, 180, 60, 30, 30, None]


def test_a_warning_longer_than_the_period_is_reached_before_the_period_begins():
    short = LimitationRegime(id="X", name="X", source="the contract", months=1, valid_from=day("2020-01-01"))
    policy = LimitationPolicy(id="p", version=1, regime=short, warn_days_before=(60,))
    account = account_of(invoice())
    assert next_limitation_day(account, policy, day("2026-01-05")) == day("2026-03-05")
    assert policy.warning(limitation_of(account, "INV-1", policy, day("2026-01-05"))) == 60


def test_a_suspension_without_an_end_asks_for_no_day():
    account = fold([suspended()], account_of(invoice()))
    assert next_limitation_day(account, POLICY, day("2029-12-02")) is None
    assert next_limitation_day(account, POLICY, day("2029-11-30")) == day("2029-12-01")


def test_a_claim_that_never_lapses_within_the_calendar_asks_for_no_day_of_its_end():
    account = account_of(invoice(due="9998-01-01"))
    policy = attrs.evolve(POLICY, warn_days_before=(30,))
    assert next_limitation_day(account, policy, day("9998-01-02")) == day("9999-12-01")
    assert next_limitation_day(account, policy, day("9999-12-01")) is None


def test_nothing_is_left_to_do_where_nothing_is_open():
    assert next_limitation_day(account_of(), POLICY, DUE) is None


def test_an_item_without_a_due_date_or_out_of_the_law_asks_for_no_day():
    old = account_of(invoice(due="2001-06-01"))
    assert next_limitation_day(old, POLICY, day("2001-07-01")) is None
    assert barred_items(old, old.view(DUE), POLICY) == frozenset()


def test_a_discount_that_was_taken_back_lessens_nothing_and_the_payment_of_the_rest_is_a_part_payment():
    """98.00 with a discount of 2.00 went back; the 98.00 that come later leave 2.00 open."""
    part = SettlementPart(kind="discount_earned", item="INV-1", amount=eur(2), reason="earned")
    settled = DifferenceSettled(id="d", source="P-1", part=part, settlement="s", **times("2027-03-01"))
    taken_back = DifferenceUndone(difference="d", **times("2027-03-05"))
    later = AllocationMade(
        id="a", allocation=Allocation(source="P-2", item="INV-1", amount=eur(98)), **times("2027-06-01")
    )
    account = account_of(invoice(), paid(98, "2027-03-01"), paid(98, "2027-06-01", "P-2"))
    assert last_day(fold([settled, later], account)) == "2029-12-31"
    assert last_day(fold([settled, taken_back, later], account)) == "2030-06-01"


def test_a_warning_before_the_first_day_of_the_calendar_is_none():
    first = LimitationRegime(id="X", name="X", source="the contract", months=1, valid_from=dt.date(1, 1, 1))
    policy = LimitationPolicy(id="p", version=1, regime=first, warn_days_before=(4000, 10))
    account = account_of(invoice(due="0002-01-01"))
    assert next_limitation_day(account, policy, dt.date(1, 12, 2)) == dt.date(2, 1, 22)


def test_what_is_waived_later_was_open_when_the_rest_was_paid():
    charge = Charge(id="FEE", item="INV-1", document="INV-1", kind="fee", amount=eur(100), because="reminder")
    facts = [
        ChargeRaised(charge=charge, **times("2026-02-04")),
        AllocationMade(id="a", allocation=Allocation(source="P-1", item="FEE", amount=eur(60)), **times("2027-06-01")),
        ChargeWaived(charge="FEE", amount=eur(40), reason="regular", approver="bob", **times("2027-06-02")),
    ]
    account = fold(facts, account_of(invoice(), paid(60, "2027-06-01")))
    assert last_day(account, "2027-06-01", item="FEE") == last_day(account, "2027-06-02", item="FEE") == "2030-06-01"
