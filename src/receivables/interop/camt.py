"""Bank files in ISO 20022: camt.053 statements, camt.054 notifications and camt.052 reports (``receivables[bank]``).

One reader for the versions 1 to 13 of the three messages: elements are found by their names, whatever the namespace's
version. An entry with one transaction takes the amount of the entry; a batch is split where the amounts of its
transactions add up to it, and stays one line with a listed problem where they do not. Every code (return reasons, bank
transaction codes) is kept as the text that the bank wrote.

The file is bytes, bounded in size, depth and number of elements while it is read. A document type declaration, an
entity or anything external is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeVar, final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from receivables.errors import InvalidValue, ReceivablesError
from receivables.interop.bank import (
    DEFAULT_LIMITS,
    BankBalance,
    BankCharge,
    BankFile,
    BankLine,
    BankStatement,
    Limits,
    Problem,
    Sequences,
    account_id,
    checked_defaults,
    content_of,
    iso_day,
    line_key,
    money,
    problem,
    problem_of,
    reference_of,
    words_of,
)
from receivables.values.checks import LONGEST_TEXT
from receivables.values.money import Money

try:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser
except ImportError as missing:
    raise ImportError("receivables.interop.camt needs defusedxml: install the extra receivables[bank]") from missing

_T = TypeVar("_T")

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[234]\.001\.(?:0[1-9]|1[0-3]))")

# The message under Document (version 1 writes BkToCstmrAcctRptV01), and what it calls its statements.
_MESSAGES: Final = (("BkToCstmrAcctRpt", "Rpt"), ("BkToCstmrStmt", "Stmt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn"))

_DIRECTIONS: Final = {"CRDT": "credit", "DBIT": "debit"}
_OTHER: Final = {"credit": "debit", "debit": "credit"}
_SIGNS: Final = {"credit": 1, "debit": -1}
_STATUSES: Final = {"BOOK": "booked", "PDNG": "pending", "FUTR": "pending", "INFO": "info"}
_TRUE: Final = frozenset({"true", "1"})

# Source: ISO 20022 external code set, ExternalBalanceType1Code.
_BALANCES: Final = {
    "OPBD": "opening",
    "PRCD": "previous_closing",
    "CLBD": "closing",
    "ITBD": "interim",
    "OPAV": "opening_available",
    "CLAV": "closing_available",
    "ITAV": "interim_available",
    "FWAV": "forward_available",
    "XPCD": "expected",
}

# Families and sub-families of bank transaction codes. Source: ISO 20022 external code set, ExternalBankTransaction*Code.
_METHODS: Final = {
    "RDDT": "direct_debit",
    "IDDT": "direct_debit",
    "CCRD": "card",
    "MCRD": "card",
    "RCHQ": "cheque",
    "ICHQ": "cheque",
    "CNTR": "cash",
}
_RETURNS: Final = frozenset({"UPDD", "PRDD", "RCDD", "RRTN", "RPCR", "ARET", "UPCT", "UPCQ", "CQRV"})

_ACCOUNT: Final = ("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC")
_PART_AMOUNTS: Final = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
_FOREIGN: Final = ("AmtDtls/InstdAmt", "AmtDtls/TxAmt", "AmtDtls/CntrValAmt")

# Free text is cut into pieces of 140 characters, in the middle of a word.
_LONGEST_PIECE: Final = 140


def read(
    data: bytes, *, account: str | None = None, currency: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> BankFile:
    """Read the bytes of a camt.052, camt.053 or camt.054 file.

    >>> file = read(b'''<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
    ...   <Id>S1</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>
    ...   <Ntry><Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
    ...     <BookgDt><Dt>2026-02-23</Dt></BookgDt><ValDt><Dt>2026-02-20</Dt></ValDt><AcctSvcrRef>B1</AcctSvcrRef>
    ...     <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
    ...       <RmtInf><Ustrd>invoice 1001</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
    ...   <Ntry><Amt Ccy="EUR">1.000,00</Amt></Ntry>
    ... </Stmt></BkToCstmrStmt></Document>''')
    >>> [(line.kind, str(line.amount), line.text, line.identity) for line in file.lines]
    [('payment', '1200.00 EUR', 'invoice 1001', 'DE02120300000000202051|2026-02-20|1200.00 EUR|credit|B1|1')]
    >>> print(*file.problems)
    Stmt[1]/Ntry[2]/Amt: must be plain digits with a decimal point, got '1.000,00' (entry not read)

    ``account`` and ``currency`` stand in where the file names none. Errors: `WrongType` for what is not bytes,
    `InvalidValue` for a file that is no such message, too big or too deep, or that declares a document type or entities.
    """
    checked_defaults(account, currency)
    problems: list[Problem] = []
    root = _tree(content_of(data, limits), limits, problems)
    reader = _Reader(account=account_id(account), currency=currency, problems=problems)
    found = [reader.statement(node, path, name) for node, path, name in _statements(root)]
    if not found:
        problems.append(problem("Document", root.tag, "holds no statement, report or notification", lost=False))
    return BankFile(statements=tuple(found), problems=tuple(problems))


# From bytes to a tree


class _Bounded(TreeBuilder):
    """Builds a tree without namespaces, and stops at the limits; remembers the namespace of the message."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits, self.depth, self.elements, self.messages = limits, 0, 0, set[str]()

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth, self.elements = self.depth + 1, self.elements + 1
        if self.depth > self.limits.depth:
            raise InvalidValue("bank_file", f"{self.depth} levels", f"must have at most {self.limits.depth} levels")
        if self.elements > self.limits.elements:
            rule = f"must have at most {self.limits.elements} elements"
            raise InvalidValue("bank_file", f"{self.elements} elements", rule)
        namespace, _, name = tag.rpartition("}")
        if name == "Document":
            self.messages.add(namespace[1:])
        element: Element = super().start(name, attrs)
        return element

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        element: Element = super().end(tag.rpartition("}")[2])
        return element


def _tree(data: bytes, limits: Limits, problems: list[Problem]) -> Element:
    try:
        return _parsed(data, limits, None)
    except ParseError as error:
        if _is_utf8(data):
            raise _no_xml(error) from None
    try:
        root = _parsed(data, limits, "iso-8859-1")
    except ParseError as error:
        raise _no_xml(error) from None
    rule = "is not the encoding that the file claims; it was read as ISO 8859-1"
    problems.append(problem("bank_file", "encoding", rule, lost=False))
    return root


def _no_xml(error: ParseError) -> InvalidValue:
    return InvalidValue("bank_file", str(error), "must be well-formed XML")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parsed(data: bytes, limits: Limits, encoding: str | None) -> Element:
    target = _Bounded(limits)
    parser = DefusedXMLParser(target=target, encoding=encoding, forbid_dtd=True)
    try:
        parser.feed(data.lstrip())
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise InvalidValue("bank_file", type(error).__name__, "must declare no document type and no entities") from None
    except (LookupError, ValueError, AssertionError) as error:
        # An encoding that nobody knows, a name that is no name: what the parser says of itself instead of a ParseError.
        if isinstance(error, (InvalidValue, ParseError)):
            raise
        raise InvalidValue("bank_file", str(error), "must be well-formed XML") from None
    for namespace in sorted(target.messages) or [""]:
        if _NAMESPACE.fullmatch(namespace) is None:
            raise InvalidValue("bank_file", namespace, "must be a camt.052, camt.053 or camt.054 message")
    root.set("message", min(target.messages).rpartition(":")[2])
    return root


def _statements(root: Element) -> Iterator[tuple[Element, str, str]]:
    message, ordinal = root.get("message", ""), 0
    for document in root.iter("Document"):
        for child in document:
            for prefix, name in _MESSAGES:
                if not child.tag.startswith(prefix):
                    continue
                for node in child.findall(name):
                    ordinal += 1
                    yield node, f"{name}[{ordinal}]", message


# From a tree to lines


class _Booking(NamedTuple):
    """What the entry itself says, which all of its lines share."""

    path: str
    account: str
    amount: Money
    direction: str
    status: str
    value_date: dt.date | None
    booked_on: dt.date | None
    reference: str | None
    code: str | None
    codes: frozenset[str]
    reversal: bool
    charges: tuple[BankCharge, ...]
    bank_text: str
    batch: int


class _Part(NamedTuple):
    """One transaction of an entry, or all of them where the entry stays one line."""

    path: str
    amount: Money
    direction: str
    details: tuple[Element, ...]
    batch: int


@final
class _Reader:
    """Holds what the whole of one file shares: the problems found so far and the count of equal lines."""

    def __init__(self, *, account: str | None, currency: str | None, problems: list[Problem]) -> None:
        self.account, self.currency, self.problems = account, currency, problems
        self.sequences = Sequences()

    def statement(self, node: Element, path: str, message: str) -> BankStatement:
        account = self.account_of(node) or self.account
        currency = _text(node, "Acct/Ccy") or self.currency
        lines: list[BankLine] = []
        for ordinal, entry in enumerate(node.findall("Ntry"), start=1):
            where = f"{path}/Ntry[{ordinal}]"
            try:
                lines += self.entry(entry, where, account, currency)
            except ReceivablesError as error:
                self.problems.append(problem_of(error, where, lost=True))
        balances = [
            self.optional(_balance, bal, f"{path}/Bal[{ordinal}]", currency)
            for ordinal, bal in enumerate(node.findall("Bal"), start=1)
        ]
        return BankStatement(
            id=_reference(node, "Id") or path,
            message=message,
            account=account,
            number=_reference(node, "ElctrncSeqNb") or _reference(node, "LglSeqNb"),
            created=_text(node, "CreDtTm"),
            copy=_text(node, "CpyDplctInd"),
            balances=tuple(balance for balance in balances if balance is not None),
            lines=tuple(lines),
        )

    def account_of(self, node: Element) -> str | None:
        acct = node.find("Acct")
        return None if acct is None else _account(acct)

    def entry(self, node: Element, path: str, account: str | None, currency: str | None) -> list[BankLine]:
        booking = self.booking(node, path, account, currency)
        details = [*node.findall("NtryDtls/TxDtls"), *node.findall("TxDtls")]
        day = booking.value_date or booking.booked_on
        words = [booking.booked_on, *(word for detail in details for word in _said(detail))]
        reference = booking.reference or _one(details, "Refs/AcctSvcrRef")
        key = line_key(booking.account, day, booking.amount, booking.direction, booking.status, reference, words)
        sequence = self.sequences.next(key)
        parts = self.parts(booking, details)
        if len(parts) == 1:
            return [self.line(booking, parts[0], key, sequence, "")]
        whole, lines = f"{key}|{sequence}", []
        for part in parts:
            own = _one(part.details, "Refs/AcctSvcrRef") or _one(part.details, "Refs/EndToEndId")
            part_key = line_key(whole, None, part.amount, part.direction, booking.status, own, _said(part.details[0]))
            lines.append(self.line(booking, part, part_key, self.sequences.next(part_key), whole))
        return lines

    def booking(self, node: Element, path: str, account: str | None, currency: str | None) -> _Booking:
        if account is None:
            raise InvalidValue(f"{path}/../Acct", "", "must name the account")
        amount = _amount(node.find("Amt"), f"{path}/Amt", currency)
        direction = _direction(node, path)
        value_date = _day(node.find("ValDt"), f"{path}/ValDt")
        booked_on = _day(node.find("BookgDt"), f"{path}/BookgDt")
        if value_date is None and booked_on is None:
            self.problems.append(problem(path, "", "has neither value date nor day of booking", lost=False))
        code, codes = _codes(node)
        return _Booking(
            path=path,
            account=account,
            amount=amount,
            direction=direction,
            status=self.status(node, path),
            value_date=value_date,
            booked_on=booked_on,
            reference=_reference(node, "AcctSvcrRef"),
            code=code,
            codes=codes,
            reversal=(_text(node, "RvslInd") or "").lower() in _TRUE,
            charges=self.charges(node, path, currency),
            bank_text=words_of(_text(node, "AddtlNtryInf")),
            batch=max([_count(text.text) for text in node.iterfind(".//Btch/NbOfTxs")], default=1),
        )

    def status(self, node: Element, path: str) -> str:
        given = _text(node, "Sts/Cd") or _text(node, "Sts/Prtry") or _text(node, "Sts")
        if given in _STATUSES:
            return _STATUSES[given]
        rule = "must be BOOK, PDNG, FUTR or INFO; taken as information only"
        self.problems.append(problem(f"{path}/Sts", given or "", rule, lost=False))
        return "info"

    def parts(self, booking: _Booking, details: list[Element]) -> list[_Part]:
        """Split a batch where its transactions add up to it; otherwise the entry is one line."""
        whole = _Part(booking.path, booking.amount, booking.direction, tuple(details), max(booking.batch, len(details)))
        if len(details) < 2:
            return [whole._replace(batch=booking.batch)]
        try:
            parts = [
                _part(booking, detail, f"{booking.path}/TxDtls[{ordinal}]")
                for ordinal, detail in enumerate(details, start=1)
            ]
        except InvalidValue as error:
            self.problems.append(
                problem(error.field, str(error.value), f"{error.rule}; the batch is one line", lost=False)
            )
            return [whole]
        total = sum(part.amount.minor * _SIGNS[part.direction] for part in parts)
        if total == booking.amount.minor * _SIGNS[booking.direction]:
            return parts
        shown = str(Money(total * _SIGNS[booking.direction], booking.amount.currency))
        rule = f"must add up to the {booking.amount} of the entry; the batch is one line"
        self.problems.append(problem(f"{booking.path}/TxDtls", shown, rule, lost=False))
        return [whole]

    def line(self, booking: _Booking, part: _Part, key: str, sequence: int, whole: str) -> BankLine:
        details = part.details
        code, codes = _codes(details[0]) if len(details) == 1 else (None, frozenset())
        returned = any(detail.find("RtrInf") is not None for detail in details) or bool(
            (booking.codes | codes) & _RETURNS
        )
        own = self.charges(details[0], part.path, None) if len(details) == 1 else ()
        foreign, rate = self.foreign(part)
        return BankLine(
            key=key,
            sequence=sequence,
            booking=whole,
            path=part.path,
            account=booking.account,
            amount=part.amount,
            direction=part.direction,
            status=booking.status,
            value_date=booking.value_date,
            booked_on=booking.booked_on,
            bank_reference=booking.reference or _one(details, "Refs/AcctSvcrRef"),
            **_parties(booking, part, returned=returned or booking.reversal),
            references=_references(details),
            end_to_end_id=_one(details, "Refs/EndToEndId"),
            mandate_id=_one(details, "Refs/MndtId"),
            instruction_id=_one(details, "Refs/InstrId"),
            transaction_id=_one(details, "Refs/TxId"),
            text=self.words(part.path, " ".join(_free_text(detail) for detail in details)),
            bank_text=words_of(" ".join([booking.bank_text, *_texts(details, "AddtlTxInf")])),
            code=code or booking.code,
            method=_method(booking.codes | codes),
            reversal=booking.reversal,
            returned=returned,
            return_reason=_one(details, "RtrInf/Rsn/Cd") or _one(details, "RtrInf/Rsn/Prtry"),
            return_text=words_of(" ".join(_texts(details, "RtrInf/AddtlInf"))),
            charges=own if whole else own or booking.charges,
            foreign=foreign,
            exchange_rate=rate,
            batch=part.batch,
        )

    def words(self, path: str, text: str) -> str:
        """Free text, cut where it is longer than any document may hold."""
        if len(text) > LONGEST_TEXT:
            rule = f"must have at most {LONGEST_TEXT} characters; the rest is cut off"
            self.problems.append(problem(f"{path}/RmtInf", f"{len(text)} characters", rule, lost=False))
        return words_of(text)

    def charges(self, node: Element, path: str, currency: str | None) -> tuple[BankCharge, ...]:
        records = [record for chrgs in node.findall("Chrgs") for record in chrgs.findall("Rcrd") or [chrgs]]
        found = [self.optional(_charge, record, f"{path}/Chrgs", currency) for record in records]
        return tuple(charge for charge in found if charge is not None)

    def foreign(self, part: _Part) -> tuple[Money | None, str | None]:
        """The amount in another currency, and the rate, where one transaction says them."""
        if len(part.details) != 1:
            return None, None
        for name in _FOREIGN:
            node = _at(part.details[0], name)
            amount = None if node is None else node.find("Amt")
            if node is None or amount is None or amount.get("Ccy") in {None, part.amount.currency.code}:
                continue
            found = self.optional(_amount, amount, f"{part.path}/{name}", None)
            if found is not None:
                return found, reference_of(part.details[0].findtext("AmtDtls/*/CcyXchg/XchgRate"))
        return None, None

    def optional(self, reading: Callable[..., _T], *arguments: object) -> _T | None:
        """What can be left out of a line: a value that is not right is listed, and the line stands without it."""
        try:
            return reading(*arguments)
        except InvalidValue as error:
            self.problems.append(problem_of(error, "", lost=False))
            return None


def _part(booking: _Booking, detail: Element, path: str) -> _Part:
    for name in _PART_AMOUNTS:
        node = _at(detail, name)
        if node is not None and node.get("Ccy") in {None, booking.amount.currency.code}:
            amount = _amount(node, f"{path}/{name}", booking.amount.currency.code)
            given = _text(detail, "CdtDbtInd")
            direction = booking.direction if given is None else _direction(detail, path)
            return _Part(path, amount, direction, (detail,), 1)
    raise InvalidValue(path, "", f"must have an amount in {booking.amount.currency}")


def _amount(node: Element | None, path: str, currency: str | None) -> Money:
    if node is None:
        raise InvalidValue(path, "", "must be given")
    return money(path, node.text, node.get("Ccy") or currency)


def _direction(node: Element, path: str) -> str:
    given = _text(node, "CdtDbtInd") or ""
    if given not in _DIRECTIONS:
        raise InvalidValue(f"{path}/CdtDbtInd", given, "must be CRDT or DBIT")
    return _DIRECTIONS[given]


def _day(node: Element | None, path: str) -> dt.date | None:
    return None if node is None else iso_day(path, _text(node, "Dt") or _text(node, "DtTm"))


def _balance(node: Element, path: str, currency: str | None) -> BankBalance:
    given = (
        _reference(node, "Tp/CdOrPrtry/Cd") or _reference(node, "Tp/CdOrPrtry/Prtry") or _reference(node, "Tp/Cd") or ""
    )
    amount = _amount(node.find("Amt"), f"{path}/Amt", currency)
    return BankBalance(
        kind=_BALANCES.get(given, given.lower() or "other"),
        amount=amount * _SIGNS[_direction(node, path)],
        on=_day(node.find("Dt"), f"{path}/Dt"),
    )


def _charge(node: Element, path: str, currency: str | None) -> BankCharge | None:
    amount = node.find("Amt") if node.find("Amt") is not None else node.find("TtlChrgsAndTaxAmt")
    if amount is None:
        return None
    included = _text(node, "ChrgInclInd")
    return BankCharge(
        amount=_amount(amount, path, currency),
        bearer=_reference(node, "Br") or "",
        included=None if included is None else included.lower() in _TRUE,
    )


def _codes(node: Element) -> tuple[str | None, frozenset[str]]:
    """The bank transaction code as one text, and its parts."""
    names = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    domain = [code for name in names if (code := _reference(node, name))]
    proprietary = _reference(node, "BkTxCd/Prtry/Cd")
    return ("/".join(domain) or proprietary or None), frozenset(domain)


def _method(codes: frozenset[str]) -> str:
    return next((method for code, method in _METHODS.items() if code in codes), "transfer")


def _parties(booking: _Booking, part: _Part, *, returned: bool) -> dict[str, str | None]:
    """The other side: the debtor of a credit, the creditor of a debit.

    A return keeps the parties of what it returns, so its sides are the other way round; where the account of one side
    is our own, the other side it is.
    """
    names: dict[str, str | None] = dict.fromkeys(("counterparty_name", "counterparty_account", "ultimate_name"))
    if not part.details or not (
        parties := [one for node in part.details if (one := node.find("RltdPties")) is not None]
    ):
        return names
    sides = {"credit": "Dbtr", "debit": "Cdtr"}
    side = sides[_OTHER[part.direction] if returned else part.direction]
    accounts = {name: _same(_account_in(one, f"{name}Acct") for one in parties) for name in sides.values()}
    if accounts["Dbtr"] != accounts["Cdtr"]:
        side = {accounts["Dbtr"]: "Cdtr", accounts["Cdtr"]: "Dbtr"}.get(booking.account, side)
    names["counterparty_name"] = _same(_name(one, side) for one in parties)
    names["counterparty_account"] = accounts[side]
    names["ultimate_name"] = _same(_name(one, f"Ultmt{side}") for one in parties)
    return names


def _name(node: Element, name: str) -> str | None:
    return words_of(_text(node, f"{name}/Nm") or _text(node, f"{name}/Pty/Nm")) or None


def _account_in(node: Element, name: str) -> str | None:
    found = node.find(name)
    return None if found is None else _account(found)


def _account(node: Element) -> str | None:
    return next((account for path in _ACCOUNT if (account := account_id(_text(node, path)))), None)


def _same(values: Iterable[str | None]) -> str | None:
    """What all transactions of an unsplit batch agree on."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _references(details: Iterable[Element]) -> tuple[str, ...]:
    names = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef", "RmtInf/Strd/RfrdDocInf/Nb",
             "RmtInf/Strd/RfrdDocInf/RfrdDocNb")  # fmt: skip
    found = [reference_of(node.text) for detail in details for name in names for node in detail.findall(name)]
    return tuple(dict.fromkeys(reference for reference in found if reference))


def _free_text(detail: Element) -> str:
    text = ""
    for node in detail.findall("RmtInf/Ustrd"):
        # Blanks at the end of a full piece are part of it; a shorter piece ends where the payer ended it.
        text += (node.text or "") if len(node.text or "") >= _LONGEST_PIECE else f"{node.text or ''} "
    return text + " ".join(_texts([detail], "RmtInf/Strd/AddtlRmtInf"))


def _said(detail: Element) -> list[str | None]:
    """What tells two equal amounts of one day apart where the bank gave them no reference."""
    names = ("Refs/EndToEndId", "Refs/TxId", "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/DbtrAcct/Id/IBAN")
    return [*(_reference(detail, name) for name in names), *_references([detail]), words_of(_free_text(detail))]


def _one(details: Iterable[Element], path: str) -> str | None:
    return _same(_reference(detail, path) for detail in details)


def _texts(details: Iterable[Element], path: str) -> list[str]:
    return [node.text for detail in details for node in detail.findall(path) if node.text]


def _at(node: Element, path: str) -> Element | None:
    """The first element of each name in turn: much faster than to search for the whole path."""
    found: Element | None = node
    for name in path.split("/"):
        if found is None:
            break
        found = found.find(name)
    return found


def _text(node: Element, path: str) -> str | None:
    found = _at(node, path)
    return None if found is None else (found.text or "").strip() or None


def _reference(node: Element, path: str) -> str | None:
    found = _at(node, path)
    return None if found is None else reference_of(found.text)


def _count(text: str | None) -> int:
    given = (text or "").strip()
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) <= 15 else 1


__all__ = ["read"]
