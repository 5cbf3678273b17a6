"""What each use of an item or a credit releases of its carrying amount, and what is left of it on a date."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from tests.state.days import DAY, instant, on, stamp

from receivables import Currency, Money
from receivables.documents.exchange import Carrying, ExchangeRate
from receivables.errors import CurrencyMismatch
from receivables.state.carrying import Carried, CarriedBooks, carried_on
from receivables.state.cash import AllocationEntry, Cash, CreditEntry, Fate, Reduction, Undoing, Use
from receivables.state.exchange import CarriedCredit, CarriedItem, Exchange
from receivables.state.invoice import Item, Ledger

EUR, USD, GBP = (Currency.of(code) for code in ("EUR", "USD", "GBP"))
RATE = ExchangeRate.of("USD", "EUR", "0.925", on=DAY, source="ECB")


def item(id="I", amount=1000, currency=USD, day=0):
    return Item(id, id, currency, amount, on(day), on(30), *stamp(day))


def credit(id="P", amount=1000, currency=USD, day=0):
    return CreditEntry(id, "payment", currency, amount, *stamp(day))


def stood(book, id="I", day=0):
    return CarriedItem(id, book, EUR, RATE, *stamp(day))


def brought(book, id="P", rate=RATE):
    return CarriedCredit(id, book, EUR, rate, *stamp(0))


def applied(id, amount, day, known=None, hour=8, source="P", item="I"):
    return AllocationEntry(id, source, item, amount, *stamp(day, known, hour))


def less(amount, day, id=None, item="I", hour=8):
    return Reduction(item, amount, "written_off", *stamp(day, None, hour), id)


def books(*, items=None, carried=None, day=20, known=None, **cash):
    account = SimpleNamespace(
        ledger=Ledger(items=items or (item(),)),
        cash=Cash(**{"credits": (credit(),), **cash}),
        exchange=Exchange(carried=(stood(925), brought(930)) if carried is None else carried),
    )
    return carried_on(account, on(day), None if known is None else instant(known))


def test_an_account_without_rates_has_no_books():
    assert books(carried=()) == CarriedBooks()


def test_two_book_currencies_are_refused():
    other = CarriedItem("J", 1, GBP, RATE, *stamp(0))
    with pytest.raises(CurrencyMismatch, match="EUR.*GBP"):
        books(carried=(stood(925), other))


def test_what_nothing_was_used_of_stands_whole():
    found = books()
    assert found.currency == EUR
    assert found.items == {"I": Carried("I", USD, 1000, 1000, 925, 925, EUR, RATE, {}, True)}
    assert found.credits == {"P": Carried("P", USD, 1000, 1000, 930, 930, EUR, RATE, {}, True)}
    assert (found.allocations, found.differences, found.uses) == ((), (), ())
    whole = found.items["I"]
    assert whole.original == whole.remaining == Carrying(foreign=Money(1000, USD), book=Money(925, EUR))
    assert whole.share(100) == 93


def test_each_use_releases_its_share_of_what_is_left_and_the_last_takes_the_rest():
    made = (applied("a", 333, 2), applied("b", 333, 3), applied("c", 334, 4))
    found = [books(allocations=made, day=day).items["I"] for day in (1, 2, 3, 4)]
    assert [(each.left, each.book_left) for each in found] == [(1000, 925), (667, 617), (334, 309), (0, 0)]
    assert found[-1].released == {"a": 308, "b": 308, "c": 309}
    of_credit = books(allocations=made).credits["P"]
    assert (of_credit.left, of_credit.book_left, sum(of_credit.released.values())) == (0, 0, 930)
    assert [each.id for each in books(allocations=made, day=3).allocations] == ["a", "b"]


def test_a_use_of_more_than_is_left_releases_what_is_left():
    found = books(allocations=(applied("a", 1001, 2),)).items["I"]
    assert (found.left, found.book_left, found.released) == (-1, 0, {"a": 925})
    assert found.remaining == Carrying(foreign=Money(0, USD), book=Money(0, EUR))


def test_uses_count_by_their_days_and_of_one_day_as_they_were_recorded():
    late = (applied("late", 500, 5), applied("early", 500, 3, known=9))
    assert list(books(allocations=late).items["I"].released) == ["early", "late"]
    same = (applied("second", 300, 5, hour=10), applied("first", 700, 5, hour=9))
    assert list(books(allocations=same).items["I"].released) == ["first", "second"]
    instantly = books(allocations=(applied("money", 100, 5),), reductions=(less(-100, 5, "more"), less(200, 4, "loss")))
    assert list(instantly.items["I"].released) == ["loss", "more", "money"]


def test_what_was_taken_back_releases_nothing():
    made, back = (applied("a", 400, 2), applied("b", 600, 3)), (Undoing("a", *stamp(5)),)
    assert books(allocations=made, undoings=back, day=4).items["I"].released == {"a": 370, "b": 555}
    after = books(allocations=made, undoings=back, day=5)
    assert (after.items["I"].left, after.items["I"].released) == (400, {"b": 555})
    assert after.credits["P"].released == {"b": 558}
    assert books(allocations=made, undoings=back, day=9, known=4).items["I"].left == 0
    uses = (Use("r", "P", 400, "refund", *stamp(2)),)
    assert books(uses=uses, undoings=(Undoing("r", *stamp(5)),), day=5).credits["P"].released == {}


def test_a_loss_releases_its_share_and_a_mistake_gives_it_back_by_the_rate_of_the_whole():
    lost = (less(400, 2, "w"), less(-400, 4, "v"))
    found = books(reductions=lost)
    assert found.items["I"].released == {"w": 370, "v": -370}
    assert (found.items["I"].left, found.items["I"].book_left) == (1000, 925)
    assert [each.id for each in found.differences] == ["w", "v"]


def test_nothing_comes_back_of_what_was_taken_off_twice():
    twice = books(allocations=(applied("a", 1000, 1),), reductions=(less(400, 2, "w"), less(-300, 4, "v")))
    assert twice.items["I"].released == {"a": 925, "w": 0, "v": 0}
    assert (twice.items["I"].left, twice.items["I"].book_left) == (-100, 0)
    half = books(allocations=(applied("a", 800, 1),), reductions=(less(400, 2, "w"), less(-300, 4, "v")))
    assert half.items["I"].released == {"a": 740, "w": 185, "v": -93}


def test_a_part_without_an_id_makes_it_less_and_releases_nothing_of_its_own():
    found = books(reductions=(less(100, 2),))
    assert (found.items["I"].left, found.items["I"].book_left, found.items["I"].released) == (900, 925, {})
    assert found.differences == ()


def test_where_a_document_came_without_a_rate_nothing_is_guessed():
    found = books(
        items=(item(), item("J")),
        credits=(credit(), credit("Q")),
        allocations=(applied("a", 400, 2, item="J", source="Q"),),
    )
    assert found.items["J"] == Carried("J", USD, 1000, 600, None, None, EUR, None, {}, True)
    assert found.credits["Q"] == Carried("Q", USD, 1000, 600, None, None, EUR, None, {}, True)
    assert (found.items["J"].original, found.items["J"].remaining, found.items["J"].share(5)) == (None, None, None)


def test_an_item_in_the_book_currency_is_none_of_its_business_and_a_credit_stands_for_itself():
    found = books(items=(item(), item("J", currency=EUR)), credits=(credit(), credit("Q", 70, EUR)))
    assert list(found.items) == ["I"]
    assert found.credits["Q"] == Carried("Q", EUR, 70, 70, 70, 70, EUR, None, {}, True)


def test_a_credit_that_was_converted_stands_for_what_its_source_released():
    uses = (Use("c", "P", 400, "conversion", *stamp(2)), Use("r", "P", 100, "refund", *stamp(3)))
    found = books(credits=(credit(), credit("c", 300, GBP, 2), credit("r", 1, GBP, 3)), uses=uses)
    assert found.credits["P"].released == {"c": 372, "r": 93}
    assert (found.credits["c"].book, found.credits["c"].rate, found.credits["c"].book_left) == (372, None, 372)
    assert found.credits["r"].book is None
    assert [use.id for use in found.uses] == ["c", "r"]
    assert [use.id for use in books(uses=uses, day=2).uses] == ["c"]
    unknown = books(credits=(credit("c", 300, GBP, 2),), uses=(Use("c", "elsewhere", 400, "conversion", *stamp(2)),))
    assert unknown.credits["c"].book is None


def test_a_credit_from_another_account_brings_what_it_stands_for():
    found = books(carried=(stood(925), brought(930, rate=None)))
    assert (found.credits["P"].book, found.credits["P"].rate) == (930, None)


@pytest.mark.parametrize("status", ["returned", "chargeback", "reversed"])
def test_a_payment_whose_money_went_back_is_not_there(status):
    fates = (Fate("P", status, *stamp(4)),)
    assert [books(fates=fates, day=day).credits["P"].there for day in (3, 4)] == [True, False]
    assert books(fates=(*fates, Fate("P", "settled", *stamp(6)))).credits["P"].there


def test_only_what_is_there_on_the_date_is_shown():
    later = {"items": (item(), item("J", day=5)), "credits": (credit(), credit("Q", day=5))}
    assert [list(books(**later, day=day).items) for day in (4, 5)] == [["I"], ["I", "J"]]
    assert [list(books(**later, day=day).credits) for day in (4, 5)] == [["P"], ["P", "Q"]]
    assert list(books(**later, day=9, known=4).credits) == ["P"]


def test_half_a_cent_goes_up():
    found = books(items=(item(amount=1000),), carried=(stood(5), brought(930)), allocations=(applied("a", 100, 2),))
    assert found.items["I"].released == {"a": 1}
    assert found.items["I"].share(100) == 1
    assert Decimal(found.items["I"].book_left) == 4
