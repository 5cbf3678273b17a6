"""Collecting what is due: when to try again and how, after which reason codes, and when a person has to look."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.world import TODAY, World, day, eur

from receivables import Customer, Installment, Invoice, PolicyBook, Schedule
from receivables.codec import read_settings, settings_text
from receivables.documents.payment import Designation, PaymentMethod
from receivables.documents.payment_method import Mandate
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.policies.collection import (
    FAILED,
    OUTCOMES,
    WAITING,
    Attempt,
    CollectionPolicy,
    Due,
    PastAttempt,
    Stop,
    attempts_on,
    next_attempt,
    next_collection,
)
from receivables.policies.collection_codes import RETURN_CODES, SKIPS, STOPS, THEN
from receivables.state.payment_method import MethodState
from receivables.values.dates import FixedCalendar

POLICY = CollectionPolicy(id="standard", version=1, codes=(("declined", "retry"),))
DUE = Due(amount=eur(50), on=day(20))


def card(token="tok_1", expires=None, status="usable"):
    method = PaymentMethod(token=token, expires=expires)
    return MethodState(token, method, None, status, TODAY, None, None, None, None)


LAPSES_ON = day(900)


def mandate(id="M-1", lapses_on=LAPSES_ON, status="usable", sequence="first"):
    document = Mandate(id=id, account="ACME", bank_account="DE** **** 3000", signed_on=TODAY)
    return MethodState(id, None, document, status, TODAY, None, None, lapses_on, sequence)


def failed(on, code, method="tok_1", outcome="failed", **more):
    return PastAttempt(on=day(on), method=method, outcome=outcome, code=code, **more)


def following(methods, *attempts, due=DUE, as_of=0, policy=POLICY, **more):
    return next_attempt(policy, due, methods, attempts, day(as_of), **more)


# When ---------------------------------------------------------------------------------------------------------------


def test_a_card_is_charged_on_the_due_date_and_a_late_one_today():
    assert following([card()]) == Attempt(on=day(20), method="tok_1", amount=eur(50), number=1)
    assert following([card()], as_of=31).on == day(31)


def test_a_direct_debit_waits_for_its_notice():
    found = following([mandate()], as_of=15)
    assert (found.on, found.announce_by, found.sequence) == (day(29), day(15), "first")
    early = following([mandate()])
    assert (early.on, early.announce_by) == (day(20), day(6))
    told = following([mandate()], due=Due(amount=eur(50), on=day(20), announced_on=day(10)), as_of=15)
    assert (told.on, told.announce_by) == (day(24), None)


def test_each_failure_waits_its_own_time_and_the_last_again():
    failures = [failed(20, "AM04")]
    days = []
    policy = CollectionPolicy(id="standard", version=1, retry_days=(3, 5), most_attempts=5)
    for _ in range(4):
        found = following([card()], *failures, as_of=20, policy=policy)
        days.append(found.on)
        failures.append(failed((found.on - TODAY).days, "AM04"))
    assert days == [day(23), day(28), day(33), day(38)]
    assert str(following([card()], *failures, as_of=40, policy=policy)) == "no attempt: attempts_used"


def test_the_wait_counts_from_the_day_on_which_it_came_back():
    found = following([card()], failed(20, "MS03", outcome="returned", known_on=day(25)), as_of=25)
    assert (found.on, found.number) == (day(28), 2)


def test_a_retry_of_a_direct_debit_is_announced_again_only_where_the_policy_says_so():
    back = failed(20, "AM04", "M-1")
    method = mandate(sequence="recurring")
    assert following([method], back, as_of=21).on == day(23)
    assert following([method], back, as_of=21).announce_by is None
    strict = CollectionPolicy(id="standard", version=2, announces_retries=True)
    found = following([method], back, as_of=21, policy=strict)
    assert (found.on, found.announce_by) == (day(35), day(21))


def test_an_attempt_falls_on_a_day_on_which_the_bank_works():
    saturday = dt.date(2026, 3, 21)
    found = following([card()], due=Due(amount=eur(50), on=saturday), calendar=FixedCalendar())
    assert found.on == dt.date(2026, 3, 23)


def test_nothing_is_tried_after_the_window():
    policy = CollectionPolicy(id="standard", version=1, window_days=10)
    assert isinstance(following([card()], as_of=30, policy=policy), Attempt)
    late = following([card()], as_of=31, policy=policy)
    assert (late.reason.code, late.reason.retryable) == ("window_over", False)
    assert [each.reason.code for each in late.skipped] == ["too_late"]


# After which codes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code, row in RETURN_CODES.items() if row.then == "change_method"])
def test_a_code_that_ends_a_method_leads_to_the_next_one_at_once(code):
    found = following([mandate(), card()], failed(20, code, "M-1"), as_of=21)
    assert (found.method, found.on) == ("tok_1", day(21))
    assert [(each.method, each.reason.code) for each in found.skipped] == [("M-1", "method_refused")]
    alone = following([mandate()], failed(20, code, "M-1"), as_of=21)
    assert (alone.reason.code, alone.reason.retryable) == ("no_method", True)


@pytest.mark.parametrize("code", [code for code, row in RETURN_CODES.items() if row.then == "stop"])
def test_a_code_for_a_person_stops_every_method(code):
    found = following([card(), mandate()], failed(20, code, "M-1"), failed(25, "AM04"), as_of=26)
    assert (found.reason.code, found.code) == ("code_final", code)


def test_a_code_that_nobody_knows_is_for_a_person():
    assert following([card()], failed(20, "ZZ99"), as_of=26) == following([card()], failed(20, "ZZ99"), as_of=90)
    assert str(following([card()], failed(20, "ZZ99"), as_of=26)) == "no attempt: code_unknown ZZ99"
    assert following([card()], failed(20, None), as_of=26).reason.code == "code_unknown"


def test_a_policy_judges_codes_of_the_host_and_others_than_the_table():
    assert following([card()], failed(20, "declined"), as_of=20).on == day(23)
    lenient = CollectionPolicy(id="standard", version=2, codes=(("MS02", "retry"),))
    assert isinstance(following([card()], failed(20, "MS02"), as_of=20, policy=lenient), Attempt)


def test_a_chargeback_is_for_a_person_whatever_its_code():
    found = following([card()], failed(20, "declined", outcome="chargeback"), as_of=26)
    assert (found.reason.code, found.code) == ("code_final", "declined")


def test_a_mistake_of_ours_and_money_that_came_do_not_count_as_failures():
    booked = [failed(20, "AM04", outcome="reversed"), failed(21, None, outcome="settled")]
    assert following([card()], *booked, as_of=22).number == 1


@pytest.mark.parametrize("outcome", WAITING)
def test_nothing_is_tried_while_an_attempt_is_on_its_way(outcome):
    found = following([card()], failed(20, None, outcome=outcome), as_of=40)
    assert (found.reason.code, found.reason.retryable) == ("attempt_pending", True)


def test_nothing_is_tried_for_nothing():
    assert following([card()], due=Due(amount=eur(0), on=TODAY)).reason.code == "nothing_due"


def test_of_two_final_failures_of_one_day_the_same_one_is_named_whatever_their_order():
    both = [failed(20, "AG02"), failed(20, "AC01", outcome="chargeback")]
    assert [following([card()], *some).code for some in (both, both[::-1])] == ["AC01", "AC01"]


# By which method ----------------------------------------------------------------------------------------------------


def test_a_card_that_expires_before_the_attempt_is_skipped_with_the_reason():
    found = following([card("old", expires=day(19)), card("new", expires=day(20))])
    assert found.method == "new"
    assert [(each.method, each.reason.code) for each in found.skipped] == [("old", "card_expired")]


def test_a_mandate_that_lapses_before_the_attempt_is_skipped_with_the_reason():
    found = following([mandate(lapses_on=day(20)), mandate("M-2", lapses_on=day(21))])
    assert found.method == "M-2"
    assert [(each.method, each.reason.code) for each in found.skipped] == [("M-1", "mandate_lapsed")]


def test_what_was_dropped_is_named_when_nothing_is_left():
    found = following([card(status="removed"), mandate(status="revoked"), mandate("M-2", status="used")])
    assert isinstance(found, Stop)
    assert str(found) == "no attempt: no_method, tok_1: card_removed, M-1: mandate_revoked, M-2: mandate_used"


def test_the_last_collection_of_a_mandate_says_so():
    last = Due(amount=eur(50), on=day(20), is_last=True)
    assert following([mandate(sequence="recurring")], due=last).sequence == "final"
    assert following([mandate(sequence="one_off")], due=last).sequence == "one_off"
    assert following([card()], due=last).sequence is None


CODES = st.sampled_from([*RETURN_CODES, "declined", "ZZ99"])
ATTEMPTS = st.lists(
    st.builds(
        PastAttempt,
        on=st.integers(0, 60).map(day),
        method=st.sampled_from(["tok_1", "M-1"]),
        outcome=st.sampled_from(OUTCOMES),
        code=CODES,
    ),
    max_size=6,
)


@given(attempts=ATTEMPTS, as_of=st.integers(0, 120), data=st.data())
def test_an_attempt_keeps_every_bound_of_the_policy(attempts, as_of, data):
    methods = [mandate(lapses_on=day(100)), card(expires=day(80))]
    found = following(methods, *attempts, as_of=as_of)
    failures = [each for each in attempts if each.outcome in FAILED]
    assert following(methods, *data.draw(st.permutations(attempts)), as_of=as_of) == found
    if isinstance(found, Stop):
        assert found.reason.code in {code for code, _, _ in STOPS}
        return
    assert max(DUE.on, day(as_of)) <= found.on <= DUE.on + dt.timedelta(days=POLICY.window_days)
    assert found.number == len(failures) + 1 <= POLICY.most_attempts
    assert not any(each.outcome in WAITING for each in attempts)
    assert all(POLICY.then(each.code) in ("retry", "change_method") for each in failures)
    mine = [POLICY.then(each.code) for each in failures if each.method == found.method]
    assert "change_method" not in mine
    assert next(each for each in methods if each.id == found.method).status_on(found.on) == "usable"


# From an account ----------------------------------------------------------------------------------------------------


def collecting():
    world = World()
    world.open()
    world.invoice("INV-1", 50, 20)
    world.mandate("M-1")
    world.card("tok_1")
    return world


def asked(world, item="INV-1", **more):
    account = world.app.account("ACME")
    return next_collection(POLICY, account, account.view(world.today), item, **more)


def collect(world, id, method, on):
    designated = (Designation(item="INV-1", amount=eur(50)),)
    kind = "direct_debit" if method.startswith("M") else "card"
    world.pay(id, 50, on=on, method=kind, status="pending", designated=designated, stored_method=method)


def test_an_account_tells_its_own_attempts():
    world = collecting()
    first = asked(world)
    assert (first.method, first.on, first.sequence) == ("M-1", day(20), "first")
    collect(world, "C-1", "M-1", 20)
    assert asked(world).reason.code == "attempt_pending"
    world.at(22)
    world.app.fail_payment("ACME", "C-1", "AM04", on=day(22), key="C-1 failed")
    again = asked(world)
    assert (again.method, again.on, again.number, again.sequence) == ("M-1", day(25), 2, "first")
    collect(world, "C-2", "M-1", 25)
    world.at(26).app.confirm_payment("ACME", "C-2", on=day(25), key="C-2 came")
    world.apply("C-2", "INV-1", 50)
    world.at(30).app.return_payment("ACME", "C-2", "returned", "AC04", on=day(30), key="C-2 came back")
    other = asked(world)
    assert (other.method, other.on, other.number) == ("tok_1", day(30), 3)
    account = world.app.account("ACME")
    made = attempts_on(account, account.view(day(30)), "INV-1")
    assert [(each.outcome, each.code, each.known_on) for each in made] == [
        ("failed", "AM04", day(22)),
        ("returned", "AC04", day(30)),
    ]
    before = attempts_on(account, account.view(day(21), day(21)), "INV-1")
    assert [each.outcome for each in before] == ["pending"]


def collected() -> World:
    """INV-1 over 100.00, due yesterday, and a card payment of as much that is there and meant for nothing."""
    world = World()
    world.open()
    world.invoice("INV-1", "100", -1)
    world.card("tok_1")
    world.pay("P", "100", method="card", stored_method="tok_1")
    return world


def test_money_that_was_applied_by_mistake_is_no_attempt():
    world = collected()
    made = world.apply("P", "INV-1", "100").ids[0]
    world.at(1).app.unapply("ACME", made, key="undo")
    account = world.app.account("ACME")
    assert attempts_on(account, account.view(day(1)), "INV-1") == ()
    then = account.view(TODAY, TODAY)
    assert [each.outcome for each in attempts_on(account, then, "INV-1")] == ["settled"]


def test_money_that_was_applied_and_went_back_is_an_attempt():
    world = collected()
    world.apply("P", "INV-1", "100")
    world.at(1).app.return_payment("ACME", "P", "returned", "AM04", on=day(1), key="back")
    account = world.app.account("ACME")
    known = [attempts_on(account, account.view(on), "INV-1") for on in (TODAY, day(1))]
    assert [[(each.outcome, each.code) for each in made] for made in known] == [
        [("settled", None)],
        [("returned", "AM04")],
    ]


def test_what_was_applied_later_is_not_known_before():
    world = collected()
    world.at(1).apply("P", "INV-1", "100")
    account = world.app.account("ACME")
    assert attempts_on(account, account.view(TODAY, TODAY), "INV-1") == ()


def test_only_what_nothing_holds_back_is_collected():
    world = collecting()
    world.dispute("D-1", "INV-1", "20")
    assert asked(world).amount == eur(30)
    world.invoice("INV-2", 10, 5)
    world.dispute("D-2", "INV-2")
    assert asked(world, "INV-2").reason.code == "nothing_due"


def test_what_is_not_open_or_not_dated_is_not_collected():
    world = collecting()
    with pytest.raises(UnknownId, match="unknown open item: 'INV-9'"):
        asked(world, "INV-9")
    waits = Schedule(installments=(Installment(amount=eur("70"), baseline="delivery"),))
    invoice = Invoice(number="INV-W", account="ACME", issued_on=TODAY, total=eur("70"), schedule=waits)
    world.app.issue_invoice(invoice, key="INV-W")
    with pytest.raises(InvalidValue, match=r"collection\.item: must have a due date, got 'INV-W'"):
        asked(world, "INV-W")


# The policy ---------------------------------------------------------------------------------------------------------


def test_the_policy_is_chosen_from_the_book_and_kept_for_replay():
    newer = CollectionPolicy(id="standard", version=2, retry_days=(2,), announces_retries=True)
    assert PolicyBook.of(POLICY, newer).collection_for(Customer(id="ACME")) == newer
    assert PolicyBook.of().collection_for(Customer(id="ACME")) is None
    assert read_settings(settings_text(POLICY)) == POLICY
    assert json.loads(settings_text(POLICY))["is"] == "CollectionPolicy"


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"retry_days": ()}, InvalidValue, r"collection\.retry_days: must not be empty for 4 attempts"),
        ({"retry_days": (0,)}, InvalidValue, r"collection\.retry_days\[0\]"),
        ({"retry_days": [3]}, WrongType, r"collection\.retry_days"),
        ({"most_attempts": 0}, InvalidValue, r"collection\.most_attempts"),
        ({"notice_days": -1}, InvalidValue, r"collection\.notice_days"),
        ({"window_days": True}, WrongType, r"collection\.window_days"),
        (
            {"codes": (("AM04", "never"),)},
            InvalidValue,
            r"collection\.codes\[0\]: must be one of change_method, retry, stop",
        ),
        ({"codes": (("x", "retry"), ("x", "stop"))}, InvalidValue, r"collection\.codes: must name each code once"),
        ({"codes": {"x": "retry"}}, WrongType, r"collection\.codes"),
        ({"codes": (("x",),)}, WrongType, r"collection\.codes\[0\]"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(fields, error, named):
    with pytest.raises(error, match=named):
        CollectionPolicy(id="standard", version=1, **fields)


def test_an_attempt_of_an_outcome_that_there_is_not_is_refused():
    with pytest.raises(InvalidValue, match=r"attempt\.outcome"):
        PastAttempt(on=TODAY, method="M-1", outcome="lost")


def test_every_code_leads_somewhere_and_every_skip_has_words():
    assert {row.then for row in RETURN_CODES.values()} == set(THEN)
    statuses = {"card_expired", "card_removed", "mandate_revoked", "mandate_lapsed", "mandate_used"}
    assert {code for code, _ in SKIPS} == statuses | {"method_refused", "too_late"}
