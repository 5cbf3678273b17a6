"""The longer ladder against a reference that judges one item at a time, in words, on accounts that chance made."""

import calendar
import datetime as dt

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.test_dunning import held, noticed

from receivables import Account, Contact, Customer, DunningPolicy, DunningStep, Installment, Invoice, Money, Schedule
from receivables.policies.conditions import AccountCondition
from receivables.policies.dunning import plan_dunning

DUE = dt.date(2026, 2, 4)
DAYS = range(-12, 60)


def after(days):
    return DUE + dt.timedelta(days=days)


def eur(amount):
    return Money.of(amount, "EUR")


@attrs.frozen(kw_only=True)
class Case:
    """Two items; the first is due on `DUE`, and may have had one letter."""

    policy: DunningPolicy
    later: int
    amounts: tuple[int, int]
    letter: tuple[int, int, str, int] | None  # place, days after due, status, times
    hold: tuple[str | None, int | None] | None
    contacts: tuple[str, ...]

    @property
    def account(self):
        contacts = tuple(Contact(purpose="dunning", channel=channel, reference="r") for channel in self.contacts)
        invoices = []
        for name, amount, days in (("I", self.amounts[0], 0), ("J", self.amounts[1], self.later)):
            schedule = Schedule(installments=(Installment(amount=eur(amount), due_on=after(days)),))
            invoices.append(
                Invoice(number=name, account="A", issued_on=after(-30), total=eur(amount), schedule=schedule)
            )
        found = Account.of(Customer(id="A", contacts=contacts), invoices=invoices)
        if self.letter is not None:
            place, days, status, times = self.letter
            found = noticed(found, days, self.policy.steps[place].name, status)
            (entry,) = found.dunning.notices
            line = attrs.evolve(entry.notice.lines[0], times=times)
            entry = attrs.evolve(entry, notice=attrs.evolve(entry.notice, lines=(line,)))
            found = attrs.evolve(found, dunning=attrs.evolve(found.dunning, notices=(entry,)))
        if self.hold is not None:
            item, until = self.hold
            found = held(found, item, None if until is None else after(until))
        return found


@st.composite
def policies(draw):
    conditions = st.none() | st.builds(
        AccountCondition,
        least_items=st.integers(0, 3),
        least_days=st.integers(0, 15),
        least_overdue=st.sampled_from(((), (eur(150),))),
    )
    reached = sorted(draw(st.sets(st.integers(-8, 25), min_size=1, max_size=3)))
    steps = []
    for at, days in enumerate(reached):
        more = {"channel": draw(st.sampled_from(("email", "letter"))), "condition": draw(conditions)}
        kind = draw(st.sampled_from(("due", "due", "due", "month", "invoice", "notice")))
        if kind == "invoice":
            steps.append(DunningStep(name=f"s{at}", days_after_invoice=30 + max(days, -30), **more))
        elif kind == "notice" and at:
            steps.append(DunningStep(name=f"s{at}", days_after_notice=draw(st.integers(0, 9)), **more))
        else:
            steps.append(DunningStep(name=f"s{at}", days_after_due=days, month_end=kind == "month", **more))
    most = draw(st.integers(0, 2))
    return DunningPolicy(
        id="standard",
        version=1,
        steps=tuple(steps),
        grace_days=draw(st.integers(0, 3)),
        exclusive=draw(st.booleans()),
        minimum_gap_days=draw(st.integers(0, 6)),
        minimums=draw(st.sampled_from(((), (eur(150),)))),
        contact_gap_days=draw(st.sampled_from((0, 0, 7))),
        contact_cap=draw(st.sampled_from((None, None, 1))),
        contact_window_days=draw(st.integers(1, 20)),
        repeat_most=most,
        repeat_last_days=draw(st.integers(1, 9)) if most else None,
    )


@st.composite
def cases(draw):
    policy = draw(policies())
    letters = st.tuples(
        st.integers(0, len(policy.steps) - 1),
        st.integers(-8, 20),
        st.sampled_from(("sent", "sent", "sent", "queued", "failed", "cancelled")),
        st.integers(1, 3),
    )
    return Case(
        policy=policy,
        later=draw(st.integers(0, 12)),
        amounts=(100, draw(st.sampled_from((40, 60)))),
        letter=draw(st.none() | letters),
        hold=draw(st.none() | st.tuples(st.sampled_from((None, "I", "J")), st.none() | st.integers(-3, 25))),
        contacts=draw(st.sampled_from(((), (), ("email",), ("fax",)))),
    )


# The reference ----------------------------------------------------------------------------------------------------


def expected(case, today):
    """Item -> (reason, step)."""
    items = [("I", 0, case.amounts[0]), ("J", case.later, case.amounts[1])]
    found = {name: judged(case, name, after(due), today) for name, due, _ in items}
    overdue = [(after(due), amount) for _, due, amount in items if after(due) < today]
    for name, (code, step) in found.items():
        if code == "step_due" and (why := restrained(case, step, overdue, today)):
            found[name] = (why, None)
    asked = sum(amount for name, _, amount in items if found[name][0] == "step_due")
    if case.policy.minimums and asked < 150:
        found = {n: (("below_minimum", None) if code == "step_due" else (code, s)) for n, (code, s) in found.items()}
    channels = [step.channel for step in case.policy.steps if step in [s for _, s in found.values()]]
    if case.policy.contact_gap_days or case.policy.contact_cap:  # one letter a day: that of the strongest step
        late = {n for n, (_, step) in found.items() if step is not None and step.channel != channels[-1]}
        found |= dict.fromkeys(late, ("contact_limit", None))
    return found


def judged(case, name, due, today):
    policy, steps = case.policy, case.policy.steps
    last, on, pending, times = None, None, None, 1
    if name == "I" and case.letter is not None and after(case.letter[1]) <= today:
        place, days, status, count = case.letter
        if status == "sent":
            last, on, times = place, after(days), count
        elif status != "cancelled":
            pending = status
    next_, again = (0 if last is None else last + 1), False
    if next_ == len(steps) and times <= policy.repeat_most:
        next_, again = next_ - 1, True
    while not again and today > due and next_ < len(steps) and reminds(steps[next_]):
        next_ += 1
    if today <= due and (next_ == len(steps) or not reminds(steps[next_])):
        return "not_due", None
    if case.hold is not None and case.hold[0] in (None, name) and stops(case.hold[1], today):
        return "held", None
    if pending is not None:
        return ("notice_failed" if pending == "failed" else "notice_pending"), None
    if next_ == len(steps):
        return "ladder_finished", None
    gap_over = dt.date.min if on is None else on + dt.timedelta(days=policy.minimum_gap_days)
    if again:
        reached = max(gap_over, on + dt.timedelta(days=policy.repeat_last_days))
    else:
        reached = day_of(policy, steps[next_], due, on)
    if today < reached:
        return ("not_due" if today <= due else "step_not_reached"), None
    return ("minimum_gap", None) if today < gap_over else ("step_due", steps[next_])


def reminds(step):
    return step.days_after_due is not None and step.days_after_due <= 0 and not step.month_end


def stops(until, today):
    return today >= after(-3) and (until is None or today <= after(until))


def day_of(policy, step, due, on):
    if step.days_after_notice is not None:
        start, days = on or due, step.days_after_notice
    elif step.days_after_invoice is not None:
        start, days = after(-30), step.days_after_invoice
    else:
        start, days = due, step.days_after_due
    day = start + dt.timedelta(days=days)
    if step.month_end:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day if reminds(step) else day + dt.timedelta(days=policy.grace_days + policy.exclusive)


def restrained(case, step, overdue, today):
    asks, policy = step.condition, case.policy
    if asks is not None and not (
        len(overdue) >= asks.least_items
        and max([(today - due).days for due, _ in overdue], default=0) >= asks.least_days
        and (not asks.least_overdue or sum(amount for _, amount in overdue) >= 150)
    ):
        return "account_condition"
    if case.contacts and step.channel not in case.contacts:
        return "no_contact"
    if case.letter is not None and after(case.letter[1]) <= today and case.letter[2] in ("sent", "queued"):
        ago = (today - after(case.letter[1])).days
        if ago < policy.contact_gap_days or (policy.contact_cap == 1 and ago < policy.contact_window_days):
            return "contact_limit"
    return None


# The properties ---------------------------------------------------------------------------------------------------


def planned(case, account, today):
    return plan_dunning(account.view(today), case.policy, lambda id, version: case.policy)


@given(cases(), st.sampled_from(DAYS))
def test_the_plan_says_what_a_look_at_each_item_says(case, days):
    rows = planned(case, case.account, after(days)).rows()
    wanted = {name: (code, step.name if step else None) for name, (code, step) in expected(case, after(days)).items()}
    assert {row["item"]: (row["reason"], row["step"]) for row in rows} == wanted


@given(cases(), st.sampled_from(DAYS))
def test_the_day_to_look_again_is_never_after_a_day_on_which_an_item_takes_a_step(case, days):
    """As long as nothing but time happens: the letter and the hold are there already."""
    start = max(days, case.letter[1] if case.letter else days, -3 if case.hold else days)
    look_on = planned(case, case.account, after(start)).look_on
    for later in range(start, DAYS[-1]):
        if any(code == "step_due" for code, _ in expected(case, after(later)).values()):
            assert look_on is not None
            assert look_on <= after(later)
            break
