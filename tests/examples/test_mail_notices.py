"""Notices over a real SMTP server on this machine: what is mailed, and that a crash mails nothing twice."""

from __future__ import annotations

import datetime as dt
import importlib.util
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from receivables import (
    Contact,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Notice,
    NotSent,
    PolicyBook,
    Receivables,
    Sent,
)
from receivables.testing import FixedClock

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 2, 11)
ADDRESSES = {"contact-17": "ap@acme.example", "contact-18": "ap@beta.example"}
POLICY = DunningPolicy(
    id="standard",
    version=1,
    steps=(DunningStep(name="reminder", days_after_due=7, fallbacks=("letter",)),),
)


def load_example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mail_notices", ROOT / "examples" / "mail_notices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mail_notices"] = module
    spec.loader.exec_module(module)
    return module


mail = load_example()


class Killed(BaseException):
    """The process dies: nothing after it runs."""


class Mailbox:
    """What the server does with what it is given: each answer of ``script`` is for one message, then it takes all.

    ``drops_duplicates``: a Message-ID that was there before is taken and not kept, as many mail systems do.
    """

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.offered = 0
        self.script: list[str] = []
        self.recipients: list[str] = []
        self.drops_duplicates = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.script and self.script[0].startswith("rcpt "):
            return self.script.pop(0).removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.offered += 1
        answer = self.script.pop(0) if self.script else "250 taken"
        if answer.startswith(("250", "lost")):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            if not (self.drops_duplicates and message["Message-ID"] in self.ids):
                self.kept.append(message)
        if answer == "lost":  # taken, and the answer never arrives
            assert server.transport is not None
            server.transport.close()
        return answer

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.kept]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[tuple[str, int]]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.hostname, controller.port
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Host:
    """A billing app: a store that outlives the process, and a service that is made anew after a crash."""

    def __init__(self, server: tuple[str, int], log: Path) -> None:
        self.store, self.clock, self.server, self.log = MemoryStore(), FixedClock.on(TODAY), server, log
        self.start()
        for id, contact in (("ACME", "contact-17"), ("BETA", "contact-18")):
            contacts = (
                Contact(purpose="dunning", channel="email", reference=contact),
                Contact(purpose="dunning", channel="letter", reference=f"post of {id}"),
            )
            self.app.open_account(Customer(id=id, contacts=contacts), key=f"open {id}")
            invoice = Invoice.due(
                number=f"INV-{id}",
                account=id,
                issued_on=dt.date(2026, 1, 5),
                total=Money.of("1200", "EUR"),
                due_on=dt.date(2026, 2, 4),
            )
            self.app.issue_invoice(invoice, key=f"issue {id}")
        assert sum(len(result.notices) for result in self.app.run_dunning(TODAY)) == 2

    def start(self, **more: Any) -> None:
        """A fresh process: a new service and a new notifier, on the store and the file that are there."""
        self.notifier: Any = mail.SmtpNotifier(self.server, ADDRESSES, mail.OutboxLog(self.log), timeout=5, **more)
        self.app = Receivables(
            store=self.store, notifier=self.notifier, clock=self.clock, policies=PolicyBook.of(POLICY)
        )

    def deliver(self) -> dict[str, str]:
        return {result.account: result.outcome for result in self.app.deliver()}

    def notices(self, id: str) -> list[tuple[str, str]]:
        return [(state.notice.channel, state.status) for state in self.app.view(id, TODAY).notices]


@pytest.fixture
def host(server: tuple[str, int], tmp_path: Path) -> Host:
    return Host(server, tmp_path / "outbox.log")


# Delivery -----------------------------------------------------------------------------------------------------------


def test_notices_arrive_at_the_addresses_of_their_contacts(host: Host, mailbox: Mailbox) -> None:
    assert host.deliver() == {"ACME": "sent", "BETA": "sent"}
    assert mailbox.recipients == ["ap@acme.example", "ap@beta.example"]
    assert [str(message["To"]) for message in mailbox.kept] == mailbox.recipients
    assert host.deliver() == {}
    assert len(mailbox.kept) == 2


def test_the_message_id_is_the_key_of_the_letter(host: Host, mailbox: Mailbox) -> None:
    host.deliver()
    (state,) = host.app.view("ACME", TODAY).notices
    assert mailbox.ids[0] == f"<{state.notice.key}@supplies.example>"


# A crash ------------------------------------------------------------------------------------------------------------


def crash_between_answer_and_record(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server said 250 and the log has it; the process dies before the engine records it."""
    send = host.notifier.send

    def send_and_die(notice: Notice) -> Any:
        send(notice)
        raise Killed

    monkeypatch.setattr(host.notifier, "send", send_and_die)
    with pytest.raises(Killed):
        host.deliver()


def crash_between_acceptance_and_log(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server took the mail; the process dies before the line stands in the log."""

    def die(key: str, answer: str) -> None:
        raise Killed

    monkeypatch.setattr(host.notifier.log, "took", die)
    with pytest.raises(Killed):
        host.deliver()


def test_a_crash_after_the_servers_answer_mails_nothing_twice(
    host: Host, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_between_answer_and_record(host, monkeypatch)
    assert (mailbox.recipients, host.notices("ACME")) == (["ap@acme.example"], [("email", "sending")])
    host.start()
    assert host.deliver() == {"ACME": "sent", "BETA": "sent"}
    assert mailbox.recipients == ["ap@acme.example", "ap@beta.example"]
    assert (mailbox.offered, len(mailbox.kept)) == (2, 2)
    assert host.notices("ACME") == [("email", "sent")]
    host.start()
    assert host.deliver() == {}


def test_a_crash_before_the_line_in_the_log_is_what_no_log_can_close(
    host: Host, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The honest limit: the mail is offered twice, with the same id, and it is the server's choice to keep one."""
    crash_between_acceptance_and_log(host, monkeypatch)
    host.start()
    assert host.deliver()["ACME"] == "sent"
    assert mailbox.recipients.count("ap@acme.example") == 2
    assert mailbox.ids.count(mailbox.ids[0]) == 2
    assert len({message.as_bytes() for message in mailbox.kept if message["Message-ID"] == mailbox.ids[0]}) == 1


def test_a_server_that_drops_what_it_has_makes_it_one_mail(
    host: Host, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.drops_duplicates = True
    crash_between_acceptance_and_log(host, monkeypatch)
    host.start()
    assert host.deliver()["ACME"] == "sent"
    assert mailbox.offered == 3
    assert len(mailbox.kept) == len(set(mailbox.ids)) == 2


def test_who_would_rather_send_none_than_two_asks_a_person(
    host: Host, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_between_acceptance_and_log(host, monkeypatch)
    host.start(honors_keys=False)
    assert host.deliver() == {"ACME": "waiting", "BETA": "sent"}
    assert len(mailbox.kept) == 2


def test_a_line_that_a_crash_cut_short_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "outbox.log"
    mail.OutboxLog(path).took("k1", "250 2.0.0\r\nOK")
    path.write_text(path.read_text() + "k2")
    log = mail.OutboxLog(path)
    assert (log.answer("k1"), log.answer("k2")) == ("250 2.0.0 OK", None)


def test_after_a_line_that_was_cut_short_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "outbox.log"
    path.write_text("k1\t250 OK\nk2")
    mail.OutboxLog(path).took("k3", "250 OK")
    log = mail.OutboxLog(path)
    assert [log.answer(key) for key in ("k1", "k2", "k3")] == ["250 OK", None, "250 OK"]


# Errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["451 try later", "rcpt 450 mailbox busy"])
def test_a_temporary_refusal_is_tried_again(host: Host, mailbox: Mailbox, answer: str) -> None:
    mailbox.script = [answer]
    assert host.deliver() == {"ACME": "to be tried again", "BETA": "sent"}
    assert host.deliver() == {"ACME": "sent"}
    assert len(mailbox.kept) == 2


@pytest.mark.parametrize("answer", ["554 no", "rcpt 550 no such mailbox"])
def test_a_final_refusal_goes_on_to_the_next_channel(host: Host, mailbox: Mailbox, answer: str) -> None:
    mailbox.script = [answer]
    assert host.deliver() == {"ACME": "failed", "BETA": "sent"}
    assert host.notices("ACME") == [("email", "failed"), ("letter", "queued")]
    assert host.app.view("ACME", TODAY).notices[1].notice.recipient == "post of ACME"
    assert len(mailbox.kept) == 1


def test_a_server_that_is_not_there_is_tried_again(host: Host, mailbox: Mailbox) -> None:
    there = host.server
    host.server = ("127.0.0.1", free_port())
    host.start()
    assert host.deliver() == {"ACME": "to be tried again", "BETA": "to be tried again"}
    host.server = there
    host.start()
    assert host.deliver() == {"ACME": "sent", "BETA": "sent"}


def test_a_connection_that_is_lost_after_the_text_is_unknown(host: Host, mailbox: Mailbox) -> None:
    """The server has it; the answer never came. It is asked again, with the same id."""
    mailbox.script, mailbox.drops_duplicates = ["lost"], True
    assert host.deliver() == {"ACME": "unknown", "BETA": "sent"}
    assert host.notices("ACME") == [("email", "sending")]
    assert host.deliver() == {"ACME": "sent"}
    assert len(mailbox.kept) == 2


def test_a_contact_without_an_address_goes_on_to_the_next_channel(host: Host, mailbox: Mailbox) -> None:
    host.notifier.addresses = {"contact-18": "ap@beta.example"}
    assert host.deliver() == {"ACME": "failed", "BETA": "sent"}
    assert host.notices("ACME") == [("email", "failed"), ("letter", "queued")]


class Stub:
    """A server that speaks a script, line by line, for what a decent one never says."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers

    def run(self, act: Callable[[tuple[str, int]], Any]) -> Any:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                for answer in self.answers:
                    connection.sendall(answer)
                    connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return act(listener.getsockname())
        finally:
            thread.join(5)
            listener.close()


def send_to(address: tuple[str, int]) -> Any:
    notifier = mail.SmtpNotifier(address, ADDRESSES, mail.OutboxLog(), timeout=5)
    return notifier.send(mail.second_notice())


@pytest.mark.parametrize(
    ("answers", "reason", "retry"),
    [
        ((b"421 busy\r\n",), "421 busy", True),
        ((b"554 go away\r\n",), "554 go away", False),
        ((b"220 hello\r\n", b"250 ok\r\n", b"451 not now\r\n"), "451 not now", True),
        ((b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"452 full\r\n"), "452 full", True),
        ((b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"503 no\r\n"), "503 no", False),
        ((b"220 hello\r\n", b"250 ok\r\n"), "SMTPServerDisconnected", True),
    ],
)
def test_what_ends_before_the_text_certainly_did_not_go_out(
    answers: tuple[bytes, ...], reason: str, retry: bool
) -> None:
    found = Stub(*answers).run(send_to)
    assert isinstance(found, NotSent)
    assert (reason in found.reason, found.retry) == (True, retry)


def test_an_answer_to_the_text_that_nobody_can_read_is_unknown() -> None:
    answers = (b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n", b"what?\r\n")
    with pytest.raises(Exception, match="what|-1"):
        Stub(*answers).run(send_to)


# What is in the mail ------------------------------------------------------------------------------------------------


class Cells(HTMLParser):
    """The text of a page, tag by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parts(notice: Notice) -> tuple[str, Cells]:
    """The two bodies, read from the bytes that go over the wire."""
    message = message_from_bytes(mail.render(notice, "ap@acme.example").as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    cells = Cells()
    cells.feed(rich.get_content())
    return plain.get_content(), cells


def test_both_bodies_say_every_amount_date_charge_segment_and_reference() -> None:
    plain, rich = parts(mail.second_notice())
    for said in (
        "INV-1",
        "2026-02-04",
        "1,200.00 EUR",
        "15.00 EUR",
        "6.21 EUR",
        "2026-02-05 to 2026-02-25, 21 days, 9 % on 1,200.00 EUR: 6.2137",
        "RF47 INV1",
        "2026-03-07",
        "To be paid: 2,421.21 EUR",
    ):
        assert said in plain, said
        assert any(said in text for text in rich.texts), said


def test_what_comes_from_outside_is_escaped() -> None:
    notice = mail.second_notice()
    line = attrs.evolve(notice.lines[0], document="<script>alert('1')</script> & Co")
    plain, rich = parts(attrs.evolve(notice, lines=(line, *notice.lines[1:])))
    assert "<script>alert('1')</script> & Co" in plain
    assert "<script>alert('1')</script> & Co" in rich.texts
    assert "script" not in rich.tags


def test_a_line_break_in_what_comes_from_outside_makes_no_header() -> None:
    notice = attrs.evolve(mail.second_notice(), customer="ACME\r\nBcc: everybody@example.org")
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        mail.render(notice, "ap@acme.example")


def test_a_letter_renders_to_the_same_bytes_at_each_attempt() -> None:
    first, second = (mail.render(mail.second_notice(), "ap@acme.example").as_bytes() for _ in range(2))
    assert first == second


def test_a_retraction_names_the_letter_that_it_takes_back_and_demands_nothing() -> None:
    notice = attrs.evolve(mail.second_notice(), template="retraction", retracts="k1")
    assert mail.render(notice, "ap@acme.example")["References"] == "<k1@supplies.example>"
    plain, _ = parts(notice)
    assert "To be paid" not in plain


def test_the_language_of_the_customer_is_used_where_there_are_words_for_it() -> None:
    notice = attrs.evolve(mail.second_notice(), template="reminder", language="de")
    assert str(mail.render(notice, "ap@acme.example")["Subject"]).startswith("Zahlungserinnerung")
    assert "überfällig" in parts(notice)[0]
    french = attrs.evolve(notice, language="fr")
    assert str(mail.render(french, "ap@acme.example")["Subject"]).startswith("A reminder")


def test_a_number_that_is_no_reference_is_shown_as_it_is() -> None:
    line = mail.second_notice().lines[0]
    assert mail.payment_reference(attrs.evolve(line, document="Rechnung Nr. 2026/00001/A-long")) == (
        "Rechnung Nr. 2026/00001/A-long"
    )
    assert mail.payment_reference(attrs.evolve(line, document="---")) == "---"


def test_the_example_prints_a_mail_and_sends_one(
    server: tuple[str, int], mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mail.main([]) == 0
    assert "To be paid: 2,421.21 EUR" in capsys.readouterr().out
    assert mail.main(["--smtp", f"{server[0]}:{server[1]}"]) == 0
    assert "Sent(receipt='250 taken')" in capsys.readouterr().out
    assert len(mailbox.kept) == 1
    assert mail.main(["--smtp", f"127.0.0.1:{free_port()}"]) == 1


def test_a_key_that_was_taken_is_answered_from_the_log(server: tuple[str, int], mailbox: Mailbox) -> None:
    notifier = mail.SmtpNotifier(server, ADDRESSES, mail.OutboxLog())
    notice = mail.second_notice()
    assert notifier.send(notice) == notifier.send(notice) == Sent(receipt="250 taken")
    assert mailbox.offered == 1
