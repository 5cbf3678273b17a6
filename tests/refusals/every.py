"""What each field of the checked classes takes and refuses, with the words of the refusal, out of some sixty values.

``PYTHONPATH=src python -m tests.refusals.every`` writes ``values.txt``, ``documents.txt`` and ``policies.txt`` anew. They
are read by people: a text that was changed shows in the difference, and so does a bound that moved.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import attrs
from tests.refusals.samples import LAYERS, checked, name_of, samples

from receivables import Money
from receivables.errors import InvalidValue, ReceivablesError, WrongType
from receivables.values.references import mask_cards

HERE = Path(__file__).parent
CARD = "4111 1111 1111 1111"
TRIED: dict[str, Any] = {
    "None": None,
    "''": "",
    "' '": " ",
    "'x'": "x",
    "a card": CARD,
    "true": True,
    **{str(n): n for n in (-1, 0, 1, 2, 3, 5, 12, 13, 28, 29, 31, 32, 100, 101, 366, 367, 10_000)},
    "0.5": 0.5,
    **{f"d{n}": Decimal(n) for n in ("-1", "0", "0.5", "100", "100.01", "1E+30", "NaN", "sNaN", "Infinity")},
    "1990": dt.date(1990, 1, 1),
    "5 Jan": dt.date(2026, 1, 5),
    "2099": dt.date(2099, 12, 31),
    "naive": dt.datetime(2026, 1, 5, 12),
    "zoned": dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC),
    **{f"{n} EUR": Money.of(n, "EUR") for n in ("-5", "0", "5", "1000000")},
    "5 USD": Money.of(5, "USD"),
    "()": (),
    "('',)": ("",),
    "('x',)": ("x",),
    "('x', 'x')": ("x", "x"),
    "(a card,)": (CARD,),
    "(1,)": (1,),
    "(1, 1)": (1, 1),
    "(2, 1)": (2, 1),
    "(None,)": (None,),
    "(0 EUR,)": (Money.of(0, "EUR"),),
    "(-5 EUR,)": (Money.of(-5, "EUR"),),
    "(5 EUR, 5 EUR)": (Money.of(5, "EUR"),) * 2,
    "[]": [],
    "{}": {},
    "{''}": frozenset({""}),
    "{'x'}": frozenset({"x"}),
    "{1}": frozenset({1}),
}


class Answer(NamedTuple):
    """What one field says to one value."""

    field: str
    value: Any
    label: str
    error: Exception | None


def answers(sample: Any) -> Iterator[Answer]:
    """Every field of a value with everything that is tried, and with its own first member twice."""
    for field in attrs.fields(type(sample)):
        if not field.init:
            continue
        own = getattr(sample, field.name)
        twice = {"its own twice": (*own, *own)} if isinstance(own, tuple) and own else {}
        for label, value in {**TRIED, **twice}.items():
            try:
                attrs.evolve(sample, **{field.name: value})
            except Exception as error:
                yield Answer(field.name, value, label, error)
            else:
                yield Answer(field.name, value, label, None)


def words(answer: Answer) -> str:
    """What was said, without the value, which the label has already: where another is shown, that one."""
    error = answer.error
    if error is None:
        return "taken"
    if isinstance(error, InvalidValue | WrongType):
        said = error.rule if isinstance(error, InvalidValue) else error.wanted
        other = "" if shows(answer) else f", got {error.value!r:.60}"
        return f"{type(error).__name__} {error.field}: {said}{other}"
    return f"{type(error).__name__} {error}" if isinstance(error, ReceivablesError) else type(error).__name__


def shows(answer: Answer) -> bool:
    """Whether the error has the value that was refused, or its text, or a member of it."""
    shown, value = getattr(answer.error, "value", None), answer.value
    members = value if isinstance(value, tuple | list | frozenset | str) else ()
    tried = [mask_cards(each) if isinstance(each, str) else each for each in (value, *members)]
    return any(shown is each or shown == str(each) or repr(shown) == repr(each) for each in tried)


def page(cls: type) -> list[str]:
    """What the file has of a class: what most values are told stands last, without the values."""
    by_field: dict[str, dict[str, list[str]]] = {}
    for answer in answers(samples()[cls]):
        by_field.setdefault(answer.field, {}).setdefault(words(answer), []).append(answer.label)
    lines = [f"[{name_of(cls)}]"]
    for field, said in by_field.items():
        most = max(said, key=lambda each: len(said[each]))
        lines += [f"{field} <- {'  '.join(said[each])}: {each}" for each in said if each != most]
        lines.append(f"{field} <- the rest: {most}")
    return [*lines, ""]


def file_of(layer: str) -> Path:
    return HERE / f"{layer}.txt"


if __name__ == "__main__":
    for layer in LAYERS:
        lines = [line for cls in checked(layer) for line in page(cls)]
        file_of(layer).write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
