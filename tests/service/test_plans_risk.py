"""What is planned about classes, policies and erasures at the edge of what is there."""

import pytest
from tests.service.world import CREDIT, World, class_override, day

from receivables import PolicyBook
from receivables.documents.risk import ClassOverride
from receivables.errors import InvalidValue, UnknownId
from receivables.facts.risk import OverrideWithdrawn


@pytest.mark.parametrize(("on", "allowed"), [(-1, False), (0, True), (3, True), (4, False)])
def test_an_override_is_withdrawn_on_one_of_its_days_the_first_and_the_last_as_well(on, allowed):
    world = World()
    world.open()
    given = ClassOverride(
        id="O", account="ACME", risk_class="D", starts_on=day(0), until=day(3), reason=class_override("O").reason
    )
    world.app.override_class(given, by="ann", approver="bob", key="O")
    world.at(5)
    if not allowed:
        with pytest.raises(InvalidValue, match=r"command\.on"):
            world.app.withdraw_override("ACME", "O", on=day(on), reason="over", by="ann", key="w")
        return
    world.app.withdraw_override("ACME", "O", on=day(on), reason="over", by="ann", key="w")
    assert [fact.effective_on for fact in world.facts(OverrideWithdrawn)] == [day(on)]


def test_a_policy_that_is_published_again_is_known_by_its_id_and_version():
    world = World()
    first = world.app.publish(CREDIT, key="first")
    again = world.app.publish(CREDIT, key="again")
    assert (again.outcome, again.ids) == ("known", ("standard/1",))
    assert first.ids == again.ids


def test_without_a_rule_for_what_is_kept_nothing_is_erased():
    world = World(policies=PolicyBook.of(CREDIT))
    world.open()
    with pytest.raises(UnknownId) as caught:
        world.app.request_erasure("ACME", "E-1", key="erase")
    assert str(caught.value).startswith("unknown retention policy for account: 'ACME'")
