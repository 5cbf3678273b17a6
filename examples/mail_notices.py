"""Notices as e-mail: rendered with the standard library's `email`, sent with its `smtplib`.

    python examples/mail_notices.py                            a notice as it would be mailed, printed
    python examples/mail_notices.py --smtp 127.0.0.1:1025      sent to a server

The library knows no name, no address and no wording: the host has the addresses, by the reference that stands on the
notice, and the texts, by template and language. Here both are dicts.

What SMTP can and cannot promise. The server's 250 after the text says that it has taken responsibility. If the
connection dies before that answer arrives, nobody knows whether it did (RFC 5321, 4.5.3.2.6 and RFC 1047). So:

- refused before the text was handed over, by a closed port or a 4xx: certainly not sent, to be tried again;
- a 5xx: certainly not sent, and never will be; the engine goes on to the next channel of the step;
- anything else after the text was begun: an exception, which means "unknown".

An unknown outcome is asked again only of a notifier that honors keys. This one keeps an outbox log of its own, written
after the server's 250: a key that stands there is answered from the log and not sent again. That closes the gap between
the server's answer and the engine's record, where a crash is likely, because all of the engine's work happens there. It
does not close the gap between the server's acceptance and the line in the log: a crash in that instant, or a lost 250,
sends the mail again. It then carries the *same* Message-ID, derived from the key, so that a server or a mailbox that
drops duplicates shows one; many do, none must. Whoever would rather send none than two says ``honors_keys=False``: then
a person looks at each unknown outcome.

A file serves one process that delivers. Several workers need a log that they share, such as a table with a row per key
that is locked while its mail is handed over: an attempt that is under way looks to the others like an unknown outcome.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import smtplib
import sys
from collections.abc import Iterator, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import NamedTuple

from receivables import (
    Contact,
    Customer,
    DunningPolicy,
    DunningStep,
    Invoice,
    MemoryStore,
    Money,
    Notice,
    NoticeLine,
    NotSent,
    PolicyBook,
    Receivables,
    Sent,
)
from receivables.documents.charge import Charge
from receivables.policies.fees import FeeRule
from receivables.policies.interest import InterestTerms
from receivables.testing import FixedClock, RecordingNotifier
from receivables.values.references import creditor_reference, grouped

# Rendering ----------------------------------------------------------------------------------------------------------


class Wording(NamedTuple):
    """What a template says: the subject and the sentences around the list."""

    subject: str
    opening: str
    closing: str


WORDINGS: dict[tuple[str, str], Wording] = {
    ("reminder", "en"): Wording(
        "A reminder",
        "Perhaps it was overlooked: these invoices are past due.",
        "If you have paid, please disregard this.",
    ),
    ("second", "en"): Wording(
        "Second notice", "In spite of our reminder these invoices are open.", "Please pay by the date that is given."
    ),
    ("retraction", "en"): Wording(
        "Please disregard our letter", "We were wrong to ask for these invoices.", "With our apologies."
    ),
    ("reminder", "de"): Wording(
        "Zahlungserinnerung",
        "Diese Rechnungen sind überfällig.",
        "Haben Sie schon gezahlt, ist dieses Schreiben erledigt.",
    ),
}
"""Template and language -> words. The host's: another language falls back to English, another template is an error."""


class Creditor(NamedTuple):
    """Who sends: the address, and the domain of the message ids."""

    name: str
    address: str
    domain: str


CREDITOR = Creditor("Example Supplies, Accounts", "accounts@supplies.example", "supplies.example")


def message_id(notice: Notice, creditor: Creditor = CREDITOR) -> str:
    """The same for every attempt at the same letter: the key is a digest, so it is a valid left part."""
    return f"<{notice.key}@{creditor.domain}>"


def render(notice: Notice, address: str, creditor: Creditor = CREDITOR) -> EmailMessage:
    """The mail of a notice: plain text, and the same as HTML; to the byte the same at each attempt."""
    words = WORDINGS.get((notice.template, notice.language)) or WORDINGS[notice.template, "en"]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(creditor.name, addr_spec=creditor.address)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = f"{words.subject} ({notice.customer}, {notice.as_of.isoformat()})"
    message["Date"] = dt.datetime.combine(notice.as_of, dt.time(), dt.UTC)
    message["Message-ID"] = message_id(notice, creditor)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    if notice.retracts is not None:
        message["References"] = f"<{notice.retracts}@{creditor.domain}>"
    message.set_content(as_text(notice, words))
    message.add_alternative(as_html(notice, words), subtype="html")
    message.set_boundary(f"=_{notice.key[:32]}")
    return message


def payment_reference(line: NoticeLine) -> str:
    """An ISO 11649 reference of the invoice, where its number allows one; otherwise the number as it is."""
    body = "".join(character for character in line.document.upper() if character.isalnum() and character.isascii())
    return grouped(creditor_reference(body)) if 0 < len(body) <= 21 else line.document


def as_text(notice: Notice, words: Wording) -> str:
    claimed = [part for line in notice.claimed for part in _text_lines(line)]
    others = [f"  {line.document}, due {line.due_on}: {line.amount:,}" for line in notice.lines if line.step is None]
    return "\n".join(
        [
            words.opening,
            "",
            *claimed,
            "",
            *([] if notice.retracts else [f"To be paid: {notice.demanded:,}", ""]),
            *(["For your information, also open:", *others, ""] if others else []),
            words.closing,
            "",
        ]
    )


def _text_lines(line: NoticeLine) -> Iterator[str]:
    yield f"  {line.document}, due {line.due_on}: {line.amount:,}"
    for charge in line.charges:
        yield f"    {charge.kind} {charge.amount:,}"
        yield from (f"      {segment}" for segment in segments(charge))
    yield f"    payment reference {payment_reference(line)}" + (f", to be paid by {line.pay_by}" if line.pay_by else "")


def segments(charge: Charge) -> Iterator[str]:
    """How interest arose: days with one balance and one rate each."""
    for each in charge.segments:
        yield (
            f"{each.first_day} to {each.last_day}, {each.days} days, "
            f"{each.rate_percent} % on {each.principal:,}: {each.amount}"
        )


def as_html(notice: Notice, words: Wording) -> str:
    """Every text that comes from outside is escaped: invoice numbers are the customers' keyboards away from us."""
    head = "".join(f"<th>{name}</th>" for name in ("Invoice", "Due", "Amount", "Payment reference", "Pay by"))
    rows = "".join(_html_row(line) for line in notice.claimed)
    total = "" if notice.retracts else f"<p><strong>To be paid: {_shown(notice.demanded)}</strong></p>"
    others = "".join(
        f"<li>{escape(line.document)}, due {line.due_on}: {_shown(line.amount)}</li>"
        for line in notice.lines
        if line.step is None
    )
    information = f"<p>For your information, also open:</p><ul>{others}</ul>" if others else ""
    return (
        f'<!doctype html><html lang="{escape(notice.language)}"><body><p>{escape(words.opening)}</p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{total}{information}"
        f"<p>{escape(words.closing)}</p></body></html>"
    )


def _html_row(line: NoticeLine) -> str:
    cells = (line.document, str(line.due_on), f"{line.amount:,}", payment_reference(line), str(line.pay_by or ""))
    row = "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    for charge in line.charges:
        how = "".join(f"<br><small>{escape(segment)}</small>" for segment in segments(charge))
        row += f'<tr><td>{escape(charge.kind)}</td><td colspan="4">{_shown(charge.amount)}{how}</td></tr>'
    return row


def _shown(money: Money) -> str:
    return escape(f"{money:,}")


# Sending ------------------------------------------------------------------------------------------------------------


class OutboxLog:
    """Which keys a server has taken, with its answer: a file of one line each, or none for as long as we live."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else []
        whole = [line.split("\t", 1) for line in lines if "\t" in line]  # a line that a crash cut short is no answer
        self._taken = dict(whole)

    def answer(self, key: str) -> str | None:
        return self._taken.get(key)

    def took(self, key: str, answer: str) -> None:
        self._taken[key] = answer = " ".join(answer.split())
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{key}\t{answer}\n")  # on a line of its own, whatever a crash left behind
                file.flush()
                os.fsync(file.fileno())


class SmtpNotifier:
    """A `Notifier` over SMTP; see the top of the file for what that can promise.

    ``addresses`` gives the address of a contact reference, ``log`` what was taken before. A connection per mail is slow
    and simple: a host with many keeps one open.
    """

    def __init__(
        self,
        server: tuple[str, int],
        addresses: Mapping[str, str],
        log: OutboxLog,
        *,
        creditor: Creditor = CREDITOR,
        honors_keys: bool = True,
        timeout: float = 30,
    ) -> None:
        self.server, self.addresses, self.log, self.creditor = server, addresses, log, creditor
        self.honors_keys = honors_keys
        self.timeout = timeout

    def send(self, notice: Notice) -> Sent | NotSent:
        taken = self.log.answer(notice.key)
        if taken is not None:
            return Sent(receipt=taken)
        address = self.addresses.get(notice.recipient or "")
        if address is None:
            return NotSent(reason=f"no address for contact {notice.recipient}")
        message = render(notice, address, self.creditor)
        try:
            client = smtplib.SMTP(*self.server, timeout=self.timeout)
        except (OSError, smtplib.SMTPException) as error:
            return _not_greeted(error)
        try:
            found = self._hand_over(client, message, address)
        finally:
            client.close()  # without QUIT: what it would say changes nothing any more
        if isinstance(found, Sent):
            self.log.took(notice.key, found.receipt)
        return found

    def _hand_over(self, client: smtplib.SMTP, message: EmailMessage, address: str) -> Sent | NotSent:
        """The conversation, step by step, because what an error means depends on how far we came."""
        try:
            client.ehlo_or_helo_if_needed()
            for code, answer in self._envelope(client, address):
                if not 200 <= code < 300:
                    return _refused(code, answer)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, _text(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:  # lost before a word of the text: certainly not sent
            return NotSent(reason=f"{type(error).__name__}: {error}", retry=True)
        try:
            code, said = client.data(message.as_bytes())  # whatever is raised from here on means "unknown"
        except smtplib.SMTPDataError as error:  # the server did not want the text at all
            return _refused(error.smtp_code, _text(error.smtp_error))
        if 200 <= code < 300:
            return Sent(receipt=f"{code} {_text(said)}")
        if 400 <= code < 600:
            return _refused(code, _text(said))
        raise smtplib.SMTPDataError(code, said)  # no answer that one could read: unknown

    def _envelope(self, client: smtplib.SMTP, address: str) -> Iterator[tuple[int, str]]:
        code, said = client.mail(self.creditor.address)
        yield code, _text(said)
        code, said = client.rcpt(address)
        yield code, _text(said)


def _not_greeted(error: Exception) -> NotSent:
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, _text(error.smtp_error))
    return NotSent(reason=f"{type(error).__name__}: {error}", retry=True)


def _refused(code: int, answer: str) -> NotSent:
    """5xx: never. 4xx, and what cannot be read: later perhaps."""
    return NotSent(reason=f"{code} {answer}", retry=not 500 <= code < 600)


def _text(said: bytes | str) -> str:
    return said.decode("ascii", "replace") if isinstance(said, bytes) else said


# A story to look at -------------------------------------------------------------------------------------------------

POLICY = DunningPolicy(
    id="standard",
    version=1,
    interest=InterestTerms.fixed("9"),
    steps=(
        DunningStep(name="reminder", days_after_due=7, fallbacks=("letter",)),
        DunningStep(
            name="second",
            days_after_due=21,
            fallbacks=("letter",),
            pay_within_days=10,
            fee=FeeRule.flat("second", Money.of(15, "EUR")),
            claims_interest=True,
        ),
    ),
)
ADDRESSES = {"contact-17": "ap@acme.example"}


def second_notice() -> Notice:
    """The second letter about an invoice of which a part was paid, as a run queues it."""
    clock = FixedClock.on(dt.date(2026, 1, 5))
    app = Receivables(store=MemoryStore(), notifier=RecordingNotifier(), clock=clock, policies=PolicyBook.of(POLICY))
    contacts = (Contact(purpose="dunning", channel="email", reference="contact-17"),)
    app.open_account(Customer(id="ACME", contacts=contacts), key="open")
    for number, days in (("INV-1", 0), ("INV-2", 10)):
        due_on = dt.date(2026, 2, 4) + dt.timedelta(days=days)
        invoice = Invoice.due(
            number=number, account="ACME", issued_on=dt.date(2026, 1, 5), total=Money.of(1200, "EUR"), due_on=due_on
        )
        app.issue_invoice(invoice, key=number)
    for day in (dt.date(2026, 2, 11), dt.date(2026, 2, 25)):
        clock.instant = FixedClock.on(day).instant
        notices = [notice for result in app.run_dunning(day) for notice in result.notices]
        list(app.deliver())
    return next(notice for notice in notices if notice.template == "second")


def main(argv: list[str] | None = None) -> int:
    """Print a mail, or send it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smtp", help="the server, as host:port")
    parser.add_argument("--log", type=Path, help="the outbox log, a file; without one the log ends with the program")
    args = parser.parse_args(argv)
    notice = second_notice()
    if args.smtp is None:
        print(render(notice, ADDRESSES["contact-17"]).as_string())
        return 0
    host, _, port = args.smtp.rpartition(":")
    delivery = SmtpNotifier((host, int(port)), ADDRESSES, OutboxLog(args.log)).send(notice)
    print(delivery)
    return 0 if isinstance(delivery, Sent) else 1


if __name__ == "__main__":
    sys.exit(main())
