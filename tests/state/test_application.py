"""An application for credit on a date: all that backs it, what was decided and offered last, and whether its days are over."""

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.state.days import at, on

from receivables import fold
from receivables.facts.application import ApplicationClosed, OfferAccepted
from receivables.state.application import LIFE, Applications, ApplicationState


def sample(tag, day, **more):
    return attrs.evolve(SAMPLES[tag], **at(day), **more)


def submitted(id="CA-1", day=0, lapses=20):
    application = attrs.evolve(SAMPLES["application.submitted/1"].application, id=id)
    return sample(
        "application.submitted/1", day, application=application, lapses_on=None if lapses is None else on(lapses)
    )


def decided(outcome, day, valid=40, id="CA-1"):
    decision = SAMPLES["application.decided/1"].decision
    offered = outcome in ("approved", "reduced")
    offer = attrs.evolve(decision.offer, valid_until=on(valid), review_on=None) if offered else None
    return sample(
        "application.decided/1", day, application=id, decision=attrs.evolve(decision, outcome=outcome, offer=offer)
    )


def states(*facts, day, known=None) -> tuple[ApplicationState, ...]:
    known_at = None if known is None else at(known)["recorded_at"]
    return fold(facts).applications.states(on(day), known_at)


def state(*facts, day):
    (found,) = states(*facts, day=day)
    return found


def test_an_application_as_it_was_made_waits_with_what_it_named_itself():
    made = submitted()
    document = made.application
    expected = ApplicationState(document, "submitted", document.references, (), document.papers, None, None, on(20))
    assert state(made, day=0) == expected
    assert (expected.waits, expected.offer) == (True, None)
    assert states(made, day=-1) == ()


def test_what_is_added_and_answered_backs_the_application_that_it_names():
    made, other = submitted(), submitted("CA-2", lapses=None)
    added = sample("application.supplemented/1", 3)
    first = sample("reference.answered/1", 4)
    again = sample("reference.answered/1", 6, answer=attrs.evolve(first.answer, warns=False))
    bank = sample("reference.answered/1", 7, answer=attrs.evolve(first.answer, reference="REF-2"))
    facts = (made, other, added, first, again, bank)
    document = made.application
    mine, theirs = states(*facts, day=9)
    assert mine.references == (*document.references, *added.references)
    assert mine.papers == (*document.papers, *added.papers)
    assert mine.answers == (again.answer, bank.answer)  # what a reference says last counts
    assert theirs == ApplicationState(
        other.application, "submitted", document.references, (), document.papers, None, None, None
    )
    assert [len(states(*facts, day=day)[0].answers) for day in (3, 4, 6, 7)] == [0, 1, 1, 2]
    assert states(*facts, day=9, known=5)[0].answers == (first.answer,)
    assert [len(states(*facts, day=day)[0].papers) for day in (2, 3)] == [1, 2]


def test_what_was_decided_last_counts_since_its_day():
    made, referred, offered = submitted(), decided("referred", 3), decided("reduced", 6)
    facts = (made, submitted("CA-2"), referred, offered, decided("refused", 7, id="CA-2"))
    found = [states(*facts, day=day)[0] for day in (2, 3, 5, 6)]
    assert [(each.status, each.decided_on, each.decision) for each in found] == [
        ("submitted", None, None),
        ("referred", on(3), referred.decision),
        ("referred", on(3), referred.decision),
        ("offered", on(6), offered.decision),
    ]
    assert [each.waits for each in found] == [True, True, True, False]
    assert found[-1].offer == offered.decision.offer
    assert states(*facts, day=9)[1].status == "refused"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("approved", "offered"), ("reduced", "offered"), ("referred", "referred"), ("refused", "refused")],
)
def test_each_decision_leads_to_its_status(outcome, status):
    assert state(submitted(), decided(outcome, 3), day=3).status == status
    assert status in LIFE["submitted"]


def test_it_lapses_after_its_last_day_and_once_there_is_an_offer_after_that_of_the_offer():
    assert [state(submitted(), day=day).status for day in (20, 21)] == ["submitted", "lapsed"]
    assert [state(submitted(), decided("referred", 3), day=day).status for day in (20, 21)] == ["referred", "lapsed"]
    offered = [state(submitted(), decided("approved", 3), day=day) for day in (21, 40, 41)]
    assert [(each.status, each.lapses_on) for each in offered] == [
        ("offered", on(40)),
        ("offered", on(40)),
        ("lapsed", on(40)),
    ]
    assert state(submitted(lapses=None), day=900).status == "submitted"


def test_what_is_refused_or_ended_does_not_lapse():
    assert state(submitted(), decided("refused", 3), day=50).status == "refused"
    times = at(5)
    accepted = OfferAccepted(application="CA-1", **times)
    assert state(submitted(), decided("approved", 3), accepted, day=50).status == "accepted"
    declined = ApplicationClosed(application="CA-1", outcome="declined", reason="dear", **times)
    found = [state(submitted(), decided("approved", 3), declined, day=day).status for day in (4, 5, 50)]
    assert found == ["offered", "declined", "declined"]
    other = ApplicationClosed(application="CA-2", outcome="withdrawn", reason="dear", **times)
    assert state(submitted(), other, day=9).status == "submitted"


def test_how_it_ended_first_counts():
    withdrawn = ApplicationClosed(application="CA-1", outcome="withdrawn", reason="dear", **at(5))
    declined = ApplicationClosed(application="CA-1", outcome="declined", reason="dear", **at(6))
    assert state(submitted(), withdrawn, declined, day=9).status == "withdrawn"


def test_the_last_decision_is_found_whatever_the_date():
    first, other, last = decided("referred", 3), decided("refused", 4, id="CA-2"), decided("approved", 6)
    log = fold([submitted(), submitted("CA-2"), first, other, last]).applications
    found = log.decided("CA-1")
    assert (found.decision, found.by, found.approver, found.approval) == (last.decision, "user-17", "user-18", "A-1")
    assert log.decided("CA-3") is None
    assert Applications().decided("CA-1") is None
