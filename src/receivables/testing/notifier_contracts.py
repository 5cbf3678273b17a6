"""Contract tests for whoever writes a notifier: subclass `NotifierContract` in a test module, and pytest collects it.

    class TestMyNotifier(NotifierContract):
        def make_notifier(self):
            self.provider = FakeProvider()
            return MyNotifier(self.provider)

        def sent(self):
            return [message.key for message in self.provider.messages]

Only what can be said of every notifier stands here: that it says what it did, and that one which honors keys does.
"""

# ruff: noqa: D102 - the name of a test is the rule that it holds

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from receivables.codec import plain
from receivables.documents.notice import Notice, NoticeLine
from receivables.ports import Delivery, Notifier, NotSent, Sent
from receivables.values import checks
from receivables.values.currencies import Currency
from receivables.values.money import Money

DAY = dt.date(2026, 3, 2)


def notice(key: str, *, step: str = "first") -> Notice:
    """A letter about one item."""
    due = DAY - dt.timedelta(days=10)
    line = NoticeLine(
        item="INV-1", document="INV-1", amount=Money.of("119.99", "EUR"), due_on=due, ladder_from=due, step=step
    )
    return Notice(
        key=key,
        account="ACME",
        customer="ACME",
        currency=Currency.of("EUR"),
        channel="email",
        language="en",
        template=step,
        as_of=DAY,
        lines=(line,),
        recipient="contact-17",
    )


class NotifierContract:
    """The rules of the notifier port as tests; see the module."""

    def make_notifier(self) -> Notifier:
        """A notifier that has sent nothing yet and whose way out works."""
        raise NotImplementedError

    def sent(self) -> Sequence[str]:
        """The keys of what went out through the notifier that was made last, one for each message."""
        raise NotImplementedError

    def notice(self, key: str) -> Notice:
        """A notice that the notifier can send: override it where it needs another recipient or template."""
        return notice(key)

    def test_it_says_whether_it_honors_keys_and_stays_with_it(self) -> None:
        notifier = self.make_notifier()
        before = notifier.honors_keys
        assert before is True or before is False
        self._send(notifier, "one")
        assert notifier.honors_keys is before

    def test_what_it_says_it_sent_went_out_once(self) -> None:
        notifier = self.make_notifier()
        assert isinstance(self._send(notifier, "one"), Sent)
        assert list(self.sent()) == ["one"]

    def test_two_notices_are_two_messages(self) -> None:
        notifier = self.make_notifier()
        for key in ("one", "two"):
            assert isinstance(self._send(notifier, key), Sent)
        assert sorted(self.sent()) == ["one", "two"]

    def test_a_key_that_is_honored_goes_out_once_however_often_it_is_sent(self) -> None:
        notifier = self.make_notifier()
        if not notifier.honors_keys:
            return
        answers = [self._send(notifier, key) for key in ("one", "two", "one", "one")]
        assert all(isinstance(answer, Sent) for answer in answers)
        assert sorted(self.sent()) == ["one", "two"]

    def test_what_the_way_out_says_can_be_recorded(self) -> None:
        """The receipt becomes a part of a fact: a text, not too long, without a card number."""
        answer = self._send(self.make_notifier(), "one")
        assert isinstance(answer, Sent)
        checks.text("sent.receipt", answer.receipt, empty=True)

    def test_an_alert_for_the_creditors_own_people_is_no_letter_to_the_customer(self) -> None:
        """It has no recipient: it goes out another way, or is said not to have gone out."""
        notifier = self.make_notifier()
        alert = evolve(self.notice("alert"), audience="staff", recipient=None, template="escalate")
        answer = notifier.send(alert)
        assert isinstance(answer, Sent | NotSent)
        assert list(self.sent()) == (["alert"] if isinstance(answer, Sent) else [])

    def _send(self, notifier: Notifier, key: str) -> Delivery:
        """Send, and see that the notice was left as it is: the next attempt must send the same."""
        asked = self.notice(key)
        before = plain(asked)
        answer = notifier.send(asked)
        assert isinstance(answer, Sent | NotSent), answer
        assert plain(asked) == before
        return answer
