"""Bank lines: what one entry of a bank file says, whatever the format, and how a credit becomes a payment.

Four rules. Each entry of a file becomes one line or several, or a problem that is marked ``lost``: nothing is dropped in
silence. A line has an identity that the name of the file, the statement and the place in it are no part of, so that the
same line in two files is one line, and two equal lines of one day are two. Only booked credits are payments; returns,
pending entries and money that goes out are listed as what they are. No card number leaves a reader: it is masked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, final

import attrs
from attrs import frozen

from receivables.documents.payment import Payment, Remittance
from receivables.errors import InvalidValue, ReceivablesError, UnknownId, WrongType
from receivables.values import checks
from receivables.values.money import Money
from receivables.values.references import compact, find_card_number, mask_cards

SUSPENSE: Final = "suspense"
"""The account in which money stands that nobody has placed yet, unless the host names another."""

DIRECTIONS: Final = ("credit", "debit")
STATUSES: Final = ("booked", "pending", "info")

# What the formats write where there is no reference.
_NOTHING: Final = frozenset(
    {
        "NOTPROVIDED",
        "NOTPROVIDE",
        "NOTAVAILABLE",
        "NONREF",
        "NONE",
        "N",
        "KREF",
        "KREF+",
        "EREF",
        "EREF+",
        "MARF",
        "PREF",
    }
)

LONGEST_SHOWN: Final = 120
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_PERSONAL: Final = {"personal": True}


@final
@frozen(kw_only=True)
class Limits:
    """How much a reader takes in before it refuses a file; the bounds hold while it reads, not after.

    >>> Limits(bytes=1_000).depth
    64

    Units: ``elements`` counts XML elements, or the fields of an MT940 file.
    """

    bytes: int = 20_000_000
    depth: int = 64
    elements: int = 1_000_000

    def __attrs_post_init__(self) -> None:
        for name in ("bytes", "depth", "elements"):
            checks.whole(f"limits.{name}", getattr(self, name), least=1)


DEFAULT_LIMITS: Final = Limits()


@final
@frozen(kw_only=True)
class Problem:
    """Something in a file that is not right: where, what stands there, which rule it breaks.

    ``lost`` says that the entry at this place is not among the lines: a human has to look at it. Otherwise the entry is
    there, and the problem says what could not be taken from it.

    >>> str(Problem(path="Stmt[1]/Ntry[2]/Amt", value="1O.00", rule="must be plain digits", lost=True))
    "Stmt[1]/Ntry[2]/Amt: must be plain digits, got '1O.00' (entry not read)"
    """

    path: str
    value: str
    rule: str
    lost: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}, got {self.value!r}" + (" (entry not read)" if self.lost else "")


@final
@frozen(kw_only=True)
class BankCharge:
    """What a bank took; ``included`` says whether the amount of the entry is already less by it (None: not said)."""

    amount: Money
    bearer: str = ""
    included: bool | None = None


@final
@frozen(kw_only=True)
class BankBalance:
    """A balance of a statement, negative when the account is overdrawn; ``kind`` is "opening", "closing" and so on."""

    kind: str
    amount: Money
    on: dt.date | None = None


@final
@frozen(kw_only=True)
class BankLine:
    """One line of a bank account: a whole entry, or one transaction of a batch.

    ``key`` and ``sequence`` are its identity; ``booking`` is the identity of the whole entry, and differs from that of
    the line for the parts of a batch alone. A file that does not split a batch and a file that does give other lines of
    the same booking: a host takes one of the two.

    >>> line = BankLine(key="DE02|2026-02-20|1200.00 EUR|credit|REF1", path="Ntry[1]", account="DE02",
    ...     amount=Money.of("1200", "EUR"), direction="credit", value_date=dt.date(2026, 2, 20),
    ...     references=("INV-1",), end_to_end_id="E-7")
    >>> line.kind, line.identity, line.cited
    ('payment', 'DE02|2026-02-20|1200.00 EUR|credit|REF1|1', ('INV-1', 'E-7'))

    Units: ``exchange_rate`` is the bank's own text. ``batch`` is the number of transactions that the bank put into this
    line. ``code`` is the bank transaction code (``PMNT/RCDT/ESCT``, or ``NTRF/166`` in MT940).
    """

    key: str
    sequence: int = 1
    booking: str = ""
    path: str
    account: str
    amount: Money
    direction: str
    status: str = "booked"
    value_date: dt.date | None = None
    booked_on: dt.date | None = None
    bank_reference: str | None = None
    counterparty_name: str | None = attrs.field(default=None, metadata=_PERSONAL, repr=False)
    counterparty_account: str | None = attrs.field(default=None, metadata=_PERSONAL, repr=False)
    ultimate_name: str | None = attrs.field(default=None, metadata=_PERSONAL, repr=False)
    references: tuple[str, ...] = ()
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    instruction_id: str | None = None
    transaction_id: str | None = None
    text: str = attrs.field(default="", metadata=_PERSONAL, repr=False)
    bank_text: str = attrs.field(default="", metadata=_PERSONAL, repr=False)
    code: str | None = None
    method: str = "transfer"
    reversal: bool = False
    returned: bool = False
    return_reason: str | None = None
    return_text: str = attrs.field(default="", metadata=_PERSONAL, repr=False)
    charges: tuple[BankCharge, ...] = ()
    foreign: Money | None = None
    exchange_rate: str | None = None
    batch: int = 1

    def __attrs_post_init__(self) -> None:
        for name in ("key", "path", "account"):
            checks.text(f"line.{name}", getattr(self, name))
        for name in _TEXTS:
            checks.optional_text(f"line.{name}", getattr(self, name))
        for name in ("booking", "text", "bank_text", "return_text"):
            checks.text(f"line.{name}", getattr(self, name), empty=True)
        checks.whole("line.sequence", self.sequence, least=1)
        checks.instance("line.amount", self.amount, Money, "money")
        if self.amount.minor < 0:
            raise InvalidValue("line.amount", str(self.amount), "must not be negative")
        checks.one_of("line.direction", self.direction, DIRECTIONS)
        checks.one_of("line.status", self.status, STATUSES)
        checks.optional_day("line.value_date", self.value_date)
        checks.optional_day("line.booked_on", self.booked_on)
        checks.sequence("line.references", self.references, str, "texts")
        checks.whole("line.batch", self.batch, least=1)

    @property
    def identity(self) -> str:
        """The name of this line in every file that holds it; `Payment.bank_line` of the payment made from it."""
        return f"{self.key}|{self.sequence}"

    @property
    def payment_identity(self) -> str:
        """The identity of the payment: that of the line, but a pending line has the one that it will have when it is booked."""
        key = self.key if self.status == "booked" else self.key.replace(f"|{self.status}|", "|")
        return f"{key}|{self.sequence}"

    @property
    def day(self) -> dt.date | None:
        """The value date, or the day of booking where the bank gave no value date."""
        return self.value_date or self.booked_on

    @property
    def kind(self) -> str:
        """What it is to receivables: the first that fits of

        - ``pending``, ``info``: not booked, or for information only;
        - ``empty``, ``undated``: no amount, or neither value date nor day of booking;
        - ``return``: a reversal, or money that came back or was called back. A debit takes back what a customer had
          paid; a credit is money of our own. Its references name what is returned, as far as the bank says;
        - ``payment``: any other credit;
        - ``outgoing``: any other debit.
        """
        if self.status != "booked":
            return self.status
        if self.amount.is_zero:
            return "empty"
        if self.day is None:
            return "undated"
        if self.reversal or self.returned:
            return "return"
        return "payment" if self.direction == "credit" else "outgoing"

    @property
    def cited(self) -> tuple[str, ...]:
        """Every reference that the payer or the creditor chose, the structured ones first, each once."""
        chosen = (*self.references, self.end_to_end_id, self.mandate_id)
        return tuple(dict.fromkeys(reference for reference in chosen if reference))


_TEXTS: Final = (
    "bank_reference",
    "counterparty_name",
    "counterparty_account",
    "ultimate_name",
    "end_to_end_id",
    "mandate_id",
    "instruction_id",
    "transaction_id",
    "code",
    "return_reason",
    "exchange_rate",
)


@final
@frozen(kw_only=True)
class BankStatement:
    """One statement, report or notification: its header, its balances and its lines.

    ``copy`` is what the bank says of a file that it sent before (COPY, DUPL, CODU).
    """

    id: str
    message: str
    account: str | None = None
    number: str | None = None
    created: str | None = None
    copy: str | None = None
    balances: tuple[BankBalance, ...] = ()
    lines: tuple[BankLine, ...] = ()

    @property
    def opening(self) -> BankBalance | None:
        """The balance with which it opens; in its place the one with which the statement before it closed."""
        return self.balance("opening") or self.balance("previous_closing")

    @property
    def closing(self) -> BankBalance | None:
        """The booked balance with which it closes."""
        return self.balance("closing")

    def balance(self, kind: str) -> BankBalance | None:
        """The first balance of a kind."""
        return next((balance for balance in self.balances if balance.kind == kind), None)

    @property
    def unexplained(self) -> Money | None:
        """Closing less opening balance less the booked lines: zero where the statement is whole.

        None where a balance is missing or the currencies differ.
        """
        if self.opening is None or self.closing is None:
            return None
        currency = self.opening.amount.currency
        booked = [line for line in self.lines if line.status == "booked"]
        if {self.closing.amount.currency, *(line.amount.currency for line in booked)} != {currency}:
            return None
        signed = (line.amount if line.direction == "credit" else -line.amount for line in booked)
        return self.closing.amount - self.opening.amount - Money.total(signed, currency)


@final
@frozen(kw_only=True)
class BankFile:
    """What one file says: its statements, and its problems in the order of the file."""

    statements: tuple[BankStatement, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def lines(self) -> tuple[BankLine, ...]:
        """The lines of all statements, in the order of the file."""
        return tuple(line for statement in self.statements for line in statement.lines)


def payments(
    lines: Iterable[BankLine],
    *,
    account_of: Callable[[BankLine], str | None] = lambda line: SUSPENSE,
    payer_of: Callable[[BankLine], str | None] = lambda line: line.counterparty_name or line.counterparty_account,
) -> tuple[Payment, ...]:
    """Make a payment of every line of the kind ``payment``; the others are not money from a customer.

    >>> line = BankLine(key="DE02|2026-02-20|50.00 EUR|credit|REF1", path="Ntry[1]", account="DE02",
    ...     amount=Money.of("50", "EUR"), direction="credit", value_date=dt.date(2026, 2, 20))
    >>> [(payment.account, payment.id) for payment in payments([line, attrs.evolve(line, direction="debit")])]
    [('suspense', 'DE02|2026-02-20|50.00 EUR|credit|REF1|1')]

    The identity of the line is the id of the payment and its ``bank_line``: a second file with the same line is refused
    by the claim on it. ``account_of`` may answer None for money that nobody can place yet.
    """
    return tuple(
        _payment(line, account_of(line) or SUSPENSE, payer_of(line)) for line in lines if line.kind == "payment"
    )


def announced(
    lines: Iterable[BankLine],
    *,
    account_of: Callable[[BankLine], str | None] = lambda line: SUSPENSE,
    payer_of: Callable[[BankLine], str | None] = lambda line: line.counterparty_name or line.counterparty_account,
) -> tuple[Payment, ...]:
    """Make a pending payment of every credit that the bank announces and has not booked.

    >>> line = BankLine(key="DE02|2026-02-20|50.00 EUR|credit|pending|REF1", path="Ntry[1]", account="DE02", status="pending",
    ...     amount=Money.of("50", "EUR"), direction="credit", value_date=dt.date(2026, 2, 20))
    >>> [(payment.id, payment.status) for payment in announced([line])]
    [('DE02|2026-02-20|50.00 EUR|credit|REF1|1', 'pending')]

    It has the identity that the line will have when it is booked, so that the booked line is no second payment: it
    confirms this one (`receivables.interop.bank_receipts.confirming`).
    """
    return tuple(
        attrs.evolve(_payment(line, account_of(line) or SUSPENSE, payer_of(line)), status="pending")
        for line in lines
        if line.status == "pending" and attrs.evolve(line, status="booked").kind == "payment"
    )


def _payment(line: BankLine, account: str, payer: str | None) -> Payment:
    assert line.day is not None, "a line without a day is of the kind undated"
    return Payment(
        id=line.payment_identity,
        account=account,
        amount=line.amount,
        value_date=line.day,
        booked_on=line.booked_on,
        method=line.method,
        payer=payer,
        payer_account=line.counterparty_account,
        remittance=Remittance(references=line.cited, text=line.text),
        bank_line=line.payment_identity,
    )


# What the readers share


@final
class Sequences:
    """Counts equal lines in the order of a file, so that the second of them is another line and stays the second."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}

    def next(self, key: str) -> int:
        """The number of this occurrence of a key, from 1.

        >>> sequences = Sequences()
        >>> sequences.next("a"), sequences.next("b"), sequences.next("a")
        (1, 1, 2)
        """
        self.counted[key] = self.counted.get(key, 0) + 1
        return self.counted[key]


def line_key(
    scope: str,
    day: dt.date | None,
    amount: Money,
    direction: str,
    status: str,
    reference: str | None,
    words: Iterable[Any],
) -> str:
    """The identity of a line, but for its sequence: account or booking, day, amount, direction and bank reference.

    >>> line_key("DE02", dt.date(2026, 2, 20), Money.of(50, "EUR"), "credit", "booked", "REF1", ["any words"])
    'DE02|2026-02-20|50.00 EUR|credit|REF1'

    Without a bank reference a short sum of the words stands in its place, which tells equal amounts of one day apart in
    whatever order a file lists them. It has 16 bits: too few to find out, or to prove, what the words were.
    """
    parts = [scope, *([day.isoformat()] if day else []), str(amount), direction]
    parts += [status] if status != "booked" else []
    return "|".join([*parts, reference.replace("|", "/") if reference else f"~{_sum_of(words)}"])


def _sum_of(words: Iterable[Any]) -> str:
    text = " ".join(" ".join(str(word).split()) for word in words if word)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:4]


def money(path: str, digits: str | None, currency: str | None) -> Money:
    """Read the amount of an entry: plain digits with a point, zeros at the end do not matter.

    >>> money("Amt", "8.85000", "EUR")
    Money.of('8.85', 'EUR')
    >>> money("Amt", "8.855", "EUR")
    Traceback (most recent call last):
    receivables.errors.InvalidValue: Amt: must have at most 2 decimals in EUR, got '8.855'

    Errors: `InvalidValue` with the path as its field.
    """
    given = (digits or "").strip()
    if given.startswith("-") and _AMOUNT.fullmatch(given[1:]):
        raise InvalidValue(path, given, "must not be negative: the direction is said apart")
    if _AMOUNT.fullmatch(given) is None:
        raise InvalidValue(path, given, "must be plain digits with a decimal point")
    plain = given.rstrip("0").rstrip(".") if "." in given else given
    try:
        return Money.of(plain, currency or "")
    except InvalidValue as error:
        raise InvalidValue(path, given, error.rule) from None
    except UnknownId:
        raise InvalidValue(f"{path}/currency", currency or "", "must be a currency of ISO 4217") from None


def iso_day(path: str, text: str | None) -> dt.date | None:
    """Read a date, or the date of a date and time as the bank wrote it; None for nothing.

    >>> iso_day("ValDt", "2014-12-31T13:15:00+01:00")
    datetime.date(2014, 12, 31)

    Errors: `InvalidValue` with the path as its field.
    """
    if text is None or not text.strip():
        return None
    given = text.strip()
    try:
        if _DAY.match(given):
            return dt.date.fromisoformat(given[:10])
    except ValueError:
        pass
    raise InvalidValue(path, given, "must be a day of the calendar, such as 2026-02-28")


def words_of(text: str | None) -> str:
    """Free text on one line, without card numbers.

    >>> words_of("  paid  with 4111 1111 1111 1111 ")
    'paid with 411111******1111'
    """
    plain = " ".join((text or "").split())[: checks.LONGEST_TEXT]
    # The last digits of one card and what follows it can look like another.
    while find_card_number(plain) is not None:
        plain = mask_cards(plain)
    return plain


def reference_of(text: str | None) -> str | None:
    """A reference, or None for nothing and for what the formats write instead of nothing.

    >>> reference_of(" RF18 5390 "), reference_of("NOTPROVIDED"), reference_of("000")
    ('RF18 5390', None, None)
    """
    plain = words_of(text)
    meaningless = compact(plain) in _NOTHING or not plain.strip("0 .-/")
    return None if meaningless else plain


def account_id(text: str | None) -> str | None:
    """An IBAN or account number without blanks and in capitals, or None.

    >>> account_id("de02 1203 0000 0000 2020 51"), account_id("")
    ('DE02120300000000202051', None)
    """
    plain = reference_of(text)
    # Without its blanks a number can be a card's that was none before.
    return words_of(compact(plain)) if plain else None


def problem_of(error: ReceivablesError, path: str, *, lost: bool) -> Problem:
    """List an error instead of raising it; the path is for errors that name none of the file."""
    if isinstance(error, InvalidValue):
        return problem(error.field, str(error.value), error.rule, lost=lost)
    return problem(path, "", str(error), lost=lost)


def problem(path: str, value: str, rule: str, *, lost: bool) -> Problem:
    """A problem that shows no card number and not more of the value than one can read."""
    return Problem(path=path, value=words_of(value[: 4 * LONGEST_SHOWN])[:LONGEST_SHOWN], rule=rule, lost=lost)


def content_of(data: object, limits: Limits) -> bytes:
    """The bytes of a file, if they are bytes and not too many.

    Errors: `WrongType`, `InvalidValue`.
    """
    if not isinstance(data, bytes):
        raise WrongType("bank_file", data if isinstance(data, int) else type(data).__name__, "bytes")
    if len(data) > limits.bytes:
        raise InvalidValue("bank_file", f"{len(data)} bytes", f"must have at most {limits.bytes} bytes")
    return data


def checked_defaults(account: str | None, currency: str | None) -> None:
    """Refuse a default account or currency that cannot be one.

    Errors: `WrongType`, `InvalidValue`, `UnknownId`.
    """
    checks.optional_text("account", account)
    if currency is not None:
        Money.zero(currency)


__all__ = [
    "SUSPENSE",
    "BankBalance",
    "BankCharge",
    "BankFile",
    "BankLine",
    "BankStatement",
    "Limits",
    "Problem",
    "announced",
    "payments",
]
