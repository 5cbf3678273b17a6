"""The day: ``manage.py daily``, from cron. It may be killed and started again, and two may run at once.

1. Where the policies are not the ones that were published, the day of attention of every account is worked out anew, and
   then they are published: killed in between, the next run does both again.
2. The dunning of the day: letters are queued, account by account, each in a transaction of its own.
3. Delivery: each letter in three steps, the mail between two transactions.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from billing import ledger
from billing.policies import POLICIES
from billing.tables import is_current
from receivables import Receivables
from receivables.stores.dbapi import DbapiStore

BAD = frozenset({"error", "failed", "unknown"})
"""What a person has to look at: the worklist shows it, too."""


class Command(BaseCommand):
    help = "Work out, queue and send the letters of a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=dt.date.fromisoformat, help="the day; today without it")

    def handle(self, *args: Any, day: dt.date | None = None, **options: Any) -> None:
        if not is_current():
            raise CommandError("the tables of the library are of another version: run migrate")
        day, engine = day or ledger.today(), ledger.job()
        problems = self.renew(engine, day) + self.run_dunning(engine, day) + self.deliver(engine)
        if problems:
            raise CommandError("\n".join(problems))

    def renew(self, engine: Receivables, day: dt.date) -> list[str]:
        """After a change of policies: look at every account anew, then publish."""
        store = DbapiStore(connection)
        keys = {f"publish {type(policy).__name__} {policy.id}/{policy.version}": policy for policy in POLICIES}
        if all(store.receipt(key) is not None for key in keys):
            return []
        results = list(engine.rewake(day))
        for key, policy in keys.items():
            engine.publish(policy, key=key, by="daily")
        self.stdout.write(f"{day}: policies published, {len(results)} accounts looked at anew")
        return [f"rewake: {result.error}" for result in results if result.error is not None]

    def run_dunning(self, engine: Receivables, day: dt.date) -> list[str]:
        results = list(engine.run_dunning(day))
        queued = sum(len(result.notices) for result in results)
        self.stdout.write(f"{day}: {len(results)} accounts due, {queued} letters queued")
        return [f"{result.account}: {result.error}" for result in results if result.error is not None]

    def deliver(self, engine: Receivables) -> list[str]:
        results = list(engine.deliver())
        outcomes = Counter(result.outcome for result in results)
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "nothing to send"
        self.stdout.write(f"delivery: {said}")
        return [
            f"{each.account} {each.notice}: {each.outcome} {each.detail}" for each in results if each.outcome in BAD
        ]
