"""Every bank file that others published: no entry is lost, and what we read is what their own readers read.

Entries are counted by a plain search in the text, apart from our readers. The expected values beside the files were
written by the test suites that the files come from.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from receivables import MemoryStore, Money, PolicyBook, Receivables
from receivables.documents.customer import Customer
from receivables.errors import ClaimTaken, InvalidValue
from receivables.interop.bank import SUSPENSE, BankFile, payments
from receivables.testing import FixedClock, RecordingNotifier

pytest.importorskip("defusedxml", reason="the extra receivables[bank] is not installed")
pytest.importorskip("mt940", reason="the extra receivables[bank] is not installed")

from receivables.interop import camt, mt940

Find = Callable[[str], Path]


def camt_files(find: Find) -> list[Path]:
    return sorted(path for family in ("camt_a", "camt_b") for path in find(f"bank/{family}").rglob("*.xml"))


def mt940_files(find: Find) -> list[Path]:
    folder = find("bank/mt940/mt940_tests")
    return sorted([*folder.glob("*/*.sta"), *folder.glob("*/*.940.txt")])


def entries_and_lines(file: BankFile, one: re.Pattern[str]) -> tuple[int, int]:
    """How many entries were read or listed as lost, and how many lines they gave."""
    whole = {match[0] for line in file.lines if (match := one.match(line.path))}
    lost = {match[0] for problem in file.problems if problem.lost and (match := one.match(problem.path))}
    assert not whole & lost
    return len(whole) + len(lost), len(file.lines)


def test_no_entry_of_a_camt_file_is_lost(shared_data: Find) -> None:
    entry = re.compile(r"\w+\[\d+\]/Ntry\[\d+\]")
    kinds: Counter[str] = Counter()
    found = 0
    for path in camt_files(shared_data):
        data = path.read_bytes()
        file = camt.read(data)
        accounted, _ = entries_and_lines(file, entry)
        assert accounted == len(re.findall(rb"<(?:\w+:)?Ntry>", data)), path.name
        kinds.update(line.kind for line in file.lines)
        assert len(payments(file.lines)) == sum(line.kind == "payment" for line in file.lines)
        found += accounted
    assert found == 61
    assert kinds == {"payment": 44, "outgoing": 25, "return": 7, "pending": 3, "undated": 4}


def test_no_entry_of_an_mt940_file_is_lost(shared_data: Find) -> None:
    entry = re.compile(r"line \d+, field 61")
    kinds: Counter[str] = Counter()
    found = lost = 0
    for path in mt940_files(shared_data):
        data = path.read_bytes()
        written = len(re.findall(rb"^:61:", data, re.MULTILINE))
        try:
            file = mt940.read(data)
        except InvalidValue:
            assert path.name == "invalid_statement.sta"
            assert written == 0
            continue
        accounted, lines = entries_and_lines(file, entry)
        assert accounted == written, path.name
        kinds.update(line.kind for line in file.lines)
        assert len(payments(file.lines)) == sum(line.kind == "payment" for line in file.lines)
        found, lost = found + accounted, lost + accounted - lines
    assert (found, lost) == (217, 4)
    assert sum(kinds.values()) == 213


def test_what_an_mt940_snippet_does_not_name_the_host_can_say(shared_data: Find) -> None:
    folder = shared_data("bank/mt940/mt940_tests")
    for name in ("cmxl/statement_line.sta", "betterplace/empty_entry_date.sta", "self-provided/sparkassen.sta"):
        data = (folder / name).read_bytes()
        assert [problem.lost for problem in mt940.read(data).problems] == [True]
        assert len(mt940.read(data, account="DE02120300000000202051", currency="EUR").lines) == 1


def values_of(data: Any, name: str) -> Iterator[dict[str, Any]]:
    """Every object of a class in the expected values of the camt files."""
    if isinstance(data, dict):
        if str(data.get("__CLASS__", "")).endswith(name):
            yield data
        for value in data.values():
            yield from values_of(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from values_of(value, name)


def as_we_say_it(entry: dict[str, Any]) -> tuple[object, ...]:
    amount = entry["getAmount"]
    money = Money(abs(int(amount["getAmount"])), Money.zero(amount["getCurrency"]["getCode"]).currency)
    days = [entry[name] and entry[name]["0"][:10] for name in ("getBookingDate", "getValueDate")]
    return (
        money,
        {"CRDT": "credit", "DBIT": "debit"}[entry["getCreditDebitIndicator"]],
        *days,
        entry["getAccountServicerReference"] or None,
    )


def test_camt_entries_are_what_another_reader_takes_them_for(shared_data: Find) -> None:
    compared = 0
    for expected in sorted(shared_data("bank/camt_a").glob("*.json")):
        truth = [as_we_say_it(entry) for entry in values_of(json.loads(expected.read_text("utf-8")), "DTO\\Entry")]
        file = camt.read(expected.with_suffix(".xml").read_bytes())
        ours = [
            (
                line.amount,
                line.direction,
                line.booked_on and line.booked_on.isoformat(),
                line.value_date and line.value_date.isoformat(),
                line.bank_reference,
            )
            for line in file.lines
        ]
        # An entry that stands in two places of their result is written out in the first alone.
        missing = [entry for entry in truth if entry not in ours]
        assert missing == [], expected.name
        compared += len(truth)
    assert compared == 24


MT940_TRUTH = re.compile(
    r"amount: !!python/object/apply:decimal\.Decimal \['(?P<amount>-?[0-9.]+)'\]\n\s+currency: (?P<currency>[A-Z]{3})\n.*?"
    r"\n    date: (?:&\w+ )?!!python/object/apply:mt940\.models\.Date\n\s+- !!binary \|\n\s+(?P<day>\S+)",
    re.DOTALL,
)


def test_mt940_lines_are_what_the_package_took_them_for(shared_data: Find) -> None:
    """Amount, currency, direction and value date of each transaction, for the statements that name a currency."""
    compared = 0
    for path in mt940_files(shared_data):
        expected = path.with_suffix(".yml")
        if not expected.exists():
            continue
        _, _, listed = expected.read_text("utf-8").partition("\ntransactions:")
        truth: Counter[tuple[object, ...]] = Counter()
        for chunk in listed.split("!!python/object:mt940.models.Transaction\n")[1:]:
            if (match := MT940_TRUTH.search(chunk)) is not None:
                days = base64.b64decode(match["day"])
                day = f"{days[0] * 256 + days[1]:04d}-{days[2]:02d}-{days[3]:02d}"
                truth[Money.of(match["amount"].lstrip("-"), match["currency"]), day] += 1
        if not truth:
            continue
        ours = Counter(
            (line.amount, line.value_date and line.value_date.isoformat())
            for line in mt940.read(path.read_bytes()).lines
        )
        assert truth - ours == Counter(), path.name
        compared += truth.total()
    assert compared == 203


def test_a_statement_and_a_notification_of_a_swiss_bank_agree_on_every_booking(shared_data: Find) -> None:
    folder = shared_data("bank/camt_b/spec/fixtures")
    statement = camt.read((folder / "053/valid_example_v4.xml").read_bytes())
    notified = camt.read((folder / "054/valid_example.xml").read_bytes())
    assert len(notified.lines) == 5
    assert {line.identity for line in notified.lines} < {line.identity for line in statement.lines}


def test_a_report_of_the_day_and_the_statement_of_a_polish_bank_agree_on_every_line(shared_data: Find) -> None:
    folder = shared_data("bank/mt940/mt940_tests/mBank")
    report, statement = (mt940.read((folder / name).read_bytes()) for name in ("mt942.sta", "mt940.sta"))
    assert [found.message for found in (*report.statements, *statement.statements)] == ["MT942", "MT940"]
    assert [line.identity for line in report.lines] == [line.identity for line in statement.lines]


def test_the_lines_of_all_files_have_identities_of_their_own(shared_data: Find) -> None:
    for path in camt_files(shared_data):
        lines = camt.read(path.read_bytes()).lines
        assert len({line.identity for line in lines}) == len(lines), path.name


def test_what_a_statement_and_a_notification_both_hold_is_booked_once(shared_data: Find) -> None:
    folder = shared_data("bank/camt_b/spec/fixtures")
    app = Receivables(
        store=MemoryStore(),
        notifier=RecordingNotifier(),
        clock=FixedClock.on(dt.date(2026, 3, 1)),
        policies=PolicyBook(),
    )
    app.open_account(Customer(id=SUSPENSE), key="open")
    taken = Counter[str]()
    for name in ("053/valid_example_v4.xml", "054/valid_example.xml", "053/valid_example_v4.xml"):
        for payment in payments(camt.read((folder / name).read_bytes()).lines):
            try:
                taken[app.receive_payment(payment, key=f"{name} {payment.id}").outcome] += 1
            except ClaimTaken:
                taken["booked before"] += 1
    # The statement, three of its bookings again in the notification, and the statement again under its own keys.
    assert taken == {"recorded": 42, "booked before": 3}
    assert app.view(SUSPENSE, dt.date(2026, 3, 1)).on_account("CHF") == Money.of("1700.56", "CHF")
