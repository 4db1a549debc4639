"""Expiry over random positions and prices: money and shares come out as the rules of exercise say, and are proven."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from options import events as e
from options.contract import Combo, OptionContract, Right, Stock
from options.execution.fill_models import realistic_rules
from options.risk import RiskLimits
from storage.verify import Verdict
from tests.bot.staged_day import Sides, StagedAccount, StagedFeed, enter

DAY = date(2015, 12, 18)
LIMITS = RiskLimits(
    premium_trade_max=Decimal(1_000_000),
    premium_day_max=Decimal(100_000_000),
    naked_max_loss_usd=Decimal(100_000_000),
)


def option(root: str, right: str, strike: int) -> OptionContract:
    return OptionContract(root=root, expiry=DAY, right=Right(right), strike=Decimal(strike))


option_legs = st.lists(
    st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from("CP"), st.sampled_from([45, 47, 50, 52, 55])),
    min_size=1,
    max_size=4,
    unique_by=lambda leg: leg[1:],
)
cents = st.integers(4_000, 6_000).map(lambda amount: amount / 100)
prices = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 20)), min_size=5, max_size=5)


@pytest.mark.proof
@given(
    root=st.sampled_from(["ACME", "SPXW"]),
    parts=option_legs,
    shares=st.sampled_from([0, 0, 100, -200]),
    quoted=prices,
    qty=st.integers(1, 5),
    direction=st.sampled_from([1, -1]),
    close=cents,
    fees=st.booleans(),
)
def test_i11_i15_cash_is_the_strikes_and_shares_are_what_was_exercised(
    root: str,
    parts: list[tuple[int, str, int]],
    shares: int,
    quoted: list[tuple[int, int]],
    qty: int,
    direction: int,
    close: float,
    fees: bool,
) -> None:
    """By the rules alone: an option a cent in the money moves its strike for 100 shares (an index option its difference
    in cash), any other nothing; shares that came in less those that went out are held; P&L of what is over is its cash.
    """
    legs: list[tuple[int, OptionContract | Stock]] = [
        (ratio, option(root, right, strike)) for ratio, right, strike in parts
    ]
    symbol = legs[0][1].symbol
    if shares and root == "ACME":
        legs.append((shares, Stock(symbol=symbol)))
    assume(len(legs) > 1 or abs(legs[0][0]) == 1)
    key = Combo.of(*legs).key if len(legs) > 1 else legs[0][1].key
    if len(legs) == 1:
        legs = [(1, legs[0][1])]
    noon: dict[str, Sides] = {
        leg.key: (low / 100, (low + wide) / 100) for (_, leg), (low, wide) in zip(legs, quoted, strict=False)
    }
    noon[symbol] = (49.95, 50.05)
    feed = StagedFeed(DAY, {"12:00": noon, "12:01": {}, "16:00": {symbol: (close, close)}})
    with TemporaryDirectory() as folder:
        rules = realistic_rules(latency_s=0)
        account = StagedAccount(Path(folder), LIMITS, rules) if fees else StagedAccount(Path(folder), LIMITS)
        account.run(feed, {"12:00:30": enter(1, key, qty=qty, direction=direction)})
        found = account.proof()
        assert found.verdict is Verdict.SOUND, found.sentence
        assert account.folded() == account.book
        entered = [one for one in account.events() if isinstance(one, e.OrderFilled) and one.client_ref]
        cash, held = _by_the_rules(entered, legs, Decimal(repr(close)))
        book = account.book
        assert book.totals.cash == cash
        assert sum(trade.position.qty for trade in book.trades.values()) == held
        assert all(trade.instrument == symbol for trade in book.trades.values())
        for trade in book.closed_trades.values():
            assert trade.position.cash == trade.position.realized - trade.position.fees


def _by_the_rules(
    entered: list[e.OrderFilled], legs: list[tuple[int, OptionContract | Stock]], close: Decimal
) -> tuple[Decimal, int]:
    """Cash and shares after the expiry, from the entry's executions and the terms of the legs.

    Shares that net to nothing within the position leave the cash of the strikes; those that stay cost the close, which
    is where they were opened.
    """
    units = sum(one.qty * one.side.sign for one in entered)
    cash = sum(
        (-one.price * one.qty * one.side.sign * one.multiplier - one.fee for one in entered), Decimal(0)
    )
    held = 0
    for ratio, leg in legs:
        count = ratio * units
        if isinstance(leg, Stock):
            held += count
            continue
        over = (close - leg.strike) * (1 if leg.right is Right.CALL else -1)
        if over < Decimal("0.01"):
            continue
        if leg.symbol == "SPX":
            cash += over * 100 * count
        else:
            sign = 1 if leg.right is Right.CALL else -1
            cash -= leg.strike * 100 * count * sign
            held += 100 * count * sign
    return cash, held
