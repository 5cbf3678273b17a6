"""How the page of a case is made: what each of its deeds comes to.

That is the answer, what was recorded on which account, what was claimed and linked, and when an account is looked at again; or
in which words it was refused, after which nothing is recorded.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.plans.every import words, written
from tests.service.world import BOOK, World

from receivables import PolicyBook, Receipt
from receivables.errors import ReceivablesError
from receivables.flows import DeliveryResult, RunResult

Deed = Callable[[], Any]
SETTINGS = re.compile(', "digest": "[0-9a-f]{64}"')
"""Of a policy its id and version are enough; the digest of its settings is another with each setting that is new."""
CASES: dict[str, Callable[[], list[str]]] = {}
"""Name -> what makes the page."""


def case(make: Callable[[], list[str]]) -> Callable[[], list[str]]:
    CASES[make.__name__.replace("_", " ")] = make
    return make


def having(*policies: Any, **more: Any) -> World:
    """The world of the other tests, with these policies instead of those of their kinds, and with no choice among them."""
    kinds = {type(policy) for policy in policies}
    kept = [each for each in BOOK.policies if type(each) not in kinds]
    names = {policy.id for policy in (*kept, *policies)}
    choices = tuple(each for each in BOOK.choices if each.policy in names)
    return World(policies=PolicyBook(policies=(*kept, *policies), choices=choices), **more)


def comes_to(world: World, *deeds: Deed) -> list[str]:
    """The page of a case: what each deed comes to, one after the other."""
    return [line for deed in deeds for line in told(world, deed)]


def told(world: World, deed: Deed) -> list[str]:
    before = {id: (len(head.facts), head.wake_on) for id, head in world.store._heads.items()}
    claims, links = set(world.store._claims), {(key, each) for key, each in members(world)}
    try:
        lines = list(answered(deed()))
    except ReceivablesError as error:
        lines = [f"! {words(error, Deed)}"]
    for id, head in world.store._heads.items():
        known, wakes = before.get(id, (0, None))
        lines += [f"+ {id}: {SETTINGS.sub('', written(fact))}" for fact in world.store.facts(id)[known:]]
        lines += [f"{id} wakes on {head.wake_on}"] if head.wake_on != wakes else []
    lines += [f"claims {': '.join(key)}" for key in sorted(set(world.store._claims) - claims) if key[0] != "notice"]
    return lines + [f"links {': '.join(key)} to {each}" for key, each in sorted(set(members(world)) - links)]


def members(world: World) -> Iterator[tuple[tuple[str, str], str]]:
    for key, accounts in world.store._links.items():
        yield from ((key, each) for each in accounts)


def answered(answer: Any) -> Iterator[str]:
    """What a command, a run or a delivery says of itself."""
    match answer:
        case Receipt():
            yield f"= {answer.outcome}; {', '.join(answer.ids)}"
            yield from (f"because {each!r}" for each in answer.reasons)
        case RunResult():
            yield f"= {answer.account}: {len(answer.notices)} letters{f', {answer.error}' if answer.error else ''}"
            yield from (f"because {each!r}" for each in answer.reasons)
        case DeliveryResult():
            yield f"= {answer.account}: {answer.outcome} {answer.detail}".rstrip()
        case str():
            yield f"= {answer}"
        case Iterable():
            for each in answer:
                yield from answered(each)


def days(world: World, first: int, last: int) -> None:
    """Runs and delivers on each of these days."""
    for offset in range(first, last + 1):
        world.at(offset)
        assert not [result.error for result in world.run() if result.error]
        world.deliver()


def at(world: World, offset: int, deed: Deed) -> Deed:
    """The deed on another day."""
    return lambda: world.at(offset) and deed()


def page(name: str) -> list[str]:
    return [f"[{name}]", *CASES[name](), ""]
