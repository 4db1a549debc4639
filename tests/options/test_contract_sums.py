"""Ours against the broker's by contract: a combo is what its legs are, whoever holds them."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options import inputs as i
from options.contract import Combo, Leg, OptionContract, Stock, parse_key, parse_occ
from options.contract_sums import by_contract, contracts_held, parts_of
from options.risk_limits import RiskLimits
from tests.options.desk import KEY, PUT_KEY, SPOT, Desk, of

FAR_KEY = "GOOG  151231C00760000"
CALL, FAR = parse_occ(KEY), parse_occ(FAR_KEY)
SPREAD = Combo.of((1, CALL), (-2, FAR)).key
COVERED = Combo.of((100, Stock(symbol=SPOT)), (-1, CALL)).key
WIDE = RiskLimits(
    premium_trade_max=Decimal(1_000_000),
    premium_day_max=Decimal(100_000_000),
    naked_max_loss_usd=Decimal(100_000_000),
)
INSTRUMENTS = (KEY, PUT_KEY, SPREAD, COVERED, SPOT)


def desk_with(*held: tuple[str, int]) -> Desk:
    """A desk that holds so many of each instrument, below zero short, every trade by a strategy of its own."""
    desk = Desk(WIDE)
    desk.quote(5.0, 5.2, key=FAR_KEY)
    for number, (key, qty) in enumerate(held):
        price = str(desk.quotes.quotes[key].mid) if key in desk.quotes.quotes else "0.10"
        direction = 1 if qty > 0 else -1
        desk.propose(abs(qty), key=key, direction=direction, strategy=f"desk {number}")
        desk.accept()
        desk.fill(abs(qty), price)
    return desk


def look(desk: Desk, positions: dict[str, int]) -> list[e.TradeEvent]:
    """The broker shows its positions, and every order that lives."""
    resting = tuple(
        i.OpenOrder(client_ref=one.child.client_ref, broker_order_id="B", venue="TEST") for one in desk.orders
    )
    shown = i.BrokerSnapshot(complete=True, asked_at=desk.at, open_orders=resting, positions=positions)
    return desk.report(shown)


def test_a_combo_is_its_legs_and_anything_else_is_itself() -> None:
    """One unit of each: two of the far call are sold with a spread, a hundred shares bought with covered stock."""
    assert parts_of(SPREAD) == ((KEY, 1), (FAR_KEY, -2))
    assert dict(parts_of(COVERED)) == {KEY: -1, SPOT: 100}
    assert parts_of(KEY) == ((KEY, 1),)
    assert parts_of("EUR.USD future 2027") == (("EUR.USD future 2027", 1),)


def test_i14_a_broker_that_has_the_legs_agrees() -> None:
    """Three spreads, two calls on their own and covered stock: netted by contract, as a broker shows an account."""
    desk = desk_with((SPREAD, 3), (KEY, 2), (COVERED, 1))
    assert contracts_held(desk.book) == {KEY: 3 + 2 - 1, FAR_KEY: -6, SPOT: 100}
    assert look(desk, {KEY: 4, FAR_KEY: -6, SPOT: 100}) == []
    assert desk.book.halt_reason == ""


def test_i14_a_leg_that_is_missing_is_named_by_its_contract() -> None:
    """Two of the six short calls are not there: that contract halts trading, and no other is named."""
    desk = desk_with((SPREAD, 3), (KEY, 2))
    look(desk, {KEY: 5, FAR_KEY: -4})
    assert desk.book.halt_reason.startswith(f"positions differ: {FAR_KEY}: ours -6, the broker's -4")
    assert KEY not in desk.book.halt_reason
    assert desk.book.disagreements == {FAR_KEY: 2}


def test_i14_a_leg_that_looks_assigned_says_how_to_write_it_down_for_each_trade() -> None:
    """Eight short calls are gone and 800 shares are short: two of the first trade's, the rest of the combo's."""
    desk = desk_with((FAR_KEY, -2), (SPREAD, 3))
    look(desk, {KEY: 3, SPOT: -800})
    assert (
        "that looks like an assignment of 8 GOOG 31 Dec 2015 $760 call: callboard trade assigned T1 --qty 2"
        f" and callboard trade assigned T2 --qty 6 --contract '{FAR_KEY}'"
    ) in desk.book.halt_reason
    for number, qty in ((1, 2), (2, 6)):
        desk.give_command(
            c.RecordAssignment(
                command_id=f"a{number}", who="ann", trade_id=f"T{number}", qty=qty, contract=FAR_KEY
            )
        )
    assert desk.book.disagreements == {}
    look(desk, {KEY: 3, SPOT: -800})
    assert desk.book.disagreements == {}
    assert contracts_held(desk.book) == {KEY: 3, SPOT: -800}


def test_i14_a_leg_that_is_carried_on_changes_nothing_that_was_known() -> None:
    """The broker has one far call more, which was accepted; the near one expires, the far one changes its trade."""
    near = OptionContract(
        root="GOOG", expiry=parse_occ(KEY).expiry.replace(day=24), right=CALL.right, strike=CALL.strike
    )
    desk = Desk()
    desk.quote(4.9, 5.1, key=near.key)
    calendar = Combo.of((-1, near), (1, CALL)).key
    desk.propose(2, key=calendar)
    desk.accept()
    desk.fill(2, "5")
    look(desk, {near.key: -2, KEY: 3})
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert desk.book.accepted_differences == {KEY: 1}
    desk.at = desk.book.day.closes_at
    desk.decide(i.ExpiryReached((near.key,), ((SPOT, Decimal(740)),)))
    assert contracts_held(desk.book) == {KEY: 2}
    assert desk.book.accepted_differences == {KEY: 1}
    assert look(desk, {KEY: 3}) == []


def test_i14_a_difference_that_is_gone_before_it_was_answered_is_not_accepted_later() -> None:
    """The broker had three more of a contract and has none: a resume accepts nothing, and one less is seen."""
    desk = desk_with((KEY, 2))
    look(desk, {KEY: 2, FAR_KEY: 3})
    assert desk.book.disagreements == {FAR_KEY: 3}
    look(desk, {KEY: 2})
    assert desk.book.disagreements == {}
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert desk.book.accepted_differences == {}
    assert of(e.TradingHalted, look(desk, {KEY: 2, FAR_KEY: -3}))


def test_a_difference_in_a_contract_that_nobody_holds_any_more_is_over() -> None:
    """What a person had accepted expires at the broker: it is not held against an account that has nothing there."""
    desk = desk_with((KEY, 2))
    look(desk, {KEY: 2, FAR_KEY: 3})
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert desk.book.accepted_differences == {FAR_KEY: 3}
    found = look(desk, {KEY: 2})
    assert not of(e.TradingHalted, found)
    assert desk.book.accepted_differences == {}
    assert look(desk, {KEY: 2}) == []


def test_i14_a_leg_that_comes_in_late_is_looked_for_and_comes_right() -> None:
    """A spread's fill was told while the broker shows one leg: entries stop, and a later look finds the other."""
    desk = desk_with((SPREAD, 3))
    look(desk, {KEY: 3})
    assert desk.book.halt_reason.startswith(f"positions differ: {FAR_KEY}: ours -6, the broker's +0")
    desk.wait(29)
    assert not desk.manager.doubts.ask_due(desk.at)
    desk.wait(1)
    assert desk.manager.doubts.ask_due(desk.at)
    (seen,) = of(e.PositionCompared, look(desk, {KEY: 3, FAR_KEY: -6}))
    assert (seen.ours, seen.theirs) == (-6, -6)
    assert (desk.book.disagreements, desk.manager.doubts.next_look) == ({}, None)
    assert desk.book.halt_reason, "a person has not read it yet"


def test_i14_what_is_the_same_on_both_sides_is_no_difference_whatever_was_accepted() -> None:
    """Somebody resumes while one leg is in; with the second all is the same, and nobody is told of a difference."""
    desk = Desk()
    desk.quote(5.9, 6.1, key=FAR_KEY)
    desk.propose(3, key=SPREAD)
    desk.accept()
    look(desk, {KEY: 3})
    desk.give_command(c.Resume(command_id="r", who="ann", answers=desk.book.halt_reason))
    assert desk.book.accepted_differences == {KEY: 3}
    desk.fill(3, "4")
    assert not of(e.TradingHalted, look(desk, {KEY: 3, FAR_KEY: -6}))
    assert (desk.book.accepted_differences, desk.book.disagreements) == ({}, {})
    assert of(e.TradingHalted, look(desk, {KEY: 6, FAR_KEY: -6}))


@given(
    held=st.lists(st.tuples(st.sampled_from(INSTRUMENTS), st.integers(-3, 3).filter(bool)), max_size=5),
    wrong=st.sampled_from([KEY, PUT_KEY, FAR_KEY, SPOT]),
    by=st.integers(-2, 2),
)
def test_i14_exactly_the_contracts_that_differ_are_named(
    held: list[tuple[str, int]], wrong: str, by: int
) -> None:
    """Whatever is held in whatever trades: legs that are right are silent, the one that is not is named."""
    legs: Counter[str] = Counter()
    for key, qty in held:
        instrument = parse_key(key)
        parts: tuple[Leg, ...] = instrument.legs if isinstance(instrument, Combo) else ()
        for contract, ratio in [(leg.instrument.key, leg.ratio) for leg in parts] or [(key, 1)]:
            legs[contract] += ratio * qty
    desk = desk_with(*held)
    ours = {key: qty for key, qty in legs.items() if qty}
    assert {key: qty for key, qty in contracts_held(desk.book).items() if qty} == ours
    assert look(desk, dict(ours)) == []
    theirs = Counter(ours)
    theirs[wrong] += by
    look(desk, dict(theirs))
    assert desk.book.disagreements == ({wrong: by} if by else {})
    assert by_contract(theirs.items()) == dict(theirs)
