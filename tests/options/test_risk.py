"""Nothing is entered beyond a limit, every reason comes at once, and exits always pass."""

from decimal import Decimal

import msgspec
import pytest

from options import events as e
from options.book import Book
from options.intent import TradeProposal
from options.quote import QuoteCache
from options.risk import (
    PREMIUM_CEILING,
    QTY_CEILING,
    RiskLimits,
    approve_exit,
    entry_faults,
    market_faults,
    premium_of,
    signal_faults,
)
from options.signal import Action, Signal
from options.terms import Approval
from options.values import MINUTE, SECOND, ZERO, Side
from tests.options.desk import CLOSE, KEY, MARKET, NO_EXITS, OPEN, PUT_KEY, SPOT, Desk, instrument, of, one

ADJUSTED = "GOOG1 151231C00750000"


def faults(desk: Desk, qty: int = 4, key: str = KEY, direction: int = 1) -> list[str]:
    wish = TradeProposal(
        instrument=instrument(key), direction=direction, qty=qty, entry=MARKET, exits=NO_EXITS, reason="idea"
    )
    return entry_faults(desk.book, wish, desk.at, desk.quotes, desk.limits)


def limited(**limits: object) -> Desk:
    return Desk(msgspec.structs.replace(RiskLimits(), **limits))


def test_what_is_within_every_limit_passes() -> None:
    """The limits themselves are still allowed."""
    assert faults(limited(qty_max=4, premium_trade_max=Decimal(4040), premium_day_max=Decimal(4040))) == []


@pytest.mark.parametrize(
    ("limits", "qty", "why"),
    [
        ({"qty_max": 3}, 4, "quantity 4 is not between 1 and 3"),
        ({}, 0, "quantity 0 is not between 1 and 50"),
        ({}, -1, "quantity -1 is not between 1 and 50"),
        ({"premium_trade_max": Decimal(4039)}, 4, "premium $4,040.00 is above $4,039.00 per trade"),
        ({"premium_day_max": Decimal(4039)}, 4, "premium $4,040.00 on top of $0.00 is above $4,039.00 a day"),
        ({"open_positions_max": 0}, 4, "0 positions are open; at most 0"),
    ],
)
def test_each_limit_holds_by_itself(limits: dict[str, object], qty: int, why: str) -> None:
    """One limit broken is one reason, with what was asked and what is allowed."""
    assert faults(limited(**limits), qty) == [why]


def test_all_reasons_come_at_once() -> None:
    """Halted, too many, too dear for a trade and for the day, too many positions: all are named."""
    desk = limited(qty_max=1, premium_trade_max=Decimal(1), premium_day_max=Decimal(1), open_positions_max=0)
    desk.manager.note(e.TradingHalted("2015-12-24T14:36:00.000000Z", reason="drill", source="test"))
    found = faults(desk)
    assert len(found) == 5
    assert found[0] == "trading is halted: drill"


def test_settings_cannot_raise_the_ceilings() -> None:
    """What a typing mistake in a settings file can cost is bounded."""
    desk = limited(qty_max=10**9, premium_trade_max=Decimal(10**12), premium_day_max=Decimal(10**12))
    assert faults(desk, QTY_CEILING + 1)[0].endswith(f"between 1 and {QTY_CEILING}")
    desk.quote(19_999.0, 20_000.0)
    assert faults(desk, 1)[0] == f"premium $2,000,000.00 is above ${PREMIUM_CEILING:,.2f} per trade"


@pytest.mark.parametrize(
    ("bid", "ask", "why"),
    [(10.2, 10.1, "crossed quote"), (9.9, None, "nothing is offered"), (None, None, "nothing is offered")],
)
def test_no_entry_without_a_price_to_be_trusted(bid: float | None, ask: float | None, why: str) -> None:
    """A crossed quote or an empty side gives no price to hold against the limits."""
    desk = Desk()
    desk.quote(bid, ask)
    assert why in faults(desk)[0]


def test_a_short_entry_is_held_against_the_bid() -> None:
    """What a sale would bring is measured where it would sell."""
    desk = limited(premium_trade_max=Decimal(3959), naked_max_loss_usd=Decimal(300_000))
    assert faults(desk, direction=-1) == ["premium $3,960.00 is above $3,959.00 per trade"]
    desk.quote(None, 10.1)
    assert "nothing is bid" in faults(desk, direction=-1)[0]


def test_stale_silent_and_unknown_contracts_are_not_entered() -> None:
    """The quote's own age, the feed's silence, and a contract nobody quoted."""
    desk = Desk()
    assert faults(desk, key="GOOG  151231C00760000") == ["GOOG 31 Dec 2015 $760 call: no quote"]
    desk.at += 121 * SECOND
    assert "the feed has been silent" in faults(desk)[0]


def test_an_adjusted_contract_is_not_entered() -> None:
    """What it delivers is not standard, so what it is worth is not known."""
    desk = Desk()
    desk.quote(9.9, 10.1, key=ADJUSTED)
    assert faults(desk, key=ADJUSTED) == ["GOOG1 has an adjusted deliverable, which is not traded"]


def test_the_premium_of_the_day_adds_up() -> None:
    """What was bought and what is on its way both count; a new day starts at nothing."""
    desk = limited(premium_day_max=Decimal(5000))
    desk.opened(2, "10")
    assert desk.book.day.premium_used == Decimal(2000)
    desk.propose(1, key=PUT_KEY, strategy="other")
    assert desk.book.day.premium_used == Decimal(3010)
    assert faults(desk, 2)[0] == "premium $2,020.00 on top of $3,010.00 is above $5,000.00 a day"
    desk.reject()
    assert desk.book.day.premium_used == Decimal(2000)


def test_positions_on_their_way_count() -> None:
    """An entry that was sent takes its place; when it ends unfilled the place is free again."""
    desk = limited(open_positions_max=1)
    desk.propose(1)
    assert faults(desk) == ["1 positions are open; at most 1"]
    desk.cancelled()
    assert faults(desk) == []


def test_the_market_must_be_open() -> None:
    """Before the first session, before the open, and from the closing bell on."""
    assert market_faults(Book(), OPEN) == ["no trading session has been opened"]
    book = Desk().book
    assert market_faults(book, OPEN - 1)[0].startswith("the market opens at")
    assert market_faults(book, OPEN) == []
    assert market_faults(book, CLOSE - 1) == []
    assert market_faults(book, CLOSE)[0].startswith("the market closed at")


@pytest.mark.parametrize(
    ("ts", "symbol", "why"),
    [
        (-301 * SECOND, SPOT, "the signal is 5 min old; at most 300 s is taken"),
        (-60 * SECOND - 300 * SECOND, SPOT, "6 min old"),
        (-3 * 3600 * SECOND, SPOT, "3 h old"),
        (6 * SECOND, SPOT, "6 s ahead of the clock"),
        (0, "AAPL", "AAPL has not been quoted by this feed"),
    ],
)
def test_a_signal_out_of_time_or_place_is_refused(ts: int, symbol: str, why: str) -> None:
    """Too old, too early, or on something that the feed does not know."""
    desk = Desk()
    signal = Signal(
        signal_id="s", ts=desk.at + ts, source="t", symbol=symbol, action=Action.BUY, confidence=1.0
    )
    (found,) = signal_faults(desk.book, signal, desk.at, desk.quotes, desk.limits)
    assert why in found


def test_i29_a_signal_is_taken_once() -> None:
    """An id that was taken is refused for ever, with everything else that is wrong."""
    desk = Desk()
    desk.propose(1)
    signal = Signal(
        signal_id="s1", ts=desk.at - 10 * MINUTE, source="t", symbol=SPOT, action=Action.BUY, confidence=1.0
    )
    found = signal_faults(desk.book, signal, desk.at, desk.quotes, desk.limits)
    assert found[0] == "signal s1 was already taken; ids are used once"
    assert len(found) == 2


def test_i23_exits_pass_when_everything_forbids_entries() -> None:
    """Halted, crossed, over every limit: what is held can be left, and the approval says that it only reduces."""
    desk = Desk()
    desk.opened(4)
    desk.limits = desk.manager.limits = RiskLimits(
        qty_max=1, premium_trade_max=ZERO, premium_day_max=ZERO, open_positions_max=0
    )
    desk.manager.note(e.TradingHalted("2015-12-24T14:36:00.000000Z", reason="drill", source="test"))
    desk.quote(11.0, 10.0)
    sent = one(e.OrderSubmitRequested, desk.out("T1"))
    assert sent.approval == Approval(premium=ZERO, reducing=True)
    assert not of(e.OrderSubmitRequested, desk.propose(1, strategy="other"))


def test_i24_an_entry_carries_the_limits_it_was_held_against() -> None:
    """The approval states the premium, what was used before, and the limits in force."""
    desk = limited(premium_day_max=Decimal(9000))
    desk.opened(1)
    approval = one(e.OrderSubmitRequested, desk.propose(2, key=PUT_KEY, strategy="other")).approval
    assert approval == Approval(
        premium=Decimal("2020.0"),
        premium_trade_max=Decimal(5000),
        premium_day_used=Decimal(1000),
        premium_day_max=Decimal(9000),
        qty_max=50,
        contract_qty_max=200,
        loss_day_max=Decimal(10_000),
        orders_day=1,
        orders_day_max=2_000,
        trades_day=1,
        trades_day_max=200,
    )


def test_an_exit_of_more_than_is_held_cannot_be_approved() -> None:
    """No approval opens the other side."""
    desk = Desk()
    trade = desk.opened(2)
    with pytest.raises(AssertionError, match="would open the other side"):
        approve_exit([trade], Side.SELL, 3)
    with pytest.raises(AssertionError, match="would open the other side"):
        approve_exit([trade], Side.BUY, 1)


def test_premium_needs_a_quoted_side() -> None:
    """A buy costs the ask, a sale brings the bid, an empty cache gives nothing."""
    desk = Desk()
    contract = instrument(KEY)
    assert premium_of(desk.quotes, contract, Side.BUY, 2) == Decimal("2020.0")
    assert premium_of(desk.quotes, contract, Side.SELL, 2) == Decimal("1980.0")
    assert premium_of(QuoteCache(), contract, Side.BUY, 2) is None


def test_a_short_option_whose_underlying_is_not_quoted_says_what_is_missing() -> None:
    """Its own quote is there: what cannot be told is what it loses if the underlying doubles."""
    desk = limited(naked_max_loss_usd=Decimal(10**9))
    del desk.quotes.quotes[SPOT]
    (reason,) = faults(desk, direction=-1)
    assert reason == "GOOG: no quote to measure by what GOOG 31 Dec 2015 $750 call could lose"
    assert faults(desk) == []
