"""The recording notifier holds to the contract of notifiers, and each planted fault is caught by it."""

from functools import cache

import attrs
import pytest

from receivables import NotSent, Sent
from receivables.testing import RecordingNotifier
from receivables.testing.notifier_contracts import NotifierContract

TESTS = [name for name in vars(NotifierContract) if name.startswith("test_")]


class TestRecordingNotifier(NotifierContract):
    def make_notifier(self):
        self.notifier = RecordingNotifier()
        return self.notifier

    def sent(self):
        return [notice.key for notice in self.notifier.notices]


class Sends:
    """A notifier without a memory for keys, and the way out of all the faults below."""

    honors_keys = False

    def __init__(self):
        self.out = []

    def send(self, notice):
        self.out.append(notice.key)
        return Sent(receipt=f"message {len(self.out)}")


class NeverSaysSo(Sends):
    """Gives nothing back."""

    def send(self, notice):
        super().send(notice)


class SaysSoOnly(Sends):
    """Says that it sent, and did not."""

    def send(self, notice):
        return Sent()


class SendsTwice(Sends):
    """One copy for the archive, which is a customer's."""

    def send(self, notice):
        super().send(notice)
        return super().send(notice)


class PromisesKeys(Sends):
    """Says that it honors keys, and has no memory for them."""

    honors_keys = True


class OnePerCustomer(Sends):
    """Takes two letters to one customer for one."""

    honors_keys = True

    def send(self, notice):
        return Sent() if self.out else super().send(notice)


class RefusesWhatItHad(Sends):
    """Says of a key that it had that it did not go out, and so it would be sent another way."""

    honors_keys = True

    def send(self, notice):
        return NotSent(reason="had it") if notice.key in self.out else super().send(notice)


class HonorsLater(Sends):
    """Finds out with the first message what the provider can do."""

    def send(self, notice):
        self.honors_keys = True
        return Sent() if notice.key in self.out else super().send(notice)


class Maybe(Sends):
    """Does not say yes or no."""

    honors_keys = None


class ShowsTheCard(Sends):
    """Passes on what the provider answers, card number and all."""

    def send(self, notice):
        super().send(notice)
        return Sent(receipt="paid with 4111111111111111")


class RewritesTheNotice(Sends):
    """Puts its own number on the notice."""

    def send(self, notice):
        object.__setattr__(notice, "template", "sent")
        return super().send(notice)


class MailsTheCustomer(Sends):
    """Sends alerts out and says that it did not."""

    def send(self, notice):
        done = super().send(notice)
        return NotSent(reason="no recipient") if notice.recipient is None else done


FAULTS = Sends.__subclasses__()


@cache
def caught(kind):
    class Contract(NotifierContract):
        def make_notifier(self):
            self.notifier = kind()
            return self.notifier

        def sent(self):
            return self.notifier.out

    failed = []
    for name in TESTS:
        try:
            getattr(Contract(), name)()
        except Exception:
            failed.append(name)
    return failed


def test_a_plain_notifier_fails_nothing():
    assert caught(Sends) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_caught(fault):
    assert caught(fault)


@pytest.mark.parametrize("name", TESTS)
def test_every_test_of_the_contract_catches_something(name):
    assert [fault.__name__ for fault in FAULTS if name in caught(fault)]


def test_a_notifier_that_needs_another_template_says_which():
    class Contract(NotifierContract):
        def make_notifier(self):
            self.notifier = Sends()
            self.seen = []
            return self.notifier

        def sent(self):
            return self.notifier.out

        def notice(self, key):
            self.seen.append(key)
            return attrs.evolve(super().notice(key), template="reminder")

    contract = Contract()
    contract.test_two_notices_are_two_messages()
    assert contract.seen == ["one", "two"]


def test_who_gives_no_notifier_is_told_so():
    for ask in (NotifierContract().make_notifier, NotifierContract().sent):
        with pytest.raises(NotImplementedError):
            ask()
