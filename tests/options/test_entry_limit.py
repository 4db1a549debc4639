"""What an entry at a limit counts as before it goes out: the most that it can cost, and for a credit can lose."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from options import events as e
from options.plan import Algo, EntryPlan, ExitPlan, ScaleInPlan, Unfilled
from options.risk import exposure_of
from options.risk_limits import RiskLimits
from options.values import Side
from tests.options.desk import KEY, PUT_KEY, SPOT, Desk, instrument, limit, of, one

CALL_760 = "GOOG  151231C00760000"
VERTICAL = f"+1*{KEY}/-1*{CALL_760}"
BILLION = Decimal(10**9)


def limited(**limits: Any) -> Desk:
    """A desk with some limits of its own."""
    return Desk(msgspec.structs.replace(RiskLimits(), **limits))


def walk(limit_price: str | None, bound: str | None, **more: Any) -> EntryPlan:
    """A walk in two steps."""
    limit, end = (None if price is None else Decimal(price) for price in (limit_price, bound))
    return EntryPlan(algo=Algo.WALK, steps=2, limit_price=limit, limit_bound=end, **more)


LATE = {"give_up_after_s": 60.0, "unfilled": Unfilled.MARKET}


@pytest.mark.parametrize(
    ("entry", "dollars"),
    [
        (limit("9.50"), 3_800),
        (msgspec.structs.replace(limit("9.50"), **LATE), 4_040),  # what is left may end at the market
        (limit("10.50"), 4_040),  # through the ask, which is what it meets
        (walk("9.50", "9.80"), 3_920),
        (walk("9.50", None), 4_040),  # up to the ask
        (walk(None, "9.80"), 4_040),  # from the mid, which may be above
        (walk("9.50", "9.80", **LATE), 4_040),
        (EntryPlan(algo=Algo.TWAP, steps=2, limit_price=Decimal("9.50")), 3_800),
        (EntryPlan(algo=Algo.TWAP, steps=2), 4_040),
        (EntryPlan(), 4_040),
    ],
)
def test_an_entry_counts_with_the_most_that_it_can_cost(entry: EntryPlan, dollars: int) -> None:
    """Four with 10.10 asked: with the dollars that they can cost they fit, for trade and day; one less refuses."""
    for name, words in (("premium_trade_max", "per trade"), ("premium_day_max", "a day")):
        for most, fits in ((dollars, True), (dollars - 1, False)):
            desk = limited(**{name: Decimal(most)})
            events = desk.propose(4, entry=entry)
            assert bool(of(e.OrderSubmitRequested, events)) is fits, (name, most)
            said = one(e.SignalDecided, events).reason
            assert fits or (f"premium ${dollars:,.2f}" in said and said.endswith(words)), said


def test_what_is_added_counts_at_the_market_of_now() -> None:
    """Bought at a limit of 9, one more goes in at the ask of 10.10: the trade has 1,900 and not a dollar less."""
    scale = ExitPlan(scale_ins=(ScaleInPlan(gain=Decimal("0.1"), qty=1),))
    for most, fits in ((1_910, True), (1_909, False)):
        desk = limited(premium_trade_max=Decimal(most))
        desk.opened(1, "9", entry=limit("9"), exits=scale)
        events = desk.mark(10.0)
        assert bool(of(e.OrderSubmitRequested, events)) is fits


@pytest.mark.parametrize(
    ("key", "side", "at", "dollars"),
    [
        (VERTICAL, Side.BUY, "4.00", 800),  # 4.20 is asked
        (VERTICAL, Side.BUY, "4.30", 840),
        (VERTICAL, Side.SELL, "4.00", 1_200),  # 3.80 is bid, and 10 can be owed
        (VERTICAL, Side.SELL, "3.70", 1_240),
        (PUT_KEY, Side.SELL, "12", 147_600),  # 750 for nothing, less 12
        (KEY, Side.SELL, "12", 1_980),  # without a bound: the premium of now
        (SPOT, Side.SELL, "760", 1_499.8),  # shares that are sold
        (SPOT, Side.BUY, "700", 1_400),
    ],
)
def test_a_limit_bounds_what_a_combo_or_a_sale_can_lose(
    key: str, side: Side, at: str, dollars: float
) -> None:
    """Two of each at a limit: no worse than that, and no worse than the market, is what each counts as."""
    desk = Desk()
    desk.quote(5.9, 6.1, key=CALL_760)
    desk.quotes.follow([VERTICAL])
    found = exposure_of(desk.quotes, instrument(key), side, 2, Decimal(at))
    assert found is not None
    assert float(found.usd) == dollars


@pytest.mark.parametrize(("at", "dollars"), [("4.00", 1_200), ("3.70", 1_240)])
def test_a_credit_at_a_limit_is_let_in_and_approved_at_the_same_loss(at: str, dollars: int) -> None:
    """Two verticals sold: with as many dollars as they can lose at the limit they go out, approved for just that."""
    for most, fits in ((dollars, True), (dollars - 1, False)):
        desk = limited(premium_trade_max=Decimal(most))
        desk.quote(5.9, 6.1, key=CALL_760)
        sent = of(e.OrderSubmitRequested, desk.propose(2, key=VERTICAL, direction=-1, entry=limit(at)))
        assert [float(order.approval.premium) for order in sent] == [dollars] * fits


def test_an_entry_that_may_end_at_the_market_is_held_against_the_limit_again_there() -> None:
    """It was let in at 10.10 asked; when its time is over 14 is asked, which is more than a trade may cost."""
    desk = limited(premium_trade_max=Decimal(4_500))
    desk.propose(4, entry=msgspec.structs.replace(limit("9.50"), **LATE))
    desk.accept()
    desk.quote(13.9, 14.0)
    desk.wait(61)
    events = desk.cancelled()
    assert not of(e.OrderSubmitRequested, events)
    assert one(e.IntentRefused, events).reasons == ("premium $5,600.00 is above $4,500.00 per trade",)
