"""Rolling a trade and closing all of them: in one piece, proven step by step, or refused with every reason."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options.contract import Combo, parse_occ
from options.plan import AT_MARKET, Algo, Basis, EntryPlan, ExitOrder, ExitPlan, ScaleInPlan, TargetPlan
from options.terms import ExitKind
from options.values import Side
from tests.options.desk import Desk
from tests.options.trading_room import CLOSE, KEY, OTHER_KEY, Room

NEXT = "GOOG  160108C00750000"
HIGHER = "GOOG  151231C00760000"
STOP = ExitPlan(stop=Decimal("0.3"))
D = Decimal


def room_with(exits: ExitPlan = STOP, qty: int = 4, *, tenth: bool = False) -> Room:
    """A room that holds T1, ``qty`` at 10.00, with the next month quoted 11.80 to 12.00; or all at a tenth of that."""
    room, unit = Room(), 0.1 if tenth else 1.0
    room.quote(round(9.80 * unit, 2), round(10.00 * unit, 2))
    room.quote(round(11.80 * unit, 2), round(12.00 * unit, 2), key=NEXT)
    room.take(new(room, exits=exits, qty=qty))
    room.take(c.ActivateTrade(command_id=room.name(), who="ann", trade_id="T1"))
    return room


def new(room: Room, **changes: Any) -> c.NewTrade:
    """A new trade in the usual contract."""
    fields: dict[str, Any] = {"instrument": KEY, "qty": 4} | changes
    return c.NewTrade(command_id=room.name(), who="ann", **fields)


def rolled(room: Room, **fields: Any) -> c.RollTrade:
    """T1 is to be rolled, into the next month if nothing else is said."""
    said: dict[str, Any] = {"trade_id": "T1"} | (fields or {"expiry": "2016-01-08"})
    return c.RollTrade(command_id=room.name(), who="ann", **said)


def test_a_roll_closes_and_opens_the_same_in_the_new_contract() -> None:
    """Four sold at the bid, four bought at the new ask, the stop 30% below the new entry; both trades say why."""
    room = room_with()
    room.take(rolled(room))
    assert room.status("T1") == "Inactive / Closed"
    first, second = room.trade("T1"), room.trade("T2")
    assert (second.instrument, second.position.qty, second.strategy) == (NEXT, 4, first.strategy)
    assert [armed.level for armed in second.armed] == [D("8.40")]
    closed = next(one for one in room.ledger if isinstance(one, e.TradeClosed))
    assert closed.close_kind == "roll"
    assert second.reason == "roll of T1"
    fills = [one for one in room.ledger if isinstance(one, e.OrderFilled)]
    assert [(one.trade_id, one.side, one.qty, one.price) for one in fills[1:]] == [
        ("T1", Side.SELL, 4, D("9.8")),
        ("T2", Side.BUY, 4, D("12.0")),
    ]


def test_no_order_of_the_new_contract_has_a_price_of_the_old_one() -> None:
    """Limits of 6.80, 9.00 and 13.50 were made for a contract at 10.00: the new one at 2.00 would never get out."""
    exits = ExitPlan(
        stop=D("0.3"),
        targets=(TargetPlan(gain=D("0.3")),),
        stop_order=ExitOrder(algo=Algo.LIMIT, limit_price=D("6.80"), deadline_s=600),
        target_order=ExitOrder(algo=Algo.LIMIT, limit_price=D("13.50")),
        time_order=ExitOrder(algo=Algo.WALK, limit_price=D(9), every_s=5, steps=2),
    )
    room = room_with(exits)
    room.quote(1.98, 2.00, key=NEXT)
    room.take(rolled(room))
    after = room.trade("T2").exits
    assert (after.stop_order, after.target_order) == (AT_MARKET, ExitOrder(algo=Algo.LIMIT))
    assert after.time_order == ExitOrder(algo=Algo.WALK, every_s=5, steps=2)
    room.quote(1.30, 1.40, key=NEXT)
    assert (room.trade("T2").position.qty, room.status("T2")) == (0, "Inactive / Closed")


def test_the_new_entry_waits_until_the_old_position_is_out() -> None:
    """Nothing is bought while the old contracts are still being sold, and nothing twice after a restart in between."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4)
    roll = c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08")
    desk.give_command(roll)
    closing = desk.order
    assert (closing.side, closing.qty) == (Side.SELL, 4)
    desk.fill(3, "9.90", order=closing)
    assert desk.order is closing
    desk.restart()
    desk.fill(1, "9.90", order=desk.book.order_of_ref[closing.child.client_ref])
    entry = desk.order
    assert (entry.instrument, entry.side, entry.qty) == (NEXT, Side.BUY, 4)
    desk.restart()
    desk.give_command(roll)
    assert len(desk.all(e.OrderSubmitRequested)) == 3


def test_a_close_that_never_fills_opens_nothing() -> None:
    """The order rests all day without a fill: the day ends, and what was to follow is cancelled with it."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4)
    desk.give_command(c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08"))
    desk.cancelled()
    assert desk.trade("T1").position.qty == 4
    assert desk.trade("T2").position.qty == 0
    desk.at = CLOSE + 1
    desk.open_day("2015-12-28", CLOSE + 1, CLOSE + 10**11)
    assert str(desk.trade("T2").order_status) == "Cancelled"
    assert not [one for one in desk.all(e.OrderSubmitRequested) if one.instrument == NEXT]


def test_a_halt_between_the_two_halves_opens_nothing() -> None:
    """The exit goes on; the new entry is rejected with the halt's reason."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4)
    desk.give_command(c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08"))
    desk.give_command(c.Halt(command_id="h", who="bob", reason="enough"))
    desk.fill(4, "9.90")
    (rejected,) = desk.all(e.TradeRejected)
    assert (rejected.trade_id, rejected.reasons) == ("T2", ("trading is halted: enough",))


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"expiry": "2016-01-08"}, NEXT),
        ({"strike": D(760)}, HIGHER),
        ({"contract": OTHER_KEY}, OTHER_KEY),
        ({"expiry": "2016-01-08", "strike": D("750")}, NEXT),
    ],
)
def test_the_new_contract_is_said_whole_or_by_what_differs(fields: dict[str, Any], key: str) -> None:
    """What is not said stays: the root, the right, the expiry, the strike."""
    room = room_with()
    room.quote(5.0, 5.2, key=HIGHER)
    room.quote(5.0, 5.2, key=OTHER_KEY)
    room.take(rolled(room, **fields))
    assert room.trade("T2").instrument == key


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"trade_id": "T1"}, "say what the new contract is"),
        ({"contract": NEXT, "strike": D(1)}, "say what the new contract is"),
        ({"contract": "AAPL  160108C00100000"}, "a roll stays on the underlying"),
        ({"contract": KEY}, "is what is held already"),
        ({"contract": "nonsense 5"}, "is not an OCC symbol"),
        ({"expiry": "Christmas"}, "is no date as in 2015-12-31"),
        ({"expiry": "2015-12-18"}, "expired on 2015-12-18"),
        ({"strike": D("NaN")}, "strike NaN"),
        ({"strike": D(-1)}, "strike -1"),
        ({"strike": D(770)}, "no quote"),
        ({"expiry": "2016-01-08", "qty": 0}, "quantity 0 is not between 1 and"),
        ({"expiry": "2016-01-08", "qty": 999}, "quantity 999 is not between 1 and 50"),
        ({"expiry": "2016-01-08", "qty": 10**30}, "quantity"),
        ({"expiry": "2016-01-08", "trade_id": "T9"}, "there is no such trade"),
    ],
)
def test_a_wrong_roll_is_refused_and_changes_nothing(fields: dict[str, Any], said: str) -> None:
    """Every way to say it wrong has its sentence."""
    room = room_with()
    assert any(said in reason for reason in room.refuse(rolled(room, **fields)))


def test_a_roll_is_refused_with_every_reason_at_once() -> None:
    """Halted, too many, an expired contract without a quote: all in one answer."""
    room = room_with()
    room.take(c.Halt(command_id="h", who="ann", reason="stop"))
    reasons = room.refuse(rolled(room, expiry="2015-12-18", qty=80))
    assert len(reasons) == 4
    assert all(
        any(said in reason for reason in reasons) for said in ("expired", "halted", "quantity 80", "no quote")
    )


def test_what_is_not_held_or_is_leaving_cannot_be_rolled() -> None:
    """A draft, a trade that is closing, one that is rolled already: each is refused with its state."""
    room = Room()
    room.quote(9.80, 10.00)
    room.take(new(room))
    (reason,) = room.refuse(rolled(room))
    assert reason == "T1 is Draft / –: nothing is held"
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4)
    desk.give_command(c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08"))
    desk.give_command(c.RollTrade(command_id="again", who="ann", trade_id="T1", expiry="2016-01-08"))
    (refused,) = desk.all(e.CommandRefused)
    assert "it is being closed already" in refused.reasons[0]
    assert "T2 is to follow T1 already; cancel it first" in refused.reasons


def test_a_ladder_that_has_begun_is_carried_as_what_is_left_of_it() -> None:
    """Of three rungs one has fired: the other two share what is left as they would have, the stop is at break-even."""
    ladder = tuple(
        TargetPlan(gain=D(gain), share=D(share))
        for gain, share in (("0.25", "0.5"), ("0.5", "0.25"), ("1", "0.25"))
    )
    room = room_with(ExitPlan(targets=ladder, stop=D("0.3"), break_even_after=1))
    room.quote(12.40, 12.80)
    assert room.trade("T1").position.qty == 2
    room.take(rolled(room))
    carried = room.trade("T2").exits
    assert carried.targets == (
        TargetPlan(gain=D("0.5"), share=D("0.5")),
        TargetPlan(gain=D(1), share=D("0.5")),
    )
    assert carried.break_even_after is None
    # The stop stood at the entry of 10.00, with the mark at 12.60: it keeps that distance from the new entry.
    assert carried.stop == D("0.206349")
    assert [(armed.kind, armed.qty) for armed in room.trade("T2").armed] == [
        (ExitKind.STOP, 2), (ExitKind.TARGET, 1), (ExitKind.TARGET, 1)
    ]  # fmt: skip


def test_levels_keep_their_distance_from_the_entry() -> None:
    """A stop at 8.00, a target at 15.00 and a trail of 2.00 under an entry of 10.00 are 20%, 50% and 20% of the new."""
    plan = ExitPlan(stop_level=D(8), targets=(TargetPlan(level=D(15)),), trail_amount=D(2), hold_max_s=600.0)
    room = room_with(plan)
    room.take(rolled(room))
    carried = room.trade("T2").exits
    assert (carried.stop, carried.stop_level) == (D("0.2"), None)
    assert (carried.targets[0].gain, carried.targets[0].level) == (D("0.5"), None)
    assert (carried.trail, carried.trail_amount, carried.hold_max_s) == (D("0.2"), None, 600.0)


def test_scale_ins_that_are_still_to_come_are_carried() -> None:
    """Before anything was taken out they go along; the first trim ends them, and so a roll after it has none."""
    plan = ExitPlan(stop=D("0.3"), scale_ins=(ScaleInPlan(gain=D("0.2"), qty=2),))
    room = room_with(plan)
    room.take(rolled(room))
    assert room.trade("T2").exits.scale_ins == plan.scale_ins
    room = room_with(plan)
    room.take(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    room.take(rolled(room))
    assert room.trade("T2").exits.scale_ins == ()
    assert room.trade("T2").position.qty == 3


def test_exits_without_a_distance_are_refused() -> None:
    """A stop above both the entry and the mark has nowhere to be measured from: the answer says so."""
    room = room_with(ExitPlan(basis=Basis.TWO_MARKS))
    room.quote(12.90, 13.10)
    room.take(c.SetStop(command_id="s", who="ann", trade_id="T1", level=D(12)))
    room.quote(11.40, 11.60)
    (reason,) = room.refuse(rolled(room))
    assert "have no distance to carry over; move them first" in reason


def test_a_combo_is_rolled_into_another_combo() -> None:
    """A vertical goes into the next month's at its net price; an expiry alone does not say which legs."""
    near = Combo.of((1, parse_occ(KEY)), (-1, parse_occ(HIGHER)))
    far = Combo.of((1, parse_occ(NEXT)), (-1, parse_occ("GOOG  160108C00760000")))
    room = Room()
    for key, bid in ((KEY, 9.8), (HIGHER, 4.8), (NEXT, 11.8), ("GOOG  160108C00760000", 5.8)):
        room.quote(bid, bid + 0.2, key=key)
    room.take(new(room, instrument=near.key, exits=ExitPlan(stop=D("0.5"), trail_amount=D(2))))
    room.take(c.ActivateTrade(command_id="go", who="ann", trade_id="T1"))
    assert "no one expiry and strike" in room.refuse(rolled(room))[0]
    room.take(rolled(room, contract=far.key))
    second = room.trade("T2")
    assert (second.instrument, second.position.qty) == (far.key, 4)
    assert (second.exits.stop, second.exits.trail_amount) == (D("0.5"), D(2))


@given(
    parts=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    fired=st.integers(0, 3),
    more=st.integers(0, 4),
)
def test_i16_a_rolled_ladder_takes_out_what_the_old_one_would_have(
    parts: list[int], fired: int, more: int
) -> None:
    """Whatever rungs have fired: the new position has the same rungs with the same contracts as the old had left."""
    qty = sum(parts) + more
    ladder = tuple(
        TargetPlan(gain=D(number) / 10, share=(D(part) / qty).quantize(D("0.000001"), "ROUND_DOWN"))
        for number, part in enumerate(parts, start=1)
    )
    if not more:
        last = 1 - sum((rung.share for rung in ladder[:-1]), D(0))
        ladder = (*ladder[:-1], TargetPlan(gain=ladder[-1].gain, share=last))
    room = room_with(ExitPlan(targets=ladder), qty=qty, tenth=True)
    for rung in range(min(fired, len(parts) - 1)):
        mid = 1 + (rung + 1) / 10 + 0.01
        room.quote(round(mid - 0.02, 2), round(mid + 0.02, 2))
    before = [armed.qty for armed in room.trade("T1").armed]
    left = room.trade("T1").position.qty
    room.take(rolled(room))
    assert room.trade("T2").position.qty == left
    assert [armed.qty for armed in room.trade("T2").armed] == before


# --- close-all ---------------------------------------------------------------------------------------------------


def test_close_all_takes_everything_out() -> None:
    """What is held is sold, an entry in the market is taken back, one that waits is cancelled; a draft stays."""
    room = room_with()
    room.quote(4.80, 5.00, key=OTHER_KEY)
    resting = EntryPlan(algo=Algo.LIMIT, limit_price=D("4.00"))
    room.take(new(room, instrument=OTHER_KEY, entry=resting, strategy="two"))
    room.take(c.ActivateTrade(command_id="two", who="ann", trade_id="T2"))
    room.take(new(room, entry=EntryPlan(after="T1"), strategy="three"))
    room.take(c.ActivateTrade(command_id="three", who="ann", trade_id="T3"))
    room.take(new(room, strategy="four"))
    room.take(c.CloseAll(command_id="all", who="ann"))
    assert [room.status(f"T{number}") for number in (1, 2, 3, 4)] == [
        "Inactive / Closed", "Cancelled / –", "Cancelled / –", "Draft / –"
    ]  # fmt: skip
    assert not room.book.orders
    assert not room.book.parents
    assert room.refuse(c.CloseAll(command_id="more", who="ann")) == (
        "no trade is open that is not being closed already",
    )


def test_close_all_may_be_for_one_strategy() -> None:
    """Only its trades go; one without any is refused by its name."""
    room = room_with()
    room.take(new(room, instrument=NEXT, strategy="two", qty=2))
    room.take(c.ActivateTrade(command_id="two", who="ann", trade_id="T2"))
    room.take(c.CloseAll(command_id="all", who="ann", strategy="two"))
    assert room.trade("T1").position.qty == 4
    assert room.status("T2") == "Inactive / Closed"
    (reason,) = room.refuse(c.CloseAll(command_id="more", who="ann", strategy="two"))
    assert reason == "no trade of the strategy 'two' is open that is not being closed already"


def test_close_all_ends_a_roll_that_is_half_way() -> None:
    """The first half is going out already; what was to follow it is cancelled, and never bought."""
    desk = Desk()
    desk.quote(11.8, 12.0, key=NEXT)
    desk.opened(4)
    desk.give_command(c.RollTrade(command_id="r", who="ann", trade_id="T1", expiry="2016-01-08"))
    desk.give_command(c.CloseAll(command_id="all", who="bob"))
    assert str(desk.trade("T2").order_status) == "Cancelled"
    desk.fill(4, "9.90")
    assert str(desk.trade("T1").trade_status) == "Closed"
    assert len(desk.all(e.OrderSubmitRequested)) == 2


def test_close_all_survives_a_restart_and_happens_once() -> None:
    """Killed after the command is durable: what it asked for goes on, and giving it again changes nothing."""
    desk = Desk()
    desk.opened(4)
    desk.propose(2, key="GOOG  151231P00750000", strategy="two")
    desk.accept()
    everything = c.CloseAll(command_id="all", who="ann")
    desk.give_command(everything)
    sent = len(desk.all(e.OrderSubmitRequested))
    desk.restart()
    desk.give_command(everything)
    assert len(desk.all(e.OrderSubmitRequested)) == sent
    asked = desk.all(e.OrderCancelRequested)
    assert [one.order_id for one in asked] == ["O2"]
    desk.cancelled(desk.book.orders["O2"])
    desk.fill(4, "9.90", order=desk.book.orders["O3"])
    assert not desk.book.trades
