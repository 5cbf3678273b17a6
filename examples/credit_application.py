"""A credit desk: prospects apply, papers come late, persons decide within their authority, offers are accepted or lapse.

    python examples/credit_application.py                  200 prospects, drawn by a seed
    python examples/credit_application.py --prospects 50 --seed 7

Each prospect is a story drawn by the seed: how much it asks for, what it declares, when its paper and its reference come,
and after how many days it answers an offer, if ever. The desk looks at every application every day. Ann decides; what is
above her authority Bob approves, and what is above his takes two members of the board, who are asked before.

What has to come out is worked out from the story by plain whole numbers, without asking the engine: what is offered, on which
day, whether it becomes a limit. The exit status is 1 if anything differs, if a limit was set without an offer, or if
somebody did more than the matrix lets one do.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
from collections import Counter
from typing import NamedTuple

from receivables import Customer, DocumentLink, MemoryStore, Money, PolicyBook, Receivables
from receivables.documents.application import CreditApplication, Paper, Reference, ReferenceAnswer
from receivables.documents.authority import ApprovalRequest
from receivables.documents.risk import DeclaredFigures
from receivables.errors import NotAuthorized
from receivables.policies.applications import ApplicationBand, ApplicationPolicy, ClassTerms
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.scoring import Bin, Factor, RiskClass, Scorecard
from receivables.reports.approvals import authority_log, pending_approvals
from receivables.testing import FixedClock, RecordingNotifier

FIRST = dt.date(2026, 3, 2)
DAYS = 100
YEAR = 365


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


DESK = ApplicationPolicy(
    id="desk",
    version=1,
    bands=(
        ApplicationBand(up_to=eur(2000), scored=False),
        ApplicationBand(up_to=eur(200_000), papers=("accounts",), figures=("book_equity",), references=1),
    ),
    classes=(
        ClassTerms(risk_class="A"),
        ClassTerms(risk_class="B", percent=60),
        ClassTerms(risk_class="C", leads_to="refused"),
    ),
    equity_percent=20,
    lapse_days=60,
    offer_days=30,
)
AGE = Factor(
    feature="business_age_days",
    code="young",
    bins=(Bin(below=2 * YEAR, points=0), Bin(below=5 * YEAR, points=50), Bin(points=100)),
)
CARD = Scorecard(
    id="prospects",
    version=1,
    factors=(AGE,),
    classes=(RiskClass(name="A", least=100), RiskClass(name="B", least=50), RiskClass(name="C")),
)
ALONE, APPROVED = 10_000, 50_000
MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(
        Role(name="analyst", persons=("ann",)),
        Role(name="head", persons=("bob",)),
        Role(name="board", persons=("dora", "emil")),
    ),
    rules=(
        AuthorityRule(kind="limit", role="analyst", up_to=eur(ALONE)),
        AuthorityRule(kind="limit", role="head", up_to=eur(APPROVED)),
        AuthorityRule(kind="limit", role="board", approvals=2),
    ),
)
POLICIES = PolicyBook.of(DESK, CARD, MATRIX)


class Story(NamedTuple):
    """A prospect: amounts in whole euros, days after the application; ``answers`` is ``None`` where it never does."""

    id: str
    applies: int
    asks: int
    equity: int
    age: int
    paper: int
    reference: int
    answers: int | None

    @property
    def complete(self) -> int:
        """The day on which all that its band takes is there."""
        return self.applies + (max(self.paper, self.reference) if self.asks > 2000 else 0)

    @property
    def offered(self) -> int | None:
        """What it is offered, by plain arithmetic; ``None`` where nothing."""
        age = self.age + self.complete - self.applies
        share = 100 if age >= 5 * YEAR else 60 if age >= 2 * YEAR else 0
        found = min(self.asks * share // 100, self.equity * 20 // 100)
        return found if found > 0 and self.complete - self.applies <= 60 else None

    @property
    def limit(self) -> int | None:
        """The limit that it has in the end."""
        return self.offered if self.answers is not None and self.answers <= 30 else None


def stories(count: int, seed: int) -> list[Story]:
    dice = random.Random(seed)
    return [
        Story(
            id=f"P{number:03}",
            applies=dice.randrange(5),
            asks=dice.choice((1500, 5000, 20_000, 60_000, 150_000)),
            equity=dice.choice((-5, 40, 300, 900)) * 1000,
            age=dice.choice((1, 3, 4, 9)) * YEAR + 100,
            paper=dice.choice((0, 2, 9, 70)),
            reference=dice.choice((0, 3, 12)),
            answers=dice.choice((None, 0, 5, 30, 31)),
        )
        for number in range(count)
    ]


class Desk:
    """The host: what comes in on a day, and what the persons at the desk do about it."""

    def __init__(self, told: list[Story]) -> None:
        self.stories = {story.id: story for story in told}
        self.clock = FixedClock.on(FIRST)
        ports = {"store": MemoryStore(), "notifier": RecordingNotifier(), "clock": self.clock}
        self.app = Receivables(**ports, policies=POLICIES)
        self.made: dict[str, int] = {}
        self.refused = 0

    @property
    def today(self) -> dt.date:
        return self.clock.instant.date()

    def live(self, day: int) -> None:
        self.clock.instant = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time(9), dt.UTC)
        for story in self.stories.values():
            if day >= story.applies:
                self.come_in(story, day)
                self.look_at(story, day)

    def come_in(self, story: Story, day: int) -> None:
        app, key, id = self.app, f"{story.id} {day}", story.id
        if day == story.applies:
            app.open_account(Customer(id=id), key=f"{key} open")
            asked = CreditApplication(
                id="CA",
                account=id,
                applied_on=self.today,
                amount=eur(story.asks),
                references=(Reference(id="REF", kind="supplier", contact="c"),),
            )
            figures = DeclaredFigures(
                id="F",
                account=id,
                year_end=dt.date(2025, 12, 31),
                declared_on=self.today,
                source="annual accounts",
                book_equity=eur(story.equity),
                founded_on=self.today - dt.timedelta(days=story.age),
            )
            app.submit_application(asked, figures=figures, by="portal", key=f"{key} submit")
        waits = app.view(id, self.today).applications[0].waits
        if waits and day == story.applies + story.paper:
            paper = Paper(kind="accounts", link=DocumentLink(uri="s3://papers/1", sha256="ab" * 32))
            app.supplement_application(id, "CA", papers=(paper,), key=f"{key} paper")
        if waits and day == story.applies + story.reference:
            said = ReferenceAnswer(reference="REF", answered_on=self.today)
            app.answer_reference(id, "CA", said, key=f"{key} reference")

    def look_at(self, story: Story, day: int) -> None:
        state = self.app.view(story.id, self.today).applications[0]
        if state.waits:
            self.decide(story.id, day)
        state = self.app.view(story.id, self.today).applications[0]
        if state.status == "offered":
            since = self.made.setdefault(story.id, day)
            if story.answers is not None and day - since == story.answers:
                self.app.accept_offer(story.id, "CA", by="portal", key=f"{story.id} {day} accept")

    def decide(self, id: str, day: int) -> None:
        """Ann alone, then with Bob, then with a request that the board grants."""
        for approver in (None, "bob"):
            try:
                key = f"{id} {day} decide {approver}"
                self.app.decide_application(id, "CA", by="ann", approver=approver, key=key)
                return
            except NotAuthorized as error:
                self.refused += 1
                wanted = error.amount
        assert isinstance(wanted, Money)
        asked = ApprovalRequest(id="A", account=id, kind="limit", subject="CA", amount=wanted)
        self.app.request_approval(asked, by="ann", key=f"{id} {day} ask")
        for person in ("dora", "emil"):
            mine = pending_approvals([self.app.view(id, self.today)], POLICIES, person=person)
            for line in mine.lines:
                self.app.grant_approval(id, line.state.approval.id, by=person, key=f"{id} {day} {person}")
        self.app.decide_application(id, "CA", by="ann", approval="A", key=f"{id} {day} decide by the board")

    def wrong(self) -> list[str]:
        """What differs from the stories, and what the matrix does not allow."""
        found = []
        views = [self.app.view(id, self.today) for id in self.stories]
        for view in views:
            story = self.stories[view.account]
            state = view.applications[0]
            offered = state.offer.limit.minor // 100 if state.offer is not None else None
            limits = [limit.amount.minor // 100 for limit in view.limits if limit.amount is not None]
            if offered != story.offered:
                found.append(f"{story}: {offered} was offered, the story says {story.offered}")
            if offered is not None and self.made[story.id] != story.complete:
                found.append(f"{story}: offered on day {self.made[story.id]}, complete on day {story.complete}")
            if limits != ([story.limit] if story.limit is not None else []):
                found.append(f"{story}: limits are {limits}, the story says {story.limit}")
        for line in authority_log(views, since=FIRST).lines:
            amount = line.amount.minor // 100 if line.amount is not None else 0
            least = 0 if amount <= ALONE else 1 if amount <= APPROVED else 2
            if len(line.approvers) < least or line.by in line.approvers:
                found.append(f"{line}: {least} others have to approve")
        return found

    def report(self) -> str:
        states = [self.app.view(id, self.today).applications[0] for id in self.stories]
        log = authority_log([self.app.view(id, self.today) for id in self.stories], since=FIRST)
        by = Counter(len(line.approvers) for line in log.lines)
        granted = sum(state.offer.limit.minor for state in states if state.status == "accepted" and state.offer) // 100
        lines = [f"{count:5} {status}" for status, count in sorted(Counter(s.status for s in states).items())]
        lines += [f"{by[0]:5} offers by Ann alone, {by[1]} with Bob, {by[2]} with two of the board"]
        lines += [f"{self.refused:5} tries were refused for want of authority", f"{granted:,} EUR granted in limits"]
        return "\n".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="A credit desk, checked against the stories of its prospects.")
    parser.add_argument("--prospects", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    desk = Desk(stories(chosen.prospects, chosen.seed))
    for day in range(DAYS):
        desk.live(day)
    print(f"{chosen.prospects} prospects, {DAYS} days")
    print(desk.report())
    wrong = desk.wrong()
    for each in wrong:
        print("WRONG:", each)
    print("everything holds" if not wrong else f"{len(wrong)} things do not hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
