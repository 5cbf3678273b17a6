"""Every text field of every fact, document and command, found through the classes and filled with something else."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import attrs
from tests.codec.samples import SAMPLES
from tests.service.world import one_of_each


class Place(NamedTuple):
    """A text field somewhere inside of a value: how to come to it, and whether it is personal."""

    root: Any
    path: tuple[Any, ...]
    owner: type
    field: str
    personal: bool

    def __str__(self) -> str:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{type(self.root).__name__}{where}"


def roots() -> Iterator[Any]:
    yield from SAMPLES.values()
    yield from one_of_each().values()


def places(root: Any) -> Iterator[Place]:
    """Every text field inside of a value; also one that is left out in it."""
    yield from _places(root, root, ())


def _places(root: Any, value: Any, path: tuple[Any, ...]) -> Iterator[Place]:
    if isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _places(root, each, (*path, at))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            its = getattr(value, field.name)
            where = (*path, field.name)
            if str(field.type) in ("str", "str | None") or field.type in (str, str | None):
                yield Place(root, where, type(value), field.name, bool(field.metadata.get("personal")))
            elif isinstance(its, tuple) and its and isinstance(its[0], str):
                yield Place(root, (*where, 0), type(value), field.name, False)
            else:
                yield from _places(root, its, where)


def with_text(value: Any, path: tuple[Any, ...], text: str) -> Any:
    """The value anew, through every check, with a text at a place."""
    if not path:
        return text
    step, *rest = path
    if isinstance(value, tuple):
        return (*value[:step], with_text(value[step], tuple(rest), text), *value[step + 1 :])
    return attrs.evolve(value, **{step: with_text(getattr(value, step), tuple(rest), text)})
