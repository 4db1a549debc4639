"""A trade from its signal to its last contract, as the events that a ledger would hold, input by input."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from options import events as e
from options.plan import Algo, EntryPlan, ExitPlan, OrderType, TargetPlan, TimeInForce
from options.terms import Approval, ArmedExit, Effect, ExitKind, ParentStatus, Schedule, Share
from options.values import Side

KEY = "GOOG  151231C00750000"
SOURCE = "desk: Alice"
REASON = "breakout above 749"
DAY = date(2015, 12, 24)

Batch = tuple[int, list[e.TradeEvent]]


def at(clock: str) -> str:
    """A time of the day in New York (``10:12:33``) as the ledger has it."""
    hour, _, rest = clock.partition(":")
    return f"{DAY}T{int(hour) + 5:02d}:{rest}.000000Z"


def in_batches(batches: list[list[e.TradeEvent]]) -> list[Batch]:
    """The batches with their first numbers."""
    numbered: list[Batch] = []
    seq = 1
    for batch in batches:
        numbered.append((seq, batch))
        seq += len(batch)
    return numbered


def flat(batches: list[list[e.TradeEvent]]) -> list[tuple[int, e.TradeEvent]]:
    """Every event with its number."""
    return list(enumerate((event for batch in batches for event in batch), 1))


def day_opened() -> list[list[e.TradeEvent]]:
    """What comes before any signal."""
    ts = at("9:30:00")
    return [
        [
            e.ProcessStarted(
                ts=ts,
                version="0.1.0",
                account="paper",
                broker="paper",
                feed="goog_20151224",
                settings_hash="0",
            ),
            e.SessionOpened(ts=ts, day=str(DAY), feed="goog_20151224", open=ts, close=at("13:00:00")),
        ]
    ]


class TradeScript:
    """Writes the events of one trade, one input after the other; ``number`` sets every id."""

    def __init__(self, number: int = 1, *, source: str = SOURCE, reason: str = REASON) -> None:
        self.number = number
        self.source = source
        self.reason = reason
        self.trade_id = f"T{number}"
        self.position_id = f"T{number}-1"
        self.orders = 0
        self.fills = 0

    def entry(self, clock: str, qty: int = 4) -> list[e.TradeEvent]:
        """Signal in, entry order out."""
        ts = at(clock)
        return [
            e.SignalAccepted(
                ts=ts, signal_id=f"S{self.number}", signal_ts=ts, source=self.source, symbol="GOOG",
                action="BUY", confidence=0.8, price=Decimal("750.10"),
            ),
            e.TradeSaved(
                ts=ts, trade_id=self.trade_id, strategy=f"follow{self.number}", instrument=KEY, symbol="GOOG",
                direction=1, qty=qty, multiplier=100, entry=EntryPlan(),
                exits=ExitPlan(targets=(TargetPlan(gain=Decimal("0.25"), share=Decimal("0.5")),), stop=Decimal("0.25")),
                source=self.source, reason=self.reason,
            ),
            e.SignalDecided(
                ts=ts, signal_id=f"S{self.number}", strategy=f"follow{self.number}", outcome="opened",
                reason=self.reason, trade_id=self.trade_id,
            ),
            e.TradeActivated(ts=ts, trade_id=self.trade_id),
            *self._order(ts, qty, "entry", qty),
        ]  # fmt: skip

    def leave(self, clock: str, qty: int, target: int, kind: ExitKind, level: float) -> list[e.TradeEvent]:
        """An exit triggers and its order goes out; ``qty`` is signed."""
        ts = at(clock)
        trigger = e.ExitTriggered(
            ts=ts, trade_id=self.trade_id, position_id=self.position_id, exit_id=f"{self.position_id}-{kind}",
            kind=kind, qty=abs(qty), level=level, mark=level, bid=level - 0.1, ask=level + 0.1,
        )  # fmt: skip
        return [trigger, *self._order(ts, qty, str(kind), target)]

    def accepted(self, clock: str) -> list[e.TradeEvent]:
        """The broker has the newest order."""
        return [
            e.OrderAccepted(
                ts=at(clock), order_id=self.order_id, client_ref=self.client_ref,
                broker_order_id=f"B{self.orders}", venue="PAPER",
            )
        ]  # fmt: skip

    def filled(
        self, clock: str, qty: int, price: str, effect: Effect, position: int, realized: str = "0"
    ) -> e.OrderFilled:
        """An execution of the newest order; ``qty`` is signed."""
        self.fills += 1
        return e.OrderFilled(
            ts=at(clock), trade_id=self.trade_id, position_id=self.position_id, strategy=f"follow{self.number}",
            instrument=KEY, side=Side.BUY if qty > 0 else Side.SELL, qty=abs(qty), price=Decimal(price),
            fee=Decimal("0.65") * abs(qty), multiplier=100, exec_id=f"X{self.number}-{self.fills}.01",
            order_id=self.order_id, parent_id=self.parent_id, client_ref=self.client_ref, effect=effect,
            position=position, realized_pnl=Decimal(realized),
        )  # fmt: skip

    def parent_closed(self, clock: str, filled: int) -> e.ParentOrderClosed:
        """The newest parent order is done."""
        return e.ParentOrderClosed(
            ts=at(clock), parent_id=self.parent_id, status=ParentStatus.DONE, filled=filled
        )

    def armed(self, clock: str, qty: int, *, target: str | None = "12.25") -> e.ExitsArmed:
        """A stop over all of it and a target over half."""
        stop = ArmedExit(
            exit_id=f"{self.position_id}-stop", kind=ExitKind.STOP, qty=qty, level=Decimal("7.35")
        )
        exits = [stop]
        if target is not None:
            half = ArmedExit(
                exit_id=f"{self.position_id}-target", kind=ExitKind.TARGET, qty=max(1, qty // 2),
                level=Decimal(target),
            )  # fmt: skip
            exits.append(half)
        return e.ExitsArmed(
            ts=at(clock), trade_id=self.trade_id, position_id=self.position_id, oca_group=f"{self.trade_id}-oca",
            qty=qty, exits=tuple(exits),
        )  # fmt: skip

    def marked(self, clock: str, mark: float, high: float, low: float) -> e.PositionMarked:
        """What it is worth."""
        return e.PositionMarked(
            ts=at(clock), trade_id=self.trade_id, position_id=self.position_id, mark=mark, high=high, low=low,
            bid=mark - 0.1, ask=mark + 0.1,
        )  # fmt: skip

    def closed(self, clock: str, qty: int, realized: str, kind: str = "stop") -> e.TradeClosed:
        """The last contract is out."""
        fees = Decimal("0.65") * qty * 2
        return e.TradeClosed(
            ts=at(clock), trade_id=self.trade_id, position_id=self.position_id, strategy=f"follow{self.number}",
            instrument=KEY, close_kind=kind, qty=qty, realized_pnl=Decimal(realized), fees=fees,
            cash=Decimal(realized) - fees,
        )  # fmt: skip

    @property
    def order_id(self) -> str:
        """The newest order's id."""
        return f"O{self.number}.{self.orders}"

    @property
    def parent_id(self) -> str:
        """The newest parent order's id."""
        return f"P{self.number}.{self.orders}"

    @property
    def client_ref(self) -> str:
        """The newest order's reference."""
        return f"C{self.number}.{self.orders}"

    def _order(self, ts: str, qty: int, kind: str, target: int) -> Iterator[e.TradeEvent]:
        self.orders += 1
        side = Side.BUY if qty > 0 else Side.SELL
        yield e.IntentDecided(
            ts=ts, trade_id=self.trade_id, strategy=f"follow{self.number}", instrument=KEY, target=target,
            urgency=0.5, kind=kind, reason=f"{kind} of {self.trade_id}", source=self.source,
        )  # fmt: skip
        yield e.ParentOrderOpened(
            ts=ts, parent_id=self.parent_id, instrument=KEY, side=side, qty=abs(qty),
            schedule=Schedule(algo=Algo.MARKET),
            urgency=0.5, shares=(Share(trade_id=self.trade_id, qty=abs(qty)),),
        )  # fmt: skip
        yield e.OrderSubmitRequested(
            ts=ts, order_id=self.order_id, parent_id=self.parent_id, client_ref=self.client_ref,
            instrument=KEY, side=side, qty=abs(qty), order_type=OrderType.MARKET, tif=TimeInForce.DAY,
            approval=Approval(premium=Decimal(3920)),
        )  # fmt: skip


def opened(script: TradeScript) -> list[list[e.TradeEvent]]:
    """Four contracts in, by two fills of one order, guarded and marked once."""
    return [
        script.entry("10:12:33"),
        script.accepted("10:12:34"),
        [script.filled("10:12:35", 3, "9.80", Effect.OPEN, 3), script.armed("10:12:35", 3)],
        [
            script.filled("10:12:40", 1, "9.90", Effect.ADD, 4),
            script.parent_closed("10:12:40", 4),
            script.armed("10:12:40", 4),
        ],
        [script.marked("10:15:00", 10.4, 10.5, 9.7)],
    ]


def trimmed(script: TradeScript) -> list[list[e.TradeEvent]]:
    """Then half of it out at the target."""
    return [
        *opened(script),
        script.leave("11:00:00", -2, 2, ExitKind.TARGET, 12.25),
        script.accepted("11:00:01"),
        [
            script.filled("11:00:01", -2, "12.20", Effect.TRIM, 2, "475.00"),
            script.parent_closed("11:00:01", 2),
            script.armed("11:00:01", 2, target=None),
        ],
        [script.marked("11:05:00", 12.5, 12.6, 9.7)],
    ]


def whole(script: TradeScript) -> list[list[e.TradeEvent]]:
    """Then the rest at the stop: 4 in for 3,930.00, 2 out for 2,440.00, 2 out for 1,460.00."""
    return [
        *trimmed(script),
        script.leave("12:00:00", -2, 0, ExitKind.STOP, 7.35),
        script.accepted("12:00:01"),
        [
            script.filled("12:00:01", -2, "7.30", Effect.CLOSE, 0, "-505.00"),
            script.closed("12:00:01", 4, "-30.00"),
            script.parent_closed("12:00:01", 2),
        ],
    ]
