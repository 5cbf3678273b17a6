"""The library opens nothing: its whole daily run raises no audit event of files, sockets or processes.

The run happens in an interpreter of its own, after everything is imported, under `sys.addaudithook`.
"""

import subprocess
import sys

import pytest

DAY = '''
import datetime as dt
import sys

import receivables
from receivables import *
from receivables import testing

WATCHED = ("open", "socket.", "subprocess.", "os.", "shutil.", "sqlite3.", "ctypes.", "import", "tempfile.", "urllib.")
seen = []
watching = False


def hook(event, args):
    if watching and event.startswith(WATCHED):
        seen.append(event)


def act(app, clock, day):
    app.open_group("G", key="group")
    app.open_account(Customer(id="ACME", group="G"), key="open")
    for number, due in (("INV-1", -40), ("INV-2", -7), ("INV-3", 10)):
        due_on = day + dt.timedelta(days=due)
        invoice = Invoice(
            number=number, account="ACME", issued_on=due_on - dt.timedelta(days=30), total=Money.of("1200.50", "EUR"),
            terms=PaymentTerms.parse("2/10 net 30"),
        )
        app.issue_invoice(invoice, key=number)
    payment = Payment(id="P-1", account="ACME", amount=Money.of(100, "EUR"), value_date=day, bank_line="line-1")
    app.receive_payment(payment, key="pay")
    app.apply("ACME", "P-1", "INV-2", Money.of(100, "EUR"), key="apply")
    limit = CreditLimit(account="ACME", currency=Currency.of("EUR"), amount=Money.of(5000, "EUR"), valid_from=day)
    app.set_limit(limit, key="limit")
    app.reserve(Order(id="SO-1", account="ACME", amount=Money.of(9000, "EUR"), placed_on=day), key="order")
    queued = [notice for result in app.run_dunning(day) for notice in result.notices]
    sent = [result.outcome for result in app.deliver()]
    list(app.rewake(day))
    table = aging([app.view("ACME", day)])
    str(table), table.rows()
    facts = [receivables.codec.decode(receivables.codec.encode(fact)) for fact in app.account_facts("ACME")]
    return len(queued), sent, len(facts)


class App:
    """The service with the facts of its store within reach."""

    def __init__(self, store, **ports):
        self.store, self.app = store, Receivables(store=store, **ports)

    def __getattr__(self, name):
        return getattr(self.app, name)

    def account_facts(self, id):
        return self.store.facts(id)


def main(between):
    global watching
    import receivables.codec

    day = dt.date(2026, 3, 2)
    clock = testing.FixedClock.on(day)
    ladder = DunningPolicy(id="standard", version=1, steps=(DunningStep(name="first", days_after_due=7),))
    app = App(
        MemoryStore(), notifier=testing.RecordingNotifier(), clock=clock,
        policies=PolicyBook.of(ladder, CreditPolicy(id="standard", version=1)),
    )
    sys.addaudithook(hook)
    watching = True
    came = act(app, clock, day)
    between()
    watching = False
    assert came[0] == 1 and came[1] == ["sent"] and came[2] > 8, came
    print(",".join(seen) or "nothing")
'''


def watched(between):
    """What the audit hook saw of a day with something more in it."""
    script = f"{DAY}\n\ndef between():\n    {between}\n\n\nmain(between)\n"
    command = [sys.executable, "-B", "-X", "utf8", "-c", script]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_a_whole_day_opens_nothing():
    assert watched("pass") == "nothing"


@pytest.mark.parametrize(
    ("between", "event"),
    [
        ("open(sys.executable, 'rb').close()", "open"),
        ("__import__('os').listdir('.')", "os.listdir"),
        ("__import__('_socket').socket().close()", "socket.__new__"),
        ("__import__('subprocess').run([sys.executable, '-c', ''])", "subprocess.Popen"),
    ],
)
def test_the_hook_would_see_it(between, event):
    assert event in watched(between).split(",")
