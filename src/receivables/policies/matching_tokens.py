"""PayerText what a payer wrote: whole tokens, amounts and dates of a free text, and the keys of a document number.

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
from collections.abc import Collection, Iterator, Sequence
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


class PayerText(NamedTuple):
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


class Known(NamedTuple):
    """The keys of the numbers that there are."""

    whole: Collection[str]
    bare: Collection[str]
    starts: frozenset[str]
    """The first runs of keys of several runs."""
    counts: frozenset[int]
    """How many runs they have."""
    lengths: frozenset[int]
    """How long the keys without blanks are."""


EXACT, PLAIN, COMPACT, BARE, JOINED = range(5)
"""The ranks of a key, from best to worst."""


def read(text: str) -> PayerText:
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
    days = frozenset(_days(text))
    if amounts:
        text = _AMOUNT.sub(" ", text)
    return PayerText(tuple(_tokens(text)), amounts, days)


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


def known_keys(whole: Collection[str], bare: Collection[str]) -> Known:
    """The keys of many numbers, with what a stretch of a text must look like to be worth a look.

    >>> known_keys(["INV 1814", "INV1814"], ["1814"]).starts
    frozenset({'INV'})
    """
    spaced = [key for key in (*whole, *bare) if " " in key]
    return Known(
        whole,
        bare,
        frozenset(key.partition(" ")[0] for key in spaced),
        frozenset(key.count(" ") + 1 for key in spaced),
        frozenset(len(key) for key in whole if " " not in key),
    )


def keys_in(tokens: Sequence[Token], known: Known) -> list[Key]:
    """The known keys that a text holds, the best first: longer stretches before shorter ones, then from left to right.

    >>> known = known_keys(["INV 1814", "INV1814"], ["1814"])
    >>> [(key.text, key.kind) for key in keys_in(read("INV 1814").tokens, known)]
    [('INV 1814', 'reference'), ('1814', 'bare_reference'), ('INV1814', 'joined_reference')]
    """
    found: list[Key] = []
    for start, each in enumerate(tokens):
        _add_one(found, start, each, known)
        _add_several(found, start, tokens, known)
    if len(found) > 1:
        found.sort(key=_order)
    return found


def divides_alike(written: Token, number: str) -> bool:
    """Whether a token may be a number that was written with fewer signs, or with more, than the number has.

    >>> divides_alike(token("INV202600147"), "INV-2026-00147"), divides_alike(token("1-814"), "18-14")
    (True, False)
    """
    known = token(number)
    mine, theirs = _ends(written), _ends(known) if known else frozenset()
    return mine <= theirs or theirs <= mine


def creditor_references(tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """The RF creditor references in a text: (first token, number of tokens, the reference without its check digits).

    >>> list(creditor_references(read("for RF18 5390 0754 7034, thanks").tokens))
    [(1, 4, '539007547034')]
    """
    for start, each in enumerate(tokens):
        if _RF_START.match(each.joined):
            yield from _creditor_reference(start, tokens)


def _creditor_reference(start: int, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """The longest one that begins here."""
    text, ends = "", []
    for width, each in enumerate(tokens[start : start + _LONGEST_RF], 1):
        text += each.joined
        if len(text) > _LONGEST_RF:
            break
        if text.isascii() and is_creditor_reference(text):
            ends.append((start, width, compact(text)[4:]))
    yield from ends[-1:]


def _order(key: Key) -> tuple[int, int, int]:
    return key.rank, -key.width, key.start


def _add_one(found: list[Key], start: int, each: Token, known: Known) -> None:
    """A token by itself; one without letters may also be a number that lost them, one with letters may have gained them."""
    whole, bare = known.whole, known.bare
    _, exact, plain, joined = each
    if exact in whole:
        found.append(Key(EXACT, 1, start, exact, "reference", False))
    if plain != exact and plain in whole:
        found.append(Key(PLAIN, 1, start, plain, "reference", False))
    if joined != exact and joined in whole:
        found.append(Key(COMPACT, 1, start, joined, "reference", False))
    if exact[0].isdigit():
        found += [Key(BARE, 1, start, text, "bare_reference", True) for text in {plain: 0, joined: 0} if text in bare]
    elif (rest := _without_letters(each.runs)) and (text := _token(rest).plain) in whole:
        found.append(Key(BARE, 1, start, text, "bare_reference", False))


def _add_several(found: list[Key], start: int, tokens: Sequence[Token], known: Known) -> None:
    """Neighbors as one number: whole where the number itself has its parts there, joined where it has not."""
    first = tokens[start].runs[0]
    begins = first in known.starts or (first[0] == "0" and (first.lstrip("0") or "0") in known.starts)
    runs, length = len(tokens[start].runs), len(tokens[start].joined)
    for width in range(2, min(WIDEST, len(tokens) - start) + 1):
        last = tokens[start + width - 1]
        runs, length = runs + len(last.runs), length + len(last.joined)
        if begins and runs in known.counts:
            _add_parted(found, start, tokens[start : start + width], known)
        if length in known.lengths:
            joined = "".join([each.joined for each in tokens[start : start + width]])
            if joined in known.whole and not joined.isalpha():
                found.append(Key(JOINED, width, start, joined, "joined_reference", False))


def _add_parted(found: list[Key], start: int, window: Sequence[Token], known: Known) -> None:
    exact, plain, width = (
        " ".join([each.exact for each in window]),
        " ".join([each.plain for each in window]),
        len(window),
    )
    if exact in known.whole:
        found.append(Key(EXACT, width, start, exact, "reference", False))
    if plain != exact and plain in known.whole:
        found.append(Key(PLAIN, width, start, plain, "reference", False))
    if plain in known.bare:
        found.append(Key(BARE, width, start, plain, "bare_reference", True))


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
