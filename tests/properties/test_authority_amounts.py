"""What was authorized is what is done: each deed comes to the amount that authority was asked for, then and by what follows.

A customer lives through days, money that comes and goes back, and deeds in any order. Whatever needs authority is looked at
when it is recorded; what it does later, by the engine, is never more than was asked for.
"""

import datetime as dt
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.service.world import BOOK, CREDIT, EUR, USD, World, day, eur

from receivables import CreditLimit, Hold, Money, PolicyBook, fold
from receivables.documents.application import CreditApplication
from receivables.documents.authority import DEEDS
from receivables.documents.payment_plan import PaymentPlan, PlanInstallment
from receivables.documents.placement import CommissionTerms, Placement
from receivables.errors import ReceivablesError
from receivables.facts.authority import AuthorityUsed
from receivables.facts.bureau import DebtReported
from receivables.facts.cash import CreditTransferred, DifferenceSettled, RefundMade
from receivables.facts.charge import ChargeReinstated, ChargeReversed, ChargeWaived
from receivables.facts.credit import OrderReserved
from receivables.facts.loss import WrittenOff
from receivables.facts.payment_plan import PlanAgreed, PlanReinstated
from receivables.facts.placement import DebtPlaced
from receivables.plans.payment_plan import BY as FOLLOWS_A_PLAN
from receivables.policies.authority import AuthorityPolicy, AuthorityRule, Role
from receivables.policies.limits import granted_on
from receivables.policies.settlement import SettlementPolicy

MATRIX = AuthorityPolicy(
    id="matrix",
    version=1,
    roles=(Role(name="clerk", persons=("ann",)), Role(name="lead", persons=("bob",))),
    rules=(
        *(AuthorityRule(kind=kind, role="clerk", up_to=eur(20), window_days=5) for kind in DEEDS),
        *(AuthorityRule(kind=kind, role="lead") for kind in DEEDS),
    ),
)
GENEROUS = SettlementPolicy(id="generous", version=1, short="write_off")
REPLACED = AuthorityPolicy | SettlementPolicy
POLICIES = PolicyBook(
    policies=(*(each for each in BOOK.policies if not isinstance(each, REPLACED)), MATRIX, GENEROUS),
    choices=tuple(each for each in BOOK.choices if each.kind != "authority"),
)
START, AHEAD = 3, 40

places = st.integers(0, 7)
shares = st.none() | st.integers(1, 3)
"""All that there is, or so many quarters of it."""
whos = st.sampled_from(({"by": "ann", "approver": "bob"}, {"by": "bob", "approver": "ann"}))


def deed(fact):
    """What a fact of a person gives away: the kind of authority that this takes, and how much it is; ``None`` for another."""
    if isinstance(fact, ChargeWaived | ChargeReversed):
        return ("waiver", fact.amount) if fact.by in ("ann", "bob", FOLLOWS_A_PLAN) else None
    if isinstance(fact, DifferenceSettled):
        return ("write_off", fact.part.amount) if fact.part.kind == "write_off" and fact.part.item else None
    if isinstance(fact, PlanAgreed):
        return "plan", fact.plan.total
    if isinstance(fact, DebtReported):
        return "bureau", fact.report.balance
    kind = AMOUNTS.get(type(fact))
    return None if kind is None else (kind, fact.amount)


AMOUNTS = {WrittenOff: "write_off", RefundMade: "refund", CreditTransferred: "transfer", DebtPlaced: "bureau"}


def sums(found):
    """Kind and currency -> how much, in minor units."""
    totals = {}
    for kind, amount in found:
        key = (kind, amount.currency.code)
        totals[key] = totals.get(key, 0) + amount.minor
    return {key: minor for key, minor in totals.items() if minor}


class Life(RuleBasedStateMachine):
    """A customer under a matrix that governs everything; each command has an instant of its own."""

    def begin(self):
        self.world = World(policies=POLICIES)
        self.count = 0
        self.world.open("ACME", segment="strict")

    @property
    def account(self):
        return fold(self.world.store.facts("ACME"))

    @property
    def today(self):
        return self.world.today

    def name(self, kind):
        self.count += 1
        return f"{kind}-{self.count}"

    def try_(self, method, *arguments, **more):
        """The facts of the command; what is refused leaves nothing."""
        self.world.clock.instant += dt.timedelta(seconds=1)
        before = self.world.store.facts("ACME")
        try:
            getattr(self.world.app, method)(*arguments, key=self.name("k"), **more)
        except ReceivablesError:
            assert self.world.store.facts("ACME") == before
        return self.world.store.facts("ACME")[len(before) :]

    def live(self, days):
        self.world.at(self.today + dt.timedelta(days=days))
        self.world.run(all_accounts=True)
        self.world.deliver()


def one(things, at):
    return things[at % len(things)]


def quarters(amount, share):
    """So many quarters, at least a cent; ``None`` for all."""
    return None if share is None else Money(max(1, amount * share // 4), EUR)


class Deeds(Life):
    """What is given up, given back, planned and told, among payments and returns."""

    @initialize()
    def begin(self):
        super().begin()
        self.world.open("BETA")
        for number, amount, due in (("INV-1", eur(90), -3), ("INV-2", eur(60), -4)):
            self.world.invoice(number, amount, due)
        self.world.invoice("INV-3", Money.of(40, USD), -50)
        self.world.pay("P-0", Money.of(15, USD))
        self.world.run()
        self.world.deliver()
        self.live(START)

    def open(self, currency=EUR):
        """Item -> what is open of it, where something is."""
        amounts = {item.id: item.amount for item in self.account.ledger.items if item.currency == currency}
        return {id: minor for id, minor in self.account.cash.open_amounts(amounts).items() if minor}

    def charges(self):
        return [raised.charge.id for raised in self.account.ledger.charges if raised.charge.amount.currency == EUR]

    def done(self, method, *arguments, **more):
        """The command, and that it comes to what authority was asked for: neither more nor less."""
        new = self.try_(method, *arguments, **more)
        agreed = {fact.plan.id for fact in new if isinstance(fact, PlanAgreed)}
        own = [fact for fact in new if getattr(fact, "plan", None) is None or not isinstance(fact, ChargeWaived)]
        own += [fact for fact in new if isinstance(fact, ChargeWaived) and fact.plan in agreed]
        if not any(isinstance(fact, PlanReinstated) for fact in new):
            asked = sums((fact.kind, fact.amount) for fact in new if isinstance(fact, AuthorityUsed))
            assert asked == sums(filter(None, map(deed, own)))

    # Money -----------------------------------------------------------------------------------------------------------

    @rule(at=places, share=shares, late=st.integers(0, 4))
    def pay(self, at, share, late):
        """A payment on an item, from today or earlier, and applied to it."""
        open_ = list(self.open())
        if open_:
            self.pay_on(one(open_, at), share or 4, late)

    def pay_on(self, id, share, late=0):
        payment, amount = self.name("P"), quarters(self.open()[id], share)
        self.world.pay(payment, amount, on=(self.today - day(0)).days - late)
        self.done("apply", "ACME", payment, id, amount)

    @rule(euros=st.integers(1, 40))
    def pay_on_account(self, euros):
        self.world.pay(self.name("P"), euros)

    @rule(at=places)
    def unapply(self, at):
        made = list(self.account.cash.in_force())
        if made:
            self.done("unapply", "ACME", one(made, at).id, by="ann")

    @rule(at=places, kind=st.sampled_from(("returned", "reversed")))
    def give_back(self, at, kind):
        sources = list(dict.fromkeys(made.source for made in self.account.cash.in_force()))
        if sources:
            self.done("return_payment", "ACME", one(sources, at), kind, "AC04", on=self.today)

    @rule(days=st.integers(1, 5))
    def wait(self, days):
        self.live(days)

    # Deeds -----------------------------------------------------------------------------------------------------------

    @rule(at=places, share=shares, who=whos, method=st.sampled_from(("waive_charge", "reverse_charge")))
    def give_up(self, at, share, who, method):
        charges = self.charges()
        if charges:
            id = one(charges, at)
            amount = quarters(self.open().get(id, 0), share)
            self.done(method, "ACME", id, amount=amount, reason="regular", **who)

    @rule(at=places, share=shares)
    def claim_again(self, at, share):
        charges = self.charges()
        if charges:
            more = {"amount": quarters(4_00, share), "reason": "wrong", "by": "ann", "approver": "bob"}
            self.done("reinstate_charge", "ACME", one(charges, at), **more)

    @rule(at=places, share=shares, who=whos, back=st.integers(0, 3))
    def write_off(self, at, share, who, back):
        open_ = self.open()
        if open_:
            id = one(list(open_), at)
            on = self.today - dt.timedelta(days=back)
            self.done("write_off", "ACME", id, "small", amount=quarters(open_[id], share), on=on, **who)

    @rule(at=places, items=st.sets(places, min_size=1, max_size=3), currency=st.sampled_from((EUR, USD)), who=whos)
    def settle(self, at, items, currency, who):
        open_ = list(self.open(currency))
        if open_:
            ids = tuple(dict.fromkeys(one(open_, each) for each in sorted(items)))
            self.done("settle", "ACME", one(self.account.cash.credits, at).id, ids, **who)

    @rule(at=places, euros=st.integers(1, 30), who=whos, to=st.none() | st.just("BETA"))
    def give_away(self, at, euros, who, to):
        credit = one(self.account.cash.credits, at)
        amount, on = Money.of(euros, credit.currency), self.today
        if to is None:
            self.done("refund", "ACME", credit.id, amount, on=on, **who)
        else:
            self.done("transfer", "ACME", credit.id, amount, to=to, on=on, **who)

    @rule(at=places, who=whos)
    def place(self, at, who):
        open_ = [*self.open(), *self.open(USD)]
        if open_:
            terms, item = CommissionTerms(percent=Decimal(20)), one(open_, at)
            fields = {"account": "ACME", "agency": "inkasso", "terms": terms}
            placement = Placement(id=self.name("PL"), items=(item,), placed_on=self.today, **fields)
            self.done("place_debt", placement, **who)

    @rule(who=whos)
    def report(self, who):
        self.done("report_debt", "ACME", **who)

    # Plans -----------------------------------------------------------------------------------------------------------

    @rule(items=st.sets(places, min_size=1, max_size=2), waived=st.sets(places, max_size=2), before=shares, who=whos)
    def agree(self, items, waived, before, who):
        """A plan on some items; of what it waives a part may have been paid just before."""
        open_, agreed = self.open(), self.account.payment_plans.agreed
        charges = [id for id in self.charges() if id in open_]
        given_up = {one(charges, at) for at in waived} if charges else set()
        chosen = {one(list(open_), at) for at in items} - given_up if open_ else set()
        if chosen:
            for id in given_up if before is not None else ():
                self.pay_on(id, before)
            back = 0 if any(given_up & set(entry.plan.waives) for entry in agreed) else len(waived)
            part = PlanInstallment(
                due_on=self.today + dt.timedelta(days=len(items)),
                amount=Money(sum(open_[id] for id in chosen), EUR),
            )
            plan = PaymentPlan(
                id=self.name("PP"),
                account="ACME",
                items=(*sorted(chosen), *sorted(given_up)),
                agreed_on=self.today - dt.timedelta(days=back),
                installments=(part,),
                waives=tuple(sorted(given_up)),
            )
            self.done("agree_plan", plan, **who)

    @rule(at=places)
    def change_plan(self, at):
        """A plan in default performs again, one that performs is given up."""
        states = self.world.app.view("ACME", self.today).payment_plans
        states = [each for each in states if each.status in ("defaulted", "performing")]
        if states:
            state, more = one(states, at), {"on": self.today, "reason": "asked", "by": "ann"}
            if state.status == "performing":
                self.done("cancel_plan", "ACME", state.plan.id, **more)
            else:
                until = self.today + dt.timedelta(days=3)
                self.done("reinstate_plan", "ACME", state.plan.id, catch_up_by=until, approver="bob", **more)

    @invariant()
    def no_plan_waives_more_on_a_day_than_was_asked_for(self):
        asked = {each.subject: each.amount.minor for each in self.world.facts(AuthorityUsed) if each.kind == "waiver"}
        moves = {}
        for fact in self.world.facts(ChargeWaived, ChargeReinstated):
            if fact.plan is not None:
                minor = fact.amount.minor if isinstance(fact, ChargeWaived) else -fact.amount.minor
                moves.setdefault(fact.plan, []).append((fact.effective_on, minor))
        for plan, found in moves.items():
            for on, _ in found:
                assert 0 <= sum(minor for other, minor in found if other <= on) <= asked[plan]

    @invariant()
    def no_more_is_given_up_than_there_is(self):
        assert all(minor > 0 for minor in (*self.open().values(), *self.open(USD).values()))


class Limits(Life):
    """Limits that begin and end, and orders that are let through."""

    begin = initialize()(Life.begin)

    @rule(days=st.integers(1, 5))
    def wait(self, days):
        self.live(days)

    @rule(euros=st.integers(0, 50), start=st.integers(0, 8), days=st.none() | st.integers(0, 12), who=whos)
    def base(self, euros, start, days, who):
        self.grant("base", euros, start, days, who)

    @rule(euros=st.integers(0, 50), start=st.integers(0, 8), days=st.integers(0, 12), who=whos)
    def increase(self, euros, start, days, who):
        self.grant("temporary", euros, start, days, who)

    def grant(self, kind, euros, start, days, who):
        first = self.today + dt.timedelta(days=start)
        last = None if days is None else first + dt.timedelta(days=days)
        limit = CreditLimit(account="ACME", currency=EUR, amount=eur(euros), valid_from=first, valid_to=last, kind=kind)
        new = self.try_("set_limit", limit, **who)
        if new:
            assert isinstance(new[0], AuthorityUsed)
            assert self.highest(first, last or first + dt.timedelta(days=AHEAD)) in (None, new[0].amount)

    def highest(self, first, last):
        """The highest limit of these days, read day by day; ``None`` without one, or where another one replaces it."""
        days = [first + dt.timedelta(days=each) for each in range((last - first).days + 1)]
        credit = self.account.credit
        found = [granted_on(credit.limits_on(on, None), EUR, on) for on in days]
        if any(each.origin == "none" for each in found):
            return None
        bases = {id(each.base) for each in found}
        return Money(max(each.limit for each in found), EUR) if len(bases) == 1 else None

    @rule(kind=st.sampled_from(("base", "temporary")))
    def withdraw(self, kind):
        self.try_("withdraw_limit", "ACME", "EUR", kind=kind, on=self.today, by="bob")

    @rule(euros=st.integers(1, 50), who=whos)
    def offer(self, euros, who):
        """What is offered is accepted before anything else is granted."""
        asked = CreditApplication(id=self.name("CA"), account="ACME", applied_on=self.today, amount=eur(euros))
        self.try_("submit_application", asked, by="portal")
        if not self.try_("decide_application", "ACME", asked.id, outcome="approved", reason="known", **who):
            self.try_("close_application", "ACME", asked.id, outcome="withdrawn", reason="no", by="portal")
        self.try_("accept_offer", "ACME", asked.id, by="portal")

    @invariant()
    def no_day_has_a_higher_limit_than_somebody_was_asked_for(self):
        """But for the days after the end of a base, on which every order is held as ``limit_expired``."""
        asked = [each.amount for each in self.world.facts(AuthorityUsed) if each.kind == "limit"]
        most, credit = max((each.minor for each in asked if each is not None), default=0), self.account.credit
        for ahead in range(AHEAD):
            on = self.today + dt.timedelta(days=ahead)
            granted = granted_on(credit.limits_on(on, None), EUR, on)
            assert granted.origin == "none" or granted.expired_on or granted.limit <= most

    @rule(euros=st.integers(1, 40))
    def order(self, euros):
        self.world.order(self.name("SO"), euros)

    @rule(lift=st.booleans())
    def hold(self, lift):
        if not lift:
            fields = {"account": "ACME", "reason": "asked", "stops": frozenset({"credit"})}
            self.try_("place_hold", Hold(id=self.name("H"), placed_on=self.today, **fields))
        for placed in self.account.credit.holds if lift else ():
            self.try_("release_hold", "ACME", placed.hold.id, on=self.today, by="bob")

    @rule(at=places, who=whos)
    def release(self, at, who):
        """What is asked for is what the order takes beyond the limit, and all of it where more than a limit stops it."""
        orders = self.world.app.view("ACME", self.today).orders
        held = [each.order for each in orders if each.status == "held"]
        if not held:
            return
        order, before = one(held, at), self.world.store.facts("ACME")
        new = self.try_("release_held_order", "ACME", order.id, reason="known", **who)
        used = [fact for fact in new if isinstance(fact, AuthorityUsed)]
        made = [fact for fact in new if isinstance(fact, OrderReserved) and fact.order.id == order.id]
        if used:
            after = fold([*before, *made]).view(self.today)
            standing = CREDIT.standing(after, "EUR")
            stopped = standing.limit is None or any("credit" in hold.stops for hold in after.holds)
            short = 0 if standing.limit is None else standing.exposure - standing.limit
            assert used[0].amount.minor == (max(short, order.amount.minor) if stopped else short)


for machine, steps in ((Deeds, 30), (Limits, 20)):
    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=steps, deadline=None)
TestDeeds, TestLimits = Deeds.TestCase, Limits.TestCase
