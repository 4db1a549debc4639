"""The paper broker's resting orders: stops, limits and groups of which no more trades than one of them is for."""

from decimal import Decimal

from options import events as e
from options import inputs as i
from options.commands import ActivateTrade, NewTrade, TrimTrade
from options.execution.fill_models import QUOTE_RULES, FillRules, realistic_rules
from options.execution.paper import PaperBroker
from options.execution.port import OrderTicket
from options.plan import ExitPlan, Held, OrderType, TargetPlan, TimeInForce
from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND, Micros, Side, from_iso
from tests.options.trading_room import KEY, Room

AT: Micros = from_iso("2015-12-24T15:00:00Z")
LADDER = ExitPlan(
    stop=Decimal("0.3"),
    targets=(TargetPlan(gain=Decimal("0.3"), share=Decimal("0.5")),),
    held=Held.BROKER,
)


class Market:
    """A paper broker and the one quote that it fills on."""

    def __init__(self, rules: FillRules = QUOTE_RULES) -> None:
        self.quotes = QuoteCache()
        self.broker = PaperBroker(self.quotes, QuoteLimits(), rules)
        self.at = AT
        self.quote(10.0)

    def quote(self, bid: float, size: int = 10) -> list[i.BrokerReport]:
        """A new quote, a second later; what the broker says to it."""
        self.at += SECOND
        self.quotes.update(
            self.at,
            [(KEY, Quote(ts=self.at, bid=bid, ask=bid + 0.1, last=bid, bid_size=size, ask_size=size))],
        )
        self.broker.on_quotes(self.at)
        return list(self.broker.drain())

    def submit(self, ref: str, qty: int, *, stop: str = "", limit: str = "", group: str = "G") -> None:
        """A sell order that rests until it is cancelled."""
        kinds = {
            (True, True): OrderType.STOP_LIMIT,
            (True, False): OrderType.STOP,
            (False, True): OrderType.LIMIT,
        }
        self.broker.submit(
            OrderTicket(
                client_ref=ref,
                instrument=KEY,
                side=Side.SELL,
                qty=qty,
                order_type=kinds[bool(stop), bool(limit)],
                tif=TimeInForce.GTC,
                limit_price=Decimal(limit) if limit else None,
                stop_price=Decimal(stop) if stop else None,
                oca_group=group,
            ),
            self.at,
        )

    def bracket(self, qty: int) -> None:
        """A stop at 7 and a target at 13 in one group."""
        self.submit("stop", qty, stop="7")
        self.submit("target", qty, limit="13")
        self.broker.drain()


def traded(reports: list[i.BrokerReport]) -> list[tuple[str, int]]:
    """The executions among reports: reference and quantity."""
    return [(one.client_ref, one.qty) for one in reports if isinstance(one, i.ExecutionReport)]


def test_a_whole_fill_cancels_the_rest_of_its_group() -> None:
    """The target trades, the stop is gone, and a fall later sells nothing."""
    market = Market()
    market.bracket(4)
    said = market.quote(13.2)
    assert traded(said) == [("target", 4)]
    (gone,) = [one for one in said if isinstance(one, i.OrderCancelledReport)]
    assert (gone.client_ref, gone.by_group) == ("stop", True)
    assert market.quote(5.0) == []


def test_a_partial_fill_makes_the_others_smaller_by_as_much() -> None:
    """Three of five at the target, then the other two at the stop: five in all."""
    market = Market(realistic_rules(0, 0))
    market.bracket(5)
    said = market.quote(13.2, size=3)
    assert traded(said) == [("target", 3)]
    assert [one.qty for one in said if isinstance(one, i.OrderReducedReport)] == [2]
    assert traded(market.quote(6.9)) == [("stop", 2)]
    assert market.quote(13.2) == []


def test_groups_and_orders_without_one_do_not_touch_each_other() -> None:
    """Two brackets and a single stop: each sells its own contracts."""
    market = Market()
    market.bracket(2)
    market.submit("other", 1, stop="7", group="H")
    market.submit("alone", 1, stop="7", group="")
    market.broker.drain()
    assert traded(market.quote(6.9)) == [("stop", 2), ("other", 1), ("alone", 1)]


def test_what_joins_a_group_that_has_traded_is_for_what_is_left() -> None:
    """The stop is met as it is laid; its target comes an instant later and finds nothing to do."""
    market = Market()
    market.quote(6.5)
    market.submit("stop", 2, stop="7")
    market.submit("target", 2, limit="13")
    said = list(market.broker.drain())
    assert traded(said) == [("stop", 2)]
    assert [one.client_ref for one in said if isinstance(one, i.OrderCancelledReport)] == ["target"]


def test_a_stop_limit_says_that_it_was_met_and_waits_for_its_limit() -> None:
    """Through the stop and below the limit nothing trades; back at the limit it does, though above the stop."""
    market = Market()
    market.submit("stop", 2, stop="7", limit="6.80", group="")
    market.broker.drain()
    assert market.quote(6.5) == [i.StopElectedReport(client_ref="stop")]
    assert market.quote(6.6) == []
    assert traded(market.quote(7.4)) == [("stop", 2)]


def test_day_orders_end_with_the_session_and_these_do_not() -> None:
    """What protects a position is good until it is cancelled."""
    market = Market()
    market.bracket(2)
    market.broker.on_close()
    assert list(market.broker.drain()) == []
    assert traded(market.quote(6.9)) == [("stop", 2)]


def held_room() -> Room:
    """A position of four with a stop, and a target for two, at the paper broker."""
    room = Room()
    room.quote(9.9, 10.0)
    room.take(NewTrade(command_id=room.name(), who="ann", instrument=KEY, qty=4, exits=LADDER))
    room.take(ActivateTrade(command_id=room.name(), who="ann", trade_id="T1"))
    assert room.trade().position.qty == 4
    return room


def kinds(room: Room, since: int) -> list[str]:
    """The types of the events since a number, marks apart."""
    return [type(one).__name__ for one in room.ledger[since:] if not isinstance(one, e.PositionMarked)]


def test_a_fall_through_the_stop_closes_the_trade_at_the_broker_alone() -> None:
    """The target's bracket and the rest, one sale each, and not one order more."""
    room = held_room()
    since = len(room.ledger)
    room.quote(6.8, 6.9)
    said = kinds(room, since)
    assert said.count("OrderFilled") == 2
    assert said.count("ExitTriggered") == said.count("TradeClosed") == 1
    assert "OrderSubmitRequested" not in said
    assert (room.trade().position.qty, room.book.orders, room.book.parents) == (0, {}, {})


def test_a_rise_through_the_target_takes_its_part_and_the_stop_stays_for_the_rest() -> None:
    """Two at the target, then the other two by the stop."""
    room = held_room()
    room.quote(13.1, 13.2)
    assert (room.trade().position.qty, room.trade().target) == (2, 2)
    room.quote(6.8, 6.9)
    assert (room.trade().position.qty, room.book.orders) == (0, {})


def test_a_restart_between_any_two_quotes_changes_nothing() -> None:
    """The in-process broker takes up what rests from the ledger, with what each group has traded."""
    room = held_room()
    room.restart()
    room.quote(13.1, 13.2)
    room.restart()
    assert room.trade().position.qty == 2
    room.quote(6.8, 6.9)
    room.restart()
    assert (room.trade().position.qty, room.book.orders, room.book.parents) == (0, {}, {})


def test_a_trim_by_hand_leaves_the_right_protection() -> None:
    """One of four out at the market; what rests afterwards is for three, in brackets that add up."""
    room = held_room()
    room.take(TrimTrade(command_id=room.name(), who="ann", trade_id="T1", qty=1))
    assert room.trade().position.qty == 3
    stops = [order for order in room.book.orders.values() if order.stop_price is not None]
    assert sum(order.qty for order in stops) == 3
