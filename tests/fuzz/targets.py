"""What the inputs are given to, and what may come of it: a value that is sound, or a typed error, soon."""

import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fuzz.inputs import INPUTS

from receivables.codec import decode, encode
from receivables.documents.terms import PaymentTerms
from receivables.documents.terms_reading import Dialect
from receivables.errors import ReceivablesError, Undecodable
from receivables.interop import camt, mt940
from receivables.stores.bodies import read_fact
from receivables.trusted import restore

SECONDS = 2.0
"""How long an input of some kilobytes may take, on a machine that does other things as well."""


def _codec(data: Any) -> bool:
    """Both ways refuse the same, or give the same; what they give is written and read again."""
    try:
        fact = decode(data)
    except Undecodable:
        _restored(data)
        return False
    assert restore(data) == fact
    assert decode(encode(fact)) == fact
    return True


def _restored(data: Any) -> None:
    """What the checked way refuses, the fast one may take, as far as it has the right shape; nothing but a typed error else."""
    try:
        restore(data)
    except Undecodable:
        return


def _stored(text: str) -> bool:
    try:
        read_fact(text, None)
    except Undecodable:
        return False
    return True


def _terms(text: str) -> bool:
    taken = False
    for dialect in Dialect:
        try:
            terms = PaymentTerms.parse(text, dialect)
        except ReceivablesError:
            continue
        taken = True
        assert PaymentTerms.parse(str(terms)) == terms
    return taken


def _bank_file(read: Callable[[bytes], Any]) -> Callable[[bytes], bool]:
    def target(data: bytes) -> bool:
        try:
            read(data)
        except ReceivablesError:
            return False
        return True

    return target


TARGETS: Mapping[str, Callable[[Any], bool]] = {
    "codec": _codec,
    "stored": _stored,
    "terms": _terms,
    "camt": _bank_file(camt.read),
    "mt940": _bank_file(mt940.read),
}
"""Name -> what is called with an input; whether it was taken."""


def attempt(name: str, seed: int) -> bool:
    """One input, by its seed; anything but a typed error, and anything slow, is an `AssertionError` that names the seed."""
    given = INPUTS[name](random.Random(seed))
    began = time.perf_counter()
    try:
        taken = TARGETS[name](given)
    except Exception as error:
        raise AssertionError(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
    spent = time.perf_counter() - began
    assert spent < SECONDS, f"{name}, seed {seed}: took {spent:.1f} s"
    return taken


def shown(name: str, seed: int) -> str:
    """The input of a seed, to be looked at."""
    given = INPUTS[name](random.Random(seed))
    return given.decode(errors="backslashreplace") if isinstance(given, bytes) else json.dumps(given, indent=1)
