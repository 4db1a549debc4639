"""kill -9 at every boundary of the order path, against a broker that lives in another process and remembers."""

import signal
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from options import events as e
from options.lifecycle import TradeStatus
from options.order import OrderState
from options.terms import ExitKind
from options.values import ZERO
from storage.verify import Verdict
from tests.conftest import proof_length
from tests.crash.order_path_day import COMBO_PLANS, HALT_REASON, PLANS, Plans
from tests.crash.order_path_run import Aftermath, aftermath, drive, paper_service, short_folder

# The boundary, and how often it is reached before it kills.
SHORT: tuple[tuple[str, int], ...] = (
    ("K0", 2), ("K1", 1), ("K2", 2), ("K3", 5), ("K4", 1), ("K5", 2), ("K6", 3), ("K7", 1), ("K8", 4), ("K9", 3),
    ("K10", 2), ("K11", 1), ("K12", 2), ("K20", 1),
)  # fmt: skip
BOUNDARIES = tuple(boundary for boundary, _ in SHORT)
SEEDS = range(100, 112) if proof_length() == "long" else range(100, 101)


def run_killed(kills: list[str], seed: int, *, combos: bool = False) -> Aftermath:
    """A day that is killed at each of ``kills``, one process each, and then run to its end."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            for kill in kills:
                code = drive(data, service, seed, kill, combos=combos)
                assert code in (-signal.SIGKILL, 0), f"{kill} on seed {seed}: the process ended with {code}"
            code = drive(data, service, seed, combos=combos)
            assert code == 0, f"the restart after {kills} on seed {seed} ended with {code}"
        return aftermath(data, service)


def check(after: Aftermath, plans: Plans = PLANS, halts: tuple[str, ...] = (HALT_REASON,)) -> None:
    """Everything that must hold between the ledger and the broker once the day is over, with these halts in it."""
    assert after.verified.verdict is Verdict.SOUND, after.verified.sentence
    check_orders(after)
    check_quantities_and_money(after, plans)
    assert tuple(one.reason for one in after.events if isinstance(one, e.TradingHalted)) == halts
    check_exits(after)
    check_recovered_first(after)


def check_orders(after: Aftermath) -> None:
    """I6, I7: one order a reference, each written down; what was abandoned never arrived; nothing is in doubt."""
    sent = [event.client_ref for event in after.events if isinstance(event, e.OrderSubmitRequested)]
    assert after.service.duplicates == 0
    assert len(sent) == len(set(sent))
    assert after.service.orders.keys() <= set(sent)
    abandoned = {event.client_ref for event in after.events if isinstance(event, e.OrderAbandoned)}
    assert after.service.orders.keys() | abandoned == set(sent)
    assert not after.service.orders.keys() & abandoned
    assert not [order for order in after.book.orders.values() if order.state is OrderState.UNKNOWN]
    assert not after.service.open


def check_quantities_and_money(after: Aftermath, plans: Plans) -> None:
    """I8, I11, I14, I15: position and cash are those of the broker's executions; no intent was met twice."""
    executions = [one for known in after.service.orders.values() for one in known.executions]
    assert executions
    ours: Counter[str] = Counter()
    for trade in after.book.trades.values():
        ours[trade.instrument] += trade.position.qty
    assert {key: qty for key, qty in ours.items() if qty} == +after.service.positions
    cash = sum((-one.price * one.qty * one.side.sign * 100 - one.fee for one in executions), ZERO)
    assert after.book.totals.cash == cash
    assert after.book.totals.contracts == sum(one.qty for one in executions)
    entered: Counter[str] = Counter()
    for event in after.events:
        if isinstance(event, e.OrderFilled) and event.side.sign > 0:
            entered[event.trade_id] += event.qty
    trades = after.book.trades | after.book.closed_trades
    for trade_id, qty in entered.items():
        assert qty <= trades[trade_id].qty, f"{trade_id} holds more than was intended"
    assert after.book.totals.signals_accepted == len(plans)
    assert not after.book.halt_reason


def check_exits(after: Aftermath) -> None:
    """I16: what is held is guarded by a stop for all of it, and nothing sold more than was held."""
    for trade in after.book.trades.values():
        assert trade.position.qty >= 0
        if trade.trade_status is TradeStatus.FILLED:
            stops = [armed.qty for armed in trade.armed if armed.kind is ExitKind.STOP]
            assert stops == [trade.position.qty], f"{trade.trade_id} is not guarded"


def check_recovered_first(after: Aftermath) -> None:
    """I26: between a start and the end of its recovery nothing is sent, and while halted nothing is entered (I23)."""
    recovering = halted = False
    for event in after.events:
        match event:
            case e.ProcessStarted() | e.BrokerLost():
                recovering = True
            case e.RecoveryCompleted() | e.BrokerReconciled() | e.SessionOpened():
                recovering = False
            case e.TradingHalted():
                halted = True
            case e.TradingResumed():
                halted = False
            case e.OrderSubmitRequested():
                assert not recovering, f"{event.order_id} was sent before the recovery was over"
                assert event.approval.reducing or not halted, f"{event.order_id} was entered while halted"
            case _:
                pass


@pytest.mark.parametrize(("boundary", "count"), SHORT)
def test_i6_killed_at_a_boundary_the_day_ends_as_the_broker_has_it(boundary: str, count: int) -> None:
    """Killed once at a boundary of the order path and started again, ledger and broker agree to the cent."""
    after = run_killed([f"{boundary}:{count}"], seed=1)
    assert after.killed == [boundary], "the fault did not happen"
    check(after)


def test_k4_an_order_that_never_left_is_abandoned_and_netted_anew() -> None:
    """Killed between the durable request and the call, the order is absent twice and another one fills in its place."""
    after = run_killed(["K4:1"], seed=2)
    assert after.killed == ["K4"]
    check(after)
    abandoned = [event for event in after.events if isinstance(event, e.OrderAbandoned)]
    assert [event.order_id for event in abandoned] == ["O1"]
    looks = [event for event in after.events if isinstance(event, e.OrderUnknown) and event.order_id == "O1"]
    assert [event.absent for event in looks] == [False, True]
    filled = [event for event in after.events if isinstance(event, e.OrderFilled) and event.trade_id == "T1"]
    assert sum(event.qty for event in filled if event.side.sign > 0) == PLANS[0][2]
    assert filled[0].price > Decimal(0)


def test_i4_an_unharmed_day_leaves_nothing_in_doubt() -> None:
    """Without a kill the same day holds the same invariants, and no order is ever in doubt."""
    after = run_killed([], seed=3)
    check(after)
    assert not after.killed
    assert not [event for event in after.events if isinstance(event, e.OrderUnknown | e.BrokerLost)]


def test_a_broker_that_dies_too_is_waited_for_and_asked() -> None:
    """The service is killed and comes back between two runs of the program: its file gives the same answers."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            assert drive(data, service, 4, "K8:2") == -signal.SIGKILL
        with paper_service(service):
            assert drive(data, service, 4, "K9:3") == -signal.SIGKILL
        with paper_service(service):
            assert drive(data, service, 4) == 0
        after = aftermath(data, service)
    assert after.killed == ["K8", "K9"]
    check(after)


@pytest.mark.parametrize("kill", ["", "K4:1", "K6:2", "K8:2", "K10:2"])
def test_i14_a_day_of_combos_is_compared_by_their_legs_at_every_start(kill: str) -> None:
    """The broker shows contracts and no combos; killed or not, no start finds a difference where there is none."""
    after = run_killed([kill] if kill else [], seed=7, combos=True)
    assert after.killed == ([kill.partition(":")[0]] if kill else [])
    check(after, COMBO_PLANS)
    fills = [event for event in after.events if isinstance(event, e.OrderFilled)]
    assert any(fill.legs for fill in fills), "no combo was filled"
    assert any("*" in trade.instrument for trade in after.book.trades.values()), (
        "no combo was held at the end"
    )
    assert not [event for event in after.events if isinstance(event, e.PositionCompared)]


@pytest.mark.proof
@pytest.mark.parametrize("seed", SEEDS)
def test_i6_killed_twice_a_day_on_other_days(
    seed: int, record_property: Callable[[str, object], None]
) -> None:
    """Each boundary kills on this day at its own count, another one after it, and everything holds."""
    boundaries = BOUNDARIES if proof_length() == "long" else BOUNDARIES[::5]
    kills: Counter[str] = Counter()
    for place, boundary in enumerate(boundaries):
        count = 1 if boundary == "K20" else 1 + (seed + place) % 4
        other = BOUNDARIES[(seed * 5 + place * 3) % len(BOUNDARIES)]
        after = run_killed([f"{boundary}:{count}", f"{other}:1"], seed)
        assert after.killed[:1] == [boundary], f"{boundary}:{count} on seed {seed}: the fault did not happen"
        kills.update(after.killed)
        check(after)
    for boundary, count in sorted(kills.items()):
        record_property(f"killed at {boundary}", count)
