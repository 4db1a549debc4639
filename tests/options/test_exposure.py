"""What is sold counts with what it can lose, by the payoff alone: how cheap it is and how far away says nothing."""

from decimal import Decimal

import pytest

from options.contract import Combo, parse_key
from options.intent import TradeProposal
from options.outlook import outlook
from options.payoff import max_loss, max_loss_below
from options.plan_check import instrument_faults
from options.quote import Quote, QuoteCache
from options.risk import RiskLimits, entry_faults, exposure_of
from options.values import Side
from tests.options.desk import KEY, MARKET, NO_EXITS, PUT_KEY, SPOT, Desk, instrument

FAR_CALL = "GOOG  151231C02000000"
LATER_CALL = "GOOG  160108C00750000"
REFUSED = (
    "a loss without a bound (${} at worst until the underlying doubles): buy a leg that bounds it, or set"
)
WIDE = RiskLimits(premium_trade_max=Decimal(10**6), premium_day_max=Decimal(10**6))


def faults(desk: Desk, key: str, direction: int = 1, qty: int = 1) -> list[str]:
    """What stands against an entry at the market, with GOOG at 750."""
    wish = TradeProposal(
        instrument=instrument(key), direction=direction, qty=qty, entry=MARKET, exits=NO_EXITS, reason="idea"
    )
    return entry_faults(desk.book, wish, desk.at, desk.quotes, desk.limits)


def combo(*legs: tuple[int, str]) -> str:
    """The key of a combo of ``(ratio, key)`` legs."""
    return Combo.of(*((ratio, parse_key(key)) for ratio, key in legs)).key  # type: ignore[arg-type] # single ones


def test_a_call_beyond_twice_the_underlying_is_as_naked_as_any() -> None:
    """Strike 2000 with GOOG at 750: nothing is lost at 1500, and everything beyond. Only dollars that somebody has
    allowed let it in."""
    desk = Desk(RiskLimits())
    desk.quote(0.05, 0.10, key=FAR_CALL)
    (reason,) = faults(desk, FAR_CALL, direction=-1)
    assert reason.startswith(REFUSED.format("0.00"))
    allowed = Desk(RiskLimits(naked_max_loss_usd=Decimal(1)))
    allowed.quote(0.05, 0.10, key=FAR_CALL)
    assert faults(allowed, FAR_CALL, direction=-1) == []


def test_a_calendar_that_is_sold_is_naked_once_its_near_leg_is_gone() -> None:
    """Both calls are worth the same at 1500 today; after the near expiry the far one alone loses 750 - 2 a share."""
    key = combo((-1, KEY), (1, LATER_CALL))
    for limits, naked in ((RiskLimits(), True), (RiskLimits(naked_max_loss_usd=Decimal(74_800)), False)):
        desk = Desk(limits)
        desk.quote(12.1, 12.3, key=LATER_CALL)
        found = faults(desk, key, direction=-1)
        assert [one.startswith(REFUSED.format("74,800.00")) for one in found] == [True] * naked


def test_the_side_below_counts_where_it_loses_more() -> None:
    """A call and three puts sold at 9.90 each: 750 - 39.60 is lost at 1500, three times 750 - 39.60 at nothing."""
    key = combo((-1, KEY), (-3, PUT_KEY))
    desk = Desk(RiskLimits(naked_max_loss_usd=Decimal(221_039)))
    (reason,) = faults(desk, key)
    assert reason == (
        "a loss without a bound ($221,040.00 at worst until the underlying doubles): "
        "naked_max_loss_usd allows $221,039.00"
    )


def test_shares_sold_against_a_call_count_with_what_they_can_lose() -> None:
    """Sold at 749.90, at the worst bought back for 750, 10.10 paid for that: 10.20 a share, no credit on the day."""
    key = combo((-100, SPOT), (1, KEY))
    desk = Desk(RiskLimits())
    found = exposure_of(desk.quotes, instrument(key), Side.BUY, 2)
    assert found is not None
    assert (found.usd, found.at_expiry) == (Decimal("2040.0"), True)
    assert faults(desk, key, qty=2) == []
    assert faults(desk, key, qty=5) == ["a loss of $5,100.00 at expiry is above $5,000.00 per trade"]


def test_shares_sold_against_a_put_have_no_bound() -> None:
    """Sold at 749.90 with a put for 10.10: at 1500 that is 760.20 a share, and nothing of a put helps there."""
    (reason,) = faults(Desk(WIDE), combo((-100, SPOT), (1, PUT_KEY)))
    assert reason.startswith("a loss without a bound ($76,020.00")


def test_an_option_that_settles_at_the_open_covers_none_that_lives_to_the_close() -> None:
    """SPX and SPXW of one day: what is sold to the close is naked for a session; what is bought to it covers."""
    opening, closing = "SPX   160115C02000000", "SPXW  160115C02000000"
    uncovered = parse_key(combo((1, opening), (-1, closing)))
    covered = parse_key(combo((-1, opening), (1, closing)))
    assert max_loss(uncovered, 1, Decimal("0.5")) is None
    assert max_loss_below(uncovered, 1, Decimal("0.5"), Decimal(4000)) == Decimal("2000.5")
    assert max_loss(covered, 1, Decimal("0.5")) == Decimal("0.5")
    seen = outlook(covered, 1, Decimal("0.5"))
    assert seen is not None
    assert (seen.expiries, seen.gain_max, seen.break_evens) == (2, None, ())


@pytest.mark.parametrize("key", ["SPX", "VIX", combo((100, "SPX"), (-1, "SPX   160115C02000000"))])
def test_an_index_is_nothing_to_hold(key: str) -> None:
    """Its options are; the index has no market of its own."""
    name = "VIX" if key == "VIX" else "SPX"
    assert instrument_faults(key, "2015-12-24") == [
        f"{name} is an index: nobody can buy or sell it, only its options"
    ]
    assert instrument_faults("SPX   160115C02000000", "2015-12-24") == []


def test_without_a_price_of_the_underlying_a_loss_without_a_bound_has_no_size() -> None:
    """Nobody knows what a double would be."""
    quotes = QuoteCache()
    quotes.update(1, [(FAR_CALL, Quote(ts=1, bid=0.05, ask=0.10))])
    assert exposure_of(quotes, parse_key(FAR_CALL), Side.SELL, 1) is None
