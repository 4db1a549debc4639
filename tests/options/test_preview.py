"""What a preview says is what the command then does."""

from copy import deepcopy
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options import events as e
from options.book import CLOSED_TRADES_KEPT
from options.inputs import CommandGiven
from options.plan import ExitPlan, OrderType, TargetPlan
from options.preview import PreviewOrder, preview
from options.risk import RiskLimits
from options.values import Side
from tests.options.desk import Desk
from tests.options.test_roll import NEXT, new, room_with
from tests.options.trading_room import CLOSE, KEY, OTHER_KEY, Room

D = Decimal
LADDER = ExitPlan(
    stop=D("0.3"), targets=(TargetPlan(gain=D("0.25"), share=D("0.5")), TargetPlan(gain=D(1), share=D("0.5")))
)


def commands() -> st.SearchStrategy[c.Command]:
    """Everything that can take something out or move an exit, right and wrong."""
    about = {"command_id": st.just("x"), "who": st.just("ann"), "trade_id": st.sampled_from(["T1", "T2"])}
    prices = st.integers(500, 1500).map(lambda cents: D(cents) / 100)
    return st.one_of(
        st.builds(c.TrimTrade, **about, qty=st.integers(0, 7)),
        st.builds(c.TrimTrade, **about, fraction=st.sampled_from([D("0.25"), D("0.5"), D("0.9")])),
        st.builds(c.CloseTrade, **about),
        st.builds(c.CancelTrade, **about),
        st.builds(c.RollTrade, **about, expiry=st.just("2016-01-08"), qty=st.sampled_from([None, 1, 3])),
        st.builds(c.SetStop, **about, level=st.none() | prices),
        st.builds(c.SetTarget, **about, level=prices),
        st.builds(c.SetTrail, **about, fraction=st.sampled_from([D("0.1"), D("0.25")])),
        st.builds(c.CloseAll, command_id=st.just("x"), who=st.just("ann")),
        st.builds(c.Halt, command_id=st.just("x"), who=st.just("ann")),
    )


def facts(order: PreviewOrder | e.OrderSubmitRequested) -> tuple[str, ...]:
    """What is compared of an order."""
    return order.instrument, order.side, str(order.qty), order.order_type, str(order.limit_price)


def assert_true(room: Room, command: c.Command) -> None:
    """Preview, then give the command, and hold one against the other."""
    before = deepcopy(room.book)
    said = preview(room.manager, room.at, command)
    assert room.book == before
    written = len(room.ledger)
    now = room.give(CommandGiven(command), "command x")
    refused = [one for one in now if isinstance(one, e.CommandRefused)]
    assert said.reasons == (refused[0].reasons if refused else ())
    if refused:
        return
    sent = [one for one in room.ledger[written:] if isinstance(one, e.OrderSubmitRequested)]
    at_once = sum(isinstance(one, e.OrderSubmitRequested) for one in now)
    wanted = [one for one in said.orders if not one.later]
    assert sorted(map(facts, wanted)) == sorted(map(facts, sent[:at_once]))
    assert sorted(map(facts, said.orders)) == sorted(map(facts, sent))
    asked = [one.order_id for one in now if isinstance(one, e.OrderCancelRequested)]
    assert set(said.cancels) == set(asked)
    for one in said.trades:
        trade = room.trade(one.trade_id)
        assert (one.remains, one.exits) == (trade.position.qty, trade.armed)
        assert (one.order_status, one.trade_status) == (str(trade.order_status), str(trade.trade_status))
    fills = [one for one in room.ledger[written:] if isinstance(one, e.OrderFilled) and one.realized_pnl]
    if said.pnl is not None:
        assert said.pnl == sum((fill.realized_pnl for fill in fills), D(0))


@given(
    command=commands(),
    qty=st.integers(1, 5),
    short=st.booleans(),
    mid=st.integers(800, 1400),
    restart=st.booleans(),
)
def test_i16_a_preview_says_what_the_command_then_does(
    command: c.Command, qty: int, short: bool, mid: int, restart: bool
) -> None:
    """Orders, cancels, what remains, the exits and the money: the same, on any price, after a restart too."""
    room = room_with(LADDER if qty > 1 else ExitPlan(stop=D("0.3")), qty=qty)
    room.quote(4.90, 5.00, key=OTHER_KEY)
    room.take(new(room, instrument=OTHER_KEY, qty=2, strategy="two", exits=ExitPlan(stop=D("0.5"))))
    room.take(c.ActivateTrade(command_id="two", who="ann", trade_id="T2"))
    if short:
        room.take(new(room, qty=1, strategy="three"))
    room.quote(mid / 100 - 0.1, mid / 100 + 0.1)
    if restart:
        room.restart()
    assert_true(room, command)


def test_a_trim_is_shown_with_its_money_and_its_exits() -> None:
    """Two of four at the bid of 11.00: $2,200, a profit of $200; at the mid of 11.10, $220; the stop guards two."""
    room = room_with(ExitPlan(stop=D("0.3")))
    room.quote(11.00, 11.20)
    said = preview(room.manager, room.at, c.TrimTrade(command_id="x", who="ann", trade_id="T1", qty=2))
    (order,) = said.orders
    assert (order.side, order.qty, order.instrument, order.order_type) == (
        Side.SELL,
        2,
        KEY,
        OrderType.MARKET,
    )
    assert (said.proceeds, said.pnl) == (D(2200), D(200))
    assert (said.proceeds_mid, said.pnl_mid) == (D(2220), D(220))
    (trade,) = said.trades
    assert (trade.held, trade.remains) == (4, 2)
    assert [one.qty for one in trade.exits_before] == [4]
    assert [one.qty for one in trade.exits] == [2]
    assert said.warnings == ()


def test_a_roll_is_shown_with_both_of_its_halves() -> None:
    """The sale at once, the purchase later, and the exits that the new trade would have."""
    room = room_with(ExitPlan(stop=D("0.3")))
    said = preview(
        room.manager, room.at, c.RollTrade(command_id="x", who="ann", trade_id="T1", expiry="2016-01-08")
    )
    assert [(one.side, one.instrument, one.later) for one in said.orders] == [
        (Side.SELL, KEY, False), (Side.BUY, NEXT, True)
    ]  # fmt: skip
    assert [(one.trade_id, one.remains) for one in said.trades] == [("T1", 0), ("T2", 4)]
    assert said.trades[1].exits[0].level == D("8.40")


def test_a_preview_warns_of_what_a_person_should_know() -> None:
    """A halt, a closed market, an old quote, an order in flight: each is said."""
    desk = Desk()
    desk.opened(4)
    desk.give_command(c.Halt(command_id="h", who="ann", reason="lunch"))
    desk.give_command(c.TrimTrade(command_id="t", who="ann", trade_id="T1", qty=1))
    desk.at = CLOSE + 3 * 3600 * 1_000_000
    said = preview(desk.manager, desk.at, c.CloseTrade(command_id="x", who="ann", trade_id="T1"))
    for words in ("market closed", "halted: lunch", "silent", "orders in flight: O2"):
        assert any(words in warning for warning in said.warnings), said.warnings
    assert not said.orders


def test_a_yes_counts_for_what_was_seen_and_no_longer() -> None:
    """Prices may move in between; a fill, a trim or a new stop may not: then one sentence, and nothing is done."""
    room = room_with(ExitPlan(stop=D("0.3")))
    close = c.CloseTrade(command_id="x", who="ann", trade_id="T1")
    seen = preview(room.manager, room.at, close).seen
    room.quote(11.00, 11.20)
    room.restart()
    assert preview(room.manager, room.at, close).seen == seen
    room.take(c.SetStop(command_id="s", who="bob", trade_id="T1", level=D(8)))
    (reason,) = room.refuse(c.CloseTrade(command_id="y", who="ann", trade_id="T1", seen=seen))
    assert reason == "T1 has changed since it was shown; look again, and decide on what there is now"
    now = preview(room.manager, room.at, close).seen
    room.take(c.CloseTrade(command_id="z", who="ann", trade_id="T1", seen=now))
    everything = c.CloseAll(command_id="all", who="ann", seen=now)
    assert "no trade is open" in room.refuse(everything)[0]


def test_closing_everything_counts_for_the_trades_that_were_seen() -> None:
    """A trade that came meanwhile was not in the preview: it is not closed unseen."""
    room = room_with(ExitPlan(stop=D("0.3")))
    seen = preview(room.manager, room.at, c.CloseAll(command_id="x", who="ann")).seen
    room.quote(4.90, 5.00, key=OTHER_KEY)
    room.take(new(room, instrument=OTHER_KEY, qty=2, strategy="two"))
    room.take(c.ActivateTrade(command_id="two", who="ann", trade_id="T2"))
    (reason,) = room.refuse(c.CloseAll(command_id="y", who="ann", seen=seen))
    assert reason.startswith("what it is about has changed since it was shown")


def test_closing_more_than_a_book_keeps_shows_every_trade() -> None:
    """Of a great many trades each is shown, also those that the book would have let go of by then."""
    desk = Desk(
        RiskLimits(
            open_positions_max=1_000,
            premium_day_max=D(10**9),
            contract_qty_max=1_000,
            trades_day_max=1_000,
            orders_per_minute_max=1_000,
        )
    )
    count = CLOSED_TRADES_KEPT + 3
    for number in range(count):
        desk.opened(1, strategy=f"s{number}")
    said = preview(desk.manager, desk.at, c.CloseAll(command_id="x", who="ann"))
    assert len(said.trades) == count
    assert {one.remains for one in said.trades} == {0}
