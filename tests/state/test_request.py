"""Requests on a date: as they were answered, and as a person decided them later."""

import datetime as dt

from receivables import Account, Customer, Reason, fold
from receivables.documents.request import DefermentRequest
from receivables.facts.request import RequestAnswered, RequestMade
from receivables.state.request import LIFE, RequestState

ASKED, ANSWERED = dt.date(2026, 6, 8), dt.date(2026, 6, 10)


def at(day):
    return {"effective_on": day, "recorded_at": dt.datetime.combine(day, dt.time(9), dt.UTC)}


def made(outcome):
    request = DefermentRequest(id="R-1", account="ACME", item="INV-1", until=dt.date(2026, 7, 1))
    reasons = () if outcome == "accepted" else (Reason(code="barred"),)
    return RequestMade(request=request, outcome=outcome, reasons=reasons, policy=None, **at(ASKED))


def states(*facts):
    account = fold(facts, Account.of(Customer(id="ACME")))
    days = (ASKED - dt.timedelta(days=1), ASKED, ANSWERED)
    return [[(each.status, each.decided_on) for each in account.view(day).requests] for day in days]


def test_what_is_answered_at_once_is_decided_on_that_day():
    for outcome in ("accepted", "refused"):
        assert states(made(outcome)) == [[], [(outcome, ASKED)], [(outcome, ASKED)]]


def test_what_is_referred_waits_until_a_person_decides():
    for accepted, status in ((True, "accepted"), (False, "refused")):
        word = RequestAnswered(request="R-1", accepted=accepted, reason="seen", **at(ANSWERED))
        assert states(made("referred"), word) == [[], [("referred", None)], [(status, ANSWERED)]]
        assert status in LIFE["referred"]


def test_a_view_of_what_was_known_before_the_word_still_shows_that_it_waits():
    word = RequestAnswered(request="R-1", accepted=True, reason="seen", **at(ANSWERED))
    account = fold((made("referred"), word), Account.of(Customer(id="ACME")))
    assert [each.waits for each in account.view(ANSWERED, ASKED).requests] == [True]


def test_a_request_is_said_with_its_reasons_and_the_day_on_which_it_was_made():
    word = RequestAnswered(request="R-1", accepted=True, reason="seen", **at(ANSWERED))
    reasons = (Reason(code="barred"),)
    for facts, status, decided_on in (
        ((made("refused"),), "refused", ASKED),
        ((made("referred"),), "referred", None),
        ((made("referred"), word), "accepted", ANSWERED),
    ):
        (found,) = fold(facts).requests.states(ANSWERED, None)
        assert found == RequestState(facts[0].request, status, reasons, ASKED, decided_on)
    other = RequestAnswered(request="R-2", accepted=True, reason="seen", **at(ANSWERED))
    (found,) = fold([made("referred"), other]).requests.states(ANSWERED, None)
    assert found.waits
