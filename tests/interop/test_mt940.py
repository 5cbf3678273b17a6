"""MT940 and MT942: each statement line becomes a line or a listed problem; the structured details are understood."""

from __future__ import annotations

import datetime as dt
import gzip

import pytest

from receivables import Money
from receivables.errors import InvalidValue, UnknownId, WrongType
from receivables.interop.bank import BankFile, BankLine, Limits, payments

pytest.importorskip("mt940", reason="the extra receivables[bank] is not installed")

from receivables.interop import mt940

IBAN = "DE02120300000000202051"
ENTRY = ":61:2602200223C1200,NTRFNONREF//B1"


def statement(*fields: str, currency: str = "EUR", account: str = IBAN) -> str:
    head = [":20:STARTUMS", f":25:{account}", ":28C:7/1", f":60F:C260219{currency}100,"]
    return "\n".join([*head, *fields, f":62F:C260223{currency}1300,", "-", ""])


def read(*fields: str, currency: str = "EUR") -> BankFile:
    return mt940.read(statement(*fields, currency=currency).encode())


def only(*fields: str, currency: str = "EUR") -> BankLine:
    file = read(*fields, currency=currency)
    assert file.problems == ()
    (line,) = file.lines
    return line


# Statement lines


def test_a_statement_line_is_read_with_its_dates_amount_and_reference() -> None:
    line = only(":61:2602200223CR1200,50NTRFK-17//B1\nsupplement")
    assert (line.amount, line.direction, line.status) == (Money.of("1200.50", "EUR"), "credit", "booked")
    assert (line.value_date, line.booked_on) == (dt.date(2026, 2, 20), dt.date(2026, 2, 23))
    assert (line.bank_reference, line.instruction_id, line.code) == ("B1", "K-17", "NTRF")
    assert "supplement" in line.text


@pytest.mark.parametrize(
    ("mark", "direction", "kind"),
    [
        ("C", "credit", "payment"),
        ("D", "debit", "outgoing"),
        ("RC", "debit", "return"),
        ("RD", "credit", "return"),
        ("EC", "credit", "pending"),
        ("ED", "debit", "pending"),
        ("CR", "credit", "payment"),
        ("RCR", "debit", "return"),
    ],
)
def test_the_mark_says_which_way_the_money_goes_and_whether_it_comes_back(mark: str, direction: str, kind: str) -> None:
    line = only(f":61:2602200223{mark}50,NMSCNONREF//B1")
    assert (line.direction, line.kind) == (direction, kind)


def test_a_returned_item_is_a_return_though_its_mark_is_plain() -> None:
    line = only(":61:2602200223D50,NRTINONREF//B1", ":86:109?00RUECKLASTSCHRIFT?20EREF+E-7?32ANN?34914")
    assert (line.kind, line.return_reason, line.end_to_end_id) == ("return", "914", "E-7")


def test_a_line_without_a_day_of_booking_has_none() -> None:
    assert only(":61:260220C1200,NTRFNONREF").booked_on is None


@pytest.mark.parametrize(
    ("value", "entry", "booked_on"),
    [
        ("251231", "0102", dt.date(2026, 1, 2)),
        ("260102", "1231", dt.date(2025, 12, 31)),
        ("260220", "0220", dt.date(2026, 2, 20)),
    ],
)
def test_the_day_of_booking_is_the_nearest_one_to_the_value_date(value: str, entry: str, booked_on: dt.date) -> None:
    assert only(f":61:{value}{entry}C1,NTRFNONREF").booked_on == booked_on


def test_years_from_80_on_are_of_the_last_century() -> None:
    assert [only(f":61:{year}0220C1,NTRFNONREF").day for year in ("79", "80")] == [
        dt.date(2079, 2, 20),
        dt.date(1980, 2, 20),
    ]


def test_a_30th_of_february_is_the_last_of_february_and_listed() -> None:
    file = read(":61:2602300302C50,NTRFNONREF//B1")
    assert [line.value_date for line in file.lines] == [dt.date(2026, 2, 28)]
    assert [(problem.path, problem.value, problem.lost) for problem in file.problems] == [
        ("line 5, field 61", "260230", False)
    ]


@pytest.mark.parametrize(
    "bad",
    [
        ":61:2602310223C50,NTRFNONREF",
        ":61:2613200223C50,NTRFNONREF",
        ":61:2602200231C50,NTRFNONREF",
        ":61:260220C50.00NTRFNONREF",
        ":61:260220C1.200,00NTRFNONREF",
        ":61:260220C1,200,00NTRFNONREF",
        ":61:260220C50,001NTRFNONREF",
        ":61:260220C,NTRFNONREF",
        ":61:260220X50,NTRFNONREF",
        ":61:260220C123456789012345678,00NTRFNONREF",
        ":61:260220C-50,NTRFNONREF",
        ":61:",
        ":61:nonsense",
    ],
)
def test_a_bad_entry_is_listed_with_its_line_and_its_neighbors_are_read(bad: str) -> None:
    file = read(ENTRY, ":86:first", bad, ":86:bad", ENTRY.replace("B1", "B2"), ":86:second")
    assert [(line.bank_reference, line.text) for line in file.lines] == [("B1", "first"), ("B2", "second")]
    assert [(problem.path, problem.lost) for problem in file.problems] == [("line 7, field 61", True)]


def test_a_thousand_is_never_read_as_one() -> None:
    """The grammar of the package reads what stands before the point, and takes the rest for a reference."""
    assert read(":61:260220C1.200,00NTRFNONREF").lines == ()


def test_zero_is_no_payment_and_yen_have_no_decimals() -> None:
    assert only(":61:260220C0,00NMSCNONREF").kind == "empty"
    assert only(":61:260220C1200,NTRFNONREF", currency="JPY").amount == Money.of(1200, "JPY")
    assert [problem.value for problem in read(":61:260220C12,5NTRFNONREF", currency="JPY").problems] == ["12.5"]


def test_an_entry_whose_statement_names_no_currency_or_account_is_listed_unless_the_host_knows_them() -> None:
    alone = ENTRY.encode()
    assert [problem.lost for problem in mt940.read(alone).problems] == [True]
    assert [problem.lost for problem in mt940.read(alone, currency="EUR").problems] == [True]
    (line,) = mt940.read(alone, account="DE02 1203 0000 0000 2020 51", currency="EUR").lines
    assert (line.account, line.amount) == (IBAN, Money.of(1200, "EUR"))


def test_the_currency_behind_the_account_is_no_part_of_the_account() -> None:
    file = mt940.read(f":20:X\n:25:51210600/9223382012EUR\n{ENTRY}".encode())
    assert [(line.account, line.amount) for line in file.lines] == [("51210600/9223382012", Money.of(1200, "EUR"))]


def test_a_second_account_in_one_statement_does_not_move_the_entries() -> None:
    file = read(ENTRY, ":25:OTHER")
    assert [line.account for line in file.lines] == [IBAN]
    assert [(problem.path, problem.rule) for problem in file.problems] == [
        ("line 6, field 25", "stands twice in one statement")
    ]


# Details


def test_the_subfields_of_86_are_put_together_again() -> None:
    line = only(
        ENTRY,
        ":86:166?00GUTSCHRIFT?100399?20EREF+EndToEndId TFNR 22 004?21 00001?22",
        "MREF+M-1?23SVWZ+invoice 1001?24and 1002?30DRESDEFF508?31DE1450880",
        "0500194785000?32ACME?33 GmbH?34000?60ABWA+Ann",
    )
    assert (line.end_to_end_id, line.mandate_id) == ("EndToEndId TFNR 22 004 00001", "M-1")
    assert (line.text, line.code) == ("invoice 1001 and 1002", "NTRF/166")
    assert (line.counterparty_name, line.counterparty_account) == ("ACME GmbH", "DE14508800500194785000")
    assert (line.ultimate_name, line.return_reason) == ("Ann", None)
    assert "DRESDEFF508" in line.bank_text


def test_a_reference_ends_with_its_subfield_where_that_is_not_full() -> None:
    line = only(ENTRY, ":86:166?20EREF+E-7?21invoice 1001")
    assert (line.end_to_end_id, line.text) == ("E-7", "invoice 1001")


def test_a_reference_that_is_not_provided_is_nothing() -> None:
    assert only(ENTRY, ":86:166?20EREF+NOTPROVIDED?21SVWZ+invoice 1001").cited == ()


def test_key_words_between_slashes_are_understood() -> None:
    line = only(
        ENTRY,
        ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J. JANSEN/REMI/",
        "invoice 1001/EREF/E-7/MARF/M-1",
    )
    assert (line.counterparty_name, line.counterparty_account) == ("J. JANSEN", "NL91ABNA0417164300")
    assert (line.text, line.end_to_end_id, line.mandate_id) == ("invoice 1001", "E-7", "M-1")


def test_a_structured_reference_and_the_reason_of_a_return_between_slashes_are_understood() -> None:
    line = only(ENTRY, ":86:/RTRN/MS03//CNTP/NL91ABNA0417164300/ABNANL2A/J. JANSEN//REMI/STRD/CUR/9876543/")
    assert (line.return_reason, line.references) == ("MS03", ("9876543",))
    assert (line.counterparty_account, line.counterparty_name) == ("NL91ABNA0417164300", "J. JANSEN")


def test_plain_text_goes_on_after_a_full_line_and_begins_anew_after_a_short_one() -> None:
    full = "x" * 59 + "INV-1"
    assert only(ENTRY, f":86:{full}", "001", "thanks").text == f"{full}001 thanks"


def test_text_in_several_fields_or_in_non_swift_fields_is_kept() -> None:
    assert only(ENTRY, ":86:first", ":86:second").text == "first second"
    assert only(ENTRY, ":NS:01first").text == "01first"


def test_a_time_at_the_start_of_a_line_is_no_field() -> None:
    assert only(ENTRY, ":86:paid at 13", ":12:11").text == "paid at 13 :12:11"


def test_what_a_statement_says_behind_its_balance_belongs_to_no_entry() -> None:
    assert only(ENTRY, ":86:mine", ":64:C260223EUR1300,", ":86:of the statement").text == "mine"


def test_a_card_number_in_the_text_is_masked() -> None:
    line = only(ENTRY, ":86:card 4111 1111 1111 1111 invoice 1001")
    assert line.text == "card 411111******1111 invoice 1001"
    assert len(payments([line])) == 1


# Identity


def test_the_same_line_in_two_files_has_one_identity_with_or_without_a_reference_of_the_bank() -> None:
    for entry in (ENTRY, ENTRY.replace("//B1", "")):
        first = only(entry, ":86:invoice 1001")
        other = mt940.read(
            statement(":61:260219C5,NTRFNONREF", entry, ":86:invoice 1001").replace("7/1", "8/1").encode()
        )
        assert [line.identity for line in other.lines][1:] == [first.identity]


def test_two_equal_lines_of_one_day_are_two() -> None:
    plain = ":61:260220C20000,S051NONREF"
    assert [line.sequence for line in read(plain, plain, plain).lines] == [1, 2, 3]
    assert len({line.identity for line in read(ENTRY, ENTRY).lines}) == 2


def test_equal_amounts_of_one_day_with_other_words_keep_their_identity_in_any_order() -> None:
    plain = ":61:260220C50,NTRFNONREF"
    forward = [line.identity for line in read(plain, ":86:Ann", plain, ":86:Ben").lines]
    assert forward == [line.identity for line in read(plain, ":86:Ben", plain, ":86:Ann").lines][::-1]
    assert len(set(forward)) == 2


# Files


def test_several_statements_are_kept_apart_and_explain_their_balances() -> None:
    file = mt940.read((statement(ENTRY) + statement(ENTRY.replace("B1", "B2"), account="DE99")).encode())
    assert [(found.account, found.unexplained) for found in file.statements] == [
        (IBAN, Money.zero("EUR")),
        ("DE99", Money.zero("EUR")),
    ]
    assert [found.number for found in file.statements] == ["7/1", "7/1"]


def test_the_frame_of_the_network_is_no_text() -> None:
    framed = "{1:F01ASNBNL21XXXX0000000000}{2:O940ASNBNL21XXXXN}{4:\n" + statement(ENTRY, ":86:mine").replace(
        "\n-\n", "\n-}{5:}\n"
    )
    file = mt940.read((framed + framed).encode())
    assert [line.text for line in file.lines] == ["mine", "mine"]


def test_a_balance_that_was_cut_short_is_listed() -> None:
    file = read(ENTRY, ":64:C260223EUR12345678901234567,89")
    assert [(problem.path, problem.lost) for problem in file.problems] == [("line 6, field 64", False)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_umlauts_are_read_in_the_usual_encodings(encoding: str) -> None:
    file = mt940.read(statement(ENTRY, ":86:Müller").encode(encoding))
    assert (file.lines[0].text, file.problems) == ("Müller", ())


def test_another_encoding_is_an_argument() -> None:
    assert mt940.read(statement(ENTRY, ":86:Łódź").encode("cp852"), encoding="cp852").lines[0].text == "Łódź"
    with pytest.raises(InvalidValue, match="klingon"):
        mt940.read(b":20:X", encoding="klingon")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_end_of_a_line_may_be_any(newline: str) -> None:
    assert (
        mt940.read(statement(ENTRY, ":86:first\nsecond").replace("\n", newline).encode()).lines[0].text
        == "first second"
    )


@pytest.mark.parametrize(
    "data", [b"", b"1\n2\n3", gzip.compress(b":20:X", mtime=0), b"\x00" * 100, b"<Document/>", b":940:\n"]
)
def test_what_is_no_such_file_is_one_typed_error(data: bytes) -> None:
    with pytest.raises(InvalidValue, match="must have fields of MT940"):
        mt940.read(data)


def test_the_limits_hold() -> None:
    data = statement(ENTRY).encode()
    with pytest.raises(InvalidValue, match="at most 3 fields"):
        mt940.read(data, limits=Limits(elements=3))
    with pytest.raises(InvalidValue, match="at most 10 bytes"):
        mt940.read(data, limits=Limits(bytes=10))
    with pytest.raises(WrongType):
        mt940.read(statement(ENTRY))  # type: ignore[arg-type]
    with pytest.raises(UnknownId):
        mt940.read(data, currency="EURO")


def test_a_text_too_long_for_any_document_is_cut_and_listed() -> None:
    file = read(ENTRY, f":86:{'word ' * 4_000}")
    assert len(file.lines[0].text) <= 10_000
    assert [problem.lost for problem in file.problems] == [False]


def test_reading_says_nothing_to_the_log_of_the_host(caplog: pytest.LogCaptureFixture) -> None:
    read(ENTRY, ":61:nonsense", ":64:nonsense")
    assert caplog.records == []
