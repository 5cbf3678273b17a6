"""Bank files that are anything at all: a reader answers with a file or one typed error, soon, and loses no entry."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import ReceivablesError
from receivables.interop.bank import BankFile, payments

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")
pytest.importorskip("mt940", reason="the extra receivables[bank] is not installed")

from receivables.interop import camt, mt940

SOON = 5.0

CAMT = b"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-02-19</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-02-23</Dt></BookgDt><ValDt><Dt>2026-02-20</Dt></ValDt><AcctSvcrRef>B1</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><Amt Ccy="EUR">700.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>Ann</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>invoice 1001</Ustrd></RmtInf></TxDtls>
<TxDtls><Refs><EndToEndId>E-2</EndToEndId></Refs><Amt Ccy="EUR">500.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><RvslInd>true</RvslInd>
<ValDt><Dt>2026-02-21</Dt></ValDt><Chrgs><Rcrd><Amt Ccy="EUR">3.00</Amt></Rcrd></Chrgs>
<NtryDtls><TxDtls><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""

MT940 = b""":20:STARTUMS
:25:DE02120300000000202051
:28C:7/1
:60F:C260219EUR100,00
:61:2602200223C1200,NTRFNONREF//B1
:86:166?00GUTSCHRIFT?20EREF+E-7?21SVWZ+invoice 1001?32ACME GMBH
:61:2602210223RD50,5NMSCK-1
:86:/EREF/E-8/NAME/ANN/REMI/invoice 1002
:62F:C260223EUR1350,50
-
"""

# What damage does to a file: a stretch is replaced by something that may mean something, or by nothing.
PIECES = st.sampled_from(
    b"|<|>|&|'|\x00|\xff|\n|:|:61:|:86:|:25:|-|,|?20|4111 1111 1111 1111|260230|NOTPROVIDED|</Ntry>|<Ntry>|<TxDtls/>|Ccy| "
    b"|-1|.|999999999999999999999999999999".split(b"|")
)
DAMAGE = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), PIECES | st.binary(max_size=8)), max_size=6)


def damaged(data: bytes, damage: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, piece in damage:
        start = at % (len(data) + 1)
        data = data[:start] + piece + data[start + length :]
    return data


def read_soon(read: object, data: bytes) -> BankFile | None:
    began = time.perf_counter()
    try:
        file = read(data)  # type: ignore[operator]
    except ReceivablesError:
        file = None
    assert time.perf_counter() - began < SOON
    return file


def assert_sound(file: BankFile) -> None:
    lines = file.lines
    assert len(payments(lines)) == sum(line.kind == "payment" for line in lines)
    for identities in (
        (line.identity for line in lines if not line.booking),
        (line.identity for line in lines if line.booking),
    ):
        assert max(Counter(identities).values(), default=1) == 1


@given(st.binary(max_size=300))
def test_any_bytes_give_a_file_or_a_typed_error(data: bytes) -> None:
    for read in (camt.read, mt940.read):
        if (file := read_soon(read, data)) is not None:
            assert_sound(file)


@given(DAMAGE)
def test_a_damaged_camt_file_gives_what_can_be_read_and_lists_the_rest(damage: list[tuple[int, int, bytes]]) -> None:
    data = damaged(CAMT, damage)
    file = read_soon(camt.read, data)
    if file is None:
        return
    assert_sound(file)
    written = len(re.findall(r"<Ntry>", data.decode("utf-8", "replace"))) if file.statements else 0
    entries = {match[0] for line in file.lines if (match := re.match(r"\w+\[\d+\]/Ntry\[\d+\]", line.path))}
    lost = sum(problem.lost for problem in file.problems)
    assert len(entries) + lost <= written
    assert not written or len(entries) + lost > 0


@given(DAMAGE)
def test_a_damaged_mt940_file_gives_a_line_or_a_listed_problem_for_each_entry(
    damage: list[tuple[int, int, bytes]],
) -> None:
    data = damaged(MT940, damage)
    file = read_soon(mt940.read, data)
    written = len(re.findall(rb"^:61:", data.replace(b"\r", b"\n"), re.MULTILINE))
    if file is None:
        assert written == 0
        return
    assert_sound(file)
    read = {line.path for line in file.lines}
    lost = {problem.path for problem in file.problems if problem.lost}
    # A field broken off behind its colon is one more than the plain count sees.
    assert len(read) == len(file.lines)
    assert written <= len(read | lost)
    assert not read & lost


@given(DAMAGE)
def test_the_same_bytes_give_the_same_file(damage: list[tuple[int, int, bytes]]) -> None:
    for read, data in ((camt.read, damaged(CAMT, damage)), (mt940.read, damaged(MT940, damage))):
        assert read_soon(read, data) == read_soon(read, data)


@given(st.lists(st.text(max_size=60), max_size=8), st.text(max_size=40))
def test_any_text_in_86_is_read_and_shows_no_card_number(lines: list[str], name: str) -> None:
    fields = [MT940.decode().split(":86:")[0].strip(), ":86:" + "\n".join(lines), f":86:166?20{name}?32{name}"]
    data = "\n".join(fields).encode("utf-8", "replace")
    file = read_soon(mt940.read, data)
    assert file is not None
    assert_sound(file)


@pytest.mark.parametrize(
    "data",
    [
        b":61:" * 200_000,
        b":20:X\n" + b":61:x\n" * 50_000,
        b":20:X\n:25:A1\n:60F:C260219EUR1,\n:61:260220C1,NTRF" + b"/" * 500_000,
        b":20:X\n:25:A1\n:60F:C260219EUR1,\n:61:260220C1,NTRFX\n:86:166" + b"?20EREF+" * 100_000,
        b":20:X\n:25:A1\n:60F:C260219EUR1,\n:61:260220C1,NTRFX\n:86:/EREF/" + b"/REMI/" * 100_000,
        b":20:X\n:25:A1\n:60F:C260219EUR1,\n:61:260220C1,NTRFX\n:86:" + b"4111 1111 1111 1111 " * 20_000,
        b":20:X\n:25:" + b"1 " * 500_000,
        b":20:X\n" + b"-\n" * 500_000,
    ],
)
def test_no_mt940_file_takes_longer_than_its_size(data: bytes) -> None:
    file = read_soon(mt940.read, data)
    assert file is None or all(len(problem.value) <= 120 for problem in file.problems)


@pytest.mark.parametrize(
    "inside",
    [
        b"<Ntry/>" * 100_000,
        b"<Ntry>" + b"<Chrgs/>" * 100_000 + b"</Ntry>",
        b'<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><NtryDtls>'
        + b"<TxDtls/>" * 50_000
        + b"</NtryDtls></Ntry>",
        b'<Ntry><Amt Ccy="EUR">' + b"9" * 1_000_000 + b"</Amt></Ntry>",
        b"<Bal/>" * 100_000,
    ],
)
def test_no_camt_file_takes_much_longer_than_its_size(inside: bytes) -> None:
    data = CAMT[: CAMT.index(b"<Ntry>")] + inside + b"</Stmt></BkToCstmrStmt></Document>"
    began = time.perf_counter()
    file = camt.read(data)
    assert time.perf_counter() - began < 4 * SOON
    assert file.problems
