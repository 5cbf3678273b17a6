"""The auditor of a simulation: what a store must hold, and what must be true of the ledger, looked at after each step.

Every answer of the audited store is compared with a second one (`receivables.testing.books`), and the figures with those
that are added up from the facts (`receivables.testing.figures`). The first thing that is wrong is a `Violation` of one of
the `RULES` there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any, final

from receivables.documents.customer import group_account_id
from receivables.facts.credit import OrderReserved
from receivables.facts.dunning import NoticeQueued, NoticeSending, NoticeSent
from receivables.facts.fact import Fact
from receivables.loading import account_of
from receivables.plans.consequences import consequences
from receivables.plans.dunning import plan_run
from receivables.plans.plan import Context
from receivables.policies.book import PolicyBook
from receivables.ports import Commit, Loaded, Receipt
from receivables.state.account import Account, fold
from receivables.state.view import View
from receivables.testing.books import Books, check
from receivables.testing.figures import credited, invoiced, limit, owed, placed, reserved, until

MOST_REMEMBERED = 40
"""How many views are kept to be asked for again."""

LATE = dt.date(2040, 1, 1)
"""A day after everything that a simulation records."""


@final
class Auditor:
    """Looks at every answer of a store and at every commit that it accepted; see `receivables.testing.books.RULES`."""

    def __init__(self, policies: PolicyBook) -> None:
        self.books = Books()
        self.policies = policies
        self._members: dict[str, list[dict[str, int]]] = {}
        self.acknowledged: dict[str, Receipt] = {}
        self.letters: dict[str, int] = {}
        self._remembered: list[tuple[str, View]] = []
        self._handed_out: list[tuple[Sequence[Fact], tuple[Fact, ...]]] = []
        self._watched: list[tuple[Loaded, int, Account]] = []

    def read(self, method: str, args: Sequence[Any], answer: Any) -> None:
        """An answer that the store gave."""
        self.books.check_answer(method, args, answer)
        if method == "load" and len(self._watched) < MOST_REMEMBERED:
            self._watched += [(each, each.version, account_of(each)) for each in answer.values()]
        elif method == "history" and len(self._handed_out) < MOST_REMEMBERED:
            self._handed_out.append((answer, tuple(answer)))

    def accepted(self, commit: Commit) -> None:
        """A commit that the store accepted."""
        obstacle = self.books.obstacle(commit)
        check("commit", not obstacle, "accepted, though", obstacle)
        self.books.write(commit)
        for append in commit.appends:
            if append.facts:
                self._check_account(append.account, append.facts)
        self._watch_groups(commit)

    def refused(self, commit: Commit, error: Exception) -> None:
        """A commit that the store refused."""
        check("commit", bool(self.books.obstacle(commit)), "refused what fits:", error)

    def answered(self, receipt: Receipt) -> None:
        """A receipt that somebody was given."""
        known = self.acknowledged.setdefault(receipt.key, receipt)
        check("receipt", known == receipt, receipt.key, "was answered", known, "and then", receipt)
        check("receipt", self.books.receipts.get(receipt.key) == receipt, receipt.key, "was not recorded")

    def letter(self, key: str, once: bool) -> None:
        """A letter that really went out; ``once`` where the notifier sends a key once."""
        facts = [fact for log in self.books.logs.values() for fact in log]
        begun = any(isinstance(fact, NoticeSending) and fact.notice == key for fact in facts)
        check("letter", begun, key, "went out before that was recorded")
        self.letters[key] = self.letters.get(key, 0) + 1
        check("letter", once or self.letters[key] == 1, key, "went out", self.letters[key], "times")

    def _check_account(self, id: str, new: Sequence[Fact]) -> None:
        if not self.books.accounts[id].profile.entries:
            return
        whole = self.books.whole(id)
        log = self.books.log_of(whole) if whole.profile.entries else self.books.logs[id]
        self._check_money(id, log, whole.view(LATE))
        self._check_keys(self.books.logs[id], new)
        decided = [fact.recorded_at for fact in new if isinstance(fact, OrderReserved)]
        if decided:
            self._check_limits(id, max(decided).date())
        begun = {fact.notice: fact.recorded_at for fact in new if isinstance(fact, NoticeSending)}
        if begun:
            self._check_letters(until(log, max(begun.values()).date()), begun)

    def _check_money(self, id: str, log: Sequence[Fact], view: View) -> None:
        balance = view.balance("EUR").minor
        check("money", owed(log) == balance, id, "owes", owed(log), "by its facts and", balance, "by its view")
        credits, items = credited(log), invoiced(log)
        taken, given = placed(log)
        for credit, minor in taken.items():
            check("allocation", minor <= credits[credit], minor, "taken of", credit, "which has", credits[credit])
        for item, minor in given.items():
            check("allocation", minor <= items[item], minor, "placed on", item, "which is for", items[item])
        for item, minor in items.items():
            rest = minor - given.get(item, 0)
            seen = view.open(item).minor if item in view.places else 0
            check("allocation", rest == seen, item, "has", rest, "open by its facts and", seen, "by the view")

    def _check_keys(self, log: Sequence[Fact], new: Sequence[Fact]) -> None:
        for fact in new:
            if isinstance(fact, NoticeQueued):
                queued = [each for each in log if isinstance(each, NoticeQueued) and each.notice.key == fact.notice.key]
                check("letter", len(queued) == 1, fact.notice.key, "was queued", len(queued), "times")
            elif isinstance(fact, NoticeSent):
                sent = [each for each in log if isinstance(each, NoticeSent) and each.notice == fact.notice]
                check("letter", len(sent) == 1, fact.notice, "was recorded as sent", len(sent), "times")

    def _check_limits(self, id: str, day: dt.date) -> None:
        """By the day that the decision was recorded with: nothing that was recorded before it may be left out."""
        id = self.books.whole(id).own.id
        own, group = limit(until(self.books.logs[id], day)), self.books.group_of(id)
        used = self._used(id, day)
        check("limit", own is None or used <= own, id, "uses", used, "of", own)
        if group is None:
            return
        common = limit(until(self.books.logs.get(group_account_id(group), ()), day))
        members = self.books.links.get(("group", group), set())
        moments = [*self._members.get(group, ()), {each: self._used(each, day) for each in members}]
        least = min(sum(each.values()) - each.get(id, 0) for each in moments)
        check("limit", common is None or used + least <= common, group, "uses", used + least, "of", common)

    def _watch_groups(self, commit: Commit) -> None:
        """Keep what each member of a group uses, as it was with each commit since the group was last guarded.

        Who reserves has read the group before its members, and the others as they were at one of these moments: what moved
        them meanwhile without a reservation (an invoice without an order, a payment that came back) may come after.
        """
        guarded = {guard.account for guard in commit.guards}
        for (namespace, group), members in self.books.links.items():
            if namespace != "group" or not members & {each.account for each in commit.appends}:
                continue
            day = self._latest(members)
            now = {each: self._used(each, day) for each in members}
            kept = [] if group_account_id(group) in guarded else self._members.get(group, [])
            self._members[group] = [*kept, now]

    def _latest(self, ids: Iterable[str]) -> dt.date:
        """The day on which one of some accounts was last written: who looks at all of them decides on no day before it."""
        return max(known.date() for each in ids if (known := self.books.whole(each).known_at) is not None)

    def _begun(self, id: str, day: dt.date) -> list[Fact]:
        """The facts of an account, and of all that is part of it, that are in effect on a day."""
        log = (
            self.books.log_of(self.books.whole(id)) if not self.books.accounts[id].merges.alone else self.books.logs[id]
        )
        return until(log, day)

    def _used(self, id: str, day: dt.date) -> int:
        log = self._begun(id, day)
        return owed(log) + reserved(log)

    def _check_letters(self, log: Sequence[Fact], begun: Collection[str]) -> None:
        """Of a letter that begins to go out, something is open on each item that it claims."""
        _, given = placed(log)
        items = invoiced(log)
        for fact in log:
            if isinstance(fact, NoticeQueued) and fact.notice.key in begun and fact.notice.retracts is None:
                lines = fact.notice.claimed if fact.notice.audience == "customer" else ()
                for line in lines:
                    rest = items.get(line.item, 0) - given.get(line.item, 0)
                    check("dunning", rest > 0, fact.notice.key, "begins on", line.item, "of which is open", rest)

    # Now and then, and at the end

    def remember(self, id: str, as_of: dt.date) -> None:
        """Ask an account as of a date, as known just before the last instant, to ask the same again later.

        Of an account that had to do with others, before the last instant of each of them: a clock that was set back may give
        the next fact of one of them an instant that another has passed.
        """
        if len(self._remembered) >= MOST_REMEMBERED or id not in self.books.accounts:
            return
        account = self.books.by_itself(id)
        latest = [part.known_at for part in account.parts or (account,) if part.known_at is not None]
        if latest:
            self._remembered.append((id, account.view(as_of, min(latest) - dt.timedelta(microseconds=1))))

    def check_past(self) -> None:
        """That what was remembered is answered as before, and that nothing that was loaded has changed since."""
        for id, view in self._remembered:
            again = self.books.by_itself(id).view(view.as_of, view.known_at)
            check("past", again == view, id, "as of", view.as_of, "known at", view.known_at, "has changed")
        for loaded, version, account in self._watched:
            check("past", loaded.version == version and account_of(loaded) == account, "what was loaded has changed")

        for answer, facts in self._handed_out:
            check("past", tuple(answer) == facts, "a history that was handed out has changed")

    def check_awake(self, now: dt.datetime, day: dt.date, due: Sequence[str]) -> None:
        """That nobody sleeps on whom the run of the day would record something."""
        for id, account in self.books.accounts.items():
            if id in due or not account.profile.entries or account.merges.into() is not None:
                continue
            found = self.left_to_do(self.books.whole(id), now, day)
            check("wake", not found, id, "sleeps, and the run of", day, "would record", found)

    def check_done(self, now: dt.datetime, day: dt.date) -> None:
        """That after the run of a day nothing is left of it, on any account."""
        for id, account in self.books.accounts.items():
            if account.profile.entries and account.merges.into() is None:
                found = self.left_to_do(self.books.whole(id), now, day)
                check("twice", not found, "a second run of", day, "records on", id, found)

    def left_to_do(self, account: Account, now: dt.datetime, day: dt.date) -> list[str]:
        """What the run of a day would record on an account, by the names of the facts."""
        known = account.known_at
        context = Context(policies=self.policies, now=max(now, known) if known else now, today=now.date())
        facts = plan_run(account, day, context).facts
        more, _ = consequences(fold(facts, account), context)
        return [type(fact).__name__ for fact in (*facts, *more)]

    def check_rebuilt(self) -> None:
        """That every account is the fold of its whole log."""
        for id, log in self.books.logs.items():
            check("rebuilt", fold(log) == self.books.accounts.get(id, Account()), id, "is not the fold of its log")
