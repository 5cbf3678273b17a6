"""Bank files in SWIFT MT940 and MT942 (``receivables[bank]``), field by field on the grammar of the package `mt-940`.

The package says which fields there are and how each is built; what it would raise for a whole file is decided here for
one field, so that one bad entry is one listed problem. Days and amounts are read strictly: the package moves a day that
the calendar does not have, and cuts an amount that is too long, without a word.

In ``:86:`` the structured forms that are common in Europe are understood: subfields (``?20``, ``>20``) with key words
(``EREF+``, ``SVWZ+``), and key words between slashes (``/EREF/``, ``/REMI/``). Any other text is kept as it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, final

from receivables.errors import InvalidValue, ReceivablesError
from receivables.interop.bank import (
    DEFAULT_LIMITS,
    BankBalance,
    BankFile,
    BankLine,
    BankStatement,
    Limits,
    Problem,
    Sequences,
    account_id,
    checked_defaults,
    content_of,
    line_key,
    money,
    problem,
    problem_of,
    reference_of,
    words_of,
)
from receivables.values.checks import LONGEST_TEXT
from receivables.values.currencies import iso_currency
from receivables.values.money import Money
from receivables.values.references import is_iban

try:
    from mt940.tags import TAG_BY_ID, BalanceBase, StatementGLS
except ImportError as missing:
    raise ImportError("receivables.interop.mt940 needs mt-940: install the extra receivables[bank]") from missing

# The variant that takes references of any length, which some banks write; it reads all that the plain one reads.
_ENTRY: Final = StatementGLS().re
_BALANCE: Final = BalanceBase().re

# A colon, perhaps broken off by the end of a line, the field, a letter, a colon; at the start of a line.
_FIELD = re.compile(r"^:\n?(?P<number>[0-9]{2}|NS)(?P<letter>[A-Z])?:", re.MULTILINE)
_END = re.compile(r"-(?:\}.*|XXX)?")
_FRAME = re.compile(r"\{[0-9]:")
_CURRENCY_LAST = re.compile(r"(?P<account>.*[0-9])/?(?P<currency>[A-Z]{3})")
_EXPECTED = re.compile(r"(?P<days>[0-9]{6}(?:[0-9]{4}|\s{4})?)[Ee](?P<rest>[CDcd])")
_AMOUNT = re.compile(r"(?P<whole>[0-9]+)(?:,(?P<decimals>[0-9]*))?")

# Lines of :86: are full at 65 characters, at some banks at 64: what follows such a line continues its last word.
_FULL_LINE: Final = 64
_FULL_SUBFIELD: Final = 27

_BALANCES: Final = {
    "60": "opening",
    "60F": "opening",
    "60M": "opening",
    "62": "closing",
    "62F": "closing",
    "62M": "closing",
    "64": "closing_available",
    "65": "forward_available",
}
_CURRENCY_FIELDS: Final = (*_BALANCES, "34F", "90", "90C", "90D")
_ONCE: Final = ("20", "25", "28", "28C", "60", "60F", "60M", "62", "62F", "62M")

_MARKS: Final = {"C": ("credit", False), "D": ("debit", False), "RC": ("debit", True), "RD": ("credit", True)}
_METHODS: Final = {"DDT": "direct_debit", "CHK": "cheque", "TCK": "cheque", "ECK": "cheque"}
# RTI is SWIFT's "returned item"; the others are the German business transaction codes for a debit that came back (009,
# 108, 109) and a transfer that could not be delivered (159).
_RETURNS: Final = frozenset({"RTI", "009", "108", "109", "159"})

_SUBFIELDED = re.compile(r"\s*(?P<code>[0-9]{3})(?P<mark>[?>])(?=[0-9]{2})")
_KEYED = re.compile(r"(?<![A-Z0-9])(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|COAM|OAMT|SQTP|RREF)\+")
_SLASHED = re.compile(
    r"/(EREF|PREF|MARF|CSID|BENM|ORDP|CNTP|NAME|REMI|USTD|STRD|ISDT|RTRN|PURP|ULTC|ULTD|TRTP|IBAN|BIC|TRCD)(?=/)"
)
_SLASHED_START = re.compile(r"\s*/[A-Z]{4}/")


def read(
    data: bytes,
    *,
    account: str | None = None,
    currency: str | None = None,
    encoding: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> BankFile:
    """Read the bytes of an MT940 or MT942 file.

    >>> file = read(b'''
    ... :20:STARTUMS
    ... :25:DE02120300000000202051
    ... :28C:7/1
    ... :60F:C260219EUR100,00
    ... :61:2602200223C1200,NTRFNONREF//B1
    ... :86:166?00GUTSCHRIFT?20EREF+E-7?21SVWZ+invoice 1001?32ACME GMBH
    ... :61:260230C1200.00NTRFNONREF
    ... :62F:C260223EUR1300,00
    ... -''')
    >>> [(line.kind, str(line.amount), line.cited, line.text, line.counterparty_name) for line in file.lines]
    [('payment', '1200.00 EUR', ('E-7',), 'invoice 1001', 'ACME GMBH')]
    >>> print(*file.problems)
    line 8, field 61: must be a statement line of MT940, got '260230C1200.00NTRFNONREF' (entry not read)

    ``account`` and ``currency`` stand in where the file names none. Without an ``encoding`` it is UTF-8 or else ISO
    8859-1. Two-digit years from 80 on are of the last century. Errors: `WrongType` for what is not bytes, `InvalidValue`
    for a file that is too big or has no field of MT940.
    """
    checked_defaults(account, currency)
    text = _decoded(content_of(data, limits), encoding)
    fields = _fields(text, limits)
    if not fields:
        raise InvalidValue("bank_file", words_of(text[:40]), "must have fields of MT940, such as :20: and :61:")
    reader = _Reader(account=account_id(account), currency=currency)
    statements = tuple(reader.statement(block) for block in _blocks(fields))
    return BankFile(statements=statements, problems=tuple(reader.problems))


# From bytes to fields


class _Field(NamedTuple):
    """One field: its tag, its text and the line of the file where it begins."""

    tag: str
    text: str
    line: int

    @property
    def path(self) -> str:
        return f"line {self.line}, field {self.tag}"


def _decoded(data: bytes, encoding: str | None) -> str:
    plain = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = plain.decode(encoding or "utf-8")
    except LookupError:
        raise InvalidValue("encoding", encoding, "must be an encoding that Python knows") from None
    except UnicodeDecodeError:
        text = plain.decode("iso-8859-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fields(text: str, limits: Limits) -> list[_Field]:
    """Cut the text at its fields; a message that has ended has no more text, until the next field begins."""
    fields: list[_Field] = []
    matches = [match for match in _FIELD.finditer(text) if _is_known(match)]
    if len(matches) > limits.elements:
        rule = f"must have at most {limits.elements} fields"
        raise InvalidValue("bank_file", f"{len(matches)} fields", rule)
    line, counted = 1, 0
    ends = [*(match.start() for match in matches[1:]), len(text)] if matches else []
    for match, end in zip(matches, ends, strict=True):
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        fields.append(_Field(match["number"] + (match["letter"] or ""), _until_end(text[match.end() : end]), line))
    return fields


def _is_known(match: re.Match[str]) -> bool:
    number = match["number"]
    return (int(number) if number.isdigit() else number) in TAG_BY_ID


def _until_end(text: str) -> str:
    kept = []
    for line in text.split("\n"):
        if _END.fullmatch(line.strip()) or _FRAME.match(line):
            break
        kept.append(line)
    return "\n".join(kept)


def _blocks(fields: Iterable[_Field]) -> Iterator[list[_Field]]:
    """A statement begins with :20:, or with the first field of a file that leaves it out."""
    block: list[_Field] = []
    for field in fields:
        if field.tag == "20" and block:
            yield block
            block = []
        block.append(field)
    yield block


# From fields to lines


class _Said(NamedTuple):
    """What :86: says of an entry."""

    text: str
    code: str | None = None
    references: tuple[str, ...] = ()
    name: str | None = None
    account: str | None = None
    ultimate: str | None = None
    end_to_end: str | None = None
    mandate: str | None = None
    reason: str | None = None


@final
class _Reader:
    """Holds what the whole of one file shares: the problems found so far and the count of equal lines."""

    def __init__(self, *, account: str | None, currency: str | None) -> None:
        self.account, self.currency = account, currency
        self.problems: list[Problem] = []
        self.sequences = Sequences()

    def statement(self, fields: list[_Field]) -> BankStatement:
        header = self.header(fields)
        account, currency = self.account_of(header.get("25"))
        balances = [balance for field in fields if field.tag in _BALANCES and (balance := self.balance(field))]
        currency = (
            currency or next((balance.amount.currency.code for balance in balances), None) or _currency_in(fields)
        )
        lines = []
        for entry, details in _entries(fields):
            try:
                lines.append(self.line(entry, details, account or self.account, currency or self.currency))
            except ReceivablesError as error:
                self.problems.append(problem_of(error, entry.path, lost=True))
        number = header.get("28C") or header.get("28")
        return BankStatement(
            id=reference_of(header["20"].text if "20" in header else None) or fields[0].path,
            message="MT942" if any(field.tag in {"13D", "34F", "90C", "90D"} for field in fields) else "MT940",
            account=account or self.account,
            number=reference_of(number.text) if number else None,
            balances=tuple(balances),
            lines=tuple(lines),
        )

    def header(self, fields: Iterable[_Field]) -> dict[str, _Field]:
        """The first field of each tag; a second :25: does not move the entries to another account."""
        header: dict[str, _Field] = {}
        for field in fields:
            if field.tag in _ONCE and field.tag in header:
                self.problems.append(problem(field.path, field.text, "stands twice in one statement", lost=False))
            header.setdefault(field.tag, field)
        return header

    def account_of(self, field: _Field | None) -> tuple[str | None, str | None]:
        """The account, and the currency that some banks write behind it."""
        account = account_id(field.text) if field else None
        match = _CURRENCY_LAST.fullmatch(account or "")
        if match is None or not _is_currency(match["currency"]):
            return account, None
        return match["account"], match["currency"]

    def balance(self, field: _Field) -> BankBalance | None:
        text = field.text.strip()
        try:
            match = _BALANCE.match(text)
            if match is None or match.end() < len(text.split("\n")[0]):
                raise InvalidValue(field.path, text, "must be a balance of MT940")
            amount = _money(field.path, match["amount"], match["currency"].upper())
            on = _day(field.path, match["year"], match["month"], match["day"])
        except InvalidValue as error:
            self.problems.append(problem_of(error, field.path, lost=False))
            return None
        negative = match["status"].upper() == "D"
        return BankBalance(kind=_BALANCES[field.tag], amount=-amount if negative else amount, on=on)

    def line(self, entry: _Field, details: list[_Field], account: str | None, currency: str | None) -> BankLine:
        text, status = _marked(entry.text.strip())
        match = _ENTRY.match(text)
        # Where no transaction type follows the amount, a point or a blank has cut the amount short.
        if match is None or match["id"] is None:
            raise InvalidValue(entry.path, entry.text.strip(), "must be a statement line of MT940")
        if account is None or currency is None:
            raise InvalidValue(entry.path, text, "must stand in a statement that names account and currency")
        direction, reversal = _MARKS[match["status"].upper()]
        amount = _money(entry.path, match["amount"], currency)
        value_date = self.moved_day(entry, match)
        reference, extra = _reference_and_rest(match)
        said = _said(self.details(details))
        swift = (match["id"] or "").strip().upper()
        bank_reference = reference_of(match["bank_reference"])
        booked_on = _entry_day(entry, match, value_date)
        words = [booked_on, reference, extra, *said]
        key = line_key(account, value_date, amount, direction, status, bank_reference, words)
        return BankLine(
            key=key,
            sequence=self.sequences.next(key),
            path=entry.path,
            account=account,
            amount=amount,
            direction=direction,
            status=status,
            value_date=value_date,
            booked_on=booked_on,
            bank_reference=bank_reference,
            counterparty_name=said.name,
            counterparty_account=said.account or next(filter(is_iban, (reference or "", extra or "")), None),
            ultimate_name=said.ultimate,
            references=said.references,
            end_to_end_id=said.end_to_end,
            mandate_id=said.mandate,
            instruction_id=reference,
            text=words_of(f"{extra or ''} {said.text}"),
            bank_text=words_of(" ".join([extra or "", *(field.text for field in details)])),
            code="/".join(code for code in (swift, said.code) if code) or None,
            method=_METHODS.get(swift[1:], "transfer"),
            reversal=reversal,
            returned=bool({swift[1:], said.code} & _RETURNS),
            return_reason=said.reason,
        )

    def moved_day(self, entry: _Field, match: re.Match[str]) -> dt.date:
        """The value date; banks that count 30 days to a month write 30 February, which is the last day of it."""
        year, month, day = match["year"], match["month"], match["day"]
        if month == "02" and day in {"29", "30"} and not _is_day(year, month, day):
            moved = _last_of_february(year)
            rule = f"is a day of 30/360 and none of the calendar; taken as {moved}"
            self.problems.append(problem(entry.path, f"{year}{month}{day}", rule, lost=False))
            return moved
        return _day(entry.path, year, month, day)

    def details(self, fields: list[_Field]) -> str:
        text = "\n".join(field.text.strip("\n") for field in fields)
        if len(text) > LONGEST_TEXT:
            rule = f"must have at most {LONGEST_TEXT} characters; the rest is cut off"
            self.problems.append(problem(fields[0].path, f"{len(text)} characters", rule, lost=False))
        return text[:LONGEST_TEXT]


def _entries(fields: Iterable[_Field]) -> Iterator[tuple[_Field, list[_Field]]]:
    """Each :61: with the :86: and :NS: that follow it; after a balance they speak of the statement."""
    entry: _Field | None = None
    details: list[_Field] = []
    for field in fields:
        if field.tag in {"86", "NS"}:
            details.append(field)
            continue
        if entry is not None:
            yield entry, details
        entry, details = (field if field.tag == "61" else None), []
    if entry is not None:
        yield entry, details


def _marked(text: str) -> tuple[str, str]:
    """MT942 announces entries with EC and ED: they are expected, and not booked."""
    match = _EXPECTED.match(text)
    if match is None:
        return text, "booked"
    return match["days"] + match["rest"] + text[match.end() :], "pending"


def _reference_and_rest(match: re.Match[str]) -> tuple[str | None, str | None]:
    """The reference has no two blanks: banks that pad it put a name behind."""
    reference, _, rest = (match["customer_reference"] or "").strip().partition("  ")
    extra = words_of(f"{rest} {match['extra_details'] or ''}")
    return reference_of(reference), extra if reference_of(extra) else None


def _money(path: str, text: str, currency: str) -> Money:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise InvalidValue(path, text, "must be digits with one comma")
    return money(path, f"{match['whole']}.{match['decimals'] or ''}", currency)


def _century(year: str) -> int:
    """Source: SWIFT user handbook, general field formatting: 80 to 99 are of the last century."""
    return int(year) + (1900 if int(year) >= 80 else 2000)


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        dt.date(_century(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _day(path: str, year: str, month: str, day: str) -> dt.date:
    if not _is_day(year, month, day):
        raise InvalidValue(path, f"{year}{month}{day}", "must be a day of the calendar, such as 260228")
    return dt.date(_century(year), int(month), int(day))


def _last_of_february(year: str) -> dt.date:
    return dt.date(_century(year), 3, 1) - dt.timedelta(days=1)


def _entry_day(entry: _Field, match: re.Match[str], value_date: dt.date) -> dt.date | None:
    """The day of booking has no year: it is the nearest such day to the value date."""
    month, day = (match["entry_month"] or "").strip(), (match["entry_day"] or "").strip()
    if not month or not day:
        return None
    near = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        try:
            near.append(dt.date(year, int(month), int(day)))
        except ValueError:
            continue
    if not near:
        raise InvalidValue(entry.path, month + day, "must be a day of the calendar, such as 0228")
    return min(near, key=lambda candidate: abs(candidate - value_date))


def _currency_in(fields: Iterable[_Field]) -> str | None:
    """The currency of the first balance, floor limit or sum that has one, though its amount could not be read."""
    for field in fields:
        if field.tag in _CURRENCY_FIELDS:
            found = re.search(r"[A-Z]{3}", field.text.upper()[:20])
            if found is not None and _is_currency(found[0]):
                return found[0]
    return None


def _is_currency(code: str) -> bool:
    try:
        iso_currency(code)
    except ReceivablesError:
        return False
    return True


# What :86: says


def _said(text: str) -> _Said:
    if (match := _SUBFIELDED.match(text)) is not None:
        return _from_subfields(match["code"], _subfields(text.replace("\n", ""), match["mark"]))
    plain = _unwrapped(text)
    if _SLASHED_START.match(plain):
        return _from_slashes(plain)
    return _Said(text=plain)


def _unwrapped(text: str) -> str:
    """One line of text; a full line goes on in the next without a blank, a shorter one ended where it ended."""
    lines = text.split("\n")
    return "".join(line if len(line) >= _FULL_LINE else f"{line.rstrip()} " for line in lines).strip()


def _subfields(text: str, mark: str) -> list[tuple[str, str]]:
    _, *pieces = re.split(rf"{re.escape(mark)}\s?([0-9]\s?[0-9])", text)
    return [("".join(pieces[at].split()), pieces[at + 1]) for at in range(0, len(pieces), 2)]


def _from_subfields(code: str, subfields: list[tuple[str, str]]) -> _Said:
    text, keyed = "", dict[str, str]()
    for chunk in _chunks(value for number, value in subfields if "20" <= number <= "29" or "60" <= number <= "63"):
        before, *pairs = _KEYED.split(chunk)
        text += f"{before} "
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            text += f"{value} " if key == "SVWZ" else ""
            keyed.setdefault(key, value.strip())
    of = dict(reversed(subfields))
    name = "".join(of.get(number, "") for number in ("32", "33"))
    return _Said(
        text=text.strip(),
        code=code,
        name=words_of(name) or None,
        account=account_id(of.get("31")) or account_id(of.get("38")) or account_id(keyed.get("IBAN")),
        ultimate=words_of(keyed.get("ABWA") or keyed.get("ABWE")) or None,
        end_to_end=reference_of(keyed.get("EREF") or keyed.get("KREF")),
        mandate=reference_of(keyed.get("MREF")),
        reason=reference_of(of.get("34")) if code in _RETURNS else None,
    )


def _chunks(values: Iterable[str]) -> list[str]:
    """Subfields of 27 characters: a full one goes on in the next, unless a key word begins there."""
    chunks: list[str] = []
    full = False
    for value in values:
        if full and not _KEYED.match(value):
            chunks[-1] += value
        else:
            chunks.append(value)
        full = len(value) >= _FULL_SUBFIELD
    return chunks


def _from_slashes(text: str) -> _Said:
    before, *pairs = _SLASHED.split(text)
    keyed: dict[str, str] = {}
    for at in range(0, len(pairs), 2):
        keyed.setdefault(pairs[at], pairs[at + 1].strip("/ "))
    # /CNTP/account/BIC/name/city/ is read by place.
    account, _, behind = keyed.get("CNTP", "").partition("/")
    structured = reference_of(keyed.get("STRD", "").rpartition("/")[2])
    return _Said(
        text=" ".join(part for part in (before, keyed.get("REMI"), keyed.get("USTD")) if part),
        references=(structured,) if structured else (),
        name=words_of(keyed.get("NAME") or behind.partition("/")[2].partition("/")[0]) or None,
        account=account_id(keyed.get("IBAN")) or account_id(account),
        ultimate=words_of(keyed.get("ULTD") or keyed.get("ULTC")) or None,
        end_to_end=reference_of(keyed.get("EREF")),
        mandate=reference_of(keyed.get("MARF")),
        reason=reference_of(keyed.get("RTRN")),
    )


__all__ = ["read"]
