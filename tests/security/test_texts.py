"""No card number comes in through any text of a command, and nothing that a person wrote is shown, told or hashed.

The fields are found through the classes, so one that somebody adds tomorrow is tried as well.
"""

import json

import attrs
import pytest
from tests.codec.samples import SAMPLES
from tests.security.walking import places, with_text
from tests.service.world import one_of_each

from receivables.codec import decode, digest, encode
from receivables.errors import ReceivablesError, Undecodable
from receivables.stores.bodies import fact_texts

CARD = "4111 1111 1111 1111"
MARK = "zebra crossing"

COMMANDS = [place for command in one_of_each().values() for place in places(command)]
PERSONAL = [place for fact in SAMPLES.values() for place in places(fact) if place.personal]
PERSONAL += [place for place in COMMANDS if place.personal]


def said(work):
    """What an error says; facts take whatever plans made, so they refuse less than commands and documents."""
    try:
        work()
    except ReceivablesError as error:
        return str(error)
    return ""


def test_the_walk_finds_what_it_looks_for():
    assert len(COMMANDS) > 300
    assert len({(place.owner, place.field) for place in PERSONAL}) > 40
    assert {"Remittance", "Dispute", "Promise", "InvoiceLine"} <= {place.owner.__name__ for place in PERSONAL}


@pytest.mark.parametrize("text", [f"the card is {CARD}", CARD.replace(" ", ""), CARD.replace(" ", "-")])
def test_no_text_of_a_command_takes_a_card_number_or_shows_it(text):
    taken, shown = [], []
    for place in COMMANDS:
        try:
            with_text(place.root, place.path, text)
        except ReceivablesError as error:
            if text[-9:] in str(error):
                shown.append(str(place))
        else:
            taken.append(str(place))
    assert taken == []
    assert shown == []


@pytest.mark.parametrize("place", PERSONAL, ids=str)
def test_what_a_person_wrote_is_in_no_repr_and_no_digest(place):
    written = with_text(place.root, place.path, MARK)
    assert MARK not in repr(written)
    assert MARK not in str(written)
    assert digest(written) == digest(with_text(place.root, place.path, "something else"))


@pytest.mark.parametrize("place", PERSONAL, ids=str)
def test_what_a_person_wrote_is_in_no_error(place):
    for text in (f"{MARK} {CARD}", MARK * 2_000):
        assert MARK not in said(lambda text=text: with_text(place.root, place.path, text))


@pytest.mark.parametrize("place", [place for place in PERSONAL if place.root in SAMPLES.values()], ids=str)
def test_what_a_person_wrote_is_in_no_body_and_in_no_error_of_the_codec(place):
    fact = with_text(place.root, place.path, MARK)
    _, body, personal = fact_texts(fact)
    assert MARK not in body
    assert MARK in personal
    data = json.loads(json.dumps(encode(fact)))
    holder = data
    for step in place.path[:-1]:
        holder = holder[step]
    for strange in ([MARK], {"text": MARK}, MARK * 2_000, f"{MARK} {CARD}"):
        holder[place.path[-1]] = strange
        assert MARK not in said(lambda: decode(data))
    holder[place.path[-1]] = 7
    with pytest.raises(Undecodable):
        decode(data)


@pytest.mark.parametrize("tag", SAMPLES)
def test_a_field_that_holds_a_free_text_is_personal_or_named_here(tag):
    """What people call these fields: one with such a name that is not marked is looked at by a person, and listed."""
    free = {"reason", "note", "text", "evidence", "description", "comment", "memo"}
    codes = {"NoticeCancelled.reason", "StepsAnnulled.reason", "SettlementPart.reason", "Dispute.reason"}
    unmarked = {
        f"{place.owner.__name__}.{place.field}"
        for place in places(SAMPLES[tag])
        if place.field in free and not place.personal
    }
    assert unmarked <= codes


def test_every_personal_field_is_left_out_of_the_repr_by_its_definition():
    owners = {place.owner for place in PERSONAL}
    fields = [(owner.__name__, field) for owner in owners for field in attrs.fields(owner)]
    assert [f"{name}.{field.name}" for name, field in fields if field.metadata.get("personal") and field.repr] == []
