"""Trims and targets that do not divide evenly, and the sale before expiry: all that is left goes, and no more."""

from decimal import ROUND_HALF_EVEN, Decimal

from hypothesis import given
from hypothesis import strategies as st

from options import commands as c
from options.events import CommandTaken, ExitTriggered, OrderFilled
from options.plan import ExitPlan, TargetPlan
from options.risk_limits import RiskLimits
from options.terms import ExitKind
from options.values import MINUTE, Side
from tests.options.desk import CLOSE, KEY, Desk, of
from tests.options.trading_laws import COMBO_KEY, FAR_KEY

WIDE = RiskLimits(
    premium_trade_max=Decimal(1_000_000),
    premium_day_max=Decimal(10_000_000),
    naked_max_loss_usd=Decimal(10_000_000),
)
CUT_OFF = CLOSE - 10 * MINUTE
shares = st.sampled_from(["0.1", "0.25", "0.33", "0.5", "0.66", "0.75"])


@given(
    qty=st.integers(1, 9),
    rung=shares,
    reached=st.booleans(),
    trims=st.lists(shares, max_size=3),
    inactive=st.booleans(),
    key=st.sampled_from([KEY, COMBO_KEY]),
    direction=st.sampled_from([1, -1]),
)
def test_i16_whatever_odd_part_is_left_before_expiry_leaves_whole(
    qty: int, rung: str, reached: bool, trims: list[str], inactive: bool, key: str, direction: int
) -> None:
    """Target and trims take their shares (halves to the even number, one at least): the rest goes at the cut-off."""
    desk = Desk(WIDE)
    desk.quote(4.9, 5.1, key=FAR_KEY)
    level = Decimal(str(desk.quotes.get(key).mid)) + direction  # type: ignore[union-attr]
    plan = ExitPlan(targets=(TargetPlan(level=level, share=Decimal(rung)),), flat_before_expiry=CUT_OFF)
    desk.opened(qty, str(level - direction), key=key, direction=direction, exits=plan)
    left = qty
    if reached:
        price = float(level) + direction * 0.5 + (5.0 if key == COMBO_KEY else 0.0)
        desk.mark(price, key=KEY)
        left -= taken(qty, rung)
        fill(desk)
    for number, part in enumerate(trims):
        command = c.TrimTrade(command_id=f"t{number}", who="ann", trade_id="T1", fraction=Decimal(part))
        out = taken(left, part)
        is_taken = bool(of(CommandTaken, desk.give_command(command)))
        assert is_taken is (left >= 2 and out < left)
        left -= out if is_taken else 0
        fill(desk)
    assert abs(desk.trade().position.qty) == left
    if not left:
        return
    if inactive:
        desk.give_command(c.ModifyTrade(command_id="h", who="ann", trade_id="T1", hold=True))
    desk.wait((CUT_OFF - desk.at) / 1_000_000)
    assert [one.qty for one in of(ExitTriggered, desk.events) if one.kind is ExitKind.FLAT] == [left]
    fill(desk)
    assert desk.trade().position.qty == 0
    sides = [
        one for one in of(OrderFilled, desk.events) if one.side is (Side.SELL if direction > 0 else Side.BUY)
    ]
    assert sum(one.qty for one in sides) == qty


def taken(held: int, part: str) -> int:
    """What a share of so many comes to."""
    return max(1, int((Decimal(part) * held).to_integral_value(ROUND_HALF_EVEN)))


def fill(desk: Desk) -> None:
    """Whatever was sent fills."""
    for order in desk.orders:
        desk.accept(order)
        desk.fill(order.pending, "10", order=order)
