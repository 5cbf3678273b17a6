"""Inputs for the readers, made from what they read well by damage that a seed decides: the same seed, the same input."""

import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.codec.samples import SAMPLES

from receivables import codec

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("inf"),
    float("nan"),
    "",
    " ",
    "x" * 11_000,
    "\0",
    "\ud800",
    "1e999999",
    "NaN",
    "-Infinity",
    "9" * 400,
    "0000-00-00",
    "9999-12-31",
    "2026-02-30",
    "2026-03-01T25:00:00+00:00",
    "0001-01-01T00:00:00+23:59",
    "4111 1111 1111 1111",
    "EUR",
    [],
    {},
    [[[[]]]],
    {"is": "Money"},
    {"is": "Invoice"},
    {"erased": True},
    {"personal": "reason"},
    {"is": ["Money"]},
)
FACTS = tuple(json.loads(json.dumps(codec.encode(fact))) for fact in SAMPLES.values())

NOTATIONS = (
    "2/10 net 30",
    "net 30",
    "n/30",
    "30 EOM",
    "2/10 EOM net 60",
    "net 10 MFI",
    "prox 15",
    "COD",
    "CIA",
    "1/10 ROG net 45",
    "3/10, 2/20 net 60",
    "due 2026-06-30",
    "50%: net 0; balance: net 60",
    "weight 1: 1 month; weight 1: 2 months; weight 1: 3 months [step 5]",
    "400.00 EUR: net 0; weight 33: net 30; balance: net 60",
    "45 days then EOM",
    "EOM then 1 month then 10 days",
    "CM+1M+10D",
    "net 30 from delivery, nearest business day",
)
WORDS = tuple(" ".join(NOTATIONS).split()) + tuple(";:/%[]().,+- ") + ("²", "٣", "½", "\0", "9" * 50, "\u202e", "ß")

CAMT = b"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">1200.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>
<ValDt><Dt>2026-03-02</Dt></ValDt><AcctSvcrRef>REF1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>
<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>INV-1</EndToEndId></Refs>
<Amt Ccy="EUR">1200.00</Amt><RltdPties><Dbtr><Nm>ACME</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>Invoice 1814</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
</TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""
MT940 = b""":20:STARTUMS\r
:25:37040044/0532013000\r
:28C:00001/001\r
:60F:C260301EUR100,00\r
:61:2603020302CR1200,00NTRFINV-1//REF1\r
:86:166?00GUTSCHRIFT?109310?20Invoice 1814?21EREF+INV-1?3037040044?310532013000?32ACME\r
:61:2603030303DR10,50NMSCNONREF\r
:86:837?00ENTGELT?20fee\r
:62F:C260303EUR1289,50\r
-\r
"""
XML_PARTS = (
    b"<Ntry>", b"</Ntry>", b"<TxDtls>", b"</TxDtls>", b"<Amt Ccy=\"JPY\">1.5</Amt>", b"<!--", b"-->", b"<![CDATA[", b"]]>",
    b"&amp;", b"&#0;", b"&x;", b"<!DOCTYPE a [<!ENTITY x \"y\">]>", b"<?xml version=\"1.1\"?>", b"\xff\xfe", b"\xef\xbb\xbf",
    b"<a>" * 70, b"9" * 40, b"-0", b"NaN", b"1e9", b"4111111111111111", b"DBIT", b"RCDT",
)  # fmt: skip
TAG_PARTS = (
    b":61:", b":86:", b":60F:", b":62F:", b":62M:", b":20:", b":25:", b":28C:", b"\r\n", b"-\r\n", b"?20", b"?32", b"?", b"//",
    b"C260231EUR1,", b"EUR", b"XXX", b",", b"9" * 40, b"4111111111111111", b"\0", b"\xff", b"{1:F01", b"}{4:", b"NTRF", b"RC", b"RD",
)  # fmt: skip


def codec_input(dice: random.Random) -> Any:
    """A stored fact with some of its parts replaced, taken away, added, or taken from another fact."""
    data = copy.deepcopy(dice.choice(FACTS))
    for _ in range(dice.randint(1, 4)):
        holder, key = _somewhere(data, dice)
        how = dice.random()
        if how < 0.5:
            holder[key] = copy.deepcopy(dice.choice(ODD))
        elif how < 0.7:
            other, its = _somewhere(copy.deepcopy(dice.choice(FACTS)), dice)
            holder[key] = other[its]
        elif how < 0.85:
            del holder[key]
            if not data:
                return data
        elif isinstance(holder, dict):
            holder[dice.choice(("is", "tag", "minor", "extra", "reason", "currency"))] = dice.choice(ODD)
        else:
            holder.append(copy.deepcopy(holder[key]))
    return data


def _somewhere(data: Any, dice: random.Random) -> tuple[Any, Any]:
    """A place in the data: what holds it, and its key or index."""
    node = data
    while True:
        key = dice.choice(list(node)) if isinstance(node, dict) else dice.randrange(len(node))
        inner = node[key]
        if not isinstance(inner, (dict, list)) or not inner or dice.random() < 0.25:
            return node, key
        node = inner


def stored_input(dice: random.Random) -> str:
    """The text of a stored fact, damaged as a text."""
    text = json.dumps(dice.choice(FACTS))
    return damaged(
        text.encode(), dice, (b'"', b"{", b"}", b"[", b"]", b":", b",", b"null", b"1e9", b"\\u0000", b"[" * 3000)
    ).decode(errors="replace")


def terms_input(dice: random.Random) -> str:
    """A notation of payment terms, with words taken out, put in and changed."""
    words = dice.choice(NOTATIONS).split(" ")
    for _ in range(dice.randint(1, 5)):
        at = dice.randint(0, len(words))
        words[at : at + dice.randint(0, 2)] = [dice.choice(WORDS) for _ in range(dice.randint(0, 3))]
    return dice.choice((" ", " ", "", "; ")).join(words)


def camt_input(dice: random.Random) -> bytes:
    """A CAMT file with damage."""
    return damaged(CAMT, dice, XML_PARTS)


def mt940_input(dice: random.Random) -> bytes:
    """An MT940 file with damage."""
    return damaged(MT940, dice, TAG_PARTS)


def damaged(data: bytes, dice: random.Random, parts: tuple[bytes, ...]) -> bytes:
    """Some bytes taken out, doubled, changed, or others put between."""
    for _ in range(dice.randint(1, 6)):
        start = dice.randint(0, len(data))
        end = min(len(data), start + dice.choice((0, 0, 1, 1, 2, 8, 40)))
        new = dice.choice(
            (b"", dice.choice(parts), dice.choice(parts), data[start:end] * 2, bytes([dice.randrange(256)]))
        )
        data = data[:start] + new + data[end:]
    return data


INPUTS: Mapping[str, Callable[[random.Random], Any]] = {
    "codec": codec_input,
    "stored": stored_input,
    "terms": terms_input,
    "camt": camt_input,
    "mt940": mt940_input,
}
