"""What the broker does not let out is sent again so often and no oftener, and again once somebody has acted."""

import pytest

from options import commands as c
from options import events as e
from options.plan import Algo, ExitOrder
from options.stuck_exits import EXIT_REJECTIONS_MAX
from options.values import DAY, MINUTE
from tests.options.desk import CLOSE, OPEN, Desk, of, one


def knocked(how: str, qty: int = 2) -> Desk:
    """A desk with a position that should be out, and a broker that has refused it as often as it was asked to."""
    desk = Desk()
    desk.opened(qty)
    desk.out("T1")
    for _ in range(EXIT_REJECTIONS_MAX):
        assert desk.order.side == "SELL"
        desk.reject() if how == "rejected" else desk.cancelled()
    assert len(of(e.OrderSubmitRequested, desk.events)) == 1 + EXIT_REJECTIONS_MAX
    return desk


@pytest.mark.parametrize("how", ["rejected", "taken back"])
def test_an_exit_is_sent_three_times_and_then_trading_halts(how: str) -> None:
    """Whether the broker says no or takes it back unasked: three orders, a halt that names the trade, and no fourth."""
    desk = knocked(how)
    assert one(e.TradingHalted, desk.events).reason == (
        "T1 cannot get out: the broker refused or took back 3 orders in a row"
    )
    for _ in range(5):
        assert not of(e.OrderSubmitRequested, desk.wait(60))
        assert not of(e.OrderSubmitRequested, desk.mark(5))
    assert desk.trade().position.qty == 2


@pytest.mark.parametrize("how", ["rejected", "taken back"])
@pytest.mark.parametrize("who", ["close", "cancel", "resume", "day", "resume after a restart"])
def test_what_could_not_get_out_is_tried_again_when_somebody_has_acted(how: str, who: str) -> None:
    """A close, a cancel, a resume or the next day sends it once more; when it fills, the trade is over."""
    desk = knocked(how)
    if "restart" in who:
        desk.restart()
    if who == "close":
        found = desk.give_command(c.CloseTrade(command_id="1", who="ann", trade_id="T1"))
    elif who == "cancel":
        found = desk.give_command(c.CancelTrade(command_id="1", who="ann", trade_id="T1"))
    elif who == "day":
        desk.at = OPEN + DAY + MINUTE
        found = desk.open_day("2015-12-25", OPEN + DAY, CLOSE + DAY)
    else:
        found = desk.give_command(c.Resume(command_id="1", who="ann", answers=desk.book.halt_reason))
    assert one(e.OrderSubmitRequested, found).qty == 2
    assert one(e.TradeClosed, desk.fill(2)).qty == 2


def test_what_was_sold_too_far_is_bought_back_again_when_somebody_has_acted() -> None:
    """Four of three are sold where one was to stay: short of one it is stuck too, though no more than is wanted."""
    desk = Desk()
    desk.opened(3)
    desk.out("T1", 1)
    desk.fill(4)
    for _ in range(EXIT_REJECTIONS_MAX):
        assert (desk.order.side, desk.order.qty) == ("BUY", 1)
        desk.reject()
    assert not of(e.OrderSubmitRequested, desk.wait(60))
    found = desk.give_command(c.Resume(command_id="1", who="ann", answers=desk.book.halt_reason))
    sent = one(e.OrderSubmitRequested, found)
    assert (sent.side, sent.qty, sent.approval.reducing) == ("BUY", 1, True)


def test_what_filled_in_part_between_begins_to_count_anew() -> None:
    """Two taken back, a contract out, two more taken back: the way out is still being tried."""
    desk = Desk()
    desk.opened(3)
    desk.out("T1")
    desk.cancelled()
    desk.cancelled()
    desk.fill(1)
    desk.cancelled()
    assert of(e.OrderSubmitRequested, desk.cancelled())
    assert not of(e.TradingHalted, desk.events)


def test_what_we_took_back_ourselves_is_no_refusal() -> None:
    """A walk asks each of its steps back: that is never counted against it."""
    desk = Desk()
    desk.opened(2)
    desk.quote(9.0, 11.0)
    walk = ExitOrder(algo=Algo.WALK, every_s=10.0, steps=4)
    desk.give_command(c.CloseTrade(command_id="1", who="ann", trade_id="T1", order=walk))
    for _ in range(4):
        desk.accept()
        desk.wait(11)
        assert desk.order.cancel_requested
        assert of(e.OrderSubmitRequested, desk.cancelled())
    assert desk.trade().rejections == 0
    assert not of(e.TradingHalted, desk.events)


def test_a_day_order_that_ends_with_its_day_is_no_refusal() -> None:
    """After the close the broker lets go what was good for the day: that says nothing about tomorrow."""
    desk = Desk()
    desk.opened(2)
    desk.out("T1")
    desk.at = CLOSE + MINUTE
    desk.cancelled()
    assert desk.trade().rejections == 0
