"""Registers facts, documents and policies with a converter of the host's (extra ``receivables[cattrs]``).

A host that turns its own classes into JSON with `cattrs` has ours in them: a receipt in a job, an invoice in a message. With these hooks
the converter writes and reads ours as `receivables.codec` does, wherever they stand; it is that module which decides.

>>> import cattrs
>>> from receivables import Money
>>> Job = attrs.make_class("Job", {"name": attrs.field(type=str), "amount": attrs.field(type=Money)})
>>> converter = cattrs.Converter()
>>> register(converter)
>>> data = converter.unstructure(Job("refund", Money.of("12.34", "EUR")))
>>> data["amount"]["minor"], converter.structure(data, Job) == Job("refund", Money.of("12.34", "EUR"))
(1234, True)
"""

from __future__ import annotations

from typing import Any

import attrs
from cattrs import BaseConverter

from receivables.codec import decode, encode, plain, read
from receivables.facts.fact import Fact


def register(converter: BaseConverter) -> None:
    """Hooks for every attrs class of this package; facts carry their stored tag.

    What cannot be read is an `Undecodable` with the path in the data, which `cattrs` gathers in an error of its own where its
    ``detailed_validation`` is on.
    """
    converter.register_unstructure_hook_func(_is_ours, plain)
    converter.register_structure_hook_func(_is_ours, lambda data, kind: read(kind, data))
    converter.register_unstructure_hook_func(_is_fact, encode)
    converter.register_structure_hook_func(_is_fact, _fact)


def _fact(data: Any, kind: type) -> Any:
    fact = decode(data)
    if not isinstance(fact, kind):
        raise TypeError(f"{type(fact).__name__} is not a {kind.__name__}")
    return fact


def _is_ours(kind: Any) -> bool:
    return isinstance(kind, type) and attrs.has(kind) and kind.__module__.partition(".")[0] == "receivables"


def _is_fact(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Fact)
