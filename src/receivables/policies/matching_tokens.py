"""Reading what a payer wrote: whole tokens, amounts and dates of a free text, and the keys of a document number.

A number is found by whole tokens only: "1814" does not contain "14", and "2026-14" is another number than "14". What
does not matter is case, the signs between the parts of a number, and zeros in front of a part. A text is cut at blanks
and at the signs that part a list, not at ``-``, ``/`` and ``.``, which stand inside numbers. An amount such as 1,814.00 is
no token.

What is weaker than a whole token has a name of its own: a number without its leading letters (``bare``), neighbors that
only together make a number, as where a bank broke a line inside it (``joined``), and the last token of a text that
only begins a number, as where a bank cut it off (``cut``).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, NamedTuple

from receivables.values.references import compact, is_creditor_reference

WIDEST: Final = 4
"""So many neighbors are read as one number at most."""

MOST_TOKENS: Final = 400
"""A longer text is read up to here: no payer lists more, and a text must not cost more than a statement does."""

_AMOUNT = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,']\d{3})+|\d+)[.,](\d{2,3})(?!\w|[.,]\d)")
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d?)-(\d\d?)(?!\d)")
_PLAIN_DAY = re.compile(r"(?<!\d)(\d\d?)([./-])(\d\d?)\2(\d{4}|\d\d)(?!\d)")
_TOKEN = re.compile(r"[^\s,;:+&|()\[\]{}<>\"'#*=?!]+")
_RUN = re.compile(r"\d+|[^\W\d_]+")
_RF_START = re.compile(r"RF\d\d")
_LONGEST_RF: Final = 25


class Token(NamedTuple):
    """One token: its runs of letters and of digits, and the three ways in which it is compared."""

    runs: tuple[str, ...]
    exact: str
    """The runs as they stand, with blanks between."""
    plain: str
    """The same without zeros in front."""
    joined: str
    """The runs without anything between."""


class Reading(NamedTuple):
    """A text as it was read."""

    tokens: tuple[Token, ...]
    amounts: frozenset[tuple[int, int]]
    """Digits without point, and how many of them are decimals."""
    days: frozenset[dt.date]


class Key(NamedTuple):
    """A key to look up, with how it was found: ``rank`` orders the ways, the tokens from ``start`` on made it."""

    rank: int
    width: int
    start: int
    text: str
    kind: str
    bare: bool


EXACT, PLAIN, COMPACT, BARE, JOINED = range(5)
"""The ranks of a key, from best to worst."""


def read(text: str) -> Reading:
    """Read a free text.

    >>> reading = read("Rg. INV-2026-00147 vom 5.3.2026 1.814,00 EUR")
    >>> [token.exact for token in reading.tokens]
    ['RG', 'INV 2026 00147', 'VOM', '5 3 2026', 'EUR']
    >>> sorted(reading.amounts), sorted(map(str, reading.days))
    ([(181400, 2)], ['2026-03-05', '2026-05-03'])

    A day written as 5.3.2026 may be in March or in May; both are taken.
    """
    text = normal(text)
    amounts = frozenset(
        (int(re.sub(r"\D", "", found[1]) + found[2]), len(found[2])) for found in _AMOUNT.finditer(text)
    )
    days = frozenset(_days(text)) if any(map(str.isdigit, text)) else frozenset()
    if amounts:
        text = _AMOUNT.sub(" ", text)
    return Reading(tuple(_tokens(text)), amounts, days)


def normal(text: str) -> str:
    """A text in capitals, with characters of full or half width made plain."""
    return text.upper() if text.isascii() else unicodedata.normalize("NFKC", text).upper()


def words(text: str) -> tuple[str, ...]:
    """The runs of a text, letters and digits apart, for comparing names.

    >>> words("Müller & Söhne KG")
    ('MÜLLER', 'SÖHNE', 'KG')
    """
    return tuple(_RUN.findall(normal(text)))


def as_written(text: str) -> tuple[str, ...]:
    """The tokens of a text as they stand, for looking up ids.

    >>> as_written("for INV-7, inv-8.")
    ('for', 'INV-7', 'inv-8')
    """
    return tuple(dict.fromkeys(found.strip("./-_") for found in _TOKEN.findall(text)))


def token(text: str) -> Token | None:
    """A whole text as one token, or ``None`` where it holds neither letters nor digits.

    >>> token("INV-2026/00147").plain
    'INV 2026 147'
    """
    runs = tuple(_RUN.findall(normal(text)))
    return _token(runs) if runs else None


def keys_of(number: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys under which a document number is found: whole, and without its leading letters.

    >>> keys_of("INV-2026-00147")
    (('INV 2026 00147', 'INV 2026 147', 'INV202600147'), ('2026 00147', '2026 147', '202600147'))
    >>> keys_of("1814")
    (('1814',), ())
    """
    whole = token(number)
    if whole is None:
        return (), ()
    rest = _without_letters(whole.runs)
    bare = _token(rest) if rest and rest != whole.runs else None
    return _distinct(whole), _distinct(bare) if bare else ()


def keys_in(tokens: tuple[Token, ...]) -> list[Key]:
    """Every key that a text holds, the best first: longer runs of tokens before shorter ones, then from left to right.

    >>> [(key.text, key.kind) for key in keys_in(read("INV 1814").tokens)]
    [('INV 1814', 'reference'), ('INV', 'reference'), ('1814', 'reference'), ('1814', 'bare_reference'),
     ('INV1814', 'joined_reference')]
    """
    found: list[Key] = []
    for start, each in enumerate(tokens):
        found += _keys_of_one(start, each)
        for width in range(2, min(WIDEST, len(tokens) - start) + 1):
            found += _keys_of_several(start, tokens[start : start + width])
    found.sort(key=lambda key: (key.rank, -key.width, key.start))
    return found


def divides_alike(written: Token, number: str) -> bool:
    """Whether a token may be a number that was written with fewer signs, or with more, than the number has.

    >>> divides_alike(token("INV202600147"), "INV-2026-00147"), divides_alike(token("1-814"), "18-14")
    (True, False)
    """
    known = token(number)
    mine, theirs = _ends(written), _ends(known) if known else frozenset()
    return mine <= theirs or theirs <= mine


def creditor_references(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, str]]:
    """The RF creditor references in a text: (first token, number of tokens, the reference without its check digits).

    >>> list(creditor_references(read("for RF18 5390 0754 7034, thanks").tokens))
    [(1, 4, '539007547034')]
    """
    for start, each in enumerate(tokens):
        if _RF_START.match(each.joined):
            yield from _creditor_reference(start, tokens)


def _creditor_reference(start: int, tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, str]]:
    """The longest one that begins here."""
    text, ends = "", []
    for width, each in enumerate(tokens[start : start + _LONGEST_RF], 1):
        text += each.joined
        if len(text) > _LONGEST_RF:
            break
        if text.isascii() and is_creditor_reference(text):
            ends.append((start, width, compact(text)[4:]))
    yield from ends[-1:]


def _keys_of_one(start: int, each: Token) -> Iterator[Key]:
    """A token by itself; one without letters may also be a number that lost them, one with letters may have gained them."""
    ways = ((EXACT, each.exact), (PLAIN, each.plain), (COMPACT, each.joined))
    last = ""
    for rank, text in ways:
        if text != last:
            yield Key(rank, 1, start, text, "reference", False)
        last = text
    rest = _without_letters(each.runs)
    if rest == each.runs:
        yield Key(BARE, 1, start, each.plain, "bare_reference", True)
        if len(each.runs) > 1:
            yield Key(BARE, 1, start, each.joined, "bare_reference", True)
    elif rest:
        yield Key(BARE, 1, start, _token(rest).plain, "bare_reference", False)


def _keys_of_several(start: int, window: tuple[Token, ...]) -> Iterator[Key]:
    """Neighbors as one number: whole where the number itself has its parts there, joined where it has not."""
    runs = tuple(run for each in window for run in each.runs)
    if not any(run[0].isdigit() for run in runs):
        return
    width, together = len(window), _token(runs)
    yield Key(EXACT, width, start, together.exact, "reference", False)
    if together.plain != together.exact:
        yield Key(PLAIN, width, start, together.plain, "reference", False)
    if runs[0][0].isdigit():
        yield Key(BARE, width, start, together.plain, "bare_reference", True)
    yield Key(JOINED, width, start, together.joined, "joined_reference", False)


def _tokens(text: str) -> Iterator[Token]:
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count == MOST_TOKENS:
            return
        runs = tuple(_RUN.findall(found[0]))
        if runs:
            yield _token(runs)


def _token(runs: tuple[str, ...]) -> Token:
    exact = " ".join(runs)
    plain = " ".join([run.lstrip("0") or "0" for run in runs]) if "0" in exact else exact
    return Token(runs, exact, plain, "".join(runs))


def _without_letters(runs: tuple[str, ...]) -> tuple[str, ...]:
    """The runs from the first one of digits on."""
    for at, run in enumerate(runs):
        if run[0].isdigit():
            return runs[at:]
    return ()


def _ends(each: Token) -> frozenset[int]:
    """After how many characters its runs end."""
    return frozenset(accumulate(map(len, each.runs)))


def _distinct(each: Token) -> tuple[str, ...]:
    return tuple(dict.fromkeys((each.exact, each.plain, each.joined)))


def _days(text: str) -> Iterator[dt.date]:
    for found in _ISO_DAY.finditer(text):
        yield from _day(int(found[1]), int(found[2]), int(found[3]))
    for found in _PLAIN_DAY.finditer(text):
        year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
        yield from _day(year, int(found[3]), int(found[1]))
        yield from _day(year, int(found[1]), int(found[3]))


def _day(year: int, month: int, day: int) -> Iterator[dt.date]:
    try:
        yield dt.date(year, month, day)
    except ValueError:
        return
