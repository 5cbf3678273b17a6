"""A letter whose outcome is unknown is not asked for again once what it claims is paid.

Found by the simulator: with a notifier that honors keys the second attempt is harmless where the first went out, and where
it had not it is a letter to somebody who has paid.
"""

import datetime as dt

from tests.service.world import World, eur

from receivables import Sent
from receivables.facts.dunning import NoticeSending


class Lost:
    """Honors keys; the line breaks before the first letter is taken."""

    honors_keys = True

    def __init__(self):
        self.asked, self.letters = 0, []

    def send(self, notice):
        self.asked += 1
        if self.asked == 1:
            raise ConnectionError("line broken")
        self.letters.append(notice.key)
        return Sent()


def dunned():
    world = World(notifier=Lost())
    world.open()
    world.invoice("INV-1", "100", -7)
    world.pay("P-1", "1000")
    world.run()
    assert [result.outcome for result in world.deliver()] == ["unknown"]
    return world


def test_the_letter_waits_for_a_person_where_everything_on_it_is_paid():
    world = dunned()
    world.app.apply("ACME", "P-1", "INV-1", eur(100), key="apply")
    (result,) = world.deliver()
    assert result.outcome == "waiting"
    assert result.detail == "the outcome is unknown and the letter is settled meanwhile: a person has to look"
    assert world.notifier.letters == []
    assert len(world.facts(NoticeSending)) == 1


def test_it_is_asked_for_again_where_nothing_has_changed():
    world = dunned()
    (result,) = world.deliver()
    assert result.outcome == "sent"
    assert len(world.notifier.letters) == 1


def test_a_person_settles_it():
    world = dunned()
    world.app.apply("ACME", "P-1", "INV-1", eur(100), key="apply")
    (notice,) = world.queued()
    world.app.record_outcome("ACME", notice.key, "failed", detail="never left", by="ann", key="settled")
    assert list(world.deliver()) == []
    assert world.today >= dt.date(2026, 3, 2)
