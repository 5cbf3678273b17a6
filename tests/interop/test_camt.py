"""ISO 20022 bank files: each entry becomes lines or a listed problem, and a line has one identity in every file."""

from __future__ import annotations

import datetime as dt
import gzip
import time

import pytest

from receivables import Money
from receivables.errors import InvalidValue, ReceivablesError, WrongType
from receivables.interop.bank import BankFile, BankLine, Limits, payments

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")

from receivables.interop import camt

IBAN = "DE02120300000000202051"
DATES = "<BookgDt><Dt>2026-02-23</Dt></BookgDt><ValDt><Dt>2026-02-20</Dt></ValDt>"
STATEMENTS = {
    "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def details(
    *, end_to_end: str = "", amount: str = "", text: str = "", name: str = "", more: str = "", currency: str = "EUR"
) -> str:
    return (
        "<TxDtls>"
        + (f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else "")
        + (f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else "")
        + (f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties>" if name else "")
        + (f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else "")
        + f"{more}</TxDtls>"
    )


def entry(
    *parts: str,
    amount: str = "1200.00",
    currency: str = "EUR",
    direction: str = "CRDT",
    status: str = "<Cd>BOOK</Cd>",
    dates: str = DATES,
    reference: str = "",
    more: str = "",
) -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>{status}</Sts>{dates}'
        + (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "")
        + f"{more}<NtryDtls>{''.join(parts)}</NtryDtls></Ntry>"
    )


def document(
    *entries: str, message: str = "camt.053", version: str = "08", account: str = IBAN, head: str = ""
) -> bytes:
    root, name = STATEMENTS[message]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{message}.001.{version}"><{root}>'
        f"<{name}><Id>{message}-1</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>{head}{''.join(entries)}</{name}>"
        f"</{root}></Document>"
    ).encode()


def read(*entries: str, **given: str) -> BankFile:
    return camt.read(document(*entries, **given))


def only(*entries: str, **given: str) -> BankLine:
    file = read(*entries, **given)
    assert file.problems == ()
    (line,) = file.lines
    return line


# Entries


@pytest.mark.parametrize("message", STATEMENTS)
@pytest.mark.parametrize("version", [f"{number:02d}" for number in range(1, 14)])
def test_the_three_messages_of_all_versions_are_read_alike(message: str, version: str) -> None:
    line = only(entry(details(end_to_end="E-7", text="invoice 1001")), message=message, version=version)
    assert (line.kind, line.amount, line.cited, line.text) == (
        "payment",
        Money.of("1200", "EUR"),
        ("E-7",),
        "invoice 1001",
    )
    assert (line.value_date, line.booked_on) == (dt.date(2026, 2, 20), dt.date(2026, 2, 23))


@pytest.mark.parametrize("nothing", ["NOTPROVIDED", "notprovided", "NONREF", "  ", "000000"])
def test_what_banks_write_instead_of_a_reference_is_no_reference(nothing: str) -> None:
    line = only(entry(details(end_to_end=nothing), reference=nothing))
    assert (line.end_to_end_id, line.bank_reference, line.cited) == (None, None, ())


def test_all_that_names_the_purpose_of_a_payment_is_kept() -> None:
    remittance = (
        "<Refs><EndToEndId>E-7</EndToEndId><MndtId>M-1</MndtId><InstrId>I-1</InstrId><TxId>T-1</TxId></Refs>"
        "<RmtInf><Ustrd>invoice</Ustrd><Ustrd>1001</Ustrd><Strd><RfrdDocInf><Nb>1002</Nb></RfrdDocInf><CdtrRefInf>"
        "<Ref>RF18539007547034</Ref></CdtrRefInf><AddtlRmtInf>less freight</AddtlRmtInf></Strd></RmtInf>"
        "<AddtlTxInf>credit transfer</AddtlTxInf>"
    )
    line = only(entry(f"<TxDtls>{remittance}</TxDtls>"))
    assert line.cited == ("RF18539007547034", "1002", "E-7", "M-1")
    assert (line.instruction_id, line.transaction_id) == ("I-1", "T-1")
    assert (line.text, line.bank_text) == ("invoice 1001 less freight", "credit transfer")


def test_a_word_that_was_cut_at_140_characters_is_whole_again() -> None:
    full = "x" * 134 + "INV-10"
    line = only(entry(f"<TxDtls><RmtInf><Ustrd>{full}</Ustrd><Ustrd>01 thanks</Ustrd></RmtInf></TxDtls>"))
    assert line.text.endswith("xINV-1001 thanks")


def test_a_card_number_in_the_text_is_masked_and_the_rest_stays() -> None:
    line = only(entry(details(text="card 4111 1111 1111 1111 invoice 1001")))
    assert line.text == "card 411111******1111 invoice 1001"
    assert payments([line])[0].remittance.text == line.text


def test_a_pending_entry_stays_pending() -> None:
    file = read(entry(status="PDNG"), entry(status="<Cd>PDNG</Cd>"), entry(status="<Cd>FUTR</Cd>"))
    assert [line.kind for line in file.lines] == ["pending"] * 3
    assert payments(file.lines) == ()


def test_a_status_that_nobody_knows_makes_no_payment_and_is_listed() -> None:
    file = read(entry(status="<Prtry>MAYBE</Prtry>"))
    assert [line.kind for line in file.lines] == ["info"]
    assert [(problem.path, problem.value, problem.lost) for problem in file.problems] == [
        ("Stmt[1]/Ntry[1]/Sts", "MAYBE", False)
    ]


def test_money_that_goes_out_is_no_payment() -> None:
    assert only(entry(direction="DBIT")).kind == "outgoing"


def test_a_missing_day_of_booking_leaves_the_value_date_and_the_other_way_round() -> None:
    assert only(entry(dates="<ValDt><Dt>2026-02-20</Dt></ValDt>")).kind == "payment"
    assert only(entry(dates="<BookgDt><DtTm>2026-02-20T23:59:00+01:00</DtTm></BookgDt>")).day == dt.date(2026, 2, 20)


def test_an_entry_without_any_day_is_a_line_that_makes_no_payment() -> None:
    file = read(entry(dates=""))
    assert [line.kind for line in file.lines] == ["undated"]
    assert [problem.rule for problem in file.problems] == ["has neither value date nor day of booking"]


def test_zero_is_no_payment_and_yen_have_no_decimals() -> None:
    assert only(entry(amount="0.00")).kind == "empty"
    assert only(entry(amount="1200", currency="JPY")).amount == Money.of(1200, "JPY")


@pytest.mark.parametrize(
    ("bad", "path", "value"),
    [
        (entry(amount="1.200,00"), "Amt", "1.200,00"),
        (entry(amount="-5.00"), "Amt", "-5.00"),
        (entry(amount="12.345"), "Amt", "12.345"),
        (entry(amount="12.50", currency="JPY"), "Amt", "12.50"),
        (entry(currency="EURO"), "Amt/currency", "EURO"),
        (entry(direction="IN"), "CdtDbtInd", "IN"),
        (entry(dates="<ValDt><Dt>2026-02-30</Dt></ValDt>"), "ValDt", "2026-02-30"),
        ("<Ntry></Ntry>", "Amt", ""),
    ],
)
def test_a_bad_entry_is_listed_with_its_place_and_its_neighbors_are_read(bad: str, path: str, value: str) -> None:
    file = read(entry(reference="B1"), bad, entry(reference="B2"))
    assert [line.bank_reference for line in file.lines] == ["B1", "B2"]
    (problem,) = file.problems
    assert (problem.path, problem.value, problem.lost) == (f"Stmt[1]/Ntry[2]/{path}", value, True)


def test_a_statement_without_an_account_lists_each_entry_unless_the_host_knows_the_account() -> None:
    data = document(entry(), entry()).replace(b"<Acct>", b"<Lost>").replace(b"</Acct>", b"</Lost>")
    assert [problem.lost for problem in camt.read(data).problems] == [True, True]
    assert {line.account for line in camt.read(data, account="DE02 1203 0000 0000 2020 51").lines} == {IBAN}


# Parties


def parties(debtor: str, creditor: str) -> str:
    return (
        f"<TxDtls><RltdPties><Dbtr><Nm>Ann</Nm></Dbtr><DbtrAcct><Id><IBAN>{debtor}</IBAN></Id></DbtrAcct>"
        f"<UltmtDbtr><Nm>Ann's daughter</Nm></UltmtDbtr><Cdtr><Nm>Shop</Nm></Cdtr>"
        f"<CdtrAcct><Id><IBAN>{creditor}</IBAN></Id></CdtrAcct></RltdPties></TxDtls>"
    )


def test_the_other_side_of_a_credit_is_the_debtor_and_of_a_debit_the_creditor() -> None:
    credit, debit = read(entry(parties("A1", "B1")), entry(parties("A1", "B1"), direction="DBIT")).lines
    assert (credit.counterparty_name, credit.counterparty_account, credit.ultimate_name) == (
        "Ann",
        "A1",
        "Ann's daughter",
    )
    assert (debit.counterparty_name, debit.counterparty_account) == ("Shop", "B1")


def test_a_returned_debit_still_names_the_customer_who_had_paid() -> None:
    returned = parties("A1", IBAN).replace("</TxDtls>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>")
    assert only(entry(returned, direction="DBIT")).counterparty_name == "Ann"
    assert only(entry(parties("A1", "B1"), direction="DBIT", more="<RvslInd>true</RvslInd>")).counterparty_name == "Ann"


# Returns


def test_a_return_names_its_reason_and_what_it_returns() -> None:
    more = "<RtrInf><Rsn><Cd>MD06</Cd></Rsn><AddtlInf>refund asked</AddtlInf></RtrInf>"
    line = only(entry(details(end_to_end="E-7", more=more), direction="DBIT"))
    assert (line.kind, line.return_reason, line.return_text, line.end_to_end_id) == (
        "return",
        "MD06",
        "refund asked",
        "E-7",
    )


@pytest.mark.parametrize("indicator", ["true", "1"])
def test_a_reversal_is_a_return_in_either_direction(indicator: str) -> None:
    more = f"<RvslInd>{indicator}</RvslInd>"
    file = read(entry(more=more), entry(more=more, direction="DBIT"))
    assert [line.kind for line in file.lines] == ["return", "return"]
    assert only(entry(more="<RvslInd>false</RvslInd>")).kind == "payment"


def test_a_transaction_code_alone_can_say_that_a_direct_debit_came_back() -> None:
    code = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    unpaid = only(entry(more=code.format("UPDD"), direction="DBIT"))
    assert (unpaid.kind, unpaid.code, unpaid.method) == ("return", "PMNT/IDDT/UPDD", "direct_debit")
    assert only(entry(more=code.format("ESDD"))).kind == "payment"


# Batches


def test_a_batch_is_split_into_its_transactions_which_share_one_booking() -> None:
    parts = [details(amount="700.00", end_to_end="E-1"), details(amount="500.00", end_to_end="E-2")]
    file = read(entry(*parts, reference="B1"))
    assert [(str(line.amount), line.end_to_end_id) for line in file.lines] == [
        ("700.00 EUR", "E-1"),
        ("500.00 EUR", "E-2"),
    ]
    assert {line.booking for line in file.lines} == {f"{IBAN}|2026-02-20|1200.00 EUR|credit|B1|1"}
    assert len({line.identity for line in file.lines}) == 2
    assert file.problems == ()


def test_the_amounts_of_a_batch_in_version_2_stand_in_their_details() -> None:
    part = '<AmtDtls><TxAmt><Amt Ccy="EUR">600.00</Amt></TxAmt></AmtDtls>'
    file = read(entry(details(more=part), details(more=part)), version="02")
    assert [line.amount for line in file.lines] == [Money.of(600, "EUR")] * 2


def test_a_transaction_that_runs_against_its_batch_counts_against_it() -> None:
    back = details(amount="100.00", end_to_end="E-2", more="<CdtDbtInd>DBIT</CdtDbtInd>")
    file = read(entry(details(amount="1300.00", end_to_end="E-1"), back))
    assert [(line.direction, str(line.amount)) for line in file.lines] == [
        ("credit", "1300.00 EUR"),
        ("debit", "100.00 EUR"),
    ]


@pytest.mark.parametrize(
    ("second", "value"),
    [
        (details(amount="499.99", end_to_end="E-2"), "1199.99 EUR"),
        (details(end_to_end="E-2"), ""),
        (details(amount="500.00", currency="USD"), ""),
        (details(amount="five"), "five"),
    ],
)
def test_a_batch_that_does_not_add_up_is_one_line_and_a_listed_problem(second: str, value: str) -> None:
    file = read(
        entry(
            details(amount="700.00", text="first"),
            second.replace("</TxDtls>", "<RmtInf><Ustrd>second</Ustrd></RmtInf></TxDtls>"),
        )
    )
    (line,) = file.lines
    assert (line.amount, line.text, line.batch) == (Money.of(1200, "EUR"), "first second", 2)
    (problem,) = file.problems
    assert (problem.value, problem.lost) == (value, False)
    assert "the batch is one line" in problem.rule


def test_a_batch_that_the_bank_does_not_detail_says_how_many_it_holds() -> None:
    line = only(entry("<Btch><NbOfTxs>20</NbOfTxs></Btch>"))
    assert (line.amount, line.batch) == (Money.of(1200, "EUR"), 20)


def test_one_transaction_takes_the_amount_of_the_entry_whatever_it_says_of_itself() -> None:
    line = only(entry(details(amount="0.04")))
    assert line.amount == Money.of(1200, "EUR")


# Charges and currencies


def test_charges_and_the_foreign_amount_are_kept_beside_the_amount() -> None:
    more = (
        '<AmtDtls><InstdAmt><Amt Ccy="USD">1300.00</Amt><CcyXchg><XchgRate>1.0833</XchgRate></CcyXchg></InstdAmt></AmtDtls>'
        '<Chrgs><Rcrd><Amt Ccy="EUR">2.50</Amt><ChrgInclInd>true</ChrgInclInd><Br>SHAR</Br></Rcrd></Chrgs>'
    )
    line = only(entry(details(more=more)))
    assert (line.foreign, line.exchange_rate) == (Money.of(1300, "USD"), "1.0833")
    (charge,) = line.charges
    assert (charge.amount, charge.bearer, charge.included) == (Money.of("2.50", "EUR"), "SHAR", True)


def test_a_charge_that_cannot_be_read_is_listed_and_does_not_cost_the_entry() -> None:
    file = read(entry(more='<Chrgs><Amt Ccy="EUR">2,50</Amt></Chrgs>'))
    assert [line.charges for line in file.lines] == [()]
    assert [(problem.value, problem.lost) for problem in file.problems] == [("2,50", False)]


# Identity


def test_the_same_booking_is_one_line_in_a_statement_and_in_a_notification() -> None:
    statement = only(entry(details(text="invoice 1001"), reference="B1"))
    notified = only(
        entry(
            details(end_to_end="E-7", name="Ann"),
            reference="B1",
            dates=DATES.replace("<Dt>2026-02-23</Dt>", "<DtTm>2026-02-23T09:00:00</DtTm>"),
        ),
        message="camt.054",
        version="04",
    )
    assert statement.identity == notified.identity


def test_two_equal_lines_of_one_day_are_two_and_keep_their_numbers_in_every_file() -> None:
    twice = [entry(details(text="ticket")), entry(details(text="ticket"))]
    first = read(*twice)
    again = read(entry(amount="7.00"), *twice, message="camt.052")
    assert [line.sequence for line in first.lines] == [1, 2]
    assert [line.identity for line in first.lines] == [line.identity for line in again.lines][1:]


def test_equal_amounts_of_two_payers_keep_their_identity_in_whatever_order_they_come() -> None:
    ann, ben = entry(details(name="Ann")), entry(details(name="Ben"))
    forward = [line.identity for line in read(ann, ben).lines]
    assert forward == [line.identity for line in read(ben, ann).lines][::-1]
    assert len(set(forward)) == 2


def test_the_parts_of_a_batch_keep_their_identity_in_whatever_order_they_come() -> None:
    parts = [details(amount="700.00", end_to_end="E-1"), details(amount="500.00", end_to_end="E-2")]
    forward = [line.identity for line in read(entry(*parts, reference="B1")).lines]
    assert forward == [line.identity for line in read(entry(*parts[::-1], reference="B1")).lines][::-1]


def test_the_same_amount_in_another_account_is_another_line() -> None:
    assert only(entry(reference="B1")).identity != only(entry(reference="B1"), account="DE99").identity


# Headers


def test_balances_are_signed_and_a_bad_one_costs_no_entry() -> None:
    balance = '<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>2026-02-20</Dt></Dt></Bal>'
    head = (
        balance.format("OPBD", "100.00", "DBIT")
        + balance.format("CLBD", "1100.00", "CRDT")
        + balance.format("CLAV", "x", "CRDT")
    )
    file = read(entry(), head=head)
    (statement,) = file.statements
    assert statement.opening is not None
    assert statement.opening.amount == Money.of("-100", "EUR")
    assert statement.unexplained == Money.zero("EUR")
    assert [problem.path for problem in file.problems] == ["Stmt[1]/Bal[3]/Amt"]
    assert len(file.lines) == 1


def test_several_statements_of_one_file_are_kept_apart() -> None:
    inner = document(entry(reference="B1"))
    statement = inner[inner.index(b"<Stmt>") : inner.index(b"</Stmt>") + len(b"</Stmt>")]
    file = camt.read(inner.replace(statement, statement + statement.replace(b"B1", b"B2")))
    assert [[line.path for line in found.lines] for found in file.statements] == [
        ["Stmt[1]/Ntry[1]"],
        ["Stmt[2]/Ntry[1]"],
    ]


# Files


def test_latin_1_is_read_whether_the_file_says_so_or_not() -> None:
    honest = document(entry(details(name="Müller"))).decode().replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")
    assert camt.read(honest).lines[0].counterparty_name == "Müller"
    file = camt.read(document(entry(details(name="Müller"))).decode().encode("iso-8859-1"))
    assert file.lines[0].counterparty_name == "Müller"
    assert [(problem.lost, "ISO 8859-1" in problem.rule) for problem in file.problems] == [(False, True)]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n  "])
def test_a_byte_order_mark_or_blanks_before_the_file_do_no_harm(before: bytes) -> None:
    assert len(camt.read(before + document(entry())).lines) == 1


def test_utf_16_is_read() -> None:
    assert len(camt.read(document(entry()).decode().replace("UTF-8", "UTF-16").encode("utf-16")).lines) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"\x00" * 50,
        gzip.compress(b"<Document/>" * 50, mtime=0),
        b"<Document",
        b":20:STARTUMS",
        document(entry())[:-20],
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'/>",
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.99'/>",
        b"<Document/>",
        b"<html/>",
        b"<?xml version='1.0' encoding='klingon'?><Document/>",
    ],
)
def test_what_is_no_such_file_is_one_typed_error(data: bytes) -> None:
    with pytest.raises(InvalidValue, match="bank_file"):
        camt.read(data)


@pytest.mark.parametrize("data", ["<Document/>", None, 5, bytearray(b"<Document/>")])
def test_only_bytes_are_taken(data: object) -> None:
    with pytest.raises(WrongType, match="bytes"):
        camt.read(data)  # type: ignore[arg-type]


BOMBS = {
    "entities": '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;"}">' for n in range(10))
    + "]><Document>&a9;</Document>",
    "external": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>',
    "declaration": '<!DOCTYPE Document SYSTEM "http://localhost/camt.dtd"><Document/>',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_declares_anything_is_refused_before_it_is_expanded(bomb: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidValue, match="no document type and no entities"):
        camt.read(BOMBS[bomb].encode())
    assert time.perf_counter() - began < 5


def test_the_limits_hold_while_the_file_is_read() -> None:
    deep = document("<a>" * 200_000)
    with pytest.raises(InvalidValue, match="at most 64 levels"):
        camt.read(deep)
    with pytest.raises(InvalidValue, match="at most 10 elements"):
        camt.read(document(entry()), limits=Limits(elements=10))
    with pytest.raises(InvalidValue, match="at most 100 bytes"):
        camt.read(document(entry()), limits=Limits(bytes=100))
    assert len(camt.read(document("<a>" * 59 + "</a>" * 59, entry())).lines) == 1


def test_a_text_too_long_for_any_document_is_cut_and_listed() -> None:
    file = read(entry(details(text="word " * 4_000)))
    assert len(file.lines[0].text) <= 10_000
    assert [(problem.value, problem.lost) for problem in file.problems] == [("20000 characters", False)]


def test_a_problem_shows_no_card_number() -> None:
    file = read(entry(amount="4111111111111111x"), entry(amount="4111 1111 1111 1111"))
    assert "4111 1111" not in str(file.problems)


def test_defaults_that_cannot_be_are_refused() -> None:
    for given in ({"currency": "EURO"}, {"account": ""}, {"account": 5}):
        with pytest.raises(ReceivablesError):
            camt.read(document(entry()), **given)  # type: ignore[arg-type]
